/* _reindex, _update_by_query, _delete_by_query and how fast they go. */
#include "by_query.h"
#include "tasks.h"

/* ---- the answer ---- */

/* The gravest of the failures is the call's, as in Elasticsearch. */
static int status_of(const auk_json *answer)
{
    int64_t status = 200, one;
    const auk_json *failures = auk_json_get(answer, "failures");
    for (const auk_json *f = failures ? failures->child : NULL; f; f = f->next)
        if (auk_json_to_int64(auk_json_get(f, "status"), &one) && one > status)
            status = one;
    return (int)status;
}

static auk_code write_end(auk_call *call, auk_error *err)
{
    auk_job *job = call->kept;
    auk_job_state state;
    const auk_json *answer;
    auk_code code = auk_call_job_end(call, job, &state, err);
    if (code != AUK_OK)
        return code;
    code = auk_json_parse_own(state.response, call->arena, &answer, err);
    if (code != AUK_OK)
        return code;
    call->status = status_of(answer);
    auk_json_raw(&call->out, state.response);
    return AUK_OK;
}

/* ---- begin ---- */

static auk_code start(auk_call *call, const auk_by_query_wishes *wishes, auk_error *err)
{
    auk_job *job;
    bool is_awaited = wishes->is_awaited;
    auk_code code = auk_by_query_start(call->rest->options.catalog, wishes, &job, err);
    if (code != AUK_OK) {
        wishes->release(wishes->context);
        auk_arena_destroy(wishes->arena);
        return code;
    }
    if (is_awaited) {
        auk_call_await_job(call, job);
        return AUK_OK;
    }
    auk_call_write_task(call, auk_job_number(job));
    auk_job_release(job);
    return AUK_OK;
}

static auk_code begin(auk_call *call, auk_by_query_kind kind, auk_error *err)
{
    auk_by_query_wishes wishes;
    if (call->waited)
        return write_end(call, err);
    auk_by_query_wishes_init(&wishes);
    wishes.arena = auk_arena_create(4096);
    auk_code code = kind == AUK_BY_QUERY_REINDEX ? auk_reindex_read(call, &wishes, err)
                                                 : auk_by_query_read(call, kind, &wishes, err);
    if (code != AUK_OK) {
        auk_arena_destroy(wishes.arena);
        return code;
    }
    return start(call, &wishes, err);
}

static auk_code reindex(auk_call *call, auk_error *err)
{
    return begin(call, AUK_BY_QUERY_REINDEX, err);
}

static auk_code update_by_query(auk_call *call, auk_error *err)
{
    return begin(call, AUK_BY_QUERY_UPDATE, err);
}

static auk_code delete_by_query(auk_call *call, auk_error *err)
{
    return begin(call, AUK_BY_QUERY_DELETE, err);
}

/* ---- faster, slower ---- */

static auk_code rethrottle(auk_call *call, auk_error *err)
{
    double rate;
    auk_job *job;
    auk_job_state state;
    auk_code code = auk_by_query_rate(call, true, &rate, err);
    if (code == AUK_OK)
        code = auk_call_find_job(call, &job, err);
    if (code != AUK_OK)
        return code;
    if (auk_job_completed(job))
        code = auk_fail(err, AUK_NOT_FOUND, "task [%.*s] is missing",
                        AUK_SPAN_ARG(auk_call_variable(call, "task_id")));
    else
        code = auk_job_set_rate(job, rate, err);
    auk_job_read(job, call->arena, &state);
    auk_job_release(job);
    return code == AUK_OK ? auk_call_write_job(call, &state, err) : code;
}

/* ---- the rows ---- */

#define BY_QUERY                                                                                   \
    AUK_SEARCH_SCOPE_PARAMETERS AUK_SEARCH_TEXT_PARAMETERS AUK_BY_QUERY_PARAMETERS                 \
        "conflicts scroll_size search_type search_timeout sort pipeline version version_type "     \
        "request_cache stats from"

#define ROW(path, parameters, function)                                                            \
    {                                                                                              \
        AUK_M_POST, path, parameters, function, AUK_ROUTE_MANAGE, AUK_RIGHT_WRITE                  \
    }

static const auk_route rows[] = {
    ROW("/_reindex", AUK_BY_QUERY_PARAMETERS "require_alias", reindex),
    ROW("/{index}/_update_by_query", BY_QUERY, update_by_query),
    ROW("/{index}/_delete_by_query", BY_QUERY, delete_by_query),
    ROW("/_reindex/{task_id}/_rethrottle", "requests_per_second group_by", rethrottle),
    ROW("/_update_by_query/{task_id}/_rethrottle", "requests_per_second group_by", rethrottle),
    ROW("/_delete_by_query/{task_id}/_rethrottle", "requests_per_second group_by", rethrottle),
};

const auk_route_table auk_routes_by_query = {rows, sizeof rows / sizeof rows[0]};
