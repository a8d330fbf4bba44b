/*
 * Writers, an alias that is switched while its old index is deleted, readers, and indices that come
 * and go, all at once. What was acknowledged must be there at the end, and nobody may notice the
 * switches.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "catalog_support.h"

#include "auk/clock.h"

#define RUN_US   1500000u
#define WRITERS  2
#define SWITCHES 40

typedef struct stage {
    support_catalog *at;
    atomic_bool stop;
    atomic_uint acknowledged, refused, switches;
} stage;

/* A call with a body. */
static bool ask(stage *s, auk_span text,
                auk_code (*call)(auk_catalog *, const auk_json *, auk_error *))
{
    const auk_json *body;
    auk_error err = {0};
    auk_arena *arena = auk_arena_create(1024);
    auk_code code = auk_json_parse(text, arena, &body, &err);
    if (code == AUK_OK)
        code = call(s->at->catalog, body, &err);
    if (code != AUK_OK)
        print_error("%s\n", err.message);
    auk_arena_destroy(arena);
    return code == AUK_OK;
}

/* The document that writers rewrite is a counter of its own id; each write must find a home. */
static void *write_documents(void *context)
{
    stage *s = context;
    auk_arena *arena = auk_arena_create(4096);
    for (unsigned i = 0; !atomic_load(&s->stop); i++) {
        enum { COUNT = 8 };
        auk_write writes[COUNT];
        auk_written out[COUNT];
        auk_error err = {0};
        auk_arena_reset(arena);
        for (unsigned k = 0; k < COUNT; k++) {
            auk_write_init(&writes[k]);
            writes[k].index = k % 4 == 3 ? AUK_SPAN("steady") : AUK_SPAN("live");
            writes[k].kind = k % 2 ? AUK_WRITE_UPDATE : AUK_WRITE_INDEX;
            writes[k].id = auk_arena_printf(arena, "%u", (i + k) % 50);
            writes[k].retry_on_conflict = 20;
            writes[k].source =
                k % 2 ? auk_arena_printf(arena, "{\"doc\":{\"n\":%u},\"doc_as_upsert\":true}", i)
                      : auk_arena_printf(arena, "{\"n\":%u,\"f%u\":\"x\"}", i, i % 7);
        }
        if (auk_catalog_write(s->at->catalog, writes, COUNT, AUK_REFRESH_NONE, arena, out, &err) !=
            AUK_OK)
            atomic_fetch_add(&s->refused, COUNT);
        for (unsigned k = 0; k < COUNT; k++) {
            if (out[k].error.code != AUK_OK)
                print_error("%s\n", out[k].error.why->message);
            atomic_fetch_add(out[k].error.code == AUK_OK ? &s->acknowledged : &s->refused, 1);
        }
    }
    auk_arena_destroy(arena);
    return NULL;
}

/* "live" always leads to exactly one index, whatever moment a reader sees. */
static void *read_roots(void *context)
{
    stage *s = context;
    auk_arena *arena = auk_arena_create(4096);
    while (!atomic_load(&s->stop)) {
        auk_resolved *found;
        uint32_t count = 0;
        auk_error err = {0};
        auk_resolve_options options = {.expand_open = true};
        auk_arena_reset(arena);
        const auk_root *root = auk_root_acquire(s->at->catalog);
        auk_code code =
            auk_root_resolve(root, AUK_SPAN("live"), &options, arena, &found, &count, &err);
        if (code != AUK_OK || count != 1)
            atomic_fetch_add(&s->refused, 1);
        for (uint32_t i = 0; i < root->index_count; i++)
            for (uint32_t k = 0; k < root->indices[i]->shard_count; k++)
                if (root->indices[i]->shards[k]->segment_count > 1000)
                    atomic_fetch_add(&s->refused, 1);
        auk_root_release(s->at->catalog, root);
        usleep(200);
    }
    auk_arena_destroy(arena);
    return NULL;
}

static void *refresh_all(void *context)
{
    stage *s = context;
    while (!atomic_load(&s->stop)) {
        const auk_root *root = auk_root_acquire(s->at->catalog);
        for (uint32_t i = 0; i < root->index_count; i++) {
            auk_shard_stats stats;
            auk_error err = {0};
            auk_code code = auk_index_refresh(root->indices[i]->index, &err);
            if (code != AUK_OK && code != AUK_NOT_FOUND)
                atomic_fetch_add(&s->refused, 1);
            auk_index_read_stats(root->indices[i]->index, 0, &stats);
        }
        auk_root_release(s->at->catalog, root);
        usleep(3000);
    }
    return NULL;
}

