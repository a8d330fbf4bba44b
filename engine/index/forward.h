/*
 * forward.h - which terms each document of a merge has: what its order is decided by.
 *
 * Only terms that are neither rare nor everywhere say which documents belong together; of those the
 * most frequent ones that fit the limits.
 *
 *   Lifetime  _survey fills it, _build the graph in it, _deinit in every case.
 *   Threads   one.
 *   Memory    2 bytes a posting of those terms, 8 bytes a document; auk_forward_bytes tells ahead.
 *   Errors    AUK_CORRUPT of a source.
 */
#ifndef AUK_FORWARD_H
#define AUK_FORWARD_H

#include "bisect.h"
#include "merge.h"
#include "vector.h"

typedef struct auk_forward_term {
    uint32_t doc_freq; /* with documents that are not live */
    uint32_t parts;    /* its first one; they end where the next term's begin */
} auk_forward_term;

typedef struct auk_forward_part {
    auk_term term;
    uint32_t source;
} auk_forward_part;

typedef struct auk_forward {
    const auk_merge_plan *plan;
    AUK_VECTOR(auk_forward_term) terms; /* that say something */
    AUK_VECTOR(auk_forward_part) parts;
    uint32_t doc_freq_least;                /* of the terms that are taken */
    uint64_t posting_count;                 /* of those */
    uint64_t postings_most, positions_most; /* of any term of the sources */
    auk_bisect_graph graph;                 /* starts and terms are owned */
} auk_forward;

/* Looks at all terms of the sources. plan: borrowed, its documents numbered in their old order. */
AUK_MUST_CHECK auk_code auk_forward_survey(const auk_merge_plan *plan, auk_forward *out,
                                           auk_error *err);
/* Leaves out the rarest terms until there are at most so many postings. */
void auk_forward_limit(auk_forward *forward, uint64_t postings_most);
/* Bytes of graph and order (bisect.h). */
size_t auk_forward_bytes(const auk_forward *forward);
AUK_MUST_CHECK auk_code auk_forward_build(auk_forward *forward, auk_error *err);
void auk_forward_deinit(auk_forward *forward);

#endif
