/*
 * wire.h - a client's connection to one address, with time-outs.
 *
 * The socket does not block; every wait is a poll. While a request is being written the answer is
 * listened for as well: a server that refuses a body early is heard at once.
 *
 *   Lifetime  _open .. _close; it connects, and connects again, at any time between.
 *   Threads   one at a time.
 *   Memory    the addresses found and a socket.
 *   Errors    AUK_INVALID for a malformed address, else AUK_IO, named with host:port.
 */
#ifndef AUK_HTTP_WIRE_H
#define AUK_HTTP_WIRE_H

#include "auk/buffer.h"
#include "auk/error.h"

struct addrinfo;

typedef struct auk_http_wire {
    auk_buffer address; /* host:port */
    struct addrinfo *found;
    uint32_t connect_timeout_ms;
    uint32_t silence_timeout_ms; /* between two bytes, either way */
    int socket;                  /* -1: not connected */
    bool reused;                 /* the connection has carried an answer before */
} auk_http_wire;

/* Looks the host up; the time-outs are the caller's to set. To be closed also when it fails. */
AUK_MUST_CHECK auk_code auk_http_wire_open(auk_http_wire *wire, auk_span host, auk_span port,
                                           auk_error *err);
void auk_http_wire_close(auk_http_wire *wire);

/* To the first of the addresses that takes it. */
AUK_MUST_CHECK auk_code auk_http_wire_connect(auk_http_wire *wire, auk_error *err);
void auk_http_wire_disconnect(auk_http_wire *wire);

/* Disconnects what the server has closed meanwhile. */
void auk_http_wire_drop_stale(auk_http_wire *wire);

/* *complete false, and AUK_OK: the server begins to answer before it has read everything. */
AUK_MUST_CHECK auk_code auk_http_wire_send(auk_http_wire *wire, auk_span head, auk_span body,
                                           bool *complete, auk_error *err);

/* Up to room bytes as soon as there are any; *size 0 at the end of the stream. */
AUK_MUST_CHECK auk_code auk_http_wire_receive(auk_http_wire *wire, char *at, size_t room,
                                              size_t *size, auk_error *err);

/* AUK_IO with the address before what went wrong. */
auk_code auk_http_wire_fail(const auk_http_wire *wire, auk_error *err, const char *what);

#endif
