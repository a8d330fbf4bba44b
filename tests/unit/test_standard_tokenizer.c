/* The standard tokenizer: what it cuts, what it calls the pieces, and that both of its paths agree.
 */
#include "test.h"

#include <glob.h>
#include <stdio.h>

#include "analysis_text.h"
#include "auk/utf8.h"
#include "tokenizers/tokenizers.h"

struct words_case {
    const char *name;
    const char *text;
    const char *want;
};

static struct words_case cases[] = {
    {"empty text has no tokens", "", ""},
    {"only white space has no tokens", " \t\n ", ""},
    {"cuts at spaces", "The quick", "The:0-3@0/ALPHANUM quick:4-9@1/ALPHANUM"},
    {"cuts at hyphens", "brown-fox", "brown:0-5@0/ALPHANUM fox:6-9@1/ALPHANUM"},
    {"cuts an address at its sign", "foo@bar.com", "foo:0-3@0/ALPHANUM bar.com:4-11@1/ALPHANUM"},
    {"keeps a colon between letters", "a:b", "a:b:0-3@0/ALPHANUM"},
    {"cuts a colon between digits", "1:2", "1:0-1@0/NUM 2:2-3@1/NUM"},
    {"keeps an apostrophe", "don't O'Neil's", "don't:0-5@0/ALPHANUM O'Neil's:6-14@1/ALPHANUM"},
    {"drops quotes around", "'dogs' \"cats\"", "dogs:1-5@0/ALPHANUM cats:8-12@1/ALPHANUM"},
    {"keeps decimal numbers", "3.14 1,000 1;2", "3.14:0-4@0/NUM 1,000:5-10@1/NUM 1;2:11-14@2/NUM"},
    {"drops a final point", "end. 5.", "end:0-3@0/ALPHANUM 5:5-6@1/NUM"},
    {"cuts a point between letter and digit", "a.1 1.a",
     "a:0-1@0/ALPHANUM 1:2-3@1/NUM 1:4-5@2/NUM a:6-7@3/ALPHANUM"},
    {"joins letters and digits", "abc123 4you 2.5a.b",
     "abc123:0-6@0/ALPHANUM 4you:7-11@1/ALPHANUM 2.5a.b:12-18@2/ALPHANUM"},
    {"joins by underscores", "a_b _x_ _1_ 2_3",
     "a_b:0-3@0/ALPHANUM _x_:4-7@1/ALPHANUM _1_:8-11@2/NUM 2_3:12-15@3/NUM"},
    {"drops underscores alone", "_ __ ___'a", "a:9-10@0/ALPHANUM"},
    {"cuts a point behind an underscore", "a_.b 1_.2",
     "a_:0-2@0/ALPHANUM b:3-4@1/ALPHANUM 1_:5-7@2/NUM 2:8-9@3/NUM"},
    {"cuts doubled points", "a..b wi''fi",
     "a:0-1@0/ALPHANUM b:3-4@1/ALPHANUM wi:5-7@2/ALPHANUM fi:9-11@3/ALPHANUM"},
    {"cuts a host and port", "example.com:8080", "example.com:0-11@0/ALPHANUM 8080:12-16@1/NUM"},
    {"keeps letters with marks", "caf\xc3\xa9 cafe\xcc\x81",
     "caf\xc3\xa9:0-5@0/ALPHANUM cafe\xcc\x81:6-12@1/ALPHANUM"},
    {"keeps Cyrillic and Greek", "\xd0\x9f\xd1\x80\xd0\xb8 \xce\xb1\xce\xb2",
     "\xd0\x9f\xd1\x80\xd0\xb8:0-6@0/ALPHANUM \xce\xb1\xce\xb2:7-11@1/ALPHANUM"},
    {"keeps a curly apostrophe", "don\xe2\x80\x99t", "don\xe2\x80\x99t:0-7@0/ALPHANUM"},
    {"cuts ideographs one by one", "\xe4\xb8\xad\xe5\x9b\xbd",
     "\xe4\xb8\xad:0-3@0/IDEOGRAPHIC \xe5\x9b\xbd:3-6@1/IDEOGRAPHIC"},
    {"cuts hiragana one by one", "\xe3\x81\x82\xe3\x81\x84",
     "\xe3\x81\x82:0-3@0/HIRAGANA \xe3\x81\x84:3-6@1/HIRAGANA"},
    {"keeps katakana together", "\xe3\x82\xab\xe3\x82\xbf\xe3\x83\xbc",
     "\xe3\x82\xab\xe3\x82\xbf\xe3\x83\xbc:0-9@0/KATAKANA"},
    {"keeps Hangul together", "\xed\x95\x9c\xea\xb5\xad\xec\x96\xb4",
     "\xed\x95\x9c\xea\xb5\xad\xec\x96\xb4:0-9@0/HANGUL"},
    {"calls Hangul with digits a word",
     "\xed\x95\x9c"
     "1",
     "\xed\x95\x9c"
     "1:0-4@0/ALPHANUM"},
    {"keeps Thai together",
     "\xe0\xb8\x81\xe0\xb8\xb2\xe0\xb8\xa3\xe0\xb8\x97\xe0\xb8\xb5\xe0\xb9\x88",
     "\xe0\xb8\x81\xe0\xb8\xb2\xe0\xb8\xa3\xe0\xb8\x97\xe0\xb8\xb5\xe0\xb9\x88:0-18@0/"
     "SOUTHEAST_ASIAN"},
    {"knows an emoji",
     "a\xf0\x9f\x98\x80"
     "b",
     "a:0-1@0/ALPHANUM \xf0\x9f\x98\x80:1-5@1/EMOJI b:5-6@2/ALPHANUM"},
    {"keeps a family together",
     "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7",
     "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7:0-18@0/EMOJI"},
    {"pairs flags", "\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa\xf0\x9f\x87\xab\xf0\x9f\x87\xb7",
     "\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa:0-8@0/EMOJI \xf0\x9f\x87\xab\xf0\x9f\x87\xb7:8-16@1/EMOJI"},
    {"knows a keycap", "3\xef\xb8\x8f\xe2\x83\xa3", "3\xef\xb8\x8f\xe2\x83\xa3:0-7@0/EMOJI"},
    {"keeps a skin tone", "\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd",
     "\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd:0-8@0/EMOJI"},
    {"keeps Hebrew with its quotes", "\xd7\xa6\xd7\x94\"\xd7\x9c",
     "\xd7\xa6\xd7\x94\"\xd7\x9c:0-7@0/ALPHANUM"},
    {"calls full-width digits a number", "\xef\xbc\x91\xef\xbc\x92",
     "\xef\xbc\x91\xef\xbc\x92:0-6@0/NUM"},
    {"takes a broken byte for a space",
     "ab\xff"
     "cd \xc3",
     "ab:0-2@0/ALPHANUM cd:3-5@1/ALPHANUM"},
    {"leaves a mark behind a space alone",
     "a \xcc\x81"
     "b",
     "a:0-1@0/ALPHANUM b:4-5@1/ALPHANUM"},
};
#define N_CASES (sizeof cases / sizeof cases[0])

