/* Dates in and out. Expected milliseconds come from GNU date. */
#include "test.h"

#include "auk/date_format.h"

#define ISO "strict_date_optional_time||epoch_millis"

struct parse_case {
    const char *name;
    const char *format;
    const char *text;
    const char *time_zone;
    bool round_up;
    bool fails;
    int64_t want;
};

static const struct parse_case parse_cases[] = {
    {"a day", ISO, "2024-02-29", "", false, false, 1709164800000},
    {"a second", ISO, "2024-01-31T23:59:59Z", "", false, false, 1706745599000},
    {"milliseconds and an offset", ISO, "2024-01-31T23:59:59.123+02:00", "", false, false,
     1706738399123},
    {"nanoseconds are cut", ISO, "2024-01-31T23:59:59.123999999+02:00", "", false, false,
     1706738399123},
    {"a comma before the fraction", ISO, "2024-01-31T23:59:59,123+0200", "", false, false,
     1706738399123},
    {"before the epoch", ISO, "1969-12-31T23:59:59.999Z", "", false, false, -1},
    {"the first day", ISO, "0001-01-01", "", false, false, -62135596800000},
    {"the last year of four digits", ISO, "9999-12-31T23:59:59.999Z", "", false, false,
     253402300799999},
    {"a year of five digits needs a sign", ISO, "+12024-01-01", "", false, false, 317273587200000},
    {"a minute", ISO, "2024-01-01T10:00Z", "", false, false, 1704103200000},
    {"an hour", ISO, "2024-01-01T10Z", "", false, false, 1704103200000},
    {"T without time", ISO, "2024-01-01T", "", false, false, 1704067200000},
    {"a month", ISO, "2024-07", "", false, false, 1719792000000},
    {"four digits are a year", ISO, "2024", "", false, false, 1704067200000},
    {"more digits are milliseconds", ISO, "1704067200000", "", false, false, 1704067200000},
    {"negative milliseconds", ISO, "-12345678", "", false, false, -12345678},
    {"a given zone", ISO, "2024-07-01", "Europe/Paris", false, false, 1719784800000},
    {"a given offset", ISO, "2024-07-01", "+02:00", false, false, 1719784800000},
    {"an own offset wins over the given one", ISO, "2024-07-01T00:00:00Z", "+02:00", false, false,
     1719792000000},
    {"the zone in winter", ISO, "2024-01-01", "Europe/Paris", false, false, 1704063600000},
    {"rounds the hours of a day up", ISO, "2024-02-29", "", true, false, 1709251199999},
    {"rounds a second up", ISO, "2024-02-29T12:34:56", "", true, false, 1709210096999},
    {"months and days stay first", ISO, "2024-07", "", true, false, 1719878399999},
    {"a region in the text", ISO, "2024-07-01T00:00:00Europe/Paris", "", false, false,
     1719784800000},
    {"29 February of a common year", ISO, "2023-02-29", "", false, true, 0},
    {"month 13", ISO, "2024-13-01", "", false, true, 0},
    {"hour 24", ISO, "2024-01-01T24:00:00Z", "", false, true, 0},
    {"one digit for a month", ISO, "2024-1-1", "", false, true, 0},
    {"words", ISO, "yesterday", "", false, true, 0},
    {"nothing", ISO, "", "", false, true, 0},
    {"something behind", ISO, "2024-01-01 ", "", false, true, 0},
    {"no such zone", ISO, "2024-01-01", "Mars/Olympus", false, true, 0},
    {"lenient digits", "date_optional_time", "2024-1-31T23:59:59Z", "", false, false,
     1706745599000},
    {"seconds", "epoch_second", "1704067200", "", false, false, 1704067200000},
    {"seconds with a fraction", "epoch_second", "1704067200.5", "", false, false, 1704067200500},
    {"negative seconds with a fraction", "epoch_second", "-1.5", "", false, false, -1500},
    {"a fraction of a millisecond", "epoch_millis", "1704067200000.9", "", false, false,
     1704067200000},
    {"too many digits", "epoch_millis", "1234567890123456789", "", false, true, 0},
    {"basic_date", "basic_date", "20240229", "", false, false, 1709164800000},
    {"basic_date_time", "basic_date_time", "20240131T235959.123+0200", "", false, false,
     1706738399123},
    {"basic_date_time_no_millis", "basic_date_time_no_millis", "20240131T235959Z", "", false, false,
     1706745599000},
    {"ordinal_date", "strict_ordinal_date", "2024-060", "", false, false, 1709164800000},
    {"day 366 of a common year", "strict_ordinal_date", "2023-366", "", false, true, 0},
    {"week_date at the end of a year", "strict_week_date", "2020-W53-7", "", false, false,
     1609632000000},
    {"week 53 of a year with 52", "strict_week_date", "2021-W53-1", "", false, true, 0},
    {"basic_week_date", "basic_week_date", "2025W011", "", false, false, 1735516800000},
    {"weekyear_week", "weekyear_week", "2025-W01", "", false, false, 1735516800000},
    {"date_hour_minute_second", "date_hour_minute_second", "2024-02-29T12:34:56", "", false, false,
     1709210096000},
    {"strict_date_time", "strict_date_time", "2024-01-31T23:59:59.123+02:00", "", false, false,
     1706738399123},
    {"strict_date_time wants a fraction", "strict_date_time", "2024-01-31T23:59:59Z", "", false,
     true, 0},
    {"strict_date_time_no_millis", "strict_date_time_no_millis", "2024-01-31T23:59:59Z", "", false,
     false, 1706745599000},
    {"hour_minute is of the first day", "hour_minute", "01:00", "", false, false, 3600000},
    {"year_month", "year_month", "2024-07", "", false, false, 1719792000000},
    {"own pattern", "yyyy/MM/dd HH:mm:ss", "2024/01/31 23:59:59", "", false, false, 1706745599000},
    {"adjacent numbers", "yyyyMMddHHmmss", "20240131235959", "", false, false, 1706745599000},
    {"single letters", "d.M.y H:m", "5.1.2024 15:4", "", false, false, 1704467040000},
    {"names", "EEE, dd MMM yyyy HH:mm:ss Z", "Fri, 05 Jan 2024 15:04:05 +0000", "", false, false,
     1704467045000},
    {"long names and half days", "EEEE d MMMM yyyy h:mm:ss a", "Friday 5 January 2024 3:04:05 PM",
     "", false, false, 1704467045000},
    {"twelve at night", "yyyy-MM-dd hh:mm a", "2024-07-01 12:00 AM", "", false, false,
     1719792000000},
    {"a weekday that is not that date's", "EEE, dd MMM yyyy", "Mon, 05 Jan 2024", "", false, true,
     0},
    {"two digits of a year", "dd.MM.yy", "29.02.24", "", false, false, 1709164800000},
    {"optional sections", "yyyy-MM-dd[ HH:mm[:ss]][X]", "2024-01-31 23:59:59", "", false, false,
     1706745599000},
    {"optional sections left out", "yyyy-MM-dd[ HH:mm[:ss]][X]", "2024-02-29Z", "", false, false,
     1709164800000},
    {"quoted words", "'on' yyyy-MM-dd 'o''clock'", "on 2024-02-29 o'clock", "", false, false,
     1709164800000},
    {"a zone's name", "yyyy-MM-dd HH:mm:ss VV", "2024-07-01 00:00:00 Europe/Paris", "", false,
     false, 1719784800000},
    {"xxx", "yyyy-MM-dd'T'HH:mm:ssxxx", "2024-02-01T01:59:59+02:00", "", false, false,
     1706745599000},
    {"the second alternative", "yyyy/MM/dd||dd.MM.yyyy", "29.02.2024", "", false, false,
     1709164800000},
};

