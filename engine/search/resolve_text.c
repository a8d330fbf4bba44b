/* match, match_phrase, multi_match: text becomes terms by the field's search analyzer. */
#include "resolve_private.h"

static auk_span json_text(const auk_json *value)
{
    return value->text;
}

static auk_code choose_analyzer(const auk_resolver *resolver, const auk_query *query,
                                const auk_field *field, const auk_analyzer **out, auk_error *err)
{
    bool phrase = query->kind == AUK_QUERY_MATCH_PHRASE;
    if (query->u.match.analyzer.size == 0) {
        *out = phrase && field->search_quote_analyzer ? field->search_quote_analyzer
                                                      : field->search_analyzer;
        return AUK_OK;
    }
    const auk_analysis *analysis = auk_mapping_analysis(resolver->mapping);
    *out = auk_analysis_find(analysis, query->u.match.analyzer);
    if (*out)
        return AUK_OK;
    auk_fail_type(err, AUK_INVALID, "query_shard_exception", "[%s] analyzer [%.*s] not found",
                  phrase ? "match_phrase" : "match", AUK_SPAN_ARG(query->u.match.analyzer));
    auk_span close = auk_analysis_nearest(analysis, query->u.match.analyzer, false);
    if (close.size)
        auk_hint(err, "did you mean [%.*s]?", AUK_SPAN_ARG(close));
    return AUK_INVALID;
}

/* ---- words ---- */

/* One word after another, all alike as far as boosts go: a repeated one counts by its boost. */
static const auk_plan *find_repeated(const auk_plan_list *list, auk_span text)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (list->items[i]->kind == AUK_PLAN_TERM &&
            auk_span_equal(list->items[i]->u.term.text, text))
            return list->items[i];
    return NULL;
}

/* Words at one position (synonyms) are one clause: any of them. */
static auk_code word_clause(auk_resolver *resolver, const auk_field *field, const auk_token *tokens,
                            size_t count, float boost, const auk_plan **out, auk_error *err)
{
    if (count == 1) {
        *out = auk_plan_term_create(resolver, field, auk_token_text(tokens), boost);
        return auk_resolver_count_clause(resolver, err);
    }
    auk_plan *any = auk_plan_create(resolver, AUK_PLAN_BOOLEAN, boost);
    any->u.boolean.minimum = 1;
    any->u.boolean.should = auk_plan_list_create(resolver, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        auk_code code = auk_resolver_count_clause(resolver, err);
        if (code != AUK_OK)
            return code;
        auk_plan_list_add(&any->u.boolean.should,
                          auk_plan_term_create(resolver, field, auk_token_text(&tokens[i]), boost));
    }
    *out = any;
    return AUK_OK;
}

static auk_code word_list(auk_resolver *resolver, const auk_field *field, const auk_tokens *tokens,
                          bool join_repeated, float boost, auk_plan_list *out, auk_error *err)
{
    *out = auk_plan_list_create(resolver, (uint32_t)tokens->count);
    for (size_t i = 0, next; i < tokens->count; i = next) {
        next = i + 1;
        while (next < tokens->count && tokens->items[next].position == tokens->items[i].position)
            next++;
        const auk_plan *plan = join_repeated && next == i + 1
                                   ? find_repeated(out, auk_token_text(&tokens->items[i]))
                                   : NULL;
        if (plan) {
            auk_plan *first = NULL;
            for (uint32_t j = 0; j < out->count; j++)
                if (out->items[j] == plan) {
                    first = AUK_ARENA_NEW(resolver->arena, auk_plan);
                    *first = *plan;
                    first->boost += boost;
                    out->items[j] = first;
                }
            continue;
        }
        auk_code code =
            word_clause(resolver, field, &tokens->items[i], next - i, boost, &plan, err);
        if (code != AUK_OK)
            return code;
        auk_plan_list_add(out, plan);
    }
    return AUK_OK;
}

static uint32_t count_positions(const auk_tokens *tokens)
{
    uint32_t count = 0;
    for (size_t i = 0; i < tokens->count; i++)
        count += i == 0 || tokens->items[i].position != tokens->items[i - 1].position;
    return count;
}

