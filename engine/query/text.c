/* match, match_phrase, match_phrase_prefix, match_bool_prefix, multi_match */
#include "parse.h"

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

/* ---- members that the family shares ---- */

static auk_match_options *options_of(auk_query *query)
{
    return query->kind == AUK_QUERY_MULTI_MATCH ? &query->u.multi_match.options
                                                : &query->u.match.options;
}

static const char *name_of(const auk_query *query)
{
    switch (query->kind) {
    case AUK_QUERY_MATCH_PHRASE:
        return "match_phrase";
    case AUK_QUERY_MATCH_PHRASE_PREFIX:
        return "match_phrase_prefix";
    case AUK_QUERY_MATCH_BOOL_PREFIX:
        return "match_bool_prefix";
    case AUK_QUERY_MULTI_MATCH:
        return "multi_match";
    default:
        return "match";
    }
}

static auk_code read_value(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    if (value->type == AUK_JSON_OBJECT || value->type == AUK_JSON_ARRAY ||
        value->type == AUK_JSON_NULL)
        return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                             "[%s] unknown token [%s] after [query]", name_of(query),
                             auk_json_type_name(value->type));
    query->u.match.value = value;
    return AUK_OK;
}

auk_code auk_query_read_operator(auk_query_parser *parser, const auk_json *value,
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
    return auk_query_read_operator(parser, value, &options_of(query)->operator);
}

static auk_code read_minimum(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    return auk_query_read_text(parser, name_of(query), value,
                               &options_of(query)->minimum_should_match);
}

static auk_code read_analyzer(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    return auk_query_read_text(parser, name_of(query), value, &options_of(query)->analyzer);
}

static auk_code read_zero_terms(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    if (!auk_span_is(value->text, "none") && !auk_span_is(value->text, "all"))
        return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                             "Unsupported zero_terms_query value [%.*s]",
                             AUK_SPAN_ARG(value->text));
    options_of(query)->zero_terms =
        auk_span_is(value->text, "all") ? AUK_ZERO_TERMS_ALL : AUK_ZERO_TERMS_NONE;
    return AUK_OK;
}

static auk_code read_lenient(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    return auk_query_read_bool(parser, name_of(query), value, &options_of(query)->lenient);
}

static auk_code read_slop(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    int64_t slop;
    if (!auk_json_to_int64(value, &slop) || slop < 0 || slop > INT32_MAX)
        return auk_fail_type(parser->err, AUK_INVALID, "illegal_argument_exception",
                             "No negative slop allowed.");
    options_of(query)->slop = (int32_t)slop;
    return AUK_OK;
}

static auk_code read_max_expansions(auk_query_parser *parser, const auk_json *value,
                                    auk_query *query)
{
    int64_t most;
    if (!auk_json_to_int64(value, &most) || most < 1 || most > INT32_MAX)
        return auk_fail_type(parser->err, AUK_INVALID, "illegal_argument_exception",
                             "No negative maxExpansions allowed.");
    options_of(query)->max_expansions = (uint32_t)most;
    return AUK_OK;
}

static auk_code read_fuzziness(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    return auk_query_read_fuzziness(parser, name_of(query), value,
                                    &options_of(query)->fuzzy.fuzziness);
}

static auk_code read_prefix_length(auk_query_parser *parser, const auk_json *value,
                                   auk_query *query)
{
    return auk_query_read_count(parser, name_of(query), value, INT32_MAX,
                                &options_of(query)->fuzzy.prefix_length);
}

static auk_code read_transpositions(auk_query_parser *parser, const auk_json *value,
                                    auk_query *query)
{
    bool allowed = true;
    auk_code code = auk_query_read_bool(parser, name_of(query), value, &allowed);
    options_of(query)->fuzzy.no_transpositions = !allowed;
    return code;
}

static auk_code read_fuzzy_rewrite(auk_query_parser *parser, const auk_json *value,
                                   auk_query *query)
{
    return auk_query_read_fuzzy_rewrite(parser, name_of(query), value, &options_of(query)->fuzzy);
}

static auk_code read_phrase_paths(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    bool phrases = true;
    auk_code code = auk_query_read_bool(parser, name_of(query), value, &phrases);
    options_of(query)->paths_as_words = !phrases;
    return code;
}

