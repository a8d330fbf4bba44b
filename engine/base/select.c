#include "auk/select.h"

#include <string.h>

/* Up to so many are sorted by insertion. */
enum { FEW = 16 };

static void insert_falling(uint64_t *values, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        uint64_t value = values[i];
        uint32_t at = i;
        for (; at > 0 && values[at - 1] < value; at--)
            values[at] = values[at - 1];
        values[at] = value;
    }
}

/* ---- selecting: Hoare's FIND, with the middle of three random ones as pivot ---- */

static uint64_t draw(uint64_t *state, const uint64_t *values, uint32_t count)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return values[((*state >> 32) * count) >> 32];
}

static uint64_t choose_pivot(uint64_t *state, const uint64_t *values, uint32_t count)
{
    uint64_t a = draw(state, values, count), b = draw(state, values, count);
    uint64_t c = draw(state, values, count);
    uint64_t low = a < b ? a : b, high = a < b ? b : a;
    return c < low ? low : c > high ? high : c;
}

/* Brings the values >= least to the front; answers how many they are. */
static uint32_t bring_forward(uint64_t *values, uint32_t count, uint64_t least)
{
    uint32_t front = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t value = values[i];
        values[i] = values[front];
        values[front] = value;
        front += value >= least;
    }
    return front;
}

uint64_t auk_select_greatest(uint64_t *values, uint32_t count, uint32_t kept)
{
    uint64_t state = count;
    while (count > FEW) {
        uint64_t pivot = choose_pivot(&state, values, count);
        uint32_t greater = pivot == UINT64_MAX ? 0 : bring_forward(values, count, pivot + 1);
        if (kept <= greater) {
            if (kept == greater)
                break;
            count = greater;
            continue;
        }
        uint32_t equal = bring_forward(values + greater, count - greater, pivot);
        if (kept <= greater + equal)
            return pivot;
        values += greater + equal;
        count -= greater + equal;
        kept -= greater + equal;
    }
    if (count <= FEW) {
        insert_falling(values, count);
        return values[kept - 1];
    }
    uint64_t least = values[0];
    for (uint32_t i = 1; i < kept; i++)
        least = values[i] < least ? values[i] : least;
    return least;
}

/* ---- sorting: merging from below ---- */

static void merge(const uint64_t *left, uint32_t left_count, const uint64_t *right,
                  uint32_t right_count, uint64_t *out)
{
    const uint64_t *left_end = left + left_count, *right_end = right + right_count;
    while (left < left_end && right < right_end) {
        uint64_t a = *left, b = *right;
        uint32_t take_left = a >= b;
        *out++ = take_left ? a : b;
        left += take_left;
        right += 1 - take_left;
    }
    memcpy(out, left, sizeof *out * (size_t)(left_end - left));
    memcpy(out + (left_end - left), right, sizeof *out * (size_t)(right_end - right));
}

void auk_sort_falling(uint64_t *values, uint32_t count, uint64_t *spare)
{
    uint64_t *from = values, *to = spare;
    for (uint32_t at = 0; at < count; at += FEW)
        insert_falling(values + at, count - at < FEW ? count - at : FEW);
    for (uint32_t run = FEW; run < count; run *= 2) {
        for (uint32_t at = 0; at < count; at += 2 * run) {
            uint32_t left = count - at < run ? count - at : run;
            uint32_t right = count - at - left < run ? count - at - left : run;
            merge(from + at, left, from + at + left, right, to + at);
        }
        uint64_t *kept = from;
        from = to;
        to = kept;
    }
    if (from != values)
        memcpy(values, from, sizeof *values * count);
}
