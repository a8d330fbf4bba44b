/*
 * locals.h - what clients wrote to the fields of a source's documents that are theirs
 * (local_fields).
 *
 *     update by a client --> laid over the document that is there --\
 *                                                                    >-- one publication:
 *     change of the source --> document rendered, --- LOCAL over it -/    documents and LOCAL keys
 *
 * One step at a time, whoever makes it: so a document always is what the source says with what
 * clients said over it, and neither loses the other. The values are kept beside the rows, under the
 * name of the source: a reading anew, a rebuild and a repair find them; a document that goes takes
 * them along. They are no part of rows, hashes and verification.
 *
 *   the value of a LOCAL key, version 1:  | version u8 | routing sized | JSON object |
 *   the object is what the updates of the document make together
 *
 *   Lifetime  _create .. _destroy, within the catalog's.
 *   Threads   any; what says so within _lock.
 *   Memory    none of its own.
 *   Errors    of the store; AUK_CORRUPT for a value that breaks its form.
 */
#ifndef AUK_SYNC_LOCALS_H
#define AUK_SYNC_LOCALS_H

#include "auk/publication.h"
#include "config.h"

typedef struct auk_locals auk_locals;

auk_locals *auk_locals_create(auk_catalog *catalog, auk_span source); /* name copied */
void auk_locals_destroy(auk_locals *locals);                          /* NULL is fine */
/* One step of the source's indices at a time. */
void auk_locals_lock(auk_locals *locals);
void auk_locals_unlock(auk_locals *locals);

/* Is the field, by its dotted path, one of clients? */
bool auk_local_covers(const auk_sync_document *spec, auk_span path);

/* ---- the source's steps; within _lock ---- */

typedef struct auk_local {
    auk_span routing, json; /* json empty: nothing is kept */
} auk_local;

/* What is kept for a document of the index (as clients call it), in the arena. */
AUK_MUST_CHECK auk_code auk_locals_get(auk_locals *locals, auk_span index, auk_span id,
                                       auk_arena *arena, auk_local *out, auk_error *err);
/* The document with it; fields that are not clients' any more are left out. Padded, in the arena.
 */
AUK_MUST_CHECK auk_code auk_local_lay(const auk_local *local, const auk_sync_document *spec,
                                      auk_span source, auk_arena *arena, auk_span *out,
                                      auk_error *err);
void auk_locals_put(auk_locals *locals, auk_span index, auk_span id, const auk_local *local,
                    auk_batch *batch);
void auk_locals_delete(auk_locals *locals, auk_span index, auk_span id, auk_batch *batch);

/* ---- without _lock ---- */

/* Those of documents that the concrete index has not go: it is whole. */
AUK_MUST_CHECK auk_code auk_locals_sweep(auk_locals *locals, auk_span index,
                                         auk_span concrete_index, auk_error *err);
/* All of a source. */
void auk_locals_erase(auk_span source, auk_batch *batch);

/* Where updates of a client go. */
typedef struct auk_local_target {
    const auk_sync_document *spec;
    auk_span name;    /* of the index as clients call it */
    auk_span serving; /* concrete index */
    auk_span standby; /* one that is filled to take its place; empty: none */
} auk_local_target;

typedef struct auk_local_updates {
    auk_locals *locals;
    /* index_not_found_exception: it serves no more. The result is in the arena. */
    auk_code (*find)(void *context, auk_span concrete_index, auk_arena *arena,
                     auk_local_target *out, auk_error *err);
    void *context;
    const auk_write *writes;
    auk_written *written;
    uint32_t count;
    auk_budget *budget;
    auk_arena *arena; /* of the answers */
} auk_local_updates;
/* Answers them all, in their order. */
void auk_locals_update(const auk_local_updates *updates);

#endif
