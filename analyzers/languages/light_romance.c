/*
 * French, Spanish, Italian, Portuguese.
 *
 * J. Savoy, "A Stemming Procedure and Stopword List for General French Corpora", JASIS 50(10),
 * 1999; "Light Stemming Approaches for the French, Portuguese, German and Hungarian Languages", ACM
 * SAC 2006; "Report on CLEF-2001 Experiments", for Spanish and Italian: the tables are those of his
 * group's page (UniNE), in the order in which Lucene applies them.
 */
#include "light_stemmers.h"

static bool drop_last(auk_stem_word *word, char16_t unit)
{
    if (auk_stem_last(word, 1) != unit || word->size == 0)
        return false;
    word->size--;
    return true;
}

static void drop_doubled(auk_stem_word *word)
{
    if (auk_stem_last(word, 1) == auk_stem_last(word, 2) &&
        auk_stem_is_letter(auk_stem_last(word, 1)))
        word->size--;
}

static void french_spelling(auk_stem_word *word)
{
    if (word->size > 4) {
        auk_stem_map(word, u"àaáaâaôoèeéeêeùuûuîiçc");
        auk_stem_undouble(word, NULL);
    }
    if (word->size > 4 && auk_stem_ends(word, u"ie"))
        word->size -= 2;
    if (word->size > 4) {
        (void)drop_last(word, 'r');
        if (drop_last(word, 'e'))
            (void)drop_last(word, 'e');
        drop_doubled(word);
    }
}

static void french_plural(auk_stem_word *word)
{
    if (word->size > 5 && auk_stem_last(word, 1) == 'x') {
        if (auk_stem_ends(word, u"aux") && auk_stem_last(word, 4) != 'e')
            word->at[word->size - 2] = 'l';
        word->size--;
    }
    if (word->size > 3)
        (void)drop_last(word, 'x');
    if (word->size > 3)
        (void)drop_last(word, 's');
}

/* Endings up to "trice", which goes on to those below. True: the suffix is done. */
static bool french_agent(auk_stem_word *word)
{
    static const auk_stem_rule ive[] = {{3, 0, u"ive", u"if"}};
    static const auk_stem_rule first[] = {
        {9, 0, u"issement", u"ir"},
        {8, 0, u"issant", u"ir"},
    };
    static const auk_stem_rule agents[] = {
        {11, 0, u"ficatrice", u"fier"}, {10, 0, u"ficateur", u"fier"}, {9, 0, u"catrice", u"quer"},
        {8, 0, u"cateur", u"quer"},     {8, 0, u"atrice", u"er"},      {7, 0, u"ateur", u"er"},
    };
    if (AUK_STEM_APPLY(word, first))
        return true;
    if (word->size > 6 && auk_stem_ends(word, u"ement")) {
        word->size -= 4;
        (void)AUK_STEM_APPLY(word, ive);
        return true;
    }
    return AUK_STEM_APPLY(word, agents);
}

static void french_suffix(auk_stem_word *word)
{
    static const auk_stem_rule woman[] = {{6, 0, u"trice", u"teur"}};
    static const auk_stem_rule middle[] = {
        {5, 0, u"ième", NULL},        {7, 0, u"teuse", u"ter"}, {6, 0, u"teur", u"ter"},
        {5, 0, u"euse", u"eu"},       {8, 0, u"ère", u"er"},    {7, 0, u"ive", u"if"},
        {4, 3, u"folle molle", u"u"}, {9, 0, u"nnelle", u"n"},  {9, 0, u"nnel", u"n"},
    };
    static const auk_stem_rule grave[] = {{4, 0, u"ète", u"et"}};
    static const auk_stem_rule ique[] = {{8, 0, u"ique", NULL}};
    static const auk_stem_rule last[] = {
        {8, 0, u"esse", u"e"},    {7, 0, u"inage", u"in"},      {9, 0, u"isation", NULL},
        {9, 0, u"isateur", NULL}, {8, 0, u"ation ition", NULL},
    };
    (void)AUK_STEM_APPLY(word, woman);
    if (AUK_STEM_APPLY(word, middle))
        return;
    (void)AUK_STEM_APPLY(word, grave);
    (void)AUK_STEM_APPLY(word, ique);
    bool isation = word->size > 9 && auk_stem_ends(word, u"isation");
    (void)AUK_STEM_APPLY(word, last);
    if (isation && word->size > 5 && auk_stem_ends(word, u"ual"))
        word->at[word->size - 2] = 'e';
}

void auk_stem_light_french(auk_stem_word *word)
{
    french_plural(word);
    if (!french_agent(word))
        french_suffix(word);
    french_spelling(word);
}

void auk_stem_minimal_french(auk_stem_word *word)
{
    if (word->size < 6)
        return;
    if (auk_stem_last(word, 1) == 'x') {
        if (auk_stem_ends(word, u"aux"))
            word->at[word->size - 2] = 'l';
        word->size--;
        return;
    }
    (void)drop_last(word, 's');
    (void)drop_last(word, 'r');
    (void)drop_last(word, 'e');
    (void)drop_last(word, u'é');
    drop_doubled(word);
}

#define PLAIN_VOWELS u"àaáaâaäaòoóoôoöoèeéeêeëeùuúuûuüuìiíiîiïi"

void auk_stem_light_spanish(auk_stem_word *word)
{
    static const auk_stem_rule endings[] = {
        {4, 0, u"o a e", NULL},
        {4, 2, u"eses", NULL},
        {4, 0, u"ces", u"z"},
        {4, 0, u"os as es", NULL},
    };
    if (word->size < 5)
        return;
    auk_stem_map(word, PLAIN_VOWELS);
    (void)AUK_STEM_APPLY(word, endings);
}

void auk_stem_light_italian(auk_stem_word *word)
{
    static const auk_stem_rule endings[] = {{5, 0, u"ie he hi ii ia io e i a o", NULL}};
    if (word->size < 6)
        return;
    auk_stem_map(word, PLAIN_VOWELS);
    (void)AUK_STEM_APPLY(word, endings);
}

static void portuguese_plural(auk_stem_word *word)
{
    static const auk_stem_rule endings[] = {
        {4, 2, u"res ses les zes", NULL},
        {3, 0, u"ns", u"m"},
        {4, 0, u"eis éis", u"el"},
        {4, 0, u"ais", u"al"},
        {4, 0, u"óis", u"ol"},
        {4, 0, u"is", u"il"},
        {3, 0, u"ões ães", u"ão"},
        {6, 0, u"mente", NULL},
        {3, 0, u"s", NULL},
    };
    (void)AUK_STEM_APPLY(word, endings);
}

static void portuguese_feminine(auk_stem_word *word)
{
    static const auk_stem_rule endings[] = {
        {7, 1, u"inha iaca eira", u"o"}, {6, 1, u"osa ica ida ada iva ama", u"o"},
        {6, 0, u"ona", u"ão"},           {6, 0, u"ora", u"or"},
        {6, 0, u"esa", u"ês"},           {6, 0, u"na", u"no"},
    };
    (void)AUK_STEM_APPLY(word, endings);
}

void auk_stem_light_portuguese(auk_stem_word *word)
{
    static const auk_stem_rule vowel[] = {{4, 0, u"e a o", NULL}};
    if (word->size < 4)
        return;
    portuguese_plural(word);
    if (word->size > 3 && auk_stem_last(word, 1) == 'a')
        portuguese_feminine(word);
    (void)AUK_STEM_APPLY(word, vowel);
    auk_stem_map(word, PLAIN_VOWELS u"ãaõoçc");
}
