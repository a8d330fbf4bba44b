/* Which index serves: the one that we made, or, after somebody has rebuilt it or taken that back,
 * the generation that our documents went on in. */
#include "source.h"

static bool is_ours(const auk_source *source, const auk_index_view *view)
{
    return !view->standby && auk_span_equal(view->owner, source->owner_name);
}

static bool is_called(const auk_index_view *view, auk_span name)
{
    bool called = auk_span_equal(view->name, name);
    for (uint32_t i = 0; i < view->alias_count && !called; i++)
        called = auk_span_equal(view->aliases[i].name, name);
    return called;
}

const auk_index_view *auk_source_find_serving(const auk_source *source, const auk_root *root,
                                              const auk_source_index *at)
{
    const auk_index_view *called = NULL;
    for (uint32_t i = 0; i < root->index_count; i++) {
        const auk_index_view *view = root->indices[i];
        if (!is_ours(source, view))
            continue;
        if (auk_span_equal(view->uuid, at->serving))
            return view;
        if (!called && is_called(view, at->name))
            called = view;
    }
    return called;
}

/* It was written to what stands by, if anything does. */
static bool has_half(const auk_source_index *at, bool amid_whole)
{
    return at->serving.size > 0 && (at->is_torn || (amid_whole && at->standby.size == 0));
}

void auk_source_hide_half(auk_source *source)
{
    auk_catalog *catalog = source->owner->options.catalog;
    bool amid_whole = auk_applier_is_amid_whole(auk_catalog_store(catalog), source->number);
    const auk_root *root = auk_root_acquire(catalog);
    for (uint32_t i = 0; i < source->index_count; i++) {
        const auk_index_view *view =
            has_half(&source->indices[i], amid_whole)
                ? auk_source_find_serving(source, root, &source->indices[i])
                : NULL;
        if (view)
            auk_index_hide(catalog, view->index, AUK_APPLIER_HALF);
    }
    auk_root_release(catalog, root);
}

void auk_source_note_half(auk_source *source)
{
    if (!auk_applier_is_amid_whole(auk_catalog_store(source->owner->options.catalog),
                                   source->number))
        return;
    for (uint32_t i = 0; i < source->index_count; i++)
        source->indices[i].is_torn =
            source->indices[i].is_torn || has_half(&source->indices[i], true);
}

auk_code auk_source_adopt_serving(auk_source *source, auk_error *err)
{
    auk_catalog *catalog = source->owner->options.catalog;
    bool changed = false;
    const auk_root *root = auk_root_acquire(catalog);
    for (uint32_t i = 0; i < source->index_count; i++) {
        auk_source_index *at = &source->indices[i];
        const auk_index_view *view =
            at->serving.size ? auk_source_find_serving(source, root, at) : NULL;
        if (!view || auk_span_equal(view->uuid, at->serving))
            continue;
        auk_log(AUK_LOG_INFO, "goes on in the generation that a rebuild made",
                "source=%.*s index=%.*s", AUK_SPAN_ARG(source->name), AUK_SPAN_ARG(view->name));
        pthread_mutex_lock(&source->lock);
        at->serving = auk_arena_copy(source->plan_arena, view->uuid);
        pthread_mutex_unlock(&source->lock);
        changed = true;
    }
    auk_root_release(catalog, root);
    return changed ? auk_source_save(source, err) : AUK_OK;
}
