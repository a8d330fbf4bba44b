/*
 * A child writes, refreshes, flushes and merges, tells through a pipe what was acknowledged, and is
 * killed at a random moment. The next child opens the directory and must find exactly the
 * acknowledged calls, and at most the one that was under way. Children open; the parent never does,
 * because RocksDB does not survive a fork.
 */
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "shard_support.h"

#define MAPPING  "{\"properties\":{\"title\":{\"type\":\"text\"},\"n\":{\"type\":\"long\"}}}"
#define ROUNDS   10
#define IDS      50
#define PER_CALL 6 /* operations */

/* Operation c concerns document c * 7 % IDS; every fifth deletes. */
static bool deletes(uint64_t c)
{
    return c % 5 == 3;
}

static void make_operation(uint64_t c, char id[16], char source[64], auk_operation *operation)
{
    snprintf(id, 16, "%u", (unsigned)(c * 7 % IDS));
    snprintf(source, 64, "{\"title\":\"common word%u\",\"n\":%u}", (unsigned)(c % 31), (unsigned)c);
    *operation = (auk_operation){.kind = deletes(c) ? AUK_OPERATION_DELETE : AUK_OPERATION_INDEX,
                                 .id = auk_span_of(id),
                                 .source = auk_span_of(source),
                                 .if_seq_no = -1};
}

static void write_call(support_index *index, uint64_t call)
{
    auk_operation operations[PER_CALL];
    auk_outcome outcomes[PER_CALL];
    char ids[PER_CALL][16], sources[PER_CALL][64];
    for (uint64_t i = 0; i < PER_CALL; i++)
        make_operation(call * PER_CALL + i, ids[i], sources[i], &operations[i]);
    assert_ok(
        auk_shard_write(index->shard, operations, PER_CALL, NULL, index->arena, outcomes, err));
    for (uint64_t i = 0; i < PER_CALL; i++)
        assert_int_equal(outcomes[i].error.code, AUK_OK);
}

/* The number that the document has after that many calls; -1: it is not there. */
static int64_t number_after(uint64_t calls, uint64_t document)
{
    for (uint64_t c = calls * PER_CALL; c-- > 0;)
        if (c * 7 % IDS == document)
            return deletes(c) ? -1 : (int64_t)c;
    return -1;
}

static bool state_is(support_index *index, uint64_t calls)
{
    auk_arena *arena = auk_arena_create(1024);
    bool same = true;
    uint64_t existing = 0;
    for (uint64_t d = 0; d < IDS && same; d++) {
        char id[16], source[64];
        int64_t number = number_after(calls, d);
        auk_operation want;
        auk_shard_document document;
        bool found;
        make_operation(number < 0 ? d : (uint64_t)number, id, source, &want);
        snprintf(id, sizeof id, "%u", (unsigned)d);
        assert_ok(auk_shard_get(index->shard, auk_span_of(id), arena, &document, &found, err));
        same = found == (number >= 0) && (!found || auk_span_is(document.source, source));
        existing += number >= 0;
    }
    auk_arena_destroy(arena);
    return same && index->view->live_count == existing;
}

static _Noreturn void work(char *directory, uint64_t calls, int acks)
{
    support_index index;
    auk_pool *pool = auk_pool_create("kill", 1, 16);
    auk_shard_options options = {.buffer_limit_bytes = 16384,
                                 .max_segments_per_tier = 3,
                                 .reorder_from = calls % 2 == 0 ? 1 : UINT32_MAX};
    support_index_init_at(&index, directory, MAPPING, &options, pool);
    if (state_is(&index, calls + 1))
        calls++;
    else if (!state_is(&index, calls))
        _exit(3);
    for (;; calls++) {
        if (write(acks, &calls, sizeof calls) != sizeof calls)
            _exit(2);
        write_call(&index, calls);
        if (calls % 7 == 0)
            support_refresh(&index);
        if (calls % 40 == 0)
            assert_ok(auk_shard_flush(index.shard, err));
        if (calls % 200 == 0)
            assert_ok(auk_shard_force_merge(index.shard, 1, false, err));
    }
}

/* Reads acknowledgements until the child is gone; the last one counts. */
static uint64_t run_child(char *directory, uint64_t calls, unsigned live_ms)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        work(directory, calls, ends[1]);
    }
    close(ends[1]);
    uint64_t got;
    bool first = true;
    while (read(ends[0], &got, sizeof got) == sizeof got) {
        calls = got;
        if (first) {
            struct timespec nap = {.tv_nsec = (long)live_ms * 1000000};
            nanosleep(&nap, NULL);
            kill(child, SIGKILL);
        }
        first = false;
    }
    close(ends[0]);
    int status;
    waitpid(child, &status, 0);
    if (!WIFSIGNALED(status))
        fail_msg("the child ended itself with %d after %u calls", WEXITSTATUS(status),
                 (unsigned)calls);
    return calls;
}

static void nothing_acknowledged_is_lost(void **state)
{
    (void)state;
    char *directory = support_directory();
    uint64_t calls = 0;
    srand(42);
    for (int round = 0; round < ROUNDS; round++) {
        uint64_t before = calls;
        calls = run_child(directory, calls, 20 + (unsigned)rand() % 150);
        assert_true(calls >= before);
    }
    assert_true(calls > 0);
    support_remove(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_acknowledged_is_lost)};
    return cmocka_run_group_tests_name("shard_kill", tests, NULL, NULL);
}
