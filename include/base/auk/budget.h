/*
 * budget.h - one number of bytes for the process, split by purpose, charged before allocation.
 *
 * A purpose may use what the whole has left, up to its own share. Charging is an atomic addition;
 * refusing is AUK_BUSY with circuit_breaking_exception, a message that names the purpose and the
 * figures, and nothing charged.
 *
 *   Lifetime  _create .. _destroy.   Threads  any.   Memory  none.   Errors  AUK_BUSY.
 */
#ifndef AUK_BUDGET_H
#define AUK_BUDGET_H

#include <stddef.h>
#include <stdint.h>

#include "auk/error.h"

/* purpose, share of the whole in percent, what it is */
#define AUK_PURPOSE_MAP(X)                                                                         \
    X(STORE, store, 30, "RocksDB memtables and tables")                                            \
    X(INDEXING, indexing, 50, "documents not yet in a segment, and segments in memory")            \
    X(REQUESTS, requests, 40, "bodies and answers of requests in flight")                          \
    X(SEARCH, search, 40, "collectors, aggregations, open scrolls and points in time")             \
    X(CACHES, caches, 20, "caches that can be dropped")

typedef enum auk_purpose {
#define X(name, text, share, words) AUK_PURPOSE_##name,
    AUK_PURPOSE_MAP(X)
#undef X
        AUK_PURPOSE_COUNT
} auk_purpose;

typedef struct auk_budget auk_budget;

auk_budget *auk_budget_create(size_t total_bytes);
void auk_budget_destroy(auk_budget *budget);

/* A NULL budget takes everything (tests, tools). */
AUK_MUST_CHECK auk_code auk_budget_charge(auk_budget *budget, auk_purpose purpose, size_t bytes,
                                          auk_error *err);
/* Books bytes that exist already, past the limit if need be. */
void auk_budget_force(auk_budget *budget, auk_purpose purpose, size_t bytes);
void auk_budget_release(auk_budget *budget, auk_purpose purpose, size_t bytes);

size_t auk_budget_total(const auk_budget *budget);
size_t auk_budget_used(const auk_budget *budget, auk_purpose purpose);
size_t auk_budget_limit(const auk_budget *budget, auk_purpose purpose);
const char *auk_purpose_name(auk_purpose purpose);

#endif
