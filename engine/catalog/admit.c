/*
 * A bulk is refused whole and early. What its shards may need is charged once, ahead of the first
 * item, so that none of them can be the one that has no memory left when others have applied.
 */
#include <stdlib.h>
#include <time.h>

#include "write_shard.h"

#define TRIES 9 /* 2.5 s at most */

static auk_code check_disk(auk_catalog *catalog, size_t bytes, auk_error *err)
{
    auk_code code = AUK_OK;
    if (auk_store_is_stuck(catalog->store))
        code = auk_store_reopen(catalog->store, err);
    return code == AUK_OK ? auk_store_check_space(catalog->store, bytes, err) : code;
}

/* Memory that a full disk keeps from being flushed does not come back soon: that is not 429. */
static auk_code explain(auk_index *const *indices, uint32_t count, auk_code code, auk_error *err)
{
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < indices[i]->shard_count; k++) {
            auk_shard_health health;
            auk_index_read_health(indices[i], k, &health);
            if (health.flush.failures > 0 && health.flush.code == AUK_FULL)
                return auk_fail(err, AUK_FULL, "no memory is left, and none comes back: %s",
                                health.flush.reason);
        }
    }
    return code;
}

/* Has the greatest shard flushed. AUK_BUSY: it is worth another try. */
static auk_code relieve(auk_catalog *catalog, auk_code code, auk_error *err)
{
    uint32_t count;
    auk_index **list = auk_catalog_list_indices(catalog, &count);
    auk_pressure_relieve(catalog, list, count);
    code = explain(list, count, code, err);
    for (uint32_t i = 0; i < count; i++)
        auk_index_release(list[i]);
    free(list);
    return code;
}

static auk_code charge(auk_catalog *catalog, size_t bytes, auk_error *err)
{
    auk_budget *budget = catalog->budget;
    auk_code code = auk_budget_charge(budget, AUK_PURPOSE_INDEXING, bytes, err);
    if (code != AUK_BUSY || bytes > auk_budget_limit(budget, AUK_PURPOSE_INDEXING))
        return code;
    for (unsigned i = 0; i < TRIES && code == AUK_BUSY; i++) {
        code = relieve(catalog, code, err);
        if (code != AUK_BUSY)
            return code;
        nanosleep(&(struct timespec){.tv_nsec = 5000000L << (i < 7 ? i : 7)}, NULL);
        code = auk_budget_charge(budget, AUK_PURPOSE_INDEXING, bytes, err);
    }
    return code;
}

auk_code auk_write_admit(auk_catalog *catalog, const auk_write *writes, uint32_t count,
                         size_t *charged, auk_error *err)
{
    auk_error own = {0};
    size_t bytes = 0;
    err = err ? err : &own;
    for (uint32_t i = 0; i < count; i++)
        bytes += writes[i].source.size + writes[i].id.size + writes[i].routing.size;
    auk_code code = check_disk(catalog, bytes, err);
    if (code != AUK_OK)
        return code;
    *charged = bytes + (size_t)count * 256 + auk_shard_write_bytes(bytes, count);
    return charge(catalog, *charged, err);
}
