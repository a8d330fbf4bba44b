/* Aliases: show, and change as one step. Every form of change becomes a list of actions. */
#include "admin.h"

/* ---- show ---- */

static bool holds(const auk_index_view *view, auk_span name)
{
    for (uint32_t i = 0; i < view->alias_count; i++)
        if (auk_span_equal(view->aliases[i].name, name))
            return true;
    return false;
}

/* Names without a wildcard that no chosen index has, with a comma between. */
static auk_span find_missing(auk_call *call, const auk_selection *chosen, auk_span names,
                             uint32_t *count)
{
    auk_span one, missing = AUK_SPAN("");
    *count = 0;
    while (auk_span_cut(&names, ',', &one)) {
        bool found = one.size == 0 || one.data[0] == '-' || auk_span_is(one, "_all") ||
                     memchr(one.data, '*', one.size);
        for (uint32_t i = 0; i < chosen->count && !found; i++)
            found = holds(chosen->items[i].view, one);
        if (found)
            continue;
        missing = auk_arena_printf(call->arena, "%.*s%s%.*s", AUK_SPAN_ARG(missing),
                                   missing.size ? "," : "", AUK_SPAN_ARG(one));
        ++*count;
    }
    return missing;
}

static void write_index(auk_call *call, const auk_index_view *view, auk_span names)
{
    bool opened = !names.size; /* without names, indices without aliases are shown too */
    auk_json_writer *out = &call->out;
    if (opened) {
        auk_json_key(out, view->name);
        auk_json_begin_object(out);
        auk_json_member_object(out, "aliases");
    }
    for (uint32_t i = 0; i < view->alias_count; i++) {
        if (names.size && !auk_list_matches(names, view->aliases[i].name))
            continue;
        if (!opened) {
            auk_json_key(out, view->name);
            auk_json_begin_object(out);
            auk_json_member_object(out, "aliases");
            opened = true;
        }
        auk_alias_write(&view->aliases[i], out);
    }
    if (opened) {
        auk_json_end_object(out);
        auk_json_end_object(out);
    }
}

static void write_aliases(auk_call *call, const auk_selection *chosen, auk_span names)
{
    uint32_t missing_count;
    auk_span missing = find_missing(call, chosen, names, &missing_count);
    auk_json_begin_object(&call->out);
    if (missing_count > 0) {
        call->status = 404;
        auk_json_member_string(&call->out, "error",
                               auk_arena_printf(call->arena, "%s [%.*s] missing",
                                                missing_count == 1 ? "alias" : "aliases",
                                                AUK_SPAN_ARG(missing)));
        auk_json_member_int(&call->out, "status", 404);
    }
    bool named = auk_call_variable(call, "index").size > 0;
    for (uint32_t i = 0; i < chosen->count; i++)
        if (named || !chosen->items[i].view->standby)
            write_index(call, chosen->items[i].view, names);
    auk_json_end_object(&call->out);
}

static auk_code get_aliases(auk_call *call, auk_error *err)
{
    auk_selection chosen;
    auk_resolve_options options = AUK_SELECT_ANY;
    options.expand_hidden = true;
    auk_code code = auk_selection_open_with(call, options, &chosen, err);
    if (code == AUK_OK)
        write_aliases(call, &chosen, auk_call_variable(call, "name"));
    auk_selection_close(call, &chosen);
    return code;
}

/* ---- change ---- */

/* Actions are all or nothing here, so that there are never errors beside successes. */
static void acknowledge(auk_call *call)
{
    auk_json_begin_object(&call->out);
    auk_json_member_bool(&call->out, "acknowledged", true);
    auk_json_member_bool(&call->out, "errors", false);
    auk_json_end_object(&call->out);
}

static auk_code update_aliases(auk_call *call, auk_error *err)
{
    const auk_json *body;
    auk_code code = auk_call_need_body(call, &body, err);
    if (code == AUK_OK)
        code = auk_body_check(body, "aliases", "actions", err);
    if (code == AUK_OK)
        code = auk_catalog_update_aliases(call->rest->options.catalog, body, err);
    if (code == AUK_OK)
        acknowledge(call);
    return code;
}

/* {"actions": [{verb: {"index": .., "aliases": [..], options}}]} */
static auk_code run_action(auk_call *call, const char *verb, const auk_json *options,
                           auk_error *err)
{
    auk_buffer text;
    auk_json_writer out;
    auk_span names = auk_call_variable(call, "name"), one;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&out, &text, false);
    auk_json_begin_object(&out);
    auk_json_member_array(&out, "actions");
    auk_json_begin_object(&out);
    auk_json_member_object(&out, verb);
    auk_json_member_string(&out, "index", auk_call_variable(call, "index"));
    auk_json_member_array(&out, "aliases");
    while (auk_span_cut(&names, ',', &one))
        auk_json_string(&out, one);
    auk_json_end_array(&out);
    for (const auk_json *m = options ? options->child : NULL; m; m = m->next) {
        auk_json_key(&out, m->key);
        auk_json_value(&out, m);
    }
    auk_json_end_object(&out);
    auk_json_end_object(&out);
    auk_json_end_array(&out);
    auk_json_end_object(&out);

    const auk_json *body;
    auk_code code = auk_json_parse_own(auk_buffer_span(&text), call->arena, &body, err);
    auk_buffer_deinit(&text);
    if (code == AUK_OK)
        code = auk_catalog_update_aliases(call->rest->options.catalog, body, err);
    if (code == AUK_OK)
        acknowledge(call);
    return code;
}

static auk_code put_alias(auk_call *call, auk_error *err)
{
    const auk_json *options;
    auk_code code = auk_call_body(call, &options, err);
    if (code == AUK_OK && options)
        code =
            auk_body_check(options, "alias",
                           "filter routing index_routing search_routing is_write_index is_hidden",
                           err);
    return code == AUK_OK ? run_action(call, "add", options, err) : code;
}

static auk_code delete_alias(auk_call *call, auk_error *err)
{
    return run_action(call, "remove", NULL, err);
}

/* ---- routes ---- */

#define SHOW_PARAMETERS AUK_SELECT_PARAMETERS " local master_timeout"

#define SHOW(path)                                                                                 \
    {                                                                                              \
        AUK_M_GET | AUK_M_HEAD, path, SHOW_PARAMETERS, get_aliases, AUK_ROUTE_MANAGE,              \
            AUK_RIGHT_MONITOR                                                                      \
    }
#define CHANGE(methods, path, run)                                                                 \
    {                                                                                              \
        methods, path, AUK_TIMEOUT_PARAMETERS, run, AUK_ROUTE_MANAGE, AUK_RIGHT_MANAGE             \
    }

static const auk_route rows[] = {
    CHANGE(AUK_M_POST, "/_aliases", update_aliases),
    SHOW("/_aliases"),
    SHOW("/_alias"),
    SHOW("/_alias/{name}"),
    SHOW("/{index}/_alias"),
    SHOW("/{index}/_alias/{name}"),
    CHANGE(AUK_M_PUT | AUK_M_POST, "/{index}/_alias/{name}", put_alias),
    CHANGE(AUK_M_PUT | AUK_M_POST, "/{index}/_aliases/{name}", put_alias),
    CHANGE(AUK_M_DELETE, "/{index}/_alias/{name}", delete_alias),
    CHANGE(AUK_M_DELETE, "/{index}/_aliases/{name}", delete_alias),
};

const auk_route_table auk_routes_aliases = {rows, sizeof rows / sizeof rows[0]};
