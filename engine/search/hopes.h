/*
 * hopes.h - how long a document may be, by how often it has a term, and still reach a floor.
 *
 * Most documents of a block that may hold a hit are none. A byte of each tells, before its score is
 * worked out.
 *
 *   Lifetime  plain values.   Threads  any.   Memory  none.   Errors  none.
 */
#ifndef AUK_HOPES_H
#define AUK_HOPES_H

#include <stdint.h>

#define AUK_HOPES_FREQS 15u /* from this frequency on the limit is the same: any length */

typedef struct auk_hopes {
    uint32_t least;                      /* frequency with a limit above 0 */
    uint8_t limits[AUK_HOPES_FREQS + 2]; /* of length codes, by frequency; the last one twice */
} auk_hopes;

/* For scores of that weight (bm25.h) and a field of that average length. All that reach floor are
 * within the limits, and some that do not. */
void auk_hopes_find(auk_hopes *hopes, float floor, float weight, float average_length);

static inline uint8_t auk_hopes_limit(const auk_hopes *hopes, uint32_t freq)
{
    return hopes->limits[freq < AUK_HOPES_FREQS ? freq : AUK_HOPES_FREQS];
}

#endif
