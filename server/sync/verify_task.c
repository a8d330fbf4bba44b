/* Verification on request, as a task, and for ever, at the source's own rate. */
#include <stdlib.h>
#include <time.h>

#include "verify.h"

#define LOOK_NS 50000000

static bool follows(auk_source *source)
{
    pthread_mutex_lock(&source->lock);
    bool yes = source->phase == AUK_SOURCE_STREAMING && source->hold == AUK_HOLD_NONE;
    pthread_mutex_unlock(&source->lock);
    return yes;
}

/* ---- as a task ---- */

typedef struct verify_job {
    auk_source *source;
    auk_job *job;
    bool repair;
    auk_arena *arena;
    auk_span table;
    uint32_t owed_table, owed; /* 0: none */
} verify_job;

static bool job_stopped(void *context)
{
    const verify_job *j = context;
    return auk_job_cancelled(j->job) || auk_job_stopping(j->job) ||
           auk_source_is_stopping(j->source);
}

static void tell_job(void *context, const auk_verify *verify)
{
    const verify_job *j = context;
    auk_buffer text;
    auk_json_writer out;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&out, &text, false);
    auk_verify_write(verify, &out);
    auk_job_set_status(j->job, auk_buffer_span(&text));
    auk_buffer_deinit(&text);
}

static void run_job(auk_job *job, void *context)
{
    verify_job *j = context;
    auk_error err = {0};
    auk_buffer text;
    auk_json_writer out;
    j->job = job;
    auk_verify verify = {.source = j->source,
                         .repair = j->repair,
                         .stopped = job_stopped,
                         .told = tell_job,
                         .context = j,
                         .arena = j->arena};
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&out, &text, false);
    auk_code code = auk_verify_run(&verify, j->table, &err);
    if (code == AUK_OK)
        auk_verify_write(&verify, &out);
    if (j->owed)
        auk_source_settle(j->source, j->owed_table, j->owed,
                          code == AUK_OK && verify.undecided == 0);
    auk_job_finish(job, auk_buffer_span(&text), code == AUK_OK ? NULL : &err);
    auk_buffer_deinit(&text);
    auk_source_release(j->source);
    auk_arena_destroy(j->arena);
    free(j);
}

/* source: taken. */
static auk_code start_job(auk_source *source, auk_span table, bool repair, uint32_t owed_table,
                          uint32_t owed, uint64_t *task, auk_error *err)
{
    auk_job *job = NULL;
    verify_job *j = calloc(1, sizeof *j);
    if (!j)
        auk_fatal("out of memory");
    *j = (verify_job){.source = source,
                      .repair = repair,
                      .arena = auk_arena_create(4096),
                      .owed_table = owed_table,
                      .owed = owed};
    j->table = auk_arena_copy(j->arena, table);
    const auk_job_options options = {
        .action = AUK_SPAN("cluster:admin/sync/verify"),
        .description = auk_arena_printf(j->arena, "verify [%.*s]%s", AUK_SPAN_ARG(source->name),
                                        repair ? " and repair" : ""),
        .cancellable = true,
    };
    auk_code code = auk_job_start(auk_catalog_jobs(source->owner->options.catalog), &options,
                                  run_job, j, &job, err);
    if (code == AUK_OK) {
        *task = auk_job_number(job);
        auk_job_release(job);
        return AUK_OK;
    }
    auk_source_release(source);
    auk_arena_destroy(j->arena);
    free(j);
    return code;
}

auk_code auk_sync_verify(auk_syncs *syncs, auk_span name, auk_span table, bool repair,
                         uint64_t *task, auk_error *err)
{
    auk_source *source = auk_syncs_find(syncs, name);
    if (!source)
        return auk_fail(err, AUK_NOT_FOUND, "no such source [%.*s]", AUK_SPAN_ARG(name));
    if (follows(source))
        return start_job(source, table, repair, 0, 0, task, err);
    pthread_mutex_lock(&source->lock);
    const char *state = auk_source_state_name(source);
    pthread_mutex_unlock(&source->lock);
    auk_source_release(source);
    return auk_fail(err, AUK_INVALID, "source [%.*s] is [%s], it must stream to be verified",
                    AUK_SPAN_ARG(name), state);
}

auk_code auk_source_start_compare(auk_source *source, const auk_known_table *table, auk_error *err)
{
    uint64_t task;
    auk_arena *arena = auk_arena_create(256);
    auk_span name = auk_arena_printf(arena, "%.*s.%.*s", AUK_SPAN_ARG(table->schema),
                                     AUK_SPAN_ARG(table->name));
    auk_code code =
        start_job(auk_source_acquire(source), name, true, table->id, table->owed, &task, err);
    auk_arena_destroy(arena);
    return code;
}

/* ---- for ever ---- */

static bool source_stopped(void *context)
{
    auk_source *source = context;
    return auk_source_is_stopping(source) || !follows(source);
}

static void keep_result(auk_source *source, const auk_verify *verify)
{
    auk_json_writer out;
    pthread_mutex_lock(&source->lock);
    auk_buffer_reset(&source->verified);
    auk_json_writer_init(&out, &source->verified, false);
    auk_verify_write(verify, &out);
    pthread_mutex_unlock(&source->lock);
}

static void verify_once(auk_source *source)
{
    auk_error err = {0};
    auk_verify verify = {.source = source,
                         .repair = source->config->verify_repair,
                         .rows_per_second = source->config->verify_rows_per_second,
                         .stopped = source_stopped,
                         .context = source,
                         .arena = auk_arena_create(4096)};
    auk_code code = auk_verify_run(&verify, AUK_SPAN(""), &err);
    if (code == AUK_OK)
        keep_result(source, &verify);
    else if (code != AUK_CANCELLED)
        auk_log(AUK_LOG_WARN, "verification did not come to its end", "source=%.*s reason=\"%s\"",
                AUK_SPAN_ARG(source->name), err.message);
    auk_arena_destroy(verify.arena);
}

void *auk_verify_forever(void *context)
{
    auk_source *source = context;
    uint64_t next_us = 0;
    while (!auk_source_is_stopping(source)) {
        nanosleep(&(struct timespec){.tv_nsec = LOOK_NS}, NULL);
        if (auk_clock_monotonic_us() < next_us || !follows(source))
            continue;
        verify_once(source);
        next_us = auk_clock_monotonic_us() + (uint64_t)source->config->verify_ms * 1000;
    }
    return NULL;
}
