#include <stdlib.h>

#include "auk/pace.h"
#include "auk/segment_writer.h"

#include "stored.h"

#define VERSION       1
#define VERSION_PLAIN (VERSION | AUK_STORED_PLAIN_FRAMES)

/* A frame is closed at its target; a document that would take it past the most begins the next one,
 * unless the frame is hardly begun. Small, because a page of ten hits reads ten of them: with 16 KB
 * they were half of a search's time, with 4 KB a quarter. */
#define FRAME_TARGET (2u << 10)
#define FRAME_LEAST  (1u << 9)
#define FRAME_MOST   (3u << 10)

/*
 * The dictionary is made of pieces of the documents in the first LEARN_BYTES, evenly spread, as
 * they are, and of codes counted over the first CODES_BYTES: with these a frame of 2 KB needs no
 * tables of its own, is read in half the time (of one of 4 KB without: a quarter), and is about as
 * small as one of 4 KB was. To choose the pieces by training saved no byte more, and took longer
 * than compressing ten megabytes. Below LEARN_BYTES it costs what it saves.
 */
#define LEARN_BYTES      (1u << 20)
#define CODES_BYTES      (1u << 18)
#define LEARN_DOCUMENTS  16
#define PIECE_MOST       2048u
#define DICTIONARY_BYTES (32u << 10)

/* Frames that are compressed side by side: some milliseconds of work, so that who helps is worth
 * waking, and little beside what a merge holds. */
#define BATCH_BYTES  ((size_t)1 << 20)
#define BATCH_FRAMES 512u
#define BATCH_KEPT   (64u << 10) /* of each frame's room, for the next one */

typedef struct frame_row {
    uint32_t first_doc, part, offset, size, inflated_size;
} frame_row;

/* A frame that waits for its turn to be compressed, and what became of it. */
typedef struct batched_frame {
    uint32_t first_doc;
    size_t start, size; /* in the batch's bytes */
    auk_buffer packed;
    auk_code code;
    auk_error error;
} batched_frame;

struct auk_stored_writer {
    auk_output *output;
    int level;
    bool is_plain;  /* frames stay as they are */
    auk_pool *pool; /* whose idle threads help; NULL: nobody does */
    const auk_zstd_dictionary *dictionary;
    auk_zstd_dictionary *made;
    auk_span dictionary_bytes;
    auk_buffer dictionary_copy;

    uint32_t doc_count;
    uint32_t part;
    auk_buffer part_bytes;
    auk_buffer rows;

    /* the frame that is open */
    uint32_t first_doc;
    auk_buffer sizes, ids, routings, sources, frame;

    /* closed frames, with a pool; else they go to their part at once */
    auk_buffer batch_bytes;
    batched_frame *batch; /* BATCH_FRAMES of them */
    uint32_t batch_count;

    /* frames that wait for the dictionary, laid end to end, and how to cut them into samples */
    bool waiting;
    auk_buffer waiting_bytes;
    auk_buffer waiting_rows; /* frame_row: first document and inflated size */
    size_t *samples;
    uint32_t sample_count, sample_capacity;
    uint32_t frame_samples; /* of the open frame: where its samples begin */
};

static void create_batch(auk_stored_writer *writer, auk_pool *pool)
{
    writer->pool = pool;
    writer->batch = calloc(BATCH_FRAMES, sizeof *writer->batch);
    if (!writer->batch)
        abort();
    for (uint32_t i = 0; i < BATCH_FRAMES; i++)
        auk_buffer_init(&writer->batch[i].packed, AUK_BUFFER_NO_LIMIT);
}

static void destroy_batch(auk_stored_writer *writer)
{
    for (uint32_t i = 0; i < BATCH_FRAMES && writer->batch; i++)
        auk_buffer_deinit(&writer->batch[i].packed);
    free(writer->batch);
}

