/*
 * profile_watch.h - what a segment's phases take, for its entry of a profile.
 *
 * A watch stands over the thread's own counters: each lap books what went by since the one before.
 * Without an entry nothing is measured.
 *
 *   Lifetime  the caller's; begins with _start.   Threads  the one of the segment's task.
 *   Memory    none.   Errors  none.
 */
#ifndef AUK_PROFILE_WATCH_H
#define AUK_PROFILE_WATCH_H

#include "profile.h"

typedef struct auk_profile_watch {
    auk_profile_entry *entry; /* NULL: nobody wants to know */
    uint64_t ns, scores;
    auk_column_work columns;
    auk_profile_blocks blocks;
} auk_profile_watch;

void auk_profile_watch_start(auk_profile_watch *watch, auk_profile_entry *entry);
/* blocks NULL: those of this lap are nobody's. */
void auk_profile_watch_lap(auk_profile_watch *watch, uint64_t *ns, auk_profile_blocks *blocks);

/* Around what aggregates inside of a lap: its time is not the lap's. */
static inline uint64_t auk_profile_watch_leave(const auk_profile_watch *watch)
{
    return watch->entry ? auk_profile_now() : 0;
}

void auk_profile_watch_return(auk_profile_watch *watch, uint64_t left_ns);

#endif
