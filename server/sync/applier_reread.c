#include <stdlib.h>

#include "applier_private.h"

#include "auk/varint.h"

/* key: whole. What is noted goes into the batch of the group. */
void auk_applier_note_unknown(auk_applier *applier, auk_span key, bool unknown, uint32_t xid)
{
    auk_span row = auk_span_from(key, AUK_KEY_HEAD_SIZE);
    bool was = auk_key_set_has(&applier->rereads, row);
    if (unknown) {
        auk_key_set_put(&applier->reread_new, row, xid);
        auk_key_set_remove(&applier->reread_gone, row);
    } else {
        if (applier->reread_new.count > 0)
            auk_key_set_remove(&applier->reread_new, row);
        if (was)
            auk_key_set_put(&applier->reread_gone, row, 0);
    }
}

static void put_key(auk_applier *applier, auk_span row, auk_buffer *key)
{
    auk_key_begin(key, applier->source, AUK_KEY_REREAD);
    auk_buffer_append(key, row);
}

void auk_applier_describe_rereads(auk_applier *applier, auk_batch *batch)
{
    const auk_key_item *item;
    auk_buffer key;
    auk_buffer_init(&key, (size_t)1 << 20);
    for (uint32_t at = 0; (item = auk_key_set_next(&applier->reread_new, &at)) != NULL;) {
        char xid[4];
        auk_store_be32(xid, (uint32_t)item->value);
        put_key(applier, auk_span_make(item->data, item->size), &key);
        auk_batch_put(batch, AUK_FAMILY_SYNC, auk_buffer_span(&key), auk_span_make(xid, 4));
    }
    for (uint32_t at = 0; (item = auk_key_set_next(&applier->reread_gone, &at)) != NULL;) {
        put_key(applier, auk_span_make(item->data, item->size), &key);
        auk_batch_delete(batch, AUK_FAMILY_SYNC, auk_buffer_span(&key));
    }
    auk_buffer_deinit(&key);
}

void auk_applier_settle_rereads(auk_applier *applier)
{
    const auk_key_item *item;
    pthread_mutex_lock(&applier->lock);
    for (uint32_t at = 0; (item = auk_key_set_next(&applier->reread_new, &at)) != NULL;)
        auk_key_set_put(&applier->rereads, auk_span_make(item->data, item->size), item->value);
    for (uint32_t at = 0; (item = auk_key_set_next(&applier->reread_gone, &at)) != NULL;)
        auk_key_set_remove(&applier->rereads, auk_span_make(item->data, item->size));
    pthread_mutex_unlock(&applier->lock);
    auk_key_set_reset(&applier->reread_new);
    auk_key_set_reset(&applier->reread_gone);
}

/* ---- for the source ---- */

/* Text values of a row's key behind its table's number. */
static auk_code cut_key(auk_span values, auk_arena *arena, const auk_span **key, uint32_t *count,
                        auk_error *err)
{
    auk_span *list = AUK_ARENA_ARRAY(arena, auk_span, values.size / 3 + 1);
    *count = 0;
    while (values.size > 0) {
        auk_code code = auk_key_cut_value(&values, arena, &list[*count], err);
        if (code != AUK_OK)
            return code;
        ++*count;
    }
    *key = list;
    return AUK_OK;
}

uint32_t auk_applier_list_rereads(auk_applier *applier, uint32_t most, auk_arena *arena,
                                  auk_reread **out)
{
    const auk_key_item *item;
    uint32_t count = 0;
    pthread_mutex_lock(&applier->lock);
    uint32_t room = applier->rereads.count < most ? applier->rereads.count : most;
    *out = AUK_ARENA_ARRAY(arena, auk_reread, room + 1);
    for (uint32_t at = 0;
         count < room && (item = auk_key_set_next(&applier->rereads, &at)) != NULL;) {
        auk_span row = auk_arena_copy(arena, auk_span_make(item->data, item->size));
        auk_reread *one = &(*out)[count];
        one->table = row.size >= 4 ? auk_load_be32(row.data) : 0;
        one->xid = (uint32_t)item->value;
        if (row.size > 4 &&
            cut_key(auk_span_from(row, 4), arena, &one->key, &one->key_count, NULL) == AUK_OK)
            count++;
    }
    pthread_mutex_unlock(&applier->lock);
    return count;
}

bool auk_applier_row_key(auk_applier *applier, const auk_row_table *table, const auk_span *key,
                         uint32_t count)
{
    if (count != table->key_count)
        return false;
    auk_datum *values = AUK_ARENA_ARRAY(applier->arena, auk_datum, table->column_count + 1);
    for (uint32_t i = 0; i < count; i++)
        values[table->key[i]] = (auk_datum){AUK_DATUM_TEXT, key[i]};
    return auk_rows_key(applier->rows, table, values, &applier->key);
}

