#include "test.h"

#include "auk/units.h"

struct unit_case {
    const char *name;
    const char *text;
    bool is_time;
    bool want;
    int64_t value;
};

static struct unit_case cases[] = {
    {"seconds", "5s", true, true, 5000},
    {"a fraction of an hour", "1.5h", true, true, 5400000},
    {"milliseconds", "250ms", true, true, 250},
    {"capitals of seconds", "5S", true, true, 5000},
    {"minus one alone", "-1", true, true, -1},
    {"zero alone", "0", true, true, 0},
    {"refuses a month as a duration", "1M", true, false, 0},
    {"refuses a number without unit", "5", true, false, 0},
    {"refuses a unit alone", "s", true, false, 0},
    {"refuses two points", "1.2.3s", true, false, 0},
    {"refuses what is too long to be a number", "1000000000000000000000000000000000000000s", true,
     false, 0},
    {"megabytes", "512mb", false, true, 536870912},
    {"capital gigabytes", "1GB", false, true, 1073741824},
    {"half a kilobyte", "0.5kb", false, true, 512},
    {"refuses an unknown unit", "3qb", false, false, 0},
    {"refuses a sign", "-3mb", false, false, 0},
};
#define N_CASES (sizeof cases / sizeof cases[0])

static void parses(void **state)
{
    const struct unit_case *c = *state;
    int64_t ms = 0;
    uint64_t bytes = 0;
    bool read = c->is_time ? auk_time_parse_ms(auk_span_of(c->text), &ms)
                           : auk_bytes_parse(auk_span_of(c->text), &bytes);
    assert_int_equal(read, c->want);
    if (read)
        assert_int_equal(c->is_time ? ms : (int64_t)bytes, c->value);
}

static void formats(void **state)
{
    (void)state;
    char text[16];
    auk_bytes_format(220, text);
    assert_string_equal(text, "220b");
    auk_bytes_format(1536, text);
    assert_string_equal(text, "1.5kb");
    auk_bytes_format(UINT64_MAX, text);
    assert_string_equal(text, "16384pb");
    auk_time_format(1200000, text);
    assert_string_equal(text, "1.2s");
    auk_time_format(15000, text);
    assert_string_equal(text, "15ms");
}

int main(void)
{
    struct CMUnitTest tests[N_CASES + 1] = {{0}};
    for (size_t i = 0; i < N_CASES; i++) {
        tests[i].name = cases[i].name;
        tests[i].test_func = parses;
        tests[i].initial_state = &cases[i];
    }
    tests[N_CASES] = (struct CMUnitTest)cmocka_unit_test(formats);
    return cmocka_run_group_tests_name("units", tests, NULL, NULL);
}
