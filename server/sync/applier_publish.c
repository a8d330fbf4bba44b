/*
 * From a group of transactions to one publication, or, when the group is large, to several that are
 * seen at once (applier_private.h has the states).
 */
#include <assert.h>
#include <malloc.h>
#include <stdlib.h>

#include "applier_private.h"

#include "auk/clock.h"
#include "auk/varint.h"

/* ---- one step ---- */

typedef struct describing {
    auk_applier *applier;
    const auk_step_plan *plan;
} describing;

static void describe_step(void *context, auk_batch *batch)
{
    describing *d = (describing *)context;
    auk_step_describe(d->applier, d->plan->step, batch);
    auk_step_describe_locals(d->applier, d->plan->step, batch);
    if (d->plan->describe)
        d->plan->describe(d->plan->context, batch);
}

uint32_t auk_applier_list_indices(auk_applier *applier, auk_arena *arena, auk_index ***out)
{
    uint32_t count = 0, documents = applier->config->document_count;
    const auk_root *root = auk_root_acquire(applier->options.catalog);
    *out = AUK_ARENA_ARRAY(arena, auk_index *, documents + 1);
    for (uint32_t i = 0; i < documents; i++) {
        auk_span name = auk_span_make(applier->targets[i].name, applier->targets[i].name_size);
        const auk_index_view *view = name.size > 0 ? auk_root_find(root, name) : NULL;
        bool known = !view;
        for (uint32_t k = 0; k < count && !known; k++)
            known = (*out)[k] == view->index;
        if (!known)
            (*out)[count++] = auk_index_acquire(view->index);
    }
    auk_root_release(applier->options.catalog, root);
    return count;
}

void auk_applier_release_indices(auk_index **indices, uint32_t count)
{
    assert(count == 0 || indices != NULL);
    for (uint32_t i = 0; i < count; i++)
        auk_index_release(indices[i]);
}

/* What an earlier life of the process left half done is through. */
static void show_indices(auk_applier *applier)
{
    auk_index **indices;
    auk_arena *arena = auk_arena_create(1024);
    uint32_t count = auk_applier_list_indices(applier, arena, &indices);
    for (uint32_t i = 0; i < count; i++)
        auk_index_show(applier->options.catalog, indices[i], AUK_APPLIER_HALF);
    auk_applier_release_indices(indices, count);
    auk_arena_destroy(arena);
    applier->went_on = false;
}

/* Keys alone need no index. */
static auk_code write_keys(auk_applier *applier, const auk_step_plan *plan, auk_error *err)
{
    describing context = {applier, plan};
    auk_batch *batch = auk_batch_create();
    describe_step(&context, batch);
    auk_code code = auk_store_write(applier->store, batch, true, err);
    auk_batch_destroy(batch);
    return code;
}

static auk_code publish_step(auk_applier *applier, const auk_step_plan *plan, bool show_all,
                             auk_error *err)
{
    auk_step *step = plan->step;
    describing context = {applier, plan};
    auk_publication publication = {.owner = applier->owner,
                                   .writes = step->writes,
                                   .written = step->written,
                                   .count = step->write_count,
                                   .describe = describe_step,
                                   .context = &context,
                                   .visible = plan->visible,
                                   .frugal = plan->frugal};
    auk_index **also = NULL;
    if (show_all)
        publication.also_count = auk_applier_list_indices(applier, step->arena, &also);
    publication.also = also;
    auk_code code = auk_catalog_publish(applier->options.catalog, &publication, step->arena, err);
    auk_applier_release_indices(also, publication.also_count);
    return code;
}

/* What the allocator keeps after a step of many threads is as much as the step itself. A failure of
 * the flush is met by the next write, and told by it. */
static void keep_small(auk_applier *applier)
{
    (void)!auk_store_flush_beyond(applier->store, AUK_SLICE_MEMTABLE_MOST, NULL);
    if (++applier->frugal_steps % AUK_SLICES_A_TRIM == 0)
        (void)malloc_trim(0);
}

