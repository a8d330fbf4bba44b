#include "catalog_support.h"

void support_catalog_open(support_catalog *at)
{
    auk_catalog_options options = {.directory = at->directory,
                                   .budget = at->budget,
                                   .write_pool = at->write_pool,
                                   .background = at->background,
                                   .cluster_name = "test"};
    assert_ok(auk_catalog_open(&options, &at->catalog, err));
}

int support_catalog_setup(void **state)
{
    support_catalog *at = calloc(1, sizeof *at);
    at->directory = support_directory();
    at->budget = auk_budget_create((size_t)256 << 20);
    at->write_pool = auk_pool_create("write", 2, 64);
    at->background = auk_pool_create("back", 2, 256);
    at->arena = auk_arena_create(4096);
    support_catalog_open(at);
    *state = at;
    return 0;
}

int support_catalog_teardown(void **state)
{
    support_catalog *at = *state;
    auk_catalog_close(at->catalog);
    auk_pool_destroy(at->write_pool);
    auk_pool_destroy(at->background);
    auk_budget_destroy(at->budget);
    auk_arena_destroy(at->arena);
    support_remove(at->directory);
    free(at);
    return 0;
}

void support_catalog_reopen(support_catalog *at)
{
    auk_catalog_close(at->catalog);
    support_catalog_open(at);
}

const auk_json *support_json(support_catalog *at, const char *text)
{
    const auk_json *json = NULL;
    if (text)
        assert_ok(auk_json_parse(auk_span_of(text), at->arena, &json, err));
    return json;
}

auk_error support_try_create(support_catalog *at, const char *name, const char *body)
{
    auk_error err = {0};
    auk_code code =
        auk_catalog_create_index(at->catalog, auk_span_of(name), support_json(at, body), &err);
    assert_int_equal(code, err.code);
    return err;
}

auk_error support_try_aliases(support_catalog *at, const char *actions)
{
    auk_error err = {0};
    auk_code code = auk_catalog_update_aliases(at->catalog, support_json(at, actions), &err);
    assert_int_equal(code, err.code);
    return err;
}

void support_create(support_catalog *at, const char *name, const char *body)
{
    assert_ok(
        auk_catalog_create_index(at->catalog, auk_span_of(name), support_json(at, body), err));
}

void support_drop(support_catalog *at, const char *name)
{
    auk_span span = auk_span_of(name);
    assert_ok(auk_catalog_delete_indices(at->catalog, &span, 1, err));
}

void support_aliases(support_catalog *at, const char *actions)
{
    assert_ok(auk_catalog_update_aliases(at->catalog, support_json(at, actions), err));
}

auk_written support_write_one(support_catalog *at, auk_write_kind kind, const char *index,
                              const char *id, const char *source)
{
    auk_write write;
    auk_written out;
    auk_write_init(&write);
    write.kind = kind;
    write.index = auk_span_of(index);
    write.id = auk_span_of(id);
    write.source = auk_span_of(source);
    assert_ok(auk_catalog_write(at->catalog, &write, 1, AUK_REFRESH_NONE, at->arena, &out, err));
    return out;
}

void support_expect_document(support_catalog *at, const char *index, const char *id,
                             const char *source)
{
    auk_shard_document document;
    auk_span concrete;
    bool found;
    assert_ok(auk_catalog_get(at->catalog, auk_span_of(index), auk_span_of(id), AUK_SPAN(""),
                              at->arena, &concrete, &document, &found, err));
    assert_int_equal(found, source != NULL);
    if (!source)
        return;
    assert_int_equal(document.source.size, strlen(source));
    assert_memory_equal(document.source.data, source, strlen(source));
}

uint64_t support_visible(support_catalog *at, const char *expression)
{
    auk_resolved *found;
    uint32_t count;
    uint64_t visible = 0;
    auk_resolve_options options = AUK_RESOLVE_LENIENT;
    const auk_root *root = auk_root_acquire(at->catalog);
    assert_ok(
        auk_root_resolve(root, auk_span_of(expression), &options, at->arena, &found, &count, err));
    for (uint32_t i = 0; i < count; i++)
        for (uint32_t k = 0; k < found[i].view->shard_count; k++)
            visible += found[i].view->shards[k]->live_count;
    auk_root_release(at->catalog, root);
    return visible;
}

const char *support_resolve(support_catalog *at, const char *expression,
                            const auk_resolve_options *options)
{
    auk_resolved *found;
    uint32_t count = 0;
    auk_error err = {0};
    auk_span names = AUK_SPAN("");
    const auk_root *root = auk_root_acquire(at->catalog);
    auk_code code =
        auk_root_resolve(root, auk_span_of(expression), options, at->arena, &found, &count, &err);
    for (uint32_t i = 0; i < count && code == AUK_OK; i++)
        names = auk_arena_printf(at->arena, "%.*s%s%.*s", AUK_SPAN_ARG(names), i ? "," : "",
                                 AUK_SPAN_ARG(found[i].view->name));
    auk_root_release(at->catalog, root);
    if (code != AUK_OK)
        names = auk_arena_copy(at->arena, auk_span_of(err.message));
    return auk_arena_printf(at->arena, "%.*s", AUK_SPAN_ARG(names)).data;
}
