#include <string.h>

#include "auk/cpu.h"
#include "bits.h"
#include "kernels.h"

enum { LANES = 16, ROWS = 16 };

/* The lane words as 32-bit rows: the loops below then have one shift a row, which compilers turn to
 * vectors. */
static void load_rows(const uint8_t *in, unsigned width, uint32_t rows[ROWS + 1][LANES])
{
    unsigned whole = width / 2;
    memcpy(rows, in, sizeof rows[0] * whole);
    if (width % 2 == 0)
        return;
    uint16_t half[LANES];
    memcpy(half, in + sizeof rows[0] * whole, sizeof half);
    for (unsigned lane = 0; lane < LANES; lane++)
        rows[whole][lane] = half[lane];
}

static void unpack(const uint8_t *in, unsigned width, uint32_t *out)
{
    if (width == 0) {
        memset(out, 0, sizeof *out * AUK_PACKED_COUNT);
        return;
    }
    uint32_t rows[ROWS + 1][LANES];
    load_rows(in, width, rows);

    uint32_t mask = (UINT32_C(1) << width) - 1;
    for (unsigned row = 0; row < ROWS; row++, out += LANES) {
        unsigned word = row * width / 32, shift = row * width % 32;
        if (shift + width <= 32) {
            for (unsigned lane = 0; lane < LANES; lane++)
                out[lane] = (rows[word][lane] >> shift) & mask;
        } else {
            unsigned rest = 32 - shift;
            for (unsigned lane = 0; lane < LANES; lane++)
                out[lane] = ((rows[word][lane] >> shift) | (rows[word + 1][lane] << rest)) & mask;
        }
    }
}

void auk_portable_pack(const uint32_t *values, unsigned width, uint8_t *out)
{
    uint32_t rows[ROWS + 1][LANES] = {{0}};
    for (unsigned row = 0; row < ROWS; row++, values += LANES) {
        unsigned word = row * width / 32, shift = row * width % 32;
        for (unsigned lane = 0; lane < LANES; lane++)
            rows[word][lane] |= values[lane] << shift;
        if (shift + width > 32) {
            for (unsigned lane = 0; lane < LANES; lane++)
                rows[word + 1][lane] |= values[lane] >> (32 - shift);
        }
    }

    unsigned whole = width / 2;
    memcpy(out, rows, sizeof rows[0] * whole);
    if (width % 2 == 0)
        return;
    uint16_t half[LANES];
    for (unsigned lane = 0; lane < LANES; lane++)
        half[lane] = (uint16_t)rows[whole][lane];
    memcpy(out + sizeof rows[0] * whole, half, sizeof half);
}

/* Four at a time, as every machine with vectors can: one addition in four waits for another. */
typedef uint32_t four __attribute__((vector_size(16)));

static inline four load_four(const uint32_t *at)
{
    four values;
    memcpy(&values, at, sizeof values);
    return values;
}

static inline void store_four(four values, uint32_t *at)
{
    memcpy(at, &values, sizeof values);
}

static void unpack_docs(const uint8_t *in, unsigned width, uint32_t last, uint32_t *out)
{
    unpack(in, width, out);
    /* Backwards from the last document, so that the gap in front of the block costs no width. */
    const four none = {0}, one = {1, 1, 1, 1};
    four doc = {last, last, last, last};
    for (unsigned i = AUK_PACKED_COUNT; i > 0; i -= 4) {
        four gaps = load_four(out + i - 4) + one;
        four sums = gaps + __builtin_shufflevector(gaps, none, 1, 2, 3, 4);
        sums += __builtin_shufflevector(sums, none, 2, 3, 4, 5);
        store_four(doc - (sums - gaps), out + i - 4);
        doc -= __builtin_shufflevector(sums, sums, 0, 0, 0, 0);
    }
}

static uint32_t count_bits(const uint8_t *words, uint32_t word_count)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < word_count; i++)
        count += auk_bits_count(auk_load_u64(words + (size_t)i * 8));
    return count;
}

static void expand_bits(const uint8_t *words, uint32_t word_count, uint32_t base, uint32_t *out)
{
    for (uint32_t i = 0; i < word_count; i++, base += 64) {
        uint64_t word = auk_load_u64(words + (size_t)i * 8);
        for (; word != 0; word &= word - 1)
            *out++ = base + (uint32_t)__builtin_ctzll(word);
    }
}

static inline void mark_doc(uint32_t doc, uint32_t base, uint64_t *bits)
{
    uint32_t slot = (doc - base) % AUK_MARK_BITS;
    bits[slot / 64] |= UINT64_C(1) << (slot % 64);
}

