/* Bodies: coding, limits, budget, padding. */
#include "test.h"

#include "auk/compress.h"
#include "body.h"

#define LIMIT 100000u

static auk_http_body begin(uint64_t length, bool chunked, bool gzip, auk_budget *budget)
{
    auk_http_head head = {.length = length, .chunked = chunked, .gzip_body = gzip};
    auk_http_body body;
    auk_http_body_init(&body, &head, LIMIT, budget);
    return body;
}

static auk_http_step feed(auk_http_body *body, auk_span bytes, size_t piece,
                          auk_http_refusal *refusal)
{
    auk_http_step step = AUK_HTTP_MORE;
    for (size_t at = 0; at < bytes.size && step == AUK_HTTP_MORE; at += piece) {
        size_t left = bytes.size - at;
        auk_span in = {bytes.data + at, left < piece ? left : piece};
        step = auk_http_body_feed(body, &in, refusal);
    }
    return step;
}

static void assert_body(const auk_http_body *body, auk_span want)
{
    auk_span got = auk_http_body_span(body);
    assert_int_equal(got.size, want.size);
    assert_memory_equal(got.data, want.data, want.size);
    for (size_t i = 0; i < AUK_HTTP_PADDING; i++)
        assert_int_equal(got.data[got.size + i], 0);
}

static auk_buffer gzip_of(size_t size, char fill)
{
    auk_buffer plain;
    auk_buffer packed;
    auk_buffer_init(&plain, 1 << 26);
    auk_buffer_init(&packed, 1 << 26);
    memset(auk_buffer_reserve(&plain, size), fill, size);
    plain.size = size;
    assert_int_equal(auk_gzip_deflate(auk_buffer_span(&plain), 6, &packed, NULL), AUK_OK);
    auk_buffer_deinit(&plain);
    return packed;
}

static void empty_body_is_padded(void **state)
{
    (void)state;
    auk_http_refusal refusal;
    auk_http_body body = begin(0, false, false, NULL);
    auk_span nothing = {"", 0};
    assert_int_equal(auk_http_body_feed(&body, &nothing, &refusal), AUK_HTTP_DONE);
    assert_body(&body, nothing);
    auk_http_body_deinit(&body);
}

static void known_length_leaves_the_rest(void **state)
{
    (void)state;
    auk_http_refusal refusal;
    auk_http_body body = begin(5, false, false, NULL);
    auk_span in = AUK_SPAN("helloGET /");
    assert_int_equal(auk_http_body_feed(&body, &in, &refusal), AUK_HTTP_DONE);
    assert_true(auk_span_is(in, "GET /"));
    assert_body(&body, AUK_SPAN("hello"));
    auk_http_body_deinit(&body);
}

static void chunks_become_one_body(void **state)
{
    (void)state;
    auk_http_refusal refusal;
    auk_http_body body = begin(0, true, false, NULL);
    assert_int_equal(feed(&body, AUK_SPAN("2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"), 3, &refusal),
                     AUK_HTTP_DONE);
    assert_body(&body, AUK_SPAN("hello"));
    auk_http_body_deinit(&body);
}

static void chunks_past_the_limit_are_refused(void **state)
{
    (void)state;
    auk_http_refusal refusal = {0};
    auk_http_body body = begin(0, true, false, NULL);
    char block[4096] = {0};
    auk_http_step step = feed(&body, AUK_SPAN("FFFFFF\r\n"), 8, &refusal);
    for (int i = 0; i < 100 && step == AUK_HTTP_MORE; i++)
        step = feed(&body, (auk_span){block, sizeof block}, sizeof block, &refusal);
    assert_int_equal(step, AUK_HTTP_REFUSED);
    assert_int_equal(refusal.status, 413);
    auk_http_body_deinit(&body);
}

static void inflates(size_t size, size_t piece, int want_status)
{
    auk_http_refusal refusal = {0};
    auk_buffer packed = gzip_of(size, 'x');
    auk_http_body body = begin(packed.size, false, true, NULL);
    auk_http_step step = feed(&body, auk_buffer_span(&packed), piece, &refusal);
    assert_int_equal(step, want_status ? AUK_HTTP_REFUSED : AUK_HTTP_DONE);
    assert_int_equal(refusal.status, want_status);
    assert_true(body.capacity <= LIMIT + 1);
    if (!want_status)
        assert_int_equal(auk_http_body_span(&body).size, size);
    auk_http_body_deinit(&body);
    auk_buffer_deinit(&packed);
}

static void gzip_is_inflated(void **state)
{
    (void)state;
    inflates(10, 1, 0);
    inflates(50000, 7, 0);
    inflates(LIMIT, 1000, 0);
    inflates(LIMIT, 1, 0);
}

static void gzip_bomb_is_cut_at_the_limit(void **state)
{
    (void)state;
    inflates(LIMIT + 1, 1000, 413);
    inflates(30u << 20, 1 << 20, 413);
}

static void two_gzip_members_are_one_body(void **state)
{
    (void)state;
    auk_http_refusal refusal;
    auk_buffer packed = gzip_of(3, 'a');
    auk_buffer second = gzip_of(2, 'b');
    auk_buffer_append(&packed, auk_buffer_span(&second));
    auk_http_body body = begin(packed.size, false, true, NULL);
    assert_int_equal(feed(&body, auk_buffer_span(&packed), 1, &refusal), AUK_HTTP_DONE);
    assert_body(&body, AUK_SPAN("aaabb"));
    auk_http_body_deinit(&body);
    auk_buffer_deinit(&packed);
    auk_buffer_deinit(&second);
}

