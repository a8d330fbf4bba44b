#include "auk/varint.h"

size_t auk_varint_encode(uint64_t value, uint8_t out[AUK_VARINT_MAX])
{
    size_t size = 0;
    while (value >= 0x80) {
        out[size++] = (uint8_t)(value | 0x80);
        value >>= 7;
    }
    out[size++] = (uint8_t)value;
    return size;
}

size_t auk_varint_decode(const uint8_t *bytes, size_t size, uint64_t *value)
{
    uint64_t result = 0;
    size_t most = size < AUK_VARINT_MAX ? size : AUK_VARINT_MAX;
    for (size_t i = 0; i < most; i++) {
        /* The tenth byte holds bit 63 alone. */
        if (i == AUK_VARINT_MAX - 1 && bytes[i] > 1)
            return 0;
        result |= (uint64_t)(bytes[i] & 0x7f) << (7 * i);
        if (bytes[i] < 0x80) {
            *value = result;
            return i + 1;
        }
    }
    return 0;
}

auk_reader auk_reader_of(auk_span bytes)
{
    static const uint8_t nothing[1];
    const uint8_t *at = bytes.data != NULL ? auk_span_bytes(bytes) : nothing;
    return (auk_reader){.at = at, .end = at + bytes.size};
}

/* The next size bytes, or NULL and failed for good. */
static const uint8_t *step(auk_reader *reader, size_t size)
{
    if (reader->failed || size > auk_reader_left(reader)) {
        reader->failed = true;
        return NULL;
    }
    const uint8_t *at = reader->at;
    reader->at += size;
    return at;
}

uint8_t auk_reader_u8(auk_reader *reader)
{
    const uint8_t *at = step(reader, 1);
    return at != NULL ? *at : 0;
}

uint16_t auk_reader_u16(auk_reader *reader)
{
    const uint8_t *at = step(reader, 2);
    return at != NULL ? auk_load_u16(at) : 0;
}

uint32_t auk_reader_u32(auk_reader *reader)
{
    const uint8_t *at = step(reader, 4);
    return at != NULL ? auk_load_u32(at) : 0;
}

uint64_t auk_reader_u64(auk_reader *reader)
{
    const uint8_t *at = step(reader, 8);
    return at != NULL ? auk_load_u64(at) : 0;
}

uint64_t auk_reader_varint(auk_reader *reader)
{
    uint64_t value = 0;
    size_t used =
        reader->failed ? 0 : auk_varint_decode(reader->at, auk_reader_left(reader), &value);
    if (used == 0) {
        reader->failed = true;
        return 0;
    }
    reader->at += used;
    return value;
}

auk_span auk_reader_bytes(auk_reader *reader, size_t size)
{
    const uint8_t *at = step(reader, size);
    return at != NULL ? auk_span_make(at, size) : (auk_span){0};
}

auk_span auk_reader_sized(auk_reader *reader)
{
    uint64_t size = auk_reader_varint(reader);
    if (size > auk_reader_left(reader)) {
        reader->failed = true;
        return (auk_span){0};
    }
    return auk_reader_bytes(reader, (size_t)size);
}
