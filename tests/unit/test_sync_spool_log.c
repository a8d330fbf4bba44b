/* The log of what is received: what is synced is read again, and what is missing is noticed. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spool_log.h"
#include "test.h"

static char directory[64];
static auk_spool_log *spool; /* open */

static int begin(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/auk-spool-log-XXXXXX");
    assert_non_null(mkdtemp(directory));
    return 0;
}

static int end(void **state)
{
    (void)state;
    auk_spool_log_close(spool);
    spool = NULL;
    assert_int_equal(auk_spool_log_remove(directory, NULL), AUK_OK);
    return rmdir(directory);
}

static void reopen(void)
{
    auk_error err = {0};
    auk_spool_log_close(spool);
    if (auk_spool_log_open(directory, 1, &spool, &err) != AUK_OK) /* files of the least size */
        fail_msg("%s", err.message);
}

static void put(char kind, auk_lsn position, auk_span bytes)
{
    const auk_spool_record record = {kind, position, bytes};
    assert_int_equal(auk_spool_log_append(spool, &record, NULL), AUK_OK);
}

static void sync_all(void)
{
    assert_int_equal(auk_spool_log_sync(spool, NULL), AUK_OK);
}

/* Records to the end; their number, and the last position. */
static uint32_t read_all(auk_lsn *last)
{
    auk_spool_record record;
    uint32_t count = 0;
    bool done = false;
    auk_error err = {0};
    *last = 0;
    for (;;) {
        if (auk_spool_log_read(spool, &record, &done, &err) != AUK_OK)
            fail_msg("%s", err.message);
        if (done)
            return count;
        count++;
        if (record.position)
            *last = record.position;
    }
}

/* Files of about 64 KiB, a transaction of a record each, that ends at 10, 20 ... */
static void fill(uint32_t count)
{
    char bytes[3000];
    auk_lsn last;
    reopen();
    (void)read_all(&last);
    for (uint32_t i = 1; i <= count; i++) {
        for (size_t k = 0; k < sizeof bytes; k++)
            bytes[k] = (char)(rand() & 0xff);
        uint64_t file = auk_spool_log_file(spool);
        if (file)
            auk_spool_log_enter(spool, file);
        put('m', last + 10ULL * i, auk_span_make(bytes, sizeof bytes));
        if (file)
            auk_spool_log_leave(spool, file, last + 10ULL * i);
        sync_all();
        if (auk_spool_log_is_due(spool))
            assert_int_equal(auk_spool_log_rotate(spool, NULL), AUK_OK);
    }
}

static void path_of(uint64_t number, char out[128])
{
    snprintf(out, 128, "%s/%010llu.log", directory, (unsigned long long)number);
}

static void flip(uint64_t number, off_t at)
{
    char path[128], byte;
    path_of(number, path);
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0 && pread(fd, &byte, 1, at) == 1);
    byte = (char)(byte ^ 0x20);
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

static void reads_again_what_was_synced(void **state)
{
    auk_lsn last;
    (void)state;
    reopen();
    assert_int_equal(auk_spool_log_position(spool), 0);
    assert_int_equal(read_all(&last), 0);
    put('S', 0, AUK_SPAN(""));
    put('m', 0, AUK_SPAN("begin"));
    put('m', 70, AUK_SPAN("commit"));
    assert_int_equal(auk_spool_log_position(spool), 0);
    sync_all();
    assert_int_equal(auk_spool_log_position(spool), 70);
    put('m', 90, AUK_SPAN("never synced"));
    reopen();
    assert_null(auk_spool_log_damage(spool));
    assert_int_equal(auk_spool_log_position(spool), 70);
    assert_int_equal(read_all(&last), 3);
    put('k', 80, AUK_SPAN(""));
    sync_all();
    reopen();
    assert_int_equal(auk_spool_log_position(spool), 80);
    assert_int_equal(read_all(&last), 4);
    assert_int_equal(last, 80);
}

static void drops_what_is_applied_and_nothing_else(void **state)
{
    auk_lsn last;
    (void)state;
    fill(200);
    uint64_t before = auk_spool_log_bytes(spool);
    auk_spool_log_enter(spool, 3); /* something that began there is under way */
    assert_int_equal(auk_spool_log_trim(spool, 2000, NULL), AUK_OK);
    uint64_t after = auk_spool_log_bytes(spool);
    assert_true(after < before && after > before / 2);
    auk_spool_log_leave(spool, 3, 0);
    assert_int_equal(auk_spool_log_trim(spool, 1000, NULL), AUK_OK);
    assert_true(auk_spool_log_bytes(spool) < after);
    reopen();
    assert_null(auk_spool_log_damage(spool));
    assert_int_equal(auk_spool_log_position(spool), 2000);
    assert_in_range(read_all(&last), 100, 130);
    fill(10);
    assert_int_equal(auk_spool_log_position(spool), 2100);
}

static void ends_where_a_byte_is_wrong(void **state)
{
    auk_lsn last;
    (void)state;
    fill(200);
    flip(4, 30000);
    reopen();
    assert_non_null(auk_spool_log_damage(spool));
    auk_lsn kept = auk_spool_log_position(spool);
    assert_in_range(kept, 10 * 3 * 20, 10 * 4 * 23);
    assert_int_equal(read_all(&last), kept / 10);
    assert_int_equal(last, kept);
}

static void notices_files_that_are_gone(void **state)
{
    char path[128];
    (void)state;
    fill(200);
    path_of(1, path);
    assert_int_equal(unlink(path), 0);
    reopen();
    assert_non_null(auk_spool_log_damage(spool));
    assert_int_equal(auk_spool_log_position(spool), 0);
    auk_spool_log_close(spool);
    spool = NULL;
    assert_int_equal(auk_spool_log_remove(directory, NULL), AUK_OK);
    assert_false(auk_spool_log_exists(directory));

    fill(200);
    path_of(3, path);
    assert_int_equal(unlink(path), 0);
    reopen();
    assert_in_range(auk_spool_log_position(spool), 10 * 2 * 20, 10 * 2 * 23);
    auk_spool_log_close(spool);
    spool = NULL;
    assert_int_equal(auk_spool_log_remove(directory, NULL), AUK_OK);

    fill(200);
    snprintf(path, sizeof path, "%s/first", directory);
    assert_int_equal(unlink(path), 0);
    reopen();
    assert_non_null(auk_spool_log_damage(spool));
    assert_int_equal(auk_spool_log_position(spool), 0);
}

/* At every length that the last file may be cut to, what is whole before the cut is read. */
static void bears_any_cut_of_the_last_file(void **state)
{
    char path[128];
    auk_lsn last;
    (void)state;
    fill(6);
    path_of(1, path);
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    for (off_t size = status.st_size; size > 0; size -= 997) {
        assert_int_equal(truncate(path, size), 0);
        reopen();
        auk_lsn kept = auk_spool_log_position(spool);
        assert_int_equal(read_all(&last), kept / 10);
        assert_int_equal(last, kept);
        assert_in_range(kept, (auk_lsn)(size / 3100) * 10, (auk_lsn)(size / 3000) * 10);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reads_again_what_was_synced),    TEST(drops_what_is_applied_and_nothing_else),
        TEST(ends_where_a_byte_is_wrong),     TEST(notices_files_that_are_gone),
        TEST(bears_any_cut_of_the_last_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
