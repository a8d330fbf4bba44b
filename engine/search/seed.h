/*
 * seed.h - a score that the best k hits reach, known before the first document is looked at.
 *
 * Long lists keep what their 10th, 100th and 1000th best documents reach (the codec's postings.h).
 * A union scores at least what the best of its terms gives, and one segment alone is enough, so the
 * greatest over both holds. Of an intersection the best documents of its rarest term are looked up
 * in the others, where so many of them are likely to match that k do. Where deletions or filters
 * may take such documents away, nothing is known.
 *
 *   Lifetime  none.   Threads  any.   Memory  the arena.   Errors  none: 0.
 */
#ifndef AUK_SEED_H
#define AUK_SEED_H

#include "run.h"

/* arena NULL: no documents are looked up. */
float auk_seed_floor(const auk_plan *plan, const auk_run_unit *unit, uint32_t k, auk_arena *arena);

#endif
