#include "normalizer.h"

#include <unicode/unorm2.h>
#include <unicode/uset.h>

#include "auk/error.h"

struct auk_normalizer {
    const UNormalizer2 *icu;
};

struct auk_character_filter {
    USet *set;
};

static void close_set(void *set)
{
    uset_close(set);
}

static void close_normalizer(void *normalizer)
{
    unorm2_close(normalizer);
}

auk_code auk_character_filter_compile(const auk_definition *definition,
                                      const struct auk_character_filter **out, auk_error *err)
{
    *out = NULL;
    auk_span pattern = auk_definition_text(definition, "unicode_set_filter", AUK_SPAN(""));
    if (pattern.size == 0)
        return AUK_OK;
    auk_utf16 wide = {0};
    auk_utf16_read(&wide, pattern);
    UErrorCode status = U_ZERO_ERROR;
    USet *set = uset_openPattern(wide.units, wide.size, &status);
    auk_utf16_deinit(&wide);
    if (U_FAILURE(status))
        return auk_fail(err, AUK_INVALID, "unicode_set_filter [%.*s]: %s", AUK_SPAN_ARG(pattern),
                        u_errorName(status));
    uset_freeze(set);
    auk_arena_defer(definition->arena, close_set, set);
    struct auk_character_filter *filter =
        AUK_ARENA_NEW(definition->arena, struct auk_character_filter);
    filter->set = set;
    *out = filter;
    return AUK_OK;
}

bool auk_character_filter_has(const struct auk_character_filter *filter, uint32_t character)
{
    return uset_contains(filter->set, (UChar32)character);
}

auk_code auk_normalizer_compile(const auk_definition *definition, const auk_normalizer **out,
                                auk_error *err)
{
    auk_normalizer *normalizer = AUK_ARENA_NEW(definition->arena, auk_normalizer);
    auk_span name = auk_definition_text(definition, "name", AUK_SPAN("nfkc_cf"));
    auk_span mode = auk_definition_text(definition, "mode", AUK_SPAN("compose"));
    bool decompose = auk_span_is(mode, "decompose");
    if (!auk_span_is(name, "nfc") && !auk_span_is(name, "nfkc") && !auk_span_is(name, "nfkc_cf")) {
        auk_fail(err, AUK_INVALID, "unknown normalization [%.*s]", AUK_SPAN_ARG(name));
        auk_hint(err, "names are nfc, nfkc and nfkc_cf");
        return AUK_INVALID;
    }
    if (!decompose && !auk_span_is(mode, "compose"))
        return auk_fail(err, AUK_INVALID, "mode must be [compose] or [decompose], not [%.*s]",
                        AUK_SPAN_ARG(mode));
    const struct auk_character_filter *filter;
    auk_code code = auk_character_filter_compile(definition, &filter, err);
    if (code != AUK_OK)
        return code;
    UErrorCode status = U_ZERO_ERROR;
    char terminated[8] = {0};
    memcpy(terminated, name.data, name.size);
    normalizer->icu = unorm2_getInstance(NULL, terminated,
                                         decompose ? UNORM2_DECOMPOSE : UNORM2_COMPOSE, &status);
    if (filter && U_SUCCESS(status)) {
        UNormalizer2 *filtered = unorm2_openFiltered(normalizer->icu, filter->set, &status);
        auk_arena_defer(definition->arena, close_normalizer, filtered);
        normalizer->icu = filtered;
    }
    *out = normalizer;
    return U_SUCCESS(status) ? AUK_OK
                             : auk_fail(err, AUK_IO, "ICU has no normalization %s: %s", terminated,
                                        u_errorName(status));
}

auk_code auk_normalizer_get(auk_arena *arena, const char *name, bool compose,
                            const auk_normalizer **out, auk_error *err)
{
    UErrorCode status = U_ZERO_ERROR;
    auk_normalizer *normalizer = AUK_ARENA_NEW(arena, auk_normalizer);
    normalizer->icu =
        unorm2_getInstance(NULL, name, compose ? UNORM2_COMPOSE : UNORM2_DECOMPOSE, &status);
    *out = normalizer;
    return U_SUCCESS(status) ? AUK_OK
                             : auk_fail(err, AUK_IO, "ICU has no normalization %s: %s", name,
                                        u_errorName(status));
}

bool auk_normalizer_is_done(const auk_normalizer *normalizer, const auk_utf16 *text)
{
    UErrorCode status = U_ZERO_ERROR;
    return unorm2_quickCheck(normalizer->icu, text->units, text->size, &status) == UNORM_YES &&
           U_SUCCESS(status);
}

int32_t auk_normalizer_done_units(const auk_normalizer *normalizer, const auk_utf16 *text)
{
    UErrorCode status = U_ZERO_ERROR;
    int32_t units = unorm2_spanQuickCheckYes(normalizer->icu, text->units, text->size, &status);
    return U_SUCCESS(status) ? units : 0;
}

auk_code auk_normalizer_run(const auk_normalizer *normalizer, const auk_utf16 *text, auk_utf16 *out,
                            auk_error *err)
{
    UErrorCode status = U_ZERO_ERROR;
    auk_utf16_reserve(out, text->size + 16);
    out->size = unorm2_normalize(normalizer->icu, text->units, text->size, out->units,
                                 out->capacity, &status);
    if (status == U_BUFFER_OVERFLOW_ERROR) {
        status = U_ZERO_ERROR;
        auk_utf16_reserve(out, out->size);
        out->size = unorm2_normalize(normalizer->icu, text->units, text->size, out->units,
                                     out->capacity, &status);
    }
    return U_SUCCESS(status)
               ? AUK_OK
               : auk_fail(err, AUK_IO, "ICU cannot normalize: %s", u_errorName(status));
}

bool auk_normalizer_has_boundary(const auk_normalizer *normalizer, uint32_t character)
{
    return unorm2_hasBoundaryBefore(normalizer->icu, (UChar32)character);
}
