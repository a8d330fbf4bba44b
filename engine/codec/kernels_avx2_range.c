/* Which numbers of a column lie in a range, as bits, from the packed numbers alone, for AVX2. */
#include "kernels_avx2.h"

#if defined(__AVX2__)

/* Widths whose numbers fit four bytes wherever they begin, and those that fit 32 bits. */
enum { NARROW = 25, HALF = 32 };

/* Eight numbers are as many bytes as one has bits, and begin at bit 0 of a byte: the four that a
 * vector of 128 bits gives, or the two, lie in it as those of the next eight do. */
typedef struct layout {
    __m256i bytes[2], shifts[2];
    size_t pairs[4]; /* where the 16 bytes begin: of four numbers each, [0] and [2]; of two, all */
} layout;

/* Lanes of `size` bytes, one a number. */
static void lay_lanes(unsigned width, unsigned size, layout *out)
{
    uint8_t bytes[64];
    uint64_t wide[8];
    uint32_t narrow[8];
    for (unsigned i = 0; i < 8; i++) {
        unsigned group = size == 4 ? i / 4 * 4 : i / 2 * 2;
        size_t begin = (size_t)group * width / 8, at = (size_t)i * width - begin * 8;
        out->pairs[group / 2] = begin;
        wide[i] = narrow[i] = at & 7;
        for (unsigned b = 0; b < size; b++)
            bytes[i * size + b] = (uint8_t)((at >> 3) + b);
    }
    out->bytes[0] = load(bytes);
    out->shifts[0] = size == 4 ? load(narrow) : load(wide);
    if (size == 4)
        return;
    out->bytes[1] = load(bytes + 32);
    out->shifts[1] = load(wide + 4);
}

/* Lanes of eight bytes: [0] has the numbers 0, 2, 4, 6 low in theirs, [1] the others high. */
static void lay_halves(unsigned width, layout *out)
{
    uint8_t bytes[64];
    uint64_t shifts[8];
    for (unsigned i = 0; i < 8; i++) {
        size_t begin = (size_t)(i / 4 * 4) * width / 8, at = (size_t)i * width - begin * 8;
        unsigned lane = i % 2 * 4 + i / 2;
        out->pairs[i / 4 * 2] = begin;
        shifts[lane] = i % 2 ? 32 - (at & 7) : at & 7;
        for (unsigned b = 0; b < 8; b++) /* what is past the 16 is of no number: 0 */
            bytes[lane * 8 + b] = (at >> 3) + b < 16 ? (uint8_t)((at >> 3) + b) : 0x80;
    }
    for (unsigned half = 0; half < 2; half++) {
        out->bytes[half] = load(bytes + (size_t)half * 32);
        out->shifts[half] = load(shifts + (size_t)half * 4);
    }
}

static inline __m256i load_two(const uint8_t *low, const uint8_t *high)
{
    __m256i bytes = _mm256_castsi128_si256(_mm_loadu_si128((const void *)low));
    return _mm256_inserti128_si256(bytes, _mm_loadu_si128((const void *)high), 1);
}

typedef enum lanes { LANES_NARROW, LANES_HALF, LANES_WIDE } lanes;

typedef struct bounds {
    __m256i mask, least, most;
} bounds;

/* Lanes of 32 bits: is number - least at most most - least? */
static inline uint64_t inside_narrow(__m256i numbers, const bounds *in)
{
    __m256i since = _mm256_sub_epi32(_mm256_and_si256(numbers, in->mask), in->least);
    __m256i yes = _mm256_cmpeq_epi32(_mm256_min_epu32(since, in->most), since);
    return (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(yes));
}

/* Lanes of 64 bits, whose numbers have no sign. */
static inline uint64_t outside_wide(__m256i numbers, const bounds *in)
{
    numbers = _mm256_and_si256(numbers, in->mask);
    __m256i out = _mm256_or_si256(_mm256_cmpgt_epi64(in->least, numbers),
                                  _mm256_cmpgt_epi64(numbers, in->most));
    return (uint32_t)_mm256_movemask_pd(_mm256_castsi256_pd(out));
}

