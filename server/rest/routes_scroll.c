#include "scrolls.h"
#include "search_run.h"

/* ---- the first page ---- */

/* The context's arena holds the request, so the body is read into it. */
static auk_code read_plan(auk_call *call, auk_arena *arena, auk_search_plan *plan, auk_error *err)
{
    const auk_json *body = NULL;
    auk_span text = auk_call_body_text(call);
    auk_code code = text.size ? auk_json_parse(text, arena, &body, err) : AUK_OK;
    auk_search_plan_init(plan);
    if (code == AUK_OK)
        code = auk_search_plan_body(plan, body, arena, err);
    if (code == AUK_OK)
        code = auk_search_plan_url(plan, call, arena, err);
    if (code == AUK_OK)
        code = auk_search_plan_check(plan, err);
    plan->request.track_total_hits = INT64_MAX;
    plan->scope.flush = true;
    return code;
}

static auk_code check_size(const auk_context *context, auk_error *err)
{
    for (uint32_t i = 0; i < context->scope.target_count; i++) {
        uint32_t window = context->scope.targets[i].max_result_window;
        if (context->request.size > window)
            return auk_fail(
                err, AUK_INVALID,
                "Batch size is too large, size must be less than or equal to: [%u] but was [%u]. "
                "Scroll batch sizes cost as much memory as result windows so they are controlled "
                "by the [index.max_result_window] index level setting.",
                window, context->request.size);
    }
    return AUK_OK;
}

static void note_position(auk_context *context, const auk_search_result *result)
{
    if (result->hit_count == 0 || result->position.bytes.size == 0)
        return;
    auk_buffer_reset(&context->position);
    auk_buffer_append(&context->position, result->position.bytes);
    context->request.after.bytes = auk_buffer_span(&context->position);
}

static auk_code first_page(auk_call *call, auk_context *context, auk_error *err)
{
    auk_search_result result;
    auk_search_heading heading = {.scroll_id = context->id, .started_us = auk_clock_monotonic_us()};
    auk_code code = auk_search_run_scope(call, &context->scope, &context->request,
                                         heading.started_us, &result, err);
    if (code == AUK_OK)
        code = auk_search_answer(call, &context->scope, &context->request, &result, &heading, err);
    if (code != AUK_OK)
        return code;
    context->total = result.total;
    context->total_is_lower_bound = result.total_is_lower_bound;
    context->max_score = result.max_score;
    note_position(context, &result);
    context->request.aggregations = NULL; /* they come with the first page only */
    context->request.aggregation_count = 0;
    return AUK_OK;
}

auk_code auk_scroll_begin(auk_call *call, auk_error *err)
{
    auk_search_plan plan;
    auk_contexts *contexts = call->rest->contexts;
    auk_context *context = auk_context_create(AUK_CONTEXT_SCROLL);
    auk_code code = read_plan(call, context->arena, &plan, err);
    if (code == AUK_OK)
        code = auk_search_scope_open(call->rest->options.catalog, &plan.scope, context->arena,
                                     &context->scope, err);
    context->request = plan.request;
    if (code == AUK_OK)
        code = check_size(context, err);
    if (code == AUK_OK)
        code = auk_contexts_add(contexts, context, plan.scroll_ms, err);
    if (code != AUK_OK) {
        auk_context_destroy(context);
        return code;
    }
    code = first_page(call, context, err);
    if (code != AUK_OK)
        auk_contexts_drop(contexts, context);
    auk_contexts_leave(contexts, context);
    return code;
}

/* ---- the next pages ---- */

static auk_code read_scroll_body(auk_call *call, const auk_json **out, auk_error *err)
{
    auk_code code = auk_call_body(call, out, err);
    if (code == AUK_OK && *out && (*out)->type != AUK_JSON_OBJECT)
        return auk_fail(err, AUK_INVALID, "Malformed content, must start with an object");
    for (const auk_json *m = code == AUK_OK && *out ? (*out)->child : NULL; m; m = m->next)
        if (!auk_span_is(m->key, "scroll_id") && !auk_span_is(m->key, "scroll"))
            return auk_fail(err, AUK_INVALID,
                            "Unknown parameter [%.*s] in request body or parameter is of the wrong "
                            "type[%s]",
                            AUK_SPAN_ARG(m->key), auk_json_type_name(m->type));
    return code;
}

