/*
 * column_block.h - up to 4096 rows of a column as bytes, and back. column.h draws them.
 *
 *   Lifetime  a parsed block borrows its bytes.
 *   Threads   none of its own.
 *   Memory    _encode: the buffer, and a scratch of the values' size; _parse: none.
 *   Errors    _parse answers false for bytes that are no block; that rows and numbers keep to it is
 *             checked by _presence, _values and _pick.
 */
#ifndef AUK_CODEC_COLUMN_BLOCK_H
#define AUK_CODEC_COLUMN_BLOCK_H

#include "auk/buffer.h"
#include "auk/segment.h"

#define AUK_COLUMN_TABLE_MAX 256

/* Rows on their way in: the rows with a value, ascending, and for each where its values end. */
typedef struct auk_column_rows {
    uint32_t row_count; /* of the block, present or not */
    uint32_t present_count;
    const uint16_t *rows;
    const uint64_t *ends;
    const int64_t *values; /* ends[present_count - 1] of them */
    int64_t min, max;
} auk_column_rows;

void auk_column_block_encode(const auk_column_rows *rows, auk_buffer *scratch, auk_buffer *out);

typedef enum auk_column_presence {
    AUK_COLUMN_EACH_ROW,
    AUK_COLUMN_BITMAP,
    AUK_COLUMN_LIST
} auk_column_presence;

typedef enum auk_column_code { AUK_COLUMN_FORMULA, AUK_COLUMN_TABLE } auk_column_code;

typedef struct auk_column_block {
    auk_column_presence presence;
    auk_column_code code;
    unsigned width;
    unsigned end_width; /* 0: one value a row */
    uint32_t present_count;
    uint32_t table_count;
    uint32_t value_count;
    uint64_t base, factor, slope; /* as bits, they wrap */
    const uint8_t *table;
    const uint8_t *present; /* bitmap or list */
    const uint8_t *ends;
    const uint8_t *values;
} auk_column_block;

AUK_MUST_CHECK bool auk_column_block_parse(auk_span bytes, uint32_t row_count,
                                           auk_column_block *out);
/* Fills a bit a row and the number of set bits before each word; false when they contradict the
 * header. */
AUK_MUST_CHECK bool auk_column_block_presence(const auk_column_block *block, uint32_t row_count,
                                              uint64_t bits[AUK_COLUMN_BLOCK / 64],
                                              uint16_t ranks[AUK_COLUMN_BLOCK / 64]);
/* Values [first, first + count), which the block has; false: damaged. */
AUK_MUST_CHECK bool auk_column_block_values(const auk_column_block *block, uint32_t first,
                                            uint32_t count, int64_t *out);
/* The values numbered places[i] - base, which the block has; false: damaged. */
AUK_MUST_CHECK bool auk_column_block_pick(const auk_column_block *block, const uint32_t *places,
                                          uint32_t base, uint32_t count, int64_t *out);
/* A bit a value: is it in from .. to? Whole words are written. False: the block is not coded so
 * that its numbers tell. */
AUK_MUST_CHECK bool auk_column_block_mark(const auk_column_block *block, int64_t from, int64_t to,
                                          uint64_t *bits);

#endif
