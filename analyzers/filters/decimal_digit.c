/* decimal_digit: every script's digits as 0 to 9. */
#include "auk/error.h"
#include "auk/utf8.h"
#include "filters.h"
#include "token_list.h"
#include "unicode.h"

static bool has_digit(const auk_token *token)
{
    const char *end = token->text + token->size;
    for (const char *at = token->text; at < end;) {
        uint32_t character;
        at += auk_unicode_next(at, end, &character);
        if (character >= 0x80 && auk_unicode_digit(character) >= 0)
            return true;
    }
    return false;
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                    auk_error *err)
{
    (void)state, (void)scratch, (void)err;
    for (size_t i = 0; i < tokens->count; i++) {
        auk_token *token = &tokens->items[i];
        if ((token->flags & AUK_TOKEN_ASCII) || !has_digit(token))
            continue;
        char *room = auk_tokens_room(tokens, token->size);
        const char *end = token->text + token->size;
        size_t size = 0;
        for (const char *at = token->text; at < end;) {
            uint32_t character;
            at += auk_unicode_next(at, end, &character);
            int digit = auk_unicode_digit(character);
            size += auk_utf8_encode(digit >= 0 ? (uint32_t)('0' + digit) : character, room + size);
        }
        auk_tokens_keep(tokens, size);
        token->text = room;
        token->size = (uint32_t)size;
    }
    return AUK_OK;
}

const auk_component_type auk_filter_decimal_digit = {
    .name = "decimal_digit",
    .flags = AUK_COMPONENT_PREBUILT | AUK_COMPONENT_NORMALIZING,
    .filter = run,
};
