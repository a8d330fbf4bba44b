#include "lsn_wait.h"
#include "msearch.h"
#include "scrolls.h"
#include "search_run.h"

/* ---- _search ---- */

static auk_code read_plan(auk_call *call, auk_search_plan *plan, auk_error *err)
{
    const auk_json *body;
    auk_code code = auk_call_body(call, &body, err);
    auk_search_plan_init(plan);
    if (code == AUK_OK)
        code = auk_search_plan_body(plan, body, call->arena, err);
    if (code == AUK_OK)
        code = auk_search_plan_url(plan, call, call->arena, err);
    return code;
}

static auk_code search(auk_call *call, auk_error *err)
{
    auk_search_plan plan;
    bool parked;
    auk_code code = auk_lsn_wait(call, &parked, err);
    if (code != AUK_OK || parked)
        return code;
    if (auk_call_parameter(call, "scroll").size)
        return auk_scroll_begin(call, err);
    code = read_plan(call, &plan, err);
    return code == AUK_OK ? auk_search_run_plan(call, &plan, 0, err) : code;
}

/* ---- _count ---- */

/* _count and _explain take a query and nothing else. */
static auk_code read_query_body(auk_call *call, auk_search_plan *plan, auk_error *err)
{
    const auk_json *body;
    auk_code code = auk_call_body(call, &body, err);
    auk_search_plan_init(plan);
    if (code == AUK_OK && body && body->type != AUK_JSON_OBJECT)
        return auk_fail_type(err, AUK_INVALID, "parsing_exception",
                             "Expected [START_OBJECT] but found [%s]",
                             auk_json_type_name(body->type));
    for (const auk_json *m = code == AUK_OK && body ? body->child : NULL; m; m = m->next)
        if (!auk_span_is(m->key, "query")) {
            auk_fail_type(err, AUK_INVALID, "parsing_exception", "request does not support [%.*s]",
                          AUK_SPAN_ARG(m->key));
            auk_hint(err, "a count takes nothing but [query]");
            return AUK_INVALID;
        }
    if (code == AUK_OK)
        code = auk_search_plan_body(plan, body, call->arena, err);
    if (code == AUK_OK)
        code = auk_search_plan_url(plan, call, call->arena, err);
    return code;
}

static auk_code read_count_limits(const auk_call *call, auk_search_request *request, auk_error *err)
{
    int64_t terminate_after = 0;
    double least;
    auk_code code = auk_call_int(call, "terminate_after", 0, &terminate_after, err);
    if (code == AUK_OK && terminate_after < 0)
        return auk_fail(err, AUK_INVALID, "terminateAfter must be > 0");
    request->terminate_after = (uint64_t)terminate_after;
    auk_span given = auk_call_parameter(call, "min_score");
    if (code == AUK_OK && given.data) {
        if (!auk_number_parse_double(given, &least))
            return auk_fail(err, AUK_INVALID,
                            "Failed to parse float parameter [min_score] with value [%.*s]",
                            AUK_SPAN_ARG(given));
        request->has_min_score = true;
        request->min_score = (float)least;
    }
    return code;
}

/* With limits a count is a search that shows nothing. */
static auk_code run_count(auk_call *call, const auk_search_scope *scope,
                          auk_search_request *request, uint64_t *count, auk_error *err)
{
    const auk_rest_options *options = &call->rest->options;
    uint64_t started_us = auk_clock_monotonic_us();
    if (request->has_min_score || request->terminate_after > 0) {
        auk_search_result result;
        request->size = 0;
        request->track_total_hits = INT64_MAX;
        auk_code code = auk_search_run_scope(call, scope, request, started_us, &result, err);
        *count = code == AUK_OK ? result.total : 0;
        return code;
    }
    auk_search_context context = {.pool = options->search_pool,
                                  .budget = options->budget,
                                  .cancelled = auk_http_exchange_gone_flag(call->exchange),
                                  .now_ms = auk_clock_wall_ms()};
    auk_code code = auk_search_count(scope->targets, scope->target_count, request->query, &context,
                                     call->arena, count, err);
    auk_search_scope_note(scope, auk_clock_monotonic_us() - started_us);
    return code;
}

static auk_code count(auk_call *call, auk_error *err)
{
    auk_search_plan plan;
    auk_search_scope scope;
    uint64_t found = 0;
    bool parked;
    auk_code code = auk_lsn_wait(call, &parked, err);
    if (code != AUK_OK || parked)
        return code;
    code = read_query_body(call, &plan, err);
    if (code == AUK_OK)
        code = read_count_limits(call, &plan.request, err);
    if (code == AUK_OK)
        code = auk_search_scope_open(call->rest->options.catalog, &plan.scope, call->arena, &scope,
                                     err);
    if (code != AUK_OK)
        return code;
    code = run_count(call, &scope, &plan.request, &found, err);
    auk_json_begin_object(&call->out);
    auk_json_member_uint(&call->out, "count", found);
    auk_call_write_searched(call, scope.shard_count, scope.missing_count);
    auk_json_end_object(&call->out);
    auk_search_scope_close(&scope);
    return code;
}

