#include "terms_image.h"
#include "test.h"

enum { DOC_COUNT = 100000, FIELD = 16 };

typedef struct word_list {
    auk_span *texts; /* sorted, each once */
    uint32_t count;
} word_list;

/* A field whose term i is in documents i, i + 7, .. : i % 4 + 1 of them, i % 3 + 1 times each. */
typedef struct fixture {
    image_values image;
    auk_arena *arena;
    word_list words;
    const auk_terms *terms;
} fixture;

static int compare_texts(const void *a, const void *b)
{
    return auk_span_compare(*(const auk_span *)a, *(const auk_span *)b);
}

static void sort_words(word_list *words)
{
    if (words->count > 0)
        qsort(words->texts, words->count, sizeof *words->texts, compare_texts);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < words->count; i++) {
        if (i == 0 || !auk_span_equal(words->texts[kept - 1], words->texts[i]))
            words->texts[kept++] = words->texts[i];
    }
    words->count = kept;
}

static void write_words(fixture *f)
{
    auk_sink sink = image_sink(&f->image);
    auk_terms_writer *writer = auk_terms_writer_create(&sink, DOC_COUNT);
    auk_terms_options options = {.field = FIELD,
                                 .has_freqs = true,
                                 .has_positions = true,
                                 .k1 = 1.2f};
    auk_terms_writer_begin(writer, &options);
    static const uint32_t positions[3] = {5, 9, 1000};
    for (uint32_t i = 0; i < f->words.count; i++) {
        auk_terms_writer_begin_term(writer, f->words.texts[i]);
        for (uint32_t n = 0; n <= i % 4; n++)
            auk_terms_writer_posting(writer, i % 90000 + 7 * n, i % 3 + 1, positions);
        auk_terms_writer_end_term(writer);
    }
    auk_terms_stats stats;
    auk_terms_writer_end(writer, f->words.count, &stats);
    assert_int_equal(stats.term_count, f->words.count);
    auk_terms_writer_flush(writer);
    assert_int_equal(auk_terms_writer_status(writer, NULL), AUK_OK);
    auk_terms_writer_destroy(writer);
}

static fixture *build(auk_arena *arena, word_list words)
{
    fixture *f = AUK_ARENA_NEW(arena, fixture);
    f->arena = arena;
    f->words = words;
    sort_words(&f->words);
    write_words(f);
    assert_int_equal(image_open(&f->image, FIELD, DOC_COUNT, (auk_span){0}, arena, &f->terms),
                     AUK_OK);
    return f;
}

static void drop(fixture *f)
{
    image_deinit(&f->image);
    auk_arena_destroy(f->arena);
}

static void assert_term(const fixture *f, const auk_term *term, uint32_t i)
{
    assert_ptr_equal(term->terms, f->terms);
    assert_int_equal(term->ordinal, i);
    assert_int_equal(term->doc_freq, i % 4 + 1);
    assert_int_equal(term->total_freq, (i % 4 + 1) * (i % 3 + 1));
    if (term->doc_freq == 1) {
        assert_int_equal(term->single_doc, i % 90000);
        assert_int_equal(term->single_freq, i % 3 + 1);
    }
}

static void assert_postings(const fixture *f, const auk_term *term, uint32_t i)
{
    auk_arena *arena = auk_arena_create(8192);
    auk_postings *postings;
    assert_int_equal(auk_postings_open(term, AUK_WANT_POSITIONS, arena, &postings, NULL), AUK_OK);
    static const uint32_t positions[3] = {5, 9, 1000};
    for (uint32_t n = 0; n < term->doc_freq; n++) {
        assert_int_equal(auk_postings_next(postings), i % 90000 + 7 * n);
        assert_int_equal(auk_postings_freq(postings), i % 3 + 1);
        assert_memory_equal(auk_postings_positions(postings), positions,
                            sizeof(uint32_t) * (i % 3 + 1));
    }
    assert_int_equal(auk_postings_next(postings), AUK_DOC_END);
    assert_int_equal(auk_postings_status(postings), AUK_OK);
    auk_arena_destroy(arena);
    (void)f;
}

