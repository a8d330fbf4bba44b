#include "test.h"

#include "bulk.h"

typedef struct fixture {
    auk_arena *arena;
    auk_buffer body;
    auk_bulk bulk;
    auk_error err;
} fixture;

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    f->arena = auk_arena_create(4096);
    auk_buffer_init(&f->body, AUK_BUFFER_NO_LIMIT);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    auk_buffer_deinit(&f->body);
    auk_arena_destroy(f->arena);
    free(f);
    return 0;
}

static auk_code parse(fixture *f, const char *text)
{
    static const char padding[AUK_JSON_PADDING];
    auk_bulk_defaults defaults = {.index = AUK_SPAN("d")};
    auk_span body = auk_span_of(text);
    auk_buffer_reset(&f->body);
    auk_arena_reset(f->arena);
    auk_buffer_append(&f->body, body);
    auk_buffer_append(&f->body, auk_span_make(padding, sizeof padding));
    body.data = f->body.data;
    f->err = (auk_error){0};
    return auk_bulk_parse(body, &defaults, f->arena, &f->bulk, &f->err);
}

#define assert_span(span, text)                                                                    \
    do {                                                                                           \
        if (!auk_span_is((span), (text)))                                                          \
            fail_msg("[%.*s] is not [%s]", AUK_SPAN_ARG(span), (text));                            \
    } while (0)

static void actions_and_sources_are_spans_of_the_body(void **state)
{
    fixture *f = *state;
    assert_int_equal(parse(f, "{\"index\":{\"_index\":\"a\",\"_id\":\"1\"}}\n"
                              " {\"t\":1} \r\n"
                              "{\"delete\":{\"_id\":\"2\"}}\n"
                              "\n"
                              "{\"create\":{}}\r\n"
                              "{}\n"),
                     AUK_OK);
    assert_int_equal(f->bulk.count, 3);
    const auk_write *writes = f->bulk.writes;
    assert_int_equal(writes[0].kind, AUK_WRITE_INDEX);
    assert_span(writes[0].index, "a");
    assert_span(writes[0].id, "1");
    assert_span(writes[0].source, " {\"t\":1} ");
    assert_true(writes[0].source_is_padded);
    assert_int_equal(writes[0].if_seq_no, -1);
    assert_int_equal(writes[1].kind, AUK_WRITE_DELETE);
    assert_span(writes[1].index, "d");
    assert_span(writes[1].id, "2");
    assert_int_equal(writes[2].kind, AUK_WRITE_CREATE);
    assert_span(writes[2].id, "");
    assert_span(writes[2].source, "{}");
}

/* The same item, once for the scanner of plain lines and in forms that only the JSON reader takes.
 */
static void both_readers_agree(void **state)
{
    static const char *const lines[] = {
        "{\"index\":{\"_index\":\"a\",\"_id\":\"b c\",\"routing\":\"r\"}}\n{}\n",
        "  { \"index\" : { \"_id\" : \"b c\" , \"_type\" : \"_doc\", \"_index\":\"a\", "
        "\"routing\":\"r\" } } \n{}\n",
        "{\"index\":{\"_index\":\"a\",\"_id\":\"b\\u0020c\",\"_routing\":\"r\"}}\n{}\n",
        "{\"index\":{\"_index\":\"a\",\"_id\":\"b c\",\"routing\":\"r\",\"_source\":false}}\n{}\n",
        "{\"\\u0069ndex\":{\"_index\":\"a\",\"_id\":\"b c\",\"routing\":\"r\"}}\n{}\n",
    };
    fixture *f = *state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        if (parse(f, lines[i]) != AUK_OK)
            fail_msg("%s: %s", lines[i], f->err.message);
        assert_int_equal(f->bulk.count, 1);
        assert_int_equal(f->bulk.writes[0].kind, AUK_WRITE_INDEX);
        assert_span(f->bulk.writes[0].index, "a");
        assert_span(f->bulk.writes[0].id, "b c");
        assert_span(f->bulk.writes[0].routing, "r");
    }
}

