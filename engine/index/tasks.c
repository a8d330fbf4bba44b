#include "shard_state.h"

#include "auk/clock.h"
#include "auk/log.h"

#define JOURNAL_BYTES_MOST                                                                         \
    ((uint64_t)128 << 20) /* bounds the time that a start spends on inverting it again */
#define IDLE_FLUSH_US ((uint64_t)30 * 1000 * 1000)

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
    if (shard->background == NULL)
        return false;
    pool_task *task = malloc(sizeof *task);
    if (task == NULL)
        abort();
    *task = (pool_task){shard, run};
    pthread_mutex_lock(&shard->lock);
    bool closing = shard->is_closing;
    shard->tasks += !closing;
    pthread_mutex_unlock(&shard->lock);
    if (!closing && auk_pool_submit(shard->background, run_task, task, NULL) == AUK_OK)
        return true;
    free(task);
    if (!closing)
        end_task(shard);
    return false;
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

/* Queues a task once; the flag goes back when the pool does not take it. */
static void request(auk_shard *shard, bool *queued, void (*task)(auk_shard *shard))
{
    pthread_mutex_lock(&shard->lock);
    bool already = *queued || shard->background == NULL;
    if (!already)
        *queued = true;
    pthread_mutex_unlock(&shard->lock);
    if (already || auk_shard_submit(shard, task))
        return;
    pthread_mutex_lock(&shard->lock);
    *queued = false;
    pthread_mutex_unlock(&shard->lock);
}

void auk_shard_request_flush(auk_shard *shard)
{
    request(shard, &shard->flush_queued, flush_task);
}

void auk_shard_request_merge(auk_shard *shard)
{
    request(shard, &shard->merge_queued, merge_task);
}

/* Under lock. The limit of the journal bounds the time that a start spends on inverting it again.
 */
bool auk_shard_is_over_limits(const auk_shard *shard)
{
    return shard->memory_bytes > shard->options.memory_limit_bytes ||
           shard->journal_bytes > shard->options.journal_limit_bytes;
}

static bool is_flush_due(const auk_shard *shard)
{
    if (auk_shard_is_over_limits(shard))
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
