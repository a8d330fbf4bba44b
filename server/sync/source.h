/*
 * source.h - one database that is followed: its thread, its state, what it has stored.
 *
 *               begin              all chunks in      built, all applied up to
 *      new ----------> snapshot ----------> catchup --------------> streaming
 *       ^                 |                   |    the chunks' high     |
 *       |   resync        |   any time        |                         |
 *       +-----------------+-------------------+-------------------------+
 *                         |
 *        paused   asked for                        _resume
 *        waiting  no connection, or slot in use    tried again, 0.2 to 30 s apart
 *        gap      the slot is ahead of us          _resync
 *        lost     the slot is gone                 _resync makes a new one
 *        diverged the server never had what we     _resync
 *                 hold: it was promoted before
 *        failed   needs a hand                     _resume tries again
 *
 *   new, snapshot, catchup, streaming are phases and durable; the others are why a phase does not
 *   go on. The thread (run.c) owns everything that is not said to be somebody else's.
 *
 * Keys of the family "catalog":
 *   sync/<name>   the record, JSON (record.c)
 *
 *   Lifetime  counted; the registry, its thread and callers hold counts.
 *   Threads   fields under `lock` by all; those of the thread by it, and by callers that hold
 *             `applying` where said.
 *   Memory    a few kilobytes, its tables, the stream's spool and the applier's group.
 *   Errors    of calls; the thread's own become its state.
 */
#ifndef AUK_SYNC_SOURCE_H
#define AUK_SYNC_SOURCE_H

#include <pthread.h>
#include <stdatomic.h>

#include "applier.h"
#include "auk/clock.h"
#include "auk/generation.h"
#include "auk/log.h"
#include "auk/publication.h"
#include "auk/sync.h"
#include "lsn.h"
#include "pg_value.h"
#include "preflight.h"
#include "publication.h"
#include "slot.h"
#include "timeline.h"
#include "xid_window.h"

typedef enum auk_source_phase {
    AUK_SOURCE_NEW,      /* the record is there, nothing else */
    AUK_SOURCE_SNAPSHOT, /* slot, indices and plan are there; chunks are read */
    AUK_SOURCE_CATCHUP,  /* all chunks are in */
    AUK_SOURCE_STREAMING,
} auk_source_phase;

typedef enum auk_source_hold {
    AUK_HOLD_NONE,
    AUK_HOLD_PAUSED,
    AUK_HOLD_WAITING,
    AUK_HOLD_GAP,
    AUK_HOLD_LOST,
    AUK_HOLD_DIVERGED,
    AUK_HOLD_FAILED,
} auk_source_hold;

/* Of the log that the slot may hold back (wal_budget.c). */
typedef enum auk_wal_level {
    AUK_WAL_OK,
    AUK_WAL_USED,
    AUK_WAL_SHORT,
    AUK_WAL_OVER,
} auk_wal_level;

/* A kind of documents with its indices. */
typedef struct auk_source_index {
    auk_span schema, table; /* the root: what tells it from others */
    auk_span name;          /* what clients call it */
    auk_span serving;       /* uuid of what they see; empty: nothing yet */
    auk_span standby;       /* uuid of what is being filled; empty: nothing */
    auk_span former;        /* uuid of what served before, and is to go; empty: nothing */
    bool is_torn; /* what serves ended within a large transaction, and is no answer after a start */
} auk_source_index;

/* A heap that the snapshot reads: chunk n of it holds blocks [n * size, (n + 1) * size), the last
 * one all that follow. */
typedef struct auk_source_heap {
    uint32_t table, id, filenode;
    uint64_t blocks, rows;
    uint64_t first; /* number of its first chunk within the table */
    bool is_gone;   /* dropped meanwhile */
} auk_source_heap;

/* Why a table is not what it was. */
typedef enum auk_table_change {
    AUK_CHANGE_COLUMNS,
    AUK_CHANGE_KEY,
    AUK_CHANGE_HEAPS, /* partitions came or went, or it was rewritten */
    AUK_CHANGE_PUBLICATION,
    AUK_CHANGE_REPLACED,
    AUK_CHANGE_GONE,
    AUK_CHANGE_KINDS,
} auk_table_change;

