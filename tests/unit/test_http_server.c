/* The real server on a port of its own, spoken to byte by byte. */
#include "test.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <unistd.h>

#include "auk/clock.h"
#include "auk/compress.h"
#include "auk/http_server.h"
#include "auk/pool.h"

struct fixture {
    auk_http_server_options options;
    auk_http_server *server;
    auk_pool *pool;
    uint16_t port;
    atomic_int gone; /* exchanges whose client had gone */
};

static void answer_echo(auk_http_exchange *exchange)
{
    const auk_http_request *request = &exchange->request;
    auk_buffer *out = &exchange->response.body;
    for (int i = 0; i < 64; i++) /* the padding is readable and zero */
        assert_int_equal(request->body.data[request->body.size + (size_t)i], 0);
    exchange->response.content_type = AUK_SPAN("text/plain");
    const auk_http_field *opaque = auk_http_request_header(request, "x-opaque-id");
    if (opaque)
        auk_http_response_add(exchange, opaque->name, opaque->value);
    auk_buffer_printf(out, "%s %.*s %zu ", auk_http_method_name(request->method),
                      AUK_SPAN_ARG(request->path), request->body.size);
    auk_buffer_append(out, request->body);
}

static void answer_large(auk_http_exchange *exchange)
{
    auk_span size = exchange->request.segments[1];
    size_t wanted = 0;
    for (size_t i = 0; i < size.size; i++)
        wanted = wanted * 10 + (size_t)(size.data[i] - '0');
    char *at = auk_buffer_reserve(&exchange->response.body, wanted);
    if (!at)
        return;
    for (size_t i = 0; i < wanted; i++)
        at[i] = (char)('a' + i % 23);
    exchange->response.body.size = wanted;
}

static void sleep_ms(unsigned ms)
{
    usleep(ms * 1000);
}

static void work(void *context)
{
    auk_http_exchange *exchange = context;
    struct fixture *f = exchange->user;
    auk_span what = exchange->request.segment_count ? exchange->request.segments[0] : AUK_SPAN("");
    if (auk_span_is(what, "large"))
        answer_large(exchange);
    else if (auk_span_is(what, "count"))
        auk_buffer_printf(&exchange->response.body, "%zu", exchange->request.body.size);
    else if (auk_span_is(what, "nothing"))
        exchange->response.status = 204;
    else
        answer_echo(exchange);
    if (auk_span_is(what, "slow"))
        sleep_ms(150);
    if (auk_http_exchange_gone(exchange))
        atomic_fetch_add(&f->gone, 1);
    auk_http_respond(exchange);
}

/* Paths under /at-once are answered on the loop's thread, others by the pool. */
static void handle(auk_http_exchange *exchange, void *context)
{
    struct fixture *f = context;
    exchange->user = f;
    if (exchange->request.segment_count && auk_span_is(exchange->request.segments[0], "at-once")) {
        work(exchange);
        return;
    }
    assert_int_equal(auk_pool_submit(f->pool, work, exchange, NULL), AUK_OK);
}

static void open_server(struct fixture *f)
{
    auk_error err;
    f->server = auk_http_server_create(&f->options, handle, f);
    if (auk_http_server_start(f->server, &f->port, &err) != AUK_OK)
        fail_msg("%s", err.message);
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    auk_http_server_options_init(&f->options);
    f->options.port = 0;
    f->options.loops = 2;
    f->options.body_limit_bytes = 32u << 20;
    f->pool = auk_pool_create("test", 2, 1000);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    auk_pool_destroy(f->pool);
    auk_http_server_destroy(f->server);
    auk_budget_destroy(f->options.budget);
    free(f);
    return 0;
}

