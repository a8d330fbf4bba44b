/*
 * spool_log.h - what was received, on disk before the server is told so: the spool that may
 * acknowledge.
 *
 * Messages of the stream as they came, in files one after another. After a crash they are read
 * again as if they came from the server; what was under way at the end is sent again by it, for it
 * goes on behind the last whole transaction. The position is the highest below which everything is
 * in synced blocks.
 *
 *   file   <number, ten digits>.log: blocks
 *   block  | magic u32 | stored u32 | raw u32 | CRC-32C u32 | position u64 | zstd |
 *          little endian; the checksum is of the position and of what is stored
 *   raw    records: | size u32 | kind u8 | position u64 | bytes |
 *            S  a session begins: what was under way before is sent again
 *            R  what a relation looks like, OID big endian first: at the head of each file, so that
 *               those before it can go
 *            m  a message of pgoutput
 *            k  a keepalive: everything below the position was sent
 *   first  | number u64 | CRC-32C u32 |: of the file that the rest begins with
 *
 * The last block may be cut, by the crash that it met: it was not told to anybody. What is missing
 * otherwise ends what can be read there; who holds the position against the slot's finds the gap.
 *
 *   Lifetime  _open .. _close.   Threads  one; _bytes and _position any.
 *   Memory    a block of 256 KiB packed and raw; 32 bytes a file.
 *   Errors    AUK_IO, AUK_FULL.
 */
#ifndef AUK_SYNC_SPOOL_LOG_H
#define AUK_SYNC_SPOOL_LOG_H

#include "row_change.h"

#include "auk/error.h"
#include "auk/span.h"

typedef struct auk_spool_log auk_spool_log;

typedef struct auk_spool_record {
    char kind;
    auk_lsn position;
    auk_span bytes;
} auk_spool_record;

/* Is there anything of one? */
bool auk_spool_log_exists(const char *directory);
/* Removes all of it. */
AUK_MUST_CHECK auk_code auk_spool_log_remove(const char *directory, auk_error *err);

/* Checks what is there; the directory is made. file_bytes: of each; 0: 64 MiB. */
AUK_MUST_CHECK auk_code auk_spool_log_open(const char *directory, uint64_t file_bytes,
                                           auk_spool_log **out, auk_error *err);
void auk_spool_log_close(auk_spool_log *log); /* NULL is fine; what is not synced is lost */

/* Everything up to there is in it, or was applied when it began; 0: it is empty. */
auk_lsn auk_spool_log_position(const auk_spool_log *log);
uint64_t auk_spool_log_bytes(const auk_spool_log *log);
/* Why less of it can be read than was written; NULL: nothing is missing that could be seen. */
const char *auk_spool_log_damage(const auk_spool_log *log);

/* ---- what is there, once, before the first _append; spans until the next call ---- */

AUK_MUST_CHECK auk_code auk_spool_log_read(auk_spool_log *log, auk_spool_record *out, bool *end,
                                           auk_error *err);

/* ---- more ---- */

/* position: of a record after which a transaction is whole, else 0. */
AUK_MUST_CHECK auk_code auk_spool_log_append(auk_spool_log *log, const auk_spool_record *record,
                                             auk_error *err);
/* A sync would move the position. */
bool auk_spool_log_is_dirty(const auk_spool_log *log);
AUK_MUST_CHECK auk_code auk_spool_log_sync(auk_spool_log *log, auk_error *err);
/* The file is full: to be asked between transactions, and answered by _rotate and R records. */
bool auk_spool_log_is_due(const auk_spool_log *log);
AUK_MUST_CHECK auk_code auk_spool_log_rotate(auk_spool_log *log, auk_error *err);

/* ---- what may go ---- */

/* Number of the file that the last record was read from or goes to. */
uint64_t auk_spool_log_file(const auk_spool_log *log);
/* A transaction that began in that file is under way, and then ends there or is none. */
void auk_spool_log_enter(auk_spool_log *log, uint64_t file);
void auk_spool_log_leave(auk_spool_log *log, uint64_t file, auk_lsn end);
/* Removes files that hold nothing but what is applied; never the last. */
AUK_MUST_CHECK auk_code auk_spool_log_trim(auk_spool_log *log, auk_lsn applied, auk_error *err);

#endif
