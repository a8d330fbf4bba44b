/*
 * phrase_words.h - the words of a phrase over one segment: where they are, and how often in a row.
 *
 * A word is a place of the phrase. It may have several terms (tokens of one position): any of them
 * stands for it.
 *
 *   Lifetime  arena.   Threads  one.   Errors  sticky in the postings, see _status.
 *   Memory    arena at open; merged positions grow to the largest document.
 */
#ifndef AUK_PHRASE_WORDS_H
#define AUK_PHRASE_WORDS_H

#include "scorer.h"

typedef struct auk_phrase_word {
    auk_postings **terms;
    uint32_t term_count;
    const auk_plan_term *first; /* of `named` terms of the plan: tell repeated words */
    uint32_t named;
    uint32_t offset; /* of the word in the phrase */
    uint64_t cost;
    auk_doc doc;
    const uint32_t *positions; /* of the document in hand, ascending */
    uint32_t count, at;
    uint32_t *merged; /* where several terms' positions are joined */
    uint32_t capacity;
} auk_phrase_word;

/* *found false: the segment lacks a word. Words come in the order of the phrase. */
AUK_MUST_CHECK auk_code auk_phrase_words_open(const auk_plan *plan,
                                              const auk_scorer_context *context,
                                              auk_phrase_word **out, uint32_t *count, bool *found,
                                              auk_error *err);
/* The first document >= target that has the word. */
auk_doc auk_phrase_word_seek(auk_phrase_word *word, auk_doc target);
/* Reads the positions in the document in hand; false: damaged. */
bool auk_phrase_word_load(auk_phrase_word *word, auk_arena *arena);
auk_code auk_phrase_words_status(const auk_phrase_word *words, uint32_t count);

/* Does b stand where a phrase would have it beside a, somewhere? Both are loaded. */
bool auk_phrase_pair_fits(const auk_phrase_word *a, const auk_phrase_word *b);
/* How often the words stand in a row; words in any order, the first one offers the starts. */
float auk_phrase_exact_freq(auk_phrase_word *words, uint32_t count, bool first_only);

/*
 * How well they stand near each other, as Lucene's SloppyPhraseMatcher has it: the sum over its
 * matches of 1 / (1 + moves). A word that the phrase repeats needs a position of its own each time.
 */
typedef struct auk_sloppy auk_sloppy;
auk_sloppy *auk_sloppy_create(auk_phrase_word *words, uint32_t count, uint32_t slop,
                              auk_arena *arena);
float auk_sloppy_freq(auk_sloppy *sloppy, bool first_only);

#endif
