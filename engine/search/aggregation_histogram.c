/* aggregation_histogram.c - a bucket for each interval of numbers. Keys are numbers of intervals.
 */
#include <math.h>

#include "aggregation_parse.h"
#include "bucket_table.h"
#include "histogram_fill.h"
#include "value_reader.h"

#define INDEX_LIMIT 9.0e18

static auk_code read_interval(auk_aggregation_parser *parser, const auk_json *value,
                              auk_aggregation *out)
{
    double *interval = &out->u.histogram.interval;
    auk_code code = auk_aggregation_need_double(parser, out, value, interval);
    if (code == AUK_OK && !(*interval > 0))
        return auk_fail(parser->err, AUK_INVALID,
                        "[interval] must be >0 for histogram aggregation "
                        "[%.*s]",
                        AUK_SPAN_ARG(out->name));
    return code;
}

static auk_code read_offset(auk_aggregation_parser *parser, const auk_json *value,
                            auk_aggregation *out)
{
    return auk_aggregation_need_double(parser, out, value, &out->u.histogram.offset);
}

static const auk_aggregation_member members[] = {
    AUK_AGGREGATION_FIELD_MEMBERS,
    {"interval", read_interval},
    {"offset", read_offset},
    {"min_doc_count", auk_aggregation_read_min_doc_count},
    {"order", auk_aggregation_read_order},
    {"keyed", auk_aggregation_read_keyed},
    {"extended_bounds", auk_aggregation_read_extended},
    {"hard_bounds", auk_aggregation_read_hard},
};

static auk_code check_bounds(auk_aggregation_parser *parser, const auk_aggregation *out,
                             const auk_bounds_given *bounds, const char *name)
{
    double min = 0, max = 0;
    bool fine = (!bounds->min || auk_json_to_double(bounds->min, &min)) &&
                (!bounds->max || auk_json_to_double(bounds->max, &max));
    if (!fine)
        return auk_fail(parser->err, AUK_INVALID, "[%s] of [%.*s] must be numbers", name,
                        AUK_SPAN_ARG(out->name));
    if (bounds->min && bounds->max && min > max)
        return auk_fail(parser->err, AUK_INVALID,
                        "[%s.min][%g] cannot be greater than [%s.max][%g] for histogram "
                        "aggregation [%.*s]",
                        name, min, name, max, AUK_SPAN_ARG(out->name));
    return AUK_OK;
}

static auk_code check(auk_aggregation_parser *parser, auk_aggregation *out)
{
    if (out->u.histogram.interval == 0)
        return auk_fail(parser->err, AUK_INVALID, "Required [interval]");
    auk_code code = check_bounds(parser, out, &out->extended, "extended_bounds");
    return code == AUK_OK ? check_bounds(parser, out, &out->hard, "hard_bounds") : code;
}

/* ---- collect ---- */

typedef struct histogram_node {
    auk_value_reader *reader;
    auk_bucket_table table;
    bool has_min, has_max;
    double min, max; /* hard bounds */
} histogram_node;

static int64_t index_of(const auk_aggregation *aggregation, double value)
{
    double index =
        floor((value - aggregation->u.histogram.offset) / aggregation->u.histogram.interval);
    if (index > INDEX_LIMIT)
        return (int64_t)INDEX_LIMIT;
    return index > -INDEX_LIMIT ? (int64_t)index : (int64_t)-INDEX_LIMIT; /* NaN too */
}

static double key_of(const auk_aggregation *aggregation, int64_t index)
{
    return (double)index * aggregation->u.histogram.interval + aggregation->u.histogram.offset;
}

static void open_node(auk_aggregation_node *node)
{
    const auk_aggregation *spec = node->plan->spec;
    auk_value_form form = node->plan->shape.form;
    histogram_node *own = auk_aggregation_alloc(node->collector, 1, sizeof *own);
    if (!own)
        return;
    own->reader = auk_value_reader_open(node->collector, node->plan, false);
    if (!own->reader)
        return;
    const auk_value_reader *reader = own->reader;
    auk_bucket_table_init(&own->table, node, reader->has_range,
                          index_of(spec, auk_value_to_double(form, reader->min)),
                          index_of(spec, auk_value_to_double(form, reader->max)));
    own->has_min = spec->hard.min && auk_json_to_double(spec->hard.min, &own->min);
    own->has_max = spec->hard.max && auk_json_to_double(spec->hard.max, &own->max);
    node->own = own;
}

