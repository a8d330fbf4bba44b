/*
 * aggregation_parse.h - readers of members that several kinds of aggregations have.
 *
 *   Errors    AUK_INVALID, x_content_parse_exception or illegal_argument_exception in
 * Elasticsearch's wording, with the nearest name as the hint.
 */
#ifndef AUK_AGGREGATION_PARSE_H
#define AUK_AGGREGATION_PARSE_H

#include "aggregation_kind.h"

auk_code auk_aggregation_read_field(auk_aggregation_parser *parser, const auk_json *value,
                                    auk_aggregation *out);
auk_code auk_aggregation_read_missing(auk_aggregation_parser *parser, const auk_json *value,
                                      auk_aggregation *out);
auk_code auk_aggregation_read_format(auk_aggregation_parser *parser, const auk_json *value,
                                     auk_aggregation *out);
auk_code auk_aggregation_read_time_zone(auk_aggregation_parser *parser, const auk_json *value,
                                        auk_aggregation *out);
auk_code auk_aggregation_read_keyed(auk_aggregation_parser *parser, const auk_json *value,
                                    auk_aggregation *out);
auk_code auk_aggregation_read_min_doc_count(auk_aggregation_parser *parser, const auk_json *value,
                                            auk_aggregation *out);
auk_code auk_aggregation_read_order(auk_aggregation_parser *parser, const auk_json *value,
                                    auk_aggregation *out);
auk_code auk_aggregation_read_extended(auk_aggregation_parser *parser, const auk_json *value,
                                       auk_aggregation *out);
auk_code auk_aggregation_read_hard(auk_aggregation_parser *parser, const auk_json *value,
                                   auk_aggregation *out);
/* Taken, and of no consequence here: hints for other ways of running it. */
auk_code auk_aggregation_read_hint(auk_aggregation_parser *parser, const auk_json *value,
                                   auk_aggregation *out);

#define AUK_AGGREGATION_FIELD_MEMBERS                                                              \
    {"field", auk_aggregation_read_field}, {"missing", auk_aggregation_read_missing},              \
    {                                                                                              \
        "format", auk_aggregation_read_format                                                      \
    }

auk_code auk_aggregation_wrong_type(auk_aggregation_parser *parser, const auk_aggregation *out,
                                    const auk_json *value);
auk_code auk_aggregation_need_text(auk_aggregation_parser *parser, const auk_aggregation *out,
                                   const auk_json *value, auk_span *text);
auk_code auk_aggregation_need_bool(auk_aggregation_parser *parser, const auk_aggregation *out,
                                   const auk_json *value, bool *flag);
auk_code auk_aggregation_need_int(auk_aggregation_parser *parser, const auk_aggregation *out,
                                  const auk_json *value, int64_t *number);
auk_code auk_aggregation_need_double(auk_aggregation_parser *parser, const auk_aggregation *out,
                                     const auk_json *value, double *number);
/* "[kind] unknown field [x] did you mean [y]?" among the members. */
auk_code auk_aggregation_unknown_member(auk_aggregation_parser *parser, const char *kind,
                                        auk_span name, const auk_aggregation_member *members,
                                        uint32_t count);
/* A text alone, or a list; *given is NULL where neither. */
auk_code auk_aggregation_orders_resolve(auk_aggregation_parser *parser, auk_aggregation *out);

#endif
