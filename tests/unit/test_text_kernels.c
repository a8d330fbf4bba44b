/*
 * The loops over all bytes of a text: each level of cpu.h gives what a walk character by character
 * gives, and so does the filter that is made of them.
 */
#include "test.h"

#include "auk/cpu.h"
#include "auk/utf8.h"
#include "filters/filters.h"
#include "text_kernels.h"
#include "token_list.h"
#include "tokenizers/standard_fast.h"
#include "unicode.h"

enum { MOST = 300, ROUNDS = 60000 };

static const auk_text_kernels *levels[2];
static size_t level_count;

static int set_up(void **state)
{
    (void)state;
    levels[level_count++] = auk_text_kernels_best();
    if (auk_cpu_level() > AUK_CPU_PORTABLE)
        levels[level_count++] = &auk_text_kernels_portable;
    return 0;
}

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* Ranges of characters; a text is made of those up to one of them. */
static const struct {
    uint32_t first, count;
} ranges[] = {
    {' ', 1},        {'a', 26},       {'A', 26},       {'!', 15},       {'0', 10},
    {'_', 1},        {0x430, 0x50},   {0x400, 0x80},   {0x370, 0x90},   {0xc0, 0x140},
    {0x80, 0x780},   {0x2010, 0x30},  {0x4e00, 0x100}, {0x1e00, 0x100}, {0x800, 0xd000},
    {0x10400, 0x50}, {0x1f600, 0x40},
};
enum { RANGES = sizeof ranges / sizeof ranges[0], PLAIN_RANGES = 12 };

static size_t make_text(char *text, size_t most, uint64_t *seed)
{
    size_t size = 0, count = next_random(seed) % most;
    size_t choice = 1 + next_random(seed) % RANGES, least = next_random(seed) % choice;
    while (size + 4 <= count) {
        size_t range = next_random(seed) % 3 == 0 ? next_random(seed) % choice : least;
        size += auk_utf8_encode(ranges[range].first +
                                    (uint32_t)(next_random(seed) % ranges[range].count),
                                text + size);
    }
    return size;
}

static size_t plain_prefix(const char *text, size_t size)
{
    size_t at = 0;
    while (at < size) {
        size_t bytes = (uint8_t)text[at] < 0x80 ? 1 : auk_text_plain_bytes(text + at, size - at);
        if (bytes == 0)
            break;
        at += bytes;
    }
    return at;
}

static unsigned letter_case(const char *text, size_t size, char *lowered)
{
    unsigned found = 0;
    for (size_t at = 0; at < size;) {
        uint32_t character;
        size_t bytes = auk_unicode_next(text + at, text + size, &character);
        uint32_t small = auk_unicode_lower(character);
        memcpy(lowered + at, text + at, bytes);
        if (small != character && character < 0x800 &&
            bytes == (small < 0x80    ? 1
                      : small < 0x800 ? 2
                                      : 3)) {
            found |= AUK_TEXT_HAS_CAPITALS;
            (void)auk_utf8_encode(small, lowered + at);
        } else if (small != character ||
                   (bytes > 2 && !auk_text_is_caseless((uint8_t)text[at], (uint8_t)text[at + 1]))) {
            found |= AUK_TEXT_IS_ODD;
        }
        at += bytes;
    }
    return found;
}

static void all_levels_agree(void **state)
{
    (void)state;
    uint64_t seed = 1;
    size_t odd = 0, plain = 0;
    for (size_t i = 0; i < ROUNDS; i++) {
        /* On the heap, so that a sanitizer sees reads past either end. */
        char made[MOST], want[MOST];
        size_t size = make_text(made, MOST, &seed);
        char *text = malloc(size + 1), *got = malloc(size + 1);
        memcpy(text, made, size);
        text = realloc(text, size ? size : 1);
        unsigned found = letter_case(text, size, want);
        size_t prefix = plain_prefix(text, size);
        for (size_t j = 0; j < level_count; j++) {
            const auk_text_kernels *kernels = levels[j];
            if (kernels->plain_prefix(text, size) != prefix)
                fail_msg("%s: plain prefix of [%.*s]", kernels->name, (int)size, text);
            if (kernels->letter_case(text, size) != found)
                fail_msg("%s: case of [%.*s]", kernels->name, (int)size, text);
            kernels->lower(text, size, got);
            if (memcmp(got, want, size) != 0)
                fail_msg("%s: [%.*s] in lower case", kernels->name, (int)size, text);
        }
        odd += (found & AUK_TEXT_IS_ODD) != 0;
        plain += prefix == size;
        free(text);
        free(got);
    }
    assert_true(odd > ROUNDS / 10 && odd < ROUNDS - ROUNDS / 10);
    assert_true(plain > ROUNDS / 10);
}

