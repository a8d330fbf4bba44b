#include "bucket_table.h"

#include <stdlib.h>

#include "auk/hash.h"

#define FIRST_SLOTS 256u
#define BUCKET_MOST (1u << 28)

void auk_bucket_table_init(auk_bucket_table *table, auk_aggregation_node *node, bool has_range,
                           int64_t min, int64_t max)
{
    *table = (auk_bucket_table){.collector = node->collector,
                                .single = node->single,
                                .numbered = node->sub_count > 0,
                                .seed = auk_hash_seed()};
    uint64_t span = (uint64_t)max - (uint64_t)min;
    if (node->single && has_range && span < AUK_BUCKET_DIRECT_LIMIT) {
        table->direct = true;
    } else if (!node->single && has_range && span < AUK_BUCKET_ROW_LIMIT) {
        table->rows = true;
    }
    if (table->direct || table->rows) {
        table->base = min;
        table->span = (uint32_t)span + 1;
    }
}

static inline uint32_t slot_of(const auk_bucket_table *table, uint32_t owner, int64_t key)
{
    uint64_t mixed = ((uint64_t)key ^ table->seed) * UINT64_C(0x9e3779b97f4a7c15);
    mixed ^= mixed >> 32;
    mixed = (mixed + owner) * UINT64_C(0xd6e8feb86659fd93);
    return (uint32_t)(mixed >> 32) & table->slot_mask;
}

static bool grow_slots(auk_bucket_table *table)
{
    uint32_t count = table->slots ? (table->slot_mask + 1) * 2 : FIRST_SLOTS;
    while (count < table->used * 4) /* rows that became a hash table */
        count *= 2;
    uint32_t *slots = auk_aggregation_alloc(table->collector, count, sizeof *slots);
    if (!slots)
        return false;
    table->slots = slots;
    table->slot_mask = count - 1;
    for (uint32_t id = 0; id < table->used; id++) {
        uint32_t slot = slot_of(table, table->owners ? table->owners[id] : 0, table->keys[id]);
        while (slots[slot])
            slot = (slot + 1) & table->slot_mask;
        slots[slot] = id + 1;
    }
    return true;
}

static bool grow_buckets(auk_bucket_table *table)
{
    auk_aggregation_collector *collector = table->collector;
    uint32_t need = table->used + 1;
    if (need > BUCKET_MOST) {
        auk_aggregation_fail(collector, AUK_TOO_LARGE, "more than %u buckets in a segment",
                             BUCKET_MOST);
        return false;
    }
    uint32_t capacity = table->capacity;
    if (!auk_aggregation_grow(collector, &table->keys, &capacity, need, sizeof *table->keys))
        return false;
    capacity = table->capacity;
    if (!table->single &&
        !auk_aggregation_grow(collector, &table->owners, &capacity, need, sizeof *table->owners))
        return false;
    capacity = table->capacity;
    if (!auk_aggregation_grow(collector, &table->counts, &capacity, need, sizeof *table->counts))
        return false;
    table->capacity = capacity;
    return true;
}

static uint32_t add_bucket(auk_bucket_table *table, uint32_t owner, int64_t key)
{
    if (table->used == table->capacity && !grow_buckets(table))
        return AUK_BUCKET_NONE;
    uint32_t id = table->used++;
    table->keys[id] = key;
    if (table->owners)
        table->owners[id] = owner;
    return id;
}

static uint32_t find_or_add(auk_bucket_table *table, uint32_t owner, int64_t key)
{
    if ((uint64_t)table->used * 2 >= table->slot_mask && !grow_slots(table))
        return AUK_BUCKET_NONE;
    uint32_t slot = slot_of(table, owner, key);
    while (table->slots[slot]) {
        uint32_t id = table->slots[slot] - 1;
        if (table->keys[id] == key && (!table->owners || table->owners[id] == owner))
            return id;
        slot = (slot + 1) & table->slot_mask;
    }
    uint32_t id = add_bucket(table, owner, key);
    if (id != AUK_BUCKET_NONE)
        table->slots[slot] = id + 1;
    return id;
}

/* A damaged block may hold what its column's footer rules out. */
static bool outside(auk_bucket_table *table)
{
    auk_aggregation_fail(table->collector, AUK_CORRUPT, "a column holds values past its bounds");
    return false;
}

