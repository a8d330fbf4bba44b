/*
 * bench_kernels - the engine's inner loops, each level this machine has, beside what they should
 * cost.
 *
 * Nanoseconds of processor time, the best of many rounds, over values of its own making that lie
 * in the first-level cache unless the row says otherwise. Targets were set from measurements of
 * such loops on a server core of 2024 at 4.2 GHz, so they are judged by cycles as well: the clock
 * is measured here. So is what else runs on the core: where two threads share one, as the
 * processors of many a virtual machine do, a loop takes up to twice as long while the other one is
 * busy. Such rounds are left out while there are others; a row that had none has a star.
 *
 * What a core of Zen 3 misses by cycles as well: frequencies and documents of bits, because it
 * stores one vector a cycle (32 of the 42 cycles of a block, 8 of the 13 of a word), documents of
 * bits also for want of AVX-512's compression; bits of documents, because a document is a store.
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "auk/cpu.h"
#include "auk/segment_writer.h"
#include "auk/select.h"
#include "column_kernels.h"
#include "kernels.h"
#include "part.h"
#include "score_kernels.h"

enum { BLOCKS = 16, ROUNDS = 400, WIDTH = 5, WORDS = 16, MOST = 1 << 20, HITS = 1500 };
/* Of columns: a block, the width of its numbers, rows that are picked, counts that are scanned. */
enum { ROWS = 4096, ROW_WIDTH = 20, PICKED = ROWS / 10, SLOTS = 4096 };

typedef struct input {
    uint8_t packed[BLOCKS][32 * 31 + AUK_PART_PAD];
    uint8_t bits[BLOCKS][WORDS * 8 + AUK_PART_PAD]; /* 256 of 1,024 */
    uint32_t freqs[256 + AUK_KERNEL_SLACK], docs[256 + AUK_KERNEL_SLACK];
    uint32_t near_docs[256]; /* of 2,048 */
    float scores[256];
    uint8_t norms[MOST];
    float inverse[256];
    uint32_t sums[257 + AUK_KERNEL_SLACK], firsts[32], counts[32], starts[32];
    uint32_t rows[512 + AUK_KERNEL_SLACK];
    auk_position_rows pairs[2];
    uint32_t positions[2][256 * 8];
    uint64_t window[64], codes[HITS];
    uint8_t packed_rows[ROWS * ROW_WIDTH / 8 + 7];
    uint64_t picks[64];                    /* one row in ten, as bits */
    uint32_t places[AUK_COLUMN_LIST_ROOM]; /* the same, listed */
    uint32_t found[ROWS], slots[SLOTS];
    int64_t values[ROWS];
    volatile uint64_t sink;
} input;

static input *in;

static double now_ns(void)
{
    struct timespec at;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
    return (double)at.tv_sec * 1e9 + (double)at.tv_nsec;
}

static uint32_t draw(void)
{
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32);
}

static void fill(const auk_kernels *kernels)
{
    uint32_t gaps[256];
    for (uint32_t b = 0; b < BLOCKS; b++) {
        for (uint32_t i = 0; i < 256; i++)
            gaps[i] = draw() % (1 << WIDTH);
        kernels->pack(gaps, WIDTH, in->packed[b]);
        for (uint32_t left = 256; left > 0;) {
            uint32_t at = draw() % (WORDS * 64);
            left -= !(in->bits[b][at / 8] >> (at % 8) & 1);
            in->bits[b][at / 8] |= (uint8_t)(1u << (at % 8));
        }
    }
    for (uint32_t i = 0; i < 32; i++) {
        in->firsts[i] = i * 4;
        in->counts[i] = 1 + i % 8;
        in->starts[i] = i * 8;
    }
    for (uint32_t x = 0; x < 2; x++) {
        in->pairs[x].positions = in->positions[x];
        in->pairs[x].count = 256;
        for (uint32_t i = 0; i < 256 * 8; i++)
            in->positions[x][i] = i % 8 * 40 + draw() % 40;
        for (uint32_t i = 0; i < 256; i++)
            in->pairs[x].starts[i] = i * 8;
    }
    for (uint32_t i = 0; i < MOST; i++)
        in->norms[i] = (uint8_t)(20 + draw() % 60);
    for (uint32_t i = 0; i < 256; i++) {
        in->inverse[i] = 1.0f / (float)(1 + i);
        in->freqs[i] = 1 + draw() % 4;
        in->near_docs[i] = i * 8 + draw() % 8;
    }
}

