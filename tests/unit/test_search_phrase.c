/*
 * A phrase is where its words stand in a row: counts, hits and scores for random phrases over words
 * that most documents have, some, hardly any, or a run of neighbours, against a walk over all words
 * of all documents.
 */
#include <math.h>

#include "test.h"

#include "search_support.h"

enum { DOCS = 24000, SEGMENT = 17000, LONGEST = 38, FREQUENT = 6, REGION = 900, PHRASES = 60 };

/* Lengths below 40 are kept as they are, so that scores can be told to the last digits. */
static const char mapping[] = "{\"properties\":{\"t\":{\"type\":\"text\"}}}";

typedef struct corpus {
    uint16_t words[DOCS][LONGEST];
    uint32_t lengths[DOCS];
    bool dead[DOCS];
    uint64_t length; /* of all */
} corpus;

static uint64_t seed;

static uint32_t draw(uint32_t limit)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((seed >> 33) % limit);
}

/* A third of the words are frequent ones; every region has one that all its documents have. */
static uint16_t draw_word(uint32_t doc)
{
    uint32_t kind = draw(12);
    if (kind < 4)
        return (uint16_t)draw(FREQUENT);
    if (kind == 4)
        return (uint16_t)(FREQUENT + doc / REGION);
    return (uint16_t)draw(1u << draw(13));
}

static auk_span make_source(corpus *all, uint32_t doc, auk_arena *arena)
{
    auk_buffer out;
    auk_buffer_init(&out, 1 << 16);
    auk_buffer_append_text(&out, "{\"t\":\"");
    uint32_t length = 2 + draw(LONGEST - 2);
    for (uint32_t i = 0; i < length; i++) {
        bool again = i > 0 && draw(9) == 0;
        all->words[doc][i] = again ? all->words[doc][i - 1] : draw_word(doc);
        auk_buffer_printf(&out, "w%u ", all->words[doc][i]);
    }
    auk_buffer_append_text(&out, "\"}");
    all->lengths[doc] = length;
    all->length += length;
    auk_span source = auk_arena_copy(arena, auk_buffer_span(&out));
    auk_buffer_deinit(&out);
    return source;
}

/* Mostly words that stand in a row somewhere. */
static uint32_t draw_phrase(const corpus *all, uint16_t words[5])
{
    uint32_t count = 2 + draw(2) * draw(4), doc = draw(DOCS);
    uint32_t from = draw(all->lengths[doc]);
    for (uint32_t i = 0; i < count; i++)
        words[i] =
            from + i < all->lengths[doc] && draw(15) ? all->words[doc][from + i] : draw_word(doc);
    if (draw(6) == 0)
        words[1] = words[0];
    return count;
}

static uint32_t count_in(const corpus *all, uint32_t doc, const uint16_t *words, uint32_t count)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i + count <= all->lengths[doc]; i++)
        found += memcmp(all->words[doc] + i, words, sizeof *words * count) == 0;
    return found;
}

static double weigh(const corpus *all, const uint16_t *words, uint32_t count)
{
    double weight = 0;
    for (uint32_t w = 0; w < count; w++) {
        double docs = 0;
        for (uint32_t doc = 0; doc < DOCS; doc++)
            docs += count_in(all, doc, words + w, 1) > 0;
        weight += log(1 + (DOCS - docs + 0.5) / (docs + 0.5));
    }
    return weight;
}

static void search(test_index *index, const uint16_t *words, uint32_t count, uint32_t size,
                   auk_arena *arena, auk_search_result *out)
{
    auk_error err = {0};
    auk_buffer body;
    auk_search_request request;
    auk_search_target target = test_index_target(index);
    auk_search_context context = {.now_ms = 1};
    auk_buffer_init(&body, 1 << 16);
    auk_buffer_append_text(&body, "{\"query\":{\"match_phrase\":{\"t\":\"");
    for (uint32_t w = 0; w < count; w++)
        auk_buffer_printf(&body, "w%u ", words[w]);
    auk_buffer_printf(&body, "\"}},\"size\":%u,\"track_total_hits\":%s}", size,
                      size == 10 ? "false" : "true");
    auk_span text = auk_arena_copy(arena, auk_buffer_span(&body));
    test_request(auk_arena_printf(arena, "%.*s", AUK_SPAN_ARG(text)).data, arena, &request);
    if (auk_search_run(&target, 1, &request, &context, arena, out, &err) != AUK_OK)
        fail_msg("%s", err.message);
    auk_buffer_deinit(&body);
}

