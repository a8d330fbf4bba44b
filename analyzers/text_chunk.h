/*
 * text_chunk.h - 64 bytes of a text at once, for what is compiled for AVX2.
 *
 * Results are a bit each byte, the first byte the lowest.
 *
 *   Lifetime  none.   Threads  any.   Memory  none.   Errors  none.
 */
#ifndef AUK_TEXT_CHUNK_H
#define AUK_TEXT_CHUNK_H

#if defined(__AVX2__)

#include <immintrin.h>

#include "text_kernels.h"

enum { AUK_TEXT_HALF = 32 };

/* 64 bytes. */
struct auk_text_chunk {
    __m256i low, high;
};

static inline struct auk_text_chunk auk_text_load(const char *bytes)
{
    return (struct auk_text_chunk){_mm256_loadu_si256((const void *)bytes),
                                   _mm256_loadu_si256((const void *)(bytes + AUK_TEXT_HALF))};
}

/* The highest bits of 64 bytes. */
static inline uint64_t auk_text_bits_of(__m256i low, __m256i high)
{
    return (uint64_t)(uint32_t)_mm256_movemask_epi8(low) |
           (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << AUK_TEXT_HALF;
}

static inline uint64_t auk_text_high_bits(struct auk_text_chunk chunk)
{
    return auk_text_bits_of(chunk.low, chunk.high);
}

static inline uint64_t auk_text_equal(struct auk_text_chunk chunk, char byte)
{
    __m256i wanted = _mm256_set1_epi8(byte);
    return auk_text_bits_of(_mm256_cmpeq_epi8(chunk.low, wanted),
                            _mm256_cmpeq_epi8(chunk.high, wanted));
}

/* Moved so that the range begins at the least signed byte. */
static inline __m256i auk_text_in_range_half(__m256i bytes, char first, int count)
{
    __m256i moved = _mm256_add_epi8(bytes, _mm256_set1_epi8((char)(-128 - first)));
    return _mm256_cmpgt_epi8(_mm256_set1_epi8((char)(-128 + count)), moved);
}

static inline uint64_t auk_text_in_range(struct auk_text_chunk chunk, char first, int count)
{
    return auk_text_bits_of(auk_text_in_range_half(chunk.low, first, count),
                            auk_text_in_range_half(chunk.high, first, count));
}

static inline uint64_t auk_text_two_byte_leads(struct auk_text_chunk chunk)
{
    return auk_text_in_range(chunk, (char)0xc0, 32);
}

static inline uint64_t auk_text_long_leads(struct auk_text_chunk chunk)
{
    return auk_text_in_range(chunk, (char)0xe0, 32);
}

/* Is the bit of a byte's lower six bits set in the row? */
static inline __m256i auk_text_in_row_half(__m256i bytes, __m256i row)
{
    const __m256i powers =
        _mm256_setr_epi8(1, 2, 4, 8, 16, 32, 64, (char)128, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 16,
                         32, 64, (char)128, 0, 0, 0, 0, 0, 0, 0, 0);
    const __m256i seven = _mm256_set1_epi8(7);
    __m256i bit = _mm256_shuffle_epi8(powers, _mm256_and_si256(bytes, seven));
    __m256i eighth = _mm256_and_si256(_mm256_srli_epi16(bytes, 3), seven);
    __m256i eight = _mm256_shuffle_epi8(row, eighth);
    return _mm256_cmpeq_epi8(_mm256_and_si256(eight, bit), bit);
}

static inline uint64_t auk_text_in_row(struct auk_text_chunk chunk, uint64_t row)
{
    __m256i eights = _mm256_set1_epi64x((long long)row);
    return auk_text_bits_of(auk_text_in_row_half(chunk.low, eights),
                            auk_text_in_row_half(chunk.high, eights));
}

/* The second bytes of characters in rows[], at most 63 of the 64; leads: where they begin. Texts
 * use few first bytes, and what they begin is mostly all or nothing. */
static inline uint64_t auk_text_seconds_in(struct auk_text_chunk chunk, const char *bytes,
                                           uint64_t leads, const uint64_t *rows)
{
    uint64_t found = 0;
    while (leads != 0) {
        char lead = bytes[_tzcnt_u64(leads)];
        uint64_t same = auk_text_equal(chunk, lead), row = rows[lead & 0x1f];
        leads &= ~same;
        if (row == UINT64_MAX)
            found |= same << 1;
        else if (row != 0)
            found |= same << 1 & auk_text_in_row(chunk, row);
    }
    return found;
}

#endif

#endif
