/*
 * index_changes.c - what an index is, changed while it exists: fields, settings, open or closed.
 *
 * Settings and states of several indices change in one batch or not at all. Where a change keeps
 * writers out, their fence is closed meanwhile: what was acknowledged before is in the index, and
 * nothing comes after.
 */
#include <stdlib.h>

#include "catalog_private.h"

static auk_index *find_index(auk_catalog *catalog, auk_span name, auk_error *err)
{
    pthread_mutex_lock(&catalog->root_lock);
    auk_index *index = auk_root_index(catalog, name);
    if (index)
        auk_index_acquire(index);
    pthread_mutex_unlock(&catalog->root_lock);
    if (!index)
        auk_fail_type(err, AUK_NOT_FOUND, "index_not_found_exception", "no such index [%.*s]",
                      AUK_SPAN_ARG(name));
    return index;
}

/* ---- mapping ---- */

auk_code auk_catalog_put_mapping(auk_catalog *catalog, auk_span name, const auk_json *body,
                                 auk_error *err)
{
    auk_index *index = find_index(catalog, name, err);
    if (!index)
        return AUK_NOT_FOUND;
    auk_code code = auk_index_enter(index, err);
    if (code == AUK_OK) {
        code = auk_index_extend(index, body, true, NULL, err);
        auk_index_leave(index);
    }
    auk_index_release(index);
    return code;
}

/* ---- several indices in one step ---- */

typedef struct step {
    auk_catalog *catalog;
    auk_index **indices; /* acquired */
    auk_definition **next;
    auk_index **fenced; /* the same, sorted */
    uint32_t count;
    bool shuts; /* writers wait meanwhile */
} step;

static auk_code step_open(step *s, auk_catalog *catalog, const auk_span *names, uint32_t count,
                          auk_arena *arena, auk_error *err)
{
    *s = (step){.catalog = catalog};
    s->indices = AUK_ARENA_ARRAY(arena, auk_index *, count + 1);
    s->fenced = AUK_ARENA_ARRAY(arena, auk_index *, count + 1);
    s->next = AUK_ARENA_ARRAY(arena, auk_definition *, count + 1);
    for (uint32_t n = 0; n < count; n++) {
        auk_index *index = find_index(catalog, names[n], err);
        uint32_t known = 0;
        if (!index)
            return AUK_NOT_FOUND;
        while (known < s->count && s->indices[known] != index)
            known++;
        if (known == s->count)
            s->indices[s->count++] = index;
        else
            auk_index_release(index);
    }
    return AUK_OK;
}

static void step_close(step *s)
{
    for (uint32_t i = 0; i < s->count; i++) {
        auk_definition_release(s->next[i]); /* unless it was applied */
        auk_index_release(s->indices[i]);
    }
}

/* The next definitions are taken, whatever comes of it. */
static auk_code step_apply(step *s, auk_error *err)
{
    uint32_t fenced = s->shuts ? s->count : 0;
    for (uint32_t i = 0; i < fenced; i++)
        s->fenced[i] = s->indices[i];
    auk_fences_close(s->fenced, fenced);
    auk_code code = auk_admin_apply(s->catalog, NULL, 0, s->indices, s->next, s->count, err);
    for (uint32_t i = 0; i < s->count; i++) {
        auk_index *index = s->indices[i];
        if (code == AUK_OK)
            atomic_store(&index->shut, auk_definition_is_shut(index->definition));
        s->next[i] = NULL;
    }
    auk_fences_open(s->fenced, fenced);
    return code;
}

/* ---- settings ---- */

typedef struct wanted {
    const auk_settings_change *change;
    auk_settings *given;
    auk_span *nulls; /* keys or patterns */
    uint32_t null_count;
    auk_span *keys; /* of what is given or null, patterns left out */
    uint32_t key_count;
    auk_arena *arena;
} wanted;

static bool is_pattern(auk_span key)
{
    return memchr(key.data, '*', key.size) != NULL;
}

static uint32_t count_leaves(const auk_json *object)
{
    uint32_t count = 0;
    for (const auk_json *member = object->child; member; member = member->next)
        count += member->type == AUK_JSON_OBJECT ? count_leaves(member) : 1;
    return count;
}

static void gather_nulls(wanted *w, const auk_json *object, auk_span prefix)
{
    for (const auk_json *member = object->child; member; member = member->next) {
        auk_span key = prefix.size ? auk_arena_printf(w->arena, "%.*s.%.*s", AUK_SPAN_ARG(prefix),
                                                      AUK_SPAN_ARG(member->key))
                                   : member->key;
        if (member->type == AUK_JSON_OBJECT)
            gather_nulls(w, member, key);
        else if (member->type == AUK_JSON_NULL)
            w->nulls[w->null_count++] =
                auk_span_starts_with(key, AUK_SPAN("index."))
                    ? key
                    : auk_arena_printf(w->arena, "index.%.*s", AUK_SPAN_ARG(key));
    }
}

