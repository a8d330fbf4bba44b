#include "manifest.h"

#include "auk/hash.h"
#include "auk/varint.h"

#define MAGIC   0x4d4b5541u /* "AUKM" */
#define VERSION 1

void auk_manifest_key(uint32_t shard, char key[AUK_MANIFEST_KEY_SIZE])
{
    auk_store_be32(key, shard);
    key[4] = 'm';
}

void auk_live_key(uint32_t shard, uint64_t segment, char key[AUK_LIVE_KEY_SIZE])
{
    auk_store_be32(key, shard);
    key[4] = 'l';
    auk_store_be64(key + 5, segment);
}

bool auk_manifest_is_key(auk_span key)
{
    return key.size == AUK_MANIFEST_KEY_SIZE && key.data[4] == 'm';
}

void auk_manifest_write(const auk_manifest *manifest, auk_buffer *out)
{
    size_t start = out->size;
    auk_buffer_append_u32(out, MAGIC);
    auk_buffer_append_byte(out, VERSION);
    auk_buffer_append_varint(out, (uint64_t)manifest->primary_term);
    auk_buffer_append_varint(out, auk_zigzag(manifest->checkpoint));
    auk_buffer_append_varint(out, auk_zigzag(manifest->max_seq_no));
    auk_buffer_append_varint(out, manifest->mapping_version);
    auk_buffer_append_varint(out, manifest->segments.count);
    for (uint32_t i = 0; i < manifest->segments.count; i++) {
        const auk_manifest_segment *segment = &manifest->segments.items[i];
        auk_buffer_append_varint(out, segment->id);
        auk_buffer_append_varint(out, segment->doc_count);
        auk_buffer_append_varint(out, segment->bytes);
        auk_buffer_append_sized(out, segment->location);
    }
    auk_buffer_append_u32(out, auk_crc32c(0, auk_span_make(out->data + start, out->size - start)));
}

static void read_segments(auk_reader *reader, auk_manifest *out)
{
    uint64_t count = auk_reader_varint(reader);
    if (count > auk_reader_left(reader))
        reader->failed = true;
    for (uint64_t i = 0; i < count && !reader->failed; i++) {
        auk_manifest_segment segment = {0};
        segment.id = auk_reader_varint(reader);
        uint64_t docs = auk_reader_varint(reader);
        segment.bytes = auk_reader_varint(reader);
        segment.location = auk_reader_sized(reader);
        if (docs >= UINT32_MAX)
            reader->failed = true;
        segment.doc_count = (uint32_t)docs;
        auk_vector_push(&out->segments, segment);
    }
}

auk_code auk_manifest_read(auk_span bytes, auk_manifest *out, auk_error *err)
{
    if (bytes.size < 9 || auk_crc32c(0, auk_span_make(bytes.data, bytes.size - 4)) !=
                              auk_load_u32(bytes.data + bytes.size - 4))
        return auk_fail(err, AUK_CORRUPT, "manifest: checksum does not match");
    auk_reader reader = auk_reader_of(auk_span_make(bytes.data, bytes.size - 4));
    uint32_t magic = auk_reader_u32(&reader);
    uint8_t version = auk_reader_u8(&reader);
    if (magic != MAGIC || version != VERSION)
        return auk_fail(err, AUK_CORRUPT, "manifest: version %u is not known", version);
    out->primary_term = (int64_t)auk_reader_varint(&reader);
    out->checkpoint = auk_unzigzag(auk_reader_varint(&reader));
    out->max_seq_no = auk_unzigzag(auk_reader_varint(&reader));
    out->mapping_version = auk_reader_varint(&reader);
    read_segments(&reader, out);
    if (reader.failed || auk_reader_left(&reader) != 0 || out->max_seq_no < out->checkpoint ||
        out->checkpoint < -1)
        return auk_fail(err, AUK_CORRUPT, "manifest: bytes break their format");
    return AUK_OK;
}

void auk_manifest_deinit(auk_manifest *manifest)
{
    auk_vector_free(&manifest->segments);
}
