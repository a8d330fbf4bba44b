#include "merge_columns.h"

#include <stdlib.h>

static void *must_zalloc(size_t count, size_t size)
{
    void *memory = calloc(count != 0 ? count : 1, size);
    if (memory == NULL)
        abort();
    return memory;
}

uint8_t *auk_merge_norms(const auk_merge_plan *plan, uint16_t field)
{
    uint8_t *merged = NULL;
    for (uint32_t s = 0; s < plan->source_count; s++) {
        const uint8_t *norms = auk_segment_norms(plan->sources[s].segment, field);
        if (norms == NULL)
            continue;
        if (merged == NULL)
            merged = must_zalloc(plan->doc_count, 1);
        const uint32_t *map = plan->sources[s].map;
        uint32_t count = auk_segment_doc_count(plan->sources[s].segment);
        for (uint32_t doc = 0; doc < count; doc++)
            if (map[doc] != AUK_DOC_DROPPED)
                merged[map[doc]] = norms[doc];
    }
    return merged;
}

bool auk_merge_has_column(const auk_merge_plan *plan, uint16_t field, bool *ordinals)
{
    for (uint32_t s = 0; s < plan->source_count; s++) {
        const auk_column *column = auk_segment_column(plan->sources[s].segment, field);
        if (column == NULL)
            continue;
        *ordinals = auk_column_read_stats(column)->ordinals;
        return true;
    }
    return false;
}

/* ---- values of all sources, document by document ---- */

typedef struct column_copy {
    const auk_merge_plan *plan;
    const auk_merge_terms *terms; /* NULL: numbers */
    uint16_t field;
    uint32_t source;
    void (*put)(void *context, uint32_t doc, int64_t value);
    void *context;
} column_copy;

static inline void put_value(const column_copy *copy, uint32_t doc, int64_t value)
{
    if (copy->terms != NULL)
        value = auk_merge_terms_ordinal(copy->terms, copy->source, value);
    copy->put(copy->context, doc, value);
}

static void copy_single_column(const column_copy *copy, auk_column_cursor *cursor,
                               const uint32_t *map)
{
    const int64_t *values;
    const uint64_t *present;
    for (uint32_t block = 0;; block++) {
        uint32_t rows = auk_column_cursor_block(cursor, block, &values, &present);
        if (rows == 0)
            return;
        auk_pace_step(copy->plan->options.pace, rows);
        for (uint32_t row = 0; row < rows; row++) {
            bool here = present == NULL || (present[row / 64] >> (row % 64) & 1) != 0;
            uint32_t doc = map[block * AUK_COLUMN_BLOCK + row];
            if (here && doc != AUK_DOC_DROPPED)
                put_value(copy, doc, values[row]);
        }
    }
}

static void copy_column_values(const column_copy *copy, auk_column_cursor *cursor,
                               const uint32_t *map, uint32_t doc_count)
{
    for (uint32_t doc = 0; doc < doc_count; doc++) {
        if (map[doc] == AUK_DOC_DROPPED)
            continue;
        const int64_t *values;
        uint32_t count = auk_column_cursor_values(cursor, doc, &values);
        auk_pace_step(copy->plan->options.pace, count + 1);
        for (uint32_t i = 0; i < count; i++)
            put_value(copy, map[doc], values[i]);
    }
}

/* Those of a document come together and rise; documents come source after source. */
static auk_code copy_sources(column_copy *copy, auk_error *err)
{
    auk_arena *arena = auk_arena_create(64 << 10);
    auk_code code = AUK_OK;
    for (copy->source = 0; copy->source < copy->plan->source_count && code == AUK_OK;
         copy->source++) {
        const auk_merge_source *source = &copy->plan->sources[copy->source];
        const auk_column *column = auk_segment_column(source->segment, copy->field);
        if (column == NULL)
            continue;
        auk_arena_reset(arena);
        auk_column_cursor *cursor = auk_column_cursor_open(column, arena);
        if (auk_column_read_stats(column)->single)
            copy_single_column(copy, cursor, source->map);
        else
            copy_column_values(copy, cursor, source->map, auk_segment_doc_count(source->segment));
        code = auk_column_cursor_status(cursor);
    }
    auk_arena_destroy(arena);
    return code == AUK_OK ? AUK_OK
                          : auk_fail(err, code, "column %u of a segment that is merged is damaged",
                                     copy->field);
}

