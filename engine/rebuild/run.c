/* A rebuild from its first step to the last, on a thread of its own; also after a start. */
#include <stdlib.h>
#include <time.h>

#include "rebuild_private.h"
#include "run.h"

#define LAG_BOUND       500u     /* operations: what a fence may have to apply */
#define PATIENCE_US     10000000 /* the bound doubles when writers are as fast as we are */
#define IDLE_MS         20
#define IDLE_MOST_MS    200
#define RESERVE_PERCENT 5u
#define RESERVE_BYTES   ((uint64_t)1 << 30)

/* ---- the disk ---- */

static uint64_t reserve_of(const auk_store_stats *disk)
{
    uint64_t percent = disk->disk_total_bytes / 100 * RESERVE_PERCENT;
    return percent < RESERVE_BYTES ? percent : RESERVE_BYTES;
}

auk_code auk_rebuild_check_disk(const auk_rebuild *r, uint64_t wanted, auk_error *err)
{
    auk_store_stats disk;
    auk_store_read_stats(auk_catalog_store(r->catalog), &disk);
    if (disk.disk_free_bytes >= wanted + reserve_of(&disk))
        return AUK_OK;
    return auk_fail(err, AUK_FULL,
                    "the new generation needs [%llu] bytes and [%llu] must stay free, but only "
                    "[%llu] are",
                    (unsigned long long)wanted, (unsigned long long)reserve_of(&disk),
                    (unsigned long long)disk.disk_free_bytes);
}

/* ---- create ---- */

static auk_code drop_left_over(auk_rebuild *r, auk_error *err)
{
    auk_index *index = NULL;
    const auk_root *root = auk_root_acquire(r->catalog);
    const auk_index_view *view = auk_root_find(root, r->new_name);
    if (view && view->standby)
        index = auk_index_acquire(view->index);
    auk_root_release(r->catalog, root);
    auk_code code = index ? auk_generation_drop(r->catalog, index, err) : AUK_OK;
    auk_index_release(index);
    return code;
}

static int64_t *numbers(uint32_t count)
{
    int64_t *made = calloc(count + 1, sizeof *made);
    if (!made)
        auk_fatal("out of memory");
    return made;
}

static auk_shard_view **take_views(auk_rebuild *r, auk_code *code, auk_error *err)
{
    auk_shard_view **views = calloc(r->old_shards + 1, sizeof(*views));
    if (!views)
        auk_fatal("out of memory");
    *code = auk_index_flush(r->old, err); /* files are pinned for nothing, memory is not */
    if (*code == AUK_OK)
        *code = auk_rebuild_take_views(r->old, r->old_shards, views, err);
    return views;
}

static auk_code make_index(auk_rebuild *r, auk_error *err)
{
    const auk_json *body;
    auk_index *made;
    auk_arena *arena = auk_arena_create(4096);
    auk_code code = auk_rebuild_make_body(r, arena, &body, err);
    if (code == AUK_OK)
        code = auk_generation_create(r->catalog, r->new_name, body, &made, err);
    auk_arena_destroy(arena);
    if (code != AUK_OK)
        return code;
    r->new_shards = auk_index_shard_count(made);
    r->new = made;
    return AUK_OK;
}

static void fix_moment(auk_rebuild *r, auk_shard_view *const *views)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < r->old_shards; i++) {
        r->starts[i] = r->positions[i] = views[i]->max_seq_no;
        total += views[i]->live_count;
    }
    r->counts.total = total;
    r->is_fresh = true;
}

static auk_code create(auk_rebuild *r, auk_shard_view ***views, auk_error *err)
{
    free(r->starts);
    free(r->positions);
    r->starts = numbers(r->old_shards);
    r->positions = numbers(r->old_shards);
    auk_code code = drop_left_over(r, err);
    if (code == AUK_OK)
        code = auk_rebuild_open_leases(r, r->old, r->old_shards, r->starts, err);
    if (code == AUK_OK)
        code = make_index(r, err);
    if (code != AUK_OK)
        return code;
    *views = take_views(r, &code, err);
    if (code != AUK_OK)
        return code;
    fix_moment(r, *views);
    r->phase = AUK_PHASE_COPY;
    return auk_rebuild_save(r, true, err);
}

/* ---- copy ---- */

static uint64_t followed_behind(auk_rebuild *r)
{
    uint64_t lag = 0;
    return auk_rebuild_lag(r, &lag, NULL) == AUK_OK ? lag : 0;
}

