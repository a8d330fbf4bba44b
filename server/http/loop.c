#include "loop.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "auk/clock.h"
#include "auk/log.h"
#include "connection.h"

#define FIRST_CHUNK ((size_t)8 * 1024)
/* An arena that a large request has made grow is not worth keeping. */
#define LARGEST_KEPT ((size_t)64 * 1024)

static void on_letter(auk_http_loop *loop, auk_http_letter *letter)
{
    switch (letter->kind) {
    case AUK_HTTP_LETTER_CONNECTION:
        auk_http_connection_open(auk_http_connection_of(letter), loop);
        break;
    case AUK_HTTP_LETTER_ANSWER:
        auk_http_connection_answer(letter);
        break;
    case AUK_HTTP_LETTER_RESUME:
        auk_http_connection_resume(auk_http_connection_of(letter));
        break;
    }
}

static void open_letters(auk_http_loop *loop, auk_http_letter *letter)
{
    while (letter) {
        auk_http_letter *next = letter->next;
        on_letter(loop, letter);
        letter = next;
    }
}

void auk_http_loop_look(auk_http_loop *loop)
{
    open_letters(loop, auk_http_inbox_collect(&loop->inbox));
}

static void obey_flags(auk_http_loop *loop)
{
    auk_http_shared *shared = loop->shared;
    bool cutting = atomic_load(&shared->cutting);
    if (!cutting && !atomic_load(&shared->draining))
        return;
    if (!loop->awaits_all) {
        loop->awaits_all = true;
        auk_http_inbox_await(&loop->inbox);
        auk_http_loop_look(loop);
    }
    if (loop->listener)
        evconnlistener_free(loop->listener);
    loop->listener = NULL;
    struct auk_http_connection *next;
    for (struct auk_http_connection *c = loop->connections; c; c = next) {
        next = c->next;
        auk_http_connection_drain(c, cutting);
    }
    if (atomic_load(&loop->stopping) && !atomic_load(&loop->open))
        event_base_loopbreak(loop->base);
}

static void on_bell(evutil_socket_t bell, short what, void *context)
{
    (void)bell;
    (void)what;
    auk_http_loop *loop = context;
    open_letters(loop, auk_http_inbox_take(&loop->inbox));
    obey_flags(loop);
}

/* Often enough that a deadline is missed by an eighth at most. */
static struct timeval sweep_period(const auk_http_server_options *options)
{
    uint32_t least = options->idle_deadline_ms;
    if (options->head_deadline_ms < least)
        least = options->head_deadline_ms;
    if (options->transfer_window_ms < least)
        least = options->transfer_window_ms;
    uint32_t period_ms = least / 8 < 5 ? 5 : least / 8 > 1000 ? 1000 : least / 8;
    return (struct timeval){.tv_sec = period_ms / 1000, .tv_usec = (long)(period_ms % 1000) * 1000};
}

static void on_sweep(evutil_socket_t none, short what, void *context)
{
    (void)none;
    (void)what;
    auk_http_loop *loop = context;
    auk_http_loop_look(loop); /* what nobody waited for */
    uint64_t now_us = auk_clock_monotonic_us();
    struct auk_http_connection *next;
    for (struct auk_http_connection *c = loop->connections; c; c = next) {
        next = c->next;
        auk_http_connection_check(c, now_us);
    }
}

void auk_http_loop_add(auk_http_loop *loop, struct auk_http_connection *connection)
{
    connection->next = loop->connections;
    connection->previous = NULL;
    if (loop->connections)
        loop->connections->previous = connection;
    loop->connections = connection;
    if (!loop->sweeping) {
        struct timeval period = sweep_period(&loop->shared->options);
        loop->sweeping = event_add(loop->sweep, &period) == 0;
    }
}

static void forget_one(auk_http_shared *shared)
{
    if (atomic_fetch_sub(&shared->open, 1) != 1)
        return;
    pthread_mutex_lock(&shared->mutex);
    pthread_cond_broadcast(&shared->none_open);
    pthread_mutex_unlock(&shared->mutex);
}