static void metadata_is_read(void **state)
{
    fixture *f = *state;
    assert_int_equal(
        parse(
            f,
            "{\"update\":{\"_id\":7,\"retry_on_conflict\":3,\"_source\":true,\"if_seq_no\":4,"
            "\"if_primary_term\":1,\"require_alias\":true}}\n{\"doc\":{}}\n"
            "{\"index\":{\"_id\":\"\xC3\xA4\",\"version\":12,\"version_type\":\"external\"}}\n{}\n"
            "{\"index\":{\"op_type\":\"create\"}}\n{}\n"),
        AUK_OK);
    const auk_write *writes = f->bulk.writes;
    assert_span(writes[0].id, "7");
    assert_int_equal(writes[0].retry_on_conflict, 3);
    assert_true(writes[0].want_source);
    assert_true(writes[0].require_alias);
    assert_int_equal(writes[0].if_seq_no, 4);
    assert_int_equal(writes[0].if_primary_term, 1);
    assert_span(writes[1].id, "\xC3\xA4");
    assert_int_equal(writes[1].version, 12);
    assert_int_equal(writes[1].version_type, AUK_VERSION_EXTERNAL);
    assert_int_equal(writes[2].kind, AUK_WRITE_CREATE);
}

typedef struct refusal {
    const char *body;
    const char *message; /* a part of it */
} refusal;

static const refusal refusals[] = {
    {"", "no requests added"},
    {"\n\n", "no requests added"},
    {"{\"index\":{}}\n{}", "must be terminated by a newline [\\n]"},
    {"{\"index\":{}}", "must be terminated by a newline [\\n]"},
    {"{\"index\":{}}\n", "line [1], the source that belongs to it is missing"},
    {"{\"delete\":{\"_id\":\"1\"}}\n{\"indx\":{}}\n{}\n",
     "Malformed action/metadata line [2], expected field [create], [delete], [index] or [update] "
     "but found [indx]"},
    {"{}\n{}\n", "line [1], expected FIELD_NAME but found [END_OBJECT]"},
    {"[]\n{}\n", "line [1], expected START_OBJECT but found [START_ARRAY]"},
    {"{\"index\":1}\n{}\n", "expected START_OBJECT but found [VALUE_NUMBER]"},
    {"{\"index\":{}\n{}\n", "Malformed action/metadata line [1]: "},
    {"{\"index\":{},\"create\":{}}\n{}\n", "expected END_OBJECT but found [FIELD_NAME]"},
    {"{\"index\":{\"_idd\":\"1\"}}\n{}\n", "contains an unknown parameter [_idd]"},
    {"{\"index\":{\"_id\":{}}}\n{}\n", "expected a simple value for field [_id]"},
    {"{\"index\":{\"_id\":\"\"}}\n{}\n", "if _id is specified it must not be empty"},
    {"{\"index\":{\"_id\":\"1\",\"_id\":\"2\"}}\n{}\n", "line [1]"},
    {"{\"index\":{\"pipeline\":\"p\"}}\n{}\n", "pipeline with id [p] does not exist"},
    {"{\"index\":{\"dynamic_templates\":{\"a\":\"b\"}}}\n{}\n", "not supported"},
    {"{\"delete\":{}}\n", "id is missing"},
    {"{\"create\":{\"_id\":\"1\",\"if_seq_no\":1,\"if_primary_term\":1}}\n{}\n",
     "create operations do not support compare and set"},
    {"{\"index\":{\"_id\":\"1\",\"version\":1}}\n{}\n", "internal versioning can not be used"},
    {"{\"index\":{\"_id\":\"1\",\"if_seq_no\":1}}\n{}\n", "primary term is [0]"},
    {"{\"index\":{\"_id\":\"1\",\"version_type\":\"odd\"}}\n{}\n", "No version type match [odd]"},
};

static void a_malformed_line_refuses_the_whole_bulk(void **state)
{
    fixture *f = *state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        const refusal *r = &refusals[i];
        if (parse(f, r->body) != AUK_INVALID || !strstr(f->err.message, r->message))
            fail_msg("%s gave [%s]", r->body, f->err.message);
    }
}

static void no_more_items_than_lines_are_foreseen(void **state)
{
    (void)state;
    assert_int_equal(auk_bulk_item_limit(AUK_SPAN("")), 0);
    assert_int_equal(auk_bulk_item_limit(AUK_SPAN("a\nb\n\nc")), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(actions_and_sources_are_spans_of_the_body, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(both_readers_agree, set_up, tear_down),
        cmocka_unit_test_setup_teardown(metadata_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_malformed_line_refuses_the_whole_bulk, set_up, tear_down),
        cmocka_unit_test(no_more_items_than_lines_are_foreseen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
