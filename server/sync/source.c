#include "verify.h"

#include <stdlib.h>
#include <time.h>

auk_source *auk_source_create(auk_syncs *owner, auk_span name)
{
    auk_source *s = calloc(1, sizeof *s);
    pthread_condattr_t clock;
    if (!s)
        auk_fatal("out of memory");
    s->references = 1;
    s->owner = owner;
    s->arena = auk_arena_create(4096);
    s->plan_arena = auk_arena_create(1024);
    s->table_arena = auk_arena_create(4096);
    s->slot_arena = auk_arena_create(256);
    s->name = auk_arena_copy(s->arena, name);
    s->owner_name = auk_arena_printf(s->arena, "sync:%.*s", AUK_SPAN_ARG(name));
    s->since_ms = auk_clock_wall_ms();
    pthread_mutex_init(&s->lock, NULL);
    pthread_mutex_init(&s->applying, NULL);
    pthread_mutex_init(&s->saving, NULL);
    pthread_condattr_init(&clock);
    pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    pthread_cond_init(&s->changed, &clock);
    pthread_condattr_destroy(&clock);
    s->xids = auk_xid_window_create();
    s->locals = auk_locals_create(owner->options.catalog, name);
    auk_buffer_init(&s->verified, AUK_BUFFER_NO_LIMIT);
    return s;
}

auk_source *auk_source_acquire(auk_source *source)
{
    atomic_fetch_add(&source->references, 1);
    return source;
}

void auk_source_release(auk_source *source)
{
    if (!source || atomic_fetch_sub(&source->references, 1) > 1)
        return;
    auk_source_disconnect(source);
    auk_applier_close(source->applier);
    auk_pg_types_destroy(source->types);
    auk_xid_window_destroy(source->xids);
    auk_locals_destroy(source->locals);
    auk_buffer_deinit(&source->verified);
    auk_arena_destroy(source->arena);
    auk_arena_destroy(source->plan_arena);
    auk_arena_destroy(source->table_arena);
    auk_arena_destroy(source->slot_arena);
    auk_arena_destroy(source->timeline_arena);
    pthread_mutex_destroy(&source->lock);
    pthread_mutex_destroy(&source->applying);
    pthread_mutex_destroy(&source->saving);
    pthread_cond_destroy(&source->changed);
    free(source);
}

static void destroy_arena(void *arena)
{
    auk_arena_destroy(arena);
}

auk_code auk_source_configure(auk_source *source, const auk_json *body, auk_error *err)
{
    auk_sync_config *config;
    auk_arena *arena = auk_arena_create(4096);
    auk_span name = auk_arena_copy(arena, source->name);
    auk_code code = auk_sync_config_parse(name, body, arena, &config, err);
    if (code != AUK_OK) {
        auk_arena_destroy(arena);
        return code;
    }
    auk_arena *before = source->arena;
    pthread_mutex_lock(&source->lock);
    source->name = name;
    source->owner_name = auk_arena_printf(arena, "sync:%.*s", AUK_SPAN_ARG(name));
    source->body = auk_arena_copy(arena, body->text);
    source->config = config;
    source->arena = arena;
    pthread_mutex_unlock(&source->lock);
    /* A verification may read what was there: it goes with the source. */
    auk_arena_defer(arena, destroy_arena, before);
    return AUK_OK;
}

void auk_source_start(auk_source *source)
{
    source->stopping = false;
    if (pthread_create(&source->thread, NULL, auk_source_run, source) != 0)
        auk_fatal("cannot start the thread of a source");
    source->has_thread = true;
    if (source->config->verify_rows_per_second > 0 &&
        pthread_create(&source->verifier, NULL, auk_verify_forever, source) == 0)
        source->has_verifier = true;
}

void auk_source_stop(auk_source *source)
{
    pthread_mutex_lock(&source->lock);
    source->stopping = true;
    if (source->interrupt)
        auk_pg_cancel(source->interrupt);
    auk_source_nudge(source);
    pthread_mutex_unlock(&source->lock);
    if (source->has_thread)
        pthread_join(source->thread, NULL);
    if (source->has_verifier)
        pthread_join(source->verifier, NULL);
    source->has_thread = source->has_verifier = false;
}

void auk_source_nudge(auk_source *source)
{
    pthread_cond_broadcast(&source->changed);
}

bool auk_source_is_stopping(auk_source *source)
{
    pthread_mutex_lock(&source->lock);
    bool stopping = source->stopping;
    pthread_mutex_unlock(&source->lock);
    return stopping;
}

/* ---- state ---- */

const char *auk_source_state_name(const auk_source *source)
{
    static const char *const phases[] = {"new", "snapshot", "catchup", "streaming"};
    static const char *const holds[] = {"",     "paused",   "waiting", "gap",
                                        "lost", "diverged", "failed"};
    if (source->wants_resync) /* whoever asked for it does not see the end of what was before */
        return phases[AUK_SOURCE_NEW];
    return source->hold ? holds[source->hold] : phases[source->phase];
}

void auk_source_set_hold(auk_source *source, auk_source_hold hold, const auk_error *err)
{
    pthread_mutex_lock(&source->lock);
    bool news = source->hold != hold;
    source->hold = hold;
    source->why = err ? *err : (auk_error){0};
    if (news)
        source->since_ms = auk_clock_wall_ms();
    const char *state = auk_source_state_name(source);
    pthread_mutex_unlock(&source->lock);
    if (news)
        auk_log(hold > AUK_HOLD_WAITING    ? AUK_LOG_ERROR
                : hold == AUK_HOLD_WAITING ? AUK_LOG_WARN
                                           : AUK_LOG_INFO,
                err                       ? err->message
                : hold == AUK_HOLD_PAUSED ? "a source is paused"
                                          : "a source goes on",
                "source=%.*s state=%s", AUK_SPAN_ARG(source->name), state);
}

/* ---- the applier, for callers ---- */

auk_applier *auk_source_enter(auk_source *source)
{
    atomic_fetch_add(&source->visitors, 1);
    pthread_mutex_lock(&source->applying);
    atomic_fetch_sub(&source->visitors, 1);
    return source->applier;
}

void auk_source_leave(auk_source *source)
{
    pthread_mutex_unlock(&source->applying);
}

/* ---- numbers ---- */

uint64_t auk_syncs_next_number(auk_syncs *syncs)
{
    pthread_mutex_lock(&syncs->lock);
    uint64_t number = ++syncs->last_number;
    pthread_mutex_unlock(&syncs->lock);
    return number;
}

auk_source *auk_syncs_find(auk_syncs *syncs, auk_span name)
{
    pthread_mutex_lock(&syncs->lock);
    auk_source *at = syncs->first;
    while (at && !auk_span_equal(at->name, name))
        at = at->next;
    if (at)
        auk_source_acquire(at);
    pthread_mutex_unlock(&syncs->lock);
    return at;
}
