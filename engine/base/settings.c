#include "auk/settings.h"

#include <stdlib.h>

#include "auk/arena.h"

struct auk_settings {
    auk_arena *arena;
    auk_setting *entries; /* in key order */
    uint32_t count;
    uint32_t capacity;
};

auk_settings *auk_settings_create(void)
{
    auk_settings *settings = calloc(1, sizeof *settings);
    if (settings == NULL)
        abort();
    settings->arena = auk_arena_create(512);
    return settings;
}

void auk_settings_destroy(auk_settings *settings)
{
    if (settings == NULL)
        return;
    auk_arena_destroy(settings->arena);
    free(settings->entries);
    free(settings);
}

static auk_setting *slot_for(auk_settings *settings, auk_span key)
{
    uint32_t at = auk_settings_lower_bound(settings, key);
    if (at < settings->count && auk_span_equal(settings->entries[at].key, key))
        return &settings->entries[at];
    if (settings->count == settings->capacity) {
        settings->capacity = settings->capacity == 0 ? 8 : settings->capacity * 2;
        settings->entries =
            realloc(settings->entries, settings->capacity * sizeof *settings->entries);
        if (settings->entries == NULL)
            abort();
    }
    memmove(settings->entries + at + 1, settings->entries + at,
            (settings->count - at) * sizeof *settings->entries);
    settings->count++;
    settings->entries[at] = (auk_setting){.key = auk_arena_copy(settings->arena, key)};
    return &settings->entries[at];
}

static void put(auk_settings *settings, auk_span key, const auk_span *values, uint32_t count,
                bool is_list)
{
    auk_span *copies = AUK_ARENA_ARRAY(settings->arena, auk_span, count);
    for (uint32_t i = 0; i < count; i++)
        copies[i] = auk_arena_copy(settings->arena, values[i]);
    auk_setting *slot = slot_for(settings, key);
    slot->values = copies;
    slot->count = count;
    slot->is_list = is_list;
}

void auk_settings_put(auk_settings *settings, auk_span key, auk_span value)
{
    put(settings, key, &value, 1, false);
}

void auk_settings_put_list(auk_settings *settings, auk_span key, const auk_span *values,
                           uint32_t count)
{
    put(settings, key, values, count, true);
}

void auk_settings_remove(auk_settings *settings, auk_span key)
{
    uint32_t at = auk_settings_lower_bound(settings, key);
    if (at == settings->count || !auk_span_equal(settings->entries[at].key, key))
        return;
    settings->count--;
    memmove(settings->entries + at, settings->entries + at + 1,
            (settings->count - at) * sizeof *settings->entries);
}

auk_settings *auk_settings_clone(const auk_settings *settings)
{
    auk_settings *clone = auk_settings_create();
    for (uint32_t i = 0; i < settings->count; i++) {
        const auk_setting *entry = &settings->entries[i];
        put(clone, entry->key, entry->values, entry->count, entry->is_list);
    }
    return clone;
}

uint32_t auk_settings_count(const auk_settings *settings)
{
    return settings->count;
}

const auk_setting *auk_settings_at(const auk_settings *settings, uint32_t index)
{
    return index < settings->count ? &settings->entries[index] : NULL;
}

uint32_t auk_settings_lower_bound(const auk_settings *settings, auk_span prefix)
{
    uint32_t low = 0;
    uint32_t high = settings->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (auk_span_compare(settings->entries[middle].key, prefix) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const auk_setting *auk_settings_find(const auk_settings *settings, auk_span key)
{
    uint32_t at = auk_settings_lower_bound(settings, key);
    if (at == settings->count || !auk_span_equal(settings->entries[at].key, key))
        return NULL;
    return &settings->entries[at];
}

auk_span auk_settings_text(const auk_settings *settings, auk_span key, auk_span fallback)
{
    const auk_setting *entry = auk_settings_find(settings, key);
    return entry != NULL && entry->count > 0 ? entry->values[0] : fallback;
}

static bool parse_int(auk_span text, int64_t *out)
{
    bool negative = text.size > 0 && text.data[0] == '-';
    size_t at = negative || (text.size > 0 && text.data[0] == '+') ? 1 : 0;
    if (at == text.size)
        return false;
    int64_t value = 0; /* kept negative, whose range is larger by one */
    for (; at < text.size; at++) {
        int digit = text.data[at] - '0';
        if (digit < 0 || digit > 9 || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, digit, &value))
            return false;
    }
    if (!negative && __builtin_sub_overflow(0, value, &value))
        return false;
    *out = value;
    return true;
}

auk_code auk_settings_int(const auk_settings *settings, auk_span key, int64_t fallback,
                          int64_t least, int64_t most, int64_t *out, auk_error *err)
{
    const auk_setting *entry = auk_settings_find(settings, key);
    if (entry == NULL || entry->count == 0) {
        *out = fallback;
        return AUK_OK;
    }
    auk_span text = entry->values[0];
    int64_t value;
    if (!parse_int(text, &value))
        return auk_fail(err, AUK_INVALID, "Failed to parse value [%.*s] for setting [%.*s]",
                        AUK_SPAN_ARG(text), AUK_SPAN_ARG(key));
    if (value < least)
        return auk_fail(err, AUK_INVALID,
                        "Failed to parse value [%.*s] for setting [%.*s] must be >= %lld",
                        AUK_SPAN_ARG(text), AUK_SPAN_ARG(key), (long long)least);
    if (value > most)
        return auk_fail(err, AUK_INVALID,
                        "Failed to parse value [%.*s] for setting [%.*s] must be <= %lld",
                        AUK_SPAN_ARG(text), AUK_SPAN_ARG(key), (long long)most);
    *out = value;
    return AUK_OK;
}

auk_code auk_settings_bool(const auk_settings *settings, auk_span key, bool fallback, bool *out,
                           auk_error *err)
{
    const auk_setting *entry = auk_settings_find(settings, key);
    if (entry == NULL || entry->count == 0) {
        *out = fallback;
        return AUK_OK;
    }
    bool yes = auk_span_is(entry->values[0], "true");
    if (!yes && !auk_span_is(entry->values[0], "false"))
        return auk_fail(err, AUK_INVALID,
                        "Failed to parse value [%.*s] for setting [%.*s] as only [true] or [false] "
                        "are allowed.",
                        AUK_SPAN_ARG(entry->values[0]), AUK_SPAN_ARG(key));
    *out = yes;
    return AUK_OK;
}
