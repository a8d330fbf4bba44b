/* help.c - the help texts and the manual page, made from the rows of commands and options. */
#include <ctype.h>
#include <string.h>

#include "command.h"

#define WIDTH       88u
#define OPTION_TEXT 26u /* column where an option's words begin */

static const char *const tagline =
    "a full-text search server that speaks the Elasticsearch REST API";

static const char plain_exits[] = "0  done\n1  failed; the reason is on standard error";

/* ---- plain text ---- */

/* Words from the column at on, broken at WIDTH and indented. Line feeds in text are kept. */
static void print_wrapped(FILE *out, const char *text, unsigned indent, unsigned at)
{
    while (*text != '\0') {
        size_t word = strcspn(text, " \n");
        if (at > indent && at + 1 + word > WIDTH) {
            (void)fprintf(out, "\n%*s", (int)indent, "");
            at = indent;
        } else if (at > indent && word > 0) {
            (void)fputc(' ', out);
            at++;
        }
        (void)fwrite(text, 1, word, out);
        at += (unsigned)word;
        text += word;
        if (*text == '\n') {
            bool is_next_empty = text[1] == '\n' || text[1] == '\0';
            (void)fprintf(out, "\n%*s", is_next_empty ? 0 : (int)indent, "");
            at = indent;
        }
        text += *text != '\0';
    }
    (void)fputc('\n', out);
}

static void append_usage_form(auk_buffer *out, const auk_option *row)
{
    auk_option_append_flag(out, row);
    if (row->kind != AUK_OPTION_SWITCH)
        auk_buffer_printf(out, " %s", row->form);
}

/* "default ./auk-data; AUK_DATA" */
static void append_sources(auk_buffer *out, const auk_option *row)
{
    const char *fallback = row->fallback_note ? row->fallback_note : row->fallback;
    if (fallback != NULL && row->kind != AUK_OPTION_SWITCH)
        auk_buffer_printf(out, "default %s", fallback);
    if (!row->flag_only) {
        auk_buffer_append_text(out, out->size ? "; " : "");
        auk_option_append_variable(out, row);
    }
}

static void print_option(FILE *out, const auk_option *row)
{
    auk_buffer form;
    auk_buffer text;
    auk_buffer_init(&form, 256);
    auk_buffer_init(&text, 1024);
    append_usage_form(&form, row);
    (void)fprintf(out, "  %.*s", AUK_SPAN_ARG(auk_buffer_span(&form)));
    if (form.size + 4 > OPTION_TEXT)
        (void)fprintf(out, "\n%*s", (int)OPTION_TEXT, "");
    else
        (void)fprintf(out, "%*s", (int)(OPTION_TEXT - 2 - form.size), "");
    auk_buffer_append_text(&text, row->help);
    auk_buffer sources;
    auk_buffer_init(&sources, 256);
    append_sources(&sources, row);
    if (sources.size > 0)
        auk_buffer_printf(&text, " (%.*s)", AUK_SPAN_ARG(auk_buffer_span(&sources)));
    auk_buffer_append_byte(&text, '\0');
    print_wrapped(out, text.data, OPTION_TEXT, OPTION_TEXT);
    auk_buffer_deinit(&sources);
    auk_buffer_deinit(&text);
    auk_buffer_deinit(&form);
}

static void print_lines(FILE *out, const char *title, const char *lines)
{
    (void)fprintf(out, "\n%s:\n  ", title);
    for (const char *c = lines; *c != '\0'; c++) {
        (void)fputc(*c, out);
        if (*c == '\n')
            (void)fputs("  ", out);
    }
    (void)fputc('\n', out);
}

static const char *exits_of(const auk_command *command)
{
    return command->exits ? command->exits : plain_exits;
}

void auk_help_print_command(FILE *out, const auk_command *command)
{
    size_t count;
    const auk_option *rows = auk_command_options(command, &count);
    (void)fprintf(out, "usage: auk %s%s%s%s\n\n", command->name, command->arguments[0] ? " " : "",
                  command->arguments, count ? " [options]" : "");
    print_wrapped(out, command->description, 0, 0);
    (void)fputs("\nOptions:\n", out);
    for (size_t i = 0; i < count; i++)
        print_option(out, &rows[i]);
    (void)fprintf(out, "  --help%*sThis text.\n", (int)OPTION_TEXT - 8, "");
    print_lines(out, "Examples", command->examples);
    print_lines(out, "Exit status", exits_of(command));
}

