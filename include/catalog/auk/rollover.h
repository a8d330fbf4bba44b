/*
 * rollover.h - the next index behind an alias that is written to.
 *
 * The alias leads its writers from the index that it wrote to until now to one that is made in the
 * same step: one batch has the new index and both aliases, and one root shows them, so that no
 * write falls between. An alias that says which index it writes to (is_write_index) keeps both; any
 * other one moves.
 *
 *   Lifetime  spans of _find: the root, or the arena.
 *   Threads   any.   Memory  arena.
 *   Errors    Elasticsearch's: AUK_INVALID, resource_already_exists_exception, ..
 */
#ifndef AUK_ROLLOVER_H
#define AUK_ROLLOVER_H

#include "auk/catalog.h"

typedef struct auk_rollover {
    const auk_index_view *from; /* what the alias writes to */
    const auk_alias *alias;
    auk_span name, provided; /* of the index to be made; provided may have a date in it */
} auk_rollover;

/* target: an alias. name: of the new index, or empty: the number behind the last '-' goes on. */
AUK_MUST_CHECK auk_code auk_rollover_find(const auk_root *root, auk_span target, auk_span name,
                                          auk_arena *arena, auk_rollover *out, auk_error *err);

/* Would it be done? body: settings, mappings, aliases of the new index; or NULL. */
AUK_MUST_CHECK auk_code auk_rollover_check(auk_catalog *catalog, const auk_rollover *rollover,
                                           const auk_json *body, auk_error *err);
/* AUK_CONFLICT: somebody was faster. */
AUK_MUST_CHECK auk_code auk_rollover_run(auk_catalog *catalog, const auk_rollover *rollover,
                                         const auk_json *body, auk_error *err);

#endif
