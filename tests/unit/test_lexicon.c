/*
 * icu_tokenizer beside ICU: pieces that are cut by our own segmentation over ICU's dictionaries
 * have every boundary that ICU's break engines give.
 */
#include "test.h"

#include <glob.h>
#include <stdio.h>

#include "analysis_text.h"
#include "auk/utf8.h"
#include "lexicon/divide.h"
#include "lexicon/lexicon_words.h"
#include "tokenizers/tokenizers.h"

static const char *const scripts[AUK_LEXICON_COUNT] = {"Hani", "Thai", "Laoo", "Khmr", "Mymr"};

struct fixture {
    auk_arena *arena;
    auk_analyzer_scratch *scratch;
    const void *state;
    auk_tokens own;
    auk_tokens icu;
};

static struct fixture f;

static int set_up(void **state)
{
    (void)state;
    f.arena = auk_arena_create(1 << 16);
    f.scratch = auk_analyzer_scratch_create();
    auk_tokens_init(&f.own);
    auk_tokens_init(&f.icu);
    auk_settings *settings = auk_settings_create();
    auk_definition definition = {.settings = settings, .prefix = AUK_SPAN(""), .arena = f.arena};
    auk_code code = auk_tokenizer_icu.compile(&definition, &f.state, NULL);
    auk_settings_destroy(settings);
    return code != AUK_OK;
}

static int tear_down(void **state)
{
    (void)state;
    auk_tokens_deinit(&f.own);
    auk_tokens_deinit(&f.icu);
    auk_analyzer_scratch_destroy(f.scratch);
    auk_arena_destroy(f.arena);
    return 0;
}

static void tokenize(const auk_component_type *type, auk_span text, auk_tokens *out)
{
    auk_tokens_reset(out);
    out->source = text;
    out->end_offset = (uint32_t)text.size;
    assert_int_equal(type->tokenize(f.state, f.scratch, text, out, NULL), AUK_OK);
}

static void compare(auk_span text)
{
    tokenize(&auk_tokenizer_icu, text, &f.own);
    tokenize(&auk_tokenizer_icu_alone, text, &f.icu);
    bool same = f.own.count == f.icu.count && f.own.end_position == f.icu.end_position;
    for (size_t i = 0; same && i < f.own.count; i++) {
        const auk_token *a = &f.own.items[i], *b = &f.icu.items[i];
        same = a->start == b->start && a->end == b->end && a->type == b->type &&
               a->position == b->position && a->text == b->text && a->flags == b->flags;
    }
    if (!same)
        fail_msg("[%.*s]\n own: %s\n ICU: %s", AUK_SPAN_ARG(text),
                 auk_tokens_as_text(f.arena, &f.own), auk_tokens_as_text(f.arena, &f.icu));
}

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* Words of a dictionary, as UTF-8, of which texts are made. */
struct vocabulary {
    const char *script;
    char *text;
    size_t size, capacity;
    uint32_t *ends;
    size_t count, room;
};

static void add_word(void *context, const uint16_t *units, size_t count, int32_t cost)
{
    struct vocabulary *words = context;
    (void)cost;
    if (words->capacity - words->size < count * 3)
        words->text = realloc(words->text, words->capacity = words->capacity * 2 + count * 3);
    for (size_t i = 0; i < count; i++)
        words->size += auk_utf8_encode(units[i], words->text + words->size);
    if (words->count == words->room)
        words->ends = realloc(words->ends, (words->room = words->room * 2 + 64) * sizeof(uint32_t));
    words->ends[words->count++] = (uint32_t)words->size;
}

static auk_span word_of(const struct vocabulary *words, size_t i)
{
    uint32_t start = i ? words->ends[i - 1] : 0;
    return (auk_span){words->text + start, words->ends[i] - start};
}

/* What stands among words: of the same and other scripts, signs, digits, marks. */
static const char *const pieces[] = {
    " ",
    " ",
    "\xe3\x80\x82",
    "\xef\xbc\x8c",
    "1",
    "23",
    ".",
    ",",
    ":",
    "-",
    "'",
    "\xef\xbc\x91",
    "\xe2\x80\x8b",
    "a",
    "_",
    "\n",
    "\"",
    "@",
    "\xe3\x83\xbb",
    "\xe3\x83\xbc",
    "\xf0\x9f\x98\x80",
    "\xcc\x81",
    "\xe2\x80\x8d",
    "\xc2\xa0",
    "\xe0\xb9\x86",
    "\xe0\xb8\xaf",
    "\xe0\xb9\x91",
    "\xe0\xb8\xb1",
    "\xef\xbd\xb1",
    "\xef\xbd\xb1\xef\xbe\x9e",
    "\xe3\x82\xab\xe3\x82\x99",
    "\xe3\x8d\xbf",
    "\xf0\xa0\x80\x80",
    "\xea\xb0\x80",
    "\xd7\xa6",
    "\xe3\x80\x85",
    "\xe3\x80\x87",
    "\xe2\xbc\x80",
    "\xe2\xba\x80",
    "\xe3\x82\x9b",
};
enum { PIECES = sizeof pieces / sizeof pieces[0], SIGNS = 12, TEXT_BYTES = 1 << 14 };

