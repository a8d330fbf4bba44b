/* What a source says of itself: GET /_sync. */
#include "figures.h"

static void write_lsn(const char *name, auk_lsn lsn, auk_json_writer *out)
{
    char text[24];
    if (lsn)
        auk_json_member_text(out, name, auk_lsn_format(lsn, text));
}

/* ---- gathering; under lock ---- */

void auk_source_gather(auk_source *source, auk_source_figures *out)
{
    *out = (auk_source_figures){.stream = source->stream_stats};
    if (source->applier)
        auk_applier_read_stats(source->applier, &out->applier);
    out->rows = source->counts.rows_loaded;
    out->chunks_done = source->counts.chunks_done;
    uint64_t us = auk_clock_monotonic_us() - source->snapshot_us;
    if (source->snapshot_us && us > 0 && out->rows > source->snapshot_start_rows)
        out->rows_per_second = (double)(out->rows - source->snapshot_start_rows) * 1e6 / (double)us;
    /* Nothing waits: nothing lags. */
    if (source->position.commit_us && source->slot.current > source->position.applied &&
        out->stream.received > source->position.applied)
        out->lag_seconds =
            (double)auk_clock_wall_ms() / 1e3 - (double)source->position.commit_us / 1e6;
    if (out->lag_seconds < 0)
        out->lag_seconds = 0;
}

uint64_t auk_lsn_distance(auk_lsn from, auk_lsn to)
{
    return to > from ? to - from : 0;
}

static uint64_t count_changes(const auk_source *source)
{
    uint64_t count = 0;
    for (int i = 0; i < AUK_CHANGE_KINDS; i++)
        count += source->counts.schema_changes[i];
    return count;
}

static uint64_t count_ends(const auk_source *source)
{
    uint64_t count = 0;
    for (int i = 0; i < AUK_END_KINDS; i++)
        count += source->counts.reconnects[i];
    return count;
}

/* ---- JSON ---- */

static void write_snapshot(const auk_source *source, const auk_source_figures *f,
                           auk_json_writer *out)
{
    if (source->phase != AUK_SOURCE_SNAPSHOT)
        return;
    auk_json_member_object(out, "snapshot");
    auk_json_member_uint(out, "rows", f->rows);
    auk_json_member_uint(out, "rows_estimated", source->row_estimate);
    auk_json_member_uint(out, "chunks", f->chunks_done);
    auk_json_member_uint(out, "chunks_total", source->chunk_total);
    auk_json_member_uint(out, "rows_per_second", (uint64_t)f->rows_per_second);
    auk_json_member_uint(out, "retries", source->counts.chunk_retries);
    if (f->rows_per_second >= 1 && source->row_estimate > f->rows)
        auk_json_member_uint(out, "seconds_left",
                             (uint64_t)((double)(source->row_estimate - f->rows) /
                                        f->rows_per_second));
    auk_json_end_object(out);
}

static void write_position(const auk_source *source, const auk_source_figures *f,
                           auk_json_writer *out)
{
    auk_json_member_object(out, "position");
    auk_json_member_uint(out, "timeline", source->position.timeline);
    write_lsn("received", f->stream.received, out);
    write_lsn("applied", source->position.applied, out);
    write_lsn("searchable", source->searchable, out);
    write_lsn("confirmed", f->stream.told, out);
    write_lsn("source", source->slot.current, out);
    auk_json_member_uint(out, "lag_bytes",
                         auk_lsn_distance(source->position.applied, source->slot.current));
    auk_json_member_double(out, "lag_seconds", f->lag_seconds);
    auk_json_end_object(out);
}

double auk_source_slot_eta(const auk_source *source)
{
    double most, left = auk_source_wal_left(source, &most);
    return source->slot_polled_us && left >= 0 && source->slot_growth > 1
               ? left / source->slot_growth
               : -1;
}

static void write_warning(const auk_source *source, auk_json_writer *out)
{
    double most, left = auk_source_wal_left(source, &most);
    if (source->slot_polled_us == 0 || left < 0 || left > most / 2)
        return;
    auk_json_member_text(out, "warning",
                         left > most / 5
                             ? "more than half of the log that the slot may hold back is used"
                             : "the slot is about to be lost, or to fill the disk: less than a "
                               "fifth of what it may hold back is left");
}

