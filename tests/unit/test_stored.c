#include "stored.h"

#include "auk/segment_writer.h"

#include "test.h"

#define MAX_PARTS 16

typedef struct kept_values {
    auk_span index;
    auk_span parts[MAX_PARTS];
    uint32_t part_count;
} kept_values;

static auk_code keep(void *context, uint8_t kind, uint16_t field, uint32_t part, auk_span bytes,
                     auk_error *err)
{
    (void)err;
    kept_values *kept = context;
    assert_int_equal(field, 0);
    char *copy = malloc(bytes.size ? bytes.size : 1);
    memcpy(copy, bytes.data, bytes.size);
    if (kind == AUK_KIND_STORED_INDEX) {
        kept->index = auk_span_make(copy, bytes.size);
        return AUK_OK;
    }
    assert_int_equal(kind, AUK_KIND_STORED);
    assert_int_equal(part, kept->part_count);
    assert_true(kept->part_count < MAX_PARTS);
    kept->parts[kept->part_count++] = auk_span_make(copy, bytes.size);
    return AUK_OK;
}

static void free_kept(kept_values *kept)
{
    for (uint32_t i = 0; i < kept->part_count; i++)
        free((void *)(uintptr_t)kept->parts[i].data);
    free((void *)(uintptr_t)kept->index.data);
    *kept = (kept_values){0};
}

static size_t size_of_kept(const kept_values *kept)
{
    size_t size = kept->index.size;
    for (uint32_t i = 0; i < kept->part_count; i++)
        size += kept->parts[i].size;
    return size;
}

/* ---- documents, made again at will from their number ---- */

static uint32_t mix(uint32_t x)
{
    x = (x ^ x >> 16) * 0x7feb352du;
    x = (x ^ x >> 15) * 0x846ca68bu;
    return x ^ x >> 16;
}

typedef void (*make_source)(uint32_t number, auk_buffer *out);

static void article(uint32_t number, auk_buffer *out)
{
    static const char *const words[] = {"wing", "stone",  "cold",  "island", "north",  "egg",
                                        "sea",  "colony", "great", "beak",   "winter", "ship"};
    auk_buffer_printf(out,
                      "{\"title\":\"article %u\",\"year\":%u,\"tags\":[\"%s\",\"%s\"],\"body\":\"",
                      number, 1500 + mix(number) % 500, words[mix(number) % 12],
                      words[mix(number + 1) % 12]);
    for (uint32_t i = 0, count = 20 + mix(number) % 40; i < count; i++)
        auk_buffer_printf(out, "%s ", words[mix(number * 64 + i) % 12]);
    auk_buffer_append_text(out, "\"}");
}

static void nothing(uint32_t number, auk_buffer *out)
{
    (void)number, (void)out;
}

static void tiny(uint32_t number, auk_buffer *out)
{
    auk_buffer_printf(out, "{\"n\":%u}", number);
}

/* Every hundredth has 5 MB, of which little compresses. */
static void sometimes_large(uint32_t number, auk_buffer *out)
{
    if (number % 100 != 50) {
        article(number, out);
        return;
    }
    for (uint32_t i = 0; i < 5u << 20; i += 4)
        auk_buffer_append_u32(out, mix(i + number));
}

static void make_document(uint32_t number, make_source source, auk_buffer *bytes,
                          auk_stored_document *out)
{
    auk_buffer_reset(bytes);
    auk_buffer_printf(bytes, "id-%u", number);
    size_t id_size = bytes->size;
    if (number % 3 == 0)
        auk_buffer_printf(bytes, "route%u", number % 8);
    size_t routing_end = bytes->size;
    source(number, bytes);
    *out = (auk_stored_document){.id = auk_span_make(bytes->data, id_size),
                                 .routing =
                                     auk_span_make(bytes->data + id_size, routing_end - id_size),
                                 .source = auk_span_make(bytes->data + routing_end,
                                                         bytes->size - routing_end)};
}

