/* Blocks of documents by what their zones say of the first key; floors shared by segments. */
#include "column_kernels.h"
#include "column_window.h"
#include "sort_collector.h"

/* ---- what a block may hold ---- */

static bool is_place(const auk_sort_source *source)
{
    return source->key->by == AUK_SORT_DOC || source->key->by == AUK_SORT_SHARD_DOC;
}

bool auk_sort_collector_ranks(const auk_sort_collector *self)
{
    const auk_sort_reader *at = &self->readers[0];
    if (is_place(at->source))
        return true;
    if (at->source->key->by != AUK_SORT_FIELD)
        return false;
    /* Sums of several values may be anywhere, and averages are rounded past the greatest. */
    return !at->column || at->source->key->mode < AUK_MODE_AVG ||
           auk_column_read_stats(at->column)->single;
}

static int64_t raw_of(const auk_sort_reader *at, int64_t value)
{
    if (auk_sort_is_textual(at->source))
        return value * 2;
    return at->source->widen ? auk_double_to_sortable((double)value) : value;
}

/* Between which raw values the block's documents are; before complementing. */
static void raw_range(const auk_sort_collector *self, uint32_t block, int64_t *min, int64_t *max)
{
    const auk_sort_reader *at = &self->readers[0];
    if (is_place(at->source)) {
        *min = self->place.first_doc + (int64_t)block * AUK_COLUMN_BLOCK;
        *max = *min + AUK_COLUMN_BLOCK - 1;
        return;
    }
    int64_t least, most;
    if (!at->column || !auk_column_zone(at->column, block, &least, &most)) {
        *min = *max = at->missing;
        return;
    }
    /* What a damaged directory leaves open has no doubled ordinal. */
    bool open = least == INT64_MIN && most == INT64_MAX;
    *min = open ? INT64_MIN : raw_of(at, least);
    *max = open ? INT64_MAX : raw_of(at, most);
    if (auk_column_zone_full(at->column, block) || auk_column_read_stats(at->column)->dense)
        return;
    *min = at->missing < *min ? at->missing : *min;
    *max = at->missing > *max ? at->missing : *max;
}

static void order_range(const auk_sort_collector *self, uint32_t block, int64_t *best,
                        int64_t *worst)
{
    int64_t min, max;
    raw_range(self, block, &min, &max);
    bool descending = self->readers[0].source->key->descending;
    *best = descending ? ~max : min;
    *worst = descending ? ~min : max;
}

int64_t auk_sort_collector_best(const auk_sort_collector *self, uint32_t block)
{
    int64_t best, worst;
    order_range(self, block, &best, &worst);
    return best;
}

/* The greatest order of the first key that is of use. */
static int64_t reached(const auk_sort_collector *self)
{
    if (self->used < self->limit)
        return self->floor;
    int64_t own = auk_sort_row_at(self, 0)->orders[0];
    return own < self->floor ? own : self->floor;
}

bool auk_sort_collector_wants(const auk_sort_collector *self, uint32_t block)
{
    int64_t best, worst;
    order_range(self, block, &best, &worst);
    if (best > reached(self) || self->limit == 0 || (self->after && worst < self->after[0]))
        return false;
    if (self->used < self->limit || self->count > 1)
        return true;
    /* Of equal ones the first document wins. */
    const auk_sort_row *row = auk_sort_row_at(self, 0);
    return best < row->orders[0] || block <= row->doc / AUK_COLUMN_BLOCK;
}

/* ---- a window ---- */

typedef struct interval {
    int64_t from, to; /* of a column's values */
    bool missing;     /* rows without one are of use as well */
} interval;

/* Values whose order is at most `most` and, behind a page, at least `least`. Doubled ordinals are
 * halved inwards. */
static interval useful_values(const auk_sort_collector *self)
{
    const auk_sort_reader *at = &self->readers[0];
    int64_t least = self->after ? self->after[0] : INT64_MIN, most = reached(self);
    bool descending = at->source->key->descending;
    int64_t missing = descending ? ~at->missing : at->missing;
    int64_t from = descending ? ~most : least, to = descending ? ~least : most;
    interval out = {from, to, missing >= least && missing <= most};
    if (at->source->widen) {
        out.from = INT64_MIN;
        out.to = INT64_MAX;
    } else if (auk_sort_is_textual(at->source)) {
        out.from = (from >> 1) + (from & 1);
        out.to = to >> 1;
    }
    return out;
}

static void offer_marked(auk_sort_collector *self, auk_doc base, uint64_t bits)
{
    auk_doc docs[64];
    uint32_t count = 0;
    for (; bits; bits &= bits - 1)
        docs[count++] = base + (auk_doc)__builtin_ctzll(bits);
    auk_sort_collector_offer(self, docs, NULL, count);
}

static uint64_t meant(const auk_column_window *window, uint32_t word)
{
    uint32_t left = window->rows - word * 64;
    uint64_t all = left < 64 ? ~(UINT64_MAX << left) : UINT64_MAX;
    return window->bits ? window->bits[word] & all : all;
}

static void offer_each(auk_sort_collector *self, const auk_column_window *window)
{
    auk_doc base = window->block * AUK_COLUMN_BLOCK;
    if (window->docs) {
        auk_sort_collector_offer(self, window->docs, NULL, window->count);
        return;
    }
    for (uint32_t word = 0; word < (window->rows + 63) / 64; word++)
        offer_marked(self, base + word * 64, meant(window, word));
}

