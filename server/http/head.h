/*
 * head.h - the head of a request: found in a stream of bytes, then read, strictly.
 *
 * Two steps, both free of sockets. A scanner is fed bytes as they come and says where the head
 * ends; it stops early at what can never become a sound head. The parser then reads the whole head
 * at once and settles everything that framing depends on. Whatever RFC 9112 leaves to a recipient's
 * kindness (bare LF, folded lines, repeated lengths, white space before a colon, ...) is refused.
 *
 *   Lifetime  a head borrows the bytes that it was parsed from; its fields lie in the arena.
 *   Threads   one owner.
 *   Memory    one array of fields in the arena.
 *   Errors    a refusal: 400, 405, 413, 414, 415, 417, 431. The connection is to be closed.
 */
#ifndef AUK_HTTP_HEAD_H
#define AUK_HTTP_HEAD_H

#include <stdint.h>

#include "auk/arena.h"
#include "auk/http_exchange.h"
#include "refusal.h"

typedef struct auk_http_limits {
    size_t request_line_bytes;
    size_t head_bytes;
    size_t body_bytes;
    uint32_t headers;
} auk_http_limits;

typedef enum auk_http_step {
    AUK_HTTP_MORE,    /* everything given was used, more is needed */
    AUK_HTTP_DONE,    /* the part is complete; what follows it is unused */
    AUK_HTTP_REFUSED, /* see the refusal */
} auk_http_step;

/* Start from zeros. */
typedef struct auk_http_scanner {
    size_t size; /* bytes of head seen so far */
    size_t line_size;
    uint32_t lines; /* complete ones */
    bool after_cr;
} auk_http_scanner;

/* Adds bytes that follow those seen; DONE: the head is the first scanner->size bytes of all. */
auk_http_step auk_http_scanner_feed(auk_http_scanner *scanner, const auk_http_limits *limits,
                                    auk_span bytes, auk_http_refusal *refusal);

typedef struct auk_http_head {
    auk_http_method method;
    auk_span target; /* origin form: an absolute target has lost its scheme and host */
    const auk_http_field *fields;
    uint32_t field_count;
    uint64_t length; /* of the body; 0 when chunked */
    bool chunked;
    bool version_1_0;
    bool keep_alive;
    bool expects_continue;
    bool gzip_body;
    bool accepts_gzip;
} auk_http_head;

/* bytes: a whole head with its empty line. */
bool auk_http_head_parse(auk_span bytes, const auk_http_limits *limits, auk_arena *arena,
                         auk_http_head *head, auk_http_refusal *refusal);

/*
 * Header lines and the empty line after them, nothing else; names and values borrow the bytes.
 * Shared by requests and by the answers that our client reads.
 */
bool auk_http_fields_parse(auk_span lines, uint32_t limit, auk_arena *arena,
                           const auk_http_field **fields, uint32_t *count,
                           auk_http_refusal *refusal);

/* Only digits, at most 18 of them. */
bool auk_http_length_parse(auk_span text, uint64_t *length);

/* Does a comma separated header name this token? (any case, parameters after ';' ignored) */
bool auk_http_fields_mention(const auk_http_field *fields, uint32_t count, auk_span name,
                             auk_span token);

#endif
