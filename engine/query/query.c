#include "auk/nearest.h"
#include "parse.h"

static const struct {
    const char *name;
    auk_query_kind kind;
    auk_query_parse_function parse;
} kinds[] = {
    {"match_all", AUK_QUERY_MATCH_ALL, auk_query_parse_match_all},
    {"match_none", AUK_QUERY_MATCH_NONE, auk_query_parse_match_none},
    {"match", AUK_QUERY_MATCH, auk_query_parse_match},
    {"match_phrase", AUK_QUERY_MATCH_PHRASE, auk_query_parse_match_phrase},
    {"match_phrase_prefix", AUK_QUERY_MATCH_PHRASE_PREFIX, auk_query_parse_match_phrase_prefix},
    {"match_bool_prefix", AUK_QUERY_MATCH_BOOL_PREFIX, auk_query_parse_match_bool_prefix},
    {"multi_match", AUK_QUERY_MULTI_MATCH, auk_query_parse_multi_match},
    {"term", AUK_QUERY_TERM, auk_query_parse_term},
    {"terms", AUK_QUERY_TERMS, auk_query_parse_terms},
    {"range", AUK_QUERY_RANGE, auk_query_parse_range},
    {"prefix", AUK_QUERY_PREFIX, auk_query_parse_prefix},
    {"wildcard", AUK_QUERY_WILDCARD, auk_query_parse_wildcard},
    {"fuzzy", AUK_QUERY_FUZZY, auk_query_parse_fuzzy},
    {"regexp", AUK_QUERY_REGEXP, auk_query_parse_regexp},
    {"query_string", AUK_QUERY_CHAIN, auk_query_parse_query_string},
    {"simple_query_string", AUK_QUERY_STEPS, auk_query_parse_simple_query_string},
    {"exists", AUK_QUERY_EXISTS, auk_query_parse_exists},
    {"ids", AUK_QUERY_IDS, auk_query_parse_ids},
    {"bool", AUK_QUERY_BOOL, auk_query_parse_bool},
    {"constant_score", AUK_QUERY_CONSTANT_SCORE, auk_query_parse_constant_score},
    {"dis_max", AUK_QUERY_DIS_MAX, auk_query_parse_dis_max},
};
#define KINDS (sizeof kinds / sizeof kinds[0])

static auk_code unknown_query(auk_query_parser *parser, auk_span name)
{
    auk_span names[KINDS];
    for (size_t i = 0; i < KINDS; i++)
        names[i] = auk_span_of(kinds[i].name);
    auk_span close = auk_nearest(name, names, KINDS);
    if (!close.size)
        return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception", "unknown query [%.*s]",
                             AUK_SPAN_ARG(name));
    auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                  "unknown query [%.*s] did you mean [%.*s]?", AUK_SPAN_ARG(name),
                  AUK_SPAN_ARG(close));
    auk_hint(parser->err, "the nearest known query is [%.*s]", AUK_SPAN_ARG(close));
    return AUK_INVALID;
}

auk_code auk_query_parse_one(auk_query_parser *parser, const auk_json *object, uint32_t depth,
                             const auk_query **out)
{
    if (depth > AUK_QUERY_DEPTH_LIMIT)
        return auk_fail_type(
            parser->err, AUK_INVALID, "illegal_argument_exception",
            "The nested depth of the query exceeds the maximum nested depth for queries set in "
            "[indices.query.bool.max_nested_depth] [%d]",
            AUK_QUERY_DEPTH_LIMIT);
    if (++parser->clauses > AUK_QUERY_CLAUSE_LIMIT)
        return auk_fail_type(parser->err, AUK_INVALID, "too_many_nested_clauses",
                             "Query contains too many nested clauses; maxClauseCount is set to %d",
                             AUK_QUERY_CLAUSE_LIMIT);
    if (object->type != AUK_JSON_OBJECT)
        return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                             "[_na] query malformed, must start with start_object");
    if (object->count == 0)
        return auk_fail_type(parser->err, AUK_INVALID, "illegal_argument_exception",
                             "query malformed, empty clause found");
    const auk_json *member = object->child;
    if (member->next)
        return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                             "[%.*s] malformed query, expected [END_OBJECT] but found [FIELD_NAME]",
                             AUK_SPAN_ARG(member->key));
    for (size_t i = 0; i < KINDS; i++) {
        if (!auk_span_is(member->key, kinds[i].name))
            continue;
        auk_query *query = AUK_ARENA_NEW(parser->arena, auk_query);
        query->kind = kinds[i].kind;
        query->boost = 1.0f;
        *out = query;
        auk_code code = auk_query_must_be_object(parser, kinds[i].name, member);
        return code == AUK_OK ? kinds[i].parse(parser, member, depth, query) : code;
    }
    return unknown_query(parser, member->key);
}

auk_code auk_query_parse(const auk_json *body, auk_arena *arena, const auk_query **out,
                         auk_error *err)
{
    auk_query_parser parser = {arena, err, 0};
    if (body && body->type != AUK_JSON_NULL && !(body->type == AUK_JSON_OBJECT && body->count == 0))
        return auk_query_parse_one(&parser, body, 0, out);
    auk_query *query = AUK_ARENA_NEW(arena, auk_query);
    query->kind = AUK_QUERY_MATCH_ALL;
    query->boost = 1.0f;
    *out = query;
    return AUK_OK;
}

