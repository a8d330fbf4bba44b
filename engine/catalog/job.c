/*
 * Keys of the family "catalog": job_next {"format":1,"next":n}, numbers below n may be in use; and
 * job/<number, 20 digits> for each answer that is kept.
 */
#include "auk/job.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "auk/clock.h"
#include "auk/fault_point.h"
#include "auk/json.h"
#include "auk/log.h"

#define KEEP_MS       ((int64_t)24 * 3600 * 1000)
#define KEEP_READ_MS  ((int64_t)10 * 60 * 1000)
#define NUMBERS_AHEAD 100 /* reserved by one write */
#define RUNNING_MOST  64u
#define KEPT_MOST     10000u

struct auk_job {
    atomic_uint references;
    auk_jobs *jobs;
    uint64_t number;
    char *action, *description;
    bool cancellable;
    int64_t started_ms;
    uint64_t started_us; /* 0: before this start of the process */
    auk_job_run run;
    void *context;
    atomic_bool cancelled, completed;

    /* the registry's lock */
    char *status, *response, *error; /* NULL: none */
    int64_t ended_ms, read_ms;       /* 0: not yet */
    auk_job *next;                   /* by falling number */
};

struct auk_jobs {
    auk_store *store;
    pthread_mutex_t lock;
    pthread_cond_t idle;
    auk_job *first;
    uint64_t next, reserved;
    uint32_t threads;
    atomic_bool stopping;
};

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

static auk_job *create(auk_jobs *jobs, uint64_t number, auk_span action, auk_span description)
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

/* Under lock. Takes a count. */
static void list(auk_jobs *jobs, auk_job *job)
{
    auk_job **at = &jobs->first;
    while (*at && (*at)->number > job->number)
        at = &(*at)->next;
    job->next = *at;
    *at = auk_job_acquire(job);
}

/* ---- numbers ---- */

/* Under lock. */
static auk_code reserve_numbers(auk_jobs *jobs, auk_error *err)
{
    if (jobs->next < jobs->reserved)
        return AUK_OK;
    auk_buffer text;
    auk_buffer_init(&text, 128);
    uint64_t reserved = jobs->next + NUMBERS_AHEAD;
    auk_buffer_printf(&text, "{\"format\":1,\"next\":%llu}", (unsigned long long)reserved);
    auk_batch *batch = auk_batch_create();
    auk_batch_put(batch, AUK_FAMILY_CATALOG, AUK_SPAN("job_next"), auk_buffer_span(&text));
    AUK_FAULT_POINT(TASK_NUMBERS_BEFORE);
    auk_code code = auk_store_write(jobs->store, batch, true, err);
    AUK_FAULT_POINT(TASK_NUMBERS_AFTER);
    auk_batch_destroy(batch);
    auk_buffer_deinit(&text);
    if (code == AUK_OK)
        jobs->reserved = reserved;
    return code;
}

/* ---- run ---- */

static void *run_job(void *argument)
{
    auk_job *job = argument;
    auk_jobs *jobs = job->jobs;
    pthread_setname_np(pthread_self(), "auk-job");
    job->run(job, job->context);
    auk_job_release(job);
    pthread_mutex_lock(&jobs->lock);
    jobs->threads--;
    pthread_cond_broadcast(&jobs->idle);
    pthread_mutex_unlock(&jobs->lock);
    return NULL;
}

/* Under lock. */
static auk_code launch(auk_jobs *jobs, auk_job *job, auk_error *err)
{
    pthread_t thread;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    auk_job_acquire(job);
    int failed = pthread_create(&thread, &attributes, run_job, job);
    pthread_attr_destroy(&attributes);
    if (failed) {
        auk_job_release(job);
        return auk_fail(err, AUK_BUSY, "cannot start a thread for the task");
    }
    jobs->threads++;
    return AUK_OK;
}

/* Under lock. */
static auk_code start_locked(auk_jobs *jobs, const auk_job_options *options, auk_job_run run,
                             void *context, auk_job **out, auk_error *err)
{
    if (atomic_load(&jobs->stopping))
        return auk_fail(err, AUK_BUSY, "the node is stopping");
    if (jobs->threads >= RUNNING_MOST)
        return auk_fail(err, AUK_BUSY, "[%u] tasks run already", jobs->threads);
    auk_code code = options->number ? AUK_OK : reserve_numbers(jobs, err);
    if (code != AUK_OK)
        return code;
    auk_job *job = create(jobs, options->number ? options->number : jobs->next, options->action,
                          options->description);
    job->cancellable = options->cancellable;
    job->started_ms = options->number ? options->started_ms : auk_clock_wall_ms();
    job->started_us = options->number ? 0 : auk_clock_monotonic_us();
    job->run = run;
    job->context = context;
    *out = auk_job_acquire(job); /* before the thread: the function may want to see it */
    code = run ? launch(jobs, job, err) : AUK_OK;
    if (code == AUK_OK) {
        jobs->next += options->number == 0;
        list(jobs, job);
    } else {
        auk_job_release(job);
        *out = NULL;
    }
    auk_job_release(job);
    return code;
}

