/*
 * A source's thread: connects, goes through the phases (source.h), and says why it does not.
 */
#include <stdlib.h>
#include <time.h>

#include "source.h"

#define BACK_OFF_MS      200u
#define BACK_OFF_MOST_MS 30000u

/* ---- being asked ---- */

bool auk_source_is_asked(auk_source *source)
{
    pthread_mutex_lock(&source->lock);
    bool asked =
        source->stopping || source->wants_pause || source->wants_resync || source->wants_retry;
    pthread_mutex_unlock(&source->lock);
    return asked;
}

void auk_source_rest(auk_source *source, uint32_t ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_mutex_lock(&source->lock);
    if (!source->stopping && !source->wants_resync && !source->wants_retry)
        pthread_cond_timedwait(&source->changed, &source->lock, &until);
    pthread_mutex_unlock(&source->lock);
}

auk_code auk_source_check_asked(auk_source *source, auk_error *err)
{
    if (auk_source_is_asked(source))
        return auk_fail(err, AUK_CANCELLED, "the source is asked for something else");
    return AUK_OK;
}

/* ---- the phases ---- */

static auk_code save_phase(auk_source *source, auk_source_phase phase, auk_error *err)
{
    pthread_mutex_lock(&source->lock);
    auk_source_phase before = source->phase;
    source->phase = phase;
    source->since_ms = auk_clock_wall_ms();
    pthread_mutex_unlock(&source->lock);
    auk_code code = auk_source_save(source, err);
    if (code != AUK_OK) {
        pthread_mutex_lock(&source->lock);
        source->phase = before;
        pthread_mutex_unlock(&source->lock);
    }
    return code;
}

static auk_code drop_lost_slot(auk_source *source, auk_error *err)
{
    auk_pg_result *result;
    if (!source->slot.exists || !(source->slot.is_lost || source->slot_is_useless))
        return AUK_OK;
    auk_code code = auk_pg_query(source->pg, "SELECT pg_drop_replication_slot($1)",
                                 &source->config->slot, 1, &result, err);
    if (code == AUK_OK) {
        auk_pg_clear(result);
        source->slot_is_useless = false;
    }
    return code;
}

/* A slot cannot be read with a publication that was made after it. */
static auk_code check_publication(auk_source *source, auk_error *err)
{
    auk_publication_state state;
    auk_code code = auk_publication_read(source->pg, source->config->publication, &state, err);
    source->slot_is_useless |= code == AUK_OK && !state.exists;
    return code;
}

/*
 * Publication, slot, position, indices, plan: in this order, and only then it is written down that
 * there is a snapshot to read.
 *
 * What was committed in the log before the slot's position never comes, and may still be invisible
 * (a commit that waits for its standby): every chunk has to see it, so it is waited for, once and
 * before the record says that chunks are read. No later life needs to know of it.
 */
static auk_code begin(auk_source *source, auk_error *err)
{
    auk_arena *arena = auk_arena_create(4096);
    auk_lsn from = 0;
    auk_code code = check_publication(source, err);
    if (code == AUK_OK)
        code = auk_source_forget_spool(source, err);
    bool is_new = !source->slot.exists || source->slot.is_lost || source->slot_is_useless;
    if (code == AUK_OK)
        code = auk_publication_ensure(source->pg, source->config, &source->tables, arena, err);
    if (code == AUK_OK)
        code = drop_lost_slot(source, err);
    if (code == AUK_OK)
        code = auk_slot_ensure(source->pg, source->config->slot, &from, err);
    source->slot_is_useless &= code != AUK_OK;
    if (code == AUK_OK)
        code = auk_source_poll_slot(source, err);
    if (code == AUK_OK)
        auk_xid_window_serve(source->xids, source->slot.system_id, source->slot.timeline);
    if (code == AUK_OK && is_new)
        auk_xid_window_clear(source->xids);
    if (code == AUK_OK)
        code = auk_source_wait_for_writers(source, err);
    if (code == AUK_OK) {
        const auk_sync_position position = {.system_id = source->slot.system_id,
                                            .timeline = source->slot.timeline,
                                            .applied = from};
        code = auk_applier_set_position(source->applier, &position, err);
        pthread_mutex_lock(&source->lock);
        source->position = position;
        pthread_mutex_unlock(&source->lock);
    }
    if (code == AUK_OK)
        code = auk_source_make_indices(source, err);
    if (code == AUK_OK) {
        auk_snapshot_plan(source);
        code = auk_source_note_tables(source, err);
    }
    if (code == AUK_OK) {
        code = save_phase(source, AUK_SOURCE_SNAPSHOT, err);
    }
    auk_arena_destroy(arena);
    return code;
}

