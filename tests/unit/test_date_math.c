/* Date math and calendar units. Expected milliseconds come from GNU date; now is
 * 2024-05-15T12:34:56.789Z. */
#include "test.h"

#include "auk/date_format.h"

#define NOW INT64_C(1715776496789)

struct math_case {
    const char *name;
    const char *text;
    const char *time_zone;
    bool round_up;
    const char *error; /* NULL: succeeds */
    int64_t want;
};

static const struct math_case math_cases[] = {
    {"now", "now", "", false, NULL, NOW},
    {"an hour ago", "now-1h", "", false, NULL, NOW - 3600000},
    {"no number means one", "now-d", "", false, NULL, NOW - 86400000},
    {"several steps", "now+1d-1h+30m-5s", "", false, NULL,
     NOW + 86400000 - 3600000 + 1800000 - 5000},
    {"start of today", "now/d", "", false, NULL, 1715731200000},
    {"end of today", "now/d", "", true, NULL, 1715817599999},
    {"yesterday", "now-1d/d", "", false, NULL, 1715644800000},
    {"week starts on Monday", "now/w", "", false, NULL, 1715558400000},
    {"start of the month", "now/M", "", false, NULL, 1714521600000},
    {"end of the month", "now/M", "", true, NULL, 1717199999999},
    {"start of the year", "now/y", "", false, NULL, 1704067200000},
    {"start of the hour, both letters", "now/H", "", false, NULL, 1715774400000},
    {"a month from the 31st", "2024-01-31||+1M", "", false, NULL, 1709164800000},
    {"twelve months back", "2024-02-29||-1y", "", false, NULL, 1677542400000},
    {"anchor is not rounded up", "2024-02-29||+1d", "", true, NULL, 1709251200000},
    {"no math, rounded up", "2024-02-29", "", true, NULL, 1709251199999},
    {"a day in a zone keeps the hour over a change", "2024-03-30T12:00:00||+1d", "Europe/Paris",
     false, NULL, 1711879200000},
    {"hours in a zone are time that passes", "2024-03-30T12:00:00||+24h", "Europe/Paris", false,
     NULL, 1711882800000},
    {"start of a day in a zone", "now/d", "America/New_York", false, NULL, 1715745600000},
    {"unknown operator", "now*1d", "", false, "operator not supported for date math [*1d]", 0},
    {"cut off", "now-1", "", false, "truncated date math [-1]", 0},
    {"unknown unit", "now-1x", "", false, "unit [x] not supported for date math [-1x]", 0},
    {"rounding to two", "now/2d", "", false,
     "rounding `/` can only be used on single unit types [/2d]", 0},
    {"huge steps", "now+2000000000y+2000000000y", "", false,
     "date math leaves the calendar [+2000000000y+2000000000y]", 0},
    {"no date", "soon||+1d", "", false,
     "failed to parse date field [soon] with format [strict_date_optional_time||epoch_millis]: "
     "[failed to parse date "
     "field [soon] with format [strict_date_optional_time||epoch_millis]]",
     0},
};

static void computes(void **state)
{
    const struct math_case *c = *state;
    auk_error err = {0};
    int64_t got = 0;
    auk_code code = auk_date_math(auk_date_format_default(), auk_span_of(c->text),
                                  auk_span_of(c->time_zone), NOW, c->round_up, &got, &err);
    assert_int_equal(code, c->error ? AUK_INVALID : AUK_OK);
    if (c->error) {
        assert_string_equal(err.message, c->error);
        assert_string_equal(auk_error_type(&err), "parse_exception");
    } else {
        assert_int_equal(got, c->want);
    }
}

struct floor_case {
    const char *name;
    int64_t ms;
    char unit;
    const char *time_zone;
    int64_t want;
    int64_t next;
};

static const struct floor_case floor_cases[] = {
    {"a quarter", NOW, 'q', "", 1711929600000, 1719792000000},
    {"a day of 23 hours", 1711850000000, 'd', "Europe/Paris", 1711839600000, 1711922400000},
    {"a day of 25 hours", 1730000000000, 'd', "Europe/Paris", 1729980000000, 1730070000000},
    {"an hour where offsets end in half hours", NOW, 'h', "Asia/Kolkata", 1715776200000,
     1715779800000},
    {"a month in a zone", NOW, 'M', "Europe/Paris", 1714514400000, 1717192800000},
    {"a day whose midnight is skipped", 1541300000000, 'd', "America/Sao_Paulo",
     1541300400000 - 3600000 * 24, 1541300400000},
    {"before the epoch", -1, 'y', "", -31536000000, 0},
};

static void floors(void **state)
{
    const struct floor_case *c = *state;
    int64_t got = 0, next = 0;
    auk_span zone = auk_span_of(c->time_zone);
    assert_int_equal(auk_date_floor(c->ms, c->unit, zone, &got, NULL), AUK_OK);
    assert_int_equal(got, c->want);
    assert_int_equal(auk_date_step(got, c->unit, 1, zone, &next, NULL), AUK_OK);
    assert_int_equal(next, c->next);
}

#define COUNT(list) (sizeof(list) / sizeof *(list))

int main(void)
{
    struct CMUnitTest tests[COUNT(math_cases) + COUNT(floor_cases)] = {{0}};
    size_t n = 0;
    for (size_t i = 0; i < COUNT(math_cases); i++)
        tests[n++] = (struct CMUnitTest){math_cases[i].name, computes, NULL, NULL,
                                         (void *)(uintptr_t)&math_cases[i]};
    for (size_t i = 0; i < COUNT(floor_cases); i++)
        tests[n++] = (struct CMUnitTest){floor_cases[i].name, floors, NULL, NULL,
                                         (void *)(uintptr_t)&floor_cases[i]};
    return cmocka_run_group_tests_name("date_math", tests, NULL, NULL);
}
