/*
 * budget.h - one number of bytes for the process, split by purpose, charged before allocation.
 *
 * A purpose may use what the whole has left, up to its own share. Charging is an atomic addition;
 * refusing is AUK_BUSY with circuit_breaking_exception, a message that names the purpose and the
 * figures (what would be used, the limit, what was asked for), and nothing charged. What cannot be
 * charged beforehand, because it lies in a library or in the allocator, is measured and booked: so
 * the whole stays what the process may hold.
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
    X(REQUESTS, requests, 40, "heads and bodies of requests in flight")                            \
    X(ANSWERS, answers, 40, "answers being written, and until they are read")                      \
    X(SEARCH, search, 40, "collectors, aggregations, open scrolls and points in time")             \
    X(CACHES, caches, 20, "caches that can be dropped")                                            \
    X(PROCESS, process, 100, "resident beside what is charged: code, stacks, the allocator's rest")

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
/* AUK_BUSY with the figures as they are now, for a charge of so many bytes that was refused. */
auk_code auk_budget_refuse(const auk_budget *budget, auk_purpose purpose, size_t bytes,
                           auk_error *err);
/* Books bytes that exist already, past the limit if need be. */
void auk_budget_force(auk_budget *budget, auk_purpose purpose, size_t bytes);
/* Books what has been measured instead of what was booked so; for a purpose that nobody charges. */
void auk_budget_set(auk_budget *budget, auk_purpose purpose, size_t bytes);
void auk_budget_release(auk_budget *budget, auk_purpose purpose, size_t bytes);

size_t auk_budget_total(const auk_budget *budget);
size_t auk_budget_used(const auk_budget *budget, auk_purpose purpose);
size_t auk_budget_used_total(const auk_budget *budget);
size_t auk_budget_limit(const auk_budget *budget, auk_purpose purpose);
const char *auk_purpose_name(auk_purpose purpose);

#endif
