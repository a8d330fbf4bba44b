/*
 * store_private.h - what the files of the store share; nobody else includes it, nor rocksdb/c.h.
 *
 * Locks, in the order in which they are taken:
 *
 *   gate    shared by every call that touches the database, exclusive in _reopen only
 *   commit  {ingest, manifest batch, drop} and checkpoint exclude each other
 *   ids     the next segment id and its reservation
 */
#ifndef AUK_STORE_PRIVATE_H
#define AUK_STORE_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include <rocksdb/c.h>

#include "auk/store.h"

#include "listener.h"
#include "sst_writer.h"

/* The families of the contract keep their numbers; three more are the store's own. The last one may
 * be absent in a directory that is only read: it came later. */
enum {
    STORE_CATALOG = AUK_FAMILY_CATALOG,
    STORE_JOURNAL = AUK_FAMILY_JOURNAL,
    STORE_COMMIT = AUK_FAMILY_COMMIT,
    STORE_META, /* RocksDB's "default": our format number and the reserved segment ids */
    STORE_SEGMENT,
    STORE_MIRROR, /* mirror.c: catalog and commit once more, in files of its own */
    STORE_SYNC = AUK_FAMILY_SYNC,
    STORE_FAMILIES
};

/* ---- options.c ---- */

typedef struct store_settings {
    rocksdb_options_t *database;
    rocksdb_options_t *families[STORE_FAMILIES];
    rocksdb_writeoptions_t *synced;
    rocksdb_writeoptions_t *unsynced;
    rocksdb_readoptions_t *reading;
    rocksdb_flushoptions_t *flushing;
    rocksdb_ingestexternalfileoptions_t *ingesting;
    auk_store_mode mode;
} store_settings;

extern const char *const store_family_names[STORE_FAMILIES];

/* failed: RocksDB's own threads met a failure (listener.h), with the context. */
AUK_MUST_CHECK auk_code store_settings_init(store_settings *settings,
                                            const auk_store_options *options,
                                            store_on_failure failed, void *context, auk_error *err);
void store_settings_deinit(store_settings *settings);

/* ---- lock.c ---- */

typedef struct store_lock store_lock;

AUK_MUST_CHECK auk_code store_lock_acquire(const char *directory, store_lock **out, auk_error *err);
void store_lock_release(store_lock *lock); /* NULL is fine */

/* ---- store.c ---- */

struct auk_store {
    char *directory;
    store_lock *lock;
    store_settings settings;

    pthread_rwlock_t gate;
    rocksdb_t *db;        /* NULL after a reopen that failed */
    atomic_bool is_stuck; /* a write met a full disk: none is taken until a reopen */
    atomic_uint_fast64_t unsynced, synced; /* writes without a sync; those of them synced since */
    atomic_bool is_low; /* space.c: less than the reserve was free, and it is not back yet */
    uint64_t reserve_bytes;
    rocksdb_column_family_handle_t *families[STORE_FAMILIES];

    bool shut[STORE_FAMILIES]; /* a file of it is damaged: see store_shut_damaged */

    pthread_mutex_t commit;
    uint64_t *undropped; /* segments that a drop left in place, tried again at the next one */
    size_t undropped_count;

    pthread_mutex_t ids;
    uint64_t next_id;
    uint64_t reserved_id; /* ids below are never given out again after a restart */
};

/* Shares the database against _reopen; AUK_FULL when there is none. Leave only after AUK_OK. */
AUK_MUST_CHECK auk_code store_enter(auk_store *store, auk_error *err);
/* The same for whoever writes; AUK_FULL too when the store is stuck, for RocksDB 7.8 must not be
 * asked to write to a log that failed: it ends the process by an assertion. */
AUK_MUST_CHECK auk_code store_enter_writing(auk_store *store, auk_error *err);
void store_leave(auk_store *store);

/* Under the gate: hands the code through; a full disk makes the store stuck. */
auk_code store_note(auk_store *store, auk_code code);

/* ---- failure.c ---- */

/* A program that inspects goes on where one that serves must end: no failure is fatal any more. */
void store_survive(void);

typedef enum store_doing {
    STORE_OPENING,
    STORE_READING,
    STORE_WRITING,
    STORE_SYNCING, /* an fsync of ours */
} store_doing;

/*
 * Turns RocksDB's message (taken) into our error. A full disk and a damaged block come back; any
 * other failure of the disk while writing or reading ends the process, because what RocksDB holds
 * in memory and what is on disk can no longer be said to agree. So does an fsync that found the
 * disk full.
 */
auk_code store_fail(store_doing doing, char *message, auk_error *err, const char *format, ...)
    AUK_PRINTF(4, 5);
/* A failure of RocksDB's own threads: true when it is a full disk; other failures of the disk end
 * the process. */
bool store_is_full_in_background(const char *message);
/* The same from errno. */
auk_code store_fail_errno(store_doing doing, int number, auk_error *err, const char *format, ...)
    AUK_PRINTF(4, 5);

/* ---- space.c ---- */

void store_set_reserve(auk_store *store, const auk_store_options *options);
/* Bytes that we may still write; UINT64_MAX when the system does not say. total may be NULL. */
uint64_t store_read_space(const auk_store *store, uint64_t *total);
/* AUK_FULL with what is free, what is wanted, and how much lies between. */
auk_code store_fail_space(const auk_store *store, uint64_t wanted, uint64_t free_bytes,
                          auk_error *err);

/* ---- files.c ---- */

