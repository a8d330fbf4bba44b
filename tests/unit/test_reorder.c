/* The order that a merge gives its documents, and what is carried into it. */
#include "test.h"

#include "auk/segment_check.h"
#include "auk/segment_writer.h"

#include "bisect.h"
#include "merge_documents.h"
#include "merge_reorder.h"
#include "posting_order.h"
#include "store_support.h"

static uint64_t seed;

static uint32_t draw(uint32_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(seed >> 33) % below;
}

/* ---- bisection ---- */

#define DOCS   20000u
#define TOPICS 16u
#define EACH   20u

typedef struct graph {
    auk_bisect_graph graph;
    uint64_t *starts;
    uint16_t *terms;
} graph;

/* Document d is about topic d % TOPICS: topics are as mixed as can be. Half of a document's terms
 * are its topic's, the others anybody's. */
static graph make_graph(uint32_t docs)
{
    graph g = {.starts = calloc(docs + 1, sizeof *g.starts),
               .terms = calloc((size_t)docs * EACH, sizeof *g.terms)};
    uint64_t at = 0;
    for (uint32_t d = 0; d < docs; d++) {
        for (uint32_t i = 0; i < EACH; i++) {
            uint16_t term =
                (uint16_t)(i % 2 ? (d % TOPICS) * 50 + draw(50) : TOPICS * 50 + draw(400));
            bool has = false;
            for (uint64_t j = g.starts[d]; j < at; j++)
                has = has || g.terms[j] == term;
            if (!has)
                g.terms[at++] = term;
        }
        g.starts[d + 1] = at;
    }
    g.graph = (auk_bisect_graph){docs, TOPICS * 50 + 400, g.starts, g.terms};
    return g;
}

static void free_graph(graph *g)
{
    free(g->starts);
    free(g->terms);
}

static uint32_t *order_of(const graph *g, uint32_t least, auk_pool *pool)
{
    auk_bisect_options options = {.iterations = 20, .least = least, .pool = pool};
    uint32_t *order = calloc(g->graph.doc_count + 1, sizeof *order);
    auk_bisect(&g->graph, &options, order);
    return order;
}

static void assert_permutation(const uint32_t *order, uint32_t count)
{
    uint8_t *seen = calloc(count + 1, 1);
    for (uint32_t i = 0; i < count; i++) {
        assert_true(order[i] < count);
        assert_false(seen[order[i]]);
        seen[order[i]] = 1;
    }
    free(seen);
}

static void documents_of_a_topic_come_to_stand_together(void **state)
{
    (void)state;
    seed = 1;
    graph g = make_graph(DOCS);
    uint32_t *order = order_of(&g, 256, NULL);
    assert_permutation(order, DOCS);
    double before = auk_bisect_cost(&g.graph, NULL, 1024);
    double after = auk_bisect_cost(&g.graph, order, 1024);
    assert_true(after < before * 0.75);
    uint32_t same = 0;
    for (uint32_t i = 1; i < DOCS; i++)
        same += order[i] % TOPICS == order[i - 1] % TOPICS;
    assert_true(same > DOCS / 10 * 9);
    free(order);
    free_graph(&g);
}

static void the_order_is_the_same_for_any_number_of_threads(void **state)
{
    (void)state;
    seed = 2;
    graph g = make_graph(DOCS);
    auk_pool *pool = auk_pool_create("test", 3, 64);
    uint32_t *alone = order_of(&g, 64, NULL);
    for (uint32_t i = 0; i < 3; i++) {
        uint32_t *together = order_of(&g, 64, pool);
        assert_memory_equal(alone, together, DOCS * sizeof *alone);
        free(together);
    }
    free(alone);
    auk_pool_destroy(pool);
    free_graph(&g);
}

static void any_number_of_documents_is_cut(void **state)
{
    (void)state;
    static const uint32_t counts[] = {0, 1, 2, 3, 7, 64, 65, 255, 257, 1000};
    seed = 3;
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        graph g = make_graph(counts[i]);
        uint32_t *order = order_of(&g, 2 + draw(16), NULL);
        assert_permutation(order, counts[i]);
        free(order);
        free_graph(&g);
    }
}

static bool stop_at_once(void *context)
{
    (void)context;
    return true;
}

static void one_that_is_stopped_leaves_an_order(void **state)
{
    (void)state;
    seed = 4;
    graph g = make_graph(2000);
    auk_bisect_options options = {.iterations = 20, .least = 64, .stopped = stop_at_once};
    uint32_t *order = calloc(2000, sizeof *order);
    auk_bisect(&g.graph, &options, order);
    assert_permutation(order, 2000);
    free(order);
    free_graph(&g);
}

