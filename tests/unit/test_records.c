/* Every case is read whole, and in pieces of 1, 2, 3 and 7 bytes, so that every border is crossed.
 */
#include "records.h"
#include "test.h"

#define RECORDS_LIMIT 8

struct want {
    const char *document; /* NULL ends the list */
    unsigned line;
    const char *problem; /* part of it */
    const char *action;
};

struct record_case {
    const char *name;
    const char *file;
    auk_format format;
    const char *text;
    auk_format want_format;
    struct want want[RECORDS_LIMIT];
    const char *want_failure; /* after these */
};

static const struct record_case cases[] = {
    {"lines of objects",
     "a.ndjson",
     AUK_FORMAT_AUTO,
     "{\"a\":1}\n{\"b\":2}\n",
     AUK_FORMAT_NDJSON,
     {{"{\"a\":1}", 1, NULL, NULL}, {"{\"b\":2}", 2, NULL, NULL}},
     NULL},
    {"a last line without its end, blank lines, line ends of Windows",
     "",
     AUK_FORMAT_AUTO,
     "{\"a\":1}\r\n\r\n  \n{\"b\":2}",
     AUK_FORMAT_NDJSON,
     {{"{\"a\":1}", 1, NULL, NULL}, {"{\"b\":2}", 4, NULL, NULL}},
     NULL},
    {"a byte order mark",
     "",
     AUK_FORMAT_AUTO,
     "\xef\xbb\xbf{\"a\":1}\n",
     AUK_FORMAT_NDJSON,
     {{"{\"a\":1}", 1, NULL, NULL}},
     NULL},
    {"a broken first line is still a line",
     "a.ndjson",
     AUK_FORMAT_AUTO,
     "{\"a\":}\n{\"b\":2}\n",
     AUK_FORMAT_NDJSON,
     {{"{\"a\":}", 1, NULL, NULL}, {"{\"b\":2}", 2, NULL, NULL}},
     NULL},
    {"nothing", "", AUK_FORMAT_AUTO, "", AUK_FORMAT_JSON, {{0}}, NULL},
    {"white space", "a.ndjson", AUK_FORMAT_NDJSON, " \n\n ", AUK_FORMAT_NDJSON, {{0}}, NULL},

    {"an array",
     "",
     AUK_FORMAT_AUTO,
     "[{\"a\":1},{\"b\":[2,{}]}]",
     AUK_FORMAT_JSON,
     {{"{\"a\":1}", 1, NULL, NULL}, {"{\"b\":[2,{}]}", 1, NULL, NULL}},
     NULL},
    {"an array over lines becomes lines",
     "",
     AUK_FORMAT_AUTO,
     "[\n {\n\"a\": 1\n},\n{\"b\":2}\n]\n",
     AUK_FORMAT_JSON,
     {{"{ \"a\": 1 }", 2, NULL, NULL}, {"{\"b\":2}", 5, NULL, NULL}},
     NULL},
    {"braces and quotes in strings",
     "",
     AUK_FORMAT_AUTO,
     "[{\"a\":\"}\\\"]{\"},{\"b\":\"\\\\\"}]",
     AUK_FORMAT_JSON,
     {{"{\"a\":\"}\\\"]{\"}", 1, NULL, NULL}, {"{\"b\":\"\\\\\"}", 1, NULL, NULL}},
     NULL},
    {"an empty array", "", AUK_FORMAT_AUTO, " [ ] ", AUK_FORMAT_JSON, {{0}}, NULL},
    {"objects one after another",
     "",
     AUK_FORMAT_AUTO,
     "{\n\"a\":1\n}\n{\n\"b\":2\n}\n",
     AUK_FORMAT_JSON,
     {{"{ \"a\":1 }", 1, NULL, NULL}, {"{ \"b\":2 }", 4, NULL, NULL}},
     NULL},
    {"an array that does not end",
     "",
     AUK_FORMAT_AUTO,
     "[{\"a\":1},",
     AUK_FORMAT_JSON,
     {{"{\"a\":1}", 1, NULL, NULL}},
     "the file ends within the array"},
    {"a document that does not end",
     "",
     AUK_FORMAT_AUTO,
     "[{\"a\":1},{\"b\"",
     AUK_FORMAT_JSON,
     {{"{\"a\":1}", 1, NULL, NULL}, {"{\"b\"", 1, "the file ends within", NULL}},
     "the file ends within the array"},
    {"a missing comma",
     "",
     AUK_FORMAT_AUTO,
     "[{\"a\":1} {\"b\":2}]",
     AUK_FORMAT_JSON,
     {{"{\"a\":1}", 1, NULL, NULL}},
     "expected ',' or ']'"},
    {"a comma too many",
     "",
     AUK_FORMAT_AUTO,
     "[{\"a\":1},]",
     AUK_FORMAT_JSON,
     {{"{\"a\":1}", 1, NULL, NULL}},
     "expected a document"},
    {"something behind the array",
     "",
     AUK_FORMAT_AUTO,
     "[{\"a\":1}]\nx",
     AUK_FORMAT_JSON,
     {{"{\"a\":1}", 1, NULL, NULL}},
     "line 2: something stands behind the array"},
    {"a line break in a string",
     "",
     AUK_FORMAT_AUTO,
     "[{\"a\":\"x\ny\"}]",
     AUK_FORMAT_JSON,
     {{"{\"a\":\"x y\"}", 1, "a line break within a string", NULL}},
     NULL},
    {"values that are no objects",
     "",
     AUK_FORMAT_AUTO,
     "[1, \"a,]\", null]",
     AUK_FORMAT_JSON,
     {{"1", 1, NULL, NULL}, {"\"a,]\"", 1, NULL, NULL}, {"null", 1, NULL, NULL}},
     NULL},

    {"a table",
     "a.csv",
     AUK_FORMAT_AUTO,
     "id,name\n1,Emma\n2,Ann\n",
     AUK_FORMAT_CSV,
     {{"{\"id\":1,\"name\":\"Emma\"}", 2, NULL, NULL},
      {"{\"id\":2,\"name\":\"Ann\"}", 3, NULL, NULL}},
     NULL},
    {"quotes, doubled quotes, line breaks",
     "a.csv",
     AUK_FORMAT_AUTO,
     "a,b\r\n\"x, \"\"y\"\"\",\"1\n2\"\r\nz,\"\"\r\n",
     AUK_FORMAT_CSV,
     {{"{\"a\":\"x, \\\"y\\\"\",\"b\":\"1\\n2\"}", 2, NULL, NULL},
      {"{\"a\":\"z\"}", 4, NULL, NULL}},
     NULL},
    {"a quote within a field is text",
     "a.csv",
     AUK_FORMAT_AUTO,
     "a,b\n5\" disk,x\"\"y\nq,r\n",
     AUK_FORMAT_CSV,
     {{"{\"a\":\"5\\\" disk\",\"b\":\"x\\\"\\\"y\"}", 2, NULL, NULL},
      {"{\"a\":\"q\",\"b\":\"r\"}", 3, NULL, NULL}},
     NULL},
    {"columns of numbers and booleans",
     "a.csv",
     AUK_FORMAT_AUTO,
     "n,b,z,m\n-1.5e3,true,007,1\n2,false,12,x\n",
     AUK_FORMAT_CSV,
     {{"{\"n\":-1.5e3,\"b\":true,\"z\":\"007\",\"m\":\"1\"}", 2, NULL, NULL},
      {"{\"n\":2,\"b\":false,\"z\":\"12\",\"m\":\"x\"}", 3, NULL, NULL}},
     NULL},
    {"semicolons",
     "a.csv",
     AUK_FORMAT_AUTO,
     "a;b\n1,5;x\n",
     AUK_FORMAT_CSV,
     {{"{\"a\":\"1,5\",\"b\":\"x\"}", 2, NULL, NULL}},
     NULL},
    {"tabs",
     "a.tsv",
     AUK_FORMAT_AUTO,
     "a\tb\n1,5\tx\n",
     AUK_FORMAT_TSV,
     {{"{\"a\":\"1,5\",\"b\":\"x\"}", 2, NULL, NULL}},
     NULL},
    {"a table without a name",
     "",
     AUK_FORMAT_AUTO,
     "a,b\n1,2",
     AUK_FORMAT_CSV,
     {{"{\"a\":1,\"b\":2}", 2, NULL, NULL}},
     NULL},
    {"rows of a wrong length",
     "a.csv",
     AUK_FORMAT_AUTO,
     "a,b\n1\n1,2,3\n4,5\n",
     AUK_FORMAT_CSV,
     {{"1", 2, "fewer fields", NULL},
      {"1,2,3", 3, "more fields", NULL},
      {"{\"a\":4,\"b\":5}", 4, NULL, NULL}},
     NULL},
    {"a quote that does not close",
     "a.csv",
     AUK_FORMAT_AUTO,
     "a\nx\n\"y\nz\n",
     AUK_FORMAT_CSV,
     {{"{\"a\":\"x\"}", 2, NULL, NULL}, {"\"y\nz", 3, "a quote is not closed", NULL}},
     NULL},
    {"a header alone", "a.csv", AUK_FORMAT_AUTO, "a,b\n", AUK_FORMAT_CSV, {{0}}, NULL},

    {"a bulk",
     "",
     AUK_FORMAT_AUTO,
     "{\"index\":{\"_id\":\"1\"}}\n{\"a\":1}\n{\"delete\":{\"_id\":\"2\"}}\n{\"update\":{\"_id\":"
     "\"3\"}}\n{\"doc\":{}}\n",
     AUK_FORMAT_BULK,
     {{"{\"a\":1}", 1, NULL, "{\"index\":{\"_id\":\"1\"}}"},
      {"", 3, NULL, "{\"delete\":{\"_id\":\"2\"}}"},
      {"{\"doc\":{}}", 4, NULL, "{\"update\":{\"_id\":\"3\"}}"}},
     NULL},
    {"a bulk with wrong actions",
     "",
     AUK_FORMAT_BULK,
     "{\"index\":{}\n{\"put\":{}}\n{\"create\":{}}\n",
     AUK_FORMAT_BULK,
     {{"{\"index\":{}", 1, "malformed action", NULL},
      {"{\"put\":{}}", 2, "unknown action", NULL},
      {"", 3, "the document of this action is missing", "{\"create\":{}}"}},
     NULL},
};
#define N_CASES (sizeof cases / sizeof cases[0])

