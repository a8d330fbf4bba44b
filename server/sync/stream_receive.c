/* The receiver: the socket, status replies, back-pressure. See stream.h. */
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>

#include "auk/clock.h"
#include "auk/varint.h"
#include "stream_private.h"
#include "wire.h"

#define EPOCH_US         INT64_C(946684800000000) /* 2000-01-01 in Unix time */
#define STATUS_BYTES     34
#define PROGRESS_US      200000 /* at most so late is told what was confirmed */
#define MESSAGES_A_CHECK 64     /* between two looks at the clock */
#define BLOCKED_US       100000

/* ---- status ---- */

/* 'r', written, flushed, applied, our clock, does it ask for a reply */
static uint64_t acknowledged(const auk_stream *stream)
{
    uint64_t applied = atomic_load(&stream->confirmed), kept = atomic_load(&stream->spooled);
    return applied > kept ? applied : kept;
}

static auk_code send_status(auk_stream *stream, bool ask, auk_error *err)
{
    char text[STATUS_BYTES];
    uint64_t lsn = acknowledged(stream);
    text[0] = 'r';
    for (size_t i = 0; i < 3; i++)
        auk_store_be64(text + 1 + 8 * i, lsn);
    auk_store_be64(text + 25, (uint64_t)(auk_clock_wall_ms() * 1000 - EPOCH_US));
    text[33] = ask;
    if (PQputCopyData(stream->pg->connection, text, sizeof text) < 0)
        return auk_pg_fail_connection(stream->pg, "the replication connection failed", err);
    int left = PQflush(stream->pg->connection);
    if (left < 0)
        return auk_pg_fail_connection(stream->pg, "the replication connection failed", err);
    stream->must_flush = left > 0;
    stream->last_confirmed = lsn;
    atomic_store(&stream->told, lsn);
    stream->last_status_us = auk_clock_monotonic_us();
    stream->wants_reply = false;
    return AUK_OK;
}

/* When the next one is due, as things are. */
static uint64_t status_due(const auk_stream *stream)
{
    bool progress = acknowledged(stream) != stream->last_confirmed;
    uint64_t after =
        progress && stream->status_every_us > PROGRESS_US ? PROGRESS_US : stream->status_every_us;
    return stream->last_status_us + after;
}

static auk_code send_if_due(auk_stream *stream, auk_error *err)
{
    bool ask = atomic_exchange(&stream->ask, false);
    if (!ask && !stream->wants_reply && auk_clock_monotonic_us() < status_due(stream))
        return AUK_OK;
    return send_status(stream, ask, err);
}

/* ---- what comes ---- */

static auk_code take_copy_data(auk_stream *stream, auk_span data, auk_error *err)
{
    auk_reader in = auk_reader_of(data);
    uint8_t kind = auk_wire_u8(&in);
    uint64_t start = auk_wire_u64(&in);
    if (kind == 'k') {
        (void)auk_wire_u64(&in);
        bool reply = auk_wire_u8(&in) != 0;
        if (in.failed)
            return auk_fail(err, AUK_CORRUPT, "a keepalive of the replication stream is cut");
        stream->wants_reply |= reply;
        atomic_store_explicit(&stream->sent_by_server, start, memory_order_relaxed);
        auk_code code = auk_stream_log_keepalive(stream, start, err);
        return code == AUK_OK ? auk_stream_take_keepalive(stream, start, err) : code;
    }
    uint64_t end = auk_wire_u64(&in);
    (void)auk_wire_u64(&in);
    if (in.failed || kind != 'w')
        return auk_fail(err, AUK_CORRUPT,
                        "the replication stream has data of the unknown kind 0x%02x", kind);
    if (start > atomic_load_explicit(&stream->received, memory_order_relaxed))
        atomic_store_explicit(&stream->received, start, memory_order_relaxed);
    atomic_store_explicit(&stream->sent_by_server, end, memory_order_relaxed);
    auk_code code = auk_stream_log_message(stream, auk_span_from(data, 25), err);
    return code == AUK_OK ? auk_stream_take(stream, auk_span_from(data, 25), err) : code;
}

/* Of PQgetCopyData: -1 the server ended the copy, -2 a failure. */
static auk_code take_end(auk_stream *stream, int how, auk_error *err)
{
    if (how == -2)
        return auk_pg_fail_connection(stream->pg, "the replication connection failed", err);
    PGresult *result = PQgetResult(stream->pg->connection);
    auk_code code = auk_fail(err, AUK_IO, "the database ended the replication stream");
    if (result && PQresultStatus(result) == PGRES_FATAL_ERROR)
        code = auk_pg_fail_result(stream->pg, result, err);
    PQclear(result);
    return code;
}

static void note_arrival(auk_stream *stream, uint64_t messages, uint64_t bytes)
{
    atomic_fetch_add_explicit(&stream->messages, messages, memory_order_relaxed);
    atomic_fetch_add_explicit(&stream->bytes_received, bytes, memory_order_relaxed);
    atomic_store_explicit(&stream->last_message_us, (int64_t)auk_clock_monotonic_us(),
                          memory_order_relaxed);
}

/* What libpq has read already, some messages at a time. *more: there may be more. */
static auk_code take_some(auk_stream *stream, bool *more, auk_error *err)
{
    uint64_t messages = 0, bytes = 0;
    auk_code code = AUK_OK;
    *more = true;
    while (code == AUK_OK && *more && messages < MESSAGES_A_CHECK) {
        char *data = NULL;
        int size = PQgetCopyData(stream->pg->connection, &data, 1);
        if (size > 0) {
            code = take_copy_data(stream, auk_span_make(data, (size_t)size), err);
            messages++;
            bytes += (uint64_t)size;
        } else if (size == 0) {
            *more = false;
        } else {
            code = take_end(stream, size, err);
        }
        PQfreemem(data);
    }
    if (messages > 0)
        note_arrival(stream, messages, bytes);
    auk_stream_tell(stream);
    return code;
}

