#include <stdlib.h>

#include "catalog_private.h"

static void *must(void *memory)
{
    if (!memory)
        auk_fatal("out of memory");
    return memory;
}

/* ---- the view of one index ---- */

static auk_index_view_counted *view_create(auk_index *index)
{
    auk_index_view_counted *counted = must(calloc(1, sizeof *counted));
    auk_definition *definition = auk_definition_acquire(index->definition);
    auk_index_view *view = &counted->view;
    atomic_init(&counted->references, 1);
    counted->definition = definition;
    view->name = definition->name;
    view->uuid = definition->uuid;
    view->created_ms = definition->created_ms;
    view->index = auk_index_acquire(index);
    view->mapping = auk_mapping_acquire(index->mapping);
    view->settings = definition->settings;
    view->aliases = definition->aliases;
    view->alias_count = definition->alias_count;
    view->hidden =
        auk_span_is(auk_settings_text(definition->settings, AUK_SPAN("index.hidden"), AUK_SPAN("")),
                    "true");
    view->standby = definition->standby;
    view->hidden = view->hidden || view->standby;
    view->unopened = index->unopened;
    view->closed = definition->closed;
    view->blocks = auk_blocks_of(definition->settings);
    view->owner = definition->owner;
    memcpy(view->unreadable, index->unreadable, sizeof view->unreadable);
    view->shard_count = index->shard_count;
    view->shards = must(calloc(index->shard_count + 1, sizeof(auk_shard_view *)));
    for (uint32_t i = 0; i < index->shard_count; i++)
        view->shards[i] = auk_shard_view_acquire(index->views[i]);
    return counted;
}

void auk_index_view_release(auk_index_view_counted *counted)
{
    if (!counted || atomic_fetch_sub(&counted->references, 1) != 1)
        return;
    for (uint32_t i = 0; i < counted->view.shard_count; i++)
        auk_shard_view_release(counted->view.shards[i]);
    free(counted->view.shards);
    auk_mapping_release(counted->view.mapping);
    auk_index_release(counted->view.index);
    auk_definition_release(counted->definition);
    free(counted);
}

void auk_root_touch(auk_index *index)
{
    auk_index_view_release(index->current);
    index->current = NULL;
}

/* ---- the root ---- */

static void root_free(auk_root_counted *counted)
{
    for (uint32_t i = 0; i < counted->root.index_count; i++)
        auk_index_view_release((auk_index_view_counted *)(uintptr_t)counted->root.indices[i]);
    free((void *)(uintptr_t)counted->root.indices);
    free(counted);
}

void auk_root_rebuild(auk_catalog *catalog)
{
    if (!catalog->open)
        return;
    auk_root_counted *fresh = must(calloc(1, sizeof *fresh));
    const auk_index_view **views = must(calloc(catalog->index_count + 1, sizeof(*views)));
    for (uint32_t i = 0; i < catalog->index_count; i++) {
        auk_index *index = catalog->indices[i];
        if (!index->current)
            index->current = view_create(index);
        atomic_fetch_add(&index->current->references, 1);
        views[i] = &index->current->view;
    }
    atomic_init(&fresh->references, 1);
    fresh->root.indices = views;
    fresh->root.index_count = catalog->index_count;
    fresh->root.generation = ++catalog->generation;
    auk_root_counted *old = catalog->root;
    catalog->root = fresh;
    if (old && atomic_fetch_sub(&old->references, 1) == 1)
        root_free(old);
}

const auk_root *auk_root_acquire(auk_catalog *catalog)
{
    pthread_mutex_lock(&catalog->root_lock);
    auk_root_counted *root = catalog->root;
    atomic_fetch_add(&root->references, 1);
    pthread_mutex_unlock(&catalog->root_lock);
    return &root->root;
}

void auk_root_release(auk_catalog *catalog, const auk_root *root)
{
    (void)catalog;
    auk_root_counted *counted = (auk_root_counted *)(uintptr_t)root;
    if (counted && atomic_fetch_sub(&counted->references, 1) == 1)
        root_free(counted);
}

const auk_index_view *auk_root_find(const auk_root *root, auk_span index_name)
{
    uint32_t low = 0, high = root->index_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = auk_span_compare(root->indices[middle]->name, index_name);
        if (order == 0)
            return root->indices[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* ---- the list of indices ---- */

static uint32_t position_of(const auk_catalog *catalog, auk_span name, bool *found)
{
    uint32_t low = 0, high = catalog->index_count;
    *found = false;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = auk_span_compare(catalog->indices[middle]->identity->name, name);
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

auk_index *auk_root_index(auk_catalog *catalog, auk_span name)
{
    bool found;
    uint32_t at = position_of(catalog, name, &found);
    return found ? catalog->indices[at] : NULL;
}

void auk_root_list(auk_catalog *catalog, auk_index *index)
{
    bool found;
    uint32_t at = position_of(catalog, index->identity->name, &found);
    if (catalog->index_count == catalog->index_capacity) {
        catalog->index_capacity = catalog->index_capacity ? catalog->index_capacity * 2 : 16;
        catalog->indices =
            must(realloc(catalog->indices, catalog->index_capacity * sizeof(*catalog->indices)));
    }
    memmove(catalog->indices + at + 1, catalog->indices + at,
            (catalog->index_count - at) * sizeof(*catalog->indices));
    catalog->indices[at] = auk_index_acquire(index);
    catalog->index_count++;
}

void auk_root_unlist(auk_catalog *catalog, auk_index *index)
{
    bool found;
    uint32_t at = position_of(catalog, index->identity->name, &found);
    if (!found)
        return;
    memmove(catalog->indices + at, catalog->indices + at + 1,
            (catalog->index_count - at - 1) * sizeof(*catalog->indices));
    catalog->index_count--;
    auk_root_touch(index);
    auk_index_release(index);
}
