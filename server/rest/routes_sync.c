/* Databases that are followed (sync.h). */
#include "auk/sync.h"

#include "admin.h"
#include "tasks.h"

#define PAGE      100
#define PAGE_MOST 10000

static auk_code syncs_of(const auk_call *call, auk_syncs **out, auk_error *err)
{
    *out = call->rest->options.syncs;
    return *out ? AUK_OK : auk_fail(err, AUK_INVALID, "this node follows nothing");
}

/* ---- sources ---- */

static auk_code get_stats(auk_call *call, auk_error *err)
{
    auk_syncs *syncs;
    auk_code code = syncs_of(call, &syncs, err);
    if (code != AUK_OK)
        return code;
    return auk_sync_write_stats(syncs, auk_call_variable(call, "source"), &call->out, err);
}

static auk_code put_source(auk_call *call, auk_error *err)
{
    auk_syncs *syncs;
    const auk_json *body;
    auk_code code = syncs_of(call, &syncs, err);
    if (code == AUK_OK)
        code = auk_call_need_body(call, &body, err);
    if (code == AUK_OK)
        code = auk_sync_put(syncs, auk_call_variable(call, "source"), body, err);
    if (code == AUK_OK)
        auk_call_acknowledge(call);
    return code;
}

static auk_code delete_source(auk_call *call, auk_error *err)
{
    auk_syncs *syncs;
    bool drop_indices = false, keep_slot = false;
    auk_code code = syncs_of(call, &syncs, err);
    if (code == AUK_OK)
        code = auk_call_bool(call, "drop_indices", false, &drop_indices, err);
    if (code == AUK_OK)
        code = auk_call_bool(call, "keep_slot", false, &keep_slot, err);
    if (code == AUK_OK)
        code =
            auk_sync_delete(syncs, auk_call_variable(call, "source"), drop_indices, keep_slot, err);
    if (code == AUK_OK)
        auk_call_acknowledge(call);
    return code;
}

/* ---- commands ---- */

static auk_code pause_source(auk_call *call, auk_error *err)
{
    auk_syncs *syncs;
    auk_code code = syncs_of(call, &syncs, err);
    if (code == AUK_OK)
        code = auk_sync_pause(syncs, auk_call_variable(call, "source"), err);
    if (code == AUK_OK)
        auk_call_acknowledge(call);
    return code;
}

static auk_code resume_source(auk_call *call, auk_error *err)
{
    auk_syncs *syncs;
    auk_code code = syncs_of(call, &syncs, err);
    if (code == AUK_OK)
        code = auk_sync_resume(syncs, auk_call_variable(call, "source"), err);
    if (code == AUK_OK)
        auk_call_acknowledge(call);
    return code;
}

static auk_code resync_source(auk_call *call, auk_error *err)
{
    auk_syncs *syncs;
    auk_code code = syncs_of(call, &syncs, err);
    if (code == AUK_OK)
        code = auk_sync_resync(syncs, auk_call_variable(call, "source"),
                               auk_call_parameter(call, "table"), err);
    if (code == AUK_OK)
        auk_call_acknowledge(call);
    return code;
}

static auk_code verify_source(auk_call *call, auk_error *err)
{
    auk_syncs *syncs;
    bool repair = false;
    uint64_t task;
    auk_code code = syncs_of(call, &syncs, err);
    if (code == AUK_OK)
        code = auk_call_bool(call, "repair", false, &repair, err);
    if (code == AUK_OK)
        code = auk_sync_verify(syncs, auk_call_variable(call, "source"),
                               auk_call_parameter(call, "table"), repair, &task, err);
    if (code == AUK_OK)
        auk_call_write_task(call, task);
    return code;
}

/* ---- dead letters ---- */

static auk_code list_dead(auk_call *call, auk_error *err)
{
    auk_syncs *syncs;
    int64_t from = 0, size = PAGE;
    auk_code code = syncs_of(call, &syncs, err);
    if (code == AUK_OK)
        code = auk_call_int(call, "from", 0, &from, err);
    if (code == AUK_OK)
        code = auk_call_int(call, "size", PAGE, &size, err);
    if (code == AUK_OK && (from < 0 || from > UINT32_MAX || size < 0 || size > PAGE_MOST))
        code = auk_fail(err, AUK_INVALID, "[size] must be between 0 and [%d]", PAGE_MOST);
    if (code != AUK_OK)
        return code;
    return auk_sync_write_dead(syncs, auk_call_variable(call, "source"), (uint32_t)from,
                               (uint32_t)size, &call->out, err);
}