/* Each hit scores what it should, and above those behind it; no better document is left out. */
static void check_hits(const corpus *all, const uint16_t *words, uint32_t count, double weight,
                       const auk_search_result *hits, uint32_t matches)
{
    double average = (double)all->length / DOCS;
    uint32_t better = 0;
    for (uint32_t i = 0; i < hits->hit_count; i++) {
        uint32_t doc = hits->hits[i].doc + (hits->hits[i].segment ? SEGMENT : 0);
        double freq = count_in(all, doc, words, count);
        double k = (double)1.2f * (0.25 + 0.75 * all->lengths[doc] / average);
        double score = (double)hits->hits[i].score;
        assert_true(freq > 0 && !all->dead[doc]);
        assert_true(fabs(score - weight * freq / (freq + k)) < 1e-4 * weight);
        assert_true(i == 0 || hits->hits[i - 1].score >= hits->hits[i].score);
    }
    if (hits->hit_count == 0)
        return;
    double least = (double)hits->hits[hits->hit_count - 1].score + 1e-4 * weight;
    for (uint32_t doc = 0; doc < DOCS && matches > hits->hit_count; doc++) {
        double freq = all->dead[doc] ? 0 : count_in(all, doc, words, count);
        double k = (double)1.2f * (0.25 + 0.75 * all->lengths[doc] / average);
        better += weight * freq / (freq + k) > least;
    }
    assert_true(better <= hits->hit_count);
}

static void try_phrases(test_index *index, const corpus *all)
{
    static const uint32_t sizes[] = {0, 10, 100, 1000};
    auk_arena *arena = auk_arena_create(1 << 16);
    for (uint32_t i = 0; i < PHRASES; i++) {
        uint16_t words[5];
        uint32_t count = draw_phrase(all, words), matches = 0;
        for (uint32_t doc = 0; doc < DOCS; doc++)
            matches += !all->dead[doc] && count_in(all, doc, words, count) > 0;
        double weight = weigh(all, words, count);
        for (uint32_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
            auk_search_result out;
            search(index, words, count, sizes[s], arena, &out);
            uint32_t wanted = matches < sizes[s] ? matches : sizes[s];
            assert_int_equal(out.hit_count, wanted);
            if (sizes[s] != 10)
                assert_int_equal(out.total, matches);
            check_hits(all, words, count, weight, &out, matches);
            auk_arena_reset(arena);
        }
    }
    auk_arena_destroy(arena);
}

static void a_phrase_is_where_its_words_stand_in_a_row(void **state)
{
    (void)state;
    test_index index;
    uint32_t next_id = 0;
    corpus *all = calloc(1, sizeof *all);
    seed = 21;
    test_index_init(&index, "phrase", mapping, 1);
    auk_span *sources = AUK_ARENA_ARRAY(index.arena, auk_span, DOCS);
    for (uint32_t doc = 0; doc < DOCS; doc++)
        sources[doc] = make_source(all, doc, index.arena);
    test_index_add(&index, 0, sources, SEGMENT, &next_id);
    test_index_add(&index, 0, sources + SEGMENT, DOCS - SEGMENT, &next_id);
    try_phrases(&index, all);
    for (uint32_t i = 0; i < DOCS / 5; i++) {
        uint32_t doc = draw(DOCS);
        if (!all->dead[doc])
            test_index_kill(&index, 0, doc >= SEGMENT, doc % SEGMENT);
        all->dead[doc] = true;
    }
    try_phrases(&index, all);
    test_index_deinit(&index);
    free(all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_phrase_is_where_its_words_stand_in_a_row),
    };
    return cmocka_run_group_tests_name("search_phrase", tests, NULL, NULL);
}
