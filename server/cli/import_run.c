#include "import_run.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#define SAMPLE_BYTES ((size_t)256 << 10)

static void *zeroed(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (memory == NULL)
        abort();
    return memory;
}

auk_import *auk_import_create(const auk_import_plan *plan)
{
    auk_import *import = zeroed(1, sizeof *import);
    size_t count = plan->parallel + 2;
    import->plan = *plan;
    import->main = pthread_self();
    import->skip = plan->resume != NULL ? plan->resume->records : 0;
    auk_buffer_init(&import->sample, SAMPLE_BYTES);
    auk_buffer_init(&import->id, 256);
    import->senders = zeroed(plan->parallel, sizeof *import->senders);
    import->batches = zeroed(count, sizeof *import->batches);
    import->full = zeroed(count, sizeof(void *));
    import->empty = zeroed(count, sizeof(void *));
    for (size_t i = 0; i < count; i++) {
        auk_import_batch_init(&import->batches[i]);
        import->empty[import->empty_count++] = &import->batches[i];
    }
    (void)pthread_mutex_init(&import->mutex, NULL);
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&import->changed, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    return import;
}

void auk_import_destroy(auk_import *import)
{
    for (size_t i = 0; i < import->plan.parallel + 2u; i++)
        auk_import_batch_deinit(&import->batches[i]);
    (void)pthread_mutex_destroy(&import->mutex);
    (void)pthread_cond_destroy(&import->changed);
    auk_buffer_deinit(&import->sample);
    auk_buffer_deinit(&import->id);
    free(import->senders);
    free(import->batches);
    free(import->full);
    free(import->empty);
    free(import);
}

/* ---- batches to and fro ---- */

static auk_import_batch *take_empty(auk_import *import)
{
    auk_import_batch *batch = NULL;
    pthread_mutex_lock(&import->mutex);
    while (import->empty_count == 0 && !atomic_load(&import->stop))
        pthread_cond_wait(&import->changed, &import->mutex);
    if (!atomic_load(&import->stop))
        batch = import->empty[--import->empty_count];
    pthread_mutex_unlock(&import->mutex);
    return batch;
}

/* In the order read, so that later documents of one id win when one sender is used. */
auk_import_batch *auk_import_take_full(auk_import *import)
{
    auk_import_batch *batch = NULL;
    pthread_mutex_lock(&import->mutex);
    while (import->full_count == 0 && !import->reader_done && !atomic_load(&import->stop))
        pthread_cond_wait(&import->changed, &import->mutex);
    if (import->full_count > 0 && !atomic_load(&import->stop)) {
        batch = import->full[0];
        import->full_count--;
        memmove(import->full, import->full + 1, import->full_count * sizeof(void *));
    }
    pthread_mutex_unlock(&import->mutex);
    return batch;
}

static void give_full(auk_import *import, auk_import_batch *batch)
{
    pthread_mutex_lock(&import->mutex);
    import->full[import->full_count++] = batch;
    pthread_cond_broadcast(&import->changed);
    pthread_mutex_unlock(&import->mutex);
}

void auk_import_give_empty(auk_import *import, auk_import_batch *batch)
{
    auk_import_batch_reset(batch);
    pthread_mutex_lock(&import->mutex);
    import->empty[import->empty_count++] = batch;
    pthread_cond_broadcast(&import->changed);
    pthread_mutex_unlock(&import->mutex);
}

/* ---- the end ---- */

void auk_import_stop(auk_import *import)
{
    pthread_mutex_lock(&import->mutex);
    atomic_store(&import->stop, true);
    pthread_cond_broadcast(&import->changed);
    pthread_mutex_unlock(&import->mutex);
}

void auk_import_fail(auk_import *import, const auk_error *err)
{
    pthread_mutex_lock(&import->mutex);
    if (import->failure.code == AUK_OK)
        import->failure = *err;
    pthread_mutex_unlock(&import->mutex);
    auk_import_stop(import);
}

bool auk_import_pause(auk_import *import, uint32_t ms)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += (long)(ms % 1000) * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    atomic_fetch_add(&import->waits, 1);
    pthread_mutex_lock(&import->mutex);
    while (!atomic_load(&import->stop) &&
           pthread_cond_timedwait(&import->changed, &import->mutex, &until) != ETIMEDOUT)
        ;
    pthread_mutex_unlock(&import->mutex);
    return !atomic_load(&import->stop);
}

void auk_import_settle(auk_import *import, const auk_import_batch *batch)
{
    if (import->plan.resume != NULL && batch->records.to > batch->records.from)
        auk_import_resume_settle(import->plan.resume, &batch->records);
}

