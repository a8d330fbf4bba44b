/*
 * Arabic, Persian, Sorani: L. Larkey and others, "Improving Stemming for Arabic Information
 * Retrieval", SIGIR 2002, for hamza, yeh, teh marbuta, tatweel and vowel marks; the letters that
 * Persian and Kurdish keyboards have instead of the Arabic ones.
 */
#include "normalize.h"
#include "unicode.h"

/* Tatweel and the marks from fathatan to sukun. */
static bool is_mark(char16_t unit)
{
    return unit == 0x640 || (unit >= 0x64b && unit <= 0x652);
}

void auk_normalize_arabic(auk_stem_word *word)
{
    size_t kept = 0;
    for (size_t i = 0; i < word->size; i++)
        if (!is_mark(word->at[i]))
            word->at[kept++] = word->at[i];
    word->size = kept;
    auk_stem_map(word, u"\u0622\u0627\u0623\u0627\u0625\u0627\u0649\u064a\u0629\u0647");
}

void auk_normalize_persian(auk_stem_word *word)
{
    size_t kept = 0;
    for (size_t i = 0; i < word->size; i++)
        if (word->at[i] != 0x654) /* hamza above */
            word->at[kept++] = word->at[i];
    word->size = kept;
    auk_stem_map(word, u"\u06cc\u064a\u06d2\u064a\u06a9\u0643\u06c0\u0647\u06c1\u0647");
}

enum { AE = 0x6d5, HEH = 0x647, JOINER = 0x200c };

/* What a letter of Sorani becomes; 0: it goes. */
static char16_t sorani(char16_t unit, bool first, bool last)
{
    switch (unit) {
    case 0x64a:
    case 0x649:
        return 0x6cc;
    case 0x643:
        return 0x6a9;
    case HEH:
        return last ? AE : HEH;
    case 0x629:
        return AE;
    case 0x6be:
        return HEH;
    case 0x631:
        return first ? 0x695 : unit;
    case 0x692:
        return 0x695;
    default:
        return is_mark(unit) || auk_unicode_category(unit) == 1u << 16 /* a format character */
                   ? 0
                   : unit;
    }
}

void auk_normalize_sorani(auk_stem_word *word)
{
    size_t kept = 0;
    for (size_t i = 0; i < word->size; i++) {
        if (word->at[i] == JOINER && kept > 0 && word->at[kept - 1] == HEH)
            word->at[kept - 1] = AE;
        char16_t unit = sorani(word->at[i], kept == 0, i + 1 == word->size);
        if (unit)
            word->at[kept++] = unit;
    }
    word->size = kept;
}
