/*
 * score_kernels.h - the inner loops of scoring, behind one table of functions.
 *
 *   Lifetime  static.   Threads  any.   Memory  none.   Errors  none.
 */
#ifndef AUK_SCORE_KERNELS_H
#define AUK_SCORE_KERNELS_H

#include <stdint.h>

#include "auk/segment.h"

#define AUK_SCORE_KERNEL_SLACK 7u

typedef struct auk_score_kernels {
    /* scores: the inverse of each document's length on the way in, its BM25 score on the way out
     * (bm25.h), to the bit. */
    void (*score)(float weight, const uint32_t *freqs, float *scores, uint32_t count);
    /* Keeps the pairs whose score is at least floor, in their order; answers how many. */
    uint32_t (*keep_above)(float floor, uint32_t *docs, float *scores, uint32_t count);
    /* The indices of those of count documents, at most 256, whose code is at most
     * limits[frequency]; 15 and more are as 15. indices has room for count. Answers how many. */
    uint32_t (*within)(const uint8_t limits[16], const uint32_t *freqs, const uint8_t *codes,
                       uint32_t count, uint8_t *indices);
    /* Set bits of a, or of a and b (NULL: a alone). */
    uint32_t (*count_bits)(const uint64_t *a, const uint64_t *b, uint32_t words);
    /* Keeps in each row of x the numbers that, plus x_away, are among y's plus y_away. All rise.
     * Reads up to AUK_SCORE_KERNEL_SLACK numbers behind a row, and writes as far in x. */
    void (*keep_pairs)(auk_position_rows *x, uint32_t x_away, const auk_position_rows *y,
                       uint32_t y_away);
    /* The same where nothing but counts is wanted: positions of x may be anything then. */
    void (*count_pairs)(auk_position_rows *x, uint32_t x_away, const auk_position_rows *y,
                        uint32_t y_away);
} auk_score_kernels;

/* The best for this machine, see cpu.h. */
const auk_score_kernels *auk_score_kernels_best(void);
extern const auk_score_kernels auk_score_kernels_portable;
extern const auk_score_kernels auk_score_kernels_avx2; /* where the compiler targets x86-64 */

/* Of one row, for other tables; answers how many are kept. */
uint32_t auk_portable_keep_pairs(uint32_t *x, uint32_t x_count, uint32_t x_away, const uint32_t *y,
                                 uint32_t y_count, uint32_t y_away);

#endif
