#include "lsn_wait.h"

#include "auk/sync.h"
#include "waits.h"

#define FALLBACK_MS 30000

typedef struct lsn_wait {
    auk_syncs *syncs;
    auk_sync_wait ticket;
    uint64_t deadline_us;
    bool reached;
} lsn_wait;

/* Names that lead nowhere are the route's own business. */
static uint32_t find_views(auk_call *call, const auk_root *root, const auk_index_view ***out)
{
    auk_resolve_options options = {.ignore_unavailable = true,
                                   .allow_no_indices = true,
                                   .expand_open = true,
                                   .expand_hidden = true};
    auk_span index = auk_call_variable(call, "index");
    auk_resolved *resolved;
    uint32_t count;
    if (auk_root_resolve(root, index.size ? index : AUK_SPAN("_all"), &options, call->arena,
                         &resolved, &count, NULL) != AUK_OK)
        return 0;
    *out = AUK_ARENA_ARRAY(call->arena, const auk_index_view *, count + 1);
    for (uint32_t i = 0; i < count; i++)
        (*out)[i] = resolved[i].view;
    return count;
}

/* Before the search takes its views, so that it never promises too much. */
static void tell(auk_call *call, const auk_index_view **views, uint32_t count)
{
    auk_span told = AUK_SPAN(""), lsn;
    for (uint32_t i = 0; i < count; i++) {
        if (!auk_sync_applied(call->rest->options.syncs, views[i], call->arena, &lsn))
            continue;
        const char *at = told.size ? memmem(told.data, told.size, lsn.data, lsn.size) : NULL;
        if (!at)
            told = auk_arena_printf(call->arena, "%.*s%s%.*s", AUK_SPAN_ARG(told),
                                    told.size ? "," : "", AUK_SPAN_ARG(lsn));
    }
    if (told.size)
        auk_http_response_add(call->exchange, AUK_SPAN("X-Auk-Applied-Lsn"), told);
}

static bool is_over(void *context)
{
    lsn_wait *w = context;
    w->reached = w->reached || auk_sync_wait_reached(w->syncs, &w->ticket);
    return w->reached || auk_clock_monotonic_us() > w->deadline_us;
}

static auk_code expire(auk_call *call, const lsn_wait *w, const auk_index_view **views,
                       uint32_t count, auk_error *err)
{
    auk_span lsn = AUK_SPAN("nothing");
    for (uint32_t i = 0; i < count; i++)
        if (auk_sync_applied(w->syncs, views[i], call->arena, &lsn))
            break;
    auk_sync_wait_expired(w->syncs, &w->ticket);
    call->status = 408;
    return auk_fail_type(err, AUK_CANCELLED, "timeout_exception",
                         "[wait_for_lsn] [%.*s] was not reached in time, the index stands at "
                         "[%.*s]",
                         AUK_SPAN_ARG(auk_call_parameter(call, "wait_for_lsn")), AUK_SPAN_ARG(lsn));
}

/* Reached, or lost. */
static auk_code judge(auk_call *call, const lsn_wait *w, auk_error *err)
{
    if (!w->ticket.is_lost)
        return AUK_OK;
    return auk_fail(err, AUK_CONFLICT,
                    "[wait_for_lsn] [%.*s] is not in the history of the server that is "
                    "followed: what was written there was lost when it was promoted",
                    AUK_SPAN_ARG(auk_call_parameter(call, "wait_for_lsn")));
}

static auk_code begin(auk_call *call, const auk_index_view **views, uint32_t count, bool *parked,
                      auk_error *err)
{
    auk_span token = auk_call_parameter(call, "wait_for_lsn");
    lsn_wait *w = AUK_ARENA_NEW(call->arena, lsn_wait);
    int64_t timeout_ms;
    auk_code code = auk_call_time(call, "wait_for_lsn_timeout", FALLBACK_MS, &timeout_ms, err);
    w->syncs = call->rest->options.syncs;
    if (code == AUK_OK)
        code = auk_sync_wait_begin(w->syncs, token, views, count, &w->ticket, err);
    if (code != AUK_OK)
        return code;
    timeout_ms = timeout_ms < 0 ? INT32_MAX : timeout_ms;
    w->deadline_us = auk_clock_monotonic_us() + (uint64_t)timeout_ms * 1000;
    if (auk_sync_wait_reached(w->syncs, &w->ticket))
        return judge(call, w, err);
    call->kept = w;
    auk_wait_again(call, is_over, NULL, w);
    *parked = true;
    return AUK_OK;
}

auk_code auk_lsn_wait(auk_call *call, bool *parked, auk_error *err)
{
    auk_syncs *syncs = call->rest->options.syncs;
    bool wanted = auk_call_parameter(call, "wait_for_lsn").size > 0;
    const auk_index_view **views = NULL;
    auk_code code = AUK_OK;
    *parked = false;
    if (!syncs || (!wanted && !auk_syncs_has_any(syncs)))
        return wanted ? auk_fail(err, AUK_INVALID, "this node follows nothing") : AUK_OK;
    auk_catalog *catalog = call->rest->options.catalog;
    const auk_root *root = auk_root_acquire(catalog);
    uint32_t count = find_views(call, root, &views);
    if (wanted && !call->waited) {
        code = begin(call, views, count, parked, err);
    } else if (wanted) {
        lsn_wait *w = call->kept;
        if (!w->reached && !auk_sync_wait_reached(syncs, &w->ticket))
            code = expire(call, w, views, count, err);
        else
            code = judge(call, w, err);
    }
    if (code == AUK_OK && !*parked)
        tell(call, views, count);
    auk_root_release(catalog, root);
    return code;
}