static int dial(const struct fixture *f)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons(f->port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

static void say_bytes(int fd, const void *data, size_t size)
{
    const char *at = data;
    while (size) {
        ssize_t sent = send(fd, at, size, MSG_NOSIGNAL);
        if (sent < 0)
            return; /* the server has hung up: the reading side tells */
        at += sent;
        size -= (size_t)sent;
    }
}

static void say(int fd, const char *text)
{
    say_bytes(fd, text, strlen(text));
}

/* Up to the end of stream. */
static auk_buffer hear_all(int fd)
{
    auk_buffer all;
    auk_buffer_init(&all, 256u << 20);
    for (;;) {
        char *at = auk_buffer_reserve(&all, 65536);
        ssize_t got = recv(fd, at, 65536, 0);
        if (got <= 0)
            break;
        all.size += (size_t)got;
    }
    auk_buffer_append_byte(&all, 0);
    all.size--;
    return all;
}

struct reply {
    int status;
    auk_buffer head; /* terminated */
    auk_buffer body; /* terminated */
};

static void free_reply(struct reply *reply)
{
    auk_buffer_deinit(&reply->head);
    auk_buffer_deinit(&reply->body);
}

/* One answer with a Content-Length, and nothing behind it. */
static struct reply hear(int fd, bool has_body)
{
    struct reply reply = {0};
    auk_buffer_init(&reply.head, 65536);
    auk_buffer_init(&reply.body, 256u << 20);
    while (reply.head.size < 4 || memcmp(reply.head.data + reply.head.size - 4, "\r\n\r\n", 4)) {
        char byte;
        if (recv(fd, &byte, 1, 0) != 1)
            fail_msg("connection closed after \"%.*s\"",
                     AUK_SPAN_ARG(auk_buffer_span(&reply.head)));
        auk_buffer_append_byte(&reply.head, byte);
    }
    auk_buffer_append_byte(&reply.head, 0);
    reply.status = (int)strtol(reply.head.data + 9, NULL, 10);
    const char *length = strstr(reply.head.data, "content-length: ");
    size_t wanted = has_body && length ? strtoul(length + 16, NULL, 10) : 0;
    while (reply.body.size < wanted) {
        size_t left = wanted - reply.body.size;
        char *at = auk_buffer_reserve(&reply.body, left);
        ssize_t got = recv(fd, at, left, 0);
        assert_true(got > 0);
        reply.body.size += (size_t)got;
    }
    auk_buffer_append_byte(&reply.body, 0);
    reply.body.size--;
    return reply;
}

static void expect(int fd, int status, const char *body)
{
    struct reply reply = hear(fd, true);
    assert_int_equal(reply.status, status);
    assert_string_equal(reply.body.data, body);
    free_reply(&reply);
}

static void assert_closed(int fd)
{
    char byte;
    struct pollfd one = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&one, 1, 4000), 1);
    assert_true(recv(fd, &byte, 1, 0) <= 0);
}

#define HOST "Host: a\r\n"

static void answers_and_keeps_the_connection(void **state)
{
    struct fixture *f = *state;
    open_server(f);
    int fd = dial(f);
    for (int i = 0; i < 3; i++) {
        say(fd, "POST /a?x HTTP/1.1\r\n" HOST "Content-Length: 5\r\nX-Opaque-Id: 7\r\n\r\nhello");
        struct reply reply = hear(fd, true);
        assert_int_equal(reply.status, 200);
        assert_string_equal(reply.body.data, "POST /a 5 hello");
        assert_non_null(strstr(reply.head.data, "X-Elastic-Product: Elasticsearch\r\n"));
        assert_non_null(strstr(reply.head.data, "content-type: text/plain\r\n"));
        assert_non_null(strstr(reply.head.data, "X-Opaque-Id: 7\r\n"));
        free_reply(&reply);
    }
    auk_http_server_stats stats;
    auk_http_server_read_stats(f->server, &stats);
    assert_int_equal(stats.connections_open, 1);
    assert_int_equal(stats.requests, 3);
    close(fd);
}

static void request_byte_by_byte(void **state)
{
    struct fixture *f = *state;
    open_server(f);
    int fd = dial(f);
    const char *text = "PUT /a HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
                       "2;x=y\r\nhe\r\n3\r\nllo\r\n0\r\nX: y\r\n\r\n";
    int no_delay = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay);
    for (const char *at = text; *at; at++)
        say_bytes(fd, at, 1);
    expect(fd, 200, "PUT /a 5 hello");
    close(fd);
}

static void pipelined_requests_are_answered_in_order(void **state)
{
    struct fixture *f = *state;
    open_server(f);
    int fd = dial(f);
    auk_buffer all;
    auk_buffer_init(&all, 1 << 20);
    for (int i = 0; i < 500; i++)
        auk_buffer_printf(&all, "POST /%s/%d HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\nok",
                          i % 3 ? "at-once" : "a", i);
    say_bytes(fd, all.data, all.size);
    for (int i = 0; i < 500; i++) {
        char want[64];
        snprintf(want, sizeof want, "POST /%s/%d 2 ok", i % 3 ? "at-once" : "a", i);
        expect(fd, 200, want);
    }
    auk_buffer_deinit(&all);
    close(fd);
}

