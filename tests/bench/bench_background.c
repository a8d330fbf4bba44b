/*
 * bench_background - what work in the background costs those who wait, and a refresh.
 *
 *   bench_background refresh DIRECTORY DOCUMENTS [ROUNDS]
 *       an index of so many documents; then a thousand small ones are written, unsynced, and made
 *       visible: times of both, best and median, beside the merges that are under way by then, and
 *       once they have ended
 *   bench_background merge DIRECTORY DOCUMENTS [ROUNDS [THREADS]]
 *       searches on so many threads for a while, then beside a merge of the whole index: times of a
 *       search, p50 and p99 of both, in turns
 *
 * Documents are made up: a dozen words each (merge: a hundred), the frequent ones of many.
 */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auk/catalog.h"
#include "auk/clock.h"
#include "auk/search.h"

#define INDEX        "bench"
#define BULK         1000u
#define WORDS        50000u
#define SAMPLES_MOST (1u << 20)
#define ALONE_US     3000000u
#define THREADS_MOST 64u

typedef struct bench {
    auk_catalog *catalog;
    auk_budget *budget;
    auk_pool *background, *merge_pool;
    uint32_t words_each; /* of a document */
    uint64_t next_id;
} bench;

static void check(auk_code code, const auk_error *err)
{
    if (code == AUK_OK)
        return;
    fprintf(stderr, "bench_background: %s\n", err->message);
    exit(1);
}

static uint32_t draw(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    return (uint32_t)(z >> 32);
}

static uint32_t draw_word(uint64_t *state)
{
    double unit = draw(state) / 4294967296.0;
    return (uint32_t)(pow(WORDS, unit)) - 1; /* the density falls as Zipf's */
}

static void open_bench(bench *b, const char *directory)
{
    auk_error err = {0};
    b->budget = auk_budget_create((size_t)1 << 30);
    b->background = auk_pool_create("background", 1, 256);
    b->merge_pool = auk_pool_create("merge", 1, 256);
    auk_catalog_options options = {.directory = directory,
                                   .budget = b->budget,
                                   .background = b->background,
                                   .merge_pool = b->merge_pool,
                                   .cluster_name = "bench"};
    check(auk_catalog_open(&options, &b->catalog, &err), &err);
}

static void create(bench *b)
{
    static const char body[] =
        "{\"settings\":{\"number_of_shards\":1,\"refresh_interval\":\"-1\","
        "\"translog.durability\":\"async\"},\"mappings\":{\"properties\":{\"text\":{\"type\":"
        "\"text\"},\"tag\":{\"type\":\"keyword\"},\"n\":{\"type\":\"long\"}}}}";
    auk_arena *arena = auk_arena_create(4096);
    const auk_json *json;
    auk_error err = {0};
    const auk_span name = AUK_SPAN(INDEX);
    if (b->next_id > 0) /* there is that of the round before */
        check(auk_catalog_delete_indices(b->catalog, &name, 1, &err), &err);
    check(auk_json_parse(auk_span_of(body), arena, &json, &err), &err);
    check(auk_catalog_create_index(b->catalog, AUK_SPAN(INDEX), json, &err), &err);
    auk_arena_destroy(arena);
}

static void close_bench(bench *b)
{
    auk_catalog_close(b->catalog);
    auk_pool_destroy(b->background);
    auk_pool_destroy(b->merge_pool);
    auk_budget_destroy(b->budget);
}

static auk_span make_source(const bench *b, uint64_t id, auk_arena *arena)
{
    auk_buffer text;
    uint64_t state = id;
    auk_buffer_init(&text, 1 << 16);
    auk_buffer_append_text(&text, "{\"text\":\"");
    for (uint32_t i = 0; i < b->words_each; i++)
        auk_buffer_printf(&text, "w%u ", draw_word(&state));
    auk_buffer_printf(&text, "\",\"tag\":\"t%u\",\"n\":%u}", draw(&state) % 50, draw(&state));
    auk_span source = auk_arena_copy(arena, auk_buffer_span(&text));
    auk_buffer_deinit(&text);
    return source;
}

