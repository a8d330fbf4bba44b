/*
 * multi_match of type cross_fields: the fields that a text is analysed for alike are searched as
 * one field, word by word; what these groups make of the text is compared as fields are elsewhere.
 */
#include "words.h"

typedef struct group {
    const auk_analyzer *analyzer; /* NULL: of values, a word is the whole text */
    auk_weighted_field *fields;
    uint32_t count;
} group;

static auk_code group_fields(auk_resolver *resolver, const auk_query *as_match,
                             const auk_weighted_field *fields, uint32_t count, group *groups,
                             uint32_t *group_count, auk_error *err)
{
    for (uint32_t i = 0; i < count; i++) {
        const auk_analyzer *analyzer = NULL;
        auk_code code = AUK_OK;
        uint32_t g = 0;
        if (fields[i].field->type == AUK_TYPE_TEXT || as_match->u.match.options.analyzer.size)
            code =
                auk_resolver_choose_analyzer(resolver, as_match, fields[i].field, &analyzer, err);
        else if (fields[i].field->type == AUK_TYPE_KEYWORD)
            analyzer = fields[i].field->normalizer;
        if (code != AUK_OK)
            return code;
        while (g < *group_count && groups[g].analyzer != analyzer)
            g++;
        if (g == *group_count) {
            groups[g] = (group){analyzer, NULL, 0};
            groups[g].fields = AUK_ARENA_ARRAY(resolver->arena, auk_weighted_field, count);
            ++*group_count;
        }
        groups[g].fields[groups[g].count++] = fields[i];
    }
    return AUK_OK;
}

/* One field is no field across others. */
static auk_code resolve_single(auk_resolver *resolver, const auk_query *as_match,
                               const auk_weighted_field *in, float boost, const auk_plan **out,
                               auk_error *err)
{
    auk_query single = *as_match;
    single.u.match.field = in->field->path;
    return auk_resolve_match(resolver, &single, boost * in->boost, out, err);
}

static auk_code tokens_of(auk_resolver *resolver, const group *from, auk_span text,
                          auk_tokens *tokens, auk_error *err)
{
    const auk_analyzer *keyword =
        auk_analysis_find(auk_mapping_analysis(resolver->mapping), AUK_SPAN("keyword"));
    bool whole = from->fields[0].field->type != AUK_TYPE_TEXT && from->analyzer;
    auk_code code = AUK_OK;
    if (whole) /* a normalizer makes one term */
        code = auk_analyzer_normalize(from->analyzer, resolver->scratch, text, resolver->arena,
                                      &text, err);
    if (code != AUK_OK)
        return code;
    return auk_analyzer_run(from->analyzer && !whole ? from->analyzer : keyword, resolver->scratch,
                            text, tokens, err);
}

static auk_code resolve_group(auk_resolver *resolver, const auk_query *as_match, const group *from,
                              float tie_breaker, float boost, const auk_plan **out, auk_error *err)
{
    const auk_match_options *options = &as_match->u.match.options;
    const auk_words_across across = {from->fields, from->count, tie_breaker, options->lenient};
    auk_words words = {
        .resolver = resolver,
        .field = from->fields[0].field,
        .mode = AUK_WORDS_BOOLEAN,
        .all = options->operator== AUK_OPERATOR_AND,
        .paths_as_phrases = !options->paths_as_words && from->fields[0].field->positions,
        .minimum_should_match = options->minimum_should_match,
        .across = &across,
        .boost = boost,
    };
    auk_tokens *tokens = auk_resolver_tokens(resolver);
    auk_code code = tokens_of(resolver, from, as_match->u.match.value->text, tokens, err);
    if (code == AUK_OK)
        code = auk_words_plan(&words, tokens, out, err);
    if (code == AUK_OK && !*out)
        *out = auk_plan_without_words(resolver, options, boost);
    auk_tokens_trim(tokens);
    return code;
}

static auk_code add_group(auk_resolver *resolver, const auk_query *as_match, const group *from,
                          float tie_breaker, float boost, auk_plan *best, const auk_plan **vacuous,
                          auk_error *err)
{
    const auk_plan *plan;
    auk_code code = from->count == 1
                        ? resolve_single(resolver, as_match, &from->fields[0], boost, &plan, err)
                        : resolve_group(resolver, as_match, from, tie_breaker, boost, &plan, err);
    if (code != AUK_OK)
        return code;
    if (plan->vacuous)
        *vacuous = plan;
    else
        auk_plan_list_push(resolver, &best->u.dis_max.list, plan);
    return AUK_OK;
}

auk_code auk_resolve_cross_fields(auk_resolver *resolver, const auk_query *query, float boost,
                                  const auk_plan **out, auk_error *err)
{
    auk_query as_match = {.kind = AUK_QUERY_MATCH, .boost = 1.0f};
    as_match.u.match.value = query->u.multi_match.value;
    as_match.u.match.options = query->u.multi_match.options;
    float tie_breaker = query->u.multi_match.tie_breaker;
    auk_weighted_field *fields;
    uint32_t count, group_count = 0;
    auk_resolver_list_fields(resolver, query->u.multi_match.fields,
                             query->u.multi_match.field_count, AUK_SPAN(""), &fields, &count,
                             &as_match.u.match.options.lenient);
    group *groups = AUK_ARENA_ARRAY(resolver->arena, group, count + 1);
    auk_plan *best = auk_plan_create(resolver, AUK_PLAN_DIS_MAX, boost);
    const auk_plan *vacuous = NULL;
    best->u.dis_max.tie_breaker = tie_breaker;
    auk_code code = group_fields(resolver, &as_match, fields, count, groups, &group_count, err);
    for (uint32_t g = 0; g < group_count && code == AUK_OK; g++)
        code = add_group(resolver, &as_match, &groups[g], tie_breaker, boost, best, &vacuous, err);
    if (code != AUK_OK)
        return code;
    if (best->u.dis_max.list.count == 0)
        *out = vacuous ? vacuous : auk_plan_none(resolver);
    else
        *out = best->u.dis_max.list.count == 1 ? best->u.dis_max.list.items[0] : best;
    return AUK_OK;
}
