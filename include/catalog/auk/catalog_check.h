/*
 * catalog_check.h - is a data directory whole, and what can be kept when it is not.
 *
 *   check    the files (store.h), the records of node, cluster, indices and mappings, every shard
 *            (shard_check.h), and what belongs to nothing. Changes nothing.
 *   repair   makes the files ones that open, takes out what is damaged, puts back what can be put
 *            back, removes what belongs to nothing, and tells all of it. A check afterwards is
 *            clean.
 *
 *   Lifetime  none.   Threads  one; no server has the directory open.
 *   Memory    that of the store, a segment's live documents.
 *   Errors    AUK_CONFLICT: somebody has it open. AUK_NOT_FOUND: it is no data directory.
 *             AUK_INVALID: written by a newer version. Damage is findings, not an error.
 */
#ifndef AUK_CATALOG_CHECK_H
#define AUK_CATALOG_CHECK_H

#include "auk/finding.h"
#include "auk/shard_check.h"

typedef struct auk_check_sums {
    uint32_t indices, shards, segments;
    uint64_t documents, deleted, journal_operations;
} auk_check_sums;

typedef struct auk_check_watcher {
    auk_findings *findings;
    /* A shard was looked at; may be NULL. */
    void (*shard)(void *context, auk_span index, uint32_t number, const auk_checked_shard *checked);
    void *context;
} auk_check_watcher;

AUK_MUST_CHECK auk_code auk_catalog_check(const char *directory, const auk_check_watcher *watcher,
                                          auk_check_sums *sums, auk_error *err);
AUK_MUST_CHECK auk_code auk_catalog_repair(const char *directory, auk_findings *findings,
                                           auk_error *err);

#endif
