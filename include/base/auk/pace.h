/*
 * pace.h - long work in the background steps aside for those who wait for an answer.
 *
 * Whoever waits says so for as long as he does (_wait_begin, _wait_end). Long work tells how far it
 * has come, every fraction of a millisecond, and is held back there
 *   - while more are at work or waiting than there are cores, but never for more than three
 * quarters of its time: it slows down and does not stand still;
 *   - while somebody waited within the last second, to a number of bytes a second.
 * Work that others are held up by (indexing, when there are too many segments) hurries: nothing
 * holds it back.
 *
 *   Lifetime  _begin .. _end; waiting is a number of the process.
 *   Threads   _step and _bytes by the one thread of the work, the others from any thread.
 *   Memory    none.   Errors  none.
 */
#ifndef AUK_PACE_H
#define AUK_PACE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AUK_PACE_UNITS             (1u << 15) /* about 0.3 ms of postings */
#define AUK_PACE_BYTES_EACH_SECOND ((uint64_t)64 << 20)

void auk_pace_wait_begin(void);
void auk_pace_wait_end(void);
/* Somebody waits just now. */
bool auk_pace_is_awaited(void);

typedef struct auk_pace {
    uint64_t began_us;
    uint64_t bytes_due_us; /* when what was written so far may have been */
    uint64_t units;
    _Atomic uint64_t rested_us;
    atomic_bool hurries;
} auk_pace;

void auk_pace_begin(auk_pace *pace);
void auk_pace_end(auk_pace *pace);
void auk_pace_hurry(auk_pace *pace);

/* Comes back when the work may go on. */
void auk_pace_rest(auk_pace *pace);
void auk_pace_bytes(auk_pace *pace, size_t bytes);

/* The same as _rest once in a while. NULL is fine: nothing is held back. */
static inline void auk_pace_step(auk_pace *pace, uint64_t units)
{
    if (pace == NULL || (pace->units += units) < AUK_PACE_UNITS)
        return;
    pace->units = 0;
    auk_pace_rest(pace);
}

#endif
