/* 256 values in 16 lanes, for AVX2: unpacked, summed up. */
#include "kernels_avx2.h"

#if defined(__AVX2__)

/* With a width that the compiler knows, shifts and words are constants of an unrolled loop. */
static inline __attribute__((always_inline)) __m256i unpack_lanes(const uint8_t *in,
                                                                  const unsigned width,
                                                                  unsigned row, unsigned half)
{
    unsigned word = row * width / 32, shift = row * width % 32;
    __m256i value = _mm256_srli_epi32(load_lanes(in, width, word, half), (int)shift);
    if (shift + width > 32)
        value = _mm256_or_si256(value, _mm256_slli_epi32(load_lanes(in, width, word + 1, half),
                                                         (int)(32 - shift)));
    if (shift + width != 32)
        value = _mm256_and_si256(value, _mm256_set1_epi32((int)((1u << width) - 1)));
    return value;
}

static inline __attribute__((always_inline)) void unpack_rows(const uint8_t *in,
                                                              const unsigned width, uint32_t *out)
{
#pragma GCC unroll 16
    for (unsigned row = 0; row < AUK_ROWS; row++)
#pragma GCC unroll 2
        for (unsigned half = 0; half < 2; half++)
            _mm256_storeu_si256((void *)(out + row * AUK_LANES + half * 8),
                                unpack_lanes(in, width, row, half));
}

#define WIDTHS(X) AUK_NARROW_WIDTHS(X) X(12) X(13) X(14) X(15) X(16)

void auk_avx2_unpack(const uint8_t *in, unsigned width, uint32_t *out)
{
    switch (width) {
    case 0:
        memset(out, 0, sizeof *out * AUK_PACKED_COUNT);
        break;
#define X(known)                                                                                   \
    case known:                                                                                    \
        unpack_rows(in, known, out);                                                               \
        break;
        WIDTHS(X)
#undef X
    default: /* rare: gaps of 2^16 and more */
        auk_kernels_portable.unpack(in, width, out);
    }
}

static inline uint32_t sum_lanes(__m256i values)
{
    __m128i four =
        _mm_add_epi32(_mm256_castsi256_si128(values), _mm256_extracti128_si256(values, 1));
    four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4e));
    four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0xb1));
    return (uint32_t)_mm_cvtsi128_si32(four);
}

/* Lane by lane what is in front of each row is kept, so that nothing depends on the index until all
 * is added up. Values of 16 bits: no sum passes 32. */
static inline __attribute__((always_inline)) uint64_t sum_rows_of(const uint8_t *in,
                                                                  const unsigned width,
                                                                  uint32_t index, uint64_t *before,
                                                                  uint32_t *value)
{
    uint32_t fronts[AUK_ROWS + 1][AUK_LANES], lanes[AUK_LANES];
    __m256i sums[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
#pragma GCC unroll 16
    for (unsigned row = 0; row < AUK_ROWS; row++)
#pragma GCC unroll 2
        for (unsigned half = 0; half < 2; half++) {
            _mm256_storeu_si256((void *)&fronts[row][half * 8], sums[half]);
            sums[half] = _mm256_add_epi32(sums[half], unpack_lanes(in, width, row, half));
        }
    const uint32_t row = index / AUK_LANES, lane = index % AUK_LANES;
    const __m256i numbers = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    __m256i front = _mm256_setzero_si256();
    for (unsigned half = 0; half < 2; half++) {
        _mm256_storeu_si256((void *)&fronts[AUK_ROWS][half * 8], sums[half]);
        __m256i above = load(&fronts[row][half * 8]);
        __m256i here = _mm256_sub_epi32(load(&fronts[row + 1][half * 8]), above);
        __m256i counts = _mm256_cmpgt_epi32(_mm256_set1_epi32((int)lane - (int)half * 8), numbers);
        _mm256_storeu_si256((void *)(lanes + half * 8), here);
        front = _mm256_add_epi32(front, _mm256_add_epi32(above, _mm256_and_si256(here, counts)));
    }
    *before = sum_lanes(front);
    *value = lanes[lane];
    return sum_lanes(_mm256_add_epi32(sums[0], sums[1]));
}

uint64_t auk_avx2_sum_packed(const uint8_t *in, unsigned width, uint32_t index, uint64_t *before,
                             uint32_t *value)
{
    switch (width) {
#define X(known)                                                                                   \
    case known:                                                                                    \
        return sum_rows_of(in, known, index, before, value);
        WIDTHS(X)
#undef X
    case 0:
        *before = *value = 0;
        return 0;
    default: /* what frequencies hardly are */
        return auk_kernels_portable.sum_packed(in, width, index, before, value);
    }
}

#endif
