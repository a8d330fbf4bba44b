/* _cat: tables for people. */
#include "admin.h"
#include "auk/date_format.h"
#include "cat_templates.h"
#include "health.h"

#define COLUMNS(list) (list), (uint32_t)(sizeof(list) / sizeof((list)[0]))

static const auk_cat_column index_columns[] = {
    {"health", "h", "current health status", false, false},
    {"status", "s", "open/close status", false, false},
    {"index", "i,idx", "index name", false, false},
    {"uuid", "id", "index uuid", false, false},
    {"pri", "p,shards.primary", "number of primary shards", true, false},
    {"rep", "r,shards.replica", "number of replica shards", true, false},
    {"docs.count", "dc,docsCount", "available docs", true, false},
    {"docs.deleted", "dd,docsDeleted", "deleted docs", true, false},
    {"store.size", "ss,storeSize", "store size of primaries & replicas", true, false},
    {"pri.store.size", "", "store size of primaries", true, false},
    {"dataset.size", "", "total size of dataset", true, false},
    {"creation.date", "cd", "index creation date (milliseconds)", true, true},
    {"creation.date.string", "cds", "index creation date (as string)", false, true},
    {"segments.count", "sc,segmentsCount", "number of segments", true, true},
    {"memory.total", "tm", "memory used by buffers and segments in memory", true, true},
};

static auk_code cat_indices(auk_call *call, auk_error *err)
{
    auk_selection chosen;
    auk_span wanted = auk_call_parameter(call, "health");
    auk_cat *table = auk_cat_create(call, COLUMNS(index_columns));
    auk_code code = auk_selection_open_with(call, AUK_SELECT_ANY, &chosen, err);
    for (uint32_t i = 0; i < chosen.count && code == AUK_OK; i++) {
        const auk_index_view *view = chosen.items[i].view;
        auk_shard_stats stats;
        auk_buffer date;
        auk_span health = auk_span_of(auk_health_name(auk_health_of_index(view)));
        if (wanted.size && !auk_span_equal(wanted, health))
            continue;
        auk_stats_of_index(view, &stats);
        auk_buffer_init(&date, 64);
        auk_date_write(auk_date_format_default(), view->created_ms, AUK_SPAN(""), &date);
        auk_cat_row(table);
        auk_cat_text(table, health);
        auk_cat_text(table, view->closed ? AUK_SPAN("close") : AUK_SPAN("open"));
        auk_cat_text(table, view->name);
        auk_cat_text(table, view->uuid);
        auk_cat_number(table, auk_index_view_primaries(view));
        auk_cat_number(table, 0);
        auk_cat_number(table, stats.doc_count);
        auk_cat_number(table, stats.deleted_count);
        for (unsigned k = 0; k < 3; k++)
            auk_cat_bytes(table, stats.segment_bytes + stats.journal_bytes);
        auk_cat_number(table, (uint64_t)view->created_ms);
        auk_cat_text(table, auk_arena_copy(call->arena, auk_buffer_span(&date)));
        auk_cat_number(table, stats.segment_count + stats.memory_segment_count);
        auk_cat_bytes(table, stats.memory_bytes);
        auk_buffer_deinit(&date);
    }
    auk_selection_close(call, &chosen);
    return code == AUK_OK ? auk_cat_finish(table, err) : code;
}

static const auk_cat_column shard_columns[] = {
    {"index", "i,idx", "index name", false, false},
    {"shard", "s,sh", "shard name", true, false},
    {"prirep", "p,pr,primaryOrReplica", "primary or replica", false, false},
    {"state", "st", "shard state", false, false},
    {"docs", "d,dc", "number of docs in shard", true, false},
    {"store", "sto", "store size of shard", true, false},
    {"dataset", "", "total size of dataset", true, false},
    {"ip", "", "ip of node where it lives", false, false},
    {"node", "n", "name of node where it lives", false, false},
    {"segments.count", "sc,segmentsCount", "number of segments", true, true},
};

