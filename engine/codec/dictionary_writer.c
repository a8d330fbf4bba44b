#include <assert.h>
#include <stdlib.h>

#include "bits.h"
#include "dictionary.h"

void auk_dictionary_writer_init(auk_dictionary_writer *writer, const auk_sink *sink)
{
    memset(writer, 0, sizeof *writer);
    auk_part_writer_init(&writer->blocks, sink, AUK_KIND_TERM_BLOCKS);
    auk_buffer_init(&writer->first, AUK_BUFFER_NO_LIMIT);
    auk_buffer_init(&writer->last, AUK_BUFFER_NO_LIMIT);
    auk_buffer_init(&writer->text, AUK_BUFFER_NO_LIMIT);
}

void auk_dictionary_writer_deinit(auk_dictionary_writer *writer)
{
    auk_part_writer_deinit(&writer->blocks);
    auk_buffer_deinit(&writer->first);
    auk_buffer_deinit(&writer->last);
    auk_buffer_deinit(&writer->text);
    free(writer->entries);
    free(writer->part_firsts);
}

void auk_dictionary_writer_begin(auk_dictionary_writer *writer, const auk_terms_options *options)
{
    writer->options = options;
    auk_part_writer_restart(&writer->blocks, options->field);
    writer->entry_count = 0;
    writer->part_count = 0;
    writer->common = 0;
    writer->longest = 0;
    writer->row_count = 0;
    auk_buffer_reset(&writer->first);
    auk_buffer_reset(&writer->last);
    auk_buffer_reset(&writer->text);
    writer->stats =
        (auk_terms_stats){.has_freqs = options->has_freqs, .has_positions = options->has_positions};
}

static unsigned flags_of(const auk_terms_options *options)
{
    return (options->has_freqs ? AUK_DICTIONARY_FREQS : 0) |
           (options->has_positions ? AUK_DICTIONARY_POSITIONS : 0);
}

/* Makes room for one more element of size bytes. */
static void *grow(void *array, uint32_t count, uint32_t *capacity, size_t size)
{
    if (count < *capacity)
        return array;
    *capacity = *capacity ? *capacity * 2 : 64;
    void *grown = realloc(array, size * *capacity);
    if (grown == NULL)
        abort();
    return grown;
}

/* ---- a block's columns ---- */

static uint64_t row_value(const auk_term *row, unsigned column)
{
    switch ((auk_row_column)column) {
    case AUK_ROW_DOC_FREQ:
        return row->doc_freq;
    case AUK_ROW_MORE_FREQ:
        return row->total_freq - row->doc_freq;
    case AUK_ROW_POSTINGS:
        return row->postings;
    case AUK_ROW_SINGLE_DOC:
        return row->single_doc;
    case AUK_ROW_SINGLE_FREQ:
        return row->single_freq;
    case AUK_ROW_POSITIONS:
    case AUK_ROW_SINGLE_POSITION:
    case AUK_ROW_COLUMNS:
        break;
    }
    return row->positions;
}

typedef struct column {
    uint64_t values[AUK_DICTIONARY_BLOCK];
    uint32_t count;
    uint64_t least;
    unsigned width;
} column;

static void gather(const auk_dictionary_writer *writer, unsigned which, uint32_t rows, column *out)
{
    uint64_t least = UINT64_MAX, most = 0;
    out->count = 0;
    for (; rows != 0; rows &= rows - 1) {
        uint64_t value = row_value(&writer->rows[__builtin_ctz(rows)], which);
        out->values[out->count++] = value;
        least = value < least ? value : least;
        most = value > most ? value : most;
    }
    out->least = least;
    out->width = auk_bits_needed(most - least);
    assert(out->width <= AUK_BITS_WIDEST);
}

static auk_row_masks row_masks(const auk_dictionary_writer *writer)
{
    auk_row_masks masks = {0};
    for (uint32_t i = 0; i < writer->row_count; i++) {
        const auk_term *row = &writer->rows[i];
        masks.all |= 1u << i;
        masks.single |= (uint32_t)(row->doc_freq == 1) << i;
        masks.once |= (uint32_t)(row->doc_freq == 1 && row->single_freq == 1) << i;
    }
    return masks;
}

/* The columns' heads, then their values; returns the end. out has room and is zero from there on.
 */
