/*
 * Hits in the order of fields and aggregations, by blocks of columns, are those of looking at every
 * match: over columns that are constant, rising, random, sparse, of several values and of extreme
 * ones, over segments, shards, deletions and threads. A min_score of 0 switches every shortcut off.
 */
#include "test.h"

#include "search_support.h"

enum { ROUNDS = 40 };

static const char mapping[] =
    "{\"properties\":{\"same\":{\"type\":\"long\"},\"rise\":{\"type\":\"date\"},"
    "\"at\":{\"type\":\"date\"},\"any\":{\"type\":\"long\"},\"few\":{\"type\":\"integer\"},"
    "\"rare\":{\"type\":\"long\"},\"many\":{\"type\":\"long\"},\"far\":{\"type\":\"long\"},"
    "\"part\":{\"type\":\"double\"},\"tag\":{\"type\":\"keyword\"},\"tags\":{\"type\":\"keyword\"},"
    "\"wide\":{\"type\":\"keyword\"}}}";

static const char *const fields[] = {"same", "rise", "at",   "any", "few",  "rare",
                                     "many", "far",  "part", "tag", "tags", "wide"};
enum { FIELDS = 12, FIRST_TEXT = 9 };

static uint64_t seed;

static uint32_t draw(uint32_t limit)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((seed >> 33) % limit);
}

static const char *pick(const char *const *of, uint32_t count)
{
    return of[draw(count)];
}

/* ---- documents ---- */

static void write_values(auk_buffer *out, const char *name, bool text, uint32_t limit)
{
    uint32_t count = draw(4);
    auk_buffer_printf(out, ",\"%s\":[", name);
    for (uint32_t i = 0; i < count; i++) {
        auk_buffer_append_text(out, i ? "," : "");
        auk_buffer_printf(out, text ? "\"s%u\"" : "%u", draw(limit));
    }
    auk_buffer_append_text(out, "]");
}

static auk_span make_source(uint32_t doc, auk_arena *arena)
{
    static const char *const far[] = {"-9223372036854775808", "9223372036854775807", "0", "-1"};
    auk_buffer out;
    auk_buffer_init(&out, 1 << 16);
    auk_buffer_printf(&out, "{\"same\":7,\"rise\":%lld,\"at\":%lld,\"any\":%d,\"few\":%u",
                      1650000000000LL + (long long)doc * 1800000 + draw(900000),
                      1640000000000LL + (long long)draw(2000000) * 50000,
                      (int)draw(2000000) - 1000000, draw(5));
    if (draw(300) == 0)
        auk_buffer_printf(&out, ",\"rare\":%u", draw(1000));
    if (draw(5))
        auk_buffer_printf(&out, ",\"far\":%s", pick(far, 4));
    if (draw(3))
        auk_buffer_printf(&out, ",\"part\":%d.5", (int)draw(4000) - 2000);
    write_values(&out, "many", false, 500);
    if (draw(20))
        auk_buffer_printf(&out, ",\"tag\":\"t%u\"", draw(1u << draw(8)));
    write_values(&out, "tags", true, 60);
    auk_buffer_printf(&out, ",\"wide\":\"w%u\"}", draw(30000));
    auk_span source = auk_arena_copy(arena, auk_buffer_span(&out));
    auk_buffer_deinit(&out);
    return source;
}

static void add_segment(test_index *index, uint32_t shard, uint32_t count, uint32_t *next_id)
{
    auk_span *sources = AUK_ARENA_ARRAY(index->arena, auk_span, count);
    for (uint32_t i = 0; i < count; i++)
        sources[i] = make_source(*next_id + i, index->arena);
    test_index_add(index, shard, sources, count, next_id);
}

/* ---- requests ---- */