static bool stops_building(void *context)
{
    auk_error later = {0}; /* what is wrong with the stream is met when it is followed */
    (void)!auk_source_tend(context, &later);
    return auk_source_is_asked(context);
}

static auk_code load(auk_source *source, auk_error *err)
{
    auk_source_set_hold(source, AUK_HOLD_NONE, NULL);
    auk_code code = auk_source_open_stream(source, err); /* the slot does not wait for the chunks */
    if (code == AUK_OK)
        code = auk_snapshot_run(source, err);
    for (uint32_t i = 0; i < source->index_count && code == AUK_OK; i++)
        if (source->indices[i].standby.size)
            code = auk_applier_build(source->applier, i, stops_building, source, err);
    if (code == AUK_OK)
        code = auk_source_check_asked(source, err);
    return code == AUK_OK ? save_phase(source, AUK_SOURCE_CATCHUP, err) : code;
}

static auk_code go_on(auk_source *source, auk_error *err)
{
    auk_code code = auk_source_open(source, err);
    if (code != AUK_OK)
        return code;
    source->connected_us = auk_clock_monotonic_us();
    source->looked_us = 0;
    code = auk_source_adopt_serving(source, err);
    if (code != AUK_OK)
        return code;
    if (source->phase == AUK_SOURCE_NEW)
        code = begin(source, err);
    else if (source->expanded->document_count > source->index_count)
        code = auk_source_extend(source, err);
    if (code == AUK_OK)
        code = auk_source_set_indices(source, err);
    if (code == AUK_OK && source->phase == AUK_SOURCE_SNAPSHOT)
        code = load(source, err);
    return code == AUK_OK ? auk_source_follow(source, err) : code;
}

/* ---- failures ---- */

static uint32_t back_off_ms(const auk_source *source)
{
    uint32_t ms = BACK_OFF_MS;
    for (uint32_t i = 1; i < source->attempts && ms < BACK_OFF_MOST_MS; i++)
        ms *= 2;
    ms = ms > BACK_OFF_MOST_MS ? BACK_OFF_MOST_MS : ms;
    return ms / 2 + (uint32_t)(auk_clock_monotonic_us() % (ms / 2 + 1));
}

static auk_source_hold judge(const auk_source *source, auk_code code)
{
    if (source->hold >= AUK_HOLD_GAP)
        return source->hold;
    switch (code) {
    case AUK_NOT_FOUND:
        return source->slot_polled_us && (!source->slot.exists || source->slot.is_lost) &&
                       source->phase != AUK_SOURCE_NEW
                   ? AUK_HOLD_LOST
                   : AUK_HOLD_WAITING;
    case AUK_TOO_LARGE:
    case AUK_CORRUPT:
        return AUK_HOLD_FAILED;
    default:
        return AUK_HOLD_WAITING;
    }
}

static void advise(const auk_source *source, auk_code code, auk_error *err)
{
    if (err->hint[0])
        return;
    if (code == AUK_TOO_LARGE)
        auk_hint(err, "look at GET /_sync/%.*s/_dlq, mend or discard, then _resume",
                 AUK_SPAN_ARG(source->name));
    else if (code == AUK_FORBIDDEN)
        auk_hint(err, "check role and password; it is tried again by itself");
    else if (code == AUK_IO)
        auk_hint(err, "it is tried again by itself");
}

/* The server looks a publication up as it was when a change was made: one that is made anew serves
 * only what follows. */
static bool is_publication_gone(const auk_error *err)
{
    return strstr(err->message, "publication \"") && strstr(err->message, "does not exist");
}

