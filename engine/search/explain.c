/*
 * The tree is built first, then written: a clause that does not match is left out of its parent's
 * details, and a parent's value is that of what it sums.
 */
#include "explain.h"

#include "auk/segment_writer.h"
#include "plan_text.h"

typedef struct explanation explanation;
struct explanation {
    bool matches;
    float value;
    uint64_t count; /* when is_count: an integer in the answer */
    bool is_count;
    auk_span text;
    explanation *first, *last, *next;
};

typedef struct explaining {
    const auk_run_unit *unit;
    auk_doc doc;
    auk_arena *arena;
    auk_error *err;
} explaining;

static explanation *node(explaining *at, bool matches, float value, auk_span text)
{
    explanation *made = AUK_ARENA_NEW(at->arena, explanation);
    made->matches = matches;
    made->value = value;
    made->text = text;
    return made;
}

static explanation *number(explaining *at, float value, const char *text)
{
    return node(at, true, value, auk_span_of(text));
}

static explanation *amount(explaining *at, uint64_t count, const char *text)
{
    explanation *made = node(at, true, (float)count, auk_span_of(text));
    made->count = count;
    made->is_count = true;
    return made;
}

static void add(explanation *parent, explanation *child)
{
    if (parent->last)
        parent->last->next = child;
    else
        parent->first = child;
    parent->last = child;
}

/* ---- BM25 ---- */

static explanation *explain_idf(explaining *at, uint64_t doc_freq, uint64_t doc_count)
{
    explanation *idf = number(at, auk_bm25_idf(doc_freq, doc_count),
                              "idf, computed as log(1 + (N - n + 0.5) / (n + 0.5)) from:");
    add(idf, amount(at, doc_freq, "n, number of documents containing term"));
    add(idf, amount(at, doc_count, "N, total number of documents with field"));
    return idf;
}

static explanation *explain_tf(explaining *at, const auk_plan *plan, const auk_bm25_field *field,
                               float freq, auk_plan_kind kind)
{
    const uint8_t *norms = auk_segment_norms(at->unit->view->segment, plan->number);
    uint8_t norm = norms ? norms[at->doc] : AUK_BM25_NORM_ABSENT;
    float inverse = field->inverse[norm];
    explanation *tf = number(at, 1.0f - 1.0f / (1.0f + freq * inverse),
                             "tf, computed as freq / (freq + k1 * (1 - b + b * dl / avgdl)) from:");
    auk_span shown = auk_plan_shown_float(at->arena, freq), freq_text;
    if (kind == AUK_PLAN_TERM)
        freq_text = AUK_SPAN("freq, occurrences of term within document");
    else
        freq_text = auk_arena_printf(at->arena, "%s=%.*s",
                                     kind == AUK_PLAN_PHRASE ? "phraseFreq" : "termFreq",
                                     AUK_SPAN_ARG(shown));
    add(tf, node(at, true, freq, freq_text));
    add(tf, number(at, AUK_BM25_K1, "k1, term saturation parameter"));
    add(tf, number(at, AUK_BM25_B, "b, length normalization parameter"));
    uint32_t length = norms ? auk_norm_decode(norm) : 1;
    add(tf, number(at, (float)length,
                   norm > 39 ? "dl, length of field (approximate)" : "dl, length of field"));
    add(tf, number(at, field->average_length, "avgdl, average length of field"));
    return tf;
}

/* weight(..) over score(freq=..) over boost, idf and tf */
static explanation *explain_weight(explaining *at, const auk_plan *plan, explanation *idf,
                                   const auk_bm25_field *field, float freq, float score)
{
    auk_span text =
        auk_arena_printf(at->arena, " in %u) [PerFieldSimilarity], result of:", at->doc);
    explanation *weight =
        node(at, true, score, auk_plan_text(at->arena, plan, "weight(", text.data));
    auk_span shown = auk_plan_shown_float(at->arena, freq);
    explanation *inner =
        node(at, true, score,
             auk_arena_printf(at->arena, "score(freq=%.*s), computed as boost * idf * tf from:",
                              AUK_SPAN_ARG(shown)));
    if (plan->boost != 1.0f)
        add(inner, number(at, plan->boost, "boost"));
    add(inner, idf);
    add(inner, explain_tf(at, plan, field, freq, plan->kind));
    add(weight, inner);
    return weight;
}

