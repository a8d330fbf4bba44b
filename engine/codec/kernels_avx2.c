/* Compiled for AVX2, BMI2 and POPCNT (CMakeLists.txt); empty on other machines. */
#include "kernels.h"

#if defined(__AVX2__)

#include <immintrin.h>
#include <stdbool.h>
#include <string.h>

#include "bits.h"

enum { LANES = 16, ROWS = 16 };

static __m256i load(const void *at)
{
    return _mm256_loadu_si256(at);
}

/* Eight lanes of a word; the words of an odd width end in 16 bits. */
static inline __m256i load_lanes(const uint8_t *in, unsigned width, unsigned word, unsigned half)
{
    if (word < width / 2)
        return load(in + word * LANES * 4 + half * 32);
    return _mm256_cvtepu16_epi32(
        _mm_loadu_si128((const void *)(in + width / 2 * LANES * 4 + half * 16)));
}

/* With a width that the compiler knows, shifts and words are constants of an unrolled loop. */
static inline __attribute__((always_inline)) __m256i unpack_lanes(const uint8_t *in,
                                                                  const unsigned width,
                                                                  unsigned row, unsigned half)
{
    unsigned word = row * width / 32, shift = row * width % 32;
    __m256i value = _mm256_srli_epi32(load_lanes(in, width, word, half), (int)shift);
    if (shift + width > 32)
        value = _mm256_or_si256(value, _mm256_slli_epi32(load_lanes(in, width, word + 1, half),
                                                         (int)(32 - shift)));
    if (shift + width != 32)
        value = _mm256_and_si256(value, _mm256_set1_epi32((int)((1u << width) - 1)));
    return value;
}

static inline __attribute__((always_inline)) void unpack_rows(const uint8_t *in,
                                                              const unsigned width, uint32_t *out)
{
#pragma GCC unroll 16
    for (unsigned row = 0; row < ROWS; row++)
#pragma GCC unroll 2
        for (unsigned half = 0; half < 2; half++)
            _mm256_storeu_si256((void *)(out + row * LANES + half * 8),
                                unpack_lanes(in, width, row, half));
}

#define WIDTHS(X)                                                                                  \
    X(1)                                                                                           \
    X(2)                                                                                           \
    X(3)                                                                                           \
    X(4)                                                                                           \
    X(5)                                                                                           \
    X(6)                                                                                           \
    X(7)                                                                                           \
    X(8)                                                                                           \
    X(9)                                                                                           \
    X(10)                                                                                          \
    X(11)                                                                                          \
    X(12)                                                                                          \
    X(13)                                                                                          \
    X(14)                                                                                          \
    X(15)                                                                                          \
    X(16)

static void unpack(const uint8_t *in, unsigned width, uint32_t *out)
{
    switch (width) {
    case 0:
        memset(out, 0, sizeof *out * AUK_PACKED_COUNT);
        break;
#define X(known)                                                                                   \
    case known:                                                                                    \
        unpack_rows(in, known, out);                                                               \
        break;
        WIDTHS(X)
#undef X
    default: /* rare: gaps of 2^16 and more */
        auk_kernels_portable.unpack(in, width, out);
    }
}

/* Each lane plus those above it. */
static inline __m256i sum_above(__m256i values)
{
    values = _mm256_add_epi32(values, _mm256_bsrli_epi128(values, 4));
    values = _mm256_add_epi32(values, _mm256_bsrli_epi128(values, 8));
    __m256i high = _mm256_permutevar8x32_epi32(values, _mm256_set1_epi32(4));
    return _mm256_add_epi32(values, _mm256_blend_epi32(_mm256_setzero_si256(), high, 0x0f));
}

