/*
 * run_task.h - a run in progress: what its tasks share, what each of them finds, how that is
 * joined.
 *
 *   Lifetime  the request's arena; a task but the first has one of its own, gone with the
 * request's. Threads   a task is one thread's until all are done; what they share is atomic. Memory
 * hits wanted times tasks, charged by the run.   Errors  each task keeps its own.
 */
#ifndef AUK_RUN_TASK_H
#define AUK_RUN_TASK_H

#include "run.h"
#include "top_hits.h"

typedef struct auk_search_progress {
    const auk_search_request *request;
    const auk_search_context *context;
    const struct auk_search_state *state;
    uint64_t deadline_us;
    bool scores;                    /* anybody looks at scores */
    bool may_count;                 /* totals may come from statistics, and windows be left out */
    uint32_t limit;                 /* hits wanted: from + size */
    uint64_t threshold;             /* of totals */
    const auk_top_hit *after_score; /* NULL: none */
    float after_max_score;          /* of the first page */
    const auk_sort_after *after_sort;
    atomic_uint_fast64_t counted;     /* matches so far, over all tasks */
    atomic_uint_least32_t floor_bits; /* a float: k hits score as much, over all tasks */
    auk_sort_floor sort_floor;        /* the same of the first key of a sort */
    atomic_bool stopped;              /* a task failed or was told to stop */
} auk_search_progress;

typedef struct auk_search_task {
    auk_search_progress *run;
    uint32_t first_unit, unit_count;
    auk_arena *arena;
    auk_top_hits top;
    uint32_t *bases;   /* of its units: documents in front of each, in the task */
    auk_top_hit *best; /* once it is done, in order */
    uint32_t best_count;
    auk_sorted_hit *sorted;
    uint32_t sorted_count, sorted_capacity;
    auk_aggregation_result **aggregations; /* one a unit */
    uint64_t total;
    bool timed_out, terminated_early;
    auk_code code;
    auk_error error; /* its words are unset but for a code that tells of them */
} auk_search_task;

/* Joins what the tasks found into out, in an order that does not depend on who was first. */
AUK_MUST_CHECK auk_code auk_run_reduce(const auk_search_progress *run, const auk_search_task *tasks,
                                       uint32_t count,
                                       const auk_aggregation_environment *environment,
                                       auk_arena *arena, auk_search_result *out, auk_error *err);

#endif
