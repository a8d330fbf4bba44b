/* classic: what the classic tokenizer's types ask for. "it's" is "it", "I.B.M." is "IBM". */
#include "auk/error.h"
#include "filters.h"
#include "token_list.h"

static bool is_possessive(const auk_token *token)
{
    const char *end = token->text + token->size;
    return token->type == AUK_TOKEN_APOSTROPHE && token->size >= 2 && end[-2] == '\'' &&
           (end[-1] == 's' || end[-1] == 'S');
}

static void drop_dots(auk_tokens *tokens, auk_token *token)
{
    char *room = auk_tokens_room(tokens, token->size);
    uint32_t size = 0;
    for (uint32_t i = 0; i < token->size; i++)
        if (token->text[i] != '.')
            room[size++] = token->text[i];
    auk_tokens_keep(tokens, size);
    token->text = room;
    token->size = size;
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                    auk_error *err)
{
    (void)state, (void)scratch, (void)err;
    for (size_t i = 0; i < tokens->count; i++) {
        auk_token *token = &tokens->items[i];
        if (is_possessive(token))
            token->size -= 2;
        else if (token->type == AUK_TOKEN_ACRONYM)
            drop_dots(tokens, token);
    }
    return AUK_OK;
}

const auk_component_type auk_filter_classic = {
    .name = "classic",
    .flags = AUK_COMPONENT_PREBUILT,
    .filter = run,
};
