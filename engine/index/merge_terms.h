/*
 * merge_terms.h - the terms of one field of several segments, merged into a writer (merge.h).
 *
 *   Lifetime  _init .. _deinit, used for one field after the other.
 *   Threads   one.   Memory  see merge.h.   Errors  as merge.h.
 */
#ifndef AUK_MERGE_TERMS_H
#define AUK_MERGE_TERMS_H

#include "merge_heap.h"
#include "posting_order.h"

typedef struct auk_merge_terms {
    const auk_merge_plan *plan;
    auk_segment_writer *writer;
    auk_arena *postings_arena; /* some terms */
    auk_merge_heap heap;
    auk_posting_order order; /* of one term; where documents are reordered */
    uint64_t *seen;          /* a bit a document that has a term */
    uint32_t next_ordinal;
    auk_terms_options options;
} auk_merge_terms;

void auk_merge_terms_init(auk_merge_terms *merge, const auk_merge_plan *plan,
                          auk_segment_writer *writer);
void auk_merge_terms_deinit(auk_merge_terms *merge);

/* Merges the field when any source has terms of it. norms: as written, or NULL. ordinals: keep the
 * maps for auk_merge_terms_ordinal until the next field. */
AUK_MUST_CHECK auk_code auk_merge_terms_field(auk_merge_terms *merge, uint16_t field,
                                              const uint8_t *norms, bool ordinals, auk_error *err);
static inline int64_t auk_merge_terms_ordinal(const auk_merge_terms *merge, uint32_t source,
                                              int64_t old)
{
    return merge->heap.cursors[source].ordinals[old];
}

#endif
