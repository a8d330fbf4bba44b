/*
 * fuzz_ranks.c - the sorted values of a column, from any bytes.
 *
 * The input is what a segment holds of them; all that opens is asked for places and read through.
 */
#include <stdlib.h>

#include "ranks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile uint64_t seen;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *bytes = malloc(size ? size : 1); /* to the byte */
    if (!bytes)
        abort();
    if (size)
        memcpy(bytes, data, size);
    auk_span value = auk_span_make(bytes, size);
    auk_arena *arena = auk_arena_create(4096);
    const auk_ranks *ranks = auk_ranks_open(&value, NULL, arena);
    uint64_t sum = 0, found;
    int64_t values[AUK_RANKS_BLOCK];
    if (ranks && auk_ranks_below(ranks, INT64_MAX, &found))
        sum += found;
    for (uint32_t block = 0; ranks && block < 64; block++) {
        uint32_t count = auk_ranks_block(ranks, block, values);
        for (uint32_t i = 0; i < count; i += 37)
            sum += auk_ranks_below(ranks, values[i], &found) ? found : 1;
        if (count == 0)
            break;
    }
    seen = sum;
    auk_arena_destroy(arena);
    free(bytes);
    return 0;
}
