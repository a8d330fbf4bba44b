/*
 * Bodies of _search: parsed, and what parses is run over a small index. Whatever the bytes, the
 * answer is an error or a result that can be written.
 */
#include <stdlib.h>

#include "search_support.h"

static const char mapping[] = "{\"properties\":{\"t\":{\"type\":\"text\"},\"k\":{\"type\":"
                              "\"keyword\"},\"n\":{\"type\":\"long\"},\"d\":{\"type\":\"date\"}}}";
static const char lines[] = "{\"t\":\"a b c\",\"k\":\"x\",\"n\":1,\"d\":\"2024-01-01\"}\n"
                            "{\"t\":\"b a b\",\"k\":[\"x\",\"y\"],\"n\":[2,3]}\n{\"t\":\"c\"}";

static void run(test_index *index, auk_span body, auk_arena *arena)
{
    const auk_json *json;
    auk_search_request request;
    auk_search_result result;
    auk_search_target target = test_index_target(index);
    auk_search_context context = {.now_ms = 1700000000000};
    auk_error err = {0};
    auk_search_request_init(&request);
    if (auk_json_parse(body, arena, &json, &err) != AUK_OK ||
        auk_search_request_parse(json, arena, &request, &err) != AUK_OK ||
        auk_search_run(&target, 1, &request, &context, arena, &result, &err) != AUK_OK)
        return;
    auk_buffer out;
    auk_json_writer writer;
    auk_buffer_init(&out, 1 << 24);
    auk_json_writer_init(&writer, &out, false);
    auk_json_begin_object(&writer);
    if (auk_search_write(&target, &request, &result, arena, &writer, &err) == AUK_OK)
        auk_json_end_object(&writer);
    auk_buffer_deinit(&out);
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
    run(&index, auk_span_make(data, size), arena);
    auk_arena_destroy(arena);
    return 0;
}
