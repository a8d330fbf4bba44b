/*
 * Random documents and random queries, answered by the engine and by a model that looks at every
 * document: the same matches, the same order, scores equal to an ulp, whatever the segments,
 * deletions, shards, thresholds and threads.
 */
#include "test.h"

#include <math.h>

#include "auk/segment_writer.h"
#include "search_support.h"

static const char mapping[] = "{\"properties\":{"
                              "\"t\":{\"type\":\"text\",\"analyzer\":\"whitespace\"},"
                              "\"k\":{\"type\":\"keyword\"},"
                              "\"n\":{\"type\":\"long\"},"
                              "\"f\":{\"type\":\"double\"}}}";

/* ---- randomness ---- */

static uint64_t seed;

static uint32_t draw(uint32_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(seed >> 33) % below;
}

/* Small numbers are likely. */
static uint32_t draw_skewed(uint32_t below)
{
    return draw(draw(below) + 1);
}

/* ---- documents ---- */

typedef struct model_doc {
    const auk_json *source;
    uint32_t id, shard, segment;
    auk_doc doc;
    bool deleted;
} model_doc;

typedef struct model {
    test_index index;
    model_doc *docs;
    uint32_t count;
    uint32_t words;
} model;

static auk_span random_source(auk_arena *arena, uint32_t words)
{
    auk_buffer out;
    auk_buffer_init(&out, 1 << 16);
    auk_buffer_append_text(&out, "{");
    const char *comma = "";
    if (draw(10) > 0) {
        auk_buffer_append_text(&out, "\"t\":\"");
        for (uint32_t left = 1 + draw_skewed(40); left > 0; left--)
            auk_buffer_printf(&out, "w%u ", draw_skewed(words));
        auk_buffer_append_text(&out, "\"");
        comma = ",";
    }
    if (draw(4) > 0) {
        auk_buffer_printf(&out, "%s\"k\":[", comma);
        for (uint32_t i = 0, most = 1 + draw_skewed(3); i < most; i++)
            auk_buffer_printf(&out, "%s\"k%u\"", i ? "," : "", draw_skewed(12));
        auk_buffer_append_text(&out, "]");
        comma = ",";
    }
    if (draw(5) > 0) {
        auk_buffer_printf(&out, "%s\"n\":%d", comma, (int)draw(200) - 100);
        comma = ",";
    }
    if (draw(3) > 0)
        auk_buffer_printf(&out, "%s\"f\":%d.25", comma, (int)draw(50) - 25);
    auk_buffer_append_text(&out, "}");
    auk_span source = auk_arena_copy(arena, auk_buffer_span(&out));
    auk_buffer_deinit(&out);
    return source;
}

static void model_init(model *m, uint32_t shards, uint32_t segments, uint32_t docs, uint32_t words)
{
    uint32_t next_id = 0;
    *m = (model){.words = words};
    test_index_init(&m->index, "i", mapping, shards);
    m->docs = calloc((size_t)shards * segments * docs, sizeof *m->docs);
    for (uint32_t s = 0; s < shards; s++) {
        for (uint32_t g = 0; g < segments; g++) {
            uint32_t count = 1 + draw(docs);
            auk_span *sources = calloc(count, sizeof *sources);
            for (uint32_t i = 0; i < count; i++) {
                model_doc *doc = &m->docs[m->count++];
                sources[i] = random_source(m->index.arena, words);
                *doc = (model_doc){.id = next_id + i, .shard = s, .segment = g, .doc = i};
                assert_int_equal(auk_json_parse(sources[i], m->index.arena, &doc->source, NULL),
                                 AUK_OK);
            }
            test_index_add(&m->index, s, sources, count, &next_id);
            free(sources);
        }
    }
}

static void model_kill(model *m, uint32_t one_in)
{
    for (uint32_t i = 0; i < m->count; i++) {
        if (draw(one_in) > 0)
            continue;
        m->docs[i].deleted = true;
        test_index_kill(&m->index, m->docs[i].shard, m->docs[i].segment, m->docs[i].doc);
    }
}

static void model_deinit(model *m)
{
    test_index_deinit(&m->index);
    free(m->docs);
}

/* ---- what the model knows of a document ---- */

static uint32_t count_word(const model_doc *doc, auk_span word, uint32_t *length)
{
    const auk_json *text = auk_json_get(doc->source, "t");
    uint32_t found = 0;
    *length = 0;
    if (!text)
        return 0;
    for (size_t i = 0; i < text->text.size;) {
        size_t end = i;
        while (end < text->text.size && text->text.data[end] != ' ')
            end++;
        if (end > i) {
            ++*length;
            found += auk_span_equal(auk_span_make(text->text.data + i, end - i), word);
        }
        i = end + 1;
    }
    return found;
}

