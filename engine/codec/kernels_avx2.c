/* Documents, as numbers, bits and bytes, for AVX2; and the table of all kernels for it. */
#include "kernels_avx2.h"

#if defined(__AVX2__)

static uint32_t count_bits(const uint8_t *words, uint32_t word_count)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < word_count; i++)
        count += (uint64_t)_mm_popcnt_u64(auk_load_u64(words + (size_t)i * 8));
    return (uint32_t)count;
}

/* From the highest bit down, each that is set goes below those that went before. */
#define PUT(above, byte, bit)                                                                      \
    (((above) << (((byte) >> (bit)) & 1) * 8) | ((((byte) >> (bit)) & 1) * (uint64_t)(bit)))
#define PUT4(above, byte, bit)                                                                     \
    PUT(PUT(PUT(PUT(above, byte, (bit) + 3), byte, (bit) + 2), byte, (bit) + 1), byte, bit)
#define NUMBERS(byte)  PUT4(PUT4(UINT64_C(0), byte, 4), byte, 0)
#define NUMBERS4(byte) NUMBERS(byte), NUMBERS((byte) + 1), NUMBERS((byte) + 2), NUMBERS((byte) + 3)
#define NUMBERS16(byte)                                                                            \
    NUMBERS4(byte), NUMBERS4((byte) + 4), NUMBERS4((byte) + 8), NUMBERS4((byte) + 12)
#define NUMBERS64(byte)                                                                            \
    NUMBERS16(byte), NUMBERS16((byte) + 16), NUMBERS16((byte) + 32), NUMBERS16((byte) + 48)
const uint64_t auk_bit_numbers[256] = {NUMBERS64(0), NUMBERS64(64), NUMBERS64(128), NUMBERS64(192)};

/* A byte that is empty costs less than a branch that nothing could foresee. */
static void expand_bits(const uint8_t *words, uint32_t word_count, uint32_t base, uint32_t *out)
{
    const __m256i eight = _mm256_set1_epi32(8);
    __m256i first = _mm256_set1_epi32((int)base);
    for (uint32_t i = 0; i < word_count; i++) {
        uint64_t word = auk_load_u64(words + (size_t)i * 8);
#pragma GCC unroll 8
        for (unsigned byte = 0; byte < 8; byte++) {
            unsigned bits = (unsigned)(word >> byte * 8) & 0xff;
            _mm256_storeu_si256((void *)out, _mm256_add_epi32(bit_lanes(bits), first));
            first = _mm256_add_epi32(first, eight);
            out += _mm_popcnt_u32(bits);
        }
    }
}

/* The bytes of 32 values at a time; those behind the last are masked out. */
static size_t vbyte_size(const uint8_t *control, uint32_t count)
{
    size_t size = count;
    for (uint32_t i = 0; i < count; i += 32, control += 8) {
        uint64_t pairs = auk_load_u64(control);
        if (count - i < 32)
            pairs = _bzhi_u64(pairs, (count - i) * 2);
        size += (size_t)_mm_popcnt_u64(pairs & UINT64_C(0x5555555555555555)) +
                2 * (size_t)_mm_popcnt_u64(pairs & UINT64_C(0xaaaaaaaaaaaaaaaa));
    }
    return size;
}

/* Two at a time: where the bytes of both go is a mask of 64 bits. */
static void vbyte_decode(const uint8_t *control, const uint8_t *data, uint32_t count, uint32_t *out)
{
#define PAIR(first, second)                                                                        \
    (UINT64_C(0xffffffff) >> (24 - 8 * (first)) | (UINT64_C(0xffffffff) >> (24 - 8 * (second)))    \
                                                      << 32)
#define PAIRS(second) PAIR(0, second), PAIR(1, second), PAIR(2, second), PAIR(3, second)
    static const uint64_t masks[16] = {PAIRS(0), PAIRS(1), PAIRS(2), PAIRS(3)};
    static const uint8_t sizes[16] = {2, 3, 4, 5, 3, 4, 5, 6, 4, 5, 6, 7, 5, 6, 7, 8};
#undef PAIRS
#undef PAIR
    for (uint32_t i = 0; i < count; i += 2) {
        unsigned pair = (unsigned)control[i / 4] >> (i % 4 * 2) & 15u;
        auk_store_u64((uint8_t *)(out + i), _pdep_u64(auk_load_u64(data), masks[pair]));
        data += sizes[pair];
    }
}

static uint32_t find(const uint32_t *docs, uint32_t from, uint32_t count, uint32_t target)
{
    /* Halving without branches down to a few vectors, then the documents below target are counted:
     * they are the first of a rising row. */
    uint32_t length = count - from;
    while (length > 32) {
        uint32_t half = length / 2;
        bool below = docs[from + half] < target;
        from = below ? from + half + 1 : from;
        length = below ? length - half - 1 : half;
    }
    const __m256i bias = _mm256_set1_epi32(INT32_MIN);
    const __m256i wanted = _mm256_xor_si256(_mm256_set1_epi32((int)target), bias);
    uint32_t end = from + length;
    for (; from + 8 <= end; from += 8) {
        __m256i below = _mm256_cmpgt_epi32(wanted, _mm256_xor_si256(load(docs + from), bias));
        unsigned mask = (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(below));
        if (mask != 0xff)
            return from + (uint32_t)_mm_popcnt_u32(mask);
    }
    while (from < end && docs[from] < target)
        from++;
    return from;
}

