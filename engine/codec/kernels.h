/*
 * kernels.h - the inner loops of postings and positions, behind one table of functions.
 *
 * The table is chosen once for the machine. Kernels know no format beyond the layouts below and
 * check nothing: callers make sure that the bytes are there, plus AUK_PART_PAD behind them.
 *
 *   Packed 256: value i stands in lane i % 16, row i / 16. Each lane is a stream of 16 x width
 *   bits, low bits first, cut into 32-bit words; the words of the 16 lanes lie side by side. An odd
 *   width ends in 16-bit words. Thus 32 * width bytes, and one layout for vectors of 512, 256 and
 *   128 bits.
 *
 *      word 0 of lanes 0..15 | word 1 of lanes 0..15 | .. | 16-bit words of lanes 0..15 (odd width)
 *
 *   StreamVByte: two bits a value (size - 1) in (count + 3) / 4 control bytes, low bits first,
 *   then the bytes of the values, little endian.
 *
 *   Lifetime  static.   Threads  any.   Memory  none.   Errors  none.
 */
#ifndef AUK_KERNELS_H
#define AUK_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#define AUK_PACKED_COUNT  256u
#define AUK_PACKED_WIDEST 31u
#define AUK_MARK_BITS     4096u
#define AUK_KERNEL_SLACK  16u /* values that a kernel may write past its count */
#define AUK_ROW_STEP      8u  /* rows of sum_rows begin at multiples of it */
#define AUK_ROW_WIDEST    14u

/* Number i stands for base + factor * number + slope * i, in 64 bits that wrap. */
typedef struct auk_line {
    uint64_t base, factor, slope;
} auk_line;

