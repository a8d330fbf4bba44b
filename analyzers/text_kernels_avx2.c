/* Compiled for AVX2, BMI2 and POPCNT (CMakeLists.txt); empty on other machines. */
#include "text_kernels.h"

#if defined(__AVX2__)

#include <string.h>

#include "text_chunk.h"

enum { HALF = AUK_TEXT_HALF, STEP = AUK_TEXT_STEP };

/* The portable one for the characters that begin in front of a place; true: all of them plain. */
static bool step_plain(const char *text, size_t size, size_t *at, size_t end)
{
    while (*at < end) {
        size_t bytes = (uint8_t)text[*at] < 0x80 ? 1 : auk_text_plain_bytes(text + *at, size - *at);
        if (bytes == 0)
            return false;
        *at += bytes;
    }
    return true;
}

static size_t plain_prefix(const char *text, size_t size)
{
    size_t at = 0;
    while (size - at >= STEP) {
        struct auk_text_chunk chunk = auk_text_load(text + at);
        if (auk_text_high_bits(chunk) == 0) {
            at += STEP;
            continue;
        }
        uint64_t leads = auk_text_two_byte_leads(chunk);
        if (auk_text_long_leads(chunk) == 0 &&
            auk_text_seconds_in(chunk, text + at, leads, auk_text_rows_table.not_plain) == 0)
            at += STEP - (leads >> (STEP - 1)); /* a character lies in one step */
        else if (!step_plain(text, size, &at, at + STEP / 2))
            return at;
    }
    if (at < size && size >= STEP) { /* the last step once more, with what is left */
        const char *last = text + size - STEP;
        struct auk_text_chunk chunk = auk_text_load(last);
        uint64_t leads = auk_text_two_byte_leads(chunk);
        if (auk_text_long_leads(chunk) == 0 &&
            auk_text_seconds_in(chunk, last, leads, auk_text_rows_table.not_plain) == 0)
            return size;
    }
    (void)step_plain(text, size, &at, size);
    return at;
}

/* Of a step; *ahead: where the next one begins, so that each character lies in one. */
static inline unsigned step_case(const char *text, size_t *ahead)
{
    const auk_text_rows *rows = &auk_text_rows_table;
    struct auk_text_chunk chunk = auk_text_load(text);
    unsigned found = auk_text_in_range(chunk, 'A', 26) != 0 ? AUK_TEXT_HAS_CAPITALS : 0;
    *ahead = STEP;
    if (auk_text_high_bits(chunk) == 0)
        return found;
    uint64_t leads = auk_text_two_byte_leads(chunk), longer = auk_text_long_leads(chunk);
    if (auk_text_seconds_in(chunk, text, leads, rows->capitals) != 0)
        found |= AUK_TEXT_HAS_CAPITALS;
    if (auk_text_seconds_in(chunk, text, leads, rows->odd) != 0)
        found |= AUK_TEXT_IS_ODD;
    for (uint64_t left = longer << 1 >> 1; left != 0; left = _blsr_u64(left)) {
        const uint8_t *lead = (const uint8_t *)text + _tzcnt_u64(left);
        found |= auk_text_is_caseless(lead[0], lead[1]) ? 0 : AUK_TEXT_IS_ODD;
    }
    *ahead = STEP - ((leads | longer) >> (STEP - 1));
    return found;
}

static unsigned letter_case(const char *text, size_t size)
{
    unsigned found = 0;
    size_t at = 0, ahead;
    if (size < STEP)
        return size == 0 ? 0 : auk_text_kernels_portable.letter_case(text, size);
    for (; size - at >= STEP; at += ahead)
        found |= step_case(text + at, &ahead);
    return found | step_case(text + size - STEP, &ahead); /* what is left, and some once more */
}

static inline __m256i lower_half(__m256i bytes)
{
    __m256i is_capital = auk_text_in_range_half(bytes, 'A', 26);
    return _mm256_or_si256(bytes, _mm256_and_si256(is_capital, _mm256_set1_epi8(0x20)));
}

/* A step; returns where the next one begins. */
static inline size_t lower_step(const char *text, char *out)
{
    const auk_text_rows *rows = &auk_text_rows_table;
    struct auk_text_chunk chunk = auk_text_load(text);
    _mm256_storeu_si256((void *)out, lower_half(chunk.low));
    _mm256_storeu_si256((void *)(out + HALF), lower_half(chunk.high));
    if (auk_text_high_bits(chunk) == 0)
        return STEP;
    uint64_t leads = auk_text_two_byte_leads(chunk);
    uint64_t capitals = auk_text_seconds_in(chunk, text, leads, rows->capitals);
    for (; capitals != 0; capitals = _blsr_u64(capitals)) {
        size_t second = _tzcnt_u64(capitals), first = second - 1;
        memcpy(out + first, rows->small[(text[first] & 0x1f) << 6 | (text[second] & 0x3f)], 2);
    }
    return STEP - (leads >> (STEP - 1));
}

static void lower(const char *text, size_t size, char *out)
{
    size_t at = 0;
    while (size - at >= STEP)
        at += lower_step(text + at, out + at);
    if (at == size)
        return;
    size_t last = size - STEP; /* once more, unless it begins inside of a character */
    if (size >= STEP && ((uint8_t)text[last] & 0xc0) != 0x80)
        (void)lower_step(text + last, out + last);
    else
        auk_text_kernels_portable.lower(text + at, size - at, out + at);
}

const auk_text_kernels auk_text_kernels_avx2 = {
    .name = "avx2",
    .plain_prefix = plain_prefix,
    .letter_case = letter_case,
    .lower = lower,
};

#endif
