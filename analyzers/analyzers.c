/* The types of analyzers and normalizers, each a way to put a chain together. */
#include <pthread.h>

#include "auk/error.h"
#include "binding.h"
#include "char_filters/char_filters.h"
#include "filters/filters.h"
#include "languages/language_chains.h"
#include "languages/stop_words.h"
#include "tokenizers/tokenizers.h"
#include "word_set.h"

/* An analyzer under construction. */
struct plan {
    const auk_builder *builder;
    auk_definition definition;
    auk_component_list char_filters;
    auk_component_list filters;
    auk_analyzer *analyzer;
    const auk_language_chain *language; /* NULL: the type is no language */
};

typedef struct analyzer_type {
    const char *name;
    const char *const *settings;
    auk_code (*plan)(struct plan *plan, auk_error *err);
} analyzer_type;

static void add_filter(struct plan *plan, const auk_component_type *type, const void *state)
{
    *auk_component_list_add(&plan->filters, plan->builder->arena) =
        (auk_component){.type = type, .name = auk_span_of(type->name), .state = state};
}

/* A filter with its defaults. */
static auk_code add_default(struct plan *plan, const auk_component_type *type, auk_error *err)
{
    auk_component component;
    auk_code code = auk_builder_compile(plan->builder, AUK_COMPONENT_FILTER, type,
                                        auk_span_of(type->name), AUK_SPAN(""), &component, err);
    if (code == AUK_OK)
        add_filter(plan, type, component.state);
    return code;
}

/* The tokenizer and the stop filter read the analyzer's own settings: max_token_length, stopwords.
 */
static auk_code set_tokenizer(struct plan *plan, const auk_component_type *type, auk_error *err)
{
    auk_component *tokenizer = &plan->analyzer->tokenizer;
    *tokenizer = (auk_component){.type = type, .name = auk_span_of(type->name)};
    return type->compile ? type->compile(&plan->definition, &tokenizer->state, err) : AUK_OK;
}

static bool has_stop_words(const struct plan *plan)
{
    return auk_definition_find(&plan->definition, "stopwords") ||
           auk_definition_find(&plan->definition, "stopwords_path");
}

static auk_code add_stop(struct plan *plan, auk_error *err)
{
    const void *state;
    auk_code code = auk_filter_stop.compile(&plan->definition, &state, err);
    if (code == AUK_OK)
        add_filter(plan, &auk_filter_stop, state);
    return code;
}

static auk_code plan_keyword(struct plan *plan, auk_error *err)
{
    return set_tokenizer(plan, &auk_tokenizer_keyword, err);
}

static auk_code plan_whitespace(struct plan *plan, auk_error *err)
{
    return set_tokenizer(plan, &auk_tokenizer_whitespace, err);
}

static auk_code plan_simple(struct plan *plan, auk_error *err)
{
    auk_code code = set_tokenizer(plan, &auk_tokenizer_letter, err);
    return code == AUK_OK ? add_default(plan, &auk_filter_lowercase, err) : code;
}

static auk_code plan_stop(struct plan *plan, auk_error *err)
{
    auk_code code = plan_simple(plan, err);
    return code == AUK_OK ? add_stop(plan, err) : code;
}

static auk_code plan_lowered_words(struct plan *plan, auk_error *err)
{
    auk_code code = set_tokenizer(plan, &auk_tokenizer_standard, err);
    return code == AUK_OK ? add_default(plan, &auk_filter_lowercase, err) : code;
}

static auk_code plan_standard(struct plan *plan, auk_error *err)
{
    auk_code code = plan_lowered_words(plan, err);
    if (code == AUK_OK && has_stop_words(plan))
        code = add_stop(plan, err);
    return code;
}

static void add_exclusion(struct plan *plan)
{
    size_t count;
    auk_span *words = auk_definition_list(&plan->definition, "stem_exclusion", &count);
    if (count > 0 && !(count == 1 && auk_span_is(words[0], "_none_")))
        add_filter(plan, &auk_filter_keyword_marker,
                   auk_keyword_marker_of(plan->builder->arena, words, count));
}

