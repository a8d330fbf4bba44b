#include "store_support.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int make_directory(void **state)
{
    *state = support_directory();
    return 0;
}

static int remove_directory(void **state)
{
    support_remove(*state);
    return 0;
}

static void keeps_values_over_a_reopen(void **state)
{
    auk_store *store = support_open(*state);
    support_put(store, AUK_FAMILY_CATALOG, "name", "one", true);
    support_put(store, AUK_FAMILY_JOURNAL, "name", "two", false);
    auk_store_close(store);

    store = support_open(*state);
    char *one = support_get(store, AUK_FAMILY_CATALOG, "name");
    char *two = support_get(store, AUK_FAMILY_JOURNAL, "name");
    assert_string_equal(one, "one");
    assert_string_equal(two, "two");
    assert_null(support_get(store, AUK_FAMILY_COMMIT, "name"));
    free(one);
    free(two);
    assert_string_equal(auk_store_directory(store), *state);
    auk_store_close(store);
}

static void makes_the_directory_private(void **state)
{
    auk_store *store = support_open(*state);
    struct stat status;
    assert_int_equal(stat(*state, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
    auk_store_close(store);
}

static void refuses_a_second_store_in_the_process(void **state)
{
    auk_store *store = support_open(*state);
    char pid[32];
    snprintf(pid, sizeof pid, "process %ld", (long)getpid());

    for (int i = 0; i < 2; i++) { /* the refusal must not let go of the lock */
        auk_error err = {0};
        auk_store *second = NULL;
        assert_int_equal(auk_store_open(*state, NULL, &second, &err), AUK_CONFLICT);
        assert_non_null(strstr(err.message, pid));
    }
    auk_store_close(store);
    auk_store_close(support_open(*state));
}

/* Forked before anything is opened: RocksDB's threads do not survive a fork. */
static pid_t start_holder(const char *directory, int *ready)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        auk_store *store = NULL;
        char byte = auk_store_open(directory, NULL, &store, NULL) == AUK_OK;
        if (write(ends[1], &byte, 1) == 1)
            pause();
        _exit(1);
    }
    close(ends[1]);
    *ready = ends[0];
    return child;
}

static void names_the_process_that_holds_the_directory(void **state)
{
    int ready = -1;
    pid_t child = start_holder(*state, &ready);
    char byte = 0;
    assert_int_equal(read(ready, &byte, 1), 1);
    assert_int_equal(byte, 1);

    char pid[32];
    snprintf(pid, sizeof pid, "process %ld", (long)child);
    auk_error err = {0};
    auk_store *store = NULL;
    assert_int_equal(auk_store_open(*state, NULL, &store, &err), AUK_CONFLICT);
    assert_non_null(strstr(err.message, pid));

    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    close(ready);
    auk_store_close(support_open(*state));
}

static void refuses_a_file_as_directory(void **state)
{
    FILE *file = fopen(*state, "w");
    assert_non_null(file);
    fclose(file);
    auk_store *store = NULL;
    assert_int_equal(auk_store_open(*state, NULL, &store, NULL), AUK_INVALID);
}

static void writes_a_batch_over_all_families(void **state)
{
    auk_store *store = support_open(*state);
    support_put(store, AUK_FAMILY_COMMIT, "old", "x", false);
    support_put(store, AUK_FAMILY_JOURNAL, "1", "x", false);
    support_put(store, AUK_FAMILY_JOURNAL, "2", "x", false);
    support_put(store, AUK_FAMILY_JOURNAL, "3", "x", false);

    auk_batch *batch = auk_batch_create();
    assert_true(auk_batch_is_empty(batch));
    assert_ok(auk_store_write(store, batch, true, err));
    const auk_span parts[] = {AUK_SPAN_INIT("a"), {NULL, 0}, AUK_SPAN_INIT("bc")};
    auk_batch_put_parts(batch, AUK_FAMILY_CATALOG, AUK_SPAN("key"), parts, 3);
    auk_batch_delete(batch, AUK_FAMILY_COMMIT, AUK_SPAN("old"));
    auk_batch_delete_range(batch, AUK_FAMILY_JOURNAL, AUK_SPAN("1"), AUK_SPAN("3"));
    assert_false(auk_batch_is_empty(batch));
    assert_ok(auk_store_write(store, batch, true, err));

    char *joined = support_get(store, AUK_FAMILY_CATALOG, "key");
    assert_string_equal(joined, "abc");
    free(joined);
    assert_null(support_get(store, AUK_FAMILY_COMMIT, "old"));
    assert_null(support_get(store, AUK_FAMILY_JOURNAL, "1"));
    assert_null(support_get(store, AUK_FAMILY_JOURNAL, "2"));
    char *third = support_get(store, AUK_FAMILY_JOURNAL, "3");
    assert_non_null(third);
    free(third);

    auk_batch_reset(batch);
    assert_true(auk_batch_is_empty(batch));
    auk_batch_destroy(batch);
    auk_store_close(store);
}

