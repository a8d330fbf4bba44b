/* Patterns of *, ? and escapes against terms, and against a twin that tries every way. */
#include "test.h"

#include <stdbool.h>

#include "wildcard.h"

struct wildcard_case {
    const char *name, *pattern, *text;
    bool any_case, want;
};

static struct wildcard_case cases[] = {
    {"a star is nothing", "a*", "a", false, true},
    {"a star is much", "a*c", "abbbc", false, true},
    {"the end counts", "a*c", "abcb", false, false},
    {"a mark is one character", "a?c", "abc", false, true},
    {"not none", "a?c", "ac", false, false},
    {"a character may be several bytes", "a?c",
     "a\xe2\x82\xac"
     "c",
     false, true},
    {"an escaped star is a star", "a\\*c", "a*c", false, true},
    {"and nothing else", "a\\*c", "abc", false, false},
    {"a backslash at the end is one", "a\\", "a\\", false, true},
    {"stars go back to the last one", "*ab*ab", "aabab", false, true},
    {"in any case", "A*C", "abC", true, true},
    {"in this case", "A*C", "abC", false, false},
    {"an empty pattern is an empty term", "", "", false, true},
    {"and no other", "", "a", false, false},
};
#define N_CASES (sizeof cases / sizeof cases[0])

static void matches(void **state)
{
    const struct wildcard_case *c = *state;
    auk_span pattern = auk_span_of(c->pattern), text = auk_span_of(c->text);
    assert_int_equal(auk_wildcard_matches(pattern, text, c->any_case), c->want);
    assert_true(!c->want || auk_wildcard_least(pattern) <= text.size);
}

static bool twin(const char *pattern, const char *text)
{
    if (*pattern == 0)
        return *text == 0;
    if (*pattern == '*')
        return twin(pattern + 1, text) || (*text && twin(pattern, text + 1));
    return *text && (*pattern == '?' || *pattern == *text) && twin(pattern + 1, text + 1);
}

static void agrees_with_its_twin(void **state)
{
    (void)state;
    uint32_t seed = 7;
    auk_arena *arena = auk_arena_create(1 << 12);
    for (int round = 0; round < 20000; round++) {
        char pattern[9] = {0}, text[9] = {0};
        for (int i = 0; i < 8; i++) {
            seed = seed * 1664525 + 1013904223;
            pattern[i] = "ab*?ab*\0"[seed >> 29];
            text[i] = "ababab\0b"[seed >> 26 & 7];
        }
        bool want = twin(pattern, text);
        auk_span beginning = auk_wildcard_beginning(auk_span_of(pattern), arena);
        assert_int_equal(auk_wildcard_matches(auk_span_of(pattern), auk_span_of(text), false),
                         want);
        assert_true(!want || auk_span_starts_with(auk_span_of(text), beginning));
        assert_true(!want || auk_wildcard_least(auk_span_of(pattern)) <= strlen(text));
        auk_arena_reset(arena);
    }
    auk_arena_destroy(arena);
}

int main(void)
{
    struct CMUnitTest tests[N_CASES + 1] = {{0}};
    for (size_t i = 0; i < N_CASES; i++) {
        tests[i].name = cases[i].name;
        tests[i].test_func = matches;
        tests[i].initial_state = &cases[i];
    }
    tests[N_CASES] =
        (struct CMUnitTest){.name = "agrees with its twin", .test_func = agrees_with_its_twin};
    return cmocka_run_group_tests_name("wildcard", tests, NULL, NULL);
}
