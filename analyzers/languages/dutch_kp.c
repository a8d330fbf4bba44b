/*
 * Dutch: W. Kraaij and R. Pohlmann, "Porter's stemming algorithm for Dutch", Informatiewetenschap
 * 1994, in the form that M. Porter gave it for the Snowball project. Endings go in steps, most of
 * them only in the region R1 (behind the first consonant after a vowel); the "ge" of a participle
 * goes wherever it stands.
 */
#include "light_stemmers.h"

struct dutch {
    auk_stem_word *word;
    size_t r1, r2; /* where the regions begin */
    bool stemmed;
};

static bool is_vowel(char16_t unit)
{
    return auk_stem_in(unit, u"aeiouy");
}

/* The word up to `end`, for what looks at its last letters. */
static auk_stem_word front(const struct dutch *dutch, size_t end)
{
    return (auk_stem_word){dutch->word->at, end};
}

static bool ends_at(const struct dutch *dutch, size_t end, const char16_t *text)
{
    auk_stem_word part = front(dutch, end);
    return auk_stem_ends(&part, text);
}

static bool vowel_before(const struct dutch *dutch, size_t end)
{
    return (end > 0 && is_vowel(dutch->word->at[end - 1])) || ends_at(dutch, end, u"ij");
}

static bool consonant_before(const struct dutch *dutch, size_t end)
{
    return end > 0 && !vowel_before(dutch, end);
}

/* In R1, behind a consonant. */
static bool is_free(const struct dutch *dutch, size_t end)
{
    return dutch->r1 <= end && consonant_before(dutch, end);
}

/* A single e in front of the last letter may be long: not where it is the end of another vowel. */
static bool is_long_e(const struct dutch *dutch, size_t end)
{
    const char16_t *at = dutch->word->at;
    if (end > 0 && is_vowel(at[end - 1]))
        return false;
    end -= end > 0;
    if (end > 0 && auk_stem_in(at[end - 1], u"aiou"))
        return false;
    return !(end > 2 && auk_stem_in(at[end - 2], u"aiou") && !is_vowel(at[end - 3]));
}

/* "manen" is "maan": the vowel of an open syllable is written twice in a closed one. */
static void lengthen(struct dutch *dutch)
{
    auk_stem_word *word = dutch->word;
    if (word->size < 2 || auk_stem_in(auk_stem_last(word, 1), u"aeiouywx"))
        return;
    size_t place = word->size - 2;
    char16_t vowel = word->at[place];
    bool open = place == 0 || !is_vowel(word->at[place - 1]);
    if ((auk_stem_in(vowel, u"aou") && open) || (vowel == 'e' && is_long_e(dutch, place)))
        auk_stem_insert(word, place, vowel);
}

static bool cut_to(struct dutch *dutch, size_t end, const char16_t *with)
{
    auk_stem_replace(dutch->word, dutch->word->size - end, with);
    return true;
}

static bool cut_and_lengthen(struct dutch *dutch, size_t end, const char16_t *with)
{
    cut_to(dutch, end, with);
    lengthen(dutch);
    return true;
}

static bool cut_es(struct dutch *dutch, size_t end)
{
    if (ends_at(dutch, end, u"ar") && is_free(dutch, end - 2))
        return cut_and_lengthen(dutch, end - 2, NULL);
    if (ends_at(dutch, end, u"er") && is_free(dutch, end - 2))
        return cut_to(dutch, end - 2, NULL);
    return is_free(dutch, end) && cut_to(dutch, end, u"e");
}

static bool cut_en(struct dutch *dutch, size_t end)
{
    if (ends_at(dutch, end, u"hed") && dutch->r1 <= end - 3)
        return cut_to(dutch, end - 3, u"heid");
    if (ends_at(dutch, end, u"nd"))
        return cut_to(dutch, end, NULL);
    if (ends_at(dutch, end, u"d") && is_free(dutch, end - 1))
        return cut_to(dutch, end - 1, NULL);
    if (end > 0 && auk_stem_in(dutch->word->at[end - 1], u"ij") && vowel_before(dutch, end - 1))
        return cut_to(dutch, end, NULL);
    return is_free(dutch, end) && cut_and_lengthen(dutch, end, NULL);
}

static bool step_1(struct dutch *dutch)
{
    size_t ending = auk_stem_ends_in(dutch->word, u"ies aus nde 's es en s");
    size_t end = dutch->word->size - ending;
    bool in_r1 = dutch->r1 <= end;
    switch (ending) {
    case 3:
        if (ends_at(dutch, dutch->word->size, u"nde"))
            return cut_to(dutch, end, u"nd");
        if (ends_at(dutch, dutch->word->size, u"ies"))
            return in_r1 && cut_to(dutch, end, u"ie");
        return in_r1 && vowel_before(dutch, end) && cut_to(dutch, end, u"au");
    case 2:
        if (ends_at(dutch, dutch->word->size, u"'s"))
            return cut_to(dutch, end, NULL);
        return ends_at(dutch, dutch->word->size, u"es") ? cut_es(dutch, end) : cut_en(dutch, end);
    case 1:
        if (ends_at(dutch, end, u"t") && dutch->r1 <= end - 1)
            return false;
        return is_free(dutch, end) && cut_to(dutch, end, NULL);
    default:
        return false;
    }
}

