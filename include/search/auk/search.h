/*
 * search.h - a parsed request, run over views, to hits and aggregations as JSON.
 *
 * The caller takes one root view of the node and lists targets from it: the shards of each index
 * with the mapping they were published under. A search takes no locks, makes no store call, and
 * allocates from the request's arena only (DESIGN.md 5). Scores use the statistics of each shard by
 * itself, as Elasticsearch does by default.
 *
 *   Lifetime  request, result and everything in them: the arena. Views are borrowed for the run and
 * the writing. Threads   a run uses the calling thread and idle threads of context.pool; the result
 * does not depend on how many. Cancellation and deadlines are checked once a window. Memory
 * collectors and aggregations charge AUK_PURPOSE_SEARCH before they allocate. Errors    AUK_INVALID
 * (Elasticsearch's types and wording), AUK_BUSY, AUK_CANCELLED, AUK_CORRUPT. A deadline is no
 * error: the result says timed_out and holds what was found.
 */
#ifndef AUK_SEARCH_H
#define AUK_SEARCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "auk/budget.h"
#include "auk/mapping.h"
#include "auk/pool.h"
#include "auk/query.h"
#include "auk/shard.h"

typedef struct auk_search_target {
    auk_span index; /* shown as _index */
    const auk_mapping *mapping;
    auk_shard_view *const *shards;
    uint32_t shard_count;
    const auk_query *filter;               /* of a filtered alias; NULL: none */
    uint32_t max_result_window;            /* 0: 10000 */
    uint32_t max_buckets;                  /* 0: 65536 */
    uint32_t max_terms_count;              /* of a terms query; 0: 65536 */
    uint32_t max_regex_length;             /* of a regexp query; 0: 1000 */
    const auk_query_field *default_fields; /* of multi_match without fields */
    uint32_t default_field_count;          /* 0: all */
} auk_search_target;

typedef struct auk_search_context {
    auk_pool *pool;               /* NULL: this thread alone */
    uint32_t task_docs;           /* documents that are worth a thread; 0: 65,536 */
    auk_budget *budget;           /* NULL: no limit */
    uint64_t deadline_us;         /* monotonic; 0: none */
    const atomic_bool *cancelled; /* NULL: never */
    int64_t now_ms;               /* wall clock for "now" */
} auk_search_context;

typedef struct auk_sort_key auk_sort_key;       /* sort.h of engine/search */
typedef struct auk_aggregation auk_aggregation; /* aggregation.h of engine/search */

typedef struct auk_source_filter {
    bool enabled;
    const auk_span *includes, *excludes; /* patterns */
    uint32_t include_count, exclude_count;
} auk_source_filter;

/* Where a page ended, as plain data: continues a scroll, or a search_after without a tie-breaker of
 * the user's. */
typedef struct auk_search_position {
    auk_span bytes; /* copy it to keep it */
} auk_search_position;

typedef struct auk_search_request {
    const auk_query *query; /* NULL: match_all */
    const auk_query *post_filter;
    uint32_t from, size;
    bool from_given, size_given;
    const auk_sort_key *sort; /* NULL: by _score */
    uint32_t sort_count;
    const auk_json *search_after; /* array; NULL: none */
    auk_search_position after;    /* internal continuation (scroll); empty: none */
    int64_t track_total_hits; /* INT64_MAX: exact; 0: none; else the threshold (default 10000) */
    bool has_min_score;
    float min_score;
    auk_source_filter source;
    bool explain, version, seq_no_primary_term, track_scores, typed_keys, total_hits_as_int;
    bool profile;
    const auk_aggregation *aggregations;
    uint32_t aggregation_count;
    int64_t timeout_ms; /* -1: none */
    uint64_t terminate_after;
    const auk_json *pit; /* {"id":..., "keep_alive":...}: for the caller */
    auk_span pit_id, pit_keep_alive;
} auk_search_request;

