#include "score_kernels.h"

#include "auk/cpu.h"
#include "bm25.h"

static void score(float weight, const uint32_t *freqs, float *scores, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        scores[i] = auk_bm25_score(weight, (float)freqs[i], scores[i]);
}

static uint32_t keep_above(float floor, uint32_t *docs, float *scores, uint32_t count)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        float value = scores[i];
        docs[kept] = docs[i];
        scores[kept] = value;
        kept += value >= floor;
    }
    return kept;
}

const auk_score_kernels auk_score_kernels_portable = {.score = score, .keep_above = keep_above};

const auk_score_kernels *auk_score_kernels_best(void)
{
#if defined(__x86_64__)
    if (auk_cpu_level() >= AUK_CPU_AVX2)
        return &auk_score_kernels_avx2;
#endif
    return &auk_score_kernels_portable;
}
