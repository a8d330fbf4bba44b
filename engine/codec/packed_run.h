/*
 * packed_run.h - numbers of one width laid bit to bit, readable at any index.
 *
 * Format. Number i occupies bits [i * width, +width) of the run, low bits first; widths are 0..57
 * and 64. A width in between would need two loads, so a writer takes 64 instead. Runs of
 * width 1..57 end in seven zero bytes, so that one eight byte load at any number stays inside the
 * run.
 *
 *   Lifetime  the run's bytes are borrowed.   Threads  none.   Memory  none.
 *   Errors    none: callers check auk_packed_size against the bytes there are.
 */
#ifndef AUK_CODEC_PACKED_RUN_H
#define AUK_CODEC_PACKED_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auk/buffer.h"
#include "auk/varint.h"

#define AUK_PACKED_PAD 7

/* The width for numbers up to maximum. */
static inline unsigned auk_packed_width(uint64_t maximum)
{
    unsigned bits = maximum ? 64 - (unsigned)__builtin_clzll(maximum) : 0;
    return bits > 57 ? 64 : bits;
}

static inline bool auk_packed_width_is_known(unsigned width)
{
    return width <= 57 || width == 64;
}

static inline uint64_t auk_packed_size(uint64_t count, unsigned width)
{
    if (width == 0 || width == 64 || count == 0)
        return count * (width / 8);
    return (count * width + 7) / 8 + AUK_PACKED_PAD;
}

static inline uint64_t auk_packed_get(const uint8_t *run, unsigned width, uint64_t index)
{
    if (width == 64)
        return auk_load_u64(run + index * 8);
    if (width == 0)
        return 0;
    uint64_t bit = index * width;
    return (auk_load_u64(run + (bit >> 3)) >> (bit & 7)) & (((uint64_t)1 << width) - 1);
}

void auk_packed_append(auk_buffer *out, const uint64_t *numbers, size_t count, unsigned width);

#endif
