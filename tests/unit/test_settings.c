#include "test.h"

#include "auk/settings.h"

static void keys_are_kept_in_order_and_replaced(void **state)
{
    (void)state;
    auk_settings *s = auk_settings_create();
    for (int i = 99; i >= 0; i--) {
        char key[16];
        int size = snprintf(key, sizeof key, "k.%02d", i * 37 % 100);
        auk_settings_put(s, auk_span_make(key, (size_t)size), auk_span_make(key, (size_t)size));
    }
    assert_int_equal(auk_settings_count(s), 100);
    for (uint32_t i = 1; i < 100; i++)
        assert_true(auk_span_compare(auk_settings_at(s, i - 1)->key, auk_settings_at(s, i)->key) <
                    0);
    assert_null(auk_settings_at(s, 100));
    auk_settings_put(s, AUK_SPAN("k.50"), AUK_SPAN("new"));
    assert_int_equal(auk_settings_count(s), 100);
    assert_true(auk_span_is(auk_settings_text(s, AUK_SPAN("k.50"), AUK_SPAN("")), "new"));
    auk_settings_remove(s, AUK_SPAN("k.50"));
    auk_settings_remove(s, AUK_SPAN("k.500"));
    assert_int_equal(auk_settings_count(s), 99);
    assert_null(auk_settings_find(s, AUK_SPAN("k.50")));
    assert_true(auk_span_is(auk_settings_text(s, AUK_SPAN("k.50"), AUK_SPAN("else")), "else"));
    auk_settings_destroy(s);
    auk_settings_destroy(NULL);
}

static void lists_keep_their_order_and_kind(void **state)
{
    (void)state;
    auk_settings *s = auk_settings_create();
    const auk_span values[] = {AUK_SPAN_INIT("b"), AUK_SPAN_INIT("a")};
    auk_settings_put_list(s, AUK_SPAN("two"), values, 2);
    auk_settings_put_list(s, AUK_SPAN("none"), NULL, 0);
    auk_settings_put(s, AUK_SPAN("text"), AUK_SPAN("x"));
    auk_settings *clone = auk_settings_clone(s);
    auk_settings_destroy(s);
    const auk_setting *two = auk_settings_find(clone, AUK_SPAN("two"));
    assert_true(two->is_list);
    assert_int_equal(two->count, 2);
    assert_true(auk_span_is(two->values[0], "b"));
    assert_true(auk_span_is(two->values[1], "a"));
    assert_true(auk_settings_find(clone, AUK_SPAN("none"))->is_list);
    assert_int_equal(auk_settings_find(clone, AUK_SPAN("none"))->count, 0);
    assert_false(auk_settings_find(clone, AUK_SPAN("text"))->is_list);
    assert_true(auk_span_is(auk_settings_text(clone, AUK_SPAN("none"), AUK_SPAN("d")), "d"));
    auk_settings_destroy(clone);
}

static void a_prefix_leads_to_its_first_key(void **state)
{
    (void)state;
    auk_settings *s = auk_settings_create();
    auk_settings_put(s, AUK_SPAN("a.z"), AUK_SPAN("1"));
    auk_settings_put(s, AUK_SPAN("b.a"), AUK_SPAN("2"));
    auk_settings_put(s, AUK_SPAN("b.b"), AUK_SPAN("3"));
    auk_settings_put(s, AUK_SPAN("c"), AUK_SPAN("4"));
    assert_int_equal(auk_settings_lower_bound(s, AUK_SPAN("b.")), 1);
    assert_int_equal(auk_settings_lower_bound(s, AUK_SPAN("b.b")), 2);
    assert_int_equal(auk_settings_lower_bound(s, AUK_SPAN("")), 0);
    assert_int_equal(auk_settings_lower_bound(s, AUK_SPAN("d")), 4);
    auk_settings_destroy(s);
}

typedef struct int_case {
    const char *text;
    int64_t value; /* when says is NULL */
    const char *says;
} int_case;

