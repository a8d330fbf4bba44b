/*
 * thai: Thai words by ICU's dictionary; everything else as the JDK's word iterator cuts it, which
 * Lucene's tokenizer runs: words keep hyphens, dots and quotes inside, numbers their percent sign,
 * and kana and Chinese characters stay in runs of their kind. What begins with no letter or digit
 * is left out. The two dictionaries do not know the same words.
 */
#include <pthread.h>

#include "auk/error.h"
#include "automaton/automaton.h"
#include "component.h"
#include "icu_pieces.h"
#include "scratch.h"
#include "token_list.h"
#include "tokenizers.h"
#include "unicode.h"

enum { CHUNK_BYTES = 4096 };

static const auk_automaton_part parts[] = {
    {"thai", NULL, "[[:Thai:]-[:Nd:]-[\\u0e46]]"},
    {"initial", NULL, "[[[:Thai:]&[:L:]]-[\\u0e46]]"},
    {"repeats", NULL, "[\\u0e46]"}, /* the word before, once more */
    {"ignored", NULL, "[[:Mn:][:Me:][:Cf:]]"},
    {"kana", NULL, "[[:Katakana:]\\u30fc\\uff70\\uff9e\\uff9f]"},
    {"hiragana", NULL, "[[:Hiragana:]]"},
    {"han", NULL, "[[:Han:]&[:L:]]"},
    {"letter", NULL,
     "[[[:L:][:Mc:]]-[:Thai:]-[:Katakana:]-[:Hiragana:]-[:Han:]-[\\u30fc\\uff70\\uff9e\\uff9f]]"},
    {"digit", NULL, "[:Nd:]"},
    {"inside", NULL, "[[:Pd:]\\u00ad\\u2027\\u0022\\u0027.]"},
    {"point", NULL, "[\\u0022\\u0027,.\\u066b]"},
    {"before", NULL, "[[[:Sc:]#.]-[\\u00a2]]"},
    {"behind", NULL, "[\\u00a2%\\u0026\\u2030\\u2031\\u066a]"},
    {"danda", NULL, "[\\u0964\\u0965]"},
    {"l", "<letter><ignored>*", NULL},
    {"d", "<digit><ignored>*", NULL},
    {"word", "<l>(<inside>?<l>)*<danda>?", NULL},
    {"number", "<d>(<point>?<d>)*", NULL},
    {NULL, NULL, NULL},
};

enum { THAI = 1 };

static const char *const rules[] = {
    "<initial><thai>*",
    "<repeats>",
    "<word>(<number><word>)*(<number><behind>?)?",
    "<before>?<number>(<word><number>)*(<word>|<behind>)?",
    "(<kana><ignored>*)+",
    "(<hiragana><ignored>*)+",
    "(<han><ignored>*)+",
};

enum { RULES = sizeof rules / sizeof rules[0] };

static pthread_once_t made = PTHREAD_ONCE_INIT;
static const auk_automaton *automaton; /* lives as long as the process */
static auk_arena *made_arena;
static auk_code made_code;
static auk_error made_error;

static void make(void)
{
    made_arena = auk_arena_create(CHUNK_BYTES);
    auk_span expressions[RULES];
    for (size_t i = 0; i < RULES; i++)
        expressions[i] = auk_span_of(rules[i]);
    made_code =
        auk_automaton_compile(made_arena, expressions, RULES, parts, &automaton, &made_error);
}

static auk_code compile(const auk_definition *definition, const void **state, auk_error *err)
{
    (void)definition;
    *state = NULL;
    pthread_once(&made, make);
    return made_code == AUK_OK ? AUK_OK : auk_fail(err, made_code, "%s", made_error.message);
}

static bool is_word(auk_span text)
{
    uint32_t character;
    auk_unicode_next(text.data, text.data + text.size, &character);
    return auk_unicode_is_letter(character) || auk_unicode_digit(character) >= 0;
}

static void emit(auk_tokens *tokens, auk_span text, size_t start, size_t end)
{
    auk_span word = {text.data + start, end - start};
    if (!is_word(word))
        return;
    auk_token *token = auk_tokens_reserve(tokens, 1);
    *token = (auk_token){.text = word.data,
                         .size = (uint32_t)word.size,
                         .start = (uint32_t)start,
                         .end = (uint32_t)end,
                         .position = tokens->end_position++,
                         .position_length = 1,
                         .type = AUK_TOKEN_WORD,
                         .flags = auk_unicode_is_ascii(word) ? AUK_TOKEN_ASCII : 0};
    tokens->count++;
}

/* Leaves out what is no word of the tokens from `first` on, and calls the others words. */
static void keep_words(auk_tokens *tokens, size_t first, uint32_t position)
{
    size_t kept = first;
    for (size_t i = first; i < tokens->count; i++) {
        auk_token token = tokens->items[i];
        if (!is_word(auk_token_text(&token)))
            continue;
        token.position = position++;
        token.type = AUK_TOKEN_WORD;
        tokens->items[kept++] = token;
    }
    tokens->count = kept;
    tokens->end_position = position;
}

static auk_code cut_by_icu(auk_analyzer_scratch *scratch, auk_span text, size_t from, size_t to,
                           auk_tokens *tokens, auk_error *err)
{
    auk_word_break *breaker;
    auk_code code = auk_scratch_breaker(scratch, AUK_WORD_BREAK_DICTIONARY, &breaker, err);
    if (code == AUK_OK)
        code = auk_word_break_start(breaker, (auk_span){text.data + from, to - from}, err);
    uint32_t start, end;
    uint8_t type;
    while (code == AUK_OK && auk_word_break_next(breaker, &start, &end, &type))
        emit(tokens, text, from + start, from + end);
    return code;
}

static auk_code cut_thai(auk_analyzer_scratch *scratch, auk_span text, size_t from, size_t to,
                         auk_tokens *tokens, auk_error *err)
{
    auk_code code = AUK_OK;
    while (code == AUK_OK && from < to) {
        size_t first = tokens->count;
        uint32_t position = tokens->end_position;
        from = auk_icu_cut_pieces(text, from, to, AUK_SCRIPT_THAI, tokens);
        keep_words(tokens, first, position);
        if (from == to)
            break;
        size_t end = auk_icu_skip_pieces(text, from, to, AUK_SCRIPT_THAI);
        code = cut_by_icu(scratch, text, from, end, tokens, err);
        from = end;
    }
    return code;
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_span text,
                    auk_tokens *tokens, auk_error *err)
{
    (void)state;
    auk_code code = AUK_OK;
    for (size_t at = 0; code == AUK_OK && at < text.size;) {
        uint32_t character;
        auk_automaton_match match = auk_automaton_longest(automaton, auk_span_from(text, at));
        if (match.size == 0)
            match.size = auk_unicode_next(text.data + at, text.data + text.size, &character);
        else if (match.which == THAI)
            code = cut_thai(scratch, text, at, at + match.size, tokens, err);
        else
            emit(tokens, text, at, at + match.size);
        at += match.size;
    }
    return code;
}

const auk_component_type auk_tokenizer_thai = {
    .name = "thai",
    .flags = AUK_COMPONENT_PREBUILT,
    .compile = compile,
    .tokenize = run,
};
