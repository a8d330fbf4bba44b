/* The figures of all sources, for Prometheus. */
#include <inttypes.h>

#include "figures.h"

typedef struct metric {
    const char *name, *label, *type, *help; /* label: "" or ",stage=\"applied\"" */
    double (*value)(const auk_source *source, const auk_source_figures *f);
} metric;

#define VALUE(function, expression)                                                                \
    static double function(const auk_source *source, const auk_source_figures *f)                  \
    {                                                                                              \
        (void)source;                                                                              \
        (void)f;                                                                                   \
        return (double)(expression);                                                               \
    }

VALUE(is_up, source->hold == AUK_HOLD_NONE)
VALUE(received, f->stream.received)
VALUE(applied, source->position.applied)
VALUE(confirmed, f->stream.told)
VALUE(spooled, f->stream.spooled)
VALUE(wal_level, source->wal_level)
VALUE(copy_paused, source->copy_paused)
VALUE(current, source->slot.current)
VALUE(lag_received, auk_lsn_distance(f->stream.received, source->slot.current))
VALUE(lag_applied, auk_lsn_distance(source->position.applied, source->slot.current))
VALUE(lag_searchable, auk_lsn_distance(source->searchable, source->slot.current))
VALUE(lag_confirmed, auk_lsn_distance(f->stream.told, source->slot.current))
VALUE(lag_seconds, f->lag_seconds)
VALUE(retained, auk_lsn_distance(source->slot.restart, source->slot.current))
VALUE(safe_wal, source->slot.safe_wal_bytes)
VALUE(slot_active, source->slot.active)
VALUE(slot_spill, source->slot.spill_bytes)
VALUE(slot_stream, source->slot.stream_bytes)
VALUE(ended_connection, source->counts.reconnects[AUK_END_CONNECTION])
VALUE(ended_refused, source->counts.reconnects[AUK_END_REFUSED])
VALUE(ended_slot, source->counts.reconnects[AUK_END_SLOT])
VALUE(ended_other, source->counts.reconnects[AUK_END_OTHER])
VALUE(slots_lost, source->counts.slots_lost)
VALUE(slot_growth, source->slot_growth)
VALUE(slot_eta, auk_source_slot_eta(source))
VALUE(transactions, f->applier.transactions)
VALUE(bytes_received, f->stream.bytes_received)
VALUE(open_streamed, f->stream.open_streamed)
VALUE(largest, f->stream.largest_bytes)
VALUE(spool, f->stream.spool_memory_bytes + f->stream.spool_disk_bytes + f->stream.log_bytes)
VALUE(spool_limit, source->config->spool_limit_bytes)
VALUE(backpressure, (double)f->stream.backpressure_us / 1e6)
VALUE(publishes, f->applier.publishes)
VALUE(publish_seconds, (double)f->applier.publish_us / 1e6)
VALUE(skipped, f->applier.skipped_visible)
VALUE(snapshot_rows, f->rows)
VALUE(snapshot_estimate, source->row_estimate)
VALUE(snapshot_chunks, f->chunks_done)
VALUE(snapshot_chunks_open,
      source->chunk_total > f->chunks_done ? source->chunk_total - f->chunks_done : 0)
VALUE(chunk_retries, source->counts.chunk_retries)
VALUE(toast_from_row, f->applier.toast_from_row)
VALUE(rereads, source->counts.rereads)
VALUE(rereads_pending, f->applier.rereads_pending)
VALUE(dirty_roots, f->applier.dirty_roots)
VALUE(unmapped, f->applier.unmapped_values)
VALUE(dead, f->applier.dead_letters)
VALUE(dead_total, f->applier.dead_letters_total)
VALUE(verified_rows, source->counts.verified_rows)
VALUE(verified_wrong, source->counts.verified_wrong)
VALUE(verified_mended, source->counts.verified_mended)
VALUE(verified_age, auk_source_verified_age(source))
VALUE(visibility_wait, (double)source->counts.visibility_us / 1e6)
VALUE(fanout, f->applier.fanout_most)
VALUE(waves, f->applier.waves)
VALUE(waves_pending, f->applier.waves_pending)
VALUE(published, f->applier.inserts + f->applier.updates + f->applier.deletes)
VALUE(lsn_seconds, (double)source->counts.wait_us / 1e6)
VALUE(snapshot_eta, f->rows_per_second >= 1 && source->row_estimate > f->rows &&
                            source->phase == AUK_SOURCE_SNAPSHOT
                        ? (double)(source->row_estimate - f->rows) / f->rows_per_second
                        : 0)
VALUE(spool_disk, f->stream.spool_disk_bytes + f->stream.log_bytes)
VALUE(lsn_waits, source->counts.waits)
VALUE(lsn_timeouts, source->counts.wait_timeouts)
VALUE(message_age,
      f->stream.last_message_us
          ? (double)((int64_t)auk_clock_monotonic_us() - f->stream.last_message_us) / 1e6
          : 0)

