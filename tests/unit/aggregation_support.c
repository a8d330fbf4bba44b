/* aggregation_support.c - see the header. */
#include "aggregation_support.h"

#include "column_window.h"

#include "auk/segment_writer.h"
#include "test.h"

void aggregation_setup(aggregation_fixture *fixture, const char *mapping)
{
    *fixture = (aggregation_fixture){0};
    assert_int_equal(schema_fixture_setup(&fixture->schema), 0);
    assert_int_equal(schema_mapping(&fixture->schema, mapping, &fixture->mapping, NULL), AUK_OK);
}

void aggregation_next_index(aggregation_fixture *fixture, const char *mapping)
{
    auk_mapping_release(fixture->mapping);
    assert_int_equal(schema_mapping(&fixture->schema, mapping, &fixture->mapping, NULL), AUK_OK);
}

void aggregation_teardown(aggregation_fixture *fixture)
{
    for (uint32_t i = 0; i < fixture->segment_count; i++) {
        auk_segment_release(fixture->segments[i]);
        auk_mapping_release(fixture->mappings[i]);
    }
    auk_mapping_release(fixture->mapping);
    schema_fixture_teardown(&fixture->schema);
}

/* ---- segments ---- */

typedef struct entry {
    auk_span term;
    int64_t number;
    auk_doc doc;
} entry;

static int by_term(const void *a, const void *b)
{
    const entry *left = a, *right = b;
    int order = auk_span_compare(left->term, right->term);
    return order ? order : (left->doc > right->doc) - (left->doc < right->doc);
}

static int by_doc(const void *a, const void *b)
{
    const entry *left = a, *right = b;
    if (left->doc != right->doc)
        return left->doc < right->doc ? -1 : 1;
    return (left->number > right->number) - (left->number < right->number);
}

/* Terms in byte order; sets the ordinals of keywords as their numbers. */
static void write_terms(auk_segment_writer *writer, const auk_field *field, entry *entries,
                        uint32_t count)
{
    bool ordinals = !auk_field_type_is_numeric(field->type);
    int64_t ordinal = -1;
    uint32_t doc_count = 0;
    for (uint32_t i = 0; i < count; i++)
        doc_count += i == 0 || entries[i].doc != entries[i - 1].doc;
    qsort(entries, count, sizeof *entries, by_term);
    auk_segment_writer_begin_terms(writer, &(auk_terms_options){.field = field->number});
    for (uint32_t i = 0; i < count; i++) {
        bool next = i == 0 || !auk_span_equal(entries[i].term, entries[i - 1].term);
        if (next) {
            if (i)
                auk_segment_writer_end_term(writer);
            auk_segment_writer_begin_term(writer, entries[i].term);
            ordinal++;
        }
        if (next || entries[i].doc != entries[i - 1].doc)
            auk_segment_writer_posting(writer, entries[i].doc, 1, NULL);
        if (ordinals)
            entries[i].number = ordinal;
    }
    auk_segment_writer_end_term(writer);
    auk_segment_writer_end_terms(writer, doc_count);
}

static void write_field(auk_segment_writer *writer, const auk_field *field, entry *entries,
                        uint32_t count)
{
    bool ordinals = !auk_field_type_is_numeric(field->type);
    if (count == 0)
        return;
    write_terms(writer, field, entries, count);
    if (!field->doc_values)
        return;
    qsort(entries, count, sizeof *entries, by_doc);
    auk_segment_writer_begin_column(writer, field->number, ordinals);
    for (uint32_t i = 0; i < count; i++) {
        bool again = i > 0 && entries[i].doc == entries[i - 1].doc &&
                     entries[i].number == entries[i - 1].number;
        if (!again || !ordinals)
            auk_segment_writer_column_value(writer, entries[i].doc, entries[i].number);
    }
    auk_segment_writer_end_column(writer);
}

