#include "waits.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "auk/log.h"

#define LOOK_EVERY_NS 5000000

typedef struct ticket {
    auk_index *index;
    uint64_t number;
} ticket;

typedef struct auk_wait {
    struct auk_wait *next;
    auk_call *call;
    ticket *tickets;
    uint32_t count;
    bool (*is_over)(void *context); /* of one that runs again; else NULL */
    void (*release)(void *context);
    void *context;
} auk_wait;

struct auk_waits {
    auk_rest *rest;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    auk_wait *parked; /* newest first */
    bool stopping;
    pthread_t looker;
};

/* ---- one wait ---- */

static bool is_noted(const auk_wait *wait, const auk_index *index)
{
    for (uint32_t i = 0; i < wait->count; i++)
        if (wait->tickets[i].index == index)
            return true;
    return false;
}

static auk_code note(auk_wait *wait, const auk_index_view *view, auk_arena *arena, auk_error *err)
{
    if (!view || is_noted(wait, view->index))
        return AUK_OK;
    ticket *grown = AUK_ARENA_ARRAY(arena, ticket, wait->count + 1);
    if (wait->count)
        memcpy(grown, wait->tickets, sizeof *grown * wait->count);
    wait->tickets = grown;
    grown[wait->count].index = auk_index_acquire(view->index);
    return auk_index_refresh_ticket(view->index, &grown[wait->count++].number, err);
}

auk_code auk_wait_begin(auk_call *call, const auk_written *written, uint32_t count, auk_error *err)
{
    auk_catalog *catalog = call->rest->options.catalog;
    auk_wait *wait = AUK_ARENA_NEW(call->arena, auk_wait);
    auk_span last = AUK_SPAN("");
    auk_code code = AUK_OK;
    wait->call = call;
    call->wait = wait;
    const auk_root *root = auk_root_acquire(catalog);
    for (uint32_t i = 0; i < count && code == AUK_OK; i++) {
        bool done = written[i].error.code == AUK_OK && written[i].result != AUK_RESULT_NOOP;
        if (!done || auk_span_equal(written[i].index, last))
            continue;
        last = written[i].index;
        code = note(wait, auk_root_find(root, last), call->arena, err);
    }
    auk_root_release(catalog, root);
    if (wait->count == 0)
        call->wait = NULL;
    return code;
}

void auk_wait_drop(auk_call *call)
{
    for (uint32_t i = 0; call->wait && i < call->wait->count; i++)
        auk_index_release(call->wait->tickets[i].index);
    if (call->wait && call->wait->release)
        call->wait->release(call->wait->context);
    call->wait = NULL;
}

void auk_wait_again(auk_call *call, bool (*is_over)(void *context), void (*release)(void *context),
                    void *context)
{
    auk_wait *wait = AUK_ARENA_NEW(call->arena, auk_wait);
    *wait = (auk_wait){.call = call, .is_over = is_over, .release = release, .context = context};
    call->wait = wait;
}

bool auk_wait_is_again(const auk_call *call)
{
    return call->wait && call->wait->is_over;
}

static bool is_over(const auk_wait *wait, bool hurry)
{
    if (wait->is_over)
        return hurry || wait->is_over(wait->context);
    for (uint32_t i = 0; i < wait->count; i++) {
        const ticket *t = &wait->tickets[i];
        if (auk_index_refresh_reached(t->index, t->number))
            continue;
        if (!hurry)
            return false;
        (void)!auk_index_refresh(t->index, NULL); /* what was written is durable anyway */
    }
    return true;
}

/* ---- all of them ---- */

void auk_waits_park(auk_waits *waits, auk_call *call)
{
    pthread_mutex_lock(&waits->lock);
    call->wait->next = waits->parked;
    waits->parked = call->wait;
    pthread_cond_signal(&waits->changed);
    pthread_mutex_unlock(&waits->lock);
}

/* Sends what is over; answers the rest. */
static auk_wait *look(auk_wait *list, bool hurry)
{
    auk_wait *rest = NULL;
    while (list) {
        auk_wait *wait = list;
        list = wait->next;
        if (!is_over(wait, hurry)) {
            wait->next = rest;
            rest = wait;
            continue;
        }
        auk_call *call = wait->call;
        bool again = auk_wait_is_again(call);
        auk_wait_drop(call);
        if (again)
            auk_call_run_again(call);
        else
            auk_call_finish(call); /* the wait is gone with it */
    }
    return rest;
}

static void put_back(auk_waits *waits, auk_wait *list)
{
    while (list) {
        auk_wait *wait = list;
        list = wait->next;
        wait->next = waits->parked;
        waits->parked = wait;
    }
}

static void *look_again_and_again(void *argument)
{
    auk_waits *waits = argument;
    const struct timespec pause = {0, LOOK_EVERY_NS};
    pthread_mutex_lock(&waits->lock);
    while (!waits->stopping) {
        if (!waits->parked) {
            pthread_cond_wait(&waits->changed, &waits->lock);
            continue;
        }
        auk_wait *list = waits->parked;
        waits->parked = NULL;
        pthread_mutex_unlock(&waits->lock);
        nanosleep(&pause, NULL);
        list = look(list, !atomic_load(&waits->rest->ready));
        pthread_mutex_lock(&waits->lock);
        put_back(waits, list);
    }
    pthread_mutex_unlock(&waits->lock);
    return NULL;
}

auk_waits *auk_waits_create(auk_rest *rest)
{
    auk_waits *waits = calloc(1, sizeof *waits);
    if (!waits)
        auk_fatal("out of memory");
    waits->rest = rest;
    pthread_mutex_init(&waits->lock, NULL);
    pthread_cond_init(&waits->changed, NULL);
    if (pthread_create(&waits->looker, NULL, look_again_and_again, waits) != 0)
        auk_fatal("cannot start the thread that sends answers after a refresh");
    return waits;
}

void auk_waits_destroy(auk_waits *waits)
{
    pthread_mutex_lock(&waits->lock);
    waits->stopping = true;
    pthread_cond_signal(&waits->changed);
    pthread_mutex_unlock(&waits->lock);
    pthread_join(waits->looker, NULL);
    pthread_cond_destroy(&waits->changed);
    pthread_mutex_destroy(&waits->lock);
    free(waits);
}
