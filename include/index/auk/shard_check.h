/*
 * shard_check.h - does a shard's state in the store hold together, and what to do when it does not.
 *
 *   looked at     the manifest; every segment that it names, as segment_check.h says; the live
 *                 documents of each; ids that are live twice; sequence numbers given twice or above
 *                 the greatest; the journal, entry by entry
 *   repair        a segment that is damaged leaves the manifest. Of its live documents those whose
 *                 source, sequence number and version are sound go back to the journal, from where
 *                 the next start indexes them again; the others are lost and named. A journal entry
 *                 that cannot be read is lost.
 *
 *   Lifetime  none.   Threads  one; the store serves nobody else.
 *   Memory    a bit a sequence number, and a segment's live documents.
 *   Errors    findings; a failure of the call means that it could not look.
 */
#ifndef AUK_SHARD_CHECK_H
#define AUK_SHARD_CHECK_H

#include "auk/finding.h"
#include "auk/mapping.h"
#include "auk/segment.h"
#include "auk/store.h"

typedef struct auk_checked_segment {
    uint64_t id, bytes;
    uint32_t doc_count, deleted_count;
    bool is_sound;
} auk_checked_segment;

typedef struct auk_checked_shard {
    uint64_t live_count, deleted_count;
    uint64_t journal_entries, journal_operations;
    int64_t checkpoint, max_seq_no;
    auk_checked_segment *segments; /* malloc */
    uint32_t segment_count;
} auk_checked_shard;

typedef struct auk_shard_subject {
    auk_store *store;
    uint32_t id;                /* of the shard in the store */
    const char *where;          /* "index [books] shard [0]" */
    const auk_mapping *mapping; /* NULL: not known */
    bool with_files;            /* a segment is sound only when its whole file is */
    auk_findings *findings;
} auk_shard_subject;

void auk_shard_check(const auk_shard_subject *subject, auk_checked_shard *out);
void auk_checked_shard_deinit(auk_checked_shard *checked);

/* checked: what a check has just found. */
AUK_MUST_CHECK auk_code auk_shard_repair(const auk_shard_subject *subject,
                                         const auk_checked_shard *checked, auk_error *err);

/* The shard that a key of the families commit and journal belongs to; false: none. */
bool auk_shard_of_key(auk_span key, uint32_t *shard);

#endif