static void what_is_called_caseless_is(void **state)
{
    (void)state;
    for (uint32_t c = 0x800; c < 0x110000; c++) {
        char bytes[4];
        if (c >= 0xd800 && c < 0xe000)
            continue;
        (void)auk_utf8_encode(c, bytes);
        if (auk_text_is_caseless((uint8_t)bytes[0], (uint8_t)bytes[1]) && auk_unicode_lower(c) != c)
            fail_msg("U+%04X", c);
    }
}

static void assert_same_tokens(const auk_tokens *a, const auk_tokens *b)
{
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->end_position, b->end_position);
    for (size_t i = 0; i < a->count; i++) {
        const auk_token *x = &a->items[i], *y = &b->items[i];
        assert_true(x->text == y->text && x->size == y->size && x->start == y->start &&
                    x->end == y->end && x->position == y->position && x->type == y->type &&
                    x->flags == y->flags);
    }
}

static void levels_cut_plain_text_alike(void **state)
{
    (void)state;
    if (level_count < 2)
        skip();
    uint64_t seed = 2;
    auk_tokens wide, portable;
    auk_tokens_init(&wide);
    auk_tokens_init(&portable);
    for (size_t i = 0; i < ROUNDS; i++) {
        char text[MOST];
        size_t size = plain_prefix(text, make_text(text, MOST, &seed));
        uint32_t most = i % 3 == 0 ? 1 + (uint32_t)(next_random(&seed) % 80) : 255;
        auk_span all = auk_span_make(text, size);
        auk_tokens_reset(&wide);
        auk_tokens_reset(&portable);
#if defined(__x86_64__)
        auk_standard_fast_avx2(all, 0, (uint32_t)size, most, &wide);
#endif
        auk_standard_fast_portable(all, 0, (uint32_t)size, most, &portable);
        assert_same_tokens(&wide, &portable);
    }
    auk_tokens_deinit(&wide);
    auk_tokens_deinit(&portable);
}

static size_t lower_each(auk_span text, char *out)
{
    size_t size = 0;
    for (const char *at = text.data, *end = at + text.size; at < end;) {
        uint32_t character;
        at += auk_unicode_next(at, end, &character);
        size += auk_utf8_encode(auk_unicode_lower(character), out + size);
    }
    return size;
}

/* As tokens that lie in the source, and one that does not. */
static void the_filter_lowers_each_character(void **state)
{
    (void)state;
    uint64_t seed = 3;
    auk_tokens tokens;
    auk_tokens_init(&tokens);
    for (size_t i = 0; i < ROUNDS / 2; i++) {
        char text[MOST], elsewhere[MOST], want[MOST * 2];
        size_t size = make_text(text, MOST, &seed), half = size / 2;
        while (half < size && auk_unicode_continues(text[half]))
            half++;
        memcpy(elsewhere, text, size);
        auk_span parts[3] = {{text, half}, {text + half, size - half}, {elsewhere, size}};
        auk_tokens_reset(&tokens);
        auk_tokens_reserve(&tokens, 3);
        tokens.source = auk_span_make(text, size);
        for (size_t j = 0; j < 3; j++)
            tokens.items[tokens.count++] =
                (auk_token){.text = parts[j].data,
                            .size = (uint32_t)parts[j].size,
                            .flags = auk_unicode_is_ascii(parts[j]) ? AUK_TOKEN_ASCII : 0};
        assert_int_equal(auk_filter_lowercase.filter(NULL, NULL, &tokens, NULL), AUK_OK);
        for (size_t j = 0; j < 3; j++) {
            size_t wanted = lower_each(parts[j], want);
            if (tokens.items[j].size != wanted || memcmp(tokens.items[j].text, want, wanted) != 0)
                fail_msg("[%.*s] became [%.*s]", AUK_SPAN_ARG(parts[j]),
                         AUK_SPAN_ARG(auk_token_text(&tokens.items[j])));
        }
    }
    auk_tokens_deinit(&tokens);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_levels_agree),
        cmocka_unit_test(what_is_called_caseless_is),
        cmocka_unit_test(levels_cut_plain_text_alike),
        cmocka_unit_test(the_filter_lowers_each_character),
    };
    return cmocka_run_group_tests_name("text_kernels", tests, set_up, NULL);
}
