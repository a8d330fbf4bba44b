#include "token_list.h"

#include <stdlib.h>

#include "auk/log.h"
#include "unicode.h"

enum { FIRST_TOKENS = 64, ROOM_BYTES = 8 << 10, SMALL_CHANGE = 256 << 10 };

_Static_assert(sizeof(auk_token) == 32, "two tokens a cache line");

const char *auk_token_type_name(uint8_t type)
{
    static const char *const names[] = {
#define X(name, text) text,
        AUK_TOKEN_TYPE_MAP(X)
#undef X
    };
    return type < AUK_TOKEN_TYPE_COUNT ? names[type] : names[AUK_TOKEN_WORD];
}

void auk_tokens_init(auk_tokens *tokens)
{
    *tokens = (auk_tokens){0};
}

void auk_tokens_deinit(auk_tokens *tokens)
{
    free(tokens->items);
    free(tokens->spare);
    auk_arena_destroy(tokens->arena);
    *tokens = (auk_tokens){0};
}

void auk_tokens_allow(auk_tokens *tokens, size_t limit_bytes, size_t paid_bytes, auk_arena *payer)
{
    tokens->limit_bytes = limit_bytes;
    tokens->paid_bytes = paid_bytes;
    tokens->payer = payer;
}

void auk_tokens_share(auk_tokens *part, const auk_tokens *whole)
{
    auk_tokens_allow(part, whole->limit_bytes, whole->paid_bytes, whole->payer);
}

static size_t held_bytes(const auk_tokens *tokens)
{
    return (tokens->capacity + tokens->spare_capacity) * sizeof(auk_token) +
           (tokens->arena ? auk_arena_size(tokens->arena) : 0);
}

static size_t limit_of(const auk_tokens *tokens)
{
    return tokens->limit_bytes ? tokens->limit_bytes : AUK_TOKENS_LIMIT;
}

static void give_back(auk_tokens *tokens)
{
    free(tokens->items);
    free(tokens->spare);
    tokens->items = tokens->spare = NULL;
    tokens->capacity = tokens->spare_capacity = 0;
}

void auk_tokens_reset(auk_tokens *tokens)
{
    if (held_bytes(tokens) > limit_of(tokens) / 2)
        give_back(tokens);
    tokens->count = 0;
    tokens->end_position = 0;
    tokens->end_offset = 0;
    tokens->source = (auk_span){NULL, 0};
    tokens->lowered = NULL;
    tokens->room = NULL;
    tokens->room_left = 0;
    tokens->fill = AUK_TOKENS_FIT;
    if (tokens->arena)
        auk_arena_reset(tokens->arena);
}

void auk_tokens_trim(auk_tokens *tokens)
{
    if (held_bytes(tokens) > SMALL_CHANGE)
        auk_tokens_deinit(tokens);
    tokens->count = 0;
    tokens->payer = NULL;
}

/* May as many bytes be held? */
static bool admit(auk_tokens *tokens, size_t bytes)
{
    if (auk_tokens_is_full(tokens))
        return false;
    if (bytes <= SMALL_CHANGE)
        return true;
    if (bytes > limit_of(tokens)) {
        tokens->fill = AUK_TOKENS_FULL;
        return false;
    }
    if (bytes <= tokens->paid_bytes)
        return true;
    tokens->paid_bytes = bytes; /* of a refusal too: what was asked for */
    if (tokens->payer && auk_arena_admit(tokens->payer, bytes, NULL) != AUK_OK)
        tokens->fill = AUK_TOKENS_UNPAID;
    return !auk_tokens_is_full(tokens);
}

bool auk_tokens_admit(auk_tokens *tokens, size_t bytes)
{
    return admit(tokens, held_bytes(tokens) + bytes);
}

bool auk_tokens_settle(auk_tokens *tokens)
{
    size_t bytes = held_bytes(tokens);
    if (bytes > SMALL_CHANGE)
        for (size_t i = 0; i < tokens->count; i++)
            bytes += tokens->items[i].size;
    return admit(tokens, bytes);
}

static auk_token *resize(auk_token *items, size_t count)
{
    auk_token *grown = realloc(items, count * sizeof *items);
    if (!grown)
        auk_fatal("no memory for %zu tokens", count);
    return grown;
}

