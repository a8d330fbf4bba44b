/* A fence before the writers of an index: closed, it lets those inside finish and others wait. */
#include <stdlib.h>

#include "catalog_private.h"

void auk_fence_init(auk_fence *fence)
{
    pthread_mutex_init(&fence->lock, NULL);
    pthread_cond_init(&fence->changed, NULL);
    fence->inside = 0;
    fence->closed = false;
}

void auk_fence_deinit(auk_fence *fence)
{
    pthread_mutex_destroy(&fence->lock);
    pthread_cond_destroy(&fence->changed);
}

void auk_fence_enter(auk_fence *fence)
{
    pthread_mutex_lock(&fence->lock);
    while (fence->closed)
        pthread_cond_wait(&fence->changed, &fence->lock);
    fence->inside++;
    pthread_mutex_unlock(&fence->lock);
}

void auk_fence_leave(auk_fence *fence)
{
    pthread_mutex_lock(&fence->lock);
    fence->inside--;
    if (fence->closed && fence->inside == 0)
        pthread_cond_broadcast(&fence->changed);
    pthread_mutex_unlock(&fence->lock);
}

void auk_fence_close(auk_fence *fence)
{
    pthread_mutex_lock(&fence->lock);
    fence->closed = true;
    while (fence->inside > 0)
        pthread_cond_wait(&fence->changed, &fence->lock);
    pthread_mutex_unlock(&fence->lock);
}

void auk_fence_open(auk_fence *fence)
{
    pthread_mutex_lock(&fence->lock);
    fence->closed = false;
    pthread_cond_broadcast(&fence->changed);
    pthread_mutex_unlock(&fence->lock);
}

/* ---- several ---- */

static int compare_indices(const void *a, const void *b)
{
    uintptr_t x = (uintptr_t) * (auk_index *const *)a, y = (uintptr_t) * (auk_index *const *)b;
    return (x > y) - (x < y);
}

void auk_fences_sort(auk_index **indices, uint32_t count)
{
    if (count > 1)
        qsort((void *)indices, count, sizeof(auk_index *), compare_indices);
}

void auk_fences_close(auk_index **indices, uint32_t count)
{
    auk_fences_sort(indices, count);
    for (uint32_t i = 0; i < count; i++)
        auk_fence_close(&indices[i]->fence);
}

void auk_fences_open(auk_index *const *indices, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        auk_fence_open(&indices[i]->fence);
}
