/* Which templates are for a name, and what comes of layers: tables. */
#include "catalog_support.h"

#include "auk/template.h"

static auk_error try_put(support_catalog *at, auk_template_kind kind, const char *name,
                         const char *body)
{
    auk_error err = {0};
    auk_code code =
        auk_template_put(at->catalog, kind, auk_span_of(name), support_json(at, body), false, &err);
    assert_int_equal(code, err.code);
    return err;
}

static void put(support_catalog *at, auk_template_kind kind, const char *name, const char *body)
{
    auk_error err = try_put(at, kind, name, body);
    assert_string_equal(err.message, "");
}

static void drop(support_catalog *at, auk_template_kind kind, const char *name)
{
    auk_span span = auk_span_of(name);
    assert_ok(auk_template_delete(at->catalog, kind, &span, 1, err));
}

static void expect_simulated(support_catalog *at, const char *index, const char *want)
{
    auk_template_simulation found;
    assert_ok(
        auk_template_simulate_index(at->catalog, auk_span_of(index), NULL, at->arena, &found, err));
    auk_span text = found.body ? found.body->text : AUK_SPAN("nothing");
    assert_string_equal(auk_arena_printf(at->arena, "%.*s", AUK_SPAN_ARG(text)).data, want);
}

/* ---- patterns ---- */

static const struct {
    const char *one, *two;
    bool overlap;
} pattern_rows[] = {
    {"a", "a", true},         {"a", "b", false},        {"a*", "*b", true},
    {"a*b", "a", false},      {"a*b", "ab", true},      {"*", "x", true},
    {"a*c", "ab*", true},     {"a*c", "b*c", false},    {"*a*", "*b*", true},
    {"logs-*", "log*", true}, {"logs-*", "log", false}, {"a**", "a", true},
    {"ab*cd", "abd*d", true}, {"x*y", "*z", false},
};

static const char *for_pattern(support_catalog *at, const char *pattern)
{
    return auk_arena_printf(at->arena, "{\"index_patterns\":[\"%s\"]}", pattern).data;
}

static void knows_which_patterns_overlap(void **state)
{
    support_catalog *at = *state;
    for (size_t i = 0; i < sizeof pattern_rows / sizeof pattern_rows[0]; i++) {
        for (unsigned turned = 0; turned < 2; turned++) {
            const char *one = turned ? pattern_rows[i].two : pattern_rows[i].one;
            const char *two = turned ? pattern_rows[i].one : pattern_rows[i].two;
            put(at, AUK_TEMPLATE_INDEX, "one", for_pattern(at, one));
            auk_error err = try_put(at, AUK_TEMPLATE_INDEX, "two", for_pattern(at, two));
            if ((err.code != AUK_OK) != pattern_rows[i].overlap)
                fail_msg("[%s] and [%s]: %s", one, two, err.message);
            if (err.code == AUK_OK)
                drop(at, AUK_TEMPLATE_INDEX, "two");
            drop(at, AUK_TEMPLATE_INDEX, "one");
        }
    }
}

/* ---- layers ---- */

#define MAPPINGS(fields) "{\"template\":{\"mappings\":{\"properties\":{" fields "}}}}"
#define FIELDS(fields)   "{\"settings\":{},\"mappings\":{\"properties\":{" fields "}},\"aliases\":{}}"

static const struct {
    const char *first, *second, *want;
} layer_rows[] = {
    {MAPPINGS("\"a\":{\"type\":\"long\"}"), MAPPINGS("\"b\":{\"type\":\"ip\"}"),
     FIELDS("\"a\":{\"type\":\"long\"},\"b\":{\"type\":\"ip\"}")},
    {MAPPINGS("\"a\":{\"type\":\"long\",\"index\":false}"), MAPPINGS("\"a\":{\"type\":\"ip\"}"),
     FIELDS("\"a\":{\"type\":\"ip\"}")},
    {MAPPINGS("\"o\":{\"properties\":{\"a\":{\"type\":\"long\"}}}"),
     MAPPINGS("\"o\":{\"type\":\"object\",\"properties\":{\"b\":{\"type\":\"ip\"}}}"),
     FIELDS("\"o\":{\"properties\":{\"a\":{\"type\":\"long\"},\"b\":{\"type\":\"ip\"}},"
            "\"type\":\"object\"}")},
    {MAPPINGS("\"o\":{\"properties\":{\"a\":{\"type\":\"long\"}}}"),
     MAPPINGS("\"o\":{\"type\":\"long\"}"), FIELDS("\"o\":{\"type\":\"long\"}")},
    {MAPPINGS("\"type\":{\"type\":\"long\"}"), MAPPINGS("\"type\":{\"type\":\"ip\"}"),
     FIELDS("\"type\":{\"type\":\"ip\"}")},
    {"{\"template\":{\"settings\":{\"index\":{\"refresh_interval\":\"1s\"},"
     "\"number_of_shards\":2}}}",
     "{\"template\":{\"settings\":{\"refresh_interval\":null,\"number_of_replicas\":1}}}",
     "{\"settings\":{\"index.number_of_replicas\":\"1\",\"index.number_of_shards\":\"2\","
     "\"index.refresh_interval\":\"1s\"},\"mappings\":{},\"aliases\":{}}"},
    {"{\"template\":{\"aliases\":{\"a\":{\"routing\":\"1\"},\"b\":{}}}}",
     "{\"template\":{\"aliases\":{\"a\":{\"is_hidden\":true}}}}",
     "{\"settings\":{},\"mappings\":{},\"aliases\":{\"a\":{\"is_hidden\":true},\"b\":{}}}"},
};

