#include "id_filter.h"

#include "auk/hash.h"
#include "auk/varint.h"

#define VERSION     1
#define HEADER_SIZE 16
#define BLOCK_SIZE  32
#define WORDS       8
#define BITS_AN_ID  12

/* Odd numbers, so that each word takes its bit from another mix of the hash. */
static const uint32_t salts[WORDS] = {0x9e3779b1u, 0x85ebca77u, 0xc2b2ae3du, 0x27d4eb2fu,
                                      0x165667b1u, 0xd3a2646du, 0xfd7046c5u, 0xb55a4f09u};

void auk_id_filter_begin(auk_buffer *filter, uint32_t id_count)
{
    uint64_t blocks = ((uint64_t)id_count * BITS_AN_ID + BLOCK_SIZE * 8 - 1) / (BLOCK_SIZE * 8);
    if (blocks == 0)
        blocks = 1;
    auk_buffer_append_text(filter, "AUKF");
    auk_buffer_append_u32(filter, VERSION);
    auk_buffer_append_u32(filter, (uint32_t)blocks);
    auk_buffer_append_u32(filter, 0);
    char *room = auk_buffer_reserve(filter, (size_t)blocks * BLOCK_SIZE);
    if (!room)
        return;
    memset(room, 0, (size_t)blocks * BLOCK_SIZE);
    filter->size += (size_t)blocks * BLOCK_SIZE;
}

static size_t block_offset(uint64_t hash, uint32_t block_count)
{
    return (size_t)((hash >> 32) * block_count >> 32) * BLOCK_SIZE;
}

void auk_id_filter_add(auk_buffer *filter, auk_span id)
{
    uint64_t hash = auk_hash(id, 0);
    uint32_t id_count = auk_load_u32(filter->data + 12) + 1;
    memcpy(filter->data + 12, &id_count, sizeof id_count);
    char *block = filter->data + HEADER_SIZE + block_offset(hash, auk_load_u32(filter->data + 8));
    for (unsigned i = 0; i < WORDS; i++) {
        uint32_t word = auk_load_u32(block + i * 4) | 1u << ((uint32_t)hash * salts[i] >> 27);
        memcpy(block + i * 4, &word, sizeof word);
    }
}

auk_code auk_id_filter_open(auk_span bytes, auk_id_filter *out, auk_error *err)
{
    if (bytes.size < HEADER_SIZE + BLOCK_SIZE || memcmp(bytes.data, "AUKF", 4) != 0)
        return auk_fail(err, AUK_CORRUPT, "the id filter is cut or has no magic");
    if (auk_load_u32(bytes.data + 4) != VERSION)
        return auk_fail(err, AUK_CORRUPT, "the id filter has an unknown version");
    uint32_t block_count = auk_load_u32(bytes.data + 8);
    if (block_count == 0 || bytes.size - HEADER_SIZE != (uint64_t)block_count * BLOCK_SIZE)
        return auk_fail(err, AUK_CORRUPT, "the id filter has another size than it says");
    *out = (auk_id_filter){auk_span_bytes(bytes) + HEADER_SIZE, block_count};
    return AUK_OK;
}

bool auk_id_filter_may_hold(const auk_id_filter *filter, auk_span id)
{
    if (filter->block_count == 0)
        return true;
    uint64_t hash = auk_hash(id, 0);
    const uint8_t *block = filter->blocks + block_offset(hash, filter->block_count);
    uint32_t missing = 0;
    for (unsigned i = 0; i < WORDS; i++)
        missing |= ~auk_load_u32(block + i * 4) & 1u << ((uint32_t)hash * salts[i] >> 27);
    return missing == 0;
}