static bool has_keyword(const model_doc *doc, auk_span text, bool prefix, uint32_t *distinct)
{
    const auk_json *list = auk_json_get(doc->source, "k");
    bool found = false;
    *distinct = 0;
    for (const auk_json *item = list ? list->child : NULL; item; item = item->next) {
        bool repeated = false;
        for (const auk_json *before = list->child; before != item; before = before->next)
            repeated = repeated || auk_span_equal(before->text, item->text);
        *distinct += !repeated;
        found = found || (prefix ? auk_span_starts_with(item->text, text)
                                 : auk_span_equal(item->text, text));
    }
    return found;
}

/* ---- BM25 by the book ---- */

typedef struct scored {
    bool matches;
    float score;
} scored;

static float bm25(float boost, uint64_t n, uint64_t doc_count, uint64_t sum, uint32_t freq,
                  uint32_t length)
{
    float idf = (float)log(1 + ((double)doc_count - (double)n + 0.5) / ((double)n + 0.5));
    float average = (float)((double)sum / (double)doc_count);
    float weight = boost * idf;
    float dl = (float)auk_norm_decode(auk_norm_encode(length));
    float inverse = 1.0f / (1.2f * ((1.0f - 0.75f) + 0.75f * dl / average));
    return weight - weight / (1.0f + (float)freq * inverse);
}

/* Statistics are kept by word, as every document of a query asks for them again. */
typedef struct known {
    char key[16];
    uint32_t shard;
    uint64_t n, doc_count, sum;
} known;
static known cache[4096];
static uint32_t cached;

static const known *statistics(const model *m, uint32_t shard, bool keyword, auk_span text)
{
    char key[16] = {keyword ? 'k' : 't'};
    memcpy(key + 1, text.data, text.size);
    for (uint32_t i = 0; i < cached; i++)
        if (cache[i].shard == shard && memcmp(cache[i].key, key, sizeof key) == 0)
            return &cache[i];
    assert_true(cached < 4096);
    known *made = &cache[cached++];
    *made = (known){.shard = shard};
    memcpy(made->key, key, sizeof key);
    for (uint32_t i = 0; i < m->count; i++) {
        uint32_t length;
        if (m->docs[i].shard != shard)
            continue;
        made->n += keyword ? has_keyword(&m->docs[i], text, false, &length)
                           : count_word(&m->docs[i], text, &length) > 0;
        made->doc_count += length > 0;
        made->sum += length;
    }
    return made;
}

static scored score_word(const model *m, const model_doc *doc, auk_span word, float boost)
{
    uint32_t length, freq = count_word(doc, word, &length);
    if (freq == 0)
        return (scored){false, 0};
    const known *k = statistics(m, doc->shard, false, word);
    return (scored){true, bm25(boost, k->n, k->doc_count, k->sum, freq, length)};
}

/* ---- queries ---- */

static scored evaluate(const model *m, const model_doc *doc, const auk_json *query, float boost);

static float boost_of(const auk_json *object, float boost)
{
    double own = 1;
    const auk_json *member = auk_json_get(object, "boost");
    if (member)
        auk_json_to_double(member, &own);
    return boost * (float)own;
}

static scored evaluate_match(const model *m, const model_doc *doc, const auk_json *body,
                             float boost)
{
    const auk_json *options = body->child;
    auk_span text = auk_json_get(options, "query")->text, words[16];
    bool all = auk_json_get(options, "operator") != NULL;
    const auk_json *minimum_given = auk_json_get(options, "minimum_should_match");
    int64_t minimum = 1;
    uint32_t count = 0, matching = 0, times[16];
    double sum = 0;
    boost = boost_of(options, boost);
    if (minimum_given)
        auk_json_to_int64(minimum_given, &minimum);
    while (text.size) {
        const char *space = memchr(text.data, ' ', text.size);
        auk_span word = auk_span_make(text.data, space ? (size_t)(space - text.data) : text.size);
        text = auk_span_from(text, space ? word.size + 1 : word.size);
        uint32_t same = 0;
        while (same < count && (minimum > 1 || !auk_span_equal(words[same], word)))
            same++;
        if (same == count) {
            words[count] = word;
            times[count++] = 0;
        }
        times[same]++;
    }
    for (uint32_t i = 0; i < count; i++) {
        float weight = 0;
        for (uint32_t j = 0; j < times[i]; j++)
            weight += boost;
        scored one = score_word(m, doc, words[i], weight);
        matching += one.matches;
        sum += (double)one.score;
    }
    bool one_clause = count == 1;
    bool matches = one_clause ? matching == 1
                   : all      ? matching == count
                              : matching >= (minimum > 1 ? (uint32_t)minimum : 1);
    return (scored){matches, matches ? (float)sum : 0};
}

