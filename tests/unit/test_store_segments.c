#include "store_support.h"

#include <dirent.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define VALUES 25

static char key_a[] = "a"; /* the manifest that most tests write */

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

static auk_mapped *commit(auk_store *store, char *key, uint64_t seed, const uint64_t *drop,
                          size_t drop_count)
{
    auk_mapped *mapped = NULL;
    auk_segment_file *file = support_segment(store, VALUES, seed);
    assert_ok(auk_store_commit(store, file, support_describe, key, drop, drop_count, &mapped, err));
    return mapped;
}

/* The segment that the commit family names under the key. */
static auk_code map_named(auk_store *store, const char *key, auk_mapped **out)
{
    auk_buffer location;
    bool found = false;
    auk_buffer_init(&location, AUK_BUFFER_NO_LIMIT);
    assert_ok(auk_store_get(store, AUK_FAMILY_COMMIT, auk_span_of(key), &location, &found, err));
    assert_true(found);
    auk_code code = auk_store_map(store, auk_buffer_span(&location), out, NULL);
    auk_buffer_deinit(&location);
    return code;
}

static uint64_t segment_files(auk_store *store)
{
    auk_store_stats stats;
    auk_store_read_stats(store, &stats);
    return stats.segment_files;
}

static void maps_what_was_put(void **state)
{
    auk_store *store = support_open(*state);
    auk_mapped *mapped = commit(store, key_a, 1, NULL, 0);
    assert_true(support_segment_is(mapped, VALUES, 1));
    assert_true(auk_mapped_bytes(mapped) > 7 * 70000);

    uint32_t count = 0;
    const auk_value *values = auk_mapped_values(mapped, &count);
    char *copy = malloc(values[2].bytes.size);
    assert_true(auk_mapped_read(mapped, values[2].bytes, copy));
    assert_memory_equal(copy, values[2].bytes.data, values[2].bytes.size);
    free(copy);
    auk_mapped_release(mapped);
    auk_store_close(store);

    store = support_open(*state);
    assert_int_equal(map_named(store, "a", &mapped), AUK_OK);
    assert_true(support_segment_is(mapped, VALUES, 1));
    auk_mapped_release(mapped);
    auk_store_close(store);
}

static void takes_a_segment_without_values(void **state)
{
    auk_store *store = support_open(*state);
    auk_mapped *mapped = NULL;
    auk_segment_file *file = support_segment(store, 0, 0);
    assert_int_equal(auk_segment_file_bytes(file), 0);
    assert_ok(auk_store_commit(store, file, support_describe, key_a, NULL, 0, &mapped, err));
    assert_true(support_segment_is(mapped, 0, 0));
    auk_mapped_release(mapped);
    auk_store_close(store);
}

static void takes_a_value_over_the_size_target(void **state)
{
    auk_store *store = support_open(*state);
    size_t size = AUK_VALUE_SIZE_TARGET + 12345;
    char *bytes = malloc(size);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (char)(i * 2654435761u >> 13);
    auk_segment_file *file = NULL;
    assert_ok(auk_segment_file_begin(store, &file, err));
    auk_sink sink = auk_segment_file_sink(file);
    for (uint32_t part = 0; part < 2; part++)
        assert_ok(sink.put(sink.context, 1, 2, part, auk_span_make(bytes, size), err));
    assert_ok(auk_segment_file_finish(file, err));

    auk_mapped *mapped = NULL;
    assert_ok(auk_store_commit(store, file, support_describe, key_a, NULL, 0, &mapped, err));
    uint32_t count = 0;
    const auk_value *values = auk_mapped_values(mapped, &count);
    assert_int_equal(count, 2);
    assert_true(auk_span_equal(values[0].bytes, auk_span_make(bytes, size)));
    assert_true(auk_span_equal(values[1].bytes, auk_span_make(bytes, size)));
    free(bytes);
    auk_mapped_release(mapped);
    auk_store_close(store);
}

static void keeps_a_mapping_over_drop_and_close(void **state)
{
    auk_store *store = support_open(*state);
    auk_mapped *mapped = commit(store, key_a, 1, NULL, 0);
    auk_mapped *again = auk_mapped_acquire(mapped);
    uint64_t id = auk_mapped_id(mapped);
    auk_mapped *merged = commit(store, key_a, 2, &id, 1);
    assert_int_equal(segment_files(store), 1);
    assert_ok(auk_store_reopen(store, err));
    assert_true(support_segment_is(mapped, VALUES, 1));

    auk_store_close(store);
    auk_mapped_release(mapped);
    assert_true(support_segment_is(again, VALUES, 1));
    assert_true(support_segment_is(merged, VALUES, 2));
    auk_mapped_release(again);
    auk_mapped_release(merged);
}

