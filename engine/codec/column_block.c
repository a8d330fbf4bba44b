#include "column_block.h"

#include <stdlib.h>

#include "kernels.h"
#include "packed_run.h"

#define HEADER_SIZE 12

/* ---- encode ---- */

/* How the values of a block will be written. */
typedef struct plan {
    auk_column_code code;
    unsigned width;
    uint64_t base, factor, slope;
    uint32_t table_count;
    int64_t table[AUK_COLUMN_TABLE_MAX];
} plan;

static uint64_t greatest_common_divisor(uint64_t a, uint64_t b)
{
    while (b) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* The least value as base, and the largest step that all values share. */
static void plan_steps(const int64_t *values, uint32_t count, int64_t min, int64_t max, plan *out)
{
    uint64_t factor = 0;
    for (uint32_t i = 0; i < count && factor != 1; i++) {
        uint64_t distance = (uint64_t)values[i] - (uint64_t)min;
        if (factor == 0 || distance % factor != 0)
            factor = greatest_common_divisor(distance, factor);
    }
    out->code = AUK_COLUMN_FORMULA;
    out->base = (uint64_t)min;
    out->factor = factor ? factor : 1;
    out->slope = 0;
    out->width = auk_packed_width(((uint64_t)max - (uint64_t)min) / out->factor);
    if (out->width == 64) {
        out->base = 0;
        out->factor = 1;
    }
}

/* A line from first to last value: what is left is small where values rise evenly, as sequence
 * numbers do. */
static void plan_line(const int64_t *values, uint32_t count, int64_t min, int64_t max, plan *best)
{
    uint64_t range = (uint64_t)max - (uint64_t)min;
    if (best->width < 2 || count < 16 || range >> 56)
        return;
    int64_t slope = (values[count - 1] - values[0]) / (int64_t)(count - 1);
    if (slope == 0)
        return;
    int64_t least = INT64_MAX, greatest = INT64_MIN;
    for (uint32_t i = 0; i < count; i++) {
        int64_t rest = (values[i] - min) - slope * (int64_t)i;
        least = rest < least ? rest : least;
        greatest = rest > greatest ? rest : greatest;
    }
    unsigned width = auk_packed_width((uint64_t)greatest - (uint64_t)least);
    if (width >= best->width)
        return;
    best->width = width;
    best->base = (uint64_t)min + (uint64_t)least;
    best->factor = 1;
    best->slope = (uint64_t)slope;
}

#define SLOTS 1024

/* Slots of an open table of distinct values; 0: free, else 1 + index into the plan's table. */
static uint32_t slot_of(const uint16_t slots[SLOTS], const plan *table, int64_t value)
{
    uint32_t slot = (uint32_t)(((uint64_t)value * 0x9e3779b97f4a7c15u) >> 54);
    while (slots[slot] && table->table[slots[slot] - 1] != value)
        slot = (slot + 1) % SLOTS;
    return slot;
}

static bool collect_table(const int64_t *values, uint32_t count, plan *out, uint16_t slots[SLOTS])
{
    memset(slots, 0, SLOTS * sizeof *slots);
    out->table_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t slot = slot_of(slots, out, values[i]);
        if (slots[slot])
            continue;
        if (out->table_count == AUK_COLUMN_TABLE_MAX)
            return false;
        out->table[out->table_count++] = values[i];
        slots[slot] = (uint16_t)out->table_count;
    }
    return true;
}

static int by_value(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* Rising, so that a range of values is one of numbers. */
static void sort_table(plan *table, uint16_t slots[SLOTS])
{
    qsort(table->table, table->table_count, sizeof *table->table, by_value);
    memset(slots, 0, SLOTS * sizeof *slots);
    for (uint32_t i = 0; i < table->table_count; i++)
        slots[slot_of(slots, table, table->table[i])] = (uint16_t)(i + 1);
}

/* Numbers into a table of few values, where that is shorter by more than the table takes. */
static bool plan_table(const int64_t *values, uint32_t count, plan *best, uint16_t slots[SLOTS])
{
    /* The shortest table has two entries and numbers of one bit. */
    if ((uint64_t)count * best->width <= (uint64_t)count + 128)
        return false;
    plan table = {.code = AUK_COLUMN_TABLE};
    if (!collect_table(values, count, &table, slots))
        return false;
    sort_table(&table, slots);
    table.width = auk_packed_width(table.table_count - 1);
    uint64_t bits = (uint64_t)count * table.width + (uint64_t)table.table_count * 64;
    if (bits >= (uint64_t)count * best->width)
        return false;
    *best = table;
    return true;
}

static void append_numbers(const int64_t *values, uint32_t count, const plan *how,
                           const uint16_t slots[SLOTS], auk_buffer *scratch, auk_buffer *out)
{
    auk_buffer_reset(scratch);
    char *room = auk_buffer_reserve(scratch, (size_t)count * 8);
    if (!room)
        return;
    uint64_t *numbers = (uint64_t *)(void *)room;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t value = (uint64_t)values[i];
        if (how->code == AUK_COLUMN_TABLE)
            numbers[i] = slots[slot_of(slots, how, values[i])] - 1u;
        else if (how->factor == 1)
            numbers[i] = value - how->base - how->slope * i;
        else
            numbers[i] = (value - how->base) / how->factor;
    }
    auk_packed_append(out, numbers, count, how->width);
}

