/* The analyzers of one index: what settings define, what they may not say, and how that is told. */
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "analysis_text.h"
#include "auk/buffer.h"

#define ROOT "index.analysis."

struct refused_case {
    const char *name;
    const char *settings;
    const char *message;
    const char *hint;
};

static struct refused_case refused[] = {
    {"a stemmer's other name", "filter.f.type=german_stem",
     "Unknown filter type [german_stem] for [f]",
     "define a filter of type [stemmer] with language [german]"},
    {"an analyzer that is a text", "analyzer=x", "unknown setting [index.analysis.analyzer]", ""},
    {"unknown filter type", "filter.f.type=lowercas", "Unknown filter type [lowercas] for [f]",
     "did you mean [lowercase]?"},
    {"unknown tokenizer type", "tokenizer.t.type=standart",
     "Unknown tokenizer type [standart] for [t]", "did you mean [standard]?"},
    {"unknown char filter type", "char_filter.c.type=maping",
     "Unknown char_filter type [maping] for [c]", "did you mean [mapping]?"},
    {"unknown analyzer type", "analyzer.a.type=englisch",
     "Unknown analyzer type [englisch] for [a]", "did you mean [english]?"},
    {"unknown normalizer type", "normalizer.n.type=costum",
     "Unknown normalizer type [costum] for [n]", "did you mean [custom]?"},
    {"no type", "filter.f.stopwords=a",
     "filter [f] must specify either an analyzer type, or a tokenizer", ""},
    {"neither type nor tokenizer", "analyzer.a.filter=lowercase",
     "analyzer [a] must specify either an analyzer type, or a tokenizer", ""},
    {"custom without tokenizer", "analyzer.a.type=custom",
     "analyzer [a] must be configured with a tokenizer", ""},
    {"unknown tokenizer", "analyzer.a.tokenizer=standrad",
     "Custom Analyzer [a] failed to find tokenizer under name [standrad]",
     "did you mean [standard]?"},
    {"unknown filter",
     "filter.my_stop.type=stop\nanalyzer.a.tokenizer=standard\nanalyzer.a.filter=[lowercase,my_"
     "stp]",
     "Custom Analyzer [a] failed to find filter under name [my_stp]", "did you mean [my_stop]?"},
    {"unknown char filter", "analyzer.a.tokenizer=standard\nanalyzer.a.char_filter=[mapping]",
     "Custom Analyzer [a] failed to find char_filter under name [mapping]", ""},
    {"unknown setting", "filter.f.type=stop\nfilter.f.stopword=a",
     "unknown setting [index.analysis.filter.f.stopword]", "did you mean [stopwords]?"},
    {"unknown setting of an analyzer", "analyzer.a.type=standard\nanalyzer.a.max_length=3",
     "unknown setting [index.analysis.analyzer.a.max_length]", ""},
    {"unknown group", "filters.f.type=stop", "unknown setting [index.analysis.filters.f.type]",
     "did you mean [filter]?"},
    {"normalizer with a stop filter", "normalizer.n.filter=[stop]",
     "Custom normalizer [n] may not use filter [stop]", ""},
    {"normalizer with a tokenizer", "normalizer.n.tokenizer=standard",
     "Custom normalizer [n] cannot configure a tokenizer", ""},
    {"name in underscores", "analyzer._a.type=standard",
     "analyzer name must not start with '_'. got \"_a\"", ""},
    {"broken regular expression", "filter.f.type=pattern_replace\nfilter.f.pattern=a(b",
     "U_REGEX_MISMATCHED_PAREN near index 3\na(b", ""},
    {"unknown regular expression flag", "tokenizer.t.type=pattern\ntokenizer.t.flags=CASELESS",
     "Unknown regex flag [CASELESS]", ""},
    {"replacement of a group that is not there",
     "filter.f.type=pattern_replace\nfilter.f.pattern=a\nfilter.f.replacement=$1", "No group 1",
     ""},
    {"shingles of too many sizes", "filter.f.type=shingle\nfilter.f.max_shingle_size=6",
     "In Shingle TokenFilter the difference between max_shingle_size and min_shingle_size (and +1 "
     "if outputting unigrams) must be less than or equal to: [3] but was [5]. This limit can be "
     "set by changing the [index.max_shingle_diff] index level setting.",
     ""},
    {"keep without words", "filter.f.type=keep",
     "keep requires either `keep_words` or `keep_words_path` to be configured", ""},
    {"a file outside", "filter.f.type=keep\nfilter.f.keep_words_path=../words",
     "file [../words] of [index.analysis.filter.f.keep_words_path] is not below the directory of "
     "configuration files",
     ""},
    {"synonyms that the chain takes apart",
     "filter.s.type=synonym\nfilter.s.synonyms=a, b\nanalyzer.a.tokenizer=standard\n"
     "analyzer.a.filter=[ngram,s]",
     "Token filter [ngram] cannot be used to parse synonyms", ""},
    {"unknown token_chars", "tokenizer.t.type=ngram\ntokenizer.t.token_chars=[letters]",
     "Unknown token type: 'letters', must be one of [letter, digit, whitespace, punctuation, "
     "symbol, custom]",
     ""},
    {"a script that is no comparison",
     "filter.f.type=condition\nfilter.f.filter=[lowercase]\nfilter.f.script.source=emit(1)",
     "compile error in script [emit(1)]",
     "a script compares token.term.length(), token.type, token.position, token.startOffset, "
     "token.endOffset or token.isKeyword(), with && and || between"},
    {"unknown normal form", "filter.f.type=icu_normalizer\nfilter.f.name=nfx",
     "unknown normalization [nfx]", "names are nfc, nfkc and nfkc_cf"},
    {"unknown stemmer", "filter.f.type=stemmer\nfilter.f.language=frensh",
     "Unknown stemmer language [frensh]", "did you mean [french]?"},
    {"a stemmer that we lack", "filter.f.type=stemmer\nfilter.f.language=kstem",
     "stemmer language [kstem] is not supported", ""},
    {"unknown stop words", "filter.f.type=stop\nfilter.f.stopwords=_germen_",
     "unknown list of stop words [_germen_]", "did you mean [_german_]?"},
    {"words not to stem where nothing stems",
     "analyzer.a.type=persian\nanalyzer.a.stem_exclusion=b",
     "unknown setting [index.analysis.analyzer.a.stem_exclusion]", ""},
    {"a language misspelt", "analyzer.a.type=portugese",
     "Unknown analyzer type [portugese] for [a]", "did you mean [portuguese]?"},
    {"unknown list of stop words", "filter.f.type=stop\nfilter.f.stopwords=_englsh_",
     "unknown list of stop words [_englsh_]", "did you mean [_english_]?"},
    {"grams too far apart", "filter.f.type=ngram\nfilter.f.min_gram=1\nfilter.f.max_gram=4",
     "The difference between max_gram and min_gram in NGram Tokenizer must be less than or equal "
     "to: [1] but was [3]. "
     "This limit can be set by changing the [index.max_ngram_diff] index level setting.",
     ""},
    {"grams upside down", "filter.f.type=edge_ngram\nfilter.f.min_gram=3\nfilter.f.max_gram=2",
     "minGram must not be greater than maxGram", ""},
    {"grams of nothing", "filter.f.type=edge_ngram\nfilter.f.min_gram=0",
     "minGram must be greater than zero", ""},
    {"keyword_marker without keywords", "filter.f.type=keyword_marker",
     "keyword filter requires either `keywords`, `keywords_path`, or `keywords_pattern` to be "
     "configured",
     ""},
    {"broken mapping", "char_filter.c.type=mapping\nchar_filter.c.mappings=[a->b]",
     "Invalid Mapping Rule : [a->b]", ""},
    {"a delimiter of two characters", "tokenizer.t.type=path_hierarchy\ntokenizer.t.delimiter=::",
     "delimiter can only be a one char value", ""},
    {"a broken pattern of Lucene's", "tokenizer.t.type=simple_pattern\ntokenizer.t.pattern=(a",
     "expected ')' at position 2", ""},
    {"a pattern that grows too large",
     "tokenizer.t.type=simple_pattern_split\ntokenizer.t.pattern=(a|b)*a(a|b){20}",
     "Determinizing (a|b)*a(a|b){20} would require more than 10000 effort.", ""},
    {"a setting that thai lacks", "tokenizer.t.type=thai\ntokenizer.t.max_token_length=5",
     "unknown setting [index.analysis.tokenizer.t.max_token_length]", ""},
    {"URLs of no length", "tokenizer.t.type=uax_url_email\ntokenizer.t.max_token_length=0",
     "Failed to parse value [0] for setting [index.analysis.tokenizer.t.max_token_length] must be "
     ">= 1",
     ""},
    {"an icu_analyzer with an unknown mode", "analyzer.a.type=icu_analyzer\nanalyzer.a.mode=both",
     "Unknown mode [both] in analyzer [a], expected one of [compose, decompose]", ""},
    {"an icu_analyzer with an unknown method", "analyzer.a.type=icu_analyzer\nanalyzer.a.method=x",
     "unknown normalization [x]", "names are nfc, nfkc and nfkc_cf"},
    {"an icu_normalizer char filter with a broken set",
     "char_filter.c.type=icu_normalizer\nchar_filter.c.unicode_set_filter=x",
     "unicode_set_filter [x]: U_MALFORMED_SET", ""},
    {"rule_files without a script",
     "tokenizer.t.type=icu_tokenizer\ntokenizer.t.rule_files=[a.rbbi]",
     "rule_files should contain comma-separated \"code:rulefile\" pairs", ""},
    {"rule_files for no script",
     "tokenizer.t.type=icu_tokenizer\ntokenizer.t.rule_files=[Auks:a.rbbi]",
     "failed to load ICU rule files: unknown script [Auks]", ""},
    {"mapping without rules", "char_filter.c.type=mapping",
     "mapping requires either `mappings` or `mappings_path` to be configured", ""},
    {"mapping from nothing", "char_filter.c.type=mapping\nchar_filter.c.mappings=[=>b]",
     "Invalid Mapping Rule : [=>b]", ""},
};
#define N_REFUSED (sizeof refused / sizeof refused[0])

