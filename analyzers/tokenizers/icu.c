/*
 * icu_tokenizer: words of all scripts, also of those that write no spaces.
 *
 * The text is cut into runs of one script, marks and punctuation going with what stands before
 * them; Chinese and Japanese runs are cut by ICU's dictionary, the others by our rules and ICU's
 * dictionaries for Thai, Lao, Khmer and Burmese.
 */
#include "auk/error.h"
#include "scratch.h"
#include "token_list.h"
#include "tokenizers.h"
#include "unicode.h"

enum { NONSPACING_MARK = 1 << 6 /* U_GC_MN_MASK */ };

/* Where the run that begins at `at` ends, and its script. */
static size_t run_end(auk_span text, size_t at, int *script)
{
    const char *end = text.data + text.size;
    *script = AUK_SCRIPT_INHERITED;
    while (at < text.size) {
        uint32_t character;
        size_t bytes = auk_unicode_next(text.data + at, end, &character);
        int other = auk_unicode_script(character);
        bool joins = other <= AUK_SCRIPT_INHERITED || *script <= AUK_SCRIPT_INHERITED ||
                     other == *script || auk_unicode_category(character) == NONSPACING_MARK;
        if (!joins)
            break;
        if (*script <= AUK_SCRIPT_INHERITED && other > AUK_SCRIPT_INHERITED)
            *script = other;
        at += bytes;
    }
    return at;
}

/* A word that ends in a digit is a number, as ICU's rules have it. */
static bool ends_in_digit(auk_span word)
{
    uint32_t character;
    size_t at = word.size - 1;
    while (at > 0 && auk_unicode_continues(word.data[at]))
        at--;
    auk_unicode_next(word.data + at, word.data + word.size, &character);
    return auk_unicode_digit(character) >= 0;
}

/* Signs that are emoji only when they say so, and tones of skin alone. */
static bool is_no_emoji(auk_span word)
{
    uint32_t character;
    size_t bytes = auk_unicode_next(word.data, word.data + word.size, &character);
    if (character >= 0x1f3fb && character <= 0x1f3ff)
        return true;
    return bytes == word.size && (character == 0xa9 || character == 0xae || character == 0x2122 ||
                                  character == 0x3030 || character == 0x303d);
}

static auk_code cut_run(auk_analyzer_scratch *scratch, auk_span text, size_t from, size_t to,
                        int script, auk_tokens *tokens, auk_error *err)
{
    auk_word_break *breaker;
    auk_code code = auk_scratch_breaker(scratch,
                                        script == AUK_SCRIPT_CJ ? AUK_WORD_BREAK_CJK
                                                                : AUK_WORD_BREAK_DICTIONARY,
                                        &breaker, err);
    if (code == AUK_OK)
        code = auk_word_break_start(breaker, (auk_span){text.data + from, to - from}, err);
    uint32_t start, end;
    uint8_t type;
    while (code == AUK_OK && auk_word_break_next(breaker, &start, &end, &type)) {
        auk_span word = {text.data + from + start, end - start};
        if (type == AUK_TOKEN_EMOJI && is_no_emoji(word))
            continue;
        if (type == AUK_TOKEN_ALPHANUM && ends_in_digit(word))
            type = AUK_TOKEN_NUM;
        auk_token *token = auk_tokens_reserve(tokens, 1);
        if (script == AUK_SCRIPT_HANGUL && type == AUK_TOKEN_ALPHANUM)
            type = AUK_TOKEN_HANGUL;
        *token = (auk_token){.text = word.data,
                             .size = (uint32_t)word.size,
                             .start = (uint32_t)from + start,
                             .end = (uint32_t)from + end,
                             .position = tokens->end_position++,
                             .position_length = 1,
                             .type = type,
                             .flags = auk_unicode_is_ascii(word) ? AUK_TOKEN_ASCII : 0};
        tokens->count++;
    }
    return code;
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_span text,
                    auk_tokens *tokens, auk_error *err)
{
    (void)state;
    auk_code code = AUK_OK;
    for (size_t at = 0; code == AUK_OK && at < text.size;) {
        int script;
        size_t end = run_end(text, at, &script);
        code = cut_run(scratch, text, at, end, script, tokens, err);
        at = end;
    }
    return code;
}

const auk_component_type auk_tokenizer_icu = {
    .name = "icu_tokenizer",
    .flags = AUK_COMPONENT_PREBUILT,
    .tokenize = run,
};
