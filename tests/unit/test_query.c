/* The query DSL: what parses, and what each mistake is told. */
#include "test.h"

#include "auk/query.h"

typedef struct query_case {
    const char *name, *text;
    auk_query_kind kind;
} query_case;

static query_case queries[] = {
    {"an empty object is match_all", "{}", AUK_QUERY_MATCH_ALL},
    {"match_all", "{\"match_all\":{\"boost\":2}}", AUK_QUERY_MATCH_ALL},
    {"match_none", "{\"match_none\":{}}", AUK_QUERY_MATCH_NONE},
    {"match, short", "{\"match\":{\"f\":\"a b\"}}", AUK_QUERY_MATCH},
    {"match with a number", "{\"match\":{\"f\":7}}", AUK_QUERY_MATCH},
    {"match, long",
     "{\"match\":{\"f\":{\"query\":\"a\",\"operator\":\"AND\",\"minimum_should_match\":\"75%\","
     "\"lenient\":true,\"zero_terms_query\":\"all\",\"boost\":1.5,\"_name\":\"n\"}}}",
     AUK_QUERY_MATCH},
    {"match_phrase", "{\"match_phrase\":{\"f\":{\"query\":\"a b\",\"slop\":2}}}",
     AUK_QUERY_MATCH_PHRASE},
    {"multi_match", "{\"multi_match\":{\"query\":\"a\",\"fields\":[\"x^3\",\"y*\"]}}",
     AUK_QUERY_MULTI_MATCH},
    {"term, short", "{\"term\":{\"f\":true}}", AUK_QUERY_TERM},
    {"term, long", "{\"term\":{\"f\":{\"value\":\"x\",\"case_insensitive\":true}}}",
     AUK_QUERY_TERM},
    {"terms", "{\"terms\":{\"f\":[1,\"a\"],\"boost\":2}}", AUK_QUERY_TERMS},
    {"range", "{\"range\":{\"f\":{\"gte\":1,\"lt\":null,\"format\":\"yyyy\"}}}", AUK_QUERY_RANGE},
    {"prefix", "{\"prefix\":{\"f\":\"ab\"}}", AUK_QUERY_PREFIX},
    {"exists", "{\"exists\":{\"field\":\"f\"}}", AUK_QUERY_EXISTS},
    {"ids", "{\"ids\":{\"values\":[\"1\",2]}}", AUK_QUERY_IDS},
    {"bool", "{\"bool\":{\"must\":{\"match_all\":{}},\"should\":[{\"match_none\":{}}]}}",
     AUK_QUERY_BOOL},
    {"constant_score", "{\"constant_score\":{\"filter\":{\"match_all\":{}},\"boost\":3}}",
     AUK_QUERY_CONSTANT_SCORE},
    {"dis_max", "{\"dis_max\":{\"queries\":[{\"match_all\":{}}],\"tie_breaker\":0.3}}",
     AUK_QUERY_DIS_MAX},
};
#define QUERIES (sizeof queries / sizeof queries[0])

static auk_code parse(const char *text, auk_arena *arena, const auk_query **out, auk_error *err)
{
    const auk_json *json;
    *err = (auk_error){0};
    assert_int_equal(auk_json_parse(auk_span_of(text), arena, &json, err), AUK_OK);
    return auk_query_parse(json, arena, out, err);
}

static void parses(void **state)
{
    const query_case *c = *state;
    auk_arena *arena = auk_arena_create(1 << 12);
    const auk_query *query;
    auk_error err;
    if (parse(c->text, arena, &query, &err) != AUK_OK)
        fail_msg("%s: %s", c->text, err.message);
    assert_int_equal(query->kind, c->kind);
    auk_arena_destroy(arena);
}

typedef struct refusal {
    const char *name, *text, *type, *message, *hint;
} refusal;