/* Returns the bytes that went in. */
static size_t write_with(uint32_t count, make_source source, int level,
                         const auk_zstd_dictionary *dictionary, auk_pool *pool, kept_values *out)
{
    auk_output output;
    auk_sink sink = {keep, out};
    auk_output_init(&output, &sink);
    auk_stored_writer *writer = auk_stored_writer_create(&output, level, dictionary, pool);
    auk_buffer bytes;
    auk_buffer_init(&bytes, AUK_BUFFER_NO_LIMIT);
    size_t size = 0;
    for (uint32_t i = 0; i < count; i++) {
        auk_stored_document document;
        make_document(i, source, &bytes, &document);
        auk_stored_writer_add(writer, &document);
        size += bytes.size;
    }
    auk_stored_writer_end(writer);
    auk_stored_writer_destroy(writer);
    auk_error err;
    assert_int_equal(auk_output_status(&output, &err), AUK_OK);
    auk_output_deinit(&output);
    auk_buffer_deinit(&bytes);
    return size;
}

static size_t write_documents(uint32_t count, make_source source,
                              const auk_zstd_dictionary *dictionary, kept_values *out)
{
    return write_with(count, source, 1, dictionary, NULL, out);
}

static void assert_same(const auk_stored_document *got, const auk_stored_document *want)
{
    assert_true(auk_span_equal(got->id, want->id));
    assert_true(auk_span_equal(got->routing, want->routing));
    assert_true(auk_span_equal(got->source, want->source));
}

static void check_documents(const kept_values *kept, uint32_t count, make_source source)
{
    auk_arena *arena = auk_arena_create(4096), *request = auk_arena_create(4096);
    auk_stored *stored;
    auk_error err;
    assert_int_equal(auk_stored_open(kept->index, kept->parts, kept->part_count, count, arena,
                                     &stored, &err),
                     AUK_OK);
    auk_stored_cache *cache = auk_stored_cache_create(arena);
    auk_buffer bytes;
    auk_buffer_init(&bytes, AUK_BUFFER_NO_LIMIT);
    for (uint32_t i = 0; i < count; i++) {
        auk_stored_document want, got;
        make_document(i, source, &bytes, &want);
        assert_int_equal(auk_stored_read(stored, i, cache, NULL, &got, &err), AUK_OK);
        assert_same(&got, &want);
    }
    for (uint32_t i = 0; i < 50; i++) {
        auk_stored_document want, got;
        make_document(mix(i) % count, source, &bytes, &want);
        assert_int_equal(auk_stored_read(stored, mix(i) % count, i % 2 ? cache : NULL, request,
                                         &got, &err),
                         AUK_OK);
        assert_same(&got, &want);
        auk_arena_reset(request);
    }
    auk_stored_document got;
    assert_int_equal(auk_stored_read(stored, count, cache, NULL, &got, &err), AUK_INVALID);
    auk_buffer_deinit(&bytes);
    auk_stored_close(stored);
    auk_arena_destroy(request);
    auk_arena_destroy(arena);
}

struct stored_case {
    const char *name;
    uint32_t count;
    make_source source;
};

static struct stored_case cases[] = {
    {"one document", 1, article},
    {"one document without a source", 1, nothing},
    {"too few to learn from", 500, article},
    {"enough to learn from", 12000, article},
    {"many tiny ones", 100000, tiny},
    {"many without a source", 50000, nothing},
    {"some of 5 MB", 300, sometimes_large},
};
#define N_CASES (sizeof cases / sizeof cases[0])

static void reads_what_was_written(void **state)
{
    const struct stored_case *c = *state;
    kept_values kept = {0};
    write_documents(c->count, c->source, NULL, &kept);
    check_documents(&kept, c->count, c->source);
    free_kept(&kept);
}

static void frames_stay_as_they_are(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_CASES; i++) {
        kept_values kept = {0};
        size_t size =
            write_with(cases[i].count, cases[i].source, AUK_SEGMENT_PLAIN, NULL, NULL, &kept);
        check_documents(&kept, cases[i].count, cases[i].source);
        assert_true(size_of_kept(&kept) >= size);
        free_kept(&kept);
    }
}

