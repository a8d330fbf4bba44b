/* A run from its start to its answer, on the thread of its job. */
#include <math.h>
#include <stdlib.h>

#include "auk/log.h"

#include "by_query_private.h"

void auk_by_query_wishes_init(auk_by_query_wishes *wishes)
{
    *wishes = (auk_by_query_wishes){.max_docs = UINT64_MAX,
                                    .page_size = 1000,
                                    .slices = 1,
                                    .rate = INFINITY};
}

bool auk_run_is_over(auk_run *run)
{
    return atomic_load(&run->stop) || auk_job_cancelled(run->job) || auk_job_stopping(run->job);
}

void auk_run_fail(auk_run *run, const auk_error *err)
{
    pthread_mutex_lock(&run->lock);
    if (run->err.code == AUK_OK)
        run->err = *err;
    pthread_mutex_unlock(&run->lock);
    atomic_store(&run->stop, true);
}

/* ---- the run ---- */

static void run_workers(auk_run *run)
{
    unsigned started = 1;
    while (started < run->worker_count &&
           pthread_create(&run->workers[started].thread, NULL, auk_worker_run,
                          &run->workers[started]) == 0)
        started++; /* fewer do all of it, too */
    (void)auk_worker_run(&run->workers[0]);
    for (unsigned i = 1; i < started; i++)
        pthread_join(run->workers[i].thread, NULL);
}

static void refresh_touched(auk_run *run)
{
    auk_error err = {0};
    auk_span rest = auk_buffer_span(&run->touched), name;
    const auk_root *root = auk_root_acquire(run->catalog);
    while (run->wishes.refresh && auk_span_cut(&rest, '\0', &name)) {
        const auk_index_view *view = name.size ? auk_root_find(root, name) : NULL;
        auk_code code = view ? auk_index_refresh(view->index, &err) : AUK_OK;
        err.code = code;
        if (code != AUK_OK && code != AUK_NOT_FOUND)
            auk_run_fail(run, &err);
    }
    auk_root_release(run->catalog, root);
}

static void note_interrupted(auk_run *run)
{
    if (!auk_job_stopping(run->job) || run->err.code != AUK_OK)
        return;
    auk_fail_type(&run->err, AUK_CANCELLED, "task_interrupted_exception",
                  "the node ended while task [%llu] ran; [status] is how far it had come, and what "
                  "it did stays done",
                  (unsigned long long)auk_job_number(run->job));
}

static void finish(auk_run *run, bool is_whole)
{
    auk_buffer answer;
    auk_buffer_init(&answer, AUK_BUFFER_NO_LIMIT);
    if (run->source.total_is_a_guess && is_whole)
        run->source.total = run->taken;
    auk_run_tell(run);
    if (!is_whole)
        note_interrupted(run);
    if (run->into)
        auk_resize_finish(run, is_whole);
    if (run->err.code == AUK_OK)
        auk_run_write_answer(run, &answer);
    auk_job_finish(run->job, auk_buffer_span(&answer), run->err.code == AUK_OK ? NULL : &run->err);
    auk_buffer_deinit(&answer);
}

static void destroy(auk_run *run)
{
    if (run->source.close)
        run->source.close(run->source.context);
    for (unsigned i = 0; i < run->worker_count; i++)
        auk_arena_destroy(run->workers[i].arena);
    auk_index_release(run->into);
    auk_buffer_deinit(&run->failures);
    auk_buffer_deinit(&run->touched);
    pthread_mutex_destroy(&run->lock);
    free(run);
}

/* What was taken from the caller. */
static void release(const auk_by_query_wishes *wishes)
{
    if (wishes->release)
        wishes->release(wishes->context);
    auk_arena_destroy(wishes->arena);
}

static void run_job(auk_job *job, void *context)
{
    auk_run *run = context;
    auk_by_query_wishes wishes = run->wishes;
    run->job = job;
    auk_run_tell(run);
    run_workers(run);
    bool is_whole = !auk_run_is_over(run);
    refresh_touched(run);
    finish(run, is_whole);
    destroy(run);
    release(&wishes);
}

/* ---- the start ---- */

