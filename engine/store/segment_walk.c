/*
 * segment_walk.c - learns where an ingested SST keeps each value, by one walk with RocksDB's
 * iterator.
 *
 * RocksDB reads the file through a mapping of its own and hands out uncompressed values in place.
 * So a value's offset in the file is its pointer minus the start of that mapping, which
 * /proc/self/maps tells. Nothing of that is promised by RocksDB: a pointer outside of one and the
 * same file mapping is refused here, and mapped.c compares the ends of every value with the bytes
 * that were put.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "store_private.h"

typedef struct file_mapping {
    uintptr_t start;
    uintptr_t end;
    uint64_t file_offset; /* of start */
    uint64_t file_number; /* "000123.sst" */
} file_mapping;

/* "7f00-7f80 r--s 00000000 fe:00 1234    /data/000123.sst" */
static bool parse_line(const char *line, file_mapping *out)
{
    int name_at = 0;
    /* NOLINTNEXTLINE(cert-err34-c): the kernel's own numbers fit */
    if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %*s %" SCNx64 " %*s %*s %n", &out->start, &out->end,
               &out->file_offset, &name_at) < 3)
        return false;

    const char *slash = name_at ? strrchr(line + name_at, '/') : NULL;
    int end_at = 0;
    return slash != NULL &&
           /* NOLINTNEXTLINE(cert-err34-c): RocksDB's file numbers have six digits */
           sscanf(slash + 1, "%" SCNu64 ".sst%n", &out->file_number, &end_at) == 1 && end_at > 0 &&
           slash[1 + end_at] == '\n';
}

static bool find_mapping(const void *pointer, file_mapping *out)
{
    FILE *maps = fopen("/proc/self/maps", "re");
    if (maps == NULL)
        return false;

    bool found = false;
    char *line = NULL;
    size_t capacity = 0;
    uintptr_t address = (uintptr_t)pointer;
    while (!found && getline(&line, &capacity, maps) > 0)
        found = parse_line(line, out) && address >= out->start && address < out->end;
    free(line);
    fclose(maps);
    return found;
}

static auk_code fail_walk(const auk_segment_file *file, uint32_t ordinal, const char *what,
                          auk_error *err)
{
    return auk_fail(err, AUK_IO, "segment %" PRIu64 ": value %" PRIu32 " %s", file->id, ordinal,
                    what);
}

/* The value under the iterator, as an offset into the file. */
static auk_code locate(const auk_segment_file *file, uint32_t ordinal, auk_span value,
                       const file_mapping *mapping, uint64_t *offset, auk_error *err)
{
    uintptr_t at = (uintptr_t)value.data;
    if (at < mapping->start || at > mapping->end || value.size > mapping->end - at)
        return fail_walk(file, ordinal, "does not lie in the mapping of its file", err);
    *offset = at - mapping->start + mapping->file_offset;
    return AUK_OK;
}

static auk_code check_key(const auk_segment_file *file, uint32_t ordinal, rocksdb_iterator_t *walk,
                          auk_error *err)
{
    static const segment_entry seal;
    const segment_entry *entry =
        ordinal >= 1 && ordinal <= file->count ? &file->entries[ordinal - 1] : &seal;
    uint8_t wanted[SEGMENT_KEY_SIZE];
    segment_key_encode(wanted, file->id, ordinal, entry->kind, entry->field, entry->part);

    if (!rocksdb_iter_valid(walk))
        return fail_walk(file, ordinal, "is not in the ingested file", err);
    auk_span key;
    key.data = rocksdb_iter_key(walk, &key.size);
    if (!auk_span_equal(key, auk_span_make(wanted, sizeof wanted)))
        return fail_walk(file, ordinal, "has an unexpected key", err);
    return AUK_OK;
}

/* The walk is the only one through RocksDB's mapping: its pages need not stay with the process. The
 * file's own pages stay where they are, and whatever is looked at again is mapped again. */
static void give_back(const file_mapping *mapping)
{
    if (mapping->start != 0)
        madvise((void *)mapping->start, mapping->end - mapping->start, MADV_DONTNEED);
}

static auk_code walk_values(auk_segment_file *file, rocksdb_iterator_t *walk, uint64_t *file_number,
                            auk_error *err)
{
    file_mapping mapping = {0};
    auk_code code = AUK_OK;
    rocksdb_iter_seek_to_first(walk);
    for (uint32_t ordinal = 0; ordinal <= file->count + 1 && code == AUK_OK; ordinal++) {
        code = check_key(file, ordinal, walk, err);
        if (code != AUK_OK)
            break;
        auk_span value;
        value.data = rocksdb_iter_value(walk, &value.size);
        if (ordinal == 0 && !find_mapping(value.data, &mapping))
            return fail_walk(file, ordinal, "does not lie in a mapping of a file", err);

        uint64_t offset = 0;
        code = locate(file, ordinal, value, &mapping, &offset, err);
        if (ordinal == 0)
            file->opening_offset = offset;
        else if (ordinal <= file->count)
            file->entries[ordinal - 1].offset = offset;
        rocksdb_iter_next(walk);
    }
    *file_number = mapping.file_number;
    give_back(&mapping);
    return code;
}

auk_code segment_walk(auk_store *store, auk_segment_file *file, uint64_t *file_number,
                      auk_error *err)
{
    uint8_t from[SEGMENT_KEY_SIZE];
    uint8_t to[SEGMENT_KEY_SIZE];
    segment_key_encode(from, file->id, 0, 0, 0, 0);
    segment_key_encode(to, file->id + 1, 0, 0, 0, 0);

    rocksdb_readoptions_t *reading = rocksdb_readoptions_create();
    /* Checksums would read every byte; only the ends of the values are touched. */
    rocksdb_readoptions_set_verify_checksums(reading, 0);
    rocksdb_readoptions_set_fill_cache(reading, 0);
    rocksdb_readoptions_set_iterate_lower_bound(reading, (const char *)from, sizeof from);
    rocksdb_readoptions_set_iterate_upper_bound(reading, (const char *)to, sizeof to);
    rocksdb_iterator_t *walk =
        rocksdb_create_iterator_cf(store->db, reading, store->families[STORE_SEGMENT]);

    auk_code code = walk_values(file, walk, file_number, err);
    char *message = NULL;
    rocksdb_iter_get_error(walk, &message);
    if (message != NULL)
        code = store_fail(STORE_READING, message, err, "cannot walk segment %" PRIu64, file->id);
    /* Never parked: an iterator pins every file that was alive when it was made. */
    rocksdb_iter_destroy(walk);
    rocksdb_readoptions_destroy(reading);
    return code;
}
