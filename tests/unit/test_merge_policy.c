/* Which segments are merged: tables of sizes in megabytes, 100 documents each. */
#include "test.h"

#include "merge_policy.h"

#define MEGABYTE ((uint64_t)1 << 20)

typedef struct policy_case {
    const char *name;
    uint32_t count;
    uint32_t megabytes[24];
    uint32_t deleted[24]; /* of 100 */
    uint32_t want_count;
    uint32_t want[10];
} policy_case;

static const policy_case cases[] = {
    {"nothing of nothing", 0, {0}, {0}, 0, {0}},
    {"a tier that is full is left", 8, {1, 1, 1, 1, 1, 1, 1, 1}, {0}, 0, {0}},
    {"small ones count as the floor",
     11,
     {1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1},
     {0},
     8,
     {3, 4, 5, 6, 7, 8, 9, 10}},
    {"a large one is spared",
     21,
     {900, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
     {0},
     8,
     {13, 14, 15, 16, 17, 18, 19, 20}},
    {"past half of the most is never taken",
     10,
     {3000, 3000, 3000, 3000, 3000, 3000, 3000, 3000, 3000, 3000},
     {0},
     0,
     {0}},
    {"much deleted is written anew", 2, {3000, 20}, {50, 0}, 1, {0}},
    {"little deleted is not", 2, {3000, 20}, {20, 20}, 0, {0}},
};

static void picks(void **state)
{
    const policy_case *c = *state;
    auk_merge_candidate candidates[24];
    auk_merge_limits limits = {8, 16 * MEGABYTE, 5000 * MEGABYTE};
    uint32_t picked[AUK_MERGE_GROUP_MOST];
    for (uint32_t i = 0; i < c->count; i++)
        candidates[i] =
            (auk_merge_candidate){c->megabytes[i] * MEGABYTE, 100, 100 - c->deleted[i], false};
    uint32_t count = auk_merge_policy_pick(candidates, c->count, &limits, picked);
    assert_int_equal(count, c->want_count);
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(picked[i], c->want[i]);
}

/* Flushes of 40 MB without end: the number of segments stays in tiers, each byte is written a few
 * times. */
static void growth_stays_in_tiers(void **state)
{
    (void)state;
    auk_merge_candidate segments[200];
    auk_merge_limits limits = {8, 16 * MEGABYTE, 5000 * MEGABYTE};
    uint32_t picked[AUK_MERGE_GROUP_MOST], count = 0;
    uint64_t written = 0, most = 0;
    for (int flush = 0; flush < 500; flush++) {
        segments[count++] = (auk_merge_candidate){40 * MEGABYTE, 100, 100, false};
        uint32_t chosen;
        while ((chosen = auk_merge_policy_pick(segments, count, &limits, picked)) != 0) {
            auk_merge_candidate merged = {0, 0, 0, false};
            for (uint32_t i = chosen; i-- > 0;) {
                merged.bytes += segments[picked[i]].bytes;
                memmove(&segments[picked[i]], &segments[picked[i] + 1],
                        (count - picked[i] - 1) * sizeof segments[0]);
                count--;
            }
            merged.doc_count = merged.live_count = 100;
            segments[count++] = merged;
            written += merged.bytes;
        }
        most = count > most ? count : most;
    }
    assert_true(most < 40);
    assert_true(written < 4 * 500 * 40 * MEGABYTE);
}

int main(void)
{
    struct CMUnitTest tests[sizeof cases / sizeof cases[0] + 1] = {{0}};
    size_t count = 0;
    for (; count < sizeof cases / sizeof cases[0]; count++) {
        tests[count].name = cases[count].name;
        tests[count].test_func = picks;
        tests[count].initial_state = (void *)(uintptr_t)&cases[count];
    }
    tests[count].name = "growth stays in tiers";
    tests[count].test_func = growth_stays_in_tiers;
    return cmocka_run_group_tests_name("merge_policy", tests, NULL, NULL);
}
