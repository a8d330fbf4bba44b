/*
 * The step of an owner. Its items are grouped by shard; every group is inverted before the first
 * one is applied, because after that there is no way back; all journals and the owner's keys are
 * one batch. To show it, each shard hands its view to a second array, and the root is replaced once
 * when all have.
 *
 * Between the look at the root and the fence the index may have given its place to its next
 * generation: then the items are placed anew.
 */
#include "auk/publication.h"

#include <stdlib.h>

#include "auk/fault_point.h"
#include "write_shard.h"

#define ROUNDS 4

/* The items of one shard. */
typedef struct part {
    auk_index *index;
    uint32_t shard;
    uint32_t *items; /* numbers in the step */
    uint32_t count, capacity;
    auk_operation *operations;
    auk_outcome *outcomes;
    auk_arena *arena; /* of the worker that inverts it */
    auk_shard_staged *staged;
    auk_code code;
    auk_error err;
} part;

typedef struct publishing {
    auk_catalog *catalog;
    const auk_publication *step;
    auk_arena *arena;
    const auk_root *root;
    part *parts;
    uint32_t part_count;
    auk_index **indices; /* that the parts are of; counted */
    uint32_t index_count, entered;
} publishing;

/* ---- where the items go ---- */

static void note_index(publishing *p, auk_index *index)
{
    for (uint32_t i = 0; i < p->index_count; i++)
        if (p->indices[i] == index)
            return;
    p->indices[p->index_count++] = auk_index_acquire(index);
}

static part *part_of(publishing *p, auk_index *index, uint32_t shard)
{
    for (uint32_t i = p->part_count; i > 0; i--)
        if (p->parts[i - 1].index == index && p->parts[i - 1].shard == shard)
            return &p->parts[i - 1];
    part *fresh = &p->parts[p->part_count++];
    *fresh = (part){.index = index, .shard = shard};
    return fresh;
}

static void add_item(publishing *p, part *to, uint32_t item)
{
    if (to->count == to->capacity) {
        uint32_t capacity = to->capacity ? to->capacity * 2 : 64;
        uint32_t *items = AUK_ARENA_ARRAY(p->arena, uint32_t, capacity);
        if (to->count > 0)
            memcpy(items, to->items, to->count * sizeof *items);
        to->items = items;
        to->capacity = capacity;
    }
    to->items[to->count++] = item;
}

static auk_code place(publishing *p, uint32_t item, auk_error *err)
{
    const auk_write *write = &p->step->writes[item];
    auk_written *written = &p->step->written[item];
    const auk_index_view *view;
    auk_code code = auk_owned_find(p->root, p->step->owner, write->index, &view, err);
    if (code != AUK_OK)
        return code;
    note_index(p, view->index);
    auk_span route = write->routing.size ? write->routing : write->id;
    *written = (auk_written){.seq_no = -1,
                             .index = auk_arena_copy(p->arena, view->name),
                             .id = write->id,
                             .shard = auk_route_shard(route, view->shard_count)};
    add_item(p, part_of(p, view->index, written->shard), item);
    return AUK_OK;
}

/* Of all indices at most as many as there are shards in the root. */
static uint32_t count_shards(const auk_root *root)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < root->index_count; i++)
        count += root->indices[i]->shard_count;
    return count;
}

static auk_code place_all(publishing *p, auk_error *err)
{
    const auk_publication *step = p->step;
    p->root = auk_root_acquire(p->catalog);
    p->parts = AUK_ARENA_ARRAY(p->arena, part, count_shards(p->root) + 1);
    p->indices = AUK_ARENA_ARRAY(p->arena, auk_index *, p->root->index_count + 1);
    p->part_count = p->index_count = p->entered = 0;
    auk_code code = AUK_OK;
    for (uint32_t i = 0; i < step->count && code == AUK_OK; i++)
        code = place(p, i, err);
    auk_root_release(p->catalog, p->root);
    return code;
}

static void leave_all(publishing *p)
{
    for (uint32_t i = 0; i < p->index_count; i++) {
        if (i < p->entered) {
            auk_fence_leave(&p->indices[i]->fence);
            auk_index_leave(p->indices[i]);
        }
        auk_index_release(p->indices[i]);
    }
    p->index_count = p->entered = 0;
}

