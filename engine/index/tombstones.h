/*
 * tombstones.h - ids that were deleted not long ago, with what a later write of them must know.
 *
 * A delete leaves its version and sequence number here so that the next write of the id goes on
 * counting. They are collected by sequence number, not by clock, so that the same operations give
 * the same answers everywhere. The table is kept in memory; segments carry the tombstones of their
 * operations, so that it can be made again.
 *
 *   Lifetime  _init .. _deinit; ids are copied.
 *   Threads   under the shard's lock.
 *   Memory    about 100 bytes and the id's own an id; as many dead entries at most. Whoever adds
 *             collects, too.
 *   Errors    none.
 */
#ifndef AUK_TOMBSTONES_H
#define AUK_TOMBSTONES_H

#include "auk/segment.h"

#include "vector.h"

typedef struct auk_tombstone_entry {
    auk_tombstone tombstone; /* id: heap, of the table; NULL data: superseded */
    uint64_t hash;
} auk_tombstone_entry;

typedef struct auk_tombstones {
    AUK_VECTOR(auk_tombstone_entry) entries; /* by rising sequence number */
    uint32_t *slots;                         /* index + 1 */
    uint32_t slot_count;
    uint32_t alive;
    size_t bytes; /* of what is alive */
} auk_tombstones;

void auk_tombstones_init(auk_tombstones *table);
void auk_tombstones_deinit(auk_tombstones *table);

/* Sequence numbers must rise from call to call; an older tombstone of the id is superseded. */
void auk_tombstones_add(auk_tombstones *table, const auk_tombstone *tombstone, uint64_t id_hash);
/* NULL: none. Borrowed until the table changes. */
const auk_tombstone *auk_tombstones_find(const auk_tombstones *table, auk_span id,
                                         uint64_t id_hash);
void auk_tombstones_remove(auk_tombstones *table, auk_span id, uint64_t id_hash);
/* Forgets what is below that sequence number. */
void auk_tombstones_collect(auk_tombstones *table, int64_t below);

#endif
