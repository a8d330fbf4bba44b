/*
 * listener.h - one listening socket; its loop accepts and hands connections to the emptiest loop.
 *
 * One socket instead of one a loop with SO_REUSEPORT: the kernel spreads by hash, so that two
 * clients may share a loop while another idles, and a second server could bind the same port
 * unnoticed.
 *
 *   Lifetime  the socket is the listener's, the listener is the first loop's.
 *   Threads   before the loops run; then the first loop's.
 *   Memory    none.   Errors  AUK_IO with the address.
 */
#ifndef AUK_HTTP_LISTENER_H
#define AUK_HTTP_LISTENER_H

#include "loop.h"

/* Binds and listens; *port is the one in use. */
AUK_MUST_CHECK auk_code auk_http_listen(const auk_http_server_options *options, int *socket,
                                        uint16_t *port, auk_error *err);

/* Loops accept from then on. loops: count of them, the first one gets the listener. */
void auk_http_listener_attach(auk_http_loop *loops, unsigned count, int socket);

#endif
