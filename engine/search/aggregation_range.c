/* aggregation_range.c - range and date_range: a bucket for each of the given ranges, [from, to). */
#include <math.h>
#include <stdlib.h>

#include "aggregation_parse.h"
#include "bucket_row.h"
#include "column_window.h"
#include "score_kernels.h"
#include "value_reader.h"

#define RANGE_LIMIT 10000u

/* ---- parse ---- */

static auk_code read_range(auk_aggregation_parser *parser, const auk_json *value,
                           const auk_aggregation *aggregation, auk_range_given *out)
{
    static const auk_aggregation_member names[] = {{"key", NULL}, {"from", NULL}, {"to", NULL}};
    if (value->type != AUK_JSON_OBJECT)
        return auk_aggregation_wrong_type(parser, aggregation, value);
    for (const auk_json *one = value->child; one; one = one->next) {
        const auk_json *given = one->type == AUK_JSON_NULL ? NULL : one;
        if (given && given->type != AUK_JSON_NUMBER && given->type != AUK_JSON_STRING)
            return auk_aggregation_wrong_type(parser, aggregation, one);
        if (auk_span_is(one->key, "key"))
            out->key = given ? given->text : (auk_span){NULL, 0};
        else if (auk_span_is(one->key, "from"))
            out->from = given;
        else if (auk_span_is(one->key, "to"))
            out->to = given;
        else
            return auk_aggregation_unknown_member(parser, aggregation->kind->name, one->key, names,
                                                  3);
    }
    return AUK_OK;
}

static auk_code read_ranges(auk_aggregation_parser *parser, const auk_json *value,
                            auk_aggregation *out)
{
    if (value->type != AUK_JSON_ARRAY)
        return auk_aggregation_wrong_type(parser, out, value);
    if (value->count > RANGE_LIMIT)
        return auk_fail(parser->err, AUK_INVALID, "more than %u ranges in [%.*s]", RANGE_LIMIT,
                        AUK_SPAN_ARG(out->name));
    auk_range_given *ranges = AUK_ARENA_ARRAY(parser->arena, auk_range_given, value->count + 1u);
    uint32_t count = 0;
    for (const auk_json *one = value->child; one; one = one->next) {
        auk_code code = read_range(parser, one, out, &ranges[count++]);
        if (code != AUK_OK)
            return code;
    }
    out->u.ranges.items = ranges;
    out->u.ranges.count = count;
    return AUK_OK;
}

static auk_code check(auk_aggregation_parser *parser, auk_aggregation *out)
{
    if (out->u.ranges.count)
        return AUK_OK;
    return auk_fail(parser->err, AUK_INVALID, "No [ranges] specified for the [%.*s] aggregation",
                    AUK_SPAN_ARG(out->name));
}

static const auk_aggregation_member members[] = {
    AUK_AGGREGATION_FIELD_MEMBERS,
    {"ranges", read_ranges},
    {"keyed", auk_aggregation_read_keyed},
};
static const auk_aggregation_member date_members[] = {
    AUK_AGGREGATION_FIELD_MEMBERS,
    {"ranges", read_ranges},
    {"keyed", auk_aggregation_read_keyed},
    {"time_zone", auk_aggregation_read_time_zone},
};

/* ---- prepare ---- */

typedef struct range {
    double from, to; /* open: infinite */
    auk_span key;
    uint32_t place; /* in the request */
} range;

typedef struct range_plan {
    range *items; /* by from, then to: the order of the answer */
    uint32_t count;
} range_plan;

static auk_code read_end(const auk_value_shape *shape, int64_t now_ms, const auk_json *given,
                         double open, double *out, auk_error *err)
{
    *out = open;
    if (!given)
        return AUK_OK;
    if (given->type == AUK_JSON_NUMBER || shape->display != AUK_DISPLAY_DATE) {
        if (auk_json_to_double(given, out))
            return AUK_OK;
        return auk_fail_type(err, AUK_INVALID, "number_format_exception",
                             "For input string: \"%.*s\"", AUK_SPAN_ARG(given->text));
    }
    int64_t ms;
    auk_code code =
        auk_date_math(shape->date_format, given->text, shape->time_zone, now_ms, false, &ms, err);
    *out = (double)ms;
    return code;
}

