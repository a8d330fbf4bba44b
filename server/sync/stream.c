/* See stream.h. */
#include "stream.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "auk/clock.h"
#include "stream_private.h"

#define SENDER_TIMEOUT_MS (5 * 60 * 1000)
#define STATUS_MOST_US    10000000 /* also where timeouts are long */

/* ---- opening ---- */

static auk_code set_session(auk_pg *pg, const auk_stream_options *options, auk_error *err)
{
    char sql[160];
    uint32_t timeout = options->sender_timeout_ms ? options->sender_timeout_ms : SENDER_TIMEOUT_MS;
    snprintf(sql, sizeof sql, "SET wal_sender_timeout = %u", timeout);
    auk_code code = auk_pg_run(pg, sql, err);
    if (code != AUK_OK || options->decoding_memory_bytes == 0 || auk_pg_version(pg) < 130000)
        return code;
    uint64_t kb = options->decoding_memory_bytes >> 10;
    snprintf(sql, sizeof sql, "SET logical_decoding_work_mem = %" PRIu64,
             kb < 64 ? UINT64_C(64) : kb);
    return auk_pg_run(pg, sql, err);
}

static auk_span start_command(auk_pg *pg, const auk_stream_options *options, auk_lsn from,
                              auk_arena *arena)
{
    bool is_modern = auk_pg_version(pg) >= 140000;
    auk_span slot = auk_pg_identifier(auk_span_of(options->slot), arena);
    auk_span publication = auk_pg_identifier(auk_span_of(options->publication), arena);
    auk_span names = auk_pg_literal(publication, arena);
    bool streams = is_modern && !options->whole;
    return auk_arena_printf(arena,
                            "START_REPLICATION SLOT %s LOGICAL %" PRIX32 "/%" PRIX32
                            " (proto_version '%d', publication_names %s%s%s%s)",
                            slot.data, (uint32_t)(from >> 32), (uint32_t)from, streams ? 2 : 1,
                            names.data, streams ? ", streaming 'on'" : "",
                            is_modern ? ", messages 'true'" : "",
                            is_modern && options->binary ? ", binary 'true'" : "");
}

/* Of several hosts another one may have answered. */
static auk_code check_server(auk_pg *pg, const auk_stream_options *options, auk_error *err)
{
    auk_pg_result *r;
    if (options->timeline == 0)
        return AUK_OK;
    auk_code code = auk_pg_query(pg, "IDENTIFY_SYSTEM", NULL, 0, &r, err);
    if (code != AUK_OK)
        return code;
    bool same = auk_pg_rows(r) == 1 && auk_pg_number(r, 0, 0) == options->system_id &&
                auk_pg_number(r, 0, 1) == options->timeline;
    auk_pg_clear(r);
    return same ? AUK_OK
                : auk_fail(err, AUK_IO,
                           "the stream leads to another server than the one that was "
                           "looked at: is it being promoted?");
}

/* A slot that was invalidated is as good as gone. */
static auk_code start(auk_stream *stream, const auk_stream_options *options, auk_error *err)
{
    auk_pg *pg = stream->pg;
    auk_arena *arena = auk_arena_create(1024);
    PGresult *result = NULL;
    auk_code code =
        auk_pg_start(pg, start_command(pg, options, stream->covered, arena).data, &result, err);
    if (code == AUK_OK && PQresultStatus(result) != PGRES_COPY_BOTH)
        code = auk_pg_fail_result(pg, result, err);
    if (code != AUK_OK && strcmp(auk_pg_state(pg), "55000") == 0) {
        code = AUK_NOT_FOUND;
        if (err)
            err->code = code;
    }
    PQclear(result);
    auk_arena_destroy(arena);
    return code;
}

static auk_stream *create(const auk_stream_options *options)
{
    auk_stream *stream = (auk_stream *)calloc(1, sizeof *stream);
    if (!stream)
        abort();
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&stream->lock, NULL);
    pthread_cond_init(&stream->arrived, &monotonic);
    pthread_condattr_destroy(&monotonic);
    stream->relations = auk_relation_map_create();
    stream->start = stream->last_end = stream->last_confirmed = options->start;
    stream->confirmed = options->start;
    stream->spool_limit = options->spool_limit_bytes ? options->spool_limit_bytes : UINT64_MAX;
    uint64_t timeout = options->sender_timeout_ms ? options->sender_timeout_ms : SENDER_TIMEOUT_MS;
    stream->status_every_us = timeout * 1000 / 3;
    if (stream->status_every_us > STATUS_MOST_US)
        stream->status_every_us = STATUS_MOST_US;
    stream->is_binary = options->binary;
    return stream;
}

