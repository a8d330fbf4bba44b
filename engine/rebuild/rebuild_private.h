/*
 * rebuild_private.h - one rebuild behind its handle, and the steps that its files share.
 *
 * Keys of the family "catalog":
 *   rebuild/<task, 20 digits>                        the record, JSON (record.c)
 *   rejected/<task, 20 digits>/<n or o>/<id>         why the new or the old generation refuses that
 *                                                    document, JSON (refusals.c)
 *
 *   Lifetime  counted; its thread, the registry and those who wait hold counts.
 *   Threads   the rebuild's thread owns all fields but those said otherwise.
 *   Memory    a few kilobytes, and an entry a document refused.
 *   Errors    none.
 */
#ifndef AUK_REBUILD_PRIVATE_H
#define AUK_REBUILD_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "auk/change.h"
#include "auk/clock.h"
#include "auk/generation.h"
#include "auk/json.h"
#include "auk/log.h"
#include "auk/rebuild.h"
#include "auk/transform.h"

#include "refusals.h"

typedef enum auk_phase {
    AUK_PHASE_CREATE,
    AUK_PHASE_COPY,
    AUK_PHASE_CATCH_UP,
    AUK_PHASE_VERIFY,
    AUK_PHASE_READY,
    AUK_PHASE_DONE,
    AUK_PHASE_GONE, /* failed, cancelled or over: what is left is being removed */
} auk_phase;

const char *auk_phase_name(auk_phase phase);

/* What the body asked for. */
typedef struct auk_rebuild_wishes {
    uint64_t docs_per_second; /* 0: as fast as it goes */
    int64_t keep_old_ms;
    uint64_t max_rejected;
    bool verify, manual;
    auk_transforms transforms;
    const struct auk_query *query; /* NULL: all documents */
    const auk_json *queries;       /* a list; NULL: none */
} auk_rebuild_wishes;

/* A segment of the old generation, and how many of its first documents are over. */
typedef struct auk_copied {
    uint32_t shard;
    uint64_t segment;
    uint32_t documents;
} auk_copied;

typedef struct auk_rebuild_counts {
    atomic_uint_least64_t total, copied, rejected_ever;
    atomic_uint_least64_t during_copy, during_catch_up, during_fence; /* operations followed */
} auk_rebuild_counts;

struct auk_rebuild {
    atomic_uint references;
    auk_rebuilds *owner;
    auk_catalog *catalog;
    auk_rebuild *next; /* the registry's lock */
    pthread_t thread;
    atomic_bool is_over; /* its thread has nothing more to do */

    uint64_t task;
    auk_job *job; /* NULL: the task is finished */
    auk_arena *arena;
    auk_span name, new_name, rename; /* asked for; of the new one; of the old one afterwards */
    auk_span body;                   /* JSON */
    auk_rebuild_wishes wishes;
    int64_t started_ms;
    auk_index *old;
    _Atomic(auk_index *) new;
    uint32_t old_shards, new_shards;

    _Atomic(auk_phase) phase;
    atomic_bool leads_new; /* after the switch: the new one is in use */
    atomic_bool is_fresh;  /* the copy's view is of this process: it is the moment of `starts` */
    int64_t *starts;       /* of the old one's shards: the moment that is copied */
    int64_t *positions;    /* of the leader's shards: applied to the follower */
    auk_copied *done;      /* from the record, then of the copy under way */
    uint32_t done_count;
    int64_t keep_until_ms;
    uint64_t copy_from_us, copy_us, fence_us, saved_us, checked_us;
    bool verified;
    atomic_bool is_fenced; /* writers wait for us: the switch is under way */
    bool is_told;          /* the task has its answer */
    auk_span ranks;        /* what the queries gave, JSON; empty: nothing */
    /* of the moment that is verified: what the query is asked of; NULL: the newest */
    auk_shard_view **moment;
    auk_rebuild_counts counts;
    auk_refusals refusals[2]; /* of the new one, of the old one */

    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* under lock */
    bool asked, settled; /* for a switch; it has been tried */
    auk_rebuild_way way;
    auk_error outcome;
    bool superseded; /* a later rebuild has taken over: end */
};

struct auk_rebuilds {
    auk_rebuilds_options options;
    pthread_mutex_t lock;
    auk_rebuild *first;
    atomic_bool stopping;
};

/* ---- rebuild.c ---- */

auk_rebuild *auk_rebuild_create(auk_rebuilds *owner, uint64_t task);
auk_rebuild *auk_rebuild_acquire(auk_rebuild *r);

/* ---- who leads ---- */

