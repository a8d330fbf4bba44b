/*
 * dictionary.h - the terms of one field in byte order: the format, and the writer of it.
 *
 * Blocks of 32 terms, front coded, found by a binary search in an array of their first terms' first
 * eight bytes, counted from where the terms of the field begin to differ. What belongs to a term
 * lies in packed columns of the block, so that one term's row is read without its neighbours'.
 *
 * Format, version 1. Numbers little endian unless named be.
 *
 *   TERM_INDEX   u8 version 1 | u8 flags: 1 frequencies, 2 positions | u16 0
 *                u32 blocks | u32 parts of TERM_BLOCKS | u32 longest term | u32 size of common
 *                u64 terms | u64 documents | u64 sum of doc_freq | u64 sum of total_freq
 *                f64 average length | f32 k1 | f32 b                       that the bounds assume
 *                common: what all terms begin with
 *                u32 first block of each part
 *                u32 offset of each block in its part
 *                be64 prefix of each block: bytes of its first term after common, then zeros
 *
 *   TERM_BLOCKS  units of part.h, one a block; ordinal = 32 * block + row
 *
 *   block    u8 rows, 32 but for the last block
 *            u32 single: bit i set where term i is in one document
 *            u32 once: bit i set where it is there once; only with frequencies (without them
 *                      `single` stands for it)
 *            varint size of text
 *            head of each row: bytes shared with the term before << 4 | bytes that follow;
 *                      15: a varint of the rest stands in front of the row's text, shared first
 *            text: what follows, row after row
 *            columns: (varint least, u8 width) of each, then each one's packed values, less least,
 *                      in whole bytes
 *
 *   column                 of the rows       where the field has
 *     doc_freq               not single
 *     total_freq - doc_freq  not single        frequencies
 *     postings address       not single                           (part.h)
 *     positions address      not once          positions
 *     document               single
 *     frequency              single, not once  frequencies
 *     position               once              positions
 *
 *   Always true: terms rise strictly; a column without rows is not there; once is part of single.
 *
 *   Lifetime  _init .. _deinit.
 *   Threads   one.
 *   Memory    a part of blocks, one block of terms, 16 bytes a block.
 *   Errors    those of part.h.
 */
#ifndef AUK_DICTIONARY_H
#define AUK_DICTIONARY_H

#include "auk/segment_writer.h"
#include "part.h"

#define AUK_DICTIONARY_VERSION    1u
#define AUK_DICTIONARY_FREQS      1u
#define AUK_DICTIONARY_POSITIONS  2u
#define AUK_DICTIONARY_INDEX_HEAD 68u
#define AUK_DICTIONARY_BLOCK      32u /* terms */
#define AUK_DICTIONARY_ESCAPE     15u

typedef enum auk_row_column {
    AUK_ROW_DOC_FREQ,
    AUK_ROW_MORE_FREQ,
    AUK_ROW_POSTINGS,
    AUK_ROW_POSITIONS,
    AUK_ROW_SINGLE_DOC,
    AUK_ROW_SINGLE_FREQ,
    AUK_ROW_SINGLE_POSITION,
    AUK_ROW_COLUMNS
} auk_row_column;

typedef struct auk_row_masks {
    uint32_t all, single, once;
} auk_row_masks;

/* The rows that have a value in a column; none: the column is not there. */
static inline uint32_t auk_dictionary_rows(unsigned flags, auk_row_masks masks, unsigned column)
{
    uint32_t freqs = flags & AUK_DICTIONARY_FREQS ? UINT32_MAX : 0;
    uint32_t positions = flags & AUK_DICTIONARY_POSITIONS ? UINT32_MAX : 0;
    switch ((auk_row_column)column) {
    case AUK_ROW_DOC_FREQ:
    case AUK_ROW_POSTINGS:
        return masks.all & ~masks.single;
    case AUK_ROW_MORE_FREQ:
        return masks.all & ~masks.single & freqs;
    case AUK_ROW_POSITIONS:
        return masks.all & ~masks.once & positions;
    case AUK_ROW_SINGLE_DOC:
        return masks.single;
    case AUK_ROW_SINGLE_FREQ:
        return masks.single & ~masks.once & freqs;
    case AUK_ROW_SINGLE_POSITION:
        return masks.once & positions;
    case AUK_ROW_COLUMNS:
        break;
    }
    return 0;
}

typedef struct auk_dictionary_entry {
    uint64_t prefix; /* of the block's first term, after the first `common` bytes */
    uint32_t offset;
    uint32_t common; /* what all terms shared when the block was begun; it only shrinks */
} auk_dictionary_entry;

typedef struct auk_dictionary_writer {
    const auk_terms_options *options;
    auk_part_writer blocks;
    auk_dictionary_entry *entries;
    uint32_t entry_count, entry_capacity;
    uint32_t *part_firsts;
    uint32_t part_count, part_capacity;

    auk_buffer first; /* the field's first term; its first `common` bytes begin all */
    uint32_t common;
    auk_buffer last; /* the term before */
    uint32_t longest;

    auk_buffer text; /* of the block in hand: rests of terms, with their escapes */
    uint8_t heads[AUK_DICTIONARY_BLOCK];
    auk_term rows[AUK_DICTIONARY_BLOCK];
    uint32_t row_count;
    auk_terms_stats stats;
} auk_dictionary_writer;

void auk_dictionary_writer_init(auk_dictionary_writer *writer, const auk_sink *sink);
void auk_dictionary_writer_deinit(auk_dictionary_writer *writer);
void auk_dictionary_writer_begin(auk_dictionary_writer *writer, const auk_terms_options *options);
/* row: what auk_postings_writer_end gave */
AUK_MUST_CHECK auk_code auk_dictionary_writer_add(auk_dictionary_writer *writer, auk_span text,
                                                  const auk_term *row, auk_error *err);
/* Puts the last TERM_BLOCKS and TERM_INDEX; doc_count: documents that have the field. */
AUK_MUST_CHECK auk_code auk_dictionary_writer_end(auk_dictionary_writer *writer, uint64_t doc_count,
                                                  auk_error *err);

#endif
