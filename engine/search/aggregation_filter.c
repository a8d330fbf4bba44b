/* aggregation_filter.c - filter, filters and missing: buckets of what matches. */
#include <stdlib.h>

#include "aggregation_parse.h"
#include "bucket_row.h"
#include "value_reader.h"

#define FILTER_LIMIT 1000u

/* ---- parse ---- */

static auk_code add_query(auk_aggregation_parser *parser, const auk_json *body, auk_span name,
                          auk_aggregation *out, const auk_query **queries, auk_span *names)
{
    uint32_t at = out->u.filters.count++;
    names[at] = name;
    return auk_query_parse(body, parser->arena, &queries[at], parser->err);
}

static auk_code read_filter(auk_aggregation_parser *parser, const auk_json *value,
                            auk_aggregation *out)
{
    const auk_query **query = AUK_ARENA_NEW(parser->arena, const auk_query *);
    auk_span *name = AUK_ARENA_NEW(parser->arena, auk_span);
    out->u.filters.queries = query;
    out->u.filters.names = name;
    return add_query(parser, value, out->name, out, query, name);
}

static int compare_names(const void *a, const void *b)
{
    const auk_json *const *left = a, *const *right = b;
    return auk_span_compare((*left)->key, (*right)->key);
}

static auk_code read_filters(auk_aggregation_parser *parser, const auk_json *value,
                             auk_aggregation *out)
{
    if (value->type != AUK_JSON_OBJECT && value->type != AUK_JSON_ARRAY)
        return auk_aggregation_wrong_type(parser, out, value);
    if (value->count > FILTER_LIMIT)
        return auk_fail(parser->err, AUK_INVALID,
                        "Number of filters is too large, must be less than or equal to: [%u] but "
                        "was [%u].",
                        FILTER_LIMIT, value->count);
    const auk_json **bodies = AUK_ARENA_ARRAY(parser->arena, const auk_json *, value->count + 1u);
    const auk_query **queries =
        AUK_ARENA_ARRAY(parser->arena, const auk_query *, value->count + 1u);
    auk_span *names = AUK_ARENA_ARRAY(parser->arena, auk_span, value->count + 1u);
    uint32_t count = 0;
    for (const auk_json *one = value->child; one; one = one->next)
        bodies[count++] = one;
    out->keyed = value->type == AUK_JSON_OBJECT;
    if (out->keyed)
        qsort(bodies, count, sizeof *bodies, compare_names);
    out->u.filters.queries = queries;
    out->u.filters.names = names;
    for (uint32_t i = 0; i < count; i++) {
        auk_code code = add_query(parser, bodies[i], bodies[i]->key, out, queries, names);
        if (code != AUK_OK)
            return code;
    }
    return AUK_OK;
}

static auk_code read_other(auk_aggregation_parser *parser, const auk_json *value,
                           auk_aggregation *out)
{
    return auk_aggregation_need_bool(parser, out, value, &out->u.filters.other);
}

static auk_code read_other_key(auk_aggregation_parser *parser, const auk_json *value,
                               auk_aggregation *out)
{
    out->u.filters.other = true;
    return auk_aggregation_need_text(parser, out, value, &out->u.filters.other_name);
}

static auk_code check_filters(auk_aggregation_parser *parser, auk_aggregation *out)
{
    if (out->u.filters.count == 0)
        return auk_fail(parser->err, AUK_INVALID, "[filters] cannot be empty.");
    if (out->u.filters.other_name.size == 0)
        out->u.filters.other_name = AUK_SPAN("_other_");
    return AUK_OK;
}

static const auk_aggregation_member filter_members[] = {{"filter", read_filter}};
static const auk_aggregation_member filters_members[] = {
    {"filters", read_filters},
    {"other_bucket", read_other},
    {"other_bucket_key", read_other_key},
};
static const auk_aggregation_member missing_members[] = {
    {"field", auk_aggregation_read_field},
    {"missing", auk_aggregation_read_missing},
};

/* ---- prepare ---- */

static auk_code prepare_filters(auk_aggregation_preparer *preparer, auk_aggregation_plan *plan)
{
    uint32_t count = plan->spec->u.filters.count;
    const auk_plan **plans = AUK_ARENA_ARRAY(preparer->resolver->arena, const auk_plan *, count);
    plan->own = plans;
    for (uint32_t i = 0; i < count; i++) {
        auk_code code = auk_resolve(preparer->resolver, plan->spec->u.filters.queries[i], &plans[i],
                                    preparer->err);
        if (code != AUK_OK)
            return code;
    }
    return AUK_OK;
}

/* ---- collect ---- */

typedef struct filters_node {
    auk_bucket_row row;
    auk_filter **filters;
    auk_doc *distinct; /* the batch without repetitions: filters want each document once */
    auk_doc *kept;
    uint64_t *matches; /* per filter a bit for each of the distinct documents */
    auk_doc last;      /* of the batch before, and what matched it */
    bool any;
    bool *last_matches;
} filters_node;

