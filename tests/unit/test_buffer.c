#include "test.h"

#include "auk/buffer.h"
#include "auk/varint.h"

static void bytes_are_appended_in_order(void **state)
{
    (void)state;
    auk_buffer b;
    auk_buffer_init(&b, AUK_BUFFER_NO_LIMIT);
    auk_buffer_append(&b, AUK_SPAN("ab"));
    auk_buffer_append(&b, (auk_span){0});
    auk_buffer_append_byte(&b, 'c');
    auk_buffer_append_text(&b, "de");
    auk_buffer_printf(&b, "-%d-", 42);
    assert_true(auk_span_is(auk_buffer_span(&b), "abcde-42-"));
    assert_int_equal(auk_buffer_status(&b), AUK_OK);
    auk_buffer_reset(&b);
    assert_int_equal(b.size, 0);
    assert_true(b.capacity > 0);
    auk_buffer_deinit(&b);
    auk_buffer_deinit(&b);
}

static void numbers_read_back(void **state)
{
    (void)state;
    auk_buffer b;
    auk_buffer_init(&b, AUK_BUFFER_NO_LIMIT);
    auk_buffer_append_u16(&b, 0xBEEF);
    auk_buffer_append_u32(&b, 0xDEADBEEF);
    auk_buffer_append_u64(&b, 0x0123456789ABCDEF);
    auk_buffer_append_varint(&b, 300);
    auk_buffer_append_sized(&b, AUK_SPAN("text"));
    assert_int_equal((unsigned char)b.data[0], 0xEF);
    auk_reader r = auk_reader_of(auk_buffer_span(&b));
    assert_int_equal(auk_reader_u16(&r), 0xBEEF);
    assert_int_equal(auk_reader_u32(&r), 0xDEADBEEF);
    assert_true(auk_reader_u64(&r) == 0x0123456789ABCDEF);
    assert_int_equal(auk_reader_varint(&r), 300);
    assert_true(auk_span_is(auk_reader_sized(&r), "text"));
    assert_int_equal(auk_reader_left(&r), 0);
    assert_false(r.failed);
    auk_buffer_deinit(&b);
}

static void past_the_maximum_it_stops_for_good(void **state)
{
    (void)state;
    for (size_t maximum = 0; maximum < 200; maximum++) {
        auk_buffer b;
        auk_buffer_init(&b, maximum);
        for (size_t i = 0; i < maximum; i++)
            auk_buffer_append_byte(&b, 'x');
        assert_int_equal(auk_buffer_status(&b), AUK_OK);
        assert_int_equal(b.size, maximum);
        auk_buffer_append(&b, AUK_SPAN("yz"));
        auk_buffer_append(&b, (auk_span){0});
        assert_int_equal(auk_buffer_status(&b), AUK_TOO_LARGE);
        assert_int_equal(b.size, maximum);
        assert_null(auk_buffer_reserve(&b, 0));
        assert_null(auk_buffer_reserve(&b, SIZE_MAX));
        auk_buffer_reset(&b);
        assert_int_equal(auk_buffer_status(&b), AUK_OK);
        auk_buffer_deinit(&b);
    }
}

static void printing_up_to_the_maximum_fits(void **state)
{
    (void)state;
    for (int size = 250; size < 300; size++) {
        auk_buffer b;
        auk_buffer_init(&b, (size_t)size);
        auk_buffer_printf(&b, "%*d", size, 7);
        assert_int_equal(auk_buffer_status(&b), AUK_OK);
        assert_int_equal(b.size, size);
        assert_int_equal(b.data[size - 1], '7');
        auk_buffer_printf(&b, "x");
        assert_int_equal(auk_buffer_status(&b), AUK_TOO_LARGE);
        auk_buffer_deinit(&b);
    }
}