/* Backwards from the last document, as the portable one; eight at a time. */
static void unpack_docs(const uint8_t *in, unsigned width, uint32_t last, uint32_t *out)
{
    unpack(in, width, out);
    const __m256i one = _mm256_set1_epi32(1), first = _mm256_setzero_si256();
    __m256i top = _mm256_set1_epi32((int)last); /* the document of lane 7 */
    for (unsigned i = AUK_PACKED_COUNT; i > 0; i -= 8) {
        __m256i gaps = _mm256_add_epi32(load(out + i - 8), one);
        __m256i sums = sum_above(gaps);
        __m256i docs = _mm256_sub_epi32(top, _mm256_sub_epi32(sums, gaps));
        _mm256_storeu_si256((void *)(out + i - 8), docs);
        top = _mm256_sub_epi32(top, _mm256_permutevar8x32_epi32(sums, first));
    }
}

static uint32_t count_bits(const uint8_t *words, uint32_t word_count)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < word_count; i++)
        count += (uint64_t)_mm_popcnt_u64(auk_load_u64(words + (size_t)i * 8));
    return (uint32_t)count;
}

/* The numbers of the set bits of a byte, low ones first, a byte each. */
static inline uint64_t bit_numbers(unsigned byte)
{
    uint64_t spread = _pdep_u64(byte, UINT64_C(0x0101010101010101)) * 0xff;
    return _pext_u64(UINT64_C(0x0706050403020100), spread);
}

static void expand_bits(const uint8_t *words, uint32_t word_count, uint32_t base, uint32_t *out)
{
    for (uint32_t i = 0; i < word_count; i++, base += 64) {
        uint64_t word = auk_load_u64(words + (size_t)i * 8);
        for (uint32_t first = base; word != 0; word >>= 8, first += 8) {
            unsigned byte = word & 0xff;
            __m128i numbers = _mm_cvtsi64_si128((long long)bit_numbers(byte));
            __m256i docs =
                _mm256_add_epi32(_mm256_cvtepu8_epi32(numbers), _mm256_set1_epi32((int)first));
            _mm256_storeu_si256((void *)out, docs);
            out += _mm_popcnt_u32(byte);
        }
    }
}

/* A word of the window from 64 bytes that are 0 or 255. */
static inline uint64_t gather_bytes(const uint8_t *map)
{
    uint32_t low = (uint32_t)_mm256_movemask_epi8(load(map));
    uint32_t high = (uint32_t)_mm256_movemask_epi8(load(map + 32));
    return (uint64_t)high << 32 | low;
}

/* A bit a document waits for the one before where both are in one word, as they are where documents
 * stand close together; a byte a document waits for nothing. */
static void mark_docs(const uint32_t *docs, uint32_t count, uint32_t base, uint64_t *bits)
{
    enum { MANY = 64, CLOSE = 4 };
    uint8_t map[AUK_MARK_BITS];
    uint32_t first = (docs[0] - base) / 64, last = (docs[count - 1] - base) / 64;
    if (count < MANY || last >= AUK_MARK_BITS / 64 || first > last ||
        (last - first + 1) * CLOSE > count) {
        auk_portable_mark_docs(docs, count, base, bits);
        return;
    }
    memset(map + (size_t)first * 64, 0, (size_t)(last - first + 1) * 64);
    for (uint32_t i = 0; i < count; i++)
        map[(docs[i] - base) % AUK_MARK_BITS] = 255;
    for (uint32_t word = first; word <= last; word++)
        bits[word] |= gather_bytes(map + (size_t)word * 64);
}

/* A load of 64 bits covers 57 from any bit on: eight values of up to 7 bits, four of up to 14. */
static void unpack_run(const uint8_t *in, size_t bit, unsigned width, uint32_t count, uint32_t *out)
{
    if (width <= 7) {
        uint64_t mask = ((UINT64_C(1) << width) - 1) * UINT64_C(0x0101010101010101);
        for (uint32_t i = 0; i < count; i += 8, bit += (size_t)8 * width) {
            uint64_t bytes = _pdep_u64(auk_load_u64(in + (bit >> 3)) >> (bit & 7), mask);
            __m128i values = _mm_cvtsi64_si128((long long)bytes);
            _mm256_storeu_si256((void *)(out + i), _mm256_cvtepu8_epi32(values));
        }
    } else if (width <= 14) {
        uint64_t mask = ((UINT64_C(1) << width) - 1) * UINT64_C(0x0001000100010001);
        for (uint32_t i = 0; i < count; i += 4, bit += (size_t)4 * width) {
            uint64_t halves = _pdep_u64(auk_load_u64(in + (bit >> 3)) >> (bit & 7), mask);
            __m128i values = _mm_cvtsi64_si128((long long)halves);
            _mm_storeu_si128((void *)(out + i), _mm_cvtepu16_epi32(values));
        }
    } else {
        auk_portable_unpack_run(in, bit, width, count, out);
    }
}

