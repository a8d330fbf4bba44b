#include "inbox.h"

#include <poll.h>

#include "test.h"

static bool rings(const auk_http_inbox *inbox)
{
    struct pollfd bell = {.fd = inbox->bell, .events = POLLIN};
    return poll(&bell, 1, 0) == 1;
}

static uint32_t count_of(const auk_http_letter *letter)
{
    uint32_t count = 0;
    for (; letter; letter = letter->next)
        count++;
    return count;
}

static int open_inbox(void **state)
{
    static auk_http_inbox inbox;
    auk_error err;
    assert_int_equal(auk_http_inbox_open(&inbox, &err), AUK_OK);
    *state = &inbox;
    return 0;
}

static int close_inbox(void **state)
{
    auk_http_inbox_close(*state);
    return 0;
}

static void the_first_letter_rings_and_all_come_in_order(void **state)
{
    auk_http_inbox *inbox = *state;
    auk_http_letter letters[3];
    for (int i = 0; i < 3; i++)
        auk_http_inbox_put(inbox, &letters[i]);
    assert_true(rings(inbox));
    const auk_http_letter *taken = auk_http_inbox_take(inbox);
    assert_ptr_equal(taken, &letters[0]);
    assert_ptr_equal(taken->next, &letters[1]);
    assert_int_equal(count_of(taken), 3);
    assert_false(rings(inbox));
    auk_http_inbox_put(inbox, &letters[0]);
    assert_true(rings(inbox));
    assert_int_equal(count_of(auk_http_inbox_take(inbox)), 1);
}

static void what_is_left_rings_for_nobody(void **state)
{
    auk_http_inbox *inbox = *state;
    auk_http_letter letters[2];
    auk_http_inbox_leave(inbox, &letters[0]);
    assert_false(rings(inbox));
    auk_http_inbox_put(inbox, &letters[1]); /* although the list is not empty */
    assert_true(rings(inbox));
    assert_int_equal(count_of(auk_http_inbox_take(inbox)), 2);
}

static void what_is_awaited_rings_however_often(void **state)
{
    auk_http_inbox *inbox = *state;
    auk_http_letter letter;
    auk_http_inbox_await(inbox);
    auk_http_inbox_await(inbox);
    for (int i = 0; i < 2; i++) {
        auk_http_inbox_leave(inbox, &letter);
        assert_true(rings(inbox));
        assert_int_equal(count_of(auk_http_inbox_take(inbox)), 1);
        assert_false(rings(inbox));
        auk_http_inbox_unawait(inbox);
    }
    auk_http_inbox_leave(inbox, &letter);
    assert_false(rings(inbox));
    assert_int_equal(count_of(auk_http_inbox_collect(inbox)), 1);
}

static void a_bell_that_was_not_stilled_does_no_harm(void **state)
{
    auk_http_inbox *inbox = *state;
    auk_http_letter letter;
    auk_http_inbox_put(inbox, &letter);
    assert_int_equal(count_of(auk_http_inbox_collect(inbox)), 1);
    assert_true(rings(inbox));
    auk_http_inbox_put(inbox, &letter);
    assert_int_equal(count_of(auk_http_inbox_take(inbox)), 1);
    assert_null(auk_http_inbox_take(inbox));
    auk_http_inbox_put(inbox, &letter);
    assert_true(rings(inbox));
    assert_int_equal(count_of(auk_http_inbox_take(inbox)), 1);
}

#define INBOX_TEST(name) cmocka_unit_test_setup_teardown(name, open_inbox, close_inbox)

int main(void)
{
    const struct CMUnitTest tests[] = {
        INBOX_TEST(the_first_letter_rings_and_all_come_in_order),
        INBOX_TEST(what_is_left_rings_for_nobody),
        INBOX_TEST(what_is_awaited_rings_however_often),
        INBOX_TEST(a_bell_that_was_not_stilled_does_no_harm),
    };
    return cmocka_run_group_tests_name("http_inbox", tests, NULL, NULL);
}
