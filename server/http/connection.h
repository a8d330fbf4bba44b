/*
 * connection.h - one client: bytes to calls, answers to bytes, one call at a time.
 *
 *            first byte          head complete          body complete          answer queued
 *      IDLE ───────────> HEAD ────────────────> BODY ────────────────> HANDLING ────────────> IDLE
 *       │                 │ refused, too slow    │                        │ or, when the connection
 *       │                 └───────────┬──────────┘                        │ shall end
 *       │ idle too long               v          answer written           v
 *       └──────> CLOSED <── LINGER <──────────────────────────────────── LAST
 *
 *   IDLE      no byte of a request has been looked at; an earlier answer may still be on its way
 *   HEAD      the scanner has seen scanner.size bytes, all still in the input
 *   BODY      call is set, its body incomplete
 *   HANDLING  call belongs to the handler; input is read up to a mark and not looked at
 *   LAST      the output holds the last answer; input is dropped
 *   LINGER    our side is shut down; input is dropped for a while, so that the client can read the
 *             answer instead of a reset
 *   CLOSED    no socket; the struct waits for its call or its letter to come home
 *
 *   Lifetime  _create (any thread), then the loop's until it frees itself.
 *   Threads   the loop's, except _create.
 *   Memory    this struct and a bufferevent; input up to a mark of 4 KiB, which is charged and
 *             raised for a longer head; unread output is booked, and while it waits and memory is
 *             short no further request is begun.
 *   Errors    refusals to the client; a lost connection is silent.
 */
#ifndef AUK_HTTP_CONNECTION_H
#define AUK_HTTP_CONNECTION_H

#include <netinet/in.h>

#include "call.h"
#include "loop.h"

struct bufferevent;

/* Progress since a moment, to be compared with the least rate. */
typedef struct auk_http_window {
    uint64_t since_us;
    uint64_t moved_bytes; /* at that moment */
} auk_http_window;

/* Answers that the client has not read yet; see output.h. */
typedef struct auk_http_output {
    uint64_t queued_bytes; /* ever handed to the stream or the socket */
    size_t booked_bytes;
    auk_http_window window;
    bool is_waiting; /* the stream has some to write */
} auk_http_output;

typedef struct auk_http_connection {
    auk_http_letter letter; /* first: arrival, later RESUME */
    struct auk_http_connection *next;
    struct auk_http_connection *previous;
    auk_http_loop *loop;
    struct bufferevent *stream;
    auk_http_call *call;
    auk_arena *arena; /* of the call */
    auk_http_scanner scanner;
    int socket;
    uint8_t state;
    uint8_t entered;    /* our functions on the stack: not to be freed under them */
    bool letter_posted; /* RESUME is on its way */
    bool input_ended;
    bool awaits; /* its call's answer, with something to do behind it */
    uint16_t peer_port;
    char peer[INET6_ADDRSTRLEN];
    uint64_t state_since_us;
    size_t input_mark; /* up to where input is read ahead */
    size_t input_booked;
    auk_http_window input;
    auk_http_output output;
} auk_http_connection;

/* Takes the socket; post its letter to the loop that shall have it. */
auk_http_connection *auk_http_connection_create(int socket, const struct sockaddr *peer);

static inline auk_http_connection *auk_http_connection_of(auk_http_letter *letter)
{
    return (auk_http_connection *)letter;
}

void auk_http_connection_open(auk_http_connection *connection, auk_http_loop *loop);
void auk_http_connection_answer(auk_http_letter *letter);
void auk_http_connection_resume(auk_http_connection *connection);

/* Closes an idle connection, lets a busy one end after its answer; cut: closes any. */
void auk_http_connection_drain(auk_http_connection *connection, bool cut);

/* Holds the connection against its deadlines. */
void auk_http_connection_check(auk_http_connection *connection, uint64_t now_us);

#endif
