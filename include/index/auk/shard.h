/*
 * shard.h - one shard: takes operations, makes them durable, turns them into segments, publishes
 * views.
 *
 * A write goes: private inverted form of each document (any thread) -> the shard's short lock:
 * version check, sequence number, buffer, version map together -> one journal value for all
 * operations of the call -> sync -> answer. A refresh turns the buffer into a segment in memory and
 * publishes a new view; a flush writes the segments in memory as one file, commits the manifest and
 * drops the journal below; a merge joins files. The same entries in the same order give the same
 * shard (DESIGN.md 3, 4).
 *
 *   Lifetime  _open .. _close. Views are counted and outlive the shard.
 *   Threads   all calls from any thread. Lock order: merge, flush, refresh lock, shard lock, store.
 *   Memory    buffers and segments in memory are charged to AUK_PURPOSE_INDEXING; past its share
 *             writes are refused with AUK_BUSY before anything is applied, and a flush is asked
 *             for.
 *   Errors    an outcome an operation; the call itself fails only as a whole, with nothing
 *             applied (AUK_BUSY, AUK_FULL). A failed journal write after buffering ends the
 *             process, except a full disk: then the call's operations are taken out again, it
 *             fails with AUK_FULL, and writes are refused until there is space.
 */
#ifndef AUK_SHARD_H
#define AUK_SHARD_H

#include <stdbool.h>
#include <stdint.h>

#include "auk/budget.h"
#include "auk/document.h"
#include "auk/mapping.h"
#include "auk/pool.h"
#include "auk/segment.h"
#include "auk/store.h"

typedef struct auk_shard auk_shard;

/* ---- views: what a search sees ---- */

typedef struct auk_segment_view {
    const auk_segment *segment;
    const uint64_t *live; /* bit a document, 1: live; NULL: all are */
    uint32_t live_count;
    bool in_memory;
    uint64_t id; /* of its file, never used twice; in memory: 0 */
} auk_segment_view;

typedef struct auk_shard_view {
    auk_segment_view *segments; /* oldest first */
    uint32_t segment_count;
    uint64_t live_count;
    int64_t max_seq_no; /* highest sequence number that the view may show */
    uint64_t generation;
} auk_shard_view;

auk_shard_view *auk_shard_view_acquire(const auk_shard_view *view);
void auk_shard_view_release(const auk_shard_view *view);

/* ---- open ---- */

/*
 * What the shard needs from the index that owns it.
 * mapping: the newest version, acquired for the caller (who releases it).
 * extend: adds fields met in a document ({"properties": ...}), makes that durable ahead of the
 * documents that need it, answers the new mapping (acquired); called without the shard's lock.
 * publish: a new view is there (taken by the callee); called under the refresh lock, once at open.
 */
typedef struct auk_shard_host {
    void *context;
    auk_mapping *(*mapping)(void *context);
    auk_code (*extend)(void *context, const auk_json *additions, auk_mapping **out, auk_error *err);
    void (*publish)(void *context, auk_shard_view *view);
    /* Of a shard that shows when told: after a full disk all that is durable is published, also
     * what is to be seen only together with other shards. Until _show it is not for readers. NULL:
     * there are no others. */
    void (*hold)(void *context);
} auk_shard_host;

typedef struct auk_shard_options {
    uint32_t id;               /* of the shard in the store, unique in the node, never used twice */
    bool async_durability;     /* journal writes return unsynced; somebody calls _sync within 5 s */
    size_t buffer_limit_bytes; /* a buffer past this is turned into a segment at once; 0: 16 MB */
    size_t memory_limit_bytes; /* segments in memory past this ask for a flush; 0: 64 MB */
    size_t journal_limit_bytes; /* journal past this asks for a flush; 0: 64 MB. The journals of all
                                   shards should fit the store's journal_bytes */
    int64_t tombstone_retention;   /* operations; 0: 100000 */
    int64_t max_segments_per_tier; /* 0: 8 */
    auk_pool *merge_pool; /* has the merges, whose number is bounded so, and which keep nothing else
                             waiting; NULL: the background pool. Not changed while open */
    uint32_t reorder_from; /* a merge to a file of so many documents gives them an order in which
                              similar ones stand together; 0: 2^18, UINT32_MAX: never,
                              1: any merge (tests) */
    int64_t first_primary_term; /* of a shard that is new; 0: 1 */
    bool shows_when_told; /* a refresh changes nothing, only _show does; what memory cannot hold is
                             flushed unseen */
} auk_shard_options;

