/*
 * The standard tokenizer: plain UAX #29 with Lucene's types of words.
 *
 * The text is cut in front of ASCII white space, where no rule ever joins: no word holds white
 * space, marks after it are no part of a word, and pairs of flags start anew. So each piece has the
 * tokens that it would have in the whole, and pieces of ASCII go to a table-driven path, the others
 * to ICU.
 */
#include "standard.h"

#include "auk/error.h"
#include "component.h"
#include "scratch.h"
#include "standard_fast.h"
#include "token_list.h"
#include "tokenizers.h"
#include "unicode.h"

enum { DEFAULT_LENGTH = 255, MOST_LENGTH = 1024 * 1024, PLAIN_WORTH = 64 };

typedef struct standard_state {
    uint32_t max_length; /* UTF-16 code units */
} standard_state;

static auk_code compile(const auk_definition *definition, const void **state, auk_error *err)
{
    standard_state *standard = AUK_ARENA_NEW(definition->arena, standard_state);
    int64_t length;
    auk_code code = auk_definition_int(definition, "max_token_length", DEFAULT_LENGTH, 1,
                                       MOST_LENGTH, &length, err);
    if (code != AUK_OK)
        return code;
    standard->max_length = (uint32_t)length;
    *state = standard;
    return AUK_OK;
}

uint32_t auk_tokenizer_standard_most(const void *state)
{
    return ((const standard_state *)state)->max_length;
}

static void emit(auk_tokens *tokens, auk_span text, uint32_t start, uint32_t end, uint8_t type)
{
    auk_token *token = auk_tokens_reserve(tokens, 1);
    *token = (auk_token){.text = text.data + start,
                         .size = end - start,
                         .start = start,
                         .end = end,
                         .position = tokens->end_position++,
                         .position_length = 1,
                         .type = type};
    tokens->count++;
}

/* No word of at most max_length begins at from: how far it is to where the next one may. */
static uint32_t step_over(uint32_t max_length, auk_span text, uint32_t from, uint32_t to)
{
    uint32_t joins = 0, character;
    while (from + joins < to && text.data[from + joins] == '_')
        joins++;
    if (joins > max_length)
        return joins - max_length + 1;
    return (uint32_t)auk_unicode_next(text.data + from, text.data + to, &character);
}

auk_code auk_standard_cut_word(uint32_t max_length, auk_word_break *breaker, auk_span text,
                               uint32_t from, uint32_t to, struct auk_standard_word *out,
                               auk_error *err)
{
    auk_span window = {text.data + from, to - from};
    window.size = auk_unicode_cut_units(window, max_length);
    *out = (struct auk_standard_word){0};
    auk_code code = auk_word_break_start(breaker, window, err);
    if (code != AUK_OK)
        return code;
    uint32_t start;
    if (!auk_word_break_next(breaker, &start, &out->size, &out->type) || start != 0) {
        out->size = 0;
        out->skip = step_over(max_length, text, from, to);
    }
    return AUK_OK;
}

/* The tokens of a word that is too long, window by window: all of it is looked at once only. */
static auk_code split(uint32_t max_length, auk_word_break *breaker, auk_span text, uint32_t from,
                      uint32_t word_end, uint32_t to, auk_tokens *tokens, uint32_t *next,
                      auk_error *err)
{
    auk_code code = AUK_OK;
    while (code == AUK_OK && from < word_end) {
        struct auk_standard_word word;
        code = auk_standard_cut_word(max_length, breaker, text, from, to, &word, err);
        if (code != AUK_OK)
            return code;
        if (word.size > 0)
            emit(tokens, text, from, from + word.size, word.type);
        from += word.size + word.skip;
    }
    *next = from;
    return code;
}

static auk_code by_icu(uint32_t max_length, auk_analyzer_scratch *scratch, auk_span text,
                       uint32_t from, uint32_t to, auk_tokens *tokens, auk_error *err)
{
    auk_word_break *breaker;
    auk_code code = auk_scratch_breaker(scratch, AUK_WORD_BREAK_PLAIN, &breaker, err);
    while (code == AUK_OK && from < to) {
        code = auk_word_break_start(breaker, (auk_span){text.data + from, to - from}, err);
        if (code != AUK_OK)
            break;
        uint32_t start, end, again = to;
        uint8_t type;
        while (auk_word_break_next(breaker, &start, &end, &type)) {
            auk_span word = {text.data + from + start, end - start};
            if (word.size > max_length && auk_unicode_units(word) > max_length) {
                code = split(max_length, breaker, text, from + start, from + end, to, tokens,
                             &again, err);
                break;
            }
            emit(tokens, text, from + start, from + end, type);
        }
        from = again;
    }
    return code;
}

/* The last place in [from, to) that holds white space, or from. */
static size_t last_cut(auk_span text, size_t from, size_t to)
{
    while (to > from && (uint8_t)text.data[to - 1] > ' ')
        to--;
    return to > from ? to - 1 : from;
}

/* Where a piece for ICU that goes on at least to `at` ends: in front of PLAIN_WORTH bytes of ASCII.
 */
static size_t piece_end(auk_span text, size_t at)
{
    for (;;) {
        while (at < text.size && ((uint8_t)text.data[at] > ' '))
            at++;
        if (at == text.size)
            return at;
        size_t next = at + auk_standard_plain_prefix(text.data + at, text.size - at);
        if (next == text.size || last_cut(text, at, next) - at >= PLAIN_WORTH)
            return at;
        at = next;
    }
}

auk_code auk_standard_tokenize(uint32_t max_length, auk_analyzer_scratch *scratch, auk_span text,
                               size_t from, size_t to, auk_tokens *tokens, auk_error *err)
{
    text.size = to;
    for (size_t at = from; at < to;) {
        size_t plain_end = at + auk_standard_plain_prefix(text.data + at, to - at);
        if (plain_end == to) {
            auk_standard_fast(text, (uint32_t)at, (uint32_t)to, max_length, tokens);
            break;
        }
        size_t cut = last_cut(text, at, plain_end);
        auk_standard_fast(text, (uint32_t)at, (uint32_t)cut, max_length, tokens);
        at = piece_end(text, plain_end);
        auk_code code = by_icu(max_length, scratch, text, (uint32_t)cut, (uint32_t)at, tokens, err);
        if (code != AUK_OK)
            return code;
    }
    return AUK_OK;
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_span text,
                    auk_tokens *tokens, auk_error *err)
{
    uint32_t max_length = ((const standard_state *)state)->max_length;
    return auk_standard_tokenize(max_length, scratch, text, 0, text.size, tokens, err);
}

/* All of it by ICU: the other side of the differential test, no part of any index. */
static auk_code run_icu(const void *state, auk_analyzer_scratch *scratch, auk_span text,
                        auk_tokens *tokens, auk_error *err)
{
    const standard_state *standard = state;
    return by_icu(standard->max_length, scratch, text, 0, (uint32_t)text.size, tokens, err);
}

static const char *const settings[] = {"max_token_length", NULL};

const auk_component_type auk_tokenizer_standard = {
    .name = "standard",
    .flags = AUK_COMPONENT_PREBUILT,
    .settings = settings,
    .compile = compile,
    .tokenize = run,
};

const auk_component_type auk_tokenizer_standard_icu = {
    .name = "_standard_icu",
    .settings = settings,
    .compile = compile,
    .tokenize = run_icu,
};
