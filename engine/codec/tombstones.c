#include "tombstones.h"

#include "auk/varint.h"

#define VERSION     1
#define HEADER_SIZE 12
#define ROW_SIZE    40

void auk_tombstone_list_init(auk_tombstone_list *list)
{
    auk_buffer_init(&list->rows, AUK_BUFFER_NO_LIMIT);
    auk_buffer_init(&list->ids, AUK_BUFFER_NO_LIMIT);
    list->count = 0;
}

void auk_tombstone_list_deinit(auk_tombstone_list *list)
{
    auk_buffer_deinit(&list->rows);
    auk_buffer_deinit(&list->ids);
    list->count = 0;
}

void auk_tombstone_list_add(auk_tombstone_list *list, const auk_tombstone *tombstone)
{
    auk_buffer_append(&list->ids, tombstone->id);
    auk_buffer_append_u64(&list->rows, list->ids.size);
    auk_buffer_append_u64(&list->rows, (uint64_t)tombstone->seq_no);
    auk_buffer_append_u64(&list->rows, (uint64_t)tombstone->version);
    auk_buffer_append_u64(&list->rows, (uint64_t)tombstone->primary_term);
    auk_buffer_append_u64(&list->rows, (uint64_t)tombstone->time_ms);
    list->count++;
}

void auk_tombstone_list_write(const auk_tombstone_list *list, auk_buffer *out)
{
    auk_buffer_append_text(out, "AUKD");
    auk_buffer_append_u32(out, VERSION);
    auk_buffer_append_u32(out, list->count);
    auk_buffer_append(out, auk_buffer_span(&list->rows));
    auk_buffer_append(out, auk_buffer_span(&list->ids));
}

auk_code auk_tombstones_open(auk_span bytes, auk_tombstones *out, auk_error *err)
{
    if (bytes.size < HEADER_SIZE || memcmp(bytes.data, "AUKD", 4) != 0)
        return auk_fail(err, AUK_CORRUPT, "the tombstones are cut or have no magic");
    if (auk_load_u32(bytes.data + 4) != VERSION)
        return auk_fail(err, AUK_CORRUPT, "the tombstones have an unknown version");
    uint32_t count = auk_load_u32(bytes.data + 8);
    uint64_t rows_size = (uint64_t)count * ROW_SIZE;
    if (bytes.size - HEADER_SIZE < rows_size)
        return auk_fail(err, AUK_CORRUPT, "the tombstones are cut");
    *out = (auk_tombstones){.rows = auk_span_bytes(bytes) + HEADER_SIZE,
                            .ids = auk_span_from(bytes, HEADER_SIZE + (size_t)rows_size),
                            .count = count};
    return AUK_OK;
}

auk_code auk_tombstones_read(const auk_tombstones *tombstones, uint32_t index, auk_tombstone *out,
                             auk_error *err)
{
    if (index >= tombstones->count)
        return auk_fail(err, AUK_INVALID, "there is no tombstone %u of %u", index,
                        tombstones->count);
    const uint8_t *row = tombstones->rows + (size_t)index * ROW_SIZE;
    uint64_t start = index ? auk_load_u64(row - ROW_SIZE) : 0;
    uint64_t end = auk_load_u64(row);
    if (start > end || end > tombstones->ids.size)
        return auk_fail(err, AUK_CORRUPT, "tombstone %u has no id", index);
    *out = (auk_tombstone){.id = auk_span_make(tombstones->ids.data + start, (size_t)(end - start)),
                           .seq_no = (int64_t)auk_load_u64(row + 8),
                           .version = (int64_t)auk_load_u64(row + 16),
                           .primary_term = (int64_t)auk_load_u64(row + 24),
                           .time_ms = (int64_t)auk_load_u64(row + 32)};
    return AUK_OK;
}
