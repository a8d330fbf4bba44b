/* multiplexer: what several chains of filters make of each token, side by side. */
#include <stdlib.h>

#include "auk/error.h"
#include "auk/hash.h"
#include "auk/log.h"
#include "binding.h"
#include "filters.h"
#include "scratch.h"
#include "token_list.h"

/* One way for a token: filters after each other. */
struct way {
    auk_component *filters;
    size_t count;
};

typedef struct multiplexer_state {
    const auk_span *lists; /* "lowercase, porter_stem" */
    struct way *ways;
    size_t count;
    bool preserve_original;
} multiplexer_state;

static auk_code compile(const auk_definition *definition, const void **state, auk_error *err)
{
    multiplexer_state *multiplexer = AUK_ARENA_NEW(definition->arena, multiplexer_state);
    *state = multiplexer;
    const auk_setting *lists = auk_definition_find(definition, "filters");
    auk_span *copies = AUK_ARENA_ARRAY(definition->arena, auk_span, lists ? lists->count + 1 : 1);
    for (uint32_t i = 0; lists && i < lists->count; i++)
        copies[multiplexer->count++] = auk_arena_copy(definition->arena, lists->values[i]);
    multiplexer->lists = copies;
    return auk_definition_bool(definition, "preserve_original", true,
                               &multiplexer->preserve_original, err);
}

static auk_span trim(auk_span text)
{
    while (text.size > 0 && (uint8_t)text.data[0] <= ' ')
        text = auk_span_from(text, 1);
    while (text.size > 0 && (uint8_t)text.data[text.size - 1] <= ' ')
        text.size--;
    return text;
}

static auk_code bind_way(const auk_binding *binding, auk_span list, struct way *way, auk_error *err)
{
    auk_component_list filters = {0};
    auk_span name;
    while (auk_span_cut(&list, ',', &name)) {
        name = trim(name);
        if (name.size == 0)
            continue;
        auk_component *filter = auk_component_list_add(&filters, binding->arena);
        auk_code code = auk_binding_nest(binding, name, filter, err);
        if (code != AUK_OK)
            return code;
        if (!filter->type)
            return auk_fail(err, AUK_INVALID,
                            "Multiplexing filter references undefined filter "
                            "[%.*s]",
                            AUK_SPAN_ARG(name));
    }
    *way = (struct way){filters.items, filters.count};
    return AUK_OK;
}

static auk_code bind(const auk_binding *binding, const void *state, const void **out,
                     auk_error *err)
{
    multiplexer_state *bound = AUK_ARENA_NEW(binding->arena, multiplexer_state);
    *bound = *(const multiplexer_state *)state;
    bound->ways = AUK_ARENA_ARRAY(binding->arena, struct way, bound->count + 1);
    *out = bound;
    auk_code code = AUK_OK;
    for (size_t i = 0; code == AUK_OK && i < bound->count; i++)
        code = bind_way(binding, bound->lists[i], &bound->ways[i], err);
    return code;
}

/* A way sees one token at a time, as in Elasticsearch: its filters cannot look further. */
static auk_code run_way(const struct way *way, auk_analyzer_scratch *scratch, auk_tokens *one,
                        auk_tokens *tokens, const auk_token *token, auk_error *err)
{
    auk_code code = AUK_OK;
    auk_tokens_reset(one); /* without a source: one word is not worth a copy of it in lower case */
    *auk_tokens_reserve(one, 1) = *token;
    one->items[0].position = 0;
    one->count = 1;
    one->end_position = 1;
    one->end_offset = tokens->end_offset;
    one->original = tokens->original;
    for (size_t i = 0; code == AUK_OK && i < way->count; i++) {
        code = way->filters[i].type->filter(way->filters[i].state, scratch, one, err);
        if (code == AUK_OK && !auk_tokens_settle(one)) {
            tokens->fill = one->fill;
            break;
        }
    }
    return code;
}

enum { FEW = 16 }; /* looked through one by one */

/* The texts at one position, by hash. */
struct known {
    uint32_t *slots; /* index of the token + 1 */
    size_t capacity;
    size_t first, count; /* tokens that are in */
};