static refusal refusals[] = {
    {"an unknown query", "{\"mtach\":{}}", "parsing_exception",
     "unknown query [mtach] did you mean [match]?", "the nearest known query is [match]"},
    {"an unknown query like no other", "{\"zzzzzzzz\":{}}", "parsing_exception",
     "unknown query [zzzzzzzz]", ""},
    {"two queries in one object", "{\"match_all\":{},\"ids\":{\"values\":[]}}", "parsing_exception",
     "[match_all] malformed query, expected [END_OBJECT] but found [FIELD_NAME]", ""},
    {"no object", "[]", "parsing_exception", "[_na] query malformed, must start with start_object",
     ""},
    {"a value instead of an object", "{\"match\":\"x\"}", "parsing_exception",
     "[match] query malformed, no start_object after query name", ""},
    {"an unknown member", "{\"match\":{\"f\":{\"query\":\"a\",\"operater\":\"or\"}}}",
     "parsing_exception", "[match] query does not support [operater]", "did you mean [operator]?"},
    {"two fields", "{\"match\":{\"a\":\"x\",\"b\":\"y\"}}", "parsing_exception",
     "[match] query doesn't support multiple fields, found [a] and [b]", ""},
    {"no text", "{\"match\":{\"f\":{\"operator\":\"or\"}}}", "parsing_exception",
     "No text specified for [match] query", ""},
    {"an unknown member of bool", "{\"bool\":{\"shuld\":[]}}", "parsing_exception",
     "[bool] query does not support [shuld]", "did you mean [should]?"},
    {"an empty clause", "{\"bool\":{\"must\":[{}]}}", "illegal_argument_exception",
     "query malformed, empty clause found", ""},
    {"terms without a list", "{\"terms\":{\"f\":\"x\"}}", "parsing_exception",
     "[terms] query requires an array of terms", ""},
    {"terms of two fields", "{\"terms\":{\"f\":[1],\"g\":[2]}}", "parsing_exception",
     "[terms] query does not support multiple fields", ""},
    {"exists without a field", "{\"exists\":{}}", "parsing_exception",
     "[exists] must be provided with a [field]", ""},
    {"constant_score without a filter", "{\"constant_score\":{}}", "parsing_exception",
     "[constant_score] requires a 'filter' element", ""},
    {"dis_max without queries", "{\"dis_max\":{\"queries\":[]}}", "parsing_exception",
     "[dis_max] requires 'queries' field with at least one clause", ""},
    {"an unknown type of multi_match",
     "{\"multi_match\":{\"query\":\"a\",\"type\":\"cross_field\"}}", "parsing_exception",
     "failed to parse [multi_match] query type [cross_field]. unknown type.",
     "known types are best_fields, most_fields, cross_fields, phrase, phrase_prefix and "
     "bool_prefix"},
    {"fuzzy words across fields",
     "{\"multi_match\":{\"query\":\"a\",\"type\":\"cross_fields\",\"fuzziness\":1}}",
     "parsing_exception", "Fuzziness not allowed for type [cross_fields]", ""},
    {"too many edits", "{\"fuzzy\":{\"f\":{\"value\":\"a\",\"fuzziness\":3}}}",
     "illegal_argument_exception", "Valid edit distances are [0, 1, 2] but was [3]", ""},
    {"half an edit", "{\"match\":{\"f\":{\"query\":\"a\",\"fuzziness\":\"0.5\"}}}",
     "illegal_argument_exception", "fuzziness needs to be one of 0.0, 1.0 or 2.0 but was 0.5", ""},
    {"edits that are no number", "{\"fuzzy\":{\"f\":{\"value\":\"a\",\"fuzziness\":\"few\"}}}",
     "illegal_argument_exception", "fuzziness cannot be [few].", ""},
    {"lengths the wrong way round",
     "{\"fuzzy\":{\"f\":{\"value\":\"a\",\"fuzziness\":\"AUTO:6,3\"}}}",
     "illegal_argument_exception",
     "fuzziness wrongly configured, must be: lowDistance > 0, highDistance > 0 and lowDistance <= "
     "highDistance ",
     ""},
    {"one length of two", "{\"fuzzy\":{\"f\":{\"value\":\"a\",\"fuzziness\":\"AUTO:6\"}}}",
     "illegal_argument_exception", "failed to find low and high distance values", ""},
    {"fuzzy without a word", "{\"fuzzy\":{\"f\":{\"fuzziness\":1}}}", "illegal_argument_exception",
     "query value cannot be null in [fuzzy]", ""},
    {"a misspelt member of fuzzy", "{\"fuzzy\":{\"f\":{\"value\":\"a\",\"fuzzines\":1}}}",
     "parsing_exception", "[fuzzy] query does not support [fuzzines]", "did you mean [fuzziness]?"},
    {"a way of scoring that is not there",
     "{\"fuzzy\":{\"f\":{\"value\":\"a\",\"rewrite\":\"top_terms_boost_9\"}}}", "parsing_exception",
     "[fuzzy] rewrite [top_terms_boost_9] is not supported",
     "there are constant_score and top_terms_blended_freqs_N"},
    {"a way of scoring a prefix that is not there",
     "{\"prefix\":{\"f\":{\"value\":\"a\",\"rewrite\":\"scoring_boolean\"}}}", "parsing_exception",
     "[prefix] rewrite [scoring_boolean] is not supported", "there is constant_score"},
    {"no way of scoring", "{\"regexp\":{\"f\":{\"value\":\"a\",\"rewrite\":\"fast\"}}}",
     "illegal_argument_exception", "Failed to parse rewrite_method [fast]", ""},
    {"an operator that is not there",
     "{\"regexp\":{\"f\":{\"value\":\"a\",\"flags\":\"EMPTY|SOME\"}}}",
     "illegal_argument_exception", "Unknown regexp flag [SOME]",
     "flags are ALL, NONE, INTERSECTION, COMPLEMENT, EMPTY, ANYSTRING, AUTOMATON and INTERVAL"},
    {"a broken query string", "{\"query_string\":{\"query\":\"a AND\"}}", "query_shard_exception",
     "Failed to parse query [a AND]", ""},
    {"a query string without its end", "{\"query_string\":{\"query\":\"(a\"}}",
     "query_shard_exception", "Failed to parse query [(a]", ""},
    {"a range without its end", "{\"query_string\":{\"query\":\"f:[a TO\"}}",
     "query_shard_exception", "Failed to parse query [f:[a TO]", ""},
    {"a query string that ends in an escape", "{\"query_string\":{\"query\":\"a\\\\\"}}",
     "query_shard_exception", "Failed to parse query [a\\]", ""},
    {"a regular expression without its end", "{\"query_string\":{\"query\":\"/a\"}}",
     "query_shard_exception", "Failed to parse query [/a]", ""},
    {"a word that is too fuzzy", "{\"query_string\":{\"query\":\"a~3\"}}",
     "illegal_argument_exception", "Valid edit distances are [0, 1, 2] but was [3]", ""},
    {"a query string without text", "{\"query_string\":{\"fields\":[\"a\"]}}", "parsing_exception",
     "[query_string] must be provided with a [query]", ""},
    {"a simple one without text", "{\"simple_query_string\":{}}", "parsing_exception",
     "[simple_query_string] query text missing", ""},
    {"both fields and a default field",
     "{\"query_string\":{\"query\":\"a\",\"fields\":[\"a\"],\"default_field\":\"b\"}}",
     "illegal_argument_exception",
     "cannot use [fields] parameter in conjunction with [default_field]", ""},
    {"an unknown flag", "{\"simple_query_string\":{\"query\":\"a\",\"flags\":\"AND|XOR\"}}",
     "illegal_argument_exception", "Unknown simple_query_string flag [XOR]", ""},
    {"a misspelt member", "{\"query_string\":{\"query\":\"a\",\"default_operater\":\"and\"}}",
     "parsing_exception", "[query_string] query does not support [default_operater]",
     "did you mean [default_operator]?"},
    {"a negative boost", "{\"match\":{\"f\":{\"query\":\"a\",\"boost\":-1}}}",
     "illegal_argument_exception",
     "negative [boost] are not allowed in [match], use a value between 0 and 1 to deboost", ""},
    {"negative slop", "{\"match_phrase\":{\"f\":{\"query\":\"a b\",\"slop\":-1}}}",
     "illegal_argument_exception", "No negative slop allowed.", ""},
};
#define REFUSALS (sizeof refusals / sizeof refusals[0])

