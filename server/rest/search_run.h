/*
 * search_run.h - runs a plan and writes its answer, for _search, _msearch and scrolls.
 */
#ifndef AUK_REST_SEARCH_RUN_H
#define AUK_REST_SEARCH_RUN_H

#include "contexts.h"
#include "search_plan.h"

/* Over a scope that stays open; started_us: when the deadline begins. */
AUK_MUST_CHECK auk_code auk_search_run_scope(auk_call *call, const auk_search_scope *scope,
                                             const auk_search_request *request, uint64_t started_us,
                                             auk_search_result *result, auk_error *err);

/* What an answer begins with besides the hits. */
typedef struct auk_search_heading {
    const char *scroll_id; /* NULL: none */
    auk_span pit_id;
    uint64_t started_us;
    int status; /* written into the answer when not 0, as _msearch does */
} auk_search_heading;

AUK_MUST_CHECK auk_code auk_search_answer(auk_call *call, const auk_search_scope *scope,
                                          const auk_search_request *request,
                                          const auk_search_result *result,
                                          const auk_search_heading *heading, auk_error *err);

/* All of it, without a scroll. status as in the heading. */
AUK_MUST_CHECK auk_code auk_search_run_plan(auk_call *call, const auk_search_plan *plan, int status,
                                            auk_error *err);

#endif
