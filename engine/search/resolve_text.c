/* The match family: text becomes terms by the field's search analyzer. */
#include "words.h"

#define EXPANSIONS 50 /* of the prefix at the end of a phrase */

static bool is_phrase(auk_query_kind kind)
{
    return kind == AUK_QUERY_MATCH_PHRASE || kind == AUK_QUERY_MATCH_PHRASE_PREFIX;
}

static const char *name_of(auk_query_kind kind)
{
    switch (kind) {
    case AUK_QUERY_MATCH_PHRASE:
        return "match_phrase";
    case AUK_QUERY_MATCH_PHRASE_PREFIX:
        return "match_phrase_prefix";
    case AUK_QUERY_MATCH_BOOL_PREFIX:
        return "match_bool_prefix";
    default:
        return "match";
    }
}

auk_code auk_resolver_find_analyzer(const auk_resolver *resolver, auk_span name, const char *query,
                                    const auk_analyzer **out, auk_error *err)
{
    const auk_analysis *analysis = auk_mapping_analysis(resolver->mapping);
    *out = auk_analysis_find(analysis, name);
    if (*out)
        return AUK_OK;
    auk_fail_type(err, AUK_INVALID, "query_shard_exception", "[%s] analyzer [%.*s] not found",
                  query, AUK_SPAN_ARG(name));
    auk_span close = auk_analysis_nearest(analysis, name, false);
    if (close.size)
        auk_hint(err, "did you mean [%.*s]?", AUK_SPAN_ARG(close));
    return AUK_INVALID;
}

auk_code auk_resolver_choose_analyzer(const auk_resolver *resolver, const auk_query *query,
                                      const auk_field *field, const auk_analyzer **out,
                                      auk_error *err)
{
    if (query->u.match.options.analyzer.size)
        return auk_resolver_find_analyzer(resolver, query->u.match.options.analyzer,
                                          name_of(query->kind), out, err);
    *out = is_phrase(query->kind) && field->search_quote_analyzer ? field->search_quote_analyzer
                                                                  : field->search_analyzer;
    return AUK_OK;
}

/* ---- one field ---- */

static auk_words_mode mode_of(auk_query_kind kind)
{
    switch (kind) {
    case AUK_QUERY_MATCH_PHRASE:
        return AUK_WORDS_PHRASE;
    case AUK_QUERY_MATCH_PHRASE_PREFIX:
        return AUK_WORDS_PHRASE_PREFIX;
    case AUK_QUERY_MATCH_BOOL_PREFIX:
        return AUK_WORDS_BOOLEAN_PREFIX;
    default:
        return AUK_WORDS_BOOLEAN;
    }
}

const auk_plan *auk_plan_without_words(auk_resolver *resolver, const auk_match_options *options,
                                       float boost)
{
    if (options->zero_terms == AUK_ZERO_TERMS_ALL)
        return auk_plan_create(resolver, AUK_PLAN_ALL, boost);
    auk_plan *none = auk_plan_none(resolver);
    none->vacuous = options->zero_terms == AUK_ZERO_TERMS_NULL;
    return none;
}

/* Phrases have no fuzzy words. */
static bool is_fuzzy(const auk_query *query)
{
    return query->u.match.options.fuzzy.fuzziness.given && !is_phrase(query->kind);
}

static auk_fuzzy_options fuzzy_of(const auk_match_options *options)
{
    auk_fuzzy_options fuzzy = options->fuzzy;
    if (fuzzy.max_expansions == 0)
        fuzzy.max_expansions = options->max_expansions;
    return fuzzy;
}

static auk_code plan_of_tokens(auk_resolver *resolver, const auk_query *query,
                               const auk_field *field, const auk_tokens *tokens, float boost,
                               const auk_plan **out, auk_error *err)
{
    const auk_match_options *options = &query->u.match.options;
    const auk_fuzzy_options fuzzy = fuzzy_of(options);
    const auk_words words = {
        .resolver = resolver,
        .field = field,
        .mode = mode_of(query->kind),
        .all = options->operator== AUK_OPERATOR_AND,
        .paths_as_phrases = !options->paths_as_words && field->positions,
        .minimum_should_match = options->minimum_should_match,
        .slop = (uint32_t)options->slop,
        .max_expansions = options->max_expansions ? options->max_expansions : EXPANSIONS,
        .fuzzy = is_fuzzy(query) ? &fuzzy : NULL,
        .boost = boost,
    };
    auk_code code = auk_words_plan(&words, tokens, out, err);
    if (code == AUK_OK && !*out)
        *out = auk_plan_without_words(resolver, options, boost);
    return code;
}

/* One word, which is looked up as it comes to stand in room? */
static bool is_plain_word(const auk_query *query, const auk_analyzer *analyzer, char *room)
{
    bool open =
        query->kind == AUK_QUERY_MATCH_PHRASE_PREFIX || query->kind == AUK_QUERY_MATCH_BOOL_PREFIX;
    return !open && !is_fuzzy(query) &&
           auk_analyzer_run_word(analyzer, query->u.match.value->text, room);
}

