/*
 * rslp.h - the shape of RSLP's rules: steps of endings, each with a least stem, what comes in its
 * place, and words that it spares.
 *
 *   Lifetime  static.   Threads  any.   Memory  none.   Errors  none.
 */
#ifndef AUK_RSLP_H
#define AUK_RSLP_H

#include "light_stemmers.h"

typedef struct auk_rslp_rule {
    const char16_t *ending;
    uint8_t least; /* units left without it */
    const char16_t *with;
    const char16_t *spares; /* a list; NULL: none */
} auk_rslp_rule;

typedef struct auk_rslp_step {
    uint8_t least;        /* units of the word */
    bool exact;           /* rules spare whole words, not endings */
    const char16_t *only; /* words that end in one of these; NULL: all */
    const auk_rslp_rule *rules;
    size_t count;
} auk_rslp_step;

/* SECOND: Portuguese reduces the feminine, Galician unifies spellings. */
enum {
    AUK_RSLP_PLURAL,
    AUK_RSLP_ADVERB,
    AUK_RSLP_SECOND,
    AUK_RSLP_AUGMENTATIVE,
    AUK_RSLP_NOUN,
    AUK_RSLP_VERB,
    AUK_RSLP_VOWEL,
    AUK_RSLP_STEPS
};

extern const auk_rslp_step auk_rslp_portuguese[AUK_RSLP_STEPS];
extern const auk_rslp_step auk_rslp_galician[AUK_RSLP_STEPS];

#endif
