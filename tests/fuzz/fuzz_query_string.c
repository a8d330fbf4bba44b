/*
 * Query strings in both syntaxes, over fields of several types: whatever the bytes, an error or
 * hits. The first byte chooses the syntax and its settings, the rest is the text.
 */
#include <stdlib.h>

#include "search_support.h"

static const char mapping[] =
    "{\"properties\":{\"t\":{\"type\":\"text\"},\"k\":{\"type\":\"keyword\"},\"n\":{\"type\":"
    "\"long\"},\"d\":{\"type\":\"date\"},\"b\":{\"type\":\"boolean\"},\"a\":{\"type\":\"ip\"}}}";
static const char lines[] =
    "{\"t\":\"a b c\",\"k\":\"x\",\"n\":1,\"d\":\"2024-01-01\",\"b\":true}\n"
    "{\"t\":\"b a b\",\"k\":[\"x\",\"y\"],\"n\":[2,3],\"a\":\"10.0.0.1\"}\n"
    "{\"t\":\"c\"}";

static void write_body(uint8_t choice, auk_span text, auk_buffer *body)
{
    auk_json_writer out;
    auk_json_writer_init(&out, body, false);
    auk_json_begin_object(&out);
    auk_json_member_object(&out, "query");
    auk_json_member_object(&out, choice & 1 ? "simple_query_string" : "query_string");
    auk_json_member_string(&out, "query", text);
    auk_json_member_string(&out, "default_operator", choice & 2 ? AUK_SPAN("and") : AUK_SPAN("or"));
    auk_json_member_bool(&out, "lenient", choice & 4);
    auk_json_member_bool(&out, "analyze_wildcard", choice & 8);
    if (choice & 16)
        auk_json_member_string(&out, "minimum_should_match", AUK_SPAN("2"));
    if (choice & 32)
        auk_json_member_raw(&out, "fields", AUK_SPAN("[\"t^2\",\"k\"]"));
    for (int i = 0; i < 3; i++)
        auk_json_end_object(&out);
}

static void run(test_index *index, auk_span body, auk_arena *arena)
{
    const auk_json *json;
    auk_search_request request;
    auk_search_result result;
    auk_search_target target = test_index_target(index);
    auk_search_context context = {.now_ms = 1700000000000};
    auk_error err = {0};
    auk_search_request_init(&request);
    if (auk_json_parse(body, arena, &json, &err) == AUK_OK &&
        auk_search_request_parse(json, arena, &request, &err) == AUK_OK &&
        auk_search_run(&target, 1, &request, &context, arena, &result, &err) == AUK_OK &&
        result.hit_count > 3)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static test_index index;
    static bool made;
    if (!made) {
        uint32_t next_id = 0;
        test_index_init(&index, "i", mapping, 1);
        test_index_add_lines(&index, 0, lines, &next_id);
        made = true;
    }
    auk_arena *arena = auk_arena_create(1 << 14);
    auk_buffer body;
    auk_buffer_init(&body, AUK_BUFFER_NO_LIMIT);
    write_body(size ? data[0] : 0, auk_span_make(data + (size > 0), size - (size > 0)), &body);
    run(&index, auk_buffer_span(&body), arena);
    auk_buffer_deinit(&body);
    auk_arena_destroy(arena);
    return 0;
}
