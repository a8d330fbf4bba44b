#include "score_kernels.h"

#include "auk/cpu.h"
#include "bm25.h"

static void score(float weight, const uint32_t *freqs, float *scores, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        scores[i] = auk_bm25_score(weight, (float)freqs[i], scores[i]);
}

static uint32_t keep_above(float floor, uint32_t *docs, float *scores, uint32_t count)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        float value = scores[i];
        docs[kept] = docs[i];
        scores[kept] = value;
        kept += value >= floor;
    }
    return kept;
}

static uint32_t within(const uint8_t limits[16], const uint32_t *freqs, const uint8_t *codes,
                       uint32_t count, uint8_t *indices)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < count; i++) {
        indices[found] = (uint8_t)i;
        found += codes[i] <= limits[freqs[i] < 15 ? freqs[i] : 15];
    }
    return found;
}

/* In plain arithmetic: without the machine's instruction the builtin is a call. */
static uint32_t count_word(uint64_t word)
{
    word -= word >> 1 & UINT64_C(0x5555555555555555);
    word = (word & UINT64_C(0x3333333333333333)) + (word >> 2 & UINT64_C(0x3333333333333333));
    word = (word + (word >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (uint32_t)(word * UINT64_C(0x0101010101010101) >> 56);
}

static uint32_t count_bits(const uint64_t *a, const uint64_t *b, uint32_t words)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < words; i++)
        count += count_word(b ? a[i] & b[i] : a[i]);
    return count;
}

uint32_t auk_portable_keep_pairs(uint32_t *x, uint32_t x_count, uint32_t x_away, const uint32_t *y,
                                 uint32_t y_count, uint32_t y_away)
{
    uint32_t kept = 0;
    for (uint32_t i = 0, j = 0; i < x_count && j < y_count;) {
        uint64_t mine = (uint64_t)x[i] + x_away, theirs = (uint64_t)y[j] + y_away;
        x[kept] = x[i];
        kept += mine == theirs;
        i += mine <= theirs;
        j += theirs < mine;
    }
    return kept;
}

static void keep_pairs(auk_position_rows *x, uint32_t x_away, const auk_position_rows *y,
                       uint32_t y_away)
{
    for (uint32_t row = 0; row < x->count; row++)
        x->counts[row] =
            auk_portable_keep_pairs(x->positions + x->starts[row], x->counts[row], x_away,
                                    y->positions + y->starts[row], y->counts[row], y_away);
}

const auk_score_kernels auk_score_kernels_portable = {.score = score,
                                                      .keep_above = keep_above,
                                                      .within = within,
                                                      .count_bits = count_bits,
                                                      .keep_pairs = keep_pairs,
                                                      .count_pairs = keep_pairs};

const auk_score_kernels *auk_score_kernels_best(void)
{
#if defined(__x86_64__)
    if (auk_cpu_level() >= AUK_CPU_AVX2)
        return &auk_score_kernels_avx2;
#endif
    return &auk_score_kernels_portable;
}
