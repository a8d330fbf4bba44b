#include "flush.h"

#include <assert.h>

#include "auk/clock.h"
#include "auk/log.h"

#include "journal.h"
#include "lease.h"
#include "merge.h"

#define FILE_COMPRESSION_LEVEL 1

/* ---- what other files use ---- */

void auk_shard_charge(auk_shard *shard, size_t bytes)
{
    auk_budget_force(shard->budget, AUK_PURPOSE_INDEXING, bytes);
    shard->memory_bytes += bytes;
}

void auk_shard_discharge(auk_shard *shard, size_t bytes)
{
    assert(bytes <= shard->memory_bytes);
    auk_budget_release(shard->budget, AUK_PURPOSE_INDEXING, bytes);
    shard->memory_bytes -= bytes;
}

void auk_shard_charge_tombstones(auk_shard *shard)
{
    size_t now = shard->tombstones.bytes, before = shard->tombstone_bytes;
    if (now > before)
        auk_budget_force(shard->budget, AUK_PURPOSE_INDEXING, now - before);
    else
        auk_budget_release(shard->budget, AUK_PURPOSE_INDEXING, before - now);
    shard->tombstone_bytes = now;
}

void auk_shard_await_journal(auk_shard *shard, int64_t seq_no)
{
    for (;;) {
        const auk_in_flight *call = shard->in_flight;
        while (call != NULL && call->first > seq_no)
            call = call->next;
        if (call == NULL)
            return;
        pthread_cond_wait(&shard->changed, &shard->lock);
    }
}

static bool is_among(const auk_entry *entry, auk_entry *const *entries, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (entries[i] == entry)
            return true;
    return false;
}

void auk_shard_describe(auk_shard *shard, auk_entry *const *without, uint32_t without_count,
                        auk_manifest *out)
{
    *out = (auk_manifest){.primary_term = shard->primary_term,
                          .checkpoint = shard->checkpoint,
                          .max_seq_no = shard->committed_max_seq_no,
                          .mapping_version = shard->mapping_version};
    for (uint32_t i = 0; i < shard->entries->count; i++) {
        const auk_entry *entry = shard->entries->items[i].entry;
        if (!auk_entry_is_file(entry) || is_among(entry, without, without_count))
            continue;
        auk_vector_push(&out->segments,
                        (auk_manifest_segment){.id = auk_mapped_id(entry->mapped),
                                               .doc_count = entry->doc_count,
                                               .bytes = auk_mapped_bytes(entry->mapped),
                                               .location = auk_mapped_location(entry->mapped)});
    }
}

void auk_shard_put_manifest(const auk_shard *shard, const auk_manifest *manifest, auk_batch *batch)
{
    char key[AUK_MANIFEST_KEY_SIZE];
    auk_manifest_key(shard->id, key);
    auk_buffer bytes;
    auk_buffer_init(&bytes, AUK_BUFFER_NO_LIMIT);
    auk_manifest_write(manifest, &bytes);
    auk_batch_put(batch, AUK_FAMILY_COMMIT, auk_span_make(key, sizeof key),
                  auk_buffer_span(&bytes));
    auk_buffer_deinit(&bytes);
}

void auk_put_live(const auk_shard *shard, uint64_t segment, const auk_live *live, auk_batch *batch)
{
    char key[AUK_LIVE_KEY_SIZE];
    auk_live_key(shard->id, segment, key);
    auk_buffer bytes;
    auk_buffer_init(&bytes, AUK_BUFFER_NO_LIMIT);
    auk_live_encode(live, &bytes);
    auk_batch_put(batch, AUK_FAMILY_COMMIT, auk_span_make(key, sizeof key),
                  auk_buffer_span(&bytes));
    auk_buffer_deinit(&bytes);
}

void auk_delete_live(const auk_shard *shard, uint64_t segment, auk_batch *batch)
{
    char key[AUK_LIVE_KEY_SIZE];
    auk_live_key(shard->id, segment, key);
    auk_batch_delete(batch, AUK_FAMILY_COMMIT, auk_span_make(key, sizeof key));
}

void auk_manifest_add_mapped(auk_manifest *manifest, const auk_mapped *mapped, uint32_t doc_count)
{
    auk_vector_push(&manifest->segments,
                    (auk_manifest_segment){.id = auk_mapped_id(mapped),
                                           .doc_count = doc_count,
                                           .bytes = auk_mapped_bytes(mapped),
                                           .location = auk_mapped_location(mapped)});
}

static void release_mapped(void *owner)
{
    auk_mapped_release(owner);
}