static void write_query(auk_buffer *out, uint32_t depth)
{
    switch (draw(depth ? 8 : 6)) {
    case 0:
        auk_buffer_append_text(out, "{\"match_all\":{}}");
        break;
    case 1:
        auk_buffer_printf(out, "{\"term\":{\"tag\":\"t%u\"}}", draw(1u << draw(8)));
        break;
    case 2:
        auk_buffer_printf(out, "{\"range\":{\"any\":{\"gte\":%d,\"lt\":%d}}}",
                          (int)draw(2000000) - 1000000, (int)draw(2400000) - 1000000);
        break;
    case 3:
        auk_buffer_printf(out, "{\"range\":{\"rise\":{\"gte\":%lld}}}",
                          1650000000000LL + (long long)draw(70000) * 1800000);
        break;
    case 4:
        auk_buffer_printf(out, "{\"terms\":{\"few\":[%u,%u]}}", draw(6), draw(6));
        break;
    case 5:
        auk_buffer_printf(out, "{\"prefix\":{\"wide\":\"w%u\"}}", draw(300));
        break;
    default:
        auk_buffer_printf(out, "{\"bool\":{\"%s\":[",
                          pick((const char *[]){"filter", "should"}, 2));
        write_query(out, depth - 1);
        auk_buffer_append_text(out, ",");
        write_query(out, depth - 1);
        auk_buffer_append_text(out, "],\"must_not\":[");
        if (draw(2))
            write_query(out, 0);
        auk_buffer_append_text(out, "]}}");
    }
}

static void write_key(auk_buffer *out)
{
    static const char *const orders[] = {"asc", "desc"};
    static const char *const modes[] = {"min", "max", "avg", "sum", "median"};
    uint32_t field = draw(FIELDS);
    if (draw(15) == 0) {
        auk_buffer_printf(out, "{\"_doc\":\"%s\"}", pick(orders, 2));
        return;
    }
    auk_buffer_printf(out, "{\"%s\":{\"order\":\"%s\"", fields[field], pick(orders, 2));
    if (draw(3) == 0)
        auk_buffer_printf(out, ",\"missing\":\"%s\"", draw(2) ? "_first" : "_last");
    else if (draw(4) == 0)
        auk_buffer_printf(out, field >= FIRST_TEXT ? ",\"missing\":\"t%u\"" : ",\"missing\":%u",
                          draw(400));
    if (draw(3) == 0)
        auk_buffer_printf(out, ",\"mode\":\"%s\"", pick(modes, field >= FIRST_TEXT ? 2 : 5));
    auk_buffer_append_text(out, "}}");
}

static void write_sort(auk_buffer *out)
{
    uint32_t keys = 1 + draw(3);
    auk_buffer_append_text(out, "\"sort\":[");
    for (uint32_t i = 0; i < keys; i++) {
        auk_buffer_append_text(out, i ? "," : "");
        write_key(out);
    }
    auk_buffer_append_text(out, "]");
}

static void write_terms(auk_buffer *out)
{
    static const char *const of[] = {"tag", "tags", "wide", "few", "same", "rare", "any"};
    uint32_t field = draw(7);
    auk_buffer_printf(out, "\"terms\":{\"field\":\"%s\",\"size\":%u", of[field], 1 + draw(40));
    if (draw(4) == 0)
        auk_buffer_printf(out, field < 3 ? ",\"missing\":\"t%u\"" : ",\"missing\":%u", draw(9));
    if (draw(4) == 0 && field < 3)
        auk_buffer_printf(out, ",\"include\":\"t%u.*\"", draw(9));
    if (draw(4) == 0 && field >= 3)
        auk_buffer_printf(out, ",\"exclude\":[%u,7]", draw(5));
    if (draw(5) == 0)
        auk_buffer_append_text(out, ",\"order\":{\"_key\":\"desc\"}");
    if (draw(9) == 0)
        auk_buffer_append_text(out, ",\"min_doc_count\":0");
}

