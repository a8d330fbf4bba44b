/* aggregation_date_histogram.c - a bucket for each interval of time. Keys are their starts in ms.
 */
#include "aggregation_parse.h"
#include "auk/units.h"
#include "bucket_table.h"
#include "column_window.h"
#include "date_rounding.h"
#include "histogram_fill.h"
#include "value_reader.h"

#define SPAN_LIMIT_MS INT64_C(1000000000000000) /* intervals and offsets; some 30,000 years */

/* ---- parse ---- */

static const struct {
    const char *name, *number;
    char unit;
} calendar_units[] = {
    {"second", "1s", 's'}, {"minute", "1m", 'm'}, {"hour", "1h", 'h'},    {"day", "1d", 'd'},
    {"week", "1w", 'w'},   {"month", "1M", 'M'},  {"quarter", "1q", 'q'}, {"year", "1y", 'y'},
};
#define UNITS (sizeof calendar_units / sizeof calendar_units[0])

static auk_code check_alone(auk_aggregation_parser *parser, const auk_aggregation *out,
                            const auk_json *value)
{
    if (!out->u.date.unit && !out->u.date.interval_ms)
        return AUK_OK;
    return auk_fail(parser->err, AUK_INVALID, "Cannot use [%.*s] with [%s] configuration option.",
                    AUK_SPAN_ARG(value->key),
                    out->u.date.unit ? "calendar_interval" : "fixed_interval");
}

static auk_code read_calendar(auk_aggregation_parser *parser, const auk_json *value,
                              auk_aggregation *out)
{
    auk_span text;
    auk_code code = auk_aggregation_need_text(parser, out, value, &text);
    if (code == AUK_OK)
        code = check_alone(parser, out, value);
    if (code != AUK_OK)
        return code;
    for (size_t i = 0; i < UNITS; i++)
        if (auk_span_is(text, calendar_units[i].name) ||
            auk_span_is(text, calendar_units[i].number))
            out->u.date.unit = calendar_units[i].unit;
    if (out->u.date.unit)
        return AUK_OK;
    auk_fail(parser->err, AUK_INVALID,
             "The supplied interval [%.*s] could not be parsed as a calendar interval.",
             AUK_SPAN_ARG(text));
    auk_hint(parser->err, "calendar intervals are one of minute, hour, day, week, month, quarter, "
                          "year; multiples such as [2d] go into [fixed_interval]");
    return AUK_INVALID;
}

static auk_code read_fixed(auk_aggregation_parser *parser, const auk_json *value,
                           auk_aggregation *out)
{
    auk_span text;
    auk_code code = auk_aggregation_need_text(parser, out, value, &text);
    if (code == AUK_OK)
        code = check_alone(parser, out, value);
    if (code != AUK_OK)
        return code;
    /* 'M' stands for months, which have no fixed length; the units of time take it for minutes */
    bool months = text.size && text.data[text.size - 1] == 'M';
    if (months || !auk_time_parse_ms(text, &out->u.date.interval_ms))
        return auk_fail(parser->err, AUK_INVALID,
                        "failed to parse setting [date_histogram.fixedInterval] with value [%.*s] "
                        "as a time value: unit is missing or unrecognized",
                        AUK_SPAN_ARG(text));
    if (out->u.date.interval_ms > SPAN_LIMIT_MS)
        return auk_fail(parser->err, AUK_INVALID, "interval [%.*s] is too long",
                        AUK_SPAN_ARG(text));
    if (out->u.date.interval_ms <= 0)
        return auk_fail(parser->err, AUK_INVALID, "Zero or negative time interval not supported");
    return AUK_OK;
}

static auk_code read_offset(auk_aggregation_parser *parser, const auk_json *value,
                            auk_aggregation *out)
{
    auk_span text = value->text;
    if (value->type != AUK_JSON_NUMBER && value->type != AUK_JSON_STRING)
        return auk_aggregation_wrong_type(parser, out, value);
    bool negative = text.size && text.data[0] == '-';
    auk_span size = negative || (text.size && text.data[0] == '+') ? auk_span_from(text, 1) : text;
    bool parsed = value->type == AUK_JSON_NUMBER
                      ? auk_number_parse_int64(size, &out->u.date.offset_ms)
                      : auk_time_parse_ms(size, &out->u.date.offset_ms);
    if (!parsed || out->u.date.offset_ms < 0 || out->u.date.offset_ms > SPAN_LIMIT_MS)
        return auk_fail(parser->err, AUK_INVALID,
                        "failed to parse setting [date_histogram.offset] with value [%.*s] as a "
                        "time value: unit is missing or unrecognized",
                        AUK_SPAN_ARG(text));
    if (negative)
        out->u.date.offset_ms = -out->u.date.offset_ms;
    return AUK_OK;
}

