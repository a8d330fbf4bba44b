/*
 * profile.h - what a search did, segment by segment, as it was measured while it ran.
 *
 * Each segment is one task's, which alone writes its entry. Nothing is measured for a request that
 * does not ask.
 *
 * How the number of matches was found (`total`):
 *   statistics  known without a look at lists or columns
 *   marks       windows of documents, as bits or as lists, which were counted
 *   batches     documents, hundreds at a time wherever they lie, which were counted
 *   hits        counted as they were collected
 *   none        not asked for, or settled by other segments
 *
 * How hits were found (`evaluator`): the pass over the segment; whose documents it went through is
 * in `scorer`, the outermost class of scorer.h.
 *   every match                        no match could be left out
 *   windows above a floor              documents upwards, without those that cannot be hits
 *   batches above a floor              the same, a block of the rarest list at a time
 *   every match, then above a floor    the same, once enough matches were counted
 *   best documents                     those that a list keeps as its best, without its blocks
 *   best blocks first                  a list's blocks by falling bound
 *   rarest words first                 required and optional words: what has the rarest of these
 *   best zones first                   a column's blocks by their zones
 *   rounds of the best zones           the same, in rounds of documents upwards
 *   windows without the worst zones    documents upwards, sorted only where zones can compete
 *   nothing matches                    no scorer could be opened
 *   none                               no hits were wanted
 *
 * How aggregations came to what they count (`aggregations`):
 *   dictionary   the terms of fields, where all documents count
 *   windows      of 4,096 documents, which are blocks of columns
 *   every match  as hits are collected
 *   none         there are none
 *
 * Blocks are those of the posting lists that a phase opened: each was decoded once or skipped.
 *
 *   Lifetime  the request's arena.   Threads  an entry belongs to the task of its segment.
 *   Memory    an entry a segment.   Errors  none.
 */
#ifndef AUK_PROFILE_H
#define AUK_PROFILE_H

#include "auk/segment.h"

struct auk_search_state;

/* Of posting lists. */
typedef struct auk_profile_blocks {
    uint64_t listed, decoded;
} auk_profile_blocks;

typedef struct auk_profile_entry {
    const char *total;
    const char *evaluator;
    const char *scorer; /* NULL: none was opened for hits */
    uint64_t count_ns, open_ns, collect_ns;
    uint64_t aggregate_ns; /* taken out of the others */
    auk_profile_blocks counting, collecting;
    bool has_floored;       /* some window left out what stays below a floor */
    bool by_zones;          /* sorted by the zones of the first key */
    uint64_t windows;       /* of 4,096 documents that a sort looked at */
    const char *aggregated; /* NULL: nothing was */
    auk_column_work columns;
    uint64_t scored;    /* scores computed, one a clause and document */
    uint64_t collected; /* documents that reached the collector */
    float floor;        /* when the segment was begun and ended */
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
