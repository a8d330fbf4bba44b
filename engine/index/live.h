/*
 * live.h - which documents of a segment (or rows of a buffer) are not deleted: a counted bit set.
 *
 * A segment of which nothing is deleted has none (NULL). The set is changed in place while only one
 * holder has it, and copied before the change otherwise, so that a view, a flush or a merge keeps
 * the state of its moment by holding a count.
 *
 *   Lifetime  counted; NULL is a valid set: all live.
 *   Threads   counts from any thread; changes, and acquiring from a slot that changes, under one
 *             lock.
 *   Memory    a bit a document.
 *   Errors    AUK_CORRUPT from _decode.
 *
 * As bytes, version 1, written by live.c (little endian):
 *
 *    1            varint      varint       format 1: words           format 2: varint gaps
 *   +----------+-----------+------------+- ... --------------------------------------- -+-------+
 *   | format   | doc count | dead count | the bit words | gap to the next dead document | crc32c|
 *   +----------+-----------+------------+- ... --------------------------------------- -+-------+
 *
 *   Always true: dead count > 0; gaps count from the last dead document + 1;
 *   bits past doc count are 0.
 */
#ifndef AUK_LIVE_H
#define AUK_LIVE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "auk/buffer.h"
#include "auk/error.h"
#include "auk/span.h"

#define AUK_DOC_DROPPED UINT32_MAX /* in a map of documents: not there any more */

typedef struct auk_live {
    atomic_uint holders;
    uint32_t doc_count;
    uint32_t live_count;
    uint64_t bits[]; /* 1: live */
} auk_live;

auk_live *auk_live_acquire(auk_live *live);
void auk_live_release(auk_live *live);

static inline bool auk_live_has(const auk_live *live, uint32_t doc)
{
    return live == NULL || doc >= live->doc_count || (live->bits[doc >> 6] >> (doc & 63) & 1) != 0;
}

static inline uint32_t auk_live_count(const auk_live *live, uint32_t doc_count)
{
    return live == NULL ? doc_count : live->live_count;
}

/* Marks doc as deleted in the set that slot holds; false when it was already. A set made for fewer
 * documents grows to doc_count; those that it does not reach are live. Only sets of full words
 * grow. */
bool auk_live_kill(auk_live **slot, uint32_t doc_count, uint32_t doc);

/* Carries the deletions of `from` into the set of another numbering: doc d is map[d], or dropped.
 */
void auk_live_carry(const auk_live *from, const uint32_t *map, auk_live **into,
                    uint32_t into_count);

/* Appends the bytes drawn above; live is not NULL. */
void auk_live_encode(const auk_live *live, auk_buffer *out);
AUK_MUST_CHECK auk_code auk_live_decode(auk_span bytes, uint32_t doc_count, auk_live **out,
                                        auk_error *err);

#endif
