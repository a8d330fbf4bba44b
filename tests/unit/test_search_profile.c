/*
 * A profile tells what was done: for each shape of a query and each way to ask, which evaluator ran
 * and how the total was found, with figures that add up with what is known of the documents.
 */
#include "test.h"

#include "auk/clock.h"
#include "search_support.h"

/* Documents of one segment, those that have a word, and blocks of a list of so many. */
enum { DOCS = 20000, HALF = DOCS / 2, TENTH = DOCS / 10, RARE = DOCS / 1000, PAIRS = DOCS / 50 };
#define BLOCKS(docs) (((docs) + AUK_BLOCK_DOCS - 1) / AUK_BLOCK_DOCS)

static const char mapping[] =
    "{\"properties\":{\"t\":{\"type\":\"text\"},\"k\":{\"type\":\"keyword\"},"
    "\"n\":{\"type\":\"long\"}}}";

/* "one two" stands in every 50th document, the words in every 25th. */
static auk_span make_source(uint32_t doc, auk_arena *arena)
{
    auk_buffer out;
    auk_buffer_init(&out, 1 << 16);
    auk_buffer_printf(&out, "{\"k\":\"k%u\",\"n\":%u,\"t\":\"all", doc % 7, doc);
    auk_buffer_append_text(&out, doc % 2 == 0 ? " half" : "");
    auk_buffer_append_text(&out, doc % 10 == 0 ? " tenth" : "");
    auk_buffer_append_text(&out, doc % 1000 == 0 ? " rare" : "");
    auk_buffer_append_text(&out, doc % 50 == 0 ? " one two" : doc % 25 == 0 ? " two one" : "");
    for (uint32_t i = doc * 7 % 41; i > 0; i--)
        auk_buffer_printf(&out, " f%u", (doc + i) % 97);
    auk_buffer_append_text(&out, "\"}");
    auk_span source = auk_arena_copy(arena, auk_buffer_span(&out));
    auk_buffer_deinit(&out);
    return source;
}

/* ---- shapes of queries, and ways to ask ---- */

#define TERM(word)    "{\"match\":{\"t\":\"" word "\"}}"
#define ALL           "{\"match_all\":{}}"
#define UNION         "{\"match\":{\"t\":\"half tenth\"}}"
#define FEW_OF_TWO    "{\"match\":{\"t\":\"rare one\"}}"
#define BOTH          "{\"bool\":{\"must\":[" TERM("half") "," TERM("tenth") "]}}"
#define BOTH_RARE     "{\"bool\":{\"must\":[" TERM("rare") "," TERM("half") "]}}"
#define BOTH_FEW      "{\"bool\":{\"must\":[" TERM("one") "," TERM("half") "]}}"
#define MORE          "{\"bool\":{\"must\":" TERM("half") ",\"should\":" TERM("tenth") "}}"
#define MORE_FREQUENT "{\"bool\":{\"must\":" TERM("tenth") ",\"should\":" TERM("half") "}}"
#define WITHOUT       "{\"bool\":{\"must\":" TERM("half") ",\"must_not\":" TERM("tenth") "}}"
#define FEW_LESS      "{\"bool\":{\"must\":" TERM("one") ",\"must_not\":" TERM("half") "}}"
#define PHRASE        "{\"match_phrase\":{\"t\":\"one two\"}}"
#define EVEN          "{\"constant_score\":{\"filter\":" TERM("tenth") "}}"
#define PREFIX        "{\"prefix\":{\"t\":\"hal\"}}"
#define WORDS         "{\"terms\":{\"k\":[\"k1\",\"k2\"]}}"
#define RANGE         "{\"range\":{\"n\":{\"gte\":1000,\"lt\":13000}}}"
#define BEST_OF       "{\"dis_max\":{\"queries\":[" TERM("half") "," TERM("tenth") "]}}"
#define TWO_OF        "{\"match\":{\"t\":{\"query\":\"half tenth rare\",\"minimum_should_match\":2}}}"

#define COUNT         "\"size\":0,\"track_total_hits\":true"
#define TOP           "\"size\":10,\"track_total_hits\":false"
#define SOME          "\"size\":11,\"track_total_hits\":false"
#define MANY          "\"size\":101,\"track_total_hits\":false"
#define TOTAL         "\"size\":10,\"track_total_hits\":true"
#define TO_100        "\"size\":10,\"track_total_hits\":100"
#define LEAST         TOTAL ",\"min_score\":0.0001"
#define RISING        ",\"sort\":{\"n\":\"asc\"}"
#define SCORES        ",\"sort\":[\"_score\",\"n\"]"
#define GROUPS        ",\"aggs\":{\"k\":{\"terms\":{\"field\":\"k\"}}}"