static bool know(struct known *known, const auk_token *items, const auk_token *token, size_t index)
{
    size_t mask = known->capacity - 1;
    size_t slot = auk_hash(auk_token_text(token), 0) & mask;
    for (; known->slots[slot] != 0; slot = (slot + 1) & mask)
        if (auk_span_equal(auk_token_text(&items[known->slots[slot] - 1]), auk_token_text(token)))
            return true;
    if (index != SIZE_MAX)
        known->slots[slot] = (uint32_t)index + 1;
    return false;
}

static void catch_up(struct known *known, const auk_token *items, size_t first, size_t count)
{
    if (known->first != first || known->count < first || (count - first) * 2 > known->capacity) {
        size_t capacity = 4 * FEW;
        while (capacity < (count - first) * 4)
            capacity *= 2;
        if (known->capacity < capacity) {
            free(known->slots);
            known->slots = malloc(capacity * sizeof *known->slots);
            if (!known->slots)
                auk_fatal("no memory for %zu words at one position", count - first);
            known->capacity = capacity;
        }
        memset(known->slots, 0, known->capacity * sizeof *known->slots);
        known->first = known->count = first;
    }
    for (; known->count < count; known->count++)
        (void)know(known, items, &items[known->count], known->count);
}

/* Is there such a token at this position already, which began at index first? */
static bool has(struct known *known, const auk_tokens *tokens, size_t first, size_t count,
                const auk_token *token)
{
    if (count - first > FEW) {
        catch_up(known, tokens->spare, first, count);
        return know(known, tokens->spare, token, SIZE_MAX);
    }
    for (size_t i = first; i < count; i++)
        if (auk_span_equal(auk_token_text(&tokens->spare[i]), auk_token_text(token)))
            return true;
    return false;
}

struct multiplying {
    const multiplexer_state *multiplexer;
    auk_tokens *tokens;
    auk_tokens one;
    struct known known;
    size_t count, first; /* tokens written, and the first of them at this position */
};

static void add(struct multiplying *to, const auk_token *made, uint32_t position)
{
    if (has(&to->known, to->tokens, to->first, to->count, made))
        return;
    auk_token *out = auk_tokens_push(to->tokens, &to->count, made);
    out->position = position;
    auk_tokens_set_text(to->tokens, out, auk_token_text(made));
}

static auk_code multiply(struct multiplying *to, auk_analyzer_scratch *scratch,
                         const auk_token *token, auk_error *err)
{
    auk_tokens *tokens = to->tokens;
    if (to->multiplexer->preserve_original && !has(&to->known, tokens, to->first, to->count, token))
        auk_tokens_push(tokens, &to->count, token);
    for (size_t j = 0; j < to->multiplexer->count; j++) {
        auk_code code = run_way(&to->multiplexer->ways[j], scratch, &to->one, tokens, token, err);
        if (code != AUK_OK)
            return code;
        for (size_t k = 0; k < to->one.count && !auk_tokens_is_full(tokens); k++)
            add(to, &to->one.items[k], token->position);
    }
    return AUK_OK;
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                    auk_error *err)
{
    struct multiplying to = {.multiplexer = state, .tokens = tokens};
    auk_code code = AUK_OK;
    auk_tokens_init(&to.one);
    auk_tokens_share(&to.one, tokens);
    for (size_t i = 0; code == AUK_OK && i < tokens->count && !auk_tokens_is_full(tokens); i++) {
        const auk_token token = tokens->items[i];
        if (i > 0 && token.position != tokens->items[i - 1].position)
            to.first = to.count;
        code = multiply(&to, scratch, &token, err);
    }
    auk_tokens_deinit(&to.one);
    free(to.known.slots);
    if (code == AUK_OK)
        auk_tokens_swap(tokens, to.count);
    return code;
}

static const char *const settings[] = {"filters", "preserve_original", NULL};

const auk_component_type auk_filter_multiplexer = {
    .name = "multiplexer",
    .flags = AUK_COMPONENT_NOT_FOR_SYNONYMS,
    .settings = settings,
    .compile = compile,
    .bind = bind,
    .filter = run,
};
