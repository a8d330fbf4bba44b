/* What indices are kept in order by: refresh, flush and merge. */
#include <stdio.h>
#include <stdlib.h>

#include "auk/log.h"

#include "admin.h"
#include "tasks.h"

/* ---- one after the other ---- */

typedef struct maintenance {
    auk_code (*run)(const struct maintenance *self, auk_index *index, auk_error *err);
    uint32_t max_segments;
    bool expunge, flush;
    bool behind; /* answers at once with a task */
} maintenance;

/* An index that goes away meanwhile needs no maintenance. */
static auk_code maintain(auk_call *call, const maintenance *work, auk_error *err)
{
    auk_selection chosen;
    uint64_t shards = 0;
    auk_code code = auk_selection_open(call, false, &chosen, err);
    for (uint32_t i = 0; i < chosen.count && code == AUK_OK; i++) {
        if (work->run)
            code = work->run(work, chosen.items[i].view->index, err);
        if (code == AUK_NOT_FOUND)
            code = AUK_OK;
        shards += chosen.items[i].view->shard_count;
    }
    auk_selection_close(call, &chosen);
    if (code != AUK_OK)
        return code;
    auk_json_begin_object(&call->out);
    auk_call_write_shards(call, shards, false);
    auk_json_end_object(&call->out);
    return AUK_OK;
}

static auk_code run_refresh(const maintenance *self, auk_index *index, auk_error *err)
{
    (void)self;
    return auk_index_refresh(index, err);
}

static auk_code refresh_indices(auk_call *call, auk_error *err)
{
    return maintain(call, &(maintenance){.run = run_refresh}, err);
}

static auk_code run_flush(const maintenance *self, auk_index *index, auk_error *err)
{
    (void)self;
    return auk_index_flush(index, err);
}

static auk_code flush_indices(auk_call *call, auk_error *err)
{
    return maintain(call, &(maintenance){.run = run_flush}, err);
}

static auk_code run_merge(const maintenance *self, auk_index *index, auk_error *err)
{
    auk_code code = auk_index_force_merge(index, self->max_segments, self->expunge, err);
    if (code == AUK_OK && self->flush)
        code = auk_index_flush(index, err);
    return code;
}

static auk_code read_merge(const auk_call *call, maintenance *out, auk_error *err)
{
    int64_t segments = 0;
    bool wait = true;
    auk_code code = auk_call_int(call, "max_num_segments", 0, &segments, err);
    if (code == AUK_OK)
        code = auk_call_bool(call, "only_expunge_deletes", false, &out->expunge, err);
    if (code == AUK_OK)
        code = auk_call_bool(call, "flush", true, &out->flush, err);
    if (code == AUK_OK)
        code = auk_call_bool(call, "wait_for_completion", true, &wait, err);
    if (code != AUK_OK)
        return code;
    out->behind = !wait;
    if (auk_call_has(call, "max_num_segments") && (segments < 1 || segments > UINT32_MAX))
        return auk_fail(err, AUK_INVALID, "[max_num_segments] must be at least 1 but was [%lld]",
                        (long long)segments);
    if (segments > 0 && out->expunge)
        return auk_fail_type(err, AUK_INVALID, "action_request_validation_exception",
                             "Validation Failed: 1: cannot set only_expunge_deletes and "
                             "max_num_segments at the same time, those two parameters are mutually "
                             "exclusive;");
    out->max_segments = (uint32_t)segments;
    return AUK_OK;
}

/* ---- a merge that nobody waits for ---- */

typedef struct merge_job {
    maintenance work;
    auk_index **indices; /* acquired */
    uint32_t count;
    uint64_t shards;
} merge_job;

static void drop_merge(merge_job *merge)
{
    for (uint32_t i = 0; i < merge->count; i++)
        auk_index_release(merge->indices[i]);
    free(merge->indices);
    free(merge);
}

static void run_merge_job(auk_job *job, void *context)
{
    merge_job *merge = context;
    char answer[128];
    auk_error err = {0};
    auk_code code = AUK_OK;
    for (uint32_t i = 0; i < merge->count && code == AUK_OK; i++) {
        code = run_merge(&merge->work, merge->indices[i], &err);
        if (code == AUK_NOT_FOUND)
            code = AUK_OK;
    }
    unsigned long long shards = merge->shards;
    (void)snprintf(answer, sizeof answer,
                   "{\"_shards\":{\"total\":%llu,\"successful\":%llu,\"failed\":0}}", shards,
                   shards);
    auk_job_finish(job, auk_span_of(answer), code == AUK_OK ? NULL : &err);
    drop_merge(merge);
}

