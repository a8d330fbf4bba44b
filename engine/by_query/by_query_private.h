/*
 * by_query_private.h - one run and its workers, as its files share them.
 *
 *   run.c      from the start to the answer
 *   worker.c   read a page, keep the pace, write it, count
 *   local.c    pages of views, range by range
 *   sorted.c   pages of views in the order of a sort
 *   carry.c    a page becomes writes, their outcomes become counts and failures
 *   resize.c   the same for an index that stands by, and what becomes of that at the end
 *   tell.c     status and answer as JSON
 *
 *   Lifetime  a run: from _start until its job has ended.
 *   Threads   counts and failures are under the run's lock; the rest does not change.
 *   Memory    a page a worker; failures up to FAILURES_BYTES.
 *   Errors    none.
 */
#ifndef AUK_BY_QUERY_PRIVATE_H
#define AUK_BY_QUERY_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "auk/by_query.h"
#include "auk/clock.h"

typedef struct auk_counts {
    uint64_t total, created, updated, deleted, conflicts, batches, bulk_retries, search_retries,
        throttled_us;
    uint64_t throttled_until_us; /* monotonic; 0: goes on */
} auk_counts;

typedef struct auk_run auk_run;

typedef struct auk_worker {
    auk_run *run;
    unsigned number;
    pthread_t thread;
    auk_arena *arena; /* of one page */
    auk_counts counts;
    uint64_t page_from_us; /* when the page before was begun; 0: there was none */
    uint32_t page_count;   /* and how many were in it */
} auk_worker;

struct auk_run {
    auk_catalog *catalog;
    auk_by_query_wishes wishes;
    auk_page_source source;
    auk_job *job;
    auk_index *into; /* of a resize: written to through its shards; counted. NULL: by the catalog */
    uint64_t started_us, noted_us;
    unsigned worker_count;
    auk_worker workers[AUK_SLICES_MOST];
    atomic_bool stop;

    pthread_mutex_t lock;
    auk_error err;       /* what ended it; code AUK_OK: nothing */
    auk_buffer failures; /* JSON, with a comma between */
    uint64_t taken;      /* documents that pages hold */
    auk_buffer touched;  /* names of indices written to, a byte of zero behind each */
};

/* True: stop; the job is cancelled or the node stops, or another worker met a failure. */
bool auk_run_is_over(auk_run *run);
/* The first one counts. */
void auk_run_fail(auk_run *run, const auk_error *err);

/* ---- worker.c ---- */

/* Until there is nothing more; the worker's own thread. */
void *auk_worker_run(void *worker);

/* ---- carry.c ---- */

/* Writes a page. AUK_OK also when documents failed: the run is stopped then, when it has to be. */
AUK_MUST_CHECK auk_code auk_carry_page(auk_worker *worker, const auk_page *page, auk_error *err);

/* ---- resize.c, run.c ---- */

/* As auk_carry_page; shards below *next_shard have theirs already. */
AUK_MUST_CHECK auk_code auk_resize_carry(auk_worker *worker, const auk_page *page,
                                         uint32_t *next_shard, auk_error *err);
/* Shows what is whole, removes what is not; what goes wrong is the run's failure. */
void auk_resize_finish(auk_run *run, bool is_whole);
/* into is taken on success; NULL: none. */
AUK_MUST_CHECK auk_code auk_by_query_start_into(auk_catalog *catalog,
                                                const auk_by_query_wishes *wishes, auk_index *into,
                                                auk_job **out, auk_error *err);

/* ---- local.c, sorted.c ---- */

AUK_MUST_CHECK auk_code auk_local_source_open(const auk_by_query_wishes *wishes, unsigned readers,
                                              auk_page_source *out, auk_error *err);
AUK_MUST_CHECK auk_code auk_sorted_source_open(const auk_by_query_wishes *wishes,
                                               auk_page_source *out, auk_error *err);
/* Reads one document of a segment into the page, at page->items[page->count]; the caller counts. */
struct auk_document_reader;
AUK_MUST_CHECK auk_code auk_page_read(struct auk_document_reader *reader, auk_doc doc,
                                      bool with_source, auk_arena *arena, auk_page_item *out,
                                      auk_error *err);
/* Is it one of the slice's? */
bool auk_slice_has(auk_slice slice, auk_span id);

/* ---- tell.c ---- */

/* The run's counts, under its lock, with those of the workers. */
void auk_run_tell(auk_run *run);
void auk_run_write_status(auk_run *run, auk_buffer *out); /* also before there is a job */
void auk_run_write_answer(auk_run *run, auk_buffer *out);

#endif