/* Eight numbers are as many bytes as one has bits, so each eight begin at the same bit of a byte:
 * where their bytes are, and how far they are shifted, is worked out once. */
typedef struct layout {
    __m256i bytes[2], shifts[2]; /* of four numbers each */
    size_t pairs[4];             /* where the 16 bytes of two numbers begin */
} layout;

static layout lay_out(size_t bit, unsigned width)
{
    layout out;
    uint8_t bytes[64];
    uint64_t shifts[8];
    for (unsigned pair = 0; pair < 4; pair++) {
        size_t first = (bit & 7) + (size_t)pair * 2 * width;
        out.pairs[pair] = first >> 3;
        for (unsigned one = 0; one < 2; one++) {
            size_t at = first - (out.pairs[pair] << 3) + (size_t)one * width;
            shifts[pair * 2 + one] = at & 7;
            for (unsigned b = 0; b < 8; b++)
                bytes[pair * 16 + one * 8 + b] = (uint8_t)((at >> 3) + b);
        }
    }
    for (unsigned half = 0; half < 2; half++) {
        out.bytes[half] = load(bytes + (size_t)half * 32);
        out.shifts[half] = load(shifts + (size_t)half * 4);
    }
    return out;
}

static inline __m256i four(const layout *how, const uint8_t *in, unsigned half, __m256i mask)
{
    __m128i low = _mm_loadu_si128((const void *)(in + how->pairs[half * 2]));
    __m128i high = _mm_loadu_si128((const void *)(in + how->pairs[half * 2 + 1]));
    __m256i bytes = _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
    bytes = _mm256_shuffle_epi8(bytes, how->bytes[half]);
    return _mm256_and_si256(_mm256_srlv_epi64(bytes, how->shifts[half]), mask);
}

static inline __attribute__((always_inline)) uint32_t unpack_eights(const uint8_t *in, size_t size,
                                                                    size_t bit, unsigned width,
                                                                    const auk_line *line,
                                                                    uint32_t count, uint64_t *out,
                                                                    const bool scales)
{
    const layout how = lay_out(bit, width);
    const __m256i mask = _mm256_set1_epi64x((long long)((UINT64_C(1) << width) - 1));
    const __m256i factor = _mm256_set1_epi64x((long long)line->factor);
    const __m256i step = _mm256_set1_epi64x((long long)(line->slope * 4));
    __m256i base = _mm256_setr_epi64x((long long)line->base, (long long)(line->base + line->slope),
                                      (long long)(line->base + line->slope * 2),
                                      (long long)(line->base + line->slope * 3));
    size_t at = bit >> 3;
    uint32_t i = 0;
    for (; i + 8 <= count && at + how.pairs[3] + 16 <= size; i += 8, at += width)
        for (unsigned half = 0; half < 2; half++) {
            __m256i numbers = four(&how, in + at, half, mask);
            if (scales)
                numbers = _mm256_mul_epu32(numbers, factor);
            _mm256_storeu_si256((void *)(out + i + half * 4), _mm256_add_epi64(numbers, base));
            base = _mm256_add_epi64(base, step);
        }
    return i;
}

static void unpack_line(const uint8_t *in, size_t size, size_t bit, unsigned width,
                        const auk_line *line, uint32_t count, uint64_t *out)
{
    uint32_t done = 0;
    if (line->factor == 1)
        done = unpack_eights(in, size, bit, width, line, count, out, false);
    else if (width <= 32 && line->factor >> 32 == 0)
        done = unpack_eights(in, size, bit, width, line, count, out, true);
    auk_line rest = *line;
    rest.base += line->slope * done;
    auk_portable_unpack_line(in, size, bit + (size_t)done * width, width, &rest, count - done,
                             out + done);
}

