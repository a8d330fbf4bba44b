/*
 * The steps are named as in "An algorithm for suffix stripping", Program 14(3), 1980.
 *
 * Which letters are vowels is kept as bits, so that the measure of any front of the word is a few
 * operations. The bits cover a window of the last 64 letters; steps change no more than the last
 * eight, so what is in front of the window is counted once.
 */
#include "porter.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { WINDOW = 64 };

struct word {
    char *at;
    size_t size;
    size_t stem;     /* letters in front of the suffix that ends() found last */
    size_t window;   /* the letter that bit 0 stands for */
    uint64_t vowels; /* from the window on; above size of no meaning */
    unsigned
        measured; /* vowels followed by a consonant, up to and with the window's first letter */
    bool vowel_before; /* there is a vowel in front of the window */
};

/* Bits of a, e, i, o, u, counted from a. */
#define VOWELS 0x104111u

/* A y is a vowel behind a consonant. */
static inline bool is_vowel(char letter, bool behind_consonant)
{
    unsigned n = (uint8_t)(letter - 'a');
    return (n < 26 && (VOWELS >> n & 1)) | ((letter == 'y') & behind_consonant);
}

static bool bit(const struct word *word, size_t i)
{
    return word->vowels >> (i - word->window) & 1;
}

/* Sets the bits of letters from .. size; that of the letter before is right. */
static void classify(struct word *word, size_t from)
{
    bool vowel = from > word->window ? bit(word, from - 1) : true;
    size_t first = from - word->window;
    uint64_t vowels = word->vowels & ((UINT64_C(1) << first) - 1);
    for (size_t i = from; i < word->size; i++) {
        vowel = is_vowel(word->at[i], !vowel);
        vowels |= (uint64_t)vowel << (i - word->window);
    }
    word->vowels = vowels;
}

/* Walks what is in front of the window, then sets all bits of it. */
static void start(struct word *word)
{
    bool vowel = true; /* a y at the very front is a consonant, as behind a vowel */
    word->window = word->size > WINDOW ? word->size - WINDOW : 0;
    for (size_t i = 0; i < word->window; i++) {
        bool before = i > 0 && vowel;
        vowel = is_vowel(word->at[i], !vowel);
        word->measured += before && !vowel;
        word->vowel_before |= vowel;
    }
    if (word->window == 0) {
        classify(word, 0);
        return;
    }
    bool first = is_vowel(word->at[word->window], !vowel);
    word->measured += vowel && !first;
    word->vowels = first;
    classify(word, word->window + 1);
}

/* m: how often a vowel is followed by a consonant in the first size letters. */
static unsigned measure(const struct word *word, size_t size)
{
    size_t bits = size - word->window;
    if (size <= word->window || bits < 2)
        return word->measured;
    uint64_t ends = word->vowels & ~word->vowels >> 1 & (~UINT64_C(0) >> (WINDOW + 1 - bits));
    unsigned count = word->measured;
    for (; ends != 0; ends &= ends - 1)
        count++;
    return count;
}

static bool has_vowel(const struct word *word, size_t size)
{
    if (size <= word->window)
        return word->vowel_before;
    return word->vowel_before ||
           (word->vowels & (~UINT64_C(0) >> (WINDOW - (size - word->window)))) != 0;
}

/* *d */
static bool ends_doubled(const struct word *word, size_t size)
{
    return size >= 2 && word->at[size - 1] == word->at[size - 2] && !bit(word, size - 1);
}

/* *o */
static bool ends_short(const struct word *word, size_t size)
{
    if (size < 3 || bit(word, size - 1) || !bit(word, size - 2) || bit(word, size - 3))
        return false;
    char last = word->at[size - 1];
    return last != 'w' && last != 'x' && last != 'y';
}

__attribute__((always_inline)) static inline bool ends(struct word *word, const char *suffix,
                                                       size_t size)
{
    if (size > word->size || memcmp(word->at + word->size - size, suffix, size) != 0)
        return false;
    word->stem = word->size - size;
    return true;
}

/* The size is known where it is written, and always inlined a comparison is two loads. */
#define ENDS(word, suffix) ends((word), (suffix), sizeof(suffix) - 1)

static void replace(struct word *word, const char *with)
{
    size_t size = strlen(with);
    memcpy(word->at + word->stem, with, size);
    word->size = word->stem + size;
    classify(word, word->stem);
}

static void step_1a(struct word *word)
{
    if (word->at[word->size - 1] != 's')
        return;
    if (ENDS(word, "sses"))
        word->size -= 2;
    else if (ENDS(word, "ies"))
        replace(word, "i");
    else if (word->at[word->size - 2] != 's')
        word->size--;
}

static void add_e(struct word *word)
{
    word->at[word->size++] = 'e';
    classify(word, word->size - 1);
}

