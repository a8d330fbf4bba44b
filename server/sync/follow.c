/*
 * The phase that lasts: transactions are taken from the stream and published, and beside it the
 * slot, the tables and what was asked are looked at. While chunks are read, _tend looks instead.
 */
#include <time.h>

#include "source.h"

#define POLL_US          10000000u
#define POLL_CLOSELY_US  1000000u
#define REOPEN_US        2000000u
#define ASK_US           1000000u
#define PUBLISH_LEAST_US 2000u
#define IDLE_MS          20u
#define BUSY_MS          50u
#define GOOD_US          10000000u /* connected so long: the next failure is a new one */

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

auk_code auk_source_follow(auk_source *source, auk_error *err)
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
            code = auk_source_check_asked(source, err);
    }
    if (source->stream && source->group_us && code != AUK_CORRUPT && code != AUK_FULL) {
        auk_error ignored = {0};
        (void)!publish(source, &ignored); /* else it comes again */
    }
    return code;
}