static auk_code plan_english(struct plan *plan, auk_error *err)
{
    auk_code code = set_tokenizer(plan, &auk_tokenizer_standard, err);
    if (code == AUK_OK)
        code = add_default(plan, &auk_filter_possessive_english, err);
    if (code == AUK_OK)
        code = add_default(plan, &auk_filter_lowercase, err);
    if (code == AUK_OK)
        code = add_stop(plan, err);
    if (code != AUK_OK)
        return code;
    add_exclusion(plan);
    return add_default(plan, &auk_filter_porter_stem, err);
}

static auk_code plan_pattern(struct plan *plan, auk_error *err)
{
    bool lowercase;
    auk_code code = auk_definition_bool(&plan->definition, "lowercase", true, &lowercase, err);
    if (code == AUK_OK)
        code = set_tokenizer(plan, &auk_tokenizer_pattern, err);
    if (code == AUK_OK && lowercase)
        code = add_default(plan, &auk_filter_lowercase, err);
    if (code == AUK_OK && has_stop_words(plan))
        code = add_stop(plan, err);
    return code;
}

static auk_code plan_fingerprint(struct plan *plan, auk_error *err)
{
    auk_code code = plan_lowered_words(plan, err);
    if (code == AUK_OK)
        code = add_default(plan, &auk_filter_asciifolding, err);
    if (code == AUK_OK && has_stop_words(plan))
        code = add_stop(plan, err);
    const void *state;
    if (code == AUK_OK)
        code = auk_filter_fingerprint.compile(&plan->definition, &state, err);
    if (code == AUK_OK)
        add_filter(plan, &auk_filter_fingerprint, state);
    return code;
}

/* "method" is what icu_normalizer calls its name. */
static auk_code plan_icu(struct plan *plan, auk_error *err)
{
    auk_span mode = auk_definition_text(&plan->definition, "mode", AUK_SPAN("compose"));
    if (!auk_span_is(mode, "compose") && !auk_span_is(mode, "decompose"))
        return auk_fail(err, AUK_INVALID,
                        "Unknown mode [%.*s] in analyzer [%.*s], expected one of [compose, "
                        "decompose]",
                        AUK_SPAN_ARG(mode), AUK_SPAN_ARG(plan->definition.name));
    auk_settings *settings = auk_settings_create();
    auk_settings_put(settings, AUK_SPAN("mode"), mode);
    auk_settings_put(settings, AUK_SPAN("name"),
                     auk_definition_text(&plan->definition, "method", AUK_SPAN("nfkc_cf")));
    auk_definition definition = {.name = plan->definition.name,
                                 .settings = settings,
                                 .arena = plan->builder->arena};
    const auk_component_type *type = &auk_char_filter_icu_normalizer;
    const void *state = NULL;
    auk_code code = type->compile(&definition, &state, err);
    auk_settings_destroy(settings);
    if (code != AUK_OK)
        return code;
    *auk_component_list_add(&plan->char_filters, plan->builder->arena) =
        (auk_component){.type = type, .name = auk_span_of(type->name), .state = state};
    code = set_tokenizer(plan, &auk_tokenizer_icu, err);
    return code == AUK_OK ? add_default(plan, &auk_filter_icu_folding, err) : code;
}

static auk_code plan_thai(struct plan *plan, auk_error *err)
{
    auk_code code = set_tokenizer(plan, &auk_tokenizer_thai, err);
    if (code == AUK_OK)
        code = add_default(plan, &auk_filter_lowercase, err);
    if (code == AUK_OK)
        code = add_default(plan, &auk_filter_decimal_digit, err);
    if (code != AUK_OK)
        return code;
    const void *state;
    code = auk_filter_stop_compile(&plan->definition, AUK_SPAN("_thai_"), &state, err);
    if (code == AUK_OK)
        add_filter(plan, &auk_filter_stop, state);
    return code;
}

/* A filter or char filter with the settings that a stage of a language has, "key=value". */
static auk_code add_stage(struct plan *plan, auk_span stage, auk_error *err)
{
    auk_span name = {0}, setting = {0}, key = {0};
    (void)auk_span_cut(&stage, ' ', &name);
    auk_component_list *list = &plan->filters;
    const auk_component_type *type = auk_component_type_find(AUK_COMPONENT_FILTER, name);
    if (!type) {
        list = &plan->char_filters;
        type = auk_component_type_find(AUK_COMPONENT_CHAR_FILTER, name);
    }
    auk_settings *settings = stage.size > 0 ? auk_settings_create() : NULL;
    while (auk_span_cut(&stage, ' ', &setting)) {
        (void)auk_span_cut(&setting, '=', &key);
        auk_settings_put(settings, key, setting);
    }
    auk_definition definition = {.name = name, .settings = settings, .arena = plan->builder->arena};
    const void *state = NULL;
    auk_code code = type->compile ? type->compile(&definition, &state, err) : AUK_OK;
    auk_settings_destroy(settings);
    if (code == AUK_OK)
        *auk_component_list_add(list, plan->builder->arena) =
            (auk_component){.type = type, .name = auk_span_of(type->name), .state = state};
    return code;
}

