#include "postings.h"

#include <assert.h>
#include <stdlib.h>

#include "auk/select.h"
#include "bits.h"
#include "positions.h"

enum { REACHED_SIZE = 4 * AUK_LIST_RANKS, LEADERS_SIZE_SIZE = 2 };

void auk_postings_writer_init(auk_postings_writer *writer)
{
    *writer = (auk_postings_writer){.kernels = auk_kernels_best()};
    auk_buffer_init(&writer->blocks, AUK_BUFFER_NO_LIMIT);
    auk_buffer_init(&writer->chunks, AUK_BUFFER_NO_LIMIT);
}

void auk_postings_writer_deinit(auk_postings_writer *writer)
{
    auk_buffer_deinit(&writer->blocks);
    auk_buffer_deinit(&writer->chunks);
    free(writer->gaps);
    free(writer->skips);
}

void auk_postings_writer_begin_field(auk_postings_writer *writer, const auk_terms_options *options,
                                     uint32_t doc_count)
{
    writer->options = options;
    writer->doc_count = doc_count;
    writer->leaders_ready = false;
    auk_bound_model_init(&writer->bounds, options->k1, options->b, options->average_length);
}

void auk_postings_writer_begin(auk_postings_writer *writer)
{
    writer->count = 0;
    writer->before = -1;
    writer->gap_count = 0;
    writer->skip_count = 0;
    writer->best.count = 0;
    writer->best.least = 0;
    writer->doc_freq = 0;
    writer->total_freq = 0;
    writer->too_large = false;
    auk_buffer_reset(&writer->blocks);
    auk_buffer_reset(&writer->chunks);
}

static void *grow(void *array, size_t size)
{
    void *grown = realloc(array, size);
    if (grown == NULL)
        abort();
    return grown;
}

/* ---- one block ---- */

/* Keeps the greatest shares, of equal ones those of lower documents. They are not negative, so
 * their bits rise as they do. */
static void keep_best(auk_list_best *best, const float *shares, const auk_doc *docs, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t bits;
        memcpy(&bits, &shares[i], sizeof bits);
        uint64_t code = (uint64_t)bits << 32 | (uint32_t)~docs[i];
        best->codes[best->count] = code;
        best->count += code > best->least;
    }
    if (best->count >= AUK_RANK_MOST + AUK_RANK_MOST / 2) {
        best->least = auk_select_greatest(best->codes, best->count, AUK_RANK_MOST);
        best->count = AUK_RANK_MOST;
    }
}

/* ceil(255 * greatest share) over the documents in hand. */
static uint8_t block_bound(auk_postings_writer *writer)
{
    const uint8_t *norms = writer->options->norms;
    float shares[AUK_BLOCK_DOCS], best = 0;
    for (uint32_t i = 0; i < writer->count; i++) {
        uint8_t norm = norms ? norms[writer->docs[i]] : AUK_BOUND_NORM_ABSENT;
        shares[i] = (float)writer->freqs[i] * writer->bounds.inverse[norm];
        best = shares[i] > best ? shares[i] : best;
    }
    if (writer->doc_freq >= AUK_BLOCK_DOCS)
        keep_best(&writer->best, shares, writer->docs, writer->count);
    return auk_bound_encode(best);
}

static void write_bitset(auk_postings_writer *writer, uint32_t words)
{
    const auk_doc *docs = writer->docs;
    uint64_t bits[AUK_BLOCK_WORDS_MOST] = {0};
    uint32_t base = docs[0] / 64;
    for (uint32_t i = 0; i < AUK_BLOCK_DOCS; i++)
        bits[docs[i] / 64 - base] |= UINT64_C(1) << (docs[i] % 64);

    auk_buffer_append_byte(&writer->blocks, (char)(AUK_BLOCK_BITSET | words));
    auk_buffer_append(&writer->blocks, auk_span_make(bits, (size_t)words * 8));
}

