/*
 * Russian, Czech, Bulgarian.
 *
 * Russian: L. Dolamic and J. Savoy, "Indexing and Searching Strategies for the Russian Language",
 * JASIST 60(12), 2009. Czech: L. Dolamic and J. Savoy, "Indexing and stemming approaches for the
 * Czech language", Information Processing & Management 45(6), 2009. Bulgarian: J. Savoy, "Searching
 * Strategies for the Bulgarian Language", Information Retrieval 10(6), 2007.
 */
#include "light_stemmers.h"

void auk_stem_light_russian(auk_stem_word *word)
{
    static const auk_stem_rule cases[] = {
        {6, 0, u"иями оями", NULL},
        {5, 0, u"иям иях оях ями оям оьв ами его ему ери ими ого ому ыми оев", NULL},
        {4, 0,
         u"ая яя ях юю ах ею их ия ию ьв ою ую ям ых ея ам ем ей ём ев ий им ое ой ом ов ые ый ым "
         u"ми",
         NULL},
        {3, 0, u"а е и о у й ы я ь", NULL},
    };
    static const auk_stem_rule spelling[] = {{3, 0, u"ь и", NULL}, {3, 1, u"нн", NULL}};
    (void)AUK_STEM_APPLY(word, cases);
    (void)AUK_STEM_APPLY(word, spelling);
}

/* What a case ending had softened: "ruce" is of "ruka". */
static void czech_spelling(auk_stem_word *word)
{
    static const auk_stem_rule soft[] = {{0, 0, u"čt", u"ck"},
                                         {0, 0, u"št", u"sk"},
                                         {0, 0, u"c č", u"k"},
                                         {0, 0, u"z ž", u"h"}};
    if (AUK_STEM_APPLY(word, soft))
        return;
    if (auk_stem_last(word, 2) == 'e')
        auk_stem_remove(word, word->size - 2);
    else if (word->size > 2 && auk_stem_last(word, 2) == u'ů')
        word->at[word->size - 2] = 'o';
}

void auk_stem_czech(auk_stem_word *word)
{
    static const auk_stem_rule cases[] = {
        {7, 0, u"atech", NULL},
        {6, 0, u"ětem etem atům", NULL},
        {5, 0,
         u"ech ich ích ého ěmi emi ému ěte ete ěti eti ího iho ími ímu imu ách ata aty ých ama ami "
         u"ové ovi ými",
         NULL},
        {4, 0, u"em es ém ím ům at ám os us ým mi ou", NULL},
        {3, 0, u"a e i o u ů y á é í ý ě", NULL},
    };
    static const auk_stem_rule possessives[] = {{5, 0, u"ov in ův", NULL}};
    (void)AUK_STEM_APPLY(word, cases);
    (void)AUK_STEM_APPLY(word, possessives);
    czech_spelling(word);
}

static void bulgarian_plural(auk_stem_word *word)
{
    static const auk_stem_rule plurals[] = {
        {6, 3, u"овци ове", NULL}, {6, 0, u"еве", u"й"}, {5, 0, u"ища та", NULL},
        {5, 0, u"ци", u"к"},       {5, 0, u"зи", u"г"},
    };
    if (AUK_STEM_APPLY(word, plurals))
        return;
    if (word->size > 5 && auk_stem_last(word, 3) == u'е' && auk_stem_last(word, 1) == u'и') {
        word->at[word->size - 3] = u'я';
        word->size--;
    } else if (word->size > 4 && auk_stem_ends(word, u"си")) {
        auk_stem_replace(word, 2, u"х");
    } else if (word->size > 4 && auk_stem_ends(word, u"и")) {
        word->size--;
    }
}

static void bulgarian_spelling(auk_stem_word *word)
{
    if (word->size > 3) {
        if (auk_stem_ends(word, u"я"))
            word->size--;
        if (auk_stem_ends_in(word, u"а о е"))
            word->size--;
    }
    if (word->size > 4 && auk_stem_ends(word, u"ен"))
        auk_stem_remove(word, word->size - 2);
    if (word->size > 5 && auk_stem_last(word, 2) == u'ъ')
        auk_stem_remove(word, word->size - 2);
}

void auk_stem_bulgarian(auk_stem_word *word)
{
    static const auk_stem_rule articles[] = {{6, 0, u"ият", NULL},
                                             {5, 0, u"ът то те та ия", NULL},
                                             {4, 0, u"ят", NULL}};
    if (word->size < 4)
        return;
    if (word->size > 5 && auk_stem_ends(word, u"ища")) {
        word->size -= 3;
        return;
    }
    (void)AUK_STEM_APPLY(word, articles);
    bulgarian_plural(word);
    bulgarian_spelling(word);
}
