#include "entry.h"

#include <stdlib.h>

auk_entry *auk_entry_create(uint64_t ordinal)
{
    auk_entry *entry = calloc(1, sizeof *entry);
    if (entry == NULL)
        abort();
    atomic_init(&entry->holders, 1);
    entry->ordinal = ordinal;
    entry->first_seq_no = -1;
    return entry;
}

auk_entry *auk_entry_acquire(auk_entry *entry)
{
    atomic_fetch_add_explicit(&entry->holders, 1, memory_order_relaxed);
    return entry;
}

void auk_entry_release(auk_entry *entry)
{
    if (entry == NULL || atomic_fetch_sub_explicit(&entry->holders, 1, memory_order_acq_rel) != 1)
        return;
    auk_write_buffer_destroy(entry->buffer);
    auk_segment_release(entry->segment);
    auk_mapped_release(entry->mapped);
    auk_live_release(entry->built_rows);
    auk_live_release(entry->current);
    auk_live_release(entry->snapshot);
    auk_live_release(entry->published);
    auk_live_release(entry->committed);
    free(entry);
}

void auk_live_assign(auk_live **slot, auk_live *value)
{
    auk_live_acquire(value);
    auk_live_release(*slot);
    *slot = value;
}

auk_entry_list *auk_entry_list_acquire(auk_entry_list *list)
{
    atomic_fetch_add_explicit(&list->holders, 1, memory_order_relaxed);
    return list;
}

void auk_entry_list_release(auk_entry_list *list)
{
    if (list == NULL || atomic_fetch_sub_explicit(&list->holders, 1, memory_order_acq_rel) != 1)
        return;
    for (uint32_t i = 0; i < list->count; i++)
        auk_entry_release(list->items[i].entry);
    free(list);
}

static bool is_among(const auk_entry *entry, auk_entry *const *entries, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (entries[i] == entry)
            return true;
    return false;
}

static void append(auk_entry_list *list, auk_entry *entry)
{
    list->items[list->count++] = (auk_entry_item){auk_entry_acquire(entry), entry->segment};
}

auk_entry_list *auk_entry_list_change(const auk_entry_list *list, auk_entry *const *removed,
                                      uint32_t removed_count, auk_entry *added)
{
    uint32_t old_count = list == NULL ? 0 : list->count;
    auk_entry_list *next = calloc(1, sizeof *next + (old_count + 1) * sizeof next->items[0]);
    if (next == NULL)
        abort();
    atomic_init(&next->holders, 1);
    next->generation = list == NULL ? 1 : list->generation + 1;
    for (uint32_t i = 0; i < old_count; i++) {
        auk_entry *entry = list->items[i].entry;
        if (added != NULL && added->ordinal < entry->ordinal) {
            append(next, added);
            added = NULL;
        }
        if (!is_among(entry, removed, removed_count))
            append(next, entry);
    }
    if (added != NULL)
        append(next, added);
    return next;
}
