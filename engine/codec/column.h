/*
 * column.h - the numbers of one field by document: format, writer, and what opens it.
 *
 * Rows are documents. Each 4096 of them are a block, coded for themselves; a directory at the end
 * says where each block is and between which values it lies. auk/segment.h has the calls that read.
 *
 *   Lifetime  a column borrows its parts. A writer serves one column after the other.
 *   Threads   a column is immutable; a cursor or writer belongs to one thread.
 *   Memory    reader: one small object in the arena. Cursor: less than 1 KiB; 32 KiB more when it
 *             decodes whole blocks; what the longest document of a multi-valued column takes.
 *             Writer: one block and one part, and what ranks.h says.
 *   Errors    AUK_CORRUPT at open for the directory, sticky in a cursor for a block. A writer's go
 *             to the output.
 *
 * Format, version 1. Numbers are little endian; written by column_writer.c and column_block.c.
 *
 *   COLUMN, parts 0 .. n-1: blocks laid end to end, a block never straddles parts. The last part
 *   ends with the directory:
 *
 *   +---------------------+---------------------+------------------------+--------+
 *   | least of each block | greatest of each    | where each block is    | footer |
 *   | i64 [blocks]        | i64 [blocks]        | 16 bytes [blocks]      | 48     |
 *   +---------------------+---------------------+------------------------+--------+
 *
 *   where   +------+--------+------+---------------------------------+
 *           | part | offset | size | values; 0: none, and no bytes   |
 *           | u32  | u32    | u32  | u32                             |
 *           +------+--------+------+---------------------------------+
 *
 *   footer  +--------+---------+-------------+------+------+----------------+--------+
 *           | "AUKC" | version | 1: ordinals | zero | rows | rows with      | values |
 *           | 4      | u8      | u8          | u16  | u32  | a value, u32   | u64    |
 *           +--------+---------+-------------+------+------+----------------+--------+
 *           +----------+--------------+--------+-------+
 *           | least    | greatest     | blocks | parts |
 *           | i64      | i64          | u32    | u32   |
 *           +----------+--------------+--------+-------+
 *
 *   A block; runs are those of packed_run.h:
 *
 *   +------------------+-----------+-------+-------------+-----------+---------+--------+
 *   | presence, u8     | code, u8  | width | width of    | rows with | table   | values |
 *   | 0 each row       | 0 formula | u8    | ends, u8    | a value   | entries | u32    |
 *   | 1 bitmap, 2 list | 1 table   |       | 0: one each | u16       | u16     |        |
 *   +------------------+-----------+-------+-------------+-----------+---------+--------+
 *   formula   base i64, factor u64, slope i64
 *   table     i64 [entries], rising (older ones: in the order in which they are met)
 *   bitmap    u64 [rows / 64, rounded up], a bit a row
 *   list      u16 [rows with a value], rising: rows of the block
 *   ends      run: for each row with a value, how many values there are up to and with it
 *   values    run: number i stands for base + factor * number + slope * i, or for table[number]
 *
 *   Always true: blocks = rows / 4096 rounded up; the last block is as long as the rest of the
 *   rows; sums wrap at 64 bits; a block with ends has a width above 0, so that the bytes there are
 *   bound the memory that one document takes.
 */
#ifndef AUK_CODEC_COLUMN_H
#define AUK_CODEC_COLUMN_H

#include "auk/segment.h"

#include "guard.h"
#include "output.h"
#include "ranks.h"

typedef struct auk_column_writer auk_column_writer;

auk_column_writer *auk_column_writer_create(auk_output *output, uint32_t row_count);
void auk_column_writer_destroy(auk_column_writer *writer);
void auk_column_writer_begin(auk_column_writer *writer, uint16_t field, bool ordinals);
/* Rows ascend, values ascend in a row. */
void auk_column_writer_value(auk_column_writer *writer, uint32_t row, int64_t value);
/* A column without values leaves nothing behind. */
void auk_column_writer_end(auk_column_writer *writer);

AUK_MUST_CHECK auk_code auk_column_open(const auk_span *parts, uint32_t part_count,
                                        uint32_t row_count, auk_arena *arena, auk_column **out,
                                        auk_error *err);
/* Its values sorted, by which it counts from now on. */
void auk_column_rank(auk_column *column, const auk_ranks *ranks);
const auk_ranks *auk_column_ranks(const auk_column *column); /* NULL: it has none */
/* Doubt the parts, which are spans of the guard. */
void auk_column_doubt(auk_column *column, auk_guard *guard);

#endif
