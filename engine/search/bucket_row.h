/*
 * bucket_row.h - kinds whose buckets are known beforehand: ranges, filters, single buckets.
 *
 * Each owner has a row of `width` buckets, so a bucket's number is owner * width + index; there is
 * nothing to look up, and the answer shows each of them, also when nothing fell into it.
 *
 *   Lifetime  the collector's or merger's arena.   Threads  one.
 *   Memory    4 bytes a bucket; charged.
 *   Errors    the budget's; AUK_TOO_LARGE past 2^30 buckets.
 */
#ifndef AUK_BUCKET_ROW_H
#define AUK_BUCKET_ROW_H

#include "aggregation_kind.h"

typedef struct auk_bucket_row {
    uint32_t width;
    uint32_t *counts;
    uint32_t capacity, used;
} auk_bucket_row;

/* Room for so many owners; false after a failure. */
bool auk_bucket_row_grow(auk_bucket_row *row, auk_aggregation_node *node, uint32_t owner_count);
static inline void auk_bucket_row_add(auk_bucket_row *row, auk_aggregation_node *node, auk_doc doc,
                                      uint32_t owner, uint32_t index)
{
    uint32_t id = owner * row->width + index;
    row->counts[id]++;
    if (node->sub_count)
        auk_aggregation_emit(node, doc, id, row->used);
}
void auk_bucket_row_finish(auk_bucket_row *row, auk_aggregation_node *node, uint32_t owner_count,
                           auk_partial *out);
/* Always `width` buckets. */
AUK_MUST_CHECK auk_code auk_bucket_row_merge(auk_aggregation_merger *merger,
                                             const auk_aggregation *aggregation, uint32_t width,
                                             const auk_partial *const *sources,
                                             uint32_t source_count, auk_partial *out);

#endif
