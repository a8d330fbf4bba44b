/*
 * sync.h - databases that this node follows: tables of Postgres become documents, exactly once.
 *
 * A source is a database, a publication, a slot and the indices made of it. It lives by itself:
 *
 *     new -> snapshot -> catchup -> streaming        and, with a word of what to do,
 *               ^           |          |             paused, waiting (connection), gap, lost,
 *               |           |          |             diverged, failed
 *               +-- resync -+----------+
 *
 *   Lifetime  _open after the catalog, _close before it. Sources go on after a restart where they
 *             were.
 *   Threads   any; a source has two threads, and some more while it reads a snapshot.
 *   Memory    per source: the spool's memory and a group of transactions, charged to
 *             AUK_PURPOSE_INDEXING.
 *   Errors    of a call; later ones are the source's state.
 */
#ifndef AUK_SYNC_H
#define AUK_SYNC_H

#include "auk/catalog.h"
#include "auk/json.h"

typedef struct auk_syncs auk_syncs;

typedef struct auk_syncs_options {
    auk_catalog *catalog;
    auk_budget *budget;
    auk_pool *write_pool;
} auk_syncs_options;

AUK_MUST_CHECK auk_code auk_syncs_open(const auk_syncs_options *options, auk_syncs **out,
                                       auk_error *err);
void auk_syncs_close(auk_syncs *syncs);         /* NULL is fine */
bool auk_syncs_has_any(const auk_syncs *syncs); /* takes no lock */

/* Checks the server first; AUK_INVALID carries every finding with the SQL that mends it. Creates
 * or, where only documents were added, extends a source. */
AUK_MUST_CHECK auk_code auk_sync_put(auk_syncs *syncs, auk_span name, const auk_json *body,
                                     auk_error *err);
/* {"ready": bool, "findings": [{"check", "severity", "reason", "sql"}]} of a body that was not put
 * yet. */
AUK_MUST_CHECK auk_code auk_sync_preflight(auk_syncs *syncs, auk_span name, const auk_json *body,
                                           auk_json_writer *out, auk_error *err);
/* body: {"connection": .., "root": table}, and what else a connection needs. Writes a body for
 * _put made of the foreign keys. */
AUK_MUST_CHECK auk_code auk_sync_propose(auk_syncs *syncs, const auk_json *body,
                                         auk_json_writer *out, auk_error *err);
/* drop_indices: else they stay and take writes again. keep_slot: the server is not asked. */
AUK_MUST_CHECK auk_code auk_sync_delete(auk_syncs *syncs, auk_span name, bool drop_indices,
                                        bool keep_slot, auk_error *err);
/* name empty: all. */
AUK_MUST_CHECK auk_code auk_sync_write_stats(auk_syncs *syncs, auk_span name, auk_json_writer *out,
                                             auk_error *err);
void auk_syncs_write_metrics(auk_syncs *syncs, auk_buffer *out); /* Prometheus text */

AUK_MUST_CHECK auk_code auk_sync_pause(auk_syncs *syncs, auk_span name, auk_error *err);
AUK_MUST_CHECK auk_code auk_sync_resume(auk_syncs *syncs, auk_span name, auk_error *err);
/* table empty: all. */
AUK_MUST_CHECK auk_code auk_sync_resync(auk_syncs *syncs, auk_span name, auk_span table,
                                        auk_error *err);
/* A task (job.h). repair: differences are mended, else only listed. */
AUK_MUST_CHECK auk_code auk_sync_verify(auk_syncs *syncs, auk_span name, auk_span table,
                                        bool repair, uint64_t *task, auk_error *err);
AUK_MUST_CHECK auk_code auk_sync_write_dead(auk_syncs *syncs, auk_span name, uint32_t from,
                                            uint32_t size, auk_json_writer *out, auk_error *err);
AUK_MUST_CHECK auk_code auk_sync_retry_dead(auk_syncs *syncs, auk_span name, auk_span id,
                                            uint64_t *mended, auk_error *err);
AUK_MUST_CHECK auk_code auk_sync_discard_dead(auk_syncs *syncs, auk_span name, auk_span id,
                                              uint64_t *discarded, auk_error *err);

/* ---- read your writes ---- */

/* token: "X/Y", "source:timeline:X/Y" or "now", for a search on these indices. A ticket that is
 * asked for until it is reached: nobody sleeps on a thread. */
typedef struct auk_sync_wait {
    uint64_t source; /* by its name */
    uint64_t lsn;
    uint32_t timeline; /* that the position is of; 0: of the one that is followed */
    bool is_lost;      /* it is on no timeline that is followed: the wait is over, and in vain */
    bool is_now;       /* lsn is asked from the server first */
    uint64_t asked;
    uint64_t began_us;
} auk_sync_wait;
AUK_MUST_CHECK auk_code auk_sync_wait_begin(auk_syncs *syncs, auk_span token,
                                            const auk_index_view *const *indices, uint32_t count,
                                            auk_sync_wait *out, auk_error *err);
bool auk_sync_wait_reached(auk_syncs *syncs, auk_sync_wait *wait); /* or is_lost */
/* A request gave up waiting: for the figures. */
void auk_sync_wait_expired(auk_syncs *syncs, const auk_sync_wait *wait);
/* What is applied and searchable of the source that owns the index; false: none does. Text as
 * "shop:1:0/16B3748", in the arena. */
bool auk_sync_applied(auk_syncs *syncs, const auk_index_view *index, auk_arena *arena,
                      auk_span *out);

#endif