static void append_presence(const auk_column_rows *rows, auk_column_presence presence,
                            auk_buffer *out)
{
    if (presence == AUK_COLUMN_LIST) {
        auk_buffer_append(out, auk_span_make(rows->rows, rows->present_count * sizeof *rows->rows));
    } else if (presence == AUK_COLUMN_BITMAP) {
        uint64_t bits[AUK_COLUMN_BLOCK / 64] = {0};
        for (uint32_t i = 0; i < rows->present_count; i++)
            bits[rows->rows[i] / 64] |= (uint64_t)1 << (rows->rows[i] % 64);
        auk_buffer_append(out, auk_span_make(bits, (rows->row_count + 63) / 64 * 8));
    }
}

static auk_column_presence choose_presence(const auk_column_rows *rows)
{
    if (rows->present_count == rows->row_count)
        return AUK_COLUMN_EACH_ROW;
    return rows->present_count * 2 < (rows->row_count + 63) / 64 * 8 ? AUK_COLUMN_LIST
                                                                     : AUK_COLUMN_BITMAP;
}

void auk_column_block_encode(const auk_column_rows *rows, auk_buffer *scratch, auk_buffer *out)
{
    uint32_t count = (uint32_t)rows->ends[rows->present_count - 1];
    bool multi = count != rows->present_count;
    plan how = {.code = AUK_COLUMN_FORMULA};
    uint16_t slots[SLOTS];
    plan_steps(rows->values, count, rows->min, rows->max, &how);
    if (!plan_table(rows->values, count, &how, slots))
        plan_line(rows->values, count, rows->min, rows->max, &how);
    if (multi && how.width == 0)
        how.width = 1;
    auk_column_presence presence = choose_presence(rows);
    unsigned end_width = multi ? auk_packed_width(count) : 0;

    auk_buffer_append_byte(out, (char)presence);
    auk_buffer_append_byte(out, (char)how.code);
    auk_buffer_append_byte(out, (char)how.width);
    auk_buffer_append_byte(out, (char)end_width);
    auk_buffer_append_u16(out, (uint16_t)rows->present_count);
    auk_buffer_append_u16(out, (uint16_t)how.table_count);
    auk_buffer_append_u32(out, count);
    if (how.code == AUK_COLUMN_TABLE) {
        auk_buffer_append(out, auk_span_make(how.table, how.table_count * sizeof *how.table));
    } else {
        auk_buffer_append_u64(out, how.base);
        auk_buffer_append_u64(out, how.factor);
        auk_buffer_append_u64(out, how.slope);
    }
    append_presence(rows, presence, out);
    auk_packed_append(out, rows->ends, rows->present_count, end_width);
    append_numbers(rows->values, count, &how, slots, scratch, out);
}

/* ---- parse ---- */

static const uint8_t *take_run(auk_reader *reader, uint64_t count, unsigned width)
{
    return auk_span_bytes(auk_reader_bytes(reader, (size_t)auk_packed_size(count, width)));
}

static bool header_is_sound(const auk_column_block *block, uint32_t row_count)
{
    if (block->presence > AUK_COLUMN_LIST || block->code > AUK_COLUMN_TABLE ||
        !auk_packed_width_is_known(block->width) || block->end_width > 32)
        return false;
    if (block->present_count == 0 || block->present_count > row_count ||
        (block->presence == AUK_COLUMN_EACH_ROW && block->present_count != row_count))
        return false;
    if (block->code == AUK_COLUMN_TABLE &&
        (block->table_count > AUK_COLUMN_TABLE_MAX || block->table_count == 0 || block->width > 8))
        return false;
    if (block->end_width)
        return block->width > 0;
    return block->value_count == block->present_count;
}

