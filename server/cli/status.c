/* status.c - the command: what the server holds, what it uses, and what is wrong. */
#include "auk/units.h"
#include "client.h"
#include "command.h"
#include "import_progress.h"

#define DISK_LEAST_PERCENT 10u

enum { URL, ROW_COUNT };

static const auk_option rows[ROW_COUNT] = {[URL] = AUK_URL_OPTION};

typedef struct state {
    auk_http_client *client;
    auk_arena *arena;
    const auk_json *root, *health, *stats, *memory;
    auk_span metrics; /* the text of /metrics */
    bool is_ready;
    unsigned complaints;
} state;

/* ---- asking ---- */

/* One value of the metrics; the text up to the value is the series. */
static uint64_t metric(const state *s, const char *series)
{
    auk_span name = auk_span_of(series);
    auk_span rest = s->metrics;
    while (rest.size > name.size) {
        const char *feed = memchr(rest.data, '\n', rest.size);
        auk_span line = {rest.data, feed ? (size_t)(feed - rest.data) : rest.size};
        if (auk_span_starts_with(line, name) && line.size > name.size + 1 &&
            line.data[name.size] == ' ') {
            double value = 0;
            (void)auk_number_parse_double(auk_span_from(line, name.size + 1), &value);
            return value > 0 ? (uint64_t)value : 0;
        }
        rest = auk_span_from(rest, line.size + (feed != NULL));
    }
    return 0;
}

static auk_span text(const auk_json *object, const char *path)
{
    const auk_json *value = auk_json_path(object, auk_span_of(path));
    return value != NULL ? value->text : AUK_SPAN("?");
}

static auk_code ask(state *s, const char *target, const auk_json **out, auk_error *err)
{
    return auk_client_ask(s->client, AUK_HTTP_GET, auk_span_of(target), (auk_span){0}, s->arena,
                          out, err);
}

static auk_code ask_all(state *s, auk_error *err)
{
    auk_http_answer answer = {0};
    auk_code code = ask(s, "/", &s->root, err);
    if (code == AUK_OK)
        code = auk_client_explain(auk_http_client_call(s->client, AUK_HTTP_GET,
                                                       AUK_SPAN("/_health/ready"), NULL, 0,
                                                       (auk_span){0}, &answer, err),
                                  err);
    s->is_ready = answer.status == 200;
    if (code == AUK_OK)
        code = ask(s, "/_cluster/health", &s->health, err);
    if (code == AUK_OK)
        code = ask(s, "/_stats", &s->stats, err);
    if (code == AUK_OK)
        code = ask(s, "/_memory", &s->memory, err);
    if (code == AUK_OK)
        code = auk_client_call(s->client, AUK_HTTP_GET, AUK_SPAN("/metrics"), (auk_span){0},
                               &answer, err);
    if (code == AUK_OK)
        s->metrics = auk_arena_copy(s->arena, answer.body);
    return code;
}

/* ---- printing ---- */

static const char *bytes(uint64_t count)
{
    static char out[4][16]; /* a line shows a few at once */
    static unsigned next;
    char *into = out[next++ % 4];
    auk_bytes_format(count, into);
    return into;
}

static const char *count(uint64_t value)
{
    static char out[32];
    auk_buffer buffer;
    auk_buffer_init(&buffer, sizeof out);
    auk_append_count(&buffer, value);
    (void)snprintf(out, sizeof out, "%.*s", AUK_SPAN_ARG(auk_buffer_span(&buffer)));
    auk_buffer_deinit(&buffer);
    return out;
}

static void print_server(const state *s, auk_span address)
{
    auk_span health = text(s->health, "status");
    const char *colour = auk_span_is(health, "green")    ? "\x1b[32m"
                         : auk_span_is(health, "yellow") ? "\x1b[33m"
                                                         : "\x1b[31m";
    bool has_colour = auk_terminal_has_colour(stdout);
    char uptime[16];
    auk_time_format(metric(s, "auk_process_uptime_seconds") * 1000000, uptime);
    (void)printf("server   http://%.*s  node %.*s, cluster %.*s\n", AUK_SPAN_ARG(address),
                 AUK_SPAN_ARG(text(s->root, "name")), AUK_SPAN_ARG(text(s->root, "cluster_name")));
    (void)printf("version  auk %s here, speaks Elasticsearch %.*s, up %s, kernels %.*s\n",
                 AUK_VERSION, AUK_SPAN_ARG(text(s->root, "version.number")), uptime,
                 AUK_SPAN_ARG(text(s->root, "auk.kernels")));
    (void)printf("health   %s%.*s%s, %s\n", has_colour ? colour : "", AUK_SPAN_ARG(health),
                 has_colour ? "\x1b[0m" : "", s->is_ready ? "ready" : "not ready");
}

