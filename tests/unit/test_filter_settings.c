/*
 * Every token filter with every setting it takes: accepted, with its effect on a text, or refused,
 * in which words. A setting that no row names fails the test.
 */
#include "test.h"

#include "analysis_text.h"
#include "auk/buffer.h"
#include "component.h"

struct filter_case {
    const char *filter;
    const char *settings; /* one a line */
    const char *text;     /* goes through whitespace and the filter */
    const char *want;     /* the words, "!" behind keywords; or "refused: " and why */
};

/* clang-format off */
static const struct filter_case cases[] = {
    {"apostrophe", "", "İstanbul'dan x", "İstanbul x"},
    {"arabic_normalization", "", "كتابٌ", "كتاب"},
    {"asciifolding", "", "été", "ete"},
    {"asciifolding", "preserve_original=true", "été a", "ete été a"},
    {"asciifolding", "preserve_original=perhaps", "a", "refused: Failed to parse value [perhaps] for setting [index.analysis.filter.f.preserve_original] as only [true] or [false] are allowed."},
    {"bengali_normalization", "", "বাংলা", "বাংলা"},
    {"cjk_bigram", "", "a", "a"},
    {"cjk_bigram", "output_unigrams=true\nignored_scripts=[han]", "a", "a"},
    {"cjk_bigram", "ignored_scripts=[latin]", "a", "refused: unknown script [latin] in [ignored_scripts]; scripts are han, hiragana, katakana and hangul"},
    {"cjk_width", "", "ＡＢ", "AB"},
    {"classic", "", "U.S.A. x", "U.S.A. x"},
    {"common_grams", "common_words=[the]", "the fox", "the the_fox fox"},
    {"common_grams", "common_words=[THE]\nignore_case=true\nquery_mode=true", "the fox", "the_fox"},
    {"common_grams", "common_words_path=words.txt", "the fox", "the the_fox fox"},
    {"common_grams", "", "a", "refused: missing or empty [common_words] or [common_words_path] configuration for common_grams token filter"},
    {"condition", "filter=[uppercase]\nscript=token.term.length() < 3", "ab abc", "AB abc"},
    {"condition", "filter=[uppercase]\nscript.source=token.keyword\nscript.lang=painless", "ab", "ab"},
    {"condition", "filter=[nothing]\nscript=token.keyword", "a", "refused: ScriptedConditionTokenFilter [condition] refers to undefined token filter [nothing]"},
    {"condition", "filter=[f]\nscript=token.keyword", "a", "refused: Token filter [f] refers to itself"},
    {"condition", "script=token.keyword", "a", "refused: Empty list of filters provided to tokenfilter [f]"},
    {"condition", "filter=[uppercase]\nscript.id=stored", "a", "refused: unknown setting [index.analysis.filter.f.script.id]; did you mean [script]?"},
    {"condition", "filter=[uppercase]\nscript.source=token.keyword\nscript.params.x=1", "a", "refused: unknown setting [index.analysis.filter.f.script.params.x]"},
    {"decimal_digit", "", "١٢", "12"},
    {"delimited_payload", "", "a|1 b", "a b"},
    {"delimited_payload", "delimiter=:\nencoding=identity", "a:1 b", "a b"},
    {"delimited_payload", "encoding=int", "a|1", "a"},
    {"delimited_payload", "encoding=double", "a|1", "refused: unknown encoding [double]"},
    {"dictionary_decompounder", "word_list=[haus,tür]", "haustür", "haustür haus tür"},
    {"dictionary_decompounder", "word_list=[HAUS]\nword_list_case=true", "haustür", "haustür haus"},
    {"dictionary_decompounder", "word_list_path=compound_words.txt\nonly_longest_match=true", "haustür", "haustür haust tür"},
    {"dictionary_decompounder", "word_list=[haus,tür]\nmin_word_size=9", "haustür", "haustür"},
    {"dictionary_decompounder", "word_list=[haus,tür]\nmin_subword_size=4", "haustür", "haustür haus"},
    {"dictionary_decompounder", "word_list=[haus,tür]\nmax_subword_size=3", "haustür", "haustür tür"},
    {"dictionary_decompounder", "", "a", "refused: word_list must be provided for [f], either as a path to a file, or directly"},
    {"dictionary_decompounder", "word_list=[a]\nmin_word_size=-1", "a", "refused: minWordSize cannot be negative"},
    {"edge_ngram", "", "abc", "a ab"},
    {"edge_ngram", "min_gram=2\nmax_gram=3\npreserve_original=true", "abcd", "ab abc abcd"},
    {"edge_ngram", "side=back", "abc", "c bc"},
    {"edge_ngram", "side=both", "abc", "refused: invalid side: both"},
    {"elision", "articles=[l]", "l'avion L'avion", "avion L'avion"},
    {"elision", "articles=[l]\narticles_case=true", "L'avion", "avion"},
    {"elision", "articles_path=words.txt", "the'avion", "avion"},
    {"elision", "", "a", "refused: elision filter requires [articles] or [articles_path] setting"},
    {"fingerprint", "", "b a b", "a b"},
    {"fingerprint", "separator=+\nmax_output_size=9", "b a b", "a+b"},
    {"fingerprint", "separator=ab", "a", "refused: Setting [separator] must be a single, non-null character. [ab] was provided."},
    {"fingerprint", "max_output_size=1", "b a", ""},
    {"flatten_graph", "", "a b", "a b"},
    {"german_normalization", "", "straße", "strasse"},
    {"hindi_normalization", "", "हिन्दी", "हिंदि"},
    {"hunspell", "locale=xx_AUK", "walked rebuilding", "walk build"},
    {"hunspell", "language=xx_AUK\nlongest_only=true", "building", "building"},
    {"hunspell", "lang=xx_AUK\ndictionary=[more.dic]", "walked gizmos", "walked gizmo"},
    {"hunspell", "locale=xx_AUK\ndedup=true", "walked", "walk"},
    {"hunspell", "locale=xx_AUK\ndedup=false", "walked", "refused: [dedup] cannot be false: libhunspell names each stem once"},
    {"hunspell", "locale=yy", "a", "refused: Unknown hunspell dictionary for locale [yy]"},
    {"hunspell", "locale=../hyphenation", "a", "refused: Unknown hunspell dictionary for locale [../hyphenation]"},
    {"hunspell", "locale=xx_AUK\ndictionary=[other.dic]", "a", "refused: Missing dictionary file for hunspell dictionary [xx_AUK]"},
    {"hunspell", "", "a", "refused: missing [locale | language | lang] configuration for hunspell token filter"},
    {"hyphenation_decompounder", "hyphenation_patterns_path=hyphenation/toy.xml\nword_list=[haus,bau]", "hausbau", "hausbau haus bau"},
    {"hyphenation_decompounder", "hyphenation_patterns_path=hyphenation/toy.xml\nword_list_path=compound_words.txt\nonly_longest_match=true\nmin_word_size=3\nmin_subword_size=2\nmax_subword_size=9\nword_list_case=true", "hausbau", "hausbau haus bau"},
    {"hyphenation_decompounder", "hyphenation_patterns_path=hyphenation/toy.xml\nword_list=[donau,dampf,donaudampf]\nno_sub_matches=true\nno_overlapping_matches=true", "donaudampfschiff", "donaudampfschiff donaudampf"},
    {"hyphenation_decompounder", "hyphenation_patterns_path=../hyphenation/toy.xml\nword_list=[a]", "a", "refused: Exception while reading hyphenation_patterns_path.; file [../hyphenation/toy.xml] of [index.analysis.filter.f.hyphenation_patterns_path] is not below the directory of configuration files"},
    {"hyphenation_decompounder", "hyphenation_patterns_path=compound_words.txt\nword_list=[a]", "a", "refused: Exception while reading hyphenation_patterns_path.; there is no <hyphenation-info>"},
    {"hyphenation_decompounder", "word_list=[a]", "a", "refused: hyphenation_patterns_path is a required setting."},
    {"hyphenation_decompounder", "hyphenation_patterns_path=hyphenation/toy.xml", "a", "refused: word_list must be provided for [f], either as a path to a file, or directly"},
    {"icu_folding", "", "Straße Å", "strasse a"},
    {"icu_folding", "unicode_set_filter=[[^å]]", "å é", "å e"},
    {"icu_normalizer", "", "Ａ", "a"},
    {"icu_normalizer", "name=nfc", "Ａ", "Ａ"},
    {"icu_normalizer", "name=nfc\nmode=decompose", "é", "é"},
    {"icu_normalizer", "mode=recompose", "a", "refused: mode must be [compose] or [decompose], not [recompose]"},
    {"icu_normalizer", "unicode_set_filter=[[^Ａ]]", "Ａ", "Ａ"},
    {"icu_normalizer", "name=nfd", "a", "refused: unknown normalization [nfd]; names are nfc, nfkc and nfkc_cf"},
    {"icu_transform", "id=Any-Latin", "Привет", "Privet"},
    {"icu_transform", "id=Latin-Cyrillic\ndir=reverse", "Привет", "Privet"},
    {"icu_transform", "id=No-Such", "a", "refused: Invalid ID No-Such: U_INVALID_ID"},
    {"icu_transform", "id=Any-Latin\ndir=sideways", "a", "refused: dir must be [forward] or [reverse], not [sideways]"},
    {"indic_normalization", "", "हिन्दी", "हिन्दी"},
    {"keep", "keep_words=[a,B]", "a b", "a"},
    {"keep", "keep_words=[B]\nkeep_words_case=true", "a b", "b"},
    {"keep", "keep_words_path=words.txt", "the b", "the"},
    {"keep", "keep_words=[a]\nkeep_words_path=words.txt", "a", "refused: keep requires either `keep_words` or `keep_words_path` to be configured"},
    {"keep_types", "types=[word]", "a 1", "a 1"},
    {"keep_types", "types=[word]\nmode=exclude", "a 1", ""},
    {"keep_types", "types=[word]\nmode=only", "a", "refused: `keep_types` tokenfilter mode can only be `include` or `exclude` but was only."},
    {"keep_types", "", "a", "refused: keep_types requires `types` to be configured"},
    {"keyword_marker", "keywords=[a]", "a A", "a! A"},
    {"keyword_marker", "keywords=[A]\nignore_case=true", "a", "a!"},
    {"keyword_marker", "keywords_path=words.txt", "the a", "the! a"},
    {"keyword_marker", "keywords_pattern=a+", "aa b", "aa! b"},
    {"keyword_marker", "keywords=[a]\nkeywords_pattern=b", "a", "refused: cannot specify both `keywords_pattern` and `keywords` or `keywords_path`"},
    {"keyword_repeat", "", "a", "a! a"},
    {"kstem", "", "a", "refused: Unknown filter type [kstem] for [f]; [kstem] is not supported; [porter_stem] or [minimal_english] come nearest"},
    {"length", "", "a abc", "a abc"},
    {"length", "min=2\nmax=3", "a ab abc abcd", "ab abc"},
    {"length", "min=3\nmax=2", "a", "refused: maximum length must not be greater than minimum length"},
    {"length", "min=-1", "a", "refused: Failed to parse value [-1] for setting [index.analysis.filter.f.min] must be >= 0"},
    {"limit", "", "a b", "a"},
    {"limit", "max_token_count=2\nconsume_all_tokens=true", "a b c", "a b"},
    {"limit", "max_token_count=0", "a", "refused: Failed to parse value [0] for setting [index.analysis.filter.f.max_token_count] must be >= 1"},
    {"lowercase", "", "ABC", "abc"},
    {"lowercase", "language=turkish", "IĞ", "ığ"},
    {"lowercase", "language=greek", "ΣΑΣ", "σασ"},
    {"lowercase", "language=german", "a", "refused: language [german] not support for lower case; languages are greek, irish and turkish"},
    {"min_hash", "hash_count=2\nbucket_count=1\nhash_set_size=1\nwith_rotation=false", "", ""},
    {"min_hash", "hash_count=0", "a", "refused: hashCount must be greater than zero"},
    {"min_hash", "bucket_count=0", "a", "refused: bucketCount must be greater than zero"},
    {"min_hash", "hash_set_size=0", "a", "refused: hashSetSize must be greater than zero"},
    {"min_hash", "hash_count=1024\nbucket_count=1024\nhash_set_size=2", "a", "refused: hash_count * bucket_count * hash_set_size must be at most [1048576]"},
    {"multiplexer", "filters=[lowercase,uppercase]", "Ab", "Ab ab AB"},
    {"multiplexer", "filters=[lowercase]\npreserve_original=false", "Ab", "ab"},
    {"multiplexer", "filters=[f]", "Ab", "refused: Token filter [f] refers to itself"},
    {"multiplexer", "filters=[nothing]", "Ab", "refused: Multiplexing filter references undefined filter [nothing]"},
    {"ngram", "", "abc", "a ab b bc c"},
    {"ngram", "min_gram=2\nmax_gram=3\npreserve_original=true", "abcd", "ab abc bc bcd cd abcd"},
    {"ngram", "min_gram=1\nmax_gram=9", "a", "refused: The difference between max_gram and min_gram in NGram Tokenizer must be less than or equal to: [1] but was [8]. This limit can be set by changing the [index.max_ngram_diff] index level setting."},
    {"pattern_capture", "patterns=[(b)]", "abc", "abc b"},
    {"pattern_capture", "patterns=[(b)]\npreserve_original=false", "abc", "b"},
    {"pattern_capture", "", "a", "refused: required setting 'patterns' is missing for token filter [f]"},
    {"pattern_replace", "pattern=b\nreplacement=x", "abb", "axx"},
    {"pattern_replace", "pattern=b\nreplacement=x\nall=false", "abb", "axb"},
    {"pattern_replace", "pattern=B\nflags=CASE_INSENSITIVE", "abc", "ac"},
    {"pattern_replace", "replacement=x", "a", "refused: pattern is missing for [f] token filter of type 'pattern_replace'"},
    {"persian_normalization", "", "كتاب", "كتاب"},
    {"phonetic", "", "Thompson", "0MPS"},
    {"phonetic", "encoder=soundex\nreplace=false", "Thompson", "T512 Thompson"},
    {"phonetic", "encoder=refinedSoundex", "Thompson", "T6081308"},
    {"phonetic", "encoder=Double_Metaphone\nmax_code_len=6", "Thompsonberg", "TMPSNP"},
    {"phonetic", "encoder=doubleMetaphone", "Smith", "SM0 XMT"},
    {"phonetic", "encoder=caverphone", "Thompson", "TMPSN11111"},
    {"phonetic", "encoder=caverphone1", "Thompson", "TMPSN1"},
    {"phonetic", "encoder=caverphone2", "Thompson", "TMPSN11111"},
    {"phonetic", "encoder=cologne", "Müller", "657"},
    {"phonetic", "encoder=nysiis", "Thompson", "TANPSA"},
    {"phonetic", "encoder=daitch_mokotoff", "Auerbach", "097400 097500"},
    {"phonetic", "encoder=metaphone\nmax_code_len=6", "a", "refused: [max_code_len] is a setting of encoder [double_metaphone], not of [metaphone]"},
    {"phonetic", "encoder=double_metaphone\nmax_code_len=0", "a", "refused: Failed to parse value [0] for setting [index.analysis.filter.f.max_code_len] must be >= 1"},
    {"phonetic", "encoder=beider_morse", "a", "refused: encoder [beider_morse] for phonetic token filter is not supported; nearest to it is [daitch_mokotoff]"},
    {"phonetic", "encoder=bm", "a", "refused: encoder [bm] for phonetic token filter is not supported; nearest to it is [daitch_mokotoff]"},
    {"phonetic", "encoder=beider_morse\nlanguageset=[german]", "a", "refused: unknown setting [index.analysis.filter.f.languageset]"},
    {"phonetic", "encoder=beider_morse\nrule_type=exact", "a", "refused: unknown setting [index.analysis.filter.f.rule_type]"},
    {"phonetic", "encoder=beider_morse\nname_type=generic", "a", "refused: unknown setting [index.analysis.filter.f.name_type]"},
    {"phonetic", "encoder=koelnerphonetik", "a", "refused: encoder [koelnerphonetik] for phonetic token filter is not supported; nearest to it is [cologne]"},
    {"phonetic", "encoder=haasephonetik", "a", "refused: encoder [haasephonetik] for phonetic token filter is not supported; nearest to it is [cologne]"},
    {"phonetic", "encoder=soundx", "a", "refused: unknown encoder [soundx] for phonetic token filter; did you mean [soundex]?"},
    {"porter_stem", "", "running", "run"},
    {"possessive_english", "", "dog's", "dog"},
    {"predicate_token_filter", "script=token.type == 'word'", "a", "a"},
    {"predicate_token_filter", "script.source=token.position > 0\nscript.lang=painless", "a b", "b"},
    {"predicate_token_filter", "script.source=1 + 1", "a", "refused: compile error in script [1 + 1]; a script compares token.term.length(), token.type, token.position, token.startOffset, token.endOffset or token.isKeyword(), with && and || between"},
    {"remove_duplicates", "", "a a", "a a"},
    {"reverse", "", "abc", "cba"},
    {"scandinavian_folding", "", "blåbærsyltetøj", "blabarsyltetoj"},
    {"scandinavian_normalization", "", "räksmörgås", "ræksmørgås"},
    {"serbian_normalization", "", "Београд", "Бeograd"},
    {"shingle", "", "a b", "a a b b"},
    {"shingle", "min_shingle_size=3\nmax_shingle_size=3\noutput_unigrams=false\ntoken_separator=", "a b c", "abc"},
    {"shingle", "output_unigrams=false\noutput_unigrams_if_no_shingles=true\nfiller_token=*", "a", "a"},
    {"shingle", "min_shingle_size=1", "a", "refused: Failed to parse value [1] for setting [index.analysis.filter.f.min_shingle_size] must be >= 2"},
    {"shingle", "min_shingle_size=4\nmax_shingle_size=3", "a", "refused: Min shingle size (4) must be less than or equal to max shingle size (3)"},
    {"snowball", "", "running", "run"},
    {"snowball", "language=German2", "häuser", "haus"},
    {"snowball", "name=French", "chevaux", "cheval"},
    {"snowball", "language=Klingon", "a", "refused: Unknown snowball language [Klingon]"},
    {"sorani_normalization", "", "كتاب", "کتاب"},
    {"stemmer", "", "running", "run"},
    {"stemmer", "language=light_german", "häuser", "haus"},
    {"stemmer", "name=swedish", "husen", "hus"},
    {"stemmer", "language=klingon", "a", "refused: Unknown stemmer language [klingon]"},
    {"stemmer_override", "rules=[running => run]", "running", "run!"},
    {"stemmer_override", "rules_path=overrides.txt", "running", "run!"},
    {"stemmer_override", "rules=[running]", "a", "refused: Invalid Keyword override Rule:running"},
    {"stemmer_override", "", "a", "refused: stemmer override filter requires either `rules` or `rules_path` to be configured"},
    {"stop", "", "the fox", "fox"},
    {"stop", "stopwords=_german_", "und fox", "fox"},
    {"stop", "stopwords=[FOX]\nignore_case=true", "the fox", "the"},
    {"stop", "stopwords_path=words.txt", "the fox", "fox"},
    {"stop", "stopwords=[fox]\nremove_trailing=false", "the fox", "the fox!"},
    {"stop", "stopwords=_klingon_", "a", "refused: unknown list of stop words [_klingon_]; lists are named after languages, as [_german_]; other words can be given one by one"},
    {"synonym", "synonyms=[a => b]", "a", "b"},
    {"synonym", "synonyms=[a,c]\nexpand=false", "a", "a"},
    {"synonym", "synonyms=,,,", "a", "a"},
    {"synonym", "synonyms=,b,,a,", "a", "a b"},
    {"synonym", "synonyms=[a => b]\nformat=xml", "a", "refused: unknown format [xml], must be [solr] or [wordnet]"},
    {"synonym", "", "a", "refused: synonym requires either `synonyms`, `synonyms_set` or `synonyms_path` to be configured"},
    {"synonym", "synonyms=[a => b]\nupdateable=true", "a", "b"},
    {"synonym", "synonyms_set=none", "a", "refused: Can't apply [synonyms_set]! Loading synonyms from index is supported only for search time synonyms!"},
    {"synonym", "synonyms_path=synonyms.txt\nexpand=true\nlenient=true", "quick", "quick fast"},
    {"synonym_graph", "synonyms=[a => b c]", "a", "b c"},
    {"synonym_graph", "synonyms_path=synonyms.txt\nformat=solr", "quick", "fast quick"},
    {"synonym_graph", "synonyms_set=none\nupdateable=true", "a", "refused: synonyms set [none] not found"},
    {"synonym_graph", "synonyms=[a,c]\nexpand=false\nlenient=true\nupdateable=true", "c", "c"},
    {"trim", "", "a", "a"},
    {"truncate", "", "abcdefghijklm", "abcdefghij"},
    {"truncate", "length=2", "abc", "ab"},
    {"truncate", "length=0", "a", "refused: Failed to parse value [0] for setting [index.analysis.filter.f.length] must be >= 1"},
    {"unique", "", "a b a", "a b"},
    {"unique", "only_on_same_position=true", "a b a", "a b a"},
    {"uppercase", "", "abc", "ABC"},
    {"word_delimiter", "", "Wi-Fi2's", "Wi Fi 2 s"},
    {"word_delimiter", "generate_word_parts=false", "wi-500", "500"},
    {"word_delimiter", "generate_number_parts=false", "wi-500", "wi"},
    {"word_delimiter", "catenate_words=true", "wi-fi", "wi wifi fi"},
    {"word_delimiter", "catenate_numbers=true", "1-2", "1 12 2"},
    {"word_delimiter", "catenate_all=true", "wi-1", "wi wi1 1"},
    {"word_delimiter", "split_on_case_change=false", "aB", "aB"},
    {"word_delimiter", "split_on_numerics=false", "a1", "a1"},
    {"word_delimiter", "preserve_original=true", "a-b", "a-b a b"},
    {"word_delimiter", "stem_english_possessive=false", "x's", "x s"},
    {"word_delimiter", "protected_words=[a-b]", "a-b c-d", "a-b c d"},
    {"word_delimiter", "protected_words_path=words.txt", "wi-fi c-d", "wi-fi c d"},
    {"word_delimiter", "type_table=[- => ALPHA]", "a-b", "a-b"},
    {"word_delimiter", "type_table_path=types.txt", "a-b c$d", "a b c$d"},
    {"word_delimiter", "type_table=[- => LETTER]", "a", "refused: Invalid Mapping Rule : [LETTER]. Illegal type."},
    {"word_delimiter", "adjust_offsets=false", "a", "refused: unknown setting [index.analysis.filter.f.adjust_offsets]"},
    {"word_delimiter_graph", "generate_word_parts=false\ngenerate_number_parts=false\ncatenate_words=true\ncatenate_numbers=true", "wi-fi-1-2", "wifi 12"},
    {"word_delimiter_graph", "catenate_all=true\nadjust_offsets=false", "wi-1", "wi1 wi 1"},
    {"word_delimiter_graph", "split_on_case_change=false\nsplit_on_numerics=false\npreserve_original=true", "aB1-c", "aB1-c aB1 c"},
    {"word_delimiter_graph", "stem_english_possessive=false", "x's", "x s"},
    {"word_delimiter_graph", "protected_words=[a-b]", "a-b c-d", "a-b c d"},
    {"word_delimiter_graph", "protected_words_path=words.txt", "wi-fi", "wi-fi"},
    {"word_delimiter_graph", "type_table=[- => ALPHA]", "a-b", "a-b"},
    {"word_delimiter_graph", "type_table_path=types.txt", "c$d", "c$d"},
    {"word_delimiter_graph", "ignore_keywords=true", "a-b", "a b"},
    {"word_delimiter_graph", "ignore_keywords=1", "a-b", "refused: Failed to parse value [1] for setting [index.analysis.filter.f.ignore_keywords] as only [true] or [false] are allowed."},
    {"stop", "stopwords=[]", "the fox", "the fox"},
    {"stop", "stopwords_path=hyphenation", "a", "refused: IOException while reading stopwords_path: " AUK_GOLDEN_CONFIG "/hyphenation: Is a directory"},
    {"common_grams", "common_words=[]", "a", "refused: missing or empty [common_words] or [common_words_path] configuration for common_grams token filter"},
    {"elision", "articles=[]", "l'a", "l'a"},
    {"length", "max=nine", "a", "refused: Failed to parse value [nine] for setting [index.analysis.filter.f.max]"},
    {"ngram", "min_gram=0", "a", "refused: minGram must be greater than zero"},
    {"shingle", "max_shingle_diff=3", "a", "refused: unknown setting [index.analysis.filter.f.max_shingle_diff]; did you mean [max_shingle_size]?"},
};
/* clang-format on */
#define N_CASES (sizeof cases / sizeof cases[0])

