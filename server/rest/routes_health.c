/* For those who watch the process: liveness, readiness, memory, and the figures for Prometheus. */
#include "admin.h"
#include "auk/process.h"
#include "contexts.h"
#include "health.h"

static auk_code get_live(auk_call *call, auk_error *err)
{
    (void)err;
    auk_json_begin_object(&call->out);
    auk_json_member_bool(&call->out, "live", true);
    auk_json_end_object(&call->out);
    return AUK_OK;
}

static auk_code get_ready(auk_call *call, auk_error *err)
{
    (void)err;
    bool ready = atomic_load(&call->rest->ready);
    call->status = ready ? 200 : 503;
    auk_json_begin_object(&call->out);
    auk_json_member_bool(&call->out, "ready", ready);
    auk_json_end_object(&call->out);
    return AUK_OK;
}

static auk_code get_health(auk_call *call, auk_error *err)
{
    (void)err;
    auk_json_writer *out = &call->out;
    auk_store_stats store;
    auk_catalog *catalog = call->rest->options.catalog;
    auk_store_read_stats(auk_catalog_store(catalog), &store);
    auk_json_begin_object(out);
    auk_json_member_text(out, "status", auk_health_name(auk_health_of_node(catalog)));
    auk_json_member_bool(out, "ready", atomic_load(&call->rest->ready));
    auk_health_write_problems(call);
    auk_json_member_object(out, "disk");
    auk_write_bytes(call, "free", store.disk_free_bytes);
    auk_write_bytes(call, "total", store.disk_total_bytes);
    auk_write_bytes(call, "free_min", store.disk_reserve_bytes);
    auk_json_end_object(out);
    auk_json_end_object(out);
    return AUK_OK;
}

static auk_code get_memory(auk_call *call, auk_error *err)
{
    (void)err;
    auk_json_writer *out = &call->out;
    const auk_budget *budget = call->rest->options.budget;
    auk_process_stats process;
    uint64_t used = 0;
    auk_process_read_stats(&process);
    auk_json_begin_object(out);
    auk_json_member_object(out, "purposes");
    for (int i = 0; budget && i < AUK_PURPOSE_COUNT; i++) {
        auk_purpose purpose = (auk_purpose)i;
        used += auk_budget_used(budget, purpose);
        auk_json_member_object(out, auk_purpose_name(purpose));
        auk_write_bytes(call, "used", auk_budget_used(budget, purpose));
        auk_write_bytes(call, "limit", auk_budget_limit(budget, purpose));
        auk_json_end_object(out);
    }
    auk_json_end_object(out);
    auk_write_bytes(call, "used", used);
    if (budget)
        auk_write_bytes(call, "limit", auk_budget_total(budget));
    auk_json_member_object(out, "process");
    auk_write_bytes(call, "resident", process.resident_bytes);
    auk_write_bytes(call, "anonymous", process.anonymous_bytes);
    auk_json_end_object(out);
    auk_json_end_object(out);
    return AUK_OK;
}

/* ---- /metrics ---- */

typedef struct exposition {
    auk_rest *rest;
    auk_buffer *out;
} exposition;

