#include "auk/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define ALIGNMENT       16u
#define LEAST_CHUNK     256u
#define LARGEST_REGULAR ((size_t)1 << 20)
/* Small change: what every request has is not worth two atomic additions each. */
#define UNBOOKED ((size_t)64 * 1024)

typedef struct chunk {
    struct chunk *previous;
    size_t capacity; /* bytes behind this header */
    size_t used;     /* only kept for chunks that are not current */
    size_t unused;   /* the header keeps the alignment */
} chunk;

_Static_assert(sizeof(chunk) % ALIGNMENT == 0, "memory behind the header is aligned");

typedef struct deferred {
    struct deferred *previous;
    void (*closer)(void *object);
    void *object;
} deferred;

struct auk_arena {
    char *at; /* next free byte of the current chunk */
    char *end;
    chunk *current; /* NULL before the first allocation */
    deferred *deferred;
    size_t next_capacity;
    size_t held_bytes;
    auk_budget *budget; /* NULL: nothing is booked */
    size_t booked_bytes;
    size_t over_bytes; /* of the last chunk that was booked past the limit; 0: none */
    auk_purpose purpose;
};

static char *chunk_bytes(chunk *c)
{
    return (char *)(c + 1);
}

static void scrub(chunk *c)
{
#ifndef NDEBUG
    memset(chunk_bytes(c), 0xdd, c->used);
#else
    (void)c;
#endif
}

static void *must(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}

auk_arena *auk_arena_create(size_t first_chunk_bytes)
{
    auk_arena *arena = must(calloc(1, sizeof *arena));
    size_t capacity = first_chunk_bytes < LEAST_CHUNK ? LEAST_CHUNK : first_chunk_bytes;
    if (capacity > LARGEST_REGULAR)
        capacity = LARGEST_REGULAR;
    arena->next_capacity = capacity;
    return arena;
}

/* What is owed for so many bytes held. */
static size_t due(size_t held_bytes)
{
    return held_bytes > UNBOOKED ? held_bytes - UNBOOKED : 0;
}

void auk_arena_set_budget(auk_arena *arena, auk_budget *budget, auk_purpose purpose)
{
    auk_budget_release(arena->budget, arena->purpose, arena->booked_bytes);
    arena->budget = budget;
    arena->purpose = purpose;
    arena->booked_bytes = budget != NULL ? due(arena->held_bytes) : 0;
    auk_budget_force(budget, purpose, arena->booked_bytes);
}

auk_code auk_arena_admit(auk_arena *arena, size_t size_bytes, auk_error *err)
{
    size_t wanted = due(arena->held_bytes + size_bytes);
    if (arena->budget == NULL || wanted <= arena->booked_bytes)
        return AUK_OK;
    auk_code code =
        auk_budget_charge(arena->budget, arena->purpose, wanted - arena->booked_bytes, err);
    if (code == AUK_OK)
        arena->booked_bytes = wanted;
    return code;
}

static void book_growth(auk_arena *arena)
{
    size_t wanted = due(arena->held_bytes);
    if (arena->budget == NULL || wanted <= arena->booked_bytes)
        return;
    size_t more = wanted - arena->booked_bytes;
    arena->booked_bytes = wanted;
    if (auk_budget_charge(arena->budget, arena->purpose, more, NULL) == AUK_OK)
        return;
    auk_budget_force(arena->budget, arena->purpose, more);
    arena->over_bytes = more;
}

auk_code auk_arena_status(const auk_arena *arena, auk_error *err)
{
    if (arena->over_bytes == 0)
        return AUK_OK;
    return auk_budget_refuse(arena->budget, arena->purpose, arena->over_bytes, err);
}

static void unbook_rest(auk_arena *arena)
{
    size_t wanted = due(arena->held_bytes);
    if (arena->booked_bytes <= wanted)
        return;
    auk_budget_release(arena->budget, arena->purpose, arena->booked_bytes - wanted);
    arena->booked_bytes = wanted;
}

static void run_deferred(auk_arena *arena)
{
    while (arena->deferred != NULL) {
        deferred *last = arena->deferred;
        arena->deferred = last->previous;
        last->closer(last->object);
    }
}

static void free_chunk(auk_arena *arena, chunk *c)
{
    scrub(c);
    arena->held_bytes -= sizeof *c + c->capacity;
    free(c);
}

static void close_current(auk_arena *arena)
{
    if (arena->current != NULL)
        arena->current->used = (size_t)(arena->at - chunk_bytes(arena->current));
}

void auk_arena_destroy(auk_arena *arena)
{
    if (arena == NULL)
        return;
    run_deferred(arena);
    close_current(arena);
    for (chunk *c = arena->current, *previous; c != NULL; c = previous) {
        previous = c->previous;
        free_chunk(arena, c);
    }
    unbook_rest(arena);
    free(arena);
}

