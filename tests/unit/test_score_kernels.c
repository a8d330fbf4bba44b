/* The kernels of scoring, each as the portable one has it. */
#include "bm25.h"
#include "hopes.h"
#include "score_kernels.h"
#include "test.h"

static uint64_t seed = 3;

static uint32_t random_below(uint32_t most)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((seed >> 33) % most);
}

/* Rising numbers of which some repeat. */
static uint32_t make(uint32_t *out, uint32_t most, uint32_t start)
{
    uint32_t count = random_below(most + 1), number = start;
    for (uint32_t i = 0; i < count; i++)
        out[i] = number += random_below(4);
    return count;
}

enum { ROWS = AUK_BLOCK_DOCS, MOST = 40, STEP = MOST + AUK_SCORE_KERNEL_SLACK };

typedef struct row_set {
    uint32_t positions[ROWS * STEP];
    auk_position_rows rows;
} row_set;

/* Rows from about start on, with anything behind them. */
static void make_rows(row_set *out, uint32_t most, uint32_t start, int spare)
{
    memset(out->positions, spare, sizeof out->positions);
    out->rows.positions = out->positions;
    out->rows.count = ROWS;
    for (uint32_t row = 0; row < ROWS; row++) {
        out->rows.starts[row] = row * STEP;
        out->rows.counts[row] = make(out->positions + row * STEP, most, start + random_below(9));
    }
}

static void keep_pairs_keeps_what_the_portable_code_keeps(void **state)
{
    (void)state;
    static row_set x, y, best, portable;
    for (uint32_t round = 0; round < 800; round++) {
        uint32_t start = round % 5 ? 0 : UINT32_MAX - 200;
        uint32_t distance = random_below(6), way = random_below(2);
        make_rows(&x, round % 3 ? 9 : MOST, start, round % 2 ? 0xff : 0);
        make_rows(&y, round % 7 ? 12 : MOST, start, round % 4 ? 0xff : 3);
        best = portable = x;
        best.rows.positions = best.positions;
        portable.rows.positions = portable.positions;
        auk_score_kernels_best()->keep_pairs(&best.rows, way ? distance : 0, &y.rows,
                                             way ? 0 : distance);
        auk_score_kernels_portable.keep_pairs(&portable.rows, way ? distance : 0, &y.rows,
                                              way ? 0 : distance);
        for (uint32_t row = 0; row < ROWS; row++) {
            uint32_t count = portable.rows.counts[row];
            assert_int_equal(best.rows.counts[row], count);
            assert_memory_equal(best.positions + row * STEP, portable.positions + row * STEP,
                                sizeof(uint32_t) * count);
        }
        auk_score_kernels_best()->count_pairs(&x.rows, way ? distance : 0, &y.rows,
                                              way ? 0 : distance);
        assert_memory_equal(x.rows.counts, portable.rows.counts, sizeof x.rows.counts);
    }
}

static void keep_pairs_stays_in_32_bits(void **state)
{
    (void)state;
    static row_set x, y;
    for (uint32_t count = 0; count <= 9; count++) {
        make_rows(&x, 0, 0, 0);
        make_rows(&y, 0, 0, 0);
        x.positions[0] = UINT32_MAX;
        x.rows.counts[0] = 1;
        for (uint32_t i = 0; i < count; i++)
            y.positions[i] = i;
        y.rows.counts[0] = count;
        auk_score_kernels_best()->keep_pairs(&x.rows, 2, &y.rows, 0);
        assert_int_equal(x.rows.counts[0], 0);
    }
}

static void within_names_what_its_limits_let_through(void **state)
{
    (void)state;
    for (uint32_t round = 0; round < 20000; round++) {
        uint32_t count = random_below(257), most = 1 + random_below(20), freqs[256];
        uint8_t limits[16], codes[256], found[256], want[256];
        for (uint32_t i = 0; i < 16; i++)
            limits[i] = (uint8_t)(random_below(3) ? random_below(256) : 255 * random_below(2));
        for (uint32_t i = 0; i < count; i++) {
            freqs[i] = random_below(40) ? random_below(most) : random_below(INT32_MAX);
            codes[i] = (uint8_t)random_below(256);
        }
        uint32_t n = auk_score_kernels_portable.within(limits, freqs, codes, count, want);
        assert_int_equal(auk_score_kernels_best()->within(limits, freqs, codes, count, found), n);
        assert_memory_equal(found, want, n);
    }
}