static void parses(void **state)
{
    const struct parse_case *c = *state;
    auk_date_format *format;
    auk_error err = {0};
    int64_t got = 0;
    assert_int_equal(auk_date_format_create(auk_span_of(c->format), &format, &err), AUK_OK);
    auk_code code = auk_date_parse(format, auk_span_of(c->text), auk_span_of(c->time_zone),
                                   c->round_up, &got, &err);
    assert_int_equal(code, c->fails ? AUK_INVALID : AUK_OK);
    if (!c->fails)
        assert_int_equal(got, c->want);
    auk_date_format_destroy(format);
}

struct write_case {
    const char *name;
    const char *format;
    int64_t ms;
    const char *time_zone;
    const char *want;
};

static const struct write_case write_cases[] = {
    {"the default", ISO, 1706745599123, "", "2024-01-31T23:59:59.123Z"},
    {"the default in a zone", ISO, 1719784800000, "Europe/Paris", "2024-07-01T00:00:00.000+02:00"},
    {"before the epoch", ISO, -1, "", "1969-12-31T23:59:59.999Z"},
    {"a long year", ISO, 317273587200000, "", "+12024-01-01T00:00:00.000Z"},
    {"milliseconds", "epoch_millis||date", -12, "", "-12"},
    {"seconds", "epoch_second", 1500, "", "1.500"},
    {"whole seconds", "epoch_second", 2000, "", "2"},
    {"lenient names write in full", "date", 1704067200000, "", "2024-01-01"},
    {"own pattern", "EEE, dd MMM yyyy hh:mm:ss a Z", 1704467045000, "",
     "Fri, 05 Jan 2024 03:04:05 PM +0000"},
    {"week_date", "strict_week_date", 1609632000000, "", "2020-W53-7"},
    {"ordinal_date", "ordinal_date", 1709164800000, "", "2024-060"},
    {"single letters", "d.M.y", 1704467045000, "", "5.1.2024"},
    {"two digits of a year", "dd.MM.yy", 1704467045000, "", "05.01.24"},
    {"fractions", "ss.SSSSSS", 1704467045006, "", "05.006000"},
    {"an offset without colon", "HHX", 1704467045000, "+05:30", "20+0530"},
};

