/* Aliases: all of a list of actions or nothing, and what the end of it must not look like. */
#include "catalog_support.h"

static const char *holders(support_catalog *at, const char *alias)
{
    auk_resolve_options options = {.ignore_unavailable = true, .allow_no_indices = true};
    return support_resolve(at, alias, &options);
}

static void make_three(support_catalog *at)
{
    support_create(at, "a", NULL);
    support_create(at, "b", NULL);
    support_create(at, "c", NULL);
}

static void adds_and_removes(void **state)
{
    support_catalog *at = *state;
    make_three(at);
    support_aliases(at, "{\"actions\":[{\"add\":{\"index\":\"a\",\"alias\":\"x\"}},"
                        "{\"add\":{\"indices\":[\"b\",\"c\"],\"aliases\":[\"x\",\"y\"]}}]}");
    assert_string_equal(holders(at, "x"), "a,b,c");
    assert_string_equal(holders(at, "y"), "b,c");
    support_aliases(at, "{\"actions\":[{\"remove\":{\"index\":\"*\",\"alias\":\"x\"}},"
                        "{\"add\":{\"index\":\"c\",\"alias\":\"z\",\"routing\":\"1\"}}]}");
    assert_string_equal(holders(at, "x"), "");
    assert_string_equal(holders(at, "z"), "c");
    support_catalog_reopen(at);
    assert_string_equal(holders(at, "y"), "b,c");
    assert_string_equal(holders(at, "z"), "c");
}

static void switches_and_deletes_in_one_step(void **state)
{
    support_catalog *at = *state;
    make_three(at);
    support_aliases(at, "{\"actions\":[{\"add\":{\"index\":\"a\",\"alias\":\"live\"}}]}");
    const auk_root *before = auk_root_acquire(at->catalog);
    uint64_t generation = before->generation;
    auk_root_release(at->catalog, before);
    support_aliases(at, "{\"actions\":[{\"remove_index\":{\"index\":\"a\"}},"
                        "{\"add\":{\"index\":\"b\",\"alias\":\"a\"}},"
                        "{\"add\":{\"index\":\"b\",\"alias\":\"live\"}}]}");
    const auk_root *after = auk_root_acquire(at->catalog);
    assert_int_equal(after->generation, generation + 1);
    auk_root_release(at->catalog, after);
    assert_string_equal(holders(at, "a"), "b"); /* the name of the index that went is an alias */
    assert_string_equal(holders(at, "live"), "b");
    support_catalog_reopen(at);
    assert_string_equal(holders(at, "a"), "b");
}

static void refuses_as_a_whole(void **state)
{
    static const struct {
        const char *bad, *type, *reason;
    } rows[] = {
        {"{\"add\":{\"index\":\"nope\",\"alias\":\"x\"}}", "index_not_found_exception",
         "no such index [nope]"},
        {"{\"add\":{\"index\":\"a\",\"alias\":\"b\"}}", "invalid_alias_name_exception",
         "Invalid alias name [b]: an index or data stream exists with the same name as the alias"},
        {"{\"add\":{\"index\":\"a\",\"alias\":\"_x\"}}", "invalid_alias_name_exception",
         "Invalid alias name [_x]: must not start with '_', '-', or '+'"},
        {"{\"add\":{\"index\":\"a\",\"alias\":\"x\",\"filtr\":{}}}", "x_content_parse_exception",
         "[alias] unknown field [filtr]"},
        {"{\"add\":{\"index\":\"a\"}}", "illegal_argument_exception",
         "One of [alias] or [aliases] is required"},
        {"{\"add\":{\"alias\":\"x\"}}", "illegal_argument_exception",
         "One of [index] or [indices] is required"},
        {"{\"remove\":{\"index\":\"a\",\"aliases\":[\"p\",\"q\"],\"must_exist\":true}}",
         "aliases_not_found_exception", "aliases [p,q] missing"},
        {"{\"remove\":{\"index\":\"a\",\"alias\":\"p\",\"filter\":{}}}",
         "illegal_argument_exception", "[filter] is unsupported for [REMOVE]"},
        {"{\"add\":{\"index\":\"a\",\"alias\":\"p\",\"must_exist\":true}}",
         "illegal_argument_exception", "[must_exist] is unsupported for [ADD]"},
        {"{\"add\":{\"index\":\"a\",\"alias\":\"p\",\"filter\":1}}", "parsing_exception",
         "[alias] [filter] must be an object"},
        {"{\"add\":{\"index\":\"b\",\"alias\":\"good\",\"is_hidden\":true}}",
         "illegal_state_exception",
         "alias [good] has is_hidden set to true on some of its indices; alias must have the same "
         "is_hidden setting on all indices"},
        {"{\"ad\":{\"index\":\"a\",\"alias\":\"x\"}}", "x_content_parse_exception",
         "[alias_action] unknown field [ad]"},
        {"{\"add\":{\"indices\":[\"a\",\"b\"],\"alias\":\"x\",\"is_write_index\":true}}",
         "illegal_state_exception", "alias [x] has more than one write index [a,b]"},
        {"{\"add\":{\"index\":\"a\",\"alias\":\"x\",\"is_write_index\":\"perhaps\"}}",
         "parsing_exception", "[alias] [is_write_index] must be a boolean"},
    };
    support_catalog *at = *state;
    make_three(at);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char actions[512];
        snprintf(actions, sizeof actions,
                 "{\"actions\":[{\"add\":{\"index\":\"a\",\"alias\":\"good\"}},%s]}", rows[i].bad);
        auk_error err = support_try_aliases(at, actions);
        assert_string_equal(err.message, rows[i].reason);
        assert_string_equal(auk_error_type(&err), rows[i].type);
        assert_string_equal(holders(at, "good"), "");
    }
    auk_error err = support_try_aliases(at, "{\"actions\":[]}");
    assert_string_equal(err.message, "No action specified");
    err = support_try_aliases(at, "{\"actions\":[{\"remove\":{\"index\":\"a\",\"alias\":\"p\"}}]}");
    assert_string_equal(err.message, "aliases [p] missing");
    support_aliases(at, "{\"actions\":[{\"remove\":{\"index\":\"*\",\"alias\":\"first\"}},"
                        "{\"add\":{\"index\":\"a\",\"alias\":\"first\"}}]}");
    assert_string_equal(holders(at, "first"), "a");
    support_aliases(at, "{\"actions\":[{\"remove\":{\"index\":\"a\",\"alias\":\"p\","
                        "\"must_exist\":false}}]}");
}

