/*
 * kernels_avx2.h - kernels for AVX2 (kernels.h), shared by the files that hold them.
 *
 * Those files are compiled for AVX2, BMI, BMI2 and POPCNT (CMakeLists.txt), and are empty on other
 * machines.
 *
 *   Lifetime  static.   Threads  any.   Memory  none.   Errors  none.
 */
#ifndef AUK_KERNELS_AVX2_H
#define AUK_KERNELS_AVX2_H

#include "kernels.h"

#if defined(__AVX2__)

#include <immintrin.h>
#include <stdbool.h>
#include <string.h>

#include "bits.h"

static inline __m256i load(const void *at)
{
    return _mm256_loadu_si256(at);
}

enum { AUK_LANES = 16, AUK_ROWS = 16 };

/* Widths of packed values of which 16 add up to less than 2^16, each plus one. */
#define AUK_NARROW_WIDTHS(X) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)

/* Eight lanes of a word; the words of an odd width end in 16 bits. */
static inline __m256i load_lanes(const uint8_t *in, unsigned width, unsigned word, unsigned half)
{
    if (word < width / 2)
        return load(in + word * AUK_LANES * 4 + half * 32);
    return _mm256_cvtepu16_epi32(
        _mm_loadu_si128((const void *)(in + width / 2 * AUK_LANES * 4 + half * 16)));
}

/* By byte, the numbers of its set bits, low ones first, a byte each. */
extern const uint64_t auk_bit_numbers[256];

/* The same as eight numbers of 32 bits. */
static inline __m256i bit_lanes(unsigned byte)
{
    return _mm256_cvtepu8_epi32(_mm_loadl_epi64((const void *)&auk_bit_numbers[byte]));
}

void auk_avx2_unpack(const uint8_t *in, unsigned width, uint32_t *out);
void auk_avx2_unpack_docs(const uint8_t *in, unsigned width, uint32_t last, uint32_t *out);
uint64_t auk_avx2_sum_packed(const uint8_t *in, unsigned width, uint32_t index, uint64_t *before,
                             uint32_t *value);
void auk_avx2_unpack_run(const uint8_t *in, size_t bit, unsigned width, uint32_t count,
                         uint32_t *out);
uint64_t auk_avx2_sum(const uint32_t *values, uint32_t count);
void auk_avx2_prefix(const uint32_t *values, uint32_t count, uint32_t *sums);
void auk_avx2_sum_rows(const uint8_t *in, unsigned width, uint32_t zero, const uint32_t *firsts,
                       const uint32_t *counts, const uint32_t *starts, uint32_t row_count,
                       uint32_t *out);
void auk_avx2_unpack_line(const uint8_t *in, size_t size, size_t bit, unsigned width,
                          const auk_line *line, uint32_t count, uint64_t *out);
void auk_avx2_pick_line(const uint8_t *in, unsigned width, const auk_line *line,
                        const uint32_t *places, uint32_t base, uint32_t count, uint64_t *out);
void auk_avx2_mark_run(const uint8_t *in, size_t size, unsigned width, uint64_t least,
                       uint64_t most, uint32_t count, uint64_t *bits);
void auk_avx2_spread_bits(const uint64_t *in, const uint64_t *where, uint32_t words, uint64_t *out);

#endif
#endif
