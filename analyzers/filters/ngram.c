/* ngram and edge_ngram: pieces of a word, by characters, with the word's own offsets and position.
 */
#include "auk/error.h"
#include "filters.h"
#include "token_list.h"
#include "unicode.h"

enum { MOST_GRAM = 1024, DEFAULT_DIFFERENCE = 1 };

typedef struct gram_state {
    uint32_t least; /* characters */
    uint32_t most;
    bool preserve_original;
    bool from_back;
} gram_state;

static auk_code compile_sizes(const auk_definition *definition, gram_state *grams, auk_error *err)
{
    int64_t least, most;
    auk_code code =
        auk_definition_int(definition, "min_gram", 1, INT32_MIN, MOST_GRAM, &least, err);
    if (code == AUK_OK)
        code = auk_definition_int(definition, "max_gram", 2, INT32_MIN, MOST_GRAM, &most, err);
    if (code == AUK_OK)
        code = auk_definition_bool(definition, "preserve_original", false,
                                   &grams->preserve_original, err);
    if (code != AUK_OK)
        return code;
    if (least < 1)
        return auk_fail(err, AUK_INVALID, "minGram must be greater than zero");
    if (least > most)
        return auk_fail(err, AUK_INVALID, "minGram must not be greater than maxGram");
    grams->least = (uint32_t)least;
    grams->most = (uint32_t)most;
    return AUK_OK;
}

static auk_code compile_ngram(const auk_definition *definition, const void **state, auk_error *err)
{
    gram_state *grams = AUK_ARENA_NEW(definition->arena, gram_state);
    *state = grams;
    auk_code code = compile_sizes(definition, grams, err);
    if (code != AUK_OK)
        return code;

    int64_t limit = DEFAULT_DIFFERENCE;
    if (definition->settings)
        code = auk_settings_int(definition->settings, AUK_SPAN("index.max_ngram_diff"),
                                DEFAULT_DIFFERENCE, 0, INT32_MAX, &limit, err);
    if (code == AUK_OK && grams->most - grams->least > limit)
        return auk_fail(
            err, AUK_INVALID,
            "The difference between max_gram and min_gram in NGram Tokenizer must be less "
            "than or equal to: [%d] but was [%u]. This limit can be set by changing the "
            "[index.max_ngram_diff] index level setting.",
            (int)limit, grams->most - grams->least);
    return code;
}

static auk_code compile_edge(const auk_definition *definition, const void **state, auk_error *err)
{
    gram_state *grams = AUK_ARENA_NEW(definition->arena, gram_state);
    *state = grams;
    auk_code code = compile_sizes(definition, grams, err);
    if (code != AUK_OK)
        return code;
    auk_span side = auk_definition_text(definition, "side", AUK_SPAN("front"));
    grams->from_back = auk_span_is(side, "back");
    if (!grams->from_back && !auk_span_is(side, "front"))
        return auk_fail(err, AUK_INVALID, "invalid side: %.*s", AUK_SPAN_ARG(side));
    return AUK_OK;
}

/* One token more at the end of the spare list. */
static void add(auk_tokens *tokens, size_t *count, const auk_token *whole, const char *text,
                size_t size)
{
    auk_token *token = auk_tokens_push(tokens, count, whole);
    token->text = text;
    token->size = (uint32_t)size;
}

static const char *forward(const char *at, const char *end)
{
    for (at++; at < end && auk_unicode_continues(*at); at++) {
    }
    return at;
}

static const char *backward(const char *at, const char *begin)
{
    for (at--; at > begin && auk_unicode_continues(*at); at--) {
    }
    return at;
}

/* Grams of all sizes from the front of [begin, end). */
static uint32_t add_front(auk_tokens *tokens, size_t *count, const auk_token *whole,
                          const gram_state *grams, const char *begin)
{
    const char *end = whole->text + whole->size;
    const char *at = begin;
    uint32_t size = 0;
    while (at < end && size < grams->most) {
        at = forward(at, end);
        if (++size >= grams->least)
            add(tokens, count, whole, begin, (size_t)(at - begin));
    }
    return at < end ? size + 1 : size;
}

static uint32_t add_back(auk_tokens *tokens, size_t *count, const auk_token *whole,
                         const gram_state *grams)
{
    const char *end = whole->text + whole->size;
    const char *at = end;
    uint32_t size = 0;
    while (at > whole->text && size < grams->most) {
        at = backward(at, whole->text);
        if (++size >= grams->least)
            add(tokens, count, whole, at, (size_t)(end - at));
    }
    return at > whole->text ? size + 1 : size;
}

/* As in Lucene, the end knows the words that gave no gram and no holes behind the last word. */
static void finish(auk_tokens *tokens, size_t count)
{
    size_t words = tokens->count;
    tokens->end_position = words > 0 ? tokens->items[words - 1].position + 1 : 0;
    auk_tokens_swap(tokens, count);
}

static auk_code run_edge(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                         auk_error *err)
{
    (void)scratch, (void)err;
    const gram_state *grams = state;
    size_t count = 0;
    auk_tokens_reserve_spare(tokens, tokens->count);
    for (size_t i = 0; i < tokens->count && !auk_tokens_is_full(tokens); i++) {
        const auk_token *whole = &tokens->items[i];
        uint32_t size = grams->from_back ? add_back(tokens, &count, whole, grams)
                                         : add_front(tokens, &count, whole, grams, whole->text);
        if (grams->preserve_original && (size < grams->least || size > grams->most))
            add(tokens, &count, whole, whole->text, whole->size);
    }
    finish(tokens, count);
    return AUK_OK;
}

static auk_code run_ngram(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                          auk_error *err)
{
    (void)scratch, (void)err;
    const gram_state *grams = state;
    size_t count = 0;
    auk_tokens_reserve_spare(tokens, tokens->count);
    for (size_t i = 0; i < tokens->count && !auk_tokens_is_full(tokens); i++) {
        const auk_token *whole = &tokens->items[i];
        const char *end = whole->text + whole->size;
        uint32_t size = 0;
        for (const char *at = whole->text; at < end && !auk_tokens_is_full(tokens);
             at = forward(at, end), size++)
            add_front(tokens, &count, whole, grams, at);
        if (grams->preserve_original && (size < grams->least || size > grams->most))
            add(tokens, &count, whole, whole->text, whole->size);
    }
    finish(tokens, count);
    return AUK_OK;
}

static const char *const ngram_settings[] = {"min_gram", "max_gram", "preserve_original", NULL};
static const char *const edge_settings[] = {"min_gram", "max_gram", "preserve_original", "side",
                                            NULL};

const auk_component_type auk_filter_edge_ngram = {
    .name = "edge_ngram",
    .flags = AUK_COMPONENT_SPLITTING | AUK_COMPONENT_PREBUILT,
    .settings = edge_settings,
    .compile = compile_edge,
    .filter = run_edge,
};

const auk_component_type auk_filter_ngram = {
    .name = "ngram",
    .flags = AUK_COMPONENT_SPLITTING | AUK_COMPONENT_PREBUILT,
    .settings = ngram_settings,
    .compile = compile_ngram,
    .filter = run_ngram,
};
