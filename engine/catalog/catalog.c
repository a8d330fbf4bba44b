#include <stdlib.h>

#include "auk/fault_point.h"
#include "template_private.h"

/* ---- the node's own record ---- */

void auk_admin_put_node(auk_catalog *catalog, auk_batch *batch)
{
    auk_buffer text;
    auk_json_writer out;
    auk_buffer_init(&text, 4096);
    auk_json_writer_init(&out, &text, false);
    auk_json_begin_object(&out);
    auk_json_member_int(&out, "format", 1);
    auk_json_member_string(&out, "cluster_uuid", catalog->cluster_uuid);
    auk_json_member_uint(&out, "next_shard", catalog->next_shard);
    auk_json_end_object(&out);
    auk_batch_put(batch, AUK_FAMILY_CATALOG, AUK_SPAN("node"), auk_buffer_span(&text));
    auk_buffer_deinit(&text);
}

static auk_code first_start(auk_catalog *catalog, auk_error *err)
{
    catalog->cluster_uuid = auk_uuid_make(catalog->arena);
    auk_batch *batch = auk_batch_create();
    auk_admin_put_node(catalog, batch);
    AUK_FAULT_POINT(NODE_WRITE_BEFORE);
    auk_code code = auk_store_write(catalog->store, batch, true, err);
    AUK_FAULT_POINT(NODE_WRITE_AFTER);
    auk_batch_destroy(batch);
    return code;
}

static auk_code parse_node(auk_catalog *catalog, auk_span text, auk_arena *arena, auk_error *err)
{
    const auk_json *record;
    int64_t format = 0, next_shard = -1;
    auk_code code = auk_json_parse_own(text, arena, &record, err);
    if (code != AUK_OK)
        return code;
    if (!auk_json_to_int64(auk_json_get(record, "format"), &format) || format != 1)
        return auk_fail(err, AUK_INVALID, AUK_FORMAT_WORDS, (long long)format, AUK_VERSION);
    const auk_json *uuid = auk_json_get(record, "cluster_uuid");
    if (!uuid || uuid->type != AUK_JSON_STRING ||
        !auk_json_to_int64(auk_json_get(record, "next_shard"), &next_shard) || next_shard < 0 ||
        next_shard > UINT32_MAX)
        return auk_fail(err, AUK_CORRUPT, "the record of the node is damaged");
    catalog->cluster_uuid = auk_arena_copy(catalog->arena, uuid->text);
    catalog->next_shard = (uint32_t)next_shard;
    return AUK_OK;
}

auk_code auk_catalog_read_key(auk_catalog *catalog, auk_span key, auk_arena *arena, auk_span *out,
                              bool *found, auk_error *err)
{
    auk_buffer value;
    auk_buffer_init(&value, AUK_BUFFER_NO_LIMIT);
    auk_code code = auk_store_get(catalog->store, AUK_FAMILY_CATALOG, key, &value, found, err);
    if (code == AUK_OK && *found)
        *out = auk_arena_copy(arena, auk_buffer_span(&value));
    auk_buffer_deinit(&value);
    return code;
}

static auk_code read_node(auk_catalog *catalog, auk_arena *arena, auk_error *err)
{
    bool found = false;
    auk_span text;
    auk_code code = auk_catalog_read_key(catalog, AUK_SPAN("node"), arena, &text, &found, err);
    if (code != AUK_OK)
        return code;
    return found ? parse_node(catalog, text, arena, err) : first_start(catalog, err);
}

static auk_code read_cluster_settings(auk_catalog *catalog, auk_arena *arena, auk_error *err)
{
    bool found = false;
    auk_span text;
    const auk_json *record;
    auk_code code = auk_catalog_read_key(catalog, AUK_SPAN("cluster"), arena, &text, &found, err);
    if (code != AUK_OK || !found)
        return code;
    code = auk_json_parse_own(text, arena, &record, err);
    if (code != AUK_OK)
        return code;
    code = auk_settings_from_json(auk_json_get(record, "persistent"), catalog->persistent, err);
    auk_cluster_settings_apply(catalog);
    return code;
}

/* Before anything is removed: is all there that manifests name? If not, what they do not name may
 * be what an older one named. */
static auk_code check_named(auk_catalog *catalog, const uint64_t *named, size_t count,
                            auk_error *err)
{
    auk_buffer all;
    auk_buffer_init(&all, AUK_BUFFER_NO_LIMIT);
    auk_code code = auk_store_list_segments(catalog->store, &all, err);
    const uint64_t *there = (const uint64_t *)(const void *)all.data;
    for (size_t i = 0; i < count && code == AUK_OK; i++) {
        bool found = false;
        for (size_t k = 0; k < all.size / sizeof *there && !found; k++)
            found = there[k] == named[i];
        if (found)
            continue;
        code = auk_fail(err, AUK_CORRUPT,
                        "segment %llu, which a manifest names, is not in the store: a log or "
                        "MANIFEST file of \"%s\" is missing or damaged",
                        (unsigned long long)named[i], auk_store_directory(catalog->store));
        auk_hint(err, "auk check says more; auk check --repair keeps what can be kept");
    }
    auk_buffer_deinit(&all);
    return code;
}

static auk_code drop_orphans(auk_catalog *catalog, auk_error *err)
{
    auk_buffer named;
    size_t dropped = 0;
    auk_buffer_init(&named, AUK_BUFFER_NO_LIMIT);
    auk_code code = auk_shard_named_segments(catalog->store, &named, err);
    if (code == AUK_OK)
        code = check_named(catalog, (const uint64_t *)(const void *)named.data,
                           named.size / sizeof(uint64_t), err);
    if (code == AUK_OK)
        code = auk_store_drop_orphans(catalog->store, (const uint64_t *)(const void *)named.data,
                                      named.size / sizeof(uint64_t), &dropped, err);
    if (code == AUK_OK && dropped)
        auk_log(AUK_LOG_INFO, "removed segments of an interrupted commit", "count=%zu", dropped);
    auk_buffer_deinit(&named);
    return code;
}

