#include "dictionary_block.h"

#include "bits.h"

bool auk_dictionary_block_open(auk_dictionary_block *block, unsigned flags, const uint8_t *at,
                               const uint8_t *limit)
{
    bool has_once = (flags & AUK_DICTIONARY_FREQS) != 0;
    if (limit - at < (has_once ? 9 : 5))
        return false;
    uint32_t count = at[0];
    if (count == 0 || count > AUK_DICTIONARY_BLOCK)
        return false;
    uint32_t all = (uint32_t)((UINT64_C(1) << count) - 1);
    uint32_t single = auk_load_u32(at + 1), once = single;
    at += 5;
    if (has_once) {
        once = auk_load_u32(at);
        at += 4;
    }
    if ((single & ~all) != 0 || (once & ~single) != 0)
        return false;

    uint64_t text_size;
    if (!auk_bits_varint(&at, limit, &text_size) || (size_t)(limit - at) < count ||
        text_size > (size_t)(limit - at) - count)
        return false;
    *block = (auk_dictionary_block){
        .count = count,
        .masks = {.all = all, .single = single, .once = once},
        .heads = at,
        .text = at + count,
        .text_end = at + count + text_size,
        .limit = limit,
    };
    return true;
}

/* The part of a size that did not fit the head. */
static bool read_escape(const uint8_t **at, const uint8_t *end, uint32_t *size)
{
    uint64_t more;
    if (!auk_bits_varint(at, end, &more) || more > AUK_TERM_SIZE_LIMIT - *size)
        return false;
    *size += (uint32_t)more;
    return true;
}

static inline bool take_step(const auk_dictionary_block *block, uint32_t row, const uint8_t **text,
                             auk_dictionary_step *step)
{
    uint8_t head = block->heads[row];
    step->shared = head >> 4;
    step->rest_size = head & 15u;
    if (step->shared == AUK_DICTIONARY_ESCAPE && !read_escape(text, block->text_end, &step->shared))
        return false;
    if (step->rest_size == AUK_DICTIONARY_ESCAPE &&
        !read_escape(text, block->text_end, &step->rest_size))
        return false;
    if (step->rest_size > (size_t)(block->text_end - *text))
        return false;
    step->rest = *text;
    *text += step->rest_size;
    return true;
}

bool auk_dictionary_block_step(const auk_dictionary_block *block, uint32_t row,
                               const uint8_t **text, auk_dictionary_step *step)
{
    return take_step(block, row, text, step);
}

bool auk_dictionary_block_find(const auk_dictionary_block *block, auk_span text, uint32_t *row,
                               bool *exact)
{
    /* The row before is less than text and agrees with it in `agreed` bytes. */
    const uint8_t *wanted = auk_span_bytes(text), *at = block->text;
    size_t agreed = 0;
    *exact = false;
    for (*row = 0; *row < block->count; (*row)++) {
        auk_dictionary_step step;
        if (!take_step(block, *row, &at, &step))
            return false;
        if (step.shared > agreed)
            continue; /* differs from text where the row before did: less */
        if (step.shared < agreed)
            return true; /* greater than the row before where that agreed with text */

        size_t left = text.size - agreed, i = 0;
        size_t most = left < step.rest_size ? left : step.rest_size;
        while (i < most && step.rest[i] == wanted[agreed + i])
            i++;
        agreed += i;
        if (i == left) {
            *exact = step.rest_size == left;
            return true;
        }
        if (i < step.rest_size && step.rest[i] > wanted[agreed])
            return true;
    }
    return true;
}

bool auk_dictionary_block_first(const auk_dictionary_block *block, auk_span *text)
{
    const uint8_t *at = block->text;
    auk_dictionary_step step;
    if (!auk_dictionary_block_step(block, 0, &at, &step) || step.shared != 0)
        return false;
    *text = auk_span_make(step.rest, step.rest_size);
    return true;
}

bool auk_dictionary_block_walk(const auk_dictionary_block *block, uint32_t row,
                               auk_dictionary_step steps[AUK_DICTIONARY_BLOCK], uint32_t *size,
                               const uint8_t **next)
{
    *next = block->text;
    *size = 0;
    for (uint32_t i = 0; i <= row; i++) {
        if (!auk_dictionary_block_step(block, i, next, &steps[i]) || steps[i].shared > *size)
            return false;
        *size = steps[i].shared + steps[i].rest_size;
    }
    return *size <= AUK_TERM_SIZE_LIMIT;
}