static scored evaluate_phrase(const model *m, const model_doc *doc, const auk_json *body,
                              float boost)
{
    const auk_json *text = auk_json_get(doc->source, "t");
    auk_span phrase = body->child->text, words[8];
    uint32_t count = 0, freq = 0, length;
    double idf = 0;
    if (!text)
        return (scored){false, 0};
    while (phrase.size) {
        const char *space = memchr(phrase.data, ' ', phrase.size);
        words[count] =
            auk_span_make(phrase.data, space ? (size_t)(space - phrase.data) : phrase.size);
        phrase = auk_span_from(phrase, space ? words[count].size + 1 : words[count].size);
        count++;
    }
    auk_span tokens[64];
    uint32_t token_count = 0;
    for (auk_span rest = text->text; rest.size;) {
        const char *space = memchr(rest.data, ' ', rest.size);
        size_t size = space ? (size_t)(space - rest.data) : rest.size;
        if (size)
            tokens[token_count++] = auk_span_make(rest.data, size);
        rest = auk_span_from(rest, space ? size + 1 : size);
    }
    for (uint32_t at = 0; at + count <= token_count; at++) {
        uint32_t i = 0;
        while (i < count && auk_span_equal(tokens[at + i], words[i]))
            i++;
        freq += i == count;
    }
    if (freq == 0)
        return (scored){false, 0};
    const known *k = NULL;
    for (uint32_t i = 0; i < count; i++) {
        k = statistics(m, doc->shard, false, words[i]);
        idf += (double)(float)log(1 + ((double)k->doc_count - (double)k->n + 0.5) /
                                          ((double)k->n + 0.5));
    }
    count_word(doc, words[0], &length);
    float weight = boost * (float)idf;
    float average = (float)((double)k->sum / (double)k->doc_count);
    float dl = (float)auk_norm_decode(auk_norm_encode(length));
    float inverse = 1.0f / (1.2f * ((1.0f - 0.75f) + 0.75f * dl / average));
    return (scored){true, weight - weight / (1.0f + (float)freq * inverse)};
}

static bool in_range(const model_doc *doc, const auk_json *body)
{
    const auk_json *limits = body->child;
    const auk_json *value = auk_json_find(doc->source, limits->key);
    double number, limit;
    if (!value)
        return false;
    auk_json_to_double(value, &number);
    for (const auk_json *member = limits->child; member; member = member->next) {
        auk_json_to_double(member, &limit);
        if ((auk_span_is(member->key, "gte") && number < limit) ||
            (auk_span_is(member->key, "gt") && number <= limit) ||
            (auk_span_is(member->key, "lte") && number > limit) ||
            (auk_span_is(member->key, "lt") && number >= limit))
            return false;
    }
    return true;
}

static scored evaluate_bool(const model *m, const model_doc *doc, const auk_json *body, float boost)
{
    static const scored none = {false, 0};
    const auk_json *must = auk_json_get(body, "must"), *filter = auk_json_get(body, "filter");
    const auk_json *should = auk_json_get(body, "should"), *not = auk_json_get(body, "must_not");
    const auk_json *minimum_given = auk_json_get(body, "minimum_should_match");
    double required = 0, optional = 0;
    uint32_t matching = 0;
    int64_t minimum = must || filter ? 0 : should ? 1 : 0;
    boost = boost_of(body, boost);
    if (minimum_given)
        auk_json_to_int64(minimum_given, &minimum);
    if (!must && !filter && !should && !not )
        return (scored){true, boost};
    for (const auk_json *item = must ? must->child : NULL; item; item = item->next) {
        scored one = evaluate(m, doc, item, boost);
        if (!one.matches)
            return none;
        required += (double)one.score;
    }
    for (const auk_json *item = filter ? filter->child : NULL; item; item = item->next)
        if (!evaluate(m, doc, item, boost).matches)
            return none;
    for (const auk_json *item = not ? not ->child : NULL; item; item = item->next)
        if (evaluate(m, doc, item, boost).matches)
            return none;
    for (const auk_json *item = should ? should->child : NULL; item; item = item->next) {
        scored one = evaluate(m, doc, item, boost);
        matching += one.matches;
        optional += (double)one.score;
    }
    if (matching < minimum)
        return none;
    if (!must && !filter)
        return (scored){true, (float)optional};
    if (matching == 0)
        return (scored){true, (float)required};
    if (minimum > 0)
        return (scored){true, (float)(required + (double)(float)optional)};
    return (scored){true, (float)required + (float)optional};
}