AUK_MUST_CHECK auk_code auk_shard_open(auk_store *store, auk_budget *budget, auk_pool *background,
                                       const auk_shard_options *options, const auk_shard_host *host,
                                       auk_shard **out, auk_error *err);
/* For whoever is about to close: no background work begins any more, a merge under way is given up.
 * Everything else still works. */
void auk_shard_stop(auk_shard *shard);
/* The same, and returns when none is under way; _resume takes both back. */
void auk_shard_quiesce(auk_shard *shard);
void auk_shard_resume(auk_shard *shard);
/* Does not flush; call auk_shard_flush first for a quick start next time. */
void auk_shard_close(auk_shard *shard);
/* On: buffers, segments in memory and the journal are kept as small as they may be, at the price of
 * more and smaller files; for work of unbounded size. */
void auk_shard_be_frugal(auk_shard *shard, bool on);
/* Changes what may change while open (async_durability and the limits). */
void auk_shard_set_options(auk_shard *shard, const auk_shard_options *options);
/* Adds to batch what removes every trace of the shard, and the ids of its segments to `segments`
 * (uint64_t each). The shard must be closed or quiet. */
AUK_MUST_CHECK auk_code auk_shard_erase(auk_store *store, uint32_t id, auk_batch *batch,
                                        auk_buffer *segments, auk_error *err);
/* Ids of the segments that manifests name, for auk_store_drop_orphans (uint64_t each). */
AUK_MUST_CHECK auk_code auk_shard_named_segments(auk_store *store, auk_buffer *segments,
                                                 auk_error *err);

/* ---- write ---- */

typedef enum auk_operation_kind {
    AUK_OPERATION_INDEX,  /* create or replace */
    AUK_OPERATION_CREATE, /* fails when the id exists */
    AUK_OPERATION_DELETE,
} auk_operation_kind;

typedef enum auk_version_type {
    AUK_VERSION_INTERNAL,
    AUK_VERSION_EXTERNAL,
    AUK_VERSION_EXTERNAL_GTE,
    AUK_VERSION_CARRIED /* as it was in another shard: taken without a look at the version here */
} auk_version_type;

typedef struct auk_operation {
    auk_operation_kind kind;
    auk_span id;
    bool id_is_generated; /* by us just now: no look-up needed */
    auk_span routing;
    auk_span
        source; /* JSON object, with AUK_JSON_PADDING readable bytes behind it or not, see padded */
    bool source_is_padded;
    const auk_json *parsed; /* when the caller has parsed source already; else NULL */
    auk_version_type version_type;
    int64_t version;   /* all types but internal */
    bool only_unknown; /* carried: fails when the id is known, also as deleted */
    int64_t if_seq_no; /* -1: not asked */
    int64_t if_primary_term;
} auk_operation;

typedef enum auk_result {
    AUK_RESULT_CREATED,
    AUK_RESULT_UPDATED,
    AUK_RESULT_DELETED,
    AUK_RESULT_NOT_FOUND,
    AUK_RESULT_NOOP
} auk_result;

typedef struct auk_outcome {
    auk_result result; /* when error.code is AUK_OK */
    int64_t seq_no;    /* -1: none given */
    int64_t primary_term;
    int64_t version;
    auk_failure error;
} auk_outcome;

/* Applies operations in their order; workers of `pool` help to invert (NULL: this thread). Durable
 * on return unless async. arena: for the words of failed operations. */
AUK_MUST_CHECK auk_code auk_shard_write(auk_shard *shard, const auk_operation *operations,
                                        uint32_t count, auk_pool *pool, auk_arena *arena,
                                        auk_outcome *outcomes, auk_error *err);

/*
 * For answers that rest on what others wrote: returns when the operations up to seq_no are durable,
 * at once when writes are async. AUK_FULL: they may be taken back.
 */
AUK_MUST_CHECK auk_code auk_shard_await_durable(auk_shard *shard, int64_t seq_no, auk_error *err);

/* The same for a caller who has charged auk_shard_write_bytes to AUK_PURPOSE_INDEXING by himself,
 * for all the shards that he writes to, so that none of them is refused: never AUK_BUSY. */
AUK_MUST_CHECK auk_code auk_shard_write_charged(auk_shard *shard, const auk_operation *operations,
                                                uint32_t count, auk_pool *pool, auk_arena *arena,
                                                auk_outcome *outcomes, auk_error *err);
