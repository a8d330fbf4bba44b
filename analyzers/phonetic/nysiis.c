/*
 * The code of the New York State Identification and Intelligence System (R. L. Taft, "Name search
 * techniques", 1970), cut after six letters.
 */
#include "phonetic.h"

enum { LONGEST = 6 };

static bool is_vowel(uint16_t unit)
{
    return auk_phonetic_among(unit, "AEIOU");
}

static bool stands_at(const auk_utf16 *name, int32_t at, const char *text)
{
    for (; *text; text++, at++)
        if (auk_phonetic_at(name, at) != (uint16_t)*text)
            return false;
    return true;
}

static void write_at(auk_utf16 *name, int32_t at, const char *text)
{
    while (*text)
        name->units[at++] = (uint16_t)*text++;
}

static void change_front(auk_utf16 *name)
{
    if (stands_at(name, 0, "MAC"))
        write_at(name, 0, "MCC");
    else if (stands_at(name, 0, "KN"))
        write_at(name, 0, "NN");
    else if (stands_at(name, 0, "K"))
        write_at(name, 0, "C");
    else if (stands_at(name, 0, "PH") || stands_at(name, 0, "PF"))
        write_at(name, 0, "FF");
    else if (stands_at(name, 0, "SCH"))
        write_at(name, 0, "SSS");
}

static void change_end(auk_utf16 *name)
{
    int32_t last = name->size - 2;
    if (last >= 0 && (stands_at(name, last, "EE") || stands_at(name, last, "IE"))) {
        name->units[last] = 'Y';
        name->size--;
        last--;
    }
    static const char *const hard[] = {"DT", "RT", "RD", "NT", "ND"};
    for (size_t i = 0; last >= 0 && i < sizeof hard / sizeof hard[0]; i++)
        if (stands_at(name, last, hard[i])) {
            name->units[last] = 'D';
            name->size--;
            return;
        }
}

/* Rewrites the letter at i, and those after it that belong to it. */
static void change_letter(auk_utf16 *name, int32_t i)
{
    uint16_t unit = name->units[i], before = name->units[i - 1];
    uint16_t next = auk_phonetic_at(name, i + 1);
    if (unit == 'E' && next == 'V')
        write_at(name, i, "AF");
    else if (is_vowel(unit))
        write_at(name, i, "A");
    else if (auk_phonetic_among(unit, "QZM"))
        write_at(name, i, unit == 'Q' ? "G" : unit == 'Z' ? "S" : "N");
    else if (unit == 'K')
        write_at(name, i, next == 'N' ? "NN" : "C");
    else if (stands_at(name, i, "SCH"))
        write_at(name, i, "SSS");
    else if (stands_at(name, i, "PH"))
        write_at(name, i, "FF");
    else if ((unit == 'H' && !(is_vowel(before) && is_vowel(next))) ||
             (unit == 'W' && is_vowel(before)))
        name->units[i] = before;
}

static void cut_end(auk_utf16 *code)
{
    if (code->size > 1 && code->units[code->size - 1] == 'S')
        code->size--;
    else if (code->size <= 1)
        return;
    uint16_t last = code->units[code->size - 1];
    if (code->size > 2 && last == 'Y' && code->units[code->size - 2] == 'A') {
        code->units[code->size - 2] = 'Y';
        code->size--;
    }
    if (last == 'A')
        code->size--;
}

/* The name is worked on in the code's own room, in front of which its letters come to stand. */
bool auk_phonetic_nysiis(const auk_utf16 *word, auk_utf16 *code)
{
    auk_utf16_reserve(code, word->size + 1);
    code->size = word->size;
    if (code->size == 0)
        return false;
    memcpy(code->units, word->units, (size_t)word->size * sizeof *word->units);
    change_front(code);
    change_end(code);
    int32_t kept = 1;
    uint16_t before = code->units[0];
    auk_utf16 name = *code;
    for (int32_t i = 1; i < name.size; i++) {
        name.units[i - 1] = before; /* what stood there may have been overwritten by the code */
        change_letter(&name, i);
        before = name.units[i];
        if (before != name.units[i - 1])
            code->units[kept++] = before;
    }
    code->size = kept;
    cut_end(code);
    if (code->size > LONGEST)
        code->size = LONGEST;
    return code->size > 0;
}
