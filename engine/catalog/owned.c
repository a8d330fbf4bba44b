/* Indices that have an owner, for everybody else: what is refused, and what goes to the owner. */
#include <string.h>

#include "write_shard.h"

void auk_catalog_set_owner_gate(auk_catalog *catalog, const auk_owner_gate *gate)
{
    catalog->owner_gate = gate ? *gate : (auk_owner_gate){0};
}

auk_code auk_owned_refuse(auk_span index, auk_span owner, auk_error *err)
{
    auk_code code = auk_fail_type(err, AUK_FORBIDDEN, "cluster_block_exception",
                                  "index [%.*s] blocked by: [FORBIDDEN/8/index write (api)];",
                                  AUK_SPAN_ARG(index));
    if (owner.size)
        auk_hint(err, "it is kept by [%.*s], which alone writes to it", AUK_SPAN_ARG(owner));
    return code;
}

static const auk_index_view *find_view(const auk_root *root, auk_span owner, auk_span name)
{
    const auk_index_view *found = auk_root_find(root, name);
    for (uint32_t i = 0; i < root->index_count && !found; i++) {
        const auk_index_view *view = root->indices[i];
        for (uint32_t k = 0; k < view->alias_count && !view->standby; k++)
            if (auk_span_equal(view->aliases[k].name, name) && auk_span_equal(view->owner, owner))
                found = view;
    }
    return found;
}

auk_code auk_owned_find(const auk_root *root, auk_span owner, auk_span name,
                        const auk_index_view **out, auk_error *err)
{
    *out = find_view(root, owner, name);
    if (!*out)
        return auk_fail_type(err, AUK_NOT_FOUND, "index_not_found_exception",
                             "no such index [%.*s]", AUK_SPAN_ARG(name));
    if (!auk_span_equal((*out)->owner, owner))
        return auk_fail(err, AUK_CONFLICT, "index [%.*s] does not belong to [%.*s]",
                        AUK_SPAN_ARG((*out)->name), AUK_SPAN_ARG(owner));
    return AUK_OK;
}

auk_code auk_owned_get(auk_catalog *catalog, auk_span owner, const auk_write *what,
                       auk_arena *arena, auk_shard_document *out, bool *found, auk_error *err)
{
    const auk_index_view *view;
    const auk_root *root = auk_root_acquire(catalog);
    *found = false;
    auk_code code = auk_owned_find(root, owner, what->index, &view, err);
    if (code == AUK_OK)
        code = auk_index_enter(view->index, err);
    if (code == AUK_OK) {
        auk_span route = what->routing.size ? what->routing : what->id;
        uint32_t shard = auk_route_shard(route, view->shard_count);
        code = auk_shard_get(view->index->shards[shard], what->id, arena, out, found, err);
        auk_index_leave(view->index);
    }
    auk_root_release(catalog, root);
    return code;
}

auk_code auk_owned_update(const auk_write *update, const auk_shard_document *current,
                          auk_arena *arena, auk_span *source, bool *noop, auk_error *err)
{
    auk_operation operation = {.if_seq_no = -1};
    auk_code code = auk_update_prepare(update, current, arena, &operation, noop, err);
    *source = operation.source;
    return code;
}

/* ---- a bulk's items, to their owners ---- */

static bool is_gone(const auk_written *out)
{
    return out->error.code == AUK_NOT_FOUND && out->error.why->type &&
           strcmp(out->error.why->type, "index_not_found_exception") == 0;
}

static bool answer_run(auk_catalog *catalog, auk_write_item *const *items, uint32_t count,
                       auk_arena *arena)
{
    bool again = false;
    auk_write *writes = AUK_ARENA_ARRAY(arena, auk_write, count);
    auk_written *written = AUK_ARENA_ARRAY(arena, auk_written, count);
    for (uint32_t i = 0; i < count; i++) {
        writes[i] = *items[i]->write;
        writes[i].index = items[i]->out->index;
        writes[i].id = items[i]->id;
        writes[i].routing = items[i]->routing;
        written[i] = *items[i]->out;
    }
    const auk_owner_gate *gate = &catalog->owner_gate;
    gate->write(gate->context, items[0]->owner, writes, written, count, arena);
    for (uint32_t i = 0; i < count; i++) {
        *items[i]->out = written[i];
        items[i]->owner = (auk_span){0};
        items[i]->waiting = is_gone(&written[i]);
        again = again || items[i]->waiting;
    }
    return again;
}

bool auk_owned_answer(auk_catalog *catalog, auk_write_item *items, uint32_t count, auk_arena *arena)
{
    auk_write_item **run = AUK_ARENA_ARRAY(arena, auk_write_item *, count);
    bool again = false;
    for (uint32_t at = 0; at < count;) {
        uint32_t length = 0;
        for (; at < count; at++) {
            if (items[at].owner.size == 0)
                continue;
            if (length > 0 && !auk_span_equal(items[at].owner, run[0]->owner))
                break;
            run[length++] = &items[at];
        }
        if (length > 0)
            again = answer_run(catalog, run, length, arena) || again;
    }
    return again;
}