static auk_code need_value(auk_query_parser *parser, const char *kind, const auk_json *value)
{
    if (value)
        return AUK_OK;
    return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                         "No text specified for [%s] query", kind);
}

/* ---- one field ---- */

/* clang-format off */
#define FUZZY_MEMBERS                                                                              \
    {"fuzziness", read_fuzziness},                                                                 \
    {"prefix_length", read_prefix_length},                                                         \
    {"fuzzy_transpositions", read_transpositions},                                                 \
    {"fuzzy_rewrite", read_fuzzy_rewrite}
/* clang-format on */

static const auk_query_member match_members[] = {
    {"query", read_value},
    {"operator", read_operator},
    {"minimum_should_match", read_minimum},
    {"analyzer", read_analyzer},
    {"zero_terms_query", read_zero_terms},
    {"lenient", read_lenient},
    {"auto_generate_synonyms_phrase_query", read_phrase_paths},
    {"max_expansions", read_max_expansions},
    FUZZY_MEMBERS,
};

static const auk_query_member phrase_members[] = {
    {"query", read_value},
    {"slop", read_slop},
    {"analyzer", read_analyzer},
    {"zero_terms_query", read_zero_terms},
};

static const auk_query_member phrase_prefix_members[] = {
    {"query", read_value},
    {"slop", read_slop},
    {"analyzer", read_analyzer},
    {"max_expansions", read_max_expansions},
    {"zero_terms_query", read_zero_terms},
};

static const auk_query_member bool_prefix_members[] = {
    {"query", read_value},
    {"operator", read_operator},
    {"minimum_should_match", read_minimum},
    {"analyzer", read_analyzer},
    {"max_expansions", read_max_expansions},
    FUZZY_MEMBERS,
};

static auk_code parse_one_field(auk_query_parser *parser, const auk_json *value, auk_query *query,
                                const auk_query_member *members, size_t rows)
{
    const char *name = name_of(query);
    auk_code code = auk_query_read_field(parser, name, value, &query->u.match.field, members, rows,
                                         read_value, query);
    return code == AUK_OK ? need_value(parser, name, query->u.match.value) : code;
}

auk_code auk_query_parse_match(auk_query_parser *parser, const auk_json *value, uint32_t depth,
                               auk_query *query)
{
    (void)depth;
    return parse_one_field(parser, value, query, match_members, ROWS(match_members));
}

auk_code auk_query_parse_match_phrase(auk_query_parser *parser, const auk_json *value,
                                      uint32_t depth, auk_query *query)
{
    (void)depth;
    return parse_one_field(parser, value, query, phrase_members, ROWS(phrase_members));
}

auk_code auk_query_parse_match_phrase_prefix(auk_query_parser *parser, const auk_json *value,
                                             uint32_t depth, auk_query *query)
{
    (void)depth;
    return parse_one_field(parser, value, query, phrase_prefix_members,
                           ROWS(phrase_prefix_members));
}

auk_code auk_query_parse_match_bool_prefix(auk_query_parser *parser, const auk_json *value,
                                           uint32_t depth, auk_query *query)
{
    (void)depth;
    return parse_one_field(parser, value, query, bool_prefix_members, ROWS(bool_prefix_members));
}

/* ---- several fields ---- */

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

auk_code auk_query_read_fields(auk_query_parser *parser, const char *kind, const auk_json *value,
                               auk_query_field **fields, uint32_t *field_count)
{
    bool list = value->type == AUK_JSON_ARRAY;
    uint32_t count = list ? value->count : 1;
    if (count > AUK_QUERY_CLAUSE_LIMIT)
        return auk_fail_type(parser->err, AUK_INVALID, "illegal_argument_exception",
                             "too many fields in [%s]", kind);
    *fields = AUK_ARENA_ARRAY(parser->arena, auk_query_field, count + 1);
    uint32_t used = 0;
    for (const auk_json *item = list ? value->child : value; item;
         item = list ? item->next : NULL) {
        auk_span text;
        auk_code code = auk_query_read_text(parser, kind, item, &text);
        if (code == AUK_OK)
            code = auk_query_field_read(text, &(*fields)[used++], parser->err);
        if (code != AUK_OK)
            return code;
    }
    *field_count = used;
    return AUK_OK;
}

