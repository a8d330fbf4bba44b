/* Documents with a column value in an interval: zones first, then values, a block at a time. */
#include "column_kernels.h"
#include "scorer.h"

typedef enum zone_says { ZONE_NONE, ZONE_SOME, ZONE_ALL } zone_says;

typedef struct column_range {
    auk_scorer base;
    const auk_column *column;
    auk_column_cursor *cursor;
    const auk_column_stats *stats;
    int64_t from, to;
    uint32_t doc_count;
    uint32_t zone; /* the block that zone_says speaks of */
    zone_says says;
    uint32_t marked; /* the block that marks speak of */
    uint64_t marks[AUK_WINDOW_WORDS];
} column_range;

_Static_assert(AUK_COLUMN_BLOCK == AUK_WINDOW, "a window is a block of a column");

static zone_says ask_zone(column_range *self, uint32_t block)
{
    int64_t least, most;
    if (block == self->zone)
        return self->says;
    self->zone = block;
    if (!auk_column_zone(self->column, block, &least, &most) || least > self->to ||
        most < self->from)
        self->says = ZONE_NONE;
    else if (least >= self->from && most <= self->to && auk_column_zone_full(self->column, block))
        self->says = ZONE_ALL;
    else
        self->says = ZONE_SOME;
    return self->says;
}

/* The first document >= target whose block may hold a value in the interval. */
static auk_doc skip_zones(column_range *self, auk_doc target)
{
    while (target < self->doc_count) {
        uint32_t block = target / AUK_COLUMN_BLOCK;
        if (ask_zone(self, block) != ZONE_NONE)
            return target;
        target = (block + 1) * AUK_COLUMN_BLOCK;
    }
    return AUK_DOC_END;
}

static bool inside(const column_range *self, int64_t value)
{
    return (uint64_t)value - (uint64_t)self->from <= (uint64_t)self->to - (uint64_t)self->from;
}

static bool matches(column_range *self, auk_doc doc)
{
    const int64_t *values;
    uint32_t count = auk_column_cursor_values(self->cursor, doc, &values);
    for (uint32_t i = 0; i < count; i++)
        if (inside(self, values[i]))
            return true;
    return false;
}

static auk_doc column_approach(auk_scorer *scorer, auk_doc target)
{
    return scorer->doc = skip_zones((column_range *)scorer, target);
}

/* A block that is asked about once is not marked for that. */
static bool column_confirm(auk_scorer *scorer)
{
    column_range *self = (column_range *)scorer;
    uint32_t block = scorer->doc / AUK_COLUMN_BLOCK, row = scorer->doc % AUK_COLUMN_BLOCK;
    if (ask_zone(self, block) == ZONE_ALL)
        return true;
    if (block == self->marked)
        return self->marks[row / 64] >> (row % 64) & 1;
    return matches(self, scorer->doc);
}

/* ---- whole blocks ---- */

static void set_rows(uint64_t *marks, uint32_t rows)
{
    memset(marks, 0xff, rows / 64 * sizeof *marks);
    if (rows % 64)
        marks[rows / 64] = ~(UINT64_MAX << (rows % 64));
}

static void compare_rows(column_range *self, uint32_t block)
{
    const int64_t *values;
    const uint64_t *present;
    if (auk_column_cursor_mark(self->cursor, block, self->from, self->to, self->marks))
        return;
    uint32_t rows = auk_column_cursor_block(self->cursor, block, &values, &present);
    auk_column_kernels_best()->mark_range(values, rows, self->from, self->to, self->marks);
    for (uint32_t i = 0; present && i < (rows + 63) / 64; i++)
        self->marks[i] &= present[i];
}

static void ask_rows(column_range *self, uint32_t block, uint32_t rows)
{
    for (uint32_t row = 0; row < rows; row++)
        if (matches(self, block * AUK_COLUMN_BLOCK + row))
            self->marks[row / 64] |= UINT64_C(1) << (row % 64);
}

static void mark_block(column_range *self, uint32_t block)
{
    uint32_t rest = self->doc_count - block * AUK_COLUMN_BLOCK;
    uint32_t rows = rest < AUK_COLUMN_BLOCK ? rest : AUK_COLUMN_BLOCK;
    if (block == self->marked)
        return;
    self->marked = block;
    memset(self->marks, 0, sizeof self->marks);
    zone_says says = ask_zone(self, block);
    if (says == ZONE_ALL)
        set_rows(self->marks, rows);
    else if (says == ZONE_SOME && self->stats->single)
        compare_rows(self, block);
    else if (says == ZONE_SOME)
        ask_rows(self, block, rows);
}

