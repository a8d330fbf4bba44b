#include "column.h"
#include "column_block.h"
#include "kernels.h"
#include "packed_run.h"

#define VERSION     1
#define FOOTER_SIZE 48
#define PLACE_SIZE  16
#define NO_BLOCK    UINT32_MAX
/* After so many single reads in one block, decoding all of it is the cheaper way. */
#define PATIENCE 64

struct auk_column {
    const auk_span *parts;
    uint32_t part_count;
    uint32_t row_count;
    uint32_t block_count;
    size_t last_size; /* bytes of blocks in the last part */
    const uint8_t *mins, *maxs, *places;
    auk_column_stats stats;
    auk_column_stats doubtful; /* what can be said when the directory is damaged */
    auk_guard *guard;
    const auk_ranks *ranks; /* NULL: none were written */
};

struct auk_column_cursor {
    const auk_column *column;
    auk_arena *arena;
    auk_code status;
    uint32_t block;
    uint32_t row_count;
    uint32_t reads;
    bool empty;   /* no row of the block has a value */
    bool decoded; /* rows holds the block */
    auk_column_block in;
    uint64_t present[AUK_COLUMN_BLOCK / 64];
    uint16_t ranks[AUK_COLUMN_BLOCK / 64];
    int64_t one;
    int64_t *rows;    /* one a row, made at first need */
    uint32_t *places; /* of values that are picked, where not every row has one; the same */
    int64_t *many;
    uint32_t many_capacity;
};

/* ---- open ---- */

static bool read_footer(const uint8_t *at, auk_column *column)
{
    auk_column_stats *stats = &column->stats;
    if (memcmp(at, "AUKC", 4) != 0 || at[4] != VERSION || at[5] > 1)
        return false;
    stats->ordinals = at[5];
    bool same_rows = auk_load_u32(at + 8) == column->row_count;
    stats->doc_count = auk_load_u32(at + 12);
    stats->value_count = auk_load_u64(at + 16);
    stats->min = (int64_t)auk_load_u64(at + 24);
    stats->max = (int64_t)auk_load_u64(at + 32);
    stats->single = stats->value_count == stats->doc_count;
    stats->dense = stats->doc_count == column->row_count;
    bool same_blocks = auk_load_u32(at + 40) == column->block_count;
    bool same_parts = auk_load_u32(at + 44) == column->part_count;
    return same_rows && same_blocks && same_parts && stats->doc_count > 0 &&
           stats->doc_count <= column->row_count && stats->value_count >= stats->doc_count &&
           stats->min <= stats->max;
}

auk_code auk_column_open(const auk_span *parts, uint32_t part_count, uint32_t row_count,
                         auk_arena *arena, auk_column **out, auk_error *err)
{
    auk_span last = parts[part_count - 1];
    auk_column *column = AUK_ARENA_NEW(arena, auk_column);
    column->parts = parts;
    column->part_count = part_count;
    column->row_count = row_count;
    column->block_count =
        (uint32_t)(((uint64_t)row_count + AUK_COLUMN_BLOCK - 1) / AUK_COLUMN_BLOCK);
    size_t directory = (size_t)column->block_count * (16 + PLACE_SIZE) + FOOTER_SIZE;
    if (last.size < directory)
        return auk_fail(err, AUK_CORRUPT, "a column of %zu bytes is too short for its directory",
                        last.size);
    const uint8_t *end = auk_span_bytes(last) + last.size;
    if (!read_footer(end - FOOTER_SIZE, column))
        return auk_fail(err, AUK_CORRUPT, "a column's footer is damaged");
    column->last_size = last.size - directory;
    column->mins = end - directory;
    column->maxs = column->mins + (size_t)column->block_count * 8;
    column->places = column->maxs + (size_t)column->block_count * 8;
    *out = column;
    return AUK_OK;
}

void auk_column_doubt(auk_column *column, auk_guard *guard)
{
    column->guard = guard;
    column->doubtful = (auk_column_stats){.doc_count = column->row_count,
                                          .value_count = (uint64_t)column->row_count + 1,
                                          .min = INT64_MIN,
                                          .max = INT64_MAX,
                                          .ordinals = column->stats.ordinals};
}

void auk_column_rank(auk_column *column, const auk_ranks *ranks)
{
    column->ranks = ranks;
}

const auk_ranks *auk_column_ranks(const auk_column *column)
{
    return column->ranks;
}