static bool add_direct(auk_bucket_table *table, const int64_t *keys, uint32_t count, uint32_t *ids)
{
    if (!table->slots)
        table->slots = auk_aggregation_alloc(table->collector, table->span, sizeof *table->slots);
    uint32_t *slots = table->slots;
    if (!slots)
        return false;
    uint64_t base = (uint64_t)table->base;
    if (!table->numbered) {
        for (uint32_t i = 0; i < count; i++) {
            uint64_t at = (uint64_t)keys[i] - base;
            if (at >= table->span)
                return outside(table);
            slots[at]++;
        }
        return true;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint64_t at = (uint64_t)keys[i] - base;
        if (at >= table->span)
            return outside(table);
        uint32_t *slot = &slots[at];
        if (!*slot) {
            uint32_t id = add_bucket(table, 0, keys[i]);
            if (id == AUK_BUCKET_NONE)
                return false;
            *slot = id + 1;
        }
        table->counts[*slot - 1]++;
        ids[i] = *slot - 1;
    }
    return true;
}

/* Rows for all owners; where they become too many, the buckets go to a hash table. */
static bool grow_rows(auk_bucket_table *table, uint32_t owner_count)
{
    uint64_t need = (uint64_t)owner_count * table->span;
    if (need > AUK_BUCKET_DIRECT_LIMIT) {
        table->rows = false;
        table->slots = NULL;
        return true;
    }
    return auk_aggregation_grow(table->collector, &table->slots, &table->slot_count, (uint32_t)need,
                                sizeof *table->slots);
}

static bool add_to_rows(auk_bucket_table *table, const uint32_t *owners, const uint32_t *places,
                        const int64_t *keys, uint32_t count, uint32_t *ids)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t owner = owners ? owners[places[i]] : 0;
        uint64_t at = (uint64_t)keys[i] - (uint64_t)table->base;
        if (at >= table->span)
            return outside(table);
        uint32_t *slot = &table->slots[(size_t)owner * table->span + at];
        if (!*slot) {
            uint32_t id = add_bucket(table, owner, keys[i]);
            if (id == AUK_BUCKET_NONE)
                return false;
            *slot = id + 1;
        }
        table->counts[*slot - 1]++;
        if (ids)
            ids[i] = *slot - 1;
    }
    return true;
}

bool auk_bucket_table_add(auk_bucket_table *table, const uint32_t *owners, uint32_t owner_count,
                          const uint32_t *places, const int64_t *keys, uint32_t count,
                          uint32_t *ids)
{
    if (table->direct)
        return add_direct(table, keys, count, ids);
    if (table->rows && !grow_rows(table, owner_count))
        return false;
    if (table->rows)
        return add_to_rows(table, owners, places, keys, count, ids);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t id = find_or_add(table, owners ? owners[places[i]] : 0, keys[i]);
        if (id == AUK_BUCKET_NONE)
            return false;
        table->counts[id]++;
        if (ids)
            ids[i] = id;
    }
    return true;
}

void auk_bucket_table_add_counts(auk_bucket_table *table, uint32_t *counts)
{
    if (!table->slots) {
        table->slots = counts;
        return;
    }
    for (uint32_t i = 0; i < table->span; i++)
        table->slots[i] += counts[i];
}

/* ---- finish ---- */

/* Least significant byte first; bytes that all keys share cost one look. */
static void radix_sort(auk_collected_bucket *items, auk_collected_bucket *spare, uint32_t count)
{
    auk_collected_bucket *from = items, *to = spare;
    for (unsigned shift = 0; shift < 64; shift += 8) {
        uint32_t starts[257] = {0};
        /* flipping the sign makes the order of bytes the order of numbers */
        uint64_t flip = shift == 56 ? 0x80 : 0;
        for (uint32_t i = 0; i < count; i++)
            starts[(((uint64_t)from[i].key >> shift & 0xff) ^ flip) + 1]++;
        if (starts[(((uint64_t)from[0].key >> shift & 0xff) ^ flip) + 1] == count)
            continue;
        for (unsigned b = 0; b < 256; b++)
            starts[b + 1] += starts[b];
        for (uint32_t i = 0; i < count; i++)
            to[starts[((uint64_t)from[i].key >> shift & 0xff) ^ flip]++] = from[i];
        auk_collected_bucket *swap = from;
        from = to;
        to = swap;
    }
    if (from != items)
        memcpy(items, from, count * sizeof *items);
}

static void insertion_sort(auk_collected_bucket *items, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        auk_collected_bucket one = items[i];
        uint32_t at = i;
        for (; at > 0 && items[at - 1].key > one.key; at--)
            items[at] = items[at - 1];
        items[at] = one;
    }
}

