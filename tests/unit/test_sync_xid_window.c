/* Which snapshots see all that was applied. */
#include "test.h"
#include "xid_window.h"

static bool is_seen(const auk_xid_window *window, const char *snapshot)
{
    auk_arena *arena = auk_arena_create(512);
    auk_pg_snapshot parsed;
    assert_int_equal(auk_pg_snapshot_parse(auk_span_of(snapshot), arena, &parsed, NULL), AUK_OK);
    bool seen = auk_xid_window_is_seen(window, &parsed);
    auk_arena_destroy(arena);
    return seen;
}

static void asks_for_all_that_was_noted(void **state)
{
    (void)state;
    auk_xid_window *window = auk_xid_window_create();
    assert_true(is_seen(window, "100:100:"));
    auk_xid_window_note(window, 0);
    assert_true(is_seen(window, "100:100:"));
    auk_xid_window_note(window, 105);
    auk_xid_window_note(window, 103);
    assert_true(is_seen(window, "106:106:"));
    assert_true(is_seen(window, "104:110:104,107"));
    assert_false(is_seen(window, "105:105:"));
    assert_false(is_seen(window, "105:106:105"));
    assert_false(is_seen(window, "103:106:103"));
    auk_xid_window_clear(window);
    assert_true(is_seen(window, "103:106:103"));
    assert_true(is_seen(window, "50:50:"));
    auk_xid_window_note(window, 105);
    auk_xid_window_serve(window, 7, 1);
    auk_xid_window_serve(window, 7, 1);
    assert_false(is_seen(window, "50:50:"));
    auk_xid_window_serve(window, 7, 2);
    assert_true(is_seen(window, "50:50:"));
    auk_xid_window_destroy(window);
}

static void doubts_what_an_earlier_life_may_have_applied(void **state)
{
    (void)state;
    auk_xid_window *window = auk_xid_window_create();
    auk_xid_window_note(window, 105);
    auk_xid_window_doubt(window, 110);
    assert_false(is_seen(window, "103:112:103,111"));
    assert_true(is_seen(window, "110:112:110,111"));
    assert_true(is_seen(window, "112:112:"));
    auk_xid_window_clear(window);
    assert_true(is_seen(window, "103:112:103"));
    auk_xid_window_destroy(window);
}

static void goes_round_with_the_numbers(void **state)
{
    (void)state;
    auk_xid_window *window = auk_xid_window_create();
    auk_xid_window_note(window, 4294967290u);
    auk_xid_window_note(window, 5);
    assert_true(is_seen(window, "4294967302:4294967310:4294967302")); /* epoch 1, xid 6 */
    assert_false(is_seen(window, "4294967290:4294967310:4294967290"));
    assert_false(is_seen(window, "4294967301:4294967301:"));
    auk_xid_window_destroy(window);
}

static void forgets_numbers_of_long_ago(void **state)
{
    (void)state;
    auk_xid_window *window = auk_xid_window_create();
    for (uint32_t xid = 3; xid < 40000000; xid += 1000)
        auk_xid_window_note(window, xid);
    /* bits that older numbers left would be met here */
    assert_true(is_seen(window, "39999004:40000000:39999004,39999500"));
    assert_false(is_seen(window, "39999003:40000000:39999003"));
    assert_false(is_seen(window, "37000003:40000000:37000003"));
    auk_xid_window_destroy(window);
}

static bool is_seen_since(const auk_xid_window *window, const char *snapshot, auk_xid_mark mark)
{
    auk_arena *arena = auk_arena_create(512);
    auk_pg_snapshot parsed;
    assert_int_equal(auk_pg_snapshot_parse(auk_span_of(snapshot), arena, &parsed, NULL), AUK_OK);
    bool seen = auk_xid_window_is_seen_since(window, &parsed, mark);
    auk_arena_destroy(arena);
    return seen;
}

static void passes_over_what_was_noted_since(void **state)
{
    (void)state;
    auk_xid_window *window = auk_xid_window_create();
    auk_xid_window_note(window, 103);
    auk_xid_window_note(window, 105);
    auk_xid_mark mark = auk_xid_window_mark(window);
    auk_xid_window_note(window, 104);
    auk_xid_window_note(window, 110);
    assert_false(is_seen(window, "106:108:"));
    assert_true(is_seen_since(window, "106:108:", mark));
    assert_true(is_seen_since(window, "104:108:104", mark));
    assert_false(is_seen_since(window, "103:108:103", mark));
    assert_false(is_seen_since(window, "105:105:", mark));
    for (uint32_t xid = 200; xid < 40000; xid++)
        auk_xid_window_note(window, xid);
    assert_false(is_seen_since(window, "106:108:", mark)); /* too much to tell */
    auk_xid_window_destroy(window);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_for_all_that_was_noted),
        cmocka_unit_test(doubts_what_an_earlier_life_may_have_applied),
        cmocka_unit_test(goes_round_with_the_numbers),
        cmocka_unit_test(forgets_numbers_of_long_ago),
        cmocka_unit_test(passes_over_what_was_noted_since),
    };
    return cmocka_run_group_tests_name("sync_xid_window", tests, NULL, NULL);
}
