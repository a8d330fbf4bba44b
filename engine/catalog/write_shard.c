/*
 * Within a shard the order of items holds: a batch is cut where an update follows an item on the
 * same id, because the update has to read what came before it, and where anything follows an update
 * that may have to be tried again.
 */
#include "write_shard.h"

static auk_failure keep(const auk_error *err, auk_arena *arena)
{
    auk_error *copy = auk_arena_alloc(arena, sizeof *copy);
    *copy = *err;
    return (auk_failure){err->code, copy};
}

void auk_write_item_fail(auk_write_item *it, const auk_error *err, auk_arena *arena)
{
    it->out->error = keep(err, arena);
    it->out->seq_no = -1;
    if (!it->out->index.size)
        it->out->index = it->write->index;
    it->out->id = it->id.size ? it->id : it->write->id;
}

typedef struct batch {
    auk_shard *shard;
    auk_arena *arena;
    auk_pool *pool;
    auk_operation *operations;
    auk_outcome *outcomes;
    auk_write_item **items;
    uint32_t count;
    /* ids in the batch: open addressing over hashes, power of two, at most half full */
    uint64_t *seen;
    uint32_t mask;
    bool retries; /* holds an update that would be tried again */
} batch;

static bool seen_before(const batch *b, uint64_t hash)
{
    for (uint32_t at = (uint32_t)hash & b->mask;; at = (at + 1) & b->mask) {
        if (b->seen[at] == (hash | 1))
            return true;
        if (b->seen[at] == 0)
            return false;
    }
}

static void remember(batch *b, uint64_t hash)
{
    uint32_t at = (uint32_t)hash & b->mask;
    while (b->seen[at] != 0 && b->seen[at] != (hash | 1))
        at = (at + 1) & b->mask;
    b->seen[at] = hash | 1;
}

static void answer(auk_write_item *it, const auk_operation *operation, const auk_outcome *outcome)
{
    auk_written *out = it->out;
    out->error = outcome->error;
    out->result = outcome->result;
    out->seq_no = outcome->seq_no;
    out->primary_term = outcome->primary_term;
    out->version = outcome->version;
    if (it->write->want_source && outcome->error.code == AUK_OK)
        out->source = operation->source;
}

static void run_operations(batch *b, const auk_operation *operations, uint32_t count,
                           auk_outcome *outcomes)
{
    auk_error err = {0};
    if (auk_shard_write_charged(b->shard, operations, count, b->pool, b->arena, outcomes, &err) ==
        AUK_OK)
        return;
    auk_failure failure = keep(&err, b->arena);
    for (uint32_t i = 0; i < count; i++)
        outcomes[i] = (auk_outcome){.seq_no = -1, .error = failure};
}

static void base_operation(const auk_write_item *it, auk_operation *out)
{
    const auk_write *write = it->write;
    *out = (auk_operation){
        .kind = write->kind == AUK_WRITE_DELETE   ? AUK_OPERATION_DELETE
                : write->kind == AUK_WRITE_CREATE ? AUK_OPERATION_CREATE
                                                  : AUK_OPERATION_INDEX,
        .id = it->id,
        .id_is_generated = it->generated,
        .routing = it->routing,
        .source = write->source,
        .source_is_padded = write->source_is_padded,
        .version_type = write->version_type,
        .version = write->version,
        .if_seq_no = write->if_seq_no,
        .if_primary_term = write->if_primary_term,
    };
}

/* False: answered already (no change, or an error). */
static bool prepare_update(batch *b, auk_write_item *it, auk_operation *operation)
{
    auk_shard_document current;
    bool found = false, noop = false;
    auk_error err = {0};
    auk_code code = auk_shard_get(b->shard, it->id, b->arena, &current, &found, &err);
    if (code == AUK_OK)
        code = auk_update_prepare(it->write, found ? &current : NULL, b->arena, operation, &noop,
                                  &err);
    if (code == AUK_OK && noop) /* answered by itself, so by nothing that could still be lost */
        code = auk_shard_await_durable(b->shard, current.seq_no, &err);
    if (code != AUK_OK) {
        auk_write_item_fail(it, &err, b->arena);
        return false;
    }
    if (found && !it->routing.size)
        operation->routing = current.routing;
    if (!noop)
        return true;
    auk_outcome same = {
        AUK_RESULT_NOOP, current.seq_no, current.primary_term, current.version, {0}};
    answer(it, operation, &same);
    return false;
}

