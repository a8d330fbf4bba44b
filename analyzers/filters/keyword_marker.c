/* keyword_marker: words that stemmers leave alone. */
#include "auk/error.h"
#include "filters.h"
#include "word_set.h"

static auk_code compile(const auk_definition *definition, const void **state, auk_error *err)
{
    bool ignore_case;
    auk_code code = auk_definition_bool(definition, "ignore_case", false, &ignore_case, err);
    if (code != AUK_OK)
        return code;
    if (!auk_definition_find(definition, "keywords"))
        return auk_fail(err, AUK_INVALID,
                        "keyword filter requires either `keywords`, `keywords_path`, or "
                        "`keywords_pattern` to be configured");
    size_t count;
    auk_span *words = auk_definition_list(definition, "keywords", &count);
    *state = auk_word_set_create(definition->arena, words, count, ignore_case);
    return AUK_OK;
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                    auk_error *err)
{
    (void)scratch, (void)err;
    for (size_t i = 0; i < tokens->count; i++)
        if (auk_word_set_has(state, auk_token_text(&tokens->items[i])))
            tokens->items[i].flags |= AUK_TOKEN_KEYWORD;
    return AUK_OK;
}

static const char *const settings[] = {"keywords", "ignore_case", NULL};

const auk_component_type auk_filter_keyword_marker = {
    .name = "keyword_marker",
    .settings = settings,
    .compile = compile,
    .filter = run,
};
