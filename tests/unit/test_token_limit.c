/* Chains that make ever more of a text: they stop at what a text's tokens may take, and say so. */
#include "analysis_text.h"
#include "auk/analyzer.h"
#include "auk/settings.h"
#include "test.h"

enum { LIMIT = 1 << 20, ROOM = 4 << 20 };

struct limit_case {
    const char *name;
    const char *settings; /* filters f and g */
    const char *chain;
    const char *want; /* where it stops; NULL: it does not */
};

/* clang-format off */
static struct limit_case cases[] = {
    {"ngrams of ngrams", "f.type=ngram\nf.min_gram=1\nf.max_gram=1000", "f,f", "filter [f]"},
    {"short ngrams of short ngrams", "f.type=ngram\nf.min_gram=1\nf.max_gram=9", "f,f,f,f,f,f", "filter [f]"},
    {"beginnings, whose bytes are many", "f.type=edge_ngram\nf.min_gram=1\nf.max_gram=1000", "f,f,f", "filter [f]"},
    {"beginnings alone", "f.type=edge_ngram\nf.min_gram=1\nf.max_gram=1000", "f", NULL},
    {"shingles of ngrams", "f.type=ngram\ng.type=shingle\ng.max_shingle_size=60", "f,g,g,g", "filter [g]"},
    {"each twice", "f.type=keyword_repeat", "f,f,f,f,f,f,f,f,f,f,f,f,f,f,f,f,f,f,f,f", "filter [f]"},
    {"ways in a multiplexer, each text once", "f.type=ngram\nf.max_gram=9\ng.type=multiplexer\ng.filters=[f,f]", "g,g,g,g,g", NULL},
    {"a way that is too long", "f.type=ngram\nf.max_gram=1000\ng.type=multiplexer\ng.filters=[f]", "g", "filter [g]"},
    {"a condition", "f.type=ngram\nf.max_gram=999\ng.type=condition\ng.filter=[f,f]\ng.script=token.term.length() > 0", "g", "filter [g]"},
    {"synonyms of synonyms", "f.type=synonym_graph\nf.synonyms=[x => x,x => x x,x => x x x]", "f,f,f,f,f,f,f,f,f,f,f,f,f", "filter [f]"},
    {"flat synonyms of synonyms", "f.type=synonym\nf.synonyms=[x => x,x => x y,x => x z,x => x w]", "f,f,f,f,f,f,f,f,f,f,f,f,f", "filter [f]"},
    {"replacements that grow", "f.type=pattern_replace\nf.pattern=x\nf.replacement=xxxxxxxxxx", "f,f,f,f,f,f,f,f", "filter [f]"},
    {"groups", "f.type=pattern_capture\nf.patterns=[((((((((x)))))))),(((((((x)))))))]", "f,f,f,f,f,f", "filter [f]"},
    {"parts of words", "f.type=ngram\nf.max_gram=99\ng.type=word_delimiter_graph\ng.catenate_all=true\ng.preserve_original=true", "f,g,g,g", "filter [f]"},
    {"compounds", "f.type=dictionary_decompounder\nf.word_list=[x,xx,xxx,xxxx,xxxxx]\nf.min_subword_size=1\nf.min_word_size=1", "f,f,f,f,f,f,f,f", "filter [f]"},
    {"one text of ngrams", "f.type=ngram\nf.max_gram=99\ng.type=fingerprint\ng.max_output_size=100000000", "f,g,f,g,f,g", "filter [f]"},
    {"each once, of many", "f.type=ngram\nf.max_gram=9\ng.type=remove_duplicates", "f,g,f,g,f,g", NULL},
};
/* clang-format on */
#define N_CASES (sizeof cases / sizeof cases[0])

/* "x x .. xxxx": 400 letters alone, then 600 at once, with signs between some. */
static auk_span make_text(char *text)
{
    size_t size = 0;
    for (int i = 0; i < 400; i++) {
        text[size++] = 'x';
        text[size++] = ' ';
    }
    for (int i = 0; i < 600; i++)
        text[size++] = i % 50 == 49 ? '-' : 'x';
    return auk_span_make(text, size);
}

static size_t held(const auk_tokens *tokens)
{
    return (tokens->capacity + tokens->spare_capacity) * sizeof(auk_token) +
           (tokens->arena ? auk_arena_size(tokens->arena) : 0);
}

