/*
 * uax_url_email: the standard tokenizer's words, with URLs and e-mail addresses in one piece.
 *
 * At each place the longest of a word, a URL and an address is the token. All that is looked at
 * lies in a window of max_token_length units, as if the text ended there: this is how Lucene's
 * scanner, whose buffer has that size, reads it.
 */
#include <string.h>

#include "auk/error.h"
#include "component.h"
#include "scratch.h"
#include "standard.h"
#include "token_list.h"
#include "tokenizers.h"
#include "unicode.h"
#include "url.h"

enum { DEFAULT_LENGTH = 255, MOST_LENGTH = 1024 * 1024 };

typedef struct url_state {
    uint32_t max_length; /* UTF-16 units */
} url_state;

/* A text on its way, with the next word that the break iterator knows. */
struct walk {
    uint32_t max_length;
    auk_word_break *breaker;
    auk_span text;
    auk_tokens *tokens;
    uint32_t at;
    uint32_t base;       /* where the break iterator was started */
    uint32_t long_end;   /* up to here reaches a word that is too long */
    uint32_t word_start; /* the text's size: no word comes */
    uint32_t word_end;
    uint8_t word_type;
    uint32_t next_at; /* the first "@" at or behind at, or the text's size */
    bool avoid;       /* see url.h */
};

static auk_code compile(const auk_definition *definition, const void **state, auk_error *err)
{
    url_state *url = AUK_ARENA_NEW(definition->arena, url_state);
    int64_t length;
    auk_code code = auk_definition_int(definition, "max_token_length", DEFAULT_LENGTH, 1,
                                       MOST_LENGTH, &length, err);
    if (code != AUK_OK)
        return code;
    url->max_length = (uint32_t)length;
    *state = url;
    return auk_url_prepare(err);
}

static void emit(struct walk *walk, uint32_t size, uint8_t type)
{
    auk_token *token = auk_tokens_reserve(walk->tokens, 1);
    auk_span word = {walk->text.data + walk->at, size};
    *token = (auk_token){.text = word.data,
                         .size = size,
                         .start = walk->at,
                         .end = walk->at + size,
                         .position = walk->tokens->end_position++,
                         .position_length = 1,
                         .type = type,
                         .flags = auk_unicode_is_ascii(word) ? AUK_TOKEN_ASCII : 0};
    walk->tokens->count++;
    walk->avoid = false;
}

static void next_word(struct walk *walk)
{
    uint32_t start, end;
    if (auk_word_break_next(walk->breaker, &start, &end, &walk->word_type)) {
        walk->word_start = walk->base + start;
        walk->word_end = walk->base + end;
    } else {
        walk->word_start = walk->word_end = (uint32_t)walk->text.size;
    }
}

/* Words from at on, whatever was before. */
static auk_code restart(struct walk *walk, auk_error *err)
{
    walk->base = walk->at;
    auk_code code = auk_word_break_start(walk->breaker, auk_span_from(walk->text, walk->at), err);
    if (code == AUK_OK)
        next_word(walk);
    return code;
}

/* The part of the text that the scanner's buffer would hold. */
static auk_span window_of(const struct walk *walk)
{
    auk_span rest = auk_span_from(walk->text, walk->at);
    if (rest.size > walk->max_length)
        rest.size = auk_unicode_cut_units(rest, walk->max_length);
    return rest;
}

static void find_at(struct walk *walk)
{
    auk_span rest = auk_span_from(walk->text, walk->at);
    const char *found = memchr(rest.data, '@', rest.size);
    walk->next_at = found ? (uint32_t)(found - walk->text.data) : (uint32_t)walk->text.size;
}

/* The word at the place where we are, if there is one: as much of it as fits into the window. */
static auk_code word_here(struct walk *walk, auk_span window, struct auk_standard_word *word,
                          auk_error *err)
{
    *word = (struct auk_standard_word){0};
    if (walk->word_start == walk->at && walk->word_end - walk->at > window.size)
        walk->long_end = walk->word_end;
    if (walk->at < walk->long_end)
        return auk_standard_cut_word(walk->max_length, walk->breaker, walk->text, walk->at,
                                     (uint32_t)walk->text.size, word, err);
    if (walk->word_start == walk->at)
        *word = (struct auk_standard_word){walk->word_end - walk->at, walk->word_type, 0};
    return AUK_OK;
}

