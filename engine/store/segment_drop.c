/*
 * segment_drop.c - removes segments from the database, and what a crash left behind.
 *
 * delete_file_in_range keeps, without a word, a file that is in level 0 or being worked on. So each
 * drop is checked; what stayed is tried again at the next drop, and the next start finds it as an
 * orphan.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "auk/fault_point.h"
#include "auk/log.h"
#include "auk/varint.h"
#include "store_private.h"

static bool is_there(auk_store *store, const uint8_t *from, const uint8_t *to)
{
    rocksdb_readoptions_t *reading = rocksdb_readoptions_create();
    rocksdb_readoptions_set_fill_cache(reading, 0);
    rocksdb_readoptions_set_iterate_lower_bound(reading, (const char *)from, SEGMENT_KEY_SIZE);
    rocksdb_readoptions_set_iterate_upper_bound(reading, (const char *)to, SEGMENT_KEY_SIZE);
    rocksdb_iterator_t *walk =
        rocksdb_create_iterator_cf(store->db, reading, store->families[STORE_SEGMENT]);
    rocksdb_iter_seek_to_first(walk);
    bool there = rocksdb_iter_valid(walk);
    rocksdb_iter_destroy(walk);
    rocksdb_readoptions_destroy(reading);
    return there;
}

static bool drop_one(auk_store *store, uint64_t id)
{
    uint8_t from[SEGMENT_KEY_SIZE];
    uint8_t to[SEGMENT_KEY_SIZE];
    segment_key_encode(from, id, 0, 0, 0, 0);
    segment_key_encode(to, id, UINT32_MAX, UINT8_MAX, UINT16_MAX, UINT32_MAX);

    char *message = NULL;
    AUK_FAULT_POINT(SEGMENT_DROP_BEFORE);
    rocksdb_delete_file_in_range_cf(store->db, store->families[STORE_SEGMENT], (const char *)from,
                                    sizeof from, (const char *)to, sizeof to, &message);
    AUK_FAULT_POINT(SEGMENT_DROP_AFTER);
    auk_error failure = {0};
    if (message != NULL)
        store_fail(STORE_WRITING, message, &failure, "cannot drop segment %" PRIu64, id);
    if (!is_there(store, from, to))
        return true;
    auk_log(AUK_LOG_WARN, "a dropped segment stayed in the store",
            "segment=%" PRIu64 " reason=\"%s\"", id,
            failure.code ? failure.message : "in use by the store");
    return false;
}

void segment_drop(auk_store *store, const uint64_t *ids, size_t count)
{
    size_t most = store->undropped_count + count;
    if (most == 0)
        return;

    uint64_t *left = malloc(most * sizeof *left);
    if (left == NULL)
        abort();
    size_t left_count = 0;
    for (size_t i = 0; i < most; i++) {
        uint64_t id =
            i < store->undropped_count ? store->undropped[i] : ids[i - store->undropped_count];
        if (!drop_one(store, id))
            left[left_count++] = id;
    }
    free(store->undropped);
    store->undropped = left;
    store->undropped_count = left_count;
}

static int compare_ids(const void *a, const void *b)
{
    const uint64_t *left = a;
    const uint64_t *right = b;
    return (*left > *right) - (*left < *right);
}

/* Live segments that are not in the sorted list; heap. */
static uint64_t *find_orphans(auk_store *store, const uint64_t *named, size_t named_count,
                              size_t *count)
{
    const rocksdb_livefiles_t *files = rocksdb_livefiles(store->db);
    int file_count = rocksdb_livefiles_count(files);
    uint64_t *orphans = malloc(((size_t)file_count + 1) * sizeof *orphans);
    if (orphans == NULL)
        abort();

    *count = 0;
    for (int i = 0; i < file_count; i++) {
        size_t size = 0;
        const char *key = rocksdb_livefiles_smallestkey(files, i, &size);
        const char *family = rocksdb_livefiles_column_family_name(files, i);
        if (strcmp(family, store_family_names[STORE_SEGMENT]) != 0 || size < 8)
            continue;
        uint64_t id = auk_load_be64(key);
        if (named_count == 0 || !bsearch(&id, named, named_count, sizeof id, compare_ids))
            orphans[(*count)++] = id;
    }
    rocksdb_livefiles_destroy(files);
    return orphans;
}

static auk_code drop_orphans(auk_store *store, uint64_t *named, size_t count, size_t *dropped,
                             auk_error *err)
{
    size_t orphan_count = 0;
    uint64_t *orphans = find_orphans(store, named, count, &orphan_count);
    uint64_t highest = count ? named[count - 1] : 0;
    for (size_t i = 0; i < orphan_count; i++)
        highest = orphans[i] > highest ? orphans[i] : highest;

    /* Before the drop: afterwards nothing would tell that the ids were used. */
    auk_code code = highest ? store_ids_pass(store, highest, err) : AUK_OK;
    if (orphan_count > 0)
        AUK_FAULT_POINT(ORPHANS_DROP_BEFORE);
    if (code == AUK_OK) {
        segment_drop(store, orphans, orphan_count);
        if (orphan_count > 0)
            AUK_FAULT_POINT(ORPHANS_DROP_AFTER);
        *dropped = orphan_count - store->undropped_count;
    }
    free(orphans);
    return code;
}

auk_code auk_store_drop_orphans(auk_store *store, const uint64_t *named, size_t count,
                                size_t *dropped, auk_error *err)
{
    uint64_t *sorted = malloc((count + 1) * sizeof *sorted);
    if (sorted == NULL)
        abort();
    if (count > 0) {
        memcpy(sorted, named, count * sizeof *sorted);
        qsort(sorted, count, sizeof *sorted, compare_ids);
    }

    size_t dropped_count = 0;
    auk_code code = store_enter(store, err);
    if (code == AUK_OK) {
        pthread_mutex_lock(&store->commit);
        code = drop_orphans(store, sorted, count, &dropped_count, err);
        pthread_mutex_unlock(&store->commit);
        store_leave(store);
    }
    if (dropped != NULL)
        *dropped = dropped_count;
    free(sorted);
    return code;
}
