/*
 * aggregation_metric.c - one figure or several over the values of a field: stats and its parts.
 *
 * Whole numbers are summed in 128 bits, so that their sum is exact whatever the order; others with
 * Kahan's compensation, in the order of documents and then of segments.
 */
#include <math.h>
#include <stdio.h>

#include "aggregation_parse.h"
#include "value_reader.h"

#define DEFAULT_SIGMA 2.0

__extension__ typedef __int128 wide;

/* ---- parse ---- */

static auk_code read_sigma(auk_aggregation_parser *parser, const auk_json *value,
                           auk_aggregation *out)
{
    auk_code code = auk_aggregation_need_double(parser, out, value, &out->u.stats.sigma);
    if (code == AUK_OK && out->u.stats.sigma < 0)
        return auk_fail(parser->err, AUK_INVALID,
                        "[sigma] must be greater than or equal to 0. Found [%g] in [%.*s]",
                        out->u.stats.sigma, AUK_SPAN_ARG(out->name));
    return code;
}

static void set_sigma(auk_aggregation *out)
{
    out->u.stats.sigma = DEFAULT_SIGMA;
}

static const auk_aggregation_member members[] = {AUK_AGGREGATION_FIELD_MEMBERS};
static const auk_aggregation_member extended_members[] = {
    AUK_AGGREGATION_FIELD_MEMBERS,
    {"sigma", read_sigma},
};

/* ---- collect ---- */

typedef struct kahan {
    double sum, lost;
} kahan;

static inline void add_kahan(kahan *to, double value)
{
    double corrected = value - to->lost;
    double sum = to->sum + corrected;
    to->lost = (sum - to->sum) - corrected;
    to->sum = sum;
}

typedef struct figures {
    wide whole;
    kahan real, squares;
    uint64_t count;
    int64_t min, max;
} figures;

typedef struct metric_node {
    auk_value_reader *reader;
    figures *owners;
    uint32_t capacity;
    bool only_count, squares;
} metric_node;

static void open_node(auk_aggregation_node *node)
{
    metric_node *own = auk_aggregation_alloc(node->collector, 1, sizeof *own);
    if (!own)
        return;
    own->reader = auk_value_reader_open(node->collector, node->plan, false);
    own->only_count = node->plan->spec->kind == &auk_aggregation_value_count;
    own->squares = node->plan->spec->kind == &auk_aggregation_extended_stats;
    if (own->reader)
        node->own = own;
}

static inline void add_range(figures *to, int64_t value)
{
    if (to->count++ == 0) {
        to->min = to->max = value;
        return;
    }
    to->min = value < to->min ? value : to->min;
    to->max = value > to->max ? value : to->max;
}

static void add_whole(figures *to, const int64_t *values, uint32_t count)
{
    /* Halves of 32 bits cannot overflow in a batch, and the compiler makes vectors of them. */
    int64_t high = 0, min = values[0], max = values[0];
    uint64_t low = 0;
    for (uint32_t i = 0; i < count; i++) {
        high += values[i] >> 32;
        low += (uint32_t)values[i];
        min = values[i] < min ? values[i] : min;
        max = values[i] > max ? values[i] : max;
    }
    to->whole += (wide)high * ((wide)1 << 32) + (wide)low;
    to->min = to->count == 0 || min < to->min ? min : to->min;
    to->max = to->count == 0 || max > to->max ? max : to->max;
    to->count += count;
}

static void add_pairs(metric_node *own, const uint32_t *owners, bool real)
{
    const auk_value_reader *reader = own->reader;
    for (uint32_t i = 0; i < reader->count; i++) {
        figures *to = &own->owners[owners ? owners[reader->places[i]] : 0];
        int64_t value = reader->values[i];
        add_range(to, value);
        double number = real ? auk_double_from_sortable(value) : (double)value;
        if (real)
            add_kahan(&to->real, number);
        else
            to->whole += value;
        if (own->squares)
            add_kahan(&to->squares, number * number);
    }
}

