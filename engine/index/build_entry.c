#include "shard_state.h"

#include "auk/log.h"
#include "auk/segment_writer.h"

#include "build.h"

#define BUILDS_BEHIND_MOST 2 /* buffers waiting for a build before the writer builds itself */

/* ---- under lock ---- */

static bool is_empty(const auk_write_buffer *buffer)
{
    return buffer->first_seq_no < 0;
}

static auk_entry *new_active(auk_shard *shard)
{
    auk_entry *entry = auk_entry_create(shard->next_ordinal++);
    entry->buffer = auk_write_buffer_create();
    return entry;
}

static void change_list(auk_shard *shard, auk_entry *removed, auk_entry *added)
{
    auk_entry_list *old = shard->entries;
    shard->entries = auk_entry_list_change(old, &removed, removed != NULL, added);
    auk_entry_list_release(old);
}

void auk_shard_swap_active(auk_shard *shard)
{
    auk_entry *entry = shard->active;
    if (entry != NULL && is_empty(entry->buffer))
        return;
    shard->active = new_active(shard);
    if (entry == NULL)
        return;
    entry->first_seq_no = entry->buffer->first_seq_no;
    auk_live_assign(&entry->built_rows, entry->current);
    change_list(shard, NULL, entry);
    auk_entry_release(entry);
}

/* Those of the operations of the buffer that still stand; the ids are copied, so that the lock can
 * go. */
static auk_tombstone *copy_tombstones(const auk_shard *shard, const auk_write_buffer *buffer,
                                      auk_arena *arena, uint32_t *count)
{
    const auk_tombstone_entry *entries = shard->tombstones.entries.items;
    uint32_t end = shard->tombstones.entries.count;
    while (end > 0 && entries[end - 1].tombstone.seq_no > buffer->last_seq_no)
        end--;
    uint32_t start = end;
    while (start > 0 && entries[start - 1].tombstone.seq_no >= buffer->first_seq_no)
        start--;
    auk_tombstone *copies = AUK_ARENA_ARRAY(arena, auk_tombstone, end - start + 1);
    for (uint32_t i = start; i < end; i++) {
        if (entries[i].tombstone.id.data == NULL)
            continue;
        copies[*count] = entries[i].tombstone;
        copies[*count].id = auk_arena_copy(arena, entries[i].tombstone.id);
        ++*count;
    }
    return copies;
}

static void carry(auk_live **slot, const uint32_t *map, uint32_t doc_count)
{
    auk_live *rows = *slot;
    *slot = NULL;
    auk_live_carry(rows, map, slot, doc_count);
    auk_live_release(rows);
}

/* The entry leaves its buffer behind; the caller destroys it without the lock. */
static auk_write_buffer *finish_build(auk_shard *shard, auk_entry *entry, auk_segment *segment,
                                      const uint32_t *map, size_t bytes)
{
    auk_write_buffer *buffer = entry->buffer;
    entry->buffer = NULL;
    entry->segment = segment;
    entry->doc_count = segment == NULL ? 0 : auk_segment_doc_count(segment);
    carry(&entry->current, map, entry->doc_count);
    carry(&entry->snapshot, map, entry->doc_count);
    auk_live_assign(&entry->built_rows, NULL);
    auk_shard_charge(shard, bytes);
    auk_shard_discharge(shard, entry->memory_bytes);
    entry->memory_bytes = bytes;
    bool nothing = segment == NULL;
    auk_entry_acquire(entry);
    change_list(shard, entry, nothing ? NULL : entry);
    auk_entry_release(entry);
    pthread_cond_broadcast(&shard->changed);
    return buffer;
}

static auk_entry *next_to_build(auk_shard *shard, uint64_t ordinal, bool *waiting)
{
    *waiting = false;
    for (uint32_t i = 0; i < shard->entries->count; i++) {
        auk_entry *entry = shard->entries->items[i].entry;
        if (entry->segment != NULL || entry->buffer == NULL || entry->ordinal > ordinal)
            continue;
        if (!entry->build_claimed) {
            entry->build_claimed = true;
            return auk_entry_acquire(entry);
        }
        *waiting = true;
    }
    return NULL;
}

