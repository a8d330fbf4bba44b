/* Chains: what each tokenizer, filter and analyzer makes of a text. */
#include "test.h"

#include "analysis_text.h"

struct chain_case {
    const char *name;
    const char *chain; /* an analyzer's name, or settings */
    const char *text;
    const char *want;
};

#define WORDS(filters) "tokenizer=whitespace\n" filters

static struct chain_case cases[] = {
    {"standard", "standard", "The 2 QUICK Brown-Foxes jumped over the lazy dog's bone.",
     "the:0-3@0/ALPHANUM 2:4-5@1/NUM quick:6-11@2/ALPHANUM brown:12-17@3/ALPHANUM "
     "foxes:18-23@4/ALPHANUM "
     "jumped:24-30@5/ALPHANUM over:31-35@6/ALPHANUM the:36-39@7/ALPHANUM lazy:40-44@8/ALPHANUM "
     "dog's:45-50@9/ALPHANUM bone:51-55@10/ALPHANUM"},
    {"simple", "simple", "The 2 QUICK dog's",
     "the:0-3@0/WORD quick:6-11@1/WORD dog:12-15@2/WORD s:16-17@3/WORD"},
    {"whitespace", "whitespace", "The 2 QUICK\tdog's\n",
     "The:0-3@0/WORD 2:4-5@1/WORD QUICK:6-11@2/WORD dog's:12-17@3/WORD"},
    {"keyword", "keyword", "New York ", "New York :0-9@0/WORD"},
    {"keyword of an empty text is an empty token", "keyword", "", ":0-0@0/WORD"},
    {"stop", "stop", "The 2 QUICK dogs", "quick:6-11@1/WORD dogs:12-16@2/WORD"},
    {"english", "english", "The quick brown foxes' and the Dog's running",
     "quick:4-9@1/ALPHANUM brown:10-15@2/ALPHANUM fox:16-21@3/ALPHANUM dog:31-36@6/ALPHANUM "
     "run:37-44@7/ALPHANUM"},
    {"default is standard", "default", "A b", "a:0-1@0/ALPHANUM b:2-3@1/ALPHANUM"},

    /* Where the JDK's dictionary, which Lucene runs, has "ไม่ มี", "ประเทศ ไทย", "ค้น หา", "ผลไม้" and
     * "เมืองหลวง", and otherwise is of ICU's mind: see the table thai. */
    {"thai by ICU's dictionary", "tokenizer=thai", "ไม่มี ประเทศไทย ค้นหา ผลไม้ เมืองหลวง",
     "ไม่มี:0-15@0/WORD ประเทศไทย:16-43@1/WORD ค้นหา:44-59@2/WORD ผล:60-66@3/WORD ไม้:66-75@4/WORD "
     "เมือง:76-91@5/WORD หลวง:91-103@6/WORD"},
    {"letter", "tokenizer=letter", "it's2 \xc3\xa9t\xc3\xa9",
     "it:0-2@0/WORD s:3-4@1/WORD \xc3\xa9t\xc3\xa9:6-11@2/WORD"},
    {"lowercase tokenizer", "tokenizer=lowercase", "It's \xc3\x89T",
     "it:0-2@0/WORD s:3-4@1/WORD \xc3\xa9t:5-8@2/WORD"},
    {"whitespace knows no-break spaces", "tokenizer=whitespace",
     "a\xc2\xa0"
     "b\xe3\x80\x80"
     "c",
     "a\xc2\xa0"
     "b:0-4@0/WORD c:7-8@1/WORD"},
    {"whitespace splits long words", "tokenizer.type=whitespace\ntokenizer.max_token_length=3",
     "abcdefg hi", "abc:0-3@0/WORD def:3-6@1/WORD g:6-7@2/WORD hi:8-10@3/WORD"},
    {"letter splits long words", "tokenizer.type=letter\ntokenizer.max_token_length=2", "abcde",
     "ab:0-2@0/WORD cd:2-4@1/WORD e:4-5@2/WORD"},

