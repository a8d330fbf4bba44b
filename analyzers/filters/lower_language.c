#include "lower_language.h"

#include "auk/utf8.h"
#include "token_list.h"
#include "unicode.h"

enum {
    DOT_ABOVE = 0x307,
    DOTLESS_I = 0x131,
    FINAL_SIGMA = 0x3c2,
    SIGMA = 0x3c3,
    NONSPACING_MARK = 1 << 6 /* U_GC_MN_MASK */
};

/* Without accents, and sigma in one form. */
static uint32_t lower_greek(uint32_t character)
{
    static const struct {
        uint16_t from, to;
    } plain[] = {
        {0x386, 0x3b1}, {0x3ac, 0x3b1}, {0x388, 0x3b5}, {0x3ad, 0x3b5}, {0x389, 0x3b7},
        {0x3ae, 0x3b7}, {0x38a, 0x3b9}, {0x3aa, 0x3b9}, {0x3af, 0x3b9}, {0x3ca, 0x3b9},
        {0x390, 0x3b9}, {0x38e, 0x3c5}, {0x3ab, 0x3c5}, {0x3cd, 0x3c5}, {0x3cb, 0x3c5},
        {0x3b0, 0x3c5}, {0x38c, 0x3bf}, {0x3cc, 0x3bf}, {0x38f, 0x3c9}, {0x3ce, 0x3c9},
    };
    if (character == FINAL_SIGMA)
        return SIGMA;
    if (character >= 0x386 && character <= 0x3ce)
        for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
            if (plain[i].from == character)
                return plain[i].to;
    return auk_unicode_lower(character);
}

static char *room_of(auk_tokens *tokens, const auk_token *token)
{
    return auk_tokens_room(tokens, (size_t)token->size * 3 / 2 + 8);
}

static void take(auk_tokens *tokens, auk_token *token, char *room, size_t size)
{
    auk_tokens_keep(tokens, size);
    token->text = room;
    token->size = (uint32_t)size;
    token->flags &= (uint8_t)~AUK_TOKEN_ASCII;
    if (auk_unicode_is_ascii((auk_span){room, size}))
        token->flags |= AUK_TOKEN_ASCII;
}

static void greek(auk_tokens *tokens, auk_token *token)
{
    char *room = room_of(tokens, token);
    const char *end = token->text + token->size;
    size_t size = 0;
    for (const char *at = token->text; at < end;) {
        uint32_t character;
        at += auk_unicode_next(at, end, &character);
        size += auk_utf8_encode(lower_greek(character), room + size);
    }
    take(tokens, token, room, size);
}

static bool is_upper_vowel(const char *at, const char *end)
{
    uint32_t character;
    if (at >= end)
        return false;
    auk_unicode_next(at, end, &character);
    switch (character) {
    case 'A':
    case 'E':
    case 'I':
    case 'O':
    case 'U':
    case 0xc1:
    case 0xc9:
    case 0xcd:
    case 0xd3:
    case 0xda:
        return true;
    default:
        return false;
    }
}

/* "nAthair" is "n-athair": the prefixed letter is no part of the word. */
static void irish(auk_tokens *tokens, auk_token *token)
{
    char *room = room_of(tokens, token);
    const char *at = token->text, *end = at + token->size;
    size_t size = 0;
    if (token->size > 1 && (*at == 'n' || *at == 't') && is_upper_vowel(at + 1, end)) {
        room[size++] = *at++;
        room[size++] = '-';
    }
    while (at < end) {
        uint32_t character;
        at += auk_unicode_next(at, end, &character);
        /* As in Lucene, which lowers UTF-16 unit by unit here. */
        uint32_t lower = character > 0xffff ? character : auk_unicode_lower(character);
        size += auk_utf8_encode(lower, room + size);
    }
    take(tokens, token, room, size);
}

static bool is_before_dot(const char *at, const char *end)
{
    while (at < end) {
        uint32_t character;
        at += auk_unicode_next(at, end, &character);
        if (character == DOT_ABOVE)
            return true;
        if (auk_unicode_category(character) != NONSPACING_MARK)
            return false;
    }
    return false;
}

/* I is dotless unless a dot follows among its marks; that dot goes. */
static void turkish(auk_tokens *tokens, auk_token *token)
{
    char *room = room_of(tokens, token);
    const char *end = token->text + token->size;
    size_t size = 0;
    bool behind_i = false;
    for (const char *at = token->text; at < end;) {
        uint32_t character;
        at += auk_unicode_next(at, end, &character);
        behind_i =
            character == 'I' || (behind_i && auk_unicode_category(character) == NONSPACING_MARK);
        if (behind_i && character == DOT_ABOVE)
            continue;
        uint32_t lower = auk_unicode_lower(character);
        if (character == 'I' && !is_before_dot(at, end)) {
            lower = DOTLESS_I;
            behind_i = false;
        }
        size += auk_utf8_encode(lower, room + size);
    }
    take(tokens, token, room, size);
}

auk_lower_language *auk_lower_language_find(auk_span name)
{
    if (auk_span_is(name, "greek"))
        return greek;
    if (auk_span_is(name, "irish"))
        return irish;
    return auk_span_is(name, "turkish") ? turkish : NULL;
}