#define MATCH_WORDS (AUK_AGGREGATION_BATCH / 64)

static uint32_t width_of(const auk_aggregation *aggregation)
{
    return aggregation->u.filters.count + aggregation->u.filters.other;
}

static bool open_filters(auk_aggregation_node *node, filters_node *own)
{
    auk_aggregation_collector *collector = node->collector;
    const auk_plan *const *plans = node->plan->own;
    uint32_t count = node->plan->spec->u.filters.count;
    own->filters = auk_aggregation_alloc(collector, count, sizeof(auk_filter *));
    own->distinct = auk_aggregation_alloc(collector, AUK_AGGREGATION_BATCH, sizeof(auk_doc));
    own->kept = auk_aggregation_alloc(collector, AUK_AGGREGATION_BATCH, sizeof(auk_doc));
    own->matches = auk_aggregation_alloc(collector, (size_t)count * MATCH_WORDS, sizeof(uint64_t));
    own->last_matches = auk_aggregation_alloc(collector, count, sizeof(bool));
    for (uint32_t i = 0; i < count && collector->status == AUK_OK; i++)
        collector->status = auk_filter_open(plans[i], collector->view, collector->arena,
                                            &own->filters[i], &collector->error);
    return collector->status == AUK_OK;
}

static void open_filters_node(auk_aggregation_node *node)
{
    filters_node *own = auk_aggregation_alloc(node->collector, 1, sizeof *own);
    if (!own || !open_filters(node, own))
        return;
    own->row.width = width_of(node->plan->spec);
    node->own = own;
}

static uint32_t list_distinct(filters_node *own, const auk_doc *docs, uint32_t count)
{
    uint32_t used = 0;
    for (uint32_t i = 0; i < count; i++) {
        bool known = used ? own->distinct[used - 1] == docs[i] : own->any && own->last == docs[i];
        if (!known)
            own->distinct[used++] = docs[i];
    }
    return used;
}

static void match(filters_node *own, uint32_t filter, uint32_t distinct)
{
    uint64_t *bits = own->matches + (size_t)filter * MATCH_WORDS;
    memset(bits, 0, MATCH_WORDS * sizeof *bits);
    uint32_t kept = auk_filter_keep(own->filters[filter], own->distinct, distinct, own->kept);
    for (uint32_t i = 0, k = 0; k < kept; i++)
        if (own->distinct[i] == own->kept[k]) {
            bits[i / 64] |= UINT64_C(1) << (i % 64);
            k++;
        }
}

/* Puts a document into the buckets that its matches name. */
static void add_document(auk_aggregation_node *node, auk_doc doc, uint32_t owner, uint32_t place,
                         bool is_last)
{
    filters_node *own = node->own;
    uint32_t count = node->plan->spec->u.filters.count;
    bool any = false;
    for (uint32_t f = 0; f < count; f++) {
        bool matches = is_last
                           ? own->last_matches[f]
                           : own->matches[(size_t)f * MATCH_WORDS + place / 64] >> (place % 64) & 1;
        if (matches)
            auk_bucket_row_add(&own->row, node, doc, owner, f);
        any |= matches;
    }
    if (!any && node->plan->spec->u.filters.other)
        auk_bucket_row_add(&own->row, node, doc, owner, count);
}

static void collect_filters(auk_aggregation_node *node, const auk_doc *docs, const uint32_t *owners,
                            uint32_t count, uint32_t owner_count)
{
    filters_node *own = node->own;
    uint32_t filters = node->plan->spec->u.filters.count;
    if (!auk_bucket_row_grow(&own->row, node, owner_count))
        return;
    uint32_t distinct = list_distinct(own, docs, count);
    for (uint32_t f = 0; f < filters; f++)
        match(own, f, distinct);
    uint32_t place = 0;
    for (uint32_t i = 0; i < count; i++) {
        bool is_last = own->any && own->last == docs[i];
        while (!is_last && own->distinct[place] != docs[i])
            place++;
        add_document(node, docs[i], owners ? owners[i] : 0, place, is_last);
    }
    auk_aggregation_flush(node, own->row.used);
    if (distinct == 0)
        return;
    place = distinct - 1;
    own->any = true;
    own->last = own->distinct[place];
    for (uint32_t f = 0; f < filters; f++)
        own->last_matches[f] =
            own->matches[(size_t)f * MATCH_WORDS + place / 64] >> (place % 64) & 1;
}

static void finish_filters(auk_aggregation_node *node, uint32_t owner_count, auk_partial *out)
{
    filters_node *own = node->own;
    auk_aggregation_collector *collector = node->collector;
    for (uint32_t f = 0; f < node->plan->spec->u.filters.count; f++)
        if (collector->status == AUK_OK)
            collector->status = auk_filter_status(own->filters[f], &collector->error);
    auk_bucket_row_finish(&own->row, node, owner_count, out);
}

/* ---- missing ---- */

