#include "batch.h"
#include "import_name.h"
#include "json_scan.h"
#include "test.h"

/* ---- finding a member ---- */

struct scan_case {
    const char *name;
    const char *document;
    const char *want; /* raw value; NULL: not found */
};

static const struct scan_case scans[] = {
    {"a string keeps its quotes", "{\"id\":\"a\\\"b\"}", "\"a\\\"b\""},
    {"a number", " { \"id\" : 12.5 }", "12.5"},
    {"behind other values",
     "{\"a\":{\"id\":1},\"b\":[\"id\",{\"x\":\"]}\"}],\"c\":\"\\\\\",\"id\":7}", "7"},
    {"nested ones do not count", "{\"a\":{\"id\":1}}", NULL},
    {"a value of that text does not count", "{\"a\":\"id\",\"b\":1}", NULL},
    {"an object is a value too", "{\"id\":{\"a\":[1]},\"b\":1}", "{\"a\":[1]}"},
    {"an empty object", "{}", NULL},
    {"an array", "[\"id\"]", NULL},
    {"nothing", "", NULL},
    {"a string without an end", "{\"a\":\"x,\"id\":1", NULL},
    {"a missing value", "{\"id\":}", NULL},
    {"a missing colon", "{\"id\" 1}", NULL},
    {"a missing comma", "{\"a\":1 \"id\":1}", NULL},
    {"an object without an end", "{\"a\":{\"b\":[1,{}]", NULL},
};
#define N_SCANS (sizeof scans / sizeof scans[0])

static void scan(void **state)
{
    const struct scan_case *c = *state;
    auk_span document = auk_span_of(c->document);
    char *copy = malloc(document.size + 1); /* a block of its own, so that reading past it shows */
    assert_non_null(copy);
    memcpy(copy, document.data, document.size);
    for (size_t size = 0; size < document.size; size++) { /* every prefix, for the sanitizers */
        auk_span value;
        char *prefix = malloc(size + 1);
        assert_non_null(prefix);
        memcpy(prefix, copy, size);
        (void)auk_json_scan_member((auk_span){prefix, size}, AUK_SPAN("id"), &value);
        free(prefix);
    }
    auk_span value = {0};
    bool found = auk_json_scan_member((auk_span){copy, document.size}, AUK_SPAN("id"), &value);
    assert_int_equal(found, c->want != NULL);
    if (c->want)
        assert_true(auk_span_is(value, c->want));
    free(copy);
}

