/* Compiled for AVX2 (CMakeLists.txt); empty on other machines. */
#include "score_kernels.h"

#if defined(__AVX2__)

#include <immintrin.h>

#include "bm25.h"

/* No fused multiply-add: its one rounding would make other scores than the portable code's two. */
static void score(float weight, const uint32_t *freqs, float *scores, uint32_t count)
{
    const __m256 weights = _mm256_set1_ps(weight), one = _mm256_set1_ps(1.0f);
    uint32_t i = 0;
    for (; i + 8 <= count; i += 8) {
        /* Frequencies are below 2^31 (postings.h), so the signed conversion is right. */
        __m256 freq = _mm256_cvtepi32_ps(_mm256_loadu_si256((const void *)(freqs + i)));
        __m256 share = _mm256_mul_ps(freq, _mm256_loadu_ps(scores + i));
        __m256 lost = _mm256_div_ps(weights, _mm256_add_ps(one, share));
        _mm256_storeu_ps(scores + i, _mm256_sub_ps(weights, lost));
    }
    for (; i < count; i++)
        scores[i] = auk_bm25_score(weight, (float)freqs[i], scores[i]);
}

/* Which lanes of a mask are set, those in front, for a permutation. */
static inline __m256i lanes_of(unsigned mask)
{
    uint64_t spread = _pdep_u64(mask, UINT64_C(0x0101010101010101)) * 0xff;
    uint64_t lanes = _pext_u64(UINT64_C(0x0706050403020100), spread);
    return _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)lanes));
}

static inline uint32_t keep_eight(uint32_t *docs, float *scores, uint32_t from, uint32_t kept,
                                  unsigned mask)
{
    const __m256i lanes = lanes_of(mask);
    __m256i eight = _mm256_loadu_si256((const void *)(docs + from));
    __m256 values = _mm256_loadu_ps(scores + from);
    _mm256_storeu_si256((void *)(docs + kept), _mm256_permutevar8x32_epi32(eight, lanes));
    _mm256_storeu_ps(scores + kept, _mm256_permutevar8x32_ps(values, lanes));
    return kept + (uint32_t)_mm_popcnt_u32(mask);
}

/* Mostly nothing of many is kept; else those of eight, together, to where they go. */
static uint32_t keep_above(float floor, uint32_t *docs, float *scores, uint32_t count)
{
    const __m256 floors = _mm256_set1_ps(floor);
    uint32_t kept = 0, i = 0;
    for (; i + 32 <= count; i += 32) {
        __m256 four[4];
        for (unsigned k = 0; k < 4; k++)
            four[k] = _mm256_cmp_ps(_mm256_loadu_ps(scores + i + k * 8), floors, _CMP_GE_OQ);
        __m256 any = _mm256_or_ps(_mm256_or_ps(four[0], four[1]), _mm256_or_ps(four[2], four[3]));
        if (_mm256_movemask_ps(any) == 0)
            continue;
        for (unsigned k = 0; k < 4; k++)
            kept = keep_eight(docs, scores, i + k * 8, kept, (unsigned)_mm256_movemask_ps(four[k]));
    }
    for (; i < count; i++)
        if (scores[i] >= floor) {
            docs[kept] = docs[i];
            scores[kept++] = scores[i];
        }
    return kept;
}