static void write_end(const auk_value_shape *shape, double value, auk_buffer *out)
{
    if (isinf(value)) {
        auk_buffer_append_byte(out, '*');
    } else if (shape->display == AUK_DISPLAY_RAW) {
        auk_json_writer number;
        auk_json_writer_init(&number, out, false);
        auk_json_double(&number, value);
    } else {
        auk_value_format(shape, value, out);
    }
}

static auk_span make_key(const auk_value_shape *shape, const range *one, auk_arena *arena)
{
    auk_buffer text;
    auk_buffer_init(&text, 8192);
    write_end(shape, one->from, &text);
    auk_buffer_append_byte(&text, '-');
    write_end(shape, one->to, &text);
    auk_span key = auk_arena_copy(arena, auk_buffer_span(&text));
    auk_buffer_deinit(&text);
    return key;
}

static int compare_ranges(const void *a, const void *b)
{
    const range *left = a, *right = b;
    if (left->from != right->from)
        return left->from < right->from ? -1 : 1;
    if (left->to != right->to)
        return left->to < right->to ? -1 : 1;
    return (left->place > right->place) - (left->place < right->place);
}

static auk_code init_plan(const auk_aggregation *spec, const auk_value_shape *shape, int64_t now_ms,
                          auk_arena *arena, range_plan *own, auk_error *err)
{
    own->count = spec->u.ranges.count;
    own->items = AUK_ARENA_ARRAY(arena, range, own->count);
    for (uint32_t i = 0; i < own->count; i++) {
        const auk_range_given *given = &spec->u.ranges.items[i];
        range *one = &own->items[i];
        auk_code code = read_end(shape, now_ms, given->from, -(double)INFINITY, &one->from, err);
        if (code == AUK_OK)
            code = read_end(shape, now_ms, given->to, (double)INFINITY, &one->to, err);
        if (code != AUK_OK)
            return code;
        one->place = i;
        one->key = given->key.data ? given->key : make_key(shape, one, arena);
    }
    qsort(own->items, own->count, sizeof *own->items, compare_ranges);
    return AUK_OK;
}

static auk_code set_shape(const auk_aggregation *spec, auk_value_shape *shape, auk_arena *arena,
                          auk_error *err)
{
    if (spec->kind != &auk_aggregation_date_range)
        return AUK_OK;
    return auk_value_shape_set_date(shape, spec->format, spec->time_zone, arena, err);
}

static auk_code prepare(auk_aggregation_preparer *preparer, auk_aggregation_plan *plan)
{
    auk_arena *arena = preparer->resolver->arena;
    range_plan *own = AUK_ARENA_NEW(arena, range_plan);
    plan->own = own;
    auk_code code = set_shape(plan->spec, &plan->shape, arena, preparer->err);
    if (code != AUK_OK)
        return code;
    return init_plan(plan->spec, &plan->shape, preparer->environment->now_ms, arena, own,
                     preparer->err);
}

/* ---- collect ---- */

typedef struct range_node {
    auk_value_reader *reader;
    auk_bucket_row row;
    auk_doc
        *last; /* per bucket of the current document: one more than it, so that it counts once */
    int64_t *least, *most; /* of each range, as values of the column; NULL: not by windows */
} range_node;

#define WINDOW_RANGES 32u /* passes over a block, at most */

/* Doubles that stand for whole numbers are exact up to here. */
#define EXACT_WHOLE (INT64_C(1) << 53)

static int64_t whole_bound(double end)
{
    if (!(end > -0x1p60))
        return INT64_MIN;
    return end < 0x1p60 ? (int64_t)ceil(end) : INT64_MAX;
}

/* -0.0 equals 0.0, but has a place of its own below it. */
static int64_t real_bound(double end)
{
    return auk_double_to_sortable(end == 0 ? -0.0 : end);
}

/* [from, to) of a column's values, where each range is one of them. */
static void set_bounds(auk_aggregation_node *node)
{
    range_node *own = node->own;
    const range_plan *ranges = node->plan->own;
    const auk_value_reader *reader = own->reader;
    bool real = node->plan->shape.form == AUK_FORM_REAL;
    bool exact = real || (reader->min > -EXACT_WHOLE && reader->max < EXACT_WHOLE);
    if (node->sub_count || !node->single || !reader->cursor || !reader->single ||
        reader->has_missing || !exact || ranges->count > WINDOW_RANGES)
        return;
    int64_t *bounds =
        auk_aggregation_alloc(node->collector, (size_t)ranges->count * 2, sizeof *bounds);
    if (!bounds)
        return;
    own->least = bounds;
    own->most = bounds + ranges->count;
    for (uint32_t r = 0; r < ranges->count; r++) {
        double from = ranges->items[r].from, to = ranges->items[r].to;
        own->least[r] = real ? real_bound(from) : whole_bound(from);
        own->most[r] = isinf(to) && to > 0 ? INT64_MAX : real ? real_bound(to) : whole_bound(to);
        if (own->most[r] == INT64_MIN || own->most[r] <= own->least[r]) {
            own->least[r] = INT64_MAX; /* none */
            own->most[r] = INT64_MIN;
        } else if (!(isinf(to) && to > 0)) {
            own->most[r]--;
        }
    }
}

