#include "terms_samples.h"

#include "auk/varint.h"

enum { ABSENT, BEING_MADE, THERE };

auk_terms_samples *auk_terms_samples_create(uint32_t block_count, auk_arena *arena)
{
    uint32_t count = (block_count + AUK_SAMPLE_STEP - 1) / AUK_SAMPLE_STEP;
    if (block_count < AUK_SAMPLED_FROM)
        return NULL;
    auk_terms_samples *samples =
        auk_arena_alloc(arena, sizeof *samples + sizeof *samples->prefixes * count);
    atomic_init(&samples->state, ABSENT);
    samples->count = count;
    return samples;
}

static bool are_there(auk_terms_samples *samples, const uint8_t *prefixes)
{
    unsigned state = atomic_load_explicit(&samples->state, memory_order_acquire);
    if (state != ABSENT || !atomic_compare_exchange_strong(&samples->state, &state, BEING_MADE))
        return state == THERE;
    for (uint32_t i = 0; i < samples->count; i++)
        samples->prefixes[i] = auk_load_be64(prefixes + (size_t)i * AUK_SAMPLE_STEP * 8);
    atomic_store_explicit(&samples->state, THERE, memory_order_release);
    return true;
}

/* How many of the samples are not above key. */
static uint32_t count_up_to(const auk_terms_samples *samples, uint64_t key)
{
    const uint64_t *from = samples->prefixes;
    uint32_t length = samples->count;
    while (length > 1) {
        uint32_t half = length / 2;
        from = from[half - 1] <= key ? from + half : from;
        length -= half;
    }
    return (uint32_t)(from - samples->prefixes) + (*from <= key);
}

void auk_terms_samples_narrow(auk_terms_samples *samples, const uint8_t *prefixes,
                              uint32_t block_count, uint64_t key, uint32_t *from, uint32_t *length)
{
    enum { LINE = 64, LINES = AUK_SAMPLE_STEP * 8 / LINE };
    *from = 0;
    *length = block_count;
    if (samples == NULL || !are_there(samples, prefixes))
        return;
    uint32_t below = count_up_to(samples, key);
    uint32_t end = below * AUK_SAMPLE_STEP < block_count ? below * AUK_SAMPLE_STEP : block_count;
    *from = below == 0 ? 0 : (below - 1) * AUK_SAMPLE_STEP + 1;
    *length = end - *from;
    for (uint32_t i = 0; *length > 0 && i < LINES; i++)
        __builtin_prefetch(prefixes + (size_t)*from * 8 + (size_t)i * LINE);
}
