/*
 * Random documents and random queries, answered by the engine and by a model that looks at every
 * document: the same matches, the same order, scores equal to an ulp, whatever the segments,
 * deletions, shards, thresholds and threads.
 */
#include "search_model.h"

static void small_corpora_agree_with_the_model(void **state)
{
    (void)state;
    for (uint32_t round = 0; round < 12; round++) {
        model m;
        model_seed = 1000 + round;
        model_init(&m, 1 + model_draw(3), 1 + model_draw(4), 1 + model_draw(60), 12);
        if (model_draw(2))
            model_kill(&m, 5);
        model_random_queries(&m, 150, NULL, false);
        model_deinit(&m);
    }
}

/* More than one window and block, so that bounds and floors are at work. */
static void large_segments_agree_with_the_model(void **state)
{
    (void)state;
    for (uint32_t round = 0; round < 2; round++) {
        model m;
        model_seed = 77 + round;
        model_init(&m, 1, 2, 9000, 60);
        if (round)
            model_kill(&m, 9);
        model_random_queries(&m, 25, NULL, round == 0);
        model_random_queries(&m, 10, NULL, true);
        model_deinit(&m);
    }
}

/* ---- sorting ---- */

static int by_number(const void *a, const void *b)
{
    const model_expected *left = a, *right = b;
    if (left->number != right->number)
        return left->number < right->number ? -1 : 1;
    return (left->rank > right->rank) - (left->rank < right->rank);
}

static int by_keyword(const void *a, const void *b)
{
    const model_expected *left = a, *right = b;
    if (!left->keyword.data != !right->keyword.data)
        return left->keyword.data ? -1 : 1;
    int order = auk_span_compare(left->keyword, right->keyword);
    return order ? order : (left->rank > right->rank) - (left->rank < right->rank);
}

/* Pages of `size` by sort and search_after or by position; each document once, in order. */
static void walk(model *m, const char *sort, uint32_t size, bool by_position,
                 const model_expected *wanted, uint32_t count)
{
    auk_arena *arena = auk_arena_create(1 << 16);
    auk_search_target target = test_index_target(&m->index);
    auk_search_context context = {.now_ms = 1};
    auk_span after = {0};
    auk_search_position position = {0};
    uint32_t seen = 0;
    for (;;) {
        auk_search_request request;
        auk_search_result result;
        auk_error err = {0};
        auk_span body =
            auk_arena_printf(arena, "{\"size\":%u,\"sort\":%s%s%.*s}", size, sort,
                             after.size ? ",\"search_after\":" : "", AUK_SPAN_ARG(after));
        test_request(body.data, arena, &request);
        request.after = position;
        if (auk_search_run(&target, 1, &request, &context, arena, &result, &err) != AUK_OK)
            fail_msg("%s: %s", body.data, err.message);
        assert_int_equal(result.total, count);
        if (result.hit_count == 0)
            break;
        for (uint32_t i = 0; i < result.hit_count; i++) {
            assert_true(seen < count);
            uint32_t rank = model_rank_of(m, &result.hits[i]);
            if (rank != wanted[seen].rank)
                fail_msg("%s: place %u is %u, not %u", body.data, seen, rank, wanted[seen].rank);
            seen++;
        }
        if (by_position) {
            position = result.position;
            continue;
        }
        auk_buffer out;
        auk_json_writer writer;
        const auk_json *answer;
        auk_buffer_init(&out, 1 << 20);
        auk_json_writer_init(&writer, &out, false);
        auk_json_begin_object(&writer);
        assert_int_equal(auk_search_write(&target, &request, &result, arena, &writer, &err),
                         AUK_OK);
        auk_json_end_object(&writer);
        assert_int_equal(auk_json_parse(auk_buffer_span(&out), arena, &answer, &err), AUK_OK);
        const auk_json *hit = auk_json_path(answer, AUK_SPAN("hits.hits"))->child;
        while (hit->next)
            hit = hit->next;
        after = auk_json_get(hit, "sort")->text;
        auk_buffer_deinit(&out);
    }
    assert_int_equal(seen, count);
    auk_arena_destroy(arena);
}

