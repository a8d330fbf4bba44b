#include "search_run.h"

auk_code auk_search_run_scope(auk_call *call, const auk_search_scope *scope,
                              const auk_search_request *request, uint64_t started_us,
                              auk_search_result *result, auk_error *err)
{
    const auk_rest_options *options = &call->rest->options;
    auk_search_context context = {.pool = options->search_pool,
                                  .budget = options->budget,
                                  .cancelled = auk_http_exchange_gone_flag(call->exchange),
                                  .now_ms = auk_clock_wall_ms()};
    int64_t timeout_ms = request->timeout_ms;
    if (timeout_ms < 0)
        timeout_ms = auk_catalog_search_limits(options->catalog).timeout_ms;
    if (timeout_ms >= 0 && timeout_ms < INT64_MAX / 2000)
        context.deadline_us = started_us + (uint64_t)timeout_ms * 1000 + 1;
    auk_code code = auk_search_run(scope->targets, scope->target_count, request, &context,
                                   call->arena, result, err);
    auk_search_scope_note(scope, auk_clock_monotonic_us() - started_us);
    return code;
}

auk_code auk_search_answer(auk_call *call, const auk_search_scope *scope,
                           const auk_search_request *request, const auk_search_result *result,
                           const auk_search_heading *heading, auk_error *err)
{
    auk_json_writer *out = &call->out;
    auk_json_begin_object(out);
    if (heading->scroll_id)
        auk_json_member_text(out, "_scroll_id", heading->scroll_id);
    if (heading->pit_id.size)
        auk_json_member_string(out, "pit_id", heading->pit_id);
    auk_json_member_uint(out, "took", (auk_clock_monotonic_us() - heading->started_us) / 1000);
    auk_json_member_bool(out, "timed_out", result->timed_out);
    if (request->terminate_after > 0)
        auk_json_member_bool(out, "terminated_early", result->terminated_early);
    auk_call_write_searched(call, scope->shard_count, scope->missing_count);
    auk_code code = auk_search_write(scope->targets, request, result, call->arena, out, err);
    if (code == AUK_OK)
        auk_search_write_profile(result, call->rest->node_id, call->arena, out);
    if (heading->status)
        auk_json_member_int(out, "status", heading->status);
    auk_json_end_object(out);
    return code;
}

static auk_code run_and_answer(auk_call *call, const auk_search_scope *scope,
                               const auk_search_plan *plan, const auk_search_heading *heading,
                               auk_error *err)
{
    auk_search_result result;
    auk_code code =
        auk_search_run_scope(call, scope, &plan->request, heading->started_us, &result, err);
    if (code == AUK_OK)
        code = auk_search_answer(call, scope, &plan->request, &result, heading, err);
    return code;
}

static auk_code run_at_point(auk_call *call, const auk_search_plan *plan,
                             auk_search_heading *heading, auk_error *err)
{
    auk_context *context;
    int64_t keep_alive_ms = -1;
    auk_contexts *contexts = call->rest->contexts;
    auk_span keep_alive = plan->request.pit_keep_alive;
    if (keep_alive.size) {
        auk_code code = auk_keep_alive_read(keep_alive, &keep_alive_ms, err);
        if (code != AUK_OK)
            return code;
    }
    auk_code code = auk_contexts_find(contexts, AUK_CONTEXT_POINT, plan->request.pit_id,
                                      keep_alive_ms, &context, err);
    if (code != AUK_OK)
        return code;
    heading->pit_id = plan->request.pit_id;
    code = run_and_answer(call, &context->scope, plan, heading, err);
    auk_contexts_leave(contexts, context);
    return code;
}

auk_code auk_search_run_plan(auk_call *call, const auk_search_plan *plan, int status,
                             auk_error *err)
{
    auk_search_heading heading = {.started_us = auk_clock_monotonic_us(), .status = status};
    auk_search_scope scope;
    auk_code code = auk_search_plan_check(plan, err);
    if (code == AUK_OK && plan->request.pit_id.size)
        return run_at_point(call, plan, &heading, err);
    if (code == AUK_OK)
        code = auk_search_scope_open(call->rest->options.catalog, &plan->scope, call->arena, &scope,
                                     err);
    if (code != AUK_OK)
        return code;
    code = run_and_answer(call, &scope, plan, &heading, err);
    auk_search_scope_close(&scope);
    return code;
}
