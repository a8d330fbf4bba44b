/*
 * pool.h - a bounded number of threads behind a bounded queue.
 *
 *   Lifetime  _create .. _destroy; _destroy runs what is queued, then joins.
 *   Threads   any thread may submit.
 *   Memory    the queue is allocated once.
 *   Errors    AUK_BUSY when the queue is full: the caller answers 429.
 */
#ifndef AUK_POOL_H
#define AUK_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "auk/error.h"

typedef struct auk_pool auk_pool;

typedef void (*auk_task)(void *context);

/* name: shown in thread names and metrics, static, at most 12 bytes */
auk_pool *auk_pool_create(const char *name, unsigned threads, size_t queue_limit);
/* The same for work that nobody waits for: its threads get what others leave of the cores. */
auk_pool *auk_pool_create_low(const char *name, unsigned threads, size_t queue_limit);
void auk_pool_destroy(auk_pool *pool);

AUK_MUST_CHECK auk_code auk_pool_submit(auk_pool *pool, auk_task task, void *context,
                                        auk_error *err);

/*
 * Runs body(context, i) for each i below count, on this thread and on idle threads of the pool, and
 * returns when all are done. May be called from a thread of the same pool. pool NULL: this thread.
 */
void auk_pool_for(auk_pool *pool, size_t count, void (*body)(void *context, size_t index),
                  void *context);

/* Threads that a loop begun now would find; gone the next moment. */
unsigned auk_pool_idle(auk_pool *pool);

typedef struct auk_pool_stats {
    unsigned threads;
    unsigned active;
    size_t queued;
    size_t queue_limit;
    uint64_t completed;
    uint64_t rejected;
} auk_pool_stats;

void auk_pool_read_stats(auk_pool *pool, auk_pool_stats *out);

#endif