static auk_code put_steady_settings(auk_catalog *catalog, const auk_json *body, auk_error *err)
{
    return auk_catalog_put_settings(catalog, AUK_SPAN("steady"), body, false, err);
}

static bool switch_once(stage *s, unsigned number)
{
    auk_error err = {0};
    auk_arena *arena = auk_arena_create(1024);
    auk_span old = auk_arena_printf(arena, "live-%u", number);
    auk_span new = auk_arena_printf(arena, "live-%u", number + 1);
    auk_span actions =
        auk_arena_printf(arena,
                         "{\"actions\":[{\"remove_index\":{\"index\":\"%s\"}},"
                         "{\"add\":{\"index\":\"%s\",\"aliases\":[\"live\",\"other\"]}}]}",
                         old.data, new.data);
    auk_span settings = auk_arena_printf(arena, "{\"priority\":%u}", number);
    bool good = auk_catalog_create_index(s->at->catalog, new, NULL, &err) == AUK_OK &&
                ask(s, actions, auk_catalog_update_aliases) &&
                ask(s, settings, put_steady_settings);
    auk_arena_destroy(arena);
    return good;
}

static void nobody_notices_a_switch(void **state)
{
    stage s = {.at = *state};
    pthread_t threads[WRITERS + 2];
    support_create(s.at, "steady", "{\"settings\":{\"number_of_shards\":2}}");
    support_create(s.at, "live-0", "{\"aliases\":{\"live\":{}}}");
    for (unsigned i = 0; i < WRITERS; i++)
        pthread_create(&threads[i], NULL, write_documents, &s);
    pthread_create(&threads[WRITERS], NULL, read_roots, &s);
    pthread_create(&threads[WRITERS + 1], NULL, refresh_all, &s);
    uint64_t end_us = auk_clock_monotonic_us() + RUN_US;
    unsigned number = 0;
    bool good = true;
    while (good && number < SWITCHES && auk_clock_monotonic_us() < end_us)
        good = switch_once(&s, number++);
    atomic_store(&s.stop, true);
    for (unsigned i = 0; i < WRITERS + 2; i++)
        pthread_join(threads[i], NULL);
    assert_true(good);
    assert_true(number > 2);
    assert_int_equal(atomic_load(&s.refused), 0);
    assert_true(atomic_load(&s.acknowledged) > 0);
    for (unsigned i = 0; i < 50; i++) {
        char id[8];
        auk_shard_document document;
        auk_span concrete;
        bool found;
        snprintf(id, sizeof id, "%u", i);
        assert_ok(auk_catalog_get(s.at->catalog, AUK_SPAN("steady"), auk_span_of(id), AUK_SPAN(""),
                                  s.at->arena, &concrete, &document, &found, err));
    }
    support_catalog_reopen(s.at);
    assert_int_equal(support_visible(s.at, "steady") > 0, 1);
}

static void *race_to_create(void *context)
{
    stage *s = context;
    auk_arena *arena = auk_arena_create(4096);
    for (unsigned i = 0; i < 20; i++) {
        auk_write write;
        auk_written out;
        auk_error err = {0};
        auk_write_init(&write);
        write.index = auk_arena_printf(arena, "made-%u", i);
        write.source = AUK_SPAN("{\"n\":1}");
        if (auk_catalog_write(s->at->catalog, &write, 1, AUK_REFRESH_NOW, arena, &out, &err) ==
                AUK_OK &&
            out.error.code == AUK_OK)
            atomic_fetch_add(&s->acknowledged, 1);
    }
    auk_arena_destroy(arena);
    return NULL;
}

static void writers_make_an_index_once(void **state)
{
    stage s = {.at = *state};
    pthread_t threads[3];
    for (unsigned i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, race_to_create, &s);
    for (unsigned i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&s.acknowledged), 60);
    assert_int_equal(support_visible(s.at, "made-*"), 60);
}

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, support_catalog_setup, support_catalog_teardown)
    const struct CMUnitTest tests[] = {
        TEST(nobody_notices_a_switch),
        TEST(writers_make_an_index_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
