/* The cluster: one node, whose shards are all there; its health is that of its work (health.h). */
#include "health.h"
#include "node_stats.h"

/* ---- health ---- */

static uint64_t shards_of(const auk_selection *chosen)
{
    uint64_t shards = 0;
    for (uint32_t i = 0; i < chosen->count; i++)
        shards += chosen->items[i].view->shard_count;
    return shards;
}

/* Of indices that are not open. */
static uint64_t missing_shards_of(const auk_selection *chosen)
{
    uint64_t shards = 0;
    for (uint32_t i = 0; i < chosen->count; i++)
        shards += auk_index_view_primaries(chosen->items[i].view);
    return shards - shards_of(chosen);
}

static void write_shard_health(auk_call *call, uint64_t shards, uint64_t missing)
{
    auk_json_member_uint(&call->out, "active_primary_shards", shards);
    auk_json_member_uint(&call->out, "active_shards", shards);
    auk_json_member_uint(&call->out, "relocating_shards", 0);
    auk_json_member_uint(&call->out, "initializing_shards", 0);
    auk_json_member_uint(&call->out, "unassigned_shards", missing);
    auk_json_member_uint(&call->out, "unassigned_primary_shards", missing);
}

static void write_index_health(auk_call *call, const auk_index_view *view, bool shards)
{
    auk_json_writer *out = &call->out;
    auk_json_key(out, view->name);
    auk_json_begin_object(out);
    auk_json_member_text(out, "status", auk_health_name(auk_health_of_index(view)));
    auk_json_member_uint(out, "number_of_shards", auk_index_view_primaries(view));
    auk_json_member_uint(out, "number_of_replicas", 0);
    write_shard_health(call, view->shard_count, auk_index_view_primaries(view) - view->shard_count);
    if (shards)
        auk_json_member_object(out, "shards");
    for (uint32_t i = 0; shards && i < view->shard_count; i++) {
        auk_json_key(out, auk_arena_printf(call->arena, "%u", i));
        auk_json_begin_object(out);
        auk_json_member_text(out, "status", auk_health_name(auk_health_of_shard(view, i)));
        auk_json_member_bool(out, "primary_active", true);
        auk_json_member_uint(out, "active_shards", 1);
        auk_json_end_object(out);
    }
    if (shards)
        auk_json_end_object(out);
    auk_json_end_object(out);
}

/* The disk is everybody's; with indices named, their own work counts and not that of others. */
static auk_health health_of(auk_call *call, const auk_selection *chosen, bool here)
{
    auk_health worst = here ? auk_health_of_store(call->rest->options.catalog) : AUK_HEALTH_RED;
    for (uint32_t i = 0; i < chosen->count && here; i++)
        worst = auk_health_worse(worst, auk_health_of_index(chosen->items[i].view));
    return worst;
}

/* Is it worse than what the client waits for? */
static bool is_worse_than_wanted(const auk_call *call, auk_health health)
{
    auk_span wanted = auk_call_parameter(call, "wait_for_status");
    if (auk_span_is(wanted, "green") || auk_span_is(wanted, "GREEN"))
        return health > AUK_HEALTH_GREEN;
    return (auk_span_is(wanted, "yellow") || auk_span_is(wanted, "YELLOW")) &&
           health > AUK_HEALTH_YELLOW;
}

/* here: every index that was named exists. Elasticsearch waits for one that does not and then
 * answers 408; what cannot come by itself is answered at once here, and so is a status that is not
 * what was waited for. */
