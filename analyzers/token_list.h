/*
 * token_list.h - what stages do with a list of tokens: grow it, write texts, replace it.
 *
 * A list may hold so much and no more (auk_tokens_allow). Growing past that never fails: it fills
 * the list, and from then on what is pushed goes into a sink. A stage that makes more of what it
 * was given asks auk_tokens_is_full in its loop and stops; whoever runs stages asks _settle behind
 * each.
 *
 *   Lifetime  see analyzer.h.   Threads  one.   Memory  doubles; aborts when there is none.
 *   Errors    none.
 */
#ifndef AUK_TOKEN_LIST_H
#define AUK_TOKEN_LIST_H

#include "auk/analyzer.h"

/* Room for more tokens after ->count. */
void auk_tokens_grow(auk_tokens *tokens, size_t more);

static inline auk_token *auk_tokens_reserve(auk_tokens *tokens, size_t more)
{
    if (tokens->capacity - tokens->count < more)
        auk_tokens_grow(tokens, more);
    return tokens->items + tokens->count;
}

/* Room for count tokens in ->spare, also when the list is full; what was there is kept. */
auk_token *auk_tokens_reserve_spare(auk_tokens *tokens, size_t count);
/* Room for one more than count, unless that makes the list full. */
bool auk_tokens_grow_spare(auk_tokens *tokens, size_t count);

static inline bool auk_tokens_is_full(const auk_tokens *tokens)
{
    return tokens->fill != AUK_TOKENS_FIT;
}

/* May so many bytes more be held? For what a stage takes from the arena by itself. */
bool auk_tokens_admit(auk_tokens *tokens, size_t bytes);
/* Weighs texts too: true when there is room for all of it. After each stage. */
bool auk_tokens_settle(auk_tokens *tokens);
/* What a part of a text may take: as much as the whole, paid by the same. */
void auk_tokens_share(auk_tokens *part, const auk_tokens *whole);

/* The spare list with count tokens becomes the list. */
void auk_tokens_swap(auk_tokens *tokens, size_t count);

/* size bytes for a text, not aligned, never NULL; _keep says how many of them it took. */
char *auk_tokens_more_room(auk_tokens *tokens, size_t size);

static inline char *auk_tokens_room(auk_tokens *tokens, size_t size)
{
    return tokens->room_left > size ? tokens->room : auk_tokens_more_room(tokens, size);
}

/* The first used bytes of the room just asked for are a text now. */
static inline void auk_tokens_keep(auk_tokens *tokens, size_t used)
{
    tokens->room += used;
    tokens->room_left -= used;
}

auk_arena *auk_tokens_arena(auk_tokens *tokens);

/* One token more in the spare list, which holds *count: a copy of like. */
static inline auk_token *auk_tokens_push(auk_tokens *tokens, size_t *count, const auk_token *like)
{
    auk_token *token = &tokens->sink;
    if (*count < tokens->spare_capacity || auk_tokens_grow_spare(tokens, *count))
        token = &tokens->spare[(*count)++];
    *token = *like;
    return token;
}

/*
 * Is the token's text as long, in UTF-16 units, as what it came from? Only then do offsets inside
 * of it mean something; _offset gives that of its byte `at`.
 */
bool auk_tokens_is_aligned(const auk_tokens *tokens, const auk_token *token);
uint32_t auk_tokens_offset(const auk_tokens *tokens, const auk_token *token, size_t at);

/* A word of the text that a tokenizer was given, at the next position. */
void auk_tokens_add_word(auk_tokens *tokens, auk_span text, size_t start, size_t end);

/* The token's text becomes a copy of text. */
void auk_tokens_set_text(auk_tokens *tokens, auk_token *token, auk_span text);

#endif
