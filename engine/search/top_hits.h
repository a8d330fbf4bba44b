/*
 * top_hits.h - the best k by score; among equals the earlier document.
 *
 * A hit is a number: its score above, and below it the complement of its rank, the place of its
 * document among those of a task. Numbers that beat the k-th best are appended, and once there are
 * half as many again the best k are selected. That costs a few nanoseconds a hit, where a heap of a
 * thousand hits costs thirty.
 *
 * While offers come in rising order of ranks, a new hit never beats an old one of the same score;
 * who offers otherwise sets any_order.
 *
 *   Lifetime  the numbers are the arena's.   Threads  one.
 *   Memory    one and a half times k numbers at _init.   Errors  none.
 */
#ifndef AUK_TOP_HITS_H
#define AUK_TOP_HITS_H

#include <stdbool.h>
#include <stdint.h>

#include "auk/segment.h"

typedef struct auk_top_hit {
    float score;
    uint32_t unit; /* rank of the segment in the search */
    auk_doc doc;
} auk_top_hit;

typedef struct auk_top_hits {
    uint64_t *codes; /* NULL: limit is 0 */
    uint32_t count, limit, capacity;
    uint64_t least; /* the k-th best when last selected; 0: fewer were offered */
    bool any_order;
} auk_top_hits;

void auk_top_hits_init(auk_top_hits *top, uint32_t limit, auk_arena *arena);
/* Documents of one segment; base is the rank of its first one. */
void auk_top_hits_offer(auk_top_hits *top, uint32_t base, const auk_doc *docs, const float *scores,
                        uint32_t count);
/* The score of the k-th best, or a little less; 0 while there is room, INFINITY for k = 0. */
float auk_top_hits_least(auk_top_hits *top);
/* A score below this cannot become a hit any more; 0 while there is room. */
float auk_top_hits_floor(auk_top_hits *top);
/* Best first: codes, count of them. */
void auk_top_hits_sort(auk_top_hits *top, auk_arena *arena);
float auk_top_hits_score(uint64_t code);
static inline uint32_t auk_top_hits_rank(uint64_t code)
{
    return ~(uint32_t)code;
}

/* Negative: a comes before b. */
int auk_top_hit_compare(const auk_top_hit *a, const auk_top_hit *b);

#endif
