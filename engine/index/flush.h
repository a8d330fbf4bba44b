/*
 * flush.h - pieces of a commit that a flush and a merge share.
 *
 *   Lifetime, threads, memory  as shard_state.h; under flush_lock.
 *   Errors    those of the segment.
 */
#ifndef AUK_FLUSH_H
#define AUK_FLUSH_H

#include "shard_state.h"

/* Live documents of a segment, into the batch of a commit. live is not NULL. */
void auk_put_live(const auk_shard *shard, uint64_t segment, const auk_live *live, auk_batch *batch);
void auk_delete_live(const auk_shard *shard, uint64_t segment, auk_batch *batch);
void auk_manifest_add_mapped(auk_manifest *manifest, const auk_mapped *mapped, uint32_t doc_count);
/* Opens the segment of a mapping, which is taken in every case. */
AUK_MUST_CHECK auk_code auk_entry_open_file(auk_entry *entry, auk_mapped *mapped, auk_error *err);

#endif