static auk_code words_plan(auk_resolver *resolver, const auk_query *query, const auk_field *field,
                           const auk_tokens *tokens, float boost, const auk_plan **out,
                           auk_error *err)
{
    auk_plan *plan = auk_plan_create(resolver, AUK_PLAN_BOOLEAN, boost);
    bool all = query->u.match.operator== AUK_OPERATOR_AND;
    uint32_t clauses = count_positions(tokens), minimum = 0;
    if (!all && clauses > 1 && query->u.match.minimum_should_match.size) {
        auk_code code =
            auk_minimum_should_match(query->u.match.minimum_should_match, clauses, &minimum, err);
        if (code != AUK_OK)
            return code;
    }
    auk_plan_list *list = all ? &plan->u.boolean.must : &plan->u.boolean.should;
    auk_code code = word_list(resolver, field, tokens, minimum <= 1, boost, list, err);
    if (code != AUK_OK)
        return code;
    plan->u.boolean.minimum = all ? 0 : minimum > 1 ? minimum : 1;
    *out = list->count == 1 && plan->u.boolean.minimum <= 1 ? list->items[0] : plan;
    return AUK_OK;
}

/* ---- phrases ---- */

static auk_code phrase_plan(auk_resolver *resolver, const auk_query *query, const auk_field *field,
                            const auk_tokens *tokens, float boost, const auk_plan **out,
                            auk_error *err)
{
    if (!field->positions)
        return auk_fail_type(err, AUK_INVALID, "query_shard_exception",
                             "failed to create query: field:[%.*s] was indexed without position "
                             "data; cannot run PhraseQuery",
                             AUK_SPAN_ARG(field->path));
    auk_plan *plan = auk_plan_create(resolver, AUK_PLAN_PHRASE, boost);
    plan->field = field;
    plan->number = field->number;
    plan->u.phrase.slop = (uint32_t)query->u.match.slop;
    plan->u.phrase.count = (uint32_t)tokens->count;
    plan->u.phrase.terms = AUK_ARENA_ARRAY(resolver->arena, auk_plan_term, tokens->count);
    for (size_t i = 0; i < tokens->count; i++) {
        auk_plan_term *term = &plan->u.phrase.terms[i];
        auk_code code = auk_resolver_count_clause(resolver, err);
        if (code != AUK_OK)
            return code;
        term->text = auk_arena_copy(resolver->arena, auk_token_text(&tokens->items[i]));
        term->position = tokens->items[i].position;
        term->slot = auk_plan_slot_add(resolver, field->number, term->text);
    }
    *out = plan;
    return AUK_OK;
}

/* ---- match and match_phrase ---- */

static auk_code plan_of_tokens(auk_resolver *resolver, const auk_query *query,
                               const auk_field *field, const auk_tokens *tokens, float boost,
                               const auk_plan **out, auk_error *err)
{
    if (tokens->count == 0) {
        *out = query->u.match.zero_terms_all ? auk_plan_create(resolver, AUK_PLAN_ALL, boost)
                                             : auk_plan_none(resolver);
        return AUK_OK;
    }
    if (query->kind == AUK_QUERY_MATCH_PHRASE && count_positions(tokens) > 1)
        return phrase_plan(resolver, query, field, tokens, boost, out, err);
    return words_plan(resolver, query, field, tokens, boost, out, err);
}

static auk_code match_field(auk_resolver *resolver, const auk_query *query, const auk_field *field,
                            float boost, const auk_plan **out, auk_error *err)
{
    bool textual = field->type == AUK_TYPE_TEXT || field->type == AUK_TYPE_KEYWORD;
    bool analysed = field->type == AUK_TYPE_TEXT || (textual && query->u.match.analyzer.size > 0);
    if (!analysed)
        return auk_resolve_value(resolver, field, query->u.match.value, boost, out, err);
    if (!field->indexed)
        return auk_fail_type(err, AUK_INVALID, "query_shard_exception",
                             "failed to create query: Cannot search on field [%.*s] since it is "
                             "not indexed.",
                             AUK_SPAN_ARG(field->path));
    const auk_analyzer *analyzer;
    auk_code code = choose_analyzer(resolver, query, field, &analyzer, err);
    if (code != AUK_OK)
        return code;
    auk_tokens tokens;
    auk_tokens_init(&tokens);
    code = auk_analyzer_run(analyzer, resolver->scratch, json_text(query->u.match.value), &tokens,
                            err);
    if (code == AUK_OK)
        code = plan_of_tokens(resolver, query, field, &tokens, boost, out, err);
    auk_tokens_deinit(&tokens);
    return code;
}