static uint8_t *write_columns(const auk_dictionary_writer *writer, auk_row_masks masks,
                              uint8_t *out)
{
    column columns[AUK_ROW_COLUMNS];
    unsigned flags = flags_of(writer->options);
    for (unsigned c = 0; c < AUK_ROW_COLUMNS; c++) {
        uint32_t rows = auk_dictionary_rows(flags, masks, c);
        columns[c].count = 0;
        if (rows == 0)
            continue;
        gather(writer, c, rows, &columns[c]);
        out += auk_varint_encode(columns[c].least, out);
        *out++ = (uint8_t)columns[c].width;
    }
    for (unsigned c = 0; c < AUK_ROW_COLUMNS; c++) {
        const column *from = &columns[c];
        for (uint32_t i = 0; i < from->count; i++)
            auk_bits_write(out, (uint64_t)i * from->width, from->values[i] - from->least);
        if (from->count > 0)
            out += ((size_t)from->count * from->width + 7) / 8;
    }
    return out;
}

/* ---- a block ---- */

enum {
    /* seven heads of at most 11 bytes, at most 7 columns of 32 values of 8 bytes, and what a store
       overshoots */
    COLUMNS_MOST = AUK_ROW_COLUMNS * (11 + AUK_DICTIONARY_BLOCK * 8) + 16,
    BLOCK_HEAD_MOST = 1 + 4 + 4 + AUK_VARINT_MAX + AUK_DICTIONARY_BLOCK,
};

static auk_code finish_block(auk_dictionary_writer *writer, auk_error *err)
{
    auk_row_masks masks = row_masks(writer);
    uint8_t head[BLOCK_HEAD_MOST], columns[COLUMNS_MOST] = {0};
    size_t head_size = 5;
    head[0] = (uint8_t)writer->row_count;
    auk_store_u32(head + 1, masks.single);
    if (writer->options->has_freqs) {
        auk_store_u32(head + 5, masks.once);
        head_size += 4;
    }
    head_size += auk_varint_encode(writer->text.size, head + head_size);
    memcpy(head + head_size, writer->heads, writer->row_count);
    head_size += writer->row_count;
    size_t columns_size = (size_t)(write_columns(writer, masks, columns) - columns);

    uint8_t *at;
    uint64_t address;
    auk_code code =
        auk_part_writer_add(&writer->blocks, head_size + writer->text.size + columns_size, &at,
                            &address, err);
    if (code != AUK_OK)
        return code;
    memcpy(at, head, head_size);
    if (writer->text.size > 0)
        memcpy(at + head_size, writer->text.data, writer->text.size);
    memcpy(at + head_size + writer->text.size, columns, columns_size);

    if (address >> 32 == writer->part_count) {
        writer->part_firsts = grow(writer->part_firsts, writer->part_count, &writer->part_capacity,
                                   sizeof *writer->part_firsts);
        writer->part_firsts[writer->part_count++] = writer->entry_count - 1;
    }
    writer->entries[writer->entry_count - 1].offset = (uint32_t)address;
    writer->row_count = 0;
    auk_buffer_reset(&writer->text);
    return AUK_OK;
}

static uint32_t shared_size(auk_span a, auk_span b)
{
    size_t most = a.size < b.size ? a.size : b.size, n = 0;
    while (n < most && a.data[n] == b.data[n])
        n++;
    return (uint32_t)n;
}

/* The first eight bytes as a number that sorts like them. */
static uint64_t prefix_of(auk_span bytes)
{
    uint8_t first[8] = {0};
    if (bytes.size > 0)
        memcpy(first, bytes.data, bytes.size < 8 ? bytes.size : 8);
    return auk_load_be64(first);
}

static void begin_block(auk_dictionary_writer *writer, auk_span text)
{
    writer->entries = grow(writer->entries, writer->entry_count, &writer->entry_capacity,
                           sizeof *writer->entries);
    writer->entries[writer->entry_count++] =
        (auk_dictionary_entry){.prefix = prefix_of(auk_span_from(text, writer->common)),
                               .common = writer->common};
}

static void write_text(auk_dictionary_writer *writer, auk_span text, uint32_t shared)
{
    uint32_t rest = (uint32_t)text.size - shared, escape = AUK_DICTIONARY_ESCAPE;
    uint32_t high = shared < escape ? shared : escape, low = rest < escape ? rest : escape;
    writer->heads[writer->row_count] = (uint8_t)(high << 4 | low);
    if (high == escape)
        auk_buffer_append_varint(&writer->text, shared - escape);
    if (low == escape)
        auk_buffer_append_varint(&writer->text, rest - escape);

    char *out = auk_buffer_reserve(&writer->text, rest);
    if (rest > 0)
        memcpy(out, text.data + shared, rest);
    writer->text.size += rest;
}

