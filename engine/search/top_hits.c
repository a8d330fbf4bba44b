#include "top_hits.h"

#include <math.h>
#include <string.h>

#include "auk/select.h"

/* The least k for which half as many again is worth the memory. */
enum { SMALL = 16 };

int auk_top_hit_compare(const auk_top_hit *a, const auk_top_hit *b)
{
    if (a->score != b->score)
        return a->score > b->score ? -1 : 1;
    if (a->unit != b->unit)
        return a->unit < b->unit ? -1 : 1;
    return (a->doc > b->doc) - (a->doc < b->doc);
}

/* ---- codes ---- */

/* Rises with the score, also below 0; -0 is 0. */
static inline uint32_t score_bits(float score)
{
    uint32_t bits;
    score += 0.0f;
    memcpy(&bits, &score, sizeof bits);
    return bits ^ ((0u - (bits >> 31)) | UINT32_C(0x80000000));
}

float auk_top_hits_score(uint64_t code)
{
    uint32_t bits = (uint32_t)(code >> 32);
    float score;
    bits ^= bits >> 31 ? UINT32_C(0x80000000) : UINT32_MAX;
    memcpy(&score, &bits, sizeof score);
    return score;
}

/* ---- the best ---- */

void auk_top_hits_init(auk_top_hits *top, uint32_t limit, auk_arena *arena)
{
    uint32_t more = limit / 2 > SMALL ? limit / 2 : SMALL;
    *top = (auk_top_hits){.limit = limit, .capacity = limit + more};
    if (limit > 0)
        top->codes = auk_arena_alloc(arena, sizeof *top->codes * top->capacity);
}

static void select_best(auk_top_hits *top)
{
    top->least = auk_select_greatest(top->codes, top->count, top->limit);
    top->count = top->limit;
}

void auk_top_hits_offer(auk_top_hits *top, uint32_t base, const auk_doc *docs, const float *scores,
                        uint32_t count)
{
    if (top->limit == 0)
        return;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t code = (uint64_t)score_bits(scores[i]) << 32 | (uint32_t) ~(base + docs[i]);
        top->codes[top->count] = code;
        top->count += code > top->least;
        if (top->count == top->capacity)
            select_best(top);
    }
}

/* Selecting for every hit that came would cost more than a floor that lags a little. */
float auk_top_hits_least(auk_top_hits *top)
{
    if (top->limit == 0)
        return INFINITY;
    uint32_t lag = top->least ? top->limit / 4 : 0;
    if (top->count >= top->limit && (top->least == 0 || top->count > top->limit + lag))
        select_best(top);
    return top->least ? auk_top_hits_score(top->least) : 0;
}

float auk_top_hits_floor(auk_top_hits *top)
{
    float least = auk_top_hits_least(top);
    return top->least == 0 || top->any_order ? least : nextafterf(least, INFINITY);
}

void auk_top_hits_sort(auk_top_hits *top, auk_arena *arena)
{
    if (top->count > top->limit)
        select_best(top);
    if (top->count > 1) {
        uint64_t *spare = auk_arena_alloc(arena, sizeof *spare * top->count);
        auk_sort_falling(top->codes, top->count, spare);
    }
}
