#include "test.h"

#include "search_support.h"

#include "build.h"
#include "invert.h"

#include "auk/clock.h"

static auk_mapping *host_mapping(void *context)
{
    return auk_mapping_acquire(((test_index *)context)->mapping);
}

static auk_code host_extend(void *context, const auk_json *additions, auk_mapping **out,
                            auk_error *err)
{
    test_index *index = context;
    auk_mapping *next;
    auk_code code = auk_mapping_merge(index->mapping, additions, &next, err);
    if (code != AUK_OK)
        return code;
    auk_mapping_release(index->mapping);
    index->mapping = next;
    *out = auk_mapping_acquire(next);
    return AUK_OK;
}

static void check(auk_code code, const auk_error *err)
{
    if (code != AUK_OK)
        fail_msg("%s: %s", auk_error_type(err), err->message);
}

void test_index_init_with(test_index *index, const char *name, const char *mapping,
                          const auk_settings *settings, uint32_t shards)
{
    auk_error err = {0};
    const auk_json *body;
    *index = (test_index){.name = auk_span_of(name), .shard_count = shards};
    index->arena = auk_arena_create(1 << 16);
    check(auk_analysis_create(settings, &index->analysis, &err), &err);
    check(auk_json_parse(auk_span_of(mapping), index->arena, &body, &err), &err);
    check(auk_mapping_create(body, settings, index->analysis, &index->mapping, &err), &err);
    for (uint32_t i = 0; i < shards; i++) {
        index->shards[i].segments =
            AUK_ARENA_ARRAY(index->arena, auk_segment_view, TEST_SEGMENTS_MOST);
        index->views[i] = &index->shards[i];
    }
}

void test_index_init(test_index *index, const char *name, const char *mapping, uint32_t shards)
{
    auk_settings *settings = auk_settings_create();
    test_index_init_with(index, name, mapping, settings, shards);
    auk_settings_destroy(settings);
}

void test_index_deinit(test_index *index)
{
    for (uint32_t s = 0; s < index->shard_count; s++)
        for (uint32_t i = 0; i < index->shards[s].segment_count; i++)
            auk_segment_release(index->shards[s].segments[i].segment);
    auk_mapping_release(index->mapping);
    auk_analysis_release(index->analysis);
    auk_arena_destroy(index->arena);
}

static auk_segment *build(auk_write_buffer *buffer)
{
    auk_memory_sink *memory = auk_memory_sink_create();
    auk_sink sink = auk_memory_sink_interface(memory);
    auk_build_input input = {.buffer = buffer, .compression_level = 1};
    uint32_t *map = calloc(buffer->rows.count + 1, sizeof *map), doc_count;
    auk_error err = {0};
    auk_segment *segment;
    check(auk_build_segment(&input, &sink, map, &doc_count, &err), &err);
    check(auk_memory_sink_open(memory, &segment, &err), &err);
    free(map);
    return segment;
}

void test_index_add(test_index *index, uint32_t shard, const auk_span *sources, uint32_t count,
                    uint32_t *next_id)
{
    const auk_shard_host host = {index, host_mapping, host_extend, NULL, NULL};
    auk_inverter *inverter = auk_inverter_create(NULL);
    auk_write_buffer *buffer = auk_write_buffer_create();
    size_t bytes = 0;
    for (uint32_t i = 0; i < count; i++)
        bytes += sources[i].size;
    auk_inverter_begin(inverter, &host, bytes, count);
    uint32_t first_id = *next_id;
    for (uint32_t i = 0; i < count; i++) {
        auk_operation operation = {
            .kind = AUK_OPERATION_INDEX,
            .id = auk_arena_printf(index->arena, "%u", (*next_id)++),
            .source = sources[i],
            .if_seq_no = -1,
        };
        uint32_t document;
        auk_error err = {0};
        check(auk_inverter_add(inverter, &operation, &document, &err), &err);
        assert_int_equal(document, i);
    }
    size_t charged_bytes;
    auk_chunk *chunk = auk_inverter_take(inverter, &charged_bytes);
    auk_write_buffer_take_chunk(buffer, chunk);
    for (uint32_t i = 0; i < count; i++) {
        auk_row row = {chunk, i, first_id + i, 1, 1};
        auk_write_buffer_append(buffer, &row);
    }
    auk_shard_view *view = &index->shards[shard];
    assert_true(view->segment_count < TEST_SEGMENTS_MOST);
    view->segments[view->segment_count++] =
        (auk_segment_view){.segment = build(buffer), .live_count = count, .in_memory = true};
    view->live_count += count;
    auk_write_buffer_destroy(buffer);
    auk_inverter_destroy(inverter);
}

