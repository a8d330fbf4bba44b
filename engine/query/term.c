/* term, terms, range, prefix, wildcard, exists, ids */
#include "parse.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* ---- term, prefix and wildcard ---- */

static const char *name_of(const auk_query *query)
{
    return query->kind == AUK_QUERY_TERM     ? "term"
           : query->kind == AUK_QUERY_PREFIX ? "prefix"
                                             : "wildcard";
}

static auk_code read_term_value(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    auk_span text;
    query->u.term.value = value;
    return auk_query_read_text(parser, name_of(query), value, &text);
}

static auk_code read_case_insensitive(auk_query_parser *parser, const auk_json *value,
                                      auk_query *query)
{
    return auk_query_read_bool(parser, name_of(query), value, &query->u.term.case_insensitive);
}

static auk_code read_rewrite(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    return auk_query_read_rewrite(parser, name_of(query), value);
}

static const auk_query_member term_members[] = {
    {"value", read_term_value},
    {"case_insensitive", read_case_insensitive},
};

static const auk_query_member prefix_members[] = {
    {"value", read_term_value},
    {"prefix", read_term_value},
    {"case_insensitive", read_case_insensitive},
    {"rewrite", read_rewrite},
};

static const auk_query_member wildcard_members[] = {
    {"value", read_term_value},
    {"wildcard", read_term_value},
    {"case_insensitive", read_case_insensitive},
    {"rewrite", read_rewrite},
};

static auk_code need_term(auk_query_parser *parser, const char *kind, const auk_query *query)
{
    if (query->u.term.field.size == 0)
        return auk_fail_type(parser->err, AUK_INVALID, "illegal_argument_exception",
                             "field name is null or empty");
    if (!query->u.term.value)
        return auk_fail_type(parser->err, AUK_INVALID, "illegal_argument_exception",
                             "value cannot be null in [%s]", kind);
    return AUK_OK;
}

auk_code auk_query_parse_term(auk_query_parser *parser, const auk_json *value, uint32_t depth,
                              auk_query *query)
{
    (void)depth;
    auk_code code = auk_query_read_field(parser, "term", value, &query->u.term.field, term_members,
                                         ROWS(term_members), read_term_value, query);
    return code == AUK_OK ? need_term(parser, "term", query) : code;
}

auk_code auk_query_parse_prefix(auk_query_parser *parser, const auk_json *value, uint32_t depth,
                                auk_query *query)
{
    (void)depth;
    auk_code code =
        auk_query_read_field(parser, "prefix", value, &query->u.term.field, prefix_members,
                             ROWS(prefix_members), read_term_value, query);
    return code == AUK_OK ? need_term(parser, "prefix", query) : code;
}

auk_code auk_query_parse_wildcard(auk_query_parser *parser, const auk_json *value, uint32_t depth,
                                  auk_query *query)
{
    (void)depth;
    auk_code code =
        auk_query_read_field(parser, "wildcard", value, &query->u.term.field, wildcard_members,
                             ROWS(wildcard_members), read_term_value, query);
    return code == AUK_OK ? need_term(parser, "wildcard", query) : code;
}

/* ---- terms: {"FIELD": [values], "boost": 1} ---- */

static auk_code read_terms(auk_query_parser *parser, const auk_json *array, auk_query *query)
{
    if (array->type != AUK_JSON_ARRAY)
        return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                             "[terms] query requires an array of terms%s",
                             array->type == AUK_JSON_OBJECT ? "; terms lookup is not supported"
                                                            : "");
    if (query->u.terms.values)
        return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                             "[terms] query does not support multiple fields");
    query->u.terms.field = array->key;
    query->u.terms.values = AUK_ARENA_ARRAY(parser->arena, const auk_json *, array->count + 1);
    for (const auk_json *item = array->child; item; item = item->next) {
        auk_span text;
        auk_code code = auk_query_read_text(parser, "terms", item, &text);
        if (code != AUK_OK)
            return code;
        query->u.terms.values[query->u.terms.count++] = item;
    }
    return AUK_OK;
}

auk_code auk_query_parse_terms(auk_query_parser *parser, const auk_json *value, uint32_t depth,
                               auk_query *query)
{
    (void)depth;
    for (const auk_json *member = value->child; member; member = member->next) {
        auk_code code = AUK_OK;
        if (auk_span_is(member->key, "boost"))
            code = auk_query_read_float(parser, "terms", member, &query->boost);
        else if (auk_span_is(member->key, "_name"))
            code = auk_query_read_text(parser, "terms", member, &query->name);
        else
            code = read_terms(parser, member, query);
        if (code != AUK_OK)
            return code;
    }
    if (query->u.terms.values)
        return AUK_OK;
    return auk_fail_type(
        parser->err, AUK_INVALID, "parsing_exception",
        "[terms] query requires a field name, followed by array of terms or a document lookup "
        "specification");
}