/* *again: one of them does not belong to the owner any more. */
static auk_code enter_all(publishing *p, bool *again, auk_error *err)
{
    *again = false;
    auk_fences_sort(p->indices, p->index_count);
    for (; p->entered < p->index_count; p->entered++) {
        auk_index *index = p->indices[p->entered];
        auk_code code = auk_index_enter(index, err);
        if (code != AUK_OK)
            return code;
        auk_fence_enter(&index->fence);
        *again = *again || !atomic_load(&index->owned);
    }
    return AUK_OK;
}

static auk_code find_way(publishing *p, auk_error *err)
{
    bool again = true;
    for (unsigned round = 0; round < ROUNDS && again; round++) {
        auk_code code = place_all(p, err);
        if (code == AUK_OK)
            code = enter_all(p, &again, err);
        if (code != AUK_OK || again)
            leave_all(p);
        if (code != AUK_OK)
            return code;
    }
    return again ? auk_fail(err, AUK_CONFLICT, "the index does not belong to [%.*s] any more",
                            AUK_SPAN_ARG(p->step->owner))
                 : AUK_OK;
}

/* ---- durable ---- */

static void destroy_arena(void *arena)
{
    auk_arena_destroy(arena);
}

static void make_operations(publishing *p, part *of)
{
    of->operations = AUK_ARENA_ARRAY(p->arena, auk_operation, of->count);
    of->outcomes = AUK_ARENA_ARRAY(p->arena, auk_outcome, of->count);
    of->arena = auk_arena_create(4096);
    auk_arena_defer(p->arena, destroy_arena, of->arena);
    for (uint32_t i = 0; i < of->count; i++) {
        const auk_write *write = &p->step->writes[of->items[i]];
        bool deletes = write->kind == AUK_WRITE_DELETE;
        of->operations[i] =
            (auk_operation){.kind = deletes ? AUK_OPERATION_DELETE : AUK_OPERATION_INDEX,
                            .id = write->id,
                            .routing = write->routing,
                            .source = write->source,
                            .source_is_padded = write->source_is_padded,
                            .if_seq_no = -1};
    }
}

static void stage_part(void *context, size_t number)
{
    const publishing *p = context;
    part *of = &p->parts[number];
    of->code =
        auk_shard_stage(of->index->shards[of->shard], of->operations, of->count,
                        p->catalog->write_pool, of->arena, of->outcomes, &of->staged, &of->err);
}

static auk_code stage_all(publishing *p, auk_error *err)
{
    for (uint32_t i = 0; i < p->part_count; i++) {
        make_operations(p, &p->parts[i]);
        if (p->step->frugal)
            auk_shard_be_frugal(p->parts[i].index->shards[p->parts[i].shard], true);
    }
    auk_pool_for(p->part_count > 1 ? p->catalog->write_pool : NULL, p->part_count, stage_part, p);
    for (uint32_t i = 0; i < p->part_count; i++) {
        if (p->parts[i].code == AUK_OK)
            continue;
        if (err)
            *err = p->parts[i].err;
        return p->parts[i].code;
    }
    return AUK_OK;
}

static void end_stages(publishing *p, auk_code code)
{
    for (uint32_t i = 0; i < p->part_count; i++)
        if (p->parts[i].staged)
            auk_shard_end_stage(p->parts[i].staged, code);
}

static void answer(const publishing *p)
{
    for (uint32_t n = 0; n < p->part_count; n++) {
        const part *of = &p->parts[n];
        for (uint32_t i = 0; i < of->count; i++) {
            auk_written *written = &p->step->written[of->items[i]];
            written->error = of->outcomes[i].error;
            written->result = of->outcomes[i].result;
            written->seq_no = of->outcomes[i].seq_no;
            written->primary_term = of->outcomes[i].primary_term;
            written->version = of->outcomes[i].version;
        }
    }
}

