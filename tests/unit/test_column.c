#include "column.h"

#include "test.h"

/* A column in naive form: the values of row i are values[ends[i - 1]] .. values[ends[i] - 1]. */
typedef struct naive {
    uint32_t row_count;
    uint32_t *ends;
    int64_t *values;
    uint32_t value_count;
} naive;

#define MAX_ROWS   100000u
#define MAX_VALUES 400000u

typedef struct column_case {
    const char *name;
    uint32_t row_count;
    /* How many values a row has, and which; seeded by row. */
    uint32_t (*count)(uint32_t row);
    int64_t (*value)(uint32_t row, uint32_t index);
} column_case;

static uint64_t mix(uint64_t x)
{
    x = (x + 0x9e3779b97f4a7c15u) * 0xbf58476d1ce4e5b9u;
    return (x ^ x >> 27) * 0x94d049bb133111ebu ^ x >> 31;
}

/* ---- shapes: how many values a row has ---- */

static uint32_t each(uint32_t row)
{
    (void)row;
    return 1;
}
static uint32_t none(uint32_t row)
{
    (void)row;
    return 0;
}
static uint32_t most(uint32_t row)
{
    return mix(row) % 10 != 0;
}
static uint32_t few(uint32_t row)
{
    return mix(row) % 500 == 0;
}
static uint32_t third_block(uint32_t row)
{
    return row / AUK_COLUMN_BLOCK == 2;
}
static uint32_t last_row(uint32_t row)
{
    return row == 99999;
}
static uint32_t up_to_seven(uint32_t row)
{
    return (uint32_t)(mix(row) % 8);
}
static uint32_t one_with_many(uint32_t row)
{
    return row == 4000 ? 50000 : 1;
}

/* ---- values, ascending within a row ---- */

static int64_t same(uint32_t row, uint32_t index)
{
    (void)row, (void)index;
    return 42;
}
static int64_t rising(uint32_t row, uint32_t index)
{
    return (int64_t)row * 3 + 1000000 + index;
}
static int64_t falling(uint32_t row, uint32_t index)
{
    return -(int64_t)row * 17 + index + (int64_t)(mix(row) % 5);
}
static int64_t small(uint32_t row, uint32_t index)
{
    return (int64_t)(mix(row) % 1000) - 500 + index;
}
static int64_t days(uint32_t row, uint32_t index)
{
    return ((int64_t)(mix(row) % 20000) - 5000 + index) * 86400000;
}
static int64_t far_apart(uint32_t row, uint32_t index)
{
    static const int64_t few_values[] = {INT64_MIN, -1, 7, INT64_MAX};
    return index ? INT64_MAX : few_values[mix(row) % 4];
}
static int64_t anything(uint32_t row, uint32_t index)
{
    int64_t value = (int64_t)mix(row);
    return value > INT64_MAX - 8 ? value : value + index;
}
static int64_t bits_57(uint32_t row, uint32_t index)
{
    return (int64_t)(mix(row) >> 7) + index;
}
static int64_t bits_58(uint32_t row, uint32_t index)
{
    return (int64_t)(mix(row) >> 6) + index;
}
static int64_t two_hundred(uint32_t row, uint32_t index)
{
    return (int64_t)(mix(mix(row) % 200) >> 8) + index;
}

