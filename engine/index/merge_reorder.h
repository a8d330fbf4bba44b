/*
 * merge_reorder.h - gives the documents of a merge an order in which similar ones stand together.
 *
 * Between auk_merge_prepare and auk_merge_run: the maps of the plan's sources get new numbers, and
 * everything that a merge carries over goes by the maps. Gaps in postings become smaller and bounds
 * of blocks tighter, which makes the segment smaller and searches faster; where the order gains
 * nearly nothing, the old one stays.
 *
 * The order depends on the sources alone. Its work is bounded by counts and not by a clock: the
 * terms that are looked at and the rounds at each level (a quarter of a merge's time, measured in
 * docs/figures.md); its memory is charged before it is taken, and where there is no room
 * fewer terms decide, or the old order stays.
 *
 *   Lifetime  _end in every case, after auk_merge_run.
 *   Threads   the caller's, and idle threads of the pool.
 *   Memory    forward.h, bisect.h, then posting_order.h and merge_columns.h: charged to
 *             AUK_PURPOSE_INDEXING until _end.
 *   Errors    AUK_CORRUPT of a source.
 */
#ifndef AUK_MERGE_REORDER_H
#define AUK_MERGE_REORDER_H

#include "auk/budget.h"
#include "auk/pool.h"

#include "merge.h"

/* Smaller segments are searched fast in any order. */
#define AUK_REORDER_FROM (1u << 18)

typedef struct auk_reorder_options {
    uint32_t from;                  /* documents; a merge of fewer keeps their order. 1: any merge,
                                       down to runs of a few, whatever it gains (tests) */
    auk_budget *budget;             /* may be NULL */
    auk_pool *pool;                 /* likewise */
    bool (*stopped)(void *context); /* likewise; the merge is given up then */
    void *context;
} auk_reorder_options;

typedef struct auk_reordering {
    auk_budget *budget;
    size_t charged_bytes;
    double gain;    /* share of the bits of the terms looked at */
    bool tried;     /* false: too few documents, or nothing to go by, or no_memory */
    bool no_memory; /* the budget had no room */
} auk_reordering;

AUK_MUST_CHECK auk_code auk_merge_reorder(auk_merge_plan *plan, const auk_reorder_options *options,
                                          auk_reordering *out, auk_error *err);
void auk_reordering_end(auk_reordering *reordering); /* all zero is fine */

#endif
