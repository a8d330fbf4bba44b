/*
 * bm25.h - Lucene's BM25Similarity, k1 1.2 and b 0.75, to the bit.
 *
 * A posting scores weight - weight / (1 + frequency * inverse[length code]), in float, where weight
 * is boost * idf and inverse is made once a field and shard from the average length there.
 *
 *   Lifetime  plain values.   Threads  any.   Memory  none.   Errors  none.
 */
#ifndef AUK_BM25_H
#define AUK_BM25_H

#include <stdbool.h>
#include <stdint.h>

#define AUK_BM25_K1 1.2f
#define AUK_BM25_B  0.75f

typedef struct auk_bm25_field {
    uint64_t doc_count; /* with the field, deleted ones included */
    uint64_t sum_total_freq;
    float average_length;
    float inverse[256]; /* by length code */
} auk_bm25_field;

/* What stands in for the length code where a field keeps none: length 1. */
#define AUK_BM25_NORM_ABSENT 1

/* Without scores inverse is left as it is. */
void auk_bm25_field_init(auk_bm25_field *field, uint64_t doc_count, uint64_t sum_total_freq,
                         bool scores);
float auk_bm25_idf(uint64_t doc_freq, uint64_t doc_count);

/* Above the rounding of bound and score. */
#define AUK_BM25_BOUND_MARGIN 1.000001f
/* A bound of the segment assumes the average length that it was written with: what to multiply it
 * with, so that it holds under the field's (see the codec's bound.h). */
float auk_bm25_bound_scale(const auk_bm25_field *field, double written_average);
/* The same for what a segment says its documents reach: that goes down with the average. */
float auk_bm25_reached_scale(const auk_bm25_field *field, double written_average);

static inline float auk_bm25_score(float weight, float freq, float inverse)
{
    return weight - weight / (1.0f + freq * inverse);
}

#endif