static bool is_directory_sound(const auk_column *column)
{
    return auk_guard_passes(column->guard, &column->parts[column->part_count - 1]);
}

/* Of a damaged one nothing is promised, so that whoever asks goes on to a cursor, which fails. */
const auk_column_stats *auk_column_read_stats(const auk_column *column)
{
    return is_directory_sound(column) ? &column->stats : &column->doubtful;
}

bool auk_column_count(const auk_column *column, int64_t from, int64_t to, uint64_t *out)
{
    const auk_column_stats *stats = auk_column_read_stats(column);
    uint64_t before = 0, through = stats->value_count;
    if (!column->ranks || !stats->single || auk_ranks_count(column->ranks) != through)
        return false;
    *out = 0;
    if (from > to)
        return true;
    if (!auk_ranks_below(column->ranks, from, &before) ||
        (to < INT64_MAX && !auk_ranks_below(column->ranks, to + 1, &through)))
        return false;
    *out = through - before;
    return before <= through;
}

static uint32_t rows_in_block(const auk_column *column, uint32_t block)
{
    uint32_t rest = column->row_count - block * AUK_COLUMN_BLOCK;
    return rest < AUK_COLUMN_BLOCK ? rest : AUK_COLUMN_BLOCK;
}

static uint32_t values_in_block(const auk_column *column, uint32_t block)
{
    return auk_load_u32(column->places + (size_t)block * PLACE_SIZE + 12);
}

bool auk_column_zone(const auk_column *column, uint32_t block, int64_t *min, int64_t *max)
{
    if (!is_directory_sound(column)) {
        *min = INT64_MIN;
        *max = INT64_MAX;
        return true;
    }
    if (block >= column->block_count || values_in_block(column, block) == 0)
        return false;
    *min = (int64_t)auk_load_u64(column->mins + (size_t)block * 8);
    *max = (int64_t)auk_load_u64(column->maxs + (size_t)block * 8);
    return true;
}

uint32_t auk_column_zone_values(const auk_column *column, uint32_t block)
{
    if (!is_directory_sound(column) || block >= column->block_count)
        return 0;
    return values_in_block(column, block);
}

bool auk_column_zone_full(const auk_column *column, uint32_t block)
{
    return block < column->block_count && column->stats.single &&
           auk_column_zone_values(column, block) == rows_in_block(column, block);
}

/* ---- cursor ---- */

static _Thread_local auk_column_work work;

auk_column_work auk_columns_work(void)
{
    return work;
}

auk_column_cursor *auk_column_cursor_open(const auk_column *column, auk_arena *arena)
{
    auk_column_cursor *cursor = AUK_ARENA_NEW(arena, auk_column_cursor);
    cursor->column = column;
    cursor->arena = arena;
    cursor->block = NO_BLOCK;
    cursor->status = is_directory_sound(column) ? AUK_OK : AUK_CORRUPT;
    return cursor;
}

auk_code auk_column_cursor_status(const auk_column_cursor *cursor)
{
    return cursor->status;
}

static bool fail(auk_column_cursor *cursor)
{
    cursor->status = AUK_CORRUPT;
    cursor->block = NO_BLOCK;
    return false;
}

static bool find_block(const auk_column *column, uint32_t block, auk_span *out)
{
    const uint8_t *place = column->places + (size_t)block * PLACE_SIZE;
    uint32_t part = auk_load_u32(place), offset = auk_load_u32(place + 4);
    uint32_t size = auk_load_u32(place + 8);
    if (part >= column->part_count)
        return false;
    size_t part_size =
        part == column->part_count - 1 ? column->last_size : column->parts[part].size;
    if (offset > part_size || size > part_size - offset ||
        !auk_guard_passes(column->guard, &column->parts[part]))
        return false;
    *out = auk_span_make(column->parts[part].data + offset, size);
    return true;
}

/* Makes block the one that the cursor stands in. */
static bool enter(auk_column_cursor *cursor, uint32_t block)
{
    const auk_column *column = cursor->column;
    if (cursor->status != AUK_OK)
        return false;
    cursor->row_count = rows_in_block(column, block);
    cursor->block = block;
    cursor->reads = 0;
    cursor->decoded = false;
    uint32_t values = values_in_block(column, block);
    cursor->empty = values == 0;
    if (cursor->empty)
        return true;
    work.blocks++;
    auk_span bytes;
    if (!find_block(column, block, &bytes) ||
        !auk_column_block_parse(bytes, cursor->row_count, &cursor->in) ||
        cursor->in.value_count != values || (column->stats.single && cursor->in.end_width))
        return fail(cursor);
    if (cursor->in.presence != AUK_COLUMN_EACH_ROW &&
        !auk_column_block_presence(&cursor->in, cursor->row_count, cursor->present, cursor->ranks))
        return fail(cursor);
    return true;
}

