/* store.c - opens and closes the database, syncs and flushes it, says how large it is. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "auk/fault_point.h"
#include "auk/log.h"
#include "auk/varint.h"
#include "examine.h"
#include "store_private.h"

#define FORMAT_KEY        "format"
#define FORMAT_NUMBER     1
#define BUILDING          "building"
#define REOPEN_FREE_BYTES ((uint64_t)16 << 20)
#define FLUSH_FREE_BYTES  ((uint64_t)4 << 20)

auk_code store_enter(auk_store *store, auk_error *err)
{
    pthread_rwlock_rdlock(&store->gate);
    if (store->db != NULL)
        return AUK_OK;
    pthread_rwlock_unlock(&store->gate);
    return auk_fail(err, AUK_FULL, "the store is closed since the disk was full");
}

auk_code store_enter_writing(auk_store *store, auk_error *err)
{
    auk_code code = store_enter(store, err);
    if (code != AUK_OK || !atomic_load(&store->is_stuck))
        return code;
    pthread_rwlock_unlock(&store->gate);
    return auk_fail(err, AUK_FULL, "no writes are taken since the disk was full");
}

void store_leave(auk_store *store)
{
    pthread_rwlock_unlock(&store->gate);
}

auk_code store_note(auk_store *store, auk_code code)
{
    if (code == AUK_FULL)
        atomic_store(&store->is_stuck, true);
    return code;
}

/* Of those that STORE_FAMILIES counts: the last one came later. */
static int count_present(const auk_store *store)
{
    size_t count = 0;
    char *message = NULL;
    char **names =
        rocksdb_list_column_families(store->settings.database, store->directory, &count, &message);
    bool has_last = message != NULL; /* then opening says what is wrong */
    for (size_t i = 0; i < count; i++)
        has_last = has_last || strcmp(names[i], store_family_names[STORE_FAMILIES - 1]) == 0;
    if (names != NULL) /* also of a failure, then without any in it */
        rocksdb_list_column_families_destroy(names, count);
    free(message);
    return STORE_FAMILIES - !has_last;
}

static auk_code open_database(auk_store *store, auk_error *err)
{
    auk_code code = AUK_OK;
    if (store->settings.mode != AUK_STORE_INSPECT)
        code = store_logs_carry(store->directory, store->settings.mode, err);
    if (code != AUK_OK)
        return code;
    char *message = NULL;
    const rocksdb_options_t *const *families =
        (const rocksdb_options_t *const *)store->settings.families;
    if (store->settings.mode == AUK_STORE_INSPECT)
        store->db =
            rocksdb_open_for_read_only_column_families(store->settings.database, store->directory,
                                                       count_present(store), store_family_names,
                                                       families, store->families, 0, &message);
    else
        store->db =
            rocksdb_open_column_families(store->settings.database, store->directory, STORE_FAMILIES,
                                         store_family_names, families, store->families, &message);
    if (message != NULL) {
        store->db = NULL;
        code = store_fail(STORE_OPENING, message, err, "cannot open the store in \"%s\"",
                          store->directory);
        /* RocksDB does not always say in which file. */
        auk_error named;
        if (code == AUK_CORRUPT && store->settings.mode == AUK_STORE_SERVE &&
            store_examine_first(store->directory, true, &named) != AUK_OK && err != NULL)
            *err = named;
        return code;
    }
    return AUK_OK;
}

static void close_database(auk_store *store)
{
    if (store->db == NULL)
        return;
    for (int i = 0; i < STORE_FAMILIES; i++) {
        if (store->families[i] != NULL)
            rocksdb_column_family_handle_destroy(store->families[i]);
        store->families[i] = NULL;
    }
    rocksdb_close(store->db);
    store->db = NULL;
}

/* A store says which format its keys and locations have; a newer one is refused, not guessed at. */
static auk_code check_format(auk_store *store, auk_error *err)
{
    char *message = NULL;
    size_t size = 0;
    char *found = rocksdb_get_cf(store->db, store->settings.reading, store->families[STORE_META],
                                 FORMAT_KEY, strlen(FORMAT_KEY), &size, &message);
    if (message != NULL) {
        auk_code code = store_fail(STORE_OPENING, message, err, "cannot read the store's format");
        return store->settings.mode == AUK_STORE_SERVE ? code : AUK_OK;
    }
    if (found == NULL && store->settings.mode != AUK_STORE_SERVE)
        return AUK_OK;

    if (found != NULL) {
        uint32_t number = size == 4 ? auk_load_be32(found) : 0;
        rocksdb_free(found);
        if (number == FORMAT_NUMBER)
            return AUK_OK;
        return auk_fail(err, AUK_INVALID,
                        "the data directory \"%s\" is written in format [%u], this version of auk "
                        "(%s) reads format [%d]; start the version that wrote it",
                        store->directory, number, AUK_VERSION, FORMAT_NUMBER);
    }

    uint8_t number[4];
    auk_store_be32(number, FORMAT_NUMBER);
    AUK_FAULT_POINT(FORMAT_WRITE_BEFORE);
    rocksdb_put_cf(store->db, store->settings.synced, store->families[STORE_META], FORMAT_KEY,
                   strlen(FORMAT_KEY), (const char *)number, sizeof number, &message);
    AUK_FAULT_POINT(FORMAT_WRITE_AFTER);
    if (message != NULL)
        return store_fail(STORE_OPENING, message, err, "cannot write the store's format");
    return AUK_OK;
}

