/*
 * shard_state.h - the shard behind its handle, and the steps that its files share.
 *
 * Locks, in this order; each step says which it wants:
 *
 *   merge_lock    one merge at a time
 *   flush_lock    the manifest: which files there are, what is committed of them
 *   refresh_lock  the published view, and replacing entries that it shows
 *   lock          everything else; held for memory work only, never for the store or an analysis
 *
 *   Lifetime  auk_shard_open .. _close.
 *   Threads   as said at each field.
 */
#ifndef AUK_SHARD_STATE_H
#define AUK_SHARD_STATE_H

#include <pthread.h>

#include "auk/change.h"
#include "auk/shard.h"

#include "entry.h"
#include "invert.h"
#include "manifest.h"
#include "tombstones.h"

/* A call whose operations have sequence numbers but are not in the journal yet; on its stack. */
typedef struct auk_in_flight {
    int64_t first, last;
    struct auk_in_flight *previous, *next;
} auk_in_flight;

/* Operations above seq_no stay in the journal for somebody (lease.h). */
typedef struct auk_lease {
    char name[AUK_LEASE_NAME_SIZE];
    size_t name_size;
    int64_t seq_no;
} auk_lease;

typedef struct auk_shard_counters {
    uint64_t index_total, delete_total, index_time_us, index_failed;
    uint64_t get_total;
    uint64_t refresh_total, refresh_time_us;
    uint64_t flush_total, flush_time_us;
    uint64_t merge_total, merge_time_us, merge_docs, merge_bytes;
    uint64_t reorder_total, reorder_time_us;
} auk_shard_counters;

/* Flushes or merges: how the last ones ended. */
typedef struct auk_work {
    uint32_t failures; /* in a row */
    uint64_t failures_total;
    uint64_t next_us; /* by the timer not before this */
    auk_code code;
    char reason[256];
} auk_work;

struct auk_shard {
    auk_store *store;
    auk_budget *budget;
    auk_pool *background; /* may be NULL */
    auk_pool *merge_pool; /* for merges alone; likewise */
    auk_shard_host host;
    uint32_t id;
    int64_t primary_term;

    pthread_mutex_t merge_lock, flush_lock, refresh_lock;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* with lock: a build, a journal write, a flush or a task ended */

    /* under lock */
    auk_shard_options options;
    auk_entry *active;
    auk_entry_list *entries;
    uint64_t next_ordinal;
    auk_tombstones tombstones;
    int64_t max_seq_no;       /* highest given */
    uint64_t mapping_version; /* newest that an applied operation was read with */
    auk_in_flight *in_flight;
    bool is_dirty; /* something was applied since the last published moment */
    auk_shard_view *view;
    int64_t published_seq_no;
    uint64_t view_generation;
    int64_t checkpoint, committed_max_seq_no;
    bool has_gap;         /* the last replay met one that a crash had left (journal_gaps.h) */
    int64_t journal_from; /* entries below are deleted */
    AUK_VECTOR(auk_lease) leases;
    uint64_t journal_bytes; /* above checkpoint */
    size_t memory_bytes;    /* charged to the budget */
    size_t tombstone_bytes; /* likewise */
    uint64_t last_write_us;
    uint32_t tasks; /* queued or running on the pool */
    bool flush_queued, merge_queued, flush_running, is_closing;
    bool is_frugal;
    bool is_blocked;       /* the disk is full: nothing is applied or committed */
    bool is_reloading;     /* what the shard knows of documents is not whole */
    uint32_t reload_count; /* a merge that began before a reload is given up */
    uint32_t merges_running;
    struct auk_pace *merge_pace; /* of the files' merge that runs; NULL: none does */
    uint32_t excess_segments;    /* files above what tiers allow */
    auk_work flushes, merges;
    auk_shard_counters counters;

    pthread_mutex_t inverters_lock;
    AUK_VECTOR(auk_inverter *) inverters; /* idle */
};

/* ---- locate.c: where is the newest version of an id? ---- */

#define AUK_CANDIDATES 3

/* A document with the id in a segment, live or not. */
typedef struct auk_candidate {
    auk_entry *entry;
    auk_doc doc;
    int64_t seq_no, version, primary_term;
} auk_candidate;

/* Fills in what belongs to the document out->doc of the segment. */
AUK_MUST_CHECK auk_code auk_shard_read_candidate(const auk_segment *segment, auk_arena *arena,
                                                 auk_candidate *out, auk_error *err);

/* What a look at a list of segments, without the lock, found out about an id. */
typedef struct auk_prefetch {
    uint64_t generation; /* of the list; 0: none was made */
    uint32_t count;
    auk_candidate candidates[AUK_CANDIDATES]; /* newest first */
} auk_prefetch;

/* A live document or a tombstone. entry NULL: neither document (then is_deleted says whether a
 * tombstone). */
typedef struct auk_located {
    auk_entry *entry;
    uint32_t doc; /* row or document */
    bool is_deleted;
    int64_t seq_no, version, primary_term;
} auk_located;

AUK_MUST_CHECK auk_code auk_shard_prefetch(const auk_entry_list *list, auk_span id,
                                           auk_arena *arena, auk_prefetch *out, auk_error *err);
/* Under lock. prefetch may be NULL; it is used when nothing changed since. */
AUK_MUST_CHECK auk_code auk_shard_locate(auk_shard *shard, auk_span id, uint64_t id_hash,
                                         const auk_prefetch *prefetch, auk_arena *arena,
                                         auk_located *out, auk_error *err);

/* ---- apply.c: under lock ---- */

/* Takes the place of what was located: a new row, numbered and versioned. */
void auk_shard_apply_index(auk_shard *shard, const auk_located *old, const auk_row *row);
void auk_shard_apply_delete(auk_shard *shard, const auk_located *old,
                            const auk_tombstone *tombstone, uint64_t id_hash);

