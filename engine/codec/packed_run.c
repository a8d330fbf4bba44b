#include "packed_run.h"

void auk_packed_append(auk_buffer *out, const uint64_t *numbers, size_t count, unsigned width)
{
    size_t size = (size_t)auk_packed_size(count, width);
    if (size == 0)
        return;
    if (width == 64) {
        auk_buffer_append(out, auk_span_make(numbers, size));
        return;
    }
    /* Whole words are stored and overlap what follows, so one more word of room is asked for. */
    char *at = auk_buffer_reserve(out, size + 8);
    if (!at)
        return;
    char *end = at + size;
    uint64_t bits = 0;
    unsigned used = 0;
    for (size_t i = 0; i < count; i++) {
        bits |= numbers[i] << used;
        used += width;
        memcpy(at, &bits, sizeof bits);
        at += used >> 3;
        bits = used == 64 ? 0 : bits >> (used & ~7u);
        used &= 7;
    }
    memcpy(at, &bits, sizeof bits);
    memset(end - AUK_PACKED_PAD, 0, AUK_PACKED_PAD);
    out->size += size;
}