bool auk_column_block_parse(auk_span bytes, uint32_t row_count, auk_column_block *out)
{
    auk_reader reader = auk_reader_of(bytes);
    uint8_t presence = auk_reader_u8(&reader), code = auk_reader_u8(&reader);
    memset(out, 0, sizeof *out);
    out->presence = (auk_column_presence)presence;
    out->code = (auk_column_code)code;
    out->width = auk_reader_u8(&reader);
    out->end_width = auk_reader_u8(&reader);
    out->present_count = auk_reader_u16(&reader);
    out->table_count = auk_reader_u16(&reader);
    out->value_count = auk_reader_u32(&reader);
    if (reader.failed || !header_is_sound(out, row_count))
        return false;
    if (out->code == AUK_COLUMN_TABLE) {
        out->table = auk_span_bytes(auk_reader_bytes(&reader, out->table_count * 8));
    } else {
        out->base = auk_reader_u64(&reader);
        out->factor = auk_reader_u64(&reader);
        out->slope = auk_reader_u64(&reader);
    }
    if (out->presence == AUK_COLUMN_BITMAP)
        out->present = auk_span_bytes(auk_reader_bytes(&reader, (row_count + 63) / 64 * 8));
    else if (out->presence == AUK_COLUMN_LIST)
        out->present = auk_span_bytes(auk_reader_bytes(&reader, out->present_count * 2));
    if (out->end_width)
        out->ends = take_run(&reader, out->present_count, out->end_width);
    out->values = take_run(&reader, out->value_count, out->width);
    return !reader.failed && auk_reader_left(&reader) == 0;
}

bool auk_column_block_presence(const auk_column_block *block, uint32_t row_count,
                               uint64_t bits[AUK_COLUMN_BLOCK / 64],
                               uint16_t ranks[AUK_COLUMN_BLOCK / 64])
{
    uint32_t words = (row_count + 63) / 64;
    if (block->presence == AUK_COLUMN_BITMAP) {
        memcpy(bits, block->present, (size_t)words * 8);
    } else {
        memset(bits, 0, (size_t)words * 8);
        for (uint32_t i = 0; i < block->present_count; i++) {
            uint16_t row = auk_load_u16(block->present + (size_t)i * 2);
            if (row >= row_count)
                return false;
            bits[row / 64] |= (uint64_t)1 << (row % 64);
        }
    }
    uint32_t rank = 0;
    for (uint32_t i = 0; i < words; i++) {
        ranks[i] = (uint16_t)rank;
        rank += (uint32_t)__builtin_popcountll(bits[i]);
    }
    bool beyond = row_count % 64 && bits[words - 1] >> (row_count % 64);
    return rank == block->present_count && !beyond;
}

static bool look_up(const auk_column_block *block, uint32_t count, uint64_t *numbers)
{
    uint64_t table[AUK_COLUMN_TABLE_MAX] = {0};
    memcpy(table, block->table, (size_t)block->table_count * 8);
    uint64_t greatest = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t number = numbers[i]; /* of at most 8 bits */
        greatest = number > greatest ? number : greatest;
        numbers[i] = table[number];
    }
    return greatest < block->table_count;
}

/* Numbers that are not packed: all 0, or whole words. */
static void read_plain(const auk_column_block *block, uint32_t first, const auk_line *line,
                       uint32_t count, uint64_t *out)
{
    if (block->width)
        memcpy(out, block->values + (size_t)first * 8, (size_t)count * 8);
    else
        memset(out, 0, (size_t)count * 8);
    if (line->base == 0 && line->factor == 1 && line->slope == 0)
        return;
    for (uint32_t i = 0; i < count; i++)
        out[i] = line->base + line->factor * out[i] + line->slope * i;
}

bool auk_column_block_values(const auk_column_block *block, uint32_t first, uint32_t count,
                             int64_t *out)
{
    uint64_t *numbers = (uint64_t *)out;
    if (count == 1) { /* spares random access the loops' set-up */
        uint64_t number = auk_packed_get(block->values, block->width, first);
        if (block->code == AUK_COLUMN_FORMULA) {
            *numbers = block->base + block->factor * number + block->slope * first;
            return true;
        }
        if (number >= block->table_count)
            return false;
        *numbers = auk_load_u64(block->table + number * 8);
        return true;
    }
    auk_line line = {0, 1, 0};
    if (block->code == AUK_COLUMN_FORMULA)
        line = (auk_line){block->base + block->slope * first, block->factor, block->slope};
    if (block->width == 0 || block->width == 64)
        read_plain(block, first, &line, count, numbers);
    else
        auk_kernels_best()->unpack_line(block->values,
                                        (size_t)auk_packed_size(block->value_count, block->width),
                                        (size_t)first * block->width, block->width, &line, count,
                                        numbers);
    if (block->code == AUK_COLUMN_TABLE)
        return look_up(block, count, numbers);
    return true;
}