static auk_code write_all(publishing *p, auk_error *err)
{
    const auk_publication *step = p->step;
    auk_batch *batch = auk_batch_create();
    auk_error failure = {0};
    auk_code code = AUK_OK;
    for (uint32_t i = 0; i < p->part_count && code == AUK_OK; i++)
        code = auk_shard_apply_stage(p->parts[i].staged, batch, &failure);
    if (code == AUK_OK) {
        answer(p);
        if (step->describe)
            step->describe(step->context, batch);
        AUK_FAULT_POINT(PUBLISH_BEFORE);
        if (!auk_batch_is_empty(batch))
            code = auk_store_write(p->catalog->store, batch, true, &failure);
        AUK_FAULT_POINT(PUBLISH_AFTER);
    }
    auk_batch_destroy(batch);
    if (code != AUK_OK && code != AUK_FULL) /* what is applied cannot be answered and forgotten */
        auk_fatal("publication of %.*s: %s", AUK_SPAN_ARG(step->owner), failure.message);
    end_stages(p, code);
    if (code != AUK_OK && err)
        *err = failure;
    return code;
}

static auk_code make_durable(publishing *p, auk_error *err)
{
    auk_code code = stage_all(p, err);
    if (code == AUK_OK)
        return write_all(p, err);
    end_stages(p, code); /* nothing was applied */
    return code;
}

/* ---- visible ---- */

/* The owner's indices that have something to show; counted. */
static uint32_t collect_shown(const publishing *p, auk_index **out)
{
    const auk_publication *step = p->step;
    uint32_t count = 0;
    for (uint32_t i = 0; i < step->also_count; i++)
        atomic_store(&step->also[i]->has_unseen, true);
    for (uint32_t i = 0; i < p->index_count; i++)
        atomic_store(&p->indices[i]->has_unseen, true);
    pthread_mutex_lock(&p->catalog->root_lock);
    for (uint32_t i = 0; i < p->catalog->index_count; i++) {
        auk_index *index = p->catalog->indices[i];
        if (auk_span_equal(index->definition->owner, step->owner) &&
            atomic_load(&index->has_unseen))
            out[count++] = auk_index_acquire(index);
    }
    pthread_mutex_unlock(&p->catalog->root_lock);
    return count;
}

/* Views of this index go to its second array from now on. */
static void begin_show(auk_index *index)
{
    auk_shard_view **next = calloc(index->shard_count, sizeof(auk_shard_view *));
    if (!next)
        auk_fatal("out of memory");
    pthread_mutex_lock(&index->catalog->root_lock);
    if (!index->next_views) {
        index->next_views = next;
        next = NULL;
    }
    pthread_mutex_unlock(&index->catalog->root_lock);
    free(next);
}

void auk_index_hold_views(auk_index *index)
{
    begin_show(index);
    atomic_store(&index->has_unseen, true);
}

/* Under the root lock: *old is to be released after it. */
static auk_shard_view **end_show(auk_index *index)
{
    auk_shard_view **old = index->next_views;
    index->next_views = NULL;
    for (uint32_t i = 0; i < index->shard_count; i++) {
        auk_shard_view *view = old[i];
        if (!view)
            continue;
        old[i] = index->views[i];
        index->views[i] = view;
    }
    atomic_store(&index->has_unseen, false);
    auk_root_touch(index);
    return old;
}

static void show_shards(auk_index *index)
{
    if (auk_index_enter(index, NULL) != AUK_OK)
        return;
    for (uint32_t i = 0; i < index->shard_count; i++) {
        auk_shard_show(index->shards[i]);
        auk_shard_be_frugal(index->shards[i], false);
    }
    auk_index_leave(index);
}

static void release_views(auk_index *index, auk_shard_view **views)
{
    for (uint32_t i = 0; i < index->shard_count; i++)
        auk_shard_view_release(views[i]);
    free(views);
}

static void show(publishing *p, auk_index *const *indices, uint32_t count)
{
    auk_shard_view ***old = AUK_ARENA_ARRAY(p->arena, auk_shard_view **, count + 1);
    for (uint32_t i = 0; i < count; i++)
        begin_show(indices[i]);
    for (uint32_t i = 0; i < count; i++)
        show_shards(indices[i]);
    pthread_mutex_lock(&p->catalog->root_lock);
    for (uint32_t i = 0; i < count; i++)
        old[i] = end_show(indices[i]);
    auk_root_rebuild(p->catalog);
    pthread_mutex_unlock(&p->catalog->root_lock);
    for (uint32_t i = 0; i < count; i++)
        release_views(indices[i], old[i]);
}

