#include "test.h"

#include "auk/json.h"

typedef struct fixture {
    auk_arena *arena;
    auk_error err;
} fixture;

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    f->arena = auk_arena_create(1024);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    auk_arena_destroy(f->arena);
    free(f);
    return 0;
}

static const auk_json *parse(fixture *f, auk_span text)
{
    const auk_json *root = NULL;
    f->err = (auk_error){0};
    auk_code code = auk_json_parse(text, f->arena, &root, &f->err);
    if (code != AUK_OK)
        fail_msg("%.*s: %s", AUK_SPAN_ARG(text), f->err.message);
    return root;
}

static void assert_span(auk_span got, const char *want)
{
    if (!auk_span_is(got, want))
        fail_msg("got [%.*s], want [%s]", AUK_SPAN_ARG(got), want);
}

/* ---- what is read ---- */

static void a_tree_has_keys_values_and_raw_parts(void **state)
{
    const auk_json *root =
        parse(*state, AUK_SPAN(" {\"a\": [1, -2.50e+3 ,\"x\"],\n\"b\":{ \"c\" :null}, \"\":true,"
                               "\"f\":false , \"e\":{}, \"g\":[ ] } "));
    assert_int_equal(root->type, AUK_JSON_OBJECT);
    assert_int_equal(root->count, 6);
    assert_null(root->next);
    const auk_json *a = root->child;
    assert_span(a->key, "a");
    assert_int_equal(a->type, AUK_JSON_ARRAY);
    assert_int_equal(a->count, 3);
    assert_span(a->text, "[1, -2.50e+3 ,\"x\"]");
    assert_span(a->child->text, "1");
    assert_null(a->child->key.data);
    assert_span(a->child->next->text, "-2.50e+3");
    assert_int_equal(a->child->next->type, AUK_JSON_NUMBER);
    assert_span(a->child->next->next->text, "x");
    assert_null(a->child->next->next->next);
    const auk_json *b = a->next;
    assert_span(b->text, "{ \"c\" :null}");
    assert_int_equal(auk_json_get(b, "c")->type, AUK_JSON_NULL);
    assert_span(auk_json_get(b, "c")->text, "null");
    assert_int_equal(b->next->type, AUK_JSON_TRUE);
    assert_int_equal(b->next->key.size, 0);
    assert_int_equal(auk_json_get(root, "f")->type, AUK_JSON_FALSE);
    assert_int_equal(auk_json_get(root, "e")->count, 0);
    assert_span(auk_json_get(root, "g")->text, "[ ]");
    assert_null(auk_json_get(root, "nothing"));
    assert_null(auk_json_get(a, "a"));
    assert_null(auk_json_get(NULL, "a"));
}

static void a_path_is_one_key_first_and_steps_then(void **state)
{
    const auk_json *root =
        parse(*state,
              AUK_SPAN("{\"a.b\":1,\"a\":{\"b\":2,\"c\":{\"d\":3},\"x.y\":4},\"e\":{\"f\":5}}"));
    assert_span(auk_json_path(root, AUK_SPAN("a.b"))->text, "1");
    assert_span(auk_json_path(root, AUK_SPAN("a.c.d"))->text, "3");
    assert_span(auk_json_path(root, AUK_SPAN("a.x.y"))->text, "4");
    assert_span(auk_json_path(root, AUK_SPAN("e.f"))->text, "5");
    assert_null(auk_json_path(root, AUK_SPAN("e.f.g")));
    assert_null(auk_json_path(root, AUK_SPAN("")));
    assert_null(auk_json_path(root, AUK_SPAN("e.")));
}

static void large_numbers_keep_all_their_digits(void **state)
{
    const auk_json *root = parse(*state, AUK_SPAN("[123456789012345678901234567890.5,1e400]"));
    assert_span(root->child->text, "123456789012345678901234567890.5");
    assert_span(root->child->next->text, "1e400");
}

typedef struct string_case {
    const char *json;
    const char *text;
} string_case;

