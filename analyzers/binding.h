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
    auk_span name;                   /* of the filter that is bound */
    const struct auk_binding *outer; /* of the filter that holds it; NULL: it is in the chain */
    unsigned *nested;                /* filters within filters of this chain, so far */
};

/* Binds all filters of an analyzer that want it, first to last. */
AUK_MUST_CHECK auk_code auk_analyzer_bind(const auk_builder *builder, auk_analyzer *analyzer,
                                          auk_error *err);

/*
 * A filter by its name, bound, for one that holds others (condition, multiplexer). *out has no type
 * when there is none of that name. A filter that comes to hold itself is refused, and so are depths
 * and numbers beyond all use: definitions come from outside, and each level multiplies the next.
 */
AUK_MUST_CHECK auk_code auk_binding_nest(const auk_binding *binding, auk_span name,
                                         auk_component *out, auk_error *err);

/* The chain before, as rules of synonyms go through it: without what is left out there. */
AUK_MUST_CHECK auk_code auk_binding_chain_for_synonyms(const auk_binding *binding,
                                                       auk_analyzer *out, auk_error *err);

#endif
