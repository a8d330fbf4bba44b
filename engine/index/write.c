#include <time.h>

#include "auk/clock.h"
#include "auk/fault_point.h"
#include "auk/log.h"

#include "decide.h"
#include "journal.h"
#include "write_call.h"

#define AHEAD_MOST     4u    /* times the limit, of a shard's memory while it is flushed */
#define SHORT_SHARE    4u    /* indexing may have so much; a part of it is taken: memory is short */
#define STALL_MS       10000 /* a writer waits at most so long for a flush that is behind */
#define MERGE_STALL_MS 1000  /* and so long for merges: each call, so that they catch up */

/* ---- under the lock: decide, number, apply ---- */

static void apply_item(write_call *call, uint32_t i, const auk_located *old, int64_t version)
{
    auk_shard *shard = call->shard;
    const auk_operation *operation = &call->operations[i];
    write_item *item = &call->items[i];
    item->seq_no = shard->max_seq_no + 1;
    if (operation->kind == AUK_OPERATION_DELETE) {
        auk_tombstone tombstone = {operation->id, item->seq_no, version, shard->primary_term,
                                   call->time_ms};
        auk_shard_apply_delete(shard, old, &tombstone, item->id_hash);
    } else {
        auk_row row = {item->chunk, item->document, item->seq_no, version, shard->primary_term};
        auk_shard_apply_index(shard, old, &row);
    }
    call->applied++;
}

static auk_result result_of(const auk_operation *operation, bool existed)
{
    if (operation->kind == AUK_OPERATION_DELETE)
        return existed ? AUK_RESULT_DELETED : AUK_RESULT_NOT_FOUND;
    return existed ? AUK_RESULT_UPDATED : AUK_RESULT_CREATED;
}

static void run_item(write_call *call, uint32_t i, auk_arena *arena)
{
    const auk_operation *operation = &call->operations[i];
    write_item *item = &call->items[i];
    auk_outcome *outcome = &call->outcomes[i];
    if (item->is_refused)
        return;
    auk_located old = {.seq_no = -1};
    int64_t version = 1;
    auk_code code = AUK_OK;
    auk_error err;
    err.code = AUK_OK;
    if (!operation->id_is_generated)
        code = auk_shard_locate(call->shard, operation->id, item->id_hash, &item->prefetch, arena,
                                &old, &err);
    if (code == AUK_OK)
        code = auk_decide(operation, &old, &version, &err);
    if (code != AUK_OK) {
        auk_write_refuse(outcome, &err, call->arena);
        return;
    }
    bool existed = old.entry != NULL;
    apply_item(call, i, &old, version);
    outcome->result = result_of(operation, existed);
    outcome->seq_no = item->seq_no;
    outcome->version = version;
}

static void take_chunks(write_call *call)
{
    auk_entry *active = call->shard->active;
    size_t before = active->buffer->bytes;
    for (uint32_t g = 0; g < call->groups.count; g++)
        auk_write_buffer_take_chunk(active->buffer, call->groups.items[g].chunk);
    size_t bytes = active->buffer->bytes - before;
    active->memory_bytes += bytes;
    auk_shard_charge(call->shard, bytes);
}

static void enter_flight(auk_shard *shard, auk_in_flight *call)
{
    call->previous = NULL;
    call->next = shard->in_flight;
    if (call->next != NULL)
        call->next->previous = call;
    shard->in_flight = call;
}

static int64_t lowest_in_flight(const auk_shard *shard)
{
    int64_t lowest = INT64_MAX;
    for (const auk_in_flight *call = shard->in_flight; call != NULL; call = call->next)
        lowest = call->first < lowest ? call->first : lowest;
    return lowest;
}

static void leave_flight(auk_shard *shard, auk_in_flight *call)
{
    if (call->previous != NULL)
        call->previous->next = call->next;
    else
        shard->in_flight = call->next;
    if (call->next != NULL)
        call->next->previous = call->previous;
    pthread_cond_broadcast(&shard->changed);
}

static void count_outcomes(write_call *call)
{
    auk_shard_counters *counters = &call->shard->counters;
    for (uint32_t i = 0; i < call->count; i++) {
        if (call->outcomes[i].error.code != AUK_OK)
            counters->index_failed++;
        else if (call->operations[i].kind == AUK_OPERATION_DELETE)
            counters->delete_total++;
        else
            counters->index_total++;
    }
}