static auk_code cat_shards(auk_call *call, auk_error *err)
{
    auk_selection chosen;
    auk_cat *table = auk_cat_create(call, COLUMNS(shard_columns));
    auk_code code = auk_selection_open_with(call, AUK_SELECT_ANY, &chosen, err);
    for (uint32_t i = 0; i < chosen.count && code == AUK_OK; i++) {
        const auk_index_view *view = chosen.items[i].view;
        for (uint32_t k = 0; view->unopened && k < auk_index_view_primaries(view); k++) {
            auk_cat_row(table);
            auk_cat_text(table, view->name);
            auk_cat_number(table, k);
            auk_cat_text(table, AUK_SPAN("p"));
            auk_cat_text(table, AUK_SPAN("UNASSIGNED"));
            for (unsigned j = 0; j < 6; j++)
                auk_cat_text(table, AUK_SPAN(""));
        }
        for (uint32_t k = 0; k < view->shard_count; k++) {
            auk_shard_stats stats;
            auk_index_read_stats(view->index, k, &stats);
            auk_cat_row(table);
            auk_cat_text(table, view->name);
            auk_cat_number(table, k);
            auk_cat_text(table, AUK_SPAN("p"));
            auk_cat_text(table, AUK_SPAN("STARTED"));
            auk_cat_number(table, stats.doc_count);
            auk_cat_bytes(table, stats.segment_bytes + stats.journal_bytes);
            auk_cat_bytes(table, stats.segment_bytes + stats.journal_bytes);
            auk_cat_text(table, auk_node_host(call));
            auk_cat_text(table, auk_span_of(call->rest->node_name));
            auk_cat_number(table, stats.segment_count + stats.memory_segment_count);
        }
    }
    auk_selection_close(call, &chosen);
    return code == AUK_OK ? auk_cat_finish(table, err) : code;
}

static void put_now(auk_call *call, auk_cat *table)
{
    int64_t now = auk_clock_wall_ms() / 1000;
    auk_cat_number(table, (uint64_t)now);
    auk_cat_text(table, auk_arena_printf(call->arena, "%02d:%02d:%02d", (int)(now / 3600 % 24),
                                         (int)(now / 60 % 60), (int)(now % 60)));
}

static const auk_cat_column count_columns[] = {
    {"epoch", "t,time", "seconds since 1970-01-01 00:00:00", true, false},
    {"timestamp", "ts,hms,hhmmss", "time in HH:MM:SS", false, false},
    {"count", "dc,docs.count,docsCount", "the document count", true, false},
};

static auk_code cat_count(auk_call *call, auk_error *err)
{
    auk_selection chosen;
    uint64_t count = 0;
    auk_cat *table = auk_cat_create(call, COLUMNS(count_columns));
    auk_code code = auk_selection_open(call, false, &chosen, err);
    for (uint32_t i = 0; i < chosen.count && code == AUK_OK; i++)
        for (uint32_t k = 0; k < chosen.items[i].view->shard_count; k++)
            count += chosen.items[i].view->shards[k]->live_count;
    auk_selection_close(call, &chosen);
    if (code != AUK_OK)
        return code;
    put_now(call, table);
    auk_cat_number(table, count);
    return auk_cat_finish(table, err);
}

static const auk_cat_column health_columns[] = {
    {"epoch", "t,time", "seconds since 1970-01-01 00:00:00", true, false},
    {"timestamp", "ts,hms,hhmmss", "time in HH:MM:SS", false, false},
    {"cluster", "cl", "cluster name", false, false},
    {"status", "st", "health status", false, false},
    {"node.total", "nt,nodeTotal", "total number of nodes", true, false},
    {"node.data", "nd,nodeData", "number of nodes that can store data", true, false},
    {"shards", "t,sh,shards.total,shardsTotal", "total number of shards", true, false},
    {"pri", "p,shards.primary,shardsPrimary", "number of primary shards", true, false},
    {"relo", "r,shards.relocating", "number of relocating nodes", true, false},
    {"init", "i,shards.initializing", "number of initializing nodes", true, false},
    {"unassign", "u,shards.unassigned", "number of unassigned shards", true, false},
    {"pending_tasks", "pt,pendingTasks", "number of pending tasks", true, false},
    {"max_task_wait_time", "mtwt", "wait time of longest task pending", false, false},
    {"active_shards_percent", "asp", "active number of shards in percent", false, false},
};

