/*
 * column_kernels.h - the inner loops over values of columns, behind one table of functions.
 *
 *   Lifetime  static.   Threads  any.   Memory  none.   Errors  none.
 */
#ifndef AUK_COLUMN_KERNELS_H
#define AUK_COLUMN_KERNELS_H

#include <stdint.h>

/* Equal intervals: place p is first + p * size up to the next, as far as last. */
typedef struct auk_places {
    int64_t first, last;
    uint64_t size;    /* 1 and more; last - first is below 2^52 where it is above 1 */
    uint32_t outside; /* the place of what is not in first .. last */
} auk_places;

/* Documents of a block, and what _list_bits may write behind them. */
#define AUK_COLUMN_LIST_ROOM (4096 + 8)

/* What a row of counts holds. */
typedef struct auk_tally {
    uint64_t sum, above; /* above: a bit a count */
    uint32_t filled;     /* counts that are not 0 */
} auk_tally;

typedef struct auk_column_kernels {
    /* A bit a value: is it in from .. to? Whole words are written, (count + 63) / 64 of them. */
    void (*mark_range)(const int64_t *values, uint32_t count, int64_t from, int64_t to,
                       uint64_t *bits);
    /* The place of each value; fewer than 2^31 - 1. */
    void (*place)(const auk_places *places, const int64_t *values, uint32_t count, uint32_t *out);
    /* base + the index of each set bit, ascending, and up to 8 numbers behind; answers how many. */
    uint32_t (*list_bits)(const uint64_t *bits, uint32_t words, uint32_t base, uint32_t *out);
    /* Of up to 64 counts; above: those greater than floor, which is below 2^32 - 1. */
    void (*tally)(const uint32_t *counts, uint32_t count, uint32_t floor, auk_tally *out);
} auk_column_kernels;

/* The best for this machine, see cpu.h. */
const auk_column_kernels *auk_column_kernels_best(void);
extern const auk_column_kernels auk_column_kernels_portable;
extern const auk_column_kernels auk_column_kernels_avx2; /* where the compiler targets x86-64 */

#endif