static void write_spool(const auk_source *source, const auk_source_figures *f, auk_json_writer *out)
{
    const auk_stream_stats *stream = &f->stream;
    auk_json_member_object(out, "spool");
    auk_json_member_text(out, "acknowledges",
                         stream->has_log ? "what is on disk" : "what is applied");
    auk_json_member_uint(out, "bytes",
                         stream->spool_memory_bytes + stream->spool_disk_bytes + stream->log_bytes);
    auk_json_member_uint(out, "disk_bytes", stream->spool_disk_bytes + stream->log_bytes);
    auk_json_member_uint(out, "limit_bytes", source->config->spool_limit_bytes);
    auk_json_member_double(out, "backpressure_seconds", (double)stream->backpressure_us / 1e6);
    if (stream->has_log)
        write_lsn("position", stream->spooled, out);
    if (stream->is_full)
        auk_json_member_text(out, "warning",
                             "it is full: nothing is read from the slot until more is applied");
    auk_json_end_object(out);
}

static void write_actions(const auk_source *source, auk_json_writer *out)
{
    auk_json_member_text(out, "budget", auk_wal_level_name(source->wal_level));
    auk_json_member_array(out, "actions");
    if (source->wal_level >= AUK_WAL_SHORT && source->logs)
        auk_json_string(out, AUK_SPAN("acknowledged from the spool"));
    if (source->copy_paused)
        auk_json_string(out, AUK_SPAN("reading of chunks paused"));
    auk_json_end_array(out);
}

static void write_slot(const auk_source *source, auk_json_writer *out)
{
    const auk_slot_state *slot = &source->slot;
    uint64_t retained = auk_lsn_distance(slot->restart, slot->current);
    auk_json_member_object(out, "slot");
    auk_json_member_string(out, "name", source->config->slot);
    auk_json_member_string(out, "publication", source->config->publication);
    if (source->slot_polled_us) {
        auk_json_member_bool(out, "exists", slot->exists);
        auk_json_member_bool(out, "active", slot->active);
        auk_json_member_string(out, "wal_status", slot->wal_status);
        auk_json_member_uint(out, "retained_bytes", retained);
        auk_json_member_int(out, "growth_bytes_per_second", (int64_t)source->slot_growth);
        if (slot->safe_wal_bytes >= 0)
            auk_json_member_int(out, "safe_wal_bytes", slot->safe_wal_bytes);
        if (auk_source_slot_eta(source) >= 0)
            auk_json_member_uint(out, "seconds_left", (uint64_t)auk_source_slot_eta(source));
        write_warning(source, out);
        write_actions(source, out);
    }
    auk_json_end_object(out);
}

static void write_counts(const auk_source *source, const auk_source_figures *f,
                         auk_json_writer *out)
{
    const auk_applier_stats *a = &f->applier;
    auk_json_member_object(out, "counts");
    auk_json_member_uint(out, "transactions", a->transactions);
    auk_json_member_uint(out, "inserts", a->inserts);
    auk_json_member_uint(out, "updates", a->updates);
    auk_json_member_uint(out, "deletes", a->deletes);
    auk_json_member_uint(out, "truncates", a->truncates);
    auk_json_member_uint(out, "documents", a->documents);
    auk_json_member_uint(out, "unchanged_documents", a->unchanged_documents);
    auk_json_member_uint(out, "skipped_visible", a->skipped_visible);
    auk_json_member_uint(out, "toast_from_row", a->toast_from_row);
    auk_json_member_uint(out, "rereads", source->counts.rereads);
    auk_json_member_uint(out, "rereads_pending", a->rereads_pending);
    auk_json_member_uint(out, "dead_letters", a->dead_letters);
    auk_json_member_uint(out, "unmapped_values", a->unmapped_values);
    auk_json_member_uint(out, "schema_changes", count_changes(source));
    auk_json_member_uint(out, "reconnects", count_ends(source));
    auk_json_member_uint(out, "waves", a->waves);
    auk_json_member_uint(out, "fanout_most", a->fanout_most);
    auk_json_member_double(out, "visibility_wait_seconds",
                           (double)source->counts.visibility_us / 1e6);
    auk_json_member_uint(out, "lsn_waits", source->counts.waits);
    auk_json_member_uint(out, "lsn_wait_timeouts", source->counts.wait_timeouts);
    auk_json_member_double(out, "lsn_wait_seconds", (double)source->counts.wait_us / 1e6);
    auk_json_end_object(out);
}

