#include "auk/cpu.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

enum { UNKNOWN = -1, LEVELS = AUK_CPU_AVX2 + 1 };

static const char *const names[LEVELS] = {"portable", "avx2"};

static auk_cpu best(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
        __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt"))
        return AUK_CPU_AVX2;
#endif
    return AUK_CPU_PORTABLE;
}

static auk_cpu choose(void)
{
    auk_cpu most = best();
    const char *wish = getenv("AUK_CPU");
    for (unsigned level = 0; wish && level < most; level++)
        if (strcmp(wish, names[level]) == 0)
            return (auk_cpu)level;
    return most;
}

auk_cpu auk_cpu_level(void)
{
    static atomic_int chosen = UNKNOWN;
    int level = atomic_load_explicit(&chosen, memory_order_relaxed);
    if (level == UNKNOWN) {
        level = (int)choose(); /* the same for every thread that gets here */
        atomic_store_explicit(&chosen, level, memory_order_relaxed);
    }
    return (auk_cpu)level;
}

const char *auk_cpu_name(auk_cpu level)
{
    return names[level];
}