static void print_indices(const state *s)
{
    const auk_json *indices = auk_json_get(s->stats, "indices");
    size_t width = strlen("index");
    for (const auk_json *at = indices ? indices->child : NULL; at != NULL; at = at->next)
        width = at->key.size > width ? at->key.size : width;
    if (indices == NULL || indices->count == 0) {
        (void)printf("\nno indices yet: auk import FILE makes one\n");
        return;
    }
    (void)printf("\n%-*s  %14s  %10s  %8s\n", (int)width, "index", "documents", "size", "segments");
    for (const auk_json *at = indices->child; at != NULL; at = at->next)
        (void)printf("%-*.*s  %14s  %10s  %8llu\n", (int)width, AUK_SPAN_ARG(at->key),
                     count(auk_client_number(at, "primaries.docs.count")),
                     bytes(auk_client_number(at, "primaries.store.size_in_bytes")),
                     (unsigned long long)auk_client_number(at, "primaries.segments.count"));
}

static void print_memory(const state *s)
{
    const auk_json *purposes = auk_json_get(s->memory, "purposes");
    (void)printf("\n%-10s  %10s  %10s\n", "memory", "used", "at most");
    for (const auk_json *at = purposes ? purposes->child : NULL; at != NULL; at = at->next)
        (void)printf("%-10.*s  %10s  %10s\n", AUK_SPAN_ARG(at->key),
                     bytes(auk_client_number(at, "used_in_bytes")),
                     bytes(auk_client_number(at, "limit_in_bytes")));
    (void)printf("%-10s  %10s  %10s\n", "together",
                 bytes(auk_client_number(s->memory, "used_in_bytes")),
                 bytes(auk_client_number(s->memory, "limit_in_bytes")));
    (void)printf("the process holds %s, %s of it files; the disk has %s free of %s\n",
                 bytes(auk_client_number(s->memory, "process.resident_in_bytes")),
                 bytes(auk_client_number(s->memory, "process.resident_in_bytes") -
                       auk_client_number(s->memory, "process.anonymous_in_bytes")),
                 bytes(metric(s, "auk_disk_free_bytes")), bytes(metric(s, "auk_disk_total_bytes")));
}

/* ---- what is wrong ---- */

static void complain(state *s, const char *words, uint64_t figure)
{
    if (s->complaints++ == 0)
        (void)printf("\nlook at this:\n");
    (void)printf("  %s", words);
    if (figure > 0)
        (void)printf(": %s", count(figure));
    (void)fputc('\n', stdout);
}

static void print_complaints(state *s)
{
    uint64_t disk = metric(s, "auk_disk_total_bytes");
    uint64_t free = metric(s, "auk_disk_free_bytes");
    const auk_json *purposes = auk_json_get(s->memory, "purposes");
    if (!s->is_ready)
        complain(s, "the server takes no requests now: it starts or ends", 0);
    if (!auk_span_is(text(s->health, "status"), "green"))
        complain(s, "the node's health is not green: see GET /_health", 0);
    if (disk > 0 && free * 100 < disk * DISK_LEAST_PERCENT)
        complain(s, "the disk is nearly full", 0);
    for (const auk_json *at = purposes ? purposes->child : NULL; at != NULL; at = at->next) {
        uint64_t limit = auk_client_number(at, "limit_in_bytes");
        if (limit > 0 && auk_client_number(at, "used_in_bytes") * 10 > limit * 9) {
            char words[128];
            (void)snprintf(words, sizeof words,
                           "memory for %.*s is nearly used up: --memory sets the budget",
                           AUK_SPAN_ARG(at->key));
            complain(s, words, 0);
        }
    }
    uint64_t turned_away = metric(s, "auk_pool_rejected_total{pool=\"search\"}") +
                           metric(s, "auk_pool_rejected_total{pool=\"write\"}");
    if (turned_away > 0)
        complain(s, "requests turned away since the start because queues were full", turned_away);
    if (metric(s, "auk_index_failures_total") > 0)
        complain(s, "documents refused since the start", metric(s, "auk_index_failures_total"));
    if (s->complaints == 0)
        (void)printf("\nnothing is wrong\n");
}

static int status(const auk_command *command, int argc, const char *const *argv)
{
    auk_options options;
    state s = {0};
    auk_error err = {0};
    int result;
    if (!auk_command_read(command, argc, argv, &options, &result))
        return result;
    s.arena = auk_arena_create(65536);
    auk_code code = auk_client_open(options.values[URL].text, &s.client, &err);
    if (code == AUK_OK)
        code = ask_all(&s, &err);
    if (code == AUK_OK) {
        print_server(&s, auk_http_client_address(s.client));
        print_indices(&s);
        print_memory(&s);
        print_complaints(&s);
    }
    result = code == AUK_OK ? EXIT_FINE : auk_complain(command, &err);
    auk_http_client_close(s.client);
    auk_arena_destroy(s.arena);
    auk_options_deinit(&options);
    return result;
}

const auk_command auk_status_command = {
    .name = "status",
    .arguments = "",
    .summary = "show what the server holds and how it feels",
    .description = "Shows the server's version and health, its indices with documents, size and "
                   "segments, its memory by purpose, and what is wrong, if anything.",
    .examples = "auk status\n"
                "auk status --url http://127.0.0.1:9201",
    .exits = "0  the server answers\n"
             "1  it cannot be reached, or answers with an error",
    .options = rows,
    .option_count = ROW_COUNT,
    .run = status,
};
