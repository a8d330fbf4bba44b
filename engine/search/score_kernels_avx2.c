/* Compiled for AVX2 (CMakeLists.txt); empty on other machines. */
#include "score_kernels.h"

#if defined(__AVX2__)

#include <immintrin.h>

#include "bm25.h"

/* No fused multiply-add: its one rounding would make other scores than the portable code's two. */
static void score(float weight, const uint32_t *freqs, float *scores, uint32_t count)
{
    const __m256 weights = _mm256_set1_ps(weight), one = _mm256_set1_ps(1.0f);
    uint32_t i = 0;
    for (; i + 8 <= count; i += 8) {
        /* Frequencies are below 2^31 (postings.h), so the signed conversion is right. */
        __m256 freq = _mm256_cvtepi32_ps(_mm256_loadu_si256((const void *)(freqs + i)));
        __m256 share = _mm256_mul_ps(freq, _mm256_loadu_ps(scores + i));
        __m256 lost = _mm256_div_ps(weights, _mm256_add_ps(one, share));
        _mm256_storeu_ps(scores + i, _mm256_sub_ps(weights, lost));
    }
    for (; i < count; i++)
        scores[i] = auk_bm25_score(weight, (float)freqs[i], scores[i]);
}

/* Mostly nothing is kept, and often all is: eight at a time for both, else one by one. */
static uint32_t keep_above(float floor, uint32_t *docs, float *scores, uint32_t count)
{
    const __m256 floors = _mm256_set1_ps(floor);
    uint32_t kept = 0, i = 0;
    for (; i + 8 <= count; i += 8) {
        __m256 values = _mm256_loadu_ps(scores + i);
        unsigned mask = (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(values, floors, _CMP_GE_OQ));
        if (mask == 0xff) {
            __m256i eight = _mm256_loadu_si256((const void *)(docs + i));
            _mm256_storeu_si256((void *)(docs + kept), eight);
            _mm256_storeu_ps(scores + kept, values);
            kept += 8;
            continue;
        }
        for (; mask; mask &= mask - 1) {
            uint32_t at = i + (uint32_t)__builtin_ctz(mask);
            docs[kept] = docs[at];
            scores[kept++] = scores[at];
        }
    }
    for (; i < count; i++)
        if (scores[i] >= floor) {
            docs[kept] = docs[i];
            scores[kept++] = scores[i];
        }
    return kept;
}

static uint32_t count_bits(const uint64_t *a, const uint64_t *b, uint32_t words)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < words; i++)
        count += (uint64_t)_mm_popcnt_u64(b ? a[i] & b[i] : a[i]);
    return (uint32_t)count;
}

/*
 * Eight of a against each of b that can be among them, without a branch that depends on what they
 * are. A number of a that passes 2^32 with distance would wrap, so those are left out: nothing in b
 * is as great.
 */
static uint32_t count_pairs(const uint32_t *a, uint32_t a_count, const uint32_t *b,
                            uint32_t b_count, uint32_t distance)
{
    const __m256i numbers = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    const __m256i away = _mm256_set1_epi32((int)distance);
    uint32_t found = 0;
    while (a_count > 0 && a[a_count - 1] > UINT32_MAX - distance)
        a_count--;
    for (uint32_t i = 0, j = 0; i < a_count; i += 8) {
        __m256i there = _mm256_cmpgt_epi32(_mm256_set1_epi32((int)(a_count - i)), numbers);
        __m256i wanted = _mm256_add_epi32(_mm256_loadu_si256((const void *)(a + i)), away);
        __m256i equal = _mm256_setzero_si256();
        uint32_t last = a[a_count - i < 8 ? a_count - 1 : i + 7] + distance;
        for (; j < b_count && b[j] <= last; j++)
            equal =
                _mm256_or_si256(equal, _mm256_cmpeq_epi32(wanted, _mm256_set1_epi32((int)b[j])));
        if (j > 0 && b[j - 1] == last)
            j--; /* the next eight may begin with the same number */
        equal = _mm256_and_si256(equal, there);
        found += (uint32_t)_mm_popcnt_u32((unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(equal)));
    }
    return found;
}

const auk_score_kernels auk_score_kernels_avx2 = {.score = score,
                                                  .keep_above = keep_above,
                                                  .count_bits = count_bits,
                                                  .count_pairs = count_pairs};

#endif