static void writes(void **state)
{
    const struct write_case *c = *state;
    auk_date_format *format;
    auk_buffer out;
    auk_buffer_init(&out, 4096);
    assert_int_equal(auk_date_format_create(auk_span_of(c->format), &format, NULL), AUK_OK);
    auk_date_write(format, c->ms, auk_span_of(c->time_zone), &out);
    auk_buffer_append_byte(&out, '\0');
    assert_string_equal(out.data, c->want);
    auk_buffer_deinit(&out);
    auk_date_format_destroy(format);
}

struct refuse_case {
    const char *name;
    const char *format;
    const char *message;
};

static const struct refuse_case refuse_cases[] = {
    {"refuses an unknown letter", "yyyy-bb",
     "Invalid format: [yyyy-bb]: Unknown pattern letter: b"},
    {"refuses an unknown name", "strict_dat",
     "Invalid format: [strict_dat]: Unknown pattern letter: t"},
    {"refuses an open quote", "yyyy'T",
     "Invalid format: [yyyy'T]: Pattern ends with an incomplete string literal"},
    {"refuses a lonely bracket", "yyyy]",
     "Invalid format: [yyyy]]: Pattern invalid as it contains ] without previous ["},
    {"refuses nothing", "", "No date pattern provided"},
    {"refuses an empty alternative", "date||", "No date pattern provided"},
};

static void refuses(void **state)
{
    const struct refuse_case *c = *state;
    auk_date_format *format = NULL;
    auk_error err = {0};
    assert_int_equal(auk_date_format_create(auk_span_of(c->format), &format, &err), AUK_INVALID);
    assert_string_equal(err.message, c->message);
    assert_null(format);
}