/* A later change may have come meanwhile: then only what it left out is taken from the row. */
static bool is_newer(const auk_row *now, const auk_pg_snapshot *snapshot)
{
    return !now->writer.is_chunk && now->writer.xid != 0 &&
           !auk_pg_snapshot_sees(snapshot, now->writer.xid);
}

/* One chunk of all rows that are mended by one snapshot. */
static auk_code begin_mending(auk_applier *applier, auk_mending *mending, auk_error *err)
{
    auk_chunk chunk = {mending->table, AUK_CHUNK_NONE, *mending->snapshot, mending->high};
    if (mending->attempt)
        return AUK_OK;
    auk_code code = auk_chunks_begin(applier->chunks, &chunk, &mending->attempt, err);
    if (code != AUK_OK)
        return code;
    auk_batch *batch = auk_batch_create();
    auk_chunks_describe(applier->chunks, mending->attempt, batch);
    code = auk_store_write(applier->store, batch, false, err);
    auk_batch_destroy(batch);
    if (code == AUK_OK)
        auk_chunks_finish(applier->chunks, mending->attempt);
    return code;
}

static auk_code put_row(auk_applier *applier, auk_model_table *table, auk_row_entry *entry,
                        auk_row *now, const auk_tuple *row, auk_mending *mending, auk_error *err)
{
    bool newer = is_newer(now, mending->snapshot);
    auk_row_writer writer = now->writer;
    for (uint32_t i = 0; i < table->row.column_count && i < row->count; i++)
        if (!newer || now->values[i].state == AUK_DATUM_UNCHANGED)
            now->values[i] = row->columns[i];
    if (!newer) {
        auk_code code = begin_mending(applier, mending, err);
        if (code != AUK_OK)
            return code;
        writer = (auk_row_writer){.is_chunk = true, .number = mending->attempt};
    }
    if (!auk_model_stores(table, now->values))
        auk_rows_remove(entry);
    else
        auk_rows_set(applier->rows, entry, &writer, now->values);
    entry->op = 'u';
    return AUK_OK;
}

static void note_group(auk_applier *applier, const auk_row_entry *entry)
{
    auk_applier_note_unknown(applier, entry->key, false, 0);
    applier->has_group = applier->has_changes = true;
    if (applier->group.applied == 0)
        applier->group = applier->position;
}

auk_code auk_applier_put_reread(auk_applier *applier, const auk_reread *what, const auk_tuple *row,
                                const auk_pg_snapshot *snapshot, auk_lsn high, auk_error *err)
{
    auk_model_table *table = auk_model_find(applier->model, what->table);
    auk_row_entry *entry;
    auk_row now;
    bool found = false;
    auk_code code = AUK_OK;
    auk_mending mending = {what->table, snapshot, high, 0};
    if (!table || table->use_count == 0 ||
        !auk_applier_row_key(applier, &table->row, what->key, what->key_count)) {
        auk_arena_reset(applier->arena);
        return AUK_OK;
    }
    code = auk_rows_touch(applier->rows, &table->row, auk_buffer_span(&applier->key), false, &entry,
                          err);
    if (code == AUK_OK)
        code = auk_rows_read(entry, true, applier->arena, &now, &found, err);
    if (code == AUK_OK && found && row)
        code = put_row(applier, table, entry, &now, row, &mending, err);
    else if (code == AUK_OK && found) /* its delete comes by the stream: until then not whole */
        code = begin_mending(applier, &mending, err);
    if (code == AUK_OK)
        note_group(applier, entry);
    auk_arena_reset(applier->arena);
    return code;
}

auk_code auk_applier_mend(auk_applier *applier, auk_mending *mending, const auk_span *key,
                          uint32_t key_count, const auk_tuple *row, auk_error *err)
{
    auk_model_table *table = auk_model_find(applier->model, mending->table);
    auk_row_entry *entry;
    auk_row now = {0};
    bool found = false;
    if (!table || table->use_count == 0 ||
        !auk_applier_row_key(applier, &table->row, key, key_count)) {
        auk_arena_reset(applier->arena);
        return AUK_OK;
    }
    auk_code code = auk_rows_touch(applier->rows, &table->row, auk_buffer_span(&applier->key),
                                   false, &entry, err);
    if (code == AUK_OK)
        code = auk_rows_read(entry, true, applier->arena, &now, &found, err);
    if (code == AUK_OK && row) {
        if (!found)
            now = (auk_row){
                .values = AUK_ARENA_ARRAY(applier->arena, auk_datum, table->row.column_count)};
        code = put_row(applier, table, entry, &now, row, mending, err);
    } else if (code == AUK_OK && found && !is_newer(&now, mending->snapshot)) {
        auk_rows_remove(entry);
        entry->op = 'd';
    }
    if (code == AUK_OK)
        note_group(applier, entry);
    auk_arena_reset(applier->arena);
    return code;
}