/* ---- one loop each: what it does to 256 values ---- */

static const auk_kernels *kernels;
static const auk_score_kernels *scores;

static void decode_docs(uint32_t round)
{
    kernels->unpack_docs(in->packed[round % BLOCKS], WIDTH, 100000, in->docs);
}

static void decode_freqs(uint32_t round)
{
    kernels->unpack(in->packed[round % BLOCKS], 2, in->docs);
}

static void mark_bits(uint32_t round)
{
    const uint8_t *words = in->bits[round % BLOCKS];
    for (uint32_t i = 0; i < WORDS; i++) {
        uint64_t word;
        memcpy(&word, words + (size_t)i * 8, sizeof word);
        in->window[i] |= word;
    }
}

static void mark_docs(uint32_t round)
{
    (void)round;
    kernels->mark_docs(in->near_docs, 256, 0, in->window);
}

static void expand_bits(uint32_t round)
{
    kernels->expand_bits(in->bits[round % BLOCKS], WORDS, 64, in->docs);
}

static void unpack_run(uint32_t round)
{
    kernels->unpack_run(in->packed[round % BLOCKS], 3, 7, 128, in->docs);
    kernels->unpack_run(in->packed[round % BLOCKS], 5, 7, 128, in->docs + 128);
}

static void sum_frequencies(uint32_t round)
{
    in->freqs[0] = round;
    kernels->prefix(in->freqs, 256, in->sums);
}

static void sum_packed(uint32_t round)
{
    uint64_t before;
    uint32_t value;
    in->sink +=
        kernels->sum_packed(in->packed[round % BLOCKS], 2, round * 7 % 256, &before, &value);
    in->sink += before + value;
}

/* Of 128 gaps of 6 bits, 32 rows of up to eight. */
static void sum_rows(uint32_t round)
{
    kernels->sum_rows(in->packed[round % BLOCKS], 6, 0, in->firsts, in->counts, in->starts, 32,
                      in->rows);
}

static void keep_pairs(uint32_t round)
{
    for (uint32_t i = 0; i < 256; i++) {
        in->pairs[0].counts[i] = 1 + i % 3;
        in->pairs[1].counts[i] = 1 + (i + round) % 7;
    }
    scores->keep_pairs(&in->pairs[0], 1, &in->pairs[1], 0);
}

/* ---- columns: a block of 4,096 rows, one in ten meant ---- */

static const auk_column_kernels *columns;
static const auk_line moments = {1700000000000, 1, 0};
static const auk_places days = {1700000000000 - 1700000000000 % 86400000, INT64_C(1800000000000),
                                86400000, 1200};

static void decode_block(uint32_t round)
{
    (void)round;
    kernels->unpack_line(in->packed_rows, sizeof in->packed_rows, 0, ROW_WIDTH, &moments, ROWS,
                         (uint64_t *)in->values);
}

static void pick_values(uint32_t round)
{
    (void)round;
    kernels->pick_line(in->packed_rows, ROW_WIDTH, &moments, in->places, 0, PICKED,
                       (uint64_t *)in->values);
}

static void mark_values(uint32_t round)
{
    columns->mark_range(in->values, PICKED, 1700000000000, 1700000000000 + round, in->window);
}

static void place_days(uint32_t round)
{
    (void)round;
    columns->place(&days, in->values, PICKED, in->found);
}

static void list_rows(uint32_t round)
{
    (void)round;
    in->sink += columns->list_bits(in->picks, 64, 0, in->places);
}

static void tally_counts(uint32_t round)
{
    auk_tally tally;
    for (uint32_t i = 0; i < SLOTS; i += 64) {
        columns->tally(in->slots + i, 64, 1000 + round, &tally);
        in->sink += tally.sum + tally.above;
    }
}