static void reads_what_it_wrote_in_every_named_format(void **state)
{
    (void)state;
    static const char *const names[] = {"strict_date_optional_time",
                                        "date_optional_time",
                                        "strict_date_optional_time_nanos",
                                        "iso8601",
                                        "basic_date_time",
                                        "basic_ordinal_date_time",
                                        "basic_week_date_time",
                                        "strict_basic_week_date_time",
                                        "date_time",
                                        "strict_date_time",
                                        "strict_ordinal_date_time",
                                        "strict_week_date_time",
                                        "strict_date_hour_minute_second_fraction",
                                        "date_hour_minute_second_millis",
                                        "epoch_millis",
                                        "epoch_second"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        auk_date_format *format;
        assert_int_equal(auk_date_format_create(auk_span_of(names[i]), &format, NULL), AUK_OK);
        uint64_t seed = 12345;
        for (int round = 0; round < 500; round++) {
            seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            int64_t ms = (int64_t)(seed >> 16) % INT64_C(100000000000000) - INT64_C(50000000000000),
                    got = 0;
            auk_buffer out;
            auk_buffer_init(&out, 4096);
            auk_date_write(format, ms, AUK_SPAN(""), &out);
            assert_int_equal(auk_date_parse(format, auk_buffer_span(&out), AUK_SPAN(""), false,
                                            &got, NULL),
                             AUK_OK);
            assert_int_equal(got, ms);
            auk_buffer_deinit(&out);
        }
        auk_date_format_destroy(format);
    }
}

static void fast_path_agrees_with_the_items(void **state)
{
    (void)state;
    /* Rounding down through a format whose first alternative has no fast path. */
    auk_date_format *slow;
    assert_int_equal(auk_date_format_create(
                         AUK_SPAN("strict_date_time||strict_date_optional_time||epoch_millis"),
                         &slow, NULL),
                     AUK_OK);
    const char alphabet[] = "0123456789-:T.Z+";
    uint64_t seed = 7;
    for (int round = 0; round < 200000; round++) {
        char text[] = "2024-02-28T23:59:58.123+02:00";
        size_t size = sizeof text - 1;
        for (int change = 0; change < 2; change++) {
            seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            text[(seed >> 33) % size] = alphabet[(seed >> 45) % 16];
        }
        static const size_t cuts[] = {10, 19, 23, 29};
        size = cuts[seed >> 62];
        int64_t a = 0, b = 0;
        auk_span span = {text, size};
        auk_code fast =
            auk_date_parse(auk_date_format_default(), span, AUK_SPAN(""), false, &a, NULL);
        auk_code items = auk_date_parse(slow, span, AUK_SPAN(""), false, &b, NULL);
        assert_int_equal(fast, items);
        assert_int_equal(a, b);
    }
    auk_date_format_destroy(slow);
}

#define COUNT(list) (sizeof(list) / sizeof *(list))

static void *state_of(const void *row)
{
    return (void *)(uintptr_t)row;
}

int main(void)
{
    struct CMUnitTest tests[COUNT(parse_cases) + COUNT(write_cases) + COUNT(refuse_cases) + 2] = {
        {0}};
    size_t n = 0;
    for (size_t i = 0; i < COUNT(parse_cases); i++)
        tests[n++] =
            (struct CMUnitTest){parse_cases[i].name, parses, NULL, NULL, state_of(&parse_cases[i])};
    for (size_t i = 0; i < COUNT(write_cases); i++)
        tests[n++] =
            (struct CMUnitTest){write_cases[i].name, writes, NULL, NULL, state_of(&write_cases[i])};
    for (size_t i = 0; i < COUNT(refuse_cases); i++)
        tests[n++] = (struct CMUnitTest){refuse_cases[i].name, refuses, NULL, NULL,
                                         state_of(&refuse_cases[i])};
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(reads_what_it_wrote_in_every_named_format);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(fast_path_agrees_with_the_items);
    return cmocka_run_group_tests_name("date_format", tests, NULL, NULL);
}
