/*
 * classic: Lucene's tokenizer of version 3.0, for European text. Words with their apostrophes,
 * acronyms, companies ("AT&T"), addresses, hosts and numbers are tokens of their own kinds; every
 * Chinese or Japanese character is one. A letter is what Unicode 3.0 knew as one.
 */
#include <pthread.h>

#include "auk/error.h"
#include "automaton/automaton.h"
#include "component.h"
#include "token_list.h"
#include "tokenizers.h"
#include "unicode.h"

enum { DEFAULT_LENGTH = 255, MOST_LENGTH = 1024 * 1024, CHUNK_BYTES = 4096 };

/* Characters that may be looked at for each of the text's; beyond, no address is looked for. */
enum { STEPS_A_BYTE = 64, STEPS_AT_LEAST = 1 << 20 };

typedef struct classic_state {
    uint32_t max_length; /* UTF-16 units */
} classic_state;

/* Characters whose category is another one since. */
#define NO_LETTERS_THEN                                                                            \
    "\\u02b9\\u02ba\\u02c2-\\u02cf\\u02ec\\u0374\\u0b83\\u17d7\\u17dc\\u2132\\u2183"
#define LETTERS_THEN "\\u1885\\u1886"
#define DIGITS_THEN  "\\u1369-\\u1371"

/* Chinese and Japanese, without Korean. */
#define EAST                                                                                       \
    "\\u3040-\\u312f\\u31f0-\\u31ff\\u3300-\\u337f\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff"   \
    "\\uff65-\\uff9f"

static const auk_automaton_part parts[] = {
    {"east", NULL, "[" EAST "]"},
    {"letter", NULL, "[[[:L:]&[:Age=3.0:]]-[" EAST NO_LETTERS_THEN "][" LETTERS_THEN "]]"},
    {"digit", NULL, "[[[:Nd:]&[:Age=3.0:]]" DIGITS_THEN "]"},
    {"thai", NULL, "[\\u0e00-\\u0e59]"},
    {"word", "(<letter>|<thai>|<digit>)+", NULL},
    {"letters", "<letter>+", NULL},
    {"point", "[_\\-/.,]", NULL},
    {"number", "(<letter>|<digit>)*<digit>(<letter>|<digit>)*", NULL},
    {NULL, NULL, NULL},
};

enum { ADDRESS = 4 };

/* Where several fit as much, the first wins. */
static const struct {
    const char *expression;
    auk_token_type type;
} rules[] = {
    {"<word>", AUK_TOKEN_ALPHANUM},
    {"<letters>(\\'<letters>)+", AUK_TOKEN_APOSTROPHE},
    {"<letter>\\.(<letter>\\.)+", AUK_TOKEN_ACRONYM},
    {"<letters>[\\&\\@]<letters>", AUK_TOKEN_COMPANY},
    {"<word>([._\\-]<word>)*\\@<word>([.\\-]<word>)+", AUK_TOKEN_EMAIL},
    {"<word>(\\.<word>)+", AUK_TOKEN_HOST},
    {"<word><point><number>|<number><point><word>"
     "|<word>(<point><number><point><word>)+|<number>(<point><word><point><number>)+"
     "|<word><point><number>(<point><word><point><number>)+"
     "|<number><point><word>(<point><number><point><word>)+",
     AUK_TOKEN_NUM},
    {"<east>", AUK_TOKEN_CJ},
    {"<word>\\.(<word>\\.)+", AUK_TOKEN_ACRONYM_DEP},
};

enum { RULES = sizeof rules / sizeof rules[0] };

static pthread_once_t made = PTHREAD_ONCE_INIT;
/* Of all rules, and of all but that for addresses; they live as long as the process. */
static const auk_automaton *all_rules, *without_addresses;
static auk_arena *made_arena;
static auk_code made_code;
static auk_error made_error;

static void make(void)
{
    made_arena = auk_arena_create(CHUNK_BYTES);
    auk_span expressions[RULES];
    for (size_t i = 0; i < RULES; i++)
        expressions[i] = auk_span_of(rules[i].expression);
    made_code =
        auk_automaton_compile(made_arena, expressions, RULES, parts, &all_rules, &made_error);
    expressions[ADDRESS] = AUK_SPAN("#");
    if (made_code == AUK_OK)
        made_code = auk_automaton_compile(made_arena, expressions, RULES, parts, &without_addresses,
                                          &made_error);
}

static auk_code compile(const auk_definition *definition, const void **state, auk_error *err)
{
    classic_state *classic = AUK_ARENA_NEW(definition->arena, classic_state);
    int64_t length;
    auk_code code = auk_definition_int(definition, "max_token_length", DEFAULT_LENGTH, 1,
                                       MOST_LENGTH, &length, err);
    if (code != AUK_OK)
        return code;
    pthread_once(&made, make);
    if (made_code != AUK_OK)
        return auk_fail(err, made_code, "%s", made_error.message);
    classic->max_length = (uint32_t)length;
    *state = classic;
    return AUK_OK;
}

/* The dot behind "a.b." is no part of the host's text, though of its place. */
static void emit(auk_tokens *tokens, auk_span text, size_t start, size_t end, auk_token_type type)
{
    auk_span word = {text.data + start, end - start};
    if (type == AUK_TOKEN_ACRONYM_DEP) {
        type = AUK_TOKEN_HOST;
        word.size--;
    }
    auk_token *token = auk_tokens_reserve(tokens, 1);
    *token = (auk_token){.text = word.data,
                         .size = (uint32_t)word.size,
                         .start = (uint32_t)start,
                         .end = (uint32_t)end,
                         .position = tokens->end_position++,
                         .position_length = 1,
                         .type = (uint8_t)type,
                         .flags = auk_unicode_is_ascii(word) ? AUK_TOKEN_ASCII : 0};
    tokens->count++;
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_span text,
                    auk_tokens *tokens, auk_error *err)
{
    (void)scratch, (void)err;
    uint32_t max_length = ((const classic_state *)state)->max_length;
    const auk_automaton *automaton = all_rules;
    size_t steps = 0;
    for (size_t at = 0; at < text.size;) {
        uint32_t character;
        auk_automaton_match match = auk_automaton_longest(automaton, auk_span_from(text, at));
        steps += match.walked;
        /* "a-a-a-..." is looked through to its end for an "@" from each of its words. */
        if (steps > text.size * STEPS_A_BYTE + STEPS_AT_LEAST)
            automaton = without_addresses;
        if (match.size == 0)
            match.size = auk_unicode_next(text.data + at, text.data + text.size, &character);
        else if (auk_unicode_units((auk_span){text.data + at, match.size}) <= max_length)
            emit(tokens, text, at, at + match.size, rules[match.which - 1].type);
        else
            tokens->end_position++; /* left out, and a hole in its place */
        at += match.size;
    }
    return AUK_OK;
}

static const char *const settings[] = {"max_token_length", NULL};

const auk_component_type auk_tokenizer_classic = {
    .name = "classic",
    .flags = AUK_COMPONENT_PREBUILT,
    .settings = settings,
    .compile = compile,
    .tokenize = run,
};