/* ---- life ---- */

static auk_code recover(auk_catalog *catalog, auk_error *err)
{
    auk_arena *arena = auk_arena_create(4096);
    auk_code code = read_node(catalog, arena, err);
    if (code == AUK_OK)
        code = read_cluster_settings(catalog, arena, err);
    if (code == AUK_OK)
        code = drop_orphans(catalog, err);
    if (code == AUK_OK)
        code = auk_synonym_sets_read(catalog, err);
    if (code == AUK_OK)
        code = auk_templates_open(catalog, err);
    if (code == AUK_OK)
        code = auk_catalog_open_indices(catalog, arena, err);
    if (code == AUK_OK)
        code = auk_jobs_open(catalog->store, &catalog->jobs, err);
    auk_arena_destroy(arena);
    if (code != AUK_OK)
        return code;
    pthread_mutex_lock(&catalog->root_lock);
    catalog->open = true;
    auk_root_rebuild(catalog);
    pthread_mutex_unlock(&catalog->root_lock);
    return auk_timer_start(catalog, err);
}

auk_code auk_catalog_open(const auk_catalog_options *options, auk_catalog **out, auk_error *err)
{
    auk_catalog *catalog = calloc(1, sizeof *catalog);
    if (!catalog)
        auk_fatal("out of memory");
    catalog->arena = auk_arena_create(1024);
    catalog->budget = options->budget;
    catalog->write_pool = options->write_pool;
    catalog->background = options->background;
    catalog->merge_pool = options->merge_pool;
    catalog->cluster_name =
        auk_arena_copy(catalog->arena,
                       auk_span_of(options->cluster_name ? options->cluster_name : "auk"));
    catalog->persistent = auk_settings_create();
    catalog->transient = auk_settings_create();
    auk_cluster_settings_apply(catalog);
    pthread_mutex_init(&catalog->admin_lock, NULL);
    pthread_mutex_init(&catalog->root_lock, NULL);
    pthread_mutex_init(&catalog->tasks_lock, NULL);
    pthread_cond_init(&catalog->tasks_done, NULL);

    auk_store_options store = {.free_min_bytes = options->free_min_bytes,
                               .free_min_percent = options->free_min_percent,
                               .free_min_most = options->free_min_most};
    if (options->budget)
        store.memory_bytes = auk_budget_limit(options->budget, AUK_PURPOSE_STORE);
    auk_code code = auk_store_open(options->directory, &store, &catalog->store, err);
    if (code == AUK_OK)
        code = recover(catalog, err);
    if (code != AUK_OK) {
        auk_catalog_close(catalog);
        return code;
    }
    *out = catalog;
    return AUK_OK;
}

static void stop_indices(auk_catalog *catalog)
{
    uint32_t count;
    auk_index **list = auk_catalog_list_indices(catalog, &count);
    for (uint32_t i = 0; i < count; i++) {
        auk_index_stop(list[i]);
        auk_index_release(list[i]);
    }
    free(list);
}

static void flush_and_close_indices(auk_catalog *catalog)
{
    for (uint32_t i = 0; i < catalog->index_count; i++) {
        auk_error err = {0};
        auk_index *index = catalog->indices[i];
        if (catalog->open && !index->unopened && auk_index_flush(index, &err) != AUK_OK)
            auk_log(AUK_LOG_WARN, "not flushed at the end; the journal keeps it",
                    "index=%.*s reason=\"%s\"", AUK_SPAN_ARG(index->identity->name), err.message);
        auk_index_close(index);
    }
}

void auk_catalog_close(auk_catalog *catalog)
{
    if (!catalog)
        return;
    auk_timer_stop(catalog);
    stop_indices(catalog); /* a merge that a job waits for is given up */
    auk_jobs_stop(catalog->jobs);
    auk_tasks_drain(catalog);
    flush_and_close_indices(catalog);
    pthread_mutex_lock(&catalog->root_lock);
    while (catalog->index_count > 0)
        auk_root_unlist(catalog, catalog->indices[catalog->index_count - 1]);
    auk_root_rebuild(catalog); /* an empty one, which lets go of the last views */
    pthread_mutex_unlock(&catalog->root_lock);
    auk_root_release(catalog, catalog->root ? &catalog->root->root : NULL);
    auk_jobs_close(catalog->jobs);
    auk_store_close(catalog->store);
    free(catalog->indices);
    auk_synonym_sets_destroy(catalog);
    auk_templates_close(catalog);
    auk_settings_destroy(catalog->persistent);
    auk_settings_destroy(catalog->transient);
    pthread_mutex_destroy(&catalog->admin_lock);
    pthread_mutex_destroy(&catalog->root_lock);
    pthread_mutex_destroy(&catalog->tasks_lock);
    pthread_cond_destroy(&catalog->tasks_done);
    auk_arena_destroy(catalog->arena);
    free(catalog);
}

auk_span auk_catalog_cluster_name(const auk_catalog *catalog)
{
    return catalog->cluster_name;
}

auk_span auk_catalog_cluster_uuid(const auk_catalog *catalog)
{
    return catalog->cluster_uuid;
}

auk_store *auk_catalog_store(auk_catalog *catalog)
{
    return catalog->store;
}

auk_jobs *auk_catalog_jobs(auk_catalog *catalog)
{
    return catalog->jobs;
}
