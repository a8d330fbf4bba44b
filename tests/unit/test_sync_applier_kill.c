/* A process that is killed between any two changes or steps goes on where it was: in a program of
 * its own, because a process that has had a store open must not fork. */
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "applier_random.h"

static uint32_t rounds_of(uint32_t few)
{
    const char *soak = getenv("AUK_SOAK_ROUNDS");
    return soak ? few * (uint32_t)strtoul(soak, NULL, 10) : few;
}

#define KILL_TRANSACTIONS 60
#define KILL_CHANGES      90

typedef struct countdown {
    uint32_t left;
} countdown;

static void count_down(void *context)
{
    countdown *at = context;
    if (at->left > 0 && --at->left == 0)
        (void)kill(getpid(), SIGKILL);
}

/* Sends what is not applied yet; what a life before applied only moves the model. */
static void live(char *directory, uint64_t seed, uint32_t kill_after)
{
    world w = {.group_changes_most = 24, .step_roots_most = 4};
    chance c = {seed};
    countdown at = {kill_after};
    auk_sync_position position;
    world_open(&w, directory, NULL);
    auk_applier_read_position(w.applier, &position);
    for (uint32_t i = 0; i < KILL_TRANSACTIONS; i++) {
        bool applied = world_next_lsn(&w) <= position.applied;
        random_transaction(&w, &c, KILL_CHANGES);
        if (applied) {
            auk_transaction_release(w.transaction);
            continue;
        }
        world_on_change = count_down;
        world_on_change_context = &at;
        assert_ok(world_commit(&w, err));
        if (i % 3 == 0) {
            world_publish(&w);
            world_check(&w);
        }
    }
    world_publish(&w);
    world_check(&w);
    world_close(&w);
    world_forget(&w);
}

/* A life in a process of its own; true: it came to the end. */
static bool run_life(char *directory, uint64_t seed, uint32_t kill_after, const char *place)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        if (place)
            (void)setenv("AUK_KILL_AT", place, 1);
        live(directory, seed, kill_after);
        _exit(0);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        return false;
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    return true;
}

static void a_killed_applier_goes_on_where_it_was(void **state)
{
    (void)state;
    for (uint64_t round = 0; round < rounds_of(4); round++) {
        char *directory = support_directory();
        chance c = {round * 104729 + 17};
        bool ended = false;
        for (uint32_t lives = 0; lives < 6; lives++) {
            char place[64];
            const char *const when[] = {"publish.before", "publish.after", "journal.append.after"};
            (void)snprintf(place, sizeof place, "%s:%u", when[chance_below(&c, 3)],
                           1 + chance_below(&c, 40));
            bool at_place = chance_below(&c, 2) == 0;
            ended = run_life(directory, round + 1, at_place ? 0 : 1 + chance_below(&c, 900),
                             at_place ? place : NULL);
            if (ended)
                break;
        }
        assert_true(ended || run_life(directory, round + 1, 0, NULL));
        support_remove(directory);
    }
}

/* ---- within one transaction ---- */

#define VALUES(...) ((const char *const[]){__VA_ARGS__})

/* A row moves to another key in the first slice, and takes along what was not sent. */
static void live_and_move(char *directory, bool dies)
{
    world w = {.group_changes_most = 16, .step_roots_most = 4};
    countdown at = {40};
    auk_sync_position position;
    world_open(&w, directory, NULL);
    auk_applier_read_position(w.applier, &position);
    world_begin(&w);
    world_insert(&w, PRODUCT, VALUES("1", "pen", NULL, "1", "t", NULL, "out of line"));
    assert_ok(world_commit(&w, err));
    world_publish(&w);
    world_begin(&w);
    world_update(&w, PRODUCT, 0, VALUES("2", "pen", NULL, "1", "t", NULL, NULL), 1U << 6);
    for (int i = 0; i < 60; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "%d", i);
        world_insert(&w, REVIEW, VALUES(id, "2", "4", "many"));
    }
    if (dies) {
        world_on_change = count_down;
        world_on_change_context = &at;
    } else if (position.applied != 100) {
        _exit(3); /* the first transaction, and nothing of the second */
    }
    assert_ok(world_commit(&w, err));
    world_publish(&w);
    world_check(&w);
    world_close(&w);
    world_forget(&w);
}

static int run_move(char *directory, bool dies)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        live_and_move(directory, dies);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void a_transaction_goes_on_behind_its_last_slice(void **state)
{
    (void)state;
    char *directory = support_directory();
    int status = run_move(directory, true);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    status = run_move(directory, false);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    support_remove(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_transaction_goes_on_behind_its_last_slice),
        cmocka_unit_test(a_killed_applier_goes_on_where_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
