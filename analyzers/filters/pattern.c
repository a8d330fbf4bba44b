/* pattern_replace and pattern_capture: regular expressions over tokens. */
#include "auk/error.h"
#include "filters.h"
#include "regex.h"
#include "scratch.h"
#include "token_list.h"

typedef struct replace_state {
    const auk_regex *regex;
    const auk_replacement *replacement;
    bool all;
} replace_state;

static auk_code compile_replace(const auk_definition *definition, const void **state,
                                auk_error *err)
{
    replace_state *replace = AUK_ARENA_NEW(definition->arena, replace_state);
    *state = replace;
    const auk_setting *pattern = auk_definition_find(definition, "pattern");
    if (!pattern || pattern->count == 0)
        return auk_fail(err, AUK_INVALID,
                        "pattern is missing for [%.*s] token filter of type "
                        "'pattern_replace'",
                        AUK_SPAN_ARG(definition->name));
    auk_code code = auk_regex_compile(definition->arena, pattern->values[0],
                                      auk_definition_text(definition, "flags", AUK_SPAN("")),
                                      &replace->regex, err);
    if (code == AUK_OK)
        code = auk_replacement_parse(definition->arena, replace->regex,
                                     auk_definition_text(definition, "replacement", AUK_SPAN("")),
                                     &replace->replacement, err);
    if (code == AUK_OK)
        code = auk_definition_bool(definition, "all", true, &replace->all, err);
    return code;
}

static auk_code replace_in(const replace_state *replace, auk_matcher *matcher, auk_tokens *tokens,
                           auk_token *token, auk_buffer *out, auk_error *err)
{
    auk_span text = auk_token_text(token);
    uint32_t copied = 0, start, end;
    bool found = false;
    auk_buffer_reset(out);
    auk_code code = auk_matcher_start(matcher, text, err);
    if (code == AUK_OK)
        code = auk_matcher_find(matcher, &found, err);
    if (code != AUK_OK || !found)
        return code;
    while (found && auk_matcher_group(matcher, 0, &start, &end)) {
        auk_buffer_append(out, auk_span_make(text.data + copied, start - copied));
        auk_replacement_append(replace->replacement, matcher, text, out);
        copied = end;
        if (!replace->all)
            break;
        code = auk_matcher_find(matcher, &found, err);
        if (code != AUK_OK)
            return code;
    }
    auk_buffer_append(out, auk_span_from(text, copied));
    if (auk_buffer_status(out) != AUK_OK)
        tokens->fill = AUK_TOKENS_FULL;
    auk_tokens_set_text(tokens, token, auk_buffer_span(out));
    return AUK_OK;
}

static auk_code run_replace(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                            auk_error *err)
{
    const replace_state *replace = state;
    auk_matcher *matcher;
    auk_code code = auk_regex_matcher(replace->regex, scratch, &matcher, err);
    for (size_t i = 0; code == AUK_OK && i < tokens->count && !auk_tokens_is_full(tokens); i++)
        code = replace_in(replace, matcher, tokens, &tokens->items[i], &scratch->text, err);
    return code;
}

enum { MOST_PATTERNS = 32 }; /* fewer than a scratch keeps */

typedef struct capture_state {
    size_t count;
    bool preserve_original;
    const auk_regex *regexes[MOST_PATTERNS];
} capture_state;

/* Where each pattern is in one token: the group that is next, 0 behind the last match. */
struct captures {
    const capture_state *state;
    auk_matcher *matchers[MOST_PATTERNS];
    int64_t next[MOST_PATTERNS]; /* -1: look for a match first */
    auk_span text;
};

static auk_code compile_capture(const auk_definition *definition, const void **state,
                                auk_error *err)
{
    capture_state *capture = AUK_ARENA_NEW(definition->arena, capture_state);
    *state = capture;
    const auk_setting *patterns = auk_definition_find(definition, "patterns");
    if (!patterns || patterns->count == 0)
        return auk_fail(err, AUK_INVALID,
                        "required setting 'patterns' is missing for token filter "
                        "[%.*s]",
                        AUK_SPAN_ARG(definition->name));
    if (patterns->count > MOST_PATTERNS)
        return auk_fail(err, AUK_INVALID, "more than %d patterns", MOST_PATTERNS);
    auk_code code = auk_definition_bool(definition, "preserve_original", true,
                                        &capture->preserve_original, err);
    capture->count = patterns->count;
    for (size_t i = 0; code == AUK_OK && i < capture->count; i++)
        code = auk_regex_compile(definition->arena, patterns->values[i], AUK_SPAN(""),
                                 &capture->regexes[i], err);
    return code;
}

