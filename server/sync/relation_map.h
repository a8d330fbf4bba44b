/*
 * relation_map.h - which RELATION message a change was written under.
 *
 * A relation is announced before its first change, and again when it has changed. Transactions that
 * are streamed while others commit have announcements of their own, which count for everybody once
 * they commit; so a lookup asks the transaction's own first.
 *
 *   Lifetime  _create .. _destroy. A relation that was announced stays until then: what is
 * announced alike is one, so that there are as many as tables were changed. Threads   one puts; _at
 * from any that learnt of the number afterwards under a lock. Memory    a relation, and 16 bytes a
 * table of a transaction under way. Errors    AUK_CORRUPT: a change of a relation that was never
 * announced.
 */
#ifndef AUK_SYNC_RELATION_MAP_H
#define AUK_SYNC_RELATION_MAP_H

#include "pgoutput.h"

typedef struct auk_relation_map auk_relation_map;

/* Announcements of one transaction under way; zeroed at first. */
typedef struct auk_relation_overlay {
    struct auk_relation_entry *entries;
    uint32_t count, capacity;
} auk_relation_overlay;

auk_relation_map *auk_relation_map_create(void);
void auk_relation_map_destroy(auk_relation_map *map);

/* head: an R. overlay NULL: of everybody. */
AUK_MUST_CHECK auk_code auk_relation_map_put(auk_relation_map *map, auk_relation_overlay *overlay,
                                             const auk_pgoutput_head *head, auk_error *err);
/* Number of the relation that counts now. */
AUK_MUST_CHECK auk_code auk_relation_map_find(auk_relation_map *map,
                                              const auk_relation_overlay *overlay, uint32_t oid,
                                              uint32_t *number, auk_error *err);
/* The transaction committed: what it announced counts for everybody. */
void auk_relation_map_merge(auk_relation_map *map, const auk_relation_overlay *overlay);
void auk_relation_overlay_deinit(auk_relation_overlay *overlay);

const auk_relation *auk_relation_map_at(const auk_relation_map *map, uint32_t number);

#endif
