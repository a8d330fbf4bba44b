/*
 * phonetic.h - how a word sounds, as a short code: words that sound alike share it.
 *
 * Each encoder takes the UTF-16 units of a word in upper case (Caverphone: in lower case, Daitch-
 * Mokotoff: in either; Soundex and NYSIIS: letters alone) and writes its code to `code`, which is
 * emptied first. The rules are those of the publications named in each file, with the readings that
 * Lucene's encoders give them.
 *
 *   Lifetime  none.   Threads  any, on buffers of their own.   Memory  code grows.
 *   Errors    false: the encoder cannot say anything about such a word, which then stays as it is.
 */
#ifndef AUK_PHONETIC_H
#define AUK_PHONETIC_H

#include <stdbool.h>

#include "utf16.h"

typedef bool auk_phonetic_function(const auk_utf16 *word, auk_utf16 *code);

auk_phonetic_function auk_phonetic_caverphone1;
auk_phonetic_function auk_phonetic_caverphone2;
auk_phonetic_function auk_phonetic_cologne;
auk_phonetic_function auk_phonetic_metaphone;
auk_phonetic_function auk_phonetic_nysiis;
auk_phonetic_function auk_phonetic_refined_soundex;
auk_phonetic_function auk_phonetic_soundex;

enum { AUK_DOUBLE_METAPHONE_MAX = 255 };

/* Two codes of up to longest characters each; the second may be the same. */
typedef struct auk_double_code {
    char primary[AUK_DOUBLE_METAPHONE_MAX];
    char alternate[AUK_DOUBLE_METAPHONE_MAX];
    int primary_size;
    int alternate_size;
    int longest;
} auk_double_code;

void auk_phonetic_double_metaphone(const auk_utf16 *word, auk_double_code *code);

enum { AUK_DAITCH_DIGITS = 6, AUK_DAITCH_BRANCHES = 512 };

/* All readings of a word, each AUK_DAITCH_DIGITS digits; returns how many. */
int auk_phonetic_daitch_mokotoff(const auk_utf16 *word,
                                 char codes[AUK_DAITCH_BRANCHES][AUK_DAITCH_DIGITS]);

/* One unit more at the end of a code. */
static inline void auk_phonetic_add(auk_utf16 *code, uint16_t unit)
{
    if (code->size == code->capacity)
        auk_utf16_reserve(code, code->size + 1);
    code->units[code->size++] = unit;
}

/* The unit at index, 0 outside of the word. */
static inline uint16_t auk_phonetic_at(const auk_utf16 *word, int32_t index)
{
    return index >= 0 && index < word->size ? word->units[index] : 0;
}

/* Is the unit one of these ASCII characters? */
static inline bool auk_phonetic_among(uint16_t unit, const char *set)
{
    return unit < 0x80 && auk_byte_among((char)unit, set);
}

#endif
