/* ngram and edge_ngram: pieces of the text's runs of characters, each at a position of its own. */
#include "auk/error.h"
#include "character_class.h"
#include "token_list.h"
#include "tokenizers.h"
#include "unicode.h"

enum { MOST_GRAM = 1024, DEFAULT_DIFFERENCE = 1 };

typedef struct gram_state {
    uint32_t least; /* characters */
    uint32_t most;
    bool all; /* no token_chars: the whole text is one run */
    bool edge;
    auk_character_class belongs;
} gram_state;

static auk_code compile_sizes(const auk_definition *definition, gram_state *grams, auk_error *err)
{
    int64_t least, most, limit = DEFAULT_DIFFERENCE;
    auk_code code =
        auk_definition_int(definition, "min_gram", 1, INT32_MIN, MOST_GRAM, &least, err);
    if (code == AUK_OK)
        code = auk_definition_int(definition, "max_gram", 2, INT32_MIN, MOST_GRAM, &most, err);
    if (code == AUK_OK && !grams->edge && definition->settings)
        code = auk_settings_int(definition->settings, AUK_SPAN("index.max_ngram_diff"),
                                DEFAULT_DIFFERENCE, 0, INT32_MAX, &limit, err);
    if (code != AUK_OK)
        return code;
    if (!grams->edge && most - least > limit)
        return auk_fail(
            err, AUK_INVALID,
            "The difference between max_gram and min_gram in NGram Tokenizer must be less than or "
            "equal to: [%d] but was [%d]. This limit can be set by changing the "
            "[index.max_ngram_diff] index level setting.",
            (int)limit, (int)(most - least));
    if (least < 1)
        return auk_fail(err, AUK_INVALID, "minGram must be greater than zero");
    if (least > most)
        return auk_fail(err, AUK_INVALID, "minGram must not be greater than maxGram");
    grams->least = (uint32_t)least;
    grams->most = (uint32_t)most;
    return AUK_OK;
}

static auk_code add_custom(const auk_definition *definition, gram_state *grams, auk_error *err)
{
    auk_span custom = auk_definition_text(definition, "custom_token_chars", AUK_SPAN(""));
    if (custom.size == 0)
        return auk_fail(err, AUK_INVALID,
                        "Token type: 'custom' requires setting `custom_token_chars`");
    const char *end = custom.data + custom.size;
    for (const char *at = custom.data; at < end;) {
        uint32_t character;
        at += auk_unicode_next(at, end, &character);
        auk_character_class_add(&grams->belongs, definition->arena, character);
    }
    return AUK_OK;
}

static auk_code compile(const auk_definition *definition, bool edge, const void **state,
                        auk_error *err)
{
    gram_state *grams = AUK_ARENA_NEW(definition->arena, gram_state);
    *state = grams;
    grams->edge = edge;
    auk_code code = compile_sizes(definition, grams, err);
    if (code != AUK_OK)
        return code;
    size_t count;
    auk_span *names = auk_definition_list(definition, "token_chars", &count);
    grams->all = count == 0;
    for (size_t i = 0; code == AUK_OK && i < count; i++) {
        if (auk_span_is(names[i], "custom")) {
            code = add_custom(definition, grams, err);
        } else if (!auk_character_class_add_name(&grams->belongs, names[i])) {
            code = auk_fail(err, AUK_INVALID, "Unknown token type: '%.*s', must be one of %s",
                            AUK_SPAN_ARG(names[i]),
                            "[letter, digit, whitespace, punctuation, symbol, custom]");
        }
    }
    auk_character_class_finish(&grams->belongs);
    return code;
}

static auk_code compile_ngram(const auk_definition *definition, const void **state, auk_error *err)
{
    return compile(definition, false, state, err);
}

static auk_code compile_edge(const auk_definition *definition, const void **state, auk_error *err)
{
    return compile(definition, true, state, err);
}

static size_t forward(auk_span text, size_t at)
{
    for (at++; at < text.size && auk_unicode_continues(text.data[at]); at++) {
    }
    return at;
}

/* The grams that begin at start, of a run that goes to end. */
static void emit(auk_tokens *tokens, const gram_state *grams, auk_span text, size_t start,
                 size_t end)
{
    uint32_t size = 0;
    bool ascii = true;
    for (size_t at = start; at < end && size < grams->most;) {
        ascii &= (uint8_t)text.data[at] < 0x80;
        at = forward(text, at);
        if (++size < grams->least)
            continue;
        auk_token *token = auk_tokens_reserve(tokens, 1);
        *token = (auk_token){.text = text.data + start,
                             .size = (uint32_t)(at - start),
                             .start = (uint32_t)start,
                             .end = (uint32_t)at,
                             .position = tokens->end_position++,
                             .position_length = 1,
                             .type = AUK_TOKEN_WORD,
                             .flags = ascii ? AUK_TOKEN_ASCII : 0};
        tokens->count++;
    }
}

static bool belongs(const gram_state *grams, auk_span text, size_t at)
{
    uint32_t character;
    if (grams->all)
        return true;
    auk_unicode_next(text.data + at, text.data + text.size, &character);
    return auk_character_class_has(&grams->belongs, character);
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_span text,
                    auk_tokens *tokens, auk_error *err)
{
    (void)scratch, (void)err;
    const gram_state *grams = state;
    for (size_t start = 0; start < text.size && !auk_tokens_is_full(tokens);) {
        size_t end = start;
        while (end < text.size && belongs(grams, text, end))
            end = grams->all ? text.size : forward(text, end);
        if (grams->edge)
            emit(tokens, grams, text, start, end);
        else
            for (size_t at = start; at < end && !auk_tokens_is_full(tokens); at = forward(text, at))
                emit(tokens, grams, text, at, end);
        start = end < text.size ? forward(text, end) : end;
    }
    return AUK_OK;
}

static const char *const settings[] = {"min_gram", "max_gram", "token_chars", "custom_token_chars",
                                       NULL};

const auk_component_type auk_tokenizer_ngram = {
    .name = "ngram",
    .flags = AUK_COMPONENT_PREBUILT,
    .settings = settings,
    .compile = compile_ngram,
    .tokenize = run,
};

const auk_component_type auk_tokenizer_edge_ngram = {
    .name = "edge_ngram",
    .flags = AUK_COMPONENT_PREBUILT,
    .settings = settings,
    .compile = compile_edge,
    .tokenize = run,
};
