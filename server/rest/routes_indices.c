/* Indices: create, show, delete; mappings and settings. */
#include "admin.h"

/* ---- create, exists, delete ---- */

static auk_code create_index(auk_call *call, auk_error *err)
{
    const auk_json *body;
    auk_span name;
    auk_code code = auk_call_body(call, &body, err);
    if (code == AUK_OK)
        code = auk_call_check_aliases(call, auk_json_get(body, "aliases"), err);
    if (code == AUK_OK)
        code = auk_catalog_make_index(call->rest->options.catalog, auk_call_variable(call, "index"),
                                      body, call->arena, &name, err);
    if (code != AUK_OK)
        return code;
    auk_json_begin_object(&call->out);
    auk_json_member_bool(&call->out, "acknowledged", true);
    auk_json_member_bool(&call->out, "shards_acknowledged", true);
    auk_json_member_string(&call->out, "index", name);
    auk_json_end_object(&call->out);
    return AUK_OK;
}

static auk_code index_exists(auk_call *call, auk_error *err)
{
    auk_selection chosen;
    auk_resolve_options options = AUK_SELECT_OPEN;
    options.with_unopened = true;
    auk_code code = auk_selection_open_with(call, options, &chosen, err);
    auk_selection_close(call, &chosen);
    return code;
}

/* A pattern must not delete by mistake. */
static auk_code delete_index(auk_call *call, auk_error *err)
{
    auk_selection chosen;
    auk_resolve_options options = AUK_SELECT_ANY;
    auk_catalog *catalog = call->rest->options.catalog;
    options.no_aliases = true;
    auk_code code = auk_call_needs_names(call, auk_call_variable(call, "index"), err);
    if (code != AUK_OK)
        return code;
    code = auk_selection_open_with(call, options, &chosen, err);
    if (code == AUK_OK)
        code = auk_catalog_delete_indices(catalog, auk_selection_names(call, &chosen), chosen.count,
                                          err);
    auk_selection_close(call, &chosen);
    if (code == AUK_OK)
        auk_call_acknowledge(call);
    return code;
}

/* ---- show ---- */

typedef struct settings_form {
    auk_span patterns; /* of names; empty: all */
    bool flat, defaults;
} settings_form;

static auk_code read_settings_form(auk_call *call, settings_form *out, auk_error *err)
{
    out->patterns = auk_call_variable(call, "name");
    auk_code code = auk_call_bool(call, "flat_settings", false, &out->flat, err);
    if (code == AUK_OK)
        code = auk_call_bool(call, "include_defaults", false, &out->defaults, err);
    return code;
}

static void write_settings(auk_call *call, const auk_index_view *view, const settings_form *form)
{
    auk_json_key(&call->out, AUK_SPAN("settings"));
    auk_settings_write(view->settings, form->patterns, form->flat, &call->out);
    if (!form->defaults)
        return;
    auk_settings *defaults = auk_index_settings_defaults(view->settings);
    auk_json_key(&call->out, AUK_SPAN("defaults"));
    auk_settings_write(defaults, form->patterns, form->flat, &call->out);
    auk_settings_destroy(defaults);
}

static void write_mappings(auk_call *call, const auk_index_view *view)
{
    auk_json_key(&call->out, AUK_SPAN("mappings"));
    auk_mapping_write(view->mapping, false, &call->out);
}

static void write_aliases(auk_call *call, const auk_index_view *view)
{
    auk_json_member_object(&call->out, "aliases");
    for (uint32_t i = 0; i < view->alias_count; i++)
        auk_alias_write(&view->aliases[i], &call->out);
    auk_json_end_object(&call->out);
}

enum { SHOW_ALIASES = 1, SHOW_MAPPINGS = 2, SHOW_SETTINGS = 4 };

static auk_code read_features(auk_call *call, unsigned *show, auk_error *err)
{
    auk_span list = auk_call_parameter(call, "features"), one;
    *show = list.size ? 0 : SHOW_ALIASES | SHOW_MAPPINGS | SHOW_SETTINGS;
    while (auk_span_cut(&list, ',', &one)) {
        if (auk_span_is(one, "aliases"))
            *show |= SHOW_ALIASES;
        else if (auk_span_is(one, "mappings"))
            *show |= SHOW_MAPPINGS;
        else if (auk_span_is(one, "settings"))
            *show |= SHOW_SETTINGS;
        else
            return auk_fail(err, AUK_INVALID,
                            "unknown feature [%.*s]: use aliases, mappings or settings",
                            AUK_SPAN_ARG(one));
    }
    return AUK_OK;
}

