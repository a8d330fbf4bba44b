/*
 * merge_reorder.h - gives the documents of a merge an order in which similar ones stand together.
 *
 * Between auk_merge_prepare and auk_merge_run: the maps of the plan's sources get new numbers, and
 * everything that a merge carries over goes by the maps. Gaps in postings become smaller and bounds
 * of blocks tighter, which makes the segment smaller and searches faster; where the order gains
 * nearly nothing, the old one stays.
 *
 * The order depends on the sources alone while the budget of time lasts, which it is made for: the
 * terms that are looked at and the rounds at each level are bounded, too (figures in
 * docs/figures.md). A budget that ends early leaves an order of all documents that is worth less
 * (bisect.h), and the old one where it is worth nearly nothing. Memory is charged before it is
 * taken, and where there is no room fewer terms decide, or the old order stays.
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
    /* Microseconds left of the budget of time, 0: it has ended. Likewise; NULL: there is none. */
    uint64_t (*left_us)(void *context);
    void *context;
} auk_reorder_options;

typedef struct auk_reordering {
    auk_budget *budget;
    size_t charged_bytes;
    double gain;    /* share of the bits of the terms looked at */
    bool tried;     /* false: too few documents, or nothing to go by, or no_memory */
    bool no_memory; /* the budget had no room */
    bool cut_short; /* the budget of time ended, or was about to */
} auk_reordering;

AUK_MUST_CHECK auk_code auk_merge_reorder(auk_merge_plan *plan, const auk_reorder_options *options,
                                          auk_reordering *out, auk_error *err);
void auk_reordering_end(auk_reordering *reordering); /* all zero is fine */

#endif