static void refuses(void **state)
{
    const refusal *c = *state;
    auk_arena *arena = auk_arena_create(1 << 12);
    const auk_query *query;
    auk_error err;
    assert_int_equal(parse(c->text, arena, &query, &err), AUK_INVALID);
    assert_string_equal(auk_error_type(&err), c->type);
    assert_string_equal(err.message, c->message);
    assert_string_equal(err.hint, c->hint);
    auk_arena_destroy(arena);
}

static void nesting_has_a_limit(void **state)
{
    (void)state;
    auk_arena *arena = auk_arena_create(1 << 12);
    const auk_query *query;
    auk_error err;
    auk_buffer text;
    auk_buffer_init(&text, 1 << 16);
    for (int i = 0; i < 31; i++)
        auk_buffer_append_text(&text, "{\"bool\":{\"must\":");
    auk_buffer_append_text(&text, "{\"match_all\":{}}");
    for (int i = 0; i < 31; i++)
        auk_buffer_append_text(&text, "}}");
    auk_buffer_append_byte(&text, 0);
    /* JSON's own limit on depth may come first. */
    const auk_json *json;
    err = (auk_error){0};
    if (auk_json_parse(auk_span_of(text.data), arena, &json, &err) == AUK_OK) {
        assert_int_equal(auk_query_parse(json, arena, &query, &err), AUK_INVALID);
        assert_non_null(strstr(err.message, "exceeds the maximum nested depth"));
    }
    auk_buffer_deinit(&text);
    auk_arena_destroy(arena);
}