auk_stored_writer *auk_stored_writer_create(auk_output *output, int level,
                                            const auk_zstd_dictionary *dictionary, auk_pool *pool)
{
    auk_stored_writer *writer = calloc(1, sizeof *writer);
    if (!writer)
        abort();
    writer->output = output;
    writer->level = level ? level : 1;
    writer->is_plain = level == AUK_SEGMENT_PLAIN;
    writer->dictionary = dictionary;
    if (dictionary)
        writer->dictionary_bytes = auk_zstd_dictionary_bytes(dictionary);
    writer->waiting = !dictionary && !writer->is_plain;
    auk_buffer *buffers[] = {&writer->dictionary_copy, &writer->part_bytes, &writer->rows,
                             &writer->sizes,           &writer->ids,        &writer->routings,
                             &writer->sources,         &writer->frame,      &writer->waiting_bytes,
                             &writer->waiting_rows,    &writer->batch_bytes};
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
        auk_buffer_init(buffers[i], AUK_BUFFER_NO_LIMIT);
    if (pool && !writer->is_plain)
        create_batch(writer, pool);
    return writer;
}

static void stop_waiting(auk_stored_writer *writer)
{
    writer->waiting = false;
    auk_buffer_deinit(&writer->waiting_bytes);
    auk_buffer_deinit(&writer->waiting_rows);
    free(writer->samples);
    writer->samples = NULL;
}

void auk_stored_writer_destroy(auk_stored_writer *writer)
{
    if (!writer)
        return;
    stop_waiting(writer);
    auk_buffer *buffers[] = {&writer->dictionary_copy, &writer->part_bytes, &writer->rows,
                             &writer->sizes,           &writer->ids,        &writer->routings,
                             &writer->sources,         &writer->frame,      &writer->batch_bytes};
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
        auk_buffer_deinit(buffers[i]);
    destroy_batch(writer);
    auk_zstd_dictionary_destroy(writer->made);
    free(writer);
}

uint32_t auk_stored_writer_count(const auk_stored_writer *writer)
{
    return writer->doc_count;
}

static void end_part(auk_stored_writer *writer)
{
    auk_output_put(writer->output, AUK_KIND_STORED, 0, writer->part++,
                   auk_buffer_span(&writer->part_bytes));
    auk_buffer_reset(&writer->part_bytes);
}

static void append_row(auk_buffer *rows, const frame_row *row)
{
    auk_buffer_append(rows, auk_span_make(row, sizeof *row));
}

/* Of what was appended to the open part since `start`. */
static void note_frame(auk_stored_writer *writer, uint32_t first_doc, size_t start, size_t inflated)
{
    append_row(&writer->rows, &(frame_row){.first_doc = first_doc,
                                           .part = writer->part,
                                           .offset = (uint32_t)start,
                                           .size = (uint32_t)(writer->part_bytes.size - start),
                                           .inflated_size = (uint32_t)inflated});
}

/* One frame into the open part. */
static void compress_now(auk_stored_writer *writer, uint32_t first_doc, auk_span frame)
{
    if (writer->part_bytes.size >= AUK_VALUE_SIZE_TARGET)
        end_part(writer);
    size_t start = writer->part_bytes.size;
    auk_error error;
    auk_code code = AUK_OK;
    if (writer->is_plain)
        auk_buffer_append(&writer->part_bytes, frame);
    else
        code = auk_zstd_compress(frame, writer->dictionary, writer->level, &writer->part_bytes,
                                 &error);
    if (code == AUK_OK)
        note_frame(writer, first_doc, start, frame.size);
    else
        auk_output_fail(writer->output, error.code, error.message);
}

/* ---- side by side ---- */

static void compress_one(void *context, size_t number)
{
    const auk_stored_writer *writer = context;
    batched_frame *frame = &writer->batch[number];
    auk_span bytes = auk_span_make(writer->batch_bytes.data + frame->start, frame->size);
    auk_buffer_reset(&frame->packed);
    frame->code =
        auk_zstd_compress(bytes, writer->dictionary, writer->level, &frame->packed, &frame->error);
}

/* The parts are those of one thread, byte by byte. */
static void append_one(auk_stored_writer *writer, batched_frame *frame)
{
    if (frame->code != AUK_OK) {
        auk_output_fail(writer->output, frame->error.code, frame->error.message);
        return;
    }
    if (writer->part_bytes.size >= AUK_VALUE_SIZE_TARGET)
        end_part(writer);
    size_t start = writer->part_bytes.size;
    auk_buffer_append(&writer->part_bytes, auk_buffer_span(&frame->packed));
    note_frame(writer, frame->first_doc, start, frame->size);
    if (frame->size > BATCH_KEPT) {
        auk_buffer_deinit(&frame->packed);
        auk_buffer_init(&frame->packed, AUK_BUFFER_NO_LIMIT);
    }
}