static void write_count(auk_call *call, const char *name, uint64_t count)
{
    auk_json_begin_object(&call->out);
    auk_json_member_bool(&call->out, "acknowledged", true);
    auk_json_member_uint(&call->out, name, count);
    auk_json_end_object(&call->out);
}

static auk_code retry_dead(auk_call *call, auk_error *err)
{
    auk_syncs *syncs;
    uint64_t mended = 0;
    auk_code code = syncs_of(call, &syncs, err);
    if (code == AUK_OK)
        code = auk_sync_retry_dead(syncs, auk_call_variable(call, "source"),
                                   auk_call_parameter(call, "id"), &mended, err);
    if (code == AUK_OK)
        write_count(call, "mended", mended);
    return code;
}

static auk_code discard_dead(auk_call *call, auk_error *err)
{
    auk_syncs *syncs;
    uint64_t discarded = 0;
    auk_code code = syncs_of(call, &syncs, err);
    if (code == AUK_OK)
        code = auk_sync_discard_dead(syncs, auk_call_variable(call, "source"),
                                     auk_call_parameter(call, "id"), &discarded, err);
    if (code == AUK_OK)
        write_count(call, "discarded", discarded);
    return code;
}

/* ---- before there is a source ---- */

static auk_code propose(auk_call *call, auk_error *err)
{
    auk_syncs *syncs;
    const auk_json *body;
    auk_code code = syncs_of(call, &syncs, err);
    if (code == AUK_OK)
        code = auk_call_need_body(call, &body, err);
    return code == AUK_OK ? auk_sync_propose(syncs, body, &call->out, err) : code;
}

static auk_code preflight(auk_call *call, auk_error *err)
{
    auk_syncs *syncs;
    const auk_json *body;
    auk_span name = auk_call_parameter(call, "source");
    auk_code code = syncs_of(call, &syncs, err);
    if (code == AUK_OK)
        code = auk_call_need_body(call, &body, err);
    if (code != AUK_OK)
        return code;
    return auk_sync_preflight(syncs, name.size ? name : AUK_SPAN("preflight"), body, &call->out,
                              err);
}

#define MANAGE(methods, path, parameters, function)                                                \
    {                                                                                              \
        methods, path, parameters, function, AUK_ROUTE_MANAGE, AUK_RIGHT_MANAGE                    \
    }
#define LOOK(path, parameters, function)                                                           \
    {                                                                                              \
        AUK_M_GET, path, parameters, function, AUK_ROUTE_MANAGE, AUK_RIGHT_MONITOR                 \
    }

static const auk_route rows[] = {
    LOOK("/_sync", "", get_stats),
    LOOK("/_sync/{source}", "", get_stats),
    MANAGE(AUK_M_PUT, "/_sync/{source}", "", put_source),
    MANAGE(AUK_M_DELETE, "/_sync/{source}", "drop_indices keep_slot", delete_source),
    MANAGE(AUK_M_POST, "/_sync/{source}/_pause", "", pause_source),
    MANAGE(AUK_M_POST, "/_sync/{source}/_resume", "", resume_source),
    MANAGE(AUK_M_POST, "/_sync/{source}/_resync", "table", resync_source),
    MANAGE(AUK_M_POST, "/_sync/{source}/_verify", "table repair", verify_source),
    LOOK("/_sync/{source}/_dlq", "from size", list_dead),
    MANAGE(AUK_M_POST, "/_sync/{source}/_dlq/_retry", "id", retry_dead),
    MANAGE(AUK_M_DELETE, "/_sync/{source}/_dlq", "id", discard_dead),
    MANAGE(AUK_M_POST, "/_sync/{source}/_dlq/_discard", "id", discard_dead),
    MANAGE(AUK_M_POST, "/_sync/_propose", "", propose),
    MANAGE(AUK_M_POST, "/_sync/_preflight", "source", preflight),
};

const auk_route_table auk_routes_sync = {rows, sizeof rows / sizeof rows[0]};