/* Values first: 64 are compared at once with what is reached by then. */
static void offer_rows(auk_sort_collector *self, const auk_column_window *window,
                       const int64_t *values, const uint64_t *present)
{
    const auk_column_kernels *kernels = auk_column_kernels_best();
    interval useful = useful_values(self);
    for (uint32_t word = 0; word < (window->rows + 63) / 64; word++) {
        uint64_t rows = meant(window, word), inside;
        uint32_t left = window->rows - word * 64;
        if (!rows)
            continue;
        kernels->mark_range(values + word * 64, left < 64 ? left : 64, useful.from, useful.to,
                            &inside);
        if (present)
            inside = (inside & present[word]) | (useful.missing ? ~present[word] : 0);
        inside &= rows;
        if (!inside)
            continue;
        offer_marked(self, window->block * AUK_COLUMN_BLOCK + word * 64, inside);
        useful = useful_values(self);
    }
}

static void offer_missing(auk_sort_collector *self, const auk_column_window *window,
                          const uint16_t *numbers, uint32_t with)
{
    for (uint32_t i = 0, next = 0; i < window->count; i++) {
        if (next < with && numbers[next] == i)
            next++;
        else
            auk_sort_collector_offer(self, &window->docs[i], NULL, 1);
    }
}

/* The same of documents whose values are picked. */
static void offer_docs(auk_sort_collector *self, const auk_column_window *window)
{
    const auk_sort_reader *at = &self->readers[0];
    int64_t values[AUK_COLUMN_BLOCK];
    uint16_t numbers[AUK_COLUMN_BLOCK];
    uint32_t with =
        auk_column_cursor_pick(at->cursor, window->docs, window->count, numbers, values);
    bool all = with == window->count;
    interval useful = useful_values(self);
    if (!all && useful.missing && auk_column_cursor_status(at->cursor) == AUK_OK) {
        offer_missing(self, window, numbers, with);
        useful = useful_values(self);
    }
    for (uint32_t from = 0; from < with; from += 64) {
        uint64_t inside;
        uint32_t some = with - from < 64 ? with - from : 64;
        auk_column_kernels_best()->mark_range(values + from, some, useful.from, useful.to, &inside);
        if (!inside)
            continue;
        for (; inside; inside &= inside - 1) {
            uint32_t i = from + (uint32_t)__builtin_ctzll(inside);
            auk_sort_collector_offer(self, &window->docs[all ? i : numbers[i]], NULL, 1);
        }
        useful = useful_values(self);
    }
}

void auk_sort_collector_offer_window(auk_sort_collector *self, const auk_column_window *window)
{
    const auk_sort_reader *at = &self->readers[0];
    const int64_t *values;
    const uint64_t *present;
    bool by_value =
        !is_place(at->source) && at->cursor && auk_column_read_stats(at->column)->single;
    if (!by_value)
        offer_each(self, window);
    else if (window->docs)
        offer_docs(self, window);
    else if (auk_column_cursor_block(at->cursor, window->block, &values, &present))
        offer_rows(self, window, values, present);
}

/* ---- floors ---- */

void auk_sort_floor_init(auk_sort_floor *floor)
{
    atomic_init(&floor->order, INT64_MAX);
    atomic_init(&floor->text, NULL);
}

auk_code auk_sort_collector_join(auk_sort_collector *self, auk_sort_floor *floor, auk_error *err)
{
    const auk_sort_reader *at = &self->readers[0];
    if (!auk_sort_is_textual(at->source)) {
        self->floor = atomic_load_explicit(&floor->order, memory_order_relaxed);
        return AUK_OK;
    }
    const auk_sort_value *value = atomic_load_explicit(&floor->text, memory_order_acquire);
    if (value == self->joined || !at->terms)
        return AUK_OK;
    int64_t raw;
    self->joined = value;
    auk_code code = auk_sort_rank_of(at->terms, value->text, self->arena, &raw, err);
    self->floor = at->source->key->descending ? ~raw : raw;
    return code;
}

/* k hits, not merely all that there are. */
static bool is_full(const auk_sort_collector *self)
{
    return self->limit > 0 && self->used == self->wanted;
}

void auk_sort_collector_tell(const auk_sort_collector *self, auk_sort_floor *floor)
{
    if (!is_full(self) || auk_sort_is_textual(self->readers[0].source))
        return;
    int64_t own = auk_sort_row_at(self, 0)->orders[0];
    int_least64_t known = atomic_load_explicit(&floor->order, memory_order_relaxed);
    while (own < known &&
           !atomic_compare_exchange_weak_explicit(&floor->order, &known, own, memory_order_relaxed,
                                                  memory_order_relaxed)) {
    }
}

void auk_sort_collector_tell_text(const auk_sort_collector *self, auk_sort_floor *floor,
                                  const auk_sorted_hit *hits, uint32_t count)
{
    const auk_sort_source *source = self->readers[0].source;
    if (!is_full(self) || count == 0 || !auk_sort_is_textual(source))
        return;
    const auk_sort_value *worst = &hits[0].values[0];
    for (uint32_t i = 1; i < count; i++)
        if (auk_sort_compare(&hits[i].values[0], worst, source, 1) > 0)
            worst = &hits[i].values[0];
    if (worst->order != 0)
        return;
    const auk_sort_value *known = atomic_load_explicit(&floor->text, memory_order_acquire);
    while ((!known || auk_sort_compare(worst, known, source, 1) < 0) &&
           !atomic_compare_exchange_weak_explicit(&floor->text, &known, worst, memory_order_release,
                                                  memory_order_acquire)) {
    }
}
