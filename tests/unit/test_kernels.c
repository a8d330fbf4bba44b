#include "bits.h"
#include "kernels.h"
#include "part.h"
#include "terms_image.h"
#include "test.h"

/* The table under test: every level of this machine in turn. */
static const auk_kernels *kernels;

/* Bytes with nothing but the pad behind them. */
static uint8_t *padded(size_t size)
{
    return calloc(1, size + AUK_PART_PAD);
}

static void unpack_gives_back_what_was_packed_at_every_width(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (unsigned width = 0; width <= AUK_PACKED_WIDEST; width++) {
        uint32_t values[AUK_PACKED_COUNT], out[AUK_PACKED_COUNT + AUK_KERNEL_SLACK];
        for (uint32_t i = 0; i < AUK_PACKED_COUNT; i++)
            values[i] = random_below(&seed, 1u << width);
        values[7] = (1u << width) - 1;
        uint8_t *bytes = padded(32u * width);
        kernels->pack(values, width, bytes);
        kernels->unpack(bytes, width, out);
        assert_memory_equal(values, out, sizeof values);
        free(bytes);
    }
}

static void unpack_docs_ends_in_the_last_document(void **state)
{
    (void)state;
    uint64_t seed = 2;
    for (unsigned width = 1; width <= 22; width++) {
        uint32_t gaps[AUK_PACKED_COUNT], docs[AUK_PACKED_COUNT];
        uint32_t out[AUK_PACKED_COUNT + AUK_KERNEL_SLACK];
        uint32_t doc = random_below(&seed, 1000);
        for (uint32_t i = 0; i < AUK_PACKED_COUNT; i++) {
            gaps[i] = random_below(&seed, 1u << width);
            docs[i] = i == 0 ? doc : docs[i - 1] + gaps[i] + 1;
        }
        uint8_t *bytes = padded(32u * width);
        kernels->pack(gaps, width, bytes);
        kernels->unpack_docs(bytes, width, docs[AUK_PACKED_COUNT - 1], out);
        assert_memory_equal(docs, out, sizeof docs);
        free(bytes);
    }
}

/* Sums at their greatest, which may not run over into what lies beside them. */
static void unpack_docs_takes_the_widest_gaps(void **state)
{
    (void)state;
    for (unsigned width = 0; width <= AUK_PACKED_WIDEST; width++) {
        uint32_t gaps[AUK_PACKED_COUNT], docs[AUK_PACKED_COUNT];
        uint8_t *bytes = padded(32u * width);
        uint32_t *out = malloc(sizeof *out * (AUK_PACKED_COUNT + AUK_KERNEL_SLACK));
        for (uint32_t i = 0; i < AUK_PACKED_COUNT; i++) {
            gaps[i] = (1u << width) - 1;
            docs[i] = 5 + (i << width);
        }
        kernels->pack(gaps, width, bytes);
        kernels->unpack_docs(bytes, width, docs[AUK_PACKED_COUNT - 1], out);
        assert_memory_equal(docs, out, sizeof docs);
        free(bytes);
        free(out);
    }
}

/* From empty words to full ones, to what kernels.h lets be written and no further. */
static void expand_bits_lists_words_however_full(void **state)
{
    (void)state;
    uint64_t seed = 12;
    for (uint32_t round = 0; round < 2000; round++) {
        uint64_t words[24] = {0};
        uint32_t want[256], count = 0, of = 1 + round % 9;
        for (uint32_t i = 0; i < 24 * 64 && count < 256; i++)
            if (random_below(&seed, of) == 0 && random_below(&seed, 50) > 0) {
                words[i / 64] |= UINT64_C(1) << (i % 64);
                want[count++] = round + i;
            }
        uint32_t *out = malloc(sizeof *out * (256 + AUK_KERNEL_SLACK));
        kernels->expand_bits((const uint8_t *)words, 24, round, out);
        assert_memory_equal(want, out, sizeof *want * count);
        free(out);
    }
}