/* Frequencies as bytes look their limits up in a register, 32 at a time. */
static uint32_t within(const uint8_t limits[16], const uint32_t *freqs, const uint8_t *codes,
                       uint32_t count, uint8_t *indices)
{
    const __m256i most = _mm256_set1_epi32(15);
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7); /* undoes the packing */
    const __m256i table = _mm256_broadcastsi128_si256(_mm_loadu_si128((const void *)limits));
    uint32_t found = 0, i = 0;
    for (; i + 32 <= count; i += 32) {
        __m256i four[4];
        for (unsigned k = 0; k < 4; k++)
            four[k] = _mm256_min_epu32(_mm256_loadu_si256((const void *)(freqs + i + k * 8)), most);
        __m256i bytes = _mm256_packus_epi16(_mm256_packus_epi32(four[0], four[1]),
                                            _mm256_packus_epi32(four[2], four[3]));
        __m256i limit = _mm256_shuffle_epi8(table, _mm256_permutevar8x32_epi32(bytes, order));
        __m256i code = _mm256_loadu_si256((const void *)(codes + i));
        __m256i fits = _mm256_cmpeq_epi8(_mm256_min_epu8(code, limit), code);
        for (unsigned mask = (unsigned)_mm256_movemask_epi8(fits); mask; mask &= mask - 1)
            indices[found++] = (uint8_t)(i + (uint32_t)__builtin_ctz(mask));
    }
    for (; i < count; i++) {
        indices[found] = (uint8_t)i;
        found += codes[i] <= limits[freqs[i] < 15 ? freqs[i] : 15];
    }
    return found;
}

/* Words at a: four sums, because one would be waited for. */
static inline __attribute__((always_inline)) uint32_t count_words(const uint64_t *a,
                                                                  const uint64_t *b, uint32_t words,
                                                                  const bool masked)
{
    uint64_t counts[4] = {0};
    uint32_t i = 0;
    for (; i + 4 <= words; i += 4)
        for (unsigned k = 0; k < 4; k++)
            counts[k] += (uint64_t)_mm_popcnt_u64(masked ? a[i + k] & b[i + k] : a[i + k]);
    for (; i < words; i++)
        counts[0] += (uint64_t)_mm_popcnt_u64(masked ? a[i] & b[i] : a[i]);
    return (uint32_t)(counts[0] + counts[1] + counts[2] + counts[3]);
}

static uint32_t count_bits(const uint64_t *a, const uint64_t *b, uint32_t words)
{
    return b ? count_words(a, b, words, true) : count_words(a, b, words, false);
}

/* Keeps those lanes of the eight from `from` on that mask names, at kept. */
static inline uint32_t keep_lanes(uint32_t *x, uint32_t from, uint32_t kept, unsigned mask)
{
    for (; mask; mask &= mask - 1)
        x[kept++] = x[from + (uint32_t)__builtin_ctz(mask)];
    return kept;
}

/* Eight of x against each of y that can be among them, without a branch that depends on what they
 * are. */
static uint32_t keep_in_row(uint32_t *x, uint32_t x_count, uint32_t x_away, const uint32_t *y,
                            uint32_t y_count, uint32_t y_away)
{
    const __m256i away = _mm256_set1_epi32((int)x_away);
    uint32_t kept = 0;
    for (uint32_t i = 0, j = 0; i < x_count; i += 8) {
        unsigned there = x_count - i < 8 ? (1u << (x_count - i)) - 1 : 0xff;
        __m256i wanted = _mm256_add_epi32(_mm256_loadu_si256((const void *)(x + i)), away);
        __m256i equal = _mm256_setzero_si256();
        uint32_t last = x[x_count - i < 8 ? x_count - 1 : i + 7] + x_away;
        for (; j < y_count && y[j] + y_away <= last; j++)
            equal =
                _mm256_or_si256(equal, _mm256_cmpeq_epi32(wanted,
                                                          _mm256_set1_epi32((int)(y[j] + y_away))));
        if (j > 0 && y[j - 1] + y_away == last)
            j--; /* the next eight may begin with the same number */
        kept = keep_lanes(x, i, kept,
                          (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(equal)) & there);
    }
    return kept;
}

/* The lanes that mask names, in their order, in front. */
static inline __m256i pack_lanes(__m256i values, unsigned mask)
{
    uint64_t spread = _pdep_u64(mask, UINT64_C(0x0101010101010101)) * 0xff;
    uint64_t numbers = _pext_u64(UINT64_C(0x0706050403020100), spread);
    return _mm256_permutevar8x32_epi32(values,
                                       _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)numbers)));
}