static void write_dates(auk_buffer *out)
{
    static const char *const steps[] = {"\"fixed_interval\":\"1d\"",
                                        "\"fixed_interval\":\"7h\"",
                                        "\"fixed_interval\":\"30d\"",
                                        "\"calendar_interval\":\"month\"",
                                        "\"calendar_interval\":\"week\"",
                                        "\"calendar_interval\":\"quarter\"",
                                        "\"calendar_interval\":\"day\""};
    static const char *const zones[] = {"+05:30", "America/New_York", "Europe/Berlin",
                                        "Australia/Lord_Howe"};
    auk_buffer_printf(out, "\"date_histogram\":{\"field\":\"%s\",%s", draw(2) ? "at" : "rise",
                      pick(steps, 7));
    if (draw(3) == 0)
        auk_buffer_printf(out, ",\"time_zone\":\"%s\"", pick(zones, 4));
    if (draw(5) == 0)
        auk_buffer_printf(out, ",\"offset\":\"%uh\"", draw(30));
    if (draw(5) == 0)
        auk_buffer_append_text(out,
                               ",\"hard_bounds\":{\"min\":1660000000000,\"max\":1680000000000}");
    auk_buffer_append_text(out, ",\"min_doc_count\":1");
}

static void write_ranges(auk_buffer *out)
{
    static const char *const of[] = {"any", "part", "far", "rare", "same", "many"};
    uint32_t count = 1 + draw(4);
    auk_buffer_printf(out, "\"range\":{\"field\":\"%s\",\"ranges\":[", pick(of, 6));
    for (uint32_t i = 0; i < count; i++) {
        int from = (int)draw(2000) - 1000;
        auk_buffer_printf(out, "%s{\"from\":%d.%u", i ? "," : "", from * (draw(2) ? 1000 : 1),
                          draw(2) * 5);
        if (draw(3))
            auk_buffer_printf(out, ",\"to\":%d", (from + (int)draw(1000)) * (draw(2) ? 1000 : 1));
        auk_buffer_append_text(out, "}");
    }
    auk_buffer_append_text(out, "]");
}

static void write_aggregations(auk_buffer *out)
{
    uint32_t count = 1 + draw(3);
    auk_buffer_append_text(out, "\"aggs\":{");
    for (uint32_t i = 0; i < count; i++) {
        auk_buffer_printf(out, "%s\"a%u\":{", i ? "," : "", i);
        uint32_t kind = draw(7);
        if (kind < 2)
            write_terms(out);
        else if (kind < 4)
            write_dates(out);
        else if (kind < 6)
            write_ranges(out);
        else
            auk_buffer_printf(out, "\"stats\":{\"field\":\"%s\"", draw(2) ? "any" : "part");
        auk_buffer_append_text(out, "}");
        if (kind < 6 && draw(4) == 0)
            auk_buffer_append_text(out, ",\"aggs\":{\"s\":{\"max\":{\"field\":\"any\"}}}");
        auk_buffer_append_text(out, "}");
    }
    auk_buffer_append_text(out, "}");
}

/* ---- running ---- */

static auk_pool *pools[2]; /* of 1 and 3 threads: with the caller 2 and 4 */

typedef struct answer {
    auk_span text; /* sort values, aggregations */
    auk_search_result result;
} answer;

/* pool NULL: one thread and one task a shard or more; else as many tasks as can be */
static answer run(test_index *index, const char *head, auk_span rest, auk_pool *pool,
                  auk_arena *arena)
{
    auk_error err = {0};
    auk_search_request request;
    auk_search_target target = test_index_target(index);
    auk_search_context context = {.now_ms = 1, .pool = pool, .task_docs = pool ? 1 : 0};
    auk_span body = auk_arena_printf(arena, "{%s,%.*s}", head, AUK_SPAN_ARG(rest));
    answer out;
    test_request(body.data, arena, &request);
    if (auk_search_run(&target, 1, &request, &context, arena, &out.result, &err) != AUK_OK)
        fail_msg("%s: %s", err.message, body.data);
    auk_buffer text;
    auk_json_writer json;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&json, &text, false);
    auk_json_begin_object(&json);
    assert_int_equal(auk_search_write(&target, &request, &out.result, arena, &json, &err), AUK_OK);
    auk_json_end_object(&json);
    auk_span whole = auk_arena_copy(arena, auk_buffer_span(&text));
    const char *at = strstr(whole.data, "\"hits\":[");
    out.text =
        at ? auk_span_make(at, whole.size - (size_t)(at - whole.data)) : auk_span_make("", 0);
    at = strstr(whole.data, "\"aggregations\"");
    if (at && out.result.hit_count == 0)
        out.text = auk_span_make(at, whole.size - (size_t)(at - whole.data));
    auk_buffer_deinit(&text);
    return out;
}

