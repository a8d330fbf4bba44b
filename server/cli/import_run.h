/*
 * import_run.h - one import under way: a thread that reads, a few that send, and what they share.
 *
 *   reader --- full batches ---> senders --- _bulk ---> server
 *          <-- empty batches ---
 *
 * The number of batches is fixed, so a slow server slows the reader down. Main looks on, draws the
 * progress and takes the signals.
 *
 *   Lifetime  _create .. _start .. _join .. _destroy.
 *   Threads   main creates, starts, joins; what both sides touch is atomic or under the mutex.
 *   Memory    parallel + 2 batches and the records' own.
 *   Errors    the first one ends the import: ->failure, under the mutex until joined.
 */
#ifndef AUK_IMPORT_RUN_H
#define AUK_IMPORT_RUN_H

#include <pthread.h>
#include <stdatomic.h>

#include "batch.h"
#include "records.h"
#include "rejects.h"

typedef struct auk_import_plan {
    const char *url;
    auk_span target; /* "/index/_bulk" */
    auk_span id_field;
    size_t batch_bytes;
    size_t batch_documents;
    unsigned parallel;
    auk_records *records;
    auk_rejects *rejects;
    auk_import_resume *resume; /* NULL: nothing is kept of how far it came */
} auk_import_plan;

typedef struct auk_import {
    auk_import_plan plan;
    pthread_t main;
    pthread_t reader;
    pthread_t *senders;
    unsigned sender_count;

    pthread_mutex_t mutex;
    pthread_cond_t changed;
    auk_import_batch *batches;
    auk_import_batch **full, **empty; /* stacks of pointers into batches */
    size_t full_count, empty_count;
    bool reader_done;
    unsigned senders_done;
    auk_error failure;
    uint64_t skip;     /* records that were settled before */
    uint64_t records;  /* cut so far; the reader's */
    auk_buffer id;     /* of the record in hand; likewise */
    auk_buffer sample; /* the first document; the reader's until it is joined */

    atomic_bool stop; /* interrupted or failed: nothing new is begun */
    atomic_bool finished;
    _Atomic uint64_t read_bytes; /* of documents cut so far */
    _Atomic uint64_t taken_bytes;
    _Atomic uint64_t taken_documents;
    _Atomic uint64_t rejected_documents;
    _Atomic uint64_t repeated_batches; /* sent again without knowing what became of them */
    _Atomic uint64_t waits;            /* pauses because the server was busy or away */
} auk_import;

/* The signal that main gets when the last sender is done; it blocks it and waits for it. */
#define AUK_IMPORT_DONE_SIGNAL SIGUSR1

auk_import *auk_import_create(const auk_import_plan *plan);
void auk_import_start(auk_import *import);
/* Asks for the end: the requests under way are waited for, the rest is left. */
void auk_import_stop(auk_import *import);
/* The senders; the reader too unless it was stopped, for it may wait for a pipe for ever. */
void auk_import_join(auk_import *import);
/* Only when the reader has been joined. */
void auk_import_destroy(auk_import *import);

/* ---- between reader and senders ---- */

/* NULL when there is nothing more to do. */
auk_import_batch *auk_import_take_full(auk_import *import);
void auk_import_give_empty(auk_import *import, auk_import_batch *batch);
/* All of the batch is with the server, or among the rejected. */
void auk_import_settle(auk_import *import, const auk_import_batch *batch);
void auk_import_fail(auk_import *import, const auk_error *err);
/* Waits; false when the import has been stopped meanwhile. */
bool auk_import_pause(auk_import *import, uint32_t ms);

/* A sender's thread; context is the import. */
void *auk_import_send(void *context);

#endif
