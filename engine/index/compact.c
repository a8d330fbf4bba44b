#include "auk/log.h"
#include "auk/pace.h"

#include "merge_job.h"
#include "merge_policy.h"

#define FILE_FLOOR_BYTES       ((uint64_t)16 << 20)
#define FILE_MOST_BYTES        ((uint64_t)5 << 30)
#define MEMORY_FLOOR_BYTES     ((uint64_t)256 << 10)
#define MEMORY_MOST_BYTES      ((uint64_t)64 << 20)
#define EXCESS_TIERS           4u /* so many tiers too much make writers wait */
#define DELETED_BEFORE_REWRITE 0  /* documents; for expunge */

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

/* Picks `count` entries, or those that the choice says. NULL: nothing to do. */
typedef uint32_t (*choose)(const auk_shard *shard, const auk_merge_candidate *candidates,
                           uint32_t count, uint32_t wanted, uint32_t *picked);

static auk_merge_job *choose_job(auk_shard *shard, bool files, choose pick, uint32_t wanted)
{
    auk_merge_job *job = NULL;
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
        job = auk_merge_job_create(shard, entries, picked, chosen);
    pthread_mutex_unlock(&shard->lock);
    free(entries);
    free(candidates);
    free(picked);
    return job;
}

static auk_merge_limits file_limits(const auk_shard *shard)
{
    return (auk_merge_limits){.per_tier = (uint32_t)shard->options.max_segments_per_tier,
                              .floor_bytes = FILE_FLOOR_BYTES,
                              .most_bytes = FILE_MOST_BYTES};
}

static uint32_t choose_by_policy(const auk_shard *shard, const auk_merge_candidate *candidates,
                                 uint32_t count, uint32_t wanted, uint32_t *picked)
{
    (void)wanted;
    auk_merge_limits limits = file_limits(shard);
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
        if (auk_shard_is_closing(shard))
            return AUK_OK;
        pthread_mutex_lock(&shard->flush_lock);
        auk_merge_job *job = choose_job(shard, true, pick, wanted);
        pthread_mutex_unlock(&shard->flush_lock);
        if (job == NULL)
            return AUK_OK;
        auk_code code = auk_merge_job_run_file(job, err);
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

void auk_shard_merge_memory(auk_shard *shard)
{
    for (;;) {
        auk_merge_job *job = choose_job(shard, false, choose_in_memory, 0);
        if (job == NULL)
            return;
        auk_error err = {0};
        if (auk_merge_job_run_memory(job, &err) != AUK_OK)
            auk_fatal("merge of segments in memory: %s", err.message);
    }
}

/* ---- merges that are behind ---- */

void auk_shard_note_segments(auk_shard *shard)
{
    uint32_t most = shard->entries->count;
    auk_entry **entries = calloc(most + 1u, sizeof(auk_entry *));
    auk_merge_candidate *candidates = calloc(most + 1u, sizeof *candidates);
    if (entries == NULL || candidates == NULL)
        abort();
    uint32_t count = collect(shard, true, entries, candidates);
    auk_merge_limits limits = file_limits(shard);
    shard->excess_segments = auk_merge_policy_excess(candidates, count, &limits);
    if (shard->merge_pace != NULL && shard->excess_segments > limits.per_tier)
        auk_pace_hurry(shard->merge_pace);
    free(entries);
    free(candidates);
}

bool auk_shard_has_excess(const auk_shard *shard)
{
    uint32_t most = (uint32_t)shard->options.max_segments_per_tier * EXCESS_TIERS;
    return shard->excess_segments > most && (shard->merge_queued || shard->merges_running > 0);
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
