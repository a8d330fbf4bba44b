/*
 * lease.h - what a shard remembers of retention leases (change.h).
 *
 *   key in the family "commit": | shard be32 | 'r' | name |    value: zigzag varint, the position
 *
 *   Lifetime  the shard's.   Threads  under the shard's lock; opening under flush_lock too.
 *   Memory    some bytes a lease.   Errors  AUK_CORRUPT from reading.
 */
#ifndef AUK_LEASE_H
#define AUK_LEASE_H

#include "shard_state.h"

/* Under lock: the operations above this one must stay; INT64_MAX: no lease. */
int64_t auk_leases_least(const auk_shard *shard);
/* Opening: reads what the store has, and where the journal begins. */
AUK_MUST_CHECK auk_code auk_leases_load(auk_shard *shard, auk_error *err);

#endif