static void expand_bits_lists_the_set_bits(void **state)
{
    (void)state;
    uint64_t seed = 3;
    uint64_t words[127] = {0};
    uint32_t want[256], out[256 + AUK_KERNEL_SLACK], count = 0;
    for (uint32_t i = 0; i < 127 * 64 && count < 256; i++) {
        if (random_below(&seed, 20) == 0) {
            words[i / 64] |= UINT64_C(1) << (i % 64);
            want[count++] = 640 + i;
        }
    }
    assert_int_equal(kernels->count_bits((const uint8_t *)words, 127), count);
    kernels->expand_bits((const uint8_t *)words, 127, 640, out);
    assert_memory_equal(want, out, sizeof *want * count);
}

static void mark_docs_sets_a_bit_each(void **state)
{
    (void)state;
    uint64_t seed = 9;
    for (uint32_t round = 0; round < 4000; round++) {
        uint32_t docs[256], count = 0, most = 1 + random_below(&seed, 256);
        uint32_t gap = 1 + random_below(&seed, 40), base = random_below(&seed, 100) * AUK_MARK_BITS;
        uint32_t doc = base + random_below(&seed, AUK_MARK_BITS);
        uint64_t want[AUK_MARK_BITS / 64], bits[AUK_MARK_BITS / 64];
        for (uint32_t i = 0; i < AUK_MARK_BITS / 64; i++)
            want[i] = bits[i] = random_below(&seed, 3) ? 0 : UINT64_C(1) << random_below(&seed, 64);
        for (; count < most && doc < base + AUK_MARK_BITS; count++) {
            docs[count] = doc;
            want[(doc - base) / 64] |= UINT64_C(1) << (doc % 64);
            doc += 1 + random_below(&seed, random_below(&seed, 4) ? gap : 2);
        }
        kernels->mark_docs(docs, count, base, bits);
        assert_memory_equal(bits, want, sizeof want);
    }
}

static void unpack_run_starts_at_any_bit(void **state)
{
    (void)state;
    uint64_t seed = 4;
    for (unsigned width = 1; width <= 32; width++) {
        uint8_t *bytes = padded(128 * 4);
        uint32_t values[128], out[128 + AUK_KERNEL_SLACK];
        for (uint32_t i = 0; i < 128; i++) {
            values[i] = random_below(&seed, UINT32_MAX) & (uint32_t)((UINT64_C(1) << width) - 1);
            for (unsigned bit = 0; bit < width; bit++) {
                size_t at = (size_t)i * width + bit;
                bytes[at / 8] |= (uint8_t)((values[i] >> bit & 1) << (at % 8));
            }
        }
        for (uint32_t from = 0; from < 128; from += 13) {
            kernels->unpack_run(bytes, (size_t)from * width, width, 128 - from, out);
            assert_memory_equal(values + from, out, sizeof *out * (128 - from));
        }
        free(bytes);
    }
}

static void unpack_line_equals_the_portable_one(void **state)
{
    (void)state;
    enum { MOST = 150 };
    static const auk_line lines[] = {{0, 1, 0},
                                     {UINT64_MAX - 5, 1, 0},
                                     {1700000000000, 1000, 0},
                                     {7, UINT64_C(1) << 40, 3},
                                     {3, UINT32_MAX, UINT64_MAX - 11},
                                     {0, 1, UINT64_C(1) << 55}};
    uint64_t seed = 11;
    for (unsigned width = 1; width <= 57; width++) {
        size_t size = ((size_t)MOST * width + 7) / 8 + 7;
        uint8_t *bytes = malloc(size); /* to the byte, so that a look behind is seen */
        uint64_t want[MOST], out[MOST];
        for (size_t i = 0; i < size; i++)
            bytes[i] = (uint8_t)random_below(&seed, 256);
        for (uint32_t from = 0; from < MOST; from += 1 + from % 9)
            for (size_t l = 0; l < sizeof lines / sizeof lines[0]; l++) {
                uint32_t count = random_below(&seed, MOST - from) + 1;
                auk_portable_unpack_line(bytes, size, (size_t)from * width, width, &lines[l], count,
                                         want);
                kernels->unpack_line(bytes, size, (size_t)from * width, width, &lines[l], count,
                                     out);
                assert_memory_equal(want, out, sizeof *out * count);
            }
        free(bytes);
    }
}

