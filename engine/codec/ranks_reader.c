#include "kernels.h"
#include "packed_run.h"
#include "ranks.h"

#define VERSION    2
#define HEAD_SIZE  24
#define PLACE_SIZE 12 /* of a block */

struct auk_ranks {
    const auk_span *value;
    auk_guard *guard;
    uint32_t count, block_count;
    uint64_t factor;
    const uint8_t *firsts, *ends, *blocks;
    size_t size; /* of the blocks */
};

const auk_ranks *auk_ranks_open(const auk_span *value, auk_guard *guard, auk_arena *arena)
{
    const uint8_t *bytes = auk_span_bytes(*value);
    if (value->size < HEAD_SIZE || memcmp(bytes, "AUKR", 4) != 0 ||
        auk_load_u32(bytes + 4) != VERSION || auk_load_u64(bytes + 16) == 0)
        return NULL;
    uint32_t count = auk_load_u32(bytes + 8);
    uint32_t blocks = count / AUK_RANKS_BLOCK + (count % AUK_RANKS_BLOCK != 0);
    if ((value->size - HEAD_SIZE) / PLACE_SIZE < blocks)
        return NULL;
    auk_ranks *ranks = AUK_ARENA_NEW(arena, auk_ranks);
    ranks->value = value;
    ranks->guard = guard;
    ranks->count = count;
    ranks->block_count = blocks;
    ranks->factor = auk_load_u64(bytes + 16);
    ranks->firsts = bytes + HEAD_SIZE;
    ranks->ends = ranks->firsts + (size_t)blocks * 8;
    ranks->blocks = ranks->ends + (size_t)blocks * 4;
    ranks->size = value->size - HEAD_SIZE - (size_t)blocks * PLACE_SIZE;
    return ranks;
}

uint32_t auk_ranks_count(const auk_ranks *ranks)
{
    return ranks->count;
}

static int64_t first_of(const auk_ranks *ranks, uint32_t block)
{
    return (int64_t)auk_load_u64(ranks->firsts + (size_t)block * 8);
}

/* The distances from value to value, one less than there are values, which is answered; 0: damaged.
 */
static uint32_t read_steps(const auk_ranks *ranks, uint32_t block,
                           uint64_t steps[AUK_RANKS_BLOCK + AUK_KERNEL_SLACK])
{
    const uint8_t *ends = ranks->ends + (size_t)block * 4;
    uint32_t first = block ? auk_load_u32(ends - 4) : 0, end = auk_load_u32(ends);
    uint32_t rest = ranks->count - block * AUK_RANKS_BLOCK;
    uint32_t count = rest < AUK_RANKS_BLOCK ? rest : AUK_RANKS_BLOCK;
    if (first >= end || end > ranks->size)
        return 0;
    const uint8_t *run = ranks->blocks + first + 1;
    unsigned width = run[-1];
    size_t size = end - first - 1;
    if (!auk_packed_width_is_known(width) || size != auk_packed_size(count - 1, width))
        return 0;
    if (width == 64)
        memcpy(steps, run, size);
    else if (width == 0)
        memset(steps, 0, (count - 1) * sizeof *steps);
    else
        auk_kernels_best()->unpack_line(run, size, 0, width, &(auk_line){0, 1, 0}, count - 1,
                                        steps);
    return count;
}

uint32_t auk_ranks_block(const auk_ranks *ranks, uint32_t block, int64_t values[AUK_RANKS_BLOCK])
{
    uint64_t steps[AUK_RANKS_BLOCK + AUK_KERNEL_SLACK];
    if (block >= ranks->block_count || !auk_guard_passes(ranks->guard, ranks->value))
        return 0;
    uint64_t value = (uint64_t)first_of(ranks, block);
    uint32_t count = read_steps(ranks, block, steps);
    for (uint32_t i = 0; i < count; i++) {
        values[i] = (int64_t)value;
        value += i + 1 < count ? steps[i] * ranks->factor : 0;
    }
    return count;
}

/* Blocks that begin below the limit. */
static uint32_t count_blocks(const auk_ranks *ranks, int64_t limit)
{
    uint32_t from = 0, length = ranks->block_count;
    while (length > 0) {
        uint32_t half = length / 2;
        bool below = first_of(ranks, from + half) < limit;
        from = below ? from + half + 1 : from;
        length = below ? length - half - 1 : half;
    }
    return from;
}

bool auk_ranks_below(const auk_ranks *ranks, int64_t limit, uint64_t *out)
{
    uint64_t steps[AUK_RANKS_BLOCK + AUK_KERNEL_SLACK];
    if (!auk_guard_passes(ranks->guard, ranks->value))
        return false;
    uint32_t blocks = count_blocks(ranks, limit), below = 1;
    *out = 0;
    if (blocks == 0)
        return true;
    uint64_t left = (uint64_t)limit - (uint64_t)first_of(ranks, blocks - 1), sum = 0;
    left = left / ranks->factor + (left % ranks->factor != 0);
    uint32_t count = read_steps(ranks, blocks - 1, steps);
    if (count == 0)
        return false;
    while (below < count && (sum += steps[below - 1]) < left)
        below++;
    *out = (uint64_t)(blocks - 1) * AUK_RANKS_BLOCK + below;
    return true;
}
