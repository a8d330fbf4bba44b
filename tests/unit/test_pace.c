/* Long work that steps aside. */
#include "test.h"

#include <unistd.h>

#include "auk/clock.h"
#include "auk/pace.h"

/* More than there are cores on any machine. */
#define MANY 5000u

static void wait_all(bool begin)
{
    for (unsigned i = 0; i < MANY; i++) {
        if (begin)
            auk_pace_wait_begin();
        else
            auk_pace_wait_end();
    }
}

static void work_for(auk_pace *pace, uint64_t us)
{
    uint64_t until_us = auk_clock_monotonic_us() + us;
    while (auk_clock_monotonic_us() < until_us)
        auk_pace_step(pace, AUK_PACE_UNITS / 4);
}

static void nothing_rests_while_nobody_waits(void **state)
{
    (void)state;
    auk_pace pace;
    auk_pace_begin(&pace);
    work_for(&pace, 5000);
    auk_pace_bytes(&pace, (size_t)1 << 30);
    auk_pace_bytes(&pace, (size_t)1 << 30);
    assert_int_equal(atomic_load(&pace.rested_us), 0);
    auk_pace_end(&pace);
}

static void work_slows_down_for_those_who_wait_and_does_not_stop(void **state)
{
    (void)state;
    auk_pace pace;
    wait_all(true);
    auk_pace_begin(&pace);
    while (atomic_load(&pace.rested_us) == 0)
        auk_pace_step(&pace, AUK_PACE_UNITS / 4);
    work_for(&pace, 20000); /* comes back from every rest, or the test would not end */
    uint64_t rested_us = atomic_load(&pace.rested_us);
    wait_all(false);
    work_for(&pace, 1000);
    assert_int_equal(atomic_load(&pace.rested_us), rested_us);
    auk_pace_end(&pace);
}

static void work_that_others_need_does_not_rest(void **state)
{
    (void)state;
    auk_pace pace;
    wait_all(true);
    auk_pace_begin(&pace);
    auk_pace_hurry(&pace);
    work_for(&pace, 5000);
    assert_int_equal(atomic_load(&pace.rested_us), 0);
    auk_pace_end(&pace);
    wait_all(false);
}

static void bytes_are_spread_while_somebody_waited_lately(void **state)
{
    (void)state;
    auk_pace pace;
    auk_pace_begin(&pace);
    auk_pace_wait_begin();
    auk_pace_wait_end();
    uint64_t start_us = auk_clock_monotonic_us();
    /* The first piece is owed for 50 ms when the second one comes. */
    auk_pace_bytes(&pace, AUK_PACE_BYTES_EACH_SECOND / 20);
    auk_pace_bytes(&pace, 1);
    uint64_t took_us = auk_clock_monotonic_us() - start_us;
    assert_true(took_us >= 50000);
    auk_pace_end(&pace);
}

static void no_pace_is_no_rest(void **state)
{
    (void)state;
    auk_pace_step(NULL, UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_rests_while_nobody_waits),
        cmocka_unit_test(work_slows_down_for_those_who_wait_and_does_not_stop),
        cmocka_unit_test(work_that_others_need_does_not_rest),
        cmocka_unit_test(bytes_are_spread_while_somebody_waited_lately),
        cmocka_unit_test(no_pace_is_no_rest),
    };
    return cmocka_run_group_tests_name("pace", tests, NULL, NULL);
}
