/*
 * Items of a bulk: placed by the root, grouped by shard, run shard by shard (write_shard.c).
 *
 * An index can be deleted, or give its place to its next generation, between the look at the root
 * and the shard's gate; when an alias moved on in the same step, its writers must not notice. Such
 * items are placed anew under the next root.
 */
#include "auk/hash.h"
#include "write_shard.h"

void auk_write_init(auk_write *write)
{
    *write = (auk_write){.if_seq_no = -1};
}

uint32_t auk_route_shard(auk_span routing_or_id, uint32_t shard_count)
{
    int32_t hash = auk_murmur3_route(routing_or_id);
    int32_t shard = hash % (int32_t)shard_count;
    return (uint32_t)(shard < 0 ? shard + (int32_t)shard_count : shard);
}

typedef struct plan {
    auk_catalog *catalog;
    const auk_root *root;
    auk_arena *arena;
    auk_write_item *items;
    uint32_t item_count;
    auk_write_group *groups; /* of this round */
    uint32_t group_count;
    auk_index **touched; /* written to; borrowed from the items */
    uint32_t touched_count;
    auk_pool *pool; /* helps inside a shard */
} plan;

/* ---- where an item goes ---- */

static const auk_alias *alias_named(const auk_index_view *view, auk_span name)
{
    for (uint32_t i = 0; i < view->alias_count; i++)
        if (auk_span_equal(view->aliases[i].name, name))
            return &view->aliases[i];
    return NULL;
}

/* The index that a name writes to: its own, or the alias's one index or its write index. NULL: no
 * such name. */
static auk_code find_target(const auk_root *root, auk_span name, const auk_index_view **out,
                            const auk_alias **alias_out, auk_error *err)
{
    *alias_out = NULL;
    *out = auk_root_find(root, name);
    if (*out)
        return AUK_OK;
    uint32_t holders = 0;
    const auk_index_view *writer = NULL, *only = NULL;
    const auk_alias *only_alias = NULL, *writer_alias = NULL;
    for (uint32_t i = 0; i < root->index_count; i++) {
        const auk_alias *alias = alias_named(root->indices[i], name);
        if (!alias)
            continue;
        holders++;
        only = root->indices[i];
        only_alias = alias;
        if (alias->is_write_index) {
            writer = only;
            writer_alias = alias;
        }
    }
    if (!writer && holders == 1 && !(only_alias->has_write_index && !only_alias->is_write_index)) {
        writer = only;
        writer_alias = only_alias;
    }
    if (holders > 0 && !writer)
        return auk_fail(
            err, AUK_INVALID,
            "no write index is defined for alias [%.*s]. The write index may be explicitly "
            "disabled "
            "using is_write_index=false or the alias points to multiple indices without one being "
            "designated as a write index",
            AUK_SPAN_ARG(name));
    *out = writer;
    *alias_out = writer_alias;
    return AUK_OK;
}

static auk_code create_missing(plan *p, auk_span name, auk_span expression, auk_error *err)
{
    auk_code code = auk_admin_may_make(p->catalog, name, err);
    if (code != AUK_OK)
        return code;
    auk_error create_error = {0};
    code = auk_admin_make_named(p->catalog, name, expression, NULL, &create_error);
    bool raced =
        create_error.type && strcmp(create_error.type, "resource_already_exists_exception") == 0;
    if (code != AUK_OK && !raced) {
        *err = create_error;
        return code;
    }
    auk_root_release(p->catalog, p->root); /* items keep their index by a count of their own */
    p->root = auk_root_acquire(p->catalog);
    return AUK_OK;
}

