/* Work that the background pool does for the catalog; counted, so that a close can wait for the
 * last of it. */
#include <stdlib.h>

#include "catalog_private.h"

typedef struct auk_catalog_task {
    auk_catalog *catalog;
    auk_task run;
    void *context;
} auk_catalog_task;

static void end_task(auk_catalog *catalog)
{
    pthread_mutex_lock(&catalog->tasks_lock);
    catalog->tasks--;
    pthread_cond_broadcast(&catalog->tasks_done);
    pthread_mutex_unlock(&catalog->tasks_lock);
}

static void run_task(void *context)
{
    auk_catalog_task task = *(auk_catalog_task *)context;
    free(context);
    task.run(task.context);
    end_task(task.catalog);
}

bool auk_tasks_submit(auk_catalog *catalog, auk_task run, void *context)
{
    auk_catalog_task *task = malloc(sizeof *task);
    if (!task)
        auk_fatal("out of memory");
    *task = (auk_catalog_task){catalog, run, context};
    pthread_mutex_lock(&catalog->tasks_lock);
    catalog->tasks++;
    pthread_mutex_unlock(&catalog->tasks_lock);
    if (auk_pool_submit(catalog->background, run_task, task, NULL) == AUK_OK)
        return true;
    free(task);
    end_task(catalog);
    return false;
}

void auk_tasks_drain(auk_catalog *catalog)
{
    pthread_mutex_lock(&catalog->tasks_lock);
    while (catalog->tasks > 0)
        pthread_cond_wait(&catalog->tasks_done, &catalog->tasks_lock);
    pthread_mutex_unlock(&catalog->tasks_lock);
}
