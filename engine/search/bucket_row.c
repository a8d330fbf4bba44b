#include "bucket_row.h"

#include <assert.h>

#include "bucket_joiner.h"

#define BUCKET_MOST (1u << 30)

bool auk_bucket_row_grow(auk_bucket_row *row, auk_aggregation_node *node, uint32_t owner_count)
{
    uint64_t need = (uint64_t)owner_count * row->width;
    if (need > BUCKET_MOST) {
        auk_aggregation_fail(node->collector, AUK_TOO_LARGE, "more than %u buckets in a segment",
                             BUCKET_MOST);
        return false;
    }
    row->used = (uint32_t)need;
    return auk_aggregation_grow(node->collector, &row->counts, &row->capacity, row->used,
                                sizeof *row->counts);
}

void auk_bucket_row_finish(auk_bucket_row *row, auk_aggregation_node *node, uint32_t owner_count,
                           auk_partial *out)
{
    if (!auk_bucket_row_grow(row, node, owner_count))
        return;
    auk_aggregation_collector *collector = node->collector;
    auk_gathered *gathered = auk_aggregation_alloc(collector, 1, sizeof *gathered);
    auk_collected_bucket *items = auk_aggregation_alloc(collector, row->used, sizeof *items);
    if (!gathered || !items)
        return;
    uint32_t at = 0;
    for (uint32_t o = 0; o < owner_count; o++) {
        out[o].u.collected.items = items + at;
        out[o].u.collected.gathered = gathered;
        for (uint32_t i = 0; i < row->width; i++) {
            uint32_t id = o * row->width + i;
            if (row->counts[id] || node->plan->spec->shows_zero)
                items[at++] = (auk_collected_bucket){i, row->counts[id], id};
        }
        out[o].u.collected.count = (uint32_t)(items + at - out[o].u.collected.items);
    }
    gathered->absent = AUK_BUCKET_NONE;
    gathered->all = items;
    gathered->all_count = at;
    if (node->sub_count)
        gathered->subs = auk_aggregation_finish_subs(node, row->used);
}

auk_code auk_bucket_row_merge(auk_aggregation_merger *merger, const auk_aggregation *aggregation,
                              uint32_t width, const auk_partial *const *sources,
                              uint32_t source_count, auk_partial *out)
{
    auk_bucket_joiner joiner;
    auk_code code = auk_bucket_joiner_init(&joiner, merger, out->plan, sources, source_count);
    if (code == AUK_OK && !aggregation->kind->is_single_bucket)
        code = auk_merger_count(merger, width);
    if (code != AUK_OK)
        return code;
    auk_bucket *buckets = auk_merger_alloc(merger, width, sizeof *buckets);
    if (!buckets)
        return AUK_BUSY;
    for (uint32_t i = 0; i < width; i++)
        buckets[i].key = i;
    auk_bucket bucket;
    while (auk_bucket_joiner_next(&joiner, &bucket)) {
        assert(bucket.key >= 0 && bucket.key < width);
        buckets[bucket.key] = bucket;
    }
    for (uint32_t i = 0; i < width && code == AUK_OK; i++)
        code = auk_bucket_joiner_subs(&joiner, aggregation, &buckets[i]);
    out->u.merged.items = buckets;
    out->u.merged.count = width;
    return code;
}
