/*
 * mirror.c - what names everything else is kept twice.
 *
 * A block of the families catalog and commit that cannot be read would take indices and shards with
 * it whose data is whole. They are small: so each change of theirs goes, in the same batch, to the
 * family "mirror" too, whose files are others. A repair restores either from the other.
 *
 *   key in "mirror":  | family u8 | key |
 */
#include <stdlib.h>
#include <string.h>

#include "store_private.h"

#define MIRROR_KEY "mirror"

bool mirror_covers(int family)
{
    return family == STORE_CATALOG || family == STORE_COMMIT;
}

void mirror_fill(rocksdb_writebatch_t *filled, rocksdb_column_family_handle_t *mirror, int family,
                 int op, auk_span first, auk_span second)
{
    const char tag = (char)family;
    const char *keys[] = {&tag, first.data ? first.data : ""};
    const char *ends[] = {&tag, second.data ? second.data : ""};
    size_t key_sizes[] = {1, first.size}, end_sizes[] = {1, second.size};
    switch (op) {
    case OP_PUT:
        rocksdb_writebatch_putv_cf(filled, mirror, 2, keys, key_sizes, 1, &ends[1], &end_sizes[1]);
        break;
    case OP_DELETE:
        rocksdb_writebatch_deletev_cf(filled, mirror, 2, keys, key_sizes);
        break;
    default:
        rocksdb_writebatch_delete_rangev_cf(filled, mirror, 2, keys, key_sizes, ends, end_sizes);
    }
}

static auk_code copy_family(auk_store *store, int family, rocksdb_writebatch_t *batch,
                            auk_error *err)
{
    rocksdb_iterator_t *walk =
        rocksdb_create_iterator_cf(store->db, store->settings.reading, store->families[family]);
    for (rocksdb_iter_seek_to_first(walk); rocksdb_iter_valid(walk); rocksdb_iter_next(walk)) {
        auk_span key, value;
        key.data = rocksdb_iter_key(walk, &key.size);
        value.data = rocksdb_iter_value(walk, &value.size);
        mirror_fill(batch, store->families[STORE_MIRROR], family, OP_PUT, key, value);
    }
    char *message = NULL;
    rocksdb_iter_get_error(walk, &message);
    rocksdb_iter_destroy(walk);
    return message ? store_fail(STORE_OPENING, message, err, "cannot copy the catalog") : AUK_OK;
}

auk_code mirror_load(auk_store *store, auk_error *err)
{
    char *message = NULL;
    size_t size = 0;
    char *found = rocksdb_get_cf(store->db, store->settings.reading, store->families[STORE_META],
                                 MIRROR_KEY, strlen(MIRROR_KEY), &size, &message);
    if (message != NULL)
        return store_fail(STORE_OPENING, message, err, "cannot read whether there is a mirror");
    bool is_there = found != NULL;
    rocksdb_free(found);
    if (is_there)
        return AUK_OK;

    rocksdb_writebatch_t *batch = rocksdb_writebatch_create();
    rocksdb_writebatch_put_cf(batch, store->families[STORE_META], MIRROR_KEY, strlen(MIRROR_KEY),
                              "1", 1);
    auk_code code = copy_family(store, STORE_CATALOG, batch, err);
    if (code == AUK_OK)
        code = copy_family(store, STORE_COMMIT, batch, err);
    if (code == AUK_OK)
        rocksdb_write(store->db, store->settings.synced, batch, &message);
    rocksdb_writebatch_destroy(batch);
    return message ? store_fail(STORE_WRITING, message, err, "cannot write the mirror") : code;
}