/* Moves values that lie end to end to their rows; from behind, because a row never lies before its
 * value. */
static void spread(auk_column_cursor *cursor)
{
    uint32_t value = cursor->in.present_count;
    for (uint32_t word = (cursor->row_count + 63) / 64; word-- > 0;) {
        uint64_t bits = cursor->present[word];
        uint32_t last = word * 64 + 63;
        last = last < cursor->row_count ? last : cursor->row_count - 1;
        for (uint32_t row = last + 1; row-- > word * 64;)
            cursor->rows[row] = bits >> (row % 64) & 1 ? cursor->rows[--value] : 0;
    }
}

/* Fills rows from a block of one value a row. */
static bool decode(auk_column_cursor *cursor)
{
    if (!cursor->rows)
        cursor->rows = auk_arena_alloc(cursor->arena, AUK_COLUMN_BLOCK * sizeof *cursor->rows);
    if (!auk_column_block_values(&cursor->in, 0, cursor->in.present_count, cursor->rows))
        return fail(cursor);
    if (cursor->in.presence != AUK_COLUMN_EACH_ROW)
        spread(cursor);
    cursor->decoded = true;
    work.decoded++;
    return true;
}

static uint32_t read_one(auk_column_cursor *cursor, uint32_t row, uint32_t index,
                         const int64_t **values)
{
    if (!cursor->decoded && ++cursor->reads > PATIENCE && !decode(cursor))
        return 0;
    if (cursor->decoded) {
        *values = &cursor->rows[row];
        return 1;
    }
    work.picked++;
    if (!auk_column_block_values(&cursor->in, index, 1, &cursor->one)) {
        fail(cursor);
        return 0;
    }
    *values = &cursor->one;
    return 1;
}

static uint32_t read_many(auk_column_cursor *cursor, uint32_t index, const int64_t **values)
{
    const auk_column_block *in = &cursor->in;
    uint64_t first = index ? auk_packed_get(in->ends, in->end_width, index - 1) : 0;
    uint64_t end = auk_packed_get(in->ends, in->end_width, index);
    if (first >= end || end > in->value_count) {
        fail(cursor);
        return 0;
    }
    uint32_t count = (uint32_t)(end - first);
    if (count > cursor->many_capacity) {
        uint32_t capacity = count < 16 ? 16 : count + count / 2;
        cursor->many = auk_arena_alloc(cursor->arena, capacity * sizeof *cursor->many);
        cursor->many_capacity = capacity;
    }
    work.picked += count;
    if (!auk_column_block_values(in, (uint32_t)first, count, cursor->many)) {
        fail(cursor);
        return 0;
    }
    *values = cursor->many;
    return count;
}

uint32_t auk_column_cursor_values(auk_column_cursor *cursor, auk_doc doc, const int64_t **values)
{
    if (doc >= cursor->column->row_count)
        return 0;
    if (doc / AUK_COLUMN_BLOCK != cursor->block && !enter(cursor, doc / AUK_COLUMN_BLOCK))
        return 0;
    if (cursor->empty)
        return 0;
    uint32_t row = doc % AUK_COLUMN_BLOCK;
    uint32_t index = row;
    if (cursor->in.presence != AUK_COLUMN_EACH_ROW) {
        uint64_t bits = cursor->present[row / 64];
        uint64_t bit = (uint64_t)1 << (row % 64);
        if (!(bits & bit))
            return 0;
        index = cursor->ranks[row / 64] + (uint32_t)__builtin_popcountll(bits & (bit - 1));
    }
    return cursor->in.end_width ? read_many(cursor, index, values)
                                : read_one(cursor, row, index, values);
}

/* A block without values, as rows and bits. */
static void clear(auk_column_cursor *cursor)
{
    if (!cursor->rows)
        cursor->rows = auk_arena_alloc(cursor->arena, AUK_COLUMN_BLOCK * sizeof *cursor->rows);
    memset(cursor->rows, 0, AUK_COLUMN_BLOCK * sizeof *cursor->rows);
    memset(cursor->present, 0, sizeof cursor->present);
    cursor->decoded = true;
}

