#include "date_rounding.h"

#define EDGE_LIMIT 20000u
#define DAY_MS     INT64_C(86400000)
#define MONDAY_MS  (-3 * DAY_MS) /* 1970-01-01 was a Thursday */
/* Moments beyond are refused, so that sums with offsets stay in range. */
#define MOMENT_LIMIT_MS INT64_C(8000000000000000)

static int64_t floor_to(int64_t value, int64_t size)
{
    int64_t rest = value % size;
    return value - rest - (rest < 0 ? size : 0);
}

static bool inside(int64_t ms)
{
    return ms > -MOMENT_LIMIT_MS && ms < MOMENT_LIMIT_MS;
}

/* Zones whose offset never changes are told by their names. */
static bool is_fixed_zone(auk_span zone)
{
    if (zone.size == 0 || auk_span_is(zone, "Z") || auk_span_is(zone, "z"))
        return true;
    if (auk_span_starts_with(zone, AUK_SPAN("UTC")) || auk_span_starts_with(zone, AUK_SPAN("GMT")))
        zone = auk_span_from(zone, 3);
    else if (auk_span_starts_with(zone, AUK_SPAN("UT")))
        zone = auk_span_from(zone, 2);
    return zone.size == 0 || zone.data[0] == '+' || zone.data[0] == '-';
}

static int64_t even_size_ms(char unit)
{
    switch (unit) {
    case 's':
        return 1000;
    case 'm':
        return 60000;
    case 'h':
        return 3600000;
    case 'd':
        return DAY_MS;
    case 'w':
        return 7 * DAY_MS;
    default:
        return 0;
    }
}

void auk_date_rounding_init(auk_date_rounding *rounding, const auk_aggregation *aggregation)
{
    *rounding = (auk_date_rounding){.unit = aggregation->u.date.unit,
                                    .time_zone = aggregation->time_zone,
                                    .offset_ms = aggregation->u.date.offset_ms,
                                    .size_ms = aggregation->u.date.interval_ms};
    if (rounding->unit)
        rounding->size_ms = even_size_ms(rounding->unit);
    int64_t zone_ms = 0;
    if (!rounding->size_ms || !is_fixed_zone(rounding->time_zone) ||
        auk_zone_offset_ms(rounding->time_zone, 0, &zone_ms, NULL) != AUK_OK)
        return;
    rounding->even = true;
    rounding->base_ms = rounding->offset_ms - zone_ms + (rounding->unit == 'w' ? MONDAY_MS : 0);
}

/* An interval in a zone that changes: steps are even in local time. */
static auk_code floor_interval(const auk_date_rounding *rounding, int64_t ms, int64_t *out,
                               auk_error *err)
{
    int64_t offset, there;
    auk_code code = auk_zone_offset_ms(rounding->time_zone, ms, &offset, err);
    if (code != AUK_OK)
        return code;
    int64_t local = floor_to(ms + offset, rounding->size_ms);
    code = auk_zone_offset_ms(rounding->time_zone, local - offset, &there, err);
    if (code != AUK_OK)
        return code;
    /* The clock changed between the start and now: the start is told by the clock of its time. */
    *out = local - there <= ms ? local - there : local - offset;
    return AUK_OK;
}

auk_code auk_date_rounding_floor(const auk_date_rounding *rounding, int64_t ms, int64_t *out,
                                 auk_error *err)
{
    if (!inside(ms))
        return auk_fail(err, AUK_INVALID, "date [%lld] is out of range", (long long)ms);
    if (rounding->even) {
        *out = floor_to(ms - rounding->base_ms, rounding->size_ms) + rounding->base_ms;
        return AUK_OK;
    }
    int64_t shifted = ms - rounding->offset_ms;
    auk_code code = rounding->unit
                        ? auk_date_floor(shifted, rounding->unit, rounding->time_zone, out, err)
                        : floor_interval(rounding, shifted, out, err);
    if (code == AUK_OK)
        *out += rounding->offset_ms;
    return code;
}

auk_code auk_date_rounding_next(const auk_date_rounding *rounding, int64_t start_ms, int64_t *out,
                                auk_error *err)
{
    if (rounding->even) {
        *out = start_ms + rounding->size_ms;
        return AUK_OK;
    }
    auk_code code;
    if (rounding->unit && !strchr("hms", rounding->unit)) {
        code = auk_date_step(start_ms - rounding->offset_ms, rounding->unit, 1, rounding->time_zone,
                             out, err);
        if (code == AUK_OK)
            *out += rounding->offset_ms;
    } else {
        /* A clock that was put back: what is one interval later may still be in this bucket. One
         * that was moved by half an hour: the next start is not a whole interval away. */
        code = auk_date_rounding_floor(rounding, start_ms + rounding->size_ms, out, err);
        for (int64_t more = 1800000; code == AUK_OK && *out <= start_ms && more <= 4 * 3600000;
             more += 1800000)
            code = auk_date_rounding_floor(rounding, start_ms + rounding->size_ms + more, out, err);
    }
    if (code == AUK_OK && *out <= start_ms)
        return auk_fail(err, AUK_INVALID, "no bucket follows that of date [%lld]",
                        (long long)start_ms);
    return code;
}

/* ---- grid ---- */

static bool refuse(auk_date_grid *grid, const auk_error *err)
{
    auk_aggregation_fail(grid->collector, AUK_INVALID, "%s", err->message);
    return false;
}

