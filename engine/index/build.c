#include "build.h"

#include "build_terms.h"

/* What the documents have of one field. */
typedef struct built_field {
    uint16_t number;
    uint16_t forms;
    uint32_t doc_count; /* with at least one term */
    uint8_t *norms;     /* NULL: none yet */
    AUK_VECTOR(auk_doc_value) numbers;
} built_field;

typedef struct build {
    const auk_build_input *input;
    auk_segment_writer *writer;
    const auk_row **rows; /* by document */
    uint32_t doc_count;
    built_field *fields; /* by field number */
    uint32_t field_limit;
    auk_built_terms terms;
} build;

static void *must_zalloc(size_t count, size_t size)
{
    void *memory = calloc(count != 0 ? count : 1, size);
    if (memory == NULL)
        abort();
    return memory;
}

static void number_documents(build *b, uint32_t *map)
{
    const auk_write_buffer *buffer = b->input->buffer;
    b->rows = must_zalloc(buffer->rows.count, sizeof *b->rows);
    for (uint32_t row = 0; row < buffer->rows.count; row++) {
        map[row] = AUK_DOC_DROPPED;
        if (!auk_live_has(b->input->rows, row))
            continue;
        map[row] = b->doc_count;
        b->rows[b->doc_count++] = &buffer->rows.items[row];
    }
}

static void collect_fields(build *b)
{
    const auk_write_buffer *buffer = b->input->buffer;
    b->field_limit = AUK_FIELD_FIRST_USER;
    for (uint32_t c = 0; c < buffer->chunks.count; c++) {
        const auk_chunk *chunk = buffer->chunks.items[c];
        for (uint32_t f = 0; f < chunk->fields.count; f++)
            if (chunk->fields.items[f].number >= b->field_limit)
                b->field_limit = chunk->fields.items[f].number + 1u;
    }
    b->fields = must_zalloc(b->field_limit, sizeof *b->fields);
    for (uint32_t f = 0; f < AUK_FIELD_FIRST_USER; f++)
        b->fields[f] = (built_field){.number = (uint16_t)f, .forms = AUK_FORM_TERMS};
    for (uint32_t c = 0; c < buffer->chunks.count; c++) {
        const auk_chunk *chunk = buffer->chunks.items[c];
        for (uint32_t f = 0; f < chunk->fields.count; f++) {
            built_field *field = &b->fields[chunk->fields.items[f].number];
            field->number = chunk->fields.items[f].number;
            field->forms |= chunk->fields.items[f].forms;
        }
    }
}

static void collect_uses(build *b, uint32_t doc)
{
    const auk_chunk *chunk = b->rows[doc]->chunk;
    const auk_chunk_document *document = auk_row_document(b->rows[doc]);
    for (uint32_t i = document->from.uses; i < document->to.uses; i++) {
        const auk_field_use *use = &chunk->uses.items[i];
        built_field *field = &b->fields[chunk->fields.items[use->field].number];
        field->doc_count += use->has_terms;
        if ((field->forms & AUK_FORM_NORMS) == 0)
            continue;
        if (field->norms == NULL)
            field->norms = must_zalloc(b->doc_count, 1);
        field->norms[doc] = auk_norm_encode(use->length);
    }
    for (uint32_t i = document->from.numbers; i < document->to.numbers; i++) {
        const auk_chunk_number *number = &chunk->numbers.items[i];
        built_field *field = &b->fields[chunk->fields.items[number->field].number];
        auk_vector_push(&field->numbers, (auk_doc_value){doc, number->value});
    }
}

/* ---- writing ---- */

static void write_ids(build *b)
{
    auk_table_term *ids = must_zalloc(b->doc_count, sizeof *ids);
    auk_ordered_term *order = must_zalloc(b->doc_count, sizeof *order);
    auk_ordered_term *spare = must_zalloc(b->doc_count, sizeof *spare);
    for (uint32_t doc = 0; doc < b->doc_count; doc++) {
        auk_span id = auk_row_document(b->rows[doc])->id;
        ids[doc] = (auk_table_term){.data = id.data, .size = (uint32_t)id.size};
        order[doc] = (auk_ordered_term){.prefix = auk_term_prefix(id.data, id.size), .term = doc};
    }
    auk_term_order(ids, order, spare, b->doc_count);
    auk_terms_options options = {.field = AUK_FIELD_ID,
                                 .average_length = 1,
                                 .k1 = AUK_SIMILARITY_K1,
                                 .b = AUK_SIMILARITY_B};
    auk_segment_writer_begin_terms(b->writer, &options);
    for (uint32_t i = 0; i < b->doc_count; i++) {
        const auk_table_term *id = &ids[order[i].term];
        auk_segment_writer_begin_term(b->writer, auk_span_make(id->data, id->size));
        auk_segment_writer_posting(b->writer, order[i].term, 1, NULL);
        auk_segment_writer_end_term(b->writer);
    }
    auk_segment_writer_end_terms(b->writer, b->doc_count);
    free(ids);
    free(order);
    free(spare);
}

