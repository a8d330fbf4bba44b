/* What a search answers, to the letter: hits, totals, sorts, explanations, refusals. */
#include "test.h"

#include <math.h>

#include "search_support.h"

static const char mapping[] = "{\"properties\":{"
                              "\"t\":{\"type\":\"text\"},"
                              "\"k\":{\"type\":\"keyword\"},"
                              "\"n\":{\"type\":\"long\"},"
                              "\"f\":{\"type\":\"double\"},"
                              "\"d\":{\"type\":\"date\"},"
                              "\"b\":{\"type\":\"boolean\"},"
                              "\"a\":{\"type\":\"ip\"},"
                              "\"o\":{\"properties\":{\"x\":{\"type\":\"keyword\"}}}}}";

typedef struct fixture {
    test_index index;
    auk_arena *arena;
} fixture;

static void setup(fixture *f, uint32_t shards, const char *lines)
{
    uint32_t next_id = 0;
    test_index_init(&f->index, "i", mapping, shards);
    f->arena = auk_arena_create(1 << 16);
    test_index_add_lines(&f->index, 0, lines, &next_id);
}

static void teardown(fixture *f)
{
    auk_arena_destroy(f->arena);
    test_index_deinit(&f->index);
}

static void assert_contains(auk_span answer, const char *part)
{
    if (!strstr(answer.data, part))
        fail_msg("no %s in %.*s", part, AUK_SPAN_ARG(answer));
}

static void expect(fixture *f, const char *body, const char *part)
{
    assert_contains(test_search(&f->index, body, f->arena), part);
}

/* The ids of the hits, in order, with commas. */
static void expect_ids(fixture *f, const char *body, const char *ids)
{
    const auk_json *answer;
    auk_span text = test_search(&f->index, body, f->arena);
    assert_int_equal(auk_json_parse(text, f->arena, &answer, NULL), AUK_OK);
    auk_buffer found;
    auk_buffer_init(&found, 1 << 16);
    const auk_json *hits = auk_json_path(answer, AUK_SPAN("hits.hits"));
    for (const auk_json *hit = hits->child; hit; hit = hit->next)
        auk_buffer_printf(&found, "%s%.*s", found.size ? "," : "",
                          AUK_SPAN_ARG(auk_json_get(hit, "_id")->text));
    auk_buffer_append_byte(&found, 0);
    if (strcmp(found.data, ids) != 0)
        fail_msg("%s: %s instead of %s", body, found.data, ids);
    auk_buffer_deinit(&found);
}

static void expect_error(fixture *f, const char *body, const char *type, const char *part)
{
    auk_error err;
    test_search_fails(&f->index, body, f->arena, &err);
    if (strcmp(auk_error_type(&err), type) != 0 || !strstr(err.message, part))
        fail_msg("%s: %s: %s", body, auk_error_type(&err), err.message);
}

/* ---- scores ---- */

static const char three[] = "{\"t\":\"quick brown fox\"}\n"
                            "{\"t\":\"quick quick dog\"}\n"
                            "{\"t\":\"lazy dog\"}";

static void scores_are_those_of_lucene(void **state)
{
    (void)state;
    fixture f;
    setup(&f, 1, three);
    expect(&f, "{\"query\":{\"match\":{\"t\":\"quick\"}}}",
           "{\"hits\":{\"total\":{\"value\":2,\"relation\":\"eq\"},\"max_score\":0.28377578,");
    expect(&f, "{\"query\":{\"match\":{\"t\":\"quick\"}}}", "\"_id\":\"0\",\"_score\":0.2032448,");
    expect(&f, "{\"query\":{\"match\":{\"t\":\"quick dog\"}}}",
           "\"_id\":\"1\",\"_score\":0.48702058,");
    expect(&f, "{\"query\":{\"match\":{\"t\":\"lazy\"}}}", "\"_score\":0.49662238,");
    teardown(&f);
}