static void refuses(void **state)
{
    const struct refused_case *c = *state;
    auk_settings *settings = auk_settings_from_text(ROOT, c->settings);
    auk_analysis *analysis = NULL;
    auk_error err = {0};
    assert_int_equal(auk_analysis_create(settings, &analysis, &err), AUK_INVALID);
    assert_string_equal(err.message, c->message);
    assert_string_equal(err.hint, c->hint);
    auk_settings_destroy(settings);
}

static auk_analysis *create(const char *lines)
{
    auk_settings *settings = auk_settings_from_text(ROOT, lines);
    auk_analysis *analysis = NULL;
    auk_error err = {0};
    if (auk_analysis_create(settings, &analysis, &err) != AUK_OK)
        fail_msg("%s", err.message);
    auk_settings_destroy(settings); /* nothing of it is needed any more */
    return analysis;
}

static void expect_words(const auk_analyzer *analyzer, const char *text, const char *want)
{
    assert_non_null(analyzer);
    auk_arena *arena = auk_arena_create(1024);
    auk_analyzer_scratch *scratch = auk_analyzer_scratch_create();
    auk_tokens tokens;
    auk_tokens_init(&tokens);
    assert_int_equal(auk_analyzer_run(analyzer, scratch, auk_span_of(text), &tokens, NULL), AUK_OK);
    assert_string_equal(auk_tokens_as_words(arena, &tokens), want);
    auk_tokens_deinit(&tokens);
    auk_analyzer_scratch_destroy(scratch);
    auk_arena_destroy(arena);
}

