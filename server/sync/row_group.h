/*
 * row_group.h - the rows that a group of transactions changes, by key, and by the edges that they
 * have now. Only row_store.c includes it.
 *
 *   Lifetime  entries until _reset.   Threads  one at a time.
 *   Memory    an arena, and two tables of hashes that keep their size.   Errors  none.
 */
#ifndef AUK_SYNC_ROW_GROUP_H
#define AUK_SYNC_ROW_GROUP_H

#include "auk/arena.h"
#include "row_store.h"

typedef struct auk_row_edge {
    auk_span key;
    uint64_t hash;
    auk_row_entry **entries; /* each once; some have left meanwhile */
    uint32_t count, capacity;
} auk_row_edge;

/* One edge that names an entry. */
typedef struct auk_row_place {
    const auk_row_edge *edge;
    struct auk_row_place *next;
} auk_row_place;

typedef struct auk_row_slots {
    void **items; /* open addressing, a power of two, at most half full */
    uint32_t capacity, count;
} auk_row_slots;

typedef struct auk_row_group {
    auk_arena *arena;
    auk_row_entry **entries;
    uint32_t count, capacity;
    auk_row_slots by_key, by_edge;
    size_t kept_bytes; /* of one that is empty */
} auk_row_group;

void auk_row_group_init(auk_row_group *group);
void auk_row_group_deinit(auk_row_group *group);
void auk_row_group_reset(auk_row_group *group);
size_t auk_row_group_bytes(const auk_row_group *group);

auk_row_entry *auk_row_group_find(const auk_row_group *group, auk_span key); /* or NULL */
auk_row_entry *auk_row_group_add(auk_row_group *group, const auk_row_table *table, auk_span key);

const auk_row_edge *auk_row_group_find_edge(const auk_row_group *group, auk_span key);
void auk_row_group_place(auk_row_group *group, auk_span edge, auk_row_entry *entry);
void auk_row_group_forget_edges(auk_row_group *group);

#endif
