/*
 * wire.h - numbers as Postgres sends them, big endian, read from untrusted bytes.
 *
 *   Lifetime, Threads, Memory  none.
 *   Errors    those of auk_reader: sticky, a short read answers 0 and sets ->failed.
 */
#ifndef AUK_SYNC_WIRE_H
#define AUK_SYNC_WIRE_H

#include "auk/varint.h"

static inline const uint8_t *auk_wire_take(auk_reader *in, size_t size)
{
    if (in->failed || auk_reader_left(in) < size) {
        in->failed = true;
        return NULL;
    }
    const uint8_t *at = in->at;
    in->at += size;
    return at;
}

static inline uint8_t auk_wire_u8(auk_reader *in)
{
    const uint8_t *at = auk_wire_take(in, 1);
    return at ? *at : 0;
}

static inline uint16_t auk_wire_u16(auk_reader *in)
{
    const uint8_t *at = auk_wire_take(in, 2);
    return at ? (uint16_t)((uint32_t)at[0] << 8 | at[1]) : 0;
}

static inline uint32_t auk_wire_u32(auk_reader *in)
{
    const uint8_t *at = auk_wire_take(in, 4);
    return at ? auk_load_be32(at) : 0;
}

static inline uint64_t auk_wire_u64(auk_reader *in)
{
    const uint8_t *at = auk_wire_take(in, 8);
    return at ? auk_load_be64(at) : 0;
}

static inline auk_span auk_wire_bytes(auk_reader *in, size_t size)
{
    const uint8_t *at = auk_wire_take(in, size);
    return at ? auk_span_make(at, size) : (auk_span){0};
}

/* A text that ends with a zero byte, which is read too. */
static inline auk_span auk_wire_text(auk_reader *in)
{
    const uint8_t *end =
        in->failed ? NULL : (const uint8_t *)memchr(in->at, 0, auk_reader_left(in));
    if (!end) {
        in->failed = true;
        return (auk_span){0};
    }
    auk_span text = auk_span_make(in->at, (size_t)(end - in->at));
    in->at = end + 1;
    return text;
}

#endif
