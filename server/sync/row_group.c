#include "row_group.h"

#include <stdlib.h>

#include "auk/hash.h"

#define FIRST_CAPACITY 64
#define KEPT_CAPACITY  65536 /* slots that stay from one group to the next */

/* Both kinds of items begin with what a table of hashes looks at. */
typedef struct item_head {
    auk_span key;
    uint64_t hash;
} item_head;

static item_head head_of(const void *item, bool is_edge)
{
    const auk_row_edge *edge = (const auk_row_edge *)item;
    const auk_row_entry *entry = (const auk_row_entry *)item;
    return is_edge ? (item_head){edge->key, edge->hash} : (item_head){entry->key, entry->hash};
}

/* ---- slots ---- */

static uint32_t find_slot(const auk_row_slots *slots, auk_span key, uint64_t hash, bool is_edge)
{
    uint32_t mask = slots->capacity - 1, at = (uint32_t)hash & mask;
    while (slots->items[at]) {
        item_head head = head_of(slots->items[at], is_edge);
        if (head.hash == hash && auk_span_equal(head.key, key))
            return at;
        at = (at + 1) & mask;
    }
    return at;
}

static void *look_up(const auk_row_slots *slots, auk_span key, bool is_edge)
{
    if (slots->count == 0)
        return NULL;
    return slots->items[find_slot(slots, key, auk_hash(key, auk_hash_seed()), is_edge)];
}

static void **new_items(uint32_t capacity)
{
    void **items = (void **)calloc(capacity, sizeof *items);
    if (!items)
        abort();
    return items;
}

static void insert(auk_row_slots *slots, void *item, bool is_edge)
{
    if (slots->count * 2 >= slots->capacity) {
        auk_row_slots grown = {.capacity = slots->capacity ? slots->capacity * 2 : FIRST_CAPACITY};
        grown.items = new_items(grown.capacity);
        for (uint32_t i = 0; i < slots->capacity; i++)
            if (slots->items[i])
                insert(&grown, slots->items[i], is_edge);
        free((void *)slots->items);
        *slots = grown;
    }
    item_head head = head_of(item, is_edge);
    slots->items[find_slot(slots, head.key, head.hash, is_edge)] = item;
    slots->count++;
}

static void empty(auk_row_slots *slots)
{
    if (slots->capacity > KEPT_CAPACITY) {
        free((void *)slots->items);
        *slots = (auk_row_slots){0};
    } else if (slots->count > 0) {
        memset((void *)slots->items, 0, slots->capacity * sizeof *slots->items);
        slots->count = 0;
    }
}

/* ---- the group ---- */

void auk_row_group_init(auk_row_group *group)
{
    *group = (auk_row_group){.arena = auk_arena_create(65536)};
}

void auk_row_group_deinit(auk_row_group *group)
{
    auk_arena_destroy(group->arena);
    free((void *)group->entries);
    free((void *)group->by_key.items);
    free((void *)group->by_edge.items);
}

static size_t held_bytes(const auk_row_group *group)
{
    return auk_arena_size(group->arena) +
           sizeof(void *) *
               ((size_t)group->capacity + group->by_key.capacity + group->by_edge.capacity);
}

void auk_row_group_reset(auk_row_group *group)
{
    empty(&group->by_key);
    empty(&group->by_edge);
    group->count = 0;
    auk_arena_reset(group->arena);
    group->kept_bytes = held_bytes(group);
}

/* What an empty one keeps for the next is no sign that it is full. */
size_t auk_row_group_bytes(const auk_row_group *group)
{
    return held_bytes(group) - group->kept_bytes;
}

auk_row_entry *auk_row_group_find(const auk_row_group *group, auk_span key)
{
    return (auk_row_entry *)look_up(&group->by_key, key, false);
}

auk_row_entry *auk_row_group_add(auk_row_group *group, const auk_row_table *table, auk_span key)
{
    auk_row_entry *entry = AUK_ARENA_NEW(group->arena, auk_row_entry);
    entry->table = table;
    entry->key = auk_arena_copy(group->arena, key);
    entry->hash = auk_hash(key, auk_hash_seed());
    insert(&group->by_key, entry, false);
    if (group->count == group->capacity) {
        group->capacity = group->capacity ? group->capacity * 2 : FIRST_CAPACITY;
        group->entries = (auk_row_entry **)realloc((void *)group->entries,
                                                   group->capacity * sizeof(auk_row_entry *));
        if (!group->entries)
            abort();
    }
    group->entries[group->count++] = entry;
    return entry;
}

/* ---- edges ---- */

const auk_row_edge *auk_row_group_find_edge(const auk_row_group *group, auk_span key)
{
    return (const auk_row_edge *)look_up(&group->by_edge, key, true);
}

static auk_row_edge *make_edge(auk_row_group *group, auk_span key)
{
    auk_row_edge *edge = AUK_ARENA_NEW(group->arena, auk_row_edge);
    edge->key = auk_arena_copy(group->arena, key);
    edge->hash = auk_hash(key, auk_hash_seed());
    insert(&group->by_edge, edge, true);
    return edge;
}

void auk_row_group_place(auk_row_group *group, auk_span key, auk_row_entry *entry)
{
    auk_row_edge *edge = (auk_row_edge *)look_up(&group->by_edge, key, true);
    if (!edge)
        edge = make_edge(group, key);
    for (const auk_row_place *place = entry->places; place; place = place->next)
        if (place->edge == edge)
            return;
    if (edge->count == edge->capacity) {
        edge->capacity = edge->capacity ? edge->capacity * 2 : 2;
        auk_row_entry **more = AUK_ARENA_ARRAY(group->arena, auk_row_entry *, edge->capacity);
        if (edge->count > 0)
            memcpy((void *)more, (const void *)edge->entries, edge->count * sizeof *more);
        edge->entries = more;
    }
    edge->entries[edge->count++] = entry;
    auk_row_place *place = AUK_ARENA_NEW(group->arena, auk_row_place);
    *place = (auk_row_place){edge, entry->places};
    entry->places = place;
}

void auk_row_group_forget_edges(auk_row_group *group)
{
    empty(&group->by_edge);
    for (uint32_t i = 0; i < group->count; i++)
        group->entries[i]->places = NULL;
}
