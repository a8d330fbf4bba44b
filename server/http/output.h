/*
 * output.h - a connection's answers on their way to the client.
 *
 *      answer ──> loop's scratch ──> socket, at once     most answers end here
 *                               └──> stream's output     the rest, booked until it is read
 *
 *   Lifetime  the connection's.
 *   Threads   the loop's.
 *   Memory    small bodies are copied; larger ones are sent from where they lie, with their charge
 *             (purpose answers), which is given back when they are written or the stream is freed.
 *   Errors    none: a socket that fails shows it in the stream's own write.
 */
#ifndef AUK_HTTP_OUTPUT_H
#define AUK_HTTP_OUTPUT_H

#include "connection.h"

/* Bytes that wait in the stream. */
size_t auk_http_output_pending(const auk_http_connection *connection);

/* No memory for answers that wait until their reader goes on. */
bool auk_http_output_is_short(const auk_http_connection *connection);

void auk_http_output_span(auk_http_connection *connection, auk_span bytes);

/*
 * An answer goes out in two steps, so that the call can be given up between them: who has read an
 * answer finds the memory of its request free. _take puts head and body into the loop's scratch
 * (keep: the connection stays open, and the head says so) and tells whether they were copied.
 */
bool auk_http_output_take(auk_http_connection *connection, auk_http_call *call, bool keep);
void auk_http_output_send(auk_http_connection *connection, bool copied);
/* The bytes of an answer that the socket has had already; _take leaves them out. */
void auk_http_output_note(auk_http_connection *connection, size_t sent_bytes);

/* Nothing waits any more: it was written, or nobody will read it. */
void auk_http_output_drop(auk_http_connection *connection);

#endif
