#include "aggregation_parse.h"

#include "auk/nearest.h"

#define PARSE_EXCEPTION "x_content_parse_exception"

static const char *token_name(const auk_json *value)
{
    static const char *const names[] = {
        [AUK_JSON_NULL] = "VALUE_NULL",     [AUK_JSON_FALSE] = "VALUE_BOOLEAN",
        [AUK_JSON_TRUE] = "VALUE_BOOLEAN",  [AUK_JSON_NUMBER] = "VALUE_NUMBER",
        [AUK_JSON_STRING] = "VALUE_STRING", [AUK_JSON_ARRAY] = "START_ARRAY",
        [AUK_JSON_OBJECT] = "START_OBJECT",
    };
    return names[value->type];
}

auk_code auk_aggregation_wrong_type(auk_aggregation_parser *parser, const auk_aggregation *out,
                                    const auk_json *value)
{
    return auk_fail_type(parser->err, AUK_INVALID, PARSE_EXCEPTION,
                         "[%s] %.*s doesn't support values of type: %s", out->kind->name,
                         AUK_SPAN_ARG(value->key), token_name(value));
}

auk_code auk_aggregation_need_text(auk_aggregation_parser *parser, const auk_aggregation *out,
                                   const auk_json *value, auk_span *text)
{
    if (value->type != AUK_JSON_STRING)
        return auk_aggregation_wrong_type(parser, out, value);
    *text = value->text;
    return AUK_OK;
}

auk_code auk_aggregation_need_bool(auk_aggregation_parser *parser, const auk_aggregation *out,
                                   const auk_json *value, bool *flag)
{
    return auk_json_to_bool(value, flag) ? AUK_OK : auk_aggregation_wrong_type(parser, out, value);
}

auk_code auk_aggregation_need_int(auk_aggregation_parser *parser, const auk_aggregation *out,
                                  const auk_json *value, int64_t *number)
{
    return auk_json_to_int64(value, number) ? AUK_OK
                                            : auk_aggregation_wrong_type(parser, out, value);
}

auk_code auk_aggregation_need_double(auk_aggregation_parser *parser, const auk_aggregation *out,
                                     const auk_json *value, double *number)
{
    return auk_json_to_double(value, number) ? AUK_OK
                                             : auk_aggregation_wrong_type(parser, out, value);
}

auk_code auk_aggregation_unknown_member(auk_aggregation_parser *parser, const char *kind,
                                        auk_span name, const auk_aggregation_member *members,
                                        uint32_t count)
{
    auk_span *names = AUK_ARENA_ARRAY(parser->arena, auk_span, count + 1u);
    for (uint32_t i = 0; i < count; i++)
        names[i] = auk_span_of(members[i].name);
    auk_span close = auk_nearest(name, names, count);
    if (!close.size)
        return auk_fail_type(parser->err, AUK_INVALID, PARSE_EXCEPTION, "[%s] unknown field [%.*s]",
                             kind, AUK_SPAN_ARG(name));
    auk_fail_type(parser->err, AUK_INVALID, PARSE_EXCEPTION,
                  "[%s] unknown field [%.*s] did you mean [%.*s]?", kind, AUK_SPAN_ARG(name),
                  AUK_SPAN_ARG(close));
    auk_hint(parser->err, "the nearest valid name is [%.*s]", AUK_SPAN_ARG(close));
    return AUK_INVALID;
}

auk_code auk_aggregation_read_field(auk_aggregation_parser *parser, const auk_json *value,
                                    auk_aggregation *out)
{
    return auk_aggregation_need_text(parser, out, value, &out->field);
}

auk_code auk_aggregation_read_missing(auk_aggregation_parser *parser, const auk_json *value,
                                      auk_aggregation *out)
{
    if (value->type == AUK_JSON_ARRAY || value->type == AUK_JSON_OBJECT ||
        value->type == AUK_JSON_NULL)
        return auk_aggregation_wrong_type(parser, out, value);
    out->missing = value;
    return AUK_OK;
}

auk_code auk_aggregation_read_format(auk_aggregation_parser *parser, const auk_json *value,
                                     auk_aggregation *out)
{
    return auk_aggregation_need_text(parser, out, value, &out->format);
}

auk_code auk_aggregation_read_time_zone(auk_aggregation_parser *parser, const auk_json *value,
                                        auk_aggregation *out)
{
    auk_code code = auk_aggregation_need_text(parser, out, value, &out->time_zone);
    int64_t offset;
    return code == AUK_OK ? auk_zone_offset_ms(out->time_zone, 0, &offset, parser->err) : code;
}

auk_code auk_aggregation_read_keyed(auk_aggregation_parser *parser, const auk_json *value,
                                    auk_aggregation *out)
{
    return auk_aggregation_need_bool(parser, out, value, &out->keyed);
}

auk_code auk_aggregation_read_min_doc_count(auk_aggregation_parser *parser, const auk_json *value,
                                            auk_aggregation *out)
{
    int64_t number;
    auk_code code = auk_aggregation_need_int(parser, out, value, &number);
    if (code != AUK_OK)
        return code;
    if (number < 0)
        return auk_fail(parser->err, AUK_INVALID,
                        "[minDocCount] must be greater than or equal to 0. Found [%lld] in [%.*s]",
                        (long long)number, AUK_SPAN_ARG(out->name));
    out->min_doc_count = (uint64_t)number;
    return AUK_OK;
}

auk_code auk_aggregation_read_order(auk_aggregation_parser *parser, const auk_json *value,
                                    auk_aggregation *out)
{
    if (value->type != AUK_JSON_OBJECT && value->type != AUK_JSON_ARRAY)
        return auk_aggregation_wrong_type(parser, out, value);
    out->order_given = value;
    return AUK_OK;
}

static auk_code read_bounds(auk_aggregation_parser *parser, const auk_json *value,
                            const auk_aggregation *aggregation, auk_bounds_given *out)
{
    if (value->type != AUK_JSON_OBJECT)
        return auk_aggregation_wrong_type(parser, aggregation, value);
    for (const auk_json *end = value->child; end; end = end->next) {
        const auk_json *given = end->type == AUK_JSON_NULL ? NULL : end;
        if (given && given->type != AUK_JSON_STRING && given->type != AUK_JSON_NUMBER)
            return auk_aggregation_wrong_type(parser, aggregation, end);
        if (auk_span_is(end->key, "min")) {
            out->min = given;
        } else if (auk_span_is(end->key, "max")) {
            out->max = given;
        } else {
            static const auk_aggregation_member ends[] = {{"min", NULL}, {"max", NULL}};
            return auk_aggregation_unknown_member(parser, "bounds", end->key, ends, 2);
        }
    }
    return AUK_OK;
}

auk_code auk_aggregation_read_extended(auk_aggregation_parser *parser, const auk_json *value,
                                       auk_aggregation *out)
{
    return read_bounds(parser, value, out, &out->extended);
}

auk_code auk_aggregation_read_hard(auk_aggregation_parser *parser, const auk_json *value,
                                   auk_aggregation *out)
{
    return read_bounds(parser, value, out, &out->hard);
}

auk_code auk_aggregation_read_hint(auk_aggregation_parser *parser, const auk_json *value,
                                   auk_aggregation *out)
{
    if (value->type == AUK_JSON_ARRAY || value->type == AUK_JSON_OBJECT)
        return auk_aggregation_wrong_type(parser, out, value);
    return AUK_OK;
}
