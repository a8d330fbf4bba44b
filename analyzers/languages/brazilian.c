/*
 * Brazilian Portuguese: Snowball's Portuguese algorithm (M. F. Porter) without accents, in the form
 * that Lucene has had since 2003; V. M. Orengo and C. Huyck, "A Stemming Algorithm for the
 * Portuguese Language", SPIRE 2001, gave the idea.
 */
#include "light_stemmers.h"

#include "unicode.h"

/* Parts of the word's end in which an ending has to be, as Snowball defines them. */
enum region { R1, R2, RV, REGIONS };

struct rule {
    enum region region;
    char16_t behind; /* the letter in front of the ending; 0: any */
    const char16_t *endings;
    const char16_t *with;
};

struct stem {
    auk_stem_word *word;
    size_t size[REGIONS]; /* of the word as it was before the first step */
    auk_stem_word whole;  /* that word: later steps ask how it ended */
};

static bool is_vowel(char16_t unit)
{
    return auk_stem_in(unit, u"aeiou");
}

/* Behind the first consonant that follows a vowel: how much is left of the last size units. */
static size_t behind_syllable(const auk_stem_word *word, size_t size)
{
    size_t at = word->size - size;
    while (at + 1 < word->size && !is_vowel(word->at[at]))
        at++;
    while (at + 1 < word->size && is_vowel(word->at[at]))
        at++;
    return at + 1 < word->size ? word->size - at - 1 : 0;
}

static size_t verb_region(const auk_stem_word *word)
{
    size_t at = 2, last = word->size - 1;
    bool second = is_vowel(word->at[1]);
    if (!second || is_vowel(word->at[0])) {
        while (at < last && is_vowel(word->at[at]) == second)
            at++;
        if (at < last)
            return last - at;
    }
    return last > 2 ? word->size - 3 : 0;
}

static bool apply(struct stem *stem, const struct rule *rules, size_t count)
{
    for (const struct rule *rule = rules; rule < rules + count; rule++) {
        size_t size = auk_stem_ends_in(stem->word, rule->endings);
        if (size == 0 || size > stem->size[rule->region] ||
            (rule->behind && auk_stem_last(stem->word, size + 1) != rule->behind))
            continue;
        auk_stem_replace(stem->word, size, rule->with);
        return true;
    }
    return false;
}

static bool standard_suffix(struct stem *stem)
{
    static const struct rule rules[] = {
        {R2, 0, u"uciones", u"u"},
        {R2, 0, u"imentos amentos adores adoras", NULL},
        {R2, 0, u"logias", u"logias"}, /* stays, and counts as found */
        {R2, 0, u"encias", u"ente"},
        {R1, 0, u"amente", NULL},
        {R2, 0, u"idades acoes imento amento adora ismos istas", NULL},
        {R2, 0, u"logia", u"log"},
        {R2, 0, u"ucion", u"u"},
        {R2, 0, u"encia", u"ente"},
        {R2, 0, u"mente idade acao ezas icos icas ismo avel ivel ista osos osas ador ivas ivos",
         NULL},
        {RV, 'e', u"iras", u"ir"},
        {R2, 0, u"eza ico ica oso osa iva ivo", NULL},
        {RV, 'e', u"ira", u"ir"},
    };
    return apply(stem, rules, sizeof rules / sizeof rules[0]);
}

static bool verb_suffix(struct stem *stem)
{
    static const struct rule rules[] = {
        {RV, 0, u"issemos essemos assemos ariamos eriamos iriamos", NULL},
        {RV, 0,
         u"iremos eremos aremos avamos iramos eramos aramos asseis esseis isseis "
         u"arieis erieis irieis",
         NULL},
        {RV, 0,
         u"irmos iamos armos ermos areis ereis ireis asses esses isses astes assem "
         u"essem issem ardes erdes irdes ariam eriam iriam arias erias irias estes "
         u"istes aveis",
         NULL},
        {RV, 0,
         u"aria eria iria asse esse isse aste este iste arei erei irei aram eram iram "
         u"avam arem erem irem ando endo indo arao erao irao adas idas aras eras iras "
         u"avas ares eres ires ados idos amos emos imos ieis",
         NULL},
        {RV, 0, u"ira", u"ira"}, /* stays, and counts as found */
        {RV, 0, u"ada ida ara era iam ado ido ias ais eis ear", NULL},
        {RV, 0, u"ia ei am em ar er ir as es is eu iu ou", NULL}};
    return apply(stem, rules, sizeof rules / sizeof rules[0]);
}

/* Did the word's verb region end so? */
static bool ended(const struct stem *stem, const char16_t *text)
{
    return auk_stem_length(text) <= stem->size[RV] && auk_stem_ends(&stem->whole, text);
}

static void drop(auk_stem_word *word, const char16_t *ending)
{
    if (auk_stem_ends(word, ending))
        word->size -= auk_stem_length(ending);
}

static void residual_suffix(struct stem *stem)
{
    static const struct rule rules[] = {{RV, 0, u"os a i o", NULL}};
    (void)apply(stem, rules, 1);
}

static void final_e(struct stem *stem)
{
    if (!ended(stem, u"e"))
        return;
    drop(stem->word, u"e");
    if (ended(stem, u"gue"))
        drop(stem->word, u"u");
    else if (ended(stem, u"cie"))
        drop(stem->word, u"i");
}

/* One mark at the front and one at the end go. False: too short or too long for a stem. */
static bool strip(auk_stem_word *word)
{
    static const char16_t marks[] = u"\"'-,;.?!";
    size_t size = word->size;
    bool front = size >= 2 && auk_stem_in(word->at[0], marks);
    size -= front;
    if (size >= 2 && auk_stem_in(word->at[word->size - 1], marks))
        size--;
    if (size <= 2 || size >= 30)
        return false;
    if (front)
        auk_stem_cut_front(word, 1);
    word->size = size;
    return true;
}

static bool is_all_letters(const auk_stem_word *word)
{
    for (size_t i = 0; i < word->size; i++)
        if (!auk_stem_is_letter(word->at[i]))
            return false;
    return true;
}

void auk_stem_brazilian(auk_stem_word *word)
{
    if (!strip(word))
        return;
    for (size_t i = 0; i < word->size; i++)
        word->at[i] = (char16_t)auk_unicode_lower(word->at[i]);
    auk_stem_map(word, u"áaâaãaéeêeíióoôoõoúuüuçcñn");
    if (!is_all_letters(word))
        return;
    char16_t whole[32];
    for (size_t i = 0; i < word->size; i++)
        whole[i] = word->at[i];
    struct stem stem = {.word = word, .whole = {whole, word->size}};
    stem.size[R1] = behind_syllable(word, word->size);
    stem.size[R2] = stem.size[R1] ? behind_syllable(word, stem.size[R1]) : 0;
    stem.size[RV] = verb_region(word);
    if (!standard_suffix(&stem) && !verb_suffix(&stem))
        residual_suffix(&stem);
    else if (ended(&stem, u"ci"))
        drop(word, u"i");
    final_e(&stem);
}
