#include "column_window.h"

#include "score_kernels.h"

#define LANES      4u
#define LANE_SLOTS 16384u /* with more, lanes would push each other out of the cache */

/* Values of a block that are meant, side by side, and their places. */
typedef struct auk_slot_scratch {
    int64_t values[AUK_COLUMN_BLOCK];
    uint32_t places[AUK_COLUMN_BLOCK];
} auk_slot_scratch;

bool auk_slot_counter_init(auk_slot_counter *counter, auk_aggregation_collector *collector,
                           uint32_t span)
{
    *counter = (auk_slot_counter){.span = span, .lanes = span <= LANE_SLOTS ? LANES : 1};
    counter->counts = auk_aggregation_alloc(collector, (size_t)counter->lanes * (span + 1),
                                            sizeof *counter->counts);
    counter->scratch = auk_aggregation_alloc_raw(collector, 1, sizeof *counter->scratch);
    return counter->counts && counter->scratch;
}

static void count_each(auk_slot_counter *counter, const uint32_t *places, uint32_t count)
{
    size_t lane = counter->lanes > 1 ? (size_t)counter->span + 1 : 0;
    uint32_t *a = counter->counts, *b = a + lane, *c = b + lane, *d = c + lane, i = 0;
    for (; i + 4 <= count; i += 4) {
        a[places[i]]++;
        b[places[i + 1]]++;
        c[places[i + 2]]++;
        d[places[i + 3]]++;
    }
    for (; i < count; i++)
        a[places[i]]++;
}

static uint32_t keep_marked(const int64_t *values, const uint64_t *bits, int64_t *out)
{
    uint32_t count = 0;
    for (uint32_t word = 0; word < AUK_COLUMN_WORDS; word++, values += 64) {
        uint64_t left = bits[word];
        if (left == UINT64_MAX) {
            memcpy(out + count, values, 64 * sizeof *values);
            count += 64;
            continue;
        }
        for (; left; left &= left - 1)
            out[count++] = values[__builtin_ctzll(left)];
    }
    return count;
}

static void mark_docs(const auk_column_window *window, uint64_t bits[AUK_COLUMN_WORDS])
{
    for (uint32_t i = 0; i < window->count; i++) {
        uint32_t row = window->docs[i] % AUK_COLUMN_BLOCK;
        bits[row / 64] |= UINT64_C(1) << (row % 64);
    }
}

uint32_t auk_column_window_with(const auk_column_window *window, const uint64_t *present,
                                uint64_t bits[AUK_COLUMN_WORDS])
{
    uint32_t words = (window->rows + 63) / 64;
    memset(bits, 0, AUK_COLUMN_WORDS * sizeof *bits);
    if (window->docs) {
        mark_docs(window, bits);
        for (uint32_t i = 0; present && i < words; i++)
            bits[i] &= present[i];
        return auk_score_kernels_best()->count_bits(bits, NULL, words);
    }
    if (window->bits && present) {
        for (uint32_t i = 0; i < words; i++)
            bits[i] = window->bits[i] & present[i];
        return auk_score_kernels_best()->count_bits(bits, NULL, words);
    }
    if (window->bits || present) {
        memcpy(bits, window->bits ? window->bits : present, words * sizeof *bits);
        return window->bits ? window->count
                            : auk_score_kernels_best()->count_bits(bits, NULL, words);
    }
    memset(bits, 0xff, words * sizeof *bits);
    if (window->rows % 64)
        bits[words - 1] = ~(UINT64_MAX << (window->rows % 64));
    return window->rows;
}

bool auk_column_window_known(const auk_column *column, const auk_column_window *window,
                             uint32_t *out)
{
    *out = window->count;
    if (auk_column_zone_full(column, window->block))
        return true;
    int64_t min, max;
    if (!auk_column_zone(column, window->block, &min, &max)) {
        *out = 0;
        return true;
    }
    *out = auk_column_zone_values(column, window->block);
    return auk_column_window_is_whole(window);
}

static uint32_t place_of(const auk_places *places, int64_t value)
{
    uint32_t place;
    auk_column_kernels_portable.place(places, &value, 1, &place);
    return place;
}

void auk_slot_counter_add_block(auk_slot_counter *counter, const auk_value_reader *reader,
                                const auk_places *places, const auk_column_window *window,
                                int64_t value, uint32_t with)
{
    counter->counts[place_of(places, value)] += with;
    if (reader->has_missing)
        counter->counts[place_of(places, reader->missing)] += window->count - with;
}

/* All values of the block stand in one place, or there is none. */
static bool add_at_once(auk_slot_counter *counter, const auk_value_reader *reader,
                        const auk_places *places, const auk_column_window *window)
{
    int64_t min = places->first, max = min;
    uint32_t with;
    if (!auk_column_window_known(reader->column, window, &with))
        return false;
    bool some = auk_column_zone(reader->column, window->block, &min, &max);
    if (some && place_of(places, min) != place_of(places, max))
        return false;
    auk_slot_counter_add_block(counter, reader, places, window, min, with);
    return true;
}

/* Of the window's documents those with a value have these. */
static void add_values(auk_slot_counter *counter, const auk_value_reader *reader,
                       const auk_places *places, const auk_column_window *window,
                       const int64_t *values, uint32_t with)
{
    auk_slot_scratch *scratch = counter->scratch;
    auk_column_kernels_best()->place(places, values, with, scratch->places);
    count_each(counter, scratch->places, with);
    if (reader->has_missing)
        counter->counts[place_of(places, reader->missing)] += window->count - with;
}

static void add_rows(auk_slot_counter *counter, const auk_value_reader *reader,
                     const auk_places *places, const auk_column_window *window,
                     const int64_t *values, const uint64_t *present)
{
    auk_slot_scratch *scratch = counter->scratch;
    uint64_t bits[AUK_COLUMN_WORDS];
    uint32_t with = auk_column_window_with(window, present, bits);
    if (with < window->rows) {
        keep_marked(values, bits, scratch->values);
        values = scratch->values;
    }
    add_values(counter, reader, places, window, values, with);
}

void auk_slot_counter_add(auk_slot_counter *counter, auk_value_reader *reader,
                          const auk_places *places, const auk_column_window *window)
{
    const int64_t *values = counter->scratch->values;
    const uint64_t *present;
    if (add_at_once(counter, reader, places, window))
        return;
    if (window->docs) {
        uint32_t with = auk_column_cursor_pick(reader->cursor, window->docs, window->count, NULL,
                                               counter->scratch->values);
        add_values(counter, reader, places, window, values, with);
    } else if (auk_column_cursor_block(reader->cursor, window->block, &values, &present)) {
        add_rows(counter, reader, places, window, values, present);
    }
    if (auk_column_cursor_status(reader->cursor) != AUK_OK)
        auk_aggregation_fail(reader->collector, AUK_CORRUPT, "a column is damaged");
}

bool auk_slot_counter_join(auk_slot_counter *counter, auk_aggregation_collector *collector)
{
    size_t width = (size_t)counter->span + 1;
    for (uint32_t lane = 1; lane < counter->lanes; lane++)
        for (size_t i = 0; i < width; i++)
            counter->counts[i] += counter->counts[lane * width + i];
    counter->lanes = 1;
    if (counter->counts[counter->span] == 0)
        return true;
    auk_aggregation_fail(collector, AUK_CORRUPT, "a column holds values past its bounds");
    return false;
}