static void mark_run_tells_which_are_in_range(void **state)
{
    (void)state;
    enum { MOST = 330 };
    uint64_t seed = 13;
    for (unsigned width = 1; width <= 57; width++) {
        uint64_t greatest = (UINT64_C(1) << width) - 1, all[MOST];
        for (uint32_t count = 1; count <= MOST; count += 1 + count % 11) {
            size_t size = ((size_t)count * width + 7) / 8 + 7;
            uint8_t *bytes = malloc(size); /* to the byte */
            uint64_t want[MOST / 64 + 1], got[MOST / 64 + 1];
            for (size_t i = 0; i < size; i++)
                bytes[i] = (uint8_t)random_below(&seed, 256);
            auk_portable_unpack_line(bytes, size, 0, width, &(auk_line){0, 1, 0}, count, all);
            for (uint32_t round = 0; round < 4; round++) {
                uint64_t a = round ? all[random_below(&seed, count)] : 0;
                uint64_t b = round == 3 ? greatest : all[random_below(&seed, count)];
                uint64_t least = a < b ? a : b, most = a < b ? b : a;
                auk_kernels_portable.mark_run(bytes, size, width, least, most, count, want);
                kernels->mark_run(bytes, size, width, least, most, count, got);
                assert_memory_equal(want, got, (count + 63) / 64 * sizeof *got);
                for (uint32_t i = 0; i < (count + 63) / 64 * 64; i++)
                    assert_int_equal(got[i / 64] >> (i % 64) & 1,
                                     i < count && all[i] >= least && all[i] <= most);
            }
            free(bytes);
        }
    }
}

static void spread_bits_lays_them_at_set_bits(void **state)
{
    (void)state;
    enum { WORDS = 9 };
    uint64_t seed = 14;
    for (uint32_t round = 0; round < 500; round++) {
        uint64_t in[WORDS + 1], where[WORDS], out[WORDS];
        uint32_t words = random_below(&seed, WORDS) + 1, next = 0, share = round % 5;
        for (uint32_t i = 0; i <= WORDS; i++)
            in[i] =
                (uint64_t)random_below(&seed, UINT32_MAX) << 32 ^ random_below(&seed, UINT32_MAX);
        memset(where, share == 4 ? 0xff : 0, sizeof where);
        for (uint32_t i = 0; share != 4 && i < words * 64; i++)
            where[i / 64] |= (uint64_t)(random_below(&seed, 4) <= share) << (i % 64);
        kernels->spread_bits(in, where, words, out);
        for (uint32_t i = 0; i < words * 64; i++) {
            bool here = where[i / 64] >> (i % 64) & 1;
            assert_int_equal(out[i / 64] >> (i % 64) & 1,
                             here ? in[next / 64] >> (next % 64) & 1 : 0);
            next += here;
        }
    }
}

static void pick_line_equals_the_portable_one(void **state)
{
    (void)state;
    enum { MOST = 150 };
    static const auk_line lines[] = {{0, 1, 0},
                                     {UINT64_MAX - 5, 1, 0},
                                     {1700000000000, 1000, 0},
                                     {9, (UINT64_C(1) << 40) + 77, 0},
                                     {7, UINT64_C(1) << 40, 3},
                                     {3, UINT32_MAX, UINT64_MAX - 11},
                                     {0, 1, UINT64_MAX - 86400000}};
    uint64_t seed = 12;
    for (unsigned width = 1; width <= 57; width++) {
        size_t size = ((size_t)MOST * width + 7) / 8 + 7;
        uint8_t *bytes = malloc(size);
        uint64_t all[MOST], out[MOST];
        uint32_t places[MOST], base = random_below(&seed, 2) * 40960;
        for (size_t i = 0; i < size; i++)
            bytes[i] = (uint8_t)random_below(&seed, 256);
        for (uint32_t share = 1; share < 40; share += 1 + share / 2)
            for (size_t l = 0; l < sizeof lines / sizeof lines[0]; l++) {
                uint32_t count = 0;
                for (uint32_t i = 0; i < MOST; i++)
                    if (random_below(&seed, share) == 0)
                        places[count++] = base + i;
                auk_portable_unpack_line(bytes, size, 0, width, &lines[l], MOST, all);
                kernels->pick_line(bytes, width, &lines[l], places, base, count, out);
                for (uint32_t i = 0; i < count; i++)
                    assert_true(out[i] == all[places[i] - base]);
            }
        free(bytes);
    }
}