static void show_all(publishing *p)
{
    pthread_mutex_lock(&p->catalog->root_lock);
    uint32_t most = p->catalog->index_count;
    pthread_mutex_unlock(&p->catalog->root_lock);
    auk_index **indices = AUK_ARENA_ARRAY(p->arena, auk_index *, most + 1);
    uint32_t count = collect_shown(p, indices);
    show(p, indices, count);
    for (uint32_t i = 0; i < count; i++)
        auk_index_release(indices[i]);
}

/* Does an index that clients read hold steps that they must not see yet? */
static bool is_amid_whole(const publishing *p)
{
    bool amid = false;
    pthread_mutex_lock(&p->catalog->root_lock);
    for (uint32_t i = 0; i < p->catalog->index_count && !amid; i++) {
        const auk_index *index = p->catalog->indices[i];
        amid = !index->definition->standby && atomic_load(&index->has_unseen) &&
               auk_span_equal(index->definition->owner, p->step->owner);
    }
    pthread_mutex_unlock(&p->catalog->root_lock);
    return amid;
}

/* ---- after a full disk ---- */

/* The owner's indices that are held back; counted. */
static uint32_t collect_held(auk_catalog *catalog, auk_span owner, auk_index **out)
{
    uint32_t count = 0;
    pthread_mutex_lock(&catalog->root_lock);
    for (uint32_t i = 0; i < catalog->index_count; i++) {
        auk_index *index = catalog->indices[i];
        if (!index->next_views || !auk_span_equal(index->definition->owner, owner))
            continue;
        if (out)
            out[count] = auk_index_acquire(index);
        count++;
    }
    pthread_mutex_unlock(&catalog->root_lock);
    return count;
}

bool auk_catalog_holds_back(auk_catalog *catalog, auk_span owner)
{
    return collect_held(catalog, owner, NULL) > 0;
}

/* All shards of what is held back take writes again, or none is shown yet. */
static auk_code open_held(publishing *p, auk_error *err)
{
    auk_code code = AUK_OK;
    pthread_mutex_lock(&p->catalog->root_lock);
    uint32_t most = p->catalog->index_count;
    pthread_mutex_unlock(&p->catalog->root_lock);
    auk_index **held = AUK_ARENA_ARRAY(p->arena, auk_index *, most + 1);
    uint32_t count = collect_held(p->catalog, p->step->owner, held);
    for (uint32_t i = 0; i < count; i++) {
        if (code == AUK_OK)
            code = auk_index_flush(held[i], err);
        auk_index_release(held[i]);
    }
    return code;
}

auk_code auk_catalog_show_held(auk_catalog *catalog, auk_span owner, auk_error *err)
{
    if (!auk_catalog_holds_back(catalog, owner))
        return AUK_OK;
    const auk_publication nothing = {.owner = owner};
    publishing p = {.catalog = catalog, .step = &nothing, .arena = auk_arena_create(4096)};
    auk_code code = open_held(&p, err);
    if (code == AUK_OK)
        show_all(&p);
    auk_arena_destroy(p.arena);
    return code;
}

/* ---- the call ---- */

static auk_code run(publishing *p, auk_error *err)
{
    auk_code code = open_held(p, err);
    if (code == AUK_OK)
        code = find_way(p, err);
    if (code != AUK_OK)
        return code;
    bool visible = p->step->visible && !(p->step->joins_whole && is_amid_whole(p));
    code = make_durable(p, err);
    if (code == AUK_OK && visible)
        show_all(p);
    for (uint32_t i = 0; i < p->index_count && code == AUK_OK && !visible; i++)
        atomic_store(&p->indices[i]->has_unseen, true);
    leave_all(p);
    return code;
}

auk_code auk_catalog_publish(auk_catalog *catalog, const auk_publication *step, auk_arena *arena,
                             auk_error *err)
{
    publishing p = {.catalog = catalog, .step = step, .arena = arena};
    size_t charged;
    auk_code code = auk_write_admit(catalog, step->writes, step->count, &charged, err);
    if (code != AUK_OK)
        return code;
    code = run(&p, err);
    auk_budget_release(catalog->budget, AUK_PURPOSE_INDEXING, charged);
    return code;
}
