/* aggregation_cardinality.c - how many different values there are; exact, within the budget. */
#include "aggregation_parse.h"
#include "bucket_joiner.h"
#include "bucket_table.h"
#include "value_reader.h"

static auk_code read_threshold(auk_aggregation_parser *parser, const auk_json *value,
                               auk_aggregation *out)
{
    int64_t threshold;
    auk_code code = auk_aggregation_need_int(parser, out, value, &threshold);
    if (code == AUK_OK && threshold < 0)
        return auk_fail(parser->err, AUK_INVALID,
                        "[precisionThreshold] must be greater than or equal to 0. Found [%lld] in "
                        "[%.*s]",
                        (long long)threshold, AUK_SPAN_ARG(out->name));
    return code;
}

static const auk_aggregation_member members[] = {
    AUK_AGGREGATION_FIELD_MEMBERS,
    {"precision_threshold", read_threshold},
    {"execution_hint", auk_aggregation_read_hint},
};

typedef struct cardinality_node {
    auk_value_reader *reader;
    auk_bucket_table table;
} cardinality_node;

static void open_node(auk_aggregation_node *node)
{
    cardinality_node *own = auk_aggregation_alloc(node->collector, 1, sizeof *own);
    if (!own)
        return;
    own->reader = auk_value_reader_open(node->collector, node->plan, true);
    if (!own->reader)
        return;
    auk_bucket_table_init(&own->table, node, own->reader->has_range, own->reader->min,
                          own->reader->max);
    node->own = own;
}

static void collect(auk_aggregation_node *node, const auk_doc *docs, const uint32_t *owners,
                    uint32_t count, uint32_t owner_count)
{
    cardinality_node *own = node->own;
    auk_value_reader_begin(own->reader);
    while (auk_value_reader_next(own->reader, docs, count))
        if (!auk_bucket_table_add(&own->table, owners, owner_count, own->reader->places,
                                  own->reader->values, own->reader->count, NULL))
            return;
}

static void finish(auk_aggregation_node *node, uint32_t owner_count, auk_partial *out)
{
    cardinality_node *own = node->own;
    auk_bucket_table_finish(&own->table, node, owner_count, out);
    if (node->collector->status != AUK_OK || owner_count == 0)
        return;
    auk_gathered *gathered = out[0].u.collected.gathered;
    gathered->terms = own->reader->terms;
    gathered->has_extra = own->reader->extra;
    gathered->extra = own->reader->missing;
}

static auk_code merge(auk_aggregation_merger *merger, const auk_aggregation *aggregation,
                      const auk_partial *const *sources, uint32_t source_count, auk_partial *out)
{
    (void)aggregation;
    auk_bucket_joiner joiner;
    auk_code code = auk_bucket_joiner_init(&joiner, merger, out->plan, sources, source_count);
    auk_bucket bucket;
    while (code == AUK_OK && auk_bucket_joiner_next(&joiner, &bucket))
        out->u.cardinality++;
    return code;
}

static double figure(const auk_aggregation *aggregation, const auk_partial *partial, auk_span name)
{
    (void)aggregation;
    (void)name;
    return (double)partial->u.cardinality;
}

static void write(const auk_aggregation_writer *writer, const auk_aggregation *aggregation,
                  const auk_partial *partial)
{
    (void)aggregation;
    auk_json_member_uint(writer->json, "value", partial->u.cardinality);
}

static const char *const names[] = {"value", NULL};

const auk_aggregation_kind auk_aggregation_cardinality = {
    .name = "cardinality",
    .keyed_by_value = true,
    .forms = AUK_FORMS_ANY,
    .members = members,
    .member_count = sizeof members / sizeof members[0],
    .metrics = names,
    .open = open_node,
    .collect = collect,
    .finish = finish,
    .merge = merge,
    .figure = figure,
    .write = write,
};
