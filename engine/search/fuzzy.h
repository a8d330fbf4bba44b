/*
 * fuzzy.h - the words of a field near a word become a plan.
 *
 * As Lucene's FuzzyQuery: words within so many edits, an edit being a character more, less or
 * other, or two neighbours changed; the nearest of them in each shard, nearness being 1 less edits
 * over the length of the shorter word; each scored by its nearness, with the documents of the most
 * frequent.
 *
 *   Lifetime  plans in the resolver's arena.   Threads  the resolver's.   Memory  arena.
 *   Errors    AUK_CORRUPT; too_many_clauses.
 */
#ifndef AUK_FUZZY_H
#define AUK_FUZZY_H

#include "resolve_private.h"

/* edits: at most 2. *out: NONE where nothing is near. */
AUK_MUST_CHECK auk_code auk_fuzzy_plan(auk_resolver *resolver, const auk_field *field,
                                       auk_span text, uint8_t edits,
                                       const auk_fuzzy_options *options, float boost,
                                       const auk_plan **out, auk_error *err);

#endif
