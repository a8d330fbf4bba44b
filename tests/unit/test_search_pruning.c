/*
 * What may be left out must not show: the best hits, found with floors, bounds and shortcuts, are
 * the best of all matches, and the total is their number, for random queries over lists of many
 * blocks, over segments, shards and threads. A min_score of 0 switches every shortcut off.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "test.h"

#include "search_support.h"

enum { VOCABULARY = 1 << 14, REGION = 2500, QUERIES = 250 };

static const char mapping[] = "{\"properties\":{\"t\":{\"type\":\"text\"}}}";

static uint64_t seed;

/* AUK_TEST_SEED: queries and documents of one's own choice. */
static void seed_with(uint64_t usual)
{
    const char *given = getenv("AUK_TEST_SEED");
    seed = given ? strtoull(given, NULL, 10) : usual;
}

static uint32_t draw(uint32_t limit)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((seed >> 33) % limit);
}

/* Small numbers more often; regions of documents prefer words of their own, so that blocks differ
 * in what they can score. */
static uint32_t draw_word(uint32_t doc)
{
    uint32_t word = draw(1u << draw(15));
    return draw(4) == 0 ? (word + doc / REGION * 7) % VOCABULARY : word;
}

static auk_span make_source(uint32_t doc, auk_arena *arena)
{
    auk_buffer out;
    auk_buffer_init(&out, 1 << 16);
    auk_buffer_append_text(&out, "{\"t\":\"");
    uint32_t words = 12 + draw(24) - (doc / REGION * 5) % 11; /* long documents score less */
    for (uint32_t i = 0; i < words; i++)
        for (uint32_t word = draw_word(doc), again = 1 + draw(draw(40) == 0 ? 6 : 1); again > 0;
             again--)
            auk_buffer_printf(&out, "w%u ", word);
    auk_buffer_append_text(&out, "\"}");
    auk_span source = auk_arena_copy(arena, auk_buffer_span(&out));
    auk_buffer_deinit(&out);
    return source;
}

static void add_segment(test_index *index, uint32_t shard, uint32_t first, uint32_t count,
                        uint32_t *next_id)
{
    auk_span *sources = AUK_ARENA_ARRAY(index->arena, auk_span, count);
    for (uint32_t i = 0; i < count; i++)
        sources[i] = make_source(first + i, index->arena);
    test_index_add(index, shard, sources, count, next_id);
}

static void write_query(auk_buffer *out, uint32_t depth);

static void write_list(auk_buffer *out, const char *name, uint32_t count, uint32_t depth)
{
    auk_buffer_printf(out, "\"%s\":[", name);
    for (uint32_t i = 0; i < count; i++) {
        if (i > 0)
            auk_buffer_append_text(out, ",");
        write_query(out, depth);
    }
    auk_buffer_append_text(out, "]");
}

/* Frequent words, or one that may be rare beside others; words again, and now and then moved. */
static void write_phrase(auk_buffer *out)
{
    uint32_t words = 2 + draw(2) * draw(4), first = draw(draw(2) ? 20 : 1u << draw(13));
    auk_buffer_printf(out, "{\"match_phrase\":{\"t\":{\"query\":\"w%u", first);
    for (uint32_t i = 1; i < words; i++)
        auk_buffer_printf(out, " w%u", draw(4) ? draw(i == 1 ? 20 : 8) : first);
    auk_buffer_printf(out, "\",\"slop\":%u}}}", draw(6) ? 0 : draw(4));
}

static void write_words(auk_buffer *out, const char *name, uint32_t count)
{
    auk_buffer_printf(out, "\"%s\":[", name);
    for (uint32_t i = 0; i < count; i++)
        auk_buffer_printf(out, "%s{\"match\":{\"t\":\"w%u\"}}", i ? "," : "", draw(1u << draw(15)));
    auk_buffer_append_text(out, "]");
}

