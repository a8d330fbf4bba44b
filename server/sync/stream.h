/*
 * stream.h - what a slot sends, as whole committed transactions in commit order.
 *
 * A receiver thread reads the socket, frames, spools and replies; it never waits for the index.
 * Transactions under way (streamed, protocol 2) are spooled by xid, with the ranges of aborted
 * subtransactions dead; what is committed queues up in memory, and past spool_memory_bytes in files
 * of the spool's directory (spool.h). On a lost connection whatever was not committed is forgotten
 * (the server sends it again) and what is queued still comes out of _next before the error does.
 * The server is told (standby status) what _confirm said, or what the log has if that is more, and
 * nothing else, at least every third of wal_sender_timeout, with or without progress.
 *
 *   keepalive k  is queued in order: it comes out of _next as a transaction without changes whose
 *                end_lsn is k, when everything before it has come out. Later ones replace one that
 *                is still queued with nothing behind it.
 *   message      a logical message outside of transactions comes as one of its own: xid 0, one
 *                change, end_lsn the message's.
 *
 *   Lifetime  _open .. _close; a transaction until it is released, at most until _close.
 *   Threads   one consumer; _confirm, _ask, _read_stats from any.
 *   Memory    bounded by options, whatever a transaction's size: spool_memory_bytes, a block of
 *             256 KiB for each of who appends and who reads, and what one change takes. At the
 *             spool's limit on disk reading stops (back-pressure by TCP) while replies go on.
 *             Descriptions of tables go when the queue is empty.
 *   Errors    of _next: AUK_IO (connection lost: open anew), AUK_CONFLICT (slot is held by
 *             another), AUK_NOT_FOUND (slot or publication gone, slot invalidated), AUK_CORRUPT
 *             (protocol, or a spool that does not read back), AUK_FULL (the disk; or transactions
 *             under way alone are beyond spool_limit_bytes), with the server's words and SQLSTATE.
 */
#ifndef AUK_SYNC_STREAM_H
#define AUK_SYNC_STREAM_H

#include "auk/budget.h"
#include "auk/error.h"
#include "row_change.h"

typedef struct auk_stream auk_stream;
typedef struct auk_transaction auk_transaction;

typedef struct auk_stream_options {
    const char *conninfo; /* whole, with the password; replication=database is added */
    const char *slot, *publication;
    const char *application; /* application_name: tells our own dead session */
    const char *password;    /* NULL: what conninfo says */
    uint64_t system_id;      /* with timeline: of the server that was looked at; 0: any */
    uint32_t timeline;
    auk_lsn start;               /* applied so far; transactions with end_lsn <= it are dropped */
    const char *spool_directory; /* made; what is in it is removed */
    uint64_t spool_memory_bytes, spool_limit_bytes;
    /* Where what is received is kept on disk until it is applied (spool_log.h), and acknowledged
     * from there. NULL: acknowledged when it is confirmed. */
    const char *log_directory;
    bool held;                      /* nothing is received before _let_go */
    bool binary;                    /* ask for binary tuples */
    bool whole;                     /* no streaming of transactions under way: protocol 1 */
    uint64_t decoding_memory_bytes; /* logical_decoding_work_mem of our session; 0: the server's */
    uint32_t sender_timeout_ms;     /* wal_sender_timeout of our session; 0: 5 min */
    auk_budget *budget;
} auk_stream_options;

/* Connects, checks, starts replication. */
AUK_MUST_CHECK auk_code auk_stream_open(const auk_stream_options *options, auk_stream **out,
                                        auk_error *err);
void auk_stream_close(auk_stream *stream); /* NULL is fine */

/* What is applied, or kept by the log of a life before: the server may have dropped all below. */
auk_lsn auk_stream_covered(const auk_stream *stream);
/* What is wrong with that log; NULL: nothing that could be seen. */
const char *auk_stream_damage(const auk_stream *stream);
AUK_MUST_CHECK auk_code auk_stream_let_go(auk_stream *stream, auk_error *err); /* of a held one */
/* Nothing more is kept by the log, and it goes when what it has is confirmed. */
void auk_stream_stop_log(auk_stream *stream);
bool auk_stream_has_ended(auk_stream *stream);

/* The next one; *out NULL after timeout_ms without any. */
AUK_MUST_CHECK auk_code auk_stream_next(auk_stream *stream, uint32_t timeout_ms,
                                        auk_transaction **out, auk_error *err);

/* Everything up to lsn is durable with us. */
void auk_stream_confirm(auk_stream *stream, auk_lsn lsn);
/* Asks the server where it stands; the answer comes as a keepalive. */
void auk_stream_ask(auk_stream *stream);

typedef struct auk_transaction_info {
    uint32_t xid; /* 0: a keepalive, or a message outside of transactions */
    auk_lsn commit_lsn, end_lsn;
    int64_t commit_us;     /* Unix time of the commit, microseconds */
    uint64_t change_count; /* aborted ones included */
    uint64_t bytes;
    int64_t received_us; /* our monotonic clock, when its last byte came */
} auk_transaction_info;
const auk_transaction_info *auk_transaction_read_info(const auk_transaction *transaction);

/* Changes in order, without the aborted ones. Spans until the next call. Once only unless
 * _rewind. */
AUK_MUST_CHECK auk_code auk_transaction_next(auk_transaction *transaction, auk_row_change *out,
                                             bool *end, auk_error *err);
AUK_MUST_CHECK auk_code auk_transaction_rewind(auk_transaction *transaction, auk_error *err);
void auk_transaction_release(auk_transaction *transaction);

typedef struct auk_stream_stats {
    auk_lsn received, sent_by_server, confirmed;
    auk_lsn told;    /* to the server */
    auk_lsn spooled; /* in the log's synced part; 0: there is none */
    uint64_t log_bytes;
    bool has_log, is_full;
    uint64_t bytes_received, messages, transactions;
    uint64_t spool_memory_bytes, spool_disk_bytes;
    uint32_t open_streamed; /* transactions under way */
    uint64_t largest_bytes; /* of a transaction, so far */
    uint64_t backpressure_us;
    int64_t last_message_us; /* monotonic */
    bool is_binary;
} auk_stream_stats;
void auk_stream_read_stats(auk_stream *stream, auk_stream_stats *out);

#endif
