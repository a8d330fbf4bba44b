/* cursor.c - walk the keys of a family, and get one of them. */
#include <stdlib.h>

#include "store_private.h"

struct auk_store_cursor {
    auk_store *store;
    rocksdb_readoptions_t *reading;
    rocksdb_iterator_t *iterator; /* NULL: the store could not be entered */
    char *bounds;                 /* RocksDB borrows them until the iterator is gone */
    bool started;
    auk_error status;
};

static auk_code fail_shut(const auk_store *store, auk_family family, auk_error *err)
{
    if (!store->shut[family])
        return AUK_OK;
    return auk_fail(err, AUK_CORRUPT, "a file of \"%s\" is damaged", store_family_names[family]);
}

auk_store_cursor *auk_store_scan(auk_store *store, auk_family family, auk_span from, auk_span to)
{
    auk_store_cursor *cursor = calloc(1, sizeof *cursor);
    char *bounds = malloc(from.size + to.size + 1);
    if (cursor == NULL || bounds == NULL)
        abort();
    cursor->store = store;
    cursor->bounds = bounds;
    if (store->families[family] == NULL || fail_shut(store, family, &cursor->status) != AUK_OK)
        return cursor;
    if (store_enter(store, &cursor->status) != AUK_OK)
        return cursor;

    cursor->reading = rocksdb_readoptions_create();
    rocksdb_readoptions_set_fill_cache(cursor->reading, 0);
    if (from.size > 0) {
        memcpy(bounds, from.data, from.size);
        rocksdb_readoptions_set_iterate_lower_bound(cursor->reading, bounds, from.size);
    }
    if (to.size > 0) {
        memcpy(bounds + from.size, to.data, to.size);
        rocksdb_readoptions_set_iterate_upper_bound(cursor->reading, bounds + from.size, to.size);
    }
    cursor->iterator =
        rocksdb_create_iterator_cf(store->db, cursor->reading, store->families[family]);
    return cursor;
}

bool auk_store_cursor_next(auk_store_cursor *cursor, auk_span *key, auk_span *value)
{
    if (cursor->iterator == NULL || (cursor->started && !rocksdb_iter_valid(cursor->iterator)))
        return false;

    if (cursor->started)
        rocksdb_iter_next(cursor->iterator);
    else
        rocksdb_iter_seek_to_first(cursor->iterator);
    cursor->started = true;

    if (!rocksdb_iter_valid(cursor->iterator)) {
        char *message = NULL;
        rocksdb_iter_get_error(cursor->iterator, &message);
        if (message != NULL)
            store_fail(STORE_READING, message, &cursor->status, "cannot walk the store");
        return false;
    }
    key->data = rocksdb_iter_key(cursor->iterator, &key->size);
    value->data = rocksdb_iter_value(cursor->iterator, &value->size);
    return true;
}

auk_code auk_store_cursor_status(const auk_store_cursor *cursor, auk_error *err)
{
    if (err != NULL && cursor->status.code != AUK_OK)
        *err = cursor->status;
    return cursor->status.code;
}

void auk_store_cursor_close(auk_store_cursor *cursor)
{
    if (cursor == NULL)
        return;
    if (cursor->iterator != NULL) {
        rocksdb_iter_destroy(cursor->iterator);
        rocksdb_readoptions_destroy(cursor->reading);
        store_leave(cursor->store);
    }
    free(cursor->bounds);
    free(cursor);
}

static auk_code get_entered(auk_store *store, auk_family family, auk_span key, auk_buffer *value,
                            bool *found, auk_error *err)
{
    char *message = NULL;
    rocksdb_pinnableslice_t *pinned =
        rocksdb_get_pinned_cf(store->db, store->settings.reading, store->families[family], key.data,
                              key.size, &message);
    if (message != NULL)
        return store_fail(STORE_READING, message, err, "cannot read from the store");

    *found = pinned != NULL;
    if (pinned == NULL)
        return AUK_OK;

    auk_span bytes;
    bytes.data = rocksdb_pinnableslice_value(pinned, &bytes.size);
    auk_buffer_append(value, bytes);
    rocksdb_pinnableslice_destroy(pinned);
    if (auk_buffer_status(value) != AUK_OK)
        return auk_fail(err, AUK_TOO_LARGE, "a stored value of %zu bytes is over the limit of %zu",
                        bytes.size, value->maximum);
    return AUK_OK;
}

auk_code auk_store_get(auk_store *store, auk_family family, auk_span key, auk_buffer *value,
                       bool *found, auk_error *err)
{
    auk_buffer_reset(value);
    *found = false;
    auk_code code = fail_shut(store, family, err);
    if (code == AUK_OK && store->families[family] == NULL) /* absent: nothing was ever put there */
        return AUK_OK;
    if (code == AUK_OK)
        code = store_enter(store, err);
    if (code != AUK_OK)
        return code;
    code = get_entered(store, family, key, value, found, err);
    store_leave(store);
    return code;
}
