#include <stdlib.h>

#include "catalog_private.h"

static auk_span join(auk_arena *arena, auk_span prefix, auk_span key)
{
    if (prefix.size == 0)
        return key;
    return auk_arena_printf(arena, "%.*s.%.*s", AUK_SPAN_ARG(prefix), AUK_SPAN_ARG(key));
}

static auk_code put_list(const auk_json *array, auk_span key, auk_arena *arena, auk_settings *into,
                         auk_error *err)
{
    auk_span *values = AUK_ARENA_ARRAY(arena, auk_span, array->count + 1);
    uint32_t count = 0;
    for (const auk_json *item = array->child; item; item = item->next) {
        if (item->type == AUK_JSON_OBJECT || item->type == AUK_JSON_ARRAY)
            return auk_fail_type(err, AUK_INVALID, "settings_exception",
                                 "list of setting [%.*s] may hold texts, numbers and booleans only",
                                 AUK_SPAN_ARG(key));
        values[count++] = item->text;
    }
    auk_settings_put_list(into, key, values, count);
    return AUK_OK;
}

void auk_settings_remove_matching(auk_settings *settings, auk_span pattern)
{
    for (uint32_t i = auk_settings_count(settings); i > 0; i--)
        if (auk_pattern_matches(pattern, auk_settings_at(settings, i - 1)->key))
            auk_settings_remove(settings, auk_settings_at(settings, i - 1)->key);
}

typedef struct flattening {
    auk_settings *into;
    auk_span root; /* goes in front of keys that do not begin with it */
    auk_arena *arena;
} flattening;

static auk_span rooted(const flattening *f, auk_span key)
{
    if (auk_span_starts_with(key, f->root))
        return key;
    return auk_arena_printf(f->arena, "%.*s%.*s", AUK_SPAN_ARG(f->root), AUK_SPAN_ARG(key));
}

static auk_code flatten(const flattening *f, const auk_json *object, auk_span prefix,
                        auk_error *err)
{
    for (const auk_json *member = object->child; member; member = member->next) {
        auk_span key = join(f->arena, prefix, member->key);
        auk_code code = AUK_OK;
        switch (member->type) {
        case AUK_JSON_OBJECT:
            code = flatten(f, member, key, err);
            break;
        case AUK_JSON_ARRAY:
            code = put_list(member, rooted(f, key), f->arena, f->into, err);
            break;
        case AUK_JSON_NULL:
            auk_settings_remove_matching(f->into, rooted(f, key));
            break;
        default:
            auk_settings_put(f->into, rooted(f, key), member->text);
        }
        if (code != AUK_OK)
            return code;
    }
    return AUK_OK;
}

static auk_code lay_over(const auk_json *object, auk_span root, auk_settings *into, auk_error *err)
{
    if (!object)
        return AUK_OK;
    if (object->type != AUK_JSON_OBJECT)
        return auk_fail_type(err, AUK_INVALID, "parsing_exception",
                             "settings must be an object, not %s",
                             auk_json_type_name(object->type));
    flattening f = {into, root, auk_arena_create(1024)};
    auk_code code = flatten(&f, object, AUK_SPAN(""), err);
    auk_arena_destroy(f.arena);
    return code;
}

auk_code auk_settings_from_json(const auk_json *object, auk_settings *into, auk_error *err)
{
    return lay_over(object, AUK_SPAN(""), into, err);
}

auk_code auk_index_settings_from_json(const auk_json *object, auk_settings *into, auk_error *err)
{
    return lay_over(object, AUK_SPAN("index."), into, err);
}

static void write_values(const auk_setting *setting, auk_json_writer *out)
{
    if (!setting->is_list) {
        auk_json_string(out, setting->count ? setting->values[0] : AUK_SPAN(""));
        return;
    }
    auk_json_begin_array(out);
    for (uint32_t i = 0; i < setting->count; i++)
        auk_json_string(out, setting->values[i]);
    auk_json_end_array(out);
}

static void write_flat(const auk_setting **list, uint32_t count, auk_json_writer *out)
{
    auk_json_begin_object(out);
    for (uint32_t i = 0; i < count; i++) {
        auk_json_key(out, list[i]->key);
        write_values(list[i], out);
    }
    auk_json_end_object(out);
}

static bool selected(auk_span patterns, auk_span key)
{
    auk_span one;
    if (patterns.size == 0)
        return true;
    while (auk_span_cut(&patterns, ',', &one))
        if (auk_span_is(one, "_all") || auk_pattern_matches(one, key))
            return true;
    return false;
}

/* The settings [from, to) share their first `depth` bytes, which end in a dot; opens one object a
 * word. */
static void write_nested(const auk_setting **list, uint32_t from, uint32_t to, size_t depth,
                         auk_json_writer *out)
{
    auk_json_begin_object(out);
    for (uint32_t i = from; i < to;) {
        auk_span rest = auk_span_from(list[i]->key, depth);
        const char *dot = memchr(rest.data, '.', rest.size);
        size_t word = dot ? (size_t)(dot - rest.data) : rest.size;
        auk_json_key(out, auk_span_make(rest.data, word));
        if (!dot) {
            write_values(list[i++], out);
            continue;
        }
        auk_span prefix = auk_span_make(list[i]->key.data, depth + word + 1);
        uint32_t end = i + 1;
        while (end < to && auk_span_starts_with(list[end]->key, prefix))
            end++;
        write_nested(list, i, end, prefix.size, out);
        i = end;
    }
    auk_json_end_object(out);
}

void auk_settings_write(const auk_settings *settings, auk_span name_patterns, bool flat,
                        auk_json_writer *out)
{
    uint32_t total = auk_settings_count(settings), count = 0;
    const auk_setting **list = malloc(sizeof(*list) * (total + 1));
    if (!list)
        auk_fatal("out of memory");
    for (uint32_t i = 0; i < total; i++)
        if (selected(name_patterns, auk_settings_at(settings, i)->key))
            list[count++] = auk_settings_at(settings, i);
    if (flat)
        write_flat(list, count, out);
    else
        write_nested(list, 0, count, 0, out);
    free(list);
}

void auk_settings_put_all(auk_settings *into, const auk_settings *from)
{
    for (uint32_t i = 0; i < auk_settings_count(from); i++) {
        const auk_setting *setting = auk_settings_at(from, i);
        if (setting->is_list)
            auk_settings_put_list(into, setting->key, setting->values, setting->count);
        else
            auk_settings_put(into, setting->key, setting->values[0]);
    }
}

void auk_settings_write_flat(const auk_settings *settings, auk_json_writer *out)
{
    auk_settings_write(settings, AUK_SPAN(""), true, out);
}