static const metric metrics[] = {
    {"cdc_up", "", "gauge", "1 while nothing holds the source up", is_up},
    {"cdc_received_lsn", "", "gauge", "position received", received},
    {"cdc_spooled_lsn", "", "gauge", "position that the spool has on disk; 0: it has none",
     spooled},
    {"cdc_wal_level", "", "gauge", "of the slot's budget: 0 ok, 1 used, 2 short, 3 over",
     wal_level},
    {"cdc_copy_paused", "", "gauge", "1 while no chunk is begun for the sake of the slot",
     copy_paused},
    {"cdc_applied_lsn", "", "gauge", "position durable in the index", applied},
    {"cdc_confirmed_lsn", "", "gauge", "position that the server was told", confirmed},
    {"cdc_source_current_lsn", "", "gauge", "where the server writes, as last polled", current},
    {"cdc_lag_bytes", ",stage=\"received\"", "gauge", "log behind the server", lag_received},
    {"cdc_lag_bytes", ",stage=\"applied\"", "gauge", "log behind the server", lag_applied},
    {"cdc_lag_bytes", ",stage=\"searchable\"", "gauge", "log behind the server", lag_searchable},
    {"cdc_lag_bytes", ",stage=\"confirmed\"", "gauge", "log behind the server", lag_confirmed},
    {"cdc_lag_seconds", ",stage=\"applied\"", "gauge",
     "age of the newest commit that is applied, while more waits", lag_seconds},
    {"cdc_last_message_age_seconds", "", "gauge", "since the server was heard of", message_age},
    {"cdc_slot_retained_bytes", "", "gauge", "log that the slot holds back", retained},
    {"cdc_slot_safe_wal_bytes", "", "gauge", "log until the slot is lost, -1: no limit", safe_wal},
    {"cdc_slot_growth_bytes_per_second", "", "gauge", "how fast what it holds back grows",
     slot_growth},
    {"cdc_slot_wal_eta_seconds", "", "gauge", "until it is lost as it grows now, -1: not",
     slot_eta},
    {"cdc_slot_invalidations_total", "", "counter", "slots that were lost", slots_lost},
    {"cdc_slot_active", "", "gauge", "1 while somebody reads the slot", slot_active},
    {"cdc_slot_spill_bytes_total", "", "counter", "spilled by the server", slot_spill},
    {"cdc_slot_stream_bytes_total", "", "counter", "streamed before their commit", slot_stream},
    {"cdc_reconnects_total", ",reason=\"connection\"", "counter", "connections that ended",
     ended_connection},
    {"cdc_reconnects_total", ",reason=\"refused\"", "counter", "connections that ended",
     ended_refused},
    {"cdc_reconnects_total", ",reason=\"slot\"", "counter", "connections that ended", ended_slot},
    {"cdc_reconnects_total", ",reason=\"other\"", "counter", "connections that ended", ended_other},
    {"cdc_transactions_total", "", "counter", "transactions applied", transactions},
    {"cdc_bytes_received_total", "", "counter", "bytes of the stream", bytes_received},
    {"cdc_open_streamed_tx", "", "gauge", "transactions under way", open_streamed},
    {"cdc_largest_tx_bytes", "", "gauge", "largest transaction so far", largest},
    {"cdc_spool_bytes", "", "gauge", "received and not applied", spool},
    {"cdc_spool_disk_bytes", "", "gauge", "of that, on disk", spool_disk},
    {"cdc_spool_limit_bytes", "", "gauge", "of that, the most", spool_limit},
    {"cdc_backpressure_seconds_total", "", "counter", "not read, because the spool was full",
     backpressure},
    {"cdc_publishes_total", "", "counter", "groups of transactions made visible", publishes},
    {"cdc_publish_seconds_total", "", "counter", "time that took", publish_seconds},
    {"cdc_publish_changes_total", "", "counter", "changes made visible by them", published},
    {"cdc_skipped_visible_total", "", "counter", "changes that a chunk had seen", skipped},
    {"cdc_snapshot_rows_total", "", "counter", "rows read by the snapshot", snapshot_rows},
    {"cdc_snapshot_rows_estimate", "", "gauge", "rows that it has to read", snapshot_estimate},
    {"cdc_snapshot_chunks", ",state=\"done\"", "gauge", "chunks of the snapshot", snapshot_chunks},
    {"cdc_snapshot_chunks", ",state=\"open\"", "gauge", "chunks of the snapshot",
     snapshot_chunks_open},
    {"cdc_snapshot_eta_seconds", "", "gauge", "until the snapshot is read", snapshot_eta},
    {"cdc_chunk_retries_total", "", "counter", "chunks read again after a failure", chunk_retries},
    {"cdc_toast_resolved_total", ",from=\"row\"", "counter", "values that were not sent",
     toast_from_row},
    {"cdc_toast_resolved_total", ",from=\"source\"", "counter", "values that were not sent",
     rereads},
    {"cdc_reread_total", "", "counter", "rows read again for values not sent", rereads},
    {"cdc_reread_pending", "", "gauge", "rows that wait for it", rereads_pending},
    {"cdc_roots_dirty_total", "", "counter", "documents built anew", dirty_roots},
    {"cdc_visibility_wait_seconds_total", "", "counter",
     "that rows waited for transactions to become visible", visibility_wait},
    {"cdc_root_fanout", "", "gauge", "documents that one row changed, the most so far", fanout},
    {"cdc_waves_total", "", "counter", "passes over what was too large for a group", waves},
    {"cdc_waves_pending", "", "gauge", "1 while one runs", waves_pending},
    {"cdc_unmapped_values_total", "", "counter", "values kept as text", unmapped},
    {"cdc_dlq_entries", "", "gauge", "dead letters", dead},
    {"cdc_dlq_total", "", "counter", "dead letters ever", dead_total},
    {"cdc_verify_rows_total", "", "counter", "rows compared with the source", verified_rows},
    {"cdc_verify_mismatch_total", "", "counter", "rows that differed", verified_wrong},
    {"cdc_verify_repaired_total", "", "counter", "of those, mended", verified_mended},
    {"cdc_verified_age_seconds", "", "gauge", "since all rows were compared, -1: never",
     verified_age},
    {"cdc_wait_lsn_total", "", "counter", "requests that waited for a position", lsn_waits},
    {"cdc_wait_lsn_seconds_total", "", "counter", "time they waited", lsn_seconds},
    {"cdc_wait_lsn_timeouts_total", "", "counter", "of those, in vain", lsn_timeouts},
};