double auk_source_verified_age(const auk_source *source)
{
    double age = (double)(auk_clock_wall_ms() - source->verified_ms) / 1e3;
    return source->verified_ms == 0 ? -1 : age > 0 ? age : 0;
}

static void write_verification(const auk_source *source, auk_json_writer *out)
{
    auk_json_member_object(out, "verification");
    if (source->verified_ms) {
        auk_json_member_double(out, "age_seconds", auk_source_verified_age(source));
        write_lsn("lsn", source->verified_lsn, out);
    }
    auk_json_member_uint(out, "rows", source->counts.verified_rows);
    auk_json_member_uint(out, "mismatches", source->counts.verified_wrong);
    auk_json_member_uint(out, "repaired", source->counts.verified_mended);
    if (source->verified.size)
        auk_json_member_raw(out, "last_round", auk_buffer_span(&source->verified));
    auk_json_end_object(out);
}

static void write_indices(const auk_source *source, auk_json_writer *out)
{
    auk_arena *arena = auk_arena_create(1024);
    auk_json_member_array(out, "indices");
    for (uint32_t i = 0; i < source->index_count; i++) {
        const auk_source_index *at = &source->indices[i];
        auk_json_begin_object(out);
        auk_json_member_string(out, "index", at->name);
        auk_json_member_string(out, "table",
                               auk_arena_printf(arena, "%.*s.%.*s", AUK_SPAN_ARG(at->schema),
                                                AUK_SPAN_ARG(at->table)));
        auk_json_member_text(out, "state",
                             !at->standby.size  ? "serving"
                             : at->serving.size ? "serving, and read anew"
                                                : "being filled");
        auk_json_end_object(out);
    }
    auk_json_end_array(out);
    auk_arena_destroy(arena);
}

static void write_stats(auk_source *source, auk_json_writer *out)
{
    auk_source_figures f;
    pthread_mutex_lock(&source->lock);
    auk_source_gather(source, &f);
    auk_json_begin_object(out);
    auk_json_member_string(out, "source", source->name);
    auk_json_member_text(out, "state", auk_source_state_name(source));
    auk_json_member_int(out, "since_millis", source->since_ms);
    if (source->why.message[0])
        auk_json_member_text(out, "reason", source->why.message);
    if (source->why.hint[0])
        auk_json_member_text(out, "advice", source->why.hint);
    write_snapshot(source, &f, out);
    write_position(source, &f, out);
    write_slot(source, out);
    write_spool(source, &f, out);
    write_indices(source, out);
    auk_source_write_tables(source, out);
    write_counts(source, &f, out);
    write_verification(source, out);
    auk_json_key(out, AUK_SPAN("config"));
    auk_sync_config_write(source->config, out);
    auk_json_end_object(out);
    pthread_mutex_unlock(&source->lock);
}

void auk_syncs_each(auk_syncs *syncs, void (*call)(auk_source *source, void *context),
                    void *context)
{
    pthread_mutex_lock(&syncs->lock);
    auk_source *at = syncs->first ? auk_source_acquire(syncs->first) : NULL;
    pthread_mutex_unlock(&syncs->lock);
    while (at) {
        call(at, context);
        pthread_mutex_lock(&syncs->lock);
        auk_source *next = syncs->first;
        while (next && auk_span_compare(next->name, at->name) <= 0)
            next = next->next;
        if (next)
            auk_source_acquire(next);
        pthread_mutex_unlock(&syncs->lock);
        auk_source_release(at);
        at = next;
    }
}

static void write_one(auk_source *source, void *context)
{
    write_stats(source, context);
}

auk_code auk_sync_write_stats(auk_syncs *syncs, auk_span name, auk_json_writer *out, auk_error *err)
{
    if (name.size == 0) {
        auk_json_begin_object(out);
        auk_json_member_array(out, "sources");
        auk_syncs_each(syncs, write_one, out);
        auk_json_end_array(out);
        auk_json_end_object(out);
        return AUK_OK;
    }
    auk_source *source = auk_syncs_find(syncs, name);
    if (!source)
        return auk_fail(err, AUK_NOT_FOUND, "no such source [%.*s]", AUK_SPAN_ARG(name));
    write_stats(source, out);
    auk_source_release(source);
    return AUK_OK;
}
