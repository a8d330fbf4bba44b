/*
 * Searches while the segments below them are built, ingested, merged, reordered and dropped.
 *
 * One writer rewrites a fixed set of documents over and over, another adds and deletes passing
 * ones, a third flushes and merges. A view shows one moment, so a search must find each of the
 * fixed documents exactly once, whatever the writers do meanwhile; and a hit's source must hold
 * what the query asked for.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "catalog_support.h"

#include "auk/clock.h"
#include "auk/search.h"

#define RUN_US 2000000u
#define FIXED  300u

typedef struct stage {
    support_catalog *at;
    auk_pool *pool;
    atomic_bool stop;
    atomic_uint searches, merges, wrong;
} stage;

static void write_batch(stage *s, auk_arena *arena, const char *prefix, unsigned from,
                        unsigned count, const char *word, unsigned round, bool deletes)
{
    auk_error err = {0};
    auk_write *writes = AUK_ARENA_ARRAY(arena, auk_write, count);
    auk_written *out = AUK_ARENA_ARRAY(arena, auk_written, count);
    for (unsigned i = 0; i < count; i++) {
        auk_write_init(&writes[i]);
        writes[i].kind = deletes ? AUK_WRITE_DELETE : AUK_WRITE_INDEX;
        writes[i].index = AUK_SPAN("live");
        writes[i].id = auk_arena_printf(arena, "%s%u", prefix, from + i);
        if (!deletes)
            writes[i].source =
                auk_arena_printf(arena, "{\"text\":\"%s common w%u\",\"round\":%u,\"tag\":\"%s\"}",
                                 word, (from + i) % 97, round, word);
    }
    if (auk_catalog_write(s->at->catalog, writes, count, AUK_REFRESH_NONE, arena, out, &err) !=
        AUK_OK) {
        print_error("write: %s\n", err.message);
        atomic_fetch_add(&s->wrong, 1);
    }
}

static void *rewrite_fixed(void *context)
{
    stage *s = context;
    auk_arena *arena = auk_arena_create(4096);
    for (unsigned round = 1; !atomic_load(&s->stop); round++) {
        auk_arena_reset(arena);
        write_batch(s, arena, "fixed", (round * 37) % (FIXED - 50), 50, "fixed", round, false);
    }
    auk_arena_destroy(arena);
    return NULL;
}

static void *come_and_go(void *context)
{
    stage *s = context;
    auk_arena *arena = auk_arena_create(4096);
    for (unsigned round = 0; !atomic_load(&s->stop); round++) {
        auk_arena_reset(arena);
        write_batch(s, arena, "passing", round * 40, 40, "passing", round, false);
        if (round >= 3)
            write_batch(s, arena, "passing", (round - 3) * 40, 30, "passing", round, true);
    }
    auk_arena_destroy(arena);
    return NULL;
}

static void *maintain(void *context)
{
    stage *s = context;
    for (unsigned round = 0; !atomic_load(&s->stop); round++) {
        auk_error err = {0};
        const auk_root *root = auk_root_acquire(s->at->catalog);
        auk_index *index = auk_root_find(root, AUK_SPAN("live"))->index;
        auk_code code = auk_index_refresh(index, &err);
        if (code == AUK_OK && round % 3 == 2)
            code = auk_index_flush(index, &err);
        if (code == AUK_OK && round % 9 == 8) {
            code = auk_index_force_merge(index, 1, false, &err);
            atomic_fetch_add(&s->merges, 1);
        }
        auk_root_release(s->at->catalog, root);
        if (code != AUK_OK) {
            print_error("maintenance: %s\n", err.message);
            atomic_fetch_add(&s->wrong, 1);
        }
    }
    return NULL;
}

/* The answer's text, in the arena. */
static auk_span search(stage *s, const auk_index_view *view, const char *body, auk_arena *arena,
                       uint64_t *total, auk_error *err)
{
    const auk_json *json;
    auk_search_request request;
    auk_search_result result;
    auk_buffer text;
    auk_json_writer out;
    auk_search_target target = {.index = view->name,
                                .mapping = view->mapping,
                                .shards = view->shards,
                                .shard_count = view->shard_count};
    auk_search_context how = {.pool = s->pool,
                              .budget = s->at->budget,
                              .now_ms = auk_clock_wall_ms()};
    auk_span answer = AUK_SPAN("");
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&out, &text, false);
    auk_search_request_init(&request);
    auk_code code = auk_json_parse(auk_span_of(body), arena, &json, err);
    if (code == AUK_OK)
        code = auk_search_request_parse(json, arena, &request, err);
    if (code == AUK_OK)
        code = auk_search_run(&target, 1, &request, &how, arena, &result, err);
    if (code == AUK_OK) {
        *total = result.total;
        auk_json_begin_object(&out);
        code = auk_search_write(&target, &request, &result, arena, &out, err);
        auk_json_end_object(&out);
    }
    if (code == AUK_OK)
        answer = auk_arena_copy(arena, auk_buffer_span(&text));
    auk_buffer_deinit(&text);
    return answer;
}

