/*
 * _nodes: who is there and how it is. Sniffing clients take the publish address and talk to it from
 * then on, so it is the address under which the asking client reaches us.
 *
 * A path may hold a node filter and metrics in either of one place ("/_nodes/http",
 * "/_nodes/_local"), so a part that is no metric is a filter.
 */
#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "auk/cpu.h"
#include "auk/process.h"
#include "node_stats.h"

typedef struct metric {
    const char *name;
    void (*write)(auk_call *call);
} metric;

typedef struct metric_table {
    const metric *rows;
    size_t count;
} metric_table;

/* ---- who ---- */

static void write_os_info(auk_call *call)
{
    struct utsname system;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    if (uname(&system) == 0) {
        auk_json_member_text(&call->out, "name", system.sysname);
        auk_json_member_text(&call->out, "arch", system.machine);
        auk_json_member_text(&call->out, "version", system.release);
    }
    auk_json_member_int(&call->out, "available_processors", cores);
    auk_json_member_int(&call->out, "allocated_processors", cores);
    auk_json_member_text(&call->out, "kernels", auk_cpu_name(auk_cpu_level()));
}

static void write_process_info(auk_call *call)
{
    auk_json_member_int(&call->out, "id", getpid());
    auk_json_member_bool(&call->out, "mlockall", false);
}

static void write_http_info(auk_call *call)
{
    auk_json_writer *out = &call->out;
    const auk_rest *rest = call->rest;
    auk_json_member_array(out, "bound_address");
    auk_json_string(out, auk_arena_printf(call->arena,
                                          strchr(rest->options.host, ':') ? "[%s]:%u" : "%s:%u",
                                          rest->options.host, atomic_load(&rest->port)));
    auk_json_end_array(out);
    auk_json_member_string(out, "publish_address", auk_node_publish_address(call));
}

static const metric info_rows[] = {
    {"os", write_os_info},
    {"process", write_process_info},
    {"http", write_http_info},
};
static const metric_table info_metrics = {info_rows, sizeof info_rows / sizeof info_rows[0]};

/* ---- how ---- */

static void write_indices(auk_call *call)
{
    auk_index_stats sum = {0};
    const auk_root *root = auk_root_acquire(call->rest->options.catalog);
    for (uint32_t i = 0; i < root->index_count; i++)
        auk_index_stats_add(&sum, root->indices[i]);
    auk_root_release(call->rest->options.catalog, root);
    auk_index_stats_write(call, &sum, UINT32_MAX);
}

static void write_process(auk_call *call)
{
    auk_json_writer *out = &call->out;
    auk_process_stats process;
    auk_process_read_stats(&process);
    auk_json_member_int(out, "timestamp", auk_clock_wall_ms());
    auk_json_member_uint(out, "open_file_descriptors", process.open_files);
    auk_json_member_uint(out, "max_file_descriptors", process.open_files_limit);
    auk_json_member_object(out, "cpu");
    auk_write_time(call, "total", process.cpu_user_us + process.cpu_system_us);
    auk_json_end_object(out);
    auk_json_member_object(out, "mem");
    auk_write_bytes(call, "total_virtual", process.virtual_bytes);
    auk_write_bytes(call, "resident", process.resident_bytes);
    auk_write_bytes(call, "anonymous", process.anonymous_bytes);
    auk_json_end_object(out);
}

static void write_os(auk_call *call)
{
    auk_json_writer *out = &call->out;
    double load[3] = {0};
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t total = (uint64_t)sysconf(_SC_PHYS_PAGES) * page;
    uint64_t free_bytes = (uint64_t)sysconf(_SC_AVPHYS_PAGES) * page;
    auk_json_member_int(out, "timestamp", auk_clock_wall_ms());
    auk_json_member_object(out, "cpu");
    if (getloadavg(load, 3) == 3) {
        auk_json_member_object(out, "load_average");
        auk_json_member_double(out, "1m", load[0]);
        auk_json_member_double(out, "5m", load[1]);
        auk_json_member_double(out, "15m", load[2]);
        auk_json_end_object(out);
    }
    auk_json_end_object(out);
    auk_json_member_object(out, "mem");
    auk_write_bytes(call, "total", total);
    auk_write_bytes(call, "free", free_bytes);
    auk_write_bytes(call, "used", total - free_bytes);
    auk_json_member_uint(out, "free_percent", total ? free_bytes * 100 / total : 0);
    auk_json_member_uint(out, "used_percent", total ? (total - free_bytes) * 100 / total : 0);
    auk_json_end_object(out);
}