/* The words at four places of bytes; single loads, because gathers cost more on many a core. */
static inline __m256i load_words(const uint8_t *in, const uint32_t *at)
{
    __m128i words[4];
    for (unsigned i = 0; i < 4; i++)
        words[i] = _mm_loadl_epi64((const void *)(in + at[i]));
    return _mm256_set_m128i(_mm_unpacklo_epi64(words[2], words[3]),
                            _mm_unpacklo_epi64(words[0], words[1]));
}

/* Of 64 bits times 32, the low 64. */
static inline __m256i times(__m256i wide, __m256i narrow)
{
    __m256i high = _mm256_mul_epu32(_mm256_srli_epi64(wide, 32), narrow);
    return _mm256_add_epi64(_mm256_mul_epu32(wide, narrow), _mm256_slli_epi64(high, 32));
}

static inline __attribute__((always_inline)) uint32_t pick_eights(
    const uint8_t *in, unsigned width, const auk_line *line, const uint32_t *places, uint32_t base,
    uint32_t count, uint64_t *out, const bool factor, const bool slope)
{
    const __m256i mask = _mm256_set1_epi64x((long long)((UINT64_C(1) << width) - 1));
    const __m256i widths = _mm256_set1_epi32((int)width), first = _mm256_set1_epi32((int)base);
    const __m256i least = _mm256_set1_epi64x((long long)line->base);
    const __m256i factors = _mm256_set1_epi64x((long long)line->factor);
    const __m256i slopes = _mm256_set1_epi64x((long long)line->slope);
    uint32_t i = 0, at[8];
    for (; i + 8 <= count; i += 8) {
        __m256i eight = _mm256_sub_epi32(load(places + i), first);
        __m256i bits = _mm256_mullo_epi32(eight, widths);
        _mm256_storeu_si256((void *)at, _mm256_srli_epi32(bits, 3));
        bits = _mm256_and_si256(bits, _mm256_set1_epi32(7));
        for (unsigned half = 0; half < 2; half++) {
            __m128i shifts =
                half ? _mm256_extracti128_si256(bits, 1) : _mm256_castsi256_si128(bits);
            __m256i four = load_words(in, at + (size_t)half * 4);
            four = _mm256_srlv_epi64(four, _mm256_cvtepu32_epi64(shifts));
            four = _mm256_and_si256(four, mask);
            if (factor)
                four = times(factors, four);
            if (slope) {
                __m128i rows =
                    half ? _mm256_extracti128_si256(eight, 1) : _mm256_castsi256_si128(eight);
                four = _mm256_add_epi64(four, times(slopes, _mm256_cvtepu32_epi64(rows)));
            }
            _mm256_storeu_si256((void *)(out + i + (size_t)half * 4),
                                _mm256_add_epi64(four, least));
        }
    }
    return i;
}

