#include "synonym_map.h"

#include <string.h>

#include "auk/error.h"
#include "auk/hash.h"

/* The words of all rules as a tree: from a node, a word leads to the next. */
struct edge {
    auk_span word; /* without data: free */
    uint32_t node;
    uint32_t next;
};

struct auk_synonym_map {
    struct edge *edges;
    size_t mask;
    size_t edge_count;
    auk_synonym_match *nodes; /* 0 is the root */
    size_t node_count;
    size_t node_capacity;
};

/* Rules that are there: which of a node's paths. One word may have thousands. */
struct known {
    uint32_t node;
    uint32_t place; /* from 1; 0: free */
};

/* A rule of n equals brings n * (n - 1) paths: a few kilobytes from outside are soon gigabytes. */
#define PATH_LIMIT 2000000

/* A map under construction. */
struct builder {
    auk_synonym_map *map;
    auk_arena *arena;
    const auk_synonym_rules *rules;
    const auk_analyzer *analyzer;
    auk_analyzer_scratch *scratch;
    auk_tokens tokens;
    struct known *known;
    size_t known_mask;
    size_t path_count;
    bool is_full;         /* PATH_LIMIT is reached: the rules are refused */
    auk_arena *temporary; /* for what the map does not keep */
};

static struct edge *slot_of(struct edge *edges, size_t mask, uint32_t node, auk_span word)
{
    size_t slot = auk_hash(word, node) & mask;
    while (edges[slot].word.data &&
           (edges[slot].node != node || !auk_span_equal(edges[slot].word, word)))
        slot = (slot + 1) & mask;
    return &edges[slot];
}

static uint32_t add_node(struct builder *builder)
{
    auk_synonym_map *map = builder->map;
    if (map->node_count == map->node_capacity) {
        map->node_capacity *= 2;
        auk_synonym_match *grown =
            AUK_ARENA_ARRAY(builder->arena, auk_synonym_match, map->node_capacity);
        memcpy(grown, map->nodes, map->node_count * sizeof *grown);
        map->nodes = grown;
    }
    return (uint32_t)map->node_count++;
}

static void grow_edges(struct builder *builder)
{
    auk_synonym_map *map = builder->map;
    size_t mask = map->mask * 2 + 1;
    struct edge *grown = AUK_ARENA_ARRAY(builder->arena, struct edge, mask + 1);
    for (size_t i = 0; i <= map->mask; i++)
        if (map->edges[i].word.data)
            *slot_of(grown, mask, map->edges[i].node, map->edges[i].word) = map->edges[i];
    map->edges = grown;
    map->mask = mask;
}

static auk_synonym_match *node_of(struct builder *builder, const auk_synonym_path *path)
{
    auk_synonym_map *map = builder->map;
    uint32_t node = 0;
    for (uint32_t i = 0; i < path->count; i++) {
        if (map->edge_count * 2 > map->mask)
            grow_edges(builder);
        struct edge *edge = slot_of(map->edges, map->mask, node, path->words[i]);
        if (!edge->word.data) {
            *edge = (struct edge){path->words[i], node, add_node(builder)};
            map->edge_count++;
        }
        node = edge->next;
    }
    return &map->nodes[node];
}

static bool is_same(const auk_synonym_path *a, const auk_synonym_path *b)
{
    if (a->count != b->count)
        return false;
    for (uint32_t i = 0; i < a->count; i++)
        if (!auk_span_equal(a->words[i], b->words[i]))
            return false;
    return true;
}

static struct known *known_slot(const struct builder *builder, struct known *known, size_t mask,
                                uint32_t node, const auk_synonym_path *path)
{
    uint64_t hash = node;
    for (uint32_t i = 0; i < path->count; i++)
        hash = auk_hash(path->words[i], hash);
    size_t slot = hash & mask;
    while (known[slot].place > 0 &&
           (known[slot].node != node ||
            !is_same(&builder->map->nodes[node].paths[known[slot].place - 1], path)))
        slot = (slot + 1) & mask;
    return &known[slot];
}

