/* elision and apostrophe: what stands in front of an apostrophe goes, or what follows it. */
#include "auk/error.h"
#include "filters.h"
#include "word_set.h"

/* The first ' or U+2019; its size. NULL: there is none. */
static const char *find_apostrophe(const auk_token *token, size_t *size)
{
    for (size_t i = 0; i < token->size; i++) {
        const char *at = token->text + i;
        *size = *at == '\'' ? 1 : 3;
        if (*at == '\'' || (token->size - i >= 3 && memcmp(at, "\xe2\x80\x99", 3) == 0))
            return at;
    }
    return NULL;
}

static auk_code compile(const auk_definition *definition, const void **state, auk_error *err)
{
    static const auk_span french[] = {
        AUK_SPAN_INIT("l"),      AUK_SPAN_INIT("m"),      AUK_SPAN_INIT("t"),
        AUK_SPAN_INIT("qu"),     AUK_SPAN_INIT("n"),      AUK_SPAN_INIT("s"),
        AUK_SPAN_INIT("j"),      AUK_SPAN_INIT("d"),      AUK_SPAN_INIT("c"),
        AUK_SPAN_INIT("jusqu"),  AUK_SPAN_INIT("quoiqu"), AUK_SPAN_INIT("lorsqu"),
        AUK_SPAN_INIT("puisqu"),
    };
    bool ignore_case;
    const auk_word_set *articles;
    auk_code code = auk_definition_bool(definition, "articles_case", false, &ignore_case, err);
    if (code == AUK_OK)
        code = auk_definition_set(definition, "articles", "articles_path", ignore_case, &articles,
                                  err);
    if (code != AUK_OK)
        return code;
    if (!articles && definition->settings)
        return auk_fail(err, AUK_INVALID,
                        "elision filter requires [articles] or [articles_path] setting");
    *state = articles ? articles
                      : auk_word_set_create(definition->arena, french,
                                            sizeof french / sizeof french[0], true);
    return AUK_OK;
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                    auk_error *err)
{
    (void)scratch, (void)err;
    for (size_t i = 0; i < tokens->count; i++) {
        auk_token *token = &tokens->items[i];
        size_t size;
        const char *at = find_apostrophe(token, &size);
        if (!at || !auk_word_set_has(state, (auk_span){token->text, (size_t)(at - token->text)}))
            continue;
        token->size -= (uint32_t)((size_t)(at - token->text) + size);
        token->text = at + size;
    }
    return AUK_OK;
}

static auk_code run_apostrophe(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                               auk_error *err)
{
    (void)state, (void)scratch, (void)err;
    for (size_t i = 0; i < tokens->count; i++) {
        auk_token *token = &tokens->items[i];
        size_t size;
        const char *at = find_apostrophe(token, &size);
        if (at)
            token->size = (uint32_t)(at - token->text);
    }
    return AUK_OK;
}

static const char *const settings[] = {"articles", "articles_path", "articles_case", NULL};

const auk_component_type auk_filter_elision = {
    .name = "elision",
    .flags = AUK_COMPONENT_PREBUILT | AUK_COMPONENT_NORMALIZING,
    .settings = settings,
    .compile = compile,
    .filter = run,
};

const auk_component_type auk_filter_apostrophe = {
    .name = "apostrophe",
    .flags = AUK_COMPONENT_PREBUILT,
    .filter = run_apostrophe,
};
