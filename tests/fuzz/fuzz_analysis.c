/*
 * Any bytes as a text under chains of all filters: no token holds bytes that are not UTF-8, offsets
 * and positions are in order and inside of the text, and the two paths of the standard tokenizer
 * and of icu_tokenizer agree. What a chain holds stays near its limit. The first bytes choose the
 * tokenizer and the filters.
 */
#include <stdlib.h>

#include "auk/utf8.h"
#include "scratch.h"
#include "tokenizers/tokenizers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* As settings: a tokenizer's lines, a filter's lines with its number for %u. */
static const char *const tokenizers[] = {
    "tokenizer=standard",
    "tokenizer=letter",
    "tokenizer=lowercase",
    "tokenizer=whitespace",
    "tokenizer=keyword",
    "tokenizer=ngram",
    "tokenizer.type=edge_ngram\ntokenizer.token_chars=[letter,digit]\ntokenizer.max_gram=5",
    "tokenizer=pattern",
    "tokenizer.type=pattern\ntokenizer.pattern=(\\w)\\W*\ntokenizer.group=1",
    "tokenizer.type=char_group\ntokenizer.tokenize_on_chars=[whitespace,-,symbol]",
    "tokenizer=path_hierarchy",
    "tokenizer.type=path_hierarchy\ntokenizer.reverse=true\ntokenizer.replacement=\xe2\x86\x92",
    "tokenizer=whitespace\nchar_filter=html_strip",
    "tokenizer=standard\nchar_filter.0.type=pattern_replace\nchar_filter.0.pattern=[aeiou]|x*y\n"
    "char_filter.0.replacement=<\xc3\xa9$0>",
    "tokenizer=standard\nchar_filter.0.type=mapping\nchar_filter.0.mappings=[a=>bcd,\xc3\xa9=>e,"
    "the=>]",
    "tokenizer=keyword\nchar_filter=html_strip",
    "tokenizer=icu_tokenizer",
    "tokenizer=classic",
    "tokenizer.type=classic\ntokenizer.max_token_length=3",
    "tokenizer=uax_url_email",
    "tokenizer.type=uax_url_email\ntokenizer.max_token_length=5",
    "tokenizer=thai",
    "tokenizer.type=simple_pattern\ntokenizer.pattern=[^ ]+&~(@b@)|a*b",
    "tokenizer.type=simple_pattern_split\ntokenizer.pattern=(, ?| +)",
    "tokenizer=standard\nchar_filter=icu_normalizer",
    "tokenizer=ngram\nchar_filter.0.type=icu_normalizer\nchar_filter.0.mode=decompose\n"
    "char_filter.1.type=html_strip\nchar_filter.2.type=mapping\nchar_filter.2.mappings=[a=>bc,b=>]",
};
static const char *const filters[] = {
    "type=lowercase",
    "type=asciifolding\nfilter.%u.preserve_original=true",
    "type=porter_stem",
    "type=unique",
    "type=edge_ngram",
    "type=truncate\nfilter.%u.length=4",
    "type=reverse",
    "type=stop",
    "type=elision\nfilter.%u.articles=[l,d]",
    "type=apostrophe",
    "type=decimal_digit",
    "type=fingerprint",
    "type=keyword_repeat",
    "type=remove_duplicates",
    "type=common_grams\nfilter.%u.common_words=[a,the]",
    "type=common_grams\nfilter.%u.common_words=[a,the]\nfilter.%u.query_mode=true",
    "type=delimited_payload",
    "type=lowercase\nfilter.%u.language=turkish",
    "type=cjk_width",
    "type=classic",
    "type=cjk_bigram\nfilter.%u.output_unigrams=true",
    "type=cjk_bigram",
    "type=shingle",
    "type=shingle\nfilter.%u.max_shingle_size=3\nfilter.%u.output_unigrams=false",
    "type=word_delimiter\nfilter.%u.catenate_all=true\nfilter.%u.preserve_original=true",
    "type=word_delimiter_graph\nfilter.%u.catenate_all=true\nfilter.%u.catenate_words=true",
    "type=pattern_replace\nfilter.%u.pattern=(a)|b\nfilter.%u.replacement=$1\xc3\xa9",
    "type=pattern_capture\nfilter.%u.patterns=[(a+),(b).(c)]",
    "type=icu_normalizer",
    "type=icu_folding",
    "type=synonym\nfilter.%u.synonyms=[a=>b c d,b c=>a]",
    "type=synonym_graph\nfilter.%u.synonyms=[a=>b c d,b c=>a]",
    "type=condition\nfilter.%u.filter=[reverse]\nfilter.%u.script=token.term.length() < 4",
    "type=multiplexer\nfilter.%u.filters=[lowercase,uppercase]",
    "type=stemmer\nfilter.%u.language=arabic",
    "type=stemmer\nfilter.%u.language=bengali",
    "type=stemmer\nfilter.%u.language=brazilian",
    "type=stemmer\nfilter.%u.language=bulgarian",
    "type=stemmer\nfilter.%u.language=czech",
    "type=stemmer\nfilter.%u.language=estonian",
    "type=stemmer\nfilter.%u.language=galician",
    "type=stemmer\nfilter.%u.language=german2",
    "type=stemmer\nfilter.%u.language=greek",
    "type=stemmer\nfilter.%u.language=hindi",
    "type=stemmer\nfilter.%u.language=indonesian",
    "type=stemmer\nfilter.%u.language=latvian",
    "type=stemmer\nfilter.%u.language=light_finnish",
    "type=stemmer\nfilter.%u.language=light_french",
    "type=stemmer\nfilter.%u.language=light_german",
    "type=stemmer\nfilter.%u.language=light_hungarian",
    "type=stemmer\nfilter.%u.language=light_italian",
    "type=stemmer\nfilter.%u.language=light_nynorsk",
    "type=stemmer\nfilter.%u.language=light_portuguese",
    "type=stemmer\nfilter.%u.language=light_russian",
    "type=stemmer\nfilter.%u.language=light_spanish",
    "type=stemmer\nfilter.%u.language=light_swedish",
    "type=stemmer\nfilter.%u.language=minimal_french",
    "type=stemmer\nfilter.%u.language=minimal_galician",
    "type=stemmer\nfilter.%u.language=minimal_german",
    "type=stemmer\nfilter.%u.language=minimal_nynorsk",
    "type=stemmer\nfilter.%u.language=persian",
    "type=stemmer\nfilter.%u.language=portuguese_rslp",
    "type=stemmer\nfilter.%u.language=sorani",
    "type=stemmer\nfilter.%u.language=spanish_plural",
    "type=stemmer\nfilter.%u.language=turkish",
    "type=arabic_normalization",
    "type=bengali_normalization",
    "type=german_normalization",
    "type=hindi_normalization",
    "type=indic_normalization",
    "type=persian_normalization",
    "type=scandinavian_folding",
    "type=scandinavian_normalization",
    "type=serbian_normalization",
    "type=sorani_normalization",
    "type=flatten_graph",
    "type=dictionary_decompounder\nfilter.%u.word_list=[a,ab,b,cd,haus,\xc3\xa9]\n"
    "filter.%u.min_word_size=1\nfilter.%u.min_subword_size=1",
    "type=hyphenation_decompounder\nfilter.%u.word_list=[a,ab,b,cd,haus,wind,mond]\n"
    "filter.%u.hyphenation_patterns_path=hyphenation/toy.xml\nfilter.%u.min_word_size=1\n"
    "filter.%u.min_subword_size=1",
    "type=hyphenation_decompounder\nfilter.%u.word_list=[a,ab,b,cd,haus,wind,mond]\n"
    "filter.%u.hyphenation_patterns_path=hyphenation/latin.xml\nfilter.%u.no_sub_matches=true\n"
    "filter.%u.no_overlapping_matches=true",
    "type=phonetic",
    "type=phonetic\nfilter.%u.encoder=double_metaphone\nfilter.%u.replace=false",
    "type=phonetic\nfilter.%u.encoder=soundex\nfilter.%u.replace=false",
    "type=phonetic\nfilter.%u.encoder=refined_soundex",
    "type=phonetic\nfilter.%u.encoder=cologne",
    "type=phonetic\nfilter.%u.encoder=caverphone1",
    "type=phonetic\nfilter.%u.encoder=caverphone2",
    "type=phonetic\nfilter.%u.encoder=nysiis",
    "type=phonetic\nfilter.%u.encoder=daitch_mokotoff\nfilter.%u.replace=false",
    "type=hunspell\nfilter.%u.locale=xx_AUK",
    "type=hunspell\nfilter.%u.locale=xx_LATIN\nfilter.%u.longest_only=true",
    "type=hunspell\nfilter.%u.locale=xx_FOLD",
    "type=min_hash\nfilter.%u.bucket_count=4",
    "type=min_hash\nfilter.%u.hash_count=3\nfilter.%u.bucket_count=2\nfilter.%u.hash_set_size=2",
    "type=predicate_token_filter\nfilter.%u.script=token.startOffset < 9 && token.endOffset > 2",
    "type=condition\nfilter.%u.filter=[shingle,stop]\nfilter.%u.script=token.position > 1",
    "type=condition\nfilter.%u.filter=[ngram,unique]\nfilter.%u.script=token.term.length() < 4",
    "type=multiplexer\nfilter.%u.filters=[keyword_repeat,shingle]\nfilter.%u.preserve_original="
    "false",
    "type=limit\nfilter.%u.max_token_count=2",
    "type=keep_types\nfilter.%u.types=[<NUM>,word]\nfilter.%u.mode=exclude",
    "type=keep\nfilter.%u.keep_words=[a,b,the]",
    "type=length\nfilter.%u.min=2\nfilter.%u.max=4",
    "type=trim",
    "type=keyword_marker\nfilter.%u.keywords=[a,the]",
    "type=stemmer_override\nfilter.%u.rules=[a=>bcd,the=>\xc3\xa9]",
    "type=snowball",
    "type=ngram",
    "type=edge_ngram\nfilter.%u.side=back\nfilter.%u.preserve_original=true",
    "type=unique\nfilter.%u.only_on_same_position=true",
};

