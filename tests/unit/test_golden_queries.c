/*
 * The tables of queries in tests/golden/analysis: what Lucene's query builder and parsers match in
 * a small index, and how they score it, is what we do, to one unit in the last place.
 *
 * A table is documents ("d field f, tab, field g"), settings of the search analyzer (": setting"),
 * queries ("? kind options, tab, text") and their hits ("> document=bits of its score ..."). The
 * index has two segments where Lucene's has one. AUK_GOLDEN_SHOW=N shows N differences a table.
 */
#include "test.h"

#include <stdbool.h>

#include "golden_text.h"
#include "search_support.h"

enum { MOST_DOCS = 256, MOST_VALUES = 64, FIRST_SHOWN = 8 };

struct run {
    const char *table;
    auk_arena *arena, *query_arena;
    auk_span sources[MOST_DOCS];
    uint32_t doc_count;
    auk_settings *settings; /* NULL: none read since the last chain */
    test_index index;
    bool open;
    auk_span kind, text; /* of the query whose hits come next */
    unsigned cases, different, most_shown;
};

/* ---- the index ---- */

static void put_document(struct run *run, auk_span line)
{
    auk_span f, g = {0};
    auk_buffer text;
    auk_json_writer out;
    auk_buffer_init(&text, 1 << 16);
    auk_json_writer_init(&out, &text, false);
    auk_span_cut(&line, '\t', &f);
    auk_span_cut(&line, '\t', &g);
    auk_json_begin_object(&out);
    auk_json_member_string(&out, "f", f);
    if (g.size)
        auk_json_member_string(&out, "g", g);
    auk_json_end_object(&out);
    assert_true(run->doc_count < MOST_DOCS);
    run->sources[run->doc_count++] = auk_arena_copy(run->arena, auk_buffer_span(&text));
    auk_buffer_deinit(&text);
}

/* A setting of a chain as _analyze takes it, as one of an index: filter.0.x becomes a filter "f0".
 */
static auk_span index_key(struct run *run, auk_span key)
{
    static const char filter[] = "filter.";
    if (!auk_span_starts_with(key, auk_span_of(filter)))
        return auk_arena_printf(run->arena, "index.analysis.analyzer.golden.%.*s",
                                AUK_SPAN_ARG(key));
    auk_span rest = auk_span_from(key, sizeof filter - 1);
    return auk_arena_printf(run->arena, "index.analysis.filter.f%.*s", AUK_SPAN_ARG(rest));
}

static void add_value(struct run *run, auk_span key, auk_span value)
{
    auk_span values[MOST_VALUES];
    uint32_t count = 0;
    const auk_setting *before = auk_settings_find(run->settings, key);
    for (; before && count < before->count; count++)
        values[count] = before->values[count];
    assert_true(count < MOST_VALUES);
    values[count++] = value;
    auk_settings_put_list(run->settings, key, values, count);
}

static void put_setting(struct run *run, auk_span line)
{
    static const auk_span chain = AUK_SPAN_INIT("index.analysis.analyzer.golden.filter");
    auk_span key;
    auk_span_cut(&line, '=', &key);
    auk_span value = golden_unescape(run->arena, line);
    bool is_list = key.size > 2 && key.data[key.size - 2] == '[';
    key.size -= is_list ? 2 : 0;
    if (!run->settings)
        run->settings = auk_settings_create();
    if (key.size > 5 && memcmp(key.data + key.size - 5, ".type", 5) == 0)
        add_value(run, chain, auk_arena_printf(run->arena, "f%c", key.data[key.size - 6]));
    if (is_list)
        add_value(run, index_key(run, key), value);
    else
        auk_settings_put(run->settings, index_key(run, key), value);
}

static void close_index(struct run *run)
{
    if (run->open)
        test_index_deinit(&run->index);
    run->open = false;
}

static void open_index(struct run *run)
{
    static const char mapping[] =
        "{\"properties\":{"
        "\"f\":{\"type\":\"text\",\"analyzer\":\"whitespace\",\"search_analyzer\":\"golden\"},"
        "\"g\":{\"type\":\"text\",\"analyzer\":\"whitespace\",\"search_analyzer\":\"golden\"}}}";
    uint32_t next_id = 0, first = run->doc_count / 3;
    close_index(run);
    auk_settings_put(run->settings, AUK_SPAN("index.analysis.analyzer.golden.type"),
                     AUK_SPAN("custom"));
    test_index_init_with(&run->index, "i", mapping, run->settings, 1);
    auk_settings_destroy(run->settings);
    run->settings = NULL;
    test_index_add(&run->index, 0, run->sources, first, &next_id);
    test_index_add(&run->index, 0, run->sources + first, run->doc_count - first, &next_id);
    run->open = true;
}

