#include "value_reader.h"

static void find_missing_ordinal(auk_value_reader *reader, const auk_aggregation_plan *plan)
{
    auk_term term;
    bool found = false;
    if (reader->terms && auk_terms_find(reader->terms, plan->missing_term, &term, &found,
                                        &reader->collector->error) != AUK_OK) {
        reader->collector->status = AUK_CORRUPT;
        return;
    }
    reader->extra = !found;
    reader->missing = found ? (int64_t)term.ordinal : (int64_t)reader->term_count;
}

static void set_range(auk_value_reader *reader)
{
    if (reader->stats) {
        reader->min = reader->stats->min;
        reader->max = reader->stats->max;
        reader->has_range = true;
    }
    if (!reader->has_missing)
        return;
    if (!reader->has_range || reader->missing < reader->min)
        reader->min = reader->missing;
    if (!reader->has_range || reader->missing > reader->max)
        reader->max = reader->missing;
    reader->has_range = true;
}

auk_value_reader *auk_value_reader_open(auk_aggregation_collector *collector,
                                        const auk_aggregation_plan *plan, bool distinct)
{
    const auk_field *field = plan->shape.field;
    const auk_segment *segment = collector->view->segment;
    const auk_column *column = field ? auk_segment_column(segment, field->number) : NULL;
    if (!column && !plan->has_missing)
        return NULL;
    auk_value_reader *reader = auk_aggregation_alloc(collector, 1, sizeof *reader);
    if (!reader)
        return NULL;
    reader->collector = collector;
    reader->distinct = distinct;
    reader->single = true;
    bool ordinals = plan->shape.form == AUK_FORM_TERM;
    reader->column = column;
    if (column) {
        reader->stats = auk_column_read_stats(column);
        reader->single = reader->stats->single;
        reader->cursor = auk_column_cursor_open(column, collector->arena);
    }
    if (column && ordinals) {
        reader->terms = auk_segment_terms(segment, field->number);
        reader->term_count = reader->terms ? auk_terms_read_stats(reader->terms)->term_count : 0;
    }
    if (column && (reader->stats->ordinals != ordinals ||
                   (ordinals && (reader->stats->min < 0 ||
                                 (uint64_t)reader->stats->max >= reader->term_count)))) {
        auk_aggregation_fail(collector, AUK_CORRUPT, "column of [%.*s] does not fit its terms",
                             AUK_SPAN_ARG(field->path));
        return NULL;
    }
    reader->has_missing = plan->has_missing;
    reader->missing = plan->missing;
    if (plan->has_missing && ordinals)
        find_missing_ordinal(reader, plan);
    set_range(reader);
    return reader;
}

static inline void put(auk_value_reader *reader, uint32_t place, int64_t value)
{
    reader->places[reader->count] = place;
    reader->values[reader->count++] = value;
}

/* docs[from .. to) lie in one block. */
static void read_block(auk_value_reader *reader, const auk_doc *docs, uint32_t from, uint32_t to)
{
    uint16_t numbers[AUK_AGGREGATION_BATCH];
    int64_t *values = reader->values + reader->count;
    uint32_t count = to - from, *places = reader->places + reader->count;
    uint32_t with = auk_column_cursor_pick(reader->cursor, docs + from, count, numbers, values);
    if (with == count || !reader->has_missing) {
        for (uint32_t i = 0; i < with; i++)
            places[i] = from + (with == count ? i : numbers[i]);
        reader->count += with;
        return;
    }
    /* From behind, because none moves to the front. */
    for (uint32_t i = count; i-- > 0;) {
        bool has = with && numbers[with - 1] == i;
        values[i] = has ? values[--with] : reader->missing;
        places[i] = from + i;
    }
    reader->count += count;
}

static void read_single(auk_value_reader *reader, const auk_doc *docs, uint32_t count)
{
    for (uint32_t from = 0; from < count;) {
        auk_doc end = (docs[from] / AUK_COLUMN_BLOCK + 1) * AUK_COLUMN_BLOCK;
        uint32_t to = count;
        if (docs[count - 1] >= end)
            for (to = from + 1; docs[to] < end;)
                to++;
        read_block(reader, docs, from, to);
        from = to;
    }
    reader->next_doc = count;
}

static void read_many(auk_value_reader *reader, const auk_doc *docs, uint32_t count)
{
    while (reader->next_doc < count) {
        const int64_t *values;
        uint32_t place = reader->next_doc;
        uint32_t some = auk_column_cursor_values(reader->cursor, docs[place], &values);
        if (some == 0 && reader->has_missing) {
            values = &reader->missing;
            some = 1;
        }
        for (uint32_t i = reader->next_value; i < some; i++) {
            if (reader->distinct && i > 0 && values[i] == values[i - 1])
                continue;
            if (reader->count == AUK_AGGREGATION_BATCH) {
                reader->next_value = i;
                return;
            }
            put(reader, place, values[i]);
        }
        reader->next_doc++;
        reader->next_value = 0;
    }
}

bool auk_value_reader_next(auk_value_reader *reader, const auk_doc *docs, uint32_t count)
{
    reader->count = 0;
    if (reader->next_doc >= count || reader->collector->status != AUK_OK)
        return false;
    if (!reader->cursor) {
        for (uint32_t i = 0; i < count; i++)
            put(reader, i, reader->missing);
        reader->next_doc = count;
        return true;
    }
    if (reader->single)
        read_single(reader, docs, count);
    else
        read_many(reader, docs, count);
    if (auk_column_cursor_status(reader->cursor) == AUK_OK)
        return true;
    auk_aggregation_fail(reader->collector, AUK_CORRUPT, "a column is damaged");
    return false;
}

void auk_value_reader_unite(auk_value_reader *reader)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < reader->count; i++) {
        if (kept && reader->places[kept - 1] == reader->places[i] &&
            reader->values[kept - 1] == reader->values[i])
            continue;
        reader->places[kept] = reader->places[i];
        reader->values[kept++] = reader->values[i];
    }
    reader->count = kept;
}