static void write_docs(auk_postings_writer *writer)
{
    const auk_doc *docs = writer->docs;
    uint32_t gaps[AUK_BLOCK_DOCS];
    uint32_t all = 0;
    gaps[0] = 0;
    for (uint32_t i = 1; i < AUK_BLOCK_DOCS; i++) {
        gaps[i] = docs[i] - docs[i - 1] - 1;
        all |= gaps[i];
    }

    unsigned width = auk_bits_needed(all);
    uint32_t words = docs[AUK_BLOCK_DOCS - 1] / 64 - docs[0] / 64 + 1;
    if (width == 0) {
        auk_buffer_append_byte(&writer->blocks, 0);
    } else if (words <= AUK_BLOCK_WORDS_MOST && words * 64 < AUK_BLOCK_DOCS * (width + 1)) {
        write_bitset(writer, words);
    } else {
        uint8_t *out = (uint8_t *)auk_buffer_reserve(&writer->blocks, 1 + 32u * width);
        out[0] = (uint8_t)width;
        writer->kernels->pack(gaps, width, out + 1);
        writer->blocks.size += 1 + 32u * width;
    }
}

/* The width that makes the block shortest with at most seven exceptions of at most eight bits. */
static unsigned choose_width(const uint32_t *values)
{
    unsigned widest = auk_bits_widest(values, AUK_BLOCK_DOCS);
    unsigned best = widest;
    uint32_t best_size = 32 * widest;
    for (unsigned width = widest; width-- > 0 && width + 8 >= widest;) {
        uint32_t wider = auk_bits_count_wider(values, AUK_BLOCK_DOCS, width);
        if (wider > 7)
            break;
        if (32 * width + 2 * wider < best_size) {
            best = width;
            best_size = 32 * width + 2 * wider;
        }
    }
    return best;
}

static void write_freqs(auk_postings_writer *writer)
{
    uint32_t values[AUK_BLOCK_DOCS];
    for (uint32_t i = 0; i < AUK_BLOCK_DOCS; i++)
        values[i] = writer->freqs[i] - 1;
    unsigned width = choose_width(values);
    uint32_t mask = (UINT32_C(1) << width) - 1;

    uint8_t *out = (uint8_t *)auk_buffer_reserve(&writer->blocks, 1 + 32u * width + 14);
    uint8_t *exception = out + 1 + 32u * width;
    unsigned exceptions = 0;
    for (uint32_t i = 0; i < AUK_BLOCK_DOCS; i++) {
        if (values[i] > mask) {
            *exception++ = (uint8_t)i;
            *exception++ = (uint8_t)(values[i] >> width);
            values[i] &= mask;
            exceptions++;
        }
    }
    out[0] = (uint8_t)(exceptions << 5 | width);
    writer->kernels->pack(values, width, out + 1);
    writer->blocks.size += (size_t)(exception - out);
}

static void write_vbytes(auk_buffer *out, const uint32_t *values, uint32_t count)
{
    char *at = auk_buffer_reserve(out, (count + 3) / 4 + (size_t)count * 4);
    out->size += auk_vbyte_encode(values, count, (uint8_t *)at);
}

static void write_tail(auk_postings_writer *writer)
{
    bool has_freqs = writer->options->has_freqs;
    uint32_t *values = writer->tail_values, *others = writer->tail_freqs, other_count = 0;
    int64_t before = writer->before;
    for (uint32_t i = 0; i < writer->count; i++) {
        uint32_t gap = (uint32_t)((int64_t)writer->docs[i] - before - 1);
        before = writer->docs[i];
        values[i] = gap;
        if (has_freqs) {
            values[i] = gap << 1 | (writer->freqs[i] == 1);
            if (writer->freqs[i] != 1)
                others[other_count++] = writer->freqs[i] - 2;
        }
    }
    write_vbytes(&writer->blocks, values, writer->count);
    if (other_count > 0)
        write_vbytes(&writer->blocks, others, other_count);
}

static void finish_block(auk_postings_writer *writer)
{
    if (writer->skip_count == writer->skip_capacity) {
        writer->skip_capacity = writer->skip_capacity ? writer->skip_capacity * 2 : 64;
        writer->skips = grow(writer->skips, sizeof *writer->skips * writer->skip_capacity);
    }
    writer->skips[writer->skip_count++] = (auk_skip){
        .last_doc = writer->docs[writer->count - 1],
        .offset = (uint32_t)writer->blocks.size,
        .pos_offset = (uint32_t)writer->chunks.size,
        .bound = block_bound(writer),
    };

    if (writer->count < AUK_BLOCK_DOCS) {
        write_tail(writer);
    } else {
        write_docs(writer);
        if (writer->options->has_freqs)
            write_freqs(writer);
    }
    if (writer->gap_count > 0)
        auk_positions_encode(writer->gaps, writer->gap_count, &writer->chunks);
    if (writer->blocks.size > UINT32_MAX || writer->chunks.size > UINT32_MAX)
        writer->too_large = true;

    writer->before = writer->docs[writer->count - 1];
    writer->count = 0;
    writer->gap_count = 0;
}

