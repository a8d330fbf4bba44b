/* Documents with a column value in an interval: zones first, then values. */
#include "scorer.h"

typedef struct column_range {
    auk_scorer base;
    const auk_column *column;
    auk_column_cursor *cursor;
    const auk_column_stats *stats;
    int64_t from, to;
    uint32_t doc_count;
    uint32_t zone; /* the block that zone_fits speaks of */
    bool zone_fits;
} column_range;

_Static_assert(AUK_COLUMN_BLOCK == AUK_WINDOW, "a window is a block of a column");

/* The first document >= target whose block may hold a value in the interval. */
static auk_doc skip_zones(column_range *self, auk_doc target)
{
    while (target < self->doc_count) {
        uint32_t block = target / AUK_COLUMN_BLOCK;
        if (block != self->zone) {
            int64_t least, most;
            self->zone = block;
            self->zone_fits = auk_column_zone(self->column, block, &least, &most) &&
                              least <= self->to && most >= self->from;
        }
        if (self->zone_fits)
            return target;
        target = (block + 1) * AUK_COLUMN_BLOCK;
    }
    return AUK_DOC_END;
}

static bool inside(const column_range *self, int64_t value)
{
    return (uint64_t)value - (uint64_t)self->from <= (uint64_t)self->to - (uint64_t)self->from;
}

static bool present_at(const uint64_t *present, uint32_t row)
{
    return !present || (present[row / 64] >> (row % 64) & 1);
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

static bool column_confirm(auk_scorer *scorer)
{
    return matches((column_range *)scorer, scorer->doc);
}

/* Whole blocks of values, where no document has two. */
static auk_doc scan(column_range *self, auk_doc doc)
{
    while ((doc = skip_zones(self, doc)) != AUK_DOC_END) {
        const int64_t *values;
        const uint64_t *present;
        uint32_t block = doc / AUK_COLUMN_BLOCK;
        uint32_t rows = auk_column_cursor_block(self->cursor, block, &values, &present);
        for (uint32_t row = doc % AUK_COLUMN_BLOCK; row < rows; row++)
            if (inside(self, values[row]) && present_at(present, row))
                return block * AUK_COLUMN_BLOCK + row;
        doc = (block + 1) * AUK_COLUMN_BLOCK;
    }
    return AUK_DOC_END;
}

static auk_doc column_seek(auk_scorer *scorer, auk_doc target)
{
    column_range *self = (column_range *)scorer;
    if (self->stats->single)
        return scorer->doc = scan(self, target);
    for (auk_doc doc = target; (doc = skip_zones(self, doc)) != AUK_DOC_END; doc++)
        if (matches(self, doc))
            return scorer->doc = doc;
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

static uint32_t fill_rows(column_range *self, auk_doc from, auk_doc limit, auk_doc *docs)
{
    uint32_t block = from / AUK_COLUMN_BLOCK, count = 0;
    const int64_t *values;
    const uint64_t *present;
    auk_doc base = block * AUK_COLUMN_BLOCK;
    uint32_t rows = auk_column_cursor_block(self->cursor, block, &values, &present);
    uint32_t end = limit - base < rows ? limit - base : rows;
    for (uint32_t row = from - base; row < end; row++) {
        docs[count] = base + row;
        count += inside(self, values[row]) && present_at(present, row);
    }
    return count;
}

static uint32_t column_fill(auk_scorer *scorer, auk_doc limit, float floor, auk_doc *docs,
                            float *scores)
{
    column_range *self = (column_range *)scorer;
    uint32_t count = 0;
    if (floor > scorer->max_score) {
        auk_scorer_seek(scorer, limit);
        return 0;
    }
    if (scorer->doc >= limit)
        return 0;
    if (self->stats->single) {
        count = fill_rows(self, scorer->doc, limit, docs);
    } else {
        for (auk_doc doc = scorer->doc; doc < limit && doc < self->doc_count; doc++) {
            docs[count] = doc;
            count += matches(self, doc);
        }
    }
    for (uint32_t i = 0; scores && i < count; i++)
        scores[i] = scorer->max_score;
    column_seek(scorer, limit);
    return count;
}

static auk_code column_status(const auk_scorer *scorer)
{
    return auk_column_cursor_status(((const column_range *)scorer)->cursor);
}

static const auk_scorer_class column_class = {
    .next = column_next,
    .seek = column_seek,
    .approach = column_approach,
    .confirm = column_confirm,
    .score = column_score,
    .fill = column_fill,
    .skip = auk_scorer_skip_constant,
    .status = column_status,
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
    self->base = (auk_scorer){&column_class, 0, doc_count, score};
    self->column = column;
    self->cursor = auk_column_cursor_open(column, arena);
    self->stats = stats;
    self->from = from;
    self->to = to;
    self->doc_count = doc_count;
    self->zone = UINT32_MAX;
    column_seek(&self->base, 0);
    return self->base.doc == AUK_DOC_END ? NULL : &self->base;
}
