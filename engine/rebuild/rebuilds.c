/* The rebuilds of a node: begun, found again after a start, asked for a switch. */
#include <stdlib.h>

#include "choose.h"
#include "run.h"

#define ACTION AUK_SPAN("indices:admin/rebuild")

/* ---- threads ---- */

/* Under the registry's lock. A count for the list and one for the thread. */
static auk_code launch(auk_rebuilds *owner, auk_rebuild *r, auk_error *err)
{
    auk_rebuild_acquire(auk_rebuild_acquire(r));
    if (pthread_create(&r->thread, NULL, auk_rebuild_run, r) != 0) {
        auk_rebuild_release(r);
        auk_rebuild_release(r);
        return auk_fail(err, AUK_BUSY, "cannot start a thread for the rebuild");
    }
    r->next = owner->first;
    owner->first = r;
    return AUK_OK;
}

/* Under lock: those that are over go. */
static void sweep(auk_rebuilds *owner)
{
    auk_rebuild **at = &owner->first;
    while (*at) {
        auk_rebuild *r = *at;
        if (!atomic_load(&r->is_over)) {
            at = &r->next;
            continue;
        }
        *at = r->next;
        pthread_join(r->thread, NULL);
        auk_rebuild_release(r);
    }
}

/* ---- begin ---- */

static auk_code check_source(const auk_index_view *view, auk_error *err)
{
    if (view->standby)
        return auk_fail(err, AUK_INVALID, "index [%.*s] stands by: rebuild the one in use",
                        AUK_SPAN_ARG(view->name));
    if (!auk_mapping_source_enabled(view->mapping))
        return auk_fail(err, AUK_INVALID,
                        "index [%.*s] keeps no [_source]: there is nothing to rebuild it from",
                        AUK_SPAN_ARG(view->name));
    return AUK_OK;
}

/* Under lock. One that keeps its old generation may be followed by the next. */
static auk_code check_others(const auk_rebuilds *owner, const auk_index *index, auk_error *err)
{
    for (const auk_rebuild *r = owner->first; r; r = r->next) {
        bool builds = r->phase < AUK_PHASE_DONE && r->old == index;
        bool switches = atomic_load(&r->is_fenced) && (r->old == index || r->new == index);
        if (!atomic_load(&r->is_over) && (builds || switches))
            return auk_fail_type(err, AUK_CONFLICT, "resource_already_exists_exception",
                                 "[%.*s] is being rebuilt by task [%llu]", AUK_SPAN_ARG(r->name),
                                 (unsigned long long)r->task);
    }
    return AUK_OK;
}

/* Under lock, after check_others: a rebuild that switched since the name was looked up has left the
 * index standing by, or deleted it. */
static auk_code check_in_use(const auk_rebuild *r, auk_error *err)
{
    bool in_use = false;
    const auk_root *root = auk_root_acquire(r->catalog);
    for (uint32_t i = 0; i < root->index_count; i++)
        in_use = in_use || (root->indices[i]->index == r->old && !root->indices[i]->standby);
    auk_root_release(r->catalog, root);
    if (in_use)
        return AUK_OK;
    return auk_fail_type(err, AUK_CONFLICT, "resource_already_exists_exception",
                         "[%.*s] has just been rebuilt", AUK_SPAN_ARG(r->name));
}

static auk_code check_disk(auk_rebuild *r, auk_error *err)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < r->old_shards; i++) {
        auk_shard_stats stats;
        auk_index_read_stats(r->old, i, &stats);
        bytes += stats.segment_bytes + stats.memory_bytes;
    }
    return auk_rebuild_check_disk(r, bytes + bytes / 2, err);
}

/* The new generation must be one that can be made; it is found out before the answer. */
static auk_code try_body(auk_rebuild *r, auk_error *err)
{
    const auk_json *body;
    auk_arena *arena = auk_arena_create(4096);
    auk_code code = auk_rebuild_make_body(r, arena, &body, err);
    if (code == AUK_OK)
        code = auk_generation_check(r->catalog, body, err);
    auk_arena_destroy(arena);
    return code;
}