static auk_code locate(plan *p, auk_write_item *it, auk_error *err)
{
    const auk_write *write = it->write;
    const auk_index_view *view;
    const auk_alias *alias;
    auk_span name;
    auk_code code = auk_index_name_resolve(write->index, p->arena, &name, err);
    if (code == AUK_OK)
        code = find_target(p->root, name, &view, &alias, err);
    if (code == AUK_OK && write->require_alias && !alias)
        return auk_fail_type(
            err, AUK_NOT_FOUND, "index_not_found_exception",
            "no such index [%.*s] and [require_alias] request flag is [true] and [%.*s] is not an "
            "alias",
            AUK_SPAN_ARG(name), AUK_SPAN_ARG(name));
    if (code == AUK_OK && !view) {
        if (write->kind == AUK_WRITE_DELETE && write->version_type == AUK_VERSION_INTERNAL)
            return auk_fail_type(err, AUK_NOT_FOUND, "index_not_found_exception",
                                 "no such index [%.*s]", AUK_SPAN_ARG(name));
        code = create_missing(p, name, write->index, err);
        if (code == AUK_OK)
            code = find_target(p->root, name, &view, &alias, err);
        if (code == AUK_OK && !view)
            code = auk_fail_type(err, AUK_NOT_FOUND, "index_not_found_exception",
                                 "no such index [%.*s]", AUK_SPAN_ARG(name));
    }
    if (code != AUK_OK)
        return code;
    if (view->unopened)
        return auk_index_refuse_unopened(view->name, view->unopened, err);
    bool is_others = view->owner.size > 0 && !write->as_owner;
    if ((view->standby && !write->as_owner) || (is_others && !p->catalog->owner_gate.write))
        return auk_owned_refuse(view->name, view->owner, err);
    if (view->closed && !write->as_owner)
        return auk_fail_closed(view->name, err);
    if (!write->as_owner)
        code = auk_index_check(view, AUK_BLOCK_WRITE, err);
    if (code != AUK_OK)
        return code;
    it->routing = write->routing;
    code = auk_alias_route(alias, name, &it->routing, p->arena, err);
    if (code != AUK_OK)
        return code;
    if (auk_mapping_routing_required(view->mapping) && !it->routing.size)
        return auk_fail_type(err, AUK_INVALID, "routing_missing_exception",
                             "routing is required for [%.*s]/[%.*s]", AUK_SPAN_ARG(view->name),
                             AUK_SPAN_ARG(write->id));
    it->index = auk_index_acquire(view->index);
    it->out->index = auk_arena_copy(p->arena, view->name);
    it->owner = is_others ? auk_arena_copy(p->arena, view->owner) : (auk_span){0};
    return AUK_OK;
}

#define ID_LIMIT 512

static auk_code identify(plan *p, auk_write_item *it, auk_error *err)
{
    it->id = it->write->id;
    if (it->id.size > ID_LIMIT)
        return auk_fail(err, AUK_INVALID,
                        "id is too long, must be no longer than %d bytes but was: %zu, id: [%.*s]",
                        ID_LIMIT, it->id.size, AUK_SPAN_ARG(it->id));
    if (it->id.size == 0) {
        if (it->write->kind == AUK_WRITE_UPDATE || it->write->kind == AUK_WRITE_DELETE)
            return auk_fail_type(err, AUK_INVALID, "action_request_validation_exception",
                                 "Validation Failed: 1: id is missing;");
        it->id = auk_document_id_make(p->arena);
        it->generated = true;
    }
    it->id_hash = auk_hash(it->id, 0);
    it->out->id = it->id;
    return AUK_OK;
}

static void destroy_arena(void *arena)
{
    auk_arena_destroy(arena);
}

static uint32_t group_of(plan *p, auk_index *index, uint32_t shard)
{
    for (uint32_t i = p->group_count; i > 0; i--)
        if (p->groups[i - 1].index == index && p->groups[i - 1].shard == shard)
            return i - 1;
    auk_write_group *fresh = &p->groups[p->group_count];
    *fresh = (auk_write_group){.index = index, .shard = shard, .arena = auk_arena_create(4096)};
    auk_arena_set_budget(fresh->arena, p->catalog->budget, AUK_PURPOSE_INDEXING);
    auk_arena_defer(p->arena, destroy_arena, fresh->arena);
    return p->group_count++;
}

