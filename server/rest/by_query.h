/* by_query.h - what _reindex, _update_by_query and _delete_by_query ask for (by_query.h of the
 * engine), read from a call. */
#ifndef AUK_REST_BY_QUERY_H
#define AUK_REST_BY_QUERY_H

#include "auk/by_query.h"
#include "search_plan.h"

/* Parameters that all three take. */
#define AUK_BY_QUERY_PARAMETERS                                                                    \
    "refresh timeout wait_for_active_shards wait_for_completion requests_per_second slices "       \
    "scroll "                                                                                      \
    "max_docs "

/* "500" documents a second; "-1" or absent: INFINITY. */
AUK_MUST_CHECK auk_code auk_by_query_rate(const auk_call *call, bool must, double *out,
                                          auk_error *err);

/*
 * Into `out`, with everything in out->arena, which the caller has made; targets are open and
 * detached, and out->release lets go of them. On failure there is nothing to release.
 */
AUK_MUST_CHECK auk_code auk_by_query_read(const auk_call *call, auk_by_query_kind kind,
                                          auk_by_query_wishes *out, auk_error *err);
AUK_MUST_CHECK auk_code auk_reindex_read(const auk_call *call, auk_by_query_wishes *out,
                                         auk_error *err);

/* ---- shared by by_query_read.c and reindex_read.c ---- */

/* What the URL says to all three. */
AUK_MUST_CHECK auk_code auk_by_query_read_url(const auk_call *call, auk_by_query_wishes *out,
                                              auk_error *err);
/* max_docs, conflicts, slice of a body; members that are absent change nothing. */
AUK_MUST_CHECK auk_code auk_by_query_read_members(const auk_json *body, const auk_json *slice,
                                                  auk_by_query_wishes *out, auk_error *err);
/* query, sort and _source of an object with other members. */
AUK_MUST_CHECK auk_code auk_by_query_read_search(const auk_json *body, auk_search_plan *plan,
                                                 auk_arena *arena, auk_error *err);
AUK_MUST_CHECK auk_code auk_by_query_page_size(int64_t size, uint32_t *out, auk_error *err);
/* Opens what the plan's scope names, pinned for as long as the run lasts. */
AUK_MUST_CHECK auk_code auk_by_query_open_scope(const auk_call *call, auk_search_plan *plan,
                                                auk_by_query_wishes *out, auk_error *err);
/* What does not go together. */
AUK_MUST_CHECK auk_code auk_by_query_check(const auk_by_query_wishes *wishes, auk_error *err);
/* Script and pipeline are refused by name. */
AUK_MUST_CHECK auk_code auk_by_query_refuse(const char *what, auk_error *err);

#endif