static void what_is_taken_belongs_to_the_caller(void **state)
{
    (void)state;
    auk_buffer b;
    size_t size;
    auk_buffer_init(&b, AUK_BUFFER_NO_LIMIT);
    auk_buffer_append_text(&b, "mine");
    char *taken = auk_buffer_take(&b, &size);
    assert_memory_equal(taken, "mine", 4);
    assert_int_equal(size, 4);
    assert_int_equal(b.size, 0);
    free(taken);
    taken = auk_buffer_take(&b, &size);
    assert_int_equal(size, 0);
    free(taken);
    auk_buffer_deinit(&b);
}

static void large_ones_are_charged_before_they_grow(void **state)
{
    (void)state;
    auk_error err = {0};
    auk_budget *budget = auk_budget_create((size_t)1 << 20); /* of which search has 40 % */
    auk_buffer buffer;
    auk_buffer_init(&buffer, AUK_BUFFER_NO_LIMIT);
    auk_buffer_set_budget(&buffer, budget, AUK_PURPOSE_SEARCH);
    assert_non_null(auk_buffer_reserve(&buffer, 60000));
    assert_int_equal(auk_budget_used(budget, AUK_PURPOSE_SEARCH), 0);
    assert_non_null(auk_buffer_reserve(&buffer, 300000));
    assert_true(auk_budget_used(budget, AUK_PURPOSE_SEARCH) > 200000);
    assert_null(auk_buffer_reserve(&buffer, 600000));
    auk_buffer_append_byte(&buffer, 'x');
    assert_int_equal(buffer.size, 0);
    assert_int_equal(auk_buffer_status(&buffer), AUK_BUSY);
    assert_int_equal(auk_buffer_explain(&buffer, &err), AUK_BUSY);
    assert_non_null(strstr(err.message, "data for [search] would be ["));
    auk_buffer_reset(&buffer);
    assert_int_equal(auk_buffer_status(&buffer), AUK_OK);
    auk_buffer_append_byte(&buffer, 'x');
    assert_int_equal(buffer.size, 1);
    size_t charged = auk_buffer_take_charge(&buffer);
    assert_int_equal(auk_budget_used(budget, AUK_PURPOSE_SEARCH), charged);
    auk_budget_release(budget, AUK_PURPOSE_SEARCH, charged);
    auk_buffer_deinit(&buffer);
    assert_int_equal(auk_budget_used(budget, AUK_PURPOSE_SEARCH), 0);
    auk_budget_destroy(budget);
}

static void what_is_owed_is_written_past_the_limit(void **state)
{
    (void)state;
    auk_budget *budget = auk_budget_create((size_t)1 << 20);
    auk_buffer buffer;
    auk_buffer_init(&buffer, AUK_BUFFER_NO_LIMIT);
    auk_buffer_set_budget(&buffer, budget, AUK_PURPOSE_ANSWERS);
    auk_buffer_set_owed(&buffer);
    assert_non_null(auk_buffer_reserve(&buffer, 2000000));
    assert_int_equal(auk_buffer_status(&buffer), AUK_OK);
    assert_true(auk_budget_used(budget, AUK_PURPOSE_ANSWERS) >= 2000000);
    auk_buffer_append_byte(&buffer, 'x');
    auk_buffer_fit(&buffer);
    assert_int_equal(auk_budget_used(budget, AUK_PURPOSE_ANSWERS), 1);
    auk_buffer_deinit(&buffer);
    assert_int_equal(auk_budget_used_total(budget), 0);
    auk_budget_destroy(budget);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_appended_in_order),
        cmocka_unit_test(numbers_read_back),
        cmocka_unit_test(past_the_maximum_it_stops_for_good),
        cmocka_unit_test(printing_up_to_the_maximum_fits),
        cmocka_unit_test(what_is_taken_belongs_to_the_caller),
        cmocka_unit_test(large_ones_are_charged_before_they_grow),
        cmocka_unit_test(what_is_owed_is_written_past_the_limit),
    };
    return cmocka_run_group_tests_name("buffer", tests, NULL, NULL);
}
