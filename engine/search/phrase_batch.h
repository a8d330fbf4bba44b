/*
 * phrase_batch.h - a phrase in a row, many documents at a time.
 *
 * What a block of the rarest word has is looked up in the blocks of the next rarer one; frequencies
 * drop what cannot reach a floor, and where the two words stand together is what the others, one
 * after the other, are asked about: mostly nothing is left for them.
 *
 *   Lifetime  arena; borrows the words.   Threads  one.
 *   Memory    arrays of a block a word, and the positions in a block's documents.
 *   Errors    in the postings.
 */
#ifndef AUK_PHRASE_BATCH_H
#define AUK_PHRASE_BATCH_H

#include "hopes.h"
#include "phrase_words.h"

typedef struct auk_phrase_batch auk_phrase_batch;

/* What a document must reach by the frequency of its rarest word. */
typedef struct auk_phrase_floor {
    float floor; /* 0: nothing is left out, and what follows is not looked at */
    float weight;
    const float *inverse;
    const uint8_t *norms;
    auk_hopes hopes; /* of floor and weight */
} auk_phrase_floor;

/* For two words or more, of one term each. */
auk_phrase_batch *auk_phrase_batch_create(auk_phrase_word *const *by_cost, uint32_t count,
                                          auk_arena *arena);
/*
 * The rarest word stands on a document below limit, the others there or before. Takes the documents
 * from there on that hold the phrase, up to *last and below limit, with how often: into docs and
 * freqs, which have room for a block. The rarest word stays in its block, the others go no further
 * than their first document behind *last. False: the bytes are damaged.
 */
bool auk_phrase_batch_take(auk_phrase_batch *batch, auk_doc limit, const auk_phrase_floor *floor,
                           auk_doc *last, auk_doc *docs, uint32_t *freqs, uint32_t *count);

#endif