/* Segment files that never got as far as the database. */
static auk_code clear_building(auk_store *store, auk_error *err)
{
    char *path = store_path(store->directory, BUILDING);
    auk_code code = store_make_directory(path, err);
    if (code == AUK_OK)
        store_empty_directory(path);
    free(path);
    return code;
}

/* What must be asked before RocksDB opens the directory, for that changes it. */
static auk_code prepare_directory(auk_store *store, auk_store_mode mode, auk_error *err)
{
    auk_code code = AUK_OK;
    if (mode == AUK_STORE_INSPECT)
        return code;
    if (mode == AUK_STORE_SERVE)
        code = store_examine_first(store->directory, false, err);
    if (code == AUK_OK)
        code = store_clean_remove(store->directory, err);
    return code == AUK_OK ? clear_building(store, err) : code;
}

static void fail_in_background(void *context, const char *message)
{
    auk_store *store = context;
    if (!store_is_full_in_background(message))
        return;
    if (!atomic_exchange(&store->is_stuck, true))
        auk_log(AUK_LOG_ERROR, "the disk is full: no writes are taken until there is room",
                "directory=\"%s\" reason=\"%s\"", store->directory, message);
}

static auk_code open_locked(auk_store *store, const auk_store_options *options, auk_error *err)
{
    auk_store_mode mode = options ? options->mode : AUK_STORE_SERVE;
    if (mode != AUK_STORE_SERVE)
        store_survive();
    auk_code code = prepare_directory(store, mode, err);
    if (code == AUK_OK)
        code = store_settings_init(&store->settings, options, fail_in_background, store, err);
    if (code == AUK_OK)
        code = open_database(store, err);
    if (code == AUK_OK && mode != AUK_STORE_SERVE)
        store_shut_damaged(store);
    if (code == AUK_OK && !store->shut[STORE_META])
        code = check_format(store, err);
    if (code == AUK_OK)
        code = store_ids_load(store, err);
    if (code == AUK_OK && mode == AUK_STORE_SERVE)
        code = mirror_load(store, err);
    return code;
}

auk_code auk_store_open(const char *directory, const auk_store_options *options, auk_store **out,
                        auk_error *err)
{
    auk_store *store = calloc(1, sizeof *store);
    if (store == NULL)
        abort();
    store->directory = strdup(directory);
    if (store->directory == NULL)
        abort();
    pthread_rwlock_init(&store->gate, NULL);
    pthread_mutex_init(&store->commit, NULL);
    pthread_mutex_init(&store->ids, NULL);

    auk_code code = store_make_directory(directory, err);
    if (code == AUK_OK)
        code = store_lock_acquire(directory, &store->lock, err);
    if (code == AUK_OK)
        code = open_locked(store, options, err);
    if (code == AUK_OK)
        store_set_reserve(store, options);
    if (code != AUK_OK) {
        auk_store_close(store);
        return code;
    }
    *out = store;
    return AUK_OK;
}

void auk_store_close(auk_store *store)
{
    if (store == NULL)
        return;
    bool was_open = store->db != NULL;
    close_database(store);
    if (was_open && store->settings.mode != AUK_STORE_INSPECT)
        store_clean_write(store->directory);
    store_settings_deinit(&store->settings);
    store_lock_release(store->lock);
    pthread_mutex_destroy(&store->ids);
    pthread_mutex_destroy(&store->commit);
    pthread_rwlock_destroy(&store->gate);
    free(store->undropped);
    free(store->directory);
    free(store);
}

const char *auk_store_directory(const auk_store *store)
{
    return store->directory;
}

bool auk_store_is_stuck(const auk_store *store)
{
    return atomic_load(&store->is_stuck);
}

bool auk_store_is_closed(auk_store *store)
{
    pthread_rwlock_rdlock(&store->gate);
    bool is_closed = store->db == NULL;
    pthread_rwlock_unlock(&store->gate);
    return is_closed;
}