/* Why a connection has ended. */
typedef enum auk_source_end {
    AUK_END_CONNECTION,
    AUK_END_REFUSED, /* role, password, certificate */
    AUK_END_SLOT,    /* in use, gone, ahead */
    AUK_END_OTHER,
    AUK_END_KINDS,
} auk_source_end;

typedef struct auk_source_counts {
    atomic_uint_least64_t rows_loaded, chunks_done, chunk_retries, rereads;
    atomic_uint_least64_t reconnects[AUK_END_KINDS], slots_lost;
    atomic_uint_least64_t visibility_us; /* that rows waited to be read again */
    atomic_uint_least64_t short_us;      /* that it waited for memory */
    atomic_uint_least64_t schema_changes[AUK_CHANGE_KINDS], waits, wait_timeouts, wait_us;
    atomic_uint_least64_t verified_rows, verified_wrong, verified_mended;
} auk_source_counts;

typedef struct auk_source auk_source;
struct auk_source {
    atomic_uint references;
    auk_syncs *owner;
    auk_source *next; /* the registry's lock */
    pthread_t thread;
    bool has_thread;
    pthread_t verifier; /* of the continuous verification */
    bool has_verifier;

    auk_arena *arena; /* name, body, config: replaced as a whole by a later PUT, under lock */
    auk_span name, body, owner_name; /* owner_name: "sync:shop" */
    auk_sync_config *config;         /* as given */

    /* the record; the thread's, readable under lock */
    auk_source_phase phase;
    uint64_t number; /* prefix of the applier's keys; another one after each resync */
    bool wants_pause;
    auk_arena *plan_arena; /* of the lists */
    auk_source_index *indices;
    uint32_t index_count;
    auk_source_heap *heaps;
    uint32_t heap_count;
    auk_known_table *known;
    uint32_t known_count;
    bool may_extend; /* documents that are new may be taken up: their tables are published */
    uint64_t chunk_total, row_estimate;
    bool known_via_leaves, publishes_all; /* of the publication, as last looked at */
    int64_t verified_ms;                  /* when verification last came through */
    auk_lsn verified_lsn;
    auk_buffer
        verified; /* what the last round of continuous verification found, JSON; under lock */

    /* of one connection; the thread's */
    auk_pg *pg;
    auk_stream *stream;
    bool logs;            /* what the stream brings is kept on disk, and acknowledged from there */
    uint64_t reopened_us; /* when a stream was last opened while chunks are read */
    auk_transaction *pending; /* handed out by the stream, not taken yet */
    auk_arena *table_arena;
    auk_sync_config *expanded;
    auk_source_tables tables;
    auk_pg_types *types;
    auk_xid_window *xids; /* that were taken; asked by verification */
    uint64_t group_us, published_us, polled_us, connected_us, asked_us, publish_took_us;
    uint64_t looked_us; /* at the tables */
    uint64_t unseen_us; /* since when rows wait until their transactions are visible; 0: none */
    bool
        slot_is_useless; /* the publication was made anew: what the slot holds back names another */
    uint32_t attempts;   /* to connect, since it last worked */

    /* the applier: used by who holds `applying`, its statistics also under `lock`; replaced by the
     * thread under both */
    pthread_mutex_t applying;
    atomic_uint visitors; /* callers that wait for it: the thread lets them in */
    auk_applier *applier;
    auk_locals *locals;

