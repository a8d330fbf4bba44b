/*
 * intake.h - what a client has sent, on its way from the stream's input into a call.
 *
 *   Lifetime  none of its own.
 *   Threads   the loop's.
 *   Memory    a head is scanned where it lies; a plain body moves straight into its place.
 *   Errors    AUK_HTTP_REFUSED, with the refusal; what the socket itself says is left to the
 * stream.
 */
#ifndef AUK_HTTP_INTAKE_H
#define AUK_HTTP_INTAKE_H

#include "body.h"
#include "head.h"

struct evbuffer;

/* Looks at the input from what the scanner has seen on; nothing is taken from it. */
auk_http_step auk_http_intake_head(struct evbuffer *input, auk_http_scanner *scanner,
                                   const auk_http_limits *limits, auk_http_refusal *refusal);

/* Moves input into the body, and bytes of the socket after it where the body's length is known. */
auk_http_step auk_http_intake_body(struct evbuffer *input, int socket, auk_http_body *body,
                                   auk_http_refusal *refusal);

#endif