/* A bit waits for the one before where both are in one word, so neighbours are not set in turn. */
void auk_portable_mark_docs(const uint32_t *docs, uint32_t count, uint32_t base, uint64_t *bits)
{
    enum { PARTS = 16 };
    const uint32_t step = count / PARTS;
    for (uint32_t i = 0; i < step; i++)
        for (uint32_t part = 0; part < PARTS; part++)
            mark_doc(docs[part * step + i], base, bits);
    for (uint32_t i = PARTS * step; i < count; i++)
        mark_doc(docs[i], base, bits);
}

void auk_portable_unpack_run(const uint8_t *in, size_t bit, unsigned width, uint32_t count,
                             uint32_t *out)
{
    uint64_t mask = (UINT64_C(1) << width) - 1;
    for (uint32_t i = 0; i < count; i++, bit += width)
        out[i] = (uint32_t)((auk_load_u64(in + (bit >> 3)) >> (bit & 7)) & mask);
}

void auk_portable_unpack_line(const uint8_t *in, size_t size, size_t bit, unsigned width,
                              const auk_line *line, uint32_t count, uint64_t *out)
{
    (void)size;
    uint64_t mask = (UINT64_C(1) << width) - 1, base = line->base;
    if (line->factor == 1 && line->slope == 0) {
        for (uint32_t i = 0; i < count; i++, bit += width)
            out[i] = base + ((auk_load_u64(in + (bit >> 3)) >> (bit & 7)) & mask);
        return;
    }
    for (uint32_t i = 0; i < count; i++, bit += width, base += line->slope)
        out[i] = base + line->factor * ((auk_load_u64(in + (bit >> 3)) >> (bit & 7)) & mask);
}

void auk_portable_pick_line(const uint8_t *in, unsigned width, const auk_line *line,
                            const uint32_t *places, uint32_t base, uint32_t count, uint64_t *out)
{
    uint64_t mask = (UINT64_C(1) << width) - 1;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t place = places[i] - base, bit = place * width;
        uint64_t number = (auk_load_u64(in + (bit >> 3)) >> (bit & 7)) & mask;
        out[i] = line->base + line->factor * number + line->slope * place;
    }
}

static void mark_run(const uint8_t *in, size_t size, unsigned width, uint64_t least, uint64_t most,
                     uint32_t count, uint64_t *bits)
{
    (void)size;
    uint64_t mask = (UINT64_C(1) << width) - 1;
    size_t bit = 0;
    for (uint32_t i = 0; i < count; i += 64) {
        uint32_t some = count - i < 64 ? count - i : 64;
        uint64_t word = 0;
        for (uint32_t j = 0; j < some; j++, bit += width) {
            uint64_t number = (auk_load_u64(in + (bit >> 3)) >> (bit & 7)) & mask;
            word |= (uint64_t)(number - least <= most - least) << j;
        }
        bits[i / 64] = word;
    }
}

static void spread_bits(const uint64_t *in, const uint64_t *where, uint32_t words, uint64_t *out)
{
    uint32_t next = 0;
    for (uint32_t i = 0; i < words; i++) {
        uint64_t found = 0;
        for (uint64_t left = where[i]; left; left &= left - 1, next++)
            found |= (in[next / 64] >> (next % 64) & 1) ? left & -left : 0;
        out[i] = found;
    }
}

size_t auk_vbyte_encode(const uint32_t *values, uint32_t count, uint8_t *out)
{
    uint8_t *data = out + (count + 3) / 4;
    memset(out, 0, (count + 3) / 4);
    for (uint32_t i = 0; i < count; i++) {
        unsigned more = (31u - (unsigned)__builtin_clz(values[i] | 1)) / 8;
        out[i / 4] |= (uint8_t)(more << (i % 4 * 2));
        auk_store_u32(data, values[i]);
        data += more + 1;
    }
    return (size_t)(data - out);
}

static size_t vbyte_size(const uint8_t *control, uint32_t count)
{
    /* Each value has a byte, plus what its two bits say: low bits count one, high bits two. */
    size_t size = count;
    for (uint32_t i = 0; i < count / 4; i++) {
        unsigned pairs = control[i];
        size += auk_bits_count(pairs & 0x55) + 2 * auk_bits_count(pairs & 0xaa);
    }
    for (uint32_t i = count & ~3u; i < count; i++)
        size += (unsigned)control[i / 4] >> (i % 4 * 2) & 3u;
    return size;
}

static void vbyte_decode(const uint8_t *control, const uint8_t *data, uint32_t count, uint32_t *out)
{
    static const uint32_t masks[4] = {0xff, 0xffff, 0xffffff, 0xffffffff};
    for (uint32_t i = 0; i < count; i++) {
        unsigned more = (unsigned)control[i / 4] >> (i % 4 * 2) & 3u;
        out[i] = auk_load_u32(data) & masks[more];
        data += more + 1;
    }
}

static uint32_t find(const uint32_t *docs, uint32_t from, uint32_t count, uint32_t target)
{
    /* Halving without branches: the answer lies in from .. from + length. */
    uint32_t length = count - from;
    while (length > 0) {
        uint32_t half = length / 2;
        bool below = docs[from + half] < target;
        from = below ? from + half + 1 : from;
        length = below ? length - half - 1 : half;
    }
    return from;
}