static void begin_family(const exposition *e, const char *name, const char *type, const char *help)
{
    auk_buffer_printf(e->out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void put(const exposition *e, const char *name, const char *type, const char *help,
                uint64_t value)
{
    begin_family(e, name, type, help);
    auk_buffer_printf(e->out, "%s %llu\n", name, (unsigned long long)value);
}

static void append_methods(auk_buffer *out, unsigned methods)
{
    const char *comma = "";
    for (unsigned m = 0; m < AUK_HTTP_METHOD_COUNT; m++) {
        if (!(methods & 1u << m))
            continue;
        auk_buffer_printf(out, "%s%s", comma, auk_http_method_name((auk_http_method)m));
        comma = ",";
    }
}

/* {route="/{index}/_doc",method="GET" -- without the closing brace */
static void put_labels(const exposition *e, const char *name, const auk_route *route)
{
    auk_buffer_printf(e->out, "%s{route=\"%s\",method=\"", name, route->path);
    append_methods(e->out, route->methods);
    auk_buffer_append_byte(e->out, '"');
}

static void put_route_counter(const exposition *e, const char *name, const char *help,
                              size_t offset)
{
    begin_family(e, name, "counter", help);
    for (size_t i = 0; i < auk_route_count(); i++) {
        const auk_route_stats *stats = &e->rest->stats[i];
        const atomic_uint_least64_t *value =
            (const atomic_uint_least64_t *)(const void *)((const char *)stats + offset);
        if (atomic_load(&stats->count) == 0)
            continue;
        put_labels(e, name, auk_route_at(i));
        auk_buffer_printf(e->out, "} %llu\n", (unsigned long long)atomic_load(value));
    }
}

static void put_duration(const exposition *e, const auk_route *route, const auk_route_stats *stats)
{
    uint64_t sum = 0;
    for (unsigned b = 0; b < AUK_HISTOGRAM_BUCKETS; b++) {
        sum += atomic_load(&stats->buckets[b]);
        put_labels(e, "auk_http_request_duration_seconds_bucket", route);
        if (b + 1 < AUK_HISTOGRAM_BUCKETS)
            auk_buffer_printf(e->out, ",le=\"%g\"} %llu\n", auk_histogram_bounds_us[b] / 1e6,
                              (unsigned long long)sum);
        else
            auk_buffer_printf(e->out, ",le=\"+Inf\"} %llu\n", (unsigned long long)sum);
    }
    put_labels(e, "auk_http_request_duration_seconds_sum", route);
    auk_buffer_printf(e->out, "} %.6f\n", (double)atomic_load(&stats->sum_us) / 1e6);
    put_labels(e, "auk_http_request_duration_seconds_count", route);
    auk_buffer_printf(e->out, "} %llu\n", (unsigned long long)sum);
}

static void put_routes(const exposition *e)
{
    put_route_counter(e, "auk_http_requests_total", "Requests answered, by route.",
                      offsetof(auk_route_stats, count));
    put_route_counter(e, "auk_http_request_errors_total",
                      "Requests answered with 429 or a status from 500, by route.",
                      offsetof(auk_route_stats, errors));
    begin_family(e, "auk_http_request_duration_seconds", "histogram",
                 "From a request's first byte to its answer, by route.");
    for (size_t i = 0; i < auk_route_count(); i++)
        if (atomic_load(&e->rest->stats[i].count) > 0)
            put_duration(e, auk_route_at(i), &e->rest->stats[i]);
}

static void put_server(const exposition *e)
{
    const auk_rest_options *options = &e->rest->options;
    const auk_http_server *server =
        options->server ? options->server(options->server_context) : NULL;
    auk_http_server_stats stats;
    if (!server)
        return;
    auk_http_server_read_stats(server, &stats);
    put(e, "auk_http_connections", "gauge", "Connections open.", stats.connections_open);
    put(e, "auk_http_connections_total", "counter", "Connections accepted.",
        stats.connections_accepted);
    put(e, "auk_http_handled_total", "counter", "Requests that came in whole.", stats.requests);
    put(e, "auk_http_refused_total", "counter",
        "Requests refused before a route: malformed, too large, too slow, no memory.",
        stats.refused);
    put(e, "auk_http_received_bytes_total", "counter", "Bytes of requests.", stats.received_bytes);
    put(e, "auk_http_sent_bytes_total", "counter", "Bytes of answers.", stats.sent_bytes);
}

static void put_pools(const exposition *e)
{
    static const struct {
        const char *name, *type, *help;
    } families[] = {
        {"auk_pool_threads", "gauge", "Threads of a pool."},
        {"auk_pool_active", "gauge", "Threads at work."},
        {"auk_pool_queue", "gauge", "Calls that wait."},
        {"auk_pool_queue_limit", "gauge", "Most calls that may wait."},
        {"auk_pool_completed_total", "counter", "Calls done."},
        {"auk_pool_rejected_total", "counter", "Calls refused because the queue was full."},
    };
    for (size_t f = 0; f < sizeof families / sizeof families[0]; f++) {
        begin_family(e, families[f].name, families[f].type, families[f].help);
        for (size_t i = 0; i < AUK_NODE_POOLS; i++) {
            auk_pool_stats stats;
            const char *name;
            if (!auk_node_pool(e->rest, i, &name, &stats))
                continue;
            uint64_t values[] = {stats.threads,     stats.active,    stats.queued,
                                 stats.queue_limit, stats.completed, stats.rejected};
            auk_buffer_printf(e->out, "%s{pool=\"%s\"} %llu\n", families[f].name, name,
                              (unsigned long long)values[f]);
        }
    }
}

static void put_contexts(const exposition *e)
{
    struct auk_contexts *contexts = e->rest->contexts;
    begin_family(e, "auk_open_contexts", "gauge", "Scrolls and points in time that are open.");
    auk_buffer_printf(e->out, "auk_open_contexts{kind=\"scroll\"} %u\n",
                      auk_contexts_count(contexts, AUK_CONTEXT_SCROLL));
    auk_buffer_printf(e->out, "auk_open_contexts{kind=\"point_in_time\"} %u\n",
                      auk_contexts_count(contexts, AUK_CONTEXT_POINT));
}

static void put_memory(const exposition *e)
{
    const auk_budget *budget = e->rest->options.budget;
    auk_process_stats process;
    begin_family(e, "auk_memory_used_bytes", "gauge", "Memory charged to a purpose.");
    for (int i = 0; budget && i < AUK_PURPOSE_COUNT; i++)
        auk_buffer_printf(e->out, "auk_memory_used_bytes{purpose=\"%s\"} %zu\n",
                          auk_purpose_name((auk_purpose)i),
                          auk_budget_used(budget, (auk_purpose)i));
    begin_family(e, "auk_memory_limit_bytes", "gauge", "Most that a purpose may use.");
    for (int i = 0; budget && i < AUK_PURPOSE_COUNT; i++)
        auk_buffer_printf(e->out, "auk_memory_limit_bytes{purpose=\"%s\"} %zu\n",
                          auk_purpose_name((auk_purpose)i),
                          auk_budget_limit(budget, (auk_purpose)i));
    if (budget)
        put(e, "auk_memory_budget_bytes", "gauge", "The whole budget.", auk_budget_total(budget));
    auk_process_read_stats(&process);
    put(e, "auk_process_resident_bytes", "gauge", "Resident memory, mapped files included.",
        process.resident_bytes);
    put(e, "auk_process_anonymous_bytes", "gauge", "Resident memory of no file: heap and stacks.",
        process.anonymous_bytes);
    put(e, "auk_process_open_files", "gauge", "Open file descriptors.", process.open_files);
    put(e, "auk_process_threads", "gauge", "Threads.", process.threads);
    put(e, "auk_process_cpu_milliseconds_total", "counter", "Processor time, user and system.",
        (process.cpu_user_us + process.cpu_system_us) / 1000);
    put(e, "auk_process_uptime_seconds", "gauge", "Since the start.",
        (auk_clock_monotonic_us() - e->rest->started_us) / 1000000);
}

static void put_engine_totals(const exposition *e, const auk_shard_stats *sum)
{
    put(e, "auk_indexed_total", "counter", "Documents written.", sum->index_total);
    put(e, "auk_index_failures_total", "counter", "Documents refused.", sum->index_failed);
    put(e, "auk_deletes_total", "counter", "Documents deleted.", sum->delete_total);
    put(e, "auk_gets_total", "counter", "Documents read by id.", sum->get_total);
    put(e, "auk_refreshes_total", "counter", "Refreshes.", sum->refresh_total);
    put(e, "auk_refresh_milliseconds_total", "counter", "Time in refreshes.",
        sum->refresh_time_us / 1000);
    put(e, "auk_flushes_total", "counter", "Flushes.", sum->flush_total);
    put(e, "auk_flush_milliseconds_total", "counter", "Time in flushes.",
        sum->flush_time_us / 1000);
    put(e, "auk_merges_total", "counter", "Merges done.", sum->merge_total);
    put(e, "auk_flush_failures_total", "counter", "Flushes that failed.", sum->flush_failed);
    put(e, "auk_merge_failures_total", "counter", "Merges that failed.", sum->merge_failed);
    put(e, "auk_merges_running", "gauge", "Merges at work.", sum->merges_running);
    put(e, "auk_merge_milliseconds_total", "counter", "Time in merges.", sum->merge_time_us / 1000);
    put(e, "auk_merged_bytes_total", "counter", "Bytes written by merges.", sum->merge_bytes);
    put(e, "auk_merges_reordered_total", "counter", "Merges that gave their documents a new order.",
        sum->reorder_total);
    put(e, "auk_merges_reorder_seconds_total", "counter", "Time spent on finding such orders.",
        sum->reorder_time_us / 1000000);
    put(e, "auk_segments", "gauge", "Segments on disk.", sum->segment_count);
    put(e, "auk_memory_segments", "gauge", "Segments in memory.", sum->memory_segment_count);
    put(e, "auk_segment_bytes", "gauge", "Bytes of segments on disk.", sum->segment_bytes);
    put(e, "auk_journal_bytes", "gauge", "Bytes that a restart would replay.", sum->journal_bytes);
    put(e, "auk_journal_operations", "gauge", "Operations that a restart would replay.",
        sum->journal_operations);
}

static void put_engine(const exposition *e)
{
    auk_shard_stats sum = {0};
    uint64_t shards = 0, searches = 0, search_us = 0;
    const auk_root *root = auk_root_acquire(e->rest->options.catalog);
    begin_family(e, "auk_documents", "gauge", "Documents, by index.");
    for (uint32_t i = 0; i < root->index_count; i++) {
        auk_shard_stats one;
        uint64_t count, time_us;
        auk_stats_of_index(root->indices[i], &one);
        auk_stats_add(&sum, &one);
        auk_index_read_search_stats(root->indices[i]->index, &count, &time_us);
        searches += count;
        search_us += time_us;
        shards += root->indices[i]->shard_count;
        auk_buffer_printf(e->out, "auk_documents{index=\"%.*s\"} %llu\n",
                          AUK_SPAN_ARG(root->indices[i]->name), (unsigned long long)one.doc_count);
    }
    put(e, "auk_indices", "gauge", "Indices.", root->index_count);
    put(e, "auk_shards", "gauge", "Shards.", shards);
    auk_root_release(e->rest->options.catalog, root);
    put(e, "auk_searches_total", "counter", "Searches, counted for each index.", searches);
    put(e, "auk_search_milliseconds_total", "counter", "Time in searches.", search_us / 1000);
    put_engine_totals(e, &sum);
}

static void put_store(const exposition *e)
{
    auk_store_stats store;
    auk_store_read_stats(auk_catalog_store(e->rest->options.catalog), &store);
    put(e, "auk_store_log_bytes", "gauge", "Write-ahead log on disk.", store.log_bytes);
    put(e, "auk_store_memtable_bytes", "gauge", "Memtables.", store.memtable_bytes);
    put(e, "auk_disk_free_bytes", "gauge", "Free on the data directory's disk.",
        store.disk_free_bytes);
    put(e, "auk_disk_total_bytes", "gauge", "Size of the data directory's disk.",
        store.disk_total_bytes);
    put(e, "auk_disk_free_min_bytes", "gauge", "What writes leave free.", store.disk_reserve_bytes);
}

static void put_health(const exposition *e)
{
    auk_catalog *catalog = e->rest->options.catalog;
    auk_failing failing = auk_health_count_failing(catalog);
    put(e, "auk_health", "gauge", "0: green, 1: yellow, 2: red.", auk_health_of_node(catalog));
    put(e, "auk_writes_stopped", "gauge", "1: the disk has no room for writes.",
        auk_health_of_store(catalog) != AUK_HEALTH_GREEN);
    begin_family(e, "auk_failing_shards", "gauge", "Shards whose work fails and is tried again.");
    auk_buffer_printf(e->out, "auk_failing_shards{work=\"flush\"} %llu\n",
                      (unsigned long long)failing.flushes);
    auk_buffer_printf(e->out, "auk_failing_shards{work=\"merge\"} %llu\n",
                      (unsigned long long)failing.merges);
    auk_buffer_printf(e->out, "auk_failing_shards{work=\"write\"} %llu\n",
                      (unsigned long long)failing.blocked);
}

static auk_code get_metrics(auk_call *call, auk_error *err)
{
    (void)err;
    exposition e = {call->rest, &call->exchange->response.body};
    call->is_text = true;
    put(&e, "auk_ready", "gauge", "1: takes requests.", atomic_load(&call->rest->ready));
    put_health(&e);
    put_routes(&e);
    put_server(&e);
    put_pools(&e);
    put_contexts(&e);
    put_memory(&e);
    put_engine(&e);
    put_store(&e);
    if (call->rest->options.syncs)
        auk_syncs_write_metrics(call->rest->options.syncs, e.out);
    return AUK_OK;
}

static const auk_route rows[] = {
    {AUK_M_GET | AUK_M_HEAD, "/_health/live", "", get_live, AUK_ROUTE_INLINE, AUK_RIGHT_MONITOR},
    {AUK_M_GET | AUK_M_HEAD, "/_health/ready", "", get_ready, AUK_ROUTE_INLINE, AUK_RIGHT_MONITOR},
    {AUK_M_GET | AUK_M_HEAD, "/_health", "", get_health, AUK_ROUTE_MANAGE, AUK_RIGHT_MONITOR},
    {AUK_M_GET, "/_memory", "", get_memory, AUK_ROUTE_MANAGE, AUK_RIGHT_MONITOR},
    {AUK_M_GET, "/metrics", "", get_metrics, AUK_ROUTE_MANAGE, AUK_RIGHT_MONITOR},
};

const auk_route_table auk_routes_health = {rows, sizeof rows / sizeof rows[0]};