/* ---- minimum_should_match ---- */

typedef struct minimum {
    const char *name, *text;
    uint32_t clauses;
    int64_t want; /* -1: refused */
} minimum;

static minimum minimums[] = {
    {"a number", "2", 5, 2},
    {"more than there are", "7", 5, 7},
    {"all but one", "-1", 5, 4},
    {"all but more than there are", "-9", 5, 0},
    {"a share, rounded down", "75%", 5, 3},
    {"a negative share", "-25%", 5, 4},
    {"a negative share of few", "-25%", 3, 3},
    {"nothing", "0%", 5, 0},
    {"everything", "100%", 5, 5},
    {"below a condition all", "3<90%", 3, 3},
    {"above a condition", "3<90%", 10, 9},
    {"several, the first holds", "2<-25% 9<-3", 2, 2},
    {"several, the second holds", "2<-25% 9<-3", 9, 7},
    {"several, the last holds", "2<-25% 9<-3", 10, 7},
    {"white space", " 2 ", 5, 2},
    {"words", "some", 5, -1},
    {"half a condition", "3<", 5, -1},
    {"an empty text", "", 5, -1},
};
#define MINIMUMS (sizeof minimums / sizeof minimums[0])

static void computes_the_minimum(void **state)
{
    const minimum *c = *state;
    uint32_t got = 0;
    auk_error err = {0};
    auk_code code = auk_minimum_should_match(auk_span_of(c->text), c->clauses, &got, &err);
    assert_int_equal(code, c->want < 0 ? AUK_INVALID : AUK_OK);
    if (c->want >= 0)
        assert_int_equal(got, c->want);
}

int main(void)
{
    static struct CMUnitTest tests[QUERIES + REFUSALS + MINIMUMS + 1];
    size_t n = 0;
    for (size_t i = 0; i < QUERIES; i++)
        tests[n++] = (struct CMUnitTest){.name = queries[i].name,
                                         .test_func = parses,
                                         .initial_state = &queries[i]};
    for (size_t i = 0; i < REFUSALS; i++)
        tests[n++] = (struct CMUnitTest){.name = refusals[i].name,
                                         .test_func = refuses,
                                         .initial_state = &refusals[i]};
    for (size_t i = 0; i < MINIMUMS; i++)
        tests[n++] = (struct CMUnitTest){.name = minimums[i].name,
                                         .test_func = computes_the_minimum,
                                         .initial_state = &minimums[i]};
    tests[n] = (struct CMUnitTest){.name = "nesting has a limit", .test_func = nesting_has_a_limit};
    return cmocka_run_group_tests_name("query", tests, NULL, NULL);
}