/* False: it goes to no shard from here, because of an error, or because its owner answers it. */
static bool place(plan *p, auk_write_item *it)
{
    auk_error err;
    err.code = AUK_OK;
    *it->out = (auk_written){.seq_no = -1};
    auk_index_release(it->index);
    it->index = NULL;
    auk_code code = locate(p, it, &err);
    if (code == AUK_OK && !it->id.size)
        code = identify(p, it, &err);
    if (code != AUK_OK) {
        it->owner = (auk_span){0};
        auk_write_item_fail(it, &err, p->arena);
        return false;
    }
    uint32_t shards = auk_index_shard_count(it->index);
    it->out->id = it->id;
    it->out->shard = auk_route_shard(it->routing.size ? it->routing : it->id, shards);
    if (it->owner.size)
        return false;
    it->group = group_of(p, it->index, it->out->shard);
    p->groups[it->group].capacity++;
    return true;
}

/* Places the items that wait and hands each group its own. */
static void make_groups(plan *p)
{
    bool *placed = AUK_ARENA_ARRAY(p->arena, bool, p->item_count + 1);
    p->group_count = 0;
    p->root = auk_root_acquire(p->catalog);
    for (uint32_t i = 0; i < p->item_count; i++) {
        auk_write_item *it = &p->items[i];
        placed[i] = it->waiting && place(p, it);
        it->waiting = false;
    }
    auk_root_release(p->catalog, p->root);
    for (uint32_t i = 0; i < p->group_count; i++)
        p->groups[i].items = AUK_ARENA_ARRAY(p->arena, auk_write_item *, p->groups[i].capacity);
    for (uint32_t i = 0; i < p->item_count; i++) {
        auk_write_group *g = &p->groups[p->items[i].group];
        if (placed[i])
            g->items[g->count++] = &p->items[i];
    }
}

static void run_one_group(void *context, size_t number)
{
    const plan *p = context;
    auk_write_group_run(&p->groups[number], p->pool);
}

/* ---- the call ---- */

static void note_touched(plan *p)
{
    for (uint32_t i = 0; i < p->group_count; i++) {
        const auk_write_group *g = &p->groups[i];
        bool known = g->items[0]->waiting;
        for (uint32_t k = 0; k < p->touched_count && !known; k++)
            known = p->touched[k] == g->index;
        if (!known)
            p->touched[p->touched_count++] = g->index;
    }
}

static auk_code refresh_touched(const plan *p, auk_refresh_policy refresh, auk_error *err)
{
    for (uint32_t i = 0; i < p->touched_count && refresh != AUK_REFRESH_NONE; i++) {
        auk_code code = refresh == AUK_REFRESH_NOW ? auk_index_refresh(p->touched[i], err)
                                                   : auk_index_refresh_wait(p->touched[i], err);
        if (code != AUK_OK && code != AUK_NOT_FOUND)
            return code;
    }
    return AUK_OK;
}

static bool any_waiting(const plan *p)
{
    for (uint32_t i = 0; i < p->item_count; i++)
        if (p->items[i].waiting)
            return true;
    return false;
}

#define ROUNDS 4

static void run_rounds(plan *p)
{
    for (unsigned round = 0; round < ROUNDS; round++) {
        if (round > 0) { /* the change that took the index away ends with a new root */
            pthread_mutex_lock(&p->catalog->admin_lock);
            pthread_mutex_unlock(&p->catalog->admin_lock);
        }
        make_groups(p);
        auk_pool_for(p->group_count > 1 ? p->pool : NULL, p->group_count, run_one_group, p);
        note_touched(p);
        if (!any_waiting(p))
            return;
    }
}

/* A block is the index's, also where its status is that of a want of memory. */
static bool is_block(const auk_written *out)
{
    return strcmp(auk_error_type(out->error.why), "cluster_block_exception") == 0;
}

