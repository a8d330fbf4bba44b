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

/* One loop a byte width: compilers turn these into widening vector moves. */
#define READ_WHOLE_BYTES(type)                                                                     \
    for (size_t i = 0; i < count; i++) {                                                           \
        type number;                                                                               \
        memcpy(&number, run + (first + i) * sizeof number, sizeof number);                         \
        out[i] = number;                                                                           \
    }

void auk_packed_read(const uint8_t *run, unsigned width, uint64_t first, size_t count,
                     uint64_t *out)
{
    switch (width) {
    case 0:
        memset(out, 0, count * sizeof *out);
        break;
    case 8:
        READ_WHOLE_BYTES(uint8_t)
        break;
    case 16:
        READ_WHOLE_BYTES(uint16_t)
        break;
    case 32:
        READ_WHOLE_BYTES(uint32_t)
        break;
    case 64:
        memcpy(out, run + first * 8, count * 8);
        break;
    default: {
        uint64_t mask = ((uint64_t)1 << width) - 1;
        uint64_t bit = first * width;
        for (size_t i = 0; i < count; i++, bit += width)
            out[i] = (auk_load_u64(run + (bit >> 3)) >> (bit & 7)) & mask;
    }
    }
}
