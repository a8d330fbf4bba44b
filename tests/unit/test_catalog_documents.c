/* Documents through the catalog: where they go, in which order, and partial updates. */
#include "catalog_support.h"

static void routes_as_elasticsearch_does(void **state)
{
    /* murmur3 of the UTF-16 text, floor modulo: worked out with Elasticsearch's published hash */
    static const struct {
        const char *text;
        int32_t hash;
    } rows[] = {
        {"hell", 0x5a0cb7c3},
        {"hello", (int32_t)0xd7c31989},
        {"hello w", 0x22ab2984},
        {"hello wo", (int32_t)0xdf0ca123},
        {"hello wor", (int32_t)0xe7744d61},
        {"The quick brown fox jumps over the lazy dog", (int32_t)0xe07db09c},
        {"The quick brown fox jumps over the lazy cog", 0x4e63d2ad},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (int32_t shards = 1; shards <= 9; shards++) {
            int32_t wanted = (int32_t)((((int64_t)rows[i].hash % shards) + shards) % shards);
            assert_int_equal(auk_route_shard(auk_span_of(rows[i].text), (uint32_t)shards), wanted);
        }
}

static auk_write item(auk_write_kind kind, const char *id, const char *source)
{
    auk_write write;
    auk_write_init(&write);
    write.kind = kind;
    write.index = AUK_SPAN("a");
    write.id = auk_span_of(id);
    write.source = auk_span_of(source);
    return write;
}

static void keeps_the_order_of_one_id(void **state)
{
    support_catalog *at = *state;
    support_create(at, "a", "{\"settings\":{\"number_of_shards\":3}}");
    auk_write writes[] = {
        item(AUK_WRITE_INDEX, "1", "{\"n\":1}"),
        item(AUK_WRITE_INDEX, "2", "{\"n\":1}"),
        item(AUK_WRITE_UPDATE, "1", "{\"doc\":{\"n\":2}}"),
        item(AUK_WRITE_UPDATE, "1", "{\"doc\":{\"m\":3}}"),
        item(AUK_WRITE_DELETE, "2", ""),
        item(AUK_WRITE_CREATE, "2", "{\"n\":9}"),
        item(AUK_WRITE_CREATE, "2", "{\"n\":10}"),
        item(AUK_WRITE_UPDATE, "3", "{\"doc\":{\"n\":1}}"),
        item(AUK_WRITE_UPDATE, "3", "{\"doc\":{\"n\":1},\"doc_as_upsert\":true}"),
        item(AUK_WRITE_UPDATE, "3", "{\"doc\":{\"n\":1}}"),
        item(AUK_WRITE_DELETE, "4", ""),
    };
    static const struct {
        auk_code code;
        auk_result result;
        int64_t version;
    } wanted[] = {
        {AUK_OK, AUK_RESULT_CREATED, 1},
        {AUK_OK, AUK_RESULT_CREATED, 1},
        {AUK_OK, AUK_RESULT_UPDATED, 2},
        {AUK_OK, AUK_RESULT_UPDATED, 3},
        {AUK_OK, AUK_RESULT_DELETED, 2},
        {AUK_OK, AUK_RESULT_CREATED, 3},
        {AUK_CONFLICT, 0, 0},
        {AUK_NOT_FOUND, 0, 0},
        {AUK_OK, AUK_RESULT_CREATED, 1},
        {AUK_OK, AUK_RESULT_NOOP, 1},
        {AUK_OK, AUK_RESULT_NOT_FOUND, 1},
    };
    enum { COUNT = sizeof writes / sizeof writes[0] };
    auk_written out[COUNT];
    assert_ok(auk_catalog_write(at->catalog, writes, COUNT, AUK_REFRESH_NOW, at->arena, out, err));
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(out[i].error.code, wanted[i].code);
        if (wanted[i].code != AUK_OK)
            continue;
        assert_int_equal(out[i].result, wanted[i].result);
        assert_int_equal(out[i].version, wanted[i].version);
    }
    support_expect_document(at, "a", "1", "{\"n\":2,\"m\":3}");
    support_expect_document(at, "a", "2", "{\"n\":9}");
    support_expect_document(at, "a", "4", NULL);
    assert_int_equal(support_visible(at, "a"), 3);
}

