#include "search_plan.h"

void auk_search_plan_init(auk_search_plan *plan)
{
    *plan = (auk_search_plan){.scope.resolve = AUK_RESOLVE_LENIENT, .scroll_ms = -1};
    auk_search_request_init(&plan->request);
}

auk_code auk_search_plan_body(auk_search_plan *plan, const auk_json *body, auk_arena *arena,
                              auk_error *err)
{
    return body ? auk_search_request_parse(body, arena, &plan->request, err) : AUK_OK;
}

auk_code auk_keep_alive_read(auk_span text, int64_t *out_ms, auk_error *err)
{
    if (!auk_time_parse_ms(text, out_ms) || *out_ms <= 0) {
        auk_fail(err, AUK_INVALID,
                 "failed to parse setting [keep_alive] with value [%.*s] as a time value: unit is "
                 "missing or unrecognized",
                 AUK_SPAN_ARG(text));
        auk_hint(err, "write it as 30s, 1m or 1h");
        return AUK_INVALID;
    }
    if (*out_ms > 24 * 3600 * 1000LL)
        return auk_fail(err, AUK_INVALID,
                        "Keep alive for request (%.*s) is too large. It must be less than (1d). "
                        "This limit can be set by changing the [search.max_keep_alive] cluster "
                        "level setting.",
                        AUK_SPAN_ARG(text));
    return AUK_OK;
}

/* ---- parameters ---- */

typedef enum parameter {
    PARAMETER_IGNORE_UNAVAILABLE,
    PARAMETER_ALLOW_NO_INDICES,
    PARAMETER_EXPAND_WILDCARDS,
    PARAMETER_ROUTING,
    PARAMETER_PREFERENCE,
    PARAMETER_SCROLL,
    PARAMETER_SEARCH_TYPE,
    PARAMETER_FLAG,   /* true or false, changes nothing on one node */
    PARAMETER_NUMBER, /* the same, a positive number */
    PARAMETER_QUERY_TEXT,
} parameter;

static const struct {
    const char *name;
    parameter is;
} parameters[] = {
    {"ignore_unavailable", PARAMETER_IGNORE_UNAVAILABLE},
    {"allow_no_indices", PARAMETER_ALLOW_NO_INDICES},
    {"expand_wildcards", PARAMETER_EXPAND_WILDCARDS},
    {"routing", PARAMETER_ROUTING},
    {"preference", PARAMETER_PREFERENCE},
    {"scroll", PARAMETER_SCROLL},
    {"search_type", PARAMETER_SEARCH_TYPE},
    {"ignore_throttled", PARAMETER_FLAG},
    {"request_cache", PARAMETER_FLAG},
    {"ccs_minimize_roundtrips", PARAMETER_FLAG},
    {"allow_partial_search_results", PARAMETER_FLAG},
    {"include_named_queries_score", PARAMETER_FLAG},
    {"force_synthetic_source", PARAMETER_FLAG},
    {"batched_reduce_size", PARAMETER_NUMBER},
    {"max_concurrent_shard_requests", PARAMETER_NUMBER},
    {"pre_filter_shard_size", PARAMETER_NUMBER},
    {"q", PARAMETER_QUERY_TEXT},
    {"df", PARAMETER_QUERY_TEXT},
    {"analyzer", PARAMETER_QUERY_TEXT},
    {"analyze_wildcard", PARAMETER_QUERY_TEXT},
    {"default_operator", PARAMETER_QUERY_TEXT},
    {"lenient", PARAMETER_QUERY_TEXT},
};
#define PARAMETERS (sizeof parameters / sizeof parameters[0])

static auk_code read_flag(auk_span name, auk_span value, bool *out, auk_error *err)
{
    *out = value.size == 0 || auk_span_is(value, "true");
    if (*out || auk_span_is(value, "false"))
        return AUK_OK;
    return auk_fail(err, AUK_INVALID,
                    "Failed to parse value [%.*s] of parameter [%.*s] as only [true] or [false] "
                    "are allowed.",
                    AUK_SPAN_ARG(value), AUK_SPAN_ARG(name));
}

static auk_code check_number(auk_span name, auk_span value, auk_error *err)
{
    int64_t number;
    if (auk_number_parse_int64(value, &number) && number > 0)
        return AUK_OK;
    return auk_fail(err, AUK_INVALID, "Failed to parse int parameter [%.*s] with value [%.*s]",
                    AUK_SPAN_ARG(name), AUK_SPAN_ARG(value));
}

static auk_code check_search_type(auk_span value, auk_error *err)
{
    if (auk_span_is(value, "query_then_fetch"))
        return AUK_OK;
    if (!auk_span_is(value, "dfs_query_then_fetch"))
        return auk_fail(err, AUK_INVALID, "No search type for [%.*s]", AUK_SPAN_ARG(value));
    auk_fail(err, AUK_INVALID,
             "search_type [dfs_query_then_fetch] is not supported: scores use the statistics of "
             "each shard by itself");
    auk_hint(err, "use query_then_fetch; an index of one shard scores the same either way");
    return AUK_INVALID;
}

static auk_code put_query_text(auk_query_string *string, auk_span name, auk_span value,
                               auk_error *err)
{
    if (auk_span_is(name, "q")) {
        string->text = value.data ? value : AUK_SPAN("");
    } else if (auk_span_is(name, "df")) {
        string->default_field = value;
    } else if (auk_span_is(name, "analyzer")) {
        string->analyzer = value;
    } else if (auk_span_is(name, "lenient")) {
        return read_flag(name, value, &string->lenient, err);
    } else if (auk_span_is(name, "analyze_wildcard")) {
        return read_flag(name, value, &string->analyze_wildcard, err);
    } else {
        bool all = auk_span_is(value, "and") || auk_span_is(value, "AND");
        if (!all && !auk_span_is(value, "or") && !auk_span_is(value, "OR"))
            return auk_fail(err, AUK_INVALID,
                            "No enum constant for operator [%.*s]: use [and] or [or]",
                            AUK_SPAN_ARG(value));
        string->operator= all ? AUK_OPERATOR_AND : AUK_OPERATOR_OR;
    }
    return AUK_OK;
}

