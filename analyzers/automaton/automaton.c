/*
 * Trees to automata: a tree becomes a nondeterministic automaton by Thompson's construction, its
 * sets of states the states of a deterministic one. Complements and intersections are made of
 * deterministic ones, which then are parts of the larger.
 */
#include "automaton.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "build.h"
#include "unicode.h"

enum { CHUNK_BYTES = 64 << 10 };

struct ends {
    uint32_t start;
    uint32_t end;
};

static uint32_t add_state(struct build *build, struct graph *graph)
{
    if (graph->count >= MOST_PARTS) {
        auk_build_too_large(build);
        return 0;
    }
    if (graph->count == graph->capacity) {
        uint32_t capacity = graph->capacity ? graph->capacity * 2 : 64;
        graph->first =
            auk_build_grow(build, graph->first, graph->count, capacity, sizeof *graph->first);
        graph->tags =
            auk_build_grow(build, graph->tags, graph->count, capacity, sizeof *graph->tags);
        graph->capacity = capacity;
    }
    graph->first[graph->count] = NONE;
    return graph->count++;
}

static void add_edge(struct build *build, struct graph *graph, uint32_t from, uint32_t label,
                     uint32_t to)
{
    if (graph->edge_count == graph->edge_capacity) {
        uint32_t capacity = graph->edge_capacity ? graph->edge_capacity * 2 : 128;
        graph->edges =
            auk_build_grow(build, graph->edges, graph->edge_count, capacity, sizeof *graph->edges);
        graph->edge_capacity = capacity;
    }
    graph->edges[graph->edge_count] = (struct edge){to, label, graph->first[from]};
    graph->first[from] = graph->edge_count++;
}

static struct ends add_tree(struct build *build, struct graph *graph, const auk_tree *tree);

static struct table table_of(struct build *build, const auk_tree *tree)
{
    struct graph graph = {0};
    struct ends ends = add_tree(build, &graph, tree);
    graph.tags[ends.end] = 1;
    return auk_build_determinize(build, &graph, ends.start);
}

/* One state more takes what went nowhere, and every state ends where it did not. */
static struct table complement(struct build *build, struct table table)
{
    size_t classes = build->alphabet->class_count;
    uint32_t sink = auk_build_add_row(build, &table);
    for (size_t i = 0; i < table.count * classes; i++)
        if (table.next[i] == NONE)
            table.next[i] = sink;
    for (uint32_t i = 0; i < table.count; i++)
        table.tags[i] = table.tags[i] == NO_TAG;
    return table;
}

/* Pairs of states that are met, by the number of the pair. */
struct pairs {
    uint64_t *pairs;
    uint32_t *of;
    size_t capacity; /* a power of two */
    size_t count;
};

static uint32_t find_pair(struct build *build, struct pairs *pairs, struct table *table,
                          uint64_t pair)
{
    size_t at = (pair * UINT64_C(0x9e3779b97f4a7c15)) >> 40 & (pairs->capacity - 1);
    while (pairs->of[at] != NONE && pairs->pairs[at] != pair)
        at = (at + 1) & (pairs->capacity - 1);
    if (pairs->of[at] == NONE) {
        pairs->pairs[at] = pair;
        pairs->of[at] = auk_build_add_row(build, table);
    }
    return pairs->of[at];
}

static struct table intersect(struct build *build, const struct table *left,
                              const struct table *right)
{
    size_t classes = build->alphabet->class_count;
    struct table table = {0};
    struct pairs pairs = {.capacity = (size_t)1 << 16}; /* above 4 * MOST_STATES */
    pairs.pairs = AUK_ARENA_ARRAY(build->arena, uint64_t, pairs.capacity);
    pairs.of = AUK_ARENA_ARRAY(build->arena, uint32_t, pairs.capacity);
    memset(pairs.of, 0xff, pairs.capacity * sizeof *pairs.of);
    uint64_t *todo = AUK_ARENA_ARRAY(build->arena, uint64_t, MOST_STATES + 1);
    (void)find_pair(build, &pairs, &table, todo[0] = 0);
    for (uint32_t at = 0; at < table.count && build->code == AUK_OK; at++) {
        uint32_t a = (uint32_t)(todo[at] >> 32), b = (uint32_t)todo[at];
        table.tags[at] = left->tags[a] && right->tags[b];
        for (size_t i = 0; i < classes && build->code == AUK_OK; i++) {
            uint32_t to_a = left->next[a * classes + i], to_b = right->next[b * classes + i];
            if (to_a == NONE || to_b == NONE)
                continue;
            uint64_t pair = (uint64_t)to_a << 32 | to_b;
            uint32_t before = table.count, to = find_pair(build, &pairs, &table, pair);
            table.next[at * classes + i] = to;
            if (table.count > before)
                todo[to] = pair;
        }
    }
    return table;
}

