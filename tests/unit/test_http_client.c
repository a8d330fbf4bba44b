/* Our client against our server, and against servers that misbehave. */
#include "test.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "auk/http_client.h"
#include "auk/http_server.h"

static void append_much(auk_buffer *out)
{
    memset(auk_buffer_reserve(out, 3000000), 'x', 3000000);
    out->size += 3000000;
}

static void echo(auk_http_exchange *exchange, void *context)
{
    (void)context;
    auk_buffer *out = &exchange->response.body;
    exchange->response.status = exchange->request.method == AUK_HTTP_PUT ? 201 : 200;
    auk_buffer_printf(out, "%s %.*s %zu", auk_http_method_name(exchange->request.method),
                      AUK_SPAN_ARG(exchange->request.path), exchange->request.body.size);
    if (exchange->request.method == AUK_HTTP_PATCH)
        append_much(out);
    auk_http_respond(exchange);
}

static auk_http_server *serve(uint16_t *port)
{
    auk_http_server_options options;
    auk_http_server_options_init(&options);
    options.port = *port;
    options.loops = 1;
    options.body_limit_bytes = 16u << 20;
    auk_http_server *server = auk_http_server_create(&options, echo, NULL);
    auk_error err;
    if (auk_http_server_start(server, port, &err) != AUK_OK)
        fail_msg("%s", err.message);
    return server;
}

static auk_http_client *open_client(uint16_t port, const char *prefix)
{
    char url[64];
    auk_error err;
    auk_http_client *client = NULL;
    snprintf(url, sizeof url, "http://127.0.0.1:%u%s", port, prefix);
    auk_http_client_options options = {.url = auk_span_of(url), .silence_timeout_ms = 2000};
    if (auk_http_client_open(&options, &client, &err) != AUK_OK)
        fail_msg("%s", err.message);
    return client;
}

static void call(auk_http_client *client, auk_http_method method, auk_span body, int status,
                 auk_http_answer *answer)
{
    auk_error err;
    if (auk_http_client_call(client, method, AUK_SPAN("/a?b=c"), NULL, 0, body, answer, &err))
        fail_msg("%s", err.message);
    assert_int_equal(answer->status, status);
}

static void calls_over_one_connection(void **state)
{
    (void)state;
    uint16_t port = 0;
    auk_http_server *server = serve(&port);
    auk_http_client *client = open_client(port, "/pre/");
    auk_http_answer answer;
    for (int i = 0; i < 3; i++) {
        call(client, AUK_HTTP_PUT, AUK_SPAN("12345"), 201, &answer);
        assert_true(auk_span_is(answer.body, "PUT /pre/a 5"));
        assert_true(auk_span_is(answer.content_type, "application/json"));
        call(client, AUK_HTTP_HEAD, AUK_SPAN(""), 200, &answer);
        assert_int_equal(answer.body.size, 0);
        call(client, AUK_HTTP_PATCH, AUK_SPAN(""), 200, &answer);
        assert_int_equal(answer.body.size, 3000000 + strlen("PATCH /pre/a 0"));
        assert_int_equal(answer.body.data[answer.body.size], 0);
    }
    auk_http_server_stats stats;
    auk_http_server_read_stats(server, &stats);
    assert_int_equal(stats.connections_accepted, 1);
    auk_http_client_close(client);
    auk_http_server_destroy(server);
}

static void large_upload(void **state)
{
    (void)state;
    uint16_t port = 0;
    auk_http_server *server = serve(&port);
    auk_http_client *client = open_client(port, "");
    auk_http_answer answer;
    char *body = calloc(1, 17u << 20);
    call(client, AUK_HTTP_POST, (auk_span){body, 16u << 20}, 200, &answer);
    assert_true(auk_span_is(answer.body, "POST /a 16777216"));
    /* refused while it is being sent: the answer still arrives */
    call(client, AUK_HTTP_POST, (auk_span){body, 17u << 20}, 413, &answer);
    call(client, AUK_HTTP_POST, (auk_span){body, 10}, 200, &answer);
    free(body);
    auk_http_client_close(client);
    auk_http_server_destroy(server);
}

static void restarted_server_is_found_again(void **state)
{
    (void)state;
    uint16_t port = 0;
    auk_http_answer answer;
    auk_http_server *server = serve(&port);
    auk_http_client *client = open_client(port, "");
    call(client, AUK_HTTP_POST, AUK_SPAN("a"), 200, &answer);
    auk_http_server_destroy(server);
    server = serve(&port);
    call(client, AUK_HTTP_POST, AUK_SPAN("a"), 200, &answer);
    auk_http_server_destroy(server);
    auk_error err;
    assert_int_equal(auk_http_client_call(client, AUK_HTTP_POST, AUK_SPAN("/"), NULL, 0,
                                          AUK_SPAN("a"), &answer, &err),
                     AUK_IO);
    assert_non_null(strstr(err.message, "127.0.0.1"));
    assert_false(answer.maybe_sent);
    auk_http_client_close(client);
}

/* A server that reads one request and says its text, whatever was asked. */
struct parrot {
    const char *text;
    size_t size;
    int listener;
    uint16_t port;
    pthread_t thread;
};

