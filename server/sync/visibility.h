/*
 * visibility.h - which transactions a snapshot of Postgres has seen (pg_current_snapshot:
 * xmin:xmax: those in progress), for the rule of chunks: an event whose transaction a row's chunk
 * has seen is contained in the row already.
 *
 *   Lifetime  the caller's.   Threads  plain data.   Memory  the list of those in progress.
 *   Errors    AUK_INVALID for what is no snapshot.
 */
#ifndef AUK_SYNC_VISIBILITY_H
#define AUK_SYNC_VISIBILITY_H

#include <stdbool.h>
#include <stdint.h>

#include "auk/arena.h"
#include "auk/error.h"
#include "auk/span.h"

typedef struct auk_pg_snapshot {
    uint64_t xmin, xmax;         /* 64 bit: epoch and xid */
    const uint64_t *in_progress; /* ascending */
    uint32_t count;
} auk_pg_snapshot;

AUK_MUST_CHECK auk_code auk_pg_snapshot_parse(auk_span text, auk_arena *arena, auk_pg_snapshot *out,
                                              auk_error *err);
/* xid: 32 bit as on the wire, widened against the snapshot's epoch. */
bool auk_pg_snapshot_sees(const auk_pg_snapshot *snapshot, uint32_t xid);

#endif