auk_code auk_applier_run_step(auk_applier *applier, const auk_step_plan *plan, auk_error *err)
{
    bool show_all =
        plan->visible &&
        (plan->shows_all || auk_catalog_holds_back(applier->options.catalog, applier->owner));
    auk_code code = auk_step_finish(applier, plan->step, err);
    if (code != AUK_OK)
        return code;
    uint64_t began = auk_clock_monotonic_us();
    pthread_mutex_lock(&applier->publish_lock);
    if (applier->options.locals)
        auk_locals_lock(applier->options.locals);
    if (atomic_load(&applier->is_uncertain))
        code =
            auk_fail(err, AUK_FULL, "a write met a full disk: what is stored is read again first");
    if (code == AUK_OK)
        code = auk_step_lay_locals(applier, plan->step, err);
    if (code == AUK_OK && plan->step->write_count == 0 && !show_all)
        code = write_keys(applier, plan, err);
    else if (code == AUK_OK)
        code = publish_step(applier, plan, show_all, err);
    if (applier->options.locals)
        auk_locals_unlock(applier->options.locals);
    if (code == AUK_OK)
        auk_step_settle(applier, plan->step);
    if (code == AUK_FULL)
        atomic_store(&applier->is_uncertain, true);
    pthread_mutex_unlock(&applier->publish_lock);
    if (code == AUK_OK && plan->frugal)
        keep_small(applier);
    AUK_APPLIER_COUNT(applier, publishes, 1);
    AUK_APPLIER_COUNT(applier, publish_us, auk_clock_monotonic_us() - began);
    return code;
}

/* ---- the group ---- */

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

bool auk_applier_is_full(const auk_applier *applier)
{
    bool slices = applier->taking_slices;
    uint32_t changes_most = applier->options.group_changes_most;
    if (slices)
        changes_most = least(changes_most, AUK_SLICE_CHANGES_MOST);
    return auk_rows_entry_count(applier->rows) >= changes_most ||
           auk_rows_group_bytes(applier->rows) >=
               (slices ? AUK_SLICE_BYTES_MOST : AUK_GROUP_BYTES_MOST);
}

/* What a step of the group notes beside its documents. */
typedef struct group_record {
    auk_applier *applier;
    auk_sync_position position;
    auk_whole whole;
    bool with_rows;
    auk_span *pending; /* keys of roots that are built by this step */
    uint32_t pending_count;
} group_record;

static void describe_group(void *context, auk_batch *batch)
{
    group_record *record = (group_record *)context;
    auk_applier *applier = record->applier;
    if (record->with_rows) {
        auk_code code = auk_rows_describe(applier->rows, batch, NULL);
        assert(code == AUK_OK); /* every state was read before */
        (void)code;
        auk_applier_describe_rereads(applier, batch);
    }
    for (uint32_t i = 0; i < record->pending_count; i++)
        auk_batch_delete(batch, AUK_FAMILY_SYNC, record->pending[i]);
    auk_applier_put_position(applier, &record->position, &record->whole, batch);
}

static void settle_rows(auk_applier *applier)
{
    auk_rows_reset(applier->rows);
    auk_key_set_reset(&applier->dirty);
    auk_applier_settle_rereads(applier);
}

static void note_latency(auk_applier *applier, int64_t now_us)
{
    auk_applier_stats *stats = &applier->stats;
    for (uint32_t i = 0; i < applier->commit_count; i++) {
        int64_t ms = (now_us - applier->commits[i]) / 1000;
        uint32_t bucket = 0;
        while (bucket < 15 && ms >= (int64_t)1 << bucket)
            bucket++;
        stats->commit_to_searchable_us[bucket]++;
        stats->searchable_ms += ms > 0 ? (uint64_t)ms : 0;
    }
    if (applier->commit_count > 0)
        stats->last_commit_us = applier->commits[applier->commit_count - 1];
    applier->commit_count = 0;
}

/* All of it is durable and seen. */
static void settle_group(auk_applier *applier, const auk_sync_position *position)
{
    pthread_mutex_lock(&applier->lock);
    applier->position = *position;
    applier->whole = (auk_whole){0};
    note_latency(applier, auk_clock_wall_ms() * 1000);
    pthread_mutex_unlock(&applier->lock);
    auk_chunks_pass(applier->chunks, position->applied);
    applier->has_group = applier->has_changes = false;
    applier->group = (auk_sync_position){0};
    applier->group_changes = 0;
    applier->dirty_spilled = false;
    if (applier->went_on)
        show_indices(applier);
}

