/*
 * http_server.h - accepts connections and turns bytes into exchanges, strictly.
 *
 * A few event loops, each with a thread of its own, share the connections. A loop frames requests,
 * inflates bodies, and calls the handler with a complete exchange; a connection has one exchange in
 * flight, further pipelined requests wait unread. Whatever could be read in two ways is answered
 * 400 and the connection is closed.
 *
 *   Lifetime  _create .. _destroy. _destroy returns when every exchange has been answered, so stop
 *             accepting (_drain), finish the pools that hold exchanges, then destroy.
 *   Threads   _create, _start, _drain, _destroy: one owner. The handler runs on a loop's thread and
 *             must not block: it hands the exchange to a pool or answers at once. _read_stats: any.
 *   Memory    an idle connection costs about 1 KiB; bodies and answers are charged to the budget
 *             (AUK_PURPOSE_REQUESTS, _ANSWERS) as they grow, before they are held.
 *   Errors    _start: AUK_IO with the address when it cannot bind. Clients get JSON in
 *             Elasticsearch's shape: 400, 405, 408, 413, 414, 415, 417, 431, and 429 with
 *             Retry-After when the budget refuses a body.
 */
#ifndef AUK_HTTP_SERVER_H
#define AUK_HTTP_SERVER_H

#include <stdint.h>

#include "auk/budget.h"
#include "auk/error.h"
#include "auk/http_exchange.h"

typedef struct auk_http_server auk_http_server;

typedef void (*auk_http_handler)(auk_http_exchange *exchange, void *context);

typedef struct auk_http_server_options {
    const char *host; /* address or name; copied */
    uint16_t port;    /* 0: the system chooses */
    unsigned loops;   /* event loops */

    size_t request_line_limit_bytes;
    size_t head_limit_bytes; /* request line, headers, empty line */
    uint32_t header_limit;   /* count */
    size_t body_limit_bytes; /* as received, and again after gzip and chunks are undone */
    size_t answer_limit_bytes;
    uint32_t connection_limit;  /* further ones are closed at once */
    size_t compress_from_bytes; /* answers from this size on are compressed when accepted */

    uint32_t idle_deadline_ms; /* a connection without a request */
    uint32_t head_deadline_ms; /* from a request's first byte to its empty line */
    /* A body, or an answer that the client reads, must move on by rate_floor bytes a second, looked
     * at once every transfer_window. */
    uint32_t transfer_window_ms;
    uint32_t rate_floor_bytes_per_second;

    auk_budget *budget; /* borrowed until _destroy; NULL: no limit */
    bool omit_product;  /* leave X-Elastic-Product out of answers */
} auk_http_server_options;

/* 127.0.0.1:9200, loops: cores (at most 8), and the limits named in the project's design. */
void auk_http_server_options_init(auk_http_server_options *options);

/* Copies the options; context goes to every call of the handler. */
auk_http_server *auk_http_server_create(const auk_http_server_options *options,
                                        auk_http_handler handler, void *context);

/* Binds, listens, starts the loops. *port is the port in use. */
AUK_MUST_CHECK auk_code auk_http_server_start(auk_http_server *server, uint16_t *port,
                                              auk_error *err);

/*
 * Stops accepting, closes idle connections, lets requests that have begun be answered with
 * "Connection: close"; returns when no connection is left or after timeout_ms, when the rest is
 * cut.
 */
void auk_http_server_drain(auk_http_server *server, uint32_t timeout_ms);

/* NULL is fine; also after a failed or missing _start. Without _drain before, connections are cut.
 */
void auk_http_server_destroy(auk_http_server *server);

typedef struct auk_http_server_stats {
    uint64_t connections_open;
    uint64_t connections_accepted;
    uint64_t requests; /* handed to the handler */
    uint64_t refused; /* answered by the server itself: malformed, too large, too slow, no budget */
    uint64_t received_bytes; /* heads and bodies, as received */
    uint64_t sent_bytes;     /* answers, as sent */
} auk_http_server_stats;

void auk_http_server_read_stats(const auk_http_server *server, auk_http_server_stats *out);

#endif
