#include "store_support.h"

#include <ftw.h>
#include <unistd.h>

#define SMALL_VALUE 40
#define LARGE_VALUE 70000

char *support_directory(void)
{
    const char *root = getenv("TMPDIR");
    char *path = NULL;
    if (asprintf(&path, "%s/auk-store-XXXXXX", root ? root : "/tmp") < 0 || mkdtemp(path) == NULL)
        fail_msg("cannot make a directory for the test");
    rmdir(path);
    return path;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    return remove(path);
}

void support_remove(char *directory)
{
    nftw(directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(directory);
}

auk_store *support_open(const char *directory)
{
    auk_store *store = NULL;
    assert_ok(auk_store_open(directory, NULL, &store, err));
    return store;
}

void support_put(auk_store *store, auk_family family, const char *key, const char *value, bool sync)
{
    auk_batch *batch = auk_batch_create();
    auk_batch_put(batch, family, auk_span_of(key), auk_span_of(value));
    assert_ok(auk_store_write(store, batch, sync, err));
    auk_batch_destroy(batch);
}

char *support_get(auk_store *store, auk_family family, const char *key)
{
    auk_buffer value;
    bool found = false;
    auk_buffer_init(&value, AUK_BUFFER_NO_LIMIT);
    assert_ok(auk_store_get(store, family, auk_span_of(key), &value, &found, err));
    auk_buffer_append_byte(&value, 0);
    char *text = auk_buffer_take(&value, &(size_t){0});
    auk_buffer_deinit(&value);
    if (found)
        return text;
    free(text);
    return NULL;
}

/* Sizes vary: every third is large, every seventh empty. */
static size_t value_size(uint32_t i, uint64_t seed)
{
    if (i % 7 == 6)
        return 0;
    return i % 3 == 2 ? LARGE_VALUE + (seed + i) % 999 : SMALL_VALUE + (seed + i) % 13;
}

static void value_fill(char *bytes, size_t size, uint32_t i, uint64_t seed)
{
    uint64_t state = seed * 0x9e3779b97f4a7c15u + i + 1;
    for (size_t at = 0; at < size; at++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        bytes[at] = (char)(state >> 56);
    }
}

auk_segment_file *support_segment(auk_store *store, uint32_t values, uint64_t seed)
{
    auk_segment_file *file = NULL;
    assert_ok(auk_segment_file_begin(store, &file, err));
    auk_sink sink = auk_segment_file_sink(file);
    char *bytes = malloc(LARGE_VALUE + 1000);
    for (uint32_t i = 0; i < values; i++) {
        size_t size = value_size(i, seed);
        value_fill(bytes, size, i, seed);
        assert_ok(sink.put(sink.context, (uint8_t)(i % 5), (uint16_t)(i * 3), i + 7,
                           auk_span_make(bytes, size), err));
    }
    free(bytes);
    assert_ok(auk_segment_file_finish(file, err));
    return file;
}

bool support_segment_is(const auk_mapped *mapped, uint32_t values, uint64_t seed)
{
    uint32_t count = 0;
    const auk_value *table = auk_mapped_values(mapped, &count);
    char *bytes = malloc(LARGE_VALUE + 1000);
    bool same = count == values;
    for (uint32_t i = 0; i < count && same; i++) {
        size_t size = value_size(i, seed);
        value_fill(bytes, size, i, seed);
        same = table[i].kind == i % 5 && table[i].field == (uint16_t)(i * 3) &&
               table[i].part == i + 7 && auk_span_equal(table[i].bytes, auk_span_make(bytes, size));
    }
    free(bytes);
    return same;
}

void support_describe(void *context, auk_mapped *mapped, auk_batch *batch)
{
    if (mapped != NULL)
        auk_batch_put(batch, AUK_FAMILY_COMMIT, auk_span_of(context), auk_mapped_location(mapped));
}