struct fixture {
    auk_arena *arena;
    auk_analysis *analysis;
    auk_analyzer_scratch *scratch;
    auk_tokens tokens;
    auk_tokens other;
};

static struct fixture f;

static int set_up(void **state)
{
    (void)state;
    f.arena = auk_arena_create(1 << 16);
    f.scratch = auk_analyzer_scratch_create();
    auk_tokens_init(&f.tokens);
    auk_tokens_init(&f.other);
    return auk_analysis_create(NULL, &f.analysis, NULL) != AUK_OK;
}

static int tear_down(void **state)
{
    (void)state;
    auk_tokens_deinit(&f.tokens);
    auk_tokens_deinit(&f.other);
    auk_analyzer_scratch_destroy(f.scratch);
    auk_analysis_release(f.analysis);
    auk_arena_destroy(f.arena);
    return 0;
}

static auk_analyzer *standard_of(const char *lines)
{
    auk_settings *spec = auk_settings_from_text("", lines);
    auk_analyzer *analyzer;
    auk_error err = {0};
    if (auk_analyzer_build(spec, NULL, &analyzer, &err) != AUK_OK)
        fail_msg("%s", err.message);
    auk_settings_destroy(spec);
    return analyzer;
}

static void cuts(void **state)
{
    const struct words_case *c = *state;
    auk_analyzer *analyzer = standard_of("tokenizer=standard");
    assert_int_equal(auk_analyzer_run(analyzer, f.scratch, auk_span_of(c->text), &f.tokens, NULL),
                     AUK_OK);
    assert_string_equal(auk_tokens_as_text(f.arena, &f.tokens), c->want);
    auk_analyzer_destroy(analyzer);
}