/* What operations of so many bytes of source, id and routing may take until they are counted. */
size_t auk_shard_write_bytes(size_t bytes, uint32_t count);

/*
 * The same in steps, for who has calls on several shards in one batch:
 *
 *     _stage (each) -> _apply_stage (each, one batch) -> auk_store_write, synced -> _end_stage
 * (each)
 *
 * _stage inverts and may fail with nothing applied. After the first _apply_stage there is no way
 * back but a full disk: _end_stage with AUK_FULL has what was applied taken out again; any other
 * failure of the write has to end the process. The memory is the caller's to charge.
 */
typedef struct auk_shard_staged auk_shard_staged;
AUK_MUST_CHECK auk_code auk_shard_stage(auk_shard *shard, const auk_operation *operations,
                                        uint32_t count, auk_pool *pool, auk_arena *arena,
                                        auk_outcome *outcomes, auk_shard_staged **out,
                                        auk_error *err);
/* Adds the journal's entry to the batch; none when no operation was taken. */
AUK_MUST_CHECK auk_code auk_shard_apply_stage(auk_shard_staged *staged, auk_batch *batch,
                                              auk_error *err);
/* code: how the write of the batch ended. Frees it. */
void auk_shard_end_stage(auk_shard_staged *staged, auk_code code);

/* ---- read one document, as of now, published or not ---- */

typedef struct auk_shard_document {
    auk_span id, routing, source; /* in the arena */
    int64_t seq_no, primary_term, version;
} auk_shard_document;

AUK_MUST_CHECK auk_code auk_shard_get(auk_shard *shard, auk_span id, auk_arena *arena,
                                      auk_shard_document *out, bool *found, auk_error *err);

/* The same as of a view. */
AUK_MUST_CHECK auk_code auk_shard_view_get(const auk_shard_view *view, auk_span id,
                                           auk_arena *arena, auk_shard_document *out, bool *found,
                                           auk_error *err);

/* ---- maintenance ---- */

/* Makes everything applied before the call visible. True in *changed when a new view was published.
 */
AUK_MUST_CHECK auk_code auk_shard_refresh(auk_shard *shard, bool *changed, auk_error *err);
bool auk_shard_needs_refresh(const auk_shard *shard);
/* A refresh of a shard that shows when it is told. */
void auk_shard_show(auk_shard *shard);
AUK_MUST_CHECK auk_code auk_shard_flush(auk_shard *shard, auk_error *err);
/* Merges down to at most max_segments (0: only what the policy wants); expunge: also drop deleted
 * documents. */
AUK_MUST_CHECK auk_code auk_shard_force_merge(auk_shard *shard, uint32_t max_segments, bool expunge,
                                              auk_error *err);
/* Called by the node's timer about once a second: flush and merge when due, on the background pool.
 */
void auk_shard_tick(auk_shard *shard);

typedef struct auk_shard_stats {
    uint64_t doc_count, deleted_count;
    uint32_t segment_count, memory_segment_count;
    uint64_t segment_bytes;                     /* on disk */
    uint64_t memory_bytes;                      /* buffers and segments in memory */
    uint64_t journal_bytes, journal_operations; /* above the last commit */
    int64_t max_seq_no, checkpoint;
    uint64_t index_total, delete_total, index_time_us, index_failed;
    uint64_t get_total;
    uint64_t refresh_total, refresh_time_us, flush_total, flush_time_us, merge_total, merge_time_us,
        merge_docs, merge_bytes;
    uint64_t reorder_total, reorder_time_us; /* of those merges */
    uint64_t flush_failed, merge_failed;
    uint32_t merges_running;
} auk_shard_stats;
void auk_shard_read_stats(const auk_shard *shard, auk_shard_stats *out);

/* Work that was tried and failed is tried again ever more rarely: after 1, 2, 4 ... 60 s, at most 5
 * when the disk is full. */
typedef struct auk_work_health {
    uint32_t failures; /* in a row; 0: the last one went well, or there was none */
    uint64_t failures_total;
    uint64_t retry_in_ms;
    auk_code code; /* of the last failure */
    char reason[256];
} auk_work_health;

typedef struct auk_shard_health {
    bool is_blocked; /* takes no writes since the disk was full */
    auk_work_health flush, merge;
} auk_shard_health;
void auk_shard_read_health(auk_shard *shard, auk_shard_health *out);

#endif
