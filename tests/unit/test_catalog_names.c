/* Names, expressions over them, and settings: what is taken and how the rest is refused. */
#include "catalog_support.h"

static void refuses_bad_names(void **state)
{
    static const struct {
        const char *name, *reason;
    } rows[] = {
        {"", "Invalid index name [], must not be empty"},
        {"A", "Invalid index name [A], must be lowercase"},
        {"_a", "Invalid index name [_a], must not start with '_', '-', or '+'"},
        {"-a", "Invalid index name [-a], must not start with '_', '-', or '+'"},
        {"+a", "Invalid index name [+a], must not start with '_', '-', or '+'"},
        {"a#b", "Invalid index name [a#b], must not contain '#'"},
        {"a:b", "Invalid index name [a:b], must not contain ':'"},
        {".", "Invalid index name [.], must not be '.' or '..'"},
        {"..", "Invalid index name [..], must not be '.' or '..'"},
        {"a b", "Invalid index name [a b], must not contain the following characters [' "
                "','\"','*',',','/','<','>','?','\\','|']"},
        {"a*", "Invalid index name [a*], must not contain the following characters [' "
               "','\"','*',',','/','<','>','?','\\','|']"},
    };
    support_catalog *at = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        auk_error err = support_try_create(at, rows[i].name, NULL);
        assert_int_equal(err.code, AUK_INVALID);
        assert_string_equal(auk_error_type(&err), "invalid_index_name_exception");
        assert_string_equal(err.message, rows[i].reason);
    }
    char longest[257];
    memset(longest, 'x', 256);
    longest[256] = '\0';
    assert_int_equal(support_try_create(at, longest, NULL).code, AUK_INVALID);
    longest[255] = '\0';
    support_create(at, longest, NULL);
}

static void resolves_names_with_dates(void **state)
{
    static const struct {
        const char *expression, *want;
    } rows[] = {
        {"plain", "plain"},
        {"<plain>", "plain"},
        {"<", "<"},
        {"<a", "<a"},
        {"<a-{2024-05-15||}>", "a-2024.05.15"},
        {"<a-{2024-05-15||/M}>", "a-2024.05.01"},
        {"<a-{2024-05-15||/M{yyyy.MM}}>", "a-2024.05"},
        {"<a-{2024-05-15||+1M/M{yyyyMM}}-b>", "a-202406-b"},
        {"<{2024-05-15||{yyyy}}-{2024-01-01||{MM}}>", "2024-01"},
        {"<a-{2024-05-15T23:00||{yyyy.MM.dd|+02:00}}>", "a-2024.05.15"},
        {"<a-{2024-05-15T23:00Z||/d{yyyy.MM.dd|+02:00}}>", "a-2024.05.16"},
        {"<a-{2024-05-15T23:00Z||/d{yyyy.MM.dd|Europe/Paris}}>", "a-2024.05.16"},
        {"<a\\{b\\}-{2024-05-15||}>", "a{b}-2024.05.15"},
        {"<a-{2024-05-15||>", "date math placeholder is open ended"},
        {"<a-{2024-05-15||{yyyy>", "missing closing `}` for date math format"},
        {"<a-{2024-05-15||{}}>", "missing date format"},
        {"<a-{2024-05-15||{yyyy}x}>", "the format is the last part"},
        {"<a}>", "`{` and `}` are reserved characters"},
        {"<>", "nothing captured"},
        {"<a-{soon}>", "failed to parse date field [soon]"},
        {"<a-{2024-05-15||{nope}}>", "Invalid format"},
        {"<a-{2024-05-15||{yyyy|Nowhere/Land}}>", "Nowhere/Land"},
    };
    support_catalog *at = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        auk_span out;
        auk_error err = {0};
        auk_code code =
            auk_index_name_resolve(auk_span_of(rows[i].expression), at->arena, &out, &err);
        if (code == AUK_OK && !auk_span_is(out, rows[i].want))
            fail_msg("%s: %.*s", rows[i].expression, AUK_SPAN_ARG(out));
        if (code != AUK_OK && !strstr(err.message, rows[i].want))
            fail_msg("%s: %s", rows[i].expression, err.message);
    }
}

