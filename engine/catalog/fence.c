/* A fence before the writers of an index: closed, it lets those inside finish and others wait. */
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