    {"lowercase", WORDS("filter=lowercase"),
     "ABC \xc3\x89T\xc3\x89 \xd0\x9f\xd0\xa0 \xc8\xba \xe2\x84\xaa"
     "elvin z",
     "abc:0-3@0/WORD \xc3\xa9t\xc3\xa9:4-9@1/WORD \xd0\xbf\xd1\x80:10-14@2/WORD "
     "\xe2\xb1\xa5:15-17@3/WORD kelvin:18-26@4/WORD z:27-28@5/WORD"},
    {"lowercase leaves what is small", WORDS("filter=lowercase"), "abc d",
     "abc:0-3@0/WORD d:4-5@1/WORD"},
    {"lowercase behind a stemmer", WORDS("filter=[porter_stem,lowercase]"), "Cats",
     "cat:0-4@0/WORD"},
    {"uppercase", WORDS("filter=uppercase"), "abc \xc3\xa9 \xc3\x9f",
     "ABC:0-3@0/WORD \xc3\x89:4-6@1/WORD \xc3\x9f:7-9@2/WORD"},
    {"asciifolding", WORDS("filter=asciifolding"),
     "caf\xc3\xa9 \xc3\x86on stra\xc3\x9f"
     "e \xe2\x80\x9cq\xe2\x80\x9d \xc5\x81\xc3\xb3"
     "d\xc5\xba \xef\xac\x81 \xe2\x91\xa0 \xef\xbc\xa1 \xd0\x9f",
     "cafe:0-5@0/WORD AEon:6-10@1/WORD strasse:11-18@2/WORD \"q\":19-26@3/WORD Lodz:27-34@4/WORD "
     "fi:35-38@5/WORD 1:39-42@6/WORD A:43-46@7/WORD \xd0\x9f:47-49@8/WORD"},
    {"asciifolding keeps the original",
     WORDS("filter.0.type=asciifolding\nfilter.0.preserve_original=true"), "a \xc3\xa9 b",
     "a:0-1@0/WORD e:2-4@1/WORD \xc3\xa9:2-4@1/WORD b:5-6@2/WORD"},
    {"stop", WORDS("filter=stop"), "a fox is The in", "fox:2-5@1/WORD The:9-12@3/WORD"},
    {"stop with words", WORDS("filter.0.type=stop\nfilter.0.stopwords=[fox,_english_]"),
     "a fox ran", "ran:6-9@2/WORD"},
    {"stop without words", WORDS("filter.0.type=stop\nfilter.0.stopwords=_none_"), "a fox",
     "a:0-1@0/WORD fox:2-5@1/WORD"},
    {"stop with words in one text", WORDS("filter.0.type=stop\nfilter.0.stopwords=fox, ran"),
     "a fox ran", "a:0-1@0/WORD"},
    {"stop ignores case", WORDS("filter.0.type=stop\nfilter.0.ignore_case=true"), "THE Fox",
     "Fox:4-7@1/WORD"},
    {"stop knows long words",
     WORDS("filter.0.type=stop\nfilter.0.stopwords=[internationalization]"),
     "internationalization x", "x:21-22@1/WORD"},
    {"stop spares the word being typed",
     WORDS("filter.0.type=stop\nfilter.0.remove_trailing=false"), "the fox the",
     "fox:4-7@1/WORD the:8-11@2/WORD!"},
    {"unique", WORDS("filter=unique"), "a b a c b d",
     "a:0-1@0/WORD b:2-3@1/WORD c:6-7@2/WORD d:10-11@3/WORD"},
    {"unique at one position",
     WORDS("filter.0.type=asciifolding\nfilter.0.preserve_original=true\nfilter.1="
           "lowercase\nfilter.2.type=unique\nfilter.2.only_on_same_position=true"),
     "a a", "a:0-1@0/WORD a:2-3@1/WORD"},
    {"length", WORDS("filter.0.type=length\nfilter.0.min=2\nfilter.0.max=3"),
     "a bb ccc dddd \xc3\xa9\xc3\xa9\xc3\xa9 e",
     "bb:2-4@1/WORD ccc:5-8@2/WORD \xc3\xa9\xc3\xa9\xc3\xa9:14-20@4/WORD"},
    {"truncate", WORDS("filter.0.type=truncate\nfilter.0.length=2"),
     "abc \xc3\xa9\xc3\xa9\xc3\xa9 z", "ab:0-3@0/WORD \xc3\xa9\xc3\xa9:4-10@1/WORD z:11-12@2/WORD"},
    {"truncate's default", WORDS("filter=truncate"), "abcdefghijklm", "abcdefghij:0-13@0/WORD"},
    {"trim", "tokenizer=keyword\nfilter=trim", " a b\t", "a b:0-5@0/WORD"},
    {"trim of white space alone", "tokenizer=keyword\nfilter=trim", "  ", ":0-2@0/WORD"},
    {"reverse", WORDS("filter=reverse"),
     "abc \xc3\xa9"
     "a",
     "cba:0-3@0/WORD a\xc3\xa9:4-7@1/WORD"},
    {"reverse of an empty token", "tokenizer=keyword\nfilter=reverse", "", ":0-0@0/WORD"},
    {"edge_ngram's default", WORDS("filter=edge_ngram"), "abc d",
     "a:0-3@0/WORD ab:0-3@0/WORD d:4-5@1/WORD"},
    {"edge_ngram", WORDS("filter.0.type=edge_ngram\nfilter.0.min_gram=2\nfilter.0.max_gram=3"),
     "abcd e \xc3\xa9t\xc3\xa9",
     "ab:0-4@0/WORD abc:0-4@0/WORD \xc3\xa9t:7-12@2/WORD \xc3\xa9t\xc3\xa9:7-12@2/WORD"},
    {"edge_ngram keeps the original",
     WORDS("filter.0.type=edge_ngram\nfilter.0.min_gram=2\nfilter.0.max_gram=3\nfilter.0.preserve_"
           "original=true"),
     "abcd e fg", "ab:0-4@0/WORD abc:0-4@0/WORD abcd:0-4@0/WORD e:5-6@1/WORD fg:7-9@2/WORD"},
    {"edge_ngram from the back", WORDS("filter.0.type=edge_ngram\nfilter.0.side=back"), "abc",
     "c:0-3@0/WORD bc:0-3@0/WORD"},
    {"ngram", WORDS("filter=ngram"), "abc",
     "a:0-3@0/WORD ab:0-3@0/WORD b:0-3@0/WORD bc:0-3@0/WORD c:0-3@0/WORD"},
    {"ngram keeps the original",
     WORDS("filter.0.type=ngram\nfilter.0.min_gram=2\nfilter.0.max_gram=2\nfilter.0.preserve_"
           "original=true"),
     "abc d ef", "ab:0-3@0/WORD bc:0-3@0/WORD abc:0-3@0/WORD d:4-5@1/WORD ef:6-8@2/WORD"},
    {"multiplexer", WORDS("filter.0.type=multiplexer\nfilter.0.filters=[lowercase,uppercase]"),
     "Ab c", "Ab:0-2@0/WORD ab:0-2@0/WORD AB:0-2@0/WORD c:3-4@1/WORD C:3-4@1/WORD"},
    {"multiplexer without the original",
     WORDS("filter.0.type=multiplexer\nfilter.0.filters=lowercase, porter_stem\n"
           "filter.0.preserve_original=false"),
     "Cats run", "cat:0-4@0/WORD run:5-8@1/WORD"},
    {"condition by length",
     WORDS("filter.0.type=condition\nfilter.0.filter=[uppercase]\n"
           "filter.0.script.source=token.term.length() < 3"),
     "ab abc a", "AB:0-2@0/WORD abc:3-6@1/WORD A:7-8@2/WORD"},
    {"condition by type or term",
     "tokenizer=standard\nfilter.0.type=condition\nfilter.0.filter=[reverse]\n"
     "filter.0.script.source=token.type == '<NUM>' || token.getTerm().toString() == \"ab\"",
     "12 ab cd", "21:0-2@0/NUM ba:3-5@1/ALPHANUM cd:6-8@2/ALPHANUM"},
    {"predicate_token_filter",
     WORDS("filter.0.type=predicate_token_filter\n"
           "filter.0.script.source=token.position > 0 && token.term.length() >= 2"),
     "ab abc a", "abc:3-6@1/WORD"},
    {"keyword_marker",
     WORDS("filter.0.type=keyword_marker\nfilter.0.keywords=[cats]\nfilter.0.ignore_case=true"),
     "Cats dogs", "Cats:0-4@0/WORD! dogs:5-9@1/WORD"},
    {"mapping, offsets of what was there",
     "char_filter.0.type=mapping\nchar_filter.0.mappings=[:) => _happy_,ph=>f,& => "
     "and]\ntokenizer=whitespace",
     "a :) phone x&y z",
     "a:0-1@0/WORD _happy_:2-4@1/WORD fone:5-10@2/WORD xandy:11-14@3/WORD z:15-16@4/WORD"},
    {"mapping prefers the longest",
     "char_filter.0.type=mapping\nchar_filter.0.mappings=[a=>1,ab=>2]\ntokenizer=keyword", "abaab",
     "212:0-5@0/WORD"},
    {"mapping to nothing",
     "char_filter.0.type=mapping\nchar_filter.0.mappings=[-=>]\ntokenizer=standard", "wi-fi x",
     "wifi:0-5@0/ALPHANUM x:6-7@1/ALPHANUM"},
    {"two mappings",
     "char_filter.0.type=mapping\nchar_filter.0.mappings=[abc=>b]\nchar_filter.1.type="
     "mapping\nchar_filter.1.mappings=[b=>xyz]\ntokenizer=whitespace",
     "q abc r", "q:0-1@0/WORD xyz:2-5@1/WORD r:6-7@2/WORD"},
    {"mapping with escapes",
     "char_filter.0.type=mapping\nchar_filter.0.mappings=[\\u0061=>\\uD83D\\uDE00,\\=\\>=>x]"
     "\ntokenizer=keyword",
     "a=>", "\xf0\x9f\x98\x80x:0-3@0/WORD"},
    {"keyword takes broken bytes for spaces", "keyword",
     "a\xff"
     "b",
     "a b:0-3@0/WORD"},
};
#define N_CASES (sizeof cases / sizeof cases[0])

