/* mapped.c - a segment's SST in a mapping of our own, counted; independent of the database. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store_private.h"

struct auk_mapped {
    atomic_uint_fast32_t count;
    segment_location location;
    auk_buffer location_bytes;
    auk_value *values;
    char *path;
    char *base; /* NULL until mapped */
    int fd;     /* -1 until mapped */
    mapping_slot *slot;
};

/* Takes values. */
static auk_mapped *create(auk_store *store, const segment_location *location, auk_value *values)
{
    auk_mapped *mapped = calloc(1, sizeof *mapped);
    if (mapped == NULL || asprintf(&mapped->path, "%s/%06" PRIu64 ".sst", store->directory,
                                   location->file_number) < 0)
        abort();
    atomic_init(&mapped->count, 1);
    mapped->location = *location;
    mapped->values = values;
    mapped->fd = -1;
    auk_buffer_init(&mapped->location_bytes, AUK_BUFFER_NO_LIMIT);
    return mapped;
}

static void destroy(auk_mapped *mapped)
{
    if (mapped->base != NULL) {
        sigbus_forget(mapped->slot);
        munmap(mapped->base, mapped->location.file_size);
    }
    if (mapped->fd >= 0)
        close(mapped->fd);
    auk_buffer_deinit(&mapped->location_bytes);
    free(mapped->values);
    free(mapped->path);
    free(mapped);
}

/* file_size 0: not known yet, learnt here. */
static auk_code map_fd(auk_mapped *mapped, int fd, auk_error *err)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return store_fail_errno(STORE_READING, errno, err, "cannot read \"%s\"", mapped->path);
    uint64_t size = (uint64_t)status.st_size;
    if (mapped->location.file_size == 0)
        mapped->location.file_size = size;
    if (size == 0 || size != mapped->location.file_size)
        return auk_fail(err, AUK_CORRUPT,
                        "segment %" PRIu64 ": file \"%s\" has %" PRIu64 " bytes, expected %" PRIu64,
                        mapped->location.id, mapped->path, size, mapped->location.file_size);

    void *base = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
    if (base == MAP_FAILED)
        return store_fail_errno(STORE_READING, errno, err, "cannot map \"%s\"", mapped->path);
    /* Look-ups jump: without this each touches a whole readahead window. _read is for scans. */
    madvise(base, size, MADV_RANDOM);
    mapped->base = base;
    mapped->slot = sigbus_remember(base, size, mapped->location.id, mapped->path);
    return AUK_OK;
}

static auk_code check_seal(const auk_mapped *mapped, auk_error *err)
{
    uint8_t seal[SEGMENT_SEAL_SIZE];
    segment_seal_encode(seal, mapped->location.id);
    uint64_t at = mapped->location.opening_offset;
    if (mapped->location.file_size < SEGMENT_SEAL_SIZE ||
        at > mapped->location.file_size - SEGMENT_SEAL_SIZE ||
        memcmp(mapped->base + at, seal, sizeof seal) != 0)
        return auk_fail(err, AUK_CORRUPT, "file \"%s\" is not that of segment %" PRIu64,
                        mapped->path, mapped->location.id);
    return AUK_OK;
}

