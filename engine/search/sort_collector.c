/* The best k of one segment by keys: a heap of rows of int64, the worst on top. */
#include <math.h>

#include "sort_collector.h"

/* ---- opening ---- */

auk_code auk_sort_rank_of(const auk_terms *terms, auk_span text, auk_arena *arena, int64_t *out,
                          auk_error *err)
{
    *out = -1;
    if (!terms)
        return AUK_OK;
    auk_terms_cursor *cursor = auk_terms_cursor_open(terms, arena);
    if (auk_terms_cursor_seek(cursor, text)) {
        int64_t place = (int64_t)auk_terms_cursor_term(cursor)->ordinal * 2;
        *out = auk_span_equal(auk_terms_cursor_text(cursor), text) ? place : place - 1;
    } else {
        *out = (int64_t)auk_terms_read_stats(terms)->term_count * 2 - 1;
    }
    auk_code code = auk_terms_cursor_status(cursor);
    return code == AUK_OK ? code : auk_fail(err, code, "a dictionary is damaged");
}

static auk_code open_reader(auk_sort_collector *self, uint32_t index, auk_error *err)
{
    const auk_sort_source *source = &self->sources[index];
    const auk_segment *segment = self->place.view->segment;
    auk_sort_reader *at = &self->readers[index];
    auk_sort_mode mode = source->key->mode;
    *at = (auk_sort_reader){.source = source, .missing = source->missing};
    at->greatest = mode == AUK_MODE_MAX || (mode == AUK_MODE_DEFAULT && source->key->descending);
    if (!source->field)
        return AUK_OK;
    const auk_column *column = auk_segment_column(segment, source->field->number);
    if (column)
        at->cursor = auk_column_cursor_open(column, self->arena);
    at->column = column;
    if (!auk_sort_is_textual(source))
        return AUK_OK;
    at->terms = auk_segment_terms(segment, source->field->number);
    if (source->missing_text.data)
        return auk_sort_rank_of(at->terms, source->missing_text, self->arena, &at->missing, err);
    return AUK_OK;
}

static auk_code place_after(auk_sort_collector *self, auk_error *err)
{
    const auk_sort_after *given = self->after_given;
    if (!given)
        return AUK_OK;
    self->after = AUK_ARENA_ARRAY(self->arena, int64_t, self->count);
    for (uint32_t i = 0; i < self->count; i++) {
        const auk_sort_value *value = &given->values[i];
        const auk_sort_source *source = &self->sources[i];
        int64_t order = value->order;
        if (auk_sort_is_textual(source)) {
            int64_t raw = source->missing;
            if (value->order == 0) {
                auk_code code =
                    auk_sort_rank_of(self->readers[i].terms, value->text, self->arena, &raw, err);
                if (code != AUK_OK)
                    return code;
            }
            order = source->key->descending ? ~raw : raw;
        }
        self->after[i] = order;
    }
    return AUK_OK;
}

auk_code auk_sort_collector_open(const auk_sort_source *sources, uint32_t count,
                                 const auk_sort_place *place, const auk_sort_after *after,
                                 uint32_t limit, auk_arena *arena, auk_sort_collector **out,
                                 auk_error *err)
{
    auk_sort_collector *self = AUK_ARENA_NEW(arena, auk_sort_collector);
    uint32_t doc_count = auk_segment_doc_count(place->view->segment);
    self->place = *place;
    self->sources = sources;
    self->count = count;
    self->arena = arena;
    self->wanted = limit;
    self->floor = INT64_MAX;
    self->limit = limit < doc_count ? limit : doc_count;
    self->after_given = after;
    self->stride = sizeof(auk_sort_row) + sizeof(int64_t) * count;
    self->rows = auk_arena_alloc(arena, self->stride * ((size_t)self->limit + 2));
    self->offered = (auk_sort_row *)(self->rows + self->stride * ((size_t)self->limit + 1));
    self->readers = AUK_ARENA_ARRAY(arena, auk_sort_reader, count);
    *out = self;
    for (uint32_t i = 0; i < count; i++) {
        auk_code code = open_reader(self, i, err);
        if (code != AUK_OK)
            return code;
    }
    return place_after(self, err);
}

