/* Which request heads are taken, and what is made of them; each doubtful one has a row. */
#include "test.h"

#include "auk/arena.h"
#include "head.h"
#include "target.h"

static const auk_http_limits limits = {.request_line_bytes = 128,
                                       .head_bytes = 1024,
                                       .body_bytes = 1000,
                                       .headers = 10};

#define HEAD(text)      text, sizeof text - 1
#define LINE            "GET / HTTP/1.1\r\n"
#define HOST            "Host: a\r\n"
#define WITH(headers)   HEAD("POST /a HTTP/1.1\r\n" HOST headers "\r\n")
#define TARGET(target)  HEAD("GET " target " HTTP/1.1\r\n" HOST "\r\n")
#define TIMES_10(text)  text text text text text text text text text text
#define TIMES_100(text) TIMES_10(TIMES_10(text))

struct head_case {
    const char *name;
    const char *bytes;
    size_t size;
    int status; /* 0: taken */
};

static struct head_case cases[] = {
    {"plain request", HEAD(LINE HOST "\r\n"), 0},
    {"lower case header name", HEAD(LINE "host: a\r\n\r\n"), 0},
    {"1.0 without Host", HEAD("GET / HTTP/1.0\r\n\r\n"), 0},
    {"empty Host", HEAD(LINE "Host:\r\n\r\n"), 0},
    {"IPv6 Host", HEAD(LINE "Host: [::1]:9200\r\n\r\n"), 0},
    {"empty header value", WITH("X:\r\n"), 0},
    {"bytes from 0x80 in a value", WITH("X: \xc3\xa4\r\n"), 0},
    {"tab within a value", WITH("X: a\tb\r\n"), 0},
    {"absolute target", TARGET("http://a/b"), 0},
    {"asterisk for OPTIONS", HEAD("OPTIONS * HTTP/1.1\r\n" HOST "\r\n"), 0},
    {"raw UTF-8 in the target", TARGET("/m\xc3\xbcller"), 0},
    {"angle brackets in the target", TARGET("/<logs-{now}>"), 0},

    {"no version", HEAD("GET /\r\n" HOST "\r\n"), 400},
    {"version 0.9", HEAD("GET / HTTP/0.9\r\n" HOST "\r\n"), 400},
    {"version 1.99", HEAD("GET / HTTP/1.99\r\n" HOST "\r\n"), 400},
    {"version 1.2", HEAD("GET / HTTP/1.2\r\n" HOST "\r\n"), 400},
    {"version 2.0", HEAD("GET / HTTP/2.0\r\n" HOST "\r\n"), 400},
    {"version in lower case", HEAD("GET / http/1.1\r\n" HOST "\r\n"), 400},
    {"version with a space behind", HEAD("GET / HTTP/1.1 \r\n" HOST "\r\n"), 400},
    {"two spaces before the target", HEAD("GET  / HTTP/1.1\r\n" HOST "\r\n"), 400},
    {"two spaces before the version", HEAD("GET /  HTTP/1.1\r\n" HOST "\r\n"), 400},
    {"tabs in the request line", HEAD("GET\t/\tHTTP/1.1\r\n" HOST "\r\n"), 400},
    {"space before the method", HEAD(" GET / HTTP/1.1\r\n" HOST "\r\n"), 400},
    {"no method", HEAD("/ HTTP/1.1\r\n" HOST "\r\n"), 400},
    {"method that is no token", HEAD("G(T / HTTP/1.1\r\n" HOST "\r\n"), 400},
    {"unknown method", HEAD("BREW / HTTP/1.1\r\n" HOST "\r\n"), 405},
    {"method in lower case", HEAD("get / HTTP/1.1\r\n" HOST "\r\n"), 405},
    {"CONNECT", HEAD("CONNECT a:1 HTTP/1.1\r\n" HOST "\r\n"), 405},
    {"empty line first", HEAD("\r\n" LINE HOST "\r\n"), 400},
    {"HTTP/2 preface", HEAD("PRI * HTTP/2.0\r\n\r\n"), 400},
    {"TLS hello", HEAD("\x16\x03\x01\x02\x00\x01\r\n\r\n"), 400},

    {"control byte in the target", TARGET("/a\x01"), 400},
    {"NUL in the target", TARGET("/a\0b"), 400},
    {"DEL in the target", TARGET("/a\x7f"), 400},
    {"fragment in the target", TARGET("/a#b"), 400},
    {"target without a slash", TARGET("a"), 400},
    {"asterisk for GET", TARGET("*"), 400},
    {"absolute target for another host", TARGET("http://b/"), 400},
    {"absolute target without a path", TARGET("http://a"), 400},
    {"broken escape", TARGET("/%4"), 400},
    {"escape that is no hex", TARGET("/%zz"), 400},
    {"broken escape in a parameter", TARGET("/?a=%"), 400},
    {"escape to invalid UTF-8", TARGET("/%ff"), 400},
    {"raw invalid UTF-8", TARGET("/\xff"), 400},