enum {
    CHAIN = 4,         /* filters */
    LIMIT = 256 << 10, /* bytes of tokens; a stage may come to a few times as much, and stops */
    TOKENIZERS = sizeof tokenizers / sizeof tokenizers[0],
    FILTERS = sizeof filters / sizeof filters[0]
};

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void put_line(auk_settings *spec, auk_span line)
{
    const char *equals = memchr(line.data, '=', line.size);
    auk_span key = {line.data, (size_t)(equals - line.data)}, part, values[8];
    auk_span value = auk_span_from(line, key.size + 1);
    uint32_t count = 0;
    if (value.size < 2 || value.data[0] != '[' || value.data[value.size - 1] != ']') {
        auk_settings_put(spec, key, value);
        return;
    }
    value = (auk_span){value.data + 1, value.size - 2};
    while (auk_span_cut(&value, ',', &part))
        values[count++] = part;
    auk_settings_put_list(spec, key, values, count);
}

static void put_lines(auk_settings *spec, auk_arena *arena, const char *lines, const char *prefix)
{
    auk_span rest = auk_span_of(lines), line;
    while (auk_span_cut(&rest, '\n', &line)) {
        static const char mark[] = "filter.%u.";
        if (auk_span_starts_with(line, auk_span_of(mark)))
            line = auk_span_from(line, sizeof mark - 1);
        put_line(spec, auk_arena_printf(arena, "%s%.*s", prefix, AUK_SPAN_ARG(line)));
    }
}

