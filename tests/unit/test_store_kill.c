/*
 * A child journals and commits, tells each acknowledged step through a pipe, and is killed at a
 * random moment. The parent then opens the directory and checks that nothing acknowledged is
 * missing and that every segment that a manifest names is whole. The parent opens only while no
 * child is to be forked from it: RocksDB's threads do not survive a fork, so each check has a child
 * of its own.
 */
#include "store_support.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 10
#define VALUES 4
#define LIVE   3

typedef struct ack {
    uint64_t journal; /* entries 1..journal are acknowledged */
    uint64_t commit;  /* commits 1..commit are acknowledged */
} ack;

static void key_of(char key[24], const char *word, uint64_t number)
{
    snprintf(key, 24, "%s%012llu", word, (unsigned long long)number);
}

/* Manifest: the newest commit's number and its segment under the slot, in one batch. */
typedef struct commit_context {
    uint64_t number;
} commit_context;

static void describe(void *argument, auk_mapped *mapped, auk_batch *batch)
{
    const commit_context *context = argument;
    char key[24];
    key_of(key, "slot", context->number % LIVE);
    auk_span parts[] = {auk_span_make(&context->number, 8), auk_mapped_location(mapped)};
    auk_batch_put_parts(batch, AUK_FAMILY_COMMIT, auk_span_of(key), parts, 2);
    auk_batch_put(batch, AUK_FAMILY_CATALOG, AUK_SPAN("last"), auk_span_make(&context->number, 8));
}

static void work(auk_store *store, ack done, uint64_t live[LIVE], int acks)
{
    auk_batch *batch = auk_batch_create();
    for (;;) {
        for (int i = 0; i < 3; i++) {
            char key[24];
            key_of(key, "entry", done.journal + 1);
            auk_batch_reset(batch);
            auk_batch_put(batch, AUK_FAMILY_JOURNAL, auk_span_of(key), auk_span_of(key));
            assert_ok(auk_store_write(store, batch, true, err));
            done.journal++;
            if (write(acks, &done, sizeof done) != sizeof done)
                _exit(2);
        }
        commit_context context = {done.commit + 1};
        uint64_t *drop = &live[context.number % LIVE];
        auk_mapped *mapped = NULL;
        auk_segment_file *file = support_segment(store, VALUES, context.number);
        assert_ok(
            auk_store_commit(store, file, describe, &context, drop, *drop ? 1 : 0, &mapped, err));
        *drop = auk_mapped_id(mapped);
        auk_mapped_release(mapped);
        done.commit++;
        if (write(acks, &done, sizeof done) != sizeof done)
            _exit(2);
        if (context.number % 4 == 0)
            assert_ok(auk_store_flush(store, err));
    }
}

/* The number in a value that begins with one; 0 when absent. */
static uint64_t get_number(auk_store *store, auk_family family, const char *key, auk_buffer *value)
{
    bool found = false;
    uint64_t number = 0;
    assert_ok(auk_store_get(store, family, auk_span_of(key), value, &found, err));
    if (found)
        memcpy(&number, value->data, 8);
    return number;
}

static uint64_t check_journal(auk_store *store, uint64_t acknowledged)
{
    uint64_t count = 0;
    auk_span key;
    auk_span value;
    auk_store_cursor *cursor =
        auk_store_scan(store, AUK_FAMILY_JOURNAL, (auk_span){0}, (auk_span){0});
    while (auk_store_cursor_next(cursor, &key, &value)) {
        char want[24];
        key_of(want, "entry", ++count);
        assert_true(auk_span_is(key, want) && auk_span_is(value, want));
    }
    assert_ok(auk_store_cursor_status(cursor, err));
    auk_store_cursor_close(cursor);
    assert_true(count >= acknowledged && count <= acknowledged + 1);
    return count;
}

/* Opens what the last child left, checks it against what that child told, and drops orphans. */
static ack check(auk_store *store, ack told, uint64_t live[LIVE])
{
    auk_buffer value;
    auk_buffer_init(&value, AUK_BUFFER_NO_LIMIT);
    uint64_t last = get_number(store, AUK_FAMILY_CATALOG, "last", &value);
    assert_true(last >= told.commit && last <= told.commit + 1);

    uint64_t named[LIVE];
    size_t named_count = 0;
    for (uint64_t number = last > LIVE ? last - LIVE + 1 : 1; number <= last; number++) {
        char key[24];
        key_of(key, "slot", number % LIVE);
        assert_int_equal(get_number(store, AUK_FAMILY_COMMIT, key, &value), number);
        auk_mapped *mapped = NULL;
        assert_ok(auk_store_map(store, auk_span_from(auk_buffer_span(&value), 8), &mapped, err));
        assert_true(support_segment_is(mapped, VALUES, number));
        live[number % LIVE] = named[named_count++] = auk_mapped_id(mapped);
        auk_mapped_release(mapped);
    }
    auk_buffer_deinit(&value);

    size_t dropped = 0;
    assert_ok(auk_store_drop_orphans(store, named, named_count, &dropped, err));
    assert_true(dropped <= 2); /* one without a manifest, one that the last manifest let go */
    auk_store_stats stats;
    auk_store_read_stats(store, &stats);
    assert_int_equal(stats.segment_files, named_count);
    return (ack){check_journal(store, told.journal), last};
}

/* A child's life: check what is there, then work until killed (or, in the last round, only check).
 */
static void live_and_die(const char *directory, ack told, bool only_check, int acks)
{
    uint64_t live[LIVE] = {0};
    auk_store *store = support_open(directory);
    ack done = check(store, told, live);
    /* What the last one did not come to tell: this one may end before its own first word too. */
    if (write(acks, &done, sizeof done) != sizeof done)
        _exit(2);
    if (!only_check)
        work(store, done, live, acks);
    auk_store_close(store);
}

/* Everything that the child told before it died. */
static ack read_acks(int acks, ack told)
{
    ack next;
    while (read(acks, &next, sizeof next) == sizeof next)
        told = next;
    return told;
}

static void sleep_ms(long ms)
{
    struct timespec span = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&span, NULL);
}

static ack run_round(const char *directory, ack told, int round)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        live_and_die(directory, told, round == ROUNDS, ends[1]);
        _exit(0);
    }
    close(ends[1]);
    if (round < ROUNDS) {
        sleep_ms(60 + rand() % 200);
        kill(child, SIGKILL);
    }
    told = read_acks(ends[0], told);
    close(ends[0]);

    int status = 0;
    waitpid(child, &status, 0);
    if (round < ROUNDS)
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    else
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    return told;
}

static void loses_nothing_acknowledged_when_killed(void **state)
{
    (void)state;
    char *directory = support_directory();
    unsigned seed = (unsigned)time(NULL);
    print_message("seed %u\n", seed);
    srand(seed);
    ack told = {0};
    for (int round = 0; round <= ROUNDS; round++)
        told = run_round(directory, told, round);
    print_message("%llu entries, %llu commits acknowledged\n", (unsigned long long)told.journal,
                  (unsigned long long)told.commit);
    assert_true(told.journal > 0);
    support_remove(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loses_nothing_acknowledged_when_killed),
    };
    return cmocka_run_group_tests_name("store_kill", tests, NULL, NULL);
}
