#include "string_query.h"

auk_code auk_string_fail(const auk_string_query *string)
{
    return auk_fail_type(string->parser->err, AUK_INVALID, "query_shard_exception",
                         "Failed to parse query [%.*s]", AUK_SPAN_ARG(string->text));
}

auk_code auk_string_refuse(const auk_string_query *string, const char *what, auk_span piece)
{
    auk_fail_type(string->parser->err, AUK_INVALID, "query_shard_exception",
                  "Failed to parse query [%.*s]", AUK_SPAN_ARG(string->text));
    auk_hint(string->parser->err, "%s are not supported: [%.*s]", what, AUK_SPAN_ARG(piece));
    return AUK_INVALID;
}

auk_code auk_string_node(const auk_string_query *string, auk_query_kind kind, auk_query **out)
{
    auk_query_parser *parser = string->parser;
    if (++parser->clauses > AUK_QUERY_CLAUSE_LIMIT)
        return auk_fail_type(parser->err, AUK_INVALID, "too_many_nested_clauses",
                             "Query contains too many nested clauses; maxClauseCount is set to %d",
                             AUK_QUERY_CLAUSE_LIMIT);
    auk_query *query = AUK_ARENA_NEW(parser->arena, auk_query);
    query->kind = kind;
    query->boost = 1.0f;
    *out = query;
    return AUK_OK;
}

static const auk_json *text_value(const auk_string_query *string, auk_span text)
{
    auk_json *value = AUK_ARENA_NEW(string->parser->arena, auk_json);
    value->type = AUK_JSON_STRING;
    value->text = text;
    return value;
}

static void choose_fields(const auk_string_query *string, auk_span field, auk_query_field **fields,
                          uint32_t *count)
{
    *fields = string->fields;
    *count = string->field_count;
    if (!field.data)
        return;
    *fields = AUK_ARENA_ARRAY(string->parser->arena, auk_query_field, 1);
    (*fields)[0] = (auk_query_field){field, 1.0f};
    *count = 1;
}

static float tie_breaker_of(const auk_string_query *string, auk_multi_match_type type)
{
    return string->tie_breaker >= 0 ? string->tie_breaker : auk_query_multi_tie_breaker(type);
}

static auk_code text_node(const auk_string_query *string, auk_span field, auk_span text,
                          auk_multi_match_type type, auk_query **out)
{
    auk_code code = auk_string_node(string, AUK_QUERY_MULTI_MATCH, out);
    if (code != AUK_OK)
        return code;
    auk_query *query = *out;
    choose_fields(string, field, &query->u.multi_match.fields, &query->u.multi_match.field_count);
    query->u.multi_match.value = text_value(string, text);
    query->u.multi_match.type = type;
    query->u.multi_match.options = string->options;
    query->u.multi_match.options.minimum_should_match = AUK_SPAN("");
    query->u.multi_match.options.zero_terms = AUK_ZERO_TERMS_NULL;
    query->u.multi_match.tie_breaker = tie_breaker_of(string, type);
    return AUK_OK;
}

auk_code auk_string_words(const auk_string_query *string, auk_span field, auk_span text,
                          auk_query **out)
{
    return text_node(string, field, text, string->type, out);
}

auk_code auk_string_phrase(const auk_string_query *string, auk_span field, auk_span text,
                           int32_t slop, auk_query **out)
{
    auk_multi_match_type type =
        string->type == AUK_MULTI_PHRASE_PREFIX ? string->type : AUK_MULTI_PHRASE;
    auk_code code = text_node(string, field, text, type, out);
    if (code != AUK_OK)
        return code;
    (*out)->u.multi_match.options.slop = slop;
    (*out)->u.multi_match.options.quote_suffix = string->quote_suffix;
    if (string->quote_analyzer.size)
        (*out)->u.multi_match.options.analyzer = string->quote_analyzer;
    return AUK_OK;
}

static auk_code each_field(const auk_string_query *string, auk_span field, auk_query_kind kind,
                           auk_query **leaf, auk_query **out)
{
    auk_code code = auk_string_node(string, kind, leaf);
    if (code == AUK_OK)
        code = auk_string_node(string, AUK_QUERY_EACH_FIELD, out);
    if (code != AUK_OK)
        return code;
    auk_query *each = *out;
    choose_fields(string, field, &each->u.each_field.fields, &each->u.each_field.field_count);
    each->u.each_field.leaf = *leaf;
    each->u.each_field.tie_breaker = tie_breaker_of(string, string->type);
    each->u.each_field.lenient = string->options.lenient;
    return AUK_OK;
}

