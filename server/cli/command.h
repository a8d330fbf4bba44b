/*
 * command.h - a subcommand as data: what it is called, what it can be told, what runs.
 *
 * The help texts and the man page are made from these rows.
 *
 *   Lifetime  static.   Threads  main.   Memory  none.   Errors  a run answers the exit status.
 */
#ifndef AUK_COMMAND_H
#define AUK_COMMAND_H

#include <stdio.h>

#include "auk/option.h"

#define EXIT_FINE        0
#define EXIT_FAILED      1
#define EXIT_REJECTED    2
#define EXIT_INTERRUPTED 130

typedef struct auk_command auk_command;
struct auk_command {
    const char *name;
    const char *arguments;   /* "FILE|-", or "" */
    const char *summary;     /* one line, no full stop */
    const char *description; /* paragraphs, parted by empty lines; `code` in backquotes */
    const char *examples;    /* lines of the shell */
    const char *exits;       /* lines "0  all in"; NULL: the two plain ones */
    /* The rows, or a call that answers them. */
    const auk_option *options;
    size_t option_count;
    const auk_option *(*find_options)(size_t *count);
    size_t least_arguments;
    size_t most_arguments;
    int (*run)(const auk_command *command, int argc, const char *const *argv);
};

extern const auk_command auk_serve_command;
extern const auk_command auk_import_command;
extern const auk_command auk_search_command;
extern const auk_command auk_rebuild_command;
extern const auk_command auk_tasks_command;
extern const auk_command auk_status_command;
extern const auk_command auk_sync_command;
extern const auk_command auk_check_command;

/* All commands in the order of the help; NULL at the end. */
const auk_command *const *auk_commands(void);
const auk_option *auk_command_options(const auk_command *command, size_t *count);

/*
 * Reads flags and environment of a client's command, and counts its arguments. False: nothing is
 * left to do, *status is the exit status (help was printed, or a complaint).
 */
bool auk_command_read(const auk_command *command, int argc, const char *const *argv,
                      auk_options *options, int *status);

/* "auk import: message", and the hint below; answers EXIT_FAILED. */
int auk_complain(const auk_command *command, const auk_error *err);

/* ---- help.c ---- */

void auk_help_print(FILE *out);
void auk_help_print_command(FILE *out, const auk_command *command);
void auk_help_print_manual(FILE *out);

/* ---- terminal ---- */

/* Whether to write escape sequences there: a terminal, no NO_COLOR, TERM not dumb. */
bool auk_terminal_has_colour(FILE *out);
/* Columns of the terminal behind it, or fallback. */
unsigned auk_terminal_width(FILE *out, unsigned fallback);

#endif