static auk_code cat_health(auk_call *call, auk_error *err)
{
    uint64_t shards = 0, all = 0;
    const auk_root *root = auk_root_acquire(call->rest->options.catalog);
    for (uint32_t i = 0; i < root->index_count; i++) {
        shards += root->indices[i]->shard_count;
        all += auk_index_view_primaries(root->indices[i]);
    }
    auk_root_release(call->rest->options.catalog, root);
    auk_cat *table = auk_cat_create(call, COLUMNS(health_columns));
    put_now(call, table);
    auk_cat_text(table, auk_catalog_cluster_name(call->rest->options.catalog));
    auk_health health = auk_health_of_node(call->rest->options.catalog);
    auk_cat_text(table, auk_span_of(auk_health_name(health)));
    auk_cat_number(table, 1);
    auk_cat_number(table, 1);
    auk_cat_number(table, shards);
    auk_cat_number(table, shards);
    for (unsigned i = 0; i < 2; i++)
        auk_cat_number(table, 0);
    auk_cat_number(table, all - shards);
    auk_cat_number(table, 0);
    auk_cat_text(table, AUK_SPAN("-"));
    auk_cat_text(table, auk_arena_printf(call->arena, "%.1f%%",
                                         all ? 100.0 * (double)shards / (double)all : 100.0));
    return auk_cat_finish(table, err);
}

static const auk_cat_column node_columns[] = {
    {"ip", "i", "ip address", false, false},
    {"heap.percent", "hp,heapPercent", "share of the memory budget in use", true, false},
    {"ram.percent", "rp,ramPercent", "share of the memory budget in use", true, false},
    {"node.role", "r,role,nodeRole", "roles", false, false},
    {"master", "m", "*: elected master", false, false},
    {"name", "n", "node name", false, false},
    {"version", "v", "version shown to clients", false, true},
    {"http_address", "http", "bound http address", false, true},
    {"id", "nodeId", "unique node id", false, true},
    {"uptime", "u", "node uptime", false, true},
};

static auk_code cat_nodes(auk_call *call, auk_error *err)
{
    const auk_rest *rest = call->rest;
    const auk_budget *budget = rest->options.budget;
    uint64_t used = 0, percent = 0;
    for (int p = 0; budget && p < AUK_PURPOSE_COUNT; p++)
        used += auk_budget_used(budget, (auk_purpose)p);
    if (budget)
        percent = used * 100 / auk_budget_total(budget);
    char uptime[16];
    auk_time_format(auk_clock_monotonic_us() - rest->started_us, uptime);
    auk_cat *table = auk_cat_create(call, COLUMNS(node_columns));
    auk_cat_text(table, auk_node_host(call));
    auk_cat_number(table, percent);
    auk_cat_number(table, percent);
    auk_cat_text(table, AUK_SPAN("dim"));
    auk_cat_text(table, AUK_SPAN("*"));
    auk_cat_text(table, auk_span_of(rest->node_name));
    auk_cat_text(table, auk_node_version(call));
    auk_cat_text(table, auk_node_publish_address(call));
    auk_cat_text(table, rest->node_id);
    auk_cat_text(table, auk_arena_copy(call->arena, auk_span_of(uptime)));
    return auk_cat_finish(table, err);
}

static const auk_cat_column alias_columns[] = {
    {"alias", "a", "alias name", false, false},
    {"index", "i,idx", "index alias points to", false, false},
    {"filter", "f,fi", "filter", false, false},
    {"routing.index", "ri,routingIndex", "index routing", false, false},
    {"routing.search", "rs,routingSearch", "search routing", false, false},
    {"is_write_index", "w,isWriteIndex", "write index", false, false},
};

static auk_span or_dash(auk_span text)
{
    return text.size ? text : AUK_SPAN("-");
}

static auk_code cat_aliases(auk_call *call, auk_error *err)
{
    auk_span wanted = auk_call_variable(call, "name");
    auk_cat *table = auk_cat_create(call, COLUMNS(alias_columns));
    const auk_root *root = auk_root_acquire(call->rest->options.catalog);
    for (uint32_t i = 0; i < root->index_count; i++) {
        const auk_index_view *view = root->indices[i];
        for (uint32_t k = 0; k < view->alias_count; k++) {
            const auk_alias *alias = &view->aliases[k];
            if (wanted.size && !auk_list_matches(wanted, alias->name))
                continue;
            auk_cat_row(table);
            auk_cat_text(table, auk_arena_copy(call->arena, alias->name));
            auk_cat_text(table, auk_arena_copy(call->arena, view->name));
            auk_cat_text(table, alias->filter.size ? AUK_SPAN("*") : AUK_SPAN("-"));
            auk_cat_text(table, auk_arena_copy(call->arena, or_dash(alias->index_routing)));
            auk_cat_text(table, auk_arena_copy(call->arena, or_dash(alias->search_routing)));
            auk_cat_text(table, !alias->has_write_index ? AUK_SPAN("-")
                                : alias->is_write_index ? AUK_SPAN("true")
                                                        : AUK_SPAN("false"));
        }
    }
    auk_root_release(call->rest->options.catalog, root);
    return auk_cat_finish(table, err);
}