static void check_helped(uint32_t count, make_source source)
{
    kept_values alone = {0}, helped = {0};
    auk_pool *pool = auk_pool_create("helpers", 2, 4);
    write_documents(count, source, NULL, &alone);
    write_with(count, source, 1, NULL, pool, &helped);
    auk_pool_destroy(pool);
    assert_int_equal(helped.part_count, alone.part_count);
    for (uint32_t i = 0; i < alone.part_count; i++)
        assert_true(auk_span_equal(helped.parts[i], alone.parts[i]));
    assert_true(auk_span_equal(helped.index, alone.index));
    free_kept(&alone);
    free_kept(&helped);
}

static void is_the_same_however_many_write(void **state)
{
    (void)state;
    check_helped(100, article);
    check_helped(12000, article);
    check_helped(120, sometimes_large);
}

static void no_documents_leave_nothing(void **state)
{
    (void)state;
    kept_values kept = {0};
    write_documents(0, article, NULL, &kept);
    assert_int_equal(kept.part_count, 0);
    assert_null(kept.index.data);
}

static void a_given_dictionary_is_kept_with_the_frames(void **state)
{
    (void)state;
    auk_buffer bytes;
    auk_buffer_init(&bytes, AUK_BUFFER_NO_LIMIT);
    for (uint32_t i = 0; i < 10; i++)
        article(1000 + i, &bytes);
    auk_zstd_dictionary *dictionary = auk_zstd_dictionary_create(auk_buffer_span(&bytes), 1);
    kept_values with = {0}, without = {0};
    write_documents(20, article, dictionary, &with);
    write_documents(20, article, NULL, &without);
    auk_zstd_dictionary_destroy(dictionary);
    assert_true(with.parts[0].size < without.parts[0].size);
    check_documents(&with, 20, article);
    free_kept(&with);
    free_kept(&without);
    auk_buffer_deinit(&bytes);
}

static void a_learnt_dictionary_makes_documents_shorter(void **state)
{
    (void)state;
    kept_values kept = {0};
    size_t size = write_documents(12000, article, NULL, &kept);
    print_message("%zu bytes became %zu\n", size, size_of_kept(&kept));
    assert_true(size_of_kept(&kept) < size * 35 / 100);
    free_kept(&kept);
}

/* ---- read out of a file ---- */

typedef struct file_reads {
    uint32_t reads, failing_from; /* 0: none fails */
} file_reads;

static bool read_file(const void *owner, auk_span bytes, char *into)
{
    file_reads *file = (file_reads *)(uintptr_t)owner;
    file->reads++;
    if (file->failing_from && file->reads >= file->failing_from)
        return false;
    memcpy(into, bytes.data, bytes.size);
    return true;
}

static void frames_are_copied_out_of_a_file(void **state)
{
    (void)state;
    enum { COUNT = 12000 };
    kept_values kept = {0};
    file_reads file = {0};
    size_t size = write_documents(COUNT, article, NULL, &kept);
    auk_arena *arena = auk_arena_create(4096);
    auk_guard guard = {.read = read_file, .owner = &file, .file = "some.sst"};
    auk_stored *stored;
    auk_error err;
    auk_buffer bytes;
    auk_buffer_init(&bytes, AUK_BUFFER_NO_LIMIT);
    assert_int_equal(auk_stored_open(kept.index, kept.parts, kept.part_count, COUNT, arena, &stored,
                                     &err),
                     AUK_OK);
    auk_stored_doubt(stored, &guard, &kept.index);
    auk_stored_cache *cache = auk_stored_cache_create(arena);
    auk_stored_document want, got;
    for (uint32_t i = 0; i < COUNT; i++) {
        make_document(i, article, &bytes, &want);
        assert_int_equal(auk_stored_read(stored, i, cache, NULL, &got, &err), AUK_OK);
        assert_same(&got, &want);
    }
    assert_true(file.reads < size / 40000); /* in order: many frames at once */
    for (uint32_t i = 0; i < 200; i++) {
        uint32_t number = mix(i) % COUNT;
        make_document(number, article, &bytes, &want);
        assert_int_equal(auk_stored_read(stored, number, i % 2 ? cache : NULL, arena, &got, &err),
                         AUK_OK);
        assert_same(&got, &want);
    }
    file.failing_from = 1;
    assert_int_equal(auk_stored_read(stored, 5, NULL, arena, &got, &err), AUK_IO);
    assert_non_null(strstr(err.message, "some.sst"));
    auk_buffer_deinit(&bytes);
    auk_stored_close(stored);
    auk_arena_destroy(arena);
    free_kept(&kept);
}

