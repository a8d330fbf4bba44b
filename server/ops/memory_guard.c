#include "auk/memory_guard.h"

#include <malloc.h>
#include <pthread.h>

#include "auk/clock.h"
#include "auk/log.h"
#include "auk/process.h"

/* Threads are many and shallow; what recursion there is has limits of its own. */
#define STACK_BYTES  ((size_t)512 << 10)
#define ARENAS_LEAST 4

/* A long look: how much freed memory may stay, and when it is not worth asking. */
#define LONG_LOOK       50u /* looks */
#define TRIM_AGAIN      6u  /* long looks after which what was kept is looked at anew */
#define TRIM_FROM_BYTES ((uint64_t)4 << 20)
#define WAITING_BYTES   ((size_t)16 << 20)
#define QUIET_REQUESTS  200u

/* Under pressure: from so much of the budget on, when so much of it is nobody's. */
#define PRESSURE_PERCENT 85u
#define LOOSE_PERCENT    10u
#define PRESSURE_PAUSE   ((uint64_t)1000000)
/* Whatever is found, so much is left to be charged: a server that refuses all is of no use. */
#define BOOKED_PERCENT 75u

/* Freed blocks are kept until then, for a page that comes from the system costs more than filling
 * it; but what is kept counts, so a small budget keeps less. */
#define MMAP_PART        32
#define MMAP_LEAST_BYTES ((size_t)2 << 20)
#define MMAP_MOST_BYTES  ((size_t)32 << 20) /* the most that the C library takes */
#define TRIM_TIMES       8                  /* as many of those blocks */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED                                                                                  \
    1 /* shadow memory and kept blocks are resident: nothing can be learnt from it                 \
       */
#else
#define SANITIZED 0
#endif

/* No more heaps than processors, for each keeps what it once had. */
void auk_memory_guard_tune(unsigned threads, size_t memory_bytes)
{
    size_t block = memory_bytes / MMAP_PART;
    block = block < MMAP_LEAST_BYTES  ? MMAP_LEAST_BYTES
            : block > MMAP_MOST_BYTES ? MMAP_MOST_BYTES
                                      : block;
    (void)mallopt(M_MMAP_THRESHOLD, (int)block);
    (void)mallopt(M_TRIM_THRESHOLD, (int)(block * TRIM_TIMES));
    (void)mallopt(M_ARENA_MAX, threads > ARENAS_LEAST ? (int)threads : ARENAS_LEAST);
    if (SANITIZED)
        return;
    pthread_attr_t attributes;
    (void)pthread_attr_init(&attributes);
    (void)pthread_attr_setstacksize(&attributes, STACK_BYTES);
    (void)pthread_setattr_default_np(&attributes);
    (void)pthread_attr_destroy(&attributes);
}

void auk_memory_guard_init(auk_memory_guard *guard, auk_budget *budget)
{
    *guard = (auk_memory_guard){.budget = budget};
}

/* What is held and charged to nobody. */
static uint64_t book_rest(const auk_memory_guard *guard, uint64_t anonymous_bytes)
{
    size_t charged =
        auk_budget_used_total(guard->budget) - auk_budget_used(guard->budget, AUK_PURPOSE_PROCESS);
    uint64_t rest = anonymous_bytes > charged ? anonymous_bytes - charged : 0;
    uint64_t most = auk_budget_total(guard->budget) / 100 * BOOKED_PERCENT;
    if (!SANITIZED)
        auk_budget_set(guard->budget, AUK_PURPOSE_PROCESS, rest < most ? rest : most);
    return rest;
}

static void trim(auk_memory_guard *guard)
{
    (void)malloc_trim(0);
    guard->kept_bytes = auk_process_anonymous_bytes();
    (void)book_rest(guard, guard->kept_bytes);
}

/* While documents come, be it in few requests, freed memory is soon used again. */
static bool is_quiet(const auk_memory_guard *guard, uint64_t requests, size_t indexing_bytes)
{
    return indexing_bytes < WAITING_BYTES ||
           (indexing_bytes == guard->indexing_bytes && requests - guard->requests < QUIET_REQUESTS);
}

/* What was needed again at once is not given back a second time. */
static void trim_or_keep(auk_memory_guard *guard, uint64_t anonymous_bytes)
{
    bool came_back = anonymous_bytes + TRIM_FROM_BYTES > guard->trimmed_bytes &&
                     anonymous_bytes < guard->trimmed_bytes + TRIM_FROM_BYTES;
    guard->kept_bytes = anonymous_bytes;
    if (guard->trimmed_bytes != 0 && came_back)
        return;
    guard->trimmed_bytes = anonymous_bytes;
    trim(guard);
}

static void warn_when_full(auk_memory_guard *guard, uint64_t anonymous_bytes)
{
    bool full = anonymous_bytes > auk_budget_total(guard->budget);
    if (full && !guard->full)
        auk_log(AUK_LOG_WARN, "more memory is held than --memory allows", "held=%llu memory=%zu",
                (unsigned long long)anonymous_bytes, auk_budget_total(guard->budget));
    guard->full = full;
}

static void look_long(auk_memory_guard *guard, uint64_t requests, uint64_t anonymous_bytes)
{
    if (!SANITIZED)
        warn_when_full(guard, anonymous_bytes);
    size_t indexing_bytes = auk_budget_used(guard->budget, AUK_PURPOSE_INDEXING);
    if (guard->looks / LONG_LOOK % TRIM_AGAIN == 0) /* it may have been in use then */
        guard->kept_bytes = guard->trimmed_bytes = 0;
    if (is_quiet(guard, requests, indexing_bytes) &&
        anonymous_bytes > guard->kept_bytes + TRIM_FROM_BYTES)
        trim_or_keep(guard, anonymous_bytes);
    else if (anonymous_bytes < guard->kept_bytes)
        guard->kept_bytes = anonymous_bytes;
    guard->requests = requests;
    guard->indexing_bytes = indexing_bytes;
}

void auk_memory_guard_look(auk_memory_guard *guard, uint64_t requests)
{
    uint64_t anonymous_bytes = auk_process_anonymous_bytes();
    uint64_t rest = book_rest(guard, anonymous_bytes);
    uint64_t percent = auk_budget_total(guard->budget) / 100;
    uint64_t now_us = auk_clock_monotonic_us();
    guard->looks++;
    if (anonymous_bytes > percent * PRESSURE_PERCENT && rest > percent * LOOSE_PERCENT &&
        now_us - guard->trimmed_at_us > PRESSURE_PAUSE) {
        guard->trimmed_at_us = now_us;
        trim(guard);
    } else if (guard->looks % LONG_LOOK == 0) {
        look_long(guard, requests, anonymous_bytes);
    }
}