static inline auk_index *auk_rebuild_leader(const auk_rebuild *r)
{
    return r->leads_new ? r->new : r->old;
}
static inline auk_index *auk_rebuild_follower(const auk_rebuild *r)
{
    return r->leads_new ? r->old : r->new;
}
static inline uint32_t auk_rebuild_leader_shards(const auk_rebuild *r)
{
    return r->leads_new ? r->new_shards : r->old_shards;
}
static inline auk_refusals *auk_rebuild_refusals(auk_rebuild *r)
{
    return &r->refusals[r->leads_new ? 1 : 0];
}
/* "rebuild-7": the lease on the leader's shards. */
auk_span auk_rebuild_lease(const auk_rebuild *r, char out[32]);

/* ---- request.c ---- */

/* The wishes of a body; spans and transforms in the arena. */
AUK_MUST_CHECK auk_code auk_rebuild_read_wishes(const auk_json *body, auk_arena *arena,
                                                auk_rebuild_wishes *out, auk_error *err);
/* What auk_generation_create wants for the new generation. */
AUK_MUST_CHECK auk_code auk_rebuild_make_body(auk_rebuild *r, auk_arena *arena,
                                              const auk_json **out, auk_error *err);
/* Names for the new one and, when it must be renamed, for the old one. */
AUK_MUST_CHECK auk_code auk_rebuild_choose_names(auk_catalog *catalog, const auk_index_view *old,
                                                 auk_arena *arena, auk_span *new_name,
                                                 auk_span *rename, auk_error *err);

/* ---- record.c ---- */

void auk_rebuild_put(const auk_rebuild *r, auk_batch *batch);
AUK_MUST_CHECK auk_code auk_rebuild_save(auk_rebuild *r, bool sync, auk_error *err);
/* Everything of it, with the refused documents. */
AUK_MUST_CHECK auk_code auk_rebuild_erase(auk_rebuild *r, auk_error *err);
/* Into one that is new; indices are looked up, NULL when they are gone. */
AUK_MUST_CHECK auk_code auk_rebuild_load(auk_rebuild *r, auk_span record, auk_error *err);

/* ---- apply.c ---- */

/* Carries to the follower. copying: only ids that it does not know; else the last change of each
 * id. shard: of the leader. Tries again while memory is short. */
AUK_MUST_CHECK auk_code auk_rebuild_apply(auk_rebuild *r, uint32_t shard, auk_change *changes,
                                          uint32_t count, bool copying, auk_arena *arena,
                                          auk_error *err);

/* Moves the last change of each id to the end of the list, in their order, and then to its front;
 * answers how many there are. */
uint32_t auk_rebuild_keep_last(auk_change *changes, uint32_t count, auk_arena *arena);

/* ---- follow.c ---- */

/* One round over the leader's shards, up to `until` (a position a shard; NULL: all there is).
 * *applied: operations. */
AUK_MUST_CHECK auk_code auk_rebuild_follow(auk_rebuild *r, const int64_t *until, uint64_t *applied,
                                           auk_error *err);
/* Operations of the leader that the follower lacks. */
AUK_MUST_CHECK auk_code auk_rebuild_lag(auk_rebuild *r, uint64_t *lag, auk_error *err);
/* Moves the leases to the positions, and stores those, now and then; now: at once. */
AUK_MUST_CHECK auk_code auk_rebuild_checkpoint(auk_rebuild *r, bool now, auk_error *err);
/* Opens the leases of the leader: *from receives the least position that the journal is sure to
 * reach back to, a shard. */
AUK_MUST_CHECK auk_code auk_rebuild_open_leases(auk_rebuild *r, auk_index *index, uint32_t shards,
                                                int64_t *from, auk_error *err);
/* Also when the index is gone. */
void auk_rebuild_close_leases(const auk_rebuild *r, auk_index *index, uint32_t shards);

/* ---- copy.c, verify.c ---- */

/* This thread, for good: users go first. */
void auk_rebuild_stand_back(void);

/* The views of an index after a refresh; acquired. */
AUK_MUST_CHECK auk_code auk_rebuild_take_views(auk_index *index, uint32_t shards,
                                               auk_shard_view **out, auk_error *err);
void auk_rebuild_release_views(auk_shard_view **views, uint32_t shards);
/* views: of the old generation. */
AUK_MUST_CHECK auk_code auk_rebuild_copy(auk_rebuild *r, auk_shard_view **views, auk_error *err);
/* Follows to one moment and compares both there. AUK_CONFLICT: they differ. */
AUK_MUST_CHECK auk_code auk_rebuild_verify(auk_rebuild *r, auk_error *err);

/* ---- run.c ---- */

/* The rebuild's thread; context is the rebuild. */
void *auk_rebuild_run(void *context);
/* AUK_CANCELLED: the task is cancelled; AUK_BUSY: the node stops; AUK_FULL: the disk is short. Also
 * tells the task how far it is. */
AUK_MUST_CHECK auk_code auk_rebuild_check(auk_rebuild *r, auk_error *err);

#endif
