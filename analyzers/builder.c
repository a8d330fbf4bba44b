#include "builder.h"

#include "auk/nearest.h"

enum { MOST_HINTS = 128 };

auk_component *auk_component_list_add(auk_component_list *list, auk_arena *arena)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? list->capacity * 2 : 8;
        auk_component *grown = AUK_ARENA_ARRAY(arena, auk_component, list->capacity);
        if (list->count > 0)
            memcpy(grown, list->items, list->count * sizeof *grown);
        list->items = grown;
    }
    return &list->items[list->count++];
}

void auk_builder_hint(auk_span given, const auk_span *names, size_t count, auk_error *err)
{
    auk_span nearest = auk_nearest(given, names, count);
    if (nearest.size > 0)
        auk_hint(err, "did you mean [%.*s]?", AUK_SPAN_ARG(nearest));
}

/* Of plugins: what does their work here. */
static bool hint_segmentation(auk_span name, const char *kind, auk_error *err)
{
    static const char *const plugins[] = {"kuromoji", "smartcn", "nori", "ik", "jieba"};
    for (size_t i = 0; i < sizeof plugins / sizeof plugins[0]; i++) {
        auk_span plugin = auk_span_of(plugins[i]);
        auk_span rest = auk_span_from(name, plugin.size < name.size ? plugin.size : name.size);
        if (!auk_span_starts_with(name, plugin) || (rest.size && rest.data[0] != '_'))
            continue;
        auk_hint(err,
                 "[%.*s] is not built in; %s cuts Chinese, Japanese and Korean by ICU's "
                 "dictionaries",
                 AUK_SPAN_ARG(plugin), kind);
        return true;
    }
    return false;
}

bool auk_builder_hint_analyzer(auk_span name, auk_error *err)
{
    if (auk_span_is(name, "snowball")) {
        auk_hint(err,
                 "use that of the language, as [english], or a custom one: tokenizer standard, "
                 "filters lowercase, stop and snowball");
        return true;
    }
    if (auk_span_is(name, "polish") || auk_span_is(name, "ukrainian")) {
        auk_hint(err, "[%.*s] is not built in; a filter of type [hunspell] stems with a dictionary",
                 AUK_SPAN_ARG(name));
        return true;
    }
    return hint_segmentation(name, "analyzer [icu_analyzer]", err);
}

/* What Elasticsearch has and we have not, and what comes nearest. */
static bool hint_missing(auk_component_kind kind, auk_span name, auk_error *err)
{
    static const char *const stems[] = {"arabic", "brazilian", "czech",  "dutch",
                                        "french", "german",    "russian"};
    if (kind == AUK_COMPONENT_TOKENIZER)
        return hint_segmentation(name, "tokenizer [icu_tokenizer]", err);
    if (kind != AUK_COMPONENT_FILTER)
        return false;
    if (auk_span_is(name, "kstem")) {
        auk_hint(err, "[kstem] is not supported; [porter_stem] or [minimal_english] come nearest");
        return true;
    }
    for (size_t i = 0; i < sizeof stems / sizeof stems[0]; i++) {
        auk_span language = auk_span_of(stems[i]);
        if (!auk_span_starts_with(name, language) ||
            !auk_span_is(auk_span_from(name, language.size), "_stem"))
            continue;
        auk_hint(err, "define a filter of type [stemmer] with language [%s]", stems[i]);
        return true;
    }
    return false;
}

void auk_builder_hint_type(auk_component_kind kind, auk_span type, auk_error *err)
{
    if (hint_missing(kind, type, err))
        return;
    auk_span names[MOST_HINTS];
    size_t count;
    const auk_component_type *const *types = auk_component_types(kind, &count);
    for (size_t i = 0; i < count; i++)
        names[i] = auk_span_of(types[i]->name);
    auk_builder_hint(type, names, count, err);
}

void auk_builder_hint_name(const auk_builder *builder, auk_component_kind kind, auk_span name,
                           auk_error *err)
{
    if (hint_missing(kind, name, err))
        return;
    auk_span names[MOST_HINTS];
    size_t known = 0, count;
    const auk_component_type *const *types = auk_component_types(kind, &count);
    for (size_t i = 0; i < count; i++)
        if (types[i]->flags & AUK_COMPONENT_PREBUILT)
            names[known++] = auk_span_of(types[i]->name);
    for (size_t i = 0; builder->named && i < builder->named[kind].count && known < MOST_HINTS; i++)
        names[known++] = builder->named[kind].items[i].name;
    auk_builder_hint(name, names, known, err);
}