static void write_thread_pool(auk_call *call)
{
    auk_json_writer *out = &call->out;
    for (size_t i = 0; i < AUK_NODE_POOLS; i++) {
        auk_pool_stats stats;
        const char *name;
        if (!auk_node_pool(call->rest, i, &name, &stats))
            continue;
        auk_json_member_object(out, name);
        auk_json_member_uint(out, "threads", stats.threads);
        auk_json_member_uint(out, "queue", stats.queued);
        auk_json_member_uint(out, "active", stats.active);
        auk_json_member_uint(out, "rejected", stats.rejected);
        auk_json_member_uint(out, "completed", stats.completed);
        auk_json_end_object(out);
    }
}

static void write_fs(auk_call *call)
{
    auk_store_stats store;
    auk_store_read_stats(auk_catalog_store(call->rest->options.catalog), &store);
    auk_json_member_int(&call->out, "timestamp", auk_clock_wall_ms());
    auk_json_member_object(&call->out, "total");
    auk_write_bytes(call, "total", store.disk_total_bytes);
    auk_write_bytes(call, "free", store.disk_free_bytes);
    auk_write_bytes(call, "available", store.disk_free_bytes);
    auk_json_end_object(&call->out);
}

static void write_http(auk_call *call)
{
    const auk_rest_options *options = &call->rest->options;
    const auk_http_server *server =
        options->server ? options->server(options->server_context) : NULL;
    auk_http_server_stats stats = {0};
    if (server)
        auk_http_server_read_stats(server, &stats);
    auk_json_member_uint(&call->out, "current_open", stats.connections_open);
    auk_json_member_uint(&call->out, "total_opened", stats.connections_accepted);
}

static void write_breakers(auk_call *call)
{
    const auk_budget *budget = call->rest->options.budget;
    for (int i = 0; budget && i < AUK_PURPOSE_COUNT; i++) {
        auk_purpose purpose = (auk_purpose)i;
        auk_json_member_object(&call->out, auk_purpose_name(purpose));
        auk_write_bytes(call, "limit_size", auk_budget_limit(budget, purpose));
        auk_write_bytes(call, "estimated_size", auk_budget_used(budget, purpose));
        auk_json_end_object(&call->out);
    }
}

static const metric stats_rows[] = {
    {"indices", write_indices},         {"os", write_os}, {"process", write_process},
    {"thread_pool", write_thread_pool}, {"fs", write_fs}, {"http", write_http},
    {"breaker", write_breakers},
};
static const metric_table stats_metrics = {stats_rows, sizeof stats_rows / sizeof stats_rows[0]};

/* ---- which node, which metrics ---- */

