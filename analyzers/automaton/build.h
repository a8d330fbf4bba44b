/*
 * build.h - automata on their way, between automaton.c and determinize.c.
 *
 *   Lifetime  the build's arena.   Threads  one.   Memory  the arena, within the limits below.
 *   Errors    sticky in build->code: an expression that takes more than they allow.
 */
#ifndef AUK_AUTOMATON_BUILD_H
#define AUK_AUTOMATON_BUILD_H

#include "tree.h"

enum { MOST_STATES = 10000, MOST_PARTS = 200000, MOST_EFFORT = 1000000, MOST_CELLS = 4 << 20 };
enum { NO_TAG = 0 };

#define EPSILON UINT32_MAX
#define NONE    UINT32_MAX
#define CLASS   0x80000000u /* in a label: one class; without it the label is a set */

struct edge {
    uint32_t to;
    uint32_t label;
    uint32_t next; /* of the same state, or NONE */
};

/* Nondeterministic: states are numbers, edges lists. */
struct graph {
    struct edge *edges;
    uint32_t edge_count, edge_capacity;
    uint32_t *first; /* by state */
    uint8_t *tags;
    uint32_t count, capacity;
};

/* Deterministic. */
struct table {
    uint32_t *next; /* by state * classes + class, or NONE */
    uint8_t *tags;  /* NO_TAG, or which expression ends here */
    uint32_t count, capacity;
};

struct build {
    auk_arena *arena;
    const auk_alphabet *alphabet;
    auk_span text; /* for the error */
    auk_error *err;
    size_t effort;
    auk_code code;
};

void auk_build_too_large(struct build *build);
/* A copy of count items in room for capacity. */
void *auk_build_grow(struct build *build, void *items, size_t count, size_t capacity, size_t size);
/* A state that leads nowhere. */
uint32_t auk_build_add_row(struct build *build, struct table *table);
struct table auk_build_determinize(struct build *build, const struct graph *graph, uint32_t start);

#endif
