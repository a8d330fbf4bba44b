/*
 * rebuild.h - a new generation of an index under other mappings and settings, while its users go
 * on.
 *
 *     create --> copy --> catch_up --> verify --> ready --> done ......> gone
 *                                        |          ^         |
 *                                        +-- lag ---+         +-- promote, rollback: either leads
 *
 *   create    the next generation stands by (generation.h), leases hold the journal of the old one
 *   copy      documents of one moment of the old one are carried over, several threads at once
 *   catch_up  then its operations since that moment, in their order, until few are left
 *   verify    ids, versions and sources of both at one moment are compared, range by range
 *   ready     follows and waits: for a word when it was asked to, or when documents were refused
 *   done      switched; the one that does not lead follows the one that does, until keep_old is
 *             over, so that a rollback has every write
 *
 * Everything that a restart needs is in the catalog's family: the record says which phase, from
 * which position, what was copied. After a crash the copy goes on with what is not known to be
 * over, taking only ids that the new one does not know; the operations are then applied from the
 * same position as before, in order, so that the last one of each document wins.
 *
 *   Lifetime  _open after the catalog, _close before it. A rebuild that is under way then goes on
 *             after the next _open, under the same number of its task.
 *   Threads   any; each rebuild has a thread, and some more while it copies.
 *   Memory    batches of about a megabyte a thread.
 *   Errors    of the request at _begin; later ones end the task (job.h).
 */
#ifndef AUK_REBUILD_H
#define AUK_REBUILD_H

#include "auk/catalog.h"

typedef struct auk_rebuilds auk_rebuilds;
typedef struct auk_rebuild auk_rebuild;

typedef struct auk_rebuilds_options {
    auk_catalog *catalog;
    auk_budget *budget;
    auk_pool *write_pool;  /* helps to invert what is applied; may be NULL */
    unsigned copy_threads; /* 0: 2 */
} auk_rebuilds_options;

/* Takes up what was under way. */
AUK_MUST_CHECK auk_code auk_rebuilds_open(const auk_rebuilds_options *options, auk_rebuilds **out,
                                          auk_error *err);
void auk_rebuilds_close(auk_rebuilds *rebuilds); /* NULL is fine */

/*
 * Begins one. name: an index, or an alias of one. body, all optional:
 *   settings, mappings   of the new generation; absent: the old one's
 *   merge                true: both are laid over the old one's
 *   transforms           a list, see transform.h
 *   query                only documents that match it
 *   queries              searches that both answer before the switch, for a look at the ranks
 *   max_docs_per_second  of the copy
 *   keep_old             "24h"
 *   verify               true
 *   promote              "auto" or "manual"
 *   max_rejected         0: more refused documents, and the switch waits for a word
 */
AUK_MUST_CHECK auk_code auk_rebuild_begin(auk_rebuilds *rebuilds, auk_span name,
                                          const auk_json *body, uint64_t *task, auk_error *err);

typedef enum auk_rebuild_way { AUK_REBUILD_PROMOTE, AUK_REBUILD_ROLLBACK } auk_rebuild_way;

/*
 * Asks for a switch: the new generation, or the old one, shall lead. *out is acquired; whether it
 * has happened is asked by _settled, and then how by _outcome: *index is what leads, in the arena.
 */
AUK_MUST_CHECK auk_code auk_rebuild_ask(auk_rebuilds *rebuilds, auk_span name, auk_rebuild_way way,
                                        auk_rebuild **out, auk_error *err);
bool auk_rebuild_settled(auk_rebuild *rebuild);
AUK_MUST_CHECK auk_code auk_rebuild_outcome(auk_rebuild *rebuild, auk_arena *arena, auk_span *index,
                                            uint64_t *rejected, auk_error *err);
void auk_rebuild_release(auk_rebuild *rebuild);

/*
 * auk_catalog_put_mapping, for an index that may be under way to its next generation: fields that
 * the index did not have are added to both, so that the switch loses none. AUK_INVALID also when
 * the next generation refuses them.
 */
AUK_MUST_CHECK auk_code auk_rebuilds_put_mapping(auk_rebuilds *rebuilds, auk_span index,
                                                 const auk_json *body, auk_error *err);

/* Documents that a generation refuses: {"total": n, "documents": [{_index, _id, ...}]}, written as
 * members. *found false: no such rebuild, or it is over. */
AUK_MUST_CHECK auk_code auk_rebuild_write_rejected(auk_rebuilds *rebuilds, uint64_t task,
                                                   uint32_t from, uint32_t size,
                                                   auk_json_writer *out, bool *found,
                                                   auk_error *err);

#endif
