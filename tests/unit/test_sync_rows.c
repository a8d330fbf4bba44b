/* Keys and values of stored rows: order, one meaning, and damage. */
#include <stdlib.h>

#include "store_support.h"

#include "pg_hash.h"
#include "row.h"
#include "row_key.h"
#include "row_watch.h"

/* ---- keys ---- */

static void make_value(auk_buffer *key, const char *text, size_t size, bool integer)
{
    auk_buffer_init(key, 4096);
    auk_key_append_value(key, auk_span_make(text, size), integer);
}

static void integers_are_ordered_by_number(void **state)
{
    static const char *const ascending[] = {
        "-9223372036854775808", "-100", "-99", "-1", "0", "9", "10", "9223372036854775807"};
    (void)state;
    for (size_t i = 1; i < sizeof ascending / sizeof *ascending; i++) {
        auk_buffer a, b;
        make_value(&a, ascending[i - 1], strlen(ascending[i - 1]), true);
        make_value(&b, ascending[i], strlen(ascending[i]), true);
        assert_true(auk_span_compare(auk_buffer_span(&a), auk_buffer_span(&b)) < 0);
        auk_buffer_deinit(&a);
        auk_buffer_deinit(&b);
    }
}

typedef struct key_case {
    const char *text;
    size_t size;
} key_case;

static void values_come_back_and_none_begins_another(void **state)
{
    static const key_case cases[] = {{"", 0},
                                     {"\0", 1},
                                     {"\0\0", 2},
                                     {"\0\xff", 2},
                                     {"a", 1},
                                     {"a\0", 2},
                                     {"a\0b", 3},
                                     {"ab", 2},
                                     {"\xff", 1},
                                     {"007", 3},
                                     {"-0", 2},
                                     {"12", 2},
                                     {"+12", 3},
                                     {"1e3", 3},
                                     {"9223372036854775808", 19},
                                     {"-9223372036854775809", 20}};
    enum { COUNT = sizeof cases / sizeof *cases };
    (void)state;
    auk_arena *arena = auk_arena_create(4096);
    for (size_t i = 0; i < COUNT; i++) {
        auk_buffer a, b;
        auk_span back;
        make_value(&a, cases[i].text, cases[i].size, true);
        auk_span rest = auk_buffer_span(&a);
        assert_ok(auk_key_cut_value(&rest, arena, &back, err));
        assert_int_equal(rest.size, 0);
        assert_true(auk_span_equal(back, auk_span_make(cases[i].text, cases[i].size)));
        for (size_t k = 0; k < COUNT; k++) {
            make_value(&b, cases[k].text, cases[k].size, true);
            assert_int_equal(auk_span_starts_with(auk_buffer_span(&b), auk_buffer_span(&a)),
                             i == k);
            auk_buffer_deinit(&b);
        }
        auk_buffer_deinit(&a);
    }
    auk_arena_destroy(arena);
}

static void damaged_keys_are_told(void **state)
{
    (void)state;
    auk_arena *arena = auk_arena_create(4096);
    static const key_case cases[] = {{"", 0},
                                     {"\x03", 1},
                                     {"\x01"
                                      "1234567",
                                      8},
                                     {"\x02"
                                      "abc",
                                      4},
                                     {"\x02"
                                      "a\0",
                                      3},
                                     {"\x02"
                                      "a\0\x01",
                                      4}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        auk_span rest = auk_span_make(cases[i].text, cases[i].size), text;
        assert_int_equal(auk_key_cut_value(&rest, arena, &text, NULL), AUK_CORRUPT);
    }
    auk_arena_destroy(arena);
}

static void a_prefix_ends_before_the_next(void **state)
{
    auk_buffer key;
    (void)state;
    auk_buffer_init(&key, 64);
    auk_buffer_append(&key, auk_span_make("a\xff\xff", 3));
    auk_key_end_of_prefix(&key);
    assert_true(auk_span_equal(auk_buffer_span(&key), AUK_SPAN("b")));
    auk_buffer_deinit(&key);
}

