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
#include "value_reader.h"

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

/* ---- include and exclude ---- */

/* Either a prefix of terms or a sorted list of values. */
typedef struct choice {
    bool given;
    bool is_prefix;
    auk_span prefix;
    const auk_span *terms;
    const int64_t *numbers;
    uint32_t count;
} choice;

typedef struct terms_plan {
    choice include, exclude;
} terms_plan;

/* A regular expression that is nothing but a text, or a text and ".*". */
static auk_code read_pattern(auk_aggregation_preparer *preparer, auk_span pattern, choice *out)
{
    auk_span text = pattern;
    bool open = text.size >= 2 && memcmp(text.data + text.size - 2, ".*", 2) == 0;
    if (open)
        text.size -= 2;
    char *plain = auk_arena_alloc(preparer->resolver->arena, text.size + 1);
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        bool escaped = text.data[i] == '\\' && i + 1 < text.size;
        if (!escaped && auk_byte_among(text.data[i], ".?+*|{}[]()\"\\#@&<>~"))
            return auk_fail(preparer->err, AUK_INVALID,
                            "regular expression [%.*s] is not supported in [include] and "
                            "[exclude]: only a list of values, or a prefix followed by .*",
                            AUK_SPAN_ARG(pattern));
        i += escaped;
        plain[size++] = text.data[i];
    }
    auk_span *one = AUK_ARENA_NEW(preparer->resolver->arena, auk_span);
    *one = auk_span_make(plain, size);
    out->is_prefix = open;
    out->prefix = *one;
    out->terms = one;
    out->count = 1;
    return AUK_OK;
}