static auk_code read_fields(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    return auk_query_read_fields(parser, "multi_match", value, &query->u.multi_match.fields,
                                 &query->u.multi_match.field_count);
}

static auk_code read_multi_value(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    auk_span text;
    query->u.multi_match.value = value;
    return auk_query_read_text(parser, "multi_match", value, &text);
}

static const struct {
    const char *name;
    auk_multi_match_type type;
    float tie_breaker;
} types[] = {
    {"best_fields", AUK_MULTI_BEST_FIELDS, 0}, {"most_fields", AUK_MULTI_MOST_FIELDS, 1},
    {"phrase", AUK_MULTI_PHRASE, 0},           {"phrase_prefix", AUK_MULTI_PHRASE_PREFIX, 0},
    {"bool_prefix", AUK_MULTI_BOOL_PREFIX, 1}, {"cross_fields", AUK_MULTI_CROSS_FIELDS, 0},
};

auk_code auk_query_read_multi_type(auk_query_parser *parser, const char *kind,
                                   const auk_json *value, auk_multi_match_type *out)
{
    for (size_t i = 0; i < ROWS(types); i++)
        if (auk_span_is(value->text, types[i].name)) {
            *out = types[i].type;
            return AUK_OK;
        }
    auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                  "failed to parse [%s] query type [%.*s]. unknown type.", kind,
                  AUK_SPAN_ARG(value->text));
    auk_hint(parser->err,
             "known types are best_fields, most_fields, cross_fields, phrase, phrase_prefix and "
             "bool_prefix");
    return AUK_INVALID;
}

float auk_query_multi_tie_breaker(auk_multi_match_type type)
{
    return types[type].tie_breaker;
}

static auk_code read_type(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    return auk_query_read_multi_type(parser, "multi_match", value, &query->u.multi_match.type);
}

static auk_code read_tie_breaker(auk_query_parser *parser, const auk_json *value, auk_query *query)
{
    return auk_query_read_float(parser, "multi_match", value, &query->u.multi_match.tie_breaker);
}

static const auk_query_member multi_members[] = {
    {"query", read_multi_value},
    {"fields", read_fields},
    {"type", read_type},
    {"operator", read_operator},
    {"minimum_should_match", read_minimum},
    {"analyzer", read_analyzer},
    {"tie_breaker", read_tie_breaker},
    {"lenient", read_lenient},
    {"slop", read_slop},
    {"max_expansions", read_max_expansions},
    {"zero_terms_query", read_zero_terms},
    {"auto_generate_synonyms_phrase_query", read_phrase_paths},
    FUZZY_MEMBERS,
};

static bool may_be_fuzzy(auk_multi_match_type type)
{
    return type == AUK_MULTI_BEST_FIELDS || type == AUK_MULTI_MOST_FIELDS ||
           type == AUK_MULTI_BOOL_PREFIX;
}

auk_code auk_query_parse_multi_match(auk_query_parser *parser, const auk_json *value,
                                     uint32_t depth, auk_query *query)
{
    (void)depth;
    query->u.multi_match.tie_breaker = -1; /* the type's own */
    auk_code code = auk_query_read_members(parser, "multi_match", value, multi_members,
                                           ROWS(multi_members), query);
    if (code != AUK_OK)
        return code;
    if (query->u.multi_match.options.slop && query->u.multi_match.type == AUK_MULTI_BOOL_PREFIX)
        return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                             "[slop] not allowed for type [bool_prefix]");
    if (query->u.multi_match.options.fuzzy.fuzziness.given &&
        !may_be_fuzzy(query->u.multi_match.type))
        return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                             "Fuzziness not allowed for type [%s]",
                             types[query->u.multi_match.type].name);
    if (query->u.multi_match.tie_breaker < 0)
        query->u.multi_match.tie_breaker = auk_query_multi_tie_breaker(query->u.multi_match.type);
    return need_value(parser, "multi_match", query->u.multi_match.value);
}