static bool cut_je(struct dutch *dutch, size_t end)
{
    if (ends_at(dutch, end, u"'t"))
        return cut_to(dutch, end - 2, NULL);
    if (ends_at(dutch, end, u"et") && is_free(dutch, end - 2))
        return cut_to(dutch, end - 2, NULL);
    if (ends_at(dutch, end, u"rnt"))
        return cut_to(dutch, end - 3, u"rn");
    if (ends_at(dutch, end, u"t") && dutch->r1 <= end - 1 && end > 1 &&
        vowel_before(dutch, end - 2))
        return cut_to(dutch, end - 1, NULL);
    if (ends_at(dutch, end, u"ink"))
        return cut_to(dutch, end - 3, u"ing");
    if (ends_at(dutch, end, u"mp"))
        return cut_to(dutch, end - 2, u"m");
    if (ends_at(dutch, end, u"'") && dutch->r1 <= end - 1)
        return cut_to(dutch, end - 1, NULL);
    return is_free(dutch, end) && cut_to(dutch, end, NULL);
}

/* What an ending needs before it, and whether the vowel is lengthened afterwards. */
enum need { NOTHING, R1, R1_CONSONANT, R1_VOWEL, R2 };

struct ending {
    const char16_t *ending;
    const char16_t *with;
    enum need need;
    bool lengthen;
};

static bool is_met(const struct dutch *dutch, enum need need, size_t end)
{
    switch (need) {
    case NOTHING:
        return true;
    case R1:
        return dutch->r1 <= end;
    case R1_CONSONANT:
        return is_free(dutch, end);
    case R1_VOWEL:
        return dutch->r1 <= end && vowel_before(dutch, end);
    default:
        return dutch->r2 <= end;
    }
}

/* The first that fits is the only one that may act. */
static bool apply(struct dutch *dutch, const struct ending *endings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!auk_stem_ends(dutch->word, endings[i].ending))
            continue;
        size_t end = dutch->word->size - auk_stem_length(endings[i].ending);
        if (!is_met(dutch, endings[i].need, end))
            return false;
        return endings[i].lengthen ? cut_and_lengthen(dutch, end, endings[i].with)
                                   : cut_to(dutch, end, endings[i].with);
    }
    return false;
}

#define APPLY(dutch, endings) apply((dutch), (endings), sizeof(endings) / sizeof((endings)[0]))

static bool step_2(struct dutch *dutch)
{
    static const struct ending endings[] = {
        {u"lijke", u"lijk", R1, false},
        {u"ische", u"isch", R1, false},
        {u"ieve", u"ief", R1_CONSONANT, false},
        {u"ene", u"en", R1_CONSONANT, true},
        {u"ge", u"g", R1, false},
        {u"de", NULL, R1_CONSONANT, false},
        {u"te", u"t", R1, false},
        {u"se", u"s", R1, false},
        {u"re", u"r", R1, false},
        {u"le", u"l", R1, true},
    };
    if (auk_stem_ends(dutch->word, u"je"))
        return cut_je(dutch, dutch->word->size - 2);
    return APPLY(dutch, endings);
}

static bool step_3(struct dutch *dutch)
{
    static const struct ending endings[] = {
        {u"iteit", NULL, R1, true},
        {u"atie", u"eer", R1, false},
        {u"heid", NULL, R1, false},
        {u"ster", NULL, R1, false},
        {u"rder", u"r", NOTHING, false},
        {u"isme", NULL, R1, true},
        {u"erij", NULL, R1, true},
        {u"arij", u"aar", R1_CONSONANT, false},
        {u"sel", NULL, R1, false},
        {u"ing", NULL, R1, true},
        {u"fie", u"f", R2, true},
        {u"gie", u"g", R2, true},
        {u"tst", u"t", R1_CONSONANT, false},
        {u"dst", u"d", R1_CONSONANT, false},
    };
    return APPLY(dutch, endings);
}

