/* delimited_payload: "word|0.5" is "word". Nothing here reads payloads, so they are only checked
 * and left out. */
#include "auk/error.h"
#include "auk/utf8.h"
#include "filters.h"

typedef struct payload_state {
    size_t size;
    char delimiter[4];
} payload_state;

static auk_code compile(const auk_definition *definition, const void **state, auk_error *err)
{
    payload_state *payload = AUK_ARENA_NEW(definition->arena, payload_state);
    uint32_t delimiter;
    auk_code code = auk_definition_character(definition, "delimiter", '|', &delimiter, err);
    if (code != AUK_OK)
        return code;
    auk_span encoding = auk_definition_text(definition, "encoding", AUK_SPAN("float"));
    if (!auk_span_is(encoding, "float") && !auk_span_is(encoding, "int") &&
        !auk_span_is(encoding, "identity"))
        return auk_fail(err, AUK_INVALID, "unknown encoding [%.*s]", AUK_SPAN_ARG(encoding));
    payload->size = auk_utf8_encode(delimiter, payload->delimiter);
    *state = payload;
    return AUK_OK;
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                    auk_error *err)
{
    (void)scratch, (void)err;
    const payload_state *payload = state;
    for (size_t i = 0; i < tokens->count; i++) {
        auk_token *token = &tokens->items[i];
        const char *at = memmem(token->text, token->size, payload->delimiter, payload->size);
        if (at)
            token->size = (uint32_t)(at - token->text);
    }
    return AUK_OK;
}

static const char *const settings[] = {"delimiter", "encoding", NULL};

const auk_component_type auk_filter_delimited_payload = {
    .name = "delimited_payload",
    .flags = AUK_COMPONENT_PREBUILT,
    .settings = settings,
    .compile = compile,
    .filter = run,
};
