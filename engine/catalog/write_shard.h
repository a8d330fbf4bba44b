/*
 * write_shard.h - the items of a bulk that go to one shard, in their order.
 *
 *   Lifetime  those of the request's arena.   Threads  a group belongs to one thread.
 *   Memory    group->arena.   Errors  an answer an item.
 */
#ifndef AUK_CATALOG_WRITE_SHARD_H
#define AUK_CATALOG_WRITE_SHARD_H

#include "catalog_private.h"

/* One item on its way: what was asked, where it goes, what becomes of it. */
typedef struct auk_write_item {
    const auk_write *write;
    auk_written *out;
    auk_index *index; /* acquired by the plan's root */
    auk_span routing;
    auk_span id;
    bool generated;
    bool waiting;   /* to be placed: new, or its index went away while it was on its way */
    auk_span owner; /* of its index, who answers it (publication.h); in the arena. Empty: nobody */
    uint64_t id_hash;
    uint32_t group; /* in the plan */
} auk_write_item;

typedef struct auk_write_group {
    auk_index *index;
    uint32_t shard;
    auk_write_item **items;
    uint32_t count, capacity;
    auk_arena *arena; /* of its worker; goes with the request's */
} auk_write_group;

/*
 * Whether a bulk is taken at all, before its first item (admit.c): shippers take mixed answers for
 * success, so a full disk or a want of memory refuses it whole. *charged is of
 * AUK_PURPOSE_INDEXING, for all of its shards, to be released after it.
 */
AUK_MUST_CHECK auk_code auk_write_admit(auk_catalog *catalog, const auk_write *writes,
                                        uint32_t count, size_t *charged, auk_error *err);

/* Answers with an error, whose words are copied to the arena. */
void auk_write_item_fail(auk_write_item *item, const auk_error *err, auk_arena *arena);
/* Runs all items of the group; those whose index is gone are marked as waiting. */
void auk_write_group_run(const auk_write_group *group, auk_pool *pool);

/* ---- owned.c ---- */

/* An index of the owner by its name, or the one that leads under an alias. */
AUK_MUST_CHECK auk_code auk_owned_find(const auk_root *root, auk_span owner, auk_span name,
                                       const auk_index_view **out, auk_error *err);
/* Hands the items whose index has an owner to the gate. True: some are waiting to be placed anew.
 */
bool auk_owned_answer(auk_catalog *catalog, auk_write_item *items, uint32_t count,
                      auk_arena *arena);

#endif
