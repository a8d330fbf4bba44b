/* keyword_repeat and remove_duplicates: each word twice, once unstemmed; and what is double again.
 */
#include "auk/error.h"
#include "filters.h"
#include "token_list.h"

static auk_code run_repeat(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                           auk_error *err)
{
    (void)state, (void)scratch, (void)err;
    size_t count = 0;
    auk_tokens_reserve_spare(tokens, tokens->count * 2);
    for (size_t i = 0; i < tokens->count; i++) {
        auk_tokens_push(tokens, &count, &tokens->items[i])->flags |= AUK_TOKEN_KEYWORD;
        auk_tokens_push(tokens, &count, &tokens->items[i])->flags &= (uint8_t)~AUK_TOKEN_KEYWORD;
    }
    auk_tokens_swap(tokens, count);
    return AUK_OK;
}

/* Few tokens share a position, so those before are looked through. */
static bool is_double(const auk_tokens *tokens, size_t kept, const auk_token *token)
{
    for (size_t i = kept; i-- > 0 && tokens->items[i].position == token->position;)
        if (auk_span_equal(auk_token_text(&tokens->items[i]), auk_token_text(token)))
            return true;
    return false;
}

static auk_code run_remove(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                           auk_error *err)
{
    (void)state, (void)scratch, (void)err;
    size_t kept = 0;
    for (size_t i = 0; i < tokens->count; i++)
        if (!is_double(tokens, kept, &tokens->items[i]))
            tokens->items[kept++] = tokens->items[i];
    tokens->count = kept;
    return AUK_OK;
}

const auk_component_type auk_filter_keyword_repeat = {
    .name = "keyword_repeat",
    .flags = AUK_COMPONENT_PREBUILT,
    .filter = run_repeat,
};

const auk_component_type auk_filter_remove_duplicates = {
    .name = "remove_duplicates",
    .flags = AUK_COMPONENT_PREBUILT,
    .filter = run_remove,
};
