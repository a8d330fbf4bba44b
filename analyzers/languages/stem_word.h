/*
 * stem_word.h - a word in UTF-16 while a stemmer or a normalization works on it, and rules on its
 * end.
 *
 * The published algorithms, and Lucene's forms of them, count letters as UTF-16 units: lengths and
 * places here are such units. Lists are texts with a space between their entries. Rules are tried
 * in their order, and the first that fits is the only one that acts.
 *
 *   Lifetime  borrowed from the stemmer that runs.   Threads  one.
 *   Memory    none: ->at has room for ->size and AUK_STEM_WORD_ROOM units more, twice over.
 *   Errors    none.
 */
#ifndef AUK_STEM_WORD_H
#define AUK_STEM_WORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uchar.h>

enum { AUK_STEM_WORD_ROOM = 16 };

typedef struct auk_stem_word {
    char16_t *at;
    size_t size;
} auk_stem_word;

/* A stemmer or a normalization: changes the word in place. It may grow to twice its size. */
typedef void auk_stem_function(auk_stem_word *word);

/* One rule on a word's end. */
typedef struct auk_stem_rule {
    uint8_t longer_than;     /* fits words with more units than this */
    uint8_t cut;             /* units that go; 0: the whole ending */
    const char16_t *endings; /* a list */
    const char16_t *with;    /* what comes in their place; NULL: nothing */
} auk_stem_rule;

/* The n-th unit from the end, the last being 1; 0 where the word is shorter. */
static inline char16_t auk_stem_last(const auk_stem_word *word, size_t n)
{
    return n <= word->size ? word->at[word->size - n] : 0;
}

static inline bool auk_stem_in(char16_t unit, const char16_t *units)
{
    for (; *units; units++)
        if (*units == unit)
            return true;
    return false;
}

size_t auk_stem_length(const char16_t *text);
/* Of a list's entry that begins here; and does the word end in it? */
size_t auk_stem_entry_size(const char16_t *entry);
bool auk_stem_ends_entry(const auk_stem_word *word, const char16_t *entry, size_t size);
bool auk_stem_begins(const auk_stem_word *word, const char16_t *text);
bool auk_stem_ends(const auk_stem_word *word, const char16_t *text);

/* The size of the list's first entry that the word ends in; 0: in none. */
size_t auk_stem_ends_in(const auk_stem_word *word, const char16_t *list);
bool auk_stem_is_one_of(const auk_stem_word *word, const char16_t *list);

/* The last `cut` units, at most all of them, become `with`, which may be NULL. */
void auk_stem_replace(auk_stem_word *word, size_t cut, const char16_t *with);
void auk_stem_cut_front(auk_stem_word *word, size_t count);
void auk_stem_remove(auk_stem_word *word, size_t place);
void auk_stem_insert(auk_stem_word *word, size_t place, char16_t unit);

/* pairs: u"äaöo" makes an a of every ä and an o of every ö. Only units beyond ASCII are looked up.
 */
char16_t auk_stem_mapped(char16_t unit, const char16_t *pairs);
void auk_stem_map(auk_stem_word *word, const char16_t *pairs);
/* Every letter that follows itself goes. units: only of these; NULL: of all letters. */
void auk_stem_undouble(auk_stem_word *word, const char16_t *units);
bool auk_stem_is_letter(char16_t unit);

/* Did a rule fit? An ending is never longer than the word. */
bool auk_stem_apply(auk_stem_word *word, const auk_stem_rule *rules, size_t count);

#define AUK_STEM_APPLY(word, rules)                                                                \
    auk_stem_apply((word), (rules), sizeof(rules) / sizeof((rules)[0]))

#endif