static void an_explanation_is_lucenes_tree(void **state)
{
    (void)state;
    fixture f;
    setup(&f, 1, three);
    auk_span answer =
        test_search(&f.index, "{\"explain\":true,\"query\":{\"match\":{\"t\":\"lazy\"}}}", f.arena);
    assert_contains(
        answer,
        "\"_explanation\":{\"value\":0.49662238,\"description\":\"weight(t:lazy in 2) "
        "[PerFieldSimilarity], result of:\",\"details\":[{\"value\":0.49662238,\"description\":"
        "\"score(freq=1.0), computed as boost * idf * tf "
        "from:\",\"details\":[{\"value\":0.98082924,"
        "\"description\":\"idf, computed as log(1 + (N - n + 0.5) / (n + 0.5)) from:\",\"details\":"
        "[{\"value\":1,\"description\":\"n, number of documents containing term\",\"details\":[]},"
        "{\"value\":3,\"description\":\"N, total number of documents with "
        "field\",\"details\":[]}]},");
    assert_contains(
        answer, "\"description\":\"tf, computed as freq / (freq + k1 * (1 - b + b * dl / avgdl)) "
                "from:\"");
    teardown(&f);
}

static void explanations_of_compounds_sum_what_matches(void **state)
{
    (void)state;
    fixture f;
    setup(&f, 1, three);
    expect(&f, "{\"explain\":true,\"query\":{\"match\":{\"t\":\"lazy dog cat\"}}}",
           "\"description\":\"sum of:\",\"details\":[{\"value\":0.49662238");
    expect(&f,
           "{\"explain\":true,\"query\":{\"constant_score\":{\"filter\":{\"match\":{\"t\":"
           "\"lazy\"}},\"boost\":2}}}",
           "\"_explanation\":{\"value\":2.0,\"description\":\"ConstantScore(t:lazy)^2.0\"");
    expect(&f,
           "{\"explain\":true,\"query\":{\"multi_match\":{\"query\":\"lazy\",\"fields\":[\"t\","
           "\"k\"]}}}",
           "\"description\":\"max of:\"");
    teardown(&f);
}

/* ---- phrases ---- */

static void a_phrase_needs_its_words_in_a_row(void **state)
{
    (void)state;
    fixture f;
    setup(&f, 1,
          "{\"t\":\"a b c\"}\n{\"t\":\"b a\"}\n{\"t\":\"a x b\"}\n{\"t\":[\"x a\",\"b x\"]}\n"
          "{\"t\":\"a b a b\"}");
    expect_ids(&f, "{\"query\":{\"match_phrase\":{\"t\":\"a b\"}}}", "4,0");
    expect_ids(&f, "{\"query\":{\"match_phrase\":{\"t\":\"b a b\"}}}", "4");
    expect_ids(&f, "{\"query\":{\"match_phrase\":{\"t\":\"c\"}}}", "0");
    expect_ids(&f, "{\"query\":{\"match_phrase\":{\"t\":\"b q\"}}}", "");
    teardown(&f);
}

static void slop_counts_moves(void **state)
{
    (void)state;
    fixture f;
    setup(&f, 1,
          "{\"t\":\"a x b\"}\n{\"t\":\"b a\"}\n{\"t\":\"a x x x b\"}\n{\"t\":\"a\"}\n"
          "{\"t\":\"a y a\"}");
    expect_ids(&f,
               "{\"sort\":\"_doc\",\"query\":{\"match_phrase\":{\"t\":{\"query\":\"a b\","
               "\"slop\":1}}}}",
               "0");
    expect_ids(&f,
               "{\"sort\":\"_doc\",\"query\":{\"match_phrase\":{\"t\":{\"query\":\"a b\","
               "\"slop\":2}}}}",
               "0,1");
    expect_ids(&f,
               "{\"sort\":\"_doc\",\"query\":{\"match_phrase\":{\"t\":{\"query\":\"a b\","
               "\"slop\":3}}}}",
               "0,1,2");
    expect_ids(&f,
               "{\"sort\":\"_doc\",\"query\":{\"match_phrase\":{\"t\":{\"query\":\"a a\","
               "\"slop\":1}}}}",
               "4");
    expect(&f,
           "{\"explain\":true,\"query\":{\"match_phrase\":{\"t\":{\"query\":\"a a\",\"slop\":1}"
           "}}}",
           "\"description\":\"score(freq=0.5), computed as boost * idf * tf from:\"");
    teardown(&f);
}