static const int_case int_cases[] = {
    {"7", 7, NULL},
    {"+7", 7, NULL},
    {"-5", -5, NULL},
    {"100", 100, NULL},
    {"101", 0, "Failed to parse value [101] for setting [k] must be <= 100"},
    {"-6", 0, "Failed to parse value [-6] for setting [k] must be >= -5"},
    {"x", 0, "Failed to parse value [x] for setting [k]"},
    {"", 0, "Failed to parse value [] for setting [k]"},
    {"-", 0, "Failed to parse value [-] for setting [k]"},
    {"1.5", 0, "Failed to parse value [1.5] for setting [k]"},
    {"9223372036854775808", 0, "Failed to parse value [9223372036854775808] for setting [k]"},
};

static void numbers_are_checked_and_refused_with_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof int_cases / sizeof int_cases[0]; i++) {
        auk_settings *s = auk_settings_create();
        auk_error err = {0};
        int64_t value = 0;
        auk_settings_put(s, AUK_SPAN("k"), auk_span_of(int_cases[i].text));
        auk_code code = auk_settings_int(s, AUK_SPAN("k"), 1, -5, 100, &value, &err);
        assert_int_equal(code, int_cases[i].says ? AUK_INVALID : AUK_OK);
        assert_string_equal(err.message, int_cases[i].says ? int_cases[i].says : "");
        assert_int_equal(value, int_cases[i].value);
        assert_int_equal(auk_settings_int(s, AUK_SPAN("no"), 3, 0, 5, &value, &err), AUK_OK);
        assert_int_equal(value, 3);
        auk_settings_destroy(s);
    }
}

static void the_limits_of_64_bits_are_numbers(void **state)
{
    (void)state;
    auk_settings *s = auk_settings_create();
    int64_t value;
    auk_settings_put(s, AUK_SPAN("k"), AUK_SPAN("-9223372036854775808"));
    assert_int_equal(auk_settings_int(s, AUK_SPAN("k"), 0, INT64_MIN, INT64_MAX, &value, NULL),
                     AUK_OK);
    assert_true(value == INT64_MIN);
    auk_settings_put(s, AUK_SPAN("k"), AUK_SPAN("9223372036854775807"));
    assert_int_equal(auk_settings_int(s, AUK_SPAN("k"), 0, INT64_MIN, INT64_MAX, &value, NULL),
                     AUK_OK);
    assert_true(value == INT64_MAX);
    auk_settings_destroy(s);
}

static void booleans_are_true_or_false_and_nothing_else(void **state)
{
    (void)state;
    auk_settings *s = auk_settings_create();
    auk_error err = {0};
    bool value = false;
    assert_int_equal(auk_settings_bool(s, AUK_SPAN("k"), true, &value, &err), AUK_OK);
    assert_true(value);
    auk_settings_put(s, AUK_SPAN("k"), AUK_SPAN("false"));
    assert_int_equal(auk_settings_bool(s, AUK_SPAN("k"), true, &value, &err), AUK_OK);
    assert_false(value);
    auk_settings_put(s, AUK_SPAN("k"), AUK_SPAN("yes"));
    assert_int_equal(auk_settings_bool(s, AUK_SPAN("k"), true, &value, &err), AUK_INVALID);
    assert_string_equal(err.message,
                        "Failed to parse value [yes] for setting [k] as only [true] or "
                        "[false] are allowed.");
    auk_settings_destroy(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_kept_in_order_and_replaced),
        cmocka_unit_test(lists_keep_their_order_and_kind),
        cmocka_unit_test(a_prefix_leads_to_its_first_key),
        cmocka_unit_test(numbers_are_checked_and_refused_with_words),
        cmocka_unit_test(the_limits_of_64_bits_are_numbers),
        cmocka_unit_test(booleans_are_true_or_false_and_nothing_else),
    };
    return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
