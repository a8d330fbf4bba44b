/*
 * postings.h - the list of documents of one term: its format, and the writer of it.
 *
 * Documents go in blocks of 256, the last block (the tail) holding the rest. A list of fewer than
 * 256 documents is a tail alone; a term of one document has no list (dictionary.h keeps it).
 *
 * Format, versions 1 and 2. Numbers little endian, unaligned; a unit of POSTINGS.
 *
 *   short list   u8 bound | tail                          2 .. 255 documents
 *
 *   long list    u8 version | u8 flags | u8 bound of the whole | u8 e
 *                e bytes that later versions may use; with flag 1 they begin with
 *                f32 reached[3]        the 10th, 100th and 1000th greatest tf / K (bound.h), 0
 *                                      where there are fewer documents
 *                then, with flag 2, which makes it version 2,
 *                u16 size              of the leaders
 *                leaders               see leaders.h; only in version 2
 *                u32 last_doc[nb]      last document of each block; nb = (doc_freq + 255) / 256
 *                u32 offset[nb]        of each block, from the list's start
 *                u32 pos_offset[nb]    of each block's chunk, from the term's positions address;
 *                                      only with positions
 *                u8  bound[nb]         see bound.h
 *                u8  bound32[(nb + 31) / 32]   greatest of 32 bounds
 *                blocks, tail
 *
 *   block        u8 tag | documents | frequencies (where the field keeps them)
 *
 *      tag 0         256 successive documents that end in last_doc
 *      tag 1..31     width: gap - 1 of each document but the first (0), packed 256 (kernels.h), in
 *                    32 * width bytes. Counted backwards from last_doc, so that the gap in front of
 *                    the block costs nothing.
 *      tag 0x80 | w  w words of 64 bits: document d is bit d % 64 of its word, the last word is
 * that of last_doc. Words lie on multiples of 64, so a block can be or-ed into a window without
 * shifts.
 *
 *      frequencies   u8 tag: width in the low five bits, e exceptions in the high three
 *                    frequency - 1, packed 256; then e times (u8 index, u8 bits above the width)
 *
 *   tail         StreamVByte (kernels.h), a value a document: gap - 1; with frequencies
 *                (gap - 1) << 1 | (frequency is 1), and behind it StreamVByte of frequency - 2 of
 *                the others. The first gap counts from the document in front of the tail, or -1.
 *
 *   Always true: documents rise strictly and lie below doc_count; a frequency is 1 .. 2^31 - 1.
 *
 *   Lifetime  _init .. _deinit; options are borrowed from _begin_field to the field's end.
 *   Threads   one.
 *   Memory    the encoded blocks and positions of one term, the gaps of positions of one block.
 *   Errors    those of part.h.
 */
#ifndef AUK_POSTINGS_H
#define AUK_POSTINGS_H

#include "auk/segment_writer.h"
#include "bound.h"
#include "kernels.h"
#include "leaders.h"
#include "part.h"

#define AUK_LIST_VERSION         1u
#define AUK_LIST_VERSION_LEADERS 2u
#define AUK_LIST_HEAD            4u /* bytes in front of the extension of a long list */
#define AUK_LIST_REACHED         1u /* flag */
#define AUK_LIST_LEADERS         2u /* flag */
#define AUK_LIST_RANKS           3u
#define AUK_LIST_LEADERS_AT      (4u * AUK_LIST_RANKS) /* in the extension */
#define AUK_RANK_MOST            1000u                 /* the last of the ranks */
#define AUK_BLOCK_BITSET         0x80u
#define AUK_BITSET_WORDS         128u /* more than any bitset has */
#define AUK_BLOCK_WORDS_MOST     127u
#define AUK_FREQ_LIMIT           (1u << 31)
/* Documents of lists that keep as many leaders as can be; of shorter ones the best of many are
 * found as soon without. */
#define AUK_LEADERS_LONG 1024u

typedef struct auk_skip {
    auk_doc last_doc;
    uint32_t offset; /* from the first block; the skip arrays in front are added at the end */
    uint32_t pos_offset;
    uint8_t bound;
} auk_skip;

/* The greatest of the shares so far, with the complements of their documents; see select.h. */
typedef struct auk_list_best {
    uint64_t codes[AUK_RANK_MOST + AUK_RANK_MOST / 2 + AUK_BLOCK_DOCS];
    uint32_t count;
    uint64_t least; /* the last of AUK_RANK_MOST; 0: not so many yet */
} auk_list_best;

typedef struct auk_postings_writer {
    const auk_kernels *kernels;
    const auk_terms_options *options;
    auk_bound_model bounds;

    auk_doc docs[AUK_BLOCK_DOCS]; /* of the block that is being filled */
    uint32_t freqs[AUK_BLOCK_DOCS];
    uint32_t tail_values[AUK_BLOCK_DOCS], tail_freqs[AUK_BLOCK_DOCS]; /* scratch */
    uint32_t count;
    int64_t before; /* last document of the block before, or -1 */
    uint32_t *gaps; /* of the positions in this block */
    size_t gap_count, gap_capacity;

    auk_list_best best;
    auk_skip *skips; /* of finished blocks */
    uint32_t skip_count, skip_capacity;
    auk_buffer blocks;
    auk_buffer chunks;
    uint64_t doc_freq, total_freq;
    uint32_t reached[AUK_LIST_RANKS];
    uint32_t doc_count; /* of the segment */
    bool leaders_ready; /* the model is that of the field */
    auk_leaders_model leaders_model;
    uint32_t leaders_size; /* 0: none */
    uint8_t leaders[AUK_LEADERS_SIZE_MOST];
    bool too_large; /* a list past 4 GiB: its offsets do not fit */
} auk_postings_writer;

void auk_postings_writer_init(auk_postings_writer *writer);
void auk_postings_writer_deinit(auk_postings_writer *writer);
void auk_postings_writer_begin_field(auk_postings_writer *writer, const auk_terms_options *options,
                                     uint32_t doc_count);

void auk_postings_writer_begin(auk_postings_writer *writer);
void auk_postings_writer_add(auk_postings_writer *writer, auk_doc doc, uint32_t freq,
                             const uint32_t *positions);
/*
 * Writes what begin .. add gathered; *out gets everything but terms and ordinal. For one document
 * the postings address is 0, and the positions "address" of one position is the position.
 */
AUK_MUST_CHECK auk_code auk_postings_writer_end(auk_postings_writer *writer,
                                                auk_part_writer *postings,
                                                auk_part_writer *positions, auk_term *out,
                                                auk_error *err);

#endif
