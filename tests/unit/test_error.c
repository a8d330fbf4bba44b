#include "test.h"

#include "auk/error.h"

static void a_failure_is_recorded_and_returned(void **state)
{
    (void)state;
    auk_error err = {0};
    assert_int_equal(auk_fail(&err, AUK_NOT_FOUND, "no such index [%s]", "a"), AUK_NOT_FOUND);
    assert_int_equal(err.code, AUK_NOT_FOUND);
    assert_string_equal(err.message, "no such index [a]");
    assert_string_equal(auk_error_type(&err), "resource_not_found_exception");
    assert_int_equal(auk_fail(NULL, AUK_IO, "x"), AUK_IO);
}

static void a_type_of_its_own_replaces_the_default(void **state)
{
    (void)state;
    auk_error err = {0};
    assert_int_equal(auk_fail_type(&err, AUK_INVALID, "parsing_exception", "x"), AUK_INVALID);
    assert_string_equal(auk_error_type(&err), "parsing_exception");
    assert_int_equal(auk_fail(&err, AUK_INVALID, "y"), AUK_INVALID);
    assert_string_equal(auk_error_type(&err), "illegal_argument_exception");
}

static void context_goes_in_front_and_keeps_code_type_and_hint(void **state)
{
    (void)state;
    auk_error err = {0};
    (void)auk_fail_type(&err, AUK_CORRUPT, "some_exception", "bad byte");
    auk_hint(&err, "try %d", 1);
    assert_int_equal(auk_wrap(&err, AUK_IO, "segment %d", 7), AUK_CORRUPT);
    assert_string_equal(err.message, "segment 7: bad byte");
    assert_string_equal(err.hint, "try 1");
    assert_string_equal(auk_error_type(&err), "some_exception");
    auk_error empty = {0};
    assert_int_equal(auk_wrap(&empty, AUK_IO, "alone"), AUK_IO);
    assert_string_equal(empty.message, "alone");
    assert_int_equal(auk_wrap(NULL, AUK_IO, "x"), AUK_IO);
    auk_hint(NULL, "x");
}

static void a_message_may_quote_the_one_before(void **state)
{
    (void)state;
    auk_error err = {0};
    (void)auk_fail(&err, AUK_IO, "first");
    (void)auk_fail(&err, AUK_IO, "second after %s", err.message);
    assert_string_equal(err.message, "second after first");
}

/* Texts that are cut at every place of a code point of each length. */
static void long_messages_are_cut_between_code_points(void **state)
{
    (void)state;
    static const char *const points[] = {"x", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"};
    for (size_t p = 0; p < 4; p++) {
        for (size_t shift = 0; shift < 4; shift++) {
            char text[1024];
            size_t point_size = strlen(points[p]);
            size_t size = shift;
            memset(text, 'a', shift);
            for (; size + point_size < sizeof text; size += point_size)
                memcpy(text + size, points[p], point_size);
            auk_error err = {0};
            (void)auk_fail(&err, AUK_IO, "%.*s", (int)size, text);
            size_t kept = strlen(err.message);
            assert_in_range(kept, sizeof err.message - 4, sizeof err.message - 1);
            assert_int_equal((kept - shift) % point_size, 0);
        }
    }
}

static void codes_have_names_and_statuses(void **state)
{
    (void)state;
    assert_string_equal(auk_code_name(AUK_OK), "OK");
    assert_string_equal(auk_code_name(AUK_TOO_LARGE), "TOO_LARGE");
    assert_string_equal(auk_code_name((auk_code)99), "UNKNOWN");
    assert_int_equal(auk_code_status(AUK_BUSY), 429);
    assert_int_equal(auk_code_status((auk_code)99), 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failure_is_recorded_and_returned),
        cmocka_unit_test(a_type_of_its_own_replaces_the_default),
        cmocka_unit_test(context_goes_in_front_and_keeps_code_type_and_hint),
        cmocka_unit_test(a_message_may_quote_the_one_before),
        cmocka_unit_test(long_messages_are_cut_between_code_points),
        cmocka_unit_test(codes_have_names_and_statuses),
    };
    return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}