static void refuses_aliases_of_a_new_index_that_clash(void **state)
{
    support_catalog *at = *state;
    support_create(at, "a", "{\"aliases\":{\"w\":{\"is_write_index\":true}}}");
    auk_error err = support_try_create(at, "b", "{\"aliases\":{\"a\":{}}}");
    assert_string_equal(auk_error_type(&err), "invalid_alias_name_exception");
    err = support_try_create(at, "b", "{\"aliases\":{\"b\":{}}}");
    assert_string_equal(auk_error_type(&err), "invalid_alias_name_exception");
    err = support_try_create(at, "b", "{\"aliases\":{\"w\":{\"is_write_index\":true}}}");
    assert_string_equal(err.message, "alias [w] has more than one write index [a,b]");
    err = support_try_create(at, "w", NULL);
    assert_string_equal(err.message, "Invalid index name [w], already exists as alias");
    assert_string_equal(holders(at, "*"), "");
    support_create(at, "b", "{\"aliases\":{\"w\":{}}}");
}

static void writes_go_to_the_write_index(void **state)
{
    support_catalog *at = *state;
    make_three(at);
    support_aliases(at, "{\"actions\":[{\"add\":{\"index\":\"a\",\"alias\":\"one\"}},"
                        "{\"add\":{\"indices\":[\"a\",\"b\"],\"alias\":\"two\"}},"
                        "{\"add\":{\"index\":\"a\",\"alias\":\"w\"}},"
                        "{\"add\":{\"index\":\"b\",\"alias\":\"w\",\"is_write_index\":true}},"
                        "{\"add\":{\"index\":\"c\",\"alias\":\"no\",\"is_write_index\":false}}]}");
    auk_written out = support_write_one(at, AUK_WRITE_INDEX, "one", "1", "{}");
    assert_true(auk_span_is(out.index, "a"));
    out = support_write_one(at, AUK_WRITE_INDEX, "w", "1", "{}");
    assert_true(auk_span_is(out.index, "b"));
    out = support_write_one(at, AUK_WRITE_INDEX, "two", "1", "{}");
    assert_int_equal(out.error.code, AUK_INVALID);
    assert_non_null(strstr(out.error.why->message, "no write index is defined for alias [two]"));
    out = support_write_one(at, AUK_WRITE_INDEX, "no", "1", "{}");
    assert_int_equal(out.error.code, AUK_INVALID);
}

static void routes_by_the_alias(void **state)
{
    support_catalog *at = *state;
    support_create(at, "a",
                   "{\"settings\":{\"number_of_shards\":5},"
                   "\"aliases\":{\"r\":{\"routing\":\"somewhere\"}}}");
    uint32_t shard = auk_route_shard(AUK_SPAN("somewhere"), 5);
    for (char id[2] = "0"; id[0] < '8'; id[0]++)
        assert_int_equal(support_write_one(at, AUK_WRITE_INDEX, "r", id, "{}").shard, shard);
    support_expect_document(at, "r", "3", "{}");
}

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, support_catalog_setup, support_catalog_teardown)
    const struct CMUnitTest tests[] = {
        TEST(adds_and_removes),
        TEST(switches_and_deletes_in_one_step),
        TEST(refuses_as_a_whole),
        TEST(refuses_aliases_of_a_new_index_that_clash),
        TEST(writes_go_to_the_write_index),
        TEST(routes_by_the_alias),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