static void write_health(auk_call *call, const auk_selection *chosen, bool here)
{
    auk_json_writer *out = &call->out;
    auk_span level = auk_call_parameter(call, "level");
    auk_health health = health_of(call, chosen, here);
    bool timed_out = !here || is_worse_than_wanted(call, health);
    call->status = timed_out ? 408 : 200;
    auk_json_begin_object(out);
    auk_json_member_string(out, "cluster_name",
                           auk_catalog_cluster_name(call->rest->options.catalog));
    auk_json_member_text(out, "status", auk_health_name(health));
    auk_json_member_bool(out, "timed_out", timed_out);
    auk_json_member_uint(out, "number_of_nodes", 1);
    auk_json_member_uint(out, "number_of_data_nodes", 1);
    uint64_t shards = shards_of(chosen), missing = missing_shards_of(chosen);
    write_shard_health(call, shards, missing);
    auk_json_member_uint(out, "delayed_unassigned_shards", 0);
    auk_json_member_uint(out, "number_of_pending_tasks", 0);
    auk_json_member_uint(out, "number_of_in_flight_fetch", 0);
    auk_json_member_uint(out, "task_max_waiting_in_queue_millis", 0);
    auk_json_member_double(out, "active_shards_percent_as_number",
                           missing ? 100.0 * (double)shards / (double)(shards + missing) : 100.0);
    if (here && health != AUK_HEALTH_GREEN)
        auk_health_write_problems(call);
    if (auk_span_is(level, "indices") || auk_span_is(level, "shards")) {
        auk_json_member_object(out, "indices");
        for (uint32_t i = 0; i < chosen->count; i++)
            write_index_health(call, chosen->items[i].view, auk_span_is(level, "shards"));
        auk_json_end_object(out);
    }
    auk_json_end_object(out);
}

static auk_code check_words(const auk_call *call, const char *name, const char *words,
                            auk_error *err)
{
    auk_span value = auk_call_parameter(call, name), rest = auk_span_of(words), word;
    if (!value.size)
        return AUK_OK;
    while (auk_span_cut(&rest, ' ', &word))
        if (auk_span_equal(value, word))
            return AUK_OK;
    return auk_fail(err, AUK_INVALID, "unknown value [%.*s] of parameter [%s], it takes: %s",
                    AUK_SPAN_ARG(value), name, words);
}

static auk_code get_health(auk_call *call, auk_error *err)
{
    auk_selection chosen;
    auk_code code = check_words(call, "level", "cluster indices shards", err);
    if (code == AUK_OK)
        code = check_words(call, "wait_for_status", "green yellow red GREEN YELLOW RED", err);
    if (code != AUK_OK)
        return code;
    auk_resolve_options options = AUK_SELECT_ANY;
    options.expand_hidden = true;
    code = auk_selection_open_with(call, options, &chosen, err);
    if (code == AUK_OK || code == AUK_NOT_FOUND)
        write_health(call, &chosen, code == AUK_OK);
    auk_selection_close(call, &chosen);
    return code == AUK_NOT_FOUND ? AUK_OK : code;
}

/* ---- settings ---- */

static auk_code get_settings(auk_call *call, auk_error *err)
{
    bool flat, defaults;
    auk_code code = auk_call_bool(call, "flat_settings", false, &flat, err);
    if (code == AUK_OK)
        code = auk_call_bool(call, "include_defaults", false, &defaults, err);
    if (code != AUK_OK)
        return code;
    auk_json_begin_object(&call->out);
    auk_catalog_write_cluster_settings(call->rest->options.catalog, flat, defaults, &call->out);
    auk_json_end_object(&call->out);
    return AUK_OK;
}

/* What was given comes back; removed ones (null) do not. */
static auk_code write_given(auk_call *call, const auk_json *body, const char *scope, bool flat,
                            auk_error *err)
{
    auk_settings *given = auk_settings_create();
    auk_code code = auk_settings_from_json(auk_json_get(body, scope), given, err);
    auk_json_key(&call->out, auk_span_of(scope));
    auk_settings_write(given, AUK_SPAN(""), flat, &call->out);
    auk_settings_destroy(given);
    return code;
}

static auk_code put_settings(auk_call *call, auk_error *err)
{
    bool flat;
    const auk_json *body;
    auk_code code = auk_call_bool(call, "flat_settings", false, &flat, err);
    if (code == AUK_OK)
        code = auk_call_need_body(call, &body, err);
    if (code == AUK_OK)
        code = auk_catalog_put_cluster_settings(call->rest->options.catalog, body, err);
    if (code != AUK_OK)
        return code;
    auk_json_begin_object(&call->out);
    auk_json_member_bool(&call->out, "acknowledged", true);
    code = write_given(call, body, "persistent", flat, err);
    if (code == AUK_OK)
        code = write_given(call, body, "transient", flat, err);
    auk_json_end_object(&call->out);
    return code;
}

