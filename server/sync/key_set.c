#include "key_set.h"

#include <stdlib.h>

#include "auk/hash.h"

#define FIRST_CAPACITY 64
#define KEPT_CAPACITY  4096

static auk_key_item gone; /* stands where one was removed */

void auk_key_set_init(auk_key_set *set)
{
    *set = (auk_key_set){0};
}

static void free_items(auk_key_set *set)
{
    for (uint32_t i = 0; i < set->capacity; i++)
        if (set->slots[i] != &gone)
            free(set->slots[i]);
}

void auk_key_set_deinit(auk_key_set *set)
{
    free_items(set);
    free((void *)set->slots);
    *set = (auk_key_set){0};
}

void auk_key_set_reset(auk_key_set *set)
{
    if (set->used == 0)
        return;
    if (set->capacity > KEPT_CAPACITY) {
        auk_key_set_deinit(set);
        return;
    }
    free_items(set);
    memset((void *)set->slots, 0, set->capacity * sizeof *set->slots);
    set->count = set->used = 0;
    set->bytes = 0;
}

/* Where the key is, or the empty slot at which the search for it ends. */
static uint32_t find(const auk_key_set *set, auk_span key, uint64_t hash)
{
    uint32_t mask = set->capacity - 1, at = (uint32_t)hash & mask;
    for (;; at = (at + 1) & mask) {
        const auk_key_item *item = set->slots[at];
        if (!item || (item != &gone && item->hash == hash &&
                      auk_span_equal(auk_span_make(item->data, item->size), key)))
            return at;
    }
}

static void grow(auk_key_set *set)
{
    auk_key_set grown = {.capacity = FIRST_CAPACITY, .bytes = set->bytes};
    while (grown.capacity <= set->count * 4)
        grown.capacity *= 2;
    grown.slots = (auk_key_item **)calloc(grown.capacity, sizeof *grown.slots);
    if (!grown.slots)
        abort();
    for (uint32_t i = 0; i < set->capacity; i++) {
        auk_key_item *item = set->slots[i];
        if (!item || item == &gone)
            continue;
        grown.slots[find(&grown, auk_span_make(item->data, item->size), item->hash)] = item;
        grown.count++;
    }
    grown.used = grown.count;
    free((void *)set->slots);
    *set = grown;
}

bool auk_key_set_put(auk_key_set *set, auk_span key, uint64_t value)
{
    uint64_t hash = auk_hash(key, auk_hash_seed());
    if (set->used * 2 >= set->capacity)
        grow(set);
    uint32_t at = find(set, key, hash);
    if (set->slots[at]) {
        set->slots[at]->value = value;
        return false;
    }
    auk_key_item *item = (auk_key_item *)malloc(sizeof *item + key.size);
    if (!item)
        abort();
    item->hash = hash;
    item->value = value;
    item->size = (uint32_t)key.size;
    if (key.size > 0)
        memcpy(item->data, key.data, key.size);
    set->slots[at] = item;
    set->count++;
    set->used++;
    set->bytes += sizeof *item + key.size + 2 * sizeof(void *);
    return true;
}

bool auk_key_set_has(const auk_key_set *set, auk_span key)
{
    return set->count > 0 && set->slots[find(set, key, auk_hash(key, auk_hash_seed()))] != NULL;
}

bool auk_key_set_remove(auk_key_set *set, auk_span key)
{
    if (set->count == 0)
        return false;
    uint32_t at = find(set, key, auk_hash(key, auk_hash_seed()));
    if (!set->slots[at])
        return false;
    set->bytes -= sizeof(auk_key_item) + key.size + 2 * sizeof(void *);
    free(set->slots[at]);
    set->slots[at] = &gone;
    set->count--;
    return true;
}

const auk_key_item *auk_key_set_next(const auk_key_set *set, uint32_t *at)
{
    while (*at < set->capacity) {
        const auk_key_item *item = set->slots[(*at)++];
        if (item && item != &gone)
            return item;
    }
    return NULL;
}

static int compare(const void *a, const void *b)
{
    return auk_span_compare(*(const auk_span *)a, *(const auk_span *)b);
}

auk_span *auk_key_set_sort(const auk_key_set *set)
{
    uint32_t at = 0, count = 0;
    const auk_key_item *item;
    if (set->count == 0)
        return NULL;
    auk_span *keys = (auk_span *)calloc(set->count, sizeof *keys);
    if (!keys)
        abort();
    while ((item = auk_key_set_next(set, &at)) != NULL)
        keys[count++] = auk_span_make(item->data, item->size);
    qsort(keys, count, sizeof *keys, compare);
    return keys;
}