static uint64_t sum(const uint32_t *values, uint32_t count)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < count; i++)
        total += values[i];
    return total;
}

static void prefix(const uint32_t *values, uint32_t count, uint32_t *sums)
{
    const four none = {0};
    four total = none;
    uint32_t i = 0;
    for (; i + 4 <= count; i += 4) {
        four each = load_four(values + i);
        four below = each + __builtin_shufflevector(none, each, 3, 4, 5, 6);
        below += __builtin_shufflevector(none, below, 2, 3, 4, 5);
        store_four(total + (below - each), sums + i);
        total += __builtin_shufflevector(below, below, 3, 3, 3, 3);
    }
    uint32_t rest = total[0];
    for (; i < count; i++) {
        sums[i] = rest;
        rest += values[i];
    }
    sums[count] = rest;
}

static void sum_rows(const uint8_t *in, unsigned width, uint32_t zero, const uint32_t *firsts,
                     const uint32_t *counts, const uint32_t *starts, uint32_t row_count,
                     uint32_t *out)
{
    const uint64_t mask = (UINT64_C(1) << width) - 1;
    for (uint32_t row = 0; row < row_count; row++) {
        size_t bit = (size_t)(firsts[row] - zero) * width;
        uint32_t *sums = out + starts[row], total = 0;
        for (uint32_t i = 0; i < counts[row]; i++, bit += width) {
            total += (uint32_t)((auk_load_u64(in + (bit >> 3)) >> (bit & 7)) & mask);
            sums[i] = total;
        }
    }
}

static uint32_t at_least(const uint32_t *values, uint32_t count, uint32_t least, uint8_t *indices)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < count; i++) {
        indices[found] = (uint8_t)i;
        found += values[i] >= least;
    }
    return found;
}

static uint32_t match(const uint32_t *docs, uint32_t from, uint32_t count, const uint32_t *wanted,
                      uint32_t wanted_count, uint8_t *numbers, uint8_t *indices)
{
    enum { MANY_MORE = 4 };
    bool jumps = (count - from) / MANY_MORE > wanted_count;
    uint32_t found = 0;
    for (uint32_t i = 0; i < wanted_count && from < count;) {
        if (jumps)
            from = find(docs, from, count, wanted[i]);
        if (from >= count)
            break;
        uint32_t mine = docs[from], theirs = wanted[i];
        numbers[found] = (uint8_t)i;
        indices[found] = (uint8_t)from;
        found += mine == theirs;
        from += mine <= theirs;
        i += theirs <= mine;
    }
    return found;
}

static uint64_t sum_packed(const uint8_t *in, unsigned width, uint32_t index, uint64_t *before,
                           uint32_t *value)
{
    uint32_t values[AUK_PACKED_COUNT];
    unpack(in, width, values);
    *before = sum(values, index);
    *value = values[index];
    return *before + sum(values + index, AUK_PACKED_COUNT - index);
}

static uint32_t match_bits(const uint8_t *words, uint32_t word_count, uint32_t first_word,
                           const uint8_t *ranks, const uint32_t *wanted, uint32_t wanted_count,
                           uint8_t *numbers, uint8_t *indices)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < wanted_count; i++) {
        uint32_t word = wanted[i] / 64 - first_word; /* in front of the first: very far */
        if (word >= word_count)
            continue;
        uint64_t bits = auk_load_u64(words + (size_t)word * 8);
        uint64_t bit = UINT64_C(1) << (wanted[i] % 64);
        numbers[found] = (uint8_t)i;
        indices[found] = (uint8_t)(ranks[word] + auk_bits_count(bits & (bit - 1)));
        found += (bits & bit) != 0;
    }
    return found;
}

const auk_kernels auk_kernels_portable = {
    .name = "portable",
    .pack = auk_portable_pack,
    .unpack = unpack,
    .unpack_docs = unpack_docs,
    .count_bits = count_bits,
    .expand_bits = expand_bits,
    .mark_docs = auk_portable_mark_docs,
    .unpack_run = auk_portable_unpack_run,
    .unpack_line = auk_portable_unpack_line,
    .pick_line = auk_portable_pick_line,
    .mark_run = mark_run,
    .spread_bits = spread_bits,
    .vbyte_size = vbyte_size,
    .vbyte_decode = vbyte_decode,
    .sum = sum,
    .prefix = prefix,
    .sum_packed = sum_packed,
    .sum_rows = sum_rows,
    .find = find,
    .at_least = at_least,
    .match = match,
    .match_bits = match_bits,
};

const auk_kernels *auk_kernels_best(void)
{
#if defined(__x86_64__)
    if (auk_cpu_level() >= AUK_CPU_AVX2)
        return &auk_kernels_avx2;
#endif
    return &auk_kernels_portable;
}
