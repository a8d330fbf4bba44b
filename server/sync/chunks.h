/*
 * chunks.h - pieces of tables that were read by a snapshot: which are whole, and what each had
 * seen.
 *
 * Each reading of a piece is an attempt with a number of its own, which the rows it wrote carry as
 * their writer. So the rows of an attempt that did not come to its end are told from others, and
 * count as none. A row that was read by itself (TOAST) is an attempt too, of no chunk.
 *
 *   rule of visibility (cdc.md 4.2): a row written by an attempt contains every transaction that
 *   the attempt's snapshot sees. Once a transaction commits behind `high`, none before it matters.
 *
 *     begun --finish--> whole --(applied passed high)--> the snapshot is forgotten
 *       \--(fails, or the process ends)--> abandoned
 *
 *   Format, version 1, the value of a CHUNK key:
 *   | version u8 | state u8 | table varint | number varint | high varint |
 *   | xmin varint | xmax varint | count varint | in progress, each the distance from the one before
 * |
 *
 *   Lifetime  _open .. _close.   Threads  any.
 *   Memory    some 64 bytes an attempt, and the lists of those in progress.
 *   Errors    AUK_CORRUPT; of the store.
 */
#ifndef AUK_SYNC_CHUNKS_H
#define AUK_SYNC_CHUNKS_H

#include "auk/store.h"
#include "row_change.h"
#include "visibility.h"

#define AUK_CHUNK_NONE    UINT64_MAX       /* number of an attempt that is a single row */
#define AUK_CHUNK_RESTART (UINT64_MAX - 1) /* of a record that says: rows up to high are none */

typedef struct auk_chunks auk_chunks;

AUK_MUST_CHECK auk_code auk_chunks_open(auk_store *store, uint64_t source, auk_lsn applied,
                                        auk_chunks **out, auk_error *err);
void auk_chunks_close(auk_chunks *chunks); /* NULL is fine */

typedef struct auk_chunk {
    uint32_t table;
    uint64_t number;
    auk_pg_snapshot snapshot; /* copied */
    auk_lsn high;
} auk_chunk;

/* Durable before it returns: rows of an attempt that nobody knows are rows of nobody. */
AUK_MUST_CHECK auk_code auk_chunks_begin(auk_chunks *chunks, const auk_chunk *chunk,
                                         uint64_t *attempt, auk_error *err);
/* Adds "whole" to the batch of its last rows; _finish after the batch is durable. */
void auk_chunks_describe(auk_chunks *chunks, uint64_t attempt, auk_batch *batch);
void auk_chunks_finish(auk_chunks *chunks, uint64_t attempt);
void auk_chunks_abandon(auk_chunks *chunks, uint64_t attempt);

bool auk_chunks_is_whole(auk_chunks *chunks, uint32_t table, uint64_t number);
auk_lsn auk_chunks_high(auk_chunks *chunks); /* the highest of all attempts */
/* May there be such rows in the table? */
bool auk_chunks_has_stale(auk_chunks *chunks, uint32_t table);

typedef enum auk_chunk_answer {
    AUK_CHUNK_ABANDONED, /* the row is none */
    AUK_CHUNK_SEES,      /* the transaction is contained */
    AUK_CHUNK_PRECEDES,  /* the row is the state before it */
} auk_chunk_answer;
auk_chunk_answer auk_chunks_ask(auk_chunks *chunks, uint64_t attempt, uint32_t xid,
                                auk_lsn commit_lsn);

/* Transactions below are applied: what only they needed goes from memory. */
void auk_chunks_pass(auk_chunks *chunks, auk_lsn applied);
/* The table is read anew: its chunks so far are abandoned, and rows that transactions up to
 * `applied` wrote are none. */
AUK_MUST_CHECK auk_code auk_chunks_restart(auk_chunks *chunks, uint32_t table, auk_lsn applied,
                                           auk_error *err);
/* Is a row of that writer none? */
bool auk_chunks_is_stale(auk_chunks *chunks, uint32_t table, bool is_chunk, uint64_t number);
/* The abandoned ones of the table have no rows any more. */
void auk_chunks_purge(auk_chunks *chunks, uint32_t table, auk_batch *batch);

#endif