static void write_query(auk_buffer *out, uint32_t depth)
{
    uint32_t kind = draw(depth > 1 ? 16 : depth ? 7 : 4);
    if (kind < 3) {
        auk_buffer_printf(out, "{\"match\":{\"t\":\"w%u\"}}", draw(1u << draw(15)));
    } else if (kind == 3) {
        write_phrase(out);
    } else if (kind == 7) { /* the shape where a bound of one window must not be used in the next */
        auk_buffer_printf(out,
                          "{\"bool\":{\"must\":{\"match\":{\"t\":\"w%u\"}},\"should\":{\"match\":{"
                          "\"t\":\"w%u\"}}}}",
                          draw(3), 3 + draw(1u << draw(8)));
    } else if (kind > 13) { /* lists so long that their best documents tell where the floor is */
        uint32_t second = draw(2) ? 3 + draw(24) : draw(1u << draw(8));
        auk_buffer_printf(out,
                          "{\"bool\":{\"must\":[{\"match\":{\"t\":\"w%u\"}},{\"match\":{\"t\":"
                          "\"w%u\"}}]}}",
                          draw(4), second);
    } else if (kind > 11) { /* optional words, of which some are rarer than the required one */
        auk_buffer_printf(out, "{\"bool\":{\"must\":{\"match\":{\"t\":\"w%u\"}},", draw(20));
        write_words(out, "should", 1 + draw(4));
        auk_buffer_append_text(out, "}}");
    } else if (kind == 4) {
        auk_buffer_printf(out, "{\"constant_score\":{\"boost\":%u,\"filter\":", 1 + draw(3));
        write_query(out, depth - 1);
        auk_buffer_append_text(out, "}}");
    } else {
        uint32_t should = draw(4);
        auk_buffer_append_text(out, "{\"bool\":{");
        depth = draw(2) ? depth : 1; /* half of them: words alone */
        write_list(out, "must", draw(3), depth - 1);
        auk_buffer_append_text(out, ",");
        write_list(out, "should", should, depth - 1);
        auk_buffer_append_text(out, ",");
        write_list(out, "filter", draw(6) == 0, depth - 1);
        auk_buffer_append_text(out, ",");
        write_list(out, "must_not", draw(4) == 0, depth - 1);
        if (should > 1 && draw(4) == 0)
            auk_buffer_printf(out, ",\"minimum_should_match\":%u", 1 + draw(should));
        auk_buffer_append_text(out, "}}");
    }
}

/* pool NULL: one thread and one task a shard or more; else as many tasks as can be */
static void run(test_index *index, auk_span query, const char *options, uint32_t size,
                auk_pool *pool, auk_arena *arena, auk_search_result *out)
{
    auk_error err = {0};
    auk_search_request request;
    auk_search_target target = test_index_target(index);
    auk_search_context context = {.now_ms = 1, .pool = pool, .task_docs = pool ? 1 : 0};
    auk_span body = auk_arena_printf(arena, "{\"query\":%.*s,\"size\":%u,%s}", AUK_SPAN_ARG(query),
                                     size, options);
    test_request(body.data, arena, &request);
    if (auk_search_run(&target, 1, &request, &context, arena, out, &err) != AUK_OK)
        fail_msg("%s", err.message);
}

static void compare(const auk_search_result *all, const auk_search_result *best, auk_span query)
{
    assert_int_equal(best->hit_count, all->hit_count);
    for (uint32_t i = 0; i < best->hit_count; i++) {
        const auk_hit *a = &all->hits[i], *b = &best->hits[i];
        if (a->shard != b->shard || a->segment != b->segment || a->doc != b->doc ||
            a->score != b->score)
            fail_msg("hit %u is document %u of segment %u with %.9g, not %u of %u with %.9g: %.*s",
                     i, b->doc, b->segment, (double)b->score, a->doc, a->segment, (double)a->score,
                     AUK_SPAN_ARG(query));
    }
}

static void compare_totals(const auk_search_result *all, const auk_search_result *counted,
                           auk_span query)
{
    if (counted->total != all->total)
        fail_msg("%llu matches, not %llu: %.*s", (unsigned long long)counted->total,
                 (unsigned long long)all->total, AUK_SPAN_ARG(query));
}

static auk_pool *pools[2]; /* of 1 and 3 threads: with the caller 2 and 4 */

static void try_query(test_index *index, auk_span text, auk_arena *arena)
{
    static const uint32_t sizes[] = {1, 9, 10, 11, 99, 100, 150, 1000, 1300};
    auk_search_result all, best, counted;
    uint32_t size = draw(2) ? 10 : sizes[draw(sizeof sizes / sizeof sizes[0])];
    run(index, text, "\"min_score\":0,\"track_total_hits\":true", size, NULL, arena, &all);
    run(index, text, "\"track_total_hits\":false", size, NULL, arena, &best);
    compare(&all, &best, text);
    for (size_t i = 0; i < sizeof pools / sizeof pools[0]; i++) {
        run(index, text, "\"track_total_hits\":false", size, pools[i], arena, &best);
        compare(&all, &best, text);
        run(index, text, "\"track_total_hits\":true", size, pools[i], arena, &counted);
        compare(&all, &counted, text);
        compare_totals(&all, &counted, text);
    }
    run(index, text, "\"track_total_hits\":true", size, NULL, arena, &counted);
    compare(&all, &counted, text);
    compare_totals(&all, &counted, text);
    run(index, text, "\"track_total_hits\":true", 0, NULL, arena, &counted);
    compare_totals(&all, &counted, text);
}

