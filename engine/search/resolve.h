/*
 * resolve.h - a query tree and a mapping make a plan: what to look up, in numbers and terms.
 *
 * Here texts meet analyzers, values meet types, names meet fields. A plan knows no segment: one
 * serves all shards of an index. Fields that the mapping lacks match nothing. Compounds of one
 * clause, repeated terms and the like are made simple in the way Lucene rewrites them, so that
 * scores and explanations come out as there.
 *
 *   Lifetime  plans live in the arena; spans borrow from the query.
 *   Threads   a plan is immutable. A resolver is one thread's.
 *   Memory    arena.
 *   Errors    AUK_INVALID, type query_shard_exception or what the schema says.
 */
#ifndef AUK_RESOLVE_H
#define AUK_RESOLVE_H

#include "auk/mapping.h"
#include "auk/query.h"
#include "auk/segment.h"
#include "auk/shard.h"

typedef enum auk_plan_kind {
    AUK_PLAN_NONE,
    AUK_PLAN_ALL,
    AUK_PLAN_TERM,     /* scored by BM25 */
    AUK_PLAN_SYNONYM,  /* several terms as one: frequencies summed, the greatest document count */
    AUK_PLAN_PHRASE,   /* scored by BM25 */
    AUK_PLAN_BOOLEAN,  /* sum of what matches */
    AUK_PLAN_DIS_MAX,  /* the best, plus tie_breaker times the rest */
    AUK_PLAN_CONSTANT, /* child decides, boost is the score */
    AUK_PLAN_TERMS,    /* any of a list; constant */
    AUK_PLAN_PREFIX,   /* constant */
    AUK_PLAN_WILDCARD, /* constant */
    AUK_PLAN_REGEXP,   /* constant */
    AUK_PLAN_RANGE,    /* terms or column values from..to; constant */
    AUK_PLAN_IDS,      /* constant */
} auk_plan_kind;

typedef struct auk_plan auk_plan;

typedef struct auk_plan_list {
    const auk_plan **items;
    uint32_t count;
} auk_plan_list;

typedef struct auk_plan_term {
    auk_span text;
    uint32_t position; /* phrase */
    uint32_t slot;     /* of statistics.h; phrases and scored terms */
} auk_plan_term;

struct auk_plan {
    auk_plan_kind kind;
    float boost;            /* product of all boosts from the root down to here */
    double joined_boost;    /* of equal clauses made one: their boosts' sum, not rounded; 0: one */
    auk_span name;          /* _name; empty: none */
    const auk_field *field; /* NULL: a reserved field, see number */
    uint16_t number;        /* of the field in segments */
    union {
        auk_plan_term term;
        struct {
            auk_plan_term *terms; /* ascending */
            uint32_t count;
        } synonym;
        struct {
            auk_plan_term *terms; /* in order of position; several may share one */
            uint32_t count;
            uint32_t slop;
        } phrase;
        struct {
            auk_plan_list must, filter, should, must_not;
            uint32_t minimum; /* of should; 0: none need match, beside a must or a filter */
        } boolean;
        struct {
            auk_plan_list list;
            float tie_breaker;
        } dis_max;
        struct {
            const auk_plan *child;
        } constant;
        struct {
            const auk_span *items; /* ascending bytes, no two alike */
            uint32_t count;
        } terms; /* also ids */
        struct {
            auk_span text;
            bool case_insensitive;
        } prefix; /* also a term in any case: whole; and a pattern of wildcards */
        struct {
            auk_span text;
            const struct auk_regexp *compiled;
        } regexp;
        struct {
            bool numeric; /* from, to; else the terms, inclusive, empty data: open */
            int64_t from, to;
            auk_span from_term, to_term;
            bool include_from, include_to; /* terms only; numbers are closed */
        } range;
    } u;
    bool whole;   /* prefix: the term itself and nothing longer */
    bool vacuous; /* none, of a text without words: a query string leaves such a clause out */
};

/* A term whose statistics count: its slot is its index in the resolver's list. */
typedef struct auk_plan_slot {
    uint16_t number; /* of the field */
    auk_span text;
    /* Slots in a row with the same number share how many documents they are in: words near one word
     * that of the most frequent, words of several fields nearly so (statistics.c). 0: none. */
    uint32_t blend;
    bool blends_fields;
} auk_plan_slot;

/* What a resolution needs beside the tree. */
typedef struct auk_resolver {
    const auk_mapping *mapping;
    auk_span index;                /* its name, for queries on _index and messages */
    auk_analyzer_scratch *scratch; /* of this thread, see auk_resolver_scratch */
    int64_t now_ms;
    auk_shard_view *const *shards; /* where prefixes at the end of phrases are expanded */
    uint32_t shard_count;
    uint32_t max_terms_count;              /* 0: 65536 */
    uint32_t max_regex_length;             /* 0: 1000 */
    const auk_query_field *default_fields; /* of multi_match without fields; none: all */
    uint32_t default_field_count;
    auk_arena *arena;
    auk_plan_slot *slots;
    uint32_t slot_count, slot_capacity;
    uint32_t blend_count;
    uint32_t clause_count; /* against AUK_QUERY_CLAUSE_LIMIT, fields and tokens multiplied out */
} auk_resolver;

void auk_resolver_init(auk_resolver *resolver, const auk_mapping *mapping, auk_span index,
                       int64_t now_ms, auk_arena *arena);
/* The plan of a query; NULL: match_all. */
AUK_MUST_CHECK auk_code auk_resolve(auk_resolver *resolver, const auk_query *query,
                                    const auk_plan **out, auk_error *err);

/* The same, matching only what filter lets through (an alias); filter NULL: plan itself. */
const auk_plan *auk_plan_filtered(auk_resolver *resolver, const auk_plan *plan,
                                  const auk_plan *filter);
/* The field of a path, reserved ones (_seq_no, _routing, ..) included; NULL: none. */
const auk_field *auk_resolver_field(const auk_resolver *resolver, auk_span path);

/* The thread's own, made at first use and gone with the thread. */
auk_analyzer_scratch *auk_resolver_scratch(void);

#endif
