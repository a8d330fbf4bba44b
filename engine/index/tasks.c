#include "shard_state.h"

#include <stdio.h>

#include "auk/clock.h"
#include "auk/log.h"

#define JOURNAL_BYTES_MOST                                                                         \
    ((uint64_t)128 << 20) /* bounds the time that a start spends on inverting it again */
#define IDLE_FLUSH_US ((uint64_t)30 * 1000 * 1000)
#define SECOND_US     ((uint64_t)1000 * 1000)
#define FRUGAL_MEMORY ((size_t)6 << 20)
#define FRUGAL_BUFFER ((size_t)2 << 20)
#define RETRY_MOST_S  60
#define RETRY_FULL_S  5 /* somebody is freeing space just now */

typedef struct pool_task {
    auk_shard *shard;
    void (*run)(auk_shard *shard);
} pool_task;

static void end_task(auk_shard *shard)
{
    pthread_mutex_lock(&shard->lock);
    shard->tasks--;
    pthread_cond_broadcast(&shard->changed);
    pthread_mutex_unlock(&shard->lock);
}

static void run_task(void *context)
{
    pool_task task = *(pool_task *)context;
    free(context);
    task.run(task.shard);
    end_task(task.shard);
}

bool auk_shard_submit(auk_shard *shard, void (*run)(auk_shard *shard))
{
    return auk_shard_submit_to(shard, shard->background, run);
}

bool auk_shard_submit_to(auk_shard *shard, auk_pool *pool, void (*run)(auk_shard *shard))
{
    if (pool == NULL)
        return false;
    pool_task *task = malloc(sizeof *task);
    if (task == NULL)
        abort();
    *task = (pool_task){shard, run};
    pthread_mutex_lock(&shard->lock);
    bool closing = shard->is_closing;
    shard->tasks += !closing;
    pthread_mutex_unlock(&shard->lock);
    if (!closing && auk_pool_submit(pool, run_task, task, NULL) == AUK_OK)
        return true;
    free(task);
    if (!closing)
        end_task(shard);
    return false;
}

void auk_shard_note_work(auk_shard *shard, auk_work *work, auk_code code, const auk_error *err)
{
    pthread_mutex_lock(&shard->lock);
    if (code == AUK_OK) {
        work->failures = 0;
        work->next_us = 0;
    } else {
        uint64_t most = code == AUK_FULL ? RETRY_FULL_S : RETRY_MOST_S;
        uint64_t wait = work->failures < 6 ? (uint64_t)1 << work->failures : most;
        work->failures++;
        work->failures_total++;
        work->next_us = auk_clock_monotonic_us() + (wait < most ? wait : most) * SECOND_US;
        work->code = code;
        snprintf(work->reason, sizeof work->reason, "%.255s", err->message);
    }
    pthread_mutex_unlock(&shard->lock);
}

static void read_work(const auk_work *work, auk_work_health *out)
{
    uint64_t now_us = auk_clock_monotonic_us();
    *out = (auk_work_health){.failures = work->failures, .failures_total = work->failures_total};
    if (work->failures == 0)
        return;
    out->retry_in_ms = work->next_us > now_us ? (work->next_us - now_us) / 1000 : 0;
    out->code = work->code;
    memcpy(out->reason, work->reason, sizeof out->reason);
}

void auk_shard_read_health(auk_shard *shard, auk_shard_health *out)
{
    pthread_mutex_lock(&shard->lock);
    out->is_blocked = shard->is_blocked;
    read_work(&shard->flushes, &out->flush);
    read_work(&shard->merges, &out->merge);
    pthread_mutex_unlock(&shard->lock);
}

static void flush_task(auk_shard *shard)
{
    pthread_mutex_lock(&shard->lock);
    shard->flush_queued = false;
    shard->flush_running = true;
    pthread_mutex_unlock(&shard->lock);
    auk_error err = {0};
    if (auk_shard_flush(shard, &err) != AUK_OK)
        auk_log(AUK_LOG_ERROR, "flush failed", "shard=%u reason=\"%s\"", shard->id, err.message);
    pthread_mutex_lock(&shard->lock);
    shard->flush_running = false;
    pthread_cond_broadcast(&shard->changed);
    pthread_mutex_unlock(&shard->lock);
}

static void merge_task(auk_shard *shard)
{
    pthread_mutex_lock(&shard->lock);
    shard->merge_queued = false;
    pthread_mutex_unlock(&shard->lock);
    auk_error err = {0};
    auk_code code = auk_shard_merge_due(shard, &err);
    if (code != AUK_OK && code != AUK_BUSY) /* it closes */
        auk_log(AUK_LOG_ERROR, "merge failed", "shard=%u reason=\"%s\"", shard->id, err.message);
}

/* Queues a task once, unless it has just failed; the flag goes back when the pool does not take
 * it. */
static void request(auk_shard *shard, auk_pool *pool, bool *queued, const auk_work *work,
                    void (*task)(auk_shard *shard))
{
    pthread_mutex_lock(&shard->lock);
    bool already =
        *queued || pool == NULL || (work->failures > 0 && auk_clock_monotonic_us() < work->next_us);
    if (!already)
        *queued = true;
    pthread_mutex_unlock(&shard->lock);
    if (already || auk_shard_submit_to(shard, pool, task))
        return;
    pthread_mutex_lock(&shard->lock);
    *queued = false;
    pthread_mutex_unlock(&shard->lock);
}

void auk_shard_request_flush(auk_shard *shard)
{
    request(shard, shard->background, &shard->flush_queued, &shard->flushes, flush_task);
}

void auk_shard_request_merge(auk_shard *shard)
{
    request(shard, shard->merge_pool, &shard->merge_queued, &shard->merges, merge_task);
}

static size_t frugal(const auk_shard *shard, size_t limit, size_t small)
{
    return shard->is_frugal && limit > small ? small : limit;
}

size_t auk_shard_memory_limit(const auk_shard *shard)
{
    return frugal(shard, shard->options.memory_limit_bytes, FRUGAL_MEMORY);
}

size_t auk_shard_buffer_limit(const auk_shard *shard)
{
    return frugal(shard, shard->options.buffer_limit_bytes, FRUGAL_BUFFER);
}

void auk_shard_be_frugal(auk_shard *shard, bool on)
{
    pthread_mutex_lock(&shard->lock);
    shard->is_frugal = on;
    pthread_mutex_unlock(&shard->lock);
}

/* Under lock. The limit of the journal bounds the time that a start spends on inverting it again.
 */
bool auk_shard_is_over_limits(const auk_shard *shard)
{
    return shard->memory_bytes > auk_shard_memory_limit(shard) ||
           shard->journal_bytes > shard->options.journal_limit_bytes;
}

static bool is_flush_due(const auk_shard *shard)
{
    if (auk_shard_is_over_limits(shard) || shard->is_blocked || shard->flushes.failures > 0)
        return true;
    bool idle = auk_clock_monotonic_us() - shard->last_write_us > IDLE_FLUSH_US;
    return idle && shard->max_seq_no > shard->checkpoint;
}

void auk_shard_tick(auk_shard *shard)
{
    pthread_mutex_lock(&shard->lock);
    bool due = is_flush_due(shard);
    pthread_mutex_unlock(&shard->lock);
    if (due)
        auk_shard_request_flush(shard);
    auk_shard_request_merge(shard);
}
