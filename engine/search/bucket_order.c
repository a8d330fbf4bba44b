#include "bucket_order.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "aggregation_parse.h"

bool auk_bucket_order_needs_subs(const auk_aggregation *aggregation)
{
    for (uint32_t i = 0; i < aggregation->order_count; i++)
        if (aggregation->orders[i].by == AUK_ORDER_BY_METRIC)
            return true;
    return false;
}

/* ---- figures ---- */

static double read_figure(const auk_aggregation *aggregation, const auk_bucket_order *order,
                          const auk_bucket *bucket)
{
    const auk_partial *partial = NULL;
    const auk_bucket *inside = bucket;
    for (uint32_t s = 0; s < order->step_count; s++) {
        partial = &inside->subs[order->steps[s]];
        aggregation = &aggregation->subs[order->steps[s]];
        if (aggregation->kind->is_single_bucket)
            inside = &partial->u.merged.items[0];
    }
    if (aggregation->kind->is_single_bucket)
        return (double)inside->count;
    return aggregation->kind->figure(aggregation, partial, order->metric);
}

auk_code auk_bucket_order_read(auk_aggregation_merger *merger, const auk_aggregation *aggregation,
                               auk_bucket *bucket)
{
    bucket->figures = auk_merger_alloc(merger, aggregation->order_count, sizeof *bucket->figures);
    if (!bucket->figures)
        return AUK_BUSY;
    for (uint32_t i = 0; i < aggregation->order_count; i++)
        if (aggregation->orders[i].by == AUK_ORDER_BY_METRIC)
            bucket->figures[i] = read_figure(aggregation, &aggregation->orders[i], bucket);
    return AUK_OK;
}

/* ---- compare ---- */

static int compare_figures(double a, double b, bool descending)
{
    if (isnan(a) || isnan(b))
        return isnan(a) - isnan(b); /* what has no value comes last, whichever way */
    int order = (a > b) - (a < b);
    return descending ? -order : order;
}

static int compare_by_key(const auk_bucket *a, const auk_bucket *b)
{
    if (a->term.data || b->term.data)
        return auk_span_compare(a->term, b->term);
    return (a->key > b->key) - (a->key < b->key);
}

int auk_bucket_order_compare(const auk_aggregation *aggregation, const auk_bucket *a,
                             const auk_bucket *b)
{
    for (uint32_t i = 0; i < aggregation->order_count; i++) {
        const auk_bucket_order *order = &aggregation->orders[i];
        int result;
        if (order->by == AUK_ORDER_BY_METRIC) {
            result = compare_figures(a->figures[i], b->figures[i], order->descending);
        } else {
            result = order->by == AUK_ORDER_BY_COUNT ? (a->count > b->count) - (a->count < b->count)
                                                     : compare_by_key(a, b);
            result = order->descending ? -result : result;
        }
        if (result)
            return result;
    }
    return 0;
}

static int compare_for_sort(const void *a, const void *b, void *aggregation)
{
    return auk_bucket_order_compare(aggregation, a, b);
}

void auk_bucket_order_sort(const auk_aggregation *aggregation, auk_bucket *buckets, uint32_t count)
{
    qsort_r(buckets, count, sizeof *buckets, compare_for_sort, (void *)(uintptr_t)aggregation);
}

/* ---- heap ---- */

static void sift_down(auk_bucket_heap *heap, uint32_t at)
{
    auk_bucket one = heap->items[at];
    for (;;) {
        uint32_t child = at * 2 + 1;
        if (child >= heap->count)
            break;
        if (child + 1 < heap->count &&
            auk_bucket_order_compare(heap->aggregation, &heap->items[child],
                                     &heap->items[child + 1]) < 0)
            child++;
        if (auk_bucket_order_compare(heap->aggregation, &one, &heap->items[child]) >= 0)
            break;
        heap->items[at] = heap->items[child];
        at = child;
    }
    heap->items[at] = one;
}