static column_case cases[] = {
    {"no rows", 0, none, same},
    {"rows without a value", 5000, none, same},
    {"one row", 1, each, anything},
    {"4095 rows", 4095, each, small},
    {"4096 rows", 4096, each, small},
    {"4097 rows", 4097, each, small},
    {"all the same", 10000, each, same},
    {"rising evenly", 100000, each, rising},
    {"falling, negative", 10000, each, falling},
    {"whole days", 10000, each, days},
    {"greatest and least of 64 bits", 10000, each, far_apart},
    {"64 bits of noise", 10000, each, anything},
    {"57 bits of noise", 10000, each, bits_57},
    {"58 bits of noise", 10000, each, bits_58},
    {"two hundred far values", 10000, each, two_hundred},
    {"most rows", 100000, most, small},
    {"many days", 100000, each, days},
    {"many of 64 bits of noise", 66000, each, anything},
    {"many far apart", 65536, each, far_apart},
    {"many of 57 bits in most rows", 75000, most, bits_57},
    {"few rows", 100000, few, anything},
    {"few rows, the same", 100000, few, same},
    {"one block of many", 100000, third_block, rising},
    {"the last row alone", 100000, last_row, small},
    {"up to seven a row", 50000, up_to_seven, small},
    {"up to seven a row, the same", 20000, up_to_seven, same},
    {"up to seven a row, noise", 10000, up_to_seven, anything},
    {"up to seven a row, few far values", 10000, up_to_seven, far_apart},
    {"fifty thousand in one row", 5000, one_with_many, rising},
};
#define N_CASES (sizeof cases / sizeof cases[0])

/* ---- parts of a column on the heap, each in a block of exactly its size ---- */

typedef struct parts {
    auk_span spans[16];
    uint32_t count;
    auk_span ranks; /* no data: none were written */
} parts;

static auk_code keep_part(void *context, uint8_t kind, uint16_t field, uint32_t part,
                          auk_span bytes, auk_error *err)
{
    (void)err;
    parts *kept = context;
    assert_int_equal(field, 17);
    char *copy = malloc(bytes.size);
    memcpy(copy, bytes.data, bytes.size);
    if (kind == AUK_KIND_RANKS) {
        assert_int_equal(part, 0);
        assert_null(kept->ranks.data);
        kept->ranks = auk_span_make(copy, bytes.size);
        return AUK_OK;
    }
    assert_int_equal(kind, AUK_KIND_COLUMN);
    assert_int_equal(part, kept->count);
    assert_true(kept->count < 16);
    kept->spans[kept->count++] = auk_span_make(copy, bytes.size);
    return AUK_OK;
}

static void free_parts(parts *kept)
{
    for (uint32_t i = 0; i < kept->count; i++)
        free((void *)(uintptr_t)kept->spans[i].data);
    free((void *)(uintptr_t)kept->ranks.data);
    kept->count = 0;
}

static void make_naive(const column_case *c, naive *out)
{
    out->row_count = c->row_count;
    out->ends = malloc((c->row_count + 1) * sizeof *out->ends);
    out->values = malloc(MAX_VALUES * sizeof *out->values);
    out->value_count = 0;
    for (uint32_t row = 0; row < c->row_count; row++) {
        for (uint32_t i = 0, count = c->count(row); i < count; i++) {
            assert_true(out->value_count < MAX_VALUES);
            out->values[out->value_count++] = c->value(row, i);
        }
        out->ends[row] = out->value_count;
    }
}

static void free_naive(naive *column)
{
    free(column->ends);
    free(column->values);
}

static void write_column(const naive *column, bool ordinals, parts *out)
{
    auk_output output;
    auk_sink sink = {keep_part, out};
    auk_output_init(&output, &sink);
    auk_column_writer *writer = auk_column_writer_create(&output, column->row_count);
    auk_column_writer_begin(writer, 17, ordinals);
    for (uint32_t row = 0, i = 0; row < column->row_count; row++)
        for (; i < column->ends[row]; i++)
            auk_column_writer_value(writer, row, column->values[i]);
    auk_column_writer_end(writer);
    auk_column_writer_destroy(writer);
    auk_error err;
    assert_int_equal(auk_output_status(&output, &err), AUK_OK);
    auk_output_deinit(&output);
}

/* ---- round trips ---- */

static void check_row(auk_column_cursor *cursor, const naive *want, uint32_t row)
{
    uint32_t start = row ? want->ends[row - 1] : 0;
    const int64_t *values = NULL;
    uint32_t count = auk_column_cursor_values(cursor, row, &values);
    assert_int_equal(count, want->ends[row] - start);
    for (uint32_t i = 0; i < count; i++)
        assert_true(values[i] == want->values[start + i]);
}

