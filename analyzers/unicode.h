/*
 * unicode.h - characters of UTF-8 text that is known to be valid; ICU's door for properties and
 * case.
 *
 *   Lifetime  none.   Threads  any.   Memory  none.
 *   Errors    none: _next gives U+FFFD and one byte for what is no character.
 */
#ifndef AUK_UNICODE_H
#define AUK_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auk/span.h"

/* How many bytes at the front are below 0x80. */
size_t auk_unicode_ascii_prefix(const char *text, size_t size);

static inline bool auk_unicode_is_ascii(auk_span text)
{
    return auk_unicode_ascii_prefix(text.data, text.size) == text.size;
}

/* The character at text, which ends at end; returns its bytes. */
static inline size_t auk_unicode_next(const char *text, const char *end, uint32_t *character)
{
    const uint8_t *at = (const uint8_t *)text;
    size_t left = (size_t)(end - text);
    if (at[0] < 0x80) {
        *character = at[0];
        return 1;
    }
    if (at[0] >= 0xc2 && at[0] < 0xe0 && left >= 2) {
        *character = ((at[0] & 0x1fu) << 6) | (at[1] & 0x3fu);
        return 2;
    }
    if (at[0] >= 0xe0 && at[0] < 0xf0 && left >= 3) {
        *character = ((at[0] & 0x0fu) << 12) | ((at[1] & 0x3fu) << 6) | (at[2] & 0x3fu);
        return 3;
    }
    if (at[0] >= 0xf0 && at[0] < 0xf5 && left >= 4) {
        *character = ((at[0] & 0x07u) << 18) | ((at[1] & 0x3fu) << 12) | ((at[2] & 0x3fu) << 6) |
                     (at[3] & 0x3fu);
        return 4;
    }
    *character = 0xfffd;
    return 1;
}

static inline bool auk_unicode_continues(char byte)
{
    return ((uint8_t)byte & 0xc0) == 0x80;
}

/* UTF-16 code units, which is how Lucene counts lengths; characters, which is how it counts grams.
 */
size_t auk_unicode_units(auk_span text);
size_t auk_unicode_count(auk_span text);

/* Bytes of the longest front with at most units UTF-16 code units. */
size_t auk_unicode_cut_units(auk_span text, size_t units);

/* Java's Character.isLetter, isWhitespace, toLowerCase, toUpperCase. */
bool auk_unicode_is_letter(uint32_t character);
bool auk_unicode_is_white_space(uint32_t character);
uint32_t auk_unicode_lower(uint32_t character);
uint32_t auk_unicode_upper(uint32_t character);

/* Is it a letter, digit, mark or connector, what UTS #18 calls a word character? */
bool auk_unicode_is_word(uint32_t character);

/* Character.isDigit; the digit's value, or -1. */
int auk_unicode_digit(uint32_t character);

/* ICU's USCRIPT_*, with Han, hiragana and katakana as one (AUK_SCRIPT_CJ); 0 and 1 are common and
 * inherited. */
enum {
    AUK_SCRIPT_INHERITED = 1,
    AUK_SCRIPT_CJ = 105,
    AUK_SCRIPT_HANGUL = 18,
    AUK_SCRIPT_THAI = 38
};
int auk_unicode_script(uint32_t character);
int auk_unicode_script_by_name(auk_span name); /* "Latn", "Latin"; -1: no script */

/* U_* of ICU's general categories as a mask of bits, as U_GC_*_MASK has them. */
uint32_t auk_unicode_category(uint32_t character);
bool auk_unicode_is_punctuation(uint32_t character);
bool auk_unicode_is_symbol(uint32_t character);

/* _lower of the characters below U+0800, made once. */
#define AUK_UNICODE_LOWER_COUNT 0x800
const uint16_t *auk_unicode_lower_table(void);

#endif
