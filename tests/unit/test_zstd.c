#include "auk/compress.h"

#include "test.h"

static void compresses_and_inflates(auk_span text, const auk_zstd_dictionary *dictionary)
{
    auk_buffer packed, back;
    auk_buffer_init(&packed, AUK_BUFFER_NO_LIMIT);
    auk_buffer_init(&back, AUK_BUFFER_NO_LIMIT);
    auk_error err;
    assert_int_equal(auk_zstd_compress(text, dictionary, 1, &packed, &err), AUK_OK);
    assert_int_equal(auk_zstd_decompress(auk_buffer_span(&packed), dictionary, text.size, &back,
                                         &err),
                     AUK_OK);
    assert_true(auk_span_equal(auk_buffer_span(&back), text));
    auk_buffer_reset(&back);
    assert_int_equal(auk_zstd_decompress(auk_buffer_span(&packed), dictionary, text.size + 1, &back,
                                         &err),
                     AUK_CORRUPT);
    if (text.size)
        assert_int_equal(auk_zstd_decompress(auk_buffer_span(&packed), dictionary, text.size - 1,
                                             &back, &err),
                         AUK_CORRUPT);
    assert_int_equal(back.size, 0);
    for (size_t size = 0; size < packed.size; size++)
        assert_int_equal(auk_zstd_decompress(auk_span_make(packed.data, size), dictionary,
                                             text.size, &back, &err),
                         text.size || size ? AUK_CORRUPT : AUK_OK);
    auk_buffer_deinit(&packed);
    auk_buffer_deinit(&back);
}

static void a_frame_inflates_to_what_it_was(void **state)
{
    (void)state;
    compresses_and_inflates(AUK_SPAN("the great auk, the great auk, the great auk"), NULL);
    compresses_and_inflates(AUK_SPAN("x"), NULL);
}

static void an_empty_text_has_a_frame(void **state)
{
    (void)state;
    compresses_and_inflates((auk_span){0}, NULL);
}

/* Enough short texts of one kind to learn from. */
static size_t make_samples(auk_buffer *samples, size_t sizes[2000])
{
    for (unsigned i = 0; i < 2000; i++) {
        size_t before = samples->size;
        auk_buffer_printf(samples, "{\"name\":\"bird %u\",\"colour\":\"%s\",\"weight\":%u}",
                          i * 7919, i % 3 ? "black and white" : "brown", i * 31 % 977);
        sizes[i] = samples->size - before;
    }
    return samples->size;
}

static void a_trained_dictionary_makes_short_texts_shorter(void **state)
{
    (void)state;
    static size_t sizes[2000];
    auk_buffer samples, trained, plain, packed;
    auk_buffer_init(&samples, AUK_BUFFER_NO_LIMIT);
    auk_buffer_init(&trained, AUK_BUFFER_NO_LIMIT);
    auk_buffer_init(&plain, AUK_BUFFER_NO_LIMIT);
    auk_buffer_init(&packed, AUK_BUFFER_NO_LIMIT);
    make_samples(&samples, sizes);
    auk_zstd_train(auk_buffer_span(&samples), sizes, 2000, 4096, &trained);
    assert_true(trained.size > 0 && trained.size <= 4096);
    auk_zstd_dictionary *dictionary = auk_zstd_dictionary_create(auk_buffer_span(&trained), 1);
    assert_true(auk_span_equal(auk_zstd_dictionary_bytes(dictionary), auk_buffer_span(&trained)));
    auk_span text = AUK_SPAN("{\"name\":\"bird 5\",\"colour\":\"black and white\",\"weight\":12}");
    compresses_and_inflates(text, dictionary);
    auk_error err;
    assert_int_equal(auk_zstd_compress(text, NULL, 1, &plain, &err), AUK_OK);
    assert_int_equal(auk_zstd_compress(text, dictionary, 1, &packed, &err), AUK_OK);
    assert_true(packed.size < plain.size);
    auk_zstd_dictionary_destroy(dictionary);
    auk_buffer_deinit(&samples);
    auk_buffer_deinit(&trained);
    auk_buffer_deinit(&plain);
    auk_buffer_deinit(&packed);
}

static void a_dictionary_may_have_codes(void **state)
{
    (void)state;
    static size_t sizes[2000];
    auk_buffer samples, coded;
    auk_buffer_init(&samples, AUK_BUFFER_NO_LIMIT);
    auk_buffer_init(&coded, AUK_BUFFER_NO_LIMIT);
    make_samples(&samples, sizes);
    auk_span content = auk_span_make(samples.data, 2000);
    auk_zstd_finish_dictionary(content, auk_buffer_span(&samples), sizes, 2000, 1, &coded);
    assert_true(coded.size > content.size);
    assert_true(
        auk_span_equal(auk_span_from(auk_buffer_span(&coded), coded.size - content.size), content));
    auk_zstd_dictionary *dictionary = auk_zstd_dictionary_create(auk_buffer_span(&coded), 1);
    compresses_and_inflates(auk_span_make(samples.data + samples.size - 1500, 1500), dictionary);
    compresses_and_inflates(AUK_SPAN("quite \x01 another \xff text"), dictionary);
    auk_zstd_dictionary_destroy(dictionary);
    auk_buffer_reset(&coded);
    auk_zstd_finish_dictionary(content, AUK_SPAN(""), sizes, 0, 1, &coded);
    assert_int_equal(coded.size, 0);
    auk_buffer_deinit(&samples);
    auk_buffer_deinit(&coded);
}

static void too_few_samples_give_no_dictionary(void **state)
{
    (void)state;
    auk_buffer trained;
    auk_buffer_init(&trained, AUK_BUFFER_NO_LIMIT);
    size_t size = 3;
    auk_zstd_train(AUK_SPAN("abc"), &size, 1, 4096, &trained);
    assert_int_equal(trained.size, 0);
    auk_buffer_deinit(&trained);
}

static void a_dictionary_to_read_refuses_to_compress(void **state)
{
    (void)state;
    auk_buffer out;
    auk_buffer_init(&out, AUK_BUFFER_NO_LIMIT);
    auk_zstd_dictionary *dictionary = auk_zstd_dictionary_create(AUK_SPAN("some words"), 0);
    auk_error err;
    assert_int_equal(auk_zstd_compress(AUK_SPAN("words"), dictionary, 1, &out, &err), AUK_INVALID);
    auk_zstd_dictionary_destroy(dictionary);
    auk_buffer_deinit(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_inflates_to_what_it_was),
        cmocka_unit_test(an_empty_text_has_a_frame),
        cmocka_unit_test(a_trained_dictionary_makes_short_texts_shorter),
        cmocka_unit_test(a_dictionary_may_have_codes),
        cmocka_unit_test(too_few_samples_give_no_dictionary),
        cmocka_unit_test(a_dictionary_to_read_refuses_to_compress),
    };
    return cmocka_run_group_tests_name("zstd", tests, NULL, NULL);
}
