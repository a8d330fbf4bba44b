/*
 * choose.h - which documents of the old generation the rebuild's query lets through.
 *
 * A query is asked of views. Documents that an operation wrote are looked up in a view taken after
 * it: what is there now is what the new generation gets, and a later operation brings the rest.
 *
 *   Lifetime  the arena given; views are borrowed.
 *   Threads   one a chooser.   Memory  arena.   Errors  of the query: AUK_INVALID.
 */
#ifndef AUK_REBUILD_CHOOSE_H
#define AUK_REBUILD_CHOOSE_H

#include "rebuild_private.h"

typedef struct auk_chooser auk_chooser;

/* Has the rebuild a query that counts now? */
bool auk_rebuild_chooses(const auk_rebuild *r);
/* For one segment of a view; documents are asked for ascending. */
AUK_MUST_CHECK auk_code auk_chooser_open(auk_rebuild *r, auk_shard_view *view, uint32_t segment,
                                         auk_arena *arena, auk_chooser **out, auk_error *err);
/* Also in *err what is damaged, at the end of a segment. */
bool auk_chooser_takes(auk_chooser *chooser, auk_doc doc);
AUK_MUST_CHECK auk_code auk_chooser_status(const auk_chooser *chooser, auk_error *err);
void auk_chooser_close(auk_chooser *chooser); /* NULL is fine */

/* Changes of a leader's shard as the view has their documents: those that the query does not let
 * through become deletes. One change an id, the last. */
AUK_MUST_CHECK auk_code auk_rebuild_choose(auk_rebuild *r, auk_shard_view *view,
                                           auk_changes *changes, auk_arena *arena, auk_error *err);
/* How many documents the query lets through now; says what is wrong with it. */
AUK_MUST_CHECK auk_code auk_rebuild_count_chosen(auk_rebuild *r, const auk_index_view *view,
                                                 uint64_t *out, auk_error *err);

#endif