/* A clock on which each question takes a microsecond. */
static uint64_t ask_clock(void *context)
{
    uint64_t *left = context;
    return *left > 0 ? (*left)-- : 0;
}

static void one_whose_budget_ends_leaves_an_order(void **state)
{
    (void)state;
    enum { SOME = 5000 };
    seed = 6;
    graph g = make_graph(SOME);
    uint32_t *unlimited = calloc(SOME, sizeof *unlimited), *order = calloc(SOME, sizeof *order);
    auk_bisect_options options = {.iterations = 20, .least = 16};
    assert_true(auk_bisect(&g.graph, &options, unlimited));
    double before = auk_bisect_cost(&g.graph, NULL, 256), best = before;
    bool lasted = false;
    options.left_us = ask_clock;
    for (uint64_t budget = 0; !lasted; budget = budget * 3 / 2 + 1) {
        uint64_t left = budget;
        options.context = &left;
        lasted = auk_bisect(&g.graph, &options, order);
        assert_permutation(order, SOME);
        double cost = auk_bisect_cost(&g.graph, order, 256);
        assert_true(cost <= before * 1.001);
        best = cost < best ? cost : best;
        assert_true(lasted || left < budget || budget == 0);
    }
    assert_memory_equal(order, unlimited, SOME * sizeof *order);
    assert_true(best < before);
    free(order);
    free(unlimited);
    free_graph(&g);
}

/* ---- postings ---- */

typedef struct handed_out {
    uint32_t count, last;
    const uint32_t *freqs; /* by document */
} handed_out;

static void take_posting(void *context, uint32_t doc, uint32_t freq, const uint32_t *positions)
{
    handed_out *out = context;
    assert_true(out->count == 0 || doc > out->last);
    assert_int_equal(freq, out->freqs[doc]);
    for (uint32_t i = 0; i < freq; i++)
        assert_int_equal(positions[i], doc * 3 + i * (doc % 300 + 1));
    out->last = doc;
    out->count++;
}

static void postings_leave_by_document(void **state)
{
    (void)state;
    static const struct {
        uint32_t docs, one_in;
    } lists[] = {{100, 10},   {70000, 40000}, {70000, 900},
                 {70000, 20}, {70000, 3},     {3000000, 60000}};
    for (size_t l = 0; l < sizeof lists / sizeof *lists; l++) {
        uint32_t docs = lists[l].docs, count = 0;
        uint32_t *shuffled = calloc(docs, sizeof *shuffled), *freqs = calloc(docs, sizeof *freqs);
        uint32_t positions[8];
        auk_posting_order order;
        seed = 5 + l;
        for (uint32_t d = 0; d < docs; d++) {
            if (draw(lists[l].one_in) > 0)
                continue;
            uint32_t at = draw(++count);
            shuffled[count - 1] = shuffled[at];
            shuffled[at] = d;
        }
        auk_posting_order_init(&order, docs);
        for (uint32_t again = 0; again < 2; again++) {
            auk_posting_order_reset(&order);
            for (uint32_t i = 0; i < count; i++) {
                uint32_t d = shuffled[i];
                freqs[d] = 1 + d % 8;
                for (uint32_t p = 0; p < freqs[d]; p++)
                    positions[p] = d * 3 + p * (d % 300 + 1);
                auk_posting_order_add(&order, d, freqs[d], positions);
            }
            handed_out out = {.freqs = freqs};
            auk_posting_order_each(&order, take_posting, &out);
            assert_int_equal(out.count, count);
        }
        auk_posting_order_deinit(&order);
        free(shuffled);
        free(freqs);
    }
}

/* ---- a whole segment ---- */

#define SOURCES     3u
#define EACH_SOURCE 700u

/* Everything of a document follows from its number, so that it can be told wherever it is. */
/* Each document's id, or that of every fifth as its routing. */
static void write_ids(auk_segment_writer *writer, uint16_t field, uint32_t from, uint32_t count)
{
    auk_terms_options ids = {.field = field, .average_length = 1, .k1 = 1.2f, .b = 0.75f};
    uint32_t documents = 0;
    auk_segment_writer_begin_terms(writer, &ids);
    for (uint32_t d = 0; d < count; d++) {
        char id[16];
        if (field == AUK_FIELD_ROUTING && (from + d) % 5 != 0)
            continue;
        int size = snprintf(id, sizeof id, "%08u", from + d);
        auk_segment_writer_begin_term(writer, auk_span_make(id, (size_t)size));
        auk_segment_writer_posting(writer, d, 1, NULL);
        auk_segment_writer_end_term(writer);
        documents++;
    }
    auk_segment_writer_end_terms(writer, documents);
}