/* ---- range ---- */

static const auk_json *bound_or_null(const auk_json *value)
{
    return value->type == AUK_JSON_NULL ? NULL : value;
}

static auk_code read_from(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    (void)parser;
    query->u.range.from = bound_or_null(value);
    query->u.range.include_from = !auk_span_is(value->key, "gt");
    return AUK_OK;
}

static auk_code read_to(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    (void)parser;
    query->u.range.to = bound_or_null(value);
    query->u.range.include_to = !auk_span_is(value->key, "lt");
    return AUK_OK;
}

static auk_code read_include_lower(auk_query_parser *parser, const auk_json *value,
                                   auk_query *query)
{
    return auk_query_read_bool(parser, "range", value, &query->u.range.include_from);
}

static auk_code read_include_upper(auk_query_parser *parser, const auk_json *value,
                                   auk_query *query)
{
    return auk_query_read_bool(parser, "range", value, &query->u.range.include_to);
}

static auk_code read_format(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    return auk_query_read_text(parser, "range", value, &query->u.range.format);
}

static auk_code read_time_zone(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    return auk_query_read_text(parser, "range", value, &query->u.range.time_zone);
}

static auk_code read_relation(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    (void)query;
    if (auk_span_is(value->text, "intersects") || auk_span_is(value->text, "INTERSECTS"))
        return AUK_OK;
    return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                         "[range] query does not support relation [%.*s]",
                         AUK_SPAN_ARG(value->text));
}

static const auk_query_member range_members[] = {
    {"gte", read_from},
    {"gt", read_from},
    {"lte", read_to},
    {"lt", read_to},
    {"from", read_from},
    {"to", read_to},
    {"include_lower", read_include_lower},
    {"include_upper", read_include_upper},
    {"format", read_format},
    {"time_zone", read_time_zone},
    {"relation", read_relation},
};

static auk_code refuse_short_range(auk_query_parser *parser, const auk_json *value,
                                   auk_query *query)
{
    (void)query;
    return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                         "[range] query does not support [%.*s]", AUK_SPAN_ARG(value->key));
}

auk_code auk_query_parse_range(auk_query_parser *parser, const auk_json *value, uint32_t depth,
                               auk_query *query)
{
    (void)depth;
    query->u.range.include_from = query->u.range.include_to = true;
    return auk_query_read_field(parser, "range", value, &query->u.range.field, range_members,
                                ROWS(range_members), refuse_short_range, query);
}

/* ---- exists and ids ---- */

static auk_code read_exists_field(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    return auk_query_read_text(parser, "exists", value, &query->u.exists.field);
}

static const auk_query_member exists_members[] = {{"field", read_exists_field}};

auk_code auk_query_parse_exists(auk_query_parser *parser, const auk_json *value, uint32_t depth,
                                auk_query *query)
{
    (void)depth;
    auk_code code = auk_query_read_members(parser, "exists", value, exists_members,
                                           ROWS(exists_members), query);
    if (code == AUK_OK && query->u.exists.field.size == 0)
        return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                             "[exists] must be provided with a [field]");
    return code;
}

static auk_code read_ids(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    bool list = value->type == AUK_JSON_ARRAY;
    uint32_t count = list ? value->count : 1;
    if (count > AUK_QUERY_ID_LIMIT)
        return auk_fail_type(parser->err, AUK_INVALID, "illegal_argument_exception",
                             "too many values in [ids]: at most %d", AUK_QUERY_ID_LIMIT);
    query->u.ids.values = AUK_ARENA_ARRAY(parser->arena, auk_span, count + 1);
    for (const auk_json *item = list ? value->child : value; item;
         item = list ? item->next : NULL) {
        auk_code code =
            auk_query_read_text(parser, "ids", item, &query->u.ids.values[query->u.ids.count++]);
        if (code != AUK_OK)
            return code;
    }
    return AUK_OK;
}

static const auk_query_member ids_members[] = {{"values", read_ids}};

auk_code auk_query_parse_ids(auk_query_parser *parser, const auk_json *value, uint32_t depth,
                             auk_query *query)
{
    (void)depth;
    auk_code code =
        auk_query_read_members(parser, "ids", value, ids_members, ROWS(ids_members), query);
    if (code == AUK_OK && !query->u.ids.values)
        return auk_fail_type(parser->err, AUK_INVALID, "illegal_argument_exception",
                             "Required [values]");
    return code;
}
