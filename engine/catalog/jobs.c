/* The registry: numbers, threads, what runs and what is kept. */
#include "job_private.h"

#include <stdlib.h>

#define KEEP_MS       ((int64_t)24 * 3600 * 1000)
#define KEEP_READ_MS  ((int64_t)10 * 60 * 1000)
#define NUMBERS_AHEAD 100 /* reserved by one write */
#define RUNNING_MOST  64u
#define KEPT_MOST     10000u

/* Under lock. Takes a count. */
static void list(auk_jobs *jobs, auk_job *job)
{
    auk_job **at = &jobs->first;
    while (*at && (*at)->number > job->number)
        at = &(*at)->next;
    job->next = *at;
    *at = auk_job_acquire(job);
}

/* Under lock. */
void auk_jobs_unlist(auk_jobs *jobs, auk_job *job)
{
    auk_job **at = &jobs->first;
    while (*at && *at != job)
        at = &(*at)->next;
    if (!*at)
        return;
    *at = job->next;
    auk_job_release(job);
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
    auk_job *job = auk_job_create(jobs, options->number ? options->number : jobs->next,
                                  options->action, options->description);
    auk_job_set_status_locked(job, options->status);
    job->cancellable = options->cancellable;
    job->is_awaited = options->is_awaited;
    job->is_noted = options->is_noted;
    job->has_rate = options->rate > 0;
    atomic_init(&job->rate, options->rate);
    job->started_ms = options->number ? options->started_ms : auk_clock_wall_ms();
    job->started_us = options->number ? 0 : auk_clock_monotonic_us();
    job->run = run;
    job->context = context;
    *out = auk_job_acquire(job); /* before the thread: the function may want to see it */
    if (job->is_noted) {
        AUK_FAULT_POINT(TASK_BEGIN_BEFORE);
        code = auk_job_store(job, true, true, err);
        AUK_FAULT_POINT(TASK_BEGIN_AFTER);
    }
    if (code == AUK_OK && run)
        code = launch(jobs, job, err);
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
            auk_job_read_locked(job, arena, &(*out)[--at]);
    pthread_mutex_unlock(&jobs->lock);
    /* one may have ended between the two walks */
    *out += at;
    return count - at;
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
        auk_batch_delete(batch, AUK_FAMILY_CATALOG, auk_job_key(job->number, key));
        auk_job_release(job);
    }
    if (auk_store_write(jobs->store, batch, false, &err) != AUK_OK)
        auk_log(AUK_LOG_WARN, "old answers of tasks stay", "reason=\"%s\"", err.message);
    auk_batch_destroy(batch);
}

static auk_code load_one(auk_jobs *jobs, auk_span key, auk_span value, auk_arena *arena,
                         auk_error *err)
{
    uint64_t number;
    auk_job *job;
    if (!auk_number_parse_uint64(auk_span_from(key, 4), &number))
        return auk_fail(err, AUK_CORRUPT, "a stored task has no number");
    auk_code code = auk_job_load(jobs, number, value, arena, &job, err);
    if (code != AUK_OK)
        return code;
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
    const auk_json *record = NULL;
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
