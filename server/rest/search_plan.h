/*
 * search_plan.h - one search as asked for: body, parameters of the URL or the header line of an
 * _msearch.
 *
 *   Lifetime  the arena given; nothing in it points into the request.
 *   Threads   one.  Memory  arena.  Errors  AUK_INVALID, Elasticsearch's wording.
 */
#ifndef AUK_REST_SEARCH_PLAN_H
#define AUK_REST_SEARCH_PLAN_H

#include "auk/search.h"
#include "call.h"
#include "search_scope.h"

typedef struct auk_search_plan {
    auk_search_request request;
    auk_search_scope_options scope;
    bool has_expression; /* the caller named indices */
    bool has_preference;
    int64_t scroll_ms;   /* -1: none */
    const char *ignores; /* parameters that mean something else here, a space between; NULL: none */
    bool has_string;     /* q, or what goes with it */
    auk_query_string string;
} auk_search_plan;

void auk_search_plan_init(auk_search_plan *plan);
/* A body in the arena; NULL: none. */
AUK_MUST_CHECK auk_code auk_search_plan_body(auk_search_plan *plan, const auk_json *body,
                                             auk_arena *arena, auk_error *err);
/* One parameter. *known false: not one of a search. */
AUK_MUST_CHECK auk_code auk_search_plan_parameter(auk_search_plan *plan, auk_span name,
                                                  auk_span value, auk_arena *arena, bool *known,
                                                  auk_error *err);
/* All of the call's URL, with {index}. */
AUK_MUST_CHECK auk_code auk_search_plan_url(auk_search_plan *plan, const auk_call *call,
                                            auk_arena *arena, auk_error *err);
/* What does not go together. */
AUK_MUST_CHECK auk_code auk_search_plan_check(const auk_search_plan *plan, auk_error *err);

/* "1m" of a scroll or point in time: above nothing, at most a day. */
AUK_MUST_CHECK auk_code auk_keep_alive_read(auk_span text, int64_t *out_ms, auk_error *err);

/* Names that every kind of search takes in its URL. */
#define AUK_SEARCH_SCOPE_PARAMETERS                                                                \
    "ignore_unavailable ignore_throttled allow_no_indices expand_wildcards preference routing "
#define AUK_SEARCH_TEXT_PARAMETERS "q df analyzer analyze_wildcard default_operator lenient "

#endif
