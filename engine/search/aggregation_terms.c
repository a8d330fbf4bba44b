/*
 * aggregation_terms.c - a bucket a value: by ordinals where the field has terms, else by number.
 *
 * Counts are exact: every segment hands over all its buckets, and they are cut to size only after
 * they were merged. So the error bound is always 0, and shard_size has nothing to do.
 */
#include <stdlib.h>

#include "aggregation_parse.h"
#include "bucket_order.h"
#include "bucket_table.h"
#include "column_window.h"
#include "terms_choice.h"

#define DEFAULT_SIZE 10u

/* ---- parse ---- */

static auk_code read_size(auk_aggregation_parser *parser, const auk_json *value,
                          auk_aggregation *out)
{
    int64_t size;
    auk_code code = auk_aggregation_need_int(parser, out, value, &size);
    if (code != AUK_OK)
        return code;
    if (size <= 0)
        return auk_fail(parser->err, AUK_INVALID,
                        "[%.*s] must be greater than 0. Found [%lld] in [%.*s]",
                        AUK_SPAN_ARG(value->key), (long long)size, AUK_SPAN_ARG(out->name));
    if (auk_span_is(value->key, "size"))
        out->u.terms.size = size > INT32_MAX ? INT32_MAX : (uint32_t)size;
    return AUK_OK;
}

static auk_code read_show_error(auk_aggregation_parser *parser, const auk_json *value,
                                auk_aggregation *out)
{
    return auk_aggregation_need_bool(parser, out, value, &out->u.terms.show_error);
}

static auk_code read_choice(auk_aggregation_parser *parser, const auk_json *value,
                            auk_aggregation *out)
{
    if (value->type == AUK_JSON_OBJECT)
        return auk_fail(parser->err, AUK_INVALID,
                        "[%s] [%.*s] by partitions is not supported, give a list of values or a "
                        "prefix",
                        out->kind->name, AUK_SPAN_ARG(value->key));
    if (value->type != AUK_JSON_STRING && value->type != AUK_JSON_ARRAY)
        return auk_aggregation_wrong_type(parser, out, value);
    for (const auk_json *one = value->child; one; one = one->next)
        if (one->type == AUK_JSON_ARRAY || one->type == AUK_JSON_OBJECT ||
            one->type == AUK_JSON_NULL)
            return auk_aggregation_wrong_type(parser, out, value);
    if (auk_span_is(value->key, "include"))
        out->u.terms.include = value;
    else
        out->u.terms.exclude = value;
    return AUK_OK;
}

static const auk_aggregation_member members[] = {
    AUK_AGGREGATION_FIELD_MEMBERS,
    {"size", read_size},
    {"shard_size", read_size},
    {"min_doc_count", auk_aggregation_read_min_doc_count},
    {"shard_min_doc_count", auk_aggregation_read_hint},
    {"order", auk_aggregation_read_order},
    {"include", read_choice},
    {"exclude", read_choice},
    {"show_term_doc_count_error", read_show_error},
    {"execution_hint", auk_aggregation_read_hint},
    {"collect_mode", auk_aggregation_read_hint},
    {"value_type", auk_aggregation_read_hint},
    {"time_zone", auk_aggregation_read_time_zone},
};

static void set_defaults(auk_aggregation *out)
{
    static const auk_bucket_order by_count[] = {
        {.by = AUK_ORDER_BY_COUNT, .descending = true},
        {.by = AUK_ORDER_BY_KEY},
    };
    out->u.terms.size = DEFAULT_SIZE;
    out->min_doc_count = 1;
    out->orders = by_count;
    out->order_count = 2;
}

/* ---- prepare ---- */

static auk_code prepare(auk_aggregation_preparer *preparer, auk_aggregation_plan *plan)
{
    auk_terms_choices *choices = AUK_ARENA_NEW(preparer->resolver->arena, auk_terms_choices);
    plan->own = choices;
    return auk_terms_choices_prepare(preparer, plan, choices);
}

/* ---- collect ---- */

typedef struct terms_node {
    auk_value_reader *reader;
    auk_bucket_table table;
    uint64_t *accepted;       /* a bit an ordinal; NULL: all */
    auk_slot_counter counter; /* of windows and all documents; made when first needed */
} terms_node;