/* ---- rows ---- */

#define COLUMNS 4
static const auk_table_column columns[COLUMNS] = {{.number = 1},
                                                  {.number = 2},
                                                  {.number = 5},
                                                  {.number = 300}};
static const bool needed[COLUMNS] = {true, true, false, true};

static void sample(auk_datum values[COLUMNS])
{
    values[0] = (auk_datum){AUK_DATUM_TEXT, AUK_SPAN("17")};
    values[1] = (auk_datum){AUK_DATUM_NULL, {NULL, 0}};
    values[2] = (auk_datum){AUK_DATUM_TEXT, AUK_SPAN("left out")};
    values[3] = (auk_datum){AUK_DATUM_UNCHANGED, {NULL, 0}};
}

static void encode_sample(auk_buffer *out)
{
    auk_datum values[COLUMNS];
    auk_row_writer writer = {false, 0x123456789aULL, 4000000000U};
    sample(values);
    auk_buffer_init(out, 4096);
    auk_row_encode(&writer, columns, COLUMNS, needed, values, out);
}

static void a_row_comes_back(void **state)
{
    auk_buffer bytes;
    auk_row row;
    (void)state;
    auk_arena *arena = auk_arena_create(4096);
    encode_sample(&bytes);
    assert_ok(auk_row_decode(auk_buffer_span(&bytes), columns, COLUMNS, needed, arena, &row, err));
    assert_false(row.writer.is_chunk);
    assert_int_equal(row.writer.number, 0x123456789aULL);
    assert_int_equal(row.writer.xid, 4000000000U);
    assert_true(auk_span_is(row.values[0].bytes, "17"));
    assert_int_equal(row.values[1].state, AUK_DATUM_NULL);
    assert_int_equal(row.values[2].state, AUK_DATUM_NULL);
    assert_int_equal(row.values[3].state, AUK_DATUM_UNCHANGED);
    assert_true(row.has_unknown);
    auk_buffer_deinit(&bytes);
    auk_arena_destroy(arena);
}

static void a_column_that_went_is_passed_over(void **state)
{
    static const auk_table_column later[2] = {{.number = 5}, {.number = 301}};
    auk_buffer bytes;
    auk_row row;
    (void)state;
    auk_arena *arena = auk_arena_create(4096);
    encode_sample(&bytes);
    assert_ok(auk_row_decode(auk_buffer_span(&bytes), later, 2, NULL, arena, &row, err));
    assert_int_equal(row.values[0].state, AUK_DATUM_NULL);
    assert_int_equal(row.values[1].state, AUK_DATUM_NULL);
    assert_false(row.has_unknown);
    auk_buffer_deinit(&bytes);
    auk_arena_destroy(arena);
}

/* Cut anywhere it is refused; with any bit turned it is refused or read, and nothing breaks. */
static void damaged_rows_are_told(void **state)
{
    auk_buffer bytes;
    auk_row row;
    (void)state;
    auk_arena *arena = auk_arena_create(4096);
    encode_sample(&bytes);
    for (size_t size = 0; size < bytes.size; size++) {
        char *cut = malloc(size + 1); /* exact, for the sanitizer */
        memcpy(cut, bytes.data, size);
        assert_int_equal(auk_row_decode(auk_span_make(cut, size), columns, COLUMNS, needed, arena,
                                        &row, NULL),
                         AUK_CORRUPT);
        free(cut);
    }
    for (size_t bit = 0; bit < bytes.size * 8; bit++) {
        char *turned = malloc(bytes.size);
        memcpy(turned, bytes.data, bytes.size);
        turned[bit / 8] = (char)(turned[bit / 8] ^ 1 << bit % 8);
        auk_code code = auk_row_decode(auk_span_make(turned, bytes.size), columns, COLUMNS, needed,
                                       arena, &row, NULL);
        assert_true(code == AUK_OK || code == AUK_CORRUPT);
        free(turned);
    }
    auk_buffer_deinit(&bytes);
    auk_arena_destroy(arena);
}

