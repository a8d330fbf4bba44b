/*
 * run.h - what a run leaves behind for the answer: plans and statistics, to explain and to fetch.
 *
 *   Lifetime  the request's arena.   Threads  immutable after the run.
 */
#ifndef AUK_RUN_H
#define AUK_RUN_H

#include "aggregation.h"
#include "auk/search.h"
#include "profile.h"
#include "scorer.h"
#include "sort.h"

/* One index of the search. */
typedef struct auk_run_target {
    const auk_search_target *target;
    auk_resolver resolver;
    const auk_plan *plan;        /* the query, with an alias's filter */
    const auk_plan *post_filter; /* NULL: none */
    const auk_aggregation_set *aggregations;
    const auk_sort_source *sort;
} auk_run_target;

/* One shard. */
typedef struct auk_run_shard {
    uint32_t target, shard, rank;
    const auk_shard_view *view;
    const auk_statistics *statistics;
} auk_run_shard;

/* One segment. */
typedef struct auk_run_unit {
    const auk_run_shard *shard;
    uint32_t segment;
    int64_t first_doc;
    const auk_segment_view *view;
} auk_run_unit;

/* The segment's term where the plan is one; NULL: it is none, or the segment has it not. */
const auk_term *auk_run_unit_term(const auk_run_unit *unit, const auk_plan *plan);

struct auk_search_state {
    auk_run_target *targets;
    auk_run_shard *shards;
    auk_run_unit *units;
    uint32_t target_count, shard_count, unit_count;
    const auk_sort_key *sort; /* NULL: by score */
    uint32_t sort_count;
    auk_profile *profile; /* NULL: not asked for */
};

/* Resolves the request for each target and gathers statistics of each shard. */
AUK_MUST_CHECK auk_code auk_run_prepare(const auk_search_target *targets, uint32_t target_count,
                                        const auk_search_request *request,
                                        const auk_aggregation_environment *environment,
                                        auk_arena *arena, struct auk_search_state **out,
                                        auk_error *err);
/* Does anybody look at scores? */
bool auk_run_wants_scores(const auk_search_request *request);

#endif
