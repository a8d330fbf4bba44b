#include "test.h"

#include <math.h>

#include "auk/json.h"

static void assert_text(const auk_buffer *out, const char *want)
{
    if (!auk_span_is(auk_buffer_span(out), want))
        fail_msg("got [%.*s], want [%s]", AUK_SPAN_ARG(auk_buffer_span(out)), want);
}

static void write_sample(auk_json_writer *w)
{
    auk_json_begin_object(w);
    auk_json_member_int(w, "took", -3);
    auk_json_member_bool(w, "timed_out", false);
    auk_json_member_object(w, "empty");
    auk_json_end_object(w);
    auk_json_member_array(w, "none");
    auk_json_end_array(w);
    auk_json_member_array(w, "hits");
    auk_json_begin_object(w);
    auk_json_member_text(w, "_id", "a\"b");
    auk_json_member_raw(w, "_source",
                        AUK_SPAN("{\"x\" :[1,\n2 ],\"y\":{ },\"z\":[ ],\"s\":\"{,}\\\"\"}"));
    auk_json_end_object(w);
    auk_json_null(w);
    auk_json_uint(w, UINT64_MAX);
    auk_json_end_array(w);
    auk_json_member_double(w, "max", 1.0);
    auk_json_end_object(w);
}

static void compact_output_has_no_white_space_of_its_own(void **state)
{
    (void)state;
    auk_buffer out;
    auk_json_writer writer;
    auk_buffer_init(&out, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&writer, &out, false);
    write_sample(&writer);
    assert_text(&out, "{\"took\":-3,\"timed_out\":false,\"empty\":{},\"none\":[],\"hits\":["
                      "{\"_id\":\"a\\\"b\",\"_source\":{\"x\" :[1,\n2 ],\"y\":{ },\"z\":[ ],"
                      "\"s\":\"{,}\\\"\"}},null,18446744073709551615],\"max\":1.0}");
    auk_buffer_deinit(&out);
}

static void pretty_output_looks_like_elasticsearch(void **state)
{
    (void)state;
    auk_buffer out;
    auk_json_writer writer;
    auk_buffer_init(&out, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&writer, &out, true);
    write_sample(&writer);
    assert_text(&out, "{\n"
                      "  \"took\" : -3,\n"
                      "  \"timed_out\" : false,\n"
                      "  \"empty\" : { },\n"
                      "  \"none\" : [ ],\n"
                      "  \"hits\" : [\n"
                      "    {\n"
                      "      \"_id\" : \"a\\\"b\",\n"
                      "      \"_source\" : {\n"
                      "        \"x\" : [\n"
                      "          1,\n"
                      "          2\n"
                      "        ],\n"
                      "        \"y\" : { },\n"
                      "        \"z\" : [ ],\n"
                      "        \"s\" : \"{,}\\\"\"\n"
                      "      }\n"
                      "    },\n"
                      "    null,\n"
                      "    18446744073709551615\n"
                      "  ],\n"
                      "  \"max\" : 1.0\n"
                      "}");
    auk_buffer_deinit(&out);
}

static void a_tree_is_written_back(void **state)
{
    (void)state;
    auk_arena *arena = auk_arena_create(0);
    const auk_json *root;
    auk_span text = AUK_SPAN("{\"a\":[1,2.50,\"x\\ny\",{}],\"b\":{\"c\":null,\"d\":true},\"\":[]}");
    assert_int_equal(auk_json_parse(text, arena, &root, NULL), AUK_OK);
    auk_buffer out;
    auk_json_writer writer;
    auk_buffer_init(&out, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&writer, &out, false);
    auk_json_value(&writer, root);
    assert_true(auk_span_equal(auk_buffer_span(&out), text));
    auk_buffer_deinit(&out);
    auk_arena_destroy(arena);
}

typedef struct double_case {
    double value;
    const char *text;
} double_case;

