/* The values of a column sorted: every place, and damage. */
#include "ranks.h"

#include "column.h"
#include "test.h"

static uint64_t seed = 5;

static uint64_t draw(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed * UINT64_C(0x2545f4914f6cdd1d);
}

static auk_code keep_value(void *context, uint8_t kind, uint16_t field, uint32_t part,
                           auk_span bytes, auk_error *err)
{
    (void)err;
    auk_span *kept = context;
    assert_int_equal(kind, AUK_KIND_RANKS);
    assert_int_equal(field, 17);
    assert_int_equal(part, 0);
    char *copy = malloc(bytes.size); /* to the byte */
    memcpy(copy, bytes.data, bytes.size);
    *kept = auk_span_make(copy, bytes.size);
    return AUK_OK;
}

static auk_span write_ranks(const int64_t *values, uint32_t count)
{
    auk_span kept = {0};
    auk_sink sink = {keep_value, &kept};
    auk_output output;
    auk_ranks_writer writer = {0};
    int64_t least = INT64_MAX, most = INT64_MIN;
    auk_output_init(&output, &sink);
    auk_ranks_writer_begin(&writer, true);
    for (uint32_t i = 0; i < count; i++) {
        auk_ranks_writer_add(&writer, values[i]);
        least = values[i] < least ? values[i] : least;
        most = values[i] > most ? values[i] : most;
    }
    auk_ranks_writer_end(&writer, 17, least, most, &output);
    auk_ranks_writer_deinit(&writer);
    assert_int_equal(auk_output_status(&output, NULL), AUK_OK);
    auk_output_deinit(&output);
    return kept;
}

static int64_t draw_value(uint32_t shape)
{
    static const int64_t ends[] = {INT64_MIN, INT64_MIN + 1, -1, 0, 1, INT64_MAX - 1, INT64_MAX};
    switch (shape) {
    case 0:
        return ends[draw() % 7];
    case 1:
        return (int64_t)(draw() % 100) - 50;
    case 2:
        return (int64_t)(draw() % 3 ? draw() % 9 : draw() % 1000000000);
    case 3:
        return 7;
    case 4:
        return (int64_t)(draw() % 900000) * 86400 - 11;
    default:
        return (int64_t)draw() >> draw() % 60;
    }
}

