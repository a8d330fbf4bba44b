/*
 * config_read.h - members of a JSON object by a table of rows: name, kind, place in a struct.
 *
 *   Lifetime  texts are copied into the arena.   Threads  none.   Memory  the arena.
 *   Errors    AUK_INVALID with the path of the member; an unknown one with the nearest name.
 */
#ifndef AUK_SYNC_CONFIG_READ_H
#define AUK_SYNC_CONFIG_READ_H

#include "config.h"

typedef struct auk_config_reader {
    auk_arena *arena;
    auk_error *err;
    char path[160]; /* of the object that is read: "documents[0].children[2]" */
    uint32_t nodes; /* of the document so far */
} auk_config_reader;

typedef enum auk_config_kind {
    AUK_CONFIG_TEXT,   /* auk_span, not empty */
    AUK_CONFIG_TEXTS,  /* const auk_span *, with its count at `count` */
    AUK_CONFIG_BYTES,  /* uint64_t: "64mb", or a number */
    AUK_CONFIG_COUNT,  /* uint32_t */
    AUK_CONFIG_NUMBER, /* uint64_t */
    AUK_CONFIG_RATE,   /* double, not negative */
    AUK_CONFIG_TIME,   /* uint32_t, milliseconds: "50ms" */
    AUK_CONFIG_FLAG,   /* bool */
    AUK_CONFIG_OBJECT, /* auk_span: the JSON of an object */
    AUK_CONFIG_OWN,    /* read by whoever has the table */
} auk_config_kind;

typedef struct auk_config_member {
    const char *name;
    auk_config_kind kind;
    size_t at, count;
} auk_config_member;

/* Every member that a row has; the others are refused. */
AUK_MUST_CHECK auk_code auk_config_read(auk_config_reader *reader, const auk_json *object,
                                        const auk_config_member *rows, size_t row_count,
                                        void *into);
/* "[documents[0]] " and the words. */
auk_code auk_config_fail(auk_config_reader *reader, const char *format, ...) AUK_PRINTF(2, 3);
/* Goes into a member, and back out of it with what _enter answered. */
size_t auk_config_enter(auk_config_reader *reader, const char *member, uint32_t number);
size_t auk_config_enter_only(auk_config_reader *reader, const char *member);
void auk_config_leave(auk_config_reader *reader, size_t to);
/* A text that is not empty. */
AUK_MUST_CHECK auk_code auk_config_text(auk_config_reader *reader, const auk_json *value,
                                        const char *name, auk_span *out);
/* "{id}:{shop}": braces in pairs, with a name in each; *holes counts them. */
AUK_MUST_CHECK auk_code auk_config_check_template(auk_config_reader *reader, const char *member,
                                                  auk_span text, uint32_t *holes);

/* ---- config_node.c ---- */

/* The members of a root that concern its table: table, columns, filter, children. */
AUK_MUST_CHECK auk_code auk_config_read_root(auk_config_reader *reader, const auk_json *document,
                                             auk_sync_node *root);
AUK_MUST_CHECK auk_code auk_config_read_table(auk_config_reader *reader, const auk_json *value,
                                              const char *member, auk_sync_table_name *out);

#endif
