/*
 * The model of test_search_model.c over segments that were merged in another order of documents:
 * what the search answers depends on what is in a segment, never on the order in which it came.
 */
#include "search_model.h"

#include "merge_reorder.h"
#include "store_support.h"

typedef enum new_order {
    BY_BISECTION,
    SHUFFLED, /* an order that nothing expects */
} new_order;

static uint32_t shuffled_map(uint32_t **maps, const auk_merge_plan *plan)
{
    uint32_t *rank = calloc(plan->doc_count + 1u, sizeof *rank);
    for (uint32_t i = 0; i < plan->doc_count; i++) {
        uint32_t other = model_draw(i + 1);
        rank[i] = rank[other];
        rank[other] = i;
    }
    for (uint32_t s = 0; s < plan->source_count; s++)
        for (uint32_t d = 0; d < auk_segment_doc_count(plan->sources[s].segment); d++)
            if (maps[s][d] != AUK_DOC_DROPPED)
                maps[s][d] = rank[maps[s][d]];
    free(rank);
    return plan->doc_count;
}

static int by_place(const void *a, const void *b)
{
    const model_doc *x = a, *y = b;
    if (x->shard != y->shard)
        return x->shard < y->shard ? -1 : 1;
    if (x->segment != y->segment)
        return x->segment < y->segment ? -1 : 1;
    return (x->doc > y->doc) - (x->doc < y->doc);
}

/* The documents of the model are where the maps say now; those that were dropped count no more. */
static void move_documents(model *m, uint32_t shard, uint32_t *const *maps)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < m->count; i++) {
        model_doc doc = m->docs[i];
        if (doc.shard == shard) {
            doc.doc = maps[doc.segment][doc.doc];
            doc.segment = 0;
            assert_int_equal(doc.doc == AUK_DOC_DROPPED, doc.deleted);
        }
        if (doc.doc != AUK_DOC_DROPPED)
            m->docs[kept++] = doc;
    }
    m->count = kept;
    qsort(m->docs, m->count, sizeof *m->docs, by_place);
}

static void merge_shard(model *m, uint32_t shard, new_order order)
{
    auk_shard_view *view = &m->index.shards[shard];
    auk_merge_source sources[TEST_SEGMENTS_MOST];
    uint32_t *maps[TEST_SEGMENTS_MOST];
    auk_live *live[TEST_SEGMENTS_MOST] = {0};
    auk_merge_options options = {.compression_level = 1};
    auk_reorder_options how = {.from = 1};
    auk_reordering reordering = {0};
    auk_merge_plan plan;
    for (uint32_t s = 0; s < view->segment_count; s++) {
        const auk_segment_view *one = &view->segments[s];
        uint32_t count = auk_segment_doc_count(one->segment);
        maps[s] = calloc(count, sizeof *maps[s]);
        for (uint32_t d = 0; d < count; d++)
            if (one->live != NULL && (one->live[d / 64] >> (d % 64) & 1) == 0)
                auk_live_kill(&live[s], count, d);
        sources[s] = (auk_merge_source){one->segment, live[s], maps[s]};
    }
    assert_ok(auk_merge_prepare(sources, view->segment_count, &options, &plan, err));
    if (plan.doc_count > 0) {
        if (order == BY_BISECTION)
            assert_ok(auk_merge_reorder(&plan, &how, &reordering, err));
        else
            plan.is_reordered = shuffled_map(maps, &plan) > 0;
        assert_true(plan.is_reordered || plan.doc_count == 1);
        auk_memory_sink *memory = auk_memory_sink_create();
        auk_sink sink = auk_memory_sink_interface(memory);
        auk_segment *merged;
        assert_ok(auk_merge_run(&plan, &sink, err));
        assert_ok(auk_memory_sink_open(memory, &merged, err));
        move_documents(m, shard, maps);
        for (uint32_t s = 0; s < view->segment_count; s++)
            auk_segment_release(view->segments[s].segment);
        view->segments[0] =
            (auk_segment_view){.segment = merged, .live_count = plan.doc_count, .in_memory = true};
        view->segment_count = 1;
    }
    auk_reordering_end(&reordering);
    for (uint32_t s = 0; s < plan.source_count; s++) {
        free(maps[s]);
        auk_live_release(live[s]);
    }
}

static void merge_all(model *m)
{
    for (uint32_t s = 0; s < m->index.shard_count; s++)
        merge_shard(m, s, model_draw(2) ? SHUFFLED : BY_BISECTION);
}

static void small_corpora_agree_with_the_model(void **state)
{
    (void)state;
    for (uint32_t round = 0; round < 16; round++) {
        model m;
        model_seed = 3000 + round;
        model_init(&m, 1 + model_draw(3), 1 + model_draw(4), 1 + model_draw(60), 12);
        if (model_draw(2))
            model_kill(&m, 5);
        merge_all(&m);
        model_random_queries(&m, 60, NULL, false);
        model_kill(&m, 4); /* while it is as it was merged */
        model_random_queries(&m, 30, NULL, false);
        model_deinit(&m);
    }
}

static void a_merge_of_merged_segments_agrees_too(void **state)
{
    (void)state;
    for (uint32_t round = 0; round < 4; round++) {
        model m;
        model_seed = 4000 + round;
        model_init(&m, 1, 3, 200, 20);
        for (uint32_t times = 0; times < 3; times++) {
            model_kill(&m, 7);
            merge_all(&m);
            model_random_queries(&m, 40, NULL, false);
        }
        model_deinit(&m);
    }
}

/* More than one window and block, so that bounds and floors of the new order are at work. */
static void large_segments_agree_with_the_model(void **state)
{
    (void)state;
    for (uint32_t round = 0; round < 2; round++) {
        model m;
        model_seed = 177 + round;
        model_init(&m, 1, 2, 9000, 60);
        if (round)
            model_kill(&m, 9);
        merge_shard(&m, 0, round ? BY_BISECTION : SHUFFLED);
        model_random_queries(&m, 20, NULL, round == 0);
        model_random_queries(&m, 10, NULL, true);
        model_deinit(&m);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_corpora_agree_with_the_model),
        cmocka_unit_test(a_merge_of_merged_segments_agrees_too),
        cmocka_unit_test(large_segments_agree_with_the_model),
    };
    return cmocka_run_group_tests_name("search_model_reordered", tests, NULL, NULL);
}