typedef struct metric_list {
    auk_buffer *out;
    const metric *metric;
} metric_list;

static void write_metric(auk_source *source, void *context)
{
    const metric_list *list = context;
    auk_source_figures f;
    pthread_mutex_lock(&source->lock);
    auk_source_gather(source, &f);
    double value = list->metric->value(source, &f);
    auk_buffer_printf(list->out, "auk_%s{source=\"%.*s\",slot=\"%.*s\"%s} ", list->metric->name,
                      AUK_SPAN_ARG(source->name), AUK_SPAN_ARG(source->config->slot),
                      list->metric->label);
    pthread_mutex_unlock(&source->lock);
    auk_buffer_printf(list->out, "%.17g\n", value);
}

static void write_state(auk_source *source, void *context)
{
    static const char *const states[] = {"new",     "snapshot", "catchup", "streaming", "paused",
                                         "waiting", "gap",      "lost",    "diverged",  "failed"};
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
    auk_source_figures f;
    pthread_mutex_lock(&source->lock);
    auk_source_gather(source, &f);
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

static void write_schema_changes(auk_source *source, void *context)
{
    static const char *const kinds[AUK_CHANGE_KINDS] = {
        [AUK_CHANGE_COLUMNS] = "columns",   [AUK_CHANGE_KEY] = "key",
        [AUK_CHANGE_HEAPS] = "partitions",  [AUK_CHANGE_PUBLICATION] = "publication",
        [AUK_CHANGE_REPLACED] = "replaced", [AUK_CHANGE_GONE] = "dropped",
    };
    for (int i = 0; i < AUK_CHANGE_KINDS; i++)
        auk_buffer_printf(context,
                          "auk_cdc_schema_changes_total{source=\"%.*s\",kind=\"%s\"} %" PRIu64 "\n",
                          AUK_SPAN_ARG(source->name), kinds[i],
                          (uint64_t)atomic_load(&source->counts.schema_changes[i]));
}

#define HISTOGRAM "auk_cdc_commit_to_searchable_seconds"

static void write_histogram(auk_source *source, void *context)
{
    auk_buffer *out = context;
    auk_source_figures f;
    uint64_t sum = 0;
    pthread_mutex_lock(&source->lock);
    auk_source_gather(source, &f);
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
    auk_syncs_each(syncs, write_state, out);
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++) {
        metric_list list = {out, &metrics[i]};
        if (i == 0 || strcmp(metrics[i].name, metrics[i - 1].name) != 0)
            auk_buffer_printf(out, "# HELP auk_%s %s\n# TYPE auk_%s %s\n", metrics[i].name,
                              metrics[i].help, metrics[i].name, metrics[i].type);
        auk_syncs_each(syncs, write_metric, &list);
    }
    auk_buffer_append_text(out, "# HELP auk_cdc_changes_total changes applied\n"
                                "# TYPE auk_cdc_changes_total counter\n");
    auk_syncs_each(syncs, write_changes, out);
    auk_buffer_append_text(out, "# HELP auk_cdc_schema_changes_total changes of tables\n"
                                "# TYPE auk_cdc_schema_changes_total counter\n");
    auk_syncs_each(syncs, write_schema_changes, out);
    auk_buffer_append_text(out, "# HELP " HISTOGRAM " from commit to searchable\n"
                                "# TYPE " HISTOGRAM " histogram\n");
    auk_syncs_each(syncs, write_histogram, out);
}
