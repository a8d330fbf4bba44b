/*
 * A source's thread: connects, goes through the phases (source.h), and says why it does not.
 */
#include <stdlib.h>
#include <time.h>

#include "source.h"

#define BACK_OFF_MS      200u
#define BACK_OFF_MOST_MS 30000u
#define GOOD_US          10000000u /* connected so long: the next failure is a new one */
#define POLL_US          10000000u
#define POLL_CLOSELY_US  1000000u
#define REOPEN_US        2000000u
#define ASK_US           1000000u
#define PUBLISH_LEAST_US 2000u
#define IDLE_MS          20u
#define BUSY_MS          50u

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

static auk_code check_asked(auk_source *source, auk_error *err)
{
    if (auk_source_is_asked(source))
        return auk_fail(err, AUK_CANCELLED, "the source is asked for something else");
    return AUK_OK;
}

/* ---- the applier, by turns with callers ---- */

void auk_source_lock_applier(auk_source *source)
{
    while (atomic_load(&source->visitors) > 0)
        nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
    pthread_mutex_lock(&source->applying);
}

/* Where some stand by for documents that were added, the others go on. Under lock. */
static bool is_searchable(const auk_source *source)
{
    for (uint32_t i = 0; i < source->index_count; i++)
        if (source->indices[i].standby.size == 0)
            return true;
    return false;
}

static void note_position(auk_source *source)
{
    auk_sync_position position;
    auk_applier_read_position(source->applier, &position);
    pthread_mutex_lock(&source->lock);
    source->position = position;
    if (is_searchable(source))
        source->searchable = position.applied;
    pthread_mutex_unlock(&source->lock);
    auk_stream_confirm(source->stream, position.applied);
}

static auk_code publish(auk_source *source, auk_error *err)
{
    uint64_t began_us = auk_clock_monotonic_us();
    auk_source_lock_applier(source);
    auk_code code = auk_applier_publish(source->applier, err);
    pthread_mutex_unlock(&source->applying);
    if (code != AUK_OK)
        return code;
    source->published_us = auk_clock_monotonic_us();
    source->publish_took_us = source->published_us - began_us;
    source->group_us = 0;
    note_position(source);
    return AUK_OK;
}

/* ---- the stream ---- */

static auk_code take(auk_source *source, auk_error *err)
{
    auk_transaction *transaction = source->pending;
    auk_xid_window_note(source->xids, auk_transaction_read_info(transaction)->xid);
    auk_source_lock_applier(source);
    auk_code code = auk_applier_take(source->applier, transaction, err);
    bool waits = auk_applier_has_group(source->applier);
    pthread_mutex_unlock(&source->applying);
    if (code != AUK_OK)
        return code; /* it stays pending: to be taken again, or released with the connection */
    source->pending = NULL;
    if (!waits)
        note_position(source);
    else if (source->group_us == 0)
        source->group_us = auk_clock_monotonic_us();
    return AUK_OK;
}

/* An idle stream publishes at once, a busy one when the group has waited its time. */
static bool is_due(const auk_source *source, bool idle)
{
    uint64_t now_us = auk_clock_monotonic_us();
    if (source->group_us == 0)
        return false;
    if (now_us - source->group_us >= (uint64_t)source->config->publish_ms * 1000)
        return true;
    uint64_t least_us =
        source->publish_took_us > PUBLISH_LEAST_US ? source->publish_took_us : PUBLISH_LEAST_US;
    return idle && now_us - source->published_us >= least_us;
}

static auk_code step(auk_source *source, auk_error *err)
{
    auk_code code = AUK_OK;
    if (!source->pending) {
        uint32_t wait_ms = source->group_us ? 1 : IDLE_MS;
        code = auk_stream_next(source->stream, wait_ms, &source->pending, err);
    }
    bool idle = !source->pending;
    if (code == AUK_OK && source->pending)
        code = take(source, err);
    if (code == AUK_OK && is_due(source, idle))
        code = publish(source, err);
    return code;
}

/* ---- beside the stream ---- */

