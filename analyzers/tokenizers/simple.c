/* Tokenizers that look at one character at a time: letter, lowercase, whitespace; and keyword. */
#include "auk/error.h"
#include "filters/filters.h"
#include "token_list.h"
#include "tokenizers.h"
#include "unicode.h"

enum { DEFAULT_LENGTH = 255, MOST_LENGTH = 1024 * 1024, DEFAULT_BUFFER = 256 };

typedef struct simple_state {
    uint32_t max_length; /* UTF-16 code units */
} simple_state;

static auk_code compile(const auk_definition *definition, const void **state, auk_error *err)
{
    simple_state *simple = AUK_ARENA_NEW(definition->arena, simple_state);
    int64_t length;
    auk_code code = auk_definition_int(definition, "max_token_length", DEFAULT_LENGTH, 1,
                                       MOST_LENGTH, &length, err);
    if (code != AUK_OK)
        return code;
    simple->max_length = (uint32_t)length;
    *state = simple;
    return AUK_OK;
}

static bool is_letter(uint32_t character)
{
    if (character < 0x80)
        return (character | 0x20) - 'a' < 26;
    return auk_unicode_is_letter(character);
}

static bool is_no_space(uint32_t character)
{
    if (character < 0x80)
        return character > ' ' || !(character == ' ' || (character >= 0x9 && character <= 0xd) ||
                                    (character >= 0x1c && character <= 0x1f));
    return !auk_unicode_is_white_space(character);
}

static void emit(auk_tokens *tokens, auk_span text, size_t start, size_t end, bool ascii)
{
    auk_token *token = auk_tokens_reserve(tokens, 1);
    *token = (auk_token){.text = text.data + start,
                         .size = (uint32_t)(end - start),
                         .start = (uint32_t)start,
                         .end = (uint32_t)end,
                         .position = tokens->end_position++,
                         .position_length = 1,
                         .type = AUK_TOKEN_WORD,
                         .flags = ascii ? AUK_TOKEN_ASCII : 0};
    tokens->count++;
}

/* Runs of characters that belong to words; a run that reaches max_length is a token there and then.
 */
static inline void cut(auk_span text, uint32_t max_length, bool (*belongs)(uint32_t),
                       auk_tokens *tokens)
{
    const char *end = text.data + text.size;
    size_t start = 0, units = 0;
    bool ascii = true;
    for (size_t at = 0; at < text.size;) {
        uint32_t character;
        size_t bytes = auk_unicode_next(text.data + at, end, &character);
        if (belongs(character)) {
            if (units == 0)
                start = at;
            ascii &= character < 0x80;
            units += character > 0xffff ? 2 : 1;
            if (units >= max_length) {
                emit(tokens, text, start, at + bytes, ascii);
                units = 0;
                ascii = true;
            }
        } else if (units > 0) {
            emit(tokens, text, start, at, ascii);
            units = 0;
            ascii = true;
        }
        at += bytes;
    }
    if (units > 0)
        emit(tokens, text, start, text.size, ascii);
}

static auk_code run_letter(const void *state, auk_analyzer_scratch *scratch, auk_span text,
                           auk_tokens *tokens, auk_error *err)
{
    (void)scratch, (void)err;
    cut(text, ((const simple_state *)state)->max_length, is_letter, tokens);
    return AUK_OK;
}

static auk_code run_lowercase(const void *state, auk_analyzer_scratch *scratch, auk_span text,
                              auk_tokens *tokens, auk_error *err)
{
    auk_code code = run_letter(state, scratch, text, tokens, err);
    return code == AUK_OK ? auk_filter_lowercase.filter(NULL, scratch, tokens, err) : code;
}

static auk_code run_whitespace(const void *state, auk_analyzer_scratch *scratch, auk_span text,
                               auk_tokens *tokens, auk_error *err)
{
    (void)scratch, (void)err;
    cut(text, ((const simple_state *)state)->max_length, is_no_space, tokens);
    return AUK_OK;
}

/* buffer_size is how Lucene reads its input; here it is checked and otherwise of no effect. */
static auk_code compile_keyword(const auk_definition *definition, const void **state,
                                auk_error *err)
{
    int64_t size;
    *state = NULL;
    return auk_definition_int(definition, "buffer_size", DEFAULT_BUFFER, 1, INT32_MAX, &size, err);
}

static auk_code run_keyword(const void *state, auk_analyzer_scratch *scratch, auk_span text,
                            auk_tokens *tokens, auk_error *err)
{
    (void)state, (void)scratch, (void)err;
    emit(tokens, text, 0, text.size, auk_unicode_is_ascii(text));
    return AUK_OK;
}

static const char *const length_settings[] = {"max_token_length", NULL};
static const char *const keyword_settings[] = {"buffer_size", NULL};

const auk_component_type auk_tokenizer_letter = {
    .name = "letter",
    .flags = AUK_COMPONENT_PREBUILT,
    .settings = length_settings,
    .compile = compile,
    .tokenize = run_letter,
};

const auk_component_type auk_tokenizer_lowercase = {
    .name = "lowercase",
    .flags = AUK_COMPONENT_PREBUILT,
    .settings = length_settings,
    .compile = compile,
    .tokenize = run_lowercase,
};

const auk_component_type auk_tokenizer_whitespace = {
    .name = "whitespace",
    .flags = AUK_COMPONENT_PREBUILT,
    .settings = length_settings,
    .compile = compile,
    .tokenize = run_whitespace,
};

const auk_component_type auk_tokenizer_keyword = {
    .name = "keyword",
    .flags = AUK_COMPONENT_PREBUILT,
    .settings = keyword_settings,
    .compile = compile_keyword,
    .tokenize = run_keyword,
};
