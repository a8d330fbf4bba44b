/*
 * loop.h - one event loop: a thread, its libevent base, its connections.
 *
 * Everything of libevent that belongs to a loop is touched by its thread alone, so libevent runs
 * without locks; other threads speak through the inbox and the shared flags.
 *
 *   Lifetime  _open (still without a thread), _run, _join, _close.
 *   Threads   fields: the loop's thread, except inbox, open and counters.
 *   Memory    a few arenas are kept for the next requests.
 *   Errors    AUK_IO at _open and _run.
 */
#ifndef AUK_HTTP_LOOP_H
#define AUK_HTTP_LOOP_H

#include <pthread.h>
#include <stdatomic.h>

#include "auk/http_server.h"
#include "inbox.h"

struct auk_http_connection;
struct event;
struct event_base;
struct evbuffer;
struct evconnlistener;

/* What all loops of a server have in common. */
typedef struct auk_http_shared {
    auk_http_server_options options;
    auk_http_handler handler;
    void *context;
    atomic_bool draining; /* accept nothing, close what is idle */
    atomic_bool cutting;  /* close everything */
    atomic_size_t open;   /* connections of all loops */
    pthread_mutex_t mutex;
    pthread_cond_t none_open; /* with mutex: open has become 0 */
} auk_http_shared;

typedef struct auk_http_counters {
    atomic_uint_fast64_t accepted;
    atomic_uint_fast64_t requests;
    atomic_uint_fast64_t refused;
    atomic_uint_fast64_t received;
    atomic_uint_fast64_t sent;
} auk_http_counters;

#define AUK_HTTP_ARENAS_KEPT 16

typedef struct auk_http_loop {
    auk_http_shared *shared;
    struct event_base *base;
    struct event *bell;
    struct event *sweep;
    bool sweeping;
    bool awaits_all;                         /* every answer, for it is draining */
    struct evbuffer *scratch;                /* an answer on its way out; empty between two */
    struct auk_http_connection *connections; /* newest first */
    struct evconnlistener *listener;         /* the first loop's only */
    void *acceptor;                          /* the listener's own, freed with the loop */
    auk_arena *arenas[AUK_HTTP_ARENAS_KEPT];
    unsigned arena_count;
    pthread_t thread;
    bool running;
    atomic_bool stopping; /* leave when no connection is left; set while cutting */
    auk_http_inbox inbox;
    atomic_size_t open; /* connections given to this loop */
    auk_http_counters counters;
} auk_http_loop;

AUK_MUST_CHECK auk_code auk_http_loop_open(auk_http_loop *loop, auk_http_shared *shared,
                                           auk_error *err);
AUK_MUST_CHECK auk_code auk_http_loop_run(auk_http_loop *loop, auk_error *err);
void auk_http_loop_join(auk_http_loop *loop); /* stopping is set and the bell rung */
void auk_http_loop_close(auk_http_loop *loop);

/* An empty arena for a request, and its way back. */
auk_arena *auk_http_loop_take_arena(auk_http_loop *loop);
void auk_http_loop_return_arena(auk_http_loop *loop, auk_arena *arena);

/* Deals with the letters that have come. */
void auk_http_loop_look(auk_http_loop *loop);

/* A connection came or went; the sweep over deadlines runs while there is one. */
void auk_http_loop_add(auk_http_loop *loop, struct auk_http_connection *connection);
void auk_http_loop_remove(auk_http_loop *loop, struct auk_http_connection *connection);

static inline void auk_http_count(atomic_uint_fast64_t *counter, uint64_t add)
{
    atomic_fetch_add_explicit(counter, add, memory_order_relaxed);
}

#endif
