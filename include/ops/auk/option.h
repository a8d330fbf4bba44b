/*
 * option.h - what a command can be told: rows of a table, and the values that were given.
 *
 * A row names an option once, in the form that the file uses ("log_format"); its flag
 * (--log-format) and its environment variable (AUK_LOG_FORMAT) follow from that. Reading, refusing,
 * the help text and the man page all come from the rows. A stronger source wins whatever the order
 * of reading: a flag beats the environment beats the file beats the default.
 *
 *   Lifetime  _init .. _deinit; values and arguments are copied in, borrowed from the set.
 *   Threads   one owner; afterwards any number of readers.
 *   Memory    an arena of its own.
 *   Errors    AUK_INVALID: unknown names with the nearest valid one as the hint, malformed values
 *             with the accepted form; AUK_IO when the file cannot be read.
 */
#ifndef AUK_OPTION_H
#define AUK_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auk/arena.h"
#include "auk/buffer.h"
#include "auk/error.h"
#include "auk/span.h"

typedef enum auk_option_kind {
    AUK_OPTION_TEXT,    /* anything but nothing */
    AUK_OPTION_SIZE,    /* bytes with a unit: 512mb */
    AUK_OPTION_COUNT,   /* a whole number from least to most */
    AUK_OPTION_BATCH,   /* bytes with a unit, or a bare count of documents */
    AUK_OPTION_SWITCH,  /* true or false; its flag stands alone */
    AUK_OPTION_CHOICE,  /* one of the words in form, which are parted by '|' */
    AUK_OPTION_ADDRESS, /* host:port, IPv6 in brackets */
    AUK_OPTION_NAME,    /* letters, digits, '.', '_', '-' */
    AUK_OPTION_VERSION, /* three numbers: 8.19.0 */
    AUK_OPTION_TIME,    /* a duration with a unit, in milliseconds: 20s */
    AUK_OPTION_SPACE,   /* bytes with a unit, or a share of the disk: 1gb, 5% */
} auk_option_kind;

/* Where a value came from; larger is stronger. */
typedef enum auk_option_source {
    AUK_FROM_NOWHERE,
    AUK_FROM_DEFAULT,
    AUK_FROM_FILE,
    AUK_FROM_ENVIRONMENT,
    AUK_FROM_FLAG,
} auk_option_source;

typedef struct auk_option {
    const char *name; /* as in the file: log_format */
    const char *form; /* what the help calls the value: "DIR", "logfmt|json" */
    const char *help;
    const char *fallback;      /* the default as text; NULL: none */
    const char *fallback_note; /* what the help says in place of fallback, when computed */
    int64_t least, most;       /* of counts, sizes and durations */
    auk_option_kind kind;
    bool flag_only; /* neither in the environment nor in the file */
    bool in_file;
} auk_option;

typedef struct auk_option_value {
    auk_option_source source;
    const char *text; /* NULL when there is none */
    int64_t number; /* bytes, a count, milliseconds, 1 for true, the place of a choice, the port */
    bool is_bytes;  /* of a batch or a space: number counts bytes, not documents or percent */
} auk_option_value;

typedef struct auk_options {
    const auk_option *rows;
    size_t count;
    auk_option_value *values; /* one a row */
    const char **arguments;   /* what was neither flag nor a flag's value */
    size_t argument_count;
    bool wants_help; /* --help or -h stood among the arguments */
    auk_arena *arena;
} auk_options;

/* Fills in the defaults. rows live as long as the set. */
void auk_options_init(auk_options *options, const auk_option *rows, size_t count);
void auk_options_deinit(auk_options *options);

/* --flag value, --flag=value, --switch, --switch=false; "--" ends the flags, "-" is an argument. */
AUK_MUST_CHECK auk_code auk_options_read_flags(auk_options *options, int argc,
                                               const char *const *argv, auk_error *err);

/*
 * AUK_* of an environ array. Left alone: what the tests use (AUK_BINARY, AUK_TEST_*, AUK_BENCH_*,
 * AUK_SOAK_*), what orchestrators set for a service named auk (AUK_PORT*, AUK_SERVICE_*), and the
 * names in others, which belong to other commands (ends in NULL; may be NULL).
 */
AUK_MUST_CHECK auk_code auk_options_read_environment(auk_options *options,
                                                     const char *const *environment,
                                                     const char *const *others, auk_error *err);

/* A YAML file with one mapping of names to plain values. */
AUK_MUST_CHECK auk_code auk_options_read_file(auk_options *options, const char *path,
                                              auk_error *err);

/* One value, unless a stronger source has set it; checked in any case. where: for messages. */
AUK_MUST_CHECK auk_code auk_options_set(auk_options *options, size_t row, auk_option_source source,
                                        auk_span text, const char *where, auk_error *err);

/* The row of a name as in the file, or count. */
size_t auk_options_find(const auk_options *options, auk_span name);

/* "--log-format" and "AUK_LOG_FORMAT" of a row, appended. */
void auk_option_append_flag(auk_buffer *out, const auk_option *row);
void auk_option_append_variable(auk_buffer *out, const auk_option *row);
/* What is accepted, for messages and manuals: "a size with a unit, such as 512mb". */
void auk_option_append_form(auk_buffer *out, const auk_option *row);

/* Parts host and port of an address that has been checked; host without brackets. */
void auk_address_split(auk_span address, auk_span *host, uint16_t *port);

#endif
