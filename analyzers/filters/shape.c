/* Filters that look at a token's size or order of characters: length, truncate, trim, reverse. */
#include "auk/error.h"
#include "filters.h"
#include "token_list.h"
#include "unicode.h"

enum { DEFAULT_TRUNCATE = 10 };

typedef struct length_state {
    uint32_t least; /* UTF-16 code units, as all lengths here */
    uint32_t most;
} length_state;

static uint32_t units_of(const auk_token *token)
{
    if (token->flags & AUK_TOKEN_ASCII)
        return token->size;
    return (uint32_t)auk_unicode_units(auk_token_text(token));
}

static auk_code compile_length(const auk_definition *definition, const void **state, auk_error *err)
{
    length_state *length = AUK_ARENA_NEW(definition->arena, length_state);
    int64_t least, most;
    auk_code code = auk_definition_int(definition, "min", 0, 0, INT32_MAX, &least, err);
    if (code == AUK_OK)
        code = auk_definition_int(definition, "max", INT32_MAX, 0, INT32_MAX, &most, err);
    if (code != AUK_OK)
        return code;
    if (least > most)
        return auk_fail(err, AUK_INVALID, "maximum length must not be greater than minimum length");
    *length = (length_state){(uint32_t)least, (uint32_t)most};
    *state = length;
    return AUK_OK;
}

static auk_code run_length(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                           auk_error *err)
{
    (void)scratch, (void)err;
    const length_state *length = state;
    size_t kept = 0;
    for (size_t i = 0; i < tokens->count; i++) {
        uint32_t units = units_of(&tokens->items[i]);
        if (units >= length->least && units <= length->most)
            tokens->items[kept++] = tokens->items[i];
    }
    tokens->count = kept;
    return AUK_OK;
}

static auk_code compile_truncate(const auk_definition *definition, const void **state,
                                 auk_error *err)
{
    length_state *length = AUK_ARENA_NEW(definition->arena, length_state);
    int64_t most;
    auk_code code =
        auk_definition_int(definition, "length", DEFAULT_TRUNCATE, 1, INT32_MAX, &most, err);
    if (code != AUK_OK)
        return code;
    length->most = (uint32_t)most;
    *state = length;
    return AUK_OK;
}

static auk_code run_truncate(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                             auk_error *err)
{
    (void)scratch, (void)err;
    uint32_t most = ((const length_state *)state)->most;
    for (size_t i = 0; i < tokens->count; i++) {
        auk_token *token = &tokens->items[i];
        if (token->size > most && !(token->flags & AUK_TOKEN_KEYWORD))
            token->size = (uint32_t)auk_unicode_cut_units(auk_token_text(token), most);
    }
    return AUK_OK;
}

/* Offsets stay those of the whole token. */
static auk_code run_trim(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                         auk_error *err)
{
    (void)state, (void)scratch, (void)err;
    for (size_t i = 0; i < tokens->count; i++) {
        auk_token *token = &tokens->items[i];
        const char *at = token->text, *end = at + token->size, *last = NULL;
        uint32_t character;
        while (at < end) {
            size_t bytes = auk_unicode_next(at, end, &character);
            if (!auk_unicode_is_white_space(character))
                break;
            at += bytes;
        }
        token->text = last = at;
        while (at < end) {
            at += auk_unicode_next(at, end, &character);
            if (!auk_unicode_is_white_space(character))
                last = at;
        }
        token->size = (uint32_t)(last - token->text);
    }
    return AUK_OK;
}

static auk_code run_reverse(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                            auk_error *err)
{
    (void)state, (void)scratch, (void)err;
    for (size_t i = 0; i < tokens->count; i++) {
        auk_token *token = &tokens->items[i];
        char *room = auk_tokens_room(tokens, token->size);
        const char *end = token->text + token->size;
        char *to = room + token->size;
        for (const char *at = token->text; at < end;) {
            uint32_t character;
            size_t bytes = auk_unicode_next(at, end, &character);
            to -= bytes;
            memcpy(to, at, bytes);
            at += bytes;
        }
        auk_tokens_keep(tokens, token->size);
        token->text = room;
    }
    return AUK_OK;
}

static const char *const length_settings[] = {"min", "max", NULL};
static const char *const truncate_settings[] = {"length", NULL};

const auk_component_type auk_filter_length = {
    .name = "length",
    .flags = AUK_COMPONENT_PREBUILT,
    .settings = length_settings,
    .compile = compile_length,
    .filter = run_length,
};

const auk_component_type auk_filter_truncate = {
    .name = "truncate",
    .flags = AUK_COMPONENT_PREBUILT,
    .settings = truncate_settings,
    .compile = compile_truncate,
    .filter = run_truncate,
};

const auk_component_type auk_filter_trim = {
    .name = "trim",
    .flags = AUK_COMPONENT_PREBUILT | AUK_COMPONENT_NORMALIZING,
    .filter = run_trim,
};

const auk_component_type auk_filter_reverse = {
    .name = "reverse",
    .flags = AUK_COMPONENT_PREBUILT,
    .filter = run_reverse,
};
