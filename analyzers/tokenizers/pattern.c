/* pattern: cuts at what a regular expression finds, or takes one of its groups. */
#include "auk/error.h"
#include "regex.h"
#include "token_list.h"
#include "tokenizers.h"
#include "unicode.h"

typedef struct pattern_state {
    const auk_regex *regex;
    int32_t group; /* -1: cut */
} pattern_state;

static auk_code compile(const auk_definition *definition, const void **state, auk_error *err)
{
    pattern_state *pattern = AUK_ARENA_NEW(definition->arena, pattern_state);
    *state = pattern;
    int64_t group;
    auk_code code = auk_definition_int(definition, "group", -1, -1, INT32_MAX, &group, err);
    if (code == AUK_OK)
        code = auk_regex_compile(definition->arena,
                                 auk_definition_text(definition, "pattern", AUK_SPAN("\\W+")),
                                 auk_definition_text(definition, "flags", AUK_SPAN("")),
                                 &pattern->regex, err);
    if (code != AUK_OK)
        return code;
    if (group > auk_regex_groups(pattern->regex))
        return auk_fail(err, AUK_INVALID,
                        "invalid group specified: pattern only has: %u capturing groups",
                        auk_regex_groups(pattern->regex));
    pattern->group = (int32_t)group;
    return AUK_OK;
}

static void emit(auk_tokens *tokens, auk_span text, uint32_t start, uint32_t end)
{
    auk_token *token = auk_tokens_reserve(tokens, 1);
    auk_span word = {text.data + start, end - start};
    *token = (auk_token){.text = word.data,
                         .size = end - start,
                         .start = start,
                         .end = end,
                         .position = tokens->end_position++,
                         .position_length = 1,
                         .type = AUK_TOKEN_WORD,
                         .flags = auk_unicode_is_ascii(word) ? AUK_TOKEN_ASCII : 0};
    tokens->count++;
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_span text,
                    auk_tokens *tokens, auk_error *err)
{
    const pattern_state *pattern = state;
    auk_matcher *matcher;
    uint32_t from = 0, start, end;
    bool found;
    auk_code code = auk_regex_matcher(pattern->regex, scratch, &matcher, err);
    if (code == AUK_OK)
        code = auk_matcher_start(matcher, text, err);
    for (;;) {
        if (code == AUK_OK)
            code = auk_matcher_find(matcher, &found, err);
        if (code != AUK_OK)
            return code;
        if (!found)
            break;
        if (pattern->group < 0 && auk_matcher_group(matcher, 0, &start, &end)) {
            if (start > from)
                emit(tokens, text, from, start);
            from = end;
        } else if (auk_matcher_group(matcher, (uint32_t)pattern->group, &start, &end)) {
            if (end > start)
                emit(tokens, text, start, end);
        }
    }
    if (pattern->group < 0 && from < text.size)
        emit(tokens, text, from, (uint32_t)text.size);
    return AUK_OK;
}

static const char *const settings[] = {"pattern", "flags", "group", NULL};

const auk_component_type auk_tokenizer_pattern = {
    .name = "pattern",
    .flags = AUK_COMPONENT_PREBUILT,
    .settings = settings,
    .compile = compile,
    .tokenize = run,
};