/* Offsets are right whatever stands around: ASCII in front and behind moves all by the same. */
static void cuts_the_same_inside_of_ascii(void **state)
{
    const struct words_case *c = *state;
    auk_analyzer *analyzer = standard_of("tokenizer=standard");
    const char *around =
        "x y z. Some eighty bytes of text, so that the fast path is worth its while here: ";
    auk_span text = auk_arena_printf(f.arena, "%s%s %s", around, c->text, around);
    assert_int_equal(auk_analyzer_run(analyzer, f.scratch, auk_span_of(c->text), &f.other, NULL),
                     AUK_OK);
    assert_int_equal(auk_analyzer_run(analyzer, f.scratch, text, &f.tokens, NULL), AUK_OK);
    size_t words = (f.tokens.count - f.other.count) / 2;
    uint32_t moved = (uint32_t)strlen(around);
    for (size_t i = 0; i < f.other.count; i++) {
        assert_int_equal(f.tokens.items[words + i].start, f.other.items[i].start + moved);
        assert_int_equal(f.tokens.items[words + i].end, f.other.items[i].end + moved);
        assert_int_equal(f.tokens.items[words + i].type, f.other.items[i].type);
    }
    auk_analyzer_destroy(analyzer);
}

static void splits_a_long_word(void **state)
{
    (void)state;
    auk_analyzer *analyzer = standard_of("tokenizer.type=standard\ntokenizer.max_token_length=3");
    static const struct {
        const char *text;
        const char *want;
    } rows[] = {
        {"abcdefgh", "abc def gh"},
        {"ab'cd", "ab cd"},
        {"a'b'c", "a'b c"},
        {"____a", "__a"},
        {"12.345", "12 345"},
        {"abc", "abc"},
        {"ab__________cd", "ab_ __c d"},
        {"\xc3\xa9tages", "\xc3\xa9ta ges"},
        {"____\xc3\xa9", "__\xc3\xa9"},
        {"\xf0\x9f\x98\x80"
         "ab",
         "\xf0\x9f\x98\x80 ab"},
        {"\xe3\x82\xab\xe3\x82\xbf\xe3\x83\x8a\xe3\x82\xab",
         "\xe3\x82\xab\xe3\x82\xbf\xe3\x83\x8a \xe3\x82\xab"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(auk_analyzer_run(analyzer, f.scratch, auk_span_of(rows[i].text), &f.tokens,
                                          NULL),
                         AUK_OK);
        assert_string_equal(auk_tokens_as_words(f.arena, &f.tokens), rows[i].want);
    }
    auk_analyzer_destroy(analyzer);
}

static void splits_at_255_by_default(void **state)
{
    (void)state;
    char text[600];
    memset(text, 'x', sizeof text);
    const auk_analyzer *analyzer = auk_analysis_find(f.analysis, AUK_SPAN("standard"));
    assert_int_equal(auk_analyzer_run(analyzer, f.scratch, auk_span_make(text, sizeof text),
                                      &f.tokens, NULL),
                     AUK_OK);
    assert_int_equal(f.tokens.count, 3);
    assert_int_equal(f.tokens.items[0].size, 255);
    assert_int_equal(f.tokens.items[2].start, 510);
    assert_int_equal(f.tokens.items[2].size, 90);
}

/* Each piece is looked at once: if it were the rest of the text, this would take many seconds. */
static void splits_a_megabyte_of_katakana(void **state)
{
    (void)state;
    enum { CHARACTERS = 350000 };
    char *text = malloc(CHARACTERS * 3);
    for (size_t i = 0; i < CHARACTERS; i++)
        memcpy(text + i * 3, "\xe3\x82\xab", 3);
    const auk_analyzer *analyzer = auk_analysis_find(f.analysis, AUK_SPAN("standard"));
    assert_int_equal(auk_analyzer_run(analyzer, f.scratch, auk_span_make(text, CHARACTERS * 3),
                                      &f.tokens, NULL),
                     AUK_OK);
    assert_int_equal(f.tokens.count, (CHARACTERS + 254) / 255);
    assert_int_equal(f.tokens.items[1].start, 255 * 3);
    free(text);
}

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void tokenize(const auk_component_type *type, const void *state, auk_span text,
                     auk_tokens *out)
{
    auk_tokens_reset(out);
    out->source = text;
    out->end_offset = (uint32_t)text.size;
    assert_int_equal(type->tokenize(state, f.scratch, text, out, NULL), AUK_OK);
}

static void compare(const void *standard, auk_span text)
{
    tokenize(&auk_tokenizer_standard, standard, text, &f.tokens);
    tokenize(&auk_tokenizer_standard_icu, standard, text, &f.other);
    bool same = f.tokens.count == f.other.count && f.tokens.end_position == f.other.end_position;
    for (size_t i = 0; same && i < f.tokens.count; i++) {
        const auk_token *a = &f.tokens.items[i], *b = &f.other.items[i];
        same = a->start == b->start && a->end == b->end && a->type == b->type &&
               a->position == b->position && a->size == b->size && a->text == b->text;
    }
    if (!same)
        fail_msg("[%.*s]\n fast: %s\n ICU:  %s", AUK_SPAN_ARG(text),
                 auk_tokens_as_text(f.arena, &f.tokens), auk_tokens_as_text(f.arena, &f.other));
}

/* Pieces that the rules tell apart, common ones more often. */
static const char *const pieces[] = {
    "a", "b", "Z", "q", "e", "1", "2", "0", "_", "'", ".", ":", ",", ";", "\"", " ", " ", "-", "@",
    "#", "*", "\n", "\r", "\t", "word", "The", "\x01", "/", "{", "`", "[", "^", "\x7f", "wi-fi",
    "3.14",
    /* from here on beyond ASCII */
    /* clang-format off */
    "\xc3\xa9", "\xcc\x81", "\xe2\x80\x8d", "\xe4\xb8\xad", "\xe3\x82\xab", "\xe3\x81\x82", "\xed\x95\x9c",
    "\xe0\xb8\x81", "\xe0\xb8\xb4", "\xf0\x9f\x98\x80", "\xf0\x9f\x87\xa9", "\xef\xb8\x8f", "\xe2\x83\xa3", "\xd7\xa6",
    "\xc2\xa0", "\xc2\xb7", "\xef\xbc\x91", "\xd0\xb6", "\xc3\x97", "\xe2\x80\x99", "\xe2\x80\x9c",
    "\xe2\x80\x93", "\xc2\xad", "\xd8\xa8", "\xd9\x8b", "\xd9\xa1", "\xcd\xbe", "\xd6\x80",
    /* clang-format on */
};
enum { ASCII_PIECES = 35, PIECES = sizeof pieces / sizeof pieces[0], PIECE_BYTES = 5 };

static void both_paths_agree(size_t rounds, size_t most_pieces, size_t choice, const void *standard,
                             uint64_t seed)
{
    char *text = malloc(most_pieces * PIECE_BYTES);
    for (size_t i = 0; i < rounds; i++) {
        size_t count = next_random(&seed) % most_pieces, size = 0;
        for (size_t j = 0; j < count; j++) {
            const char *piece = pieces[next_random(&seed) % choice];
            memcpy(text + size, piece, strlen(piece));
            size += strlen(piece);
        }
        compare(standard, auk_span_make(text, size));
    }
    free(text);
}

static const void *state_of(const char *length)
{
    auk_settings *settings = auk_settings_from_text("", length);
    auk_definition definition = {.settings = settings, .prefix = AUK_SPAN(""), .arena = f.arena};
    const void *state;
    assert_int_equal(auk_tokenizer_standard.compile(&definition, &state, NULL), AUK_OK);
    auk_settings_destroy(settings);
    return state;
}

static void both_paths_agree_on_ascii(void **state)
{
    (void)state;
    both_paths_agree(240000, 24, ASCII_PIECES, state_of(""), 42);
    both_paths_agree(5000, 300, ASCII_PIECES, state_of(""), 43);
}

static void both_paths_agree_on_few_letters(void **state)
{
    (void)state;
    both_paths_agree(120000, 12, 15, state_of(""), 44);
}

static void both_paths_agree_on_long_words(void **state)
{
    (void)state;
    both_paths_agree(60000, 24, 15, state_of("max_token_length=4"), 45);
    both_paths_agree(20000, 24, 15, state_of("max_token_length=1"), 46);
}

static void both_paths_agree_on_mixed_text(void **state)
{
    (void)state;
    both_paths_agree(60000, 24, PIECES, state_of(""), 47);
    both_paths_agree(4000, 400, PIECES, state_of(""), 48);
    both_paths_agree(10000, 24, PIECES, state_of("max_token_length=3"), 49);
}

/* Only what the fast path takes, so that it is not left to ICU: letters, separators, across steps.
 */
static void both_paths_agree_on_plain_text(void **state)
{
    (void)state;
    static const char *const plain[] = {"\xc3\xa9",
                                        "\xd0\xb6",
                                        "\xc3\x97",
                                        "\xe2\x80\x9c",
                                        "\xe2\x80\x93",
                                        "a",
                                        "1",
                                        ".",
                                        "'",
                                        "_",
                                        " ",
                                        ",",
                                        "\xd6\x80",
                                        ":"};
    const void *standard = state_of(""), *short_standard = state_of("max_token_length=3");
    uint64_t seed = 50;
    char text[300 * 3];
    for (size_t i = 0; i < 60000; i++) {
        size_t count = next_random(&seed) % (i % 10 == 0 ? 300 : 30), size = 0;
        for (size_t j = 0; j < count; j++) {
            const char *piece = plain[next_random(&seed) % (sizeof plain / sizeof plain[0])];
            memcpy(text + size, piece, strlen(piece));
            size += strlen(piece);
        }
        compare(standard, auk_span_make(text, size));
        compare(short_standard, auk_span_make(text, size));
    }
}

/* Every character of two and three bytes between letters, digits and white space. */
static void both_paths_agree_on_every_character(void **state)
{
    (void)state;
    const void *standard = state_of("");
    for (uint32_t c = 0x80; c < 0x10000; c++) {
        if (c >= 0xd800 && c < 0xe000)
            continue;
        char encoded[4], text[40];
        int bytes = (int)auk_utf8_encode(c, encoded);
        int size = snprintf(text, sizeof text, "a%.*sb 1%.*s2 a.%.*s %.*s'b", bytes, encoded, bytes,
                            encoded, bytes, encoded, bytes, encoded);
        compare(standard, auk_span_make(text, (size_t)size));
    }
}

/* Pieces of a file's lines, cut anywhere between two characters. */
static size_t compare_pieces(const char *path, const void *standard, uint64_t *seed)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char line[4096];
    size_t compared = 0;
    while (fgets(line, sizeof line, file)) {
        size_t size = strlen(line);
        for (size_t i = 0; i < 120 && size > 0; i++, compared++) {
            size_t from = next_random(seed) % size,
                   to = from + next_random(seed) % (size - from + 1);
            while (from > 0 && ((uint8_t)line[from] & 0xc0) == 0x80)
                from--;
            while (to > from && ((uint8_t)line[to] & 0xc0) == 0x80)
                to--;
            compare(standard, auk_span_make(line + from, to - from));
        }
    }
    fclose(file);
    return compared;
}