static void grow_known(struct builder *builder)
{
    size_t mask = builder->known_mask * 2 + 1;
    struct known *grown = AUK_ARENA_ARRAY(builder->temporary, struct known, mask + 1);
    for (size_t i = 0; i <= builder->known_mask; i++) {
        struct known *old = &builder->known[i];
        if (old->place > 0)
            *known_slot(builder, grown, mask, old->node,
                        &builder->map->nodes[old->node].paths[old->place - 1]) = *old;
    }
    builder->known = grown;
    builder->known_mask = mask;
}

static void append_path(struct builder *builder, auk_synonym_match *match,
                        const auk_synonym_path *path)
{
    /* Room doubles at powers of two. */
    if ((match->count & (match->count + 1)) == 0) {
        auk_synonym_path *grown =
            AUK_ARENA_ARRAY(builder->arena, auk_synonym_path, match->count * 2 + 2);
        if (match->count > 0)
            memcpy(grown, match->paths, match->count * sizeof *grown);
        match->paths = grown;
    }
    auk_synonym_path *paths = (auk_synonym_path *)(uintptr_t)match->paths;
    paths[match->count++] = *path;
}

static void add_rule(struct builder *builder, const auk_synonym_path *from,
                     const auk_synonym_path *to, bool keep)
{
    if (from->count == 0 || to->count == 0)
        return;
    auk_synonym_match *match = node_of(builder, from);
    match->keep |= keep;
    if (builder->path_count * 2 > builder->known_mask)
        grow_known(builder);
    uint32_t node = (uint32_t)(match - builder->map->nodes);
    struct known *slot = known_slot(builder, builder->known, builder->known_mask, node, to);
    if (slot->place > 0)
        return;
    builder->is_full = ++builder->path_count > PATH_LIMIT;
    append_path(builder, match, to);
    *slot = (struct known){node, match->count};
}

static auk_code refuse_path(const struct builder *builder, auk_synonym_path *out, auk_error *err)
{
    if (!builder->rules->lenient)
        return AUK_INVALID;
    if (err)
        *err = (auk_error){0};
    *out = (auk_synonym_path){0};
    return AUK_OK;
}

/* A side's words, as the chain in front of the filter has them. */
static auk_code analyze(struct builder *builder, auk_span text, auk_synonym_path *out,
                        auk_error *err)
{
    auk_tokens *tokens = &builder->tokens;
    auk_code code = auk_analyzer_run(builder->analyzer, builder->scratch, text, tokens, err);
    if (code != AUK_OK)
        return code;
    auk_span *words = AUK_ARENA_ARRAY(builder->arena, auk_span, tokens->count + 1);
    for (size_t i = 0; i < tokens->count; i++) {
        const auk_token *token = &tokens->items[i];
        if (token->position != i || token->size == 0) {
            auk_fail(err, AUK_INVALID,
                     "term: %.*s analyzed to a token (%.*s) with position increment != 1",
                     AUK_SPAN_ARG(text), AUK_SPAN_ARG(auk_token_text(token)));
            return refuse_path(builder, out, err);
        }
        words[i] = auk_arena_copy(builder->arena, auk_token_text(token));
    }
    if (tokens->count == 0) {
        auk_fail(err, AUK_INVALID, "term: %.*s was completely eliminated by analyzer",
                 AUK_SPAN_ARG(text));
        return refuse_path(builder, out, err);
    }
    *out = (auk_synonym_path){words, (uint32_t)tokens->count};
    return AUK_OK;
}

static auk_span trim(auk_span text)
{
    while (text.size > 0 && (uint8_t)text.data[0] <= ' ')
        text = auk_span_from(text, 1);
    while (text.size > 0 && (uint8_t)text.data[text.size - 1] <= ' ')
        text.size--;
    return text;
}