static void check_walk(const fixture *f)
{
    auk_terms_cursor *cursor = auk_terms_cursor_open(f->terms, f->arena);
    bool standing = auk_terms_cursor_seek(cursor, (auk_span){0});
    for (uint32_t i = 0; i < f->words.count; i++) {
        assert_true(standing);
        assert_true(auk_span_equal(auk_terms_cursor_text(cursor), f->words.texts[i]));
        if (i % 5 != 2)
            assert_term(f, auk_terms_cursor_term(cursor), i);
        standing = auk_terms_cursor_next(cursor);
    }
    assert_false(standing);
    assert_false(auk_terms_cursor_next(cursor));
    assert_int_equal(auk_terms_cursor_status(cursor), AUK_OK);
}

static void check_doc_freqs(const fixture *f)
{
    auk_terms_cursor *cursor = auk_terms_cursor_open(f->terms, f->arena);
    bool standing = auk_terms_cursor_seek(cursor, (auk_span){0});
    uint32_t freqs[AUK_TERMS_ROW], some = 0;
    for (uint32_t i = 0; i < f->words.count; i++) {
        if (i % AUK_TERMS_ROW == 0)
            some = auk_terms_doc_freqs(f->terms, i, freqs);
        assert_true(standing && i % AUK_TERMS_ROW < some);
        assert_int_equal(freqs[i % AUK_TERMS_ROW], auk_terms_cursor_term(cursor)->doc_freq);
        standing = auk_terms_cursor_next(cursor);
    }
    uint32_t behind = (f->words.count + AUK_TERMS_ROW - 1) / AUK_TERMS_ROW * AUK_TERMS_ROW;
    assert_int_equal(auk_terms_doc_freqs(f->terms, behind, freqs), 0);
}

/* The same answer by the way on which what it takes is loaded first. */
static void check_ahead(const fixture *f, auk_span text, const auk_term *want, bool there)
{
    auk_term term = {0};
    bool found;
    uint32_t expected = auk_terms_expect(f->terms, text);
    assert_int_equal(auk_terms_find_at(f->terms, expected, text, &term, &found, NULL), AUK_OK);
    assert_int_equal(found, there);
    if (!found)
        return;
    assert_int_equal(term.ordinal, want->ordinal);
    assert_int_equal(term.doc_freq, want->doc_freq);
    assert_int_equal(term.postings, want->postings);
    auk_term_expect(&term);
}

static void check_find(const fixture *f, uint32_t step)
{
    for (uint32_t i = 0; i < f->words.count; i += step) {
        auk_term term;
        bool found;
        assert_int_equal(auk_terms_find(f->terms, f->words.texts[i], &term, &found, NULL), AUK_OK);
        assert_true(found);
        assert_term(f, &term, i);
        assert_postings(f, &term, i);
        check_ahead(f, f->words.texts[i], &term, true);

        auk_span text;
        assert_int_equal(auk_terms_text(f->terms, i, f->arena, &text, NULL), AUK_OK);
        assert_true(auk_span_equal(text, f->words.texts[i]));
    }
}

