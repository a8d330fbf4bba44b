#include <assert.h>
#include <stdlib.h>

#include "column.h"
#include "column_block.h"

#define VERSION 1

/* Where one block is, and between which values. */
typedef struct block_place {
    int64_t min, max;
    uint32_t part, offset, size, value_count;
} block_place;

struct auk_column_writer {
    auk_output *output;
    uint32_t row_count;
    uint16_t field;
    bool ordinals;
    auk_column_stats stats;

    /* the block that is open */
    uint32_t block;
    uint32_t present_count;
    uint16_t rows[AUK_COLUMN_BLOCK];
    uint64_t ends[AUK_COLUMN_BLOCK];
    int64_t *values;
    size_t value_count, value_capacity;
    int64_t min, max;

    /* the part that is open, and all blocks so far */
    uint32_t part;
    auk_buffer bytes, scratch;
    block_place *places;
    uint32_t place_capacity;

    auk_ranks_writer ranks;
};

auk_column_writer *auk_column_writer_create(auk_output *output, uint32_t row_count)
{
    auk_column_writer *writer = calloc(1, sizeof *writer);
    if (!writer)
        abort();
    writer->output = output;
    writer->row_count = row_count;
    auk_buffer_init(&writer->bytes, AUK_BUFFER_NO_LIMIT);
    auk_buffer_init(&writer->scratch, AUK_BUFFER_NO_LIMIT);
    return writer;
}

void auk_column_writer_destroy(auk_column_writer *writer)
{
    if (!writer)
        return;
    auk_buffer_deinit(&writer->bytes);
    auk_buffer_deinit(&writer->scratch);
    auk_ranks_writer_deinit(&writer->ranks);
    free(writer->values);
    free(writer->places);
    free(writer);
}

void auk_column_writer_begin(auk_column_writer *writer, uint16_t field, bool ordinals)
{
    writer->field = field;
    writer->ordinals = ordinals;
    writer->stats = (auk_column_stats){.min = INT64_MAX, .max = INT64_MIN};
    writer->block = 0;
    writer->part = 0;
    writer->present_count = 0;
    writer->value_count = 0;
    auk_buffer_reset(&writer->bytes);
    auk_ranks_writer_begin(&writer->ranks, !ordinals && field >= AUK_FIELD_FIRST_USER &&
                                               writer->row_count >= AUK_RANKS_LEAST);
}

static block_place *add_place(auk_column_writer *writer)
{
    if (writer->block == writer->place_capacity) {
        writer->place_capacity = writer->place_capacity ? writer->place_capacity * 2 : 16;
        writer->places = realloc(writer->places, writer->place_capacity * sizeof *writer->places);
        if (!writer->places)
            abort();
    }
    return &writer->places[writer->block++];
}

static uint32_t rows_of_block(const auk_column_writer *writer)
{
    uint32_t rest = writer->row_count - writer->block * AUK_COLUMN_BLOCK;
    return rest < AUK_COLUMN_BLOCK ? rest : AUK_COLUMN_BLOCK;
}

/* Numbers of values and offsets are 32 bits wide on disk. */
static bool block_fits(auk_column_writer *writer)
{
    if (writer->value_count <= UINT32_MAX / 9)
        return true;
    auk_output_fail(writer->output, AUK_TOO_LARGE,
                    "4096 documents hold more than 477 million values of one field");
    return false;
}

static void end_part(auk_column_writer *writer)
{
    auk_output_put(writer->output, AUK_KIND_COLUMN, writer->field, writer->part++,
                   auk_buffer_span(&writer->bytes));
    auk_buffer_reset(&writer->bytes);
}

static void end_block(auk_column_writer *writer)
{
    uint32_t row_count = rows_of_block(writer);
    block_place *place = add_place(writer);
    *place = (block_place){0};
    if (writer->present_count == 0 || !block_fits(writer))
        return;
    if (writer->bytes.size >= AUK_VALUE_SIZE_TARGET)
        end_part(writer);
    place->min = writer->min;
    place->max = writer->max;
    place->part = writer->part;
    place->offset = (uint32_t)writer->bytes.size;
    place->value_count = (uint32_t)writer->value_count;
    auk_column_rows rows = {.row_count = row_count,
                            .present_count = writer->present_count,
                            .rows = writer->rows,
                            .ends = writer->ends,
                            .values = writer->values,
                            .min = writer->min,
                            .max = writer->max};
    auk_column_block_encode(&rows, &writer->scratch, &writer->bytes);
    place->size = (uint32_t)(writer->bytes.size - place->offset);
    writer->present_count = 0;
    writer->value_count = 0;
}

