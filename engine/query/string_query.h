/*
 * string_query.h - what query_string and simple_query_string share: their settings, and the queries
 * that the pieces of a query string become.
 *
 * Both parsers make the tree of query.h: chains whose clauses are texts, prefixes, ranges over the
 * fields of the clause. What texts say is found out by the search, which knows the analyzers: a
 * text without words leaves its clause out.
 *
 *   Lifetime  the request's arena.   Threads  one.   Memory  arena.
 *   Errors    AUK_INVALID: "Failed to parse query [..]" for what breaks the syntax,
 * parsing_exception for settings, what is not there by its name.
 */
#ifndef AUK_STRING_QUERY_H
#define AUK_STRING_QUERY_H

#include "parse.h"

/* simple_query_string's operators, as bits in the order of Lucene's flags. */
enum {
    AUK_SIMPLE_AND = 1,
    AUK_SIMPLE_NOT = 2,
    AUK_SIMPLE_OR = 4,
    AUK_SIMPLE_PREFIX = 8,
    AUK_SIMPLE_PHRASE = 16,
    AUK_SIMPLE_PRECEDENCE = 32,
    AUK_SIMPLE_ESCAPE = 64,
    AUK_SIMPLE_WHITESPACE = 128,
    AUK_SIMPLE_FUZZY = 256,
    AUK_SIMPLE_NEAR = 512,
    AUK_SIMPLE_ALL = 1023
};

typedef struct auk_string_query {
    auk_query_parser *parser;
    const char *kind; /* "query_string", "simple_query_string" */
    auk_span text;
    bool given;
    auk_query_field *fields; /* of clauses that name none */
    uint32_t field_count;    /* 0: the index's */
    auk_query_field *default_field;
    auk_match_options options;
    auk_span quote_analyzer; /* empty: as without quotes */
    auk_span quote_suffix;   /* of fields, in quotes; empty: none */
    auk_fuzzy_options fuzzy; /* of words with '~' behind them */
    auk_multi_match_type type;
    float tie_breaker; /* below 0: the type's */
    auk_span time_zone;
    bool analyze_wildcard, no_leading_wildcard, escape;
    unsigned flags; /* simple */
} auk_string_query;

auk_code auk_string_fail(const auk_string_query *string); /* "Failed to parse query [..]" */
auk_code auk_string_refuse(const auk_string_query *string, const char *what, auk_span piece);

/* *out NULL: a piece that says nothing. Each counts a clause. */
auk_code auk_string_words(const auk_string_query *string, auk_span field, auk_span text,
                          auk_query **out);
auk_code auk_string_phrase(const auk_string_query *string, auk_span field, auk_span text,
                           int32_t slop, auk_query **out);
auk_code auk_string_prefix(const auk_string_query *string, auk_span field, auk_span text,
                           auk_query **out);
auk_code auk_string_wildcard(const auk_string_query *string, auk_span field, auk_span text,
                             auk_query **out);
/* slop: what stands behind '~'; empty: as the query says. */
auk_code auk_string_fuzzy(const auk_string_query *string, auk_span field, auk_span text,
                          auk_span slop, auk_query **out);
auk_code auk_string_regexp(const auk_string_query *string, auk_span field, auk_span text,
                           auk_query **out);
/* Ends of NULL data are open. */
auk_code auk_string_range(const auk_string_query *string, auk_span field, auk_span from,
                          bool include_from, auk_span to, bool include_to, auk_query **out);
auk_code auk_string_exists(const auk_string_query *string, auk_span field, auk_query **out);
auk_code auk_string_node(const auk_string_query *string, auk_query_kind kind, auk_query **out);

/* Adds a link; query NULL: see auk_query_link. */
auk_query_link *auk_string_link(const auk_string_query *string, auk_query *chain,
                                const auk_query *query);

/* How the classic syntax reads, see classic_parser.c; *out NULL: nothing was said. */
auk_code auk_classic_parse(const auk_string_query *string, auk_query **out);
auk_code auk_simple_parse(const auk_string_query *string, auk_query **out);

#endif
