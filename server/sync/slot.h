/*
 * slot.h - the replication slot of a source, and the server that has it.
 *
 *   Lifetime  texts in the arena.   Threads  those of the connection.   Memory  the arena.
 *   Errors    of the connection.
 */
#ifndef AUK_SYNC_SLOT_H
#define AUK_SYNC_SLOT_H

#include "lsn.h"
#include "pg.h"

typedef struct auk_slot_state {
    bool exists, active;
    bool is_ours; /* pgoutput, of this database */
    bool is_lost; /* wal_status lost, or invalidated */
    uint32_t active_pid;
    auk_span holder; /* application_name of who is connected to it; in the arena */
    auk_span wal_status;
    auk_lsn restart, confirmed, current; /* current: where the server writes now */
    int64_t safe_wal_bytes;              /* -1: not limited */
    uint64_t spill_bytes, stream_bytes;
    uint64_t system_id;
    uint32_t timeline;
    bool in_recovery;
} auk_slot_state;
AUK_MUST_CHECK auk_code auk_slot_read(auk_pg *pg, auk_span slot, auk_arena *arena,
                                      auk_slot_state *out, auk_error *err);

/* Waits for the transactions that write now. *from: the first position it can be read from. A slot
 * that is there is taken as it is. */
AUK_MUST_CHECK auk_code auk_slot_ensure(auk_pg *pg, auk_span slot, auk_lsn *from, auk_error *err);

#endif
