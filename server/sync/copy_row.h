/*
 * copy_row.h - a row of COPY ... TO STDOUT as a tuple.
 *
 *   text     columns with a tab between, \N is null, backslash escapes, a newline at the end
 *   binary   i16 count, then (i32 size or -1, bytes) a column; the first piece has a header of
 *            19 bytes (and its extension) in front, the last one is the count -1
 *
 *   Lifetime  of the tuple: the row's bytes, or the arena's where a text had escapes.
 *   Threads   none of its own.   Memory  the arena.
 *   Errors    AUK_CORRUPT for what is no such row.
 */
#ifndef AUK_SYNC_COPY_ROW_H
#define AUK_SYNC_COPY_ROW_H

#include "auk/arena.h"
#include "auk/error.h"
#include "row_change.h"

/* columns: room for `count`. */
AUK_MUST_CHECK auk_code auk_copy_row_text(auk_span row, auk_datum *columns, uint32_t count,
                                          auk_arena *arena, auk_error *err);
/* *has_row false: a header or a trailer alone. */
AUK_MUST_CHECK auk_code auk_copy_row_binary(auk_span row, auk_datum *columns, uint32_t count,
                                            bool *has_row, auk_error *err);

#endif
