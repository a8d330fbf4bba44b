#include "search_model.h"

#include <math.h>

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

void model_forget_statistics(void)
{
    cached = 0;
}

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

static model_scored score_word(const model *m, const model_doc *doc, auk_span word, float boost)
{
    uint32_t length, freq = count_word(doc, word, &length);
    if (freq == 0)
        return (model_scored){false, 0};
    const known *k = statistics(m, doc->shard, false, word);
    return (model_scored){true, bm25(boost, k->n, k->doc_count, k->sum, freq, length)};
}

/* ---- queries ---- */

static float boost_of(const auk_json *object, float boost)
{
    double own = 1;
    const auk_json *member = auk_json_get(object, "boost");
    if (member)
        auk_json_to_double(member, &own);
    return boost * (float)own;
}

static model_scored evaluate_match(const model *m, const model_doc *doc, const auk_json *body,
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
        model_scored one = score_word(m, doc, words[i], weight);
        matching += one.matches;
        sum += (double)one.score;
    }
    bool one_clause = count == 1;
    bool matches = one_clause ? matching == 1
                   : all      ? matching == count
                              : matching >= (minimum > 1 ? (uint32_t)minimum : 1);
    return (model_scored){matches, matches ? (float)sum : 0};
}

static model_scored evaluate_phrase(const model *m, const model_doc *doc, const auk_json *body,
                                    float boost)
{
    const auk_json *text = auk_json_get(doc->source, "t");
    auk_span phrase = body->child->text, words[8];
    uint32_t count = 0, freq = 0, length;
    double idf = 0;
    if (!text)
        return (model_scored){false, 0};
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
        return (model_scored){false, 0};
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
    return (model_scored){true, weight - weight / (1.0f + (float)freq * inverse)};
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

static model_scored evaluate_bool(const model *m, const model_doc *doc, const auk_json *body,
                                  float boost)
{
    static const model_scored none = {false, 0};
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
        return (model_scored){true, boost};
    for (const auk_json *item = must ? must->child : NULL; item; item = item->next) {
        model_scored one = model_evaluate(m, doc, item, boost);
        if (!one.matches)
            return none;
        required += (double)one.score;
    }
    for (const auk_json *item = filter ? filter->child : NULL; item; item = item->next)
        if (!model_evaluate(m, doc, item, boost).matches)
            return none;
    for (const auk_json *item = not ? not ->child : NULL; item; item = item->next)
        if (model_evaluate(m, doc, item, boost).matches)
            return none;
    for (const auk_json *item = should ? should->child : NULL; item; item = item->next) {
        model_scored one = model_evaluate(m, doc, item, boost);
        matching += one.matches;
        optional += (double)one.score;
    }
    if (matching < minimum)
        return none;
    if (!must && !filter)
        return (model_scored){true, (float)optional};
    if (matching == 0)
        return (model_scored){true, (float)required};
    if (minimum > 0)
        return (model_scored){true, (float)(required + (double)(float)optional)};
    return (model_scored){true, (float)required + (float)optional};
}

static model_scored evaluate_dis_max(const model *m, const model_doc *doc, const auk_json *body,
                                     float boost)
{
    double tie = 0, others = 0;
    float best = 0;
    bool matches = false;
    boost = boost_of(body, boost);
    auk_json_to_double(auk_json_get(body, "tie_breaker"), &tie);
    for (const auk_json *item = auk_json_get(body, "queries")->child; item; item = item->next) {
        model_scored one = model_evaluate(m, doc, item, boost);
        matches = matches || one.matches;
        if (one.matches && one.score >= best) {
            others += (double)best;
            best = one.score;
        } else if (one.matches) {
            others += (double)one.score;
        }
    }
    return (model_scored){matches, (float)((double)best + others * (double)(float)tie)};
}

static model_scored evaluate_term(const model *m, const model_doc *doc, const auk_json *body,
                                  float boost)
{
    uint32_t distinct;
    if (!has_keyword(doc, body->child->text, false, &distinct))
        return (model_scored){false, 0};
    const known *k = statistics(m, doc->shard, true, body->child->text);
    return (model_scored){true, bm25(boost, k->n, k->doc_count, k->sum, 1, 1)};
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

model_scored model_evaluate(const model *m, const model_doc *doc, const auk_json *query,
                            float boost)
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
        matches = model_evaluate(m, doc, auk_json_get(body, "filter"), 1).matches;
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
    return (model_scored){matches, matches ? boost : 0};
}
