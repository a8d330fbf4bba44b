#include "flush.h"

#include "auk/clock.h"
#include "auk/log.h"
#include "auk/segment_writer.h"

#include "merge.h"
#include "merge_policy.h"

#define FILE_FLOOR_BYTES       ((uint64_t)16 << 20)
#define FILE_MOST_BYTES        ((uint64_t)5 << 30)
#define MEMORY_FLOOR_BYTES     ((uint64_t)256 << 10)
#define MEMORY_MOST_BYTES      ((uint64_t)64 << 20)
#define FILE_LEVEL             3
#define MEMORY_LEVEL           1
#define DELETED_BEFORE_REWRITE 0 /* documents; for expunge */

/* One merge: sources with the deletions it drops, until its result takes their place. */
typedef struct merge_job {
    auk_shard *shard;
    uint32_t count;
    auk_entry **entries;
    auk_merge_source *sources;
    uint32_t **maps;
    int64_t seq_no; /* of the deletions that it drops */
    int64_t tombstones_from;
    uint32_t reload_count; /* of the shard when it began */
    auk_merge_plan plan;
    auk_segment_file *file;
    auk_manifest manifest;
    auk_live *committed; /* of the new segment */
} merge_job;

/* ---- what to merge; under flush_lock and lock ---- */

static uint32_t collect(const auk_shard *shard, bool files, auk_entry **entries,
                        auk_merge_candidate *candidates)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < shard->entries->count; i++) {
        auk_entry *entry = shard->entries->items[i].entry;
        if (auk_entry_is_file(entry) != files || !entry->is_published || entry->segment == NULL)
            continue;
        entries[count] = entry;
        candidates[count++] = (auk_merge_candidate){
            .bytes = auk_segment_bytes(entry->segment),
            .doc_count = entry->doc_count,
            .live_count = auk_live_count(entry->published, entry->doc_count),
            .is_merging = entry->is_merging,
        };
    }
    return count;
}

static merge_job *create_job(auk_shard *shard, auk_entry *const *entries, const uint32_t *picked,
                             uint32_t count)
{
    merge_job *job = calloc(1, sizeof *job);
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
    shard->merges_running++;
    return job;
}

static void destroy_job(merge_job *job)
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
    auk_manifest_deinit(&job->manifest);
    auk_live_release(job->committed);
    free(job->entries);
    free(job->sources);
    free(job->maps);
    free(job);
}

static auk_code prepare(merge_job *job, int level, auk_error *err)
{
    auk_merge_options options = {.compression_level = level,
                                 .tombstones_from = job->tombstones_from};
    return auk_merge_prepare(job->sources, job->count, &options, &job->plan, err);
}

static bool writes_anything(const merge_job *job)
{
    return job->plan.doc_count != 0 || job->plan.tombstone_count != 0;
}

static void replace_entries(merge_job *job, auk_entry *added)
{
    auk_replacement replacement = {job->entries, job->maps, job->count, added};
    auk_shard_replace(job->shard, &replacement);
}

/* ---- files ---- */

static bool is_closing(auk_shard *shard)
{
    pthread_mutex_lock(&shard->lock);
    bool closing = shard->is_closing;
    pthread_mutex_unlock(&shard->lock);
    return closing;
}

/* The file's sink, until the shard closes: nobody waits for gigabytes to be merged. */
typedef struct watched_sink {
    auk_shard *shard;
    auk_sink file;
} watched_sink;

static auk_code put_watched(void *context, uint8_t kind, uint16_t field, uint32_t part,
                            auk_span bytes, auk_error *err)
{
    const watched_sink *sink = context;
    if (is_closing(sink->shard))
        return auk_fail(err, AUK_BUSY, "merge given up: the shard closes");
    return sink->file.put(sink->file.context, kind, field, part, bytes, err);
}

/* Sources and result are on the disk together for a while: better not begun than given up. */
static auk_code check_space(const merge_job *job, auk_error *err)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < job->count; i++)
        bytes += auk_segment_bytes(job->entries[i]->segment);
    auk_code code = auk_store_check_work(job->shard->store, bytes, err);
    return code == AUK_OK ? AUK_OK : auk_wrap(err, code, "merge of %u segments", job->count);
}