    {"bare LF after the request line", HEAD("GET / HTTP/1.1\n" HOST "\r\n"), 400},
    {"bare LF after a header", HEAD(LINE "Host: a\n\r\n"), 400},
    {"bare LF at the end", HEAD(LINE HOST "\n"), 400},
    {"bare CR in a value", WITH("X: a\rb\r\n"), 400},
    {"CR CR LF", HEAD(LINE "Host: a\r\r\n\r\n"), 400},
    {"NUL in a value", WITH("X: a\0b\r\n"), 400},
    {"control byte in a value", WITH("X: a\x02\r\n"), 400},
    {"folded line", WITH("X: a\r\n b\r\n"), 400},
    {"folded line with a tab", WITH("X: a\r\n\tb\r\n"), 400},
    {"folded first header", HEAD(LINE " " HOST "\r\n"), 400},
    {"space before the colon", WITH("X : a\r\n"), 400},
    {"tab before the colon", WITH("X\t: a\r\n"), 400},
    {"empty header name", WITH(": a\r\n"), 400},
    {"header without a colon", WITH("X\r\n"), 400},
    {"brackets in a header name", WITH("X[]: a\r\n"), 400},
    {"byte from 0x80 in a header name", WITH("X\xc3\xa4: a\r\n"), 400},

    {"no Host", HEAD(LINE "\r\n"), 400},
    {"two Hosts", HEAD(LINE HOST HOST "\r\n"), 400},
    {"Host with a path", HEAD(LINE "Host: a/b\r\n\r\n"), 400},
    {"Host with a space", HEAD(LINE "Host: a b\r\n\r\n"), 400},

    {"length", WITH("Content-Length: 10\r\n"), 0},
    {"length 0", WITH("Content-Length: 0\r\n"), 0},
    {"two lengths", WITH("Content-Length: 1\r\nContent-Length: 2\r\n"), 400},
    {"the same length twice", WITH("Content-Length: 1\r\nContent-Length: 1\r\n"), 400},
    {"list of lengths", WITH("Content-Length: 1, 1\r\n"), 400},
    {"length with plus", WITH("Content-Length: +2\r\n"), 400},
    {"negative length", WITH("Content-Length: -2\r\n"), 400},
    {"hex length", WITH("Content-Length: 0x2\r\n"), 400},
    {"length with a letter", WITH("Content-Length: 2a\r\n"), 400},
    {"fractional length", WITH("Content-Length: 2.0\r\n"), 400},
    {"empty length", WITH("Content-Length:\r\n"), 400},
    {"length over 64 bits", WITH("Content-Length: 18446744073709551617\r\n"), 400},
    {"length over the limit", WITH("Content-Length: 1001\r\n"), 413},
    {"length at the limit", WITH("Content-Length: 1000\r\n"), 0},

