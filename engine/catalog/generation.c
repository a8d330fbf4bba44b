#include "auk/generation.h"

#include <stdlib.h>

#include "auk/fault_point.h"
#include "catalog_private.h"

/* ---- the step ---- */

typedef struct step {
    const auk_generation_switch *plan;
    auk_definition *from, *to; /* as they will be; from NULL: there is none */
} step;

typedef struct switching {
    auk_catalog *catalog;
    step *steps;
    uint32_t count;
    auk_arena *arena;
} switching;

/* Under the admin lock: the aliases of `from`, with its name when that becomes free. */
static auk_alias *moved_aliases(const auk_generation_switch *plan, auk_arena *arena,
                                uint32_t *count)
{
    const auk_definition *from = plan->from->definition, *to = plan->to->definition;
    auk_alias *aliases = AUK_ARENA_ARRAY(arena, auk_alias, from->alias_count + to->alias_count + 1);
    *count = 0;
    for (uint32_t i = 0; i < from->alias_count; i++)
        aliases[(*count)++] = from->aliases[i];
    for (uint32_t i = 0; i < to->alias_count; i++)
        if (!auk_definition_alias(from, to->aliases[i].name))
            aliases[(*count)++] = to->aliases[i];
    if (plan->rename.size)
        aliases[(*count)++] = (auk_alias){.name = from->name};
    return aliases;
}

static void define_first(step *s)
{
    const auk_definition *to = s->plan->to->definition;
    s->to = auk_definition_next(to, to->name, auk_settings_clone(to->settings), to->aliases,
                                to->alias_count);
    s->to->standby = false;
}

static void define(step *s, auk_arena *arena)
{
    const auk_generation_switch *plan = s->plan;
    if (!plan->from) {
        define_first(s);
        return;
    }
    const auk_definition *from = plan->from->definition, *to = plan->to->definition;
    uint32_t count;
    auk_alias *aliases = moved_aliases(plan, arena, &count);
    s->from = auk_definition_next(from, plan->rename.size ? plan->rename : from->name,
                                  auk_settings_clone(from->settings), NULL, 0);
    s->from->standby = true;
    s->from->closed = false;
    auk_definition_set_owner(s->from, AUK_SPAN(""));
    s->to = auk_definition_next(to, to->name, auk_settings_clone(to->settings), aliases, count);
    s->to->standby = false;
    s->to->closed = from->closed;
    if (from->owner.size) /* an owner goes on with the next generation */
        auk_definition_set_owner(s->to, from->owner);
}

static void put_step(const step *s, auk_arena *arena, auk_batch *batch)
{
    const auk_generation_switch *plan = s->plan;
    if (plan->from && plan->rename.size)
        auk_batch_delete(batch, AUK_FAMILY_CATALOG,
                         auk_catalog_key(arena, "index/", plan->from->definition->name));
    if (s->from)
        auk_definition_put(s->from, batch);
    auk_definition_put(s->to, batch);
    if (plan->describe)
        plan->describe(plan->context, batch);
}

static auk_code write_steps(const switching *w, auk_error *err)
{
    auk_batch *batch = auk_batch_create();
    for (uint32_t i = 0; i < w->count; i++)
        put_step(&w->steps[i], w->arena, batch);
    AUK_FAULT_POINT(REBUILD_SWITCH_BEFORE);
    auk_code code = auk_store_write(w->catalog->store, batch, true, err);
    AUK_FAULT_POINT(REBUILD_SWITCH_AFTER);
    auk_batch_destroy(batch);
    return code;
}

/* Under the root lock. */
static void take_definition(auk_index *index, auk_definition *definition)
{
    auk_definition *old = index->definition;
    auk_root_touch(index);
    index->definition = definition;
    auk_definition_release(old);
    atomic_store(&index->standby, definition->standby);
    atomic_store(&index->shut, auk_definition_is_shut(definition));
    atomic_store(&index->owned, definition->owner.size > 0);
}

/* Under the root lock. */
static void take_step(auk_catalog *catalog, const step *s)
{
    auk_index *from = s->plan->from;
    if (s->plan->rename.size) {
        auk_index_acquire(from);
        auk_root_unlist(catalog, from);
        /* Somebody may read the old name without the lock: it stays until the index goes. */
        from->former = from->identity;
        from->identity = auk_definition_acquire(s->from);
        auk_root_list(catalog, from);
        auk_index_release(from);
    }
    if (from)
        take_definition(from, s->from);
    take_definition(s->plan->to, s->to);
    s->plan->to->unreadable[0] = '\0';
}

