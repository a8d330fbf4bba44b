/* What a source says of itself: GET /_sync, and figures for Prometheus. */
#include <inttypes.h>

#include "source.h"

typedef struct figures {
    auk_applier_stats applier;
    auk_stream_stats stream;
    uint64_t chunks_done, rows;
    double rows_per_second; /* of the snapshot */
    double lag_seconds;     /* commit -> applied, of the newest */
} figures;

static void write_lsn(const char *name, auk_lsn lsn, auk_json_writer *out)
{
    char text[24];
    if (lsn)
        auk_json_member_text(out, name, auk_lsn_format(lsn, text));
}

/* ---- gathering; under lock ---- */

static void gather(auk_source *source, figures *out)
{
    *out = (figures){.stream = source->stream_stats};
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

static uint64_t distance(auk_lsn from, auk_lsn to)
{
    return to > from ? to - from : 0;
}

/* ---- JSON ---- */

static void write_snapshot(const auk_source *source, const figures *f, auk_json_writer *out)
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

static void write_position(const auk_source *source, const figures *f, auk_json_writer *out)
{
    auk_json_member_object(out, "position");
    auk_json_member_uint(out, "timeline", source->position.timeline);
    write_lsn("received", f->stream.received, out);
    write_lsn("applied", source->position.applied, out);
    write_lsn("searchable", source->searchable, out);
    write_lsn("confirmed", f->stream.confirmed, out);
    write_lsn("source", source->slot.current, out);
    auk_json_member_uint(out, "lag_bytes",
                         distance(source->position.applied, source->slot.current));
    auk_json_member_double(out, "lag_seconds", f->lag_seconds);
    auk_json_end_object(out);
}

/* What the slot may still hold back: by the server's limit, else by the source's budget; -1: no
 * end. *most: of what. */
static double budget_left(const auk_source *source, double *most)
{
    const auk_slot_state *slot = &source->slot;
    double retained = (double)distance(slot->restart, slot->current);
    *most = (double)source->config->wal_budget_bytes;
    if (*most > 0)
        return *most > retained ? *most - retained : 0;
    if (slot->safe_wal_bytes < 0)
        return -1;
    *most = (double)slot->safe_wal_bytes + retained;
    return (double)slot->safe_wal_bytes;
}

static void write_warning(const auk_source *source, auk_json_writer *out)
{
    double most, left = budget_left(source, &most);
    if (source->slot_polled_us == 0 || left < 0 || left > most / 2)
        return;
    auk_json_member_text(out, "warning",
                         left > most / 5
                             ? "more than half of the log that the slot may hold back is used"
                             : "the slot is about to be lost, or to fill the disk: less than a "
                               "fifth of what it may hold back is left");
}

static void write_slot(const auk_source *source, auk_json_writer *out)
{
    const auk_slot_state *slot = &source->slot;
    uint64_t retained = distance(slot->restart, slot->current);
    double most, left = budget_left(source, &most);
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
        if (left >= 0 && source->slot_growth > 1)
            auk_json_member_uint(out, "seconds_left", (uint64_t)(left / source->slot_growth));
        write_warning(source, out);
    }
    auk_json_end_object(out);
}

static void write_counts(const auk_source *source, const figures *f, auk_json_writer *out)
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
    auk_json_member_uint(out, "schema_changes", source->counts.schema_changes);
    auk_json_member_uint(out, "reconnects", source->counts.reconnects);
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
    figures f;
    pthread_mutex_lock(&source->lock);
    gather(source, &f);
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
    write_indices(source, out);
    write_counts(source, &f, out);
    auk_json_key(out, AUK_SPAN("config"));
    auk_sync_config_write(source->config, out);
    auk_json_end_object(out);
    pthread_mutex_unlock(&source->lock);
}

/* Calls for each source, acquired, without the registry's lock. */
static void each(auk_syncs *syncs, void (*call)(auk_source *source, void *context), void *context)
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
        each(syncs, write_one, out);
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

/* ---- Prometheus ---- */

typedef struct metric {
    const char *name, *type, *help;
    double (*value)(const auk_source *source, const figures *f);
} metric;

#define VALUE(function, expression)                                                                \
    static double function(const auk_source *source, const figures *f)                             \
    {                                                                                              \
        (void)source;                                                                              \
        (void)f;                                                                                   \
        return (double)(expression);                                                               \
    }

