/*
 * bench_echo.c - the least that libevent can do with a request: the ceiling for our event loops.
 *
 *   bench_echo THREADS ANSWER_BYTES    prints its port and serves until it is killed
 *
 * Reads to the empty line and a body by its Content-Length, checks nothing, and answers with the
 * same bytes always. Each thread has a loop and a listening socket of its own.
 */
#include <arpa/inet.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *answer;
static size_t answer_size;

/* The size of the first request in the input; 0: not all there. */
static size_t request_size(struct evbuffer *input)
{
    struct evbuffer_ptr end = evbuffer_search(input, "\r\n\r\n", 4, NULL);
    if (end.pos < 0)
        return 0;
    size_t size = (size_t)end.pos + 4;
    struct evbuffer_ptr found = evbuffer_search(input, "Content-Length: ", 16, NULL);
    if (found.pos >= 0 && found.pos < end.pos) {
        const char *head = (const char *)evbuffer_pullup(input, (ev_ssize_t)size);
        size += strtoul(head + found.pos + 16, NULL, 10);
    }
    return evbuffer_get_length(input) >= size ? size : 0;
}

static void on_read(struct bufferevent *stream, void *context)
{
    (void)context;
    struct evbuffer *input = bufferevent_get_input(stream);
    for (size_t size; (size = request_size(input)) != 0;) {
        (void)evbuffer_drain(input, size);
        (void)bufferevent_write(stream, answer, answer_size);
    }
}

static void on_event(struct bufferevent *stream, short what, void *context)
{
    (void)what;
    (void)context;
    bufferevent_free(stream);
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t socket,
                      struct sockaddr *peer, int size, void *context)
{
    (void)peer;
    (void)size;
    (void)context;
    int yes = 1;
    (void)setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    struct bufferevent *stream =
        bufferevent_socket_new(evconnlistener_get_base(listener), socket, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(stream, on_read, NULL, on_event, NULL);
    (void)bufferevent_enable(stream, EV_READ | EV_WRITE);
}

static struct evconnlistener *listen_on(struct event_base *base, uint16_t *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(*port)};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct evconnlistener *listener =
        evconnlistener_new_bind(base, on_accept, NULL,
                                LEV_OPT_CLOSE_ON_FREE | LEV_OPT_REUSEABLE | LEV_OPT_REUSEABLE_PORT,
                                4096, (struct sockaddr *)&at, sizeof at);
    socklen_t size = sizeof at;
    if (!listener ||
        getsockname(evconnlistener_get_fd(listener), (struct sockaddr *)&at, &size) != 0)
        abort();
    *port = ntohs(at.sin_port);
    return listener;
}

static void *run(void *base)
{
    (void)event_base_dispatch(base);
    return NULL;
}

int main(int argc, char **argv)
{
    long threads = argc > 1 ? strtol(argv[1], NULL, 10) : 1;
    size_t body = argc > 2 ? strtoul(argv[2], NULL, 10) : 100;
    uint16_t port = 0;
    (void)signal(SIGPIPE, SIG_IGN);
    answer = malloc(256 + body);
    if (!answer)
        abort();
    answer_size = (size_t)snprintf(answer, 256,
                                   "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
                                   "content-length: %zu\r\n\r\n",
                                   body);
    memset(answer + answer_size, 'x', body);
    answer_size += body;
    for (long i = 0; i < threads; i++) {
        pthread_t thread;
        struct event_base *base = event_base_new();
        (void)listen_on(base, &port);
        if (pthread_create(&thread, NULL, run, base) != 0)
            abort();
    }
    (void)printf("%u\n", (unsigned)port);
    (void)fflush(stdout);
    while (getchar() != EOF) /* whoever started us holds the other end */
        ;
    return 0;
}
