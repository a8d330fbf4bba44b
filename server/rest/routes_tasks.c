/* Tasks: what runs behind an answer. Listed, asked for, waited for, cancelled (job.h). */
#include "tasks.h"
#include "waits.h"

#define WAIT_MS 30000

void auk_call_write_task(auk_call *call, uint64_t number)
{
    auk_json_begin_object(&call->out);
    auk_json_member_string(&call->out, "task", auk_call_task_id(call, number));
    auk_json_end_object(&call->out);
}

/* ---- which ---- */

static auk_jobs *jobs_of(const auk_call *call)
{
    return auk_catalog_jobs(call->rest->options.catalog);
}

/* "node:7"; the number of another node's task is none of ours. */
static auk_code read_id(const auk_call *call, auk_span text, uint64_t *out, auk_error *err)
{
    auk_span rest = text, node;
    *out = 0;
    bool ours = auk_span_cut(&rest, ':', &node) && auk_span_equal(node, call->rest->node_id);
    if (rest.size == 0 || !auk_number_parse_uint64(rest, out))
        return auk_fail(err, AUK_INVALID, "malformed task id %.*s", AUK_SPAN_ARG(text));
    if (!ours)
        return auk_fail(err, AUK_NOT_FOUND,
                        "task [%.*s] belongs to the node [%.*s] which isn't part of the cluster "
                        "and there is no record of the task",
                        AUK_SPAN_ARG(text), AUK_SPAN_ARG(node));
    return AUK_OK;
}

auk_code auk_call_find_job(auk_call *call, auk_job **out, auk_error *err)
{
    uint64_t number;
    auk_span id = auk_call_variable(call, "task_id");
    auk_code code = read_id(call, id, &number, err);
    if (code != AUK_OK)
        return code;
    *out = auk_jobs_find(jobs_of(call), number);
    return *out ? AUK_OK
                : auk_fail(err, AUK_NOT_FOUND,
                           "task [%.*s] isn't running and hasn't stored its results",
                           AUK_SPAN_ARG(id));
}

/* ---- one as JSON ---- */

static void write_body(auk_call *call, const auk_job_state *job, bool detailed)
{
    auk_json_writer *out = &call->out;
    char took[16];
    auk_json_member_string(out, "node", call->rest->node_id);
    auk_json_member_uint(out, "id", job->number);
    auk_json_member_text(out, "type", "transport");
    auk_json_member_string(out, "action", job->action);
    if (job->status.size && detailed)
        auk_json_member_raw(out, "status", job->status);
    if (detailed)
        auk_json_member_string(out, "description", job->description);
    auk_json_member_int(out, "start_time_in_millis", job->started_ms);
    if (call->human) {
        auk_time_format(job->running_us, took);
        auk_json_member_text(out, "running_time", took);
    }
    auk_json_member_uint(out, "running_time_in_nanos", job->running_us * 1000);
    auk_json_member_bool(out, "cancellable", job->cancellable);
    if (job->cancellable)
        auk_json_member_bool(out, "cancelled", job->cancelled);
    auk_json_member_object(out, "headers");
    auk_json_end_object(out);
}

/* ---- lists ---- */

typedef struct task_list {
    const auk_job_state *jobs;
    uint32_t count;
    auk_span actions;
    bool detailed;
} task_list;

static bool is_listed(const task_list *list, const auk_job_state *job)
{
    return !list->actions.size || auk_list_matches(list->actions, job->action);
}

static void write_node(auk_call *call)
{
    auk_json_writer *out = &call->out;
    auk_span address = auk_node_publish_address(call);
    auk_json_member_text(out, "name", call->rest->node_name);
    auk_json_member_string(out, "transport_address", address);
    auk_json_member_string(out, "host", auk_node_host(call));
    auk_json_member_string(out, "ip", address);
    auk_json_member_array(out, "roles");
    auk_json_string(out, AUK_SPAN("data"));
    auk_json_string(out, AUK_SPAN("ingest"));
    auk_json_string(out, AUK_SPAN("master"));
    auk_json_end_array(out);
}

/* {"node:7": {...}}, or a plain list; children are kept for clients that look for them */
static void write_tasks(auk_call *call, const task_list *list, bool as_list, bool children)
{
    auk_json_writer *out = &call->out;
    if (as_list)
        auk_json_member_array(out, "tasks");
    else
        auk_json_member_object(out, "tasks");
    for (uint32_t i = 0; i < list->count; i++) {
        if (!is_listed(list, &list->jobs[i]))
            continue;
        if (!as_list)
            auk_json_key(out, auk_call_task_id(call, list->jobs[i].number));
        auk_json_begin_object(out);
        write_body(call, &list->jobs[i], list->detailed);
        if (children)
            auk_json_member_raw(out, "children", AUK_SPAN("[]"));
        auk_json_end_object(out);
    }
    if (as_list)
        auk_json_end_array(out);
    else
        auk_json_end_object(out);
}

