/*
 * histogram_fill.h - the answer of a histogram: buckets at even steps, the empty ones among them.
 *
 *   Lifetime  the merger's arena.   Threads  one.   Memory  charged.
 *   Errors    too_many_buckets_exception, before the buckets are made; the budget's.
 */
#ifndef AUK_HISTOGRAM_FILL_H
#define AUK_HISTOGRAM_FILL_H

#include "bucket_order.h"

typedef struct auk_histogram_steps {
    auk_code (*next)(const void *rule, int64_t key, int64_t *out, auk_error *err);
    const void *rule;
    bool has_min, has_max; /* extended bounds, as keys */
    int64_t min, max;
} auk_histogram_steps;

AUK_MUST_CHECK auk_code auk_histogram_merge(auk_aggregation_merger *merger,
                                            const auk_aggregation *aggregation,
                                            const auk_histogram_steps *steps,
                                            const auk_partial *const *sources,
                                            uint32_t source_count, auk_partial *out);
/* By ascending keys; min_doc_count 0. */
void auk_histogram_defaults(auk_aggregation *aggregation);

#endif
