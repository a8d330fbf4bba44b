#include "auk/server_settings.h"

#include <arpa/inet.h>
#include <sched.h>
#include <stdio.h>
#include <strings.h>

#define MIB    1048576
#define DAY_MS 86400000

/* The order of the rows. */
enum {
    DATA,
    HTTP,
    MEMORY,
    THREADS,
    CONFIG,
    LOG_FORMAT,
    LOG_LEVEL,
    INSECURE,
    NODE_NAME,
    CLUSTER_NAME,
    COMPAT_VERSION,
    SEARCH_QUEUE,
    WRITE_QUEUE,
    BODY_LIMIT,
    CONNECTION_LIMIT,
    IDLE_DEADLINE,
    HEAD_DEADLINE,
    TRANSFER_WINDOW,
    DISK_FREE_MIN,
    REINDEX_REMOTE_WHITELIST,
    ROW_COUNT
};

static const auk_option rows[ROW_COUNT] = {
    [DATA] = {.name = "data",
              .form = "DIR",
              .kind = AUK_OPTION_TEXT,
              .fallback = "./auk-data",
              .in_file = true,
              .help = "The directory that holds everything; made when absent. One server at a time "
                      "may use it."},
    [HTTP] = {.name = "http",
              .form = "HOST:PORT",
              .kind = AUK_OPTION_ADDRESS,
              .fallback = "127.0.0.1:9200",
              .in_file = true,
              .help = "The address to listen on; port 0 lets the system choose one. An address "
                      "other than loopback needs --insecure."},
    [MEMORY] = {.name = "memory",
                .form = "SIZE",
                .kind = AUK_OPTION_SIZE,
                .fallback = "512mb",
                .least = 64 * MIB,
                .in_file = true,
                .help = "The memory that the process may hold, mapped files aside: indexing, "
                        "requests, answers, searches, the store, and all the rest. What does not "
                        "fit is answered 429; GET /_memory tells who holds what."},
    [THREADS] = {.name = "threads",
                 .form = "N",
                 .kind = AUK_OPTION_COUNT,
                 .fallback_note = "the number of processors",
                 .least = 1,
                 .most = 256,
                 .in_file = true,
                 .help = "Threads of each kind: event loops, searches, writes."},
    [CONFIG] = {.name = "config",
                .form = "FILE",
                .kind = AUK_OPTION_TEXT,
                .help = "A YAML file with these settings as name: value, names written with '_'."},
    [LOG_FORMAT] = {.name = "log_format",
                    .form = "logfmt|json",
                    .kind = AUK_OPTION_CHOICE,
                    .fallback = "logfmt",
                    .in_file = true,
                    .help = "The form of the log's lines on standard error."},
    [LOG_LEVEL] = {.name = "log_level",
                   .form = "debug|info|warn|error",
                   .kind = AUK_OPTION_CHOICE,
                   .fallback = "info",
                   .in_file = true,
                   .help = "The least level that is logged; debug also logs each request."},
    [INSECURE] = {.name = "insecure",
                  .form = "",
                  .kind = AUK_OPTION_SWITCH,
                  .fallback = "false",
                  .in_file = true,
                  .help = "Listen on an address that others can reach, without TLS and keys."},
    [NODE_NAME] = {.name = "node_name",
                   .form = "NAME",
                   .kind = AUK_OPTION_NAME,
                   .fallback = "auk",
                   .in_file = true,
                   .help = "What this node is called in answers."},
    [CLUSTER_NAME] = {.name = "cluster_name",
                      .form = "NAME",
                      .kind = AUK_OPTION_NAME,
                      .fallback = "auk",
                      .in_file = true,
                      .help = "What the cluster is called in answers."},
    [COMPAT_VERSION] = {.name = "compat_version",
                        .form = "VERSION",
                        .kind = AUK_OPTION_VERSION,
                        .fallback_note = "the newest that is spoken",
                        .in_file = true,
                        .help = "The Elasticsearch version that GET / shows to clients that ask."},
    [SEARCH_QUEUE] = {.name = "search_queue",
                      .form = "N",
                      .kind = AUK_OPTION_COUNT,
                      .fallback = "1000",
                      .least = 1,
                      .most = 1000000,
                      .in_file = true,
                      .help = "Searches that may wait for a thread; further ones get 429."},
    [WRITE_QUEUE] = {.name = "write_queue",
                     .form = "N",
                     .kind = AUK_OPTION_COUNT,
                     .fallback = "200",
                     .least = 1,
                     .most = 1000000,
                     .in_file = true,
                     .help = "Writes that may wait for a thread; further ones get 429."},
    [BODY_LIMIT] = {.name = "body_limit",
                    .form = "SIZE",
                    .kind = AUK_OPTION_SIZE,
                    .fallback = "100mb",
                    .least = 1024,
                    .most = (int64_t)2048 * MIB - 1,
                    .in_file = true,
                    .help = "The largest request body, also after it has been inflated."},
    [CONNECTION_LIMIT] = {.name = "connection_limit",
                          .form = "N",
                          .kind = AUK_OPTION_COUNT,
                          .fallback = "16384",
                          .least = 1,
                          .most = 1000000,
                          .in_file = true,
                          .help = "Connections at a time; further ones are closed at once."},
    [IDLE_DEADLINE] = {.name = "idle_deadline",
                       .form = "TIME",
                       .kind = AUK_OPTION_TIME,
                       .fallback = "5m",
                       .least = 100,
                       .most = DAY_MS,
                       .in_file = true,
                       .help = "How long a connection may stay open without a request."},
    [HEAD_DEADLINE] = {.name = "head_deadline",
                       .form = "TIME",
                       .kind = AUK_OPTION_TIME,
                       .fallback = "20s",
                       .least = 100,
                       .most = DAY_MS,
                       .in_file = true,
                       .help = "How long a request's head may take to arrive."},
    [TRANSFER_WINDOW] = {.name = "transfer_window",
                         .form = "TIME",
                         .kind = AUK_OPTION_TIME,
                         .fallback = "20s",
                         .least = 100,
                         .most = DAY_MS,
                         .in_file = true,
                         .help = "A body that arrives, or an answer that is read, at less than 500 "
                                 "bytes a second over this time loses its connection."},
    [DISK_FREE_MIN] = {.name = "disk_free_min",
                       .form = "SIZE|N%",
                       .kind = AUK_OPTION_SPACE,
                       .fallback_note = "5% of the disk, at most 1gb",
                       .in_file = true,
                       .help = "Writes are answered 507 while less than this is free on the data "
                               "directory's disk, and go on by themselves when a quarter more is. "
                               "0 waits until the disk is full."},
    [REINDEX_REMOTE_WHITELIST] = {.name = "reindex_remote_whitelist",
                                  .form = "HOST:PORT,..",
                                  .kind = AUK_OPTION_TEXT,
                                  .fallback_note = "none",
                                  .in_file = true,
                                  .help = "Servers that _reindex may read from, with '*' for any "
                                          "part: \"otherhost:9200, 127.0.10.*:9200\"."},
};

