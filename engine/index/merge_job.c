#include "merge_job.h"

#include "auk/clock.h"
#include "auk/log.h"
#include "auk/segment_writer.h"

#include "flush.h"
#include "merge_reorder.h"

#define FILE_LEVEL    3
#define MERGE_THREADS 2
#define SHORT_BYTES   ((uint64_t)4 << 20)

/* An order may take 3 parts of a merge's time to 7 of all else, which is what the shard's merges
 * took a byte so far. The first one is thought to be slow, so that it is not left out for nothing.
 */
#define REORDER_PARTS           3u
#define CARRY_PARTS             7u
#define CARRY_BYTES_EACH_SECOND ((uint64_t)4 << 20)
/* Of a small merge chance would decide; this much is always granted. */
#define REORDER_LEAST_US 2000000u

struct auk_merge_job {
    auk_shard *shard;
    uint32_t count;
    auk_entry **entries;
    auk_merge_source *sources;
    uint32_t **maps;
    int64_t seq_no; /* of the deletions that it drops */
    int64_t tombstones_from;
    uint32_t reload_count; /* of the shard when it began */
    uint32_t reorder_from; /* documents */
    auk_merge_plan plan;
    auk_reordering reordering;
    uint64_t reorder_us, reorder_began_us;
    uint64_t reorder_most_us; /* the budget */
    bool is_paced;
    auk_pace pace;
    auk_segment_file *file;
    auk_manifest manifest;
    auk_live *committed; /* of the new segment */
};

static uint64_t bytes_of(const auk_merge_job *job)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < job->count; i++)
        bytes += auk_segment_bytes(job->entries[i]->segment);
    return bytes;
}

/* Under lock. */
static uint64_t reorder_budget_us(const auk_merge_job *job)
{
    const auk_shard_counters *known = &job->shard->counters;
    double each_us = 1e6 / (double)CARRY_BYTES_EACH_SECOND;
    if (known->merge_bytes > 0)
        each_us =
            (double)(known->merge_time_us - known->reorder_time_us) / (double)known->merge_bytes;
    double share_us = (double)bytes_of(job) * each_us * REORDER_PARTS / CARRY_PARTS;
    return share_us > REORDER_LEAST_US ? (uint64_t)share_us : REORDER_LEAST_US;
}

auk_merge_job *auk_merge_job_create(auk_shard *shard, auk_entry *const *entries,
                                    const uint32_t *picked, uint32_t count)
{
    auk_merge_job *job = calloc(1, sizeof *job);
    if (job == NULL)
        abort();
    job->shard = shard;
    job->count = count;
    job->entries = calloc(count, sizeof(auk_entry *));
    job->sources = calloc(count, sizeof *job->sources);
    job->maps = calloc(count, sizeof(uint32_t *));
    if (job->entries == NULL || job->sources == NULL || job->maps == NULL)
        abort();
    for (uint32_t i = 0; i < count; i++) {
        auk_entry *entry = entries[picked != NULL ? picked[i] : i];
        entry->is_merging = true;
        job->entries[i] = auk_entry_acquire(entry);
        job->maps[i] = malloc((entry->doc_count + 1u) * sizeof(uint32_t));
        if (job->maps[i] == NULL)
            abort();
        job->sources[i] =
            (auk_merge_source){entry->segment, auk_live_acquire(entry->published), job->maps[i]};
    }
    job->seq_no = shard->published_seq_no;
    job->tombstones_from = job->seq_no - shard->options.tombstone_retention;
    job->reload_count = shard->reload_count;
    job->reorder_from = shard->options.reorder_from;
    job->reorder_most_us = reorder_budget_us(job);
    shard->merges_running++;
    return job;
}

