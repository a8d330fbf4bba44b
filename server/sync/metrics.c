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
VALUE(short_of_memory, (double)source->counts.short_us / 1e6)
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
VALUE(dead_values, f->applier.dead_values)
VALUE(dead_mappings, f->applier.dead_mappings)
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
    {"cdc_backpressure_seconds_total", ",reason=\"spool\"", "counter",
     "not read from the slot, or not applied, because one was full", backpressure},
    {"cdc_backpressure_seconds_total", ",reason=\"memory\"", "counter",
     "not read from the slot, or not applied, because one was full", short_of_memory},
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
    {"cdc_reread_total", ",reason=\"toast\"", "counter", "rows read again for values not sent",
     rereads},
    {"cdc_reread_pending", "", "gauge", "rows that wait for it", rereads_pending},
    {"cdc_roots_dirty_total", "", "counter", "documents built anew", dirty_roots},
    {"cdc_visibility_wait_seconds_total", "", "counter",
     "that rows waited for transactions to become visible", visibility_wait},
    {"cdc_root_fanout", "", "gauge", "documents that one row changed, the most so far", fanout},
    {"cdc_waves_total", "", "counter", "passes over what was too large for a group", waves},
    {"cdc_waves_pending", "", "gauge", "1 while one runs", waves_pending},
    {"cdc_unmapped_values_total", "", "counter", "values kept as text", unmapped},
    {"cdc_dlq_entries", "", "gauge", "dead letters", dead},
    {"cdc_dlq_total", ",stage=\"value\"", "counter", "dead letters so far", dead_values},
    {"cdc_dlq_total", ",stage=\"mapping\"", "counter", "dead letters so far", dead_mappings},
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

/* ---- one row a word ---- */

typedef struct family {
    const char *name, *label, *type, *help;
    const char *const *words;
    int count;
    uint64_t (*value)(const auk_source *source, const auk_source_figures *f, int word);
} family;

static const char *const states[] = {"new",     "snapshot", "catchup", "streaming", "paused",
                                     "waiting", "gap",      "lost",    "diverged",  "failed"};

static uint64_t is_in_state(const auk_source *source, const auk_source_figures *f, int word)
{
    (void)f;
    return strcmp(auk_source_state_name(source), states[word]) == 0;
}

static const char *const operations[] = {"insert", "update", "delete", "truncate"};

static uint64_t count_changes(const auk_source *source, const auk_source_figures *f, int word)
{
    const uint64_t counts[] = {f->applier.inserts, f->applier.updates, f->applier.deletes,
                               f->applier.truncates};
    (void)source;
    return counts[word];
}

static const char *const kinds[AUK_CHANGE_KINDS] = {
    [AUK_CHANGE_COLUMNS] = "columns",   [AUK_CHANGE_KEY] = "key",
    [AUK_CHANGE_HEAPS] = "partitions",  [AUK_CHANGE_PUBLICATION] = "publication",
    [AUK_CHANGE_REPLACED] = "replaced", [AUK_CHANGE_GONE] = "dropped",
};

static uint64_t count_schema_changes(const auk_source *source, const auk_source_figures *f,
                                     int word)
{
    (void)f;
    return atomic_load(&source->counts.schema_changes[word]);
}

#define WORDS(list) list, (int)(sizeof(list) / sizeof *(list))

static const family families[] = {
    {"cdc_state", "state", "gauge", "the state a source is in", WORDS(states), is_in_state},
    {"cdc_changes_total", "op", "counter", "changes applied", WORDS(operations), count_changes},
    {"cdc_schema_changes_total", "kind", "counter", "changes of tables", WORDS(kinds),
     count_schema_changes},
};

typedef struct family_list {
    auk_buffer *out;
    const family *family;
} family_list;

static void write_family(auk_source *source, void *context)
{
    const family_list *list = context;
    const family *rows = list->family;
    auk_source_figures f;
    pthread_mutex_lock(&source->lock);
    auk_source_gather(source, &f);
    for (int i = 0; i < rows->count; i++)
        auk_buffer_printf(list->out, "auk_%s{source=\"%.*s\",%s=\"%s\"} %" PRIu64 "\n", rows->name,
                          AUK_SPAN_ARG(source->name), rows->label, rows->words[i],
                          rows->value(source, &f, i));
    pthread_mutex_unlock(&source->lock);
}

