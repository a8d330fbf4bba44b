/*
 * Two kinds of work: tasks in a ring, and loops (auk_pool_for) that threads without a task may
 * join. A loop never waits for a thread to come: its caller runs it to the end by itself if nobody
 * joins, and waits only for those that joined and are inside the body. So a loop inside a task, or
 * inside the body of another loop, cannot deadlock.
 */
#include "auk/pool.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "auk/log.h"

#define NICENESS 5 /* beside busy threads a third of what each of them gets: no standstill */

typedef struct queued_task {
    auk_task run;
    void *context;
} queued_task;

/* Lives on the stack of the thread that called auk_pool_for. */
typedef struct loop {
    struct loop *next; /* in pool->loops while helpers may join */
    void (*body)(void *context, size_t index);
    void *context;
    size_t count;
    atomic_size_t at;
    unsigned helpers; /* inside run_loop, under the pool's lock */
} loop;

struct auk_pool {
    const char *name;
    pthread_mutex_t lock; /* guards all that follows but waiting */
    pthread_cond_t work;  /* a task, a loop or the end */
    pthread_cond_t left;  /* the last helper left some loop */
    queued_task *ring;
    size_t queue_limit;
    size_t first;
    size_t queued;
    atomic_size_t waiting; /* queued, for helpers to look at without the lock */
    loop *loops;
    unsigned active;
    uint64_t completed;
    uint64_t rejected;
    bool stopping;
    bool is_low;
    unsigned thread_count;
    pthread_t threads[];
};

/* Runs indexes until none is left; a helper also stops when a task waits for its thread. */
static void run_loop(auk_pool *pool, loop *l, bool is_helper)
{
    for (;;) {
        if (is_helper && atomic_load_explicit(&pool->waiting, memory_order_relaxed) > 0)
            return;
        size_t index = atomic_fetch_add_explicit(&l->at, 1, memory_order_relaxed);
        if (index >= l->count)
            return;
        l->body(l->context, index);
    }
}

/* A loop with indexes left, or NULL. Under the lock. */
static loop *open_loop(auk_pool *pool)
{
    loop *l = pool->loops;
    while (l != NULL && atomic_load_explicit(&l->at, memory_order_relaxed) >= l->count)
        l = l->next;
    return l;
}

/* Under the lock. Until the last task has ended it may ask for help, also while the pool stops. */
static void end_work(auk_pool *pool)
{
    if (--pool->active == 0 && pool->stopping)
        pthread_cond_broadcast(&pool->work);
}

/* Under the lock, which is released around the task. */
static void run_task(auk_pool *pool)
{
    queued_task task = pool->ring[pool->first];
    pool->first = (pool->first + 1) % pool->queue_limit;
    pool->queued--;
    atomic_store_explicit(&pool->waiting, pool->queued, memory_order_relaxed);
    pool->active++;
    pthread_mutex_unlock(&pool->lock);
    task.run(task.context);
    pthread_mutex_lock(&pool->lock);
    end_work(pool);
    pool->completed++;
}

/* Under the lock, which is released around the body. */
static void help(auk_pool *pool, loop *l)
{
    l->helpers++;
    pool->active++;
    pthread_mutex_unlock(&pool->lock);
    run_loop(pool, l, true);
    pthread_mutex_lock(&pool->lock);
    end_work(pool);
    if (--l->helpers == 0)
        pthread_cond_broadcast(&pool->left);
}

/* For good: a thread may not raise its own priority again. */
static void stand_back(void)
{
    (void)pthread_setschedparam(pthread_self(), SCHED_BATCH, &(struct sched_param){0});
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICENESS);
}