static void fill_columns(void)
{
    for (size_t i = 0; i < sizeof in->packed_rows; i++)
        in->packed_rows[i] = (uint8_t)draw();
    for (uint32_t left = PICKED; left > 0;) {
        uint32_t row = draw() % ROWS;
        left -= !(in->picks[row / 64] >> (row % 64) & 1);
        in->picks[row / 64] |= UINT64_C(1) << (row % 64);
    }
    for (uint32_t i = 0; i < SLOTS; i++)
        in->slots[i] = draw() % 1000;
    (void)auk_column_kernels_portable.list_bits(in->picks, 64, 0, in->places);
    for (uint32_t i = 0; i < ROWS; i++)
        in->values[i] = (int64_t)moments.base;
}

static void score_spread(uint32_t first, uint32_t gap)
{
    for (uint32_t i = 0; i < 256; i++)
        in->scores[i] = in->inverse[in->norms[(first + i * gap) % MOST]];
    scores->score(3.5f, in->freqs, in->scores, 256);
}

static void score_dense(uint32_t round)
{
    score_spread(round * 997 % (MOST / 2), 3);
}

static void score_sparse(uint32_t round)
{
    score_spread(round * 31337, 64);
}

static void keep_few(uint32_t round)
{
    in->docs[0] = round;
    (void)scores->keep_above(1e9f, in->docs, in->scores, 256);
}

static void find_doc(uint32_t round)
{
    for (uint32_t i = 0; i < 256; i++)
        in->sink += kernels->find(in->docs, 0, 256, (round * 7919 + i * 104729) % 8192);
}

static void count_window(uint32_t round)
{
    in->window[round % 64] ^= round;
    in->sink += scores->count_bits(in->window, NULL, 64) +
                scores->count_bits(in->window, NULL, 64) +
                scores->count_bits(in->window, NULL, 64) + scores->count_bits(in->window, NULL, 64);
}

static void select_hits(uint32_t round)
{
    (void)round;
    for (uint32_t i = 0; i < HITS; i++)
        in->codes[i] = (uint64_t)draw() << 32 | i;
    in->sink += auk_select_greatest(in->codes, HITS, 1000);
}

/* ---- the core: its clock, and how much of it is ours ---- */

#define TARGET_GHZ 4.2

/* Without a register that the compiler may not look into, it would find shorter ways. */
#define HIDE(x) __asm__ volatile("" : "+r"(x))
#define STEP(x)                                                                                    \
    do {                                                                                           \
        (x) ^= (x) >> 7; /* two operations, each waiting for the one before */                     \
        HIDE(x);                                                                                   \
    } while (0)

/* Nanoseconds of a cycle. */
static double time_cycle(void)
{
    enum { STEPS = 10000 };
    uint64_t x = 1;
    double from = now_ns();
    for (uint32_t i = 0; i < STEPS; i++) {
        STEP(x);
        STEP(x);
        STEP(x);
        STEP(x);
    }
    return (now_ns() - from) / (STEPS * 4 * 2);
}

/* Nanoseconds of an operation where four chains run beside each other. */
static double time_operation(void)
{
    enum { STEPS = 4000 };
    uint64_t a = 1, b = 2, c = 3, d = 4;
    double from = now_ns();
    for (uint32_t i = 0; i < STEPS; i++) {
        STEP(a);
        STEP(b);
        STEP(c);
        STEP(d);
        STEP(a);
        STEP(b);
        STEP(c);
        STEP(d);
    }
    return (now_ns() - from) / (STEPS * 4 * 2 * 2);
}

static double cycle_ns = 1e9, operation_ns = 1e9; /* the best that were seen */

static void calibrate(void)
{
    for (uint32_t again = 0; again < 1000; again++) {
        cycle_ns = fmin(cycle_ns, time_cycle());
        operation_ns = fmin(operation_ns, time_operation());
    }
    printf("core: %.2f GHz, %.1f operations a cycle; targets are for %.1f GHz\n", 1 / cycle_ns,
           cycle_ns / operation_ns, TARGET_GHZ);
}

typedef struct milestone {
    const char *name;
    void (*run)(uint32_t round);
    double per;                          /* values a run counts for */
    double target_best, target_portable; /* nanoseconds a value; 0: none set */
} milestone;