static auk_code open_log(auk_stream *stream, const auk_stream_options *options, auk_error *err)
{
    stream->covered = options->start;
    if (!options->log_directory)
        return AUK_OK;
    stream->log_directory = strdup(options->log_directory);
    auk_code code =
        auk_spool_log_open(options->log_directory, stream->spool_limit / 8, &stream->log, err);
    if (code != AUK_OK)
        return code;
    auk_lsn kept = auk_spool_log_position(stream->log);
    stream->covered = kept > options->start ? kept : options->start;
    atomic_store(&stream->spooled, kept);
    atomic_store(&stream->log_bytes, auk_spool_log_bytes(stream->log));
    atomic_store(&stream->has_log, true);
    return AUK_OK;
}

static auk_code begin_thread(auk_stream *stream, auk_error *err)
{
    if (pthread_create(&stream->thread, NULL, auk_stream_receive, stream) != 0)
        return auk_fail(err, AUK_IO, "no thread for the replication stream");
    stream->has_thread = true;
    return AUK_OK;
}

static auk_code open_parts(auk_stream *stream, const auk_stream_options *options, auk_error *err)
{
    auk_code code = auk_spool_open(options->spool_directory, options->spool_memory_bytes,
                                   options->budget, &stream->spool, err);
    if (code == AUK_OK)
        code = open_log(stream, options, err);
    if (code != AUK_OK)
        return code;
    stream->published = auk_spool_tail(stream->spool, &stream->commits);
    auk_spool_reader_init(&stream->entries, stream->spool);
    auk_spool_reader_seek(&stream->entries, stream->published, stream->published);
    const auk_pg_options connection = {.conninfo = options->conninfo,
                                       .application = options->application,
                                       .password = options->password,
                                       .replication = true};
    code = auk_pg_connect(&connection, &stream->pg, err);
    if (code == AUK_OK)
        code = set_session(stream->pg, options, err);
    if (code == AUK_OK)
        code = check_server(stream->pg, options, err);
    if (code == AUK_OK)
        code = start(stream, options, err);
    return code == AUK_OK && !options->held ? begin_thread(stream, err) : code;
}

auk_code auk_stream_let_go(auk_stream *stream, auk_error *err)
{
    return begin_thread(stream, err);
}

auk_code auk_stream_open(const auk_stream_options *options, auk_stream **out, auk_error *err)
{
    auk_stream *stream = create(options);
    auk_code code = open_parts(stream, options, err);
    if (code == AUK_OK)
        *out = stream;
    else
        auk_stream_close(stream);
    return code;
}

static void close_spool(auk_stream *stream)
{
    while (stream->committed) {
        auk_streamed *next = stream->committed->next;
        auk_streamed_destroy(stream, stream->committed);
        stream->committed = next;
    }
    auk_spool_reader_deinit(&stream->entries);
    auk_spool_drop(stream->spool, &stream->commits);
    auk_spool_drop(stream->spool, &stream->changes);
    auk_spool_close(stream->spool);
}

void auk_stream_close(auk_stream *stream)
{
    if (!stream)
        return;
    if (stream->has_thread) {
        auk_pg_cancel(stream->pg);
        pthread_join(stream->thread, NULL);
    }
    auk_pg_close(stream->pg);
    if (stream->spool)
        close_spool(stream);
    auk_spool_log_close(stream->log);
    free(stream->log_directory);
    auk_relation_map_destroy(stream->relations);
    pthread_cond_destroy(&stream->arrived);
    pthread_mutex_destroy(&stream->lock);
    free(stream);
}

/* ---- the consumer ---- */

static bool is_empty(const auk_stream *stream)
{
    return stream->entries.at.block == stream->published.block &&
           stream->entries.at.offset == stream->published.offset;
}

/* Under the lock: until there is an entry, an idle one, an end, or the time is over. */
static void wait_for_entry(auk_stream *stream, uint32_t timeout_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    while (is_empty(stream) && !stream->idle && !stream->ended)
        if (pthread_cond_timedwait(&stream->arrived, &stream->lock, &until) != 0)
            return;
}