/* ---- damage ---- */

/* Keeps the compiler from leaving the reads out. */
extern volatile unsigned seen;
volatile unsigned seen;

static void use_damaged(auk_span index, auk_span part, uint32_t count)
{
    auk_arena *arena = auk_arena_create(4096);
    auk_stored *stored;
    auk_error err;
    if (auk_stored_open(index, &part, 1, count, arena, &stored, &err) == AUK_OK) {
        auk_stored_cache *cache = auk_stored_cache_create(arena);
        unsigned sum = 0;
        for (uint32_t i = 0; i < count; i++) {
            auk_stored_document got;
            if (auk_stored_read(stored, i, cache, NULL, &got, &err) == AUK_OK)
                for (size_t at = 0; at < got.source.size; at++)
                    sum += (uint8_t)got.source.data[at];
        }
        seen = sum;
        auk_stored_close(stored);
    }
    auk_arena_destroy(arena);
}

static void damages(auk_span *which, const kept_values *kept, uint32_t count)
{
    auk_span whole = *which;
    for (size_t size = 0; size < whole.size; size++) {
        char *cut = malloc(size ? size : 1);
        memcpy(cut, whole.data, size);
        *which = auk_span_make(cut, size);
        use_damaged(kept->index, kept->parts[0], count);
        free(cut);
    }
    *which = whole;
    char *bytes = (char *)(uintptr_t)whole.data;
    for (size_t i = 0; i < whole.size; i++)
        for (unsigned flip = 1; flip < 256; flip <<= 1) {
            bytes[i] = (char)(bytes[i] ^ (int)flip);
            use_damaged(kept->index, kept->parts[0], count);
            bytes[i] = (char)(bytes[i] ^ (int)flip);
        }
}

static void damaged_bytes_never_crash(void **state)
{
    (void)state;
    kept_values kept = {0};
    write_documents(6, article, NULL, &kept);
    damages(&kept.parts[0], &kept, 6);
    damages(&kept.index, &kept, 6);
    free_kept(&kept);
    auk_zstd_dictionary *dictionary =
        auk_zstd_dictionary_create(AUK_SPAN("great auk north sea island cold stone"), 1);
    write_documents(3, tiny, dictionary, &kept);
    auk_zstd_dictionary_destroy(dictionary);
    damages(&kept.parts[0], &kept, 3);
    damages(&kept.index, &kept, 3);
    free_kept(&kept);
    write_with(3, tiny, AUK_SEGMENT_PLAIN, NULL, NULL, &kept);
    damages(&kept.parts[0], &kept, 3);
    damages(&kept.index, &kept, 3);
    free_kept(&kept);
}

int main(void)
{
    static const struct CMUnitTest others[] = {
        cmocka_unit_test(frames_stay_as_they_are),
        cmocka_unit_test(is_the_same_however_many_write),
        cmocka_unit_test(no_documents_leave_nothing),
        cmocka_unit_test(a_given_dictionary_is_kept_with_the_frames),
        cmocka_unit_test(a_learnt_dictionary_makes_documents_shorter),
        cmocka_unit_test(damaged_bytes_never_crash),
        cmocka_unit_test(frames_are_copied_out_of_a_file),
    };
    struct CMUnitTest tests[N_CASES + sizeof others / sizeof others[0]] = {{0}};
    for (size_t i = 0; i < N_CASES; i++) {
        tests[i].name = cases[i].name;
        tests[i].test_func = reads_what_was_written;
        tests[i].initial_state = &cases[i];
    }
    memcpy(tests + N_CASES, others, sizeof others);
    return cmocka_run_group_tests_name("stored", tests, NULL, NULL);
}