static void find_gives_the_first_not_below_the_target(void **state)
{
    (void)state;
    uint32_t docs[256 + AUK_KERNEL_SLACK];
    for (uint32_t i = 0; i < 256; i++)
        docs[i] = 10 + 3 * i;
    for (uint32_t count = 1; count <= 256; count += 5) {
        for (uint32_t from = 0; from < count; from += 7) {
            for (uint32_t target = 0; target < 800; target += 11) {
                uint32_t want = from;
                while (want < count && docs[want] < target)
                    want++;
                assert_int_equal(kernels->find(docs, from, count, target), want);
            }
        }
    }
}

static void match_names_what_both_have(void **state)
{
    (void)state;
    uint64_t seed = 7;
    uint32_t docs[256], wanted[256];
    uint8_t numbers[257], indices[257];
    for (uint32_t round = 0; round < 3000; round++) {
        uint32_t count = 1 + random_below(&seed, 256), want = 0, from, found = 0;
        uint32_t wanted_count = 1 + random_below(&seed, 256);
        uint32_t gap = 1 + random_below(&seed, 9), other_gap = 1 + random_below(&seed, 40);
        for (uint32_t i = 0, doc = 0; i < count; i++)
            docs[i] = doc += 1 + random_below(&seed, gap);
        for (uint32_t i = 0, doc = 0; i < wanted_count; i++)
            wanted[i] = doc += 1 + random_below(&seed, other_gap);
        from = random_below(&seed, count);
        found = kernels->match(docs, from, count, wanted, wanted_count, numbers, indices);
        for (uint32_t i = 0; i < wanted_count; i++)
            for (uint32_t j = from; j < count; j++)
                if (docs[j] == wanted[i]) {
                    assert_true(want < found);
                    assert_int_equal(numbers[want], i);
                    assert_int_equal(indices[want], j);
                    want++;
                }
        assert_int_equal(found, want);
    }
}

static void match_bits_names_the_bits_that_are_set(void **state)
{
    (void)state;
    enum { WORDS = 127 };
    uint64_t seed = 8;
    for (uint32_t round = 0; round < 1000; round++) {
        uint32_t word_count = 1 + random_below(&seed, WORDS), first_word = random_below(&seed, 9);
        uint32_t set = 0, wanted_count = 0, want = 0, gap = 1 + random_below(&seed, 90);
        uint8_t *words = calloc(word_count, 8), ranks[WORDS], numbers[257], indices[257];
        uint32_t wanted[256], rank_of[WORDS * 64];
        for (uint32_t bit = 0; bit < word_count * 64; bit++) {
            if (bit % 64 == 0)
                ranks[bit / 64] = (uint8_t)set;
            rank_of[bit] = set;
            if (set < 255 && random_below(&seed, word_count / 4 + 1) == 0) {
                words[bit / 8] |= (uint8_t)(1u << bit % 8);
                set++;
            }
        }
        for (uint32_t doc = random_below(&seed, 700); wanted_count < 256 && doc < 9500;
             doc += 1 + random_below(&seed, gap))
            wanted[wanted_count++] = doc;
        uint32_t found = kernels->match_bits(words, word_count, first_word, ranks, wanted,
                                             wanted_count, numbers, indices);
        for (uint32_t i = 0; i < wanted_count; i++) {
            uint32_t bit = wanted[i] - first_word * 64;
            if (wanted[i] < first_word * 64 || bit >= word_count * 64 ||
                !(words[bit / 8] >> bit % 8 & 1))
                continue;
            assert_true(want < found);
            assert_int_equal(numbers[want], i);
            assert_int_equal(indices[want], rank_of[bit]);
            want++;
        }
        assert_int_equal(found, want);
        free(words);
    }
}

