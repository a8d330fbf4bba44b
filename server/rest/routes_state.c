/* _cluster/state: what Elasticsearch keeps in one structure, put together for those who read it
 * there. */
#include "admin.h"
#include "auk/template.h"

enum {
    METRIC_VERSION = 1,
    METRIC_MASTER = 2,
    METRIC_BLOCKS = 4,
    METRIC_NODES = 8,
    METRIC_METADATA = 16,
    METRIC_ROUTING = 32,
    METRIC_ROUTING_NODES = 64,
    METRIC_ALL = 127,
};

static auk_code read_metrics(auk_span list, unsigned *out, auk_error *err)
{
    static const struct {
        const char *name;
        unsigned metrics;
    } known[] = {{"_all", METRIC_ALL},
                 {"version", METRIC_VERSION},
                 {"master_node", METRIC_MASTER},
                 {"blocks", METRIC_BLOCKS},
                 {"nodes", METRIC_NODES},
                 {"metadata", METRIC_METADATA},
                 {"routing_table", METRIC_ROUTING},
                 {"routing_nodes", METRIC_ROUTING_NODES},
                 {"customs", 0}};
    auk_span one;
    *out = list.size ? 0 : METRIC_ALL;
    while (auk_span_cut(&list, ',', &one)) {
        size_t i = 0;
        while (i < sizeof known / sizeof known[0] && !auk_span_is(one, known[i].name))
            i++;
        if (i == sizeof known / sizeof known[0])
            return auk_fail(err, AUK_INVALID,
                            "unknown metric [%.*s]: use version, master_node, blocks, nodes, "
                            "metadata, routing_table, routing_nodes or _all",
                            AUK_SPAN_ARG(one));
        *out |= known[i].metrics;
    }
    return AUK_OK;
}

/* ---- blocks ---- */

static void write_blocks(auk_call *call, const auk_selection *chosen)
{
    auk_json_writer *out = &call->out;
    auk_json_member_object(out, "blocks");
    auk_json_member_object(out, "indices");
    for (uint32_t i = 0; i < chosen->count; i++) {
        const auk_index_view *view = chosen->items[i].view;
        if (!view->closed && !view->blocks)
            continue;
        auk_json_key(out, view->name);
        auk_index_write_blocks(view, out);
    }
    auk_json_end_object(out);
    auk_json_end_object(out);
}

/* ---- metadata ---- */

static void write_index(auk_call *call, const auk_index_view *view, bool flat)
{
    auk_json_writer *out = &call->out;
    auk_json_key(out, view->name);
    auk_json_begin_object(out);
    auk_json_member_text(out, "state", view->closed ? "close" : "open");
    auk_json_key(out, AUK_SPAN("settings"));
    auk_settings_write(view->settings, AUK_SPAN(""), flat, out);
    auk_json_member_object(out, "mappings");
    if (!view->unopened) {
        auk_json_key(out, AUK_SPAN("_doc"));
        auk_mapping_write(view->mapping, false, out);
    }
    auk_json_end_object(out);
    auk_json_member_array(out, "aliases");
    for (uint32_t i = 0; i < view->alias_count; i++)
        auk_json_string(out, view->aliases[i].name);
    auk_json_end_array(out);
    auk_json_end_object(out);
}

static auk_code write_templates(auk_call *call, const char *name, const char *inner,
                                auk_template_kind kind, auk_error *err)
{
    auk_template_view *all;
    uint32_t count;
    auk_json_writer *out = &call->out;
    auk_code code =
        auk_template_list(call->rest->options.catalog, kind, call->arena, &all, &count, err);
    if (code != AUK_OK)
        return code;
    auk_json_member_object(out, name);
    if (inner)
        auk_json_member_object(out, inner);
    for (uint32_t i = 0; i < count; i++) {
        auk_json_key(out, all[i].name);
        auk_json_value(out, all[i].body);
    }
    if (inner)
        auk_json_end_object(out);
    auk_json_end_object(out);
    return AUK_OK;
}

static auk_code write_metadata(auk_call *call, const auk_selection *chosen, bool flat,
                               auk_error *err)
{
    auk_json_writer *out = &call->out;
    auk_json_member_object(out, "metadata");
    auk_json_member_string(out, "cluster_uuid",
                           auk_catalog_cluster_uuid(call->rest->options.catalog));
    auk_json_member_object(out, "indices");
    for (uint32_t i = 0; i < chosen->count; i++)
        write_index(call, chosen->items[i].view, flat);
    auk_json_end_object(out);
    auk_code code = write_templates(call, "templates", NULL, AUK_TEMPLATE_LEGACY, err);
    if (code == AUK_OK)
        code = write_templates(call, "index_template", "index_template", AUK_TEMPLATE_INDEX, err);
    if (code == AUK_OK)
        code = write_templates(call, "component_template", "component_template",
                               AUK_TEMPLATE_COMPONENT, err);
    auk_json_end_object(out);
    return code;
}

/* ---- nodes and shards ---- */

static void write_nodes(auk_call *call)
{
    static const char *const roles[] = {"data", "ingest", "master"};
    auk_json_writer *out = &call->out;
    auk_json_member_object(out, "nodes");
    auk_json_key(out, call->rest->node_id);
    auk_json_begin_object(out);
    auk_json_member_text(out, "name", call->rest->node_name);
    auk_json_member_string(out, "ephemeral_id", call->rest->node_id);
    auk_json_member_string(out, "transport_address", auk_node_publish_address(call));
    auk_json_member_object(out, "attributes");
    auk_json_end_object(out);
    auk_json_member_array(out, "roles");
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
        auk_json_string(out, auk_span_of(roles[i]));
    auk_json_end_array(out);
    auk_json_end_object(out);
    auk_json_end_object(out);
}

