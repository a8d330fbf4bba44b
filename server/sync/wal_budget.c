/*
 * What the slot holds back of the server's log, held against what it may: by the source's budget,
 * else by the server's limit.
 *
 *     ok --half of it--> used --four fifths--> short --all of it--> over
 *
 *   used   status warns, with the time left
 *   short  what is received is acknowledged from the spool, whatever `ack` says, and no more chunks
 *          are begun while that helps: a spool that is full is emptied by the end of the load only
 *   over   when the source says so, the slot is dropped: then the state is lost. Else the log of
 *          errors says it, and the server does what its own limit says.
 */
#include "source.h"

#define SHORT_PARTS 5 /* less than one of them is left */

double auk_source_wal_left(const auk_source *source, double *most)
{
    const auk_slot_state *slot = &source->slot;
    double retained = slot->current > slot->restart ? (double)(slot->current - slot->restart) : 0;
    *most = (double)source->config->wal_budget_bytes;
    if (*most > 0)
        return *most > retained ? *most - retained : 0;
    if (slot->safe_wal_bytes < 0)
        return -1;
    *most = (double)slot->safe_wal_bytes + retained;
    return (double)slot->safe_wal_bytes;
}

static auk_wal_level weigh(const auk_source *source)
{
    double most, left = auk_source_wal_left(source, &most);
    if (!source->slot.exists || left < 0 || left > most / 2)
        return AUK_WAL_OK;
    if (left <= 0)
        return AUK_WAL_OVER;
    return left < most / SHORT_PARTS ? AUK_WAL_SHORT : AUK_WAL_USED;
}

const char *auk_wal_level_name(auk_wal_level level)
{
    static const char *const names[] = {"ok", "used", "short", "over"};
    return names[level];
}

static void tell(const auk_source *source, auk_wal_level level)
{
    static const char *const words[] = {
        "the slot holds back little again",
        "more than half of the log that the slot may hold back is used",
        "little is left of the log that the slot may hold back: it is acknowledged from the spool, "
        "and no chunks are begun",
        "the slot holds back more of the log than it may",
    };
    auk_log(level == AUK_WAL_OK     ? AUK_LOG_INFO
            : level == AUK_WAL_OVER ? AUK_LOG_ERROR
                                    : AUK_LOG_WARN,
            words[level], "source=%.*s wal_level=%s", AUK_SPAN_ARG(source->name),
            auk_wal_level_name(level));
}

void auk_source_weigh_wal(auk_source *source)
{
    pthread_mutex_lock(&source->lock);
    auk_wal_level before = source->wal_level, level = weigh(source);
    bool helps = source->stream && !source->stream_stats.is_full;
    source->wal_level = level;
    source->copy_paused = level >= AUK_WAL_SHORT && helps && source->phase == AUK_SOURCE_SNAPSHOT;
    pthread_mutex_unlock(&source->lock);
    if (level != before)
        tell(source, level);
}

bool auk_source_pauses_copy(auk_source *source)
{
    pthread_mutex_lock(&source->lock);
    bool paused = source->copy_paused;
    pthread_mutex_unlock(&source->lock);
    return paused;
}

/* Ours is the session that holds it, and it has just ended. */
static auk_code drop_slot(auk_source *source, auk_error *err)
{
    static const char sql[] =
        "SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots"
        " WHERE slot_name = $1 AND active_pid IS NOT NULL";
    auk_pg_result *result;
    auk_code code = auk_pg_query(source->pg, sql, &source->config->slot, 1, &result, err);
    if (code != AUK_OK)
        return code;
    auk_pg_clear(result);
    code = auk_pg_query(source->pg, "SELECT pg_drop_replication_slot($1)", &source->config->slot, 1,
                        &result, err);
    if (code == AUK_OK)
        auk_pg_clear(result);
    return code;
}

auk_code auk_source_act_on_wal(auk_source *source, auk_error *err)
{
    double most = 0;
    if (source->wal_level < AUK_WAL_OVER || !source->config->drops_slot || !source->slot.exists)
        return AUK_OK;
    (void)auk_source_wal_left(source, &most);
    auk_source_close_stream(source);
    auk_code code = drop_slot(source, err);
    if (code == AUK_OK)
        code = auk_source_poll_slot(source, err);
    if (code != AUK_OK)
        return code;
    auk_fail(err, AUK_NOT_FOUND,
             "slot [%.*s] held back more than its budget of %.0f bytes, and was dropped",
             AUK_SPAN_ARG(source->config->slot), most);
    auk_hint(err,
             "POST /_sync/%.*s/_resync makes a new slot and reads the tables anew; "
             "searches go on meanwhile",
             AUK_SPAN_ARG(source->name));
    return AUK_NOT_FOUND;
}