static uint64_t newest_mapping(const write_call *call)
{
    uint64_t version = 0;
    for (uint32_t g = 0; g < call->groups.count; g++)
        if (call->groups.items[g].mapping_version > version)
            version = call->groups.items[g].mapping_version;
    return version;
}

static auk_code fail_blocked(auk_error *err)
{
    return auk_fail(err, AUK_FULL, "no writes are taken: the disk is full");
}

/* Chunks are taken (*any) when anything of them was applied; else they stay the call's. */
static auk_code apply_all(write_call *call, bool *any, auk_error *err)
{
    auk_shard *shard = call->shard;
    auk_arena *arena = auk_arena_create(4096);
    pthread_mutex_lock(&shard->lock);
    if (shard->is_blocked) {
        pthread_mutex_unlock(&shard->lock);
        auk_arena_destroy(arena);
        return fail_blocked(err);
    }
    call->in_flight.first = shard->max_seq_no + 1;
    for (uint32_t i = 0; i < call->count; i++) {
        run_item(call, i, arena);
        if (auk_arena_size(arena) > 1 << 20)
            auk_arena_reset(arena);
    }
    call->in_flight.last = shard->max_seq_no;
    count_outcomes(call);
    *any = call->applied != 0;
    if (*any) {
        take_chunks(call);
        enter_flight(shard, &call->in_flight);
        call->settled = lowest_in_flight(shard);
        shard->journal_bytes += call->source_bytes + call->id_bytes + call->applied * 32;
        if (newest_mapping(call) > shard->mapping_version)
            shard->mapping_version = newest_mapping(call);
        shard->last_write_us = auk_clock_monotonic_us();
    }
    pthread_mutex_unlock(&shard->lock);
    auk_arena_destroy(arena);
    return AUK_OK;
}

/* ---- after the lock: the journal ---- */

static void write_entry(const write_call *call, auk_journal_writer *writer)
{
    auk_journal_header header = {.primary_term = call->shard->primary_term,
                                 .mapping_version = newest_mapping(call),
                                 .time_ms = call->time_ms,
                                 .first_seq_no = call->in_flight.first,
                                 .count = call->applied,
                                 .settled = call->settled};
    auk_journal_writer_init(writer, &header);
    for (uint32_t i = 0; i < call->count; i++) {
        if (call->items[i].seq_no < 0)
            continue;
        const auk_operation *operation = &call->operations[i];
        bool deletes = operation->kind == AUK_OPERATION_DELETE;
        auk_journal_operation entry = {.kind = deletes ? AUK_JOURNAL_DELETE : AUK_JOURNAL_INDEX,
                                       .id = operation->id,
                                       .routing = operation->routing,
                                       .source = operation->source,
                                       .seq_no = call->items[i].seq_no,
                                       .version = call->outcomes[i].version};
        auk_journal_writer_add(writer, &entry);
    }
}

static void put_journal(const write_call *call, auk_batch *batch)
{
    char key[AUK_JOURNAL_KEY_SIZE];
    uint32_t part_count;
    auk_journal_writer writer;
    auk_journal_key(call->shard->id, call->in_flight.first, key);
    write_entry(call, &writer);
    const auk_span *parts = auk_journal_writer_finish(&writer, &part_count);
    auk_batch_put_parts(batch, AUK_FAMILY_JOURNAL, auk_span_make(key, sizeof key), parts,
                        part_count);
    auk_journal_writer_deinit(&writer);
}

static auk_code write_journal(const write_call *call, bool sync, auk_error *err)
{
    auk_batch *batch = auk_batch_create();
    put_journal(call, batch);
    auk_code code = auk_store_write(call->shard->store, batch, sync, err);
    auk_batch_destroy(batch);
    return code;
}

/* The journal has the call, or a full disk has kept it out. */
static void settle(write_call *call, auk_code code)
{
    auk_shard *shard = call->shard;
    bool full = code == AUK_FULL;
    pthread_mutex_lock(&shard->lock);
    shard->is_blocked |= full;
    leave_flight(shard, &call->in_flight);
    pthread_mutex_unlock(&shard->lock);
    if (full)
        auk_shard_block(shard);
}

/*
 * The operations are in the buffer already, so that a failure cannot be answered and forgotten: a
 * full disk has them taken out again, anything else ends the process.
 */
