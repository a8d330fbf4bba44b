/*
 * applier.h - changes of rows to documents, exactly once.
 *
 *     rows --> row store --> dirty roots --> documents --\
 *                                                         >-- one publication (publication.h):
 * documents, dead letters, chunk states, position --------------/    rows, edges and position in
 * one batch
 *
 * Every table of a tree keeps its needed columns by key in the row store (row_store.h), with an
 * index an edge; so a document is built from what is stored, exactly at a position. A table that is
 * a root without children needs no rows beyond what TOAST and the visibility rule ask for: its
 * document is its row. Position is the end LSN of the last transaction; transactions at or below it
 * are dropped.
 *
 *   Lifetime  _open .. _close, within the catalog's.
 *   Threads   one at a time, but _load from several; _read_stats any.
 *   Memory    a group of transactions up to 32 MB; larger transactions in passes.
 *   Errors    of the store, and AUK_BUSY: nothing of the group was taken, try again. AUK_FULL: it
 *             may have been; the applier writes no more, and the next one reads what is there. A
 *             row that cannot become a document is a dead letter, never an error.
 */
#ifndef AUK_SYNC_APPLIER_H
#define AUK_SYNC_APPLIER_H

#include "auk/catalog.h"
#include "config.h"
#include "locals.h"
#include "pg_value.h"
#include "row.h"
#include "row_watch.h"
#include "stream.h"
#include "visibility.h"

typedef struct auk_applier auk_applier;

/* Where the history of this source stands; durable with each publication. */
typedef struct auk_sync_position {
    uint64_t system_id;
    uint32_t timeline;
    auk_lsn applied;
    int64_t commit_us;
    uint32_t xid;
    auk_lsn committed; /* end of the last transaction; a position may say only that none came */
} auk_sync_position;

typedef struct auk_applier_options {
    auk_catalog *catalog;
    auk_budget *budget;
    const auk_sync_config *config;
    uint64_t source;             /* number of the source in the store: prefix of its keys */
    const auk_pg_types *types;   /* how values become JSON; borrowed */
    uint32_t group_changes_most; /* 0: 20000; a larger transaction goes in passes */
    uint32_t step_roots_most;    /* 0: 20000; documents of one pass */
    /* Called by _take, in its thread, for a relation (id and version) that it meets for the first
     * time: is to call _describe, or to leave it when no document needs the table. NULL: tables
     * stay as they were described. */
    auk_code (*relate)(void *context, const auk_relation *relation, auk_error *err);
    void *context;
    auk_locals *locals; /* what clients wrote to local fields; borrowed. NULL: nothing */
} auk_applier_options;

/* AUK_FULL: the disk is, still. */
AUK_MUST_CHECK auk_code auk_applier_open(const auk_applier_options *options, auk_applier **out,
                                         auk_error *err);
void auk_applier_close(auk_applier *applier); /* NULL is fine */
/* Is it to be opened anew? A write met a full disk, whoever's: the applier's, in a caller's thread
 * too, or one that readers' views are held back for (publication.h). */
bool auk_applier_is_uncertain(const auk_applier *applier);

/* A table as it is now: all tables of a document before the first row of any, and again when one
 * changed. AUK_INVALID: a document names columns that are not there, or predicates that do not
 * fit; then nothing changed. A table that no document names is no error. */
AUK_MUST_CHECK auk_code auk_applier_describe(auk_applier *applier, const auk_table *table,
                                             auk_error *err);
/* The concrete index that documents[number] are written to: a generation that stands by while it is
 * loaded, or the one in use. */
void auk_applier_set_index(auk_applier *applier, uint32_t number, auk_span concrete_index);

/* ---- the snapshot ---- */

/* Columns of the tuple are those of the table described, in its order. */
typedef struct auk_chunk_source {
    uint32_t table;           /* OID */
    uint64_t number;          /* of the chunk: its state is written in the batch of its rows */
    auk_pg_snapshot snapshot; /* that it was read in */
    auk_lsn high;             /* insert LSN after it was read */
    /* The next row, as columns of the table described; false: no more. */
    auk_code (*next)(void *context, auk_tuple *out, bool *end, auk_error *err);
    void *context;
} auk_chunk_source;
/* Rows of one chunk to the row store, in bounded batches. Documents are built by _build once all
 * chunks of all tables are in; a root without children is written at once. A chunk that fails
 * midway is loaded again as a whole. */
AUK_MUST_CHECK auk_code auk_applier_load(auk_applier *applier, const auk_chunk_source *chunk,
                                         uint64_t *rows, auk_error *err);