static void compare(const answer *want, const answer *got, auk_span rest)
{
    assert_int_equal(got->result.hit_count, want->result.hit_count);
    for (uint32_t i = 0; i < got->result.hit_count; i++) {
        const auk_hit *a = &want->result.hits[i], *b = &got->result.hits[i];
        if (a->shard != b->shard || a->segment != b->segment || a->doc != b->doc)
            fail_msg("hit %u is document %u of segment %u, not %u of %u: %.*s", i, b->doc,
                     b->segment, a->doc, a->segment, AUK_SPAN_ARG(rest));
    }
}

static void compare_texts(const answer *want, const answer *got, auk_span rest)
{
    if (!auk_span_equal(want->text, got->text))
        fail_msg("%.*s: %.*s, not %.*s", AUK_SPAN_ARG(rest), AUK_SPAN_ARG(got->text),
                 AUK_SPAN_ARG(want->text));
}

static void try_all(test_index *index, const char *exhaustive, const char *head, auk_span rest,
                    bool texts, auk_arena *arena)
{
    answer want = run(index, exhaustive, rest, NULL, arena);
    for (size_t i = 0; i < 3; i++) {
        answer got = run(index, head, rest, i ? pools[i - 1] : NULL, arena);
        compare(&want, &got, rest);
        if (texts)
            compare_texts(&want, &got, rest);
    }
    char exact[128];
    snprintf(exact, sizeof exact, "%s,\"track_total_hits\":true", head);
    answer got = run(index, exact, rest, NULL, arena);
    compare(&want, &got, rest);
    if (got.result.total != want.result.total)
        fail_msg("%llu matches, not %llu: %.*s", (unsigned long long)got.result.total,
                 (unsigned long long)want.result.total, AUK_SPAN_ARG(rest));
}

/* The page behind the last hit. */
static void write_after(auk_buffer *out, const answer *page, auk_arena *arena)
{
    const auk_json *json;
    auk_error err = {0};
    auk_span text = auk_arena_printf(arena, "{%.*s", AUK_SPAN_ARG(page->text));
    text.size--; /* the brace of "hits" is not open here */
    assert_int_equal(auk_json_parse(text, arena, &json, &err), AUK_OK);
    const auk_json *hit = auk_json_get(json, "hits")->child;
    while (hit->next)
        hit = hit->next;
    auk_buffer_printf(out, ",\"search_after\":%.*s", AUK_SPAN_ARG(auk_json_get(hit, "sort")->text));
}

static void try_sort(test_index *index, auk_arena *arena)
{
    static const uint32_t sizes[] = {1, 3, 10, 10, 100, 1500};
    auk_buffer body;
    auk_buffer_init(&body, 1 << 16);
    auk_buffer_printf(&body, "\"_source\":false,\"size\":%u,\"query\":", sizes[draw(6)]);
    write_query(&body, 2);
    auk_buffer_append_text(&body, ",");
    write_sort(&body);
    const char *all = "\"min_score\":0,\"track_total_hits\":true";
    const char *head = "\"profile\":false";
    try_all(index, all, head, auk_buffer_span(&body), false, arena);
    answer page = run(index, "\"profile\":false", auk_buffer_span(&body), NULL, arena);
    if (page.result.hit_count &&
        !strstr(auk_arena_copy(arena, auk_buffer_span(&body)).data, "_doc")) {
        write_after(&body, &page, arena);
        try_all(index, all, head, auk_buffer_span(&body), false, arena);
    }
    auk_buffer_deinit(&body);
}