static uint32_t list_entries(const auk_document *documents, uint32_t count, const auk_field *field,
                             auk_arena *arena, entry *out)
{
    uint32_t used = 0;
    for (auk_doc doc = 0; doc < count; doc++)
        for (uint32_t v = 0; v < documents[doc].count; v++) {
            const auk_document_value *value = &documents[doc].values[v];
            if (value->field != field)
                continue;
            char number[8];
            auk_number_to_term(value->number, number);
            bool numeric = auk_field_type_is_numeric(field->type);
            auk_span term = numeric ? auk_arena_copy(arena, auk_span_make(number, 8)) : value->text;
            out[used++] = (entry){term, value->number, doc};
        }
    return used;
}

static auk_segment *make_segment(const auk_mapping *mapping, const auk_document *documents,
                                 uint32_t count, uint32_t value_count, auk_arena *arena)
{
    auk_memory_sink *memory = auk_memory_sink_create();
    auk_sink sink = auk_memory_sink_interface(memory);
    auk_segment_writer *writer =
        auk_segment_writer_create(&sink, &(auk_segment_writer_options){.doc_count = count});
    entry *entries = AUK_ARENA_ARRAY(arena, entry, value_count + 1u);
    for (uint32_t number = AUK_FIELD_FIRST_USER; number < 64; number++) {
        const auk_field *field = auk_mapping_by_number(mapping, (uint16_t)number);
        if (field)
            write_field(writer, field, entries,
                        list_entries(documents, count, field, arena, entries));
    }
    assert_int_equal(auk_segment_writer_finish(writer, 0, NULL), AUK_OK);
    auk_segment_writer_destroy(writer);
    auk_segment *segment;
    assert_int_equal(auk_memory_sink_open(memory, &segment, NULL), AUK_OK);
    return segment;
}

void aggregation_add(aggregation_fixture *fixture, const char *const *documents, uint32_t count)
{
    auk_arena *arena = auk_arena_create(1 << 16);
    auk_document *parsed = AUK_ARENA_ARRAY(arena, auk_document, count + 1u);
    schema_fixture schema = {arena, fixture->schema.analysis};
    uint32_t values = 0;
    for (uint32_t i = 0; i < count; i++) {
        auk_error err = {0};
        const auk_json *json = schema_json(&schema, documents[i]);
        auk_code code =
            auk_document_parse(fixture->mapping, json, AUK_SPAN("1"), arena, &parsed[i], &err);
        if (code != AUK_OK)
            fail_msg("%s", err.message);
        assert_null(parsed[i].additions);
        values += parsed[i].count;
    }
    assert_true(fixture->segment_count < AGGREGATION_SEGMENTS);
    auk_segment *segment = make_segment(fixture->mapping, parsed, count, values, arena);
    fixture->segments[fixture->segment_count] = segment;
    fixture->mappings[fixture->segment_count] = auk_mapping_acquire(fixture->mapping);
    fixture->views[fixture->segment_count++] =
        (auk_segment_view){.segment = segment, .live_count = count};
    auk_arena_destroy(arena);
}

/* ---- run ---- */

typedef struct prepared_request {
    const auk_aggregation *aggregations;
    uint32_t count;
    const auk_aggregation_environment *environment;
} prepared_request;

static auk_code collect_windows(auk_aggregation_collector *collector, const auk_doc *docs,
                                uint32_t count, uint32_t doc_count, auk_error *err)
{
    bool done = false;
    auk_code code = AUK_OK;
    if (count == doc_count)
        code = auk_aggregation_collect_all(collector, &done, err);
    for (uint32_t block = 0, at = 0; code == AUK_OK && !done && at < count; block++) {
        uint64_t bits[AUK_COLUMN_WORDS] = {0};
        uint32_t rest = doc_count - block * AUK_COLUMN_BLOCK;
        auk_column_window window = {.block = block,
                                    .rows = rest < AUK_COLUMN_BLOCK ? rest : AUK_COLUMN_BLOCK};
        for (; at < count && docs[at] / AUK_COLUMN_BLOCK == block; at++, window.count++)
            bits[docs[at] % AUK_COLUMN_BLOCK / 64] |= UINT64_C(1) << (docs[at] % 64);
        window.bits = window.count == window.rows ? NULL : bits;
        code = auk_aggregation_collect_window(collector, &window, err);
    }
    return code;
}