/* ---- _explain ---- */

static uint32_t shard_of(const auk_call *call, const auk_search_scope *scope, auk_span id)
{
    const auk_search_target *target = &scope->targets[0];
    auk_span routing = auk_call_parameter(call, "routing");
    return auk_route_shard(routing.size ? routing : id, target->shard_count);
}

static auk_code explain_in(auk_call *call, const auk_search_scope *scope,
                           const auk_search_request *request, auk_error *err)
{
    const auk_rest_options *options = &call->rest->options;
    auk_span id = auk_call_variable(call, "id");
    auk_search_context context = {.pool = options->search_pool,
                                  .budget = options->budget,
                                  .cancelled = auk_http_exchange_gone_flag(call->exchange),
                                  .now_ms = auk_clock_wall_ms()};
    bool found = false;
    auk_json_begin_object(&call->out);
    auk_json_member_string(&call->out, "_index", scope->targets[0].index);
    auk_json_member_string(&call->out, "_id", id);
    auk_code code =
        auk_search_explain(&scope->targets[0], shard_of(call, scope, id), id, request->query,
                           &context, call->arena, &found, &call->out, err);
    if (!found) {
        auk_json_member_bool(&call->out, "matched", false);
        call->status = 404;
    }
    auk_json_end_object(&call->out);
    return code;
}

static auk_code explain(auk_call *call, auk_error *err)
{
    auk_search_plan plan;
    auk_search_scope scope;
    bool parked;
    auk_code code = auk_lsn_wait(call, &parked, err);
    if (code != AUK_OK || parked)
        return code;
    code = read_query_body(call, &plan, err);
    if (code == AUK_OK && !plan.request.query)
        return auk_fail_type(err, AUK_INVALID, "action_request_validation_exception",
                             "Validation Failed: 1: query is missing;");
    plan.scope.routing = AUK_SPAN(""); /* it names the shard, see shard_of */
    plan.scope.resolve.single = true;
    plan.scope.resolve.expand_hidden = true;
    if (code == AUK_OK)
        code = auk_search_scope_open(call->rest->options.catalog, &plan.scope, call->arena, &scope,
                                     err);
    if (code != AUK_OK)
        return code;
    code = explain_in(call, &scope, &plan.request, err);
    auk_search_scope_close(&scope);
    return code;
}

/* ---- the rows ---- */

#define SEARCH                                                                                     \
    AUK_SEARCH_SCOPE_PARAMETERS AUK_SEARCH_TEXT_PARAMETERS AUK_LSN_PARAMETERS                      \
        "size from sort _source _source_includes _source_excludes stored_fields docvalue_fields "  \
        "track_total_hits track_scores explain version seq_no_primary_term terminate_after "       \
        "timeout typed_keys rest_total_hits_as_int min_score scroll search_type request_cache "    \
        "batched_reduce_size ccs_minimize_roundtrips max_concurrent_shard_requests "               \
        "pre_filter_shard_size allow_partial_search_results include_named_queries_score "          \
        "force_synthetic_source"
#define COUNT                                                                                      \
    AUK_SEARCH_SCOPE_PARAMETERS AUK_SEARCH_TEXT_PARAMETERS AUK_LSN_PARAMETERS                      \
        "min_score terminate_after"
#define MANY                                                                                       \
    AUK_SEARCH_SCOPE_PARAMETERS AUK_LSN_PARAMETERS                                                 \
        "typed_keys rest_total_hits_as_int search_type max_concurrent_searches "                   \
        "max_concurrent_shard_requests pre_filter_shard_size ccs_minimize_roundtrips "             \
        "include_named_queries_score"
#define EXPLAIN AUK_SEARCH_TEXT_PARAMETERS AUK_LSN_PARAMETERS "preference routing"

#define ROW(path, parameters, function)                                                            \
    {                                                                                              \
        AUK_M_GET | AUK_M_POST, path, parameters, function, AUK_ROUTE_SEARCH, AUK_RIGHT_READ       \
    }

static const auk_route rows[] = {
    ROW("/_search", SEARCH, search),
    ROW("/{index}/_search", SEARCH, search),
    ROW("/_count", COUNT, count),
    ROW("/{index}/_count", COUNT, count),
    ROW("/_msearch", MANY, auk_msearch),
    ROW("/{index}/_msearch", MANY, auk_msearch),
    ROW("/{index}/_explain/{id}", EXPLAIN, explain),
};

const auk_route_table auk_routes_search = {rows, sizeof rows / sizeof rows[0]};
