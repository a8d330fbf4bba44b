/*
 * segment_id.c - ids of segments, each given out once in the life of a data directory.
 *
 * Twice the same id would be a disaster: the second file would lie over the first one and one drop
 * would remove both. What is alive does not tell which ids have been used, so ids are reserved in
 * strides: the end of the stride is on disk before the first id of it is given out.
 */
#include <stdlib.h>
#include <string.h>

#include "auk/fault_point.h"
#include "auk/varint.h"
#include "store_private.h"

#define RESERVED_KEY "segment ids below"
#define STRIDE       1024

static auk_code reserve(auk_store *store, uint64_t end, auk_error *err)
{
    uint8_t value[8];
    auk_store_be64(value, end);
    char *message = NULL;
    AUK_FAULT_POINT(IDS_RESERVE_BEFORE);
    rocksdb_put_cf(store->db, store->settings.synced, store->families[STORE_META], RESERVED_KEY,
                   strlen(RESERVED_KEY), (const char *)value, sizeof value, &message);
    AUK_FAULT_POINT(IDS_RESERVE_AFTER);
    if (message != NULL)
        return store_note(store,
                          store_fail(STORE_WRITING, message, err, "cannot reserve segment ids"));
    store->reserved_id = end;
    return AUK_OK;
}

static uint64_t highest_live(auk_store *store)
{
    uint64_t highest = 0;
    const rocksdb_livefiles_t *files = rocksdb_livefiles(store->db);
    int count = rocksdb_livefiles_count(files);
    for (int i = 0; i < count; i++) {
        size_t size = 0;
        const char *key = rocksdb_livefiles_largestkey(files, i, &size);
        const char *family = rocksdb_livefiles_column_family_name(files, i);
        if (strcmp(family, store_family_names[STORE_SEGMENT]) != 0 || size < 8)
            continue;
        uint64_t id = auk_load_be64(key);
        highest = id > highest ? id : highest;
    }
    rocksdb_livefiles_destroy(files);
    return highest;
}

auk_code store_ids_load(auk_store *store, auk_error *err)
{
    char *message = NULL;
    size_t size = 0;
    char *found = NULL;
    if (!store->shut[STORE_META])
        found = rocksdb_get_cf(store->db, store->settings.reading, store->families[STORE_META],
                               RESERVED_KEY, strlen(RESERVED_KEY), &size, &message);
    if (message != NULL) {
        auk_code code =
            store_fail(STORE_OPENING, message, err, "cannot read the reserved segment ids");
        if (store->settings.mode == AUK_STORE_SERVE)
            return code;
    }

    store->reserved_id = found != NULL && size == 8 ? auk_load_be64(found) : 1;
    rocksdb_free(found);
    uint64_t after_live = highest_live(store) + 1;
    store->next_id = after_live > store->reserved_id ? after_live : store->reserved_id;
    return AUK_OK;
}

auk_code store_ids_take(auk_store *store, uint64_t *id, auk_error *err)
{
    pthread_mutex_lock(&store->ids);
    auk_code code = AUK_OK;
    if (store->next_id >= store->reserved_id)
        code = reserve(store, store->next_id + STRIDE, err);
    if (code == AUK_OK)
        *id = store->next_id++;
    pthread_mutex_unlock(&store->ids);
    return code;
}

auk_code store_ids_pass(auk_store *store, uint64_t id, auk_error *err)
{
    pthread_mutex_lock(&store->ids);
    auk_code code = AUK_OK;
    if (id >= store->next_id)
        store->next_id = id + 1;
    if (store->next_id > store->reserved_id)
        code = reserve(store, store->next_id, err);
    pthread_mutex_unlock(&store->ids);
    return code;
}