static void open_node(auk_aggregation_node *node)
{
    const auk_terms_choices *choices = node->plan->own;
    terms_node *own = auk_aggregation_alloc(node->collector, 1, sizeof *own);
    if (!own)
        return;
    own->reader = auk_value_reader_open(node->collector, node->plan, true);
    if (!own->reader)
        return;
    auk_bucket_table_init(&own->table, node, own->reader->has_range, own->reader->min,
                          own->reader->max);
    if (node->plan->shape.form == AUK_FORM_TERM && auk_terms_choices_given(choices)) {
        own->accepted = auk_terms_choices_mark(choices, own->reader, node->plan->missing_term);
        if (!own->accepted)
            return;
    }
    node->own = own;
}

static bool accepts(const terms_node *own, const auk_terms_choices *choices, int64_t value)
{
    if (own->accepted)
        return (uint64_t)value < own->reader->term_count + own->reader->extra &&
               (own->accepted[value / 64] >> (value % 64) & 1);
    return auk_terms_choices_accept_number(choices, value);
}

static void choose(terms_node *own, const auk_terms_choices *choices)
{
    auk_value_reader *reader = own->reader;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < reader->count; i++) {
        if (!accepts(own, choices, reader->values[i]))
            continue;
        reader->places[kept] = reader->places[i];
        reader->values[kept++] = reader->values[i];
    }
    reader->count = kept;
}

static void collect(auk_aggregation_node *node, const auk_doc *docs, const uint32_t *owners,
                    uint32_t count, uint32_t owner_count)
{
    terms_node *own = node->own;
    auk_value_reader *reader = own->reader;
    const auk_terms_choices *choices = node->plan->own;
    uint32_t ids[AUK_AGGREGATION_BATCH];
    auk_value_reader_begin(reader);
    while (auk_value_reader_next(reader, docs, count)) {
        if (auk_terms_choices_given(choices))
            choose(own, choices);
        if (!auk_bucket_table_add(&own->table, owners, owner_count, reader->places, reader->values,
                                  reader->count, node->sub_count ? ids : NULL))
            return;
        if (node->sub_count)
            auk_aggregation_emit_all(node, docs, reader->places, ids, reader->count,
                                     own->table.used);
    }
}

static bool has_counter(terms_node *own)
{
    return own->counter.counts ||
           auk_slot_counter_init(&own->counter, own->reader->collector, own->table.span);
}

static bool collect_window(auk_aggregation_node *node, const auk_column_window *window)
{
    terms_node *own = node->own;
    const auk_value_reader *reader = own->reader;
    if (!reader->cursor || !reader->single || !auk_bucket_table_is_plain(&own->table))
        return false;
    if (!has_counter(own))
        return true;
    auk_places places = {reader->min, reader->max, 1, own->table.span};
    auk_slot_counter_add(&own->counter, own->reader, &places, window);
    return true;
}

/* Documents that are counted in the time in which a dictionary tells of a term. */
#define WALK_DOCS 2u

/* The dictionary knows how many documents have a term; where nearly every document has its own,
 * counting is as quick as reading it. */
static bool is_worth_a_walk(const auk_value_reader *reader)
{
    return reader->terms && reader->term_count <= reader->stats->doc_count / WALK_DOCS &&
           auk_terms_read_stats(reader->terms)->sum_doc_freq == reader->stats->value_count;
}

static bool collect_all(auk_aggregation_node *node)
{
    terms_node *own = node->own;
    const auk_value_reader *reader = own->reader;
    auk_aggregation_collector *collector = node->collector;
    if (!auk_bucket_table_is_plain(&own->table) || !is_worth_a_walk(reader))
        return false;
    if (!has_counter(own))
        return true;
    uint32_t freqs[AUK_TERMS_ROW], some = 0;
    for (uint64_t ordinal = 0; ordinal < reader->term_count; ordinal += some) {
        some = auk_terms_doc_freqs(reader->terms, ordinal, freqs);
        if (some == 0) {
            auk_aggregation_fail(collector, AUK_CORRUPT, "the terms of a field are damaged");
            break;
        }
        for (uint32_t i = 0; i < some; i++) {
            uint64_t slot = ordinal + i - (uint64_t)own->table.base;
            own->counter.counts[slot < own->table.span ? slot : own->table.span] += freqs[i];
        }
    }
    if (reader->has_missing)
        own->counter.counts[reader->missing - own->table.base] +=
            auk_segment_doc_count(collector->view->segment) - reader->stats->doc_count;
    return true;
}