static void *work(void *argument)
{
    auk_pool *pool = argument;
    if (pool->is_low)
        stand_back();
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        loop *l = NULL;
        while (pool->queued == 0 && (l = open_loop(pool)) == NULL &&
               !(pool->stopping && pool->active == 0))
            pthread_cond_wait(&pool->work, &pool->lock);
        if (pool->queued > 0)
            run_task(pool);
        else if (l != NULL)
            help(pool, l);
        else
            break;
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static void start_thread(auk_pool *pool, unsigned index)
{
    if (pthread_create(&pool->threads[index], NULL, work, pool) != 0)
        auk_fatal("cannot start thread %u of the pool [%s]", index, pool->name);
    char name[16];
    (void)snprintf(name, sizeof name, "%.12s-%u", pool->name, index % 100);
    (void)pthread_setname_np(pool->threads[index], name);
}

static auk_pool *create(const char *name, unsigned threads, size_t queue_limit, bool is_low)
{
    if (threads == 0)
        threads = 1;
    if (queue_limit == 0)
        queue_limit = 1;
    auk_pool *pool = calloc(1, sizeof *pool + threads * sizeof pool->threads[0]);
    if (pool == NULL)
        abort();
    pool->ring = calloc(queue_limit, sizeof *pool->ring);
    if (pool->ring == NULL)
        abort();
    pool->name = name;
    pool->queue_limit = queue_limit;
    pool->thread_count = threads;
    pool->is_low = is_low;
    atomic_init(&pool->waiting, 0);
    (void)pthread_mutex_init(&pool->lock, NULL);
    (void)pthread_cond_init(&pool->work, NULL);
    (void)pthread_cond_init(&pool->left, NULL);
    /* Signals belong to the threads that wait for them. */
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    for (unsigned i = 0; i < threads; i++)
        start_thread(pool, i);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return pool;
}

auk_pool *auk_pool_create(const char *name, unsigned threads, size_t queue_limit)
{
    return create(name, threads, queue_limit, false);
}

auk_pool *auk_pool_create_low(const char *name, unsigned threads, size_t queue_limit)
{
    return create(name, threads, queue_limit, true);
}

void auk_pool_destroy(auk_pool *pool)
{
    if (pool == NULL)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->stopping = true;
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->thread_count; i++)
        (void)pthread_join(pool->threads[i], NULL);
    (void)pthread_cond_destroy(&pool->left);
    (void)pthread_cond_destroy(&pool->work);
    (void)pthread_mutex_destroy(&pool->lock);
    free(pool->ring);
    free(pool);
}

auk_code auk_pool_submit(auk_pool *pool, auk_task task, void *context, auk_error *err)
{
    pthread_mutex_lock(&pool->lock);
    bool full = pool->queued == pool->queue_limit;
    if (full) {
        pool->rejected++;
    } else {
        size_t slot = (pool->first + pool->queued) % pool->queue_limit;
        pool->ring[slot] = (queued_task){.run = task, .context = context};
        pool->queued++;
        atomic_store_explicit(&pool->waiting, pool->queued, memory_order_relaxed);
        pthread_cond_signal(&pool->work);
    }
    pthread_mutex_unlock(&pool->lock);
    if (full)
        return auk_fail(err, AUK_BUSY,
                        "rejected execution: the queue of pool [%s] is full, queue capacity [%zu]",
                        pool->name, pool->queue_limit);
    return AUK_OK;
}

static void offer_loop(auk_pool *pool, loop *l)
{
    pthread_mutex_lock(&pool->lock);
    l->next = pool->loops;
    pool->loops = l;
    unsigned idle = pool->thread_count - pool->active;
    for (size_t i = 1; i < l->count && idle > 0; i++, idle--)
        pthread_cond_signal(&pool->work);
    pthread_mutex_unlock(&pool->lock);
}

static void withdraw_loop(auk_pool *pool, loop *l)
{
    pthread_mutex_lock(&pool->lock);
    loop **link = &pool->loops;
    while (*link != l)
        link = &(*link)->next;
    *link = l->next;
    while (l->helpers > 0)
        pthread_cond_wait(&pool->left, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
}

void auk_pool_for(auk_pool *pool, size_t count, void (*body)(void *context, size_t index),
                  void *context)
{
    if (pool == NULL || count < 2) {
        for (size_t i = 0; i < count; i++)
            body(context, i);
        return;
    }
    loop l = {.body = body, .context = context, .count = count};
    atomic_init(&l.at, 0);
    offer_loop(pool, &l);
    run_loop(pool, &l, false);
    withdraw_loop(pool, &l);
}

unsigned auk_pool_idle(auk_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    size_t taken = pool->active + pool->queued;
    pthread_mutex_unlock(&pool->lock);
    return taken < pool->thread_count ? pool->thread_count - (unsigned)taken : 0;
}

void auk_pool_read_stats(auk_pool *pool, auk_pool_stats *out)
{
    pthread_mutex_lock(&pool->lock);
    *out = (auk_pool_stats){
        .threads = pool->thread_count,
        .active = pool->active,
        .queued = pool->queued,
        .queue_limit = pool->queue_limit,
        .completed = pool->completed,
        .rejected = pool->rejected,
    };
    pthread_mutex_unlock(&pool->lock);
}