static auk_code cat_list(auk_call *call, auk_error *err);

#define INDEX_PARAMETERS                                                                           \
    AUK_CAT_PARAMETERS " expand_wildcards ignore_unavailable allow_no_indices health "             \
                       "include_unloaded_segments pri"

static const auk_route rows[] = {
    {AUK_M_GET, "/_cat", "", cat_list, AUK_ROUTE_INLINE, AUK_RIGHT_MONITOR},
    {AUK_M_GET, "/_cat/indices", INDEX_PARAMETERS, cat_indices, AUK_ROUTE_MANAGE,
     AUK_RIGHT_MONITOR},
    {AUK_M_GET, "/_cat/indices/{index}", INDEX_PARAMETERS, cat_indices, AUK_ROUTE_MANAGE,
     AUK_RIGHT_MONITOR},
    {AUK_M_GET, "/_cat/shards", INDEX_PARAMETERS, cat_shards, AUK_ROUTE_MANAGE, AUK_RIGHT_MONITOR},
    {AUK_M_GET, "/_cat/shards/{index}", INDEX_PARAMETERS, cat_shards, AUK_ROUTE_MANAGE,
     AUK_RIGHT_MONITOR},
    {AUK_M_GET, "/_cat/count", AUK_CAT_PARAMETERS, cat_count, AUK_ROUTE_MANAGE, AUK_RIGHT_MONITOR},
    {AUK_M_GET, "/_cat/count/{index}", AUK_CAT_PARAMETERS, cat_count, AUK_ROUTE_MANAGE,
     AUK_RIGHT_MONITOR},
    {AUK_M_GET, "/_cat/health", AUK_CAT_PARAMETERS " ts", cat_health, AUK_ROUTE_MANAGE,
     AUK_RIGHT_MONITOR},
    {AUK_M_GET, "/_cat/nodes", AUK_CAT_PARAMETERS " full_id include_unloaded_segments", cat_nodes,
     AUK_ROUTE_MANAGE, AUK_RIGHT_MONITOR},
    {AUK_M_GET, "/_cat/aliases", AUK_CAT_PARAMETERS " expand_wildcards", cat_aliases,
     AUK_ROUTE_MANAGE, AUK_RIGHT_MONITOR},
    {AUK_M_GET, "/_cat/aliases/{name}", AUK_CAT_PARAMETERS " expand_wildcards", cat_aliases,
     AUK_ROUTE_MANAGE, AUK_RIGHT_MONITOR},
    {AUK_M_GET, "/_cat/templates", AUK_CAT_PARAMETERS, auk_cat_templates, AUK_ROUTE_MANAGE,
     AUK_RIGHT_MONITOR},
    {AUK_M_GET, "/_cat/templates/{name}", AUK_CAT_PARAMETERS, auk_cat_templates, AUK_ROUTE_MANAGE,
     AUK_RIGHT_MONITOR},
    {AUK_M_GET, "/_cat/component_templates", AUK_CAT_PARAMETERS, auk_cat_components,
     AUK_ROUTE_MANAGE, AUK_RIGHT_MONITOR},
    {AUK_M_GET, "/_cat/component_templates/{name}", AUK_CAT_PARAMETERS, auk_cat_components,
     AUK_ROUTE_MANAGE, AUK_RIGHT_MONITOR},
};

const auk_route_table auk_routes_cat = {rows, sizeof rows / sizeof rows[0]};

static auk_code cat_list(auk_call *call, auk_error *err)
{
    (void)err;
    auk_buffer_append(&call->exchange->response.body, AUK_SPAN("the tables of _cat\n"));
    for (size_t i = 1; i < auk_routes_cat.count; i++)
        auk_buffer_printf(&call->exchange->response.body, "%s\n", rows[i].path);
    call->is_text = true;
    return AUK_OK;
}