static auk_span member_text(const auk_json *body, const char *name, auk_span fallback)
{
    const auk_json *value = auk_json_get(body, name);
    return value && value->type == AUK_JSON_STRING ? value->text : fallback;
}

static auk_span given_id(const auk_call *call)
{
    auk_span id = auk_call_variable(call, "scroll_id");
    return id.size ? id : auk_call_parameter(call, "scroll_id");
}

static auk_code next_page(auk_call *call, auk_context *context, auk_error *err)
{
    auk_search_result result;
    auk_search_heading heading = {.scroll_id = context->id, .started_us = auk_clock_monotonic_us()};
    auk_code code = auk_search_run_scope(call, &context->scope, &context->request,
                                         heading.started_us, &result, err);
    if (code != AUK_OK)
        return code;
    result.total = context->total;
    result.total_is_lower_bound = context->total_is_lower_bound;
    result.total_tracked = true;
    result.max_score = context->max_score;
    code = auk_search_answer(call, &context->scope, &context->request, &result, &heading, err);
    if (code == AUK_OK)
        note_position(context, &result);
    return code;
}

static auk_code scroll_next(auk_call *call, auk_error *err)
{
    const auk_json *body;
    auk_context *context;
    int64_t keep_alive_ms = -1;
    auk_code code = read_scroll_body(call, &body, err);
    if (code != AUK_OK)
        return code;
    auk_span id = member_text(body, "scroll_id", given_id(call));
    auk_span keep_alive = member_text(body, "scroll", auk_call_parameter(call, "scroll"));
    if (id.size == 0)
        return auk_fail_type(err, AUK_INVALID, "action_request_validation_exception",
                             "Validation Failed: 1: scrollId is missing;");
    if (keep_alive.size)
        code = auk_keep_alive_read(keep_alive, &keep_alive_ms, err);
    if (code == AUK_OK)
        code = auk_contexts_find(call->rest->contexts, AUK_CONTEXT_SCROLL, id, keep_alive_ms,
                                 &context, err);
    if (code != AUK_OK)
        return code;
    code = next_page(call, context, err);
    auk_contexts_leave(call->rest->contexts, context);
    return code;
}

/* ---- the end ---- */

static auk_code answer_freed(auk_call *call, uint32_t freed)
{
    call->status = freed > 0 ? 200 : 404;
    auk_json_begin_object(&call->out);
    auk_json_member_bool(&call->out, "succeeded", true);
    auk_json_member_uint(&call->out, "num_freed", freed);
    auk_json_end_object(&call->out);
    return AUK_OK;
}

static auk_code remove_one(auk_call *call, auk_context_kind kind, auk_span id, uint32_t *freed,
                           auk_error *err)
{
    bool removed;
    if (kind == AUK_CONTEXT_SCROLL && auk_span_is(id, "_all")) {
        *freed += auk_contexts_remove_all(call->rest->contexts, kind);
        return AUK_OK;
    }
    auk_code code = auk_contexts_remove(call->rest->contexts, kind, id, &removed, err);
    *freed += code == AUK_OK && removed;
    return code;
}

static auk_code remove_listed(auk_call *call, auk_context_kind kind, const auk_json *ids,
                              uint32_t *freed, auk_error *err)
{
    if (ids->type == AUK_JSON_STRING)
        return remove_one(call, kind, ids->text, freed, err);
    auk_code code = AUK_OK;
    for (const auk_json *id = ids->child; id && code == AUK_OK; id = id->next)
        code = remove_one(call, kind, id->text, freed, err);
    return code;
}

static auk_code scroll_clear(auk_call *call, auk_error *err)
{
    const auk_json *body;
    uint32_t freed = 0;
    auk_span list = given_id(call), id;
    auk_code code = read_scroll_body(call, &body, err);
    const auk_json *ids = auk_json_get(body, "scroll_id");
    if (code == AUK_OK && !ids && list.size == 0)
        return auk_fail_type(err, AUK_INVALID, "action_request_validation_exception",
                             "Validation Failed: 1: no scroll ids specified;");
    if (code == AUK_OK && ids)
        code = remove_listed(call, AUK_CONTEXT_SCROLL, ids, &freed, err);
    while (code == AUK_OK && !ids && auk_call_list_next(&list, &id))
        code = remove_one(call, AUK_CONTEXT_SCROLL, id, &freed, err);
    return code == AUK_OK ? answer_freed(call, freed) : code;
}

