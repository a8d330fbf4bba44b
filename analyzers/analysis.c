/* All analyzers of one index: what its settings define, and behind it what is built in, shared by
 * all. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "auk/log.h"
#include "auk/nearest.h"
#include "builder.h"

enum { FIRST_CHUNK = 2048, MOST_HINTS = 128 };

#define ROOT AUK_SPAN_INIT("index.analysis.")

struct analyzer_list {
    auk_analyzer **items;
    size_t count;
    size_t capacity;
};

struct auk_analysis {
    atomic_uint shares;
    auk_arena *arena;
    auk_component_list named[AUK_COMPONENT_KINDS];
    struct analyzer_list analyzers;
    struct analyzer_list normalizers;
};

static pthread_once_t built_in_once = PTHREAD_ONCE_INIT;
static auk_analysis *built_in; /* as long as the process */

static auk_analysis *create_empty(void)
{
    auk_analysis *analysis = calloc(1, sizeof *analysis);
    if (!analysis)
        auk_fatal("no memory for an analysis");
    atomic_init(&analysis->shares, 1);
    analysis->arena = auk_arena_create(FIRST_CHUNK);
    return analysis;
}

static void add(struct analyzer_list *list, auk_arena *arena, auk_analyzer *analyzer)
{
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? list->capacity * 2 : 8;
        auk_analyzer **grown = AUK_ARENA_ARRAY(arena, auk_analyzer *, list->capacity);
        if (list->count > 0)
            memcpy(grown, list->items, list->count * sizeof(auk_analyzer *));
        list->items = grown;
    }
    list->items[list->count++] = analyzer;
}

static const auk_analyzer *find(const struct analyzer_list *list, auk_span name)
{
    for (size_t i = 0; i < list->count; i++)
        if (auk_span_equal(list->items[i]->name, name))
            return list->items[i];
    return NULL;
}

/* Defaults never fail to compile; if they do, the program is broken. */
static void build_built_in(void)
{
    auk_analysis *analysis = create_empty();
    auk_builder builder = {.arena = analysis->arena};
    auk_error err = {0};
    size_t count;
    auk_analyzer *analyzer;
    const auk_span *names = auk_builder_analyzer_names(&count);
    for (size_t i = 0; i < count; i++) {
        if (auk_builder_analyzer(&builder, names[i], AUK_SPAN(""), &analyzer, &err) != AUK_OK)
            auk_fatal("built-in analyzer %s: %s", names[i].data, err.message);
        add(&analysis->analyzers, analysis->arena, analyzer);
    }
    names = auk_builder_normalizer_names(&count);
    for (size_t i = 0; i < count; i++) {
        if (auk_builder_normalizer(&builder, names[i], AUK_SPAN(""), &analyzer, &err) != AUK_OK)
            auk_fatal("built-in normalizer %s: %s", names[i].data, err.message);
        add(&analysis->normalizers, analysis->arena, analyzer);
    }
    built_in = analysis;
}

static const auk_analysis *get_built_in(void)
{
    pthread_once(&built_in_once, build_built_in);
    return built_in;
}

/* What define_group is told of each name below a prefix. */
typedef auk_code (*define_one)(auk_analysis *analysis, const auk_builder *builder, int kind,
                               auk_span name, auk_span prefix, auk_error *err);

/* Calls define for each NAME of "group.NAME.anything". */
static auk_code define_group(auk_analysis *analysis, const auk_builder *builder, const char *group,
                             int kind, define_one define, auk_error *err)
{
    auk_span root = auk_arena_printf(analysis->arena, "index.analysis.%s.", group);
    uint32_t count = auk_settings_count(builder->settings);
    uint32_t i = auk_settings_lower_bound(builder->settings, root);
    while (i < count) {
        auk_span key = auk_settings_at(builder->settings, i)->key;
        if (!auk_span_starts_with(key, root))
            break;
        auk_span rest = auk_span_from(key, root.size);
        const char *dot = memchr(rest.data, '.', rest.size);
        if (!dot)
            return auk_fail(err, AUK_INVALID, "unknown setting [%.*s]", AUK_SPAN_ARG(key));
        auk_span name = {rest.data, (size_t)(dot - rest.data)};
        if (name.size == 0)
            return auk_fail(err, AUK_INVALID, "%s name must not be empty, as in [%.*s]", group,
                            AUK_SPAN_ARG(key));
        auk_span prefix =
            auk_arena_copy(analysis->arena, (auk_span){key.data, root.size + name.size + 1});
        auk_code code = define(analysis, builder, kind, name, prefix, err);
        if (code != AUK_OK)
            return code;
        while (i < count &&
               auk_span_starts_with(auk_settings_at(builder->settings, i)->key, prefix))
            i++;
    }
    return AUK_OK;
}

static auk_code define_component(auk_analysis *analysis, const auk_builder *builder, int kind,
                                 auk_span name, auk_span prefix, auk_error *err)
{
    auk_component component;
    auk_code code =
        auk_builder_define(builder, (auk_component_kind)kind, name, prefix, &component, err);
    if (code == AUK_OK)
        *auk_component_list_add(&analysis->named[kind], analysis->arena) = component;
    return code;
}

static auk_code define_analyzer(auk_analysis *analysis, const auk_builder *builder, int kind,
                                auk_span name, auk_span prefix, auk_error *err)
{
    (void)kind;
    auk_analyzer *analyzer;
    auk_code code = auk_builder_analyzer(builder, name, prefix, &analyzer, err);
    if (code == AUK_OK)
        add(&analysis->analyzers, analysis->arena, analyzer);
    return code;
}

