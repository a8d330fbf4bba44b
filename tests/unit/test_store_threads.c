/*
 * Searches read mapped segments while others are ingested, committed and dropped, small synced
 * batches are written, and checkpoints are made: for about two seconds.
 */
#include "store_support.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "auk/clock.h"

#define SLOTS      6
#define READERS    2
#define WRITERS    2
#define VALUES     9
#define RUN_US     2000000u
#define CHECKPOINT 8 /* one a so many commits */

typedef struct slot {
    auk_mapped *mapped; /* NULL: none yet */
    uint64_t seed;
} slot;

typedef struct world {
    auk_store *store;
    const char *directory;
    pthread_mutex_t mutex; /* of slots */
    slot slots[SLOTS];
    uint64_t deadline_us;
    atomic_uint_fast64_t reads;
    atomic_uint_fast64_t wrong;
    atomic_uint_fast64_t writes;
    atomic_uint_fast64_t failures;
} world;

static bool is_over(const world *w)
{
    return auk_clock_monotonic_us() >= w->deadline_us;
}

static void *read_segments(void *argument)
{
    world *w = argument;
    for (uint32_t at = 0; !is_over(w); at++) {
        pthread_mutex_lock(&w->mutex);
        slot taken = w->slots[at % SLOTS];
        if (taken.mapped != NULL)
            auk_mapped_acquire(taken.mapped);
        pthread_mutex_unlock(&w->mutex);
        if (taken.mapped == NULL)
            continue;
        if (!support_segment_is(taken.mapped, VALUES, taken.seed))
            atomic_fetch_add(&w->wrong, 1);
        auk_mapped_release(taken.mapped);
        atomic_fetch_add(&w->reads, 1);
    }
    return NULL;
}

static void *write_journal(void *argument)
{
    world *w = argument;
    auk_batch *batch = auk_batch_create();
    char value[300] = "journal";
    for (uint64_t i = 0; !is_over(w); i++) {
        uint64_t key[2] = {(uint64_t)(uintptr_t)&value, i};
        auk_batch_reset(batch);
        auk_batch_put(batch, AUK_FAMILY_JOURNAL, auk_span_make(key, sizeof key),
                      auk_span_make(value, sizeof value));
        if (auk_store_write(w->store, batch, true, NULL) != AUK_OK)
            atomic_fetch_add(&w->failures, 1);
        atomic_fetch_add(&w->writes, 1);
    }
    auk_batch_destroy(batch);
    return NULL;
}

/* Replaces the slot's segment: the old one is dropped while readers may still hold it. */
static void commit_one(world *w, uint32_t at, uint64_t seed)
{
    char key[16];
    snprintf(key, sizeof key, "slot %u", at);
    auk_mapped *old = w->slots[at].mapped; /* this thread alone changes slots */
    uint64_t drop = old ? auk_mapped_id(old) : 0;
    auk_mapped *made = NULL;
    auk_segment_file *file = support_segment(w->store, VALUES, seed);
    assert_ok(
        auk_store_commit(w->store, file, support_describe, key, &drop, old ? 1 : 0, &made, err));
    pthread_mutex_lock(&w->mutex);
    w->slots[at] = (slot){made, seed};
    pthread_mutex_unlock(&w->mutex);
    auk_mapped_release(old);
}

static void run_commits(world *w)
{
    for (uint64_t i = 1; !is_over(w); i++) {
        commit_one(w, (uint32_t)(i % SLOTS), i);
        if (i % CHECKPOINT == 0) {
            char *copy = support_directory();
            assert_ok(auk_store_checkpoint(w->store, copy, err));
            support_remove(copy);
        }
    }
}

static void check_after_reopen(world *w)
{
    auk_store *store = support_open(w->directory);
    for (uint32_t at = 0; at < SLOTS; at++) {
        char key[16];
        snprintf(key, sizeof key, "slot %u", at);
        auk_buffer location;
        bool found = false;
        auk_buffer_init(&location, AUK_BUFFER_NO_LIMIT);
        assert_ok(
            auk_store_get(store, AUK_FAMILY_COMMIT, auk_span_of(key), &location, &found, err));
        assert_int_equal(found, w->slots[at].mapped != NULL);
        if (found) {
            auk_mapped *mapped = NULL;
            assert_ok(auk_store_map(store, auk_buffer_span(&location), &mapped, err));
            assert_true(support_segment_is(mapped, VALUES, w->slots[at].seed));
            auk_mapped_release(mapped);
        }
        auk_buffer_deinit(&location);
    }
    auk_store_close(store);
}

static void reads_right_values_while_segments_come_and_go(void **state)
{
    (void)state;
    char *directory = support_directory();
    world w = {.directory = directory,
               .store = support_open(directory),
               .mutex = PTHREAD_MUTEX_INITIALIZER,
               .deadline_us = auk_clock_monotonic_us() + RUN_US};
    pthread_t threads[READERS + WRITERS];
    for (int i = 0; i < READERS + WRITERS; i++)
        pthread_create(&threads[i], NULL, i < READERS ? read_segments : write_journal, &w);
    run_commits(&w);
    for (int i = 0; i < READERS + WRITERS; i++)
        pthread_join(threads[i], NULL);

    auk_store_stats stats;
    auk_store_read_stats(w.store, &stats);
    assert_true(stats.segment_files <= SLOTS);
    assert_int_equal(w.wrong, 0);
    assert_int_equal(w.failures, 0);
    assert_true(w.reads > 0 && w.writes > 0);
    auk_store_close(w.store);

    check_after_reopen(&w);
    for (int i = 0; i < SLOTS; i++)
        auk_mapped_release(w.slots[i].mapped);
    support_remove(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_right_values_while_segments_come_and_go),
    };
    return cmocka_run_group_tests_name("store_threads", tests, NULL, NULL);
}