/* Elasticsearch's defaults: match_all, size 10, track_total_hits 10000, sources. */
void auk_search_request_init(auk_search_request *request);
/* The body of _search: all members checked, an unknown one refused with the nearest valid name. */
AUK_MUST_CHECK auk_code auk_search_request_parse(const auk_json *body, auk_arena *arena,
                                                 auk_search_request *request, auk_error *err);
/* One URL parameter of _search (size, from, sort, _source, _source_includes, track_total_hits,
 * ...). *known false: not one of the search's. */
AUK_MUST_CHECK auk_code auk_search_request_parameter(auk_search_request *request, auk_span name,
                                                     auk_span value, auk_arena *arena, bool *known,
                                                     auk_error *err);

typedef struct auk_hit {
    uint32_t target, shard, segment;
    auk_doc doc;
    float score;                       /* NaN: none was computed */
    const struct auk_sort_value *sort; /* sort_count values; NULL when by score */
} auk_hit;

typedef struct auk_search_result {
    uint64_t total;
    bool total_is_lower_bound; /* relation gte */
    bool total_tracked;
    float max_score; /* NaN: null */
    auk_hit *hits;   /* from .. from + size, in order */
    uint32_t hit_count;
    bool timed_out, terminated_early;
    uint32_t shard_count;
    auk_search_position position; /* after the last hit */
    struct auk_aggregation_result *aggregations;
    struct auk_search_state *state; /* of engine/search: what the hits are written from */
} auk_search_result;

AUK_MUST_CHECK auk_code auk_search_run(const auk_search_target *targets, uint32_t target_count,
                                       const auk_search_request *request,
                                       const auk_search_context *context, auk_arena *arena,
                                       auk_search_result *out, auk_error *err);

/* The members "hits": {...} and, when asked for, "aggregations": {...}; the caller has the object
 * open and writes took, timed_out, _shards, _scroll_id and pit_id before them. */
AUK_MUST_CHECK auk_code auk_search_write(const auk_search_target *targets,
                                         const auk_search_request *request,
                                         const auk_search_result *result, auk_arena *arena,
                                         auk_json_writer *out, auk_error *err);

/* The member "profile", when it was asked for. */
void auk_search_write_profile(const auk_search_result *result, auk_span node_id, auk_arena *arena,
                              auk_json_writer *out);

/* Matches only: no scores, no hits. */
AUK_MUST_CHECK auk_code auk_search_count(const auk_search_target *targets, uint32_t target_count,
                                         const auk_query *query, const auk_search_context *context,
                                         auk_arena *arena, uint64_t *out, auk_error *err);

/*
 * Which documents of one segment match: of the target's first shard, asked in batches of ascending
 * documents. Those of docs that match go into out (which may be docs); answers how many.
 */
typedef struct auk_matcher auk_matcher;
AUK_MUST_CHECK auk_code auk_matcher_open(const auk_search_target *target, uint32_t segment,
                                         const auk_query *query, int64_t now_ms, auk_arena *arena,
                                         auk_matcher **out, auk_error *err);
uint32_t auk_matcher_keep(auk_matcher *matcher, const auk_doc *docs, uint32_t count, auk_doc *out);
AUK_MUST_CHECK auk_code auk_matcher_status(const auk_matcher *matcher, auk_error *err);

/* GET {index}/_explain/{id}: writes the members "matched" and "explanation" for one document of the
 * view. */
AUK_MUST_CHECK auk_code auk_search_explain(const auk_search_target *target, uint32_t shard,
                                           auk_span id, const auk_query *query,
                                           const auk_search_context *context, auk_arena *arena,
                                           bool *found, auk_json_writer *out, auk_error *err);

/* A source with only what the filter lets through, as Elasticsearch's _source filtering; appended.
 */
AUK_MUST_CHECK auk_code auk_source_filter_apply(const auk_source_filter *filter, auk_span source,
                                                auk_arena *arena, auk_buffer *out, auk_error *err);
/* "_source": false | "a.*" | [..] | {includes, excludes}. */
AUK_MUST_CHECK auk_code auk_source_filter_parse(const auk_json *value, auk_arena *arena,
                                                auk_source_filter *out, auk_error *err);

#endif