static void try_aggregations(test_index *index, auk_arena *arena)
{
    auk_buffer body;
    auk_buffer_init(&body, 1 << 16);
    auk_buffer_append_text(&body, "\"_source\":false,\"query\":");
    write_query(&body, 2);
    auk_buffer_append_text(&body, ",");
    write_aggregations(&body);
    const char *all = "\"min_score\":0,\"size\":0,\"track_total_hits\":true";
    try_all(index, all, "\"size\":0", auk_buffer_span(&body), true, arena);
    /* beside hits */
    all = "\"min_score\":0,\"size\":10,\"track_total_hits\":true";
    try_all(index, all, "\"size\":10", auk_buffer_span(&body), false, arena);
    auk_buffer_deinit(&body);
}

static void try_requests(test_index *index, int rounds)
{
    auk_arena *arena = auk_arena_create(1 << 20);
    for (int i = 0; i < rounds; i++) {
        try_sort(index, arena);
        auk_arena_reset(arena);
        try_aggregations(index, arena);
        auk_arena_reset(arena);
    }
    auk_arena_destroy(arena);
}

/* ---- counts of ranges ---- */

static void write_bound(auk_buffer *out, uint32_t field)
{
    static const char *const ends[] = {"-9223372036854775808", "9223372036854775807", "-1", "0"};
    if (draw(8) == 0 && field != 1 && field != 2)
        auk_buffer_append_text(out, ends[draw(4)]);
    else if (field == 1)
        auk_buffer_printf(out, "%lld", 1650000000000LL + (long long)draw(42000) * 1800000);
    else if (field == 2)
        auk_buffer_printf(out, "%lld", 1640000000000LL + (long long)draw(2000000) * 50000);
    else if (field == 3)
        auk_buffer_printf(out, "%d", (int)draw(2200000) - 1100000);
    else
        auk_buffer_printf(out, "%d", (int)draw(1000) - 400);
}

/* A range, alone in one of the ways there are, or with a term that adds nothing. */
static void write_range_alone(auk_buffer *out)
{
    static const char *const heads[] = {"", "{\"bool\":{\"filter\":[", "{\"bool\":{\"must\":[",
                                        "{\"constant_score\":{\"filter\":",
                                        "{\"bool\":{\"should\":[{\"term\":{\"tag\":\"t1\"}}],"
                                        "\"filter\":["};
    static const char *const tails[] = {"", "]}}", "]}}", "}}", "]}}"};
    uint32_t way = draw(5), field = draw(FIRST_TEXT);
    auk_buffer_append_text(out, heads[way]);
    auk_buffer_printf(out, "{\"range\":{\"%s\":{\"%s\":", fields[field], draw(2) ? "gte" : "gt");
    write_bound(out, field);
    if (draw(4)) {
        auk_buffer_printf(out, ",\"%s\":", draw(2) ? "lte" : "lt");
        write_bound(out, field);
    }
    auk_buffer_append_text(out, "}}}");
    auk_buffer_append_text(out, tails[way]);
}

static void try_counts(test_index *index, int times)
{
    static const char *const heads[] = {"\"size\":0,\"track_total_hits\":true",
                                        "\"size\":5,\"track_total_hits\":true"};
    auk_arena *arena = auk_arena_create(1 << 20);
    for (int i = 0; i < times; i++) {
        auk_buffer body;
        auk_buffer_init(&body, 1 << 16);
        auk_buffer_append_text(&body, "\"_source\":false,\"query\":");
        write_range_alone(&body);
        auk_span rest = auk_buffer_span(&body);
        uint64_t want =
            run(index, "\"min_score\":0,\"size\":0,\"track_total_hits\":true", rest, NULL, arena)
                .result.total;
        for (size_t h = 0; h < 2; h++) {
            uint64_t got = run(index, heads[h], rest, h ? pools[1] : NULL, arena).result.total;
            if (got != want)
                fail_msg("%llu matches, not %llu: %.*s", (unsigned long long)got,
                         (unsigned long long)want, AUK_SPAN_ARG(rest));
        }
        auk_buffer_deinit(&body);
        auk_arena_reset(arena);
    }
    auk_arena_destroy(arena);
}

