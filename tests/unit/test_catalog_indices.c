/* What exists: made, changed, deleted, and still so after a restart. */
#include <unistd.h>

#include "catalog_support.h"

static const char *mapping_text(support_catalog *at, const char *index)
{
    auk_buffer text;
    auk_json_writer out;
    const auk_root *root = auk_root_acquire(at->catalog);
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&out, &text, false);
    auk_mapping_write(auk_root_find(root, auk_span_of(index))->mapping, false, &out);
    auk_root_release(at->catalog, root);
    const char *copy = auk_arena_copy(at->arena, auk_buffer_span(&text)).data;
    auk_buffer_deinit(&text);
    return copy;
}

static const char *setting(support_catalog *at, const char *index, const char *key)
{
    const auk_root *root = auk_root_acquire(at->catalog);
    const auk_settings *settings = auk_root_find(root, auk_span_of(index))->settings;
    auk_span value = auk_settings_text(settings, auk_span_of(key), AUK_SPAN("(none)"));
    const char *copy = auk_arena_copy(at->arena, value).data;
    auk_root_release(at->catalog, root);
    return copy;
}

static void creates_once(void **state)
{
    support_catalog *at = *state;
    support_create(at, "a", NULL);
    auk_error err = support_try_create(at, "a", NULL);
    assert_string_equal(auk_error_type(&err), "resource_already_exists_exception");
    assert_non_null(strstr(err.message, "index [a/"));
    assert_string_equal(setting(at, "a", "index.number_of_shards"), "1");
    assert_string_equal(setting(at, "a", "index.provided_name"), "a");
}

static void refuses_unknown_parts_of_a_body(void **state)
{
    support_catalog *at = *state;
    auk_error err = support_try_create(at, "a", "{\"setting\":{}}");
    assert_string_equal(err.message, "unknown key [setting] for create index");
    err = support_try_create(at, "a", "[]");
    assert_int_equal(err.code, AUK_INVALID);
    err = support_try_create(at, "a", "{\"mappings\":{\"properties\":{\"f\":{\"type\":\"txt\"}}}}");
    assert_string_equal(auk_error_type(&err), "mapper_parsing_exception");
    err = support_try_create(at, "a", "{\"aliases\":{\"b*\":{}}}");
    assert_string_equal(auk_error_type(&err), "invalid_alias_name_exception");
    assert_string_equal(support_resolve(at, "*", &AUK_RESOLVE_LENIENT), "");
}

static void deletes_and_makes_anew(void **state)
{
    support_catalog *at = *state;
    support_create(at, "a", "{\"settings\":{\"number_of_shards\":3}}");
    for (unsigned i = 0; i < 20; i++) {
        char id[16];
        snprintf(id, sizeof id, "%u", i);
        assert_int_equal(support_write_one(at, AUK_WRITE_INDEX, "a", id, "{\"n\":1}").error.code,
                         AUK_OK);
    }
    const auk_root *before = auk_root_acquire(at->catalog);
    support_drop(at, "a");
    assert_non_null(auk_root_find(before, AUK_SPAN("a"))); /* the old moment stays whole */
    auk_root_release(at->catalog, before);
    auk_span name = AUK_SPAN("a");
    auk_error err = {0};
    assert_int_equal(auk_catalog_delete_indices(at->catalog, &name, 1, &err), AUK_NOT_FOUND);
    assert_string_equal(err.message, "no such index [a]");
    support_create(at, "a", NULL);
    support_expect_document(at, "a", "3", NULL);
    support_catalog_reopen(at);
    support_expect_document(at, "a", "3", NULL);
}

static void deletes_none_when_one_is_missing(void **state)
{
    support_catalog *at = *state;
    auk_error err = {0};
    auk_span names[] = {AUK_SPAN("a"), AUK_SPAN("b")};
    support_create(at, "a", NULL);
    assert_int_equal(auk_catalog_delete_indices(at->catalog, names, 2, &err), AUK_NOT_FOUND);
    assert_string_equal(support_resolve(at, "*", &AUK_RESOLVE_LENIENT), "a");
}