static bool read_mapped(const void *owner, auk_span bytes, char *into)
{
    return auk_mapped_read(owner, bytes, into);
}

static auk_code fail_file(const auk_mapped *mapped, auk_code code, auk_error *err)
{
    auk_wrap(err, code, "file \"%s\"", auk_mapped_path(mapped));
    auk_hint(err, "auk check says more; auk check --repair keeps what can be kept");
    return code;
}

auk_code auk_entry_open_file(auk_entry *entry, auk_mapped *mapped, auk_error *err)
{
    uint32_t count;
    const auk_value *values = auk_mapped_values(mapped, &count);
    auk_code code = auk_segment_open(values, count, release_mapped, mapped, &entry->segment, err);
    if (code != AUK_OK) {
        fail_file(mapped, code, err);
        auk_mapped_release(mapped);
        return code;
    }
    entry->mapped = auk_mapped_acquire(mapped);
    code = auk_segment_doubt(entry->segment, auk_mapped_path(mapped), read_mapped, err);
    if (code != AUK_OK)
        return code;
    entry->doc_count = auk_segment_doc_count(entry->segment);
    return AUK_OK;
}

/* ---- a flush: the plan ---- */

/* A file entry whose deletions are to be committed, or a segment in memory that is to become one.
 */
typedef struct planned_entry {
    auk_entry *entry;
    auk_live *live; /* at the moment of the flush */
    uint32_t *map;
} planned_entry;

typedef struct flush_plan {
    auk_shard *shard;
    int64_t seq_no;
    int64_t tombstones_from;
    int64_t journal_to; /* entries below are not kept */
    uint64_t journal_bytes;
    AUK_VECTOR(planned_entry) memory;
    AUK_VECTOR(planned_entry) files; /* of those whose deletions changed */
    auk_manifest manifest;
    uint32_t doc_count;     /* of the file */
    auk_segment_file *file; /* NULL: nothing is left to write */
} flush_plan;

/* Under lock. */
static void plan_entry(flush_plan *plan, auk_entry *entry, bool unseen)
{
    auk_live *live = unseen ? entry->snapshot : entry->published;
    if (unseen ? entry->segment == NULL : !entry->is_published)
        return;
    if (auk_entry_is_file(entry) && live == entry->committed)
        return;
    planned_entry planned = {.entry = auk_entry_acquire(entry), .live = auk_live_acquire(live)};
    if (auk_entry_is_file(entry))
        auk_vector_push(&plan->files, planned);
    else
        auk_vector_push(&plan->memory, planned);
}

/*
 * Under refresh_lock and lock, right after a refresh: what is published is the moment; or, unseen,
 * right after a seal: the snapshots are. False: a call that it waited for was not taken, so that
 * the moment must not be made durable.
 */
static bool plan_flush(auk_shard *shard, bool unseen, int64_t seq_no, flush_plan *plan)
{
    *plan = (flush_plan){.shard = shard, .seq_no = seq_no, .journal_bytes = shard->journal_bytes};
    if (plan->seq_no < shard->checkpoint)
        plan->seq_no = shard->checkpoint;
    plan->tombstones_from = plan->seq_no - shard->options.tombstone_retention;
    int64_t leased = auk_leases_least(shard);
    plan->journal_to = (leased < plan->seq_no ? leased : plan->seq_no) + 1;
    for (uint32_t i = 0; i < shard->entries->count; i++) {
        auk_entry *entry = shard->entries->items[i].entry;
        plan_entry(plan, entry, unseen);
        if (unseen)
            auk_live_assign(&entry->snapshot, NULL);
    }
    auk_shard_await_journal(shard, plan->seq_no);
    int64_t checkpoint = shard->checkpoint, max_seq_no = shard->committed_max_seq_no;
    shard->checkpoint = plan->seq_no;
    shard->committed_max_seq_no = plan->seq_no;
    auk_shard_describe(shard, NULL, 0, &plan->manifest);
    shard->checkpoint = checkpoint;
    shard->committed_max_seq_no = max_seq_no;
    return !shard->is_blocked;
}

static void drop_planned(planned_entry *planned)
{
    auk_entry_release(planned->entry);
    auk_live_release(planned->live);
    free(planned->map);
}

static void drop_plan(flush_plan *plan)
{
    for (uint32_t i = 0; i < plan->memory.count; i++)
        drop_planned(&plan->memory.items[i]);
    for (uint32_t i = 0; i < plan->files.count; i++)
        drop_planned(&plan->files.items[i]);
    auk_vector_free(&plan->memory);
    auk_vector_free(&plan->files);
    auk_manifest_deinit(&plan->manifest);
}

