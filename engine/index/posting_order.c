#include "posting_order.h"

#define INSERTION_MOST 48u
#define SLOTS_FROM     8u /* a list that holds one document in so many takes slots */
#define DIGIT_BITS     11u
#define DIGITS         (1u << DIGIT_BITS)
#define AHEAD          8u
#define VARINT_MOST    5u

void auk_posting_order_init(auk_posting_order *order, uint32_t doc_count)
{
    *order = (auk_posting_order){.doc_count = doc_count};
    auk_buffer_init(&order->gaps, AUK_BUFFER_NO_LIMIT);
}

void auk_posting_order_deinit(auk_posting_order *order)
{
    auk_vector_free(&order->postings);
    auk_vector_free(&order->keys);
    auk_vector_free(&order->spare);
    auk_vector_free(&order->unpacked);
    auk_buffer_deinit(&order->gaps);
    free(order->slots);
}

void auk_posting_order_reset(auk_posting_order *order)
{
    order->postings.count = 0;
    auk_buffer_reset(&order->gaps);
}

size_t auk_posting_order_bytes(uint32_t doc_count, uint64_t postings, uint64_t positions)
{
    uint64_t room = sizeof(auk_waiting_posting) + 2 * sizeof(uint64_t);
    return (size_t)(doc_count * sizeof(uint32_t) + postings * room + positions * 2);
}

/* ---- positions ---- */

static void pack(auk_posting_order *order, uint32_t freq, const uint32_t *positions)
{
    uint8_t *to = (uint8_t *)(void *)auk_buffer_reserve(&order->gaps, (size_t)freq * VARINT_MOST);
    uint8_t *from = to;
    uint32_t last = 0;
    for (uint32_t i = 0; i < freq; i++) {
        uint32_t gap = positions[i] - last;
        last = positions[i];
        for (; gap >= 0x80; gap >>= 7)
            *to++ = (uint8_t)(gap | 0x80);
        *to++ = (uint8_t)gap;
    }
    order->gaps.size += (size_t)(to - from);
}

static const uint32_t *unpack(auk_posting_order *order, const auk_waiting_posting *posting)
{
    if (posting->positions == UINT64_MAX)
        return NULL;
    order->unpacked.count = 0;
    auk_vector_reserve(&order->unpacked, posting->freq);
    const uint8_t *from =
        (const uint8_t *)(const void *)order->gaps.data + (size_t)posting->positions;
    uint32_t last = 0;
    for (uint32_t i = 0; i < posting->freq; i++) {
        uint32_t gap = *from & 0x7f;
        for (uint32_t shift = 7; (*from++ & 0x80) != 0; shift += 7)
            gap |= (uint32_t)(*from & 0x7f) << shift;
        last += gap;
        order->unpacked.items[i] = last;
    }
    return order->unpacked.items;
}

void auk_posting_order_add(auk_posting_order *order, uint32_t doc, uint32_t freq,
                           const uint32_t *positions)
{
    uint64_t at = positions != NULL ? order->gaps.size : UINT64_MAX;
    auk_vector_push(&order->postings, (auk_waiting_posting){doc, freq, at});
    if (positions != NULL)
        pack(order, freq, positions);
}

/* ---- order ---- */

static void sort_by_insertion(uint64_t *keys, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        uint64_t moved = keys[i];
        uint32_t at = i;
        for (; at > 0 && keys[at - 1] > moved; at--)
            keys[at] = keys[at - 1];
        keys[at] = moved;
    }
}

/* Digits of the document only, least first; places rise already. Answers where the keys are then.
 */
static uint64_t *sort_by_radix(uint64_t *keys, uint64_t *spare, uint32_t count, uint32_t doc_count)
{
    for (uint32_t shift = 0; shift < 32 && (doc_count - 1) >> shift != 0; shift += DIGIT_BITS) {
        uint32_t ends[DIGITS] = {0};
        for (uint32_t i = 0; i < count; i++)
            ends[keys[i] >> (32 + shift) & (DIGITS - 1)]++;
        for (uint32_t d = 0, sum = 0; d < DIGITS; d++) {
            uint32_t here = ends[d];
            ends[d] = sum;
            sum += here;
        }
        for (uint32_t i = 0; i < count; i++)
            spare[ends[keys[i] >> (32 + shift) & (DIGITS - 1)]++] = keys[i];
        uint64_t *kept = keys;
        keys = spare;
        spare = kept;
    }
    return keys;
}

static void key_by_slots(auk_posting_order *order)
{
    const auk_waiting_posting *postings = order->postings.items;
    if (order->slots == NULL)
        order->slots = malloc(order->doc_count * sizeof *order->slots);
    if (order->slots == NULL)
        abort();
    memset(order->slots, 0, order->doc_count * sizeof *order->slots);
    for (uint32_t i = 0; i < order->postings.count; i++)
        order->slots[postings[i].doc] = i + 1;
    uint64_t *keys = order->keys.items;
    for (uint32_t doc = 0; doc < order->doc_count; doc++) {
        *keys = (uint64_t)doc << 32 | (order->slots[doc] - 1);
        keys += order->slots[doc] != 0;
    }
}

static const uint64_t *order_keys(auk_posting_order *order)
{
    uint32_t count = order->postings.count;
    order->keys.count = order->spare.count = 0;
    auk_vector_reserve(&order->keys, count + 1);
    if (count > INSERTION_MOST && count >= order->doc_count / SLOTS_FROM) {
        key_by_slots(order);
        return order->keys.items;
    }
    for (uint32_t i = 0; i < count; i++)
        order->keys.items[i] = (uint64_t)order->postings.items[i].doc << 32 | i;
    if (count <= INSERTION_MOST) {
        sort_by_insertion(order->keys.items, count);
        return order->keys.items;
    }
    auk_vector_reserve(&order->spare, count);
    return sort_by_radix(order->keys.items, order->spare.items, count, order->doc_count);
}

static void prefetch(const auk_posting_order *order, uint64_t key)
{
    __builtin_prefetch(&order->postings.items[(uint32_t)key]);
}

static void prefetch_positions(const auk_posting_order *order, uint64_t key)
{
    uint64_t at = order->postings.items[(uint32_t)key].positions;
    if (at != UINT64_MAX)
        __builtin_prefetch(order->gaps.data + (size_t)at);
}

void auk_posting_order_each(auk_posting_order *order,
                            void (*visit)(void *context, uint32_t doc, uint32_t freq,
                                          const uint32_t *positions),
                            void *context)
{
    const uint64_t *keys = order_keys(order);
    uint32_t count = order->postings.count;
    for (uint32_t i = 0; i < count; i++) {
        if (i + 2 * AHEAD < count)
            prefetch(order, keys[i + 2 * AHEAD]);
        if (i + AHEAD < count)
            prefetch_positions(order, keys[i + AHEAD]);
        const auk_waiting_posting *posting = &order->postings.items[(uint32_t)keys[i]];
        visit(context, posting->doc, posting->freq, unpack(order, posting));
    }
}
