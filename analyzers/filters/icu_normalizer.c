/* icu_normalizer: Unicode's normal forms. */
#include "auk/error.h"
#include "filters.h"
#include "normalizer.h"
#include "scratch.h"
#include "token_list.h"

static auk_code compile(const auk_definition *definition, const void **state, auk_error *err)
{
    const auk_normalizer *normalizer;
    auk_code code = auk_normalizer_compile(definition, &normalizer, err);
    *state = normalizer;
    return code;
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                    auk_error *err)
{
    auk_utf16 *wide = &scratch->wide[0], *out = &scratch->wide[1];
    for (size_t i = 0; i < tokens->count; i++) {
        auk_token *token = &tokens->items[i];
        auk_utf16_read(wide, auk_token_text(token));
        if (auk_normalizer_is_done(state, wide))
            continue;
        auk_code code = auk_normalizer_run(state, wide, out, err);
        if (code != AUK_OK)
            return code;
        auk_buffer_reset(&scratch->text);
        auk_utf16_write(out, &scratch->text);
        auk_tokens_set_text(tokens, token, auk_buffer_span(&scratch->text));
    }
    return AUK_OK;
}

static const char *const settings[] = {"name", "mode", "unicode_set_filter", NULL};

const auk_component_type auk_filter_icu_normalizer = {
    .name = "icu_normalizer",
    .flags = AUK_COMPONENT_PREBUILT | AUK_COMPONENT_NORMALIZING,
    .settings = settings,
    .compile = compile,
    .filter = run,
};