/* Answers the microseconds of the write alone, with documents made beforehand. */
static uint64_t write_some(bench *b, uint32_t count)
{
    auk_arena *arena = auk_arena_create(1 << 20);
    auk_write *writes = AUK_ARENA_ARRAY(arena, auk_write, count);
    auk_written *written = AUK_ARENA_ARRAY(arena, auk_written, count);
    auk_error err = {0};
    for (uint32_t i = 0; i < count; i++) {
        auk_write_init(&writes[i]);
        writes[i].kind = AUK_WRITE_INDEX;
        writes[i].index = AUK_SPAN(INDEX);
        writes[i].id = auk_arena_printf(arena, "%llu", (unsigned long long)b->next_id);
        writes[i].source = make_source(b, b->next_id++, arena);
    }
    uint64_t start_us = auk_clock_monotonic_us();
    check(auk_catalog_write(b->catalog, writes, count, AUK_REFRESH_NONE, arena, written, &err),
          &err);
    uint64_t took_us = auk_clock_monotonic_us() - start_us;
    auk_arena_destroy(arena);
    return took_us;
}

static auk_index *index_of(const auk_root *root)
{
    return auk_root_find(root, AUK_SPAN(INDEX))->index;
}

static uint64_t refresh(bench *b)
{
    auk_error err = {0};
    const auk_root *root = auk_root_acquire(b->catalog);
    uint64_t start_us = auk_clock_monotonic_us();
    check(auk_index_refresh(index_of(root), &err), &err);
    uint64_t took_us = auk_clock_monotonic_us() - start_us;
    auk_root_release(b->catalog, root);
    return took_us;
}

static void flush(bench *b)
{
    auk_error err = {0};
    const auk_root *root = auk_root_acquire(b->catalog);
    check(auk_index_flush(index_of(root), &err), &err);
    auk_root_release(b->catalog, root);
}

