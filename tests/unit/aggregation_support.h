/*
 * aggregation_support.h - documents from JSON in several segments, aggregations over them as JSON.
 *
 *   Lifetime  _setup .. _teardown; texts that are handed out live as long.
 *   Threads   one.   Memory  heap.   Errors  the helpers assert.
 */
#ifndef AUK_AGGREGATION_SUPPORT_H
#define AUK_AGGREGATION_SUPPORT_H

#include "aggregation.h"
#include "schema_support.h"

#define AGGREGATION_SEGMENTS 16

typedef struct aggregation_fixture {
    schema_fixture schema;
    auk_mapping *mapping; /* of the segments that are added next */
    auk_mapping *mappings[AGGREGATION_SEGMENTS];
    auk_segment *segments[AGGREGATION_SEGMENTS];
    auk_segment_view views[AGGREGATION_SEGMENTS];
    uint32_t segment_count;
    auk_budget *budget; /* NULL: no limit */
    uint32_t max_buckets;
    uint32_t step;  /* documents a call of _collect; 0: all at once */
    bool windows;   /* as bits, a window a call, or all documents of a segment at once */
    size_t charged; /* by the last run */
    bool typed_keys;
} aggregation_fixture;

/* mapping: {'properties': {...}} */
void aggregation_setup(aggregation_fixture *fixture, const char *mapping);
/* Segments from here on are another index's. */
void aggregation_next_index(aggregation_fixture *fixture, const char *mapping);
void aggregation_teardown(aggregation_fixture *fixture);
/* A segment of these documents; single quotes stand for double ones. */
void aggregation_add(aggregation_fixture *fixture, const char *const *documents, uint32_t count);

/* What {'aggs': body} answers over all documents of all segments, with single quotes. */
const char *aggregation_run(aggregation_fixture *fixture, const char *body);
/* The same, for what may fail. */
auk_code aggregation_try(aggregation_fixture *fixture, const char *body, const char **answer,
                         auk_error *err);
/* The same for one that must fail; answers its code. */
auk_code aggregation_fails(aggregation_fixture *fixture, const char *body, auk_error *err);

#define assert_aggregates(fixture, body, expected)                                                 \
    assert_string_equal(aggregation_run(fixture, body), expected)

#endif
