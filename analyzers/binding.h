/*
 * binding.h - what a component learns once it has its place in a chain: what stands before it, and
 * the components that the index defines.
 *
 *   Lifetime  the call; what is bound lives in the arena.   Threads  one.   Memory  that arena.
 *   Errors    AUK_INVALID.
 */
#ifndef AUK_BINDING_H
#define AUK_BINDING_H

#include "builder.h"

struct auk_binding {
    const auk_builder *builder;
    const auk_analyzer *before; /* the chain so far */
    auk_arena *arena;
};

/* Binds all filters of an analyzer that want it, first to last. */
AUK_MUST_CHECK auk_code auk_analyzer_bind(const auk_builder *builder, auk_analyzer *analyzer,
                                          auk_error *err);

/* The chain before, as rules of synonyms go through it: without what is left out there. */
AUK_MUST_CHECK auk_code auk_binding_chain_for_synonyms(const auk_binding *binding,
                                                       auk_analyzer *out, auk_error *err);

#endif
