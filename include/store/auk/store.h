/*
 * store.h - the one RocksDB of a data directory. The only door to RocksDB.
 *
 * Five column families (DESIGN.md 3). Four take small keys in batches with the write-ahead log and
 * are reached by _write, _get and _scan. The fifth, "segment", is written only by files that are
 * built beside the database and ingested; its values are read through our own mapping of those
 * files, never through RocksDB (storage_review.md 1, 3).
 *
 *   key in "segment":  | segment be64 | ordinal be32 | kind u8 | field be16 | part be32 |
 *
 * The ordinal counts the values of one segment in the order in which they were put, so that a
 * writer of any size streams and needs no sorting. (Ordinal 0 and the last one are the store's own
 * seals.) Values are not aligned in the mapping.
 *
 * The caller raises the soft limit of open files (RLIMIT_NOFILE) before opening: RocksDB keeps one
 * descriptor a file, and a mapping another. Never fork after opening: RocksDB's threads do not come
 * along.
 *
 *   Lifetime  every object below dies before the store, except auk_mapped: a mapping survives drop
 * of its segment and close of the store. Threads   all calls from any thread; a batch, cursor or
 * segment writer belongs to one thread. Memory    options.memory_bytes bounds memtables and tables.
 *   Errors    AUK_IO, AUK_CORRUPT, AUK_BUSY, AUK_FULL for a full disk. A failed fsync ends the
 *             process (auk_fatal), whatever its reason: it is never retried. A second opener of the
 *             same directory gets AUK_CONFLICT with the holder's pid in the message.
 */
#ifndef AUK_STORE_H
#define AUK_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auk/buffer.h"
#include "auk/error.h"
#include "auk/finding.h"
#include "auk/span.h"
#include "auk/value.h"

typedef struct auk_store auk_store;

typedef enum auk_family {
    AUK_FAMILY_CATALOG,
    AUK_FAMILY_JOURNAL,
    AUK_FAMILY_COMMIT,
    AUK_FAMILY_SYNC = 6, /* what is followed from Postgres: rows, edges, positions, dead letters.
                            Compressed, with filters for single look-ups */
} auk_family;

typedef enum auk_store_mode {
    AUK_STORE_SERVE,   /* whole, or not at all */
    AUK_STORE_INSPECT, /* reads what can be read and changes nothing; calls that write are not made
                        */
    AUK_STORE_REPAIR,  /* opens over damage and writes; after auk_store_repair_files */
} auk_store_mode;

typedef struct auk_store_options {
    auk_store_mode mode;
    size_t memory_bytes;  /* memtables of all families; 0: 64 MB */
    size_t journal_bytes; /* most journal kept between two commits of all shards; 0: memory_bytes /
                             2 */
    uint64_t free_min_bytes;   /* _check_space asks for so much to be free */
    uint32_t free_min_percent; /* or for so much of the disk; the greater of both */
    uint64_t free_min_most;    /* but of the disk no more than this; 0: as much as it is */
} auk_store_options;

/* Creates the directory (0700) when absent. */
AUK_MUST_CHECK auk_code auk_store_open(const char *directory, const auk_store_options *options,
                                       auk_store **out, auk_error *err);
void auk_store_close(auk_store *store); /* NULL is fine */

/*
 * After AUK_FULL of a write RocksDB takes no more writes until it is opened anew: the store is
 * stuck. _reopen closes and opens it beneath the callers: waits for calls under way and for open
 * cursors; mappings are untouched. Answers AUK_FULL and changes nothing while less than the log's
 * size and 16 MB are free; does nothing when the store is not stuck. The failed write itself may or
 * may not be in the store afterwards.
 */
bool auk_store_is_stuck(const auk_store *store);
bool auk_store_is_closed(auk_store *store); /* a _reopen failed: nothing but mappings can be read */
AUK_MUST_CHECK auk_code auk_store_reopen(auk_store *store, auk_error *err);

