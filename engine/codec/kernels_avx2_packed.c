/* 256 values in 16 lanes, for AVX2: unpacked, summed up. */
#include "kernels_avx2.h"

#if defined(__AVX2__)

enum { LANES = 16, ROWS = 16 };

/* Eight lanes of a word; the words of an odd width end in 16 bits. */
static inline __m256i load_lanes(const uint8_t *in, unsigned width, unsigned word, unsigned half)
{
    if (word < width / 2)
        return load(in + word * LANES * 4 + half * 32);
    return _mm256_cvtepu16_epi32(
        _mm_loadu_si128((const void *)(in + width / 2 * LANES * 4 + half * 16)));
}

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
    for (unsigned row = 0; row < ROWS; row++)
#pragma GCC unroll 2
        for (unsigned half = 0; half < 2; half++)
            _mm256_storeu_si256((void *)(out + row * LANES + half * 8),
                                unpack_lanes(in, width, row, half));
}

#define WIDTHS(X)                                                                                  \
    X(1)                                                                                           \
    X(2)                                                                                           \
    X(3)                                                                                           \
    X(4)                                                                                           \
    X(5)                                                                                           \
    X(6)                                                                                           \
    X(7)                                                                                           \
    X(8)                                                                                           \
    X(9)                                                                                           \
    X(10)                                                                                          \
    X(11)                                                                                          \
    X(12)                                                                                          \
    X(13)                                                                                          \
    X(14)                                                                                          \
    X(15)                                                                                          \
    X(16)

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

/* Each lane plus those above it. */
static inline __m256i sum_above(__m256i values)
{
    values = _mm256_add_epi32(values, _mm256_bsrli_epi128(values, 4));
    values = _mm256_add_epi32(values, _mm256_bsrli_epi128(values, 8));
    __m256i high = _mm256_permutevar8x32_epi32(values, _mm256_set1_epi32(4));
    return _mm256_add_epi32(values, _mm256_blend_epi32(_mm256_setzero_si256(), high, 0x0f));
}

/* Backwards from the last document, as the portable one; eight at a time. */
void auk_avx2_unpack_docs(const uint8_t *in, unsigned width, uint32_t last, uint32_t *out)
{
    auk_avx2_unpack(in, width, out);
    const __m256i one = _mm256_set1_epi32(1), first = _mm256_setzero_si256();
    __m256i top = _mm256_set1_epi32((int)last); /* the document of lane 7 */
    for (unsigned i = AUK_PACKED_COUNT; i > 0; i -= 8) {
        __m256i gaps = _mm256_add_epi32(load(out + i - 8), one);
        __m256i sums = sum_above(gaps);
        __m256i docs = _mm256_sub_epi32(top, _mm256_sub_epi32(sums, gaps));
        _mm256_storeu_si256((void *)(out + i - 8), docs);
        top = _mm256_sub_epi32(top, _mm256_permutevar8x32_epi32(sums, first));
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
    uint32_t fronts[ROWS + 1][LANES], lanes[LANES];
    __m256i sums[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
#pragma GCC unroll 16
    for (unsigned row = 0; row < ROWS; row++)
#pragma GCC unroll 2
        for (unsigned half = 0; half < 2; half++) {
            _mm256_storeu_si256((void *)&fronts[row][half * 8], sums[half]);
            sums[half] = _mm256_add_epi32(sums[half], unpack_lanes(in, width, row, half));
        }
    const uint32_t row = index / LANES, lane = index % LANES;
    const __m256i numbers = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    __m256i front = _mm256_setzero_si256();
    for (unsigned half = 0; half < 2; half++) {
        _mm256_storeu_si256((void *)&fronts[ROWS][half * 8], sums[half]);
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