bool auk_applier_has_chunk(auk_applier *applier, uint32_t table, uint64_t number);
/* The table is to be loaded anew: its chunks are forgotten, and what was known of it so far goes
 * in _build unless it is loaded again or changed since. */
AUK_MUST_CHECK auk_code auk_applier_restart_table(auk_applier *applier, uint32_t table,
                                                  auk_error *err);
/* Builds the documents of all roots of documents[number] from the row store, and shows them;
 * resumable. After the last chunk, also for a root without children. */
AUK_MUST_CHECK auk_code auk_applier_build(auk_applier *applier, uint32_t number,
                                          bool (*stopped)(void *context), void *context,
                                          auk_error *err);
/* Highest `high` of the chunks: when applied has passed it the generation is whole. */
auk_lsn auk_applier_whole_at(auk_applier *applier);

/* ---- the stream ---- */

/* Takes a transaction into the group; publishes when the group is full, or in passes when the
 * transaction is. On success the transaction is released; else it stays the caller's, who takes the
 * same one again before any other. AUK_TOO_LARGE: more dead letters wait than
 * config.dead_letters_most; nothing was taken. */
AUK_MUST_CHECK auk_code auk_applier_take(auk_applier *applier, auk_transaction *transaction,
                                         auk_error *err);
/* Publishes the group: durable and visible on return. Nothing waits: nothing happens. */
AUK_MUST_CHECK auk_code auk_applier_publish(auk_applier *applier, auk_error *err);
bool auk_applier_has_group(const auk_applier *applier);
void auk_applier_read_position(auk_applier *applier, auk_sync_position *out);
/* The position up to which it holds what the server's log had: transactions, and rows that were
 * read. */
auk_lsn auk_applier_holds(auk_applier *applier);
/* The log goes on on another timeline, at `fork`: all that it holds is before it. */
AUK_MUST_CHECK auk_code auk_applier_go_over(auk_applier *applier, uint32_t timeline, auk_lsn fork,
                                            auk_error *err);
/* First position of a source, or after a re-snapshot. */
AUK_MUST_CHECK auk_code auk_applier_set_position(auk_applier *applier,
                                                 const auk_sync_position *position, auk_error *err);

/* Rows whose values were not sent and are not known (TOAST): (table, key) pairs to be read again
 * from the source; the document keeps its last good state until then. Called in the thread of
 * _publish. */
typedef struct auk_reread {
    uint32_t table;
    const auk_span *key; /* text values, in the key's order */
    uint32_t key_count;
    uint32_t xid; /* the read's snapshot must see it */
} auk_reread;
uint32_t auk_applier_list_rereads(auk_applier *applier, uint32_t most, auk_arena *arena,
                                  auk_reread **out);
/* row: as it is now under that snapshot; NULL: it is gone. */
/* high: insert LSN after it was read. */
AUK_MUST_CHECK auk_code auk_applier_put_reread(auk_applier *applier, const auk_reread *what,
                                               const auk_tuple *row,
                                               const auk_pg_snapshot *snapshot, auk_lsn high,
                                               auk_error *err);

/* Rows that verification found wrong, as one snapshot has them, all that it saw being applied. */
typedef struct auk_mending {
    uint32_t table;
    const auk_pg_snapshot *snapshot;
    auk_lsn high;
    uint64_t attempt; /* 0 at first: its chunk (chunks.h) */
} auk_mending;
/* row NULL: there is none. A change that the snapshot does not see stays. Shown by _publish. */
AUK_MUST_CHECK auk_code auk_applier_mend(auk_applier *applier, auk_mending *mending,
                                         const auk_span *key, uint32_t key_count,
                                         const auk_tuple *row, auk_error *err);

/* ---- dead letters ---- */

AUK_MUST_CHECK auk_code auk_applier_write_dead(auk_applier *applier, uint32_t from, uint32_t size,
                                               auk_json_writer *out, auk_error *err);
/* id empty: all. Retry builds the documents from the rows stored; those that fail again stay. */
AUK_MUST_CHECK auk_code auk_applier_retry_dead(auk_applier *applier, auk_span id, uint64_t *mended,
                                               auk_error *err);
AUK_MUST_CHECK auk_code auk_applier_discard_dead(auk_applier *applier, auk_span id,
                                                 uint64_t *discarded, auk_error *err);

/* ---- verification ---- */

/* Count and exclusive or of 64-bit hashes of the rows stored of a table with keys in [from, to)
 * (text values; count 0: open end), as verification compares them with the source's. Keys are
 * ordered as integers for columns of integer types, else by the bytes of their texts (COLLATE "C").
 * AUK_BUSY of all of these while transactions are half applied. */