static void expect_scan(auk_store *store, const char *from, const char *to, const char *want)
{
    char found[64] = "";
    auk_span key;
    auk_span value;
    auk_store_cursor *cursor =
        auk_store_scan(store, AUK_FAMILY_CATALOG, auk_span_of(from), auk_span_of(to));
    while (auk_store_cursor_next(cursor, &key, &value)) {
        assert_true(auk_span_equal(key, value));
        size_t size = strlen(found);
        (void)snprintf(found + size, sizeof found - size, "%.*s ", AUK_SPAN_ARG(key));
    }
    assert_false(auk_store_cursor_next(cursor, &key, &value));
    assert_ok(auk_store_cursor_status(cursor, err));
    auk_store_cursor_close(cursor);
    assert_string_equal(found, want);
}

static void scans_half_open_ranges(void **state)
{
    auk_store *store = support_open(*state);
    const char *keys[] = {"b", "a", "ab", "c", "\xff"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        support_put(store, AUK_FAMILY_CATALOG, keys[i], keys[i], false);
    support_put(store, AUK_FAMILY_COMMIT, "aa", "other family", false);
    assert_ok(auk_store_flush(store, err)); /* half from a table, half from memory */
    support_put(store, AUK_FAMILY_CATALOG, "bb", "bb", false);

    expect_scan(store, "", "", "a ab b bb c \xff ");
    expect_scan(store, "ab", "c", "ab b bb ");
    expect_scan(store, "a", "ab", "a ");
    expect_scan(store, "bc", "", "c \xff ");
    expect_scan(store, "x", "y", "");
    expect_scan(store, "y", "x", "");
    auk_store_close(store);
}

static void answers_too_large_over_the_buffers_limit(void **state)
{
    auk_store *store = support_open(*state);
    support_put(store, AUK_FAMILY_CATALOG, "key", "more than four", false);
    auk_buffer value;
    bool found = false;
    auk_buffer_init(&value, 4);
    assert_int_equal(auk_store_get(store, AUK_FAMILY_CATALOG, AUK_SPAN("key"), &value, &found,
                                   NULL),
                     AUK_TOO_LARGE);
    auk_buffer_deinit(&value);
    auk_store_close(store);
}

static void frees_log_files_by_a_flush(void **state)
{
    auk_store *store = support_open(*state);
    char large[20001];
    memset(large, 'x', sizeof large - 1);
    large[sizeof large - 1] = 0;
    char key[16];
    for (int i = 0; i < 20; i++) {
        snprintf(key, sizeof key, "%d", i);
        support_put(store, AUK_FAMILY_JOURNAL, key, large, false);
    }
    assert_ok(auk_store_sync(store, err));
    auk_store_stats before;
    auk_store_read_stats(store, &before);
    assert_true(before.log_bytes > 400000);
    assert_true(before.memtable_bytes > 400000);
    assert_true(before.disk_free_bytes > 0 && before.disk_free_bytes <= before.disk_total_bytes);

    assert_ok(auk_store_flush(store, err));
    auk_store_stats after;
    auk_store_read_stats(store, &after);
    assert_true(after.log_bytes < 1000);
    assert_true(after.memtable_bytes < 400000);
    auk_store_close(store);
}

static void reopens_beneath_its_callers(void **state)
{
    auk_store *store = support_open(*state);
    support_put(store, AUK_FAMILY_CATALOG, "before", "1", true);
    assert_ok(auk_store_reopen(store, err));
    support_put(store, AUK_FAMILY_CATALOG, "after", "2", true);
    char *before = support_get(store, AUK_FAMILY_CATALOG, "before");
    assert_string_equal(before, "1");
    free(before);
    auk_store_close(store);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, make_directory, remove_directory)
    const struct CMUnitTest tests[] = {
        T(names_the_process_that_holds_the_directory), /* forks, so before the others start threads
                                                        */
        T(keeps_values_over_a_reopen),
        T(makes_the_directory_private),
        T(refuses_a_second_store_in_the_process),
        T(refuses_a_file_as_directory),
        T(writes_a_batch_over_all_families),
        T(scans_half_open_ranges),
        T(answers_too_large_over_the_buffers_limit),
        T(frees_log_files_by_a_flush),
        T(reopens_beneath_its_callers),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