static void write_numbers(auk_segment_writer *writer, uint16_t field, uint32_t from, uint32_t count)
{
    auk_segment_writer_begin_column(writer, field, false);
    for (uint32_t d = 0; d < count; d++) {
        uint32_t values = field < 16 ? 1 : field == 17 ? (from + d) % 4 : (from + d) % 2;
        for (uint32_t i = 0; i < values; i++)
            auk_segment_writer_column_value(writer, d,
                                            field == AUK_FIELD_SEQ_NO ? from + d
                                            : field < 16              ? 1
                                                                      : (from + d) * 10 + i);
    }
    auk_segment_writer_end_column(writer);
}

/* Field 16: words with positions, word w<n> in documents whose number n divides. */
static void write_text(auk_segment_writer *writer, uint32_t from, uint32_t count)
{
    uint8_t *norms = calloc(count, 1);
    for (uint32_t d = 0; d < count; d++)
        norms[d] = auk_norm_encode((from + d) % 30 + 1);
    auk_segment_writer_norms(writer, 16, norms);
    auk_terms_options options = {.field = 16,
                                 .has_freqs = true,
                                 .has_positions = true,
                                 .norms = norms,
                                 .average_length = 10,
                                 .k1 = 1.2f,
                                 .b = 0.75f};
    auk_segment_writer_begin_terms(writer, &options);
    for (uint32_t n = 1; n < 10; n++) {
        char word[4];
        int size = snprintf(word, sizeof word, "w%u", n);
        auk_segment_writer_begin_term(writer, auk_span_make(word, (size_t)size));
        for (uint32_t d = 0; d < count; d++) {
            uint32_t number = from + d, positions[3] = {n, n + number % 50 + 1, n + 100};
            if (number % n == 0)
                auk_segment_writer_posting(writer, d, 1 + number % 3, positions);
        }
        auk_segment_writer_end_term(writer);
    }
    auk_segment_writer_end_terms(writer, count);
    free(norms);
}

static uint32_t size_of(uint32_t number)
{
    return number % 97 == 0 ? 5000 : 20 + number % 60;
}

static auk_segment *make_segment(uint32_t from, uint32_t count)
{
    auk_memory_sink *memory = auk_memory_sink_create();
    auk_sink sink = auk_memory_sink_interface(memory);
    auk_segment_writer_options options = {.doc_count = count, .compression_level = 1};
    auk_segment_writer *writer = auk_segment_writer_create(&sink, &options);
    auk_segment *segment;
    write_ids(writer, AUK_FIELD_ID, from, count);
    for (uint16_t field = AUK_FIELD_SEQ_NO; field <= AUK_FIELD_PRIMARY_TERM; field++)
        write_numbers(writer, field, from, count);
    write_ids(writer, AUK_FIELD_ROUTING, from, count);
    write_text(writer, from, count);
    write_numbers(writer, 17, from, count);
    write_numbers(writer, 18, from, count);
    for (uint32_t d = 0; d < count; d++) {
        char id[16], source[5001];
        int size = snprintf(id, sizeof id, "%08u", from + d);
        memset(source, (char)('a' + (from + d) % 26), sizeof source);
        auk_stored_document document = {.id = auk_span_make(id, (size_t)size),
                                        .source = auk_span_make(source, size_of(from + d))};
        if ((from + d) % 5 == 0)
            document.routing = document.id;
        auk_segment_writer_document(writer, &document);
    }
    assert_ok(auk_segment_writer_finish(writer, from + count - 1, err));
    auk_segment_writer_destroy(writer);
    assert_ok(auk_memory_sink_open(memory, &segment, err));
    return segment;
}

static void fail_finding(void *context, const auk_finding *finding)
{
    (void)context;
    if (finding->kind == AUK_FINDING_DAMAGE)
        fail_msg("%s: %s", finding->where, finding->message);
}

static void check_column(const auk_segment *segment, uint16_t field, auk_doc doc, uint32_t number,
                         auk_arena *arena)
{
    const int64_t *values;
    auk_column_cursor *cursor = auk_column_cursor_open(auk_segment_column(segment, field), arena);
    uint32_t count = auk_column_cursor_values(cursor, doc, &values);
    assert_int_equal(count, field == 17 ? number % 4 : number % 2);
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(values[i], number * 10 + i);
}