const auk_option *auk_server_options(size_t *count)
{
    *count = ROW_COUNT;
    return rows;
}

unsigned auk_processor_count(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    int count = CPU_COUNT(&set);
    return count > 0 ? (unsigned)count : 1;
}

static bool is_loopback(const char *host)
{
    struct in_addr v4;
    struct in6_addr v6;
    if (strcasecmp(host, "localhost") == 0)
        return true;
    if (inet_pton(AF_INET, host, &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == 127;
    return inet_pton(AF_INET6, host, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

static auk_code take_address(auk_server_settings *settings, auk_error *err)
{
    const char *text = settings->options.values[HTTP].text;
    auk_span host;
    auk_address_split(auk_span_of(text), &host, &settings->port);
    settings->host = auk_arena_copy(settings->options.arena, host).data;
    if (is_loopback(settings->host) || settings->options.values[INSECURE].number)
        return AUK_OK;
    auk_fail(err, AUK_INVALID,
             "http: \"%s\" can be reached by others, and requests are neither encrypted nor "
             "checked for a key",
             text);
    auk_hint(err, "listen on 127.0.0.1, or add --insecure where the network is trusted");
    return AUK_INVALID;
}

/* A share of a large disk would be more than the work that is to be ended can need. */
#define FREE_MIN_PERCENT 5
#define FREE_MIN_MOST    ((uint64_t)1 << 30)

static void take_space(auk_server_settings *settings)
{
    const auk_option_value *value = &settings->options.values[DISK_FREE_MIN];
    if (value->text == NULL) {
        settings->disk_free_min_percent = FREE_MIN_PERCENT;
        settings->disk_free_min_most = FREE_MIN_MOST;
    } else if (value->is_bytes) {
        settings->disk_free_min_bytes = (uint64_t)value->number;
    } else {
        settings->disk_free_min_percent = (uint32_t)value->number;
    }
}

static auk_code take_values(auk_server_settings *settings, auk_error *err)
{
    const auk_option_value *values = settings->options.values;
    settings->data = values[DATA].text;
    settings->memory_bytes = (size_t)values[MEMORY].number;
    settings->threads =
        values[THREADS].text ? (unsigned)values[THREADS].number : auk_processor_count();
    settings->search_queue = (size_t)values[SEARCH_QUEUE].number;
    settings->write_queue = (size_t)values[WRITE_QUEUE].number;
    settings->body_limit_bytes = (size_t)values[BODY_LIMIT].number;
    settings->connection_limit = (uint32_t)values[CONNECTION_LIMIT].number;
    settings->idle_deadline_ms = (uint32_t)values[IDLE_DEADLINE].number;
    settings->head_deadline_ms = (uint32_t)values[HEAD_DEADLINE].number;
    settings->transfer_window_ms = (uint32_t)values[TRANSFER_WINDOW].number;
    take_space(settings);
    settings->log_json = values[LOG_FORMAT].number == 1;
    settings->log_level = (auk_log_level)values[LOG_LEVEL].number;
    settings->node_name = values[NODE_NAME].text;
    settings->cluster_name = values[CLUSTER_NAME].text;
    settings->compat_version = values[COMPAT_VERSION].text;
    settings->reindex_remote_whitelist = values[REINDEX_REMOTE_WHITELIST].text;
    return take_address(settings, err);
}

auk_code auk_server_settings_load(auk_server_settings *settings, int argc, const char *const *argv,
                                  const char *const *environment, auk_error *err)
{
    static const char *const others[] = {"URL", NULL};
    *settings = (auk_server_settings){0};
    auk_options_init(&settings->options, rows, ROW_COUNT);
    auk_code code = auk_options_read_flags(&settings->options, argc, argv, err);
    if (code != AUK_OK || settings->options.wants_help)
        return code;
    code = auk_options_read_environment(&settings->options, environment, others, err);
    if (code == AUK_OK && settings->options.values[CONFIG].text != NULL)
        code =
            auk_options_read_file(&settings->options, settings->options.values[CONFIG].text, err);
    return code == AUK_OK ? take_values(settings, err) : code;
}

void auk_server_settings_deinit(auk_server_settings *settings)
{
    auk_options_deinit(&settings->options);
}
