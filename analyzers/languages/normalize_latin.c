/*
 * German: the rules of Snowball's German2 variant (M. F. Porter) for umlauts written as pairs.
 * Scandinavian: letters that Danish, Norwegian and Swedish write differently, and their ASCII
 * forms. Serbian: Cyrillic and Latin as one, without marks.
 */
#include "normalize.h"

void auk_normalize_german(auk_stem_word *word)
{
    /* An e is an umlaut's behind a or o, and behind a u that follows a consonant. */
    enum { OTHER, VOWEL, UMLAUT } state = OTHER;
    for (size_t i = 0; i < word->size; i++) {
        switch (word->at[i]) {
        case 'a':
        case 'o':
            state = UMLAUT;
            break;
        case 'u':
            state = state == OTHER ? UMLAUT : VOWEL;
            break;
        case 'e':
            if (state == UMLAUT)
                auk_stem_remove(word, i--);
            state = VOWEL;
            break;
        case 'i':
        case 'q':
        case 'y':
        case u'ä':
        case u'ö':
        case u'ü':
            state = VOWEL;
            break;
        case u'ß':
            word->at[i] = 's';
            auk_stem_insert(word, i++, 's');
            state = OTHER;
            break;
        default:
            state = OTHER;
        }
    }
    auk_stem_map(word, u"äaöoüu");
}

/* Is there one of these units behind place i? */
static bool is_followed(const auk_stem_word *word, size_t i, const char16_t *units)
{
    return i + 1 < word->size && auk_stem_in(word->at[i + 1], units);
}

void auk_normalize_scandinavian(auk_stem_word *word)
{
    for (size_t i = 0; i < word->size; i++) {
        char16_t unit = word->at[i], becomes = 0;
        bool upper = unit == 'A' || unit == 'O';
        if ((unit == 'a' || unit == 'A') && is_followed(word, i, u"aAoO"))
            becomes = upper ? u'Å' : u'å';
        else if ((unit == 'a' || unit == 'A') && is_followed(word, i, u"eE"))
            becomes = upper ? u'Æ' : u'æ';
        else if ((unit == 'o' || unit == 'O') && is_followed(word, i, u"eEoO"))
            becomes = upper ? u'Ø' : u'ø';
        if (becomes) {
            auk_stem_remove(word, i + 1);
            word->at[i] = becomes;
        }
    }
    auk_stem_map(word, u"äæÄÆöøÖØ");
}

void auk_fold_scandinavian(auk_stem_word *word)
{
    for (size_t i = 0; i < word->size; i++)
        if ((auk_stem_in(word->at[i], u"aA") && is_followed(word, i, u"aAeEoO")) ||
            (auk_stem_in(word->at[i], u"oO") && is_followed(word, i, u"eEoO")))
            auk_stem_remove(word, i + 1);
    auk_stem_map(word, u"åaäaæaÅAÄAÆAøoöoØOÖO");
}

void auk_normalize_serbian(auk_stem_word *word)
{
    static const char16_t pairs[] = u"ђdđdљlњnџd"; /* these have a second letter */
    for (size_t i = 0; i < word->size; i++) {
        char16_t unit = word->at[i];
        if (!auk_stem_in(unit, u"ђđљњџ"))
            continue;
        auk_stem_insert(word, i + 1, unit == u'џ' ? 'z' : 'j');
    }
    auk_stem_map(word, pairs);
    auk_stem_map(word, u"аaбbвvгgдdеeжzзzžzиiјjкkлlмmнnоoпpрrсsтtћcцcчcčcćcуuфfхhшsšs");
}