void auk_tokens_grow(auk_tokens *tokens, size_t more)
{
    size_t capacity = tokens->capacity ? tokens->capacity * 2 : FIRST_TOKENS;
    while (capacity - tokens->count < more)
        capacity *= 2;
    (void)auk_tokens_admit(tokens, (capacity - tokens->capacity) * sizeof(auk_token));
    tokens->items = resize(tokens->items, capacity);
    tokens->capacity = capacity;
}

auk_token *auk_tokens_reserve_spare(auk_tokens *tokens, size_t count)
{
    if (tokens->spare_capacity < count) {
        size_t capacity = tokens->spare_capacity ? tokens->spare_capacity * 2 : FIRST_TOKENS;
        while (capacity < count)
            capacity *= 2;
        (void)auk_tokens_admit(tokens, (capacity - tokens->spare_capacity) * sizeof(auk_token));
        tokens->spare = resize(tokens->spare, capacity);
        tokens->spare_capacity = capacity;
    }
    return tokens->spare;
}

bool auk_tokens_grow_spare(auk_tokens *tokens, size_t count)
{
    size_t more = tokens->spare_capacity ? tokens->spare_capacity : (size_t)FIRST_TOKENS;
    if (tokens->spare_capacity > 0 && !auk_tokens_admit(tokens, more * sizeof(auk_token)))
        return false;
    auk_tokens_reserve_spare(tokens, count + 1);
    return true;
}

void auk_tokens_swap(auk_tokens *tokens, size_t count)
{
    auk_token *items = tokens->items;
    size_t capacity = tokens->capacity;
    tokens->items = tokens->spare;
    tokens->capacity = tokens->spare_capacity;
    tokens->spare = items;
    tokens->spare_capacity = capacity;
    tokens->count = count;
}

auk_arena *auk_tokens_arena(auk_tokens *tokens)
{
    if (!tokens->arena)
        tokens->arena = auk_arena_create(ROOM_BYTES);
    return tokens->arena;
}

char *auk_tokens_more_room(auk_tokens *tokens, size_t size)
{
    size_t piece = size >= ROOM_BYTES / 4 ? size + 1 : (size_t)ROOM_BYTES;
    (void)auk_tokens_admit(tokens, piece);
    tokens->room = auk_arena_alloc(auk_tokens_arena(tokens), piece);
    tokens->room_left = piece;
    return tokens->room;
}

void auk_tokens_add_word(auk_tokens *tokens, auk_span text, size_t start, size_t end)
{
    auk_token *token = auk_tokens_reserve(tokens, 1);
    auk_span word = {text.data + start, end - start};
    *token = (auk_token){.text = word.data,
                         .size = (uint32_t)word.size,
                         .start = (uint32_t)start,
                         .end = (uint32_t)end,
                         .position = tokens->end_position++,
                         .position_length = 1,
                         .type = AUK_TOKEN_WORD,
                         .flags = auk_unicode_is_ascii(word) ? AUK_TOKEN_ASCII : 0};
    tokens->count++;
}

void auk_tokens_set_text(auk_tokens *tokens, auk_token *token, auk_span text)
{
    char *room = auk_tokens_room(tokens, text.size);
    if (text.size > 0)
        memcpy(room, text.data, text.size);
    auk_tokens_keep(tokens, text.size);
    token->text = room;
    token->size = (uint32_t)text.size;
    token->flags &= (uint8_t)~AUK_TOKEN_ASCII;
    if (auk_unicode_is_ascii(text))
        token->flags |= AUK_TOKEN_ASCII;
}

static auk_span original_of(const auk_tokens *tokens, const auk_token *token)
{
    return (auk_span){tokens->original.data + token->start, token->end - token->start};
}

/* Byte for byte: the same text, or ASCII that came from ASCII. */
static bool is_parallel(const auk_token *token, auk_span original)
{
    return token->size == original.size &&
           (memcmp(token->text, original.data, token->size) == 0 ||
            ((token->flags & AUK_TOKEN_ASCII) && auk_unicode_is_ascii(original)));
}

bool auk_tokens_is_aligned(const auk_tokens *tokens, const auk_token *token)
{
    auk_span original = original_of(tokens, token);
    return is_parallel(token, original) ||
           auk_unicode_units(auk_token_text(token)) == auk_unicode_units(original);
}

uint32_t auk_tokens_offset(const auk_tokens *tokens, const auk_token *token, size_t at)
{
    auk_span original = original_of(tokens, token);
    if (is_parallel(token, original))
        return token->start + (uint32_t)at;
    size_t units = auk_unicode_units((auk_span){token->text, at});
    return token->start + (uint32_t)auk_unicode_cut_units(original, units);
}