/* ---- one term ---- */

static void add_positions(auk_postings_writer *writer, const uint32_t *positions, uint32_t freq)
{
    if (writer->gap_capacity - writer->gap_count < freq) {
        writer->gap_capacity = (writer->gap_count + freq) * 2;
        if (writer->gap_capacity < 1024)
            writer->gap_capacity = 1024;
        writer->gaps = grow(writer->gaps, sizeof *writer->gaps * writer->gap_capacity);
    }
    uint32_t *gaps = writer->gaps + writer->gap_count;
    uint32_t before = 0;
    for (uint32_t i = 0; i < freq; i++) {
        assert(positions[i] >= before);
        gaps[i] = positions[i] - before;
        before = positions[i];
    }
    writer->gap_count += freq;
}

void auk_postings_writer_add(auk_postings_writer *writer, auk_doc doc, uint32_t freq,
                             const uint32_t *positions)
{
    if (writer->count == AUK_BLOCK_DOCS)
        finish_block(writer);
    assert((int64_t)doc >
           (writer->count ? (int64_t)writer->docs[writer->count - 1] : writer->before));
    assert(freq >= 1 && freq < AUK_FREQ_LIMIT && (freq == 1 || writer->options->has_freqs));

    writer->docs[writer->count] = doc;
    writer->freqs[writer->count] = freq;
    writer->count++;
    writer->doc_freq++;
    writer->total_freq += freq;
    if (writer->options->has_positions)
        add_positions(writer, positions, freq);
}

static auk_code place_chunks(auk_postings_writer *writer, auk_part_writer *positions, auk_term *out,
                             auk_error *err)
{
    uint8_t *at;
    auk_code code = auk_part_writer_add(positions, writer->chunks.size, &at, &out->positions, err);
    if (code == AUK_OK)
        memcpy(at, writer->chunks.data, writer->chunks.size);
    return code;
}

static auk_code end_single(auk_postings_writer *writer, auk_part_writer *positions, auk_term *out,
                           auk_error *err)
{
    out->single_doc = writer->docs[0];
    out->single_freq = writer->freqs[0];
    if (!writer->options->has_positions)
        return AUK_OK;
    if (writer->freqs[0] == 1) {
        out->positions = writer->gaps[0];
        return AUK_OK;
    }
    auk_positions_encode(writer->gaps, writer->gap_count, &writer->chunks);
    return place_chunks(writer, positions, out, err);
}

/* The tf / K of some ranks. The best AUK_RANK_MOST are in front then. */
static void find_reached(auk_postings_writer *writer)
{
    static const uint32_t ranks[AUK_LIST_RANKS] = {10, 100, AUK_RANK_MOST};
    auk_list_best *best = &writer->best;
    uint32_t among = best->count;
    for (uint32_t i = AUK_LIST_RANKS; i-- > 0;) {
        uint64_t code = 0;
        if (among >= ranks[i])
            code = auk_select_greatest(best->codes, among, ranks[i]);
        writer->reached[i] = (uint32_t)(code >> 32);
        among = among < ranks[i] ? among : ranks[i];
    }
    best->count = best->count < AUK_RANK_MOST ? best->count : AUK_RANK_MOST;
}

/* Where all scores are even, the first documents are the best: they are found as soon. */
static void find_leaders(auk_postings_writer *writer)
{
    const auk_terms_options *options = writer->options;
    writer->leaders_size = 0;
    if (!options->has_freqs || !(options->average_length > 0))
        return;
    if (!writer->leaders_ready)
        auk_leaders_model_init(&writer->leaders_model, options, writer->doc_count, &writer->bounds);
    writer->leaders_ready = true;
    bool all = writer->doc_freq <= writer->best.count;
    uint32_t k = writer->doc_freq < AUK_LEADERS_LONG ? AUK_LEADERS_SOME : AUK_LEADERS_MANY;
    writer->leaders_size = auk_leaders_write(&writer->leaders_model, writer->best.codes,
                                             writer->best.count, all, k, writer->leaders);
}