static void show_steps(const switching *w)
{
    pthread_mutex_lock(&w->catalog->root_lock);
    for (uint32_t i = 0; i < w->count; i++)
        take_step(w->catalog, &w->steps[i]);
    auk_root_rebuild(w->catalog);
    pthread_mutex_unlock(&w->catalog->root_lock);
}

static auk_code run_fenced(const switching *w, auk_error *err)
{
    auk_code code = AUK_OK;
    for (uint32_t i = 0; i < w->count && code == AUK_OK; i++)
        if (w->steps[i].plan->drain)
            code = w->steps[i].plan->drain(w->steps[i].plan->context, err);
    if (code == AUK_OK)
        code = write_steps(w, err);
    if (code == AUK_OK) {
        show_steps(w);
        return AUK_OK;
    }
    for (uint32_t i = 0; i < w->count; i++) {
        auk_definition_release(w->steps[i].from);
        auk_definition_release(w->steps[i].to);
    }
    return code;
}

/* Under the admin lock: it is there, and its role is the one expected. */
static auk_code check_role(auk_catalog *catalog, const auk_index *index, bool standby,
                           auk_error *err)
{
    pthread_mutex_lock(&catalog->root_lock);
    bool listed = auk_root_index(catalog, index->identity->name) == index;
    pthread_mutex_unlock(&catalog->root_lock);
    if (!listed)
        return auk_fail_type(err, AUK_NOT_FOUND, "index_not_found_exception",
                             "no such index [%.*s]", AUK_SPAN_ARG(index->identity->name));
    if (index->definition->standby != standby)
        return auk_fail(err, AUK_CONFLICT, "index [%.*s] %s", AUK_SPAN_ARG(index->identity->name),
                        standby ? "does not stand by" : "is not in use");
    return AUK_OK;
}

static auk_code check_rename(const switching *w, uint32_t number, auk_error *err)
{
    const auk_generation_switch *plan = w->steps[number].plan;
    if (!plan->from || plan->rename.size == 0)
        return AUK_OK;
    for (uint32_t i = 0; i < number; i++)
        if (auk_span_equal(w->steps[i].plan->rename, plan->rename))
            return auk_fail(err, AUK_INVALID, "two indices cannot both be renamed to [%.*s]",
                            AUK_SPAN_ARG(plan->rename));
    if (plan->from->former)
        return auk_fail(err, AUK_CONFLICT, "index [%.*s] was renamed already",
                        AUK_SPAN_ARG(plan->from->identity->name));
    return auk_admin_name_is_free(w->catalog, plan->rename, err);
}

static auk_code check_step(const switching *w, uint32_t number, auk_error *err)
{
    const auk_generation_switch *plan = w->steps[number].plan;
    auk_code code = plan->from ? check_role(w->catalog, plan->from, false, err) : AUK_OK;
    if (code == AUK_OK)
        code = check_role(w->catalog, plan->to, true, err);
    return code == AUK_OK ? check_rename(w, number, err) : code;
}

static void apply_settings(const switching *w) /* who shows what, and when */
{
    for (uint32_t i = 0; i < w->count; i++) {
        if (w->steps[i].plan->from)
            auk_index_apply_settings(w->steps[i].plan->from);
        auk_index_apply_settings(w->steps[i].plan->to);
    }
}

static auk_code switch_locked(const switching *w, uint64_t *fenced_us, auk_error *err)
{
    auk_code code = AUK_OK;
    for (uint32_t i = 0; i < w->count && code == AUK_OK; i++)
        code = check_step(w, i, err);
    if (code != AUK_OK)
        return code;
    for (uint32_t i = 0; i < w->count; i++)
        define(&w->steps[i], w->arena);
    auk_index **fenced = AUK_ARENA_ARRAY(w->arena, auk_index *, w->count + 1);
    uint32_t fenced_count = 0;
    for (uint32_t i = 0; i < w->count; i++)
        if (w->steps[i].plan->from)
            fenced[fenced_count++] = w->steps[i].plan->from;
    uint64_t from_us = auk_clock_monotonic_us();
    auk_fences_close(fenced, fenced_count);
    code = run_fenced(w, err);
    if (code == AUK_OK)
        apply_settings(w);
    auk_fences_open(fenced, fenced_count);
    *fenced_us = auk_clock_monotonic_us() - from_us;
    return code;
}

auk_code auk_generation_run_switches(auk_catalog *catalog, const auk_generation_switch *plans,
                                     uint32_t count, uint64_t *fenced_us, auk_error *err)
{
    auk_arena *arena = auk_arena_create(1024);
    switching w = {catalog, AUK_ARENA_ARRAY(arena, step, count + 1), count, arena};
    for (uint32_t i = 0; i < count; i++)
        w.steps[i].plan = &plans[i];
    pthread_mutex_lock(&catalog->admin_lock);
    auk_code code = switch_locked(&w, fenced_us, err);
    pthread_mutex_unlock(&catalog->admin_lock);
    auk_arena_destroy(arena);
    return code;
}

