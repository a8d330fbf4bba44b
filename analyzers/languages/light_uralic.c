/*
 * Finnish, Hungarian.
 *
 * The algorithms of J. Savoy's group (UniNE) for CLEF: "Report on CLEF-2003 Multilingual Tracks"
 * for Finnish, and "Light Stemming Approaches for the French, Portuguese, German and Hungarian
 * Languages", ACM SAC 2006.
 */
#include "light_stemmers.h"

static bool is_vowel(char16_t unit)
{
    return auk_stem_in(unit, u"aeiouy");
}

static void finnish_particles(auk_stem_word *word)
{
    static const auk_stem_rule derived[] = {{11, 0, u"dellinen dellisuus", NULL}};
    static const auk_stem_rule particles[] = {{8, 0, u"kin ko", NULL}};
    while (AUK_STEM_APPLY(word, particles))
        continue;
    (void)AUK_STEM_APPLY(word, derived);
}

/* Nominal cases. */
static void finnish_cases(auk_stem_word *word)
{
    static const auk_stem_rule longest[] = {
        {8, 0, u"nnen", u"s"},
        {8, 0, u"ntena", u"s"},
        {8, 0, u"tten eiden", NULL},
        {6, 0, u"neen niin seen teen inen", NULL},
    };
    static const auk_stem_rule longer[] = {
        {6, 0, u"den ksen", u"s"},
        {6, 0, u"ssa sta lla lta tta ksi lle", NULL},
        {5, 0, u"na ne nei", NULL},
        {4, 0, u"ja ta a", NULL},
    };
    if (AUK_STEM_APPLY(word, longest))
        return;
    if (word->size > 6 && auk_stem_last(word, 3) == 'h' && is_vowel(auk_stem_last(word, 2)) &&
        auk_stem_last(word, 1) == 'n') {
        word->size -= 3;
        return;
    }
    if (!AUK_STEM_APPLY(word, longer) && word->size > 4 && auk_stem_last(word, 1) == 'n')
        word->size -= is_vowel(auk_stem_last(word, 2)) ? 2 : 1;
}

static void finnish_spelling(auk_stem_word *word)
{
    static const auk_stem_rule hde[] = {{5, 0, u"hde", u"ksi"}};
    static const auk_stem_rule endings[] = {{4, 0, u"ei at", NULL}, {3, 0, u"t s j e a i", NULL}};
    static const auk_stem_rule vowels[] = {{8, 0, u"e o u", NULL}};
    (void)AUK_STEM_APPLY(word, hde);
    (void)AUK_STEM_APPLY(word, endings);
    (void)AUK_STEM_APPLY(word, vowels);
    if (word->size <= 4)
        return;
    if (auk_stem_last(word, 1) == 'i')
        word->size--;
    if (word->size > 4)
        auk_stem_undouble(word, u"kpt");
}

void auk_stem_light_finnish(auk_stem_word *word)
{
    static const auk_stem_rule endings[] = {{5, 0, u"lla tse sti", NULL},
                                            {5, 0, u"ni", NULL},
                                            {5, 1, u"aa", NULL}};
    if (word->size < 4)
        return;
    auk_stem_map(word, u"äaåaöo");
    finnish_particles(word);
    (void)AUK_STEM_APPLY(word, endings);
    finnish_cases(word);
    finnish_spelling(word);
}

/* An ending that needs a vowel, or a consonant, in front of it; cut like a rule. */
static bool cut_behind(auk_stem_word *word, size_t longer_than, bool vowel, const char16_t *endings)
{
    size_t size = word->size > longer_than ? auk_stem_ends_in(word, endings) : 0;
    if (size == 0 || is_vowel(auk_stem_last(word, size + 1)) != vowel)
        return false;
    word->size -= size;
    return true;
}

/* A doubled consonant in front of the last `count` letters. */
static bool is_doubled_before(const auk_stem_word *word, size_t count)
{
    char16_t letter = auk_stem_last(word, count + 1);
    return letter == auk_stem_last(word, count + 2) && !is_vowel(letter);
}

static void hungarian_case(auk_stem_word *word)
{
    static const auk_stem_rule longer[] = {
        {6, 0, u"kent", NULL},
        {5, 0, u"nak nek val vel ert rol ban ben bol nal nel hoz hez tol", NULL},
    };
    static const auk_stem_rule shorter[] = {{4, 0, u"at et ot va ve ra re ba be ul ig", NULL}};
    if (AUK_STEM_APPLY(word, longer))
        return;
    if (word->size > 5 && auk_stem_ends_in(word, u"al el") && is_doubled_before(word, 2)) {
        word->size -= 3;
        return;
    }
    if (AUK_STEM_APPLY(word, shorter) || cut_behind(word, 4, false, u"on en") || word->size <= 4)
        return;
    if (auk_stem_ends_in(word, u"t n"))
        word->size--;
    else if (auk_stem_ends_in(word, u"a e") && is_doubled_before(word, 1))
        word->size -= 2;
}

static void hungarian_possessive(auk_stem_word *word)
{
    static const auk_stem_rule ours[] = {{6, 0, u"itek itok", NULL}};
    static const auk_stem_rule ink[] = {{5, 0, u"ink", NULL}};
    static const auk_stem_rule mine[] = {{4, 0, u"im id ik", NULL}};
    static const auk_stem_rule i[] = {{3, 0, u"i", NULL}};
    (void)(cut_behind(word, 6, false, u"atok otok etek") || AUK_STEM_APPLY(word, ours) ||
           cut_behind(word, 5, false, u"unk tok tek") || cut_behind(word, 5, true, u"juk") ||
           AUK_STEM_APPLY(word, ink) || cut_behind(word, 4, false, u"am em om ad ed od uk") ||
           cut_behind(word, 4, true, u"nk ja je") || AUK_STEM_APPLY(word, mine) ||
           cut_behind(word, 3, false, u"a e") || cut_behind(word, 3, true, u"m d") ||
           AUK_STEM_APPLY(word, i));
}

void auk_stem_light_hungarian(auk_stem_word *word)
{
    static const auk_stem_rule plural[] = {{4, 0, u"ak ok ek", NULL}, {3, 0, u"k", NULL}};
    static const auk_stem_rule vowel[] = {{3, 0, u"a e i o", NULL}};
    auk_stem_map(word, u"áaëeéeíióoőoõoöoúuűuũuûuüu");
    hungarian_case(word);
    hungarian_possessive(word);
    (void)AUK_STEM_APPLY(word, plural);
    (void)AUK_STEM_APPLY(word, vowel);
}