/* Which of eight numbers are among eight others: those turned round lane by lane, in halves. */
static inline unsigned lanes_among(__m256i wanted, __m256i others)
{
    __m256i turned = _mm256_permute2x128_si256(others, others, 1);
    __m256i a =
        _mm256_or_si256(_mm256_cmpeq_epi32(wanted, others), _mm256_cmpeq_epi32(wanted, turned));
    __m256i b = _mm256_or_si256(_mm256_cmpeq_epi32(wanted, _mm256_shuffle_epi32(others, 0x39)),
                                _mm256_cmpeq_epi32(wanted, _mm256_shuffle_epi32(turned, 0x39)));
    __m256i c = _mm256_or_si256(_mm256_cmpeq_epi32(wanted, _mm256_shuffle_epi32(others, 0x4e)),
                                _mm256_cmpeq_epi32(wanted, _mm256_shuffle_epi32(turned, 0x4e)));
    __m256i d = _mm256_or_si256(_mm256_cmpeq_epi32(wanted, _mm256_shuffle_epi32(others, 0x93)),
                                _mm256_cmpeq_epi32(wanted, _mm256_shuffle_epi32(turned, 0x93)));
    __m256i any = _mm256_or_si256(_mm256_or_si256(a, b), _mm256_or_si256(c, d));
    return (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(any));
}

/* Of two rows of eight numbers at most all are compared with all, without a branch that depends on
 * how many they are: the last of y stands also for those that it has not. */
static inline uint32_t keep_in_short_row(uint32_t *x, uint32_t x_count, uint32_t x_away,
                                         const uint32_t *y, uint32_t y_count, uint32_t y_away,
                                         const bool counts_only)
{
    const __m256i numbers = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    __m256i last = _mm256_set1_epi32((int)y_count - 1);
    __m256i others = _mm256_permutevar8x32_epi32(_mm256_loadu_si256((const void *)y),
                                                 _mm256_min_epi32(numbers, last));
    __m256i mine = _mm256_loadu_si256((const void *)x);
    __m256i wanted = _mm256_add_epi32(mine, _mm256_set1_epi32((int)(x_away - y_away)));
    unsigned mask = lanes_among(wanted, others) & ((1u << x_count) - 1);
    if (!counts_only)
        _mm256_storeu_si256((void *)x, pack_lanes(mine, mask));
    return (uint32_t)_mm_popcnt_u32(mask);
}

/* Numbers that pass 2^32 with what they are moved by would wrap: those go one by one. */
static inline __attribute__((always_inline)) void keep_in_rows(auk_position_rows *x,
                                                               uint32_t x_away,
                                                               const auk_position_rows *y,
                                                               uint32_t y_away,
                                                               const bool counts_only)
{
    const uint32_t most = UINT32_MAX - (x_away > y_away ? x_away : y_away);
    for (uint32_t row = 0; row < x->count; row++) {
        uint32_t *mine = x->positions + x->starts[row], count = x->counts[row];
        const uint32_t *theirs = y->positions + y->starts[row];
        uint32_t others = y->counts[row];
        if (count == 0 || others == 0)
            x->counts[row] = 0;
        else if (mine[count - 1] > most || theirs[others - 1] > most)
            x->counts[row] = auk_portable_keep_pairs(mine, count, x_away, theirs, others, y_away);
        else if (count <= 8 && others <= 8)
            x->counts[row] =
                keep_in_short_row(mine, count, x_away, theirs, others, y_away, counts_only);
        else
            x->counts[row] = keep_in_row(mine, count, x_away, theirs, others, y_away);
    }
}

static void keep_pairs(auk_position_rows *x, uint32_t x_away, const auk_position_rows *y,
                       uint32_t y_away)
{
    keep_in_rows(x, x_away, y, y_away, false);
}

static void count_pairs(auk_position_rows *x, uint32_t x_away, const auk_position_rows *y,
                        uint32_t y_away)
{
    keep_in_rows(x, x_away, y, y_away, true);
}

const auk_score_kernels auk_score_kernels_avx2 = {.score = score,
                                                  .keep_above = keep_above,
                                                  .within = within,
                                                  .count_bits = count_bits,
                                                  .keep_pairs = keep_pairs,
                                                  .count_pairs = count_pairs};

#endif
