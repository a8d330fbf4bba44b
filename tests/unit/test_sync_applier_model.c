/* Random transactions: whatever comes, what is published is what a naive join makes of the tables.
 */
#include <stdlib.h>

#include "applier_random.h"

static uint32_t rounds_of(uint32_t few)
{
    const char *soak = getenv("AUK_SOAK_ROUNDS");
    return soak ? few * (uint32_t)strtoul(soak, NULL, 10) : few;
}

/* ---- the model ---- */

typedef struct shape {
    const char *name;
    uint32_t transactions, changes_most, group_changes_most, step_roots_most;
    bool full;
    uint64_t seed;
} shape;

static const shape shapes[] = {
    {"small transactions", 400, 4, 0, 0, false, 11},
    {"groups", 300, 20, 0, 0, false, 12},
    {"transactions in slices", 150, 120, 16, 0, false, 13},
    {"documents in waves", 150, 60, 16, 3, false, 14},
    {"identity full", 200, 12, 0, 0, true, 15},
};

static void run_shape(const shape *s)
{
    char *directory = support_directory();
    world w = {.group_changes_most = s->group_changes_most,
               .step_roots_most = s->step_roots_most,
               .relations_are_full = s->full};
    chance c = {s->seed * 7919};
    world_open(&w, directory, NULL);
    for (uint32_t i = 0; i < s->transactions * rounds_of(1); i++) {
        random_transaction(&w, &c, s->changes_most);
        assert_ok(world_commit(&w, err));
        if (chance_below(&c, 3) > 0)
            continue;
        world_publish(&w);
        world_check(&w);
        if (chance_below(&c, 40) == 0)
            world_reopen(&w);
    }
    world_publish(&w);
    world_check(&w);
    world_close(&w);
    world_forget(&w);
    support_remove(directory);
}

static void every_published_state_is_the_naive_join(void **state)
{
    run_shape(*state);
}

int main(void)
{
    enum { SHAPES = sizeof shapes / sizeof *shapes };
    struct CMUnitTest tests[SHAPES] = {{0}};
    for (size_t i = 0; i < SHAPES; i++) {
        tests[i].name = shapes[i].name;
        tests[i].test_func = every_published_state_is_the_naive_join;
        tests[i].initial_state = (void *)(uintptr_t)&shapes[i];
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
