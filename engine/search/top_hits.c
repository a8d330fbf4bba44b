#include "top_hits.h"

#include <math.h>
#include <stdlib.h>

int auk_top_hit_compare(const auk_top_hit *a, const auk_top_hit *b)
{
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    if (a->unit != b->unit)
        return a->unit < b->unit ? -1 : 1;
    return (a->doc > b->doc) - (a->doc < b->doc);
}

void auk_top_hits_init(auk_top_hits *top, uint32_t limit, auk_arena *arena)
{
    *top = (auk_top_hits){.hits = auk_arena_alloc(arena, sizeof *top->hits * (limit + 1)),
                          .limit = limit};
}

static bool worse(const auk_top_hit *a, const auk_top_hit *b)
{
    return auk_top_hit_compare(a, b) > 0;
}

static void sink_root(auk_top_hit *hits, uint32_t count, auk_top_hit hit)
{
    uint32_t at = 0;
    for (uint32_t child; (child = at * 2 + 1) < count; at = child) {
        if (child + 1 < count && worse(&hits[child + 1], &hits[child]))
            child++;
        if (!worse(&hits[child], &hit))
            break;
        hits[at] = hits[child];
    }
    hits[at] = hit;
}

void auk_top_hits_offer(auk_top_hits *top, auk_top_hit hit)
{
    if (top->count == top->limit) {
        if (top->limit > 0 && worse(&top->hits[0], &hit))
            sink_root(top->hits, top->count, hit);
        return;
    }
    uint32_t at = top->count++;
    for (; at > 0 && worse(&hit, &top->hits[(at - 1) / 2]); at = (at - 1) / 2)
        top->hits[at] = top->hits[(at - 1) / 2];
    top->hits[at] = hit;
}

float auk_top_hits_floor(const auk_top_hits *top)
{
    if (top->count < top->limit)
        return 0;
    if (top->limit == 0)
        return INFINITY;
    return top->any_order ? top->hits[0].score : nextafterf(top->hits[0].score, INFINITY);
}

static int compare(const void *a, const void *b)
{
    return auk_top_hit_compare(a, b);
}

void auk_top_hits_sort(auk_top_hits *top)
{
    qsort(top->hits, top->count, sizeof *top->hits, compare);
}