void auk_dictionary_block_spell(const auk_dictionary_step *steps, uint32_t row, uint32_t size,
                                char *out)
{
    /* Backwards: each byte comes from the last row that did not share it. */
    uint32_t missing = size;
    for (const auk_dictionary_step *step = &steps[row]; missing > 0; step--) {
        if (step->shared >= missing)
            continue;
        memcpy(out + step->shared, step->rest, missing - step->shared);
        missing = step->shared;
    }
}

bool auk_dictionary_columns_open(auk_dictionary_columns *columns, unsigned flags,
                                 const auk_dictionary_block *block)
{
    const uint8_t *at = block->text_end;
    for (unsigned c = 0; c < AUK_ROW_COLUMNS; c++) {
        columns->rows[c] = auk_dictionary_rows(flags, block->masks, c);
        if (columns->rows[c] == 0)
            continue;
        if (!auk_bits_varint(&at, block->limit, &columns->least[c]) || at == block->limit)
            return false;
        columns->width[c] = *at++;
        if (columns->width[c] > AUK_BITS_WIDEST)
            return false;
    }
    for (unsigned c = 0; c < AUK_ROW_COLUMNS; c++) {
        uint32_t rows = columns->rows[c];
        if (rows == 0)
            continue;
        size_t size = ((size_t)auk_bits_count(rows) * columns->width[c] + 7) / 8;
        if (size > (size_t)(block->limit - at))
            return false;
        columns->bits[c] = at;
        at += size;
    }
    return true;
}

static uint64_t read_column(const auk_dictionary_columns *columns, unsigned column, uint32_t row)
{
    uint32_t rank = auk_bits_count(columns->rows[column] & ((1u << row) - 1));
    unsigned width = columns->width[column];
    return columns->least[column] +
           auk_bits_read(columns->bits[column], (uint64_t)rank * width, width);
}

bool auk_dictionary_columns_doc_freqs(const auk_dictionary_columns *columns,
                                      const auk_dictionary_block *block, uint32_t doc_count,
                                      uint32_t out[AUK_DICTIONARY_BLOCK])
{
    uint64_t bit = 0, most = 0, least = columns->least[AUK_ROW_DOC_FREQ];
    unsigned width = columns->width[AUK_ROW_DOC_FREQ];
    for (uint32_t row = 0; row < block->count; row++)
        out[row] = 1;
    for (uint32_t rows = columns->rows[AUK_ROW_DOC_FREQ]; rows; rows &= rows - 1, bit += width) {
        uint64_t freq = least + auk_bits_read(columns->bits[AUK_ROW_DOC_FREQ], bit, width);
        most = freq > most ? freq : most;
        out[__builtin_ctz(rows)] = (uint32_t)freq;
    }
    return columns->rows[AUK_ROW_DOC_FREQ] == 0 || (least >= 2 && most <= doc_count);
}

void auk_dictionary_columns_read(const auk_dictionary_columns *columns,
                                 const auk_dictionary_block *block, uint32_t row, auk_term *out)
{
    uint32_t bit = 1u << row;
    bool positions =
        ((columns->rows[AUK_ROW_POSITIONS] | columns->rows[AUK_ROW_SINGLE_POSITION]) & bit) != 0;
    if ((block->masks.single & bit) == 0) {
        out->doc_freq = (uint32_t)read_column(columns, AUK_ROW_DOC_FREQ, row);
        out->total_freq = out->doc_freq;
        if ((columns->rows[AUK_ROW_MORE_FREQ] & bit) != 0)
            out->total_freq += read_column(columns, AUK_ROW_MORE_FREQ, row);
        out->postings = read_column(columns, AUK_ROW_POSTINGS, row);
        out->positions = positions ? read_column(columns, AUK_ROW_POSITIONS, row) : 0;
        out->single_doc = 0;
        out->single_freq = 0;
        return;
    }

    bool once = (block->masks.once & bit) != 0;
    out->doc_freq = 1;
    out->postings = 0;
    out->single_doc = (auk_doc)read_column(columns, AUK_ROW_SINGLE_DOC, row);
    out->single_freq = once ? 1 : (uint32_t)read_column(columns, AUK_ROW_SINGLE_FREQ, row);
    out->total_freq = out->single_freq;
    out->positions = 0;
    if (positions)
        out->positions =
            read_column(columns, once ? AUK_ROW_SINGLE_POSITION : AUK_ROW_POSITIONS, row);
}
