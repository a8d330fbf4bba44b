#include "test.h"

#include "auk/hash.h"

typedef struct route_case {
    const char *text;
    uint32_t hash;
} route_case;

/* Values that Elasticsearch itself gives. */
static const route_case route_cases[] = {
    {"hell", 0x5a0cb7c3},
    {"hello", 0xd7c31989},
    {"hello w", 0x22ab2984},
    {"hello wo", 0xdf0ca123},
    {"hello wor", 0xe7744d61},
    {"The quick brown fox jumps over the lazy dog", 0xe07db09c},
    {"The quick brown fox jumps over the lazy cog", 0x4e63d2ad},
};

static void routing_equals_elasticsearch(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof route_cases / sizeof route_cases[0]; i++)
        assert_int_equal((uint32_t)auk_murmur3_route(auk_span_of(route_cases[i].text)),
                         route_cases[i].hash);
}

static uint32_t murmur_of_bytes(const uint8_t *bytes, size_t size)
{
    uint32_t hash = 0;
    size_t i = 0;
    for (; i + 4 <= size; i += 4) {
        uint32_t k;
        memcpy(&k, bytes + i, 4);
        k *= 0xcc9e2d51;
        k = k << 15 | k >> 17;
        hash ^= k * 0x1b873593;
        hash = (hash << 13 | hash >> 19) * 5 + 0xe6546b64;
    }
    uint32_t k = 0;
    for (size_t j = size; j > i; j--)
        k = k << 8 | bytes[j - 1];
    k *= 0xcc9e2d51;
    k = k << 15 | k >> 17;
    hash ^= k * 0x1b873593;
    hash ^= (uint32_t)size;
    hash = (hash ^ hash >> 16) * 0x85ebca6b;
    hash = (hash ^ hash >> 13) * 0xc2b2ae35;
    return hash ^ hash >> 16;
}

static void routing_hashes_code_points_past_the_first_plane_as_two_units(void **state)
{
    (void)state;
    /* a, U+1F600 as D83D DE00, e with acute */
    const uint8_t utf16[] = {'a', 0, 0x3d, 0xd8, 0x00, 0xde, 0xe9, 0};
    assert_int_equal((uint32_t)auk_murmur3_route(AUK_SPAN("a\xF0\x9F\x98\x80\xC3\xA9")),
                     murmur_of_bytes(utf16, sizeof utf16));
    assert_int_equal((uint32_t)auk_murmur3_route(AUK_SPAN("a\xF0\x9F\x98\x80")),
                     murmur_of_bytes(utf16, 6));
}

static void crc32c_knows_its_check_value(void **state)
{
    (void)state;
    assert_int_equal(auk_crc32c(0, AUK_SPAN("123456789")), 0xe3069283);
    assert_int_equal(auk_crc32c_portable(0, AUK_SPAN("123456789")), 0xe3069283);
    char zeros[32] = {0};
    assert_int_equal(auk_crc32c(0, auk_span_make(zeros, sizeof zeros)), 0x8a9136aa);
    assert_int_equal(auk_crc32c(7, (auk_span){0}), 7);
}

static void crc32c_is_the_same_with_and_without_the_instruction_and_in_pieces(void **state)
{
    (void)state;
    char bytes[300];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 37 + i / 7);
    for (size_t size = 0; size <= sizeof bytes; size++) {
        auk_span whole = auk_span_make(bytes, size);
        uint32_t crc = auk_crc32c(0, whole);
        assert_int_equal(crc, auk_crc32c_portable(0, whole));
        size_t cut = size / 3;
        assert_int_equal(crc, auk_crc32c(auk_crc32c(0, auk_span_make(bytes, cut)),
                                         auk_span_from(whole, cut)));
    }
}

/* Id filters keep these numbers on disk: a change here is a change of format. */
static void table_hash_is_stable(void **state)
{
    (void)state;
    assert_true(auk_hash(AUK_SPAN(""), 0) == 0x91f1834d7d4cae);
    assert_true(auk_hash(AUK_SPAN("a"), 0) == 0x3cf21804e7d83de8);
    assert_true(auk_hash(AUK_SPAN("0123456789"), 1) == 0x49350b123bf2482d);
    assert_true(auk_hash(AUK_SPAN("0123456789abcdefghijklmnopqrstuvwxyz"), 1) ==
                0x8c0a12355573e67a);
}

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void table_hash_separates_every_byte_of_every_size(void **state)
{
    (void)state;
    enum { SIZES = 40 };
    static uint64_t hashes[SIZES * 40 * 8 + SIZES];
    size_t count = 0;
    char bytes[SIZES] = {0};
    for (size_t size = 0; size < SIZES; size++) {
        hashes[count++] = auk_hash(auk_span_make(bytes, size), 3);
        for (size_t i = 0; i < size * 8; i++) {
            bytes[i / 8] ^= (char)(1 << i % 8);
            hashes[count++] = auk_hash(auk_span_make(bytes, size), 3);
            bytes[i / 8] ^= (char)(1 << i % 8);
        }
    }
    qsort(hashes, count, sizeof hashes[0], by_value);
    for (size_t i = 1; i < count; i++)
        assert_true(hashes[i] != hashes[i - 1]);
}

/* Low bits index tables: keys that count up must spread over them. */
static void table_hash_spreads_counting_keys(void **state)
{
    (void)state;
    uint32_t filled[256] = {0};
    for (int i = 0; i < 256 * 64; i++) {
        char key[16];
        int size = snprintf(key, sizeof key, "id-%d", i);
        filled[auk_hash(auk_span_make(key, (size_t)size), 0) & 255]++;
    }
    for (size_t i = 0; i < 256; i++)
        assert_in_range(filled[i], 24, 120);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(routing_equals_elasticsearch),
        cmocka_unit_test(routing_hashes_code_points_past_the_first_plane_as_two_units),
        cmocka_unit_test(crc32c_knows_its_check_value),
        cmocka_unit_test(crc32c_is_the_same_with_and_without_the_instruction_and_in_pieces),
        cmocka_unit_test(table_hash_is_stable),
        cmocka_unit_test(table_hash_separates_every_byte_of_every_size),
        cmocka_unit_test(table_hash_spreads_counting_keys),
    };
    return cmocka_run_group_tests_name("hash", tests, NULL, NULL);
}
