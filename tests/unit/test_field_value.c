/* Values of queries as numbers and terms, and back. */
#include "test.h"

#include <math.h>

#include "schema_support.h"

static schema_fixture fixture;
static auk_mapping *mapping;

static int setup(void **state)
{
    (void)state;
    if (schema_fixture_setup(&fixture) != 0)
        return -1;
    auk_code code = schema_mapping(&fixture,
                                   "{'properties':{'b':{'type':'byte'},'l':{'type':'long'},'d':{'"
                                   "type':'double'},'f':{'type':'float'},'t':{'type':"
                                   "'date'},'o':{'type':'boolean'},'i':{'type':'ip'},'k':{'type':'"
                                   "keyword','normalizer':'lower'},'x':{'type':'text'}}}",
                                   &mapping, NULL);
    return code == AUK_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    auk_mapping_release(mapping);
    schema_fixture_teardown(&fixture);
    return 0;
}

static void order_of_doubles_survives(void **state)
{
    (void)state;
    static const double values[] = {
        -(double)INFINITY, -1e308, -1.5, -1.0, -1e-310, -0.0, 0.0, 1e-310, 1.0, 1.5, 1e308,
        (double)INFINITY};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        int64_t sortable = auk_double_to_sortable(values[i]);
        double back = auk_double_from_sortable(sortable);
        assert_memory_equal(&back, &values[i], sizeof back);
        if (i > 0)
            assert_true(auk_double_to_sortable(values[i - 1]) < sortable);
    }
    uint64_t seed = 99;
    for (int round = 0; round < 200000; round++) {
        double pair[2];
        for (int i = 0; i < 2; i++) {
            seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            uint64_t bits = seed ^ seed >> 29;
            memcpy(&pair[i], &bits, sizeof bits);
        }
        if (isnan(pair[0]) || isnan(pair[1]))
            continue;
        int64_t a = auk_double_to_sortable(pair[0]), b = auk_double_to_sortable(pair[1]);
        assert_int_equal(pair[0] < pair[1], a < b);
        char left[8], right[8];
        auk_number_to_term(a, left);
        auk_number_to_term(b, right);
        assert_int_equal(a < b, memcmp(left, right, 8) < 0);
        assert_int_equal(auk_number_from_term(left), a);
    }
}

struct number_case {
    const char *name;
    const char *field;
    const char *value;
    auk_rounding rounding;
    bool coerce;
    const char *error; /* NULL: succeeds */
    int64_t want;
};

#define NOW INT64_C(1715776496789)

static const struct number_case number_cases[] = {
    {"a number", "l", "42", AUK_ROUND_NONE, false, NULL, 42},
    {"a number in quotes", "l", "'42'", AUK_ROUND_NONE, false, NULL, 42},
    {"a fraction rounds up", "l", "-1.5", AUK_ROUND_UP, false, NULL, -1},
    {"a fraction rounds down", "l", "-1.5", AUK_ROUND_DOWN, false, NULL, -2},
    {"a fraction as it is", "l", "1.5", AUK_ROUND_NONE, false, "Value [1.5] has a decimal part", 0},
    {"a fraction cut", "l", "-1.5", AUK_ROUND_NONE, true, NULL, -1},
    {"a bound past the type's end", "b", "300", AUK_ROUND_UP, false, NULL, 300},
    {"a bound past every end", "l", "1e30", AUK_ROUND_UP, false, NULL, INT64_MAX},
    {"a value past the type's end", "b", "300", AUK_ROUND_NONE, false,
     "Value [300] is out of range for a byte", 0},
    {"the least long", "l", "-9223372036854775808", AUK_ROUND_NONE, true, NULL, INT64_MIN},
    {"a value below the least long", "l", "-9223372036854775809", AUK_ROUND_NONE, true,
     "Value [-9223372036854775809] is out of range for a long", 0},
    {"the largest long as a fraction", "l", "9223372036854775807.5", AUK_ROUND_NONE, true, NULL,
     INT64_MAX},
    {"digits that a double would round", "l", "9007199254740993.0", AUK_ROUND_NONE, true, NULL,
     9007199254740993},
    {"digits behind the point that an exponent calls", "l", "-9.007199254740993e15", AUK_ROUND_NONE,
     true, NULL, -9007199254740993},
    {"zeros that an exponent adds", "l", "12e17", AUK_ROUND_NONE, true, NULL, 1200000000000000000},
    {"zeros past the largest long", "l", "1e19", AUK_ROUND_NONE, true,
     "Value [1e19] is out of range for a long", 0},
    {"nothing with a great exponent", "l", "0e99999999999999999999", AUK_ROUND_NONE, true, NULL, 0},
    {"next to nothing", "l", "1e-99999999999999999999", AUK_ROUND_NONE, true, NULL, 0},
    {"words", "l", "'x'", AUK_ROUND_NONE, false, "For input string: \"x\"", 0},
    {"a double", "d", "-0.5", AUK_ROUND_NONE, false, NULL, -4602678819172646913},
    {"a boolean", "o", "true", AUK_ROUND_NONE, false, NULL, 1},
    {"a day's start", "t", "'2024-02-29'", AUK_ROUND_DOWN, false, NULL, 1709164800000},
    {"a day's end", "t", "'2024-02-29'", AUK_ROUND_UP, false, NULL, 1709251199999},
    {"date math", "t", "'now-1d/d'", AUK_ROUND_DOWN, false, NULL, 1715644800000},
    {"an array", "l", "[1]", AUK_ROUND_NONE, false,
     "expected a single value for field [l], got array", 0},
    {"a field without numbers", "k", "1", AUK_ROUND_NONE, false,
     "field [k] of type [keyword] holds no numbers", 0},
};