static auk_code define_normalizer(auk_analysis *analysis, const auk_builder *builder, int kind,
                                  auk_span name, auk_span prefix, auk_error *err)
{
    (void)kind;
    auk_analyzer *normalizer;
    auk_code code = auk_builder_normalizer(builder, name, prefix, &normalizer, err);
    if (code == AUK_OK)
        add(&analysis->normalizers, analysis->arena, normalizer);
    return code;
}

/* "index.analysis.filters.x.type": no such group. */
static auk_code check_groups(const auk_settings *settings, auk_error *err)
{
    static const auk_span root = ROOT;
    static const auk_span groups[] = {
        AUK_SPAN_INIT("char_filter"), AUK_SPAN_INIT("tokenizer"),  AUK_SPAN_INIT("filter"),
        AUK_SPAN_INIT("analyzer"),    AUK_SPAN_INIT("normalizer"),
    };
    enum { GROUPS = sizeof groups / sizeof groups[0] };
    uint32_t count = auk_settings_count(settings);
    for (uint32_t i = auk_settings_lower_bound(settings, root); i < count; i++) {
        auk_span key = auk_settings_at(settings, i)->key;
        if (!auk_span_starts_with(key, root))
            break;
        auk_span rest = auk_span_from(key, root.size);
        const char *dot = memchr(rest.data, '.', rest.size);
        auk_span group = {rest.data, dot ? (size_t)(dot - rest.data) : rest.size};
        bool known = false;
        for (size_t j = 0; j < GROUPS; j++)
            known |= auk_span_equal(group, groups[j]);
        if (known && (dot || auk_settings_at(settings, i)->count == 0)) /* PHP's {} is [] */
            continue;
        auk_code code = auk_fail(err, AUK_INVALID, "unknown setting [%.*s]", AUK_SPAN_ARG(key));
        if (!known)
            auk_builder_hint(group, groups, GROUPS, err);
        return code;
    }
    return AUK_OK;
}

static auk_code define_all(auk_analysis *analysis, const auk_settings *settings,
                           const auk_synonym_sets *sets, auk_error *err)
{
    auk_builder builder = {.arena = analysis->arena,
                           .settings = settings,
                           .named = analysis->named,
                           .sets = sets};
    auk_code code = check_groups(settings, err);
    for (int kind = 0; code == AUK_OK && kind < AUK_COMPONENT_KINDS; kind++)
        code = define_group(analysis, &builder, auk_component_kind_name((auk_component_kind)kind),
                            kind, define_component, err);
    if (code == AUK_OK)
        code = define_group(analysis, &builder, "analyzer", 0, define_analyzer, err);
    if (code == AUK_OK)
        code = define_group(analysis, &builder, "normalizer", 0, define_normalizer, err);
    return code;
}

auk_code auk_analysis_create(const auk_settings *settings, auk_analysis **out, auk_error *err)
{
    return auk_analysis_create_with(settings, NULL, out, err);
}

auk_code auk_analysis_create_with(const auk_settings *settings, const auk_synonym_sets *sets,
                                  auk_analysis **out, auk_error *err)
{
    auk_analysis *analysis = create_empty();
    auk_code code = settings ? define_all(analysis, settings, sets, err) : AUK_OK;
    if (code != AUK_OK) {
        auk_analysis_release(analysis);
        return code;
    }
    *out = analysis;
    return AUK_OK;
}

auk_analysis *auk_analysis_acquire(auk_analysis *analysis)
{
    atomic_fetch_add_explicit(&analysis->shares, 1, memory_order_relaxed);
    return analysis;
}

void auk_analysis_release(auk_analysis *analysis)
{
    if (!analysis || atomic_fetch_sub_explicit(&analysis->shares, 1, memory_order_acq_rel) != 1)
        return;
    auk_arena_destroy(analysis->arena);
    free(analysis);
}

const auk_analyzer *auk_analysis_find(const auk_analysis *analysis, auk_span name)
{
    const auk_analyzer *own = find(&analysis->analyzers, name);
    if (own)
        return own;
    if (auk_span_is(name, "default"))
        name = AUK_SPAN("standard");
    return find(&get_built_in()->analyzers, name);
}

const auk_analyzer *auk_analysis_find_normalizer(const auk_analysis *analysis, auk_span name)
{
    const auk_analyzer *own = find(&analysis->normalizers, name);
    return own ? own : find(&get_built_in()->normalizers, name);
}

bool auk_analysis_hint_missing(auk_span name, auk_error *err)
{
    return auk_builder_hint_analyzer(name, err);
}

auk_span auk_analysis_nearest(const auk_analysis *analysis, auk_span name, bool normalizer)
{
    auk_span names[MOST_HINTS];
    size_t known = 0;
    const auk_analysis *both[] = {analysis, get_built_in()};
    for (size_t i = 0; i < 2; i++) {
        const struct analyzer_list *list = normalizer ? &both[i]->normalizers : &both[i]->analyzers;
        for (size_t j = 0; j < list->count && known < MOST_HINTS; j++)
            names[known++] = list->items[j]->name;
    }
    return auk_nearest(name, names, known);
}

const auk_component_list *auk_analysis_named(const auk_analysis *analysis)
{
    return analysis->named;
}
