/*
 * commit.c - makes a segment part of the index, and takes others away, in one durable step.
 *
 *   ingest ----> walk, map ----> describe, write manifest (synced) ----> drop
 *     |              |                        |
 *     |              | fails: drop again      | fails: the file stays. The manifest may have
 * reached the |              v                        v log, so only the next start can tell
 * whether it is named.
 *     +--- a crash here leaves a file that no manifest names: an orphan, found at start
 *
 * All of it under the commit lock: a checkpoint between ingest and manifest would copy a log that
 * names a file which the checkpoint does not have.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "auk/fault_point.h"
#include "store_private.h"

/*
 * RocksDB 7.8 must not ingest while it has failed in the background (recovery may race with it).
 * Its count of failures never falls, so after the first one the log is asked by an empty synced
 * write, which meets a failure that still stands.
 */
static auk_code check_health(auk_store *store, auk_error *err)
{
    uint64_t failures = 0;
    if (rocksdb_property_int(store->db, "rocksdb.background-errors", &failures) == 0 &&
        failures == 0)
        return AUK_OK;

    return store_write_nothing(store, "the store takes no segment", err);
}

static auk_code ingest(auk_store *store, const auk_segment_file *file, auk_error *err)
{
    auk_code code = check_health(store, err);
    if (code != AUK_OK)
        return code;

    char *message = NULL;
    const char *path = file->path;
    AUK_FAULT_POINT(INGEST_BEFORE);
    rocksdb_ingest_external_file_cf(store->db, store->families[STORE_SEGMENT], &path, 1,
                                    store->settings.ingesting, &message);
    AUK_FAULT_POINT(INGEST_AFTER);
    if (message != NULL)
        return store_note(store, store_fail(STORE_WRITING, message, err,
                                            "cannot ingest segment %" PRIu64, file->id));
    return AUK_OK;
}

/* Takes the file. */
static auk_code take_segment(auk_store *store, auk_segment_file *file, auk_mapped **out,
                             auk_error *err)
{
    auk_code code = ingest(store, file, err);
    if (code != AUK_OK) {
        segment_file_free(file, false);
        return code;
    }

    uint64_t file_number = 0;
    code = segment_walk(store, file, &file_number, err);
    if (code == AUK_OK)
        code = mapped_create(store, file, file_number, out, err);
    if (code != AUK_OK)
        segment_drop(store, &file->id, 1);
    segment_file_free(file, true);
    return code;
}

static auk_code write_manifest(auk_store *store, auk_commit_describe describe, void *context,
                               auk_mapped *mapped, auk_error *err)
{
    auk_batch *batch = auk_batch_create();
    describe(context, mapped, batch);
    auk_code code = AUK_OK;
    if (!auk_batch_is_empty(batch)) {
        AUK_FAULT_POINT(MANIFEST_WRITE_BEFORE);
        code = store_batch_write(store, batch, true, err);
        AUK_FAULT_POINT(MANIFEST_WRITE_AFTER);
    }
    auk_batch_destroy(batch);
    return code;
}

auk_code auk_store_commit(auk_store *store, auk_segment_file *file, auk_commit_describe describe,
                          void *context, const uint64_t *drop, size_t drop_count,
                          auk_mapped **mapped, auk_error *err)
{
    auk_mapped *made = NULL;
    *mapped = NULL;
    auk_code code = AUK_OK;
    if (file != NULL && file->state != SEGMENT_FILE_FINISHED)
        code = auk_fail(err, AUK_INVALID, "segment %" PRIu64 " is not finished", file->id);
    if (code == AUK_OK)
        code = store_enter_writing(store, err);
    if (code != AUK_OK) {
        auk_segment_file_abort(file);
        return code;
    }

    pthread_mutex_lock(&store->commit);
    if (file != NULL)
        code = take_segment(store, file, &made, err);
    if (code == AUK_OK)
        code = write_manifest(store, describe, context, made, err);
    if (code == AUK_OK)
        segment_drop(store, drop, drop_count);
    pthread_mutex_unlock(&store->commit);
    store_leave(store);

    if (code != AUK_OK) {
        auk_mapped_release(made);
        return code;
    }
    *mapped = made;
    return AUK_OK;
}