static void reads_numbers(void **state)
{
    const struct number_case *c = *state;
    const auk_value_options options = {.rounding = c->rounding, .now_ms = NOW, .coerce = c->coerce};
    const auk_field *field = auk_mapping_find(mapping, auk_span_of(c->field));
    auk_error err = {0};
    int64_t got = 0;
    auk_code code = auk_field_number(field, schema_json(&fixture, c->value), &options, &got, &err);
    assert_string_equal(err.message, c->error ? c->error : "");
    assert_int_equal(code, c->error ? AUK_INVALID : AUK_OK);
    assert_int_equal(got, c->want);
}

static void terms_go_and_come_back(void **state)
{
    (void)state;
    static const struct {
        const char *field, *value, *want;
    } cases[] = {{"l", "-7", "-7"},
                 {"d", "2.5", "2.5"},
                 {"f", "0.1", "0.1"},
                 {"o", "'true'", "1"},
                 {"t", "'1970-01-02'", "86400000"},
                 {"i", "'10.0.0.1'", "'10.0.0.1'"},
                 {"i", "'2001:DB8::1'", "'2001:db8::1'"},
                 {"k", "'AbC'", "'abc'"},
                 {"x", "'AbC'", "'AbC'"}};
    auk_analyzer_scratch *scratch = auk_analyzer_scratch_create();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const auk_field *field = auk_mapping_find(mapping, auk_span_of(cases[i].field));
        auk_span term;
        assert_int_equal(auk_field_term(field, schema_json(&fixture, cases[i].value), NULL, scratch,
                                        fixture.arena, &term, NULL),
                         AUK_OK);
        auk_buffer out;
        auk_json_writer writer;
        auk_buffer_init(&out, 4096);
        auk_json_writer_init(&writer, &out, false);
        auk_field_write_term(field, term, &writer);
        for (size_t b = 0; b < out.size; b++)
            if (out.data[b] == '"')
                out.data[b] = '\'';
        auk_buffer_append_byte(&out, '\0');
        assert_string_equal(out.data, cases[i].want);
        auk_buffer_deinit(&out);
    }
    auk_analyzer_scratch_destroy(scratch);
}

static void writes_strings_of_numbers(void **state)
{
    (void)state;
    auk_buffer out;
    auk_json_writer writer;
    auk_buffer_init(&out, 4096);
    auk_json_writer_init(&writer, &out, false);
    auk_json_begin_array(&writer);
    auk_field_write_number(auk_mapping_find(mapping, AUK_SPAN("t")), 0, true, &writer);
    auk_field_write_number(auk_mapping_find(mapping, AUK_SPAN("o")), 1, true, &writer);
    auk_field_write_number(auk_mapping_find(mapping, AUK_SPAN("l")), 1, true, &writer);
    auk_json_end_array(&writer);
    auk_buffer_append_byte(&out, '\0');
    assert_string_equal(out.data, "[\"1970-01-01T00:00:00.000Z\",\"true\",1]");
    auk_buffer_deinit(&out);
}

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define TEST(test)                                                                                 \
    (struct CMUnitTest)                                                                            \
    {                                                                                              \
#test, test, setup, teardown, NULL                                                         \
    }

int main(void)
{
    struct CMUnitTest tests[COUNT(number_cases) + 3] = {{0}};
    size_t n = 0;
    for (size_t i = 0; i < COUNT(number_cases); i++)
        tests[n++] = (struct CMUnitTest){number_cases[i].name, reads_numbers, setup, teardown,
                                         (void *)(uintptr_t)&number_cases[i]};
    tests[n++] = TEST(order_of_doubles_survives);
    tests[n++] = TEST(terms_go_and_come_back);
    tests[n++] = TEST(writes_strings_of_numbers);
    return cmocka_run_group_tests_name("field_value", tests, NULL, NULL);
}