struct fixture {
    auk_arena *arena;
    auk_analysis *analysis;
    auk_analyzer_scratch *scratch;
    auk_tokens tokens;
};

static struct fixture f;

static int set_up(void **state)
{
    (void)state;
    f.arena = auk_arena_create(1 << 16);
    f.scratch = auk_analyzer_scratch_create();
    auk_tokens_init(&f.tokens);
    return auk_analysis_create(NULL, &f.analysis, NULL) != AUK_OK;
}

static int tear_down(void **state)
{
    (void)state;
    auk_tokens_deinit(&f.tokens);
    auk_analyzer_scratch_destroy(f.scratch);
    auk_analysis_release(f.analysis);
    auk_arena_destroy(f.arena);
    return 0;
}

static auk_analyzer *build(const char *lines)
{
    auk_settings *spec = auk_settings_from_text("", lines);
    auk_analyzer *analyzer;
    auk_error err = {0};
    if (auk_analyzer_build(spec, f.analysis, &analyzer, &err) != AUK_OK)
        fail_msg("%s", err.message);
    auk_settings_destroy(spec);
    return analyzer;
}

static void analyzes(void **state)
{
    const struct chain_case *c = *state;
    auk_analyzer *built = strchr(c->chain, '=') ? build(c->chain) : NULL;
    const auk_analyzer *analyzer =
        built ? built : auk_analysis_find(f.analysis, auk_span_of(c->chain));
    assert_non_null(analyzer);
    assert_int_equal(auk_analyzer_run(analyzer, f.scratch, auk_span_of(c->text), &f.tokens, NULL),
                     AUK_OK);
    assert_string_equal(auk_tokens_as_text(f.arena, &f.tokens), c->want);
    auk_analyzer_destroy(built);
}

