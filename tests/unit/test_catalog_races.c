/*
 * Indices that go away under those who use them: a delete must come through a crowd that never
 * pauses, and must not wait for a task that waits for it. An alarm ends the test when it does.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "catalog_support.h"

#define READERS 4
#define DELETES 40

typedef struct crowd {
    support_catalog *at;
    atomic_bool stop;
    atomic_uint reads;
} crowd;

static void *get_without_a_pause(void *context)
{
    crowd *c = context;
    auk_arena *arena = auk_arena_create(4096);
    while (!atomic_load(&c->stop)) {
        auk_shard_document document;
        auk_span concrete;
        bool found;
        auk_error err = {0};
        auk_code code = auk_catalog_get(c->at->catalog, AUK_SPAN("busy"), AUK_SPAN("1"),
                                        AUK_SPAN(""), arena, &concrete, &document, &found, &err);
        if (code != AUK_OK && code != AUK_NOT_FOUND)
            abort();
        atomic_fetch_add(&c->reads, 1);
        auk_arena_reset(arena);
    }
    auk_arena_destroy(arena);
    return NULL;
}

static void a_delete_comes_through_a_crowd_of_readers(void **state)
{
    support_catalog *at = *state;
    crowd c = {.at = at};
    pthread_t threads[READERS];
    support_create(at, "busy", NULL);
    for (unsigned i = 0; i < READERS; i++)
        pthread_create(&threads[i], NULL, get_without_a_pause, &c);
    for (unsigned i = 0; i < DELETES; i++) {
        auk_span name = AUK_SPAN("busy");
        auk_error err = {0};
        usleep(2000);
        auk_code code = auk_catalog_delete_indices(at->catalog, &name, 1, &err);
        assert_int_equal(code, AUK_OK);
        support_create(at, "busy", NULL);
    }
    atomic_store(&c.stop, true);
    for (unsigned i = 0; i < READERS; i++)
        pthread_join(threads[i], NULL);
}

static void keep_busy(void *context)
{
    while (!atomic_load((atomic_bool *)context))
        usleep(1000);
}

static void *release_later(void *context)
{
    usleep(200000);
    atomic_store((atomic_bool *)context, true);
    return NULL;
}

/* On the one background thread: first a refresh, which wants the index, then a chore of its shard,
 * which closing the index waits for. */
static void a_delete_does_not_wait_for_who_waits_for_it(void **state)
{
    support_catalog *at = *state;
    atomic_bool go_on = false;
    pthread_t thread;
    support_create(at, "busy", "{\"settings\":{\"refresh_interval\":\"10ms\"}}");
    assert_ok(auk_pool_submit(at->background, keep_busy, &go_on, err));
    support_write_one(at, AUK_WRITE_INDEX, "busy", "1", "{\"n\":1}");
    auk_pool_stats stats = {0};
    while (stats.queued == 0) { /* the timer's refresh */
        usleep(1000);
        auk_pool_read_stats(at->background, &stats);
    }
    const auk_root *root = auk_root_acquire(at->catalog);
    assert_ok(auk_index_refresh(auk_root_find(root, AUK_SPAN("busy"))->index, err));
    auk_root_release(at->catalog, root);
    auk_pool_read_stats(at->background, &stats);
    assert_true(stats.queued >= 2); /* the shard's merge */
    pthread_create(&thread, NULL, release_later, &go_on);
    support_drop(at, "busy");
    pthread_join(thread, NULL);
}

static void *write_and_wait(void *context)
{
    support_catalog *at = context;
    auk_arena *arena = auk_arena_create(4096);
    auk_write write;
    auk_written out;
    auk_write_init(&write);
    write.index = AUK_SPAN("slow");
    write.source = AUK_SPAN("{\"n\":1}");
    assert_ok(auk_catalog_write(at->catalog, &write, 1, AUK_REFRESH_WAIT, arena, &out, err));
    auk_arena_destroy(arena);
    return NULL;
}

static void who_waits_for_a_refresh_is_served_when_refreshes_end(void **state)
{
    support_catalog *at = *state;
    pthread_t thread;
    support_create(at, "slow", "{\"settings\":{\"refresh_interval\":\"1h\"}}");
    const auk_root *root = auk_root_acquire(at->catalog);
    assert_ok(auk_index_refresh(auk_root_find(root, AUK_SPAN("slow"))->index, err));
    auk_root_release(at->catalog, root);
    pthread_create(&thread, NULL, write_and_wait, at);
    usleep(300000);
    assert_ok(auk_catalog_put_settings(at->catalog, AUK_SPAN("slow"),
                                       support_json(at, "{\"refresh_interval\":\"-1\"}"), false,
                                       err));
    pthread_join(thread, NULL);
    assert_int_equal(support_visible(at, "slow"), 1);
}

static int setup_with_one_thread(void **state)
{
    support_catalog_setup(state);
    support_catalog *at = *state;
    auk_catalog_close(at->catalog);
    auk_pool_destroy(at->background);
    at->background = auk_pool_create("back", 1, 256);
    auk_catalog_options options = {.directory = at->directory,
                                   .budget = at->budget,
                                   .background = at->background};
    assert_ok(auk_catalog_open(&options, &at->catalog, err));
    return 0;
}

int main(void)
{
    alarm(60);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_delete_comes_through_a_crowd_of_readers,
                                        support_catalog_setup, support_catalog_teardown),
        cmocka_unit_test_setup_teardown(who_waits_for_a_refresh_is_served_when_refreshes_end,
                                        support_catalog_setup, support_catalog_teardown),
        cmocka_unit_test_setup_teardown(a_delete_does_not_wait_for_who_waits_for_it,
                                        setup_with_one_thread, support_catalog_teardown),
    };
    return cmocka_run_group_tests_name("catalog_races", tests, NULL, NULL);
}