/* Nobody helps while somebody waits for an answer: the cores are theirs. */
static void compress_batch(auk_stored_writer *writer)
{
    auk_pool *helpers = auk_pace_is_awaited() ? NULL : writer->pool;
    auk_pool_for(helpers, writer->batch_count, compress_one, writer);
    for (uint32_t i = 0; i < writer->batch_count; i++)
        append_one(writer, &writer->batch[i]);
    writer->batch_count = 0;
    auk_buffer_reset(&writer->batch_bytes);
}

static void compress_frame(auk_stored_writer *writer, uint32_t first_doc, auk_span frame)
{
    bool is_large = frame.size > BATCH_BYTES; /* it is not held twice */
    if (writer->batch_count > 0 && (is_large || writer->batch_count == BATCH_FRAMES ||
                                    writer->batch_bytes.size + frame.size > BATCH_BYTES))
        compress_batch(writer);
    if (!writer->pool || is_large) {
        compress_now(writer, first_doc, frame);
        return;
    }
    batched_frame *last = &writer->batch[writer->batch_count++];
    last->first_doc = first_doc;
    last->start = writer->batch_bytes.size;
    last->size = frame.size;
    auk_buffer_append(&writer->batch_bytes, frame);
}

/* ---- dictionary ---- */

static void add_sample(auk_stored_writer *writer, size_t size)
{
    if (size == 0 && writer->sample_count > writer->frame_samples)
        return; /* an empty sample teaches nothing */
    if (writer->sample_count == writer->sample_capacity) {
        writer->sample_capacity = writer->sample_capacity ? writer->sample_capacity * 2 : 256;
        writer->samples = realloc(writer->samples, writer->sample_capacity * sizeof(size_t));
        if (!writer->samples)
            abort();
    }
    writer->samples[writer->sample_count++] = size;
}

/* Replaces the pieces by a dictionary of them with codes, as the first of the waiting frames would
 * have them. */
static void add_codes(auk_stored_writer *writer)
{
    const frame_row *rows = (const frame_row *)(const void *)writer->waiting_rows.data;
    size_t count = writer->waiting_rows.size / sizeof *rows, used = 0, bytes = 0;
    size_t *sizes = malloc(count * sizeof *sizes);
    if (!sizes)
        abort();
    for (; used < count && bytes < CODES_BYTES; used++) {
        sizes[used] = rows[used].inflated_size;
        bytes += sizes[used];
    }
    auk_buffer coded;
    auk_buffer_init(&coded, AUK_BUFFER_NO_LIMIT);
    auk_zstd_finish_dictionary(auk_buffer_span(&writer->dictionary_copy),
                               auk_span_make(writer->waiting_bytes.data, bytes), sizes,
                               (uint32_t)used, writer->level, &coded);
    free(sizes);
    if (coded.size == 0) {
        auk_buffer_deinit(&coded);
        return;
    }
    auk_buffer_deinit(&writer->dictionary_copy);
    writer->dictionary_copy = coded;
}

static void learn(auk_stored_writer *writer)
{
    auk_buffer *bytes = &writer->dictionary_copy;
    if (writer->sample_count < LEARN_DOCUMENTS)
        return;
    size_t pieces = 0;
    for (uint32_t i = 0; i < writer->sample_count; i++)
        pieces += writer->samples[i] < PIECE_MOST ? writer->samples[i] : PIECE_MOST;
    size_t stride = pieces / DICTIONARY_BYTES + 1;
    const char *at = writer->waiting_bytes.data;
    /* zstd would take bytes that begin with its magic for a trained dictionary. */
    auk_buffer_append_byte(bytes, ' ');
    for (uint32_t i = 0; i < writer->sample_count; at += writer->samples[i++]) {
        size_t size = writer->samples[i] < PIECE_MOST ? writer->samples[i] : PIECE_MOST;
        if (i % stride == 0 && bytes->size + size <= DICTIONARY_BYTES)
            auk_buffer_append(bytes, auk_span_make(at, size));
    }
    add_codes(writer);
    writer->dictionary_bytes = auk_buffer_span(bytes);
    writer->made = auk_zstd_dictionary_create(writer->dictionary_bytes, writer->level);
    writer->dictionary = writer->made;
}

