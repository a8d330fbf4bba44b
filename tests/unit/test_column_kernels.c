/* Each level of the kernels over columns answers what the portable one does, at any length. */
#include "column_kernels.h"

#include "test.h"

enum { MOST = 200, WORDS = (MOST + 63) / 64 };

static uint64_t seed = 17;

static uint64_t draw(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed * UINT64_C(0x2545f4914f6cdd1d);
}

static int64_t draw_value(void)
{
    static const int64_t ends[] = {INT64_MIN, INT64_MIN + 1, -1, 0, 1, INT64_MAX - 1, INT64_MAX};
    switch (draw() % 4) {
    case 0:
        return ends[draw() % 7];
    case 1:
        return (int64_t)(draw() % 100) - 50;
    default:
        return (int64_t)draw() >> draw() % 60;
    }
}

static void ranges_are_marked_alike(void **state)
{
    (void)state;
    int64_t values[MOST];
    for (int round = 0; round < 4000; round++) {
        uint64_t want[WORDS], got[WORDS];
        uint32_t count = (uint32_t)(draw() % (MOST + 1));
        for (uint32_t i = 0; i < count; i++)
            values[i] = draw_value();
        int64_t from = draw_value(), to = draw() % 9 ? draw_value() : from;
        auk_column_kernels_portable.mark_range(values, count, from, to, want);
        auk_column_kernels_best()->mark_range(values, count, from, to, got);
        assert_memory_equal(want, got, (count + 63) / 64 * sizeof *want);
        for (uint32_t i = 0; i < count; i++)
            assert_int_equal(want[i / 64] >> (i % 64) & 1, values[i] >= from && values[i] <= to);
    }
}

static void places_are_alike_up_to_their_edges(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {1, 2, 3, 7, 1000, 3600000, 86400000, UINT64_C(1) << 40};
    int64_t values[MOST];
    for (int round = 0; round < 4000; round++) {
        uint32_t want[MOST], got[MOST], count = (uint32_t)(draw() % (MOST + 1));
        auk_places places = {.first = draw_value() / 4, .size = sizes[draw() % 8]};
        uint64_t span = 1 + draw() % ((UINT64_C(1) << 51) / places.size);
        span = span < 1000000 ? span : 1000000;
        places.last = places.first + (int64_t)(span * places.size) - 1;
        places.outside = (uint32_t)span;
        for (uint32_t i = 0; i < count; i++) {
            uint64_t edge = draw() % (span + 2) * places.size;
            values[i] = draw() % 5 ? places.first + (int64_t)edge + (int64_t)(draw() % 3) - 1
                                   : draw_value();
        }
        auk_column_kernels_portable.place(&places, values, count, want);
        auk_column_kernels_best()->place(&places, values, count, got);
        assert_memory_equal(want, got, count * sizeof *want);
    }
}

static void bits_are_listed_alike(void **state)
{
    (void)state;
    uint64_t bits[64];
    uint32_t want[AUK_COLUMN_LIST_ROOM], got[AUK_COLUMN_LIST_ROOM];
    for (int round = 0; round < 2000; round++) {
        uint32_t words = (uint32_t)(draw() % 65), base = (uint32_t)(draw() % 1000) * 4096;
        for (uint32_t i = 0; i < words; i++)
            bits[i] = draw() % 4 ? draw() & (draw() % 3 ? draw() : UINT64_MAX)
                                 : (draw() % 2 ? UINT64_MAX : 0);
        uint32_t count = auk_column_kernels_portable.list_bits(bits, words, base, want), set = 0;
        assert_int_equal(count, auk_column_kernels_best()->list_bits(bits, words, base, got));
        assert_memory_equal(want, got, count * sizeof *want);
        for (uint32_t i = 0; i < words; i++)
            set += (uint32_t)__builtin_popcountll(bits[i]);
        assert_int_equal(count, set);
    }
}

static void counts_are_tallied_alike(void **state)
{
    (void)state;
    uint32_t counts[64];
    for (int round = 0; round < 4000; round++) {
        auk_tally want, got;
        uint32_t count = (uint32_t)(draw() % 65), most = draw() % 3 ? 5 : UINT32_MAX;
        uint32_t floor = (uint32_t)(draw() % most);
        for (uint32_t i = 0; i < count; i++)
            counts[i] = (uint32_t)(draw() % ((uint64_t)most + 1));
        auk_column_kernels_portable.tally(counts, count, floor, &want);
        auk_column_kernels_best()->tally(counts, count, floor, &got);
        assert_true(want.sum == got.sum && want.above == got.above && want.filled == got.filled);
        for (uint32_t i = 0; i < count; i++)
            assert_int_equal(want.above >> i & 1, counts[i] > floor);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_are_marked_alike),
        cmocka_unit_test(places_are_alike_up_to_their_edges),
        cmocka_unit_test(bits_are_listed_alike),
        cmocka_unit_test(counts_are_tallied_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
