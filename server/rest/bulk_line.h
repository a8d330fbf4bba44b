/*
 * bulk_line.h - one action line of a bulk.
 *
 *   Lifetime  spans of the line or the arena.  Threads  none of its own.  Memory  arena.
 *   Errors    AUK_INVALID with Elasticsearch's wording and the number of the line.
 */
#ifndef AUK_REST_BULK_LINE_H
#define AUK_REST_BULK_LINE_H

#include "bulk.h"

/* Fills *write, which holds the defaults. line has AUK_JSON_PADDING readable bytes behind it. */
AUK_MUST_CHECK auk_code auk_bulk_line_read(auk_span line, uint32_t number, auk_arena *arena,
                                           auk_write *write, auk_error *err);

#endif
