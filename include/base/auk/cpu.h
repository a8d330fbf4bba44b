/*
 * cpu.h - which instructions the kernels may use, chosen once.
 *
 * Kernels come as tables of functions, one a level, the portable one in plain C; a table for a
 * higher level gives the same results. The level is the best that this machine has, or a lower one
 * that the environment names: AUK_CPU=portable, avx2.
 *
 *   Lifetime  the process.   Threads  any.   Memory  none.   Errors  an unknown name: the best.
 */
#ifndef AUK_CPU_H
#define AUK_CPU_H

typedef enum auk_cpu {
    AUK_CPU_PORTABLE,
    AUK_CPU_AVX2, /* with BMI1, BMI2, POPCNT: x86-64-v3 */
} auk_cpu;

auk_cpu auk_cpu_level(void);
const char *auk_cpu_name(auk_cpu level);

#endif