void auk_bucket_heap_offer(auk_bucket_heap *heap, const auk_bucket *bucket, uint64_t *dropped)
{
    if (heap->count < heap->limit) {
        heap->items[heap->count++] = *bucket;
        if (heap->count == heap->limit)
            for (uint32_t i = heap->count / 2; i-- > 0;)
                sift_down(heap, i);
        return;
    }
    if (auk_bucket_order_compare(heap->aggregation, bucket, &heap->items[0]) >= 0) {
        *dropped += bucket->count;
        return;
    }
    *dropped += heap->items[0].count;
    heap->items[0] = *bucket;
    sift_down(heap, 0);
}

/* ---- parse ---- */

static auk_code invalid_path(auk_aggregation_parser *parser, auk_span path, const char *format, ...)
    AUK_PRINTF(3, 4);
static auk_code invalid_path(auk_aggregation_parser *parser, auk_span path, const char *format, ...)
{
    char reason[400];
    va_list list;
    va_start(list, format);
    vsnprintf(reason, sizeof reason, format, list);
    va_end(list);
    return auk_fail_type(parser->err, AUK_INVALID, "aggregation_execution_exception",
                         "Invalid aggregation order path [%.*s]. %s", AUK_SPAN_ARG(path), reason);
}

static size_t find_byte(auk_span text, char byte)
{
    const char *at = text.size ? memchr(text.data, byte, text.size) : NULL;
    return at ? (size_t)(at - text.data) : text.size;
}

/* The sub-aggregation that begins the rest of a path: up to '>', or to the '.' of its metric. */
static bool find_step(const auk_aggregation *at, auk_span *rest, uint32_t *step)
{
    auk_span name = {rest->data, find_byte(*rest, '>')};
    bool last = name.size == rest->size;
    for (;;) {
        for (uint32_t i = 0; i < at->sub_count; i++)
            if (auk_span_equal(at->subs[i].name, name)) {
                size_t skip = name.size + (name.size < rest->size);
                *rest = auk_span_from(*rest, skip);
                *step = i;
                return true;
            }
        if (!last)
            return false;
        /* names may hold dots themselves: the longest name that fits */
        while (name.size && name.data[name.size - 1] != '.')
            name.size--;
        if (name.size == 0)
            return false;
        name.size--;
    }
}

static auk_code check_metric(auk_aggregation_parser *parser, auk_span path,
                             const auk_aggregation *at, auk_span metric, auk_bucket_order *order)
{
    const auk_aggregation_kind *kind = at->kind;
    order->metric = metric;
    if (kind->is_single_bucket) {
        if (metric.size == 0 || auk_span_is(metric, "_count") || auk_span_is(metric, "doc_count"))
            return AUK_OK;
        return invalid_path(parser, path,
                            "Ordering on a single-bucket aggregation can only be "
                            "done on its doc_count.");
    }
    if (!kind->metrics)
        return invalid_path(parser, path, "Can't sort by a [%s] aggregation [%.*s]", kind->name,
                            AUK_SPAN_ARG(at->name));
    bool one = auk_span_is(auk_span_of(kind->metrics[0]), "value");
    if (metric.size == 0)
        return one ? AUK_OK
                   : invalid_path(parser, path,
                                  "When ordering on a multi-value metrics aggregation a metric "
                                  "name must be specified.");
    for (const char *const *name = kind->metrics; *name; name++)
        if (auk_span_is(metric, *name))
            return AUK_OK;
    if (one)
        return invalid_path(parser, path,
                            "Ordering on a single-value metrics aggregation can only be done on "
                            "its value. Either drop the key (a la \"%.*s\") or change it to "
                            "\"value\" (a la \"%.*s.value\")",
                            AUK_SPAN_ARG(at->name), AUK_SPAN_ARG(at->name));
    return invalid_path(parser, path,
                        "Unknown metric name [%.*s] on multi-value metrics "
                        "aggregation [%.*s]",
                        AUK_SPAN_ARG(metric), AUK_SPAN_ARG(at->name));
}

