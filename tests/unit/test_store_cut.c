/*
 * A crash cuts the last write of a log. The next start goes on without it, in a new log; the old
 * one stays in use until its families are flushed, through orderly ends and further starts. After
 * an orderly end a broken record is damage, so that none may be left from before.
 */
#include "store_support.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct cut {
    const char *name;
    off_t bytes;      /* taken off the end */
    const char *tail; /* then put there */
    size_t tail_size;
    bool has_second; /* the second value is still there */
} cut;

static const cut cuts[] = {
    {"a record that is cut", 3, "", 0, false},
    {"zeros that a power cut left for bytes", 0, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20,
     true},
    {"the header of a record alone", 0, "abcd\100\0\1", 7, true},
    {"bytes that were not written", 4, "????", 4, false},
};

/* The parent opens the directory only when it forks no more: RocksDB's threads do not survive it.
 */
static bool write_two(const char *directory)
{
    auk_store *store = NULL;
    auk_batch *batch = auk_batch_create();
    bool done = auk_store_open(directory, NULL, &store, NULL) == AUK_OK;
    for (int i = 0; done && i < 2; i++) {
        auk_span key = i ? AUK_SPAN("second") : AUK_SPAN("first");
        auk_batch_reset(batch);
        auk_batch_put(batch, AUK_FAMILY_CATALOG, key, AUK_SPAN("value"));
        done = auk_store_write(store, batch, true, NULL) == AUK_OK;
    }
    return done;
}

static void crash(const char *directory)
{
    pid_t child = fork();
    if (child == 0) {
        raise(write_two(directory) ? SIGKILL : SIGTERM);
        _exit(1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* The newest log that holds anything. */
static void harm_log(const char *directory, const cut *how)
{
    char path[4096], last[4096] = "";
    off_t size = 0;
    for (int number = 1; number < 100; number++) {
        struct stat status;
        snprintf(path, sizeof path, "%s/%06d.log", directory, number);
        if (stat(path, &status) == 0 && status.st_size > 0) {
            memcpy(last, path, sizeof last);
            size = status.st_size;
        }
    }
    int fd = open(last, O_WRONLY | O_CLOEXEC);
    assert_int_equal(ftruncate(fd, size - how->bytes), 0);
    assert_int_equal(pwrite(fd, how->tail, how->tail_size, size - how->bytes), how->tail_size);
    close(fd);
}

static bool has(auk_store *store, const char *key)
{
    char *value = support_get(store, AUK_FAMILY_CATALOG, key);
    bool found = value != NULL && strcmp(value, "value") == 0;
    free(value);
    return found;
}

/* Starts and ends in order, again and again; each writes something. */
static void go_on(const char *directory, const cut *how)
{
    static const char *const keys[] = {"third", "fourth", "fifth"};
    for (int start = 0; start < 3; start++) {
        auk_store *store = support_open(directory);
        assert_true(has(store, "first"));
        assert_int_equal(has(store, "second"), how->has_second);
        for (int before = 0; before < start; before++)
            assert_true(has(store, keys[before]));
        support_put(store, AUK_FAMILY_CATALOG, keys[start], "value", true);
        auk_store_close(store);
    }
}

static void starts_and_ends_in_order_behind_a_write_that_was_cut(void **state)
{
    (void)state;
    enum { CUTS = sizeof cuts / sizeof *cuts };
    char *directories[CUTS];
    for (int i = 0; i < CUTS; i++) {
        directories[i] = support_directory();
        crash(directories[i]);
        harm_log(directories[i], &cuts[i]);
    }
    for (int i = 0; i < CUTS; i++) {
        print_message("%s\n", cuts[i].name);
        go_on(directories[i], &cuts[i]);
        support_remove(directories[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_and_ends_in_order_behind_a_write_that_was_cut),
    };
    return cmocka_run_group_tests_name("store_cut", tests, NULL, NULL);
}
