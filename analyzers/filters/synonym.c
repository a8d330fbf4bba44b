/*
 * synonym and synonym_graph: words, and sequences of words, beside what means the same.
 *
 *      "ny, new york" on "in ny", graph       in --> 1 --new--> 2 --york--> 3
 *                                                    1 --------ny---------> 3
 *
 * The graph is exact. The older filter writes word i of a synonym at the position of word i of what
 * it stands for, so that longer ones run into what follows.
 */
#include "auk/error.h"
#include "binding.h"
#include "filters.h"
#include "synonym_map.h"
#include "token_list.h"
#include "unicode.h"

typedef struct synonym_state {
    auk_synonym_rules rules;
    const auk_synonym_map *map; /* made when the chain in front is known */
} synonym_state;

/* Rules that others may change while the index is open are no rules to index by. */
static auk_code read_set(const auk_definition *definition, auk_span name, bool updateable,
                         auk_synonym_rules *rules, auk_error *err)
{
    const auk_span *found;
    size_t count;
    if (!updateable)
        return auk_fail(err, AUK_INVALID,
                        "Can't apply [synonyms_set]! Loading synonyms from index is supported only "
                        "for search time synonyms!");
    if (!definition->sets ||
        !definition->sets->find(definition->sets->context, name, &found, &count))
        return auk_fail(err, AUK_INVALID, "synonyms set [%.*s] not found", AUK_SPAN_ARG(name));
    auk_span *lines = AUK_ARENA_ARRAY(definition->arena, auk_span, count + 1);
    for (size_t i = 0; i < count; i++)
        lines[i] = auk_arena_copy(definition->arena, found[i]);
    rules->lines = lines;
    rules->count = count;
    return AUK_OK;
}

static auk_code read_rules(const auk_definition *definition, bool updateable,
                           auk_synonym_rules *rules, auk_error *err)
{
    auk_span *lines;
    auk_span set = auk_definition_text(definition, "synonyms_set", AUK_SPAN(""));
    if (set.size)
        return read_set(definition, set, updateable, rules, err);
    if (auk_definition_find(definition, "synonyms_path"))
        return auk_definition_words(definition, "synonyms", "synonyms_path", &lines, &rules->count,
                                    err) == AUK_OK
                   ? (rules->lines = lines, AUK_OK)
                   : AUK_INVALID;
    const auk_setting *given = auk_definition_find(definition, "synonyms");
    if (!given)
        return auk_fail(
            err, AUK_INVALID,
            "synonym requires either `synonyms`, `synonyms_set` or `synonyms_path` to be "
            "configured");
    lines = AUK_ARENA_ARRAY(definition->arena, auk_span, given->count + 1);
    for (uint32_t i = 0; i < given->count; i++)
        lines[i] = auk_arena_copy(definition->arena, given->values[i]);
    rules->lines = lines;
    rules->count = given->count;
    return AUK_OK;
}

static auk_code compile(const auk_definition *definition, const void **state, auk_error *err)
{
    synonym_state *synonym = AUK_ARENA_NEW(definition->arena, synonym_state);
    auk_synonym_rules *rules = &synonym->rules;
    *state = synonym;
    auk_span format = auk_definition_text(definition, "format", AUK_SPAN("solr"));
    rules->wordnet = auk_span_is(format, "wordnet");
    if (!rules->wordnet && !auk_span_is(format, "solr"))
        return auk_fail(err, AUK_INVALID, "unknown format [%.*s], must be [solr] or [wordnet]",
                        AUK_SPAN_ARG(format));
    bool updateable = false;
    auk_code code = auk_definition_bool(definition, "expand", true, &rules->expand, err);
    if (code == AUK_OK)
        code = auk_definition_bool(definition, "updateable", false, &updateable, err);
    if (code == AUK_OK)
        code = auk_definition_bool(definition, "lenient", updateable, &rules->lenient, err);
    return code == AUK_OK ? read_rules(definition, updateable, rules, err) : code;
}

static auk_code bind(const auk_binding *binding, const void *state, const void **out,
                     auk_error *err)
{
    synonym_state *bound = AUK_ARENA_NEW(binding->arena, synonym_state);
    *bound = *(const synonym_state *)state;
    *out = bound;
    auk_analyzer before;
    auk_code code = auk_binding_chain_for_synonyms(binding, &before, err);
    if (code != AUK_OK)
        return code;
    return auk_synonym_map_create(binding->arena, &bound->rules, &before, &bound->map, err);
}

