/*
 * bound.h - one byte that no score in a block exceeds.
 *
 * A posting scores weight * tf / (tf + K) with K = k1 * (1 - b + b * length / average). Its share
 * tf / (tf + K) rises with tf / K, so the block keeps the greatest tf / K; the byte is
 * ceil(255 * share), with a margin above float rounding.
 *
 * Under an average length A' at query time, other than the A of the writer, K shrinks at most by
 * A / A': multiply the bound by max(1, A' / A), at most 1 in all. Under another k1 or b, do not
 * use bounds.
 *
 * Where a field keeps no norms, each document counts as of length 1.
 *
 *   Lifetime  plain values.   Threads  any.   Memory  none.   Errors  none.
 */
#ifndef AUK_BOUND_H
#define AUK_BOUND_H

#include <stdint.h>

typedef struct auk_bound_model {
    float inverse[256]; /* 1 / K by norm code */
} auk_bound_model;

/* 1 / K of one norm code. */
float auk_bound_inverse(float k1, float b, double average, uint8_t norm);
void auk_bound_model_init(auk_bound_model *model, float k1, float b, double average);
/* best: the greatest tf * inverse */
uint8_t auk_bound_encode(float best);
float auk_bound_decode(uint8_t bound);

#define AUK_BOUND_NORM_ABSENT 1u /* the code that stands in where there are no norms */

#endif