static void pick_line(const uint8_t *in, unsigned width, const auk_line *line,
                      const uint32_t *places, uint32_t base, uint32_t count, uint64_t *out)
{
    uint32_t done = 0;
    if (line->factor == 1 && line->slope == 0)
        done = pick_eights(in, width, line, places, base, count, out, false, false);
    else if (line->factor == 1)
        done = pick_eights(in, width, line, places, base, count, out, false, true);
    else if (width <= 32)
        done = pick_eights(in, width, line, places, base, count, out, true, true);
    auk_portable_pick_line(in, width, line, places + done, base, count - done, out + done);
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

static uint64_t sum(const uint32_t *values, uint32_t count)
{
    __m256i even = _mm256_setzero_si256(), odd = even;
    const __m256i low = _mm256_set1_epi64x(UINT32_MAX);
    uint64_t parts[4], total = 0;
    uint32_t i = 0;
    for (; i + 8 <= count; i += 8) {
        __m256i eight = load(values + i);
        even = _mm256_add_epi64(even, _mm256_and_si256(eight, low));
        odd = _mm256_add_epi64(odd, _mm256_srli_epi64(eight, 32));
    }
    _mm256_storeu_si256((void *)parts, _mm256_add_epi64(even, odd));
    for (; i < count; i++)
        total += values[i];
    return total + parts[0] + parts[1] + parts[2] + parts[3];
}

/* Each lane plus those below it. */
static inline __m256i sum_below(__m256i values)
{
    values = _mm256_add_epi32(values, _mm256_bslli_epi128(values, 4));
    values = _mm256_add_epi32(values, _mm256_bslli_epi128(values, 8));
    __m256i low = _mm256_permutevar8x32_epi32(values, _mm256_set1_epi32(3));
    return _mm256_add_epi32(values, _mm256_blend_epi32(_mm256_setzero_si256(), low, 0xf0));
}

static void prefix(const uint32_t *values, uint32_t count, uint32_t *sums)
{
    const __m256i last = _mm256_set1_epi32(7);
    __m256i total = _mm256_setzero_si256();
    uint32_t i = 0;
    for (; i + 8 <= count; i += 8) {
        __m256i eight = load(values + i), below = sum_below(eight);
        _mm256_storeu_si256((void *)(sums + i),
                            _mm256_add_epi32(total, _mm256_sub_epi32(below, eight)));
        total = _mm256_add_epi32(total, _mm256_permutevar8x32_epi32(below, last));
    }
    uint32_t rest = (uint32_t)_mm256_cvtsi256_si32(total);
    for (; i < count; i++) {
        sums[i] = rest;
        rest += values[i];
    }
    sums[count] = rest;
}

static inline uint32_t sum_lanes(__m256i values)
{
    __m128i four =
        _mm_add_epi32(_mm256_castsi256_si128(values), _mm256_extracti128_si256(values, 1));
    four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4e));
    four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0xb1));
    return (uint32_t)_mm_cvtsi128_si32(four);
}

/* Lane by lane what is in front of each row is kept, so that nothing depends on the index until all
 * is added up. Values of 16 bits: no sum passes 32. */
static inline __attribute__((always_inline)) uint64_t sum_rows_of(const uint8_t *in,
                                                                  const unsigned width,
                                                                  uint32_t index, uint64_t *before,
                                                                  uint32_t *value)
{
    uint32_t fronts[ROWS + 1][LANES], lanes[LANES];
    __m256i sums[2] = {_mm256_setzero_si256(), _mm256_setzero_si256()};
#pragma GCC unroll 16
    for (unsigned row = 0; row < ROWS; row++)
#pragma GCC unroll 2
        for (unsigned half = 0; half < 2; half++) {
            _mm256_storeu_si256((void *)&fronts[row][half * 8], sums[half]);
            sums[half] = _mm256_add_epi32(sums[half], unpack_lanes(in, width, row, half));
        }
    const uint32_t row = index / LANES, lane = index % LANES;
    const __m256i numbers = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    __m256i front = _mm256_setzero_si256();
    for (unsigned half = 0; half < 2; half++) {
        _mm256_storeu_si256((void *)&fronts[ROWS][half * 8], sums[half]);
        __m256i above = load(&fronts[row][half * 8]);
        __m256i here = _mm256_sub_epi32(load(&fronts[row + 1][half * 8]), above);
        __m256i counts = _mm256_cmpgt_epi32(_mm256_set1_epi32((int)lane - (int)half * 8), numbers);
        _mm256_storeu_si256((void *)(lanes + half * 8), here);
        front = _mm256_add_epi32(front, _mm256_add_epi32(above, _mm256_and_si256(here, counts)));
    }
    *before = sum_lanes(front);
    *value = lanes[lane];
    return sum_lanes(_mm256_add_epi32(sums[0], sums[1]));
}

static uint64_t sum_packed(const uint8_t *in, unsigned width, uint32_t index, uint64_t *before,
                           uint32_t *value)
{
    switch (width) {
#define X(known)                                                                                   \
    case known:                                                                                    \
        return sum_rows_of(in, known, index, before, value);
        WIDTHS(X)
#undef X
    case 0:
        *before = *value = 0;
        return 0;
    default: /* what frequencies hardly are */
        return auk_kernels_portable.sum_packed(in, width, index, before, value);
    }
}

