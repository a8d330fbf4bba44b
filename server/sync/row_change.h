/*
 * row_change.h - rows of Postgres as they come over the wire: relations, tuples, changes.
 *
 *   Lifetime  spans borrow from the transaction or the arena that gave them.
 *   Threads   plain data.   Memory  none.   Errors  none.
 */
#ifndef AUK_SYNC_ROW_CHANGE_H
#define AUK_SYNC_ROW_CHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "auk/span.h"

typedef uint64_t auk_lsn; /* 0: none */

typedef enum auk_datum_state {
    AUK_DATUM_NULL,
    AUK_DATUM_UNCHANGED, /* TOAST: the value is the one before, and was not sent */
    AUK_DATUM_TEXT,
    AUK_DATUM_BINARY,
} auk_datum_state;

typedef struct auk_datum {
    auk_datum_state state;
    auk_span bytes;
} auk_datum;

typedef struct auk_tuple {
    const auk_datum *columns; /* as many as the relation has; NULL: no such tuple was sent */
    uint32_t count;
} auk_tuple;

typedef struct auk_relation_column {
    auk_span name;
    uint32_t type; /* OID */
    int32_t modifier;
    bool in_identity; /* the wire's flag: all columns under REPLICA IDENTITY FULL */
} auk_relation_column;

/* As of one RELATION message; a changed table gives a new one with a higher version. Counted by
 * the stream, alive while any of its transactions is. */
typedef struct auk_relation {
    uint32_t id; /* OID of the table; of the partition root when published via it */
    uint32_t version;
    auk_span schema, name;
    char identity; /* 'd' default, 'n' nothing, 'f' full, 'i' index */
    const auk_relation_column *columns;
    uint32_t column_count;
} auk_relation;

typedef enum auk_row_change_kind {
    AUK_ROW_INSERT,
    AUK_ROW_UPDATE,
    AUK_ROW_DELETE,
    AUK_ROW_TRUNCATE, /* of one relation: a message that names several is several changes */
    AUK_ROW_MESSAGE,  /* logical message: prefix and content */
} auk_row_change_kind;

typedef struct auk_row_change {
    auk_row_change_kind kind;
    const auk_relation *relation;
    uint32_t xid;             /* of the (sub)transaction that made it */
    auk_tuple before;         /* update, delete: when sent; only identity columns unless FULL */
    bool before_is_whole;     /* FULL */
    auk_tuple after;          /* insert, update */
    auk_span prefix, content; /* message */
} auk_row_change;

#endif
