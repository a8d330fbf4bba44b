/*
 * lowercase and uppercase, character by character as Java's Character has it.
 *
 * A token that still lies in the source costs an addition: the whole source is copied in lower case
 * once, at many bytes a step, and the token moves over to the copy. Where a small letter is not as
 * long as its capital, or a letter is of three bytes and more, only tokens of ASCII do.
 */
#include "auk/error.h"
#include "auk/utf8.h"
#include "filters.h"
#include "lower_language.h"
#include "text_kernels.h"
#include "token_list.h"
#include "unicode.h"

static void lower_source(auk_tokens *tokens)
{
    const auk_text_kernels *kernels = auk_text_kernels_best();
    auk_span source = tokens->source;
    unsigned found = kernels->letter_case(source.data, source.size);
    tokens->lowered = source.data;
    tokens->lowered_all = (found & AUK_TEXT_IS_ODD) == 0;
    if ((found & AUK_TEXT_HAS_CAPITALS) == 0)
        return;
    char *lowered = auk_arena_alloc(auk_tokens_arena(tokens), source.size);
    kernels->lower(source.data, source.size, lowered);
    tokens->lowered = lowered;
}

/* Writes the token anew from its first character that changes. A character grows from two bytes to
 * three at most. */
static void map(auk_tokens *tokens, auk_token *token, uint32_t (*mapped)(uint32_t))
{
    const char *end = token->text + token->size;
    const char *at = token->text;
    uint32_t character = 0;
    size_t bytes = 0;
    for (; at < end; at += bytes) {
        bytes = auk_unicode_next(at, end, &character);
        if (mapped(character) != character)
            break;
    }
    if (at == end)
        return;

    char *room = auk_tokens_room(tokens, (size_t)token->size * 3 / 2 + 4);
    size_t size = (size_t)(at - token->text);
    memcpy(room, token->text, size);
    for (; at < end; at += bytes) {
        bytes = auk_unicode_next(at, end, &character);
        size += auk_utf8_encode(mapped(character), room + size);
    }
    auk_tokens_keep(tokens, size);
    token->text = room;
    token->size = (uint32_t)size;
}

/* Is every character of the word one of two bytes at most that is small already? */
static bool is_small(const auk_token *token, const uint16_t *table)
{
    const uint8_t *at = (const uint8_t *)token->text, *end = at + token->size;
    while (at < end) {
        uint32_t character = at[0];
        if (character >= 0xe0)
            return false;
        if (character >= 0x80) {
            character = (character & 0x1f) << 6 | (at[1] & 0x3fu);
            at++;
        }
        at++;
        if (table[character] != character)
            return false;
    }
    return true;
}

/* The same for lower case, which is in every chain: most characters are looked up. */
static void map_lower(auk_tokens *tokens, auk_token *token, const uint16_t *table)
{
    char *room = auk_tokens_room(tokens, (size_t)token->size * 3 / 2 + 4);
    const char *end = token->text + token->size;
    size_t size = 0;
    bool changed = false;
    for (const char *at = token->text; at < end;) {
        uint32_t character;
        at += auk_unicode_next(at, end, &character);
        uint32_t lower =
            character < AUK_UNICODE_LOWER_COUNT ? table[character] : auk_unicode_lower(character);
        changed |= lower != character;
        if (lower < 0x80) {
            room[size++] = (char)lower;
        } else if (lower < 0x800) {
            room[size] = (char)(0xc0 | lower >> 6);
            room[size + 1] = (char)(0x80 | (lower & 0x3f));
            size += 2;
        } else {
            size += auk_utf8_encode(lower, room + size);
        }
    }
    if (!changed)
        return;
    auk_tokens_keep(tokens, size);
    token->text = room;
    token->size = (uint32_t)size;
}

static uint32_t upper(uint32_t character)
{
    if (character < 0x80)
        return character - 'a' < 26 ? character & ~0x20u : character;
    return auk_unicode_upper(character);
}

typedef struct lower_state {
    auk_lower_language *language; /* NULL: as in most */
} lower_state;

static auk_code compile_lowercase(const auk_definition *definition, const void **state,
                                  auk_error *err)
{
    lower_state *lower = AUK_ARENA_NEW(definition->arena, lower_state);
    auk_span name = auk_definition_text(definition, "language", AUK_SPAN(""));
    lower->language = auk_lower_language_find(name);
    if (name.size > 0 && !lower->language) {
        auk_fail(err, AUK_INVALID, "language [%.*s] not support for lower case",
                 AUK_SPAN_ARG(name));
        auk_hint(err, "languages are greek, irish and turkish");
        return AUK_INVALID;
    }
    *state = lower;
    return AUK_OK;
}

static auk_code run_lowercase(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                              auk_error *err)
{
    (void)scratch, (void)err;
    const lower_state *lower = state; /* the tokenizer "lowercase" has none */
    if (tokens->count == 0)
        return AUK_OK;
    if (lower && lower->language) {
        for (size_t i = 0; i < tokens->count; i++)
            lower->language(tokens, &tokens->items[i]);
        return AUK_OK;
    }
    const char *source = tokens->source.data;
    size_t source_size = tokens->source.size;
    if (!tokens->lowered)
        lower_source(tokens);
    const uint16_t *table = auk_unicode_lower_table();
    for (size_t i = 0; i < tokens->count; i++) {
        auk_token *token = &tokens->items[i];
        size_t offset = (size_t)((uintptr_t)token->text - (uintptr_t)source);
        if (offset < source_size && (tokens->lowered_all || (token->flags & AUK_TOKEN_ASCII)))
            token->text = tokens->lowered + offset;
        else if (!is_small(token, table))
            map_lower(tokens, token, table);
    }
    return AUK_OK;
}

bool auk_filter_is_plain_lowercase(const auk_component *filter)
{
    const lower_state *lower = filter->state;
    return filter->type == &auk_filter_lowercase && (!lower || !lower->language);
}

static auk_code run_uppercase(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                              auk_error *err)
{
    (void)state, (void)scratch, (void)err;
    for (size_t i = 0; i < tokens->count; i++)
        map(tokens, &tokens->items[i], upper);
    return AUK_OK;
}

static const char *const lowercase_settings[] = {"language", NULL};

const auk_component_type auk_filter_lowercase = {
    .name = "lowercase",
    .flags = AUK_COMPONENT_PREBUILT | AUK_COMPONENT_NORMALIZING,
    .settings = lowercase_settings,
    .compile = compile_lowercase,
    .filter = run_lowercase,
};

const auk_component_type auk_filter_uppercase = {
    .name = "uppercase",
    .flags = AUK_COMPONENT_PREBUILT | AUK_COMPONENT_NORMALIZING,
    .filter = run_uppercase,
};