static void destroy_job(auk_merge_job *job)
{
    auk_shard *shard = job->shard;
    pthread_mutex_lock(&shard->lock);
    shard->merges_running--;
    for (uint32_t i = 0; i < job->count; i++)
        job->entries[i]->is_merging = false;
    pthread_mutex_unlock(&shard->lock);
    for (uint32_t i = 0; i < job->count; i++) {
        auk_live_release((auk_live *)(uintptr_t)job->sources[i].live);
        auk_entry_release(job->entries[i]);
        free(job->maps[i]);
    }
    if (job->file != NULL)
        auk_segment_file_abort(job->file);
    auk_reordering_end(&job->reordering);
    auk_manifest_deinit(&job->manifest);
    auk_live_release(job->committed);
    free(job->entries);
    free(job->sources);
    free(job->maps);
    free(job);
}

static auk_code prepare(auk_merge_job *job, int level, auk_pool *pool, auk_error *err)
{
    auk_merge_options options = {.compression_level = level,
                                 .pool = pool,
                                 .tombstones_from = job->tombstones_from,
                                 .pace = job->is_paced ? &job->pace : NULL};
    return auk_merge_prepare(job->sources, job->count, &options, &job->plan, err);
}

static bool writes_anything(const auk_merge_job *job)
{
    return job->plan.doc_count != 0 || job->plan.tombstone_count != 0;
}

static void replace_entries(auk_merge_job *job, auk_entry *added)
{
    auk_replacement replacement = {job->entries, job->maps, job->count, added};
    auk_shard_replace(job->shard, &replacement);
}

/* ---- files ---- */

/* The file's sink, until the shard closes: nobody waits for gigabytes to be merged. */
typedef struct watched_sink {
    auk_shard *shard;
    auk_pace *pace;
    auk_sink file;
} watched_sink;

static auk_code put_watched(void *context, uint8_t kind, uint16_t field, uint32_t part,
                            auk_span bytes, auk_error *err)
{
    const watched_sink *sink = context;
    if (auk_shard_is_closing(sink->shard))
        return auk_fail(err, AUK_BUSY, "merge given up: the shard closes");
    if (sink->pace != NULL)
        auk_pace_bytes(sink->pace, bytes.size);
    return sink->file.put(sink->file.context, kind, field, part, bytes, err);
}

/* Sources and result are on the disk together for a while: better not begun than given up. */
static auk_code check_space(const auk_merge_job *job, auk_error *err)
{
    auk_code code = auk_store_check_work(job->shard->store, bytes_of(job), err);
    return code == AUK_OK ? AUK_OK : auk_wrap(err, code, "merge of %u segments", job->count);
}

static bool is_given_up(void *context)
{
    auk_merge_job *job = context;
    if (job->is_paced)
        auk_pace_rest(&job->pace);
    return auk_shard_is_closing(job->shard);
}

static uint64_t rested_us(const auk_merge_job *job)
{
    return job->is_paced ? atomic_load_explicit(&job->pace.rested_us, memory_order_relaxed) : 0;
}

/* What it rested for others does not count. */
static uint64_t reorder_left_us(void *context)
{
    const auk_merge_job *job = context;
    uint64_t spent_us = auk_clock_monotonic_us() - job->reorder_began_us;
    uint64_t budget_us = job->reorder_most_us + rested_us(job);
    return spent_us < budget_us ? budget_us - spent_us : 0;
}

/* A test that reorders whatever there is wants the same order each time. */
static auk_code reorder(auk_merge_job *job, auk_error *err)
{
    auk_reorder_options options = {.from = job->reorder_from,
                                   .budget = job->shard->budget,
                                   .stopped = is_given_up,
                                   .left_us = job->reorder_from == 1 ? NULL : reorder_left_us,
                                   .context = job};
    job->reorder_began_us = auk_clock_monotonic_us();
    auk_code code = auk_merge_reorder(&job->plan, &options, &job->reordering, err);
    job->reorder_us = auk_clock_monotonic_us() - job->reorder_began_us;
    if (job->reordering.tried)
        auk_log(AUK_LOG_DEBUG, "merge reordered",
                "shard=%u documents=%u gain=%.3f kept=%s ms=%llu budget_ms=%llu cut_short=%s",
                job->shard->id, job->plan.doc_count, job->reordering.gain,
                job->plan.is_reordered ? "new" : "old", (unsigned long long)job->reorder_us / 1000,
                (unsigned long long)job->reorder_most_us / 1000,
                job->reordering.cut_short ? "yes" : "no");
    return code;
}