/* ---- points in time ---- */

static auk_code read_point(auk_call *call, auk_arena *arena, auk_search_plan *plan,
                           int64_t *keep_ms, auk_error *err)
{
    auk_span keep_alive = auk_call_parameter(call, "keep_alive");
    const auk_json *body;
    if (!keep_alive.data)
        return auk_fail_type(err, AUK_INVALID, "action_request_validation_exception",
                             "Validation Failed: 1: [keep_alive] is not specified;");
    auk_code code = auk_keep_alive_read(keep_alive, keep_ms, err);
    if (code == AUK_OK)
        code = auk_call_body(call, &body, err);
    if (code == AUK_OK && body && body->count > 0) {
        auk_fail(err, AUK_INVALID, "the body of a point in time is not supported");
        auk_hint(err, "put the filter into the query of each search");
        return AUK_INVALID;
    }
    auk_search_plan_init(plan);
    if (code == AUK_OK)
        code = auk_search_plan_url(plan, call, arena, err);
    plan->scope.flush = true;
    return code;
}

static auk_code point_open(auk_call *call, auk_error *err)
{
    auk_search_plan plan;
    int64_t keep_alive_ms;
    auk_context *context = auk_context_create(AUK_CONTEXT_POINT);
    auk_code code = read_point(call, context->arena, &plan, &keep_alive_ms, err);
    if (code == AUK_OK)
        code = auk_search_scope_open(call->rest->options.catalog, &plan.scope, context->arena,
                                     &context->scope, err);
    if (code == AUK_OK)
        code = auk_contexts_add(call->rest->contexts, context, keep_alive_ms, err);
    if (code != AUK_OK) {
        auk_context_destroy(context);
        return code;
    }
    auk_json_begin_object(&call->out);
    auk_json_member_text(&call->out, "id", context->id);
    auk_call_write_searched(call, context->scope.shard_count, context->scope.missing_count);
    auk_json_end_object(&call->out);
    auk_contexts_leave(call->rest->contexts, context);
    return AUK_OK;
}

static auk_code point_close(auk_call *call, auk_error *err)
{
    const auk_json *body;
    uint32_t freed = 0;
    auk_code code = auk_call_need_body(call, &body, err);
    if (code != AUK_OK)
        return code;
    const auk_json *id = auk_json_get(body, "id");
    if (!id || id->type != AUK_JSON_STRING)
        return auk_fail(err, AUK_INVALID, "Required [id]");
    code = remove_one(call, AUK_CONTEXT_POINT, id->text, &freed, err);
    return code == AUK_OK ? answer_freed(call, freed) : code;
}

static const auk_route rows[] = {
    {AUK_M_GET | AUK_M_POST, "/_search/scroll", "scroll scroll_id rest_total_hits_as_int",
     scroll_next, AUK_ROUTE_SEARCH, AUK_RIGHT_READ},
    {AUK_M_GET | AUK_M_POST, "/_search/scroll/{scroll_id}", "scroll rest_total_hits_as_int",
     scroll_next, AUK_ROUTE_SEARCH, AUK_RIGHT_READ},
    {AUK_M_DELETE, "/_search/scroll", "scroll_id", scroll_clear, AUK_ROUTE_SEARCH, AUK_RIGHT_READ},
    {AUK_M_DELETE, "/_search/scroll/{scroll_id}", "", scroll_clear, AUK_ROUTE_SEARCH,
     AUK_RIGHT_READ},
    {AUK_M_POST, "/{index}/_pit",
     "keep_alive ignore_unavailable allow_no_indices expand_wildcards preference routing "
     "allow_partial_search_results max_concurrent_shard_requests",
     point_open, AUK_ROUTE_SEARCH, AUK_RIGHT_READ},
    {AUK_M_DELETE, "/_pit", "", point_close, AUK_ROUTE_SEARCH, AUK_RIGHT_READ},
};

const auk_route_table auk_routes_scroll = {rows, sizeof rows / sizeof rows[0]};
