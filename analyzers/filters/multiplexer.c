/* multiplexer: what several chains of filters make of each token, side by side. */
#include "auk/error.h"
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
                        const auk_tokens *tokens, const auk_token *token, auk_error *err)
{
    auk_code code = AUK_OK;
    one->count = 0;
    *auk_tokens_reserve(one, 1) = *token;
    one->items[0].position = 0;
    one->count = 1;
    one->end_position = 1;
    one->end_offset = tokens->end_offset;
    one->source = tokens->source;
    one->original = tokens->original;
    one->lowered = tokens->lowered;
    for (size_t i = 0; code == AUK_OK && i < way->count; i++)
        code = way->filters[i].type->filter(way->filters[i].state, scratch, one, err);
    return code;
}

/* Is there such a token at this position already, which began at index first? */
static bool has(const auk_tokens *tokens, size_t first, size_t count, const auk_token *token)
{
    for (size_t i = first; i < count; i++)
        if (auk_span_equal(auk_token_text(&tokens->spare[i]), auk_token_text(token)))
            return true;
    return false;
}

static auk_code multiply(const multiplexer_state *multiplexer, auk_analyzer_scratch *scratch,
                         auk_tokens *tokens, auk_tokens *one, auk_error *err)
{
    size_t count = 0, first = 0;
    for (size_t i = 0; i < tokens->count; i++) {
        auk_token token = tokens->items[i];
        if (i > 0 && token.position != tokens->items[i - 1].position)
            first = count;
        if (multiplexer->preserve_original && !has(tokens, first, count, &token))
            auk_tokens_push(tokens, &count, &token);
        for (size_t j = 0; j < multiplexer->count; j++) {
            auk_code code = run_way(&multiplexer->ways[j], scratch, one, tokens, &token, err);
            if (code != AUK_OK)
                return code;
            for (size_t k = 0; k < one->count; k++) {
                if (has(tokens, first, count, &one->items[k]))
                    continue;
                auk_token *out = auk_tokens_push(tokens, &count, &one->items[k]);
                out->position = token.position;
                auk_tokens_set_text(tokens, out, auk_token_text(&one->items[k]));
            }
        }
    }
    auk_tokens_swap(tokens, count);
    return AUK_OK;
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                    auk_error *err)
{
    auk_tokens one;
    auk_tokens_init(&one);
    auk_code code = multiply(state, scratch, tokens, &one, err);
    auk_tokens_deinit(&one);
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