static auk_code write_file(auk_merge_job *job, auk_error *err)
{
    if (!writes_anything(job))
        return AUK_OK;
    auk_code code = auk_segment_file_begin(job->shard->store, &job->file, err);
    if (code != AUK_OK)
        return code;
    watched_sink watched = {job->shard, job->is_paced ? &job->pace : NULL,
                            auk_segment_file_sink(job->file)};
    auk_sink sink = {put_watched, &watched};
    code = auk_merge_run(&job->plan, &sink, err);
    auk_reordering_end(&job->reordering);
    return code == AUK_OK ? auk_segment_file_finish(job->file, err) : code;
}

static void describe_merge(void *context, auk_mapped *mapped, auk_batch *batch)
{
    auk_merge_job *job = context;
    const auk_shard *shard = job->shard;
    if (mapped != NULL)
        auk_manifest_add_mapped(&job->manifest, mapped, job->plan.doc_count);
    auk_shard_put_manifest(shard, &job->manifest, batch);
    for (uint32_t i = 0; i < job->count; i++)
        auk_delete_live(shard, auk_mapped_id(job->entries[i]->mapped), batch);
    if (mapped != NULL && job->committed != NULL)
        auk_put_live(shard, auk_mapped_id(mapped), job->committed, batch);
}

/*
 * What the sources were is true no more once the shard was loaded anew: deletions that were taken
 * back would be made good by the merge. While the disk is full nothing is committed. Under lock.
 */
static bool may_commit(const auk_merge_job *job)
{
    return !job->shard->is_blocked && job->shard->reload_count == job->reload_count;
}

/*
 * What the merge dropped was deleted by operations that must be durable now; what the store has
 * been told of its sources meanwhile goes on to the new segment. Later deletions are in the
 * journal.
 */
static auk_code prepare_commit(auk_merge_job *job, auk_error *err)
{
    auk_shard *shard = job->shard;
    pthread_mutex_lock(&shard->lock);
    auk_shard_await_journal(shard, job->seq_no);
    /* Not before the wait: what it waited for may have failed. */
    if (!may_commit(job)) {
        pthread_mutex_unlock(&shard->lock);
        return auk_fail(err, AUK_FULL, "merge given up: the disk was full");
    }
    for (uint32_t i = 0; i < job->count; i++)
        auk_live_carry(job->entries[i]->committed, job->maps[i], &job->committed,
                       job->plan.doc_count);
    auk_shard_describe(shard, job->entries, job->count, &job->manifest);
    pthread_mutex_unlock(&shard->lock);
    return AUK_OK;
}

static auk_code install_file(auk_merge_job *job, auk_mapped *mapped, auk_error *err)
{
    auk_entry *added = NULL;
    if (mapped != NULL) {
        added = auk_entry_create(0);
        if (auk_entry_open_file(added, mapped, err) != AUK_OK)
            auk_fatal("segment just merged: %s", err != NULL ? err->message : "damaged");
    }
    replace_entries(job, added);
    auk_entry_release(added);
    return AUK_OK;
}

static auk_code commit_job(auk_merge_job *job, auk_error *err)
{
    auk_error own = {0};
    err = err != NULL ? err : &own;
    auk_code code = prepare_commit(job, err);
    if (code != AUK_OK)
        return code;
    uint64_t *drop = calloc(job->count, sizeof *drop);
    if (drop == NULL)
        abort();
    for (uint32_t i = 0; i < job->count; i++)
        drop[i] = auk_mapped_id(job->entries[i]->mapped);
    auk_mapped *mapped = NULL;
    code = auk_store_commit(job->shard->store, job->file, describe_merge, job, drop, job->count,
                            &mapped, err);
    job->file = NULL;
    free(drop);
    if (code != AUK_OK) {
        auk_shard_note_full(job->shard, err);
        return code;
    }
    return install_file(job, mapped, err);
}