static void pages_show_each_document_once_in_order(void **state)
{
    (void)state;
    model m;
    model_seed = 5;
    model_init(&m, 2, 3, 60, 12);
    model_kill(&m, 6);
    model_expected *wanted = calloc(m.count, sizeof *wanted);
    uint32_t count = 0;
    for (uint32_t i = 0; i < m.count; i++) {
        const auk_json *number = auk_json_get(m.docs[i].source, "n");
        const auk_json *list = auk_json_get(m.docs[i].source, "k");
        model_expected one = {.rank = i, .number = 1e300};
        if (m.docs[i].deleted)
            continue;
        if (number)
            auk_json_to_double(number, &one.number);
        for (const auk_json *item = list ? list->child : NULL; item; item = item->next)
            if (!one.keyword.data || auk_span_compare(item->text, one.keyword) < 0)
                one.keyword = item->text;
        wanted[count++] = one;
    }
    qsort(wanted, count, sizeof *wanted, by_number);
    walk(&m, "[\"n\",\"_shard_doc\"]", 7, false, wanted, count);
    walk(&m, "[\"n\"]", 7, true, wanted, count);
    qsort(wanted, count, sizeof *wanted, by_keyword);
    walk(&m, "[\"k\",\"_shard_doc\"]", 9, false, wanted, count);
    walk(&m, "[\"k\"]", 1, true, wanted, count);
    free(wanted);
    model_deinit(&m);
}

/* ---- threads ---- */

static void threads_do_not_show_in_the_answer(void **state)
{
    (void)state;
    model m;
    auk_pool *pool = auk_pool_create("search", 3, 64);
    model_seed = 9;
    *(&m) = (model){.words = 40};
    test_index_init(&m.index, "i", model_mapping, 2);
    uint32_t next_id = 0, total = 150000;
    m.docs = calloc(total, sizeof *m.docs);
    for (uint32_t s = 0; s < 2; s++) {
        auk_span *sources = calloc(total / 2, sizeof *sources);
        for (uint32_t i = 0; i < total / 2; i++)
            sources[i] =
                auk_arena_printf(m.index.arena, "{\"t\":\"w%u w%u w%u\"}", model_draw_skewed(40),
                                 model_draw_skewed(40), model_draw_skewed(40));
        test_index_add(&m.index, s, sources, total / 2, &next_id);
        free(sources);
    }
    for (uint32_t i = 0; i < 20; i++) {
        auk_arena *arena = auk_arena_create(1 << 14);
        auk_search_request request;
        auk_search_result alone, together;
        auk_search_target target = test_index_target(&m.index);
        auk_search_context context = {.now_ms = 1};
        auk_span body =
            auk_arena_printf(arena, "{\"query\":{\"match\":{\"t\":\"w%u w%u w%u\"}}}",
                             model_draw_skewed(40), model_draw_skewed(40), model_draw(40));
        test_request(body.data, arena, &request);
        assert_int_equal(auk_search_run(&target, 1, &request, &context, arena, &alone, NULL),
                         AUK_OK);
        context.pool = pool;
        assert_int_equal(auk_search_run(&target, 1, &request, &context, arena, &together, NULL),
                         AUK_OK);
        assert_int_equal(alone.total, together.total);
        assert_int_equal(alone.total_is_lower_bound, together.total_is_lower_bound);
        assert_int_equal(alone.hit_count, together.hit_count);
        for (uint32_t h = 0; h < alone.hit_count; h++) {
            assert_true(alone.hits[h].score == together.hits[h].score);
            assert_int_equal(alone.hits[h].shard, together.hits[h].shard);
            assert_int_equal(alone.hits[h].doc, together.hits[h].doc);
        }
        auk_arena_destroy(arena);
    }
    model_deinit(&m);
    auk_pool_destroy(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_corpora_agree_with_the_model),
        cmocka_unit_test(large_segments_agree_with_the_model),
        cmocka_unit_test(pages_show_each_document_once_in_order),
        cmocka_unit_test(threads_do_not_show_in_the_answer),
    };
    return cmocka_run_group_tests_name("search_model", tests, NULL, NULL);
}