static auk_code copy(auk_rebuild *r, auk_shard_view **views, auk_error *err)
{
    auk_code code = AUK_OK;
    if (!views)
        views = take_views(r, &code, err);
    r->copy_from_us = auk_clock_monotonic_us();
    if (code == AUK_OK)
        code = auk_rebuild_copy(r, views, err);
    r->copy_us = auk_clock_monotonic_us() - r->copy_from_us;
    auk_rebuild_release_views(views, r->old_shards);
    if (code != AUK_OK)
        return code;
    r->is_fresh = false;
    if (r->wishes.query)
        r->counts.total = (uint64_t)r->counts.copied;
    r->done_count = 0;
    r->counts.during_copy = followed_behind(r);
    r->phase = AUK_PHASE_CATCH_UP;
    return auk_rebuild_save(r, true, err);
}

/* ---- catch up ---- */

/* Until few operations are left; *applied counts. */
auk_code auk_rebuild_catch_up(auk_rebuild *r, uint64_t *applied, auk_error *err)
{
    uint64_t from_us = auk_clock_monotonic_us(), lag;
    *applied = 0;
    for (;;) {
        uint64_t round = 0;
        auk_code code = auk_rebuild_follow(r, NULL, &round, err);
        *applied += round;
        if (code == AUK_OK)
            code = auk_rebuild_check(r, err);
        if (code == AUK_OK)
            code = auk_rebuild_checkpoint(r, false, err);
        if (code == AUK_OK)
            code = auk_rebuild_lag(r, &lag, err);
        if (code != AUK_OK)
            return code;
        uint64_t waited = (auk_clock_monotonic_us() - from_us) / PATIENCE_US;
        if (lag <= (uint64_t)LAG_BOUND << (waited < 10 ? waited : 10))
            return AUK_OK;
    }
}

static auk_code catch_up(auk_rebuild *r, auk_error *err)
{
    uint64_t applied = 0;
    auk_code code = auk_rebuild_catch_up(r, &applied, err);
    atomic_fetch_add(&r->counts.during_catch_up, applied);
    return code;
}

/* ---- ready ---- */

/* True: somebody asked for that way. Waits a moment. */
static bool wait_for_word(auk_rebuild *r, long ms, auk_rebuild_way *way)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += ms * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_nsec -= 1000000000;
        until.tv_sec++;
    }
    pthread_mutex_lock(&r->lock);
    if (!r->asked && !r->superseded && !atomic_load(&r->owner->stopping))
        (void)pthread_cond_timedwait(&r->changed, &r->lock, &until);
    bool asked = r->asked;
    *way = r->way;
    pthread_mutex_unlock(&r->lock);
    return asked;
}

static void settle(auk_rebuild *r, auk_code code, const auk_error *err)
{
    pthread_mutex_lock(&r->lock);
    if (r->asked) {
        r->outcome = *err;
        r->outcome.code = code;
        r->asked = false;
        r->settled = true;
    }
    pthread_mutex_unlock(&r->lock);
}

static bool needs_word(auk_rebuild *r)
{
    return r->wishes.manual || auk_refusals_count(&r->refusals[0]) > r->wishes.max_rejected;
}

static auk_code wait_until_ready(auk_rebuild *r, auk_error *err)
{
    auk_rebuild_way way;
    bool before = false; /* asked for before it was ready */
    r->phase = AUK_PHASE_READY;
    auk_code code = auk_rebuild_save(r, true, err);
    while (code == AUK_OK && needs_word(r) && !before) {
        before = wait_for_word(r, IDLE_MS, &way) && way == AUK_REBUILD_PROMOTE;
        if (!before)
            settle(r, AUK_CONFLICT,
                   &(auk_error){.code = AUK_CONFLICT,
                                .message = "nothing to roll back: the rebuild has not switched"});
        code = catch_up(r, err);
    }
    return code;
}

/* ---- build ---- */

static auk_code verify(auk_rebuild *r, auk_error *err)
{
    if (!r->wishes.verify)
        return AUK_OK;
    r->phase = AUK_PHASE_VERIFY;
    auk_code code = auk_rebuild_save(r, false, err);
    if (code == AUK_OK)
        code = auk_rebuild_verify(r, err);
    r->verified = code == AUK_OK;
    return code == AUK_OK ? catch_up(r, err) : code;
}

static auk_code build(auk_rebuild *r, auk_error *err)
{
    auk_shard_view **views = NULL;
    auk_code code = AUK_OK;
    if (!r->old || (!r->new && r->phase != AUK_PHASE_CREATE))
        return auk_fail_type(err, AUK_NOT_FOUND, "index_not_found_exception",
                             "a generation of [%.*s] is gone", AUK_SPAN_ARG(r->name));
    if (r->phase == AUK_PHASE_CREATE)
        code = create(r, &views, err);
    if (code != AUK_OK) {
        auk_rebuild_release_views(views, r->old_shards);
        return code;
    }
    if (r->phase == AUK_PHASE_COPY)
        code = copy(r, views, err);
    r->phase = code == AUK_OK ? AUK_PHASE_CATCH_UP : r->phase;
    if (code == AUK_OK)
        code = catch_up(r, err);
    if (code == AUK_OK)
        code = verify(r, err);
    if (code == AUK_OK)
        code = wait_until_ready(r, err);
    return code == AUK_OK ? auk_rebuild_switch(r, err) : code;
}