static void try_queries(test_index *index)
{
    auk_arena *arena = auk_arena_create(1 << 20);
    for (int i = 0; i < QUERIES; i++) {
        auk_buffer query;
        auk_buffer_init(&query, 1 << 16);
        write_query(&query, 2);
        try_query(index, auk_buffer_span(&query), arena);
        auk_buffer_deinit(&query);
        auk_arena_reset(arena);
    }
    auk_arena_destroy(arena);
}

static void the_best_hits_are_the_best_of_all_matches(void **state)
{
    (void)state;
    test_index index;
    uint32_t next_id = 0;
    seed_with(7);
    test_index_init(&index, "pruning", mapping, 1);
    add_segment(&index, 0, 0, 50000, &next_id);
    add_segment(&index, 0, 50000, 10000, &next_id);
    try_queries(&index);
    for (uint32_t i = 0; i < 9000; i++)
        test_index_kill(&index, 0, 0, draw(50000));
    try_queries(&index);
    test_index_deinit(&index);
}

static void shards_and_threads_do_not_show(void **state)
{
    (void)state;
    test_index index;
    uint32_t next_id = 0, docs[2][3] = {{9000, 300, 5000}, {7000, 4000, 1}};
    seed_with(11);
    test_index_init(&index, "shards", mapping, 2);
    for (uint32_t shard = 0; shard < 2; shard++)
        for (uint32_t i = 0; i < 3; i++)
            add_segment(&index, shard, next_id, docs[shard][i], &next_id);
    try_queries(&index);
    for (uint32_t i = 0; i < 2000; i++)
        test_index_kill(&index, 1, 0, draw(7000));
    try_queries(&index);
    test_index_deinit(&index);
}

/* ---- words whose lists keep their best documents ---- */

static void try_word(test_index *index, const char *query, auk_arena *arena)
{
    static const uint32_t sizes[] = {1, 10, 99, 100, 101};
    static const char *const pages[] = {"\"from\":0", "\"from\":3"};
    auk_search_result all, best;
    auk_span text = auk_span_of(query);
    for (size_t i = 0; i < 10; i++) {
        const char *page = pages[i % 2];
        uint32_t size = sizes[i / 2];
        auk_span options = auk_arena_printf(arena, "%s,\"min_score\":0", page);
        run(index, text, options.data, size, NULL, arena, &all);
        options = auk_arena_printf(arena, "%s,\"track_total_hits\":false", page);
        run(index, text, options.data, size, NULL, arena, &best);
        compare(&all, &best, text);
        run(index, text, options.data, size, pools[1], arena, &best);
        compare(&all, &best, text);
        options = auk_arena_printf(arena, "%s,\"track_total_hits\":true", page);
        run(index, text, options.data, size, NULL, arena, &best);
        compare(&all, &best, text);
    }
}

static void try_words(test_index *index)
{
    static const char *const boosts[] = {"1", "0", "3.5", "1e-36", "1e35"};
    auk_arena *arena = auk_arena_create(1 << 20);
    for (uint32_t word = 0; word < 15; word++) {
        auk_span query =
            auk_arena_printf(arena, "{\"match\":{\"t\":{\"query\":\"w%u\",\"boost\":%s}}}",
                             word * word, boosts[word % 5]);
        try_word(index, query.data, arena);
        auk_arena_reset(arena);
    }
    auk_arena_destroy(arena);
}

/* Deletes the best documents of a word, which its lists keep. */
static void kill_best(test_index *index, uint32_t word, uint32_t count)
{
    auk_search_result best;
    auk_arena *arena = auk_arena_create(1 << 16);
    auk_span query = auk_arena_printf(arena, "{\"match\":{\"t\":\"w%u\"}}", word);
    run(index, query, "\"track_total_hits\":false", count, NULL, arena, &best);
    for (uint32_t i = 0; i < best.hit_count; i++)
        test_index_kill(index, best.hits[i].shard, best.hits[i].segment, best.hits[i].doc);
    auk_arena_destroy(arena);
}