/* ---- fields and values ---- */

static const char values[] =
    "{\"k\":\"red\",\"n\":1,\"f\":1.5,\"d\":\"2024-01-01\",\"b\":true,\"a\":\"10.0.0.1\"}\n"
    "{\"k\":[\"blue\",\"green\"],\"n\":[5,9],\"f\":-2.5,\"d\":\"2024-01-31T12:00:00Z\",\"b\":false}"
    "\n"
    "{\"k\":\"green\",\"n\":7,\"d\":\"2024-02-01\",\"a\":\"10.0.0.2\",\"o\":{\"x\":\"y\"}}\n"
    "{\"t\":\"nothing else\"}";

static const struct {
    const char *name, *query, *ids;
} value_cases[] = {
    {"a keyword", "{\"term\":{\"k\":\"green\"}}", "1,2"},
    {"a keyword in any case", "{\"term\":{\"k\":{\"value\":\"GREEN\",\"case_insensitive\":true}}}",
     "1,2"},
    {"a number", "{\"term\":{\"n\":5}}", "1"},
    {"a number as text", "{\"term\":{\"n\":\"7\"}}", "2"},
    {"a fraction is no long", "{\"term\":{\"n\":7.5}}", ""},
    {"a number beyond all", "{\"term\":{\"n\":1e30}}", ""},
    {"match on a number", "{\"match\":{\"n\":\"9\"}}", "1"},
    {"several numbers", "{\"terms\":{\"n\":[1,9,7.5]}}", "0,1"},
    {"a double", "{\"term\":{\"f\":-2.5}}", "1"},
    {"a day", "{\"term\":{\"d\":\"2024-01-31\"}}", "1"},
    {"several days", "{\"terms\":{\"d\":[\"2024-01-01\",\"2024-01-31\"]}}", "0,1"},
    {"a boolean", "{\"term\":{\"b\":false}}", "1"},
    {"an address", "{\"term\":{\"a\":\"10.0.0.2\"}}", "2"},
    {"a range of addresses", "{\"range\":{\"a\":{\"gt\":\"10.0.0.1\",\"lte\":\"10.0.0.9\"}}}", "2"},
    {"gt a fraction", "{\"range\":{\"n\":{\"gt\":6.5,\"lt\":8}}}", "2"},
    {"gte and lte include", "{\"range\":{\"n\":{\"gte\":1,\"lte\":5}}}", "0,1"},
    {"gt and lt exclude", "{\"range\":{\"n\":{\"gt\":1,\"lt\":9}}}", "1,2"},
    {"an open range", "{\"range\":{\"f\":{}}}", "0,1"},
    {"lte a month takes its first day", "{\"range\":{\"d\":{\"lte\":\"2024-01\"}}}", "0"},
    {"gt a month starts behind that day", "{\"range\":{\"d\":{\"gt\":\"2024-01\"}}}", "1,2"},
    {"a range with its own format",
     "{\"range\":{\"d\":{\"gte\":\"31/01/2024\",\"format\":\"dd/MM/yyyy\"}}}", "1,2"},
    {"a range in a time zone",
     "{\"range\":{\"d\":{\"gte\":\"2024-02-01\",\"time_zone\":\"+02:00\"}}}", "2"},
    {"a range of keywords", "{\"range\":{\"k\":{\"gte\":\"c\",\"lt\":\"h\"}}}", "1,2"},
    {"a prefix", "{\"prefix\":{\"k\":\"gr\"}}", "1,2"},
    {"a prefix in any case", "{\"prefix\":{\"k\":{\"value\":\"GR\",\"case_insensitive\":true}}}",
     "1,2"},
    {"exists", "{\"exists\":{\"field\":\"f\"}}", "0,1"},
    {"exists below an object", "{\"exists\":{\"field\":\"o\"}}", "2"},
    {"exists nowhere", "{\"exists\":{\"field\":\"zz\"}}", ""},
    {"ids", "{\"ids\":{\"values\":[\"2\",\"0\",\"77\"]}}", "0,2"},
    {"_id", "{\"term\":{\"_id\":\"1\"}}", "1"},
    {"_index", "{\"term\":{\"_index\":\"i\"}}", "0,1,2,3"},
    {"another _index", "{\"term\":{\"_index\":\"j\"}}", ""},
    {"an unmapped field", "{\"match\":{\"zz\":\"x\"}}", ""},
    {"a bool of nothing", "{\"bool\":{}}", "0,1,2,3"},
    {"only must_not", "{\"bool\":{\"must_not\":{\"exists\":{\"field\":\"k\"}}}}", "3"},
    {"more than there are",
     "{\"bool\":{\"should\":[{\"term\":{\"n\":1}}],"
     "\"minimum_should_match\":2}}",
     ""},
    {"lenient", "{\"match\":{\"n\":{\"query\":\"abc\",\"lenient\":true}}}", ""},
    {"all fields", "{\"multi_match\":{\"query\":\"green\"}}", "1,2"},
    {"match_none", "{\"match_none\":{}}", ""},
};
#define VALUE_CASES (sizeof value_cases / sizeof value_cases[0])