static auk_doc column_seek(auk_scorer *scorer, auk_doc target)
{
    column_range *self = (column_range *)scorer;
    while ((target = skip_zones(self, target)) != AUK_DOC_END) {
        uint32_t block = target / AUK_COLUMN_BLOCK, row = target % AUK_COLUMN_BLOCK;
        mark_block(self, block);
        uint64_t left = self->marks[row / 64] >> (row % 64) << (row % 64);
        uint32_t word = row / 64;
        while (!left && ++word < AUK_WINDOW_WORDS)
            left = self->marks[word];
        if (left)
            return scorer->doc =
                       block * AUK_COLUMN_BLOCK + word * 64 + (auk_doc)__builtin_ctzll(left);
        target = (block + 1) * AUK_COLUMN_BLOCK;
    }
    return scorer->doc = AUK_DOC_END;
}

static auk_doc column_next(auk_scorer *scorer)
{
    return scorer->doc == AUK_DOC_END ? AUK_DOC_END : column_seek(scorer, scorer->doc + 1);
}

static float column_score(auk_scorer *scorer)
{
    return scorer->max_score;
}

/* ---- windows ---- */

static void column_mark(auk_scorer *scorer, auk_doc base, auk_doc limit, uint64_t *bits)
{
    column_range *self = (column_range *)scorer;
    uint32_t first = scorer->doc - base, end = limit - base;
    mark_block(self, base / AUK_COLUMN_BLOCK);
    for (uint32_t word = first / 64; word < (end + 63) / 64; word++) {
        uint64_t found = self->marks[word];
        if (word == first / 64)
            found &= UINT64_MAX << (first % 64);
        if (word == end / 64)
            found &= ~(UINT64_MAX << (end % 64));
        bits[word] |= found;
    }
    column_seek(scorer, limit);
}

static uint32_t column_fill(auk_scorer *scorer, auk_doc limit, float floor, auk_doc *docs,
                            float *scores)
{
    uint64_t bits[AUK_WINDOW_WORDS] = {0};
    auk_doc base = scorer->doc - scorer->doc % AUK_WINDOW;
    uint32_t count = 0;
    if (floor > scorer->max_score) {
        auk_scorer_seek(scorer, limit);
        return 0;
    }
    if (scorer->doc >= limit)
        return 0;
    column_mark(scorer, base, limit, bits);
    for (uint32_t word = 0; word < AUK_WINDOW_WORDS; word++)
        for (uint64_t left = bits[word]; left; left &= left - 1)
            docs[count++] = base + word * 64 + (auk_doc)__builtin_ctzll(left);
    for (uint32_t i = 0; scores && i < count; i++)
        scores[i] = scorer->max_score;
    return count;
}

static auk_code column_status(const auk_scorer *scorer)
{
    return auk_column_cursor_status(((const column_range *)scorer)->cursor);
}

static const auk_scorer_class column_class = {
    .name = "column of numbers",
    .next = column_next,
    .seek = column_seek,
    .approach = column_approach,
    .confirm = column_confirm,
    .score = column_score,
    .fill = column_fill,
    .mark = column_mark,
    .skip = auk_scorer_skip_constant,
    .status = column_status,
    .marks_blocks = true,
};

auk_scorer *auk_scorer_column_range(const auk_column *column, uint32_t doc_count, int64_t from,
                                    int64_t to, float score, auk_arena *arena)
{
    const auk_column_stats *stats = auk_column_read_stats(column);
    if (stats->value_count == 0 || stats->min > to || stats->max < from)
        return NULL;
    if (stats->dense && stats->min >= from && stats->max <= to)
        return auk_scorer_all(doc_count, score, arena);
    column_range *self = AUK_ARENA_NEW(arena, column_range);
    self->base = (auk_scorer){.class = &column_class, .cost = doc_count, .max_score = score};
    self->column = column;
    self->cursor = auk_column_cursor_open(column, arena);
    self->stats = stats;
    self->from = from;
    self->to = to;
    self->doc_count = doc_count;
    self->zone = self->marked = UINT32_MAX;
    column_seek(&self->base, 0);
    return self->base.doc == AUK_DOC_END ? NULL : &self->base;
}