/* Where the graph is being written. */
struct graph {
    auk_tokens *tokens;
    size_t count;
    uint32_t last; /* the node where the token before begins; wraps from before the first */
    uint32_t next; /* the node where the next one begins */
};

static auk_token *add_word(struct graph *graph, const auk_token *first, const auk_token *last,
                           auk_span word, uint32_t from, uint32_t to)
{
    auk_token *token = auk_tokens_push(graph->tokens, &graph->count, first);
    token->text = word.data;
    token->size = (uint32_t)word.size;
    token->end = last->end > first->start ? last->end : first->start;
    token->position = from;
    token->position_length = (uint16_t)(to - from);
    token->type = AUK_TOKEN_SYNONYM;
    token->flags = auk_unicode_is_ascii(word) ? AUK_TOKEN_ASCII : 0;
    graph->last = from;
    return token;
}

static void add_original(struct graph *graph, const auk_token *token, uint32_t from, uint32_t to)
{
    auk_token *copy = auk_tokens_push(graph->tokens, &graph->count, token);
    copy->position = from;
    copy->position_length = (uint16_t)(to - from);
    graph->last = from;
}

/* All first words, which begin at one node; then the rest of each way. */
static void add_match(struct graph *graph, const auk_synonym_match *match, const auk_token *items,
                      size_t taken)
{
    const auk_token *last = &items[taken - 1];
    uint32_t start = graph->next, nodes = match->keep ? (uint32_t)taken - 1 : 0, used = start;
    for (uint32_t i = 0; i < match->count; i++)
        nodes += match->paths[i].count - 1;
    uint32_t end = start + nodes + 1;
    for (uint32_t i = 0; i < match->count; i++) {
        const auk_synonym_path *path = &match->paths[i];
        add_word(graph, items, last, path->words[0], start, path->count == 1 ? end : used + 1);
        used += path->count - 1;
    }
    if (match->keep)
        add_original(graph, items, start, taken == 1 ? end : used + 1);
    used = start;
    for (uint32_t i = 0; i < match->count; i++) {
        const auk_synonym_path *path = &match->paths[i];
        for (uint32_t j = 1; j < path->count; j++)
            add_word(graph, items, last, path->words[j], used + j,
                     j + 1 == path->count ? end : used + j + 1);
        used += path->count - 1;
    }
    for (uint32_t j = 1; match->keep && j < taken; j++)
        add_original(graph, &items[j], used + j, j + 1 == taken ? end : used + j + 1);
    graph->next = end;
}

static auk_code run_graph(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                          auk_error *err)
{
    (void)scratch, (void)err;
    const synonym_state *synonym = state;
    struct graph graph = {.tokens = tokens, .last = UINT32_MAX};
    uint32_t before = UINT32_MAX;
    auk_tokens_reserve_spare(tokens, tokens->count);
    for (size_t i = 0; i < tokens->count && !auk_tokens_is_full(tokens);) {
        const auk_synonym_match *match;
        const auk_token *token = &tokens->items[i];
        size_t taken = auk_synonym_map_match(synonym->map, token, tokens->count - i, &match);
        if (taken > 0) {
            add_match(&graph, match, token, taken);
            before = token[taken - 1].position;
            i += taken;
            continue;
        }
        graph.last += token->position - before;
        graph.next = graph.last + token->position_length;
        auk_tokens_push(tokens, &graph.count, token)->position = graph.last;
        before = token->position;
        i++;
    }
    tokens->end_position = graph.last + (tokens->end_position - before);
    auk_tokens_swap(tokens, graph.count);
    return AUK_OK;
}

/* A word that will stand at some position of the flat list. */
struct pending {
    auk_span word;
    const struct pending *next;
    uint32_t end; /* 0: that of the token there */
    uint16_t length;
};

struct flat {
    auk_tokens *tokens;
    struct pending **heads; /* by index of the token, and beyond the last one */
    struct pending **tails;
    uint8_t *kept; /* 0: not matched, 1: matched and gone, 2: matched and kept */
};

static void append(struct flat *flat, size_t at, struct pending pending)
{
    if (!auk_tokens_admit(flat->tokens, sizeof pending))
        return;
    struct pending *copy = AUK_ARENA_NEW(auk_tokens_arena(flat->tokens), struct pending);
    *copy = pending;
    if (flat->heads[at])
        flat->tails[at]->next = copy;
    else
        flat->heads[at] = copy;
    flat->tails[at] = copy;
}

