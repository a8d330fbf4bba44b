/*
 * segment_warm.c - keeps a segment file in the page cache while RocksDB writes it.
 *
 * RocksDB's SST writer tells the kernel, after each megabyte and at the end, to forget the file's
 * pages: a new segment would be read back from disk by the first searches. The kernel keeps pages
 * that somebody has mapped, so what is written is mapped until the file is finished. Its way to the
 * disk begins meanwhile, so that the sync at the end is short. Only speed hangs on it: whatever
 * fails here is left out.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store_private.h"

#define STEP_BYTES    ((uint64_t)1 << 20)   /* RocksDB's own step */
#define RESERVE_BYTES ((uint64_t)256 << 20) /* addresses only, beyond the file's end too */

void segment_warm_begin(segment_warm *warm, const char *path)
{
    *warm = (segment_warm){.fd = open(path, O_RDONLY | O_CLOEXEC)};
}

static bool reserve(segment_warm *warm, uint64_t size)
{
    if (size <= warm->reserved)
        return true;
    uint64_t wanted = (size + RESERVE_BYTES - 1) / RESERVE_BYTES * RESERVE_BYTES;
    void *base = warm->base ? mremap(warm->base, warm->reserved, wanted, MREMAP_MAYMOVE)
                            : mmap(NULL, wanted, PROT_READ, MAP_SHARED, warm->fd, 0);
    if (base == MAP_FAILED)
        return false;
    warm->base = base;
    warm->reserved = wanted;
    return true;
}

static void map_written(segment_warm *warm)
{
    struct stat status;
    if (warm->fd < 0 || fstat(warm->fd, &status) != 0)
        return;
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    uint64_t size = (uint64_t)status.st_size;
    uint64_t from = warm->held / page * page;
    if (size > from && reserve(warm, size))
        madvise(warm->base + from, size - from, MADV_POPULATE_READ);
    /* Begun now, so that the sync at the end finds little to do: the journal's syncs would wait. */
    if (size > warm->held)
        (void)sync_file_range(warm->fd, (off_t)warm->held, (off_t)(size - warm->held),
                              SYNC_FILE_RANGE_WRITE);
    warm->held = size;
    warm->pending = 0;
}

void segment_warm_wrote(segment_warm *warm, uint64_t bytes)
{
    warm->pending += bytes;
    if (warm->pending >= STEP_BYTES)
        map_written(warm);
}

void segment_warm_finish(segment_warm *warm)
{
    map_written(warm);
}

void segment_warm_end(segment_warm *warm)
{
    if (warm->base != NULL)
        munmap(warm->base, warm->reserved);
    if (warm->fd >= 0)
        close(warm->fd);
    *warm = (segment_warm){.fd = -1};
}