static auk_analysis *analysis_of(const struct limit_case *c)
{
    auk_settings *settings = auk_settings_from_text("index.analysis.filter.", c->settings);
    auk_settings_put(settings, AUK_SPAN("index.max_ngram_diff"), AUK_SPAN("1023"));
    auk_settings_put(settings, AUK_SPAN("index.max_shingle_diff"), AUK_SPAN("99"));
    auk_settings_put(settings, AUK_SPAN("index.analysis.analyzer.a.tokenizer"),
                     AUK_SPAN("whitespace"));
    auk_settings_put(settings, AUK_SPAN("index.analysis.analyzer.a.filter"), auk_span_of(c->chain));
    auk_analysis *analysis = NULL;
    auk_error err = {0};
    if (auk_analysis_create(settings, &analysis, &err) != AUK_OK)
        fail_msg("%s", err.message);
    auk_settings_destroy(settings);
    return analysis;
}

static void stops(void **state)
{
    const struct limit_case *c = *state;
    char text[2000];
    auk_analysis *analysis = analysis_of(c);
    auk_analyzer_scratch *scratch = auk_analyzer_scratch_create();
    auk_tokens tokens;
    auk_error err = {0};
    auk_tokens_init(&tokens);
    auk_tokens_allow(&tokens, LIMIT, 0, NULL);
    auk_code code = auk_analyzer_run(auk_analysis_find(analysis, AUK_SPAN("a")), scratch,
                                     make_text(text), &tokens, &err);
    assert_int_equal(code, c->want ? AUK_INVALID : AUK_OK);
    if (c->want) {
        char want[200];
        (void)
            snprintf(want, sizeof want,
                     "a text of [1400] bytes becomes more than [1048576] bytes of tokens in %s of "
                     "analyzer [a]",
                     c->want);
        assert_string_equal(err.message, want);
    }
    assert_true(held(&tokens) < ROOM);
    assert_int_equal(auk_analyzer_run(auk_analysis_find(analysis, AUK_SPAN("simple")), scratch,
                                      AUK_SPAN("One two"), &tokens, NULL),
                     AUK_OK); /* the list is as good as new */
    assert_int_equal(tokens.count, 2);
    auk_tokens_deinit(&tokens);
    auk_analyzer_scratch_destroy(scratch);
    auk_analysis_release(analysis);
}

/* Without a limit in reach, who pays decides. */
static void asks_who_pays(void **state)
{
    (void)state;
    char text[2000];
    struct limit_case c = {.settings = "f.type=ngram\nf.max_gram=200", .chain = "f"};
    auk_analysis *analysis = analysis_of(&c);
    auk_analyzer_scratch *scratch = auk_analyzer_scratch_create();
    auk_budget *budget = auk_budget_create(4 << 20);
    auk_arena *payer = auk_arena_create(1024);
    auk_arena_set_budget(payer, budget, AUK_PURPOSE_INDEXING);
    auk_tokens tokens;
    auk_error err = {0};
    auk_tokens_init(&tokens);
    auk_tokens_allow(&tokens, SIZE_MAX / 2, 0, payer);
    assert_int_equal(auk_analyzer_run(auk_analysis_find(analysis, AUK_SPAN("a")), scratch,
                                      make_text(text), &tokens, &err),
                     AUK_BUSY);
    assert_non_null(strstr(err.message, "no memory for the tokens of a text: "));
    assert_true(held(&tokens) < ROOM);
    assert_int_equal(auk_budget_used(budget, AUK_PURPOSE_INDEXING) > 0, true);
    auk_arena_reset(payer);
    assert_int_equal(auk_budget_used(budget, AUK_PURPOSE_INDEXING), 0);
    auk_tokens_deinit(&tokens);
    auk_arena_destroy(payer);
    auk_budget_destroy(budget);
    auk_analyzer_scratch_destroy(scratch);
    auk_analysis_release(analysis);
}

int main(void)
{
    struct CMUnitTest tests[N_CASES + 1] = {{0}};
    for (size_t i = 0; i < N_CASES; i++) {
        tests[i].name = cases[i].name;
        tests[i].test_func = stops;
        tests[i].initial_state = &cases[i];
    }
    tests[N_CASES] = (struct CMUnitTest)cmocka_unit_test(asks_who_pays);
    return cmocka_run_group_tests_name("token_limit", tests, NULL, NULL);
}
