#include "terms_image.h"
#include "test.h"

enum { DOC_COUNT = 60000, FIELD = 16, TERMS = 40 };

/* A small field with every kind of list: single, short, long with all kinds of block. */
static void write_field(image_values *image)
{
    static const uint32_t sizes[TERMS] = {
        [0] = 1, [3] = 2, [5] = 40, [7] = 256, [11] = 700, [13] = 1500};
    uint64_t seed = 42;
    image_init(image);
    auk_sink sink = image_sink(image);
    auk_terms_writer *writer = auk_terms_writer_create(&sink, DOC_COUNT);
    auk_terms_options options = {.field = FIELD,
                                 .has_freqs = true,
                                 .has_positions = true,
                                 .average_length = 50,
                                 .k1 = 1.2f,
                                 .b = 0.75f};
    auk_terms_writer_begin(writer, &options);
    for (uint32_t i = 0; i < TERMS; i++) {
        char text[40];
        int size =
            snprintf(text, sizeof text, "prefix-%02u%s", i, i % 7 ? "" : "-and-a-long-end-of-it");
        model_list list = list_random(&seed, sizes[i] ? sizes[i] : 1 + i % 3, DOC_COUNT, i);
        list_write(&list, writer, auk_span_make(text, (size_t)size), true, true);
        list_free(&list);
    }
    auk_terms_writer_end(writer, 1000, NULL);
    auk_terms_writer_flush(writer);
    assert_int_equal(auk_terms_writer_status(writer, NULL), AUK_OK);
    auk_terms_writer_destroy(writer);
}

/* What a reader may rely on even when bytes are damaged. */
static void walk_list(const auk_term *term, auk_arena *arena)
{
    auk_postings *postings;
    if (auk_postings_open(term, AUK_WANT_POSITIONS, arena, &postings, NULL) != AUK_OK)
        return;
    int64_t before = -1;
    uint32_t seen = 0;
    for (auk_doc doc; (doc = auk_postings_next(postings)) != AUK_DOC_END; seen++) {
        assert_true((int64_t)doc > before && doc < DOC_COUNT);
        before = doc;
        if (seen % 16 == 0 && auk_postings_positions(postings) == NULL)
            break;
    }
    assert_true(auk_postings_status(postings) == AUK_CORRUPT || seen == term->doc_freq);

    if (auk_postings_open(term, AUK_WANT_FREQS, arena, &postings, NULL) != AUK_OK)
        return;
    auk_doc last = 0;
    for (auk_doc target = 0; target < DOC_COUNT && last != AUK_DOC_END; target += 2999) {
        (void)auk_postings_bound(postings, target, &last);
        last = auk_postings_seek(postings, target);
        assert_true(last >= target);
        (void)auk_postings_freq(postings);
    }
    (void)auk_term_bound(term);
    float reached = auk_term_reached(term, 100);
    assert_true(reached >= 0 && reached <= 1);
}

static void walk_field(image_values *image, auk_arena *arena)
{
    const auk_terms *terms;
    if (image_open(image, FIELD, DOC_COUNT, (auk_span){0}, arena, &terms) != AUK_OK)
        return;
    auk_terms_cursor *cursor = auk_terms_cursor_open(terms, arena);
    bool standing = auk_terms_cursor_seek(cursor, (auk_span){0});
    for (uint32_t i = 0; standing && i < 100; i++) {
        auk_span text = auk_terms_cursor_text(cursor);
        const auk_term *term = auk_terms_cursor_term(cursor);
        assert_true(term->doc_freq <= DOC_COUNT);
        walk_list(term, arena);
        auk_term again;
        bool found;
        (void)!auk_terms_find(terms, text, &again, &found, NULL);
        uint32_t expected = auk_terms_expect(terms, text);
        if (auk_terms_find_at(terms, expected, text, &again, &found, NULL) == AUK_OK && found)
            auk_term_expect(&again);
        standing = auk_terms_cursor_next(cursor);
    }
    uint32_t freqs[AUK_TERMS_ROW];
    for (uint32_t ordinal = 0; ordinal < 4 * AUK_TERMS_ROW; ordinal += AUK_TERMS_ROW)
        for (uint32_t i = auk_terms_doc_freqs(terms, ordinal, freqs); i-- > 0;)
            assert_true(freqs[i] >= 1 && freqs[i] <= DOC_COUNT);
    auk_span text;
    (void)!auk_terms_text(terms, 33, arena, &text, NULL);
    (void)auk_terms_cursor_seek(cursor, AUK_SPAN("prefix-17"));
}

