/*
 * The tree is built first, then written: a clause that does not match is left out of its parent's
 * details, and a parent's value is that of what it sums.
 */
#include "explain.h"

#include "auk/segment_writer.h"

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

/* As Java prints it: 1.0, 0.5. */
static auk_span shown_float(explaining *at, float value)
{
    auk_buffer text;
    auk_json_writer writer;
    auk_buffer_init(&text, 64);
    auk_json_writer_init(&writer, &text, false);
    auk_json_float(&writer, value);
    auk_span shown = auk_arena_copy(at->arena, auk_buffer_span(&text));
    auk_buffer_deinit(&text);
    return shown;
}

static auk_span field_name(const auk_plan *plan)
{
    return plan->field ? plan->field->path : AUK_SPAN("_field_names");
}

/* A term as it is shown: numbers as numbers. */
static auk_span shown_term(explaining *at, const auk_plan *plan, auk_span term)
{
    if (!plan->field ||
        (plan->field->type != AUK_TYPE_IP && !auk_field_type_is_numeric(plan->field->type)))
        return term;
    auk_buffer text;
    auk_json_writer writer;
    auk_buffer_init(&text, 4096);
    auk_json_writer_init(&writer, &text, false);
    auk_field_write_term(plan->field, term, &writer);
    auk_span shown = auk_arena_copy(at->arena, auk_buffer_span(&text));
    auk_buffer_deinit(&text);
    return shown;
}

/* ---- what a plan would be called in Lucene ---- */

static void describe(explaining *at, const auk_plan *plan, auk_buffer *out);

static void describe_list(explaining *at, const auk_plan_list *list, const char *mark,
                          auk_buffer *out)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (out->size && out->data[out->size - 1] != '(')
            auk_buffer_append_byte(out, ' ');
        auk_buffer_append_text(out, mark);
        bool nested = list->items[i]->kind == AUK_PLAN_BOOLEAN;
        if (nested)
            auk_buffer_append_byte(out, '(');
        describe(at, list->items[i], out);
        if (nested)
            auk_buffer_append_byte(out, ')');
    }
}

static void describe_phrase(const auk_plan *plan, auk_buffer *out)
{
    auk_span field = field_name(plan);
    auk_buffer_printf(out, "%.*s:\"", AUK_SPAN_ARG(field));
    uint32_t position = plan->u.phrase.terms[0].position;
    for (uint32_t i = 0; i < plan->u.phrase.count; i++) {
        const auk_plan_term *term = &plan->u.phrase.terms[i];
        for (; i > 0 && position < term->position; position++)
            auk_buffer_append_text(out, position + 1 == term->position ? " " : " ?");
        auk_buffer_append(out, term->text);
    }
    auk_buffer_append_byte(out, '"');
    if (plan->u.phrase.slop)
        auk_buffer_printf(out, "~%u", plan->u.phrase.slop);
}

static void describe_synonym(const auk_plan *plan, auk_buffer *out)
{
    auk_span field = field_name(plan);
    auk_buffer_append_text(out, "Synonym(");
    for (uint32_t i = 0; i < plan->u.synonym.count; i++) {
        auk_buffer_printf(out, "%s%.*s:", i ? " " : "", AUK_SPAN_ARG(field));
        auk_buffer_append(out, plan->u.synonym.terms[i].text);
    }
    auk_buffer_append_byte(out, ')');
}

static void describe_terms(explaining *at, const auk_plan *plan, auk_buffer *out)
{
    auk_span field = field_name(plan);
    auk_buffer_printf(out, "%.*s:", AUK_SPAN_ARG(field));
    if (plan->u.terms.count != 1)
        auk_buffer_append_byte(out, '(');
    for (uint32_t i = 0; i < plan->u.terms.count; i++) {
        if (i)
            auk_buffer_append_byte(out, ' ');
        auk_buffer_append(out, shown_term(at, plan, plan->u.terms.items[i]));
    }
    if (plan->u.terms.count != 1)
        auk_buffer_append_byte(out, ')');
}

static void describe_end(explaining *at, const auk_plan *plan, bool lower, auk_buffer *out)
{
    auk_span term = lower ? plan->u.range.from_term : plan->u.range.to_term;
    if (plan->u.range.numeric) {
        char bytes[8];
        auk_number_to_term(lower ? plan->u.range.from : plan->u.range.to, bytes);
        term = auk_span_make(bytes, sizeof bytes);
    }
    if (term.data)
        auk_buffer_append(out, shown_term(at, plan, term));
    else
        auk_buffer_append_byte(out, '*');
}

