#include "lsn_wait.h"

#include "auk/sync.h"
#include "waits.h"

#define FALLBACK_MS 30000
#define TOKENS_MOST 16

typedef struct lsn_wait {
    auk_syncs *syncs;
    auk_sync_wait tickets[TOKENS_MOST];
    uint32_t count;
    uint64_t deadline_us;
} lsn_wait;

/* ---- the indices it is about ---- */

typedef struct lsn_views {
    const auk_index_view **items;
    uint32_t count;
} lsn_views;

static void add_view(lsn_views *views, const auk_index_view *view)
{
    for (uint32_t i = 0; i < views->count; i++)
        if (views->items[i] == view)
            return;
    views->items[views->count++] = view;
}

/* Names that lead nowhere are the route's own business. */
static lsn_views find_views(auk_call *call, const auk_root *root, const auk_span *names,
                            uint32_t name_count)
{
    auk_resolve_options options = {.ignore_unavailable = true,
                                   .allow_no_indices = true,
                                   .expand_open = true,
                                   .expand_hidden = true};
    lsn_views views = {AUK_ARENA_ARRAY(call->arena, const auk_index_view *, root->index_count + 1),
                       0};
    for (uint32_t i = 0; i < name_count; i++) {
        auk_resolved *resolved;
        uint32_t count;
        if (auk_root_resolve(root, names[i].size ? names[i] : AUK_SPAN("_all"), &options,
                             call->arena, &resolved, &count, NULL) != AUK_OK)
            continue;
        for (uint32_t k = 0; k < count; k++)
            add_view(&views, resolved[k].view);
    }
    return views;
}

/* Before the search takes its views, so that it never promises too much. */
static void tell(auk_call *call, const lsn_views *views)
{
    auk_span told = AUK_SPAN(""), lsn;
    for (uint32_t i = 0; i < views->count; i++) {
        if (!auk_sync_applied(call->rest->options.syncs, views->items[i], call->arena, &lsn))
            continue;
        const char *at = told.size ? memmem(told.data, told.size, lsn.data, lsn.size) : NULL;
        if (!at)
            told = auk_arena_printf(call->arena, "%.*s%s%.*s", AUK_SPAN_ARG(told),
                                    told.size ? "," : "", AUK_SPAN_ARG(lsn));
    }
    if (told.size)
        auk_http_response_add(call->exchange, AUK_SPAN("X-Auk-Applied-Lsn"), told);
}

/* ---- waiting ---- */

static bool is_reached(lsn_wait *w)
{
    bool reached = true;
    for (uint32_t i = 0; i < w->count && reached; i++)
        reached = auk_sync_wait_reached(w->syncs, &w->tickets[i]);
    return reached;
}

static bool is_over(void *context)
{
    lsn_wait *w = context;
    return is_reached(w) || auk_clock_monotonic_us() > w->deadline_us;
}

static auk_code expire(auk_call *call, const lsn_wait *w, const lsn_views *views, auk_error *err)
{
    auk_span lsn = AUK_SPAN("nothing");
    for (uint32_t i = 0; i < views->count; i++)
        if (auk_sync_applied(w->syncs, views->items[i], call->arena, &lsn))
            break;
    for (uint32_t i = 0; i < w->count; i++)
        auk_sync_wait_expired(w->syncs, &w->tickets[i]);
    call->status = 408;
    return auk_fail_type(err, AUK_CANCELLED, "timeout_exception",
                         "[wait_for_lsn] [%.*s] was not reached in time, the index stands at "
                         "[%.*s]",
                         AUK_SPAN_ARG(auk_call_parameter(call, "wait_for_lsn")), AUK_SPAN_ARG(lsn));
}

/* Reached, or lost. */
static auk_code judge(auk_call *call, const lsn_wait *w, auk_error *err)
{
    for (uint32_t i = 0; i < w->count; i++)
        if (w->tickets[i].is_lost)
            return auk_fail(err, AUK_CONFLICT,
                            "[wait_for_lsn] [%.*s] is not in the history of the server that is "
                            "followed: what was written there was lost when it was promoted",
                            AUK_SPAN_ARG(auk_call_parameter(call, "wait_for_lsn")));
    return AUK_OK;
}

/* One token, or as many as the header of an answer over several sources has. */
static auk_code read_tokens(auk_call *call, lsn_wait *w, const lsn_views *views, auk_error *err)
{
    auk_span rest = auk_call_parameter(call, "wait_for_lsn"), token;
    auk_code code = AUK_OK;
    while (code == AUK_OK && auk_span_cut(&rest, ',', &token)) {
        if (w->count == TOKENS_MOST)
            return auk_fail(err, AUK_INVALID, "[wait_for_lsn] takes at most %d positions",
                            TOKENS_MOST);
        code = auk_sync_wait_begin(w->syncs, token, views->items, views->count,
                                   &w->tickets[w->count++], err);
    }
    return code;
}

static auk_code begin(auk_call *call, const lsn_views *views, bool *parked, auk_error *err)
{
    lsn_wait *w = AUK_ARENA_NEW(call->arena, lsn_wait);
    int64_t timeout_ms;
    auk_code code = auk_call_time(call, "wait_for_lsn_timeout", FALLBACK_MS, &timeout_ms, err);
    w->syncs = call->rest->options.syncs;
    if (code == AUK_OK)
        code = read_tokens(call, w, views, err);
    if (code != AUK_OK)
        return code;
    timeout_ms = timeout_ms < 0 ? INT32_MAX : timeout_ms;
    w->deadline_us = auk_clock_monotonic_us() + (uint64_t)timeout_ms * 1000;
    if (is_reached(w))
        return judge(call, w, err);
    call->kept = w;
    auk_wait_again(call, is_over, NULL, w);
    *parked = true;
    return AUK_OK;
}

bool auk_lsn_is_asked(const auk_call *call)
{
    auk_syncs *syncs = call->rest->options.syncs;
    return auk_call_parameter(call, "wait_for_lsn").size > 0 || (syncs && auk_syncs_has_any(syncs));
}

auk_code auk_lsn_wait_for(auk_call *call, const auk_span *names, uint32_t count, bool *parked,
                          auk_error *err)
{
    auk_syncs *syncs = call->rest->options.syncs;
    bool wanted = auk_call_parameter(call, "wait_for_lsn").size > 0;
    auk_code code = AUK_OK;
    *parked = false;
    if (!auk_lsn_is_asked(call))
        return AUK_OK;
    if (!syncs)
        return auk_fail(err, AUK_INVALID, "this node follows nothing");
    auk_catalog *catalog = call->rest->options.catalog;
    const auk_root *root = auk_root_acquire(catalog);
    lsn_views views = find_views(call, root, names, count);
    if (wanted && !call->waited) {
        code = begin(call, &views, parked, err);
    } else if (wanted) {
        lsn_wait *w = call->kept;
        code = is_reached(w) ? judge(call, w, err) : expire(call, w, &views, err);
    }
    if (code == AUK_OK && !*parked)
        tell(call, &views);
    auk_root_release(catalog, root);
    return code;
}

auk_code auk_lsn_wait(auk_call *call, bool *parked, auk_error *err)
{
    auk_span index = auk_call_variable(call, "index");
    return auk_lsn_wait_for(call, &index, 1, parked, err);
}