static void check_rows(const auk_column *column, const naive *want, auk_arena *arena)
{
    auk_column_cursor *cursor = auk_column_cursor_open(column, arena);
    for (uint32_t row = 0; row < want->row_count; row++)
        check_row(cursor, want, row);
    cursor = auk_column_cursor_open(column, arena);
    for (uint32_t i = 0; i < 3000; i++)
        check_row(cursor, want, (uint32_t)(mix(i) % want->row_count));
    const int64_t *values;
    assert_int_equal(auk_column_cursor_values(cursor, want->row_count, &values), 0);
    assert_int_equal(auk_column_cursor_status(cursor), AUK_OK);
}

static void check_blocks(const auk_column *column, const naive *want, auk_arena *arena)
{
    auk_column_cursor *cursor = auk_column_cursor_open(column, arena);
    uint32_t row = 0;
    for (uint32_t block = 0; row < want->row_count; block++) {
        const int64_t *values;
        const uint64_t *present;
        uint32_t count = auk_column_cursor_block(cursor, block, &values, &present);
        assert_true(count > 0);
        for (uint32_t i = 0; i < count; i++, row++) {
            uint32_t start = row ? want->ends[row - 1] : 0;
            bool has = !present || (present[i / 64] >> (i % 64) & 1);
            assert_int_equal(has, want->ends[row] != start);
            if (has)
                assert_true(values[i] == want->values[start]);
        }
    }
    assert_int_equal(row, want->row_count);
    assert_int_equal(auk_column_cursor_status(cursor), AUK_OK);
}

/* Some documents of each block, sparse and dense, before and after it was decoded. */
static void check_picks(const auk_column *column, const naive *want, auk_arena *arena)
{
    auk_column_cursor *cursor = auk_column_cursor_open(column, arena);
    static const uint32_t shares[] = {1000, 40, 3, 1};
    uint64_t at = 0;
    for (uint32_t first = 0; first < want->row_count; first += AUK_COLUMN_BLOCK)
        for (uint32_t s = 0; s < 8; s++) {
            auk_doc docs[AUK_COLUMN_BLOCK];
            uint16_t numbers[AUK_COLUMN_BLOCK];
            int64_t values[AUK_COLUMN_BLOCK];
            uint32_t count = 0, found = 0;
            for (uint32_t row = first; row < want->row_count && row < first + AUK_COLUMN_BLOCK;
                 row++)
                if (mix(at++) % shares[s % 4] == 0)
                    docs[count++] = row;
            uint32_t some = auk_column_cursor_pick(cursor, docs, count, numbers, values);
            for (uint32_t i = 0; i < count; i++) {
                uint32_t start = docs[i] ? want->ends[docs[i] - 1] : 0;
                if (want->ends[docs[i]] == start)
                    continue;
                assert_true(found < some && values[found] == want->values[start]);
                if (some < count)
                    assert_int_equal(numbers[found], i);
                found++;
            }
            assert_int_equal(found, some);
            const int64_t *rows;
            const uint64_t *present;
            if (s == 3)
                auk_column_cursor_block(cursor, first / AUK_COLUMN_BLOCK, &rows, &present);
        }
    auk_doc behind = want->row_count;
    int64_t none;
    assert_int_equal(auk_column_cursor_pick(cursor, &behind, 1, NULL, &none), 0);
    assert_int_equal(auk_column_cursor_status(cursor), AUK_OK);
}