static int compare_keys(const void *a, const void *b)
{
    const auk_collected_bucket *left = a, *right = b;
    return (left->key > right->key) - (left->key < right->key);
}

static void sort_keys(auk_collected_bucket *items, auk_collected_bucket *spare, uint32_t count)
{
    if (count <= 24)
        insertion_sort(items, count);
    else if (count <= 1024)
        qsort(items, count, sizeof *items, compare_keys);
    else
        radix_sort(items, spare, count);
}

static auk_collected_bucket *finish_direct(auk_bucket_table *table, uint32_t *count)
{
    uint32_t filled = 0;
    for (uint32_t i = 0; table->slots && i < table->span; i++)
        filled += table->slots[i] != 0;
    auk_collected_bucket *items = auk_aggregation_alloc(table->collector, filled, sizeof *items);
    uint32_t at = 0;
    for (uint32_t i = 0; items && table->slots && i < table->span; i++) {
        if (!table->slots[i])
            continue;
        uint32_t id = table->numbered ? table->slots[i] - 1 : AUK_BUCKET_NONE;
        items[at++] =
            (auk_collected_bucket){table->base + i,
                                   table->numbered ? table->counts[id] : table->slots[i], id};
    }
    *count = filled;
    return items;
}

void auk_bucket_table_finish_slots(auk_bucket_table *table, auk_partial *out)
{
    auk_gathered *gathered = auk_aggregation_alloc(table->collector, 1, sizeof *gathered);
    if (!gathered)
        return;
    uint32_t filled = 0;
    for (uint32_t i = 0; table->slots && i < table->span; i++)
        filled += table->slots[i] != 0;
    *gathered = (auk_gathered){.all_count = filled,
                               .absent = AUK_BUCKET_NONE,
                               .slots = table->slots,
                               .slot_count = table->slots ? table->span : 0,
                               .slot_base = table->base};
    out->u.collected.count = filled;
    out->u.collected.gathered = gathered;
}

/* By owner, then by key; starts[o] is where the buckets of owner o begin. */
static auk_collected_bucket *finish_hash(auk_bucket_table *table, uint32_t owner_count,
                                         uint32_t *starts)
{
    auk_collected_bucket *items =
        auk_aggregation_alloc(table->collector, table->used, sizeof *items);
    auk_collected_bucket *spare =
        auk_aggregation_alloc(table->collector, table->used, sizeof *spare);
    if (!items || !spare)
        return NULL;
    for (uint32_t id = 0; id < table->used; id++)
        starts[(table->owners ? table->owners[id] : 0) + 1]++;
    for (uint32_t o = 0; o < owner_count; o++)
        starts[o + 1] += starts[o];
    for (uint32_t id = 0; id < table->used; id++) {
        uint32_t owner = table->owners ? table->owners[id] : 0;
        items[starts[owner]++] = (auk_collected_bucket){table->keys[id], table->counts[id],
                                                        table->numbered ? id : AUK_BUCKET_NONE};
    }
    for (uint32_t o = owner_count; o > 0; o--)
        starts[o] = starts[o - 1];
    starts[0] = 0;
    for (uint32_t o = 0; o < owner_count; o++)
        sort_keys(items + starts[o], spare, starts[o + 1] - starts[o]);
    return items;
}

void auk_bucket_table_finish(auk_bucket_table *table, auk_aggregation_node *node,
                             uint32_t owner_count, auk_partial *out)
{
    auk_gathered *gathered = auk_aggregation_alloc(table->collector, 1, sizeof *gathered);
    uint32_t *starts =
        auk_aggregation_alloc(table->collector, (size_t)owner_count + 1, sizeof *starts);
    if (!gathered || !starts)
        return;
    auk_collected_bucket *items;
    if (table->direct)
        items = finish_direct(table, &starts[owner_count]);
    else
        items = finish_hash(table, owner_count, starts);
    gathered->all = items;
    gathered->all_count = starts[owner_count];
    bool zero = node->sub_count && node->plan->spec->shows_zero;
    gathered->absent = zero ? table->used : AUK_BUCKET_NONE;
    if (node->sub_count)
        gathered->subs = auk_aggregation_finish_subs(node, table->used + zero);
    if (table->collector->status != AUK_OK)
        return;
    for (uint32_t o = 0; o < owner_count; o++) {
        out[o].u.collected.items = items + starts[o];
        out[o].u.collected.count = starts[o + 1] - starts[o];
        out[o].u.collected.gathered = gathered;
    }
}
