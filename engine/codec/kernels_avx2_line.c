/* Numbers of columns that stand for others by a line, for AVX2. */
#include "kernels_avx2.h"

#if defined(__AVX2__)

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

void auk_avx2_unpack_line(const uint8_t *in, size_t size, size_t bit, unsigned width,
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

void auk_avx2_pick_line(const uint8_t *in, unsigned width, const auk_line *line,
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

#endif
