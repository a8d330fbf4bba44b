/* asciifolding: letters and signs beyond ASCII as the ASCII that they look like, where there is
 * one. */
#include "auk/error.h"
#include "filters.h"
#include "fold_table.h"
#include "token_list.h"
#include "unicode.h"

typedef struct fold_state {
    bool preserve_original;
    const auk_fold_table *table;
} fold_state;

static auk_code compile(const auk_definition *definition, const void **state, auk_error *err)
{
    fold_state *fold = AUK_ARENA_NEW(definition->arena, fold_state);
    fold->table = auk_fold_table_get();
    *state = fold;
    return auk_definition_bool(definition, "preserve_original", false, &fold->preserve_original,
                               err);
}

/* False: nothing to fold. A character of two bytes becomes four at most. */
static bool fold_token(const auk_fold_table *table, auk_tokens *tokens, auk_token *token)
{
    const char *end = token->text + token->size;
    char *room = auk_tokens_room(tokens, (size_t)token->size * 2);
    size_t size = 0;
    bool changed = false, ascii = true;
    for (const char *at = token->text; at < end;) {
        uint32_t character;
        size_t bytes = auk_unicode_next(at, end, &character);
        const auk_fold *fold = auk_fold_table_find(table, character);
        if (fold->size > 0) {
            memcpy(room + size, fold->text, fold->size);
            size += fold->size;
            changed = true;
        } else {
            memcpy(room + size, at, bytes);
            size += bytes;
            ascii &= character < 0x80;
        }
        at += bytes;
    }
    if (!changed)
        return false;
    auk_tokens_keep(tokens, size);
    token->text = room;
    token->size = (uint32_t)size;
    if (ascii)
        token->flags |= AUK_TOKEN_ASCII;
    return true;
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                    auk_error *err)
{
    (void)scratch, (void)err;
    const fold_state *fold = state;
    size_t count = 0, added = 0;
    for (size_t i = 0; i < tokens->count; i++) {
        auk_token before = tokens->items[i];
        bool folded = !(before.flags & AUK_TOKEN_ASCII) &&
                      !auk_unicode_is_ascii(auk_token_text(&before)) &&
                      fold_token(fold->table, tokens, &tokens->items[i]);
        if (!fold->preserve_original)
            continue;
        auk_token *spare = auk_tokens_reserve_spare(tokens, count + 2);
        spare[count++] = tokens->items[i];
        if (folded) {
            spare[count++] = before;
            added++;
        }
    }
    if (added > 0)
        auk_tokens_swap(tokens, count);
    return AUK_OK;
}

static const char *const settings[] = {"preserve_original", NULL};

const auk_component_type auk_filter_asciifolding = {
    .name = "asciifolding",
    .flags = AUK_COMPONENT_PREBUILT | AUK_COMPONENT_NORMALIZING,
    .settings = settings,
    .compile = compile,
    .filter = run,
};
