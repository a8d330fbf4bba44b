/* keyword_marker: words that stemmers leave alone. */
#include "auk/error.h"
#include "filters.h"
#include "regex.h"
#include "word_set.h"

typedef struct marker_state {
    const auk_word_set *words;
    const auk_regex *regex; /* instead of words */
} marker_state;

static auk_code compile(const auk_definition *definition, const void **state, auk_error *err)
{
    bool ignore_case;
    auk_code code = auk_definition_bool(definition, "ignore_case", false, &ignore_case, err);
    if (code != AUK_OK)
        return code;
    marker_state *marker = AUK_ARENA_NEW(definition->arena, marker_state);
    *state = marker;
    auk_span pattern = auk_definition_text(definition, "keywords_pattern", AUK_SPAN(""));
    bool has_words = auk_definition_find(definition, "keywords") ||
                     auk_definition_find(definition, "keywords_path");
    if (pattern.size > 0 && has_words)
        return auk_fail(err, AUK_INVALID,
                        "cannot specify both `keywords_pattern` and `keywords` or `keywords_path`");
    if (pattern.size > 0)
        return auk_regex_compile(definition->arena,
                                 auk_arena_printf(definition->arena, "^(?:%.*s)$",
                                                  AUK_SPAN_ARG(pattern)),
                                 AUK_SPAN(""), &marker->regex, err);
    if (!has_words)
        return auk_fail(err, AUK_INVALID,
                        "keyword filter requires either `keywords`, `keywords_path`, or "
                        "`keywords_pattern` to be configured");
    return auk_definition_set(definition, "keywords", "keywords_path", ignore_case, &marker->words,
                              err);
}

const void *auk_keyword_marker_of(auk_arena *arena, const auk_span *words, size_t count)
{
    marker_state *marker = AUK_ARENA_NEW(arena, marker_state);
    marker->words = auk_word_set_create(arena, words, count, false);
    return marker;
}

static auk_code mark_by_regex(const auk_regex *regex, auk_analyzer_scratch *scratch,
                              auk_tokens *tokens, auk_error *err)
{
    auk_matcher *matcher;
    auk_code code = auk_regex_matcher(regex, scratch, &matcher, err);
    for (size_t i = 0; code == AUK_OK && i < tokens->count; i++) {
        bool found = false;
        code = auk_matcher_start(matcher, auk_token_text(&tokens->items[i]), err);
        if (code == AUK_OK)
            code = auk_matcher_find(matcher, &found, err);
        if (found)
            tokens->items[i].flags |= AUK_TOKEN_KEYWORD;
    }
    return code;
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                    auk_error *err)
{
    const marker_state *marker = state;
    if (marker->regex)
        return mark_by_regex(marker->regex, scratch, tokens, err);
    for (size_t i = 0; i < tokens->count; i++)
        if (auk_word_set_has(marker->words, auk_token_text(&tokens->items[i])))
            tokens->items[i].flags |= AUK_TOKEN_KEYWORD;
    return AUK_OK;
}

static const char *const settings[] = {"keywords", "keywords_path", "keywords_pattern",
                                       "ignore_case", NULL};

const auk_component_type auk_filter_keyword_marker = {
    .name = "keyword_marker",
    .settings = settings,
    .compile = compile,
    .filter = run,
};