static auk_code term_freq(explaining *at, const auk_plan *plan, float *freq)
{
    const auk_term *term =
        auk_statistics_term(at->unit->shard->statistics, at->unit->segment, plan->u.term.slot);
    auk_postings *postings;
    auk_code code = auk_postings_open(term, AUK_WANT_FREQS, at->arena, &postings, at->err);
    if (code != AUK_OK)
        return code;
    auk_postings_seek(postings, at->doc);
    *freq = (float)auk_postings_freq(postings);
    return AUK_OK;
}

static explanation *explain_phrase_idf(explaining *at, const auk_plan *plan)
{
    const auk_statistics *statistics = at->unit->shard->statistics;
    explanation *sum = number(at, 0, "idf, sum of:");
    double idf = 0;
    for (uint32_t i = 0; i < plan->u.phrase.count; i++) {
        uint32_t slot = plan->u.phrase.terms[i].slot;
        if (statistics->doc_freqs[slot] == 0)
            continue;
        explanation *one =
            explain_idf(at, statistics->doc_freqs[slot], statistics->fields[slot]->doc_count);
        idf += (double)one->value;
        add(sum, one);
    }
    sum->value = (float)idf;
    return sum;
}

static auk_code explain_scored(explaining *at, const auk_plan *plan, auk_scorer *scorer,
                               explanation **out)
{
    const auk_statistics *statistics = at->unit->shard->statistics;
    float score = auk_scorer_score(scorer), freq = 0;
    const auk_plan_term *first = plan->kind == AUK_PLAN_PHRASE    ? plan->u.phrase.terms
                                 : plan->kind == AUK_PLAN_SYNONYM ? plan->u.synonym.terms
                                                                  : &plan->u.term;
    const auk_bm25_field *field = statistics->fields[first->slot];
    uint64_t doc_freq = statistics->doc_freqs[first->slot];
    auk_code code = AUK_OK;
    if (plan->kind == AUK_PLAN_PHRASE) {
        freq = auk_scorer_phrase_freq(scorer);
    } else if (plan->kind == AUK_PLAN_SYNONYM) {
        freq = auk_scorer_synonym_freq(scorer);
        doc_freq = auk_statistics_synonym_doc_freq(statistics, plan);
    } else {
        code = term_freq(at, plan, &freq);
    }
    if (code != AUK_OK)
        return code;
    explanation *idf = plan->kind == AUK_PLAN_PHRASE ? explain_phrase_idf(at, plan)
                                                     : explain_idf(at, doc_freq, field->doc_count);
    *out = explain_weight(at, plan, idf, field, freq, score);
    return AUK_OK;
}

/* ---- compounds ---- */

static auk_code explain_plan(explaining *at, const auk_plan *plan, explanation **out);

static auk_code explain_boolean(explaining *at, const auk_plan *plan, float score,
                                explanation **out)
{
    explanation *sum = number(at, score, "sum of:");
    const struct {
        const auk_plan_list *list;
        bool filter;
    } lists[] = {{&plan->u.boolean.must, false},
                 {&plan->u.boolean.filter, true},
                 {&plan->u.boolean.should, false}};
    for (size_t i = 0; i < 3; i++) {
        for (uint32_t j = 0; j < lists[i].list->count; j++) {
            explanation *child;
            auk_code code = explain_plan(at, lists[i].list->items[j], &child);
            if (code != AUK_OK)
                return code;
            if (!child->matches)
                continue;
            if (lists[i].filter) {
                explanation *product = number(at, 0, "match on required clause, product of:");
                add(product, number(at, 0, "# clause"));
                add(product, child);
                child = product;
            }
            add(sum, child);
        }
    }
    *out = sum;
    return AUK_OK;
}

static auk_code explain_dis_max(explaining *at, const auk_plan *plan, float score,
                                explanation **out)
{
    float tie_breaker = plan->u.dis_max.tie_breaker;
    explanation *best =
        node(at, true, score,
             tie_breaker == 0
                 ? AUK_SPAN("max of:")
                 : auk_arena_printf(at->arena, "max plus %.*s times others of:",
                                    AUK_SPAN_ARG(auk_plan_shown_float(at->arena, tie_breaker))));
    for (uint32_t i = 0; i < plan->u.dis_max.list.count; i++) {
        explanation *child;
        auk_code code = explain_plan(at, plan->u.dis_max.list.items[i], &child);
        if (code != AUK_OK)
            return code;
        if (child->matches)
            add(best, child);
    }
    *out = best;
    return AUK_OK;
}

