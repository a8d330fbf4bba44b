#include "shard_state.h"

/* The set of a buffer is made for all the rows there is room for, so that it seldom grows. */
static uint32_t set_size(const auk_entry *entry)
{
    if (entry->buffer == NULL)
        return entry->doc_count;
    return (entry->buffer->rows.capacity + 63) / 64 * 64;
}

static void kill_located(const auk_located *old)
{
    if (old->entry != NULL)
        auk_live_kill(&old->entry->current, set_size(old->entry), old->doc);
}

void auk_shard_apply_index(auk_shard *shard, const auk_located *old, const auk_row *row)
{
    kill_located(old);
    const auk_chunk_document *document = auk_row_document(row);
    if (old->is_deleted)
        auk_tombstones_remove(&shard->tombstones, document->id, document->id_hash);
    auk_entry *active = shard->active;
    active->doc_count = auk_write_buffer_append(active->buffer, row) + 1;
    shard->is_dirty = true;
    if (row->seq_no > shard->max_seq_no)
        shard->max_seq_no = row->seq_no;
}

/* Deletes alone fill no buffer that would be flushed, so the table is bounded here. */
static void bound_tombstones(auk_shard *shard)
{
    auk_tombstones *table = &shard->tombstones;
    int64_t retention = shard->options.tombstone_retention;
    if ((int64_t)table->alive > retention * 2)
        auk_tombstones_collect(table, shard->max_seq_no - retention);
    auk_shard_charge_tombstones(shard);
}

void auk_shard_apply_delete(auk_shard *shard, const auk_located *old,
                            const auk_tombstone *tombstone, uint64_t id_hash)
{
    kill_located(old);
    auk_tombstones_add(&shard->tombstones, tombstone, id_hash);
    auk_write_buffer_note(shard->active->buffer, tombstone->seq_no);
    shard->is_dirty = true;
    if (tombstone->seq_no > shard->max_seq_no)
        shard->max_seq_no = tombstone->seq_no;
    bound_tombstones(shard);
}
