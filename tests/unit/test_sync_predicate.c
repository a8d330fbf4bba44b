/* Conditions on rows: what they say, as SQL would, and what is refused; templates beside them. */
#include "store_support.h"

#include "column_value.h"
#include "predicate.h"
#include "template.h"

#define COLUMNS 8
static const auk_table_column columns[COLUMNS] = {
    {.name = AUK_SPAN_INIT("id"), .number = 1, .type = 20},
    {.name = AUK_SPAN_INIT("name"), .number = 2, .type = 25},
    {.name = AUK_SPAN_INIT("price"), .number = 3, .type = 1700},
    {.name = AUK_SPAN_INIT("live"), .number = 4, .type = 16},
    {.name = AUK_SPAN_INIT("at"), .number = 5, .type = 1184},
    {.name = AUK_SPAN_INIT("Big Name"), .number = 6, .type = 1042},
    {.name = AUK_SPAN_INIT("state"), .number = 7, .type = 16999},
    {.name = AUK_SPAN_INIT("ratio"), .number = 8, .type = 700},
};

typedef struct ask_case {
    const char *condition;
    bool holds;
} ask_case;

/* id 17, name 'it''s', price 1.50, live, at 2024-02-29 12:00:00.5 UTC, "Big Name" 'x  ', state
 * 'open', ratio null */
static void row_of(auk_datum values[COLUMNS])
{
    static const char *const texts[COLUMNS] = {
        "17", "it's", "1.50", "t", "2024-02-29 12:00:00.5+00", "x  ", "open", NULL};
    for (int i = 0; i < COLUMNS; i++)
        values[i] = texts[i] ? (auk_datum){AUK_DATUM_TEXT, auk_span_of(texts[i])}
                             : (auk_datum){AUK_DATUM_NULL, {NULL, 0}};
}

static void conditions_mean_what_sql_means(void **state)
{
    static const ask_case cases[] = {
        {"live", true},
        {"not live", false},
        {"LIVE AND id = 17", true},
        {"id = 017", true},
        {"id <> 17", false},
        {"id > -1 and id <= 17", true},
        {"id in (1, 2, 17)", true},
        {"id not in (1, 2)", true},
        {"id not in (1, 17)", false},
        {"name = 'it''s'", true},
        {"name != 'it''s'", false},
        {"name in ('a', 'it''s')", true},
        {"price = 1.5", true},
        {"price > 1.499999999999999999999999", true},
        {"price < -2", false},
        {"live = true and live is true and live is not false", true},
        {"ratio is null", true},
        {"ratio is not null", false},
        {"state = 'open'", true},
        {"\"Big Name\" = 'x'", true},
        {"at > '2024-02-29'", true},
        {"at = '2024-02-29 14:00:00.5+02'", true},
        {"at < '2024-02-29T12:00:00.500001Z'", true},
        {"at > '0044-03-15 BC' and at < 'infinity'", true},
        {"false or live", true},
        {"not (live and id = 1)", true},
        {"not id = 1 and live", true},
        {"live or id = 1 and id = 2", true},
        {"(live or id = 1) and id = 2", false},
    };
    auk_datum values[COLUMNS];
    (void)state;
    row_of(values);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        auk_arena *arena = auk_arena_create(4096);
        auk_predicate *predicate;
        assert_ok(auk_predicate_parse(auk_span_of(cases[i].condition), arena, &predicate, err));
        assert_ok(auk_predicate_bind(predicate, columns, COLUMNS, err));
        auk_predicate_answer answer = auk_predicate_ask(predicate, values);
        if (answer != (cases[i].holds ? AUK_PREDICATE_TRUE : AUK_PREDICATE_FALSE))
            fail_msg("%s", cases[i].condition);
        auk_arena_destroy(arena);
    }
}

static void nulls_make_comparisons_unknown(void **state)
{
    static const char *const neither[] = {
        "name = 'a'",    "name != 'a'",     "not name = 'a'",      "live", "not live", "id in (1)",
        "id not in (1)", "live and id = 1", "not (id = 1 or live)"};
    auk_datum values[COLUMNS] = {{0}};
    (void)state;
    for (size_t i = 0; i < sizeof neither / sizeof *neither; i++) {
        auk_arena *arena = auk_arena_create(4096);
        auk_predicate *predicate;
        assert_ok(auk_predicate_parse(auk_span_of(neither[i]), arena, &predicate, err));
        assert_ok(auk_predicate_bind(predicate, columns, COLUMNS, err));
        if (auk_predicate_ask(predicate, values) != AUK_PREDICATE_FALSE)
            fail_msg("%s", neither[i]);
        values[0].state = values[1].state = values[3].state = AUK_DATUM_UNCHANGED;
        assert_int_equal(auk_predicate_ask(predicate, values), AUK_PREDICATE_UNSURE);
        values[0].state = values[1].state = values[3].state = AUK_DATUM_NULL;
        auk_arena_destroy(arena);
    }
}

typedef struct refused_case {
    const char *condition, *words;
} refused_case;

