/* Compiled for AVX2 (CMakeLists.txt); empty on other machines. */
#include "column_kernels.h"

#if defined(__AVX2__)

#include <immintrin.h>

static __m256i load(const int64_t *at)
{
    return _mm256_loadu_si256((const void *)at);
}

static __m256i all(int64_t value)
{
    return _mm256_set1_epi64x((long long)value);
}

static uint64_t mask_of(__m256i yes)
{
    return (uint64_t)_mm256_movemask_pd(_mm256_castsi256_pd(yes));
}

static void mark_range(const int64_t *values, uint32_t count, int64_t from, int64_t to,
                       uint64_t *bits)
{
    const __m256i least = all(from), most = all(to);
    uint32_t i = 0;
    for (; i + 64 <= count; i += 64) {
        uint64_t beyond = 0;
        for (unsigned j = 0; j < 64; j += 4) {
            __m256i four = load(values + i + j);
            __m256i out =
                _mm256_or_si256(_mm256_cmpgt_epi64(least, four), _mm256_cmpgt_epi64(four, most));
            beyond |= mask_of(out) << j;
        }
        bits[i / 64] = ~beyond;
    }
    if (i < count)
        auk_column_kernels_portable.mark_range(values + i, count - i, from, to, bits + i / 64);
}

/* Of four lanes of 64 bits the low halves. */
static __m128i narrow(__m256i four)
{
    const __m256i even = _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6);
    return _mm256_castsi256_si128(_mm256_permutevar8x32_epi32(four, even));
}

/* A whole number below 2^52 in the low bits of 2^52 as a double is that double's fraction. */
static __m256d to_double(__m256i numbers)
{
    const __m256i bias = _mm256_castpd_si256(_mm256_set1_pd(4503599627370496.0));
    return _mm256_sub_pd(_mm256_castsi256_pd(_mm256_or_si256(numbers, bias)),
                         _mm256_castsi256_pd(bias));
}

/* Division of whole numbers below 2^53 as doubles, cut to a whole, is exact: a quotient that is no
 * whole is farther from the next one than it is rounded. */
static void place(const auk_places *places, const int64_t *values, uint32_t count, uint32_t *out)
{
    const __m256i first = all(places->first), last = all(places->last);
    const __m128i outside = _mm_set1_epi32((int)places->outside);
    const __m256d size = _mm256_set1_pd((double)places->size);
    uint32_t i = 0;
    for (; i + 4 <= count; i += 4) {
        __m256i four = load(values + i);
        __m256i beyond =
            _mm256_or_si256(_mm256_cmpgt_epi64(first, four), _mm256_cmpgt_epi64(four, last));
        __m256i since = _mm256_sub_epi64(four, first);
        __m128i found = places->size == 1
                            ? narrow(since)
                            : _mm256_cvttpd_epi32(_mm256_div_pd(to_double(since), size));
        _mm_storeu_si128((void *)(out + i), _mm_blendv_epi8(found, outside, narrow(beyond)));
    }
    if (i < count)
        auk_column_kernels_portable.place(places, values + i, count - i, out + i);
}

static uint32_t list_bits(const uint64_t *bits, uint32_t words, uint32_t base, uint32_t *out)
{
    enum { DENSE = 16 }; /* in a word; fewer are listed one by one */
    const uint32_t *begin = out;
    for (uint32_t i = 0; i < words; i++, base += 64) {
        uint64_t word = bits[i];
        if (_mm_popcnt_u64(word) < DENSE) {
            for (; word; word &= word - 1)
                *out++ = base + (uint32_t)__builtin_ctzll(word);
            continue;
        }
        for (uint32_t first = base; word != 0; word >>= 8, first += 8) {
            unsigned byte = word & 0xff;
            uint64_t spread = _pdep_u64(byte, UINT64_C(0x0101010101010101)) * 0xff;
            uint64_t numbers = _pext_u64(UINT64_C(0x0706050403020100), spread);
            __m256i eight = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)numbers));
            eight = _mm256_add_epi32(eight, _mm256_set1_epi32((int)first));
            _mm256_storeu_si256((void *)out, eight);
            out += _mm_popcnt_u32(byte);
        }
    }
    return (uint32_t)(out - begin);
}

static void tally(const uint32_t *counts, uint32_t count, uint32_t floor, auk_tally *out)
{
    const __m256i more = _mm256_set1_epi32((int)(floor + 1)), none = _mm256_setzero_si256();
    const __m256i low = _mm256_set1_epi64x(UINT32_MAX);
    __m256i sums = none;
    uint64_t parts[4], above = 0;
    uint32_t i = 0, empty = 0;
    for (; i + 8 <= count; i += 8) {
        __m256i eight = _mm256_loadu_si256((const void *)(counts + i));
        __m256i greater = _mm256_cmpeq_epi32(_mm256_max_epu32(eight, more), eight);
        __m256i zero = _mm256_cmpeq_epi32(eight, none);
        uint32_t mask = (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(greater));
        above |= (uint64_t)mask << i;
        mask = (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(zero));
        empty += (uint32_t)_mm_popcnt_u32(mask);
        sums = _mm256_add_epi64(sums, _mm256_and_si256(eight, low));
        sums = _mm256_add_epi64(sums, _mm256_srli_epi64(eight, 32));
    }
    _mm256_storeu_si256((void *)parts, sums);
    *out = (auk_tally){parts[0] + parts[1] + parts[2] + parts[3], above, i - empty};
    for (; i < count; i++) {
        out->sum += counts[i];
        out->above |= (uint64_t)(counts[i] > floor) << i;
        out->filled += counts[i] != 0;
    }
}

const auk_column_kernels auk_column_kernels_avx2 = {
    .mark_range = mark_range,
    .place = place,
    .list_bits = list_bits,
    .tally = tally,
};

#endif
