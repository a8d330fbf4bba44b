/*
 * posting_order.h - the postings of one term, taken in any order and handed out by document.
 *
 * Positions wait as gaps in varints, a byte or two each. Short lists are sorted by insertion, lists
 * that hold much of a segment by a slot a document, all others by radix.
 *
 *   Lifetime  _init .. _deinit; one term after the other, _reset between.
 *   Threads   one.
 *   Memory    32 bytes a posting and 1 to 2 a position of the longest list, 4 bytes a document of
 *             the segment.
 *   Errors    none.
 */
#ifndef AUK_POSTING_ORDER_H
#define AUK_POSTING_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "auk/buffer.h"

#include "vector.h"

typedef struct auk_waiting_posting {
    uint32_t doc, freq;
    uint64_t positions; /* where they begin; UINT64_MAX: none were given */
} auk_waiting_posting;

typedef struct auk_posting_order {
    uint32_t doc_count;
    AUK_VECTOR(auk_waiting_posting) postings;
    AUK_VECTOR(uint64_t) keys, spare; /* document << 32 | place in postings */
    AUK_VECTOR(uint32_t) unpacked;    /* positions of one posting */
    uint32_t *slots;                  /* a document: place in postings + 1; NULL: not needed yet */
    auk_buffer gaps;
} auk_posting_order;

/* doc_count: documents are below it. */
void auk_posting_order_init(auk_posting_order *order, uint32_t doc_count);
void auk_posting_order_deinit(auk_posting_order *order);
void auk_posting_order_reset(auk_posting_order *order);

/* positions: freq of them, ascending, or NULL. */
void auk_posting_order_add(auk_posting_order *order, uint32_t doc, uint32_t freq,
                           const uint32_t *positions);

/* After the last _add: hands each one out, documents ascending; positions are borrowed meanwhile.
 */
void auk_posting_order_each(auk_posting_order *order,
                            void (*visit)(void *context, uint32_t doc, uint32_t freq,
                                          const uint32_t *positions),
                            void *context);

/* Bytes that a list of so many postings and positions takes while it waits. */
size_t auk_posting_order_bytes(uint32_t doc_count, uint64_t postings, uint64_t positions);

#endif
