/* aggregation_list.c - the list of kinds, and the tree that a request makes of them. */
#include "aggregation_parse.h"
#include "auk/nearest.h"

static const auk_aggregation_kind *const kinds[] = {
    &auk_aggregation_terms,       &auk_aggregation_date_histogram,
    &auk_aggregation_histogram,   &auk_aggregation_range,
    &auk_aggregation_date_range,  &auk_aggregation_filter,
    &auk_aggregation_filters,     &auk_aggregation_missing,
    &auk_aggregation_stats,       &auk_aggregation_extended_stats,
    &auk_aggregation_min,         &auk_aggregation_max,
    &auk_aggregation_sum,         &auk_aggregation_avg,
    &auk_aggregation_value_count, &auk_aggregation_cardinality,
};
#define KINDS (sizeof kinds / sizeof kinds[0])
/* Of one search, of all levels together; each costs a collector a segment. */
#define AGGREGATION_LIMIT 1024u

static auk_code parse_list(auk_aggregation_parser *parser, const auk_json *body,
                           const auk_aggregation **out, uint32_t *count);

static auk_code unknown_kind(auk_aggregation_parser *parser, auk_span name)
{
    auk_span names[KINDS];
    for (size_t i = 0; i < KINDS; i++)
        names[i] = auk_span_of(kinds[i]->name);
    auk_span close = auk_nearest(name, names, KINDS);
    if (!close.size)
        return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                             "Unknown aggregation type [%.*s]", AUK_SPAN_ARG(name));
    auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                  "Unknown aggregation type [%.*s] did you mean [%.*s]?", AUK_SPAN_ARG(name),
                  AUK_SPAN_ARG(close));
    auk_hint(parser->err, "the nearest known aggregation is [%.*s]", AUK_SPAN_ARG(close));
    return AUK_INVALID;
}

static auk_code parse_members(auk_aggregation_parser *parser, const auk_json *body,
                              auk_aggregation *out)
{
    const auk_aggregation_kind *kind = out->kind;
    for (const auk_json *member = body->child; member; member = member->next) {
        uint32_t row = 0;
        while (row < kind->member_count && !auk_span_is(member->key, kind->members[row].name))
            row++;
        if (row == kind->member_count)
            return auk_aggregation_unknown_member(parser, kind->name, member->key, kind->members,
                                                  kind->member_count);
        auk_code code = kind->members[row].read(parser, member, out);
        if (code != AUK_OK)
            return code;
    }
    return AUK_OK;
}

static auk_code parse_kind(auk_aggregation_parser *parser, const auk_json *body,
                           auk_aggregation *out)
{
    if (out->kind)
        return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                             "Found two aggregation type definitions in [%.*s]: [%s] and [%.*s]",
                             AUK_SPAN_ARG(out->name), out->kind->name, AUK_SPAN_ARG(body->key));
    for (size_t i = 0; i < KINDS && !out->kind; i++)
        if (auk_span_is(body->key, kinds[i]->name))
            out->kind = kinds[i];
    if (!out->kind)
        return unknown_kind(parser, body->key);
    if (out->kind->defaults)
        out->kind->defaults(out);
    /* The one kind whose body is another language's object. */
    if (out->kind == &auk_aggregation_filter)
        return out->kind->members[0].read(parser, body, out);
    return parse_members(parser, body, out);
}

static auk_code parse_part(auk_aggregation_parser *parser, const auk_json *part,
                           const auk_json **subs, auk_aggregation *out)
{
    if (part->type != AUK_JSON_OBJECT)
        return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                             "Expected [START_OBJECT] under [%.*s], but got a %s in [%.*s]",
                             AUK_SPAN_ARG(part->key), auk_json_type_name(part->type),
                             AUK_SPAN_ARG(out->name));
    if (auk_span_is(part->key, "meta")) {
        out->meta = part;
        return AUK_OK;
    }
    if (!auk_span_is(part->key, "aggs") && !auk_span_is(part->key, "aggregations"))
        return parse_kind(parser, part, out);
    if (*subs)
        return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                             "Found two sub aggregation definitions under [%.*s]",
                             AUK_SPAN_ARG(out->name));
    *subs = part;
    return AUK_OK;
}

static auk_code check_one(auk_aggregation_parser *parser, const auk_json *subs,
                          auk_aggregation *out)
{
    if (!out->kind)
        return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                             "Missing definition for aggregation [%.*s]", AUK_SPAN_ARG(out->name));
    if (out->kind->forms && !out->field.size)
        return auk_fail(parser->err, AUK_INVALID,
                        "Required one of fields [field, script], but none were specified. ");
    auk_code code = AUK_OK;
    if (subs && subs->count && !out->kind->has_subs)
        return auk_fail_type(parser->err, AUK_INVALID, "aggregation_initialization_exception",
                             "Aggregator [%.*s] of type [%s] cannot accept sub-aggregations",
                             AUK_SPAN_ARG(out->name), out->kind->name);
    if (subs)
        code = parse_list(parser, subs, &out->subs, &out->sub_count);
    if (code == AUK_OK && out->kind->check)
        code = out->kind->check(parser, out);
    if (code == AUK_OK)
        code = auk_aggregation_orders_resolve(parser, out);
    out->shows_zero = out->kind == &auk_aggregation_terms && out->min_doc_count == 0;
    for (uint32_t i = 0; i < out->sub_count; i++)
        out->shows_zero |= out->subs[i].shows_zero;
    return code;
}

static auk_code parse_one(auk_aggregation_parser *parser, const auk_json *body,
                          auk_aggregation *out)
{
    out->name = body->key;
    for (size_t i = 0; i < body->key.size; i++)
        if (auk_byte_among(body->key.data[i], "[]>"))
            return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                                 "Invalid aggregation name [%.*s]. Aggregation names can contain "
                                 "any character except '[', ']', and '>'",
                                 AUK_SPAN_ARG(body->key));
    if (body->type != AUK_JSON_OBJECT)
        return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                             "Aggregation definition for [%.*s starts with a [%s], expected a "
                             "[START_OBJECT].",
                             AUK_SPAN_ARG(body->key), auk_json_type_name(body->type));
    const auk_json *subs = NULL;
    for (const auk_json *part = body->child; part; part = part->next) {
        auk_code code = parse_part(parser, part, &subs, out);
        if (code != AUK_OK)
            return code;
    }
    return check_one(parser, subs, out);
}

static auk_code parse_list(auk_aggregation_parser *parser, const auk_json *body,
                           const auk_aggregation **out, uint32_t *count)
{
    if (body->type != AUK_JSON_OBJECT)
        return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                             "Expected [START_OBJECT] but got a %s in [aggs]",
                             auk_json_type_name(body->type));
    parser->count += body->count;
    if (parser->count > AGGREGATION_LIMIT)
        return auk_fail(parser->err, AUK_INVALID, "too many aggregations: at most %u in a search",
                        AGGREGATION_LIMIT);
    auk_aggregation *list = AUK_ARENA_ARRAY(parser->arena, auk_aggregation, body->count + 1u);
    uint32_t i = 0;
    for (const auk_json *one = body->child; one; one = one->next) {
        auk_code code = parse_one(parser, one, &list[i++]);
        if (code != AUK_OK)
            return code;
    }
    *out = list;
    *count = i;
    return AUK_OK;
}

auk_code auk_aggregations_parse(const auk_json *body, auk_arena *arena, const auk_aggregation **out,
                                uint32_t *count, auk_error *err)
{
    auk_aggregation_parser parser = {arena, err, 0};
    return parse_list(&parser, body, out, count);
}