/* Arrays to the byte, so that a look or a store behind them is seen. */
static void *exactly(const void *from, size_t size)
{
    void *out = malloc(size ? size : 1);
    assert_non_null(out);
    memcpy(out, from, size);
    return out;
}

static void keep_above_keeps_what_the_portable_code_keeps(void **state)
{
    (void)state;
    for (uint32_t round = 0; round < 4000; round++) {
        uint32_t count = random_below(257), rare = 1 + random_below(round % 2 ? 3 : 60);
        uint32_t docs[257], number = 0;
        float scores[257];
        for (uint32_t i = 0; i < count; i++) {
            docs[i] = number += 1 + random_below(9);
            scores[i] = (float)(random_below(rare) ? random_below(4) : 4 + random_below(2));
        }
        uint32_t *kept_docs = exactly(docs, sizeof *docs * count);
        float *kept_scores = exactly(scores, sizeof *scores * count);
        uint32_t want = auk_score_kernels_portable.keep_above(4, docs, scores, count);
        assert_int_equal(auk_score_kernels_best()->keep_above(4, kept_docs, kept_scores, count),
                         want);
        assert_memory_equal(kept_docs, docs, sizeof *docs * want);
        assert_memory_equal(kept_scores, scores, sizeof *scores * want);
        free(kept_docs);
        free(kept_scores);
    }
}

static void count_bits_counts_any_number_of_words(void **state)
{
    (void)state;
    uint64_t words[2][70];
    for (uint32_t i = 0; i < 70; i++)
        for (uint32_t of = 0; of < 2; of++)
            words[of][i] = (uint64_t)random_below(UINT32_MAX) << 32 | random_below(UINT32_MAX);
    for (uint32_t count = 0; count <= 70; count++) {
        uint64_t *a = exactly(words[0], sizeof *a * count);
        uint64_t *b = exactly(words[1], sizeof *b * count);
        assert_int_equal(auk_score_kernels_best()->count_bits(a, NULL, count),
                         auk_score_kernels_portable.count_bits(a, NULL, count));
        assert_int_equal(auk_score_kernels_best()->count_bits(a, b, count),
                         auk_score_kernels_portable.count_bits(a, b, count));
        free(a);
        free(b);
    }
}

/* Of floors that something reaches exactly, all that does lies within the limits. */
static void nothing_that_reaches_a_floor_is_hopeless(void **state)
{
    (void)state;
    static const uint64_t lengths[] = {1, 3, 20, 201, 5000, 3000000, 2000000000};
    uint64_t hopeless = 0;
    for (uint32_t round = 0; round < 3000; round++) {
        auk_bm25_field field;
        auk_hopes hopes;
        auk_bm25_field_init(&field, 10, 10 * lengths[round % 7] + random_below(10), true);
        float weight = round % 11 ? (float)(1 + random_below(20000)) / 1500 : 0;
        uint32_t freq = 1 + random_below(round % 2 ? 4 : 300), code = 1 + random_below(255);
        float floor = auk_bm25_score(weight, (float)freq, field.inverse[code]);
        auk_hopes_find(&hopes, floor, weight, field.average_length);
        for (freq = 1; freq < 40; freq++)
            for (code = 1; code < 256; code++) {
                bool fits = freq >= hopes.least && code <= auk_hopes_limit(&hopes, freq);
                if (!fits && auk_bm25_score(weight, (float)freq, field.inverse[code]) >= floor)
                    fail_msg("frequency %u, code %u reach %.9g of %.9g", freq, code, (double)floor,
                             (double)weight);
                hopeless += !fits;
            }
    }
    assert_true(hopeless > 1000000); /* it is of some use */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keep_pairs_keeps_what_the_portable_code_keeps),
        cmocka_unit_test(keep_pairs_stays_in_32_bits),
        cmocka_unit_test(within_names_what_its_limits_let_through),
        cmocka_unit_test(keep_above_keeps_what_the_portable_code_keeps),
        cmocka_unit_test(count_bits_counts_any_number_of_words),
        cmocka_unit_test(nothing_that_reaches_a_floor_is_hopeless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
