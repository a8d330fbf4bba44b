/*
 * New rules for searches of an open index: its analysis is compiled anew, and a mapping of the same
 * fields over it takes the place of the former one. Searches hold the mapping of their root, so
 * each runs by the old rules or by the new ones.
 */
#include <stdlib.h>

#include "catalog_private.h"

#define FILTERS   AUK_SPAN("index.analysis.filter.")
#define ANALYZERS AUK_SPAN("index.analysis.analyzer.")

/* ---- what settings say ---- */

/* "index.analysis.filter.NAME.member": NAME, when the key is of that form. */
static bool name_in(auk_span key, auk_span root, const char *member, auk_span *name)
{
    size_t tail = strlen(member);
    if (!auk_span_starts_with(key, root) || key.size <= root.size + tail ||
        memcmp(key.data + key.size - tail, member, tail) != 0)
        return false;
    *name = auk_span_make(key.data + root.size, key.size - root.size - tail);
    return true;
}

/* Is it a filter whose rules may change, and of this set? Empty: of any, or of a file. */
static bool is_reloaded(const auk_settings *settings, const auk_setting *setting, auk_span set,
                        auk_span *name)
{
    if (set.size)
        return name_in(setting->key, FILTERS, ".synonyms_set", name) && setting->count &&
               auk_span_equal(setting->values[0], set);
    (void)settings;
    return name_in(setting->key, FILTERS, ".updateable", name) && setting->count &&
           auk_span_is(setting->values[0], "true");
}

static bool has_reloaded(const auk_settings *settings, auk_span set)
{
    auk_span name;
    bool found = false;
    for (uint32_t i = auk_settings_lower_bound(settings, FILTERS);
         i < auk_settings_count(settings) && !found; i++) {
        const auk_setting *setting = auk_settings_at(settings, i);
        if (!auk_span_starts_with(setting->key, FILTERS))
            break;
        found = is_reloaded(settings, setting, set, &name);
    }
    return found;
}

bool auk_settings_use_synonyms(const auk_settings *settings, auk_span set)
{
    return set.size && has_reloaded(settings, set);
}

static bool runs_filter(const auk_setting *filters, const auk_settings *settings, auk_span set)
{
    for (uint32_t i = auk_settings_lower_bound(settings, FILTERS); i < auk_settings_count(settings);
         i++) {
        auk_span name;
        const auk_setting *setting = auk_settings_at(settings, i);
        if (!auk_span_starts_with(setting->key, FILTERS))
            break;
        if (!is_reloaded(settings, setting, set, &name))
            continue;
        for (uint32_t j = 0; j < filters->count; j++)
            if (auk_span_equal(filters->values[j], name))
                return true;
    }
    return false;
}

static void list_analyzers(const auk_settings *settings, auk_span set, auk_arena *arena,
                           auk_reloaded *out)
{
    uint32_t count = auk_settings_count(settings);
    out->analyzers = AUK_ARENA_ARRAY(arena, auk_span, count + 1);
    for (uint32_t i = auk_settings_lower_bound(settings, ANALYZERS); i < count; i++) {
        auk_span name;
        const auk_setting *setting = auk_settings_at(settings, i);
        if (!auk_span_starts_with(setting->key, ANALYZERS))
            break;
        if (name_in(setting->key, ANALYZERS, ".filter", &name) &&
            runs_filter(setting, settings, set))
            out->analyzers[out->analyzer_count++] = auk_arena_copy(arena, name);
    }
}

/* ---- prepare, apply, end ---- */

static bool is_named(auk_span name, const auk_span *names, uint32_t count)
{
    bool found = false;
    for (uint32_t i = 0; i < count && !found; i++)
        found = auk_span_equal(names[i], name);
    return found;
}

auk_code auk_reloading_prepare(auk_catalog *catalog, const auk_synonym_set *changed,
                               const auk_span *names, uint32_t name_count, auk_reloading *out,
                               auk_error *err)
{
    uint32_t count;
    auk_index **all = auk_catalog_list_indices(catalog, &count);
    *out = (auk_reloading){.indices = all, .analyses = calloc(count + 1, sizeof(auk_analysis *))};
    auk_code code = AUK_OK;
    if (!out->analyses)
        auk_fatal("out of memory");
    for (uint32_t i = 0; i < count; i++) {
        const auk_settings *settings = all[i]->definition->settings;
        bool wanted = changed ? has_reloaded(settings, changed->name)
                              : is_named(all[i]->identity->name, names, name_count) &&
                                    has_reloaded(settings, AUK_SPAN(""));
        if (!wanted || all[i]->unopened || code != AUK_OK) {
            auk_index_release(all[i]);
            continue;
        }
        all[out->count] = all[i];
        code = auk_catalog_analysis(catalog, settings, changed, &out->analyses[out->count], err);
        out->count++;
    }
    return code;
}

auk_code auk_reloading_apply(auk_reloading *reloading, auk_span set, auk_arena *arena,
                             auk_reloaded **out, uint32_t *count, auk_error *err)
{
    *out = AUK_ARENA_ARRAY(arena, auk_reloaded, reloading->count + 1);
    *count = 0;
    for (uint32_t i = 0; i < reloading->count; i++) {
        auk_index *index = reloading->indices[i];
        auk_code code = auk_index_remap(index, reloading->analyses[i], err);
        if (code != AUK_OK)
            return code;
        auk_reloaded *one = &(*out)[(*count)++];
        one->index = auk_arena_copy(arena, index->identity->name);
        list_analyzers(index->definition->settings, set, arena, one);
    }
    return AUK_OK;
}

void auk_reloading_end(auk_reloading *reloading)
{
    for (uint32_t i = 0; i < reloading->count; i++) {
        auk_index_release(reloading->indices[i]);
        auk_analysis_release(reloading->analyses[i]);
    }
    free(reloading->indices);
    free(reloading->analyses);
}

auk_code auk_catalog_reload_analyzers(auk_catalog *catalog, const auk_span *indices,
                                      uint32_t index_count, auk_arena *arena, auk_reloaded **out,
                                      uint32_t *count, auk_error *err)
{
    auk_reloading reloading;
    pthread_mutex_lock(&catalog->admin_lock);
    auk_code code = auk_reloading_prepare(catalog, NULL, indices, index_count, &reloading, err);
    if (code == AUK_OK)
        code = auk_reloading_apply(&reloading, AUK_SPAN(""), arena, out, count, err);
    auk_reloading_end(&reloading);
    pthread_mutex_unlock(&catalog->admin_lock);
    return code;
}
