/*
 * ranks.h - the values of a column once more, sorted, so that how many lie in a range is read off.
 *
 * A column says of each document which value it has; to count a range that way is to look at all of
 * them. Sorted, a value's place is the number of those below it, and two places are a count.
 *
 * Kept for numbers of the user's fields, one a document, where there are enough of them and zones
 * tell too little: where values fall with the documents, all blocks but a few are in a range or out
 * of it.
 *
 *   Lifetime  ranks borrow their bytes.
 *   Threads   ranks are immutable; a writer belongs to one thread.
 *   Memory    reader: one small object in the arena; 4 KiB of stack a look-up. Writer: 16 bytes a
 *             value while a column is written, for no more than AUK_RANKS_MOST of them.
 *   Errors    damaged bytes are as good as none, for whoever counts has the column. A writer's go
 *             to the output.
 *
 * Format, version 2 (1 had no factor). Numbers are little endian; written by ranks_writer.c; one
 * part.
 *
 *   +--------+---------+--------+------+--------+---------------+-----------------+--------+
 *   | "AUKR" | version | values | zero | factor | least of each | where each ends | blocks |
 *   | 4      | u32     | u32    | u32  | u64    | i64 [blocks]  | u32 [blocks]    |        |
 *   +--------+---------+--------+------+--------+---------------+-----------------+--------+
 *   block     width u8, then a run (packed_run.h) of the distances from each value to the next, in
 *             multiples of the factor, which all values share: whole seconds, say
 *
 *   Always true: blocks = values / 512 rounded up, all are of 512 values but the last; ends count
 *   from the first block; no value is below the one in front of it.
 */
#ifndef AUK_CODEC_RANKS_H
#define AUK_CODEC_RANKS_H

#include "auk/arena.h"
#include "auk/segment.h"

#include "guard.h"
#include "output.h"

#define AUK_RANKS_BLOCK 512u
#define AUK_RANKS_LEAST (1u << 15) /* below, a column is looked through in no time */
#define AUK_RANKS_MOST  (1u << 23)

typedef struct auk_ranks auk_ranks;

/* value: a span of the guard, which may be NULL. NULL: the head is damaged. */
const auk_ranks *auk_ranks_open(const auk_span *value, auk_guard *guard, auk_arena *arena);
uint32_t auk_ranks_count(const auk_ranks *ranks);
/* How many values are below the limit; false: the bytes are damaged. */
AUK_MUST_CHECK bool auk_ranks_below(const auk_ranks *ranks, int64_t limit, uint64_t *out);
/* The values of a block, rising; 0: there is no such block, or its bytes are damaged. */
uint32_t auk_ranks_block(const auk_ranks *ranks, uint32_t block, int64_t values[AUK_RANKS_BLOCK]);

/* Values in any order, into room that grows. */
typedef struct auk_ranks_writer {
    bool keeps; /* else nothing is kept nor written */
    uint64_t *values;
    uint32_t count, capacity;
} auk_ranks_writer;

void auk_ranks_writer_deinit(auk_ranks_writer *writer);
void auk_ranks_writer_begin(auk_ranks_writer *writer, bool keeps);
void auk_ranks_writer_add(auk_ranks_writer *writer, int64_t value);
/* Sorts and puts what was kept, which lies in least .. most. */
void auk_ranks_writer_end(auk_ranks_writer *writer, uint16_t field, int64_t least, int64_t most,
                          auk_output *output);

#endif
