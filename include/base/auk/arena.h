/*
 * arena.h - memory that dies together.
 *
 * An arena hands out memory from chunks and takes it all back at once. There is one a request, one
 * a flush, one a merge; it is passed by name, never ambient. Nothing stored in the engine points
 * into a request's arena.
 *
 *   Lifetime  everything lives until _reset or _destroy.
 *   Threads   an arena belongs to one thread at a time.
 *   Memory    chunks that double from first_chunk to 1 MiB, larger pieces by themselves; _reset
 * keeps the largest chunk up to 1 MiB. In debug builds freed memory is filled with 0xdd. With a
 *             budget, what is held above 64 KiB is booked there: chunks past the limit if need be,
 * large pieces by _admit, which may refuse. Errors    none: when the system has no memory the
 * process aborts. Sizes that come from outside are checked against a limit, or admitted, before
 * they reach an arena.
 */
#ifndef AUK_ARENA_H
#define AUK_ARENA_H

#include <stddef.h>

#include "auk/budget.h"
#include "auk/span.h"

typedef struct auk_arena auk_arena;

auk_arena *auk_arena_create(size_t first_chunk_bytes);
void auk_arena_destroy(auk_arena *arena); /* NULL is fine */
void auk_arena_reset(auk_arena *arena);
/* Everything but the piece `kept` dies now; it lives on in what is left, which is full. */
void auk_arena_shed(auk_arena *arena, const void *kept);

/* Books all that the arena holds from now on; the budget is borrowed until _destroy, NULL: none. */
void auk_arena_set_budget(auk_arena *arena, auk_budget *budget, auk_purpose purpose);
/* Charges what is about to be allocated, or as much beside the arena until its next _reset. Of the
 * booked bytes the next chunks are paid. AUK_OK, or AUK_BUSY and nothing charged. */
AUK_MUST_CHECK auk_code auk_arena_admit(auk_arena *arena, size_t size_bytes, auk_error *err);

/* AUK_BUSY when chunks were booked past the limit since the last _reset: whoever can stop, should.
 */
AUK_MUST_CHECK auk_code auk_arena_status(const auk_arena *arena, auk_error *err);

/* Uninitialised memory, aligned for any type. */
void *auk_arena_alloc(auk_arena *arena, size_t size_bytes);
void *auk_arena_zalloc(auk_arena *arena, size_t size_bytes);

#define AUK_ARENA_NEW(arena, type) ((type *)auk_arena_zalloc((arena), sizeof(type)))
#define AUK_ARENA_ARRAY(arena, type, count)                                                        \
    ((type *)auk_arena_zalloc((arena), sizeof(type) * (count)))

/* A copy of the bytes, followed by a zero byte that the span does not count. */
auk_span auk_arena_copy(auk_arena *arena, auk_span bytes);
auk_span auk_arena_printf(auk_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Calls closer(object) at _reset or _destroy, last registered first. */
void auk_arena_defer(auk_arena *arena, void (*closer)(void *object), void *object);

/* Bytes held from the system, for the memory budget. */
size_t auk_arena_size(const auk_arena *arena);

#endif