/* ---- in one step ---- */

/* *fits false: the documents are too many for one step. */
static auk_code add_dirty(auk_applier *applier, auk_step *step, bool *fits, auk_error *err)
{
    auk_code code = AUK_OK;
    auk_span *roots = auk_key_set_sort(&applier->dirty);
    for (uint32_t i = 0; code == AUK_OK && *fits && i < applier->dirty.count; i++) {
        uint32_t document = auk_load_be32(roots[i].data);
        const auk_tree *tree = applier->model->trees[document];
        code = auk_step_add_root(applier, step, tree, auk_span_from(roots[i], 4), false, err);
        *fits = step->bytes <= AUK_STEP_BYTES_MOST;
    }
    free(roots);
    return code;
}

static auk_code publish_at_once(auk_applier *applier, bool *fits, auk_error *err)
{
    auk_step step;
    group_record record = {.applier = applier, .position = applier->group, .with_rows = true};
    auk_step_init(&step);
    auk_code code = auk_step_add_plain(applier, &step, err);
    if (code == AUK_OK)
        code = add_dirty(applier, &step, fits, err);
    auk_step_plan plan = {.step = &step,
                          .visible = true,
                          .describe = describe_group,
                          .context = &record};
    if (code == AUK_OK && *fits)
        code = auk_applier_run_step(applier, &plan, err);
    if (code == AUK_OK && *fits) {
        settle_rows(applier);
        settle_group(applier, &record.position);
    }
    auk_step_deinit(&step);
    return code;
}

/* ---- in several ---- */

/* Rows, and documents of roots without children; the other roots become PENDING keys. */
static auk_code store_rows(auk_applier *applier, const auk_whole *whole, auk_error *err)
{
    auk_step step;
    group_record record = {.applier = applier,
                           .position = applier->position,
                           .whole = *whole,
                           .with_rows = true};
    auk_code code = auk_applier_collect(applier, err);
    if (code == AUK_OK && applier->dirty.count > 0)
        code = auk_applier_spill_dirty(applier, err);
    if (code != AUK_OK)
        return code;
    auk_step_init(&step);
    code = auk_step_add_plain(applier, &step, err);
    auk_step_plan plan = {.step = &step,
                          .frugal = true,
                          .describe = describe_group,
                          .context = &record};
    if (code == AUK_OK)
        code = auk_applier_run_step(applier, &plan, err);
    if (code == AUK_OK) {
        settle_rows(applier);
        pthread_mutex_lock(&applier->lock);
        applier->whole = *whole;
        pthread_mutex_unlock(&applier->lock);
    }
    auk_step_deinit(&step);
    return code;
}

auk_code auk_applier_slice(auk_applier *applier, uint64_t done, auk_error *err)
{
    auk_whole whole = {AUK_WHOLE_ROWS, done, applier->taking};
    return store_rows(applier, &whole, err);
}

typedef struct wave {
    auk_applier *applier;
    auk_buffer from; /* behind what is built */
    auk_buffer to;
    auk_arena *arena; /* of the keys of a pass */
    auk_span *keys;
    uint32_t count, most;
    bool last;
} wave;

static auk_code add_pending(wave *w, auk_step *step, auk_span key, auk_error *err)
{
    auk_applier *applier = w->applier;
    auk_span rest = auk_span_from(key, AUK_KEY_HEAD_SIZE);
    uint32_t document = rest.size > 4 ? auk_load_be32(rest.data) : UINT32_MAX;
    w->keys[w->count++] = auk_arena_copy(w->arena, key);
    if (document >= applier->model->tree_count || !applier->model->trees[document])
        return AUK_OK; /* the document was taken out of the configuration */
    return auk_step_add_root(applier, step, applier->model->trees[document],
                             auk_span_from(w->keys[w->count - 1], AUK_KEY_TABLE_SIZE), false, err);
}

