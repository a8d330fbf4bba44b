/*
 * bulk.h - the body of _bulk as writes.
 *
 * Lines are found in the bytes as they came; sources stay spans of the body and are never parsed
 * here. Action lines of the usual shape (plain ASCII texts in one object) are read by a small
 * scanner of our own, all others by the JSON reader.
 *
 *      {"index": {"_index": "books", "_id": "1"}}\n      action
 *      {"title": "Emma"}\n                               source; not after delete
 *
 *   Lifetime  writes and spans: body and arena.
 *   Threads   none of its own.
 *   Memory    one array in the arena, bounded by the number of lines.
 *   Errors    AUK_INVALID with Elasticsearch's wording and the number of the line; then nothing of
 *             the bulk is run.
 */
#ifndef AUK_REST_BULK_H
#define AUK_REST_BULK_H

#include "auk/catalog.h"
#include "auk/json.h"

/* What the URL says for all items that say nothing else. */
typedef struct auk_bulk_defaults {
    auk_span index, routing;
    bool require_alias;
    bool want_source;
} auk_bulk_defaults;

typedef struct auk_bulk {
    auk_write *writes;
    uint32_t count;
} auk_bulk;

/* At most so many items are in the body: what memory for them must be found. */
uint32_t auk_bulk_item_limit(auk_span body);

/* The body has AUK_JSON_PADDING readable bytes behind it. */
AUK_MUST_CHECK auk_code auk_bulk_parse(auk_span body, const auk_bulk_defaults *defaults,
                                       auk_arena *arena, auk_bulk *out, auk_error *err);

#endif