/* ---- members ---- */

auk_code auk_query_must_be_object(auk_query_parser *parser, const char *kind, const auk_json *value)
{
    if (value->type == AUK_JSON_OBJECT)
        return AUK_OK;
    return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                         "[%s] query malformed, no start_object after query name", kind);
}

auk_code auk_query_read_bool(auk_query_parser *parser, const char *kind, const auk_json *value,
                             bool *out)
{
    if (auk_json_to_bool(value, out))
        return AUK_OK;
    return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                         "[%s] [%.*s] must be a boolean, but was [%.*s]", kind,
                         AUK_SPAN_ARG(value->key), AUK_SPAN_ARG(value->text));
}

auk_code auk_query_read_float(auk_query_parser *parser, const char *kind, const auk_json *value,
                              float *out)
{
    double number;
    if (!auk_json_to_double(value, &number) || number > 3.4e38 || number < -3.4e38)
        return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                             "[%s] [%.*s] must be a number, but was [%.*s]", kind,
                             AUK_SPAN_ARG(value->key), AUK_SPAN_ARG(value->text));
    *out = (float)number;
    return AUK_OK;
}

auk_code auk_query_read_text(auk_query_parser *parser, const char *kind, const auk_json *value,
                             auk_span *out)
{
    if (value->type == AUK_JSON_OBJECT || value->type == AUK_JSON_ARRAY ||
        value->type == AUK_JSON_NULL)
        return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                             "[%s] [%.*s] must be a text, not %s", kind, AUK_SPAN_ARG(value->key),
                             auk_json_type_name(value->type));
    *out = value->text;
    return AUK_OK;
}

static auk_code read_boost(auk_query_parser *parser, const char *kind, const auk_json *value,
                           auk_query *query)
{
    auk_code code = auk_query_read_float(parser, kind, value, &query->boost);
    if (code == AUK_OK && query->boost < 0)
        return auk_fail_type(
            parser->err, AUK_INVALID, "illegal_argument_exception",
            "negative [boost] are not allowed in [%s], use a value between 0 and 1 to deboost",
            kind);
    return code;
}

static auk_code unknown_member(auk_query_parser *parser, const char *kind, auk_span name,
                               const auk_query_member *table, size_t rows)
{
    auk_span names[32] = {AUK_SPAN("boost"), AUK_SPAN("_name")};
    size_t count = 2;
    for (size_t i = 0; i < rows && count < 32; i++)
        names[count++] = auk_span_of(table[i].name);
    auk_span close = auk_nearest(name, names, count);
    auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                  "[%s] query does not support [%.*s]", kind, AUK_SPAN_ARG(name));
    if (close.size)
        auk_hint(parser->err, "did you mean [%.*s]?", AUK_SPAN_ARG(close));
    return AUK_INVALID;
}

auk_code auk_query_read_members(auk_query_parser *parser, const char *kind, const auk_json *object,
                                const auk_query_member *table, size_t rows, auk_query *query)
{
    for (const auk_json *member = object->child; member; member = member->next) {
        auk_code code = AUK_OK;
        size_t i = 0;
        while (i < rows && !auk_span_is(member->key, table[i].name))
            i++;
        if (i < rows)
            code = table[i].read(parser, member, query);
        else if (auk_span_is(member->key, "boost"))
            code = read_boost(parser, kind, member, query);
        else if (auk_span_is(member->key, "_name"))
            code = auk_query_read_text(parser, kind, member, &query->name);
        else
            code = unknown_member(parser, kind, member->key, table, rows);
        if (code != AUK_OK)
            return code;
    }
    return AUK_OK;
}

auk_code auk_query_read_field(auk_query_parser *parser, const char *kind, const auk_json *object,
                              auk_span *field, const auk_query_member *table, size_t rows,
                              auk_code (*short_form)(auk_query_parser *, const auk_json *,
                                                     auk_query *),
                              auk_query *query)
{
    const auk_json *member = object->child;
    if (!member)
        return auk_fail_type(parser->err, AUK_INVALID, "illegal_argument_exception",
                             "[%s] query needs a field name", kind);
    /* {"FIELD": value, "boost": 2}: some kinds take the general members beside the field */
    for (const auk_json *other = member->next; other; other = other->next) {
        auk_code code = AUK_OK;
        if (auk_span_is(other->key, "boost"))
            code = read_boost(parser, kind, other, query);
        else if (auk_span_is(other->key, "_name"))
            code = auk_query_read_text(parser, kind, other, &query->name);
        else
            return auk_fail_type(
                parser->err, AUK_INVALID, "parsing_exception",
                "[%s] query doesn't support multiple fields, found [%.*s] and [%.*s]", kind,
                AUK_SPAN_ARG(member->key), AUK_SPAN_ARG(other->key));
        if (code != AUK_OK)
            return code;
    }
    *field = member->key;
    if (member->type == AUK_JSON_OBJECT)
        return auk_query_read_members(parser, kind, member, table, rows, query);
    if (member->type == AUK_JSON_ARRAY)
        return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                             "[%s] query does not support arrays: [%.*s]", kind,
                             AUK_SPAN_ARG(member->key));
    return short_form(parser, member, query);
}