static void knows_numbers(void **state)
{
    (void)state;
    static const char *const good[] = {"0", "-0", "10", "1.5", "-1.25e-7", "1E+3"};
    static const char *const bad[] = {"",    "-",   "01", "1.", ".5",  "1e",
                                      "1e+", "0x1", "1 ", "+1", "NaN", "1,5"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(auk_json_scan_is_number(auk_span_of(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(auk_json_scan_is_number(auk_span_of(bad[i])));
}

/* ---- ids ---- */

struct id_case {
    const char *name;
    const char *document;
    const char *want_body;    /* NULL: refused */
    const char *want_problem; /* part */
};

static const struct id_case ids[] = {
    {"a string", "{\"k\":\"a b\"}", "{\"index\":{\"_id\":\"a b\"}}\n{\"k\":\"a b\"}\n", NULL},
    {"a number", "{\"k\":7}", "{\"index\":{\"_id\":\"7\"}}\n{\"k\":7}\n", NULL},
    {"a boolean", "{\"k\":true}", "{\"index\":{\"_id\":\"true\"}}\n{\"k\":true}\n", NULL},
    {"a name with an escape", "{\"\\u006b\":\"x\"}",
     "{\"index\":{\"_id\":\"x\"}}\n{\"\\u006b\":\"x\"}\n", NULL},
    {"missing", "{\"a\":1}", NULL, "has no field"},
    {"null", "{\"k\":null}", NULL, "no string or number"},
    {"an object", "{\"k\":{}}", NULL, "no string or number"},
    {"empty", "{\"k\":\"\"}", NULL, "no string or number"},
    {"no JSON", "{\"a\":", NULL, "no JSON object"},
};
#define N_IDS (sizeof ids / sizeof ids[0])

static void takes_id(void **state)
{
    const struct id_case *c = *state;
    auk_import_batch batch;
    auk_record record = {.document = auk_span_of(c->document), .line = 3};
    auk_import_batch_init(&batch);
    const char *problem = auk_import_batch_add(&batch, &record, AUK_SPAN("k"));
    if (c->want_body) {
        assert_null(problem);
        assert_true(auk_span_is(auk_buffer_span(&batch.body), c->want_body));
        assert_true(auk_span_is(auk_import_batch_document(&batch, 0), c->document));
    } else {
        assert_non_null(problem);
        assert_non_null(strstr(problem, c->want_problem));
        assert_int_equal(batch.body.size, 0);
        assert_int_equal(batch.count, 0);
    }
    auk_import_batch_deinit(&batch);
}

/* ---- keeping and splitting ---- */

static void fill(auk_import_batch *batch)
{
    static const auk_record records[] = {
        {.action = AUK_SPAN_INIT("{\"index\":{}}"),
         .document = AUK_SPAN_INIT("{\"a\":1}"),
         .line = 1},
        {.action = AUK_SPAN_INIT("{\"delete\":{\"_id\":\"9\"}}"), .line = 3},
        {.action = AUK_SPAN_INIT("{\"create\":{}}"),
         .document = AUK_SPAN_INIT("{\"c\":3}"),
         .line = 4},
    };
    auk_import_batch_init(batch);
    for (size_t i = 0; i < 3; i++)
        assert_null(auk_import_batch_add(batch, &records[i], AUK_SPAN("")));
}

static void keeps_some_items(void **state)
{
    (void)state;
    static const bool keep[] = {false, true, true};
    auk_import_batch batch;
    fill(&batch);
    auk_import_batch_keep(&batch, keep);
    assert_int_equal(batch.count, 2);
    assert_true(auk_span_is(auk_buffer_span(&batch.body),
                            "{\"delete\":{\"_id\":\"9\"}}\n{\"create\":{}}\n{\"c\":3}\n"));
    assert_int_equal(auk_import_batch_document(&batch, 0).size, 0);
    assert_true(auk_span_is(auk_import_batch_action(&batch, 1), "{\"create\":{}}"));
    assert_true(auk_span_is(auk_import_batch_document(&batch, 1), "{\"c\":3}"));
    assert_int_equal(batch.items[1].line, 4);
    auk_import_batch_deinit(&batch);
}

static void splits_in_halves(void **state)
{
    (void)state;
    auk_import_batch batch, other;
    fill(&batch);
    auk_import_batch_init(&other);
    auk_import_batch_split(&batch, &other);
    assert_true(auk_span_is(auk_buffer_span(&batch.body), "{\"index\":{}}\n{\"a\":1}\n"));
    assert_int_equal(other.count, 2);
    assert_true(auk_span_is(auk_import_batch_action(&other, 0), "{\"delete\":{\"_id\":\"9\"}}"));
    assert_true(auk_span_is(auk_import_batch_document(&other, 1), "{\"c\":3}"));
    auk_import_batch_deinit(&batch);
    auk_import_batch_deinit(&other);
}

/* ---- names ---- */

static void names_an_index_by_its_file(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"/data/Packages.ndjson.gz", "packages"},
        {"My Orders 2024.csv", "my-orders-2024"},
        {"_x.json", "x"},
        {"-", "stdin"},
        {"a.b.json", "a.b"},
        {".json", "json"},
        {"___", "import"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        auk_buffer out;
        auk_buffer_init(&out, 256);
        auk_import_append_index(&out, pairs[i][0]);
        if (!auk_span_is(auk_buffer_span(&out), pairs[i][1]))
            fail_msg("%s: %.*s", pairs[i][0], AUK_SPAN_ARG(auk_buffer_span(&out)));
        auk_buffer_deinit(&out);
    }
}

static void finds_words_to_try(void **state)
{
    (void)state;
    auk_buffer out;
    auk_buffer_init(&out, 256);
    auk_import_append_words(
        &out, AUK_SPAN("{\"id\":\"abcd\",\"s\":\"A Simple (quick) Editor here\",\"n\":1}"));
    assert_true(auk_span_is(auk_buffer_span(&out), "simple editor"));
    auk_buffer_reset(&out);
    auk_import_append_words(&out, AUK_SPAN("{\"id\":1}"));
    assert_int_equal(out.size, 0);
    auk_append_shell_word(&out, AUK_SPAN("it's"));
    assert_true(auk_span_is(auk_buffer_span(&out), "'it'\\''s'"));
    auk_buffer_deinit(&out);
}

int main(void)
{
    struct CMUnitTest tests[N_SCANS + N_IDS + 5] = {{0}};
    size_t n = 0;
    for (size_t i = 0; i < N_SCANS; i++)
        tests[n++] =
            (struct CMUnitTest){scans[i].name, scan, NULL, NULL, (void *)(uintptr_t)&scans[i]};
    for (size_t i = 0; i < N_IDS; i++)
        tests[n++] =
            (struct CMUnitTest){ids[i].name, takes_id, NULL, NULL, (void *)(uintptr_t)&ids[i]};
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(knows_numbers);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(keeps_some_items);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(splits_in_halves);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(names_an_index_by_its_file);
    tests[n++] = (struct CMUnitTest)cmocka_unit_test(finds_words_to_try);
    return cmocka_run_group_tests_name("import_batch", tests, NULL, NULL);
}