typedef struct pieces {
    auk_span left;
    size_t size;
} pieces;

static auk_code read_piece(void *context, char *into, size_t capacity, size_t *size, auk_error *err)
{
    pieces *p = context;
    (void)err;
    *size = p->left.size < p->size ? p->left.size : p->size;
    assert_true(*size <= capacity);
    memcpy(into, p->left.data, *size);
    p->left = auk_span_from(p->left, *size);
    return AUK_OK;
}

static void expect_span(auk_span got, const char *want)
{
    if (!auk_span_is(got, want ? want : ""))
        fail_msg("got \"%.*s\", want \"%s\"", AUK_SPAN_ARG(got), want ? want : "");
}

static void read_in_pieces(const struct record_case *c, size_t size)
{
    pieces p = {auk_span_of(c->text), size};
    auk_source source;
    auk_records records;
    auk_record record;
    auk_error err = {0};
    bool found = true;
    auk_source_init(&source, read_piece, &p);
    assert_int_equal(auk_records_init(&records, &source, c->format, auk_span_of(c->file), &err),
                     AUK_OK);
    assert_int_equal(records.format, c->want_format);
    for (const struct want *want = c->want; want->document; want++) {
        if (auk_records_next(&records, &record, &found, &err) != AUK_OK)
            fail_msg("%s", err.message);
        assert_true(found);
        expect_span(record.document, want->document);
        expect_span(record.action, want->action);
        assert_int_equal(record.line, want->line);
        if (!want->problem != !record.problem ||
            (want->problem && !strstr(record.problem, want->problem)))
            fail_msg("problem \"%s\", want \"%s\"", record.problem ? record.problem : "none",
                     want->problem ? want->problem : "none");
    }
    auk_code code = auk_records_next(&records, &record, &found, &err);
    if (c->want_failure) {
        assert_int_equal(code, AUK_INVALID);
        if (!strstr(err.message, c->want_failure))
            fail_msg("got \"%s\"", err.message);
    } else {
        assert_int_equal(code, AUK_OK);
        assert_false(found);
    }
    auk_records_deinit(&records);
    auk_source_deinit(&source);
}