/* ---- as they come ---- */

static void put_at_once(void *context, uint32_t doc, int64_t value)
{
    auk_segment_writer_column_value(context, doc, value);
}

/* ---- one value a document, in another order ---- */

typedef struct single_values {
    int64_t *values;
    uint64_t *present;
} single_values;

static void keep_single(void *context, uint32_t doc, int64_t value)
{
    single_values *kept = context;
    kept->values[doc] = value;
    kept->present[doc >> 6] |= UINT64_C(1) << (doc & 63);
}

static auk_code write_single(column_copy *copy, auk_segment_writer *writer, auk_error *err)
{
    uint32_t doc_count = copy->plan->doc_count;
    single_values kept = {.values = must_zalloc(doc_count, sizeof *kept.values),
                          .present = must_zalloc(doc_count / 64 + 1, sizeof *kept.present)};
    copy->put = keep_single;
    copy->context = &kept;
    auk_code code = copy_sources(copy, err);
    for (uint32_t doc = 0; doc < doc_count; doc++)
        if ((kept.present[doc >> 6] >> (doc & 63) & 1) != 0)
            auk_segment_writer_column_value(writer, doc, kept.values[doc]);
    copy->context = NULL;
    free(kept.values);
    free(kept.present);
    return code;
}

/* ---- several values a document, in another order ---- */

typedef struct many_values {
    uint64_t
        *ends; /* a document: counted first, then where its values begin, then where they end */
    int64_t *values;
} many_values;

static void count_value(void *context, uint32_t doc, int64_t value)
{
    (void)value;
    ((many_values *)context)->ends[doc]++;
}

static void keep_value(void *context, uint32_t doc, int64_t value)
{
    many_values *kept = context;
    kept->values[kept->ends[doc]++] = value;
}

static uint64_t lay_out(many_values *kept, uint32_t doc_count)
{
    uint64_t sum = 0;
    for (uint32_t doc = 0; doc < doc_count; doc++) {
        uint64_t count = kept->ends[doc];
        kept->ends[doc] = sum;
        sum += count;
    }
    return sum;
}

static auk_code write_many(column_copy *copy, auk_segment_writer *writer, auk_error *err)
{
    uint32_t doc_count = copy->plan->doc_count;
    many_values kept = {.ends = must_zalloc(doc_count, sizeof *kept.ends)};
    copy->put = count_value;
    copy->context = &kept;
    auk_code code = copy_sources(copy, err);
    kept.values = must_zalloc((size_t)lay_out(&kept, doc_count), sizeof *kept.values);
    copy->put = keep_value;
    if (code == AUK_OK)
        code = copy_sources(copy, err);
    uint64_t at = 0;
    for (uint32_t doc = 0; doc < doc_count && code == AUK_OK; doc++)
        for (; at < kept.ends[doc]; at++)
            auk_segment_writer_column_value(writer, doc, kept.values[at]);
    copy->context = NULL;
    free(kept.ends);
    free(kept.values);
    return code;
}

/* ---- all ---- */

static bool is_single(const auk_merge_plan *plan, uint16_t field)
{
    for (uint32_t s = 0; s < plan->source_count; s++) {
        const auk_column *column = auk_segment_column(plan->sources[s].segment, field);
        if (column != NULL && !auk_column_read_stats(column)->single)
            return false;
    }
    return true;
}

auk_code auk_merge_column(const auk_merge_plan *plan, auk_segment_writer *writer, uint16_t field,
                          const auk_merge_terms *terms, auk_error *err)
{
    column_copy copy = {
        .plan = plan, .terms = terms, .field = field, .put = put_at_once, .context = writer};
    auk_segment_writer_begin_column(writer, field, terms != NULL);
    auk_code code = !plan->is_reordered      ? copy_sources(&copy, err)
                    : is_single(plan, field) ? write_single(&copy, writer, err)
                                             : write_many(&copy, writer, err);
    auk_segment_writer_end_column(writer);
    return code;
}