    {"chunked", WITH("Transfer-Encoding: chunked\r\n"), 0},
    {"chunked in capitals", WITH("Transfer-Encoding: Chunked\r\n"), 0},
    {"length and chunked", WITH("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400},
    {"chunked and length", WITH("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400},
    {"gzip, chunked", WITH("Transfer-Encoding: gzip, chunked\r\n"), 400},
    {"chunked, identity", WITH("Transfer-Encoding: chunked, identity\r\n"), 400},
    {"identity", WITH("Transfer-Encoding: identity\r\n"), 400},
    {"chunked twice", WITH("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
    {"chunked in quotes", WITH("Transfer-Encoding: \"chunked\"\r\n"), 400},
    {"chunked with vertical tab",
     WITH("Transfer-Encoding: \x0b"
          "chunked\r\n"),
     400},
    {"empty coding", WITH("Transfer-Encoding:\r\n"), 400},
    {"xchunked", WITH("Transfer-Encoding: xchunked\r\n"), 400},
    {"chunked on 1.0", HEAD("POST / HTTP/1.0\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"), 400},

    {"gzip body", WITH("Content-Encoding: gzip\r\n"), 0},
    {"unknown content coding", WITH("Content-Encoding: br\r\n"), 415},
    {"two content codings", WITH("Content-Encoding: gzip, gzip\r\n"), 415},
    {"expectation", WITH("Expect: 100-continue\r\nContent-Length: 1\r\n"), 0},
    {"unknown expectation", WITH("Expect: 200-ok\r\n"), 417},

    {"long request line", TARGET("/" TIMES_100("ab")), 414},
    {"large head", WITH(TIMES_10("X: " TIMES_100("a") "\r\n")), 431},
    {"ten headers",
     HEAD(LINE HOST TIMES_10("") "A:\r\nB:\r\nC:\r\nD:\r\nE:\r\nF:\r\nG:\r\nH:\r\nI:"
                                 "\r\n\r\n"),
     0},
    {"eleven headers", HEAD(LINE HOST TIMES_10("X:\r\n") "\r\n"), 431},
};
#define N_CASES (sizeof cases / sizeof cases[0])

static auk_http_step scan(auk_span bytes, size_t step, auk_http_refusal *refusal, size_t *size)
{
    auk_http_scanner scanner = {0};
    auk_http_step answer = AUK_HTTP_MORE;
    for (size_t at = 0; at < bytes.size && answer == AUK_HTTP_MORE; at += step) {
        size_t left = bytes.size - at;
        auk_span piece = {bytes.data + at, left < step ? left : step};
        answer = auk_http_scanner_feed(&scanner, &limits, piece, refusal);
    }
    *size = scanner.size;
    return answer;
}

/* What the server does with bytes that come in pieces of this size: a status, or 0. */
static int judge(auk_span bytes, size_t step, auk_arena *arena, auk_http_head *head,
                 auk_http_request *request)
{
    auk_http_refusal refusal = {0};
    size_t size;
    auk_http_step answer = scan(bytes, step, &refusal, &size);
    if (answer == AUK_HTTP_REFUSED)
        return refusal.status;
    assert_int_equal(answer, AUK_HTTP_DONE);
    *request = (auk_http_request){.arena = arena};
    if (!auk_http_head_parse((auk_span){bytes.data, size}, &limits, arena, head, &refusal) ||
        !auk_http_target_parse(head->target, request, &refusal))
        return refusal.status;
    return 0;
}

static void judges(void **state)
{
    const struct head_case *c = *state;
    /* an exact copy on the heap: a sanitizer sees every step beyond it */
    char *copy = malloc(c->size);
    memcpy(copy, c->bytes, c->size);
    auk_span bytes = {copy, c->size};
    auk_arena *arena = auk_arena_create(1024);
    auk_http_head head;
    auk_http_request request;
    assert_int_equal(judge(bytes, c->size, arena, &head, &request), c->status);
    assert_int_equal(judge(bytes, 1, arena, &head, &request), c->status);
    auk_arena_destroy(arena);
    free(copy);
}

static void parser_alone_refuses_what_the_scanner_would(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_CASES; i++) {
        auk_arena *arena = auk_arena_create(1024);
        auk_http_head head;
        auk_http_request request = {.arena = arena};
        auk_http_refusal refusal;
        bool taken = auk_http_head_parse((auk_span){cases[i].bytes, cases[i].size}, &limits, arena,
                                         &head, &refusal) &&
                     auk_http_target_parse(head.target, &request, &refusal);
        if (taken != (cases[i].status == 0))
            fail_msg("%s", cases[i].name);
        auk_arena_destroy(arena);
    }
}

static void every_prefix_wants_more(void **state)
{
    (void)state;
    auk_span whole = AUK_SPAN("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n");
    for (size_t size = 0; size < whole.size; size++) {
        auk_http_refusal refusal;
        size_t used;
        assert_int_equal(scan((auk_span){whole.data, size}, 7, &refusal, &used), AUK_HTTP_MORE);
    }
}

static void scanner_stops_behind_the_head(void **state)
{
    (void)state;
    auk_span two = AUK_SPAN(LINE HOST "\r\n" LINE HOST "\r\n");
    auk_http_refusal refusal;
    size_t used;
    assert_int_equal(scan(two, two.size, &refusal, &used), AUK_HTTP_DONE);
    assert_int_equal(used, two.size / 2);
}

static void parse(const char *text, auk_arena *arena, auk_http_head *head,
                  auk_http_request *request)
{
    assert_int_equal(judge(auk_span_of(text), 5, arena, head, request), 0);
}

static void settles_the_connection(void **state)
{
    (void)state;
    auk_arena *arena = auk_arena_create(1024);
    auk_http_head head;
    auk_http_request request;
    parse(LINE HOST "\r\n", arena, &head, &request);
    assert_true(head.keep_alive);
    parse(LINE HOST "Connection: Keep-Alive, Close\r\n\r\n", arena, &head, &request);
    assert_false(head.keep_alive);
    parse("GET / HTTP/1.0\r\n\r\n", arena, &head, &request);
    assert_false(head.keep_alive);
    parse("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", arena, &head, &request);
    assert_true(head.keep_alive);
    auk_arena_destroy(arena);
}

static void reads_accepted_codings(void **state)
{
    (void)state;
    auk_arena *arena = auk_arena_create(1024);
    auk_http_head head;
    auk_http_request request;
    parse(LINE HOST "Accept-Encoding: br, gzip;q=0.5\r\n\r\n", arena, &head, &request);
    assert_true(head.accepts_gzip);
    parse(LINE HOST "Accept-Encoding: gzip;q=0.0\r\n\r\n", arena, &head, &request);
    assert_false(head.accepts_gzip);
    parse(LINE HOST "Accept-Encoding: xgzip\r\n\r\n", arena, &head, &request);
    assert_false(head.accepts_gzip);
    auk_arena_destroy(arena);
}

static void expectation_of_an_empty_body_is_none(void **state)
{
    (void)state;
    auk_arena *arena = auk_arena_create(1024);
    auk_http_head head;
    auk_http_request request;
    parse(LINE HOST "Expect: 100-continue\r\n\r\n", arena, &head, &request);
    assert_false(head.expects_continue);
    auk_arena_destroy(arena);
}

static void decodes_the_target(void **state)
{
    (void)state;
    auk_arena *arena = auk_arena_create(1024);
    auk_http_head head;
    auk_http_request request;
    parse("GET //a%2Fb/_doc/x+y/?q=1+2%26&pretty&&q=%C3%A4= HTTP/1.1\r\n" HOST "\r\n", arena, &head,
          &request);
    assert_true(auk_span_is(request.path, "//a%2Fb/_doc/x+y/"));
    assert_int_equal(request.segment_count, 3);
    assert_true(auk_span_is(request.segments[0], "a/b"));
    assert_true(auk_span_is(request.segments[1], "_doc"));
    assert_true(auk_span_is(request.segments[2], "x+y"));
    assert_int_equal(request.parameter_count, 3);
    assert_true(auk_span_is(request.parameters[0].value, "1 2&"));
    assert_true(auk_span_is(request.parameters[1].name, "pretty"));
    assert_int_equal(request.parameters[1].value.size, 0);
    assert_true(auk_span_is(auk_http_request_parameter(&request, "q")->value, "\xc3\xa4="));
    assert_null(auk_http_request_parameter(&request, "Q"));
    auk_arena_destroy(arena);
}

static void absolute_target_becomes_a_path(void **state)
{
    (void)state;
    auk_arena *arena = auk_arena_create(1024);
    auk_http_head head;
    auk_http_request request;
    parse("GET http://A/b?c HTTP/1.1\r\n" HOST "\r\n", arena, &head, &request);
    assert_true(auk_span_is(request.path, "/b"));
    assert_int_equal(request.parameter_count, 1);
    auk_arena_destroy(arena);
}

static void refusal_is_json_of_the_known_shape(void **state)
{
    (void)state;
    auk_http_refusal refusal;
    auk_buffer out;
    auk_buffer_init(&out, 4096);
    assert_false(auk_http_refuse(&refusal, 413, "more than \"%d\" bytes", 5));
    auk_http_refusal_write(&refusal, &out);
    assert_true(auk_span_is(
        auk_buffer_span(&out),
        "{\"error\":{\"root_cause\":[{\"type\":\"content_too_long_exception\",\"reason\":\"more "
        "than "
        "\\\"5\\\" bytes\"}],\"type\":\"content_too_long_exception\",\"reason\":\"more than "
        "\\\"5\\\" bytes\"},\"status\":413}"));
    auk_buffer_deinit(&out);
}

static const struct CMUnitTest others[] = {
    cmocka_unit_test(parser_alone_refuses_what_the_scanner_would),
    cmocka_unit_test(every_prefix_wants_more),
    cmocka_unit_test(scanner_stops_behind_the_head),
    cmocka_unit_test(settles_the_connection),
    cmocka_unit_test(reads_accepted_codings),
    cmocka_unit_test(expectation_of_an_empty_body_is_none),
    cmocka_unit_test(decodes_the_target),
    cmocka_unit_test(absolute_target_becomes_a_path),
    cmocka_unit_test(refusal_is_json_of_the_known_shape),
};
#define N_OTHERS (sizeof others / sizeof others[0])

int main(void)
{
    struct CMUnitTest tests[N_CASES + N_OTHERS] = {{0}};
    for (size_t i = 0; i < N_CASES; i++) {
        tests[i].name = cases[i].name;
        tests[i].test_func = judges;
        tests[i].initial_state = &cases[i];
    }
    memcpy(tests + N_CASES, others, sizeof others);
    return cmocka_run_group_tests_name("http_head", tests, NULL, NULL);
}
