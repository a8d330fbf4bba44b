/*
 * terms_reader.h - a field's terms, opened from the values of a segment.
 *
 * What it hands out (auk_terms) is used through the calls of auk/segment.h: auk_terms_*,
 * auk_term_*, auk_postings_*.
 *
 *   Lifetime  an auk_terms lives in the arena of the segment; the spans and the arrays that hold
 *             them are borrowed and must live as long.
 *   Threads   immutable after _open.
 *   Memory    a few hundred bytes a field, and 8 for a thousand terms.
 *   Errors    AUK_CORRUPT when the index breaks its format or names parts that are not there.
 *             Blocks and lists are checked when they are read.
 */
#ifndef AUK_TERMS_READER_H
#define AUK_TERMS_READER_H

#include "auk/segment.h"
#include "guard.h"

typedef struct auk_terms_values {
    auk_span index;         /* TERM_INDEX of the field */
    const auk_span *blocks; /* TERM_BLOCKS of the field, by part */
    uint32_t block_parts;
    const auk_span *postings; /* POSTINGS of the segment, by part; the same array for all fields */
    uint32_t postings_parts;
    const auk_span *positions; /* POSITIONS of the segment, by part */
    uint32_t positions_parts;
    auk_span norms;     /* NORMS of the field, doc_count bytes; empty: none */
    uint32_t doc_count; /* of the segment */
    auk_guard *guard;   /* NULL: nothing is doubted; else the arrays above are parts of its spans */
    const auk_span *index_value, *norms_value;
} auk_terms_values;

AUK_MUST_CHECK auk_code auk_terms_open(const auk_terms_values *values, auk_arena *arena,
                                       const auk_terms **out, auk_error *err);

#endif
