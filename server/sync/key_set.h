/*
 * key_set.h - a set of keys, each with a number.
 *
 *   Lifetime  _init .. _deinit; keys are copied.   Threads  one at a time.
 *   Memory    some 32 bytes a key beside its own; _bytes.   Errors  none.
 */
#ifndef AUK_SYNC_KEY_SET_H
#define AUK_SYNC_KEY_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "auk/span.h"

typedef struct auk_key_item {
    uint64_t hash, value;
    uint32_t size;
    char data[];
} auk_key_item;

typedef struct auk_key_set {
    auk_key_item **slots;
    uint32_t capacity, count, used; /* used: with those that were removed */
    size_t bytes;
} auk_key_set;

void auk_key_set_init(auk_key_set *set);
void auk_key_set_deinit(auk_key_set *set);
void auk_key_set_reset(auk_key_set *set);

/* True: it is new; else its number becomes `value`. */
bool auk_key_set_put(auk_key_set *set, auk_span key, uint64_t value);
bool auk_key_set_has(const auk_key_set *set, auk_span key);
bool auk_key_set_remove(auk_key_set *set, auk_span key); /* was it there? */

/* Walks in no order: *at begins at 0; NULL at the end. No changes meanwhile. */
const auk_key_item *auk_key_set_next(const auk_key_set *set, uint32_t *at);
/* The keys in their order, `count` spans of the set, on the heap; NULL when it is empty. */
auk_span *auk_key_set_sort(const auk_key_set *set);

#endif
