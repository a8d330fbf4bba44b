/* _clone, _shrink, _split: an index once more with another number of shards (resize.h). */
#include "auk/resize.h"

#include "by_query.h"
#include "tasks.h"

#define WORKERS 2

/* ---- the answer ---- */

static auk_code write_end(auk_call *call, auk_error *err)
{
    auk_job_state state;
    auk_code code = auk_call_job_end(call, call->kept, &state, err);
    if (code != AUK_OK)
        return code;
    auk_json_raw(&call->out, state.response);
    return AUK_OK;
}

/* ---- what is asked for ---- */

static auk_code read_body(const auk_call *call, auk_arena *arena, auk_resize *out, auk_error *err)
{
    const auk_json *body = NULL;
    auk_span text = auk_call_body_text(call);
    auk_code code = text.size ? auk_json_parse(text, arena, &body, err) : AUK_OK;
    if (code == AUK_OK && auk_json_get(body, "mappings"))
        code = auk_fail(err, AUK_INVALID,
                        "mappings are not allowed when resizing indices, all mappings are copied "
                        "from the source index");
    if (code == AUK_OK && body)
        code = auk_body_check(body, "resize_request", "settings aliases", err);
    out->settings = auk_json_get(body, "settings");
    out->aliases = auk_json_get(body, "aliases");
    return code;
}

/* The views are of a moment after the last write that the block let through. */
static auk_code open_source(const auk_call *call, const auk_index_view *view,
                            auk_by_query_wishes *wishes, auk_error *err)
{
    auk_search_plan plan;
    auk_code code = auk_index_refresh(view->index, err);
    auk_search_plan_init(&plan);
    plan.scope.expression = auk_arena_copy(wishes->arena, view->name);
    plan.scope.resolve = (auk_resolve_options){.single = true, .expand_hidden = true};
    plan.scope.flush = true;
    return code == AUK_OK ? auk_by_query_open_scope(call, &plan, wishes, err) : code;
}

static auk_code read_wishes(const auk_call *call, const auk_root *root, auk_resize *resize,
                            auk_by_query_wishes *wishes, const auk_json **body, auk_error *err)
{
    static const char *const verbs[] = {"clone", "shrink", "split"};
    auk_resolved *resolved;
    uint32_t count;
    const auk_resolve_options options = {.single = true, .expand_hidden = true};
    auk_code code = auk_root_resolve(root, auk_call_variable(call, "index"), &options,
                                     wishes->arena, &resolved, &count, err);
    if (code == AUK_OK)
        code = read_body(call, wishes->arena, resize, err);
    if (code != AUK_OK)
        return code;
    resize->source = auk_arena_copy(wishes->arena, resolved[0].view->name);
    resize->target = auk_arena_copy(wishes->arena, auk_call_variable(call, "target"));
    wishes->kind = AUK_BY_QUERY_RESIZE;
    wishes->resize = resize;
    wishes->slices = WORKERS;
    wishes->description =
        auk_arena_printf(wishes->arena, "%s from [%.*s] to [%.*s]", verbs[resize->kind],
                         AUK_SPAN_ARG(resize->source), AUK_SPAN_ARG(resize->target));
    code = auk_resize_check(call->rest->options.catalog, resolved[0].view, resize, wishes->arena,
                            body, err);
    return code == AUK_OK ? open_source(call, resolved[0].view, wishes, err) : code;
}

static auk_code start(auk_call *call, const auk_by_query_wishes *wishes, const auk_json *body,
                      auk_error *err)
{
    auk_job *job;
    bool is_awaited = wishes->is_awaited;
    auk_code code = auk_resize_start(call->rest->options.catalog, wishes, body, &job, err);
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

static auk_code resize(auk_call *call, auk_resize_kind kind, auk_error *err)
{
    auk_by_query_wishes wishes;
    const auk_json *body = NULL;
    auk_catalog *catalog = call->rest->options.catalog;
    if (call->waited)
        return write_end(call, err);
    auk_by_query_wishes_init(&wishes);
    wishes.arena = auk_arena_create(4096);
    auk_resize *asked = AUK_ARENA_NEW(wishes.arena, auk_resize);
    asked->kind = kind;
    auk_code code = auk_call_bool(call, "wait_for_completion", true, &wishes.is_awaited, err);
    const auk_root *root = auk_root_acquire(catalog);
    if (code == AUK_OK)
        code = read_wishes(call, root, asked, &wishes, &body, err);
    auk_root_release(catalog, root);
    if (code != AUK_OK) {
        auk_arena_destroy(wishes.arena);
        return code;
    }
    return start(call, &wishes, body, err);
}

static auk_code clone_index(auk_call *call, auk_error *err)
{
    return resize(call, AUK_RESIZE_CLONE, err);
}

static auk_code shrink_index(auk_call *call, auk_error *err)
{
    return resize(call, AUK_RESIZE_SHRINK, err);
}

static auk_code split_index(auk_call *call, auk_error *err)
{
    return resize(call, AUK_RESIZE_SPLIT, err);
}

#define ROW(path, function)                                                                        \
    {                                                                                              \
        AUK_M_POST | AUK_M_PUT, path,                                                              \
            "wait_for_active_shards wait_for_completion copy_settings " AUK_TIMEOUT_PARAMETERS,    \
            function, AUK_ROUTE_MANAGE, AUK_RIGHT_MANAGE                                           \
    }

static const auk_route rows[] = {
    ROW("/{index}/_clone/{target}", clone_index),
    ROW("/{index}/_shrink/{target}", shrink_index),
    ROW("/{index}/_split/{target}", split_index),
};

const auk_route_table auk_routes_resize = {rows, sizeof rows / sizeof rows[0]};