static const double_case double_cases[] = {
    {0.0, "0.0"},
    {-0.0, "-0.0"},
    {1.0, "1.0"},
    {-1.5, "-1.5"},
    {0.1, "0.1"},
    {0.30000000000000004, "0.30000000000000004"},
    {100.0, "100.0"},
    {123456.789, "123456.789"},
    {1234567.0, "1234567.0"},
    {9999999.0, "9999999.0"},
    {1e7, "1.0E7"},
    {12345678.9, "1.23456789E7"},
    {1e10, "1.0E10"},
    {0.001, "0.001"},
    {0.0012, "0.0012"},
    {0.000999, "9.99E-4"},
    {1e-10, "1.0E-10"},
    {1.7976931348623157e308, "1.7976931348623157E308"},
    {5e-324, "5.0E-324"},
    {9007199254740993.0, "9.007199254740992E15"},
    {(double)NAN, "null"},
    {(double)INFINITY, "null"},
    {-(double)INFINITY, "null"},
};

static void doubles_are_laid_out_like_java(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof double_cases / sizeof double_cases[0]; i++) {
        auk_buffer out;
        auk_json_writer writer;
        auk_buffer_init(&out, AUK_BUFFER_NO_LIMIT);
        auk_json_writer_init(&writer, &out, false);
        auk_json_double(&writer, double_cases[i].value);
        assert_text(&out, double_cases[i].text);
        auk_buffer_deinit(&out);
    }
}

static void doubles_read_back_as_they_were(void **state)
{
    (void)state;
    uint64_t bits = 88172645463325252u;
    auk_buffer out;
    auk_buffer_init(&out, AUK_BUFFER_NO_LIMIT);
    for (int i = 0; i < 20000; i++) {
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        double value;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        auk_json_writer writer;
        auk_buffer_reset(&out);
        auk_json_writer_init(&writer, &out, false);
        auk_json_double(&writer, value);
        double back;
        assert_true(auk_number_parse_double(auk_buffer_span(&out), &back));
        assert_memory_equal(&back, &value, sizeof value);
    }
    auk_buffer_deinit(&out);
}

