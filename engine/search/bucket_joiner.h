/*
 * bucket_joiner.h - the buckets of several segments as one ascending list, equal keys joined.
 *
 * One source alone is walked where it lies, and its terms are not looked up: a caller asks for the
 * text of those buckets that it keeps. Several sources of terms are merged by the terms' bytes.
 *
 *   Lifetime  the merger's arena; sources are borrowed.
 *   Threads   one.
 *   Memory    some 80 bytes a bucket where there are several sources; charged.
 *   Errors    the budget's, and those of damaged dictionaries.
 */
#ifndef AUK_BUCKET_JOINER_H
#define AUK_BUCKET_JOINER_H

#include "aggregation_kind.h"

typedef struct auk_bucket_source {
    int64_t key;
    auk_span term;
    uint32_t count, id;
    auk_gathered *from;
} auk_bucket_source;

typedef struct auk_bucket_joiner {
    auk_aggregation_merger *merger;
    const auk_partial *const *sources;
    uint32_t source_count;
    const auk_partial *only; /* one source, walked in place */
    bool by_term;            /* keys are terms, which are looked up already */
    const auk_bucket_source *entries;
    uint32_t count, next;
    const auk_partial **sub_sources; /* room for one merge of a sub */
} auk_bucket_joiner;

/* best: the plan of the whole, NULL when there are no sources. */
AUK_MUST_CHECK auk_code auk_bucket_joiner_init(auk_bucket_joiner *joiner,
                                               auk_aggregation_merger *merger,
                                               const auk_aggregation_plan *best,
                                               const auk_partial *const *sources,
                                               uint32_t source_count);
/* One source alone whose buckets were left as slots: walk those instead of asking for the next. */
const auk_gathered *auk_bucket_joiner_slots(const auk_bucket_joiner *joiner);
/* The next bucket: key, count and sources; false at the end. */
bool auk_bucket_joiner_next(auk_bucket_joiner *joiner, auk_bucket *out);
/* Its text, if keys are terms. */
AUK_MUST_CHECK auk_code auk_bucket_joiner_text(auk_bucket_joiner *joiner, auk_bucket *bucket);
/* Its sub-aggregations, over its sources. */
AUK_MUST_CHECK auk_code auk_bucket_joiner_subs(auk_bucket_joiner *joiner,
                                               const auk_aggregation *aggregation,
                                               auk_bucket *bucket);

#endif
