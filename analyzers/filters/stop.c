/* stop: words that are left out; positions keep their place, so a hole remains. */
#include "auk/error.h"
#include "filters.h"
#include "languages/stop_words.h"
#include "word_set.h"

typedef struct stop_state {
    const auk_word_set *words; /* NULL: none */
    bool remove_trailing;
} stop_state;

auk_code auk_filter_stop_compile(const auk_definition *definition, auk_span fallback,
                                 const void **state, auk_error *err)
{
    stop_state *stop = AUK_ARENA_NEW(definition->arena, stop_state);
    bool ignore_case;
    auk_code code = auk_definition_bool(definition, "ignore_case", false, &ignore_case, err);
    if (code == AUK_OK)
        code =
            auk_definition_bool(definition, "remove_trailing", true, &stop->remove_trailing, err);
    if (code == AUK_OK)
        code = auk_stop_words_read(definition, fallback, ignore_case, &stop->words, err);
    *state = stop;
    return code;
}

static auk_code compile(const auk_definition *definition, const void **state, auk_error *err)
{
    return auk_filter_stop_compile(definition, AUK_SPAN("_english_"), state, err);
}

/* What is still being typed is no stop word yet: the last token, if nothing follows it, stays. */
static bool is_unfinished(const stop_state *stop, const auk_tokens *tokens, const auk_token *token)
{
    return !stop->remove_trailing && token == tokens->items + tokens->count - 1 &&
           token->end == tokens->end_offset;
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                    auk_error *err)
{
    (void)scratch, (void)err;
    const stop_state *stop = state;
    if (!stop->words)
        return AUK_OK;
    size_t kept = 0;
    for (size_t i = 0; i < tokens->count; i++) {
        auk_token *token = &tokens->items[i];
        if (auk_word_set_has(stop->words, auk_token_text(token))) {
            if (!is_unfinished(stop, tokens, token))
                continue;
            token->flags |= AUK_TOKEN_KEYWORD;
        }
        tokens->items[kept++] = *token;
    }
    tokens->count = kept;
    return AUK_OK;
}

static const char *const settings[] = {"stopwords", "stopwords_path", "ignore_case",
                                       "remove_trailing", NULL};

const auk_component_type auk_filter_stop = {
    .name = "stop",
    .flags = AUK_COMPONENT_PREBUILT,
    .settings = settings,
    .compile = compile,
    .filter = run,
};
