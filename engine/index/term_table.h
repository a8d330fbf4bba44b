/*
 * term_table.h - (field, text) to a dense number, by hashing.
 *
 * A slot keeps half of the hash beside the number, so that a probe reads a term only when it is
 * most likely the right one.
 *
 * Slots are only for finding: who is done with adding takes them and gives them to the next table,
 * so that one worker hashes into the same, warm memory again and again.
 *
 *   Lifetime  _init .. _deinit; texts live in the arena given to _init, end to end.
 *   Threads   one owner.
 *   Memory    24 bytes a term, 8 bytes a slot, at most half of the slots used.
 *   Errors    none.
 */
#ifndef AUK_TERM_TABLE_H
#define AUK_TERM_TABLE_H

#include "auk/arena.h"
#include "auk/hash.h"
#include "auk/span.h"

#include "vector.h"

typedef struct auk_table_term {
    const char *data;
    uint32_t size;
    uint16_t field;
    uint16_t flags; /* the user's */
    uint64_t hash;
} auk_table_term;

typedef struct auk_term_table {
    AUK_VECTOR(auk_table_term) terms;
    uint64_t *slots; /* upper half of the hash | number + 1; 0: free */
    uint32_t mask;
    auk_arena *arena;
    char *text, *text_end; /* room for texts */
} auk_term_table;

/* All zero: none. */
typedef struct auk_term_slots {
    uint64_t *items;
    uint32_t count;
} auk_term_slots;

void auk_term_table_init(auk_term_table *table, uint32_t expected_terms, auk_arena *arena);
/* The same with slots of an earlier table, which are taken. */
void auk_term_table_init_with(auk_term_table *table, uint32_t expected_terms, auk_arena *arena,
                              auk_term_slots slots);
/* The table cannot be added to any more; the slots are the caller's, to be given on or freed. */
auk_term_slots auk_term_table_take_slots(auk_term_table *table);
void auk_term_table_deinit(auk_term_table *table);

static inline uint64_t auk_term_hash(uint16_t field, auk_span text)
{
    return auk_hash(text, field);
}

static inline void auk_term_table_prefetch(const auk_term_table *table, uint64_t hash)
{
    __builtin_prefetch(&table->slots[hash & table->mask]);
}

/* The number of the term, new or known. copy: the text is copied into the arena when new, else
 * borrowed. */
uint32_t auk_term_table_add(auk_term_table *table, uint16_t field, auk_span text, uint64_t hash,
                            bool copy);

size_t auk_term_table_bytes(const auk_term_table *table); /* without the arena */

#endif