static bool is_allowed(auk_span key, const char *const *allowed)
{
    if (auk_span_is(key, "type") || auk_span_is(key, "version"))
        return true;
    for (; allowed && *allowed; allowed++)
        if (auk_span_is(key, *allowed))
            return true;
    return false;
}

auk_code auk_builder_check(const auk_builder *builder, auk_span prefix, const char *const *allowed,
                           auk_error *err)
{
    if (!builder->settings || prefix.size == 0)
        return AUK_OK;
    uint32_t count = auk_settings_count(builder->settings);
    for (uint32_t i = auk_settings_lower_bound(builder->settings, prefix); i < count; i++) {
        auk_span key = auk_settings_at(builder->settings, i)->key;
        if (!auk_span_starts_with(key, prefix))
            break;
        auk_span rest = auk_span_from(key, prefix.size);
        if (is_allowed(rest, allowed))
            continue;

        auk_span names[MOST_HINTS];
        size_t known = 0;
        for (; allowed && allowed[known]; known++)
            names[known] = auk_span_of(allowed[known]);
        auk_code code = auk_fail(err, AUK_INVALID, "unknown setting [%.*s]", AUK_SPAN_ARG(key));
        auk_builder_hint(rest, names, known, err);
        return code;
    }
    return AUK_OK;
}

auk_code auk_builder_compile(const auk_builder *builder, auk_component_kind kind,
                             const auk_component_type *type, auk_span name, auk_span prefix,
                             auk_component *out, auk_error *err)
{
    (void)kind;
    auk_code code = auk_builder_check(builder, prefix, type->settings, err);
    if (code != AUK_OK)
        return code;
    auk_component component = {.type = type, .name = auk_arena_copy(builder->arena, name)};
    auk_definition definition = {.name = component.name,
                                 .settings = prefix.size ? builder->settings : NULL,
                                 .prefix = prefix,
                                 .arena = builder->arena,
                                 .sets = builder->sets};
    code = auk_definition_bool(&definition, "updateable", false, &component.search_only, err);
    if (code == AUK_OK && type->compile)
        code = type->compile(&definition, &component.state, err);
    if (code == AUK_OK)
        *out = component;
    return code;
}

auk_code auk_builder_define(const auk_builder *builder, auk_component_kind kind, auk_span name,
                            auk_span prefix, auk_component *out, auk_error *err)
{
    const char *word = auk_component_kind_name(kind);
    auk_definition definition = {.settings = builder->settings,
                                 .prefix = prefix,
                                 .arena = builder->arena};
    auk_span type_name = auk_definition_text(&definition, "type", AUK_SPAN(""));
    if (type_name.size == 0)
        return auk_fail(err, AUK_INVALID,
                        "%s [%.*s] must specify either an analyzer type, or a tokenizer", word,
                        AUK_SPAN_ARG(name));
    const auk_component_type *type = auk_component_type_find(kind, type_name);
    if (!type) {
        auk_code code = auk_fail(err, AUK_INVALID, "Unknown %s type [%.*s] for [%.*s]", word,
                                 AUK_SPAN_ARG(type_name), AUK_SPAN_ARG(name));
        auk_builder_hint_type(kind, type_name, err);
        return code;
    }
    return auk_builder_compile(builder, kind, type, name, prefix, out, err);
}

auk_code auk_builder_find(const auk_builder *builder, auk_component_kind kind, auk_span name,
                          auk_component *out, auk_error *err)
{
    const auk_component_list *named = builder->named ? &builder->named[kind] : NULL;
    for (size_t i = 0; named && i < named->count; i++)
        if (auk_span_equal(named->items[i].name, name)) {
            *out = named->items[i];
            return AUK_OK;
        }
    out->type = NULL;
    const auk_component_type *type = auk_component_type_find(kind, name);
    if (!type || !(type->flags & AUK_COMPONENT_PREBUILT))
        return AUK_OK;
    return auk_builder_compile(builder, kind, type, name, AUK_SPAN(""), out, err);
}
