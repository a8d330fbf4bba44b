/* One worker: reads a page, waits until it is due, writes it; until there is nothing more. */
#include <math.h>
#include <time.h>

#include "by_query_private.h"

#define LOOK_EVERY_NS 20000000
#define TELL_EVERY_US 200000u
#define NOTE_EVERY_US 1000000u

/* ---- how many ---- */

/* Documents that a page may hold; 0: there are enough. */
static uint32_t reserve(auk_run *run)
{
    pthread_mutex_lock(&run->lock);
    uint64_t left = run->wishes.max_docs - run->taken;
    uint32_t most = left < run->wishes.page_size ? (uint32_t)left : run->wishes.page_size;
    run->taken += most;
    pthread_mutex_unlock(&run->lock);
    return most;
}

static void give_back(auk_run *run, uint32_t count)
{
    pthread_mutex_lock(&run->lock);
    run->taken -= count;
    pthread_mutex_unlock(&run->lock);
}

/* ---- how fast ---- */

/* When the next page is due; 0: at once. The rate may have changed since the last look. */
static uint64_t due_us(const auk_worker *w)
{
    double rate = auk_job_rate(w->run->job) / w->run->worker_count;
    if (w->page_from_us == 0 || !isfinite(rate))
        return 0;
    double wait_us = w->page_count / rate * 1e6;
    return w->page_from_us + (wait_us < 1e15 ? (uint64_t)wait_us : UINT64_C(1000000000000000));
}

static void keep_pace(auk_worker *w)
{
    auk_run *run = w->run;
    uint64_t told_us = 0, from_us = auk_clock_monotonic_us(), before_us = w->counts.throttled_us;
    for (;;) {
        uint64_t now_us = auk_clock_monotonic_us(), due = due_us(w);
        bool waits = now_us < due && !auk_run_is_over(run);
        pthread_mutex_lock(&run->lock);
        w->counts.throttled_us = before_us + (now_us - from_us);
        w->counts.throttled_until_us = waits ? due : 0;
        pthread_mutex_unlock(&run->lock);
        if (!waits)
            return;
        if (now_us - told_us > TELL_EVERY_US) {
            auk_run_tell(run);
            told_us = now_us;
        }
        nanosleep(&(struct timespec){.tv_nsec = LOOK_EVERY_NS}, NULL);
    }
}

/* ---- a page ---- */

/* The job is told after each page, the disk once a second. */
static void tell(auk_run *run)
{
    uint64_t now_us = auk_clock_monotonic_us();
    auk_run_tell(run);
    pthread_mutex_lock(&run->lock);
    bool note = now_us - run->noted_us > NOTE_EVERY_US;
    run->noted_us = note ? now_us : run->noted_us;
    pthread_mutex_unlock(&run->lock);
    if (note)
        auk_job_note(run->job);
}

static void take_figures(auk_worker *w, const auk_page *page)
{
    auk_run *run = w->run;
    pthread_mutex_lock(&run->lock);
    if (page->total > 0)
        run->source.total = page->total;
    w->counts.search_retries += page->retries;
    pthread_mutex_unlock(&run->lock);
}

/* *more false: there is nothing more. */
static auk_code work_once(auk_worker *w, bool *more, auk_error *err)
{
    auk_page page;
    auk_run *run = w->run;
    uint32_t most = reserve(run);
    *more = false;
    if (most == 0)
        return AUK_OK;
    auk_arena_reset(w->arena);
    auk_code code = run->source.next(run->source.context, w->number, most, w->arena, &page, err);
    give_back(run, code == AUK_OK ? most - page.count : most);
    if (code == AUK_OK)
        take_figures(w, &page);
    if (code != AUK_OK || page.count == 0)
        return code;
    keep_pace(w);
    if (auk_run_is_over(run)) {
        give_back(run, page.count);
        return AUK_OK;
    }
    w->page_from_us = auk_clock_monotonic_us();
    w->page_count = page.count;
    *more = true;
    code = auk_carry_page(w, &page, err);
    tell(run);
    return code;
}

void *auk_worker_run(void *context)
{
    auk_worker *w = context;
    bool more = true;
    while (more && !auk_run_is_over(w->run)) {
        auk_error err = {0};
        auk_code code = work_once(w, &more, &err);
        err.code = code;
        if (code != AUK_OK)
            auk_run_fail(w->run, &err);
    }
    return NULL;
}