auk_code auk_job_start(auk_jobs *jobs, const auk_job_options *options, auk_job_run run,
                       void *context, auk_job **out, auk_error *err)
{
    auk_job *job = NULL;
    pthread_mutex_lock(&jobs->lock);
    auk_code code = start_locked(jobs, options, run, context, &job, err);
    pthread_mutex_unlock(&jobs->lock);
    if (code == AUK_OK && out)
        *out = job;
    else
        auk_job_release(job);
    return code;
}

/* ---- what it says ---- */

static void replace(char **slot, auk_span text)
{
    free(*slot);
    *slot = text.size ? copy_text(text) : NULL;
}

void auk_job_set_status(auk_job *job, auk_span status)
{
    pthread_mutex_lock(&job->jobs->lock);
    replace(&job->status, status);
    pthread_mutex_unlock(&job->jobs->lock);
}

static auk_span key_of(uint64_t number, char out[32])
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
    if (job->status)
        auk_json_member_raw(out, "status", auk_span_of(job->status));
    if (job->response)
        auk_json_member_raw(out, "response", auk_span_of(job->response));
    if (job->error)
        auk_json_member_raw(out, "error", auk_span_of(job->error));
    auk_json_end_object(out);
}

static void store_answer(auk_job *job)
{
    char key[32];
    auk_buffer text;
    auk_json_writer out;
    auk_error err = {0};
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&out, &text, false);
    pthread_mutex_lock(&job->jobs->lock);
    write_record(job, &out);
    pthread_mutex_unlock(&job->jobs->lock);
    auk_batch *batch = auk_batch_create();
    auk_batch_put(batch, AUK_FAMILY_CATALOG, key_of(job->number, key), auk_buffer_span(&text));
    AUK_FAULT_POINT(TASK_ANSWER_BEFORE);
    if (auk_store_write(job->jobs->store, batch, true, &err) != AUK_OK)
        auk_log(AUK_LOG_WARN, "the answer of a task is not stored", "task=%llu reason=\"%s\"",
                (unsigned long long)job->number, err.message);
    AUK_FAULT_POINT(TASK_ANSWER_AFTER);
    auk_batch_destroy(batch);
    auk_buffer_deinit(&text);
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
    pthread_mutex_unlock(&job->jobs->lock);
    auk_buffer_deinit(&words);
    store_answer(job);
    atomic_store(&job->completed, true);
}

/* ---- who asks ---- */

auk_job *auk_jobs_find(auk_jobs *jobs, uint64_t number)
{
    pthread_mutex_lock(&jobs->lock);
    auk_job *job = jobs->first;
    while (job && job->number > number)
        job = job->next;
    if (job && job->number == number)
        auk_job_acquire(job);
    else
        job = NULL;
    pthread_mutex_unlock(&jobs->lock);
    return job;
}

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

/* Under lock. */
static void read_locked(const auk_job *job, auk_arena *arena, auk_job_state *out)
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
    read_locked(job, arena, out);
    pthread_mutex_unlock(&job->jobs->lock);
}

void auk_job_mark_read(auk_job *job)
{
    pthread_mutex_lock(&job->jobs->lock);
    if (!job->read_ms)
        job->read_ms = auk_clock_wall_ms();
    pthread_mutex_unlock(&job->jobs->lock);
}

uint32_t auk_jobs_list(auk_jobs *jobs, auk_arena *arena, auk_job_state **out)
{
    uint32_t count = 0, at;
    pthread_mutex_lock(&jobs->lock);
    for (const auk_job *job = jobs->first; job; job = job->next)
        count += !atomic_load(&job->completed);
    *out = AUK_ARENA_ARRAY(arena, auk_job_state, count + 1);
    at = count;
    for (const auk_job *job = jobs->first; job && at > 0; job = job->next)
        if (!atomic_load(&job->completed))
            read_locked(job, arena, &(*out)[--at]);
    pthread_mutex_unlock(&jobs->lock);
    /* one may have ended between the two walks */
    *out += at;
    return count - at;
}

auk_code auk_job_cancel(auk_job *job, auk_error *err)
{
    if (!job->cancellable)
        return auk_fail(err, AUK_INVALID, "task [%llu] doesn't support cancellation",
                        (unsigned long long)job->number);
    atomic_store(&job->cancelled, true);
    return AUK_OK;
}

/* ---- the registry ---- */

static bool is_over(const auk_job *job, int64_t now_ms)
{
    if (!atomic_load(&job->completed))
        return false;
    return now_ms - job->ended_ms > KEEP_MS ||
           (job->read_ms && now_ms - job->read_ms > KEEP_READ_MS);
}

/* Under lock: unlists what is over, and the oldest when there are too many. */
static auk_job *take_expired(auk_jobs *jobs)
{
    int64_t now_ms = auk_clock_wall_ms();
    auk_job *expired = NULL, **at = &jobs->first;
    uint32_t kept = 0;
    while (*at) {
        auk_job *job = *at;
        if (!is_over(job, now_ms) && (kept < KEPT_MOST || !atomic_load(&job->completed))) {
            kept++;
            at = &job->next;
            continue;
        }
        *at = job->next;
        job->next = expired;
        expired = job;
    }
    return expired;
}

