/*
 * tombstones.h - ids that were deleted, kept with the segment until they are collected.
 *
 *   Lifetime  an opened list borrows its bytes; ids read from it too.
 *   Threads   immutable when opened; one thread writes.
 *   Memory    writer: rows and ids. Reader: none.
 *   Errors    AUK_CORRUPT.
 *
 * Format, version 1. Numbers are little endian; written by tombstones.c.
 *
 *   +--------+---------+-------+-------+----------------------------+----------------------+
 *   | "AUKD" | version | zeros | count | row 0, row 1, ..           | ids laid end to end  |
 *   | 4      | u8      | 3     | u32   | 40 bytes each              |                      |
 *   +--------+---------+-------+-------+----------------------------+----------------------+
 *
 *   row  +-------------------+--------+---------+--------------+--------------+
 *        | end of id in ids  | seq_no | version | primary term | time, ms     |
 *        | u64               | i64    | i64     | i64          | i64          |
 *        +-------------------+--------+---------+--------------+--------------+
 */
#ifndef AUK_CODEC_TOMBSTONES_H
#define AUK_CODEC_TOMBSTONES_H

#include "auk/buffer.h"
#include "auk/segment.h"

typedef struct auk_tombstone_list {
    auk_buffer rows, ids;
    uint32_t count;
} auk_tombstone_list;

void auk_tombstone_list_init(auk_tombstone_list *list);
void auk_tombstone_list_deinit(auk_tombstone_list *list);
void auk_tombstone_list_add(auk_tombstone_list *list, const auk_tombstone *tombstone);
void auk_tombstone_list_write(const auk_tombstone_list *list, auk_buffer *out);

typedef struct auk_tombstones {
    const uint8_t *rows;
    auk_span ids;
    uint32_t count;
} auk_tombstones;

AUK_MUST_CHECK auk_code auk_tombstones_open(auk_span bytes, auk_tombstones *out, auk_error *err);
AUK_MUST_CHECK auk_code auk_tombstones_read(const auk_tombstones *tombstones, uint32_t index,
                                            auk_tombstone *out, auk_error *err);

#endif
