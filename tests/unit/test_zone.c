/* Zones against libc, and damaged files. */
#include "test.h"

#include <time.h>

#include "auk/arena.h"
#include "zone.h"

static int64_t libc_offset(int64_t utc_s)
{
    time_t when = (time_t)utc_s;
    struct tm local;
    assert_non_null(localtime_r(&when, &local));
    return local.tm_gmtoff;
}

static void agrees_with_libc(void **state)
{
    (void)state;
    static const char *const names[] = {"Europe/Paris", "America/New_York",    "America/Sao_Paulo",
                                        "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Casablanca",
                                        "Pacific/Apia", "Asia/Tehran",         "Europe/Dublin",
                                        "America/Nuuk", "Antarctica/Troll",    "Asia/Gaza"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_int_equal(setenv("TZ", names[i], 1), 0);
        tzset();
        auk_zone zone;
        assert_int_equal(auk_zone_find(auk_span_of(names[i]), &zone, NULL), AUK_OK);
        /* From 1900 to 2100 in steps of about eleven days and odd seconds. */
        for (int64_t at = -2208988800; at < 4102444800; at += 950017)
            assert_int_equal(auk_zone_offset_s(zone, at), libc_offset(at));
    }
    unsetenv("TZ");
    tzset();
}

static void finds_offsets_without_files(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int32_t want;
    } cases[] = {{"", 0},           {"Z", 0},
                 {"UTC", 0},        {"GMT", 0},
                 {"+02:00", 7200},  {"-0330", -12600},
                 {"+2", 7200},      {"+02", 7200},
                 {"UTC+1", 3600},   {"GMT-03:30", -12600},
                 {"+18:00", 64800}, {"+01:02:03", 3723}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        auk_zone zone;
        assert_int_equal(auk_zone_find(auk_span_of(cases[i].name), &zone, NULL), AUK_OK);
        assert_null(zone.region);
        assert_int_equal(zone.offset_s, cases[i].want);
    }
}

static void refuses_what_is_no_zone(void **state)
{
    (void)state;
    static const char *const names[] = {
        "Mars/Olympus", "../../../etc/passwd", "/etc/passwd", "Europe", "+25:00",
        "+19",          "Europe/Paris ",       "tzdata.zi",   "+",      "+02:60"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        auk_zone zone;
        auk_error err = {0};
        assert_int_equal(auk_zone_find(auk_span_of(names[i]), &zone, &err), AUK_INVALID);
        assert_true(err.message[0] != '\0');
    }
}

static void local_times_around_a_jump(void **state)
{
    (void)state;
    auk_zone paris;
    assert_int_equal(auk_zone_find(AUK_SPAN("Europe/Paris"), &paris, NULL), AUK_OK);
    /* 2024-03-31 02:30 does not exist and becomes 03:30 summer time; of the two 2024-10-27 02:30 it
     * is the first. */
    assert_int_equal(auk_zone_local_to_utc_s(paris, 1711852200), 1711848600);
    assert_int_equal(auk_zone_local_to_utc_s(paris, 1729996200), 1729989000);
    assert_int_equal(auk_zone_local_to_utc_s(paris, 1711846800), 1711843200);
}

static void damaged_files_are_refused(void **state)
{
    (void)state;
    static char file[65536];
    FILE *in = fopen("/usr/share/zoneinfo/Europe/Paris", "rb");
    assert_non_null(in);
    size_t size = fread(file, 1, sizeof file, in);
    assert_int_equal(fclose(in), 0);
    auk_region *region;
    for (size_t cut = 0; cut < size; cut++) {
        char *exact = malloc(cut ? cut : 1);
        memcpy(exact, file, cut);
        assert_int_equal(auk_region_create(AUK_SPAN("x"), auk_span_make(exact, cut), &region, NULL),
                         AUK_INVALID);
        free(exact);
    }
    for (size_t at = 0; at < size; at++) {
        file[at] = (char)(file[at] ^ 0xff);
        if (auk_region_create(AUK_SPAN("x"), auk_span_make(file, size), &region, NULL) == AUK_OK)
            auk_region_destroy(region);
        file[at] = (char)(file[at] ^ 0xff);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_libc),          cmocka_unit_test(finds_offsets_without_files),
        cmocka_unit_test(refuses_what_is_no_zone),   cmocka_unit_test(local_times_around_a_jump),
        cmocka_unit_test(damaged_files_are_refused),
    };
    return cmocka_run_group_tests_name("zone", tests, NULL, NULL);
}
