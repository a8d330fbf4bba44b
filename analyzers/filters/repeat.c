/* keyword_repeat: each word twice, once unstemmed. */
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

const auk_component_type auk_filter_keyword_repeat = {
    .name = "keyword_repeat",
    .flags = AUK_COMPONENT_PREBUILT,
    .filter = run_repeat,
};