static void counts_holes_at_the_end(void **state)
{
    (void)state;
    const auk_analyzer *analyzer = auk_analysis_find(f.analysis, AUK_SPAN("stop"));
    assert_int_equal(auk_analyzer_run(analyzer, f.scratch, AUK_SPAN("fox in the"), &f.tokens, NULL),
                     AUK_OK);
    assert_int_equal(f.tokens.count, 1);
    assert_int_equal(f.tokens.end_position, 3);
    assert_int_equal(f.tokens.end_offset, 10);
}

static void shows_every_stage(void **state)
{
    (void)state;
    auk_analyzer *analyzer = build("char_filter.0.type=mapping\nchar_filter.0.mappings=[&=>and]\n"
                                   "tokenizer=standard\nfilter=[lowercase,stop]");
    const auk_stage *stages;
    size_t count;
    assert_int_equal(auk_analyzer_run_stages(analyzer, f.scratch, AUK_SPAN("The & Fox"), f.arena,
                                             &stages, &count, NULL),
                     AUK_OK);
    assert_int_equal(count, 4);
    assert_int_equal(stages[0].kind, AUK_STAGE_CHAR_FILTER);
    assert_true(auk_span_is(stages[0].text, "The and Fox"));
    assert_true(auk_span_is(stages[0].name, "__anonymous__mapping"));
    assert_int_equal(stages[1].kind, AUK_STAGE_TOKENIZER);
    assert_true(auk_span_is(stages[1].name, "standard"));
    assert_int_equal(stages[1].count, 3);
    assert_true(auk_span_is(auk_token_text(&stages[1].items[0]), "The"));
    assert_true(auk_span_is(stages[2].name, "lowercase"));
    assert_true(auk_span_is(auk_token_text(&stages[2].items[0]), "the"));
    assert_true(auk_span_is(stages[3].name, "stop"));
    assert_int_equal(stages[3].count, 1);
    auk_analyzer_destroy(analyzer);
}