static void open_node(auk_aggregation_node *node)
{
    range_node *own = auk_aggregation_alloc(node->collector, 1, sizeof *own);
    if (!own)
        return;
    own->reader = auk_value_reader_open(node->collector, node->plan, true);
    if (!own->reader)
        return;
    own->row.width = node->plan->spec->u.ranges.count;
    own->last = auk_aggregation_alloc(node->collector, own->row.width, sizeof *own->last);
    if (!own->last)
        return;
    node->own = own;
    set_bounds(node);
}

static void add_value(auk_aggregation_node *node, double value, auk_doc doc, uint32_t owner,
                      uint32_t mark)
{
    range_node *own = node->own;
    const range_plan *ranges = node->plan->own;
    for (uint32_t r = 0; r < ranges->count; r++) {
        const range *one = &ranges->items[r];
        if (value < one->from)
            break;
        if (value >= one->to || own->last[r] == mark)
            continue;
        own->last[r] = mark;
        auk_bucket_row_add(&own->row, node, doc, owner, r);
    }
}

static void collect(auk_aggregation_node *node, const auk_doc *docs, const uint32_t *owners,
                    uint32_t count, uint32_t owner_count)
{
    range_node *own = node->own;
    auk_value_reader *reader = own->reader;
    auk_value_form form = node->plan->shape.form;
    if (!auk_bucket_row_grow(&own->row, node, owner_count))
        return;
    /* Pairs of one place stay together, so a place marks its document, until the next batch. */
    memset(own->last, 0, own->row.width * sizeof *own->last);
    auk_value_reader_begin(reader);
    while (auk_value_reader_next(reader, docs, count))
        for (uint32_t i = 0; i < reader->count; i++) {
            uint32_t at = reader->places[i];
            add_value(node, auk_value_to_double(form, reader->values[i]), docs[at],
                      owners ? owners[at] : 0, at + 1);
        }
    auk_aggregation_flush(node, own->row.used);
}

/* What the zone decides; a bit for each range that it does not. */
static uint32_t add_by_zone(range_node *own, uint32_t count, const auk_column_window *window)
{
    int64_t min, max;
    uint32_t with, open = 0;
    if (!auk_column_zone(own->reader->column, window->block, &min, &max))
        return 0;
    bool known = auk_column_window_known(own->reader->column, window, &with);
    for (uint32_t r = 0; r < count; r++) {
        if (own->least[r] > max || own->most[r] < min)
            continue;
        if (!known || own->least[r] > min || own->most[r] < max)
            open |= UINT32_C(1) << r;
    }
    for (uint32_t r = 0; r < count; r++)
        if (own->least[r] <= min && own->most[r] >= max && known)
            own->row.counts[r] += with;
    return open;
}

/* Values among which the window's are: of the rows that are marked in meant. */
static uint32_t window_values(const range_node *own, const auk_column_window *window,
                              int64_t picked[AUK_COLUMN_BLOCK], const int64_t **values,
                              uint64_t meant[AUK_COLUMN_WORDS])
{
    const uint64_t *present;
    auk_column_cursor *cursor = own->reader->cursor;
    *values = picked;
    if (window->docs) {
        memset(meant, 0xff, AUK_COLUMN_WORDS * sizeof *meant);
        return auk_column_cursor_pick(cursor, window->docs, window->count, NULL, picked);
    }
    uint32_t rows = auk_column_cursor_block(cursor, window->block, values, &present);
    if (rows)
        auk_column_window_with(window, present, meant);
    return rows;
}