typedef struct auk_key_range {
    const auk_span *from, *to;
    uint32_t from_count, to_count;
} auk_key_range;
typedef struct auk_range_sum {
    uint64_t rows, hash;
} auk_range_sum;
AUK_MUST_CHECK auk_code auk_applier_sum(auk_applier *applier, uint32_t table,
                                        const auk_key_range *range, auk_range_sum *out,
                                        auk_error *err);
/* The key of the row that follows `rows` others of the range; NULL: it has no more. */
AUK_MUST_CHECK auk_code auk_applier_seek(auk_applier *applier, uint32_t table,
                                         const auk_key_range *range, uint64_t rows,
                                         auk_arena *arena, const auk_span **key, auk_error *err);

/* The hash of a row read from the source; *counts false: such a row is not stored. */
AUK_MUST_CHECK auk_code auk_applier_hash_row(auk_applier *applier, uint32_t table,
                                             const auk_tuple *row, uint64_t *hash, bool *counts,
                                             auk_error *err);
/* Which columns hashes are of; *whole: every row of the source is stored. AUK_BUSY: the table is
 * known with other columns. */
AUK_MUST_CHECK auk_code auk_applier_read_needed(auk_applier *applier, const auk_table *table,
                                                auk_arena *arena, const bool **needed, bool *whole,
                                                auk_error *err);

/* A row stored. */
typedef struct auk_row_sum {
    const auk_span *key; /* text values, in the key's order */
    uint32_t key_count;
    uint64_t hash;
    uint32_t xid; /* of the transaction that wrote it; 0: it was read from the source */
} auk_row_sum;
/* At most `most` of the range, in the order of keys. */
AUK_MUST_CHECK auk_code auk_applier_list_hashes(auk_applier *applier, uint32_t table,
                                                const auk_key_range *range, uint32_t most,
                                                auk_arena *arena, auk_row_sum **out,
                                                uint32_t *count, auk_error *err);
AUK_MUST_CHECK auk_code auk_applier_find_hash(auk_applier *applier, uint32_t table,
                                              const auk_span *key, uint32_t key_count,
                                              auk_row_sum *out, bool *found, auk_error *err);

/* May be compared: what is applied is what is stored. */
bool auk_applier_is_quiet(const auk_applier *applier);

/* From now on rows of the table that go are noted in the watch (row_store.h). */
AUK_MUST_CHECK auk_code auk_applier_watch(auk_applier *applier, uint32_t table,
                                          auk_row_watch *watch, auk_error *err);
bool auk_applier_has_gone(auk_applier *applier, const auk_row_watch *watch, const auk_span *key,
                          uint32_t key_count);

typedef struct auk_applier_stats {
    uint64_t transactions, inserts, updates, deletes, truncates, documents, unchanged_documents;
    uint64_t skipped_visible, toast_from_row, rereads_pending, dead_letters;
    uint64_t dead_values,
        dead_mappings; /* so far: what no value, or no document, could be made of */
    uint64_t dirty_roots, publishes, publish_us, unmapped_values;
    uint64_t fanout_most; /* documents that one row changed, at most so far */
    uint64_t waves,
        waves_pending; /* passes over what was too large for a group; 1 while one runs */
    uint64_t commit_to_searchable_us[16]; /* histogram: below 1, 2, 4 ... 16384 ms, and above */
    uint64_t searchable_ms;               /* their sum */
    int64_t last_commit_us;               /* of the newest transaction published */
} auk_applier_stats;
void auk_applier_read_stats(auk_applier *applier, auk_applier_stats *out);

/* Of one table, since the applier was opened; by auk_row_change_kind, without messages. */
#define AUK_TABLE_CHANGES 4
typedef struct auk_table_changes {
    auk_span schema, name;
    uint64_t counts[AUK_TABLE_CHANGES];
} auk_table_changes;
/* Calls for each table that changed; the call uses nothing of the applier's. Any thread. */
void auk_applier_each_table(auk_applier *applier,
                            void (*call)(void *context, const auk_table_changes *changes),
                            void *context);

/* Did an earlier life end amid a whole? Then what is durable of its documents must not be seen
 * before an applier is through with it: whoever starts the process hides their indices for this
 * reason, and the applier shows them. */
#define AUK_APPLIER_HALF "a large transaction is being applied"
bool auk_applier_is_amid_whole(auk_store *store, uint64_t source);
/* Adds what removes all keys of the source. */
void auk_applier_erase(uint64_t source, auk_batch *batch);

#endif