static size_t put(char *text, size_t size, auk_span part)
{
    if (size + part.size > TEXT_BYTES)
        return size;
    memcpy(text + size, part.data, part.size);
    return size + part.size;
}

/* A word, a part of one, a character of the script, or a piece. */
static size_t put_some(const struct vocabulary *words, char *text, size_t size, uint64_t *seed,
                       unsigned other)
{
    auk_span word = word_of(words, next_random(seed) % words->count);
    uint64_t choice = next_random(seed) % 100;
    if (choice < other)
        return put(text, size, auk_span_of(pieces[next_random(seed) % PIECES]));
    if (choice < other + 10)
        return put(text, size, auk_span_of(pieces[next_random(seed) % SIGNS]));
    if (choice < other + 30)
        word.size = 3 * (1 + next_random(seed) % (word.size / 3));
    else if (choice < other + 45) {
        size_t from = 3 * (next_random(seed) % (word.size / 3));
        word = (auk_span){word.data + from, 3};
    }
    return put(text, size, word);
}

static void agrees_on_words(const struct vocabulary *words, size_t rounds, size_t most,
                            unsigned other, uint64_t seed)
{
    char *text = malloc(TEXT_BYTES);
    for (size_t i = 0; i < rounds; i++) {
        size_t count = next_random(&seed) % most, size = 0;
        for (size_t j = 0; j < count; j++)
            size = put_some(words, text, size, &seed, other);
        compare(auk_span_make(text, size));
    }
    free(text);
}

/* A tenth under a sanitizer, more where soaking is asked for. */
static size_t rounds_of(size_t usual)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    usual /= 10;
#endif
    const char *soak = getenv("AUK_SOAK_ROUNDS");
    return soak ? usual * (size_t)atoll(soak) : usual;
}

static void read_words(struct vocabulary *words, const char *script)
{
    *words = (struct vocabulary){.script = script};
    assert_true(auk_lexicon_each_word(script, add_word, words));
}

static void forget_words(struct vocabulary *words)
{
    free(words->text);
    free(words->ends);
}

static void agrees_on_made_up_text(void **state)
{
    struct vocabulary words;
    read_words(&words, strchr(*state, ' ') + 1);
    agrees_on_words(&words, rounds_of(80000), 8, 0, 42);
    agrees_on_words(&words, rounds_of(80000), 12, 10, 43);
    agrees_on_words(&words, rounds_of(1000), 300, 2, 44);
    forget_words(&words);
}

/* Runs of katakana are words by a cost of their own. */
static void agrees_on_runs_of_katakana(void **state)
{
    (void)state;
    uint64_t seed = 45;
    char text[64 * 3];
    for (size_t i = 0; i < rounds_of(40000); i++) {
        size_t count = next_random(&seed) % 60, size = 0;
        for (size_t j = 0; j < count; j++)
            size += auk_utf8_encode(next_random(&seed) % 12 == 0
                                        ? 0x4e00 + (uint32_t)(next_random(&seed) % 64)
                                        : 0x30a1 + (uint32_t)(next_random(&seed) % 94),
                                    text + size);
        compare(auk_span_make(text, size));
    }
}

#define FRAME_OF_CHINESE                                                                           \
    "\xe4\xb8\xad%s\xe5\x9b\xbd 1%s2\xe3\x80\x82%s\xe3\x82\xa2\xe3\x83\xbc%s3%s"
#define FRAME_OF_THAI                                                                              \
    "\xe0\xb9\x84\xe0\xb8\x9b%s\xe0\xb8\xa1\xe0\xb8\xb2%s\xe0\xb8\x81 %s1%s\xe0\xb9\x91.%s2"

/* Every character of up to three bytes among Chinese, kana, Thai, digits and signs. */
static void agrees_on_every_character(void **state)
{
    (void)state;
    for (uint32_t c = 1; c < 0x10000; c++) {
        if (c >= 0xd800 && c < 0xe000)
            continue;
        char encoded[8] = {0}, text[80];
        auk_utf8_encode(c, encoded);
        for (size_t i = 0; i < 2; i++) {
            int size = snprintf(text, sizeof text, i == 0 ? FRAME_OF_CHINESE : FRAME_OF_THAI,
                                encoded, encoded, encoded, encoded, encoded);
            compare(auk_span_make(text, (size_t)size));
        }
    }
}