static auk_code fill_pass(wave *w, auk_step *step, auk_error *err)
{
    auk_span key, nothing;
    auk_code code = AUK_OK;
    auk_store_cursor *cursor = auk_store_scan(w->applier->store, AUK_FAMILY_SYNC,
                                              auk_buffer_span(&w->from), auk_buffer_span(&w->to));
    w->last = true;
    while (code == AUK_OK && auk_store_cursor_next(cursor, &key, &nothing)) {
        if (w->count == w->most || step->bytes > AUK_SLICE_STEP_BYTES) {
            w->last = false;
            break;
        }
        code = add_pending(w, step, key, err);
    }
    if (code == AUK_OK)
        code = auk_store_cursor_status(cursor, err);
    auk_store_cursor_close(cursor);
    return code;
}

static auk_code run_pass(wave *w, auk_error *err)
{
    auk_applier *applier = w->applier;
    auk_step step;
    auk_arena_reset(w->arena);
    auk_step_init(&step);
    w->most = least(applier->options.step_roots_most, AUK_SLICE_ROOTS_MOST);
    w->keys = AUK_ARENA_ARRAY(w->arena, auk_span, w->most);
    w->count = 0;
    auk_code code = fill_pass(w, &step, err);
    group_record record = {.applier = applier,
                           .position = w->last ? applier->whole.to : applier->position,
                           .pending = w->keys,
                           .pending_count = w->count};
    if (!w->last)
        record.whole = applier->whole;
    auk_step_plan plan = {.step = &step,
                          .visible = w->last,
                          .shows_all = true,
                          .frugal = true,
                          .describe = describe_group,
                          .context = &record};
    if (code == AUK_OK)
        code = auk_applier_run_step(applier, &plan, err);
    if (code == AUK_OK && w->count > 0) {
        auk_buffer_reset(&w->from);
        auk_buffer_append(&w->from, w->keys[w->count - 1]);
        auk_buffer_append_byte(&w->from, 0);
    }
    if (code == AUK_OK && w->last)
        settle_group(applier, &record.position);
    auk_step_deinit(&step);
    return code;
}

auk_code auk_applier_run_wave(auk_applier *applier, auk_error *err)
{
    wave w = {.applier = applier, .arena = auk_arena_create(65536)};
    auk_code code = AUK_OK;
    auk_buffer_init(&w.from, (size_t)1 << 20);
    auk_buffer_init(&w.to, 64);
    auk_key_begin(&w.from, applier->source, AUK_KEY_PENDING);
    auk_key_begin(&w.to, applier->source, AUK_KEY_PENDING + 1);
    AUK_APPLIER_COUNT(applier, waves, 1);
    __atomic_store_n(&applier->stats.waves_pending, 1, __ATOMIC_RELAXED);
    while (code == AUK_OK && !w.last)
        code = run_pass(&w, err);
    __atomic_store_n(&applier->stats.waves_pending, code != AUK_OK, __ATOMIC_RELAXED);
    auk_buffer_deinit(&w.from);
    auk_buffer_deinit(&w.to);
    auk_arena_destroy(w.arena);
    return code;
}

static auk_code publish_in_steps(auk_applier *applier, auk_error *err)
{
    auk_whole whole = {AUK_WHOLE_WAVE, 0, applier->group};
    auk_code code = store_rows(applier, &whole, err);
    return code == AUK_OK ? auk_applier_run_wave(applier, err) : code;
}

auk_code auk_applier_publish(auk_applier *applier, auk_error *err)
{
    bool fits = true;
    if (applier->whole.phase == AUK_WHOLE_WAVE)
        return auk_applier_run_wave(applier, err); /* a life or a try before ended in it */
    if (!applier->has_group)
        return AUK_OK;
    if (applier->taking.applied != 0)
        return auk_fail(err, AUK_BUSY, "a transaction is taken by half: take it again first");
    if (applier->whole.phase != AUK_WHOLE_NONE)
        return publish_in_steps(applier, err);
    auk_code code = auk_applier_collect(applier, err);
    if (code != AUK_OK)
        return code;
    if (applier->dirty_spilled || applier->dirty.count > applier->options.step_roots_most)
        return publish_in_steps(applier, err);
    code = publish_at_once(applier, &fits, err);
    return code == AUK_OK && !fits ? publish_in_steps(applier, err) : code;
}
