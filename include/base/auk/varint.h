/*
 * varint.h - numbers as bytes, and a cursor that reads them from untrusted bytes.
 *
 * Varints are LEB128: seven bits a byte, low bits first, at most ten bytes. Fixed widths are little
 * endian unless the name says be. zigzag maps signed numbers so that small ones stay small.
 *
 *   Lifetime  none.   Threads  none.   Memory  none.
 *   Errors    _decode answers 0 bytes used when the input is cut or longer than ten bytes; a
 *             auk_reader is sticky: after the first short read every read answers 0 and ->failed is
 * set.
 */
#ifndef AUK_VARINT_H
#define AUK_VARINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "auk/span.h"

#define AUK_VARINT_MAX 10

size_t auk_varint_encode(uint64_t value, uint8_t out[AUK_VARINT_MAX]);
size_t auk_varint_decode(const uint8_t *bytes, size_t size, uint64_t *value);

static inline uint64_t auk_zigzag(int64_t value)
{
    return ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0);
}

static inline int64_t auk_unzigzag(uint64_t value)
{
    return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

static inline uint16_t auk_load_u16(const void *at)
{
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static inline uint32_t auk_load_u32(const void *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static inline uint64_t auk_load_u64(const void *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static inline uint32_t auk_load_be32(const void *at)
{
    return __builtin_bswap32(auk_load_u32(at));
}

static inline uint64_t auk_load_be64(const void *at)
{
    return __builtin_bswap64(auk_load_u64(at));
}

static inline void auk_store_be32(void *at, uint32_t value)
{
    value = __builtin_bswap32(value);
    memcpy(at, &value, sizeof value);
}

static inline void auk_store_be64(void *at, uint64_t value)
{
    value = __builtin_bswap64(value);
    memcpy(at, &value, sizeof value);
}

typedef struct auk_reader {
    const uint8_t *at;
    const uint8_t *end;
    bool failed;
} auk_reader;

auk_reader auk_reader_of(auk_span bytes);
uint8_t auk_reader_u8(auk_reader *reader);
uint16_t auk_reader_u16(auk_reader *reader);
uint32_t auk_reader_u32(auk_reader *reader);
uint64_t auk_reader_u64(auk_reader *reader);
uint64_t auk_reader_varint(auk_reader *reader);
auk_span auk_reader_bytes(auk_reader *reader, size_t size);
auk_span auk_reader_sized(auk_reader *reader); /* varint size, then the bytes */

static inline size_t auk_reader_left(const auk_reader *reader)
{
    return (size_t)(reader->end - reader->at);
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "formats are read in place, little endian");

#endif