/* ---- tests ---- */

/* AUK_SOAK_ROUNDS: times as many. */
static int rounds(void)
{
    const char *given = getenv("AUK_SOAK_ROUNDS");
    int times = given ? (int)strtol(given, NULL, 10) : 1;
    return ROUNDS * (times > 1 ? times < 100 ? times : 100 : 1);
}

static void set_seed(uint64_t fixed)
{
    const char *given = getenv("AUK_TEST_SEED");
    seed = given ? strtoull(given, NULL, 10) : fixed;
}

static void one_segment_of_many_blocks(void **state)
{
    (void)state;
    test_index index;
    uint32_t next_id = 0;
    set_seed(3);
    test_index_init(&index, "columns", mapping, 1);
    add_segment(&index, 0, 41000, &next_id);
    try_requests(&index, rounds() / 4);
    try_counts(&index, rounds() * 2);
    for (uint32_t i = 0; i < 900; i++) /* so few that those of a range are looked up */
        test_index_kill(&index, 0, 0, draw(41000));
    try_counts(&index, rounds() * 2);
    for (uint32_t i = 0; i < 6000; i++)
        test_index_kill(&index, 0, 0, draw(41000));
    try_counts(&index, rounds());
    try_requests(&index, rounds() / 4);
    test_index_deinit(&index);
}

static void segments_shards_and_threads(void **state)
{
    (void)state;
    test_index index;
    uint32_t next_id = 0, docs[2][3] = {{9000, 1, 4096}, {300, 8193, 64}};
    set_seed(5);
    test_index_init(&index, "shards", mapping, 2);
    for (uint32_t shard = 0; shard < 2; shard++)
        for (uint32_t i = 0; i < 3; i++)
            add_segment(&index, shard, docs[shard][i], &next_id);
    try_requests(&index, rounds() / 2);
    try_counts(&index, rounds());
    for (uint32_t i = 0; i < 9000; i++)
        test_index_kill(&index, draw(2), 1, 0);
    for (uint32_t i = 0; i < 4000; i++)
        test_index_kill(&index, 0, 0, draw(9000));
    try_requests(&index, rounds() / 2);
    test_index_deinit(&index);
}

/* What a profile tells of one segment. */
static uint64_t told(const char *text, const char *name)
{
    const char *at = strstr(text, name);
    assert_non_null(at);
    return strtoull(at + strlen(name) + 1, NULL, 10);
}

/* The profile of a search, ended by a zero byte. */
static void tell(test_index *index, const char *body, auk_arena *arena, auk_buffer *text)
{
    auk_error err = {0};
    auk_search_request request;
    auk_search_target target = test_index_target(index);
    auk_search_context context = {.now_ms = 1};
    auk_search_result result;
    auk_json_writer json;
    test_request(body, arena, &request);
    assert_int_equal(auk_search_run(&target, 1, &request, &context, arena, &result, &err), AUK_OK);
    auk_buffer_init(text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&json, text, false);
    auk_json_begin_object(&json);
    auk_search_write_profile(&result, AUK_SPAN("n"), arena, &json);
    auk_json_end_object(&json);
    auk_buffer_append_byte(text, '\0');
}

