/*
 * term_order.h - sort the terms of a table by (field, bytes).
 *
 * A radix sort over the first eight bytes, most significant first, then comparison of what is left:
 * most of a dictionary is decided by its first bytes, so that few terms are read twice.
 *
 *   Lifetime  none.
 *   Threads   none of its own.
 *   Memory    two arrays of 16 bytes a term.
 *   Errors    none.
 */
#ifndef AUK_TERM_ORDER_H
#define AUK_TERM_ORDER_H

#include "term_table.h"

typedef struct auk_ordered_term {
    uint64_t prefix; /* first bytes, big endian, zero padded */
    uint32_t term;
    uint32_t start; /* the user's */
} auk_ordered_term;

/* Sorts terms of one field. spare: as long as terms. */
void auk_term_order(const auk_table_term *table, auk_ordered_term *terms, auk_ordered_term *spare,
                    size_t count);

static inline uint64_t auk_term_prefix(const char *data, size_t size)
{
    return __builtin_bswap64(auk_term_head(data, size));
}

#endif