static fixture value_fixture;

static int make_values(void **state)
{
    (void)state;
    setup(&value_fixture, 1, values);
    return 0;
}

static int drop_values(void **state)
{
    (void)state;
    teardown(&value_fixture);
    return 0;
}

static void finds_values(void **state)
{
    const size_t at = *(const size_t *)*state;
    char body[512];
    snprintf(body, sizeof body, "{\"query\":%s}", value_cases[at].query);
    expect_ids(&value_fixture, body, value_cases[at].ids);
}

/* ---- sorting ---- */

static void sorts_by_fields(void **state)
{
    (void)state;
    fixture f;
    setup(&f, 1, values);
    expect_ids(&f, "{\"sort\":[\"n\"]}", "0,1,2,3");
    expect_ids(&f, "{\"sort\":[{\"n\":\"desc\"}]}", "1,2,0,3");
    expect_ids(&f, "{\"sort\":[{\"n\":{\"order\":\"desc\",\"missing\":\"_first\"}}]}", "3,1,2,0");
    expect_ids(&f, "{\"sort\":[{\"n\":{\"order\":\"asc\",\"missing\":6}}]}", "0,1,3,2");
    expect_ids(&f, "{\"sort\":[{\"n\":{\"order\":\"asc\",\"mode\":\"sum\"}}]}", "0,2,1,3");
    expect_ids(&f, "{\"sort\":[{\"k\":{\"order\":\"asc\",\"missing\":\"c\"}}]}", "1,3,2,0");
    expect_ids(&f, "{\"sort\":[{\"k\":\"desc\"},\"_doc\"]}", "0,1,2,3");
    expect_ids(&f, "{\"sort\":[\"a\"]}", "0,2,1,3");
    expect_ids(&f, "{\"sort\":[{\"b\":\"asc\"}]}", "1,0,2,3");
    expect_ids(&f, "{\"sort\":[{\"zz\":{\"unmapped_type\":\"long\"}},{\"n\":\"desc\"}]}",
               "1,2,0,3");
    expect_ids(&f, "{\"sort\":[{\"_doc\":\"desc\"}],\"size\":2}", "3,2");
    teardown(&f);
}