/*
 * Before new data: is there room for `bytes` of it above the reserve of the options? AUK_FULL says
 * how much has to be freed. Once there was not, there is again only when a quarter of the reserve
 * more is free, so that writers do not stop and go. One look at the file system, about 2 us.
 */
AUK_MUST_CHECK auk_code auk_store_check_space(auk_store *store, uint64_t bytes, auk_error *err);
/* Of the same for work that gives space back in the end: the half of the reserve is enough. */
AUK_MUST_CHECK auk_code auk_store_check_work(auk_store *store, uint64_t bytes, auk_error *err);

/* A read of a mapped file that fails arrives as SIGBUS: writes the segment's id and file to
 * standard error and ends the process with status 70. Once, by the program that owns the signals.
 */
void auk_store_install_sigbus_handler(void);
const char *auk_store_directory(const auk_store *store);

/* ---- batches: all or nothing over all families ---- */

typedef struct auk_batch auk_batch;

auk_batch *auk_batch_create(void);
void auk_batch_destroy(auk_batch *batch);
void auk_batch_reset(auk_batch *batch);
void auk_batch_put(auk_batch *batch, auk_family family, auk_span key, auk_span value);
void auk_batch_put_parts(auk_batch *batch, auk_family family, auk_span key, const auk_span *parts,
                         size_t count); /* the value laid end to end */
void auk_batch_delete(auk_batch *batch, auk_family family, auk_span key);
void auk_batch_delete_range(auk_batch *batch, auk_family family, auk_span from, auk_span to);
bool auk_batch_is_empty(const auk_batch *batch);

/* sync: returns after the log is on disk; concurrent callers share one fsync. */
AUK_MUST_CHECK auk_code auk_store_write(auk_store *store, auk_batch *batch, bool sync,
                                        auk_error *err);
/* Makes all earlier unsynced writes durable. */
AUK_MUST_CHECK auk_code auk_store_sync(auk_store *store, auk_error *err);

/* The value replaces what the buffer holds; an absent key is an answer: *found is false. */
AUK_MUST_CHECK auk_code auk_store_get(auk_store *store, auk_family family, auk_span key,
                                      auk_buffer *value, bool *found, auk_error *err);

/* Keys in [from, to), ascending; an empty `to` means no end. Key and value are borrowed until the
 * next _next. Ask _status once after the loop. Close it in the thread that opened it, and soon: it
 * pins files. */
typedef struct auk_store_cursor auk_store_cursor;
auk_store_cursor *auk_store_scan(auk_store *store, auk_family family, auk_span from, auk_span to);
bool auk_store_cursor_next(auk_store_cursor *cursor, auk_span *key, auk_span *value);
AUK_MUST_CHECK auk_code auk_store_cursor_status(const auk_store_cursor *cursor, auk_error *err);
void auk_store_cursor_close(auk_store_cursor *cursor);

/* ---- segments ---- */

/* A segment file under construction: begin, put values through the sink, finish; then _commit or
 * _abort. Segment ids are never used twice. */
typedef struct auk_segment_file auk_segment_file;

AUK_MUST_CHECK auk_code auk_segment_file_begin(auk_store *store, auk_segment_file **out,
                                               auk_error *err);
auk_sink auk_segment_file_sink(auk_segment_file *file);
uint64_t auk_segment_file_id(const auk_segment_file *file);
uint64_t auk_segment_file_bytes(const auk_segment_file *file);
AUK_MUST_CHECK auk_code auk_segment_file_finish(auk_segment_file *file, auk_error *err);
void auk_segment_file_abort(auk_segment_file *file); /* also after finish, when not committed */

/* A committed segment's values in our own mapping of its file, counted. */
typedef struct auk_mapped auk_mapped;
auk_mapped *auk_mapped_acquire(auk_mapped *mapped);
void auk_mapped_release(auk_mapped *mapped);
const auk_value *auk_mapped_values(const auk_mapped *mapped, uint32_t *count); /* in put order */
uint64_t auk_mapped_id(const auk_mapped *mapped);
uint64_t auk_mapped_bytes(const auk_mapped *mapped);
const char *auk_mapped_path(const auk_mapped *mapped); /* of the file */
/* The location as bytes for a manifest: id, file, offsets of all values. Borrowed from mapped. */
auk_span auk_mapped_location(const auk_mapped *mapped);
/* Copies bytes of the mapping out of the file, not out of the mapping: what is looked at once, and
 * not a page at a time, leaves no pages behind in the process. False when the file cannot be read.
 */
