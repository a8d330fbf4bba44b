/*
 * segment_file.c - builds one segment's SST beside the database, value by value.
 *
 *   ordinal      0            1        2             n          n + 1
 *          +-----------+---------+---------+- ... -+---------+-----------+
 *          | opening   | value 1 | value 2 |       | value n | closing   |
 *          | seal      |         |         |       |         | seal      |
 *          +-----------+---------+---------+- ... -+---------+-----------+
 *
 *   seal:  | "AUKSEG" | 0 | version u8 | segment be64 |        16 bytes
 *
 * Always true: every value is a block of its own (options.c), so the two seals are the first and
 * the last block, which are all that an ingest reads. The opening seal also tells a mapping whose
 * file it is.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auk/fault_point.h"
#include "auk/varint.h"
#include "store_private.h"

#define VALUE_LIMIT_BYTES ((size_t)1 << 30)
#define VALUES_LIMIT      (UINT32_MAX - 2)
#define SEAL_MAGIC        "AUKSEG\0\1"

void segment_key_encode(uint8_t key[SEGMENT_KEY_SIZE], uint64_t id, uint32_t ordinal, uint8_t kind,
                        uint16_t field, uint32_t part)
{
    auk_store_be64(key, id);
    auk_store_be32(key + 8, ordinal);
    key[12] = kind;
    key[13] = (uint8_t)(field >> 8);
    key[14] = (uint8_t)field;
    auk_store_be32(key + 15, part);
}

void segment_seal_encode(uint8_t seal[SEGMENT_SEAL_SIZE], uint64_t id)
{
    memcpy(seal, SEAL_MAGIC, 8);
    auk_store_be64(seal + 8, id);
}

static uint64_t edge(const char *at, size_t size)
{
    uint64_t bytes = 0;
    if (size > 0)
        memcpy(&bytes, at, size < 8 ? size : 8);
    return bytes;
}

static uint64_t last_edge(auk_span bytes)
{
    return bytes.size < 8 ? edge(bytes.data, bytes.size) : edge(bytes.data + bytes.size - 8, 8);
}

void segment_entry_mark(segment_entry *entry, auk_span bytes)
{
    entry->size = bytes.size;
    entry->first = edge(bytes.data, bytes.size);
    entry->last = last_edge(bytes);
}

bool segment_entry_matches(const segment_entry *entry, auk_span bytes)
{
    return entry->size == bytes.size && entry->first == edge(bytes.data, bytes.size) &&
           entry->last == last_edge(bytes);
}

/* Keeps the first failure; every later call reports it. */
static auk_code fail_file(auk_segment_file *file, auk_error *err)
{
    file->state = SEGMENT_FILE_FAILED;
    if (err != NULL)
        *err = file->status;
    return file->status.code;
}

static auk_code put_raw(auk_segment_file *file, uint32_t ordinal, uint8_t kind, uint16_t field,
                        uint32_t part, auk_span bytes, auk_error *err)
{
    uint8_t key[SEGMENT_KEY_SIZE];
    segment_key_encode(key, file->id, ordinal, kind, field, part);
    char *message = NULL;
    sst_writer_put(file->writer, key, sizeof key, bytes.data ? bytes.data : "", bytes.size,
                   &message);
    if (message == NULL)
        return AUK_OK;
    store_fail(STORE_WRITING, message, &file->status, "cannot write segment %llu",
               (unsigned long long)file->id);
    return fail_file(file, err);
}

static auk_code put_seal(auk_segment_file *file, uint32_t ordinal, auk_error *err)
{
    uint8_t seal[SEGMENT_SEAL_SIZE];
    segment_seal_encode(seal, file->id);
    return put_raw(file, ordinal, 0, 0, 0, auk_span_make(seal, sizeof seal), err);
}

static void append_entry(auk_segment_file *file, const segment_entry *entry)
{
    if (file->count == file->capacity) {
        file->capacity = file->capacity ? 2 * file->capacity : 64;
        file->entries = realloc(file->entries, file->capacity * sizeof *file->entries);
        if (file->entries == NULL)
            abort();
    }
    file->entries[file->count++] = *entry;
}