/* Ranges from value to value, and past all of them; a block is told whole or not at all. */
static uint32_t check_marks(const auk_column *column, const naive *want, auk_arena *arena)
{
    auk_column_cursor *cursor = auk_column_cursor_open(column, arena);
    uint32_t told = 0;
    for (uint32_t i = 0; i < 24; i++)
        for (uint32_t block = 0; block * AUK_COLUMN_BLOCK < want->row_count; block++) {
            int64_t from = want->values[mix(i * 2 + 977 * block) % want->value_count];
            int64_t to = want->values[mix(i * 2 + 1 + 77 * block) % want->value_count];
            from += i % 3 == 1 && from < INT64_MAX;
            to -= i % 3 == 2 && to > INT64_MIN;
            uint64_t bits[AUK_COLUMN_BLOCK / 64] = {0};
            uint32_t first = block * AUK_COLUMN_BLOCK;
            from = i % 8 == 6 ? INT64_MIN : from;
            to = i % 8 == 7 ? INT64_MAX : i % 8 == 5 ? from : to;
            if (!auk_column_cursor_mark(cursor, block, from, to, bits))
                continue;
            told++;
            for (uint32_t row = 0; row < AUK_COLUMN_BLOCK; row++) {
                uint32_t doc = first + row;
                bool has =
                    doc < want->row_count && want->ends[doc] != (doc ? want->ends[doc - 1] : 0);
                int64_t value = has ? want->values[want->ends[doc] - 1] : 0;
                assert_int_equal(bits[row / 64] >> (row % 64) & 1,
                                 has && value >= from && value <= to);
            }
        }
    uint64_t none[AUK_COLUMN_BLOCK / 64];
    assert_false(auk_column_cursor_mark(cursor, UINT32_MAX, 0, 1, none));
    assert_int_equal(auk_column_cursor_status(cursor), AUK_OK);
    return told;
}

/* Where there are ranks, they count what the column holds. */
static void check_counts(auk_column *column, const parts *kept, const naive *want, auk_arena *arena)
{
    uint64_t count;
    assert_false(auk_column_count(column, 0, 1, &count));
    if (!kept->ranks.data)
        return;
    auk_column_rank(column, auk_ranks_open(&kept->ranks, NULL, arena));
    for (uint32_t i = 0; i < 60; i++) {
        int64_t from = want->values[mix(i * 2) % want->value_count];
        int64_t to = want->values[mix(i * 2 + 1) % want->value_count];
        uint64_t inside = 0;
        from += i % 3 == 1 && from < INT64_MAX;
        from = i % 8 == 6 ? INT64_MIN : from;
        to = i % 8 == 7 ? INT64_MAX : i % 8 == 5 ? from : to;
        for (uint32_t at = 0; at < want->value_count; at++)
            inside += want->values[at] >= from && want->values[at] <= to;
        assert_true(auk_column_count(column, from, to, &count));
        assert_int_equal(count, inside);
    }
}

static void check_zones(const auk_column *column, const naive *want)
{
    uint32_t i = 0;
    for (uint32_t block = 0; block * AUK_COLUMN_BLOCK < want->row_count; block++) {
        uint32_t last = (block + 1) * AUK_COLUMN_BLOCK;
        last = last < want->row_count ? last : want->row_count;
        int64_t least = INT64_MAX, greatest = INT64_MIN, min, max;
        uint32_t start = i;
        for (; i < want->ends[last - 1]; i++) {
            least = want->values[i] < least ? want->values[i] : least;
            greatest = want->values[i] > greatest ? want->values[i] : greatest;
        }
        assert_int_equal(auk_column_zone(column, block, &min, &max), i > start);
        if (i > start)
            assert_true(min == least && max == greatest);
    }
    int64_t min, max;
    assert_false(auk_column_zone(column, UINT32_MAX, &min, &max));
}

static void check_stats(const auk_column *column, const naive *want)
{
    const auk_column_stats *stats = auk_column_read_stats(column);
    uint32_t doc_count = 0;
    for (uint32_t row = 0; row < want->row_count; row++)
        doc_count += want->ends[row] != (row ? want->ends[row - 1] : 0);
    assert_int_equal(stats->doc_count, doc_count);
    assert_int_equal(stats->value_count, want->value_count);
    assert_int_equal(stats->single, doc_count == want->value_count);
    assert_int_equal(stats->dense, doc_count == want->row_count);
}