static void damaged_gzip_is_refused(void **state)
{
    (void)state;
    auk_buffer packed = gzip_of(300, 'x');
    /* cut at every byte */
    for (size_t size = 1; size < packed.size; size++) {
        auk_http_refusal refusal = {0};
        auk_http_body body = begin(size, false, true, NULL);
        assert_int_equal(feed(&body, (auk_span){packed.data, size}, 5, &refusal), AUK_HTTP_REFUSED);
        assert_int_equal(refusal.status, 400);
        auk_http_body_deinit(&body);
    }
    /* another checksum */
    packed.data[packed.size - 5] ^= 1;
    auk_http_refusal refusal = {0};
    auk_http_body body = begin(packed.size, false, true, NULL);
    assert_int_equal(feed(&body, auk_buffer_span(&packed), 5, &refusal), AUK_HTTP_REFUSED);
    assert_int_equal(refusal.status, 400);
    auk_http_body_deinit(&body);
    auk_buffer_deinit(&packed);
}

static void gzip_within_chunks(void **state)
{
    (void)state;
    auk_http_refusal refusal;
    auk_buffer packed = gzip_of(1000, 'x');
    auk_buffer wire;
    auk_buffer_init(&wire, 1 << 20);
    for (size_t i = 0; i < packed.size; i++)
        auk_buffer_printf(&wire, "1\r\n%c\r\n", 'x');
    for (size_t i = 0; i < packed.size; i++)
        wire.data[i * 6 + 3] = packed.data[i];
    auk_buffer_append(&wire, AUK_SPAN("0\r\n\r\n"));
    auk_http_body body = begin(0, true, true, NULL);
    assert_int_equal(feed(&body, auk_buffer_span(&wire), 11, &refusal), AUK_HTTP_DONE);
    assert_int_equal(auk_http_body_span(&body).size, 1000);
    auk_http_body_deinit(&body);
    auk_buffer_deinit(&packed);
    auk_buffer_deinit(&wire);
}

static void budget_is_charged_and_given_back(void **state)
{
    (void)state;
    auk_budget *budget = auk_budget_create(1 << 20);
    auk_http_body body = begin(50000, false, false, budget);
    assert_true(auk_budget_used(budget, AUK_PURPOSE_REQUESTS) >= 50000);
    auk_http_body_deinit(&body);
    assert_int_equal(auk_budget_used(budget, AUK_PURPOSE_REQUESTS), 0);
    auk_budget_destroy(budget);
}

static void full_budget_drops_the_body_but_reads_it(void **state)
{
    (void)state;
    auk_http_refusal refusal;
    auk_budget *budget = auk_budget_create(1000);
    auk_http_body body = begin(50000, false, false, budget);
    char *at;
    char block[10000] = {0};
    assert_true(body.dropping);
    assert_int_equal(body.held_back.status, 429);
    assert_int_equal(auk_http_body_room(&body, &at), 0);
    for (int i = 0; i < 5; i++)
        assert_int_equal(feed(&body, (auk_span){block, sizeof block}, sizeof block, &refusal),
                         i < 4 ? AUK_HTTP_MORE : AUK_HTTP_DONE);
    assert_int_equal(auk_budget_used(budget, AUK_PURPOSE_REQUESTS), 0);
    auk_http_body_deinit(&body);
    auk_budget_destroy(budget);
}

static void full_budget_while_growing(void **state)
{
    (void)state;
    auk_http_refusal refusal;
    auk_budget *budget = auk_budget_create(100000);
    auk_http_body body = begin(0, true, false, budget);
    char block[10000] = {0};
    assert_int_equal(feed(&body, AUK_SPAN("C350\r\n"), 6, &refusal), AUK_HTTP_MORE);
    for (int i = 0; i < 5; i++)
        assert_int_equal(feed(&body, (auk_span){block, sizeof block}, sizeof block, &refusal),
                         AUK_HTTP_MORE);
    assert_true(body.dropping);
    assert_int_equal(feed(&body, AUK_SPAN("\r\n0\r\n\r\n"), 7, &refusal), AUK_HTTP_DONE);
    assert_int_equal(auk_budget_used(budget, AUK_PURPOSE_REQUESTS), 0);
    auk_http_body_deinit(&body);
    auk_budget_destroy(budget);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_body_is_padded),
        cmocka_unit_test(known_length_leaves_the_rest),
        cmocka_unit_test(chunks_become_one_body),
        cmocka_unit_test(chunks_past_the_limit_are_refused),
        cmocka_unit_test(gzip_is_inflated),
        cmocka_unit_test(gzip_bomb_is_cut_at_the_limit),
        cmocka_unit_test(two_gzip_members_are_one_body),
        cmocka_unit_test(damaged_gzip_is_refused),
        cmocka_unit_test(gzip_within_chunks),
        cmocka_unit_test(budget_is_charged_and_given_back),
        cmocka_unit_test(full_budget_drops_the_body_but_reads_it),
        cmocka_unit_test(full_budget_while_growing),
    };
    return cmocka_run_group_tests_name("http_body", tests, NULL, NULL);
}
