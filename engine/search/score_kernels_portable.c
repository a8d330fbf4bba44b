#include "score_kernels.h"

#include "auk/cpu.h"
#include "bm25.h"

static void score(float weight, const uint32_t *freqs, float *scores, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        scores[i] = auk_bm25_score(weight, (float)freqs[i], scores[i]);
}

const auk_score_kernels auk_score_kernels_portable = {.score = score};

const auk_score_kernels *auk_score_kernels_best(void)
{
#if defined(__x86_64__)
    if (auk_cpu_level() >= AUK_CPU_AVX2)
        return &auk_score_kernels_avx2;
#endif
    return &auk_score_kernels_portable;
}
