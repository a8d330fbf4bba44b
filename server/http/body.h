/*
 * body.h - receives the body of one request: transfer coding, gzip, limits, budget, padding.
 *
 *      from the socket ──> chunked? ──> gzip? ──> data[size] + padding
 *
 * A plain body of known length is read straight into its final place (_room, _advance); any other
 * goes through _feed. Memory is charged to the budget before it is taken. When the budget refuses,
 * the body is still read to its end, but dropped, so that the connection stays usable and the
 * client, which may write all before it reads, learns why.
 *
 *   Lifetime  _init .. _deinit; the data is the caller's to read until then.
 *   Threads   one owner at a time.
 *   Memory    Content-Length bytes at once, or doubling; AUK_GUNZIP_BYTES while inflating.
 *   Errors    a refusal that ends the connection: 400 broken coding, 413 over the limit (before or
 *             after inflating). ->held_back: a refusal that does not (429).
 */
#ifndef AUK_HTTP_BODY_H
#define AUK_HTTP_BODY_H

#include "auk/budget.h"
#include "auk/gunzip.h"
#include "chunk.h"
#include "head.h"

/* Readable zero bytes behind every body, as the JSON reader wants them (AUK_JSON_PADDING). */
#define AUK_HTTP_PADDING 64

typedef struct auk_http_body {
    char *data; /* NULL: none yet */
    size_t size;
    size_t capacity; /* without the padding */
    size_t limit;
    uint64_t left;     /* on the wire, when the length is known */
    uint64_t received; /* from the wire, coding included */
    bool is_chunked;
    auk_http_chunked chunked;
    auk_gunzip *gunzip;
    auk_budget *budget;
    size_t charged;
    bool dropping;
    auk_http_refusal held_back;
} auk_http_body;

/* Begins the body that the head announces; the head has been checked against the limit. */
void auk_http_body_init(auk_http_body *body, const auk_http_head *head, size_t limit_bytes,
                        auk_budget *budget);
void auk_http_body_deinit(auk_http_body *body);

/* Takes bytes off the front of *in. DONE: complete and padded. */
auk_http_step auk_http_body_feed(auk_http_body *body, auk_span *in, auk_http_refusal *refusal);

/* Where the next bytes of the wire may be written directly, and how many; 0: use _feed. */
size_t auk_http_body_room(const auk_http_body *body, char **at);
/* That many were written there; DONE as above. */
auk_http_step auk_http_body_advance(auk_http_body *body, size_t size);

/* The body so far; never without padding behind it once DONE. */
auk_span auk_http_body_span(const auk_http_body *body);

#endif
