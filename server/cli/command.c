#include "command.h"

#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

const auk_option *auk_command_options(const auk_command *command, size_t *count)
{
    if (command->find_options != NULL)
        return command->find_options(count);
    *count = command->option_count;
    return command->options;
}

int auk_complain(const auk_command *command, const auk_error *err)
{
    (void)fprintf(stderr, "auk %s: %s\n", command->name, err->message);
    if (err->hint[0] != '\0')
        (void)fprintf(stderr, "  %s\n", err->hint);
    return EXIT_FAILED;
}

static auk_code check_arguments(const auk_command *command, const auk_options *options,
                                auk_error *err)
{
    if (options->argument_count < command->least_arguments)
        auk_fail(err, AUK_INVALID, "expected %s", command->arguments);
    else if (options->argument_count > command->most_arguments)
        auk_fail(err, AUK_INVALID, "one argument too many: \"%s\"",
                 options->arguments[command->most_arguments]);
    else
        return AUK_OK;
    auk_hint(err, "see auk %s --help", command->name);
    return AUK_INVALID;
}

bool auk_command_read(const auk_command *command, int argc, const char *const *argv,
                      auk_options *options, int *status)
{
    size_t count = 0;
    const auk_option *rows = auk_command_options(command, &count);
    auk_error err = {0};
    /* The server's variables may be set in the same shell. */
    static const char *const others[] = {"*", NULL};
    auk_options_init(options, rows, count);
    auk_code code = auk_options_read_flags(options, argc, argv, &err);
    if (code == AUK_OK && options->wants_help) {
        auk_help_print_command(stdout, command);
        *status = EXIT_FINE;
    } else {
        if (code == AUK_OK)
            code =
                auk_options_read_environment(options, (const char *const *)environ, others, &err);
        if (code == AUK_OK)
            code = check_arguments(command, options, &err);
        if (code == AUK_OK)
            return true;
        *status = auk_complain(command, &err);
    }
    auk_options_deinit(options);
    return false;
}

bool auk_terminal_has_colour(FILE *out)
{
    const char *no_colour = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    return isatty(fileno(out)) && (no_colour == NULL || no_colour[0] == '\0') && term != NULL &&
           strcmp(term, "dumb") != 0;
}

unsigned auk_terminal_width(FILE *out, unsigned fallback)
{
    struct winsize size;
    if (ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return fallback;
}