static auk_code check_sources(const auk_by_query_wishes *wishes, auk_error *err)
{
    if (wishes->kind == AUK_BY_QUERY_DELETE)
        return AUK_OK;
    for (uint32_t i = 0; i < wishes->target_count; i++)
        if (!auk_mapping_source_enabled(wishes->targets[i].mapping))
            return auk_fail(err, AUK_INVALID, "[%.*s] didn't store _source",
                            AUK_SPAN_ARG(wishes->targets[i].index));
    return AUK_OK;
}

static auk_code open_source(auk_run *run, auk_error *err)
{
    const auk_by_query_wishes *wishes = &run->wishes;
    if (wishes->other.context) {
        run->source = wishes->other;
        return AUK_OK;
    }
    if (wishes->sort_count > 0)
        return auk_sorted_source_open(wishes, &run->source, err);
    return auk_local_source_open(wishes, run->worker_count, &run->source, err);
}

/* One worker where an order or a number of documents has to be kept. */
static unsigned workers_of(const auk_by_query_wishes *wishes)
{
    unsigned most = wishes->slices < AUK_SLICES_MOST ? wishes->slices : AUK_SLICES_MOST;
    bool alone =
        wishes->sort_count > 0 || wishes->max_docs != UINT64_MAX || wishes->other.context != NULL;
    return alone || most == 0 ? 1 : most;
}

static auk_run *create(auk_catalog *catalog, const auk_by_query_wishes *wishes)
{
    auk_run *run = calloc(1, sizeof *run);
    if (!run)
        auk_fatal("out of memory");
    run->catalog = catalog;
    run->wishes = *wishes;
    run->started_us = run->noted_us = auk_clock_monotonic_us();
    run->worker_count = workers_of(wishes);
    pthread_mutex_init(&run->lock, NULL);
    auk_buffer_init(&run->failures, AUK_BUFFER_NO_LIMIT);
    auk_buffer_init(&run->touched, AUK_BUFFER_NO_LIMIT);
    for (unsigned i = 0; i < run->worker_count; i++)
        run->workers[i] =
            (auk_worker){.run = run, .number = i, .arena = auk_arena_create((size_t)64 << 10)};
    return run;
}

static auk_code start_job(auk_run *run, auk_job **out, auk_error *err)
{
    static const char *const actions[] = {
        [AUK_BY_QUERY_REINDEX] = "indices:data/write/reindex",
        [AUK_BY_QUERY_UPDATE] = "indices:data/write/update/byquery",
        [AUK_BY_QUERY_DELETE] = "indices:data/write/delete/byquery",
        [AUK_BY_QUERY_RESIZE] = "indices:admin/resize",
    };
    auk_buffer status;
    const auk_by_query_wishes *wishes = &run->wishes;
    auk_buffer_init(&status, AUK_BUFFER_NO_LIMIT);
    auk_run_write_status(run, &status);
    const auk_job_options options = {.action = auk_span_of(actions[wishes->kind]),
                                     .description = wishes->description,
                                     .status = auk_buffer_span(&status),
                                     .cancellable = true,
                                     .is_awaited = wishes->is_awaited,
                                     .is_noted = !wishes->is_awaited,
                                     .rate = wishes->rate};
    auk_code code = auk_job_start(auk_catalog_jobs(run->catalog), &options, run_job, run, out, err);
    auk_buffer_deinit(&status);
    return code;
}

auk_code auk_by_query_start(auk_catalog *catalog, const auk_by_query_wishes *wishes, auk_job **out,
                            auk_error *err)
{
    return auk_by_query_start_into(catalog, wishes, NULL, out, err);
}

auk_code auk_by_query_start_into(auk_catalog *catalog, const auk_by_query_wishes *wishes,
                                 auk_index *into, auk_job **out, auk_error *err)
{
    auk_code code = check_sources(wishes, err);
    if (code != AUK_OK)
        return code;
    auk_run *run = create(catalog, wishes);
    run->into = into;
    code = open_source(run, err);
    if (code == AUK_OK)
        code = start_job(run, out, err);
    if (code != AUK_OK) {
        run->into = NULL; /* still the caller's */
        destroy(run);
    }
    return code;
}
