/*
 * The documents of one moment, carried over by a few threads of low priority. The views are cut
 * into ranges of documents; a thread takes the next one. Of a segment's ranges those at its
 * beginning that are over are stored now and then, so that a start need not look at them again.
 */
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "auk/document_reader.h"

#include "choose.h"

#define RANGE_DOCUMENTS 8192u
#define BATCH_DOCUMENTS 1000u
#define BATCH_BYTES     ((size_t)1 << 20)
#define NICENESS        10
#define DELETES_AT_ONCE 10000u
#define LOOK_EVERY_NS   100000000
#define PAUSE_NS        10000000
#define THREADS_MOST    16u

typedef struct range {
    uint32_t shard, segment; /* of the view */
    auk_doc from, to;
    bool over;
} range;

typedef struct copy {
    auk_rebuild *r;
    auk_shard_view **views;
    range *ranges;
    uint32_t range_count;
    atomic_uint next, running;
    atomic_bool stop;
    uint64_t from_us, copied_before;
    pthread_mutex_t lock; /* ranges' over, err */
    auk_error err;
} copy;

/* ---- ranges ---- */

static uint32_t documents_done(const auk_rebuild *r, uint32_t shard, uint64_t segment)
{
    for (uint32_t i = 0; i < r->done_count; i++)
        if (r->done[i].shard == shard && r->done[i].segment == segment)
            return r->done[i].documents;
    return 0;
}

static void add_ranges(copy *c, uint32_t shard, uint32_t number, bool count_only)
{
    const auk_segment_view *segment = &c->views[shard]->segments[number];
    uint32_t documents = auk_segment_doc_count(segment->segment);
    uint32_t done = segment->id ? documents_done(c->r, shard, segment->id) : 0;
    for (uint32_t from = 0; from < documents; from += RANGE_DOCUMENTS) {
        uint32_t to = documents - from > RANGE_DOCUMENTS ? from + RANGE_DOCUMENTS : documents;
        if (!count_only)
            c->ranges[c->range_count] = (range){shard, number, from, to, to <= done};
        c->range_count++;
    }
}

static void cut_ranges(copy *c)
{
    for (int pass = 0; pass < 2; pass++) {
        c->range_count = 0;
        for (uint32_t s = 0; s < c->r->old_shards; s++)
            for (uint32_t i = 0; i < c->views[s]->segment_count; i++)
                add_ranges(c, s, i, pass == 0);
        if (pass == 0)
            c->ranges = calloc(c->range_count + 1, sizeof *c->ranges);
        if (!c->ranges)
            auk_fatal("out of memory");
    }
}

/* What the record shall say: of each file the beginning that is over. */
static void note_done(copy *c)
{
    auk_rebuild *r = c->r;
    auk_copied *done = calloc(c->range_count + 1, sizeof *done);
    uint32_t count = 0;
    if (!done)
        auk_fatal("out of memory");
    pthread_mutex_lock(&c->lock);
    for (uint32_t i = 0; i < c->range_count; i++) {
        const range *at = &c->ranges[i];
        uint64_t segment = c->views[at->shard]->segments[at->segment].id;
        if (!at->over || segment == 0)
            continue;
        if (at->from == 0)
            done[count++] = (auk_copied){at->shard, segment, at->to};
        else if (count > 0 && done[count - 1].segment == segment &&
                 done[count - 1].shard == at->shard && done[count - 1].documents == at->from)
            done[count - 1].documents = at->to;
    }
    pthread_mutex_unlock(&c->lock);
    free(r->done);
    r->done = done;
    r->done_count = count;
}

/* ---- a worker ---- */

void auk_rebuild_stand_back(void)
{
    (void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICENESS);
}

typedef struct worker {
    copy *c;
    auk_arena *batch;
    auk_document_reader reader;
    auk_arena *plans;
    auk_change *changes;
    uint32_t count;
    size_t bytes;
} worker;

static void pause_for(long ns)
{
    nanosleep(&(struct timespec){.tv_nsec = ns}, NULL);
}