static void write_words(auk_buffer *out, const auk_tokens *tokens)
{
    for (size_t i = 0; i < tokens->count; i++)
        auk_buffer_printf(out, "%s%.*s%s", i > 0 ? " " : "",
                          AUK_SPAN_ARG(auk_token_text(&tokens->items[i])),
                          tokens->items[i].flags & AUK_TOKEN_KEYWORD ? "!" : "");
}

static void run(const auk_analysis *analysis, const char *text, auk_buffer *out)
{
    auk_analyzer_scratch *scratch = auk_analyzer_scratch_create();
    auk_tokens tokens;
    auk_tokens_init(&tokens);
    assert_int_equal(auk_analyzer_run(auk_analysis_find(analysis, AUK_SPAN("a")), scratch,
                                      auk_span_of(text), &tokens, NULL),
                     AUK_OK);
    write_words(out, &tokens);
    auk_tokens_deinit(&tokens);
    auk_analyzer_scratch_destroy(scratch);
}

static void says(void **state)
{
    const struct filter_case *c = *state;
    auk_arena *arena = auk_arena_create(1024);
    auk_settings *settings = auk_settings_from_text("index.analysis.filter.f.", c->settings);
    auk_settings_put(settings, AUK_SPAN("index.analysis.filter.f.type"), auk_span_of(c->filter));
    auk_settings_put(settings, AUK_SPAN("index.analysis.analyzer.a.tokenizer"),
                     AUK_SPAN("whitespace"));
    auk_settings_put(settings, AUK_SPAN("index.analysis.analyzer.a.filter"), AUK_SPAN("f"));
    auk_analysis *analysis = NULL;
    auk_error err = {0};
    auk_buffer got;
    auk_buffer_init(&got, AUK_BUFFER_NO_LIMIT);
    if (auk_analysis_create(settings, &analysis, &err) == AUK_OK)
        run(analysis, c->text, &got);
    else
        auk_buffer_printf(&got, "refused: %s%s%s", err.message, err.hint[0] ? "; " : "", err.hint);
    auk_buffer_append_byte(&got, '\0');
    assert_string_equal(got.data, c->want);
    auk_buffer_deinit(&got);
    auk_analysis_release(analysis);
    auk_settings_destroy(settings);
    auk_arena_destroy(arena);
}