void auk_arena_reset(auk_arena *arena)
{
    run_deferred(arena);
    close_current(arena);
    arena->over_bytes = 0;
    chunk *kept = NULL;
    for (chunk *c = arena->current, *previous; c != NULL; c = previous) {
        previous = c->previous;
        bool better =
            c->capacity <= LARGEST_REGULAR && (kept == NULL || c->capacity > kept->capacity);
        if (better && kept != NULL)
            free_chunk(arena, kept);
        if (better)
            kept = c;
        else
            free_chunk(arena, c);
    }
    unbook_rest(arena);
    arena->current = kept;
    arena->at = NULL;
    arena->end = NULL;
    if (kept == NULL)
        return;
    scrub(kept);
    kept->previous = NULL;
    arena->at = chunk_bytes(kept);
    arena->end = arena->at + kept->capacity;
}

static bool holds(chunk *c, const void *piece)
{
    uintptr_t at = (uintptr_t)piece, from = (uintptr_t)chunk_bytes(c);
    return at >= from && at - from < c->capacity;
}

void auk_arena_shed(auk_arena *arena, const void *kept)
{
    run_deferred(arena);
    close_current(arena);
    for (chunk *c = arena->current, *previous; c != NULL; c = previous) {
        previous = c->previous;
        if (holds(c, kept))
            arena->current = c;
        else
            free_chunk(arena, c);
    }
    unbook_rest(arena);
    arena->over_bytes = 0;
    arena->current->previous = NULL;
    arena->end = chunk_bytes(arena->current) + arena->current->capacity;
    arena->at = arena->end;
}

static chunk *add_chunk(auk_arena *arena, size_t capacity)
{
    chunk *c = must(malloc(sizeof *c + capacity));
    c->capacity = capacity;
    c->used = 0;
    arena->held_bytes += sizeof *c + capacity;
    book_growth(arena);
    return c;
}

static void *alloc_slowly(auk_arena *arena, size_t size)
{
    /* A large piece gets a chunk of its own behind the current one, which stays in use. */
    if (arena->current != NULL && size > arena->next_capacity / 2) {
        chunk *own = add_chunk(arena, size);
        own->used = size;
        own->previous = arena->current->previous;
        arena->current->previous = own;
        return chunk_bytes(own);
    }
    close_current(arena);
    chunk *c = add_chunk(arena, size > arena->next_capacity ? size : arena->next_capacity);
    if (arena->next_capacity < LARGEST_REGULAR)
        arena->next_capacity *= 2;
    if (arena->next_capacity > LARGEST_REGULAR)
        arena->next_capacity = LARGEST_REGULAR;
    c->previous = arena->current;
    arena->current = c;
    arena->at = chunk_bytes(c) + size;
    arena->end = chunk_bytes(c) + c->capacity;
    return chunk_bytes(c);
}

void *auk_arena_alloc(auk_arena *arena, size_t size_bytes)
{
    if (size_bytes > SIZE_MAX / 2)
        abort();
    /* At least one byte, so that every result is a place of its own. */
    size_t size = (size_bytes + (size_bytes == 0) + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    if (size > (size_t)(arena->end - arena->at))
        return alloc_slowly(arena, size);
    void *result = arena->at;
    arena->at += size;
    return result;
}

void *auk_arena_zalloc(auk_arena *arena, size_t size_bytes)
{
    return memset(auk_arena_alloc(arena, size_bytes), 0, size_bytes);
}

auk_span auk_arena_copy(auk_arena *arena, auk_span bytes)
{
    char *copy = auk_arena_alloc(arena, bytes.size + 1);
    if (bytes.size != 0)
        memcpy(copy, bytes.data, bytes.size);
    copy[bytes.size] = '\0';
    return auk_span_make(copy, bytes.size);
}

auk_span auk_arena_printf(auk_arena *arena, const char *format, ...)
{
    char small[256];
    va_list arguments;
    va_start(arguments, format);
    int wanted = vsnprintf(small, sizeof small, format, arguments);
    va_end(arguments);
    if (wanted < 0)
        return auk_arena_copy(arena, AUK_SPAN(""));
    size_t size = (size_t)wanted;
    if (size < sizeof small)
        return auk_arena_copy(arena, auk_span_make(small, size));
    char *text = auk_arena_alloc(arena, size + 1);
    va_start(arguments, format);
    (void)vsnprintf(text, size + 1, format, arguments);
    va_end(arguments);
    return auk_span_make(text, size);
}

void auk_arena_defer(auk_arena *arena, void (*closer)(void *object), void *object)
{
    deferred *last = auk_arena_alloc(arena, sizeof *last);
    *last = (deferred){.previous = arena->deferred, .closer = closer, .object = object};
    arena->deferred = last;
}

size_t auk_arena_size(const auk_arena *arena)
{
    return sizeof *arena + arena->held_bytes;
}
