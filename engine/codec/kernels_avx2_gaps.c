/* Gaps of positions and frequencies, and their sums, for AVX2. */
#include "kernels_avx2.h"

#if defined(__AVX2__)

/* A load of 64 bits covers 57 from any bit on: eight values of up to 7 bits, four of up to 14. */
void auk_avx2_unpack_run(const uint8_t *in, size_t bit, unsigned width, uint32_t count,
                         uint32_t *out)
{
    if (width <= 7) {
        uint64_t mask = ((UINT64_C(1) << width) - 1) * UINT64_C(0x0101010101010101);
        for (uint32_t i = 0; i < count; i += 8, bit += (size_t)8 * width) {
            uint64_t bytes = _pdep_u64(auk_load_u64(in + (bit >> 3)) >> (bit & 7), mask);
            __m128i values = _mm_cvtsi64_si128((long long)bytes);
            _mm256_storeu_si256((void *)(out + i), _mm256_cvtepu8_epi32(values));
        }
    } else if (width <= 14) {
        uint64_t mask = ((UINT64_C(1) << width) - 1) * UINT64_C(0x0001000100010001);
        for (uint32_t i = 0; i < count; i += 4, bit += (size_t)4 * width) {
            uint64_t halves = _pdep_u64(auk_load_u64(in + (bit >> 3)) >> (bit & 7), mask);
            __m128i values = _mm_cvtsi64_si128((long long)halves);
            _mm_storeu_si128((void *)(out + i), _mm_cvtepu16_epi32(values));
        }
    } else {
        auk_portable_unpack_run(in, bit, width, count, out);
    }
}

uint64_t auk_avx2_sum(const uint32_t *values, uint32_t count)
{
    __m256i even = _mm256_setzero_si256(), odd = even;
    const __m256i low = _mm256_set1_epi64x(UINT32_MAX);
    uint64_t parts[4], total = 0;
    uint32_t i = 0;
    for (; i + 8 <= count; i += 8) {
        __m256i eight = load(values + i);
        even = _mm256_add_epi64(even, _mm256_and_si256(eight, low));
        odd = _mm256_add_epi64(odd, _mm256_srli_epi64(eight, 32));
    }
    _mm256_storeu_si256((void *)parts, _mm256_add_epi64(even, odd));
    for (; i < count; i++)
        total += values[i];
    return total + parts[0] + parts[1] + parts[2] + parts[3];
}

/* Each lane plus those below it. */
static inline __m256i sum_below(__m256i values)
{
    values = _mm256_add_epi32(values, _mm256_bslli_epi128(values, 4));
    values = _mm256_add_epi32(values, _mm256_bslli_epi128(values, 8));
    __m256i low = _mm256_permutevar8x32_epi32(values, _mm256_set1_epi32(3));
    return _mm256_add_epi32(values, _mm256_blend_epi32(_mm256_setzero_si256(), low, 0xf0));
}

void auk_avx2_prefix(const uint32_t *values, uint32_t count, uint32_t *sums)
{
    const __m256i last = _mm256_set1_epi32(7);
    __m256i total = _mm256_setzero_si256();
    uint32_t i = 0;
    for (; i + 8 <= count; i += 8) {
        __m256i eight = load(values + i), below = sum_below(eight);
        _mm256_storeu_si256((void *)(sums + i),
                            _mm256_add_epi32(total, _mm256_sub_epi32(below, eight)));
        total = _mm256_add_epi32(total, _mm256_permutevar8x32_epi32(below, last));
    }
    uint32_t rest = (uint32_t)_mm256_cvtsi256_si32(total);
    for (; i < count; i++) {
        sums[i] = rest;
        rest += values[i];
    }
    sums[count] = rest;
}

/* Eight numbers from a bit on: a load covers eight of up to 7 bits, or four of up to 14. */
static inline __m256i narrow_numbers(const uint8_t *in, size_t bit, unsigned width, uint64_t mask)
{
    (void)width;
    uint64_t bytes = _pdep_u64(auk_load_u64(in + (bit >> 3)) >> (bit & 7), mask);
    return _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)bytes));
}

static inline __m256i wide_numbers(const uint8_t *in, size_t bit, unsigned width, uint64_t mask)
{
    uint64_t low = _pdep_u64(auk_load_u64(in + (bit >> 3)) >> (bit & 7), mask);
    bit += (size_t)4 * width;
    uint64_t high = _pdep_u64(auk_load_u64(in + (bit >> 3)) >> (bit & 7), mask);
    return _mm256_cvtepu16_epi32(_mm_set_epi64x((long long)high, (long long)low));
}

static inline __m256i whole_numbers(const uint8_t *in, size_t bit, unsigned width, uint64_t mask)
{
    (void)width;
    (void)mask;
    return load(in + (bit >> 3));
}

typedef __m256i read_eight(const uint8_t *in, size_t bit, unsigned width, uint64_t mask);

static inline __attribute__((always_inline)) void sum_rows_by(read_eight *read, uint64_t lanes,
                                                              const uint8_t *in, unsigned width,
                                                              uint32_t zero, const uint32_t *firsts,
                                                              const uint32_t *counts,
                                                              const uint32_t *starts,
                                                              uint32_t row_count, uint32_t *out)
{
    const __m256i last = _mm256_set1_epi32(7);
    const uint64_t mask = ((UINT64_C(1) << width) - 1) * lanes;
    for (uint32_t row = 0; row < row_count; row++) {
        size_t bit = (size_t)(firsts[row] - zero) * width;
        uint32_t *sums = out + starts[row];
        __m256i below = sum_below(read(in, bit, width, mask));
        _mm256_storeu_si256((void *)sums, below);
        for (uint32_t i = 8; i < counts[row]; i += 8) {
            __m256i total = _mm256_permutevar8x32_epi32(below, last);
            bit += (size_t)8 * width;
            below = _mm256_add_epi32(total, sum_below(read(in, bit, width, mask)));
            _mm256_storeu_si256((void *)(sums + i), below);
        }
    }
}

void auk_avx2_sum_rows(const uint8_t *in, unsigned width, uint32_t zero, const uint32_t *firsts,
                       const uint32_t *counts, const uint32_t *starts, uint32_t row_count,
                       uint32_t *out)
{
    if (width <= 7)
        sum_rows_by(narrow_numbers, UINT64_C(0x0101010101010101), in, width, zero, firsts, counts,
                    starts, row_count, out);
    else if (width <= AUK_ROW_WIDEST)
        sum_rows_by(wide_numbers, UINT64_C(0x0001000100010001), in, width, zero, firsts, counts,
                    starts, row_count, out);
    else
        sum_rows_by(whole_numbers, 1, in, width, zero, firsts, counts, starts, row_count, out);
}

#endif