static void survives_a_restart(void **state)
{
    support_catalog *at = *state;
    support_create(
        at, "a",
        "{\"settings\":{\"number_of_shards\":2,\"analysis\":{\"analyzer\":{\"mine\":"
        "{\"tokenizer\":\"standard\",\"filter\":[\"lowercase\",\"stop\"]}}}},"
        "\"mappings\":{\"properties\":{\"t\":{\"type\":\"text\",\"analyzer\":\"mine\"}}},"
        "\"aliases\":{\"x\":{\"filter\":{\"term\":{\"t\":\"b\"}},\"is_write_index\":true}"
        "}}");
    assert_int_equal(
        support_write_one(at, AUK_WRITE_INDEX, "x", "1", "{\"t\":\"A b\",\"n\":4}").error.code,
        AUK_OK);
    auk_span uuid = auk_arena_copy(at->arena, auk_catalog_cluster_uuid(at->catalog));
    const char *mapping = mapping_text(at, "a"), *created = setting(at, "a", "index.creation_date");
    for (unsigned i = 0; i < 2; i++) {
        support_catalog_reopen(at);
        assert_true(auk_span_equal(uuid, auk_catalog_cluster_uuid(at->catalog)));
        assert_string_equal(mapping_text(at, "a"), mapping);
        assert_string_equal(setting(at, "a", "index.creation_date"), created);
        support_expect_document(at, "x", "1", "{\"t\":\"A b\",\"n\":4}");
        assert_int_equal(support_visible(at, "a"), 1);
        const auk_root *root = auk_root_acquire(at->catalog);
        const auk_index_view *view = auk_root_find(root, AUK_SPAN("a"));
        assert_int_equal(view->shard_count, 2);
        assert_int_equal(view->alias_count, 1);
        assert_true(auk_span_is(view->aliases[0].filter, "{\"term\":{\"t\":\"b\"}}"));
        assert_true(view->aliases[0].is_write_index);
        auk_root_release(at->catalog, root);
    }
}

static void extends_a_mapping(void **state)
{
    support_catalog *at = *state;
    auk_error refused = {0};
    support_create(at, "a", "{\"mappings\":{\"properties\":{\"n\":{\"type\":\"long\"}}}}");
    assert_ok(
        auk_catalog_put_mapping(at->catalog, AUK_SPAN("a"),
                                support_json(at, "{\"properties\":{\"k\":{\"type\":\"keyword\"}}}"),
                                err));
    assert_non_null(strstr(mapping_text(at, "a"), "\"k\":{\"type\":\"keyword\"}"));
    assert_int_equal(
        auk_catalog_put_mapping(at->catalog, AUK_SPAN("a"),
                                support_json(at, "{\"properties\":{\"n\":{\"type\":\"text\"}}}"),
                                &refused),
        AUK_INVALID);
    assert_string_equal(refused.message, "mapper [n] cannot be changed from type [long] to [text]");
    assert_int_equal(auk_catalog_put_mapping(at->catalog, AUK_SPAN("b"), support_json(at, "{}"),
                                             &refused),
                     AUK_NOT_FOUND);
    support_catalog_reopen(at);
    assert_non_null(strstr(mapping_text(at, "a"), "\"k\":{\"type\":\"keyword\"}"));
}

static auk_error put_settings(support_catalog *at, const char *body, bool preserve)
{
    auk_error err = {0};
    auk_code code = auk_catalog_put_settings(at->catalog, AUK_SPAN("a"), support_json(at, body),
                                             preserve, &err);
    assert_int_equal(code, err.code);
    return err;
}

static void changes_settings(void **state)
{
    support_catalog *at = *state;
    support_create(at, "a", NULL);
    assert_int_equal(put_settings(at, "{\"index\":{\"refresh_interval\":\"5s\"}}", false).code, 0);
    assert_string_equal(setting(at, "a", "index.refresh_interval"), "5s");
    assert_int_equal(put_settings(at, "{\"refresh_interval\":\"7s\",\"priority\":3}", true).code,
                     0);
    assert_string_equal(setting(at, "a", "index.refresh_interval"), "5s");
    assert_string_equal(setting(at, "a", "index.priority"), "3");
    assert_int_equal(
        put_settings(at, "{\"settings\":{\"index.refresh_interval\":null}}", false).code, 0);
    assert_string_equal(setting(at, "a", "index.refresh_interval"), "(none)");
    auk_error err = put_settings(at, "{\"number_of_shards\":2}", false);
    assert_non_null(strstr(err.message, "Can't update non dynamic settings "
                                        "[[index.number_of_shards]] for open indices [[a/"));
    err = put_settings(at, "{\"number_of_shards\":null}", false);
    assert_non_null(strstr(err.message, "Can't update non dynamic settings"));
    assert_int_equal(put_settings(at, "{\"index.*\":null}", false).code, 0);
    assert_string_equal(setting(at, "a", "index.number_of_shards"), "1");
    assert_string_equal(setting(at, "a", "index.priority"), "(none)");
    assert_int_equal(put_settings(at, "{\"priority\":3}", false).code, 0);
    err = put_settings(at, "{\"priorty\":2}", false);
    assert_string_equal(err.message,
                        "unknown setting [index.priorty] did you mean [index.priority]?");
    support_catalog_reopen(at);
    assert_string_equal(setting(at, "a", "index.priority"), "3");
}

static void a_limit_holds_at_once(void **state)
{
    support_catalog *at = *state;
    support_create(at, "a", "{\"settings\":{\"mapping.total_fields.limit\":1}}");
    auk_written out = support_write_one(at, AUK_WRITE_INDEX, "a", "1", "{\"x\":1,\"y\":2}");
    assert_int_equal(out.error.code, AUK_INVALID);
    assert_non_null(strstr(out.error.why->message, "Limit of total fields [1] has been exceeded"));
    assert_int_equal(put_settings(at, "{\"mapping.total_fields.limit\":9}", false).code, 0);
    out = support_write_one(at, AUK_WRITE_INDEX, "a", "1", "{\"x\":1,\"y\":2}");
    assert_int_equal(out.error.code, AUK_OK);
    support_catalog_reopen(at);
    support_expect_document(at, "a", "1", "{\"x\":1,\"y\":2}");
}