static auk_code prepare(auk_rebuild *r, const auk_index_view *view, auk_span name,
                        const auk_json *body, auk_error *err)
{
    r->name = auk_arena_copy(r->arena, name);
    r->body = body ? auk_arena_copy(r->arena, body->text) : AUK_SPAN("{}");
    r->started_ms = auk_clock_wall_ms();
    r->old = auk_index_acquire(view->index);
    r->old_shards = view->shard_count;
    const auk_json *own;
    uint64_t chosen;
    auk_code code = check_source(view, err);
    if (code == AUK_OK)
        code = auk_json_parse_own(r->body, r->arena, &own, err);
    if (code == AUK_OK)
        code = auk_rebuild_read_wishes(own, r->arena, &r->wishes, err);
    if (code == AUK_OK)
        code = try_body(r, err);
    if (code == AUK_OK && r->wishes.query)
        code = auk_rebuild_count_chosen(r, view, &chosen, err);
    if (code == AUK_OK)
        code = auk_rebuild_choose_names(r->catalog, view, r->arena, &r->new_name, &r->rename, err);
    return code == AUK_OK ? check_disk(r, err) : code;
}

static auk_code start_job(auk_rebuild *r, auk_error *err)
{
    auk_job_options options = {
        .action = ACTION,
        .description = auk_arena_printf(r->arena, "rebuild [%.*s] into [%.*s]",
                                        AUK_SPAN_ARG(r->name), AUK_SPAN_ARG(r->new_name)),
        .cancellable = true,
        .number = r->task,
        .started_ms = r->started_ms,
    };
    return auk_job_start(auk_catalog_jobs(r->catalog), &options, NULL, NULL, &r->job, err);
}

/* Under lock: durable before it is promised. */
static auk_code begin_locked(auk_rebuilds *owner, auk_rebuild *r, auk_error *err)
{
    sweep(owner);
    auk_code code = check_others(owner, r->old, err);
    if (code == AUK_OK)
        code = check_in_use(r, err);
    if (code == AUK_OK)
        code = start_job(r, err);
    if (code != AUK_OK)
        return code;
    r->task = auk_job_number(r->job);
    auk_refusals_deinit(&r->refusals[0]);
    auk_refusals_deinit(&r->refusals[1]);
    auk_refusals_init(&r->refusals[0], auk_catalog_store(r->catalog), r->task, 'n');
    auk_refusals_init(&r->refusals[1], auk_catalog_store(r->catalog), r->task, 'o');
    auk_rebuild_tell(r);
    code = auk_rebuild_save(r, true, err);
    if (code == AUK_OK)
        code = launch(owner, r, err);
    if (code != AUK_OK)
        auk_job_finish(r->job, AUK_SPAN(""), err);
    return code;
}

/* view: of the one index behind the name; borrowed from *root. */
static auk_code find_view(auk_rebuilds *owner, auk_span name, auk_arena *arena,
                          const auk_root **root, const auk_index_view **view, auk_error *err)
{
    auk_resolve_options options = {.single = true, .expand_hidden = true};
    auk_resolved *resolved;
    uint32_t count;
    *root = auk_root_acquire(owner->options.catalog);
    auk_code code = auk_root_resolve(*root, name, &options, arena, &resolved, &count, err);
    *view = code == AUK_OK ? resolved[0].view : NULL;
    return code;
}

auk_code auk_rebuild_begin(auk_rebuilds *owner, auk_span name, const auk_json *body, uint64_t *task,
                           auk_error *err)
{
    const auk_root *root;
    const auk_index_view *view;
    auk_error own = {0};
    err = err ? err : &own;
    auk_rebuild *r = auk_rebuild_create(owner, 0);
    auk_code code = find_view(owner, name, r->arena, &root, &view, err);
    if (code == AUK_OK)
        code = prepare(r, view, name, body, err);
    auk_root_release(owner->options.catalog, root);
    if (code == AUK_OK) {
        pthread_mutex_lock(&owner->lock);
        code = begin_locked(owner, r, err);
        pthread_mutex_unlock(&owner->lock);
    }
    *task = r->task;
    auk_rebuild_release(r);
    return code;
}

