/*
 * terms.h - an opened field's terms, as the readers of dictionary and postings see it.
 *
 *   Lifetime  the arena of the segment; spans borrowed from the segment's values.
 *   Threads   immutable, but for the samples, which make themselves.
 *   Memory    this struct, samples.
 *   Errors    none of its own.
 */
#ifndef AUK_TERMS_H
#define AUK_TERMS_H

#include "dictionary.h"
#include "kernels.h"
#include "terms_reader.h"
#include "terms_samples.h"

struct auk_terms {
    auk_terms_values values;
    auk_terms_stats stats;
    const auk_kernels *kernels;
    unsigned flags; /* AUK_DICTIONARY_.. */
    uint32_t longest;
    double average;
    float k1, b;

    auk_span common;
    uint32_t block_count;
    const uint8_t *part_firsts; /* u32 each */
    const uint8_t *offsets;     /* u32 each */
    const uint8_t *prefixes;    /* be64 each */
    auk_terms_samples *samples; /* of them; NULL: they are few */
};

/* Whether a term read from damaged bytes may be used: its numbers lie within the segment. */
bool auk_terms_check(const auk_terms *terms, const auk_term *term);

#endif