/* ---- values ---- */

/* Java's Math.round, which averages of integers go through. */
static int64_t round_half_up(double value)
{
    return (int64_t)floor(value + 0.5);
}

static double as_double(const auk_sort_reader *at, int64_t value)
{
    bool sortable =
        at->source->field->type == AUK_TYPE_DOUBLE || at->source->field->type == AUK_TYPE_FLOAT;
    return sortable ? auk_double_from_sortable(value) : (double)value;
}

static int64_t combine_fractions(const auk_sort_reader *at, const int64_t *values, uint32_t count)
{
    double sum = 0;
    auk_sort_mode mode = at->source->key->mode;
    for (uint32_t i = 0; i < count; i++)
        sum += as_double(at, values[i]);
    if (mode == AUK_MODE_AVG)
        sum /= count;
    if (mode == AUK_MODE_MEDIAN)
        sum = count % 2
                  ? as_double(at, values[count / 2])
                  : (as_double(at, values[count / 2 - 1]) + as_double(at, values[count / 2])) / 2;
    return auk_double_to_sortable(sum);
}

static int64_t combine_integers(const auk_sort_reader *at, const int64_t *values, uint32_t count)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += (uint64_t)values[i];
    if (at->source->key->mode == AUK_MODE_AVG)
        return round_half_up((double)(int64_t)sum / count);
    if (at->source->key->mode == AUK_MODE_SUM)
        return (int64_t)sum;
    uint32_t middle = count / 2;
    if (count % 2)
        return values[middle];
    return round_half_up(((double)values[middle - 1] + (double)values[middle]) / 2);
}

/* Before complementing. */
static int64_t raw_value(auk_sort_reader *at, auk_doc doc)
{
    const int64_t *values;
    uint32_t count = at->cursor ? auk_column_cursor_values(at->cursor, doc, &values) : 0;
    if (count == 0)
        return at->missing;
    if (auk_sort_is_textual(at->source))
        return values[at->greatest ? count - 1 : 0] * 2;
    auk_field_type type = at->source->field->type;
    bool sortable = type == AUK_TYPE_DOUBLE || type == AUK_TYPE_FLOAT;
    if (at->source->key->mode >= AUK_MODE_AVG && count > 1) {
        if (sortable || at->source->widen)
            return combine_fractions(at, values, count);
        return combine_integers(at, values, count);
    }
    int64_t value = values[at->greatest ? count - 1 : 0];
    return at->source->widen ? auk_double_to_sortable((double)value) : value;
}

static int64_t order_of(auk_sort_collector *self, uint32_t index, auk_doc doc, float score)
{
    auk_sort_reader *at = &self->readers[index];
    int64_t raw;
    switch (at->source->key->by) {
    case AUK_SORT_SCORE:
        raw = auk_double_to_sortable((double)score);
        break;
    case AUK_SORT_DOC:
    case AUK_SORT_SHARD_DOC:
        raw = self->place.first_doc + doc;
        break;
    default:
        raw = raw_value(at, doc);
        break;
    }
    return at->source->key->descending ? ~raw : raw;
}

/* ---- the heap ---- */

static bool worse(const auk_sort_collector *self, const auk_sort_row *a, const auk_sort_row *b)
{
    for (uint32_t i = 0; i < self->count; i++)
        if (a->orders[i] != b->orders[i])
            return a->orders[i] > b->orders[i];
    return a->doc > b->doc;
}

static void copy_row(const auk_sort_collector *self, auk_sort_row *to, const auk_sort_row *from)
{
    memcpy(to, from, self->stride);
}

static void rise(auk_sort_collector *self, uint32_t at, const auk_sort_row *new)
{
    for (; at > 0 && worse(self, new, auk_sort_row_at(self, (at - 1) / 2)); at = (at - 1) / 2)
        copy_row(self, auk_sort_row_at(self, at), auk_sort_row_at(self, (at - 1) / 2));
    copy_row(self, auk_sort_row_at(self, at), new);
}