static bool collect_window(auk_aggregation_node *node, const auk_column_window *window)
{
    range_node *own = node->own;
    const range_plan *ranges = node->plan->own;
    const int64_t *values;
    int64_t picked[AUK_COLUMN_BLOCK];
    uint64_t meant[AUK_COLUMN_WORDS], inside[AUK_COLUMN_WORDS];
    if (!own->least)
        return false;
    if (!auk_bucket_row_grow(&own->row, node, 1))
        return true;
    uint32_t open = add_by_zone(own, ranges->count, window);
    uint32_t rows = open ? window_values(own, window, picked, &values, meant) : 0;
    for (; rows && open; open &= open - 1) {
        uint32_t r = (uint32_t)__builtin_ctz(open);
        auk_column_kernels_best()->mark_range(values, rows, own->least[r], own->most[r], inside);
        own->row.counts[r] += auk_score_kernels_best()->count_bits(inside, meant, (rows + 63) / 64);
    }
    if (auk_column_cursor_status(own->reader->cursor) != AUK_OK)
        auk_aggregation_fail(node->collector, AUK_CORRUPT, "a column is damaged");
    return true;
}

static void finish(auk_aggregation_node *node, uint32_t owner_count, auk_partial *out)
{
    range_node *own = node->own;
    auk_bucket_row_finish(&own->row, node, owner_count, out);
}

/* ---- merge and write ---- */

static auk_code merge(auk_aggregation_merger *merger, const auk_aggregation *aggregation,
                      const auk_partial *const *sources, uint32_t source_count, auk_partial *out)
{
    if (!out->plan) {
        /* No index was looked at, so the ranges are shown by their own format. */
        auk_aggregation_plan *plan = AUK_ARENA_NEW(merger->arena, auk_aggregation_plan);
        range_plan *own = AUK_ARENA_NEW(merger->arena, range_plan);
        plan->spec = aggregation;
        plan->own = own;
        auk_code code = set_shape(aggregation, &plan->shape, merger->arena, merger->err);
        if (code == AUK_OK)
            code = init_plan(aggregation, &plan->shape, merger->environment->now_ms, merger->arena,
                             own, merger->err);
        if (code != AUK_OK)
            return code;
        out->plan = plan;
    }
    return auk_bucket_row_merge(merger, aggregation, aggregation->u.ranges.count, sources,
                                source_count, out);
}

static void write_bucket(const auk_aggregation_writer *writer, const auk_aggregation *aggregation,
                         const auk_value_shape *shape, const range *one, const auk_bucket *bucket)
{
    if (aggregation->keyed)
        auk_json_key(writer->json, one->key);
    auk_json_begin_object(writer->json);
    if (!aggregation->keyed)
        auk_json_member_string(writer->json, "key", one->key);
    if (!isinf(one->from)) {
        auk_json_member_double(writer->json, "from", one->from);
        auk_value_write_formatted(shape, "from_as_string", one->from, writer->json);
    }
    if (!isinf(one->to)) {
        auk_json_member_double(writer->json, "to", one->to);
        auk_value_write_formatted(shape, "to_as_string", one->to, writer->json);
    }
    auk_json_member_uint(writer->json, "doc_count", bucket->count);
    auk_partials_write(writer, aggregation->subs, aggregation->sub_count, bucket->subs);
    auk_json_end_object(writer->json);
}

static void write(const auk_aggregation_writer *writer, const auk_aggregation *aggregation,
                  const auk_partial *partial)
{
    const range_plan *ranges = partial->plan->own;
    if (aggregation->keyed)
        auk_json_member_object(writer->json, "buckets");
    else
        auk_json_member_array(writer->json, "buckets");
    for (uint32_t i = 0; i < partial->u.merged.count; i++)
        write_bucket(writer, aggregation, &partial->plan->shape, &ranges->items[i],
                     &partial->u.merged.items[i]);
    if (aggregation->keyed)
        auk_json_end_object(writer->json);
    else
        auk_json_end_array(writer->json);
}

#define RANGE_ROW(noun, list)                                                                      \
    const auk_aggregation_kind auk_aggregation_##noun = {                                          \
        .name = #noun,                                                                             \
        .has_subs = true,                                                                          \
        .forms = AUK_FORMS_NUMBER,                                                                 \
        .members = list,                                                                           \
        .member_count = sizeof list / sizeof list[0],                                              \
        .check = check,                                                                            \
        .prepare = prepare,                                                                        \
        .open = open_node,                                                                         \
        .collect = collect,                                                                        \
        .collect_window = collect_window,                                                          \
        .finish = finish,                                                                          \
        .merge = merge,                                                                            \
        .write = write,                                                                            \
    }

RANGE_ROW(range, members);
RANGE_ROW(date_range, date_members);