static void write_shard(auk_call *call, const auk_index_view *view, uint32_t number)
{
    auk_json_writer *out = &call->out;
    auk_json_begin_object(out);
    auk_json_member_text(out, "state", view->unopened ? "UNASSIGNED" : "STARTED");
    auk_json_member_bool(out, "primary", true);
    auk_json_key(out, AUK_SPAN("node"));
    if (view->unopened)
        auk_json_null(out);
    else
        auk_json_string(out, call->rest->node_id);
    auk_json_key(out, AUK_SPAN("relocating_node"));
    auk_json_null(out);
    auk_json_member_uint(out, "shard", number);
    auk_json_member_string(out, "index", view->name);
    auk_json_end_object(out);
}

static void write_routing_table(auk_call *call, const auk_selection *chosen)
{
    auk_json_writer *out = &call->out;
    auk_json_member_object(out, "routing_table");
    auk_json_member_object(out, "indices");
    for (uint32_t i = 0; i < chosen->count; i++) {
        const auk_index_view *view = chosen->items[i].view;
        auk_json_key(out, view->name);
        auk_json_begin_object(out);
        auk_json_member_object(out, "shards");
        for (uint32_t k = 0; k < auk_index_view_primaries(view); k++) {
            auk_json_key(out, auk_arena_printf(call->arena, "%u", k));
            auk_json_begin_array(out);
            write_shard(call, view, k);
            auk_json_end_array(out);
        }
        auk_json_end_object(out);
        auk_json_end_object(out);
    }
    auk_json_end_object(out);
    auk_json_end_object(out);
}

static void write_shards_where(auk_call *call, const auk_selection *chosen, bool unassigned)
{
    auk_json_begin_array(&call->out);
    for (uint32_t i = 0; i < chosen->count; i++) {
        const auk_index_view *view = chosen->items[i].view;
        for (uint32_t k = 0; k < auk_index_view_primaries(view); k++)
            if ((view->unopened != NULL) == unassigned)
                write_shard(call, view, k);
    }
    auk_json_end_array(&call->out);
}

static void write_routing_nodes(auk_call *call, const auk_selection *chosen)
{
    auk_json_writer *out = &call->out;
    auk_json_member_object(out, "routing_nodes");
    auk_json_key(out, AUK_SPAN("unassigned"));
    write_shards_where(call, chosen, true);
    auk_json_member_object(out, "nodes");
    auk_json_key(out, call->rest->node_id);
    write_shards_where(call, chosen, false);
    auk_json_end_object(out);
    auk_json_end_object(out);
}

/* ---- all of it ---- */

static auk_code write_state(auk_call *call, const auk_selection *chosen, unsigned metrics,
                            bool flat, auk_error *err)
{
    auk_json_writer *out = &call->out;
    auk_code code = AUK_OK;
    auk_json_begin_object(out);
    auk_json_member_string(out, "cluster_name",
                           auk_catalog_cluster_name(call->rest->options.catalog));
    auk_json_member_string(out, "cluster_uuid",
                           auk_catalog_cluster_uuid(call->rest->options.catalog));
    if (metrics & METRIC_VERSION)
        auk_json_member_uint(out, "version", chosen->root->generation);
    if (metrics & METRIC_MASTER)
        auk_json_member_string(out, "master_node", call->rest->node_id);
    if (metrics & METRIC_BLOCKS)
        write_blocks(call, chosen);
    if (metrics & METRIC_NODES)
        write_nodes(call);
    if (metrics & METRIC_METADATA)
        code = write_metadata(call, chosen, flat, err);
    if (metrics & METRIC_ROUTING)
        write_routing_table(call, chosen);
    if (metrics & METRIC_ROUTING_NODES)
        write_routing_nodes(call, chosen);
    auk_json_end_object(out);
    return code;
}

static auk_code get_state(auk_call *call, auk_error *err)
{
    auk_selection chosen;
    unsigned metrics;
    bool flat;
    auk_resolve_options options = AUK_SELECT_ANY;
    options.expand_hidden = true;
    auk_code code = read_metrics(auk_call_variable(call, "metric"), &metrics, err);
    if (code == AUK_OK)
        code = auk_call_bool(call, "flat_settings", false, &flat, err);
    if (code != AUK_OK)
        return code;
    code = auk_selection_open_with(call, options, &chosen, err);
    if (code == AUK_OK)
        code = write_state(call, &chosen, metrics, flat, err);
    auk_selection_close(call, &chosen);
    return code;
}

/* ---- routes ---- */

#define SHOW(path)                                                                                 \
    {                                                                                              \
        AUK_M_GET, path, AUK_SELECT_PARAMETERS " local master_timeout flat_settings", get_state,   \
            AUK_ROUTE_MANAGE, AUK_RIGHT_MONITOR                                                    \
    }

static const auk_route rows[] = {
    SHOW("/_cluster/state"),
    SHOW("/_cluster/state/{metric}"),
    SHOW("/_cluster/state/{metric}/{index}"),
};

const auk_route_table auk_routes_state = {rows, sizeof rows / sizeof rows[0]};
