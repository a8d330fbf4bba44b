/* What the next generation of an index is made of: the index's own, what is given, or both. */
#include "catalog_private.h"

static bool same_type(const auk_json *a, const auk_json *b)
{
    const auk_json *x = auk_json_get(a, "type"), *y = auk_json_get(b, "type");
    return !x || !y || x->type != AUK_JSON_STRING || auk_span_equal(x->text, y->text);
}

/* Objects are laid over member by member; a field of another type takes the place of the old one.
 */
static void write_merged(const auk_json *base, const auk_json *over, auk_json_writer *out)
{
    auk_json_begin_object(out);
    for (const auk_json *member = base->child; member; member = member->next) {
        const auk_json *patch = auk_json_find(over, member->key);
        auk_json_key(out, member->key);
        if (!patch)
            auk_json_value(out, member);
        else if (patch->type == AUK_JSON_OBJECT && member->type == AUK_JSON_OBJECT &&
                 same_type(member, patch))
            write_merged(member, patch, out);
        else
            auk_json_value(out, patch);
    }
    for (const auk_json *patch = over->child; patch; patch = patch->next) {
        if (auk_json_find(base, patch->key))
            continue;
        auk_json_key(out, patch->key);
        auk_json_value(out, patch);
    }
    auk_json_end_object(out);
}

static void write_part(const char *name, const auk_json *old, const auk_json *given, bool merge,
                       auk_json_writer *out)
{
    auk_json_key(out, auk_span_of(name));
    if (given && merge)
        write_merged(old, given, out);
    else
        auk_json_value(out, given ? given : old);
}

/* Settings as flat keys, without what an index is given by us. */
static void write_settings(const auk_settings *settings, auk_json_writer *out)
{
    static const char *const ours[] = {"index.uuid", "index.creation_date", "index.provided_name",
                                       "index.version.created"};
    for (uint32_t i = 0; i < auk_settings_count(settings); i++) {
        const auk_setting *setting = auk_settings_at(settings, i);
        bool skip = false;
        for (size_t k = 0; k < sizeof ours / sizeof ours[0]; k++)
            skip = skip || auk_span_is(setting->key, ours[k]);
        if (skip)
            continue;
        auk_json_key(out, setting->key);
        if (setting->is_list)
            auk_json_begin_array(out);
        for (uint32_t k = 0; k < (setting->is_list ? setting->count : 1); k++)
            auk_json_string(out, setting->values[k]);
        if (setting->is_list)
            auk_json_end_array(out);
    }
}

/* A null takes a setting back. */
static void write_nulls(const auk_json *object, auk_span prefix, auk_arena *arena,
                        auk_json_writer *out)
{
    for (const auk_json *member = object->child; member; member = member->next) {
        auk_span key = prefix.size ? auk_arena_printf(arena, "%.*s.%.*s", AUK_SPAN_ARG(prefix),
                                                      AUK_SPAN_ARG(member->key))
                                   : member->key;
        if (member->type == AUK_JSON_OBJECT)
            write_nulls(member, key, arena, out);
        if (member->type != AUK_JSON_NULL)
            continue;
        bool whole = auk_span_starts_with(key, AUK_SPAN("index."));
        auk_json_key(out,
                     auk_arena_printf(arena, "%s%.*s", whole ? "" : "index.", AUK_SPAN_ARG(key)));
        auk_json_null(out);
    }
}

/* Given settings as flat keys with "index." in front, so that they meet the old ones. */
static auk_code flatten(const auk_json *given, auk_arena *arena, const auk_json **out,
                        auk_error *err)
{
    auk_buffer text;
    auk_json_writer writer;
    auk_settings *raw = auk_settings_create(), *full = auk_settings_create();
    auk_code code = auk_settings_from_json(given, raw, err);
    for (uint32_t i = 0; code == AUK_OK && i < auk_settings_count(raw); i++) {
        const auk_setting *setting = auk_settings_at(raw, i);
        bool whole = auk_span_starts_with(setting->key, AUK_SPAN("index."));
        auk_span key =
            auk_arena_printf(arena, "%s%.*s", whole ? "" : "index.", AUK_SPAN_ARG(setting->key));
        if (setting->is_list)
            auk_settings_put_list(full, key, setting->values, setting->count);
        else
            auk_settings_put(full, key, setting->values[0]);
    }
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&writer, &text, false);
    auk_json_begin_object(&writer);
    write_settings(full, &writer);
    write_nulls(given, AUK_SPAN(""), arena, &writer);
    auk_json_end_object(&writer);
    if (code == AUK_OK)
        code = auk_json_parse_own(auk_buffer_span(&text), arena, out, err);
    auk_buffer_deinit(&text);
    auk_settings_destroy(raw);
    auk_settings_destroy(full);
    return code;
}

static auk_code read_old(const auk_index_view *view, auk_arena *arena, const auk_json **settings,
                         const auk_json **mappings, auk_error *err)
{
    auk_buffer text;
    auk_json_writer out;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&out, &text, false);
    auk_json_begin_object(&out);
    write_settings(view->settings, &out);
    auk_json_end_object(&out);
    auk_code code = auk_json_parse_own(auk_buffer_span(&text), arena, settings, err);
    auk_buffer_reset(&text);
    auk_json_writer_init(&out, &text, false);
    auk_mapping_write(view->mapping, false, &out);
    if (code == AUK_OK)
        code = auk_json_parse_own(auk_buffer_span(&text), arena, mappings, err);
    auk_buffer_deinit(&text);
    return code;
}

auk_code auk_generation_body(const auk_index_view *view, const auk_json *settings,
                             const auk_json *mappings, bool merge, auk_arena *arena,
                             const auk_json **out, auk_error *err)
{
    const auk_json *old_settings, *old_mappings, *flat = NULL;
    auk_code code = read_old(view, arena, &old_settings, &old_mappings, err);
    if (code == AUK_OK && settings)
        code = flatten(settings, arena, &flat, err);
    if (code != AUK_OK)
        return code;
    auk_buffer text;
    auk_json_writer writer;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&writer, &text, false);
    auk_json_begin_object(&writer);
    write_part("settings", old_settings, flat, merge, &writer);
    write_part("mappings", old_mappings, mappings, merge, &writer);
    auk_json_end_object(&writer);
    code = auk_json_parse_own(auk_buffer_span(&text), arena, out, err);
    auk_buffer_deinit(&text);
    return code;
}
