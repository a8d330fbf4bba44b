/* Any JSON as a mapping; one that is taken must come back the same from its stored form, and take a
 * document. */
#include <stdlib.h>

#include "auk/document.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static auk_span stored(const auk_mapping *mapping, auk_buffer *out)
{
    auk_json_writer writer;
    auk_json_writer_init(&writer, out, false);
    auk_mapping_write(mapping, true, &writer);
    return auk_buffer_span(out);
}

static void check(const auk_mapping *mapping, const auk_analysis *analysis, auk_arena *arena)
{
    auk_buffer first, second;
    auk_buffer_init(&first, AUK_BUFFER_NO_LIMIT);
    auk_buffer_init(&second, AUK_BUFFER_NO_LIMIT);
    const auk_json *body;
    auk_mapping *again;
    if (auk_json_parse(stored(mapping, &first), arena, &body, NULL) != AUK_OK ||
        auk_mapping_create(body, NULL, analysis, &again, NULL) != AUK_OK ||
        !auk_span_equal(auk_buffer_span(&first), stored(again, &second)))
        abort();
    auk_mapping_release(again);
    auk_buffer_deinit(&first);
    auk_buffer_deinit(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static auk_analysis *analysis;
    if (!analysis && auk_analysis_create(NULL, &analysis, NULL) != AUK_OK)
        abort();
    auk_arena *arena = auk_arena_create(4096);
    const auk_json *json;
    auk_mapping *mapping, *next;
    auk_error err;
    if (auk_json_parse(auk_span_make(data, size), arena, &json, NULL) == AUK_OK &&
        auk_mapping_create(json, NULL, analysis, &mapping, &err) == AUK_OK) {
        check(mapping, analysis, arena);
        auk_document document;
        if (auk_document_parse(mapping, json, AUK_SPAN("1"), arena, &document, &err) == AUK_OK &&
            document.additions &&
            auk_mapping_merge(mapping, document.additions, &next, &err) == AUK_OK) {
            check(next, analysis, arena);
            auk_mapping_release(next);
        }
        auk_mapping_release(mapping);
    }
    auk_arena_destroy(arena);
    return 0;
}