static auk_code gather(wanted *w, auk_error *err)
{
    const auk_json *body = w->change->body;
    const auk_json *inner = auk_json_get(body, "settings");
    const auk_json *object = inner && body->count == 1 ? inner : body;
    if (object->type != AUK_JSON_OBJECT)
        return auk_fail_type(err, AUK_INVALID, "parse_exception", "[settings] must be an object");
    auk_code code = auk_index_settings_from_json(object, w->given, err);
    if (code == AUK_OK)
        code = auk_index_settings_check(w->given, err);
    if (code != AUK_OK)
        return code;
    uint32_t most = count_leaves(object);
    w->nulls = AUK_ARENA_ARRAY(w->arena, auk_span, most + 1);
    w->keys = AUK_ARENA_ARRAY(w->arena, auk_span, most + auk_settings_count(w->given) + 1);
    gather_nulls(w, object, AUK_SPAN(""));
    for (uint32_t i = 0; i < auk_settings_count(w->given); i++)
        w->keys[w->key_count++] = auk_settings_at(w->given, i)->key;
    for (uint32_t i = 0; i < w->null_count && code == AUK_OK; i++) {
        if (is_pattern(w->nulls[i]))
            continue;
        w->keys[w->key_count++] = w->nulls[i];
        code = auk_index_setting_check_key(w->nulls[i], err);
    }
    return code;
}

static auk_code check_static(const wanted *w, const auk_definition *old, auk_error *err)
{
    if (!old->closed && !w->change->reopen) {
        auk_span list = auk_index_settings_static(w->keys, w->key_count, w->arena);
        if (!list.size)
            return AUK_OK;
        auk_fail(err, AUK_INVALID,
                 "Can't update non dynamic settings [%.*s] for open indices [[%.*s/%.*s]]",
                 AUK_SPAN_ARG(list), AUK_SPAN_ARG(old->name), AUK_SPAN_ARG(old->uuid));
        auk_hint(err, "close the index first, or ask for ?reopen=true");
        return AUK_INVALID;
    }
    for (uint32_t i = 0; i < w->key_count; i++)
        if (auk_index_setting_is_final(w->keys[i]))
            return auk_fail(err, AUK_INVALID, "final %.*s setting [%.*s], not updateable",
                            AUK_SPAN_ARG(old->name), AUK_SPAN_ARG(w->keys[i]));
    return AUK_OK;
}

/* Who takes a block away must not be kept from it by the block. */
static auk_code check_blocks(const wanted *w, const auk_definition *old, auk_error *err)
{
    bool others = w->key_count == 0;
    for (uint32_t i = 0; i < w->key_count; i++)
        others = others || !auk_span_starts_with(w->keys[i], AUK_SPAN("index.blocks."));
    return others ? auk_definition_check(old, AUK_BLOCK_METADATA_WRITE, err) : AUK_OK;
}

/* A pattern puts back what may be put back. */
static void put_back(const wanted *w, const auk_definition *old, auk_settings *settings)
{
    bool any = old->closed || w->change->reopen;
    for (uint32_t n = 0; n < w->null_count; n++) {
        auk_span pattern = w->nulls[n];
        for (uint32_t i = auk_settings_count(settings); i > 0; i--) {
            auk_span key = auk_settings_at(settings, i - 1)->key;
            bool may = auk_index_setting_check_key(key, NULL) == AUK_OK &&
                       !auk_index_setting_is_final(key) &&
                       (any || !auk_index_settings_static(&key, 1, w->arena).size);
            if (auk_pattern_matches(pattern, key) && may)
                auk_settings_remove(settings, key);
        }
    }
}

static auk_definition *define_next(const wanted *w, const auk_definition *old)
{
    auk_settings *merged = auk_settings_clone(old->settings);
    put_back(w, old, merged);
    auk_settings_put_all(merged, w->given);
    if (w->change->preserve_existing)
        auk_settings_put_all(merged, old->settings);
    return auk_definition_next(old, old->name, merged, old->aliases, old->alias_count);
}

/* The words that its texts are made of may change only with a static setting. */
static auk_code compile(step *s, uint32_t at, bool statics, auk_analysis **analysis, auk_error *err)
{
    auk_code code = AUK_OK;
    *analysis = NULL;
    if (statics)
        code = auk_catalog_analysis(s->catalog, s->next[at]->settings, NULL, analysis, err);
    if (code == AUK_OK)
        code = auk_index_try_mapping(s->indices[at], s->next[at]->settings, *analysis, err);
    return code;
}

