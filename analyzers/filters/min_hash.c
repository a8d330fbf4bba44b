/*
 * min_hash: a text as the least of its words' hashes, so that texts alike share many (A. Broder,
 * "On the resemblance and containment of documents", 1997). Each word is hashed hash_count times
 * (MurmurHash3 of A. Appleby, 128 bits), each hash falls into one of bucket_count ranges, and each
 * range keeps its hash_set_size least. A range without any takes that of the next one that has.
 *
 * The tokens are the bits of the hashes as UTF-16, as Lucene writes them; what is no character
 * becomes U+FFFD, as it does in Lucene's index.
 */
#include "auk/error.h"
#include "filters.h"
#include "scratch.h"
#include "token_list.h"

enum { MOST_HASHES = 1 << 20 };

typedef struct min_hash_state {
    uint32_t hash_count;
    uint32_t bucket_count;
    uint32_t set_size;
    uint64_t bucket_range; /* of the upper 32 bits */
    bool rotates;
} min_hash_state;

struct hash {
    uint64_t low;
    uint64_t high;
};

/* The least ones, in order. */
struct bucket {
    struct hash *items;
    uint32_t count;
};

static auk_code read_count(const auk_definition *definition, const char *key, const char *name,
                           int64_t fallback, uint32_t *out, auk_error *err)
{
    int64_t value;
    auk_code code =
        auk_definition_int(definition, key, fallback, INT32_MIN, INT32_MAX, &value, err);
    if (code == AUK_OK && value <= 0)
        return auk_fail(err, AUK_INVALID, "%s must be greater than zero", name);
    *out = (uint32_t)value;
    return code;
}

static auk_code compile(const auk_definition *definition, const void **out, auk_error *err)
{
    min_hash_state *state = AUK_ARENA_NEW(definition->arena, min_hash_state);
    *out = state;
    auk_code code = read_count(definition, "hash_count", "hashCount", 1, &state->hash_count, err);
    if (code == AUK_OK)
        code =
            read_count(definition, "bucket_count", "bucketCount", 512, &state->bucket_count, err);
    if (code == AUK_OK)
        code = read_count(definition, "hash_set_size", "hashSetSize", 1, &state->set_size, err);
    if (code == AUK_OK)
        code = auk_definition_bool(definition, "with_rotation", state->bucket_count > 1,
                                   &state->rotates, err);
    if (code != AUK_OK)
        return code;
    uint64_t sets = (uint64_t)state->hash_count * state->bucket_count;
    if (sets > MOST_HASHES || sets * state->set_size > MOST_HASHES)
        return auk_fail(err, AUK_INVALID,
                        "hash_count * bucket_count * hash_set_size must be at most [%d]",
                        MOST_HASHES);
    state->bucket_range = ((UINT64_C(1) << 32) + state->bucket_count - 1) / state->bucket_count;
    return AUK_OK;
}

static uint64_t rotate(uint64_t value, unsigned bits)
{
    return value << bits | value >> (64 - bits);
}

static uint64_t mix_low(uint64_t value)
{
    return rotate(value * UINT64_C(0x87c37b91114253d5), 31) * UINT64_C(0x4cf5ad432745937f);
}

static uint64_t mix_high(uint64_t value)
{
    return rotate(value * UINT64_C(0x4cf5ad432745937f), 33) * UINT64_C(0x87c37b91114253d5);
}

static uint64_t finish(uint64_t value)
{
    value = (value ^ value >> 33) * UINT64_C(0xff51afd7ed558ccd);
    value = (value ^ value >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return value ^ value >> 33;
}

/* Little endian, zeros behind the end. */
static uint64_t read_part(const uint8_t *bytes, size_t size)
{
    uint64_t value = 0;
    for (size_t i = 0; i < size && i < 8; i++)
        value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

static struct hash murmur(const uint8_t *bytes, size_t size)
{
    struct hash hash = {0, 0};
    size_t at = 0;
    for (; at + 16 <= size; at += 16) {
        hash.low ^= mix_low(read_part(bytes + at, 8));
        hash.low = (rotate(hash.low, 27) + hash.high) * 5 + 0x52dce729;
        hash.high ^= mix_high(read_part(bytes + at + 8, 8));
        hash.high = (rotate(hash.high, 31) + hash.low) * 5 + 0x38495ab5;
    }
    size_t left = size - at;
    if (left > 8)
        hash.high ^= mix_high(read_part(bytes + at + 8, left - 8));
    if (left > 0)
        hash.low ^= mix_low(read_part(bytes + at, left));
    hash.low ^= size;
    hash.high ^= size;
    hash.low += hash.high;
    hash.high += hash.low;
    hash.low = finish(hash.low);
    hash.high = finish(hash.high);
    hash.low += hash.high;
    hash.high += hash.low;
    return hash;
}

static struct hash hash_of_number(uint32_t number)
{
    uint8_t bytes[4] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16), (uint8_t)(number >> 8),
                        (uint8_t)number};
    return murmur(bytes, sizeof bytes);
}

static int compare(struct hash a, struct hash b)
{
    if (a.high != b.high)
        return a.high < b.high ? -1 : 1;
    return (a.low > b.low) - (a.low < b.low);
}

