/*
 * term_table.h - (field, text) to a dense number, by hashing.
 *
 * A slot keeps half of the hash beside the number, so that a probe reads a term only when it is
 * most likely the right one. A term keeps its first bytes, which are most often all of it, so that
 * its text is not looked at.
 *
 * Slots are only for finding: who is done with adding takes them and gives them to the next table,
 * so that one worker hashes into the same, warm memory again and again.
 *
 *   Lifetime  _init .. _deinit; texts live in the arena given to _init, end to end.
 *   Threads   one owner.
 *   Memory    32 bytes a term, 8 bytes a slot, at most half of the slots used.
 *   Errors    none.
 */
#ifndef AUK_TERM_TABLE_H
#define AUK_TERM_TABLE_H

#include "auk/arena.h"
#include "auk/hash.h"
#include "auk/span.h"
#include "auk/varint.h"

#include "vector.h"

typedef struct auk_table_term {
    uint64_t head; /* auk_term_head */
    uint32_t size;
    uint16_t field;
    uint16_t flags; /* the user's */
    const char *data;
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

/* The first eight bytes, the first one lowest, zeros behind a shorter text. */
static inline uint64_t auk_term_head(const char *data, size_t size)
{
    if (size >= 8)
        return auk_load_u64(data);
    if (size >= 4)
        return auk_load_u32(data) | (uint64_t)auk_load_u32(data + size - 4) << (8 * (size - 4));
    if (size == 0)
        return 0;
    const uint8_t *bytes = (const uint8_t *)data;
    return bytes[0] | (uint64_t)bytes[size / 2] << (8 * (size / 2)) |
           (uint64_t)bytes[size - 1] << (8 * (size - 1));
}

static inline uint64_t auk_term_hash(uint16_t field, auk_span text)
{
    return auk_hash(text, field);
}

static inline void auk_term_table_prefetch(const auk_term_table *table, uint64_t hash)
{
    __builtin_prefetch(&table->slots[hash & table->mask]);
}

/* The term that the slot leads to; after the slot is there. */
static inline void auk_term_table_prefetch_term(const auk_term_table *table, uint64_t hash)
{
    uint32_t number = (uint32_t)table->slots[hash & table->mask];
    __builtin_prefetch(&table->terms.items[number != 0 ? number - 1 : 0]);
}

/* The number of the term, new or known. The text is copied into the arena when new. */
uint32_t auk_term_table_add(auk_term_table *table, uint16_t field, auk_span text, uint64_t hash);
/* The same for a term of another table, whose text is borrowed. */
uint32_t auk_term_table_join(auk_term_table *table, const auk_table_term *term);

/* Borrowed from the term, when it is short, else from where its text lies. */
static inline auk_span auk_table_term_text(const auk_table_term *term)
{
    return auk_span_make(term->size <= 8 ? (const char *)&term->head : term->data, term->size);
}

size_t auk_term_table_bytes(const auk_term_table *table); /* without the arena */

#endif