static auk_code open_shown(auk_call *call, bool with_unopened, auk_selection *out, auk_error *err)
{
    auk_resolve_options options = AUK_SELECT_OPEN;
    options.allow_no_indices = true;
    options.with_unopened = with_unopened;
    auk_code code = auk_selection_open_with(call, options, out, err);
    for (uint32_t i = 0; i < out->count && code == AUK_OK; i++)
        code = auk_index_check(out->items[i].view, AUK_BLOCK_METADATA_READ, err);
    return code;
}

/* {"index": {...}} for each chosen index */
static auk_code show_each(auk_call *call, unsigned show, auk_error *err)
{
    settings_form form;
    auk_selection chosen;
    auk_code code = read_settings_form(call, &form, err);
    if (code != AUK_OK)
        return code;
    code = open_shown(call, !(show & SHOW_MAPPINGS), &chosen, err);
    auk_json_begin_object(&call->out);
    for (uint32_t i = 0; i < chosen.count && code == AUK_OK; i++) {
        const auk_index_view *view = chosen.items[i].view;
        auk_json_key(&call->out, view->name);
        auk_json_begin_object(&call->out);
        if (show & SHOW_ALIASES)
            write_aliases(call, view);
        if (show & SHOW_MAPPINGS)
            write_mappings(call, view);
        if (show & SHOW_SETTINGS)
            write_settings(call, view, &form);
        auk_json_end_object(&call->out);
    }
    auk_json_end_object(&call->out);
    auk_selection_close(call, &chosen);
    return code;
}

static auk_code get_index(auk_call *call, auk_error *err)
{
    unsigned show;
    auk_code code = read_features(call, &show, err);
    return code == AUK_OK ? show_each(call, show, err) : code;
}

static auk_code get_mapping(auk_call *call, auk_error *err)
{
    return show_each(call, SHOW_MAPPINGS, err);
}

static auk_code get_settings(auk_call *call, auk_error *err)
{
    return show_each(call, SHOW_SETTINGS, err);
}

/* ---- mappings of single fields ---- */

static auk_span last_part(auk_span path)
{
    const char *dot = memrchr(path.data, '.', path.size);
    return dot ? auk_span_from(path, (size_t)(dot - path.data) + 1) : path;
}

static void show_field(auk_call *call, const auk_mapping *mapping, const auk_field *field,
                       bool defaults)
{
    auk_json_writer *out = &call->out;
    auk_json_key(out, field->path);
    auk_json_begin_object(out);
    auk_json_member_string(out, "full_name", field->path);
    auk_json_member_object(out, "mapping");
    auk_json_key(out, last_part(field->path));
    auk_field_write_mapping(mapping, field, defaults, out);
    auk_json_end_object(out);
    auk_json_end_object(out);
}

static void show_fields(auk_call *call, const auk_index_view *view, bool defaults)
{
    auk_span patterns = auk_call_variable(call, "fields");
    auk_json_key(&call->out, view->name);
    auk_json_begin_object(&call->out);
    auk_json_member_object(&call->out, "mappings");
    for (uint32_t i = 0; i < auk_mapping_field_count(view->mapping); i++) {
        const auk_field *field = auk_mapping_field_at(view->mapping, i);
        if (field->type != AUK_TYPE_OBJECT && auk_list_matches(patterns, field->path))
            show_field(call, view->mapping, field, defaults);
    }
    auk_json_end_object(&call->out);
    auk_json_end_object(&call->out);
}

static auk_code get_field_mapping(auk_call *call, auk_error *err)
{
    auk_selection chosen;
    bool defaults;
    auk_code code = auk_call_bool(call, "include_defaults", false, &defaults, err);
    if (code != AUK_OK)
        return code;
    code = open_shown(call, false, &chosen, err);
    auk_json_begin_object(&call->out);
    for (uint32_t i = 0; i < chosen.count && code == AUK_OK; i++)
        show_fields(call, chosen.items[i].view, defaults);
    auk_json_end_object(&call->out);
    auk_selection_close(call, &chosen);
    return code;
}

/* ---- change ---- */

/* Several indices: what one of them refuses is found before any of them changes. */
static auk_code try_merge(const auk_selection *chosen, const auk_json *body, auk_error *err)
{
    auk_code code = AUK_OK;
    for (uint32_t i = 0; i < chosen->count && chosen->count > 1 && code == AUK_OK; i++) {
        auk_mapping *merged;
        code = auk_mapping_merge(chosen->items[i].view->mapping, body, &merged, err);
        if (code == AUK_OK)
            auk_mapping_release(merged);
    }
    return code;
}

static auk_code put_one_mapping(const auk_call *call, auk_span index, const auk_json *body,
                                auk_error *err)
{
    const auk_rest_options *options = &call->rest->options;
    return options->rebuilds ? auk_rebuilds_put_mapping(options->rebuilds, index, body, err)
                             : auk_catalog_put_mapping(options->catalog, index, body, err);
}