static auk_code wait_for_more(auk_stream *stream, auk_error *err)
{
    short ready, events = POLLIN;
    if (stream->must_flush)
        events |= POLLOUT;
    auk_code code = auk_pg_wait(stream->pg, events, status_due(stream), &ready, err);
    if (code != AUK_OK)
        return code;
    if (ready & POLLOUT) {
        int left = PQflush(stream->pg->connection);
        if (left < 0)
            return auk_pg_fail_connection(stream->pg, "the replication connection failed", err);
        stream->must_flush = left > 0;
    }
    if ((ready & ~POLLOUT) && !PQconsumeInput(stream->pg->connection))
        return auk_pg_fail_connection(stream->pg, "the replication connection failed", err);
    return AUK_OK;
}

/* ---- back-pressure ---- */

static bool is_full(auk_stream *stream)
{
    return auk_spool_disk_bytes(stream->spool) >= stream->spool_limit ||
           (stream->logs && auk_spool_log_bytes(stream->log) >= stream->spool_limit);
}

/* Nothing that the consumer could do would make room. */
static bool is_stuck(auk_stream *stream)
{
    pthread_mutex_lock(&stream->lock);
    bool stuck = !stream->committed && stream->outstanding == 0 &&
                 stream->entries.at.block == stream->published.block &&
                 stream->entries.at.offset == stream->published.offset;
    pthread_mutex_unlock(&stream->lock);
    return stuck;
}

static auk_code wait_for_room(auk_stream *stream, auk_error *err)
{
    uint64_t since = auk_clock_monotonic_us();
    auk_code code = AUK_OK;
    atomic_store(&stream->is_full, true);
    while (code == AUK_OK && is_full(stream)) {
        short ready;
        bool stuck = is_stuck(stream);
        code = auk_stream_tend_log(stream, true, err);
        if (code == AUK_OK && !is_full(stream))
            break;
        if (code == AUK_OK && stuck)
            code = auk_fail(err, AUK_FULL,
                            "transactions under way take more than the spool's limit of %" PRIu64
                            " bytes: raise spool_limit_bytes",
                            stream->spool_limit);
        if (code == AUK_OK)
            code = send_if_due(stream, err);
        if (code == AUK_OK) {
            uint64_t now = auk_clock_monotonic_us(), due = status_due(stream);
            code = auk_pg_wait(stream->pg, stream->must_flush ? POLLOUT : 0,
                               due < now + BLOCKED_US ? due : now + BLOCKED_US, &ready, err);
        }
        if (code == AUK_OK && (ready & (POLLHUP | POLLERR)))
            code = auk_fail(err, AUK_IO, "the replication connection is lost");
        if (code == AUK_OK && stream->must_flush)
            stream->must_flush = PQflush(stream->pg->connection) > 0;
    }
    atomic_store(&stream->is_full, false);
    atomic_fetch_add(&stream->backpressure_us, auk_clock_monotonic_us() - since);
    return code;
}

/* ---- the thread ---- */

static auk_code replay(auk_stream *stream, auk_error *err)
{
    auk_code code = AUK_OK;
    for (bool end = !stream->log; code == AUK_OK && !end;) {
        code = auk_stream_replay_some(stream, &end, err);
        auk_stream_tell(stream);
        if (code == AUK_OK)
            code = send_if_due(stream, err);
        if (code == AUK_OK && is_full(stream))
            code = wait_for_room(stream, err);
        if (code == AUK_OK && atomic_load(&stream->pg->cancelled))
            code = auk_fail(err, AUK_CANCELLED, "the stream was closed");
    }
    return code;
}

static auk_code receive(auk_stream *stream, auk_error *err)
{
    auk_code replayed = replay(stream, err);
    if (replayed != AUK_OK)
        return replayed;
    for (;;) {
        bool more;
        auk_code code = take_some(stream, &more, err);
        if (code == AUK_OK)
            code = auk_stream_tend_log(stream, !more, err);
        if (code == AUK_OK)
            code = send_if_due(stream, err);
        if (code == AUK_OK && is_full(stream))
            code = wait_for_room(stream, err);
        if (code == AUK_OK && !more)
            code = wait_for_more(stream, err);
        if (code == AUK_OK && more && atomic_load(&stream->pg->cancelled))
            code = auk_fail(err, AUK_CANCELLED, "the stream was closed");
        if (code != AUK_OK)
            return code;
    }
}

/* A last word, if it can be said at once: so that the slot is free for the next. */
static void say_farewell(auk_stream *stream)
{
    if (send_status(stream, false, NULL) != AUK_OK)
        return;
    if (PQputCopyEnd(stream->pg->connection, NULL) == 1)
        (void)PQflush(stream->pg->connection);
}

void *auk_stream_receive(void *context)
{
    auk_stream *stream = (auk_stream *)context;
    auk_error err = {0};
    auk_code code = receive(stream, &err);
    if (code == AUK_CANCELLED && atomic_load(&stream->pg->cancelled))
        say_farewell(stream);
    auk_stream_forget_under_way(stream);
    pthread_mutex_lock(&stream->lock);
    stream->ended = true;
    stream->failure = err;
    stream->failure.code = code;
    pthread_cond_broadcast(&stream->arrived);
    pthread_mutex_unlock(&stream->lock);
    return NULL;
}