static auk_code collect_segment(aggregation_fixture *fixture, const prepared_request *request,
                                uint32_t at, auk_aggregation_result **out, auk_error *err)
{
    auk_arena *arena = fixture->schema.arena;
    const auk_segment_view *view = &fixture->views[at];
    uint32_t count = auk_segment_doc_count(view->segment);
    auk_doc *docs = AUK_ARENA_ARRAY(arena, auk_doc, count + 1u);
    for (auk_doc doc = 0; doc < count; doc++)
        docs[doc] = doc;
    auk_resolver resolver;
    const auk_aggregation_set *set;
    auk_aggregation_collector *collector;
    auk_resolver_init(&resolver, fixture->mappings[at], AUK_SPAN("things"),
                      request->environment->now_ms, arena);
    auk_code code = auk_aggregations_prepare(request->aggregations, request->count, &resolver,
                                             request->environment, &set, err);
    if (code == AUK_OK)
        code = auk_aggregation_open(set, view, arena, &collector, err);
    if (code == AUK_OK && fixture->windows)
        code = collect_windows(collector, docs, count, auk_segment_doc_count(view->segment), err);
    if (fixture->windows)
        return code == AUK_OK ? auk_aggregation_finish(collector, out, err) : code;
    uint32_t step = fixture->step ? fixture->step : count;
    for (uint32_t i = 0; i < count && code == AUK_OK; i += step)
        code =
            auk_aggregation_collect(collector, docs + i, count - i < step ? count - i : step, err);
    return code == AUK_OK ? auk_aggregation_finish(collector, out, err) : code;
}

static auk_code write_answer(aggregation_fixture *fixture, const auk_aggregation *aggregations,
                             uint32_t count, const auk_aggregation_result *result,
                             const char **answer, auk_error *err)
{
    auk_buffer buffer;
    auk_json_writer writer;
    auk_buffer_init(&buffer, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&writer, &buffer, false);
    auk_json_begin_object(&writer);
    auk_code code =
        auk_aggregations_write(aggregations, count, result, fixture->typed_keys, &writer, err);
    auk_json_end_object(&writer);
    for (size_t i = 0; i < buffer.size; i++)
        if (buffer.data[i] == '"')
            buffer.data[i] = '\'';
    *answer = auk_arena_copy(fixture->schema.arena, auk_buffer_span(&buffer)).data;
    auk_buffer_deinit(&buffer);
    return code;
}

auk_code aggregation_try(aggregation_fixture *fixture, const char *body, const char **answer,
                         auk_error *err)
{
    auk_arena *arena = fixture->schema.arena;
    atomic_size_t charged = 0;
    auk_aggregation_environment environment = {.budget = fixture->budget,
                                               .max_buckets = fixture->max_buckets,
                                               .now_ms = 1700000000000,
                                               .charged = &charged};
    prepared_request request = {.environment = &environment};
    auk_aggregation_result *results[AGGREGATION_SEGMENTS], *merged = NULL;
    auk_code code = auk_aggregations_parse(schema_json(&fixture->schema, body), arena,
                                           &request.aggregations, &request.count, err);
    for (uint32_t i = 0; i < fixture->segment_count && code == AUK_OK; i++)
        code = collect_segment(fixture, &request, i, &results[i], err);
    if (code == AUK_OK)
        code = auk_aggregations_merge(request.aggregations, request.count, results,
                                      fixture->segment_count, &environment, arena, &merged, err);
    if (code == AUK_OK)
        code = write_answer(fixture, request.aggregations, request.count, merged, answer, err);
    fixture->charged = atomic_load(&charged);
    auk_budget_release(fixture->budget, AUK_PURPOSE_SEARCH, fixture->charged);
    return code;
}

const char *aggregation_run(aggregation_fixture *fixture, const char *body)
{
    const char *answer = NULL;
    auk_error err = {0};
    if (aggregation_try(fixture, body, &answer, &err) != AUK_OK)
        fail_msg("%s: %s", auk_error_type(&err), err.message);
    return answer;
}

auk_code aggregation_fails(aggregation_fixture *fixture, const char *body, auk_error *err)
{
    const char *answer = NULL;
    *err = (auk_error){0};
    auk_code code = aggregation_try(fixture, body, &answer, err);
    if (code == AUK_OK)
        fail_msg("%s answers %s", body, answer);
    return code;
}
