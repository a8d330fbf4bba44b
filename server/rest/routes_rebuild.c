/* Rebuilds: begun, promoted, rolled back; what they refuse (rebuild.h). */
#include "auk/rebuild.h"

#include "tasks.h"
#include "waits.h"

#define PAGE      100
#define PAGE_MOST 10000
#define WAIT_MS   60000

static auk_code rebuilds_of(const auk_call *call, auk_rebuilds **out, auk_error *err)
{
    *out = call->rest->options.rebuilds;
    return *out ? AUK_OK : auk_fail(err, AUK_INVALID, "this node rebuilds nothing");
}

/* ---- begin ---- */

/* The task's answer is this call's; its error too, with the task so that more can be asked. */
static void write_end(auk_call *call, auk_job *job)
{
    auk_job_state state;
    auk_json_writer *out = &call->out;
    auk_job_read(job, call->arena, &state);
    if (state.response.size) {
        auk_json_raw(out, state.response);
        auk_job_mark_read(job);
        return;
    }
    bool failed = state.error.size > 0;
    int status = failed ? auk_code_status(auk_job_outcome(job, NULL)) : 202;
    call->status = status;
    auk_json_begin_object(out);
    auk_json_member_string(out, "task", auk_call_task_id(call, state.number));
    if (failed) {
        auk_json_member_raw(out, "error", state.error);
        auk_json_member_int(out, "status", status);
    }
    auk_json_end_object(out);
}

static auk_code begin_rebuild(auk_call *call, auk_error *err)
{
    auk_rebuilds *rebuilds;
    const auk_json *body;
    uint64_t task;
    bool wait = true;
    if (call->waited) {
        write_end(call, call->kept);
        return AUK_OK;
    }
    auk_code code = rebuilds_of(call, &rebuilds, err);
    if (code == AUK_OK)
        code = auk_call_bool(call, "wait_for_completion", true, &wait, err);
    if (code == AUK_OK)
        code = auk_call_body(call, &body, err);
    if (code == AUK_OK)
        code = auk_rebuild_begin(rebuilds, auk_call_variable(call, "index"), body, &task, err);
    if (code != AUK_OK)
        return code;
    auk_job *job = wait ? auk_jobs_find(auk_catalog_jobs(call->rest->options.catalog), task) : NULL;
    if (!job) {
        auk_call_write_task(call, task);
        return AUK_OK;
    }
    auk_call_await_job(call, job);
    return AUK_OK;
}

/* ---- promote and roll back ---- */

typedef struct question {
    auk_rebuild *rebuild;
    uint64_t deadline_us;
} question;

static bool is_answered(void *context)
{
    const question *q = context;
    return auk_rebuild_settled(q->rebuild) || auk_clock_monotonic_us() > q->deadline_us;
}

static void release_rebuild(void *rebuild)
{
    auk_rebuild_release(rebuild);
}

static auk_code write_switch(auk_call *call, auk_error *err)
{
    const question *q = call->kept;
    auk_span index;
    uint64_t rejected;
    auk_json_writer *out = &call->out;
    auk_code code = auk_rebuild_outcome(q->rebuild, call->arena, &index, &rejected, err);
    if (code != AUK_OK)
        return code;
    auk_json_begin_object(out);
    auk_json_member_bool(out, "acknowledged", true);
    auk_json_member_string(out, "index", index);
    auk_json_member_uint(out, "rejected", rejected);
    auk_json_end_object(out);
    return AUK_OK;
}

static auk_code ask(auk_call *call, auk_rebuild_way way, auk_error *err)
{
    auk_rebuilds *rebuilds;
    if (call->waited)
        return write_switch(call, err);
    auk_code code = rebuilds_of(call, &rebuilds, err);
    question *q = AUK_ARENA_NEW(call->arena, question);
    if (code == AUK_OK)
        code = auk_rebuild_ask(rebuilds, auk_call_variable(call, "index"), way, &q->rebuild, err);
    if (code != AUK_OK)
        return code;
    auk_arena_defer(call->arena, release_rebuild, q->rebuild);
    q->deadline_us = auk_clock_monotonic_us() + (uint64_t)WAIT_MS * 1000;
    call->kept = q;
    auk_wait_again(call, is_answered, NULL, q);
    return AUK_OK;
}

static auk_code promote(auk_call *call, auk_error *err)
{
    return ask(call, AUK_REBUILD_PROMOTE, err);
}

static auk_code roll_back(auk_call *call, auk_error *err)
{
    return ask(call, AUK_REBUILD_ROLLBACK, err);
}

/* ---- what was refused ---- */

static auk_code get_rejected(auk_call *call, auk_error *err)
{
    auk_rebuilds *rebuilds;
    auk_span id = auk_call_variable(call, "task_id"), node, rest = id;
    uint64_t task = 0;
    int64_t from, size;
    bool found = false;
    auk_code code = rebuilds_of(call, &rebuilds, err);
    if (code == AUK_OK)
        code = auk_call_int(call, "from", 0, &from, err);
    if (code == AUK_OK)
        code = auk_call_int(call, "size", PAGE, &size, err);
    if (code != AUK_OK)
        return code;
    if (from < 0 || from > UINT32_MAX || size < 0 || size > PAGE_MOST)
        return auk_fail(err, AUK_INVALID, "[size] must be between 0 and [%d]", PAGE_MOST);
    if (!auk_span_cut(&rest, ':', &node) || !auk_number_parse_uint64(rest, &task))
        return auk_fail(err, AUK_INVALID, "malformed task id %.*s", AUK_SPAN_ARG(id));
    auk_json_begin_object(&call->out);
    if (auk_span_equal(node, call->rest->node_id))
        code = auk_rebuild_write_rejected(rebuilds, task, (uint32_t)from, (uint32_t)size,
                                          &call->out, &found, err);
    auk_json_end_object(&call->out);
    if (code != AUK_OK || found)
        return code;
    return auk_fail(err, AUK_NOT_FOUND, "task [%.*s] is no rebuild that keeps a list",
                    AUK_SPAN_ARG(id));
}

static const auk_route rows[] = {
    {AUK_M_POST, "/{index}/_rebuild", "wait_for_completion", begin_rebuild, AUK_ROUTE_MANAGE,
     AUK_RIGHT_MANAGE},
    {AUK_M_POST, "/{index}/_promote", "", promote, AUK_ROUTE_MANAGE, AUK_RIGHT_MANAGE},
    {AUK_M_POST, "/{index}/_rollback", "", roll_back, AUK_ROUTE_MANAGE, AUK_RIGHT_MANAGE},
    {AUK_M_GET, "/_tasks/{task_id}/rejected", "from size", get_rejected, AUK_ROUTE_MANAGE,
     AUK_RIGHT_MONITOR},
};

const auk_route_table auk_routes_rebuild = {rows, sizeof rows / sizeof rows[0]};
