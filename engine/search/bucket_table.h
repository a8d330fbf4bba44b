/*
 * bucket_table.h - counts documents by (owner, key), in one segment.
 *
 * With one owner and keys in a narrow range there is a slot a key; with several owners and few keys
 * a row of such slots an owner, until that would be too many; otherwise a hash table. Where there
 * are sub-aggregations each pair also gets a number, from 0 up in order of appearance.
 *
 *   Lifetime  the collector's arena.
 *   Threads   one.
 *   Memory    4 bytes a key of the range, or some 24 a bucket; charged, made at the first document.
 *   Errors    the budget's refusal fails the collector.
 */
#ifndef AUK_BUCKET_TABLE_H
#define AUK_BUCKET_TABLE_H

#include "aggregation_kind.h"

#define AUK_BUCKET_DIRECT_LIMIT (1u << 20) /* keys with a slot each, at most */
#define AUK_BUCKET_ROW_LIMIT    4096u      /* keys of a row, at most */

typedef struct auk_bucket_table {
    auk_aggregation_collector *collector;
    bool single;   /* one owner */
    bool numbered; /* somebody wants ids */
    bool direct;   /* a slot a key */
    bool rows;     /* a row of slots an owner */
    int64_t base;  /* of the range */
    uint32_t span; /* keys in it */
    uint32_t *slots;
    uint32_t slot_count; /* of rows */
    uint32_t slot_mask;  /* of the hash table */
    uint64_t seed;
    uint32_t used, capacity;
    int64_t *keys;
    uint32_t *owners; /* NULL when single */
    uint32_t *counts;
} auk_bucket_table;

/* min .. max: where all keys will be; has_range false: not known. */
void auk_bucket_table_init(auk_bucket_table *table, auk_aggregation_node *node, bool has_range,
                           int64_t min, int64_t max);
/* One document more for each key. owners[places[i]], below owner_count, owns keys[i]; owners NULL:
 * 0 does. ids: out, or NULL when the node has no subs. False after a failure. */
bool auk_bucket_table_add(auk_bucket_table *table, const uint32_t *owners, uint32_t owner_count,
                          const uint32_t *places, const int64_t *keys, uint32_t count,
                          uint32_t *ids);
/* Are keys counted in a slot each, and nothing else? */
static inline bool auk_bucket_table_is_plain(const auk_bucket_table *table)
{
    return table->direct && !table->numbered;
}
/* Of a plain table: counts[i] documents more for the key base + i. Taken. */
void auk_bucket_table_add_counts(auk_bucket_table *table, uint32_t *counts);
/* Of a plain table: its slots as they are, into the partial of owner 0. */
void auk_bucket_table_finish_slots(auk_bucket_table *table, auk_partial *out);
/* For each owner its buckets with ascending keys, and their subs. */
void auk_bucket_table_finish(auk_bucket_table *table, auk_aggregation_node *node,
                             uint32_t owner_count, auk_partial *out);

#endif
