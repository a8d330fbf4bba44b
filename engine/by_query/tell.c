/* What the task shows while it runs, and what it answers. */
#include <math.h>

#include "auk/resize.h"

#include "by_query_private.h"

static void add(auk_counts *sum, const auk_counts *more)
{
    sum->created += more->created;
    sum->updated += more->updated;
    sum->deleted += more->deleted;
    sum->conflicts += more->conflicts;
    sum->batches += more->batches;
    sum->bulk_retries += more->bulk_retries;
    sum->search_retries += more->search_retries;
    sum->throttled_us += more->throttled_us;
    if (more->throttled_until_us > sum->throttled_until_us)
        sum->throttled_until_us = more->throttled_until_us;
}

/* Members that a kind cannot have are left out for who waits, as Elasticsearch does. */
static void write_counts(const auk_run *run, const auk_counts *counts, double rate, bool all,
                         auk_json_writer *out)
{
    auk_by_query_kind kind = run->wishes.kind;
    uint64_t now_us = auk_clock_monotonic_us(), until_us = counts->throttled_until_us;
    auk_json_member_uint(out, "total", counts->total);
    if (all || kind != AUK_BY_QUERY_DELETE)
        auk_json_member_uint(out, "updated", counts->updated);
    if (all || kind == AUK_BY_QUERY_REINDEX)
        auk_json_member_uint(out, "created", counts->created);
    auk_json_member_uint(out, "deleted", counts->deleted);
    auk_json_member_uint(out, "batches", counts->batches);
    auk_json_member_uint(out, "version_conflicts", counts->conflicts);
    auk_json_member_uint(out, "noops", 0);
    auk_json_member_object(out, "retries");
    auk_json_member_uint(out, "bulk", counts->bulk_retries);
    auk_json_member_uint(out, "search", counts->search_retries);
    auk_json_end_object(out);
    auk_json_member_uint(out, "throttled_millis", counts->throttled_us / 1000);
    auk_json_member_double(out, "requests_per_second", isfinite(rate) ? rate : -1);
    if (run->job && auk_job_cancelled(run->job))
        auk_json_member_text(out, "canceled", "by user request");
    auk_json_member_uint(out, "throttled_until_millis",
                         until_us > now_us ? (until_us - now_us) / 1000 : 0);
}

static void write_slices(const auk_run *run, double rate, bool all, auk_json_writer *out)
{
    auk_json_member_array(out, "slices");
    for (unsigned i = 0; i < run->worker_count; i++) {
        auk_counts counts = run->workers[i].counts;
        counts.total = counts.created + counts.updated + counts.deleted + counts.conflicts;
        auk_json_begin_object(out);
        auk_json_member_uint(out, "slice_id", i);
        write_counts(run, &counts, rate / run->worker_count, all, out);
        auk_json_end_object(out);
    }
    auk_json_end_array(out);
}

/* Under the run's lock. */
static void write_all(const auk_run *run, bool all, auk_json_writer *out)
{
    double rate = run->job ? auk_job_rate(run->job) : run->wishes.rate;
    auk_counts sum = {.total = run->source.total};
    if (sum.total > run->wishes.max_docs)
        sum.total = run->wishes.max_docs;
    for (unsigned i = 0; i < run->worker_count; i++)
        add(&sum, &run->workers[i].counts);
    write_counts(run, &sum, rate, all, out);
    if (run->worker_count > 1)
        write_slices(run, rate, all, out);
}

void auk_run_write_status(auk_run *run, auk_buffer *text)
{
    auk_json_writer out;
    auk_json_writer_init(&out, text, false);
    pthread_mutex_lock(&run->lock);
    auk_json_begin_object(&out);
    write_all(run, true, &out);
    auk_json_end_object(&out);
    pthread_mutex_unlock(&run->lock);
}

void auk_run_tell(auk_run *run)
{
    auk_buffer text;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_run_write_status(run, &text);
    auk_job_set_status(run->job, auk_buffer_span(&text));
    auk_buffer_deinit(&text);
}

static void write_resize_answer(const auk_run *run, auk_json_writer *out)
{
    auk_json_begin_object(out);
    auk_json_member_bool(out, "acknowledged", true);
    auk_json_member_bool(out, "shards_acknowledged", true);
    auk_json_member_string(out, "index", run->wishes.resize->target);
    auk_json_end_object(out);
}

void auk_run_write_answer(auk_run *run, auk_buffer *text)
{
    auk_json_writer out;
    auk_json_writer_init(&out, text, false);
    if (run->wishes.resize) {
        write_resize_answer(run, &out);
        return;
    }
    pthread_mutex_lock(&run->lock);
    auk_json_begin_object(&out);
    auk_json_member_uint(&out, "took", (auk_clock_monotonic_us() - run->started_us) / 1000);
    auk_json_member_bool(&out, "timed_out", false);
    write_all(run, !run->wishes.is_awaited, &out);
    auk_json_key(&out, AUK_SPAN("failures"));
    auk_json_raw(&out, AUK_SPAN("["));
    auk_buffer_append(text, auk_buffer_span(&run->failures));
    auk_buffer_append_byte(text, ']');
    auk_json_end_object(&out);
    pthread_mutex_unlock(&run->lock);
}
