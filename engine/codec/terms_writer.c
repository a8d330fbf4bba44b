#include "terms_writer.h"

#include <assert.h>
#include <stdlib.h>

#include "dictionary.h"
#include "postings.h"

struct auk_terms_writer {
    uint32_t doc_count;
    auk_code code; /* the first failure */
    auk_error error;
    auk_terms_id_hook on_id;
    void *on_id_context;

    auk_terms_options options; /* of the field in hand */
    auk_buffer text;           /* of the term in hand */
    auk_part_writer postings;
    auk_part_writer positions;
    auk_postings_writer list;
    auk_dictionary_writer dictionary;
};

auk_terms_writer *auk_terms_writer_create(const auk_sink *sink, uint32_t doc_count)
{
    assert(doc_count <= AUK_DOC_LIMIT);
    auk_terms_writer *writer = calloc(1, sizeof *writer);
    if (writer == NULL)
        abort();
    writer->doc_count = doc_count;
    auk_buffer_init(&writer->text, AUK_BUFFER_NO_LIMIT);
    auk_part_writer_init(&writer->postings, sink, AUK_KIND_POSTINGS);
    auk_part_writer_init(&writer->positions, sink, AUK_KIND_POSITIONS);
    auk_postings_writer_init(&writer->list);
    auk_dictionary_writer_init(&writer->dictionary, sink);
    return writer;
}

void auk_terms_writer_destroy(auk_terms_writer *writer)
{
    if (writer == NULL)
        return;
    auk_buffer_deinit(&writer->text);
    auk_part_writer_deinit(&writer->postings);
    auk_part_writer_deinit(&writer->positions);
    auk_postings_writer_deinit(&writer->list);
    auk_dictionary_writer_deinit(&writer->dictionary);
    free(writer);
}

void auk_terms_writer_on_id(auk_terms_writer *writer, auk_terms_id_hook hook, void *context)
{
    writer->on_id = hook;
    writer->on_id_context = context;
}

void auk_terms_writer_begin(auk_terms_writer *writer, const auk_terms_options *options)
{
    assert(options->has_freqs || !options->has_positions);
    writer->options = *options;
    auk_postings_writer_begin_field(&writer->list, &writer->options, writer->doc_count);
    auk_dictionary_writer_begin(&writer->dictionary, &writer->options);
}

void auk_terms_writer_begin_term(auk_terms_writer *writer, auk_span text)
{
    assert(text.size <= AUK_TERM_SIZE_LIMIT);
    auk_buffer_reset(&writer->text);
    auk_buffer_append(&writer->text, text);
    auk_postings_writer_begin(&writer->list);
}

void auk_terms_writer_posting(auk_terms_writer *writer, auk_doc doc, uint32_t freq,
                              const uint32_t *positions)
{
    assert(doc < writer->doc_count);
    if (writer->code != AUK_OK)
        return;
    auk_postings_writer_add(&writer->list, doc, freq, positions);
    if (writer->options.field == AUK_FIELD_ID && writer->on_id != NULL)
        writer->on_id(writer->on_id_context, auk_buffer_span(&writer->text), doc);
}

void auk_terms_writer_end_term(auk_terms_writer *writer)
{
    if (writer->code != AUK_OK || writer->list.doc_freq == 0)
        return;
    auk_term row;
    writer->code = auk_postings_writer_end(&writer->list, &writer->postings, &writer->positions,
                                           &row, &writer->error);
    if (writer->code == AUK_OK)
        writer->code =
            auk_dictionary_writer_add(&writer->dictionary, auk_buffer_span(&writer->text), &row,
                                      &writer->error);
}

void auk_terms_writer_end(auk_terms_writer *writer, uint64_t doc_count, auk_terms_stats *stats)
{
    if (writer->code == AUK_OK)
        writer->code = auk_dictionary_writer_end(&writer->dictionary, doc_count, &writer->error);
    if (stats != NULL)
        *stats = writer->dictionary.stats;
}

void auk_terms_writer_flush(auk_terms_writer *writer)
{
    if (writer->code == AUK_OK)
        writer->code = auk_part_writer_flush(&writer->postings, &writer->error);
    if (writer->code == AUK_OK)
        writer->code = auk_part_writer_flush(&writer->positions, &writer->error);
}

auk_code auk_terms_writer_status(const auk_terms_writer *writer, auk_error *err)
{
    if (writer->code != AUK_OK && err != NULL)
        *err = writer->error;
    return writer->code;
}

uint32_t auk_terms_writer_postings_parts(const auk_terms_writer *writer)
{
    return writer->postings.part;
}

uint32_t auk_terms_writer_positions_parts(const auk_terms_writer *writer)
{
    return writer->positions.part;
}