/* As in Lucene, a full set loses its greatest even to one that it has already. */
static void add(struct bucket *bucket, struct hash hash, uint32_t most)
{
    if (bucket->count == most) {
        if (compare(hash, bucket->items[bucket->count - 1]) >= 0)
            return;
        bucket->count--;
    }
    uint32_t at = bucket->count;
    while (at > 0 && compare(hash, bucket->items[at - 1]) < 0)
        at--;
    if (at > 0 && compare(hash, bucket->items[at - 1]) == 0)
        return;
    memmove(bucket->items + at + 1, bucket->items + at,
            (bucket->count - at) * sizeof *bucket->items);
    bucket->items[at] = hash;
    bucket->count++;
}

static void hash_tokens(const min_hash_state *state, auk_analyzer_scratch *scratch,
                        const auk_tokens *tokens, const struct hash *numbers,
                        struct bucket *buckets)
{
    for (size_t i = 0; i < tokens->count; i++) {
        auk_utf16 *units = &scratch->wide[0];
        auk_utf16_read(units, auk_token_text(&tokens->items[i]));
        struct hash hash = murmur((const uint8_t *)units->units, (size_t)units->size * 2);
        for (uint32_t j = 0; j < state->hash_count; j++) {
            struct hash own = {hash.low * 37 + numbers[j].low, hash.high * 37 + numbers[j].high};
            uint64_t place = (own.high >> 32) / state->bucket_range;
            add(&buckets[j * state->bucket_count + place], own, state->set_size);
        }
    }
}

/* Empty ones, those that were filled here included, take the first of the next that is not. */
static void fill_empty(struct bucket *buckets, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t next = 1;
        while (buckets[i].count == 0 && next < count && buckets[(i + next) % count].count == 0)
            next++;
        if (buckets[i].count == 0 && next < count)
            add(&buckets[i], buckets[(i + next) % count].items[0], 1);
    }
}

static void write_number(auk_utf16 *out, uint64_t value, int parts)
{
    for (int i = 0; i < parts; i++)
        out->units[out->size++] = (uint16_t)(value >> (48 - 16 * i));
}

static void write_hash(const min_hash_state *state, auk_analyzer_scratch *scratch,
                       auk_tokens *tokens, uint32_t number, struct hash hash, auk_token *token)
{
    auk_utf16 *text = &scratch->wide[0];
    auk_utf16_reserve(text, 8);
    text->size = 0;
    if (state->hash_count > 1)
        write_number(text, (uint64_t)number << 32, 2);
    write_number(text, hash.high, 4);
    write_number(text, hash.low, state->hash_count > 1 ? 2 : 4);
    auk_buffer_reset(&scratch->text);
    auk_utf16_write(text, &scratch->text);
    auk_tokens_set_text(tokens, token, auk_buffer_span(&scratch->text));
}

static void write_all(const min_hash_state *state, auk_analyzer_scratch *scratch,
                      auk_tokens *tokens, const struct bucket *buckets)
{
    auk_token last = tokens->items[tokens->count - 1];
    uint32_t holes = tokens->end_position - last.position;
    auk_token whole = {.end = last.end, .position_length = 1, .type = AUK_TOKEN_MIN_HASH};
    size_t count = 0;
    for (uint32_t i = 0; i < state->hash_count * state->bucket_count; i++)
        for (uint32_t j = 0; j < buckets[i].count; j++)
            write_hash(state, scratch, tokens, i / state->bucket_count, buckets[i].items[j],
                       auk_tokens_push(tokens, &count, &whole));
    auk_tokens_swap(tokens, count);
    tokens->end_position = holes;
}

static auk_code run(const void *of, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                    auk_error *err)
{
    (void)err;
    const min_hash_state *state = of;
    if (tokens->count == 0)
        return AUK_OK;
    auk_arena *arena = auk_tokens_arena(tokens);
    size_t sets = (size_t)state->hash_count * state->bucket_count;
    struct bucket *buckets = AUK_ARENA_ARRAY(arena, struct bucket, sets);
    struct hash *items = AUK_ARENA_ARRAY(arena, struct hash, sets * state->set_size);
    struct hash *numbers = AUK_ARENA_ARRAY(arena, struct hash, state->hash_count);
    for (size_t i = 0; i < sets; i++)
        buckets[i].items = items + i * state->set_size;
    for (uint32_t i = 0; i < state->hash_count; i++)
        numbers[i] = hash_of_number(i);
    hash_tokens(state, scratch, tokens, numbers, buckets);
    for (uint32_t i = 0; state->rotates && state->set_size == 1 && i < state->hash_count; i++)
        fill_empty(buckets + (size_t)i * state->bucket_count, state->bucket_count);
    write_all(state, scratch, tokens, buckets);
    return AUK_OK;
}

static const char *const settings[] = {"hash_count", "bucket_count", "hash_set_size",
                                       "with_rotation", NULL};

const auk_component_type auk_filter_min_hash = {
    .name = "min_hash",
    .flags = AUK_COMPONENT_PREBUILT | AUK_COMPONENT_SPLITTING,
    .settings = settings,
    .compile = compile,
    .filter = run,
};
