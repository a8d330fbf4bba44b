#include <stdlib.h>

#include "auk/fault_point.h"
#include "catalog_private.h"

auk_span auk_catalog_key(auk_arena *arena, const char *kind, auk_span name)
{
    return auk_arena_printf(arena, "%s%.*s", kind, AUK_SPAN_ARG(name));
}

void auk_mapping_put(const auk_mapping *mapping, auk_span uuid, auk_batch *batch)
{
    auk_arena *arena = auk_arena_create(256);
    auk_buffer text;
    auk_json_writer out;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&out, &text, false);
    auk_mapping_write(mapping, true, &out);
    auk_batch_put(batch, AUK_FAMILY_CATALOG, auk_catalog_key(arena, "mapping/", uuid),
                  auk_buffer_span(&text));
    auk_buffer_deinit(&text);
    auk_arena_destroy(arena);
}

/* ---- what the shards ask of us ---- */

static auk_mapping *host_mapping(void *context)
{
    auk_index *index = ((auk_shard_slot *)context)->index;
    pthread_mutex_lock(&index->catalog->root_lock);
    auk_mapping *mapping = auk_mapping_acquire(index->mapping);
    pthread_mutex_unlock(&index->catalog->root_lock);
    return mapping;
}

static void show_mapping(auk_index *index, auk_mapping *mapping)
{
    auk_catalog *catalog = index->catalog;
    pthread_mutex_lock(&catalog->root_lock);
    auk_mapping *old = index->mapping;
    index->mapping = mapping;
    auk_root_touch(index);
    auk_root_rebuild(catalog);
    pthread_mutex_unlock(&catalog->root_lock);
    auk_mapping_release(old);
}

/*
 * A dynamic update is written without a sync of its own: it precedes the journal entry that needs
 * it in the one log, so whatever makes the entry durable makes the mapping durable first.
 */
auk_code auk_index_extend(auk_index *index, const auk_json *body, bool sync, auk_mapping **out,
                          auk_error *err)
{
    auk_catalog *catalog = index->catalog;
    auk_mapping *merged;
    pthread_mutex_lock(&index->schema_lock);
    auk_code code = auk_mapping_merge(index->mapping, body, &merged, err);
    if (code == AUK_OK) {
        auk_batch *batch = auk_batch_create();
        auk_mapping_put(merged, index->identity->uuid, batch);
        AUK_FAULT_POINT(MAPPING_WRITE_BEFORE);
        code = auk_store_write(catalog->store, batch, sync, err);
        AUK_FAULT_POINT(MAPPING_WRITE_AFTER);
        auk_batch_destroy(batch);
        if (code != AUK_OK)
            auk_mapping_release(merged);
    }
    if (code == AUK_OK && out)
        *out = auk_mapping_acquire(merged);
    if (code == AUK_OK)
        show_mapping(index, merged);
    pthread_mutex_unlock(&index->schema_lock);
    return code;
}

/* The same fields; under the schema lock. */
static auk_code make_mapping(const auk_index *index, const auk_settings *settings,
                             const auk_analysis *analysis, auk_mapping **out, auk_error *err)
{
    const auk_json *body;
    auk_buffer text;
    auk_json_writer writer;
    auk_arena *arena = auk_arena_create(4096);
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&writer, &text, false);
    auk_mapping_write(index->mapping, true, &writer);
    auk_code code = auk_json_parse_own(auk_buffer_span(&text), arena, &body, err);
    if (code == AUK_OK)
        code = auk_mapping_create(body, settings,
                                  analysis ? analysis : auk_mapping_analysis(index->mapping), out,
                                  err);
    auk_buffer_deinit(&text);
    auk_arena_destroy(arena);
    return code;
}

auk_code auk_index_try_mapping(auk_index *index, const auk_settings *settings,
                               const auk_analysis *analysis, auk_error *err)
{
    auk_mapping *fresh;
    pthread_mutex_lock(&index->schema_lock);
    auk_code code = make_mapping(index, settings, analysis, &fresh, err);
    pthread_mutex_unlock(&index->schema_lock);
    if (code == AUK_OK)
        auk_mapping_release(fresh);
    return code;
}

/* Under the admin lock, so that the definition stays. */
auk_code auk_index_remap(auk_index *index, const auk_analysis *analysis, auk_error *err)
{
    auk_mapping *fresh;
    pthread_mutex_lock(&index->schema_lock);
    auk_code code = make_mapping(index, index->definition->settings, analysis, &fresh, err);
    if (code == AUK_OK)
        show_mapping(index, fresh);
    pthread_mutex_unlock(&index->schema_lock);
    return code;
}

static auk_code host_extend(void *context, const auk_json *additions, auk_mapping **out,
                            auk_error *err)
{
    return auk_index_extend(((auk_shard_slot *)context)->index, additions, false, out, err);
}

