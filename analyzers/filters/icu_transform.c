/* icu_transform: from script to script and other transliterations, by ICU's names. */
#include <unicode/utrans.h>

#include "auk/error.h"
#include "filters.h"
#include "scratch.h"
#include "token_list.h"

typedef struct transform_state {
    uint64_t id;
    UTransliterator *icu; /* cloned by each thread */
} transform_state;

static void close_transform(void *icu)
{
    utrans_close(icu);
}

static auk_code compile(const auk_definition *definition, const void **state, auk_error *err)
{
    transform_state *transform = AUK_ARENA_NEW(definition->arena, transform_state);
    auk_span id = auk_definition_text(definition, "id", AUK_SPAN("Null"));
    auk_span direction = auk_definition_text(definition, "dir", AUK_SPAN("forward"));
    bool forward = auk_span_is(direction, "forward");
    if (!forward && !auk_span_is(direction, "reverse"))
        return auk_fail(err, AUK_INVALID, "dir must be [forward] or [reverse], not [%.*s]",
                        AUK_SPAN_ARG(direction));
    auk_utf16 wide = {0};
    auk_utf16_read(&wide, id);
    UErrorCode status = U_ZERO_ERROR;
    UParseError place;
    transform->icu = utrans_openU(wide.units, wide.size, forward ? UTRANS_FORWARD : UTRANS_REVERSE,
                                  NULL, 0, &place, &status);
    auk_utf16_deinit(&wide);
    if (U_FAILURE(status))
        return auk_fail(err, AUK_INVALID, "Invalid ID %.*s: %s", AUK_SPAN_ARG(id),
                        u_errorName(status));
    auk_arena_defer(definition->arena, close_transform, transform->icu);
    transform->id = auk_scratch_new_id();
    *state = transform;
    return AUK_OK;
}

static auk_code clone_of(const transform_state *transform, auk_analyzer_scratch *scratch,
                         UTransliterator **out, auk_error *err)
{
    *out = auk_scratch_local(scratch, transform->id);
    if (*out)
        return AUK_OK;
    UErrorCode status = U_ZERO_ERROR;
    *out = utrans_clone(transform->icu, &status);
    if (U_FAILURE(status))
        return auk_fail(err, AUK_IO, "ICU cannot clone a transform: %s", u_errorName(status));
    auk_scratch_keep_local(scratch, transform->id, *out, close_transform);
    return AUK_OK;
}

/* ICU works in place and says how long the result would be. */
static UErrorCode transform_text(UTransliterator *icu, auk_span text, auk_utf16 *wide)
{
    for (int32_t more = 32;; more *= 4) {
        UErrorCode status = U_ZERO_ERROR;
        auk_utf16_read(wide, text);
        auk_utf16_reserve(wide, wide->size + more);
        int32_t limit = wide->size;
        utrans_transUChars(icu, wide->units, &wide->size, wide->capacity, 0, &limit, &status);
        if (status != U_BUFFER_OVERFLOW_ERROR)
            return status;
        if (more > (1 << 24))
            return status;
    }
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                    auk_error *err)
{
    UTransliterator *icu;
    auk_utf16 *wide = &scratch->wide[0];
    auk_code code = clone_of(state, scratch, &icu, err);
    for (size_t i = 0; code == AUK_OK && i < tokens->count; i++) {
        auk_token *token = &tokens->items[i];
        UErrorCode status = transform_text(icu, auk_token_text(token), wide);
        if (U_FAILURE(status))
            return auk_fail(err, AUK_IO, "ICU cannot transform: %s", u_errorName(status));
        auk_buffer_reset(&scratch->text);
        auk_utf16_write(wide, &scratch->text);
        if (!auk_span_equal(auk_buffer_span(&scratch->text), auk_token_text(token)))
            auk_tokens_set_text(tokens, token, auk_buffer_span(&scratch->text));
    }
    return code;
}

static const char *const settings[] = {"id", "dir", NULL};

const auk_component_type auk_filter_icu_transform = {
    .name = "icu_transform",
    .flags = AUK_COMPONENT_PREBUILT | AUK_COMPONENT_NORMALIZING,
    .settings = settings,
    .compile = compile,
    .filter = run,
};