static void begin_row(auk_column_writer *writer, uint32_t row)
{
    while (writer->block < row / AUK_COLUMN_BLOCK)
        end_block(writer);
    writer->rows[writer->present_count++] = (uint16_t)(row % AUK_COLUMN_BLOCK);
    writer->stats.doc_count++;
}

static void append_value(auk_column_writer *writer, int64_t value)
{
    if (writer->value_count == writer->value_capacity) {
        size_t capacity = writer->value_capacity ? writer->value_capacity * 2 : AUK_COLUMN_BLOCK;
        writer->values = realloc(writer->values, capacity * sizeof *writer->values);
        if (!writer->values)
            abort();
        writer->value_capacity = capacity;
    }
    if (writer->value_count == 0)
        writer->min = writer->max = value;
    writer->min = value < writer->min ? value : writer->min;
    writer->max = value > writer->max ? value : writer->max;
    writer->values[writer->value_count++] = value;
    writer->ends[writer->present_count - 1] = writer->value_count;
}

void auk_column_writer_value(auk_column_writer *writer, uint32_t row, int64_t value)
{
    assert(row < writer->row_count);
    assert(row / AUK_COLUMN_BLOCK >= writer->block);
    uint16_t in_block = (uint16_t)(row % AUK_COLUMN_BLOCK);
    bool same = row / AUK_COLUMN_BLOCK == writer->block && writer->present_count > 0 &&
                writer->rows[writer->present_count - 1] == in_block;
    if (!same)
        begin_row(writer, row);
    assert(same ? writer->values[writer->value_count - 1] <= value
                : writer->present_count < 2 || writer->rows[writer->present_count - 2] < in_block);
    append_value(writer, value);
    if (same) /* a count of values is none of documents */
        auk_ranks_writer_begin(&writer->ranks, false);
    auk_ranks_writer_add(&writer->ranks, value);
    writer->stats.value_count++;
    writer->stats.min = value < writer->stats.min ? value : writer->stats.min;
    writer->stats.max = value > writer->stats.max ? value : writer->stats.max;
}

static void append_directory(auk_column_writer *writer)
{
    auk_buffer *out = &writer->bytes;
    uint32_t count = writer->block;
    for (uint32_t i = 0; i < count; i++)
        auk_buffer_append_u64(out, (uint64_t)writer->places[i].min);
    for (uint32_t i = 0; i < count; i++)
        auk_buffer_append_u64(out, (uint64_t)writer->places[i].max);
    for (uint32_t i = 0; i < count; i++) {
        auk_buffer_append_u32(out, writer->places[i].part);
        auk_buffer_append_u32(out, writer->places[i].offset);
        auk_buffer_append_u32(out, writer->places[i].size);
        auk_buffer_append_u32(out, writer->places[i].value_count);
    }
    auk_buffer_append(out, AUK_SPAN("AUKC"));
    auk_buffer_append_byte(out, VERSION);
    auk_buffer_append_byte(out, writer->ordinals);
    auk_buffer_append_u16(out, 0);
    auk_buffer_append_u32(out, writer->row_count);
    auk_buffer_append_u32(out, writer->stats.doc_count);
    auk_buffer_append_u64(out, writer->stats.value_count);
    auk_buffer_append_u64(out, (uint64_t)writer->stats.min);
    auk_buffer_append_u64(out, (uint64_t)writer->stats.max);
    auk_buffer_append_u32(out, count);
    auk_buffer_append_u32(out, writer->part + 1);
}

/* Is an end of a range, wherever it falls, between the least and the greatest value of but a few
 * blocks? */
static bool zones_tell(const auk_column_writer *writer)
{
    enum { FEW = 4 };
    double all = (double)writer->stats.max - (double)writer->stats.min, sum = 0;
    for (uint32_t i = 0; i < writer->block; i++)
        sum += (double)writer->places[i].max - (double)writer->places[i].min;
    return sum <= all * FEW;
}

void auk_column_writer_end(auk_column_writer *writer)
{
    if (writer->stats.value_count == 0)
        return;
    uint32_t blocks =
        (uint32_t)(((uint64_t)writer->row_count + AUK_COLUMN_BLOCK - 1) / AUK_COLUMN_BLOCK);
    while (writer->block < blocks)
        end_block(writer);
    append_directory(writer);
    end_part(writer);
    if (writer->ranks.count >= AUK_RANKS_LEAST && !zones_tell(writer))
        auk_ranks_writer_end(&writer->ranks, writer->field, writer->stats.min, writer->stats.max,
                             writer->output);
    auk_ranks_writer_begin(&writer->ranks, false);
}