static bool step_4(struct dutch *dutch)
{
    static const struct ending longer[] = {
        {u"achtiger", NULL, R1, false},        {u"achtigst", NULL, R1, false},
        {u"ioneel", u"ie", R1, false},         {u"lijker", u"lijk", R1, false},
        {u"lijkst", u"lijk", R1, false},       {u"achtig", NULL, R1, false},
        {u"eriger", NULL, R1_CONSONANT, true}, {u"erigst", NULL, R1_CONSONANT, true},
        {u"atief", u"eer", R1, false},         {u"baar", NULL, R1, false},
        {u"naar", u"n", R1_VOWEL, false},      {u"laar", u"l", R1_VOWEL, false},
        {u"raar", u"r", R1_VOWEL, false},      {u"tant", u"teer", R1, false},
        {u"erig", NULL, R1_CONSONANT, true},   {u"end", NULL, R1_CONSONANT, true},
    };
    static const struct ending shorter[] = {
        {u"iger", NULL, R1_CONSONANT, true},
        {u"igst", NULL, R1_CONSONANT, true},
        {u"ig", NULL, R1_CONSONANT, true},
    };
    return APPLY(dutch, longer) || APPLY(dutch, shorter);
}

/* Behind consonants, vowels and one consonant; the word's end when there are none such. */
static bool find_region(const auk_stem_word *word, size_t *at)
{
    size_t i = *at, vowels = 0;
    while (i < word->size && !is_vowel(word->at[i]))
        i++;
    for (; i < word->size && is_vowel(word->at[i]); vowels++)
        i += word->at[i] == 'i' && i + 1 < word->size && word->at[i + 1] == 'j' ? 2 : 1;
    if (vowels == 0 || i >= word->size)
        return false;
    *at = i + 1;
    return true;
}

static void measure(struct dutch *dutch)
{
    size_t at = 0;
    dutch->r1 = dutch->r2 = dutch->word->size;
    if (!find_region(dutch->word, &at))
        return;
    dutch->r1 = at;
    if (find_region(dutch->word, &at))
        dutch->r2 = at;
}

/* After "ge" there are three letters more, a vowel, and a consonant behind it. */
static bool is_participle(const auk_stem_word *word, size_t at)
{
    if (word->size < at + 3)
        return false;
    while (at < word->size && !is_vowel(word->at[at]))
        at++;
    while (at < word->size && is_vowel(word->at[at]))
        at++;
    return at < word->size;
}

/* Only the first "ge" from there on is looked at. */
static size_t find_ge(const auk_stem_word *word, size_t from, size_t last)
{
    for (size_t i = from; i + 1 < word->size && i <= last; i++)
        if (word->at[i] == 'g' && word->at[i + 1] == 'e')
            return is_participle(word, i + 2) ? i : SIZE_MAX;
    return SIZE_MAX;
}

static void cut_participle_end(struct dutch *dutch)
{
    size_t end = dutch->word->size - (dutch->word->size > 0);
    char16_t last = auk_stem_last(dutch->word, 1);
    if ((last != 'd' && last != 't') || !is_free(dutch, end))
        return;
    if (!(ends_at(dutch, end, last == 'd' ? u"n" : u"h") && dutch->r1 <= end - 1))
        dutch->word->size = end;
}

static bool cut_ge(struct dutch *dutch, size_t from, size_t last)
{
    size_t place = find_ge(dutch->word, from, last);
    if (place == SIZE_MAX)
        return false;
    auk_stem_remove(dutch->word, place);
    auk_stem_remove(dutch->word, place);
    measure(dutch);
    cut_participle_end(dutch);
    return true;
}

static void cut_last(struct dutch *dutch)
{
    static const struct ending hard[] = {
        {u"kt", u"k", NOTHING, false},
        {u"ft", u"f", NOTHING, false},
        {u"pt", u"p", NOTHING, false},
    };
    dutch->stemmed |= APPLY(dutch, hard);
    if (!dutch->stemmed)
        return;
    char16_t last = auk_stem_last(dutch->word, 1);
    if (auk_stem_in(last, u"bcdfghjklmnpqrstvwxz") && auk_stem_last(dutch->word, 2) == last)
        dutch->word->size--;
    else if (last == 'v' || last == 'z')
        cut_to(dutch, dutch->word->size - 1, last == 'v' ? u"f" : u"s");
}

/* A y that is a consonant, at the front and behind vowels, is a Y while steps look at it. */
static bool mark_y(auk_stem_word *word)
{
    bool any = false;
    for (size_t i = 0; i < word->size; i++)
        if (word->at[i] == 'y' && (i == 0 || is_vowel(word->at[i - 1]))) {
            word->at[i] = 'Y';
            any = true;
        }
    return any;
}

void auk_stem_dutch_kp(auk_stem_word *word)
{
    struct dutch dutch = {.word = word};
    bool marked = mark_y(word);
    measure(&dutch);
    dutch.stemmed |= step_1(&dutch);
    dutch.stemmed |= step_2(&dutch);
    dutch.stemmed |= step_3(&dutch);
    dutch.stemmed |= step_4(&dutch);
    cut_ge(&dutch, 0, 0);
    dutch.stemmed |= cut_ge(&dutch, 1, SIZE_MAX);
    cut_last(&dutch);
    for (size_t i = 0; marked && i < word->size; i++)
        if (word->at[i] == 'Y')
            word->at[i] = 'y';
}
