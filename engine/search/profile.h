/*
 * profile.h - what a search did, segment by segment, as it was measured while it ran.
 *
 * Each segment is one task's, which alone writes its entry. Nothing is measured for a request that
 * does not ask.
 *
 *   Lifetime  the request's arena.   Threads  an entry belongs to the task of its segment.
 *   Memory    an entry a segment.   Errors  none.
 */
#ifndef AUK_PROFILE_H
#define AUK_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

struct auk_search_state;

typedef struct auk_profile_entry {
    const char *total;     /* how the number of matches was found */
    const char *evaluator; /* how hits were found */
    uint64_t count_ns, open_ns, collect_ns;
    uint64_t counted_blocks, collected_blocks; /* of posting lists, decoded */
    bool by_zones;                             /* sorted by the zones of the first key */
    uint64_t windows;                          /* of 4,096 documents that a sort looked at */
    uint64_t column_blocks;                    /* looked into */
    uint64_t scored;                           /* documents that reached the collector */
    float floor;                               /* when the segment was begun and ended */
    float last_floor;
} auk_profile_entry;

typedef struct auk_profile {
    uint64_t prepare_ns;
    float seed;                 /* the score known to be reached before the first document */
    auk_profile_entry *entries; /* by unit */
} auk_profile;

/* Nanoseconds of a clock that never goes back. */
uint64_t auk_profile_now(void);

#endif
