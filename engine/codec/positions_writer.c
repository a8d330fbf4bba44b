#include "bits.h"
#include "positions.h"

static const uint8_t patch_slots[4] = {0, 3, 8, 16};

/* The head that makes the group shortest. */
static uint8_t choose_head(const uint32_t *gaps, uint32_t count)
{
    unsigned widest = auk_bits_widest(gaps, count);
    if (widest == 0)
        widest = 1;

    uint8_t best = (uint8_t)widest;
    size_t best_size = auk_positions_group_size(best, count);
    unsigned slots = 1;
    for (unsigned width = widest - 1; width >= 1 && width + 8 >= widest; width--) {
        uint32_t wider = auk_bits_count_wider(gaps, count, width);
        while (slots < 4 && patch_slots[slots] < wider)
            slots++;
        if (slots == 4)
            break;
        uint8_t head = (uint8_t)(slots << 6 | width);
        size_t size = auk_positions_group_size(head, count);
        if (size < best_size) {
            best = head;
            best_size = size;
        }
    }
    return best;
}

static uint8_t *write_gaps(const uint32_t *gaps, uint32_t count, unsigned width, uint8_t *out)
{
    uint64_t mask = (UINT64_C(1) << width) - 1, word = 0;
    unsigned bits = 0;
    for (uint32_t i = 0; i < count; i++) {
        word |= (gaps[i] & mask) << bits;
        bits += width;
        if (bits >= 32) {
            auk_store_u32(out, (uint32_t)word);
            out += 4;
            word >>= 32;
            bits -= 32;
        }
    }
    for (; bits > 0; bits = bits > 8 ? bits - 8 : 0, word >>= 8)
        *out++ = (uint8_t)word;
    return out;
}

static void write_patches(const uint32_t *gaps, uint32_t count, unsigned width, unsigned slots,
                          uint8_t *out)
{
    memset(out, 0, 2u * slots);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t high = (uint64_t)gaps[i] >> width;
        if (high == 0)
            continue;
        *out++ = (uint8_t)i;
        *out++ = (uint8_t)high;
    }
}

void auk_positions_encode(const uint32_t *gaps, size_t count, auk_buffer *out)
{
    size_t groups = (count + AUK_POSITIONS_GROUP - 1) / AUK_POSITIONS_GROUP;
    size_t heads = out->size;
    (void)auk_buffer_reserve(out, groups);
    out->size += groups;

    for (size_t group = 0; group < groups; group++) {
        const uint32_t *at = gaps + group * AUK_POSITIONS_GROUP;
        size_t left = count - group * AUK_POSITIONS_GROUP;
        uint32_t here = left < AUK_POSITIONS_GROUP ? (uint32_t)left : AUK_POSITIONS_GROUP;

        uint8_t head = choose_head(at, here);
        size_t size = auk_positions_group_size(head, here);
        uint8_t *bytes = (uint8_t *)auk_buffer_reserve(out, size);
        uint8_t *patches = write_gaps(at, here, head & 63u, bytes);
        if (head >> 6 != 0)
            write_patches(at, here, head & 63u, patch_slots[head >> 6], patches);
        out->data[heads + group] = (char)head;
        out->size += size;
    }
}