/* Brings the break iterator to the place where we are. */
static auk_code follow(struct walk *walk, bool was_long, auk_error *err)
{
    if (walk->at < walk->long_end)
        return AUK_OK;
    if (was_long || (walk->at > walk->word_start && walk->at != walk->word_end))
        return restart(walk, err);
    if (walk->at == walk->word_end)
        next_word(walk);
    return AUK_OK;
}

/* One token, or one step without. */
static auk_code step(struct walk *walk, auk_error *err)
{
    struct auk_standard_word word;
    auk_span window = window_of(walk);
    auk_code code = word_here(walk, window, &word, err);
    if (code != AUK_OK)
        return code;
    bool was_long = walk->at < walk->long_end;
    if (walk->next_at < walk->at)
        find_at(walk);
    auk_url_match match =
        auk_url_find(window, word.size, walk->next_at - walk->at < window.size, &walk->avoid);
    if (match.size == 0)
        match = (auk_url_match){word.size, word.type};
    uint32_t character;
    if (match.size > 0)
        emit(walk, (uint32_t)match.size, match.type);
    else if (word.skip > 0)
        match.size = word.skip;
    else
        match.size = auk_unicode_next(window.data, window.data + window.size, &character);
    walk->at += (uint32_t)match.size;
    return follow(walk, was_long, err);
}

/* text[from, to), place by place. */
static auk_code walk_over(const url_state *url, auk_analyzer_scratch *scratch, auk_span text,
                          size_t from, size_t to, auk_tokens *tokens, auk_error *err)
{
    struct walk walk = {.max_length = url->max_length,
                        .text = {text.data, to},
                        .tokens = tokens,
                        .at = (uint32_t)from};
    auk_code code = auk_scratch_breaker(scratch, AUK_WORD_BREAK_PLAIN, &walk.breaker, err);
    if (code == AUK_OK)
        code = restart(&walk, err);
    find_at(&walk);
    while (code == AUK_OK && walk.at < to)
        code = step(&walk, err);
    return code;
}

/* White space where no URL and no address can go on: it may stand in quotes and brackets only. */
static bool may_be_cut(auk_span text)
{
    for (const char *at = text.data; (at = memchr(at, '@', text.size - (size_t)(at - text.data)));
         at++)
        if ((at > text.data && at[-1] == '"') || (at + 1 < text.data + text.size && at[1] == '['))
            return false;
    return true;
}

/* Every URL and address has one of these. */
static bool is_sign(char byte)
{
    return byte == '.' || byte == ':' || byte == '@';
}

static size_t word_end(auk_span text, size_t at, bool *has_sign)
{
    *has_sign = false;
    for (; at < text.size && (uint8_t)text.data[at] > ' '; at++)
        *has_sign |= is_sign(text.data[at]);
    return at;
}

static size_t skip_space(auk_span text, size_t at)
{
    while (at < text.size && (uint8_t)text.data[at] <= ' ')
        at++;
    return at;
}

/* Where the first word with a sign begins, and where the words with signs end that follow. */
static size_t plain_end(auk_span text, size_t at)
{
    bool has_sign;
    for (;;) {
        at = skip_space(text, at);
        size_t end = word_end(text, at, &has_sign);
        if (has_sign || end == text.size)
            return has_sign ? at : end;
        at = end;
    }
}

static size_t signs_end(auk_span text, size_t at)
{
    bool has_sign = true;
    size_t end = at;
    while (at < text.size && has_sign) {
        end = word_end(text, at, &has_sign);
        if (has_sign)
            at = skip_space(text, end);
    }
    return at;
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_span text,
                    auk_tokens *tokens, auk_error *err)
{
    const url_state *url = state;
    if (!may_be_cut(text))
        return walk_over(url, scratch, text, 0, text.size, tokens, err);
    auk_code code = AUK_OK;
    for (size_t at = 0; code == AUK_OK && at < text.size;) {
        size_t plain = plain_end(text, at), end = signs_end(text, plain);
        code = auk_standard_tokenize(url->max_length, scratch, text, at, plain, tokens, err);
        if (code == AUK_OK)
            code = walk_over(url, scratch, text, plain, end, tokens, err);
        at = end;
    }
    return code;
}

static const char *const settings[] = {"max_token_length", NULL};

const auk_component_type auk_tokenizer_uax_url_email = {
    .name = "uax_url_email",
    .flags = AUK_COMPONENT_PREBUILT,
    .settings = settings,
    .compile = compile,
    .tokenize = run,
};