AUK_MUST_CHECK bool auk_mapped_read(const auk_mapped *mapped, auk_span bytes, char *into);

/*
 * One durable step, in the order ingest, manifest, drop: ingests the file (NULL: none), maps it,
 * lets `describe` add the manifest and all else to the batch (its location is in mapped), writes
 * the batch with sync, drops the segments named in `drop`. Runs under the lock that checkpoints
 * take too. When the file is NULL mapped is NULL. The file is taken in every case. On success
 * *mapped has one count for the caller.
 */
typedef void (*auk_commit_describe)(void *context, auk_mapped *mapped, auk_batch *batch);
AUK_MUST_CHECK auk_code auk_store_commit(auk_store *store, auk_segment_file *file,
                                         auk_commit_describe describe, void *context,
                                         const uint64_t *drop, size_t drop_count,
                                         auk_mapped **mapped, auk_error *err);

/* Maps a segment from its location in a manifest (at start). */
AUK_MUST_CHECK auk_code auk_store_map(auk_store *store, auk_span location, auk_mapped **out,
                                      auk_error *err);
/* Drops every segment in the store that is not among `named`: what a crash left between ingest and
 * manifest. Call once at start, before the first segment file. */
AUK_MUST_CHECK auk_code auk_store_drop_orphans(auk_store *store, const uint64_t *named,
                                               size_t count, size_t *dropped, auk_error *err);

/* Ids of all segments in the store, named by a manifest or not (uint64_t each). */
AUK_MUST_CHECK auk_code auk_store_list_segments(auk_store *store, auk_buffer *ids, auk_error *err);

/* ---- inspection; store_check.c and store_repair.c ---- */

/* Tells all that is wrong with the files of a directory that no store has open. Changes nothing.
 * AUK_CONFLICT: a store has it open; AUK_NOT_FOUND: there is no store there. */
AUK_MUST_CHECK auk_code auk_store_check_files(const char *directory, auk_findings *findings,
                                              auk_error *err);
/* Is every block of one file what was written, those between values too? */
bool auk_store_is_file_sound(const char *path);
/* Makes such a directory one that AUK_STORE_REPAIR opens, and tells what it did. */
AUK_MUST_CHECK auk_code auk_store_repair_files(const char *directory, auk_findings *findings,
                                               auk_error *err);
/* In a store open for repair: what RocksDB cannot read of the small families is left behind, the
 * rest is written anew. The families of catalog and commits are kept twice. */
AUK_MUST_CHECK auk_code auk_store_repair_families(auk_store *store, auk_findings *findings,
                                                  auk_error *err);

/* Flushes the memtables when they hold more than that. */
AUK_MUST_CHECK auk_code auk_store_flush_beyond(auk_store *store, uint64_t bytes, auk_error *err);
/* Flushes the memtables of all families, so that old log files can go (after each commit). */
AUK_MUST_CHECK auk_code auk_store_flush(auk_store *store, auk_error *err);
/* A consistent copy by hard links in a new directory. */
AUK_MUST_CHECK auk_code auk_store_checkpoint(auk_store *store, const char *directory,
                                             auk_error *err);

typedef struct auk_store_stats {
    uint64_t segment_files;
    uint64_t segment_bytes;
    uint64_t log_bytes; /* write-ahead log on disk */
    uint64_t memtable_bytes;
    uint64_t disk_free_bytes;
    uint64_t disk_total_bytes;
    uint64_t disk_reserve_bytes; /* that writes leave free */
} auk_store_stats;
/* What the memtables hold; cheap. */
uint64_t auk_store_memory_bytes(auk_store *store);
void auk_store_read_stats(auk_store *store, auk_store_stats *out);

#endif