static void updates_merge(void **state)
{
    static const struct {
        const char *before, *body, *after;
        auk_result result;
    } rows[] = {
        {"{\"a\":1}", "{\"doc\":{\"b\":2}}", "{\"a\":1,\"b\":2}", AUK_RESULT_UPDATED},
        {"{\"a\":{\"x\":1,\"y\":[1,2]}}", "{\"doc\":{\"a\":{\"y\":[3]}}}",
         "{\"a\":{\"x\":1,\"y\":[3]}}", AUK_RESULT_UPDATED},
        {"{\"a\":{\"x\":1}}", "{\"doc\":{\"a\":5}}", "{\"a\":5}", AUK_RESULT_UPDATED},
        {"{\"a\":1}", "{\"doc\":{\"a\":null}}", "{\"a\":null}", AUK_RESULT_UPDATED},
        {"{\"a\":1, \"b\":[1, {\"c\":2}]}", "{\"doc\":{\"b\":[1,{\"c\":2}]}}",
         "{\"a\":1, \"b\":[1, {\"c\":2}]}", AUK_RESULT_NOOP},
        {"{\"a\":1}", "{\"doc\":{}}", "{\"a\":1}", AUK_RESULT_NOOP},
        {"{\"a\":1}", "{\"doc\":{\"a\":1},\"detect_noop\":false}", "{\"a\":1}", AUK_RESULT_UPDATED},
        {"{\"a\":1}", "{\"doc\":{\"a\":2},\"upsert\":{\"a\":9}}", "{\"a\":2}", AUK_RESULT_UPDATED},
        {NULL, "{\"doc\":{\"a\":2},\"upsert\":{\"a\":9}}", "{\"a\":9}", AUK_RESULT_CREATED},
        {NULL, "{\"doc\":{\"a\":2},\"doc_as_upsert\":true}", "{\"a\":2}", AUK_RESULT_CREATED},
        {"{\"t\":\"\\u00e9\\\"\"}", "{\"doc\":{\"u\":\"\\n\"}}", "{\"t\":\"é\\\"\",\"u\":\"\\n\"}",
         AUK_RESULT_UPDATED},
    };
    support_catalog *at = *state;
    support_create(at, "a", "{\"mappings\":{\"enabled\":false}}");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char id[8];
        snprintf(id, sizeof id, "%zu", i);
        if (rows[i].before)
            assert_int_equal(
                support_write_one(at, AUK_WRITE_INDEX, "a", id, rows[i].before).error.code, AUK_OK);
        auk_written out = support_write_one(at, AUK_WRITE_UPDATE, "a", id, rows[i].body);
        assert_int_equal(out.error.code, AUK_OK);
        assert_int_equal(out.result, rows[i].result);
        support_expect_document(at, "a", id, rows[i].after);
    }
}

static void refuses_bad_updates(void **state)
{
    static const struct {
        const char *body, *type;
    } rows[] = {
        {"{}", "action_request_validation_exception"},
        {"{\"dok\":{}}", "x_content_parse_exception"},
        {"{\"doc\":5}", "x_content_parse_exception"},
        {"{\"doc\":{},\"detect_noop\":\"x\"}", "x_content_parse_exception"},
        {"{\"script\":\"x\"}", "illegal_argument_exception"},
        {"[]", "parsing_exception"},
        {"{\"doc\":", "parsing_exception"},
    };
    support_catalog *at = *state;
    support_create(at, "a", NULL);
    (void)support_write_one(at, AUK_WRITE_INDEX, "a", "1", "{\"n\":1}");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        auk_written out = support_write_one(at, AUK_WRITE_UPDATE, "a", "1", rows[i].body);
        assert_int_equal(out.error.code, AUK_INVALID);
        assert_string_equal(auk_error_type(out.error.why), rows[i].type);
    }
    auk_written missing = support_write_one(at, AUK_WRITE_UPDATE, "a", "2", "{\"doc\":{}}");
    assert_string_equal(auk_error_type(missing.error.why), "document_missing_exception");
    support_expect_document(at, "a", "1", "{\"n\":1}");
}