static void describe_range(explaining *at, const auk_plan *plan, auk_buffer *out)
{
    auk_span field = field_name(plan);
    bool numeric = plan->u.range.numeric;
    auk_buffer_printf(out, "%.*s:%c", AUK_SPAN_ARG(field),
                      numeric || plan->u.range.include_from ? '[' : '{');
    describe_end(at, plan, true, out);
    auk_buffer_append_text(out, " TO ");
    describe_end(at, plan, false, out);
    auk_buffer_append_byte(out, numeric || plan->u.range.include_to ? ']' : '}');
}

static void describe_dis_max(explaining *at, const auk_plan *plan, auk_buffer *out)
{
    auk_buffer_append_byte(out, '(');
    for (uint32_t i = 0; i < plan->u.dis_max.list.count; i++) {
        if (i)
            auk_buffer_append_text(out, " | ");
        describe(at, plan->u.dis_max.list.items[i], out);
    }
    auk_buffer_append_byte(out, ')');
    if (plan->u.dis_max.tie_breaker != 0)
        auk_buffer_printf(out, "~%.*s", AUK_SPAN_ARG(shown_float(at, plan->u.dis_max.tie_breaker)));
}

static void describe(explaining *at, const auk_plan *plan, auk_buffer *out)
{
    auk_span field = field_name(plan);
    switch (plan->kind) {
    case AUK_PLAN_NONE:
        auk_buffer_append_text(out, "MatchNoDocsQuery(\"\")");
        break;
    case AUK_PLAN_ALL:
        auk_buffer_append_text(out, "*:*");
        break;
    case AUK_PLAN_TERM:
        auk_buffer_printf(out, "%.*s:", AUK_SPAN_ARG(field));
        auk_buffer_append(out, shown_term(at, plan, plan->u.term.text));
        break;
    case AUK_PLAN_SYNONYM:
        describe_synonym(plan, out);
        break;
    case AUK_PLAN_PHRASE:
        describe_phrase(plan, out);
        break;
    case AUK_PLAN_BOOLEAN:
        describe_list(at, &plan->u.boolean.must, "+", out);
        describe_list(at, &plan->u.boolean.filter, "#", out);
        describe_list(at, &plan->u.boolean.should, "", out);
        describe_list(at, &plan->u.boolean.must_not, "-", out);
        break;
    case AUK_PLAN_DIS_MAX:
        describe_dis_max(at, plan, out);
        break;
    case AUK_PLAN_CONSTANT:
        auk_buffer_append_text(out, "ConstantScore(");
        describe(at, plan->u.constant.child, out);
        auk_buffer_append_byte(out, ')');
        break;
    case AUK_PLAN_TERMS:
    case AUK_PLAN_IDS:
        describe_terms(at, plan, out);
        break;
    case AUK_PLAN_PREFIX:
        auk_buffer_printf(out, "%.*s:%.*s*", AUK_SPAN_ARG(field),
                          AUK_SPAN_ARG(plan->u.prefix.text));
        break;
    case AUK_PLAN_WILDCARD:
        auk_buffer_printf(out, "%.*s:%.*s", AUK_SPAN_ARG(field), AUK_SPAN_ARG(plan->u.prefix.text));
        break;
    case AUK_PLAN_REGEXP:
        auk_buffer_printf(out, "%.*s:/%.*s/", AUK_SPAN_ARG(field),
                          AUK_SPAN_ARG(plan->u.regexp.text));
        break;
    case AUK_PLAN_RANGE:
        describe_range(at, plan, out);
        break;
    }
}

static auk_span description(explaining *at, const auk_plan *plan, const char *before,
                            const char *after)
{
    auk_buffer text;
    auk_buffer_init(&text, 1 << 20);
    auk_buffer_append_text(&text, before);
    describe(at, plan, &text);
    auk_buffer_append_text(&text, after);
    auk_span result = auk_arena_copy(at->arena, auk_buffer_span(&text));
    auk_buffer_deinit(&text);
    return result;
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
    auk_span shown = shown_float(at, freq), freq_text;
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
    explanation *weight = node(at, true, score, description(at, plan, "weight(", text.data));
    auk_span shown = shown_float(at, freq);
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
             tie_breaker == 0 ? AUK_SPAN("max of:")
                              : auk_arena_printf(at->arena, "max plus %.*s times others of:",
                                                 AUK_SPAN_ARG(shown_float(at, tie_breaker))));
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
    auk_span text = description(at, plan, before, after);
    if (plan->boost != 1.0f)
        text = auk_arena_printf(at->arena, "%.*s^%.*s", AUK_SPAN_ARG(text),
                                AUK_SPAN_ARG(shown_float(at, plan->boost)));
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
        *out = node(at, false, 0, description(at, plan, "no match on ", ""));
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