/* ---- queries ---- */

static bool has_option(auk_span kind, const char *name, auk_span *value)
{
    auk_span word;
    while (auk_span_cut(&kind, ' ', &word)) {
        *value = auk_span_from(word, strlen(name) < word.size ? strlen(name) : word.size);
        if (auk_span_starts_with(word, auk_span_of(name)))
            return true;
    }
    return false;
}

/* What every query of a kind has beside its text. */
static const struct {
    const char *kind, *query;
    bool one_field;
    const char *text, *more;
} kinds[] = {
    {"match", "match", true, "query", ""},
    {"phrase", "match_phrase", true, "query", ""},
    {"phrase_prefix", "match_phrase_prefix", true, "query", ""},
    {"bool_prefix", "match_bool_prefix", true, "query", ""},
    {"query_string", "query_string", false, "query", ",\"fields\":[\"f\"]"},
    {"simple", "simple_query_string", false, "query", ",\"fields\":[\"f\"]"},
    {"fuzzy", "fuzzy", true, "value", ""},
    {"near", "match", true, "query", ""},
    {"regexp", "regexp", true, "value", ""},
    {"cross", "multi_match", true, "query",
     ",\"type\":\"cross_fields\",\"fields\":[\"f\",\"g^2\"]"},
};

/* Options with a number behind them, and as members. */
static const struct {
    const char *option, *member;
} numbers[] = {
    {"edits=", "fuzziness"},
    {"prefix=", "prefix_length"},
    {"most=", "max_expansions"},
    {"tie=", "tie_breaker"},
};

static void write_options(const struct run *run, bool one_field, auk_json_writer *out)
{
    auk_span value;
    if (has_option(run->kind, "and", &value))
        auk_json_member_string(out, one_field ? "operator" : "default_operator", AUK_SPAN("and"));
    if (has_option(run->kind, "words", &value))
        auk_json_member_bool(out, "auto_generate_synonyms_phrase_query", false);
    if (has_option(run->kind, "msm=", &value))
        auk_json_member_string(out, "minimum_should_match", value);
    if (has_option(run->kind, "slop=", &value)) {
        auk_json_key(out, one_field ? AUK_SPAN("slop") : AUK_SPAN("phrase_slop"));
        auk_json_raw(out, value);
    }
    if (has_option(run->kind, "strict", &value))
        auk_json_member_bool(out, "transpositions", false);
    if (has_option(run->kind, "any_case", &value))
        auk_json_member_bool(out, "case_insensitive", true);
    if (has_option(run->kind, "plain", &value))
        auk_json_member_string(out, "flags", AUK_SPAN("NONE"));
    if (has_option(run->kind, "near", &value) && !has_option(run->kind, "edits=", &value))
        auk_json_member_string(out, "fuzziness", AUK_SPAN("AUTO"));
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        if (!has_option(run->kind, numbers[i].option, &value))
            continue;
        auk_json_key(out, auk_span_of(numbers[i].member));
        auk_json_raw(out, value);
    }
}

static void write_query(const struct run *run, auk_buffer *text)
{
    auk_json_writer out;
    auk_span rest = run->kind, first;
    size_t k = 0;
    auk_span_cut(&rest, ' ', &first);
    while (!auk_span_is(first, kinds[k].kind))
        assert_true(++k < sizeof kinds / sizeof kinds[0]);
    auk_json_writer_init(&out, text, false);
    auk_json_begin_object(&out);
    auk_json_member_int(&out, "size", MOST_DOCS);
    auk_json_member_object(&out, "query");
    auk_json_member_object(&out, kinds[k].query);
    bool names_field = kinds[k].one_field && !auk_span_is(first, "cross");
    if (names_field)
        auk_json_member_object(&out, "f");
    auk_json_member_string(&out, kinds[k].text, run->text);
    auk_buffer_append_text(text, kinds[k].more);
    write_options(run, kinds[k].one_field, &out);
    if (names_field)
        auk_json_end_object(&out);
    for (int i = 0; i < 3; i++)
        auk_json_end_object(&out);
    auk_buffer_append_byte(text, 0);
}