static void count_pairs(metric_node *own, const uint32_t *owners)
{
    const auk_value_reader *reader = own->reader;
    if (!owners) {
        own->owners[0].count += reader->count;
        return;
    }
    for (uint32_t i = 0; i < reader->count; i++)
        own->owners[owners[reader->places[i]]].count++;
}

static void collect(auk_aggregation_node *node, const auk_doc *docs, const uint32_t *owners,
                    uint32_t count, uint32_t owner_count)
{
    metric_node *own = node->own;
    if (!auk_aggregation_grow(node->collector, &own->owners, &own->capacity, owner_count,
                              sizeof *own->owners))
        return;
    bool real = node->plan->shape.form == AUK_FORM_REAL;
    auk_value_reader_begin(own->reader);
    while (auk_value_reader_next(own->reader, docs, count)) {
        if (own->only_count)
            count_pairs(own, owners);
        else if (!owners && !real && !own->squares && own->reader->count)
            add_whole(own->owners, own->reader->values, own->reader->count);
        else
            add_pairs(own, owners, real);
    }
}

static void finish(auk_aggregation_node *node, uint32_t owner_count, auk_partial *out)
{
    const metric_node *own = node->own;
    auk_value_form form = node->plan->shape.form;
    for (uint32_t o = 0; o < owner_count && o < own->capacity; o++) {
        const figures *from = &own->owners[o];
        out[o].u.metric = (auk_metric){
            .count = from->count,
            .sum = form == AUK_FORM_REAL ? from->real.sum : (double)from->whole,
            .min = auk_value_to_double(form, from->min),
            .max = auk_value_to_double(form, from->max),
            .squares = from->squares.sum,
        };
    }
}

/* ---- merge ---- */

static auk_code merge(auk_aggregation_merger *merger, const auk_aggregation *aggregation,
                      const auk_partial *const *sources, uint32_t source_count, auk_partial *out)
{
    (void)merger;
    (void)aggregation;
    kahan sum = {0}, squares = {0};
    auk_metric *metric = &out->u.metric;
    *metric = (auk_metric){.min = (double)INFINITY, .max = -(double)INFINITY};
    for (uint32_t i = 0; i < source_count; i++) {
        const auk_metric *from = &sources[i]->u.metric;
        if (from->count == 0)
            continue;
        metric->count += from->count;
        metric->min = from->min < metric->min ? from->min : metric->min;
        metric->max = from->max > metric->max ? from->max : metric->max;
        add_kahan(&sum, from->sum);
        add_kahan(&squares, from->squares);
    }
    metric->sum = sum.sum;
    metric->squares = squares.sum;
    return AUK_OK;
}

/* ---- figures ---- */

static double average(const auk_metric *metric)
{
    return metric->sum / (double)metric->count;
}

static double variance(const auk_metric *metric, double divisor)
{
    double value = (metric->squares - metric->sum * metric->sum / (double)metric->count) / divisor;
    return value < 0 ? 0.0 : value;
}

static double population(const auk_metric *metric)
{
    return variance(metric, (double)metric->count);
}

static double sampling(const auk_metric *metric)
{
    return metric->count > 1 ? variance(metric, (double)metric->count - 1) : (double)NAN;
}

/* With the sign of the wanted side in sigma. */
static double bound(const auk_metric *metric, double deviation, double sigma)
{
    return average(metric) + deviation * sigma;
}

static const char *const value_names[] = {"value", NULL};
static const char *const stats_names[] = {"count", "min", "max", "avg", "sum", NULL};
static const char *const extended_names[] = {"count",
                                             "min",
                                             "max",
                                             "avg",
                                             "sum",
                                             "sum_of_squares",
                                             "variance",
                                             "variance_population",
                                             "variance_sampling",
                                             "std_deviation",
                                             "std_deviation_population",
                                             "std_deviation_sampling",
                                             "std_upper",
                                             "std_lower",
                                             NULL};

