#include "merge.h"

#include <stdlib.h>

#include "merge_terms.h"

/* ---- prepare ---- */

static void number_documents(const auk_merge_source *source, auk_merge_plan *plan)
{
    uint32_t count = auk_segment_doc_count(source->segment);
    for (uint32_t doc = 0; doc < count; doc++) {
        bool live = auk_live_has(source->live, doc);
        source->map[doc] = live ? plan->doc_count++ : AUK_DOC_DROPPED;
        plan->drops |= !live;
    }
}

static auk_code count_tombstones(const auk_merge_source *source, auk_merge_plan *plan,
                                 auk_error *err)
{
    for (uint32_t i = 0; i < auk_segment_tombstone_count(source->segment); i++) {
        auk_tombstone tombstone;
        auk_code code = auk_segment_tombstone(source->segment, i, &tombstone, err);
        if (code != AUK_OK)
            return code;
        plan->tombstone_count += tombstone.seq_no >= plan->options.tombstones_from;
    }
    return AUK_OK;
}

auk_code auk_merge_prepare(const auk_merge_source *sources, uint32_t count,
                           const auk_merge_options *options, auk_merge_plan *out, auk_error *err)
{
    *out = (auk_merge_plan){.sources = sources,
                            .source_count = count,
                            .options = *options,
                            .max_seq_no = -1};
    uint64_t total = 0;
    for (uint32_t s = 0; s < count; s++)
        total += auk_segment_doc_count(sources[s].segment);
    if (total >= AUK_DOC_LIMIT)
        return auk_fail(err, AUK_TOO_LARGE, "segments of %llu documents in all cannot be merged",
                        (unsigned long long)total);
    for (uint32_t s = 0; s < count; s++) {
        number_documents(&sources[s], out);
        if (auk_segment_max_seq_no(sources[s].segment) > out->max_seq_no)
            out->max_seq_no = auk_segment_max_seq_no(sources[s].segment);
        auk_code code = count_tombstones(&sources[s], out, err);
        if (code != AUK_OK)
            return code;
    }
    return AUK_OK;
}

/* ---- which fields there are ---- */

typedef struct field_set {
    uint64_t bits[65536 / 64];
} field_set;

static void collect_fields(const auk_merge_plan *plan, field_set *fields)
{
    memset(fields, 0, sizeof *fields);
    for (uint32_t s = 0; s < plan->source_count; s++) {
        uint32_t count;
        const auk_value *values = auk_segment_values(plan->sources[s].segment, &count);
        for (uint32_t i = 0; i < count; i++) {
            uint8_t kind = values[i].kind;
            if (kind == AUK_KIND_TERM_INDEX || kind == AUK_KIND_NORMS || kind == AUK_KIND_COLUMN)
                fields->bits[values[i].field / 64] |= UINT64_C(1) << (values[i].field % 64);
        }
    }
}

/* ---- norms and columns of a field ---- */

/* NULL: no source keeps norms of the field. */
static uint8_t *merge_norms(const auk_merge_plan *plan, uint16_t field)
{
    uint8_t *merged = NULL;
    for (uint32_t s = 0; s < plan->source_count; s++) {
        const uint8_t *norms = auk_segment_norms(plan->sources[s].segment, field);
        if (norms == NULL)
            continue;
        if (merged == NULL)
            merged = calloc(plan->doc_count + 1u, 1);
        if (merged == NULL)
            abort();
        const uint32_t *map = plan->sources[s].map;
        uint32_t count = auk_segment_doc_count(plan->sources[s].segment);
        for (uint32_t doc = 0; doc < count; doc++)
            if (map[doc] != AUK_DOC_DROPPED)
                merged[map[doc]] = norms[doc];
    }
    return merged;
}

static bool has_column(const auk_merge_plan *plan, uint16_t field, bool *ordinals)
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

typedef struct column_copy {
    auk_segment_writer *writer;
    const auk_merge_terms *terms; /* NULL: numbers */
    uint32_t source;
} column_copy;

static void put_value(const column_copy *copy, uint32_t doc, int64_t value)
{
    if (copy->terms != NULL)
        value = auk_merge_terms_ordinal(copy->terms, copy->source, value);
    auk_segment_writer_column_value(copy->writer, doc, value);
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
        for (uint32_t i = 0; i < count; i++)
            put_value(copy, map[doc], values[i]);
    }
}