/* ---- without lock ---- */

/* Building into memory fails only when our own encoder does; acknowledged documents must not be
 * dropped over it. */
static auk_segment *build_segment(const auk_build_input *input, uint32_t *map, size_t *bytes)
{
    auk_error err = {0};
    uint32_t doc_count;
    auk_segment *segment = NULL;
    auk_memory_sink *memory = auk_memory_sink_create();
    auk_sink sink = auk_memory_sink_interface(memory);
    auk_code code = auk_build_segment(input, &sink, map, &doc_count, &err);
    if (code == AUK_OK && doc_count == 0 && input->tombstone_count == 0) {
        auk_memory_sink_destroy(memory);
        return NULL;
    }
    *bytes = (size_t)auk_memory_sink_bytes(memory);
    if (code == AUK_OK)
        code = auk_memory_sink_open(memory, &segment, &err);
    if (code != AUK_OK)
        auk_fatal("segment of the write buffer: %s", err.message);
    return segment;
}

static void build_entry(auk_shard *shard, auk_entry *entry)
{
    auk_arena *arena = auk_arena_create(4096);
    /* A flush compresses. The fastest level saved a fifth of the sources' memory and cost a tenth
     * of all that indexing takes. */
    auk_build_input input = {.buffer = entry->buffer, .compression_level = AUK_SEGMENT_PLAIN};
    pthread_mutex_lock(&shard->lock);
    input.rows = auk_live_acquire(entry->built_rows);
    input.tombstones = copy_tombstones(shard, entry->buffer, arena, &input.tombstone_count);
    pthread_mutex_unlock(&shard->lock);

    uint32_t *map = auk_arena_alloc(arena, (entry->buffer->rows.count + 1) * sizeof *map);
    size_t bytes = 0;
    auk_segment *segment = build_segment(&input, map, &bytes);

    pthread_mutex_lock(&shard->lock);
    auk_write_buffer *buffer = finish_build(shard, entry, segment, map, bytes);
    pthread_mutex_unlock(&shard->lock);
    auk_live *rows = (auk_live *)(uintptr_t)input.rows;
    auk_live_release(rows);
    auk_write_buffer_destroy(buffer);
    auk_arena_destroy(arena);
    auk_entry_release(entry);
}

void auk_shard_build_until(auk_shard *shard, uint64_t ordinal)
{
    pthread_mutex_lock(&shard->lock);
    for (;;) {
        bool waiting;
        auk_entry *entry = next_to_build(shard, ordinal, &waiting);
        if (entry != NULL) {
            pthread_mutex_unlock(&shard->lock);
            build_entry(shard, entry);
            pthread_mutex_lock(&shard->lock);
        } else if (waiting) {
            pthread_cond_wait(&shard->changed, &shard->lock);
        } else {
            break;
        }
    }
    pthread_mutex_unlock(&shard->lock);
}

static void build_one(auk_shard *shard)
{
    bool waiting;
    pthread_mutex_lock(&shard->lock);
    auk_entry *entry = next_to_build(shard, UINT64_MAX, &waiting);
    pthread_mutex_unlock(&shard->lock);
    if (entry != NULL)
        build_entry(shard, entry);
}

static uint32_t count_unbuilt(const auk_shard *shard)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < shard->entries->count; i++) {
        const auk_entry *entry = shard->entries->items[i].entry;
        count += entry->segment == NULL && !entry->build_claimed;
    }
    return count;
}

void auk_shard_build_when_due(auk_shard *shard)
{
    pthread_mutex_lock(&shard->lock);
    bool due = shard->active->buffer->bytes >= auk_shard_buffer_limit(shard);
    if (due)
        auk_shard_swap_active(shard);
    bool behind = due && count_unbuilt(shard) > BUILDS_BEHIND_MOST;
    pthread_mutex_unlock(&shard->lock);
    if (due && (behind || !auk_shard_submit(shard, build_one)))
        build_one(shard);
}