static void reads(void **state)
{
    static const size_t sizes[] = {1, 2, 3, 7, 1 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        read_in_pieces(*state, sizes[i]);
}

static void expect_refusal(const char *text, auk_format format, const char *want)
{
    pieces p = {auk_span_of(text), 100};
    auk_source source;
    auk_records records;
    auk_error err = {0};
    auk_source_init(&source, read_piece, &p);
    assert_int_equal(auk_records_init(&records, &source, format, AUK_SPAN(""), &err), AUK_INVALID);
    if (!strstr(err.message, want))
        fail_msg("got \"%s\"", err.message);
    auk_records_deinit(&records);
    auk_source_deinit(&source);
}

static void refuses_headers_that_name_nothing(void **state)
{
    (void)state;
    expect_refusal("a,,c\n1,2,3\n", AUK_FORMAT_CSV, "column 2 of the header has no name");
    expect_refusal("a,b,a\n1,2,3\n", AUK_FORMAT_CSV, "columns 1 and 3 are both named \"a\"");
    expect_refusal("\"a,b\n", AUK_FORMAT_CSV, "the header: a quote is not closed");
}

static void refuses_what_has_no_form(void **state)
{
    (void)state;
    expect_refusal("hello world\n", AUK_FORMAT_AUTO, "the content is neither JSON nor a table");
}

static void grows_for_a_long_document(void **state)
{
    (void)state;
    size_t size = 3 * AUK_SOURCE_WINDOW;
    char *text = malloc(size + 1);
    assert_non_null(text);
    memset(text, 'x', size);
    memcpy(text, "{\"a\":\"", 6);
    memcpy(text + size - 3, "\"}\n", 3);
    text[size] = '\0';
    pieces p = {{text, size}, 100000};
    auk_source source;
    auk_records records;
    auk_record record;
    auk_error err = {0};
    bool found;
    auk_source_init(&source, read_piece, &p);
    assert_int_equal(auk_records_init(&records, &source, AUK_FORMAT_AUTO, AUK_SPAN(""), &err),
                     AUK_OK);
    assert_int_equal(auk_records_next(&records, &record, &found, &err), AUK_OK);
    assert_true(found);
    assert_int_equal(record.document.size, size - 1);
    auk_records_deinit(&records);
    auk_source_deinit(&source);
    free(text);
}

int main(void)
{
    struct CMUnitTest tests[N_CASES + 3] = {{0}};
    for (size_t i = 0; i < N_CASES; i++)
        tests[i] =
            (struct CMUnitTest){cases[i].name, reads, NULL, NULL, (void *)(uintptr_t)&cases[i]};
    tests[N_CASES] = (struct CMUnitTest)cmocka_unit_test(refuses_headers_that_name_nothing);
    tests[N_CASES + 1] = (struct CMUnitTest)cmocka_unit_test(refuses_what_has_no_form);
    tests[N_CASES + 2] = (struct CMUnitTest)cmocka_unit_test(grows_for_a_long_document);
    return cmocka_run_group_tests_name("records", tests, NULL, NULL);
}
