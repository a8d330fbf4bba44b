/*
 * postings_reader.h - one walk over a list of documents, shared by the files that read its parts.
 *
 * A block in hand is either decoded (docs) or, where it is a bitset, left as the words that it is:
 * a word test finds a document in it, and only who asks for whole blocks has them expanded.
 *
 *   Lifetime  arena.   Threads  one.   Memory  two arrays of a block, positions of one document.
 *   Errors    the first is kept in status and ends the walk.
 */
#ifndef AUK_POSTINGS_READER_H
#define AUK_POSTINGS_READER_H

#include "bits.h"
#include "positions.h"
#include "postings.h"
#include "terms.h"

enum { BEFORE_FIRST = -1 };

struct auk_postings {
    const auk_terms *terms;
    const auk_kernels *kernels;
    auk_arena *arena;
    auk_term term;
    auk_code status;
    bool want_freqs, want_positions;
    bool has_list; /* false: one document, from the dictionary */

    const uint8_t *list, *limit;
    uint32_t block_count;
    /* Of a long list, else NULL: */
    const uint8_t *last_docs, *offsets, *pos_offsets, *bounds;

    uint32_t following;   /* the block to read after the one in hand */
    uint32_t bound_block; /* where _bound looked last */
    uint32_t place_block; /* where _locate looked last */
    int64_t floor;        /* the last document of the block before, whatever its number */

    /* The block in hand: */
    uint32_t count; /* documents; 0: none */
    int32_t index;  /* of the document in hand, or BEFORE_FIRST; stale while doc_is_ahead */
    auk_doc doc;    /* in hand, when index is not BEFORE_FIRST */
    auk_doc last;
    auk_doc *docs;        /* unless words */
    const uint8_t *words; /* of a bitset that is not expanded, else NULL */
    uint32_t word_count;
    uint32_t first_word; /* the block's first word begins with document 64 * first_word */
    bool doc_is_ahead;   /* of index, in a bitset */
    bool ranks_ready;
    uint8_t ranks[AUK_BITSET_WORDS]; /* documents in front of each word */
    uint32_t *freqs;                 /* NULL unless wanted */
    const uint8_t *freqs_at;
    bool freqs_ready;

    const uint8_t *chunks; /* the term's positions */
    const uint8_t *chunks_limit;
    auk_positions_chunk chunk;
    bool chunk_ready;
    int32_t positions_of; /* index whose positions are in hand, or BEFORE_FIRST */
    uint32_t counted;     /* frequencies of documents below this index .. */
    uint64_t counted_sum; /* .. have this sum */
    uint32_t *sums;       /* of the block's frequencies in front of each index, when sums_ready */
    bool sums_ready;
    uint32_t *gaps; /* of all positions of a block */
    uint32_t gaps_capacity;
    uint32_t *positions;
    size_t positions_capacity;
};

/* Frequencies of a full block as they lie there (postings.h). */
typedef struct auk_packed_freqs {
    const uint8_t *values;     /* less one each, 256 of that width */
    const uint8_t *exceptions; /* index and bits above the width */
    unsigned width, exception_count;
} auk_packed_freqs;

/* False: they are cut. */
static inline bool auk_packed_freqs_at(const auk_postings *postings, const uint8_t *at,
                                       auk_packed_freqs *out)
{
    if (at >= postings->limit)
        return false;
    out->width = *at & 31u;
    out->exception_count = *at >> 5;
    out->values = at + 1;
    if ((size_t)(postings->limit - out->values) < 32u * out->width + 2u * out->exception_count)
        return false;
    out->exceptions = out->values + 32u * out->width;
    return true;
}

/* What lies in front of a long list's last_doc: 0 where there is no such head. Not all of it need
 * lie below limit. */
size_t auk_postings_head_size(const uint8_t *list, const uint8_t *limit);
/* Ends the walk. */
void auk_postings_stop(auk_postings *postings, auk_code code);
/* Makes block the one in hand, before its first document; false: damaged. */
bool auk_postings_load(auk_postings *postings, uint32_t block);
/* The frequencies of the block in hand, when they are asked for; false: damaged. */
bool auk_postings_have_freqs(auk_postings *postings);
/* The frequencies of a full block, less one each, into freqs; at: their tag. False: damaged. */
bool auk_postings_unpack_freqs(const auk_postings *postings, const uint8_t *at, uint32_t *freqs);
/* Counts a block of which something was decoded without _load. */
void auk_postings_note_block(void);
/* docs of the block in hand, from words where it has them. */
void auk_postings_expand(auk_postings *postings);
/* The index of doc in the block in hand. */
uint32_t auk_postings_rank(auk_postings *postings);
/* The first block from `from` on whose last document is >= target. Of a long list. */
uint32_t auk_postings_block_of(const auk_postings *postings, uint32_t from, auk_doc target);

static inline bool auk_postings_stands(const auk_postings *postings)
{
    return postings->count > 0 && postings->index != BEFORE_FIRST;
}

static inline auk_doc auk_postings_last_doc(const auk_postings *postings, uint32_t block)
{
    return auk_load_u32(postings->last_docs + (size_t)block * 4);
}

#endif