void test_index_add_lines(test_index *index, uint32_t shard, const char *lines, uint32_t *next_id)
{
    auk_span sources[256];
    uint32_t count = 0;
    while (*lines) {
        const char *end = strchr(lines, '\n');
        size_t size = end ? (size_t)(end - lines) : strlen(lines);
        assert_true(count < 256);
        sources[count++] = auk_arena_copy(index->arena, auk_span_make(lines, size));
        lines += end ? size + 1 : size;
    }
    test_index_add(index, shard, sources, count, next_id);
}

void test_index_kill(test_index *index, uint32_t shard, uint32_t segment, auk_doc doc)
{
    auk_segment_view *view = &index->shards[shard].segments[segment];
    uint32_t doc_count = auk_segment_doc_count(view->segment);
    uint64_t *live = AUK_ARENA_ARRAY(index->arena, uint64_t, doc_count / 64 + 1);
    for (uint32_t i = 0; i < doc_count; i++)
        live[i / 64] |= UINT64_C(1) << (i % 64);
    if (view->live)
        memcpy(live, view->live, sizeof *live * (doc_count / 64 + 1));
    if (live[doc / 64] >> (doc % 64) & 1) {
        view->live_count--;
        index->shards[shard].live_count--;
    }
    live[doc / 64] &= ~(UINT64_C(1) << (doc % 64));
    view->live = live;
}

auk_search_target test_index_target(test_index *index)
{
    return (auk_search_target){
        .index = index->name,
        .mapping = index->mapping,
        .shards = index->views,
        .shard_count = index->shard_count,
    };
}

void test_request(const char *body, auk_arena *arena, auk_search_request *request)
{
    auk_error err = {0};
    const auk_json *json;
    auk_search_request_init(request);
    check(auk_json_parse(auk_span_of(body), arena, &json, &err), &err);
    check(auk_search_request_parse(json, arena, request, &err), &err);
}

auk_span test_search(test_index *index, const char *body, auk_arena *arena)
{
    auk_error err = {0};
    auk_search_request request;
    auk_search_result result;
    auk_search_target target = test_index_target(index);
    auk_search_context context = {.now_ms = 1700000000000};
    test_request(body, arena, &request);
    check(auk_search_run(&target, 1, &request, &context, arena, &result, &err), &err);
    auk_buffer out;
    auk_json_writer writer;
    auk_buffer_init(&out, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&writer, &out, false);
    auk_json_begin_object(&writer);
    check(auk_search_write(&target, &request, &result, arena, &writer, &err), &err);
    auk_json_end_object(&writer);
    auk_span text = auk_arena_copy(arena, auk_buffer_span(&out));
    auk_buffer_deinit(&out);
    return text;
}

void test_search_fails(test_index *index, const char *body, auk_arena *arena, auk_error *err)
{
    const auk_json *json;
    auk_search_request request;
    auk_search_result result;
    auk_search_target target = test_index_target(index);
    auk_search_context context = {.now_ms = 1700000000000};
    *err = (auk_error){0};
    auk_search_request_init(&request);
    auk_code code = auk_json_parse(auk_span_of(body), arena, &json, err);
    if (code == AUK_OK)
        code = auk_search_request_parse(json, arena, &request, err);
    if (code == AUK_OK)
        code = auk_search_run(&target, 1, &request, &context, arena, &result, err);
    assert_int_not_equal(code, AUK_OK);
}