/* Behind the first bytes of a long list. Answers the extension's size. */
static uint32_t write_extension(const auk_postings_writer *writer, uint8_t *at)
{
    for (uint32_t i = 0; i < AUK_LIST_RANKS; i++)
        auk_store_u32(at + (size_t)i * 4, writer->reached[i]);
    if (writer->leaders_size == 0)
        return REACHED_SIZE;
    uint16_t size = (uint16_t)writer->leaders_size;
    memcpy(at + REACHED_SIZE, &size, sizeof size);
    memcpy(at + REACHED_SIZE + sizeof size, writer->leaders, size);
    return REACHED_SIZE + sizeof size;
}

static void write_skips(auk_postings_writer *writer, uint8_t *at, uint32_t head_size)
{
    uint32_t count = writer->skip_count;
    uint32_t extension = write_extension(writer, at + AUK_LIST_HEAD);
    uint8_t *last_docs = at + AUK_LIST_HEAD + extension + writer->leaders_size,
            *offsets = last_docs + (size_t)count * 4;
    uint8_t *pos_offsets = offsets + (size_t)count * 4;
    uint8_t *bounds = pos_offsets + (writer->options->has_positions ? (size_t)count * 4 : 0);
    uint8_t *bounds32 = bounds + count;

    uint8_t most = 0;
    memset(bounds32, 0, (count + 31) / 32);
    for (uint32_t i = 0; i < count; i++) {
        const auk_skip *skip = &writer->skips[i];
        auk_store_u32(last_docs + (size_t)i * 4, skip->last_doc);
        auk_store_u32(offsets + (size_t)i * 4, skip->offset + head_size);
        if (writer->options->has_positions)
            auk_store_u32(pos_offsets + (size_t)i * 4, skip->pos_offset);
        bounds[i] = skip->bound;
        if (bounds32[i / 32] < skip->bound)
            bounds32[i / 32] = skip->bound;
        if (most < skip->bound)
            most = skip->bound;
    }
    at[0] = writer->leaders_size ? AUK_LIST_VERSION_LEADERS : AUK_LIST_VERSION;
    at[1] = writer->leaders_size ? AUK_LIST_REACHED | AUK_LIST_LEADERS : AUK_LIST_REACHED;
    at[2] = most;
    at[3] = (uint8_t)extension;
}

static auk_code place_list(auk_postings_writer *writer, auk_part_writer *postings, auk_term *out,
                           auk_error *err)
{
    size_t count = writer->skip_count;
    size_t head_size = 1;
    if (writer->doc_freq >= AUK_BLOCK_DOCS) {
        find_reached(writer);
        find_leaders(writer);
        head_size = AUK_LIST_HEAD + REACHED_SIZE +
                    (writer->leaders_size ? LEADERS_SIZE_SIZE + writer->leaders_size : 0) +
                    count * (writer->options->has_positions ? 13 : 9) + (count + 31) / 32;
    }

    uint8_t *at;
    auk_code code =
        auk_part_writer_add(postings, head_size + writer->blocks.size, &at, &out->postings, err);
    if (code != AUK_OK)
        return code;
    if (writer->doc_freq >= AUK_BLOCK_DOCS)
        write_skips(writer, at, (uint32_t)head_size);
    else
        at[0] = writer->skips[0].bound;
    memcpy(at + head_size, writer->blocks.data, writer->blocks.size);
    return AUK_OK;
}

auk_code auk_postings_writer_end(auk_postings_writer *writer, auk_part_writer *postings,
                                 auk_part_writer *positions, auk_term *out, auk_error *err)
{
    *out = (auk_term){.doc_freq = (uint32_t)writer->doc_freq, .total_freq = writer->total_freq};
    if (writer->doc_freq == 1)
        return end_single(writer, positions, out, err);

    if (writer->count > 0)
        finish_block(writer);
    if (writer->too_large)
        return auk_fail(err, AUK_TOO_LARGE, "a list of %u documents is longer than 4 GiB",
                        out->doc_freq);
    auk_code code = place_list(writer, postings, out, err);
    if (code == AUK_OK && writer->options->has_positions)
        code = place_chunks(writer, positions, out, err);
    return code;
}