/* What the log holds is written anew at the open (options.c), into files that need as much room. */
auk_code auk_store_reopen(auk_store *store, auk_error *err)
{
    if (!atomic_load(&store->is_stuck))
        return AUK_OK;
    uint64_t wanted = REOPEN_FREE_BYTES + store_bytes_of(store->directory, ".log");
    uint64_t free_bytes = store_read_space(store, NULL);
    if (free_bytes < wanted)
        return store_fail_space(store, wanted, free_bytes, err);

    pthread_rwlock_wrlock(&store->gate);
    auk_code code = AUK_OK;
    if (atomic_load(&store->is_stuck)) {
        close_database(store);
        code = open_database(store, err);
        atomic_store(&store->is_stuck, code != AUK_OK);
    }
    pthread_rwlock_unlock(&store->gate);
    return code;
}

/*
 * By an empty synced write, which goes through RocksDB's queue of writers: its own call for this
 * may meet a log whose last write has just failed, and ends the process by an assertion then.
 */
auk_code auk_store_sync(auk_store *store, auk_error *err)
{
    uint64_t wanted = atomic_load(&store->unsynced);
    if (atomic_load(&store->synced) >= wanted)
        return AUK_OK;
    auk_code code = store_enter_writing(store, err);
    if (code != AUK_OK)
        return code;

    AUK_FAULT_POINT(LOG_SYNC_BEFORE);
    code = store_write_nothing(store, "cannot sync the store's log", err);
    AUK_FAULT_POINT(LOG_SYNC_AFTER);
    uint64_t synced = atomic_load(&store->synced);
    while (code == AUK_OK && synced < wanted &&
           !atomic_compare_exchange_weak(&store->synced, &synced, wanted))
        ;
    store_leave(store);
    return code;
}

auk_code auk_store_flush(auk_store *store, auk_error *err)
{
    /* Compactions come after it, and RocksDB 7.8 aborts when one of an emptied family finds the
     * disk full: none is begun then. */
    uint64_t free_bytes = store_read_space(store, NULL);
    if (free_bytes < FLUSH_FREE_BYTES)
        return store_fail_space(store, FLUSH_FREE_BYTES, free_bytes, err);
    auk_code code = store_enter_writing(store, err);
    if (code != AUK_OK)
        return code;

    /* All of them: an idle family pins every log file since its last write. */
    for (int i = 0; i < STORE_FAMILIES && code == AUK_OK; i++) {
        if (i == STORE_SEGMENT)
            continue;
        char *message = NULL;
        AUK_FAULT_POINT(JOURNAL_TRIM_BEFORE);
        rocksdb_flush_cf(store->db, store->settings.flushing, store->families[i], &message);
        AUK_FAULT_POINT(JOURNAL_TRIM_AFTER);
        if (message != NULL)
            code = store_note(store,
                              store_fail(STORE_WRITING, message, err, "cannot flush the store"));
    }
    store_leave(store);
    return code;
}

auk_code auk_store_flush_beyond(auk_store *store, uint64_t bytes, auk_error *err)
{
    return auk_store_memory_bytes(store) > bytes ? auk_store_flush(store, err) : AUK_OK;
}

static void count_segments(auk_store *store, auk_store_stats *out)
{
    const rocksdb_livefiles_t *files = rocksdb_livefiles(store->db);
    int count = rocksdb_livefiles_count(files);
    for (int i = 0; i < count; i++) {
        const char *family = rocksdb_livefiles_column_family_name(files, i);
        if (strcmp(family, store_family_names[STORE_SEGMENT]) != 0)
            continue;
        out->segment_files++;
        out->segment_bytes += rocksdb_livefiles_size(files, i);
    }
    rocksdb_livefiles_destroy(files);
}

static uint64_t sum_memtables(auk_store *store)
{
    uint64_t sum = 0;
    for (int i = 0; i < STORE_FAMILIES; i++) {
        uint64_t bytes = 0;
        if (store->families[i] != NULL &&
            rocksdb_property_int_cf(store->db, store->families[i],
                                    "rocksdb.cur-size-all-mem-tables", &bytes) == 0)
            sum += bytes;
    }
    return sum;
}

uint64_t auk_store_memory_bytes(auk_store *store)
{
    if (store_enter(store, NULL) != AUK_OK)
        return 0;
    uint64_t bytes = sum_memtables(store);
    store_leave(store);
    return bytes;
}

void auk_store_read_stats(auk_store *store, auk_store_stats *out)
{
    *out = (auk_store_stats){0};
    out->disk_free_bytes = store_read_space(store, &out->disk_total_bytes);
    out->disk_reserve_bytes = store->reserve_bytes;
    out->log_bytes = store_bytes_of(store->directory, ".log");
    if (store_enter(store, NULL) != AUK_OK)
        return;

    count_segments(store, out);
    out->memtable_bytes = sum_memtables(store);
    store_leave(store);
}