#define ANY           UINT32_MAX

typedef struct profile_case {
    const char *name, *query, *options;
    uint32_t matches;
    const char *total, *evaluator, *scorer; /* scorer "": none */
    uint32_t counted_blocks, scored;        /* exactly so many, or ANY */
} profile_case;

static const profile_case cases[] = {
    {"count of all", ALL, COUNT, DOCS, "statistics", "none", "", 0, 0},
    {"count of a word", TERM("half"), COUNT, HALF, "statistics", "none", "", 0, 0},
    {"count of no word", TERM("nowhere"), COUNT, 0, "statistics", "none", "", 0, 0},
    {"count of a union", UNION, COUNT, HALF, "marks", "none", "", BLOCKS(HALF) + BLOCKS(TENTH), 0},
    {"count of a small union", FEW_OF_TWO, COUNT, DOCS / 25, "marks", "none", "",
     BLOCKS(RARE) + BLOCKS(DOCS / 25), 0},
    {"count of an intersection", BOTH, COUNT, TENTH, "marks", "none", "", ANY, 0},
    {"count of a small intersection", BOTH_RARE, COUNT, RARE, "batches", "none", "", ANY, 0},
    {"count of required and optional", MORE, COUNT, HALF, "statistics", "none", "", 0, 0},
    {"count without", WITHOUT, COUNT, HALF - TENTH, "marks", "none", "", ANY, 0},
    {"small count without", FEW_LESS, COUNT, DOCS / 50, "batches", "none", "", ANY, 0},
    {"count of a phrase", PHRASE, COUNT, PAIRS, "batches", "none", "", ANY, 0},
    {"count of even scores", EVEN, COUNT, TENTH, "statistics", "none", "", 0, 0},
    {"count of a prefix", PREFIX, COUNT, HALF, "marks", "none", "", BLOCKS(HALF), 0},
    {"count of a range", RANGE, COUNT, 12000, "marks", "none", "", 0, 0},
    {"count of the best of", BEST_OF, COUNT, HALF, "marks", "none", "", ANY, 0},
    {"count of two of three", TWO_OF, COUNT, TENTH, "marks", "none", "", ANY, 0},

    {"top of all", ALL, TOP, DOCS, "statistics", "windows above a floor", "every document", 0, 0},
    {"top of a word", TERM("half"), TOP, HALF, "statistics", "best documents",
     "best documents of a term", 0, ANY},
    {"top of a rarer word", TERM("one"), TOP, DOCS / 25, "statistics", "best documents",
     "best documents of a term", 0, ANY},
    {"top of a rare word", TERM("rare"), TOP, RARE, "statistics", "best blocks first", "term", 0,
     ANY},
    {"some more of a rarer word", TERM("one"), SOME, DOCS / 25, "statistics", "best blocks first",
     "term", 0, ANY},
    {"many of a word", TERM("half"), MANY, HALF, "statistics", "best blocks first", "term", 0, ANY},
    {"top of no word", TERM("nowhere"), TOP, 0, "statistics", "nothing matches", "", 0, 0},
    {"top of a union", UNION, TOP, HALF, "none", "windows above a floor", "union", 0, ANY},
    {"top of an intersection", BOTH, TOP, TENTH, "none", "batches above a floor", "intersection", 0,
     ANY},
    {"top of required and rarer", MORE, TOP, HALF, "statistics", "rarest words first",
     "required and optional", 0, ANY},
    {"top of required and more frequent", MORE_FREQUENT, TOP, TENTH, "statistics",
     "batches above a floor", "required and optional", 0, ANY},
    {"top without", WITHOUT, TOP, HALF - TENTH, "none", "batches above a floor",
     "included and excluded", 0, ANY},
    {"top of a phrase", PHRASE, TOP, PAIRS, "none", "windows above a floor", "phrase", 0, ANY},
    {"top of even scores", EVEN, TOP, TENTH, "statistics", "windows above a floor", "constant", 0,
     0},
    {"top of a prefix", PREFIX, TOP, HALF, "none", "windows above a floor", "term, all scores even",
     0, 0},
    {"top of words", WORDS, TOP, ANY, "none", "windows above a floor", "bits", 0, 0},
    {"top of a range", RANGE, TOP, 12000, "none", "windows above a floor", "column of numbers", 0,
     0},
    {"top of the best of", BEST_OF, TOP, HALF, "none", "windows above a floor", "best of several",
     0, ANY},
    {"top of two of three", TWO_OF, TOP, TENTH, "none", "windows above a floor",
     "union of at least so many", 0, ANY},

    {"both of a word", TERM("half"), TOTAL, HALF, "statistics", "best documents",
     "best documents of a term", 0, ANY},
    {"both of a union", UNION, TOTAL, HALF, "marks", "windows above a floor", "union",
     BLOCKS(HALF) + BLOCKS(TENTH), ANY},
    {"both of a small union", FEW_OF_TWO, TOTAL, DOCS / 25, "marks", "windows above a floor",
     "union", BLOCKS(RARE) + BLOCKS(DOCS / 25), ANY},
    {"a small union until 100", FEW_OF_TWO, TO_100, DOCS / 25, "batches", "windows above a floor",
     "union", ANY, ANY},
    {"both of an intersection", BOTH, TOTAL, TENTH, "marks", "batches above a floor",
     "intersection", ANY, ANY},
    {"both of a small intersection", BOTH_FEW, TOTAL, DOCS / 50, "hits", "every match",
     "intersection", 0, 2 * (DOCS / 50)},
    {"both without", WITHOUT, TOTAL, HALF - TENTH, "marks", "batches above a floor",
     "included and excluded", ANY, ANY},
    {"both of few without", FEW_LESS, TOTAL, DOCS / 50, "hits", "every match",
     "included and excluded", 0, DOCS / 25},
    {"both of a phrase", PHRASE, TOTAL, PAIRS, "hits", "every match", "phrase", 0, PAIRS},
    {"an intersection until 100", BOTH, TO_100, TENTH, "marks", "batches above a floor",
     "intersection", ANY, ANY},
    {"a small intersection until 100", BOTH_FEW, TO_100, DOCS / 50, "hits",
     "every match, then above a floor", "intersection", 0, ANY},
    {"a word with a least score", TERM("half"), LEAST, HALF, "hits", "every match", "term", 0,
     HALF},
    {"a union with a least score", UNION, LEAST, HALF, "hits", "every match", "union", 0,
     HALF + TENTH},

    {"all by a field", ALL, TOP RISING, DOCS, "statistics", "best zones first", "", 0, 0},
    {"a word by a field", TERM("half"), TOP RISING, HALF, "statistics", "rounds of the best zones",
     "", 0, 0},
    {"an intersection by a field", BOTH, TOTAL RISING, TENTH, "marks",
     "windows without the worst zones", "", 0, 0},
    {"a union by a field", UNION, TOTAL RISING, HALF, "marks", "rounds of the best zones", "",
     BLOCKS(HALF) + BLOCKS(TENTH), 0},
    {"a word by score and field", TERM("half"), TOTAL SCORES, HALF, "statistics", "every match",
     "term", 0, HALF},

    {"groups of all", ALL, COUNT GROUPS, DOCS, "statistics", "none", "", 0, 0},
    {"groups of a word", TERM("half"), TOTAL GROUPS, HALF, "marks", "best documents",
     "best documents of a term", BLOCKS(HALF), ANY},
    {"groups of an intersection", BOTH, TOTAL GROUPS, TENTH, "hits", "every match", "intersection",
     0, 2 * TENTH},
    {"groups of an intersection alone", BOTH, COUNT GROUPS, TENTH, "marks", "none", "", ANY, 0},
};

