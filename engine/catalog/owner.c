/* Who an index belongs to, and why it cannot be read for a while (publication.h). */
#include <stdio.h>

#include "auk/publication.h"

#include "catalog_private.h"

static auk_code own_locked(auk_catalog *catalog, auk_index *index, auk_span owner, auk_error *err)
{
    const auk_definition *old = index->definition;
    if (old->owner.size && owner.size && !auk_span_equal(old->owner, owner))
        return auk_fail(err, AUK_CONFLICT, "index [%.*s] belongs to [%.*s]",
                        AUK_SPAN_ARG(old->name), AUK_SPAN_ARG(old->owner));
    auk_definition *next = auk_definition_next(old, old->name, auk_settings_clone(old->settings),
                                               old->aliases, old->alias_count);
    auk_definition_set_owner(next, owner);
    auk_code code = auk_admin_apply(catalog, NULL, 0, &index, &next, 1, err);
    if (code == AUK_OK)
        atomic_store(&index->owned, owner.size > 0);
    return code;
}

auk_code auk_index_set_owner(auk_catalog *catalog, auk_index *index, auk_span owner, auk_error *err)
{
    if (owner.size == 0) {
        auk_code code = auk_catalog_show_held(catalog, index->definition->owner, err);
        if (code != AUK_OK)
            return code;
    }
    pthread_mutex_lock(&catalog->admin_lock);
    auk_fence_close(&index->fence); /* nobody else's write is on its way any more */
    auk_code code = auk_index_refresh(index, err);
    if (code == AUK_OK)
        code = own_locked(catalog, index, owner, err);
    if (code == AUK_OK)
        auk_index_apply_settings(index);
    auk_fence_open(&index->fence);
    pthread_mutex_unlock(&catalog->admin_lock);
    return code;
}

static void set_unreadable(auk_catalog *catalog, auk_index *index, const char *reason)
{
    (void)snprintf(index->unreadable, sizeof index->unreadable, "%s", reason);
    auk_root_touch(index);
    auk_root_rebuild(catalog);
}

void auk_index_hide(auk_catalog *catalog, auk_index *index, const char *reason)
{
    pthread_mutex_lock(&catalog->root_lock);
    set_unreadable(catalog, index, reason);
    pthread_mutex_unlock(&catalog->root_lock);
}

void auk_index_show(auk_catalog *catalog, auk_index *index, const char *reason)
{
    pthread_mutex_lock(&catalog->root_lock);
    if (strcmp(index->unreadable, reason) == 0)
        set_unreadable(catalog, index, "");
    pthread_mutex_unlock(&catalog->root_lock);
}
