/*
 * refusals.h - documents that a generation refuses, by id: durable, with the reason.
 *
 * A document leaves the list when a later version of it is taken, or when it is deleted.
 *
 *   Lifetime  _init .. _deinit.   Threads  any, by a lock of its own.
 *   Memory    a set of ids.       Errors  of the store; AUK_TOO_LARGE past AUK_REFUSALS_MOST.
 */
#ifndef AUK_REFUSALS_H
#define AUK_REFUSALS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "auk/json.h"
#include "auk/store.h"

#define AUK_REFUSALS_MOST 100000u

typedef struct auk_refusals {
    auk_store *store;
    pthread_mutex_t lock;
    atomic_uint count; /* a look at it needs no lock */
    uint32_t slot_count;
    char **slots; /* id, terminated by its length in front */
    char prefix[48];
    size_t prefix_size;
} auk_refusals;

void auk_refusals_init(auk_refusals *refusals, auk_store *store, uint64_t task, char generation);
void auk_refusals_deinit(auk_refusals *refusals);
AUK_MUST_CHECK auk_code auk_refusals_load(auk_refusals *refusals, auk_error *err);

AUK_MUST_CHECK auk_code auk_refusals_add(auk_refusals *refusals, auk_span id, auk_span routing,
                                         int64_t version, const auk_error *why, auk_error *err);
AUK_MUST_CHECK auk_code auk_refusals_remove(auk_refusals *refusals, auk_span id, auk_error *err);
bool auk_refusals_has(auk_refusals *refusals, auk_span id);
static inline uint32_t auk_refusals_count(const auk_refusals *refusals)
{
    return atomic_load(&refusals->count);
}
/* Adds to the batch what removes all of them. */
void auk_refusals_erase(const auk_refusals *refusals, auk_batch *batch);
/* Objects of an open array, from the `from`-th on, at most *size, which is lowered by those
 * written; *from is lowered by those passed. */
AUK_MUST_CHECK auk_code auk_refusals_write(auk_refusals *refusals, auk_span index, uint32_t *from,
                                           uint32_t *size, auk_json_writer *out, auk_error *err);

#endif
