#include "meta.h"

#include "auk/hash.h"
#include "auk/varint.h"

#define VERSION      1
#define HEADER_SIZE  24
#define ROW_SIZE     20
#define TRAILER_SIZE 4

static const char head[AUK_HEAD_SIZE] = {'A', 'U', 'K', 'S', 'E', 'G', 'M', 'T', VERSION};
static const char magic[4] = {'A', 'U', 'K', 'M'};

auk_span auk_head_bytes(void)
{
    return auk_span_make(head, sizeof head);
}

auk_code auk_head_check(auk_span bytes, auk_error *err)
{
    if (bytes.size < 9 || memcmp(bytes.data, head, 8) != 0)
        return auk_fail(err, AUK_CORRUPT, "these values are not a segment: HEAD has no magic");
    if (bytes.data[8] != VERSION)
        return auk_fail(err, AUK_CORRUPT, "segment format %u is not known here (known: %u)",
                        (unsigned)(uint8_t)bytes.data[8], VERSION);
    if (!auk_span_equal(bytes, auk_head_bytes()))
        return auk_fail(err, AUK_CORRUPT, "HEAD of the segment is damaged");
    return AUK_OK;
}

void auk_meta_write(auk_buffer *out, const auk_meta *meta, const auk_meta_value *values,
                    uint32_t count)
{
    size_t start = out->size;
    auk_buffer_append(out, auk_span_make(magic, sizeof magic));
    auk_buffer_append_u32(out, VERSION);
    auk_buffer_append_u32(out, meta->doc_count);
    auk_buffer_append_u64(out, (uint64_t)meta->max_seq_no);
    auk_buffer_append_u32(out, count);
    for (uint32_t i = 0; i < count; i++) {
        auk_buffer_append_u16(out, values[i].kind);
        auk_buffer_append_u16(out, values[i].field);
        auk_buffer_append_u32(out, values[i].part);
        auk_buffer_append_u64(out, values[i].size);
        auk_buffer_append_u32(out, values[i].checksum);
    }
    auk_buffer_append_u32(out, auk_crc32c(0, auk_span_make(out->data + start, out->size - start)));
}

auk_code auk_meta_read(auk_span bytes, auk_meta *out, auk_error *err)
{
    const char *at = bytes.data;
    if (bytes.size < HEADER_SIZE + TRAILER_SIZE || memcmp(at, magic, sizeof magic) != 0)
        return auk_fail(err, AUK_CORRUPT, "META of the segment is cut or has no magic");
    if (auk_load_u32(at + 4) != VERSION)
        return auk_fail(err, AUK_CORRUPT, "META of the segment has an unknown version");
    *out = (auk_meta){.doc_count = auk_load_u32(at + 8),
                      .max_seq_no = (int64_t)auk_load_u64(at + 12),
                      .value_count = auk_load_u32(at + 20),
                      .values = (const uint8_t *)at + HEADER_SIZE};
    size_t size = bytes.size - TRAILER_SIZE;
    if (size - HEADER_SIZE != (uint64_t)out->value_count * ROW_SIZE ||
        auk_crc32c(0, auk_span_make(at, size)) != auk_load_u32(at + size))
        return auk_fail(err, AUK_CORRUPT, "META of the segment is damaged");
    return AUK_OK;
}

auk_meta_value auk_meta_value_at(const auk_meta *meta, uint32_t index)
{
    const uint8_t *at = meta->values + (size_t)index * ROW_SIZE;
    return (auk_meta_value){.kind = at[0],
                            .field = auk_load_u16(at + 2),
                            .part = auk_load_u32(at + 4),
                            .size = auk_load_u64(at + 8),
                            .checksum = auk_load_u32(at + 16)};
}
