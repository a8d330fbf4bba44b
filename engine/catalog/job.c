#include "job_private.h"

#include <stdio.h>
#include <stdlib.h>

static char *copy_text(auk_span text)
{
    char *copy = malloc(text.size + 1);
    if (!copy)
        auk_fatal("out of memory");
    if (text.size)
        memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    return copy;
}

/* ---- life of one ---- */

auk_job *auk_job_acquire(auk_job *job)
{
    atomic_fetch_add(&job->references, 1);
    return job;
}

void auk_job_release(auk_job *job)
{
    if (!job || atomic_fetch_sub(&job->references, 1) != 1)
        return;
    free(job->action);
    free(job->description);
    free(job->status);
    free(job->response);
    free(job->error);
    free(job);
}

uint64_t auk_job_number(const auk_job *job)
{
    return job->number;
}

bool auk_job_cancelled(const auk_job *job)
{
    return atomic_load(&job->cancelled);
}

bool auk_job_stopping(const auk_job *job)
{
    return atomic_load(&job->jobs->stopping);
}

bool auk_job_completed(const auk_job *job)
{
    return atomic_load(&job->completed);
}

auk_job *auk_job_create(auk_jobs *jobs, uint64_t number, auk_span action, auk_span description)
{
    auk_job *job = calloc(1, sizeof *job);
    if (!job)
        auk_fatal("out of memory");
    atomic_init(&job->references, 1);
    job->jobs = jobs;
    job->number = number;
    job->action = copy_text(action);
    job->description = copy_text(description);
    return job;
}

/* ---- what it says ---- */

static void replace(char **slot, auk_span text)
{
    free(*slot);
    *slot = text.size ? copy_text(text) : NULL;
}

void auk_job_set_status_locked(auk_job *job, auk_span status)
{
    replace(&job->status, status);
}

void auk_job_set_status(auk_job *job, auk_span status)
{
    pthread_mutex_lock(&job->jobs->lock);
    auk_job_set_status_locked(job, status);
    pthread_mutex_unlock(&job->jobs->lock);
}

auk_span auk_job_key(uint64_t number, char out[32])
{
    int size = snprintf(out, 32, "job/%020llu", (unsigned long long)number);
    return auk_span_make(out, (size_t)size);
}

/* Under lock. */
static void write_record(const auk_job *job, auk_json_writer *out)
{
    auk_json_begin_object(out);
    auk_json_member_int(out, "format", 1);
    auk_json_member_text(out, "action", job->action);
    auk_json_member_text(out, "description", job->description);
    auk_json_member_bool(out, "cancellable", job->cancellable);
    auk_json_member_bool(out, "cancelled", atomic_load(&job->cancelled));
    auk_json_member_int(out, "started", job->started_ms);
    auk_json_member_int(out, "ended", job->ended_ms);
    auk_json_member_int(out, "noted", auk_clock_wall_ms());
    if (job->status)
        auk_json_member_raw(out, "status", auk_span_of(job->status));
    if (job->response)
        auk_json_member_raw(out, "response", auk_span_of(job->response));
    if (job->error)
        auk_json_member_raw(out, "error", auk_span_of(job->error));
    auk_json_end_object(out);
}

auk_code auk_job_store(auk_job *job, bool sync, bool is_locked, auk_error *err)
{
    char key[32];
    auk_buffer text;
    auk_json_writer out;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&out, &text, false);
    if (!is_locked)
        pthread_mutex_lock(&job->jobs->lock);
    write_record(job, &out);
    if (!is_locked)
        pthread_mutex_unlock(&job->jobs->lock);
    auk_batch *batch = auk_batch_create();
    auk_batch_put(batch, AUK_FAMILY_CATALOG, auk_job_key(job->number, key), auk_buffer_span(&text));
    auk_code code = auk_store_write(job->jobs->store, batch, sync, err);
    auk_batch_destroy(batch);
    auk_buffer_deinit(&text);
    return code;
}

static void store_answer(auk_job *job)
{
    auk_error err = {0};
    AUK_FAULT_POINT(TASK_ANSWER_BEFORE);
    if (auk_job_store(job, true, false, &err) != AUK_OK)
        auk_log(AUK_LOG_WARN, "the answer of a task is not stored", "task=%llu reason=\"%s\"",
                (unsigned long long)job->number, err.message);
    AUK_FAULT_POINT(TASK_ANSWER_AFTER);
}

/* What is lost with it is lost to a message, not to a user. */
void auk_job_note(auk_job *job)
{
    if (job->is_noted)
        (void)!auk_job_store(job, false, false, NULL);
}

static void write_error(auk_buffer *text, const auk_error *error)
{
    auk_json_writer out;
    auk_json_writer_init(&out, text, false);
    auk_json_begin_object(&out);
    auk_json_member_text(&out, "type", auk_error_type(error));
    auk_json_member_text(&out, "reason", error->message);
    if (error->hint[0])
        auk_json_member_text(&out, "hint", error->hint);
    auk_json_end_object(&out);
}

