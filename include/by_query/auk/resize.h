/*
 * resize.h - an index once more with another number of shards: _clone, _shrink, _split.
 *
 * The new index stands by, unseen, until all documents of the old one are in it, with their
 * versions; then it is one like any other. The old one takes no writes from clients meanwhile, so
 * that what is copied is all of it. One that fails, is cancelled, or is cut off by the end of the
 * process leaves nothing behind.
 *
 *   Key of the family "catalog": resize/<name of the new index>, {"format":1}, while it is not
 * whole.
 *
 *   Lifetime  _clean before the first _start.
 *   Threads   any.   Memory  that of by_query.h.
 *   Errors    AUK_INVALID in Elasticsearch's words; later ones are the job's.
 */
#ifndef AUK_RESIZE_H
#define AUK_RESIZE_H

#include "auk/by_query.h"

typedef enum auk_resize_kind {
    AUK_RESIZE_CLONE,
    AUK_RESIZE_SHRINK,
    AUK_RESIZE_SPLIT
} auk_resize_kind;

typedef struct auk_resize {
    auk_resize_kind kind;
    auk_span source, target;
    const auk_json *settings; /* over those of the source; NULL: none */
    const auk_json *aliases;  /* NULL: none */
} auk_resize;

/* May it be? Says which body makes the new index. view: of the source. */
AUK_MUST_CHECK auk_code auk_resize_check(auk_catalog *catalog, const auk_index_view *view,
                                         const auk_resize *resize, auk_arena *arena,
                                         const auk_json **body, auk_error *err);

/* Makes the index and begins to copy; as auk_by_query_start, wishes having one target, the source.
 */
AUK_MUST_CHECK auk_code auk_resize_start(auk_catalog *catalog, const auk_by_query_wishes *wishes,
                                         const auk_json *body, auk_job **out, auk_error *err);

/* Removes what a life before left half done. */
AUK_MUST_CHECK auk_code auk_resize_clean(auk_catalog *catalog, auk_error *err);

#endif
