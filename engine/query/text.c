/* match, match_phrase, multi_match */
#include "parse.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* ---- members of match and match_phrase ---- */

static auk_code read_value(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    if (value->type == AUK_JSON_OBJECT || value->type == AUK_JSON_ARRAY ||
        value->type == AUK_JSON_NULL)
        return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                             "[match] unknown token [%s] after [query]",
                             auk_json_type_name(value->type));
    query->u.match.value = value;
    return AUK_OK;
}

static auk_code parse_operator(auk_query_parser *parser, const auk_json *value,
                               auk_match_operator *out)
{
    if (auk_span_is(value->text, "or") || auk_span_is(value->text, "OR"))
        *out = AUK_OPERATOR_OR;
    else if (auk_span_is(value->text, "and") || auk_span_is(value->text, "AND"))
        *out = AUK_OPERATOR_AND;
    else
        return auk_fail_type(parser->err, AUK_INVALID, "illegal_argument_exception",
                             "No enum constant for operator [%.*s]: use [and] or [or]",
                             AUK_SPAN_ARG(value->text));
    return AUK_OK;
}

static auk_code read_operator(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    return parse_operator(parser, value, &query->u.match.operator);
}

static auk_code read_minimum(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    return auk_query_read_text(parser, "match", value, &query->u.match.minimum_should_match);
}

static auk_code read_analyzer(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    return auk_query_read_text(parser, "match", value, &query->u.match.analyzer);
}

static auk_code read_zero_terms(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    if (!auk_span_is(value->text, "none") && !auk_span_is(value->text, "all"))
        return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                             "Unsupported zero_terms_query value [%.*s]",
                             AUK_SPAN_ARG(value->text));
    query->u.match.zero_terms_all = auk_span_is(value->text, "all");
    return AUK_OK;
}

static auk_code read_lenient(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    return auk_query_read_bool(parser, "match", value, &query->u.match.lenient);
}

static auk_code read_slop(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    int64_t slop;
    if (!auk_json_to_int64(value, &slop) || slop < 0 || slop > INT32_MAX)
        return auk_fail_type(parser->err, AUK_INVALID, "illegal_argument_exception",
                             "No negative slop allowed.");
    query->u.match.slop = (int32_t)slop;
    return AUK_OK;
}

/* Accepted because clients send its default; it changes nothing without synonyms over several
 * words. */
static auk_code read_ignored_bool(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    bool ignored;
    (void)query;
    return auk_query_read_bool(parser, "match", value, &ignored);
}

static const auk_query_member match_members[] = {
    {"query", read_value},
    {"operator", read_operator},
    {"minimum_should_match", read_minimum},
    {"analyzer", read_analyzer},
    {"zero_terms_query", read_zero_terms},
    {"lenient", read_lenient},
    {"auto_generate_synonyms_phrase_query", read_ignored_bool},
};

static const auk_query_member phrase_members[] = {
    {"query", read_value},
    {"slop", read_slop},
    {"analyzer", read_analyzer},
    {"zero_terms_query", read_zero_terms},
};

static auk_code need_value(auk_query_parser *parser, const char *kind, const auk_json *value)
{
    if (value)
        return AUK_OK;
    return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                         "No text specified for [%s] query", kind);
}

auk_code auk_query_parse_match(auk_query_parser *parser, const auk_json *value, uint32_t depth,
                               auk_query *query)
{
    (void)depth;
    auk_code code = auk_query_read_field(parser, "match", value, &query->u.match.field,
                                         match_members, ROWS(match_members), read_value, query);
    return code == AUK_OK ? need_value(parser, "match", query->u.match.value) : code;
}

auk_code auk_query_parse_match_phrase(auk_query_parser *parser, const auk_json *value,
                                      uint32_t depth, auk_query *query)
{
    (void)depth;
    auk_code code = auk_query_read_field(parser, "match_phrase", value, &query->u.match.field,
                                         phrase_members, ROWS(phrase_members), read_value, query);
    return code == AUK_OK ? need_value(parser, "match_phrase", query->u.match.value) : code;
}

/* ---- multi_match ---- */