/* Asks for a text that may be absent, by _find and by _seek. */
static void check_text(const fixture *f, auk_terms_cursor *cursor, auk_span text)
{
    uint32_t low = 0, high = f->words.count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (auk_span_compare(f->words.texts[middle], text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    bool there = low < f->words.count && auk_span_equal(f->words.texts[low], text), found;
    auk_term term;
    assert_int_equal(auk_terms_find(f->terms, text, &term, &found, NULL), AUK_OK);
    assert_int_equal(found, there);
    check_ahead(f, text, &term, there);

    assert_int_equal(auk_terms_cursor_seek(cursor, text), low < f->words.count);
    for (uint32_t i = low; i < low + 3 && i < f->words.count; i++) {
        assert_true(auk_span_equal(auk_terms_cursor_text(cursor), f->words.texts[i]));
        assert_term(f, auk_terms_cursor_term(cursor), i);
        assert_int_equal(auk_terms_cursor_next(cursor), i + 1 < f->words.count);
    }
}

/* Neighbours of terms: shorter, longer, one byte more or less. */
static void check_neighbours(const fixture *f, uint32_t step)
{
    auk_terms_cursor *cursor = auk_terms_cursor_open(f->terms, f->arena);
    check_text(f, cursor, (auk_span){0});
    check_text(f, cursor, AUK_SPAN("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"));
    for (uint32_t i = 0; i < f->words.count; i += step) {
        auk_span text = f->words.texts[i];
        char *copy = malloc(text.size + 1);
        if (text.size > 0)
            memcpy(copy, text.data, text.size);
        copy[text.size] = '\0';
        check_text(f, cursor, auk_span_make(copy, text.size + 1));
        if (text.size > 0) {
            check_text(f, cursor, auk_span_make(copy, text.size - 1));
            check_text(f, cursor, auk_span_make(copy, text.size / 2));
            copy[text.size - 1]++;
            check_text(f, cursor, auk_span_make(copy, text.size));
            copy[text.size - 1] = (char)(copy[text.size - 1] - 2);
            check_text(f, cursor, auk_span_make(copy, text.size));
        }
        free(copy);
    }
    assert_int_equal(auk_terms_cursor_status(cursor), AUK_OK);
}

static void check_all(auk_arena *arena, word_list words, uint32_t step)
{
    fixture *f = build(arena, words);
    check_walk(f);
    check_doc_freqs(f);
    check_find(f, step);
    check_neighbours(f, step);
    drop(f);
}

static word_list words_room(auk_arena *arena, uint32_t count)
{
    return (word_list){.texts = AUK_ARENA_ARRAY(arena, auk_span, count), .count = count};
}

static void finds_words(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {1, 2, 31, 32, 33, 64, 65, 20000};
    uint64_t seed = 1;
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        auk_arena *arena = auk_arena_create(1 << 16);
        word_list words = words_room(arena, sizes[s]);
        for (uint32_t i = 0; i < words.count; i++) {
            char text[24];
            size_t size = 1 + random_below(&seed, 20);
            for (size_t n = 0; n < size; n++)
                text[n] = (char)('a' + random_below(&seed, n < 2 ? 26 : 4));
            words.texts[i] = auk_arena_copy(arena, auk_span_make(text, size));
        }
        check_all(arena, words, words.count > 1000 ? 13 : 1);
    }
}

static void finds_ids_that_begin_alike(void **state)
{
    (void)state;
    auk_arena *arena = auk_arena_create(1 << 16);
    word_list words = words_room(arena, 5000);
    for (uint32_t i = 0; i < words.count; i++)
        words.texts[i] = auk_arena_printf(arena, "https://example.org/articles/%010u", i * 3);
    check_all(arena, words, 7);
}

static void finds_terms_behind_equal_prefixes(void **state)
{
    /* Nothing is common to all, so most blocks have the same eight bytes in the index. */
    (void)state;
    auk_arena *arena = auk_arena_create(1 << 16);
    word_list words = words_room(arena, 9002);
    for (uint32_t i = 0; i < 9000; i++)
        words.texts[i] = auk_arena_printf(arena, "https://example.org/articles/%010u", i * 3);
    words.texts[9000] = AUK_SPAN("");
    words.texts[9001] = AUK_SPAN("https://");
    check_all(arena, words, 7);
}

static void finds_binary_terms(void **state)
{
    (void)state;
    uint64_t seed = 9;
    auk_arena *arena = auk_arena_create(1 << 16);
    word_list words = words_room(arena, 3000);
    for (uint32_t i = 0; i < words.count; i++) {
        char text[12];
        size_t size = random_below(&seed, 12);
        for (size_t n = 0; n < size; n++)
            text[n] = (char)(random_below(&seed, 3) ? random_below(&seed, 2) * 255
                                                    : random_below(&seed, 256));
        words.texts[i] = auk_arena_copy(arena, auk_span_make(text, size));
    }
    check_all(arena, words, 3);
}

static void finds_terms_of_32k_bytes(void **state)
{
    (void)state;
    auk_arena *arena = auk_arena_create(1 << 16);
    word_list words = words_room(arena, 200);
    for (uint32_t i = 0; i < words.count; i++) {
        size_t size = 32766 - i % 20;
        char *text = auk_arena_alloc(arena, size);
        memset(text, 'x', size);
        text[size - 1 - i * 37] = (char)('a' + i % 24);
        words.texts[i] = auk_span_make(text, size);
    }
    check_all(arena, words, 11);
}

static void several_parts_of_blocks_are_one_dictionary(void **state)
{
    /* About 20 MB of texts that share nothing but their first bytes. */
    (void)state;
    uint64_t seed = 5;
    auk_arena *arena = auk_arena_create(1 << 16);
    word_list words = words_room(arena, 1000);
    for (uint32_t i = 0; i < words.count; i++) {
        char *text = auk_arena_alloc(arena, 20000);
        memset(text, 'y', 20000);
        text[2] = (char)random_below(&seed, 256);
        text[3] = (char)random_below(&seed, 256);
        words.texts[i] = auk_span_make(text, 20000);
    }
    fixture *f = build(arena, words);
    uint32_t parts = 0;
    for (uint32_t i = 0; i < f->image.count; i++)
        parts += f->image.values[i].kind == AUK_KIND_TERM_BLOCKS;
    assert_true(parts > 2);
    check_walk(f);
    check_doc_freqs(f);
    check_find(f, 17);
    drop(f);
}

static void a_field_without_terms_finds_nothing(void **state)
{
    (void)state;
    auk_arena *arena = auk_arena_create(4096);
    fixture *f = build(arena, (word_list){0});
    check_walk(f);
    check_doc_freqs(f);
    check_neighbours(f, 1);
    drop(f);
}

static void fields_share_parts_of_postings(void **state)
{
    (void)state;
    image_values image;
    image_init(&image);
    auk_sink sink = image_sink(&image);
    auk_terms_writer *writer = auk_terms_writer_create(&sink, DOC_COUNT);
    uint64_t seed = 77;
    model_list lists[30];
    for (uint16_t i = 0; i < 30; i++) {
        lists[i] = list_random(&seed, 40000, DOC_COUNT, 17);
        auk_terms_options options = {.field = i,
                                     .has_freqs = true,
                                     .has_positions = true,
                                     .k1 = 1.2f};
        auk_terms_writer_begin(writer, &options);
        list_write(&lists[i], writer, AUK_SPAN("a"), true, true);
        auk_terms_writer_begin_term(writer, AUK_SPAN("b")); /* left out */
        auk_terms_writer_end_term(writer);
        list_write(&lists[i], writer, AUK_SPAN("c"), true, true);
        auk_terms_writer_end(writer, 40000, NULL);
    }
    auk_terms_writer_flush(writer);
    assert_int_equal(auk_terms_writer_status(writer, NULL), AUK_OK);
    assert_true(auk_terms_writer_positions_parts(writer) > 1);
    auk_terms_writer_destroy(writer);

    auk_arena *arena = auk_arena_create(4096);
    for (uint16_t i = 0; i < 30; i++) {
        const auk_terms *terms;
        auk_term term;
        bool found;
        assert_int_equal(image_open(&image, i, DOC_COUNT, (auk_span){0}, arena, &terms), AUK_OK);
        assert_int_equal(auk_terms_read_stats(terms)->term_count, 2);
        assert_int_equal(auk_terms_find(terms, AUK_SPAN("c"), &term, &found, NULL), AUK_OK);
        assert_true(found);
        auk_postings *postings;
        assert_int_equal(auk_postings_open(&term, AUK_WANT_POSITIONS, arena, &postings, NULL),
                         AUK_OK);
        uint32_t at = random_below(&seed, 40000);
        assert_int_equal(auk_postings_seek(postings, lists[i].docs[at]), lists[i].docs[at]);
        assert_memory_equal(auk_postings_positions(postings),
                            lists[i].positions + lists[i].starts[at],
                            sizeof(uint32_t) * lists[i].freqs[at]);
        list_free(&lists[i]);
    }
    auk_arena_destroy(arena);
    image_deinit(&image);
}

static void count_ids(void *context, auk_span text, auk_doc doc)
{
    uint32_t *count = context;
    char want[16];
    int size = snprintf(want, sizeof want, "id%03u", *count);
    assert_true(auk_span_equal(text, auk_span_make(want, (size_t)size)));
    assert_int_equal(doc, 999 - *count);
    (*count)++;
}

static void the_hook_sees_every_id(void **state)
{
    (void)state;
    image_values image;
    image_init(&image);
    auk_sink sink = image_sink(&image);
    auk_terms_writer *writer = auk_terms_writer_create(&sink, 1000);
    uint32_t count = 0;
    auk_terms_writer_on_id(writer, count_ids, &count);
    for (uint16_t field = AUK_FIELD_ID; field <= AUK_FIELD_ID + 5; field += 5) {
        auk_terms_options options = {.field = field};
        auk_terms_writer_begin(writer, &options);
        for (uint32_t i = 0; i < 1000; i++) {
            char text[16];
            int size = snprintf(text, sizeof text, "id%03u", i);
            auk_terms_writer_begin_term(writer, auk_span_make(text, (size_t)size));
            auk_terms_writer_posting(writer, 999 - i, 1, NULL);
            auk_terms_writer_end_term(writer);
        }
        auk_terms_writer_end(writer, 1000, NULL);
    }
    auk_terms_writer_flush(writer);
    assert_int_equal(auk_terms_writer_status(writer, NULL), AUK_OK);
    assert_int_equal(count, 1000);
    auk_terms_writer_destroy(writer);
    image_deinit(&image);
}

static void a_failing_sink_is_reported_whenever_it_fails(void **state)
{
    (void)state;
    for (uint32_t fail_at = 1; fail_at <= 4; fail_at++) {
        image_values image;
        image_init(&image);
        image.fail_at = fail_at;
        auk_sink sink = image_sink(&image);
        auk_terms_writer *writer = auk_terms_writer_create(&sink, 1000);
        auk_terms_options options = {.field = FIELD, .has_freqs = true, .has_positions = true};
        static const uint32_t positions[] = {1, 2};
        auk_terms_writer_begin(writer, &options);
        auk_terms_writer_begin_term(writer, AUK_SPAN("a"));
        auk_terms_writer_posting(writer, 1, 2, positions);
        auk_terms_writer_posting(writer, 2, 2, positions);
        auk_terms_writer_end_term(writer);
        auk_terms_writer_end(writer, 2, NULL);
        auk_terms_writer_flush(writer);
        auk_error err;
        assert_int_equal(auk_terms_writer_status(writer, &err), AUK_IO);
        assert_string_equal(err.message, "no room");
        auk_terms_writer_destroy(writer);
        image_deinit(&image);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_words),
        cmocka_unit_test(finds_ids_that_begin_alike),
        cmocka_unit_test(finds_terms_behind_equal_prefixes),
        cmocka_unit_test(finds_binary_terms),
        cmocka_unit_test(finds_terms_of_32k_bytes),
        cmocka_unit_test(several_parts_of_blocks_are_one_dictionary),
        cmocka_unit_test(a_field_without_terms_finds_nothing),
        cmocka_unit_test(fields_share_parts_of_postings),
        cmocka_unit_test(the_hook_sees_every_id),
        cmocka_unit_test(a_failing_sink_is_reported_whenever_it_fails),
    };
    return cmocka_run_group_tests_name("dictionary", tests, NULL, NULL);
}
