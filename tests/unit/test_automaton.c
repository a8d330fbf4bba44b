/* Regular expressions in Lucene's syntax: what they fit, and what is said of broken ones. */
#include "test.h"

#include <stdio.h>

#include "automaton/automaton.h"

struct fit_case {
    const char *expression;
    const char *text;
    size_t size; /* of the longest front that fits */
};

static const struct fit_case fits[] = {
    {"a*b", "aaab", 4},
    {"a|ab|abc", "abcd", 3},
    {"(ab)+", "ababa", 4},
    {"a{2,3}", "aaaa", 3},
    {"a{2}", "a", 0},
    {"a{0,2}", "b", 0},
    {"a{2,}", "aaaaa", 5},
    {"[a-c0]+", "ab0d", 3},
    {"[^a-c]+", "xyza", 3},
    {".", "\xf0\x9f\x91\x8d", 4},
    {"@", "any text", 8},
    {"#", "a", 0},
    {"()", "a", 0},
    {"", "a", 0},
    {"\"a.b\"c", "a.bc", 4},
    {"a\\.b", "a.b", 3},
    {"\\d+\\D\\s\\S\\w\\W", "12x yz-", 7},
    {"[\\d\\s]+", "1 2x", 3},
    {"~(ab)", "ab", 1},
    {"~(@a@)", "bcda", 3},
    {"[a-z]+&~(ab)", "ab", 1},
    {"[a-z]+&[b-y]+", "bza", 1},
    {"<1-31>", "31", 2},
    {"<1-31>", "32", 1},
    {"<1-31>", "00017", 5},
    {"<0-5>", "00", 1},
    {"<0-10>", "00", 2},
    {"<07-12>", "07", 2},
    {"<07-12>", "7", 0},
    {"<7-1000000>", "999999x", 6},
    {"*", "*", 1},
    {"a**", "aaa", 3},
    {"|", "|", 1},
    {"<word>-<set>", "foo-\xc3\xa9", 6},
    {"a{1000}", "a", 0},
};

struct refused_case {
    const char *expression;
    const char *message;
};

static const struct refused_case refused[] = {
    {"(", "unexpected end-of-string"},
    {"[a", "expected ']' at position 2"},
    {"a{", "integer expected at position 2"},
    {"a{2", "expected '}' at position 3"},
    {"a)", "end-of-string expected at position 1"},
    {"\\", "unexpected end-of-string"},
    {"\\x", "invalid character class \\120"},
    {"\"a", "expected '\"' at position 2"},
    {"<1", "expected '>' at position 2"},
    {"<a>", "'a' not found"},
    {"<a-b>", "interval syntax error at position 4"},
    {"<1-2-3>", "interval syntax error at position 6"},
    {"a|", "unexpected end-of-string"},
    {"[]", "expected ']' at position 2"},
    {"[^]", "expected ']' at position 3"},
    {"a{3,2}", "invalid repetition range(out of order): 3..2"},
    {"~", "unexpected end-of-string"},
    {"a&", "unexpected end-of-string"},
    {"[a-]", "invalid range: from (97) cannot be > to (93)"},
    {"[z-a]", "invalid range: from (122) cannot be > to (97)"},
    {"a{99999}", "Determinizing a{99999} would require more than 10000 effort."},
    {"(a|b)*a(a|b){20}", "Determinizing (a|b)*a(a|b){20} would require more than 10000 effort."},
    {"((((a{99}){99}){99}){99}){99}",
     "Determinizing ((((a{99}){99}){99}){99}){99} would require more than 10000 effort."},
    {"~(~(~((a|b)*a(a|b){20})))",
     "Determinizing ~(~(~((a|b)*a(a|b){20}))) would require more than 10000 effort."},
};

static const auk_automaton_part parts[] = {{"word", "[a-z]+", NULL},
                                           {"set", NULL, "[[:L:]-[a-z]]"},
                                           {NULL, NULL, NULL}};

static void fits_the_longest_front(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof fits / sizeof fits[0]; i++) {
        auk_arena *arena = auk_arena_create(1024);
        auk_span expression = auk_span_of(fits[i].expression);
        const auk_automaton *automaton;
        assert_int_equal(auk_automaton_compile(arena, &expression, 1, parts, &automaton, NULL),
                         AUK_OK);
        size_t size = auk_automaton_longest(automaton, auk_span_of(fits[i].text)).size;
        if (size != fits[i].size)
            fail_msg("%s fits %zu bytes of %s", fits[i].expression, size, fits[i].text);
        auk_arena_destroy(arena);
    }
}

static void refuses_in_lucenes_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        auk_arena *arena = auk_arena_create(1024);
        auk_span expression = auk_span_of(refused[i].expression);
        const auk_automaton *automaton;
        auk_error err = {0};
        assert_int_equal(auk_automaton_compile(arena, &expression, 1, NULL, &automaton, &err),
                         AUK_INVALID);
        assert_string_equal(err.message, refused[i].message);
        auk_arena_destroy(arena);
    }
}

static void tells_the_first_of_several(void **state)
{
    (void)state;
    auk_arena *arena = auk_arena_create(1024);
    auk_span rules[] = {AUK_SPAN("if"), AUK_SPAN("[a-z]+"), AUK_SPAN("[a-z0-9]+")};
    const auk_automaton *automaton;
    assert_int_equal(auk_automaton_compile(arena, rules, 3, NULL, &automaton, NULL), AUK_OK);
    assert_int_equal(auk_automaton_longest(automaton, AUK_SPAN("if ")).which, 1);
    assert_int_equal(auk_automaton_longest(automaton, AUK_SPAN("iff")).which, 2);
    assert_int_equal(auk_automaton_longest(automaton, AUK_SPAN("if1")).which, 3);
    auk_arena_destroy(arena);
}

/* Depth and length from outside meet a limit before they meet the stack. */
static void refuses_what_is_too_deep_or_long(void **state)
{
    (void)state;
    static char text[20000];
    static const char *const pieces[] = {"(", "~", "a**", "(a*"};
    static const char *const messages[] = {"expression nested too deeply",
                                           "unexpected end-of-string",
                                           "expression with too many repetitions",
                                           "expression nested too deeply"};
    for (size_t i = 0; i < 4; i++) {
        size_t size = 0;
        while (size + 3 < 9000)
            size += (size_t)snprintf(text + size, sizeof text - size, "%s", pieces[i]);
        auk_arena *arena = auk_arena_create(1024);
        auk_span expression = {text, size};
        const auk_automaton *automaton;
        auk_error err = {0};
        assert_int_equal(auk_automaton_compile(arena, &expression, 1, NULL, &automaton, &err),
                         AUK_INVALID);
        assert_string_equal(err.message, messages[i]);
        expression.size = sizeof text;
        assert_int_equal(auk_automaton_compile(arena, &expression, 1, NULL, &automaton, &err),
                         AUK_INVALID);
        auk_arena_destroy(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fits_the_longest_front),
        cmocka_unit_test(refuses_in_lucenes_words),
        cmocka_unit_test(tells_the_first_of_several),
        cmocka_unit_test(refuses_what_is_too_deep_or_long),
    };
    return cmocka_run_group_tests_name("automaton", tests, NULL, NULL);
}
