/*
 * publication.h - an index that has an owner, and the owner's one step: documents of several shards
 * and indices and more keys of its own are durable in one batch and visible in one root.
 *
 *     owner:  items --> shards apply --> describe(outcomes) --> one synced batch --> one new root
 *             (further steps with visible = false come before it: durable, and unseen)
 *
 * Nobody else writes to such an index (cluster_block_exception), unless a gate takes what they
 * write to the owner. No timer, _refresh or flush shows more of it than was published. What a step
 * has applied and not yet shown is flushed unseen when memory asks for it. After a crash between
 * the steps of one whole everything that was durable is seen: an owner whose record says that a
 * whole is under way hides the index until it is through (auk_index_hide).
 *
 *   Lifetime  indices are counted.
 *   Threads   one step at a time an index.
 *   Memory    as a bulk: charged to AUK_PURPOSE_INDEXING.
 *   Errors    an outcome an item; the step fails as a whole with AUK_BUSY or AUK_FULL, and then
 *             nothing of it was taken. AUK_NOT_FOUND: an index is gone, nothing was taken.
 */
#ifndef AUK_PUBLICATION_H
#define AUK_PUBLICATION_H

#include "auk/catalog.h"

/* owner: "sync:shop"; copied, durable, in auk_index_view.owner. Empty: the index is anybody's
 * again. */
AUK_MUST_CHECK auk_code auk_index_set_owner(auk_catalog *catalog, auk_index *index, auk_span owner,
                                            auk_error *err);

/* Searches and gets of it are answered 503 with the reason, until it is shown. Not durable. */
void auk_index_hide(auk_catalog *catalog, auk_index *index, const char *reason);
/* Readable again, if it was hidden for that reason. */
void auk_index_show(auk_catalog *catalog, auk_index *index, const char *reason);

typedef struct auk_publication {
    auk_span owner; /* of every index written to */
    /* AUK_WRITE_INDEX and AUK_WRITE_DELETE, by the names of the indices, version_type internal;
     * the last one of an id wins. May be none. */
    const auk_write *writes;
    auk_written *written; /* answers, before `describe` is called */
    uint32_t count;
    /* More for the same batch; NULL: nothing. */
    void (*describe)(void *context, auk_batch *batch);
    void *context;
    bool visible; /* shows this step and those before it */
    /* visible, but not what others wait to show: where steps of a whole are unseen in an index that
     * clients read, this one is seen with them. */
    bool joins_whole;
    bool frugal; /* one of many steps unseen: memory is kept small until they are shown */
    /* Indices to be shown beside those written to; may be none. */
    auk_index *const *also;
    uint32_t also_count;
} auk_publication;

/* After a full disk a shard has all that is durable, also half of a whole, or a step that failed
 * and came back with the store's log. Readers go on with what they saw until a step is visible (one
 * without writes has to name the indices in `also` then), or until the owner, who knows that what
 * is durable is whole, has it shown. Errors of _show_held: AUK_FULL, nothing is shown yet. */
bool auk_catalog_holds_back(auk_catalog *catalog, auk_span owner);
AUK_MUST_CHECK auk_code auk_catalog_show_held(auk_catalog *catalog, auk_span owner, auk_error *err);

AUK_MUST_CHECK auk_code auk_catalog_publish(auk_catalog *catalog, const auk_publication *step,
                                            auk_arena *arena, auk_error *err);

/* ---- what others write to it ---- */

/*
 * Answers writes of clients to indices of one owner, in their order; the index of each is the
 * concrete one, routing what its alias says. Called in the thread of the write, without locks.
 * index_not_found_exception: it is placed anew, for another index may have taken the place.
 */
typedef struct auk_owner_gate {
    void (*write)(void *context, auk_span owner, const auk_write *writes, auk_written *written,
                  uint32_t count, auk_arena *arena);
    void *context;
} auk_owner_gate;
/* gate NULL: all are refused. While nobody writes. */
void auk_catalog_set_owner_gate(auk_catalog *catalog, const auk_owner_gate *gate);
/* As a write to an index that belongs to somebody is refused. */
auk_code auk_owned_refuse(auk_span index, auk_span owner, auk_error *err);

/* The document as the owner's last step left it, shown or not. The index may be an alias that leads
 * to the owner's. */
AUK_MUST_CHECK auk_code auk_owned_get(auk_catalog *catalog, auk_span owner, const auk_write *what,
                                      auk_arena *arena, auk_shard_document *out, bool *found,
                                      auk_error *err);
/* What an update makes of it: *source is padded. NULL: there is no such document, and *source is
 * what an upsert would add. *noop: nothing would change. */
AUK_MUST_CHECK auk_code auk_owned_update(const auk_write *update, const auk_shard_document *current,
                                         auk_arena *arena, auk_span *source, bool *noop,
                                         auk_error *err);

#endif
