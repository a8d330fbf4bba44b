/*
 * health.h - how the node is: one colour, and in words what is wrong.
 *
 *   green    all is well
 *   yellow   everything that was acknowledged is there and searched, but something does not go on:
 *            writes wait for space on the disk, a flush or a merge fails and is tried again
 *   red      the store is closed: it could not be opened again after the disk was full
 *
 *   Lifetime  a call.   Threads  any.   Memory  none.   Errors  none.
 */
#ifndef AUK_REST_HEALTH_H
#define AUK_REST_HEALTH_H

#include "call.h"

typedef enum auk_health { AUK_HEALTH_GREEN, AUK_HEALTH_YELLOW, AUK_HEALTH_RED } auk_health;

const char *auk_health_name(auk_health health);
auk_health auk_health_worse(auk_health a, auk_health b);

auk_health auk_health_of_store(auk_catalog *catalog);
auk_health auk_health_of_shard(const auk_index_view *view, uint32_t shard);
auk_health auk_health_of_index(const auk_index_view *view);
auk_health auk_health_of_node(auk_catalog *catalog);

/* "problems": [...], one entry a shard's work or the disk; empty when the node is green. */
void auk_health_write_problems(auk_call *call);

/* Work of shards that fails just now. */
typedef struct auk_failing {
    uint64_t flushes, merges; /* shards */
    uint64_t blocked;         /* shards that take no writes */
} auk_failing;
auk_failing auk_health_count_failing(auk_catalog *catalog);

#endif
