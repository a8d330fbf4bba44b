/*
 * http_exchange.h - one HTTP request and the answer to it.
 *
 * The server parses a request completely (framing, limits, transfer coding, gzip) before anybody
 * sees it, so that a handler meets only plain values. Fill response, then call auk_http_respond
 * once.
 *
 *   Lifetime  the request, its arena and all spans of it live until auk_http_respond; afterwards
 * the exchange must not be touched. Threads   an exchange belongs to one thread at a time: the
 * loop's until the handler hands it on, then whoever holds it. auk_http_respond may be called from
 * any thread; auk_http_exchange_gone too, by the holder. Memory    request in its arena, request
 * body and response body on the heap, both charged to the server's budget. Errors    none here:
 * what cannot be sent (answer past the limit, no budget for it) is replaced by an error answer, a
 * lost connection is silent.
 */
#ifndef AUK_HTTP_EXCHANGE_H
#define AUK_HTTP_EXCHANGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auk/arena.h"
#include "auk/buffer.h"
#include "auk/span.h"

/* The methods that a handler may see; any other is answered 405 by the server. */
#define AUK_HTTP_METHOD_MAP(X)                                                                     \
    X(GET)                                                                                         \
    X(HEAD)                                                                                        \
    X(POST)                                                                                        \
    X(PUT)                                                                                         \
    X(DELETE)                                                                                      \
    X(PATCH)                                                                                       \
    X(OPTIONS)

typedef enum auk_http_method {
#define X(name) AUK_HTTP_##name,
    AUK_HTTP_METHOD_MAP(X)
#undef X
        AUK_HTTP_METHOD_COUNT
} auk_http_method;

/* "GET"; borrowed for ever. */
const char *auk_http_method_name(auk_http_method method);

/* A header, or a parameter of the query string. */
typedef struct auk_http_field {
    auk_span name;
    auk_span value;
} auk_http_field;

typedef struct auk_http_request {
    auk_http_method method;
    /* as sent, up to the question mark; begins with '/' (or is "*" for OPTIONS) */
    auk_span path;
    /* the parts between slashes, percent-decoded ('+' stays), valid UTF-8; empty parts are left
     * out, so "/a//b/" has two */
    const auk_span *segments;
    uint32_t segment_count;
    /* in the order sent, percent-decoded, '+' is a space, valid UTF-8; "pretty" alone has an empty
     * value */
    const auk_http_field *parameters;
    uint32_t parameter_count;
    /* in the order sent, value without the white space around it */
    const auk_http_field *headers;
    uint32_t header_count;
    /* after transfer coding and gzip; AUK_JSON_PADDING zero bytes are readable behind it, also when
     * it is empty */
    auk_span body;
    auk_span peer; /* address of the client, without port */
    uint16_t peer_port;
    uint64_t started_us; /* auk_clock_monotonic_us at the request's first byte */
    auk_arena *arena;
} auk_http_request;

#define AUK_HTTP_RESPONSE_HEADERS 16

typedef struct auk_http_response {
    int status;            /* 200 unless changed */
    auk_span content_type; /* static or in the arena; "application/json" unless changed */
    /* without Content-Length, Content-Encoding, Connection, X-Elastic-Product: the server's own */
    auk_http_field headers[AUK_HTTP_RESPONSE_HEADERS];
    uint32_t header_count;
    /* ready for use, its maximum is the server's answer limit, and it is charged as it grows; sent
     * without a copy. For HEAD write it as for GET: only its size is sent. */
    auk_buffer body;
} auk_http_response;

typedef struct auk_http_exchange auk_http_exchange;
struct auk_http_exchange {
    auk_http_request request;
    auk_http_response response;
    void *user; /* the handler's, for its way through a pool */
    /* Set by the server; a test that plays server sets its own. Called by auk_http_respond. */
    void (*finish)(auk_http_exchange *exchange);
};

/*
 * Sends the response. Once an exchange, from any thread, also within the handler. Compression
 * happens on the calling thread.
 */
void auk_http_respond(auk_http_exchange *exchange);

/*
 * True once the client has closed its side of the connection: work for it can stop. An answer is
 * still owed to auk_http_respond (a client that only shut down its sending side receives it).
 */
bool auk_http_exchange_gone(const auk_http_exchange *exchange);
/* The same to look at from afar, for those who know nothing of exchanges; NULL: never. */
const atomic_bool *auk_http_exchange_gone_flag(const auk_http_exchange *exchange);

/* Copies both into the arena; past AUK_HTTP_RESPONSE_HEADERS it is left out. Bytes that a header
 * must not hold become spaces. */
void auk_http_response_add(auk_http_exchange *exchange, auk_span name, auk_span value);

/* The first header of this name (any case), or NULL. */
const auk_http_field *auk_http_request_header(const auk_http_request *request, const char *name);
/* The last parameter of this name, as Elasticsearch takes them, or NULL. */
const auk_http_field *auk_http_request_parameter(const auk_http_request *request, const char *name);

/*
 * Fills segments and parameters (and path) of a request from a target such as "/a%20b/_doc?x=1&y",
 * as the server does; for tests and tools that make requests without a connection. False when the
 * target is malformed.
 */
bool auk_http_request_set_target(auk_http_request *request, auk_span target);

#endif
