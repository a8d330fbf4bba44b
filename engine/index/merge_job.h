/*
 * merge_job.h - one merge: segments of a shard with the deletions it drops, until its result takes
 * their place.
 *
 *   Lifetime  _create, under the shard's lock, .. one of the two _run, which free it.
 *   Threads   one; the long part of a merge of files runs on threads of its own of low priority,
 * and steps aside for searches (auk/pace.h), unless there are too many segments. Memory    4 bytes
 * a document, and merge.h; where documents are reordered, merge_reorder.h. Errors    those of
 * merge.h and of the store; AUK_BUSY when the shard closes. The sources stay.
 */
#ifndef AUK_MERGE_JOB_H
#define AUK_MERGE_JOB_H

#include "shard_state.h"

typedef struct auk_merge_job auk_merge_job;

/* Of the picked entries, which are published and not in another merge; picked NULL: the first
 * `count`. */
auk_merge_job *auk_merge_job_create(auk_shard *shard, auk_entry *const *entries,
                                    const uint32_t *picked, uint32_t count);

/* Of files, under merge_lock: to a file, whose commit takes flush_lock. */
AUK_MUST_CHECK auk_code auk_merge_job_run_file(auk_merge_job *job, auk_error *err);
/* Of segments in memory, under flush_lock: to another one. */
AUK_MUST_CHECK auk_code auk_merge_job_run_memory(auk_merge_job *job, auk_error *err);

#endif