uint32_t auk_column_cursor_block(auk_column_cursor *cursor, uint32_t block, const int64_t **values,
                                 const uint64_t **present)
{
    if (block >= cursor->column->block_count)
        return 0;
    if (block != cursor->block && !enter(cursor, block))
        return 0;
    if (!cursor->decoded) {
        if (cursor->empty) {
            clear(cursor);
        } else if (cursor->in.end_width) {
            fail(cursor); /* two values in a row have no place here */
            return 0;
        } else if (!decode(cursor)) {
            return 0;
        }
    }
    bool each = !cursor->empty && cursor->in.presence == AUK_COLUMN_EACH_ROW;
    *values = cursor->rows;
    *present = each ? NULL : cursor->present;
    return cursor->row_count;
}

bool auk_column_cursor_mark(auk_column_cursor *cursor, uint32_t block, int64_t from, int64_t to,
                            uint64_t bits[AUK_COLUMN_BLOCK / 64])
{
    if (block >= cursor->column->block_count)
        return false;
    if (block != cursor->block && !enter(cursor, block))
        return false;
    if (cursor->empty) {
        memset(bits, 0, (cursor->row_count + 63) / 64 * sizeof *bits);
        return true;
    }
    if (cursor->decoded || cursor->in.end_width)
        return false;
    if (cursor->in.presence == AUK_COLUMN_EACH_ROW) {
        if (!auk_column_block_mark(&cursor->in, from, to, bits))
            return false;
    } else {
        uint64_t inside[AUK_COLUMN_BLOCK / 64 + 1];
        if (!auk_column_block_mark(&cursor->in, from, to, inside))
            return false;
        auk_kernels_best()->spread_bits(inside, cursor->present, (cursor->row_count + 63) / 64,
                                        bits);
    }
    work.compared++;
    return true;
}

/* ---- some rows of a block ---- */

/* Where the values of those that have one lie; answers how many have. */
static uint32_t rank_docs(auk_column_cursor *cursor, const auk_doc *docs, uint32_t count,
                          uint16_t *numbers)
{
    uint32_t found = 0;
    if (!cursor->places)
        cursor->places = auk_arena_alloc(cursor->arena, AUK_COLUMN_BLOCK * sizeof *cursor->places);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t row = docs[i] % AUK_COLUMN_BLOCK;
        uint64_t bits = cursor->present[row / 64], bit = (uint64_t)1 << (row % 64);
        cursor->places[found] =
            cursor->ranks[row / 64] + (uint32_t)__builtin_popcountll(bits & (bit - 1));
        if (numbers)
            numbers[found] = (uint16_t)i;
        found += (bits & bit) != 0;
    }
    return found;
}

static uint32_t pick_decoded(const auk_column_cursor *cursor, const auk_doc *docs, uint32_t count,
                             uint16_t *numbers, int64_t *values)
{
    uint32_t found = 0;
    bool each = cursor->in.presence == AUK_COLUMN_EACH_ROW;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t row = docs[i] % AUK_COLUMN_BLOCK;
        values[found] = cursor->rows[row];
        if (numbers && !each)
            numbers[found] = (uint16_t)i;
        found += each || (cursor->present[row / 64] >> (row % 64) & 1);
    }
    return found;
}

uint32_t auk_column_cursor_pick(auk_column_cursor *cursor, const auk_doc *docs, uint32_t count,
                                uint16_t *numbers, int64_t *values)
{
    if (count == 0 || docs[count - 1] >= cursor->column->row_count)
        return 0;
    uint32_t block = docs[0] / AUK_COLUMN_BLOCK;
    if ((block != cursor->block && !enter(cursor, block)) || cursor->empty)
        return 0;
    if (cursor->in.end_width) {
        fail(cursor); /* two values in a row have no place here */
        return 0;
    }
    if (cursor->decoded)
        return pick_decoded(cursor, docs, count, numbers, values);
    const uint32_t *places = docs;
    uint32_t base = block * AUK_COLUMN_BLOCK, found = count;
    if (cursor->in.presence != AUK_COLUMN_EACH_ROW) {
        found = rank_docs(cursor, docs, count, numbers);
        places = cursor->places;
        base = 0;
    }
    work.picked += found;
    if (auk_column_block_pick(&cursor->in, places, base, found, values))
        return found;
    fail(cursor);
    return 0;
}