static scored evaluate_dis_max(const model *m, const model_doc *doc, const auk_json *body,
                               float boost)
{
    double tie = 0, others = 0;
    float best = 0;
    bool matches = false;
    boost = boost_of(body, boost);
    auk_json_to_double(auk_json_get(body, "tie_breaker"), &tie);
    for (const auk_json *item = auk_json_get(body, "queries")->child; item; item = item->next) {
        scored one = evaluate(m, doc, item, boost);
        matches = matches || one.matches;
        if (one.matches && one.score >= best) {
            others += (double)best;
            best = one.score;
        } else if (one.matches) {
            others += (double)one.score;
        }
    }
    return (scored){matches, (float)((double)best + others * (double)(float)tie)};
}

static scored evaluate_term(const model *m, const model_doc *doc, const auk_json *body, float boost)
{
    uint32_t distinct;
    if (!has_keyword(doc, body->child->text, false, &distinct))
        return (scored){false, 0};
    const known *k = statistics(m, doc->shard, true, body->child->text);
    return (scored){true, bm25(boost, k->n, k->doc_count, k->sum, 1, 1)};
}

static bool any_of(const model_doc *doc, const auk_json *list, bool id)
{
    char text[16];
    uint32_t distinct;
    snprintf(text, sizeof text, "%u", doc->id);
    for (const auk_json *item = list->child; item; item = item->next)
        if (id ? auk_span_is(item->text, text) : has_keyword(doc, item->text, false, &distinct))
            return true;
    return false;
}

static scored evaluate(const model *m, const model_doc *doc, const auk_json *query, float boost)
{
    const auk_json *body = query->child;
    auk_span kind = body->key;
    uint32_t distinct;
    bool matches = true;
    if (auk_span_is(kind, "match"))
        return evaluate_match(m, doc, body, boost);
    if (auk_span_is(kind, "match_phrase"))
        return evaluate_phrase(m, doc, body, boost);
    if (auk_span_is(kind, "bool"))
        return evaluate_bool(m, doc, body, boost);
    if (auk_span_is(kind, "dis_max"))
        return evaluate_dis_max(m, doc, body, boost);
    if (auk_span_is(kind, "term"))
        return evaluate_term(m, doc, body, boost);
    if (auk_span_is(kind, "constant_score")) {
        boost = boost_of(body, boost);
        matches = evaluate(m, doc, auk_json_get(body, "filter"), 1).matches;
    } else if (auk_span_is(kind, "range")) {
        matches = in_range(doc, body);
    } else if (auk_span_is(kind, "prefix")) {
        matches = has_keyword(doc, body->child->text, true, &distinct);
    } else if (auk_span_is(kind, "terms")) {
        matches = any_of(doc, body->child, false);
    } else if (auk_span_is(kind, "ids")) {
        matches = any_of(doc, body->child, true);
    } else if (auk_span_is(kind, "exists")) {
        matches = auk_json_find(doc->source, body->child->text) != NULL;
    } else {
        assert_true(auk_span_is(kind, "match_all"));
        boost = boost_of(body, boost);
    }
    return (scored){matches, matches ? boost : 0};
}

/* ---- random queries ---- */

static void random_query(const model *m, uint32_t depth, auk_buffer *out);

