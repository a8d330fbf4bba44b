#include <stdlib.h>

#include "component.h"

/* prefix + key, in the arena: settings are read once, when an index opens. */
static auk_span key_of(const auk_definition *definition, const char *key)
{
    return auk_arena_printf(definition->arena, "%.*s%s", AUK_SPAN_ARG(definition->prefix), key);
}

const auk_setting *auk_definition_find(const auk_definition *definition, const char *key)
{
    if (!definition->settings)
        return NULL;
    return auk_settings_find(definition->settings, key_of(definition, key));
}

auk_span auk_definition_text(const auk_definition *definition, const char *key, auk_span fallback)
{
    const auk_setting *setting = auk_definition_find(definition, key);
    return setting && setting->count > 0 ? setting->values[0] : fallback;
}

auk_code auk_definition_int(const auk_definition *definition, const char *key, int64_t fallback,
                            int64_t least, int64_t most, int64_t *out, auk_error *err)
{
    *out = fallback;
    if (!definition->settings)
        return AUK_OK;
    return auk_settings_int(definition->settings, key_of(definition, key), fallback, least, most,
                            out, err);
}

auk_code auk_definition_bool(const auk_definition *definition, const char *key, bool fallback,
                             bool *out, auk_error *err)
{
    *out = fallback;
    if (!definition->settings)
        return AUK_OK;
    return auk_settings_bool(definition->settings, key_of(definition, key), fallback, out, err);
}

static auk_span trim(auk_span text)
{
    while (text.size > 0 && (uint8_t)text.data[0] <= ' ')
        text = auk_span_from(text, 1);
    while (text.size > 0 && (uint8_t)text.data[text.size - 1] <= ' ')
        text.size--;
    return text;
}

static auk_span *cut_at_commas(auk_arena *arena, auk_span text, size_t *count)
{
    size_t pieces = 1;
    for (size_t i = 0; i < text.size; i++)
        pieces += text.data[i] == ',';
    auk_span *list = AUK_ARENA_ARRAY(arena, auk_span, pieces);
    size_t start = 0;
    *count = 0;
    for (size_t i = 0; i <= text.size; i++) {
        if (i < text.size && text.data[i] != ',')
            continue;
        auk_span piece = trim(auk_span_make(text.data + start, i - start));
        if (piece.size > 0)
            list[(*count)++] = piece;
        start = i + 1;
    }
    return list;
}

auk_span *auk_definition_list(const auk_definition *definition, const char *key, size_t *count)
{
    const auk_setting *setting = auk_definition_find(definition, key);
    *count = 0;
    if (!setting || setting->count == 0)
        return AUK_ARENA_ARRAY(definition->arena, auk_span, 1);
    if (!setting->is_list)
        return cut_at_commas(definition->arena, setting->values[0], count);
    auk_span *list = AUK_ARENA_ARRAY(definition->arena, auk_span, setting->count);
    for (uint32_t i = 0; i < setting->count; i++)
        list[i] = trim(setting->values[i]);
    *count = setting->count;
    return list;
}
