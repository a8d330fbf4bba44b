#include "merge.h"

#include <stdlib.h>

#include "merge_columns.h"
#include "merge_documents.h"

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

/* ---- a field ---- */

static auk_code merge_field(const auk_merge_plan *plan, auk_segment_writer *writer,
                            auk_merge_terms *terms, uint16_t field, auk_error *err)
{
    bool ordinals = false;
    bool column = auk_merge_has_column(plan, field, &ordinals);
    uint8_t *norms = auk_merge_norms(plan, field);
    if (norms != NULL)
        auk_segment_writer_norms(writer, field, norms);
    auk_code code = auk_merge_terms_field(terms, field, norms, ordinals, err);
    if (code == AUK_OK && column)
        code = auk_merge_column(plan, writer, field, ordinals ? terms : NULL, err);
    free(norms);
    return code;
}

/* ---- all ---- */

static auk_code merge_fields(const auk_merge_plan *plan, auk_segment_writer *writer, auk_error *err)
{
    auk_merge_fields *fields = malloc(sizeof *fields);
    if (fields == NULL)
        abort();
    auk_merge_fields_collect(plan->sources, plan->source_count, fields);
    auk_merge_terms terms;
    auk_merge_terms_init(&terms, plan, writer);
    auk_code code = AUK_OK;
    for (uint32_t field = 0; field < 65536 && code == AUK_OK; field++)
        if (auk_merge_fields_has(fields, field))
            code = merge_field(plan, writer, &terms, (uint16_t)field, err);
    auk_merge_terms_deinit(&terms);
    free(fields);
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
                                          .compression_level = plan->options.compression_level,
                                          .pool = plan->options.pool};
    auk_segment_writer *writer = auk_segment_writer_create(sink, &options);
    auk_code code = AUK_OK;
    if (plan->doc_count != 0) {
        code = merge_fields(plan, writer, err);
        if (code == AUK_OK)
            code = auk_merge_documents(plan, writer, AUK_MERGE_GATHERED_MOST, err);
    }
    if (code == AUK_OK)
        code = merge_tombstones(plan, writer, err);
    if (code == AUK_OK)
        code = auk_segment_writer_finish(writer, plan->max_seq_no, err);
    auk_segment_writer_destroy(writer);
    return code;
}
