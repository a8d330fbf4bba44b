#include "histogram_fill.h"

void auk_histogram_defaults(auk_aggregation *aggregation)
{
    static const auk_bucket_order by_key[] = {{.by = AUK_ORDER_BY_KEY}};
    aggregation->orders = by_key;
    aggregation->order_count = 1;
}

typedef struct bucket_list {
    auk_bucket *items;
    uint32_t count, capacity;
} bucket_list;

static auk_code push(auk_aggregation_merger *merger, bucket_list *list, const auk_bucket *bucket)
{
    auk_code code = auk_merger_count(merger, 1);
    if (code != AUK_OK)
        return code;
    if (list->count == list->capacity) {
        uint32_t capacity = list->capacity ? list->capacity * 2 : 32;
        auk_bucket *items = auk_merger_alloc(merger, capacity, sizeof *items);
        if (!items)
            return AUK_BUSY;
        if (list->count)
            memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = *bucket;
    return AUK_OK;
}

static auk_code push_empty(auk_aggregation_merger *merger, const auk_histogram_steps *steps,
                           bucket_list *list, int64_t *key)
{
    auk_code code = push(merger, list, &(auk_bucket){.key = *key});
    return code == AUK_OK ? steps->next(steps->rule, *key, key, merger->err) : code;
}

/* Joined buckets with the steps between them; the list starts and ends at the extended bounds. */
static auk_code fill(auk_aggregation_merger *merger, const auk_histogram_steps *steps,
                     auk_bucket_joiner *joiner, bucket_list *list)
{
    auk_bucket bucket;
    bool started = steps->has_min && (steps->has_max || joiner->count);
    int64_t key = steps->min;
    auk_code code = AUK_OK;
    bool any = false;
    while (code == AUK_OK && auk_bucket_joiner_next(joiner, &bucket)) {
        if (!started || (!any && bucket.key < key))
            key = bucket.key;
        started = any = true;
        while (code == AUK_OK && key < bucket.key)
            code = push_empty(merger, steps, list, &key);
        if (code == AUK_OK)
            code = push(merger, list, &bucket);
        if (code == AUK_OK && key == bucket.key)
            code = steps->next(steps->rule, key, &key, merger->err);
    }
    if (!any && !(steps->has_min && steps->has_max))
        return code;
    while (code == AUK_OK && steps->has_max && key <= steps->max)
        code = push_empty(merger, steps, list, &key);
    return code;
}

static auk_code keep_filled(auk_aggregation_merger *merger, const auk_aggregation *aggregation,
                            auk_bucket_joiner *joiner, bucket_list *list)
{
    auk_bucket bucket;
    auk_code code = AUK_OK;
    while (code == AUK_OK && auk_bucket_joiner_next(joiner, &bucket))
        if (bucket.count >= aggregation->min_doc_count)
            code = push(merger, list, &bucket);
    return code;
}

auk_code auk_histogram_merge(auk_aggregation_merger *merger, const auk_aggregation *aggregation,
                             const auk_histogram_steps *steps, const auk_partial *const *sources,
                             uint32_t source_count, auk_partial *out)
{
    auk_bucket_joiner joiner;
    bucket_list list = {0};
    auk_code code = auk_bucket_joiner_init(&joiner, merger, out->plan, sources, source_count);
    if (code == AUK_OK)
        code = aggregation->min_doc_count == 0 ? fill(merger, steps, &joiner, &list)
                                               : keep_filled(merger, aggregation, &joiner, &list);
    bool needs_subs = auk_bucket_order_needs_subs(aggregation);
    for (uint32_t i = 0; i < list.count && code == AUK_OK; i++) {
        code = auk_bucket_joiner_subs(&joiner, aggregation, &list.items[i]);
        if (code == AUK_OK && needs_subs)
            code = auk_bucket_order_read(merger, aggregation, &list.items[i]);
    }
    if (code != AUK_OK)
        return code;
    bool as_it_is =
        aggregation->orders[0].by == AUK_ORDER_BY_KEY && !aggregation->orders[0].descending;
    if (!as_it_is)
        auk_bucket_order_sort(aggregation, list.items, list.count);
    out->u.merged.items = list.items;
    out->u.merged.count = list.count;
    return AUK_OK;
}
