/*
 * call.h - one request on its way through a route, and what a route's function uses.
 *
 * To add a route: write `static auk_code name(auk_call *call, auk_error *err)` in the file of its
 * family, and add a row to that file's table. The function reads variables and parameters, writes
 * JSON to call->out (or plain text to call->text for _cat), sets call->status when it is not 200,
 * and returns AUK_OK; a failure is rendered as Elasticsearch's error, and what it had written is
 * thrown away.
 *
 *   Lifetime  the exchange's.  Threads  one at a time.  Memory  call->arena.
 */
#ifndef AUK_REST_CALL_H
#define AUK_REST_CALL_H

#include <stdatomic.h>

#include "auk/catalog.h"
#include "auk/clock.h"
#include "auk/http_exchange.h"
#include "auk/json.h"
#include "auk/rest.h"
#include "auk/units.h"

typedef struct auk_call auk_call;

typedef enum auk_route_pool {
    AUK_ROUTE_INLINE, /* on the event loop: must take microseconds and never block */
    AUK_ROUTE_SEARCH,
    AUK_ROUTE_WRITE,
    AUK_ROUTE_MANAGE,
} auk_route_pool;

enum {
    AUK_M_GET = 1 << AUK_HTTP_GET,
    AUK_M_HEAD = 1 << AUK_HTTP_HEAD,
    AUK_M_POST = 1 << AUK_HTTP_POST,
    AUK_M_PUT = 1 << AUK_HTTP_PUT,
    AUK_M_DELETE = 1 << AUK_HTTP_DELETE,
};

/* What a key must allow; checked once keys exist, declared from the start. */
typedef enum auk_right {
    AUK_RIGHT_MONITOR,
    AUK_RIGHT_READ,
    AUK_RIGHT_WRITE,
    AUK_RIGHT_MANAGE
} auk_right;

typedef struct auk_route {
    unsigned methods;       /* AUK_M_.. */
    const char *path;       /* "/{index}/_doc/{id}" */
    const char *parameters; /* names that it takes, with a space between; the general ones go
                               without saying */
    auk_code (*run)(auk_call *call, auk_error *err);
    auk_route_pool pool;
    auk_right right;
} auk_route;

typedef struct auk_route_table {
    const auk_route *rows;
    size_t count;
} auk_route_table;

#define AUK_HISTOGRAM_BUCKETS 16

typedef struct auk_route_stats {
    atomic_uint_least64_t count, errors, sum_us;
    atomic_uint_least64_t
        buckets[AUK_HISTOGRAM_BUCKETS]; /* upper bounds: auk_histogram_bounds_us */
} auk_route_stats;

extern const uint32_t auk_histogram_bounds_us[AUK_HISTOGRAM_BUCKETS]; /* the last one means all */

#define AUK_CALL_VARIABLES 4

struct auk_call {
    auk_rest *rest;
    auk_http_exchange *exchange;
    const auk_http_request *request;
    const auk_route *route;
    auk_route_stats *stats;
    auk_arena *arena;

    auk_span variable_names[AUK_CALL_VARIABLES];
    auk_span variables[AUK_CALL_VARIABLES];
    uint32_t variable_count;

    int status;
    auk_json_writer out; /* into the response's body */
    bool is_text;        /* the body is plain text (or nothing), not JSON */
    bool pretty, human, error_trace;
    auk_span filter_path;
    bool yaml;
    struct auk_wait *wait; /* the answer goes out when this is over; NULL: at once */
    bool waited;           /* the route runs for the second time */
    void *kept;            /* of the route, from the first time */
    int compatible;        /* 7, 8, 9 when the client asked for a vendor media type; else 0 */
};

struct auk_rest {
    auk_rest_options options;
    auk_span node_id;
    char node_name[128];
    atomic_uint port;
    atomic_bool ready;
    uint64_t started_us;
    int64_t started_ms;
    auk_rest_observer observer;
    auk_route_stats *stats;        /* one a route, in table order */
    struct auk_contexts *contexts; /* open scrolls and points in time */
    struct auk_waits *waits;       /* answers that wait for a refresh */
};

/* ---- for routes ---- */

auk_span auk_call_variable(const auk_call *call,
                           const char *name); /* "index"; empty when the path has none */

/* A parameter's value; empty span with NULL data when absent. */
auk_span auk_call_parameter(const auk_call *call, const char *name);
bool auk_call_has(const auk_call *call, const char *name);
AUK_MUST_CHECK auk_code auk_call_bool(const auk_call *call, const char *name, bool fallback,
                                      bool *out, auk_error *err);