typedef struct auk_kernels {
    const char *name;
    /* out: 32 * width bytes, all written. Values fit width bits, which is 0 .. 31. */
    void (*pack)(const uint32_t *values, unsigned width, uint8_t *out);
    void (*unpack)(const uint8_t *in, unsigned width, uint32_t *out);
    /* Packed gaps less one (the first is ignored) to documents that end in last: out[255] = last.
     */
    void (*unpack_docs)(const uint8_t *in, unsigned width, uint32_t last, uint32_t *out);
    uint32_t (*count_bits)(const uint8_t *words, uint32_t word_count);
    /* base + the index of each set bit; at most 256 are set. */
    void (*expand_bits)(const uint8_t *words, uint32_t word_count, uint32_t base, uint32_t *out);
    /* Sets the bits docs[i] - base of a window of AUK_MARK_BITS; docs ascend, 1 to 256 of them.
     * What damage puts outside sets some other bit. */
    void (*mark_docs)(const uint32_t *docs, uint32_t count, uint32_t base, uint64_t *bits);
    /* count values of width 1 .. 32 bits that lie end to end, from a bit on. */
    void (*unpack_run)(const uint8_t *in, size_t bit, unsigned width, uint32_t count,
                       uint32_t *out);
    /* Bytes of the values that count (at most 256) control pairs announce. */
    size_t (*vbyte_size)(const uint8_t *control, uint32_t count);
    void (*vbyte_decode)(const uint8_t *control, const uint8_t *data, uint32_t count,
                         uint32_t *out);
    uint64_t (*sum)(const uint32_t *values, uint32_t count);
    /* sums[i] gets the sum of the first i values, i up to count, in 32 bits that wrap. */
    void (*prefix)(const uint32_t *values, uint32_t count, uint32_t *sums);
    /* The sum of packed values; *before gets that of those in front of index, *value the one there.
     */
    uint64_t (*sum_packed)(const uint8_t *in, unsigned width, uint32_t index, uint64_t *before,
                           uint32_t *value);
    /* Rows of numbers of width 1 .. AUK_ROW_WIDEST or 32 bits that lie end to end, number `zero`
     * first: row i is the sums of the numbers firsts[i] .. + counts[i], each with those in front of
     * it in the row, in out from starts[i] on; what lies behind them up to a multiple of
     * AUK_ROW_STEP is written too. */
    void (*sum_rows)(const uint8_t *in, unsigned width, uint32_t zero, const uint32_t *firsts,
                     const uint32_t *counts, const uint32_t *starts, uint32_t row_count,
                     uint32_t *out);
    /* Numbers of width 1 .. 57 bits that lie end to end from a bit on, as the line says; of the
     * bytes in .. in + size, which go 7 past the last number, none else is read. */
    void (*unpack_line)(const uint8_t *in, size_t size, size_t bit, unsigned width,
                        const auk_line *line, uint32_t count, uint64_t *out);
    /* Of such numbers from bit 0 on those of the places less base, which are below 2^26 / width. */
    void (*pick_line)(const uint8_t *in, unsigned width, const auk_line *line,
                      const uint32_t *places, uint32_t base, uint32_t count, uint64_t *out);
    /* A bit a number, of such numbers from bit 0 on: is it in least .. most, which fit the width?
     * Whole words are written, (count + 63) / 64 of them; size as for unpack_line. */
    void (*mark_run)(const uint8_t *in, size_t size, unsigned width, uint64_t least, uint64_t most,
                     uint32_t count, uint64_t *bits);
    /* out gets, at the set bits of `where`, the bits of in one after the other, and else 0; a word
     * more of in is read than that takes. */
    void (*spread_bits)(const uint64_t *in, const uint64_t *where, uint32_t words, uint64_t *out);
    /* The first index in from .. count with docs[index] >= target, or count; count is at most 256.
     */
    uint32_t (*find)(const uint32_t *docs, uint32_t from, uint32_t count, uint32_t target);
    /* The indices of those of count values, at most 256, that are at least `least`; all are below
     * 2^31. indices has room for count. Answers how many. */
    uint32_t (*at_least)(const uint32_t *values, uint32_t count, uint32_t least, uint8_t *indices);
    /* Which of the ascending wanted are among docs[from .. count), at most 256: numbers gets their
     * indices in wanted, indices those in docs, both with room for wanted_count and one more.
     * Answers how many. */
    uint32_t (*match)(const uint32_t *docs, uint32_t from, uint32_t count, const uint32_t *wanted,
                      uint32_t wanted_count, uint8_t *numbers, uint8_t *indices);
    /* The same where docs are the set bits of words, the first of which begins with document 64 *
     * first_word; ranks: set bits in front of each word, below 256. */
    uint32_t (*match_bits)(const uint8_t *words, uint32_t word_count, uint32_t first_word,
                           const uint8_t *ranks, const uint32_t *wanted, uint32_t wanted_count,
                           uint8_t *numbers, uint8_t *indices);
} auk_kernels;

/* The best for this machine, see cpu.h. */
const auk_kernels *auk_kernels_best(void);
/* Plain C, which the others are compared with. */
extern const auk_kernels auk_kernels_portable;
extern const auk_kernels auk_kernels_avx2; /* where the compiler targets x86-64 */

/* Writes count values as vbyte_decode reads them; out has room for (count + 3) / 4 + 4 * count
 * bytes. Answers how many were written. */
size_t auk_vbyte_encode(const uint32_t *values, uint32_t count, uint8_t *out);

/* Those that other tables take over as they are. */
void auk_portable_mark_docs(const uint32_t *docs, uint32_t count, uint32_t base, uint64_t *bits);
void auk_portable_pack(const uint32_t *values, unsigned width, uint8_t *out);
void auk_portable_unpack_run(const uint8_t *in, size_t bit, unsigned width, uint32_t count,
                             uint32_t *out);
void auk_portable_unpack_line(const uint8_t *in, size_t size, size_t bit, unsigned width,
                              const auk_line *line, uint32_t count, uint64_t *out);
void auk_portable_pick_line(const uint8_t *in, unsigned width, const auk_line *line,
                            const uint32_t *places, uint32_t base, uint32_t count, uint64_t *out);

#endif