static void write_versions(build *b)
{
    auk_segment_writer_begin_column(b->writer, AUK_FIELD_SEQ_NO, false);
    for (uint32_t doc = 0; doc < b->doc_count; doc++)
        auk_segment_writer_column_value(b->writer, doc, b->rows[doc]->seq_no);
    auk_segment_writer_end_column(b->writer);
    auk_segment_writer_begin_column(b->writer, AUK_FIELD_VERSION, false);
    for (uint32_t doc = 0; doc < b->doc_count; doc++)
        auk_segment_writer_column_value(b->writer, doc, b->rows[doc]->version);
    auk_segment_writer_end_column(b->writer);
    auk_segment_writer_begin_column(b->writer, AUK_FIELD_PRIMARY_TERM, false);
    for (uint32_t doc = 0; doc < b->doc_count; doc++)
        auk_segment_writer_column_value(b->writer, doc, b->rows[doc]->primary_term);
    auk_segment_writer_end_column(b->writer);
}

/* Values of one document stand together, in order of appearance; the column wants them ascending.
 */
static void write_numbers(build *b, built_field *field)
{
    auk_doc_value *values = field->numbers.items;
    uint32_t count = field->numbers.count;
    auk_segment_writer_begin_column(b->writer, field->number, false);
    for (uint32_t start = 0; start < count;) {
        uint32_t end = start + 1;
        while (end < count && values[end].doc == values[start].doc)
            end++;
        if (end - start > 1)
            auk_doc_values_order(values + start, end - start);
        for (; start < end; start++)
            auk_segment_writer_column_value(b->writer, values[start].doc, values[start].value);
    }
    auk_segment_writer_end_column(b->writer);
}

static void write_field(build *b, built_field *field)
{
    if (field->norms != NULL)
        auk_segment_writer_norms(b->writer, field->number, field->norms);
    if ((field->forms & AUK_FORM_TERMS) != 0) {
        auk_built_field_terms what = {.number = field->number,
                                      .forms = field->forms,
                                      .norms = field->norms,
                                      .doc_count = field->doc_count,
                                      .count_docs = field->number < AUK_FIELD_FIRST_USER};
        auk_built_terms_write(&b->terms, &what, b->writer);
    }
    if (field->numbers.count != 0)
        write_numbers(b, field);
}

static void write_documents(build *b)
{
    for (uint32_t doc = 0; doc < b->doc_count; doc++) {
        const auk_chunk_document *document = auk_row_document(b->rows[doc]);
        auk_stored_document stored = {.id = document->id,
                                      .routing = document->routing,
                                      .source = document->source};
        auk_segment_writer_document(b->writer, &stored);
    }
}

static void write_all(build *b)
{
    if (b->doc_count != 0) {
        write_ids(b);
        write_versions(b);
        for (uint32_t f = AUK_FIELD_FIELD_NAMES; f < b->field_limit; f++)
            if (b->fields[f].forms != 0)
                write_field(b, &b->fields[f]);
        write_documents(b);
    }
    for (uint32_t i = 0; i < b->input->tombstone_count; i++)
        auk_segment_writer_tombstone(b->writer, &b->input->tombstones[i]);
}

static void invert(build *b)
{
    const auk_write_buffer *buffer = b->input->buffer;
    uint16_t *forms = must_zalloc(b->field_limit, sizeof *forms);
    for (uint32_t f = 0; f < b->field_limit; f++)
        forms[f] = b->fields[f].forms;
    auk_built_terms_init(&b->terms, buffer, b->rows, b->doc_count, forms, b->field_limit);
    free(forms);
    for (uint32_t doc = 0; doc < b->doc_count; doc++)
        collect_uses(b, doc);
}

auk_code auk_build_segment(const auk_build_input *input, const auk_sink *sink, uint32_t *map,
                           uint32_t *doc_count, auk_error *err)
{
    build b = {.input = input};
    number_documents(&b, map);
    collect_fields(&b);
    invert(&b);
    auk_segment_writer_options options = {.doc_count = b.doc_count,
                                          .compression_level = input->compression_level};
    b.writer = auk_segment_writer_create(sink, &options);
    write_all(&b);
    auk_code code = auk_segment_writer_finish(b.writer, input->buffer->last_seq_no, err);
    auk_segment_writer_destroy(b.writer);
    auk_built_terms_deinit(&b.terms);
    for (uint32_t f = 0; f < b.field_limit; f++) {
        free(b.fields[f].norms);
        auk_vector_free(&b.fields[f].numbers);
    }
    free(b.fields);
    free(b.rows);
    *doc_count = b.doc_count;
    return code;
}
