/*
 * A crash cuts the last write of a log, and so does a write that fails. The next start goes on
 * without it, in a new log; the old one stays in use until its families are flushed, through
 * orderly ends and further starts. After an orderly end a broken record is damage, so that none may
 * be left from before.
 */
#include "store_support.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static _Atomic size_t room = SIZE_MAX; /* bytes that the disk takes */

static bool write_value(auk_store *store, const char *key, const char *value)
{
    auk_batch *batch = auk_batch_create();
    auk_batch_put(batch, AUK_FAMILY_CATALOG, auk_span_of(key), auk_span_of(value));
    bool done = auk_store_write(store, batch, true, NULL) == AUK_OK;
    auk_batch_destroy(batch);
    return done;
}

/* ---- ends, each in a process of its own: true as far as all went as wanted ---- */

static bool end_by_a_kill(auk_store *store)
{
    return write_value(store, "second", "value") && raise(SIGKILL) == 0;
}

/* In front of the C library's, for RocksDB's files. */
ssize_t write(int fd, const void *bytes, size_t size)
{
    size_t left = atomic_load(&room);
    size = size < left ? size : left;
    if (size == 0 && left == 0) {
        errno = ENOSPC;
        return -1;
    }
    if (left != SIZE_MAX)
        atomic_fetch_sub(&room, size);
    return syscall(SYS_write, fd, bytes, size);
}

/* The disk is full amid a record; whoever sees that ends the server and starts it again. */
static bool end_on_a_full_disk(auk_store *store)
{
    static char large[4 << 20]; /* RocksDB writes a megabyte at a time */
    memset(large, 'x', sizeof large - 1);
    atomic_store(&room, sizeof large / 2);
    bool failed = !write_value(store, "second", large);
    auk_store_close(store);
    return failed;
}

typedef struct ending {
    const char *name;
    bool (*end)(auk_store *store);
    off_t cut; /* bytes taken off the log's end */
    const char *tail;
    size_t tail_size;
    bool has_second; /* the second value is still there */
} ending;

static const ending endings[] = {
    {"a record that is cut", end_by_a_kill, 3, "", 0, false},
    {"zeros that a power cut left", end_by_a_kill, 0, "\0\0\0\0\0\0\0\0\0\0\0\0", 12, true},
    {"the header of a record alone", end_by_a_kill, 0, "abcd\100\0\1", 7, true},
    {"bytes that were not written", end_by_a_kill, 4, "????", 4, false},
    {"a write that failed on a full disk", end_on_a_full_disk, 0, "", 0, false},
};

enum { ENDINGS = sizeof endings / sizeof *endings };

static void run_and_end(const char *directory, const ending *how)
{
    pid_t child = fork();
    if (child == 0) {
        auk_store *store = NULL;
        bool done = auk_store_open(directory, NULL, &store, NULL) == AUK_OK &&
                    write_value(store, "first", "value") && how->end(store);
        _exit(done ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, how->end == end_by_a_kill ? SIGKILL : 0);
}

/* The newest log that holds anything. */
static void harm_log(const char *directory, const ending *how)
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
    assert_int_equal(ftruncate(fd, size - how->cut), 0);
    assert_int_equal(pwrite(fd, how->tail, how->tail_size, size - how->cut), how->tail_size);
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
static void go_on(const char *directory, const ending *how)
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

/* Opened here only when nothing is forked any more: RocksDB's threads do not survive it. */
static void starts_and_ends_in_order_behind_a_write_that_was_cut(void **state)
{
    (void)state;
    char *directories[ENDINGS];
    for (int i = 0; i < ENDINGS; i++) {
        directories[i] = support_directory();
        run_and_end(directories[i], &endings[i]);
        harm_log(directories[i], &endings[i]);
    }
    for (int i = 0; i < ENDINGS; i++) {
        print_message("%s\n", endings[i].name);
        go_on(directories[i], &endings[i]);
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
