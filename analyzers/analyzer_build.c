/* A chain of one's own, as _analyze takes it: components by name or defined in place. */
#include "auk/error.h"
#include "binding.h"

enum { FIRST_CHUNK = 1024 };

struct chain {
    auk_builder builder; /* its settings are the spec */
    bool of_index;
    bool normalizer;
};

static auk_code find_named(const struct chain *chain, auk_component_kind kind, auk_span name,
                           auk_component *out, auk_error *err)
{
    auk_code code = auk_builder_find(&chain->builder, kind, name, out, err);
    if (code != AUK_OK || out->type)
        return code;
    code = auk_fail(err, AUK_INVALID, "failed to find %s%s under [%.*s]",
                    chain->of_index ? "" : "global ", auk_component_kind_name(kind),
                    AUK_SPAN_ARG(name));
    auk_builder_hint_name(&chain->builder, kind, name, err);
    return code;
}

static auk_code define_in_place(const struct chain *chain, auk_component_kind kind, auk_span prefix,
                                auk_component *out, auk_error *err)
{
    auk_arena *arena = chain->builder.arena;
    auk_span type_key = auk_arena_printf(arena, "%.*stype", AUK_SPAN_ARG(prefix));
    auk_span type_name = auk_settings_text(chain->builder.settings, type_key, AUK_SPAN(""));
    const char *word = auk_component_kind_name(kind);
    if (type_name.size == 0)
        return auk_fail(err, AUK_INVALID, "Missing [type] setting for anonymous %s", word);
    const auk_component_type *type = auk_component_type_find(kind, type_name);
    if (!type) {
        auk_code code = auk_fail(err, AUK_INVALID, "failed to find global %s under [%.*s]", word,
                                 AUK_SPAN_ARG(type_name));
        auk_builder_hint_type(kind, type_name, err);
        return code;
    }
    auk_span name = auk_arena_printf(arena, "__anonymous__%s", type->name);
    return auk_builder_compile(&chain->builder, kind, type, name, prefix, out, err);
}

static bool has_below(const auk_settings *spec, auk_span prefix)
{
    uint32_t at = auk_settings_lower_bound(spec, prefix);
    return at < auk_settings_count(spec) &&
           auk_span_starts_with(auk_settings_at(spec, at)->key, prefix);
}

static auk_code add(const struct chain *chain, auk_component_kind kind, auk_component_list *list,
                    const auk_component *component, auk_error *err)
{
    if (chain->normalizer && !(component->type->flags & AUK_COMPONENT_NORMALIZING))
        return auk_fail(err, AUK_INVALID, "Custom normalizer may not use %s [%.*s]",
                        kind == AUK_COMPONENT_FILTER ? "filter" : "char filter",
                        AUK_SPAN_ARG(component->name));
    *auk_component_list_add(list, chain->builder.arena) = *component;
    return AUK_OK;
}

static auk_code add_all(const struct chain *chain, auk_component_kind kind,
                        auk_component_list *list, auk_error *err)
{
    const auk_settings *spec = chain->builder.settings;
    const char *word = auk_component_kind_name(kind);
    const auk_setting *names = auk_settings_find(spec, auk_span_of(word));
    auk_component component = {0};
    for (uint32_t i = 0; names && i < names->count; i++) {
        auk_code code = find_named(chain, kind, names->values[i], &component, err);
        if (code == AUK_OK)
            code = add(chain, kind, list, &component, err);
        if (code != AUK_OK)
            return code;
    }
    for (unsigned i = 0;; i++) {
        auk_span key = auk_arena_printf(chain->builder.arena, "%s.%u", word, i);
        auk_span prefix = auk_arena_printf(chain->builder.arena, "%s.%u.", word, i);
        const auk_setting *name = auk_settings_find(spec, key);
        if (!name && !has_below(spec, prefix))
            return AUK_OK;
        auk_code code = name && name->count > 0
                            ? find_named(chain, kind, name->values[0], &component, err)
                            : define_in_place(chain, kind, prefix, &component, err);
        if (code == AUK_OK)
            code = add(chain, kind, list, &component, err);
        if (code != AUK_OK)
            return code;
    }
}

static auk_code set_tokenizer(struct chain *chain, auk_component *out, auk_error *err)
{
    auk_span name = auk_settings_text(chain->builder.settings, AUK_SPAN("tokenizer"), AUK_SPAN(""));
    if (name.size > 0)
        return find_named(chain, AUK_COMPONENT_TOKENIZER, name, out, err);
    if (has_below(chain->builder.settings, AUK_SPAN("tokenizer.")))
        return define_in_place(chain, AUK_COMPONENT_TOKENIZER, AUK_SPAN("tokenizer."), out, err);
    chain->normalizer = true;
    return auk_builder_find(&chain->builder, AUK_COMPONENT_TOKENIZER, AUK_SPAN("keyword"), out,
                            err);
}

auk_code auk_analyzer_build(const auk_settings *spec, auk_analysis *analysis, auk_analyzer **out,
                            auk_error *err)
{
    return auk_analyzer_build_with(spec, analysis, NULL, out, err);
}

auk_code auk_analyzer_build_with(const auk_settings *spec, auk_analysis *analysis,
                                 const auk_synonym_sets *sets, auk_analyzer **out, auk_error *err)
{
    auk_arena *arena = auk_arena_create(FIRST_CHUNK);
    struct chain chain = {.builder = {.arena = arena,
                                      .settings = spec,
                                      .sets = sets,
                                      .named = analysis ? auk_analysis_named(analysis) : NULL},
                          .of_index = analysis != NULL};
    auk_component_list char_filters = {0}, filters = {0};
    auk_analyzer *built = AUK_ARENA_NEW(arena, auk_analyzer);
    auk_code code = set_tokenizer(&chain, &built->tokenizer, err);
    if (code == AUK_OK)
        code = add_all(&chain, AUK_COMPONENT_CHAR_FILTER, &char_filters, err);
    if (code == AUK_OK)
        code = add_all(&chain, AUK_COMPONENT_FILTER, &filters, err);
    built->name = AUK_SPAN("__custom__");
    built->position_gap = AUK_ANALYZER_POSITION_GAP;
    built->custom = true;
    built->char_filters = char_filters.items;
    built->char_filter_count = char_filters.count;
    built->filters = filters.items;
    built->filter_count = filters.count;
    if (code == AUK_OK)
        code = auk_analyzer_bind(&chain.builder, built, err);
    if (code != AUK_OK) {
        auk_arena_destroy(arena);
        return code;
    }
    built->arena = arena;
    built->analysis = analysis ? auk_analysis_acquire(analysis) : NULL;
    *out = built;
    return AUK_OK;
}

void auk_analyzer_destroy(auk_analyzer *built)
{
    if (!built)
        return;
    auk_analysis_release(built->analysis);
    auk_arena_destroy(built->arena); /* holds the analyzer itself */
}
