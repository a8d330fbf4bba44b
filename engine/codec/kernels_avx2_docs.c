/*
 * Documents from packed gaps, for AVX2.
 *
 * The sums are the cost, not the unpacking. Where sixteen gaps add up to less than 2^16, two rows
 * share the lanes: the upper row's gaps in the high halves, so that one addition serves both.
 */
#include "kernels_avx2.h"

#if defined(__AVX2__)

/* The value of a row with its lowest bit at bit `at` (0 or 16) of each lane; other bits around it
 * are left. With a width that the compiler knows, all is constant but the loads. */
static inline __attribute__((always_inline)) __m256i place_lanes(const uint8_t *in,
                                                                 const unsigned width, unsigned row,
                                                                 unsigned half, unsigned at)
{
    unsigned word = row * width / 32, shift = row * width % 32;
    __m256i value = load_lanes(in, width, word, half);
    if (shift > at)
        value = _mm256_srli_epi32(value, (int)(shift - at));
    if (shift < at)
        value = _mm256_slli_epi32(value, (int)(at - shift));
    if (shift + width > 32)
        value = _mm256_or_si256(value, _mm256_slli_epi32(load_lanes(in, width, word + 1, half),
                                                         (int)(32 - shift + at)));
    return value;
}

/* Gaps of row and row + 1 in the halves of eight lanes. */
static inline __attribute__((always_inline)) __m256i pair_lanes(const uint8_t *in,
                                                                const unsigned width, unsigned row,
                                                                unsigned half)
{
    const __m256i one = _mm256_set1_epi32(0x00010001);
    const int mask = (int)((1u << width) - 1);
    const unsigned shift = row * width % 32;
    if (shift >= 16 && shift + width * 2 <= 32) { /* in the upper half of one word */
        __m256i both = place_lanes(in, width, row, half, 0);
        both = _mm256_or_si256(both, _mm256_slli_epi32(both, (int)(16 - width)));
        return _mm256_add_epi32(_mm256_and_si256(both, _mm256_set1_epi32(mask | mask << 16)), one);
    }
    __m256i low = place_lanes(in, width, row, half, 0);
    __m256i high = place_lanes(in, width, row + 1, half, 16);
    low = _mm256_and_si256(low, _mm256_set1_epi32(mask));
    high = _mm256_and_si256(high, _mm256_set1_epi32(mask << 16));
    return _mm256_add_epi32(_mm256_or_si256(low, high), one);
}

/* Each lane plus those above it, in each half of the vector for itself. */
static inline __m256i sum_above_in_halves(__m256i values)
{
    values = _mm256_add_epi32(values, _mm256_bsrli_epi128(values, 4));
    return _mm256_add_epi32(values, _mm256_bsrli_epi128(values, 8));
}

/* Sums of 16 lanes from each to the last, as two vectors; *total gets all of them in each lane. */
static inline __attribute__((always_inline)) void sum_above(const __m256i gaps[2], __m256i sums[2],
                                                            __m256i *total)
{
    const __m256i zero = _mm256_setzero_si256();
    sums[0] = sum_above_in_halves(gaps[0]);
    sums[1] = sum_above_in_halves(gaps[1]);
    /* What four lanes add up to, and the same with the halves changed over. */
    __m256i fours[2] = {_mm256_shuffle_epi32(sums[0], 0), _mm256_shuffle_epi32(sums[1], 0)};
    __m256i crossed[2] = {_mm256_permute2x128_si256(fours[0], fours[0], 1),
                          _mm256_permute2x128_si256(fours[1], fours[1], 1)};
    __m256i upper = _mm256_add_epi32(fours[1], crossed[1]);
    sums[1] = _mm256_add_epi32(sums[1], _mm256_blend_epi32(zero, crossed[1], 0x0f));
    sums[0] = _mm256_add_epi32(sums[0],
                               _mm256_add_epi32(upper, _mm256_blend_epi32(zero, crossed[0], 0x0f)));
    *total = _mm256_broadcastd_epi32(_mm256_castsi256_si128(sums[0]));
}

/* A row's documents from the last one's, the sums and the gaps of its lanes. */
static inline void store_row(uint32_t *out, __m256i last, __m256i low, __m256i high)
{
    _mm256_storeu_si256((void *)out, _mm256_sub_epi32(last, low));
    _mm256_storeu_si256((void *)(out + 8), _mm256_sub_epi32(last, high));
}

/* Backwards from the last document, as the portable one. */
static inline __attribute__((always_inline)) void unpack_pairs(const uint8_t *in,
                                                               const unsigned width, uint32_t last,
                                                               uint32_t *out)
{
    const __m256i low = _mm256_set1_epi32(0xffff);
    __m256i top = _mm256_set1_epi32((int)last);
#pragma GCC unroll 8
    for (unsigned pair = AUK_ROWS / 2; pair > 0; pair--) {
        const unsigned row = pair * 2 - 2;
        __m256i gaps[2], sums[2], total;
        gaps[0] = pair_lanes(in, width, row, 0);
        gaps[1] = pair_lanes(in, width, row, 1);
        sum_above(gaps, sums, &total);
        sums[0] = _mm256_sub_epi32(sums[0], gaps[0]);
        sums[1] = _mm256_sub_epi32(sums[1], gaps[1]);
        store_row(out + (row + 1) * AUK_LANES, top, _mm256_srli_epi32(sums[0], 16),
                  _mm256_srli_epi32(sums[1], 16));
        top = _mm256_sub_epi32(top, _mm256_srli_epi32(total, 16));
        store_row(out + row * AUK_LANES, top, _mm256_and_si256(sums[0], low),
                  _mm256_and_si256(sums[1], low));
        top = _mm256_sub_epi32(top, _mm256_and_si256(total, low));
    }
}

/* Gaps whose sums need all of a lane. */
static void unpack_rows(const uint8_t *in, unsigned width, uint32_t last, uint32_t *out)
{
    const __m256i one = _mm256_set1_epi32(1);
    __m256i top = _mm256_set1_epi32((int)last);
    auk_avx2_unpack(in, width, out);
    for (unsigned row = AUK_ROWS; row > 0; row--) {
        uint32_t *at = out + (row - 1) * AUK_LANES;
        __m256i gaps[2] = {_mm256_add_epi32(load(at), one), _mm256_add_epi32(load(at + 8), one)};
        __m256i sums[2], total;
        sum_above(gaps, sums, &total);
        store_row(at, top, _mm256_sub_epi32(sums[0], gaps[0]), _mm256_sub_epi32(sums[1], gaps[1]));
        top = _mm256_sub_epi32(top, total);
    }
}

void auk_avx2_unpack_docs(const uint8_t *in, unsigned width, uint32_t last, uint32_t *out)
{
    switch (width) {
#define X(known)                                                                                   \
    case known:                                                                                    \
        unpack_pairs(in, known, last, out);                                                        \
        break;
        AUK_NARROW_WIDTHS(X)
#undef X
    default:
        unpack_rows(in, width, last, out);
    }
}

#endif