static auk_code put_mapping(auk_call *call, auk_error *err)
{
    const auk_json *body;
    auk_selection chosen;
    auk_code code = auk_call_need_body(call, &body, err);
    if (code != AUK_OK)
        return code;
    code = auk_selection_open_with(call, AUK_SELECT_OPEN, &chosen, err);
    for (uint32_t i = 0; i < chosen.count && code == AUK_OK; i++)
        code = auk_index_check(chosen.items[i].view, AUK_BLOCK_METADATA_WRITE, err);
    if (code == AUK_OK)
        code = try_merge(&chosen, body, err);
    for (uint32_t i = 0; i < chosen.count && code == AUK_OK; i++)
        code = put_one_mapping(call, chosen.items[i].view->name, body, err);
    auk_selection_close(call, &chosen);
    if (code == AUK_OK)
        auk_call_acknowledge(call);
    return code;
}

static auk_code put_settings(auk_call *call, auk_error *err)
{
    auk_selection chosen;
    auk_settings_change change = {0};
    auk_resolve_options options = AUK_SELECT_ANY;
    options.allow_no_indices = false;
    auk_code code = auk_call_bool(call, "preserve_existing", false, &change.preserve_existing, err);
    if (code == AUK_OK)
        code = auk_call_bool(call, "reopen", false, &change.reopen, err);
    if (code == AUK_OK)
        code = auk_call_need_body(call, &change.body, err);
    if (code != AUK_OK)
        return code;
    code = auk_selection_open_with(call, options, &chosen, err);
    if (code == AUK_OK) {
        change.indices = auk_selection_names(call, &chosen);
        change.index_count = chosen.count;
        code = auk_catalog_change_settings(call->rest->options.catalog, &change, err);
    }
    auk_selection_close(call, &chosen);
    if (code == AUK_OK)
        auk_call_acknowledge(call);
    return code;
}

/* ---- routes ---- */

#define SHOW_PARAMETERS     AUK_SELECT_PARAMETERS " local master_timeout flat_settings include_defaults"
#define CHANGE_PARAMETERS   AUK_SELECT_PARAMETERS " " AUK_TIMEOUT_PARAMETERS
#define MAPPING_PARAMETERS  CHANGE_PARAMETERS " write_index_only"
#define SETTINGS_PARAMETERS CHANGE_PARAMETERS " preserve_existing flat_settings reopen"
#define SHOW(path, run)                                                                            \
    {                                                                                              \
        AUK_M_GET, path, SHOW_PARAMETERS, run, AUK_ROUTE_MANAGE, AUK_RIGHT_MONITOR                 \
    }
#define CHANGE(methods, path, parameters, run)                                                     \
    {                                                                                              \
        methods, path, parameters, run, AUK_ROUTE_MANAGE, AUK_RIGHT_MANAGE                         \
    }

static const auk_route rows[] = {
    {AUK_M_PUT, "/{index}", "wait_for_active_shards " AUK_TIMEOUT_PARAMETERS, create_index,
     AUK_ROUTE_MANAGE, AUK_RIGHT_MANAGE},
    {AUK_M_HEAD, "/{index}", SHOW_PARAMETERS, index_exists, AUK_ROUTE_MANAGE, AUK_RIGHT_MONITOR},
    {AUK_M_GET, "/{index}", SHOW_PARAMETERS " features", get_index, AUK_ROUTE_MANAGE,
     AUK_RIGHT_MONITOR},
    {AUK_M_DELETE, "/{index}", CHANGE_PARAMETERS, delete_index, AUK_ROUTE_MANAGE, AUK_RIGHT_MANAGE},

    SHOW("/_mapping", get_mapping),
    SHOW("/_mappings", get_mapping),
    SHOW("/{index}/_mapping", get_mapping),
    SHOW("/{index}/_mappings", get_mapping),
    SHOW("/_mapping/field/{fields}", get_field_mapping),
    SHOW("/{index}/_mapping/field/{fields}", get_field_mapping),
    CHANGE(AUK_M_PUT | AUK_M_POST, "/{index}/_mapping", MAPPING_PARAMETERS, put_mapping),
    CHANGE(AUK_M_PUT | AUK_M_POST, "/{index}/_mappings", MAPPING_PARAMETERS, put_mapping),

    SHOW("/_settings", get_settings),
    SHOW("/_settings/{name}", get_settings),
    SHOW("/{index}/_settings", get_settings),
    SHOW("/{index}/_settings/{name}", get_settings),
    CHANGE(AUK_M_PUT, "/_settings", SETTINGS_PARAMETERS, put_settings),
    CHANGE(AUK_M_PUT, "/{index}/_settings", SETTINGS_PARAMETERS, put_settings),
};

const auk_route_table auk_routes_indices = {rows, sizeof rows / sizeof rows[0]};
