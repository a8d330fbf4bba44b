/* Live sets: what they say, when they are copied, and their bytes, sound and damaged. */
#include "test.h"

#include "live.h"

static void nothing_deleted_needs_no_set(void **state)
{
    (void)state;
    assert_true(auk_live_has(NULL, 5));
    assert_int_equal(auk_live_count(NULL, 9), 9);
}

static void a_deletion_is_counted_once(void **state)
{
    (void)state;
    auk_live *live = NULL;
    assert_true(auk_live_kill(&live, 70, 69));
    assert_false(auk_live_kill(&live, 70, 69));
    assert_false(auk_live_has(live, 69));
    assert_true(auk_live_has(live, 68));
    assert_int_equal(auk_live_count(live, 70), 69);
    auk_live_release(live);
}

static void a_held_set_stays_as_it_is(void **state)
{
    (void)state;
    auk_live *live = NULL;
    auk_live_kill(&live, 10, 1);
    auk_live *held = auk_live_acquire(live);
    auk_live_kill(&live, 10, 2);
    assert_true(auk_live_has(held, 2));
    assert_false(auk_live_has(live, 2));
    assert_false(auk_live_has(live, 1));
    auk_live_release(held);
    auk_live_release(live);
}

static void a_set_of_rows_grows(void **state)
{
    (void)state;
    auk_live *live = NULL;
    auk_live_kill(&live, 64, 3);
    assert_true(auk_live_has(live, 100));
    auk_live_kill(&live, 128, 100);
    assert_false(auk_live_has(live, 3));
    assert_false(auk_live_has(live, 100));
    assert_int_equal(live->doc_count - live->live_count, 2);
    auk_live_release(live);
}

static void deletions_are_carried_to_new_numbers(void **state)
{
    (void)state;
    uint32_t map[] = {AUK_DOC_DROPPED, 7, 8, 9};
    auk_live *from = NULL, *into = NULL;
    auk_live_kill(&from, 4, 0);
    auk_live_kill(&from, 4, 2);
    auk_live_carry(from, map, &into, 20);
    assert_false(auk_live_has(into, 8));
    assert_int_equal(auk_live_count(into, 20), 19);
    auk_live_release(from);
    auk_live_release(into);
}

static auk_live *make(uint32_t doc_count, uint32_t step)
{
    auk_live *live = NULL;
    for (uint32_t doc = 0; doc < doc_count; doc += step)
        auk_live_kill(&live, doc_count, doc);
    return live;
}

static void bytes_give_the_set_back(void **state)
{
    (void)state;
    const uint32_t counts[] = {1, 63, 64, 65, 1000}, steps[] = {1, 2, 50};
    for (int c = 0; c < 5; c++) {
        for (int s = 0; s < 3; s++) {
            auk_live *live = make(counts[c], steps[s]), *back = NULL;
            auk_buffer bytes;
            auk_buffer_init(&bytes, 1 << 20);
            auk_live_encode(live, &bytes);
            assert_int_equal(auk_live_decode(auk_buffer_span(&bytes), counts[c], &back, NULL),
                             AUK_OK);
            assert_int_equal(back->live_count, live->live_count);
            for (uint32_t doc = 0; doc < counts[c]; doc++)
                assert_int_equal(auk_live_has(back, doc), auk_live_has(live, doc));
            auk_live_release(live);
            auk_live_release(back);
            auk_buffer_deinit(&bytes);
        }
    }
}

static void damage_is_noticed(void **state)
{
    (void)state;
    for (uint32_t step = 2; step <= 40; step += 38) {
        auk_live *live = make(500, step), *back = NULL;
        auk_buffer bytes;
        auk_buffer_init(&bytes, 1 << 20);
        auk_live_encode(live, &bytes);
        for (size_t cut = 0; cut < bytes.size; cut++)
            assert_int_equal(auk_live_decode(auk_span_make(bytes.data, cut), 500, &back, NULL),
                             AUK_CORRUPT);
        for (size_t at = 0; at < bytes.size; at++) {
            bytes.data[at] ^= 0x41;
            assert_int_equal(auk_live_decode(auk_buffer_span(&bytes), 500, &back, NULL),
                             AUK_CORRUPT);
            bytes.data[at] ^= 0x41;
        }
        assert_int_equal(auk_live_decode(auk_buffer_span(&bytes), 501, &back, NULL), AUK_CORRUPT);
        auk_live_release(live);
        auk_buffer_deinit(&bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_deleted_needs_no_set),
        cmocka_unit_test(a_deletion_is_counted_once),
        cmocka_unit_test(a_held_set_stays_as_it_is),
        cmocka_unit_test(a_set_of_rows_grows),
        cmocka_unit_test(deletions_are_carried_to_new_numbers),
        cmocka_unit_test(bytes_give_the_set_back),
        cmocka_unit_test(damage_is_noticed),
    };
    return cmocka_run_group_tests_name("live", tests, NULL, NULL);
}