static int compare_numbers(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static auk_code read_values(auk_aggregation_preparer *preparer, const auk_aggregation_plan *plan,
                            const auk_json *list, choice *out)
{
    auk_arena *arena = preparer->resolver->arena;
    auk_value_options options = {.format = plan->shape.date_format,
                                 .time_zone = plan->shape.time_zone,
                                 .now_ms = preparer->environment->now_ms,
                                 .coerce = true};
    int64_t *numbers = AUK_ARENA_ARRAY(arena, int64_t, list->count + 1u);
    auk_span *terms = AUK_ARENA_ARRAY(arena, auk_span, list->count + 1u);
    bool by_term = plan->shape.form == AUK_FORM_TERM;
    for (const auk_json *one = list->child; one; one = one->next) {
        if (!plan->shape.field) { /* only "missing" can be meant */
            terms[out->count++] = one->text;
            continue;
        }
        auk_code code =
            by_term ? auk_field_term(plan->shape.field, one, &options, preparer->resolver->scratch,
                                     arena, &terms[out->count], preparer->err)
                    : auk_field_number(plan->shape.field, one, &options, &numbers[out->count],
                                       preparer->err);
        if (code != AUK_OK)
            return code;
        out->count++;
    }
    qsort(numbers, out->count, sizeof *numbers, compare_numbers);
    out->terms = terms;
    out->numbers = numbers;
    return AUK_OK;
}

static auk_code prepare_choice(auk_aggregation_preparer *preparer, const auk_aggregation_plan *plan,
                               const auk_json *given, choice *out)
{
    if (!given)
        return AUK_OK;
    out->given = true;
    if (given->type == AUK_JSON_ARRAY)
        return read_values(preparer, plan, given, out);
    if (plan->shape.form != AUK_FORM_TERM && plan->shape.form != AUK_FORM_NONE)
        return auk_fail(preparer->err, AUK_INVALID,
                        "Aggregation [%.*s] cannot support regular expression style include/exclude"
                        " settings as they can only be applied to string fields. Use an array of "
                        "values for include/exclude clauses",
                        AUK_SPAN_ARG(plan->spec->name));
    return read_pattern(preparer, given->text, out);
}

static auk_code prepare(auk_aggregation_preparer *preparer, auk_aggregation_plan *plan)
{
    terms_plan *own = AUK_ARENA_NEW(preparer->resolver->arena, terms_plan);
    plan->own = own;
    auk_code code = prepare_choice(preparer, plan, plan->spec->u.terms.include, &own->include);
    if (code == AUK_OK)
        code = prepare_choice(preparer, plan, plan->spec->u.terms.exclude, &own->exclude);
    return code;
}

/* ---- collect ---- */

typedef struct terms_node {
    auk_value_reader *reader;
    auk_bucket_table table;
    uint64_t *accepted; /* a bit an ordinal; NULL: all */
} terms_node;

static void set_bits(uint64_t *bits, uint64_t from, uint64_t to, bool value)
{
    for (uint64_t i = from; i < to; i++) {
        uint64_t bit = UINT64_C(1) << (i % 64);
        bits[i / 64] = value ? bits[i / 64] | bit : bits[i / 64] & ~bit;
    }
}

/* First ordinal whose term is >= text, or > all that begin with it. */
static uint64_t seek_ordinal(auk_terms_cursor *cursor, auk_span text, uint64_t none)
{
    return auk_terms_cursor_seek(cursor, text) ? auk_terms_cursor_term(cursor)->ordinal : none;
}

static uint64_t end_of_prefix(auk_aggregation_collector *collector, auk_terms_cursor *cursor,
                              auk_span prefix, uint64_t none)
{
    char *next = auk_arena_alloc(collector->arena, prefix.size + 1);
    size_t size = prefix.size;
    memcpy(next, prefix.data ? prefix.data : "", size);
    while (size && (uint8_t)next[size - 1] == 0xff)
        size--;
    if (size == 0)
        return none;
    next[size - 1] = (char)((uint8_t)next[size - 1] + 1);
    return seek_ordinal(cursor, auk_span_make(next, size), none);
}

static void mark_choice(terms_node *own, const choice *which, bool value)
{
    auk_value_reader *reader = own->reader;
    auk_aggregation_collector *collector = reader->collector;
    if (reader->terms && which->is_prefix) {
        auk_terms_cursor *cursor = auk_terms_cursor_open(reader->terms, collector->arena);
        uint64_t from = seek_ordinal(cursor, which->prefix, reader->term_count);
        uint64_t to = end_of_prefix(collector, cursor, which->prefix, reader->term_count);
        set_bits(own->accepted, from, to, value);
        if (auk_terms_cursor_status(cursor) != AUK_OK)
            auk_aggregation_fail(collector, AUK_CORRUPT, "the terms of a field are damaged");
    } else if (reader->terms) {
        for (uint32_t i = 0; i < which->count && collector->status == AUK_OK; i++) {
            auk_term term;
            bool found;
            collector->status =
                auk_terms_find(reader->terms, which->terms[i], &term, &found, &collector->error);
            if (collector->status == AUK_OK && found)
                set_bits(own->accepted, term.ordinal, term.ordinal + 1, value);
        }
    }
}

static bool names_extra(const choice *which, auk_span term)
{
    if (which->is_prefix)
        return auk_span_starts_with(term, which->prefix);
    for (uint32_t i = 0; i < which->count; i++)
        if (auk_span_equal(which->terms[i], term))
            return true;
    return false;
}

static void mark_accepted(terms_node *own, const auk_aggregation_plan *plan)
{
    const terms_plan *choices = plan->own;
    const auk_value_reader *reader = own->reader;
    uint64_t count = reader->term_count + reader->extra;
    own->accepted = auk_aggregation_alloc(reader->collector, count / 64 + 1, sizeof *own->accepted);
    if (!own->accepted)
        return;
    if (choices->include.given)
        mark_choice(own, &choices->include, true);
    else
        set_bits(own->accepted, 0, count, true);
    if (choices->exclude.given)
        mark_choice(own, &choices->exclude, false);
    if (!reader->extra)
        return;
    bool wanted = (!choices->include.given || names_extra(&choices->include, plan->missing_term)) &&
                  !(choices->exclude.given && names_extra(&choices->exclude, plan->missing_term));
    set_bits(own->accepted, reader->term_count, count, wanted);
}

static void open_node(auk_aggregation_node *node)
{
    const terms_plan *choices = node->plan->own;
    terms_node *own = auk_aggregation_alloc(node->collector, 1, sizeof *own);
    if (!own)
        return;
    own->reader = auk_value_reader_open(node->collector, node->plan, true);
    if (!own->reader)
        return;
    auk_bucket_table_init(&own->table, node, own->reader->has_range, own->reader->min,
                          own->reader->max);
    if (node->plan->shape.form == AUK_FORM_TERM &&
        (choices->include.given || choices->exclude.given))
        mark_accepted(own, node->plan);
    node->own = own;
}

static bool has_number(const choice *which, int64_t number)
{
    return bsearch(&number, which->numbers, which->count, sizeof number, compare_numbers) != NULL;
}

static bool accepts(const terms_node *own, const terms_plan *choices, int64_t value)
{
    if (own->accepted)
        return (uint64_t)value < own->reader->term_count + own->reader->extra &&
               (own->accepted[value / 64] >> (value % 64) & 1);
    return (!choices->include.given || has_number(&choices->include, value)) &&
           !(choices->exclude.given && has_number(&choices->exclude, value));
}

static void choose(terms_node *own, const terms_plan *choices)
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
    const terms_plan *choices = node->plan->own;
    uint32_t ids[AUK_AGGREGATION_BATCH];
    auk_value_reader_begin(reader);
    while (auk_value_reader_next(reader, docs, count)) {
        if (choices->include.given || choices->exclude.given)
            choose(own, choices);
        if (!auk_bucket_table_add(&own->table, owners, owner_count, reader->places, reader->values,
                                  reader->count, node->sub_count ? ids : NULL))
            return;
        if (node->sub_count)
            auk_aggregation_emit_all(node, docs, reader->places, ids, reader->count,
                                     own->table.used);
    }
}

/* ---- finish ---- */

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
    auk_bucket_table_finish(&own->table, node, owner_count, out);
    if (node->collector->status != AUK_OK || owner_count == 0)
        return;
    auk_gathered *gathered = out[0].u.collected.gathered;
    gathered->terms = reader->terms;
    gathered->has_extra = reader->extra;
    gathered->extra = reader->missing;
    if (node->plan->spec->min_doc_count == 0)
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
    bool needs_subs = auk_bucket_order_needs_subs(aggregation);
    auk_bucket bucket;
    while (auk_bucket_joiner_next(&joiner, &bucket)) {
        if (bucket.count < aggregation->min_doc_count)
            continue;
        if (needs_subs) {
            code = auk_bucket_joiner_subs(&joiner, aggregation, &bucket);
            if (code == AUK_OK)
                code = auk_bucket_order_read(merger, aggregation, &bucket);
            if (code != AUK_OK)
                return code;
        }
        auk_bucket_heap_offer(&heap, &bucket, &out->u.merged.others);
    }
    return complete(merger, &joiner, aggregation, &heap, out);
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
    .finish = finish,
    .merge = merge,
    .write = write,
    .typed_name = typed_name,
};
