#include "test.h"

#include "auk/budget.h"

static void charges_add_up_and_are_given_back(void **state)
{
    (void)state;
    auk_budget *budget = auk_budget_create(1000);
    assert_int_equal(auk_budget_total(budget), 1000);
    assert_int_equal(auk_budget_limit(budget, AUK_PURPOSE_INDEXING), 500);
    assert_int_equal(auk_budget_charge(budget, AUK_PURPOSE_INDEXING, 300, NULL), AUK_OK);
    assert_int_equal(auk_budget_charge(budget, AUK_PURPOSE_INDEXING, 200, NULL), AUK_OK);
    assert_int_equal(auk_budget_charge(budget, AUK_PURPOSE_INDEXING, 1, NULL), AUK_BUSY);
    assert_int_equal(auk_budget_used(budget, AUK_PURPOSE_INDEXING), 500);
    auk_budget_release(budget, AUK_PURPOSE_INDEXING, 500);
    assert_int_equal(auk_budget_used(budget, AUK_PURPOSE_INDEXING), 0);
    assert_int_equal(auk_budget_charge(budget, AUK_PURPOSE_INDEXING, 500, NULL), AUK_OK);
    auk_budget_release(budget, AUK_PURPOSE_INDEXING, 500);
    auk_budget_destroy(budget);
}

static void a_refusal_names_purpose_and_figures(void **state)
{
    (void)state;
    auk_budget *budget = auk_budget_create(10 * 1024);
    auk_error err = {0};
    assert_int_equal(auk_budget_charge(budget, AUK_PURPOSE_CACHES, 3000, &err), AUK_BUSY);
    assert_string_equal(auk_error_type(&err), "circuit_breaking_exception");
    assert_int_equal(auk_code_status(err.code), 429);
    assert_string_equal(
        err.message,
        "[caches] Data too large, data for [caches] would be "
        "[3000/2.9kb], which is larger than the limit of [2048/2kb], asked for [3000/2.9kb]");
    auk_budget_destroy(budget);
}

static void the_whole_refuses_although_the_share_has_room(void **state)
{
    (void)state;
    auk_budget *budget = auk_budget_create(1000);
    auk_error err = {0};
    assert_int_equal(auk_budget_charge(budget, AUK_PURPOSE_INDEXING, 500, NULL), AUK_OK);
    assert_int_equal(auk_budget_charge(budget, AUK_PURPOSE_SEARCH, 400, NULL), AUK_OK);
    assert_int_equal(auk_budget_charge(budget, AUK_PURPOSE_REQUESTS, 101, &err), AUK_BUSY);
    assert_string_equal(err.message,
                        "[parent] Data too large, data for [requests] would be [1001/1001b], which "
                        "is larger than the limit of [1000/1000b], asked for [101/101b]");
    assert_int_equal(auk_budget_used(budget, AUK_PURPOSE_REQUESTS), 0);
    assert_int_equal(auk_budget_charge(budget, AUK_PURPOSE_REQUESTS, 100, NULL), AUK_OK);
    auk_budget_destroy(budget);
}

static void forced_bytes_go_past_the_limit_and_block_others(void **state)
{
    (void)state;
    auk_budget *budget = auk_budget_create(1000);
    auk_budget_force(budget, AUK_PURPOSE_STORE, 2000);
    assert_int_equal(auk_budget_used(budget, AUK_PURPOSE_STORE), 2000);
    assert_int_equal(auk_budget_charge(budget, AUK_PURPOSE_SEARCH, 1, NULL), AUK_BUSY);
    auk_budget_release(budget, AUK_PURPOSE_STORE, 2000);
    assert_int_equal(auk_budget_charge(budget, AUK_PURPOSE_SEARCH, 1, NULL), AUK_OK);
    auk_budget_destroy(budget);
}

static void sizes_past_the_largest_number_are_refused(void **state)
{
    (void)state;
    auk_budget *budget = auk_budget_create(SIZE_MAX);
    assert_int_equal(auk_budget_charge(budget, AUK_PURPOSE_SEARCH, 100, NULL), AUK_OK);
    assert_int_equal(auk_budget_charge(budget, AUK_PURPOSE_SEARCH, SIZE_MAX, NULL), AUK_BUSY);
    auk_budget_destroy(budget);
}

static void what_is_measured_replaces_what_was_booked(void **state)
{
    (void)state;
    auk_error err = {0};
    auk_budget *budget = auk_budget_create(1000);
    auk_budget_set(budget, AUK_PURPOSE_PROCESS, 900);
    assert_int_equal(auk_budget_used_total(budget), 900);
    assert_int_equal(auk_budget_charge(budget, AUK_PURPOSE_SEARCH, 101, NULL), AUK_BUSY);
    assert_int_equal(auk_budget_refuse(budget, AUK_PURPOSE_SEARCH, 101, &err), AUK_BUSY);
    assert_non_null(strstr(err.message, "[parent] Data too large, data for [search] would be "
                                        "[1001/1001b]"));
    auk_budget_set(budget, AUK_PURPOSE_PROCESS, 100);
    assert_int_equal(auk_budget_used_total(budget), 100);
    assert_int_equal(auk_budget_charge(budget, AUK_PURPOSE_SEARCH, 101, NULL), AUK_OK);
    assert_int_equal(auk_budget_used_total(budget), 201);
    auk_budget_set(NULL, AUK_PURPOSE_PROCESS, 1);
    auk_budget_destroy(budget);
}

static void no_budget_takes_everything(void **state)
{
    (void)state;
    assert_int_equal(auk_budget_charge(NULL, AUK_PURPOSE_SEARCH, SIZE_MAX, NULL), AUK_OK);
    auk_budget_force(NULL, AUK_PURPOSE_SEARCH, 1);
    auk_budget_release(NULL, AUK_PURPOSE_SEARCH, SIZE_MAX);
    assert_string_equal(auk_purpose_name(AUK_PURPOSE_CACHES), "caches");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(charges_add_up_and_are_given_back),
        cmocka_unit_test(a_refusal_names_purpose_and_figures),
        cmocka_unit_test(the_whole_refuses_although_the_share_has_room),
        cmocka_unit_test(forced_bytes_go_past_the_limit_and_block_others),
        cmocka_unit_test(sizes_past_the_largest_number_are_refused),
        cmocka_unit_test(what_is_measured_replaces_what_was_booked),
        cmocka_unit_test(no_budget_takes_everything),
    };
    return cmocka_run_group_tests_name("budget", tests, NULL, NULL);
}
