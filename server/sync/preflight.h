/*
 * preflight.h - what a server lacks before it can be followed, each with the SQL that mends it.
 *
 *   Lifetime  findings in the arena.   Threads  those of the connection.   Memory  the arena.
 *   Errors    of the connection; what is wrong with the server is a finding.
 */
#ifndef AUK_SYNC_PREFLIGHT_H
#define AUK_SYNC_PREFLIGHT_H

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

#endif
