/*
 * Random graphs of tokens and random documents against a twin that knows nothing but the
 * definitions: a path is any walk from the first state to the last, a cut is a state on every path,
 * and a text matches when some path of it is found.
 */
#include "test.h"

#include "search_support.h"
#include "token_graph.h"

enum { ROUNDS = 3000, MOST_TOKENS = 8, MOST_PATHS = 512, MOST_STATES = 24 };

static uint64_t seed = 0x9e3779b97f4a7c15u;

static uint32_t below(uint32_t limit)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 33) % limit;
}

static const char *const names[] = {"a", "b", "c", "d", "e"};

static size_t random_tokens(auk_token *tokens)
{
    size_t count = 1 + below(MOST_TOKENS);
    uint32_t position = 0;
    for (size_t i = 0; i < count; i++) {
        position += i > 0 ? below(5) == 0 ? 2 : below(3) != 0 : 0;
        const char *name = names[below(5)];
        tokens[i] = (auk_token){.text = name,
                                .size = 1,
                                .position = position,
                                .position_length = (uint16_t)(below(3) ? 1 : 1 + below(3))};
    }
    return count;
}

/* ---- the twin ---- */

typedef struct twin {
    const auk_token *tokens;
    size_t count;
    uint32_t from[MOST_TOKENS], to[MOST_TOKENS], last;
    uint32_t path[MOST_TOKENS], depth;
    char paths[MOST_PATHS][MOST_TOKENS + 1]; /* their words */
    uint32_t path_count;
    uint32_t visits[MOST_STATES]; /* paths through a state */
} twin;

static void walk(twin *t, uint32_t state)
{
    if (state == t->last) {
        assert_true(t->path_count < MOST_PATHS);
        for (uint32_t i = 0; i < t->depth; i++) {
            t->paths[t->path_count][i] = t->tokens[t->path[i]].text[0];
            t->visits[t->from[t->path[i]]]++;
        }
        t->paths[t->path_count++][t->depth] = 0;
        return;
    }
    for (uint32_t i = 0; i < t->count; i++) {
        if (t->from[i] != state)
            continue;
        t->path[t->depth++] = i;
        walk(t, t->to[i]);
        t->depth--;
    }
}

static void twin_init(twin *t, const auk_token *tokens, size_t count)
{
    memset(t, 0, sizeof *t);
    t->tokens = tokens;
    t->count = count;
    for (size_t i = 0; i < count; i++) {
        size_t before = i; /* the last token of the position before */
        while (before > 0 && tokens[before - 1].position == tokens[i].position)
            before--;
        t->from[i] = before > 0 ? tokens[before - 1].position + 1 : 0;
        t->to[i] = tokens[i].position + tokens[i].position_length;
        if (t->to[i] > t->last)
            t->last = t->to[i];
    }
    walk(t, 0);
}

/* ---- paths and cuts ---- */

typedef struct seen {
    const twin *twin;
    uint32_t count;
} seen;

static auk_code check_path(void *context, const auk_token *tokens, uint32_t count)
{
    seen *s = context;
    assert_true(s->count < s->twin->path_count);
    const char *want = s->twin->paths[s->count++];
    assert_int_equal(strlen(want), count);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(tokens[i].text[0], want[i]);
        assert_int_equal(tokens[i].position_length, 1);
        assert_true(i == 0 || tokens[i].position > tokens[i - 1].position);
    }
    return AUK_OK;
}

static void paths_and_cuts_are_those_of_the_twin(void **state)
{
    (void)state;
    static twin t;
    auk_arena *arena = auk_arena_create(1 << 12);
    for (int round = 0; round < ROUNDS; round++) {
        auk_token tokens[MOST_TOKENS];
        size_t count = random_tokens(tokens);
        auk_token_graph graph;
        twin_init(&t, tokens, count);
        auk_token_graph_init(&graph, tokens, count, arena);
        seen s = {&t, 0};
        assert_int_equal(auk_token_graph_paths(&graph, 0, graph.last, check_path, &s), AUK_OK);
        assert_int_equal(s.count, t.path_count);
        uint32_t cut = 0;
        for (uint32_t at = 1; at < t.last; at++) {
            if (t.path_count == 0 || t.visits[at] != t.path_count)
                continue;
            assert_true(cut < graph.cut_count);
            assert_int_equal(graph.cuts[cut++], at);
        }
        assert_int_equal(graph.cut_count, cut);
        auk_arena_reset(arena);
    }
    auk_arena_destroy(arena);
}

/* ---- what matches ---- */

static const char rules[][24] = {"a => b c", "d, e e", "b, c d", "e, a b c"};

static bool holds(const char *document, const char *phrase)
{
    return strstr(document, phrase) != NULL;
}