static int by_value(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static uint64_t below(const int64_t *sorted, uint32_t count, int64_t limit)
{
    uint32_t found = 0;
    while (found < count && sorted[found] < limit)
        found++;
    return found;
}

static void check_places(const auk_ranks *ranks, const int64_t *sorted, uint32_t count)
{
    for (uint32_t i = 0; i < 200; i++) {
        int64_t limit = i < 150 ? sorted[draw() % count] : draw_value(i % 6);
        if (i % 3 == 1 && limit < INT64_MAX)
            limit++;
        uint64_t got;
        assert_true(auk_ranks_below(ranks, limit, &got));
        assert_int_equal(got, below(sorted, count, limit));
    }
}

static void places_are_numbers_of_values_below(void **state)
{
    (void)state;
    static const uint32_t counts[] = {1, 2, 511, 512, 513, 1024, 5000};
    for (uint32_t c = 0; c < sizeof counts / sizeof counts[0]; c++)
        for (uint32_t shape = 0; shape < 6; shape++) {
            uint32_t count = counts[c], met = 0;
            int64_t *values = malloc(count * sizeof *values), block[AUK_RANKS_BLOCK];
            for (uint32_t i = 0; i < count; i++)
                values[i] = draw_value(shape);
            auk_arena *arena = auk_arena_create(4096);
            auk_span bytes = write_ranks(values, count);
            const auk_ranks *ranks = auk_ranks_open(&bytes, NULL, arena);
            assert_non_null(ranks);
            assert_int_equal(auk_ranks_count(ranks), count);
            qsort(values, count, sizeof *values, by_value);
            check_places(ranks, values, count);
            for (uint32_t b = 0, some; (some = auk_ranks_block(ranks, b, block)) > 0; b++) {
                assert_true(met + some <= count);
                assert_memory_equal(block, values + met, some * sizeof *block);
                met += some;
            }
            assert_int_equal(met, count);
            auk_arena_destroy(arena);
            free((void *)(uintptr_t)bytes.data);
            free(values);
        }
}

static void too_many_or_not_wanted_leave_nothing(void **state)
{
    (void)state;
    auk_sink sink = {keep_value, NULL};
    auk_output output;
    auk_ranks_writer writer = {0};
    auk_output_init(&output, &sink);
    auk_ranks_writer_begin(&writer, true);
    for (uint32_t i = 0; i <= AUK_RANKS_MOST; i++)
        auk_ranks_writer_add(&writer, i);
    auk_ranks_writer_end(&writer, 17, 0, AUK_RANKS_MOST, &output);
    auk_ranks_writer_begin(&writer, false);
    auk_ranks_writer_add(&writer, 3);
    auk_ranks_writer_end(&writer, 17, 3, 3, &output);
    auk_ranks_writer_deinit(&writer);
    assert_int_equal(output.count, 0);
    auk_output_deinit(&output);
}

static void of_damaged_bytes_nothing_is_told(void **state)
{
    (void)state;
    int64_t values[] = {3, 1, 2}, block[AUK_RANKS_BLOCK];
    uint64_t found;
    auk_span bytes = write_ranks(values, 3);
    atomic_uchar state_of = AUK_GUARD_DAMAGED;
    auk_guard guard = {.spans = &bytes, .count = 1, .states = &state_of};
    auk_arena *arena = auk_arena_create(4096);
    const auk_ranks *ranks = auk_ranks_open(&bytes, &guard, arena);
    assert_non_null(ranks);
    assert_false(auk_ranks_below(ranks, 2, &found));
    assert_int_equal(auk_ranks_block(ranks, 0, block), 0);
    auk_arena_destroy(arena);
    free((void *)(uintptr_t)bytes.data);
}

static void whole_seconds_take_no_milliseconds(void **state)
{
    (void)state;
    enum { COUNT = 4096 };
    static int64_t fine[COUNT], whole[COUNT];
    for (uint32_t i = 0; i < COUNT; i++) {
        fine[i] = (int64_t)(draw() % 1000000);
        whole[i] = fine[i] * 1000 + 7;
    }
    auk_span a = write_ranks(fine, COUNT), b = write_ranks(whole, COUNT);
    assert_int_equal(a.size, b.size);
    free((void *)(uintptr_t)a.data);
    free((void *)(uintptr_t)b.data);
}

static volatile uint64_t seen;

static void use_damaged(const char *bytes, size_t size)
{
    char *copy = malloc(size ? size : 1);
    memcpy(copy, bytes, size);
    auk_span value = auk_span_make(copy, size);
    auk_arena *arena = auk_arena_create(4096);
    const auk_ranks *ranks = auk_ranks_open(&value, NULL, arena);
    uint64_t sum = 0, found;
    int64_t values[AUK_RANKS_BLOCK];
    for (int64_t limit = -60; ranks && limit < 60; limit += 13)
        sum += auk_ranks_below(ranks, limit, &found) ? found : 0;
    if (ranks && auk_ranks_below(ranks, INT64_MAX, &found))
        sum += found;
    for (uint32_t block = 0; ranks && block < 4; block++)
        for (uint32_t i = auk_ranks_block(ranks, block, values); i-- > 0;)
            sum += (uint64_t)values[i];
    seen = sum;
    auk_arena_destroy(arena);
    free(copy);
}

static void damaged_bytes_never_crash(void **state)
{
    (void)state;
    for (uint32_t shape = 0; shape < 6; shape++) {
        int64_t values[600];
        for (uint32_t i = 0; i < 600; i++)
            values[i] = draw_value(shape);
        auk_span bytes = write_ranks(values, shape ? 600 : 40);
        char *flipped = malloc(bytes.size);
        memcpy(flipped, bytes.data, bytes.size);
        for (size_t i = 0; i < bytes.size; i += i < 60 ? 1 : 17) {
            use_damaged(bytes.data, i);
            for (unsigned flip = 1; flip < 256; flip <<= 1) {
                flipped[i] = (char)(flipped[i] ^ (int)flip);
                use_damaged(flipped, bytes.size);
                flipped[i] = (char)(flipped[i] ^ (int)flip);
            }
        }
        free(flipped);
        free((void *)(uintptr_t)bytes.data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_numbers_of_values_below),
        cmocka_unit_test(too_many_or_not_wanted_leave_nothing),
        cmocka_unit_test(of_damaged_bytes_nothing_is_told),
        cmocka_unit_test(whole_seconds_take_no_milliseconds),
        cmocka_unit_test(damaged_bytes_never_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
