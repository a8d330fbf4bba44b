/*
 * serve.c - the server's life: settings, memory, pools, catalog, REST, HTTP; and back in reverse.
 *
 *   opening ---> serving ---> draining ---> flushing ---> gone
 *            |            |             |
 *            ready line   first signal  last answer, or DRAIN_MS
 */
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "auk/analyzer.h"
#include "auk/catalog.h"
#include "auk/clock.h"
#include "auk/http_server.h"
#include "auk/log_writer.h"
#include "auk/memory_guard.h"
#include "auk/process.h"
#include "auk/rebuild.h"
#include "auk/resize.h"
#include "auk/rest.h"
#include "auk/server_settings.h"
#include "auk/signals.h"
#include "auk/store.h"
#include "auk/sync.h"
#include "auk/units.h"
#include "command.h"

#define DRAIN_MS           20000u
#define BACKGROUND_THREADS 2u
#define MANAGE_THREADS     2u
#define MERGES_MOST        4u
#define BACKGROUND_QUEUE   4096u
#define MANAGE_QUEUE       256u

typedef struct node {
    auk_server_settings settings;
    char data[PATH_MAX]; /* absolute */
    auk_budget *budget;
    auk_pool *search_pool, *write_pool, *manage_pool, *background_pool, *merge_pool;
    auk_catalog *catalog;
    auk_rebuilds *rebuilds;
    auk_syncs *syncs;
    auk_rest *rest;
    auk_http_server *http;
    uint16_t port;
} node;

static void create_pools(node *n)
{
    const auk_server_settings *s = &n->settings;
    n->budget = auk_budget_create(s->memory_bytes);
    n->search_pool = auk_pool_create("search", s->threads, s->search_queue);
    n->write_pool = auk_pool_create("write", s->threads, s->write_queue);
    n->manage_pool = auk_pool_create("manage", MANAGE_THREADS, MANAGE_QUEUE);
    n->background_pool =
        auk_pool_create("background", s->threads < BACKGROUND_THREADS ? 1 : BACKGROUND_THREADS,
                        BACKGROUND_QUEUE);
    unsigned merges = s->threads / 2 < MERGES_MOST ? s->threads / 2 : MERGES_MOST;
    n->merge_pool = auk_pool_create("merge", merges, BACKGROUND_QUEUE);
}

/* Files that analysis settings name (stopwords_path, synonyms_path) lie in DIR/config and nowhere
 * else. */
static void name_analysis_directory(const node *n)
{
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/config", n->settings.data);
    auk_analysis_set_directory(auk_span_of(path));
}

static auk_code open_catalog(node *n, auk_error *err)
{
    name_analysis_directory(n);
    auk_catalog_options options = {
        .directory = n->settings.data,
        .budget = n->budget,
        .write_pool = n->write_pool,
        .background = n->background_pool,
        .merge_pool = n->merge_pool,
        .cluster_name = n->settings.cluster_name,
        .free_min_bytes = n->settings.disk_free_min_bytes,
        .free_min_percent = n->settings.disk_free_min_percent,
        .free_min_most = n->settings.disk_free_min_most,
    };
    auk_code code = auk_catalog_open(&options, &n->catalog, err);
    if (code == AUK_OK && realpath(n->settings.data, n->data) == NULL)
        (void)snprintf(n->data, sizeof n->data, "%s", n->settings.data);
    return code;
}

static auk_code open_rebuilds(node *n, auk_error *err)
{
    unsigned threads = n->settings.threads;
    const auk_rebuilds_options options = {.catalog = n->catalog,
                                          .budget = n->budget,
                                          .write_pool = n->write_pool,
                                          .copy_threads = threads > 2 ? threads / 2 : 2};
    auk_code code = auk_resize_clean(n->catalog, err);
    return code == AUK_OK ? auk_rebuilds_open(&options, &n->rebuilds, err) : code;
}

static auk_code open_syncs(node *n, auk_error *err)
{
    const auk_syncs_options options = {.catalog = n->catalog,
                                       .budget = n->budget,
                                       .write_pool = n->write_pool};
    return auk_syncs_open(&options, &n->syncs, err);
}

static const auk_http_server *server_of(void *context)
{
    const node *n = context;
    return n->http;
}

