/* schema_support.c - see the header. */
#include "schema_support.h"

#include "test.h"

int schema_fixture_setup(schema_fixture *fixture)
{
    fixture->arena = auk_arena_create(4096);
    auk_settings *settings = auk_settings_create();
    auk_settings_put(settings, AUK_SPAN("index.analysis.normalizer.lower.type"),
                     AUK_SPAN("custom"));
    auk_settings_put(settings, AUK_SPAN("index.analysis.normalizer.lower.filter"),
                     AUK_SPAN("lowercase"));
    auk_code code = auk_analysis_create(settings, &fixture->analysis, NULL);
    auk_settings_destroy(settings);
    return code == AUK_OK ? 0 : -1;
}

void schema_fixture_teardown(schema_fixture *fixture)
{
    auk_analysis_release(fixture->analysis);
    auk_arena_destroy(fixture->arena);
}

static void swap_quotes(auk_span text, char from, char to)
{
    char *bytes = (char *)(uintptr_t)text.data; /* of an arena copy */
    for (size_t i = 0; i < text.size; i++)
        if (bytes[i] == from)
            bytes[i] = to;
}

const auk_json *schema_json(schema_fixture *fixture, const char *text)
{
    auk_span copy = auk_arena_copy(fixture->arena, auk_span_of(text));
    swap_quotes(copy, '\'', '"');
    const auk_json *json = NULL;
    assert_int_equal(auk_json_parse(copy, fixture->arena, &json, NULL), AUK_OK);
    return json;
}

auk_code schema_mapping(schema_fixture *fixture, const char *body, auk_mapping **out,
                        auk_error *err)
{
    return auk_mapping_create(schema_json(fixture, body), NULL, fixture->analysis, out, err);
}

auk_code schema_merge(schema_fixture *fixture, const auk_mapping *mapping, const char *body,
                      auk_mapping **out, auk_error *err)
{
    return auk_mapping_merge(mapping, schema_json(fixture, body), out, err);
}

static const char *finish(schema_fixture *fixture, auk_buffer *buffer)
{
    auk_span copy = auk_arena_copy(fixture->arena, auk_buffer_span(buffer));
    swap_quotes(copy, '"', '\'');
    auk_buffer_deinit(buffer);
    return copy.data;
}

const char *schema_show(schema_fixture *fixture, const auk_mapping *mapping, bool numbers)
{
    auk_buffer buffer;
    auk_json_writer writer;
    auk_buffer_init(&buffer, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&writer, &buffer, false);
    auk_mapping_write(mapping, numbers, &writer);
    return finish(fixture, &buffer);
}

const char *schema_show_document(schema_fixture *fixture, const auk_document *document)
{
    auk_buffer buffer;
    auk_buffer_init(&buffer, AUK_BUFFER_NO_LIMIT);
    for (uint32_t i = 0; i < document->count; i++) {
        const auk_document_value *v = &document->values[i];
        auk_buffer_printf(&buffer, "%s%.*s=", i ? " " : "", AUK_SPAN_ARG(v->field->path));
        if (v->field->type == AUK_TYPE_DOUBLE || v->field->type == AUK_TYPE_FLOAT)
            auk_buffer_printf(&buffer, "%.9g", auk_double_from_sortable(v->number));
        else if (auk_field_type_is_numeric(v->field->type))
            auk_buffer_printf(&buffer, "%lld", (long long)v->number);
        else if (v->field->type == AUK_TYPE_IP)
            for (size_t b = 0; b < v->text.size; b++)
                auk_buffer_printf(&buffer, "%02x", (unsigned)(uint8_t)v->text.data[b]);
        else
            auk_buffer_append(&buffer, v->text);
    }
    for (uint32_t i = 0; i < document->ignored_count; i++)
        auk_buffer_printf(&buffer, " !%.*s", AUK_SPAN_ARG(document->ignored[i]));
    if (document->additions) {
        auk_json_writer writer;
        auk_buffer_append_text(&buffer, " +");
        auk_json_writer_init(&writer, &buffer, false);
        auk_json_value(&writer, document->additions);
    }
    return finish(fixture, &buffer);
}
