#include "test.h"

#include "timeline.h"

static void parse(const char *text, uint32_t now, auk_arena *arena, auk_timelines *out)
{
    *out = (auk_timelines){.now = now};
    assert_int_equal(auk_timelines_parse(auk_span_of(text), arena, out, NULL), AUK_OK);
}

static void a_history_tells_where_each_timeline_was_left(void **state)
{
    auk_arena *arena = auk_arena_create(256);
    auk_timelines t;
    auk_lsn end;
    (void)state;
    parse("1\t0/5000060\tno recovery target specified\n\n# a word\n2\tA/7000100\tbefore 2026\n", 5,
          arena, &t);
    assert_int_equal(t.count, 2);
    assert_true(auk_timelines_find_end(&t, 1, &end));
    assert_int_equal(end, 0x5000060);
    assert_true(auk_timelines_find_end(&t, 2, &end));
    assert_int_equal(end, 0xa07000100);
    assert_true(auk_timelines_find_end(&t, 5, &end));
    assert_true(end == UINT64_MAX);
    assert_false(auk_timelines_find_end(&t, 3, &end));
    auk_timelines copy = auk_timelines_copy(&t, arena);
    assert_true(auk_timelines_find_end(&copy, 2, &end));
    parse("", 1, arena, &t);
    assert_int_equal(t.count, 0);
    parse("4\t0/1\t", 7, arena, &t); /* no line end */
    assert_true(auk_timelines_find_end(&t, 4, &end));
    auk_arena_destroy(arena);
}

static void what_is_no_history_is_refused(void **state)
{
    static const char *const texts[] = {"1",
                                        "1\t",
                                        "x\t0/1\ty",
                                        "1\t0-1\ty",
                                        "0\t0/1\ty",
                                        "99999999999\t0/1\ty",
                                        "1\t0/1\tok\n2 0/2 x\n"};
    auk_arena *arena = auk_arena_create(256);
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        auk_timelines t = {0};
        assert_int_equal(auk_timelines_parse(auk_span_of(texts[i]), arena, &t, NULL), AUK_CORRUPT);
    }
    auk_arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_history_tells_where_each_timeline_was_left),
        cmocka_unit_test(what_is_no_history_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