void auk_job_finish(auk_job *job, auk_span response, const auk_error *error)
{
    auk_buffer words;
    auk_buffer_init(&words, AUK_BUFFER_NO_LIMIT);
    if (error)
        write_error(&words, error);
    pthread_mutex_lock(&job->jobs->lock);
    replace(&job->response, error ? AUK_SPAN("") : response);
    replace(&job->error, auk_buffer_span(&words));
    job->ended_ms = auk_clock_wall_ms();
    if (error)
        job->outcome = *error;
    if (job->is_awaited)
        auk_jobs_unlist(job->jobs, job);
    pthread_mutex_unlock(&job->jobs->lock);
    auk_buffer_deinit(&words);
    if (!job->is_awaited)
        store_answer(job);
    atomic_store(&job->completed, true);
}

/* ---- who asks ---- */

static auk_span text_in(auk_arena *arena, const char *text)
{
    return text ? auk_arena_copy(arena, auk_span_of(text)) : AUK_SPAN("");
}

static uint64_t running_us(const auk_job *job)
{
    int64_t now_ms = job->ended_ms ? job->ended_ms : auk_clock_wall_ms();
    if (job->started_us && !job->ended_ms)
        return auk_clock_monotonic_us() - job->started_us;
    return now_ms > job->started_ms ? (uint64_t)(now_ms - job->started_ms) * 1000 : 0;
}

void auk_job_read_locked(const auk_job *job, auk_arena *arena, auk_job_state *out)
{
    *out = (auk_job_state){
        .number = job->number,
        .action = text_in(arena, job->action),
        .description = text_in(arena, job->description),
        .status = text_in(arena, job->status),
        .response = text_in(arena, job->response),
        .error = text_in(arena, job->error),
        .started_ms = job->started_ms,
        .running_us = running_us(job),
        .cancellable = job->cancellable,
        .cancelled = atomic_load(&job->cancelled),
        .completed = atomic_load(&job->completed),
    };
}

void auk_job_read(auk_job *job, auk_arena *arena, auk_job_state *out)
{
    pthread_mutex_lock(&job->jobs->lock);
    auk_job_read_locked(job, arena, out);
    pthread_mutex_unlock(&job->jobs->lock);
}

void auk_job_mark_read(auk_job *job)
{
    pthread_mutex_lock(&job->jobs->lock);
    if (!job->read_ms)
        job->read_ms = auk_clock_wall_ms();
    pthread_mutex_unlock(&job->jobs->lock);
}

auk_code auk_job_cancel(auk_job *job, auk_error *err)
{
    if (!job->cancellable)
        return auk_fail(err, AUK_INVALID, "task [%llu] doesn't support cancellation",
                        (unsigned long long)job->number);
    atomic_store(&job->cancelled, true);
    return AUK_OK;
}

auk_code auk_job_outcome(auk_job *job, auk_error *err)
{
    pthread_mutex_lock(&job->jobs->lock);
    auk_error outcome = job->outcome;
    pthread_mutex_unlock(&job->jobs->lock);
    if (outcome.code != AUK_OK && err)
        *err = outcome;
    return outcome.code;
}

double auk_job_rate(const auk_job *job)
{
    return atomic_load(&job->rate);
}

auk_code auk_job_set_rate(auk_job *job, double rate, auk_error *err)
{
    if (!job->has_rate)
        return auk_fail(err, AUK_INVALID, "task [%llu] doesn't support a rate",
                        (unsigned long long)job->number);
    atomic_store(&job->rate, rate);
    return AUK_OK;
}

/* ---- one that was kept ---- */

/* Its thread ended with the process. */
static void note_interrupted(auk_job *job, int64_t noted_ms)
{
    auk_buffer words;
    auk_error why = {0};
    auk_fail_type(&why, AUK_CANCELLED, "task_interrupted_exception",
                  "the node ended while task [%llu] ran; [status] is how far it had come at least, "
                  "and what it did stays done",
                  (unsigned long long)job->number);
    auk_buffer_init(&words, AUK_BUFFER_NO_LIMIT);
    write_error(&words, &why);
    replace(&job->error, auk_buffer_span(&words));
    auk_buffer_deinit(&words);
    job->outcome = why;
    job->ended_ms = noted_ms;
}

static auk_span text_of(const auk_json *object, const char *key)
{
    const auk_json *value = auk_json_get(object, key);
    return value ? value->text : AUK_SPAN("");
}

static bool flag_of(const auk_json *object, const char *key)
{
    bool flag = false;
    (void)auk_json_to_bool(auk_json_get(object, key), &flag);
    return flag;
}

auk_code auk_job_load(auk_jobs *jobs, uint64_t number, auk_span text, auk_arena *arena,
                      auk_job **out, auk_error *err)
{
    const auk_json *record;
    int64_t noted_ms = 0;
    auk_code code = auk_json_parse_own(text, arena, &record, err);
    if (code != AUK_OK)
        return code;
    auk_job *job =
        auk_job_create(jobs, number, text_of(record, "action"), text_of(record, "description"));
    job->cancellable = flag_of(record, "cancellable");
    atomic_store(&job->cancelled, flag_of(record, "cancelled"));
    atomic_store(&job->completed, true);
    (void)auk_json_to_int64(auk_json_get(record, "started"), &job->started_ms);
    (void)auk_json_to_int64(auk_json_get(record, "ended"), &job->ended_ms);
    (void)auk_json_to_int64(auk_json_get(record, "noted"), &noted_ms);
    replace(&job->status, text_of(record, "status"));
    replace(&job->response, text_of(record, "response"));
    replace(&job->error, text_of(record, "error"));
    if (job->ended_ms == 0)
        note_interrupted(job, noted_ms);
    *out = job;
    return AUK_OK;
}