static void sort_values_are_printed_raw(void **state)
{
    (void)state;
    fixture f;
    setup(&f, 1, values);
    expect(&f, "{\"sort\":[\"d\",\"f\",\"k\",\"a\"],\"size\":1}",
           "\"sort\":[1704067200000,1.5,\"red\",\"10.0.0.1\"]");
    expect(&f, "{\"sort\":[\"d\",\"f\",\"k\"],\"search_after\":[1706745600000,null,\"green\"]}",
           "\"sort\":[9223372036854775807,\"Infinity\",null]");
    expect(&f, "{\"sort\":[{\"d\":{\"format\":\"yyyy-MM-dd\"}}],\"size\":1}",
           "\"sort\":[\"2024-01-01\"]");
    expect(&f, "{\"sort\":[{\"d\":{\"format\":\"yyyy-MM-dd\"}}],\"search_after\":[\"2024-01-31\"]}",
           "\"_id\":\"1\"");
    expect(&f, "{\"sort\":\"n\",\"size\":1}", "\"max_score\":null");
    expect(&f, "{\"sort\":\"n\",\"size\":1,\"track_scores\":true}", "\"max_score\":1.0");
    expect(&f, "{\"sort\":[\"_score\"],\"size\":1}", "\"_score\":1.0,\"_source\"");
    teardown(&f);
}

/* ---- the parts of a hit ---- */

static void hits_show_what_is_asked_for(void **state)
{
    (void)state;
    fixture f;
    setup(&f, 1, "{\"t\":\"a\",\"o\":{\"x\":\"1\"},\"k\":[\"p\"]}");
    expect(&f, "{\"version\":true,\"seq_no_primary_term\":true}",
           "{\"_index\":\"i\",\"_id\":\"0\",\"_version\":1,\"_seq_no\":0,\"_primary_term\":1,"
           "\"_score\":1.0,\"_source\":{\"t\":\"a\",\"o\":{\"x\":\"1\"},\"k\":[\"p\"]}}");
    expect(&f, "{\"_source\":false}", "\"_score\":1.0}]");
    expect(&f, "{\"_source\":\"o.*\"}", "\"_source\":{\"o\":{\"x\":\"1\"}}}");
    expect(&f, "{\"_source\":[\"t\",\"k\"]}", "\"_source\":{\"t\":\"a\",\"k\":[\"p\"]}}");
    expect(&f, "{\"_source\":{\"excludes\":[\"o\"]}}", "\"_source\":{\"t\":\"a\",\"k\":[\"p\"]}}");
    expect(&f,
           "{\"query\":{\"bool\":{\"should\":[{\"match\":{\"t\":{\"query\":\"a\",\"_name\":"
           "\"first\"}}},{\"term\":{\"k\":{\"value\":\"z\",\"_name\":\"second\"}}}]}}}",
           "\"matched_queries\":[\"first\"]");
    expect(&f, "{\"track_total_hits\":false,\"size\":0}",
           "{\"hits\":{\"max_score\":null,\"hits\":[]}}");
    teardown(&f);
}

static void totals_follow_their_threshold(void **state)
{
    (void)state;
    fixture f;
    setup(&f, 1, values);
    expect(&f, "{\"track_total_hits\":2}", "\"total\":{\"value\":2,\"relation\":\"gte\"}");
    expect(&f, "{\"track_total_hits\":4}", "\"total\":{\"value\":4,\"relation\":\"eq\"}");
    expect(&f, "{\"track_total_hits\":2,\"size\":0,\"query\":{\"exists\":{\"field\":\"n\"}}}",
           "\"total\":{\"value\":2,\"relation\":\"gte\"}");
    test_index_kill(&f.index, 0, 0, 1);
    expect(&f, "{\"size\":0}", "\"total\":{\"value\":3,\"relation\":\"eq\"}");
    expect(&f, "{\"size\":0,\"query\":{\"term\":{\"k\":\"green\"}}}",
           "\"total\":{\"value\":1,\"relation\":\"eq\"}");
    teardown(&f);
}

