/*
 * row_key.h - the keys of a source in the family "sync", drawn here and nowhere else.
 *
 *     | source be64 | kind u8 | rest |
 *
 *   kind         rest                                                  value
 *   POSITION     -                                                     position.h
 *   ROW          table be32, values of its key                         row.h
 *   EDGE         table be32, count u8, attribute be16 each,            empty
 *                values of these columns, the row's key values
 *   CHUNK        attempt be64                                          chunks.h
 *   WRITTEN      document be32, values of the root's key               document's hash, id, routing
 *   PENDING      document be32, values of the root's key               empty: to be built
 *   BUILT        document be32                                         how far _build has come
 *   DEAD         document be32, values of the root's key               dead_letters.h
 *   REREAD       table be32, values of its key                         xid be32
 *   from 'S' on  the source's own records (source.c), none of ours
 *
 * What outlives a source's number, and so lies under AUK_KEY_ANY_SOURCE:
 *   LOCAL        name of the source, name of the index, id             locals.h
 *
 *   a value:   | 1 | be64 with the sign flipped |         an integer in its shortest decimal form
 *              | 2 | bytes, 0 written 0 255 | 0 0 |       any other text
 *
 * So keys order integers by number and texts by bytes, and no value is the beginning of another.
 * A row's own key takes the first form for columns of integer types only, so that the order is one;
 * EDGE takes it wherever the text allows, so that an int and a bigint meet.
 *
 *   Lifetime  the buffer's.   Threads  none of its own.   Memory  the buffer's.
 *   Errors    AUK_CORRUPT for bytes that are no values.
 */
#ifndef AUK_SYNC_ROW_KEY_H
#define AUK_SYNC_ROW_KEY_H

#include <stdbool.h>
#include <stdint.h>

#include "auk/arena.h"
#include "auk/buffer.h"
#include "auk/error.h"
#include "auk/span.h"

typedef enum auk_key_kind {
    AUK_KEY_POSITION = 1,
    AUK_KEY_ROW,
    AUK_KEY_EDGE,
    AUK_KEY_CHUNK,
    AUK_KEY_WRITTEN,
    AUK_KEY_PENDING,
    AUK_KEY_BUILT,
    AUK_KEY_DEAD,
    AUK_KEY_REREAD,
    AUK_KEY_OURS_END, /* of what the applier keeps */
    AUK_KEY_LOCAL = 'L',
} auk_key_kind;

#define AUK_KEY_ANY_SOURCE UINT64_MAX

#define AUK_KEY_HEAD_SIZE  9  /* source, kind */
#define AUK_KEY_TABLE_SIZE 13 /* and a table's or document's number */

void auk_key_begin(auk_buffer *key, uint64_t source, auk_key_kind kind);
void auk_key_append_number(auk_buffer *key, uint32_t be32);
void auk_key_append_serial(auk_buffer *key, uint64_t be64);
void auk_key_append_value(auk_buffer *key, auk_span text, bool may_be_integer);

/* The first key behind all keys that begin so: adds one to the last byte that has room. */
void auk_key_end_of_prefix(auk_buffer *key);

/* Cuts the next value off the front of *rest. The text is in the arena or the key. */
AUK_MUST_CHECK auk_code auk_key_cut_value(auk_span *rest, auk_arena *arena, auk_span *text,
                                          auk_error *err);

/* The integer, when the text is one in its shortest decimal form. */
bool auk_text_is_integer(auk_span text, int64_t *value);

#endif
