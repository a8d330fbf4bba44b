/*
 * unique: each word once, or once at each position, as remove_duplicates. As in Lucene, the step of
 * a word that is left out goes with it: later words close up, unlike behind a stop word.
 */
#include <stdlib.h>

#include "auk/error.h"
#include "auk/hash.h"
#include "auk/log.h"
#include "filters.h"
#include "scratch.h"
#include "token_list.h"

typedef struct unique_state {
    bool only_on_same_position;
} unique_state;

static auk_code compile(const auk_definition *definition, const void **state, auk_error *err)
{
    unique_state *unique = AUK_ARENA_NEW(definition->arena, unique_state);
    *state = unique;
    return auk_definition_bool(definition, "only_on_same_position", false,
                               &unique->only_on_same_position, err);
}

/* An empty table for count tokens: slots hold the hash's upper half and the token's index + 1. */
static uint64_t *empty_table(auk_analyzer_scratch *scratch, size_t count, size_t *mask)
{
    size_t slots = 16;
    while (slots < count * 2)
        slots *= 2;
    if (scratch->seen_capacity < slots) {
        free(scratch->seen);
        scratch->seen = malloc(slots * sizeof *scratch->seen);
        if (!scratch->seen)
            auk_fatal("no memory for %zu unique words", count);
        scratch->seen_capacity = slots;
    }
    memset(scratch->seen, 0, slots * sizeof *scratch->seen);
    *mask = slots - 1;
    return scratch->seen;
}

/* False: an equal word is there already. Tokens that stay are at items[0..kept), this one at
 * items[kept]. */
static bool add(uint64_t *table, size_t mask, const auk_token *items, size_t kept,
                bool same_position)
{
    const auk_token *token = &items[kept];
    uint64_t hash = auk_hash(auk_token_text(token), same_position ? token->position : 0);
    uint64_t entry = (hash & UINT64_C(0xffffffff00000000)) | (uint64_t)(kept + 1);
    for (size_t slot = hash & mask;; slot = (slot + 1) & mask) {
        if (table[slot] == 0) {
            table[slot] = entry;
            return true;
        }
        if ((table[slot] ^ entry) >> 32 != 0)
            continue;
        const auk_token *other = &items[(uint32_t)table[slot] - 1];
        if (auk_span_equal(auk_token_text(other), auk_token_text(token)) &&
            (!same_position || other->position == token->position))
            return false;
    }
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                    auk_error *err)
{
    (void)err;
    bool same_position = ((const unique_state *)state)->only_on_same_position;
    size_t mask, kept = 0;
    if (!auk_tokens_admit(tokens, tokens->count * 4 * sizeof *scratch->seen))
        return AUK_OK;
    uint64_t *table = empty_table(scratch, tokens->count, &mask);
    uint32_t lost = 0, before = 0;
    for (size_t i = 0; i < tokens->count; i++) {
        auk_token token = tokens->items[i];
        uint32_t step = token.position - before;
        before = token.position;
        token.position -= lost;
        tokens->items[kept] = token;
        if (add(table, mask, tokens->items, kept, same_position))
            kept++;
        else
            lost += step;
    }
    tokens->count = kept;
    tokens->end_position -= lost;
    return AUK_OK;
}

enum { FEW = 16 }; /* at one position: looked through */

static bool is_double(const auk_tokens *tokens, size_t kept, const auk_token *token, size_t *looked)
{
    *looked = 0;
    for (size_t i = kept; i-- > 0 && tokens->items[i].position == token->position; ++*looked)
        if (auk_span_equal(auk_token_text(&tokens->items[i]), auk_token_text(token)))
            return true;
    return false;
}

/* A table pays only where many share a position. */
static auk_code run_remove(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                           auk_error *err)
{
    static const unique_state same_position = {true};
    (void)state;
    size_t kept = 0, looked = 0;
    for (size_t i = 0; i < tokens->count; i++) {
        auk_token token = tokens->items[i];
        if (!is_double(tokens, kept, &token, &looked))
            tokens->items[kept++] = token;
        if (looked <= FEW)
            continue;
        memmove(tokens->items + kept, tokens->items + i + 1,
                (tokens->count - i - 1) * sizeof *tokens->items);
        tokens->count -= i + 1 - kept;
        return run(&same_position, scratch, tokens, err);
    }
    tokens->count = kept;
    return AUK_OK;
}

static const char *const settings[] = {"only_on_same_position", NULL};

const auk_component_type auk_filter_unique = {
    .name = "unique",
    .flags = AUK_COMPONENT_PREBUILT,
    .settings = settings,
    .compile = compile,
    .filter = run,
};

const auk_component_type auk_filter_remove_duplicates = {
    .name = "remove_duplicates",
    .flags = AUK_COMPONENT_PREBUILT,
    .filter = run_remove,
};