/* ---- build_entry.c ---- */

/* Under lock: what was applied so far becomes an entry that is to be built, and a new buffer is
 * active. */
void auk_shard_swap_active(auk_shard *shard);
/* Builds or waits for every building entry up to that ordinal. Without lock. */
void auk_shard_build_until(auk_shard *shard, uint64_t ordinal);
/* After a write: swaps and has built what passed the limit, here or on the pool. Without lock. */
void auk_shard_build_when_due(auk_shard *shard);

/* ---- publish.c ---- */

/* Under refresh_lock and lock: a view of all that is published, for _publish. */
auk_shard_view *auk_shard_make_view(auk_shard *shard);
/* Under refresh_lock: hands the view to the host. */
void auk_shard_publish(auk_shard *shard, auk_shard_view *view);
/* Under refresh_lock. The first one does nothing to a shard that shows when told. */
void auk_shard_refresh_held(auk_shard *shard, bool *changed);
void auk_shard_show_held(auk_shard *shard, bool *changed);
/* Under refresh_lock, of a shard that shows when told: all that is applied is in segments, and each
 * entry's snapshot says what is live at *seq_no. False: nothing was applied since it was shown. */
bool auk_shard_seal_held(auk_shard *shard, int64_t *seq_no);

/* ---- flush.c ---- */

/* Under lock: waits until every call up to that number is in the journal. */
void auk_shard_await_journal(auk_shard *shard, int64_t seq_no);
/* Under lock: the manifest as it is, without the entries given; the caller adds what is new. */
void auk_shard_describe(auk_shard *shard, auk_entry *const *without, uint32_t without_count,
                        auk_manifest *out);
void auk_shard_put_manifest(const auk_shard *shard, const auk_manifest *manifest, auk_batch *batch);
/* Under lock: bytes charged to the budget and to the shard, or given back. */
void auk_shard_charge(auk_shard *shard, size_t bytes);
void auk_shard_discharge(auk_shard *shard, size_t bytes);
/* Under lock: after the table of tombstones changed. */
void auk_shard_charge_tombstones(auk_shard *shard);

/* ---- replace.c: entries that became one ---- */

/* Sources of a new entry with the maps from their documents to its. */
typedef struct auk_replacement {
    auk_entry *const *sources;
    uint32_t *const *maps; /* an array of maps; NULL map: the same numbers */
    uint32_t count;
    auk_entry *added; /* NULL: nothing came of the sources */
} auk_replacement;

/* Without locks but flush_lock: carries the deletions over, replaces the entries, publishes. */
void auk_shard_replace(auk_shard *shard, const auk_replacement *replacement);

/* ---- tasks.c ---- */

/* Runs on the background pool; false: there is no pool, or it is full. */
bool auk_shard_submit(auk_shard *shard, void (*task)(auk_shard *shard));
/* The same on another pool. */
bool auk_shard_submit_to(auk_shard *shard, auk_pool *pool, void (*task)(auk_shard *shard));
void auk_shard_request_flush(auk_shard *shard);
void auk_shard_request_merge(auk_shard *shard);
/* Notes how work ended, and puts the next try off when it failed. */
void auk_shard_note_work(auk_shard *shard, auk_work *work, auk_code code, const auk_error *err);
/* Under lock. */
bool auk_shard_is_over_limits(const auk_shard *shard);
/* Under lock: of segments in memory, and of one buffer. */
size_t auk_shard_memory_limit(const auk_shard *shard);
size_t auk_shard_buffer_limit(const auk_shard *shard);

/* ---- shard.c ---- */

/* Nobody waits for long work any more. */
bool auk_shard_is_closing(auk_shard *shard);

/* ---- compact.c ---- */

/* Merges as long as the policy wants it; err is not NULL. */
AUK_MUST_CHECK auk_code auk_shard_merge_due(auk_shard *shard, auk_error *err);
/* Under lock, after files came or went: merges hurry, and writers wait a little, when there are far
 * too many. */
void auk_shard_note_segments(auk_shard *shard);
bool auk_shard_has_excess(const auk_shard *shard);
/* Joins segments in memory when there are many. Under flush_lock. */
void auk_shard_merge_memory(auk_shard *shard);

/* ---- recover.c ---- */

AUK_MUST_CHECK auk_code auk_shard_recover(auk_shard *shard, auk_error *err);
/* What the store's manifest names, into a shard without entries. */
AUK_MUST_CHECK auk_code auk_shard_load_manifest(auk_shard *shard, auk_error *err);
/* Applies what the journal has above the checkpoint. */
AUK_MUST_CHECK auk_code auk_shard_replay_journal(auk_shard *shard, auk_error *err);

/* After both: what was given but not found gets no second life. Under flush_lock, or while opening.
 */
AUK_MUST_CHECK auk_code auk_shard_raise_term(auk_shard *shard, auk_error *err);

/* ---- reload.c: a full disk ---- */

/* After a commit that failed: when the disk is full, the store may have it or not, so the shard is
 * blocked until it knows. Under flush_lock. */
void auk_shard_note_full(auk_shard *shard, const auk_error *failure);
/* After a journal write that found the disk full: takes what was not acknowledged out of memory
 * again and lets no write in until _unblock. */
void auk_shard_block(auk_shard *shard);
/* Before a write: opens the store anew when there is space again. AUK_FULL: there is none. */
AUK_MUST_CHECK auk_code auk_shard_unblock(auk_shard *shard, auk_error *err);

/* ---- inverters ---- */

auk_inverter *auk_shard_borrow_inverter(auk_shard *shard);
void auk_shard_return_inverter(auk_shard *shard, auk_inverter *inverter);

#endif