static void describe_deletion(void *context, auk_mapped *mapped, auk_batch *batch)
{
    assert_null(mapped);
    auk_batch_delete(batch, AUK_FAMILY_COMMIT, auk_span_of(context));
}

static void drops_without_a_new_segment(void **state)
{
    auk_store *store = support_open(*state);
    auk_mapped *mapped = commit(store, key_a, 1, NULL, 0);
    uint64_t id = auk_mapped_id(mapped);
    auk_mapped *none = mapped;
    assert_ok(auk_store_commit(store, NULL, describe_deletion, key_a, &id, 1, &none, err));
    assert_null(none);
    assert_int_equal(segment_files(store), 0);
    assert_null(support_get(store, AUK_FAMILY_COMMIT, "a"));
    auk_mapped_release(mapped);
    auk_store_close(store);
}

static void describe_nothing(void *context, auk_mapped *mapped, auk_batch *batch)
{
    (void)context;
    (void)mapped;
    (void)batch;
}

static void drops_what_no_manifest_names(void **state)
{
    auk_store *store = support_open(*state);
    auk_mapped *named = commit(store, key_a, 1, NULL, 0);
    auk_mapped *orphan = NULL;
    for (int i = 0; i < 2; i++) {
        auk_segment_file *file = support_segment(store, VALUES, 2);
        assert_ok(auk_store_commit(store, file, describe_nothing, NULL, NULL, 0, &orphan, err));
        auk_mapped_release(orphan);
    }
    auk_mapped_release(named);
    auk_store_close(store);

    store = support_open(*state);
    assert_int_equal(segment_files(store), 3);
    assert_int_equal(map_named(store, "a", &named), AUK_OK);
    uint64_t id = auk_mapped_id(named);
    size_t dropped = 0;
    assert_ok(auk_store_drop_orphans(store, &id, 1, &dropped, err));
    assert_int_equal(dropped, 2);
    assert_int_equal(segment_files(store), 1);
    assert_true(support_segment_is(named, VALUES, 1));
    assert_ok(auk_store_drop_orphans(store, &id, 1, &dropped, err));
    assert_int_equal(dropped, 0);
    auk_mapped_release(named);
    auk_store_close(store);
}

static void never_gives_an_id_twice(void **state)
{
    uint64_t highest = 0;
    for (int i = 0; i < 4; i++) {
        auk_store *store = support_open(*state);
        size_t dropped = 0;
        assert_ok(
            auk_store_drop_orphans(store, NULL, 0, &dropped, err)); /* nothing tells of it now */
        assert_int_equal(dropped, i == 0 ? 0 : 1);

        auk_segment_file *aborted = NULL;
        assert_ok(auk_segment_file_begin(store, &aborted, err));
        assert_true(auk_segment_file_id(aborted) > highest);
        highest = auk_segment_file_id(aborted);
        auk_segment_file_abort(aborted);

        auk_segment_file *file = support_segment(store, 3, 1);
        assert_true(auk_segment_file_id(file) > highest);
        highest = auk_segment_file_id(file);
        auk_mapped *mapped = NULL;
        assert_ok(auk_store_commit(store, file, support_describe, key_a, NULL, 0, &mapped, err));
        auk_mapped_release(mapped);
        auk_store_close(store);
    }
}

static void passes_ids_that_manifests_name(void **state)
{
    auk_store *store = support_open(*state);
    uint64_t far = 1000000;
    assert_ok(auk_store_drop_orphans(store, &far, 1, NULL, err));
    auk_segment_file *file = NULL;
    assert_ok(auk_segment_file_begin(store, &file, err));
    assert_true(auk_segment_file_id(file) > far);
    auk_segment_file_abort(file);
    auk_store_close(store);
}

static size_t files_in(const char *directory, const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    DIR *listing = opendir(path);
    assert_non_null(listing);
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(listing);
    return count;
}

static void leaves_no_file_of_an_aborted_segment(void **state)
{
    auk_store *store = support_open(*state);
    auk_segment_file *begun = NULL;
    assert_ok(auk_segment_file_begin(store, &begun, err));
    auk_segment_file *finished = support_segment(store, VALUES, 1);
    assert_int_equal(files_in(*state, "building"), 2);

    auk_mapped *mapped = NULL;
    assert_int_equal(auk_store_commit(store, begun, describe_nothing, NULL, NULL, 0, &mapped, NULL),
                     AUK_INVALID);
    auk_segment_file_abort(finished);
    assert_int_equal(files_in(*state, "building"), 0);
    assert_int_equal(segment_files(store), 0);
    auk_store_close(store);
}

/* Every prefix and every flipped byte of a location is refused or, where it maps, stays in its
 * file. */