/* Their numbers are written eight at a time, whether there are any or not: which documents have a
 * term often is nothing that a branch could foresee. */
static uint32_t at_least(const uint32_t *values, uint32_t count, uint32_t least, uint8_t *indices)
{
    const __m256i below = _mm256_set1_epi32((int)least - 1);
    uint32_t found = 0, i = 0;
    for (; i + 8 <= count; i += 8) {
        __m256i reached = _mm256_cmpgt_epi32(load(values + i), below);
        unsigned mask = (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(reached));
        auk_store_u64(indices + found, auk_bit_numbers[mask] + i * UINT64_C(0x0101010101010101));
        found += (uint32_t)_mm_popcnt_u32(mask);
    }
    for (; i < count; i++) {
        indices[found] = (uint8_t)i;
        found += values[i] >= least;
    }
    return found;
}

/* Which of 32 documents is doc, as a bit; find_bit_of says which bit. */
static inline uint32_t compare_32(const uint32_t *docs, uint32_t doc)
{
    const __m256i wanted = _mm256_set1_epi32((int)doc);
    __m256i equal[4];
    for (unsigned i = 0; i < 4; i++)
        equal[i] = _mm256_cmpeq_epi32(load(docs + (size_t)i * 8), wanted);
    __m256i bytes = _mm256_packs_epi16(_mm256_packs_epi32(equal[0], equal[1]),
                                       _mm256_packs_epi32(equal[2], equal[3]));
    return (uint32_t)_mm256_movemask_epi8(bytes);
}

/* Packing takes four of each vector in turn, the low halves of all before the high ones. */
static inline uint32_t find_bit_of(uint32_t mask)
{
    uint32_t bit = (uint32_t)__builtin_ctz(mask | UINT32_C(1) << 31);
    return (bit & 12) * 2 + (bit >> 4) * 4 + (bit & 3);
}

/* Each against the 32 among which it must be, the last ones against eight: what costs is the step
 * from one to the next, which nothing foresees. */
static uint32_t match(const uint32_t *docs, uint32_t from, uint32_t count, const uint32_t *wanted,
                      uint32_t wanted_count, uint8_t *numbers, uint8_t *indices)
{
    uint32_t found = 0, i = 0;
    for (; i < wanted_count; i++) {
        while (from + 32 <= count && docs[from + 31] < wanted[i])
            from += 32;
        if (from + 32 > count)
            break;
        uint32_t mask = compare_32(docs + from, wanted[i]);
        numbers[found] = (uint8_t)i;
        indices[found] = (uint8_t)(from + find_bit_of(mask));
        found += mask != 0;
    }
    for (; i < wanted_count; i++) {
        while (from + 8 <= count && docs[from + 7] < wanted[i])
            from += 8;
        if (from + 8 > count)
            break;
        __m256i equal = _mm256_cmpeq_epi32(load(docs + from), _mm256_set1_epi32((int)wanted[i]));
        unsigned mask = (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(equal));
        numbers[found] = (uint8_t)i;
        indices[found] = (uint8_t)(from + (uint32_t)__builtin_ctz(mask | 0x100));
        found += mask != 0;
    }
    while (i < wanted_count && from < count) {
        uint32_t mine = docs[from], theirs = wanted[i];
        numbers[found] = (uint8_t)i;
        indices[found] = (uint8_t)from;
        found += mine == theirs;
        from += mine <= theirs;
        i += theirs <= mine;
    }
    return found;
}

/* With the machine's count of bits. */
static uint32_t match_bits(const uint8_t *words, uint32_t word_count, uint32_t first_word,
                           const uint8_t *ranks, const uint32_t *wanted, uint32_t wanted_count,
                           uint8_t *numbers, uint8_t *indices)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < wanted_count; i++) {
        uint32_t word = wanted[i] / 64 - first_word, bit = wanted[i] % 64;
        if (word >= word_count)
            continue;
        uint64_t bits = auk_load_u64(words + (size_t)word * 8);
        numbers[found] = (uint8_t)i;
        indices[found] = (uint8_t)(ranks[word] + _mm_popcnt_u64(_bzhi_u64(bits, bit)));
        found += (uint32_t)(bits >> bit) & 1;
    }
    return found;
}

const auk_kernels auk_kernels_avx2 = {
    .name = "avx2",
    .pack = auk_portable_pack,
    .unpack = auk_avx2_unpack,
    .unpack_docs = auk_avx2_unpack_docs,
    .count_bits = count_bits,
    .expand_bits = expand_bits,
    .mark_docs = auk_portable_mark_docs,
    .unpack_run = auk_avx2_unpack_run,
    .unpack_line = auk_avx2_unpack_line,
    .pick_line = auk_avx2_pick_line,
    .mark_run = auk_avx2_mark_run,
    .spread_bits = auk_avx2_spread_bits,
    .vbyte_size = vbyte_size,
    .vbyte_decode = vbyte_decode,
    .sum = auk_avx2_sum,
    .prefix = auk_avx2_prefix,
    .sum_packed = auk_avx2_sum_packed,
    .sum_rows = auk_avx2_sum_rows,
    .find = find,
    .at_least = at_least,
    .match = match,
    .match_bits = match_bits,
};

#endif
