/*
 * http_client.h - a blocking HTTP/1.1 client for our own command line.
 *
 * One client is one address and at most one connection, kept alive between calls. Plain TCP.
 *
 *   Lifetime  _open .. _close; an answer is borrowed until the next call or _close.
 *   Threads   one thread at a time; parallel uploads use a client each.
 *   Memory    the answer, up to answer_limit_bytes.
 *   Errors    AUK_INVALID for a URL that it cannot use, AUK_IO when the server cannot be reached,
 * is silent past a time-out, or breaks off; AUK_CORRUPT when it does not speak HTTP; AUK_TOO_LARGE
 * past the answer limit. A status of 400 or 500 is an answer, not a failure.
 */
#ifndef AUK_HTTP_CLIENT_H
#define AUK_HTTP_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "auk/error.h"
#include "auk/http_exchange.h"

typedef struct auk_http_client auk_http_client;

typedef struct auk_http_client_options {
    auk_span url; /* http://host[:port][/prefix], or host[:port]; port 9200 when absent; copied */
    uint32_t connect_timeout_ms; /* 0: 5 s */
    uint32_t silence_timeout_ms; /* no byte moved either way for so long; 0: 60 s */
    size_t answer_limit_bytes;   /* 0: 256 MiB */
} auk_http_client_options;

typedef struct auk_http_answer {
    int status;
    auk_span content_type; /* empty when absent */
    auk_span body;         /* AUK_JSON_PADDING zero bytes are readable behind it */
    const auk_http_field *headers;
    uint32_t header_count;
    /* the request may have reached the server although no answer came: set also when the call fails
     */
    bool maybe_sent;
} auk_http_answer;

/* Reads the URL and looks the name up; the connection is made by the first call. */
AUK_MUST_CHECK auk_code auk_http_client_open(const auk_http_client_options *options,
                                             auk_http_client **out, auk_error *err);
void auk_http_client_close(auk_http_client *client); /* NULL is fine */

/*
 * One request and its answer.
 *
 * target   "/index/_bulk?refresh=true", encoded already; the URL's prefix is put in front
 * headers  besides Host, Content-Length and Connection; content type included
 *
 * A connection that the server has closed meanwhile is made again; GET and HEAD are sent again once
 * when a kept connection breaks before the answer begins, other methods are not (see maybe_sent).
 */
AUK_MUST_CHECK auk_code auk_http_client_call(auk_http_client *client, auk_http_method method,
                                             auk_span target, const auk_http_field *headers,
                                             uint32_t header_count, auk_span body,
                                             auk_http_answer *answer, auk_error *err);

/* Percent-encodes a path segment or a parameter's value. */
void auk_http_encode(auk_buffer *out, auk_span text);

/* "localhost:9200": what messages name. Borrowed until _close. */
auk_span auk_http_client_address(const auk_http_client *client);

#endif
