#include "shard_state.h"

#include "journal.h"
#include "merge_reorder.h"

#define BUFFER_LIMIT_BYTES  ((size_t)16 << 20)
#define MEMORY_LIMIT_BYTES  ((size_t)64 << 20)
#define JOURNAL_LIMIT_BYTES ((size_t)64 << 20)
#define TOMBSTONE_RETENTION 100000
#define SEGMENTS_PER_TIER   8
#define FIRST_PRIMARY_TERM  1

static void set_options(auk_shard *shard, const auk_shard_options *options)
{
    shard->options = *options;
    if (options->buffer_limit_bytes == 0)
        shard->options.buffer_limit_bytes = BUFFER_LIMIT_BYTES;
    if (options->memory_limit_bytes == 0)
        shard->options.memory_limit_bytes = MEMORY_LIMIT_BYTES;
    if (options->journal_limit_bytes == 0)
        shard->options.journal_limit_bytes = JOURNAL_LIMIT_BYTES;
    if (options->tombstone_retention == 0)
        shard->options.tombstone_retention = TOMBSTONE_RETENTION;
    if (options->max_segments_per_tier < 2)
        shard->options.max_segments_per_tier = SEGMENTS_PER_TIER;
    if (options->reorder_from == 0)
        shard->options.reorder_from = AUK_REORDER_FROM;
}

static auk_shard *create(auk_store *store, auk_budget *budget, auk_pool *background,
                         const auk_shard_options *options, const auk_shard_host *host)
{
    auk_shard *shard = calloc(1, sizeof *shard);
    if (shard == NULL)
        abort();
    shard->store = store;
    shard->budget = budget;
    shard->background = background;
    shard->merge_pool = options->merge_pool != NULL ? options->merge_pool : background;
    shard->host = *host;
    shard->primary_term =
        options->first_primary_term > 0 ? options->first_primary_term : FIRST_PRIMARY_TERM;
    shard->id = options->id;
    set_options(shard, options);
    pthread_mutex_init(&shard->merge_lock, NULL);
    pthread_mutex_init(&shard->flush_lock, NULL);
    pthread_mutex_init(&shard->refresh_lock, NULL);
    pthread_mutex_init(&shard->lock, NULL);
    pthread_mutex_init(&shard->inverters_lock, NULL);
    pthread_cond_init(&shard->changed, NULL);
    auk_tombstones_init(&shard->tombstones);
    shard->next_ordinal = 1;
    shard->max_seq_no = -1;
    shard->published_seq_no = -1;
    shard->checkpoint = -1;
    shard->committed_max_seq_no = -1;
    shard->entries = auk_entry_list_change(NULL, NULL, 0, NULL);
    auk_shard_swap_active(shard);
    return shard;
}

auk_code auk_shard_open(auk_store *store, auk_budget *budget, auk_pool *background,
                        const auk_shard_options *options, const auk_shard_host *host,
                        auk_shard **out, auk_error *err)
{
    auk_shard *shard = create(store, budget, background, options, host);
    auk_code code = auk_shard_recover(shard, err);
    if (code != AUK_OK) {
        auk_shard_close(shard);
        return code;
    }
    *out = shard;
    return AUK_OK;
}

void auk_shard_stop(auk_shard *shard)
{
    pthread_mutex_lock(&shard->lock);
    shard->is_closing = true;
    pthread_mutex_unlock(&shard->lock);
}

bool auk_shard_is_closing(auk_shard *shard)
{
    pthread_mutex_lock(&shard->lock);
    bool closing = shard->is_closing;
    pthread_mutex_unlock(&shard->lock);
    return closing;
}

static void await_tasks(auk_shard *shard)
{
    pthread_mutex_lock(&shard->lock);
    shard->is_closing = true;
    while (shard->tasks != 0)
        pthread_cond_wait(&shard->changed, &shard->lock);
    pthread_mutex_unlock(&shard->lock);
}

static void destroy(auk_shard *shard)
{
    auk_shard_discharge(shard, shard->memory_bytes);
    auk_entry_release(shard->active);
    auk_entry_list_release(shard->entries);
    auk_shard_view_release(shard->view);
    auk_tombstones_deinit(&shard->tombstones);
    auk_shard_charge_tombstones(shard);
    for (uint32_t i = 0; i < shard->inverters.count; i++)
        auk_inverter_destroy(shard->inverters.items[i]);
    auk_vector_free(&shard->inverters);
    auk_vector_free(&shard->leases);
    pthread_mutex_destroy(&shard->merge_lock);
    pthread_mutex_destroy(&shard->flush_lock);
    pthread_mutex_destroy(&shard->refresh_lock);
    pthread_mutex_destroy(&shard->lock);
    pthread_mutex_destroy(&shard->inverters_lock);
    pthread_cond_destroy(&shard->changed);
    free(shard);
}

void auk_shard_quiesce(auk_shard *shard)
{
    await_tasks(shard);
}

void auk_shard_resume(auk_shard *shard)
{
    pthread_mutex_lock(&shard->lock);
    shard->is_closing = false;
    pthread_mutex_unlock(&shard->lock);
}

void auk_shard_close(auk_shard *shard)
{
    if (shard == NULL)
        return;
    await_tasks(shard);
    destroy(shard);
}

void auk_shard_set_options(auk_shard *shard, const auk_shard_options *options)
{
    pthread_mutex_lock(&shard->lock);
    set_options(shard, options);
    pthread_mutex_unlock(&shard->lock);
}