/* ---- stats ---- */

static void write_indices(auk_call *call)
{
    auk_json_writer *out = &call->out;
    auk_index_stats sum = {0};
    const auk_root *root = auk_root_acquire(call->rest->options.catalog);
    for (uint32_t i = 0; i < root->index_count; i++)
        auk_index_stats_add(&sum, root->indices[i]);
    auk_json_member_object(out, "indices");
    auk_json_member_uint(out, "count", root->index_count);
    auk_json_member_object(out, "shards");
    auk_json_member_uint(out, "total", sum.shard_count);
    auk_json_member_uint(out, "primaries", sum.shard_count);
    auk_json_member_double(out, "replication", 0.0);
    auk_json_end_object(out);
    unsigned sections;
    if (auk_index_stats_sections(call, AUK_SPAN("docs,store,segments"), &sections, NULL) == AUK_OK)
        auk_index_stats_write(call, &sum, sections);
    auk_json_end_object(out);
    auk_root_release(call->rest->options.catalog, root);
}

static void write_nodes(auk_call *call)
{
    static const char *const roles[] = {"data", "ingest", "master"};
    auk_json_writer *out = &call->out;
    auk_store_stats store;
    auk_store_read_stats(auk_catalog_store(call->rest->options.catalog), &store);
    auk_json_member_object(out, "nodes");
    auk_json_member_object(out, "count");
    auk_json_member_uint(out, "total", 1);
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
        auk_json_member_uint(out, roles[i], 1);
    auk_json_end_object(out);
    auk_json_member_array(out, "versions");
    auk_json_string(out, auk_node_version(call));
    auk_json_end_array(out);
    auk_json_member_object(out, "fs");
    auk_write_bytes(call, "total", store.disk_total_bytes);
    auk_write_bytes(call, "free", store.disk_free_bytes);
    auk_write_bytes(call, "available", store.disk_free_bytes);
    auk_json_end_object(out);
    auk_json_end_object(out);
}

static auk_code get_stats(auk_call *call, auk_error *err)
{
    (void)err;
    auk_json_begin_object(&call->out);
    auk_node_write_header(call);
    auk_json_member_string(&call->out, "cluster_uuid",
                           auk_catalog_cluster_uuid(call->rest->options.catalog));
    auk_json_member_int(&call->out, "timestamp", auk_clock_wall_ms());
    auk_json_member_text(&call->out, "status",
                         auk_health_name(auk_health_of_node(call->rest->options.catalog)));
    write_indices(call);
    write_nodes(call);
    auk_json_end_object(&call->out);
    return AUK_OK;
}

/* ---- routes ---- */

#define HEALTH_PARAMETERS                                                                          \
    "level local expand_wildcards wait_for_status wait_for_active_shards "                         \
    "wait_for_no_relocating_shards wait_for_no_initializing_shards wait_for_nodes "                \
    "wait_for_events " AUK_TIMEOUT_PARAMETERS
#define SHOW(path, parameters, run)                                                                \
    {                                                                                              \
        AUK_M_GET, path, parameters, run, AUK_ROUTE_MANAGE, AUK_RIGHT_MONITOR                      \
    }

static const auk_route rows[] = {
    SHOW("/_cluster/health", HEALTH_PARAMETERS, get_health),
    SHOW("/_cluster/health/{index}", HEALTH_PARAMETERS, get_health),
    SHOW("/_cluster/settings", "flat_settings include_defaults local " AUK_TIMEOUT_PARAMETERS,
         get_settings),
    {AUK_M_PUT, "/_cluster/settings", "flat_settings " AUK_TIMEOUT_PARAMETERS, put_settings,
     AUK_ROUTE_MANAGE, AUK_RIGHT_MANAGE},
    SHOW("/_cluster/stats", "timeout include_remotes flat_settings", get_stats),
};

const auk_route_table auk_routes_cluster = {rows, sizeof rows / sizeof rows[0]};