static int ascending(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

/* ---- refresh ---- */

static void time_refreshes(bench *b, const char *when, uint32_t rounds)
{
    uint32_t *writes = calloc(rounds, sizeof *writes), *both = calloc(rounds, sizeof *both),
             *refreshes = calloc(rounds, sizeof *refreshes);
    for (uint32_t i = 0; i < rounds; i++) {
        writes[i] = (uint32_t)write_some(b, 1000);
        refreshes[i] = (uint32_t)refresh(b);
        both[i] = writes[i] + refreshes[i];
    }
    qsort(writes, rounds, sizeof *writes, ascending);
    qsort(refreshes, rounds, sizeof *refreshes, ascending);
    qsort(both, rounds, sizeof *both, ascending);
    printf("%s, 1,000 at a time: written and visible in %.1f ms (median %.1f), "
           "write %.1f (%.1f), refresh %.1f (%.1f)\n",
           when, both[0] / 1e3, both[rounds / 2] / 1e3, writes[0] / 1e3, writes[rounds / 2] / 1e3,
           refreshes[0] / 1e3, refreshes[rounds / 2] / 1e3);
    free(writes);
    free(refreshes);
    free(both);
}

static void run_refresh(bench *b, uint64_t documents, uint32_t rounds)
{
    auk_error err = {0};
    b->words_each = 12;
    create(b);
    while (b->next_id < documents)
        (void)write_some(b, BULK);
    flush(b);
    (void)refresh(b);
    printf("%llu documents\n", (unsigned long long)documents);
    time_refreshes(b, "after the last of them", rounds);
    const auk_root *root = auk_root_acquire(b->catalog);
    check(auk_index_force_merge(index_of(root), 0, false, &err), &err);
    auk_root_release(b->catalog, root);
    time_refreshes(b, "after all merges", rounds);
}

/* ---- searches beside a merge ---- */

typedef struct samples {
    uint32_t *us;
    atomic_uint count;
} samples;

typedef struct searching {
    bench *b;
    atomic_uintptr_t at; /* samples of this phase; 0: none are kept */
    atomic_bool stop;
    atomic_uint seed;
} searching;

static void search_once(const bench *b, uint64_t *state, auk_arena *arena)
{
    const auk_root *root = auk_root_acquire(b->catalog);
    const auk_index_view *view = auk_root_find(root, AUK_SPAN(INDEX));
    auk_search_target target = {.index = view->name,
                                .mapping = view->mapping,
                                .shards = view->shards,
                                .shard_count = view->shard_count};
    auk_search_context how = {.budget = b->budget, .now_ms = 1};
    auk_search_request request;
    auk_search_result result;
    auk_error err = {0};
    const auk_json *json;
    auk_span body =
        auk_arena_printf(arena, "{\"query\":{\"match\":{\"text\":{\"query\":\"w%u w%u w%u\"%s}}}}",
                         draw_word(state), draw_word(state), draw_word(state) % 100,
                         draw(state) % 2 ? ",\"operator\":\"and\"" : "");
    auk_search_request_init(&request);
    check(auk_json_parse(body, arena, &json, &err), &err);
    check(auk_search_request_parse(json, arena, &request, &err), &err);
    check(auk_search_run(&target, 1, &request, &how, arena, &result, &err), &err);
    auk_root_release(b->catalog, root);
}

static void *search_on(void *context)
{
    searching *s = context;
    auk_arena *arena = auk_arena_create(1 << 16);
    uint64_t state = atomic_fetch_add(&s->seed, 1);
    while (!atomic_load(&s->stop)) {
        samples *into = (samples *)atomic_load(&s->at);
        auk_arena_reset(arena);
        uint64_t start_us = auk_clock_monotonic_us();
        search_once(s->b, &state, arena);
        uint64_t took_us = auk_clock_monotonic_us() - start_us;
        uint32_t n = into ? atomic_fetch_add(&into->count, 1) : SAMPLES_MOST;
        if (n < SAMPLES_MOST)
            into->us[n] = (uint32_t)took_us;
        usleep(500); /* clients think, too */
    }
    auk_arena_destroy(arena);
    return NULL;
}

static void tell(const char *what, samples *all)
{
    uint32_t count = atomic_load(&all->count);
    count = count < SAMPLES_MOST ? count : SAMPLES_MOST;
    if (count == 0)
        return;
    qsort(all->us, count, sizeof *all->us, ascending);
    printf("  %-8s %8u searches, p50 %7.3f ms, p99 %7.3f ms, p99.9 %7.3f ms\n", what, count,
           all->us[count / 2] / 1e3, all->us[(uint64_t)count * 99 / 100] / 1e3,
           all->us[(uint64_t)count * 999 / 1000] / 1e3);
}

static void run_merge(bench *b, uint64_t documents, uint32_t rounds, uint32_t threads)
{
    samples alone = {.us = calloc(SAMPLES_MOST, sizeof(uint32_t))};
    samples beside = {.us = calloc(SAMPLES_MOST, sizeof(uint32_t))};
    uint64_t merge_us = 0;
    b->words_each = 100;
    for (uint32_t round = 0; round < rounds; round++) {
        pthread_t ids[THREADS_MOST];
        searching s = {.b = b};
        auk_error err = {0};
        create(b);
        for (uint64_t i = 0; i < documents; i += BULK) {
            (void)write_some(b, BULK);
            if ((i / BULK + 1) % (documents / BULK / 6 + 1) == 0)
                flush(b); /* fewer files than merge by themselves */
        }
        flush(b);
        (void)refresh(b);
        for (uint32_t t = 0; t < threads; t++)
            if (pthread_create(&ids[t], NULL, search_on, &s) != 0)
                exit(1);
        usleep(300000);
        atomic_store(&s.at, (uintptr_t)&alone);
        usleep(ALONE_US);
        atomic_store(&s.at, (uintptr_t)&beside);
        const auk_root *root = auk_root_acquire(b->catalog);
        uint64_t start_us = auk_clock_monotonic_us();
        check(auk_index_force_merge(index_of(root), 1, false, &err), &err);
        merge_us += auk_clock_monotonic_us() - start_us;
        auk_root_release(b->catalog, root);
        atomic_store(&s.at, 0);
        atomic_store(&s.stop, true);
        for (uint32_t t = 0; t < threads; t++)
            pthread_join(ids[t], NULL);
    }
    printf("%llu documents, %u threads search, merges of %.1f s:\n", (unsigned long long)documents,
           threads, (double)merge_us / rounds / 1e6);
    tell("alone", &alone);
    tell("beside", &beside);
    free(alone.us);
    free(beside.us);
}

static uint32_t number(char **argv, int argc, int at, uint32_t otherwise)
{
    return argc > at ? (uint32_t)strtoul(argv[at], NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
    bench b = {0};
    if (argc < 4 || (strcmp(argv[1], "refresh") != 0 && strcmp(argv[1], "merge") != 0)) {
        fputs("usage: bench_background refresh|merge DIRECTORY DOCUMENTS [ROUNDS [THREADS]]\n",
              stderr);
        return 2;
    }
    uint32_t documents = number(argv, argc, 3, 0), threads = number(argv, argc, 5, 2);
    open_bench(&b, argv[2]);
    if (strcmp(argv[1], "refresh") == 0)
        run_refresh(&b, documents, number(argv, argc, 4, 21));
    else
        run_merge(&b, documents, number(argv, argc, 4, 3),
                  threads < THREADS_MOST ? threads : THREADS_MOST);
    close_bench(&b);
    return 0;
}