/* ---- inverters ---- */

auk_inverter *auk_shard_borrow_inverter(auk_shard *shard)
{
    auk_inverter *inverter = NULL;
    pthread_mutex_lock(&shard->inverters_lock);
    if (shard->inverters.count != 0)
        inverter = shard->inverters.items[--shard->inverters.count];
    pthread_mutex_unlock(&shard->inverters_lock);
    return inverter != NULL ? inverter : auk_inverter_create(shard->budget);
}

void auk_shard_return_inverter(auk_shard *shard, auk_inverter *inverter)
{
    pthread_mutex_lock(&shard->inverters_lock);
    auk_vector_push(&shard->inverters, inverter);
    pthread_mutex_unlock(&shard->inverters_lock);
}

/* ---- what the store has of shards ---- */

static auk_code add_segments(auk_span bytes, auk_buffer *segments, auk_error *err)
{
    auk_manifest manifest = {0};
    auk_code code = auk_manifest_read(bytes, &manifest, err);
    for (uint32_t i = 0; i < manifest.segments.count && code == AUK_OK; i++)
        auk_buffer_append_u64(segments, manifest.segments.items[i].id);
    auk_manifest_deinit(&manifest);
    return code;
}

auk_code auk_shard_named_segments(auk_store *store, auk_buffer *segments, auk_error *err)
{
    auk_span key, value;
    auk_code code = AUK_OK;
    auk_store_cursor *cursor =
        auk_store_scan(store, AUK_FAMILY_COMMIT, (auk_span){0}, (auk_span){0});
    while (code == AUK_OK && auk_store_cursor_next(cursor, &key, &value))
        if (auk_manifest_is_key(key))
            code = add_segments(value, segments, err);
    if (code == AUK_OK)
        code = auk_store_cursor_status(cursor, err);
    auk_store_cursor_close(cursor);
    return code;
}

auk_code auk_shard_erase(auk_store *store, uint32_t id, auk_batch *batch, auk_buffer *segments,
                         auk_error *err)
{
    char key[AUK_MANIFEST_KEY_SIZE], from[4], to[AUK_JOURNAL_KEY_SIZE + 1];
    auk_manifest_key(id, key);
    auk_buffer bytes;
    auk_buffer_init(&bytes, AUK_BUFFER_NO_LIMIT);
    bool found;
    auk_code code = auk_store_get(store, AUK_FAMILY_COMMIT, auk_span_make(key, sizeof key), &bytes,
                                  &found, err);
    if (code == AUK_OK && found)
        code = add_segments(auk_buffer_span(&bytes), segments, err);
    auk_buffer_deinit(&bytes);
    if (code != AUK_OK)
        return code;
    /* No key of a shard is longer than `to`, so all of them sort below it. */
    auk_store_be32(from, id);
    memset(to, 0xff, sizeof to);
    memcpy(to, from, sizeof from);
    auk_batch_delete_range(batch, AUK_FAMILY_COMMIT, auk_span_make(from, sizeof from),
                           auk_span_make(to, sizeof to));
    auk_batch_delete_range(batch, AUK_FAMILY_JOURNAL, auk_span_make(from, sizeof from),
                           auk_span_make(to, sizeof to));
    return AUK_OK;
}

/* ---- stats ---- */

static void count_entries(const auk_shard *shard, auk_shard_stats *out)
{
    for (uint32_t i = 0; i < shard->entries->count; i++) {
        const auk_entry *entry = shard->entries->items[i].entry;
        if (!entry->is_published)
            continue;
        uint32_t live = auk_live_count(entry->published, entry->doc_count);
        out->doc_count += live;
        out->deleted_count += entry->doc_count - live;
        out->segment_count++;
        out->memory_segment_count += !auk_entry_is_file(entry);
        out->segment_bytes += auk_entry_is_file(entry) ? auk_mapped_bytes(entry->mapped) : 0;
    }
}

void auk_shard_read_stats(const auk_shard *constant, auk_shard_stats *out)
{
    auk_shard *shard = (auk_shard *)(uintptr_t)constant;
    *out = (auk_shard_stats){0};
    pthread_mutex_lock(&shard->lock);
    count_entries(shard, out);
    const auk_shard_counters *counters = &shard->counters;
    out->memory_bytes = shard->memory_bytes;
    out->journal_bytes = shard->journal_bytes;
    out->journal_operations = (uint64_t)(shard->max_seq_no - shard->checkpoint);
    out->max_seq_no = shard->max_seq_no;
    out->checkpoint = shard->checkpoint;
    out->index_total = counters->index_total;
    out->delete_total = counters->delete_total;
    out->index_time_us = counters->index_time_us;
    out->index_failed = counters->index_failed;
    out->get_total = counters->get_total;
    out->refresh_total = counters->refresh_total;
    out->refresh_time_us = counters->refresh_time_us;
    out->flush_total = counters->flush_total;
    out->flush_time_us = counters->flush_time_us;
    out->merge_total = counters->merge_total;
    out->merge_time_us = counters->merge_time_us;
    out->merge_docs = counters->merge_docs;
    out->merge_bytes = counters->merge_bytes;
    out->reorder_total = counters->reorder_total;
    out->reorder_time_us = counters->reorder_time_us;
    out->merges_running = shard->merges_running;
    out->flush_failed = shard->flushes.failures_total;
    out->merge_failed = shard->merges.failures_total;
    pthread_mutex_unlock(&shard->lock);
}