static auk_code add_language_stop(struct plan *plan, auk_error *err)
{
    auk_span list =
        auk_arena_printf(plan->builder->arena, "_%.*s_", AUK_SPAN_ARG(plan->language->name));
    const void *state;
    auk_code code = auk_filter_stop_compile(&plan->definition, list, &state, err);
    if (code == AUK_OK)
        add_filter(plan, &auk_filter_stop, state);
    return code;
}

static auk_code plan_language(struct plan *plan, auk_error *err)
{
    auk_code code = set_tokenizer(plan, &auk_tokenizer_standard, err);
    for (const char *const *at = plan->language->stages; *at && code == AUK_OK; at++) {
        auk_span stage = auk_span_of(*at);
        if (auk_span_is(stage, "stop"))
            code = add_language_stop(plan, err);
        else if (auk_span_is(stage, "exclude"))
            add_exclusion(plan);
        else
            code = add_stage(plan, stage, err);
    }
    return code;
}

/* owner: "Custom Analyzer" or "Custom normalizer", as Elasticsearch writes them. */
static auk_code add_named(struct plan *plan, const char *owner, auk_component_kind kind,
                          auk_component_list *list, bool normalizing, auk_error *err)
{
    size_t count;
    const char *word = auk_component_kind_name(kind);
    auk_span *names = auk_definition_list(&plan->definition, word, &count);
    for (size_t i = 0; i < count; i++) {
        auk_component found;
        auk_code code = auk_builder_find(plan->builder, kind, names[i], &found, err);
        if (code != AUK_OK)
            return code;
        if (!found.type) {
            code =
                auk_fail(err, AUK_INVALID, "%s [%.*s] failed to find %s under name [%.*s]", owner,
                         AUK_SPAN_ARG(plan->definition.name), word, AUK_SPAN_ARG(names[i]));
            auk_builder_hint_name(plan->builder, kind, names[i], err);
            return code;
        }
        if (normalizing && !(found.type->flags & AUK_COMPONENT_NORMALIZING))
            return auk_fail(err, AUK_INVALID, "%s [%.*s] may not use %s [%.*s]", owner,
                            AUK_SPAN_ARG(plan->definition.name),
                            kind == AUK_COMPONENT_FILTER ? "filter" : "char filter",
                            AUK_SPAN_ARG(names[i]));
        *auk_component_list_add(list, plan->builder->arena) = found;
    }
    return AUK_OK;
}

static auk_code plan_custom(struct plan *plan, auk_error *err)
{
    auk_span owner = plan->definition.name;
    auk_span name = auk_definition_text(&plan->definition, "tokenizer", AUK_SPAN(""));
    if (name.size == 0)
        return auk_fail(err, AUK_INVALID, "analyzer [%.*s] must be configured with a tokenizer",
                        AUK_SPAN_ARG(owner));
    auk_component *tokenizer = &plan->analyzer->tokenizer;
    auk_code code = auk_builder_find(plan->builder, AUK_COMPONENT_TOKENIZER, name, tokenizer, err);
    if (code != AUK_OK)
        return code;
    if (!tokenizer->type) {
        code = auk_fail(err, AUK_INVALID,
                        "Custom Analyzer [%.*s] failed to find tokenizer under name [%.*s]",
                        AUK_SPAN_ARG(owner), AUK_SPAN_ARG(name));
        auk_builder_hint_name(plan->builder, AUK_COMPONENT_TOKENIZER, name, err);
        return code;
    }
    int64_t gap;
    code = auk_definition_int(&plan->definition, "position_increment_gap",
                              AUK_ANALYZER_POSITION_GAP, 0, INT32_MAX, &gap, err);
    if (code == AUK_OK)
        code = add_named(plan, "Custom Analyzer", AUK_COMPONENT_CHAR_FILTER, &plan->char_filters,
                         false, err);
    if (code == AUK_OK)
        code = add_named(plan, "Custom Analyzer", AUK_COMPONENT_FILTER, &plan->filters, false, err);
    if (code == AUK_OK) {
        plan->analyzer->position_gap = (uint32_t)gap;
        plan->analyzer->custom = true;
    }
    return code;
}

