/* Indices open and closed, and blocks on them. */
#include "admin.h"

/* ---- open and closed ---- */

/* What could not be opened at the start is tried again. */
static auk_code reopen(auk_call *call, const auk_index_view *view, auk_error *err)
{
    return view->unopened ? auk_catalog_reopen_index(call->rest->options.catalog, view->name, err)
                          : AUK_OK;
}

static auk_code set_closed(auk_call *call, auk_resolve_options options, bool closed,
                           auk_selection *chosen, auk_error *err)
{
    auk_code code = auk_call_needs_names(call, auk_call_variable(call, "index"), err);
    if (code != AUK_OK)
        return code;
    code = auk_selection_open_with(call, options, chosen, err);
    for (uint32_t i = 0; i < chosen->count && code == AUK_OK && !closed; i++)
        code = reopen(call, chosen->items[i].view, err);
    if (code == AUK_OK)
        code =
            auk_catalog_set_closed(call->rest->options.catalog, auk_selection_names(call, chosen),
                                   chosen->count, closed, err);
    return code;
}

static auk_code open_indices(auk_call *call, auk_error *err)
{
    auk_selection chosen = {0};
    auk_code code = set_closed(call, AUK_SELECT_ANY, false, &chosen, err);
    auk_selection_close(call, &chosen);
    if (code != AUK_OK)
        return code;
    auk_json_begin_object(&call->out);
    auk_json_member_bool(&call->out, "acknowledged", true);
    auk_json_member_bool(&call->out, "shards_acknowledged", true);
    auk_json_end_object(&call->out);
    return AUK_OK;
}

static auk_code close_indices(auk_call *call, auk_error *err)
{
    auk_selection chosen = {0};
    auk_json_writer *out = &call->out;
    auk_code code = set_closed(call, AUK_SELECT_OPEN, true, &chosen, err);
    auk_json_begin_object(out);
    auk_json_member_bool(out, "acknowledged", true);
    auk_json_member_bool(out, "shards_acknowledged", true);
    auk_json_member_object(out, "indices");
    for (uint32_t i = 0; i < chosen.count; i++) {
        auk_json_key(out, chosen.items[i].view->name);
        auk_json_begin_object(out);
        auk_json_member_bool(out, "closed", true);
        auk_json_end_object(out);
    }
    auk_json_end_object(out);
    auk_json_end_object(out);
    auk_selection_close(call, &chosen);
    return code;
}

/* ---- blocks ---- */

/* {"index.blocks.<block>": true}, or null */
static auk_code block_setting(auk_call *call, bool set, const auk_json **out, auk_error *err)
{
    static const char *const names[] = {"metadata", "read", "read_only", "write"};
    auk_span block = auk_call_variable(call, "block");
    size_t i = 0;
    while (i < sizeof names / sizeof names[0] && !auk_span_is(block, names[i]))
        i++;
    if (i == sizeof names / sizeof names[0]) {
        auk_fail(err, AUK_INVALID, "No block found with name %.*s", AUK_SPAN_ARG(block));
        auk_hint(err, "blocks are metadata, read, read_only and write");
        return AUK_INVALID;
    }
    auk_span text =
        auk_arena_printf(call->arena, "{\"index.blocks.%s\":%s}", names[i], set ? "true" : "null");
    return auk_json_parse(text, call->arena, out, err);
}

static void write_blocked(auk_call *call, const auk_selection *chosen, bool set)
{
    auk_json_writer *out = &call->out;
    auk_json_begin_object(out);
    auk_json_member_bool(out, "acknowledged", true);
    if (set)
        auk_json_member_bool(out, "shards_acknowledged", true);
    auk_json_member_array(out, "indices");
    for (uint32_t i = 0; i < chosen->count; i++) {
        auk_json_begin_object(out);
        auk_json_member_string(out, "name", chosen->items[i].view->name);
        auk_json_member_bool(out, set ? "blocked" : "unblocked", true);
        auk_json_end_object(out);
    }
    auk_json_end_array(out);
    auk_json_end_object(out);
}

static auk_code change_block(auk_call *call, bool set, auk_error *err)
{
    auk_selection chosen;
    auk_settings_change change = {0};
    auk_code code = block_setting(call, set, &change.body, err);
    if (code != AUK_OK)
        return code;
    code = auk_selection_open_with(call, AUK_SELECT_OPEN, &chosen, err);
    if (code == AUK_OK) {
        change.indices = auk_selection_names(call, &chosen);
        change.index_count = chosen.count;
        code = auk_catalog_change_settings(call->rest->options.catalog, &change, err);
    }
    if (code == AUK_OK)
        write_blocked(call, &chosen, set);
    auk_selection_close(call, &chosen);
    return code;
}

static auk_code add_block(auk_call *call, auk_error *err)
{
    return change_block(call, true, err);
}

static auk_code remove_block(auk_call *call, auk_error *err)
{
    return change_block(call, false, err);
}

/* ---- routes ---- */

#define PARAMETERS AUK_SELECT_PARAMETERS " " AUK_TIMEOUT_PARAMETERS
#define CHANGE(method, path, parameters, run)                                                      \
    {                                                                                              \
        method, path, parameters, run, AUK_ROUTE_MANAGE, AUK_RIGHT_MANAGE                          \
    }

static const auk_route rows[] = {
    CHANGE(AUK_M_POST, "/_open", PARAMETERS " wait_for_active_shards", open_indices),
    CHANGE(AUK_M_POST, "/{index}/_open", PARAMETERS " wait_for_active_shards", open_indices),
    CHANGE(AUK_M_POST, "/_close", PARAMETERS " wait_for_active_shards", close_indices),
    CHANGE(AUK_M_POST, "/{index}/_close", PARAMETERS " wait_for_active_shards", close_indices),
    CHANGE(AUK_M_PUT, "/{index}/_block/{block}", PARAMETERS, add_block),
    CHANGE(AUK_M_DELETE, "/{index}/_block/{block}", PARAMETERS, remove_block),
};

const auk_route_table auk_routes_index_state = {rows, sizeof rows / sizeof rows[0]};
