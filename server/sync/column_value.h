/*
 * column_value.h - values of Postgres as texts, compared as Postgres compares them.
 *
 * Texts are ordered by their bytes, as COLLATE "C" does; all else by what it means.
 *
 *   Lifetime, threads, memory  none.   Errors  false for a text that is no value of the kind.
 */
#ifndef AUK_SYNC_COLUMN_VALUE_H
#define AUK_SYNC_COLUMN_VALUE_H

#include <stdbool.h>
#include <stdint.h>

#include "auk/span.h"

typedef enum auk_value_kind {
    AUK_VALUE_OTHER, /* bytes of the text; not to be compared in predicates */
    AUK_VALUE_INTEGER,
    AUK_VALUE_NUMERIC,
    AUK_VALUE_DOUBLE,
    AUK_VALUE_REAL, /* ordered as a double, but not to be compared with a constant */
    AUK_VALUE_BOOL,
    AUK_VALUE_TEXT,
    AUK_VALUE_PADDED, /* character(n): blanks at the end do not count */
    AUK_VALUE_UUID,
    AUK_VALUE_TIME_POINT, /* date, timestamp, timestamptz */
} auk_value_kind;

auk_value_kind auk_value_kind_of(uint32_t type_oid);

/* *order < 0, 0, > 0. */
bool auk_value_compare(auk_value_kind kind, auk_span a, auk_span b, int *order);
/* Is it a value of the kind at all? */
bool auk_value_is(auk_value_kind kind, auk_span text);

#endif