static void compiles_a_custom_analyzer(void **state)
{
    (void)state;
    auk_analysis *analysis = create("char_filter.amp.type=mapping\n"
                                    "char_filter.amp.mappings=[&=>and]\n"
                                    "tokenizer.short.type=standard\n"
                                    "tokenizer.short.max_token_length=4\n"
                                    "filter.mine.type=stop\n"
                                    "filter.mine.stopwords=[rock]\n"
                                    "analyzer.a.type=custom\n"
                                    "analyzer.a.char_filter=amp\n"
                                    "analyzer.a.tokenizer=short\n"
                                    "analyzer.a.filter=[lowercase,mine]\n"
                                    "analyzer.a.position_increment_gap=7");
    const auk_analyzer *analyzer = auk_analysis_find(analysis, AUK_SPAN("a"));
    expect_words(analyzer, "Rock & Rolling", "and roll ing");
    assert_int_equal(auk_analyzer_position_gap(analyzer), 7);
    assert_true(auk_analyzer_is_custom(analyzer));
    assert_true(auk_span_is(auk_analyzer_name(analyzer), "a"));
    auk_analysis_release(analysis);
}

static void compiles_analyzers_with_settings(void **state)
{
    (void)state;
    auk_analysis *analysis = create("analyzer.s.type=standard\n"
                                    "analyzer.s.stopwords=_english_\n"
                                    "analyzer.s.max_token_length=5\n"
                                    "analyzer.e.type=english\n"
                                    "analyzer.e.stopwords=[foxes]\n"
                                    "analyzer.e.stem_exclusion=[running]\n"
                                    "analyzer.t.type=stop\n"
                                    "analyzer.t.stopwords=[x]\n"
                                    "analyzer.default.type=keyword");
    expect_words(auk_analysis_find(analysis, AUK_SPAN("s")), "The elephant", "eleph ant");
    expect_words(auk_analysis_find(analysis, AUK_SPAN("e")), "the foxes running hunted",
                 "the running hunt");
    expect_words(auk_analysis_find(analysis, AUK_SPAN("t")), "the x", "the");
    expect_words(auk_analysis_find(analysis, AUK_SPAN("default")), "A B", "A B");
    assert_null(auk_analysis_find(analysis, AUK_SPAN("default_search")));
    assert_null(auk_analysis_find(analysis, AUK_SPAN("nothing")));
    assert_int_equal(auk_analyzer_position_gap(auk_analysis_find(analysis, AUK_SPAN("s"))), 100);
    auk_analysis_release(analysis);
}

