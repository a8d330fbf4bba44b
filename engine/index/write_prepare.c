/* Before the lock: documents are inverted and ids are looked up, by several workers. */
#include "write_call.h"

#define GROUP_BYTES ((size_t)256 << 10)
#define GROUP_COUNT 1024u

void auk_write_make_groups(write_call *call)
{
    write_group *last = NULL;
    for (uint32_t i = 0; i < call->count; i++) {
        size_t size =
            call->operations[i].kind == AUK_OPERATION_DELETE ? 0 : call->operations[i].source.size;
        if (last == NULL || last->source_bytes + size > GROUP_BYTES ||
            i - last->from >= GROUP_COUNT) {
            auk_vector_push(&call->groups, (write_group){.from = i});
            last = &call->groups.items[call->groups.count - 1];
        }
        last->source_bytes += size;
        last->to = i + 1;
        call->source_bytes += size;
        call->id_bytes += call->operations[i].id.size + call->operations[i].routing.size;
    }
}

void auk_write_refuse(auk_outcome *outcome, const auk_error *why, auk_arena *arena)
{
    auk_error *copy = auk_arena_alloc(arena, sizeof *copy);
    *copy = *why;
    outcome->error = (auk_failure){why->code, copy};
}

/* Keeps the words with the group, whose arena the call's takes over when the workers are done. */
static bool invert_item(write_call *call, uint32_t i, write_group *group, auk_inverter *inverter)
{
    auk_error err;
    err.code = AUK_OK;
    if (auk_inverter_add(inverter, &call->operations[i], &call->items[i].document, &err) == AUK_OK)
        return true;
    if (group->words == NULL)
        group->words = auk_arena_create(4096);
    auk_write_refuse(&call->outcomes[i], &err, group->words);
    return false;
}

static auk_code prepare_item(write_call *call, uint32_t i, write_group *group,
                             auk_inverter *inverter, auk_arena *arena)
{
    const auk_operation *operation = &call->operations[i];
    write_item *item = &call->items[i];
    auk_outcome *outcome = &call->outcomes[i];
    *outcome = (auk_outcome){.seq_no = -1, .primary_term = call->shard->primary_term};
    item->seq_no = -1;
    item->chunk = NULL;
    item->prefetch.generation = 0;
    item->id_hash = auk_hash(operation->id, 0);
    item->is_refused =
        operation->kind != AUK_OPERATION_DELETE && !invert_item(call, i, group, inverter);
    if (item->is_refused || operation->id_is_generated)
        return AUK_OK;
    return auk_shard_prefetch(call->entries, operation->id, arena, &item->prefetch, &group->error);
}

static void prepare_group(void *context, size_t index)
{
    write_call *call = context;
    write_group *group = &call->groups.items[index];
    auk_inverter *inverter = auk_shard_borrow_inverter(call->shard);
    auk_arena *arena = auk_arena_create(4096);
    auk_inverter_begin(inverter, &call->shard->host, group->source_bytes, group->to - group->from);
    for (uint32_t i = group->from; i < group->to && group->code == AUK_OK; i++) {
        group->code = prepare_item(call, i, group, inverter, arena);
        if (auk_arena_size(arena) > 1 << 20)
            auk_arena_reset(arena);
    }
    group->mapping_version = auk_inverter_mapping_version(inverter);
    group->chunk = auk_inverter_take(inverter, &group->charged_bytes);
    for (uint32_t i = group->from; i < group->to && group->code == AUK_OK; i++)
        if (call->operations[i].kind != AUK_OPERATION_DELETE)
            call->items[i].chunk = group->chunk;
    auk_arena_destroy(arena);
    auk_shard_return_inverter(call->shard, inverter);
}

static void destroy_arena(void *arena)
{
    auk_arena_destroy(arena);
}

auk_code auk_write_prepare(write_call *call, auk_pool *pool, auk_error *err)
{
    auk_pool_for(call->groups.count > 1 ? pool : NULL, call->groups.count, prepare_group, call);
    for (uint32_t g = 0; g < call->groups.count; g++)
        if (call->groups.items[g].words != NULL)
            auk_arena_defer(call->arena, destroy_arena, call->groups.items[g].words);
    for (uint32_t g = 0; g < call->groups.count; g++) {
        const write_group *group = &call->groups.items[g];
        if (group->code == AUK_OK)
            continue;
        if (err != NULL)
            *err = group->error;
        return group->code;
    }
    return AUK_OK;
}
