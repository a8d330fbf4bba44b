/* bool, constant_score, dis_max, match_all, match_none */
#include "auk/nearest.h"
#include "parse.h"

auk_code auk_query_parse_match_all(auk_query_parser *parser, const auk_json *value, uint32_t depth,
                                   auk_query *query)
{
    (void)depth;
    return auk_query_read_members(parser, "match_all", value, NULL, 0, query);
}

auk_code auk_query_parse_match_none(auk_query_parser *parser, const auk_json *value, uint32_t depth,
                                    auk_query *query)
{
    (void)depth;
    return auk_query_read_members(parser, "match_none", value, NULL, 0, query);
}

/* One query or a list of them. */
static auk_code read_clauses(auk_query_parser *parser, const auk_json *value, uint32_t depth,
                             auk_query_list *out)
{
    bool list = value->type == AUK_JSON_ARRAY;
    if (list && value->count > AUK_QUERY_CLAUSE_LIMIT)
        return auk_fail_type(parser->err, AUK_INVALID, "too_many_clauses",
                             "maxClauseCount is set to %d", AUK_QUERY_CLAUSE_LIMIT);
    out->items = AUK_ARENA_ARRAY(parser->arena, const auk_query *, (list ? value->count : 1) + 1);
    out->count = 0;
    for (const auk_json *item = list ? value->child : value; item;
         item = list ? item->next : NULL) {
        auk_code code = auk_query_parse_one(parser, item, depth + 1, &out->items[out->count]);
        if (code != AUK_OK)
            return code;
        out->count++;
    }
    return AUK_OK;
}

/* boost and _name, which every compound takes; *known false: another member. */
static auk_code read_general(auk_query_parser *parser, const char *kind, const auk_json *member,
                             auk_query *query, bool *known)
{
    *known = true;
    if (auk_span_is(member->key, "boost"))
        return auk_query_read_float(parser, kind, member, &query->boost);
    if (auk_span_is(member->key, "_name"))
        return auk_query_read_text(parser, kind, member, &query->name);
    *known = false;
    return AUK_OK;
}

static auk_code refuse_member(auk_query_parser *parser, const char *kind, auk_span name,
                              const char *const *names, size_t count)
{
    auk_span spans[8];
    for (size_t i = 0; i < count; i++)
        spans[i] = auk_span_of(names[i]);
    auk_span close = auk_nearest(name, spans, count);
    auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                  "[%s] query does not support [%.*s]", kind, AUK_SPAN_ARG(name));
    if (close.size)
        auk_hint(parser->err, "did you mean [%.*s]?", AUK_SPAN_ARG(close));
    return AUK_INVALID;
}

auk_code auk_query_parse_bool(auk_query_parser *parser, const auk_json *value, uint32_t depth,
                              auk_query *query)
{
    static const char *const names[] = {"must", "filter", "should", "must_not",
                                        "minimum_should_match"};
    auk_query_list *lists[] = {&query->u.boolean.must, &query->u.boolean.filter,
                               &query->u.boolean.should, &query->u.boolean.must_not};
    for (const auk_json *member = value->child; member; member = member->next) {
        bool known;
        auk_code code = read_general(parser, "bool", member, query, &known);
        size_t i = 0;
        while (!known && i < 5 && !auk_span_is(member->key, names[i]))
            i++;
        if (known || code != AUK_OK) {
            /* done */
        } else if (i < 4) {
            code = read_clauses(parser, member, depth, lists[i]);
        } else if (i == 4) {
            code =
                auk_query_read_text(parser, "bool", member, &query->u.boolean.minimum_should_match);
        } else {
            code = refuse_member(parser, "bool", member->key, names, 5);
        }
        if (code != AUK_OK)
            return code;
    }
    return AUK_OK;
}

auk_code auk_query_parse_constant_score(auk_query_parser *parser, const auk_json *value,
                                        uint32_t depth, auk_query *query)
{
    static const char *const names[] = {"filter"};
    for (const auk_json *member = value->child; member; member = member->next) {
        bool known;
        auk_code code = read_general(parser, "constant_score", member, query, &known);
        if (!known && auk_span_is(member->key, "filter"))
            code = auk_query_parse_one(parser, member, depth + 1, &query->u.constant_score.filter);
        else if (!known)
            code = refuse_member(parser, "constant_score", member->key, names, 1);
        if (code != AUK_OK)
            return code;
    }
    if (query->u.constant_score.filter)
        return AUK_OK;
    return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                         "[constant_score] requires a 'filter' element");
}

auk_code auk_query_parse_dis_max(auk_query_parser *parser, const auk_json *value, uint32_t depth,
                                 auk_query *query)
{
    static const char *const names[] = {"queries", "tie_breaker"};
    for (const auk_json *member = value->child; member; member = member->next) {
        bool known;
        auk_code code = read_general(parser, "dis_max", member, query, &known);
        if (!known && auk_span_is(member->key, "queries"))
            code = read_clauses(parser, member, depth, &query->u.dis_max.queries);
        else if (!known && auk_span_is(member->key, "tie_breaker"))
            code = auk_query_read_float(parser, "dis_max", member, &query->u.dis_max.tie_breaker);
        else if (!known)
            code = refuse_member(parser, "dis_max", member->key, names, 2);
        if (code != AUK_OK)
            return code;
    }
    if (query->u.dis_max.queries.count > 0)
        return AUK_OK;
    return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                         "[dis_max] requires 'queries' field with at least one clause");
}