static void check_words(const auk_segment *segment, auk_doc doc, uint32_t number, auk_arena *arena)
{
    const auk_terms *terms = auk_segment_terms(segment, 16);
    for (uint32_t n = 1; n < 10; n++) {
        char word[4];
        auk_term term;
        bool found;
        auk_postings *postings;
        int size = snprintf(word, sizeof word, "w%u", n);
        assert_ok(auk_terms_find(terms, auk_span_make(word, (size_t)size), &term, &found, err));
        assert_true(found);
        assert_ok(auk_postings_open(&term, AUK_WANT_POSITIONS, arena, &postings, err));
        assert_int_equal(auk_postings_seek(postings, doc) == doc, number % n == 0);
        if (number % n != 0)
            continue;
        assert_int_equal(auk_postings_freq(postings), 1 + number % 3);
        const uint32_t *positions = auk_postings_positions(postings);
        assert_int_equal(positions[0], n);
        if (number % 3 > 0)
            assert_int_equal(positions[1], n + number % 50 + 1);
    }
}

/* Every document is there with all that is its own, under its new number. */
static void check_documents(const auk_segment *segment, uint32_t const *const *maps)
{
    auk_arena *arena = auk_arena_create(1 << 16);
    const uint8_t *norms = auk_segment_norms(segment, 16);
    for (uint32_t number = 0; number < SOURCES * EACH_SOURCE; number++) {
        auk_doc doc = maps[number / EACH_SOURCE][number % EACH_SOURCE];
        auk_stored_document stored;
        char id[16];
        auk_doc found_at;
        bool found;
        if (doc == AUK_DOC_DROPPED)
            continue;
        (void)snprintf(id, sizeof id, "%08u", number);
        assert_ok(auk_segment_find_id(segment, auk_span_of(id), &found_at, &found, err));
        assert_true(found);
        assert_int_equal(found_at, doc);
        assert_ok(auk_segment_read_stored(segment, doc, NULL, arena, &stored, err));
        assert_true(auk_span_is(stored.id, id));
        assert_int_equal(stored.routing.size, number % 5 == 0 ? 8 : 0);
        assert_int_equal(stored.source.size, size_of(number));
        assert_int_equal(stored.source.data[stored.source.size - 1], 'a' + (int)(number % 26));
        assert_int_equal(norms[doc], auk_norm_encode(number % 30 + 1));
        check_column(segment, 17, doc, number, arena);
        check_column(segment, 18, doc, number, arena);
        if (number % 7 == 0)
            check_words(segment, doc, number, arena);
        auk_arena_reset(arena);
    }
    auk_arena_destroy(arena);
}

static void merge_and_check(auk_merge_source *sources, uint32_t **maps, auk_pool *pool)
{
    auk_merge_options options = {.compression_level = 1};
    auk_reorder_options how = {.from = 1, .pool = pool};
    auk_reordering reordering;
    auk_merge_plan plan;
    auk_segment *merged;
    assert_ok(auk_merge_prepare(sources, SOURCES, &options, &plan, err));
    assert_ok(auk_merge_reorder(&plan, &how, &reordering, err));
    assert_true(plan.is_reordered);
    auk_memory_sink *memory = auk_memory_sink_create();
    auk_sink sink = auk_memory_sink_interface(memory);
    assert_ok(auk_merge_run(&plan, &sink, err));
    auk_reordering_end(&reordering);
    assert_ok(auk_memory_sink_open(memory, &merged, err));
    assert_int_equal(auk_segment_doc_count(merged), plan.doc_count);
    auk_findings findings = {.tell = fail_finding};
    auk_segment_check(merged, "merged", &findings);
    check_documents(merged, (uint32_t const *const *)maps);
    auk_segment_release(merged);
}

static void everything_of_a_document_moves_with_it(void **state)
{
    (void)state;
    auk_merge_source sources[SOURCES];
    uint32_t *maps[SOURCES];
    auk_live *live[SOURCES] = {0};
    auk_pool *pool = auk_pool_create("test", 2, 64);
    seed = 11;
    for (uint32_t s = 0; s < SOURCES; s++) {
        maps[s] = calloc(EACH_SOURCE, sizeof *maps[s]);
        sources[s] = (auk_merge_source){make_segment(s * EACH_SOURCE, EACH_SOURCE), NULL, maps[s]};
    }
    merge_and_check(sources, maps, NULL);
    for (uint32_t s = 0; s < SOURCES; s++) {
        for (uint32_t d = 0; d < EACH_SOURCE; d++)
            if (draw(3) == 0)
                auk_live_kill(&live[s], EACH_SOURCE, d);
        sources[s].live = live[s];
    }
    merge_and_check(sources, maps, pool);
    for (uint32_t s = 0; s < SOURCES; s++) {
        auk_segment_release(sources[s].segment);
        auk_live_release(live[s]);
        free(maps[s]);
    }
    auk_pool_destroy(pool);
}