static void floats_are_as_short_as_floats_can_be(void **state)
{
    (void)state;
    static const struct {
        float value;
        const char *text;
    } cases[] = {{0.2876821f, "0.2876821"},
                 {1.0f, "1.0"},
                 {0.1f, "0.1"},
                 {16777216.0f, "1.6777216E7"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        auk_buffer out;
        auk_json_writer writer;
        auk_buffer_init(&out, AUK_BUFFER_NO_LIMIT);
        auk_json_writer_init(&writer, &out, false);
        auk_json_float(&writer, cases[i].value);
        assert_text(&out, cases[i].text);
        auk_buffer_deinit(&out);
    }
}

static void integers_reach_their_limits(void **state)
{
    (void)state;
    auk_buffer out;
    auk_json_writer writer;
    auk_buffer_init(&out, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&writer, &out, false);
    auk_json_begin_array(&writer);
    auk_json_int(&writer, INT64_MIN);
    auk_json_int(&writer, INT64_MAX);
    auk_json_int(&writer, 0);
    auk_json_end_array(&writer);
    assert_text(&out, "[-9223372036854775808,9223372036854775807,0]");
    auk_buffer_deinit(&out);
}

static void escapes_are_what_must_be_and_no_more(void **state)
{
    (void)state;
    static const struct {
        auk_span text;
        const char *json;
    } cases[] = {
        {AUK_SPAN_INIT(""), "\"\""},
        {AUK_SPAN_INIT("plain text of some length/"), "\"plain text of some length/\""},
        {AUK_SPAN_INIT("\"\\\b\f\n\r\t\x01\x1f\x7f"),
         "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001F\x7f\""},
        {AUK_SPAN_INIT("a\0b"), "\"a\\u0000b\""},
        {AUK_SPAN_INIT("\xC3\xA9\xF0\x9F\x98\x80"), "\"\xC3\xA9\xF0\x9F\x98\x80\""},
        {AUK_SPAN_INIT("a\xFF\n\xC3"), "\"a\xEF\xBF\xBD\\n\xEF\xBF\xBD\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        auk_buffer out;
        auk_buffer_init(&out, AUK_BUFFER_NO_LIMIT);
        auk_json_escape(&out, cases[i].text);
        assert_text(&out, cases[i].json);
        auk_buffer_deinit(&out);
    }
}

/* Each byte at each place of a word is found by the eight-at-a-time search. */
static void every_byte_at_every_place_reads_back(void **state)
{
    (void)state;
    auk_arena *arena = auk_arena_create(0);
    for (unsigned byte = 0; byte < 128; byte++) {
        for (size_t at = 0; at < 20; at++) {
            char text[20];
            memset(text, 'x', sizeof text);
            text[at] = (char)byte;
            auk_buffer out;
            const auk_json *back;
            auk_buffer_init(&out, AUK_BUFFER_NO_LIMIT);
            auk_json_escape(&out, auk_span_make(text, sizeof text));
            assert_int_equal(auk_json_parse(auk_buffer_span(&out), arena, &back, NULL), AUK_OK);
            assert_true(auk_span_equal(back->text, auk_span_make(text, sizeof text)));
            auk_buffer_deinit(&out);
            auk_arena_reset(arena);
        }
    }
    auk_arena_destroy(arena);
}

static void objects_are_merged_and_everything_else_is_replaced(void **state)
{
    (void)state;
    static const struct {
        const char *base, *over, *want;
        bool changed;
    } cases[] = {
        {"{}", "{}", "{}", false},
        {"{\"a\":1,\"b\":2}", "{\"b\":3,\"c\":4}", "{\"a\":1,\"b\":3,\"c\":4}", true},
        {"{\"a\":{\"x\":1,\"y\":[1,2]}}", "{\"a\":{\"y\":[1,2]}}", "{\"a\":{\"x\":1,\"y\":[1,2]}}",
         false},
        {"{\"a\":{\"x\":1}}", "{\"a\":{\"y\":null}}", "{\"a\":{\"x\":1,\"y\":null}}", true},
        {"{\"a\":{\"x\":1}}", "{\"a\":[{\"x\":1}]}", "{\"a\":[{\"x\":1}]}", true},
        {"{\"a\":[1,2]}", "{\"a\":[1]}", "{\"a\":[1]}", true},
        {"{\"a\":1}", "{\"a\":\"1\"}", "{\"a\":\"1\"}", true},
    };
    auk_arena *arena = auk_arena_create(1024);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const auk_json *base, *over;
        auk_buffer out;
        auk_json_writer writer;
        assert_int_equal(auk_json_parse(auk_span_of(cases[i].base), arena, &base, NULL), AUK_OK);
        assert_int_equal(auk_json_parse(auk_span_of(cases[i].over), arena, &over, NULL), AUK_OK);
        auk_buffer_init(&out, AUK_BUFFER_NO_LIMIT);
        auk_json_writer_init(&writer, &out, false);
        assert_int_equal(auk_json_merge(base, over, &writer), cases[i].changed);
        assert_text(&out, cases[i].want);
        auk_buffer_deinit(&out);
    }
    auk_arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compact_output_has_no_white_space_of_its_own),
        cmocka_unit_test(pretty_output_looks_like_elasticsearch),
        cmocka_unit_test(a_tree_is_written_back),
        cmocka_unit_test(doubles_are_laid_out_like_java),
        cmocka_unit_test(doubles_read_back_as_they_were),
        cmocka_unit_test(floats_are_as_short_as_floats_can_be),
        cmocka_unit_test(integers_reach_their_limits),
        cmocka_unit_test(escapes_are_what_must_be_and_no_more),
        cmocka_unit_test(every_byte_at_every_place_reads_back),
        cmocka_unit_test(objects_are_merged_and_everything_else_is_replaced),
    };
    return cmocka_run_group_tests_name("json writer", tests, NULL, NULL);
}