static void raises_the_limit_of_grams(void **state)
{
    (void)state;
    auk_settings *settings = auk_settings_from_text("index.", "max_ngram_diff=3\n"
                                                              "analysis.filter.f.type=ngram\n"
                                                              "analysis.filter.f.max_gram=4");
    auk_analysis *analysis = NULL;
    assert_int_equal(auk_analysis_create(settings, &analysis, NULL), AUK_OK);
    auk_analysis_release(analysis);
    auk_settings_destroy(settings);
}

static void names_the_nearest(void **state)
{
    (void)state;
    auk_analysis *analysis =
        create("analyzer.my_text.type=standard\nnormalizer.folded.filter=[lowercase]");
    assert_true(auk_span_is(auk_analysis_nearest(analysis, AUK_SPAN("my_txt"), false), "my_text"));
    assert_true(
        auk_span_is(auk_analysis_nearest(analysis, AUK_SPAN("standrad"), false), "standard"));
    assert_true(auk_span_is(auk_analysis_nearest(analysis, AUK_SPAN("foldet"), true), "folded"));
    auk_analysis_release(analysis);
}

static void normalizes(void **state)
{
    (void)state;
    auk_analysis *analysis = create("char_filter.c.type=mapping\n"
                                    "char_filter.c.mappings=[-=>]\n"
                                    "normalizer.n.type=custom\n"
                                    "normalizer.n.char_filter=[c]\n"
                                    "normalizer.n.filter=[lowercase,asciifolding,trim]");
    auk_analyzer_scratch *scratch = auk_analyzer_scratch_create();
    auk_arena *arena = auk_arena_create(256);
    const auk_analyzer *own = auk_analysis_find_normalizer(analysis, AUK_SPAN("n"));
    const auk_analyzer *lowercase = auk_analysis_find_normalizer(analysis, AUK_SPAN("lowercase"));
    const auk_analyzer *english = auk_analysis_find(analysis, AUK_SPAN("english"));
    struct {
        const auk_analyzer *normalizer;
        const char *text;
        const char *want;
    } rows[] = {
        {own, " Caf\xc3\xa9 Wi-Fi ", "cafe wifi"},
        {lowercase, "The END", "the end"},
        {lowercase, "the end", "the end"},
        {lowercase, "", ""},
        {english, "The RUNNING Dog's", "the running dog's"},
        {NULL, "As IS", "As IS"},
        {lowercase, "A\xff", "a "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        auk_span out;
        assert_int_equal(auk_analyzer_normalize(rows[i].normalizer, scratch,
                                                auk_span_of(rows[i].text), arena, &out, NULL),
                         AUK_OK);
        assert_true(auk_span_is(out, rows[i].want));
    }
    assert_null(auk_analysis_find_normalizer(analysis, AUK_SPAN("standard")));
    auk_arena_destroy(arena);
    auk_analyzer_scratch_destroy(scratch);
    auk_analysis_release(analysis);
}

static void a_built_chain_holds_its_analysis(void **state)
{
    (void)state;
    auk_analysis *analysis = create("filter.mine.type=stop\nfilter.mine.stopwords=[b]");
    auk_settings *spec = auk_settings_from_text("", "tokenizer=whitespace\nfilter=[mine]");
    auk_analyzer *built;
    assert_int_equal(auk_analyzer_build(spec, analysis, &built, NULL), AUK_OK);
    auk_settings_destroy(spec);
    auk_analysis_release(analysis);
    expect_words(built, "a b c", "a c");
    auk_analyzer_destroy(built);
}

static void refuses_unknown_parts_of_a_chain(void **state)
{
    (void)state;
    static const struct {
        const char *spec;
        const char *with_index;
        const char *without;
        const char *hint;
    } rows[] = {
        {"tokenizer=standar", "failed to find tokenizer under [standar]",
         "failed to find global tokenizer under [standar]", "did you mean [standard]?"},
        {"tokenizer=standard\nfilter=[lowercse]", "failed to find filter under [lowercse]",
         "failed to find global filter under [lowercse]", "did you mean [lowercase]?"},
        {"tokenizer=standard\nchar_filter=[x]", "failed to find char_filter under [x]",
         "failed to find global char_filter under [x]", ""},
        {"filter=[stop]", "Custom normalizer may not use filter [stop]",
         "Custom normalizer may not use filter [stop]", ""},
        {"tokenizer=standard\nfilter.0.stopwords=a", "Missing [type] setting for anonymous filter",
         "Missing [type] setting for anonymous filter", ""},
        {"tokenizer=standard\nfilter.0.type=stopp", "failed to find global filter under [stopp]",
         "failed to find global filter under [stopp]", "did you mean [stop]?"},
        {"tokenizer=standard\nfilter.0.type=stop\nfilter.0.word=a",
         "unknown setting [filter.0.word]", "unknown setting [filter.0.word]", ""},
    };
    auk_analysis *analysis = create("");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        auk_settings *spec = auk_settings_from_text("", rows[i].spec);
        auk_analyzer *built;
        auk_error err = {0};
        assert_int_equal(auk_analyzer_build(spec, analysis, &built, &err), AUK_INVALID);
        assert_string_equal(err.message, rows[i].with_index);
        assert_string_equal(err.hint, rows[i].hint);
        assert_int_equal(auk_analyzer_build(spec, NULL, &built, &err), AUK_INVALID);
        assert_string_equal(err.message, rows[i].without);
        auk_settings_destroy(spec);
    }
    auk_analysis_release(analysis);
}

