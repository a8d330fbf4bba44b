/*
 * batch.c - changes over several families, gathered before a store is needed.
 *
 * RocksDB's batch wants a store's family handles at each put, ours does not: it keeps a log of its
 * own and is laid into RocksDB's batch when written.
 *
 *   record:  | op u8 (family in the high bits) | first: varint size, bytes | second: varint size,
 * bytes |
 *
 * A put has key and value, a delete key and nothing, a range its two ends.
 */
#include <stdlib.h>

#include "auk/fault_point.h"
#include "auk/varint.h"
#include "store_private.h"

#define BATCH_LIMIT_BYTES ((size_t)1 << 30)
#define BATCH_KEEP_BYTES  ((size_t)1 << 20)

struct auk_batch {
    auk_buffer log;
    rocksdb_writebatch_t *filled; /* NULL: none kept */
};

auk_batch *auk_batch_create(void)
{
    auk_batch *batch = calloc(1, sizeof *batch);
    if (batch == NULL)
        abort();
    auk_buffer_init(&batch->log, BATCH_LIMIT_BYTES);
    return batch;
}

void auk_batch_destroy(auk_batch *batch)
{
    if (batch == NULL)
        return;
    auk_buffer_deinit(&batch->log);
    if (batch->filled != NULL)
        rocksdb_writebatch_destroy(batch->filled);
    free(batch);
}

void auk_batch_reset(auk_batch *batch)
{
    auk_buffer_reset(&batch->log);
}

static void begin(auk_batch *batch, int op, auk_family family, auk_span first)
{
    auk_buffer_append_byte(&batch->log, (char)(op | (int)family << OP_FAMILY_SHIFT));
    auk_buffer_append_sized(&batch->log, first);
}

void auk_batch_put(auk_batch *batch, auk_family family, auk_span key, auk_span value)
{
    auk_batch_put_parts(batch, family, key, &value, 1);
}

void auk_batch_put_parts(auk_batch *batch, auk_family family, auk_span key, const auk_span *parts,
                         size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += parts[i].size;

    /* Once, for a journal's entry has megabytes. An overflow shows in the buffer's status. */
    if (size <= BATCH_LIMIT_BYTES)
        (void)auk_buffer_reserve(&batch->log, size + key.size + 16);
    begin(batch, OP_PUT, family, key);
    auk_buffer_append_varint(&batch->log, size);
    for (size_t i = 0; i < count; i++)
        auk_buffer_append(&batch->log, parts[i]);
}

void auk_batch_delete(auk_batch *batch, auk_family family, auk_span key)
{
    begin(batch, OP_DELETE, family, key);
    auk_buffer_append_sized(&batch->log, (auk_span){0});
}

void auk_batch_delete_range(auk_batch *batch, auk_family family, auk_span from, auk_span to)
{
    begin(batch, OP_DELETE_RANGE, family, from);
    auk_buffer_append_sized(&batch->log, to);
}

bool auk_batch_is_empty(const auk_batch *batch)
{
    return batch->log.size == 0;
}

static void fill_one(rocksdb_writebatch_t *filled, rocksdb_column_family_handle_t *family, int op,
                     auk_span first, auk_span second)
{
    switch (op) {
    case OP_PUT:
        rocksdb_writebatch_put_cf(filled, family, first.data, first.size, second.data, second.size);
        break;
    case OP_DELETE:
        rocksdb_writebatch_delete_cf(filled, family, first.data, first.size);
        break;
    default:
        rocksdb_writebatch_delete_range_cf(filled, family, first.data, first.size, second.data,
                                           second.size);
    }
}

auk_code store_batch_fill(auk_batch *batch, auk_store *store, rocksdb_writebatch_t **out,
                          auk_error *err)
{
    if (auk_buffer_status(&batch->log) != AUK_OK)
        return auk_fail(err, AUK_TOO_LARGE, "a batch is over the limit of %zu bytes",
                        BATCH_LIMIT_BYTES);

    if (batch->filled == NULL)
        batch->filled = rocksdb_writebatch_create();
    rocksdb_writebatch_clear(batch->filled);

    auk_reader reader = auk_reader_of(auk_buffer_span(&batch->log));
    while (auk_reader_left(&reader) > 0) {
        uint8_t head = auk_reader_u8(&reader);
        auk_span first = auk_reader_sized(&reader);
        auk_span second = auk_reader_sized(&reader);
        int family = head >> OP_FAMILY_SHIFT;
        fill_one(batch->filled, store->families[family], head & OP_MASK, first, second);
        if (mirror_covers(family))
            mirror_fill(batch->filled, store->families[STORE_MIRROR], family, head & OP_MASK, first,
                        second);
    }
    *out = batch->filled;
    return AUK_OK;
}

void store_batch_written(auk_batch *batch)
{
    if (batch->filled != NULL && batch->log.size > BATCH_KEEP_BYTES) {
        rocksdb_writebatch_destroy(batch->filled);
        batch->filled = NULL;
    }
}

/* In one call, but for tests that have the process killed between the halves. */
static void append(auk_store *store, rocksdb_writebatch_t *filled, bool sync, char **message)
{
    bool apart = sync && AUK_FAULT_IS_ARMED(LOG_SYNC_BEFORE);
    rocksdb_write(store->db, sync && !apart ? store->settings.synced : store->settings.unsynced,
                  filled, message);
    if (apart && *message == NULL) {
        AUK_FAULT_POINT(LOG_SYNC_BEFORE);
        rocksdb_flush_wal(store->db, 1, message);
    }
    if (sync)
        AUK_FAULT_POINT(LOG_SYNC_AFTER);
}

auk_code store_batch_write(auk_store *store, auk_batch *batch, bool sync, auk_error *err)
{
    rocksdb_writebatch_t *filled;
    auk_code code = store_batch_fill(batch, store, &filled, err);
    if (code != AUK_OK)
        return code;

    char *message = NULL;
    append(store, filled, sync, &message);
    store_batch_written(batch);
    if (message != NULL)
        return store_note(store,
                          store_fail(STORE_WRITING, message, err, "cannot write to the store"));
    if (!sync)
        atomic_fetch_add(&store->unsynced, 1);
    return AUK_OK;
}

auk_code store_write_nothing(auk_store *store, const char *what, auk_error *err)
{
    char *message = NULL;
    rocksdb_writebatch_t *empty = rocksdb_writebatch_create();
    rocksdb_write(store->db, store->settings.synced, empty, &message);
    rocksdb_writebatch_destroy(empty);
    if (message != NULL)
        return store_note(store, store_fail(STORE_WRITING, message, err, "%s", what));
    return AUK_OK;
}

auk_code auk_store_write(auk_store *store, auk_batch *batch, bool sync, auk_error *err)
{
    if (auk_batch_is_empty(batch))
        return sync ? auk_store_sync(store, err) : AUK_OK;

    auk_code code = store_enter_writing(store, err);
    if (code != AUK_OK)
        return code;
    code = store_batch_write(store, batch, sync, err);
    store_leave(store);
    return code;
}
