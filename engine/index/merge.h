/*
 * merge.h - several segments to one, streamed through the segment writer.
 *
 * Documents keep their order, source after source, unless they are reordered (merge_reorder.h)
 * between _prepare and _run; those that are not live get none. Terms are merged by a heap of
 * cursors; postings, columns and sources are decoded and encoded again, so that bounds, k-th
 * scores, zones and statistics are those of what is left and of the order that it has.
 *
 *   Lifetime  none.
 *   Threads   any; idle ones of the options' pool help to compress sources.
 *   Memory    cursors, 4 bytes a document for its new number, 4 bytes a term of a keyword field,
 *             and the writer's.
 *   Errors    AUK_CORRUPT of a source, the sink's.
 */
#ifndef AUK_MERGE_H
#define AUK_MERGE_H

#include "auk/pace.h"
#include "auk/segment_writer.h"

#include "live.h"

typedef struct auk_merge_source {
    const auk_segment *segment;
    const auk_live *live; /* NULL: all */
    uint32_t *map;        /* receives a number a document, or AUK_DOC_DROPPED */
} auk_merge_source;

typedef struct auk_merge_options {
    int compression_level;
    int64_t tombstones_from; /* older ones are left out */
    struct auk_pace *pace;   /* NULL: nothing holds it back */
    struct auk_pool *pool;   /* whose idle threads help; NULL: nobody does */
} auk_merge_options;

/* What a merge would write; asked first, because nothing is written of nothing. Fills the maps. */
typedef struct auk_merge_plan {
    const auk_merge_source *sources;
    uint32_t source_count;
    auk_merge_options options;
    uint32_t doc_count;
    uint32_t tombstone_count;
    int64_t max_seq_no;
    bool drops;        /* some document has no successor */
    bool is_reordered; /* numbers do not rise with documents */
} auk_merge_plan;

AUK_MUST_CHECK auk_code auk_merge_prepare(const auk_merge_source *sources, uint32_t count,
                                          const auk_merge_options *options, auk_merge_plan *out,
                                          auk_error *err);
AUK_MUST_CHECK auk_code auk_merge_run(const auk_merge_plan *plan, const auk_sink *sink,
                                      auk_error *err);

#endif