char *store_path(const char *directory, const char *name); /* heap */
AUK_MUST_CHECK auk_code store_make_directory(const char *path, auk_error *err);
AUK_MUST_CHECK auk_code store_sync_path(const char *path, auk_error *err);
AUK_MUST_CHECK auk_code store_sync_parent(const char *path, auk_error *err);
/* The files in it (one level) whose names end so, all with "", then the directory itself. */
AUK_MUST_CHECK auk_code store_sync_files(const char *directory, const char *ending, auk_error *err);
/* Removes the files in it, one level; keeps the directory. */
void store_empty_directory(const char *directory);
/* Bytes of the files whose names end so. */
uint64_t store_bytes_of(const char *directory, const char *ending);

/* ---- log_carry.c ---- */

/* Before RocksDB opens the directory: its logs are durable, and end in whole records. */
AUK_MUST_CHECK auk_code store_logs_carry(const char *directory, auk_store_mode mode,
                                         auk_error *err);

/* ---- batch.c ---- */

/* The batch as RocksDB's; borrowed until the batch changes. */
AUK_MUST_CHECK auk_code store_batch_fill(auk_batch *batch, auk_store *store,
                                         rocksdb_writebatch_t **out, auk_error *err);
/* Releases a large copy, keeps a small one for the next write. */
void store_batch_written(auk_batch *batch);
/* As auk_store_write, for one who has entered. */
AUK_MUST_CHECK auk_code store_batch_write(auk_store *store, auk_batch *batch, bool sync,
                                          auk_error *err);

/* An empty synced write: everything before it is on disk, and a failure that stands is met. */
AUK_MUST_CHECK auk_code store_write_nothing(auk_store *store, const char *what, auk_error *err);

/* ---- mirror.c ---- */

bool mirror_covers(int family);
void mirror_fill(rocksdb_writebatch_t *filled, rocksdb_column_family_handle_t *mirror, int family,
                 int op, auk_span first, auk_span second);
/* For a store that had none: makes it one of two equal halves. */
AUK_MUST_CHECK auk_code mirror_load(auk_store *store, auk_error *err);

enum { OP_PUT, OP_DELETE, OP_DELETE_RANGE, OP_MASK = 3, OP_FAMILY_SHIFT = 2 };

/* ---- store_salvage.c ---- */

/*
 * An inspection opens over damage, but RocksDB 7.8 frees twice when it then walks a family with a
 * file that it could not open: such families are not read at all.
 */
void store_shut_damaged(auk_store *store);

/* ---- segment_id.c ---- */

AUK_MUST_CHECK auk_code store_ids_load(auk_store *store, auk_error *err);
AUK_MUST_CHECK auk_code store_ids_take(auk_store *store, uint64_t *id, auk_error *err);
/* No id up to this one is given out from now on, restarts included. */
AUK_MUST_CHECK auk_code store_ids_pass(auk_store *store, uint64_t id, auk_error *err);

/* ---- segment_file.c ---- */

#define SEGMENT_KEY_SIZE  19
#define SEGMENT_SEAL_SIZE 16

/* What the writer knows of one value; the walk after the ingest adds its offset. */
typedef struct segment_entry {
    uint8_t kind;
    uint16_t field;
    uint32_t part;
    uint64_t size;
    uint64_t offset;
    uint64_t first; /* up to eight bytes at either end as they were put, to check the mapping */
    uint64_t last;
} segment_entry;

typedef enum segment_file_state {
    SEGMENT_FILE_BUILDING, /* put, finish */
    SEGMENT_FILE_FINISHED, /* commit */
    SEGMENT_FILE_FAILED    /* abort only; status holds why */
} segment_file_state;

struct auk_segment_file {
    auk_store *store;
    uint64_t id;
    char *path;
    sst_writer *writer;
    segment_file_state state;
    auk_error status;
    segment_entry *entries;
    uint32_t count;
    uint32_t capacity;
    uint64_t bytes;
    uint64_t opening_offset; /* of the opening seal in the SST, learnt by the walk */
};

void segment_key_encode(uint8_t key[SEGMENT_KEY_SIZE], uint64_t id, uint32_t ordinal, uint8_t kind,
                        uint16_t field, uint32_t part);
void segment_seal_encode(uint8_t seal[SEGMENT_SEAL_SIZE], uint64_t id);
void segment_entry_mark(segment_entry *entry, auk_span bytes);
bool segment_entry_matches(const segment_entry *entry, auk_span bytes);
/* Frees what is in memory; the SST on disk stays when ingested. */
void segment_file_free(auk_segment_file *file, bool ingested);

/* ---- segment_walk.c ---- */

/* Learns each value's offset in the ingested SST and that file's number. */
AUK_MUST_CHECK auk_code segment_walk(auk_store *store, auk_segment_file *file,
                                     uint64_t *file_number, auk_error *err);

/* ---- segment_drop.c ---- */

/* Drops the segments and what earlier drops left; what stays is logged and remembered. */
void segment_drop(auk_store *store, const uint64_t *ids, size_t count);

/* ---- mapped.c ---- */

AUK_MUST_CHECK auk_code mapped_create(auk_store *store, const auk_segment_file *file,
                                      uint64_t file_number, auk_mapped **out, auk_error *err);

/* ---- location.c ---- */

typedef struct segment_location {
    uint64_t id;
    uint64_t file_number;
    uint64_t file_size;
    uint64_t opening_offset;
    uint32_t count;
} segment_location;

void location_encode(const segment_location *location, const segment_entry *entries,
                     auk_buffer *out);
/* values: malloc, taken by the caller; bytes.data hold offsets into the file until it is mapped. */
AUK_MUST_CHECK auk_code location_decode(auk_span bytes, segment_location *location,
                                        auk_value **values, auk_error *err);

/* ---- sigbus.c ---- */

typedef struct mapping_slot mapping_slot;

/* path is borrowed until _forget. */
mapping_slot *sigbus_remember(const void *base, size_t size, uint64_t id, const char *path);
void sigbus_forget(mapping_slot *slot);

#endif
