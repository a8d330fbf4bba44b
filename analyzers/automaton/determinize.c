/* Sets of states of a nondeterministic automaton become the states of a deterministic one. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "auk/hash.h"
#include "build.h"

void auk_build_too_large(struct build *build)
{
    if (build->code == AUK_OK)
        build->code = auk_fail(build->err, AUK_INVALID,
                               "Determinizing %.*s would require more than %d effort.",
                               (int)(build->text.size < 256 ? build->text.size : 256),
                               build->text.data, MOST_STATES);
}

void *auk_build_grow(struct build *build, void *items, size_t count, size_t capacity, size_t size)
{
    void *grown = auk_arena_zalloc(build->arena, capacity * size);
    if (count > 0)
        memcpy(grown, items, count * size);
    return grown;
}

uint32_t auk_build_add_row(struct build *build, struct table *table)
{
    size_t classes = build->alphabet->class_count;
    if (table->count >= MOST_STATES || table->count * classes >= MOST_CELLS) {
        auk_build_too_large(build);
        return 0;
    }
    if (table->count == table->capacity) {
        uint32_t capacity = table->capacity ? table->capacity * 2 : 16;
        table->next = auk_build_grow(build, table->next, table->count * classes, capacity * classes,
                                     sizeof *table->next);
        table->tags =
            auk_build_grow(build, table->tags, table->count, capacity, sizeof *table->tags);
        table->capacity = capacity;
    }
    for (size_t i = 0; i < classes; i++)
        table->next[table->count * classes + i] = NONE;
    return table->count++;
}

/* Sets of states while they are made deterministic. */
struct subsets {
    uint32_t **items; /* by state of the table: its states of the graph, ascending */
    uint32_t *counts;
    uint32_t *slots; /* a hash table of states of the table, or NONE */
    uint32_t *list;  /* the set that is being put together */
    uint32_t *stamps;
    uint32_t stamp;
};

enum { SLOTS = 1 << 15 };

static int by_number(const void *left, const void *right)
{
    const uint32_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

/* Adds a state and what is reached from it without a character; list is its own queue. */
static uint32_t add_closed(const struct graph *graph, struct subsets *subsets, uint32_t state,
                           uint32_t count)
{
    uint32_t at = count;
    if (subsets->stamps[state] == subsets->stamp)
        return count;
    subsets->stamps[state] = subsets->stamp;
    subsets->list[count++] = state;
    for (; at < count; at++)
        for (uint32_t i = graph->first[subsets->list[at]]; i != NONE; i = graph->edges[i].next) {
            uint32_t to = graph->edges[i].to;
            if (graph->edges[i].label != EPSILON || subsets->stamps[to] == subsets->stamp)
                continue;
            subsets->stamps[to] = subsets->stamp;
            subsets->list[count++] = to;
        }
    return count;
}

static uint8_t tag_of(const struct graph *graph, const uint32_t *states, uint32_t count)
{
    uint8_t tag = NO_TAG;
    for (uint32_t i = 0; i < count; i++)
        if (graph->tags[states[i]] && (tag == NO_TAG || graph->tags[states[i]] < tag))
            tag = graph->tags[states[i]];
    return tag;
}

/* The state of the table that the list is. */
static uint32_t find_subset(struct build *build, const struct graph *graph, struct table *table,
                            struct subsets *subsets, uint32_t count)
{
    qsort(subsets->list, count, sizeof *subsets->list, by_number);
    size_t bytes = count * sizeof *subsets->list;
    size_t slot = auk_hash(auk_span_make((const char *)subsets->list, bytes), 0) % SLOTS;
    for (; subsets->slots[slot] != NONE; slot = (slot + 1) % SLOTS) {
        uint32_t other = subsets->slots[slot];
        if (subsets->counts[other] == count &&
            memcmp(subsets->items[other], subsets->list, bytes) == 0)
            return other;
    }
    build->effort += count;
    uint32_t state = auk_build_add_row(build, table);
    if (build->effort > MOST_EFFORT)
        auk_build_too_large(build);
    if (build->code != AUK_OK)
        return 0;
    subsets->slots[slot] = state;
    subsets->items[state] =
        auk_build_grow(build, subsets->list, count, count, sizeof *subsets->list);
    subsets->counts[state] = count;
    table->tags[state] = tag_of(graph, subsets->list, count);
    return state;
}

static bool leads(const struct build *build, uint32_t label, uint32_t class)
{
    if (label == EPSILON)
        return false;
    if (label & CLASS)
        return (label & ~CLASS) == class;
    return build->alphabet->members[(size_t)label * build->alphabet->class_count + class];
}

static uint32_t step_subset(struct build *build, const struct graph *graph, struct subsets *subsets,
                            uint32_t state, uint32_t class)
{
    uint32_t count = 0;
    assert(graph->first); /* a subset has states */
    const struct edge *edges = graph->edges;
    subsets->stamp++;
    for (uint32_t i = 0; i < subsets->counts[state]; i++)
        for (uint32_t j = graph->first[subsets->items[state][i]]; edges && j != NONE;
             j = edges[j].next)
            if (leads(build, edges[j].label, class))
                count = add_closed(graph, subsets, edges[j].to, count);
    return count;
}

struct table auk_build_determinize(struct build *build, const struct graph *graph, uint32_t start)
{
    size_t classes = build->alphabet->class_count;
    struct table table = {0};
    if (build->code != AUK_OK) {
        auk_build_add_row(build, &table);
        return table;
    }
    struct subsets subsets = {
        .items = AUK_ARENA_ARRAY(build->arena, uint32_t *, MOST_STATES),
        .counts = AUK_ARENA_ARRAY(build->arena, uint32_t, MOST_STATES),
        .slots = AUK_ARENA_ARRAY(build->arena, uint32_t, SLOTS),
        .list = AUK_ARENA_ARRAY(build->arena, uint32_t, graph->count),
        .stamps = AUK_ARENA_ARRAY(build->arena, uint32_t, graph->count),
        .stamp = 1,
    };
    memset(subsets.slots, 0xff, SLOTS * sizeof *subsets.slots);
    find_subset(build, graph, &table, &subsets, add_closed(graph, &subsets, start, 0));
    for (uint32_t state = 0; state < table.count; state++)
        for (uint32_t class = 0; class < classes && build->code == AUK_OK; class ++) {
            uint32_t count = step_subset(build, graph, &subsets, state, class);
            if (count == 0)
                continue;
            uint32_t to = find_subset(build, graph, &table, &subsets, count);
            table.next[state * classes + class] = to; /* the table may have moved */
        }
    return table;
}