static void search(struct run *run, auk_search_result *result)
{
    auk_error err = {0};
    auk_search_request request;
    auk_search_target target = test_index_target(&run->index);
    auk_search_context context = {.now_ms = 1700000000000};
    auk_buffer body;
    auk_buffer_init(&body, 1 << 16);
    write_query(run, &body);
    const char *copy = auk_arena_copy(run->query_arena, auk_buffer_span(&body)).data;
    test_request(copy, run->query_arena, &request);
    if (auk_search_run(&target, 1, &request, &context, run->query_arena, result, &err) != AUK_OK)
        fail_msg("%s: %s", body.data, err.message);
    auk_buffer_deinit(&body);
}

/* ---- comparing ---- */

static void read_hits(auk_span line, float *scores)
{
    auk_span part;
    for (uint32_t i = 0; i < MOST_DOCS; i++)
        scores[i] = -1;
    while (auk_span_cut(&line, ' ', &part)) {
        char digits[32] = {0}, *end;
        assert_true(part.size < sizeof digits);
        memcpy(digits, part.data, part.size);
        unsigned long doc = strtoul(digits, &end, 10);
        uint32_t bits = (uint32_t)strtoul(end + 1, NULL, 16);
        assert_true(doc < MOST_DOCS && *end == '=');
        memcpy(&scores[doc], &bits, sizeof bits);
    }
}

static bool same_score(float a, float b)
{
    int32_t left, right;
    memcpy(&left, &a, sizeof left);
    memcpy(&right, &b, sizeof right);
    int64_t apart = (int64_t)left - (int64_t)right;
    return apart >= -1 && apart <= 1;
}

static void compare(struct run *run, auk_span line)
{
    float want[MOST_DOCS], got[MOST_DOCS];
    auk_search_result result;
    read_hits(line, want);
    search(run, &result);
    for (uint32_t i = 0; i < MOST_DOCS; i++)
        got[i] = -1;
    for (uint32_t i = 0; i < result.hit_count; i++) {
        const auk_hit *hit = &result.hits[i];
        got[hit->doc + (hit->segment ? run->doc_count / 3 : 0)] = hit->score;
    }
    run->cases++;
    bool same = true;
    for (uint32_t i = 0; i < run->doc_count && same; i++) {
        same = same_score(want[i], got[i]);
        if (!same && run->different < run->most_shown)
            fprintf(stderr, "%s: [%.*s] %.*s: document %u scores %.7g, Lucene says %.7g\n",
                    run->table, AUK_SPAN_ARG(run->kind), AUK_SPAN_ARG(run->text), i, (double)got[i],
                    (double)want[i]);
    }
    run->different += !same;
    auk_arena_reset(run->query_arena);
}

static void take_line(struct run *run, auk_span line)
{
    auk_span rest = auk_span_from(line, line.size < 2 ? line.size : 2);
    switch (line.size ? line.data[0] : '#') {
    case 'd':
        put_document(run, rest);
        break;
    case ':':
        put_setting(run, rest);
        break;
    case '?':
        if (run->settings)
            open_index(run);
        auk_span_cut(&rest, '\t', &run->kind);
        run->kind = auk_arena_copy(run->arena, run->kind);
        run->text = golden_unescape(run->arena, rest);
        break;
    case '>':
        compare(run, rest);
        break;
    default:
        break;
    }
}

static void agrees(void **state)
{
    const char *name = *state, *shown = getenv("AUK_GOLDEN_SHOW");
    char path[512];
    struct run run = {.table = name,
                      .arena = auk_arena_create(1 << 16),
                      .query_arena = auk_arena_create(1 << 16),
                      .most_shown = shown ? (unsigned)strtoul(shown, NULL, 10) : FIRST_SHOWN};
    snprintf(path, sizeof path, "%s/%s", AUK_GOLDEN_TABLES, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    char *line = NULL;
    size_t capacity = 0;
    for (ssize_t size; (size = getline(&line, &capacity, file)) > 0;)
        take_line(&run, auk_span_make(line, (size_t)size - (line[size - 1] == '\n')));
    free(line);
    fclose(file);
    close_index(&run);
    auk_arena_destroy(run.query_arena);
    auk_arena_destroy(run.arena);
    if (run.different > 0)
        fail_msg("%s: %u of %u queries differ from Lucene", name, run.different, run.cases);
    assert_true(run.cases > 100);
}

static char graphs[] = "graphs.scores", query_strings[] = "query_strings.scores",
            fuzzy[] = "fuzzy.scores";

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(agrees, graphs),
        cmocka_unit_test_prestate(agrees, query_strings),
        cmocka_unit_test_prestate(agrees, fuzzy),
    };
    return cmocka_run_group_tests_name("golden_queries", tests, NULL, NULL);
}