    pthread_mutex_t saving; /* around making a record and writing it; before `lock` */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* under lock */
    auk_source_hold hold;
    auk_error why; /* message: the reason, hint: what to do */
    int64_t since_ms;
    bool stopping, wants_resync, wants_retry; /* wants_resync is durable */
    auk_sync_position position;               /* published */
    auk_lsn searchable;                       /* applied, in what clients see */
    auk_slot_state slot;                      /* as last polled; spans in slot_arena */
    auk_arena *slot_arena;
    auk_timelines timelines; /* of the server, as last seen; now 0: of none yet */
    auk_arena *timeline_arena;
    uint64_t slot_polled_us;
    double slot_growth; /* bytes a second that the slot holds back more */
    auk_wal_level wal_level;
    bool copy_paused;                  /* no chunk is begun */
    uint64_t now_wanted, now_answered; /* "now": questions and answers by number */
    auk_lsn now_lsn;
    uint64_t snapshot_us, snapshot_start_rows; /* when this process began to read */
    auk_stream_stats stream_stats;
    auk_pg *interrupt; /* what a stopping owner cancels */

    auk_source_counts counts;
};

struct auk_syncs {
    auk_syncs_options options;
    pthread_mutex_t admin; /* one put or delete at a time; before all other locks */
    pthread_mutex_t lock;
    auk_source *first;
    uint64_t last_number;
    atomic_uint count;
    bool stopping;
};

/* ---- source.c ---- */

auk_source *auk_source_create(auk_syncs *owner, auk_span name);
auk_source *auk_source_acquire(auk_source *source);
void auk_source_release(auk_source *source); /* NULL is fine */
/* Reads a body into the source's configuration; the one it had stays when it is wrong. */
AUK_MUST_CHECK auk_code auk_source_configure(auk_source *source, const auk_json *body,
                                             auk_error *err);
void auk_source_start(auk_source *source);
/* Ends the thread and waits for it. */
void auk_source_stop(auk_source *source);
/* Wakes the thread. Under lock. */
void auk_source_nudge(auk_source *source);
/* Why a phase does not go on. err NULL: it does. */
void auk_source_set_hold(auk_source *source, auk_source_hold hold, const auk_error *err);
const char *auk_source_state_name(const auk_source *source); /* under lock */
bool auk_source_is_stopping(auk_source *source);
/* Uses the applier between the two, NULL when there is none yet. */
auk_applier *auk_source_enter(auk_source *source);
void auk_source_leave(auk_source *source);
uint64_t auk_syncs_next_number(auk_syncs *syncs);
/* What a database that is looked at on request refuses is the request's fault, not ours. */
auk_code auk_sync_blame(auk_code code, auk_error *err);
auk_source *auk_syncs_find(auk_syncs *syncs, auk_span name); /* acquired; NULL */

/* ---- record.c ---- */

void auk_source_put_record(const auk_source *source, auk_batch *batch);
AUK_MUST_CHECK auk_code auk_source_save(auk_source *source, auk_error *err);
AUK_MUST_CHECK auk_code auk_source_load(auk_source *source, auk_span record, auk_error *err);
AUK_MUST_CHECK auk_code auk_source_erase(auk_source *source, auk_error *err);

/* ---- connect.c ---- */

/* The whole of what libpq wants, the password among it, read anew from its file or variable. */
AUK_MUST_CHECK auk_code auk_source_connect(auk_source *source, const auk_sync_config *config,
                                           auk_pg **out, auk_error *err);
/* The conninfo with what the members of the configuration add to it; terminated. */
AUK_MUST_CHECK auk_code auk_source_conninfo(const auk_sync_config *config, auk_arena *arena,
                                            auk_span *out, auk_error *err);
/* "auk <instance> <source>": tells our sessions from those of others. */
auk_span auk_source_application(const auk_source *source, auk_arena *arena);
/* Tables, types, applier: as the source's catalog is now. */
AUK_MUST_CHECK auk_code auk_source_read_tables(auk_source *source, auk_error *err);
/* Under `applying`. */
void auk_source_close_applier(auk_source *source);
/* Connection, slot and applier, up to the moment where a phase can go on. */
AUK_MUST_CHECK auk_code auk_source_open(auk_source *source, auk_error *err);
AUK_MUST_CHECK auk_code auk_source_open_stream(auk_source *source, auk_error *err);
void auk_source_close_stream(auk_source *source);
void auk_source_disconnect(auk_source *source);
/* Is what is received to be kept on disk and acknowledged from there? */
bool auk_source_wants_log(const auk_source *source);
/* What was kept so is of no use any more: all is read anew. */
AUK_MUST_CHECK auk_code auk_source_forget_spool(const auk_source *source, auk_error *err);
AUK_MUST_CHECK auk_code auk_source_poll_slot(auk_source *source, auk_error *err);

