/*
 * query.h - the query DSL as a tree.
 *
 * Parsing knows no index: names of fields stay names, texts stay texts. The search resolves a tree
 * against the mapping of each index it looks at (search.h), so one tree serves several indices.
 *
 *   Lifetime  in the request's arena; spans borrow from the parsed JSON.
 *   Threads   immutable after parsing.
 *   Memory    arena; limits below.
 *   Errors    AUK_INVALID, type parsing_exception or query_shard_exception, Elasticsearch's wording
 *             ("unknown query [mtach]", "[match] unknown token ..", "[bool] query does not support
 * [x]"), hint with the nearest valid name.
 */
#ifndef AUK_QUERY_H
#define AUK_QUERY_H

#include <stdbool.h>
#include <stdint.h>

#include "auk/arena.h"
#include "auk/error.h"
#include "auk/json.h"
#include "auk/span.h"

#define AUK_QUERY_DEPTH_LIMIT  30
#define AUK_QUERY_CLAUSE_LIMIT 4096
#define AUK_QUERY_STRING_LIMIT (1 << 20) /* bytes of a query string */
#define AUK_QUERY_ID_LIMIT     65536     /* of ids; of terms: index.max_terms_count */

typedef enum auk_query_kind {
    AUK_QUERY_MATCH_ALL,
    AUK_QUERY_MATCH_NONE,
    AUK_QUERY_MATCH,
    AUK_QUERY_MATCH_PHRASE,
    AUK_QUERY_MATCH_PHRASE_PREFIX,
    AUK_QUERY_MATCH_BOOL_PREFIX,
    AUK_QUERY_MULTI_MATCH,
    AUK_QUERY_TERM,
    AUK_QUERY_TERMS,
    AUK_QUERY_RANGE,
    AUK_QUERY_PREFIX,
    AUK_QUERY_WILDCARD,
    AUK_QUERY_FUZZY,
    AUK_QUERY_REGEXP,
    AUK_QUERY_EXISTS,
    AUK_QUERY_IDS,
    AUK_QUERY_BOOL,
    AUK_QUERY_CONSTANT_SCORE,
    AUK_QUERY_DIS_MAX,    /* also what best_fields becomes */
    AUK_QUERY_EACH_FIELD, /* the best of one query over several fields; of query strings */
    AUK_QUERY_CHAIN,      /* the clauses of a query_string, one after another */
    AUK_QUERY_STEPS,      /* those of a simple_query_string */
} auk_query_kind;

typedef struct auk_query auk_query;

typedef struct auk_query_list {
    const auk_query **items;
    uint32_t count;
} auk_query_list;

typedef struct auk_query_field {
    auk_span name; /* may hold '*' in multi_match */
    float boost;
} auk_query_field;

typedef enum auk_match_operator { AUK_OPERATOR_OR, AUK_OPERATOR_AND } auk_match_operator;
typedef enum auk_multi_match_type {
    AUK_MULTI_BEST_FIELDS,
    AUK_MULTI_MOST_FIELDS,
    AUK_MULTI_PHRASE,
    AUK_MULTI_PHRASE_PREFIX,
    AUK_MULTI_BOOL_PREFIX,
    AUK_MULTI_CROSS_FIELDS /* all fields as one, each word in any of them */
} auk_multi_match_type;

/* What a text without words matches. */
typedef enum auk_zero_terms {
    AUK_ZERO_TERMS_NONE,
    AUK_ZERO_TERMS_ALL,
    AUK_ZERO_TERMS_NULL /* it is left out of the bool around it: query strings */
} auk_zero_terms;

/* Of regular expressions, those that a query may do without; numbered as in regexp.h. */
enum {
    AUK_OPERATOR_INTERSECTION = 1,
    AUK_OPERATOR_COMPLEMENT = 2,
    AUK_OPERATOR_EMPTY = 4,
    AUK_OPERATOR_ANYSTRING = 8,
    AUK_OPERATOR_AUTOMATON = 16,
    AUK_OPERATOR_INTERVAL = 32,
    AUK_OPERATOR_ALL = 63
};

/* How many characters may differ: so many, or by the length of the word. */
typedef struct auk_fuzziness {
    bool given, by_length;
    uint8_t edits;      /* 0, 1, 2 */
    uint32_t low, high; /* by length: none below low, one below high, else two */
} auk_fuzziness;

/* Words near the one that is given. */
typedef struct auk_fuzzy_options {
    auk_fuzziness fuzziness;
    uint32_t prefix_length;  /* characters at the beginning that do not differ */
    uint32_t max_expansions; /* the nearest; 0: AUK_FUZZY_EXPANSIONS */
    bool no_transpositions;  /* "ab" for "ba" are two edits, not one */
    bool constant;           /* any of them with the same score, however many */
} auk_fuzzy_options;
#define AUK_FUZZY_EXPANSIONS 50
#define AUK_FUZZY_MOST       1024 /* expansions */

