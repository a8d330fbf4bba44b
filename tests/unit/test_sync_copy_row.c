#include "test.h"

#include "copy_row.h"
#include "lsn.h"

typedef struct text_case {
    const char *name, *row;
    const char *columns[3]; /* NULL: null */
    uint32_t count;
} text_case;

static const text_case texts[] = {
    {"plain", "1\tab\tc\n", {"1", "ab", "c"}, 3},
    {"null and empty", "\\N\t\tx\n", {NULL, "", "x"}, 3},
    {"escapes", "a\\tb\\nc\\\\d\t\\x41\\101\t\\b\\f\\v\\r\n", {"a\tb\nc\\d", "AA", "\b\f\v\r"}, 3},
    {"a backslash before another byte", "\\q\n", {"q"}, 1},
    {"the text backslash N", "\\\\N\n", {"\\N"}, 1},
    {"one empty column", "\n", {""}, 1},
    {"no column", "\n", {NULL}, 0},
};

static void a_row_of_text_is_cut_at_tabs(void **state)
{
    auk_arena *arena = auk_arena_create(1024);
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const text_case *c = &texts[i];
        auk_datum columns[3];
        auk_error err = {0};
        if (auk_copy_row_text(auk_span_of(c->row), columns, c->count, arena, &err) != AUK_OK)
            fail_msg("%s: %s", c->name, err.message);
        for (uint32_t k = 0; k < c->count; k++) {
            bool same = c->columns[k] ? columns[k].state == AUK_DATUM_TEXT &&
                                            auk_span_is(columns[k].bytes, c->columns[k])
                                      : columns[k].state == AUK_DATUM_NULL;
            if (!same)
                fail_msg("%s: column %u", c->name, k);
        }
        if (c->count == 0)
            continue; /* an empty line is one empty column, too */
        assert_int_equal(auk_copy_row_text(auk_span_of(c->row), columns, c->count + 1, arena, &err),
                         AUK_CORRUPT);
    }
    auk_arena_destroy(arena);
}

#define ROW    "\0\2\0\0\0\1a\377\377\377\377"
#define HEADER "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"

static void a_binary_row_may_have_the_header_in_front(void **state)
{
    static const char with_header[] = HEADER ROW;
    auk_datum columns[2];
    auk_error err = {0};
    bool has_row;
    (void)state;
    for (int header = 0; header < 2; header++) {
        auk_span row = auk_span_make(with_header, sizeof with_header - 1);
        row = header ? row : auk_span_from(row, 19);
        assert_int_equal(auk_copy_row_binary(row, columns, 2, &has_row, &err), AUK_OK);
        assert_true(has_row);
        assert_true(auk_span_is(columns[0].bytes, "a"));
        assert_int_equal(columns[1].state, AUK_DATUM_NULL);
        for (size_t size = header ? 20 : 0; size < row.size; size++)
            assert_int_equal(auk_copy_row_binary(auk_span_make(row.data, size), columns, 2,
                                                 &has_row, &err),
                             AUK_CORRUPT);
    }
    assert_int_equal(auk_copy_row_binary(AUK_SPAN("\377\377"), columns, 2, &has_row, &err), AUK_OK);
    assert_false(has_row);
    assert_int_equal(auk_copy_row_binary(auk_span_make(with_header, 19), columns, 2, &has_row,
                                         &err),
                     AUK_OK);
    assert_false(has_row);
}

static void a_position_is_two_halves_in_hex(void **state)
{
    static const char *const bad[] = {"", "1", "/", "1/", "/1", "1/123456789", "g/1", "1/2/3"};
    char text[24];
    auk_lsn lsn;
    (void)state;
    assert_true(auk_lsn_parse(AUK_SPAN("16/b374D848"), &lsn));
    assert_true(lsn == 0x16b374d848);
    assert_string_equal(auk_lsn_format(lsn, text), "16/B374D848");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(auk_lsn_parse(auk_span_of(bad[i]), &lsn));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_of_text_is_cut_at_tabs),
        cmocka_unit_test(a_binary_row_may_have_the_header_in_front),
        cmocka_unit_test(a_position_is_two_halves_in_hex),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