static auk_code map_file(auk_mapped *mapped, auk_error *err)
{
    int fd = open(mapped->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return auk_fail(err, AUK_CORRUPT, "segment %" PRIu64 ": file \"%s\" is missing",
                        mapped->location.id, mapped->path);
    if (fd < 0)
        return store_fail_errno(STORE_READING, errno, err, "cannot open \"%s\"", mapped->path);

    auk_code code = map_fd(mapped, fd, err);
    mapped->fd = fd;
    return code == AUK_OK ? check_seal(mapped, err) : code;
}

/* The table as the walk learnt it, each value compared with what was put. */
static auk_code fill_values(auk_mapped *mapped, const auk_segment_file *file, auk_error *err)
{
    for (uint32_t i = 0; i < file->count; i++) {
        const segment_entry *entry = &file->entries[i];
        auk_span bytes = {0};
        bool inside = entry->offset <= mapped->location.file_size &&
                      entry->size <= mapped->location.file_size - entry->offset;
        if (inside)
            bytes = auk_span_make(mapped->base + entry->offset, entry->size);
        if (!inside || !segment_entry_matches(entry, bytes))
            return auk_fail(err, AUK_CORRUPT,
                            "segment %" PRIu64 ": value %" PRIu32 " is not where the walk found it",
                            file->id, i);
        mapped->values[i] = (auk_value){entry->kind, entry->field, entry->part, bytes};
    }
    return AUK_OK;
}

auk_code mapped_create(auk_store *store, const auk_segment_file *file, uint64_t file_number,
                       auk_mapped **out, auk_error *err)
{
    segment_location location = {.id = file->id,
                                 .file_number = file_number,
                                 .opening_offset = file->opening_offset,
                                 .count = file->count};
    auk_value *values = malloc(((size_t)file->count + 1) * sizeof *values);
    if (values == NULL)
        abort();
    auk_mapped *mapped = create(store, &location, values);
    auk_code code = map_file(mapped, err);
    if (code == AUK_OK)
        code = fill_values(mapped, file, err);
    if (code == AUK_OK) /* both ends of each value, and what the kernel mapped around them */
        madvise(mapped->base, mapped->location.file_size, MADV_DONTNEED);
    if (code != AUK_OK) {
        destroy(mapped);
        return code;
    }
    location_encode(&mapped->location, file->entries, &mapped->location_bytes);
    *out = mapped;
    return AUK_OK;
}

auk_code auk_store_map(auk_store *store, auk_span location, auk_mapped **out, auk_error *err)
{
    segment_location decoded;
    auk_value *values;
    auk_code code = location_decode(location, &decoded, &values, err);
    if (code != AUK_OK)
        return code;

    auk_mapped *mapped = create(store, &decoded, values);
    code = map_file(mapped, err);
    if (code != AUK_OK) {
        destroy(mapped);
        return code;
    }
    for (uint32_t i = 0; i < decoded.count; i++)
        values[i].bytes.data = mapped->base + (uintptr_t)values[i].bytes.data;
    auk_buffer_append(&mapped->location_bytes, location);
    *out = mapped;
    return AUK_OK;
}

auk_mapped *auk_mapped_acquire(auk_mapped *mapped)
{
    atomic_fetch_add_explicit(&mapped->count, 1, memory_order_relaxed);
    return mapped;
}

void auk_mapped_release(auk_mapped *mapped)
{
    if (mapped && atomic_fetch_sub_explicit(&mapped->count, 1, memory_order_acq_rel) == 1)
        destroy(mapped);
}

const auk_value *auk_mapped_values(const auk_mapped *mapped, uint32_t *count)
{
    *count = mapped->location.count;
    return mapped->values;
}

uint64_t auk_mapped_id(const auk_mapped *mapped)
{
    return mapped->location.id;
}

uint64_t auk_mapped_bytes(const auk_mapped *mapped)
{
    return mapped->location.file_size;
}

const char *auk_mapped_path(const auk_mapped *mapped)
{
    return mapped->path;
}

auk_span auk_mapped_location(const auk_mapped *mapped)
{
    return auk_buffer_span(&mapped->location_bytes);
}

bool auk_mapped_read(const auk_mapped *mapped, auk_span bytes, char *into)
{
    assert(bytes.data >= mapped->base &&
           bytes.data + bytes.size <= mapped->base + mapped->location.file_size);
    off_t at = bytes.data - mapped->base;
    for (size_t done = 0; done < bytes.size;) {
        ssize_t got = pread(mapped->fd, into + done, bytes.size - done, at + (off_t)done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        done += (size_t)got;
    }
    return true;
}