static const auk_aggregation_member members[] = {
    AUK_AGGREGATION_FIELD_MEMBERS,
    {"calendar_interval", read_calendar},
    {"fixed_interval", read_fixed},
    {"time_zone", auk_aggregation_read_time_zone},
    {"offset", read_offset},
    {"min_doc_count", auk_aggregation_read_min_doc_count},
    {"order", auk_aggregation_read_order},
    {"keyed", auk_aggregation_read_keyed},
    {"extended_bounds", auk_aggregation_read_extended},
    {"hard_bounds", auk_aggregation_read_hard},
};

static auk_code check(auk_aggregation_parser *parser, auk_aggregation *out)
{
    if (!out->u.date.unit && !out->u.date.interval_ms)
        return auk_fail(parser->err, AUK_INVALID,
                        "Required one of fields [interval, calendar_interval, fixed_interval], but "
                        "none were specified. ");
    return AUK_OK;
}

/* ---- prepare ---- */

typedef struct date_bounds {
    bool has_min, has_max;
    int64_t min, max;
} date_bounds;

typedef struct date_plan {
    auk_date_rounding rounding;
    date_bounds extended, hard;
} date_plan;

static auk_code read_bound(const auk_value_shape *shape, int64_t now_ms, const auk_json *given,
                           bool *has, int64_t *out, auk_error *err)
{
    if (!given)
        return AUK_OK;
    *has = true;
    if (given->type == AUK_JSON_NUMBER) {
        if (auk_json_to_int64(given, out))
            return AUK_OK;
        return auk_fail(err, AUK_INVALID, "bound [%.*s] is no date", AUK_SPAN_ARG(given->text));
    }
    return auk_date_math(shape->date_format, given->text, shape->time_zone, now_ms, false, out,
                         err);
}

static auk_code read_bounds(const auk_value_shape *shape, int64_t now_ms,
                            const auk_aggregation *spec, const char *name,
                            const auk_bounds_given *given, date_bounds *out, auk_error *err)
{
    auk_code code = read_bound(shape, now_ms, given->min, &out->has_min, &out->min, err);
    if (code == AUK_OK)
        code = read_bound(shape, now_ms, given->max, &out->has_max, &out->max, err);
    if (code == AUK_OK && out->has_min && out->has_max && out->min > out->max)
        return auk_fail(err, AUK_INVALID,
                        "[%s.min][%.*s] cannot be greater than [%s.max][%.*s] for histogram "
                        "aggregation [%.*s]",
                        name, AUK_SPAN_ARG(given->min->text), name, AUK_SPAN_ARG(given->max->text),
                        AUK_SPAN_ARG(spec->name));
    return code;
}

static auk_code init_plan(const auk_aggregation *spec, const auk_value_shape *shape, int64_t now_ms,
                          date_plan *own, auk_error *err)
{
    auk_date_rounding_init(&own->rounding, spec);
    auk_code code =
        read_bounds(shape, now_ms, spec, "extended_bounds", &spec->extended, &own->extended, err);
    if (code == AUK_OK)
        code = read_bounds(shape, now_ms, spec, "hard_bounds", &spec->hard, &own->hard, err);
    if (code == AUK_OK && own->extended.has_min)
        code = auk_date_rounding_floor(&own->rounding, own->extended.min, &own->extended.min, err);
    if (code == AUK_OK && own->extended.has_max)
        code = auk_date_rounding_floor(&own->rounding, own->extended.max, &own->extended.max, err);
    return code;
}

static auk_code prepare(auk_aggregation_preparer *preparer, auk_aggregation_plan *plan)
{
    date_plan *own = AUK_ARENA_NEW(preparer->resolver->arena, date_plan);
    plan->own = own;
    auk_code code =
        auk_value_shape_set_date(&plan->shape, plan->spec->format, plan->spec->time_zone,
                                 preparer->resolver->arena, preparer->err);
    if (code != AUK_OK)
        return code;
    return init_plan(plan->spec, &plan->shape, preparer->environment->now_ms, own, preparer->err);
}

/* ---- collect ---- */

typedef struct date_node {
    auk_value_reader *reader;
    auk_bucket_table table;
    auk_date_grid grid;
    auk_places cells;
    auk_slot_counter counter; /* of cells; made when first needed */
} date_node;

