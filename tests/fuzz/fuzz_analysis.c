/*
 * Any bytes as a text under chains of all filters: no token holds bytes that are not UTF-8, offsets
 * and positions are in order and inside of the text, and the standard tokenizer's two paths agree.
 * The first two bytes choose the tokenizer and the filters.
 */
#include <stdlib.h>

#include "auk/utf8.h"
#include "scratch.h"
#include "tokenizers/tokenizers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const tokenizers[] = {"standard", "letter", "lowercase", "whitespace",
                                         "keyword"};
static const char *const filters[] = {"lowercase",  "asciifolding", "porter_stem", "unique",
                                      "edge_ngram", "truncate",     "reverse",     "stop"};

static void require(bool holds)
{
    if (!holds)
        abort();
}

static auk_analyzer *build(uint8_t tokenizer, uint8_t chosen)
{
    auk_span names[8];
    uint32_t count = 0;
    for (unsigned i = 0; i < 8; i++)
        if (chosen >> i & 1)
            names[count++] = auk_span_of(filters[i]);
    auk_settings *spec = auk_settings_create();
    auk_settings_put(spec, AUK_SPAN("tokenizer"), auk_span_of(tokenizers[tokenizer % 5]));
    auk_settings_put_list(spec, AUK_SPAN("filter"), names, count);
    auk_analyzer *analyzer;
    require(auk_analyzer_build(spec, NULL, &analyzer, NULL) == AUK_OK);
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

static void compare(auk_analyzer_scratch *scratch, auk_span text, auk_tokens *fast)
{
    static const struct {
        uint32_t max_length; /* as standard.c's state */
    } states[] = {{255}, {4}};
    auk_tokens icu;
    auk_tokens_init(&icu);
    for (size_t i = 0; i < 2; i++) {
        auk_tokens_reset(fast);
        auk_tokens_reset(&icu);
        require(auk_tokenizer_standard.tokenize(&states[i], scratch, text, fast, NULL) == AUK_OK);
        require(auk_tokenizer_standard_icu.tokenize(&states[i], scratch, text, &icu, NULL) ==
                AUK_OK);
        require(fast->count == icu.count);
        for (size_t j = 0; j < icu.count; j++)
            require(fast->items[j].start == icu.items[j].start &&
                    fast->items[j].end == icu.items[j].end &&
                    fast->items[j].type == icu.items[j].type);
    }
    auk_tokens_deinit(&icu);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static auk_analyzer_scratch *scratch;
    if (!scratch)
        scratch = auk_analyzer_scratch_create();
    if (size < 2)
        return 0;
    auk_span text = auk_span_make(data + 2, size - 2);
    auk_tokens tokens;
    auk_tokens_init(&tokens);
    auk_analyzer *analyzer = build(data[0], data[1]);
    require(auk_analyzer_run(analyzer, scratch, text, &tokens, NULL) == AUK_OK);
    check(&tokens, text.size);
    auk_analyzer_destroy(analyzer);
    if (auk_utf8_valid(text))
        compare(scratch, text, &tokens);
    auk_tokens_deinit(&tokens);
    return 0;
}