VALUE(is_up, source->hold == AUK_HOLD_NONE)
VALUE(received, f->stream.received)
VALUE(applied, source->position.applied)
VALUE(confirmed, f->stream.confirmed)
VALUE(current, source->slot.current)
VALUE(lag_bytes, distance(source->position.applied, source->slot.current))
VALUE(lag_seconds, f->lag_seconds)
VALUE(retained, distance(source->slot.restart, source->slot.current))
VALUE(safe_wal, source->slot.safe_wal_bytes)
VALUE(slot_active, source->slot.active)
VALUE(slot_spill, source->slot.spill_bytes)
VALUE(slot_stream, source->slot.stream_bytes)
VALUE(reconnects, source->counts.reconnects)
VALUE(transactions, f->applier.transactions)
VALUE(bytes_received, f->stream.bytes_received)
VALUE(open_streamed, f->stream.open_streamed)
VALUE(largest, f->stream.largest_bytes)
VALUE(spool, f->stream.spool_memory_bytes + f->stream.spool_disk_bytes)
VALUE(spool_limit, source->config->spool_limit_bytes)
VALUE(backpressure, (double)f->stream.backpressure_us / 1e6)
VALUE(publishes, f->applier.publishes)
VALUE(publish_seconds, (double)f->applier.publish_us / 1e6)
VALUE(skipped, f->applier.skipped_visible)
VALUE(snapshot_rows, f->rows)
VALUE(snapshot_estimate, source->row_estimate)
VALUE(snapshot_chunks, f->chunks_done)
VALUE(snapshot_chunks_all, source->chunk_total)
VALUE(chunk_retries, source->counts.chunk_retries)
VALUE(toast_from_row, f->applier.toast_from_row)
VALUE(rereads, source->counts.rereads)
VALUE(rereads_pending, f->applier.rereads_pending)
VALUE(dirty_roots, f->applier.dirty_roots)
VALUE(schema_changes, source->counts.schema_changes)
VALUE(unmapped, f->applier.unmapped_values)
VALUE(dead, f->applier.dead_letters)
VALUE(dead_total, f->applier.dead_letters_total)
VALUE(verified_rows, source->counts.verified_rows)
VALUE(verified_wrong, source->counts.verified_wrong)
VALUE(verified_mended, source->counts.verified_mended)
VALUE(lsn_waits, source->counts.waits)
VALUE(lsn_timeouts, source->counts.wait_timeouts)
VALUE(message_age,
      f->stream.last_message_us
          ? (double)((int64_t)auk_clock_monotonic_us() - f->stream.last_message_us) / 1e6
          : 0)

static const metric metrics[] = {
    {"cdc_up", "gauge", "1 while nothing holds the source up", is_up},
    {"cdc_received_lsn", "gauge", "position received", received},
    {"cdc_applied_lsn", "gauge", "position durable in the index", applied},
    {"cdc_confirmed_lsn", "gauge", "position that the server was told", confirmed},
    {"cdc_source_current_lsn", "gauge", "where the server writes, as last polled", current},
    {"cdc_lag_bytes", "gauge", "log between the server and the index", lag_bytes},
    {"cdc_lag_seconds", "gauge", "age of the newest commit that is applied, while more waits",
     lag_seconds},
    {"cdc_last_message_age_seconds", "gauge", "since the server was heard of", message_age},
    {"cdc_slot_retained_bytes", "gauge", "log that the slot holds back", retained},
    {"cdc_slot_safe_wal_bytes", "gauge", "log until the slot is lost, -1: no limit", safe_wal},
    {"cdc_slot_active", "gauge", "1 while somebody reads the slot", slot_active},
    {"cdc_slot_spill_bytes_total", "counter", "spilled by the server", slot_spill},
    {"cdc_slot_stream_bytes_total", "counter", "streamed before their commit", slot_stream},
    {"cdc_reconnects_total", "counter", "connections that ended", reconnects},
    {"cdc_transactions_total", "counter", "transactions applied", transactions},
    {"cdc_bytes_received_total", "counter", "bytes of the stream", bytes_received},
    {"cdc_open_streamed_tx", "gauge", "transactions under way", open_streamed},
    {"cdc_largest_tx_bytes", "gauge", "largest transaction so far", largest},
    {"cdc_spool_bytes", "gauge", "received and not applied", spool},
    {"cdc_spool_limit_bytes", "gauge", "of that, the most", spool_limit},
    {"cdc_backpressure_seconds_total", "counter", "not read, because the spool was full",
     backpressure},
    {"cdc_publishes_total", "counter", "groups of transactions made visible", publishes},
    {"cdc_publish_seconds_total", "counter", "time that took", publish_seconds},
    {"cdc_skipped_visible_total", "counter", "changes that a chunk had seen", skipped},
    {"cdc_snapshot_rows_total", "counter", "rows read by the snapshot", snapshot_rows},
    {"cdc_snapshot_rows_estimate", "gauge", "rows that it has to read", snapshot_estimate},
    {"cdc_snapshot_chunks_done", "gauge", "chunks that are in", snapshot_chunks},
    {"cdc_snapshot_chunks", "gauge", "chunks in all", snapshot_chunks_all},
    {"cdc_chunk_retries_total", "counter", "chunks read again after a failure", chunk_retries},
    {"cdc_toast_from_row_total", "counter", "values not sent, and known", toast_from_row},
    {"cdc_reread_total", "counter", "rows read again for values not sent", rereads},
    {"cdc_reread_pending", "gauge", "rows that wait for it", rereads_pending},
    {"cdc_roots_dirty_total", "counter", "documents built anew", dirty_roots},
    {"cdc_schema_changes_total", "counter", "tables that changed", schema_changes},
    {"cdc_unmapped_values_total", "counter", "values kept as text", unmapped},
    {"cdc_dlq_entries", "gauge", "dead letters", dead},
    {"cdc_dlq_total", "counter", "dead letters ever", dead_total},
    {"cdc_verify_rows_total", "counter", "rows compared with the source", verified_rows},
    {"cdc_verify_mismatch_total", "counter", "rows that differed", verified_wrong},
    {"cdc_verify_repaired_total", "counter", "of those, mended", verified_mended},
    {"cdc_wait_lsn_total", "counter", "requests that waited for a position", lsn_waits},
    {"cdc_wait_lsn_timeouts_total", "counter", "of those, in vain", lsn_timeouts},
};