static int64_t moment_of(auk_value_form form, int64_t value)
{
    if (form != AUK_FORM_REAL)
        return value;
    double number = auk_double_from_sortable(value);
    return number > 9e18 ? INT64_MAX : number > -9e18 ? (int64_t)number : INT64_MIN;
}

static void open_node(auk_aggregation_node *node)
{
    const date_plan *plan = node->plan->own;
    auk_value_form form = node->plan->shape.form;
    date_node *own = auk_aggregation_alloc(node->collector, 1, sizeof *own);
    if (!own)
        return;
    own->reader = auk_value_reader_open(node->collector, node->plan, false);
    if (!own->reader ||
        !auk_date_grid_init(&own->grid, node->collector, &plan->rounding,
                            moment_of(form, own->reader->min), moment_of(form, own->reader->max)))
        return;
    bool narrow = own->grid.indexed && own->grid.count <= INT32_MAX;
    auk_bucket_table_init(&own->table, node, narrow, 0, narrow ? (int64_t)own->grid.count - 1 : 0);
    node->own = own;
}

static void keep_inside(const date_node *own, const date_bounds *hard)
{
    auk_value_reader *reader = own->reader;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < reader->count; i++) {
        int64_t start = auk_date_grid_start(&own->grid, reader->values[i]);
        if ((hard->has_min && start < hard->min) || (hard->has_max && start >= hard->max))
            continue;
        reader->places[kept] = reader->places[i];
        reader->values[kept++] = reader->values[i];
    }
    reader->count = kept;
}

static void place(date_node *own, const auk_aggregation_plan *plan)
{
    auk_value_reader *reader = own->reader;
    const date_plan *dates = plan->own;
    if (plan->shape.form == AUK_FORM_REAL)
        for (uint32_t i = 0; i < reader->count; i++)
            reader->values[i] = moment_of(plan->shape.form, reader->values[i]);
    auk_date_grid_place(&own->grid, reader->values, reader->count);
    if (dates->hard.has_min || dates->hard.has_max)
        keep_inside(own, &dates->hard);
    if (!reader->single)
        auk_value_reader_unite(reader);
}

static void collect(auk_aggregation_node *node, const auk_doc *docs, const uint32_t *owners,
                    uint32_t count, uint32_t owner_count)
{
    date_node *own = node->own;
    auk_value_reader *reader = own->reader;
    uint32_t ids[AUK_AGGREGATION_BATCH];
    auk_value_reader_begin(reader);
    while (auk_value_reader_next(reader, docs, count)) {
        place(own, node->plan);
        if (!auk_bucket_table_add(&own->table, owners, owner_count, reader->places, reader->values,
                                  reader->count, node->sub_count ? ids : NULL))
            return;
        if (node->sub_count)
            auk_aggregation_emit_all(node, docs, reader->places, ids, reader->count,
                                     own->table.used);
    }
}

/* Cells that a window is counted by, at most. */
#define CELL_LIMIT (1u << 16)

static bool has_counter(auk_aggregation_node *node)
{
    date_node *own = node->own;
    const auk_value_reader *reader = own->reader;
    if (own->counter.counts)
        return true;
    return node->plan->shape.form == AUK_FORM_WHOLE && reader->cursor && reader->single &&
           auk_bucket_table_is_plain(&own->table) &&
           auk_date_grid_cells(&own->grid, reader->max, CELL_LIMIT, &own->cells) &&
           auk_slot_counter_init(&own->counter, node->collector, own->cells.outside);
}

/* A month is many cells, and a block may well lie within it. */
static bool is_one_bucket(date_node *own, const auk_column_window *window, int64_t *min,
                          uint32_t *with)
{
    int64_t ends[2];
    const auk_column *column = own->reader->column;
    if (!own->grid.edges || !auk_column_window_known(column, window, with) ||
        !auk_column_zone(column, window->block, &ends[0], &ends[1]) || ends[0] < own->cells.first ||
        ends[1] > own->cells.last)
        return false;
    *min = ends[0];
    auk_date_grid_place(&own->grid, ends, 2);
    return ends[0] == ends[1];
}

static bool collect_window(auk_aggregation_node *node, const auk_column_window *window)
{
    date_node *own = node->own;
    int64_t min;
    uint32_t with;
    if (!has_counter(node))
        return false;
    if (is_one_bucket(own, window, &min, &with))
        auk_slot_counter_add_block(&own->counter, own->reader, &own->cells, window, min, with);
    else
        auk_slot_counter_add(&own->counter, own->reader, &own->cells, window);
    return true;
}