/* Nothing of the call was taken, and memory or the disk is why. */
static auk_code refused_whole(const plan *p, auk_error *err)
{
    auk_code code = p->item_count > 0 ? p->items[0].out->error.code : AUK_OK;
    if ((code != AUK_BUSY && code != AUK_FULL) || is_block(p->items[0].out))
        return AUK_OK;
    for (uint32_t i = 0; i < p->item_count; i++)
        if (p->items[i].out->error.code != code)
            return AUK_OK;
    if (err)
        *err = *p->items[0].out->error.why;
    return code;
}

auk_code auk_catalog_write(auk_catalog *catalog, const auk_write *writes, uint32_t count,
                           auk_refresh_policy refresh, auk_arena *arena, auk_written *out,
                           auk_error *err)
{
    plan p = {.catalog = catalog, .arena = arena, .pool = count > 1 ? catalog->write_pool : NULL};
    size_t charged;
    auk_code code = auk_write_admit(catalog, writes, count, &charged, err);
    if (code != AUK_OK)
        return code;
    p.item_count = count;
    p.items = auk_arena_alloc(arena, sizeof *p.items * count);
    p.groups = auk_arena_alloc(arena, sizeof *p.groups * count);
    p.touched = auk_arena_alloc(arena, sizeof(auk_index *) * count);
    for (uint32_t i = 0; i < count; i++)
        p.items[i] = (auk_write_item){.write = &writes[i], .out = &out[i], .waiting = true};
    bool again = true;
    for (unsigned round = 0; round < ROUNDS && again; round++) {
        run_rounds(&p);
        again = auk_owned_answer(catalog, p.items, count, arena);
    }
    code = refused_whole(&p, err);
    if (code == AUK_OK)
        code = refresh_touched(&p, refresh, err);
    for (uint32_t i = 0; i < count; i++)
        auk_index_release(p.items[i].index);
    auk_budget_release(catalog->budget, AUK_PURPOSE_INDEXING, charged);
    return code;
}

/* ---- one document back ---- */

/* What an owner has applied and not yet shown is nobody's business: of its steps none is seen by
 * half. */
static auk_code get_from(const auk_index_view *view, uint32_t shard, auk_span id, auk_arena *arena,
                         auk_shard_document *out, bool *found, auk_error *err)
{
    if (view->owner.size)
        return auk_shard_view_get(view->shards[shard], id, arena, out, found, err);
    auk_code code = auk_index_enter(view->index, err);
    if (code != AUK_OK)
        return code;
    code = auk_shard_get(view->index->shards[shard], id, arena, out, found, err);
    auk_index_leave(view->index);
    return code;
}

auk_code auk_catalog_get(auk_catalog *catalog, auk_span index_name, auk_span id, auk_span routing,
                         auk_arena *arena, auk_span *concrete_index, auk_shard_document *out,
                         bool *found, auk_error *err)
{
    auk_resolve_options options = {.single = true, .expand_hidden = true};
    auk_resolved *resolved;
    uint32_t count;
    *found = false;
    const auk_root *root = auk_root_acquire(catalog);
    auk_code code = auk_root_resolve(root, index_name, &options, arena, &resolved, &count, err);
    if (code == AUK_OK) {
        const auk_index_view *view = resolved[0].view;
        const auk_alias *alias = resolved[0].via_count == 1 ? resolved[0].via[0] : NULL;
        *concrete_index = auk_arena_copy(arena, view->name);
        code = auk_alias_route(alias, index_name, &routing, arena, err);
        if (code == AUK_OK)
            code = auk_index_check(view, AUK_BLOCK_READ, err);
        if (code == AUK_OK && auk_mapping_routing_required(view->mapping) && !routing.size)
            code = auk_fail_type(err, AUK_INVALID, "routing_missing_exception",
                                 "routing is required for [%.*s]/[%.*s]", AUK_SPAN_ARG(view->name),
                                 AUK_SPAN_ARG(id));
        uint32_t shard = auk_route_shard(routing.size ? routing : id, view->shard_count);
        if (code == AUK_OK)
            code = get_from(view, shard, id, arena, out, found, err);
    }
    auk_root_release(catalog, root);
    return code;
}