static const milestone milestones[] = {
    {"decode 256 documents, gaps of 5 bits", decode_docs, 256, 0.13, 0.35},
    {"decode 256 frequencies of 2 bits", decode_freqs, 256, 0.03, 0},
    {"or a bitset of 256 into a window", mark_bits, 256, 0.02, 0.02},
    {"bits of 256 documents (1/8 full) into a window", mark_docs, 256, 0.26, 0.51},
    {"bitset of 256 (1/4 full) to documents", expand_bits, 256, 0.15, 0.75},
    {"256 gaps of positions of 7 bits", unpack_run, 256, 0.30, 0},
    {"sums in front of 256 frequencies", sum_frequencies, 256, 0.25, 0},
    {"sums of 256 frequencies of 2 bits, packed", sum_packed, 256, 0.10, 0},
    {"positions of a document, up to eight", sum_rows, 32, 6, 0},
    {"two words beside each other, a document", keep_pairs, 256, 12, 0},
    {"score 256, dense", score_dense, 256, 0.40, 0},
    {"score 256, one in 64", score_sparse, 256, 0.75, 0},
    {"drop 256 scores below a floor", keep_few, 256, 0.08, 0},
    {"find one of 256 documents", find_doc, 256, 26, 0},
    {"count 4,096 bits, a word", count_window, 256, 0.24, 0},
    {"select 1,000 of 1,500 hits, a hit, drawing included", select_hits, HITS, 6, 0},
    {"column: decode a block, 20 bits, a row", decode_block, ROWS, 0.35, 1.5},
    {"column: pick one row in ten, 20 bits, a value", pick_values, PICKED, 0.80, 2},
    {"column: list one row in ten of a bitset, a row", list_rows, PICKED, 0.75, 1.5},
    {"column: which values are in a range, a value", mark_values, PICKED, 0.30, 1.1},
    {"column: days of moments, a value", place_days, PICKED, 0.80, 3},
    {"column: greatest of counts, a slot", tally_counts, SLOTS, 0.15, 1},
};

/* The best of rounds that had the core for themselves, or of all: *shared. */
static double measure(const milestone *m, bool *shared)
{
    enum { ALONE = 100, MOST_ROUNDS = 1000 };
    double best[2] = {1e18, 1e18}; /* of all, of those that were alone */
    for (uint32_t again = 0, alone = 0; again < MOST_ROUNDS && alone < ALONE; again++) {
        double from = now_ns();
        for (uint32_t round = 0; round < ROUNDS; round++)
            m->run(round);
        double ns = (now_ns() - from) / ROUNDS / m->per;
        bool mine = time_operation() < operation_ns * 1.15;
        alone += mine;
        best[mine] = fmin(best[mine], ns);
    }
    *shared = best[1] > best[0];
    return fmin(best[0], best[1]);
}

static const char *judge(double ns, double target)
{
    if (ns <= target)
        return "reached";
    return ns / cycle_ns <= target * TARGET_GHZ ? "reached, by cycles" : "missed";
}

static void print_level(const char *name, bool is_portable)
{
    printf("%s\n", name);
    for (size_t i = 0; i < sizeof milestones / sizeof milestones[0]; i++) {
        const milestone *m = &milestones[i];
        bool shared;
        double ns = measure(m, &shared), target = is_portable ? m->target_portable : m->target_best;
        printf("  %-52s %8.3f ns%c%7.2f cycles", m->name, ns, shared ? '*' : ' ', ns / cycle_ns);
        if (target > 0)
            printf("   at most %.2f ns  %s", target, judge(ns, target));
        printf("\n");
    }
}

int main(void)
{
    in = calloc(1, sizeof *in);
    if (in == NULL)
        abort();
    fill(&auk_kernels_portable);
    fill_columns();
    kernels = &auk_kernels_portable;
    scores = &auk_score_kernels_portable;
    columns = &auk_column_kernels_portable;
    calibrate();
    print_level("portable", true);
    if (auk_cpu_level() > AUK_CPU_PORTABLE) {
        kernels = auk_kernels_best();
        scores = auk_score_kernels_best();
        columns = auk_column_kernels_best();
        print_level(auk_cpu_name(auk_cpu_level()), false);
    }
    free(in);
    return 0;
}