/* Cells become buckets, those within hard bounds. */
static void take_counter(auk_aggregation_node *node)
{
    date_node *own = node->own;
    const date_bounds *hard = &((const date_plan *)node->plan->own)->hard;
    if (!own->counter.counts || !auk_slot_counter_join(&own->counter, node->collector))
        return;
    uint32_t *counts = auk_aggregation_alloc(node->collector, own->table.span, sizeof *counts);
    uint64_t place = 0;
    for (uint32_t cell = 0; counts && cell < own->counter.span; cell++) {
        int64_t start = own->cells.first + (int64_t)(cell * own->cells.size);
        while (place + 1 < own->grid.count &&
               auk_date_grid_start(&own->grid, (int64_t)place + 1) <= start)
            place++;
        int64_t bucket = auk_date_grid_start(&own->grid, (int64_t)place);
        if (!(hard->has_min && bucket < hard->min) && !(hard->has_max && bucket >= hard->max))
            counts[place] += own->counter.counts[cell];
    }
    if (counts)
        auk_bucket_table_add_counts(&own->table, counts);
}

static void finish(auk_aggregation_node *node, uint32_t owner_count, auk_partial *out)
{
    date_node *own = node->own;
    take_counter(node);
    auk_bucket_table_finish(&own->table, node, owner_count, out);
    if (node->collector->status != AUK_OK || owner_count == 0)
        return;
    auk_gathered *gathered = out[0].u.collected.gathered;
    for (uint32_t i = 0; i < gathered->all_count; i++)
        gathered->all[i].key = auk_date_grid_start(&own->grid, gathered->all[i].key);
}

/* ---- merge and write ---- */

static auk_code next(const void *rule, int64_t key, int64_t *out, auk_error *err)
{
    return auk_date_rounding_next(rule, key, out, err);
}

static auk_code merge(auk_aggregation_merger *merger, const auk_aggregation *aggregation,
                      const auk_partial *const *sources, uint32_t source_count, auk_partial *out)
{
    date_plan made = {0};
    const date_plan *plan = out->plan ? out->plan->own : &made;
    if (!out->plan) {
        auk_value_shape shape = {.display = AUK_DISPLAY_DATE};
        auk_code code =
            auk_value_shape_set_date(&shape, aggregation->format, aggregation->time_zone,
                                     merger->arena, merger->err);
        if (code == AUK_OK)
            code = init_plan(aggregation, &shape, merger->environment->now_ms, &made, merger->err);
        if (code != AUK_OK)
            return code;
    }
    auk_histogram_steps steps = {.next = next,
                                 .rule = &plan->rounding,
                                 .has_min = plan->extended.has_min,
                                 .has_max = plan->extended.has_max,
                                 .min = plan->extended.min,
                                 .max = plan->extended.max};
    return auk_histogram_merge(merger, aggregation, &steps, sources, source_count, out);
}

static void write_bucket(const auk_aggregation_writer *writer, const auk_aggregation *aggregation,
                         const auk_value_shape *shape, const auk_bucket *bucket)
{
    auk_buffer text;
    auk_buffer_init(&text, 4096);
    auk_date_write(shape->date_format ? shape->date_format : auk_date_format_default(), bucket->key,
                   aggregation->time_zone, &text);
    if (aggregation->keyed)
        auk_json_key(writer->json, auk_buffer_span(&text));
    auk_json_begin_object(writer->json);
    auk_json_member_string(writer->json, "key_as_string", auk_buffer_span(&text));
    auk_json_member_int(writer->json, "key", bucket->key);
    auk_json_member_uint(writer->json, "doc_count", bucket->count);
    auk_partials_write(writer, aggregation->subs, aggregation->sub_count, bucket->subs);
    auk_json_end_object(writer->json);
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
    for (uint32_t i = 0; i < partial->u.merged.count; i++)
        write_bucket(writer, aggregation, shape, &partial->u.merged.items[i]);
    if (aggregation->keyed)
        auk_json_end_object(writer->json);
    else
        auk_json_end_array(writer->json);
}

const auk_aggregation_kind auk_aggregation_date_histogram = {
    .name = "date_histogram",
    .has_subs = true,
    .forms = AUK_FORMS_NUMBER,
    .members = members,
    .member_count = sizeof members / sizeof members[0],
    .defaults = auk_histogram_defaults,
    .check = check,
    .prepare = prepare,
    .open = open_node,
    .collect = collect,
    .collect_window = collect_window,
    .finish = finish,
    .merge = merge,
    .write = write,
};