/* The access log: each answer, when somebody looks at debug lines. */
static void observe(const auk_http_request *request, int status, uint64_t took_us)
{
    auk_buffer path;
    auk_buffer_init(&path, 512);
    auk_log_append_value(&path, request->path);
    auk_log(AUK_LOG_DEBUG, "request", "method=%s path=%.*s status=%d took_us=%llu peer=%.*s",
            auk_http_method_name(request->method), AUK_SPAN_ARG(auk_buffer_span(&path)), status,
            (unsigned long long)took_us, AUK_SPAN_ARG(request->peer));
    auk_buffer_deinit(&path);
}

static auk_code start_http(node *n, auk_error *err)
{
    const auk_server_settings *s = &n->settings;
    auk_rest_options rest = {
        .catalog = n->catalog,
        .rebuilds = n->rebuilds,
        .syncs = n->syncs,
        .budget = n->budget,
        .search_pool = n->search_pool,
        .write_pool = n->write_pool,
        .manage_pool = n->manage_pool,
        .background_pool = n->background_pool,
        .merge_pool = n->merge_pool,
        .node_name = s->node_name,
        .compat_version = s->compat_version,
        .reindex_remote_whitelist = s->reindex_remote_whitelist,
        .host = s->host,
        .server = server_of,
        .server_context = n,
    };
    n->rest = auk_rest_create(&rest);
    if (s->log_level == AUK_LOG_DEBUG)
        auk_rest_set_observer(n->rest, observe);

    auk_http_server_options options;
    auk_http_server_options_init(&options);
    options.host = s->host;
    options.port = s->port;
    options.loops = s->threads;
    options.body_limit_bytes = s->body_limit_bytes;
    options.connection_limit = s->connection_limit;
    options.idle_deadline_ms = s->idle_deadline_ms;
    options.head_deadline_ms = s->head_deadline_ms;
    options.transfer_window_ms = s->transfer_window_ms;
    options.budget = n->budget;
    n->http = auk_http_server_create(&options, auk_rest_handle, n->rest);
    /* Before the first request can ask; the catalog is whole by now. */
    auk_rest_set_ready(n->rest, true);
    auk_code code = auk_http_server_start(n->http, &n->port, err);
    if (code == AUK_OK)
        auk_rest_set_port(n->rest, n->port);
    return code;
}

static uint64_t count_documents(node *n)
{
    uint64_t count = 0;
    const auk_root *root = auk_root_acquire(n->catalog);
    for (uint32_t i = 0; i < root->index_count; i++) {
        const auk_index_view *view = root->indices[i];
        for (uint32_t shard = 0; shard < view->shard_count; shard++) {
            auk_shard_stats stats;
            auk_index_read_stats(view->index, shard, &stats);
            count += stats.doc_count;
        }
    }
    auk_root_release(n->catalog, root);
    return count;
}

/* The one line on standard output: whoever started us reads it and goes on. */
static void print_ready(node *n, uint64_t took_us)
{
    bool is_v6 = strchr(n->settings.host, ':') != NULL;
    char url[512];
    char took[16];
    auk_buffer data;
    (void)snprintf(url, sizeof url, "http://%s%s%s:%u", is_v6 ? "[" : "", n->settings.host,
                   is_v6 ? "]" : "", (unsigned)n->port);
    auk_time_format(took_us, took);
    auk_buffer_init(&data, 2 * PATH_MAX);
    auk_log_append_value(&data, auk_span_of(n->data));
    (void)printf("ready %s data=%.*s documents=%llu took=%s\n", url,
                 AUK_SPAN_ARG(auk_buffer_span(&data)), (unsigned long long)count_documents(n),
                 took);
    (void)fflush(stdout);
    auk_log(AUK_LOG_INFO, "ready", "url=%s data=%.*s took=%s", url,
            AUK_SPAN_ARG(auk_buffer_span(&data)), took);
    auk_buffer_deinit(&data);
}

/* Between looks at the memory, waits for the signal that ends the service and returns its number.
 */
static int wait_for_end(node *n)
{
    auk_memory_guard guard;
    auk_memory_guard_init(&guard, n->budget);
    for (;;) {
        auk_http_server_stats http;
        auk_http_server_read_stats(n->http, &http);
        auk_memory_guard_look(&guard, http.requests);
        int number = auk_signals_wait(AUK_MEMORY_GUARD_LOOK_MS);
        if (number != 0)
            return number;
    }
}

