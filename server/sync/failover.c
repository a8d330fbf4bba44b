/*
 * The server behind the connection was promoted, or is the one that was the primary before.
 *
 *     what we hold ends before the fork    it is in the new log too: we go on, from the fork at
 * most it ends behind it                    diverged: the promoted server never had the rest our
 * timeline is not in its history   diverged its timeline is older than ours      waiting: a primary
 * that should not write any more
 *
 * A position that only says that nothing came meanwhile is no matter: what counts is the last
 * transaction, and the rows that were read.
 */
#include "source.h"

static auk_code read_timelines(auk_source *source, auk_arena *arena, auk_timelines *out,
                               auk_error *err)
{
    auk_span conninfo;
    auk_pg *pg = NULL;
    auk_code code = auk_source_conninfo(source->config, arena, &conninfo, err);
    if (code != AUK_OK)
        return code;
    const auk_pg_options options = {.conninfo = conninfo.data,
                                    .application = auk_source_application(source, arena).data,
                                    .replication = true};
    code = auk_pg_connect(&options, &pg, err);
    if (code == AUK_OK)
        code = auk_timelines_read(pg, arena, out, err);
    auk_pg_close(pg);
    if (code == AUK_OK &&
        (out->system_id != source->slot.system_id || out->now != source->slot.timeline))
        code = auk_fail(err, AUK_IO,
                        "[connection] leads to two servers: one on timeline %u, another on "
                        "timeline %u",
                        source->slot.timeline, out->now);
    return code;
}

static auk_code learn_timelines(auk_source *source, auk_error *err)
{
    auk_timelines read;
    if (source->timelines.now == source->slot.timeline &&
        source->timelines.system_id == source->slot.system_id)
        return AUK_OK;
    auk_arena *arena = auk_arena_create(1024);
    auk_code code = read_timelines(source, arena, &read, err);
    if (code != AUK_OK) {
        auk_arena_destroy(arena);
        return code;
    }
    pthread_mutex_lock(&source->lock);
    auk_arena *before = source->timeline_arena;
    source->timelines = read;
    source->timeline_arena = arena;
    pthread_mutex_unlock(&source->lock);
    auk_arena_destroy(before);
    return AUK_OK;
}

static auk_code diverge(auk_source *source, auk_error *err)
{
    auk_hint(err,
             "POST /_sync/%.*s/_resync reads the tables anew from this server; searches go on "
             "meanwhile",
             AUK_SPAN_ARG(source->name));
    auk_source_set_hold(source, AUK_HOLD_DIVERGED, err);
    return AUK_CORRUPT;
}

static auk_code go_over(auk_source *source, auk_lsn fork, auk_error *err)
{
    char at[24], from[24];
    uint32_t before = source->position.timeline;
    auk_code code =
        auk_source_forget_spool(source, err); /* of what this server never had, perhaps */
    if (code != AUK_OK)
        return code;
    auk_source_lock_applier(source);
    code = auk_applier_go_over(source->applier, source->slot.timeline, fork, err);
    if (code == AUK_OK) {
        auk_sync_position position;
        auk_applier_read_position(source->applier, &position);
        pthread_mutex_lock(&source->lock);
        source->position = position;
        if (source->searchable > position.applied)
            source->searchable = position.applied;
        pthread_mutex_unlock(&source->lock);
    }
    pthread_mutex_unlock(&source->applying);
    if (code == AUK_OK)
        auk_log(AUK_LOG_INFO, "the server was promoted and has all that is applied",
                "source=%.*s timeline=%u before=%u fork=%s from=%s", AUK_SPAN_ARG(source->name),
                source->slot.timeline, before, auk_lsn_format(fork, at),
                auk_lsn_format(source->position.applied, from));
    return code;
}

auk_code auk_source_check_timeline(auk_source *source, auk_error *err)
{
    const auk_slot_state *slot = &source->slot;
    uint32_t ours = source->position.timeline;
    char at[24], held[24];
    auk_lsn fork;
    if (ours == 0 || (slot->timeline < ours && slot->in_recovery))
        return AUK_OK; /* a standby says what it was told at its last checkpoint */
    if (slot->timeline < ours) {
        auk_fail(err, AUK_CONFLICT,
                 "this server is on timeline %u, and timeline %u was followed already: it is the "
                 "primary of before a failover",
                 slot->timeline, ours);
        auk_hint(err, "end it, or let [connection] lead to the server that was promoted; it is "
                      "tried again by itself");
        return AUK_CONFLICT;
    }
    auk_code code = learn_timelines(source, err);
    if (code != AUK_OK || slot->timeline == ours)
        return code;
    if (!auk_timelines_find_end(&source->timelines, ours, &fork)) {
        auk_fail(err, AUK_CORRUPT,
                 "the server is on timeline %u, in whose history timeline %u, which was followed "
                 "so far, is not",
                 slot->timeline, ours);
        return diverge(source, err);
    }
    auk_lsn holds = auk_applier_holds(source->applier);
    if (holds <= fork)
        return go_over(source, fork, err);
    auk_fail(err, AUK_CORRUPT,
             "the server was promoted to timeline %u at %s, and the index holds what was written "
             "to the one before up to %s: this server never had it",
             slot->timeline, auk_lsn_format(fork, at), auk_lsn_format(holds, held));
    return diverge(source, err);
}

auk_code auk_source_notice_promotion(const auk_source *source, auk_error *err)
{
    uint32_t ours = source->position.timeline;
    if (ours == 0 || source->slot.in_recovery || source->slot.timeline == ours)
        return AUK_OK;
    return auk_fail(err, AUK_IO, "the server is on timeline %u now, it was on %u",
                    source->slot.timeline, ours);
}