static void head_has_the_length_but_no_body(void **state)
{
    struct fixture *f = *state;
    open_server(f);
    int fd = dial(f);
    say(fd, "HEAD /a HTTP/1.1\r\n" HOST "Accept-Encoding: gzip\r\n\r\n");
    struct reply reply = hear(fd, false);
    assert_non_null(strstr(reply.head.data, "content-length: 10\r\n"));
    free_reply(&reply);
    say(fd, "GET /a HTTP/1.1\r\n" HOST "\r\n");
    expect(fd, 200, "GET /a 0 ");
    say(fd, "DELETE /nothing HTTP/1.1\r\n" HOST "\r\n");
    reply = hear(fd, false);
    assert_int_equal(reply.status, 204);
    assert_null(strstr(reply.head.data, "content-length"));
    free_reply(&reply);
    close(fd);
}

static void close_is_honoured(void **state)
{
    struct fixture *f = *state;
    open_server(f);
    int fd = dial(f);
    say(fd, "GET /a HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n");
    auk_buffer all = hear_all(fd);
    assert_non_null(strstr(all.data, "Connection: close\r\n"));
    assert_non_null(strstr(all.data, "\r\n\r\nGET /a 0 "));
    auk_buffer_deinit(&all);
    close(fd);
    fd = dial(f);
    say(fd, "GET /a HTTP/1.0\r\n\r\n");
    all = hear_all(fd);
    assert_non_null(strstr(all.data, "\r\n\r\nGET /a 0 "));
    auk_buffer_deinit(&all);
    close(fd);
    fd = dial(f);
    say(fd, "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    struct reply reply = hear(fd, true);
    assert_non_null(strstr(reply.head.data, "Connection: keep-alive\r\n"));
    free_reply(&reply);
    close(fd);
}

static void refusal_is_json_and_closes(void **state)
{
    struct fixture *f = *state;
    open_server(f);
    int fd = dial(f);
    say(fd, "GET / HTTP/1.1\r\n" HOST HOST "\r\nGET / HTTP/1.1\r\n" HOST "\r\n");
    struct reply reply = hear(fd, true);
    assert_int_equal(reply.status, 400);
    assert_string_equal(reply.body.data,
                        "{\"error\":{\"root_cause\":[{\"type\":\"illegal_argument_exception\","
                        "\"reason\":\"more than one Host header\"}],"
                        "\"type\":\"illegal_argument_exception\","
                        "\"reason\":\"more than one Host header\"},\"status\":400}");
    assert_non_null(strstr(reply.head.data, "Connection: close\r\n"));
    assert_closed(fd);
    free_reply(&reply);
    close(fd);
}

static void expectation_is_answered_before_the_body(void **state)
{
    struct fixture *f = *state;
    open_server(f);
    int fd = dial(f);
    say(fd, "POST /a HTTP/1.1\r\n" HOST "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    struct reply reply = hear(fd, false);
    assert_int_equal(reply.status, 100);
    free_reply(&reply);
    say(fd, "hello");
    expect(fd, 200, "POST /a 5 hello");
    say(fd, "POST /a HTTP/1.1\r\n" HOST "Content-Length: 50000000\r\nExpect: 100-continue\r\n\r\n");
    reply = hear(fd, true);
    assert_int_equal(reply.status, 413);
    free_reply(&reply);
    close(fd);
}

static void too_large_body_is_refused_while_it_is_sent(void **state)
{
    struct fixture *f = *state;
    f->options.body_limit_bytes = 1000;
    open_server(f);
    int fd = dial(f);
    char *body = calloc(1, 4u << 20);
    say(fd, "POST /a HTTP/1.1\r\n" HOST "Content-Length: 4194304\r\n\r\n");
    say_bytes(fd, body, 4u << 20);
    struct reply reply = hear(fd, true);
    assert_int_equal(reply.status, 413);
    free_reply(&reply);
    free(body);
    close(fd);
}

static void large_body_arrives_whole(void **state)
{
    struct fixture *f = *state;
    open_server(f);
    int fd = dial(f);
    size_t size = 20u << 20;
    char *body = malloc(size);
    memset(body, 'x', size);
    for (int i = 0; i < 2; i++) {
        say(fd, "POST /count HTTP/1.1\r\n" HOST "Content-Length: 20971520\r\n\r\n");
        say_bytes(fd, body, size);
        expect(fd, 200, "20971520");
    }
    say(fd, "POST /count HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n1400000\r\n");
    say_bytes(fd, body, size);
    say(fd, "\r\n0\r\n\r\n");
    expect(fd, 200, "20971520");
    free(body);
    close(fd);
}

static void gzip_both_ways(void **state)
{
    struct fixture *f = *state;
    open_server(f);
    int fd = dial(f);
    auk_buffer plain;
    auk_buffer packed;
    auk_buffer head;
    auk_buffer_init(&plain, 1 << 20);
    auk_buffer_init(&packed, 1 << 20);
    auk_buffer_init(&head, 1 << 20);
    for (int i = 0; i < 20000; i++)
        auk_buffer_append_byte(&plain, (char)('a' + i % 7));
    assert_int_equal(auk_gzip_deflate(auk_buffer_span(&plain), 6, &packed, NULL), AUK_OK);
    auk_buffer_printf(&head,
                      "POST /a HTTP/1.1\r\n" HOST "Content-Encoding: gzip\r\nAccept-Encoding: "
                      "gzip\r\nContent-Length: %zu\r\n\r\n",
                      packed.size);
    say_bytes(fd, head.data, head.size);
    say_bytes(fd, packed.data, packed.size);
    struct reply reply = hear(fd, true);
    assert_int_equal(reply.status, 200);
    assert_non_null(strstr(reply.head.data, "content-encoding: gzip\r\n"));
    assert_true(reply.body.size < 2000);
    auk_buffer_reset(&packed);
    assert_int_equal(auk_gzip_inflate(auk_buffer_span(&reply.body), 1 << 20, &packed, NULL),
                     AUK_OK);
    assert_int_equal(packed.size, strlen("POST /a 20000 ") + 20000);
    assert_memory_equal(packed.data + 14, plain.data, plain.size);
    free_reply(&reply);
    auk_buffer_deinit(&plain);
    auk_buffer_deinit(&packed);
    auk_buffer_deinit(&head);
    close(fd);
}

static void full_budget_is_429_and_the_connection_lives(void **state)
{
    struct fixture *f = *state;
    f->options.budget = auk_budget_create(100000);
    open_server(f);
    int fd = dial(f);
    char *body = calloc(1, 1000000);
    for (int i = 0; i < 2; i++) {
        say(fd, "POST /a HTTP/1.1\r\n" HOST "Content-Length: 1000000\r\n\r\n");
        say_bytes(fd, body, 1000000);
        struct reply reply = hear(fd, true);
        assert_int_equal(reply.status, 429);
        assert_non_null(strstr(reply.head.data, "Retry-After: 1\r\n"));
        assert_non_null(strstr(reply.body.data, "circuit_breaking_exception"));
        free_reply(&reply);
    }
    say(fd, "GET /large/90000 HTTP/1.1\r\n" HOST "\r\n");
    struct reply reply = hear(fd, true);
    assert_int_equal(reply.status, 429);
    free_reply(&reply);
    say(fd, "GET /a HTTP/1.1\r\n" HOST "\r\n");
    expect(fd, 200, "GET /a 0 ");
    assert_int_equal(auk_budget_used(f->options.budget, AUK_PURPOSE_REQUESTS), 0);
    assert_int_equal(auk_budget_used(f->options.budget, AUK_PURPOSE_ANSWERS), 0);
    free(body);
    close(fd);
}

static void slow_head_and_body_are_timed_out(void **state)
{
    struct fixture *f = *state;
    f->options.head_deadline_ms = 60;
    f->options.transfer_window_ms = 60;
    open_server(f);
    int head = dial(f);
    int body = dial(f);
    say(head, "GET / HT");
    say(body, "POST / HTTP/1.1\r\n" HOST "Content-Length: 100\r\n\r\nab");
    struct reply reply = hear(head, true);
    assert_int_equal(reply.status, 408);
    free_reply(&reply);
    reply = hear(body, true);
    assert_int_equal(reply.status, 408);
    free_reply(&reply);
    close(head);
    close(body);
}

static void idle_connection_is_closed_silently(void **state)
{
    struct fixture *f = *state;
    f->options.idle_deadline_ms = 60;
    open_server(f);
    int fd = dial(f);
    assert_closed(fd);
    close(fd);
}

static void slow_reader_is_cut(void **state)
{
    struct fixture *f = *state;
    f->options.transfer_window_ms = 100;
    open_server(f);
    int fd = dial(f);
    int small = 4096;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    for (int i = 0; i < 5; i++)
        say(fd, "GET /large/30000000 HTTP/1.1\r\n" HOST "\r\n");
    auk_http_server_stats stats = {.connections_open = 1};
    for (int i = 0; i < 400 && (stats.connections_open || !stats.requests); i++) {
        sleep_ms(10);
        auk_http_server_read_stats(f->server, &stats);
    }
    assert_int_equal(stats.connections_open, 0);
    assert_int_equal(stats.requests, 1); /* the others waited for the output to drain */
    close(fd);
}

#define SLOW_READERS   20
#define SLOW_REQUESTS  600u
#define SLOW_ANSWER    15000u
#define ANSWERS_SHARED ((size_t)1 << 20)

/* Small answers are not charged while they are written, so what waits of them is bounded another
 * way: when all share too much, requests wait unread until their clients have read. */
static void unread_answers_are_bounded_in_total(void **state)
{
    struct fixture *f = *state;
    int fds[SLOW_READERS];
    f->options.budget = auk_budget_create(ANSWERS_SHARED * 100 / 40);
    open_server(f);
    for (int i = 0; i < SLOW_READERS; i++) {
        int small = 4096;
        fds[i] = dial(f);
        setsockopt(fds[i], SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
        for (unsigned k = 0; k < SLOW_REQUESTS; k++)
            say(fds[i], "GET /large/15000 HTTP/1.1\r\n" HOST "\r\n");
    }
    size_t most = 0;
    uint64_t before = 1;
    auk_http_server_stats stats = {0};
    for (int still = 0; still < 20; before = stats.requests) {
        sleep_ms(10);
        auk_http_server_read_stats(f->server, &stats);
        still = stats.requests == before ? still + 1 : 0;
        size_t used = auk_budget_used(f->options.budget, AUK_PURPOSE_ANSWERS);
        most = used > most ? used : most;
    }
    assert_true(stats.requests < SLOW_READERS * SLOW_REQUESTS);
    assert_true(most <= ANSWERS_SHARED + SLOW_READERS * 2 * SLOW_ANSWER);
    for (int i = 0; i < SLOW_READERS; i++)
        close(fds[i]);
    auk_http_server_drain(f->server, 5000); /* requests that waited go to the pool until now */
}

static void large_answers_arrive_whole(void **state)
{
    struct fixture *f = *state;
    f->options.budget = auk_budget_create(200u << 20);
    open_server(f);
    int fd = dial(f);
    say(fd,
        "GET /large/30000000 HTTP/1.1\r\n" HOST "\r\nGET /large/50000 HTTP/1.1\r\n" HOST "\r\n");
    struct reply reply = hear(fd, true);
    assert_int_equal(reply.body.size, 30000000);
    for (size_t i = 0; i < reply.body.size; i += 997)
        assert_int_equal(reply.body.data[i], 'a' + i % 23);
    free_reply(&reply);
    reply = hear(fd, true);
    assert_int_equal(reply.body.size, 50000);
    free_reply(&reply);
    close(fd);
}

static void answer_past_the_limit_is_refused(void **state)
{
    struct fixture *f = *state;
    f->options.answer_limit_bytes = 10000;
    open_server(f);
    int fd = dial(f);
    say(fd, "GET /large/10001 HTTP/1.1\r\n" HOST "\r\n");
    struct reply reply = hear(fd, true);
    assert_int_equal(reply.status, 413);
    free_reply(&reply);
    close(fd);
}

static void half_closed_client_is_answered(void **state)
{
    struct fixture *f = *state;
    open_server(f);
    int fd = dial(f);
    say(fd, "GET /slow HTTP/1.1\r\n" HOST "\r\nGET /a HTTP/1.1\r\n" HOST "\r\n");
    shutdown(fd, SHUT_WR);
    auk_buffer all = hear_all(fd);
    assert_non_null(strstr(all.data, "GET /slow 0 "));
    assert_non_null(strstr(all.data, "GET /a 0 "));
    assert_true(atomic_load(&f->gone) >= 1);
    auk_buffer_deinit(&all);
    close(fd);
}

static void lost_client_does_no_harm(void **state)
{
    struct fixture *f = *state;
    open_server(f);
    struct linger at_once = {.l_onoff = 1};
    for (int i = 0; i < 10; i++) {
        int fd = dial(f);
        say(fd, "GET /slow HTTP/1.1\r\n" HOST "\r\n");
        sleep_ms(5);
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        close(fd);
    }
    int fd = dial(f);
    say(fd, "GET /a HTTP/1.1\r\n" HOST "\r\n");
    expect(fd, 200, "GET /a 0 ");
    close(fd);
}

static void *drain(void *context)
{
    struct fixture *f = context;
    auk_http_server_drain(f->server, 5000);
    return NULL;
}

static void drain_answers_what_has_begun(void **state)
{
    struct fixture *f = *state;
    open_server(f);
    int idle = dial(f);
    int busy = dial(f);
    say(idle, "GET /a HTTP/1.1\r\n" HOST "\r\n");
    expect(idle, 200, "GET /a 0 ");
    say(busy, "GET /slow HTTP/1.1\r\n" HOST "\r\n");
    sleep_ms(20);
    pthread_t thread;
    uint64_t start_us = auk_clock_monotonic_us();
    pthread_create(&thread, NULL, drain, f);
    assert_closed(idle);
    struct reply reply = hear(busy, true);
    assert_int_equal(reply.status, 200);
    assert_non_null(strstr(reply.head.data, "Connection: close\r\n"));
    free_reply(&reply);
    assert_closed(busy);
    close(busy);
    close(idle);
    pthread_join(thread, NULL);
    assert_true(auk_clock_monotonic_us() - start_us < 2000000);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons(f->port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), -1);
    close(fd);
}

static void drain_is_bounded(void **state)
{
    struct fixture *f = *state;
    open_server(f);
    int fd = dial(f);
    say(fd, "POST /a HTTP/1.1\r\n" HOST "Content-Length: 10\r\n\r\n");
    sleep_ms(20);
    auk_http_server_drain(f->server, 50);
    assert_closed(fd);
    close(fd);
}

static void taken_port_is_an_error(void **state)
{
    struct fixture *f = *state;
    open_server(f);
    auk_http_server_options options = f->options;
    options.port = f->port;
    auk_http_server *second = auk_http_server_create(&options, handle, f);
    auk_error err;
    uint16_t port;
    assert_int_equal(auk_http_server_start(second, &port, &err), AUK_IO);
    assert_non_null(strstr(err.message, "127.0.0.1"));
    auk_http_server_destroy(second);
}

static void *hammer(void *context)
{
    struct fixture *f = context;
    int fd = dial(f);
    for (int i = 0; i < 300; i++) {
        say(fd,
            i % 2 ? "GET /a HTTP/1.1\r\n" HOST "\r\n" : "GET /at-once HTTP/1.1\r\n" HOST "\r\n");
        expect(fd, 200, i % 2 ? "GET /a 0 " : "GET /at-once 0 ");
    }
    close(fd);
    return NULL;
}

static void many_clients_at_once(void **state)
{
    struct fixture *f = *state;
    open_server(f);
    pthread_t threads[8];
    for (int i = 0; i < 8; i++)
        pthread_create(&threads[i], NULL, hammer, f);
    for (int i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
    auk_http_server_stats stats;
    auk_http_server_read_stats(f->server, &stats);
    assert_int_equal(stats.requests, 8 * 300);
}

#define SERVER_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SERVER_TEST(answers_and_keeps_the_connection),
        SERVER_TEST(request_byte_by_byte),
        SERVER_TEST(pipelined_requests_are_answered_in_order),
        SERVER_TEST(head_has_the_length_but_no_body),
        SERVER_TEST(close_is_honoured),
        SERVER_TEST(refusal_is_json_and_closes),
        SERVER_TEST(expectation_is_answered_before_the_body),
        SERVER_TEST(too_large_body_is_refused_while_it_is_sent),
        SERVER_TEST(large_body_arrives_whole),
        SERVER_TEST(gzip_both_ways),
        SERVER_TEST(full_budget_is_429_and_the_connection_lives),
        SERVER_TEST(slow_head_and_body_are_timed_out),
        SERVER_TEST(idle_connection_is_closed_silently),
        SERVER_TEST(slow_reader_is_cut),
        SERVER_TEST(unread_answers_are_bounded_in_total),
        SERVER_TEST(large_answers_arrive_whole),
        SERVER_TEST(answer_past_the_limit_is_refused),
        SERVER_TEST(half_closed_client_is_answered),
        SERVER_TEST(lost_client_does_no_harm),
        SERVER_TEST(drain_answers_what_has_begun),
        SERVER_TEST(drain_is_bounded),
        SERVER_TEST(taken_port_is_an_error),
        SERVER_TEST(many_clients_at_once),
    };
    return cmocka_run_group_tests_name("http_server", tests, NULL, NULL);
}
