#include "search_model.h"

#include <math.h>

/* ---- random queries ---- */

static void random_query(const model *m, uint32_t depth, auk_buffer *out);

static void random_list(const model *m, const char *name, uint32_t depth, auk_buffer *out,
                        const char **comma)
{
    auk_buffer_printf(out, "%s\"%s\":[", *comma, name);
    for (uint32_t i = 0, count = 1 + model_draw(3); i < count; i++) {
        if (i)
            auk_buffer_append_text(out, ",");
        random_query(m, depth + 1, out);
    }
    auk_buffer_append_text(out, "]");
    *comma = ",";
}

static void random_bool(const model *m, uint32_t depth, auk_buffer *out)
{
    const char *comma = "";
    auk_buffer_append_text(out, "{\"bool\":{");
    if (model_draw(2))
        random_list(m, "must", depth, out, &comma);
    if (model_draw(4) == 0)
        random_list(m, "filter", depth, out, &comma);
    if (model_draw(2)) {
        random_list(m, "should", depth, out, &comma);
        if (model_draw(4) == 0)
            auk_buffer_printf(out, ",\"minimum_should_match\":1");
    }
    if (model_draw(4) == 0)
        random_list(m, "must_not", depth, out, &comma);
    if (model_draw(4) == 0)
        auk_buffer_printf(out, "%s\"boost\":%u.5", comma, model_draw(3));
    auk_buffer_append_text(out, "}}");
}

static void random_match(const model *m, auk_buffer *out)
{
    uint32_t words = 1 + model_draw(4);
    auk_buffer_append_text(out, "{\"match\":{\"t\":{\"query\":\"");
    for (uint32_t i = 0; i < words; i++)
        auk_buffer_printf(out, "%sw%u", i ? " " : "", model_draw_skewed(m->words + 2));
    auk_buffer_append_text(out, "\"");
    if (model_draw(4) == 0)
        auk_buffer_append_text(out, ",\"operator\":\"and\"");
    else if (model_draw(4) == 0)
        auk_buffer_printf(out, ",\"minimum_should_match\":%u", 1 + model_draw(words));
    if (model_draw(4) == 0)
        auk_buffer_printf(out, ",\"boost\":%u.25", model_draw(4));
    auk_buffer_append_text(out, "}}}");
}

static void random_leaf(const model *m, auk_buffer *out)
{
    switch (model_draw(10)) {
    case 0:
        auk_buffer_printf(out, "{\"term\":{\"k\":\"k%u\"}}", model_draw_skewed(13));
        break;
    case 1:
        auk_buffer_printf(out, "{\"terms\":{\"k\":[\"k%u\",\"k%u\",\"k%u\"]}}", model_draw(13),
                          model_draw(13), model_draw(13));
        break;
    case 2:
        auk_buffer_printf(out, "{\"range\":{\"%s\":{\"%s\":%d.5}}}", model_draw(2) ? "n" : "f",
                          model_draw(2) ? "gt" : "lte", (int)model_draw(100) - 50);
        break;
    case 3:
        auk_buffer_printf(out, "{\"range\":{\"n\":{\"%s\":%d,\"%s\":%d}}}",
                          model_draw(2) ? "gt" : "gte", (int)model_draw(100) - 100,
                          model_draw(2) ? "lt" : "lte", (int)model_draw(100));
        break;
    case 4:
        auk_buffer_printf(out, "{\"prefix\":{\"k\":\"k%s\"}}", model_draw(2) ? "1" : "");
        break;
    case 5:
        auk_buffer_printf(out, "{\"exists\":{\"field\":\"%c\"}}", "tknfx"[model_draw(5)]);
        break;
    case 6:
        auk_buffer_printf(out, "{\"ids\":{\"values\":[\"%u\",\"%u\",\"x\"]}}", model_draw(m->count),
                          model_draw(m->count));
        break;
    case 7:
        auk_buffer_printf(out, "{\"match_phrase\":{\"t\":\"w%u w%u\"}}", model_draw_skewed(5),
                          model_draw_skewed(5));
        break;
    case 8:
        auk_buffer_append_text(out, "{\"match_all\":{}}");
        break;
    default:
        random_match(m, out);
        break;
    }
}