/* Of a text that is taken as a word, a run has that word and nothing else. */
static bool takes_word(const char *chain, auk_span text)
{
    char word[AUK_ANALYZER_WORD_MOST];
    auk_analyzer *built = strchr(chain, '=') ? build(chain) : NULL;
    const auk_analyzer *analyzer =
        built ? built : auk_analysis_find(f.analysis, auk_span_of(chain));
    bool taken = auk_analyzer_run_word(analyzer, text, word);
    if (taken) {
        assert_int_equal(auk_analyzer_run(analyzer, f.scratch, text, &f.tokens, NULL), AUK_OK);
        assert_int_equal(f.tokens.count, 1);
        assert_int_equal(f.tokens.items[0].position, 0);
        auk_span want = auk_token_text(&f.tokens.items[0]);
        assert_true(auk_span_equal(want, auk_span_make(word, text.size)));
    }
    auk_analyzer_destroy(built);
    return taken;
}

static void takes_plain_words_without_a_run(void **state)
{
    (void)state;
    static const char *const words[] = {"a",    "Z",      "0",   "9",        "Fox",
                                        "fOX9", "9lives", "x86", "ABC123XYZ"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        assert_true(takes_word("standard", auk_span_of(words[i])));
        assert_true(takes_word("tokenizer=standard\nfilter=lowercase", auk_span_of(words[i])));
    }
    char text[AUK_ANALYZER_WORD_MOST + 1];
    memset(text, 'Q', sizeof text);
    for (size_t size = 0; size <= sizeof text; size++)
        assert_int_equal(takes_word("standard", auk_span_make(text, size)),
                         size > 0 && size < sizeof text);
}

static void leaves_to_a_run_what_may_be_no_plain_word(void **state)
{
    (void)state;
    static const char *const chains[] = {"whitespace",
                                         "english",
                                         "stop",
                                         "tokenizer=standard",
                                         "tokenizer=standard\nfilter=[lowercase,stop]",
                                         "tokenizer=standard\nfilter=uppercase",
                                         "tokenizer=standard\nfilter.0.type=lowercase\n"
                                         "filter.0.language=turkish",
                                         "tokenizer=standard\nfilter=lowercase\n"
                                         "char_filter=html_strip",
                                         "tokenizer.type=standard\ntokenizer.max_token_length=3\n"
                                         "filter=lowercase"};
    for (size_t i = 0; i < sizeof chains / sizeof chains[0]; i++)
        assert_false(takes_word(chains[i], AUK_SPAN("Istanbul")));
    /* each byte beside letters, in front of them and behind them */
    for (unsigned byte = 0; byte < 256; byte++) {
        char text[] = {'a', (char)byte, 'B'};
        for (size_t from = 0; from < 2; from++)
            for (size_t to = from + 1; to <= sizeof text; to++)
                (void)takes_word("standard", auk_span_make(text + from, to - from));
        bool plain = (byte | 0x20) - 'a' < 26u || byte - '0' < 10u;
        assert_int_equal(takes_word("standard", auk_span_make(text, sizeof text)), plain);
    }
}

static void names_the_types_as_lucene(void **state)
{
    (void)state;
    assert_string_equal(auk_token_type_name(AUK_TOKEN_ALPHANUM), "<ALPHANUM>");
    assert_string_equal(auk_token_type_name(AUK_TOKEN_WORD), "word");
    assert_string_equal(auk_token_type_name(200), "word");
}

static void refuses_a_text_that_is_too_long(void **state)
{
    (void)state;
    const auk_analyzer *analyzer = auk_analysis_find(f.analysis, AUK_SPAN("standard"));
    auk_span text = {"x", AUK_ANALYZER_TEXT_LIMIT + 1};
    assert_int_equal(auk_analyzer_run(analyzer, f.scratch, text, &f.tokens, NULL), AUK_TOO_LARGE);
}

int main(void)
{
    struct CMUnitTest tests[N_CASES + 6] = {
        cmocka_unit_test(counts_holes_at_the_end),
        cmocka_unit_test(shows_every_stage),
        cmocka_unit_test(takes_plain_words_without_a_run),
        cmocka_unit_test(leaves_to_a_run_what_may_be_no_plain_word),
        cmocka_unit_test(names_the_types_as_lucene),
        cmocka_unit_test(refuses_a_text_that_is_too_long),
    };
    for (size_t i = 0; i < N_CASES; i++)
        tests[6 + i] = (struct CMUnitTest){.name = cases[i].name,
                                           .test_func = analyzes,
                                           .initial_state = &cases[i]};
    return cmocka_run_group_tests_name("analyzer", tests, set_up, tear_down);
}