static bool any_listed(const task_list *list)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (is_listed(list, &list->jobs[i]))
            return true;
    return false;
}

static auk_code write_list(auk_call *call, const task_list *list, auk_error *err)
{
    auk_json_writer *out = &call->out;
    auk_span by = auk_call_parameter(call, "group_by");
    bool nodes = !by.size || auk_span_is(by, "nodes");
    if (!nodes && !auk_span_is(by, "parents") && !auk_span_is(by, "none"))
        return auk_fail(err, AUK_INVALID,
                        "[group_by] must be one of [nodes], [parents] or [none] but was [%.*s]",
                        AUK_SPAN_ARG(by));
    auk_json_begin_object(out);
    if (!nodes) {
        write_tasks(call, list, auk_span_is(by, "none"), auk_span_is(by, "parents"));
    } else {
        auk_json_member_object(out, "nodes");
        if (any_listed(list)) {
            auk_json_key(out, call->rest->node_id);
            auk_json_begin_object(out);
            write_node(call);
            write_tasks(call, list, false, false);
            auk_json_end_object(out);
        }
        auk_json_end_object(out);
    }
    auk_json_end_object(out);
    return AUK_OK;
}

/* Those that ran when a list was asked to wait for them. */
typedef struct list_wait {
    auk_job **jobs; /* acquired */
    uint32_t count;
    uint64_t deadline_us;
} list_wait;

static bool list_is_over(void *context)
{
    const list_wait *wait = context;
    bool over = true;
    for (uint32_t i = 0; i < wait->count; i++)
        over = over && auk_job_completed(wait->jobs[i]);
    return over || auk_clock_monotonic_us() >= wait->deadline_us;
}

static void list_release(void *context)
{
    const list_wait *wait = context;
    for (uint32_t i = 0; i < wait->count; i++)
        auk_job_release(wait->jobs[i]);
}

static void await_list(auk_call *call, const task_list *list, int64_t timeout_ms)
{
    list_wait *wait = AUK_ARENA_NEW(call->arena, list_wait);
    wait->jobs = AUK_ARENA_ARRAY(call->arena, auk_job *, list->count + 1);
    wait->deadline_us =
        auk_clock_monotonic_us() + (timeout_ms > 0 ? (uint64_t)timeout_ms * 1000 : 0);
    for (uint32_t i = 0; i < list->count; i++) {
        auk_job *job = is_listed(list, &list->jobs[i])
                           ? auk_jobs_find(jobs_of(call), list->jobs[i].number)
                           : NULL;
        if (job)
            wait->jobs[wait->count++] = job;
    }
    auk_wait_again(call, list_is_over, list_release, wait);
}

static auk_code list_tasks(auk_call *call, auk_error *err)
{
    bool wait;
    int64_t timeout_ms;
    auk_job_state *jobs;
    task_list list = {.actions = auk_call_parameter(call, "actions")};
    auk_code code = auk_call_bool(call, "detailed", false, &list.detailed, err);
    if (code == AUK_OK)
        code = auk_call_bool(call, "wait_for_completion", false, &wait, err);
    if (code == AUK_OK)
        code = auk_call_time(call, "timeout", WAIT_MS, &timeout_ms, err);
    if (code != AUK_OK)
        return code;
    list.count = auk_jobs_list(jobs_of(call), call->arena, &jobs);
    list.jobs = jobs;
    if (wait && !call->waited && any_listed(&list)) {
        await_list(call, &list, timeout_ms);
        return AUK_OK;
    }
    return write_list(call, &list, err);
}

/* ---- one ---- */

typedef struct job_wait {
    auk_job *job;
    uint64_t deadline_us;
} job_wait;

static bool wait_is_over(void *context)
{
    const job_wait *wait = context;
    return auk_job_completed(wait->job) || auk_clock_monotonic_us() >= wait->deadline_us;
}

static void wait_release(void *context)
{
    auk_job_release(((job_wait *)context)->job);
}

static void write_task(auk_call *call, auk_job *job)
{
    auk_job_state state;
    auk_json_writer *out = &call->out;
    auk_job_read(job, call->arena, &state);
    auk_json_begin_object(out);
    auk_json_member_bool(out, "completed", state.completed);
    auk_json_member_object(out, "task");
    write_body(call, &state, true);
    auk_json_end_object(out);
    if (state.completed && state.error.size)
        auk_json_member_raw(out, "error", state.error);
    if (state.completed && state.response.size)
        auk_json_member_raw(out, "response", state.response);
    auk_json_end_object(out);
    if (state.completed)
        auk_job_mark_read(job);
}