/* Pieces of a file's lines, cut anywhere between two characters. */
static size_t compare_pieces(const char *path, size_t pieces_a_line, uint64_t *seed)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char line[4096];
    size_t compared = 0;
    while (fgets(line, sizeof line, file)) {
        size_t size = strlen(line);
        compare(auk_span_make(line, size));
        for (size_t i = 0; i < pieces_a_line && size > 0; i++, compared++) {
            size_t from = next_random(seed) % size,
                   to = from + next_random(seed) % (size - from + 1);
            while (from > 0 && ((uint8_t)line[from] & 0xc0) == 0x80)
                from--;
            while (to > from && ((uint8_t)line[to] & 0xc0) == 0x80)
                to--;
            compare(auk_span_make(line + from, to - from));
        }
    }
    fclose(file);
    return compared;
}

static void agrees_on_real_text(void **state)
{
    (void)state;
    uint64_t seed = 46;
    size_t compared = 0;
    glob_t found;
    assert_int_equal(glob(AUK_GOLDEN_TEXTS "/*.txt", 0, NULL, &found), 0);
    assert_int_equal(glob(AUK_BENCH_TEXTS "/*.txt", GLOB_APPEND, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++)
        compared += compare_pieces(found.gl_pathv[i], rounds_of(20), &seed);
    globfree(&found);
    print_message("%zu pieces of real text\n", compared);
    assert_true(compared > 1000);
}

/* No place that every way leads through, so that the tables grow. */
static void agrees_where_words_overlap_for_long(void **state)
{
    (void)state;
    enum { CHARACTERS = 20000 };
    char *text = malloc(CHARACTERS * 3);
    static const char *const repeated[] = {"\xe4\xba\xba", "\xe3\x82\xab", "\xe3\x81\x84",
                                           "\xe0\xb8\x81"};
    for (size_t i = 0; i < sizeof repeated / sizeof repeated[0]; i++) {
        for (size_t j = 0; j < CHARACTERS; j++)
            memcpy(text + j * 3, repeated[i], 3);
        compare(auk_span_make(text, CHARACTERS * 3));
    }
    free(text);
}

struct find_state {
    const auk_lexicon *lexicon;
    uint64_t seed;
    size_t count;
};

static bool finds(const auk_lexicon *lexicon, const uint16_t *units, size_t count, uint32_t *cost)
{
    auk_lexicon_front front = auk_lexicon_begin(lexicon);
    for (size_t i = 0; i < count; i++)
        if (!auk_lexicon_step(lexicon, &front, units[i]))
            return false;
    *cost = front.cost;
    return front.cost > 0;
}

static void find_word(void *context, const uint16_t *units, size_t count, int32_t cost)
{
    struct find_state *state = context;
    uint32_t found;
    uint16_t longer[80];
    if (!finds(state->lexicon, units, count, &found) || found != (uint32_t)cost + 1)
        fail_msg("a word is not found, or not with its cost");
    memcpy(longer, units, count * sizeof *units);
    longer[count] = 0x41;
    assert_false(finds(state->lexicon, longer, count + 1, &found));
    state->count++;
}

static void holds_every_word_in_few_megabytes(void **state)
{
    (void)state;
    for (auk_lexicon_id id = 0; id < AUK_LEXICON_COUNT; id++) {
        struct find_state find = {.lexicon = auk_lexicon_get(id)};
        assert_non_null(find.lexicon);
        assert_true(auk_lexicon_each_word(scripts[id], find_word, &find));
        print_message("%s: %zu words, %zu KB\n", scripts[id], find.count,
                      find.lexicon->count * sizeof(uint64_t) / 1000);
        assert_true(find.lexicon->count * sizeof(uint64_t) < 6 << 20);
    }
}

static void knows_no_other_dictionary(void **state)
{
    (void)state;
    assert_false(auk_lexicon_each_word("Latn", find_word, NULL));
    assert_false(auk_lexicon_each_word("", find_word, NULL));
}

int main(void)
{
    static char names[AUK_LEXICON_COUNT][40];
    struct CMUnitTest tests[AUK_LEXICON_COUNT + 8] = {
        cmocka_unit_test(holds_every_word_in_few_megabytes),
        cmocka_unit_test(knows_no_other_dictionary),
        cmocka_unit_test(agrees_on_runs_of_katakana),
        cmocka_unit_test(agrees_on_every_character),
        cmocka_unit_test(agrees_on_real_text),
        cmocka_unit_test(agrees_where_words_overlap_for_long),
    };
    size_t count = 6;
    for (size_t i = 0; i < AUK_LEXICON_COUNT; i++) {
        snprintf(names[i], sizeof names[i], "agrees_on_made_up_text %s", scripts[i]);
        tests[count++] = (struct CMUnitTest){.name = names[i],
                                             .test_func = agrees_on_made_up_text,
                                             .initial_state = names[i]};
    }
    return _cmocka_run_group_tests("lexicon", tests, count, set_up, tear_down);
}
