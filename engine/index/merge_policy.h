/*
 * merge_policy.h - which segments to merge next: tiers of equal size.
 *
 * A segment's size is what it would have without its deleted documents, and never counts below the
 * floor, so that small ones share one tier. While there are more segments than tiers allow, the
 * cheapest and least lopsided group of `per_tier` is merged; a segment past half of the greatest
 * size is left alone, unless a third of it is deleted.
 *
 *   Lifetime, threads, memory, errors  none: a function of its arguments.
 */
#ifndef AUK_MERGE_POLICY_H
#define AUK_MERGE_POLICY_H

#include <stdbool.h>
#include <stdint.h>

typedef struct auk_merge_candidate {
    uint64_t bytes;
    uint32_t doc_count;
    uint32_t live_count;
    bool is_merging;
} auk_merge_candidate;

typedef struct auk_merge_limits {
    uint32_t per_tier;
    uint64_t floor_bytes;
    uint64_t most_bytes;
} auk_merge_limits;

#define AUK_MERGE_GROUP_MOST 64

/* Indices of the candidates to merge, ascending; 0: nothing to do. */
uint32_t auk_merge_policy_pick(const auk_merge_candidate *candidates, uint32_t count,
                               const auk_merge_limits *limits,
                               uint32_t picked[AUK_MERGE_GROUP_MOST]);

/* How many segments there are above what tiers allow. */
uint32_t auk_merge_policy_excess(const auk_merge_candidate *candidates, uint32_t count,
                                 const auk_merge_limits *limits);

#endif
