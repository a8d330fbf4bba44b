/*
 * predicate.h - a condition on one row: `filter` and `deleted_if` of a source.
 *
 *   condition  =  condition OR condition  |  condition AND condition  |  NOT condition
 *              |  ( condition )  |  true  |  false
 *              |  column                                      of type boolean
 *              |  column = | != | <> | < | <= | > | >= literal
 *              |  column [NOT] IN ( literal, ... )
 *              |  column IS [NOT] NULL  |  column IS [NOT] TRUE | FALSE
 *   literal    =  'text' with '' for a quote  |  number  |  true  |  false
 *   column     =  name, folded to lower case  |  "Name"
 *
 * A true subset of SQL, so that the same text in a WHERE means the same: nulls make a comparison
 * unknown, and a row passes only when the whole is true. What would mean something else there is
 * refused: an order of texts (it follows a collation), comparisons of type real (0.1 is no real),
 * of types that are not listed in column_value.h (enums apart: they compare by = as texts).
 *
 *   Lifetime  the arena's; the text is copied.   Threads  immutable once bound.
 *   Memory    the arena; at most 4096 parts, nested at most 64 deep.
 *   Errors    AUK_INVALID with the position, counted from 1.
 */
#ifndef AUK_SYNC_PREDICATE_H
#define AUK_SYNC_PREDICATE_H

#include "auk/arena.h"
#include "auk/error.h"
#include "row.h"

typedef struct auk_predicate auk_predicate;

AUK_MUST_CHECK auk_code auk_predicate_parse(auk_span text, auk_arena *arena, auk_predicate **out,
                                            auk_error *err);

/* The columns it reads, each once or more. */
uint32_t auk_predicate_column_count(const auk_predicate *predicate);
auk_span auk_predicate_column(const auk_predicate *predicate, uint32_t number);

/* Finds its columns and checks the literals by their types. Columns are borrowed during the call.
 */
AUK_MUST_CHECK auk_code auk_predicate_bind(auk_predicate *predicate,
                                           const auk_table_column *columns, uint32_t count,
                                           auk_error *err);

typedef enum auk_predicate_answer {
    AUK_PREDICATE_FALSE, /* or unknown to SQL, because of a null */
    AUK_PREDICATE_TRUE,
    AUK_PREDICATE_UNSURE, /* reads a value that was not sent (AUK_DATUM_UNCHANGED) */
} auk_predicate_answer;

/* values: by position in the columns bound. NULL predicate: true. */
auk_predicate_answer auk_predicate_ask(const auk_predicate *predicate, const auk_datum *values);

#endif