static auk_code answer_now(auk_source *source, auk_error *err)
{
    static const char sql[] = "SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()"
                              " ELSE pg_current_wal_insert_lsn() END";
    auk_pg_result *result;
    pthread_mutex_lock(&source->lock);
    uint64_t wanted = source->now_wanted, answered = source->now_answered;
    pthread_mutex_unlock(&source->lock);
    if (wanted == answered)
        return AUK_OK;
    auk_code code = auk_pg_query(source->pg, sql, NULL, 0, &result, err);
    if (code != AUK_OK)
        return code;
    pthread_mutex_lock(&source->lock);
    if (auk_lsn_parse(auk_pg_cell(result, 0, 0), &source->now_lsn))
        source->now_answered = wanted;
    pthread_mutex_unlock(&source->lock);
    auk_pg_clear(result);
    auk_stream_ask(source->stream);
    return AUK_OK;
}

static bool has_rereads(auk_source *source)
{
    auk_applier_stats stats;
    auk_applier_read_stats(source->applier, &stats);
    return stats.rereads_pending > 0;
}

static bool is_poll_due(auk_source *source, uint64_t now_us)
{
    bool closely = source->config->wal_budget_bytes > 0 || source->wal_level > AUK_WAL_OK;
    if (now_us - source->polled_us < (closely ? POLL_CLOSELY_US : POLL_US))
        return false;
    source->polled_us = now_us;
    return true;
}

/* By what the slot holds back, the stream is kept on disk or no longer. A stream that has no log
 * begins anew for it: what it has received and not applied is sent again. */
static auk_code fit_log(auk_source *source, auk_error *err)
{
    bool wanted = auk_source_wants_log(source);
    if (wanted == source->logs || (!wanted && source->wal_level > AUK_WAL_OK))
        return AUK_OK;
    auk_log(AUK_LOG_INFO,
            wanted ? "what is received is acknowledged from the spool"
                   : "what is received is acknowledged when it is applied",
            "source=%.*s", AUK_SPAN_ARG(source->name));
    source->logs = wanted;
    if (!wanted) {
        auk_stream_stop_log(source->stream);
        return AUK_OK;
    }
    auk_code code = publish(source, err);
    auk_source_close_stream(source);
    return code == AUK_OK ? auk_source_open_stream(source, err) : code;
}

static void note_stream(auk_source *source)
{
    auk_stream_stats stats;
    auk_stream_read_stats(source->stream, &stats);
    pthread_mutex_lock(&source->lock);
    source->stream_stats = stats;
    pthread_mutex_unlock(&source->lock);
}

/* Writes that the source did not ask for meet a full disk too, a client's and a retry's: where no
 * step of its own comes, nobody else would go on after them. */
static auk_code check_full(auk_source *source, auk_error *err)
{
    auk_source_lock_applier(source);
    bool met = auk_applier_is_uncertain(source->applier);
    pthread_mutex_unlock(&source->applying);
    return met ? auk_fail(err, AUK_FULL, "a write met a full disk") : AUK_OK;
}

static auk_code look_around(auk_source *source, auk_error *err)
{
    uint64_t now_us = auk_clock_monotonic_us();
    auk_code code = answer_now(source, err);
    if (code == AUK_OK && has_rereads(source))
        code = auk_source_reread(source, err);
    if (code == AUK_OK && is_poll_due(source, now_us)) {
        code = auk_source_poll_slot(source, err);
        if (code == AUK_OK)
            code = auk_source_notice_promotion(source, err);
        if (code == AUK_OK)
            code = auk_source_act_on_wal(source, err);
        if (code == AUK_OK && !source->pending)
            code = fit_log(source, err);
    }
    if (code == AUK_OK &&
        (source->looked_us == 0 ||
         now_us - source->looked_us >= (uint64_t)source->config->catalog_ms * 1000)) {
        source->looked_us = now_us;
        code = auk_source_look_at_tables(source, err);
    }
    if (code == AUK_OK && now_us - source->asked_us >= ASK_US) {
        source->asked_us = now_us;
        note_stream(source);
        pthread_mutex_lock(&source->lock);
        bool waits = source->now_wanted != 0 || source->phase == AUK_SOURCE_CATCHUP;
        pthread_mutex_unlock(&source->lock);
        if (waits)
            auk_stream_ask(source->stream);
        code = check_full(source, err);
    }
    if (source->attempts && now_us - source->connected_us >= GOOD_US)
        source->attempts = 0;
    return code;
}