/* NULL: a chain that is refused. */
static auk_analyzer *build(uint8_t tokenizer, const uint8_t chosen[CHAIN])
{
    auk_settings *spec = auk_settings_create();
    auk_arena *arena = auk_arena_create(1024);
    put_lines(spec, arena, tokenizers[tokenizer % TOKENIZERS], "");
    for (unsigned i = 0; i < CHAIN; i++)
        put_lines(spec, arena, filters[chosen[i] % FILTERS],
                  auk_arena_printf(arena, "filter.%u.", i).data);
    auk_analyzer *analyzer = NULL;
    if (auk_analyzer_build(spec, NULL, &analyzer, NULL) != AUK_OK)
        analyzer = NULL;
    auk_arena_destroy(arena);
    auk_settings_destroy(spec);
    return analyzer;
}

static void check(const auk_tokens *tokens, size_t size)
{
    uint32_t position = 0;
    for (size_t i = 0; i < tokens->count; i++) {
        const auk_token *token = &tokens->items[i];
        require(auk_utf8_valid(auk_token_text(token)));
        require(token->start <= token->end && token->end <= size);
        require(token->position >= position && token->position < tokens->end_position);
        position = token->position;
    }
}

static void require_same(const auk_tokens *fast, const auk_tokens *icu)
{
    require(fast->count == icu->count);
    for (size_t i = 0; i < icu->count; i++)
        require(fast->items[i].start == icu->items[i].start &&
                fast->items[i].end == icu->items[i].end &&
                fast->items[i].type == icu->items[i].type);
}