auk_code auk_resolve_match(auk_resolver *resolver, const auk_query *query, float boost,
                           const auk_plan **out, auk_error *err)
{
    const auk_field *field = auk_resolver_field(resolver, query->u.match.field);
    if (!field || field->type == AUK_TYPE_OBJECT) {
        *out = auk_plan_none(resolver);
        return AUK_OK;
    }
    auk_code code = match_field(resolver, query, field, boost, out, err);
    if (code == AUK_INVALID && query->u.match.lenient) {
        *out = auk_plan_none(resolver);
        return AUK_OK;
    }
    return code;
}

/* ---- multi_match: the best of a match per field ---- */

/* What a pattern may stand for: objects hold no values, reserved fields are named in full. */
static bool searchable(const auk_field *field)
{
    return field->type != AUK_TYPE_OBJECT && field->indexed && field->type != AUK_TYPE_BOOLEAN;
}

static auk_code add_field(auk_resolver *resolver, const auk_query *multi, const auk_field *field,
                          float boost, bool lenient, auk_plan_list *out, auk_error *err)
{
    auk_query match = {.kind = AUK_QUERY_MATCH, .boost = 1.0f};
    match.u.match.field = field->path;
    match.u.match.value = multi->u.multi_match.value;
    match.u.match.operator= multi->u.multi_match.operator;
    match.u.match.minimum_should_match = multi->u.multi_match.minimum_should_match;
    match.u.match.analyzer = multi->u.multi_match.analyzer;
    match.u.match.lenient = lenient;
    const auk_plan *plan;
    auk_code code = auk_resolve_match(resolver, &match, boost, &plan, err);
    if (code == AUK_OK && plan->kind != AUK_PLAN_NONE)
        auk_plan_list_push(resolver, out, plan);
    return code;
}

static auk_code add_pattern(auk_resolver *resolver, const auk_query *multi,
                            const auk_query_field *pattern, float boost, bool lenient,
                            auk_plan_list *out, auk_error *err)
{
    bool wild = pattern->name.size && memchr(pattern->name.data, '*', pattern->name.size);
    if (!wild) {
        const auk_field *field = auk_resolver_field(resolver, pattern->name);
        if (!field || field->type == AUK_TYPE_OBJECT)
            return AUK_OK;
        return add_field(resolver, multi, field, boost * pattern->boost, lenient, out, err);
    }
    uint32_t count = auk_mapping_field_count(resolver->mapping);
    for (uint32_t i = 0; i < count; i++) {
        const auk_field *field = auk_mapping_field_at(resolver->mapping, i);
        if (!searchable(field) || !auk_pattern_matches(pattern->name, field->path))
            continue;
        auk_code code =
            add_field(resolver, multi, field, boost * pattern->boost, lenient, out, err);
        if (code != AUK_OK)
            return code;
    }
    return AUK_OK;
}

auk_code auk_resolve_multi_match(auk_resolver *resolver, const auk_query *query, float boost,
                                 const auk_plan **out, auk_error *err)
{
    static const auk_query_field all = {AUK_SPAN_INIT("*"), 1.0f};
    const auk_query_field *fields = query->u.multi_match.fields;
    uint32_t count = query->u.multi_match.field_count;
    if (count == 0) {
        fields = resolver->default_field_count ? resolver->default_fields : &all;
        count = resolver->default_field_count ? resolver->default_field_count : 1;
    }
    bool lenient = query->u.multi_match.lenient;
    for (uint32_t i = 0; i < count; i++)
        lenient = lenient || auk_span_is(fields[i].name, "*");

    auk_plan *plan = auk_plan_create(resolver, AUK_PLAN_DIS_MAX, boost);
    plan->u.dis_max.tie_breaker = query->u.multi_match.tie_breaker;
    for (uint32_t i = 0; i < count; i++) {
        auk_code code =
            add_pattern(resolver, query, &fields[i], boost, lenient, &plan->u.dis_max.list, err);
        if (code != AUK_OK)
            return code;
    }
    if (plan->u.dis_max.list.count == 0)
        *out = auk_plan_none(resolver);
    else
        *out = plan->u.dis_max.list.count == 1 ? plan->u.dis_max.list.items[0] : plan;
    return AUK_OK;
}