/* ---- asked for a switch ---- */

/* Under lock: the newest whose generations the name leads to. */
static auk_rebuild *find_named(const auk_rebuilds *owner, const auk_index *index)
{
    for (auk_rebuild *r = owner->first; r; r = r->next)
        if (!atomic_load(&r->is_over) && r->phase < AUK_PHASE_GONE &&
            (r->old == index || r->new == index))
            return r;
    return NULL;
}

static auk_code put_question(auk_rebuild *r, auk_rebuild_way way, auk_error *err)
{
    auk_code code = AUK_OK;
    bool waits = r->phase == AUK_PHASE_DONE || r->phase == AUK_PHASE_READY;
    if (!waits)
        return auk_fail(err, AUK_CONFLICT, "the rebuild of [%.*s] is not ready: phase [%s]",
                        AUK_SPAN_ARG(r->name), auk_phase_name(r->phase));
    pthread_mutex_lock(&r->lock);
    if (r->asked) {
        code =
            auk_fail(err, AUK_CONFLICT, "[%.*s] is being switched already", AUK_SPAN_ARG(r->name));
    } else {
        r->asked = true;
        r->settled = false;
        r->way = way;
        pthread_cond_broadcast(&r->changed);
    }
    pthread_mutex_unlock(&r->lock);
    return code;
}

auk_code auk_rebuild_ask(auk_rebuilds *owner, auk_span name, auk_rebuild_way way, auk_rebuild **out,
                         auk_error *err)
{
    const auk_root *root;
    const auk_index_view *view;
    auk_arena *arena = auk_arena_create(1024);
    *out = NULL;
    auk_code code = find_view(owner, name, arena, &root, &view, err);
    if (code == AUK_OK) {
        pthread_mutex_lock(&owner->lock);
        auk_rebuild *r = find_named(owner, view->index);
        if (!r)
            code = auk_fail(err, AUK_NOT_FOUND,
                            "there is no rebuild of [%.*s], or its old generation is gone",
                            AUK_SPAN_ARG(name));
        else
            code = put_question(r, way, err);
        if (code == AUK_OK)
            *out = auk_rebuild_acquire(r);
        pthread_mutex_unlock(&owner->lock);
    }
    auk_root_release(owner->options.catalog, root);
    auk_arena_destroy(arena);
    return code;
}

bool auk_rebuild_settled(auk_rebuild *r)
{
    pthread_mutex_lock(&r->lock);
    bool settled = r->settled;
    pthread_mutex_unlock(&r->lock);
    return settled;
}

auk_code auk_rebuild_outcome(auk_rebuild *r, auk_arena *arena, auk_span *index, uint64_t *rejected,
                             auk_error *err)
{
    pthread_mutex_lock(&r->lock);
    bool settled = r->settled;
    auk_error outcome = r->outcome;
    pthread_mutex_unlock(&r->lock);
    *index = AUK_SPAN("");
    *rejected = auk_refusals_count(&r->refusals[r->leads_new ? 0 : 1]);
    if (!settled)
        return auk_fail(err, AUK_BUSY, "the switch of [%.*s] is under way", AUK_SPAN_ARG(r->name));
    if (outcome.code == AUK_OK)
        *index = auk_index_name(auk_rebuild_leader(r), arena);
    else if (err)
        *err = outcome;
    return outcome.code;
}

/* ---- refused documents ---- */