static bool is_covered(const char *filter, const char *setting)
{
    for (size_t i = 0; i < N_CASES; i++) {
        if (strcmp(cases[i].filter, filter) != 0)
            continue;
        if (!setting)
            return true;
        auk_span lines = auk_span_of(cases[i].settings), line;
        while (auk_span_cut(&lines, '\n', &line))
            if (line.size > strlen(setting) && line.data[strlen(setting)] == '=' &&
                auk_span_starts_with(line, auk_span_of(setting)))
                return true;
    }
    return false;
}

static void every_setting_has_a_case(void **state)
{
    (void)state;
    size_t count;
    const auk_component_type *const *types = auk_component_types(AUK_COMPONENT_FILTER, &count);
    for (size_t i = 0; i < count; i++) {
        if (!is_covered(types[i]->name, NULL))
            fail_msg("no case for filter %s", types[i]->name);
        for (const char *const *at = types[i]->settings; at && *at; at++)
            if (!is_covered(types[i]->name, *at))
                fail_msg("no case for setting %s of filter %s", *at, types[i]->name);
    }
}

/* All that Elasticsearch's reference lists, and what of it is refused. */
static const char languages[] =
    "arabic armenian basque bengali brazilian bulgarian catalan czech danish dutch "
    "dutch_kp english light_english lovins minimal_english porter2 possessive_english "
    "plural_english estonian finnish light_finnish light_french french minimal_french "
    "galician minimal_galician german german2 light_german minimal_german greek hindi "
    "hungarian light_hungarian indonesian irish italian light_italian kp latvian "
    "lithuanian norwegian light_norwegian minimal_norwegian light_nynorsk minimal_nynorsk "
    "persian portuguese light_portuguese minimal_portuguese portuguese_rslp romanian "
    "russian light_russian serbian sorani spanish light_spanish spanish_plural swedish "
    "light_swedish minimal_swedish turkish";