/* Up to the next separator that no backslash stands before; false at the end. */
static bool cut(auk_span *rest, auk_span separator, auk_span *part)
{
    if (!rest->data)
        return false;
    size_t at = 0;
    while (at < rest->size && !auk_span_starts_with(auk_span_from(*rest, at), separator))
        at += rest->data[at] == '\\' && at + 1 < rest->size ? 2 : 1;
    *part = (auk_span){rest->data, at};
    *rest = at < rest->size ? auk_span_from(*rest, at + separator.size) : (auk_span){0};
    return true;
}

static auk_span unescape(auk_arena *arena, auk_span text)
{
    if (!memchr(text.data, '\\', text.size))
        return text;
    char *out = auk_arena_alloc(arena, text.size + 1);
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '\\' && i + 1 < text.size)
            i++;
        out[size++] = text.data[i];
    }
    return auk_span_make(out, size);
}

/* "a, b c, d" as paths; none of commas alone. */
static auk_code read_side(struct builder *builder, auk_span side, auk_synonym_path **out,
                          size_t *count, auk_error *err)
{
    size_t most = 1;
    for (size_t i = 0; i < side.size; i++)
        most += side.data[i] == ',';
    *out = AUK_ARENA_ARRAY(builder->arena, auk_synonym_path, most);
    *count = 0;
    auk_span part;
    while (cut(&side, AUK_SPAN(","), &part)) {
        if (part.size == 0)
            continue; /* between two commas, before the first, behind the last */
        auk_code code =
            analyze(builder, trim(unescape(builder->arena, trim(part))), &(*out)[(*count)++], err);
        if (code != AUK_OK)
            return code;
    }
    return AUK_OK;
}

static void add_equals(struct builder *builder, const auk_synonym_path *paths, size_t count)
{
    for (size_t i = 0; i < count && !builder->is_full; i++) {
        if (!builder->rules->expand) {
            add_rule(builder, &paths[i], &paths[0], false);
            continue;
        }
        for (size_t j = 0; j < count && !builder->is_full; j++)
            if (i != j)
                add_rule(builder, &paths[i], &paths[j], true);
    }
}

static auk_code add_solr(struct builder *builder, auk_span line, auk_error *err)
{
    auk_span left, right, more, rest = line;
    auk_synonym_path *from, *to;
    size_t from_count, to_count;
    cut(&rest, AUK_SPAN("=>"), &left);
    bool explicit = cut(&rest, AUK_SPAN("=>"), &right);
    if (explicit && cut(&rest, AUK_SPAN("=>"), &more))
        return auk_fail(err, AUK_INVALID,
                        "more than one explicit mapping specified on the same line");
    auk_code code = read_side(builder, left, &from, &from_count, err);
    if (code != AUK_OK)
        return code;
    if (!explicit) {
        add_equals(builder, from, from_count);
        return AUK_OK;
    }
    code = read_side(builder, right, &to, &to_count, err);
    for (size_t i = 0; code == AUK_OK && i < from_count; i++)
        for (size_t j = 0; j < to_count && !builder->is_full; j++)
            add_rule(builder, &from[i], &to[j], false);
    return code;
}

static auk_code check_room(const struct builder *builder, auk_error *err)
{
    if (!builder->is_full)
        return AUK_OK;
    return auk_fail(err, AUK_INVALID, "the rules make more than [%d] pairs of synonyms",
                    PATH_LIMIT);
}

static auk_code add_all_solr(struct builder *builder, auk_error *err)
{
    for (size_t i = 0; i < builder->rules->count; i++) {
        auk_span line = trim(builder->rules->lines[i]);
        if (line.size == 0 || line.data[0] == '#')
            continue;
        auk_code code = add_solr(builder, line, err);
        if (code == AUK_OK)
            code = check_room(builder, err);
        if (code != AUK_OK)
            return auk_wrap(err, code, "Invalid synonym rule at line %zu", i + 1);
    }
    return AUK_OK;
}