static void write_file(const char *directory, const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static const char *words_of(const auk_analysis *analysis, auk_arena *arena, const char *text)
{
    auk_analyzer_scratch *scratch = auk_analyzer_scratch_create();
    auk_tokens tokens;
    auk_tokens_init(&tokens);
    assert_int_equal(auk_analyzer_run(auk_analysis_find(analysis, AUK_SPAN("a")), scratch,
                                      auk_span_of(text), &tokens, NULL),
                     AUK_OK);
    const char *words = auk_tokens_as_words(arena, &tokens);
    auk_tokens_deinit(&tokens);
    auk_analyzer_scratch_destroy(scratch);
    return words;
}

/* Each of n equals becomes each other: what a small body makes of itself has a bound. */
static void bounds_what_synonyms_make(void **state)
{
    (void)state;
    auk_buffer rule;
    auk_buffer_init(&rule, AUK_BUFFER_NO_LIMIT);
    for (unsigned i = 0; i < 1500; i++)
        auk_buffer_printf(&rule, "%sw%u x", i > 0 ? "," : "", i);
    auk_settings *settings = auk_settings_from_text(
        ROOT, "filter.f.type=synonym\nanalyzer.a.tokenizer=whitespace\nanalyzer.a.filter=[f]");
    auk_settings_put(settings, AUK_SPAN(ROOT "filter.f.synonyms"), auk_buffer_span(&rule));
    auk_analysis *analysis = NULL;
    auk_error err = {0};
    assert_int_equal(auk_analysis_create(settings, &analysis, &err), AUK_INVALID);
    assert_string_equal(err.message,
                        "failed to build synonyms: Invalid synonym rule at line 1: the rules make "
                        "more than [2000000] pairs of synonyms");
    auk_settings_put(settings, AUK_SPAN(ROOT "filter.f.expand"), AUK_SPAN("false"));
    assert_int_equal(auk_analysis_create(settings, &analysis, &err), AUK_OK);
    auk_analysis_release(analysis);
    auk_settings_destroy(settings);
    auk_buffer_deinit(&rule);
}

/* m0 holds m1 twice, m1 holds m2 twice, ... and the last one `inner`. */
static void expect_nested(unsigned depth, const char *inner, const char *message)
{
    auk_settings *settings = auk_settings_create();
    for (unsigned i = 0; i < depth; i++) {
        char text[160], next[24];
        snprintf(next, sizeof next, "m%u", i + 1);
        snprintf(text, sizeof text, "filter.m%u.type=multiplexer\nfilter.m%u.filters=[%s,%s]", i, i,
                 i + 1 < depth ? next : inner, i + 1 < depth ? next : inner);
        auk_settings *one = auk_settings_from_text(ROOT, text);
        for (uint32_t k = 0; k < auk_settings_count(one); k++)
            auk_settings_put_list(settings, auk_settings_at(one, k)->key,
                                  auk_settings_at(one, k)->values, auk_settings_at(one, k)->count);
        auk_settings_destroy(one);
    }
    auk_settings_put(settings, AUK_SPAN(ROOT "analyzer.a.tokenizer"), AUK_SPAN("standard"));
    auk_settings_put(settings, AUK_SPAN(ROOT "analyzer.a.filter"), AUK_SPAN("m0"));
    auk_analysis *analysis = NULL;
    auk_error err = {0};
    auk_code code = auk_analysis_create(settings, &analysis, &err);
    assert_string_equal(err.message, message);
    assert_int_equal(code, message[0] ? AUK_INVALID : AUK_OK);
    auk_analysis_release(analysis);
    auk_settings_destroy(settings);
}

static void bounds_filters_within_filters(void **state)
{
    (void)state;
    expect_nested(3, "lowercase", "");
    expect_nested(3, "m0", "Token filter [m0] refers to itself");
    expect_nested(14, "lowercase",
                  "Token filter [m13] brings more than [4096] filters within filters");
    expect_nested(40, "lowercase", "Token filter [m16] is nested more than [16] levels deep");
}

/* mappings_path and rule_files name files below the directory. */
static void reads_files(void **state)
{
    (void)state;
    char directory[] = "/tmp/auk-analysis-XXXXXX", path[64];
    assert_non_null(mkdtemp(directory));
    write_file(directory, "maps",
               "# comment\n\nab => x\n\\u0023 => number\n  \\u0020y=>\\u0020z\n");
    write_file(directory, "latin", "# comment\n.+ {200};\n");
    write_file(directory, "broken", "$$;\n");
    auk_analysis_set_directory(auk_span_of(directory));
    auk_arena *arena = auk_arena_create(1024);

    auk_analysis *analysis = create("char_filter.c.type=mapping\nchar_filter.c.mappings_path=maps\n"
                                    "analyzer.a.tokenizer=whitespace\nanalyzer.a.char_filter=c");
    assert_string_equal(words_of(analysis, arena, "abc # y"), "xc number z");
    auk_analysis_release(analysis);

    analysis = create("tokenizer.t.type=icu_tokenizer\ntokenizer.t.rule_files=[Latn:latin]\n"
                      "analyzer.a.tokenizer=t");
    assert_string_equal(words_of(analysis, arena, "two words"), "two words");
    assert_string_equal(words_of(analysis, arena, "x y \xd0\xb6 \xd0\xb6"),
                        "x y  \xd0\xb6 \xd0\xb6");
    auk_analysis_release(analysis);

    auk_settings *settings = auk_settings_from_text(
        ROOT, "tokenizer.t.type=icu_tokenizer\ntokenizer.t.rule_files=[Latn:broken]");
    auk_error err = {0};
    assert_int_equal(auk_analysis_create(settings, &analysis, &err), AUK_INVALID);
    assert_non_null(strstr(err.message, "failed to load ICU rule files: U_BRK_"));
    auk_settings_destroy(settings);

    auk_arena_destroy(arena);
    static const char *const names[] = {"maps", "latin", "broken"};
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        unlink(path);
    }
    rmdir(directory);
}

int main(void)
{
    struct CMUnitTest tests[N_REFUSED + 10] = {
        cmocka_unit_test(compiles_a_custom_analyzer),
        cmocka_unit_test(compiles_analyzers_with_settings),
        cmocka_unit_test(raises_the_limit_of_grams),
        cmocka_unit_test(names_the_nearest),
        cmocka_unit_test(normalizes),
        cmocka_unit_test(a_built_chain_holds_its_analysis),
        cmocka_unit_test(refuses_unknown_parts_of_a_chain),
        cmocka_unit_test(reads_files),
        cmocka_unit_test(bounds_filters_within_filters),
        cmocka_unit_test(bounds_what_synonyms_make),
    };
    for (size_t i = 0; i < N_REFUSED; i++)
        tests[10 + i] = (struct CMUnitTest){.name = refused[i].name,
                                            .test_func = refuses,
                                            .initial_state = &refused[i]};
    return cmocka_run_group_tests_name("analysis", tests, NULL, NULL);
}
