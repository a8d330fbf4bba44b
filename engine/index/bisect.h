/*
 * bisect.h - an order in which documents that share terms stand together.
 *
 * Recursive graph bisection (Dhulipala et al. 2016), with the bias of a document as the one figure
 * that decides (Mackenzie et al. 2021). A run of documents is cut in halves. In each iteration
 * every document sums up, over its terms, by how much more the right half has them than the left
 * one; those with the least sums go left, the others right. When hardly any document wants to
 * change sides, both halves are done likewise, down to runs of `least` documents, which keep the
 * order that they had.
 *
 *   one iteration:   count df left, right a term -> weight a term = log2(right + 1) - log2(left +
 * 1)
 *                    -> bias a document = sum of its weights -> select around the median -> swap
 *
 * The first cuts are the dearest by document and gain most. With a budget of time they tell what a
 * level takes, and runs are then cut no further down than the rest of the budget lasts; where it
 * still ends early, or `stopped` says so, runs that are being cut are left as they stand and those
 * below keep the order that they had. Either way the order holds every document once: it is only
 * worth less.
 *
 *   Lifetime  none; all is borrowed for the call.
 *   Threads   idle threads of a pool help; while the budget lasts, the order is the same for any
 *             number of them and depends on nothing but the graph.
 *   Memory    16 bytes a document, and 14 bytes a term for each thread.
 *   Errors    none.
 */
#ifndef AUK_BISECT_H
#define AUK_BISECT_H

#include <stdbool.h>
#include <stdint.h>

#include "auk/pool.h"

#define AUK_BISECT_TERMS_MOST 65536u

typedef struct auk_bisect_graph {
    uint32_t doc_count;
    uint32_t term_count;    /* at most AUK_BISECT_TERMS_MOST */
    const uint64_t *starts; /* doc_count + 1 of them, into terms */
    const uint16_t *terms;  /* of each document, once each */
} auk_bisect_graph;

typedef struct auk_bisect_options {
    uint32_t iterations;            /* a run, at most */
    uint32_t least;                 /* documents of a run that is not cut any more */
    auk_pool *pool;                 /* may be NULL */
    bool (*stopped)(void *context); /* may be NULL; asked from any thread, every
                                       millisecond or so */
    /* Microseconds that are left of the budget, 0: it has ended. NULL: there is none. Like stopped.
     */
    uint64_t (*left_us)(void *context);
    void *context;
} auk_bisect_options;

/* order: receives the documents, doc_count of them. False: it was ended early, or cut less far down
 * than asked for. */
bool auk_bisect(const auk_bisect_graph *graph, const auk_bisect_options *options, uint32_t *order);

/* Bits that the postings would take if each run of `run_docs` documents in that order were coded by
 * how frequent its terms are in it: what an order is worth. order NULL: by number. */
double auk_bisect_cost(const auk_bisect_graph *graph, const uint32_t *order, uint32_t run_docs);

/* Levels of cutting that so many documents take. */
uint32_t auk_bisect_levels(uint32_t doc_count, uint32_t least);

#endif