static auk_code sink_put(void *context, uint8_t kind, uint16_t field, uint32_t part, auk_span bytes,
                         auk_error *err)
{
    auk_segment_file *file = context;
    if (file->state == SEGMENT_FILE_FAILED)
        return fail_file(file, err);
    assert(file->state == SEGMENT_FILE_BUILDING);

    if (bytes.size > VALUE_LIMIT_BYTES || file->count >= VALUES_LIMIT) {
        auk_fail(&file->status, AUK_TOO_LARGE,
                 "segment %llu: a value of %zu bytes is over the limit of %zu",
                 (unsigned long long)file->id, bytes.size, VALUE_LIMIT_BYTES);
        return fail_file(file, err);
    }

    segment_entry entry = {.kind = kind, .field = field, .part = part};
    segment_entry_mark(&entry, bytes);
    append_entry(file, &entry);
    file->bytes += bytes.size;
    auk_code code = put_raw(file, file->count, kind, field, part, bytes, err);
    AUK_FAULT_POINT(SEGMENT_PUT);
    return code;
}

static char *building_path(const auk_store *store, uint64_t id)
{
    char *path = NULL;
    if (asprintf(&path, "%s/building/%llu.sst", store->directory, (unsigned long long)id) < 0)
        abort();
    return path;
}

static auk_code open_writer(auk_segment_file *file, auk_error *err)
{
    char *message = NULL;
    file->path = building_path(file->store, file->id);
    file->writer =
        sst_writer_open(file->store->settings.families[STORE_SEGMENT], file->path, &message);
    if (message != NULL)
        return store_fail(STORE_WRITING, message, err, "cannot begin a segment file");
    AUK_FAULT_POINT(SEGMENT_BEGIN);
    return put_seal(file, 0, err);
}

auk_code auk_segment_file_begin(auk_store *store, auk_segment_file **out, auk_error *err)
{
    uint64_t id = 0;
    auk_code code = store_enter_writing(store, err);
    if (code != AUK_OK)
        return code;
    code = store_ids_take(store, &id, err);
    store_leave(store);
    if (code != AUK_OK)
        return code;

    auk_segment_file *file = calloc(1, sizeof *file);
    if (file == NULL)
        abort();
    file->store = store;
    file->id = id;
    code = open_writer(file, err);
    if (code != AUK_OK) {
        auk_segment_file_abort(file);
        return code;
    }
    *out = file;
    return AUK_OK;
}

auk_sink auk_segment_file_sink(auk_segment_file *file)
{
    return (auk_sink){sink_put, file};
}

uint64_t auk_segment_file_id(const auk_segment_file *file)
{
    return file->id;
}

uint64_t auk_segment_file_bytes(const auk_segment_file *file)
{
    return file->bytes;
}

auk_code auk_segment_file_finish(auk_segment_file *file, auk_error *err)
{
    if (file->state == SEGMENT_FILE_FAILED)
        return fail_file(file, err);
    assert(file->state == SEGMENT_FILE_BUILDING);

    auk_code code = put_seal(file, file->count + 1, err);
    if (code != AUK_OK)
        return code;

    char *message = NULL;
    AUK_FAULT_POINT(SEGMENT_FINISH_BEFORE);
    sst_writer_finish(file->writer, &message);
    AUK_FAULT_POINT(SEGMENT_FINISH_AFTER);
    if (message != NULL) {
        store_fail(STORE_WRITING, message, &file->status, "cannot finish segment %llu",
                   (unsigned long long)file->id);
        return fail_file(file, err);
    }
    file->state = SEGMENT_FILE_FINISHED;
    return AUK_OK;
}

void segment_file_free(auk_segment_file *file, bool ingested)
{
    if (file->writer != NULL)
        sst_writer_close(file->writer);
    if (!ingested && file->path != NULL)
        unlink(file->path);
    free(file->path);
    free(file->entries);
    free(file);
}

void auk_segment_file_abort(auk_segment_file *file)
{
    if (file != NULL)
        segment_file_free(file, false);
}
