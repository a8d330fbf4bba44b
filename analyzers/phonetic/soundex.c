/*
 * Codes of letters: Soundex (R. C. Russell and M. K. Odell, US patents 1261167 and 1435663), the
 * refined one with more groups, and the Cologne phonetics of H. J. Postel (IBM-Nachrichten 19,
 * 1969).
 */
#include "phonetic.h"

#include "unicode.h"

enum { SOUNDEX_SIZE = 4 };

/* A to Z; vowels are 0. */
static const char soundex_groups[] = "01230120022455012623010202";
static const char refined_groups[] = "01360240043788015936020505";

bool auk_phonetic_soundex(const auk_utf16 *word, auk_utf16 *code)
{
    char last = 0;
    code->size = 0;
    for (int32_t i = 0; i < word->size && code->size < SOUNDEX_SIZE; i++) {
        uint16_t unit = word->units[i];
        if (code->size > 0 && (unit == 'H' || unit == 'W'))
            continue;
        if (unit < 'A' || unit > 'Z')
            return false;
        char group = soundex_groups[unit - 'A'];
        if (code->size == 0)
            auk_phonetic_add(code, unit);
        else if (group != '0' && group != last)
            auk_phonetic_add(code, (uint16_t)group);
        last = group;
    }
    while (code->size > 0 && code->size < SOUNDEX_SIZE)
        auk_phonetic_add(code, '0');
    return code->size > 0;
}

bool auk_phonetic_refined_soundex(const auk_utf16 *word, auk_utf16 *code)
{
    char last = '*';
    code->size = 0;
    for (int32_t i = 0; i < word->size; i++) {
        uint16_t unit = word->units[i];
        if (!auk_unicode_is_letter(unit)) { /* a mark that came of the upper case */
            last = 0;
            continue;
        }
        if (unit < 'A' || unit > 'Z')
            return false;
        if (code->size == 0)
            auk_phonetic_add(code, unit);
        char group = refined_groups[unit - 'A'];
        if (group != last)
            auk_phonetic_add(code, (uint16_t)group);
        last = group;
    }
    return code->size > 0;
}

/* What is put: neither the same digit twice in a row nor a vowel past the beginning. */
struct digits {
    auk_utf16 *code;
    char last;
};

static void put_digit(struct digits *digits, char digit)
{
    if (digit != '-' && digit != digits->last && (digit != '0' || digits->code->size == 0))
        auk_phonetic_add(digits->code, (uint16_t)digit);
    digits->last = digit;
}

static char cologne_c(bool first, uint16_t before, uint16_t next)
{
    if (first)
        return auk_phonetic_among(next, "AHKLOQRUX") ? '4' : '8';
    bool soft = auk_phonetic_among(before, "SZ") || !auk_phonetic_among(next, "AHKOQUX");
    return soft ? '8' : '4';
}

static char cologne_digit(uint16_t unit, uint16_t next)
{
    static const char plain[] = "01?2034-004566014782033808"; /* C and X are seen to before */
    if (unit == 'P')
        return next == 'H' ? '3' : '1';
    if ((unit == 'D' || unit == 'T') && auk_phonetic_among(next, "CSZ"))
        return '8';
    return plain[unit - 'A'];
}

static uint16_t without_umlaut(uint16_t unit)
{
    return unit == 0xc4 ? 'A' : unit == 0xd6 ? 'O' : unit == 0xdc ? 'U' : unit;
}

bool auk_phonetic_cologne(const auk_utf16 *word, auk_utf16 *code)
{
    struct digits digits = {code, '/'};
    uint16_t before = '-';
    code->size = 0;
    for (int32_t i = 0; i < word->size; i++) {
        uint16_t unit = without_umlaut(word->units[i]);
        uint16_t next = without_umlaut(auk_phonetic_at(word, i + 1));
        if (unit < 'A' || unit > 'Z')
            continue;
        if (unit == 'X' && !auk_phonetic_among(before, "CKQ"))
            put_digit(&digits, '4');
        put_digit(&digits, unit == 'C'   ? cologne_c(code->size == 0, before, next)
                           : unit == 'X' ? '8'
                                         : cologne_digit(unit, next));
        before = unit;
    }
    return code->size > 0;
}
