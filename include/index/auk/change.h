/*
 * change.h - the operations of a shard in their order, from a sequence number on, and the leases
 * that keep them.
 *
 * The journal is the stream: it holds what was applied, with the outcome of each operation. A flush
 * drops what is in files, unless a lease holds it back. A reader opens a lease, reads from there,
 * and moves the lease on behind itself. A lease that nobody moves costs disk: whoever opens one
 * watches the free space and closes it in time.
 *
 *     checkpoint of the leases          checkpoint             newest
 *   ------|---------------------------------|---------------------|
 *         | kept for readers                | kept for a start    |
 *
 * Positions are sequence numbers that a call ended with; reading hands out whole calls, so every
 * position that it answers is one, and so is max_seq_no of a view.
 *
 *   Lifetime  a lease outlives the process; it ends with _close or with its shard.
 *   Threads   any. Opening a lease waits for a flush under way.
 *   Memory    what is read lies in the caller's arena.
 *   Errors    AUK_NOT_FOUND: the journal does not reach back so far, or there is no such lease.
 */
#ifndef AUK_CHANGE_H
#define AUK_CHANGE_H

#include "auk/shard.h"

#define AUK_LEASE_NAME_SIZE 64

/* Keeps everything above *seq_no, which is the shard's checkpoint or above it. One that exists is
 * left where it is and answered. */
AUK_MUST_CHECK auk_code auk_lease_open(auk_shard *shard, auk_span name, int64_t *seq_no,
                                       auk_error *err);
/* Never back; durable with the next synced write. */
AUK_MUST_CHECK auk_code auk_lease_advance(auk_shard *shard, auk_span name, int64_t seq_no,
                                          auk_error *err);
/* None of that name: nothing happens. */
AUK_MUST_CHECK auk_code auk_lease_close(auk_shard *shard, auk_span name, auk_error *err);
/* Names with a byte of zero between them, appended: for owners that look for what they left. */
void auk_lease_list(auk_shard *shard, auk_buffer *names);

/* What an operation did. */
typedef struct auk_change {
    bool is_delete;
    auk_span id, routing, source; /* no source of a delete; no routing of a remembered one */
    int64_t seq_no, version;
} auk_change;

typedef struct auk_changes {
    auk_change *items; /* by sequence number */
    uint32_t count;
    int64_t position; /* of the last call that was read; else what was given */
} auk_changes;

/*
 * Operations above `after` and up to `until` (a position too, or INT64_MAX), in whole calls, about
 * limit_bytes of sources and one call at least. None: the reader has all there is.
 */
AUK_MUST_CHECK auk_code auk_shard_read_changes(auk_shard *shard, int64_t after, int64_t until,
                                               size_t limit_bytes, auk_arena *arena,
                                               auk_changes *out, auk_error *err);

/* The deletes that the shard still remembers, above `after` and up to `until`, at most `limit`. */
void auk_shard_read_deletes(auk_shard *shard, int64_t after, int64_t until, uint32_t limit,
                            auk_arena *arena, auk_changes *out);

/* The newest sequence number given; -1: none. */
int64_t auk_shard_newest(auk_shard *shard);
int64_t auk_shard_primary_term(auk_shard *shard);

#endif
