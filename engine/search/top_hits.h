/*
 * top_hits.h - the best k by score; among equals the earlier document.
 *
 * A heap whose root is the worst hit kept. While offers come in rising order of (unit, document), a
 * new hit never beats an old one of the same score; who offers otherwise sets any_order.
 *
 *   Lifetime  the heap's memory is the arena's.   Threads  one.
 *   Memory    k entries at _init.   Errors  none.
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
    auk_top_hit *hits;
    uint32_t count, limit;
    bool any_order;
} auk_top_hits;

void auk_top_hits_init(auk_top_hits *top, uint32_t limit, auk_arena *arena);
void auk_top_hits_offer(auk_top_hits *top, auk_top_hit hit);
/* A score below this cannot become a hit any more; 0 while there is room. */
float auk_top_hits_floor(const auk_top_hits *top);
/* Best first. */
void auk_top_hits_sort(auk_top_hits *top);
/* Negative: a comes before b. */
int auk_top_hit_compare(const auk_top_hit *a, const auk_top_hit *b);

#endif