/* Metrics of Elasticsearch that have nothing to show here. */
static bool is_empty_metric(auk_span name)
{
    static const char *const names[] = {"settings",
                                        "jvm",
                                        "transport",
                                        "plugins",
                                        "ingest",
                                        "aggregations",
                                        "script",
                                        "discovery",
                                        "adaptive_selection",
                                        "indexing_pressure",
                                        "thread_pool",
                                        "allocations"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (auk_span_is(name, names[i]))
            return true;
    return false;
}

static bool is_metric(const metric_table *table, auk_span name)
{
    for (size_t i = 0; i < table->count; i++)
        if (auk_span_is(name, table->rows[i].name))
            return true;
    return is_empty_metric(name) || auk_span_is(name, "_all");
}

static bool are_metrics(const metric_table *table, auk_span list)
{
    auk_span one;
    while (auk_span_cut(&list, ',', &one))
        if (!is_metric(table, one))
            return false;
    return true;
}

static bool is_us(const auk_call *call, auk_span filter)
{
    auk_span one;
    bool matches = filter.size == 0;
    while (auk_span_cut(&filter, ',', &one))
        matches = matches || auk_span_is(one, "_all") || auk_span_is(one, "_local") ||
                  auk_span_is(one, "_master") || auk_span_equal(one, call->rest->node_id) ||
                  auk_pattern_matches(one, auk_span_of(call->rest->node_name)) ||
                  auk_span_equal(one, auk_node_host(call));
    return matches;
}

static bool listed(auk_span metrics, const char *name)
{
    return metrics.size == 0 || auk_list_matches(metrics, auk_span_of(name));
}

static void write_identity(auk_call *call, bool is_stats)
{
    static const char *const roles[] = {"data", "ingest", "master"};
    auk_json_writer *out = &call->out;
    auk_json_member_text(out, "name", call->rest->node_name);
    auk_json_member_string(out, "transport_address", auk_node_publish_address(call));
    auk_json_member_string(out, "host", auk_node_host(call));
    auk_json_member_string(out, "ip", auk_node_host(call));
    if (is_stats) {
        auk_json_member_int(out, "timestamp", auk_clock_wall_ms());
    } else {
        auk_json_member_string(out, "version", auk_node_version(call));
        auk_json_member_text(out, "build_flavor", "default");
        auk_json_member_text(out, "build_type", "tar");
        auk_json_member_text(out, "build_hash", "0000000000000000000000000000000000000000");
    }
    auk_json_member_array(out, "roles");
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
        auk_json_string(out, auk_span_of(roles[i]));
    auk_json_end_array(out);
    auk_json_member_object(out, "attributes");
    auk_json_end_object(out);
}

static auk_code answer(auk_call *call, const metric_table *table, bool is_stats, auk_error *err)
{
    auk_json_writer *out = &call->out;
    auk_span filter = auk_call_variable(call, "node"), metrics = auk_call_variable(call, "metric");
    if (!metrics.size && filter.size && are_metrics(table, filter) &&
        !auk_span_is(filter, "_all")) {
        metrics = filter;
        filter = AUK_SPAN("");
    }
    if (!are_metrics(table, metrics))
        return auk_fail(err, AUK_INVALID, "request [%.*s] contains unrecognized metric: [%.*s]",
                        AUK_SPAN_ARG(call->request->path), AUK_SPAN_ARG(metrics));
    auk_json_begin_object(out);
    auk_node_write_header(call);
    auk_json_member_object(out, "nodes");
    if (is_us(call, filter)) {
        auk_json_key(out, call->rest->node_id);
        auk_json_begin_object(out);
        write_identity(call, is_stats);
        for (size_t i = 0; i < table->count; i++) {
            if (!listed(metrics, table->rows[i].name))
                continue;
            auk_json_member_object(out, table->rows[i].name);
            table->rows[i].write(call);
            auk_json_end_object(out);
        }
        auk_json_end_object(out);
    }
    auk_json_end_object(out);
    auk_json_end_object(out);
    return AUK_OK;
}

static auk_code get_info(auk_call *call, auk_error *err)
{
    return answer(call, &info_metrics, false, err);
}

static auk_code get_stats(auk_call *call, auk_error *err)
{
    return answer(call, &stats_metrics, true, err);
}

/* ---- routes ---- */

#define PARAMETERS                                                                                 \
    "timeout flat_settings level types groups fields fielddata_fields completion_fields "          \
    "include_segment_file_sizes include_unloaded_segments"
#define ROW(path, run)                                                                             \
    {                                                                                              \
        AUK_M_GET, path, PARAMETERS, run, AUK_ROUTE_MANAGE, AUK_RIGHT_MONITOR                      \
    }

static const auk_route rows[] = {
    ROW("/_nodes", get_info),
    ROW("/_nodes/{node}", get_info),
    ROW("/_nodes/{node}/{metric}", get_info),
    ROW("/_nodes/stats", get_stats),
    ROW("/_nodes/stats/{metric}", get_stats),
    ROW("/_nodes/{node}/stats", get_stats),
    ROW("/_nodes/{node}/stats/{metric}", get_stats),
};

const auk_route_table auk_routes_nodes = {rows, sizeof rows / sizeof rows[0]};