/* ---- the reader ---- */

static bool is_full(const auk_import *import, const auk_import_batch *batch)
{
    return batch->body.size >= import->plan.batch_bytes ||
           batch->count >= import->plan.batch_documents;
}

static void add(auk_import *import, auk_import_batch *batch, const auk_record *record)
{
    const char *problem = record->problem;
    if (problem == NULL)
        problem = auk_import_batch_add(batch, record, import->plan.id_field);
    if (problem == NULL) {
        if (import->sample.size == 0 && !import->sample.overflowed)
            auk_buffer_append(&import->sample, record->document);
        return;
    }
    auk_rejects_add(import->plan.rejects, record->line, 0, auk_span_of(problem), record->action,
                    record->document);
    atomic_fetch_add(&import->rejected_documents, 1);
    atomic_fetch_add(&import->taken_bytes, record->document.size + 1);
}

/* Cuts the next record; those that are settled are passed over. */
static auk_code next_record(auk_import *import, auk_record *record, bool *more, auk_error *err)
{
    const auk_import_resume *resume = import->plan.resume;
    uint64_t settled = resume != NULL && resume->goes_on ? import->skip : 0;
    auk_code code;
    do {
        code = auk_records_next(import->plan.records, record, more, err);
        if (code != AUK_OK || !*more)
            return code;
        import->records++;
    } while (import->records <= settled &&
             !atomic_load_explicit(&import->stop, memory_order_relaxed));
    if (resume != NULL && import->records > settled) {
        auk_buffer_reset(&import->id);
        auk_import_resume_append_id(resume, import->records, &import->id);
        record->id = auk_buffer_span(&import->id);
    }
    *more = import->records > settled;
    return AUK_OK;
}

/* Fills one batch; false at the end of the stream. */
static auk_code fill(auk_import *import, auk_import_batch *batch, bool *more, auk_error *err)
{
    auk_record record;
    uint64_t before = batch->source_bytes;
    *more = true;
    batch->records.from = import->records > import->skip ? import->records : import->skip;
    while (*more && !is_full(import, batch) &&
           !atomic_load_explicit(&import->stop, memory_order_relaxed)) {
        auk_code code = next_record(import, &record, more, err);
        if (code != AUK_OK)
            return code;
        if (*more)
            add(import, batch, &record);
    }
    batch->records.to = import->records;
    batch->records.line = import->plan.records->source->line;
    atomic_fetch_add(&import->read_bytes, batch->source_bytes - before);
    return AUK_OK;
}

static void *read_records(void *context)
{
    auk_import *import = context;
    auk_error err = {0};
    auk_code code = AUK_OK;
    bool more = true;
    while (more && code == AUK_OK) {
        auk_import_batch *batch = take_empty(import);
        if (batch == NULL)
            break;
        code = fill(import, batch, &more, &err);
        /* What was cut before a failure is sound and goes on its way. */
        if (batch->count > 0) {
            give_full(import, batch);
        } else {
            auk_import_settle(import, batch);
            auk_import_give_empty(import, batch);
        }
    }
    pthread_mutex_lock(&import->mutex);
    import->reader_done = true;
    if (code != AUK_OK && import->failure.code == AUK_OK)
        import->failure = err;
    pthread_cond_broadcast(&import->changed);
    pthread_mutex_unlock(&import->mutex);
    return NULL;
}

/* ---- threads ---- */

static void *send_and_tell(void *context)
{
    auk_import *import = context;
    (void)auk_import_send(import);
    pthread_mutex_lock(&import->mutex);
    bool is_last = ++import->senders_done == import->sender_count;
    pthread_mutex_unlock(&import->mutex);
    if (is_last) {
        atomic_store(&import->finished, true);
        (void)pthread_kill(import->main, AUK_IMPORT_DONE_SIGNAL);
    }
    return NULL;
}

void auk_import_start(auk_import *import)
{
    import->sender_count = import->plan.parallel;
    if (pthread_create(&import->reader, NULL, read_records, import) != 0)
        abort();
    for (unsigned i = 0; i < import->sender_count; i++)
        if (pthread_create(&import->senders[i], NULL, send_and_tell, import) != 0)
            abort();
}

void auk_import_join(auk_import *import)
{
    for (unsigned i = 0; i < import->sender_count; i++)
        (void)pthread_join(import->senders[i], NULL);
    if (!atomic_load(&import->stop))
        (void)pthread_join(import->reader, NULL);
}
