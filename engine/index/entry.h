/*
 * entry.h - one segment of a shard through its life, and the list of them.
 *
 *   active --swap--> building --build--> in memory --flush--> (gone: its documents are in a file)
 *                       |
 *                       +--all rows dead--> (gone)
 *   file --merge--> (gone: its documents are in another file)
 *
 *   active    a write buffer that grows; not in the list, it is shard->active
 *   building  in the list, its buffer is fixed, segment is NULL
 *   in memory segment on the heap, buffer gone
 *   file      segment in a mapped file, named by the manifest
 *
 * Deletions arrive in every state. An entry has up to four live sets, each the state of one moment;
 * they share memory until they differ:
 *
 *   current    every operation applied so far
 *   snapshot   at the swap of the refresh that is running
 *   published  what the newest view shows           (a part of current)
 *   committed  what the store has for a file        (a part of published)
 *
 * A live set numbers rows while the entry is active or building, documents of the segment
 * afterwards.
 *
 *   Lifetime  entries are counted by lists; lists are counted and never change once made.
 *   Threads   all fields but `ordinal` are guarded by the shard's lock. A list's segments may be
 *             read without it.
 *   Memory    some hundred bytes.
 *   Errors    none.
 */
#ifndef AUK_ENTRY_H
#define AUK_ENTRY_H

#include "auk/segment.h"
#include "auk/store.h"

#include "live.h"
#include "write_buffer.h"

typedef struct auk_entry {
    atomic_uint holders;
    uint64_t ordinal; /* by age */

    auk_write_buffer *buffer; /* active and building */
    auk_live *built_rows;     /* building: live at the swap; the others get no document */
    bool build_claimed;

    auk_segment *segment; /* in memory and file */
    auk_mapped *mapped;   /* file */
    size_t memory_bytes;  /* charged to the budget */
    uint32_t doc_count;   /* rows or documents */
    int64_t first_seq_no; /* of the operations in it; exact for buffers and segments in memory */
    bool is_published;
    bool is_merging;
    auk_live *current, *snapshot, *published, *committed;
} auk_entry;

auk_entry *auk_entry_create(uint64_t ordinal);
auk_entry *auk_entry_acquire(auk_entry *entry);
void auk_entry_release(auk_entry *entry); /* NULL is fine */

static inline bool auk_entry_is_file(const auk_entry *entry)
{
    return entry->mapped != NULL;
}

/* One set takes the place of another: slot gives up its count and gets one of value's. */
void auk_live_assign(auk_live **slot, auk_live *value);

typedef struct auk_entry_item {
    auk_entry *entry;
    const auk_segment *segment; /* NULL: still building when the list was made */
} auk_entry_item;

typedef struct auk_entry_list {
    atomic_uint holders;
    uint64_t generation;
    uint32_t count;
    auk_entry_item items[]; /* oldest first */
} auk_entry_list;

auk_entry_list *auk_entry_list_acquire(auk_entry_list *list);
void auk_entry_list_release(auk_entry_list *list); /* NULL is fine */
/* The next list: that of `list` (NULL: empty) without those in `removed`, with `added` (NULL:
 * nothing), whose place is by ordinal. Segments are read anew from the entries. */
auk_entry_list *auk_entry_list_change(const auk_entry_list *list, auk_entry *const *removed,
                                      uint32_t removed_count, auk_entry *added);

#endif