static void random_list(const model *m, const char *name, uint32_t depth, auk_buffer *out,
                        const char **comma)
{
    auk_buffer_printf(out, "%s\"%s\":[", *comma, name);
    for (uint32_t i = 0, count = 1 + draw(3); i < count; i++) {
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
    if (draw(2))
        random_list(m, "must", depth, out, &comma);
    if (draw(4) == 0)
        random_list(m, "filter", depth, out, &comma);
    if (draw(2)) {
        random_list(m, "should", depth, out, &comma);
        if (draw(4) == 0)
            auk_buffer_printf(out, ",\"minimum_should_match\":1");
    }
    if (draw(4) == 0)
        random_list(m, "must_not", depth, out, &comma);
    if (draw(4) == 0)
        auk_buffer_printf(out, "%s\"boost\":%u.5", comma, draw(3));
    auk_buffer_append_text(out, "}}");
}

static void random_match(const model *m, auk_buffer *out)
{
    uint32_t words = 1 + draw(4);
    auk_buffer_append_text(out, "{\"match\":{\"t\":{\"query\":\"");
    for (uint32_t i = 0; i < words; i++)
        auk_buffer_printf(out, "%sw%u", i ? " " : "", draw_skewed(m->words + 2));
    auk_buffer_append_text(out, "\"");
    if (draw(4) == 0)
        auk_buffer_append_text(out, ",\"operator\":\"and\"");
    else if (draw(4) == 0)
        auk_buffer_printf(out, ",\"minimum_should_match\":%u", 1 + draw(words));
    if (draw(4) == 0)
        auk_buffer_printf(out, ",\"boost\":%u.25", draw(4));
    auk_buffer_append_text(out, "}}}");
}

static void random_leaf(const model *m, auk_buffer *out)
{
    switch (draw(10)) {
    case 0:
        auk_buffer_printf(out, "{\"term\":{\"k\":\"k%u\"}}", draw_skewed(13));
        break;
    case 1:
        auk_buffer_printf(out, "{\"terms\":{\"k\":[\"k%u\",\"k%u\",\"k%u\"]}}", draw(13), draw(13),
                          draw(13));
        break;
    case 2:
        auk_buffer_printf(out, "{\"range\":{\"%s\":{\"%s\":%d.5}}}", draw(2) ? "n" : "f",
                          draw(2) ? "gt" : "lte", (int)draw(100) - 50);
        break;
    case 3:
        auk_buffer_printf(out, "{\"range\":{\"n\":{\"%s\":%d,\"%s\":%d}}}", draw(2) ? "gt" : "gte",
                          (int)draw(100) - 100, draw(2) ? "lt" : "lte", (int)draw(100));
        break;
    case 4:
        auk_buffer_printf(out, "{\"prefix\":{\"k\":\"k%s\"}}", draw(2) ? "1" : "");
        break;
    case 5:
        auk_buffer_printf(out, "{\"exists\":{\"field\":\"%c\"}}", "tknfx"[draw(5)]);
        break;
    case 6:
        auk_buffer_printf(out, "{\"ids\":{\"values\":[\"%u\",\"%u\",\"x\"]}}", draw(m->count),
                          draw(m->count));
        break;
    case 7:
        auk_buffer_printf(out, "{\"match_phrase\":{\"t\":\"w%u w%u\"}}", draw_skewed(5),
                          draw_skewed(5));
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
    uint32_t choice = depth >= 3 ? 9 : draw(10);
    const char *comma = "";
    if (choice < 3) {
        random_bool(m, depth, out);
    } else if (choice == 3) {
        auk_buffer_append_text(out, "{\"dis_max\":{");
        random_list(m, "queries", depth, out, &comma);
        auk_buffer_printf(out, ",\"tie_breaker\":0.%u}}", draw(10));
    } else if (choice == 4) {
        auk_buffer_append_text(out, "{\"constant_score\":{\"filter\":");
        random_query(m, depth + 1, out);
        auk_buffer_printf(out, ",\"boost\":%u.5}}", draw(3));
    } else if (choice < 8) {
        random_match(m, out);
    } else {
        random_leaf(m, out);
    }
}

/* ---- comparing ---- */

typedef struct expected {
    float score;
    uint32_t rank;    /* in the order of shards, segments, documents */
    auk_span keyword; /* for sorts */
    double number;
} expected;

static int by_score(const void *a, const void *b)
{
    const expected *left = a, *right = b;
    if (left->score != right->score)
        return left->score > right->score ? -1 : 1;
    return (left->rank > right->rank) - (left->rank < right->rank);
}

static uint32_t expect(const model *m, const auk_json *query, expected *out)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < m->count; i++) {
        if (m->docs[i].deleted)
            continue;
        scored one = evaluate(m, &m->docs[i], query, 1);
        if (one.matches)
            out[count++] = (expected){.score = one.score, .rank = i};
    }
    qsort(out, count, sizeof *out, by_score);
    return count;
}

static bool nearly(float a, float b)
{
    return a == b || nextafterf(a, b) == b;
}

static uint32_t rank_of(const model *m, const auk_hit *hit)
{
    for (uint32_t i = 0; i < m->count; i++)
        if (m->docs[i].shard == hit->shard && m->docs[i].segment == hit->segment &&
            m->docs[i].doc == hit->doc)
            return i;
    return UINT32_MAX;
}