static void at_least_names_those_that_reach_it(void **state)
{
    (void)state;
    uint64_t seed = 9;
    for (uint32_t round = 0; round < 3000; round++) {
        uint32_t count = random_below(&seed, 257), most = 1 + random_below(&seed, 12), want = 0;
        uint32_t least = round % 50 ? random_below(&seed, most + 2) : INT32_MAX;
        uint32_t *values = malloc(sizeof *values * (count + 1));
        uint8_t *indices = malloc(count + 1);
        for (uint32_t i = 0; i < count; i++)
            values[i] = round % 50 ? random_below(&seed, most) : INT32_MAX - random_below(&seed, 2);
        uint32_t found = kernels->at_least(values, count, least, indices);
        for (uint32_t i = 0; i < count; i++)
            if (values[i] >= least)
                assert_true(want < found && indices[want++] == i);
        assert_int_equal(found, want);
        free(values);
        free(indices);
    }
}

static void sum_adds_without_wrapping(void **state)
{
    (void)state;
    uint64_t seed = 5, want = 0;
    uint32_t values[256];
    for (uint32_t count = 0; count < 256; count++) {
        assert_true(kernels->sum(values, count) == want);
        values[count] = count % 3 ? random_below(&seed, 1000) : UINT32_MAX - count;
        want += values[count];
    }
}

static void prefix_sums_what_is_in_front(void **state)
{
    (void)state;
    uint64_t seed = 11;
    uint32_t values[256], sums[257 + AUK_KERNEL_SLACK];
    for (uint32_t count = 0; count <= 256; count++) {
        uint32_t want = 0;
        for (uint32_t i = 0; i < count; i++)
            values[i] = random_below(&seed, count % 9 ? 20 : 1u << 31);
        kernels->prefix(values, count, sums);
        for (uint32_t i = 0; i <= count; i++) {
            assert_int_equal(sums[i], want);
            want += i < count ? values[i] : 0;
        }
    }
}

static void sum_packed_sums_all_and_what_is_in_front(void **state)
{
    (void)state;
    uint64_t seed = 13;
    for (unsigned width = 0; width <= AUK_PACKED_WIDEST; width++) {
        uint32_t values[AUK_PACKED_COUNT], value;
        uint64_t want = 0, before, all = 0;
        uint8_t *bytes = padded(32u * width);
        for (uint32_t i = 0; i < AUK_PACKED_COUNT; i++) {
            values[i] =
                random_below(&seed, 4) ? (1u << width) - 1 : random_below(&seed, 1u << width);
            all += values[i];
        }
        kernels->pack(values, width, bytes);
        for (uint32_t index = 0; index < AUK_PACKED_COUNT; index++) {
            assert_true(kernels->sum_packed(bytes, width, index, &before, &value) == all);
            assert_true(before == want);
            assert_int_equal(value, values[index]);
            want += values[index];
        }
        free(bytes);
    }
}