/* Numbers that are not packed, at their places. */
static void pick_plain(const auk_column_block *block, const uint32_t *places, uint32_t base,
                       uint32_t count, uint64_t *out)
{
    for (uint32_t i = 0; i < count; i++) {
        uint64_t place = places[i] - base;
        uint64_t number = block->width ? auk_load_u64(block->values + place * 8) : 0;
        out[i] = block->code == AUK_COLUMN_FORMULA
                     ? block->base + block->factor * number + block->slope * place
                     : number;
    }
}

/* Without the copy of the table that pays for whole blocks. */
static bool look_up_few(const auk_column_block *block, uint32_t count, uint64_t *numbers)
{
    bool sound = true;
    for (uint32_t i = 0; i < count; i++) {
        bool known = numbers[i] < block->table_count;
        numbers[i] = auk_load_u64(block->table + (known ? numbers[i] : 0) * 8);
        sound &= known;
    }
    return sound;
}

bool auk_column_block_pick(const auk_column_block *block, const uint32_t *places, uint32_t base,
                           uint32_t count, int64_t *out)
{
    uint64_t *numbers = (uint64_t *)out;
    auk_line line = {0, 1, 0};
    if (block->code == AUK_COLUMN_FORMULA)
        line = (auk_line){block->base, block->factor, block->slope};
    if (block->width == 0 || block->width == 64)
        pick_plain(block, places, base, count, numbers);
    else
        auk_kernels_best()->pick_line(block->values, block->width, &line, places, base, count,
                                      numbers);
    return block->code == AUK_COLUMN_FORMULA || look_up_few(block, count, numbers);
}

/* ---- compare ---- */

/* The numbers that stand for values of a range. */
typedef struct number_range {
    uint64_t least, most;
    bool empty;
} number_range;

/* False: they are no range, in a table that does not rise, as older ones. */
static bool range_in_table(const auk_column_block *block, int64_t from, int64_t to,
                           number_range *out)
{
    uint32_t inside = 0, first = 0, last = 0;
    for (uint32_t i = 0; i < block->table_count; i++) {
        int64_t value = (int64_t)auk_load_u64(block->table + (size_t)i * 8);
        if (value < from || value > to)
            continue;
        first = inside++ ? first : i;
        last = i;
    }
    *out = (number_range){first, last, inside == 0};
    return inside == 0 || last - first + 1 == inside;
}

static number_range range_of_formula(const auk_column_block *block, int64_t from, int64_t to)
{
    const number_range none = {.empty = true};
    uint64_t greatest = block->width ? (UINT64_C(1) << block->width) - 1 : 0;
    int64_t base = (int64_t)block->base;
    if (to < base || from > to)
        return none;
    number_range range = {0, ((uint64_t)to - block->base) / block->factor, false};
    if (from > base) {
        uint64_t distance = (uint64_t)from - block->base;
        range.least = distance / block->factor + (distance % block->factor != 0);
    }
    if (range.most > greatest)
        range.most = greatest;
    return range.least > range.most ? none : range;
}

static void set_all(uint64_t *bits, uint32_t count)
{
    memset(bits, 0xff, count / 64 * sizeof *bits);
    if (count % 64)
        bits[count / 64] = ~(UINT64_MAX << (count % 64));
}

bool auk_column_block_mark(const auk_column_block *block, int64_t from, int64_t to, uint64_t *bits)
{
    uint32_t count = block->value_count;
    number_range range;
    if (block->width == 64 || block->slope)
        return false;
    if (block->code == AUK_COLUMN_TABLE) {
        uint64_t greatest = (UINT64_C(1) << block->width) - 1;
        if (!range_in_table(block, from, to, &range) || range.most > greatest)
            return false;
    } else {
        if (block->factor == 0)
            return false;
        range = range_of_formula(block, from, to);
    }
    if (range.empty)
        memset(bits, 0, (count + 63) / 64 * sizeof *bits);
    else if (block->width == 0)
        set_all(bits, count);
    else
        auk_kernels_best()->mark_run(block->values, (size_t)auk_packed_size(count, block->width),
                                     block->width, range.least, range.most, count, bits);
    return true;
}
