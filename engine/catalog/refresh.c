/*
 * A refresh makes what was applied before its start visible. Those who wait for one
 * (refresh=wait_for) note how many had started when they came and sleep until a later one is done;
 * the timer hurries when somebody waits.
 */
#include "catalog_private.h"

auk_code auk_index_refresh(auk_index *index, auk_error *err)
{
    auk_code code = auk_index_enter(index, err);
    if (code != AUK_OK)
        return code;
    pthread_mutex_lock(&index->refresh_lock);
    uint64_t number = ++index->refreshes_started;
    atomic_store(&index->refresh_wanted, false); /* who comes from now on wants the next one */
    pthread_mutex_unlock(&index->refresh_lock);
    for (uint32_t i = 0; i < index->shard_count && code == AUK_OK; i++) {
        bool changed;
        code = auk_shard_refresh(index->shards[i], &changed, err);
    }
    atomic_store(&index->last_refresh_us, auk_clock_monotonic_us());
    auk_index_leave(index);
    pthread_mutex_lock(&index->refresh_lock);
    if (index->refreshes_done < number)
        index->refreshes_done = number;
    pthread_cond_broadcast(&index->refreshed);
    pthread_mutex_unlock(&index->refresh_lock);
    return code;
}

/* What the index's settings say about refreshing. */
typedef struct rhythm {
    uint64_t interval_us;   /* UINT64_MAX: never by the timer */
    uint64_t idle_after_us; /* without a search; UINT64_MAX: the user chose an interval */
} rhythm;

static rhythm rhythm_of(auk_index *index)
{
    bool chosen;
    rhythm r;
    pthread_mutex_lock(&index->catalog->root_lock);
    const auk_settings *settings = index->definition->settings;
    r.interval_us = auk_index_settings_refresh_us(settings, &chosen);
    r.idle_after_us = chosen ? UINT64_MAX : auk_index_settings_idle_us(settings);
    pthread_mutex_unlock(&index->catalog->root_lock);
    return r;
}

auk_code auk_index_refresh_ticket(auk_index *index, uint64_t *ticket, auk_error *err)
{
    *ticket = 0;
    if (rhythm_of(index).interval_us == UINT64_MAX)
        return auk_index_refresh(index, err);
    pthread_mutex_lock(&index->refresh_lock);
    *ticket = index->refreshes_started + 1;
    atomic_store(&index->refresh_wanted, true);
    pthread_mutex_unlock(&index->refresh_lock);
    return AUK_OK;
}

bool auk_index_refresh_reached(auk_index *index, uint64_t ticket)
{
    pthread_mutex_lock(&index->refresh_lock);
    bool reached = index->refreshes_done >= ticket || index->deleted;
    pthread_mutex_unlock(&index->refresh_lock);
    return reached;
}

auk_code auk_index_refresh_wait(auk_index *index, auk_error *err)
{
    uint64_t ticket;
    auk_code code = auk_index_refresh_ticket(index, &ticket, err);
    if (code != AUK_OK)
        return code;
    pthread_mutex_lock(&index->refresh_lock);
    while (index->refreshes_done < ticket && !index->deleted)
        pthread_cond_wait(&index->refreshed, &index->refresh_lock);
    pthread_mutex_unlock(&index->refresh_lock);
    return AUK_OK;
}

/* As in Elasticsearch: without an interval of the user's, an index that nobody searches is left
 * alone. */
static bool is_idle(const auk_index *index, const rhythm *r, uint64_t now_us)
{
    uint64_t last = atomic_load(&index->last_search_us);
    return r->idle_after_us != UINT64_MAX && (last == 0 || now_us - last > r->idle_after_us);
}

static bool any_shard_needs_refresh(auk_index *index)
{
    bool needed = false;
    if (auk_index_enter(index, NULL) != AUK_OK)
        return false;
    for (uint32_t i = 0; i < index->shard_count && !needed; i++)
        needed = auk_shard_needs_refresh(index->shards[i]);
    auk_index_leave(index);
    return needed;
}

static void refresh_task(void *context)
{
    auk_index *index = context;
    auk_error err = {0};
    atomic_store(&index->refresh_queued, false);
    auk_code code = auk_index_refresh(index, &err);
    if (code != AUK_OK && code != AUK_NOT_FOUND)
        auk_log(AUK_LOG_WARN, "refresh failed", "reason=\"%s\"", err.message);
    auk_index_release(index);
}

void auk_index_refresh_when_due(auk_index *index, uint64_t now_us)
{
    rhythm r = rhythm_of(index);
    uint64_t interval_us = r.interval_us;
    bool wanted = atomic_load(&index->refresh_wanted);
    if (interval_us == UINT64_MAX && wanted)
        interval_us = 0; /* it was switched off while somebody waited */
    if (interval_us == UINT64_MAX || now_us - atomic_load(&index->last_refresh_us) < interval_us)
        return;
    if (!wanted && (is_idle(index, &r, now_us) || !any_shard_needs_refresh(index)))
        return;
    if (atomic_exchange(&index->refresh_queued, true))
        return;
    auk_index_acquire(index);
    if (!auk_tasks_submit(index->catalog, refresh_task, index)) {
        atomic_store(&index->refresh_queued, false);
        auk_index_release(index);
    }
}

bool auk_index_wake(auk_index *index)
{
    uint64_t now_us = auk_clock_monotonic_us();
    rhythm r = rhythm_of(index);
    bool idle = is_idle(index, &r, now_us);
    atomic_store(&index->last_search_us, now_us);
    if (!idle || r.interval_us == UINT64_MAX || !any_shard_needs_refresh(index))
        return false;
    return auk_index_refresh(index, NULL) == AUK_OK;
}

void auk_index_note_search(auk_index *index, uint64_t took_us)
{
    atomic_fetch_add(&index->search_total, 1);
    atomic_fetch_add(&index->search_time_us, took_us);
}

void auk_index_read_search_stats(const auk_index *index, uint64_t *count, uint64_t *time_us)
{
    *count = atomic_load(&index->search_total);
    *time_us = atomic_load(&index->search_time_us);
}
