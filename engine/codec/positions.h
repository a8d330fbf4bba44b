/*
 * positions.h - the positions of the documents of one block, each document's readable alone.
 *
 * A chunk holds the positions of up to 256 documents as gaps that start anew in each document (the
 * first gap is the position itself). The n gaps are cut into groups of 128; each group has a width
 * of its own and may patch a few gaps that are wider. With n known from the frequencies in front of
 * a document, its gaps start in group n / 128 at bit width * (n % 128).
 *
 * Format, version 1 (of the field: dictionary.h); in units of POSITIONS.
 *
 *   +------------------+---------+---------+- .. -+
 *   | head a group     | group 0 | group 1 |      |
 *   +------------------+---------+---------+- .. -+
 *     1 byte each: width 1..32 in the low six bits, patches 0, 3, 8 or 16 in the high two
 *
 *   group   (gaps * width + 7) / 8 bytes of gaps, low bits first
 *           patches of 2 bytes: index in the group, eight bits to put above the width; spare
 *           ones add 0
 *
 * A list's chunks follow each other; pos_offset of the list (postings.h) says where each starts.
 * A term of one document with one position has no chunk: the dictionary keeps the position.
 *
 *   Lifetime  a reader borrows the bytes.
 *   Threads   one a reader.
 *   Memory    none.
 *   Errors    _open and _read answer false for damage.
 */
#ifndef AUK_POSITIONS_H
#define AUK_POSITIONS_H

#include "auk/buffer.h"
#include "kernels.h"

#define AUK_POSITIONS_GROUP 128u

/* Appends the chunk of count gaps. */
void auk_positions_encode(const uint32_t *gaps, size_t count, auk_buffer *out);

typedef struct auk_positions_chunk {
    const uint8_t *heads;
    const uint8_t *limit;
    uint64_t count; /* gaps */
    uint64_t group; /* where the reader stands, so that rising reads do not start over */
    const uint8_t *at;
} auk_positions_chunk;

/* limit: end of the part's units. count: all gaps of the chunk. */
AUK_MUST_CHECK bool auk_positions_chunk_open(auk_positions_chunk *chunk, const uint8_t *at,
                                             const uint8_t *limit, uint64_t count);
/* Stands where the gaps of a document begin and begins to load them. */
AUK_MUST_CHECK bool auk_positions_chunk_expect(auk_positions_chunk *chunk, uint64_t first);
/*
 * The positions of a document whose gaps are first .. first + count; out has room for count +
 * AUK_KERNEL_SLACK. first + count is at most the chunk's count.
 */
AUK_MUST_CHECK bool auk_positions_chunk_read(auk_positions_chunk *chunk, const auk_kernels *kernels,
                                             uint64_t first, uint32_t count, uint32_t *out);
/*
 * The same for many documents in rising order, as rows: the gaps of document i are firsts[i] .. +
 * counts[i], its positions are written to out from starts[i] on. Rows do not overlap when each is
 * taken to end at a multiple of AUK_ROW_STEP from its start; out has AUK_KERNEL_SLACK behind the
 * last.
 */
AUK_MUST_CHECK bool auk_positions_chunk_read_rows(auk_positions_chunk *chunk,
                                                  const auk_kernels *kernels,
                                                  const uint32_t *firsts, const uint32_t *counts,
                                                  const uint32_t *starts, uint32_t row_count,
                                                  uint32_t *out);

/* All gaps, with AUK_KERNEL_SLACK behind them. */
AUK_MUST_CHECK bool auk_positions_chunk_read_gaps(auk_positions_chunk *chunk,
                                                  const auk_kernels *kernels, uint32_t *out);

/* Bytes of a group with this head; 0 when there is no such head. */
static inline size_t auk_positions_group_size(uint8_t head, uint32_t gaps)
{
    static const uint8_t patches[4] = {0, 3, 8, 16};
    unsigned width = head & 63u;
    if (width == 0 || width > 32)
        return 0;
    return ((size_t)gaps * width + 7) / 8 + 2u * patches[head >> 6];
}

#endif
