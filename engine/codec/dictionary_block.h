/*
 * dictionary_block.h - one block of terms, taken apart in place; dictionary.h draws the format.
 *
 *   Lifetime  a plain value; borrows the block's bytes.
 *   Threads   any.
 *   Memory    none.
 *   Errors    false for bytes that break the format; nothing is read outside the part.
 */
#ifndef AUK_DICTIONARY_BLOCK_H
#define AUK_DICTIONARY_BLOCK_H

#include "auk/segment.h"
#include "dictionary.h"

typedef struct auk_dictionary_block {
    uint32_t count; /* rows */
    auk_row_masks masks;
    const uint8_t *heads;
    const uint8_t *text;
    const uint8_t *text_end;
    const uint8_t *limit; /* of the part's units */
} auk_dictionary_block;

/* How a row's text follows from the text of the row before. */
typedef struct auk_dictionary_step {
    uint32_t shared;
    uint32_t rest_size;
    const uint8_t *rest;
} auk_dictionary_step;

/* Where the columns' values are; the position of row i's in a column is the number of its rows
 * below i. */
typedef struct auk_dictionary_columns {
    uint64_t least[AUK_ROW_COLUMNS];
    const uint8_t *bits[AUK_ROW_COLUMNS];
    uint32_t rows[AUK_ROW_COLUMNS];
    uint8_t width[AUK_ROW_COLUMNS];
} auk_dictionary_columns;

AUK_MUST_CHECK bool auk_dictionary_block_open(auk_dictionary_block *block, unsigned flags,
                                              const uint8_t *at, const uint8_t *limit);

/* Reads row `row`, whose text starts at *text, and steps *text over it. */
AUK_MUST_CHECK bool auk_dictionary_block_step(const auk_dictionary_block *block, uint32_t row,
                                              const uint8_t **text, auk_dictionary_step *step);
/* *row: the first row >= text, or count; *exact: it is text. */
AUK_MUST_CHECK bool auk_dictionary_block_find(const auk_dictionary_block *block, auk_span text,
                                              uint32_t *row, bool *exact);
/* The text of the first row. */
AUK_MUST_CHECK bool auk_dictionary_block_first(const auk_dictionary_block *block, auk_span *text);

/* Steps to row and gives the size of its text and the place of the next row's. */
AUK_MUST_CHECK bool auk_dictionary_block_walk(const auk_dictionary_block *block, uint32_t row,
                                              auk_dictionary_step steps[AUK_DICTIONARY_BLOCK],
                                              uint32_t *size, const uint8_t **next);
/* The text of row from the steps up to it; out has room for size bytes. */
void auk_dictionary_block_spell(const auk_dictionary_step *steps, uint32_t row, uint32_t size,
                                char *out);

AUK_MUST_CHECK bool auk_dictionary_columns_open(auk_dictionary_columns *columns, unsigned flags,
                                                const auk_dictionary_block *block);
/* Everything of *out but terms and ordinal. */
void auk_dictionary_columns_read(const auk_dictionary_columns *columns,
                                 const auk_dictionary_block *block, uint32_t row, auk_term *out);
/* Of all rows; false: impossible ones. */
AUK_MUST_CHECK bool auk_dictionary_columns_doc_freqs(const auk_dictionary_columns *columns,
                                                     const auk_dictionary_block *block,
                                                     uint32_t doc_count,
                                                     uint32_t out[AUK_DICTIONARY_BLOCK]);

#endif