/* Not faster than asked, and not into the memory that other writers need. */
static void throttle(copy *c)
{
    auk_rebuild *r = c->r;
    const auk_budget *budget = r->owner->options.budget;
    uint64_t rate = r->wishes.docs_per_second;
    while (!atomic_load(&c->stop)) {
        uint64_t copied = r->counts.copied - c->copied_before;
        uint64_t took_us = auk_clock_monotonic_us() - c->from_us;
        bool early = rate && copied > took_us / 1000 * rate / 1000;
        bool crowded = budget && auk_budget_used(budget, AUK_PURPOSE_INDEXING) >
                                     auk_budget_limit(budget, AUK_PURPOSE_INDEXING) / 10 * 6;
        if (!early && !crowded)
            return;
        pause_for(PAUSE_NS);
    }
}

static auk_code send(worker *w, uint32_t shard, auk_error *err)
{
    auk_rebuild *r = w->c->r;
    auk_code code = auk_rebuild_apply(r, shard, w->changes, w->count, true, w->batch, err);
    atomic_fetch_add(&r->counts.copied, w->count);
    auk_arena_reset(w->batch);
    w->changes = auk_arena_alloc(w->batch, sizeof *w->changes * BATCH_DOCUMENTS);
    w->count = 0;
    w->bytes = 0;
    throttle(w->c);
    return code;
}

static char *padded(auk_arena *arena, auk_span text)
{
    char *copy_of = auk_arena_alloc(arena, text.size + AUK_JSON_PADDING);
    if (text.size)
        memcpy(copy_of, text.data, text.size);
    memset(copy_of + text.size, 0, AUK_JSON_PADDING);
    return copy_of;
}

/* A document newer than the moment comes with the operations that follow. */
static auk_code add_document(worker *w, const range *at, auk_doc doc, auk_error *err)
{
    auk_stored_document stored;
    int64_t seq_no = 0, version = 0;
    auk_code code = auk_document_reader_seq_no(&w->reader, doc, &seq_no, err);
    if (code != AUK_OK || seq_no > w->c->r->starts[at->shard])
        return code;
    code = auk_document_reader_read(&w->reader, doc, &stored, &version, err);
    if (code != AUK_OK)
        return code;
    w->changes[w->count++] = (auk_change){
        .id = auk_arena_copy(w->batch, stored.id),
        .routing = auk_arena_copy(w->batch, stored.routing),
        .source = auk_span_make(padded(w->batch, stored.source), stored.source.size),
        .seq_no = seq_no,
        .version = version,
    };
    w->bytes += stored.source.size + stored.id.size;
    if (w->count < BATCH_DOCUMENTS && w->bytes < BATCH_BYTES)
        return AUK_OK;
    return send(w, at->shard, err);
}

static auk_code copy_range(worker *w, range *at, auk_error *err)
{
    const auk_segment_view *segment = &w->c->views[at->shard]->segments[at->segment];
    auk_chooser *chooser = NULL;
    auk_arena_reset(w->plans);
    auk_code code = auk_document_reader_open(&w->reader, segment, err);
    if (code == AUK_OK)
        code =
            auk_chooser_open(w->c->r, w->c->views[at->shard], at->segment, w->plans, &chooser, err);
    for (auk_doc doc = at->from; doc < at->to && code == AUK_OK; doc++) {
        if (!auk_document_is_live(segment, doc) || !auk_chooser_takes(chooser, doc))
            continue;
        code = atomic_load(&w->c->stop) ? AUK_CANCELLED : add_document(w, at, doc, err);
    }
    if (code == AUK_OK)
        code = auk_chooser_status(chooser, err);
    auk_chooser_close(chooser);
    if (code == AUK_OK && w->count > 0)
        code = send(w, at->shard, err);
    if (code != AUK_OK)
        return code;
    pthread_mutex_lock(&w->c->lock);
    at->over = true;
    pthread_mutex_unlock(&w->c->lock);
    return AUK_OK;
}

static void fail(copy *c, const auk_error *err)
{
    pthread_mutex_lock(&c->lock);
    if (c->err.code == AUK_OK)
        c->err = *err;
    pthread_mutex_unlock(&c->lock);
    atomic_store(&c->stop, true);
}