/* Compresses the frames that waited; from now on frames go straight to their part. */
static void release_waiting(auk_stored_writer *writer)
{
    const frame_row *rows = (const frame_row *)(const void *)writer->waiting_rows.data;
    size_t count = writer->waiting_rows.size / sizeof *rows;
    const char *at = writer->waiting_bytes.data;
    for (size_t i = 0; i < count; i++) {
        compress_frame(writer, rows[i].first_doc, auk_span_make(at, rows[i].inflated_size));
        at += rows[i].inflated_size;
    }
    stop_waiting(writer);
}

static void wait_for_dictionary(auk_stored_writer *writer)
{
    auk_span frame = auk_buffer_span(&writer->frame);
    append_row(&writer->waiting_rows,
               &(frame_row){.first_doc = writer->first_doc, .inflated_size = (uint32_t)frame.size});
    auk_buffer_append(&writer->waiting_bytes, frame);
    if (writer->waiting_bytes.size < LEARN_BYTES)
        return;
    learn(writer);
    release_waiting(writer);
}

/* ---- frames ---- */

static size_t open_size(const auk_stored_writer *writer)
{
    return writer->sizes.size + writer->ids.size + writer->routings.size + writer->sources.size;
}

static void end_frame(auk_stored_writer *writer)
{
    auk_buffer *pieces[] = {&writer->sizes, &writer->ids, &writer->routings, &writer->sources};
    if (writer->first_doc == writer->doc_count)
        return;
    if (open_size(writer) > AUK_STORED_FRAME_LIMIT) {
        auk_output_fail(writer->output, AUK_TOO_LARGE, "a document is longer than 1 GiB");
        return;
    }
    /* What stands before the first source goes with its sample: samples lie end to end. */
    if (writer->waiting)
        writer->samples[writer->frame_samples] +=
            writer->sizes.size + writer->ids.size + writer->routings.size;
    auk_buffer_reset(&writer->frame);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        auk_buffer_append(&writer->frame, auk_buffer_span(pieces[i]));
        auk_buffer_reset(pieces[i]);
    }
    if (writer->waiting)
        wait_for_dictionary(writer);
    else
        compress_frame(writer, writer->first_doc, auk_buffer_span(&writer->frame));
    writer->first_doc = writer->doc_count;
    writer->frame_samples = writer->sample_count;
}

void auk_stored_writer_add(auk_stored_writer *writer, const auk_stored_document *document)
{
    size_t size = document->id.size + document->routing.size + document->source.size;
    if (open_size(writer) >= FRAME_LEAST && open_size(writer) + size > FRAME_MOST)
        end_frame(writer);
    auk_buffer_append_varint(&writer->sizes, document->id.size);
    auk_buffer_append_varint(&writer->sizes, document->routing.size);
    auk_buffer_append_varint(&writer->sizes, document->source.size);
    auk_buffer_append(&writer->ids, document->id);
    auk_buffer_append(&writer->routings, document->routing);
    auk_buffer_append(&writer->sources, document->source);
    if (writer->waiting)
        add_sample(writer, document->source.size);
    writer->doc_count++;
    if (open_size(writer) >= FRAME_TARGET)
        end_frame(writer);
}

void auk_stored_writer_end(auk_stored_writer *writer)
{
    end_frame(writer);
    if (writer->waiting)
        release_waiting(writer);
    compress_batch(writer);
    if (writer->doc_count == 0)
        return;
    end_part(writer);
    auk_buffer *out = &writer->part_bytes;
    auk_buffer_append_text(out, "AUKI");
    auk_buffer_append_u32(out, writer->is_plain ? VERSION_PLAIN : VERSION);
    auk_buffer_append_u32(out, writer->doc_count);
    auk_buffer_append_u32(out, (uint32_t)(writer->rows.size / sizeof(frame_row)));
    auk_buffer_append_u32(out, (uint32_t)writer->dictionary_bytes.size);
    auk_buffer_append(out, auk_buffer_span(&writer->rows));
    auk_buffer_append(out, writer->dictionary_bytes);
    auk_output_put(writer->output, AUK_KIND_STORED_INDEX, 0, 0, auk_buffer_span(out));
}