static double named_figure(const auk_aggregation *aggregation, const auk_metric *metric,
                           auk_span name)
{
    double sigma = aggregation->u.stats.sigma;
    if (auk_span_is(name, "count"))
        return (double)metric->count;
    if (auk_span_is(name, "sum"))
        return metric->sum;
    if (auk_span_is(name, "sum_of_squares"))
        return metric->squares;
    if (metric->count == 0)
        return (double)NAN;
    if (auk_span_is(name, "min"))
        return metric->min;
    if (auk_span_is(name, "max"))
        return metric->max;
    if (auk_span_is(name, "avg"))
        return average(metric);
    if (auk_span_is(name, "variance_sampling"))
        return sampling(metric);
    if (auk_span_is(name, "std_deviation_sampling"))
        return sqrt(sampling(metric));
    if (auk_span_starts_with(name, AUK_SPAN("variance")))
        return population(metric);
    if (auk_span_is(name, "std_upper"))
        return bound(metric, sqrt(population(metric)), sigma);
    if (auk_span_is(name, "std_lower"))
        return bound(metric, sqrt(population(metric)), -sigma);
    return sqrt(population(metric));
}

static double figure(const auk_aggregation *aggregation, const auk_partial *partial, auk_span name)
{
    const auk_aggregation_kind *kind = aggregation->kind;
    const char *own = kind == &auk_aggregation_value_count ? "count" : kind->name;
    bool single = kind->metrics == value_names;
    return named_figure(aggregation, &partial->u.metric, single ? auk_span_of(own) : name);
}

/* ---- write ---- */

static void write_number(const auk_aggregation_writer *writer, const char *key, double value)
{
    if (isnan(value))
        auk_json_member_text(writer->json, key, "NaN");
    else
        auk_json_member_double(writer->json, key, value);
}

static void write_null(const auk_aggregation_writer *writer, const char *key)
{
    auk_json_key(writer->json, auk_span_of(key));
    auk_json_null(writer->json);
}

static void write_value(const auk_aggregation_writer *writer, const auk_aggregation *aggregation,
                        const auk_partial *partial)
{
    const auk_metric *metric = &partial->u.metric;
    if (aggregation->kind == &auk_aggregation_value_count) {
        auk_json_member_uint(writer->json, "value", metric->count);
        return;
    }
    bool is_sum = aggregation->kind == &auk_aggregation_sum;
    if (metric->count == 0 && !is_sum) {
        write_null(writer, "value");
        return;
    }
    double value = figure(aggregation, partial, (auk_span){NULL, 0});
    auk_json_member_double(writer->json, "value", value);
    auk_value_write_formatted(auk_partial_shape(partial), "value_as_string", value, writer->json);
}

static void write_stats(const auk_aggregation_writer *writer, const auk_aggregation *aggregation,
                        const auk_partial *partial)
{
    (void)aggregation;
    const auk_metric *metric = &partial->u.metric;
    const auk_value_shape *shape = auk_partial_shape(partial);
    auk_json_member_uint(writer->json, "count", metric->count);
    if (metric->count == 0) {
        write_null(writer, "min");
        write_null(writer, "max");
        write_null(writer, "avg");
        auk_json_member_double(writer->json, "sum", 0.0);
        return;
    }
    auk_json_member_double(writer->json, "min", metric->min);
    auk_json_member_double(writer->json, "max", metric->max);
    auk_json_member_double(writer->json, "avg", average(metric));
    auk_json_member_double(writer->json, "sum", metric->sum);
    auk_value_write_formatted(shape, "min_as_string", metric->min, writer->json);
    auk_value_write_formatted(shape, "max_as_string", metric->max, writer->json);
    auk_value_write_formatted(shape, "avg_as_string", average(metric), writer->json);
    auk_value_write_formatted(shape, "sum_as_string", metric->sum, writer->json);
}

typedef struct named_value {
    const char *name;
    double value;
} named_value;

#define SPREADS 7u
#define BOUNDS  6u

static void list_spreads(const auk_metric *metric, named_value out[SPREADS])
{
    double all = population(metric), sample = sampling(metric);
    const named_value list[SPREADS] = {{"sum_of_squares", metric->squares},
                                       {"variance", all},
                                       {"variance_population", all},
                                       {"variance_sampling", sample},
                                       {"std_deviation", sqrt(all)},
                                       {"std_deviation_population", sqrt(all)},
                                       {"std_deviation_sampling", sqrt(sample)}};
    memcpy(out, list, sizeof list);
}