static const string_case string_cases[] = {
    {"\"\"", ""},
    {"\"plain\"", "plain"},
    {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
    {"\"a\\u0041\\u00e9\\u20AC\"", "aA\xC3\xA9\xE2\x82\xAC"},
    {"\"\\uD83D\\uDE00!\"", "\xF0\x9F\x98\x80!"},
    {"\"\\ud800\\udc00\\udbff\\udfff\"", "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"},
    {"\"\xC3\xA9\\n\xF0\x9F\x98\x80\"", "\xC3\xA9\n\xF0\x9F\x98\x80"},
    {"\"\\\\\"", "\\"},
    {"\"[1,2]{:}\"", "[1,2]{:}"},
    {"\"white space at the end  \"  ", "white space at the end  "},
};

static void strings_are_unescaped(void **state)
{
    for (size_t i = 0; i < sizeof string_cases / sizeof string_cases[0]; i++) {
        const auk_json *root = parse(*state, auk_span_of(string_cases[i].json));
        assert_int_equal(root->type, AUK_JSON_STRING);
        assert_span(root->text, string_cases[i].text);
    }
}

static void keys_are_unescaped_and_may_hold_zero_bytes(void **state)
{
    const auk_json *root = parse(*state, AUK_SPAN("{\"\\u0061\\u0000\":\"\\u0000\"}"));
    assert_true(auk_span_equal(root->child->key, AUK_SPAN("a\0")));
    assert_true(auk_span_equal(root->child->text, AUK_SPAN("\0")));
}

/* Spaces push the tokens over every border of the scanner's blocks. */
static void every_alignment_reads_the_same(void **state)
{
    fixture *f = *state;
    for (size_t shift = 0; shift < 200; shift++) {
        auk_buffer text;
        auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
        for (size_t i = 0; i < shift; i++)
            auk_buffer_append_byte(&text, ' ');
        auk_buffer_append_text(&text, "{\"k\\u0041\":[true,false,null,1.5e3],\"s\":\"\\\\\\\"\"}");
        const auk_json *root = parse(f, auk_buffer_span(&text));
        assert_span(root->child->key, "kA");
        assert_int_equal(root->child->count, 4);
        assert_span(root->child->next->text, "\\\"");
        auk_buffer_deinit(&text);
        auk_arena_reset(f->arena);
    }
}

static void the_input_may_go_after_parse(void **state)
{
    fixture *f = *state;
    char text[] = "{\"a\":\"b\"}";
    const auk_json *root = parse(f, auk_span_make(text, sizeof text - 1));
    memset(text, 'x', sizeof text);
    assert_span(auk_json_get(root, "a")->text, "b");
}

static void padded_text_is_not_copied(void **state)
{
    fixture *f = *state;
    char text[16 + AUK_JSON_PADDING] = "{\"a\":\"b\"}";
    const auk_json *root;
    assert_int_equal(auk_json_parse_padded(auk_span_make(text, 9), f->arena, &root, NULL), AUK_OK);
    assert_ptr_equal(root->text.data, text);
    assert_ptr_equal(root->child->text.data, text + 6);
}

static void text_of(auk_buffer *text, const char *open, size_t times, const char *middle,
                    const char *close)
{
    auk_buffer_init(text, AUK_BUFFER_NO_LIMIT);
    for (size_t i = 0; i < times; i++)
        auk_buffer_append_text(text, open);
    auk_buffer_append_text(text, middle);
    for (size_t i = 0; i < times; i++)
        auk_buffer_append_text(text, close);
}

static void depth_up_to_the_limit_is_read_and_past_it_refused(void **state)
{
    fixture *f = *state;
    auk_buffer text;
    text_of(&text, "[", AUK_JSON_DEPTH, "", "]");
    assert_int_equal(parse(f, auk_buffer_span(&text))->count, 1);
    auk_buffer_deinit(&text);
    const size_t depths[] = {AUK_JSON_DEPTH + 1, 1000, 1000000};
    for (size_t i = 0; i < 3; i++) {
        const auk_json *root;
        text_of(&text, "{\"a\":", depths[i], "1", "}");
        assert_int_equal(auk_json_parse(auk_buffer_span(&text), f->arena, &root, &f->err),
                         AUK_INVALID);
        assert_non_null(strstr(f->err.message, "depth exceeds the maximum allowed [64]"));
        auk_buffer_deinit(&text);
        text_of(&text, "[", depths[i], "", "");
        assert_int_equal(auk_json_parse(auk_buffer_span(&text), f->arena, &root, &f->err),
                         AUK_INVALID);
        assert_non_null(strstr(f->err.message, "depth exceeds the maximum allowed [64]"));
        auk_buffer_deinit(&text);
    }
}

static void object_of(auk_buffer *text, uint32_t members, const char *last)
{
    auk_buffer_init(text, AUK_BUFFER_NO_LIMIT);
    auk_buffer_append_byte(text, '{');
    for (uint32_t i = 0; i < members; i++)
        auk_buffer_printf(text, "\"key%u\":%u,", i, i);
    auk_buffer_printf(text, "\"%s\":0}", last);
}

static void objects_of_every_size_find_their_duplicate(void **state)
{
    fixture *f = *state;
    const uint32_t sizes[] = {1, 2, 7, 8, 9, 60, 127, 128, 129, 1000, 100000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        auk_buffer text;
        const auk_json *root;
        object_of(&text, sizes[i], "other");
        assert_int_equal(parse(f, auk_buffer_span(&text))->count, sizes[i] + 1);
        auk_buffer_deinit(&text);
        object_of(&text, sizes[i], "key0");
        assert_int_equal(auk_json_parse(auk_buffer_span(&text), f->arena, &root, &f->err),
                         AUK_INVALID);
        assert_non_null(strstr(f->err.message, "Duplicate field 'key0'"));
        auk_buffer_deinit(&text);
        object_of(&text, sizes[i], "key\\u0030");
        assert_int_equal(auk_json_parse(auk_buffer_span(&text), f->arena, &root, &f->err),
                         AUK_INVALID);
        auk_buffer_deinit(&text);
        auk_arena_reset(f->arena);
    }
}

/* ---- what is refused ---- */

typedef struct refusal {
    const char *name;
    auk_span text;
    const char *says;
} refusal;

#define REFUSE(name, text, says)                                                                   \
    {                                                                                              \
        name, AUK_SPAN_INIT(text), says                                                            \
    }

static const refusal refusals[] = {
    REFUSE("nothing", "", "no value"),
    REFUSE("white space alone", " \n\t ", "no value"),
    REFUSE("leading zero", "01", "Invalid numeric value [01]"),
    REFUSE("negative leading zero", "-01", "Invalid numeric value [-01]"),
    REFUSE("no digit after the point", "1.", "Invalid numeric value [1.]"),
    REFUSE("no digit before the point", ".5", "Unexpected character ('.' (code 46))"),
    REFUSE("no digit after the point before e", "1.e3", "Invalid numeric value"),
    REFUSE("plus sign", "+1", "Unexpected character ('+' (code 43))"),
    REFUSE("minus alone", "-", "Invalid numeric value"),
    REFUSE("exponent without digits", "1e", "Invalid numeric value"),
    REFUSE("exponent with a sign only", "[1e+]", "Invalid numeric value"),
    REFUSE("hexadecimal", "0x10", "Invalid numeric value"),
    REFUSE("two points", "1.2.3", "Invalid numeric value"),
    REFUSE("number and letters", "[12ab]", "Invalid numeric value"),
    REFUSE("two numbers", "[1 2]", "was expecting comma to separate Array entries"),
    REFUSE("infinity", "[Infinity]", "Unexpected character ('I' (code 73))"),
    REFUSE("not a number", "[NaN]", "Unexpected character ('N' (code 78))"),
    REFUSE("number glued to a string", "[1\"a,b\"]", "[line: 1"),
    REFUSE("word cut", "{\"b\":tru}", "Unrecognized token 'tru'"),
    REFUSE("word too long", "[trueish]", "Unrecognized token 'trueish'"),
    REFUSE("word in capitals", "True", "Unexpected character ('T'"),
    REFUSE("word glued to a string", "[null\"\"]", "[line: 1"),
    REFUSE("string glued to a word", "[\"a\"null]", "was expecting comma"),
    REFUSE("string glued to a string", "[\"a\"\"b\"]", "was expecting comma"),
    REFUSE("comma at the end of an array", "[1,]", "was expecting a value"),
    REFUSE("comma at the start of an array", "[,1]", "was expecting a value"),
    REFUSE("comma at the end of an object", "{\"a\":1,}", "double-quote to start field name"),
    REFUSE("comma between key and value", "{\"a\",1}", "was expecting a colon"),
    REFUSE("key without value", "{\"a\"}", "was expecting a colon"),
    REFUSE("colon without value", "{\"a\":}", "was expecting a value"),
    REFUSE("key that is no string", "{1:2}", "double-quote to start field name"),
    REFUSE("colon in an array", "[1:2]", "was expecting comma"),
    REFUSE("brackets crossed", "[{]}", "double-quote to start field name"),
    REFUSE("array closed by a brace", "[1}", "was expecting comma"),
    REFUSE("open array", "[1", "Unexpected end-of-input: was expecting comma"),
    REFUSE("open arrays", "[[[[[[[[1,1,1,1", "Unexpected end-of-input: was expecting comma"),
    REFUSE("open object", "{\"a\":1", "Unexpected end-of-input"),
    REFUSE("brace alone", "{", "Unexpected end-of-input"),
    REFUSE("bracket that closes alone", "]", "was expecting a value"),
    REFUSE("comma alone", ",", "was expecting a value"),
    REFUSE("two values", "{} {}", "was expecting the end of the text"),
    REFUSE("bracket too many", "[]]", "was expecting the end of the text"),
    REFUSE("comma after the value", "1,", "was expecting the end of the text"),
    REFUSE("comment", "[1/*x*/]", "Invalid numeric value"),
    REFUSE("single quotes", "{'a':1}", "Unexpected character ('''"),
    REFUSE("open string", "\"abc", "was expecting closing quote"),
    REFUSE("open string after a backslash", "\"abc\\\"", "was expecting closing quote"),
    REFUSE("line feed in a string", "[\n\"a\nb\"]",
           "(code 10): control characters must be escaped"),
    REFUSE("zero byte in a string", "[\"a\0\"]", "control characters must be escaped"),
    REFUSE("zero byte outside", "[1,\0]", "(code 0)"),
    REFUSE("zero byte after the value", "1 \0", "was expecting the end"),
    REFUSE("form feed as white space", "[1,\f2]", "(code 12)"),
    REFUSE("form feed after a string", "[\"a\"\f]", "(code 12)"),
    REFUSE("no-break space",
           "[1,\xC2\xA0"
           "2]",
           "(code 160)"),
    REFUSE("unknown escape", "\"\\x41\"", "escape sequence"),
    REFUSE("escape of a line feed", "\"\\\n\"", "[line: 1"),
    REFUSE("short unicode escape", "\"\\u12\"", "escape sequence"),
    REFUSE("unicode escape without hex", "\"\\u12G4\"", "escape sequence"),
    REFUSE("unicode escape over the end", "[\"\\u12\",\"34\"]", "escape sequence"),
    REFUSE("high surrogate alone", "\"\\ud800\"", "surrogate"),
    REFUSE("high surrogate before text", "\"\\ud800x\"", "surrogate"),
    REFUSE("two high surrogates", "\"\\ud800\\ud800\"", "surrogate"),
    REFUSE("low surrogate alone", "\"\\udc00\"", "surrogate"),
    REFUSE("surrogates in a key", "{\"\\udc00\":1}", "surrogate"),
    REFUSE("broken UTF-8 in a string", "[\"\xFF\"]",
           "Invalid UTF-8 byte 0xff [line: 1, column: 3]"),
    REFUSE("broken UTF-8 in a key", "{\"a\xC3\":1}", "Invalid UTF-8 byte 0xc3"),
    REFUSE("broken UTF-8 outside", "[\x80]", "Invalid UTF-8 byte 0x80"),
    REFUSE("cut UTF-8 at the end", "1 \xE2\x82", "Invalid UTF-8"),
    REFUSE("overlong UTF-8", "\"\xC0\xAF\"", "Invalid UTF-8 byte 0xc0"),
    REFUSE("surrogate as UTF-8", "\"\xED\xA0\x80\"", "Invalid UTF-8 byte 0xed"),
    REFUSE("byte order mark", "\xEF\xBB\xBF{}", "(code 65279)"),
    REFUSE("duplicate key", "{\"a\":1,\n \"a\":2}", "Duplicate field 'a' [line: 2, column: 2]"),
    REFUSE("duplicate key in depth", "[{\"x\":{\"b\":1,\"c\":2,\"b\":3}}]", "Duplicate field 'b'"),
    REFUSE("place of an error", "{\n  \"a\": 1,\n  \"b\" 2\n}", "[line: 3, column: 7]"),
};

static void is_refused(void **state)
{
    const refusal *row = *state;
    auk_arena *arena = auk_arena_create(0);
    auk_error err = {0};
    const auk_json *root = NULL;
    assert_int_equal(auk_json_parse(row->text, arena, &root, &err), AUK_INVALID);
    assert_string_equal(auk_error_type(&err), "parsing_exception");
    if (strstr(err.message, row->says) == NULL)
        fail_msg("[%s] does not say [%s]", err.message, row->says);
    assert_null(root);
    assert_int_equal(auk_json_parse(row->text, arena, &root, NULL), AUK_INVALID);
    auk_arena_destroy(arena);
}

/* Every prefix and every flipped byte of a sound text: an answer, and never a read past the end. */
static void damaged_texts_are_answered(void **state)
{
    fixture *f = *state;
    static const char sound[] = "{\"key\":[1.5e-3,true,{\"a\\u0041\":null}],\"t\":\"\xE2\x82\xAC "
                                "\\uD83D\\uDE00\\n\",\"e\":{},\"n\":-0}";
    const size_t size = sizeof sound - 1;
    for (size_t cut = 0; cut < size; cut++) {
        const auk_json *root;
        char *text = malloc(cut + 1);
        assert_non_null(text);
        memcpy(text, sound, cut);
        assert_int_equal(auk_json_parse(auk_span_make(text, cut), f->arena, &root, &f->err),
                         AUK_INVALID);
        free(text);
        auk_arena_reset(f->arena);
    }
    for (size_t at = 0; at < size; at++) {
        for (unsigned flip = 1; flip < 256; flip++) {
            const auk_json *root;
            char text[sizeof sound];
            memcpy(text, sound, sizeof sound);
            text[at] = (char)((unsigned char)text[at] ^ flip);
            auk_code code = auk_json_parse(auk_span_make(text, size), f->arena, &root, &f->err);
            assert_true(code == AUK_OK || code == AUK_INVALID);
            auk_arena_reset(f->arena);
        }
    }
}

/* ---- values as numbers and booleans ---- */

typedef struct number_case {
    const char *json;
    bool is_int;
    int64_t integer;
    bool is_double;
    double real;
} number_case;

static const number_case number_cases[] = {
    {"0", true, 0, true, 0.0},
    {"-0", true, 0, true, -0.0},
    {"42", true, 42, true, 42.0},
    {"\"42\"", true, 42, true, 42.0},
    {"\"+42\"", true, 42, true, 42.0},
    {"\" 42\"", false, 0, false, 0},
    {"\"4x\"", false, 0, false, 0},
    {"\"\"", false, 0, false, 0},
    {"\"-\"", false, 0, false, 0},
    {"\"+-1\"", false, 0, false, 0},
    {"\"nan\"", false, 0, false, 0},
    {"\"inf\"", false, 0, false, 0},
    {"\"-infinity\"", false, 0, false, 0},
    {"\"0x10\"", false, 0, false, 0},
    {"\"1e\"", false, 0, false, 0},
    {"\".5\"", false, 0, true, 0.5},
    {"5.0", true, 5, true, 5.0},
    {"1e3", true, 1000, true, 1000.0},
    {"5.5", false, 0, true, 5.5},
    {"9223372036854775807", true, INT64_MAX, true, 9223372036854775807.0},
    {"-9223372036854775808", true, INT64_MIN, true, -9223372036854775808.0},
    {"9223372036854775808", false, 0, true, 9223372036854775808.0},
    {"1e400", false, 0, false, 0},
    {"-1e400", false, 0, false, 0},
    {"1e-400", true, 0, true, 0.0},
    {"4.9e-324", false, 0, true, 4.9e-324},
    {"1.7976931348623157e308", false, 0, true, 1.7976931348623157e308},
    {"true", false, 0, false, 0},
    {"null", false, 0, false, 0},
    {"[1]", false, 0, false, 0},
};

static void values_convert_to_numbers(void **state)
{
    for (size_t i = 0; i < sizeof number_cases / sizeof number_cases[0]; i++) {
        const number_case *row = &number_cases[i];
        const auk_json *value = parse(*state, auk_span_of(row->json));
        int64_t integer = 0;
        double real = 0;
        if (auk_json_to_int64(value, &integer) != row->is_int || integer != row->integer)
            fail_msg("%s as integer gave %lld", row->json, (long long)integer);
        if (auk_json_to_double(value, &real) != row->is_double || real != row->real)
            fail_msg("%s as double gave %g", row->json, real);
    }
    int64_t integer;
    assert_false(auk_json_to_int64(NULL, &integer));
}

static void unsigned_numbers_reach_their_own_limit(void **state)
{
    (void)state;
    uint64_t value;
    assert_true(auk_number_parse_uint64(AUK_SPAN("18446744073709551615"), &value));
    assert_true(value == UINT64_MAX);
    assert_false(auk_number_parse_uint64(AUK_SPAN("18446744073709551616"), &value));
    assert_false(auk_number_parse_uint64(AUK_SPAN("-1"), &value));
    assert_false(auk_number_parse_uint64(AUK_SPAN("+"), &value));
    assert_false(auk_number_parse_uint64((auk_span){0}, &value));
}

static void values_convert_to_booleans(void **state)
{
    const auk_json *root =
        parse(*state, AUK_SPAN("[true,false,\"true\",\"false\",\"yes\",1,null]"));
    const int want[] = {1, 0, 1, 0, -1, -1, -1};
    size_t i = 0;
    for (const auk_json *value = root->child; value != NULL; value = value->next, i++) {
        bool yes = false;
        assert_int_equal(auk_json_to_bool(value, &yes), want[i] >= 0);
        if (want[i] >= 0)
            assert_int_equal(yes, want[i]);
    }
}

#define WITH_ARENA(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    enum { ROWS = sizeof refusals / sizeof refusals[0] };
    static struct CMUnitTest rows[ROWS];
    for (size_t i = 0; i < ROWS; i++) {
        rows[i] = (struct CMUnitTest){.name = refusals[i].name,
                                      .test_func = is_refused,
                                      .initial_state = (void *)(uintptr_t)&refusals[i]};
    }
    const struct CMUnitTest tests[] = {
        WITH_ARENA(a_tree_has_keys_values_and_raw_parts),
        WITH_ARENA(a_path_is_one_key_first_and_steps_then),
        WITH_ARENA(large_numbers_keep_all_their_digits),
        WITH_ARENA(strings_are_unescaped),
        WITH_ARENA(keys_are_unescaped_and_may_hold_zero_bytes),
        WITH_ARENA(every_alignment_reads_the_same),
        WITH_ARENA(the_input_may_go_after_parse),
        WITH_ARENA(padded_text_is_not_copied),
        WITH_ARENA(depth_up_to_the_limit_is_read_and_past_it_refused),
        WITH_ARENA(objects_of_every_size_find_their_duplicate),
        WITH_ARENA(damaged_texts_are_answered),
        WITH_ARENA(values_convert_to_numbers),
        WITH_ARENA(unsigned_numbers_reach_their_own_limit),
        WITH_ARENA(values_convert_to_booleans),
    };
    int failed = cmocka_run_group_tests_name("json reader: refused", rows, NULL, NULL);
    return failed + cmocka_run_group_tests_name("json reader", tests, NULL, NULL);
}