static void random_query(const model *m, uint32_t depth, auk_buffer *out)
{
    uint32_t choice = depth >= 3 ? 9 : model_draw(10);
    const char *comma = "";
    if (choice < 3) {
        random_bool(m, depth, out);
    } else if (choice == 3) {
        auk_buffer_append_text(out, "{\"dis_max\":{");
        random_list(m, "queries", depth, out, &comma);
        auk_buffer_printf(out, ",\"tie_breaker\":0.%u}}", model_draw(10));
    } else if (choice == 4) {
        auk_buffer_append_text(out, "{\"constant_score\":{\"filter\":");
        random_query(m, depth + 1, out);
        auk_buffer_printf(out, ",\"boost\":%u.5}}", model_draw(3));
    } else if (choice < 8) {
        random_match(m, out);
    } else {
        random_leaf(m, out);
    }
}

/* ---- comparing ---- */

static int by_score(const void *a, const void *b)
{
    const model_expected *left = a, *right = b;
    if (left->score != right->score)
        return left->score > right->score ? -1 : 1;
    return (left->rank > right->rank) - (left->rank < right->rank);
}

static uint32_t expect(const model *m, const auk_json *query, model_expected *out)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < m->count; i++) {
        if (m->docs[i].deleted)
            continue;
        model_scored one = model_evaluate(m, &m->docs[i], query, 1);
        if (one.matches)
            out[count++] = (model_expected){.score = one.score, .rank = i};
    }
    qsort(out, count, sizeof *out, by_score);
    return count;
}

static bool nearly(float a, float b)
{
    return a == b || nextafterf(a, b) == b;
}

uint32_t model_rank_of(const model *m, const auk_hit *hit)
{
    for (uint32_t i = 0; i < m->count; i++)
        if (m->docs[i].shard == hit->shard && m->docs[i].segment == hit->segment &&
            m->docs[i].doc == hit->doc)
            return i;
    return UINT32_MAX;
}

static void compare(model *m, const char *text, uint32_t size, int64_t track, auk_pool *pool,
                    auk_arena *arena, model_expected *wanted)
{
    auk_search_request request;
    auk_search_result result;
    auk_search_target target = test_index_target(&m->index);
    auk_search_context context = {.pool = pool, .now_ms = 1};
    auk_error err = {0};
    const auk_json *query;
    assert_int_equal(auk_json_parse(auk_span_of(text), arena, &query, &err), AUK_OK);
    uint32_t count = expect(m, query, wanted);
    auk_search_request_init(&request);
    request.size = size;
    request.track_total_hits = track;
    if (auk_query_parse(query, arena, &request.query, &err) != AUK_OK)
        fail_msg("%s: %s", text, err.message);
    if (auk_search_run(&target, 1, &request, &context, arena, &result, &err) != AUK_OK)
        fail_msg("%s: %s", text, err.message);
    bool cut = track > 0 && count > track;
    if (track > 0 &&
        (result.total != (cut ? (uint64_t)track : count) || result.total_is_lower_bound != cut))
        fail_msg("%s: total %llu of %u", text, (unsigned long long)result.total, count);
    if (result.hit_count != (count < size ? count : size))
        fail_msg("%s: %u hits of %u", text, result.hit_count, count);
    for (uint32_t i = 0; i < result.hit_count; i++) {
        uint32_t rank = model_rank_of(m, &result.hits[i]);
        float score = result.hits[i].score;
        if (!nearly(score, wanted[i].score))
            fail_msg("%s: hit %u scores %.9g, not %.9g", text, i, (double)score,
                     (double)wanted[i].score);
        if (rank != wanted[i].rank && score == wanted[i].score)
            fail_msg("%s: hit %u is %u, not %u", text, i, rank, wanted[i].rank);
    }
}

void model_random_queries(model *m, uint32_t queries, auk_pool *pool, bool pure_or)
{
    model_expected *wanted = calloc(m->count + 1, sizeof *wanted);
    model_forget_statistics();
    for (uint32_t i = 0; i < queries; i++) {
        static const int64_t tracks[] = {INT64_MAX, 0, 7, 10000};
        auk_arena *arena = auk_arena_create(1 << 14);
        auk_buffer text;
        auk_buffer_init(&text, 1 << 20);
        if (pure_or)
            random_match(m, &text);
        else
            random_query(m, 0, &text);
        auk_buffer_append_byte(&text, 0);
        compare(m, text.data, 1 + model_draw(20), tracks[model_draw(4)], pool, arena, wanted);
        auk_buffer_deinit(&text);
        auk_arena_destroy(arena);
    }
    free(wanted);
}