/* ---- what a profile says ---- */

static const auk_json *profile_of(test_index *index, const char *body, auk_arena *arena,
                                  auk_search_result *result)
{
    auk_error err = {0};
    auk_search_request request;
    auk_search_target target = test_index_target(index);
    auk_search_context context = {.now_ms = 1};
    const auk_json *profile;
    auk_buffer text;
    auk_json_writer json;
    test_request(body, arena, &request);
    assert_int_equal(auk_search_run(&target, 1, &request, &context, arena, result, &err), AUK_OK);
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&json, &text, false);
    auk_json_begin_object(&json);
    auk_search_write_profile(result, AUK_SPAN("node"), arena, &json);
    auk_json_end_object(&json);
    assert_int_equal(auk_json_parse(auk_buffer_span(&text), arena, &profile, &err), AUK_OK);
    auk_buffer_deinit(&text);
    return auk_json_get(profile, "profile");
}

static const auk_json *first_segment(const auk_json *profile)
{
    const auk_json *shard = auk_json_get(profile, "shards")->child;
    return auk_json_get(auk_json_get(shard, "auk"), "segments")->child;
}

static uint64_t figure(const auk_json *segment, const char *name)
{
    int64_t value = -1;
    assert_true(auk_json_to_int64(auk_json_get(segment, name), &value));
    return (uint64_t)value;
}

