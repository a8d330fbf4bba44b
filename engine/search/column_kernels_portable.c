#include "auk/cpu.h"
#include "column_kernels.h"

static void mark_range(const int64_t *values, uint32_t count, int64_t from, int64_t to,
                       uint64_t *bits)
{
    /* A range is empty where it ends before it begins; the distance would wrap. */
    uint64_t first = (uint64_t)from, width = (uint64_t)to - first;
    for (uint32_t i = 0; i < count; i += 64, values += 64) {
        uint32_t some = count - i < 64 ? count - i : 64;
        uint64_t word = 0;
        for (uint32_t j = 0; from <= to && j < some; j++)
            word |= (uint64_t)((uint64_t)values[j] - first <= width) << j;
        bits[i / 64] = word;
    }
}

static void place(const auk_places *places, const int64_t *values, uint32_t count, uint32_t *out)
{
    uint64_t first = (uint64_t)places->first, width = (uint64_t)places->last - first;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t since = (uint64_t)values[i] - first;
        if (places->size > 1 && since <= width)
            out[i] = (uint32_t)(since / places->size);
        else
            out[i] = since <= width ? (uint32_t)since : places->outside;
    }
}

static uint32_t list_bits(const uint64_t *bits, uint32_t words, uint32_t base, uint32_t *out)
{
    uint32_t count = 0;
    for (uint32_t word = 0; word < words; word++, base += 64)
        for (uint64_t left = bits[word]; left; left &= left - 1)
            out[count++] = base + (uint32_t)__builtin_ctzll(left);
    return count;
}

static void tally(const uint32_t *counts, uint32_t count, uint32_t floor, auk_tally *out)
{
    *out = (auk_tally){0};
    for (uint32_t i = 0; i < count; i++) {
        out->sum += counts[i];
        out->above |= (uint64_t)(counts[i] > floor) << i;
        out->filled += counts[i] != 0;
    }
}

const auk_column_kernels auk_column_kernels_portable = {
    .mark_range = mark_range,
    .place = place,
    .list_bits = list_bits,
    .tally = tally,
};

const auk_column_kernels *auk_column_kernels_best(void)
{
#if defined(__x86_64__)
    if (auk_cpu_level() >= AUK_CPU_AVX2)
        return &auk_column_kernels_avx2;
#endif
    return &auk_column_kernels_portable;
}
