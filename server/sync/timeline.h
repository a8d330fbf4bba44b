/*
 * timeline.h - the history of a server's log: on which timelines it ran before, and where each of
 * them ended in it. A promotion begins a new one, at the position up to which the standby had the
 * log of the one before.
 *
 *     1 ------------------+ 0/5000060            what lies behind it on timeline 1 is in no later
 * one 2 ----------+ 0/7000100 3 --------> now
 *
 *   Lifetime  the arena's.   Threads  plain data.   Memory  the arena.
 *   Errors    AUK_CORRUPT for what is no history; those of the connection.
 */
#ifndef AUK_SYNC_TIMELINE_H
#define AUK_SYNC_TIMELINE_H

#include "lsn.h"
#include "pg.h"

typedef struct auk_timeline {
    uint32_t number;
    auk_lsn end;
} auk_timeline;

typedef struct auk_timelines {
    uint64_t system_id;
    uint32_t now;               /* 0: not known */
    const auk_timeline *before; /* oldest first */
    uint32_t count;
} auk_timelines;

/* The text of a history file: number, position, reason on a line. */
AUK_MUST_CHECK auk_code auk_timelines_parse(auk_span text, auk_arena *arena, auk_timelines *out,
                                            auk_error *err);
/* pg: a walsender. */
AUK_MUST_CHECK auk_code auk_timelines_read(auk_pg *pg, auk_arena *arena, auk_timelines *out,
                                           auk_error *err);
auk_timelines auk_timelines_copy(const auk_timelines *of, auk_arena *arena);
/* Where the log left this timeline; UINT64_MAX: it is on it. False: it never was. */
bool auk_timelines_find_end(const auk_timelines *timelines, uint32_t number, auk_lsn *end);

#endif
