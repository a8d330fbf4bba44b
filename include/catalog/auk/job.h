/*
 * job.h - long work that clients see, wait for and cancel; the REST API calls it a task.
 *
 * A job has a number, says what it does and how far it is, and ends with an answer or an error.
 * Its function runs on a thread of its own. The answer of a job is kept on disk until a while
 * after somebody read it, or a day. Numbers are never used twice in a data directory, so that a
 * client's "node:7" means one thing for ever; a job that goes on after a restart (its owner stores
 * what it needs) keeps its number. One that does not go on, and is noted, says after a restart that
 * it was interrupted, and how far it had come when that was last written down.
 *
 *   Lifetime  the registry: with the catalog. Jobs are counted.
 *   Threads   all calls from any thread.
 *   Memory    some hundred bytes a job, and its texts.
 *   Errors    AUK_BUSY when too many run. An answer that cannot be stored is logged and kept in
 *             memory.
 */
#ifndef AUK_JOB_H
#define AUK_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "auk/arena.h"
#include "auk/buffer.h"
#include "auk/error.h"
#include "auk/span.h"
#include "auk/store.h"

typedef struct auk_jobs auk_jobs;
typedef struct auk_job auk_job;

AUK_MUST_CHECK auk_code auk_jobs_open(auk_store *store, auk_jobs **out, auk_error *err);
/* Says to every job that it is to stop (auk_job_stopping) and waits for their threads. */
void auk_jobs_stop(auk_jobs *jobs);
void auk_jobs_close(auk_jobs *jobs); /* after _stop; NULL is fine */
/* Forgets answers whose time is over; now and then. */
void auk_jobs_expire(auk_jobs *jobs);

/* ---- for whoever runs one ---- */

typedef struct auk_job_options {
    auk_span action;      /* "indices:admin/forcemerge"; copied */
    auk_span description; /* copied */
    auk_span status;      /* at first; a JSON object, copied; empty: none */
    bool cancellable;
    bool is_awaited;    /* somebody waits for the answer and takes it: it is not kept */
    bool is_noted;      /* written down as it begins (synced), and by _note */
    double rate;        /* at first; see _rate. 0: it has none */
    uint64_t number;    /* 0: the next one; else that of a job that goes on after a restart */
    int64_t started_ms; /* with a number */
} auk_job_options;

/*
 * Begins a job and runs it on a thread of its own. *out, when wanted, has a count for the caller.
 * The function ends the job by _finish, or leaves it open when the node stops and the job is one
 * that goes on after a restart; it owns `context`, which it must not touch when AUK_BUSY came back.
 * run NULL: the caller's own thread runs it.
 */
typedef void (*auk_job_run)(auk_job *job, void *context);
AUK_MUST_CHECK auk_code auk_job_start(auk_jobs *jobs, const auk_job_options *options,
                                      auk_job_run run, void *context, auk_job **out,
                                      auk_error *err);

auk_job *auk_job_acquire(auk_job *job);
void auk_job_release(auk_job *job); /* NULL is fine */
uint64_t auk_job_number(const auk_job *job);
bool auk_job_cancelled(const auk_job *job); /* somebody asked */
bool auk_job_stopping(const auk_job *job);  /* the node stops */
/* A JSON object; copied. */
void auk_job_set_status(auk_job *job, auk_span status);
/* Writes down how far it is, not synced: what is told if the process ends. */
void auk_job_note(auk_job *job);
/* How fast it may go, in units a second that its owner names; INFINITY: as fast as it goes. */
double auk_job_rate(const auk_job *job);
/* The end: an answer (a JSON object, copied) or an error, one of them. Once. */
void auk_job_finish(auk_job *job, auk_span response, const auk_error *error);

/* ---- for whoever asks ---- */

/* A job at one moment; spans in the arena. */
typedef struct auk_job_state {
    uint64_t number;
    auk_span action, description;
    auk_span status;   /* JSON; empty: none */
    auk_span response; /* JSON; empty: not finished, or failed */
    auk_span error;    /* type and reason as a JSON object; empty: none */
    int64_t started_ms;
    uint64_t running_us;
    bool cancellable, cancelled, completed;
} auk_job_state;

auk_job *auk_jobs_find(auk_jobs *jobs, uint64_t number); /* acquired; NULL */
bool auk_job_completed(const auk_job *job);
/* Of one that ended in this process: AUK_OK, or its error. */
AUK_MUST_CHECK auk_code auk_job_outcome(auk_job *job, auk_error *err);
void auk_job_read(auk_job *job, auk_arena *arena, auk_job_state *out);
/* Somebody has been given the answer: it may be forgotten soon. */
void auk_job_mark_read(auk_job *job);
/* Those that run, by number. */
uint32_t auk_jobs_list(auk_jobs *jobs, auk_arena *arena, auk_job_state **out);
/* AUK_INVALID: it is not cancellable. */
AUK_MUST_CHECK auk_code auk_job_cancel(auk_job *job, auk_error *err);
/* AUK_INVALID: it has no rate. */
AUK_MUST_CHECK auk_code auk_job_set_rate(auk_job *job, double rate, auk_error *err);

#endif
