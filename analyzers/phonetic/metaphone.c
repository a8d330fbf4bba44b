/*
 * Metaphone (L. Philips, "Hanging on the Metaphone", Computer Language 7 (12), 1990), four
 * characters long. "0" stands for the th of "thin", X for the sh of "ship".
 */
#include "phonetic.h"

enum { LONGEST = 4 };

/* The word with its first letters changed: those to skip, and one to put in place of the first. */
struct word {
    auk_utf16 units;
    uint16_t first; /* 0: as it is */
};

static uint16_t at(const struct word *word, int32_t i)
{
    return i == 0 && word->first ? word->first : auk_phonetic_at(&word->units, i);
}

static bool stands_at(const struct word *word, int32_t i, const char *text)
{
    for (; *text; text++, i++)
        if (at(word, i) != (uint16_t)*text)
            return false;
    return true;
}

static bool is_vowel(const struct word *word, int32_t i)
{
    return auk_phonetic_among(at(word, i), "AEIOU");
}

static bool is_front_vowel(const struct word *word, int32_t i)
{
    return auk_phonetic_among(at(word, i), "EIY");
}

static struct word begin(const auk_utf16 *units)
{
    struct word word = {*units, 0};
    uint16_t first = units->units[0], second = units->units[1];
    bool silent = (auk_phonetic_among(first, "KGP") && second == 'N') ||
                  (first == 'A' && second == 'E') || (first == 'W' && second == 'R') ||
                  (first == 'W' && second == 'H');
    if (silent) {
        word.units.units++;
        word.units.size--;
    }
    if (first == 'W' && second == 'H')
        word.first = 'W';
    if (first == 'X')
        word.first = 'S';
    return word;
}

static char code_of_c(const struct word *word, int32_t i)
{
    bool after_s = i > 0 && at(word, i - 1) == 'S', front = is_front_vowel(word, i + 1);
    bool before_h = at(word, i + 1) == 'H';
    if (after_s && front)
        return 0;
    if (stands_at(word, i, "CIA"))
        return 'X';
    if (front)
        return 'S';
    if (!before_h || after_s)
        return 'K';
    return i == 0 && is_vowel(word, 2) ? 'K' : 'X';
}

static char code_of_g(const struct word *word, int32_t i)
{
    bool before_h = at(word, i + 1) == 'H';
    if (before_h && !is_vowel(word, i + 2))
        return 0;
    if (i > 0 && at(word, i + 1) == 'N')
        return 0;
    return is_front_vowel(word, i + 1) ? 'J' : 'K';
}

static char code_of_t(const struct word *word, int32_t i)
{
    if (stands_at(word, i, "TIA") || stands_at(word, i, "TIO"))
        return 'X';
    if (stands_at(word, i, "TCH"))
        return 0;
    return at(word, i + 1) == 'H' ? '0' : 'T';
}

static char code_of_h(const struct word *word, int32_t i)
{
    if (i > 0 && auk_phonetic_among(at(word, i - 1), "CSPTG"))
        return 0;
    return is_vowel(word, i + 1) ? 'H' : 0;
}

/* 0: silent. */
static char code_of(const struct word *word, int32_t i)
{
    uint16_t unit = at(word, i);
    switch (unit) {
    case 'A':
    case 'E':
    case 'I':
    case 'O':
    case 'U':
        return i == 0 ? (char)unit : 0;
    case 'B':
        return i > 0 && at(word, i - 1) == 'M' && i + 1 == word->units.size ? 0 : 'B';
    case 'C':
        return code_of_c(word, i);
    case 'D':
        return at(word, i + 1) == 'G' && is_front_vowel(word, i + 2) ? 'J' : 'T';
    case 'G':
        return code_of_g(word, i);
    case 'H':
        return code_of_h(word, i);
    case 'F':
    case 'J':
    case 'L':
    case 'M':
    case 'N':
    case 'R':
        return (char)unit;
    case 'K':
        return i > 0 && at(word, i - 1) == 'C' ? 0 : 'K';
    case 'P':
        return at(word, i + 1) == 'H' ? 'F' : 'P';
    case 'Q':
        return 'K';
    case 'S':
        return stands_at(word, i, "SH") || stands_at(word, i, "SIO") || stands_at(word, i, "SIA")
                   ? 'X'
                   : 'S';
    case 'T':
        return code_of_t(word, i);
    case 'V':
        return 'F';
    case 'W':
    case 'Y':
        return is_vowel(word, i + 1) ? (char)unit : 0;
    case 'X':
    case 'Z':
        return unit == 'X' ? 'K' : 'S';
    default:
        return 0;
    }
}

bool auk_phonetic_metaphone(const auk_utf16 *units, auk_utf16 *code)
{
    code->size = 0;
    if (units->size < 2) {
        for (int32_t i = 0; i < units->size; i++)
            auk_phonetic_add(code, units->units[i]);
        return code->size > 0;
    }
    struct word word = begin(units);
    for (int32_t i = 0; i < word.units.size && code->size < LONGEST; i++) {
        uint16_t unit = at(&word, i);
        if (unit != 'C' && i > 0 && at(&word, i - 1) == unit)
            continue;
        char letter = code_of(&word, i);
        if (letter)
            auk_phonetic_add(code, (uint16_t)letter);
        if (unit == 'X' && code->size < LONGEST)
            auk_phonetic_add(code, 'S');
        if (letter == 'J' && unit == 'D') /* the G is spoken with it */
            i += 2;
    }
    return code->size > 0;
}