AUK_MUST_CHECK auk_code auk_call_int(const auk_call *call, const char *name, int64_t fallback,
                                     int64_t *out, auk_error *err);
/* "5s"; fallback in milliseconds */
AUK_MUST_CHECK auk_code auk_call_time(const auk_call *call, const char *name, int64_t fallback_ms,
                                      int64_t *out_ms, auk_error *err);

/* The body as JSON, parsed in place; *out NULL when there is none. */
AUK_MUST_CHECK auk_code auk_call_body(auk_call *call, const auk_json **out, auk_error *err);
/* The same, but a body there must be. */
AUK_MUST_CHECK auk_code auk_call_need_body(auk_call *call, const auk_json **out, auk_error *err);

/* ignore_unavailable, allow_no_indices, expand_wildcards over the defaults. */
AUK_MUST_CHECK auk_code auk_call_resolve_options(const auk_call *call, auk_resolve_options *options,
                                                 auk_error *err);

/* "open,hidden" and the like */
AUK_MUST_CHECK auk_code auk_expand_wildcards_read(auk_span value, auk_resolve_options *options,
                                                  auk_error *err);

/* {"acknowledged": true} */
void auk_call_acknowledge(auk_call *call);
/* "_shards": {"total": n, "successful": n, "failed": 0}, with "skipped" for searches */
void auk_call_write_shards(auk_call *call, uint64_t total, bool skipped);
/* The same of a search; missing: shards that are not open. */
void auk_call_write_searched(auk_call *call, uint64_t shards, uint64_t missing);
/* {"type":..,"reason":..,...} of an error: what sits under "error" in bulk items and failures */
void auk_call_write_cause(auk_json_writer *out, const auk_error *err, auk_span index);

/* The member "error": {..} as in a failed answer; for searches and documents that fail by
 * themselves
 */
void auk_error_write(auk_json_writer *out, const auk_error *err, bool trace);
/* The body's text, or what came in ?source= instead of it. */
auk_span auk_call_body_text(const auk_call *call);
/* The next part of a list "a,b,c"; false after the last one. *list is moved on. */
bool auk_call_list_next(auk_span *list, auk_span *part);

/* ---- for rest.c ---- */

/* Counts the call and sends its answer. */
void auk_call_finish(auk_call *call);
/* Hands it to its route's pool once more. */
void auk_call_run_again(auk_call *call);

/* route.c: the row for method and path, variables filled. NULL: *allowed holds the methods of rows
 * that fit the path */
const auk_route *auk_route_find(auk_call *call, size_t *number, unsigned *allowed);
/* Says which word of the path is none that a route has, and which one is near. */
void auk_route_hint(const auk_call *call, auk_error *err);
size_t auk_route_count(void);
const auk_route *auk_route_at(size_t number);
AUK_MUST_CHECK auk_code auk_route_check_parameters(auk_call *call, auk_error *err);
/* media.c */
AUK_MUST_CHECK auk_code auk_media_check(auk_call *call, auk_error *err);
auk_span auk_media_answer_type(auk_call *call);
bool auk_media_wants_json(
    const auk_call *call); /* for _cat: JSON (or YAML) instead of the text table */
/* render.c: filter_path and YAML over the JSON that is in the body */
AUK_MUST_CHECK auk_code auk_render_finish(auk_call *call, auk_error *err);
/* error.c */
void auk_error_render(auk_call *call, const auk_error *err);

/* The tables. */
extern const auk_route_table auk_routes_root, auk_routes_documents, auk_routes_bulk,
    auk_routes_search, auk_routes_scroll, auk_routes_indices, auk_routes_aliases,
    auk_routes_analyze, auk_routes_cat, auk_routes_cluster, auk_routes_nodes, auk_routes_stats,
    auk_routes_health, auk_routes_tasks, auk_routes_rebuild, auk_routes_synonyms,
    auk_routes_templates, auk_routes_by_query, auk_routes_rollover, auk_routes_resize,
    auk_routes_index_state, auk_routes_resolve, auk_routes_sync, auk_routes_state,
    auk_routes_maintenance;

/* contexts.c (scroll, pit) */
struct auk_contexts *auk_contexts_create(auk_rest *rest);
void auk_contexts_destroy(struct auk_contexts *contexts);

#endif
