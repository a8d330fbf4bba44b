/*
 * id_filter.h - says of most ids that a segment does not hold them, in one cache miss.
 *
 * A blocked Bloom filter: an id picks one block of 32 bytes and sets one bit in each of its eight
 * words. With 12 bits an id, about one absent id in a hundred passes; no present id is ever
 * refused.
 *
 *   Lifetime  an opened filter borrows its bytes.
 *   Threads   immutable when opened; one thread writes.
 *   Memory    writer: the whole filter, 1.5 bytes an id. Reader: none.
 *   Errors    AUK_CORRUPT at open.
 *
 * Format, version 1. Numbers are little endian; written by id_filter.c.
 *
 *   +--------+---------+-------+--------+-----------+--------------------------+
 *   | "AUKF" | version | zeros | blocks | ids       | block 0, block 1, ..     |
 *   | 4      | u8      | 3     | u32    | u32       | 8 words of u32 each      |
 *   +--------+---------+-------+--------+-----------+--------------------------+
 *
 *   h = auk_hash(id, 0). Block: (h >> 32) * blocks >> 32. Bit in word i: the low 32 bits of
 *   h * salt[i], >> 27. The salts are in id_filter.c.
 */
#ifndef AUK_CODEC_ID_FILTER_H
#define AUK_CODEC_ID_FILTER_H

#include <stdbool.h>
#include <stdint.h>

#include "auk/buffer.h"
#include "auk/error.h"
#include "auk/span.h"

/* id_count: as many as will be added, or more. Adds the empty filter to an empty buffer. */
void auk_id_filter_begin(auk_buffer *filter, uint32_t id_count);
void auk_id_filter_add(auk_buffer *filter, auk_span id);

typedef struct auk_id_filter {
    const uint8_t *blocks;
    uint32_t block_count; /* 0: no filter, everything may be there */
} auk_id_filter;

AUK_MUST_CHECK auk_code auk_id_filter_open(auk_span bytes, auk_id_filter *out, auk_error *err);
bool auk_id_filter_may_hold(const auk_id_filter *filter, auk_span id);

#endif
