/*
 * run_segment.h - one segment of a run: its total, its hits, what its collectors get.
 *
 *   Lifetime  the task's arena.   Threads  its task's.
 *   Memory    three arrays of a window.   Errors  in the task.
 */
#ifndef AUK_RUN_SEGMENT_H
#define AUK_RUN_SEGMENT_H

#include "filter.h"
#include "run_task.h"

/* Of one segment. */
typedef struct auk_segment_run {
    auk_search_task *task;
    const auk_run_unit *unit;
    uint32_t rank; /* of the unit */
    uint32_t base; /* documents of the task in front of it */
    auk_scorer *scorer;
    auk_filter *post_filter;
    auk_aggregation_collector *aggregations;
    auk_sort_collector *sort;
    bool known;            /* the total came from statistics */
    uint64_t *shard_taken; /* matches taken in this shard, for terminate_after */
    auk_doc docs[AUK_WINDOW];
    float scores[AUK_WINDOW];
    auk_doc kept[AUK_WINDOW];
} auk_segment_run;

/* Runs the segment that task, unit, rank, base and shard_taken name. */
AUK_MUST_CHECK auk_code auk_segment_run_go(auk_segment_run *segment);
/* Was the search cancelled, is its time over, its memory spent, another task failed? */
bool auk_run_must_stop(auk_search_task *task);

#endif