static void drain(node *n, int number)
{
    auk_log(AUK_LOG_INFO, "draining", "signal=%d", number);
    auk_rest_set_ready(n->rest, false);
    auk_http_server_drain(n->http, DRAIN_MS);
}

/* Exchanges are answered before the HTTP server goes, and all that pools run ends before them. */
static void close_node(node *n)
{
    auk_http_server_destroy(n->http);
    auk_rest_destroy(n->rest);
    auk_syncs_close(n->syncs);
    auk_rebuilds_close(n->rebuilds);
    if (n->catalog != NULL)
        auk_catalog_close(n->catalog);
    auk_pool_destroy(n->search_pool);
    auk_pool_destroy(n->manage_pool);
    auk_pool_destroy(n->write_pool);
    auk_pool_destroy(n->background_pool);
    auk_pool_destroy(n->merge_pool);
    auk_budget_destroy(n->budget);
}

static auk_code open_node(node *n, auk_error *err)
{
    auk_memory_guard_tune(n->settings.threads, n->settings.memory_bytes);
    auk_log_writer_start(n->settings.log_json, n->settings.log_level);
    auk_signals_start();
    auk_store_install_sigbus_handler();
    auk_log(AUK_LOG_INFO, "starting", "version=%s pid=%ld memory=%zu threads=%u open_files=%llu",
            AUK_VERSION, (long)getpid(), n->settings.memory_bytes, n->settings.threads,
            (unsigned long long)auk_process_raise_open_files());
    create_pools(n);
    auk_code code = open_catalog(n, err);
    if (code == AUK_OK)
        code = open_rebuilds(n, err);
    if (code == AUK_OK)
        code = open_syncs(n, err);
    return code == AUK_OK ? start_http(n, err) : code;
}

static int serve(const auk_command *command, int argc, const char *const *argv)
{
    uint64_t started_us = auk_clock_monotonic_us();
    node n = {0};
    auk_error err = {0};
    auk_code code =
        auk_server_settings_load(&n.settings, argc, argv, (const char *const *)environ, &err);
    if (code == AUK_OK && n.settings.options.wants_help) {
        auk_help_print_command(stdout, command);
    } else if (code == AUK_OK && n.settings.options.argument_count > 0) {
        code = auk_fail(&err, AUK_INVALID, "takes no argument \"%s\"",
                        n.settings.options.arguments[0]);
        auk_hint(&err, "see auk serve --help");
    } else if (code == AUK_OK) {
        code = open_node(&n, &err);
        if (code == AUK_OK) {
            auk_signals_serve();
            print_ready(&n, auk_clock_monotonic_us() - started_us);
            drain(&n, wait_for_end(&n));
        }
        close_node(&n);
        auk_log(AUK_LOG_INFO, "stopped", "%s", "");
    }
    int status = code == AUK_OK ? EXIT_FINE : auk_complain(command, &err);
    auk_server_settings_deinit(&n.settings);
    return status;
}

const auk_command auk_serve_command = {
    .name = "serve",
    .arguments = "",
    .summary = "run the server",
    .description =
        "Opens the data directory and answers the Elasticsearch REST API until it is told to end.\n"
        "\n"
        "A flag beats the environment, which beats the file of `--config`, which beats the "
        "default. What is unknown or malformed is refused.\n"
        "\n"
        "When it is ready, one line on standard output names the address (with port 0 the port "
        "that was chosen), the data directory, the documents and the time it took. The log goes to "
        "standard error.\n"
        "\n"
        "SIGTERM, SIGINT or SIGHUP end it in order: not ready, requests under way are answered, "
        "everything is flushed. A second one, half a second later or more, ends it at once; "
        "nothing acknowledged is lost either "
        "way.",
    .examples = "auk serve\n"
                "auk serve --data /var/lib/auk --memory 2gb --log-format json\n"
                "AUK_HTTP=127.0.0.1:0 auk serve --config auk.yml",
    .exits =
        "0  ended on request\n"
        "1  could not start: a wrong setting, an address or a directory in use\n"
        "70 a failure of the disk, such as an fsync that failed; the last line of the log says "
        "what and where",
    .find_options = auk_server_options,
    .run = serve,
};