static void count_merge(auk_merge_job *job, uint64_t start_us)
{
    auk_shard *shard = job->shard;
    uint64_t bytes = bytes_of(job), docs = 0;
    for (uint32_t i = 0; i < job->count; i++)
        docs += job->entries[i]->doc_count;
    pthread_mutex_lock(&shard->lock);
    shard->counters.merge_total++;
    shard->counters.merge_time_us += auk_clock_monotonic_us() - start_us;
    shard->counters.merge_docs += docs;
    shard->counters.merge_bytes += bytes;
    shard->counters.reorder_total += job->plan.is_reordered;
    shard->counters.reorder_time_us += job->reorder_us;
    pthread_mutex_unlock(&shard->lock);
}

typedef struct long_part {
    auk_merge_job *job;
    auk_pool *pool;
    auk_code code;
    auk_error *err;
} long_part;

static void run_long_part(void *context)
{
    long_part *part = context;
    part->code = prepare(part->job, FILE_LEVEL, part->pool, part->err);
    if (part->code == AUK_OK)
        part->code = reorder(part->job, part->err);
    if (part->code == AUK_OK)
        part->code = write_file(part->job, part->err);
}

/* Threads of its own are not worth it; a test that reorders whatever there is wants them. */
static bool is_short(const auk_merge_job *job)
{
    return bytes_of(job) < SHORT_BYTES && job->reorder_from != 1;
}

static void set_pace(auk_merge_job *job, auk_pace *pace)
{
    pthread_mutex_lock(&job->shard->lock);
    job->shard->merge_pace = pace;
    auk_shard_note_segments(job->shard);
    pthread_mutex_unlock(&job->shard->lock);
}

/*
 * On threads of its own, whose priority is low for good; the second one helps to compress sources
 * while no search waits. The commit is not theirs: it holds locks that writers wait for.
 */
static auk_code run_aside(auk_merge_job *job, auk_error *err)
{
    long_part part = {.job = job, .err = err};
    if (is_short(job)) {
        run_long_part(&part);
        return part.code;
    }
    job->is_paced = true;
    auk_pace_begin(&job->pace);
    set_pace(job, &job->pace);
    part.pool = auk_pool_create_low("merging", MERGE_THREADS, 1);
    if (auk_pool_submit(part.pool, run_long_part, &part, NULL) != AUK_OK)
        run_long_part(&part);
    auk_pool_destroy(part.pool);
    set_pace(job, NULL);
    auk_pace_end(&job->pace);
    return part.code;
}

/* The long part runs without locks but merge_lock; only the commit takes flush_lock. */
auk_code auk_merge_job_run_file(auk_merge_job *job, auk_error *err)
{
    uint64_t start_us = auk_clock_monotonic_us();
    auk_code code = check_space(job, err);
    if (code == AUK_OK)
        code = run_aside(job, err);
    if (code == AUK_OK) {
        pthread_mutex_lock(&job->shard->flush_lock);
        code = commit_job(job, err);
        pthread_mutex_unlock(&job->shard->flush_lock);
    }
    if (code == AUK_OK)
        count_merge(job, start_us);
    destroy_job(job);
    return code;
}

/* ---- in memory ---- */

auk_code auk_merge_job_run_memory(auk_merge_job *job, auk_error *err)
{
    auk_code code = prepare(job, AUK_SEGMENT_PLAIN, NULL, err);
    auk_entry *added = NULL;
    if (code == AUK_OK && writes_anything(job)) {
        auk_memory_sink *memory = auk_memory_sink_create();
        auk_sink sink = auk_memory_sink_interface(memory);
        code = auk_merge_run(&job->plan, &sink, err);
        if (code != AUK_OK) {
            auk_memory_sink_destroy(memory);
        } else {
            added = auk_entry_create(0);
            added->memory_bytes = (size_t)auk_memory_sink_bytes(memory);
            code = auk_memory_sink_open(memory, &added->segment, err);
            added->doc_count = job->plan.doc_count;
        }
    }
    if (code == AUK_OK)
        replace_entries(job, added);
    auk_entry_release(added);
    destroy_job(job);
    return code;
}