void auk_help_print(FILE *out)
{
    (void)fprintf(out, "auk - %s\n\nusage: auk COMMAND [arguments] [options]\n\nCommands:\n",
                  tagline);
    for (const auk_command *const *at = auk_commands(); *at != NULL; at++) {
        char form[64];
        (void)snprintf(form, sizeof form, "%s %s", (*at)->name, (*at)->arguments);
        (void)fprintf(out, "  %-24s%s\n", form, (*at)->summary);
    }
    (void)fputs("\nauk COMMAND --help tells more of each.\n", out);
}

/* ---- the manual page ---- */

/* Text as roff: no line begins a request, dashes and backslashes stay what they are, `code` bold.
 */
static void print_roff(FILE *out, const char *text)
{
    bool in_code = false;
    bool at_line = true;
    for (; *text != '\0'; text++) {
        if (at_line && (*text == '.' || *text == '\''))
            (void)fputs("\\&", out);
        at_line = *text == '\n';
        if (text[0] == '\n' && text[1] == '\n') {
            (void)fputs("\n.PP\n", out);
            text++;
        } else if (*text == '`') {
            in_code = !in_code;
            (void)fputs(in_code ? "\\fB" : "\\fR", out);
        } else if (*text == '-') {
            (void)fputs("\\-", out);
        } else if (*text == '\\') {
            (void)fputs("\\e", out);
        } else {
            (void)fputc(*text, out);
        }
    }
}

static void print_roff_span(FILE *out, const auk_buffer *text)
{
    char terminated[1200];
    (void)snprintf(terminated, sizeof terminated, "%.*s", AUK_SPAN_ARG(auk_buffer_span(text)));
    print_roff(out, terminated);
}

static void print_manual_option(FILE *out, const auk_option *row)
{
    auk_buffer text;
    auk_buffer_init(&text, 1024);
    (void)fputs(".TP\n\\fB", out);
    auk_option_append_flag(&text, row);
    print_roff_span(out, &text);
    (void)fputs("\\fR", out);
    if (row->kind != AUK_OPTION_SWITCH)
        (void)fprintf(out, " \\fI%s\\fR", row->form);
    (void)fputc('\n', out);
    auk_buffer_reset(&text);
    auk_buffer_append_text(&text, row->help);
    auk_buffer_append_byte(&text, '\n');
    if (row->kind != AUK_OPTION_SWITCH && row->kind != AUK_OPTION_TEXT) {
        auk_buffer_append_text(&text, "Takes ");
        auk_option_append_form(&text, row);
        auk_buffer_append_text(&text, ".\n");
    }
    print_roff_span(out, &text);
    auk_buffer_reset(&text);
    append_sources(&text, row);
    if (text.size > 0) {
        (void)fputc('(', out);
        print_roff_span(out, &text);
        (void)fputs(".)\n", out);
    }
    auk_buffer_deinit(&text);
}

static void print_block(FILE *out, const char *lines)
{
    (void)fputs(".PP\n.nf\n.RS\n", out);
    print_roff(out, lines);
    (void)fputs("\n.RE\n.fi\n", out);
}

static void print_manual_command(FILE *out, const auk_command *command)
{
    size_t count;
    const auk_option *rows = auk_command_options(command, &count);
    (void)fprintf(out, ".SS auk %s %s\n", command->name, command->arguments);
    print_roff(out, command->description);
    (void)fputc('\n', out);
    for (size_t i = 0; i < count; i++)
        print_manual_option(out, &rows[i]);
    (void)fputs(".PP\nExit status:\n", out);
    print_block(out, exits_of(command));
    (void)fputs(".PP\nExamples:\n", out);
    print_block(out, command->examples);
}

void auk_help_print_manual(FILE *out)
{
    (void)fprintf(
        out, ".TH AUK 1 \"\" \"auk %s\" \"User Commands\"\n.SH NAME\nauk \\- %s\n.SH SYNOPSIS\n",
        AUK_VERSION, tagline);
    for (const auk_command *const *at = auk_commands(); *at != NULL; at++)
        (void)fprintf(out, "%s\\fBauk %s\\fR %s [\\fIoptions\\fR]\n",
                      at == auk_commands() ? "" : ".br\n", (*at)->name, (*at)->arguments);
    (void)fputs(".SH COMMANDS\n", out);
    for (const auk_command *const *at = auk_commands(); *at != NULL; at++)
        print_manual_command(out, *at);
}
