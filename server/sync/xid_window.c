/* See xid_window.h. */
#include "xid_window.h"

#include <stdatomic.h>
#include <stdlib.h>

#define XIDS  (UINT32_C(1) << 23)
#define WORDS (XIDS / 64)
#define RING  16384u /* the last that were noted, in order */

/* A bit a transaction, at its number's low bits; those half the window ahead of the newest are
 * cleared as it moves on, so that what is left of numbers long ago is not met. */
struct auk_xid_window {
    _Atomic uint64_t words[WORDS];
    atomic_uint newest; /* 0: none */
    _Atomic uint64_t noted;
    atomic_uint ring[RING];
    _Atomic uint64_t doubted; /* with the epoch; 0: none is */
    uint64_t system_id;       /* of the one who notes; 0: not known yet */
    uint32_t timeline;
};

auk_xid_window *auk_xid_window_create(void)
{
    auk_xid_window *window = (auk_xid_window *)calloc(1, sizeof *window);
    if (!window)
        abort();
    return window;
}

void auk_xid_window_destroy(auk_xid_window *window)
{
    free(window);
}

void auk_xid_window_clear(auk_xid_window *window)
{
    atomic_store(&window->newest, 0);
    atomic_store(&window->doubted, 0);
    for (uint32_t i = 0; i < WORDS; i++)
        atomic_store(&window->words[i], 0);
}

void auk_xid_window_doubt(auk_xid_window *window, uint64_t xmax)
{
    atomic_store(&window->doubted, xmax);
}

void auk_xid_window_serve(auk_xid_window *window, uint64_t system_id, uint32_t timeline)
{
    bool is_other = window->system_id != system_id || window->timeline != timeline;
    if (window->system_id != 0 && is_other)
        auk_xid_window_clear(window);
    window->system_id = system_id;
    window->timeline = timeline;
}

static bool is_after(uint32_t a, uint32_t b)
{
    return (int32_t)(a - b) > 0;
}

static void move_on(auk_xid_window *window, uint32_t from, uint32_t to)
{
    uint32_t first = (from + XIDS / 2) / 64, last = (to + XIDS / 2) / 64;
    uint32_t count = last - first < WORDS ? last - first : WORDS;
    for (uint32_t i = 1; i <= count; i++)
        atomic_store(&window->words[(first + i) % WORDS], 0);
}

void auk_xid_window_note(auk_xid_window *window, uint32_t xid)
{
    if (xid == 0)
        return;
    uint32_t newest = atomic_load(&window->newest);
    if (newest == 0 || is_after(xid, newest)) {
        if (newest != 0)
            move_on(window, newest, xid);
        atomic_store(&window->newest, xid);
    }
    atomic_fetch_or(&window->words[xid % XIDS / 64], UINT64_C(1) << xid % 64);
    uint64_t noted = atomic_load(&window->noted);
    atomic_store(&window->ring[noted % RING], xid);
    atomic_store(&window->noted, noted + 1);
}

static bool has(const auk_xid_window *window, uint32_t xid, uint32_t newest)
{
    return !is_after(xid, newest) && newest - xid < XIDS / 2 &&
           (atomic_load(&window->words[xid % XIDS / 64]) >> xid % 64 & 1);
}

static bool is_doubtful(const auk_xid_window *window, const auk_pg_snapshot *snapshot)
{
    return snapshot->count > 0 && snapshot->in_progress[0] < atomic_load(&window->doubted);
}

bool auk_xid_window_is_seen(const auk_xid_window *window, const auk_pg_snapshot *snapshot)
{
    uint32_t newest = atomic_load(&window->newest);
    if (is_doubtful(window, snapshot))
        return false;
    if (newest == 0)
        return true;
    if (!is_after((uint32_t)snapshot->xmax, newest))
        return false;
    for (uint32_t i = 0; i < snapshot->count; i++)
        if (has(window, (uint32_t)snapshot->in_progress[i], newest))
            return false;
    return true;
}

auk_xid_mark auk_xid_window_mark(const auk_xid_window *window)
{
    uint64_t noted = atomic_load(&window->noted);
    return (auk_xid_mark){noted, atomic_load(&window->newest)};
}

static bool was_noted_since(const auk_xid_window *window, uint32_t xid, auk_xid_mark mark)
{
    uint64_t noted = atomic_load(&window->noted);
    for (uint64_t i = mark.noted; i < noted; i++)
        if (atomic_load(&window->ring[i % RING]) == xid)
            return true;
    return false;
}

bool auk_xid_window_is_seen_since(const auk_xid_window *window, const auk_pg_snapshot *snapshot,
                                  auk_xid_mark mark)
{
    uint32_t newest = atomic_load(&window->newest);
    if (is_doubtful(window, snapshot))
        return false;
    if (newest == 0 || mark.newest == 0)
        return true;
    if (!is_after((uint32_t)snapshot->xmax, mark.newest))
        return false;
    for (uint32_t i = 0; i < snapshot->count; i++) {
        uint32_t xid = (uint32_t)snapshot->in_progress[i];
        if (has(window, xid, newest) && !was_noted_since(window, xid, mark))
            return false;
    }
    return atomic_load(&window->noted) - mark.noted < RING;
}
