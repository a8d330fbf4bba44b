/*
 * parse.h - what the parsers of single queries share.
 *
 * A query kind is a row of the table in query.c: its name in the DSL and a parser that is given the
 * value beside the name. To add a kind: add it to auk_query_kind, write its parser, add the row.
 */
#ifndef AUK_QUERY_PARSE_H
#define AUK_QUERY_PARSE_H

#include "auk/query.h"

typedef struct auk_query_parser {
    auk_arena *arena;
    auk_error *err;
    uint32_t clauses; /* so far, against AUK_QUERY_CLAUSE_LIMIT */
} auk_query_parser;

/* A member of a query's object: its name and how to read it into the query. */
typedef struct auk_query_member {
    const char *name;
    auk_code (*read)(auk_query_parser *parser, const auk_json *value, auk_query *query);
} auk_query_member;

/* Reads every member of object by the table; boost and _name go without a row. An unknown one is
 * refused as
 * "[kind] query does not support [x]" with the nearest name. */
auk_code auk_query_read_members(auk_query_parser *parser, const char *kind, const auk_json *object,
                                const auk_query_member *table, size_t rows, auk_query *query);

/*
 * {"FIELD": {members}} or the short form {"FIELD": value}, which goes to `short_form`. Sets *field.
 */
auk_code auk_query_read_field(auk_query_parser *parser, const char *kind, const auk_json *object,
                              auk_span *field, const auk_query_member *table, size_t rows,
                              auk_code (*short_form)(auk_query_parser *, const auk_json *,
                                                     auk_query *),
                              auk_query *query);

/* A query inside a query: `depth` is counted by the recursion itself. */
auk_code auk_query_parse_one(auk_query_parser *parser, const auk_json *object, uint32_t depth,
                             const auk_query **out);

auk_code auk_query_read_bool(auk_query_parser *parser, const char *kind, const auk_json *value,
                             bool *out);
auk_code auk_query_read_float(auk_query_parser *parser, const char *kind, const auk_json *value,
                              float *out);
auk_code auk_query_read_text(auk_query_parser *parser, const char *kind, const auk_json *value,
                             auk_span *out);
auk_code auk_query_must_be_object(auk_query_parser *parser, const char *kind,
                                  const auk_json *value);

/* text.c, for query strings too */
auk_code auk_query_read_operator(auk_query_parser *parser, const auk_json *value,
                                 auk_match_operator *out);
auk_code auk_query_read_fields(auk_query_parser *parser, const char *kind, const auk_json *value,
                               auk_query_field **fields, uint32_t *field_count);
auk_code auk_query_read_multi_type(auk_query_parser *parser, const char *kind,
                                   const auk_json *value, auk_multi_match_type *out);
float auk_query_multi_tie_breaker(auk_multi_match_type type);

/* fuzzy.c, for all that may be fuzzy */
auk_code auk_query_read_fuzziness(auk_query_parser *parser, const char *kind, const auk_json *value,
                                  auk_fuzziness *out);
auk_code auk_query_read_count(auk_query_parser *parser, const char *kind, const auk_json *value,
                              uint32_t most, uint32_t *out);
/* How the words that are found are scored; what there is not is refused by name. */
auk_code auk_query_read_fuzzy_rewrite(auk_query_parser *parser, const char *kind,
                                      const auk_json *value, auk_fuzzy_options *out);
/* The same where each has the same score anyway. */
auk_code auk_query_read_rewrite(auk_query_parser *parser, const char *kind, const auk_json *value);

typedef auk_code (*auk_query_parse_function)(auk_query_parser *parser, const auk_json *value,
                                             uint32_t depth, auk_query *query);

/* text.c */
auk_code auk_query_parse_match(auk_query_parser *, const auk_json *, uint32_t, auk_query *);
auk_code auk_query_parse_match_phrase(auk_query_parser *, const auk_json *, uint32_t, auk_query *);
auk_code auk_query_parse_match_phrase_prefix(auk_query_parser *, const auk_json *, uint32_t,
                                             auk_query *);
auk_code auk_query_parse_match_bool_prefix(auk_query_parser *, const auk_json *, uint32_t,
                                           auk_query *);
auk_code auk_query_parse_multi_match(auk_query_parser *, const auk_json *, uint32_t, auk_query *);
/* term.c */
auk_code auk_query_parse_term(auk_query_parser *, const auk_json *, uint32_t, auk_query *);
auk_code auk_query_parse_terms(auk_query_parser *, const auk_json *, uint32_t, auk_query *);
auk_code auk_query_parse_range(auk_query_parser *, const auk_json *, uint32_t, auk_query *);
auk_code auk_query_parse_prefix(auk_query_parser *, const auk_json *, uint32_t, auk_query *);
auk_code auk_query_parse_wildcard(auk_query_parser *, const auk_json *, uint32_t, auk_query *);
auk_code auk_query_parse_fuzzy(auk_query_parser *, const auk_json *, uint32_t, auk_query *);
auk_code auk_query_parse_regexp(auk_query_parser *, const auk_json *, uint32_t, auk_query *);
auk_code auk_query_parse_exists(auk_query_parser *, const auk_json *, uint32_t, auk_query *);
auk_code auk_query_parse_ids(auk_query_parser *, const auk_json *, uint32_t, auk_query *);
/* string_members.c */
auk_code auk_query_parse_query_string(auk_query_parser *, const auk_json *, uint32_t, auk_query *);
auk_code auk_query_parse_simple_query_string(auk_query_parser *, const auk_json *, uint32_t,
                                             auk_query *);
/* compound.c */
auk_code auk_query_parse_match_all(auk_query_parser *, const auk_json *, uint32_t, auk_query *);
auk_code auk_query_parse_match_none(auk_query_parser *, const auk_json *, uint32_t, auk_query *);
auk_code auk_query_parse_bool(auk_query_parser *, const auk_json *, uint32_t, auk_query *);
auk_code auk_query_parse_constant_score(auk_query_parser *, const auk_json *, uint32_t,
                                        auk_query *);
auk_code auk_query_parse_dis_max(auk_query_parser *, const auk_json *, uint32_t, auk_query *);

#endif