static auk_code make_durable(write_call *call, auk_error *err)
{
    auk_shard *shard = call->shard;
    auk_error failure = {0};
    pthread_mutex_lock(&shard->lock);
    bool sync = !shard->options.async_durability;
    pthread_mutex_unlock(&shard->lock);
    AUK_FAULT_POINT(JOURNAL_APPEND_BEFORE);
    auk_code code = AUK_OK;
    if (!AUK_FAULT_SKIPS(JOURNAL_APPEND))
        code = write_journal(call, sync && !AUK_FAULT_SKIPS(JOURNAL_SYNC), &failure);
    AUK_FAULT_POINT(JOURNAL_APPEND_AFTER);
    if (code != AUK_OK && code != AUK_FULL)
        auk_fatal("journal of shard %u: %s", shard->id, failure.message);
    settle(call, code);
    if (code == AUK_FULL && err != NULL)
        *err = failure;
    return code;
}

auk_code auk_shard_await_durable(auk_shard *shard, int64_t seq_no, auk_error *err)
{
    pthread_mutex_lock(&shard->lock);
    if (!shard->options.async_durability)
        auk_shard_await_journal(shard, seq_no);
    bool blocked = shard->is_blocked;
    pthread_mutex_unlock(&shard->lock);
    if (!blocked)
        return AUK_OK;
    /* Nobody else may write who would open the shard again; what was seen may be gone by then. */
    auk_code code = auk_shard_unblock(shard, err);
    return code == AUK_OK ? fail_blocked(err) : code;
}

/* ---- the call ---- */

static void keep_memory(auk_shard *shard)
{
    pthread_mutex_lock(&shard->lock);
    bool over = auk_shard_is_over_limits(shard);
    pthread_mutex_unlock(&shard->lock);
    if (!over)
        return;
    auk_error err = {0};
    if (shard->background != NULL)
        auk_shard_request_flush(shard);
    else if (auk_shard_flush(shard, &err) != AUK_OK)
        auk_log(AUK_LOG_ERROR, "flush failed", "shard=%u reason=\"%s\"", shard->id, err.message);
}

static bool is_memory_short(const auk_budget *budget)
{
    return auk_budget_used(budget, AUK_PURPOSE_INDEXING) >
           auk_budget_limit(budget, AUK_PURPOSE_INDEXING) / SHORT_SHARE;
}

/* What is being flushed is in memory until it is a file, so that twice the limit is soon reached:
 * where memory is plenty, writers go on beside the flush. */
static bool is_flush_behind(const auk_shard *shard)
{
    size_t limit = auk_shard_memory_limit(shard);
    if (!(shard->flush_queued || shard->flush_running) || shard->memory_bytes <= limit * 2)
        return false;
    return shard->memory_bytes > limit * AHEAD_MOST || is_memory_short(shard->budget);
}

/* Under lock. */
static void wait_while(auk_shard *shard, bool (*is_behind)(const auk_shard *shard), int most_ms)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += most_ms / 1000;
    while (is_behind(shard))
        if (pthread_cond_timedwait(&shard->changed, &shard->lock, &until) != 0)
            break;
}

/* Writers that are far ahead of the flush wait for it, rather than be refused by the budget; those
 * that are far ahead of merges slow down, so that segments do not pile up. */
static void stall(auk_shard *shard)
{
    pthread_mutex_lock(&shard->lock);
    wait_while(shard, is_flush_behind, STALL_MS);
    wait_while(shard, auk_shard_has_excess, MERGE_STALL_MS);
    pthread_mutex_unlock(&shard->lock);
}

/* Memory that a full disk keeps from being flushed will not come back soon: not 429. */
static auk_code explain_busy(auk_shard *shard, auk_code code, auk_error *err)
{
    pthread_mutex_lock(&shard->lock);
    const auk_work *flushes = &shard->flushes;
    if (flushes->failures > 0 && flushes->code == AUK_FULL)
        code =
            auk_fail(err, AUK_FULL, "no memory is left, and none comes back: %s", flushes->reason);
    pthread_mutex_unlock(&shard->lock);
    return code;
}

size_t auk_shard_write_bytes(size_t bytes, uint32_t count)
{
    return bytes * 2 + (size_t)count * 256;
}

static auk_code reserve(write_call *call, auk_error *err)
{
    auk_shard *shard = call->shard;
    call->reserved_bytes = auk_shard_write_bytes(call->source_bytes + call->id_bytes, call->count);
    auk_code code =
        auk_budget_charge(shard->budget, AUK_PURPOSE_INDEXING, call->reserved_bytes, err);
    if (code == AUK_OK)
        return AUK_OK;
    call->reserved_bytes = 0;
    auk_shard_request_flush(shard);
    return explain_busy(shard, code, err);
}