/* Steps pattern i to its next group that holds something new. found false: there is none. */
static auk_code step(struct captures *at, size_t i, bool *found, uint32_t *start, uint32_t *end,
                     auk_error *err)
{
    int64_t groups = auk_regex_groups(at->state->regexes[i]);
    while (at->next[i] != 0) {
        if (at->next[i] < 0) {
            bool more;
            auk_code code = auk_matcher_find(at->matchers[i], &more, err);
            if (code != AUK_OK)
                return code;
            at->next[i] = more;
            continue;
        }
        for (; at->next[i] <= groups; at->next[i]++) {
            if (!auk_matcher_group(at->matchers[i], (uint32_t)at->next[i], start, end) ||
                *start == *end ||
                (at->state->preserve_original && *start == 0 && *end == at->text.size))
                continue;
            *found = true;
            return AUK_OK;
        }
        at->next[i] = -1;
    }
    *found = false;
    return AUK_OK;
}

/* The group that begins first, of all patterns. */
static auk_code next_capture(struct captures *at, bool *found, uint32_t *start, uint32_t *end,
                             auk_error *err)
{
    size_t best = 0;
    *found = false;
    for (size_t i = 0; i < at->state->count; i++) {
        bool here;
        uint32_t from, to;
        auk_code code = step(at, i, &here, &from, &to, err);
        if (code != AUK_OK)
            return code;
        if (here && (!*found || from < *start)) {
            best = i;
            *start = from;
            *end = to;
            *found = true;
        }
    }
    if (*found)
        at->next[best]++;
    return AUK_OK;
}

static auk_code capture_from(struct captures *at, auk_tokens *tokens, const auk_token *token,
                             size_t *count, auk_error *err)
{
    auk_code code = AUK_OK;
    bool found, kept = at->state->preserve_original;
    uint32_t start = 0, end = 0;
    at->text = auk_token_text(token);
    for (size_t i = 0; code == AUK_OK && i < at->state->count; i++) {
        at->next[i] = -1;
        code = auk_matcher_start(at->matchers[i], at->text, err);
    }
    if (kept)
        auk_tokens_push(tokens, count, token);
    while (code == AUK_OK && !auk_tokens_is_full(tokens)) {
        code = next_capture(at, &found, &start, &end, err);
        if (code != AUK_OK || !found)
            break;
        auk_token *part = auk_tokens_push(tokens, count, token);
        part->text += start;
        part->size = end - start;
        kept = true;
    }
    if (code == AUK_OK && !kept)
        auk_tokens_push(tokens, count, token);
    return code;
}

static auk_code run_capture(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                            auk_error *err)
{
    struct captures at = {.state = state};
    size_t count = 0;
    auk_code code = AUK_OK;
    for (size_t i = 0; code == AUK_OK && i < at.state->count; i++)
        code = auk_regex_matcher(at.state->regexes[i], scratch, &at.matchers[i], err);
    for (size_t i = 0; code == AUK_OK && i < tokens->count && !auk_tokens_is_full(tokens); i++)
        code = capture_from(&at, tokens, &tokens->items[i], &count, err);
    if (code == AUK_OK)
        auk_tokens_swap(tokens, count);
    return code;
}

static const char *const replace_settings[] = {"pattern", "flags", "replacement", "all", NULL};
static const char *const capture_settings[] = {"patterns", "preserve_original", NULL};

const auk_component_type auk_filter_pattern_replace = {
    .name = "pattern_replace",
    .flags = AUK_COMPONENT_NORMALIZING,
    .settings = replace_settings,
    .compile = compile_replace,
    .filter = run_replace,
};

const auk_component_type auk_filter_pattern_capture = {
    .name = "pattern_capture",
    .settings = capture_settings,
    .compile = compile_capture,
    .filter = run_capture,
};