static void compare(model *m, const char *text, uint32_t size, int64_t track, auk_pool *pool,
                    auk_arena *arena, expected *wanted)
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
        uint32_t rank = rank_of(m, &result.hits[i]);
        float score = result.hits[i].score;
        if (!nearly(score, wanted[i].score))
            fail_msg("%s: hit %u scores %.9g, not %.9g", text, i, (double)score,
                     (double)wanted[i].score);
        if (rank != wanted[i].rank && score == wanted[i].score)
            fail_msg("%s: hit %u is %u, not %u", text, i, rank, wanted[i].rank);
    }
}

static void random_queries(model *m, uint32_t queries, auk_pool *pool, bool pure_or)
{
    expected *wanted = calloc(m->count + 1, sizeof *wanted);
    cached = 0;
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
        compare(m, text.data, 1 + draw(20), tracks[draw(4)], pool, arena, wanted);
        auk_buffer_deinit(&text);
        auk_arena_destroy(arena);
    }
    free(wanted);
}

static void small_corpora_agree_with_the_model(void **state)
{
    (void)state;
    for (uint32_t round = 0; round < 12; round++) {
        model m;
        seed = 1000 + round;
        model_init(&m, 1 + draw(3), 1 + draw(4), 1 + draw(60), 12);
        if (draw(2))
            model_kill(&m, 5);
        random_queries(&m, 150, NULL, false);
        model_deinit(&m);
    }
}

/* More than one window and block, so that bounds and floors are at work. */
static void large_segments_agree_with_the_model(void **state)
{
    (void)state;
    for (uint32_t round = 0; round < 2; round++) {
        model m;
        seed = 77 + round;
        model_init(&m, 1, 2, 9000, 60);
        if (round)
            model_kill(&m, 9);
        random_queries(&m, 25, NULL, round == 0);
        random_queries(&m, 10, NULL, true);
        model_deinit(&m);
    }
}

/* ---- sorting ---- */

static int by_number(const void *a, const void *b)
{
    const expected *left = a, *right = b;
    if (left->number != right->number)
        return left->number < right->number ? -1 : 1;
    return (left->rank > right->rank) - (left->rank < right->rank);
}

static int by_keyword(const void *a, const void *b)
{
    const expected *left = a, *right = b;
    if (!left->keyword.data != !right->keyword.data)
        return left->keyword.data ? -1 : 1;
    int order = auk_span_compare(left->keyword, right->keyword);
    return order ? order : (left->rank > right->rank) - (left->rank < right->rank);
}

/* Pages of `size` by sort and search_after or by position; each document once, in order. */
static void walk(model *m, const char *sort, uint32_t size, bool by_position,
                 const expected *wanted, uint32_t count)
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
            uint32_t rank = rank_of(m, &result.hits[i]);
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
    seed = 5;
    model_init(&m, 2, 3, 60, 12);
    model_kill(&m, 6);
    expected *wanted = calloc(m.count, sizeof *wanted);
    uint32_t count = 0;
    for (uint32_t i = 0; i < m.count; i++) {
        const auk_json *number = auk_json_get(m.docs[i].source, "n");
        const auk_json *list = auk_json_get(m.docs[i].source, "k");
        expected one = {.rank = i, .number = 1e300};
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
    seed = 9;
    *(&m) = (model){.words = 40};
    test_index_init(&m.index, "i", mapping, 2);
    uint32_t next_id = 0, total = 150000;
    m.docs = calloc(total, sizeof *m.docs);
    for (uint32_t s = 0; s < 2; s++) {
        auk_span *sources = calloc(total / 2, sizeof *sources);
        for (uint32_t i = 0; i < total / 2; i++)
            sources[i] = auk_arena_printf(m.index.arena, "{\"t\":\"w%u w%u w%u\"}", draw_skewed(40),
                                          draw_skewed(40), draw_skewed(40));
        test_index_add(&m.index, s, sources, total / 2, &next_id);
        free(sources);
    }
    for (uint32_t i = 0; i < 20; i++) {
        auk_arena *arena = auk_arena_create(1 << 14);
        auk_search_request request;
        auk_search_result alone, together;
        auk_search_target target = test_index_target(&m.index);
        auk_search_context context = {.now_ms = 1};
        auk_span body = auk_arena_printf(arena, "{\"query\":{\"match\":{\"t\":\"w%u w%u w%u\"}}}",
                                         draw_skewed(40), draw_skewed(40), draw(40));
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
