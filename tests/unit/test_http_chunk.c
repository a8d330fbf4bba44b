/* Which chunked bodies are taken, whole and byte by byte. */
#include "test.h"

#include "chunk.h"

#define BODY(text) text, sizeof text - 1

struct chunk_case {
    const char *name;
    const char *bytes;
    size_t size;
    const char *want; /* NULL: refused */
    size_t left;      /* bytes behind the body */
};

static struct chunk_case cases[] = {
    {"empty body", BODY("0\r\n\r\n"), "", 0},
    {"one chunk", BODY("5\r\nhello\r\n0\r\n\r\n"), "hello", 0},
    {"two chunks", BODY("2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"), "hello", 0},
    {"hex size in both cases", BODY("a\r\n0123456789\r\nB\r\n0123456789a\r\n0\r\n\r\n"),
     "01234567890123456789a", 0},
    {"leading zeros", BODY("0005\r\nhello\r\n000\r\n\r\n"), "hello", 0},
    {"next request behind it", BODY("1\r\na\r\n0\r\n\r\nGET /"), "a", 5},
    {"extension name", BODY("1;x\r\na\r\n0;y\r\n\r\n"), "a", 0},
    {"extension value", BODY("1;x=y;z=1\r\na\r\n0\r\n\r\n"), "a", 0},
    {"extension in quotes", BODY("1;x=\"a;\\\"b\"\r\na\r\n0\r\n\r\n"), "a", 0},
    {"space around an extension", BODY("1 ; x = y\r\na\r\n0\r\n\r\n"), "a", 0},
    {"trailers", BODY("1\r\na\r\n0\r\nX: 1\r\nY:\r\n\r\n"), "a", 0},

    {"hex prefix", BODY("0x5\r\nhello\r\n0\r\n\r\n"), NULL, 0},
    {"plus", BODY("+5\r\nhello\r\n0\r\n\r\n"), NULL, 0},
    {"minus", BODY("-5\r\nhello\r\n0\r\n\r\n"), NULL, 0},
    {"space before the size", BODY(" 5\r\nhello\r\n0\r\n\r\n"), NULL, 0},
    {"space after the size", BODY("5 \r\nhello\r\n0\r\n\r\n"), NULL, 0},
    {"no size", BODY("\r\nhello\r\n0\r\n\r\n"), NULL, 0},
    {"no size, extension", BODY(";x\r\nhello\r\n0\r\n\r\n"), NULL, 0},
    {"underscore in the size", BODY("1_0\r\n0123456789abcdef\r\n0\r\n\r\n"), NULL, 0},
    {"size over 60 bits", BODY("1000000000000000\r\na\r\n"), NULL, 0},
    {"size over 64 bits", BODY("10000000000000005\r\nhello\r\n0\r\n\r\n"), NULL, 0},
    {"bare LF after the size", BODY("5\nhello\r\n0\r\n\r\n"), NULL, 0},
    {"bare LF after the data", BODY("5\r\nhello\n0\r\n\r\n"), NULL, 0},
    {"CR without LF after the size", BODY("5\rhello\r\n0\r\n\r\n"), NULL, 0},
    {"data longer than its size", BODY("4\r\nhello\r\n0\r\n\r\n"), NULL, 0},
    {"bare LF at the end", BODY("0\r\n\n"), NULL, 0},
    {"bare LF in an extension", BODY("5;a\nhello\r\n0\r\n\r\n"), NULL, 0},
    {"bare LF in quotes", BODY("5;a=\"\n\"\r\nhello\r\n0\r\n\r\n"), NULL, 0},
    {"NUL in an extension", BODY("5;a\0\r\nhello\r\n0\r\n\r\n"), NULL, 0},
    {"empty extension", BODY("5;\r\nhello\r\n0\r\n\r\n"), NULL, 0},
    {"empty extension value", BODY("5;a=\r\nhello\r\n0\r\n\r\n"), NULL, 0},
    {"text after an extension", BODY("5;a b\r\nhello\r\n0\r\n\r\n"), NULL, 0},
    {"trailer without a colon", BODY("0\r\nX\r\n\r\n"), NULL, 0},
    {"trailer without a name", BODY("0\r\n: a\r\n\r\n"), NULL, 0},
    {"space before a trailer's colon", BODY("0\r\nX : a\r\n\r\n"), NULL, 0},
    {"folded trailer", BODY("0\r\nX: a\r\n b\r\n\r\n"), NULL, 0},
    {"NUL in a trailer", BODY("0\r\nX: a\0b\r\n\r\n"), NULL, 0},
};
#define N_CASES (sizeof cases / sizeof cases[0])

