#include "test.h"

#include <unistd.h>

#include "auk/compress.h"

/* Text that packs to about a third. */
static void make_text(auk_buffer *text, size_t size)
{
    uint32_t random = 12345;
    while (text->size < size) {
        random = random * 1664525 + 1013904223;
        auk_buffer_printf(text, "line %u of a text\n", random >> 12);
    }
    text->size = size;
}

static const size_t sizes[] = {0, 1, 100, 16383, 16384, 16385, 32768, 100000, 3000000};
#define SIZE_COUNT (sizeof sizes / sizeof sizes[0])

static void what_is_deflated_inflates_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < SIZE_COUNT; i++) {
        auk_buffer text, packed, back;
        auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
        auk_buffer_init(&packed, AUK_BUFFER_NO_LIMIT);
        auk_buffer_init(&back, AUK_BUFFER_NO_LIMIT);
        make_text(&text, sizes[i]);
        assert_int_equal(auk_gzip_deflate(auk_buffer_span(&text), 1 + (int)i % 9, &packed, NULL),
                         AUK_OK);
        assert_int_equal(auk_gzip_inflate(auk_buffer_span(&packed), sizes[i], &back, NULL), AUK_OK);
        assert_true(auk_span_equal(auk_buffer_span(&text), auk_buffer_span(&back)));
        if (sizes[i] > 0) {
            auk_buffer_reset(&back);
            assert_int_equal(auk_gzip_inflate(auk_buffer_span(&packed), sizes[i] - 1, &back, NULL),
                             AUK_TOO_LARGE);
        }
        auk_buffer_deinit(&text);
        auk_buffer_deinit(&packed);
        auk_buffer_deinit(&back);
    }
}

static void several_members_are_one_text(void **state)
{
    (void)state;
    auk_buffer packed, back;
    auk_buffer_init(&packed, AUK_BUFFER_NO_LIMIT);
    auk_buffer_init(&back, AUK_BUFFER_NO_LIMIT);
    assert_int_equal(auk_gzip_deflate(AUK_SPAN("one "), 6, &packed, NULL), AUK_OK);
    assert_int_equal(auk_gzip_deflate(AUK_SPAN("two"), 6, &packed, NULL), AUK_OK);
    assert_int_equal(auk_gzip_inflate(auk_buffer_span(&packed), 100, &back, NULL), AUK_OK);
    assert_true(auk_span_is(auk_buffer_span(&back), "one two"));
    auk_buffer_deinit(&packed);
    auk_buffer_deinit(&back);
}

static void a_zlib_stream_inflates_too(void **state)
{
    (void)state;
    static const uint8_t zlib[] = {0x78, 0x9c, 0x4b, 0x4c, 0x4a, 0x06,
                                   0x00, 0x02, 0x4d, 0x01, 0x27};
    auk_buffer back;
    auk_buffer_init(&back, AUK_BUFFER_NO_LIMIT);
    assert_int_equal(auk_gzip_inflate(auk_span_make(zlib, sizeof zlib), 100, &back, NULL), AUK_OK);
    assert_true(auk_span_is(auk_buffer_span(&back), "abc"));
    auk_buffer_deinit(&back);
}

static void a_bomb_is_cut_at_the_limit(void **state)
{
    (void)state;
    auk_buffer zeros, packed, back;
    auk_buffer_init(&zeros, AUK_BUFFER_NO_LIMIT);
    auk_buffer_init(&packed, AUK_BUFFER_NO_LIMIT);
    auk_buffer_init(&back, AUK_BUFFER_NO_LIMIT);
    const size_t size = (size_t)20 << 20;
    char *room = auk_buffer_reserve(&zeros, size);
    assert_non_null(room);
    memset(room, 0, size);
    zeros.size = size;
    assert_int_equal(auk_gzip_deflate(auk_buffer_span(&zeros), 9, &packed, NULL), AUK_OK);
    assert_true(packed.size < 100000);
    auk_error err = {0};
    assert_int_equal(auk_gzip_inflate(auk_buffer_span(&packed), 100000, &back, &err),
                     AUK_TOO_LARGE);
    assert_int_equal(auk_code_status(err.code), 413);
    assert_true(back.capacity < 1000000);
    auk_buffer_deinit(&zeros);
    auk_buffer_deinit(&packed);
    auk_buffer_deinit(&back);
}

static void damage_is_found(void **state)
{
    (void)state;
    auk_buffer text, packed, back;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_buffer_init(&packed, AUK_BUFFER_NO_LIMIT);
    auk_buffer_init(&back, AUK_BUFFER_NO_LIMIT);
    make_text(&text, 500);
    assert_int_equal(auk_gzip_deflate(auk_buffer_span(&text), 6, &packed, NULL), AUK_OK);
    for (size_t cut = 0; cut < packed.size; cut++) {
        auk_buffer_reset(&back);
        assert_int_equal(auk_gzip_inflate(auk_span_make(packed.data, cut), 1000, &back, NULL),
                         AUK_CORRUPT);
    }
    /* The header's flags and the unused bits of the last byte may change without harm. */
    for (size_t at = 0; at < packed.size; at++) {
        packed.data[at] = (char)(packed.data[at] ^ 0x10);
        auk_buffer_reset(&back);
        if (auk_gzip_inflate(auk_buffer_span(&packed), 1000, &back, NULL) == AUK_OK)
            assert_true(auk_span_equal(auk_buffer_span(&text), auk_buffer_span(&back)));
        packed.data[at] = (char)(packed.data[at] ^ 0x10);
    }
    auk_buffer_append_text(&packed, "trailing");
    auk_buffer_reset(&back);
    assert_int_equal(auk_gzip_inflate(auk_buffer_span(&packed), 1000, &back, NULL), AUK_CORRUPT);
    auk_buffer_deinit(&text);
    auk_buffer_deinit(&packed);
    auk_buffer_deinit(&back);
}

