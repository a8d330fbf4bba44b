/* One thread that wakes ten times a second: refreshes that are due, and once a second the shards'
 * own chores. */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "catalog_private.h"

#define TICK_MS            100
#define EXPIRE_EVERY_TICKS 600
#define SYNC_EVERY_TICKS   10 /* async durability promises 5 s; a second is as cheap */

auk_index **auk_catalog_list_indices(auk_catalog *catalog, uint32_t *count)
{
    pthread_mutex_lock(&catalog->root_lock);
    auk_index **list = calloc(catalog->index_count + 1, sizeof(*list));
    if (!list)
        auk_fatal("out of memory");
    *count = catalog->index_count;
    for (uint32_t i = 0; i < *count; i++)
        list[i] = auk_index_acquire(catalog->indices[i]);
    pthread_mutex_unlock(&catalog->root_lock);
    return list;
}

static void tick_shards(auk_index *index)
{
    if (auk_index_enter(index, NULL) != AUK_OK)
        return;
    for (uint32_t i = 0; i < index->shard_count; i++)
        auk_shard_tick(index->shards[i]);
    auk_index_leave(index);
}

/* Also when nobody writes, so that its health tells how things are. */
static void unstick_store(auk_catalog *catalog)
{
    auk_error err = {0};
    if (!auk_store_is_stuck(catalog->store))
        return;
    if (auk_store_reopen(catalog->store, &err) == AUK_OK)
        auk_log(AUK_LOG_INFO, "there is room on the disk again: writes are taken", "%s", "");
    else if (err.code != AUK_FULL)
        auk_log(AUK_LOG_ERROR, "the store could not be opened again", "reason=\"%s\"", err.message);
}

/* The log says once when writes stop for want of space, and when they go on. */
static void watch_space(auk_catalog *catalog)
{
    auk_error err = {0};
    bool is_low = auk_store_check_space(catalog->store, 0, &err) != AUK_OK;
    if (is_low && !catalog->disk_was_low)
        auk_log(AUK_LOG_WARN, "the disk is nearly full", "reason=\"%s\"", err.message);
    if (!is_low && catalog->disk_was_low)
        auk_log(AUK_LOG_INFO, "there is room on the disk again: writes are taken", "%s", "");
    catalog->disk_was_low = is_low;
}

static void tick(auk_catalog *catalog, uint64_t number)
{
    uint32_t count;
    auk_index **list = auk_catalog_list_indices(catalog, &count);
    uint64_t now_us = auk_clock_monotonic_us();
    for (uint32_t i = 0; i < count; i++) {
        auk_index_refresh_when_due(list[i], now_us);
        if (number % 10 == 0)
            tick_shards(list[i]);
    }
    auk_budget_set(catalog->budget, AUK_PURPOSE_STORE, auk_store_memory_bytes(catalog->store));
    if (number % 3 == 0)
        auk_pressure_relieve(catalog, list, count);
    for (uint32_t i = 0; i < count; i++)
        auk_index_release(list[i]);
    free(list);
    if (number % EXPIRE_EVERY_TICKS == 0)
        auk_jobs_expire(catalog->jobs);
    if (number % SYNC_EVERY_TICKS == 0) {
        auk_error err = {0};
        unstick_store(catalog);
        watch_space(catalog);
        if (auk_store_sync(catalog->store, &err) != AUK_OK && err.code != AUK_FULL)
            auk_log(AUK_LOG_ERROR, "the log could not be synced", "reason=\"%s\"", err.message);
    }
}

static bool wait_a_tick(auk_catalog *catalog)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += TICK_MS * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    pthread_mutex_lock(&catalog->timer_lock);
    while (!catalog->stopping &&
           pthread_cond_timedwait(&catalog->timer_wake, &catalog->timer_lock, &until) != ETIMEDOUT)
        ;
    bool go_on = !catalog->stopping;
    pthread_mutex_unlock(&catalog->timer_lock);
    return go_on;
}

static void *run(void *context)
{
    auk_catalog *catalog = context;
    pthread_setname_np(pthread_self(), "auk-timer");
    for (uint64_t number = 1; wait_a_tick(catalog); number++)
        tick(catalog, number);
    return NULL;
}

auk_code auk_timer_start(auk_catalog *catalog, auk_error *err)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&catalog->timer_lock, NULL);
    pthread_cond_init(&catalog->timer_wake, &attributes);
    pthread_condattr_destroy(&attributes);
    if (pthread_create(&catalog->timer, NULL, run, catalog) != 0)
        return auk_fail(err, AUK_IO, "cannot start the timer thread");
    catalog->timer_running = true;
    return AUK_OK;
}

void auk_timer_stop(auk_catalog *catalog)
{
    if (!catalog->timer_running)
        return;
    pthread_mutex_lock(&catalog->timer_lock);
    catalog->stopping = true;
    pthread_cond_broadcast(&catalog->timer_wake);
    pthread_mutex_unlock(&catalog->timer_lock);
    pthread_join(catalog->timer, NULL);
    pthread_mutex_destroy(&catalog->timer_lock);
    pthread_cond_destroy(&catalog->timer_wake);
    catalog->timer_running = false;
}
