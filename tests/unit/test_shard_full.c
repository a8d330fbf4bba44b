/*
 * A full disk: writes are refused, what was acknowledged stays readable, and writes go on when
 * there is space again. Needs the right to mount a small file system of its own; is skipped where
 * the machine does not give it.
 */
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shard_support.h"

#define MAPPING "{\"dynamic\":false,\"properties\":{\"n\":{\"type\":\"long\"}}}"
#define BODY    60000

typedef struct small_disk {
    char *path;
    char data[300], ballast[300];
} small_disk;

static bool mount_small(small_disk *disk)
{
    disk->path = support_directory();
    mkdir(disk->path, 0700);
    if (mount("tmpfs", disk->path, "tmpfs", 0, "size=96m") != 0)
        return false;
    snprintf(disk->data, sizeof disk->data, "%s/data", disk->path);
    snprintf(disk->ballast, sizeof disk->ballast, "%s/ballast", disk->path);
    int file = open(disk->ballast, O_CREAT | O_WRONLY, 0600);
    assert_true(file >= 0);
    assert_int_equal(posix_fallocate(file, 0, (off_t)60 << 20), 0);
    close(file);
    return true;
}

static char *make_source(uint32_t n)
{
    char *source = malloc(BODY + 100);
    int size = snprintf(source, 100, "{\"n\":%u,\"x\":\"", n);
    uint64_t state = n + 1;
    for (int i = 0; i < BODY; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        source[size++] = (char)('a' + (state >> 40) % 26);
    }
    memcpy(source + size, "\"}", 3);
    return source;
}

static auk_code write_one(support_index *index, uint32_t n, auk_error *err)
{
    char id[16];
    char *source = make_source(n);
    snprintf(id, sizeof id, "%u", n);
    auk_operation operation = {.kind = AUK_OPERATION_INDEX,
                               .id = auk_span_of(id),
                               .source = auk_span_of(source),
                               .if_seq_no = -1};
    auk_outcome outcome;
    auk_code code = auk_shard_write(index->shard, &operation, 1, NULL, index->arena, &outcome, err);
    if (code == AUK_OK)
        assert_int_equal(outcome.error.code, AUK_OK);
    free(source);
    return code;
}

static void expect_all(support_index *index, uint32_t count)
{
    for (uint32_t n = 0; n < count; n++) {
        char id[16];
        char *source = make_source(n);
        snprintf(id, sizeof id, "%u", n);
        support_expect(index, id, source);
        free(source);
    }
    char id[16];
    snprintf(id, sizeof id, "%u", count);
    support_expect(index, id, NULL);
}

static void a_full_disk_loses_nothing(void **state)
{
    (void)state;
    small_disk disk;
    if (!mount_small(&disk)) {
        support_remove(disk.path);
        print_message("skipped: this machine does not let the test mount a file system\n");
        skip();
    }
    support_index index;
    support_index_init_at(&index, strdup(disk.data), MAPPING, NULL, NULL);
    auk_error error = {0};
    uint32_t written = 0;
    while (write_one(&index, written, &error) == AUK_OK)
        assert_true(++written < 2000);
    assert_string_equal(auk_error_type(&error), "disk_full_exception");
    expect_all(&index, written);
    assert_int_equal(write_one(&index, written, &error), AUK_FULL);
    expect_all(&index, written);
    unlink(disk.ballast);
    assert_ok(write_one(&index, written, err));
    written++;
    expect_all(&index, written);
    support_refresh(&index);
    auk_shard_view *view = support_view(&index);
    assert_int_equal(view->live_count, written);
    auk_shard_view_release(view);
    support_index_close(&index);
    support_index_open(&index);
    expect_all(&index, written);
    support_index_deinit(&index);
    umount2(disk.path, MNT_DETACH);
    support_remove(disk.path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_full_disk_loses_nothing)};
    return cmocka_run_group_tests_name("shard_full", tests, NULL, NULL);
}