/* ---- the file ---- */

static auk_code begin_file(flush_plan *plan, auk_sink *sink, auk_error *err)
{
    auk_code code = auk_segment_file_begin(plan->shard->store, &plan->file, err);
    if (code == AUK_OK)
        *sink = auk_segment_file_sink(plan->file);
    return code;
}

static auk_code end_file(flush_plan *plan, auk_code code, auk_error *err)
{
    if (code == AUK_OK)
        code = auk_segment_file_finish(plan->file, err);
    if (code == AUK_OK)
        return AUK_OK;
    auk_segment_file_abort(plan->file);
    plan->file = NULL;
    return code;
}

/* A single segment without deletions is merged too: in memory its sources are not compressed. */
static auk_code write_file(flush_plan *plan, auk_error *err)
{
    if (plan->memory.count == 0)
        return AUK_OK;
    auk_merge_source *sources = calloc(plan->memory.count, sizeof *sources);
    if (sources == NULL)
        abort();
    for (uint32_t i = 0; i < plan->memory.count; i++) {
        planned_entry *planned = &plan->memory.items[i];
        planned->map = malloc((planned->entry->doc_count + 1u) * sizeof *planned->map);
        if (planned->map == NULL)
            abort();
        sources[i] = (auk_merge_source){planned->entry->segment, planned->live, planned->map};
    }
    auk_merge_options options = {.compression_level = FILE_COMPRESSION_LEVEL,
                                 .tombstones_from = plan->tombstones_from,
                                 .pool = plan->shard->background};
    auk_merge_plan merge;
    auk_code code = auk_merge_prepare(sources, plan->memory.count, &options, &merge, err);
    plan->doc_count = merge.doc_count;
    if (code == AUK_OK && (merge.doc_count != 0 || merge.tombstone_count != 0)) {
        auk_sink sink;
        code = begin_file(plan, &sink, err);
        if (code == AUK_OK)
            code = end_file(plan, auk_merge_run(&merge, &sink, err), err);
    }
    free(sources);
    return code;
}

/* ---- the commit ---- */

static void delete_journal(const auk_shard *shard, int64_t from, int64_t to, auk_batch *batch)
{
    char first[AUK_JOURNAL_KEY_SIZE], end[AUK_JOURNAL_KEY_SIZE];
    if (from >= to)
        return;
    auk_journal_key(shard->id, from, first);
    auk_journal_key(shard->id, to, end);
    auk_batch_delete_range(batch, AUK_FAMILY_JOURNAL, auk_span_make(first, sizeof first),
                           auk_span_make(end, sizeof end));
}

static void describe_flush(void *context, auk_mapped *mapped, auk_batch *batch)
{
    flush_plan *plan = context;
    const auk_shard *shard = plan->shard;
    if (mapped != NULL)
        auk_manifest_add_mapped(&plan->manifest, mapped, plan->doc_count);
    auk_shard_put_manifest(shard, &plan->manifest, batch);
    for (uint32_t i = 0; i < plan->files.count; i++)
        auk_put_live(shard, auk_mapped_id(plan->files.items[i].entry->mapped),
                     plan->files.items[i].live, batch);
    delete_journal(shard, shard->journal_from, plan->journal_to, batch);
}

static void install_flush(flush_plan *plan, auk_mapped *mapped)
{
    auk_shard *shard = plan->shard;
    auk_entry *added = NULL;
    if (mapped != NULL) {
        auk_error err = {0};
        added = auk_entry_create(0);
        /* The journal is gone: without this segment its documents would be too. */
        if (auk_entry_open_file(added, mapped, &err) != AUK_OK)
            auk_fatal("segment just written: %s", err.message);
    }
    pthread_mutex_lock(&shard->lock);
    for (uint32_t i = 0; i < plan->files.count; i++)
        auk_live_assign(&plan->files.items[i].entry->committed, plan->files.items[i].live);
    shard->checkpoint = plan->seq_no;
    shard->committed_max_seq_no = plan->seq_no;
    if (shard->journal_from < plan->journal_to)
        shard->journal_from = plan->journal_to;
    shard->journal_bytes -= plan->journal_bytes;
    pthread_mutex_unlock(&shard->lock);
    if (plan->memory.count == 0)
        return;
    auk_entry **sources = calloc(plan->memory.count, sizeof(auk_entry *));
    uint32_t **maps = calloc(plan->memory.count, sizeof(uint32_t *));
    if (sources == NULL || maps == NULL)
        abort();
    for (uint32_t i = 0; i < plan->memory.count; i++) {
        sources[i] = plan->memory.items[i].entry;
        maps[i] = plan->memory.items[i].map;
    }
    auk_replacement replacement = {sources, maps, plan->memory.count, added};
    auk_shard_replace(shard, &replacement);
    auk_entry_release(added);
    free(sources);
    free(maps);
}