static auk_code refuse_phrase_prefix(const auk_field *field, auk_error *err)
{
    return auk_fail_type(err, AUK_INVALID, "query_shard_exception",
                         "failed to create query: Can only use phrase prefix queries on text "
                         "fields - not on [%.*s] which is of type [%s]",
                         AUK_SPAN_ARG(field->path), auk_field_type_name(field->type));
}

static auk_code match_field(auk_resolver *resolver, const auk_query *query, const auk_field *field,
                            float boost, const auk_plan **out, auk_error *err)
{
    bool textual = field->type == AUK_TYPE_TEXT || field->type == AUK_TYPE_KEYWORD;
    bool analysed =
        field->type == AUK_TYPE_TEXT || (textual && query->u.match.options.analyzer.size > 0);
    if (query->kind == AUK_QUERY_MATCH_PHRASE_PREFIX && field->type != AUK_TYPE_TEXT)
        return refuse_phrase_prefix(field, err);
    if (query->kind == AUK_QUERY_MATCH_BOOL_PREFIX && !analysed) {
        auk_query prefix = {.kind = AUK_QUERY_PREFIX, .boost = 1.0f};
        prefix.u.term.field = field->path;
        prefix.u.term.value = query->u.match.value;
        return auk_resolve_prefix(resolver, &prefix, boost, out, err);
    }
    if (!analysed && is_fuzzy(query)) {
        auk_query near = {.kind = AUK_QUERY_FUZZY, .boost = 1.0f};
        near.u.term.field = field->path;
        near.u.term.value = query->u.match.value;
        near.u.term.fuzzy = fuzzy_of(&query->u.match.options);
        return auk_resolve_fuzzy(resolver, &near, boost, out, err);
    }
    if (!analysed)
        return auk_resolve_value(resolver, field, query->u.match.value, boost, out, err);
    if (!field->indexed)
        return auk_fail_type(err, AUK_INVALID, "query_shard_exception",
                             "failed to create query: Cannot search on field [%.*s] since it is "
                             "not indexed.",
                             AUK_SPAN_ARG(field->path));
    const auk_analyzer *analyzer;
    auk_code code = auk_resolver_choose_analyzer(resolver, query, field, &analyzer, err);
    if (code != AUK_OK)
        return code;
    char word[AUK_ANALYZER_WORD_MOST];
    if (is_plain_word(query, analyzer, word)) {
        auk_span text = {word, query->u.match.value->text.size};
        *out = auk_plan_term_create(resolver, field, text, boost);
        return auk_resolver_count_clause(resolver, err);
    }
    auk_tokens *tokens = auk_resolver_tokens(resolver);
    code = auk_analyzer_run(analyzer, resolver->scratch, query->u.match.value->text, tokens, err);
    if (code == AUK_OK)
        code = plan_of_tokens(resolver, query, field, tokens, boost, out, err);
    auk_tokens_trim(tokens);
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
    if (code == AUK_INVALID && query->u.match.options.lenient) {
        *out = auk_plan_none(resolver);
        return AUK_OK;
    }
    return code;
}

/* ---- several fields ---- */

static auk_query_kind kind_of(auk_multi_match_type type)
{
    switch (type) {
    case AUK_MULTI_PHRASE:
        return AUK_QUERY_MATCH_PHRASE;
    case AUK_MULTI_PHRASE_PREFIX:
        return AUK_QUERY_MATCH_PHRASE_PREFIX;
    case AUK_MULTI_BOOL_PREFIX:
        return AUK_QUERY_MATCH_BOOL_PREFIX;
    default:
        return AUK_QUERY_MATCH;
    }
}

auk_code auk_resolve_multi_match(auk_resolver *resolver, const auk_query *query, float boost,
                                 const auk_plan **out, auk_error *err)
{
    auk_query leaf = {.kind = kind_of(query->u.multi_match.type), .boost = 1.0f};
    if (query->u.multi_match.type == AUK_MULTI_CROSS_FIELDS)
        return auk_resolve_cross_fields(resolver, query, boost, out, err);
    leaf.u.match.value = query->u.multi_match.value;
    leaf.u.match.options = query->u.multi_match.options;
    auk_query each = {.kind = AUK_QUERY_EACH_FIELD, .boost = 1.0f};
    each.u.each_field.fields = query->u.multi_match.fields;
    each.u.each_field.field_count = query->u.multi_match.field_count;
    each.u.each_field.leaf = &leaf;
    each.u.each_field.tie_breaker = query->u.multi_match.tie_breaker;
    each.u.each_field.lenient = query->u.multi_match.options.lenient;
    each.u.each_field.suffix = query->u.multi_match.options.quote_suffix;
    return auk_resolve_each_field(resolver, &each, boost, out, err);
}