static void begin_call(write_call *call)
{
    call->items = malloc((call->count + 1u) * sizeof *call->items);
    if (call->items == NULL)
        abort();
    call->time_ms = auk_clock_wall_ms();
    pthread_mutex_lock(&call->shard->lock);
    call->entries = auk_entry_list_acquire(call->shard->entries);
    pthread_mutex_unlock(&call->shard->lock);
}

static void end_call(write_call *call, bool chunks_taken)
{
    for (uint32_t g = 0; g < call->groups.count; g++) {
        if (!chunks_taken)
            auk_chunk_destroy(call->groups.items[g].chunk);
        auk_budget_release(call->shard->budget, AUK_PURPOSE_INDEXING,
                           call->groups.items[g].charged_bytes);
    }
    auk_vector_free(&call->groups);
    auk_entry_list_release(call->entries);
    auk_budget_release(call->shard->budget, AUK_PURPOSE_INDEXING, call->reserved_bytes);
    free(call->items);
}

static auk_code run_call(write_call *call, bool is_charged, auk_pool *pool, auk_error *err)
{
    auk_shard *shard = call->shard;
    uint64_t start_us = auk_clock_monotonic_us();
    stall(shard);
    auk_write_make_groups(call);
    begin_call(call);
    bool any = false;
    auk_code code = auk_shard_unblock(shard, err);
    if (code == AUK_OK && !is_charged)
        code = reserve(call, err);
    if (code == AUK_OK)
        code = auk_write_prepare(call, pool, err);
    if (code == AUK_OK)
        code = apply_all(call, &any, err);
    if (any)
        code = make_durable(call, err);
    end_call(call, any);
    if (any && code == AUK_OK) {
        auk_shard_build_when_due(shard);
        keep_memory(shard);
    }
    pthread_mutex_lock(&shard->lock);
    shard->counters.index_time_us += auk_clock_monotonic_us() - start_us;
    pthread_mutex_unlock(&shard->lock);
    return code;
}

auk_code auk_shard_write(auk_shard *shard, const auk_operation *operations, uint32_t count,
                         auk_pool *pool, auk_arena *arena, auk_outcome *outcomes, auk_error *err)
{
    write_call call = {.shard = shard,
                       .operations = operations,
                       .outcomes = outcomes,
                       .arena = arena,
                       .count = count};
    return run_call(&call, false, pool, err);
}

auk_code auk_shard_write_charged(auk_shard *shard, const auk_operation *operations, uint32_t count,
                                 auk_pool *pool, auk_arena *arena, auk_outcome *outcomes,
                                 auk_error *err)
{
    write_call call = {.shard = shard,
                       .operations = operations,
                       .outcomes = outcomes,
                       .arena = arena,
                       .count = count};
    return run_call(&call, true, pool, err);
}

/* ---- the call in steps ---- */

struct auk_shard_staged {
    write_call call;
    bool any;
};

auk_code auk_shard_stage(auk_shard *shard, const auk_operation *operations, uint32_t count,
                         auk_pool *pool, auk_arena *arena, auk_outcome *outcomes,
                         auk_shard_staged **out, auk_error *err)
{
    auk_shard_staged *staged = calloc(1, sizeof *staged);
    if (staged == NULL)
        abort();
    write_call *call = &staged->call;
    *call = (write_call){.shard = shard,
                         .operations = operations,
                         .outcomes = outcomes,
                         .arena = arena,
                         .count = count};
    stall(shard);
    auk_write_make_groups(call);
    begin_call(call);
    auk_code code = auk_shard_unblock(shard, err);
    if (code == AUK_OK)
        code = auk_write_prepare(call, pool, err);
    *out = staged;
    if (code == AUK_OK)
        return AUK_OK;
    auk_shard_end_stage(staged, code);
    *out = NULL;
    return code;
}

auk_code auk_shard_apply_stage(auk_shard_staged *staged, auk_batch *batch, auk_error *err)
{
    auk_code code = apply_all(&staged->call, &staged->any, err);
    if (code == AUK_OK && staged->any)
        put_journal(&staged->call, batch);
    return code;
}

void auk_shard_end_stage(auk_shard_staged *staged, auk_code code)
{
    auk_shard *shard = staged->call.shard;
    if (staged->any)
        settle(&staged->call, code);
    end_call(&staged->call, staged->any);
    if (staged->any && code == AUK_OK) {
        auk_shard_build_when_due(shard);
        keep_memory(shard);
    }
    free(staged);
}