void auk_http_loop_remove(auk_http_loop *loop, struct auk_http_connection *connection)
{
    if (connection->previous)
        connection->previous->next = connection->next;
    else
        loop->connections = connection->next;
    if (connection->next)
        connection->next->previous = connection->previous;
    if (!loop->connections) {
        event_del(loop->sweep);
        loop->sweeping = false;
    }
    if (atomic_fetch_sub(&loop->open, 1) == 1 && atomic_load(&loop->stopping))
        auk_http_inbox_ring(&loop->inbox);
    forget_one(loop->shared);
}

auk_arena *auk_http_loop_take_arena(auk_http_loop *loop)
{
    if (loop->arena_count)
        return loop->arenas[--loop->arena_count];
    auk_arena *arena = auk_arena_create(FIRST_CHUNK);
    auk_arena_set_budget(arena, loop->shared->options.budget, AUK_PURPOSE_REQUESTS);
    return arena;
}

void auk_http_loop_return_arena(auk_http_loop *loop, auk_arena *arena)
{
    auk_arena_reset(arena);
    if (loop->arena_count < AUK_HTTP_ARENAS_KEPT && auk_arena_size(arena) <= LARGEST_KEPT)
        loop->arenas[loop->arena_count++] = arena;
    else
        auk_arena_destroy(arena);
}

static void on_log(int severity, const char *message)
{
    auk_log_level level = severity == EVENT_LOG_ERR    ? AUK_LOG_ERROR
                          : severity == EVENT_LOG_WARN ? AUK_LOG_WARN
                                                       : AUK_LOG_DEBUG;
    auk_log(level, "libevent", "message=\"%s\"", message);
}

static void on_fatal(int status)
{
    auk_fatal("libevent gave up with status %d", status);
}

/* libevent would write to standard error and call exit by itself. */
static void install_callbacks(void)
{
    event_set_log_callback(on_log);
    event_set_fatal_callback(on_fatal);
}

auk_code auk_http_loop_open(auk_http_loop *loop, auk_http_shared *shared, auk_error *err)
{
    static pthread_once_t installed = PTHREAD_ONCE_INIT;
    pthread_once(&installed, install_callbacks);
    loop->shared = shared;
    auk_code code = auk_http_inbox_open(&loop->inbox, err);
    if (code != AUK_OK)
        return code;
    struct event_config *config = event_config_new();
    if (!config)
        abort();
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
    loop->base = event_base_new_with_config(config);
    event_config_free(config);
    if (!loop->base)
        return auk_fail(err, AUK_IO, "no event loop: %s", strerror(errno));
    loop->bell = event_new(loop->base, loop->inbox.bell, EV_READ | EV_PERSIST, on_bell, loop);
    loop->sweep = event_new(loop->base, -1, EV_PERSIST, on_sweep, loop);
    loop->scratch = evbuffer_new();
    if (!loop->bell || !loop->sweep || !loop->scratch || event_add(loop->bell, NULL) != 0)
        abort();
    return AUK_OK;
}

static void *run(void *context)
{
    auk_http_loop *loop = context;
    event_base_dispatch(loop->base);
    return NULL;
}

auk_code auk_http_loop_run(auk_http_loop *loop, auk_error *err)
{
    /* Signals are the main thread's; a write to a closed socket must not raise SIGPIPE either. */
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int failed = pthread_create(&loop->thread, NULL, run, loop);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed)
        return auk_fail(err, AUK_IO, "no thread for an event loop: %s", strerror(failed));
    pthread_setname_np(loop->thread, "auk-http");
    loop->running = true;
    return AUK_OK;
}

void auk_http_loop_join(auk_http_loop *loop)
{
    if (loop->running)
        pthread_join(loop->thread, NULL);
    loop->running = false;
}

void auk_http_loop_close(auk_http_loop *loop)
{
    while (loop->arena_count)
        auk_arena_destroy(loop->arenas[--loop->arena_count]);
    if (loop->listener)
        evconnlistener_free(loop->listener);
    free(loop->acceptor);
    if (loop->scratch)
        evbuffer_free(loop->scratch);
    if (loop->bell)
        event_free(loop->bell);
    if (loop->sweep)
        event_free(loop->sweep);
    if (loop->base) {
        /* Streams that were closed last are freed by the loop, which was broken off before that. */
        (void)event_base_loop(loop->base, EVLOOP_NONBLOCK);
        event_base_free(loop->base);
    }
    auk_http_inbox_close(&loop->inbox);
}
