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

/* A text or a list of texts under either of two keys, as a list. */
static void write_texts(auk_json_writer *out, const char *name, const auk_json *action,
                        const char *one, const char *many)
{
    const auk_json *value = auk_json_get(action, one);
    value = value ? value : auk_json_get(action, many);
    auk_json_member_array(out, name);
    bool list = value && value->type == AUK_JSON_ARRAY;
    for (const auk_json *text = list ? value->child : value; text; text = list ? text->next : NULL)
        auk_json_string(out, text->text);
    auk_json_end_array(out);
}

static void write_result(auk_json_writer *out, const auk_json *action, bool missed)
{
    auk_json_begin_object(out);
    auk_json_member_object(out, "action");
    auk_json_member_string(out, "type", action->key);
    write_texts(out, "indices", action, "index", "indices");
    write_texts(out, "aliases", action, "alias", "aliases");
    auk_json_end_object(out);
    auk_json_member_int(out, "status", missed ? 404 : 200);
    if (missed) {
        auk_json_member_object(out, "error");
        auk_json_member_text(out, "type", "aliases_not_found_exception");
        auk_json_member_text(out, "reason", "none of these aliases is there");
        auk_json_end_object(out);
    }
    auk_json_end_object(out);
}

/* Aliases that were to be removed and were not there are told of; everything else is done, or the
 * call has failed as a whole. */
static void acknowledge(auk_call *call, const auk_json *actions, const bool *missed)
{
    auk_json_writer *out = &call->out;
    bool any = false;
    uint32_t n = 0;
    for (uint32_t i = 0; i < actions->count; i++)
        any = any || missed[i];
    auk_json_begin_object(out);
    auk_json_member_bool(out, "acknowledged", true);
    auk_json_member_bool(out, "errors", any);
    if (any) {
        auk_json_member_array(out, "action_results");
        for (const auk_json *entry = actions->child; entry; entry = entry->next)
            write_result(out, entry->child, missed[n++]);
        auk_json_end_array(out);
    }
    auk_json_end_object(out);
}

static auk_code run_actions(auk_call *call, const auk_json *body, auk_error *err)
{
    bool *missed;
    const auk_json *actions = auk_json_get(body, "actions");
    auk_code code = auk_call_check_actions(call, actions, err);
    if (code == AUK_OK)
        code = auk_catalog_change_aliases(call->rest->options.catalog, body, call->arena, &missed,
                                          err);
    if (code == AUK_OK)
        acknowledge(call, actions, missed);
    return code;
}

static auk_code update_aliases(auk_call *call, auk_error *err)
{
    const auk_json *body;
    auk_code code = auk_call_need_body(call, &body, err);
    if (code == AUK_OK)
        code = auk_body_check(body, "aliases", "actions", err);
    return code == AUK_OK ? run_actions(call, body, err) : code;
}

/* The path's, or else the body's. */
static auk_span variable_or_member(const auk_call *call, const char *variable,
                                   const auk_json *options, const char *member)
{
    auk_span text = auk_call_variable(call, variable);
    const auk_json *value = auk_json_get(options, member);
    return text.size || !value ? text : value->text;
}

/* {"actions": [{verb: {"index": .., "aliases": [..], options}}]} */
static void write_action(auk_call *call, const char *verb, const auk_json *options,
                         auk_json_writer *out)
{
    auk_span names = variable_or_member(call, "name", options, "alias"), one;
    auk_json_begin_object(out);
    auk_json_member_array(out, "actions");
    auk_json_begin_object(out);
    auk_json_member_object(out, verb);
    auk_json_member_string(out, "index", variable_or_member(call, "index", options, "index"));
    auk_json_member_array(out, "aliases");
    while (auk_span_cut(&names, ',', &one))
        auk_json_string(out, one);
    auk_json_end_array(out);
    for (const auk_json *m = options ? options->child : NULL; m; m = m->next) {
        if (auk_span_is(m->key, "index") || auk_span_is(m->key, "alias"))
            continue;
        auk_json_key(out, m->key);
        auk_json_value(out, m);
    }
    auk_json_end_object(out);
    auk_json_end_object(out);
    auk_json_end_array(out);
    auk_json_end_object(out);
}

static auk_code run_action(auk_call *call, const char *verb, const auk_json *options,
                           auk_error *err)
{
    const auk_json *body;
    auk_buffer text;
    auk_json_writer out;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&out, &text, false);
    write_action(call, verb, options, &out);
    auk_code code = auk_json_parse_own(auk_buffer_span(&text), call->arena, &body, err);
    auk_buffer_deinit(&text);
    return code == AUK_OK ? run_actions(call, body, err) : code;
}

static auk_code put_alias(auk_call *call, auk_error *err)
{
    const auk_json *options;
    auk_code code = auk_call_body(call, &options, err);
    if (code == AUK_OK && options)
        code = auk_body_check(options, "alias",
                              "index alias filter routing index_routing search_routing "
                              "is_write_index is_hidden",
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
    CHANGE(AUK_M_PUT | AUK_M_POST, "/_alias", put_alias),
    CHANGE(AUK_M_PUT | AUK_M_POST, "/_alias/{name}", put_alias),
    CHANGE(AUK_M_PUT | AUK_M_POST, "/{index}/_alias", put_alias),
    CHANGE(AUK_M_PUT | AUK_M_POST, "/{index}/_alias/{name}", put_alias),
    CHANGE(AUK_M_PUT | AUK_M_POST, "/{index}/_aliases/{name}", put_alias),
    CHANGE(AUK_M_DELETE, "/{index}/_alias/{name}", delete_alias),
    CHANGE(AUK_M_DELETE, "/{index}/_aliases/{name}", delete_alias),
};

const auk_route_table auk_routes_aliases = {rows, sizeof rows / sizeof rows[0]};