auk_code auk_generation_run_switch(auk_catalog *catalog, const auk_generation_switch *plan,
                                   uint64_t *fenced_us, auk_error *err)
{
    return auk_generation_run_switches(catalog, plan, 1, fenced_us, err);
}

/* ---- begin and end ---- */

auk_code auk_generation_check(auk_catalog *catalog, const auk_json *body, auk_error *err)
{
    pthread_mutex_lock(&catalog->admin_lock); /* the sets of synonyms are under it */
    auk_code code = auk_admin_check_body(catalog, body, err);
    pthread_mutex_unlock(&catalog->admin_lock);
    return code;
}

auk_code auk_generation_create(auk_catalog *catalog, auk_span name, const auk_json *body,
                               auk_index **out, auk_error *err)
{
    auk_code code = auk_index_name_check(name, err);
    if (code != AUK_OK)
        return code;
    auk_arena *arena = auk_arena_create(4096);
    auk_index_request request = {.name = name, .provided = name, .body = body, .standby = true};
    pthread_mutex_lock(&catalog->admin_lock);
    code = auk_admin_create(catalog, &request, arena, out, err);
    pthread_mutex_unlock(&catalog->admin_lock);
    auk_arena_destroy(arena);
    return code;
}

auk_code auk_generation_drop(auk_catalog *catalog, auk_index *index, auk_error *err)
{
    pthread_mutex_lock(&catalog->admin_lock);
    pthread_mutex_lock(&catalog->root_lock);
    bool listed = auk_root_index(catalog, index->identity->name) == index;
    pthread_mutex_unlock(&catalog->root_lock);
    auk_code code = listed ? auk_admin_apply(catalog, &index, 1, NULL, NULL, 0, err) : AUK_OK;
    pthread_mutex_unlock(&catalog->admin_lock);
    return code;
}

auk_code auk_generation_release(auk_catalog *catalog, auk_index *index, auk_error *err)
{
    pthread_mutex_lock(&catalog->admin_lock);
    auk_code code = check_role(catalog, index, true, err);
    if (code == AUK_OK) {
        const auk_definition *old = index->definition;
        auk_definition *fresh =
            auk_definition_next(old, old->name, auk_settings_clone(old->settings), old->aliases,
                                old->alias_count);
        fresh->standby = false;
        code = auk_admin_apply(catalog, NULL, 0, &index, &fresh, 1, err);
        if (code == AUK_OK)
            atomic_store(&index->standby, false);
    }
    pthread_mutex_unlock(&catalog->admin_lock);
    return code;
}

/* ---- an index for its owner ---- */

auk_index *auk_index_find(auk_catalog *catalog, auk_span uuid)
{
    auk_index *found = NULL;
    pthread_mutex_lock(&catalog->root_lock);
    for (uint32_t i = 0; i < catalog->index_count && !found; i++)
        if (auk_span_equal(catalog->indices[i]->definition->uuid, uuid))
            found = auk_index_acquire(catalog->indices[i]);
    pthread_mutex_unlock(&catalog->root_lock);
    return found;
}

auk_code auk_index_check_open(const auk_index *index, auk_error *err)
{
    if (!index->unopened)
        return AUK_OK;
    return auk_index_refuse_unopened(index->identity->name, index->unopened, err);
}

auk_span auk_index_uuid(auk_index *index, auk_arena *arena)
{
    return auk_arena_copy(arena, index->identity->uuid);
}

auk_span auk_index_name(auk_index *index, auk_arena *arena)
{
    pthread_mutex_lock(&index->catalog->root_lock);
    auk_span name = auk_arena_copy(arena, index->definition->name);
    pthread_mutex_unlock(&index->catalog->root_lock);
    return name;
}

auk_mapping *auk_index_mapping(auk_index *index)
{
    pthread_mutex_lock(&index->catalog->root_lock);
    auk_mapping *mapping = auk_mapping_acquire(index->mapping);
    pthread_mutex_unlock(&index->catalog->root_lock);
    return mapping;
}

auk_shard *auk_index_shard(auk_index *index, uint32_t shard)
{
    return index->shards[shard];
}

auk_shard_view *auk_index_shard_view(auk_index *index, uint32_t shard)
{
    pthread_mutex_lock(&index->catalog->root_lock);
    auk_shard_view *view = auk_shard_view_acquire(index->views[shard]);
    pthread_mutex_unlock(&index->catalog->root_lock);
    return view;
}
