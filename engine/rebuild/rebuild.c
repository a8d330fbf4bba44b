#include <stdlib.h>

#include "rebuild_private.h"

auk_rebuild *auk_rebuild_create(auk_rebuilds *owner, uint64_t task)
{
    auk_rebuild *r = calloc(1, sizeof *r);
    if (!r)
        auk_fatal("out of memory");
    atomic_init(&r->references, 1);
    r->owner = owner;
    r->catalog = owner->options.catalog;
    r->task = task;
    r->arena = auk_arena_create(4096);
    auk_store *store = auk_catalog_store(r->catalog);
    auk_refusals_init(&r->refusals[0], store, task, 'n');
    auk_refusals_init(&r->refusals[1], store, task, 'o');
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->changed, NULL);
    return r;
}

auk_rebuild *auk_rebuild_acquire(auk_rebuild *r)
{
    atomic_fetch_add(&r->references, 1);
    return r;
}

void auk_rebuild_release(auk_rebuild *r)
{
    if (!r || atomic_fetch_sub(&r->references, 1) != 1)
        return;
    auk_job_release(r->job);
    auk_index_release(r->old);
    auk_index_release(r->new);
    auk_refusals_deinit(&r->refusals[0]);
    auk_refusals_deinit(&r->refusals[1]);
    pthread_mutex_destroy(&r->lock);
    pthread_cond_destroy(&r->changed);
    free(r->starts);
    free(r->positions);
    free(r->done);
    auk_arena_destroy(r->arena);
    free(r);
}