/* It failed: now and then it is tried again, and chunks go on meanwhile. */
static auk_code reopen(auk_source *source, uint64_t now_us, auk_error *err)
{
    auk_error why = {0};
    if (now_us - source->reopened_us < REOPEN_US)
        return AUK_OK;
    source->reopened_us = now_us;
    auk_source_close_stream(source);
    auk_code code = auk_source_open_stream(source, &why);
    if (code == AUK_OK)
        return AUK_OK;
    auk_source_close_stream(source);
    if (code == AUK_NOT_FOUND || source->hold >= AUK_HOLD_GAP) {
        *err = why;
        return code;
    }
    auk_log(AUK_LOG_WARN, "a source reads chunks, and not its slot", "source=%.*s reason=\"%s\"",
            AUK_SPAN_ARG(source->name), why.message);
    return AUK_OK;
}

auk_code auk_source_tend(auk_source *source, auk_error *err)
{
    uint64_t now_us = auk_clock_monotonic_us();
    auk_error ignored = {0};
    auk_code code = AUK_OK;
    if (now_us - source->asked_us < ASK_US)
        return AUK_OK;
    source->asked_us = now_us;
    if (!source->stream || auk_stream_has_ended(source->stream))
        code = reopen(source, now_us, err);
    if (code != AUK_OK || !source->stream)
        return code;
    note_stream(source);
    if (is_poll_due(source, now_us) && auk_source_poll_slot(source, &ignored) == AUK_OK)
        code = auk_source_act_on_wal(source, err);
    return code;
}

/* All that the snapshot has seen is applied, and nothing is left open: what was filled is whole. */
static auk_code become_whole(auk_source *source, auk_error *err)
{
    if (source->phase != AUK_SOURCE_CATCHUP || has_rereads(source) ||
        source->position.applied < auk_applier_whole_at(source->applier))
        return AUK_OK;
    auk_code code = auk_source_sweep_locals(source, err);
    if (code == AUK_OK)
        code = auk_source_adopt_serving(source, err);
    if (code == AUK_OK)
        code = auk_source_switch_indices(source, err);
    if (code != AUK_OK)
        return code;
    pthread_mutex_lock(&source->lock);
    source->searchable = source->position.applied;
    pthread_mutex_unlock(&source->lock);
    source->polled_us = 0; /* the log is ended at once */
    auk_log(AUK_LOG_INFO, "a source is whole and follows", "source=%.*s",
            AUK_SPAN_ARG(source->name));
    return AUK_OK;
}

/* Memory comes back by itself; meanwhile the slot waits. After a full disk all is read again: what
 * failed may be in the store, or not. */
static auk_code endure(auk_source *source, auk_code code, auk_error *err)
{
    if (code != AUK_BUSY) {
        if (code == AUK_OK && source->hold == AUK_HOLD_WAITING)
            auk_source_set_hold(source, AUK_HOLD_NONE, NULL);
        return code;
    }
    auk_source_set_hold(source, AUK_HOLD_WAITING, err);
    *err = (auk_error){0};
    uint64_t began_us = auk_clock_monotonic_us();
    auk_source_rest(source, BUSY_MS);
    atomic_fetch_add(&source->counts.short_us, auk_clock_monotonic_us() - began_us);
    return AUK_OK;
}

static auk_code follow(auk_source *source, auk_error *err)
{
    auk_code code = source->stream ? AUK_OK : auk_source_open_stream(source, err);
    if (code == AUK_OK)
        auk_source_set_hold(source, AUK_HOLD_NONE, NULL);
    source->published_us = source->group_us = 0;
    while (code == AUK_OK) {
        code = endure(source, step(source, err), err);
        if (code == AUK_OK)
            code = look_around(source, err);
        if (code == AUK_OK)
            code = become_whole(source, err);
        if (code == AUK_OK)
            code = check_asked(source, err);
    }
    if (source->stream && source->group_us && code != AUK_CORRUPT && code != AUK_FULL) {
        auk_error ignored = {0};
        (void)!publish(source, &ignored); /* else it comes again */
    }
    return code;
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
        code = check_asked(source, err);
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
    return code == AUK_OK ? follow(source, err) : code;
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
