/* The steps are named as in "An algorithm for suffix stripping", Program 14(3), 1980. */
#include "porter.h"

#include <stdbool.h>
#include <string.h>

struct word {
    char *at;
    size_t size;
    size_t stem; /* bytes in front of the suffix that ends() found last */
};

static bool is_consonant(const char *at, size_t i)
{
    switch (at[i]) {
    case 'a':
    case 'e':
    case 'i':
    case 'o':
    case 'u':
        return false;
    case 'y': {
        /* A y is a vowel after a consonant: count the run of them back to another letter. */
        bool consonant = true;
        size_t first = i;
        while (first > 0 && at[first - 1] == 'y')
            first--;
        if (first > 0)
            consonant = !is_consonant(at, first - 1);
        return ((i - first) & 1) ? !consonant : consonant;
    }
    default:
        return true;
    }
}

/* m: how often a vowel is followed by a consonant in the first size bytes. */
static unsigned measure(const char *at, size_t size)
{
    unsigned count = 0;
    bool after_vowel = false;
    for (size_t i = 0; i < size; i++) {
        bool consonant = is_consonant(at, i);
        count += after_vowel && consonant;
        after_vowel = !consonant;
    }
    return count;
}

static bool has_vowel(const char *at, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!is_consonant(at, i))
            return true;
    return false;
}

/* *d */
static bool ends_doubled(const char *at, size_t size)
{
    return size >= 2 && at[size - 1] == at[size - 2] && is_consonant(at, size - 1);
}

/* *o */
static bool ends_short(const char *at, size_t size)
{
    if (size < 3 || !is_consonant(at, size - 1) || is_consonant(at, size - 2) ||
        !is_consonant(at, size - 3))
        return false;
    return at[size - 1] != 'w' && at[size - 1] != 'x' && at[size - 1] != 'y';
}

static bool ends(struct word *word, const char *suffix)
{
    size_t size = strlen(suffix);
    if (size > word->size || memcmp(word->at + word->size - size, suffix, size) != 0)
        return false;
    word->stem = word->size - size;
    return true;
}

static void replace(struct word *word, const char *suffix)
{
    size_t size = strlen(suffix);
    memcpy(word->at + word->stem, suffix, size);
    word->size = word->stem + size;
}

static void step_1a(struct word *word)
{
    if (word->at[word->size - 1] != 's')
        return;
    if (ends(word, "sses"))
        word->size -= 2;
    else if (ends(word, "ies"))
        replace(word, "i");
    else if (word->at[word->size - 2] != 's')
        word->size--;
}

static void step_1b(struct word *word)
{
    if (ends(word, "eed")) {
        if (measure(word->at, word->stem) > 0)
            word->size--;
        return;
    }
    if (!(ends(word, "ed") || ends(word, "ing")) || !has_vowel(word->at, word->stem))
        return;

    word->size = word->stem;
    if (ends(word, "at") || ends(word, "bl") || ends(word, "iz")) {
        word->at[word->size++] = 'e';
    } else if (ends_doubled(word->at, word->size)) {
        char last = word->at[word->size - 1];
        if (last != 'l' && last != 's' && last != 'z')
            word->size--;
    } else if (measure(word->at, word->size) == 1 && ends_short(word->at, word->size)) {
        word->at[word->size++] = 'e';
    }
}

static void step_1c(struct word *word)
{
    if (ends(word, "y") && has_vowel(word->at, word->stem))
        word->at[word->size - 1] = 'i';
}

struct row {
    char penult; /* the suffix's last letter but one */
    const char *suffix;
    const char *with;
};

/* The first suffix that fits decides, also when the stem is too short for it. */
static void replace_by(struct word *word, const struct row *rows, size_t count)
{
    if (word->size < 2)
        return;
    char penult = word->at[word->size - 2];
    for (size_t i = 0; i < count; i++) {
        if (rows[i].penult != penult || !ends(word, rows[i].suffix))
            continue;
        if (measure(word->at, word->stem) > 0)
            replace(word, rows[i].with);
        return;
    }
}

static void step_2(struct word *word)
{
    static const struct row rows[] = {
        {'a', "ational", "ate"}, {'a', "tional", "tion"}, {'c', "enci", "ence"},
        {'c', "anci", "ance"},   {'e', "izer", "ize"},    {'l', "bli", "ble"},
        {'l', "alli", "al"},     {'l', "entli", "ent"},   {'l', "eli", "e"},
        {'l', "ousli", "ous"},   {'o', "ization", "ize"}, {'o', "ation", "ate"},
        {'o', "ator", "ate"},    {'s', "alism", "al"},    {'s', "iveness", "ive"},
        {'s', "fulness", "ful"}, {'s', "ousness", "ous"}, {'t', "aliti", "al"},
        {'t', "iviti", "ive"},   {'t', "biliti", "ble"},  {'g', "logi", "log"},
    };
    replace_by(word, rows, sizeof rows / sizeof rows[0]);
}

static void step_3(struct word *word)
{
    static const struct row rows[] = {
        {'t', "icate", "ic"}, {'v', "ative", ""}, {'z', "alize", "al"}, {'t', "iciti", "ic"},
        {'a', "ical", "ic"},  {'u', "ful", ""},   {'s', "ness", ""},
    };
    replace_by(word, rows, sizeof rows / sizeof rows[0]);
}

static bool finds_ion(struct word *word)
{
    return ends(word, "ion") && word->stem > 0 &&
           (word->at[word->stem - 1] == 's' || word->at[word->stem - 1] == 't');
}

static void step_4(struct word *word)
{
    static const char *const suffixes[] = {"al",   "ance", "ence",  "er",   "ic",  "able",
                                           "ible", "ant",  "ement", "ment", "ent", "ou",
                                           "ism",  "ate",  "iti",   "ous",  "ive", "ize"};
    bool found = finds_ion(word);
    for (size_t i = 0; !found && i < sizeof suffixes / sizeof suffixes[0]; i++)
        found = ends(word, suffixes[i]);
    if (found && measure(word->at, word->stem) > 1)
        word->size = word->stem;
}

static void step_5(struct word *word)
{
    size_t size = word->size;
    unsigned m = measure(word->at, size);
    if (word->at[size - 1] == 'e' && (m > 1 || (m == 1 && !ends_short(word->at, size - 1))))
        word->size = --size;
    if (size > 0 && word->at[size - 1] == 'l' && m > 1 && ends_doubled(word->at, size))
        word->size--;
}

size_t auk_porter_stem(char *at, size_t size)
{
    if (size <= 2)
        return size;
    struct word word = {at, size, 0};
    step_1a(&word);
    step_1b(&word);
    step_1c(&word);
    step_2(&word);
    step_3(&word);
    step_4(&word);
    if (word.size > 0)
        step_5(&word);
    return word.size;
}