static void host_publish(void *context, auk_shard_view *view)
{
    auk_shard_slot *slot = context;
    auk_index *index = slot->index;
    auk_catalog *catalog = index->catalog;
    pthread_mutex_lock(&catalog->root_lock);
    auk_shard_view **views = index->next_views ? index->next_views : index->views;
    auk_shard_view *old = views[slot->number];
    views[slot->number] = view;
    bool found = auk_root_index(catalog, index->identity->name) == index;
    if (found && views == index->views) {
        auk_root_touch(index);
        auk_root_rebuild(catalog);
    }
    pthread_mutex_unlock(&catalog->root_lock);
    auk_shard_view_release(old);
}

static void host_hold(void *context)
{
    auk_index_hold_views(((auk_shard_slot *)context)->index);
}

/* ---- open and close ---- */

static auk_shard_options shard_options(const auk_index *index, uint32_t number)
{
    return (auk_shard_options){
        .id = index->identity->first_shard + number,
        .async_durability = auk_index_settings_async(index->definition->settings),
        .first_primary_term = index->identity->first_term,
        .journal_limit_bytes = auk_index_settings_journal_bytes(index->definition->settings),
        .merge_pool = index->catalog->merge_pool,
        .shows_when_told = index->definition->owner.size > 0,
        .reorder_from = auk_index_settings_reorder_from(index->definition->settings),
    };
}

static auk_code open_shards(auk_index *index, auk_error *err)
{
    auk_catalog *catalog = index->catalog;
    for (uint32_t i = 0; i < index->shard_count; i++) {
        index->slots[i] = (auk_shard_slot){index, i};
        auk_shard_host host = {&index->slots[i], host_mapping, host_extend, host_publish,
                               host_hold};
        auk_shard_options options = shard_options(index, i);
        auk_code code = auk_shard_open(catalog->store, catalog->budget, catalog->background,
                                       &options, &host, &index->shards[i], err);
        if (code != AUK_OK)
            return auk_wrap(err, code, "index [%.*s] shard [%u]",
                            AUK_SPAN_ARG(index->identity->name), i);
    }
    return AUK_OK;
}

static auk_index *create(auk_catalog *catalog, auk_definition *definition_taken,
                         auk_mapping *mapping_taken, uint32_t shards)
{
    auk_index *index = calloc(1, sizeof *index);
    if (!index)
        auk_fatal("out of memory");
    atomic_init(&index->references, 1);
    index->catalog = catalog;
    index->definition = definition_taken;
    index->identity = auk_definition_acquire(definition_taken);
    atomic_init(&index->standby, definition_taken->standby);
    atomic_init(&index->shut, auk_definition_is_shut(definition_taken));
    atomic_init(&index->owned, definition_taken->owner.size > 0);
    auk_fence_init(&index->fence);
    index->mapping = mapping_taken;
    index->shard_count = shards;
    index->shards = calloc(shards + 1, sizeof(auk_shard *));
    index->slots = calloc(shards + 1, sizeof(auk_shard_slot));
    index->views = calloc(shards + 1, sizeof(auk_shard_view *));
    if (!index->shards || !index->slots || !index->views)
        auk_fatal("out of memory");
    pthread_mutex_init(&index->schema_lock, NULL);
    pthread_rwlock_init(&index->gate, NULL);
    pthread_mutex_init(&index->refresh_lock, NULL);
    pthread_cond_init(&index->refreshed, NULL);
    return index;
}

auk_index *auk_index_list_unopened(auk_catalog *catalog, auk_definition *definition_taken,
                                   auk_mapping *mapping_taken, const auk_error *reason)
{
    auk_index *index = create(catalog, definition_taken, mapping_taken, 0);
    index->unopened = malloc(sizeof *reason);
    if (!index->unopened)
        auk_fatal("out of memory");
    *index->unopened = *reason;
    return index;
}

auk_code auk_index_open(auk_catalog *catalog, auk_definition *definition_taken,
                        auk_mapping *mapping_taken, auk_index **out, auk_error *err)
{
    auk_index *index = create(catalog, definition_taken, mapping_taken,
                              auk_index_settings_shards(definition_taken->settings));
    auk_code code = open_shards(index, err);
    if (code != AUK_OK) {
        auk_index_close(index);
        auk_index_release(index);
        return code;
    }
    *out = index;
    return AUK_OK;
}

auk_index *auk_index_acquire(auk_index *index)
{
    atomic_fetch_add(&index->references, 1);
    return index;
}