static void refuses_damaged_locations(void **state)
{
    auk_store *store = support_open(*state);
    auk_mapped *mapped = commit(store, key_a, 1, NULL, 0);
    auk_span location = auk_mapped_location(mapped);
    char *copy = malloc(location.size);
    auk_mapped *damaged = NULL;

    for (size_t size = 0; size < location.size; size++) {
        memcpy(copy, location.data, size);
        assert_int_equal(auk_store_map(store, auk_span_make(copy, size), &damaged, NULL),
                         AUK_CORRUPT);
    }
    memcpy(copy, location.data, location.size);
    for (size_t at = 0; at < location.size; at++) {
        copy[at] ^= 0x41;
        assert_int_equal(auk_store_map(store, auk_span_make(copy, location.size), &damaged, NULL),
                         AUK_CORRUPT);
        copy[at] ^= 0x41;
    }
    free(copy);
    auk_mapped_release(mapped);
    auk_store_close(store);
}

static void refuses_a_location_whose_file_is_gone(void **state)
{
    auk_store *store = support_open(*state);
    auk_mapped *mapped = commit(store, key_a, 1, NULL, 0);
    uint64_t id = auk_mapped_id(mapped);
    auk_mapped *none = NULL;
    assert_ok(auk_store_commit(store, NULL, describe_nothing, NULL, &id, 1, &none, err));
    assert_int_equal(map_named(store, "a", &none), AUK_CORRUPT);
    auk_mapped_release(mapped);
    auk_store_close(store);
}

static void copies_by_checkpoint(void **state)
{
    auk_store *store = support_open(*state);
    auk_mapped *mapped = commit(store, key_a, 1, NULL, 0);
    support_put(store, AUK_FAMILY_JOURNAL, "key", "value", false);
    char *copy = support_directory();
    assert_ok(auk_store_checkpoint(store, copy, err));
    assert_int_equal(auk_store_checkpoint(store, copy, NULL), AUK_CONFLICT);
    support_put(store, AUK_FAMILY_JOURNAL, "key", "later", false);
    uint64_t id = auk_mapped_id(mapped);
    auk_mapped_release(commit(store, key_a, 2, &id, 1));
    auk_mapped_release(mapped);
    auk_store_close(store);

    store = support_open(copy);
    char *value = support_get(store, AUK_FAMILY_JOURNAL, "key");
    assert_string_equal(value, "value");
    free(value);
    assert_int_equal(map_named(store, "a", &mapped), AUK_OK);
    assert_true(support_segment_is(mapped, VALUES, 1));
    auk_mapped_release(mapped);
    auk_store_close(store);
    support_remove(copy);
}

/* The child cuts the file under its own mapping and reads on. */
static void read_a_cut_file(const char *directory, int errors)
{
    auk_store *store = NULL;
    auk_mapped *mapped = NULL;
    dup2(errors, STDERR_FILENO);
    auk_store_install_sigbus_handler();
    if (auk_store_open(directory, NULL, &store, NULL) != AUK_OK)
        _exit(1);
    auk_segment_file *file = support_segment(store, VALUES, 1);
    if (auk_store_commit(store, file, describe_nothing, NULL, NULL, 0, &mapped, NULL) != AUK_OK)
        _exit(2);

    DIR *listing = opendir(directory);
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        struct stat status;
        if (strstr(entry->d_name, ".sst") && stat(path, &status) == 0 && status.st_size > 100000 &&
            truncate(path, 4096) != 0)
            _exit(3);
    }
    _exit(support_segment_is(mapped, VALUES, 1) ? 4 : 5);
}

static void names_the_segment_of_a_bus_error(void **state)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0)
        read_a_cut_file(*state, ends[1]);
    close(ends[1]);
    int status = 0;
    waitpid(child, &status, 0);
    char said[512] = "";
    ssize_t size = read(ends[0], said, sizeof said - 1);
    close(ends[0]);
    assert_true(size > 0);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 70);
    assert_non_null(strstr(said, "segment 1, file \""));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, make_directory, remove_directory)
    const struct CMUnitTest tests[] = {
        T(names_the_segment_of_a_bus_error), /* forks, so before the others start threads */
        T(maps_what_was_put),
        T(takes_a_segment_without_values),
        T(takes_a_value_over_the_size_target),
        T(keeps_a_mapping_over_drop_and_close),
        T(drops_without_a_new_segment),
        T(drops_what_no_manifest_names),
        T(never_gives_an_id_twice),
        T(passes_ids_that_manifests_name),
        T(leaves_no_file_of_an_aborted_segment),
        T(refuses_damaged_locations),
        T(refuses_a_location_whose_file_is_gone),
        T(copies_by_checkpoint),
    };
    return cmocka_run_group_tests_name("store_segments", tests, NULL, NULL);
}