static merge_job *make_merge_job(const maintenance *work, const auk_selection *chosen)
{
    merge_job *merge = calloc(1, sizeof *merge);
    auk_index **indices = calloc(chosen->count + 1, sizeof(*indices));
    if (!merge || !indices)
        auk_fatal("out of memory");
    *merge = (merge_job){.work = *work, .indices = indices, .count = chosen->count};
    for (uint32_t i = 0; i < chosen->count; i++) {
        indices[i] = auk_index_acquire(chosen->items[i].view->index);
        merge->shards += chosen->items[i].view->shard_count;
    }
    return merge;
}

static auk_code merge_behind(auk_call *call, const maintenance *work, auk_error *err)
{
    auk_selection chosen;
    auk_job *job = NULL;
    auk_code code = auk_selection_open(call, false, &chosen, err);
    merge_job *merge = code == AUK_OK ? make_merge_job(work, &chosen) : NULL;
    auk_selection_close(call, &chosen);
    if (code != AUK_OK)
        return code;
    auk_job_options options = {
        .action = AUK_SPAN("indices:admin/forcemerge"),
        .description = auk_arena_printf(
            call->arena,
            "Force-merge indices [%.*s], maxSegments[%d], onlyExpungeDeletes[%s], flush[%s]",
            AUK_SPAN_ARG(auk_call_variable(call, "index")),
            work->max_segments ? (int)work->max_segments : -1, work->expunge ? "true" : "false",
            work->flush ? "true" : "false"),
        .is_noted = true,
    };
    code = auk_job_start(auk_catalog_jobs(call->rest->options.catalog), &options, run_merge_job,
                         merge, &job, err);
    if (code != AUK_OK) {
        drop_merge(merge);
        return code;
    }
    auk_call_write_task(call, auk_job_number(job));
    auk_job_release(job);
    return AUK_OK;
}

static auk_code force_merge(auk_call *call, auk_error *err)
{
    maintenance work = {.run = run_merge};
    auk_code code = read_merge(call, &work, err);
    if (code != AUK_OK)
        return code;
    return work.behind ? merge_behind(call, &work, err) : maintain(call, &work, err);
}

/* Nothing is cached that a search could see, so there is nothing to drop. */
static auk_code clear_cache(auk_call *call, auk_error *err)
{
    return maintain(call, &(maintenance){0}, err);
}

/* ---- routes ---- */

#define FLUSH_PARAMETERS AUK_SELECT_PARAMETERS " force wait_if_ongoing"
#define MERGE_PARAMETERS                                                                           \
    AUK_SELECT_PARAMETERS " max_num_segments only_expunge_deletes flush wait_for_completion"
#define CACHE_PARAMETERS AUK_SELECT_PARAMETERS " fielddata fields query request index"

#define MAINTAIN(methods, path, parameters, run)                                                   \
    {                                                                                              \
        methods, path, parameters, run, AUK_ROUTE_MANAGE, AUK_RIGHT_MANAGE                         \
    }

static const auk_route rows[] = {
    MAINTAIN(AUK_M_GET | AUK_M_POST, "/_refresh", AUK_SELECT_PARAMETERS, refresh_indices),
    MAINTAIN(AUK_M_GET | AUK_M_POST, "/{index}/_refresh", AUK_SELECT_PARAMETERS, refresh_indices),
    MAINTAIN(AUK_M_GET | AUK_M_POST, "/_flush", FLUSH_PARAMETERS, flush_indices),
    MAINTAIN(AUK_M_GET | AUK_M_POST, "/{index}/_flush", FLUSH_PARAMETERS, flush_indices),
    MAINTAIN(AUK_M_POST, "/_forcemerge", MERGE_PARAMETERS, force_merge),
    MAINTAIN(AUK_M_POST, "/{index}/_forcemerge", MERGE_PARAMETERS, force_merge),
    MAINTAIN(AUK_M_POST, "/_cache/clear", CACHE_PARAMETERS, clear_cache),
    MAINTAIN(AUK_M_POST, "/{index}/_cache/clear", CACHE_PARAMETERS, clear_cache),
};

const auk_route_table auk_routes_maintenance = {rows, sizeof rows / sizeof rows[0]};
