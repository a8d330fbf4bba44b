/* server.c - the loops together: options, start, drain, end. */
#include "auk/http_server.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "listener.h"
#include "loop.h"

struct auk_http_server {
    auk_http_shared shared;
    char *host;
    auk_http_loop *loops;
    unsigned count;
    bool started;
};

#define MIB ((size_t)1024 * 1024)

void auk_http_server_options_init(auk_http_server_options *options)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    *options = (auk_http_server_options){
        .host = "127.0.0.1",
        .port = 9200,
        .loops = cores < 1   ? 1
                 : cores > 8 ? 8
                             : (unsigned)cores,
        .request_line_limit_bytes = 8 * 1024,
        .head_limit_bytes = 32 * 1024,
        .header_limit = 100,
        .body_limit_bytes = 100 * MIB,
        .answer_limit_bytes = 100 * MIB,
        .connection_limit = 16384,
        .compress_from_bytes = 1024,
        .idle_deadline_ms = 300 * 1000,
        .head_deadline_ms = 20 * 1000,
        .transfer_window_ms = 20 * 1000,
        .rate_floor_bytes_per_second = 500,
    };
}

auk_http_server *auk_http_server_create(const auk_http_server_options *options,
                                        auk_http_handler handler, void *context)
{
    auk_http_server *server = calloc(1, sizeof *server);
    if (!server)
        abort();
    server->host = strdup(options->host);
    server->count = options->loops ? options->loops : 1;
    server->loops = calloc(server->count, sizeof *server->loops);
    if (!server->host || !server->loops)
        abort();
    for (unsigned i = 0; i < server->count; i++)
        server->loops[i].inbox.bell = -1;
    server->shared.options = *options;
    server->shared.options.host = server->host;
    server->shared.handler = handler;
    server->shared.context = context;
    pthread_mutex_init(&server->shared.mutex, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&server->shared.none_open, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return server;
}

auk_code auk_http_server_start(auk_http_server *server, uint16_t *port, auk_error *err)
{
    int socket = -1;
    auk_code code = auk_http_listen(&server->shared.options, &socket, port, err);
    if (code != AUK_OK)
        return code;
    for (unsigned i = 0; i < server->count && code == AUK_OK; i++)
        code = auk_http_loop_open(&server->loops[i], &server->shared, err);
    if (code != AUK_OK) {
        close(socket);
        return code;
    }
    auk_http_listener_attach(server->loops, server->count, socket);
    server->started = true;
    /* the first loop accepts for the others, so it comes last */
    for (unsigned i = server->count; i > 0 && code == AUK_OK; i--)
        code = auk_http_loop_run(&server->loops[i - 1], err);
    return code;
}

static void ring_all(auk_http_server *server)
{
    for (unsigned i = 0; i < server->count; i++)
        if (server->loops[i].running)
            auk_http_inbox_ring(&server->loops[i].inbox);
}

/* Until no connection is left or the time is over. */
static void wait_for_none(auk_http_shared *shared, uint32_t timeout_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    pthread_mutex_lock(&shared->mutex);
    while (atomic_load(&shared->open))
        if (pthread_cond_timedwait(&shared->none_open, &shared->mutex, &until) == ETIMEDOUT)
            break;
    pthread_mutex_unlock(&shared->mutex);
}

void auk_http_server_drain(auk_http_server *server, uint32_t timeout_ms)
{
    if (!server->started)
        return;
    atomic_store(&server->shared.draining, true);
    ring_all(server);
    wait_for_none(&server->shared, timeout_ms);
    atomic_store(&server->shared.cutting, true);
    ring_all(server);
}

static void stop(auk_http_loop *loop)
{
    if (!loop->running)
        return;
    atomic_store(&loop->stopping, true);
    auk_http_inbox_ring(&loop->inbox);
    auk_http_loop_join(loop);
}

void auk_http_server_destroy(auk_http_server *server)
{
    if (!server)
        return;
    atomic_store(&server->shared.draining, true);
    atomic_store(&server->shared.cutting, true);
    /* the first loop first: it accepts for the others, which must still be there */
    for (unsigned i = 0; i < server->count; i++)
        stop(&server->loops[i]);
    for (unsigned i = 0; i < server->count; i++)
        auk_http_loop_close(&server->loops[i]);
    pthread_cond_destroy(&server->shared.none_open);
    pthread_mutex_destroy(&server->shared.mutex);
    free(server->loops);
    free(server->host);
    free(server);
}

void auk_http_server_read_stats(const auk_http_server *server, auk_http_server_stats *out)
{
    *out = (auk_http_server_stats){.connections_open = atomic_load(&server->shared.open)};
    for (unsigned i = 0; i < server->count; i++) {
        const auk_http_counters *counters = &server->loops[i].counters;
        out->connections_accepted += atomic_load(&counters->accepted);
        out->requests += atomic_load(&counters->requests);
        out->refused += atomic_load(&counters->refused);
        out->received_bytes += atomic_load(&counters->received);
        out->sent_bytes += atomic_load(&counters->sent);
    }
}