/* ---- afterwards ---- */

static bool has_index(auk_index *index)
{
    if (!index || auk_index_enter(index, NULL) != AUK_OK)
        return false;
    auk_index_leave(index);
    return true;
}

static bool is_superseded(auk_rebuild *r)
{
    pthread_mutex_lock(&r->lock);
    bool superseded = r->superseded;
    pthread_mutex_unlock(&r->lock);
    return superseded;
}

static void answer_word(auk_rebuild *r, auk_rebuild_way way)
{
    auk_error err = {0};
    bool there = (way == AUK_REBUILD_PROMOTE) == r->leads_new;
    auk_code code = there ? AUK_OK : auk_rebuild_switch(r, &err);
    if (!atomic_load(&r->owner->stopping))
        settle(r, code, &err);
}

/* The one that does not lead follows, until its time is over. */
static auk_code keep(auk_rebuild *r, auk_error *err)
{
    bool moved = false;
    for (long pause_ms = IDLE_MS;;) {
        auk_rebuild_way way;
        uint64_t applied = 0;
        if (wait_for_word(r, pause_ms, &way))
            answer_word(r, way);
        if (is_superseded(r) || auk_clock_wall_ms() >= r->keep_until_ms)
            return AUK_OK;
        auk_code code = auk_rebuild_check(r, err);
        if (code == AUK_OK)
            code = auk_rebuild_follow(r, NULL, &applied, err);
        moved = moved || applied > 0;
        pause_ms = applied > 0 ? IDLE_MS : pause_ms * 2;
        pause_ms = pause_ms > IDLE_MOST_MS ? IDLE_MOST_MS : pause_ms;
        if (code == AUK_OK && moved && auk_clock_monotonic_us() - r->saved_us > 1000000) {
            code = auk_rebuild_checkpoint(r, false, err);
            moved = false;
        }
        if (code != AUK_OK)
            return code;
    }
}

/* What is left of it: the follower, leases, the record. A leader that was deleted leaves the other
 * one to its users. */
static void clean_up(auk_rebuild *r)
{
    auk_error err = {0};
    auk_index *leader = auk_rebuild_leader(r), *follower = auk_rebuild_follower(r);
    bool free_it = r->phase == AUK_PHASE_DONE && !has_index(leader) && has_index(follower);
    auk_code code = AUK_OK;
    if (free_it) {
        code = auk_generation_release(r->catalog, follower, &err);
    } else {
        r->phase = AUK_PHASE_GONE;
        code = auk_rebuild_save(r, true, &err);
        auk_rebuild_close_leases(r, leader, auk_rebuild_leader_shards(r));
        if (code == AUK_OK && follower)
            code = auk_generation_drop(r->catalog, follower, &err);
        if (code == AUK_OK && !r->leads_new)
            code = drop_left_over(r, &err);
    }
    if (code == AUK_OK)
        code = auk_rebuild_erase(r, &err);
    if (code != AUK_OK)
        auk_log(AUK_LOG_WARN, "a rebuild is not cleaned up before the next start",
                "task=%llu reason=\"%s\"", (unsigned long long)r->task, err.message);
}

static void end_task(auk_rebuild *r, auk_code code, auk_error *err)
{
    if (!r->job)
        return;
    if (err->code == AUK_OK)
        err->code = code;
    auk_rebuild_tell(r);
    auk_job_finish(r->job, AUK_SPAN(""), err);
    auk_job_release(r->job);
    r->job = NULL;
}

void *auk_rebuild_run(void *context)
{
    auk_rebuild *r = context;
    auk_error err = {0};
    auk_code code = AUK_OK;
    pthread_setname_np(pthread_self(), "auk-rebuild");
    if (r->phase < AUK_PHASE_DONE) {
        code = build(r, &err);
        if (!atomic_load(&r->owner->stopping))
            settle(r, code, &err);
    }
    if (code == AUK_OK && r->phase == AUK_PHASE_DONE)
        code = keep(r, &err);
    if (!atomic_load(&r->owner->stopping)) {
        end_task(r, code, &err);
        if (code != AUK_OK)
            auk_log(AUK_LOG_WARN, "rebuild ended", "task=%llu name=%.*s reason=\"%s\"",
                    (unsigned long long)r->task, AUK_SPAN_ARG(r->name), err.message);
        clean_up(r);
        settle(r, AUK_NOT_FOUND, &(auk_error){.message = "the rebuild is over"});
    } else if (r->phase == AUK_PHASE_DONE) {
        (void)!auk_rebuild_checkpoint(r, true, NULL);
    }
    atomic_store(&r->is_over, true);
    auk_rebuild_release(r);
    return NULL;
}