static auk_code plan_custom_normalizer(struct plan *plan, auk_error *err)
{
    if (auk_definition_find(&plan->definition, "tokenizer"))
        return auk_fail(err, AUK_INVALID, "Custom normalizer [%.*s] cannot configure a tokenizer",
                        AUK_SPAN_ARG(plan->definition.name));
    auk_code code = plan_keyword(plan, err);
    if (code == AUK_OK)
        code = add_named(plan, "Custom normalizer", AUK_COMPONENT_CHAR_FILTER, &plan->char_filters,
                         true, err);
    if (code == AUK_OK)
        code =
            add_named(plan, "Custom normalizer", AUK_COMPONENT_FILTER, &plan->filters, true, err);
    plan->analyzer->custom = true;
    return code;
}

static auk_code plan_lowercase_normalizer(struct plan *plan, auk_error *err)
{
    auk_code code = plan_keyword(plan, err);
    return code == AUK_OK ? add_default(plan, &auk_filter_lowercase, err) : code;
}

static const char *const custom_settings[] = {"tokenizer", "char_filter", "filter",
                                              "position_increment_gap", NULL};
static const char *const normalizer_settings[] = {"tokenizer", "char_filter", "filter", NULL};
static const char *const standard_settings[] = {"stopwords", "stopwords_path", "max_token_length",
                                                NULL};
static const char *const pattern_settings[] = {"pattern",   "flags",          "lowercase",
                                               "stopwords", "stopwords_path", NULL};
static const char *const fingerprint_settings[] = {"separator", "max_output_size", "stopwords",
                                                   "stopwords_path", NULL};
static const char *const stop_settings[] = {"stopwords", "stopwords_path", NULL};
static const char *const icu_settings[] = {"method", "mode", NULL};
static const char *const english_settings[] = {"stopwords", "stopwords_path", "stem_exclusion",
                                               NULL};

static const analyzer_type analyzer_types[] = {
    {"english", english_settings, plan_english},
    {"fingerprint", fingerprint_settings, plan_fingerprint},
    {"icu_analyzer", icu_settings, plan_icu},
    {"keyword", NULL, plan_keyword},
    {"pattern", pattern_settings, plan_pattern},
    {"simple", NULL, plan_simple},
    {"standard", standard_settings, plan_standard},
    {"stop", stop_settings, plan_stop},
    {"thai", stop_settings, plan_thai},
    {"whitespace", NULL, plan_whitespace},
    {"custom", custom_settings, plan_custom},
};

/* The languages of language_chains.h: with stems, and without. */
static const analyzer_type stemming_language = {"language", english_settings, plan_language};
static const analyzer_type plain_language = {"language", stop_settings, plan_language};

