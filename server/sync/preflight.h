/*
 * preflight.h - what a server lacks before it can be followed, each with the SQL that mends it; and
 * the publication and the slot, where the rights allow to make them.
 *
 *   Lifetime  findings in the arena.   Threads  those of the connection.   Memory  the arena.
 *   Errors    of the connection; what is wrong with the server is a finding.
 */
#ifndef AUK_SYNC_PREFLIGHT_H
#define AUK_SYNC_PREFLIGHT_H

#include "lsn.h"
#include "tables.h"

typedef enum auk_preflight_weight {
    AUK_PREFLIGHT_ERROR,  /* it cannot be followed like this */
    AUK_PREFLIGHT_ADVICE, /* it can, but look */
} auk_preflight_weight;

typedef struct auk_preflight_finding {
    auk_preflight_weight weight;
    const char *check; /* "wal_level" */
    auk_span words, sql;
} auk_preflight_finding;

typedef struct auk_preflight {
    auk_preflight_finding *findings;
    uint32_t count, room, errors;
    auk_arena *arena;
} auk_preflight;

typedef struct auk_preflight_options {
    auk_pg *pg;
    const auk_sync_config *config; /* expanded */
    const auk_source_tables *tables;
    const char *conninfo; /* whole: a replication connection is tried; NULL: not */
    bool is_new;          /* a slot of that name must not be there yet */
} auk_preflight_options;

AUK_MUST_CHECK auk_code auk_preflight_run(const auk_preflight_options *options, auk_arena *arena,
                                          auk_preflight *out, auk_error *err);
/* {"ready": false, "findings": [{"check", "severity", "reason", "sql"}]} */
void auk_preflight_write(const auk_preflight *preflight, auk_json_writer *out);
/* AUK_INVALID with all errors in one text, or AUK_OK. */
AUK_MUST_CHECK auk_code auk_preflight_judge(const auk_preflight *preflight, auk_error *err);

/* Names of columns in the tree, held against the tables that are there. */
AUK_MUST_CHECK auk_code auk_preflight_check_columns(const auk_sync_config *config,
                                                    const auk_source_tables *tables,
                                                    auk_preflight *out, auk_error *err);

/* ---- publication and slot ---- */

/* Makes the publication, or adds the tables that it lacks. */
AUK_MUST_CHECK auk_code auk_publication_ensure(auk_pg *pg, const auk_sync_config *config,
                                               const auk_source_tables *tables, auk_arena *arena,
                                               auk_error *err);
/* Waits for the transactions that write now. *from: the first position it can be read from. A slot
 * that is there is taken as it is. */
AUK_MUST_CHECK auk_code auk_slot_ensure(auk_pg *pg, auk_span slot, auk_lsn *from, auk_error *err);

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

#endif
