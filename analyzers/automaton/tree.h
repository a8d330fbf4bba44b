/*
 * tree.h - an expression as a tree, between parse.c, alphabet.c and automaton.c.
 *
 * Characters are only in leaves, each a set; the alphabet is made of all sets of a tree, so that
 * automata work on classes of characters that no set tells apart.
 *
 *   Lifetime  that of the arena.   Threads  one.   Memory  the arena.   Errors  see automaton.h.
 */
#ifndef AUK_AUTOMATON_TREE_H
#define AUK_AUTOMATON_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "automaton.h"

enum { AUK_LAST_CHARACTER = 0x10ffff };
#define AUK_TREE_NO_LIMIT UINT32_MAX

typedef enum auk_tree_kind {
    AUK_TREE_NOTHING, /* fits no text */
    AUK_TREE_EMPTY,   /* fits the empty text */
    AUK_TREE_SET,
    AUK_TREE_CONCAT,
    AUK_TREE_UNION,
    AUK_TREE_INTERSECTION,
    AUK_TREE_COMPLEMENT, /* of left */
    AUK_TREE_REPEAT      /* left, least to most times */
} auk_tree_kind;

typedef struct auk_tree {
    auk_tree_kind kind;
    const struct auk_tree *left;
    const struct auk_tree *right;
    uint32_t set;
    uint32_t least;
    uint32_t most;
} auk_tree;

typedef struct auk_interval {
    uint32_t first;
    uint32_t last;
} auk_interval;

/* Intervals ascend and do not touch. */
typedef struct auk_character_set {
    auk_interval *intervals;
    uint32_t count;
} auk_character_set;

typedef struct auk_alphabet {
    auk_arena *arena;
    auk_character_set *sets;
    uint32_t set_count;
    uint32_t set_capacity;

    /* Made by auk_alphabet_finish. */
    uint32_t *starts; /* of intervals; the first is 0 */
    uint16_t *classes;
    uint32_t interval_count;
    uint32_t class_count;
    bool *members; /* by set * class_count + class */
} auk_alphabet;

/* The number of a set, whose intervals may come in any order and overlap. Copied. */
uint32_t auk_alphabet_add(auk_alphabet *alphabet, const auk_interval *intervals, uint32_t count);
AUK_MUST_CHECK auk_code auk_alphabet_finish(auk_alphabet *alphabet, auk_error *err);

AUK_MUST_CHECK auk_code auk_tree_parse(auk_alphabet *alphabet, auk_span expression,
                                       const auk_automaton_part *parts, auk_automaton_syntax syntax,
                                       const auk_tree **out, auk_error *err);

#endif
