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

/* ---- sorting: rows of FEW by a network, then merging from below ---- */

/* Batcher's odd-even merge sort of FEW. */
static const uint8_t network[][2] = {
    {0, 1},   {2, 3},   {4, 5}, {6, 7},   {8, 9},   {10, 11}, {12, 13}, {14, 15}, {0, 2},
    {1, 3},   {4, 6},   {5, 7}, {8, 10},  {9, 11},  {12, 14}, {13, 15}, {1, 2},   {5, 6},
    {9, 10},  {13, 14}, {0, 4}, {1, 5},   {2, 6},   {3, 7},   {8, 12},  {9, 13},  {10, 14},
    {11, 15}, {2, 4},   {3, 5}, {10, 12}, {11, 13}, {1, 2},   {3, 4},   {5, 6},   {9, 10},
    {11, 12}, {13, 14}, {0, 8}, {1, 9},   {2, 10},  {3, 11},  {4, 12},  {5, 13},  {6, 14},
    {7, 15},  {4, 8},   {5, 9}, {6, 10},  {7, 11},  {2, 4},   {3, 5},   {6, 8},   {7, 9},
    {10, 12}, {11, 13}, {1, 2}, {3, 4},   {5, 6},   {7, 8},   {9, 10},  {11, 12}, {13, 14},
};

static void sort_few(uint64_t *values)
{
    for (size_t i = 0; i < sizeof network / sizeof network[0]; i++) {
        uint64_t *first = &values[network[i][0]], *second = &values[network[i][1]];
        uint64_t a = *first, b = *second;
        *first = a > b ? a : b;
        *second = a > b ? b : a;
    }
}

/*
 * From both ends at once, which are two chains of loads that do not wait for each other: as many
 * steps as the shorter row has numbers never pass the end of a row, and never meet. What is left in
 * between goes one by one. Of equal numbers the left one is in front.
 */
static void merge(const uint64_t *left, uint32_t left_count, const uint64_t *right,
                  uint32_t right_count, uint64_t *out)
{
    const uint64_t *left_end = left + left_count, *right_end = right + right_count;
    uint64_t *out_end = out + left_count + right_count;
    for (uint32_t n = left_count < right_count ? left_count : right_count; n > 0; n--) {
        uint64_t a = *left, b = *right, c = left_end[-1], d = right_end[-1];
        uint32_t from_left = a >= b, from_right = c >= d;
        *out++ = from_left ? a : b;
        *--out_end = from_right ? d : c;
        left += from_left;
        right += 1 - from_left;
        left_end -= 1 - from_right;
        right_end -= from_right;
    }
    while (left < left_end && right < right_end) {
        uint64_t a = *left, b = *right;
        uint32_t from_left = a >= b;
        *out++ = from_left ? a : b;
        left += from_left;
        right += 1 - from_left;
    }
    memcpy(out, left, sizeof *out * (size_t)(left_end - left));
    memcpy(out + (left_end - left), right, sizeof *out * (size_t)(right_end - right));
}

void auk_sort_falling(uint64_t *values, uint32_t count, uint64_t *spare)
{
    uint64_t *from = values, *to = spare;
    uint32_t at = 0;
    for (; at + FEW <= count; at += FEW)
        sort_few(values + at);
    insert_falling(values + at, count - at);
    for (uint32_t run = FEW; run < count; run *= 2) {
        for (at = 0; at < count; at += 2 * run) {
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