/* A tokenizer and the one that leaves everything to ICU, with the same state. */
static void compare(auk_analyzer_scratch *scratch, auk_span text, auk_tokens *fast,
                    const auk_component_type *own, const auk_component_type *by_icu,
                    const void *state)
{
    auk_tokens icu;
    auk_tokens_init(&icu);
    auk_tokens_reset(fast);
    require(own->tokenize(state, scratch, text, fast, NULL) == AUK_OK);
    require(by_icu->tokenize(state, scratch, text, &icu, NULL) == AUK_OK);
    require_same(fast, &icu);
    auk_tokens_deinit(&icu);
}

static void compare_all(auk_analyzer_scratch *scratch, auk_span text, auk_tokens *fast)
{
    static const struct {
        uint32_t max_length; /* as standard.c's state */
    } states[] = {{255}, {4}};
    static const struct {
        const void *tailored; /* as icu.c's */
    } plain = {NULL};
    for (size_t i = 0; i < 2; i++)
        compare(scratch, text, fast, &auk_tokenizer_standard, &auk_tokenizer_standard_icu,
                &states[i]);
    compare(scratch, text, fast, &auk_tokenizer_icu, &auk_tokenizer_icu_alone, &plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static auk_analyzer_scratch *scratch;
    if (!scratch) {
        scratch = auk_analyzer_scratch_create();
        auk_analysis_set_directory(AUK_SPAN(AUK_GOLDEN_CONFIG));
    }
    if (size < 1 + CHAIN)
        return 0;
    auk_span text = auk_span_make(data + 1 + CHAIN, size - 1 - CHAIN);
    auk_tokens tokens;
    auk_tokens_init(&tokens);
    auk_tokens_allow(&tokens, LIMIT + size * 64, 0, NULL);
    auk_analyzer *analyzer = build(data[0], data + 1);
    if (analyzer && auk_analyzer_run(analyzer, scratch, text, &tokens, NULL) == AUK_OK)
        check(&tokens, text.size);
    require((tokens.capacity + tokens.spare_capacity) * sizeof(auk_token) <
            6 * (LIMIT + size * 64));
    auk_analyzer_destroy(analyzer);
    if (auk_utf8_valid(text))
        compare_all(scratch, text, &tokens);
    auk_tokens_deinit(&tokens);
    return 0;
}
