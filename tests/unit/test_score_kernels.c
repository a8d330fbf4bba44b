/* The kernels of scoring, each as the portable one has it. */
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

static void count_pairs_counts_as_the_portable_code(void **state)
{
    (void)state;
    uint32_t a[40 + AUK_SCORE_KERNEL_SLACK], b[40];
    for (uint32_t round = 0; round < 200000; round++) {
        uint32_t start = round % 5 ? random_below(9) : UINT32_MAX - random_below(90);
        memset(a, 0xff, sizeof a);
        uint32_t a_count = make(a, round % 3 ? 12 : 40, start > 9 ? start - 120 : start);
        uint32_t b_count = make(b, round % 3 ? 12 : 40, start > 9 ? start - 120 : start);
        uint32_t distance = random_below(6);
        assert_int_equal(auk_score_kernels_best()->count_pairs(a, a_count, b, b_count, distance),
                         auk_score_kernels_portable.count_pairs(a, a_count, b, b_count, distance));
    }
}

static void count_pairs_stays_in_32_bits(void **state)
{
    (void)state;
    const uint32_t a[1 + AUK_SCORE_KERNEL_SLACK] = {UINT32_MAX}, b[] = {0, 1, 2};
    assert_int_equal(auk_score_kernels_best()->count_pairs(a, 1, b, 3, 2), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(count_pairs_counts_as_the_portable_code),
        cmocka_unit_test(count_pairs_stays_in_32_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