static const char missing[] = " light_english plural_english ";

static void every_stemmer_is_known(void **state)
{
    (void)state;
    auk_span rest = auk_span_of(languages), name;
    while (auk_span_cut(&rest, ' ', &name)) {
        auk_settings *settings = auk_settings_create();
        auk_settings_put(settings, AUK_SPAN("index.analysis.filter.f.type"), AUK_SPAN("stemmer"));
        auk_settings_put(settings, AUK_SPAN("index.analysis.filter.f.language"), name);
        auk_analysis *analysis = NULL;
        auk_error err = {0};
        auk_code code = auk_analysis_create(settings, &analysis, &err);
        char word[64], message[128];
        snprintf(word, sizeof word, " %.*s ", AUK_SPAN_ARG(name));
        snprintf(message, sizeof message, "stemmer language [%.*s] is not supported",
                 AUK_SPAN_ARG(name));
        if (strstr(missing, word))
            assert_string_equal(err.message, message);
        else if (code != AUK_OK)
            fail_msg("%.*s: %s", AUK_SPAN_ARG(name), err.message);
        auk_analysis_release(analysis);
        auk_settings_destroy(settings);
    }
}

int main(void)
{
    auk_analysis_set_directory(AUK_SPAN(AUK_GOLDEN_CONFIG));
    struct CMUnitTest tests[N_CASES + 2] = {cmocka_unit_test(every_setting_has_a_case),
                                            cmocka_unit_test(every_stemmer_is_known)};
    char names[N_CASES][64];
    for (size_t i = 0; i < N_CASES; i++) {
        snprintf(names[i], sizeof names[i], "%s %.40s", cases[i].filter, cases[i].settings);
        names[i][strcspn(names[i], "\n")] = '\0';
        union {
            const void *read;
            void *cmocka_wants;
        } row = {&cases[i]};
        tests[i + 2] = (struct CMUnitTest){.name = names[i],
                                           .test_func = says,
                                           .initial_state = row.cmocka_wants};
    }
    return cmocka_run_group_tests_name("filter_settings", tests, NULL, NULL);
}