auk_code auk_query_field_read(auk_span text, auk_query_field *out, auk_error *err)
{
    const char *caret = text.size ? memchr(text.data, '^', text.size) : NULL;
    double boost = 1;
    *out = (auk_query_field){text, 1.0f};
    if (!caret)
        return AUK_OK;
    out->name.size = (size_t)(caret - text.data);
    if (!auk_number_parse_double(auk_span_from(text, out->name.size + 1), &boost) || boost < 0 ||
        boost > 1e30)
        return auk_fail_type(err, AUK_INVALID, "illegal_argument_exception",
                             "failed to parse the boost of field [%.*s]", AUK_SPAN_ARG(text));
    out->boost = (float)boost;
    return AUK_OK;
}

static auk_code read_fields(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    bool list = value->type == AUK_JSON_ARRAY;
    uint32_t count = list ? value->count : 1;
    if (count > AUK_QUERY_CLAUSE_LIMIT)
        return auk_fail_type(parser->err, AUK_INVALID, "illegal_argument_exception",
                             "too many fields in [multi_match]");
    query->u.multi_match.fields = AUK_ARENA_ARRAY(parser->arena, auk_query_field, count + 1);
    uint32_t used = 0;
    for (const auk_json *item = list ? value->child : value; item;
         item = list ? item->next : NULL) {
        auk_span text;
        auk_code code = auk_query_read_text(parser, "multi_match", item, &text);
        if (code == AUK_OK)
            code = auk_query_field_read(text, &query->u.multi_match.fields[used++], parser->err);
        if (code != AUK_OK)
            return code;
    }
    query->u.multi_match.field_count = used;
    return AUK_OK;
}

static auk_code read_multi_value(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    auk_span text;
    query->u.multi_match.value = value;
    return auk_query_read_text(parser, "multi_match", value, &text);
}

static auk_code read_type(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    if (auk_span_is(value->text, "best_fields")) {
        query->u.multi_match.type = AUK_MULTI_BEST_FIELDS;
    } else if (auk_span_is(value->text, "most_fields")) {
        query->u.multi_match.type = AUK_MULTI_MOST_FIELDS;
    } else {
        auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                      "failed to parse [multi_match] query type [%.*s]. unknown type.",
                      AUK_SPAN_ARG(value->text));
        auk_hint(parser->err, "known types are best_fields and most_fields");
        return AUK_INVALID;
    }
    return AUK_OK;
}

static auk_code read_multi_operator(auk_query_parser *parser, const auk_json *value,
                                    auk_query *query)
{
    return parse_operator(parser, value, &query->u.multi_match.operator);
}

static auk_code read_multi_minimum(auk_query_parser *parser, const auk_json *value,
                                   auk_query *query)
{
    return auk_query_read_text(parser, "multi_match", value,
                               &query->u.multi_match.minimum_should_match);
}

static auk_code read_multi_analyzer(auk_query_parser *parser, const auk_json *value,
                                    auk_query *query)
{
    return auk_query_read_text(parser, "multi_match", value, &query->u.multi_match.analyzer);
}

static auk_code read_tie_breaker(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    return auk_query_read_float(parser, "multi_match", value, &query->u.multi_match.tie_breaker);
}

static auk_code read_multi_lenient(auk_query_parser *parser, const auk_json *value,
                                   auk_query *query)
{
    return auk_query_read_bool(parser, "multi_match", value, &query->u.multi_match.lenient);
}

static const auk_query_member multi_members[] = {
    {"query", read_multi_value},
    {"fields", read_fields},
    {"type", read_type},
    {"operator", read_multi_operator},
    {"minimum_should_match", read_multi_minimum},
    {"analyzer", read_multi_analyzer},
    {"tie_breaker", read_tie_breaker},
    {"lenient", read_multi_lenient},
    {"auto_generate_synonyms_phrase_query", read_ignored_bool},
};

auk_code auk_query_parse_multi_match(auk_query_parser *parser, const auk_json *value,
                                     uint32_t depth, auk_query *query)
{
    (void)depth;
    query->u.multi_match.tie_breaker = -1; /* the type's own: best_fields 0, most_fields 1 */
    auk_code code = auk_query_read_members(parser, "multi_match", value, multi_members,
                                           ROWS(multi_members), query);
    if (code != AUK_OK)
        return code;
    if (query->u.multi_match.tie_breaker < 0)
        query->u.multi_match.tie_breaker =
            query->u.multi_match.type == AUK_MULTI_MOST_FIELDS ? 1.0f : 0.0f;
    return need_value(parser, "multi_match", query->u.multi_match.value);
}
