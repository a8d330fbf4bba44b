/*
 * terms_samples.h - every so manieth prefix of a dictionary's blocks, side by side.
 *
 * A search among all prefixes meets a line of memory a step, one after the other, and each of them
 * may have left the caches. The samples stay in them, and lead to a few lines that are loaded at
 * once. They are made by the first search, because only then the prefixes are known to be sound.
 *
 *   Lifetime  the arena's.   Threads  any: one makes them, the others do without meanwhile.
 *   Memory    8 bytes for AUK_SAMPLE_STEP blocks of terms.   Errors  none.
 */
#ifndef AUK_TERMS_SAMPLES_H
#define AUK_TERMS_SAMPLES_H

#include <stdatomic.h>

#include "auk/arena.h"

#define AUK_SAMPLE_STEP  32u
#define AUK_SAMPLED_FROM 256u /* blocks; fewer are searched as soon without */

typedef struct auk_terms_samples {
    atomic_uint state;
    uint32_t count;
    uint64_t prefixes[];
} auk_terms_samples;

/* NULL for few blocks. */
auk_terms_samples *auk_terms_samples_create(uint32_t block_count, auk_arena *arena);
/*
 * Narrows the search for the first block whose prefix is above key to *length blocks from *from on,
 * or the one behind them. prefixes: block_count big-endian numbers that do not fall. Without
 * samples (NULL) they are all.
 */
void auk_terms_samples_narrow(auk_terms_samples *samples, const uint8_t *prefixes,
                              uint32_t block_count, uint64_t key, uint32_t *from, uint32_t *length);

#endif
