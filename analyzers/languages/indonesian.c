/*
 * Indonesian: F. Z. Tala, "A Study of Stemming Effects on Information Retrieval in Bahasa
 * Indonesia", 2003. Particles, possessives, then prefixes and suffixes, while more than two
 * syllables are left; some pairs of a prefix and a suffix do not occur.
 */
#include "light_stemmers.h"

enum { KE = 1, PENG = 2, DI = 4, MENG = 8, TER = 16, BER = 32, PE = 64 };

struct stem {
    auk_stem_word *word;
    int syllables;
    unsigned removed; /* KE .. PE */
};

struct prefix {
    const char16_t *text;
    uint8_t cut;
    char16_t becomes; /* what the front is then; 0: left */
    bool before_vowel;
    unsigned as;
};

static bool is_vowel(char16_t unit)
{
    return auk_stem_in(unit, u"aeiou");
}

static bool is_long(const struct stem *stem)
{
    return stem->syllables > 2;
}

static void cut_end(struct stem *stem, const char16_t *endings)
{
    size_t size = is_long(stem) ? auk_stem_ends_in(stem->word, endings) : 0;
    stem->word->size -= size;
    stem->syllables -= size > 0;
}

static void cut_front(struct stem *stem, size_t size, unsigned as)
{
    auk_stem_cut_front(stem->word, size);
    stem->syllables--;
    stem->removed |= as;
}

static bool first_prefix(struct stem *stem)
{
    static const struct prefix prefixes[] = {
        {u"meng", 4, 0, false, MENG},  {u"meny", 3, 's', true, MENG}, {u"men", 3, 0, false, MENG},
        {u"mem", 3, 0, false, MENG},   {u"me", 2, 0, false, MENG},    {u"peng", 4, 0, false, PENG},
        {u"peny", 3, 's', true, PENG}, {u"peny", 4, 0, false, PENG},  {u"pen", 2, 't', true, PENG},
        {u"pen", 3, 0, false, PENG},   {u"pem", 3, 0, false, PENG},   {u"di", 2, 0, false, DI},
        {u"ter", 3, 0, false, TER},    {u"ke", 2, 0, false, KE},
    };
    auk_stem_word *word = stem->word;
    for (size_t i = 0; is_long(stem) && i < sizeof prefixes / sizeof prefixes[0]; i++) {
        const struct prefix *prefix = &prefixes[i];
        size_t size = auk_stem_length(prefix->text);
        if (!auk_stem_begins(word, prefix->text) ||
            (prefix->before_vowel && (word->size <= size || !is_vowel(word->at[size]))))
            continue;
        cut_front(stem, prefix->cut, prefix->as);
        if (prefix->becomes)
            word->at[0] = prefix->becomes;
        return true;
    }
    return false;
}

static void second_prefix(struct stem *stem)
{
    auk_stem_word *word = stem->word;
    if (!is_long(stem))
        return;
    if (auk_stem_begins(word, u"ber") || auk_stem_is_one_of(word, u"belajar"))
        cut_front(stem, 3, BER);
    else if (auk_stem_begins(word, u"be") && word->size > 4 && !is_vowel(word->at[2]) &&
             word->at[3] == 'e' && word->at[4] == 'r')
        cut_front(stem, 2, BER);
    else if (auk_stem_begins(word, u"per") || auk_stem_is_one_of(word, u"pelajar"))
        cut_front(stem, 3, 0);
    else if (auk_stem_begins(word, u"pe"))
        cut_front(stem, 2, PE);
}

static bool suffix(struct stem *stem)
{
    size_t before = stem->word->size;
    if (auk_stem_ends(stem->word, u"kan") && !(stem->removed & (KE | PENG | PE)))
        cut_end(stem, u"kan");
    else if (auk_stem_ends(stem->word, u"an") && !(stem->removed & (DI | MENG | TER)))
        cut_end(stem, u"an");
    else if (auk_stem_ends(stem->word, u"i") && !auk_stem_ends(stem->word, u"si") &&
             !(stem->removed & (BER | KE | PENG)))
        cut_end(stem, u"i");
    return stem->word->size != before;
}

void auk_stem_indonesian(auk_stem_word *word)
{
    struct stem stem = {.word = word};
    for (size_t i = 0; i < word->size; i++)
        stem.syllables += is_vowel(word->at[i]);
    cut_end(&stem, u"kah lah pun");
    cut_end(&stem, u"ku mu nya");
    if (first_prefix(&stem)) {
        if (suffix(&stem))
            second_prefix(&stem);
    } else {
        second_prefix(&stem);
        (void)suffix(&stem);
    }
}
