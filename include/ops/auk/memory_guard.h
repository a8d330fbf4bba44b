/*
 * memory_guard.h - keeps the process within its budget by looking at what it really holds.
 *
 * What is charged is a plan; what counts is resident memory that belongs to no file. Ten times a
 * second the guard books what is held beside all charges (code and its tables, stacks, libraries,
 * what the allocator keeps) to AUK_PURPOSE_PROCESS, so that less is left for others, and gives
 * freed memory back to the system: soon when the budget runs short, else when little is going on,
 * for a page that comes from the system costs more than filling it.
 *
 *   Lifetime  _init for good; the budget is borrowed.   Threads  _tune before any other thread;
 *             one owner.   Memory  none.   Errors  none: what cannot be read is not booked.
 */
#ifndef AUK_MEMORY_GUARD_H
#define AUK_MEMORY_GUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "auk/budget.h"

#define AUK_MEMORY_GUARD_LOOK_MS 100u

typedef struct auk_memory_guard {
    auk_budget *budget;
    uint64_t looks;
    uint64_t requests;      /* answered until the last long look */
    size_t indexing_bytes;  /* in use at the last long look */
    uint64_t kept_bytes;    /* anonymous memory after the last trim */
    uint64_t trimmed_bytes; /* before it; 0: what is held is looked at anew */
    uint64_t trimmed_at_us; /* under pressure */
    bool full;              /* more was held than the budget at the last long look */
} auk_memory_guard;

/* The C library's heaps and the stacks of threads to come. */
void auk_memory_guard_tune(unsigned threads, size_t memory_bytes);
void auk_memory_guard_init(auk_memory_guard *guard, auk_budget *budget);
/* requests: answered so far; one look every _LOOK_MS. */
void auk_memory_guard_look(auk_memory_guard *guard, uint64_t requests);

#endif
