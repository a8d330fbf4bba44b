/* checkpoint.c - a consistent copy by hard links, on disk when the call returns. */
#include <sys/stat.h>

#include "examine.h"
#include "store_private.h"

static auk_code create(auk_store *store, const char *directory, auk_error *err)
{
    char *message = NULL;
    rocksdb_checkpoint_t *checkpoint = rocksdb_checkpoint_object_create(store->db, &message);
    if (message == NULL) {
        /* 0: flush always, so that no unsynced log is linked. */
        rocksdb_checkpoint_create(checkpoint, directory, 0, &message);
        rocksdb_checkpoint_object_destroy(checkpoint);
    }
    if (message != NULL)
        return store_fail(STORE_WRITING, message, err, "cannot make a checkpoint in \"%s\"",
                          directory);
    return AUK_OK;
}

auk_code auk_store_checkpoint(auk_store *store, const char *directory, auk_error *err)
{
    struct stat status;
    if (stat(directory, &status) == 0)
        return auk_fail(err, AUK_CONFLICT, "cannot make a checkpoint: \"%s\" exists", directory);

    auk_code code = store_enter(store, err);
    if (code != AUK_OK)
        return code;
    pthread_mutex_lock(&store->commit);
    code = create(store, directory, err);
    pthread_mutex_unlock(&store->commit);
    store_leave(store);

    if (code == AUK_OK)
        store_clean_write(directory); /* it has no log, and nobody is to miss one */
    if (code == AUK_OK)
        code = store_sync_files(directory, "", err);
    if (code == AUK_OK)
        code = store_sync_parent(directory, err);
    return code;
}