static void a_profile_tells_how_columns_were_counted(void **state)
{
    (void)state;
    /* The last of 11 blocks has 40 rows, which are no reason to decode it. */
    static const struct {
        const char *body, *how;
        uint32_t read, decoded;
        bool picked;
    } cases[] = {
        {"\"aggs\":{\"a\":{\"terms\":{\"field\":\"wide\"}}}", "windows", 11, 10, true},
        {"\"aggs\":{\"a\":{\"terms\":{\"field\":\"tag\"}}}", "dictionary", 0, 0, false},
        {"\"aggs\":{\"a\":{\"terms\":{\"field\":\"wide\"}}},\"query\":{\"term\":{\"tag\":\"t3\"}}",
         "windows", 11, 0, true},
        {"\"aggs\":{\"a\":{\"terms\":{\"field\":\"few\"}}},\"min_score\":0", "every match", 11, 0,
         true},
        {"\"query\":{\"bool\":{\"filter\":[{\"range\":{\"any\":{\"gte\":-5000,\"lt\":70000}}}]}}",
         "none", 0, 0, false},
    };
    test_index index;
    uint32_t next_id = 0;
    set_seed(9);
    test_index_init(&index, "told", mapping, 1);
    add_segment(&index, 0, 41000, &next_id);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        auk_arena *arena = auk_arena_create(1 << 16);
        auk_buffer text;
        tell(&index,
             auk_arena_printf(arena, "{\"profile\":true,\"size\":0,%s}", cases[i].body).data, arena,
             &text);
        const char *how = strstr(text.data, "\"aggregations\":\"");
        assert_non_null(how);
        how += strlen("\"aggregations\":\"");
        assert_memory_equal(how, cases[i].how, strlen(cases[i].how));
        assert_int_equal(told(text.data, "\"column_blocks_read\""), cases[i].read);
        assert_int_equal(told(text.data, "\"column_blocks_decoded\""), cases[i].decoded);
        assert_int_equal(told(text.data, "\"column_values_picked\"") > 0, cases[i].picked);
        auk_buffer_deinit(&text);
        auk_arena_destroy(arena);
    }
    test_index_deinit(&index);
}

static void a_sort_leaves_out_blocks_that_cannot_compete(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "{\"profile\":true,\"size\":10,\"track_total_hits\":false,\"sort\":{\"rise\":\"desc\"}}",
        "{\"profile\":true,\"size\":10,\"track_total_hits\":false,\"sort\":{\"rise\":\"asc\"},"
        "\"query\":{\"range\":{\"any\":{\"gte\":0}}}}",
        "{\"profile\":true,\"size\":10,\"sort\":[{\"same\":\"asc\"}]}",
        "{\"profile\":true,\"size\":10,\"track_total_hits\":false,\"sort\":{\"_doc\":\"asc\"}}"};
    test_index index;
    uint32_t next_id = 0;
    set_seed(9);
    test_index_init(&index, "told", mapping, 1);
    add_segment(&index, 0, 41000, &next_id);
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        auk_arena *arena = auk_arena_create(1 << 16);
        auk_buffer text;
        tell(&index, bodies[i], arena, &text);
        assert_int_equal(told(text.data, "\"windows\""), 11);
        assert_int_equal(told(text.data, "\"windows_sorted\""), 1);
        assert_int_equal(told(text.data, "\"windows_skipped\""), 10);
        auk_buffer_deinit(&text);
        auk_arena_destroy(arena);
    }
    test_index_deinit(&index);
}

static int start_pools(void **state)
{
    (void)state;
    pools[0] = auk_pool_create("pair", 1, 64);
    pools[1] = auk_pool_create("four", 3, 64);
    return 0;
}

static int stop_pools(void **state)
{
    (void)state;
    auk_pool_destroy(pools[0]);
    auk_pool_destroy(pools[1]);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_segment_of_many_blocks),
        cmocka_unit_test(segments_shards_and_threads),
        cmocka_unit_test(a_profile_tells_how_columns_were_counted),
        cmocka_unit_test(a_sort_leaves_out_blocks_that_cannot_compete),
    };
    return cmocka_run_group_tests(tests, start_pools, stop_pools);
}