static struct ends add_table(struct build *build, struct graph *graph, const struct table *table)
{
    size_t classes = build->alphabet->class_count;
    uint32_t base = graph->count;
    for (uint32_t i = 0; i < table->count; i++)
        add_state(build, graph);
    struct ends ends = {base, add_state(build, graph)};
    for (uint32_t i = 0; i < table->count && build->code == AUK_OK; i++) {
        for (uint32_t j = 0; j < classes; j++)
            if (table->next[i * classes + j] != NONE)
                add_edge(build, graph, base + i, CLASS | j, base + table->next[i * classes + j]);
        if (table->tags[i])
            add_edge(build, graph, base + i, EPSILON, ends.end);
    }
    return ends;
}

static struct ends add_set(struct build *build, struct graph *graph, uint32_t label)
{
    struct ends ends;
    ends.start = add_state(build, graph);
    ends.end = add_state(build, graph);
    if (build->code == AUK_OK)
        add_edge(build, graph, ends.start, label, ends.end);
    return ends;
}

static struct ends append(struct build *build, struct graph *graph, struct ends ends,
                          struct ends more)
{
    add_edge(build, graph, ends.end, EPSILON, more.start);
    return (struct ends){ends.start, more.end};
}

static struct ends add_repeat(struct build *build, struct graph *graph, const auk_tree *tree)
{
    struct ends ends = add_set(build, graph, EPSILON);
    for (uint32_t i = 0; i < tree->least && build->code == AUK_OK; i++)
        ends = append(build, graph, ends, add_tree(build, graph, tree->left));
    uint32_t last = add_state(build, graph);
    if (tree->most == AUK_TREE_NO_LIMIT && build->code == AUK_OK) {
        struct ends loop = add_tree(build, graph, tree->left);
        ends = append(build, graph, ends, add_set(build, graph, EPSILON));
        add_edge(build, graph, ends.end, EPSILON, loop.start);
        add_edge(build, graph, loop.end, EPSILON, ends.end);
    } else {
        for (uint32_t i = tree->least; i < tree->most && build->code == AUK_OK; i++) {
            add_edge(build, graph, ends.end, EPSILON, last);
            ends = append(build, graph, ends, add_tree(build, graph, tree->left));
        }
    }
    add_edge(build, graph, ends.end, EPSILON, last);
    return (struct ends){ends.start, last};
}

/* Left branches are long: a text is one. */
static struct ends add_spine(struct build *build, struct graph *graph, const auk_tree *tree)
{
    auk_tree_kind kind = tree->kind;
    size_t count = 1;
    for (const auk_tree *at = tree; at->kind == kind; at = at->left)
        count++;
    const auk_tree **items = AUK_ARENA_ARRAY(build->arena, const auk_tree *, count);
    for (size_t i = count; i-- > 1; tree = tree->left)
        items[i] = tree->right;
    items[0] = tree;
    struct ends ends = add_set(build, graph, EPSILON);
    uint32_t last = kind == AUK_TREE_UNION ? add_state(build, graph) : 0;
    for (size_t i = 0; i < count && build->code == AUK_OK; i++) {
        struct ends item = add_tree(build, graph, items[i]);
        if (kind == AUK_TREE_UNION) {
            add_edge(build, graph, ends.end, EPSILON, item.start);
            add_edge(build, graph, item.end, EPSILON, last);
        } else {
            ends = append(build, graph, ends, item);
        }
    }
    return kind == AUK_TREE_UNION ? (struct ends){ends.start, last} : ends;
}

static struct ends add_tree(struct build *build, struct graph *graph, const auk_tree *tree)
{
    struct table left, right;
    switch (tree->kind) {
    case AUK_TREE_SET:
        return add_set(build, graph, tree->set);
    case AUK_TREE_EMPTY:
        return add_set(build, graph, EPSILON);
    case AUK_TREE_CONCAT:
    case AUK_TREE_UNION:
        return add_spine(build, graph, tree);
    case AUK_TREE_REPEAT:
        return add_repeat(build, graph, tree);
    case AUK_TREE_COMPLEMENT:
        left = table_of(build, tree->left);
        if (build->code == AUK_OK)
            left = complement(build, left);
        return add_table(build, graph, &left);
    case AUK_TREE_INTERSECTION:
        left = table_of(build, tree->left);
        right = table_of(build, tree->right);
        if (build->code == AUK_OK)
            left = intersect(build, &left, &right);
        return add_table(build, graph, &left);
    case AUK_TREE_NOTHING:
        break;
    }
    struct ends apart;
    apart.start = add_state(build, graph);
    apart.end = add_state(build, graph);
    return apart;
}

/* Which states lead to an end at all; round after round, since tables are small and made once. */
static bool *find_living(struct build *build, const struct table *table)
{
    size_t classes = build->alphabet->class_count;
    bool *lives = AUK_ARENA_ARRAY(build->arena, bool, table->count + 1);
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t i = table->count; i-- > 0;) {
            bool leads_on = table->tags[i] != NO_TAG;
            for (size_t j = 0; j < classes && !leads_on && !lives[i]; j++)
                leads_on =
                    table->next[i * classes + j] != NONE && lives[table->next[i * classes + j]];
            changed |= leads_on && !lives[i];
            lives[i] |= leads_on;
        }
    }
    return lives;
}

