/*
 * The log of what is received (spool_log.h), and its replay: messages go through the same way as
 * those of the server, so that what is kept and what was never sent end alike.
 */
#include <stdlib.h>

#include "auk/clock.h"
#include "auk/varint.h"
#include "stream_private.h"

#define MESSAGES_A_TURN 64
#define SYNC_US         50000 /* while more comes, at most so late */
#define COMMIT_END      10    /* of C: kind, flags, LSN */
#define STREAMED_END    14    /* of c: kind, xid, flags, LSN */

/* ---- replay ---- */

static auk_code replay_relation(auk_stream *stream, auk_span bytes, auk_error *err)
{
    if (bytes.size < 4)
        return auk_fail(err, AUK_CORRUPT, "a description in the spool is cut");
    const auk_pgoutput_head head = {.kind = 'R',
                                    .relation = auk_load_be32(bytes.data),
                                    .body = auk_span_from(bytes, 4)};
    return auk_relation_map_put(stream->relations, NULL, &head, err);
}

static auk_code replay(auk_stream *stream, const auk_spool_record *record, auk_error *err)
{
    switch (record->kind) {
    case 'm':
        return auk_stream_take(stream, record->bytes, err);
    case 'k':
        return auk_stream_take_keepalive(stream, record->position, err);
    case 'R':
        return replay_relation(stream, record->bytes, err);
    case 'S':
        auk_stream_forget_under_way(stream);
        return AUK_OK;
    default:
        return auk_fail(err, AUK_CORRUPT, "the spool has a record of an unknown kind");
    }
}

/* What was sent so far is not sent again; what was under way is. */
static auk_code begin_session(auk_stream *stream, auk_error *err)
{
    const auk_spool_record session = {.kind = 'S'};
    auk_stream_forget_under_way(stream);
    stream->start = stream->covered;
    if (atomic_load(&stream->stops_log))
        return AUK_OK;
    stream->logs = true;
    return auk_spool_log_append(stream->log, &session, err);
}

auk_code auk_stream_replay_some(auk_stream *stream, bool *end, auk_error *err)
{
    auk_spool_record record;
    auk_code code = AUK_OK;
    *end = false;
    for (uint32_t i = 0; code == AUK_OK && i < MESSAGES_A_TURN; i++) {
        code = auk_spool_log_read(stream->log, &record, end, err);
        if (code == AUK_OK && *end)
            return begin_session(stream, err);
        if (code == AUK_OK)
            code = replay(stream, &record, err);
    }
    return code;
}

/* ---- what comes ---- */

static auk_lsn end_of(auk_span message)
{
    if (message.size >= COMMIT_END + 8 && message.data[0] == 'C')
        return auk_load_be64(message.data + COMMIT_END);
    if (message.size >= STREAMED_END + 8 && message.data[0] == 'c')
        return auk_load_be64(message.data + STREAMED_END);
    return 0;
}

auk_code auk_stream_log_message(auk_stream *stream, auk_span message, auk_error *err)
{
    const auk_spool_record record = {'m', end_of(message), message};
    return stream->logs ? auk_spool_log_append(stream->log, &record, err) : AUK_OK;
}

/* One that is of a place within a transaction says nothing, as for the queue. */
auk_code auk_stream_log_keepalive(auk_stream *stream, auk_lsn lsn, auk_error *err)
{
    const auk_spool_record record = {.kind = 'k', .position = lsn};
    bool counts = stream->logs && !stream->in_whole && lsn > stream->start &&
                  lsn > auk_spool_log_position(stream->log);
    return counts ? auk_spool_log_append(stream->log, &record, err) : AUK_OK;
}

/* ---- what goes ---- */

static auk_code write_relation(void *context, uint32_t oid, auk_span body, auk_error *err)
{
    auk_stream *stream = (auk_stream *)context;
    auk_buffer bytes;
    char id[4];
    auk_store_be32(id, oid);
    auk_buffer_init(&bytes, AUK_BUFFER_NO_LIMIT);
    auk_buffer_append(&bytes, auk_span_make(id, sizeof id));
    auk_buffer_append(&bytes, body);
    const auk_spool_record record = {'R', 0, auk_buffer_span(&bytes)};
    auk_code code = auk_spool_log_append(stream->log, &record, err);
    auk_buffer_deinit(&bytes);
    return code;
}

/* The next file stands by itself. */
static auk_code rotate(auk_stream *stream, auk_error *err)
{
    auk_code code = auk_spool_log_rotate(stream->log, err);
    return code == AUK_OK ? auk_relation_map_each(stream->relations, write_relation, stream, err)
                          : code;
}

/* Files go as a whole: so the last one is ended when nothing in it is wanted and room is. */
static bool is_rotation_due(const auk_stream *stream, auk_lsn applied)
{
    bool between = stream->logs && !stream->in_whole && !stream->streaming;
    bool is_short = auk_spool_log_bytes(stream->log) >= stream->spool_limit / 2;
    return between &&
           (auk_spool_log_is_due(stream->log) ||
            (is_short && !stream->under_way && applied >= auk_spool_log_position(stream->log)));
}

static void close_log(auk_stream *stream)
{
    auk_spool_log_close(stream->log);
    stream->log = NULL;
    atomic_store(&stream->has_log, false);
    atomic_store(&stream->log_bytes, 0);
}

static auk_code end_log(auk_stream *stream, auk_lsn applied, auk_error *err)
{
    if (stream->logs && (stream->in_whole || stream->streaming))
        return AUK_OK;
    auk_code code = auk_spool_log_sync(stream->log, err);
    stream->logs = false;
    if (code != AUK_OK || applied < auk_spool_log_position(stream->log))
        return code;
    code = auk_spool_log_remove(stream->log_directory, err);
    if (code == AUK_OK)
        close_log(stream);
    return code;
}

auk_code auk_stream_tend_log(auk_stream *stream, bool idle, auk_error *err)
{
    auk_spool_log *log = stream->log;
    auk_code code = AUK_OK;
    if (!log)
        return AUK_OK;
    auk_lsn applied = atomic_load(&stream->confirmed);
    uint64_t now_us = auk_clock_monotonic_us();
    if (auk_spool_log_is_dirty(log) && (idle || now_us - stream->last_sync_us > SYNC_US)) {
        code = auk_spool_log_sync(log, err);
        stream->last_sync_us = auk_clock_monotonic_us();
    }
    if (code == AUK_OK)
        code = auk_spool_log_trim(log, applied, err);
    if (code == AUK_OK && is_rotation_due(stream, applied))
        code = rotate(stream, err);
    atomic_store(&stream->spooled, auk_spool_log_position(log));
    atomic_store(&stream->log_bytes, auk_spool_log_bytes(log));
    if (code == AUK_OK && atomic_load(&stream->stops_log))
        code = end_log(stream, applied, err);
    return code;
}
