#include "tombstones.h"

#define ENTRY_BYTES 120 /* entry, slots, heap */

void auk_tombstones_init(auk_tombstones *table)
{
    *table = (auk_tombstones){0};
}

void auk_tombstones_deinit(auk_tombstones *table)
{
    for (uint32_t i = 0; i < table->entries.count; i++)
        free((void *)(uintptr_t)table->entries.items[i].tombstone.id.data);
    auk_vector_free(&table->entries);
    free(table->slots);
    *table = (auk_tombstones){0};
}

/* The slot that holds the id, or the free one where it belongs. Slots of superseded entries stay as
 * steps. */
static uint32_t *slot_of(const auk_tombstones *table, auk_span id, uint64_t hash)
{
    uint32_t mask = table->slot_count - 1;
    for (uint32_t at = (uint32_t)hash & mask;; at = (at + 1) & mask) {
        uint32_t slot = table->slots[at];
        if (slot == 0)
            return &table->slots[at];
        const auk_tombstone_entry *entry = &table->entries.items[slot - 1];
        if (entry->hash == hash && entry->tombstone.id.data != NULL &&
            auk_span_equal(entry->tombstone.id, id))
            return &table->slots[at];
    }
}

static void drop_entry(auk_tombstones *table, auk_tombstone_entry *entry)
{
    table->bytes -= entry->tombstone.id.size + ENTRY_BYTES;
    free((void *)(uintptr_t)entry->tombstone.id.data);
    entry->tombstone.id = (auk_span){0};
    table->alive--;
}

/* Squeezes out superseded entries and gives the slots room for twice what is left. */
static void rebuild(auk_tombstones *table)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < table->entries.count; i++)
        if (table->entries.items[i].tombstone.id.data != NULL)
            table->entries.items[kept++] = table->entries.items[i];
    table->entries.count = kept;
    table->slot_count = 64;
    while (table->slot_count < kept * 4)
        table->slot_count *= 2;
    free(table->slots);
    table->slots = calloc(table->slot_count, sizeof *table->slots);
    if (table->slots == NULL)
        abort();
    for (uint32_t i = 0; i < kept; i++) {
        const auk_tombstone_entry *entry = &table->entries.items[i];
        *slot_of(table, entry->tombstone.id, entry->hash) = i + 1;
    }
}

void auk_tombstones_add(auk_tombstones *table, const auk_tombstone *tombstone, uint64_t id_hash)
{
    if ((table->entries.count + 1) * 2 > table->slot_count)
        rebuild(table);
    uint32_t *slot = slot_of(table, tombstone->id, id_hash);
    if (*slot != 0)
        drop_entry(table, &table->entries.items[*slot - 1]);
    char *id = malloc(tombstone->id.size + 1);
    if (id == NULL)
        abort();
    memcpy(id, tombstone->id.data, tombstone->id.size);
    auk_tombstone_entry entry = {*tombstone, id_hash};
    entry.tombstone.id.data = id;
    auk_vector_push(&table->entries, entry);
    *slot = table->entries.count;
    table->alive++;
    table->bytes += tombstone->id.size + ENTRY_BYTES;
}

const auk_tombstone *auk_tombstones_find(const auk_tombstones *table, auk_span id, uint64_t id_hash)
{
    if (table->alive == 0)
        return NULL;
    uint32_t slot = *slot_of(table, id, id_hash);
    return slot == 0 ? NULL : &table->entries.items[slot - 1].tombstone;
}

void auk_tombstones_remove(auk_tombstones *table, auk_span id, uint64_t id_hash)
{
    if (table->alive == 0)
        return;
    uint32_t slot = *slot_of(table, id, id_hash);
    if (slot != 0)
        drop_entry(table, &table->entries.items[slot - 1]);
}

void auk_tombstones_collect(auk_tombstones *table, int64_t below)
{
    bool dropped = false;
    for (uint32_t i = 0; i < table->entries.count; i++) {
        auk_tombstone_entry *entry = &table->entries.items[i];
        if (entry->tombstone.seq_no >= below)
            break;
        if (entry->tombstone.id.data == NULL)
            continue;
        drop_entry(table, entry);
        dropped = true;
    }
    if (dropped || table->entries.count > table->alive * 2 + 64)
        rebuild(table);
}
