/*
 * relation_map.h - which RELATION message a change was written under.
 *
 * A relation is announced before its first change, and again when it has changed. Transactions that
 * are streamed while others commit have announcements of their own, which count for everybody once
 * they commit; so a lookup asks the transaction's own first.
 *
 *   Lifetime  _create .. _destroy; a relation at least until _tidy. What is announced alike is one.
 *   Threads   one puts; _at from any that learnt of the number afterwards under a lock.
 *   Memory    a relation a change of a table, until _tidy; 16 bytes a table of a transaction under
 *             way.
 *   Errors    AUK_CORRUPT: a change of a relation that was never announced.
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

/* What counts for everybody now; body: as it was announced, behind the OID. */
AUK_MUST_CHECK auk_code auk_relation_map_each(const auk_relation_map *map,
                                              auk_code (*visit)(void *context, uint32_t oid,
                                                                auk_span body, auk_error *err),
                                              void *context, auk_error *err);
bool auk_relation_map_is_untidy(const auk_relation_map *map);
/* No number that was answered is used any more: what counts for nobody goes. */
void auk_relation_map_tidy(auk_relation_map *map);

const auk_relation *auk_relation_map_at(const auk_relation_map *map, uint32_t number);

#endif