static void *say_once(void *context)
{
    struct parrot *parrot = context;
    char request[4096];
    int fd = accept(parrot->listener, NULL, NULL);
    if (recv(fd, request, sizeof request, 0) > 0)
        send(fd, parrot->text, parrot->size, MSG_NOSIGNAL);
    close(fd);
    return NULL;
}

static void start_parrot(struct parrot *parrot)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    parrot->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(parrot->listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(parrot->listener, 8), 0);
    getsockname(parrot->listener, (struct sockaddr *)&at, &size);
    parrot->port = ntohs(at.sin_port);
    pthread_create(&parrot->thread, NULL, say_once, parrot);
}

struct answer_case {
    const char *name;
    const char *text;
    size_t size;
    auk_code code;
    const char *body;
};

#define SAYS(text) text, sizeof text - 1
#define OK         "HTTP/1.1 200 OK\r\n"

static struct answer_case cases[] = {
    {"length", SAYS(OK "Content-Length: 2\r\n\r\nhi"), AUK_OK, "hi"},
    {"chunks", SAYS(OK "Transfer-Encoding: chunked\r\n\r\n1\r\nh\r\n1\r\ni\r\n0\r\n\r\n"), AUK_OK,
     "hi"},
    {"until the end", SAYS(OK "\r\nhi"), AUK_OK, "hi"},
    {"after a continue", SAYS("HTTP/1.1 100 Continue\r\n\r\n" OK "Content-Length: 2\r\n\r\nhi"),
     AUK_OK, "hi"},
    {"no reason phrase", SAYS("HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi"), AUK_OK, "hi"},
    {"nothing", SAYS(""), AUK_IO, NULL},
    {"half a head", SAYS(OK "Content-"), AUK_IO, NULL},
    {"half a body", SAYS(OK "Content-Length: 3\r\n\r\nhi"), AUK_IO, NULL},
    {"half a chunk", SAYS(OK "Transfer-Encoding: chunked\r\n\r\n5\r\nhi"), AUK_IO, NULL},
    {"broken chunk", SAYS(OK "Transfer-Encoding: chunked\r\n\r\nzz\r\n"), AUK_CORRUPT, NULL},
    {"other protocol", SAYS("SSH-2.0-x\r\n\r\n"), AUK_CORRUPT, NULL},
    {"broken length", SAYS(OK "Content-Length: x\r\n\r\nhi"), AUK_CORRUPT, NULL},
    {"length over the limit", SAYS(OK "Content-Length: 5000000000\r\n\r\nhi"), AUK_TOO_LARGE, NULL},
};
#define N_CASES (sizeof cases / sizeof cases[0])

static void reads_answers(void **state)
{
    const struct answer_case *c = *state;
    struct parrot parrot = {.text = c->text, .size = c->size};
    start_parrot(&parrot);
    auk_http_client *client = open_client(parrot.port, "");
    auk_http_answer answer;
    auk_error err;
    auk_code code = auk_http_client_call(client, AUK_HTTP_POST, AUK_SPAN("/"), NULL, 0,
                                         AUK_SPAN("x"), &answer, &err);
    assert_int_equal(code, c->code);
    assert_true(answer.maybe_sent);
    if (c->body)
        assert_true(auk_span_is(answer.body, c->body));
    pthread_join(parrot.thread, NULL);
    close(parrot.listener);
    auk_http_client_close(client);
}

static void urls_are_checked(void **state)
{
    (void)state;
    static const char *const bad[] = {"https://a",   "",         "http://", "http://u@a",
                                      "http://[::1", "http://a:"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        auk_http_client *client;
        auk_http_client_options options = {.url = auk_span_of(bad[i])};
        assert_int_equal(auk_http_client_open(&options, &client, NULL), AUK_INVALID);
    }
    auk_http_client *client;
    auk_http_client_options options = {.url = AUK_SPAN("127.0.0.1")};
    assert_int_equal(auk_http_client_open(&options, &client, NULL), AUK_OK);
    assert_true(auk_span_is(auk_http_client_address(client), "127.0.0.1:9200"));
    auk_http_client_close(client);
}

static void encodes(void **state)
{
    (void)state;
    auk_buffer out;
    auk_buffer_init(&out, 100);
    auk_http_encode(&out, AUK_SPAN("a b/\xc3\xa4~"));
    assert_true(auk_span_is(auk_buffer_span(&out), "a%20b%2F%C3%A4~"));
    auk_buffer_deinit(&out);
}

static const struct CMUnitTest others[] = {
    cmocka_unit_test(calls_over_one_connection),
    cmocka_unit_test(large_upload),
    cmocka_unit_test(restarted_server_is_found_again),
    cmocka_unit_test(urls_are_checked),
    cmocka_unit_test(encodes),
};
#define N_OTHERS (sizeof others / sizeof others[0])

int main(void)
{
    struct CMUnitTest tests[N_CASES + N_OTHERS] = {{0}};
    for (size_t i = 0; i < N_CASES; i++) {
        tests[i].name = cases[i].name;
        tests[i].test_func = reads_answers;
        tests[i].initial_state = &cases[i];
    }
    memcpy(tests + N_CASES, others, sizeof others);
    return cmocka_run_group_tests_name("http_client", tests, NULL, NULL);
}