/* All starts up to the one behind max; leaves the table away when there are too many. */
static bool make_edges(auk_date_grid *grid, int64_t max_ms)
{
    auk_error err = {0};
    int64_t *edges = auk_aggregation_alloc(grid->collector, EDGE_LIMIT + 1, sizeof *edges);
    if (!edges)
        return false;
    uint32_t count = 0;
    edges[0] = grid->first_ms;
    while (count < EDGE_LIMIT && edges[count] <= max_ms) {
        if (auk_date_rounding_next(grid->rounding, edges[count], &edges[count + 1], &err) != AUK_OK)
            return refuse(grid, &err);
        count++;
    }
    if (edges[count] <= max_ms)
        return true;
    grid->indexed = true;
    grid->edges = edges;
    grid->count = count;
    grid->scale = (double)count / (double)(edges[count] - edges[0]);
    return true;
}

/* A guess by the shortest unit there is, before any table is made. */
static uint64_t least_count(const auk_date_rounding *rounding, int64_t min_ms, int64_t max_ms)
{
    int64_t size = rounding->size_ms ? rounding->size_ms + rounding->size_ms / 8 : 32 * DAY_MS;
    return ((uint64_t)max_ms - (uint64_t)min_ms) / (uint64_t)size;
}

bool auk_date_grid_init(auk_date_grid *grid, auk_aggregation_collector *collector,
                        const auk_date_rounding *rounding, int64_t min_ms, int64_t max_ms)
{
    *grid = (auk_date_grid){.rounding = rounding, .collector = collector};
    auk_error err = {0};
    int64_t last_ms;
    if (auk_date_rounding_floor(rounding, min_ms, &grid->first_ms, &err) != AUK_OK ||
        auk_date_rounding_floor(rounding, max_ms, &last_ms, &err) != AUK_OK)
        return refuse(grid, &err);
    if (!rounding->even)
        return least_count(rounding, min_ms, max_ms) < EDGE_LIMIT ? make_edges(grid, max_ms) : true;
    grid->indexed = true;
    grid->count = (uint64_t)(max_ms - grid->first_ms) / (uint64_t)rounding->size_ms + 1;
    grid->scale = 1.0 / (double)rounding->size_ms;
    return true;
}

static void place_even(const auk_date_grid *grid, int64_t *values, uint32_t count)
{
    uint64_t first = (uint64_t)grid->first_ms, size = (uint64_t)grid->rounding->size_ms;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t since = (uint64_t)values[i] - first;
        if (since >> 52) { /* a double would not do */
            values[i] = (int64_t)(since / size);
            continue;
        }
        uint64_t place = (uint64_t)((double)since * grid->scale);
        /* one off at most, by rounding */
        if (place * size > since)
            place--;
        else if (since - place * size >= size)
            place++;
        values[i] = (int64_t)place;
    }
}

static void place_by_edges(const auk_date_grid *grid, int64_t *values, uint32_t count)
{
    const int64_t *edges = grid->edges;
    int64_t last = (int64_t)grid->count - 1;
    for (uint32_t i = 0; i < count; i++) {
        int64_t value = values[i];
        double guess = ((double)value - (double)edges[0]) * grid->scale;
        int64_t place = guess < 0 ? 0 : guess > (double)last ? last : (int64_t)guess;
        while (place > 0 && edges[place] > value)
            place--;
        while (place < last && edges[place + 1] <= value)
            place++;
        values[i] = place;
    }
}

static void place_by_rule(auk_date_grid *grid, int64_t *values, uint32_t count)
{
    auk_error err = {0};
    for (uint32_t i = 0; i < count; i++) {
        if (values[i] < grid->from_ms || values[i] >= grid->to_ms) {
            if (auk_date_rounding_floor(grid->rounding, values[i], &grid->from_ms, &err) !=
                    AUK_OK ||
                auk_date_rounding_next(grid->rounding, grid->from_ms, &grid->to_ms, &err) !=
                    AUK_OK) {
                refuse(grid, &err);
                return;
            }
        }
        values[i] = grid->from_ms;
    }
}

void auk_date_grid_place(auk_date_grid *grid, int64_t *values, uint32_t count)
{
    if (!grid->indexed)
        place_by_rule(grid, values, count);
    else if (grid->edges)
        place_by_edges(grid, values, count);
    else
        place_even(grid, values, count);
}

static uint64_t common_step(const auk_date_grid *grid)
{
    uint64_t step = 0;
    for (uint64_t i = 0; i < grid->count; i++) {
        uint64_t next = (uint64_t)grid->edges[i + 1] - (uint64_t)grid->edges[i];
        while (next) {
            uint64_t rest = step % next;
            step = next;
            next = rest;
        }
    }
    return step;
}

bool auk_date_grid_cells(const auk_date_grid *grid, int64_t max_ms, uint32_t most, auk_places *out)
{
    if (!grid->indexed)
        return false;
    uint64_t size = grid->edges ? common_step(grid) : (uint64_t)grid->rounding->size_ms;
    uint64_t range = (uint64_t)max_ms - (uint64_t)grid->first_ms;
    if (size == 0 || range >> 51 || range / size >= most)
        return false;
    *out = (auk_places){grid->first_ms, max_ms, size, (uint32_t)(range / size) + 1};
    return true;
}

int64_t auk_date_grid_start(const auk_date_grid *grid, int64_t place)
{
    if (!grid->indexed)
        return place;
    if (grid->edges)
        return grid->edges[place];
    return (int64_t)((uint64_t)grid->first_ms +
                     (uint64_t)place * (uint64_t)grid->rounding->size_ms);
}