static void the_best_that_lists_keep_are_the_best(void **state)
{
    (void)state;
    test_index index;
    uint32_t next_id = 0;
    seed_with(17);
    test_index_init(&index, "leaders", mapping, 1);
    add_segment(&index, 0, 0, 16000, &next_id);
    try_words(&index);
    add_segment(&index, 0, 30000, 9000, &next_id); /* other lengths: another average */
    add_segment(&index, 0, 7000, 2000, &next_id);
    try_words(&index);
    for (uint32_t i = 0; i < 4; i++) {
        kill_best(&index, i, 1 + i * 12);
        try_words(&index);
    }
    kill_best(&index, 0, 150);
    try_words(&index);
    test_index_deinit(&index);
}

/* ---- many searches at once, each over many tasks that share a floor ---- */

enum { SEARCHERS = 3, ASKED = 24, AGAIN = 4 };

typedef struct searcher {
    test_index *index;
    auk_span queries[ASKED];
    auk_search_result expected[ASKED]; /* of one thread */
    atomic_uint wrong;
} searcher;

static bool same_hits(const auk_search_result *a, const auk_search_result *b)
{
    bool same = a->hit_count == b->hit_count;
    for (uint32_t i = 0; same && i < a->hit_count; i++)
        same = a->hits[i].segment == b->hits[i].segment && a->hits[i].doc == b->hits[i].doc &&
               a->hits[i].score == b->hits[i].score;
    return same;
}

static void write_alternatives(auk_buffer *out)
{
    uint32_t shape = draw(3);
    auk_buffer_printf(out, "{\"bool\":{\"%s\":[", shape == 0 ? "must" : "should");
    for (uint32_t i = 0, words = 1 + draw(4); i < words; i++)
        auk_buffer_printf(out, "%s{\"match\":{\"t\":\"w%u\"}}", i ? "," : "", draw(1u << draw(9)));
    auk_buffer_append_text(out, "]");
    if (shape == 2)
        auk_buffer_printf(out, ",\"must\":{\"match\":{\"t\":\"w%u\"}}", draw(4));
    auk_buffer_append_text(out, "}}");
}

static void *search_again(void *context)
{
    searcher *self = context;
    auk_arena *arena = auk_arena_create(1 << 16);
    for (int i = 0; i < ASKED * AGAIN; i++) {
        auk_search_result best;
        run(self->index, self->queries[i % ASKED], "\"track_total_hits\":false", 10, pools[i % 2],
            arena, &best);
        if (!same_hits(&self->expected[i % ASKED], &best))
            atomic_fetch_add(&self->wrong, 1);
        auk_arena_reset(arena);
    }
    auk_arena_destroy(arena);
    return NULL;
}

static void tasks_that_share_a_floor_answer_as_one_does(void **state)
{
    (void)state;
    test_index index;
    uint32_t next_id = 0;
    seed_with(13);
    test_index_init(&index, "floor", mapping, 1);
    for (uint32_t i = 0; i < 8; i++)
        add_segment(&index, 0, next_id, 1200, &next_id);
    searcher shared = {.index = &index};
    for (uint32_t i = 0; i < ASKED; i++) {
        auk_buffer query;
        auk_buffer_init(&query, 1 << 16);
        write_alternatives(&query);
        shared.queries[i] = auk_arena_copy(index.arena, auk_buffer_span(&query));
        auk_buffer_deinit(&query);
        run(&index, shared.queries[i], "\"min_score\":0,\"track_total_hits\":true", 10, NULL,
            index.arena, &shared.expected[i]);
    }
    pthread_t threads[SEARCHERS];
    for (int i = 0; i < SEARCHERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, search_again, &shared), 0);
    for (int i = 0; i < SEARCHERS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&shared.wrong), 0);
    test_index_deinit(&index);
}

static int start_pools(void **state)
{
    (void)state;
    pools[0] = auk_pool_create("pair", 1, 64);
    pools[1] = auk_pool_create("four", 3, 64);
    return 0;
}

static int stop_pools(void **state)
{
    (void)state;
    auk_pool_destroy(pools[0]);
    auk_pool_destroy(pools[1]);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_hits_are_the_best_of_all_matches),
        cmocka_unit_test(shards_and_threads_do_not_show),
        cmocka_unit_test(the_best_that_lists_keep_are_the_best),
        cmocka_unit_test(tasks_that_share_a_floor_answer_as_one_does),
    };
    return cmocka_run_group_tests(tests, start_pools, stop_pools);
}