static void list_bounds(const auk_metric *metric, double sigma, named_value out[BOUNDS])
{
    double all = sqrt(population(metric)), sample = sqrt(sampling(metric));
    const named_value list[BOUNDS] = {{"upper", bound(metric, all, sigma)},
                                      {"lower", bound(metric, all, -sigma)},
                                      {"upper_population", bound(metric, all, sigma)},
                                      {"lower_population", bound(metric, all, -sigma)},
                                      {"upper_sampling", bound(metric, sample, sigma)},
                                      {"lower_sampling", bound(metric, sample, -sigma)}};
    memcpy(out, list, sizeof list);
}

static void write_as_strings(const auk_aggregation_writer *writer, const auk_value_shape *shape,
                             const named_value *spreads, const named_value *bounds)
{
    if (shape->display == AUK_DISPLAY_RAW)
        return;
    char key[64];
    for (uint32_t i = 0; i < SPREADS; i++) {
        snprintf(key, sizeof key, "%s_as_string", spreads[i].name);
        auk_value_write_formatted(shape, key, spreads[i].value, writer->json);
    }
    auk_json_member_object(writer->json, "std_deviation_bounds_as_string");
    for (uint32_t i = 0; i < BOUNDS; i++)
        auk_value_write_formatted(shape, bounds[i].name, bounds[i].value, writer->json);
    auk_json_end_object(writer->json);
}

static void write_extended(const auk_aggregation_writer *writer, const auk_aggregation *aggregation,
                           const auk_partial *partial)
{
    const auk_metric *metric = &partial->u.metric;
    named_value spreads[SPREADS], bounds[BOUNDS];
    list_spreads(metric, spreads);
    list_bounds(metric, aggregation->u.stats.sigma, bounds);
    write_stats(writer, aggregation, partial);
    for (uint32_t i = 0; i < SPREADS; i++)
        if (metric->count)
            write_number(writer, spreads[i].name, spreads[i].value);
        else
            write_null(writer, spreads[i].name);
    auk_json_member_object(writer->json, "std_deviation_bounds");
    for (uint32_t i = 0; i < BOUNDS; i++)
        if (metric->count)
            write_number(writer, bounds[i].name, bounds[i].value);
        else
            write_null(writer, bounds[i].name);
    auk_json_end_object(writer->json);
    if (metric->count)
        write_as_strings(writer, auk_partial_shape(partial), spreads, bounds);
}

/* ---- rows ---- */

#define METRIC_ROW(noun, taken, list, its_metrics, its_defaults, its_write)                        \
    const auk_aggregation_kind auk_aggregation_##noun = {                                          \
        .name = #noun,                                                                             \
        .forms = taken,                                                                            \
        .members = list,                                                                           \
        .member_count = sizeof list / sizeof list[0],                                              \
        .metrics = its_metrics,                                                                    \
        .defaults = its_defaults,                                                                  \
        .open = open_node,                                                                         \
        .collect = collect,                                                                        \
        .finish = finish,                                                                          \
        .merge = merge,                                                                            \
        .figure = figure,                                                                          \
        .write = its_write,                                                                        \
    }

METRIC_ROW(min, AUK_FORMS_NUMBER, members, value_names, NULL, write_value);
METRIC_ROW(max, AUK_FORMS_NUMBER, members, value_names, NULL, write_value);
METRIC_ROW(sum, AUK_FORMS_NUMBER, members, value_names, NULL, write_value);
METRIC_ROW(avg, AUK_FORMS_NUMBER, members, value_names, NULL, write_value);
METRIC_ROW(value_count, AUK_FORMS_ANY, members, value_names, NULL, write_value);
METRIC_ROW(stats, AUK_FORMS_NUMBER, members, stats_names, NULL, write_stats);
METRIC_ROW(extended_stats, AUK_FORMS_NUMBER, extended_members, extended_names, set_sigma,
           write_extended);
