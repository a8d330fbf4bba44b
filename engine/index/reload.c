#include "shard_state.h"

#include "auk/log.h"

/*
 * A journal write that finds the disk full leaves operations in memory that nobody may rely on, and
 * a store that takes no writes until it is opened anew. What is acknowledged is what the store has,
 * so the shard goes back to that: the manifest's files with their committed deletions, and the
 * journal replayed. It does so twice, at the failure and after the store is open again, because the
 * failed write may come back with the log: also the manifest of a commit that failed, whose journal
 * is gone then.
 */

/* Under lock: nobody applies, nothing is on its way, every buffer is built. */
static auk_entry_list *discard(auk_shard *shard)
{
    for (uint32_t i = 0; i < shard->entries->count; i++)
        auk_shard_discharge(shard, shard->entries->items[i].entry->memory_bytes);
    auk_entry_list *old = shard->entries;
    shard->entries = auk_entry_list_change(NULL, NULL, 0, NULL);
    shard->entries->generation = old->generation + 1;
    auk_tombstones_deinit(&shard->tombstones);
    auk_tombstones_init(&shard->tombstones);
    shard->max_seq_no = -1;
    shard->checkpoint = -1;
    shard->committed_max_seq_no = -1;
    shard->journal_from = 0;
    shard->journal_bytes = 0;
    shard->reload_count++;
    shard->is_reloading = true;
    shard->is_dirty =
        true; /* also when the journal has nothing: the view shows more than there is */
    return old;
}

static auk_code reload(auk_shard *shard, auk_error *err)
{
    bool changed;
    pthread_mutex_lock(&shard->lock);
    auk_shard_await_journal(shard, INT64_MAX);
    auk_shard_swap_active(shard);
    pthread_mutex_unlock(&shard->lock);
    auk_shard_build_until(shard, UINT64_MAX);
    pthread_mutex_lock(&shard->lock);
    auk_entry_list *old = discard(shard);
    auk_code code = auk_shard_load_manifest(shard, err);
    pthread_mutex_unlock(&shard->lock);
    auk_entry_list_release(old);
    if (code == AUK_OK)
        code = auk_shard_replay_journal(shard, err);
    pthread_mutex_lock(&shard->lock);
    bool waits = shard->options.shows_when_told;
    shard->is_reloading = false;
    pthread_cond_broadcast(&shard->changed);
    pthread_mutex_unlock(&shard->lock);
    if (code != AUK_OK)
        return code;
    if (waits && shard->host.hold)
        shard->host.hold(shard->host.context);
    auk_shard_show_held(shard, &changed);
    return AUK_OK;
}

/* The shard cannot go on without its acknowledged operations. */
static void must_reload(auk_shard *shard)
{
    auk_error err = {0};
    if (reload(shard, &err) != AUK_OK)
        auk_fatal("shard %u after a full disk: %s", shard->id, err.message);
}

static void lock_maintenance(auk_shard *shard)
{
    pthread_mutex_lock(&shard->flush_lock);
    pthread_mutex_lock(&shard->refresh_lock);
}

static void unlock_maintenance(auk_shard *shard)
{
    pthread_mutex_unlock(&shard->refresh_lock);
    pthread_mutex_unlock(&shard->flush_lock);
}

static bool is_blocked(auk_shard *shard)
{
    pthread_mutex_lock(&shard->lock);
    bool blocked = shard->is_blocked;
    pthread_mutex_unlock(&shard->lock);
    return blocked;
}

void auk_shard_note_full(auk_shard *shard, const auk_error *failure)
{
    if (failure->code != AUK_FULL)
        return;
    pthread_mutex_lock(&shard->lock);
    shard->is_blocked = true;
    pthread_mutex_unlock(&shard->lock);
}

void auk_shard_block(auk_shard *shard)
{
    lock_maintenance(shard);
    if (is_blocked(shard))
        must_reload(shard);
    unlock_maintenance(shard);
}

auk_code auk_shard_unblock(auk_shard *shard, auk_error *err)
{
    if (!is_blocked(shard))
        return AUK_OK;
    auk_code code = AUK_OK;
    lock_maintenance(shard);
    if (is_blocked(shard)) {
        code = auk_store_reopen(shard->store, err);
        if (code == AUK_OK) {
            must_reload(shard);
            code = auk_shard_raise_term(shard, err);
        }
        if (code == AUK_OK) {
            pthread_mutex_lock(&shard->lock);
            shard->is_blocked = false;
            pthread_mutex_unlock(&shard->lock);
        }
    }
    unlock_maintenance(shard);
    return code;
}
