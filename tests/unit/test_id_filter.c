#include "id_filter.h"
#include "tombstones.h"

#include "test.h"

static auk_span id_of(char text[32], uint32_t number)
{
    return auk_span_make(text, (size_t)snprintf(text, 32, "document-%u", number));
}

static void make_filter(auk_buffer *filter, uint32_t count)
{
    char text[32];
    auk_buffer_init(filter, AUK_BUFFER_NO_LIMIT);
    auk_id_filter_begin(filter, count);
    for (uint32_t i = 0; i < count; i++)
        auk_id_filter_add(filter, id_of(text, i));
}

static auk_id_filter open_filter(const auk_buffer *bytes)
{
    auk_id_filter filter;
    auk_error err;
    assert_int_equal(auk_id_filter_open(auk_buffer_span(bytes), &filter, &err), AUK_OK);
    return filter;
}

static void no_id_that_was_added_is_refused(void **state)
{
    (void)state;
    char text[32];
    for (uint32_t count = 1; count <= 100000; count *= 10) {
        auk_buffer bytes;
        make_filter(&bytes, count);
        auk_id_filter filter = open_filter(&bytes);
        for (uint32_t i = 0; i < count; i++)
            assert_true(auk_id_filter_may_hold(&filter, id_of(text, i)));
        auk_buffer_deinit(&bytes);
    }
}

static void few_ids_that_were_not_added_pass(void **state)
{
    (void)state;
    char text[32];
    auk_buffer bytes;
    make_filter(&bytes, 100000);
    assert_true(bytes.size <= 100000 * 12 / 8 + 64);
    auk_id_filter filter = open_filter(&bytes);
    uint32_t passed = 0;
    for (uint32_t i = 0; i < 100000; i++)
        passed += auk_id_filter_may_hold(&filter, id_of(text, 1000000 + i));
    print_message("%u of 100000 absent ids pass\n", passed);
    assert_true(passed < 2000);
    auk_buffer_deinit(&bytes);
}

static void the_empty_id_is_an_id(void **state)
{
    (void)state;
    auk_buffer bytes;
    auk_buffer_init(&bytes, AUK_BUFFER_NO_LIMIT);
    auk_id_filter_begin(&bytes, 0);
    auk_id_filter filter = open_filter(&bytes);
    assert_false(auk_id_filter_may_hold(&filter, (auk_span){0}));
    auk_id_filter_add(&bytes, (auk_span){0});
    assert_true(auk_id_filter_may_hold(&filter, (auk_span){0}));
    auk_buffer_deinit(&bytes);
}

static void a_cut_or_foreign_filter_is_corrupt(void **state)
{
    (void)state;
    auk_buffer bytes;
    make_filter(&bytes, 100);
    auk_id_filter filter;
    auk_error err;
    for (size_t size = 0; size < bytes.size; size++)
        assert_int_equal(auk_id_filter_open(auk_span_make(bytes.data, size), &filter, &err),
                         AUK_CORRUPT);
    for (size_t i = 0; i < 12; i++) {
        bytes.data[i] ^= 0x40;
        assert_int_equal(auk_id_filter_open(auk_buffer_span(&bytes), &filter, &err), AUK_CORRUPT);
        bytes.data[i] ^= 0x40;
    }
    auk_buffer_deinit(&bytes);
}

/* ---- tombstones ---- */

/* Keeps the compiler from leaving the reads out. */
extern volatile unsigned seen;
volatile unsigned seen;

static auk_tombstone tombstone_of(char text[32], uint32_t number)
{
    return (auk_tombstone){.id = number % 7 ? id_of(text, number) : (auk_span){0},
                           .seq_no = (int64_t)number * 11,
                           .version = INT64_MAX - number,
                           .primary_term = number % 3,
                           .time_ms = -(int64_t)number};
}

static void make_tombstones(auk_buffer *out, uint32_t count)
{
    char text[32];
    auk_tombstone_list list;
    auk_tombstone_list_init(&list);
    for (uint32_t i = 0; i < count; i++) {
        auk_tombstone tombstone = tombstone_of(text, i);
        auk_tombstone_list_add(&list, &tombstone);
    }
    auk_buffer_init(out, AUK_BUFFER_NO_LIMIT);
    auk_tombstone_list_write(&list, out);
    auk_tombstone_list_deinit(&list);
}

static void tombstones_come_back(void **state)
{
    (void)state;
    auk_buffer bytes;
    auk_tombstones tombstones;
    auk_error err;
    make_tombstones(&bytes, 1000);
    assert_int_equal(auk_tombstones_open(auk_buffer_span(&bytes), &tombstones, &err), AUK_OK);
    assert_int_equal(tombstones.count, 1000);
    for (uint32_t i = 0; i < 1000; i++) {
        char text[32];
        auk_tombstone want = tombstone_of(text, i), got;
        assert_int_equal(auk_tombstones_read(&tombstones, i, &got, &err), AUK_OK);
        assert_true(auk_span_equal(got.id, want.id));
        assert_true(got.seq_no == want.seq_no && got.version == want.version &&
                    got.primary_term == want.primary_term && got.time_ms == want.time_ms);
    }
    auk_tombstone got;
    assert_int_equal(auk_tombstones_read(&tombstones, 1000, &got, &err), AUK_INVALID);
    auk_buffer_deinit(&bytes);
}

static void use_damaged(auk_span bytes)
{
    auk_tombstones tombstones;
    auk_error err;
    if (auk_tombstones_open(bytes, &tombstones, &err) != AUK_OK)
        return;
    unsigned sum = 0;
    for (uint32_t i = 0; i < tombstones.count; i++) {
        auk_tombstone got;
        if (auk_tombstones_read(&tombstones, i, &got, &err) == AUK_OK)
            for (size_t at = 0; at < got.id.size; at++)
                sum += (uint8_t)got.id.data[at];
    }
    seen = sum;
}

static void damaged_tombstones_never_crash(void **state)
{
    (void)state;
    auk_buffer bytes;
    make_tombstones(&bytes, 20);
    for (size_t size = 0; size < bytes.size; size++) {
        char *cut = malloc(size ? size : 1);
        memcpy(cut, bytes.data, size);
        use_damaged(auk_span_make(cut, size));
        free(cut);
    }
    for (size_t i = 0; i < bytes.size; i++)
        for (unsigned flip = 1; flip < 256; flip <<= 1) {
            bytes.data[i] = (char)(bytes.data[i] ^ (int)flip);
            use_damaged(auk_buffer_span(&bytes));
            bytes.data[i] = (char)(bytes.data[i] ^ (int)flip);
        }
    auk_buffer_deinit(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_id_that_was_added_is_refused),
        cmocka_unit_test(few_ids_that_were_not_added_pass),
        cmocka_unit_test(the_empty_id_is_an_id),
        cmocka_unit_test(a_cut_or_foreign_filter_is_corrupt),
        cmocka_unit_test(tombstones_come_back),
        cmocka_unit_test(damaged_tombstones_never_crash),
    };
    return cmocka_run_group_tests_name("id_filter", tests, NULL, NULL);
}