/* Else the index would not open any more. */
static void a_limit_that_falls_leaves_what_is_there(void **state)
{
    support_catalog *at = *state;
    support_create(at, "a",
                   "{\"mappings\":{\"properties\":{\"x\":{\"properties\":{\"y\":{\"properties\":"
                   "{\"z\":{\"type\":\"long\"}}}}}}}}");
    assert_int_equal(put_settings(at,
                                  "{\"mapping\":{\"total_fields.limit\":1,\"depth.limit\":1,"
                                  "\"field_name_length.limit\":1}}",
                                  false)
                         .code,
                     0);
    support_catalog_reopen(at);
    auk_written out = support_write_one(at, AUK_WRITE_INDEX, "a", "1", "{\"x\":{\"y\":{\"z\":1}}}");
    assert_int_equal(out.error.code, AUK_OK);
    out = support_write_one(at, AUK_WRITE_INDEX, "a", "2", "{\"n\":1}");
    assert_int_equal(out.error.code, AUK_INVALID);
    assert_int_equal(put_settings(at, "{\"mapping.total_fields.limit\":9}", false).code, 0);
    auk_error err = {0};
    assert_int_equal(auk_catalog_put_mapping(
                         at->catalog, AUK_SPAN("a"),
                         support_json(at, "{\"properties\":{\"long\":{\"type\":\"ip\"}}}"), &err),
                     AUK_INVALID);
    assert_string_equal(err.message,
                        "Field name [long] is longer than the limit of [1] characters");
}

static const char *cluster_settings(support_catalog *at, bool flat)
{
    auk_buffer text;
    auk_json_writer out;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&out, &text, false);
    auk_json_begin_object(&out);
    auk_catalog_write_cluster_settings(at->catalog, flat, false, &out);
    auk_json_end_object(&out);
    const char *copy = auk_arena_copy(at->arena, auk_buffer_span(&text)).data;
    auk_buffer_deinit(&text);
    return copy;
}

static void keeps_cluster_settings(void **state)
{
    support_catalog *at = *state;
    auk_error refused = {0};
    assert_ok(auk_catalog_put_cluster_settings(
        at->catalog,
        support_json(at, "{\"persistent\":{\"action\":{\"auto_create_index\":\"-no*,+*\"}},"
                         "\"transient\":{\"search.max_buckets\":7}}"),
        err));
    assert_string_equal(cluster_settings(at, true),
                        "{\"persistent\":{\"action.auto_create_index\":\"-no*,+*\"},"
                        "\"transient\":{\"search.max_buckets\":\"7\"}}");
    assert_string_equal(cluster_settings(at, false),
                        "{\"persistent\":{\"action\":{\"auto_create_index\":\"-no*,+*\"}},"
                        "\"transient\":{\"search\":{\"max_buckets\":\"7\"}}}");
    assert_int_equal(support_write_one(at, AUK_WRITE_INDEX, "nope", "1", "{}").error.code,
                     AUK_NOT_FOUND);
    assert_int_equal(support_write_one(at, AUK_WRITE_INDEX, "yes", "1", "{}").error.code, AUK_OK);
    assert_int_equal(auk_catalog_put_cluster_settings(
                         at->catalog,
                         support_json(at, "{\"persistent\":{\"search.max_bucket\":7}}"), &refused),
                     AUK_INVALID);
    assert_string_equal(refused.message,
                        "unknown setting [search.max_bucket] did you mean [search.max_buckets]?");
    support_catalog_reopen(at);
    assert_string_equal(cluster_settings(at, true),
                        "{\"persistent\":{\"action.auto_create_index\":\"-no*,+*\"},"
                        "\"transient\":{}}");
}

static void opens_a_directory_once(void **state)
{
    support_catalog *at = *state;
    auk_catalog *second;
    auk_error err = {0};
    auk_catalog_options options = {.directory = at->directory};
    assert_int_equal(auk_catalog_open(&options, &second, &err), AUK_CONFLICT);
    char pid[32];
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    assert_non_null(strstr(err.message, pid));
}

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, support_catalog_setup, support_catalog_teardown)
    const struct CMUnitTest tests[] = {
        TEST(creates_once),
        TEST(refuses_unknown_parts_of_a_body),
        TEST(deletes_and_makes_anew),
        TEST(deletes_none_when_one_is_missing),
        TEST(survives_a_restart),
        TEST(extends_a_mapping),
        TEST(changes_settings),
        TEST(a_limit_holds_at_once),
        TEST(a_limit_that_falls_leaves_what_is_there),
        TEST(keeps_cluster_settings),
        TEST(opens_a_directory_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
