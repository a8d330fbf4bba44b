/*
 * German, Swedish, Norwegian.
 *
 * Light and minimal German and light Swedish: J. Savoy, "Light Stemming Approaches for the French,
 * Portuguese, German and Hungarian Languages", ACM SAC 2006, and "Report on CLEF-2001 Experiments",
 * with the tables of his group's page (UniNE). Norwegian, and minimal Swedish, carry the same
 * method over, as Lucene's users know them.
 */
#include "light_stemmers.h"

static bool takes_s(char16_t before)
{
    return auk_stem_in(before, u"bdfghklmnt");
}

static void german_case(auk_stem_word *word)
{
    static const auk_stem_rule endings[] = {
        {5, 0, u"ern", NULL},
        {4, 0, u"em en er es", NULL},
        {3, 0, u"e", NULL},
    };
    if (!AUK_STEM_APPLY(word, endings) && word->size > 3 && auk_stem_last(word, 1) == 's' &&
        takes_s(auk_stem_last(word, 2)))
        word->size--;
}

static void german_comparison(auk_stem_word *word)
{
    static const auk_stem_rule endings[] = {{5, 0, u"est", NULL}, {4, 0, u"er en", NULL}};
    if (!AUK_STEM_APPLY(word, endings) && word->size > 4 && auk_stem_ends(word, u"st") &&
        takes_s(auk_stem_last(word, 3)))
        word->size -= 2;
}

void auk_stem_light_german(auk_stem_word *word)
{
    auk_stem_map(word, u"äaàaáaâaöoòoóoôoïiìiíiîiüuùuúuûu");
    german_case(word);
    german_comparison(word);
}

void auk_stem_minimal_german(auk_stem_word *word)
{
    static const auk_stem_rule endings[] = {
        {6, 0, u"nen", NULL},
        {5, 0, u"en se es er", NULL},
        {4, 0, u"n e s r", NULL},
    };
    if (word->size < 5)
        return;
    auk_stem_map(word, u"äaöoüu");
    (void)AUK_STEM_APPLY(word, endings);
}

/* A genitive or plural s. */
static void cut_s(auk_stem_word *word)
{
    if (word->size > 4 && auk_stem_last(word, 1) == 's')
        word->size--;
}

void auk_stem_light_swedish(auk_stem_word *word)
{
    static const auk_stem_rule endings[] = {
        {7, 0, u"elser heten", NULL}, {6, 0, u"arne erna ande else aste orna aren", NULL},
        {5, 0, u"are ast het", NULL}, {4, 0, u"ar er or en at te et", NULL},
        {3, 0, u"t a e n", NULL},
    };
    cut_s(word);
    (void)AUK_STEM_APPLY(word, endings);
}

void auk_stem_minimal_swedish(auk_stem_word *word)
{
    static const auk_stem_rule endings[] = {
        {6, 0, u"arne erna arna orna aren", NULL},
        {5, 0, u"are", NULL},
        {4, 0, u"ar at er et or en", NULL},
        {3, 0, u"a e n", NULL},
    };
    cut_s(word);
    (void)AUK_STEM_APPLY(word, endings);
}

/* Bokmål. */
void auk_stem_light_norwegian(auk_stem_word *word)
{
    static const auk_stem_rule endings[] = {
        {7, 0, u"heter heten", NULL}, {5, 0, u"dom het", NULL},
        {7, 0, u"elser elsen", NULL}, {6, 0, u"ende else este eren", NULL},
        {5, 0, u"ere est ene", NULL}, {4, 0, u"er en et st te", NULL},
        {3, 0, u"a e n", NULL},
    };
    cut_s(word);
    (void)AUK_STEM_APPLY(word, endings);
}

void auk_stem_light_nynorsk(auk_stem_word *word)
{
    static const auk_stem_rule endings[] = {
        {7, 0, u"heita", NULL},
        {8, 0, u"heiter leiken leikar", NULL},
        {5, 0, u"dom", NULL},
        {6, 0, u"heit semd leik", NULL},
        {7, 0, u"elser elsen", NULL},
        {6, 0, u"ande else aste aren", NULL},
        {5, 0, u"are ast ene ane", NULL},
        {4, 0, u"er en et ar te", NULL},
        {3, 0, u"a e n", NULL},
    };
    cut_s(word);
    (void)AUK_STEM_APPLY(word, endings);
}

void auk_stem_minimal_norwegian(auk_stem_word *word)
{
    static const auk_stem_rule endings[] = {
        {5, 0, u"ene", NULL},
        {4, 0, u"er en et", NULL},
        {3, 0, u"a e", NULL},
    };
    cut_s(word);
    (void)AUK_STEM_APPLY(word, endings);
}

void auk_stem_minimal_nynorsk(auk_stem_word *word)
{
    static const auk_stem_rule endings[] = {
        {5, 0, u"ene ane", NULL},
        {4, 0, u"er en et ar", NULL},
        {3, 0, u"a e", NULL},
    };
    cut_s(word);
    (void)AUK_STEM_APPLY(word, endings);
}