static explanation *explain_constant(explaining *at, const auk_plan *plan)
{
    const char *before = plan->kind == AUK_PLAN_CONSTANT || plan->kind == AUK_PLAN_ALL ||
                                 plan->kind == AUK_PLAN_RANGE
                             ? ""
                             : "ConstantScore(";
    const char *after = before[0] ? ")" : "";
    auk_span text = auk_plan_text(at->arena, plan, before, after);
    if (plan->boost != 1.0f)
        text = auk_arena_printf(at->arena, "%.*s^%.*s", AUK_SPAN_ARG(text),
                                AUK_SPAN_ARG(auk_plan_shown_float(at->arena, plan->boost)));
    return node(at, true, plan->boost, text);
}

static auk_code explain_plan(explaining *at, const auk_plan *plan, explanation **out)
{
    auk_scorer_context context = {
        .view = at->unit->view,
        .statistics = at->unit->shard->statistics,
        .segment = at->unit->segment,
        .scores = true,
        .arena = at->arena,
    };
    auk_scorer *scorer;
    auk_code code = auk_scorer_open(plan, &context, &scorer, at->err);
    if (code != AUK_OK)
        return code;
    if (!scorer || !auk_scorer_matches(scorer, at->doc)) {
        *out = node(at, false, 0, auk_plan_text(at->arena, plan, "no match on ", ""));
        return AUK_OK;
    }
    switch (plan->kind) {
    case AUK_PLAN_TERM:
    case AUK_PLAN_SYNONYM:
    case AUK_PLAN_PHRASE:
        return explain_scored(at, plan, scorer, out);
    case AUK_PLAN_BOOLEAN:
        return explain_boolean(at, plan, auk_scorer_score(scorer), out);
    case AUK_PLAN_DIS_MAX:
        return explain_dis_max(at, plan, auk_scorer_score(scorer), out);
    default:
        *out = explain_constant(at, plan);
        return AUK_OK;
    }
}

/* ---- writing ---- */

static void write_node(const explanation *tree, auk_json_writer *out)
{
    auk_json_begin_object(out);
    auk_json_key(out, AUK_SPAN("value"));
    if (tree->is_count)
        auk_json_uint(out, tree->count);
    else
        auk_json_float(out, tree->value);
    auk_json_member_string(out, "description", tree->text);
    auk_json_member_array(out, "details");
    for (const explanation *child = tree->first; child; child = child->next)
        write_node(child, out);
    auk_json_end_array(out);
    auk_json_end_object(out);
}

auk_code auk_explain(const auk_plan *plan, const auk_run_unit *unit, auk_doc doc, auk_arena *arena,
                     auk_json_writer *out, bool *matched, auk_error *err)
{
    explaining at = {unit, doc, arena, err};
    explanation *tree = NULL;
    auk_code code = explain_plan(&at, plan, &tree);
    if (code != AUK_OK)
        return code;
    if (matched)
        *matched = tree->matches;
    write_node(tree, out);
    return AUK_OK;
}

auk_code auk_search_explain(const auk_search_target *target, uint32_t shard, auk_span id,
                            const auk_query *query, const auk_search_context *context,
                            auk_arena *arena, bool *found, auk_json_writer *out, auk_error *err)
{
    auk_search_request request;
    auk_search_request_init(&request);
    request.query = query;
    request.explain = true;
    auk_search_target one = *target;
    one.shards = &target->shards[shard];
    one.shard_count = 1;
    const auk_aggregation_environment environment = {.now_ms = context->now_ms};
    struct auk_search_state *state;
    auk_code code = auk_run_prepare(&one, 1, &request, &environment, arena, &state, err);
    *found = false;
    for (uint32_t i = state->unit_count; i-- > 0 && code == AUK_OK && !*found;) {
        const auk_run_unit *unit = &state->units[i];
        auk_doc doc;
        code = auk_segment_find_id(unit->view->segment, id, &doc, found, err);
        const uint64_t *live = unit->view->live;
        if (code != AUK_OK || !*found)
            continue;
        *found = !live || (live[doc / 64] >> (doc % 64) & 1);
        if (!*found)
            continue;
        auk_buffer text;
        auk_json_writer writer;
        bool matched = false;
        auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
        auk_json_writer_init(&writer, &text, false);
        code = auk_explain(state->targets[0].plan, unit, doc, arena, &writer, &matched, err);
        if (code == AUK_OK) {
            auk_json_member_bool(out, "matched", matched);
            auk_json_member_raw(out, "explanation", auk_buffer_span(&text));
        }
        auk_buffer_deinit(&text);
    }
    return code;
}