static void what_is_no_condition_is_refused_with_its_place(void **state)
{
    static const refused_case cases[] = {
        {"", "ends where column is expected"},
        {"live and", "ends where column"},
        {"(live", "ends where [)]"},
        {"live live", "position 6"},
        {"id = ", "ends where 'text'"},
        {"id == 1", "position 5"},
        {"id = 1x", "position 6"},
        {"name = 'open", "position 8"},
        {"id in ()", "position 8"},
        {"id is 5", "null, true or false at position 7"},
        {"null", "column at position 1"},
        {"id = null", "position 6"},
        {"nothing = 1", "no column [nothing]"},
        {"name < 'a'", "depends on the database"},
        {"name = 5", "no value of the type"},
        {"id = 'x'", "no value of the type of column [id]"},
        {"at = '2024-13-01'", "no value of the type"},
        {"id", "not boolean"},
        {"ratio = 0.1", "type real"},
        {"id; drop", "position 3"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        auk_arena *arena = auk_arena_create(4096);
        auk_predicate *predicate;
        auk_error why = {0};
        auk_code code =
            auk_predicate_parse(auk_span_of(cases[i].condition), arena, &predicate, &why);
        if (code == AUK_OK)
            code = auk_predicate_bind(predicate, columns, COLUMNS, &why);
        if (code != AUK_INVALID || !strstr(why.message, cases[i].words))
            fail_msg("%s: %s", cases[i].condition, why.message);
        auk_arena_destroy(arena);
    }
}

static void conditions_are_bounded(void **state)
{
    char text[2048];
    auk_predicate *predicate;
    (void)state;
    auk_arena *arena = auk_arena_create(4096);
    memset(text, '(', 1000);
    assert_int_equal(auk_predicate_parse(auk_span_make(text, 1000), arena, &predicate, NULL),
                     AUK_INVALID);
    for (size_t i = 0; i < 500; i++)
        memcpy(text + 4 * i, "not ", 4);
    assert_int_equal(auk_predicate_parse(auk_span_make(text, 2000), arena, &predicate, NULL),
                     AUK_INVALID);
    auk_arena_destroy(arena);
}

typedef struct order_case {
    auk_value_kind kind;
    const char *a, *b;
    int order;
} order_case;

static void values_are_ordered_by_what_they_mean(void **state)
{
    static const order_case cases[] = {
        {AUK_VALUE_NUMERIC, "10", "9", 1},
        {AUK_VALUE_NUMERIC, "-10", "-9", -1},
        {AUK_VALUE_NUMERIC, "0.10", "0.1", 0},
        {AUK_VALUE_NUMERIC, "-0", "0", 0},
        {AUK_VALUE_NUMERIC, "NaN", "Infinity", 1},
        {AUK_VALUE_NUMERIC, "-Infinity", "-1e9", 0}, /* no exponents: not to be compared */
        {AUK_VALUE_NUMERIC, "123456789012345678901234567890.1", "123456789012345678901234567890.09",
         1},
        {AUK_VALUE_DOUBLE, "1e+300", "2", 1},
        {AUK_VALUE_DOUBLE, "NaN", "Infinity", 1},
        {AUK_VALUE_TIME_POINT, "10000-01-01", "9999-12-31", 1},
        {AUK_VALUE_TIME_POINT, "0001-01-01 BC", "0001-01-01", -1},
        {AUK_VALUE_TIME_POINT, "294276-12-31 23:59:59", "294277-01-01", -1},
        {AUK_VALUE_TEXT, "a", "B", 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int order = 0;
        (void)auk_value_compare(cases[i].kind, auk_span_of(cases[i].a), auk_span_of(cases[i].b),
                                &order);
        if ((order > 0) - (order < 0) != cases[i].order)
            fail_msg("%s and %s", cases[i].a, cases[i].b);
    }
}

static void templates_are_filled(void **state)
{
    auk_datum values[COLUMNS];
    auk_template *template;
    auk_buffer out;
    (void)state;
    auk_arena *arena = auk_arena_create(4096);
    auk_buffer_init(&out, 256);
    row_of(values);
    assert_ok(auk_template_parse(AUK_SPAN("{{{state}}}-{id}"), arena, &template, err));
    assert_ok(auk_template_bind(template, columns, COLUMNS, err));
    assert_ok(auk_template_write(template, values, &out, err));
    assert_true(auk_span_is(auk_buffer_span(&out), "{open}-17"));
    assert_false(auk_template_is_of(template, (const uint16_t[]){0}, 1));
    values[0].state = AUK_DATUM_NULL;
    assert_int_equal(auk_template_write(template, values, &out, NULL), AUK_INVALID);
    assert_int_equal(auk_template_parse(AUK_SPAN("a{id"), arena, &template, NULL), AUK_INVALID);
    assert_int_equal(auk_template_parse(AUK_SPAN("a}b"), arena, &template, NULL), AUK_INVALID);
    assert_int_equal(auk_template_parse(AUK_SPAN("{}"), arena, &template, NULL), AUK_INVALID);
    auk_buffer_deinit(&out);
    auk_arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conditions_mean_what_sql_means),
        cmocka_unit_test(nulls_make_comparisons_unknown),
        cmocka_unit_test(what_is_no_condition_is_refused_with_its_place),
        cmocka_unit_test(conditions_are_bounded),
        cmocka_unit_test(values_are_ordered_by_what_they_mean),
        cmocka_unit_test(templates_are_filled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