static void both_paths_agree_on_real_text(void **state)
{
    (void)state;
    const void *standard = state_of("");
    uint64_t seed = 51;
    size_t compared = 0;
    glob_t found;
    assert_int_equal(glob(AUK_GOLDEN_TEXTS "/*.txt", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        compared += compare_pieces(found.gl_pathv[i], standard, &seed);
    globfree(&found);
    print_message("%zu pieces of real text\n", compared);
    assert_true(compared > 300000);
}

/* Every pair of ASCII bytes between a letter and a digit. */
static void both_paths_agree_on_all_neighbours(void **state)
{
    (void)state;
    const void *standard = state_of("");
    char text[6] = "a  1b";
    for (int first = 0; first < 128; first++)
        for (int second = 0; second < 128; second++) {
            text[1] = (char)first;
            text[2] = (char)second;
            compare(standard, auk_span_make(text, 5));
        }
}

int main(void)
{
    struct CMUnitTest tests[2 * N_CASES + 11] = {
        cmocka_unit_test(splits_a_long_word),
        cmocka_unit_test(splits_at_255_by_default),
        cmocka_unit_test(splits_a_megabyte_of_katakana),
        cmocka_unit_test(both_paths_agree_on_ascii),
        cmocka_unit_test(both_paths_agree_on_few_letters),
        cmocka_unit_test(both_paths_agree_on_long_words),
        cmocka_unit_test(both_paths_agree_on_mixed_text),
        cmocka_unit_test(both_paths_agree_on_all_neighbours),
        cmocka_unit_test(both_paths_agree_on_plain_text),
        cmocka_unit_test(both_paths_agree_on_every_character),
        cmocka_unit_test(both_paths_agree_on_real_text),
    };
    for (size_t i = 0; i < N_CASES; i++) {
        tests[11 + i] = (struct CMUnitTest){.name = cases[i].name,
                                            .test_func = cuts,
                                            .initial_state = &cases[i]};
        tests[11 + N_CASES + i] = (struct CMUnitTest){.name = cases[i].name,
                                                      .test_func = cuts_the_same_inside_of_ascii,
                                                      .initial_state = &cases[i]};
    }
    return cmocka_run_group_tests_name("standard tokenizer", tests, set_up, tear_down);
}