static char *bytes_of(image_values *image, uint32_t value)
{
    return (char *)(uintptr_t)image->values[value].bytes.data;
}

static void whole_field_reads_without_complaint(void **state)
{
    (void)state;
    image_values image;
    write_field(&image);
    auk_arena *arena = auk_arena_create(1 << 16);
    const auk_terms *terms;
    assert_int_equal(image_open(&image, FIELD, DOC_COUNT, (auk_span){0}, arena, &terms), AUK_OK);
    walk_field(&image, arena);
    auk_arena_destroy(arena);
    image_deinit(&image);
}

static void every_prefix_is_survived(void **state)
{
    (void)state;
    image_values image;
    write_field(&image);
    auk_arena *arena = auk_arena_create(1 << 16);
    for (uint32_t v = 0; v < image.count; v++) {
        auk_span whole = image.values[v].bytes;
        size_t step = whole.size > 600 ? 1 + whole.size / 301 : 1;
        for (size_t size = 0; size < whole.size; size += step) {
            /* Cut in a block of its own, so that the sanitizer knows its end. */
            char *cut = malloc(size + (size == 0));
            memcpy(cut, whole.data, size);
            image.values[v].bytes = auk_span_make(cut, size);
            walk_field(&image, arena);
            auk_arena_reset(arena);
            free(cut);
        }
        image.values[v].bytes = whole;
    }
    auk_arena_destroy(arena);
    image_deinit(&image);
}

static void single_flips_are_survived(void **state)
{
    (void)state;
    static const uint8_t masks[] = {0x01, 0x80, 0xff, 0x10, 0x06};
    image_values image;
    write_field(&image);
    auk_arena *arena = auk_arena_create(1 << 16);
    uint32_t flip = 0;
    for (uint32_t v = 0; v < image.count; v++) {
        char *bytes = bytes_of(&image, v);
        size_t size = image.values[v].bytes.size;
        size_t step = size > 600 ? 1 + size / 601 : 1;
        for (size_t at = 0; at < size; at += step, flip++) {
            char was = bytes[at];
            bytes[at] = (char)(bytes[at] ^ (char)masks[flip % 5]);
            walk_field(&image, arena);
            auk_arena_reset(arena);
            bytes[at] = was;
        }
    }
    auk_arena_destroy(arena);
    image_deinit(&image);
}

static void random_bytes_are_survived(void **state)
{
    (void)state;
    uint64_t seed = 8;
    auk_arena *arena = auk_arena_create(1 << 16);
    for (uint32_t round = 0; round < 300; round++) {
        image_values image;
        write_field(&image);
        uint32_t v = random_below(&seed, image.count);
        char *bytes = bytes_of(&image, v);
        uint32_t size = (uint32_t)image.values[v].bytes.size;
        uint32_t from = random_below(&seed, size), count = 1 + random_below(&seed, 40);
        for (uint32_t i = from; i < from + count && i < size; i++)
            bytes[i] = (char)random_below(&seed, 256);
        walk_field(&image, arena);
        auk_arena_reset(arena);
        image_deinit(&image);
    }
    auk_arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_field_reads_without_complaint),
        cmocka_unit_test(every_prefix_is_survived),
        cmocka_unit_test(single_flips_are_survived),
        cmocka_unit_test(random_bytes_are_survived),
    };
    return cmocka_run_group_tests_name("terms_damage", tests, NULL, NULL);
}
