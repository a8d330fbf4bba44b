/*
 * Shards flush by limits of their own; many shards that each stay below theirs can still fill the
 * node's memory or its journal together. So the timer adds them up, and while the sum is past half
 * of what the node may hold, the shard that frees most is flushed, one at a time.
 */
#include <stdlib.h>

#include "catalog_private.h"

#define DEFAULT_LIMIT_BYTES ((uint64_t)64 << 20)

typedef struct auk_pressure_task {
    auk_index *index; /* acquired */
    uint32_t shard;
} auk_pressure_task;

typedef struct measured {
    uint64_t sum_bytes, most_bytes;
    auk_index *index; /* of the greatest; borrowed */
    uint32_t shard;
} measured;

/* A flush that has just failed is not asked for again at once. */
static bool is_put_off(auk_index *index, uint32_t shard)
{
    auk_shard_health health;
    auk_index_read_health(index, shard, &health);
    return health.flush.failures > 0 && health.flush.retry_in_ms > 0;
}

static void note(measured *m, uint64_t bytes, auk_index *index, uint32_t shard)
{
    m->sum_bytes += bytes;
    if (bytes <= m->most_bytes || is_put_off(index, shard))
        return;
    m->most_bytes = bytes;
    m->index = index;
    m->shard = shard;
}

static uint64_t limit_of(const auk_catalog *catalog, auk_purpose purpose)
{
    return catalog->budget ? auk_budget_limit(catalog->budget, purpose) / 2 : DEFAULT_LIMIT_BYTES;
}

static void flush_task(void *context)
{
    auk_pressure_task *task = context;
    auk_error err = {0};
    atomic_store(&task->index->catalog->pressure_queued, false);
    auk_code code = auk_index_enter(task->index, &err);
    if (code == AUK_OK) {
        code = auk_shard_flush(task->index->shards[task->shard], &err);
        auk_index_leave(task->index);
    }
    if (code != AUK_OK && code != AUK_NOT_FOUND)
        auk_log(AUK_LOG_WARN, "flush to free memory failed", "reason=\"%s\"", err.message);
    auk_index_release(task->index);
    free(task);
}

static void submit(auk_catalog *catalog, const measured *greatest)
{
    if (atomic_exchange(&catalog->pressure_queued, true))
        return;
    auk_pressure_task *task = malloc(sizeof *task);
    if (!task)
        auk_fatal("out of memory");
    *task = (auk_pressure_task){auk_index_acquire(greatest->index), greatest->shard};
    if (auk_tasks_submit(catalog, flush_task, task))
        return;
    atomic_store(&catalog->pressure_queued, false);
    auk_index_release(task->index);
    free(task);
}

void auk_pressure_relieve(auk_catalog *catalog, auk_index *const *indices, uint32_t count)
{
    measured memory = {0}, journal = {0};
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < indices[i]->shard_count; k++) {
            auk_shard_stats stats;
            auk_index_read_stats(indices[i], k, &stats);
            note(&memory, stats.memory_bytes, indices[i], k);
            note(&journal, stats.journal_bytes, indices[i], k);
        }
    }
    if (memory.sum_bytes > limit_of(catalog, AUK_PURPOSE_INDEXING) && memory.index)
        submit(catalog, &memory);
    else if (journal.sum_bytes > limit_of(catalog, AUK_PURPOSE_STORE) && journal.index)
        submit(catalog, &journal);
}
