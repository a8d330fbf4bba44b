/*
 * bucket_order.h - puts buckets in the order of the request, and keeps the first of them.
 *
 *   Lifetime  the merger's arena.   Threads  one.
 *   Memory    size buckets, or all where size is 0; charged.
 *   Errors    the budget's, and those of merging what the order looks at.
 */
#ifndef AUK_BUCKET_ORDER_H
#define AUK_BUCKET_ORDER_H

#include "bucket_joiner.h"

/* Does the order look into sub-aggregations? */
bool auk_bucket_order_needs_subs(const auk_aggregation *aggregation);
/* Reads the figures that the order needs into the bucket; its subs are merged. */
AUK_MUST_CHECK auk_code auk_bucket_order_read(auk_aggregation_merger *merger,
                                              const auk_aggregation *aggregation,
                                              auk_bucket *bucket);
/* a before b: negative. */
int auk_bucket_order_compare(const auk_aggregation *aggregation, const auk_bucket *a,
                             const auk_bucket *b);
void auk_bucket_order_sort(const auk_aggregation *aggregation, auk_bucket *buckets, uint32_t count);

/* The first `limit` of the buckets that are offered. */
typedef struct auk_bucket_heap {
    const auk_aggregation *aggregation;
    auk_bucket *items; /* the last in order at the top */
    uint32_t count, limit;
} auk_bucket_heap;

/* *dropped: how many documents fell off. */
void auk_bucket_heap_offer(auk_bucket_heap *heap, const auk_bucket *bucket, uint64_t *dropped);

#endif
