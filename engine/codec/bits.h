/* bits.h - varints and packed bits inside a unit of a part (part.h), read inline. */
#ifndef AUK_BITS_H
#define AUK_BITS_H

#include "auk/varint.h"

static inline unsigned auk_bits_needed(uint64_t value)
{
    return value == 0 ? 0 : 64 - (unsigned)__builtin_clzll(value);
}

/* Set bits, in plain arithmetic: without the machine's instruction the builtin is a call. */
static inline unsigned auk_bits_count(uint64_t word)
{
    word -= word >> 1 & UINT64_C(0x5555555555555555);
    word = (word & UINT64_C(0x3333333333333333)) + (word >> 2 & UINT64_C(0x3333333333333333));
    word = (word + (word >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (unsigned)(word * UINT64_C(0x0101010101010101) >> 56);
}

/* How many values do not fit width bits. */
static inline uint32_t auk_bits_count_wider(const uint32_t *values, uint32_t count, unsigned width)
{
    uint32_t wider = 0;
    for (uint32_t i = 0; i < count; i++)
        wider += (uint32_t)(values[i] >> width != 0);
    return wider;
}

/* Bits of the greatest of count values. */
static inline unsigned auk_bits_widest(const uint32_t *values, uint32_t count)
{
    uint32_t all = 0;
    for (uint32_t i = 0; i < count; i++)
        all |= values[i];
    return auk_bits_needed(all);
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