/* Under the lock. Files are read under it, too: entries are few bytes, and blocks of them seldom
 * leave memory. */
static auk_code read_entry(auk_stream *stream, auk_commit_entry *out, auk_error *err)
{
    auk_spool_frame frame;
    bool end;
    stream->entries.end = stream->published;
    auk_code code = auk_spool_read(&stream->entries, &frame, &end, err);
    if (code == AUK_OK && (end || frame.bytes.size != sizeof *out))
        code = auk_fail(err, AUK_CORRUPT, "an entry of the spool is cut");
    if (code != AUK_OK)
        return code;
    memcpy(out, frame.bytes.data, sizeof *out);
    auk_spool_trim(stream->spool, &stream->commits, stream->entries.at);
    return AUK_OK;
}

static auk_code take_entry(auk_stream *stream, auk_commit_entry *entry, bool *found, auk_error *err)
{
    *found = true;
    if (!is_empty(stream))
        return read_entry(stream, entry, err);
    if (stream->idle) {
        *entry = *stream->idle;
        stream->idle = NULL;
        return AUK_OK;
    }
    *found = false;
    if (stream->ended && err)
        *err = stream->failure;
    return stream->ended ? stream->failure.code : AUK_OK;
}

auk_code auk_stream_next(auk_stream *stream, uint32_t timeout_ms, auk_transaction **out,
                         auk_error *err)
{
    auk_commit_entry entry;
    bool found;
    *out = NULL;
    pthread_mutex_lock(&stream->lock);
    wait_for_entry(stream, timeout_ms);
    auk_code code = take_entry(stream, &entry, &found, err);
    if (code == AUK_OK && found)
        *out = auk_transaction_create(stream, &entry);
    pthread_mutex_unlock(&stream->lock);
    return code;
}

void auk_stream_confirm(auk_stream *stream, auk_lsn lsn)
{
    uint64_t before = atomic_load(&stream->confirmed);
    while (before < lsn && !atomic_compare_exchange_weak(&stream->confirmed, &before, lsn))
        continue;
    if (before < lsn)
        auk_pg_wake(stream->pg);
}

void auk_stream_ask(auk_stream *stream)
{
    atomic_store(&stream->ask, true);
    auk_pg_wake(stream->pg);
}

auk_lsn auk_stream_covered(const auk_stream *stream)
{
    return stream->covered;
}

const char *auk_stream_damage(const auk_stream *stream)
{
    return stream->log ? auk_spool_log_damage(stream->log) : NULL;
}

void auk_stream_stop_log(auk_stream *stream)
{
    atomic_store(&stream->stops_log, true);
    auk_pg_wake(stream->pg);
}

bool auk_stream_has_ended(auk_stream *stream)
{
    pthread_mutex_lock(&stream->lock);
    bool ended = stream->ended;
    pthread_mutex_unlock(&stream->lock);
    return ended;
}

void auk_stream_read_stats(auk_stream *stream, auk_stream_stats *out)
{
    *out = (auk_stream_stats){
        .received = atomic_load(&stream->received),
        .sent_by_server = atomic_load(&stream->sent_by_server),
        .confirmed = atomic_load(&stream->confirmed),
        .told = atomic_load(&stream->told),
        .spooled = atomic_load(&stream->spooled),
        .log_bytes = atomic_load(&stream->log_bytes),
        .has_log = atomic_load(&stream->has_log),
        .is_full = atomic_load(&stream->is_full),
        .bytes_received = atomic_load(&stream->bytes_received),
        .messages = atomic_load(&stream->messages),
        .spool_memory_bytes = auk_spool_memory_bytes(stream->spool),
        .spool_disk_bytes = auk_spool_disk_bytes(stream->spool),
        .open_streamed = atomic_load(&stream->open_streamed),
        .backpressure_us = atomic_load(&stream->backpressure_us),
        .last_message_us = atomic_load(&stream->last_message_us),
        .is_binary = stream->is_binary,
    };
    pthread_mutex_lock(&stream->lock);
    out->transactions = stream->transactions;
    out->largest_bytes = stream->largest_bytes;
    pthread_mutex_unlock(&stream->lock);
}
