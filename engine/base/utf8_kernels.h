/*
 * utf8_kernels.h - the ways to check a text, see cpu.h; utf8.c chooses.
 *
 *   Lifetime  none.   Threads  any.   Memory  none.   Errors  none.
 */
#ifndef AUK_UTF8_KERNELS_H
#define AUK_UTF8_KERNELS_H

#include "auk/utf8.h"

bool auk_utf8_valid_portable(auk_span text);
bool auk_utf8_valid_avx2(auk_span text); /* where the compiler targets x86-64 */

#endif
