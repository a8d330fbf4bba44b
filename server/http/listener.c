#include "listener.h"

#include <errno.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auk/log.h"
#include "connection.h"

#define BACKLOG 1024

static int bind_one(const struct addrinfo *at)
{
    int yes = 1;
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, at->ai_protocol);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(fd, at->ai_addr, at->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    int failure = errno;
    close(fd);
    errno = failure;
    return -1;
}

static uint16_t port_of(int fd)
{
    struct sockaddr_storage address = {0};
    socklen_t size = sizeof address;
    getsockname(fd, (struct sockaddr *)&address, &size);
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    memcpy(&v4, &address, sizeof v4);
    memcpy(&v6, &address, sizeof v6);
    return ntohs(address.ss_family == AF_INET6 ? v6.sin6_port : v4.sin_port);
}

auk_code auk_http_listen(const auk_http_server_options *options, int *socket, uint16_t *port,
                         auk_error *err)
{
    char service[8];
    struct addrinfo *found = NULL;
    struct addrinfo wanted = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
    snprintf(service, sizeof service, "%u", options->port);
    int failure = getaddrinfo(options->host, service, &wanted, &found);
    if (failure)
        return auk_fail(err, AUK_IO, "cannot listen on \"%s\": %s", options->host,
                        gai_strerror(failure));
    int fd = -1;
    for (struct addrinfo *at = found; at && fd < 0; at = at->ai_next)
        fd = bind_one(at);
    int reason = errno;
    freeaddrinfo(found);
    if (fd < 0)
        return auk_fail(err, AUK_IO, "cannot listen on \"%s\" port %u: %s", options->host,
                        options->port, strerror(reason));
    *socket = fd;
    *port = port_of(fd);
    return AUK_OK;
}

struct acceptor {
    auk_http_loop *loops;
    unsigned count;
    unsigned turn; /* so that equally full loops take turns */
};

static auk_http_loop *emptiest(struct acceptor *acceptor)
{
    auk_http_loop *best = NULL;
    acceptor->turn++;
    for (unsigned i = 0; i < acceptor->count; i++) {
        auk_http_loop *loop = &acceptor->loops[(acceptor->turn + i) % acceptor->count];
        if (!best || atomic_load(&loop->open) < atomic_load(&best->open))
            best = loop;
    }
    return best;
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *peer,
                      int peer_size, void *context)
{
    (void)listener;
    (void)peer_size;
    struct acceptor *acceptor = context;
    auk_http_loop *loop = emptiest(acceptor);
    auk_http_shared *shared = loop->shared;
    int yes = 1;
    if (atomic_load(&shared->open) >= shared->options.connection_limit) {
        close(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    atomic_fetch_add(&loop->open, 1);
    atomic_fetch_add(&shared->open, 1);
    auk_http_count(&loop->counters.accepted, 1);
    auk_http_connection *connection = auk_http_connection_create(fd, peer);
    if (loop == &acceptor->loops[0])
        auk_http_connection_open(connection, loop);
    else
        auk_http_inbox_put(&loop->inbox, &connection->letter);
}

static void on_pause_end(evutil_socket_t none, short what, void *context)
{
    (void)none;
    (void)what;
    auk_http_loop *loop = context;
    if (loop->listener)
        evconnlistener_enable(loop->listener);
}

/* Mostly: no descriptor left. The socket stays readable, so trying again at once would spin. */
static void on_accept_error(struct evconnlistener *listener, void *context)
{
    struct acceptor *acceptor = context;
    struct timeval pause = {.tv_usec = 100000};
    auk_log(AUK_LOG_WARN, "cannot accept connections", "reason=\"%s\"", strerror(errno));
    evconnlistener_disable(listener);
    event_base_once(acceptor->loops[0].base, -1, EV_TIMEOUT, on_pause_end, &acceptor->loops[0],
                    &pause);
}

void auk_http_listener_attach(auk_http_loop *loops, unsigned count, int socket)
{
    struct acceptor *acceptor = malloc(sizeof *acceptor);
    if (!acceptor)
        abort();
    *acceptor = (struct acceptor){.loops = loops, .count = count};
    loops[0].acceptor = acceptor;
    loops[0].listener =
        evconnlistener_new(loops[0].base, on_accept, acceptor,
                           LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, socket);
    if (!loops[0].listener)
        abort();
    evconnlistener_set_error_cb(loops[0].listener, on_accept_error);
}
