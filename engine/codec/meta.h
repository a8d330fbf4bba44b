/*
 * meta.h - the first and the last value of a segment: what it is, and what it must consist of.
 *
 * HEAD is put first and META last, so that a file with both is complete. META names every value
 * before it with size and checksum: opening compares sizes, verifying compares bytes. HEAD fills a
 * block of the store by itself, because ingestion reads the first and the last block of a file
 * whatever their length.
 *
 *   Lifetime  a parsed META borrows its bytes.
 *   Threads   none of its own.
 *   Memory    _read: none. _write: the buffer.
 *   Errors    AUK_CORRUPT.
 *
 * Format, version 1. Numbers are little endian; written by meta.c.
 *
 *   HEAD    +------------------+---------------+------------------------+
 *           | magic "AUKSEGMT" | version       | zeros                  |
 *           | 8                | u8            | to 4096 bytes in all   |
 *           +------------------+---------------+------------------------+
 *
 *   META    +------------------+---------+-------+-----------+------------+-------------+
 *           | magic "AUKM"     | version | zeros | doc count | max seq_no | value count |
 *           | 4                | u8      | 3     | u32       | i64        | u32         |
 *           +------------------+---------+-------+-----------+------------+-------------+
 *           then for each value in the order put, HEAD first, META left out
 *           +------+------+-------+------+------+-----------------+
 *           | kind | zero | field | part | size | crc32c of bytes |
 *           | u8   | u8   | u16   | u32  | u64  | u32             |
 *           +------+------+-------+------+------+-----------------+
 *           then the crc32c of all of META before it, u32
 *
 *   Always true: META's size is 24 + 20 * value count + 4. What is known of a field stands in its
 *   own values: term statistics in TERM_INDEX, least and greatest number in COLUMN.
 */
#ifndef AUK_CODEC_META_H
#define AUK_CODEC_META_H

#include <stdint.h>

#include "auk/buffer.h"
#include "auk/error.h"
#include "auk/span.h"

#define AUK_HEAD_SIZE 4096

typedef struct auk_meta_value {
    uint8_t kind;
    uint16_t field;
    uint32_t part;
    uint64_t size;
    uint32_t checksum;
} auk_meta_value;

typedef struct auk_meta {
    uint32_t doc_count;
    int64_t max_seq_no;
    uint32_t value_count;
    const uint8_t *values; /* packed rows, see auk_meta_value_at */
} auk_meta;

/* The bytes of HEAD, static. */
auk_span auk_head_bytes(void);
AUK_MUST_CHECK auk_code auk_head_check(auk_span bytes, auk_error *err);

/* values and value_count of meta are not looked at; the rows come from values. */
void auk_meta_write(auk_buffer *out, const auk_meta *meta, const auk_meta_value *values,
                    uint32_t count);
/* Checks size, version and META's own checksum. */
AUK_MUST_CHECK auk_code auk_meta_read(auk_span bytes, auk_meta *out, auk_error *err);
/* index < value_count */
auk_meta_value auk_meta_value_at(const auk_meta *meta, uint32_t index);

#endif