struct outcome {
    auk_http_step step;
    auk_http_refusal refusal;
    size_t left;
    char body[256];
};

/* Decodes bytes that come in pieces of this size. */
static struct outcome decode(auk_span bytes, size_t piece)
{
    struct outcome outcome = {.step = AUK_HTTP_MORE};
    auk_http_chunked chunked = {0};
    size_t size = 0;
    size_t at = 0;
    while (outcome.step == AUK_HTTP_MORE && at < bytes.size) {
        size_t given = bytes.size - at < piece ? bytes.size - at : piece;
        auk_span in = {bytes.data + at, given};
        while (in.size && outcome.step == AUK_HTTP_MORE) {
            auk_span data;
            outcome.step = auk_http_chunked_take(&chunked, &in, &data, &outcome.refusal);
            assert_true(size + data.size < sizeof outcome.body);
            if (data.size)
                memcpy(outcome.body + size, data.data, data.size);
            size += data.size;
        }
        at += given - in.size;
    }
    outcome.left = bytes.size - at;
    return outcome;
}

static void decodes(void **state)
{
    const struct chunk_case *c = *state;
    for (size_t piece = 1; piece <= c->size; piece++) {
        struct outcome got = decode((auk_span){c->bytes, c->size}, piece);
        assert_int_equal(got.step, c->want ? AUK_HTTP_DONE : AUK_HTTP_REFUSED);
        if (!c->want) {
            assert_int_equal(got.refusal.status, 400);
            continue;
        }
        assert_string_equal(got.body, c->want);
        assert_int_equal(got.left, c->left);
    }
}

static void every_prefix_wants_more(void **state)
{
    (void)state;
    auk_span whole = AUK_SPAN("3;a=\"b\"\r\nabc\r\n0\r\nX: y\r\n\r\n");
    for (size_t size = 1; size < whole.size; size++)
        assert_int_equal(decode((auk_span){whole.data, size}, 2).step, AUK_HTTP_MORE);
}

static int status_of_repeated(const char *start, char byte, size_t count)
{
    auk_http_chunked chunked = {0};
    auk_http_refusal refusal = {0};
    auk_span data;
    auk_span in = auk_span_of(start);
    auk_http_step step = auk_http_chunked_take(&chunked, &in, &data, &refusal);
    for (size_t i = 0; i < count && step == AUK_HTTP_MORE; i++) {
        in = (auk_span){&byte, 1};
        step = auk_http_chunked_take(&chunked, &in, &data, &refusal);
    }
    return step == AUK_HTTP_REFUSED ? refusal.status : 0;
}

static void endless_extension_is_refused(void **state)
{
    (void)state;
    assert_int_equal(status_of_repeated("1;", 'a', AUK_HTTP_EXTENSION_LIMIT - 1), 0);
    assert_int_equal(status_of_repeated("1;", 'a', AUK_HTTP_EXTENSION_LIMIT + 1), 431);
}

static void endless_trailer_is_refused(void **state)
{
    (void)state;
    assert_int_equal(status_of_repeated("0\r\nX:", 'a', AUK_HTTP_TRAILER_LIMIT + 1), 431);
}

static const struct CMUnitTest others[] = {
    cmocka_unit_test(every_prefix_wants_more),
    cmocka_unit_test(endless_extension_is_refused),
    cmocka_unit_test(endless_trailer_is_refused),
};
#define N_OTHERS (sizeof others / sizeof others[0])

int main(void)
{
    struct CMUnitTest tests[N_CASES + N_OTHERS] = {{0}};
    for (size_t i = 0; i < N_CASES; i++) {
        tests[i].name = cases[i].name;
        tests[i].test_func = decodes;
        tests[i].initial_state = &cases[i];
    }
    memcpy(tests + N_CASES, others, sizeof others);
    return cmocka_run_group_tests_name("http_chunk", tests, NULL, NULL);
}
