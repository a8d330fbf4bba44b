/*
 * job_private.h - jobs and their registry behind their handles.
 *
 * Keys of the family "catalog": job_next {"format":1,"next":n}, numbers below n may be in use; and
 * job/<number, 20 digits> for each answer that is kept, and for each job under way that is noted,
 * "ended" being 0 then (job.c).
 *
 *   Lifetime  jobs are counted; the registry is the catalog's.
 *   Threads   as said at each field.
 *   Memory    some hundred bytes a job, and its texts.
 *   Errors    none.
 */
#ifndef AUK_JOB_PRIVATE_H
#define AUK_JOB_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "auk/clock.h"
#include "auk/fault_point.h"
#include "auk/job.h"
#include "auk/json.h"
#include "auk/log.h"

struct auk_job {
    atomic_uint references;
    auk_jobs *jobs;
    uint64_t number;
    char *action, *description;
    bool cancellable, is_awaited, is_noted, has_rate;
    int64_t started_ms;
    uint64_t started_us; /* 0: before this start of the process */
    auk_job_run run;
    void *context;
    atomic_bool cancelled, completed;
    _Atomic double rate;

    /* the registry's lock */
    char *status, *response, *error; /* NULL: none */
    auk_error outcome;
    int64_t ended_ms, read_ms; /* 0: not yet */
    auk_job *next;             /* by falling number */
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

/* ---- job.c ---- */

auk_job *auk_job_create(auk_jobs *jobs, uint64_t number, auk_span action, auk_span description);
/* One whose answer was kept. */
AUK_MUST_CHECK auk_code auk_job_load(auk_jobs *jobs, uint64_t number, auk_span record,
                                     auk_arena *arena, auk_job **out, auk_error *err);
auk_span auk_job_key(uint64_t number, char out[32]);
/* Writes it down as it is: its answer, or how far it has come. is_locked: the caller has the
 * registry's lock. */
AUK_MUST_CHECK auk_code auk_job_store(auk_job *job, bool sync, bool is_locked, auk_error *err);
/* Under lock. */
void auk_job_set_status_locked(auk_job *job, auk_span status);
/* jobs.c, under lock. */
void auk_jobs_unlist(auk_jobs *jobs, auk_job *job);
/* Under lock. */
void auk_job_read_locked(const auk_job *job, auk_arena *arena, auk_job_state *out);

#endif
