#include "auk/segment_writer.h"

#include <assert.h>
#include <stdlib.h>

#include "column.h"
#include "id_filter.h"
#include "stored.h"
#include "terms_writer.h"
#include "tombstones.h"

struct auk_segment_writer {
    auk_output output; /* all values go through here */
    uint32_t doc_count;
    auk_terms_writer *terms;
    auk_column_writer *column;
    auk_stored_writer *stored;
    auk_buffer id_filter; /* empty: no id was seen */
    auk_tombstone_list tombstones;
    bool finished;
};

static void add_id(void *context, auk_span id, auk_doc doc)
{
    (void)doc;
    auk_segment_writer *writer = context;
    if (writer->id_filter.size == 0)
        auk_id_filter_begin(&writer->id_filter, writer->doc_count);
    auk_id_filter_add(&writer->id_filter, id);
}

auk_segment_writer *auk_segment_writer_create(const auk_sink *sink,
                                              const auk_segment_writer_options *options)
{
    assert(options->doc_count <= AUK_DOC_LIMIT);
    auk_segment_writer *writer = calloc(1, sizeof *writer);
    if (!writer)
        abort();
    auk_output_init(&writer->output, sink);
    writer->doc_count = options->doc_count;
    auk_sink through = auk_output_sink(&writer->output);
    writer->terms = auk_terms_writer_create(&through, options->doc_count);
    auk_terms_writer_on_id(writer->terms, add_id, writer);
    writer->column = auk_column_writer_create(&writer->output, options->doc_count);
    writer->stored = auk_stored_writer_create(&writer->output, options->compression_level,
                                              options->dictionary, options->pool);
    auk_buffer_init(&writer->id_filter, AUK_BUFFER_NO_LIMIT);
    auk_tombstone_list_init(&writer->tombstones);
    auk_output_put(&writer->output, AUK_KIND_HEAD, 0, 0, auk_head_bytes());
    return writer;
}

void auk_segment_writer_destroy(auk_segment_writer *writer)
{
    if (!writer)
        return;
    auk_terms_writer_destroy(writer->terms);
    auk_column_writer_destroy(writer->column);
    auk_stored_writer_destroy(writer->stored);
    auk_buffer_deinit(&writer->id_filter);
    auk_tombstone_list_deinit(&writer->tombstones);
    auk_output_deinit(&writer->output);
    free(writer);
}

void auk_segment_writer_norms(auk_segment_writer *writer, uint16_t field, const uint8_t *norms)
{
    auk_output_put(&writer->output, AUK_KIND_NORMS, field, 0,
                   auk_span_make(norms, writer->doc_count));
}

/* ---- terms and columns: passed on ---- */

void auk_segment_writer_begin_terms(auk_segment_writer *writer, const auk_terms_options *options)
{
    auk_terms_writer_begin(writer->terms, options);
}

void auk_segment_writer_begin_term(auk_segment_writer *writer, auk_span text)
{
    auk_terms_writer_begin_term(writer->terms, text);
}

void auk_segment_writer_posting(auk_segment_writer *writer, auk_doc doc, uint32_t freq,
                                const uint32_t *positions)
{
    auk_terms_writer_posting(writer->terms, doc, freq, positions);
}

void auk_segment_writer_end_term(auk_segment_writer *writer)
{
    auk_terms_writer_end_term(writer->terms);
}

void auk_segment_writer_end_terms(auk_segment_writer *writer, uint64_t doc_count)
{
    auk_terms_writer_end(writer->terms, doc_count, NULL);
}

void auk_segment_writer_begin_column(auk_segment_writer *writer, uint16_t field, bool ordinals)
{
    auk_column_writer_begin(writer->column, field, ordinals);
}

void auk_segment_writer_column_value(auk_segment_writer *writer, auk_doc doc, int64_t value)
{
    auk_column_writer_value(writer->column, doc, value);
}

void auk_segment_writer_end_column(auk_segment_writer *writer)
{
    auk_column_writer_end(writer->column);
}

/* ---- documents and the end ---- */

void auk_segment_writer_document(auk_segment_writer *writer, const auk_stored_document *document)
{
    assert(auk_stored_writer_count(writer->stored) < writer->doc_count);
    auk_stored_writer_add(writer->stored, document);
}

void auk_segment_writer_tombstone(auk_segment_writer *writer, const auk_tombstone *tombstone)
{
    auk_tombstone_list_add(&writer->tombstones, tombstone);
}

static void write_id_filter(auk_segment_writer *writer)
{
    if (writer->id_filter.size)
        auk_output_put(&writer->output, AUK_KIND_ID_FILTER, AUK_FIELD_ID, 0,
                       auk_buffer_span(&writer->id_filter));
}

static void write_tombstones(auk_segment_writer *writer)
{
    if (writer->tombstones.count == 0)
        return;
    auk_buffer bytes;
    auk_buffer_init(&bytes, AUK_BUFFER_NO_LIMIT);
    auk_tombstone_list_write(&writer->tombstones, &bytes);
    auk_output_put(&writer->output, AUK_KIND_TOMBSTONES, 0, 0, auk_buffer_span(&bytes));
    auk_buffer_deinit(&bytes);
}

static void write_meta(auk_segment_writer *writer, int64_t max_seq_no)
{
    auk_buffer bytes;
    auk_buffer_init(&bytes, AUK_BUFFER_NO_LIMIT);
    auk_meta meta = {.doc_count = writer->doc_count, .max_seq_no = max_seq_no};
    auk_meta_write(&bytes, &meta, writer->output.values, writer->output.count);
    auk_output_put(&writer->output, AUK_KIND_META, 0, 0, auk_buffer_span(&bytes));
    auk_buffer_deinit(&bytes);
}

auk_code auk_segment_writer_finish(auk_segment_writer *writer, int64_t max_seq_no, auk_error *err)
{
    assert(!writer->finished);
    uint32_t stored = auk_stored_writer_count(writer->stored);
    assert(stored == 0 || stored == writer->doc_count);
    (void)stored;
    writer->finished = true;
    auk_terms_writer_flush(writer->terms);
    auk_stored_writer_end(writer->stored);
    write_id_filter(writer);
    write_tombstones(writer);
    auk_code code = auk_terms_writer_status(writer->terms, err);
    if (code != AUK_OK)
        return code;
    write_meta(writer, max_seq_no);
    return auk_output_status(&writer->output, err);
}
