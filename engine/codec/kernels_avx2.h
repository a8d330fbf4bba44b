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

/* The numbers of the set bits of a byte, low ones first, a byte each. */
static inline uint64_t bit_numbers(unsigned byte)
{
    uint64_t spread = _pdep_u64(byte, UINT64_C(0x0101010101010101)) * 0xff;
    return _pext_u64(UINT64_C(0x0706050403020100), spread);
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

#endif
#endif