static void guards_hold(void **state)
{
    support_catalog *at = *state;
    support_create(at, "a", NULL);
    auk_written first = support_write_one(at, AUK_WRITE_INDEX, "a", "1", "{\"n\":1}");
    auk_write write = item(AUK_WRITE_UPDATE, "1", "{\"doc\":{\"n\":2}}");
    auk_written out;
    write.if_seq_no = first.seq_no;
    write.if_primary_term = first.primary_term;
    assert_ok(auk_catalog_write(at->catalog, &write, 1, AUK_REFRESH_NONE, at->arena, &out, err));
    assert_int_equal(out.error.code, AUK_OK);
    assert_ok(auk_catalog_write(at->catalog, &write, 1, AUK_REFRESH_NONE, at->arena, &out, err));
    assert_int_equal(out.error.code, AUK_CONFLICT);
    assert_string_equal(auk_error_type(out.error.why), "version_conflict_engine_exception");
    write.kind = AUK_WRITE_DELETE;
    assert_ok(auk_catalog_write(at->catalog, &write, 1, AUK_REFRESH_NONE, at->arena, &out, err));
    assert_int_equal(out.error.code, AUK_CONFLICT);
    support_expect_document(at, "a", "1", "{\"n\":2}");
}

static void generates_ids(void **state)
{
    support_catalog *at = *state;
    auk_written one = support_write_one(at, AUK_WRITE_INDEX, "a", "", "{\"n\":1}");
    auk_written two = support_write_one(at, AUK_WRITE_CREATE, "a", "", "{\"n\":2}");
    assert_int_equal(one.id.size, 20);
    assert_int_equal(two.id.size, 20);
    assert_false(auk_span_equal(one.id, two.id));
    assert_int_equal(support_write_one(at, AUK_WRITE_DELETE, "a", "", "").error.code, AUK_INVALID);
}

static void wants_routing_when_the_mapping_says_so(void **state)
{
    support_catalog *at = *state;
    support_create(at, "a", "{\"mappings\":{\"_routing\":{\"required\":true}}}");
    auk_written out = support_write_one(at, AUK_WRITE_INDEX, "a", "1", "{}");
    assert_string_equal(auk_error_type(out.error.why), "routing_missing_exception");
    auk_write write = item(AUK_WRITE_INDEX, "1", "{}");
    write.routing = AUK_SPAN("x");
    assert_ok(auk_catalog_write(at->catalog, &write, 1, AUK_REFRESH_NONE, at->arena, &out, err));
    assert_int_equal(out.error.code, AUK_OK);
}

static void asks_for_an_alias_when_told_to(void **state)
{
    support_catalog *at = *state;
    auk_written out;
    auk_write write = item(AUK_WRITE_INDEX, "1", "{}");
    write.require_alias = true;
    assert_ok(auk_catalog_write(at->catalog, &write, 1, AUK_REFRESH_NONE, at->arena, &out, err));
    assert_int_equal(out.error.code, AUK_NOT_FOUND);
    support_create(at, "a", "{\"aliases\":{\"b\":{}}}");
    assert_ok(auk_catalog_write(at->catalog, &write, 1, AUK_REFRESH_NONE, at->arena, &out, err));
    assert_int_equal(out.error.code, AUK_NOT_FOUND);
    write.index = AUK_SPAN("b");
    assert_ok(auk_catalog_write(at->catalog, &write, 1, AUK_REFRESH_NONE, at->arena, &out, err));
    assert_int_equal(out.error.code, AUK_OK);
}

static void waits_for_a_refresh(void **state)
{
    support_catalog *at = *state;
    auk_written out;
    support_create(at, "a", "{\"settings\":{\"refresh_interval\":\"50ms\"}}");
    auk_write write = item(AUK_WRITE_INDEX, "1", "{}");
    assert_ok(auk_catalog_write(at->catalog, &write, 1, AUK_REFRESH_WAIT, at->arena, &out, err));
    assert_int_equal(support_visible(at, "a"), 1);
    write.id = AUK_SPAN("2");
    assert_ok(auk_catalog_write(at->catalog, &write, 1, AUK_REFRESH_NOW, at->arena, &out, err));
    assert_int_equal(support_visible(at, "a"), 2);
}

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, support_catalog_setup, support_catalog_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(routes_as_elasticsearch_does),
        TEST(keeps_the_order_of_one_id),
        TEST(updates_merge),
        TEST(refuses_bad_updates),
        TEST(guards_hold),
        TEST(generates_ids),
        TEST(wants_routing_when_the_mapping_says_so),
        TEST(asks_for_an_alias_when_told_to),
        TEST(waits_for_a_refresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