static auk_code change_all(step *s, const wanted *w, auk_error *err)
{
    auk_code code = AUK_OK;
    bool statics = auk_index_settings_static(w->keys, w->key_count, w->arena).size > 0;
    auk_analysis **analyses = AUK_ARENA_ARRAY(w->arena, auk_analysis *, s->count + 1);
    for (uint32_t i = 0; i < s->count && code == AUK_OK; i++) {
        const auk_definition *old = s->indices[i]->definition;
        code = auk_index_check_open(s->indices[i], err);
        if (code == AUK_OK)
            code = check_static(w, old, err);
        if (code == AUK_OK)
            code = check_blocks(w, old, err);
        if (code != AUK_OK)
            break;
        s->next[i] = define_next(w, old);
        s->shuts = s->shuts || statics ||
                   auk_definition_is_shut(s->next[i]) != auk_definition_is_shut(old);
        code = compile(s, i, statics, &analyses[i], err);
    }
    if (code == AUK_OK)
        code = step_apply(s, err);
    for (uint32_t i = 0; i < s->count; i++) {
        if (code == AUK_OK)
            auk_index_apply_settings(s->indices[i]);
        if (code == AUK_OK)
            code = auk_index_remap(s->indices[i], analyses[i], err);
        if (analyses[i])
            auk_analysis_release(analyses[i]);
    }
    return code;
}

auk_code auk_catalog_change_settings(auk_catalog *catalog, const auk_settings_change *change,
                                     auk_error *err)
{
    step s;
    if (!change->body || change->body->type != AUK_JSON_OBJECT)
        return auk_fail_type(err, AUK_INVALID, "parse_exception", "request body is required");
    wanted w = {.change = change, .given = auk_settings_create(), .arena = auk_arena_create(1024)};
    auk_code code = gather(&w, err);
    if (code == AUK_OK) {
        pthread_mutex_lock(&catalog->admin_lock);
        code = step_open(&s, catalog, change->indices, change->index_count, w.arena, err);
        if (code == AUK_OK && s.count > 0)
            code = change_all(&s, &w, err);
        step_close(&s);
        pthread_mutex_unlock(&catalog->admin_lock);
    }
    auk_settings_destroy(w.given);
    auk_arena_destroy(w.arena);
    return code;
}

auk_code auk_catalog_put_settings(auk_catalog *catalog, auk_span name, const auk_json *body,
                                  bool preserve_existing, auk_error *err)
{
    auk_settings_change change = {.indices = &name,
                                  .index_count = 1,
                                  .body = body,
                                  .preserve_existing = preserve_existing};
    return auk_catalog_change_settings(catalog, &change, err);
}

/* ---- open and closed ---- */

static auk_code close_all(step *s, bool closed, auk_error *err)
{
    uint32_t changed = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        const auk_definition *old = s->indices[i]->definition;
        auk_code code = auk_index_check_open(s->indices[i], err);
        if (code == AUK_OK)
            code = auk_definition_check(old, AUK_BLOCK_METADATA_WRITE, err);
        if (code == AUK_OK && old->standby)
            code = auk_fail(err, AUK_INVALID,
                            "index [%.*s] is a generation that stands by, it is neither opened nor "
                            "closed",
                            AUK_SPAN_ARG(old->name));
        if (code != AUK_OK)
            return code;
        s->next[i] = auk_definition_next(old, old->name, auk_settings_clone(old->settings),
                                         old->aliases, old->alias_count);
        s->next[i]->closed = closed;
        changed += old->closed != closed;
    }
    s->shuts = true;
    return changed > 0 ? step_apply(s, err) : AUK_OK;
}

/* What it keeps in memory goes to files; the journal has it too, so a failure loses nothing. */
static void flush_all(const step *s)
{
    for (uint32_t i = 0; i < s->count; i++) {
        auk_error err = {0};
        if (auk_index_flush(s->indices[i], &err) != AUK_OK)
            auk_log(AUK_LOG_WARN, "a closed index was not flushed", "index=%.*s reason=\"%s\"",
                    AUK_SPAN_ARG(s->indices[i]->identity->name), err.message);
    }
}

auk_code auk_catalog_set_closed(auk_catalog *catalog, const auk_span *indices, uint32_t count,
                                bool closed, auk_error *err)
{
    step s;
    auk_arena *arena = auk_arena_create(512);
    pthread_mutex_lock(&catalog->admin_lock);
    auk_code code = step_open(&s, catalog, indices, count, arena, err);
    if (code == AUK_OK && count > 0)
        code = close_all(&s, closed, err);
    pthread_mutex_unlock(&catalog->admin_lock);
    if (code == AUK_OK && closed)
        flush_all(&s);
    step_close(&s);
    auk_arena_destroy(arena);
    return code;
}