/* Eight numbers from a bit on: a load covers eight of up to 7 bits, or four of up to 14. */
static inline __m256i narrow_numbers(const uint8_t *in, size_t bit, unsigned width, uint64_t mask)
{
    (void)width;
    uint64_t bytes = _pdep_u64(auk_load_u64(in + (bit >> 3)) >> (bit & 7), mask);
    return _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)bytes));
}

static inline __m256i wide_numbers(const uint8_t *in, size_t bit, unsigned width, uint64_t mask)
{
    uint64_t low = _pdep_u64(auk_load_u64(in + (bit >> 3)) >> (bit & 7), mask);
    bit += (size_t)4 * width;
    uint64_t high = _pdep_u64(auk_load_u64(in + (bit >> 3)) >> (bit & 7), mask);
    return _mm256_cvtepu16_epi32(_mm_set_epi64x((long long)high, (long long)low));
}

static inline __m256i whole_numbers(const uint8_t *in, size_t bit, unsigned width, uint64_t mask)
{
    (void)width;
    (void)mask;
    return load(in + (bit >> 3));
}

typedef __m256i read_eight(const uint8_t *in, size_t bit, unsigned width, uint64_t mask);

static inline __attribute__((always_inline)) void sum_rows_by(read_eight *read, uint64_t lanes,
                                                              const uint8_t *in, unsigned width,
                                                              uint32_t zero, const uint32_t *firsts,
                                                              const uint32_t *counts,
                                                              const uint32_t *starts,
                                                              uint32_t row_count, uint32_t *out)
{
    const __m256i last = _mm256_set1_epi32(7);
    const uint64_t mask = ((UINT64_C(1) << width) - 1) * lanes;
    for (uint32_t row = 0; row < row_count; row++) {
        size_t bit = (size_t)(firsts[row] - zero) * width;
        uint32_t *sums = out + starts[row];
        __m256i below = sum_below(read(in, bit, width, mask));
        _mm256_storeu_si256((void *)sums, below);
        for (uint32_t i = 8; i < counts[row]; i += 8) {
            __m256i total = _mm256_permutevar8x32_epi32(below, last);
            bit += (size_t)8 * width;
            below = _mm256_add_epi32(total, sum_below(read(in, bit, width, mask)));
            _mm256_storeu_si256((void *)(sums + i), below);
        }
    }
}

static void sum_rows(const uint8_t *in, unsigned width, uint32_t zero, const uint32_t *firsts,
                     const uint32_t *counts, const uint32_t *starts, uint32_t row_count,
                     uint32_t *out)
{
    if (width <= 7)
        sum_rows_by(narrow_numbers, UINT64_C(0x0101010101010101), in, width, zero, firsts, counts,
                    starts, row_count, out);
    else if (width <= AUK_ROW_WIDEST)
        sum_rows_by(wide_numbers, UINT64_C(0x0001000100010001), in, width, zero, firsts, counts,
                    starts, row_count, out);
    else
        sum_rows_by(whole_numbers, 1, in, width, zero, firsts, counts, starts, row_count, out);
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
        auk_store_u64(indices + found, bit_numbers(mask) + i * UINT64_C(0x0101010101010101));
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

const auk_kernels auk_kernels_avx2 = {
    .name = "avx2",
    .pack = auk_portable_pack,
    .unpack = unpack,
    .unpack_docs = unpack_docs,
    .count_bits = count_bits,
    .expand_bits = expand_bits,
    .mark_docs = mark_docs,
    .unpack_run = unpack_run,
    .unpack_line = unpack_line,
    .pick_line = pick_line,
    .vbyte_size = vbyte_size,
    .vbyte_decode = vbyte_decode,
    .sum = sum,
    .prefix = prefix,
    .sum_packed = sum_packed,
    .sum_rows = sum_rows,
    .find = find,
    .at_least = at_least,
    .match = match,
};

#endif
