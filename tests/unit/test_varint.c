#include "test.h"

#include "auk/varint.h"

typedef struct varint_case {
    const char *name;
    uint64_t value;
    size_t size;
} varint_case;

static const varint_case cases[] = {
    {"zero", 0, 1},
    {"largest of one byte", 127, 1},
    {"smallest of two bytes", 128, 2},
    {"largest of two bytes", 16383, 2},
    {"smallest of three bytes", 16384, 3},
    {"largest of 32 bits", UINT32_MAX, 5},
    {"largest of nine bytes", INT64_MAX, 9},
    {"smallest of ten bytes", (uint64_t)1 << 63, 10},
    {"largest", UINT64_MAX, 10},
};

#define CASE_COUNT (sizeof cases / sizeof cases[0])

static void reads_back(void **state)
{
    const varint_case *row = *state;
    uint8_t bytes[AUK_VARINT_MAX + 1];
    memset(bytes, 0x80, sizeof bytes);
    size_t size = auk_varint_encode(row->value, bytes);
    assert_int_equal(size, row->size);
    uint64_t value;
    assert_int_equal(auk_varint_decode(bytes, sizeof bytes, &value), size);
    assert_true(value == row->value);
    for (size_t cut = 0; cut < size; cut++)
        assert_int_equal(auk_varint_decode(bytes, cut, &value), 0);
}

static void more_than_64_bits_are_refused(void **state)
{
    (void)state;
    uint8_t bytes[12];
    uint64_t value;
    memset(bytes, 0xFF, sizeof bytes);
    assert_int_equal(auk_varint_decode(bytes, sizeof bytes, &value), 0);
    bytes[9] = 0x02;
    assert_int_equal(auk_varint_decode(bytes, sizeof bytes, &value), 0);
    bytes[9] = 0x01;
    assert_int_equal(auk_varint_decode(bytes, sizeof bytes, &value), 10);
    assert_true(value == UINT64_MAX);
}

static void zigzag_keeps_small_numbers_small(void **state)
{
    (void)state;
    static const int64_t values[] = {0, -1, 1, -2, 2, INT64_MAX, INT64_MIN};
    static const uint64_t mapped[] = {0, 1, 2, 3, 4, UINT64_MAX - 1, UINT64_MAX};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        assert_true(auk_zigzag(values[i]) == mapped[i]);
        assert_true(auk_unzigzag(mapped[i]) == values[i]);
    }
}

static void big_endian_sorts_like_the_numbers(void **state)
{
    (void)state;
    uint8_t bytes[8];
    auk_store_be32(bytes, 0x01020304);
    assert_memory_equal(bytes, "\x01\x02\x03\x04", 4);
    assert_int_equal(auk_load_be32(bytes), 0x01020304);
    auk_store_be64(bytes, 0x0102030405060708);
    assert_int_equal(bytes[0], 1);
    assert_true(auk_load_be64(bytes) == 0x0102030405060708);
}

static void a_reader_that_ran_short_stays_failed(void **state)
{
    (void)state;
    auk_reader r = auk_reader_of(AUK_SPAN("\x05"
                                          "abc"));
    assert_null(auk_reader_sized(&r).data);
    assert_true(r.failed);
    assert_int_equal(auk_reader_u8(&r), 0);
    assert_int_equal(auk_reader_varint(&r), 0);
    assert_int_equal(auk_reader_bytes(&r, 0).size, 0);
    r = auk_reader_of(AUK_SPAN("abc"));
    assert_int_equal(auk_reader_u32(&r), 0);
    assert_true(r.failed);
    r = auk_reader_of((auk_span){0});
    assert_int_equal(auk_reader_left(&r), 0);
    assert_int_equal(auk_reader_bytes(&r, 0).size, 0);
    assert_false(r.failed);
    assert_int_equal(auk_reader_u8(&r), 0);
    assert_true(r.failed);
    r = auk_reader_of(AUK_SPAN("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"));
    assert_int_equal(auk_reader_sized(&r).size, 0);
    assert_true(r.failed);
}

int main(void)
{
    static struct CMUnitTest rows[CASE_COUNT];
    for (size_t i = 0; i < CASE_COUNT; i++)
        rows[i] = (struct CMUnitTest){.name = cases[i].name,
                                      .test_func = reads_back,
                                      .initial_state = (void *)(uintptr_t)&cases[i]};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_than_64_bits_are_refused),
        cmocka_unit_test(zigzag_keeps_small_numbers_small),
        cmocka_unit_test(big_endian_sorts_like_the_numbers),
        cmocka_unit_test(a_reader_that_ran_short_stays_failed),
    };
    int failed = cmocka_run_group_tests_name("varint: reads back", rows, NULL, NULL);
    return failed + cmocka_run_group_tests_name("varint", tests, NULL, NULL);
}
