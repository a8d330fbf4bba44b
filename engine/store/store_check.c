/* store_check.c - the files of a directory that no store has open. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "auk/varint.h"
#include "examine.h"
#include "sst_check.h"
#include "store_private.h"

/* There is something to look at, and nobody else does; the lock is the caller's then. */
static auk_code lock_directory(const char *directory, store_lock **lock, auk_error *err)
{
    struct stat status;
    char *path = store_path(directory, "auk.lock");
    bool is_store = stat(path, &status) == 0;
    free(path);
    if (stat(directory, &status) != 0)
        return auk_fail(err, AUK_NOT_FOUND, "cannot read \"%s\": %s", directory, strerror(errno));
    if (!S_ISDIR(status.st_mode) || !is_store)
        return auk_fail(err, AUK_NOT_FOUND, "\"%s\" is not a data directory of auk", directory);
    return store_lock_acquire(directory, lock, err);
}

auk_code auk_store_check_files(const char *directory, auk_findings *findings, auk_error *err)
{
    store_lock *lock = NULL;
    store_survive();
    auk_code code = lock_directory(directory, &lock, err);
    if (code != AUK_OK)
        return code;
    store_examine(directory, true, findings);
    store_lock_release(lock);
    return AUK_OK;
}

bool auk_store_is_file_sound(const char *path)
{
    char family[SST_FAMILY_SIZE], message[SST_MESSAGE_SIZE];
    return store_sst_check(path, family, message);
}

auk_code auk_store_list_segments(auk_store *store, auk_buffer *ids, auk_error *err)
{
    auk_code code = store_enter(store, err);
    if (code != AUK_OK)
        return code;
    const rocksdb_livefiles_t *files = rocksdb_livefiles(store->db);
    int count = rocksdb_livefiles_count(files);
    for (int i = 0; i < count; i++) {
        size_t size = 0;
        const char *key = rocksdb_livefiles_smallestkey(files, i, &size);
        const char *family = rocksdb_livefiles_column_family_name(files, i);
        if (strcmp(family, store_family_names[STORE_SEGMENT]) == 0 && size >= 8)
            auk_buffer_append_u64(ids, auk_load_be64(key));
    }
    rocksdb_livefiles_destroy(files);
    store_leave(store);
    return AUK_OK;
}
