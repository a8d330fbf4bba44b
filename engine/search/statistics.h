/*
 * statistics.h - what one shard knows about the terms of a plan: how often, and where.
 *
 * Lucene counts deleted documents until they are merged away, and so do we. Looking a term up finds
 * its postings as well, so they are kept for the scorers.
 *
 *   Lifetime  arena; borrowed from the shard's segments.
 *   Threads   immutable once gathered.
 *   Memory    a term a slot and segment, and one table a field.
 *   Errors    AUK_CORRUPT.
 */
#ifndef AUK_STATISTICS_H
#define AUK_STATISTICS_H

#include "auk/shard.h"
#include "bm25.h"
#include "resolve.h"

typedef struct auk_statistics {
    uint32_t slot_count, segment_count;
    uint64_t *doc_freqs;           /* by slot */
    const auk_bm25_field **fields; /* by slot */
    auk_term *terms;               /* by segment, then slot; ->terms NULL: not in that segment */
} auk_statistics;

/* Without scores what only they need is left out. */
AUK_MUST_CHECK auk_code auk_statistics_gather(const auk_shard_view *view,
                                              const auk_plan_slot *slots, uint32_t slot_count,
                                              bool scores, auk_arena *arena,
                                              const auk_statistics **out, auk_error *err);

/* Of the pseudo-term that a plan of synonyms is: that of its most frequent term. */
uint64_t auk_statistics_synonym_doc_freq(const auk_statistics *statistics, const auk_plan *plan);

static inline const auk_term *auk_statistics_term(const auk_statistics *statistics,
                                                  uint32_t segment, uint32_t slot)
{
    const auk_term *term = &statistics->terms[(size_t)segment * statistics->slot_count + slot];
    return term->terms ? term : 0;
}

#endif
