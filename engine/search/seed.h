/*
 * seed.h - a score that the best k hits reach, known before the first document is looked at.
 *
 * Long lists keep what their 10th, 100th and 1000th best documents reach (the codec's postings.h).
 * A union scores at least what the best of its terms gives, and one segment alone is enough, so the
 * greatest over both holds. Where deletions, filters, or other clauses that must match may take
 * such documents away, nothing is known.
 *
 *   Lifetime  none.   Threads  any.   Memory  none.   Errors  none: 0.
 */
#ifndef AUK_SEED_H
#define AUK_SEED_H

#include "run.h"

float auk_seed_floor(const auk_plan *plan, const auk_run_unit *unit, uint32_t k);

#endif