static auk_code put_parameter(auk_search_plan *plan, parameter is, auk_span name, auk_span value,
                              auk_error *err)
{
    bool unused;
    auk_resolve_options *resolve = &plan->scope.resolve;
    switch (is) {
    case PARAMETER_IGNORE_UNAVAILABLE:
        return read_flag(name, value, &resolve->ignore_unavailable, err);
    case PARAMETER_ALLOW_NO_INDICES:
        return read_flag(name, value, &resolve->allow_no_indices, err);
    case PARAMETER_EXPAND_WILDCARDS:
        return auk_expand_wildcards_read(value, resolve, err);
    case PARAMETER_ROUTING:
        plan->scope.routing = value;
        return AUK_OK;
    case PARAMETER_PREFERENCE:
        plan->has_preference = true;
        return AUK_OK;
    case PARAMETER_SCROLL:
        return auk_keep_alive_read(value, &plan->scroll_ms, err);
    case PARAMETER_SEARCH_TYPE:
        return check_search_type(value, err);
    case PARAMETER_FLAG:
        return read_flag(name, value, &unused, err);
    case PARAMETER_NUMBER:
        return check_number(name, value, err);
    case PARAMETER_QUERY_TEXT:
        plan->has_string = true;
        return put_query_text(&plan->string, name, value, err);
    }
    return AUK_OK;
}

auk_code auk_search_plan_parameter(auk_search_plan *plan, auk_span name, auk_span value,
                                   auk_arena *arena, bool *known, auk_error *err)
{
    auk_span kept = auk_arena_copy(arena, value);
    for (size_t i = 0; i < PARAMETERS; i++) {
        if (!auk_span_is(name, parameters[i].name))
            continue;
        *known = true;
        return put_parameter(plan, parameters[i].is, name, kept, err);
    }
    return auk_search_request_parameter(&plan->request, name, kept, arena, known, err);
}

/* What ?q= says goes before the query of the body, as in Elasticsearch. */
static auk_code take_query_string(auk_search_plan *plan, auk_arena *arena, auk_error *err)
{
    if (!plan->has_string)
        return AUK_OK;
    if (plan->string.text.data)
        return auk_query_from_string(&plan->string, arena, &plan->request.query, err);
    return auk_fail(err, AUK_INVALID,
                    "the parameters [df], [analyzer], [analyze_wildcard], [default_operator] and "
                    "[lenient] need [q]");
}

static bool is_ignored(const auk_search_plan *plan, auk_span name)
{
    auk_span rest = auk_span_of(plan->ignores ? plan->ignores : ""), one;
    while (auk_span_cut(&rest, ' ', &one))
        if (auk_span_equal(one, name))
            return true;
    return false;
}

auk_code auk_search_plan_url(auk_search_plan *plan, const auk_call *call, auk_arena *arena,
                             auk_error *err)
{
    auk_code code = AUK_OK;
    auk_span index = auk_call_variable(call, "index");
    plan->scope.expression = auk_arena_copy(arena, index);
    plan->has_expression = index.size > 0;
    for (uint32_t i = 0; i < call->request->parameter_count && code == AUK_OK; i++) {
        const auk_http_field *field = &call->request->parameters[i];
        bool known; /* the route has checked the names: others are not the search's */
        if (is_ignored(plan, field->name))
            continue;
        code = auk_search_plan_parameter(plan, field->name, field->value, arena, &known, err);
    }
    return code == AUK_OK ? take_query_string(plan, arena, err) : code;
}

/* ---- what does not go together ---- */

static auk_code refuse(auk_error *err, const char *reason)
{
    return auk_fail_type(err, AUK_INVALID, "action_request_validation_exception",
                         "Validation Failed: 1: %s;", reason);
}

static auk_code check_scroll(const auk_search_plan *plan, auk_error *err)
{
    const auk_search_request *request = &plan->request;
    if (request->from > 0)
        return refuse(err, "using [from] is not allowed in a scroll context");
    if (request->size == 0)
        return refuse(err, "[size] cannot be [0] in a scroll context");
    if (request->track_total_hits == 0)
        return refuse(err, "disabling [track_total_hits] is not allowed in a scroll context");
    if (request->search_after)
        return refuse(err, "`search_after` cannot be used in a scroll context.");
    if (request->pit_id.size)
        return refuse(err, "using [point in time] is not allowed in a scroll context");
    return AUK_OK;
}

auk_code auk_search_plan_check(const auk_search_plan *plan, auk_error *err)
{
    if (plan->request.search_after && plan->request.from > 0)
        return refuse(err, "`from` parameter must be set to 0 when `search_after` is used.");
    if (plan->scroll_ms >= 0)
        return check_scroll(plan, err);
    if (!plan->request.pit_id.size)
        return AUK_OK;
    if (plan->has_expression)
        return refuse(err, "[indices] cannot be used with point in time. Do not specify any index "
                           "with point in time.");
    if (plan->scope.routing.size)
        return refuse(err, "[routing] cannot be used with point in time");
    if (plan->has_preference)
        return refuse(err, "[preference] cannot be used with point in time");
    return AUK_OK;
}