static void sink(auk_sort_collector *self, const auk_sort_row *new)
{
    uint32_t at = 0;
    for (uint32_t child; (child = at * 2 + 1) < self->used; at = child) {
        if (child + 1 < self->used &&
            worse(self, auk_sort_row_at(self, child + 1), auk_sort_row_at(self, child)))
            child++;
        if (!worse(self, auk_sort_row_at(self, child), new))
            break;
        copy_row(self, auk_sort_row_at(self, at), auk_sort_row_at(self, child));
    }
    copy_row(self, auk_sort_row_at(self, at), new);
}

/* Behind the page that was given before? Equal keys count only by place. */
static bool is_behind(const auk_sort_collector *self, const auk_sort_row *offered)
{
    if (!self->after)
        return true;
    for (uint32_t i = 0; i < self->count; i++)
        if (offered->orders[i] != self->after[i])
            return offered->orders[i] > self->after[i];
    const auk_sort_after *given = self->after_given;
    if (!given->has_place)
        return false;
    if (self->place.unit != given->unit)
        return self->place.unit > given->unit;
    return offered->doc > given->doc;
}

void auk_sort_collector_offer(auk_sort_collector *self, const auk_doc *docs, const float *scores,
                              uint32_t count)
{
    auk_sort_row *offered = self->offered;
    for (uint32_t i = 0; i < count; i++) {
        float score = scores ? scores[i] : NAN;
        bool full = self->used == self->limit;
        const auk_sort_row *worst = full ? auk_sort_row_at(self, 0) : NULL;
        offered->doc = docs[i];
        offered->score = score;
        offered->orders[0] = order_of(self, 0, docs[i], score);
        if ((worst && offered->orders[0] > worst->orders[0]) || offered->orders[0] > self->floor)
            continue;
        for (uint32_t k = 1; k < self->count; k++)
            offered->orders[k] = order_of(self, k, docs[i], score);
        if ((worst && !worse(self, worst, offered)) || !is_behind(self, offered))
            continue;
        if (full)
            sink(self, offered);
        else
            rise(self, self->used++, offered);
    }
}

/* ---- the end ---- */

static auk_code value_of(auk_sort_collector *self, uint32_t index, int64_t order,
                         auk_sort_value *out, auk_error *err)
{
    auk_sort_reader *at = &self->readers[index];
    *out = (auk_sort_value){.order = order};
    if (!auk_sort_is_textual(at->source))
        return AUK_OK;
    int64_t raw = at->source->key->descending ? ~order : order;
    out->order = 0;
    if (raw == INT64_MAX || raw == INT64_MIN) {
        out->order = at->source->key->missing_first ? -1 : 1;
        return AUK_OK;
    }
    if (raw == at->missing && at->source->missing_text.data) {
        out->text = at->source->missing_text;
        return AUK_OK;
    }
    if (!at->terms)
        return auk_fail(err, AUK_CORRUPT, "a column of ordinals has no terms");
    return auk_terms_text(at->terms, (uint64_t)raw / 2, self->arena, &out->text, err);
}

auk_code auk_sort_collector_finish(auk_sort_collector *self, auk_sorted_hit **out, uint32_t *count,
                                   auk_error *err)
{
    auk_sorted_hit *hits = AUK_ARENA_ARRAY(self->arena, auk_sorted_hit, self->used + 1);
    for (uint32_t i = 0; i < self->count; i++) {
        auk_column_cursor *cursor = self->readers[i].cursor;
        auk_code code = cursor ? auk_column_cursor_status(cursor) : AUK_OK;
        if (code != AUK_OK)
            return auk_fail(err, code, "a column is damaged");
    }
    for (uint32_t i = 0; i < self->used; i++) {
        const auk_sort_row *from = auk_sort_row_at(self, i);
        auk_sort_value *values = AUK_ARENA_ARRAY(self->arena, auk_sort_value, self->count);
        for (uint32_t k = 0; k < self->count; k++) {
            auk_code code = value_of(self, k, from->orders[k], &values[k], err);
            if (code != AUK_OK)
                return code;
        }
        hits[i] = (auk_sorted_hit){values, self->place.unit, from->doc, from->score};
    }
    *out = hits;
    *count = self->used;
    return AUK_OK;
}