static auk_code write_file(merge_job *job, auk_error *err)
{
    if (!writes_anything(job))
        return AUK_OK;
    auk_code code = auk_segment_file_begin(job->shard->store, &job->file, err);
    if (code != AUK_OK)
        return code;
    watched_sink watched = {job->shard, auk_segment_file_sink(job->file)};
    auk_sink sink = {put_watched, &watched};
    code = auk_merge_run(&job->plan, &sink, err);
    return code == AUK_OK ? auk_segment_file_finish(job->file, err) : code;
}

static void describe_merge(void *context, auk_mapped *mapped, auk_batch *batch)
{
    merge_job *job = context;
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
static bool may_commit(const merge_job *job)
{
    return !job->shard->is_blocked && job->shard->reload_count == job->reload_count;
}

/*
 * What the merge dropped was deleted by operations that must be durable now; what the store has
 * been told of its sources meanwhile goes on to the new segment. Later deletions are in the
 * journal.
 */
static auk_code prepare_commit(merge_job *job, auk_error *err)
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

static auk_code install_file(merge_job *job, auk_mapped *mapped, auk_error *err)
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

static auk_code commit_job(merge_job *job, auk_error *err)
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

static void count_merge(merge_job *job, uint64_t start_us)
{
    auk_shard *shard = job->shard;
    uint64_t bytes = 0, docs = 0;
    for (uint32_t i = 0; i < job->count; i++) {
        bytes += auk_segment_bytes(job->entries[i]->segment);
        docs += job->entries[i]->doc_count;
    }
    pthread_mutex_lock(&shard->lock);
    shard->counters.merge_total++;
    shard->counters.merge_time_us += auk_clock_monotonic_us() - start_us;
    shard->counters.merge_docs += docs;
    shard->counters.merge_bytes += bytes;
    pthread_mutex_unlock(&shard->lock);
}

/* The long part runs without locks but merge_lock; only the commit takes flush_lock. */
static auk_code run_file_job(merge_job *job, auk_error *err)
{
    uint64_t start_us = auk_clock_monotonic_us();
    auk_code code = check_space(job, err);
    if (code == AUK_OK)
        code = prepare(job, FILE_LEVEL, err);
    if (code == AUK_OK)
        code = write_file(job, err);
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

/* Picks `count` entries, or those that the choice says. NULL: nothing to do. */
typedef uint32_t (*choose)(const auk_shard *shard, const auk_merge_candidate *candidates,
                           uint32_t count, uint32_t wanted, uint32_t *picked);

static merge_job *choose_job(auk_shard *shard, bool files, choose pick, uint32_t wanted)
{
    merge_job *job = NULL;
    pthread_mutex_lock(&shard->lock);
    uint32_t most = shard->entries->count;
    auk_entry **entries = calloc(most + 1u, sizeof(auk_entry *));
    auk_merge_candidate *candidates = calloc(most + 1u, sizeof *candidates);
    uint32_t *picked = calloc((size_t)most + AUK_MERGE_GROUP_MOST, sizeof *picked);
    if (entries == NULL || candidates == NULL || picked == NULL)
        abort();
    uint32_t count = collect(shard, files, entries, candidates);
    uint32_t chosen = pick(shard, candidates, count, wanted, picked);
    if (chosen != 0)
        job = create_job(shard, entries, picked, chosen);
    pthread_mutex_unlock(&shard->lock);
    free(entries);
    free(candidates);
    free(picked);
    return job;
}

static uint32_t choose_by_policy(const auk_shard *shard, const auk_merge_candidate *candidates,
                                 uint32_t count, uint32_t wanted, uint32_t *picked)
{
    (void)wanted;
    auk_merge_limits limits = {.per_tier = (uint32_t)shard->options.max_segments_per_tier,
                               .floor_bytes = FILE_FLOOR_BYTES,
                               .most_bytes = FILE_MOST_BYTES};
    return auk_merge_policy_pick(candidates, count, &limits, picked);
}

static uint32_t choose_in_memory(const auk_shard *shard, const auk_merge_candidate *candidates,
                                 uint32_t count, uint32_t wanted, uint32_t *picked)
{
    (void)wanted;
    auk_merge_limits limits = {.per_tier = (uint32_t)shard->options.max_segments_per_tier,
                               .floor_bytes = MEMORY_FLOOR_BYTES,
                               .most_bytes = MEMORY_MOST_BYTES};
    uint32_t chosen = auk_merge_policy_pick(candidates, count, &limits, picked);
    return chosen > 1 ? chosen : 0;
}

/* The smallest ones, so many that `wanted` are left; a single one only when it has deletions to
 * lose. */
static uint32_t choose_down_to(const auk_shard *shard, const auk_merge_candidate *candidates,
                               uint32_t count, uint32_t wanted, uint32_t *picked)
{
    (void)shard;
    bool deletions = count == 1 && candidates[0].live_count < candidates[0].doc_count;
    if (count <= wanted && !(wanted == 1 && deletions))
        return 0;
    uint32_t take = count - wanted + 1;
    bool *taken = calloc(count + 1u, sizeof *taken);
    if (taken == NULL)
        abort();
    for (uint32_t n = 0; n < take; n++) {
        uint32_t least = UINT32_MAX;
        for (uint32_t i = 0; i < count; i++)
            if (!taken[i] && (least == UINT32_MAX || candidates[i].bytes < candidates[least].bytes))
                least = i;
        taken[least] = true;
    }
    uint32_t chosen = 0;
    for (uint32_t i = 0; i < count; i++)
        if (taken[i])
            picked[chosen++] = i;
    free(taken);
    return chosen;
}

static uint32_t choose_deleted(const auk_shard *shard, const auk_merge_candidate *candidates,
                               uint32_t count, uint32_t wanted, uint32_t *picked)
{
    (void)shard;
    (void)wanted;
    for (uint32_t i = 0; i < count; i++) {
        if (candidates[i].doc_count - candidates[i].live_count <= DELETED_BEFORE_REWRITE)
            continue;
        picked[0] = i;
        return 1;
    }
    return 0;
}

/* Under merge_lock. At most `rounds` merges: what is deleted meanwhile would make work without end.
 */
static auk_code merge_while(auk_shard *shard, choose pick, uint32_t wanted, uint32_t rounds,
                            auk_error *err)
{
    for (; rounds > 0; rounds--) {
        if (is_closing(shard))
            return AUK_OK;
        pthread_mutex_lock(&shard->flush_lock);
        merge_job *job = choose_job(shard, true, pick, wanted);
        pthread_mutex_unlock(&shard->flush_lock);
        if (job == NULL)
            return AUK_OK;
        auk_code code = run_file_job(job, err);
        if (code != AUK_OK)
            return code;
    }
    return AUK_OK;
}

static uint32_t count_files(auk_shard *shard)
{
    uint32_t count = 0;
    pthread_mutex_lock(&shard->lock);
    for (uint32_t i = 0; i < shard->entries->count; i++)
        count += auk_entry_is_file(shard->entries->items[i].entry);
    pthread_mutex_unlock(&shard->lock);
    return count;
}

/* ---- in memory ---- */

static auk_code run_memory_job(merge_job *job, auk_error *err)
{
    auk_code code = prepare(job, MEMORY_LEVEL, err);
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

void auk_shard_merge_memory(auk_shard *shard)
{
    for (;;) {
        merge_job *job = choose_job(shard, false, choose_in_memory, 0);
        if (job == NULL)
            return;
        auk_error err = {0};
        if (run_memory_job(job, &err) != AUK_OK)
            auk_fatal("merge of segments in memory: %s", err.message);
    }
}

/* ---- calls ---- */

auk_code auk_shard_merge_due(auk_shard *shard, auk_error *err)
{
    pthread_mutex_lock(&shard->flush_lock);
    auk_shard_merge_memory(shard);
    pthread_mutex_unlock(&shard->flush_lock);
    pthread_mutex_lock(&shard->merge_lock);
    auk_code code = merge_while(shard, choose_by_policy, 0, UINT32_MAX, err);
    pthread_mutex_unlock(&shard->merge_lock);
    if (code != AUK_BUSY) /* it closes */
        auk_shard_note_work(shard, &shard->merges, code, err);
    return code;
}

auk_code auk_shard_force_merge(auk_shard *shard, uint32_t max_segments, bool expunge,
                               auk_error *err)
{
    auk_code code = auk_shard_flush(shard, err);
    if (code != AUK_OK)
        return code;
    pthread_mutex_lock(&shard->merge_lock);
    if (max_segments == 0 && !expunge)
        code = merge_while(shard, choose_by_policy, 0, UINT32_MAX, err);
    if (code == AUK_OK && expunge)
        code = merge_while(shard, choose_deleted, 0, count_files(shard), err);
    if (code == AUK_OK && max_segments != 0)
        code = merge_while(shard, choose_down_to, max_segments, 1, err);
    pthread_mutex_unlock(&shard->merge_lock);
    return code;
}