/* ---- the stream reader ---- */

static int file_of(auk_span bytes)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    int fd = dup(fileno(file));
    assert_true(fd >= 0);
    (void)fclose(file);
    assert_int_equal(write(fd, bytes.data, bytes.size), (ssize_t)bytes.size);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    return fd;
}

static auk_code read_all(auk_span file, size_t step, auk_buffer *out)
{
    int fd = file_of(file);
    auk_inflater *inflater;
    auk_code code = auk_inflater_open(fd, &inflater, NULL);
    assert_int_equal(code, AUK_OK);
    for (;;) {
        size_t size;
        char *room = auk_buffer_reserve(out, step);
        assert_non_null(room);
        code = auk_inflater_read(inflater, room, step, &size, NULL);
        if (code != AUK_OK || size == 0)
            break;
        out->size += size;
    }
    if (code == AUK_OK)
        assert_int_equal(auk_inflater_consumed(inflater), file.size);
    else
        assert_int_equal(auk_inflater_read(inflater, NULL, 0, &(size_t){0}, NULL), code);
    auk_inflater_close(inflater);
    close(fd);
    return code;
}

typedef enum packing { PLAIN, GZIP, ZSTD, TWICE_GZIP, TWICE_ZSTD, PACKINGS } packing;

static void pack(auk_span text, packing how, auk_buffer *out)
{
    size_t half = how == TWICE_GZIP || how == TWICE_ZSTD ? text.size / 2 : 0;
    auk_span parts[2] = {auk_span_make(text.data, half),
                         auk_span_make(text.data + half, text.size - half)};
    for (size_t i = half > 0 ? 0 : 1; i < 2; i++) {
        if (how == PLAIN)
            auk_buffer_append(out, parts[i]);
        else if (how == GZIP || how == TWICE_GZIP)
            assert_int_equal(auk_gzip_deflate(parts[i], 1, out, NULL), AUK_OK);
        else
            assert_int_equal(auk_zstd_compress(parts[i], NULL, 1, out, NULL), AUK_OK);
    }
}

static void files_of_every_packing_read_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < SIZE_COUNT; i++) {
        auk_buffer text;
        auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
        (void)auk_buffer_reserve(&text, 0);
        make_text(&text, sizes[i]);
        for (int how = PLAIN; how < PACKINGS; how++) {
            const size_t steps[] = {sizes[i] > 100000 ? 4096 : 7, 100000, 1 << 20};
            for (size_t s = 0; s < 3; s++) {
                auk_buffer packed, back;
                auk_buffer_init(&packed, AUK_BUFFER_NO_LIMIT);
                auk_buffer_init(&back, AUK_BUFFER_NO_LIMIT);
                pack(auk_buffer_span(&text), (packing)how, &packed);
                assert_int_equal(read_all(auk_buffer_span(&packed), steps[s], &back), AUK_OK);
                assert_true(auk_span_equal(auk_buffer_span(&text), auk_buffer_span(&back)));
                auk_buffer_deinit(&packed);
                auk_buffer_deinit(&back);
            }
        }
        auk_buffer_deinit(&text);
    }
}

static void a_file_that_is_cut_says_so(void **state)
{
    (void)state;
    auk_buffer text;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    make_text(&text, 1000);
    for (int how = GZIP; how <= ZSTD; how++) {
        auk_buffer packed, back;
        auk_buffer_init(&packed, AUK_BUFFER_NO_LIMIT);
        auk_buffer_init(&back, AUK_BUFFER_NO_LIMIT);
        pack(auk_buffer_span(&text), (packing)how, &packed);
        for (size_t cut = 5; cut < packed.size; cut += 3) {
            auk_buffer_reset(&back);
            assert_int_equal(read_all(auk_span_make(packed.data, cut), 100, &back), AUK_CORRUPT);
        }
        packed.data[packed.size / 2] ^= 0x55;
        auk_buffer_append_text(&packed, "this is no member");
        assert_int_equal(read_all(auk_buffer_span(&packed), 100, &back), AUK_CORRUPT);
        auk_buffer_deinit(&packed);
        auk_buffer_deinit(&back);
    }
    auk_buffer_deinit(&text);
}

static void a_descriptor_that_cannot_be_read_is_an_io_error(void **state)
{
    (void)state;
    auk_inflater *inflater;
    auk_error err = {0};
    assert_int_equal(auk_inflater_open(-1, &inflater, &err), AUK_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_deflated_inflates_again),
        cmocka_unit_test(several_members_are_one_text),
        cmocka_unit_test(a_zlib_stream_inflates_too),
        cmocka_unit_test(a_bomb_is_cut_at_the_limit),
        cmocka_unit_test(damage_is_found),
        cmocka_unit_test(files_of_every_packing_read_the_same),
        cmocka_unit_test(a_file_that_is_cut_says_so),
        cmocka_unit_test(a_descriptor_that_cannot_be_read_is_an_io_error),
    };
    return cmocka_run_group_tests_name("gzip", tests, NULL, NULL);
}