static auk_code commit_flush(flush_plan *plan, auk_error *err)
{
    auk_mapped *mapped = NULL;
    auk_code code = auk_store_commit(plan->shard->store, plan->file, describe_flush, plan, NULL, 0,
                                     &mapped, err);
    plan->file = NULL;
    if (code != AUK_OK) {
        auk_shard_note_full(plan->shard, err);
        return code;
    }
    install_flush(plan, mapped);
    return auk_store_flush(plan->shard->store, err);
}

static auk_code run_plan(auk_shard *shard, flush_plan *plan, bool may, auk_error *err)
{
    bool nothing = plan->seq_no == shard->checkpoint && plan->memory.count == 0 &&
                   plan->journal_to <= shard->journal_from;
    auk_code code = may ? AUK_OK : auk_fail(err, AUK_FULL, "the disk is full");
    if (may && !nothing) {
        code = write_file(plan, err);
        if (code == AUK_OK)
            code = commit_flush(plan, err);
    }
    drop_plan(plan);
    return code;
}

/* Everything that is published; nothing when more than that is in files already. */
static auk_code flush_published(auk_shard *shard, auk_error *err)
{
    bool changed, may = true;
    flush_plan plan;
    pthread_mutex_lock(&shard->refresh_lock);
    auk_shard_refresh_held(shard, &changed);
    pthread_mutex_lock(&shard->lock);
    bool wanted = !shard->options.shows_when_told || shard->published_seq_no >= shard->checkpoint;
    if (wanted)
        may = plan_flush(shard, false, shard->published_seq_no, &plan);
    pthread_mutex_unlock(&shard->lock);
    pthread_mutex_unlock(&shard->refresh_lock);
    return wanted ? run_plan(shard, &plan, may, err) : AUK_OK;
}

/* Under lock. A new version of a document must not come to one file with the one that is seen. */
static bool may_flush_unseen(const auk_shard *shard)
{
    bool may = shard->options.shows_when_told;
    for (uint32_t i = 0; i < shard->entries->count && may; i++) {
        const auk_entry *entry = shard->entries->items[i].entry;
        may = !entry->is_published || auk_entry_is_file(entry);
    }
    return may;
}

/* What is applied and waits to be shown, unless something was shown just now: then the next flush
 * sees to it. */
static auk_code flush_unseen(auk_shard *shard, auk_error *err)
{
    int64_t seq_no;
    flush_plan plan;
    bool may = true;
    pthread_mutex_lock(&shard->refresh_lock);
    pthread_mutex_lock(&shard->lock);
    bool wanted = may_flush_unseen(shard);
    pthread_mutex_unlock(&shard->lock);
    wanted = wanted && auk_shard_seal_held(shard, &seq_no);
    if (wanted) {
        pthread_mutex_lock(&shard->lock);
        may = plan_flush(shard, true, seq_no, &plan);
        pthread_mutex_unlock(&shard->lock);
    }
    pthread_mutex_unlock(&shard->refresh_lock);
    return wanted ? run_plan(shard, &plan, may, err) : AUK_OK;
}

static auk_code flush_held(auk_shard *shard, auk_error *err)
{
    auk_code code = flush_published(shard, err);
    return code == AUK_OK ? flush_unseen(shard, err) : code;
}

auk_code auk_shard_flush(auk_shard *shard, auk_error *err)
{
    auk_error own = {0};
    err = err != NULL ? err : &own;
    uint64_t start_us = auk_clock_monotonic_us();
    auk_code code = auk_shard_unblock(shard, err);
    if (code == AUK_OK) {
        pthread_mutex_lock(&shard->flush_lock);
        code = flush_held(shard, err);
        pthread_mutex_unlock(&shard->flush_lock);
    }
    auk_shard_note_work(shard, &shard->flushes, code, err);
    if (code != AUK_OK)
        return code;
    pthread_mutex_lock(&shard->lock);
    shard->counters.flush_total++;
    shard->counters.flush_time_us += auk_clock_monotonic_us() - start_us;
    pthread_mutex_unlock(&shard->lock);
    auk_shard_request_merge(shard);
    return code;
}
