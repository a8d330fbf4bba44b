/* bits.h - varints and packed bits inside a unit of a part (part.h), read inline. */
#ifndef AUK_BITS_H
#define AUK_BITS_H

#include "auk/varint.h"

static inline unsigned auk_bits_needed(uint64_t value)
{
    return value == 0 ? 0 : 64 - (unsigned)__builtin_clzll(value);
}

#define AUK_BITS_WIDEST 57u /* of a value that one 64-bit load always covers */

/* Value of width bits, low bits first; may load up to 8 bytes from the byte where it starts. */
static inline uint64_t auk_bits_read(const uint8_t *bytes, uint64_t bit, unsigned width)
{
    uint64_t mask = (UINT64_C(1) << width) - 1;
    return (auk_load_u64(bytes + (bit >> 3)) >> (bit & 7)) & mask;
}

/* Adds value to zeroed bytes; may touch 8 bytes from the byte where it starts. */
static inline void auk_bits_write(uint8_t *bytes, uint64_t bit, uint64_t value)
{
    uint64_t word = auk_load_u64(bytes + (bit >> 3)) | (value << (bit & 7));
    memcpy(bytes + (bit >> 3), &word, sizeof word);
}

/* Steps *at over a varint; false when it is cut or too long. */
static inline bool auk_bits_varint(const uint8_t **at, const uint8_t *limit, uint64_t *value)
{
    const uint8_t *p = *at;
    if (p < limit && *p < 0x80) {
        *value = *p;
        *at = p + 1;
        return true;
    }
    size_t used = auk_varint_decode(p, (size_t)(limit - p), value);
    *at = p + used;
    return used != 0;
}

static inline void auk_store_u32(void *at, uint32_t value)
{
    memcpy(at, &value, sizeof value);
}

static inline void auk_store_u64(void *at, uint64_t value)
{
    memcpy(at, &value, sizeof value);
}

#endif