auk_code auk_dictionary_writer_add(auk_dictionary_writer *writer, auk_span text,
                                   const auk_term *row, auk_error *err)
{
    auk_span last = auk_buffer_span(&writer->last);
    uint32_t shared = shared_size(last, text);
    if (writer->stats.term_count == 0) {
        auk_buffer_append(&writer->first, text);
        writer->common = (uint32_t)text.size;
    } else {
        /* Equal up to `shared`, then the greater byte, or longer. */
        assert(text.size > shared &&
               (last.size == shared || (uint8_t)text.data[shared] > (uint8_t)last.data[shared]));
        writer->common = shared < writer->common ? shared : writer->common;
    }

    if (writer->row_count == 0)
        begin_block(writer, text);
    write_text(writer, text, writer->row_count == 0 ? 0 : shared);
    writer->rows[writer->row_count++] = *row;

    writer->last.size = shared;
    auk_buffer_append(&writer->last, auk_span_from(text, shared));
    if (writer->longest < text.size)
        writer->longest = (uint32_t)text.size;
    writer->stats.term_count++;
    writer->stats.sum_doc_freq += row->doc_freq;
    writer->stats.sum_total_freq += row->total_freq;
    return writer->row_count == AUK_DICTIONARY_BLOCK ? finish_block(writer, err) : AUK_OK;
}

/* ---- the index ---- */

/*
 * The prefix as counted from the field's common size: the bytes in between, which the block's terms
 * shared when it was begun, are put back in front.
 */
static uint64_t widen_prefix(const auk_dictionary_writer *writer, const auk_dictionary_entry *entry)
{
    uint32_t missing = entry->common - writer->common;
    uint64_t front = prefix_of(auk_span_make(writer->first.data + writer->common, missing));
    return missing >= 8 ? front : front | entry->prefix >> (8 * missing);
}

static void write_index(const auk_dictionary_writer *writer, auk_buffer *out)
{
    const auk_terms_options *options = writer->options;
    double average = options->average_length;
    uint64_t average_bits;
    uint32_t k1_bits, b_bits;
    memcpy(&average_bits, &average, sizeof average);
    memcpy(&k1_bits, &options->k1, sizeof k1_bits);
    memcpy(&b_bits, &options->b, sizeof b_bits);

    auk_buffer_append_byte(out, AUK_DICTIONARY_VERSION);
    auk_buffer_append_byte(out, (char)flags_of(options));
    auk_buffer_append_u16(out, 0);
    auk_buffer_append_u32(out, writer->entry_count);
    auk_buffer_append_u32(out, writer->part_count);
    auk_buffer_append_u32(out, writer->longest);
    auk_buffer_append_u32(out, writer->common);
    auk_buffer_append_u64(out, writer->stats.term_count);
    auk_buffer_append_u64(out, writer->stats.doc_count);
    auk_buffer_append_u64(out, writer->stats.sum_doc_freq);
    auk_buffer_append_u64(out, writer->stats.sum_total_freq);
    auk_buffer_append_u64(out, average_bits);
    auk_buffer_append_u32(out, k1_bits);
    auk_buffer_append_u32(out, b_bits);

    auk_buffer_append(out, auk_span_make(writer->first.data, writer->common));
    for (uint32_t i = 0; i < writer->part_count; i++)
        auk_buffer_append_u32(out, writer->part_firsts[i]);
    for (uint32_t i = 0; i < writer->entry_count; i++)
        auk_buffer_append_u32(out, writer->entries[i].offset);
    for (uint32_t i = 0; i < writer->entry_count; i++)
        auk_buffer_append_u64(out, __builtin_bswap64(widen_prefix(writer, &writer->entries[i])));
}

auk_code auk_dictionary_writer_end(auk_dictionary_writer *writer, uint64_t doc_count,
                                   auk_error *err)
{
    writer->stats.doc_count = doc_count;
    auk_code code = writer->row_count > 0 ? finish_block(writer, err) : AUK_OK;
    if (code == AUK_OK)
        code = auk_part_writer_flush(&writer->blocks, err);
    if (code != AUK_OK)
        return code;

    auk_buffer index;
    auk_buffer_init(&index, AUK_BUFFER_NO_LIMIT);
    write_index(writer, &index);
    const auk_sink *sink = &writer->blocks.sink;
    code = sink->put(sink->context, AUK_KIND_TERM_INDEX, writer->options->field, 0,
                     auk_buffer_span(&index), err);
    auk_buffer_deinit(&index);
    return code;
}