static void resolves_expressions(void **state)
{
    static const auk_resolve_options lenient = {.allow_no_indices = true, .expand_open = true};
    static const auk_resolve_options strict = {.expand_open = true};
    static const auk_resolve_options missing_ok = {.ignore_unavailable = true,
                                                   .allow_no_indices = true,
                                                   .expand_open = true};
    static const auk_resolve_options hidden = {.allow_no_indices = true,
                                               .expand_open = true,
                                               .expand_hidden = true};
    static const auk_resolve_options closed = {.allow_no_indices = true};
    static const auk_resolve_options single = {.single = true};
    static const auk_resolve_options concrete = {.expand_open = true, .no_aliases = true};
    static const struct {
        const char *expression;
        const auk_resolve_options *options;
        const char *answer;
    } rows[] = {
        {"logs-1", &lenient, "logs-1"},
        {"logs-2,logs-1,logs-2", &lenient, "logs-1,logs-2"},
        {"", &lenient, "logs-1,logs-2,shop"},
        {"*", &lenient, "logs-1,logs-2,shop"},
        {"_all", &lenient, "logs-1,logs-2,shop"},
        {"*", &hidden, ".secret,logs-1,logs-2,shop"},
        {".s*", &lenient, ".secret"},
        {".secret", &lenient, ".secret"},
        {"logs*", &lenient, "logs-1,logs-2"},
        {"logs*,-*2", &lenient, "logs-1"},
        {"-logs-1", &lenient, "no such index [-logs-1]"},
        {"logs", &lenient, "logs-1,logs-2"}, /* an alias */
        {"log*s", &lenient, "logs-1,logs-2"},
        {"nothing*", &lenient, ""},
        {"nothing*", &strict, "no such index [nothing*]"},
        {"nothing", &lenient, "no such index [nothing]"},
        {"nothing,shop", &lenient, "no such index [nothing]"},
        {"nothing,shop", &missing_ok, "shop"},
        {"nothing", &missing_ok, ""},
        {"*", &closed, ""},
        {"shop", &single, "shop"},
        {"goods", &single, "shop"},
        {"logs", &single,
         "Alias [logs] has more than one index associated with it, can't execute a single index "
         "operation"},
        {"goods", &concrete,
         "The provided expression [goods] matches an alias, specify the corresponding concrete "
         "indices instead."},
        {"g*", &concrete, "no such index [g*]"},
    };
    support_catalog *at = *state;
    support_create(at, "logs-2", "{\"aliases\":{\"logs\":{}}}");
    support_create(at, "logs-1", "{\"aliases\":{\"logs\":{}}}");
    support_create(at, "shop", "{\"aliases\":{\"goods\":{}}}");
    support_create(at, ".secret", "{\"settings\":{\"hidden\":true}}");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_string_equal(support_resolve(at, rows[i].expression, rows[i].options),
                            rows[i].answer);
}

static void tells_when_only_an_alias_narrows(void **state)
{
    static const struct {
        const char *expression, *alias;
    } rows[] = {
        {"cheap", "cheap"}, {"shop", NULL},      {"shop,cheap", NULL},
        {"all", NULL},      {"cheap,all", NULL}, {"routed", "routed"},
    };
    support_catalog *at = *state;
    support_create(at, "shop",
                   "{\"aliases\":{\"cheap\":{\"filter\":{\"term\":{\"cheap\":true}}},\"all\":{},"
                   "\"routed\":{\"search_routing\":\"7\"}}}");
    const auk_root *root = auk_root_acquire(at->catalog);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        auk_resolved *found;
        uint32_t count;
        auk_resolve_options options = AUK_RESOLVE_LENIENT;
        assert_ok(auk_root_resolve(root, auk_span_of(rows[i].expression), &options, at->arena,
                                   &found, &count, err));
        assert_int_equal(count, 1);
        assert_int_equal(found[0].alias != NULL, rows[i].alias != NULL);
        if (rows[i].alias)
            assert_true(auk_span_is(found[0].alias->name, rows[i].alias));
    }
    auk_root_release(at->catalog, root);
}

static void refuses_bad_settings(void **state)
{
    static const struct {
        const char *settings, *reason;
    } rows[] = {
        {"{\"number_of_shards\":0}",
         "Failed to parse value [0] for setting [index.number_of_shards] must be >= 1"},
        {"{\"number_of_shards\":1025}",
         "Failed to parse value [1025] for setting [index.number_of_shards] must be <= 1024"},
        {"{\"index\":{\"number_of_shards\":\"x\"}}",
         "Failed to parse value [x] for setting [index.number_of_shards]"},
        {"{\"number_of_shard\":1}",
         "unknown setting [index.number_of_shard] did you mean [index.number_of_shards]?"},
        {"{\"refresh_interval\":\"5\"}",
         "failed to parse setting [index.refresh_interval] with value [5] as a time value: unit is "
         "missing or unrecognized"},
        {"{\"index.translog.durability\":\"never\"}",
         "unknown value for [index.translog.durability] must be one of [request,async] but was: "
         "[never]"},
        {"{\"translog.flush_threshold_size\":\"many\"}",
         "failed to parse setting [index.translog.flush_threshold_size] with value [many] as a "
         "size in bytes: unit is missing or unrecognized"},
        {"{\"hidden\":\"maybe\"}", "Failed to parse value [maybe] for setting [index.hidden] as "
                                   "only [true] or [false] are allowed."},
        {"{\"reorder\":\"maybe\"}", "Failed to parse value [maybe] for setting [index.reorder] as "
                                    "only [true] or [false] are allowed."},
        {"{\"reorder_from\":0}",
         "Failed to parse value [0] for setting [index.reorder_from] must be >= 1"},
    };
    support_catalog *at = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char body[256];
        snprintf(body, sizeof body, "{\"settings\":%s}", rows[i].settings);
        auk_error err = support_try_create(at, "x", body);
        assert_int_equal(err.code, AUK_INVALID);
        assert_string_equal(err.message, rows[i].reason);
    }
    assert_string_equal(support_resolve(at, "*", &AUK_RESOLVE_LENIENT), "");
}

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, support_catalog_setup, support_catalog_teardown)
    const struct CMUnitTest tests[] = {
        TEST(refuses_bad_names),    TEST(resolves_names_with_dates),
        TEST(resolves_expressions), TEST(tells_when_only_an_alias_narrows),
        TEST(refuses_bad_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