static void place(const histogram_node *own, const auk_aggregation_plan *plan)
{
    auk_value_reader *reader = own->reader;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < reader->count; i++) {
        int64_t index =
            index_of(plan->spec, auk_value_to_double(plan->shape.form, reader->values[i]));
        double key = key_of(plan->spec, index);
        if ((own->has_min && key < own->min) || (own->has_max && key > own->max))
            continue;
        reader->places[kept] = reader->places[i];
        reader->values[kept++] = index;
    }
    reader->count = kept;
}

static void collect(auk_aggregation_node *node, const auk_doc *docs, const uint32_t *owners,
                    uint32_t count, uint32_t owner_count)
{
    histogram_node *own = node->own;
    auk_value_reader *reader = own->reader;
    uint32_t ids[AUK_AGGREGATION_BATCH];
    auk_value_reader_begin(reader);
    while (auk_value_reader_next(reader, docs, count)) {
        place(own, node->plan);
        if (!reader->single)
            auk_value_reader_unite(reader);
        if (!auk_bucket_table_add(&own->table, owners, owner_count, reader->places, reader->values,
                                  reader->count, node->sub_count ? ids : NULL))
            return;
        if (node->sub_count)
            auk_aggregation_emit_all(node, docs, reader->places, ids, reader->count,
                                     own->table.used);
    }
}

static void finish(auk_aggregation_node *node, uint32_t owner_count, auk_partial *out)
{
    histogram_node *own = node->own;
    auk_bucket_table_finish(&own->table, node, owner_count, out);
}

/* ---- merge and write ---- */

static auk_code next(const void *rule, int64_t key, int64_t *out, auk_error *err)
{
    (void)rule;
    (void)err;
    *out = key + 1;
    return AUK_OK;
}

static auk_code merge(auk_aggregation_merger *merger, const auk_aggregation *aggregation,
                      const auk_partial *const *sources, uint32_t source_count, auk_partial *out)
{
    auk_histogram_steps steps = {.next = next};
    double bound;
    if (aggregation->extended.min && auk_json_to_double(aggregation->extended.min, &bound)) {
        steps.has_min = true;
        steps.min = index_of(aggregation, bound);
    }
    if (aggregation->extended.max && auk_json_to_double(aggregation->extended.max, &bound)) {
        steps.has_max = true;
        steps.max = index_of(aggregation, bound);
    }
    return auk_histogram_merge(merger, aggregation, &steps, sources, source_count, out);
}

static void write_name(const auk_aggregation_writer *writer, const auk_value_shape *shape,
                       double key)
{
    auk_buffer text;
    auk_buffer_init(&text, 4096);
    if (shape->display == AUK_DISPLAY_RAW) {
        auk_json_writer number;
        auk_json_writer_init(&number, &text, false);
        auk_json_double(&number, key);
    } else {
        auk_value_format(shape, key, &text);
    }
    auk_json_key(writer->json, auk_buffer_span(&text));
    auk_buffer_deinit(&text);
}

static void write(const auk_aggregation_writer *writer, const auk_aggregation *aggregation,
                  const auk_partial *partial)
{
    const auk_value_shape *shape = auk_partial_shape(partial);
    if (aggregation->keyed)
        auk_json_member_object(writer->json, "buckets");
    else
        auk_json_member_array(writer->json, "buckets");
    for (uint32_t i = 0; i < partial->u.merged.count; i++) {
        const auk_bucket *bucket = &partial->u.merged.items[i];
        double key = key_of(aggregation, bucket->key);
        if (aggregation->keyed)
            write_name(writer, shape, key);
        auk_json_begin_object(writer->json);
        auk_value_write_formatted(shape, "key_as_string", key, writer->json);
        auk_json_member_double(writer->json, "key", key);
        auk_json_member_uint(writer->json, "doc_count", bucket->count);
        auk_partials_write(writer, aggregation->subs, aggregation->sub_count, bucket->subs);
        auk_json_end_object(writer->json);
    }
    if (aggregation->keyed)
        auk_json_end_object(writer->json);
    else
        auk_json_end_array(writer->json);
}

const auk_aggregation_kind auk_aggregation_histogram = {
    .name = "histogram",
    .has_subs = true,
    .forms = AUK_FORMS_NUMBER,
    .members = members,
    .member_count = sizeof members / sizeof members[0],
    .defaults = auk_histogram_defaults,
    .check = check,
    .open = open_node,
    .collect = collect,
    .finish = finish,
    .merge = merge,
    .write = write,
};
