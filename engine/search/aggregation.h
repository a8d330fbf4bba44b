/*
 * aggregation.h - the seam between the run of a search and its aggregations.
 *
 * A request's aggregations are parsed once; prepared once for each index (names become fields);
 * collected once for each segment, fed with batches of matching live documents in ascending order;
 * the partial results are merged over everything and written. Until they are merged they may still
 * hold ordinals of their segments: a text is looked up only for buckets that need one.
 *
 *      body -> parse -> prepare (index) -> open, collect .. collect, finish (segment)
 *                                                    -> merge (all) -> write
 *
 *   Lifetime  parsed, prepared and merged things: the request's arena. A collector and what it
 *             finishes with: the arena it was opened in, which lives until the answer is written.
 *             Segments are borrowed until _merge returns, mappings until the answer is written.
 *   Threads   parsed and prepared things are immutable; a collector is one thread's at a time, and
 *             several collectors of one index run at once.
 *   Memory    charged to AUK_PURPOSE_SEARCH before it is allocated (environment.charge).
 *   Errors    AUK_INVALID; AUK_BUSY from the budget; too_many_buckets_exception at merge or before.
 */
#ifndef AUK_AGGREGATION_H
#define AUK_AGGREGATION_H

#include "auk/search.h"
#include "filter.h"
#include "resolve.h"

struct auk_column_window;
typedef struct auk_aggregation_set auk_aggregation_set;
typedef struct auk_aggregation_collector auk_aggregation_collector;
typedef struct auk_aggregation_result auk_aggregation_result;

/* What all stages of one search share. */
typedef struct auk_aggregation_environment {
    auk_budget *budget;   /* NULL: no limit */
    uint32_t max_buckets; /* least of the targets'; 0: 65536 */
    int64_t now_ms;
    atomic_size_t *charged; /* add what was charged; the run releases it when the arena goes */
} auk_aggregation_environment;

/* Charges bytes and notes them in environment->charged. */
AUK_MUST_CHECK auk_code auk_aggregation_charge(const auk_aggregation_environment *environment,
                                               size_t bytes, auk_error *err);

/* body: the object beside "aggs" or "aggregations". */
AUK_MUST_CHECK auk_code auk_aggregations_parse(const auk_json *body, auk_arena *arena,
                                               const auk_aggregation **out, uint32_t *count,
                                               auk_error *err);

/* resolver: of the index; its arena holds the set. Filters become plans by auk_resolve. */
AUK_MUST_CHECK auk_code auk_aggregations_prepare(const auk_aggregation *aggregations,
                                                 uint32_t count, auk_resolver *resolver,
                                                 const auk_aggregation_environment *environment,
                                                 const auk_aggregation_set **out, auk_error *err);

AUK_MUST_CHECK auk_code auk_aggregation_open(const auk_aggregation_set *set,
                                             const auk_segment_view *view, auk_arena *arena,
                                             auk_aggregation_collector **out, auk_error *err);
/* docs match the query and are live; ascending, also from call to call. */
AUK_MUST_CHECK auk_code auk_aggregation_collect(auk_aggregation_collector *collector,
                                                const auk_doc *docs, uint32_t count,
                                                auk_error *err);
/* The same for a window of which no scores are needed, each handed over once, in ascending order.
 */
AUK_MUST_CHECK auk_code auk_aggregation_collect_window(auk_aggregation_collector *collector,
                                                       const struct auk_column_window *window,
                                                       auk_error *err);
/* All documents of the segment match and are live: before any is handed over. *done: none need be;
 * else all must. */
AUK_MUST_CHECK auk_code auk_aggregation_collect_all(auk_aggregation_collector *collector,
                                                    bool *done, auk_error *err);
AUK_MUST_CHECK auk_code auk_aggregation_finish(auk_aggregation_collector *collector,
                                               auk_aggregation_result **out, auk_error *err);

/* results: in order of target, shard, segment; result_count 0: the result over no documents (what
 * Elasticsearch answers for an empty index). */
AUK_MUST_CHECK auk_code auk_aggregations_merge(const auk_aggregation *aggregations, uint32_t count,
                                               auk_aggregation_result *const *results,
                                               uint32_t result_count,
                                               const auk_aggregation_environment *environment,
                                               auk_arena *arena, auk_aggregation_result **out,
                                               auk_error *err);

/* The members of "aggregations"; the caller has the object open. */
AUK_MUST_CHECK auk_code auk_aggregations_write(const auk_aggregation *aggregations, uint32_t count,
                                               const auk_aggregation_result *result,
                                               bool typed_keys, auk_json_writer *out,
                                               auk_error *err);

#endif