/* ---- failover.c ---- */

/* Is what we hold in the log of the server as it is now? Goes over to its timeline, or says why
 * not. */
AUK_MUST_CHECK auk_code auk_source_check_timeline(auk_source *source, auk_error *err);
/* AUK_IO: it was promoted under a connection that lives on; to be looked at anew. */
AUK_MUST_CHECK auk_code auk_source_notice_promotion(const auk_source *source, auk_error *err);

/* ---- indices.c ---- */

/* Is the name free for us, or ours? */
AUK_MUST_CHECK auk_code auk_source_check_names(auk_source *source, const auk_sync_config *config,
                                               auk_error *err);
/* Makes what is to be filled. */
AUK_MUST_CHECK auk_code auk_source_make_indices(auk_source *source, auk_error *err);
/* Tells the applier where to write. */
AUK_MUST_CHECK auk_code auk_source_set_indices(auk_source *source, auk_error *err);
/* What was filled takes the place of what serves, all at once; the phase is streaming. */
AUK_MUST_CHECK auk_code auk_source_switch_indices(auk_source *source, auk_error *err);
/* It is whole: local fields of documents that are no more go. */
AUK_MUST_CHECK auk_code auk_source_sweep_locals(auk_source *source, auk_error *err);
/* What is half filled, or has half of a large transaction, is no answer to anybody. At the start.
 */
void auk_source_hide_indices(auk_source *source);
/* Notes in the indices what the applier's record says of them, before that goes. Under lock. */
void auk_source_note_torn(auk_source *source);
/* Gives them back to everybody, or deletes them. */
AUK_MUST_CHECK auk_code auk_source_drop_indices(auk_source *source, bool delete_them,
                                                auk_error *err);
/* Fields of columns that were added to a table; when one does not fit, a resync is asked for. */
void auk_source_extend_mappings(auk_source *source, uint32_t table);

/* ---- serving.c ---- */

/* What clients see of these documents; NULL: nothing yet. Borrowed from the root. */
const auk_index_view *auk_source_find_serving(const auk_source *source, const auk_root *root,
                                              const auk_source_index *index);
/* At the start, also while the database is away: half of a large transaction is no answer. */
void auk_source_hide_half(auk_source *source);
/* Notes it in the indices before the applier's record of it goes. Under lock. */
void auk_source_note_half(auk_source *source);
/* After a rebuild, or a rollback of one, the generation that serves is written down as ours. */
AUK_MUST_CHECK auk_code auk_source_adopt_serving(auk_source *source, auk_error *err);

/* ---- local_writes.c ---- */

/* Writes of clients to what sources own (publication.h). context: the registry. */
void auk_syncs_take_writes(void *context, auk_span owner, const auk_write *writes,
                           auk_written *written, uint32_t count, auk_arena *arena);

/* A field is local or a column's; said before the source is made. */
AUK_MUST_CHECK auk_code auk_source_check_locals(const auk_sync_config *expanded,
                                                const auk_source_tables *tables, auk_error *err);

/* ---- fields.c ---- */

/* {"properties": {...}}: what a document's columns are mapped to, `mappings` laid over it. */
AUK_MUST_CHECK auk_code auk_source_write_mapping(const auk_sync_document *document,
                                                 const auk_source_tables *tables,
                                                 const auk_pg_types *types, auk_json_writer *out,
                                                 auk_error *err);

/* ---- wal_budget.c ---- */

/* What the slot may still hold back; -1: no end. *most: of what. Under lock, or in the thread. */
double auk_source_wal_left(const auk_source *source, double *most);
const char *auk_wal_level_name(auk_wal_level level);
/* After the slot was looked at. */
void auk_source_weigh_wal(auk_source *source);
bool auk_source_pauses_copy(auk_source *source);
/* Beyond all of it: AUK_NOT_FOUND when the slot was dropped, as the source says. */
AUK_MUST_CHECK auk_code auk_source_act_on_wal(auk_source *source, auk_error *err);