static auk_code merge_column(const auk_merge_plan *plan, auk_segment_writer *writer, uint16_t field,
                             const auk_merge_terms *terms, auk_error *err)
{
    auk_arena *arena = auk_arena_create(64 << 10);
    auk_code code = AUK_OK;
    auk_segment_writer_begin_column(writer, field, terms != NULL);
    for (uint32_t s = 0; s < plan->source_count && code == AUK_OK; s++) {
        const auk_merge_source *source = &plan->sources[s];
        const auk_column *column = auk_segment_column(source->segment, field);
        if (column == NULL)
            continue;
        auk_arena_reset(arena);
        column_copy copy = {writer, terms, s};
        auk_column_cursor *cursor = auk_column_cursor_open(column, arena);
        if (auk_column_read_stats(column)->single)
            copy_single_column(&copy, cursor, source->map);
        else
            copy_column_values(&copy, cursor, source->map, auk_segment_doc_count(source->segment));
        code = auk_column_cursor_status(cursor);
    }
    auk_segment_writer_end_column(writer);
    auk_arena_destroy(arena);
    return code == AUK_OK
               ? AUK_OK
               : auk_fail(err, code, "column %u of a segment that is merged is damaged", field);
}

static auk_code merge_field(const auk_merge_plan *plan, auk_segment_writer *writer,
                            auk_merge_terms *terms, uint16_t field, auk_error *err)
{
    bool ordinals = false;
    bool column = has_column(plan, field, &ordinals);
    uint8_t *norms = merge_norms(plan, field);
    if (norms != NULL)
        auk_segment_writer_norms(writer, field, norms);
    auk_code code = auk_merge_terms_field(terms, field, norms, ordinals, err);
    if (code == AUK_OK && column)
        code = merge_column(plan, writer, field, ordinals ? terms : NULL, err);
    free(norms);
    return code;
}

/* ---- all ---- */

static auk_code merge_fields(const auk_merge_plan *plan, auk_segment_writer *writer, auk_error *err)
{
    field_set *fields = malloc(sizeof *fields);
    if (fields == NULL)
        abort();
    collect_fields(plan, fields);
    auk_merge_terms terms;
    auk_merge_terms_init(&terms, plan, writer);
    auk_code code = AUK_OK;
    for (uint32_t field = 0; field < 65536 && code == AUK_OK; field++)
        if ((fields->bits[field / 64] >> (field % 64) & 1) != 0)
            code = merge_field(plan, writer, &terms, (uint16_t)field, err);
    auk_merge_terms_deinit(&terms);
    free(fields);
    return code;
}

static auk_code merge_documents(const auk_merge_plan *plan, auk_segment_writer *writer,
                                auk_error *err)
{
    auk_code code = AUK_OK;
    for (uint32_t s = 0; s < plan->source_count && code == AUK_OK; s++) {
        const auk_merge_source *source = &plan->sources[s];
        auk_arena *arena = auk_arena_create(4096);
        auk_stored_cache *cache = auk_stored_cache_create(arena);
        uint32_t count = auk_segment_doc_count(source->segment);
        for (uint32_t doc = 0; doc < count && code == AUK_OK; doc++) {
            if (source->map[doc] == AUK_DOC_DROPPED)
                continue;
            auk_stored_document document;
            code = auk_segment_read_stored(source->segment, doc, cache, NULL, &document, err);
            if (code == AUK_OK)
                auk_segment_writer_document(writer, &document);
        }
        auk_arena_destroy(arena);
    }
    return code;
}

static auk_code merge_tombstones(const auk_merge_plan *plan, auk_segment_writer *writer,
                                 auk_error *err)
{
    for (uint32_t s = 0; s < plan->source_count; s++) {
        const auk_segment *segment = plan->sources[s].segment;
        for (uint32_t i = 0; i < auk_segment_tombstone_count(segment); i++) {
            auk_tombstone tombstone;
            auk_code code = auk_segment_tombstone(segment, i, &tombstone, err);
            if (code != AUK_OK)
                return code;
            if (tombstone.seq_no >= plan->options.tombstones_from)
                auk_segment_writer_tombstone(writer, &tombstone);
        }
    }
    return AUK_OK;
}

auk_code auk_merge_run(const auk_merge_plan *plan, const auk_sink *sink, auk_error *err)
{
    auk_segment_writer_options options = {.doc_count = plan->doc_count,
                                          .compression_level = plan->options.compression_level};
    auk_segment_writer *writer = auk_segment_writer_create(sink, &options);
    auk_code code = AUK_OK;
    if (plan->doc_count != 0) {
        code = merge_fields(plan, writer, err);
        if (code == AUK_OK)
            code = merge_documents(plan, writer, err);
    }
    if (code == AUK_OK)
        code = merge_tombstones(plan, writer, err);
    if (code == AUK_OK)
        code = auk_segment_writer_finish(writer, plan->max_seq_no, err);
    auk_segment_writer_destroy(writer);
    return code;
}