static inline __attribute__((always_inline)) uint64_t mark_eight(const uint8_t *in,
                                                                 const layout *how,
                                                                 const bounds *range,
                                                                 const lanes kind)
{
    if (kind == LANES_WIDE) {
        __m256i low = load_two(in + how->pairs[0], in + how->pairs[1]);
        __m256i high = load_two(in + how->pairs[2], in + how->pairs[3]);
        low = _mm256_srlv_epi64(_mm256_shuffle_epi8(low, how->bytes[0]), how->shifts[0]);
        high = _mm256_srlv_epi64(_mm256_shuffle_epi8(high, how->bytes[1]), how->shifts[1]);
        return (outside_wide(low, range) | outside_wide(high, range) << 4) ^ 0xff;
    }
    __m256i bytes = load_two(in + how->pairs[0], in + how->pairs[2]);
    __m256i numbers = _mm256_shuffle_epi8(bytes, how->bytes[0]);
    if (kind == LANES_NARROW)
        return inside_narrow(_mm256_srlv_epi32(numbers, how->shifts[0]), range);
    __m256i odd = _mm256_shuffle_epi8(bytes, how->bytes[1]);
    numbers = _mm256_srlv_epi64(numbers, how->shifts[0]);
    odd = _mm256_sllv_epi64(odd, how->shifts[1]);
    return inside_narrow(_mm256_blend_epi32(numbers, odd, 0xaa), range);
}

/* Answers how many words were written: as many as may be read whole. */
static inline __attribute__((always_inline)) uint32_t mark_words(const uint8_t *in, size_t size,
                                                                 unsigned width, const layout *how,
                                                                 const bounds *range,
                                                                 uint32_t words, uint64_t *bits,
                                                                 const lanes kind)
{
    size_t reads = (size_t)7 * width + how->pairs[kind == LANES_WIDE ? 3 : 2] + 16;
    uint32_t word = 0;
    for (; word < words && reads <= size; word++, size -= (size_t)8 * width) {
        uint64_t marks = 0;
        for (unsigned eight = 0; eight < 8; eight++, in += width)
            marks |= mark_eight(in, how, range, kind) << (eight * 8);
        bits[word] = marks;
    }
    return word;
}

static uint32_t mark_any(const uint8_t *in, size_t size, unsigned width, const layout *how,
                         const bounds *range, uint32_t words, uint64_t *bits)
{
    if (width <= NARROW)
        return mark_words(in, size, width, how, range, words, bits, LANES_NARROW);
    if (width <= HALF)
        return mark_words(in, size, width, how, range, words, bits, LANES_HALF);
    return mark_words(in, size, width, how, range, words, bits, LANES_WIDE);
}

static void prepare(unsigned width, uint64_t least, uint64_t most, layout *how, bounds *range)
{
    uint64_t mask = (UINT64_C(1) << width) - 1;
    if (width <= HALF) {
        *range = (bounds){_mm256_set1_epi32((int)(uint32_t)mask),
                          _mm256_set1_epi32((int)(uint32_t)least),
                          _mm256_set1_epi32((int)(uint32_t)(most - least))};
    } else {
        *range = (bounds){_mm256_set1_epi64x((long long)mask), _mm256_set1_epi64x((long long)least),
                          _mm256_set1_epi64x((long long)most)};
    }
    if (width > NARROW && width <= HALF)
        lay_halves(width, how);
    else
        lay_lanes(width, width <= NARROW ? 4 : 8, how);
}

/* What may not be read whole is read from a copy: less than a word and 16 bytes, which is more than
 * one word where numbers are narrow. */
static void mark_rest(const uint8_t *in, size_t size, unsigned width, const layout *how,
                      const bounds *range, uint32_t words, uint64_t *bits)
{
    uint8_t rest[640] = {0};
    memcpy(rest, in, size);
    mark_any(rest, sizeof rest, width, how, range, words, bits);
}

void auk_avx2_mark_run(const uint8_t *in, size_t size, unsigned width, uint64_t least,
                       uint64_t most, uint32_t count, uint64_t *bits)
{
    layout how;
    bounds range;
    prepare(width, least, most, &how, &range);
    uint32_t words = (count + 63) / 64;
    uint32_t done = mark_any(in, size, width, &how, &range, words, bits);
    size_t used = (size_t)done * 8 * width;
    if (done < words)
        mark_rest(in + used, size - used, width, &how, &range, words - done, bits + done);
    if (count % 64)
        bits[words - 1] &= ~(UINT64_MAX << (count % 64));
}

void auk_avx2_spread_bits(const uint64_t *in, const uint64_t *where, uint32_t words, uint64_t *out)
{
    uint32_t next = 0;
    for (uint32_t i = 0; i < words; i++) {
        const uint64_t *at = in + next / 64;
        uint64_t some = at[0] >> (next % 64) | at[1] << 1 << (63 - next % 64);
        out[i] = _pdep_u64(some, where[i]);
        next += (uint32_t)_mm_popcnt_u64(where[i]);
    }
}

#endif
