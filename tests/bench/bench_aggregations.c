/*
 * bench_aggregations - what a document costs in each kind of aggregation.
 *
 * One segment of its own making, all documents match; prints nanoseconds of processor time a
 * document, collecting, merging and writing included, the best of a few rounds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "aggregation.h"
#include "auk/segment_writer.h"

enum { DOC_COUNT = 2000000, WINDOW = 4096, ROUNDS = 5, FEW = 1000, MANY = 500000 };

static const char mapping_text[] =
    "{\"properties\":{\"few\":{\"type\":\"keyword\"},\"many\":{\"type\":\"keyword\"},"
    "\"n\":{\"type\":\"long\"},\"p\":{\"type\":\"double\"},\"at\":{\"type\":\"date\"}}}";

static double now_ns(void)
{
    struct timespec at;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
    return (double)at.tv_sec * 1e9 + (double)at.tv_nsec;
}

static uint32_t value_of(uint32_t doc, uint32_t salt, uint32_t below)
{
    uint64_t x = ((uint64_t)doc + 1) * UINT64_C(0x9e3779b97f4a7c15) + salt;
    x = (x ^ x >> 31) * UINT64_C(0xbf58476d1ce4e5b9);
    return (uint32_t)((x >> 33) % below);
}

static void write_keyword(auk_segment_writer *writer, uint16_t field, uint32_t terms)
{
    auk_segment_writer_begin_terms(writer, &(auk_terms_options){.field = field});
    for (uint32_t t = 0; t < terms; t++) {
        char text[32];
        int size = snprintf(text, sizeof text, "term-%08u", t);
        auk_segment_writer_begin_term(writer, auk_span_make(text, (size_t)size));
        auk_segment_writer_posting(writer, t, 1, NULL); /* only the dictionary is wanted */
        auk_segment_writer_end_term(writer);
    }
    auk_segment_writer_end_terms(writer, terms);
    auk_segment_writer_begin_column(writer, field, true);
    for (auk_doc doc = 0; doc < DOC_COUNT; doc++)
        auk_segment_writer_column_value(writer, doc, value_of(doc, field, terms));
    auk_segment_writer_end_column(writer);
}

static void write_number(auk_segment_writer *writer, const auk_field *field)
{
    auk_segment_writer_begin_column(writer, field->number, false);
    for (auk_doc doc = 0; doc < DOC_COUNT; doc++) {
        int64_t value = value_of(doc, field->number, 100000);
        if (field->type == AUK_TYPE_DOUBLE)
            value = auk_double_to_sortable((double)value / 100);
        else if (field->type == AUK_TYPE_DATE)
            value = 1650000000000 + (int64_t)value * 1000000;
        auk_segment_writer_column_value(writer, doc, value);
    }
    auk_segment_writer_end_column(writer);
}

static auk_segment *make_segment(const auk_mapping *mapping)
{
    auk_memory_sink *memory = auk_memory_sink_create();
    auk_sink sink = auk_memory_sink_interface(memory);
    auk_segment_writer *writer =
        auk_segment_writer_create(&sink, &(auk_segment_writer_options){.doc_count = DOC_COUNT});
    for (uint16_t number = AUK_FIELD_FIRST_USER; auk_mapping_by_number(mapping, number); number++) {
        const auk_field *field = auk_mapping_by_number(mapping, number);
        if (field->type == AUK_TYPE_KEYWORD)
            write_keyword(writer, number, auk_span_is(field->path, "few") ? FEW : MANY);
        else
            write_number(writer, field);
    }
    auk_segment *segment = NULL;
    if (auk_segment_writer_finish(writer, 0, NULL) != AUK_OK ||
        auk_memory_sink_open(memory, &segment, NULL) != AUK_OK)
        exit(1);
    auk_segment_writer_destroy(writer);
    return segment;
}

static auk_code aggregate(const auk_mapping *mapping, const auk_segment_view *view, uint32_t every,
                          const char *body, auk_arena *arena, auk_error *err)
{
    static auk_doc docs[WINDOW];
    atomic_size_t charged = 0;
    auk_aggregation_environment environment = {.charged = &charged};
    const auk_json *json;
    const auk_aggregation *aggregations;
    const auk_aggregation_set *set;
    auk_aggregation_collector *collector;
    auk_aggregation_result *result, *merged;
    uint32_t count;
    auk_resolver resolver;
    auk_resolver_init(&resolver, mapping, AUK_SPAN("bench"), 0, arena);
    auk_code code = auk_json_parse(auk_span_of(body), arena, &json, err);
    if (code == AUK_OK)
        code = auk_aggregations_parse(json, arena, &aggregations, &count, err);
    if (code == AUK_OK)
        code = auk_aggregations_prepare(aggregations, count, &resolver, &environment, &set, err);
    if (code == AUK_OK)
        code = auk_aggregation_open(set, view, arena, &collector, err);
    for (auk_doc from = 0; from < DOC_COUNT && code == AUK_OK; from += WINDOW) {
        uint32_t some = 0;
        for (auk_doc doc = from; doc < from + WINDOW && doc < DOC_COUNT; doc += every)
            docs[some++] = doc;
        code = auk_aggregation_collect(collector, docs, some, err);
    }
    if (code == AUK_OK)
        code = auk_aggregation_finish(collector, &result, err);
    if (code == AUK_OK)
        code = auk_aggregations_merge(aggregations, count, &result, 1, &environment, arena, &merged,
                                      err);
    auk_buffer text;
    auk_json_writer writer;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&writer, &text, false);
    auk_json_begin_object(&writer);
    if (code == AUK_OK)
        code = auk_aggregations_write(aggregations, count, merged, false, &writer, err);
    auk_buffer_deinit(&text);
    return code;
}