/* Elasticsearch answers 500 when the time is over; the state as it is says more. */
static auk_code get_task(auk_call *call, auk_error *err)
{
    auk_job *job;
    bool wait;
    int64_t timeout_ms;
    auk_code code = auk_call_bool(call, "wait_for_completion", false, &wait, err);
    if (code == AUK_OK)
        code = auk_call_time(call, "timeout", WAIT_MS, &timeout_ms, err);
    if (code == AUK_OK)
        code = auk_call_find_job(call, &job, err);
    if (code != AUK_OK)
        return code;
    if (wait && !call->waited && !auk_job_completed(job)) {
        job_wait *parked = AUK_ARENA_NEW(call->arena, job_wait);
        *parked = (job_wait){job, auk_clock_monotonic_us() +
                                      (timeout_ms > 0 ? (uint64_t)timeout_ms * 1000 : 0)};
        auk_wait_again(call, wait_is_over, wait_release, parked);
        return AUK_OK;
    }
    write_task(call, job);
    auk_job_release(job);
    return AUK_OK;
}

/* ---- whoever began one and waits for it ---- */

static bool job_is_over(void *context)
{
    return auk_job_completed(context);
}

static void release_job(void *job)
{
    auk_job_release(job);
}

void auk_call_await_job(auk_call *call, auk_job *job)
{
    auk_arena_defer(call->arena, release_job, job);
    call->kept = job;
    auk_wait_again(call, job_is_over, NULL, job);
}

auk_code auk_call_job_end(auk_call *call, auk_job *job, auk_job_state *out, auk_error *err)
{
    if (!auk_job_completed(job))
        return auk_fail_type(err, AUK_CANCELLED, "task_interrupted_exception",
                             "the node is stopping while task [%llu] runs",
                             (unsigned long long)auk_job_number(job));
    auk_job_read(job, call->arena, out);
    return auk_job_outcome(job, err);
}

auk_span auk_call_task_id(const auk_call *call, uint64_t number)
{
    return auk_arena_printf(call->arena, "%.*s:%llu", AUK_SPAN_ARG(call->rest->node_id),
                            (unsigned long long)number);
}

auk_code auk_call_write_job(auk_call *call, const auk_job_state *job, auk_error *err)
{
    return write_list(call, &(task_list){.jobs = job, .count = 1, .detailed = true}, err);
}

/* ---- cancel ---- */

static auk_code cancel_one(auk_call *call, auk_error *err)
{
    auk_job *job;
    auk_code code = auk_call_find_job(call, &job, err);
    if (code != AUK_OK)
        return code;
    auk_job_state state;
    if (auk_job_completed(job))
        code = auk_fail(err, AUK_NOT_FOUND, "task [%.*s] is not found",
                        AUK_SPAN_ARG(auk_call_variable(call, "task_id")));
    if (code == AUK_OK)
        code = auk_job_cancel(job, err);
    auk_job_read(job, call->arena, &state);
    auk_job_release(job);
    if (code != AUK_OK)
        return code;
    return write_list(call, &(task_list){.jobs = &state, .count = 1}, err);
}

static auk_code cancel_many(auk_call *call, auk_error *err)
{
    auk_job_state *jobs;
    auk_span actions = auk_call_parameter(call, "actions");
    uint32_t kept = 0, count = auk_jobs_list(jobs_of(call), call->arena, &jobs);
    for (uint32_t i = 0; i < count; i++) {
        if (!jobs[i].cancellable || (actions.size && !auk_list_matches(actions, jobs[i].action)))
            continue;
        auk_job *job = auk_jobs_find(jobs_of(call), jobs[i].number);
        if (job && auk_job_cancel(job, NULL) == AUK_OK) {
            jobs[kept] = jobs[i];
            jobs[kept++].cancelled = true;
        }
        auk_job_release(job);
    }
    return write_list(call, &(task_list){.jobs = jobs, .count = kept}, err);
}

#define LIST_PARAMETERS                                                                            \
    "actions detailed group_by nodes node_id parent_task_id wait_for_completion timeout "          \
    "master_timeout"

static const auk_route rows[] = {
    {AUK_M_GET, "/_tasks", LIST_PARAMETERS, list_tasks, AUK_ROUTE_MANAGE, AUK_RIGHT_MONITOR},
    {AUK_M_GET, "/_tasks/{task_id}", "wait_for_completion timeout", get_task, AUK_ROUTE_MANAGE,
     AUK_RIGHT_MONITOR},
    {AUK_M_POST, "/_tasks/{task_id}/_cancel", LIST_PARAMETERS, cancel_one, AUK_ROUTE_MANAGE,
     AUK_RIGHT_MANAGE},
    {AUK_M_POST, "/_tasks/_cancel", LIST_PARAMETERS, cancel_many, AUK_ROUTE_MANAGE,
     AUK_RIGHT_MANAGE},
};

const auk_route_table auk_routes_tasks = {rows, sizeof rows / sizeof rows[0]};