static const auk_automaton *finish(struct build *build, const struct table *table, auk_arena *arena)
{
    const auk_alphabet *alphabet = build->alphabet;
    size_t classes = alphabet->class_count;
    const bool *lives = find_living(build, table);
    auk_automaton *automaton = AUK_ARENA_NEW(arena, auk_automaton);
    uint16_t *next = AUK_ARENA_ARRAY(arena, uint16_t, table->count * classes);
    uint8_t *accepts = AUK_ARENA_ARRAY(arena, uint8_t, table->count);
    uint32_t *starts = AUK_ARENA_ARRAY(arena, uint32_t, alphabet->interval_count);
    uint16_t *of = AUK_ARENA_ARRAY(arena, uint16_t, alphabet->interval_count);
    for (size_t i = 0; i < table->count * classes; i++)
        next[i] = table->next[i] != NONE && lives[table->next[i]] ? (uint16_t)table->next[i]
                                                                  : AUK_AUTOMATON_DEAD;
    memcpy(accepts, table->tags, table->count);
    memcpy(starts, alphabet->starts, alphabet->interval_count * sizeof *starts);
    memcpy(of, alphabet->classes, alphabet->interval_count * sizeof *of);
    *automaton = (auk_automaton){.starts = starts,
                                 .classes = of,
                                 .interval_count = alphabet->interval_count,
                                 .class_count = (uint32_t)classes,
                                 .state_count = table->count,
                                 .next = next,
                                 .accepts = accepts};
    for (uint32_t i = 0; i < 128; i++)
        automaton->ascii[i] = auk_automaton_class_beyond(automaton, i);
    return automaton;
}

static auk_code compile(struct build *build, auk_alphabet *alphabet, const auk_span *expressions,
                        size_t count, const auk_automaton_part *parts, auk_automaton_syntax syntax,
                        struct table *out)
{
    const auk_tree **trees = AUK_ARENA_ARRAY(build->arena, const auk_tree *, count);
    for (size_t i = 0; i < count; i++) {
        auk_code code =
            auk_tree_parse(alphabet, expressions[i], parts, syntax, &trees[i], build->err);
        if (code != AUK_OK)
            return code;
    }
    auk_code code = auk_alphabet_finish(alphabet, build->err);
    if (code != AUK_OK)
        return code;
    struct graph graph = {0};
    uint32_t start = add_state(build, &graph);
    for (size_t i = 0; i < count; i++) {
        build->text = expressions[i];
        struct ends ends = add_tree(build, &graph, trees[i]);
        if (build->code != AUK_OK)
            return build->code;
        add_edge(build, &graph, start, EPSILON, ends.start);
        graph.tags[ends.end] = (uint8_t)(i + 1);
    }
    *out = auk_build_determinize(build, &graph, start);
    return build->code;
}

static auk_code make(auk_arena *arena, const auk_span *expressions, size_t count,
                     const auk_automaton_part *parts, auk_automaton_syntax syntax,
                     const auk_automaton **out, auk_error *err)
{
    auk_arena *own = auk_arena_create(CHUNK_BYTES);
    auk_alphabet alphabet = {.arena = own};
    struct build build = {.arena = own, .alphabet = &alphabet, .err = err};
    struct table table = {0};
    auk_code code = compile(&build, &alphabet, expressions, count, parts, syntax, &table);
    if (code == AUK_OK)
        *out = finish(&build, &table, arena);
    auk_arena_destroy(own);
    return code;
}

auk_code auk_automaton_compile(auk_arena *arena, const auk_span *expressions, size_t count,
                               const auk_automaton_part *parts, const auk_automaton **out,
                               auk_error *err)
{
    return make(arena, expressions, count, parts, (auk_automaton_syntax){0}, out, err);
}

auk_code auk_automaton_compile_one(auk_arena *arena, auk_span expression,
                                   auk_automaton_syntax syntax, const auk_automaton **out,
                                   auk_error *err)
{
    return make(arena, &expression, 1, NULL, syntax, out, err);
}

uint16_t auk_automaton_class_beyond(const auk_automaton *automaton, uint32_t character)
{
    uint32_t low = 0, high = automaton->interval_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (automaton->starts[middle] <= character)
            low = middle;
        else
            high = middle;
    }
    return automaton->classes[low];
}

auk_automaton_match auk_automaton_longest(const auk_automaton *automaton, auk_span text)
{
    auk_automaton_match match = {.ran_out = true};
    uint16_t state = AUK_AUTOMATON_START;
    const char *end = text.data + text.size;
    while (match.walked < text.size) {
        uint32_t character;
        match.walked += auk_unicode_next(text.data + match.walked, end, &character);
        state = auk_automaton_step(automaton, state, character);
        if (state == AUK_AUTOMATON_DEAD) {
            match.ran_out = false;
            break;
        }
        if (automaton->accepts[state]) {
            match.size = match.walked;
            match.which = automaton->accepts[state];
        }
    }
    return match;
}