static void filters_cut_after_scoring(void **state)
{
    (void)state;
    fixture f;
    setup(&f, 1, three);
    expect_ids(&f, "{\"query\":{\"match\":{\"t\":\"quick dog\"}},\"min_score\":0.23}", "1,2");
    expect_ids(&f,
               "{\"query\":{\"match\":{\"t\":\"quick dog\"}},\"post_filter\":{\"term\":{\"t\":"
               "\"lazy\"}}}",
               "2");
    expect(&f, "{\"terminate_after\":1,\"query\":{\"match_all\":{}}}",
           "\"total\":{\"value\":1,\"relation\":\"eq\"}");
    expect_ids(&f, "{\"from\":1,\"size\":1,\"query\":{\"match\":{\"t\":\"quick dog\"}}}", "2");
    teardown(&f);
}

/* ---- refusals ---- */

static const struct {
    const char *name, *body, *type, *part;
} refusals[] = {
    {"an unknown key", "{\"qury\":\"x\"}", "parsing_exception",
     "Unknown key for a VALUE_STRING in [qury]."},
    {"an unknown object", "{\"foo\":{}}", "parsing_exception",
     "Unknown key for a START_OBJECT in [foo]."},
    {"a negative size", "{\"size\":-1}", "illegal_argument_exception",
     "[size] parameter cannot be negative, found [-1]"},
    {"a window too large", "{\"from\":9999,\"size\":2}", "illegal_argument_exception",
     "from + size must be less than or equal to: [10000] but was [10001]"},
    {"highlight", "{\"highlight\":{\"fields\":{\"t\":{}}}}", "illegal_argument_exception",
     "[highlight] is not supported"},
    {"a sort on text", "{\"sort\":\"t\"}", "illegal_argument_exception",
     "Fielddata is disabled on [t] in [i]. Text fields are not optimised for operations"},
    {"a sort on nothing", "{\"sort\":\"zz\"}", "query_shard_exception",
     "No mapping found for [zz] in order to sort on"},
    {"an order", "{\"sort\":{\"n\":\"up\"}}", "illegal_argument_exception", "use [asc] or [desc]"},
    {"search_after without sort", "{\"search_after\":[1]}", "illegal_argument_exception",
     "Sort must contain at least one field."},
    {"search_after of another length", "{\"sort\":\"n\",\"search_after\":[1,2]}",
     "illegal_argument_exception", "search_after has 2 value(s) but sort has 1."},
    {"search_after that is no number", "{\"sort\":\"n\",\"search_after\":[\"x\"]}",
     "illegal_argument_exception", "Failed to parse search_after value for field [n]."},
    {"search_after with from", "{\"sort\":\"n\",\"from\":1,\"search_after\":[1]}",
     "illegal_argument_exception", "`from` parameter must be set to 0"},
    {"a number that is none", "{\"query\":{\"match\":{\"n\":\"abc\"}}}", "query_shard_exception",
     "failed to create query: For input string: \"abc\""},
    {"a prefix of numbers", "{\"query\":{\"prefix\":{\"n\":\"1\"}}}", "query_shard_exception",
     "Can only use prefix queries on keyword, text and wildcard fields - not on [n]"},
    {"an unknown analyzer",
     "{\"query\":{\"match\":{\"t\":{\"query\":\"a\",\"analyzer\":\"standrd\"}}}}",
     "query_shard_exception", "[match] analyzer [standrd] not found"},
    {"an unknown aggregation", "{\"aggs\":{\"x\":{\"trms\":{\"field\":\"k\"}}}}",
     "parsing_exception", "Unknown aggregation type [trms]"},
};
#define REFUSALS (sizeof refusals / sizeof refusals[0])

static void refuses(void **state)
{
    const size_t at = *(const size_t *)*state;
    expect_error(&value_fixture, refusals[at].body, refusals[at].type, refusals[at].part);
}

