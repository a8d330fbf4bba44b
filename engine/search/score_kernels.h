/*
 * score_kernels.h - the inner loops of scoring, behind one table of functions.
 *
 *   Lifetime  static.   Threads  any.   Memory  none.   Errors  none.
 */
#ifndef AUK_SCORE_KERNELS_H
#define AUK_SCORE_KERNELS_H

#include <stdint.h>

#define AUK_SCORE_KERNEL_SLACK 7u

typedef struct auk_score_kernels {
    /* scores: the inverse of each document's length on the way in, its BM25 score on the way out
     * (bm25.h), to the bit. */
    void (*score)(float weight, const uint32_t *freqs, float *scores, uint32_t count);
    /* Keeps the pairs whose score is at least floor, in their order; answers how many. */
    uint32_t (*keep_above)(float floor, uint32_t *docs, float *scores, uint32_t count);
    /* Set bits of a, or of a and b (NULL: a alone). */
    uint32_t (*count_bits)(const uint64_t *a, const uint64_t *b, uint32_t words);
    /* How many of a's numbers, plus distance, are among b's; both rise. Reads up to
     * AUK_SCORE_KERNEL_SLACK numbers behind a. */
    uint32_t (*count_pairs)(const uint32_t *a, uint32_t a_count, const uint32_t *b,
                            uint32_t b_count, uint32_t distance);
} auk_score_kernels;

/* The best for this machine, see cpu.h. */
const auk_score_kernels *auk_score_kernels_best(void);
extern const auk_score_kernels auk_score_kernels_portable;
extern const auk_score_kernels auk_score_kernels_avx2; /* where the compiler targets x86-64 */

#endif