static void lose_publication(auk_source *source, auk_error *err)
{
    auk_fail(err, AUK_NOT_FOUND,
             "publication [%.*s] was dropped; what the slot holds back cannot be read without it",
             AUK_SPAN_ARG(source->config->publication));
    auk_hint(err,
             "POST /_sync/%.*s/_resync makes publication and slot anew and reads the tables; "
             "searches go on meanwhile",
             AUK_SPAN_ARG(source->name));
    source->slot_is_useless = true;
    auk_source_set_hold(source, AUK_HOLD_LOST, err);
}

static auk_source_end kind_of_end(auk_source_hold hold, auk_code code)
{
    if (hold == AUK_HOLD_GAP || hold == AUK_HOLD_LOST || code == AUK_CONFLICT)
        return AUK_END_SLOT;
    if (code == AUK_FORBIDDEN)
        return AUK_END_REFUSED;
    return code == AUK_IO ? AUK_END_CONNECTION : AUK_END_OTHER;
}

static void fail(auk_source *source, auk_code code, auk_error *err)
{
    if (is_publication_gone(err))
        lose_publication(source, err);
    auk_source_hold hold = judge(source, code);
    advise(source, code, err);
    auk_source_set_hold(source, hold, err);
    source->attempts++;
    atomic_fetch_add(&source->counts.reconnects[kind_of_end(hold, code)], 1);
    atomic_fetch_add(&source->counts.slots_lost, hold == AUK_HOLD_LOST);
    if (hold == AUK_HOLD_WAITING)
        auk_source_rest(source, back_off_ms(source));
}

/* ---- what is asked for ---- */

/* Everything is read anew, into generations that stand by, under a new number. */
static auk_code start_over(auk_source *source, auk_error *err)
{
    auk_batch *batch = auk_batch_create();
    pthread_mutex_lock(&source->applying);
    auk_source_close_applier(source);
    pthread_mutex_lock(&source->lock);
    uint64_t before = source->number;
    auk_source_note_half(source);
    source->phase = AUK_SOURCE_NEW;
    source->heaps = NULL;
    source->heap_count = 0;
    if (source->slot.system_id != source->position.system_id)
        source->known_count = 0; /* another system has other OIDs */
    source->wants_resync = false;
    source->since_ms = auk_clock_wall_ms();
    pthread_mutex_unlock(&source->lock);
    pthread_mutex_unlock(&source->applying);
    source->number = auk_syncs_next_number(source->owner);
    atomic_store(&source->counts.rows_loaded, 0);
    auk_applier_erase(before, batch);
    pthread_mutex_lock(&source->saving);
    pthread_mutex_lock(&source->lock);
    auk_source_put_record(source, batch);
    pthread_mutex_unlock(&source->lock);
    auk_code code =
        auk_store_write(auk_catalog_store(source->owner->options.catalog), batch, true, err);
    pthread_mutex_unlock(&source->saving);
    auk_batch_destroy(batch);
    return code;
}

/* Until there is something to do; false: the end. */
static bool wait_for_work(auk_source *source)
{
    for (;;) {
        pthread_mutex_lock(&source->lock);
        bool stopping = source->stopping, resync = source->wants_resync;
        bool stands = source->wants_pause || source->hold > AUK_HOLD_WAITING;
        if (source->wants_retry)
            stands = source->wants_pause;
        source->wants_retry = false;
        if (stands && !stopping && !resync)
            pthread_cond_wait(&source->changed, &source->lock);
        pthread_mutex_unlock(&source->lock);
        if (stopping)
            return false;
        if (resync || !stands)
            return true;
    }
}

void *auk_source_run(void *context)
{
    auk_source *source = context;
    while (wait_for_work(source)) {
        auk_error err = {0};
        auk_code code = AUK_OK;
        pthread_mutex_lock(&source->lock);
        bool resync = source->wants_resync;
        pthread_mutex_unlock(&source->lock);
        if (resync)
            code = start_over(source, &err);
        if (source->hold > AUK_HOLD_WAITING)
            auk_source_set_hold(source, AUK_HOLD_NONE, NULL);
        if (code == AUK_OK)
            code = go_on(source, &err);
        auk_source_disconnect(source);
        bool asked = auk_source_is_asked(source);
        if (asked && source->wants_pause)
            auk_source_set_hold(source, AUK_HOLD_PAUSED, NULL);
        if (!asked || (code != AUK_CANCELLED && !source->stopping && !source->wants_pause))
            fail(source, code, &err);
    }
    return NULL;
}
