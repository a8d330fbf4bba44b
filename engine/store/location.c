/*
 * location.c - where a segment's values are, as bytes for a manifest.
 *
 *   | version u8 | segment u64 | file number u64 | file size u64 | opening seal's offset varint |
 *   | value count varint | value ... | crc32c u32 of all before |
 *
 *   value:  | kind u8 | field varint | part varint | gap varint | size varint |
 *
 * Fixed widths are little endian. The gap is what lies between the end of the value before (first:
 * the opening seal's) and this one: keys, block trailers. Always true: offsets ascend, everything
 * lies within the file. The file is named after its number: "000123.sst" in the data directory.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "auk/hash.h"
#include "auk/varint.h"
#include "store_private.h"

#define LOCATION_VERSION 1
#define VALUE_LEAST_SIZE 5

void location_encode(const segment_location *location, const segment_entry *entries,
                     auk_buffer *out)
{
    auk_buffer_append_byte(out, LOCATION_VERSION);
    auk_buffer_append_u64(out, location->id);
    auk_buffer_append_u64(out, location->file_number);
    auk_buffer_append_u64(out, location->file_size);
    auk_buffer_append_varint(out, location->opening_offset);
    auk_buffer_append_varint(out, location->count);

    uint64_t end = location->opening_offset + SEGMENT_SEAL_SIZE;
    for (uint32_t i = 0; i < location->count; i++) {
        auk_buffer_append_byte(out, (char)entries[i].kind);
        auk_buffer_append_varint(out, entries[i].field);
        auk_buffer_append_varint(out, entries[i].part);
        auk_buffer_append_varint(out, entries[i].offset - end);
        auk_buffer_append_varint(out, entries[i].size);
        end = entries[i].offset + entries[i].size;
    }
    auk_buffer_append_u32(out, auk_crc32c(0, auk_buffer_span(out)));
}

static bool is_whole(auk_span bytes)
{
    if (bytes.size < 4)
        return false;
    auk_span covered = auk_span_make(bytes.data, bytes.size - 4);
    return auk_load_u32(bytes.data + covered.size) == auk_crc32c(0, covered);
}

static bool decode_value(auk_reader *reader, uint64_t file_size, uint64_t *end, auk_value *value)
{
    value->kind = auk_reader_u8(reader);
    uint64_t field = auk_reader_varint(reader);
    uint64_t part = auk_reader_varint(reader);
    uint64_t gap = auk_reader_varint(reader);
    uint64_t size = auk_reader_varint(reader);
    if (reader->failed || field > UINT16_MAX || part > UINT32_MAX || gap > file_size - *end ||
        size > file_size - *end - gap)
        return false;

    value->field = (uint16_t)field;
    value->part = (uint32_t)part;
    value->bytes = auk_span_make((const char *)(uintptr_t)(*end + gap), size);
    *end += gap + size;
    return true;
}

static bool decode_head(auk_reader *reader, segment_location *location)
{
    uint8_t version = auk_reader_u8(reader);
    location->id = auk_reader_u64(reader);
    location->file_number = auk_reader_u64(reader);
    location->file_size = auk_reader_u64(reader);
    location->opening_offset = auk_reader_varint(reader);
    uint64_t count = auk_reader_varint(reader);
    location->count = (uint32_t)count;
    return !reader->failed && version == LOCATION_VERSION &&
           location->file_size >= SEGMENT_SEAL_SIZE &&
           location->opening_offset <= location->file_size - SEGMENT_SEAL_SIZE &&
           count <= auk_reader_left(reader) / VALUE_LEAST_SIZE && count <= UINT32_MAX;
}

auk_code location_decode(auk_span bytes, segment_location *location, auk_value **values,
                         auk_error *err)
{
    if (!is_whole(bytes))
        return auk_fail(err, AUK_CORRUPT, "the location of a segment is damaged, %zu bytes",
                        bytes.size);
    auk_reader reader = auk_reader_of(auk_span_make(bytes.data, bytes.size - 4));
    if (!decode_head(&reader, location))
        return auk_fail(err, AUK_CORRUPT, "the location of a segment has an unknown format");

    auk_value *table = malloc(((size_t)location->count + 1) * sizeof *table);
    if (table == NULL)
        abort();
    uint64_t end = location->opening_offset + SEGMENT_SEAL_SIZE;
    for (uint32_t i = 0; i < location->count; i++) {
        if (!decode_value(&reader, location->file_size, &end, &table[i])) {
            free(table);
            return auk_fail(err, AUK_CORRUPT,
                            "segment %" PRIu64 ": value %" PRIu32 " does not lie in its file",
                            location->id, i);
        }
    }
    *values = table;
    return AUK_OK;
}
