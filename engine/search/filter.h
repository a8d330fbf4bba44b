/*
 * filter.h - does a document match? asked of ascending documents, in batches.
 *
 * Post filters, filters of aggregations and the like: resolve a query once for an index
 * (resolve.h), open it once a segment, then feed it the documents in question.
 *
 *   Lifetime  arena; borrowed from plan and view.
 *   Threads   one.
 *   Memory    arena at open; nothing a document.
 *   Errors    sticky: what is damaged matches nothing, ask _status at the end.
 */
#ifndef AUK_FILTER_H
#define AUK_FILTER_H

#include "auk/shard.h"
#include "resolve.h"

typedef struct auk_filter auk_filter;

AUK_MUST_CHECK auk_code auk_filter_open(const auk_plan *plan, const auk_segment_view *view,
                                        auk_arena *arena, auk_filter **out, auk_error *err);
/* Those of docs that match, into out (which may be docs itself); answers how many. docs ascend,
 * also from call to call. */
uint32_t auk_filter_keep(auk_filter *filter, const auk_doc *docs, uint32_t count, auk_doc *out);
AUK_MUST_CHECK auk_code auk_filter_status(const auk_filter *filter, auk_error *err);

#endif