static const analyzer_type normalizer_types[] = {
    {"lowercase", NULL, plan_lowercase_normalizer},
    {"custom", normalizer_settings, plan_custom_normalizer},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
enum { MOST_NAMES = 96 };

/* All but "custom", which is nothing without settings. */
static auk_span built_in_names[MOST_NAMES];
static size_t built_in_count;
static pthread_once_t built_in_once = PTHREAD_ONCE_INIT;

static void list_built_in(void)
{
    for (size_t i = 0; i < COUNT(analyzer_types); i++)
        if (analyzer_types[i].plan != plan_custom)
            built_in_names[built_in_count++] = auk_span_of(analyzer_types[i].name);
    for (size_t i = 0; i < auk_language_chain_count; i++)
        built_in_names[built_in_count++] = auk_language_chains[i].name;
}

const auk_span *auk_builder_analyzer_names(size_t *count)
{
    pthread_once(&built_in_once, list_built_in);
    *count = built_in_count;
    return built_in_names;
}

const auk_span *auk_builder_normalizer_names(size_t *count)
{
    static const auk_span names[] = {AUK_SPAN_INIT("lowercase")};
    *count = COUNT(names);
    return names;
}

static const analyzer_type *find_type(const analyzer_type *types, size_t count, auk_span name)
{
    for (size_t i = 0; i < count; i++)
        if (auk_span_is(name, types[i].name))
            return &types[i];
    return NULL;
}

static auk_code unknown_type(const char *kind, const auk_span *names, size_t count,
                             const auk_definition *definition, auk_span type, auk_error *err)
{
    auk_code code = auk_fail(err, AUK_INVALID, "Unknown %s type [%.*s] for [%.*s]", kind,
                             AUK_SPAN_ARG(type), AUK_SPAN_ARG(definition->name));
    if (!auk_builder_hint_analyzer(type, err))
        auk_builder_hint(type, names, count, err);
    return code;
}

static auk_code build(struct plan *plan, const analyzer_type *type, auk_analyzer **out,
                      auk_error *err)
{
    auk_arena *arena = plan->builder->arena;
    auk_code code = auk_builder_check(plan->builder, plan->definition.prefix, type->settings, err);
    if (code != AUK_OK)
        return code;
    plan->analyzer = AUK_ARENA_NEW(arena, auk_analyzer);
    plan->analyzer->position_gap = AUK_ANALYZER_POSITION_GAP;
    code = type->plan(plan, err);
    if (code != AUK_OK)
        return code;
    plan->analyzer->name = plan->definition.name;
    plan->analyzer->char_filters = plan->char_filters.items;
    plan->analyzer->char_filter_count = plan->char_filters.count;
    plan->analyzer->filters = plan->filters.items;
    plan->analyzer->filter_count = plan->filters.count;
    *out = plan->analyzer;
    return auk_analyzer_bind(plan->builder, plan->analyzer, err);
}

/* A built-in analyzer has no prefix and is of the type of its name. */
static struct plan plan_of(const auk_builder *builder, auk_span name, auk_span prefix)
{
    return (struct plan){
        .builder = builder,
        .definition = {.name = auk_arena_copy(builder->arena, name),
                       .settings = prefix.size ? builder->settings : NULL,
                       .prefix = prefix,
                       .arena = builder->arena},
    };
}

auk_code auk_builder_analyzer(const auk_builder *builder, auk_span name, auk_span prefix,
                              auk_analyzer **out, auk_error *err)
{
    if (prefix.size > 0 && name.size > 0 && name.data[0] == '_')
        return auk_fail(err, AUK_INVALID, "analyzer name must not start with '_'. got \"%.*s\"",
                        AUK_SPAN_ARG(name));
    struct plan plan = plan_of(builder, name, prefix);
    auk_span type_name =
        prefix.size ? auk_definition_text(&plan.definition, "type", AUK_SPAN("")) : name;
    if (type_name.size == 0 && !auk_definition_find(&plan.definition, "tokenizer"))
        return auk_fail(err, AUK_INVALID,
                        "analyzer [%.*s] must specify either an analyzer type, or a tokenizer",
                        AUK_SPAN_ARG(name));
    if (type_name.size == 0)
        type_name = AUK_SPAN("custom");
    const analyzer_type *type = find_type(analyzer_types, COUNT(analyzer_types), type_name);
    plan.language = auk_language_chain_find(type_name);
    if (plan.language)
        type = auk_language_chain_excludes(plan.language) ? &stemming_language : &plain_language;
    if (!type) {
        size_t count;
        const auk_span *names = auk_builder_analyzer_names(&count);
        return unknown_type("analyzer", names, count, &plan.definition, type_name, err);
    }
    return build(&plan, type, out, err);
}

auk_code auk_builder_normalizer(const auk_builder *builder, auk_span name, auk_span prefix,
                                auk_analyzer **out, auk_error *err)
{
    struct plan plan = plan_of(builder, name, prefix);
    auk_span type_name =
        prefix.size ? auk_definition_text(&plan.definition, "type", AUK_SPAN("custom")) : name;
    const analyzer_type *type = find_type(normalizer_types, COUNT(normalizer_types), type_name);
    if (!type) {
        static const auk_span names[] = {AUK_SPAN_INIT("lowercase"), AUK_SPAN_INIT("custom")};
        return unknown_type("normalizer", names, COUNT(names), &plan.definition, type_name, err);
    }
    return build(&plan, type, out, err);
}
