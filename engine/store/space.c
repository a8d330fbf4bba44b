/*
 * space.c - how much room the disk has, and whether that is enough to begin something.
 *
 *            free < reserve + bytes
 *   enough ---------------------------> low
 *          <---------------------------
 *            free >= reserve * 5/4 + bytes
 *
 * Only _check_space moves it; the reserve is what flushes, the log and merges may need to end what
 * they have begun.
 */
#include <inttypes.h>
#include <sys/statvfs.h>

#include "auk/units.h"
#include "store_private.h"

void store_set_reserve(auk_store *store, const auk_store_options *options)
{
    uint64_t total = 0;
    if (options == NULL)
        return;
    (void)store_read_space(store, &total);
    uint64_t part = total / 100 * options->free_min_percent;
    if (options->free_min_most != 0 && part > options->free_min_most)
        part = options->free_min_most;
    store->reserve_bytes = part > options->free_min_bytes ? part : options->free_min_bytes;
}

uint64_t store_read_space(const auk_store *store, uint64_t *total)
{
    struct statvfs space;
    if (statvfs(store->directory, &space) != 0)
        return UINT64_MAX;
    if (total != NULL)
        *total = (uint64_t)space.f_blocks * space.f_frsize;
    return (uint64_t)space.f_bavail * space.f_frsize;
}

auk_code store_fail_space(const auk_store *store, uint64_t wanted, uint64_t free_bytes,
                          auk_error *err)
{
    char has[16], needs[16], more[16];
    auk_bytes_format(free_bytes, has);
    auk_bytes_format(wanted, needs);
    auk_bytes_format(wanted - free_bytes, more);
    auk_fail(err, AUK_FULL,
             "no writes are taken: [%s] are free on the disk of [%s], [%s] are needed; free at "
             "least [%s], which is [%" PRIu64 "] bytes, and writes go on by themselves",
             has, store->directory, needs, more, wanted - free_bytes);
    auk_hint(err, "delete an index, make the disk larger, or lower --disk-free-min");
    return AUK_FULL;
}

static uint64_t add(uint64_t a, uint64_t b)
{
    uint64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

auk_code auk_store_check_space(auk_store *store, uint64_t bytes, auk_error *err)
{
    if (store->reserve_bytes == 0)
        return AUK_OK;
    uint64_t free_bytes = store_read_space(store, NULL);
    bool was_low = atomic_load_explicit(&store->is_low, memory_order_relaxed);
    uint64_t reserve = store->reserve_bytes + (was_low ? store->reserve_bytes / 4 : 0);
    bool is_low = free_bytes < add(reserve, bytes);
    if (is_low != was_low)
        atomic_store_explicit(&store->is_low, is_low, memory_order_relaxed);
    if (!is_low)
        return AUK_OK;
    /* The way back is what has to be freed, not the point at which it stopped. */
    return store_fail_space(store, add(store->reserve_bytes + store->reserve_bytes / 4, bytes),
                            free_bytes, err);
}

auk_code auk_store_check_work(auk_store *store, uint64_t bytes, auk_error *err)
{
    uint64_t free_bytes = store_read_space(store, NULL);
    uint64_t wanted = add(store->reserve_bytes / 2, bytes);
    if (free_bytes >= wanted)
        return AUK_OK;
    char has[16], needs[16];
    auk_bytes_format(free_bytes, has);
    auk_bytes_format(wanted, needs);
    return auk_fail(err, AUK_FULL, "[%s] are free on the disk of [%s], [%s] are needed", has,
                    store->directory, needs);
}