/* Values of one to four bytes, with nothing behind them but the pad. */
static void vbyte_gives_back_every_size(void **state)
{
    (void)state;
    uint64_t seed = 14;
    for (uint32_t count = 0; count <= 256; count++) {
        uint32_t values[256], out[256 + AUK_KERNEL_SLACK];
        size_t controls = (count + 3) / 4, size = 0;
        uint8_t *control = padded(controls + 4 * (size_t)count), *data = control + controls;
        for (uint32_t i = 0; i < count; i++) {
            unsigned more = random_below(&seed, 4);
            values[i] = random_below(&seed, UINT32_MAX) >> (24 - 8 * more);
            control[i / 4] |= (uint8_t)(more << (i % 4 * 2));
            memcpy(data + size, &values[i], more + 1);
            size += more + 1;
        }
        uint8_t *bytes = padded(controls + size);
        memcpy(bytes, control, controls + size);
        assert_int_equal(kernels->vbyte_size(bytes, count), size);
        kernels->vbyte_decode(bytes, bytes + controls, count, out);
        assert_memory_equal(out, values, sizeof *values * count);
        free(bytes);
        free(control);
    }
}

/* Rows of a run as they come, a third of them left out. */
static void sum_rows_sums_each_row(void **state)
{
    (void)state;
    enum { NUMBERS = 128, ZERO = 1000 };
    uint64_t seed = 12;
    for (uint32_t round = 0; round < 4000; round++) {
        unsigned width = 1 + round % AUK_ROW_WIDEST;
        uint32_t values[NUMBERS], firsts[NUMBERS], counts[NUMBERS], starts[NUMBERS], rows = 0;
        uint32_t out[NUMBERS * AUK_ROW_STEP + AUK_KERNEL_SLACK], start = 0;
        uint8_t *bytes = padded(NUMBERS * width / 8);
        for (uint32_t i = 0; i < NUMBERS; i++) {
            values[i] = random_below(&seed, 1u << width);
            auk_bits_write(bytes, (uint64_t)i * width, values[i]);
        }
        for (uint32_t i = 0, count; i < NUMBERS; i += count) {
            count = 1 + random_below(&seed, round % 4 ? 9 : 60);
            count = count < NUMBERS - i ? count : NUMBERS - i;
            if (random_below(&seed, 3) == 0)
                continue;
            firsts[rows] = ZERO + i;
            counts[rows] = count;
            starts[rows++] = start;
            start += (count + AUK_ROW_STEP - 1) / AUK_ROW_STEP * AUK_ROW_STEP;
        }
        kernels->sum_rows(bytes, width, ZERO, firsts, counts, starts, rows, out);
        for (uint32_t row = 0; row < rows; row++)
            for (uint32_t i = 0, want = 0; i < counts[row]; i++) {
                want += values[firsts[row] - ZERO + i];
                assert_int_equal(out[starts[row] + i], want);
            }
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unpack_gives_back_what_was_packed_at_every_width),
        cmocka_unit_test(unpack_docs_ends_in_the_last_document),
        cmocka_unit_test(unpack_docs_takes_the_widest_gaps),
        cmocka_unit_test(expand_bits_lists_words_however_full),
        cmocka_unit_test(expand_bits_lists_the_set_bits),
        cmocka_unit_test(mark_docs_sets_a_bit_each),
        cmocka_unit_test(unpack_run_starts_at_any_bit),
        cmocka_unit_test(unpack_line_equals_the_portable_one),
        cmocka_unit_test(pick_line_equals_the_portable_one),
        cmocka_unit_test(mark_run_tells_which_are_in_range),
        cmocka_unit_test(spread_bits_lays_them_at_set_bits),
        cmocka_unit_test(sum_adds_without_wrapping),
        cmocka_unit_test(prefix_sums_what_is_in_front),
        cmocka_unit_test(sum_packed_sums_all_and_what_is_in_front),
        cmocka_unit_test(vbyte_gives_back_every_size),
        cmocka_unit_test(sum_rows_sums_each_row),
        cmocka_unit_test(match_names_what_both_have),
        cmocka_unit_test(match_bits_names_the_bits_that_are_set),
        cmocka_unit_test(at_least_names_those_that_reach_it),
        cmocka_unit_test(find_gives_the_first_not_below_the_target),
    };
    kernels = &auk_kernels_portable;
    int failed = cmocka_run_group_tests_name("portable kernels", tests, NULL, NULL);
    kernels = auk_kernels_best();
    return failed + cmocka_run_group_tests_name("the best kernels", tests, NULL, NULL);
}