/* ---- tables ---- */

#define TABLES "cdc_table_changes_total"

typedef struct table_list {
    auk_buffer *out;
    auk_span source;
} table_list;

/* Names of tables may have any character. */
static void write_label(auk_span text, auk_buffer *out)
{
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c == '"' || c == '\\' || c == '\n')
            auk_buffer_append_byte(out, '\\');
        auk_buffer_append_byte(out, c == '\n' ? 'n' : c);
    }
}

static void write_table(void *context, const auk_table_changes *changes)
{
    const table_list *list = context;
    for (int i = 0; i < AUK_TABLE_CHANGES; i++) {
        auk_buffer_printf(list->out, "auk_" TABLES "{source=\"%.*s\",table=\"",
                          AUK_SPAN_ARG(list->source));
        write_label(changes->schema, list->out);
        auk_buffer_append_byte(list->out, '.');
        write_label(changes->name, list->out);
        auk_buffer_printf(list->out, "\",op=\"%s\"} %" PRIu64 "\n", operations[i],
                          changes->counts[i]);
    }
}

static void write_tables(auk_source *source, void *context)
{
    table_list list = {context, source->name};
    pthread_mutex_lock(&source->lock);
    if (source->applier)
        auk_applier_each_table(source->applier, write_table, &list);
    pthread_mutex_unlock(&source->lock);
}

/* ---- from commit to searchable ---- */

#define HISTOGRAM "cdc_commit_to_searchable_seconds"

static void write_histogram(auk_source *source, void *context)
{
    auk_buffer *out = context;
    auk_source_figures f;
    uint64_t count = 0;
    pthread_mutex_lock(&source->lock);
    auk_source_gather(source, &f);
    pthread_mutex_unlock(&source->lock);
    for (int i = 0; i < 16; i++) {
        count += f.applier.commit_to_searchable_us[i];
        auk_buffer_printf(out, "auk_" HISTOGRAM "_bucket{source=\"%.*s\",le=\"",
                          AUK_SPAN_ARG(source->name));
        if (i < 15)
            auk_buffer_printf(out, "%g", (double)(1u << i) / 1e3);
        else
            auk_buffer_append_text(out, "+Inf");
        auk_buffer_printf(out, "\"} %" PRIu64 "\n", count);
    }
    auk_buffer_printf(out, "auk_" HISTOGRAM "_sum{source=\"%.*s\"} %.17g\n",
                      AUK_SPAN_ARG(source->name), (double)f.applier.searchable_ms / 1e3);
    auk_buffer_printf(out, "auk_" HISTOGRAM "_count{source=\"%.*s\"} %" PRIu64 "\n",
                      AUK_SPAN_ARG(source->name), count);
}

/* ---- all ---- */

static void write_head(const char *name, const char *type, const char *help, auk_buffer *out)
{
    auk_buffer_printf(out, "# HELP auk_%s %s\n# TYPE auk_%s %s\n", name, help, name, type);
}

void auk_syncs_write_metrics(auk_syncs *syncs, auk_buffer *out)
{
    pthread_mutex_lock(&syncs->lock);
    bool none = syncs->first == NULL;
    pthread_mutex_unlock(&syncs->lock);
    if (none)
        return;
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        family_list list = {out, &families[i]};
        write_head(families[i].name, families[i].type, families[i].help, out);
        auk_syncs_each(syncs, write_family, &list);
    }
    for (size_t i = 0; i < sizeof metrics / sizeof *metrics; i++) {
        metric_list list = {out, &metrics[i]};
        if (i == 0 || strcmp(metrics[i].name, metrics[i - 1].name) != 0)
            write_head(metrics[i].name, metrics[i].type, metrics[i].help, out);
        auk_syncs_each(syncs, write_metric, &list);
    }
    write_head(TABLES, "counter", "changes applied, by table", out);
    auk_syncs_each(syncs, write_tables, out);
    write_head(HISTOGRAM, "histogram", "from commit to searchable", out);
    auk_syncs_each(syncs, write_histogram, out);
}
