/*
 * generation.h - the next generation of an index: filled unseen, put in the place of the one before
 * in one step.
 *
 *     create standby -> fill it through its shards -> switch -> the old one stands by, or goes
 *
 * An index that stands by is one that only its owner writes to, through its shards or by
 * auk_catalog_write as_owner: clients' writes are refused, and wildcards do not see it. A switch
 * closes the fence of the index in use (writers wait, nobody is refused), lets the owner bring the
 * other one up to date, and then moves the aliases, the names and the roles in one batch and one
 * new root. Writers that waited find their way anew. When the index in use has no alias to be
 * called by, it is renamed in the same step and its name becomes an alias of the new one, so that
 * callers notice nothing.
 *
 *   Lifetime  indices are counted (auk_index_acquire).
 *   Threads   any; one switch at a time.
 *   Memory    none.
 *   Errors    those of the catalog; AUK_NOT_FOUND when an index is gone. A switch that fails has
 *             changed nothing.
 */
#ifndef AUK_GENERATION_H
#define AUK_GENERATION_H

#include "auk/catalog.h"

/* body as for auk_catalog_create_index. *out is acquired for the caller. Its primary terms are
 * above those of every index made before, so that an if_seq_no of one of them never fits here. */
AUK_MUST_CHECK auk_code auk_generation_create(auk_catalog *catalog, auk_span name,
                                              const auk_json *body, auk_index **out,
                                              auk_error *err);

/*
 * The body of an index's next generation: its own settings and mappings, in their place what is
 * given (NULL: nothing), or, with merge, that laid over them; a setting of null is taken back.
 */
AUK_MUST_CHECK auk_code auk_generation_body(const auk_index_view *view, const auk_json *settings,
                                            const auk_json *mappings, bool merge, auk_arena *arena,
                                            const auk_json **out, auk_error *err);
/* Would it be taken? */
AUK_MUST_CHECK auk_code auk_generation_check(auk_catalog *catalog, const auk_json *body,
                                             auk_error *err);

typedef struct auk_generation_switch {
    auk_index *from; /* in use; NULL: there was none before */
    auk_index *to;   /* stands by */
    auk_span rename; /* what `from` is called afterwards; empty: its name, and is no alias then */
    /* While nobody writes to `from`: apply its last operations to `to` and make them visible. */
    auk_code (*drain)(void *context, auk_error *err);
    void (*describe)(void *context, auk_batch *batch); /* more for the same batch; NULL: nothing */
    void *context;
} auk_generation_switch;

/* *fenced_us: how long writers were kept waiting. `to` is readable, if it was hidden. */
AUK_MUST_CHECK auk_code auk_generation_run_switch(auk_catalog *catalog,
                                                  const auk_generation_switch *plan,
                                                  uint64_t *fenced_us, auk_error *err);
/* Several in one batch and one root: nobody sees one of them new and another old. */
AUK_MUST_CHECK auk_code auk_generation_run_switches(auk_catalog *catalog,
                                                    const auk_generation_switch *plans,
                                                    uint32_t count, uint64_t *fenced_us,
                                                    auk_error *err);

/* Deletes it, unless that has happened already. */
AUK_MUST_CHECK auk_code auk_generation_drop(auk_catalog *catalog, auk_index *index, auk_error *err);
/* It stands by no longer: an index like any other. */
AUK_MUST_CHECK auk_code auk_generation_release(auk_catalog *catalog, auk_index *index,
                                               auk_error *err);

/* ---- an index for its owner ---- */

/* The index with this uuid; acquired; NULL: there is none. */
auk_index *auk_index_find(auk_catalog *catalog, auk_span uuid);
/* AUK_UNAVAILABLE when it could not be opened at the start. */
AUK_MUST_CHECK auk_code auk_index_check_open(const auk_index *index, auk_error *err);
auk_span auk_index_uuid(auk_index *index, auk_arena *arena); /* copied */
/* Its name as it is now, copied. */
auk_span auk_index_name(auk_index *index, auk_arena *arena);
auk_mapping *auk_index_mapping(auk_index *index); /* acquired */
/* The shards stay open between the two; AUK_NOT_FOUND: the index is deleted. Do not stay long: who
 * deletes the index waits. */
AUK_MUST_CHECK auk_code auk_index_enter(auk_index *index, auk_error *err);
void auk_index_leave(auk_index *index);
auk_shard *auk_index_shard(auk_index *index, uint32_t shard); /* between the two */
/* What searches of that shard see; acquired. */
auk_shard_view *auk_index_shard_view(auk_index *index, uint32_t shard);

#endif
