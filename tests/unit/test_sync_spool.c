/* Frames through memory and files, with chains that are dropped, trimmed and walked while others
 * grow. */
#include <dirent.h>
#include <unistd.h>

#include "spool.h"
#include "test.h"

static char directory[32];
static auk_spool *spool;

static int open_spool(uint64_t memory_bytes)
{
    snprintf(directory, sizeof directory, "/tmp/auk-spool-XXXXXX");
    assert_non_null(mkdtemp(directory));
    return auk_spool_open(directory, memory_bytes, NULL, &spool, NULL) == AUK_OK ? 0 : -1;
}

static int close_spool(void **state)
{
    (void)state;
    auk_spool_close(spool);
    return rmdir(directory);
}

static int in_memory(void **state)
{
    (void)state;
    return open_spool(1 << 30);
}

static int on_disk(void **state)
{
    (void)state;
    return open_spool(0);
}

static void append(auk_spool_chain *chain, uint32_t number, uint32_t size)
{
    char *bytes = (char *)malloc(size + 1);
    memset(bytes, (int)(number & 0xff), size);
    const auk_spool_frame frame = {.transaction = number,
                                   .relation = number + 1,
                                   .kind = 'I',
                                   .bytes = {bytes, size}};
    assert_int_equal(auk_spool_append(spool, chain, &frame, NULL), AUK_OK);
    free(bytes);
}

/* Frames `from` to `to` of the sizes that size_of says. */
static uint32_t size_of(uint32_t number)
{
    return number % 97 == 0 ? 300000 : number % 7 * 50;
}

static void assert_frames(auk_spool_place from, auk_spool_place end, uint32_t first, uint32_t last)
{
    auk_spool_reader reader;
    auk_spool_reader_init(&reader, spool);
    for (uint32_t round = 0; round < 2; round++) {
        auk_spool_reader_seek(&reader, from, end);
        for (uint32_t i = first; i < last; i++) {
            auk_spool_frame frame;
            bool done;
            assert_int_equal(auk_spool_read(&reader, &frame, &done, NULL), AUK_OK);
            assert_false(done);
            assert_int_equal(frame.transaction, i);
            assert_int_equal(frame.relation, i + 1);
            assert_int_equal(frame.kind, 'I');
            assert_int_equal(frame.bytes.size, size_of(i));
            for (size_t b = 0; b < frame.bytes.size; b += 997)
                assert_int_equal((uint8_t)frame.bytes.data[b], i & 0xff);
        }
        auk_spool_frame frame;
        bool done;
        assert_int_equal(auk_spool_read(&reader, &frame, &done, NULL), AUK_OK);
        assert_true(done);
    }
    auk_spool_reader_deinit(&reader);
}

static void gives_back_what_was_appended(void **state)
{
    (void)state;
    auk_spool_chain chain = {0};
    auk_spool_place places[11];
    for (uint32_t i = 0; i <= 1000; i++) {
        if (i % 100 == 0)
            places[i / 100] = auk_spool_tail(spool, &chain);
        append(&chain, i, size_of(i));
    }
    for (uint32_t i = 0; i < 10; i++)
        assert_frames(places[i], places[i + 1], i * 100, i * 100 + 100);
    assert_frames(places[0], places[10], 0, 1000);
    auk_spool_drop(spool, &chain);
    assert_int_equal(auk_spool_memory_bytes(spool), 0);
    assert_int_equal(auk_spool_disk_bytes(spool), 0);
}

static void lets_go_of_what_nobody_holds(void **state)
{
    (void)state;
    auk_spool_chain chain = {0};
    auk_spool_place from = auk_spool_tail(spool, &chain);
    for (uint32_t i = 0; i < 500; i++)
        append(&chain, i, size_of(i));
    auk_spool_place middle = auk_spool_tail(spool, &chain);
    for (uint32_t i = 500; i < 1000; i++)
        append(&chain, i, size_of(i));
    auk_spool_place end = auk_spool_tail(spool, &chain);
    uint64_t all = auk_spool_memory_bytes(spool) + auk_spool_disk_bytes(spool);

    auk_spool_hold(spool, from);
    auk_spool_trim(spool, &chain, middle);
    assert_int_equal(auk_spool_memory_bytes(spool) + auk_spool_disk_bytes(spool), all);
    assert_frames(from, middle, 0, 500);
    auk_spool_release(spool, from);
    assert_true(auk_spool_memory_bytes(spool) + auk_spool_disk_bytes(spool) < all);
    assert_frames(middle, end, 500, 1000);
    auk_spool_trim(spool, &chain, end);
    append(&chain, 1000, size_of(1000));
    assert_frames(end, auk_spool_tail(spool, &chain), 1000, 1001);
    auk_spool_drop(spool, &chain);
    assert_int_equal(auk_spool_memory_bytes(spool), 0);
}

static void keeps_memory_flat(void **state)
{
    (void)state;
    auk_spool_chain chains[20] = {{0}};
    for (uint32_t i = 0; i < 40000; i++) {
        auk_spool_chain *chain = &chains[i / 50 % 20];
        append(chain, i, 500);
        if (i % 50 == 49)
            assert_int_equal(auk_spool_rest(spool, chain, NULL), AUK_OK);
    }
    assert_true(auk_spool_memory_bytes(spool) <= (1 << 20));
    assert_true(auk_spool_disk_bytes(spool) > 0);
    for (uint32_t i = 0; i < 20; i++)
        auk_spool_drop(spool, &chains[i]);
    assert_int_equal(auk_spool_disk_bytes(spool), 0);
}

static void leaves_no_files_and_removes_old_ones(void **state)
{
    (void)state;
    auk_spool_chain chain = {0};
    for (uint32_t i = 0; i < 200; i++)
        append(&chain, i, size_of(i));
    assert_true(auk_spool_disk_bytes(spool) > 0);
    DIR *folder = opendir(directory);
    for (struct dirent *entry; (entry = readdir(folder));)
        assert_int_equal(entry->d_name[0], '.');
    closedir(folder);
    auk_spool_drop(spool, &chain);

    char path[64];
    snprintf(path, sizeof path, "%s/left", directory);
    fclose(fopen(path, "w"));
    auk_spool *second;
    assert_int_equal(auk_spool_open(directory, 0, NULL, &second, NULL), AUK_OK);
    assert_int_not_equal(access(path, F_OK), 0);
    auk_spool_close(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        {"gives back what was appended, in memory", gives_back_what_was_appended, in_memory,
         close_spool, NULL},
        {"gives back what was appended, on disk", gives_back_what_was_appended, on_disk,
         close_spool, NULL},
        {"lets go of what nobody holds, in memory", lets_go_of_what_nobody_holds, in_memory,
         close_spool, NULL},
        {"lets go of what nobody holds, on disk", lets_go_of_what_nobody_holds, on_disk,
         close_spool, NULL},
        cmocka_unit_test_setup_teardown(keeps_memory_flat, on_disk, close_spool),
        cmocka_unit_test_setup_teardown(leaves_no_files_and_removes_old_ones, on_disk, close_spool),
    };
    return cmocka_run_group_tests_name("sync_spool", tests, NULL, NULL);
}