void auk_jobs_expire(auk_jobs *jobs)
{
    char key[32];
    auk_error err = {0};
    pthread_mutex_lock(&jobs->lock);
    auk_job *expired = take_expired(jobs);
    pthread_mutex_unlock(&jobs->lock);
    if (!expired)
        return;
    auk_batch *batch = auk_batch_create();
    for (auk_job *job = expired, *next; job; job = next) {
        next = job->next;
        auk_batch_delete(batch, AUK_FAMILY_CATALOG, key_of(job->number, key));
        auk_job_release(job);
    }
    if (auk_store_write(jobs->store, batch, false, &err) != AUK_OK)
        auk_log(AUK_LOG_WARN, "old answers of tasks stay", "reason=\"%s\"", err.message);
    auk_batch_destroy(batch);
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

static auk_code load_one(auk_jobs *jobs, auk_span key, auk_span value, auk_arena *arena,
                         auk_error *err)
{
    const auk_json *record;
    uint64_t number;
    auk_code code = auk_json_parse_own(value, arena, &record, err);
    if (code != AUK_OK)
        return code;
    if (!auk_number_parse_uint64(auk_span_from(key, 4), &number))
        return auk_fail(err, AUK_CORRUPT, "a stored task has no number");
    auk_job *job = create(jobs, number, text_of(record, "action"), text_of(record, "description"));
    job->cancellable = flag_of(record, "cancellable");
    atomic_store(&job->cancelled, flag_of(record, "cancelled"));
    atomic_store(&job->completed, true);
    (void)auk_json_to_int64(auk_json_get(record, "started"), &job->started_ms);
    (void)auk_json_to_int64(auk_json_get(record, "ended"), &job->ended_ms);
    replace(&job->status, text_of(record, "status"));
    replace(&job->response, text_of(record, "response"));
    replace(&job->error, text_of(record, "error"));
    list(jobs, job);
    auk_job_release(job);
    return AUK_OK;
}

static auk_code load(auk_jobs *jobs, auk_arena *arena, auk_error *err)
{
    auk_span key, value;
    auk_code code = AUK_OK;
    auk_store_cursor *cursor = auk_store_scan(jobs->store, AUK_FAMILY_CATALOG, AUK_SPAN("job/"),
                                              AUK_SPAN("job0")); /* '0' follows '/' */
    while (code == AUK_OK && auk_store_cursor_next(cursor, &key, &value))
        code = load_one(jobs, key, value, arena, err);
    if (code == AUK_OK)
        code = auk_store_cursor_status(cursor, err);
    auk_store_cursor_close(cursor);
    return code;
}

static auk_code load_next(auk_jobs *jobs, auk_arena *arena, auk_error *err)
{
    bool found = false;
    int64_t next = 1;
    const auk_json *record;
    auk_buffer value;
    auk_buffer_init(&value, AUK_BUFFER_NO_LIMIT);
    auk_code code =
        auk_store_get(jobs->store, AUK_FAMILY_CATALOG, AUK_SPAN("job_next"), &value, &found, err);
    if (code == AUK_OK && found)
        code = auk_json_parse_own(auk_buffer_span(&value), arena, &record, err);
    if (code == AUK_OK && found && !auk_json_to_int64(auk_json_get(record, "next"), &next))
        code = auk_fail(err, AUK_CORRUPT, "the counter of tasks is damaged");
    auk_buffer_deinit(&value);
    jobs->next = jobs->reserved = (uint64_t)next;
    return code;
}

auk_code auk_jobs_open(auk_store *store, auk_jobs **out, auk_error *err)
{
    auk_jobs *jobs = calloc(1, sizeof *jobs);
    if (!jobs)
        auk_fatal("out of memory");
    jobs->store = store;
    pthread_mutex_init(&jobs->lock, NULL);
    pthread_cond_init(&jobs->idle, NULL);
    auk_arena *arena = auk_arena_create(4096);
    auk_code code = load_next(jobs, arena, err);
    if (code == AUK_OK)
        code = load(jobs, arena, err);
    auk_arena_destroy(arena);
    if (code != AUK_OK) {
        auk_jobs_close(jobs);
        return code;
    }
    *out = jobs;
    return AUK_OK;
}

void auk_jobs_stop(auk_jobs *jobs)
{
    if (!jobs)
        return;
    atomic_store(&jobs->stopping, true);
    pthread_mutex_lock(&jobs->lock);
    while (jobs->threads > 0)
        pthread_cond_wait(&jobs->idle, &jobs->lock);
    pthread_mutex_unlock(&jobs->lock);
}

void auk_jobs_close(auk_jobs *jobs)
{
    if (!jobs)
        return;
    for (auk_job *job = jobs->first, *next; job; job = next) {
        next = job->next;
        auk_job_release(job);
    }
    pthread_cond_destroy(&jobs->idle);
    pthread_mutex_destroy(&jobs->lock);
    free(jobs);
}