/* How a text becomes a query; of the match family. */
typedef struct auk_match_options {
    auk_match_operator operator;
    auk_span minimum_should_match; /* as given: "2", "75%", "3<90%"; empty: none */
    auk_span analyzer;             /* empty: the field's */
    auk_zero_terms zero_terms;
    bool lenient;
    bool paths_as_words;     /* auto_generate_synonyms_phrase_query is false */
    int32_t slop;            /* of phrases */
    uint32_t max_expansions; /* of the prefix at the end of a phrase; 0: 50 */
    auk_fuzzy_options fuzzy; /* fuzziness not given: words as they are */
    auk_span quote_suffix;   /* of phrases: fields whose name with it there is; empty: none */
} auk_match_options;

/* What stood in front of a clause, and what the clause is. Which words are none is known to the
 * analyzers alone, so clauses become bools when the query is resolved. */
typedef struct auk_query_link {
    const auk_query *query; /* NULL, of steps: what stood in front is forgotten */
    bool with_and, with_or; /* AND, OR; of steps '+', '|' */
    bool required;          /* '+' of a chain */
    bool prohibited;        /* '-' */
    bool several;           /* words in a row: their clauses are clauses of the chain */
} auk_query_link;

struct auk_query {
    auk_query_kind kind;
    float boost;
    auk_span name; /* _name; empty: none */
    union {
        struct {
            auk_span field;
            const auk_json *value;
            auk_match_options options;
        } match;
        struct {
            auk_query_field *fields;
            uint32_t field_count; /* 0: the index's (index.query.default_field) */
            const auk_json *value;
            auk_multi_match_type type;
            auk_match_options options;
            float tie_breaker;
        } multi_match;
        struct {
            auk_span field;
            const auk_json *value;
            bool case_insensitive;
            bool normalized;   /* by the field's analyzer, or the one named: query strings */
            auk_span analyzer; /* empty: the field's */
            auk_fuzzy_options fuzzy;
            unsigned operators; /* of a regular expression: AUK_OPERATOR_.. */
        } term;                 /* also prefix, wildcard, fuzzy and regexp */
        struct {
            auk_span field;
            const auk_json **values;
            uint32_t count;
        } terms;
        struct {
            auk_span field;
            const auk_json *from, *to; /* NULL: open */
            bool include_from, include_to;
            auk_span format, time_zone;
            bool zone_of_dates; /* fields of other types have no use for it */
        } range;
        struct {
            auk_span field;
        } exists;
        struct {
            auk_span *values;
            uint32_t count;
        } ids;
        struct {
            auk_query_list must, filter, should, must_not;
            auk_span minimum_should_match;
        } boolean;
        struct {
            const auk_query *filter;
        } constant_score;
        struct {
            auk_query_list queries;
            float tie_breaker;
        } dis_max;
        struct {
            auk_query_field *fields;
            uint32_t field_count;  /* 0: the index's */
            const auk_query *leaf; /* a query on one field, whose name is put in */
            float tie_breaker;
            bool lenient;
            auk_span suffix; /* of names that are there with it; empty: none */
        } each_field;
        struct {
            auk_query_link *items;
            uint32_t count;
            auk_match_operator operator;
            auk_span minimum_should_match;
            bool whole; /* the query string, not a part in parentheses */
        } chain;        /* and steps */
    } u;
};

/* {"match": {...}}; NULL or an empty object: match_all. */
AUK_MUST_CHECK auk_code auk_query_parse(const auk_json *body, auk_arena *arena,
                                        const auk_query **out, auk_error *err);

/* A query_string by itself, as a URL has it: ?q= with df, analyzer, default_operator, ... */
typedef struct auk_query_string {
    auk_span text, default_field, analyzer; /* empty: not given */
    auk_match_operator operator;
    bool lenient, analyze_wildcard;
} auk_query_string;
AUK_MUST_CHECK auk_code auk_query_from_string(const auk_query_string *given, auk_arena *arena,
                                              const auk_query **out, auk_error *err);

/* "AUTO", "AUTO:3,6", "0" to "2", also with a fraction of nothing. */
AUK_MUST_CHECK auk_code auk_fuzziness_read(auk_span text, auk_fuzziness *out, auk_error *err);
/* For a word of so many characters. */
uint8_t auk_fuzziness_edits(const auk_fuzziness *fuzziness, size_t characters);

/* "title^2": a name, perhaps with a boost. */
AUK_MUST_CHECK auk_code auk_query_field_read(auk_span text, auk_query_field *out, auk_error *err);

/* How many of optional_count clauses must match, by Elasticsearch's minimum_should_match syntax. */
AUK_MUST_CHECK auk_code auk_minimum_should_match(auk_span specification, uint32_t optional_count,
                                                 uint32_t *out, auk_error *err);

#endif