/* ---- snapshot.c ---- */

void auk_snapshot_plan(auk_source *source);
/* A table is read anew: it was rewritten, or more of it is wanted. */
AUK_MUST_CHECK auk_code auk_snapshot_replan(auk_source *source, uint32_t table, auk_error *err);
void auk_snapshot_count(auk_source *source); /* chunks and rows of the plan */
/* Reads all chunks that are not in. AUK_CANCELLED: the source stops, or is asked for something. */
AUK_MUST_CHECK auk_code auk_snapshot_run(auk_source *source, auk_error *err);

/* ---- rereads.c ---- */

AUK_MUST_CHECK auk_code auk_source_reread(auk_source *source, auk_error *err);

/* ---- relate.c ---- */

/* A table that changed: the catalog is read, the applier told, the mapping extended. In the thread,
 * within `applying`. */
AUK_MUST_CHECK auk_code auk_source_relate(auk_source *source, const auk_relation *relation,
                                          auk_error *err);
/* The same for a table that is known, without a word of the stream. */
AUK_MUST_CHECK auk_code auk_source_take_change(auk_source *source, auk_source_table *known,
                                               auk_error *err);
/* And while no chunk is read: one that was read now is of another form. */
AUK_MUST_CHECK auk_code auk_source_renew_table(auk_source *source, uint32_t table, auk_error *err);
/* Until all transactions that write now have ended, and are seen by every snapshot. */
AUK_MUST_CHECK auk_code auk_source_wait_for_writers(auk_source *source, auk_error *err);
/* Tables that fit what is included since. */
AUK_MUST_CHECK auk_code auk_source_look_for_new(auk_source *source, auk_error *err);
/* Documents that are new get indices, and their tables are read. */
AUK_MUST_CHECK auk_code auk_source_extend(auk_source *source, auk_error *err);

/* ---- drift.c ---- */

/* What is followed, by OID, and as it is published now. */
AUK_MUST_CHECK auk_code auk_source_note_tables(auk_source *source, auk_error *err);
/* Now and then: what changed without an event. */
AUK_MUST_CHECK auk_code auk_source_look_at_tables(auk_source *source, auk_error *err);
/* Its rows are to be compared, when the source streams: durable with the next record. */
void auk_source_owe(auk_source *source, uint32_t table, const char *why);
/* A comparison of what was owed then has ended. By any thread. */
void auk_source_settle(auk_source *source, uint32_t table, uint32_t owed, bool is_done);
void auk_source_note_key(auk_source *source, uint32_t table, bool has_key);
void auk_source_ask_resync(auk_source *source);
/* "tables": [{"table", "state", "reason", "sql"}]; under lock. */
void auk_source_write_tables(const auk_source *source, auk_json_writer *out);

/* ---- verify_task.c ---- */

/* A task that compares and mends, and settles what is owed. */
AUK_MUST_CHECK auk_code auk_source_start_compare(auk_source *source, const auk_known_table *table,
                                                 auk_error *err);

/* ---- follow.c ---- */

/* `applying`, after the callers that wait for it. */
void auk_source_lock_applier(auk_source *source);

/* Applies what the slot sends, until something fails or is asked for. */
AUK_MUST_CHECK auk_code auk_source_follow(auk_source *source, auk_error *err);
/* While chunks are read and documents built: the stream, which is spooled, and the slot. */
AUK_MUST_CHECK auk_code auk_source_tend(auk_source *source, auk_error *err);

/* ---- run.c ---- */

void *auk_source_run(void *source);
/* Asked for a pause, a resync, the end? _check_asked: AUK_CANCELLED then. */
bool auk_source_is_asked(auk_source *source);
AUK_MUST_CHECK auk_code auk_source_check_asked(auk_source *source, auk_error *err);
/* Sleeps, or until somebody asks for something. */
void auk_source_rest(auk_source *source, uint32_t ms);

#endif