static void deadlines_and_cancellation_end_a_search(void **state)
{
    (void)state;
    fixture f;
    setup(&f, 1, three);
    auk_search_request request;
    auk_search_result result;
    auk_search_target target = test_index_target(&f.index);
    atomic_bool cancelled = true;
    auk_search_context context = {.now_ms = 1, .deadline_us = 1};
    test_request("{}", f.arena, &request);
    assert_int_equal(auk_search_run(&target, 1, &request, &context, f.arena, &result, NULL),
                     AUK_OK);
    assert_true(result.timed_out);
    assert_int_equal(result.hit_count, 0);
    context = (auk_search_context){.now_ms = 1, .cancelled = &cancelled};
    assert_int_equal(auk_search_run(&target, 1, &request, &context, f.arena, &result, NULL),
                     AUK_CANCELLED);
    teardown(&f);
}

static void counts_without_hits(void **state)
{
    (void)state;
    fixture f;
    setup(&f, 1, three);
    auk_search_target target = test_index_target(&f.index);
    auk_search_context context = {.now_ms = 1};
    uint64_t count;
    assert_int_equal(auk_search_count(&target, 1, NULL, &context, f.arena, &count, NULL), AUK_OK);
    assert_int_equal(count, 3);
    teardown(&f);
}

static void one_document_is_explained_by_id(void **state)
{
    (void)state;
    fixture f;
    setup(&f, 1, three);
    auk_search_target target = test_index_target(&f.index);
    auk_search_context context = {.now_ms = 1};
    auk_search_request request;
    auk_buffer out;
    auk_json_writer writer;
    bool found;
    test_request("{\"query\":{\"match\":{\"t\":\"lazy\"}}}", f.arena, &request);
    for (int i = 0; i < 3; i++) {
        static const char *const ids[] = {"2", "0", "99"};
        auk_buffer_init(&out, 1 << 20);
        auk_json_writer_init(&writer, &out, false);
        auk_json_begin_object(&writer);
        assert_int_equal(auk_search_explain(&target, 0, auk_span_of(ids[i]), request.query,
                                            &context, f.arena, &found, &writer, NULL),
                         AUK_OK);
        auk_json_end_object(&writer);
        auk_buffer_append_byte(&out, 0);
        assert_int_equal(found, i < 2);
        if (i == 0)
            assert_non_null(
                strstr(out.data, "{\"matched\":true,\"explanation\":{\"value\":0.49662238"));
        if (i == 1)
            assert_non_null(strstr(out.data, "{\"matched\":false,\"explanation\":{\"value\":0.0,"
                                             "\"description\":\"no match"));
        auk_buffer_deinit(&out);
    }
    teardown(&f);
}

int main(void)
{
    static size_t numbers[VALUE_CASES + REFUSALS];
    struct CMUnitTest cases[VALUE_CASES + REFUSALS] = {{0}};
    for (size_t i = 0; i < VALUE_CASES + REFUSALS; i++) {
        bool value = i < VALUE_CASES;
        numbers[i] = value ? i : i - VALUE_CASES;
        cases[i].name = value ? value_cases[i].name : refusals[i - VALUE_CASES].name;
        cases[i].test_func = value ? finds_values : refuses;
        cases[i].initial_state = &numbers[i];
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores_are_those_of_lucene),
        cmocka_unit_test(an_explanation_is_lucenes_tree),
        cmocka_unit_test(explanations_of_compounds_sum_what_matches),
        cmocka_unit_test(a_phrase_needs_its_words_in_a_row),
        cmocka_unit_test(slop_counts_moves),
        cmocka_unit_test(sorts_by_fields),
        cmocka_unit_test(sort_values_are_printed_raw),
        cmocka_unit_test(hits_show_what_is_asked_for),
        cmocka_unit_test(totals_follow_their_threshold),
        cmocka_unit_test(filters_cut_after_scoring),
        cmocka_unit_test(deadlines_and_cancellation_end_a_search),
        cmocka_unit_test(counts_without_hits),
        cmocka_unit_test(one_document_is_explained_by_id),
    };
    int failed = cmocka_run_group_tests_name("search", tests, NULL, NULL);
    return failed + cmocka_run_group_tests_name("search values", cases, make_values, drop_values);
}