typedef struct metric_list {
    auk_buffer *out;
    const metric *metric;
} metric_list;

static void write_metric(auk_source *source, void *context)
{
    const metric_list *list = context;
    figures f;
    pthread_mutex_lock(&source->lock);
    gather(source, &f);
    double value = list->metric->value(source, &f);
    auk_buffer_printf(list->out, "auk_%s{source=\"%.*s\",slot=\"%.*s\"} ", list->metric->name,
                      AUK_SPAN_ARG(source->name), AUK_SPAN_ARG(source->config->slot));
    pthread_mutex_unlock(&source->lock);
    auk_buffer_printf(list->out, "%.17g\n", value);
}

static void write_state(auk_source *source, void *context)
{
    static const char *const states[] = {"new",     "snapshot", "catchup", "streaming", "paused",
                                         "waiting", "gap",      "lost",    "failed"};
    auk_buffer *out = context;
    pthread_mutex_lock(&source->lock);
    const char *state = auk_source_state_name(source);
    pthread_mutex_unlock(&source->lock);
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        auk_buffer_printf(out, "auk_cdc_state{source=\"%.*s\",state=\"%s\"} %d\n",
                          AUK_SPAN_ARG(source->name), states[i], strcmp(state, states[i]) == 0);
}

static void write_changes(auk_source *source, void *context)
{
    auk_buffer *out = context;
    figures f;
    pthread_mutex_lock(&source->lock);
    gather(source, &f);
    pthread_mutex_unlock(&source->lock);
    const struct {
        const char *op;
        uint64_t count;
    } rows[] = {{"insert", f.applier.inserts},
                {"update", f.applier.updates},
                {"delete", f.applier.deletes},
                {"truncate", f.applier.truncates}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        auk_buffer_printf(out, "auk_cdc_changes_total{source=\"%.*s\",op=\"%s\"} %" PRIu64 "\n",
                          AUK_SPAN_ARG(source->name), rows[i].op, rows[i].count);
}

#define HISTOGRAM "auk_cdc_commit_to_searchable_seconds"

static void write_histogram(auk_source *source, void *context)
{
    auk_buffer *out = context;
    figures f;
    uint64_t sum = 0;
    pthread_mutex_lock(&source->lock);
    gather(source, &f);
    pthread_mutex_unlock(&source->lock);
    for (int i = 0; i < 16; i++) {
        sum += f.applier.commit_to_searchable_us[i];
        auk_buffer_printf(out, HISTOGRAM "_bucket{source=\"%.*s\",le=\"",
                          AUK_SPAN_ARG(source->name));
        if (i < 15)
            auk_buffer_printf(out, "%g", (double)(1u << i) / 1e3);
        else
            auk_buffer_append_text(out, "+Inf");
        auk_buffer_printf(out, "\"} %" PRIu64 "\n", sum);
    }
}

void auk_syncs_write_metrics(auk_syncs *syncs, auk_buffer *out)
{
    pthread_mutex_lock(&syncs->lock);
    bool none = syncs->first == NULL;
    pthread_mutex_unlock(&syncs->lock);
    if (none)
        return;
    auk_buffer_append_text(out, "# HELP auk_cdc_state the state a source is in\n"
                                "# TYPE auk_cdc_state gauge\n");
    each(syncs, write_state, out);
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++) {
        metric_list list = {out, &metrics[i]};
        auk_buffer_printf(out, "# HELP auk_%s %s\n# TYPE auk_%s %s\n", metrics[i].name,
                          metrics[i].help, metrics[i].name, metrics[i].type);
        each(syncs, write_metric, &list);
    }
    auk_buffer_append_text(out, "# HELP auk_cdc_changes_total changes applied\n"
                                "# TYPE auk_cdc_changes_total counter\n");
    each(syncs, write_changes, out);
    auk_buffer_append_text(out, "# HELP " HISTOGRAM " from commit to searchable\n"
                                "# TYPE " HISTOGRAM " histogram\n");
    each(syncs, write_histogram, out);
}