static void measure(const auk_mapping *mapping, const auk_segment_view *view, const char *name,
                    const char *body)
{
    printf("%-34s", name);
    for (uint32_t every = 1; every <= 16; every *= 16) {
        double best = 1e18;
        for (int round = 0; round < ROUNDS; round++) {
            auk_arena *arena = auk_arena_create(1 << 16);
            auk_error err = {0};
            double start = now_ns();
            if (aggregate(mapping, view, every, body, arena, &err) != AUK_OK) {
                printf(" %s\n", err.message);
                exit(1);
            }
            double spent = now_ns() - start;
            best = spent < best ? spent : best;
            auk_arena_destroy(arena);
        }
        printf(" %8.2f ns (%7.2f ms)", best / (DOC_COUNT / every), best / 1e6);
    }
    printf("\n");
}

int main(void)
{
    auk_settings *settings = auk_settings_create();
    auk_analysis *analysis;
    auk_mapping *mapping;
    const auk_json *json;
    auk_arena *arena = auk_arena_create(4096);
    if (auk_analysis_create(settings, &analysis, NULL) != AUK_OK ||
        auk_json_parse(auk_span_of(mapping_text), arena, &json, NULL) != AUK_OK ||
        auk_mapping_create(json, NULL, analysis, &mapping, NULL) != AUK_OK)
        return 1;
    auk_segment *segment = make_segment(mapping);
    const auk_segment_view view = {.segment = segment, .live_count = DOC_COUNT};
    printf("%d documents; a document of all, and of every 16th\n", DOC_COUNT);
#define KIND(name, body) measure(mapping, &view, name, body)
    KIND("terms, 1,000 keywords", "{\"x\":{\"terms\":{\"field\":\"few\"}}}");
    KIND("terms, 500,000 keywords", "{\"x\":{\"terms\":{\"field\":\"many\"}}}");
    KIND("terms of numbers", "{\"x\":{\"terms\":{\"field\":\"n\"}}}");
    KIND("cardinality, 500,000 keywords", "{\"x\":{\"cardinality\":{\"field\":\"many\"}}}");
    KIND("stats of longs", "{\"x\":{\"stats\":{\"field\":\"n\"}}}");
    KIND("stats of doubles", "{\"x\":{\"stats\":{\"field\":\"p\"}}}");
    KIND("histogram of doubles", "{\"x\":{\"histogram\":{\"field\":\"p\",\"interval\":10}}}");
    KIND("date_histogram, fixed",
         "{\"x\":{\"date_histogram\":{\"field\":\"at\",\"fixed_interval\":\"1h\"}}}");
    KIND("date_histogram, months",
         "{\"x\":{\"date_histogram\":{\"field\":\"at\",\"calendar_interval\":\"month\"}}}");
    KIND("date_histogram, days of a region",
         "{\"x\":{\"date_histogram\":{\"field\":\"at\",\"calendar_interval\":\"day\","
         "\"time_zone\":\"Europe/Paris\"}}}");
    KIND("range, three",
         "{\"x\":{\"range\":{\"field\":\"n\",\"ranges\":[{\"to\":10000},{\"from\":10000,"
         "\"to\":50000},{\"from\":50000}]}}}");
    KIND("terms > avg", "{\"x\":{\"terms\":{\"field\":\"few\"},\"aggs\":{\"y\":{\"avg\":{"
                        "\"field\":\"p\"}}}}}");
    KIND("terms > months > sum",
         "{\"x\":{\"terms\":{\"field\":\"few\"},\"aggs\":{\"y\":{\"date_histogram\":{"
         "\"field\":\"at\",\"calendar_interval\":\"month\"},\"aggs\":{\"z\":{\"sum\":{"
         "\"field\":\"n\"}}}}}}}");
    auk_segment_release(segment);
    auk_mapping_release(mapping);
    auk_analysis_release(analysis);
    auk_settings_destroy(settings);
    auk_arena_destroy(arena);
    return 0;
}
