/*
 * date_rounding.h - moments to the starts of their buckets, for date_histogram.
 *
 * A rounding is the rule (unit or interval, zone, offset). A grid is the rule made quick for the
 * moments of one segment: even steps by one multiplication, uneven ones (months, days with summer
 * time) by a table of all starts between the segment's first and last moment, which is entered near
 * the right place. Only where that table would be too long is the rule itself asked, once for each
 * change of bucket.
 *
 *   Lifetime  the rule: its plan's arena. A grid: the collector's.
 *   Threads   a rule is immutable; a grid is one thread's.
 *   Memory    8 bytes a bucket; charged.
 *   Errors    AUK_INVALID for moments that the calendar cannot hold.
 */
#ifndef AUK_DATE_ROUNDING_H
#define AUK_DATE_ROUNDING_H

#include "aggregation_kind.h"
#include "column_kernels.h"

typedef struct auk_date_rounding {
    char unit; /* of auk_date_floor; 0: size_ms counts */
    auk_span time_zone;
    int64_t offset_ms;
    bool even; /* starts are base_ms + n * size_ms */
    int64_t base_ms, size_ms;
} auk_date_rounding;

void auk_date_rounding_init(auk_date_rounding *rounding, const auk_aggregation *aggregation);
AUK_MUST_CHECK auk_code auk_date_rounding_floor(const auk_date_rounding *rounding, int64_t ms,
                                                int64_t *out, auk_error *err);
/* The start after this one. */
AUK_MUST_CHECK auk_code auk_date_rounding_next(const auk_date_rounding *rounding, int64_t start_ms,
                                               int64_t *out, auk_error *err);

typedef struct auk_date_grid {
    const auk_date_rounding *rounding;
    auk_aggregation_collector *collector;
    bool indexed; /* places are 0 .. count - 1; else they are the starts themselves */
    int64_t first_ms;
    uint64_t count;
    double scale;           /* buckets a millisecond, about */
    const int64_t *edges;   /* count + 1 of them; NULL: even steps */
    int64_t from_ms, to_ms; /* the bucket last asked for */
} auk_date_grid;

/* min .. max: all moments that will come. False when the collector has failed. */
bool auk_date_grid_init(auk_date_grid *grid, auk_aggregation_collector *collector,
                        const auk_date_rounding *rounding, int64_t min_ms, int64_t max_ms);
/* Replaces each moment by its place. */
void auk_date_grid_place(auk_date_grid *grid, int64_t *values, uint32_t count);
/*
 * The grid as equal cells of which each lies in one bucket: what all starts are multiples apart of,
 * days for months in UTC, hours where clocks change. False: there are none, or more than `most`.
 */
bool auk_date_grid_cells(const auk_date_grid *grid, int64_t max_ms, uint32_t most, auk_places *out);
int64_t auk_date_grid_start(const auk_date_grid *grid, int64_t place);

#endif
