/*
 * Arabic, Persian, Sorani.
 *
 * Arabic: L. Larkey, L. Ballesteros and M. Connell, "Light Stemming for Arabic Information
 * Retrieval", 2007 (light8). Persian: L. Dolamic and J. Savoy, "Persian Language, Is Stemming
 * Efficient?", 2009, its light form. Sorani: the nominal suffixes of K. Esmaili et al., "Building a
 * Test Collection for Sorani Kurdish", 2013. Words are normalized before (normalize.h).
 */
#include "light_stemmers.h"

/* Each ending that leaves two letters goes, one after the other. */
static void cut_all(auk_stem_word *word, const char16_t *const *endings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t size = auk_stem_length(endings[i]);
        if (word->size >= size + 2 && auk_stem_ends(word, endings[i]))
            word->size -= size;
    }
}

void auk_stem_arabic(auk_stem_word *word)
{
    static const char16_t *const prefixes[] = {u"ال", u"وال", u"بال", u"كال", u"فال", u"لل", u"و"};
    static const char16_t *const endings[] = {u"ها", u"ان", u"ات", u"ون", u"ين",
                                              u"يه", u"ية", u"ه",  u"ة",  u"ي"};
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        size_t size = auk_stem_length(prefixes[i]);
        if (word->size >= size + 2 + (size == 1) && auk_stem_begins(word, prefixes[i])) {
            auk_stem_cut_front(word, size);
            break;
        }
    }
    cut_all(word, endings, sizeof endings / sizeof endings[0]);
}

void auk_stem_persian(auk_stem_word *word)
{
    static const char16_t *const endings[] = {u"ات", u"ان", u"ترين", u"تر",
                                              u"يي", u"ي",  u"ها",   u"\u200c"};
    cut_all(word, endings, sizeof endings / sizeof endings[0]);
}

void auk_stem_sorani(auk_stem_word *word)
{
    static const auk_stem_rule postpositions[] = {{5, 0, u"دا", NULL},
                                                  {4, 1, u"نا", NULL},
                                                  {6, 0, u"ەوە", NULL}};
    static const auk_stem_rule possessives[] = {{6, 0, u"مان یان تان", NULL}};
    static const auk_stem_rule articles[] = {
        {6, 0, u"ێکی", NULL},  {7, 0, u"یەکی", NULL}, {5, 0, u"ێک", NULL},
        {6, 0, u"یەک", NULL},  {6, 0, u"ەکە", NULL},  {5, 0, u"کە", NULL},
        {7, 0, u"ەکان", NULL}, {6, 0, u"کان", NULL},  {7, 0, u"یانی", NULL},
        {6, 0, u"انی", NULL},  {6, 0, u"یان", NULL},  {5, 0, u"ان", NULL},
        {7, 0, u"یانە", NULL}, {6, 0, u"انە", NULL},  {5, 2, u"ایە ەیە", NULL},
        {4, 0, u"ە ی", NULL},
    };
    (void)AUK_STEM_APPLY(word, postpositions);
    (void)AUK_STEM_APPLY(word, possessives);
    (void)AUK_STEM_APPLY(word, articles);
}