static auk_code read_path(auk_aggregation_parser *parser, const auk_aggregation *aggregation,
                          auk_span path, auk_bucket_order *order)
{
    uint32_t steps[AUK_JSON_DEPTH] = {0};
    const auk_aggregation *at = aggregation;
    auk_span rest = path;
    while (rest.size) {
        bool inside = at == aggregation || at->kind->is_single_bucket;
        uint32_t step;
        if (!inside || !find_step(at, &rest, &step)) {
            if (at != aggregation && path.data + path.size == rest.data + rest.size &&
                memchr(rest.data, '>', rest.size) == NULL && inside)
                break; /* what follows is the bucket's metric */
            auk_span name = {rest.data, find_byte(rest, '>')};
            name.size = find_byte(name, '.');
            return inside ? invalid_path(parser, path,
                                         "The provided aggregation [%.*s] either does not exist, "
                                         "or is a pipeline aggregation and cannot be used to sort "
                                         "the buckets.",
                                         AUK_SPAN_ARG(name))
                          : invalid_path(parser, path,
                                         "Can't sort by a descendant of a [%s] aggregation [%.*s]",
                                         at->kind->name, AUK_SPAN_ARG(at->name));
        }
        steps[order->step_count++] = step;
        at = &at->subs[step];
        if (rest.data[-1] == '.')
            break;
    }
    uint32_t *kept = AUK_ARENA_ARRAY(parser->arena, uint32_t, order->step_count + 1u);
    memcpy(kept, steps, order->step_count * sizeof *kept);
    order->steps = kept;
    order->by = AUK_ORDER_BY_METRIC;
    return check_metric(parser, path, at, rest, order);
}

static auk_code read_order(auk_aggregation_parser *parser, const auk_aggregation *aggregation,
                           const auk_json *given, auk_bucket_order *order)
{
    if (given->type != AUK_JSON_OBJECT || given->count != 1)
        return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                             "Must specify at least one field for [order]");
    auk_span path = given->child->key, direction = given->child->text;
    bool is_text = given->child->type == AUK_JSON_STRING;
    if (is_text && direction.size == 4 && strncasecmp(direction.data, "desc", 4) == 0)
        order->descending = true;
    else if (!is_text || direction.size != 3 || strncasecmp(direction.data, "asc", 3) != 0)
        return auk_fail_type(parser->err, AUK_INVALID, "parsing_exception",
                             "Unknown order direction [%.*s]", AUK_SPAN_ARG(direction));
    if (auk_span_is(path, "_count")) {
        order->by = AUK_ORDER_BY_COUNT;
        return AUK_OK;
    }
    if (auk_span_is(path, "_key") || auk_span_is(path, "_term") || auk_span_is(path, "_time")) {
        order->by = AUK_ORDER_BY_KEY;
        return AUK_OK;
    }
    return read_path(parser, aggregation, path, order);
}

auk_code auk_aggregation_orders_resolve(auk_aggregation_parser *parser, auk_aggregation *out)
{
    const auk_json *given = out->order_given;
    if (!given)
        return AUK_OK;
    bool list = given->type == AUK_JSON_ARRAY;
    uint32_t count = list ? given->count : 1;
    auk_bucket_order *orders = AUK_ARENA_ARRAY(parser->arena, auk_bucket_order, count + 1u);
    const auk_json *one = list ? given->child : given;
    bool decided = false;
    for (uint32_t i = 0; i < count; i++) {
        auk_code code = read_order(parser, out, one, &orders[i]);
        if (code != AUK_OK)
            return code;
        decided |= orders[i].by == AUK_ORDER_BY_KEY;
        one = list ? one->next : NULL;
    }
    if (!decided)
        orders[count++] = (auk_bucket_order){.by = AUK_ORDER_BY_KEY};
    out->orders = orders;
    out->order_count = count;
    return AUK_OK;
}
