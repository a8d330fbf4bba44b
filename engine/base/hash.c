#include "auk/hash.h"

#include <pthread.h>
#include <sys/random.h>

#include "auk/clock.h"
#include "auk/utf8.h"
#include "auk/varint.h"

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

/* ---- the table hash ---- */

/* Odd numbers with evenly spread bits (digits of sqrt(2), sqrt(3), sqrt(5)). */
#define KEY_A 0x6A09E667F3BCC909u
#define KEY_B 0xBB67AE8584CAA73Bu
#define KEY_C 0x3C6EF372FE94F82Bu

__extension__ typedef unsigned __int128 wide;

/* The 128-bit product folded onto itself, so that every input bit reaches every output bit. The
 * factors go in once more, or one that is zero would wipe out the other: chosen keys would collide.
 */
static inline uint64_t mix(uint64_t a, uint64_t b)
{
    wide product = (wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64) ^ a ^ b;
}

/* 1 to 8 bytes as one number; the size is mixed in elsewhere, so overlaps do no harm. */
static inline uint64_t load_short(const uint8_t *bytes, size_t size)
{
    if (size >= 4)
        return (uint64_t)auk_load_u32(bytes) << 32 | auk_load_u32(bytes + size - 4);
    return (uint64_t)bytes[0] << 16 | (uint64_t)bytes[size / 2] << 8 | bytes[size - 1];
}

uint64_t auk_hash(auk_span bytes, uint64_t start)
{
    const uint8_t *at = auk_span_bytes(bytes);
    size_t left = bytes.size;
    uint64_t state = mix(start ^ KEY_A, KEY_B);
    while (left > 16) {
        state = mix(auk_load_u64(at) ^ KEY_B, auk_load_u64(at + 8) ^ state);
        at += 16;
        left -= 16;
    }
    uint64_t a = 0;
    uint64_t b = 0;
    if (left > 8) {
        a = auk_load_u64(at);
        b = auk_load_u64(at + left - 8);
    } else if (left > 0) {
        a = load_short(at, left);
    }
    state = mix(a ^ KEY_B, b ^ state);
    return mix(state ^ KEY_C, bytes.size ^ KEY_A);
}

static uint64_t seed;
static pthread_once_t seed_once = PTHREAD_ONCE_INIT;

static void draw_seed(void)
{
    if (getrandom(&seed, sizeof seed, 0) != sizeof seed)
        seed = auk_clock_monotonic_us() * KEY_A;
}

uint64_t auk_hash_seed(void)
{
    (void)pthread_once(&seed_once, draw_seed);
    return seed;
}

/* ---- Elasticsearch's routing hash ---- */

static inline uint32_t rotate(uint32_t value, int bits)
{
    return value << bits | value >> (32 - bits);
}

static inline uint32_t murmur_scramble(uint32_t block)
{
    return rotate(block * 0xCC9E2D51u, 15) * 0x1B873593u;
}

typedef struct murmur {
    uint32_t hash;
    uint32_t pending; /* a first code unit that waits for its second */
    uint32_t units;
} murmur;

static inline void murmur_unit(murmur *state, uint32_t unit)
{
    if (state->units++ % 2 == 0) {
        state->pending = unit;
        return;
    }
    state->hash ^= murmur_scramble(state->pending | unit << 16);
    state->hash = rotate(state->hash, 13) * 5 + 0xE6546B64u;
}

int32_t auk_murmur3_route(auk_span utf8)
{
    murmur state = {0};
    while (utf8.size > 0) {
        uint32_t code_point;
        size_t used = auk_utf8_decode(utf8, &code_point);
        if (used == 0) { /* as Java decodes: a replacement character */
            code_point = 0xFFFD;
            used = 1;
        }
        if (code_point >= 0x10000) {
            murmur_unit(&state, 0xD7C0 + (code_point >> 10));
            code_point = 0xDC00 | (code_point & 0x3FF);
        }
        murmur_unit(&state, code_point);
        utf8 = auk_span_from(utf8, used);
    }
    uint32_t hash = state.hash;
    if (state.units % 2 != 0)
        hash ^= murmur_scramble(state.pending);
    hash ^= state.units * 2;
    hash = (hash ^ hash >> 16) * 0x85EBCA6Bu;
    hash = (hash ^ hash >> 13) * 0xC2B2AE35u;
    return (int32_t)(hash ^ hash >> 16);
}

/* ---- CRC-32C ---- */

#define CASTAGNOLI_REVERSED 0x82F63B78u

/* crc_table[k][b]: the effect of byte b with k bytes behind it. */
static uint32_t crc_table[8][256];
static pthread_once_t crc_once = PTHREAD_ONCE_INIT;

static void fill_crc_table(void)
{
    for (uint32_t b = 0; b < 256; b++) {
        uint32_t crc = b;
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? CASTAGNOLI_REVERSED : 0);
        crc_table[0][b] = crc;
    }
    for (uint32_t b = 0; b < 256; b++) {
        for (int k = 1; k < 8; k++)
            crc_table[k][b] = crc_table[k - 1][b] >> 8 ^ crc_table[0][crc_table[k - 1][b] & 0xFF];
    }
}

static uint32_t crc_portable(uint32_t crc, const uint8_t *at, size_t size)
{
    (void)pthread_once(&crc_once, fill_crc_table);
    for (; size >= 8; size -= 8, at += 8) {
        uint64_t block = auk_load_u64(at) ^ crc;
        crc = 0;
        for (int k = 0; k < 8; k++)
            crc ^= crc_table[7 - k][block >> (8 * k) & 0xFF];
    }
    for (; size > 0; size--)
        crc = crc >> 8 ^ crc_table[0][(crc ^ *at++) & 0xFF];
    return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t crc_hardware(uint32_t crc, const uint8_t *at,
                                                               size_t size)
{
    uint64_t wide_crc = crc;
    for (; size >= 8; size -= 8, at += 8)
        wide_crc = _mm_crc32_u64(wide_crc, auk_load_u64(at));
    crc = (uint32_t)wide_crc;
    for (; size > 0; size--)
        crc = _mm_crc32_u8(crc, *at++);
    return crc;
}
#endif

uint32_t auk_crc32c(uint32_t crc, auk_span bytes)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2"))
        return ~crc_hardware(~crc, auk_span_bytes(bytes), bytes.size);
#endif
    return ~crc_portable(~crc, auk_span_bytes(bytes), bytes.size);
}

uint32_t auk_crc32c_portable(uint32_t crc, auk_span bytes)
{
    return ~crc_portable(~crc, auk_span_bytes(bytes), bytes.size);
}
