/*
 * stream_private.h - a stream from inside: what the receiver leaves for the consumer.
 *
 *     receiver --frames--> changes (a chain for all whole transactions), or the chain of an xid
 *              --commit--> commits (a chain of entries, in commit order)
 *     consumer <--entry--- commits; a transaction walks from the entry's first place to its last
 *
 *   Lifetime  auk_stream's.   Threads  fields say whose they are.   Memory  as spool.h.
 *   Errors    as stream.h.
 */
#ifndef AUK_SYNC_STREAM_PRIVATE_H
#define AUK_SYNC_STREAM_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "pg_private.h"
#include "relation_map.h"
#include "spool.h"
#include "spool_log.h"
#include "stream.h"

/* A streamed transaction under way, or committed and not yet released. */
typedef struct auk_streamed {
    struct auk_streamed *next;
    uint32_t xid;
    auk_spool_chain chain;
    auk_relation_overlay relations;
    uint32_t *aborted; /* subtransactions; sorted when it is committed */
    uint32_t aborted_count, aborted_capacity;
    uint64_t change_count, bytes;
    uint64_t file; /* of the log, that it began in */
} auk_streamed;

/* What stands in `commits`. */
typedef struct auk_commit_entry {
    auk_transaction_info info;
    auk_spool_place from, end; /* of a whole one: in `changes`, held by the chain */
    auk_streamed *streamed;    /* else NULL */
} auk_commit_entry;

struct auk_transaction {
    auk_stream *stream;
    auk_commit_entry entry;
    auk_spool_reader reader;
    bool is_held; /* entry.from */
    auk_datum *datums;
    uint32_t datum_capacity;
};

struct auk_stream {
    auk_pg *pg;
    auk_spool *spool;
    auk_relation_map *relations;
    pthread_t thread;
    bool has_thread;
    auk_lsn start;
    uint64_t spool_limit;
    uint64_t status_every_us;

    auk_lsn covered;

    /* the receiver's */
    auk_spool_log *log; /* NULL: none, or none any more */
    char *log_directory;
    bool logs; /* what comes is appended */
    uint64_t whole_file, last_sync_us;
    auk_spool_chain changes;
    auk_spool_place from; /* of the whole transaction that is being read */
    auk_commit_entry whole;
    bool in_whole;
    auk_streamed *under_way; /* list */
    auk_streamed *streaming; /* that the block being read is of */
    uint64_t last_status_us;
    auk_lsn last_confirmed;
    bool has_arrived; /* something that nobody was woken for */
    bool wants_reply; /* the server does */
    bool must_flush;  /* libpq has bytes left to send */

    /* any thread */
    _Atomic uint64_t confirmed, received, sent_by_server, bytes_received, messages, backpressure_us;
    _Atomic int64_t last_message_us;
    _Atomic uint64_t told, spooled, log_bytes;
    atomic_bool ask, blocked, stops_log, has_log, is_full;
    atomic_uint open_streamed;

    pthread_mutex_t lock; /* of what follows */
    pthread_cond_t arrived;
    auk_spool_chain commits;
    auk_spool_place published; /* behind the last entry */
    auk_spool_reader entries;  /* the consumer's */
    auk_commit_entry *idle;    /* a keepalive that nobody took: the entry after `published` */
    auk_commit_entry idle_entry;
    auk_streamed *committed; /* list of those that nobody released */
    uint32_t outstanding;    /* transactions that are taken */
    uint64_t transactions, largest_bytes;
    auk_lsn last_end;
    bool ended;
    auk_error failure;
    bool is_binary;
};

/* stream_receive.c: the thread. */
void *auk_stream_receive(void *stream);

/* stream_message.c: one message of pgoutput, and a keepalive. */
AUK_MUST_CHECK auk_code auk_stream_take(auk_stream *stream, auk_span message, auk_error *err);
/* Wakes who waits, once for all that has come: a switch a transaction is what one costs most. */
void auk_stream_tell(auk_stream *stream);
AUK_MUST_CHECK auk_code auk_stream_take_keepalive(auk_stream *stream, auk_lsn lsn, auk_error *err);
void auk_streamed_destroy(auk_stream *stream, auk_streamed *streamed);
/* The server sends them again. */
void auk_stream_forget_under_way(auk_stream *stream);

/* stream_log.c: the receiver's side of the log. */
AUK_MUST_CHECK auk_code auk_stream_log_message(auk_stream *stream, auk_span message,
                                               auk_error *err);
AUK_MUST_CHECK auk_code auk_stream_log_keepalive(auk_stream *stream, auk_lsn lsn, auk_error *err);
/* The next messages of a life before. *end: there are no more, and what comes is appended. */
AUK_MUST_CHECK auk_code auk_stream_replay_some(auk_stream *stream, bool *end, auk_error *err);
/* Syncs, drops what is applied, ends a log that is not wanted. idle: nothing waits to be read. */
AUK_MUST_CHECK auk_code auk_stream_tend_log(auk_stream *stream, bool idle, auk_error *err);

/* transaction.c */
auk_transaction *auk_transaction_create(auk_stream *stream, const auk_commit_entry *entry);

#endif