static void add_pending(struct flat *flat, size_t at, size_t taken, size_t most,
                        const auk_synonym_match *match)
{
    uint32_t end = flat->tokens->items[at + taken - 1].end;
    for (uint32_t i = 0; i < match->count; i++) {
        const auk_synonym_path *path = &match->paths[i];
        for (uint32_t j = 0; j < path->count && at + j < most; j++) {
            bool single = path->count == 1;
            append(flat, at + j,
                   (struct pending){.word = path->words[j],
                                    .end = single ? end : 0,
                                    .length = single && match->keep ? (uint16_t)taken : 1});
        }
    }
    for (size_t i = 0; i < taken; i++)
        flat->kept[at + i] = match->keep ? 2 : 1;
}

/* Writes what stands at one index: the token, unless it is gone, and the words added there. */
static void write_place(struct flat *flat, size_t at, size_t *count, uint32_t *position)
{
    auk_tokens *tokens = flat->tokens;
    bool beyond = at >= tokens->count;
    const auk_token *token = &tokens->items[beyond ? tokens->count - 1 : at];
    bool written = false;
    if (!beyond && flat->kept[at] != 1) {
        uint32_t step = token->position - (at > 0 ? tokens->items[at - 1].position : UINT32_MAX);
        auk_tokens_push(tokens, count, token)->position = *position += step;
        written = true;
    }
    for (const struct pending *pending = flat->heads[at]; pending; pending = pending->next) {
        auk_token *word = auk_tokens_push(tokens, count, token);
        word->text = pending->word.data;
        word->size = (uint32_t)pending->word.size;
        word->end = beyond || pending->end < token->end ? token->end : pending->end;
        *position += !written;
        written = true;
        word->position = *position;
        word->position_length = beyond ? 1 : pending->length;
        word->type = AUK_TOKEN_SYNONYM;
        word->flags = auk_unicode_is_ascii(pending->word) ? AUK_TOKEN_ASCII : 0;
    }
}

static auk_code run_flat(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                         auk_error *err)
{
    (void)scratch, (void)err;
    enum { BEYOND = 64 };
    const synonym_state *synonym = state;
    struct flat flat = {.tokens = tokens};
    size_t most = tokens->count + BEYOND, count = 0;
    for (size_t i = 0; i < tokens->count && !auk_tokens_is_full(tokens);) {
        const auk_synonym_match *match;
        size_t taken =
            auk_synonym_map_match(synonym->map, &tokens->items[i], tokens->count - i, &match);
        if (taken > 0 && !flat.heads) {
            auk_arena *arena = auk_tokens_arena(tokens);
            flat.heads = AUK_ARENA_ARRAY(arena, struct pending *, most);
            flat.tails = AUK_ARENA_ARRAY(arena, struct pending *, most);
            flat.kept = AUK_ARENA_ARRAY(arena, uint8_t, most);
        }
        if (taken > 0)
            add_pending(&flat, i, taken, most, match);
        i += taken > 0 ? taken : 1;
    }
    if (!flat.heads)
        return AUK_OK;
    uint32_t position = UINT32_MAX;
    uint32_t trailing = tokens->end_position - tokens->items[tokens->count - 1].position;
    for (size_t i = 0; i < most && !auk_tokens_is_full(tokens); i++)
        if (i < tokens->count || flat.heads[i])
            write_place(&flat, i, &count, &position);
    tokens->end_position = position + trailing;
    auk_tokens_swap(tokens, count);
    return AUK_OK;
}

static const char *const settings[] = {"synonyms", "synonyms_path", "synonyms_set", "format",
                                       "expand",   "lenient",       "updateable",   NULL};

const auk_component_type auk_filter_synonym = {
    .name = "synonym",
    .flags = AUK_COMPONENT_NOT_FOR_SYNONYMS,
    .settings = settings,
    .compile = compile,
    .bind = bind,
    .filter = run_flat,
};

const auk_component_type auk_filter_synonym_graph = {
    .name = "synonym_graph",
    .flags = AUK_COMPONENT_NOT_FOR_SYNONYMS,
    .settings = settings,
    .compile = compile,
    .bind = bind,
    .filter = run_graph,
};