/* Words as they stand in a text without spaces. */
static void random_words(char *out, uint32_t most)
{
    uint32_t count = 1 + below(most);
    for (uint32_t i = 0; i < count; i++)
        out[i] = names[below(5)][0];
    out[count] = 0;
}

static auk_span spaced(const char *words, const char *before, const char *after, auk_arena *arena)
{
    auk_buffer text;
    auk_buffer_init(&text, 1 << 12);
    auk_buffer_append_text(&text, before);
    for (const char *at = words; *at; at++)
        auk_buffer_printf(&text, "%s%c", at > words ? " " : "", *at);
    auk_buffer_append_text(&text, after);
    auk_buffer_append_byte(&text, 0);
    auk_span result = auk_arena_copy(arena, auk_buffer_span(&text));
    auk_buffer_deinit(&text);
    result.size--;
    return result;
}

typedef struct corpus {
    test_index index;
    char documents[64][16];
    auk_analyzer_scratch *scratch;
} corpus;

static void corpus_init(corpus *c)
{
    static const char mapping[] = "{\"properties\":{\"t\":{\"type\":\"text\",\"analyzer\":"
                                  "\"whitespace\",\"search_analyzer\":\"syn\"}}}";
    auk_span lines[4], sources[64];
    uint32_t next_id = 0;
    auk_settings *settings = auk_settings_create();
    for (size_t i = 0; i < 4; i++)
        lines[i] = auk_span_of(rules[i]);
    auk_settings_put(settings, AUK_SPAN("index.analysis.filter.g.type"), AUK_SPAN("synonym_graph"));
    auk_settings_put_list(settings, AUK_SPAN("index.analysis.filter.g.synonyms"), lines, 4);
    auk_settings_put(settings, AUK_SPAN("index.analysis.analyzer.syn.tokenizer"),
                     AUK_SPAN("whitespace"));
    auk_settings_put(settings, AUK_SPAN("index.analysis.analyzer.syn.filter"), AUK_SPAN("g"));
    test_index_init_with(&c->index, "i", mapping, settings, 1);
    auk_settings_destroy(settings);
    for (uint32_t i = 0; i < 64; i++) {
        random_words(c->documents[i], 9);
        sources[i] = spaced(c->documents[i], "{\"t\":\"", "\"}", c->index.arena);
    }
    test_index_add(&c->index, 0, sources, 40, &next_id);
    test_index_add(&c->index, 0, sources + 40, 24, &next_id);
    c->scratch = auk_analyzer_scratch_create();
}

static void a_phrase_matches_where_one_of_its_paths_stands(void **state)
{
    (void)state;
    static twin t;
    corpus c;
    auk_arena *arena = auk_arena_create(1 << 16);
    corpus_init(&c);
    const auk_analyzer *analyzer = auk_analysis_find(c.index.analysis, AUK_SPAN("syn"));
    for (int round = 0; round < 300; round++) {
        char words[8];
        auk_tokens tokens;
        auk_search_request request;
        auk_search_result result;
        auk_search_target target = test_index_target(&c.index);
        auk_search_context context = {.now_ms = 0};
        auk_tokens_init(&tokens);
        random_words(words, 3);
        auk_span query = spaced(words, "", "", arena);
        assert_int_equal(auk_analyzer_run(analyzer, c.scratch, query, &tokens, NULL), AUK_OK);
        if (tokens.count <= MOST_TOKENS) {
            twin_init(&t, tokens.items, tokens.count);
            test_request(spaced(words, "{\"size\":100,\"query\":{\"match_phrase\":{\"t\":\"",
                                "\"}}}", arena)
                             .data,
                         arena, &request);
            assert_int_equal(auk_search_run(&target, 1, &request, &context, arena, &result, NULL),
                             AUK_OK);
            uint32_t want = 0;
            for (uint32_t d = 0; d < 64; d++) {
                bool any = false;
                for (uint32_t p = 0; p < t.path_count && !any; p++)
                    any = holds(c.documents[d], t.paths[p]);
                want += any;
            }
            assert_int_equal(result.hit_count, want);
            for (uint32_t i = 0; i < result.hit_count; i++) {
                const auk_hit *hit = &result.hits[i];
                const char *document = c.documents[hit->doc + (hit->segment ? 40 : 0)];
                bool any = false;
                for (uint32_t p = 0; p < t.path_count && !any; p++)
                    any = holds(document, t.paths[p]);
                assert_true(any);
            }
        }
        auk_tokens_deinit(&tokens);
        auk_arena_reset(arena);
    }
    auk_analyzer_scratch_destroy(c.scratch);
    test_index_deinit(&c.index);
    auk_arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_and_cuts_are_those_of_the_twin),
        cmocka_unit_test(a_phrase_matches_where_one_of_its_paths_stands),
    };
    return cmocka_run_group_tests_name("token_graph", tests, NULL, NULL);
}
