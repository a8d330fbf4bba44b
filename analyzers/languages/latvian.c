/*
 * Latvian, after K. Kreslins, "A stemming algorithm for Latvian", 1996, in Lucene's lighter form:
 * endings of nouns and adjectives only, with a least number of vowels each, and what they had
 * softened.
 */
#include "light_stemmers.h"

struct ending {
    const char16_t *text;
    uint8_t vowels; /* the word has more of them */
    bool softens;
};

static const struct ending endings[] = {
    {u"ajiem", 3, false}, {u"ajai", 3, false}, {u"ajam", 2, false}, {u"ajām", 2, false},
    {u"ajos", 2, false},  {u"ajās", 2, false}, {u"iem", 2, true},   {u"ajā", 2, false},
    {u"ais", 2, false},   {u"ai", 2, false},   {u"ei", 2, false},   {u"ām", 1, false},
    {u"am", 1, false},    {u"ēm", 1, false},   {u"īm", 1, false},   {u"im", 1, false},
    {u"um", 1, false},    {u"us", 1, true},    {u"as", 1, false},   {u"ās", 1, false},
    {u"es", 1, false},    {u"os", 1, true},    {u"ij", 1, false},   {u"īs", 1, false},
    {u"ēs", 1, false},    {u"is", 1, false},   {u"ie", 1, false},   {u"u", 1, true},
    {u"a", 1, true},      {u"i", 1, true},     {u"e", 1, false},    {u"ā", 1, false},
    {u"ē", 1, false},     {u"ī", 1, false},    {u"ū", 1, false},    {u"o", 1, false},
    {u"s", 0, false},     {u"š", 0, false},
};

static size_t count_vowels(const auk_stem_word *word)
{
    size_t count = 0;
    for (size_t i = 0; i < word->size; i++)
        count += auk_stem_in(word->at[i], u"aeiouāīēū");
    return count;
}

/* gone: the first letter of the ending that was cut. */
static void harden(auk_stem_word *word, char16_t gone)
{
    static const auk_stem_rule behind_u[] = {{0, 0, u"kš", u"kst"}, {0, 0, u"ņņ", u"nn"}};
    static const auk_stem_rule soft[] = {
        {0, 1, u"pj bj mj vj", NULL}, {0, 0, u"šņ", u"sn"}, {0, 0, u"žņ", u"zn"},
        {0, 0, u"šļ", u"sl"},         {0, 0, u"žļ", u"zl"}, {0, 0, u"ļņ", u"ln"},
        {0, 0, u"ļļ", u"ll"},         {0, 0, u"č", u"c"},   {0, 0, u"ļ", u"l"},
        {0, 0, u"ņ", u"n"},
    };
    if (gone != 'u' || !AUK_STEM_APPLY(word, behind_u))
        (void)AUK_STEM_APPLY(word, soft);
}

void auk_stem_latvian(auk_stem_word *word)
{
    size_t vowels = count_vowels(word);
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        size_t size = auk_stem_length(endings[i].text);
        if (vowels <= endings[i].vowels || word->size < size + 3 ||
            !auk_stem_ends(word, endings[i].text))
            continue;
        word->size -= size;
        if (endings[i].softens)
            harden(word, endings[i].text[0]);
        return;
    }
}