static uint64_t hash_of(const auk_datum *values, uint32_t count)
{
    auk_buffer scratch;
    auk_buffer_init(&scratch, 4096);
    uint64_t hash = auk_row_hash(count, count == COLUMNS ? needed : NULL, values, &scratch);
    auk_buffer_deinit(&scratch);
    return hash;
}

static void hashes_are_of_needed_values_in_their_places(void **state)
{
    auk_datum values[COLUMNS], other[COLUMNS];
    (void)state;
    sample(values);
    sample(other);
    uint64_t hash = hash_of(values, COLUMNS);
    other[2].bytes = AUK_SPAN("not needed");
    assert_int_equal(hash_of(other, COLUMNS), hash);
    other[1] = (auk_datum){AUK_DATUM_TEXT, AUK_SPAN("")};
    assert_int_not_equal(hash_of(other, COLUMNS), hash);
    other[0] = (auk_datum){AUK_DATUM_NULL, {NULL, 0}};
    other[1] = (auk_datum){AUK_DATUM_TEXT, AUK_SPAN("17")}; /* in another column */
    assert_int_not_equal(hash_of(other, COLUMNS), hash);
}

/* As a server of version 15 answers. */
static void hashes_are_those_of_the_server(void **state)
{
    static const struct {
        const char *text;
        int64_t hash;
    } cases[] = {
        {"", -6939563903564495251},
        {"a", 3591986179850072241},
        {"eleven char", 275857496556625011},
        {"twelve chars", 3775680797941944007},
        {"thirteen byte", -1147533121609491268},
        {"a longer text with 37 bytes in it, so", 2583736723440287545},
    };
    static const char *const texts[] = {"17",    "a \"b\" \\c", NULL,    "",        "x y",
                                        "tab\t", "t",           "(1,2)", "\xc3\xbc"};
    auk_datum values[9] = {{0}};
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal((int64_t)auk_pg_hash(auk_span_of(cases[i].text)), cases[i].hash);
    for (size_t i = 0; i < 9; i++)
        if (texts[i])
            values[i] = (auk_datum){AUK_DATUM_TEXT, auk_span_of(texts[i])};
    assert_int_equal((int64_t)hash_of(values, 9), -1913570866694825532);
}

static void a_watch_tells_what_has_gone(void **state)
{
    (void)state;
    auk_row_watch *list = NULL, first, second;
    auk_row_watch_init(&first);
    auk_row_watch_init(&second);
    auk_row_watch_begin(&first, &list, 7);
    auk_row_watch_note(list, 7, AUK_SPAN("a"));
    auk_row_watch_begin(&second, &list, 7);
    auk_row_watch_note(list, 7, AUK_SPAN("b"));
    auk_row_watch_note(list, 8, AUK_SPAN("c"));
    assert_true(auk_key_set_has(&first.gone, AUK_SPAN("a")));
    assert_true(auk_key_set_has(&first.gone, AUK_SPAN("b")));
    assert_false(auk_key_set_has(&first.gone, AUK_SPAN("c")));
    assert_false(auk_key_set_has(&second.gone, AUK_SPAN("a")));
    auk_row_watch_end(&second);
    assert_ptr_equal(list, &first);
    auk_row_watch_break(list);
    assert_true(first.is_blind);
    auk_row_watch_end(&first);
    auk_row_watch_deinit(&first);
    auk_row_watch_deinit(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_are_ordered_by_number),
        cmocka_unit_test(values_come_back_and_none_begins_another),
        cmocka_unit_test(damaged_keys_are_told),
        cmocka_unit_test(a_prefix_ends_before_the_next),
        cmocka_unit_test(a_row_comes_back),
        cmocka_unit_test(a_column_that_went_is_passed_over),
        cmocka_unit_test(damaged_rows_are_told),
        cmocka_unit_test(hashes_are_of_needed_values_in_their_places),
        cmocka_unit_test(hashes_are_those_of_the_server),
        cmocka_unit_test(a_watch_tells_what_has_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