static void reads_what_was_written(void **state)
{
    const column_case *c = *state;
    naive want;
    parts kept = {0};
    make_naive(c, &want);
    bool ordinals = c->row_count < AUK_RANKS_LEAST;
    write_column(&want, ordinals, &kept);
    if (want.value_count == 0) {
        assert_int_equal(kept.count, 0);
    } else {
        auk_arena *arena = auk_arena_create(4096);
        auk_column *column;
        auk_error err;
        assert_int_equal(auk_column_open(kept.spans, kept.count, want.row_count, arena, &column,
                                         &err),
                         AUK_OK);
        check_stats(column, &want);
        check_zones(column, &want);
        check_rows(column, &want, arena);
        check_counts(column, &kept, &want, arena);
        assert_int_equal(auk_column_read_stats(column)->ordinals, ordinals);
        bool ranks = want.row_count >= AUK_RANKS_LEAST && want.value_count >= AUK_RANKS_LEAST &&
                     c->value != same && c->value != rising &&
                     want.value_count == auk_column_read_stats(column)->doc_count;
        assert_int_equal(kept.ranks.data != NULL, ranks);
        if (auk_column_read_stats(column)->single) {
            check_blocks(column, &want, arena);
            check_picks(column, &want, arena);
            bool tells = c->value == small || c->value == days || c->value == two_hundred ||
                         c->value == far_apart || c->value == bits_57;
            assert_true(check_marks(column, &want, arena) > 0 || !tells);
        }
        auk_arena_destroy(arena);
    }
    free_naive(&want);
    free_parts(&kept);
}

static size_t size_of_column(uint32_t row_count, int64_t (*value)(uint32_t row, uint32_t index))
{
    column_case c = {.row_count = row_count, .count = each, .value = value};
    naive column;
    parts kept = {0};
    make_naive(&c, &column);
    write_column(&column, false, &kept);
    size_t size = kept.spans[0].size;
    free_naive(&column);
    free_parts(&kept);
    return size;
}

static void takes_no_more_bits_than_the_values_need(void **state)
{
    (void)state;
    size_t fixed = 25 * (32 + 36 + 7) + 48;
    assert_true(size_of_column(100000, same) <= fixed);
    assert_true(size_of_column(100000, rising) <= fixed);
    assert_true(size_of_column(100000, small) <= fixed + 100000 * 10 / 8);
    assert_true(size_of_column(100000, days) <= fixed + 100000 * 15 / 8);
    assert_true(size_of_column(100000, far_apart) <= fixed + 25 * 32 + 100000 * 2 / 8);
    assert_true(size_of_column(100000, two_hundred) <= fixed + 25 * 1600 + 100000);
    assert_true(size_of_column(100000, anything) <= fixed + 100000 * 8);
}

static void a_part_ends_at_its_size(void **state)
{
    (void)state;
    enum { ROWS = 200000 };
    parts kept = {0};
    auk_output output;
    auk_sink sink = {keep_part, &kept};
    auk_output_init(&output, &sink);
    auk_column_writer *writer = auk_column_writer_create(&output, ROWS);
    auk_column_writer_begin(writer, 17, false);
    for (uint32_t row = 0; row < ROWS; row++)
        auk_column_writer_value(writer, row, anything(row, 0));
    auk_column_writer_end(writer);
    auk_column_writer_destroy(writer);
    auk_output_deinit(&output);
    assert_int_equal(kept.count, 2);
    auk_arena *arena = auk_arena_create(4096);
    auk_column *column;
    auk_error err;
    assert_int_equal(auk_column_open(kept.spans, 2, ROWS, arena, &column, &err), AUK_OK);
    auk_column_cursor *cursor = auk_column_cursor_open(column, arena);
    for (uint32_t row = 0; row < ROWS; row += 997) {
        const int64_t *values;
        assert_int_equal(auk_column_cursor_values(cursor, row, &values), 1);
        assert_true(values[0] == anything(row, 0));
    }
    auk_arena_destroy(arena);
    free_parts(&kept);
}

/* ---- damage ---- */

/* Keeps the compiler from leaving the reads out. */
extern volatile int64_t seen;
volatile int64_t seen;

