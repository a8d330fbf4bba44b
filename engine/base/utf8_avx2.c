/*
 * Compiled for AVX2 (CMakeLists.txt); empty on other machines.
 *
 * The method is that of J. Keiser and D. Lemire, "Validating UTF-8 in less than one instruction per
 * byte" (2020): whatever is wrong shows in two neighbours, in three of their four halves. Each half
 * is looked up for the faults that it would allow; what all three allow is one. Only that a third
 * or fourth byte continues a character needs a look farther back, and exactly there two bytes that
 * continue follow each other.
 */
#include "utf8_kernels.h"

#if defined(__AVX2__)

#include <immintrin.h>
#include <string.h>

enum { STEP = 32 };

/* Faults of a byte and the one behind it; the sixth is either of two that no pair can share. */
enum {
    LEAD_ALONE = 1,         /* the second does not continue what the first begins */
    CONTINUES_ASCII = 2,    /* it continues nothing */
    THREE_TOO_LONG = 4,     /* E0 80..9F: two bytes would do */
    TOO_LARGE = 8,          /* F4 90.. and F5.. 90..: past U+10FFFF */
    SURROGATE = 16,         /* ED A0.. */
    TWO_TOO_LONG = 32,      /* C0, C1 */
    FOUR_TOO_LONG = 64,     /* F0 80..8F */
    TOO_LARGE_BY_LEAD = 64, /* F5.. 80..8F */
    BOTH_CONTINUE = 128,    /* right behind a lead of three or four */
    ANY_LOW = LEAD_ALONE | CONTINUES_ASCII | BOTH_CONTINUE /* whatever the lower half is */
};

/* By the upper half of the first byte. */
#define FIRST_HIGH                                                                                 \
    CONTINUES_ASCII, CONTINUES_ASCII, CONTINUES_ASCII, CONTINUES_ASCII, CONTINUES_ASCII,           \
        CONTINUES_ASCII, CONTINUES_ASCII, CONTINUES_ASCII, (char)BOTH_CONTINUE,                    \
        (char)BOTH_CONTINUE, (char)BOTH_CONTINUE, (char)BOTH_CONTINUE, LEAD_ALONE | TWO_TOO_LONG,  \
        LEAD_ALONE, LEAD_ALONE | THREE_TOO_LONG | SURROGATE,                                       \
        LEAD_ALONE | TOO_LARGE | TOO_LARGE_BY_LEAD | FOUR_TOO_LONG
/* By its lower half. */
#define LARGE (char)(ANY_LOW | TOO_LARGE | TOO_LARGE_BY_LEAD)
#define FIRST_LOW                                                                                  \
    (char)(ANY_LOW | THREE_TOO_LONG | TWO_TOO_LONG | FOUR_TOO_LONG),                               \
        (char)(ANY_LOW | TWO_TOO_LONG), (char)ANY_LOW, (char)ANY_LOW, (char)(ANY_LOW | TOO_LARGE), \
        LARGE, LARGE, LARGE, LARGE, LARGE, LARGE, LARGE, LARGE, (char)(LARGE | SURROGATE), LARGE,  \
        LARGE
/* By the upper half of the second. */
#define CONTINUES (CONTINUES_ASCII | TWO_TOO_LONG | BOTH_CONTINUE)
#define SECOND_HIGH                                                                                \
    LEAD_ALONE, LEAD_ALONE, LEAD_ALONE, LEAD_ALONE, LEAD_ALONE, LEAD_ALONE, LEAD_ALONE,            \
        LEAD_ALONE, (char)(CONTINUES | THREE_TOO_LONG | TOO_LARGE_BY_LEAD | FOUR_TOO_LONG),        \
        (char)(CONTINUES | THREE_TOO_LONG | TOO_LARGE), (char)(CONTINUES | SURROGATE | TOO_LARGE), \
        (char)(CONTINUES | SURROGATE | TOO_LARGE), LEAD_ALONE, LEAD_ALONE, LEAD_ALONE, LEAD_ALONE

static __m256i look_up(__m256i halves, __m256i table)
{
    return _mm256_shuffle_epi8(table, halves);
}

static __m256i upper_half(__m256i bytes)
{
    return _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(0xf));
}

/* Bytes that stand `back` places in front of those of the step. */
#define BEFORE(bytes, last, back)                                                                  \
    _mm256_alignr_epi8(bytes, _mm256_permute2x128_si256(last, bytes, 0x21), 16 - (back))

/* Not zero where something is wrong. */
static __m256i faults(__m256i bytes, __m256i last)
{
    const __m256i first_high = _mm256_setr_epi8(FIRST_HIGH, FIRST_HIGH);
    const __m256i first_low = _mm256_setr_epi8(FIRST_LOW, FIRST_LOW);
    const __m256i second_high = _mm256_setr_epi8(SECOND_HIGH, SECOND_HIGH);
    __m256i first = BEFORE(bytes, last, 1);
    __m256i pair =
        _mm256_and_si256(_mm256_and_si256(look_up(upper_half(first), first_high),
                                          look_up(_mm256_and_si256(first, _mm256_set1_epi8(0xf)),
                                                  first_low)),
                         look_up(upper_half(bytes), second_high));
    /* The highest bit: a lead of three two places, or of four three places in front. */
    __m256i third = _mm256_subs_epu8(BEFORE(bytes, last, 2), _mm256_set1_epi8(0xe0 - 0x80));
    __m256i fourth =
        _mm256_subs_epu8(BEFORE(bytes, last, 3), _mm256_set1_epi8((char)(0xf0 - 0x80)));
    __m256i continues =
        _mm256_and_si256(_mm256_or_si256(third, fourth), _mm256_set1_epi8((char)BOTH_CONTINUE));
    return _mm256_xor_si256(pair, continues);
}

bool auk_utf8_valid_avx2(auk_span text)
{
    __m256i last = _mm256_setzero_si256(), wrong = last;
    size_t at = 0;
    bool was_ascii = true;
    for (; text.size - at >= STEP; at += STEP) {
        __m256i bytes = _mm256_loadu_si256((const void *)(text.data + at));
        bool is_ascii = _mm256_movemask_epi8(bytes) == 0;
        if (!is_ascii || !was_ascii)
            wrong = _mm256_or_si256(wrong, faults(bytes, last));
        was_ascii = is_ascii;
        last = bytes;
    }
    /* What is left, and zeros: a character that the text's end cuts off shows in them. */
    char rest[STEP] = {0};
    if (text.size > at)
        memcpy(rest, text.data + at, text.size - at);
    __m256i bytes = _mm256_loadu_si256((const void *)rest);
    wrong = _mm256_or_si256(wrong, faults(bytes, last));
    return _mm256_testz_si256(wrong, wrong) != 0;
}

#endif