/* ---- documents in small runs ---- */

static void documents_are_gathered_in_runs_of_any_size(void **state)
{
    (void)state;
    static const size_t most[] = {1, 300, 6000, 50000, 1 << 20};
    uint32_t map[EACH_SOURCE];
    auk_merge_source source = {make_segment(0, EACH_SOURCE), NULL, map};
    auk_merge_plan plan = {.sources = &source,
                           .source_count = 1,
                           .doc_count = EACH_SOURCE,
                           .is_reordered = true};
    for (uint32_t d = 0; d < EACH_SOURCE; d++)
        map[d] = (d * 37 + 5) % EACH_SOURCE; /* 37 and 700 have no common divisor */
    for (size_t i = 0; i < sizeof most / sizeof *most; i++) {
        auk_memory_sink *memory = auk_memory_sink_create();
        auk_sink sink = auk_memory_sink_interface(memory);
        auk_segment_writer_options options = {.doc_count = EACH_SOURCE, .compression_level = 1};
        auk_segment_writer *writer = auk_segment_writer_create(&sink, &options);
        auk_segment *segment;
        auk_arena *arena = auk_arena_create(1 << 16);
        assert_ok(auk_merge_documents(&plan, writer, most[i], err));
        assert_ok(auk_segment_writer_finish(writer, -1, err));
        auk_segment_writer_destroy(writer);
        assert_ok(auk_memory_sink_open(memory, &segment, err));
        for (uint32_t d = 0; d < EACH_SOURCE; d++) {
            auk_stored_document stored;
            char id[16];
            (void)snprintf(id, sizeof id, "%08u", d);
            assert_ok(auk_segment_read_stored(segment, map[d], NULL, arena, &stored, err));
            assert_true(auk_span_is(stored.id, id));
        }
        auk_arena_destroy(arena);
        auk_segment_release(segment);
    }
    auk_segment_release(source.segment);
}

/* ---- memory ---- */

static void what_has_no_room_keeps_its_order(void **state)
{
    (void)state;
    auk_merge_source sources[SOURCES];
    uint32_t *maps[SOURCES];
    auk_budget *budget = auk_budget_create(1 << 16);
    auk_merge_options options = {.compression_level = 1};
    auk_reorder_options how = {.from = 1, .budget = budget};
    auk_reordering reordering;
    auk_merge_plan plan;
    for (uint32_t s = 0; s < SOURCES; s++) {
        maps[s] = calloc(EACH_SOURCE, sizeof *maps[s]);
        sources[s] = (auk_merge_source){make_segment(s * EACH_SOURCE, EACH_SOURCE), NULL, maps[s]};
    }
    assert_ok(auk_merge_prepare(sources, SOURCES, &options, &plan, err));
    assert_ok(auk_merge_reorder(&plan, &how, &reordering, err));
    assert_true(reordering.no_memory);
    assert_false(plan.is_reordered);
    assert_int_equal(maps[1][0], EACH_SOURCE);
    auk_reordering_end(&reordering);
    assert_int_equal(auk_budget_used_total(budget), 0);
    for (uint32_t s = 0; s < SOURCES; s++) {
        auk_segment_release(sources[s].segment);
        free(maps[s]);
    }
    auk_budget_destroy(budget);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_of_a_topic_come_to_stand_together),
        cmocka_unit_test(the_order_is_the_same_for_any_number_of_threads),
        cmocka_unit_test(any_number_of_documents_is_cut),
        cmocka_unit_test(one_that_is_stopped_leaves_an_order),
        cmocka_unit_test(one_whose_budget_ends_leaves_an_order),
        cmocka_unit_test(postings_leave_by_document),
        cmocka_unit_test(everything_of_a_document_moves_with_it),
        cmocka_unit_test(documents_are_gathered_in_runs_of_any_size),
        cmocka_unit_test(what_has_no_room_keeps_its_order),
    };
    return cmocka_run_group_tests_name("reorder", tests, NULL, NULL);
}