static void expect_fixed(stage *s, const char *body, const auk_index_view *view, auk_arena *arena)
{
    auk_error err = {0};
    uint64_t total = 0;
    auk_span answer = search(s, view, body, arena, &total, &err);
    if (answer.size > 0 && total == FIXED && !memmem(answer.data, answer.size, "passing", 7))
        return;
    print_error("%s: total %llu, %s, %.*s\n", body, (unsigned long long)total, err.message,
                AUK_SPAN_ARG(answer));
    atomic_fetch_add(&s->wrong, 1);
}

static void *look(void *context)
{
    static const char *const bodies[] = {
        "{\"query\":{\"match\":{\"text\":\"fixed\"}},\"track_total_hits\":true}",
        "{\"query\":{\"bool\":{\"must\":{\"match\":{\"text\":\"common\"}},\"filter\":{\"term\":{"
        "\"tag\":"
        "\"fixed\"}}}},\"size\":50}",
        "{\"query\":{\"match_phrase\":{\"text\":\"fixed "
        "common\"}},\"sort\":[{\"round\":\"desc\"}]}",
        "{\"query\":{\"bool\":{\"must_not\":{\"term\":{\"tag\":\"passing\"}}}},\"aggs\":{\"r\":{"
        "\"stats\":"
        "{\"field\":\"round\"}}}}",
    };
    stage *s = context;
    auk_arena *arena = auk_arena_create(1 << 16);
    for (unsigned i = 0; !atomic_load(&s->stop); i++) {
        auk_arena_reset(arena);
        const auk_root *root = auk_root_acquire(s->at->catalog);
        expect_fixed(s, bodies[i % (sizeof bodies / sizeof *bodies)],
                     auk_root_find(root, AUK_SPAN("live")), arena);
        auk_root_release(s->at->catalog, root);
        atomic_fetch_add(&s->searches, 1);
    }
    auk_arena_destroy(arena);
    return NULL;
}

static void finds_each_document_once_at_any_moment(void **state)
{
    stage s = {.at = *state, .pool = auk_pool_create("search", 2, 64)};
    auk_arena *arena = auk_arena_create(4096);
    support_create(s.at, "live",
                   "{\"settings\":{\"number_of_shards\":2,\"reorder_from\":1},\"mappings\":{"
                   "\"properties\":{\"text\":{\"type\":"
                   "\"text\"},\"tag\":{\"type\":\"keyword\"},\"round\":{\"type\":\"long\"}}}}");
    write_batch(&s, arena, "fixed", 0, FIXED, "fixed", 0, false);
    const auk_root *root = auk_root_acquire(s.at->catalog);
    assert_ok(auk_index_refresh(auk_root_find(root, AUK_SPAN("live"))->index, err));
    auk_root_release(s.at->catalog, root);

    void *(*const jobs[])(void *) = {rewrite_fixed, come_and_go, maintain, look, look};
    enum { JOBS = sizeof jobs / sizeof *jobs };
    pthread_t threads[JOBS];
    uint64_t until = auk_clock_monotonic_us() + RUN_US;
    for (unsigned i = 0; i < JOBS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, jobs[i], &s), 0);
    while (auk_clock_monotonic_us() < until ||
           (atomic_load(&s.merges) < 2 && !atomic_load(&s.wrong)))
        usleep(10000);
    atomic_store(&s.stop, true);
    for (unsigned i = 0; i < JOBS; i++)
        pthread_join(threads[i], NULL);
    print_message("%u searches, %u merges\n", atomic_load(&s.searches), atomic_load(&s.merges));
    assert_int_equal(atomic_load(&s.wrong), 0);
    assert_true(atomic_load(&s.searches) > 10);
    auk_arena_destroy(arena);
    auk_pool_destroy(s.pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(finds_each_document_once_at_any_moment,
                                        support_catalog_setup, support_catalog_teardown),
    };
    return cmocka_run_group_tests_name("search live", tests, NULL, NULL);
}