void auk_index_release(auk_index *index)
{
    if (!index || atomic_fetch_sub(&index->references, 1) != 1)
        return;
    for (uint32_t i = 0; i < index->shard_count; i++) {
        auk_shard_view_release(index->views[i]);
        if (index->next_views)
            auk_shard_view_release(index->next_views[i]);
    }
    auk_mapping_release(index->mapping);
    auk_definition_release(index->definition);
    auk_definition_release(index->identity);
    auk_definition_release(index->former);
    auk_fence_deinit(&index->fence);
    pthread_mutex_destroy(&index->schema_lock);
    pthread_rwlock_destroy(&index->gate);
    pthread_mutex_destroy(&index->refresh_lock);
    pthread_cond_destroy(&index->refreshed);
    free(index->unopened);
    free(index->shards);
    free(index->slots);
    free(index->views);
    free(index->next_views);
    free(index);
}

void auk_index_stop(auk_index *index)
{
    for (uint32_t i = 0; i < index->shard_count; i++)
        if (index->shards[i])
            auk_shard_stop(index->shards[i]);
}

void auk_index_hold(auk_index *index)
{
    index->deleted = true;
    auk_index_stop(index);
    pthread_rwlock_wrlock(&index->gate);
    for (uint32_t i = 0; i < index->shard_count; i++)
        if (index->shards[i])
            auk_shard_quiesce(index->shards[i]);
}

void auk_index_let_go(auk_index *index)
{
    for (uint32_t i = 0; i < index->shard_count; i++)
        auk_shard_resume(index->shards[i]);
    index->deleted = false;
    pthread_rwlock_unlock(&index->gate);
}

void auk_index_close_held(auk_index *index)
{
    for (uint32_t i = 0; i < index->shard_count; i++) {
        if (index->shards[i])
            auk_shard_close(index->shards[i]);
        index->shards[i] = NULL;
    }
    pthread_rwlock_unlock(&index->gate);
    pthread_mutex_lock(&index->refresh_lock);
    pthread_cond_broadcast(&index->refreshed);
    pthread_mutex_unlock(&index->refresh_lock);
}

void auk_index_close(auk_index *index)
{
    auk_index_hold(index);
    auk_index_close_held(index);
}

/*
 * Never waits. Closing waits for tasks of the background pool while it holds the gate, so a task
 * that waited for the gate could be what it waits for; and readers that come without end must not
 * keep a writer out. Only closing takes the gate exclusively, and it says so in `deleted` before.
 */
auk_code auk_index_enter(auk_index *index, auk_error *err)
{
    if (index->unopened)
        return auk_index_refuse_unopened(index->identity->name, index->unopened, err);
    if (!index->deleted && pthread_rwlock_tryrdlock(&index->gate) == 0) {
        if (!index->deleted)
            return AUK_OK;
        pthread_rwlock_unlock(&index->gate);
    }
    return auk_fail_type(err, AUK_NOT_FOUND, "index_not_found_exception", "no such index [%.*s]",
                         AUK_SPAN_ARG(index->identity->name));
}

void auk_index_leave(auk_index *index)
{
    pthread_rwlock_unlock(&index->gate);
}

void auk_index_apply_settings(auk_index *index)
{
    if (auk_index_enter(index, NULL) != AUK_OK)
        return;
    for (uint32_t i = 0; i < index->shard_count; i++) {
        auk_shard_options options = shard_options(index, i);
        auk_shard_set_options(index->shards[i], &options);
    }
    auk_index_leave(index);
}

/* ---- for every shard ---- */

uint32_t auk_index_view_primaries(const auk_index_view *view)
{
    return auk_index_settings_shards(view->settings);
}

uint32_t auk_index_shard_count(const auk_index *index)
{
    return index->shard_count;
}

void auk_index_read_stats(const auk_index *index, uint32_t shard, auk_shard_stats *out)
{
    auk_index *self = (auk_index *)(uintptr_t)index;
    memset(out, 0, sizeof *out);
    if (auk_index_enter(self, NULL) != AUK_OK)
        return;
    auk_shard_read_stats(index->shards[shard], out);
    auk_index_leave(self);
}

void auk_index_read_health(auk_index *index, uint32_t shard, auk_shard_health *out)
{
    *out = (auk_shard_health){0};
    if (auk_index_enter(index, NULL) != AUK_OK)
        return;
    auk_shard_read_health(index->shards[shard], out);
    auk_index_leave(index);
}

auk_code auk_index_flush(auk_index *index, auk_error *err)
{
    auk_code code = auk_index_enter(index, err);
    if (code != AUK_OK)
        return code;
    for (uint32_t i = 0; i < index->shard_count && code == AUK_OK; i++)
        code = auk_shard_flush(index->shards[i], err);
    auk_index_leave(index);
    return code;
}

auk_code auk_index_force_merge(auk_index *index, uint32_t max_segments, bool expunge,
                               auk_error *err)
{
    auk_code code = auk_index_enter(index, err);
    if (code != AUK_OK)
        return code;
    for (uint32_t i = 0; i < index->shard_count && code == AUK_OK; i++)
        code = auk_shard_force_merge(index->shards[i], max_segments, expunge, err);
    auk_index_leave(index);
    return code;
}