/* ---- finish ---- */

/* What was counted by slot joins the table, without values that are not wanted. */
static void take_counter(auk_aggregation_node *node)
{
    terms_node *own = node->own;
    uint32_t *counts = own->counter.counts;
    if (!counts || !auk_slot_counter_join(&own->counter, node->collector))
        return;
    for (uint32_t i = 0; auk_terms_choices_given(node->plan->own) && i < own->table.span; i++)
        if (counts[i] && !accepts(own, node->plan->own, own->table.base + i))
            counts[i] = 0;
    auk_bucket_table_add_counts(&own->table, counts);
}

static int compare_numbers(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* Every value that the field has in this segment, ascending: min_doc_count 0 shows them all. */
static int64_t *all_keys(auk_aggregation_node *node, uint32_t *count)
{
    terms_node *own = node->own;
    auk_value_reader *reader = own->reader;
    auk_aggregation_collector *collector = node->collector;
    uint32_t doc_count = auk_segment_doc_count(collector->view->segment);
    uint64_t most = reader->terms ? reader->term_count + reader->extra : (uint64_t)doc_count;
    if (!reader->terms && reader->stats)
        most = reader->stats->value_count + 1;
    int64_t *keys = auk_aggregation_alloc(collector, most, sizeof *keys);
    uint32_t used = 0;
    if (reader->terms) {
        for (uint64_t i = 0; keys && i < most; i++)
            if (accepts(own, node->plan->own, (int64_t)i))
                keys[used++] = (int64_t)i;
    } else {
        for (auk_doc doc = 0; keys && reader->cursor && doc < doc_count; doc++) {
            const int64_t *values;
            uint32_t some = auk_column_cursor_values(reader->cursor, doc, &values);
            for (uint32_t i = 0; i < some && used < most; i++)
                if (accepts(own, node->plan->own, values[i]))
                    keys[used++] = values[i];
        }
        if (keys)
            qsort(keys, used, sizeof *keys, compare_numbers);
    }
    *count = used;
    return keys;
}

/* The buckets of an owner among all keys; the others count 0. */
static void fill_keys(auk_aggregation_collector *collector, const int64_t *keys, uint32_t count,
                      auk_partial *partial)
{
    const auk_collected_bucket *old = partial->u.collected.items;
    uint32_t old_count = partial->u.collected.count, at = 0, used = 0;
    auk_collected_bucket *items =
        auk_aggregation_alloc(collector, (size_t)count + old_count, sizeof *items);
    for (uint32_t i = 0; items && i < count; i++) {
        if (used && items[used - 1].key == keys[i])
            continue;
        while (at < old_count && old[at].key < keys[i])
            items[used++] = old[at++];
        if (at < old_count && old[at].key == keys[i])
            items[used++] = old[at++];
        else
            items[used++] = (auk_collected_bucket){keys[i], 0, AUK_BUCKET_NONE};
    }
    while (items && at < old_count)
        items[used++] = old[at++];
    partial->u.collected.items = items;
    partial->u.collected.count = items ? used : 0;
    auk_gathered *gathered = partial->u.collected.gathered;
    gathered->all = items;
    gathered->all_count = partial->u.collected.count;
}

static void finish_all_keys(auk_aggregation_node *node, uint32_t owner_count, auk_partial *out)
{
    uint32_t count;
    int64_t *keys = all_keys(node, &count);
    for (uint32_t o = 0; keys && o < owner_count; o++) {
        /* texts are looked up for all that was gathered, so each owner gets a view of its own */
        auk_gathered *gathered = auk_aggregation_alloc(node->collector, 1, sizeof *gathered);
        if (!gathered || !out[o].u.collected.gathered)
            return;
        *gathered = *out[o].u.collected.gathered;
        out[o].u.collected.gathered = gathered;
        fill_keys(node->collector, keys, count, &out[o]);
    }
}

static void finish(auk_aggregation_node *node, uint32_t owner_count, auk_partial *out)
{
    terms_node *own = node->own;
    auk_value_reader *reader = own->reader;
    take_counter(node);
    if (owner_count == 0)
        return;
    bool zero = node->plan->spec->min_doc_count == 0;
    if (auk_bucket_table_is_plain(&own->table) && !zero)
        auk_bucket_table_finish_slots(&own->table, out);
    else
        auk_bucket_table_finish(&own->table, node, owner_count, out);
    if (node->collector->status != AUK_OK)
        return;
    auk_gathered *gathered = out[0].u.collected.gathered;
    gathered->terms = reader->terms;
    gathered->has_extra = reader->extra;
    gathered->extra = reader->missing;
    if (zero)
        finish_all_keys(node, owner_count, out);
}

/* ---- merge ---- */

static auk_code complete(auk_aggregation_merger *merger, auk_bucket_joiner *joiner,
                         const auk_aggregation *aggregation, auk_bucket_heap *heap,
                         auk_partial *out)
{
    auk_bucket_order_sort(aggregation, heap->items, heap->count);
    auk_code code = auk_merger_count(merger, heap->count);
    for (uint32_t i = 0; i < heap->count && code == AUK_OK; i++) {
        code = auk_bucket_joiner_text(joiner, &heap->items[i]);
        if (code == AUK_OK)
            code = auk_bucket_joiner_subs(joiner, aggregation, &heap->items[i]);
    }
    out->u.merged.items = heap->items;
    out->u.merged.count = heap->count;
    return code;
}

/* Most documents first, which a count alone decides: a later key has to have more. */
static bool is_by_count(const auk_aggregation *aggregation)
{
    return aggregation->orders[0].by == AUK_ORDER_BY_COUNT && aggregation->orders[0].descending &&
           aggregation->order_count == 2 && aggregation->orders[1].by == AUK_ORDER_BY_KEY &&
           !aggregation->orders[1].descending;
}

/* A slot as a bucket; there are no subs, so nobody asks which of its source's it is. */
static void offer_slot(const auk_gathered *gathered, uint32_t slot, auk_bucket_heap *heap,
                       uint64_t *others)
{
    auk_bucket bucket = {.key = gathered->slot_base + slot,
                         .count = gathered->slots[slot],
                         .source_count = 1};
    auk_bucket_heap_offer(heap, &bucket, others);
}

/* Those with most documents, 64 slots at a time: few have more than the least of the heap. */
static void offer_greatest(const auk_gathered *gathered, auk_bucket_heap *heap, uint64_t *others)
{
    const auk_column_kernels *kernels = auk_column_kernels_best();
    for (uint32_t from = 0; from < gathered->slot_count; from += 64) {
        auk_tally tally;
        uint32_t left = gathered->slot_count - from;
        bool full = heap->count == heap->limit;
        kernels->tally(gathered->slots + from, left < 64 ? left : 64,
                       full ? (uint32_t)heap->items[0].count : 0, &tally);
        *others += tally.sum;
        for (; tally.above; tally.above &= tally.above - 1) {
            uint32_t slot = from + (uint32_t)__builtin_ctzll(tally.above);
            uint32_t count = gathered->slots[slot];
            if (heap->count == heap->limit && count <= heap->items[0].count)
                continue;
            *others -= count;
            offer_slot(gathered, slot, heap, others);
        }
    }
}

/* The slots of a segment alone: only what gets into the heap becomes a bucket. */
static void offer_slots(const auk_gathered *gathered, const auk_aggregation *aggregation,
                        auk_bucket_heap *heap, uint64_t *others)
{
    if (is_by_count(aggregation) && aggregation->min_doc_count <= 1) {
        offer_greatest(gathered, heap, others);
        return;
    }
    for (uint32_t i = 0; i < gathered->slot_count; i++)
        if (gathered->slots[i] && gathered->slots[i] >= aggregation->min_doc_count)
            offer_slot(gathered, i, heap, others);
}

static auk_code offer_all(auk_aggregation_merger *merger, const auk_aggregation *aggregation,
                          auk_bucket_joiner *joiner, auk_bucket_heap *heap, uint64_t *others)
{
    bool needs_subs = auk_bucket_order_needs_subs(aggregation);
    auk_bucket bucket;
    while (auk_bucket_joiner_next(joiner, &bucket)) {
        if (bucket.count < aggregation->min_doc_count)
            continue;
        if (needs_subs) {
            auk_code code = auk_bucket_joiner_subs(joiner, aggregation, &bucket);
            if (code == AUK_OK)
                code = auk_bucket_order_read(merger, aggregation, &bucket);
            if (code != AUK_OK)
                return code;
        }
        auk_bucket_heap_offer(heap, &bucket, others);
    }
    return AUK_OK;
}

static auk_code merge(auk_aggregation_merger *merger, const auk_aggregation *aggregation,
                      const auk_partial *const *sources, uint32_t source_count, auk_partial *out)
{
    auk_bucket_joiner joiner;
    auk_code code = auk_bucket_joiner_init(&joiner, merger, out->plan, sources, source_count);
    if (code != AUK_OK)
        return code;
    uint32_t limit = aggregation->u.terms.size;
    limit = limit < joiner.count ? limit : joiner.count;
    auk_bucket_heap heap = {aggregation, auk_merger_alloc(merger, limit, sizeof(auk_bucket)), 0,
                            limit};
    if (!heap.items)
        return AUK_BUSY;
    const auk_gathered *slots = auk_bucket_joiner_slots(&joiner);
    if (slots)
        offer_slots(slots, aggregation, &heap, &out->u.merged.others);
    else
        code = offer_all(merger, aggregation, &joiner, &heap, &out->u.merged.others);
    return code == AUK_OK ? complete(merger, &joiner, aggregation, &heap, out) : code;
}

/* ---- write ---- */

static void write_bucket(const auk_aggregation_writer *writer, const auk_aggregation *aggregation,
                         const auk_value_shape *shape, const auk_bucket *bucket)
{
    auk_json_begin_object(writer->json);
    auk_json_key(writer->json, AUK_SPAN("key"));
    auk_value_write_key(shape, bucket->key, bucket->term, writer->json);
    if (shape->form != AUK_FORM_TERM && shape->form != AUK_FORM_NONE)
        auk_value_write_formatted(shape, "key_as_string",
                                  auk_value_to_double(shape->form, bucket->key), writer->json);
    auk_json_member_uint(writer->json, "doc_count", bucket->count);
    if (aggregation->u.terms.show_error)
        auk_json_member_int(writer->json, "doc_count_error_upper_bound", 0);
    auk_partials_write(writer, aggregation->subs, aggregation->sub_count, bucket->subs);
    auk_json_end_object(writer->json);
}

static void write(const auk_aggregation_writer *writer, const auk_aggregation *aggregation,
                  const auk_partial *partial)
{
    const auk_value_shape *shape = auk_partial_shape(partial);
    auk_json_member_int(writer->json, "doc_count_error_upper_bound", 0);
    auk_json_member_uint(writer->json, "sum_other_doc_count", partial->u.merged.others);
    auk_json_member_array(writer->json, "buckets");
    for (uint32_t i = 0; i < partial->u.merged.count; i++)
        write_bucket(writer, aggregation, shape, &partial->u.merged.items[i]);
    auk_json_end_array(writer->json);
}

static const char *typed_name(const auk_partial *partial)
{
    static const char *const names[] = {[AUK_FORM_NONE] = "umterms",
                                        [AUK_FORM_WHOLE] = "lterms",
                                        [AUK_FORM_REAL] = "dterms",
                                        [AUK_FORM_TERM] = "sterms"};
    return names[auk_partial_shape(partial)->form];
}

const auk_aggregation_kind auk_aggregation_terms = {
    .name = "terms",
    .has_subs = true,
    .keyed_by_value = true,
    .forms = AUK_FORMS_ANY,
    .members = members,
    .member_count = sizeof members / sizeof members[0],
    .defaults = set_defaults,
    .prepare = prepare,
    .open = open_node,
    .collect = collect,
    .collect_window = collect_window,
    .collect_all = collect_all,
    .finish = finish,
    .merge = merge,
    .write = write,
    .typed_name = typed_name,
};