static void step_1b(struct word *word)
{
    if (ENDS(word, "eed")) {
        if (measure(word, word->stem) > 0)
            word->size--;
        return;
    }
    if (!(ENDS(word, "ed") || ENDS(word, "ing")) || !has_vowel(word, word->stem))
        return;

    word->size = word->stem;
    if (ENDS(word, "at") || ENDS(word, "bl") || ENDS(word, "iz")) {
        add_e(word);
    } else if (ends_doubled(word, word->size)) {
        char last = word->at[word->size - 1];
        if (last != 'l' && last != 's' && last != 'z')
            word->size--;
    } else if (measure(word, word->size) == 1 && ends_short(word, word->size)) {
        add_e(word);
    }
}

static void step_1c(struct word *word)
{
    if (ENDS(word, "y") && has_vowel(word, word->stem))
        replace(word, "i");
}

/* What the suffix becomes, or NULL. The first that fits decides, also when the stem is too short
 * for it. */
static const char *step_2_suffix(struct word *word)
{
    switch (word->at[word->size - 2]) {
    case 'a':
        return ENDS(word, "ational") ? "ate" : ENDS(word, "tional") ? "tion" : NULL;
    case 'c':
        return ENDS(word, "enci") ? "ence" : ENDS(word, "anci") ? "ance" : NULL;
    case 'e':
        return ENDS(word, "izer") ? "ize" : NULL;
    case 'g':
        return ENDS(word, "logi") ? "log" : NULL;
    case 'l':
        return ENDS(word, "bli")     ? "ble"
               : ENDS(word, "alli")  ? "al"
               : ENDS(word, "entli") ? "ent"
               : ENDS(word, "eli")   ? "e"
               : ENDS(word, "ousli") ? "ous"
                                     : NULL;
    case 'o':
        return ENDS(word, "ization")                       ? "ize"
               : ENDS(word, "ation") || ENDS(word, "ator") ? "ate"
                                                           : NULL;
    case 's':
        return ENDS(word, "alism")     ? "al"
               : ENDS(word, "iveness") ? "ive"
               : ENDS(word, "fulness") ? "ful"
               : ENDS(word, "ousness") ? "ous"
                                       : NULL;
    case 't':
        return ENDS(word, "aliti")    ? "al"
               : ENDS(word, "iviti")  ? "ive"
               : ENDS(word, "biliti") ? "ble"
                                      : NULL;
    default:
        return NULL;
    }
}

static const char *step_3_suffix(struct word *word)
{
    switch (word->at[word->size - 1]) {
    case 'e':
        return ENDS(word, "icate")   ? "ic"
               : ENDS(word, "ative") ? ""
               : ENDS(word, "alize") ? "al"
                                     : NULL;
    case 'i':
        return ENDS(word, "iciti") ? "ic" : NULL;
    case 'l':
        return ENDS(word, "ical") ? "ic" : ENDS(word, "ful") ? "" : NULL;
    case 's':
        return ENDS(word, "ness") ? "" : NULL;
    default:
        return NULL;
    }
}

static void replace_found(struct word *word, const char *with)
{
    if (with && measure(word, word->stem) > 0)
        replace(word, with);
}

static bool finds_ion(struct word *word)
{
    return ENDS(word, "ion") && word->stem > 0 &&
           (word->at[word->stem - 1] == 's' || word->at[word->stem - 1] == 't');
}

static bool step_4_suffix(struct word *word)
{
    switch (word->at[word->size - 2]) {
    case 'a':
        return ENDS(word, "al");
    case 'c':
        return ENDS(word, "ance") || ENDS(word, "ence");
    case 'e':
        return ENDS(word, "er");
    case 'i':
        return ENDS(word, "ic");
    case 'l':
        return ENDS(word, "able") || ENDS(word, "ible");
    case 'n':
        return ENDS(word, "ant") || ENDS(word, "ement") || ENDS(word, "ment") || ENDS(word, "ent");
    case 'o':
        return finds_ion(word) || ENDS(word, "ou");
    case 's':
        return ENDS(word, "ism");
    case 't':
        return ENDS(word, "ate") || ENDS(word, "iti");
    case 'u':
        return ENDS(word, "ous");
    case 'v':
        return ENDS(word, "ive");
    case 'z':
        return ENDS(word, "ize");
    default:
        return false;
    }
}

static void step_5(struct word *word)
{
    size_t size = word->size;
    unsigned m = measure(word, size);
    if (word->at[size - 1] == 'e' && (m > 1 || (m == 1 && !ends_short(word, size - 1))))
        word->size = --size;
    if (m > 1 && word->at[size - 1] == 'l' && ends_doubled(word, size))
        word->size--;
}

size_t auk_porter_stem(char *at, size_t size)
{
    if (size <= 2)
        return size;
    struct word word = {.at = at, .size = size};
    start(&word);
    step_1a(&word);
    step_1b(&word);
    step_1c(&word);
    if (word.size >= 2) {
        replace_found(&word, step_2_suffix(&word));
        replace_found(&word, step_3_suffix(&word));
    }
    if (word.size >= 2 && step_4_suffix(&word) && measure(&word, word.stem) > 1)
        word.size = word.stem;
    if (word.size > 0)
        step_5(&word);
    return word.size;
}