/* The word between the first and the last quote, a doubled quote for one. */
static auk_code read_wordnet(struct builder *builder, auk_span line, auk_synonym_path *out,
                             auk_error *err)
{
    const char *open = memchr(line.data, '\'', line.size);
    const char *close = memrchr(line.data, '\'', line.size);
    if (!open || open == close)
        return auk_fail(err, AUK_INVALID, "no word in quotes: %.*s", AUK_SPAN_ARG(line));
    char *word = auk_arena_alloc(builder->arena, line.size);
    size_t size = 0;
    for (const char *at = open + 1; at < close; at++) {
        word[size++] = *at;
        if (at[0] == '\'' && at + 1 < close && at[1] == '\'')
            at++;
    }
    return analyze(builder, auk_span_make(word, size), out, err);
}

/* Lines "s(NUMBER,...": those of one number that follow each other are one set. */
static auk_code add_all_wordnet(struct builder *builder, auk_error *err)
{
    const auk_synonym_rules *rules = builder->rules;
    auk_synonym_path *set = AUK_ARENA_ARRAY(builder->arena, auk_synonym_path, rules->count + 1);
    size_t count = 0;
    auk_span id = {0};
    for (size_t i = 0; i < rules->count; i++) {
        auk_span line = trim(rules->lines[i]);
        if (line.size < 12)
            continue;
        auk_span line_id = {line.data + 2, 9};
        if (!auk_span_equal(line_id, id)) {
            if (count > 1)
                add_equals(builder, set, count);
            count = 0;
            id = line_id;
        }
        auk_code code = read_wordnet(builder, line, &set[count++], err);
        if (code == AUK_OK)
            code = check_room(builder, err);
        if (code != AUK_OK)
            return auk_wrap(err, code, "Invalid synonym rule at line %zu", i + 1);
    }
    if (count > 1)
        add_equals(builder, set, count);
    return check_room(builder, err);
}

auk_code auk_synonym_map_create(auk_arena *arena, const auk_synonym_rules *rules,
                                const auk_analyzer *analyzer, const auk_synonym_map **out,
                                auk_error *err)
{
    enum { FIRST = 16 };
    auk_synonym_map *map = AUK_ARENA_NEW(arena, auk_synonym_map);
    map->edges = AUK_ARENA_ARRAY(arena, struct edge, FIRST);
    map->mask = FIRST - 1;
    map->nodes = AUK_ARENA_ARRAY(arena, auk_synonym_match, FIRST);
    map->node_capacity = FIRST;
    map->node_count = 1;
    struct builder builder = {.map = map,
                              .arena = arena,
                              .rules = rules,
                              .analyzer = analyzer,
                              .scratch = auk_analyzer_scratch_create(),
                              .known_mask = FIRST - 1,
                              .temporary = auk_arena_create(4096)};
    builder.known = AUK_ARENA_ARRAY(builder.temporary, struct known, FIRST);
    auk_tokens_init(&builder.tokens);
    auk_code code = rules->wordnet ? add_all_wordnet(&builder, err) : add_all_solr(&builder, err);
    auk_tokens_deinit(&builder.tokens);
    auk_analyzer_scratch_destroy(builder.scratch);
    auk_arena_destroy(builder.temporary);
    *out = map;
    return code == AUK_OK ? AUK_OK : auk_wrap(err, code, "failed to build synonyms");
}

size_t auk_synonym_map_match(const auk_synonym_map *map, const auk_token *items, size_t count,
                             const auk_synonym_match **out)
{
    uint32_t node = 0;
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        const struct edge *edge = slot_of(map->edges, map->mask, node, auk_token_text(&items[i]));
        if (!edge->word.data)
            break;
        node = edge->next;
        if (map->nodes[node].count > 0) {
            found = i + 1;
            *out = &map->nodes[node];
        }
    }
    return found;
}