static void lays_components_over_each_other(void **state)
{
    support_catalog *at = *state;
    for (size_t i = 0; i < sizeof layer_rows / sizeof layer_rows[0]; i++) {
        put(at, AUK_TEMPLATE_COMPONENT, "first", layer_rows[i].first);
        put(at, AUK_TEMPLATE_COMPONENT, "second", layer_rows[i].second);
        put(at, AUK_TEMPLATE_INDEX, "both",
            "{\"index_patterns\":\"x\",\"composed_of\":[\"first\",\"second\"]}");
        expect_simulated(at, "x", layer_rows[i].want);
        drop(at, AUK_TEMPLATE_INDEX, "both");
    }
    expect_simulated(at, "x", "nothing");
}

/* ---- life ---- */

static void keeps_them_over_a_restart(void **state)
{
    support_catalog *at = *state;
    put(at, AUK_TEMPLATE_COMPONENT, "part", MAPPINGS("\"a\":{\"type\":\"long\"}"));
    put(at, AUK_TEMPLATE_INDEX, "t", "{\"index_patterns\":[\"i*\"],\"composed_of\":[\"part\"]}");
    put(at, AUK_TEMPLATE_INDEX, "gone", "{\"index_patterns\":[\"g*\"]}");
    put(at, AUK_TEMPLATE_LEGACY, "old", "{\"index_patterns\":[\"o*\"],\"aliases\":{\"x\":{}}}");
    drop(at, AUK_TEMPLATE_INDEX, "gone");
    support_catalog_reopen(at);
    static const uint32_t want[] = {1, 1, 1};
    for (unsigned kind = 0; kind < AUK_TEMPLATE_KINDS; kind++) {
        auk_template_view *all;
        uint32_t count;
        assert_ok(
            auk_template_list(at->catalog, (auk_template_kind)kind, at->arena, &all, &count, err));
        assert_int_equal(count, want[kind]);
    }
    expect_simulated(at, "index", FIELDS("\"a\":{\"type\":\"long\"}"));
    support_create(at, "one", NULL);
    assert_string_equal(support_resolve(at, "x", &AUK_RESOLVE_LENIENT), "one");
}

static void refuses_what_would_stand_in_the_way(void **state)
{
    support_catalog *at = *state;
    put(at, AUK_TEMPLATE_INDEX, "t",
        "{\"index_patterns\":[\"*\"],\"template\":{\"aliases\":{"
        "\"x\":{\"is_write_index\":true}}}}");
    support_create(at, "a", NULL);
    auk_error err = support_try_create(at, "b", NULL);
    assert_string_equal(auk_error_type(&err), "illegal_state_exception");
    support_create(at, "b", "{\"settings\":{\"hidden\":true}}"); /* not for what hides */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(knows_which_patterns_overlap, support_catalog_setup,
                                        support_catalog_teardown),
        cmocka_unit_test_setup_teardown(lays_components_over_each_other, support_catalog_setup,
                                        support_catalog_teardown),
        cmocka_unit_test_setup_teardown(keeps_them_over_a_restart, support_catalog_setup,
                                        support_catalog_teardown),
        cmocka_unit_test_setup_teardown(refuses_what_would_stand_in_the_way, support_catalog_setup,
                                        support_catalog_teardown),
    };
    return cmocka_run_group_tests_name("catalog templates", tests, NULL, NULL);
}
