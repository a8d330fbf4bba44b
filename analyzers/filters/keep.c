/* keep, keep_types and limit: which tokens stay. */
#include "auk/error.h"
#include "filters.h"
#include "word_set.h"

typedef struct type_state {
    uint64_t types; /* bit n: auk_token_type n */
    bool exclude;
} type_state;

static auk_code compile(const auk_definition *definition, const void **state, auk_error *err)
{
    bool ignore_case;
    const auk_word_set *words = NULL;
    if (auk_definition_find(definition, "keep_words") &&
        auk_definition_find(definition, "keep_words_path"))
        return auk_fail(err, AUK_INVALID,
                        "keep requires either `keep_words` or `keep_words_path` to be configured");
    auk_code code = auk_definition_bool(definition, "keep_words_case", false, &ignore_case, err);
    if (code == AUK_OK)
        code = auk_definition_set(definition, "keep_words", "keep_words_path", ignore_case, &words,
                                  err);
    if (code == AUK_OK && !words)
        return auk_fail(err, AUK_INVALID,
                        "keep requires either `keep_words` or `keep_words_path` to be configured");
    *state = words;
    return code;
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                    auk_error *err)
{
    (void)scratch, (void)err;
    size_t kept = 0;
    for (size_t i = 0; i < tokens->count; i++)
        if (auk_word_set_has(state, auk_token_text(&tokens->items[i])))
            tokens->items[kept++] = tokens->items[i];
    tokens->count = kept;
    return AUK_OK;
}

/* A name that no tokenizer gives is allowed: it never fits. */
static uint64_t bit_of(auk_span name)
{
    for (unsigned type = 0; type < AUK_TOKEN_TYPE_COUNT; type++)
        if (auk_span_is(name, auk_token_type_name((uint8_t)type)))
            return UINT64_C(1) << type;
    return 0;
}

static auk_code compile_types(const auk_definition *definition, const void **state, auk_error *err)
{
    type_state *keep = AUK_ARENA_NEW(definition->arena, type_state);
    size_t count;
    auk_span *names = auk_definition_list(definition, "types", &count);
    if (count == 0)
        return auk_fail(err, AUK_INVALID, "keep_types requires `types` to be configured");
    for (size_t i = 0; i < count; i++)
        keep->types |= bit_of(names[i]);
    auk_span mode = auk_definition_text(definition, "mode", AUK_SPAN("include"));
    keep->exclude = auk_span_is(mode, "exclude");
    if (!keep->exclude && !auk_span_is(mode, "include"))
        return auk_fail(err, AUK_INVALID,
                        "`keep_types` tokenfilter mode can only be `include` or `exclude` but was "
                        "%.*s.",
                        AUK_SPAN_ARG(mode));
    *state = keep;
    return AUK_OK;
}

static auk_code run_types(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                          auk_error *err)
{
    (void)scratch, (void)err;
    const type_state *keep = state;
    size_t kept = 0;
    for (size_t i = 0; i < tokens->count; i++)
        if ((keep->types >> tokens->items[i].type & 1) != keep->exclude)
            tokens->items[kept++] = tokens->items[i];
    tokens->count = kept;
    return AUK_OK;
}

typedef struct limit_state {
    size_t most;
    bool consume_all;
} limit_state;

static auk_code compile_limit(const auk_definition *definition, const void **state, auk_error *err)
{
    limit_state *limit = AUK_ARENA_NEW(definition->arena, limit_state);
    int64_t most;
    auk_code code = auk_definition_int(definition, "max_token_count", 1, 1, INT32_MAX, &most, err);
    if (code == AUK_OK)
        code =
            auk_definition_bool(definition, "consume_all_tokens", false, &limit->consume_all, err);
    limit->most = (size_t)most;
    *state = limit;
    return code;
}

static auk_code run_limit(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                          auk_error *err)
{
    (void)scratch, (void)err;
    const limit_state *limit = state;
    if (tokens->count < limit->most || (limit->consume_all && tokens->count == limit->most))
        return AUK_OK;
    const auk_token *last = &tokens->items[limit->most - 1];
    uint32_t holes = tokens->end_position - tokens->items[tokens->count - 1].position;
    tokens->count = limit->most;
    tokens->end_position = last->position + (limit->consume_all ? holes : 1);
    if (!limit->consume_all) /* nobody read on to where the text ends */
        tokens->end_offset = last->end;
    return AUK_OK;
}

static const char *const settings[] = {"keep_words", "keep_words_path", "keep_words_case", NULL};
static const char *const type_settings[] = {"types", "mode", NULL};
static const char *const limit_settings[] = {"max_token_count", "consume_all_tokens", NULL};

const auk_component_type auk_filter_keep_words = {
    .name = "keep",
    .settings = settings,
    .compile = compile,
    .filter = run,
};

const auk_component_type auk_filter_keep_types = {
    .name = "keep_types",
    .settings = type_settings,
    .compile = compile_types,
    .filter = run_types,
};

const auk_component_type auk_filter_limit = {
    .name = "limit",
    .flags = AUK_COMPONENT_PREBUILT,
    .settings = limit_settings,
    .compile = compile_limit,
    .filter = run_limit,
};