static auk_code pattern_node(const auk_string_query *string, auk_span field, auk_query_kind kind,
                             auk_span text, auk_query **out)
{
    auk_query *leaf;
    auk_code code = each_field(string, field, kind, &leaf, out);
    if (code != AUK_OK)
        return code;
    leaf->u.term.value = text_value(string, text);
    leaf->u.term.normalized = true;
    leaf->u.term.analyzer = string->options.analyzer;
    return AUK_OK;
}

auk_code auk_string_prefix(const auk_string_query *string, auk_span field, auk_span text,
                           auk_query **out)
{
    if (string->analyze_wildcard)
        return text_node(string, field, text, AUK_MULTI_BOOL_PREFIX, out);
    return pattern_node(string, field, AUK_QUERY_PREFIX, text, out);
}

auk_code auk_string_wildcard(const auk_string_query *string, auk_span field, auk_span text,
                             auk_query **out)
{
    bool leading = text.size && (text.data[0] == '*' || text.data[0] == '?');
    if (string->no_leading_wildcard && leading)
        return auk_string_refuse(string, "'*' or '?' as first character", text);
    return pattern_node(string, field, AUK_QUERY_WILDCARD, text, out);
}

auk_code auk_string_fuzzy(const auk_string_query *string, auk_span field, auk_span text,
                          auk_span slop, auk_query **out)
{
    auk_fuzzy_options fuzzy = string->fuzzy;
    auk_query *leaf;
    auk_code code = AUK_OK;
    if (slop.size)
        code = auk_fuzziness_read(slop, &fuzzy.fuzziness, string->parser->err);
    if (code == AUK_OK)
        code = each_field(string, field, AUK_QUERY_FUZZY, &leaf, out);
    if (code != AUK_OK)
        return code;
    leaf->u.term.value = text_value(string, text);
    leaf->u.term.normalized = true;
    leaf->u.term.analyzer = string->options.analyzer;
    leaf->u.term.fuzzy = fuzzy;
    return AUK_OK;
}

auk_code auk_string_regexp(const auk_string_query *string, auk_span field, auk_span text,
                           auk_query **out)
{
    auk_query *leaf;
    auk_code code = each_field(string, field, AUK_QUERY_REGEXP, &leaf, out);
    if (code != AUK_OK)
        return code;
    leaf->u.term.value = text_value(string, text);
    leaf->u.term.normalized = true;
    leaf->u.term.operators = AUK_OPERATOR_ALL;
    return AUK_OK;
}

auk_code auk_string_range(const auk_string_query *string, auk_span field, auk_span from,
                          bool include_from, auk_span to, bool include_to, auk_query **out)
{
    auk_query *leaf;
    auk_code code = each_field(string, field, AUK_QUERY_RANGE, &leaf, out);
    if (code != AUK_OK)
        return code;
    leaf->u.range.from = from.data ? text_value(string, from) : NULL;
    leaf->u.range.to = to.data ? text_value(string, to) : NULL;
    leaf->u.range.include_from = include_from;
    leaf->u.range.include_to = include_to;
    leaf->u.range.zone_of_dates = true;
    leaf->u.range.time_zone = string->time_zone;
    return AUK_OK;
}

auk_code auk_string_exists(const auk_string_query *string, auk_span field, auk_query **out)
{
    auk_code code = auk_string_node(string, AUK_QUERY_EXISTS, out);
    if (code == AUK_OK)
        (*out)->u.exists.field = field;
    return code;
}

auk_query_link *auk_string_link(const auk_string_query *string, auk_query *chain,
                                const auk_query *query)
{
    uint32_t count = chain->u.chain.count;
    if ((count & (count - 1)) == 0) { /* 0 or a power of two: full */
        auk_query_link *items =
            AUK_ARENA_ARRAY(string->parser->arena, auk_query_link, count * 2 + 1);
        if (count)
            memcpy(items, chain->u.chain.items, sizeof *items * count);
        chain->u.chain.items = items;
    }
    auk_query_link *link = &chain->u.chain.items[chain->u.chain.count++];
    *link = (auk_query_link){.query = query};
    return link;
}