static auk_code write_rejected(auk_rebuild *r, uint32_t from, uint32_t size, auk_json_writer *out,
                               auk_error *err)
{
    auk_arena *arena = auk_arena_create(256);
    uint32_t total = auk_refusals_count(&r->refusals[0]) + auk_refusals_count(&r->refusals[1]);
    auk_json_member_uint(out, "total", total);
    auk_json_member_array(out, "documents");
    auk_code code = auk_refusals_write(&r->refusals[0], r->new_name, &from, &size, out, err);
    if (code == AUK_OK)
        code = auk_refusals_write(&r->refusals[1], auk_index_name(r->old, arena), &from, &size, out,
                                  err);
    auk_json_end_array(out);
    auk_arena_destroy(arena);
    return code;
}

auk_code auk_rebuild_write_rejected(auk_rebuilds *owner, uint64_t task, uint32_t from,
                                    uint32_t size, auk_json_writer *out, bool *found,
                                    auk_error *err)
{
    auk_rebuild *named = NULL;
    pthread_mutex_lock(&owner->lock);
    for (auk_rebuild *r = owner->first; r && !named; r = r->next)
        if (r->task == task && !atomic_load(&r->is_over))
            named = auk_rebuild_acquire(r);
    pthread_mutex_unlock(&owner->lock);
    *found = named != NULL;
    auk_code code = named ? write_rejected(named, from, size, out, err) : AUK_OK;
    auk_rebuild_release(named);
    return code;
}

/* ---- the registry ---- */

static auk_code take_up(auk_rebuilds *owner, auk_span key, auk_span value, auk_error *err)
{
    uint64_t task;
    if (!auk_number_parse_uint64(auk_span_from(key, 8), &task))
        return auk_fail(err, AUK_CORRUPT, "a stored rebuild has no number");
    auk_rebuild *r = auk_rebuild_create(owner, task);
    auk_code code = auk_rebuild_load(r, value, err);
    bool was_cut = r->phase == AUK_PHASE_DONE && !r->is_told; /* between switch and answer */
    if (code == AUK_OK && (r->phase < AUK_PHASE_DONE || was_cut))
        code = start_job(r, err);
    if (code == AUK_OK && was_cut && r->old && r->new)
        auk_rebuild_finish(r);
    else if (code == AUK_OK)
        auk_rebuild_tell(r);
    if (code == AUK_OK)
        code = launch(owner, r, err);
    auk_rebuild_release(r);
    return code == AUK_OK ? AUK_OK
                          : auk_wrap(err, code, "rebuild [%llu]", (unsigned long long)task);
}

auk_code auk_rebuilds_open(const auk_rebuilds_options *options, auk_rebuilds **out, auk_error *err)
{
    auk_span key, value;
    auk_code code = AUK_OK;
    auk_rebuilds *owner = calloc(1, sizeof *owner);
    if (!owner)
        auk_fatal("out of memory");
    owner->options = *options;
    pthread_mutex_init(&owner->lock, NULL);
    auk_store_cursor *cursor =
        auk_store_scan(auk_catalog_store(options->catalog), AUK_FAMILY_CATALOG,
                       AUK_SPAN("rebuild/"), AUK_SPAN("rebuild0")); /* '0' follows '/' */
    while (code == AUK_OK && auk_store_cursor_next(cursor, &key, &value))
        code = take_up(owner, key, value, err);
    if (code == AUK_OK)
        code = auk_store_cursor_status(cursor, err);
    auk_store_cursor_close(cursor);
    if (code != AUK_OK) {
        auk_rebuilds_close(owner);
        return code;
    }
    *out = owner;
    return AUK_OK;
}

void auk_rebuilds_close(auk_rebuilds *owner)
{
    if (!owner)
        return;
    atomic_store(&owner->stopping, true);
    for (auk_rebuild *r = owner->first; r; r = r->next) {
        pthread_mutex_lock(&r->lock);
        pthread_cond_broadcast(&r->changed);
        pthread_mutex_unlock(&r->lock);
        pthread_join(r->thread, NULL);
    }
    for (auk_rebuild *r = owner->first, *next; r; r = next) {
        next = r->next;
        auk_rebuild_release(r);
    }
    pthread_mutex_destroy(&owner->lock);
    free(owner);
}