typedef struct missing_node {
    auk_bucket_row row;
    auk_column_cursor *cursor; /* NULL: no document has a value */
} missing_node;

static void open_missing_node(auk_aggregation_node *node)
{
    const auk_field *field = node->plan->shape.field;
    if (node->plan->has_missing)
        return; /* every document has a value then */
    missing_node *own = auk_aggregation_alloc(node->collector, 1, sizeof *own);
    if (!own)
        return;
    const auk_column *column =
        field ? auk_segment_column(node->collector->view->segment, field->number) : NULL;
    if (column)
        own->cursor = auk_column_cursor_open(column, node->collector->arena);
    own->row.width = 1;
    node->own = own;
}

static void collect_missing(auk_aggregation_node *node, const auk_doc *docs, const uint32_t *owners,
                            uint32_t count, uint32_t owner_count)
{
    missing_node *own = node->own;
    if (!auk_bucket_row_grow(&own->row, node, owner_count))
        return;
    for (uint32_t i = 0; i < count; i++) {
        const int64_t *values;
        if (!own->cursor || !auk_column_cursor_values(own->cursor, docs[i], &values))
            auk_bucket_row_add(&own->row, node, docs[i], owners ? owners[i] : 0, 0);
    }
    auk_aggregation_flush(node, own->row.used);
    if (own->cursor && auk_column_cursor_status(own->cursor) != AUK_OK)
        auk_aggregation_fail(node->collector, AUK_CORRUPT, "a column is damaged");
}

static void finish_missing(auk_aggregation_node *node, uint32_t owner_count, auk_partial *out)
{
    missing_node *own = node->own;
    auk_bucket_row_finish(&own->row, node, owner_count, out);
}

/* ---- merge and write ---- */

static auk_code merge_filters(auk_aggregation_merger *merger, const auk_aggregation *aggregation,
                              const auk_partial *const *sources, uint32_t source_count,
                              auk_partial *out)
{
    return auk_bucket_row_merge(merger, aggregation, width_of(aggregation), sources, source_count,
                                out);
}

static auk_code merge_missing(auk_aggregation_merger *merger, const auk_aggregation *aggregation,
                              const auk_partial *const *sources, uint32_t source_count,
                              auk_partial *out)
{
    return auk_bucket_row_merge(merger, aggregation, 1, sources, source_count, out);
}

static void write_one(const auk_aggregation_writer *writer, const auk_aggregation *aggregation,
                      const auk_bucket *bucket)
{
    auk_json_member_uint(writer->json, "doc_count", bucket->count);
    auk_partials_write(writer, aggregation->subs, aggregation->sub_count, bucket->subs);
}

static void write_single(const auk_aggregation_writer *writer, const auk_aggregation *aggregation,
                         const auk_partial *partial)
{
    write_one(writer, aggregation, &partial->u.merged.items[0]);
}

static void write_filters(const auk_aggregation_writer *writer, const auk_aggregation *aggregation,
                          const auk_partial *partial)
{
    uint32_t count = aggregation->u.filters.count;
    if (aggregation->keyed)
        auk_json_member_object(writer->json, "buckets");
    else
        auk_json_member_array(writer->json, "buckets");
    for (uint32_t i = 0; i < partial->u.merged.count; i++) {
        if (aggregation->keyed)
            auk_json_key(writer->json, i < count ? aggregation->u.filters.names[i]
                                                 : aggregation->u.filters.other_name);
        auk_json_begin_object(writer->json);
        write_one(writer, aggregation, &partial->u.merged.items[i]);
        auk_json_end_object(writer->json);
    }
    if (aggregation->keyed)
        auk_json_end_object(writer->json);
    else
        auk_json_end_array(writer->json);
}

const auk_aggregation_kind auk_aggregation_filter = {
    .name = "filter",
    .has_subs = true,
    .is_single_bucket = true,
    .members = filter_members,
    .member_count = 1,
    .prepare = prepare_filters,
    .open = open_filters_node,
    .collect = collect_filters,
    .finish = finish_filters,
    .merge = merge_filters,
    .write = write_single,
};

const auk_aggregation_kind auk_aggregation_filters = {
    .name = "filters",
    .has_subs = true,
    .members = filters_members,
    .member_count = sizeof filters_members / sizeof filters_members[0],
    .check = check_filters,
    .prepare = prepare_filters,
    .open = open_filters_node,
    .collect = collect_filters,
    .finish = finish_filters,
    .merge = merge_filters,
    .write = write_filters,
};

const auk_aggregation_kind auk_aggregation_missing = {
    .name = "missing",
    .has_subs = true,
    .is_single_bucket = true,
    .forms = AUK_FORMS_ANY,
    .members = missing_members,
    .member_count = sizeof missing_members / sizeof missing_members[0],
    .open = open_missing_node,
    .collect = collect_missing,
    .finish = finish_missing,
    .merge = merge_missing,
    .write = write_single,
};