static void *work(void *context)
{
    copy *c = context;
    worker w = {.c = c, .batch = auk_arena_create((size_t)1 << 20)};
    auk_document_reader_init(&w.reader);
    w.plans = auk_arena_create(4096);
    pthread_setname_np(pthread_self(), "auk-copy");
    auk_rebuild_stand_back();
    w.changes = auk_arena_alloc(w.batch, sizeof *w.changes * BATCH_DOCUMENTS);
    for (uint32_t i; !atomic_load(&c->stop) && (i = c->next++) < c->range_count;) {
        auk_error err = {0};
        if (c->ranges[i].over)
            continue;
        auk_code code = copy_range(&w, &c->ranges[i], &err);
        err.code = code;
        if (code != AUK_OK)
            fail(c, &err);
    }
    auk_arena_destroy(w.batch);
    auk_document_reader_deinit(&w.reader);
    auk_arena_destroy(w.plans);
    atomic_fetch_sub(&c->running, 1);
    return NULL;
}

/* ---- the copy ---- */

static unsigned start_workers(copy *c, pthread_t threads[THREADS_MOST])
{
    unsigned wanted = c->r->owner->options.copy_threads ? c->r->owner->options.copy_threads : 2;
    unsigned started = 0;
    wanted = wanted > THREADS_MOST ? THREADS_MOST : wanted;
    atomic_store(&c->running, wanted);
    while (started < wanted && pthread_create(&threads[started], NULL, work, c) == 0)
        started++;
    atomic_fetch_sub(&c->running, wanted - started);
    if (started == 0)
        fail(c, &(auk_error){.code = AUK_BUSY, .message = "no thread could be started"});
    return started;
}

/* Looks after the workers until they are done. */
static void watch(copy *c)
{
    auk_rebuild *r = c->r;
    while (atomic_load(&c->running) > 0) {
        auk_error err = {0};
        pause_for(LOOK_EVERY_NS);
        auk_code code = auk_rebuild_check(r, &err);
        if (code == AUK_OK && auk_clock_monotonic_us() - r->saved_us > 1000000) {
            note_done(c);
            code = auk_rebuild_save(r, true, &err);
        }
        err.code = code;
        if (code != AUK_OK)
            fail(c, &err);
    }
}

/* Ids that were deleted not long ago go on with their versions. */
static auk_code copy_deletes(auk_rebuild *r, uint32_t shard, auk_error *err)
{
    auk_changes deletes = {.position = -1};
    auk_code code = AUK_OK;
    auk_arena *arena = auk_arena_create(4096);
    do {
        auk_arena_reset(arena);
        code = auk_index_enter(r->old, err);
        if (code != AUK_OK)
            break;
        auk_shard_read_deletes(auk_index_shard(r->old, shard), deletes.position, r->starts[shard],
                               DELETES_AT_ONCE, arena, &deletes);
        auk_index_leave(r->old);
        code = auk_rebuild_apply(r, shard, deletes.items, deletes.count, true, arena, err);
    } while (code == AUK_OK && deletes.count == DELETES_AT_ONCE);
    auk_arena_destroy(arena);
    return code;
}

auk_code auk_rebuild_copy(auk_rebuild *r, auk_shard_view **views, auk_error *err)
{
    pthread_t threads[THREADS_MOST];
    copy c = {.r = r, .views = views, .from_us = auk_clock_monotonic_us()};
    c.copied_before = r->counts.copied;
    pthread_mutex_init(&c.lock, NULL);
    cut_ranges(&c);
    unsigned started = start_workers(&c, threads);
    watch(&c);
    for (unsigned i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    note_done(&c);
    auk_code code = c.err.code;
    if (code != AUK_OK && err)
        *err = c.err;
    for (uint32_t s = 0; s < r->old_shards && code == AUK_OK; s++)
        code = copy_deletes(r, s, err);
    free(c.ranges);
    pthread_mutex_destroy(&c.lock);
    return code;
}