static void expect_text(const profile_case *c, const auk_json *segment, const char *member,
                        const char *wanted)
{
    const auk_json *value = auk_json_get(segment, member);
    auk_span text = value ? value->text : AUK_SPAN("");
    if (!auk_span_equal(text, auk_span_of(wanted)))
        fail_msg("%s: %s is \"%.*s\", not \"%s\"", c->name, member, AUK_SPAN_ARG(text), wanted);
}

static void expect_figure(const profile_case *c, const auk_json *segment, const char *member,
                          uint32_t wanted)
{
    if (wanted != ANY && figure(segment, member) != wanted)
        fail_msg("%s: %s is %llu, not %u", c->name, member,
                 (unsigned long long)figure(segment, member), wanted);
}

/* Phases that did not run took no time, those that looked at many blocks some, and all of them no
 * more than was waited. */
static void expect_times(const profile_case *c, const auk_json *segment, uint64_t waited_us)
{
    uint64_t count_ns = figure(segment, "count_in_nanos");
    uint64_t open_ns = figure(segment, "open_in_nanos");
    uint64_t collect_ns = figure(segment, "collect_in_nanos");
    uint64_t aggregate_ns = figure(segment, "aggregate_in_nanos");
    bool hits = strcmp(c->evaluator, "none") != 0;
    bool groups = strstr(c->options, "aggs") != NULL;
    assert_true(hits || open_ns == 0);
    assert_true(groups || aggregate_ns == 0);
    if (strcmp(c->evaluator, "every match") == 0)
        assert_true(collect_ns > 0);
    else if (!hits && strcmp(c->total, "marks") == 0)
        assert_true((groups ? aggregate_ns : count_ns) > 0);
    assert_true(count_ns + open_ns + collect_ns + aggregate_ns <= (waited_us + 1) * 1000);
}

static void expect_blocks(const profile_case *c, const auk_json *segment)
{
    bool every = strcmp(c->evaluator, "every match") == 0;
    uint64_t listed = figure(segment, "blocks"), decoded = figure(segment, "blocks_decoded");
    assert_true(decoded <= listed);
    assert_int_equal(figure(segment, "blocks_skipped"), listed - decoded);
    expect_figure(c, segment, "blocks_decoded_counting", c->counted_blocks);
    expect_figure(c, segment, "documents_scored", c->scored);
    if (every)
        expect_figure(c, segment, "documents_collected", c->matches);
    if (every && strcmp(c->scorer, "term") == 0)
        assert_int_equal(decoded, BLOCKS(HALF));
    if (strcmp(c->evaluator, "none") == 0) {
        expect_figure(c, segment, "documents_collected", 0);
        assert_int_equal(listed, 0);
    }
    if (strcmp(c->evaluator, "best documents") == 0) {
        assert_int_equal(listed, 0);
        assert_true(figure(segment, "documents_collected") >= 10);
        assert_int_equal(figure(segment, "documents_collected"),
                         figure(segment, "documents_scored"));
    }
}

static void try_case(test_index *index, const profile_case *c)
{
    auk_arena *arena = auk_arena_create(1 << 16);
    auk_search_result result, plain;
    uint64_t begin_us = auk_clock_monotonic_us();
    auk_span asked =
        auk_arena_printf(arena, "{\"profile\":true,%s,\"query\":%s}", c->options, c->query);
    const auk_json *segment = first_segment(profile_of(index, asked.data, arena, &result));
    uint64_t waited_us = auk_clock_monotonic_us() - begin_us;
    expect_text(c, segment, "total", c->total);
    expect_text(c, segment, "evaluator", c->evaluator);
    expect_text(c, segment, "scorer", c->scorer);
    expect_blocks(c, segment);
    expect_times(c, segment, waited_us);
    if (c->matches != ANY && strcmp(c->total, "none") != 0 && !strstr(c->options, "100,"))
        assert_true(result.total == c->matches || strstr(c->options, ":100"));

    asked = auk_arena_printf(arena, "{%s,\"query\":%s}", c->options, c->query);
    assert_null(profile_of(index, asked.data, arena, &plain));
    assert_int_equal(plain.total, result.total);
    assert_int_equal(plain.hit_count, result.hit_count);
    auk_arena_destroy(arena);
}

static void a_profile_tells_what_was_done(void **state)
{
    (void)state;
    test_index index;
    uint32_t next_id = 0;
    test_index_init(&index, "told", mapping, 1);
    auk_span *sources = AUK_ARENA_ARRAY(index.arena, auk_span, DOCS);
    for (uint32_t i = 0; i < DOCS; i++)
        sources[i] = make_source(i, index.arena);
    test_index_add(&index, 0, sources, DOCS, &next_id);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        try_case(&index, &cases[i]);
    test_index_deinit(&index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_profile_tells_what_was_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
