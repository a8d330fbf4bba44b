/*
 * The switch: the follower catches up, the fence closes, the last operations are applied, and one
 * batch has the aliases, the roles and the record of a rebuild that follows the other way round.
 */
#include <stdlib.h>
#include <time.h>

#include "run.h"

#define DRAIN_TRIES    400
#define SWITCH_TRIES   20
#define DRAIN_PAUSE_NS 500000

typedef struct step {
    auk_rebuild *r;
    int64_t *positions;  /* of the next leader's shards, once it has everything */
    bool is_first, told; /* the record was described with the new state */
    uint64_t drained;
    int64_t *old_positions;
    int64_t old_keep_until_ms;
    auk_phase old_phase;
} step;

/* Everything that was acknowledged is in the journal: no write is under way. */
static auk_code drain(void *context, auk_error *err)
{
    step *s = context;
    auk_rebuild *r = s->r;
    auk_index *follower = auk_rebuild_follower(r);
    for (int tries = 0; tries < DRAIN_TRIES; tries++) {
        uint64_t applied = 0, lag = 0;
        auk_code code = auk_rebuild_follow(r, NULL, &applied, err);
        s->drained += applied;
        if (code == AUK_OK)
            code = auk_rebuild_lag(r, &lag, err);
        if (code != AUK_OK)
            return code;
        if (applied > 0)
            tries = 0;
        else if (lag == 0 || tries > 10) /* numbers lost with a full disk never come */
            break;
        else
            nanosleep(&(struct timespec){.tv_nsec = DRAIN_PAUSE_NS}, NULL);
    }
    auk_code code = auk_index_refresh(follower, err);
    if (code == AUK_OK)
        code = auk_index_enter(follower, err);
    if (code != AUK_OK)
        return code;
    for (uint32_t i = 0; i < auk_index_shard_count(follower); i++)
        s->positions[i] = auk_shard_newest(auk_index_shard(follower, i));
    auk_index_leave(follower);
    return AUK_OK;
}

static void take_new_state(step *s)
{
    auk_rebuild *r = s->r;
    s->old_positions = r->positions;
    s->old_phase = r->phase;
    s->old_keep_until_ms = r->keep_until_ms;
    s->told = true;
    r->positions = s->positions;
    r->leads_new = !r->leads_new;
    r->phase = AUK_PHASE_DONE;
    if (s->is_first)
        r->keep_until_ms = auk_clock_wall_ms() + r->wishes.keep_old_ms;
}

static void take_old_state(step *s)
{
    auk_rebuild *r = s->r;
    r->positions = s->old_positions;
    r->leads_new = !r->leads_new;
    r->phase = s->old_phase;
    r->keep_until_ms = s->old_keep_until_ms;
}

static void describe(void *context, auk_batch *batch)
{
    step *s = context;
    take_new_state(s);
    auk_rebuild_put(s->r, batch);
}

static auk_code run_step(step *s, uint64_t *fenced_us, auk_error *err)
{
    auk_rebuild *r = s->r;
    auk_generation_switch plan = {.from = auk_rebuild_leader(r),
                                  .to = auk_rebuild_follower(r),
                                  .rename = s->is_first ? r->rename : AUK_SPAN(""),
                                  .drain = drain,
                                  .describe = describe,
                                  .context = s};
    r->is_fenced = true;
    auk_code code = auk_generation_run_switch(r->catalog, &plan, fenced_us, err);
    r->is_fenced = false;
    if (code != AUK_OK && s->told)
        take_old_state(s);
    return code;
}

/* Somebody may have taken the name meanwhile. */
static auk_code choose_name_again(auk_rebuild *r, auk_error *err)
{
    auk_span new_name, rename;
    auk_code code = AUK_OK;
    if (!r->rename.size)
        return AUK_OK;
    const auk_root *root = auk_root_acquire(r->catalog);
    bool taken = auk_root_find(root, r->rename) != NULL;
    for (uint32_t i = 0; i < root->index_count && taken; i++)
        if (root->indices[i]->index == r->old) {
            code = auk_rebuild_choose_names(r->catalog, root->indices[i], r->arena, &new_name,
                                            &rename, err);
            if (code == AUK_OK)
                r->rename = rename;
        }
    auk_root_release(r->catalog, root);
    return code;
}

/* A rebuild that kept a generation before this one has nothing to keep it for. */
static void supersede_others(auk_rebuild *r)
{
    auk_rebuilds *owner = r->owner;
    pthread_mutex_lock(&owner->lock);
    for (auk_rebuild *other = owner->first; other; other = other->next) {
        if (other == r || other->phase != AUK_PHASE_DONE || auk_rebuild_leader(other) != r->old)
            continue;
        pthread_mutex_lock(&other->lock);
        other->superseded = true;
        pthread_cond_broadcast(&other->changed);
        pthread_mutex_unlock(&other->lock);
    }
    pthread_mutex_unlock(&owner->lock);
}

static auk_code try_switch(auk_rebuild *r, auk_error *err)
{
    uint64_t applied = 0, fenced_us = 0;
    uint32_t next_shards = auk_index_shard_count(auk_rebuild_follower(r));
    auk_index *before = auk_rebuild_leader(r);
    uint32_t before_shards = auk_rebuild_leader_shards(r);
    step s = {.r = r, .is_first = r->phase != AUK_PHASE_DONE};
    s.positions = calloc(next_shards + 1, sizeof *s.positions);
    if (!s.positions)
        auk_fatal("out of memory");
    auk_code code = auk_rebuild_catch_up(r, &applied, err);
    if (code == AUK_OK)
        code = auk_index_refresh(auk_rebuild_follower(r), err); /* so that little is left to show */
    if (code == AUK_OK)
        code = auk_rebuild_open_leases(r, auk_rebuild_follower(r), next_shards, s.positions, err);
    if (code == AUK_OK && s.is_first)
        code = choose_name_again(r, err);
    if (code == AUK_OK)
        code = run_step(&s, &fenced_us, err);
    if (code != AUK_OK) {
        free(s.positions);
        return code;
    }
    free(s.old_positions);
    auk_rebuild_close_leases(r, before, before_shards);
    atomic_fetch_add(&r->counts.during_catch_up, s.is_first ? applied : 0);
    if (s.is_first) {
        r->fence_us = fenced_us;
        r->counts.during_fence = s.drained;
        supersede_others(r);
        auk_rebuild_finish(r);
        (void)!auk_rebuild_save(r, false, NULL);
    }
    auk_log(AUK_LOG_INFO, "switched generations", "name=%.*s fenced_us=%llu drained=%llu",
            AUK_SPAN_ARG(r->name), (unsigned long long)fenced_us, (unsigned long long)s.drained);
    return AUK_OK;
}

/* Memory that was short while writers waited may be there the next time. */
auk_code auk_rebuild_switch(auk_rebuild *r, auk_error *err)
{
    for (unsigned tries = 0;; tries++) {
        auk_code code = try_switch(r, err);
        if (code != AUK_BUSY || atomic_load(&r->owner->stopping) || tries == SWITCH_TRIES)
            return code;
    }
}
