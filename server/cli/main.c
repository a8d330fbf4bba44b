/* main.c - the table of subcommands, and the way into one. */
#include <locale.h>
#include <string.h>

#include "auk/nearest.h"
#include "command.h"

#define COMMANDS_LIMIT 16u

static int print_version(const auk_command *command, int argc, const char *const *argv);
static int print_help(const auk_command *command, int argc, const char *const *argv);

static const auk_command version_command = {
    .name = "version",
    .arguments = "",
    .summary = "print the version",
    .description = "Prints the version of this program.",
    .examples = "auk version",
    .run = print_version,
};

static const auk_option help_options[] = {
    {.name = "man",
     .form = "",
     .kind = AUK_OPTION_SWITCH,
     .fallback = "false",
     .flag_only = true,
     .help = "Print the manual page, in roff."},
};

static const auk_command help_command = {
    .name = "help",
    .arguments = "[COMMAND]",
    .summary = "explain a command",
    .description = "Explains a command, as its `--help` does.",
    .examples = "auk help import\nauk help --man | man -l -",
    .options = help_options,
    .option_count = 1,
    .most_arguments = 1,
    .run = print_help,
};

static const auk_command *const commands[] = {
    &auk_serve_command,
    &auk_import_command,
    &auk_search_command,
    &auk_rebuild_command,
    &auk_tasks_command,
    &auk_status_command,
    &auk_sync_command,
    &auk_check_command,
    &version_command,
    &help_command,
    NULL,
};

const auk_command *const *auk_commands(void)
{
    return commands;
}

static const auk_command *find_command(const char *name)
{
    for (const auk_command *const *at = commands; *at != NULL; at++)
        if (strcmp((*at)->name, name) == 0)
            return *at;
    return NULL;
}

static int refuse_command(const char *name)
{
    auk_span names[COMMANDS_LIMIT];
    size_t count = 0;
    for (const auk_command *const *at = commands; *at != NULL; at++)
        names[count++] = auk_span_of((*at)->name);
    auk_span nearest = auk_nearest(auk_span_of(name), names, count);
    (void)fprintf(stderr, "auk: unknown command \"%s\"", name);
    if (nearest.data != NULL)
        (void)fprintf(stderr, ", did you mean %.*s?", AUK_SPAN_ARG(nearest));
    (void)fprintf(stderr, "\n  see auk --help\n");
    return EXIT_FAILED;
}

static int print_version(const auk_command *command, int argc, const char *const *argv)
{
    auk_options options;
    int status;
    if (!auk_command_read(command, argc, argv, &options, &status))
        return status;
    auk_options_deinit(&options);
    (void)printf("auk %s\n", AUK_VERSION);
    return EXIT_FINE;
}

static int print_help(const auk_command *command, int argc, const char *const *argv)
{
    auk_options options;
    int status;
    if (!auk_command_read(command, argc, argv, &options, &status))
        return status;
    const char *name = options.argument_count ? options.arguments[0] : NULL;
    const auk_command *wanted = name != NULL ? find_command(name) : NULL;
    status = EXIT_FINE;
    if (options.values[0].number)
        auk_help_print_manual(stdout);
    else if (wanted != NULL)
        auk_help_print_command(stdout, wanted);
    else if (name != NULL)
        status = refuse_command(name);
    else
        auk_help_print(stdout);
    auk_options_deinit(&options);
    return status;
}

/* The locale stays C: numbers in answers and files must not depend on the user's language. */
int main(int argc, char **argv)
{
    const char *const *arguments = (const char *const *)argv;
    if (argc < 2) {
        auk_help_print(stderr);
        return EXIT_FAILED;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        auk_help_print(stdout);
        return EXIT_FINE;
    }
    const char *name = strcmp(argv[1], "--version") == 0 ? "version" : argv[1];
    const auk_command *command = find_command(name);
    if (command == NULL)
        return refuse_command(name);
    int status = command->run(command, argc - 2, arguments + 2);
    /* A reader that has gone, such as head, is no failure; a full disk is. */
    if (fflush(stdout) != 0 && status == EXIT_FINE)
        status = EXIT_FAILED;
    return status;
}
