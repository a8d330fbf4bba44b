/*
 * run_segment.h - one segment of a run: its total, its hits, what its collectors get.
 *
 *   Lifetime  the task's arena.   Threads  its task's.
 *   Memory    three arrays of a window.   Errors  in the task.
 */
#ifndef AUK_RUN_SEGMENT_H
#define AUK_RUN_SEGMENT_H

#include "filter.h"
#include "profile_watch.h"
#include "run_task.h"

/* Of one segment. */
typedef struct auk_segment_run {
    auk_search_task *task;
    const auk_run_unit *unit;
    uint32_t rank; /* of the unit */
    uint32_t base; /* documents of the task in front of it */
    auk_doc end;   /* its windows end here */
    auk_scorer *scorer;
    auk_filter *post_filter;
    auk_aggregation_collector *aggregations;
    auk_sort_collector *sort;
    bool known;     /* the total came from statistics, or from a pass of its own */
    bool apart;     /* aggregations have a pass of their own */
    bool by_zones;  /* sorted hits are had block by block */
    bool is_piece;  /* see _split */
    bool may_prune; /* what cannot become a hit need not be looked at, once the total is settled */
    auk_profile_watch watch;
    uint64_t *shard_taken; /* matches taken in this shard, for terminate_after */
    auk_doc docs[AUK_WINDOW];
    float scores[AUK_WINDOW];
    auk_doc kept[AUK_WINDOW];
} auk_segment_run;

/* Runs the segment that task, unit, rank, base and shard_taken name. */
AUK_MUST_CHECK auk_code auk_segment_run_go(auk_segment_run *segment);
/* Windows from where the scorer stands to ->end; what they find goes to the task. */
AUK_MUST_CHECK auk_code auk_segment_run_windows(auk_segment_run *segment);

/* ---- pieces of a segment, for idle threads (run_pieces.c) ---- */

/* When its windows began and where; us 0: they are not to be split. */
typedef struct auk_segment_pace {
    uint64_t began_us;
    auk_doc began;
} auk_segment_pace;

auk_segment_pace auk_segment_pace_begin(const auk_segment_run *segment);
/* Into how many pieces what is left shall be split, as long as it will take; 0: not. */
uint32_t auk_segment_pieces(const auk_segment_run *segment, const auk_segment_pace *pace);
/* Runs the windows that are left as so many pieces. */
AUK_MUST_CHECK auk_code auk_segment_split(auk_segment_run *segment, uint32_t count);

/* ---- totals (run_total.c) ---- */

/* The total of the segment, where it can be had without its hits. */
AUK_MUST_CHECK auk_code auk_segment_count(auk_segment_run *segment, const auk_plan *plan);
/* Aggregations look at all matches; where that is cheap as bits, the hits may then be found without
 * looking at them all. */
bool auk_segment_aggregates_apart(const auk_segment_run *segment, const auk_plan *plan);

/* ---- what the passes over columns share with it (run_columns.c) ---- */

/* Total and aggregations of the segment, without its hits. */
AUK_MUST_CHECK auk_code auk_segment_aggregate(auk_segment_run *segment,
                                              const auk_run_target *target);
/* Can its sorted hits be had block by block, best first, and without scores? */
bool auk_segment_sorts_by_zones(const auk_segment_run *segment);
/* Its hits, into its sort collector. */
AUK_MUST_CHECK auk_code auk_segment_sort(auk_segment_run *segment, const auk_run_target *target);
/* Every document of a segment. */
bool auk_plan_matches_all(const auk_plan *plan);
/* The number of matches where the index knows it without looking. */
bool auk_plan_known_count(const auk_plan *plan, const auk_run_unit *unit, uint64_t *out);
/* One clause decides what matches, the others only add to its score. */
bool auk_plan_is_alone(const auk_plan *plan);
/* The total of the answer is settled: known, past its threshold, or not asked for. */
bool auk_segment_counted_enough(const auk_segment_run *segment);
auk_scorer_context auk_segment_context(const auk_segment_run *segment, bool scores);
/* NULL: nobody wants a profile. */
auk_profile_entry *auk_segment_entry(const auk_segment_run *segment);
void auk_segment_note_total(const auk_segment_run *segment, const char *how);
/* Was the search cancelled, is its time over, its memory spent, another task failed? */
bool auk_run_must_stop(auk_search_task *task);

#endif
