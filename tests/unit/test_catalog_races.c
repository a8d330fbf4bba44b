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

static void *write_and_wait(void *context)
{
    crowd *c = context;
    auk_arena *arena = auk_arena_create(4096);
    for (unsigned n = 0; !atomic_load(&c->stop); n++) {
        auk_write write;
        auk_written out;
        auk_error err = {0};
        auk_write_init(&write);
        write.index = AUK_SPAN("busy");
        write.id = auk_arena_printf(arena, "%u", n % 20);
        write.source = AUK_SPAN("{\"n\":1}");
        if (auk_catalog_write(c->at->catalog, &write, 1, AUK_REFRESH_WAIT, arena, &out, &err) !=
            AUK_OK)
            abort();
        auk_arena_reset(arena);
    }
    auk_arena_destroy(arena);
    return NULL;
}

static void delete_under(support_catalog *at, void *(*role)(void *), const char *settings)
{
    crowd c = {.at = at};
    pthread_t threads[READERS];
    support_create(at, "busy", settings);
    for (unsigned i = 0; i < READERS; i++)
        pthread_create(&threads[i], NULL, role, &c);
    for (unsigned i = 0; i < DELETES; i++) {
        auk_span name = AUK_SPAN("busy");
        auk_error err = {0};
        usleep(2000);
        auk_code code = auk_catalog_delete_indices(at->catalog, &name, 1, &err);
        assert_true(code == AUK_OK || code == AUK_NOT_FOUND);
        support_try_create(at, "busy", settings); /* a writer may have been faster */
    }
    atomic_store(&c.stop, true);
    for (unsigned i = 0; i < READERS; i++)
        pthread_join(threads[i], NULL);
}

static void a_delete_comes_through_a_crowd_of_readers(void **state)
{
    delete_under(*state, get_without_a_pause, NULL);
}

static void a_delete_does_not_wait_for_who_waits_for_it(void **state)
{
    delete_under(*state, write_and_wait, "{\"settings\":{\"refresh_interval\":\"10ms\"}}");
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
    alarm(120);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_delete_comes_through_a_crowd_of_readers,
                                        support_catalog_setup, support_catalog_teardown),
        cmocka_unit_test_setup_teardown(a_delete_does_not_wait_for_who_waits_for_it,
                                        setup_with_one_thread, support_catalog_teardown),
    };
    return cmocka_run_group_tests_name("catalog_races", tests, NULL, NULL);
}
