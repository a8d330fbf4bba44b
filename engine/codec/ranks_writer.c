#include <stdlib.h>

#include "packed_run.h"
#include "ranks.h"

#define VERSION 2

void auk_ranks_writer_deinit(auk_ranks_writer *writer)
{
    free(writer->values);
    *writer = (auk_ranks_writer){0};
}

/* The room is given back: a column more would hold what the largest took. */
void auk_ranks_writer_begin(auk_ranks_writer *writer, bool keeps)
{
    auk_ranks_writer_deinit(writer);
    writer->keeps = keeps;
}

void auk_ranks_writer_add(auk_ranks_writer *writer, int64_t value)
{
    if (!writer->keeps)
        return;
    if (writer->count == AUK_RANKS_MOST) {
        auk_ranks_writer_begin(writer, false);
        return;
    }
    if (writer->count == writer->capacity) {
        writer->capacity = writer->capacity ? writer->capacity * 2 : AUK_RANKS_LEAST;
        writer->values = realloc(writer->values, writer->capacity * sizeof *writer->values);
        if (!writer->values)
            abort();
    }
    writer->values[writer->count++] = (uint64_t)value;
}

/* ---- sort ---- */

enum { DIGIT = 11, DIGITS = 1 << DIGIT };

static void sort_digit(const uint64_t *in, uint32_t count, unsigned shift, uint64_t *out)
{
    uint32_t places[DIGITS] = {0}, sum = 0;
    for (uint32_t i = 0; i < count; i++)
        places[in[i] >> shift & (DIGITS - 1)]++;
    for (uint32_t d = 0; d < DIGITS; d++) {
        uint32_t some = places[d];
        places[d] = sum;
        sum += some;
    }
    for (uint32_t i = 0; i < count; i++)
        out[places[in[i] >> shift & (DIGITS - 1)]++] = in[i];
}

/* From the lowest digit up, as distances from the least. */
static void sort_values(auk_ranks_writer *writer, uint64_t least, uint64_t most)
{
    uint32_t count = writer->count;
    uint64_t *spare = malloc(count * sizeof *spare);
    if (!spare)
        abort();
    for (uint32_t i = 0; i < count; i++)
        writer->values[i] -= least;
    for (unsigned shift = 0; shift < 64 && (most - least) >> shift; shift += DIGIT) {
        sort_digit(writer->values, count, shift, spare);
        uint64_t *sorted = spare;
        spare = writer->values;
        writer->values = sorted;
    }
    for (uint32_t i = 0; i < count; i++)
        writer->values[i] += least;
    free(spare);
}

/* ---- write ---- */

/* The greatest that all distances are multiples of. */
static uint64_t find_factor(const uint64_t *values, uint32_t count)
{
    uint64_t factor = 0;
    for (uint32_t i = 1; i < count && factor != 1; i++) {
        uint64_t rest = values[i] - values[i - 1];
        while (rest) {
            uint64_t next = factor % rest;
            factor = rest;
            rest = next;
        }
    }
    return factor ? factor : 1;
}

static void append_block(const uint64_t *values, uint32_t count, uint64_t factor, auk_buffer *out)
{
    uint64_t steps[AUK_RANKS_BLOCK], widest = 0;
    for (uint32_t i = 1; i < count; i++) {
        steps[i - 1] = (values[i] - values[i - 1]) / factor;
        widest = steps[i - 1] > widest ? steps[i - 1] : widest;
    }
    unsigned width = auk_packed_width(widest);
    auk_buffer_append_byte(out, (char)width);
    auk_packed_append(out, steps, count - 1, width);
}

void auk_ranks_writer_end(auk_ranks_writer *writer, uint16_t field, int64_t least, int64_t most,
                          auk_output *output)
{
    uint32_t count = writer->count;
    if (!writer->keeps || count == 0)
        return;
    auk_buffer bytes, blocks;
    auk_buffer_init(&bytes, AUK_BUFFER_NO_LIMIT);
    auk_buffer_init(&blocks, AUK_BUFFER_NO_LIMIT);
    sort_values(writer, (uint64_t)least, (uint64_t)most);
    uint64_t factor = find_factor(writer->values, count);
    auk_buffer_append(&bytes, AUK_SPAN("AUKR"));
    auk_buffer_append_u32(&bytes, VERSION);
    auk_buffer_append_u32(&bytes, count);
    auk_buffer_append_u32(&bytes, 0);
    auk_buffer_append_u64(&bytes, factor);
    for (uint32_t first = 0; first < count; first += AUK_RANKS_BLOCK)
        auk_buffer_append_u64(&bytes, writer->values[first]);
    for (uint32_t first = 0; first < count; first += AUK_RANKS_BLOCK) {
        uint32_t rest = count - first;
        append_block(writer->values + first, rest < AUK_RANKS_BLOCK ? rest : AUK_RANKS_BLOCK,
                     factor, &blocks);
        auk_buffer_append_u32(&bytes, (uint32_t)blocks.size);
    }
    auk_buffer_append(&bytes, auk_buffer_span(&blocks));
    auk_output_put(output, AUK_KIND_RANKS, field, 0, auk_buffer_span(&bytes));
    auk_buffer_deinit(&bytes);
    auk_buffer_deinit(&blocks);
    auk_ranks_writer_begin(writer, false);
}