/* Walks everything by every call; answers may be wrong, memory may not. */
static void use_damaged(auk_span bytes, uint32_t row_count)
{
    auk_arena *arena = auk_arena_create(4096);
    auk_column *column;
    auk_error err;
    if (auk_column_open(&bytes, 1, row_count, arena, &column, &err) == AUK_OK) {
        auk_column_cursor *rows = auk_column_cursor_open(column, arena);
        auk_column_cursor *blocks = auk_column_cursor_open(column, arena);
        const int64_t *values;
        const uint64_t *present;
        int64_t sum = 0;
        for (uint32_t row = 0; row < row_count; row++)
            for (uint32_t i = auk_column_cursor_values(rows, row, &values); i-- > 0;)
                sum ^= values[i];
        for (uint32_t block = 0; block * AUK_COLUMN_BLOCK < row_count; block++)
            for (uint32_t i = auk_column_cursor_block(blocks, block, &values, &present); i-- > 0;)
                sum ^= values[i];
        auk_column_cursor *picks = auk_column_cursor_open(column, arena);
        for (uint32_t row = 0; row < row_count; row++) {
            int64_t one;
            if (auk_column_cursor_pick(picks, &row, 1, NULL, &one))
                sum ^= one;
        }
        uint64_t bits[AUK_COLUMN_BLOCK / 64];
        auk_column_cursor *marks = auk_column_cursor_open(column, arena);
        if (auk_column_cursor_mark(marks, 0, -3, 1000, bits))
            sum ^= (int64_t)bits[0];
        int64_t min, max;
        for (uint32_t block = 0; auk_column_zone(column, block, &min, &max); block++)
            sum ^= min ^ max;
        seen = sum;
    }
    auk_arena_destroy(arena);
}

static void damages(const column_case *c)
{
    naive column;
    parts kept = {0};
    make_naive(c, &column);
    write_column(&column, false, &kept);
    auk_span whole = kept.spans[0];
    for (size_t size = 0; size < whole.size; size++) {
        char *cut = malloc(size ? size : 1);
        memcpy(cut, whole.data, size);
        use_damaged(auk_span_make(cut, size), column.row_count);
        free(cut);
    }
    char *bytes = (char *)(uintptr_t)whole.data;
    for (size_t i = 0; i < whole.size; i++)
        for (unsigned flip = 1; flip < 256; flip <<= 1) {
            bytes[i] = (char)(bytes[i] ^ (int)flip);
            use_damaged(whole, column.row_count);
            bytes[i] = (char)(bytes[i] ^ (int)flip);
        }
    free_naive(&column);
    free_parts(&kept);
}

static void damaged_bytes_never_crash(void **state)
{
    (void)state;
    static const column_case small_cases[] = {
        {"dense", 70, each, small},
        {"sparse", 200, few, anything},
        {"bitmap", 130, most, small},
        {"multi", 40, up_to_seven, small},
        {"table", 300, each, far_apart},
        {"multi table", 60, up_to_seven, far_apart},
        {"constant", 80, each, same},
        {"line", 80, each, rising},
        {"multi same", 30, up_to_seven, same},
    };
    for (size_t i = 0; i < sizeof small_cases / sizeof *small_cases; i++)
        damages(&small_cases[i]);
}

int main(void)
{
    struct CMUnitTest tests[N_CASES + 3] = {{0}};
    for (size_t i = 0; i < N_CASES; i++) {
        tests[i].name = cases[i].name;
        tests[i].test_func = reads_what_was_written;
        tests[i].initial_state = &cases[i];
    }
    tests[N_CASES] = (struct CMUnitTest)cmocka_unit_test(takes_no_more_bits_than_the_values_need);
    tests[N_CASES + 1] = (struct CMUnitTest)cmocka_unit_test(a_part_ends_at_its_size);
    tests[N_CASES + 2] = (struct CMUnitTest)cmocka_unit_test(damaged_bytes_never_crash);
    return cmocka_run_group_tests_name("column", tests, NULL, NULL);
}