static void retry_update(batch *b, auk_write_item *it)
{
    for (uint32_t i = 0; i < it->write->retry_on_conflict; i++) {
        auk_operation operation;
        auk_outcome outcome;
        if (it->out->error.code != AUK_CONFLICT)
            return;
        base_operation(it, &operation);
        it->out->error = (auk_failure){0};
        if (!prepare_update(b, it, &operation))
            return;
        run_operations(b, &operation, 1, &outcome);
        answer(it, &operation, &outcome);
    }
}

static void run_batch(batch *b)
{
    if (b->count == 0)
        return;
    run_operations(b, b->operations, b->count, b->outcomes);
    for (uint32_t i = 0; i < b->count; i++)
        answer(b->items[i], &b->operations[i], &b->outcomes[i]);
    for (uint32_t i = 0; b->retries && i < b->count; i++)
        if (b->items[i]->write->kind == AUK_WRITE_UPDATE)
            retry_update(b, b->items[i]);
    memset(b->seen, 0, sizeof(uint64_t) * (b->mask + 1));
    b->count = 0;
    b->retries = false;
}

static void run_group(const auk_write_group *g, auk_shard *shard, auk_pool *pool)
{
    uint32_t slots = 16;
    while (slots < g->count * 2)
        slots *= 2;
    auk_arena *arena = g->arena;
    batch b = {.shard = shard, .arena = arena, .pool = pool, .mask = slots - 1};
    b.operations = auk_arena_alloc(arena, sizeof *b.operations * g->count);
    b.outcomes = auk_arena_alloc(arena, sizeof *b.outcomes * g->count);
    b.items = auk_arena_alloc(arena, sizeof(auk_write_item *) * g->count);
    b.seen = AUK_ARENA_ARRAY(arena, uint64_t, slots);
    for (uint32_t i = 0; i < g->count; i++) {
        auk_write_item *it = g->items[i];
        bool is_update = it->write->kind == AUK_WRITE_UPDATE;
        if ((is_update || b.retries) && seen_before(&b, it->id_hash))
            run_batch(&b);
        base_operation(it, &b.operations[b.count]);
        if (is_update && !prepare_update(&b, it, &b.operations[b.count]))
            continue;
        remember(&b, it->id_hash);
        b.items[b.count++] = it;
        b.retries = b.retries || (is_update && it->write->retry_on_conflict > 0);
    }
    run_batch(&b);
}

/* Why nobody may write there; who finds a way under the next root does not hear of it. */
static void explain(auk_index *index, auk_error *err)
{
    pthread_mutex_lock(&index->catalog->root_lock);
    const auk_definition *definition = index->definition;
    auk_code code = definition->closed ? auk_fail_closed(definition->name, err)
                                       : auk_definition_check(definition, AUK_BLOCK_WRITE, err);
    if (code == AUK_OK)
        auk_owned_refuse(definition->name, definition->owner, err);
    pthread_mutex_unlock(&index->catalog->root_lock);
}

void auk_write_group_run(const auk_write_group *g, auk_pool *pool)
{
    auk_error err = {0};
    auk_code code = auk_index_enter(g->index, &err);
    for (uint32_t i = 0; i < g->count && code != AUK_OK; i++) {
        auk_write_item_fail(g->items[i], &err, g->arena);
        g->items[i]->waiting = true;
    }
    if (code != AUK_OK)
        return;
    auk_fence_enter(&g->index->fence);
    bool refused = (atomic_load(&g->index->standby) || atomic_load(&g->index->owned) ||
                    atomic_load(&g->index->shut)) &&
                   !g->items[0]->write->as_owner;
    if (refused)
        explain(g->index, &err);
    for (uint32_t i = 0; i < g->count && refused; i++) {
        auk_write_item_fail(g->items[i], &err, g->arena);
        g->items[i]->waiting = true;
    }
    if (!refused)
        run_group(g, g->index->shards[g->shard], pool);
    auk_fence_leave(&g->index->fence);
    auk_index_leave(g->index);
}
