#include "test.h"

#include "auk/select.h"

enum { MOST = 3000 };

static uint64_t seed;

static uint64_t draw(void)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return seed >> 20;
}

static int falling(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left < right) - (left > right);
}

/* distinct 0: any; ends of the range among them */
static void make(uint64_t *values, uint32_t count, uint32_t distinct)
{
    for (uint32_t i = 0; i < count; i++)
        values[i] = distinct ? draw() % distinct : draw();
    if (count > 2 && !distinct) {
        values[0] = UINT64_MAX;
        values[count / 2] = 0;
    }
}

static const uint32_t counts[] = {1, 2, 15, 16, 17, 33, 100, 1500, MOST};
static const uint32_t distincts[] = {0, 1, 2, 7, 1000};

static void the_greatest_come_to_the_front(void **state)
{
    (void)state;
    uint64_t values[MOST], sorted[MOST];
    seed = 1;
    for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++)
        for (size_t d = 0; d < sizeof distincts / sizeof distincts[0]; d++)
            for (uint32_t again = 0; again < 20; again++) {
                uint32_t count = counts[c], kept = 1 + (uint32_t)(draw() % count);
                make(values, count, distincts[d]);
                memcpy(sorted, values, sizeof *values * count);
                qsort(sorted, count, sizeof *sorted, falling);
                assert_true(auk_select_greatest(values, count, kept) == sorted[kept - 1]);
                qsort(values, kept, sizeof *values, falling);
                assert_memory_equal(values, sorted, sizeof *values * kept);
                qsort(values, count, sizeof *values, falling);
                assert_memory_equal(values, sorted, sizeof *values * count);
            }
}

static void sorting_puts_the_greatest_first(void **state)
{
    (void)state;
    uint64_t values[MOST], sorted[MOST], spare[MOST];
    seed = 2;
    for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++)
        for (size_t d = 0; d < sizeof distincts / sizeof distincts[0]; d++) {
            make(values, counts[c], distincts[d]);
            memcpy(sorted, values, sizeof *values * counts[c]);
            qsort(sorted, counts[c], sizeof *sorted, falling);
            auk_sort_falling(values, counts[c], spare);
            assert_memory_equal(values, sorted, sizeof *values * counts[c]);
        }
    auk_sort_falling(values, 0, spare);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_greatest_come_to_the_front),
        cmocka_unit_test(sorting_puts_the_greatest_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
